/**
 * Data Integrity proofs. Ours are over RFC 8785: eddsa-jcs-2022 (Ed25519) and ecdsa-jcs-2019 (P-256; P-384 is verified), and secure
 * policies, accreditations and agreements, which stay readable JSON with a `proof` inside. Others sign the RDF that a document stands
 * for (eddsa-rdfc-2022, ecdsa-rdfc-2019): those are read by whoever brings what makes canonical RDF, and refused by all others.
 *
 * A document may carry a set of proofs, each over the document without any; and chains, in which a proof covers
 * the earlier ones it names in `previousProof`. A set or chain may mix suites.
 */
import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { base58btc } from 'multiformats/bases/base58'
import { z } from 'zod'
import { signatureOfBase58 } from '#protocols/base58.ts'
import { canonical } from '#protocols/canonical.ts'
import { TrustError } from '#protocols/errors.ts'
import { DidUrl } from '#protocols/ids.ts'
import type { Json } from '#protocols/json.ts'
import { type Algorithm, type Signer, type VerifyAlgorithm, type VerifyKey, verifies } from '#protocols/keys.ts'
import { once } from '#protocols/once.ts'
import { quickCheck } from '#protocols/quick-check.ts'
import { isJsonObject, type JsonObject } from './jws.ts'
import { timestampMs } from './timestamp.ts'

const suites = {
  'eddsa-jcs-2022': { algorithms: ['EdDSA'], form: 'jcs' },
  'ecdsa-jcs-2019': { algorithms: ['ES256', 'ES384'], form: 'jcs' },
  'eddsa-rdfc-2022': { algorithms: ['EdDSA'], form: 'rdfc' },
  'ecdsa-rdfc-2019': { algorithms: ['ES256', 'ES384'], form: 'rdfc' },
} as const satisfies Record<string, { readonly algorithms: readonly VerifyAlgorithm[]; readonly form: 'jcs' | 'rdfc' }>
type Suite = keyof typeof suites
const suiteNames = Object.keys(suites) as Suite[] // Of the table just above.

/**
 * Canonical N-Quads (RDFC-1.0) of a JSON-LD document, from contexts it holds itself: it fetches nothing, and refuses a document of
 * which anything would stay out of the RDF.
 *
 * @throws {TrustError} DFFT_CONTEXT, DFFT_LIMIT
 */
export type RdfCanonicaliser = (document: JsonObject) => Promise<string>

/** A policy has one or two proofs; an agreement those of two anchors with up to sixteen signers each. Each costs a verification. */
const proofsMax = 32
/** Canonical RDF costs fifty times canonical JSON. The longest published chain has four. */
const rdfcProofsMax = 4

/** Data Integrity 1.0, 2.1. Unknown members are signed too, and refused: nobody here could honour them. */
const proofSchema = once(() => {
  const text = z.string({ checks: [z.minLength(1), z.maxLength(2100)] })
  const timestamp = z.string({ checks: [z.maxLength(64)] }).refine((value) => timestampMs(value) !== null, 'not a dateTimeStamp')
  const textOrTexts = z.union([text, z.array(text).min(1).max(proofsMax)])
  return z.strictObject({
    '@context': z.unknown().optional(),
    id: text.optional(),
    type: z.literal('DataIntegrityProof'),
    cryptosuite: z.enum(suiteNames),
    created: timestamp.optional(),
    expires: timestamp.optional(),
    verificationMethod: DidUrl,
    proofPurpose: text,
    domain: textOrTexts.optional(),
    challenge: text.optional(),
    nonce: text.optional(),
    previousProof: textOrTexts.optional(),
    // 64 bytes in base58btc with the prefix `z`, or 96 of a P-384 key.
    proofValue: z.string({ checks: [z.regex(/^z[1-9A-HJ-NP-Za-km-z]{64,132}$/)] }),
  })
})
type Proof = z.infer<ReturnType<typeof proofSchema>>

export type ProofPurpose = 'assertionMethod' | 'authentication' | 'capabilityInvocation' | 'capabilityDelegation'

export interface ProofOptions {
  readonly signer: Signer
  /** dateTimeStamp, such as an Instant. */
  readonly created: string
  readonly purpose: ProofPurpose
  readonly id?: string
  readonly expires?: string
  readonly domain?: string
  readonly challenge?: string
  /** Ids of proofs the document carries already, which this one covers. */
  readonly previousProof?: string | readonly string[]
  /** Signs the document's RDF instead of its JSON. */
  readonly rdfc?: RdfCanonicaliser
}

