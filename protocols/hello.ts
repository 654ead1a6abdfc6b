/**
 * `/dfft/hello/1`: the first words on a connection. Both sides prove Did and peer id to each other over one transcript.
 *
 *     initiator                                  responder
 *     hello   did, nonce, versions, expiry   →
 *                                            ←   answer  did, nonce, versions, announce (2), signature
 *     proof   signature, announce (2)        →
 *                                            ←   welcome
 *
 * Any message may be a refusal with a code instead. The transcript holds everything both said and the two peer ids as
 * the encrypter authenticated them, and each signs it under its own role; so a proof serves no other connection
 * (fresh nonces), no other direction (role), no weaker version (both offers), and nobody in between (peer ids).
 *
 * (2): only where version 2 is the highest that both offer. The hello is said before that is known, so it never has more than version 1
 * had. What came with which version, and how another one is made, is in docs/versions.md.
 */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { fromBase64url, toBase64url } from './base64url.ts'
import { canonicalBytes } from './canonical.ts'
import { read } from './channel.ts'
import { type Code, codeOf, TrustError } from './errors.ts'
import type { ByteStream } from './frames.ts'
import { Did, DidUrl, type Digest, didOf, digest, type PeerId } from './ids.ts'
import { type PublicJwk, verifies, verifyKey } from './keys.ts'

export const helloProtocol = '/dfft/hello/1'
/** One message: names of at most 2 × 3 KiB, the DID log and its witnesses' proofs with what JSON adds to them, and what is small. */
export const helloBytesMax = 64 * 1024
/** The whole handshake: four messages, two signatures, and one DID to resolve. */
export const helloMs = 5000
/** Some twenty-five rotations. A longer log is fetched by the peer where the DID says. */
export const didLogBytesMax = 40 * 1024
/** One or two proofs of each of ten witnesses. */
export const witnessProofsBytesMax = 8 * 1024
export const nonceBytes = 32
/** Protocol versions this program speaks: its own, and the two before it. */
export const versions: readonly number[] = [1, 2, 3]
/** From this version on a side tells where it can be dialled, and a refusal when to come again. */
const announcingSince = 2
/** A node with a name, IPv4, IPv6 and a way through two relays has five. */
export const announcedMax = 8
/** A name of 253 characters does not fit; one with two peer ids and a name of 100 does. */
export const announcedCharactersMax = 256

// A hello lives two minutes; with a clock two minutes off in either direction it still is accepted.
const lifeMs = 120_000
const skewMsMax = 120_000

export interface HelloSelf {
  readonly network: string
  /** As the encrypter of this connection authenticated them. */
  readonly peerIds: { readonly local: PeerId; readonly remote: PeerId }
  readonly did: Did
  readonly keyId: DidUrl
  readonly didLog?: string | undefined
  /** The text of did-witness.json, where the log names witnesses. */
  readonly witnessProofs?: string | undefined
  /** Default: {@link versions}. */
  readonly versions?: readonly number[]
  /** Where this side can be dialled, the best first; what does not fit is left out. */
  readonly announce?: readonly string[]
  sign(bytes: Uint8Array): Promise<Uint8Array>
}

export interface HelloDeps {
  nowMs(): number
  /** 32 random bytes, new for every handshake. */
  readonly nonce: Uint8Array
  /** @throws {TrustError} when the DID does not name the key, or names peer ids and this is none of them */
  resolveKey(keyId: DidUrl, didLog: string | undefined, peerId: PeerId, signal: AbortSignal, witnessProofs?: string): Promise<PublicJwk>
  /** Called with the peer's DID once it is proved. @throws {TrustError} DFFT_BANNED or DFFT_BUSY, with `retryAfterMs`, to refuse it */
  admit?(did: Did): void
}

export interface Proved {
  readonly did: Did
  readonly keyId: DidUrl
  readonly version: number
  /** Where the peer says that it can be dialled; empty below version 2. Signed by it, and as true as it wants it to be. */
  readonly announced: readonly string[]
  /** Hash of the transcript: names this handshake alike on both sides. */
  readonly session: Digest
}

type Role = 'initiator' | 'responder'

const claims = {
  network: z.string().max(64),
  did: Did,
  keyId: DidUrl,
  nonce: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  versions: z.array(z.int().min(1).max(65_535)).min(1).max(16),
  didLog: z.string().max(didLogBytesMax).optional(),
  witnessProofs: z.string().max(witnessProofsBytesMax).optional(),
}
const signature = z.string().regex(/^[A-Za-z0-9_-]{86}$/)
const announce = z
  .array(
    z
      .string()
      .max(announcedCharactersMax)
      .regex(/^\/[\x21-\x7e]+$/),
  )
  .max(announcedMax)

