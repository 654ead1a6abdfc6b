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
import type { Did } from '#protocols/ids.ts'
import { takenBy } from './attachment-record.ts'
import type { Contents } from './contents.ts'
import type { SealedBlobs } from './sealed-blobs.ts'

export const attachmentLimits = {
  /** Of all attachments on this disk, theirs and ours, unless the configuration says another. */
  diskBytesMax: 10_000_000_000,
  /** Of those, what the files of one partner may take: three more have room beside one that sends all it can. */
  partnerShare: 1 / 4,
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
  readonly promised: Map<BlobId, Content>
}

/** For a wait of `attachmentLimits.pieceMs`. */
export const bounded = boundedBy(attachmentLimits.pieceMs)

interface Content {
  readonly id: BlobId
  readonly bytes: number
  /** Whom it comes from; null for our own. */
  readonly partner: Did | null
}

/**
 * Promises room for content until the returned promise is taken back. Of one partner's there is a share of it at most, so that none of them
 * keeps the others' files away, nor the operator's.
 *
 * @throws {TrustError} DFFT_QUOTA before anything is read or written
 */
export async function promise(content: Content, room: Room): Promise<() => void> {
  const { id, bytes, partner } = content
  const { promised, diskBytesMax } = room
  promised.set(id, content)
  const back = () => void promised.delete(id)
  try {
    const { all, partners } = await taken(content, room)
    const bytesMax = partner === null ? diskBytesMax : diskBytesMax * attachmentLimits.partnerShare
    if (partners + bytes > bytesMax)
      throw new TrustError('DFFT_QUOTA', 'the attachment does not fit into the share of its partner', { bytes, kept: partners, bytesMax })
    if (all + bytes > diskBytesMax)
      throw new TrustError('DFFT_QUOTA', 'the attachment does not fit into what attachments may take', { bytes, kept: all, bytesMax: diskBytesMax })
    return back
  } catch (thrown) {
    back()
    throw thrown
  }
}

/** What is there or promised beside it: of all, and of its partner's. */
async function taken({ id, partner }: Content, { store, sealed, promised }: Room): Promise<{ readonly all: number; readonly partners: number }> {
  const kept = [...(await sealed.bytesKept())].filter(([name]) => name !== id)
  const others = [...promised.values()].filter((one) => one.id !== id)
  const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0)
  const all = sum([...kept.map(([, size]) => size), ...others.map(({ bytes }) => bytes)])
  if (partner === null) return { all, partners: 0 }
  const of = await takenBy(store, partner)
  const keptOf = kept.flatMap(([name, size]) => (of.has(name) ? [size] : []))
  return { all, partners: sum([...keptOf, ...others.flatMap((one) => (one.partner === partner ? [one.bytes] : []))]) }
}