/** A proof as it stands in a document, with all that its check needs. Nothing of it is believed. */
export interface ReadProof {
  readonly id: string | null
  readonly cryptosuite: Suite
  readonly keyId: DidUrl
  readonly purpose: string
  readonly createdMs: number | null
  readonly expiresMs: number | null
  readonly domain: string | readonly string[] | null
  readonly challenge: string | null
  readonly previousProof: readonly string[]
  /** Hash of the proof's options and hash of the document, what is signed. */
  readonly signed: Uint8Array
  readonly signature: Uint8Array
}

/**
 * The document with one more proof. Earlier proofs stay, and are covered only where `previousProof` names them.
 *
 * @throws {TrustError} DFFT_SIGNATURE when `previousProof` names a proof that is not there; DFFT_LIMIT, DFFT_JSON_VALUE;
 *   as its canonicaliser
 */
export async function addProof(document: JsonObject, options: ProofOptions): Promise<JsonObject & { readonly proof: Json }> {
  const { proof: existing, ...unsecured } = document
  const proofs = existing === undefined ? [] : proofsIn(existing)
  if (proofs.length >= proofsMax) throw new TrustError('DFFT_LIMIT', 'too many proofs', { proofs: proofs.length, proofsMax })
  const config = proofConfig(unsecured, options)
  const content = covered(unsecured, proofs, config.previousProof)
  const signed = options.rdfc
    ? await signedGraphHashes(content, config, 'sha256', options.rdfc)
    : signedHashes(hash('sha256', canonical(content), 'hex'), config, 'sha256')
  const signature = await options.signer.sign(signed)
  const proof = { ...config, proofValue: base58btc.encode(signature) }
  return { ...unsecured, proof: proofs.length === 0 ? proof : [...proofs, proof] }
}

function proofConfig(document: JsonObject, options: ProofOptions): JsonObject {
  const { signer, created, purpose, id, expires, domain, challenge, previousProof, rdfc } = options
  return {
    // What is signed as RDF takes its context from the document, and says so nowhere (vc-di-eddsa, 3.2.5).
    ...(document['@context'] === undefined || rdfc ? {} : { '@context': document['@context'] }),
    ...(id === undefined ? {} : { id }),
    type: 'DataIntegrityProof',
    cryptosuite: suiteFor(signer.algorithm, rdfc ? 'rdfc' : 'jcs'),
    created,
    ...(expires === undefined ? {} : { expires }),
    verificationMethod: signer.keyId,
    proofPurpose: purpose,
    ...(domain === undefined ? {} : { domain }),
    ...(challenge === undefined ? {} : { challenge }),
    ...(previousProof === undefined ? {} : { previousProof }),
  }
}

function suiteFor(algorithm: Algorithm, form: 'jcs' | 'rdfc'): Suite {
  const suite = suiteNames.find((name) => suites[name].algorithms[0] === algorithm && suites[name].form === form)
  assert(suite, 'the table has a suite for each algorithm and form')
  return suite
}

/**
 * The proofs of a document, hashed and ready to check.
 *
 * @throws {TrustError} DFFT_SIGNATURE when there is none, or one is malformed, in an unknown suite or one over RDF, or of another
 *   context; DFFT_LIMIT
 * @see Data Integrity EdDSA Cryptosuites 1.0, 3.3.2 and 3.3.3
 */
export function readProofs(document: JsonObject): readonly ReadProof[] {
  const { unsecured, proofs, given } = partsOf(document)
  if (given.some(overRdf)) throw invalid('a proof over RDF needs what makes canonical RDF, which is not at hand')
  const content = new Covered(unsecured, proofs)
  return given.map((one) => {
    const algorithm = hashOf(one.signature)
    return readProof(one, signedHashes(content.hash(one.previousProof, algorithm), one.config, algorithm))
  })
}

/**
 * The same, with proofs over RDF among them.
 *
 * @throws {TrustError} as readProofs, and as its canonicaliser
 * @see Data Integrity EdDSA Cryptosuites 1.0, 3.2.2 and 3.2.3
 */
export async function readProofsWith(document: JsonObject, rdfc: RdfCanonicaliser): Promise<readonly ReadProof[]> {
  const { unsecured, proofs, given } = partsOf(withoutCopies(document))
  const graphs = given.filter(overRdf).length
  if (graphs > rdfcProofsMax) throw new TrustError('DFFT_LIMIT', 'too many proofs over RDF', { proofs: graphs, rdfcProofsMax })
  // What is covered is looked up for all first: a proof that names one that is not there is refused before any work is done.
  const contents = given.map(({ previousProof }) => covered(unsecured, proofs, previousProof))
  const hashed = new Covered(unsecured, proofs)
  const canonicalise = remembering(rdfc)
  const read: ReadProof[] = []
  for (const [at, one] of given.entries()) {
    const content = contents[at] ?? unsecured
    const algorithm = hashOf(one.signature)
    read.push(
      readProof(
        one,
        overRdf(one)
          ? await signedGraphHashes(content, one.config, algorithm, canonicalise)
          : signedHashes(hashed.hash(one.previousProof, algorithm), one.config, algorithm),
      ),
    )
  }
  return read
}

