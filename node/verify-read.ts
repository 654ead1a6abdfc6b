/**
 * Any secured document as one of two things: a credential, or a presentation of credentials. Whatever the format, the
 * pipeline of verify.ts goes over the same model; nothing in it is believed yet.
 *
 *     text    → dc+sd-jwt (it has a `~`) | vp+jwt (its header says so) | vc+jwt | JSON
 *     object  → an envelope around one of these | a credential or presentation with a Data Integrity proof
 */
import { checkProof, type ReadProof, readProofs } from '#protocols/credential/data-integrity.ts'
import {
  claimsOf,
  isJsonObject,
  type JsonObject,
  type Jws,
  parseJws,
  requireType,
  signedDigest,
  tokenCharactersMax,
  verifyJws,
} from '#protocols/credential/jws.ts'
import { dateClaim, keyIdOf, textClaim } from '#protocols/credential/jwt-claims.ts'
import { proofDigest } from '#protocols/credential/proof-digest.ts'
import { publicJwkOf } from '#protocols/credential/public-jwk.ts'
import { readSdJwt, type SdJwt } from '#protocols/credential/sd-jwt.ts'
import { bitstringEntries } from '#protocols/credential/signed-status-list.ts'
import { readStatusReference, type StatusReference } from '#protocols/credential/status-reference.ts'
import { checkClaims, readVcJwt, requireContent } from '#protocols/credential/vc-jwt.ts'
import {
  type Credential,
  checkCredential,
  checkPresentation,
  contextV2,
  embeddedIn,
  issuerOf,
  listOf,
  type Presentation,
  validityOf,
} from '#protocols/credential/vcdm.ts'
import type { CredentialType } from '#protocols/credential-types/credential-type.ts'
import { credentialTypes } from '#protocols/credential-types/known-types.ts'
import { TrustError } from '#protocols/errors.ts'
import { Did, type DidUrl, type Digest, didOf } from '#protocols/ids.ts'
import { parseJson } from '#protocols/json.ts'
import type { PublicJwk, VerifyKey } from '#protocols/keys.ts'

/** One signature of a document, ready to check. */
export interface Signature {
  readonly keyId: DidUrl
  /** Algorithm or suite, for the report. */
  readonly kind: string
  /** When it was made, as far as the document says. */
  readonly atMs: number | null
  /** Its own end, beside the document's. */
  readonly expiresMs: number | null
  /** Names what was signed: what an issuer's log holds of it. */
  digest(): Digest
  /** @throws {TrustError} DFFT_ALGORITHM, DFFT_SIGNATURE */
  check(key: VerifyKey): void
}

/** What every secured document has. */
interface Secured {
  /** Each has to hold, and is its issuer's or presenter's own; none where only what follows could secure it. */
  readonly signatures: readonly Signature[]
  /** Suites of further proofs that cannot be checked here. */
  readonly unread: readonly string[]
  readonly validFromMs: number | null
  readonly validUntilMs: number | null
}

/** What was read of a credential; believed only as far as the report says. */
export interface Parsed extends Secured {
  readonly kind: 'credential'
  readonly format: 'vc+jwt' | 'dc+sd-jwt' | 'data-integrity'
  readonly issuer: Did
  readonly id: string | null
  /** Null for a type that is unknown here. */
  readonly type: CredentialType | null
  /** What it calls itself, without the base type; of a type known here, the name it has here. */
  readonly typeNames: readonly string[]
  /** The only subject's id. */
  readonly subject: string | null
  /** Ids of all subjects; null for one without. */
  readonly subjects: readonly (string | null)[]
  /** The key its presenter has to prove. */
  readonly holderKey: PublicJwk | null
  /** Of the only subject. */
  readonly claims: Readonly<Record<string, unknown>>
  /** True when claims may have been withheld. */
  readonly partial: boolean
  readonly issuedAtMs: number | null
  /** Every list the credential names; each is asked. */
  readonly status: readonly StatusReference[]
  /** Set when it names a status that cannot be asked: that is not "no status". */
  readonly statusError: TrustError | null
  /** VCDM 2.0 formats: the whole. */
  readonly document: Credential | null
  readonly sdJwt: SdJwt | null
}

