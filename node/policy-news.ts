/**
 * Which policies are news: ours to others, and others' to us. What is fetched is the document that was asked for, and with it those
 * before it that were missed, so that each serial is seen to follow from the one before.
 */
import { z } from 'zod'
import { digestOf } from '#protocols/canonical.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { type Did, Digest, type Jurisdiction, msOf } from '#protocols/ids.ts'
import type { PolicyShelf, Shelved, SignedPolicy } from './policy-shelf.ts'
import type { Clock, Log, Store } from './ports.ts'
import type { RecordsClient } from './records.ts'
import type { Self } from './self.ts'

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
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly shelf: PolicyShelf
  readonly records: RecordsClient
}

/** As many as a profile names. */
const toldMax = 64
/** Serials that were missed: of a policy that changes every month, those of a year. */
const missedMax = 12

export class PolicyNews {
  readonly #needs: Needs

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** What a peer is told that we have: what is in force, then what is published ahead; ours before others', which they tell themselves. */
  held(): readonly Digest[] {
    const others = this.#current().filter((held) => !this.#isOwn(held))
    return [...this.#current().filter((held) => this.#isOwn(held)), ...others].map(({ digest }) => digest).slice(0, toldMax)
  }

  /** Ours that are in force or will be. */
  own(): readonly OwnNews[] {
    const own = this.#current().filter((held) => this.#isOwn(held))
    return own.map((held) => ({ ...newsOf(held), beginsMs: beginsMs(held) }))
  }

  #current(): readonly Shelved[] {
    const { shelf, clock } = this.#needs
    const nowMs = clock.nowMs()
    return [...shelf.allInForce(nowMs), ...shelf.newest.filter((held) => beginsMs(held) > nowMs)]
  }

  #isOwn({ policy }: Shelved): boolean {
    return policy.metadata.issuer === this.#needs.self.did
  }

  of(digest: Digest): News | undefined {
    const held = this.#needs.shelf.get(digest)
    return held && newsOf(held)
  }

  /** Whether the document is worth a fetch: not held, nor older than what is. One of the same serial is: its issuer has said two things. */
  wanted({ type, jurisdiction, digest, serial }: News): boolean {
    return type === 'policy' && this.of(digest) === undefined && serial >= this.#newest(jurisdiction)
  }

  /**
   * Fetches a document and keeps what holds.
   * @returns how many policies were new; what does not hold is logged
   * @throws {TrustError} when the peer does not hand the document over
   */
  async fetch(digest: Digest, from: Did, signal: AbortSignal): Promise<number> {
    if (this.of(digest)) return 0
    let kept = 0
    for (const document of await this.#missed(digest, from, signal)) if (await this.#keep(document, from, signal)) kept++
    return kept
  }

  /** The document and those before it, back to one that is held, the oldest first. */
  async #missed(digest: Digest, from: Did, signal: AbortSignal): Promise<readonly SignedPolicy[]> {
    const documents = [await this.#document(digest, from, signal)]
    while (documents.length < missedMax) {
      const previous = this.#before(documents[0])
      const document = previous && (await this.#document(previous, from, signal).catch(() => undefined))
      if (!document) break // Whoever has the newest need not have all.
      documents.unshift(document)
    }
    return documents
  }

  /** What the document follows, where that is missed too. */
  #before(document: SignedPolicy | undefined): Digest | undefined {
    const { data } = Chained.safeParse(document)
    if (!data || data.metadata.previous === undefined || this.of(data.metadata.previous)) return undefined
    return data.metadata.serial > this.#newest(data.metadata.jurisdiction as Jurisdiction) + 1 ? data.metadata.previous : undefined // Only looked up.
  }

  async #document(digest: Digest, from: Did, signal: AbortSignal): Promise<SignedPolicy> {
    const { document } = await this.#needs.records.ask(from, { type: 'policy', digest }, 'policy', signal)
    if (digestOf({ ...document, proof: undefined }) !== digest)
      throw new TrustError('DFFT_POLICY_SIGNATURE', `\`${from}\` handed over another document than was asked for`, { digest })
    return document as SignedPolicy // Strict JSON; its schema is asked when it is learned.
  }

  async #keep(document: SignedPolicy, from: Did, signal: AbortSignal): Promise<boolean> {
    const { shelf, store, log } = this.#needs
    try {
      const { write } = await shelf.learn(document, signal)
      if (write) await store.batch([write])
      return write !== undefined
    } catch (thrown) {
      if (!(thrown instanceof TrustError)) throw thrown
      log('warn', 'record not kept', { what: 'policy', from, code: codeOf(thrown) })
      return false
    }
  }

  #newest(jurisdiction: Jurisdiction): number {
    return this.#needs.shelf.newest.find(({ policy }) => policy.metadata.jurisdiction === jurisdiction)?.policy.metadata.serial ?? 0
  }
}

/** As much of a document that nobody has checked yet as says what it follows. */
const Chained = z.looseObject({ metadata: z.looseObject({ jurisdiction: z.string().max(8), serial: z.number().int(), previous: Digest.optional() }) })

function newsOf({ digest, policy: { metadata } }: Shelved): News {
  return { type: 'policy', jurisdiction: metadata.jurisdiction, digest, serial: metadata.serial }
}

function beginsMs({ policy }: Shelved): number {
  return msOf(policy.metadata.validFrom)
}
