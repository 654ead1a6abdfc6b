/**
 * What a holder has released before, as rules ask for it: counted in the batch of each release, stated as facts of the next question.
 *
 *     counter/releases-this-day/<partner>/<day>/<exchange>
 *     counter/cn-pi-subjects-this-calendar-year/all/<year>/<person>
 *
 * A row is there once, however often a release is asked for or shown; what did not get to the disk was not counted. Of several persons in one
 * release each counts those before it. The count that both sides agreed on has to be that of the moment at which it is released: else it is
 * decided anew. A counter that is not in the table is not stated, and what is not stated is not met.
 */
import type { Kept } from '#node/credentials/wallet.ts'
import type { Store, Write } from '#node/ports.ts'
import { after, putJson } from '#node/stored.ts'
import type { Question } from '#policies/question.ts'
import type { CredentialType } from '#protocols/credential-types/credential-type.ts'
import { credentialTypes } from '#protocols/credential-types/known-types.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, digest, type ExchangeId, type Instant, instant, msOf } from '#protocols/ids.ts'
import { Locks } from './locks.ts'

export type CounterCount = Readonly<Record<string, number>>

/** One release, as counters look at it. */
export interface Deed {
  readonly exchange: ExchangeId
  readonly to: Did
  /** With what is shown of each. */
  readonly shown: readonly { readonly question: Question; readonly credential: Kept }[]
}

interface Counter {
  /** The time it counts in, by the name of which its rows begin. */
  window(at: Instant): string
  readonly scope: 'partner' | 'all'
  /** Whether it counts all that a credential of this type may have in it; where not, it is not stated. */
  covers(type: Pick<CredentialType, 'about'>): boolean
  /** Whether the credentials of one release are counted one after another, and not all of them with it. */
  readonly each: boolean
  /** What a release adds, each once. */
  adds(deed: Deed): readonly string[]
}

const chinaAheadMs = 8 * 3_600_000

const table: Readonly<Record<string, Counter>> = {
  /** Days of UTC, by the time that both sides decided at. */
  'releases-this-day': {
    window: (at) => at.slice(0, 10),
    scope: 'partner',
    each: false,
    covers: () => true,
    // By its digest: the record of the exchange ends, whenever that is, and its id with it.
    adds: ({ exchange }) => [digest(exchange)],
  },
  /** Years of China. A person is counted once for each credential. Persons within an organisation's credential are not told apart: then nothing is stated. */
  'cn-pi-subjects-this-calendar-year': {
    window: (at) => instant(msOf(at) + chinaAheadMs).slice(0, 4),
    scope: 'all',
    each: true,
    covers: ({ about }) => about === 'person',
    adds: ({ shown }) =>
      shown
        .filter(({ question: { facts }, credential }) => facts.from?.value === 'CN' && facts.to?.value !== 'CN' && aboutPerson(credential))
        .map(({ credential: { id, batch } }) => batch?.claims ?? digest(id)),
  },
}

/** Also one that was received, which is in no copies. */
function aboutPerson({ type, batch }: Kept): boolean {
  return batch !== undefined || credentialTypes.get(type)?.about === 'person'
}

/** What a requester supposes of a holder: that it has released nothing. The holder's terms say otherwise. */
export const nothingCounted: CounterCount = Object.fromEntries(Object.keys(table).map((name) => [name, 0]))

/** Those that the policies name, of what is known, and of which all is known. */
export function statedOf(known: CounterCount, named: readonly string[], type: Pick<CredentialType, 'about'>): CounterCount {
  return Object.fromEntries(named.flatMap((name) => (known[name] !== undefined && table[name]?.covers(type) ? [[name, known[name]]] : [])))
}

/** Whether the releases to one partner wait for one another, since each counts what was before it. */
export function waitsForTurn(named: readonly string[]): boolean {
  return named.some((name) => table[name]?.scope === 'partner')
}

/** The counts of a release until it is on the disk. */
export interface Reservation {
  readonly writes: readonly Write[]
  /** Once it is written. */
  kept(): void
  /** Where it was not. */
  dropped(): void
}

/** Counts that are held ready; more partners than that are counted anew from the disk. */
const readyMax = 4096
/** Rows of an earlier time that one release deletes: more than it adds. */
const overMax = 16
/** A requester may propose a time so far ahead of ours, and the next one a time so far behind it: rows of then are counted still. */
const apartMs = 2 * 120_000

export class Counters {
  readonly #store: Store
  readonly #locks = new Locks()
  readonly #ready = new Map<string, number>()
  /** Rows under way to the disk. */
  readonly #pending = new Set<string>()
  /** While rows are counted: those that were under way to them since. */
  readonly #counting = new Map<string, Set<string>>()
  /** By scope, the rows before which a look at the disk found no others: they are over once in a window, and are looked for once. */
  readonly #cleared = new Map<string, string>()

  constructor(store: Store) {
    this.#store = store
  }

