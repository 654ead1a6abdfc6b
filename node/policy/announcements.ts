/**
 * Telling everybody that a policy of ours is new, and fetching what others are heard to have.
 *
 * Nobody answers an announcement, so it is said again: soon after, when a partner comes, when a policy begins, and every hour. What
 * nobody was heard to announce is found by asking now and then.
 */

import type { KeyFinder } from '#node/identity/key-finder.ts'
import type { Self } from '#node/identity/self.ts'
import type { Neighbours } from '#node/network/neighbours.ts'
import { Buckets } from '#node/network/standing.ts'
import type { Clock, Log, Network, Peer, Random } from '#node/ports.ts'
import { type Announced, type Announcement, readAnnouncement, signAnnouncement, verifyAnnouncement } from '#protocols/announcement.ts'
import { canonicalBytes } from '#protocols/canonical.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { type Did, type Digest, instant, type Jurisdiction, msOf } from '#protocols/ids.ts'
import type { VerifyKey } from '#protocols/keys.ts'
import type { News, OwnNews } from './policy-news.ts'

export const announcementLimits = {
  /** More than two honest clocks differ, and less than half of what a network remembers: an old announcement never goes round again. */
  freshMs: 5 * 60_000,
  /** Of one issuer, whoever passes them on; 20 policies are said twenty times in an hour of many comings and goings. */
  perSecond: 1,
  burst: 200,
  /** After the first time: for those whose connection was just being made. */
  againMs: 30_000,
  /** After a partner came: its streams are made by then, at the second try too. */
  settleMs: 10_000,
  /** Between two times for partners that came. */
  gapMs: 60_000,
  /** All of ours; and so long after the first time partners that come are told. */
  everyMs: 3_600_000,
  /** All partners are asked what they have. */
  pollMs: 15 * 60_000,
  /** For one of them to tell it all; whoever is slower keeps no other waiting. */
  pollOneMs: 30_000,
  /** Documents fetched at once: 64 MiB on their way. */
  fetchesMax: 64,
  /** Of one issuer, who may announce what nobody hands over. */
  fetchesOfOneMax: 8,
  /** The first hearer may have it later than his hint came on: tries after 0.25, 0.5, … 8 s. */
  tries: 7,
  pauseMs: 250,
  /** One that was refused is not fetched again for so long. */
  refusedMs: 3_600_000,
  refusedMax: 256,
  /** For finding the key: meanwhile the announcement waits. */
  keyMs: 3000,
} as const

/** Who knows what is new, here and elsewhere. */
export interface NewsDesk {
  own(): readonly OwnNews[]
  of(digest: Digest): News | undefined
  speaks(party: Did, jurisdiction: Jurisdiction, type: string): boolean
  wanted(announced: Announced): boolean
  /** @throws {TrustError} when the peer does not hand it over */
  fetch(digest: Digest, from: Did, signal: AbortSignal, type: string): Promise<boolean>
}

interface Needs {
  readonly self: Self
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly network: Network
  readonly keys: KeyFinder
  readonly policyNews: NewsDesk
  readonly neighbours: Neighbours
}

