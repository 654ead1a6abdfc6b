/** Partners and where they were reached, so that a node that starts calls them again. What is in the store, and nothing of strangers. */

import type { Clock, Log, Network, Peer, Store, Write } from '#node/ports.ts'
import { putJson, scanJson } from '#node/stored.ts'
import { codeOf } from '#protocols/errors.ts'
import type { Did, PeerId } from '#protocols/ids.ts'
import type { NetworkGate } from './gate.ts'
import { memoryTable } from './limits.ts'
import type { Addresses } from './records.ts'

const partiesMax = memoryTable.partiesWithAddresses.value
const addressesMax = memoryTable.addressesPerParty.value
/** How exact `metAtMs` is: a partner that comes and goes costs the disk one write a day. */
const metEveryMs = 86_400_000

/** As it lies in the store. */
interface Kept extends Omit<Peer, 'version'> {
  /** Left out in records of earlier versions, which are of parties that the operator called. */
  readonly called?: boolean
  readonly metAtMs?: number
}

interface Follows {
  readonly network: Pick<Network, 'onBound'>
  readonly store: Store
  readonly clock: Pick<Clock, 'nowMs'>
  readonly log: Log
  readonly gate: Pick<NetworkGate, 'vouches'>
}

export class PeerBook implements Addresses {
  readonly #peers = new Map<Did, Kept>()

  /** The peer ids that a party's DID document names, as far as it is known at once. */
  readonly #peerIdsOf: (did: Did) => readonly PeerId[]

  private constructor(peerIdsOf: (did: Did) => readonly PeerId[]) {
    this.#peerIdsOf = peerIdsOf
  }

  static async open(store: Store, peerIdsOf: (did: Did) => readonly PeerId[] = () => []): Promise<PeerBook> {
    const book = new PeerBook(peerIdsOf)
    for await (const [, peer] of scanJson<Kept>(store, 'peer/')) book.#peers.set(peer.did, peer)
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

  /** Whether an operator of ours has called the party: that makes it a partner, and having met it does not. */
  called(did: Did): boolean {
    const peer = this.#peers.get(did)
    return peer !== undefined && peer.called !== false
  }

  /** The operator has called it at these addresses. */
  remember({ did, peerId, addresses }: Peer): Write {
    const { metAtMs } = this.#peers.get(did) ?? {}
    return this.#put({ did, peerId, addresses: this.#joined({ did, peerId, addresses }), called: true, ...(metAtMs === undefined ? {} : { metAtMs }) })
  }

  /**
   * A partner is connected, and these are its addresses, the best first. What there is to write: nothing where nothing has changed;
   * where there is no room for one more, the one that was met longest ago, and that nobody called, goes.
   */
  met({ did, peerId, addresses }: Peer, nowMs: number): readonly Write[] {
    const before = this.#peers.get(did)
    const joined = this.#joined({ did, peerId, addresses })
    if (joined.length === 0) return []
    const same = before?.peerId === peerId && joined.join(' ') === before.addresses.join(' ')
    if (same && nowMs - (before.metAtMs ?? 0) < metEveryMs) return []
    const left = before ? [] : this.#makeRoom()
    if (!left) return []
    return [...left, this.#put({ did, peerId, addresses: joined, called: before !== undefined && before.called !== false, metAtMs: nowMs })]
  }

  /** From now on partners that connect are kept: those that were called, and those that `gate` vouches for. */
  follow({ network, store, clock, log, gate }: Follows): void {
    network.onBound((peer) => {
      if (!this.#peers.has(peer.did) && !gate.vouches(peer.did)) return
      const writes = this.met(peer, clock.nowMs())
      if (writes.length === 0) return
      store.batch(writes).catch((cause: unknown) => log('warn', 'partner not kept', { partner: peer.did, code: codeOf(cause) }))
    })
  }

  /** The newest knowledge first. A party that has another peer id now is found where it was, under that one. */
  #joined({ did, peerId, addresses }: Peer): readonly string[] {
    const known = this.#peers.get(did)
    const before = known?.addresses.map((address) => address.replaceAll(known.peerId, peerId)) ?? []
    const ours = addresses.filter((address) => (peerIn(address) ?? peerId) === peerId)
    return [...new Set([...ours, ...before])].slice(0, addressesMax)
  }

  /** Undefined where all of them were called. */
  #makeRoom(): readonly Write[] | undefined {
    if (this.#peers.size < partiesMax) return []
    const met = [...this.#peers.values()].filter(({ called }) => called === false)
    const [oldest] = met.sort((a, b) => (a.metAtMs ?? 0) - (b.metAtMs ?? 0))
    if (!oldest) return undefined
    this.#peers.delete(oldest.did)
    return [{ del: `peer/${oldest.did}` }]
  }

  #put(peer: Kept): Write {
    this.#peers.set(peer.did, peer)
    return putJson(`peer/${peer.did}`, peer)
  }
}

/** Whom an address leads to, if it says so; through a relay it is the last that is named. */
function peerIn(address: string): string | undefined {
  return [...address.matchAll(/\/(?:p2p|memory)\/([1-9A-HJ-NP-Za-km-z]+)/g)].at(-1)?.[1]
}

/** The addresses of a peer under other peer ids; none where an address does not name the peer. */
function readdressed({ peerId, addresses }: Peer, to: readonly PeerId[]): readonly string[] {
  return to
    .filter((id) => id !== peerId)
    .flatMap((id) => addresses.filter((address) => address.includes(peerId)).map((address) => address.replaceAll(peerId, id)))
}
