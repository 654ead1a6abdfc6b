/**
 * The duties of exchanges, carried out: scheduled with the receipt or the release that they come from, done when they are due, by the
 * node's clock, and at each start before anybody is served.
 *
 *     retention        at its end the key of the data is destroyed, what it sealed deleted, the exporter told
 *     attestation      the exporter waits for that word; when it is missing too long, that is a breach
 *     transfer-record  the record of an exchange is kept until its end, and deleted then
 */
import { namePrefix } from '#node/attachments/attachment-record.ts'
import { receivedIndexPrefix, receivedPrefix } from '#node/credentials/wallet.ts'
import { type ExchangeRecord, getRecord, messageKey } from '#node/exchange/exchange-record.ts'
import type { DataKeyFinding, DataKeyId, Write } from '#node/ports.ts'
import { getJson, putJson } from '#node/stored.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Did, Instant } from '#protocols/ids.ts'
import { attestedBy, findMissing } from './attestation.ts'
import { toldOfBreach } from './breach.ts'
import { attestationDuties, type Duty, dutyLimits, dutyWrites, openDuties, recordDuty, retentionDuty, retentionEnd } from './duties.ts'
import type { ObligationNeeds } from './obligation-needs.ts'
import { endOldRecords } from './old-records.ts'
import { overOnward, toldOfPassing } from './passing-on.ts'
import { deleteReceived, type LastKey, lastKey } from './retention.ts'
import { sealedWrite } from './sealed-store.ts'
import { endRecord } from './transfer-record.ts'

/** What is wrong with the keys of received data. */
export type KeyTrouble = DataKeyFinding | { readonly what: 'older'; readonly keys: null }

export class Obligations {
  readonly #needs: ObligationNeeds
  readonly #telling = new Set<Promise<void>>()
  #signal: AbortSignal | undefined
  #trouble: readonly KeyTrouble[] = []
  #running: Promise<unknown> = Promise.resolve()
  #looping: Promise<void> = Promise.resolve()

  constructor(needs: ObligationNeeds) {
    this.#needs = needs
    needs.notices.on('deleted', (notice, record) => attestedBy(notice, record, needs))
    needs.notices.on('passed-on', (notice, record) => toldOfPassing(notice, record, needs))
    needs.notices.on('breached', (notice, record) => toldOfBreach(notice, record, needs))
  }

  /** What is wrong with the file of keys, as the start found it. */
  get trouble(): readonly KeyTrouble[] {
    return this.#trouble
  }

  /**
   * The writes of a receipt as they may go to the disk: what was received is sealed, and what has to become of it is scheduled. A credential
   * that is delivered to its own subject is nobody else's data.
   *
   * @throws {TrustError} DFFT_DATA_KEYS; then nothing is received
   */
  async received(record: ExchangeRecord, writes: readonly Write[], delivery: boolean): Promise<Write[]> {
    if (delivery) return [...writes]
    const { dataKeys } = this.#needs
    const byEnd = new Map<Instant | null, { readonly key: DataKeyId; readonly rows: string[] }>()
    const groupOf = async (end: Instant | null) => {
      const known = byEnd.get(end)
      if (known) return known
      const made = { key: await dataKeys.take(), rows: [] as string[] }
      byEnd.set(end, made)
      return made
    }
    const written: Write[] = []
    for (const write of writes) {
      const end = 'put' in write ? endOf(write.put, record) : undefined
      if (end === undefined || !('put' in write)) written.push(write)
      else {
        const { key, rows } = await groupOf(end.until)
        rows.push(write.put)
        written.push(end.index ? write : await sealedWrite(write, key, dataKeys))
      }
    }
    const retentions = [...byEnd].flatMap(([until, { key, rows }]) => (until === null ? [] : [retentionDuty(record, until, key, rows)]))
    const [last] = [...byEnd.values()].slice(-1)
    return [...written, ...[...retentions, ...recordDuty(record)].flatMap(dutyWrites), ...(last ? [putJson(lastKey, { id: last.key } satisfies LastKey)] : [])]
  }

  /** What a holder writes down with a release: what it will wait for, and how long it keeps the record. */
  released(record: ExchangeRecord, delivery: boolean): Write[] {
    if (delivery) return []
    return [...attestationDuties(record), ...recordDuty(record)].flatMap(dutyWrites)
  }