/** A presentation; each of its credentials is read and verified as it would be alone. */
export interface Presented extends Secured {
  readonly kind: 'presentation'
  readonly format: 'vp+jwt' | 'data-integrity'
  readonly presenter: Did
  /** What each signature was made for. */
  readonly bindings: readonly Binding[]
  readonly embedded: readonly JsonObject[]
}

export interface Binding {
  readonly nonce: string | null
  readonly audiences: readonly string[]
  readonly issuedAtMs: number | null
}

/**
 * Reads the proofs of a document that are over RDF (eddsa-rdfc-2022). The document carries no others.
 *
 * @throws {TrustError} when one is malformed, or a context is not bundled
 */
export type RdfProofReader = (document: JsonObject) => Promise<readonly ReadProof[]>

/** As many as a frame of 1 MiB can carry with room to spare. */
const embeddedMax = 64
const jcsSuites: readonly unknown[] = ['eddsa-jcs-2022', 'ecdsa-jcs-2019']
const rdfSuites: readonly unknown[] = ['eddsa-rdfc-2022', 'ecdsa-rdfc-2019']
/** Members whose form VCDM asks for and whose meaning nobody here judges. */
const unjudged = ['termsOfUse', 'evidence', 'refreshService', 'relatedResource', 'renderMethod', 'confidenceMethod']

/**
 * @param given text without surrounding white space, or an object that was parsed strictly
 * @throws {TrustError} DFFT_CREDENTIAL_FORMAT for what is none of the formats, DFFT_LIMIT, and those of each format's reader
 */
export async function readDocument(given: string | JsonObject, rdf: RdfProofReader | undefined): Promise<Parsed | Presented> {
  if (typeof given !== 'string') return readObject(given, rdf)
  if (!given.startsWith('{')) return readToken(given)
  if (given.length > tokenCharactersMax) throw new TrustError('DFFT_LIMIT', 'a document is too long', { characters: given.length, tokenCharactersMax })
  const value = parseJson(given)
  if (!isJsonObject(value)) throw malformed('the document is no JSON object')
  return readObject(value, rdf)
}

function readToken(text: string): Parsed | Presented {
  if (text.includes('~')) return readSelective(text)
  // By the header alone, before anything is parsed; each reader checks the type itself.
  return Buffer.from(text.slice(0, text.indexOf('.')), 'base64url').includes('vp+jwt') ? readPresentationToken(text) : readWhole(text)
}

const objectKinds = ['EnvelopedVerifiableCredential', 'EnvelopedVerifiablePresentation', 'VerifiableCredential', 'VerifiablePresentation'] as const

function readObject(object: JsonObject, rdf: RdfProofReader | undefined): Promise<Parsed | Presented> | Parsed | Presented {
  const types = listOf(object.type ?? null)
  const [kind, another] = objectKinds.filter((one) => types.includes(one))
  if (kind === undefined) throw malformed('the object is neither a credential nor a presentation of VCDM 2.0')
  if (another !== undefined) throw malformed(`the object is two things, a ${kind} and a ${another}`)
  if (kind === 'EnvelopedVerifiableCredential') return readEnvelope(object, ['vc+jwt', 'dc+sd-jwt'])
  if (kind === 'EnvelopedVerifiablePresentation') return readEnvelope(object, ['vp+jwt'])
  return kind === 'VerifiableCredential' ? readIntegrityCredential(object, rdf) : readIntegrityPresentation(object, rdf)
}

/** VCDM 2.0, 4.13: the token in a `data:` URL is the document, and the object around it says nothing. */
function readEnvelope(envelope: JsonObject, mediaTypes: readonly string[]): Parsed | Presented {
  if (!listOf(envelope['@context'] ?? null).includes(contextV2)) throw malformed('an envelope stands in the base context')
  const [, mediaType, text] = /^data:application\/([a-z+-]{1,32}),([A-Za-z0-9._~-]+)$/.exec(String(envelope.id)) ?? []
  if (mediaType === undefined || text === undefined || !mediaTypes.includes(mediaType)) throw malformed('the envelope holds no token of a media type read here')
  const read = readToken(text)
  if (read.format !== mediaType) throw malformed('the envelope names another media type than its token has')
  return read
}

