/** A credential of each format as the pipeline’s model. */
import { after, all, type Soon } from '#node/soon.ts'
import { isJsonObject, type JsonObject } from '#protocols/credential/jws.ts'
import { dateClaim } from '#protocols/credential/jwt-claims.ts'
import { publicJwkOf } from '#protocols/credential/public-jwk.ts'
import { readSdJwt, type SdJwt } from '#protocols/credential/sd-jwt.ts'
import { bitstringEntries } from '#protocols/credential/signed-status-list.ts'
import { readStatusReference } from '#protocols/credential/status-reference.ts'
import { readVcJwt, type VcJwt } from '#protocols/credential/vc-jwt.ts'
import { type Credential, checkCredential, issuerOf, listOf, validityOf } from '#protocols/credential/vcdm.ts'
import type { CredentialType, TypeFinder } from '#protocols/credential-types/credential-type.ts'
import { TrustError } from '#protocols/errors.ts'
import { Did, didOf } from '#protocols/ids.ts'
import type { Json } from '#protocols/json.ts'
import type { Reading } from './surroundings.ts'
import type { Parsed } from './verify-model.ts'
import { signatureOf, signaturesIn } from './verify-signatures.ts'

/** Members whose form VCDM asks for and whose meaning nobody here judges. */
const unjudged = ['termsOfUse', 'evidence', 'refreshService', 'relatedResource', 'renderMethod', 'confidenceMethod']

/** @throws {TrustError} as readSdJwt */
export function readSelective(text: string, types: TypeFinder): Soon<Parsed> {
  const sdJwt = readSdJwt(text)
  return after(types.ofVct(sdJwt.vct), (type) => selective(sdJwt, type ?? null))
}

function selective(sdJwt: SdJwt, type: CredentialType | null): Parsed {
  const { jws, keyId, issuer, claims, validFromMs, validUntilMs, status, id, subject, vct, holderKey } = sdJwt
  // Without `iat` the beginning of validity is the best that is said about the time of issue.
  const issuedAtMs = sdJwt.issuedAtMs ?? validFromMs
  return {
    kind: 'credential',
    format: 'dc+sd-jwt',
    signatures: [signatureOf(jws, keyId, issuedAtMs)],
    unread: [],
    issuer,
    id,
    type,
    typeNames: [type?.name ?? vct],
    subject,
    subjects: [subject],
    holderKey,
    claims,
    partial: true,
    issuedAtMs,
    validFromMs,
    validUntilMs,
    status: status ? [status] : [],
    statusError: null,
    document: null,
    sdJwt,
  }
}

/** @throws {TrustError} as readVcJwt */
export function readWhole(text: string, types: TypeFinder): Soon<Parsed> {
  const read = readVcJwt(text)
  return after(knownType(read.credential, types), (type) => whole(read, type))
}

function whole({ jws, keyId, issuer, credential, validFromMs, validUntilMs }: VcJwt, type: CredentialType | null): Parsed {
  const issuedAtMs = dateClaim(credential, 'iat') ?? validFromMs
  return {
    ...partsOf(credential, type, true),
    format: 'vc+jwt',
    signatures: [signatureOf(jws, keyId, issuedAtMs)],
    unread: [],
    issuer,
    holderKey: Object.hasOwn(credential, 'cnf') ? publicJwkOf(isJsonObject(credential.cnf) ? credential.cnf.jwk : undefined) : null,
    issuedAtMs,
    validFromMs,
    validUntilMs,
  }
}

/** @throws {TrustError} as checkCredential and signaturesIn; DFFT_KEY_NOT_FOUND for a proof that is not its issuer’s */
export async function readIntegrityCredential(object: JsonObject, { rdf, types }: Reading): Promise<Parsed> {
  const credential = checkCredential(object)
  const { success, data: issuer } = Did.safeParse(issuerOf(credential))
  if (!success) throw new TrustError('DFFT_KEY_NOT_FOUND', 'the issuer is no DID, so nobody knows its keys')
  const { signatures, unread } = await signaturesIn(credential, 'assertionMethod', rdf)
  if (signatures.some(({ keyId }) => didOf(keyId) !== issuer))
    throw new TrustError('DFFT_KEY_NOT_FOUND', 'a proof is by another party than the issuer', { issuer: issuer.slice(0, 256) })
  const { validFromMs, validUntilMs } = validityOf(credential)
  const made = signatures.flatMap(({ atMs }) => (atMs === null ? [] : [atMs]))
  return {
    ...partsOf(credential, await knownType(credential, types), false),
    format: 'data-integrity',
    // A proof that does not say when it was made is taken for as old as the credential says it is.
    signatures: signatures.map((one) => ({ ...one, atMs: one.atMs ?? validFromMs })),
    unread,
    issuer,
    holderKey: null,
    issuedAtMs: made.length > 0 ? Math.min(...made) : validFromMs,
    validFromMs,
    validUntilMs,
  }
}