const Hello = z.strictObject({ type: z.literal('hello'), ...claims, expiresAtMs: z.int().min(0) })
const Answer = z.strictObject({ type: z.literal('answer'), ...claims, announce: announce.optional(), signature })
const Proof = z.strictObject({ type: z.literal('proof'), announce: announce.optional(), signature })
const Welcome = z.strictObject({ type: z.literal('welcome') })

const refusals = ['DFFT_HELLO', 'DFFT_PEER_BINDING', 'DFFT_VERSION', 'DFFT_EXPIRED', 'DFFT_BANNED', 'DFFT_BUSY'] as const satisfies readonly Code[]
const Refusal = z.strictObject({ type: z.literal('refusal'), code: z.enum(refusals), retryAfterMs: z.int().min(0).max(86_400_000).optional() })

/** Each message by its type: the specification has a table of each. */
export const helloMessages = { hello: Hello, answer: Answer, proof: Proof, welcome: Welcome, refusal: Refusal } as const

type Claims = z.infer<typeof Hello> | z.infer<typeof Answer>

/** What both sides speak, as soon as a side knows: until then version 1. */
interface Spoken {
  version: number
}

/**
 * The side that dialled. Resolves when the peer has proved itself and has accepted our proof.
 *
 * @throws {TrustError} DFFT_HELLO, DFFT_PEER_BINDING, DFFT_VERSION, DFFT_EXPIRED, DFFT_BANNED, DFFT_BUSY, what the duplex throws
 */
export function initiateHello(duplex: ByteStream, me: HelloSelf, deps: HelloDeps, signal: AbortSignal): Promise<Proved> {
  return refusing(duplex, signal, async (spoken) => {
    const hello = { type: 'hello', ...claim(me, deps), expiresAtMs: deps.nowMs() + lifeMs } as const
    await say(duplex, hello, signal)
    const answer = await hear(duplex, Answer, signal)
    checkClaims(answer, hello)
    const version = common(hello.versions, answer.versions)
    spoken.version = version
    const transcript = transcriptOf(hello, answer, { initiator: me.peerIds.local, responder: me.peerIds.remote })
    await checkSignature('responder', transcript, answer.signature, answer, me, deps, signal)
    checkAnnounce(answer, version)
    deps.admit?.(answer.did)
    const told = announceOf(me, version)
    const signature = toBase64url(await me.sign(statement('initiator', proofTranscript(transcript, told))))
    await say(duplex, { type: 'proof', ...told, signature }, signal)
    await hear(duplex, Welcome, signal)
    return { did: answer.did, keyId: answer.keyId, version, announced: answer.announce ?? [], session: digest(transcript) }
  })
}

/**
 * The side that was dialled. Resolves when the peer has proved itself.
 *
 * @throws {TrustError} as {@link initiateHello}
 */
export function answerHello(duplex: ByteStream, me: HelloSelf, deps: HelloDeps, signal: AbortSignal): Promise<Proved> {
  return refusing(duplex, signal, async (spoken) => {
    const hello = await hear(duplex, Hello, signal)
    const ours = claim(me, deps)
    checkClaims(hello, ours)
    checkExpiry(hello.expiresAtMs, deps.nowMs())
    const version = common(ours.versions, hello.versions)
    spoken.version = version
    const unsigned = { type: 'answer', ...ours, ...announceOf(me, version) } as const
    const transcript = transcriptOf(hello, unsigned, { initiator: me.peerIds.remote, responder: me.peerIds.local })
    await say(duplex, { ...unsigned, signature: toBase64url(await me.sign(statement('responder', transcript))) }, signal)
    const proof = await hear(duplex, Proof, signal)
    await checkSignature('initiator', proofTranscript(transcript, proof), proof.signature, hello, me, deps, signal)
    checkAnnounce(proof, version)
    checkExpiry(hello.expiresAtMs, deps.nowMs())
    deps.admit?.(hello.did)
    await say(duplex, { type: 'welcome' }, signal)
    return { did: hello.did, keyId: hello.keyId, version, announced: proof.announce ?? [], session: digest(transcript) }
  })
}

