/**
 * Checkpoints of a log and the cosignatures of its witnesses, as text.
 *
 * A checkpoint is a C2SP signed note of three lines: origin, size, root. A cosignature is one more signature line, by a
 * witness, over the same three lines and a time. The log key and the witness key of a node may be one Ed25519 key: the
 * signed texts begin differently (an origin, or `cosignature/v1`) and the type byte makes the key ids differ.
 *
 * @see C2SP signed-note v1.0.0, tlog-checkpoint v1.0.0, tlog-cosignature v1 (Ed25519)
 */
import { hash } from 'node:crypto'
import { z } from 'zod'
import { fromBase64url } from '../base64url.ts'
import { TrustError } from '../errors.ts'
import { Did, type Digest } from '../ids.ts'
import { type PublicJwk, type Signer, type VerifyJwk, verifies, verifyKey } from '../keys.ts'
import { hashBytes, type Proof, proofHashesMax, type TreeHead } from './merkle.ts'

/** Sixteen signatures under names of 300 characters, which signed-note asks a reader to accept, fit. */
export const noteBytesMax = 8192

/** What goes over a wire as a note; reading it is `readCheckpoint`. */
export const NoteText = z.string().min(1).max(noteBytesMax)
/** One signature line with its newline. */
export const NoteLine = z
  .string()
  .max(2048)
  .regex(/^\u2014 [^\s+]+ [A-Za-z0-9+/]+={0,2}\n$/u)
/** A proof as it stands in messages: standard base64, one text a hash, as in tlog-witness. */
export const ProofText = z.array(z.string().regex(/^[A-Za-z0-9+/]{43}=$/)).max(proofHashesMax)
export type ProofText = z.infer<typeof ProofText>

export interface Checkpoint extends TreeHead {
  readonly origin: string
}

export interface NoteSignature {
  readonly name: string
  /** Four bytes as a number: says which key and algorithm, proves nothing. */
  readonly keyId: number
  readonly signature: Uint8Array
}

export interface SignedCheckpoint extends Checkpoint {
  /** The three lines, each with its newline: what the log signed. */
  readonly body: string
  readonly signatures: readonly NoteSignature[]
}

/** What signs notes: an Ed25519 key. */
export type NoteSigner = Pick<Signer, 'algorithm' | 'publicJwk' | 'sign'>

const signatureType = { log: 0x01, cosignature: 0x04 } as const
type SignatureType = keyof typeof signatureType

/** Origin line of a node's log, and the name of its key as log and as witness. A Did has neither spaces nor plus signs. */
export function originOf(did: Did): string {
  return `dfft.log/${did}`
}

/** @throws {TrustError} DFFT_CHECKPOINT when the origin is not of a node of this network */
export function didOfOrigin(origin: string): Did {
  const did = Did.safeParse(origin.startsWith('dfft.log/') ? origin.slice('dfft.log/'.length) : '')
  if (!did.success) throw new TrustError('DFFT_CHECKPOINT', 'the origin names no DID', { characters: origin.length })
  return did.data
}

/** The note of a checkpoint, signed by its log. @throws {TrustError} DFFT_ALGORITHM when the key is not Ed25519 */
export async function signCheckpoint(checkpoint: Checkpoint, signer: NoteSigner): Promise<string> {
  const body = bodyOf(checkpoint)
  const keyId = keyIdOf(checkpoint.origin, signer.publicJwk, 'log')
  const signature = await signer.sign(Buffer.from(body))
  // Ours, and it comes back with each cosignature: that is over the text, whatever stands under it.
  remember(nameOf(signer.publicJwk, body, signature))
  return `${body}\n${signatureLine(checkpoint.origin, keyId, signature)}`
}

/**
 * The checkpoint of a note that its log signed.
 *
 * @param log.origin the origin the note must have
 * @param log.publicKey the Ed25519 key of that log
 * @throws {TrustError} DFFT_CHECKPOINT when malformed, of another log or not signed by it; DFFT_ALGORITHM
 */
