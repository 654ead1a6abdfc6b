/** Parties, credentials and presentations in every format, and surroundings in which one issuer is trusted: for tests of verification. */
import { createHash } from 'node:crypto'
import type { DatedKey, Surroundings } from '#node/verification/surroundings.ts'
import { addProof } from '#protocols/credential/data-integrity.ts'
import { type JsonObject, signJws } from '#protocols/credential/jws.ts'
import { numericDate } from '#protocols/credential/jwt-claims.ts'
import { issueSdJwt } from '#protocols/credential/sd-jwt.ts'
import { seededSigner } from '#protocols/credential/seeded-signer.ts'
import { bitstringEntry } from '#protocols/credential/signed-status-list.ts'
import { issueVcJwt } from '#protocols/credential/vc-jwt.ts'
import { contextV2 } from '#protocols/credential/vcdm.ts'
import { knownTypes } from '#protocols/credential-types/known-types.ts'
import { didKeyMethod, didKeyOf, expandDidKey } from '#protocols/did/key.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, type DidUrl, type Digest, didOf, instant, type Jurisdiction } from '#protocols/ids.ts'
import { type Signer, verifyKey } from '#protocols/keys.ts'
import type { Report } from './api/credentials.ts'

export interface Actor {
  readonly did: Did
  readonly signer: Signer
}

function actor(seed: number): Actor {
  const bytes = Buffer.alloc(32, seed)
  const did = didKeyOf(seededSigner(bytes, '').publicJwk)
  return { did, signer: seededSigner(bytes, didKeyMethod(did)) }
}

export const nowMs = Date.UTC(2026, 9, 1, 9)
export const dayMs = 86_400_000
export const never = new AbortController().signal

export const issuer = actor(1)
/** Holds credentials of the issuer, honestly. */
export const holder = actor(2)
export const attacker = actor(3)
/** Issues too, and nobody vouches for it. */
export const stranger = actor(4)

/** Unknown to this program, as most types of the world are. */
export const shoe = 'ShoeCredential'
export const shoeVct = 'urn:example:shoe'
/** Of the status list entry that the surroundings call revoked, and suspended. */
export const revokedIndex = 13
export const suspendedIndex = 14

export const innerFormats = ['vc+jwt', 'dc+sd-jwt', 'data-integrity'] as const
export type InnerFormat = (typeof innerFormats)[number]
export const outerFormats = ['vp+jwt', 'enveloped vp+jwt', 'data-integrity'] as const
export type OuterFormat = (typeof outerFormats)[number]

export interface Twist {
  readonly by?: Actor
  /** Null: the credential is about nobody. */
  readonly about?: Actor | null
  readonly statusIndex?: number
  /** Further members of a VCDM credential. */
  readonly also?: JsonObject
  readonly atMs?: number
}

export function unsigned({ by = issuer, about = holder, statusIndex = 7, also = {}, atMs = nowMs }: Twist = {}): JsonObject {
  return {
    '@context': [contextV2],
    id: 'urn:uuid:1',
    type: ['VerifiableCredential', shoe],
    issuer: by.did,
    validFrom: instant(atMs),
    validUntil: instant(atMs + dayMs),
    credentialSubject: { ...(about ? { id: about.did } : {}), size: 44 },
    credentialStatus: bitstringEntry({ uri: `${by.did}/status/1`, index: statusIndex, purpose: 'revocation' }),
    ...also,
  }
}

/** As it travels alone: a token, or an object with a proof. */
export async function credential(format: InnerFormat, twist: Twist = {}): Promise<string | JsonObject> {
  const { by = issuer, about = holder, statusIndex = 7, atMs = nowMs } = twist
  if (format === 'vc+jwt') return issueVcJwt(unsigned(twist), by.signer)
  if (format === 'data-integrity') return addProof(unsigned(twist), { signer: by.signer, created: instant(atMs), purpose: 'assertionMethod' })
  return issueSdJwt(
    {
      vct: shoeVct,
      issuer: by.did,
      id: 'urn:uuid:1',
      claims: { size: 44, colour: 'red' },
      disclosable: ['/colour'],
      issuedAtMs: atMs,
      validUntilMs: atMs + dayMs,
      status: { uri: `${by.did}/status/2`, index: statusIndex },
      salt: () => createHash('sha256').update('salt').digest(),
      ...(about ? { subject: about.did, holderKey: about.signer.publicJwk } : {}),
    },
    by.signer,
  )
}

