/**
 * What a VC-API does, without the HTTP: issues and verifies credentials and presentations by the product's own functions.
 *
 * It knows DIDs that are their own key (did:key, did:jwk) and the one status list it keeps; whatever it cannot check it refuses.
 */

import { checkStatus } from '#protocols/credential/check-status.ts'
import { addProof, type RdfCanonicaliser, type ReadProof, verifyProof } from '#protocols/credential/data-integrity.ts'
import { isJsonObject, type JsonObject, verifyJws } from '#protocols/credential/jws.ts'
import { type ReadCredential, readCredential } from '#protocols/credential/read-credential.ts'
import {
  type BitstringEntry,
  bitstringEntries,
  bitstringEntry,
  bitstringListCredential,
  issueBitstringList,
  readBitstringList,
} from '#protocols/credential/signed-status-list.ts'
import { createStatusList } from '#protocols/credential/status-list.ts'
import { checkValidity } from '#protocols/credential/validity.ts'
import { issueVcJwt } from '#protocols/credential/vc-jwt.ts'
import { checkCredential, checkPresentation, contextV2, embeddedIn, enveloped, issuerOf, listOf, validityOf } from '#protocols/credential/vcdm.ts'
import { issueVpJwt, readVpJwt, verifyVpJwt } from '#protocols/credential/vp-jwt.ts'
import { expandDidJwk } from '#protocols/did/jwk.ts'
import { expandDidKey } from '#protocols/did/key.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, type DidUrl, didOf, instant } from '#protocols/ids.ts'
import { type Signer, type VerifyKey, verifyKey } from '#protocols/keys.ts'
import { checkCredentialV1, issuerOfV1, ofVersion11, readyToSign } from './vcdm11.ts'
import { canonicalRdf } from './vector-contexts.ts'

export interface Desk {
  /** Of everything that is issued here, under a did:key. */
  readonly signer: Signer
  readonly nowMs: () => number
  /** Where the status list is served. */
  readonly statusUri: string
  /** For proofs over RDF. */
  readonly rdfc: RdfCanonicaliser
}

/** What makes a document hold: a proof inside it, or a token around it. */
export type Securing = 'eddsa-jcs-2022' | 'eddsa-rdfc-2022' | 'vc+jwt'

export interface Binding {
  readonly challenge?: string | undefined
  readonly domain?: string | undefined
}

const skewMs = 120_000
const listLifeMs = 15 * 60_000
/** A presentation is made for one verifier and shown at once. */
const presentationAgeMsMax = 600_000
/** What a vp+jwt of ours can say. */
const tokenMembers: readonly string[] = ['@context', 'type', 'holder', 'verifiableCredential']
const list = { bits: 1, size: 131_072, order: 'msb' } as const

/**
 * A secured credential: the document with a proof, or an EnvelopedVerifiableCredential.
 *
 * @param options `status`: what its status entry says besides its place; null for a credential without status
 * @throws {TrustError} DFFT_CREDENTIAL_SCHEMA; DFFT_KEY_NOT_FOUND when it names another issuer
 */
export async function issueCredential(
  desk: Desk,
  credential: JsonObject,
  options: { readonly securing: Securing; readonly status: JsonObject | null },
): Promise<JsonObject> {
  const { signer, nowMs, statusUri } = desk
  const entry = bitstringEntry({ uri: statusUri, index: nowMs() % list.size, purpose: 'revocation' })
  const status = options.status ? { credentialStatus: { ...options.status, ...entry } } : {}
  if (ofVersion11(credential)) return issueCredentialV1(desk, credential)
  const checked = checkCredential({ ...credential, ...status })
  if (issuerOf(checked) !== didOf(signer.keyId)) throw new TrustError('DFFT_KEY_NOT_FOUND', 'the credential names another issuer than this one')
  if (options.securing === 'vc+jwt') return envelope('EnvelopedVerifiableCredential', 'vc+jwt', await issueVcJwt(checked, signer))
  return addProof(checked, { signer, created: instant(nowMs()), purpose: 'assertionMethod', ...over(desk, options.securing) })
}

/** Over RDF, as the suite for it asks. */
function issueCredentialV1({ signer, nowMs }: Desk, credential: JsonObject): Promise<JsonObject> {
  const checked = readyToSign(checkCredentialV1(credential))
  if (issuerOfV1(checked) !== didOf(signer.keyId)) throw new TrustError('DFFT_KEY_NOT_FOUND', 'the credential names another issuer than this one')
  return addProof(checked, { signer, created: instant(nowMs()), purpose: 'assertionMethod', rdfc: canonicalRdf })
}

function over({ rdfc }: Desk, securing: Securing): { readonly rdfc?: RdfCanonicaliser } {
  return securing === 'eddsa-rdfc-2022' ? { rdfc } : {}
}

