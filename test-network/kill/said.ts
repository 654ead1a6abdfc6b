/** What one side of a walk has said, to its operator or to the other side. */
import { receiptDigest } from '#node/exchange/answering.ts'
import type { Receipt } from '#protocols/exchange/messages.ts'
import type { Side } from './prepared.ts'

/** What one side was told, or could see of the other, before anything went wrong afterwards. */
export interface Known {
  readonly side: Side
  readonly exchange: string
  readonly what: string
  readonly digest: string | null
}

/** What a message says. A receipt and its closing are made anew each time they are sent, each with the log's head of the moment. */
export function saidIn({ type, body, digest }: { readonly type: string; readonly body: Readonly<Record<string, unknown>>; readonly digest: string }): string {
  if (type === 'receipt') return receiptDigest(body as unknown as Receipt) // As its type says.
  return type === 'closing' ? String(body.receipt) : digest
}
