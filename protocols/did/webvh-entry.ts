/** One line of a did:webvh log: its form, its hashes, its proof (did:webvh 1.0, "The DID Log File"). */
import { createHash } from 'node:crypto'
import { base58btc } from 'multiformats/bases/base58'
import { z } from 'zod'
import { canonical, canonicalBytes } from '../canonical.ts'
import { parse } from '../channel.ts'
import { TrustError } from '../errors.ts'
import { type Instant, instant } from '../ids.ts'
import { type Json, parseJson } from '../json.ts'
import { type Signer, verifies, verifyKey } from '../keys.ts'
import { didDocument } from './document.ts'
import { didKeyOf, jwkOfDidKey } from './key.ts'

/**
 * A change a month makes 240 entries in twenty years. Each costs the check of a signature, 0.15 ms, before the log can be refused for its
 * last one, and a stranger's log is as long as he likes: 256 take 40 ms.
 */
export const entriesMax = 256
/** An agency's entry takes 1.5 KiB, a generous one 2 KiB. */
export const logBytesMax = 1 << 19
export const entryBytesMax = 1 << 16
/** Of all entries together: one each, and now and then a second while a key is handed over. */
export const logProofsMax = 320
// More keys, hashes or witnesses than any board has members.
const listMax = 64

export const scidPlaceholder = '{SCID}'

const base58 = '[1-9A-HJ-NP-Za-km-z]'
/** base58btc of a SHA-256 multihash: the two bytes 0x12 0x20 make it begin with `Qm`. */
const Multihash = z.string().regex(new RegExp(`^Qm${base58}{44}$`))
const Multikey = z.string().regex(new RegExp(`^z${base58}{1,256}$`))

/** didwebvh-rs writes the bare multikey where the specification wants a did:key; it names the same key. */
const WitnessId = z
  .string()
  .regex(new RegExp(`^(?:did:key:)?z${base58}{40,60}$`))
  .transform((id) => (id.startsWith('did:key:') ? id : `did:key:${id}`))

/** `{}` is "no witnesses". */
export const Witness = z.union([
  z.strictObject({}).transform(() => null),
  z
    .strictObject({
      threshold: z.number().int().min(1).max(listMax),
      witnesses: z
        .array(z.strictObject({ id: WitnessId }))
        .min(1)
        .max(listMax),
    })
    .refine(({ witnesses }) => distinct(witnesses.map(({ id }) => id)), 'a witness is named twice')
    .refine(({ threshold, witnesses }) => threshold <= witnesses.length, 'the threshold is above the number of witnesses'),
])
export type Witness = z.infer<typeof Witness>

/** Early writers used null for "the default"; the specification asks readers to bear it. */
function orNull<Schema extends z.ZodType>(schema: Schema, value: z.input<Schema>) {
  return z.preprocess((given) => (given === null ? value : given), schema).optional()
}

const Parameters = z.strictObject({
  method: z.literal('did:webvh:1.0').optional(),
  scid: Multihash.optional(),
  updateKeys: orNull(z.array(Multikey).max(listMax).refine(distinct, 'an update key is named twice'), []),
  nextKeyHashes: orNull(z.array(z.string().min(1).max(256)).max(listMax).refine(distinct, 'a hash is named twice'), []),
  witness: orNull(Witness, {}),
  watchers: orNull(z.array(z.string().max(2048)).max(listMax), []),
  portable: z.boolean().optional(),
  deactivated: z.boolean().optional(),
  ttl: orNull(
    z
      .number()
      .int()
      .min(0)
      .max(2 ** 31),
    3600,
  ),
})
export type Parameters = z.infer<typeof Parameters>

/** Every member is under the signature, so an unknown one could only be a promise we do not keep (`expires`, `domain`). */
const Proof = z.strictObject({
  type: z.literal('DataIntegrityProof'),
  cryptosuite: z.literal('eddsa-jcs-2022'),
  verificationMethod: z.string().regex(new RegExp(`^did:key:(z${base58}{40,60})#\\1$`)),
  proofPurpose: z.literal('assertionMethod'),
  created: z.string().max(40).optional(),
  proofValue: z.string().regex(new RegExp(`^z${base58}{40,90}$`)),
})
export type Proof = z.infer<typeof Proof>

export const Proofs = z.array(Proof).min(1).max(listMax)

/** The number of a version, and the hash of its entry. */
export const VersionId = z.string().regex(new RegExp(`^[1-9]\\d{0,4}-Qm${base58}{44}$`))

const Entry = z.strictObject({
  versionId: VersionId,
  versionTime: z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/),
  parameters: Parameters,
  state: didDocument(),
  proof: z.union([Proofs, Proof.transform((proof) => [proof])]),
})

export interface Entry extends z.infer<typeof Entry> {
  /** As it was written, without the proof: what hashes and signatures are over. */
  readonly unsigned: Readonly<Record<string, Json>>
  readonly versionTimeMs: number
}

