/** What attachments ask of their node, and room on the disk: what is there, what is promised to those who write, what may be at most. */
import type { AuditLog } from '#node/audit/audit.ts'
import type { Changes } from '#node/changes.ts'
import type { Wallet } from '#node/credentials/wallet.ts'
import type { ExchangeRecord } from '#node/exchange/exchange-record.ts'
import type { Locks } from '#node/exchange/locks.ts'
import { boundedBy } from '#node/exchange/reaching.ts'
import type { Addresses } from '#node/network/records.ts'
import type { BlobId, Clock, Log, Network, Random, Store } from '#node/ports.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Request } from '#protocols/exchange/messages.ts'
import type { Contents } from './contents.ts'
import type { SealedBlobs } from './sealed-blobs.ts'

export const attachmentLimits = {
  /** Of all attachments on this disk, theirs and ours, unless the configuration says another. */
  diskBytesMax: 10_000_000_000,
  /** A piece that takes longer has lost the line: 64 KiB in half a minute are 17 kbit/s. */
  pieceMs: 30_000,
  /** Served to one partner at the same time: one file, and one that goes on while the other ends. */
  perPartner: 2,
  /** First and longest wait before a partner is tried again; its connection ends the wait. */
  retryMs: { firstMs: 500, longestMs: 600_000 },
} as const

export interface AttachmentNeeds {
  readonly store: Store
  readonly audit: Pick<AuditLog, 'append'>
  readonly network: Pick<Network, 'open' | 'fault'>
  readonly peers: Addresses
  readonly wallet: Pick<Wallet, 'get'>
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly contents: Contents
  /** Acts on one exchange, one after another. */
  readonly locks: Locks
  readonly diskBytesMax: number
  /** Of what is waited for. */
  readonly waiting: Pick<Changes, 'count' | 'onChange'>
  /** Whether what was released may be shown once more, now. @throws {TrustError} why not */
  stillGood(record: ExchangeRecord, request: Request, signal: AbortSignal): Promise<void>
}

/** What its parts work with. */
export interface Room extends AttachmentNeeds {
  readonly sealed: SealedBlobs
  /** Bytes that are promised to what is being written. */
  readonly promised: Map<string, number>
}

/** For a wait of `attachmentLimits.pieceMs`. */
export const bounded = boundedBy(attachmentLimits.pieceMs)

/** Promises room for content until the returned promise is taken back. @throws {TrustError} DFFT_QUOTA before anything is read or written */
export async function promise(id: BlobId, bytes: number, { sealed, promised, diskBytesMax }: Room): Promise<() => void> {
  promised.set(id, bytes)
  const others = [...promised].filter(([name]) => name !== id).reduce((sum, [, size]) => sum + size, 0)
  const back = () => void promised.delete(id)
  const kept = await sealed.bytesKept(id).catch((thrown: unknown) => {
    back()
    throw thrown
  })
  if (kept + others + bytes <= diskBytesMax) return back
  back()
  throw new TrustError('DFFT_QUOTA', 'the attachment does not fit into what attachments may take', { bytes, kept, bytesMax: diskBytesMax })
}
