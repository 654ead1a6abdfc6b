/**
 * Where partners can be dialled: what an operator, a directory, the partner itself or a good connection told. Memory only;
 * node/network/peers.ts keeps of it what is to outlive the process.
 */
import type { Did } from '#protocols/ids.ts'
import { memoryTable } from './limits.ts'

const addressesMax = memoryTable.addressesPerParty.value
const partiesMax = memoryTable.partiesWithAddresses.value

interface Known {
  readonly address: string
  /** When a dial last led to the party, by a clock of this process; undefined when none has. */
  readonly workedMs: number | undefined
}

export class AddressBook {
  readonly #known = new Map<Did, readonly Known[]>()

  /** Those that have worked stay first; of the rest, the newest. When the book is full, the party named longest ago leaves it. */
  add(did: Did, addresses: readonly string[]): void {
    if (addresses.length === 0) return
    const before = this.#known.get(did) ?? []
    const fresh = [...new Set(addresses)].map((address) => before.find((known) => known.address === address) ?? { address, workedMs: undefined })
    this.#put(did, [...fresh, ...before.filter(({ address }) => !addresses.includes(address))])
  }

  /** A dial of the address has led to the party: it is the first to be tried from now on. */
  worked(did: Did, address: string, nowMs: number): void {
    const others = (this.#known.get(did) ?? []).filter((known) => known.address !== address)
    this.#put(did, [{ address, workedMs: nowMs }, ...others])
  }

  remove(did: Did, address: string): void {
    const rest = (this.#known.get(did) ?? []).filter((known) => known.address !== address)
    if (rest.length > 0) this.#known.set(did, rest)
    else this.#known.delete(did)
  }

  /** In the order in which they are to be tried. */
  of(did: Did): readonly string[] {
    return this.#known.get(did)?.map(({ address }) => address) ?? []
  }

  /** The last address that a dial worked on, undefined when none has. */
  workedOf(did: Did): string | undefined {
    return this.#known.get(did)?.find(({ workedMs }) => workedMs !== undefined)?.address
  }

  #put(did: Did, known: readonly Known[]): void {
    const ordered = [...known].sort((a, b) => (b.workedMs ?? -1) - (a.workedMs ?? -1)) // A stable sort: the order among equals is kept.
    this.#known.delete(did)
    const [oldest] = this.#known.keys()
    if (this.#known.size >= partiesMax && oldest !== undefined) this.#known.delete(oldest)
    this.#known.set(did, ordered.slice(0, addressesMax))
  }
}