export function readCheckpoint(note: string, log: { readonly origin: string; readonly publicKey: PublicJwk }): SignedCheckpoint {
  return checked(parseCheckpoint(note), log)
}

function checked(checkpoint: SignedCheckpoint, log: { readonly origin: string; readonly publicKey: PublicJwk }): SignedCheckpoint {
  if (checkpoint.origin !== log.origin) throw new TrustError('DFFT_CHECKPOINT', 'the checkpoint is of another log', { origin: checkpoint.origin.slice(0, 256) })
  const found = signaturesOf(checkpoint, log.origin, log.publicKey, 'log')
  // Signed-note: a signature of a known key that fails spoils the note, whatever other signatures say.
  if (found.length === 0 || !found.every(({ signature }) => signs(log.publicKey, checkpoint.body, signature))) {
    throw new TrustError('DFFT_CHECKPOINT', 'the checkpoint is not signed by its log', { signatures: found.length })
  }
  return checkpoint
}

/**
 * As `readCheckpoint` for a log whose key was rotated: signed by one of its keys, and which.
 *
 * @param log.publicKeys of the log, now and before; those that sign no notes are passed over
 * @throws {TrustError} DFFT_CHECKPOINT
 */
export function readCheckpointOfAny(
  note: string,
  log: { readonly origin: string; readonly publicKeys: readonly VerifyJwk[] },
): { readonly checkpoint: SignedCheckpoint; readonly publicKey: PublicJwk } {
  const parsed = parseCheckpoint(note)
  const { name, signatures } = { name: log.origin, ...parsed }
  const keyIds = new Set(signatures.flatMap((each) => (each.name === name ? [each.keyId] : [])))
  const publicKey = log.publicKeys.filter(signsNotes).find((key) => keyIds.has(keyIdOf(name, key, 'log')))
  if (!publicKey) throw new TrustError('DFFT_CHECKPOINT', 'the checkpoint is signed by no key of its log', { keys: log.publicKeys.length })
  return { checkpoint: checked(parsed, { origin: log.origin, publicKey }), publicKey }
}

/** Notes are signed with Ed25519 alone (C2SP signed-note). */
function signsNotes(key: VerifyJwk): key is Extract<PublicJwk, { kty: 'OKP' }> {
  return key.kty === 'OKP'
}

/**
 * Witness and key of a cosignature, as a name: who gives up a key and co-signs on with another is seen twice. Nothing is verified.
 *
 * @throws {TrustError} DFFT_CHECKPOINT
 */
export function cosignerNameOf(line: string): string {
  const { name, keyId } = readSignatureLine(line.trimEnd())
  return `${name} ${keyId}`
}

/** Of several keys the one that a cosignature names. Nothing is verified yet. */
export function cosignerOf(line: string, witness: { readonly name: string; readonly publicKeys: readonly VerifyJwk[] }): PublicJwk | undefined {
  if (line.length > noteBytesMax || !line.endsWith('\n')) throw malformed('with a signature line that is too long or unended')
  const { name, keyId } = readSignatureLine(line.slice(0, -1))
  return witness.publicKeys.filter(signsNotes).find((key) => name === witness.name && keyId === keyIdOf(name, key, 'cosignature'))
}

/**
 * A note's parts. Nothing is verified yet.
 *
 * @throws {TrustError} DFFT_CHECKPOINT
 */
export function parseCheckpoint(note: string): SignedCheckpoint {
  if (Buffer.byteLength(note) > noteBytesMax) throw malformed(`longer than ${noteBytesMax} bytes`)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: signed-note forbids exactly these.
  if (!note.isWellFormed() || /[\u0000-\u0009\u000b-\u001f]/.test(note)) throw malformed('not clean UTF-8 text')
  const end = note.lastIndexOf('\n\n')
  if (end < 0 || !note.endsWith('\n')) throw malformed('without a blank line before its signatures')
  const body = note.slice(0, end + 1)
  const lines = note.slice(end + 2, -1)
  return { ...readBody(body), body, signatures: lines.split('\n').map(readSignatureLine) }
}

