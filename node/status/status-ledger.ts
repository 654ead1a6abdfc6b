/**
 * One status list of this node: who has which index, and what is so of it; in memory, and on disk.
 *
 * On disk a list is a snapshot and the changes since. A credential costs one small record in its own batch, and every
 * few hundred of them the snapshot is written anew and they go, in the batch of the act that came upon it: the whole list for each
 * credential would be 6 to 33 ms of compression. Whatever a batch holds is there after a crash or is not, as is the credential.
 */

import type { Random, Store, Write } from '#node/ports.ts'
import { getJson, putJson, scanJson } from '#node/stored.ts'
import { fromBase64url, toBase64url } from '#protocols/base64url.ts'
import { createStatusList, decodeTokenList, entriesMin, type StatusList, setStatus, statusAt } from '#protocols/credential/status-list.ts'
import { TrustError } from '#protocols/errors.ts'

/** W3C Bitstring Status List 1.0 asks for at least this many, so that one index hides among others. */
export const entries = entriesMin
/**
 * Entries that belong to nobody: some are revoked or suspended from the list's birth, and with each change up to three of them change too.
 * Whoever keeps every version of the list sees neither how many credentials were revoked nor which change was of one.
 */
export const decoyCount = 1024
const companionsMax = 3
/** Three quarters: a free index is found in four tries at worst, and what is not given out goes on hiding what is. */
export const takenMax = (entries * 3) / 4
/** A snapshot is 86 kB and takes 0.4 ms, with the disk's part some 2 ms: for each change 0.2 kB and 4 µs. */
const changesPerSnapshot = 512
/** Beside an honest source of chance, as good as never: 3/4 to the power of 256. */
const triesMax = 256

/** What is so of an entry: two bits, of which either may be set. What is revoked while it is suspended stays suspended in the list that says so. */
export const bit = { revoked: 1, suspended: 2 } as const

const snapshotPrefix = 'status/ledger/'
const changePrefix = 'status/change/'
/** As version 0.1.0 wrote its one list, whole and compressed each time, without decoys that change. */
const firstKey = 'status/ledger'

interface Snapshot {
  /** Changes of status so far. */
  readonly sequence: number
  /** The number of the last change that is in here. */
  readonly through: number
  /** Base64url: two bits an entry. Not compressed: that costs ten times as much as writing it. */
  readonly statuses: string
  /** Likewise, one bit: given out, or a decoy. */
  readonly taken: string
  /** Indexes. */
  readonly decoys: readonly number[]
}

type Entry = readonly [index: number, value: number]

/** An index that was given out, or the entries that got a new value: one of a credential, and decoys. */
type Change = { readonly taken: number } | { readonly set: readonly Entry[] }

export class StatusLedger {
  /** From 1. */
  readonly number: number
  readonly #statuses: StatusList
  readonly #taken: StatusList
  readonly #decoys: readonly number[]
  #takenCount: number
  #sequence: number
  /** Of the last change that was handed on to be written. */
  #changes: number
  /** Keys of the changes on disk that the snapshot there does not need any more, or does not hold yet. */
  #loose: string[] = []
  #onDisk: boolean
  /** Changes of status handed on and not shown yet: a snapshot made meanwhile would lack them. */
  #pending = 0

  private constructor(number: number, { statuses, taken, decoys, sequence, through }: Loaded, onDisk: boolean) {
    this.number = number
    this.#statuses = statuses
    this.#taken = taken
    this.#decoys = decoys
    this.#takenCount = countOf(taken)
    this.#sequence = sequence
    this.#changes = through
    this.#onDisk = onDisk
  }

  /** A list without credentials; on disk with the first. */
  static born(number: number, random: Random): StatusLedger {
    const { taken, statuses } = empty()
    const decoys = Array.from({ length: decoyCount }, () => randomIndex(random))
    for (const index of decoys) {
      setStatus(taken, index, 1)
      // A quarter revoked, an eighth suspended.
      const [chance = 0] = random.bytes(1)
      setStatus(statuses, index, chance < 64 ? bit.revoked : chance < 96 ? bit.suspended : 0)
    }
    return new StatusLedger(number, { statuses, taken, decoys, sequence: 0, through: 0 }, false)
  }

