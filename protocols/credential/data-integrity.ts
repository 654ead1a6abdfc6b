/**
 * Data Integrity proofs over RFC 8785: eddsa-jcs-2022 (Ed25519) and ecdsa-jcs-2019 (P-256). Secures policies, accreditations
 * and agreements, which stay readable JSON with a `proof` inside.
 *
 * A document may carry a set of proofs, each over the document without any; and chains, in which a proof covers
 * the earlier ones it names in `previousProof`.
 */
import { hash } from 'node:crypto'
import { base58btc } from 'multiformats/bases/base58'
import { z } from 'zod'
import { canonical } from '#protocols/canonical.ts'
import { TrustError } from '#protocols/errors.ts'
import { DidUrl } from '#protocols/ids.ts'
import type { Json } from '#protocols/json.ts'
import { type Algorithm, type Signer, type VerifyKey, verifies } from '#protocols/keys.ts'
import { isJsonObject, type JsonObject } from './jws.ts'
import { timestampMs } from './timestamp.ts'

const suites = { 'eddsa-jcs-2022': 'EdDSA', 'ecdsa-jcs-2019': 'ES256' } as const satisfies Record<string, Algorithm>
type Suite = keyof typeof suites

/** A policy has one or two proofs; each costs a verification. */
const proofsMax = 16

const text = z.string().min(1).max(2100)
const timestamp = z
  .string()
  .max(64)
  .refine((value) => timestampMs(value) !== null, 'not a dateTimeStamp')
const textOrTexts = z.union([text, z.array(text).min(1).max(proofsMax)])

/** Data Integrity 1.0, 2.1. Unknown members are signed too, and refused: nobody here could honour them. */
const Proof = z.strictObject({
  '@context': z.unknown().optional(),
  id: text.optional(),
  type: z.literal('DataIntegrityProof'),
  cryptosuite: z.enum(['eddsa-jcs-2022', 'ecdsa-jcs-2019']),
  created: timestamp.optional(),
  expires: timestamp.optional(),
  verificationMethod: DidUrl,
  proofPurpose: text,
  domain: textOrTexts.optional(),
  challenge: text.optional(),
  nonce: text.optional(),
  previousProof: textOrTexts.optional(),
  // 64 bytes in base58btc with the prefix `z`.
  proofValue: z.string().regex(/^z[1-9A-HJ-NP-Za-km-z]{64,88}$/),
})

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
  /** Hash of the proof's options and hash of the document: 64 bytes, what is signed. */
  readonly signed: Uint8Array
  readonly signature: Uint8Array
}

/**
 * The document with one more proof. Earlier proofs stay, and are covered only where `previousProof` names them.
 *
 * @throws {TrustError} DFFT_SIGNATURE when `previousProof` names a proof that is not there; DFFT_LIMIT, DFFT_JSON_VALUE
 */
export async function addProof(document: JsonObject, options: ProofOptions): Promise<JsonObject & { readonly proof: Json }> {
  const { proof: existing, ...unsecured } = document
  const proofs = existing === undefined ? [] : proofsIn(existing)
  if (proofs.length >= proofsMax) throw new TrustError('DFFT_LIMIT', 'too many proofs', { proofs: proofs.length, proofsMax })
  const config = proofConfig(unsecured, options)
  const signed = signedHashes(config, coveredHash(unsecured, proofs)(config.previousProof))
  const signature = await options.signer.sign(signed)
  const proof = { ...config, proofValue: base58btc.encode(signature) }
  return { ...unsecured, proof: proofs.length === 0 ? proof : [...proofs, proof] }
}

function proofConfig(document: JsonObject, options: ProofOptions): JsonObject {
  const { signer, created, purpose, id, expires, domain, challenge, previousProof } = options
  return {
    ...(document['@context'] === undefined ? {} : { '@context': document['@context'] }),
    ...(id === undefined ? {} : { id }),
    type: 'DataIntegrityProof',
    cryptosuite: signer.algorithm === 'EdDSA' ? 'eddsa-jcs-2022' : 'ecdsa-jcs-2019',
    created,
    ...(expires === undefined ? {} : { expires }),
    verificationMethod: signer.keyId,
    proofPurpose: purpose,
    ...(domain === undefined ? {} : { domain }),
    ...(challenge === undefined ? {} : { challenge }),
    ...(previousProof === undefined ? {} : { previousProof }),
  }
}

/**
 * The proofs of a document, hashed and ready to check.
 *
 * @throws {TrustError} DFFT_SIGNATURE when there is none, or one is malformed, in an unknown suite, or of another context;
 *   DFFT_LIMIT
 * @see Data Integrity EdDSA Cryptosuites 1.0, 3.3.2 and 3.3.3
 */
