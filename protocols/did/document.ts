/** A DID document, and the keys it names with the relationships they stand in (W3C DID Core 1.0, 5). */
import { z } from 'zod'
import { TrustError } from '../errors.ts'
import { Did, DidUrl, type Instant, PeerId } from '../ids.ts'
import { type PublicJwk, VerifyJwk } from '../keys.ts'
import { once } from '../once.ts'
import { checkPoint, jwkOfMultikey, multikeyOf } from './multikey.ts'

/** The key of a verification method during the span in which the DID's controller named it. */
export interface KeyEra {
  readonly keyId: DidUrl
  readonly jwk: VerifyJwk
  /** Verification relationships: `authentication`, `assertionMethod`, … */
  readonly purposes: readonly string[]
  /** Milliseconds since the epoch; 0 where the method has no history (did:key, did:jwk, did:web). */
  readonly fromMs: number
  /** Null while the key is named still. */
  readonly untilMs: number | null
  /** From when on the controller says that nothing the key signed counts; left out while it says no such thing. */
  readonly revokedMs?: number
}

/** A document and the keys of all its versions that are held. */
export interface Expanded {
  readonly document: DidDocument
  readonly keys: readonly KeyEra[]
}

/** Verification relationships (DID Core 1.0, 5.3), in the order in which a key's are told. */
export const purposes = ['authentication', 'assertionMethod', 'keyAgreement', 'capabilityInvocation', 'capabilityDelegation'] as const

// A document of an agency has one to four keys and services; 64 is room for a large issuer, and bounds what a stranger makes us read.
const itemsMax = 64
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']
/** Members that others define are let through and mean nothing here. */
export const didDocument = once(() => {
  const url = z.string().min(1).max(2100)

  const Jwk = z
    .looseObject({ kty: z.string().max(16), crv: z.string().max(32).optional(), x: z.string().max(1024).optional(), y: z.string().max(1024).optional() })
    .refine((jwk) => !privateMembers.some((name) => Object.hasOwn(jwk, name)), 'a private key was published')

  const VerificationMethod = z.looseObject({
    id: url,
    type: z.string().max(128),
    /** Required by DID Core 1.0, 5.2; two writers of did:webvh leave it out. Absent means the document's own DID. */
    controller: url.optional(),
    publicKeyMultibase: z.string().max(8192).optional(),
    publicKeyJwk: Jwk.optional(),
    /** W3C Controlled Identifiers 1.0, 2.2: what was signed at or after this instant does not verify. */
    revoked: z.string().max(64).optional(),
  })

  const Methods = z.array(z.union([url, VerificationMethod])).max(itemsMax)

  const DidService = z.looseObject({
    id: url,
    type: z.union([z.string().max(128), z.array(z.string().max(128)).max(8)]),
    serviceEndpoint: z.union([url, z.record(z.string().max(128), z.unknown()), z.array(z.unknown()).max(itemsMax)]),
  })

  return z.looseObject({
    id: Did,
    controller: z.union([url, z.array(url).max(itemsMax)]).optional(),
    alsoKnownAs: z.array(url).max(itemsMax).optional(),
    verificationMethod: z.array(VerificationMethod).max(itemsMax).optional(),
    authentication: Methods.optional(),
    assertionMethod: Methods.optional(),
    keyAgreement: Methods.optional(),
    capabilityInvocation: Methods.optional(),
    capabilityDelegation: Methods.optional(),
    service: z.array(DidService).max(itemsMax).optional(),
  })
})
export type DidDocument = z.infer<ReturnType<typeof didDocument>>
type VerificationMethod = NonNullable<DidDocument['verificationMethod']>[number]

/**
 * The keys a document names that are on the allow-list (keys.ts): a key of another kind is as if it were not there.
 * So is a method outside the DID's own namespace or under another controller, since the document cannot speak for it.
 *
 * @throws {TrustError} DFFT_SCHEMA when two methods share a name, DFFT_LIMIT
 */