/** In RDF the same nameless proof twice is one element of a set, and others write such sets. It is read, and counts, once. */
function withoutCopies(document: JsonObject): JsonObject {
  const { proof } = document
  if (!Array.isArray(proof)) return document
  const kept = new Map(
    proof.map((one: Json, at) => [isJsonObject(one) && one.id === undefined && /-rdfc-/.test(String(one.cryptosuite)) ? canonical(one) : at, one]),
  )
  return { ...document, proof: [...kept.values()] }
}

/** Proofs of a set cover the very same object. */
function remembering(rdfc: RdfCanonicaliser): RdfCanonicaliser {
  const known = new Map<JsonObject, Promise<string>>()
  return (document) => {
    const made = known.get(document) ?? rdfc(document)
    known.set(document, made)
    return made
  }
}

/** A proof after its schema. */
interface GivenProof extends Proof {
  /** All of it but its value, as it stood. */
  readonly config: JsonObject
  readonly signature: Uint8Array
}

function partsOf(document: JsonObject): { unsecured: JsonObject; proofs: readonly JsonObject[]; given: readonly GivenProof[] } {
  const { proof, ...unsecured } = document
  if (proof === undefined) throw invalid('the document carries no proof')
  const proofs = proofsIn(proof)
  if (proofs.length > proofsMax) throw new TrustError('DFFT_LIMIT', 'too many proofs', { proofs: proofs.length, proofsMax })
  if (proofs.length > 1 && new Set(proofs.map(({ id, proofValue }) => String(id ?? proofValue))).size !== proofs.length)
    throw invalid('two proofs have one name')
  return { unsecured, proofs, given: proofs.map((one) => parseProof(unsecured, one)) }
}

const quickProof = once(() => quickCheck(proofSchema()))

function readOptions(proof: JsonObject): Proof {
  if (quickProof()(proof)) return proof as Proof // The schema's own predicate has just said so.
  const parsed = proofSchema().safeParse(proof)
  if (!parsed.success) throw invalid('a proof is malformed or of an unknown suite', parsed.error.issues[0]?.path.map(String).join('/'))
  return parsed.data
}

function parseProof(unsecured: JsonObject, proof: JsonObject): GivenProof {
  const options = readOptions(proof)
  const { proofValue: _, ...config } = proof
  // The standard lets a document append contexts after signing. Ours may not: nothing that is unsigned passes for signed.
  if ('@context' in config && canonical(config['@context']) !== canonical(unsecured['@context'] ?? null)) throw invalid('the proof is of another context')
  // Of another length it is no signature, which `verifies` says.
  return { ...options, config, signature: signatureOfBase58(options.proofValue) ?? base58btc.decode(options.proofValue) }
}

function overRdf({ cryptosuite }: GivenProof): boolean {
  return suites[cryptosuite].form === 'rdfc'
}

function readProof(given: GivenProof, signed: Uint8Array): ReadProof {
  const { id, cryptosuite, verificationMethod, proofPurpose, created, expires, domain, challenge, previousProof, signature } = given
  return {
    id: id ?? null,
    cryptosuite,
    keyId: verificationMethod,
    purpose: proofPurpose,
    createdMs: created === undefined ? null : timestampMs(created),
    expiresMs: expires === undefined ? null : timestampMs(expires),
    domain: domain ?? null,
    challenge: challenge ?? null,
    previousProof: previousProof === undefined ? [] : [previousProof].flat(),
    signed,
    signature,
  }
}

/**
 * A P-384 key hashes with SHA-384 (Data Integrity ECDSA Cryptosuites 1.0, 3.3). The proof does not say which kind it was made
 * with, but its length does, and `verifies` takes no signature of a length that is not its key's.
 */
function hashOf(signature: Uint8Array): 'sha256' | 'sha384' {
  return signature.length === 96 ? 'sha384' : 'sha256'
}

/** @throws {TrustError} DFFT_ALGORITHM when the suite is not the key's, DFFT_SIGNATURE */
export function checkProof(proof: ReadProof, key: VerifyKey): void {
  const { algorithms }: { readonly algorithms: readonly VerifyAlgorithm[] } = suites[proof.cryptosuite]
  if (!algorithms.includes(key.algorithm)) throw new TrustError('DFFT_ALGORITHM', 'the suite of the proof is not its key’s', { key: key.algorithm })
  if (!verifies(key, proof.signed, proof.signature)) throw new TrustError('DFFT_SIGNATURE', 'the proof does not fit the document and the key')
}