function claim(me: HelloSelf, deps: HelloDeps) {
  return { network: me.network, did: me.did, keyId: me.keyId, nonce: toBase64url(deps.nonce), versions: [...(me.versions ?? versions)], ...logOf(me) }
}

/** Log and proofs that fit. A log without its proofs proves nothing. */
function logOf({ didLog, witnessProofs }: HelloSelf): { readonly didLog?: string; readonly witnessProofs?: string } {
  if (didLog === undefined || Buffer.byteLength(didLog) > didLogBytesMax) return {}
  if (witnessProofs === undefined) return { didLog }
  return Buffer.byteLength(witnessProofs) > witnessProofsBytesMax ? {} : { didLog, witnessProofs }
}

/** Of version 2, always there, though it be empty: so the bytes that are signed can be read in one way only. */
function announceOf({ announce: wished = [] }: HelloSelf, version: number): { readonly announce?: string[] } {
  if (version < announcingSince) return {}
  return { announce: wished.filter((address) => announce.element.safeParse(address).success).slice(0, announcedMax) }
}

function checkAnnounce({ announce }: { readonly announce?: string[] | undefined }, version: number): void {
  if ((announce !== undefined) !== version >= announcingSince)
    throw new TrustError('DFFT_HELLO', 'addresses are announced from version 2 on, and always then', { version })
}

/** What can be seen to be wrong before any key is looked up. */
function checkClaims(theirs: Claims, ours: { readonly network: string; readonly nonce: string }): void {
  if (theirs.network !== ours.network)
    throw new TrustError('DFFT_HELLO', `the peer belongs to the network \`${theirs.network}\``, { theirs: theirs.network, ours: ours.network })
  if (theirs.nonce === ours.nonce) throw new TrustError('DFFT_HELLO', 'the peer sent our own nonce back')
  fromBase64url(theirs.nonce)
  if (didOf(theirs.keyId) !== theirs.did) throw new TrustError('DFFT_PEER_BINDING', 'the key is of another DID', { did: theirs.did, keyId: theirs.keyId })
}

function checkExpiry(expiresAtMs: number, nowMs: number): void {
  if (expiresAtMs <= nowMs || expiresAtMs > nowMs + lifeMs + skewMsMax)
    throw new TrustError('DFFT_EXPIRED', 'the hello is past its end, or its end is too far ahead', { aheadMs: expiresAtMs - nowMs })
}

/** The highest version both offer: each side computes it from the two signed offers, so nobody can choose a lower one. */
function common(ours: readonly number[], theirs: readonly number[]): number {
  const shared = ours.filter((version) => theirs.includes(version))
  if (shared.length === 0) throw new TrustError('DFFT_VERSION', 'no protocol version is shared', { ours: ours.join(' '), theirs: theirs.join(' ') })
  return Math.max(...shared)
}

/** Length-prefixed fields in one order for both sides: no two hellos have the same bytes. */
function transcriptOf(
  hello: Omit<z.infer<typeof Hello>, 'type'>,
  answer: Omit<z.infer<typeof Answer>, 'type' | 'signature'>,
  peerIds: { readonly initiator: PeerId; readonly responder: PeerId },
): Uint8Array {
  const fields = [hello.network, peerIds.initiator, peerIds.responder, ...fieldsOf(hello), ...fieldsOf(answer), String(hello.expiresAtMs)]
  return lengthPrefixed([...fields, ...announcedFields(answer)])
}

/** What the initiator signs: the transcript, and what it says last. */
function proofTranscript(transcript: Uint8Array, proof: { readonly announce?: readonly string[] | undefined }): Uint8Array {
  return Buffer.concat([transcript, lengthPrefixed(announcedFields(proof))])
}

/** One field, and none in version 1. It begins with a word that no field before it begins with; no address has a space. */
function announcedFields({ announce }: { readonly announce?: readonly string[] | undefined }): readonly string[] {
  return announce === undefined ? [] : [['announce', ...announce].join(' ')]
}

/** Proofs, where there are any, are one field more. None of the fields that may follow looks like a digest. */
function fieldsOf({
  did,
  keyId,
  nonce,
  versions,
  didLog,
  witnessProofs,
}: Omit<Claims, 'type' | 'network' | 'expiresAtMs' | 'signature' | 'announce'>): readonly string[] {
  return [did, keyId, nonce, versions.join(' '), digest(didLog ?? ''), ...(witnessProofs === undefined ? [] : [digest(witnessProofs)])]
}