/**
 * A witness's signature line over a checkpoint, with its newline: this is the largest consistent tree it has seen of the log.
 *
 * @param witness.name the witness's key name (`originOf` its Did)
 * @param atMs when, in milliseconds; the line carries whole seconds
 */
export async function cosign(checkpoint: SignedCheckpoint, witness: { readonly name: string; readonly signer: NoteSigner }, atMs: number): Promise<string> {
  const seconds = Math.floor(atMs / 1000)
  const keyId = keyIdOf(witness.name, witness.signer.publicJwk, 'cosignature')
  const time = Buffer.alloc(8)
  time.writeBigUInt64BE(BigInt(seconds))
  const signature = await witness.signer.sign(Buffer.from(cosigned(checkpoint.body, seconds)))
  return signatureLine(witness.name, keyId, Buffer.concat([time, signature]))
}

/**
 * When the witness signed, in milliseconds.
 *
 * @param line one signature line of the witness
 * @throws {TrustError} DFFT_CHECKPOINT when the line is malformed or not of this witness over this checkpoint
 */
export function verifyCosignature(
  checkpoint: SignedCheckpoint,
  line: string,
  witness: { readonly name: string; readonly publicKey: PublicJwk },
): { readonly atMs: number } {
  if (line.length > noteBytesMax || !line.endsWith('\n')) throw malformed('with a signature line that is too long or unended')
  const parsed = readSignatureLine(line.slice(0, -1))
  const time = Buffer.from(parsed.signature.subarray(0, 8))
  const seconds = time.length === 8 ? time.readBigUInt64BE() : 0n
  const known = parsed.name === witness.name && parsed.keyId === keyIdOf(witness.name, witness.publicKey, 'cosignature')
  // Above 2^53 no clock of ours can stand; the specification's own limit is 2^63 - 1.
  if (!known || parsed.signature.length !== 72 || seconds > BigInt(Number.MAX_SAFE_INTEGER) / 1000n) throw notWitnessed(witness.name)
  if (!signs(witness.publicKey, cosigned(checkpoint.body, Number(seconds)), parsed.signature.subarray(8))) throw notWitnessed(witness.name)
  return { atMs: Number(seconds) * 1000 }
}

export function proofText(proof: Proof): ProofText {
  return proof.map((each) => Buffer.from(each).toString('base64'))
}

/** @throws {TrustError} DFFT_CHECKPOINT */
export function readProof(texts: ProofText): Proof {
  if (texts.length > proofHashesMax) throw malformed('with a proof that is too long')
  return texts.map((text) => fromBase64(text, hashBytes))
}

/** A root hash as the Digest that the API shows. */
export function rootDigest(root: Uint8Array): Digest {
  return `sha256:${Buffer.from(root).toString('hex')}` as Digest // A root has 32 bytes.
}

/**
 * Trees of one log, each signed by it: two roots over the same entries are not one history, and no log that only grows can show them.
 *
 * @throws {TrustError} DFFT_LOG_FORK
 */
export function refuseFork(trees: readonly TreeHead[]): void {
  const roots = new Map<number, Digest>()
  for (const tree of trees) {
    const { size } = tree
    const root = rootDigest(tree.root)
    const known = roots.get(size) ?? root
    if (known !== root)
      throw new TrustError('DFFT_LOG_FORK', 'the log signed two roots of one size: it forked, and the file is the proof', { size, one: known, other: root })
    roots.set(size, root)
  }
}

