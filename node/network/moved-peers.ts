/**
 * Finds partners that have a new peer key: their addresses are known under the old one, and their DID document names the new one. Who
 * was away when the document changed asks the partners that it does reach for their copy of the log.
 */

import type { DidBook } from '#node/identity/dids.ts'
import type { Clock, Log, Network, Peer } from '#node/ports.ts'
import { codeOf } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import type { PeerBook } from './peers.ts'
import type { RecordsClient } from './records.ts'

/** A partner that is away is asked about once a minute, whoever connects meanwhile. */
const pauseMs = 60_000
/** Of one partner that connects: each answer is a log of some KiB. */
const asksMax = 16

interface Needs {
  readonly dids: DidBook
  readonly records: Pick<RecordsClient, 'ask'>
  readonly network: Pick<Network, 'connected'>
  readonly peerBook: PeerBook
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly log: Log
}

export class MovedPeers {
  readonly #needs: Needs
  readonly #askedMs = new Map<Did, number>()

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** A partner that has just connected may know more of those that we do not reach. @returns who is to be called again */
  async heardOf(from: Did, signal: AbortSignal): Promise<readonly Peer[]> {
    const { peerBook, network } = this.#needs
    const connected = new Set(network.connected().map(({ did }) => did))
    const away = peerBook.all.filter(({ did }) => did !== from && did.startsWith('did:webvh:') && !connected.has(did))
    const moved: Peer[] = []
    for (const peer of this.#due(away)) if (await this.#grew(peer.did, from, signal)) moved.push(peer)
    return moved
  }

  /** Those that were asked about longest ago. */
  #due(away: readonly Peer[]): readonly Peer[] {
    const nowMs = this.#needs.clock.monotonicMs()
    const askedMs = ({ did }: Peer) => this.#askedMs.get(did) ?? Number.NEGATIVE_INFINITY
    const due = away.filter((peer) => nowMs - askedMs(peer) >= pauseMs).sort((one, other) => (askedMs(one) < askedMs(other) ? -1 : 1))
    const chosen = due.slice(0, asksMax)
    for (const { did } of chosen) this.#askedMs.set(did, nowMs) // As many as there are partners.
    return chosen
  }

  async #grew(did: Did, from: Did, signal: AbortSignal): Promise<boolean> {
    const { dids, records, log } = this.#needs
    try {
      const before = await dids.held(did)
      const told = await records.ask(from, { type: 'did-log', did }, 'did-log', signal)
      const { verified } = await dids.learn(did, told.log, told.witnessProofs)
      return verified.versions.length > (before?.verified.versions.length ?? 0)
    } catch (thrown) {
      log('debug', 'did log not told', { partner: from, about: did, code: codeOf(thrown) }) // Most often: it does not know the party.
      return false
    }
  }
}