/**
 * A secured presentation by this desk's own DID.
 *
 * @throws {TrustError} DFFT_CREDENTIAL_SCHEMA; DFFT_HOLDER_BINDING when it names another holder; DFFT_CREDENTIAL_FORMAT
 */
export async function issuePresentation(desk: Desk, presentation: JsonObject, options: Binding & { readonly securing: Securing }): Promise<JsonObject> {
  const { signer, nowMs } = desk
  const holder = didOf(signer.keyId)
  const checked = checkPresentation({ holder, ...presentation })
  if (idOf(checked.holder) !== holder) throw new TrustError('DFFT_HOLDER_BINDING', 'the presentation names another holder than this one')
  const { challenge, domain, securing } = options
  if (securing === 'vc+jwt') {
    if (challenge === undefined || domain === undefined) throw new TrustError('DFFT_NONCE', 'a vp+jwt is made for a challenge and a domain')
    const foreign = Object.keys(checked).find((name) => !tokenMembers.includes(name))
    if (foreign !== undefined)
      throw new TrustError('DFFT_CREDENTIAL_FORMAT', 'a vp+jwt carries credentials in envelopes and no other claims', { member: foreign.slice(0, 128) })
    const credentials = embeddedIn(checked).map((one) => textOf(one, 'vc+jwt'))
    const content = { credentials, nonce: challenge, audience: domain, issuedAtMs: nowMs(), expiresAtMs: nowMs() + presentationAgeMsMax }
    return envelope('EnvelopedVerifiablePresentation', 'vp+jwt', await issueVpJwt(content, signer))
  }
  const binding = { ...(challenge === undefined ? {} : { challenge }), ...(domain === undefined ? {} : { domain }) }
  return addProof(checked, { signer, created: instant(nowMs()), purpose: 'authentication', ...binding, ...over(desk, securing) })
}

/**
 * Returns when the credential holds.
 *
 * @param status false: the caller wants the status left unchecked
 * @throws {TrustError} the first thing that is wrong
 */
export async function verifyCredential(desk: Desk, given: JsonObject, status: boolean): Promise<void> {
  if (enveloped(given)) return verifyToken(desk, openEnvelope(given), status)
  if (ofVersion11(given)) return verifyCredentialV1(given)
  const credential = checkCredential(given)
  await verifyProof(credential, (proof) => keyOf(proof, issuerOf(credential)), { purpose: 'assertionMethod', rdfc: desk.rdfc })
  checkValidity(validityOf(credential), { nowMs: desk.nowMs(), skewMs })
  if (status) await checkEntries(desk, issuerOf(credential), bitstringEntries(credential))
}

/** Others may sign beside the issuer, as in the suite's chains. Dates and status of this version are not looked at. */
async function verifyCredentialV1(given: JsonObject): Promise<void> {
  const issuer = issuerOfV1(checkCredentialV1(given))
  const proofs = await verifyProof(given, ({ keyId }) => ownKey(keyId), { purpose: 'assertionMethod', rdfc: canonicalRdf })
  if (!proofs.some(({ keyId }) => didOf(keyId) === issuer)) throw new TrustError('DFFT_KEY_NOT_FOUND', 'no proof is of the issuer that the document names')
}

async function verifyToken(desk: Desk, credential: ReadCredential, status: boolean): Promise<void> {
  verifyJws(credential.jws, ownKey(credential.keyId))
  checkValidity(credential, { nowMs: desk.nowMs(), skewMs })
  if (!status) return
  if (credential.format === 'vc+jwt') await checkEntries(desk, credential.issuer, bitstringEntries(credential.credential))
  else if (credential.status) throw unknownList(credential.status.uri)
}

/** A list of somebody else is not at hand and nothing is fetched, so its status is unknown. */
async function checkEntries(desk: Desk, issuer: string, entries: readonly BitstringEntry[]): Promise<void> {
  const { signer, nowMs, statusUri } = desk
  for (const entry of entries) {
    if (entry.uri !== statusUri) throw unknownList(entry.uri)
    const signed = readBitstringList(await issueBitstringList(listContent(desk), createStatusList(list), signer))
    verifyJws(signed.jws, ownKey(signed.keyId))
    checkStatus(signed, { ...entry, issuer: issuer as Did }, { nowMs: nowMs(), ageMsMax: listLifeMs, skewMs }) // Compared with the list's own, which is a Did.
  }
}

function unknownList(uri: string): TrustError {
  return new TrustError('DFFT_STATUS_LIST', 'the status list is not at hand, and nothing is fetched', { uri: uri.slice(0, 256) })
}

/** The status list with a proof inside. Nobody can revoke at this desk, so no bit of it is set. */
export function statusListCredential(desk: Desk): Promise<JsonObject> {
  return addProof(bitstringListCredential(listContent(desk), createStatusList(list)), {
    signer: desk.signer,
    created: instant(desk.nowMs()),
    purpose: 'assertionMethod',
  })
}