/**
 * Every proof of a document, each of which has to hold.
 *
 * @param resolveKey the key of a proof's verification method, for its purpose, at its time; throws when there is none
 * @param expected the purpose every proof has to have; what makes canonical RDF, without which proofs over RDF are refused
 * @throws {TrustError} as readProofs, checkProof and the canonicaliser; DFFT_KEY_NOT_FOUND for another purpose
 */
export async function verifyProof(
  document: JsonObject,
  resolveKey: (proof: ReadProof) => VerifyKey | Promise<VerifyKey>,
  expected: { readonly purpose: ProofPurpose; readonly rdfc?: RdfCanonicaliser | undefined },
): Promise<readonly ReadProof[]> {
  const proofs = expected.rdfc ? await readProofsWith(document, expected.rdfc) : readProofs(document)
  for (const proof of proofs) {
    if (proof.purpose !== expected.purpose) throw new TrustError('DFFT_KEY_NOT_FOUND', 'the proof has another purpose', { purpose: proof.purpose.slice(0, 64) })
    checkProof(proof, await resolveKey(proof))
  }
  return proofs
}

/** The document with the proofs that a chained one names, in their order in the document (Data Integrity 1.0, 4.3). */
function covered(unsecured: JsonObject, proofs: readonly JsonObject[], previousProof: Json | undefined): JsonObject {
  if (previousProof === undefined) return unsecured
  const ids = [previousProof].flat()
  const matching = proofs.filter(({ id }) => id !== undefined && ids.includes(id))
  if (matching.length !== ids.length) throw invalid('a proof names a previous one that is not there')
  return { ...unsecured, proof: matching }
}

type HashName = 'sha256' | 'sha384'

/**
 * Hashes of what the proofs of one document cover, in canonical JSON. The document is serialised once for all of them, each proof
 * once, and what several cover is hashed once: sixteen proofs of a large document would cost sixteen times as much.
 */
class Covered {
  readonly #unsecured: JsonObject
  readonly #proofs: readonly JsonObject[]
  /** Of the document without proofs, by algorithm. */
  readonly #alone = new Map<HashName, string>()
  /** What stands before and after `proof` in canonical order, and the text of each proof; made when the first chained one asks. */
  #pieces: { readonly before: string; readonly after: string; readonly texts: ReadonlyMap<JsonObject, string> } | undefined

  constructor(unsecured: JsonObject, proofs: readonly JsonObject[]) {
    this.#unsecured = unsecured
    this.#proofs = proofs
  }

  /** In hex. */
  hash(previousProof: Json | undefined, algorithm: HashName): string {
    if (previousProof !== undefined) return hash(algorithm, this.#chained(covered(this.#unsecured, this.#proofs, previousProof).proof), 'hex')
    const known = this.#alone.get(algorithm) ?? hash(algorithm, canonical(this.#unsecured), 'hex')
    this.#alone.set(algorithm, known)
    return known
  }

  #chained(matching: Json | undefined): string {
    this.#pieces ??= this.#split()
    const { before, after, texts } = this.#pieces
    const named = (matching as readonly JsonObject[]).map((proof) => texts.get(proof) ?? canonical(proof)) // `covered` puts proofs there.
    return `{${[before, `"proof":[${named.join(',')}]`, after].filter((part) => part !== '').join(',')}}`
  }

  #split() {
    const members = Object.entries(this.#unsecured)
    const textOf = (part: typeof members) => canonical(Object.fromEntries(part)).slice(1, -1)
    return {
      before: textOf(members.filter(([name]) => name < 'proof')),
      after: textOf(members.filter(([name]) => name > 'proof')),
      texts: new Map(this.#proofs.map((proof) => [proof, canonical(proof)] as const)),
    }
  }
}

/** @param content hash of what is covered, in hex */
function signedHashes(content: string, config: JsonObject, algorithm: HashName): Uint8Array {
  // As text the digests cost half of what they cost as buffers.
  return Buffer.from(hash(algorithm, canonical(config), 'hex') + content, 'hex')
}

async function signedGraphHashes(document: JsonObject, config: JsonObject, algorithm: HashName, rdfc: RdfCanonicaliser): Promise<Uint8Array> {
  const context = document['@context']
  if (context === undefined) throw invalid('a document without a context stands for no RDF')
  const texts = [await rdfc({ ...config, '@context': context }), await rdfc(document)]
  return Buffer.concat(texts.map((text) => hash(algorithm, text, 'buffer')))
}

function proofsIn(proof: Json): readonly JsonObject[] {
  const proofs = Array.isArray(proof) ? proof : [proof]
  if (proofs.length === 0 || !proofs.every(isJsonObject)) throw invalid('the document carries no proof')
  return proofs
}

function invalid(message: string, path?: string): TrustError {
  return new TrustError('DFFT_SIGNATURE', message, path === undefined ? {} : { path })
}