type VcdmParts = Pick<
  Parsed,
  'kind' | 'id' | 'type' | 'typeNames' | 'subject' | 'subjects' | 'claims' | 'partial' | 'status' | 'statusError' | 'document' | 'sdJwt'
>

/** What a VCDM 2.0 credential says, however it is secured. @param token whether claims of a JWT stand beside it */
function partsOf(credential: Credential, type: CredentialType | null, token: boolean): VcdmParts {
  const names = namesOf(credential)
  const subjects = listOf(credential.credentialSubject)
  const [only, ...others] = subjects
  if (type && (only === undefined || others.length > 0)) throw malformed('the credential has not exactly one subject')
  const alone = others.length === 0 ? only : undefined
  const { id: subject } = alone ?? {}
  return {
    kind: 'credential',
    id: typeof credential.id === 'string' ? credential.id : null,
    type,
    typeNames: names.length === 0 ? ['VerifiableCredential'] : names,
    subject: typeof subject === 'string' ? subject : null,
    subjects: subjects.map(({ id }) => (typeof id === 'string' ? id : null)),
    claims: alone ? withoutId(alone) : {},
    partial: false,
    ...statusesOf(credential, token),
    document: credential,
    sdJwt: null,
  }
}

/** The name of a type means what its context makes of it; without that context it is somebody else's word. */
function knownType(credential: Credential, types: TypeFinder): Soon<CredentialType | null> {
  const contexts: readonly Json[] = credential['@context']
  return after(all(namesOf(credential).map((name) => types.named(name))), (known) => {
    const [found = null, another] = known.filter((type) => type !== undefined && contexts.includes(type.context))
    if (another) throw new TrustError('DFFT_CREDENTIAL_TYPE', 'the credential is of two types known here')
    return found
  })
}

/** Types but the one that all have. */
function namesOf(credential: Credential): readonly string[] {
  return listOf(credential.type).filter((name) => name !== 'VerifiableCredential')
}

/** A loop takes a third of the time of `{ id, ...others }`. */
function withoutId(subject: JsonObject): JsonObject {
  const claims: Record<string, Json> = {}
  for (const name in subject) if (name !== 'id') claims[name] = subject[name] as Json // The name is its own, and parsed JSON has no `__proto__`.
  return claims
}

/** A status that cannot be asked is kept as the reason why not: the rest of the credential is judged all the same. */
function statusesOf(credential: Credential, token: boolean): Pick<Parsed, 'status' | 'statusError'> {
  try {
    const strange = listOf(credential.credentialStatus ?? []).find((entry) => !isJsonObject(entry) || entry.type !== 'BitstringStatusListEntry')
    if (strange !== undefined) throw new TrustError('DFFT_STATUS_TYPE', 'the credential names a status of a kind that is not read here')
    const claimed = token ? readStatusReference(credential) : null
    return { status: [...bitstringEntries(credential), ...(claimed ? [claimed] : [])], statusError: null }
  } catch (thrown) {
    if (!(thrown instanceof TrustError)) throw thrown
    return { status: [], statusError: thrown }
  }
}

/** Of what the form alone was checked. */
export function unjudgedIn({ document, format }: Parsed): readonly string[] {
  // A proof inside a token was made by somebody for something; the token's own signature is the one that counts.
  const names = format === 'data-integrity' ? unjudged : [...unjudged, 'proof']
  return document === null ? [] : names.filter((name) => Object.hasOwn(document, name))
}

function malformed(message: string): TrustError {
  return new TrustError('DFFT_CREDENTIAL_FORMAT', message)
}