function lengthPrefixed(fields: readonly string[]): Uint8Array {
  const parts: Uint8Array[] = []
  for (const field of fields) {
    const bytes = Buffer.from(field, 'utf8')
    const length = Buffer.alloc(4)
    length.writeUInt32BE(bytes.length)
    parts.push(length, bytes)
  }
  return Buffer.concat(parts)
}

/**
 * What a role signs: the label first, in clear, so that no other signed thing of the same key (JSON, a JWS, a note) can begin like it.
 */
export function statement(role: Role, transcript: Uint8Array): Uint8Array {
  const hash = createHash('sha256')
    .update(lengthPrefixed([helloProtocol, role]))
    .update(transcript)
  return Buffer.concat([Buffer.from(`dfft hello 1 ${role}\n`), hash.digest()])
}

async function checkSignature(
  role: Role,
  transcript: Uint8Array,
  signature: string,
  theirs: Claims,
  me: HelloSelf,
  deps: HelloDeps,
  signal: AbortSignal,
): Promise<void> {
  const jwk = await resolve(theirs, me.peerIds.remote, deps, signal)
  if (!verifies(verifyKey(jwk), statement(role, transcript), fromBase64url(signature)))
    throw new TrustError('DFFT_PEER_BINDING', 'the proof does not fit the key and the transcript', { did: theirs.did, peerId: me.peerIds.remote })
}

async function resolve({ did, keyId, didLog, witnessProofs }: Claims, peerId: PeerId, deps: HelloDeps, signal: AbortSignal): Promise<PublicJwk> {
  try {
    return await deps.resolveKey(keyId, didLog, peerId, signal, witnessProofs)
  } catch (cause) {
    signal.throwIfAborted()
    throw new TrustError('DFFT_PEER_BINDING', 'the key of the peer cannot be relied on', { did, peerId, code: codeOf(cause) }, { cause })
  }
}

async function say(duplex: ByteStream, message: Record<string, unknown>, signal: AbortSignal): Promise<void> {
  await duplex.send(canonicalBytes(message), signal)
}

async function hear<Schema extends z.ZodObject>(duplex: ByteStream, schema: Schema, signal: AbortSignal): Promise<z.output<Schema>> {
  const bytes = await duplex.next(signal)
  if (bytes.length > helloBytesMax) throw new TrustError('DFFT_HELLO', 'a message of the hello is too long', { bytes: bytes.length })
  const message = understand(bytes, z.union([schema, Refusal]))
  // Only Refusal has this literal: the union leaves one schema otherwise.
  if ((message as { type: unknown }).type !== 'refusal') return message as z.output<Schema>
  const { code, retryAfterMs } = message as z.infer<typeof Refusal>
  throw new TrustError(code, 'the peer refused the hello', { by: 'peer', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })
}

function understand<Schema extends z.ZodType>(bytes: Uint8Array, schema: Schema): z.output<Schema> {
  try {
    return read(bytes, schema)
  } catch (cause) {
    throw new TrustError('DFFT_HELLO', 'a message of the hello has another form or comes out of order', { code: codeOf(cause) }, { cause })
  }
}

/** Runs one side; when it ends badly by our own judgement, the peer is told the code. */
async function refusing<T>(duplex: ByteStream, signal: AbortSignal, side: (spoken: Spoken) => Promise<T>): Promise<T> {
  const spoken: Spoken = { version: 1 }
  try {
    return await side(spoken)
  } catch (cause) {
    const failure = asRefusal(cause)
    // The peer may be gone; what counts is the error we throw.
    if (failure && failure.facts.by !== 'peer') await say(duplex, refusalOf(failure, spoken), signal).catch(() => undefined)
    throw failure ?? cause
  }
}

function refusalOf({ code, facts: { retryAfterMs } }: TrustError, { version }: Spoken): Record<string, unknown> {
  const told = version >= announcingSince && typeof retryAfterMs === 'number'
  return { type: 'refusal', code, ...(told ? { retryAfterMs: Math.ceil(retryAfterMs) } : {}) }
}

/** An error that the peer may be told; a lost connection or a time-out is none. */
function asRefusal(cause: unknown): TrustError | undefined {
  if (!(cause instanceof TrustError)) return undefined
  if ((refusals as readonly Code[]).includes(cause.code)) return cause
  if (/^DFFT_(FRAME|BASE64URL|KEY_NOT_FOUND)/.test(cause.code))
    return new TrustError('DFFT_HELLO', 'a message of the hello is damaged', { code: cause.code }, { cause })
  return undefined
}
