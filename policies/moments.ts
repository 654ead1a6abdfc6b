/** What an instant means to the documents of a side: whether they are in force, what is suspended, what the places mean. */
import type { PlaceTables } from './place-tables.ts'
import type { Suspension, TrustPolicy } from './policy.ts'

export interface Moment {
  /** In order of text, which is the order of time. */
  readonly from: string
  /** Exclusive. */
  readonly until: string
  readonly suspensions: readonly Suspension[]
  /** Undefined where not every policy is in force, or there is none. */
  readonly places: PlaceTables | undefined
}

interface Documents {
  readonly policies: readonly TrustPolicy[]
  readonly suspensions: readonly Suspension[]
  /** Every instant at which a place may change its meaning, sorted. */
  readonly changes: readonly string[]
  readonly placesAt: (at: string) => PlaceTables
}

const beforeAll = ''
const afterAll = '\uffff'
// Questions of one day meet one or two; whoever asks for all of time in turn is served, and remembered no further than this.
const keptMax = 8

/** The spans between two instants at which anything changes, made when they are first asked for. */
export class Moments {
  readonly #documents: Documents
  /** Sorted. */
  readonly #borders: readonly string[]
  readonly #kept = new Map<number, Moment>()
  /** By the number of changes that have happened. */
  readonly #places = new Map<number, PlaceTables>()
  #last: Moment

  constructor(documents: Documents) {
    const { policies, suspensions, changes } = documents
    const spans = [...policies, ...suspensions].flatMap(({ metadata }) => [metadata.validFrom, metadata.validUntil])
    this.#documents = documents
    this.#borders = [...new Set<string>([...spans, ...changes])].sort()
    this.#last = this.#make(0)
  }

  at(instant: string): Moment {
    const last = this.#last
    if (instant >= last.from && instant < last.until) return last
    const number = countUpTo(this.#borders, instant)
    const known = this.#kept.get(number)
    const moment = known ?? this.#make(number)
    if (known === undefined) keep(this.#kept, number, moment)
    this.#last = moment
    return moment
  }

  #make(number: number): Moment {
    const { policies, suspensions } = this.#documents
    const from = this.#borders[number - 1] ?? beforeAll
    const holds = ({ metadata }: TrustPolicy | Suspension) => metadata.validFrom <= from && from < metadata.validUntil
    return {
      from,
      until: this.#borders[number] ?? afterAll,
      suspensions: suspensions.filter(holds),
      places: policies.length > 0 && policies.every(holds) ? this.#placesAt(from) : undefined,
    }
  }

  #placesAt(from: string): PlaceTables {
    const { changes, placesAt } = this.#documents
    const number = countUpTo(changes, from)
    const known = this.#places.get(number)
    if (known) return known
    const made = placesAt(from)
    keep(this.#places, number, made)
    return made
  }
}

function keep<T>(kept: Map<number, T>, number: number, value: T): void {
  if (kept.size >= keptMax) kept.clear()
  kept.set(number, value)
}

/** How many of the sorted instants are not after `at`. */
function countUpTo(instants: readonly string[], at: string): number {
  let low = 0
  let high = instants.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((instants[middle] ?? '') <= at) low = middle + 1
    else high = middle
  }
  return low
}
