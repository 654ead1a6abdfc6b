/** What crosses the simulated network, read as an eavesdropper without encryption would read it. */
import type { Delivery } from '#node/adapters/memory-network.ts'
import { decodeFrame } from '#protocols/frames.ts'

export interface WireMessage {
  readonly atMs: number
  /** Names of nodes. */
  readonly from: string
  readonly to: string
  /** Of one conversation. */
  readonly channel: string
  readonly type: string
  readonly exchange: string | null
  readonly body: Readonly<Record<string, unknown>>
  readonly bytes: Uint8Array
}

/** The message in a delivery; undefined for hellos, and for frames that only open or end a channel. */
export function messageIn({ kind, bytes }: Delivery, who: { readonly atMs: number; readonly from: string; readonly to: string }): WireMessage | undefined {
  const body = bytes.subarray(4) // The memory network delivers one frame at a time, with its length in front.
  if (kind !== 'bytes' || body[0] === '{'.charCodeAt(0)) return undefined
  const frame = decodeFrame(body)
  if (frame.kind !== 'data') return undefined
  const message = JSON.parse(Buffer.from(frame.payload).toString()) as Record<string, unknown>
  const { type, exchange } = message
  return { ...who, channel: frame.channel, type: String(type), exchange: typeof exchange === 'string' ? exchange : null, body: message, bytes: frame.payload }
}