export function keysOf(document: DidDocument, span: { readonly fromMs: number; readonly untilMs: number | null } = { fromMs: 0, untilMs: null }): KeyEra[] {
  const eras: KeyEra[] = []
  for (const [keyId, method] of methodsOf(document)) {
    const jwk = own(keyId, method, document.id) ? keyOf(method) : undefined
    const named = purposes.filter((purpose) =>
      document[purpose]?.some((entry) => absolute(typeof entry === 'string' ? entry : entry.id, document.id) === keyId),
    )
    if (jwk && named.length > 0) eras.push({ keyId: keyId as DidUrl, jwk, purposes: named, ...span, ...revocationOf(method) }) // `own` checked the form.
  }
  return eras
}

/** When a key stopped to count: Infinity while it does. */
export function endOf({ untilMs, revokedMs }: KeyEra): number {
  return Math.min(untilMs ?? Number.POSITIVE_INFINITY, revokedMs ?? Number.POSITIVE_INFINITY)
}

/** The methods a document calls revoked, whether or not they stand in a relationship still. */
export function revokedIn(document: DidDocument): { readonly keyId: string; readonly jwk: VerifyJwk | undefined; readonly revokedMs: number }[] {
  return [...methodsOf(document)].flatMap(([keyId, method]) => {
    const { revokedMs } = revocationOf(method)
    return revokedMs === undefined || !own(keyId, method, document.id) ? [] : [{ keyId, jwk: keyOf(method), revokedMs }]
  })
}

function revocationOf({ revoked }: VerificationMethod): { readonly revokedMs?: number } {
  if (revoked === undefined) return {}
  const ms = Date.parse(revoked)
  return { revokedMs: Number.isNaN(ms) ? 0 : ms } // Who says "revoked" and not since when has the whole key doubted.
}

/** Peer ids of the services of type `DfftNode`. A service that names none is passed over. */
export function peerIdsOf(document: DidDocument): PeerId[] {
  const services = document.service?.filter(({ type }) => type === 'DfftNode') ?? []
  return services.flatMap(({ serviceEndpoint: endpoint }) => {
    const peerId = PeerId.safeParse(typeof endpoint === 'string' && endpoint.startsWith(peerScheme) ? endpoint.slice(peerScheme.length) : undefined)
    return peerId.success ? [peerId.data] : []
  })
}

const peerScheme = 'libp2p:'

/** Every verification method, also those embedded in a relationship. @throws {TrustError} DFFT_LIMIT */
export function methodsIn(document: DidDocument): readonly VerificationMethod[] {
  const embedded = purposes.flatMap((purpose) => (document[purpose] ?? []).filter((entry) => typeof entry !== 'string'))
  const methods = [...(document.verificationMethod ?? []), ...embedded]
  if (methods.length > itemsMax) throw new TrustError('DFFT_LIMIT', 'a DID document has too many verification methods', { methods: methods.length, itemsMax })
  return methods
}

/** By absolute name. */
function methodsOf(document: DidDocument): Map<string, VerificationMethod> {
  const methods = new Map<string, VerificationMethod>()
  for (const method of methodsIn(document)) {
    const keyId = absolute(method.id, document.id)
    if (methods.has(keyId)) throw new TrustError('DFFT_SCHEMA', 'two verification methods share a name', { keyId: keyId.slice(0, 256) })
    methods.set(keyId, method)
  }
  return methods
}

function own(keyId: string, method: VerificationMethod, did: Did): boolean {
  return keyId.startsWith(`${did}#`) && DidUrl.safeParse(keyId).success && (method.controller ?? did) === did
}

function keyOf(method: VerificationMethod): VerifyJwk | undefined {
  try {
    if (method.type === 'Multikey') return method.publicKeyMultibase === undefined ? undefined : jwkOfMultikey(method.publicKeyMultibase)
    if (method.type !== 'JsonWebKey' && method.type !== 'JsonWebKey2020') return undefined
    return method.publicKeyJwk && jwkOf(method.publicKeyJwk)
  } catch (cause) {
    if (cause instanceof TrustError) return undefined // A key we cannot read is not ours to use.
    throw cause
  }
}