  /** Carries out what came due while the node was away, or what an old copy of the store has yet to hear of; then goes on behind. */
  async start(signal: AbortSignal): Promise<void> {
    this.#signal = signal
    this.#trouble = await this.#looked()
    for (const { what, keys } of this.#trouble) this.#needs.log('error', 'data keys', { code: 'DFFT_DATA_KEYS', what, keys })
    await this.runDue()
    this.#looping = this.#loop(signal)
  }

  /**
   * @param only looks, and does nothing
   * @returns what was due
   */
  async runDue(only?: 'look'): Promise<readonly Duty[]> {
    const all: Duty[] = []
    const nowMs = this.#needs.clock.nowMs()
    if (only) return openDuties(this.#needs.store, dutyLimits.atOnce, nowMs)
    const act = async () => {
      for (;;) {
        const due = await openDuties(this.#needs.store, dutyLimits.atOnce, nowMs)
        all.push(...due)
        if (due.length === 0) return endOldRecords(this.#needs)
        // What could not be done is left for the next time, and what is behind it too.
        if (!(await this.#carryOut(due))) return
      }
    }
    const running = this.#running.then(act)
    this.#running = running.catch(() => undefined) // Its caller has the rejection; the next one only waits.
    await running
    return all
  }

  /** After the node's end: nothing is under way any more. */
  async settled(): Promise<void> {
    await this.#looping
    await this.#running
    await Promise.allSettled(this.#telling)
  }

  /** Sends what waits for a partner, behind. */
  tell(partner: Did): void {
    const { notices } = this.#needs
    if (!this.#signal) return // At the start of the node whoever has something waiting for him is told.
    const telling = notices.deliver(partner, this.#signal).finally(() => this.#telling.delete(telling))
    this.#telling.add(telling)
    telling.catch((thrown) => this.#needs.log('error', 'notice failed', { partner, code: codeOf(thrown) }))
  }

  async #loop(signal: AbortSignal): Promise<void> {
    const { clock, log, store } = this.#needs
    while (!signal.aborted) {
      try {
        const [next] = await openDuties(store, 1)
        const aheadMs = next ? next.dueMs - clock.nowMs() : dutyLimits.lookMs
        // What is due still could not be done a moment ago.
        await clock.sleep(aheadMs > 0 ? Math.min(dutyLimits.lookMs, aheadMs) : dutyLimits.againMs, signal).catch(() => undefined)
        if (!signal.aborted) await this.runDue()
      } catch (thrown) {
        log('error', 'duties not looked at', { code: codeOf(thrown) })
        await clock.sleep(dutyLimits.againMs, signal).catch(() => undefined)
      }
    }
  }

  /** @returns whether all of it was done */
  async #carryOut(due: readonly Duty[]): Promise<boolean> {
    const { dataKeys, contents, log } = this.#needs
    try {
      // First the keys, all with one rewriting of their file: a crash behind it leaves nothing that could be read.
      const files = due.filter(({ kind }) => kind === 'retention').map(({ exchange }) => contents.keysOf(exchange))
      await dataKeys.destroy([...due.flatMap(({ key }) => key ?? []), ...(await Promise.all(files)).flat()])
      for (const duty of due) await this.#needs.locks.run(duty.exchange, () => this.#carryOutOne(duty))
      return true
    } catch (thrown) {
      if (!(thrown instanceof TrustError)) throw thrown
      log('error', 'duty not done yet', { code: thrown.code })
      return false
    }
  }

  async #carryOutOne(due: Duty): Promise<void> {
    const record = await getRecord(this.#needs.store, due.exchange)
    switch (due.kind) {
      case 'retention':
        // Files go with the first of what they came with, and before anybody is told that it is gone.
        await this.#needs.contents.destroy(due.exchange)
        await deleteReceived(due, record, this.#needs)
        return this.tell(due.partner)
      case 'attestation':
        return findMissing(due, record, this.#needs)
      case 'transfer-record':
        return endRecord(due, this.#needs)
      case 'onward-question':
        return overOnward(due, this.#needs)
      case 'breach':
      case 'passed-on':
        return
    }
  }

  /** Whether the store knows of keys that the file lacks. */
  async #looked(): Promise<readonly KeyTrouble[]> {
    const { dataKeys } = this.#needs
    const lacking = await this.#lacking()
    const missing = dataKeys.findings.some(({ what }) => what === 'missing')
    const found = dataKeys.findings.filter(({ what }) => what === 'damaged' || (what === 'missing' && lacking))
    return lacking && !missing && found.length === 0 ? [{ what: 'older', keys: null }] : found
  }

  /** A key that has had its end is not missed: neither where that is written down, nor where a crash came before it was. */
  async #lacking(): Promise<boolean> {
    const { store, dataKeys, clock } = this.#needs
    const soonest = await openDuties(store, dutyLimits.atOnce)
    const lacked = soonest.filter(({ key }) => key !== undefined && !dataKeys.has(key))
    if (lacked.some(({ dueMs }) => dueMs > clock.nowMs())) return true
    const last = await getJson<LastKey>(store, lastKey)
    return last !== undefined && !last.destroyed && !dataKeys.has(last.id) && !lacked.some(({ key }) => key === last.id)
  }
}

/** Until when a row with received data may be read, and whether it is only an index; undefined for a row without any. */
function endOf(row: string, { id, credentials }: ExchangeRecord): { readonly until: Instant | null; readonly index: boolean } | undefined {
  const ends = credentials.map((part) => retentionEnd(part))
  // All that was shown stands in the message: it goes with the first of it, and so do the files and what they were called.
  if (row === messageKey(id, 'presentation') || row.startsWith(namePrefix)) return { until: ends.filter((end) => end !== null).sort()[0] ?? null, index: false }
  const index = row.startsWith(receivedIndexPrefix)
  if (!index && !row.startsWith(receivedPrefix)) return undefined
  const at = credentials.findIndex(({ credential }) => credential !== null && row.endsWith(`/${credential}`))
  return { until: ends[at] ?? null, index }
}
