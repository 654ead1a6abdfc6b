/** Where partners can be dialled: what an operator, a directory or a good connection told. Memory only; the node keeps its peers in its store. */
import type { Did } from '#protocols/ids.ts'

// A node with IPv4, IPv6 and two replicas has four.
const addressesMax = 16
// Ten times the largest federation planned for; about 2 MB.
const partiesMax = 2048

export class AddressBook {
  readonly #addresses = new Map<Did, readonly string[]>()

  /** The newest first. When the book is full, the party named longest ago leaves it. */
  add(did: Did, addresses: readonly string[]): void {
    if (addresses.length === 0) return
    const known = [...new Set([...addresses, ...this.of(did)])].slice(0, addressesMax)
    this.#addresses.delete(did)
    if (this.#addresses.size >= partiesMax) this.#addresses.delete(this.#addresses.keys().next().value as Did) // The book is not empty.
    this.#addresses.set(did, known)
  }

  remove(did: Did, address: string): void {
    const rest = this.of(did).filter((known) => known !== address)
    if (rest.length > 0) this.#addresses.set(did, rest)
    else this.#addresses.delete(did)
  }

  of(did: Did): readonly string[] {
    return this.#addresses.get(did) ?? []
  }
}
