/**
 * The bytes of a long-lived stream: `u32 length | kind | 16-byte channel id | payload`, the length counting what follows it.
 *
 * One stream a peer carries all its channels, since a libp2p stream each costs three to six times the CPU.
 * Pure: what the frames of a channel may do, and in which order, is the multiplexer's affair.
 */
import { z } from 'zod'
import { canonicalBytes } from './canonical.ts'
import { frameBytesMax, read } from './channel.ts'
import { codeOf, isCode, TrustError } from './errors.ts'
import { ToldCode } from './ids.ts'

export const multiplexProtocol = '/dfft/exchange/1'

export type FrameKind = 'open' | 'data' | 'end' | 'reset'

export interface Frame {
  readonly kind: FrameKind
  /** 16 bytes in hex, chosen at random by the side that opens. */
  readonly channel: string
  /** open: the service's name; data: the message; end: empty; reset: {@link Reset} as JSON. */
  readonly payload: Uint8Array
}

// From 1: a run of zero bytes is no frame.
const numbers: Readonly<Record<FrameKind, number>> = { open: 1, data: 2, end: 3, reset: 4 }
const kinds: readonly (FrameKind | undefined)[] = [undefined, 'open', 'data', 'end', 'reset']

const lengthBytes = 4
export const channelIdBytes = 16
const headBytes = 1 + channelIdBytes
/** Most bytes that may follow a length: the head and one message of {@link frameBytesMax}. */
export const frameBodyBytesMax = headBytes + frameBytesMax
/** A code has at most 40 characters, a time at most 16 digits. */
const resetBytesMax = 256

export function encodeFrame(kind: FrameKind, channel: string, payload: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(lengthBytes + headBytes + payload.length)
  bytes.writeUInt32BE(headBytes + payload.length, 0)
  bytes[lengthBytes] = numbers[kind]
  bytes.write(channel, lengthBytes + 1, 'hex')
  bytes.set(payload, lengthBytes + headBytes)
  return bytes
}

/**
 * The frame in one body that {@link LengthReader} handed over.
 *
 * @throws {TrustError} DFFT_FRAME for a body without a head, an unknown kind, or a payload where none belongs
 */
export function decodeFrame(body: Uint8Array): Frame {
  const kind = kinds[body[0] ?? 0]
  if (body.length < headBytes || kind === undefined) throw new TrustError('DFFT_FRAME', 'the frame has no known kind', { bytes: body.length })
  const payload = body.subarray(headBytes)
  if (kind === 'end' && payload.length > 0) throw new TrustError('DFFT_FRAME', 'an end has a payload', { bytes: payload.length })
  return { kind, channel: Buffer.from(body.buffer, body.byteOffset + 1, channelIdBytes).toString('hex'), payload }
}

/** Why a channel was reset. The code crosses the wire, a message never does. */
export const Reset = z.strictObject({
  code: ToldCode,
  retryAfterMs: z.int().min(0).max(86_400_000).optional(),
})

export function encodeReset(reason: TrustError): Uint8Array {
  const { retryAfterMs } = reason.facts
  return canonicalBytes({ code: reason.code, ...(typeof retryAfterMs === 'number' ? { retryAfterMs: Math.ceil(retryAfterMs) } : {}) })
}

/**
 * The error the peer reset a channel with. A code of a newer version reads as DFFT_CHANNEL_CLOSED with the code among its facts.
 *
 * @throws {TrustError} DFFT_FRAME when the payload is no reset
 */
export function decodeReset(payload: Uint8Array): TrustError {
  if (payload.length > resetBytesMax) throw new TrustError('DFFT_FRAME', 'a reset is too long', { bytes: payload.length })
  const { code, retryAfterMs } = readReset(payload)
  const facts = { by: 'peer', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) }
  if (isCode(code)) return new TrustError(code, 'the peer reset the channel', facts)
  return new TrustError('DFFT_CHANNEL_CLOSED', 'the peer reset the channel with a code of a newer version', { ...facts, code })
}

function readReset(payload: Uint8Array): z.infer<typeof Reset> {
  try {
    return read(payload, Reset)
  } catch (cause) {
    throw new TrustError('DFFT_FRAME', 'a reset has another form', {}, { cause })
  }
}

