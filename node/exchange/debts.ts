/**
 * What requesters owe for releases: a receipt each. Those on their way are counted from the first byte, since whoever
 * opens many channels at once would otherwise have taken everything before the first wait is over.
 */

import type { Clock } from '#node/ports.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Did, ExchangeId } from '#protocols/ids.ts'

export const debtLimits = {
  /** A requester that owes more receipts than this gets nothing more until it pays. */
  owedMax: 8,
  /** A requester that never received cannot pay: after an hour a debt stays in the list of exchanges and blocks nobody. */
  debtMs: 3_600_000,
  /** Requests of one partner that are answered at the same time: twice what the benchmark drives. */
  inFlightMax: 128,
} as const

export class Debts {
  readonly #clock: Pick<Clock, 'nowMs'>
  readonly #owed = new Map<Did, Map<ExchangeId, number>>()
  readonly #inFlight = new Map<Did, number>()

  constructor(clock: Pick<Clock, 'nowMs'>) {
    this.#clock = clock
  }

  /** @param sinceMs when it was released */
  owe({ id, partner, updatedMs: sinceMs }: { readonly id: ExchangeId; readonly partner: Did; readonly updatedMs: number }): void {
    const debts = this.#owed.get(partner) ?? new Map<ExchangeId, number>()
    debts.set(id, sinceMs)
    this.#owed.set(partner, debts)
  }

  /** Paid, or withdrawn. */
  clear({ id, partner }: { readonly id: ExchangeId; readonly partner: Did }): void {
    this.#owed.get(partner)?.delete(id)
  }

  owes(partner: Did, id: ExchangeId): boolean {
    return this.#owed.get(partner)?.has(id) ?? false
  }

  /** Debts that count, of one partner or of all. */
  count(partner?: Did): number {
    const since = this.#clock.nowMs() - debtLimits.debtMs
    const debts = partner === undefined ? [...this.#owed.values()] : [this.#owed.get(partner) ?? new Map<ExchangeId, number>()]
    return debts.reduce((sum, owed) => sum + [...owed.values()].filter((ms) => ms > since).length, 0)
  }

  /** @throws {TrustError} DFFT_UNRECEIPTED */
  check(partner: Did): void {
    const { owedMax } = debtLimits
    if (this.count(partner) > owedMax) throw new TrustError('DFFT_UNRECEIPTED', 'receipts for earlier releases are owed', { owedMax })
  }

  /** Runs one answer to a partner within its share. @throws {TrustError} DFFT_BUSY */
  async within<T>(partner: Did, answer: () => Promise<T>): Promise<T> {
    const before = this.#inFlight.get(partner) ?? 0
    if (before >= debtLimits.inFlightMax)
      throw new TrustError('DFFT_BUSY', 'as many requests of this partner are being answered as may be', { retryAfterMs: 1_000 })
    this.#inFlight.set(partner, before + 1)
    try {
      return await answer()
    } finally {
      const after = (this.#inFlight.get(partner) ?? 1) - 1
      if (after > 0) this.#inFlight.set(partner, after)
      else this.#inFlight.delete(partner)
    }
  }
}
