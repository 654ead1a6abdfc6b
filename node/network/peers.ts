/** Where parties were reached, so that they can be reached again. */

import type { Peer, Store, Write } from '#node/ports.ts'
import { putJson, scanJson } from '#node/stored.ts'
import type { Did } from '#protocols/ids.ts'
import type { Addresses } from './records.ts'

export class PeerBook implements Addresses {
  readonly #peers = new Map<Did, Peer>()

  static async open(store: Store): Promise<PeerBook> {
    const book = new PeerBook()
    for await (const [, peer] of scanJson<Peer>(store, 'peer/')) book.#peers.set(peer.did, peer)
    return book
  }

  get all(): readonly Peer[] {
    return [...this.#peers.values()]
  }

  addressesOf(did: Did): readonly string[] {
    return this.#peers.get(did)?.addresses ?? []
  }

  remember(peer: Peer): Write {
    this.#peers.set(peer.did, peer)
    return putJson(`peer/${peer.did}`, peer)
  }
}
