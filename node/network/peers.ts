/** Where parties were reached, so that they can be reached again. */

import type { Peer, Store, Write } from '#node/ports.ts'
import { putJson, scanJson } from '#node/stored.ts'
import type { Did, PeerId } from '#protocols/ids.ts'
import type { Addresses } from './records.ts'

export class PeerBook implements Addresses {
  readonly #peers = new Map<Did, Peer>()

  /** The peer ids that a party's DID document names, as far as it is known at once. */
  readonly #peerIdsOf: (did: Did) => readonly PeerId[]

  private constructor(peerIdsOf: (did: Did) => readonly PeerId[]) {
    this.#peerIdsOf = peerIdsOf
  }

  static async open(store: Store, peerIdsOf: (did: Did) => readonly PeerId[] = () => []): Promise<PeerBook> {
    const book = new PeerBook(peerIdsOf)
    for await (const [, peer] of scanJson<Peer>(store, 'peer/')) book.#peers.set(peer.did, peer)
    return book
  }

  get all(): readonly Peer[] {
    return [...this.#peers.values()]
  }

  /** Where the party was reached; then the same places under the other peer ids that its document names. */
  addressesOf(did: Did): readonly string[] {
    const peer = this.#peers.get(did)
    return peer ? [...peer.addresses, ...readdressed(peer, this.#peerIdsOf(did))] : []
  }

  /** Undefined where the party is unknown or the peer the one that is known. */
  moved({ did, peerId }: Peer): Write | undefined {
    const known = this.#peers.get(did)
    return known && known.peerId !== peerId
      ? this.remember({ did, peerId, addresses: known.addresses.map((address) => address.replaceAll(known.peerId, peerId)) })
      : undefined
  }

  remember(peer: Peer): Write {
    this.#peers.set(peer.did, peer)
    return putJson(`peer/${peer.did}`, peer)
  }
}

/** The addresses of a peer under other peer ids; none where an address does not name the peer. */
function readdressed({ peerId, addresses }: Peer, to: readonly PeerId[]): readonly string[] {
  return to
    .filter((id) => id !== peerId)
    .flatMap((id) => addresses.filter((address) => address.includes(peerId)).map((address) => address.replaceAll(peerId, id)))
}