/** As it stands in a presentation. */
export async function embedded(format: InnerFormat, twist: Twist = {}): Promise<JsonObject> {
  return inside(await credential(format, twist))
}

/** A token in its envelope; an object as it is. */
export function inside(given: string | JsonObject): JsonObject {
  if (typeof given !== 'string') return given
  return enveloped('EnvelopedVerifiableCredential', given.includes('~') ? 'dc+sd-jwt' : 'vc+jwt', given)
}

export function enveloped(type: string, mediaType: string, token: string): JsonObject {
  return { '@context': contextV2, type, id: `data:application/${mediaType},${token}` }
}

export const binding = { nonce: 'a-nonce-of-this-test', audience: issuer.did }

export interface Showing {
  readonly by?: Actor
  /** Undefined: whoever signs. */
  readonly names?: Did
  readonly signer?: Signer
  readonly nonce?: string
  readonly audience?: string
  readonly atMs?: number
  readonly also?: JsonObject
}

export async function presentation(format: OuterFormat, credentials: readonly JsonObject[], showing: Showing = {}): Promise<string | JsonObject> {
  const { by = holder, names = by.did, signer = by.signer, nonce = binding.nonce, audience = binding.audience, atMs = nowMs, also = {} } = showing
  const content = { '@context': [contextV2], type: ['VerifiablePresentation'], holder: names, verifiableCredential: credentials, ...also }
  if (format === 'data-integrity') return addProof(content, { signer, created: instant(atMs), purpose: 'authentication', challenge: nonce, domain: audience })
  const claims = { ...content, nonce, aud: audience, iat: numericDate(atMs), exp: numericDate(nowMs + 600_000), ...also }
  const token = await signJws({ typ: 'vp+jwt', cty: 'vp', kid: signer.keyId }, claims, signer)
  return format === 'vp+jwt' ? token : enveloped('EnvelopedVerifiablePresentation', 'vp+jwt', token)
}

/** Where `issuer` is trusted for shoes, and its lists are at hand. */
export function surroundings(own: Partial<Surroundings> = {}): Surroundings {
  return {
    roots: 'file',
    types: knownTypes,
    key: async (keyId) => keyOf(keyId),
    presenterKey: async (keyId) => keyOf(keyId),
    status: async (_, { index }) => (index === revokedIndex ? 'revoked' : index === suspendedIndex ? 'suspended' : 'valid'),
    recognises: (did, type) =>
      did === issuer.did && [shoe, shoeVct].includes(type)
        ? {
            issuer: did,
            root: did,
            jurisdiction: 'JP' as Jurisdiction,
            assurance: 'high',
            source: `sha256:${'0'.repeat(64)}` as Digest,
            links: [],
            withoutAgreement: false,
          }
        : undefined,
    ...own,
  }
}

/** @throws {TrustError} DFFT_KEY_NOT_FOUND */
export function keyOf(keyId: DidUrl, retiredMs: number | null = null): DatedKey {
  const era = expandDidKey(didOf(keyId)).keys.find((key) => key.keyId === keyId)
  if (!era) throw new TrustError('DFFT_KEY_NOT_FOUND', 'no such key')
  return { key: verifyKey(era.jwk), retiredMs }
}

/** Steps that failed, each with its code. */
export function failed({ steps }: Pick<Report, 'steps'>): string[] {
  return steps.filter(({ outcome }) => outcome === 'failed').map(({ step, code }) => `${step} ${code}`)
}

export function outcomes({ steps }: Pick<Report, 'steps'>): Record<string, string> {
  return Object.fromEntries(steps.map(({ step, outcome }) => [step, outcome]))
}