/**
 * The entries of a log in JSON Lines, each read when it is asked for: of a log that is refused, those after the fault cost nothing.
 *
 * @throws {TrustError} DFFT_LIMIT before anything is parsed, DFFT_JSON_*, DFFT_SCHEMA
 */
export function* entriesOf(log: string): Iterable<Entry> {
  // Text never has more characters than bytes, and its characters are counted already.
  if (log.length > logBytesMax || Buffer.byteLength(log) > logBytesMax) throw new TrustError('DFFT_LIMIT', 'a did:webvh log is too long', { logBytesMax })
  const lines = (log.endsWith('\n') ? log.slice(0, -1) : log).split('\n', entriesMax + 1)
  if (lines.length > entriesMax) throw new TrustError('DFFT_LIMIT', 'a did:webvh log has too many entries', { entriesMax })
  if (lines.some((line) => Buffer.byteLength(line) > entryBytesMax))
    throw new TrustError('DFFT_LIMIT', 'an entry of a did:webvh log is too long', { entryBytesMax })
  for (const line of lines) yield entryOf(line)
}

function entryOf(line: string): Entry {
  // White space around an entry is under no signature.
  if (!line.startsWith('{') || !line.endsWith('}')) throw new TrustError('DFFT_NOT_JSON', 'a line of the log is no JSON object')
  const written = parseJson(line)
  const read = parse(written, Entry)
  const { proof: _, ...unsigned } = written as Record<string, Json> // The schema took an object.
  return { ...read, unsigned, versionTimeMs: timeOf(read.versionTime) }
}

/** @throws {TrustError} DFFT_SCHEMA for a day that the month does not have: Date.parse rolls it over */
function timeOf(versionTime: string): number {
  const ms = Date.parse(versionTime)
  if (Number.isNaN(ms) || instant(ms).slice(0, 19) !== versionTime.slice(0, 19)) throw new TrustError('DFFT_SCHEMA', 'a version time is no date', {})
  return ms
}

/** base58btc of the SHA-256 multihash: SCID, entry hash and the hash of a key to come. */
export function multihash(text: string): string {
  const digest = createHash('sha256').update(text).digest()
  return base58btc.baseEncode(Buffer.concat([Uint8Array.of(0x12, 0x20), digest]))
}

/** @param predecessor the version id before this entry; the SCID for the first */
export function entryHash(unsigned: Readonly<Record<string, Json>>, predecessor: string): string {
  return multihash(canonical({ ...unsigned, versionId: predecessor }))
}

/** The SCID that a first entry must have, its placeholders put back in the places of `scid`. */
export function scidOf(unsigned: Readonly<Record<string, Json>>, scid: string): string {
  const text = canonical({ ...unsigned, versionId: scidPlaceholder }).replaceAll(scid, scidPlaceholder)
  return multihash(canonical(parseJson(text))) // Parsed again, since a name with the SCID in it may now sort elsewhere.
}

export type UpdateSigner = Pick<Signer, 'publicJwk' | 'sign'>

/**
 * An eddsa-jcs-2022 proof over a log entry or a witness's statement (W3C Data Integrity EdDSA 1.0, 3.3.1).
 *
 * @param document without a proof
 * @throws {TrustError} DFFT_ALGORITHM when the signer's key is not Ed25519
 */
export async function proofOf(document: unknown, signer: UpdateSigner, created: Instant): Promise<Proof> {
  if (signer.publicJwk.crv !== 'Ed25519') throw new TrustError('DFFT_ALGORITHM', 'a did:webvh log is signed with Ed25519', { crv: signer.publicJwk.crv })
  const did = didKeyOf(signer.publicJwk)
  const options = {
    type: 'DataIntegrityProof',
    cryptosuite: 'eddsa-jcs-2022',
    verificationMethod: `${did}#${did.slice('did:key:'.length)}`,
    created,
    proofPurpose: 'assertionMethod',
  } as const
  return { ...options, proofValue: base58btc.encode(await signer.sign(signedBytes(document, options))) }
}

/** Whether the proof is its named key's over the document. */
export function proves(document: unknown, proof: Proof): boolean {
  const { proofValue, ...options } = proof
  const jwk = jwkOfDidKey(signerOf(proof))
  return jwk.crv === 'Ed25519' && verifies(verifyKey(jwk), signedBytes(document, options), base58btc.decode(proofValue))
}

/** The did:key that a proof names. */
export function signerOf(proof: Proof): string {
  return proof.verificationMethod.slice(0, proof.verificationMethod.indexOf('#'))
}

function signedBytes(document: unknown, options: unknown): Uint8Array {
  const hash = (value: unknown) => createHash('sha256').update(canonicalBytes(value)).digest()
  return Buffer.concat([hash(options), hash(document)])
}

function distinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length
}
