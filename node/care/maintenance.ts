/**
 * Maintenance: no new exchange is begun or answered, those under way go to their end. It outlasts restarts, and a node that was restored
 * begins in it, so that nobody sees a log that went back before its operator has compared it.
 */
import { z } from 'zod'
import type { OutputOf } from '#node/api.ts'
import type { AuditLog } from '#node/audit/audit.ts'
import { openRecords } from '#node/exchange/exchange-record.ts'
import type { Clock, Store } from '#node/ports.ts'
import { getJson, putJson } from '#node/stored.ts'
import { TrustError } from '#protocols/errors.ts'
import { Instant, instant } from '#protocols/ids.ts'

export const maintenanceKey = 'maintenance'
const Kept = z.strictObject({ since: Instant, reason: z.enum(['operator', 'restored']) })
export type InMaintenance = z.infer<typeof Kept>

/** A partner asks again after this; an operator’s work takes minutes. */
const retryAfterMs = 60_000

interface Needs {
  readonly store: Store
  readonly audit: AuditLog
  readonly clock: Pick<Clock, 'nowMs'>
}

export class Maintenance {
  #now: InMaintenance | null
  readonly #needs: Needs

  private constructor(needs: Needs, now: InMaintenance | null) {
    this.#needs = needs
    this.#now = now
  }

  static async open(needs: Needs): Promise<Maintenance> {
    const kept = await getJson<unknown>(needs.store, maintenanceKey)
    return new Maintenance(needs, kept === undefined ? null : Kept.parse(kept))
  }

  get now(): InMaintenance | null {
    return this.#now
  }

  /** Of what would be new. @throws {TrustError} DFFT_MAINTENANCE */
  check(): void {
    if (this.#now) throw new TrustError('DFFT_MAINTENANCE', 'the node is in maintenance', { since: this.#now.since, reason: this.#now.reason, retryAfterMs })
  }

  /** What it would be: an operator's, from now on, or as it is already. */
  foreseen(on: boolean): InMaintenance | null {
    return on ? (this.#now ?? this.#beginning('operator')) : null
  }

  #beginning(reason: InMaintenance['reason']): InMaintenance {
    return { since: instant(this.#needs.clock.nowMs()), reason }
  }

  async begin(reason: InMaintenance['reason']): Promise<void> {
    if (this.#now) return
    const now = this.#beginning(reason)
    await this.#needs.audit.append([{ kind: 'maintenance-begun', facts: { reason } }], [putJson(maintenanceKey, now)])
    this.#now = now
  }

  async end(): Promise<void> {
    if (!this.#now) return
    await this.#needs.audit.append([{ kind: 'maintenance-ended', facts: { since: this.#now.since } }], [{ del: maintenanceKey }])
    this.#now = null
  }
}

/** What an operator asks for; how many exchanges are still under way is what he waits for. */
export async function maintain(
  { on, dryRun }: { readonly on: boolean; readonly dryRun: boolean },
  { maintenance, store }: { readonly maintenance: Maintenance; readonly store: Store },
): Promise<OutputOf<'maintenance'>> {
  if (!dryRun) await (on ? maintenance.begin('operator') : maintenance.end())
  return { maintenance: dryRun ? maintenance.foreseen(on) : maintenance.now, underway: (await openRecords(store)).length }
}