/** `u32 length | body`. */
export function withLength(body: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(lengthBytes + body.length)
  bytes.writeUInt32BE(body.length, 0)
  bytes.set(body, lengthBytes)
  return bytes
}

// A body's buffer starts so small and doubles: what a peer makes us hold is at most twice what it has really sent.
const firstBytes = 4096

/** Cuts a stream into its length-prefixed bodies, however it was chunked. After it has thrown it is spent. */
export class LengthReader {
  readonly #bytesMax: number
  readonly #prefix = Buffer.alloc(lengthBytes)
  #prefixFilled = 0
  #body = Buffer.alloc(0)
  #bodyFilled = 0
  #length = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /**
   * The bodies that a chunk ends, to be taken to the last of them. They are copies: none keeps a transport's buffer alive.
   *
   * @throws {TrustError} DFFT_FRAME_TOO_LONG before anything is allocated for the body
   */
  *bodies(chunk: Uint8Array): Generator<Uint8Array, void> {
    for (let at = 0; at < chunk.length; ) {
      at += this.#prefixFilled < lengthBytes ? this.#takePrefix(chunk, at) : this.#takeBody(chunk, at)
      if (this.#prefixFilled === lengthBytes && this.#bodyFilled === this.#length) yield this.#finishBody()
    }
  }

  /** @throws {TrustError} DFFT_FRAME_TRUNCATED when the stream ended inside a frame */
  finish(): void {
    if (this.#prefixFilled === 0) return
    throw new TrustError('DFFT_FRAME_TRUNCATED', 'the stream ended inside a frame', { bytes: this.#bodyFilled, announced: this.#length })
  }

  #takePrefix(chunk: Uint8Array, at: number): number {
    const count = Math.min(lengthBytes - this.#prefixFilled, chunk.length - at)
    this.#prefix.set(chunk.subarray(at, at + count), this.#prefixFilled)
    this.#prefixFilled += count
    if (this.#prefixFilled === lengthBytes) this.#begin(this.#prefix.readUInt32BE(0), chunk.length - at - count)
    return count
  }

  #begin(length: number, atHand: number): void {
    if (length > this.#bytesMax)
      throw new TrustError('DFFT_FRAME_TOO_LONG', `a frame announces more than ${this.#bytesMax} bytes`, { bytes: length, bytesMax: this.#bytesMax })
    this.#length = length
    this.#bodyFilled = 0
    this.#body = Buffer.allocUnsafeSlow(Math.min(length, Math.max(firstBytes, atHand)))
  }

  #takeBody(chunk: Uint8Array, at: number): number {
    const count = Math.min(this.#length - this.#bodyFilled, chunk.length - at)
    if (this.#bodyFilled + count > this.#body.length) this.#grow(this.#bodyFilled + count)
    this.#body.set(chunk.subarray(at, at + count), this.#bodyFilled)
    this.#bodyFilled += count
    return count
  }

  #grow(bytes: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.min(this.#length, Math.max(bytes, 2 * this.#body.length)))
    grown.set(this.#body.subarray(0, this.#bodyFilled))
    this.#body = grown
  }

  #finishBody(): Uint8Array {
    this.#prefixFilled = 0
    return this.#body
  }
}

/** An ordered stream of bytes without boundaries, as a transport gives it. */
export interface ByteStream {
  /** Resolves when the transport has room for more. @throws when the stream is gone */
  send(bytes: Uint8Array, signal: AbortSignal): Promise<void>
  /** The next bytes, as many as came. @throws {TrustError} DFFT_CHANNEL_CLOSED at the end */
  next(signal: AbortSignal): Promise<Uint8Array>
}

/** A stream of whole messages of at most `bytesMax` bytes each. */
export function messages(stream: ByteStream, bytesMax: number): ByteStream {
  const reader = new LengthReader(bytesMax)
  const whole: Uint8Array[] = []
  return {
    send: (bytes, signal) => stream.send(withLength(bytes), signal),
    async next(signal) {
      for (;;) {
        const message = whole.shift()
        if (message) return message
        const chunk = await stream.next(signal).catch((cause: unknown) => {
          if (codeOf(cause) === 'DFFT_CHANNEL_CLOSED') reader.finish()
          throw cause
        })
        whole.push(...reader.bodies(chunk))
      }
    },
  }
}
