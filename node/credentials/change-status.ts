/** Revoking, suspending and reinstating what this node issued: status list, record, and the news of it. */
import type { AuditLog } from '#node/audit/audit.ts'
import type { Self } from '#node/identity/self.ts'
import type { Store, Write } from '#node/ports.ts'
import type { Status, StatusLists } from '#node/status/status-lists.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Json } from '#protocols/json.ts'
import { placesOf } from './copies.ts'
import type { Kept, Wallet } from './wallet.ts'

export interface StatusNeeds {
  readonly self: Self
  readonly store: Store
  readonly wallet: Wallet
  readonly ownStatus: StatusLists
  readonly audit: AuditLog
}

export interface StatusWish {
  readonly kept: Kept
  readonly to: Status
  readonly reason: string
  /** Recorded beside the reason. */
  readonly facts?: Readonly<Record<string, Json>>
  /** Lasts with the change. */
  readonly writes?: readonly Write[]
  /** All but the change: refuses what that would. */
  readonly dryRun?: boolean
}

/**
 * @returns the list and the index of the first place, and the addresses of all lists that are other now
 * @throws {TrustError} DFFT_NOT_ALLOWED for what others issued, DFFT_CONFLICT when it is so already or revoked
 */
export async function changeStatus({ kept, to, reason, facts, writes = [], dryRun = false }: StatusWish, { self, store, ownStatus, audit }: StatusNeeds) {
  const { id, status } = kept
  if (kept.role !== 'issued' || kept.issuer !== self.did || !status)
    throw new TrustError('DFFT_NOT_ALLOWED', 'only what this node issued can be revoked, suspended or reinstated here', { id })
  const place = ownStatus.placeOf(status)
  const places = (await placesOf(kept, store)).map((reference) => ownStatus.placeOf(reference))
  const kind = to === 'valid' ? 'reinstated' : to
  const entry = { kind, facts: { credential: id, ...place, reason: reason.replaceAll(/[^\x21-\x7e]+/g, '-').slice(0, 100), ...facts } }
  const sequence = dryRun
    ? await ownStatus.mayChange(places, to)
    : await ownStatus.change(places, to, (changes) => audit.append([entry], [...changes, ...writes]))
  const changed = [...new Set(places.map(({ list }) => list))].flatMap((list) => Object.values(ownStatus.urisOf(list)))
  return { statusList: status.uri, index: place.index, sequence, changed }
}