function listContent({ signer, nowMs, statusUri }: Desk) {
  const issuedAtMs = nowMs()
  return { uri: statusUri, issuer: didOf(signer.keyId), sequence: 1, issuedAtMs, expiresAtMs: issuedAtMs + listLifeMs, purpose: 'revocation' } as const
}

/**
 * Returns when the presentation and each of its credentials hold.
 *
 * @throws {TrustError} the first thing that is wrong; DFFT_NONCE and DFFT_AUDIENCE for another challenge or domain
 */
export async function verifyPresentation(desk: Desk, given: JsonObject, expected: Binding & { readonly status: boolean }): Promise<void> {
  if (listOf(given.type ?? null).includes('EnvelopedVerifiablePresentation')) return verifyPresentationToken(desk, given, expected)
  const presentation = checkPresentation(given)
  const holder = idOf(presentation.holder)
  const proofs = await verifyProof(presentation, (proof) => keyOf(proof, holder), { purpose: 'authentication', rdfc: desk.rdfc })
  for (const { challenge, domain } of proofs) {
    if ((expected.challenge ?? null) !== challenge) throw new TrustError('DFFT_NONCE', 'the presentation was made for another challenge')
    if (!(domain === null ? [undefined] : listOf<string | undefined>(domain)).includes(expected.domain))
      throw new TrustError('DFFT_AUDIENCE', 'the presentation was made for another domain')
  }
  for (const one of embeddedIn(presentation)) await verifyCredential(desk, one, expected.status)
}

async function verifyPresentationToken(desk: Desk, given: JsonObject, { challenge, domain, status }: Binding & { readonly status: boolean }): Promise<void> {
  const vp = readVpJwt(textOf(given, 'vp+jwt'))
  if (challenge === undefined || domain === undefined) throw new TrustError('DFFT_NONCE', 'a vp+jwt is verified for a challenge and a domain')
  verifyVpJwt(vp, ownKey(vp.keyId), { nonce: challenge, audience: domain, nowMs: desk.nowMs(), ageMsMax: presentationAgeMsMax, skewMs })
  for (const credential of vp.credentials) await verifyToken(desk, credential, status)
}

/** Whoever speaks in the document signs it; where it names nobody, whoever signed. */
function keyOf({ keyId }: ReadProof, speaker: string | null): VerifyKey {
  if (speaker !== null && didOf(keyId) !== speaker)
    throw new TrustError('DFFT_KEY_NOT_FOUND', 'the proof is of somebody else than the document names', { keyId })
  return ownKey(keyId)
}

function ownKey(keyId: DidUrl): VerifyKey {
  const did = didOf(keyId)
  if (!/^did:(?:key|jwk):/.test(did)) throw new TrustError('DFFT_DID_NOT_FOUND', 'only did:key and did:jwk are resolved here', { did })
  const { keys } = did.startsWith('did:key:') ? expandDidKey(did) : expandDidJwk(did)
  const key = keys.find((one) => one.keyId === keyId)
  if (!key) throw new TrustError('DFFT_KEY_NOT_FOUND', 'the DID names no such key', { keyId })
  return verifyKey(key.jwk)
}

function envelope(type: string, mediaType: string, token: string): JsonObject {
  return { '@context': contextV2, id: `data:application/${mediaType},${token}`, type }
}

function openEnvelope(given: JsonObject): ReadCredential {
  // The model of an envelope is part of that of a presentation.
  checkPresentation({ '@context': [contextV2], type: 'VerifiablePresentation', verifiableCredential: given })
  return readCredential(textOf(given, 'vc+jwt', 'dc+sd-jwt'))
}

/** @throws {TrustError} DFFT_CREDENTIAL_SCHEMA for another context, DFFT_CREDENTIAL_FORMAT for what is no envelope of these media types */
function textOf(given: JsonObject, ...mediaTypes: readonly string[]): string {
  if (!listOf(given['@context'] ?? null).includes(contextV2))
    throw new TrustError('DFFT_CREDENTIAL_SCHEMA', 'an envelope stands in the base context', { path: '/@context' })
  const [, mediaType, text] = /^data:application\/([a-z+-]+),([A-Za-z0-9._~-]+)$/.exec(String(given.id)) ?? []
  if (mediaType === undefined || text === undefined || !mediaTypes.includes(mediaType)) {
    throw new TrustError('DFFT_CREDENTIAL_FORMAT', 'the envelope holds no token of a known media type')
  }
  return text
}

function idOf(holder: JsonObject[string] | undefined): string | null {
  const id = isJsonObject(holder) ? holder.id : holder
  return typeof id === 'string' ? id : null
}
