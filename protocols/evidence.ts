/**
 * An evidence file: all that one exchange rests on, as JSON Lines that a third party checks without any of the nodes.
 *
 *     manifest     who put the file together, and the digest of each line behind it, signed
 *     members      messages, what was released, decisions, documents, keys, log entries with their proofs, notices
 *     timestamp*   added later, each over the manifest (RFC 3161)
 *
 * Each line is one canonical JSON document (RFC 8785), so that the file has one spelling and the same policy or pack is the same line in
 * the files of ten thousand exchanges. Pure: what the members mean together is said in node/offline.
 */
import { z } from 'zod'
import { fromBase64url, toBase64url } from './base64url.ts'
import { canonical, canonicalBytes } from './canonical.ts'
import { parse } from './channel.ts'
import { TrustError } from './errors.ts'
import { Acceptance, AgreementSignature, Closing, Offer, Pending, Presentation, Receipt, Refusal, Request, Shown, Terms } from './exchange/messages.ts'
import { Did, DidUrl, type Digest, Digest as DigestText, digest, ExchangeId, Instant } from './ids.ts'
import { parseJson } from './json.ts'
import { nodeKey, type Signer, type VerifyKey, verifies } from './keys.ts'
import { NoteText, ProofText } from './log/checkpoint.ts'
import { cosignaturesMax, EntryText, WitnessLine } from './log/issuance.ts'
import { Acknowledgement, Notice } from './notice.ts'
import { TrustDocument } from './trust/document.ts'

export const evidenceLimits = {
  /** A release of 32 copies with both sides' policies and packs has 3 MB. */
  fileBytes: 32 << 20,
  /** The longest member is a Presentation; with its JSON around it a frame of it has a megabyte. */
  lineBytes: 4 << 20,
  /** Documents of the longest trust chains and twenty years of their signers, several times over. */
  members: 2048,
  /** One authority is enough; a second is for the day on which the first is doubted. */
  timestamps: 4,
  /** A token with three certificates of 4,096 bits has 8 KiB. */
  tokenChars: 65_536,
} as const

const size = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const Plain = z.record(z.string().max(128), z.unknown())

/** A did:webvh log may be as long as a roots file takes it. */
const logChars = 262_144

/** A did:webvh, with what its name is proved by. */
export const DidHistory = z.strictObject({
  kind: z.literal('did'),
  did: Did,
  log: z.string().max(logChars),
  witnessProofs: z.string().max(logChars).optional(),
})

export const EvidenceMember = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('message'),
    message: z.discriminatedUnion('type', [Offer, Request, Terms, Acceptance, Pending, Presentation, Refusal, Receipt, Closing]),
  }),
  /** What left the holder. Its credentials are in the file only where whoever exports it says so; `release` is their digest with the rest. */
  z.strictObject({
    kind: z.literal('release'),
    request: DigestText,
    agreement: AgreementSignature,
    release: DigestText,
    credentials: z.array(Shown).min(1).max(32).optional(),
  }),
  z.strictObject({
    kind: z.literal('decision'),
    id: z.string().max(64),
    claimSet: z.number().int().min(0).nullable(),
    chosen: z.boolean(),
    question: Plain,
    decision: Plain,
  }),
  /** Digests of the trust documents and policies, signatures and all, as the exporter held them when it decided; its log names them. */
  z.strictObject({ kind: z.literal('basis'), documents: z.array(DigestText).max(evidenceLimits.members) }),
  z.strictObject({ kind: z.literal('trust'), document: TrustDocument }),
  /** A Trust Policy or a suspension with its proofs. */
  z.strictObject({ kind: z.literal('policy'), document: Plain }),
  z.strictObject({ kind: z.literal('pack'), document: Plain }),
  DidHistory,
  /** A checkpoint of a log; those that stand in messages are not said again. */
  z.strictObject({ kind: z.literal('checkpoint'), of: Did, note: NoteText, cosignatures: z.array(WitnessLine).max(cosignaturesMax) }),
  /** An entry of a log, as it was hashed, and that it is in the tree of `size` leaves. */
  z.strictObject({ kind: z.literal('entry'), of: Did, entry: EntryText, size, proof: ProofText }),
  z.strictObject({ kind: z.literal('consistency'), of: Did, from: size, to: size, proof: ProofText }),
  z.strictObject({ kind: z.literal('notice'), notice: Notice, acknowledgement: Acknowledgement.nullable() }),
])
export type EvidenceMember = z.infer<typeof EvidenceMember>
export type MemberOf<Kind extends EvidenceMember['kind']> = Extract<EvidenceMember, { kind: Kind }>

