/**
 * Who of those that have proved a DID gets more than hello and enrolment. The network asks here; the trust store answers, once it has
 * joined. Until then everybody is known, as in a node whose operator has not set up any trust.
 */
import type { Network } from '#node/ports.ts'
import type { Service } from '#protocols/channel.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'

export type Acquaintance = 'known' | 'stranger'

export interface Admission {
  /** Asked at every opening of a channel, so it answers from memory; what it says may change at any time. */
  admits(did: Did): Acquaintance
  /** Whether we relay for the party, and let it relay for us. Default: for whoever is known. */
  mayRelay?(did: Did): boolean
  /** Whether the operator has shut the party out. Default: nobody is. */
  blocks?(did: Did): boolean
}

/** What a stranger may open. */
const strangersServices: readonly Service[] = ['enrol']

export class NetworkGate {
  #admission: Admission | undefined
  readonly #listeners: (() => void)[] = []

  /** From now on `admission` answers. */
  join(admission: Admission): void {
    this.#admission = admission
    this.changed()
  }

  /** Something that `admission` says has changed: the network looks at its connections again. */
  changed(): void {
    for (const listener of this.#listeners) listener()
  }

  onChanged(listener: () => void): void {
    this.#listeners.push(listener)
  }

  admits(did: Did): Acquaintance {
    return this.#admission?.admits(did) ?? 'known'
  }

  /** Known, and not for want of anybody to ask. */
  vouches(did: Did): boolean {
    return this.#admission?.admits(did) === 'known'
  }

  mayRelay(did: Did): boolean {
    return this.#admission?.mayRelay?.(did) ?? this.admits(did) === 'known'
  }

  /** Whoever is blocked has no connection, known or not. */
  blocks(did: Did): boolean {
    return this.#admission?.blocks?.(did) ?? false
  }

  /** @throws {TrustError} DFFT_NOT_ADMITTED */
  check(did: Did, service: Service): void {
    if (this.admits(did) === 'known' || strangersServices.includes(service)) return
    throw new TrustError('DFFT_NOT_ADMITTED', `\`${did}\` is not admitted to \`${service}\``, { did, service })
  }
}

/**
 * Of those connected the ones that are known: whom to ask, and to tell. Strangers are without number, and whoever asks a few at a time
 * would ask nobody else; and what a node looks for is no business of theirs.
 */
export function partnersOf(network: Pick<Network, 'connected'>, gate: Pick<NetworkGate, 'admits'>): Pick<Network, 'connected'> {
  return { connected: () => network.connected().filter(({ did }) => gate.admits(did) === 'known') }
}