  /** What was released before, as of a time, of what is asked for. */
  async before(to: Did, at: Instant, named: readonly string[]): Promise<CounterCount> {
    const counts: [string, number][] = []
    for (const [name, counter] of Object.entries(table)) if (named.includes(name)) counts.push([name, await this.#count(rowsOf(name, counter, to, at))])
    return Object.fromEntries(counts)
  }

  /** What each credential of a release that is thought of finds counted besides: the persons of those that stand before it. */
  async within(deed: Deed, at: Instant, named: readonly string[]): Promise<readonly CounterCount[]> {
    const found = deed.shown.map(() => ({}) as Record<string, number>)
    for (const [name, counter] of Object.entries(table)) {
      if (!counter.each || !named.includes(name)) continue
      const rows = rowsOf(name, counter, deed.to, at)
      const fresh = new Set<string>()
      for (const [place, adds] of addsOf(counter, deed, rows).entries()) {
        Object.assign(found[place] ?? {}, { [name]: fresh.size })
        for (const key of adds) if (await this.#adds(key)) fresh.add(key)
      }
    }
    return found
  }

  /**
   * What a release adds, for its batch.
   *
   * @throws {TrustError} DFFT_BUSY when another release came before it that the agreement does not count
   */
  async reserve(deed: Deed): Promise<Reservation> {
    const [first] = deed.shown
    if (!first) return { writes: [], kept: () => undefined, dropped: () => undefined }
    const { at } = first.question
    const added: { readonly rows: string; readonly keys: readonly string[] }[] = []
    const writes: Write[] = []
    const undo = () => {
      for (const { rows, keys } of added) this.#take(rows, keys, -1)
    }
    for (const [name, counter] of Object.entries(table)) {
      const rows = rowsOf(name, counter, deed.to, at)
      const adds = addsOf(counter, deed, rows)
      const shown = deed.shown.map(({ question: { facts } }, place) => ({ agreed: facts[`counter:${name}`]?.value, adds: adds[place] ?? [] }))
      try {
        const keys = await this.#locks.run(rows, () => this.#reserveOne(rows, shown, counter.each))
        added.push({ rows, keys })
        writes.push(
          ...keys.map((key) => putJson(key, {})),
          ...(keys.length > 0 ? await this.#over(rows, rowsOf(name, counter, deed.to, instant(msOf(at) - apartMs))) : []),
        )
      } catch (thrown) {
        undo()
        throw thrown
      }
    }
    return {
      writes,
      kept: () => {
        for (const { keys } of added) for (const key of keys) this.#pending.delete(key)
      },
      dropped: undo,
    }
  }

  /** Not every credential of a release is of a type that a counter states: it is compared where one has it. */
  async #reserveOne(rows: string, shown: readonly { readonly agreed: unknown; readonly adds: readonly string[] }[], each: boolean): Promise<readonly string[]> {
    const asked = shown.some(({ agreed }) => agreed !== undefined)
    const count = asked ? await this.#count(rows) : 0 // Where no rule asked, nobody has to wait for a count.
    const fresh = new Set<string>()
    for (const { agreed, adds } of shown) {
      if (agreed !== undefined && agreed !== count + (each ? fresh.size : 0))
        throw new TrustError('DFFT_BUSY', 'another release came before this one, which counts those before it', { retryAfterMs: 100 })
      for (const key of adds) if (await this.#adds(key)) fresh.add(key)
    }
    const keys = [...fresh]
    this.#take(rows, keys, 1)
    return keys
  }

  /** Whether a row is neither there nor under way. */
  async #adds(key: string): Promise<boolean> {
    return !this.#pending.has(key) && !(await this.#store.get(key))
  }

  #take(rows: string, keys: readonly string[], by: 1 | -1): void {
    const ready = this.#ready.get(rows)
    if (ready !== undefined) this.#ready.set(rows, ready + by * keys.length)
    for (const set of [this.#pending, this.#counting.get(rows)])
      for (const key of keys) {
        if (by > 0) set?.add(key)
        else set?.delete(key)
      }
  }

  async #count(rows: string): Promise<number> {
    return this.#ready.get(rows) ?? this.#locks.run(`count ${rows}`, async () => this.#ready.get(rows) ?? this.#counted(rows))
  }

  async #counted(rows: string): Promise<number> {
    // Those that are under way may be on the disk or not when the scan comes to them.
    const underWay = new Set([...this.#pending].filter((key) => key.startsWith(rows)))
    this.#counting.set(rows, underWay)
    let onDisk = 0
    for await (const [key] of this.#store.scan({ from: rows, to: after(rows) })) if (!underWay.has(key)) onDisk++
    this.#counting.delete(rows)
    if (this.#ready.size >= readyMax) this.#ready.clear()
    this.#ready.set(rows, onDisk + underWay.size)
    return onDisk + underWay.size
  }

  /** Rows of the time before: nobody asks for them any more. @param counted the oldest that may still be counted */
  async #over(rows: string, counted: string): Promise<Write[]> {
    const scope = rows.slice(0, rows.lastIndexOf('/', rows.length - 2) + 1)
    const cleared = this.#cleared.get(scope)
    if (cleared !== undefined && cleared >= rows) return []
    const over: Write[] = []
    for await (const [key] of this.#store.scan({ from: scope, to: counted, limit: overMax })) over.push({ del: key })
    if (over.length > 0) return over // Whether they go is seen at the next release.
    if (this.#cleared.size >= readyMax) this.#cleared.clear()
    this.#cleared.set(scope, rows)
    return over
  }
}

/** Of each credential by itself, the rows. */
function addsOf(counter: Counter, deed: Deed, rows: string): readonly (readonly string[])[] {
  return deed.shown.map((one) => counter.adds({ ...deed, shown: [one] }).map((row) => `${rows}${row}`))
}

function rowsOf(name: string, { window, scope }: Counter, to: Did, at: Instant): string {
  return `counter/${name}/${scope === 'partner' ? to : 'all'}/${window(at)}/`
}
