/**
 * The only door for a peer's bytes: frame limit → UTF-8 → strict JSON → zod. After it the type is believed.
 *
 * A Channel is one conversation with one peer whose Did and PeerId were both proved (hello.ts). The network adapter
 * carries many channels on one long-lived stream; the core never sees that.
 */
import type { z } from 'zod'
import { canonicalBytes } from './canonical.ts'
import { TrustError } from './errors.ts'
import type { Did, PeerId } from './ids.ts'
import { parseJson } from './json.ts'
import { quickCheck } from './quick-check.ts'

/** What a channel is for; the first frame of a channel names it. */
export type Service = 'exchange' | 'records' | 'enrol' | 'notice' | 'attachment'

export interface Channel {
  readonly service: Service
  readonly remote: { readonly did: Did; readonly peerId: PeerId }
  /** The protocol version that both hellos share; undefined on a channel that no hello stands behind. */
  readonly version?: number
  /**
   * Takes more than the opening did off what the peer may ask for, before work that costs more.
   * @throws {TrustError} DFFT_RATE_LIMITED with `retryAfterMs`
   */
  charge?(cost: number): void
  /** Resolves when the frame is handed to the transport and there is room for more. */
  send(frame: Uint8Array, signal: AbortSignal): Promise<void>
  /** @throws {TrustError} DFFT_CHANNEL_CLOSED at the end, or the code the peer closed with */
  next(signal: AbortSignal): Promise<Uint8Array>
  /** Ends the channel in both directions; the peer's `next` rejects. Never throws. */
  close(): void
}

/** A presentation of 12 credentials fits; larger content goes by digest on its own stream. */
export const frameBytesMax = 1 << 20

/**
 * The next message of the peer.
 *
 * @throws {TrustError} DFFT_FRAME_TOO_LONG, DFFT_NOT_UTF8, DFFT_NOT_JSON, DFFT_JSON_*, DFFT_SCHEMA, DFFT_CHANNEL_CLOSED, DFFT_TIMEOUT
 */
export async function receive<Schema extends z.ZodType>(channel: Channel, schema: Schema, signal: AbortSignal): Promise<z.output<Schema>> {
  return read(await timely(channel.next(signal)), schema)
}

/** @throws {TrustError} DFFT_CHANNEL_CLOSED, DFFT_TIMEOUT */
export async function send(channel: Channel, message: unknown, signal: AbortSignal): Promise<void> {
  await timely(channel.send(canonicalBytes(message), signal))
}

/** The clock's TimeoutError as a code of ours; any other reason of an abort is the caller's own. */
export async function timely<T>(pending: Promise<T>): Promise<T> {
  try {
    return await pending
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'TimeoutError') throw new TrustError('DFFT_TIMEOUT', 'the peer did not answer in time', {}, { cause })
    throw cause
  }
}

/** Bytes from outside as a typed document. */
export function read<Schema extends z.ZodType>(bytes: Uint8Array | string, schema: Schema): z.output<Schema> {
  if (bytes.length > frameBytesMax) throw new TrustError('DFFT_FRAME_TOO_LONG', `the document is longer than ${frameBytesMax} bytes`, { bytes: bytes.length })
  return parse(parseJson(bytes), schema)
}

/** zod names every member that it does not know. A stranger may send thousands, of any length, and would fill our log. */
const messageMax = 256
const pathMax = 256

/** @throws {TrustError} DFFT_SCHEMA naming the first path that does not fit */
export function parse<Schema extends z.ZodType>(value: unknown, schema: Schema): z.output<Schema> {
  // A sure yes costs a sixth of zod's, and leaves the document as it came: with its members in canonical order, where they were.
  if (quickCheck(schema)(value)) return value as z.output<Schema> // Equal to what zod would return.
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const path = `/${issue?.path.map(String).join('/') ?? ''}`.slice(0, pathMax)
  throw new TrustError('DFFT_SCHEMA', `the document does not fit its schema at \`${path}\`: ${issue?.message.slice(0, messageMax) ?? 'unknown'}`, { path })
}
