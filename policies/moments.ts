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
const placesMax = 4

/** The spans between two instants at which anything changes, made when they are asked for. */
export class Moments {
  readonly #documents: Documents
  /** Sorted. */
  readonly #borders: readonly string[]
  /** By the number of changes that have happened. */
  readonly #places = new Map<number, PlaceTables>()
  #last: Moment
  #lastInstant: string | undefined

  constructor(documents: Documents) {
    const { policies, suspensions, changes } = documents
    const spans = [...policies, ...suspensions].flatMap(({ metadata }) => [metadata.validFrom, metadata.validUntil])
    this.#documents = documents
    this.#borders = [...new Set<string>([...spans, ...changes])].sort()
    this.#last = this.#make(0)
  }

  at(instant: string): Moment {
    const last = this.#last
    // Several questions of one exchange are asked at one instant, and of both sides.
    if (instant === this.#lastInstant) return last
    this.#lastInstant = instant
    if (instant >= last.from && instant < last.until) return last
    this.#last = this.#make(countUpTo(this.#borders, instant))
    return this.#last
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
    if (this.#places.size >= placesMax) this.#places.clear()
    this.#places.set(number, made)
    return made
  }
}

/** How many of the sorted instants are not after `at`: most of what is recorded has happened. */
function countUpTo(instants: readonly string[], at: string): number {
  return instants.findLastIndex((one) => one <= at) + 1
}