function readSelective(text: string): Parsed {
  const sdJwt = readSdJwt(text)
  const { jws, keyId, issuer, claims, validFromMs, validUntilMs, status, id, subject, vct, holderKey } = sdJwt
  const type = typeOfVct(vct)
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

function typeOfVct(vct: string): CredentialType | null {
  for (const type of credentialTypes.values()) if (type.vct === vct) return type
  return null
}

function readWhole(text: string): Parsed {
  const { jws, keyId, issuer, credential, validFromMs, validUntilMs } = readVcJwt(text)
  const issuedAtMs = dateClaim(credential, 'iat') ?? validFromMs
  return {
    ...partsOf(credential, true),
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

async function readIntegrityCredential(object: JsonObject, rdf: RdfProofReader | undefined): Promise<Parsed> {
  const credential = checkCredential(object)
  const issuer = didOrRefuse(issuerOf(credential), 'issuer')
  const { signatures, unread } = await signaturesIn(credential, 'assertionMethod', rdf)
  if (signatures.some(({ keyId }) => didOf(keyId) !== issuer))
    throw new TrustError('DFFT_KEY_NOT_FOUND', 'a proof is by another party than the issuer', { issuer: issuer.slice(0, 256) })
  const { validFromMs, validUntilMs } = validityOf(credential)
  const made = signatures.flatMap(({ atMs }) => (atMs === null ? [] : [atMs]))
  return {
    ...partsOf(credential, false),
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
function partsOf(credential: Credential, token: boolean): VcdmParts {
  const names = listOf(credential.type).filter((name) => name !== 'VerifiableCredential')
  const [type, another] = names.flatMap((name) => credentialTypes.get(name) ?? [])
  if (another !== undefined) throw new TrustError('DFFT_CREDENTIAL_TYPE', 'the credential is of two types known here')
  const subjects = listOf(credential.credentialSubject)
  const [only, ...others] = subjects
  if (type && (only === undefined || others.length > 0)) throw malformed('the credential has not exactly one subject')
  const { id: subject, ...claims } = others.length === 0 && only ? only : {}
  return {
    kind: 'credential',
    id: typeof credential.id === 'string' ? credential.id : null,
    type: type ?? null,
    typeNames: names.length === 0 ? ['VerifiableCredential'] : names,
    subject: typeof subject === 'string' ? subject : null,
    subjects: subjects.map(({ id }) => (typeof id === 'string' ? id : null)),
    claims,
    partial: false,
    ...statusesOf(credential, token),
    document: credential,
    sdJwt: null,
  }
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

function readPresentationToken(text: string): Presented {
  const jws = parseJws(text)
  requireType(jws, 'vp+jwt')
  requireContent(jws, 'vp')
  const claims = claimsOf(jws)
  checkClaims(claims)
  const presentation = checkPresentation(claims)
  const holder = holderOf(presentation)
  const issuer = textClaim(claims, 'iss')
  if (issuer !== null && holder !== null && issuer !== holder) throw malformed('the claim `iss` contradicts the holder')
  const { keyId, did } = keyIdOf(jws, holder ?? issuer ?? didOf(jws.keyId ?? ''))
  const issuedAtMs = dateClaim(claims, 'iat')
  return {
    kind: 'presentation',
    format: 'vp+jwt',
    signatures: [signatureOf(jws, keyId, issuedAtMs)],
    unread: [],
    presenter: did,
    bindings: [{ nonce: textClaim(claims, 'nonce'), audiences: textsIn(claims.aud), issuedAtMs }],
    validFromMs: dateClaim(claims, 'nbf'),
    validUntilMs: dateClaim(claims, 'exp'),
    embedded: embeddedWithin(presentation),
  }
}

async function readIntegrityPresentation(object: JsonObject, rdf: RdfProofReader | undefined): Promise<Presented> {
  const presentation = checkPresentation(object)
  const bindings: Binding[] = []
  const { signatures, unread } = await signaturesIn(presentation, 'authentication', rdf, ({ challenge, domain, createdMs }) =>
    bindings.push({ nonce: challenge, audiences: domain === null ? [] : listOf(domain), issuedAtMs: createdMs }),
  )
  const presenter = didOrRefuse(holderOf(presentation) ?? (signatures[0] ? didOf(signatures[0].keyId) : null), 'holder')
  if (signatures.some(({ keyId }) => didOf(keyId) !== presenter))
    throw new TrustError('DFFT_HOLDER_BINDING', 'a proof is by another party than the holder', { holder: presenter.slice(0, 256) })
  const embedded = embeddedWithin(presentation)
  return { kind: 'presentation', format: 'data-integrity', signatures, unread, presenter, bindings, validFromMs: null, validUntilMs: null, embedded }
}

function embeddedWithin(presentation: Presentation): readonly JsonObject[] {
  const embedded = embeddedIn(presentation)
  if (embedded.length > embeddedMax) throw new TrustError('DFFT_LIMIT', 'too many credentials', { credentials: embedded.length, embeddedMax })
  return embedded
}

function holderOf({ holder }: Presentation): string | null {
  const id = isJsonObject(holder) ? holder.id : holder
  return typeof id === 'string' ? id : null
}

function signatureOf(jws: Jws, keyId: DidUrl, atMs: number | null): Signature {
  return { keyId, kind: jws.algorithm, atMs, expiresMs: null, digest: () => signedDigest(jws), check: (key) => verifyJws(jws, key) }
}

/**
 * The proofs of a document, as far as their suites are known. A proof that is not may stand beside one that is: each is over
 * the document by itself, and one that names an unknown one as its predecessor is refused.
 *
 * @param each told of every proof that was read
 * @throws {TrustError} DFFT_SIGNATURE without a proof or for a malformed one; DFFT_CREDENTIAL_FORMAT when all suites are unknown;
 *   DFFT_KEY_NOT_FOUND for another purpose
 */
async function signaturesIn(
  document: JsonObject,
  purpose: string,
  rdf: RdfProofReader | undefined,
  each: (proof: ReadProof) => void = () => undefined,
): Promise<{ readonly signatures: readonly Signature[]; readonly unread: readonly string[] }> {
  const { proof, ...unsecured } = document
  const proofs = proof === undefined ? [] : listOf(proof)
  if (proofs.length === 0) throw new TrustError('DFFT_SIGNATURE', 'the document carries no proof: anybody could have written it')
  const ofSuites = (suites: readonly unknown[]) => proofs.filter((one) => isJsonObject(one) && suites.includes(one.cryptosuite))
  const jcs = ofSuites(jcsSuites)
  const overRdf = ofSuites(rdfSuites)
  if (jcs.length + overRdf.length === 0) throw malformed(`no proof is of a suite read here, but ${suiteNames(proofs)}`)
  const read = jcs.length > 0 ? [...readProofs({ ...unsecured, proof: jcs })] : []
  if (rdf && overRdf.length > 0) read.push(...(await rdf({ ...unsecured, proof: overRdf })))
  for (const one of read) {
    if (one.purpose !== purpose) throw new TrustError('DFFT_KEY_NOT_FOUND', `a proof has the purpose \`${one.purpose.slice(0, 64)}\` and not ${purpose}`)
    each(one)
  }
  const unread = proofs.filter((one) => !jcs.includes(one) && !(rdf && overRdf.includes(one)))
  return { signatures: read.map(proved), unread: unread.length > 0 ? [suiteNames(unread)] : [] }
}

function proved(proof: ReadProof): Signature {
  const { keyId, cryptosuite, createdMs, expiresMs } = proof
  return { keyId, kind: cryptosuite, atMs: createdMs, expiresMs, digest: () => proofDigest(proof), check: (key) => checkProof(proof, key) }
}

function suiteNames(proofs: readonly JsonObject[string][]): string {
  const names = proofs.map((proof) => `\`${String((isJsonObject(proof) && (proof.cryptosuite ?? proof.type)) || 'unnamed').slice(0, 64)}\``)
  return [...new Set(names)].slice(0, 8).join(', ')
}

function textsIn(value: JsonObject[string] | undefined): readonly string[] {
  return listOf(value ?? []).filter((one) => typeof one === 'string')
}

function didOrRefuse(text: string | null, role: string): Did {
  const did = Did.safeParse(text)
  if (!did.success) throw new TrustError('DFFT_KEY_NOT_FOUND', `the ${role} is no DID, so nobody knows its keys`)
  return did.data
}

/** Of what the form alone was checked. */
export function unjudgedIn({ document }: Parsed): readonly string[] {
  return document === null ? [] : unjudged.filter((name) => Object.hasOwn(document, name))
}

function malformed(message: string): TrustError {
  return new TrustError('DFFT_CREDENTIAL_FORMAT', message)
}
