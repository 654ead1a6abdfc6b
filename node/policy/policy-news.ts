/**
 * Which policies and suspensions are news: ours to others, and others' to us. What is fetched is the document that was asked for,
 * with what it rests on (policy-chain.ts).
 */

import type { Self } from '#node/identity/self.ts'
import type { RecordsClient } from '#node/network/records.ts'
import type { Clock, DidLogs, Log } from '#node/ports.ts'
import type { Trust } from '#node/trust/trust.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { type Did, type Digest, type Jurisdiction, msOf } from '#protocols/ids.ts'
import { policiesMax } from '#protocols/records.ts'
import { handedOver, takeOn } from './policy-chain.ts'
import type { PolicyShelf } from './policy-shelf.ts'
import { type Held, isPolicy } from './shelved.ts'

/** What an announcement says. */
export interface News {
  readonly type: string
  readonly jurisdiction: Jurisdiction
  readonly digest: Digest
  readonly serial: number
}

export interface OwnNews extends News {
  readonly beginsMs: number
}

interface Needs {
  readonly self: Pick<Self, 'did'>
  readonly clock: Clock
  readonly log: Log
  readonly shelf: PolicyShelf
  readonly records: RecordsClient
  readonly trust: Pick<Trust, 'anchors'>
  readonly dids: DidLogs
}

export class PolicyNews {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** What a peer is told that we have, as many as a profile names; ours before others', which they tell themselves. */
  held(): readonly Digest[] {
    const others = this.#current().filter((held) => !this.#isOwn(held))
    return [...this.#current().filter((held) => this.#isOwn(held)), ...others].map(({ digest }) => digest).slice(0, policiesMax)
  }

  /** Ours that count or will. */
  own(): readonly OwnNews[] {
    const own = this.#current().filter((held) => this.#isOwn(held))
    return own.map((held) => ({ ...newsOf(held), beginsMs: beginsMs(held) }))
  }

  /** The most urgent first; what is published ahead last. */
  #current(): readonly Held[] {
    const { shelf, clock } = this.#needs
    const nowMs = clock.nowMs()
    const ahead = shelf.newest.filter((held) => beginsMs(held) > nowMs)
    return [...new Set([...shelf.toTell(nowMs).flatMap((digest) => shelf.get(digest) ?? []), ...ahead])]
  }

  #isOwn({ policy }: Held): boolean {
    return policy.metadata.issuer === this.#needs.self.did
  }

  /** Whether a party's word on a jurisdiction's documents is worth a look: its anchor's, or that of an office that signs for it. */
  speaks(party: Did, jurisdiction: Jurisdiction): boolean {
    const { trust, shelf } = this.#needs
    return trust.anchors(party, jurisdiction) || shelf.signers(jurisdiction).of.includes(party)
  }

  of(digest: Digest): News | undefined {
    const held = this.#needs.shelf.get(digest)
    return held && newsOf(held)
  }

  /**
   * Whether the document is worth a fetch: not held, nor a policy older than what is. One of the same serial is: its issuer has said two
   * things. Suspensions unite, so any that is not held counts.
   */
  wanted({ type, jurisdiction, digest, serial }: News): boolean {
    if (this.of(digest) !== undefined) return false
    return type === 'suspension' || (type === 'policy' && serial >= (this.#needs.shelf.line(jurisdiction).newest?.policy.metadata.serial ?? 0))
  }

  /**
   * Fetches a document, and keeps it where it holds.
   * @returns whether it is new here; one that does not hold is logged
   * @throws {TrustError} when the peer does not hand the document over
   */
  async fetch(digest: Digest, from: Did, signal: AbortSignal): Promise<boolean> {
    const { shelf, log } = this.#needs
    if (shelf.get(digest)) return false
    const document = await handedOver(digest, from, this.#needs, signal)
    try {
      await takeOn(document, digest, from, this.#needs, signal)
      return true
    } catch (thrown) {
      if (!(thrown instanceof TrustError)) throw thrown
      log('warn', 'record not kept', { what: 'policy', from, code: codeOf(thrown) })
      return false
    }
  }
}

function newsOf(held: Held): News {
  const { jurisdiction, serial } = held.policy.metadata
  return { type: isPolicy(held) ? 'policy' : 'suspension', jurisdiction, digest: held.digest, serial }
}

function beginsMs({ policy }: Held): number {
  return msOf(policy.metadata.validFrom)
}