/** The order of members in a file. */
const order: readonly EvidenceMember['kind'][] = [
  'message',
  'release',
  'decision',
  'basis',
  'trust',
  'policy',
  'pack',
  'did',
  'checkpoint',
  'entry',
  'consistency',
  'notice',
]

export const Manifest = z.strictObject({
  kind: z.literal('manifest'),
  version: z.literal(1),
  exchange: ExchangeId,
  /** The side of the exchange whose store and log this is from. */
  exporter: Did,
  at: Instant,
  /** Digests of the member lines, in their order, without line ends. */
  members: z.array(DigestText).min(1).max(evidenceLimits.members),
  signature: z.strictObject({ keyId: DidUrl, value: z.string().regex(/^[A-Za-z0-9_-]{86}$/) }),
})
export type Manifest = z.infer<typeof Manifest>

/** A TimeStampToken (RFC 3161, 2.4.2) over SHA-256 of the manifest line, in standard base64 of its DER. */
export const TimestampLine = z.strictObject({
  kind: z.literal('timestamp'),
  token: z
    .string()
    .max(evidenceLimits.tokenChars)
    .regex(/^[A-Za-z0-9+/]+={0,2}$/),
})
export type TimestampLine = z.infer<typeof TimestampLine>

export interface EvidenceFile {
  readonly manifest: Manifest
  /** What a timestamp is over. */
  readonly manifestDigest: Digest
  readonly members: readonly EvidenceMember[]
  readonly timestamps: readonly TimestampLine[]
}

// In front of what is signed: a manifest can be shown as nothing else.
const label = Buffer.from('dfft-evidence/1\n')

/** @throws {TrustError} DFFT_LIMIT for more than a reader takes */
export async function writeEvidence(
  { exchange, exporter, at }: Pick<Manifest, 'exchange' | 'exporter' | 'at'>,
  members: readonly EvidenceMember[],
  signer: Pick<Signer, 'keyId' | 'sign'>,
): Promise<string> {
  const lines = [...new Set(inOrder(members).map(canonical))]
  const unsigned: Omit<Manifest, 'signature'> = { kind: 'manifest', version: 1, exchange, exporter, at, members: lines.map((line) => digest(line)) }
  const value = toBase64url(await signer.sign(manifestBytes(unsigned)))
  const text = `${[canonical({ ...unsigned, signature: { keyId: signer.keyId, value } }), ...lines].join('\n')}\n`
  checkSizes(Buffer.byteLength(text), lines)
  return text
}

/** The same file with one more timestamp. @throws {TrustError} as `readEvidence`, DFFT_LIMIT */
export function withTimestamp(bytes: Uint8Array, token: Uint8Array): string {
  const { timestamps } = readEvidence(bytes)
  if (timestamps.length >= evidenceLimits.timestamps) throw tooMany('timestamps', timestamps.length + 1)
  const line: TimestampLine = { kind: 'timestamp', token: Buffer.from(token).toString('base64') }
  const text = `${Buffer.from(bytes).toString()}${canonical(line)}\n`
  readEvidence(Buffer.from(text))
  return text
}