export class Announcements {
  readonly #needs: Needs
  readonly #budgets = new Buckets(announcementLimits)
  readonly #fetching = new Map<Digest, { readonly issuer: Did; readonly done: Promise<void> }>()
  readonly #refusedUntilMs = new Map<Digest, number>()
  /** When ours were said first, in this life. */
  readonly #firstMs = new Map<Digest, number>()
  readonly #loops: Promise<void>[] = []
  #ending: AbortSignal | undefined
  #saidMs = Number.NEGATIVE_INFINITY
  #dueMs = Number.POSITIVE_INFINITY
  #wake: () => void = () => undefined

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** Listens, and says ours again as often as is due, until the signal. */
  start(signal: AbortSignal): void {
    const { network, clock, policyNews } = this.#needs
    this.#ending = signal
    for (const { digest } of policyNews.own()) this.#firstMs.set(digest, clock.monotonicMs())
    network.onAnnounced((bytes, from) => this.#hear(bytes, from))
    network.onBound(() => this.#tellNewcomers())
    this.#loops.push(this.#keepSaying(signal), this.#keepAsking(signal))
  }

  /** After the signal: what was under way has come to its end. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#loops, ...[...this.#fetching.values()].map(({ done }) => done)])
  }

  /**
   * One of ours that is held: to everybody now, and to those who come in the next hour.
   *
   * @param options.again false for what is made anew so often that the next one is said soon
   */
  async announce(digest: Digest, { again = true } = {}): Promise<void> {
    const { policyNews, clock } = this.#needs
    const news = policyNews.of(digest)
    if (!news) return
    if (!again) return this.#say(news)
    this.#firstMs.set(digest, clock.monotonicMs())
    await this.#say(news)
    this.#sooner(this.#nextMs())
  }

  // What we say.

  async #keepSaying(signal: AbortSignal): Promise<void> {
    const { clock } = this.#needs
    this.#sooner(this.#nextMs())
    while (!signal.aborted) {
      const woken = new AbortController()
      this.#wake = () => woken.abort()
      await clock.sleep(Math.max(0, this.#dueMs - clock.monotonicMs()), AbortSignal.any([signal, woken.signal])).catch(() => undefined)
      if (signal.aborted || clock.monotonicMs() < this.#dueMs) continue
      this.#saidMs = clock.monotonicMs()
      this.#dueMs = this.#nextMs()
      for (const news of this.#needs.policyNews.own()) await this.#say(news)
    }
  }

  /** In an hour, or before when one of ours begins or was said for the first time just now. */
  #nextMs(): number {
    const { clock, policyNews } = this.#needs
    const begins = policyNews.own().map(({ beginsMs }) => beginsMs - clock.nowMs())
    const agains = [...this.#firstMs.values()].map((firstMs) => firstMs + announcementLimits.againMs - clock.monotonicMs())
    return clock.monotonicMs() + Math.min(announcementLimits.everyMs, ...[...begins, ...agains].filter((ms) => ms > 0))
  }

  #sooner(ms: number): void {
    if (ms >= this.#dueMs) return
    this.#dueMs = ms
    this.#wake()
  }

  /** The newcomer and we compare what we have; those behind it hear by this of what was new while it was away. */
  #tellNewcomers(): void {
    const { clock } = this.#needs
    const { settleMs, gapMs, everyMs } = announcementLimits
    const nowMs = clock.monotonicMs()
    for (const [digest, firstMs] of this.#firstMs) if (nowMs - firstMs > everyMs) this.#firstMs.delete(digest)
    if (this.#firstMs.size > 0) this.#sooner(Math.max(nowMs + settleMs, this.#saidMs + gapMs))
  }

  /** Best effort: whoever does not hear it is told later. */
  async #say({ type, jurisdiction, digest, serial }: News): Promise<void> {
    const { self, clock, network, log } = this.#needs
    try {
      const said = { type, jurisdiction, digest, serial, issuer: self.did, at: instant(clock.nowMs()) }
      await network.publish(canonicalBytes(await signAnnouncement(said, self.signer)))
      log('debug', 'announced', { jurisdiction, serial })
    } catch (thrown) {
      log('warn', 'not announced', { jurisdiction, serial, code: codeOf(thrown) })
    }
  }

  // What we hear.

  /** @throws {TrustError} for what an honest peer never passes on */
  async #hear(bytes: Uint8Array, from: Peer): Promise<boolean> {
    const { policyNews, clock } = this.#needs
    const announcement = readAnnouncement(bytes)
    const { issuer, jurisdiction, type, at } = announcement
    if (!policyNews.speaks(issuer, jurisdiction, type) || Math.abs(msOf(at) - clock.nowMs()) > announcementLimits.freshMs) return false
    const key = await this.#keyOf(announcement)
    if (!key) return false
    verifyAnnouncement(announcement, key)
    if (this.#budgets.take(issuer, clock.monotonicMs()) > 0) return false
    this.#consider(announcement, from.did)
    return true
  }

  /** None where it cannot be found now: whoever passed it on may know more of the issuer than we do. */
  async #keyOf({ signature, at }: Announcement): Promise<VerifyKey | undefined> {
    const { keys, clock, log } = this.#needs
    try {
      return await keys(signature.keyId, 'authentication', msOf(at), this.#until(clock.timeout(announcementLimits.keyMs)))
    } catch (thrown) {
      log('debug', 'announcement not read', { code: codeOf(thrown) })
      return undefined
    }
  }

  #consider(announcement: Announcement, from: Did): void {
    const { policyNews, clock } = this.#needs
    const { digest, issuer } = announcement
    const refused = clock.monotonicMs() < (this.#refusedUntilMs.get(digest) ?? 0)
    if (refused || this.#fetching.has(digest) || this.#busyFor(issuer) || !policyNews.wanted(announcement)) return
    const done = this.#fetch(announcement, from).finally(() => this.#fetching.delete(digest))
    this.#fetching.set(digest, { issuer, done })
  }

  #busyFor(issuer: Did): boolean {
    const { fetchesMax, fetchesOfOneMax } = announcementLimits
    const ofOne = [...this.#fetching.values()].filter((fetching) => fetching.issuer === issuer)
    return this.#fetching.size >= fetchesMax || ofOne.length >= fetchesOfOneMax
  }

  /** From whoever passed it on, who may not have it yet, or from its issuer, whom we may not reach. Never throws. */
  async #fetch({ type, digest, issuer, jurisdiction, serial }: Announcement, from: Did): Promise<void> {
    const { policyNews, clock, log } = this.#needs
    const { tries, pauseMs } = announcementLimits
    for (let count = 0; count < tries; count++) {
      if (count > 0) await clock.sleep(pauseMs * 2 ** (count - 1), this.#until()).catch(() => undefined)
      for (const source of new Set([from, issuer])) {
        if (this.#until().aborted) return
        const got = await this.#tryFetch(digest, source, type)
        if (!got) continue
        if (!policyNews.of(digest)) this.#refuse(digest)
        log('info', 'announced policy fetched', { jurisdiction, serial, from: source, held: policyNews.of(digest) !== undefined })
        return
      }
    }
    log('info', 'announced policy not fetched', { jurisdiction, serial })
  }

  async #tryFetch(digest: Digest, from: Did, type: string): Promise<boolean> {
    try {
      await this.#needs.policyNews.fetch(digest, from, this.#until(), type)
      return true
    } catch (thrown) {
      if (!(thrown instanceof TrustError)) this.#needs.log('warn', 'fetch failed', { from, code: codeOf(thrown) })
      return false
    }
  }

  #refuse(digest: Digest): void {
    const { refusedMax, refusedMs } = announcementLimits
    const [oldest] = this.#refusedUntilMs.keys()
    if (this.#refusedUntilMs.size >= refusedMax && oldest !== undefined) this.#refusedUntilMs.delete(oldest)
    this.#refusedUntilMs.set(digest, this.#needs.clock.monotonicMs() + refusedMs)
  }

  // What nobody was heard to say.

  async #keepAsking(signal: AbortSignal): Promise<void> {
    const { clock, network, neighbours, log } = this.#needs
    while (!signal.aborted) {
      await clock.sleep(this.#pollMs(), signal).catch(() => undefined)
      // A stranger costs nothing to make, and would have his turn before a partner.
      for (const { did } of network.connected().filter((peer) => neighbours.knows(peer.did))) {
        if (signal.aborted) return
        const bounded = this.#until(signal, clock.timeout(announcementLimits.pollOneMs))
        await neighbours.learnFrom(did, bounded).catch((thrown) => log('debug', 'partner not asked', { partner: did, code: codeOf(thrown) }))
      }
    }
  }

  /** Between half of it and one and a half: partners do not ask all at once. */
  #pollMs(): number {
    const [first = 0] = this.#needs.random.bytes(1)
    return announcementLimits.pollMs * (0.5 + first / 256)
  }

  #until(...others: readonly AbortSignal[]): AbortSignal {
    return AbortSignal.any([...(this.#ending ? [this.#ending] : []), ...others])
  }
}