  /** Every list on disk, by number; the first list is there in any case. */
  static async openAll(store: Store, random: Random): Promise<StatusLedger[]> {
    const ledgers = new Map<number, StatusLedger>()
    const first = await getJson<Pick<Snapshot, 'sequence' | 'statuses' | 'taken'>>(store, firstKey)
    if (first) {
      const lists = { statuses: decodeTokenList(first.statuses, 2), taken: decodeTokenList(first.taken, 1) }
      ledgers.set(1, new StatusLedger(1, { ...lists, decoys: [], sequence: first.sequence, through: 0 }, false))
    }
    for await (const [key, snapshot] of scanJson<Snapshot>(store, snapshotPrefix)) {
      const number = Number(key.slice(snapshotPrefix.length))
      ledgers.set(number, new StatusLedger(number, loaded(snapshot), true))
    }
    for await (const [key, change] of scanJson<Change>(store, changePrefix)) {
      const [number = 0, at = 0] = key.slice(changePrefix.length).split('/').map(Number)
      // Its first snapshot was not written, its first credentials were: a decoy might be one of them.
      const ledger = ledgers.get(number) ?? new StatusLedger(number, { ...empty(), sequence: 0, through: 0, decoys: [] }, false)
      ledgers.set(number, ledger)
      ledger.#replay(key, at, change)
    }
    if (!ledgers.has(1)) {
      const born = StatusLedger.born(1, random)
      // It is published from now on: born again at the next start, with other decoys, it would give out what partners hold as revoked.
      await store.batch(born.#snapshot(born.#statuses, born.#sequence))
      ledgers.set(1, born)
    }
    return [...ledgers.values()].sort((a, b) => a.number - b.number)
  }

  /** Counts the changes of status: a list that says less was published before. */
  get sequence(): number {
    return this.#sequence
  }

  get full(): boolean {
    return this.#takenCount >= takenMax
  }

  /** Two bits an entry, as `bit` names them. */
  get statuses(): StatusList {
    return this.#statuses
  }

  /** @throws {TrustError} DFFT_STATUS_LIST for what is no position of the list */
  at(index: number): number {
    return statusAt(this.#statuses, index)
  }

  /** A free index, at random, taken at once; `take` makes it last. @throws {TrustError} DFFT_STATUS_FULL when chance gives none */
  allocate(random: Random): number {
    for (let attempt = 0; attempt < triesMax; attempt++) {
      const index = randomIndex(random)
      if (statusAt(this.#taken, index) !== 0) continue
      this.#mark(index)
      return index
    }
    throw new TrustError('DFFT_STATUS_FULL', 'chance gave no free index', { list: this.number, taken: this.#takenCount, entries })
  }

  /**
   * What makes an allocated index last, in the batch of its credential.
   *
   * The writes are to be handed on in the turn in which they are made: a snapshot holds what was before it, and what comes after it
   * must be written after it.
   */
  take(index: number): readonly Write[] {
    const change = this.#write({ taken: index })
    return this.#due() ? this.#snapshot(this.#statuses, this.#sequence) : [change]
  }

  /** A change of status: what makes it last, and what to call when it does. As `take`, to be handed on at once. */
  change(index: number, value: number, random: Random): { readonly writes: readonly Write[]; readonly lasts: () => void; readonly failed: () => void } {
    const due = this.#due()
    const set = [...this.#companions(random), [index, value] as const]
    const write = this.#write({ set })
    this.#pending++
    const lasts = () => {
      this.#pending--
      setAll(this.#statuses, set)
      this.#sequence++
    }
    const failed = () => {
      this.#pending--
    }
    if (!due) return { writes: [write], lasts, failed }
    const after = { ...this.#statuses, bytes: this.#statuses.bytes.slice() }
    setAll(after, set)
    return { writes: this.#snapshot(after, this.#sequence + 1), lasts, failed }
  }

  /** Decoys that change as a credential's entry might: what is revoked stays so. */
  #companions(random: Random): Entry[] {
    const [count = 0] = random.bytes(1)
    const chosen = Array.from(
      { length: this.#decoys.length === 0 ? 0 : count % (companionsMax + 1) },
      () => this.#decoys[randomIndex(random) % this.#decoys.length] ?? 0,
    )
    return [...new Set(chosen)]
      .filter((index) => !(this.at(index) & bit.revoked))
      .map((index, at) => [index, at === 0 ? bit.revoked : this.at(index) ^ bit.suspended])
  }

  #due(): boolean {
    return this.#pending === 0 && (!this.#onDisk || this.#loose.length >= changesPerSnapshot)
  }

  #write(change: Change): Write {
    const key = `${changePrefix}${this.number}/${String(++this.#changes).padStart(12, '0')}`
    this.#loose.push(key)
    return putJson(key, change)
  }

  #snapshot(statuses: StatusList, sequence: number): readonly Write[] {
    const lists = { statuses: toBase64url(statuses.bytes), taken: toBase64url(this.#taken.bytes) }
    const snapshot: Snapshot = { sequence, through: this.#changes, ...lists, decoys: this.#decoys }
    const gone = this.#loose.splice(0).map((del) => ({ del }))
    this.#onDisk = true
    return [putJson(`${snapshotPrefix}${this.number}`, snapshot), ...(this.number === 1 ? [{ del: firstKey }] : []), ...gone]
  }

  #replay(key: string, number: number, change: Change): void {
    this.#loose.push(key)
    // Its snapshot was written and it stayed: what it says may be long past.
    if (number <= this.#changes) return
    this.#changes = number
    if ('taken' in change) {
      if (statusAt(this.#taken, change.taken) === 0) this.#mark(change.taken)
      return
    }
    setAll(this.#statuses, change.set)
    this.#sequence++
  }

  #mark(index: number): void {
    setStatus(this.#taken, index, 1)
    this.#takenCount++
  }
}

interface Loaded {
  readonly statuses: StatusList
  readonly taken: StatusList
  readonly decoys: readonly number[]
  readonly sequence: number
  readonly through: number
}

function loaded({ sequence, through, statuses, taken, decoys }: Snapshot): Loaded {
  const lists = empty()
  lists.statuses.bytes.set(fromBase64url(statuses))
  lists.taken.bytes.set(fromBase64url(taken))
  return { ...lists, sequence, through, decoys }
}

function empty(): Pick<Loaded, 'statuses' | 'taken'> {
  return { statuses: createStatusList({ bits: 2, size: entries, order: 'lsb' }), taken: createStatusList({ bits: 1, size: entries, order: 'lsb' }) }
}

function setAll(list: StatusList, set: readonly Entry[]): void {
  for (const [index, value] of set) setStatus(list, index, value)
}

function randomIndex(random: Random): number {
  return Buffer.from(random.bytes(4)).readUInt32BE() % entries // 2^32 is a multiple of 2^17: no bias.
}

function countOf({ bytes }: StatusList): number {
  let count = 0
  for (let byte of bytes) for (; byte !== 0; byte &= byte - 1) count++
  return count
}
