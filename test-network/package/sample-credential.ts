/** A company's registration, the roots that vouch for its issuer, and the lists that say it is not revoked: what somebody without a node checks. */
import { createHash } from 'node:crypto'
import { rdfcCanonicaliser } from '#node/adapters/rdfc.ts'
import { credential, dayMs, holder, issuer, shoe, unsigned } from '#node/verify.fixture.ts'
import { addProof } from '#protocols/credential/data-integrity.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { issueSdJwt } from '#protocols/credential/sd-jwt.ts'
import { issueBitstringList, issueTokenList } from '#protocols/credential/signed-status-list.ts'
import { createStatusList } from '#protocols/credential/status-list.ts'
import { issueVcJwt } from '#protocols/credential/vc-jwt.ts'
import { contextV2 } from '#protocols/credential/vcdm.ts'
import { businessRegistration } from '#protocols/credential-types/business-registration/type.ts'
import vectors from '#protocols/credential-types/business-registration/vectors.json' with { type: 'json' }
import { instant } from '#protocols/ids.ts'

export interface Sample {
  readonly credential: string
  readonly roots: string
  readonly statusList: string
}

/** Of a type that is unknown here. */
export async function sampleCredential(nowMs: number): Promise<Sample> {
  const atMs = wholeSecond(nowMs)
  const { roots, bitstring } = await sampleFiles(nowMs)
  return { credential: String(await credential('vc+jwt', { atMs })), roots, statusList: bitstring }
}

export interface SampleFiles {
  readonly roots: string
  /** The status lists of either kind. */
  readonly bitstring: string
  readonly tokens: string
}

export async function sampleFiles(nowMs: number): Promise<SampleFiles> {
  const atMs = wholeSecond(nowMs)
  const list = { issuer: issuer.did, sequence: 1, issuedAtMs: atMs, expiresAtMs: atMs + dayMs }
  const issues = [shoe, businessRegistration.name]
  return {
    roots: JSON.stringify({ roots: [{ did: issuer.did, name: 'An agency', jurisdictions: ['JP'], issues }] }),
    bitstring: await issueBitstringList(
      { ...list, uri: `${issuer.did}/status/1`, purpose: 'revocation' },
      createStatusList({ bits: 1, size: 131_072, order: 'msb' }),
      issuer.signer,
    ),
    tokens: await issueTokenList({ ...list, uri: `${issuer.did}/status/2` }, createStatusList({ bits: 2, size: 131_072, order: 'lsb' }), issuer.signer),
  }
}

/** In which a holder may have it: two tokens, and two proofs within the document. */
export const sampleFormats = ['vc+jwt', 'dc+sd-jwt', 'eddsa-jcs-2022', 'eddsa-rdfc-2022'] as const
export type SampleFormat = (typeof sampleFormats)[number]

/** As it is verified; with a signature or a claim changed; past its end; and half of it. */
export const sampleStates = ['good', 'tampered', 'expired', 'malformed'] as const
export type SampleState = (typeof sampleStates)[number]

/** The registration of a company. */
export async function sampleRegistration(format: SampleFormat, state: SampleState, nowMs: number): Promise<string> {
  const text = await registrationIn(format, wholeSecond(state === 'expired' ? nowMs - 2 * dayMs : nowMs))
  if (state === 'malformed') return text.slice(0, text.length >> 1)
  return state === 'tampered' ? tampered(text) : text
}

async function registrationIn(format: SampleFormat, atMs: number): Promise<string> {
  const subject = vectors.good[0]?.subject as unknown as JsonObject // JSON, by its vectors.
  const { name, vct, context, disclosable } = businessRegistration
  const whole = unsigned({
    atMs,
    also: { '@context': [contextV2, context], type: ['VerifiableCredential', name], credentialSubject: { id: holder.did, ...subject } },
  })
  if (format === 'vc+jwt') return issueVcJwt(whole, issuer.signer)
  if (format === 'dc+sd-jwt') {
    const salts = { salt: () => createHash('sha256').update('salt').digest() }
    const claims = { claims: subject, disclosable: disclosable(subject as never) }
    const status = { uri: `${issuer.did}/status/2`, index: 7 }
    return issueSdJwt(
      { vct, issuer: issuer.did, ...claims, ...salts, status, subject: holder.did, issuedAtMs: atMs, validUntilMs: atMs + dayMs },
      issuer.signer,
    )
  }
  const proof = { signer: issuer.signer, created: instant(atMs), purpose: 'assertionMethod' } as const
  return JSON.stringify(await addProof(whole, format === 'eddsa-rdfc-2022' ? { ...proof, rdfc: rdfcCanonicaliser() } : proof))
}

function tampered(text: string): string {
  if (text.startsWith('{')) return text.replace('"jurisdiction":"JP"', '"jurisdiction":"DE"')
  const [token = '', ...disclosures] = text.split('~')
  const at = token.lastIndexOf('.') + 10
  return [`${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`, ...disclosures].join('~')
}

/** A minute ago. */
function wholeSecond(nowMs: number): number {
  return Math.floor(nowMs / 1000) * 1000 - 60_000
}