export function readProofs(document: JsonObject): readonly ReadProof[] {
  const { proof, ...unsecured } = document
  if (proof === undefined) throw invalid('the document carries no proof')
  const proofs = proofsIn(proof)
  if (proofs.length > proofsMax) throw new TrustError('DFFT_LIMIT', 'too many proofs', { proofs: proofs.length, proofsMax })
  if (new Set(proofs.map(({ id, proofValue }) => String(id ?? proofValue))).size !== proofs.length) throw invalid('two proofs have one name')
  const hashed = coveredHash(unsecured, proofs)
  return proofs.map((one) => readProof(unsecured, hashed, one))
}

function readProof(unsecured: JsonObject, hashed: CoveredHash, proof: JsonObject): ReadProof {
  const parsed = Proof.safeParse(proof)
  if (!parsed.success) throw invalid('a proof is malformed or of an unknown suite', parsed.error.issues[0]?.path.map(String).join('/'))
  const { id, cryptosuite, verificationMethod, proofPurpose, created, expires, domain, challenge, previousProof } = parsed.data
  const { proofValue, ...config } = proof
  // The standard lets a document append contexts after signing. Ours may not: nothing that is unsigned passes for signed.
  if ('@context' in config && canonical(config['@context']) !== canonical(unsecured['@context'] ?? null)) throw invalid('the proof is of another context')
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
    signed: signedHashes(config, hashed(previousProof)),
    signature: base58btc.decode(parsed.data.proofValue),
  }
}

/** @throws {TrustError} DFFT_ALGORITHM when the suite is not the key's, DFFT_SIGNATURE */
export function checkProof(proof: ReadProof, key: VerifyKey): void {
  if (suites[proof.cryptosuite] !== key.algorithm) throw new TrustError('DFFT_ALGORITHM', 'the suite of the proof is not its key’s', { key: key.algorithm })
  if (!verifies(key, proof.signed, proof.signature)) throw new TrustError('DFFT_SIGNATURE', 'the proof does not fit the document and the key')
}

/**
 * Every proof of a document, each of which has to hold.
 *
 * @param resolveKey the key of a proof's verification method, for its purpose, at its time; throws when there is none
 * @param expected the purpose every proof has to have
 * @throws {TrustError} as readProofs and checkProof; DFFT_KEY_NOT_FOUND for another purpose
 */
export async function verifyProof(
  document: JsonObject,
  resolveKey: (proof: ReadProof) => VerifyKey | Promise<VerifyKey>,
  expected: { readonly purpose: ProofPurpose },
): Promise<readonly ReadProof[]> {
  const proofs = readProofs(document)
  for (const proof of proofs) {
    if (proof.purpose !== expected.purpose) throw new TrustError('DFFT_KEY_NOT_FOUND', 'the proof has another purpose', { purpose: proof.purpose.slice(0, 64) })
    checkProof(proof, await resolveKey(proof))
  }
  return proofs
}

type CoveredHash = (previousProof: Json | undefined) => Uint8Array

/**
 * Hash of the canonical document with the proofs that a chained one names, in their order in the document (Data Integrity 1.0, 4.3).
 *
 * The document is serialised once for all its proofs, and each proof once; without proofs it is hashed once too. Sixteen proofs of
 * a large one would cost sixteen times that.
 */
function coveredHash(unsecured: JsonObject, proofs: readonly JsonObject[]): CoveredHash {
  const members = Object.entries(unsecured)
  const before = canonical(Object.fromEntries(members.filter(([name]) => name < 'proof'))).slice(1, -1)
  const after = canonical(Object.fromEntries(members.filter(([name]) => name > 'proof'))).slice(1, -1)
  const texts = proofs.map((proof) => ({ id: proof.id, text: canonical(proof) }))
  let alone: Uint8Array | undefined
  return (previousProof) => {
    if (previousProof === undefined) {
      alone ??= hash('sha256', objectOf([before, after]), 'buffer')
      return alone
    }
    const ids = [previousProof].flat()
    const matching = texts.filter(({ id }) => id !== undefined && ids.includes(id))
    if (matching.length !== ids.length) throw invalid('a proof names a previous one that is not there')
    return hash('sha256', objectOf([before, `"proof":[${matching.map(({ text }) => text).join(',')}]`, after]), 'buffer')
  }
}

function objectOf(parts: readonly string[]): string {
  return `{${parts.filter((part) => part !== '').join(',')}}`
}

function signedHashes(config: JsonObject, document: Uint8Array): Uint8Array {
  return Buffer.concat([hash('sha256', canonical(config), 'buffer'), document])
}

function proofsIn(proof: Json): readonly JsonObject[] {
  const proofs = Array.isArray(proof) ? proof : [proof]
  if (proofs.length === 0 || !proofs.every(isJsonObject)) throw invalid('the document carries no proof')
  return proofs
}

function invalid(message: string, path?: string): TrustError {
  return new TrustError('DFFT_SIGNATURE', message, path === undefined ? {} : { path })
}
