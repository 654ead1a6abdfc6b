/**
 * Dials of several addresses of one peer, side by side.
 *
 * libp2p joins them into one that tries them in turn, and gives each some seconds; the dialler of node/network/dialler.ts has its own order
 * and its own haste. So the second goes to the transport as it is. Who answers is checked alike: the address names the peer.
 */
import type { Connection, Libp2p } from '@libp2p/interface'
import type { tcp } from '@libp2p/tcp'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Libp2pOptions as Setup } from 'libp2p'

type Make = ReturnType<typeof tcp>
type Components = Parameters<NonNullable<Setup['transports']>[number]>[0]

export class Dials {
  #transports: Components['transportManager'] | undefined
  readonly #underWay = new Map<string, Set<string>>()

  /** A transport that is made as before, and shows us who dials it. */
  through(make: Make): (components: Components) => ReturnType<Make> {
    return (components) => {
      this.#transports = components.transportManager
      return make(components)
    }
  }

  async dial(node: Libp2p, target: Multiaddr, signal: AbortSignal): Promise<Connection> {
    const peer = target.getComponents().findLast(({ name }) => name === 'p2p')?.value
    if (peer === undefined) return node.dial(target, { signal })
    const address = target.toString()
    const underWay = this.#underWay.get(peer) ?? new Set()
    const beside = underWay.size > 0 && !underWay.has(address) && this.#transports !== undefined
    this.#underWay.set(peer, underWay.add(address))
    try {
      return beside && this.#transports ? await this.#transports.dial(target, { signal }) : await node.dial(target, { signal })
    } finally {
      underWay.delete(address)
      if (underWay.size === 0) this.#underWay.delete(peer)
    }
  }
}