/** The key of a JWK without its other members (`kid`, `alg`, `use`). @throws {TrustError} DFFT_KEY_NOT_FOUND, DFFT_BASE64URL */
export function jwkOf(jwk: NonNullable<VerificationMethod['publicKeyJwk']>): VerifyJwk {
  const { kty, crv, x, y } = jwk
  const read = VerifyJwk.safeParse(kty === 'EC' ? { kty, crv, x, y } : { kty, crv, x })
  if (!read.success) throw new TrustError('DFFT_KEY_NOT_FOUND', 'a JWK is no public key on the allow-list', { kty })
  return checkPoint(read.data)
}

function absolute(reference: string, did: Did): string {
  return reference.startsWith('#') ? `${did}${reference}` : reference
}

/**
 * The document with another key in the place of the node's own: the old method goes, or stays by itself as revoked, in no relationship.
 *
 * @param change.revoked names of methods that the key's holder no longer stands for, and since when; they stay visible
 */
export function rekeyed(
  document: DidDocument,
  change: {
    readonly from: DidUrl
    readonly to: PublicJwk
    readonly revoked: readonly { readonly keyId: DidUrl; readonly jwk: VerifyJwk; readonly since: Instant }[]
  },
): Record<string, unknown> {
  const did = document.id
  const { from, revoked } = change
  const keyId = `${did}#${multikeyOf(change.to)}`
  const gone = new Set<string>([from, ...revoked.map((method) => method.keyId)])
  const names = (entry: string | { readonly id: string }) => absolute(typeof entry === 'string' ? entry : entry.id, did)
  const others = document.verificationMethod?.filter((method) => !gone.has(names(method))) ?? []
  const multikey = (id: string, jwk: VerifyJwk) => ({ id, type: 'Multikey', controller: did, publicKeyMultibase: multikeyOf(jwk) })
  const inPlace = purposes.flatMap((purpose) => {
    const entries = document[purpose]
    if (!entries) return []
    const held = entries.some((entry) => names(entry) === from)
    return [[purpose, [...(held ? [keyId] : []), ...entries.filter((entry) => !gone.has(names(entry)))]] as const]
  })
  return {
    ...document,
    ...Object.fromEntries(inPlace),
    verificationMethod: [multikey(keyId, change.to), ...others, ...revoked.map(({ keyId: id, jwk, since }) => ({ ...multikey(id, jwk), revoked: since }))],
  }
}

/** The services of a document with these peers in the place of those that spoke for it. */
export function withPeers({ id, service = [] }: DidDocument, peerIds: readonly PeerId[]): readonly Record<string, unknown>[] {
  const others = service.filter(({ type }) => type !== 'DfftNode')
  return [...peerIds.map((peerId, index) => peerService(id, peerId, index === 0 ? 'node' : `node-${index + 1}`)), ...others]
}

function peerService(did: string, peerId: PeerId, name = 'node'): Record<string, unknown> {
  return { id: `${did}#${name}`, type: 'DfftNode', serviceEndpoint: `${peerScheme}${peerId}` }
}

/**
 * The document of a node: one key that authenticates and signs, the peer that speaks for it, and its did:web twin.
 *
 * @param did may hold the placeholder `{SCID}`
 */
export function nodeDocument(
  did: string,
  parts: { readonly jwk: PublicJwk; readonly peerId: PeerId; readonly alsoKnownAs: readonly string[] },
): Record<string, unknown> {
  const multikey = multikeyOf(parts.jwk)
  const keyId = `${did}#${multikey}`
  return {
    '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
    id: did,
    alsoKnownAs: [...parts.alsoKnownAs],
    verificationMethod: [{ id: keyId, type: 'Multikey', controller: did, publicKeyMultibase: multikey }],
    authentication: [keyId],
    assertionMethod: [keyId],
    service: [peerService(did, parts.peerId)],
  }
}
