/**
 * How parties become known to each other that have not met: who is accredited shows by whom, up to an anchor, and is known where that
 * anchor counts.
 */

import type { z } from 'zod'
import type { Addresses } from '#node/network/records.ts'
import type { Clock, Log, Network, Store } from '#node/ports.ts'
import type { AcquaintanceNeeds } from '#node/trust/acquaintance.ts'
import { digestOf } from '#protocols/canonical.ts'
import { type Channel, receive, send } from '#protocols/channel.ts'
import { chainMax, type Question, Reply } from '#protocols/enrolment.ts'
import { type Code, codeOf, isCode, TrustError } from '#protocols/errors.ts'
import type { Did, Digest, Jurisdiction } from '#protocols/ids.ts'
import type { AnyAccreditation } from '#protocols/trust/accreditation.ts'
import { statementDigest } from '#protocols/trust/proof.ts'
import { refusal } from './trust.ts'

interface Needs extends AcquaintanceNeeds {
  readonly store: Store
  readonly clock: Clock
  readonly network: Pick<Network, 'open' | 'connected'>
  readonly log: Log
}

/** A chain is verified, or an application looked up; who takes longer is in trouble. */
const askMs = 10_000
/** Who was refused is not told anything new by being asked again at once. */
const pauseMs = 10_000
const didsMax = 1024

export class Introductions {
  readonly #needs: Needs
  readonly #made = new Map<Did, { readonly atMs: number; readonly chain: Digest; readonly outcome: Promise<boolean> }>()

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Our accreditation, that of who signed it, and so on up; empty where we have none. */
  chain(): readonly AnyAccreditation[] {
    return this.chainOf(this.#needs.self.did)
  }

  chainOf(did: Did): readonly AnyAccreditation[] {
    const { trust, clock } = this.#needs
    const { ok, links } = trust.standingOf(did, clock.nowMs())
    if (!ok) return []
    const documents = links.flatMap(({ digest }) => (digest && trust.shelf.get(digest)) ?? [])
    return documents.filter((one) => one.type === 'Accreditation').slice(0, chainMax)
  }

  /**
   * What has to be over before anything else is asked of a party: an introduction that is under way, and where it is not connected yet the
   * one that its connection would begin with. A profile has accreditations of version 1 only, which introduce nobody by themselves.
   */
  async before(did: Did, signal: AbortSignal): Promise<void> {
    if (this.#needs.network.connected().some((peer) => peer.did === did)) await this.#made.get(did)?.outcome
    else if (this.shows()) await this.to(did, signal)
  }

  /** Whether there is something to show that no profile tells of. */
  shows(): boolean {
    return this.chain().some(({ version }) => version === 2)
  }

  /** Introduces us to a party that does not know us. @returns whether it does now */
  async to(did: Did, signal: AbortSignal): Promise<boolean> {
    const nowMs = this.#needs.clock.monotonicMs()
    const shown = this.chain()
    if (shown.length === 0) return false
    const chain = digestOf(shown.map(statementDigest))
    const before = this.#made.get(did)
    if (before?.chain === chain && nowMs - before.atMs < pauseMs) return before.outcome
    this.#made.delete(did)
    const [oldest] = this.#made.keys()
    if (this.#made.size >= didsMax && oldest !== undefined) this.#made.delete(oldest)
    const outcome = this.#introduce(did, shown, signal)
    this.#made.set(did, { atMs: nowMs, chain, outcome })
    return outcome
  }

  async #introduce(did: Did, chain: readonly AnyAccreditation[], signal: AbortSignal): Promise<boolean> {
    try {
      await converse(did, this.#needs, signal, (ask) => ask({ type: 'introduce', version: 1, chain: [...chain] }, 'welcome'))
      return true
    } catch (thrown) {
      const code = codeOf(thrown)
      this.#needs.log('info', 'not introduced', { partner: did, code })
      // Whoever was not there has refused nothing.
      if (unheard.has(code)) this.#made.delete(did)
      return false
    }
  }

  /**
   * Takes in what a party shows of itself.
   *
   * @returns as whom it is known
   * @throws {TrustError} DFFT_TRUST_CHAIN when it is not of the party, or has a gap; as `learn`; why the party has no standing all the same
   */
  async meet(from: Did, chain: readonly AnyAccreditation[], signal: AbortSignal): Promise<Jurisdiction> {
    const { trust, store, clock } = this.#needs
    checkChain(from, chain)
    // From above: what is passed on is measured by what it was passed on from.
    for (const accreditation of chain.toReversed()) {
      const writes = await trust.learn(accreditation, signal)
      if (writes.length > 0) await store.batch(writes)
    }
    const standing = trust.standingOf(from, clock.nowMs())
    if (!standing.ok) throw refusal(standing)
    return standing.jurisdiction
  }
}

const unheard: ReadonlySet<Code> = new Set(['DFFT_UNREACHABLE', 'DFFT_PEER_UNKNOWN', 'DFFT_TIMEOUT', 'DFFT_CHANNEL_CLOSED'])

/** @throws {TrustError} DFFT_TRUST_CHAIN */
function checkChain(from: Did, chain: readonly AnyAccreditation[]): void {
  for (const [at, { subject }] of chain.entries()) {
    const expected = at === 0 ? from : chain[at - 1]?.issuer
    if (subject !== expected) throw new TrustError('DFFT_TRUST_CHAIN', 'the chain that is shown has a gap', { subject, expected: expected ?? null })
  }
}

/** Asks one question of the service. @throws {TrustError} the code it was refused with */
export type AskOne = <Type extends Reply['type']>(question: z.input<typeof Question>, expected: Type) => Promise<Extract<Reply, { type: Type }>>

/** One conversation over the service `enrol`. @throws {TrustError} DFFT_UNREACHABLE, DFFT_TIMEOUT; what the peer refused with */
export async function converse<T>(
  did: Did,
  { network, peers, clock }: { readonly network: Pick<Network, 'open'>; readonly peers: Addresses; readonly clock: Pick<Clock, 'timeout'> },
  signal: AbortSignal,
  talk: (ask: AskOne, channel: Channel) => Promise<T>,
): Promise<T> {
  const bounded = AbortSignal.any([signal, clock.timeout(askMs)])
  const channel = await network.open({ did, addresses: peers.addressesOf(did) }, 'enrol', bounded)
  try {
    return await talk(async (question, expected) => {
      await send(channel, question, bounded)
      const reply = await receive(channel, Reply, bounded)
      if (reply.type === expected) return reply as Extract<Reply, { type: typeof expected }> // Just compared.
      if (reply.type !== 'refused') throw new TrustError('DFFT_FRAME', `\`${did}\` answered another question`, { asked: question.type, told: reply.type })
      const { code, retryAfterMs } = reply
      throw new TrustError(isCode(code) ? code : 'DFFT_ENROLMENT', `\`${did}\` refused`, {
        asked: question.type,
        code,
        ...(retryAfterMs === null ? {} : { retryAfterMs }),
      })
    }, channel)
  } finally {
    channel.close()
  }
}