/**
 * The lines of a file, each one of the manifest and in its one spelling. Nothing is believed yet: see `checkManifest`.
 *
 * @throws {TrustError} DFFT_LIMIT, DFFT_NOT_UTF8, DFFT_NOT_JSON, DFFT_JSON_*, DFFT_SCHEMA; DFFT_EVIDENCE where lines and manifest do not fit
 */
export function readEvidence(bytes: Uint8Array): EvidenceFile {
  if (bytes.length > evidenceLimits.fileBytes) throw tooMany('fileBytes', bytes.length)
  const text = textOf(bytes)
  if (!text.endsWith('\n')) throw unlike('the file does not end with a line end: some of it is missing')
  const [first = '', ...rest] = text.slice(0, -1).split('\n', evidenceLimits.members + evidenceLimits.timestamps + 2)
  checkSizes(bytes.length, rest)
  const manifest = parse(lineOf(first), Manifest)
  const { members: digests } = manifest
  const lines = rest.slice(0, digests.length)
  const wrong = digests.findIndex((one, at) => digest(lines[at] ?? '') !== one)
  if (wrong >= 0) throw unlike('a line is not the one that the manifest names', { line: wrong + 2 })
  const members = lines.map((line) => parse(lineOf(line), EvidenceMember))
  const places = members.map(({ kind }) => order.indexOf(kind))
  if (places.some((place, at) => place < (places[at - 1] ?? 0)) || new Set(digests).size < digests.length)
    throw unlike('the lines are out of order, or one is there twice')
  const behind = rest.slice(digests.length)
  if (behind.length > evidenceLimits.timestamps) throw tooMany('timestamps', behind.length)
  if (new Set(behind).size < behind.length) throw unlike('a timestamp is there twice')
  return { manifest, manifestDigest: digest(first), members, timestamps: behind.map((line) => parse(lineOf(line), TimestampLine)) }
}

/** That the exporter signed the manifest. @throws {TrustError} DFFT_SIGNATURE; DFFT_ALGORITHM */
export function checkManifest({ signature, ...unsigned }: Manifest, key: VerifyKey): void {
  if (!verifies(nodeKey(key), manifestBytes(unsigned), fromBase64url(signature.value)))
    throw new TrustError('DFFT_SIGNATURE', 'the signature of the manifest does not fit')
}

export function membersOf<Kind extends EvidenceMember['kind']>({ members }: Pick<EvidenceFile, 'members'>, kind: Kind): readonly MemberOf<Kind>[] {
  return members.filter((member): member is MemberOf<Kind> => member.kind === kind)
}

function inOrder(members: readonly EvidenceMember[]): EvidenceMember[] {
  return [...members].sort((one, other) => order.indexOf(one.kind) - order.indexOf(other.kind))
}

function checkSizes(bytes: number, lines: readonly string[]): void {
  if (bytes > evidenceLimits.fileBytes) throw tooMany('fileBytes', bytes)
  if (lines.length > evidenceLimits.members + evidenceLimits.timestamps) throw tooMany('members', lines.length)
  const longest = lines.reduce((most, { length }) => Math.max(most, length), 0)
  if (longest > evidenceLimits.lineBytes) throw tooMany('lineBytes', longest)
}

/** A line as JSON, if it is in the one spelling that it has. */
function lineOf(line: string): unknown {
  const value = parseJson(line)
  if (canonical(value) !== line) throw unlike('a line is not canonical JSON')
  return value
}

function manifestBytes(unsigned: Omit<Manifest, 'signature'>): Uint8Array {
  return Buffer.concat([label, canonicalBytes(unsigned)])
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new TrustError('DFFT_NOT_UTF8', 'the evidence file is not UTF-8', {}, { cause })
  }
}

function unlike(message: string, facts: Record<string, number> = {}): TrustError {
  return new TrustError('DFFT_EVIDENCE', message, facts)
}

function tooMany(limit: keyof typeof evidenceLimits, found: number): TrustError {
  return new TrustError('DFFT_LIMIT', 'the evidence file is larger than is read', { limit, found, max: evidenceLimits[limit] })
}