function bodyOf({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`
}

function readBody(body: string): Checkpoint {
  // Extension lines are allowed by tlog-checkpoint and not auditable; no log of this network writes any.
  const [origin = '', size = '', root = '', ...rest] = body.split('\n')
  if (rest.length !== 1) throw malformed('not of three lines')
  if (!/^[^\s+]+$/u.test(origin)) throw malformed('without an origin')
  if (!/^(?:0|[1-9]\d{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) throw malformed('without a size')
  return { origin, size: Number(size), root: fromBase64(root, hashBytes) }
}

function readSignatureLine(line: string): NoteSignature {
  const [, name, text] = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/=]+)$/u.exec(line) ?? []
  if (!name || !text) throw malformed('with a line that is no signature')
  const bytes = Buffer.from(fromBase64(text))
  if (bytes.length < 5) throw malformed('with a signature that is too short')
  return { name, keyId: bytes.readUInt32BE(0), signature: bytes.subarray(4) }
}

function signatureLine(name: string, keyId: number, signature: Uint8Array): string {
  const id = Buffer.alloc(4)
  id.writeUInt32BE(keyId)
  return `\u2014 ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`
}

function signaturesOf(note: SignedCheckpoint, name: string, key: PublicJwk, type: SignatureType): readonly NoteSignature[] {
  const keyId = keyIdOf(name, key, type)
  return note.signatures.filter((each) => each.name === name && each.keyId === keyId)
}

// Asked of each note with the keys of its log, which are a few; of strangers' logs no more are kept.
const keyIdsMax = 1024
const keyIds = new Map<string, number>()

function keyIdOf(name: string, key: PublicJwk, type: SignatureType): number {
  if (key.kty !== 'OKP') throw new TrustError('DFFT_ALGORITHM', 'notes are signed with Ed25519', { crv: key.crv })
  const of = `${type} ${key.x} ${name}`
  const known = keyIds.get(of)
  if (known !== undefined) return known
  const made = madeKeyId(name, key, type)
  if (keyIds.size >= keyIdsMax) keyIds.clear()
  keyIds.set(of, made)
  return made
}

function madeKeyId(name: string, key: PublicJwk, type: SignatureType): number {
  const input = Buffer.concat([Buffer.from(`${name}\n`), Uint8Array.of(signatureType[type]), fromBase64url(key.x)])
  return hash('sha256', input, 'buffer').readUInt32BE(0)
}

function cosigned(body: string, seconds: number): string {
  return `cosignature/v1\ntime ${seconds}\n${body}`
}

// One note goes with all exchanges that are under way with a partner, and each room that it passes asks for its signature. What was found
// good is known by key, text and signature, whole; what was not is looked at again. 512 are about half a megabyte.
const goodMax = 512
const good = new Set<string>()

function signs(key: PublicJwk, text: string, signature: Uint8Array): boolean {
  const name = nameOf(key, text, signature)
  if (good.has(name)) return true
  if (!verifies(verifyKey(key), Buffer.from(text), signature)) return false
  remember(name)
  return true
}

function nameOf(key: PublicJwk, text: string, signature: Uint8Array): string {
  return `${key.x}\n${Buffer.from(signature).toString('base64')}\n${text}`
}

function remember(name: string): void {
  if (good.size >= goodMax) good.delete(good.keys().next().value as string) // It is not empty, so it has a first.
  good.add(name)
}

/** RFC 4648, 4, in its one canonical spelling: a second one would be a second note for the same statement. */
function fromBase64(text: string, length?: number): Uint8Array {
  const bytes = Buffer.from(text, 'base64')
  if (bytes.toString('base64') !== text || (length !== undefined && bytes.length !== length)) throw malformed('with base64 that is not canonical')
  return bytes
}

function malformed(how: string): TrustError {
  return new TrustError('DFFT_CHECKPOINT', `the checkpoint is ${how}`)
}

function notWitnessed(name: string): TrustError {
  return new TrustError('DFFT_CHECKPOINT', 'the cosignature is not of this witness over this checkpoint', { witness: name.slice(0, 256) })
}
