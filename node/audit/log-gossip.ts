/**
 * Telling partners of logs, and hearing what they tell: our newest checkpoint with its cosignatures, and the last one we saw of each
 * partner's log. A log's owner that stays silent is found all the same, since those whom it showed something tell one another.
 *
 * Told by announcement, every few minutes and only when something is new; fetched by digest. What is heard causes no telling, so nothing
 * goes round by itself.
 */

import type { NamedKeys } from '#node/identity/key-finder.ts'
import type { Self } from '#node/identity/self.ts'
import type { RecordsClient } from '#node/network/records.ts'
import { Buckets } from '#node/network/standing.ts'
import type { News, OwnNews } from '#node/policy/policy-news.ts'
import type { Clock, Log, Network } from '#node/ports.ts'
import type { Announced } from '#protocols/announcement.ts'
import { canonical } from '#protocols/canonical.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { type Did, type Digest, digest } from '#protocols/ids.ts'
import { parseCheckpoint } from '#protocols/log/checkpoint.ts'
import { forksMax, headsDigest, headsMax, headsType, type LogHeads, notesOf } from '#protocols/log/heads.ts'
import { cosignaturesMax } from '#protocols/log/issuance.ts'
import type { AuditLog } from './audit.ts'
import { comparisonLimits, LogComparison, type OpenQuestion } from './comparing.ts'

export const gossipLimits = {
  /** Between two tellings of one node, give or take a quarter: of 200 nodes, less than one a second. */
  everyMs: 5 * 60_000,
  /** Tellings taken from one node: a burst for who is heard for the first time, then what an honest one says. */
  perSecond: 1 / 60,
  burst: 4,
  /** Tellings of others kept to hand on, one a node, each of some 40 KiB. */
  heldMax: 256,
  /** Partners' heads looked at for one telling. */
  seenMax: 4096,
} as const

interface Needs {
  readonly self: Self
  readonly audit: AuditLog
  readonly records: Pick<RecordsClient, 'ask'>
  readonly network: Network
  readonly named: NamedKeys
  readonly clock: Clock
  readonly log: Log
  /** Whose tellings are heard. */
  readonly knows: (did: Did) => boolean
}

interface Told {
  readonly heads: LogHeads
  readonly news: News
}

export class LogGossip {
  readonly #needs: Needs
  readonly #comparison: LogComparison
  readonly #budgets = new Buckets(gossipLimits)
  /** Others', the one taken last at the end; by who tells. */
  readonly #held = new Map<Did, Told>()
  /** Announced and worth a fetch, by digest. */
  readonly #wanted = new Map<Digest, Announced>()
  #own: Told | undefined
  /** What the last telling was made from. */
  #mark = ''
  /** Where the next telling goes on among more partners than one holds. */
  #turn = 0
  #announce: (digest: Digest) => Promise<void> = async () => undefined
  #loop: Promise<void> = Promise.resolve()
  #stir: () => void = () => undefined

  constructor(needs: Needs) {
    this.#needs = needs
    this.#comparison = new LogComparison(needs)
  }

  /** @param announce tells everybody of a telling of ours */
  start(announce: (digest: Digest) => Promise<void>, signal: AbortSignal): void {
    this.#announce = announce
    this.#loop = this.#keepTelling(signal)
  }

  /** After the signal: what was under way has come to its end. */
  settled(): Promise<void> {
    return this.#loop
  }

  /** Tells now, if there is something new. @returns whether there was */
  async tell(): Promise<boolean> {
    const mark = this.#markOf()
    if (mark === this.#mark) return false
    const heads = await this.#compose()
    this.#mark = mark
    const { size } = parseCheckpoint(heads.own.note)
    const news = { type: headsType, jurisdiction: this.#needs.self.jurisdiction, digest: headsDigest(heads), serial: Math.max(1, size) }
    this.#own = { heads, news }
    await this.#announce(news.digest)
    return true
  }

  /** One checkpoint that somebody tells of. @throws {TrustError} DFFT_CHECKPOINT when its log did not sign it; DFFT_DID_*; DFFT_STORE */
  hear(note: string, by: Did, signal: AbortSignal): Promise<void> {
    return this.#comparison.hear(note, by, signal)
  }

  /** Asks owners again who were away, or were asked just now. */
  settleAll(signal: AbortSignal): Promise<void> {
    return this.#comparison.settleAll(signal)
  }

  /** Checkpoints heard that their logs' owners have not proved yet. */
  open(): Promise<readonly OpenQuestion[]> {
    return this.#comparison.open()
  }

  // What is asked about announcements.

  own(): readonly OwnNews[] {
    return this.#own ? [{ ...this.#own.news, beginsMs: 0 }] : []
  }

  of(wanted: Digest): News | undefined {
    return this.#find(wanted)?.news
  }

  told(wanted: Digest): LogHeads | undefined {
    return this.#find(wanted)?.heads
  }

  speaks(party: Did): boolean {
    return this.#needs.knows(party)
  }

  wanted(announced: Announced): boolean {
    const { issuer, digest: named, serial } = announced
    const last = this.#held.get(issuer)
    if (issuer === this.#needs.self.did || this.of(named) !== undefined || serial < (last?.news.serial ?? 0)) return false
    if (this.#budgets.take(issuer, this.#needs.clock.monotonicMs()) > 0) return false
    keepNewest(this.#wanted, named, announced)
    return true
  }

  /**
   * Fetches what was announced, and measures all of it against what was seen here.
   *
   * @returns true: a telling that does not hold is its teller's fault, and held for nobody
   * @throws {TrustError} when the peer does not hand it over
   */
  async fetch(wanted: Digest, from: Did, signal: AbortSignal): Promise<boolean> {
    const announced = this.#wanted.get(wanted)
    const peer = this.#needs.network.connected().find(({ did }) => did === from)
    if (!announced || (peer?.version ?? 0) < comparisonLimits.versionMin) throw new TrustError('DFFT_UNREACHABLE', `\`${from}\` cannot be asked for log heads`)
    const { heads } = await this.#needs.records.ask(from, { type: headsType, digest: wanted }, headsType, signal)
    if (headsDigest(heads) !== wanted) throw new TrustError('DFFT_CHECKPOINT', `\`${from}\` handed over other log heads than were asked for`)
    this.#wanted.delete(wanted)
    if (await this.#hear(heads, announced, signal)) keepNewest(this.#held, announced.issuer, { heads, news: announced })
    return true
  }

  async #hear(heads: LogHeads, { issuer }: Announced, signal: AbortSignal): Promise<boolean> {
    try {
      if (heads.by !== issuer) throw new TrustError('DFFT_CHECKPOINT', 'the log heads are told by another than who announced them')
      for (const note of notesOf(heads)) await this.hear(note, issuer, signal)
      if (this.#comparison.waiting) this.#stir()
      for (const fork of heads.forks) await this.#comparison.hearFork(fork, issuer, signal)
      return true
    } catch (thrown) {
      const code = codeOf(thrown)
      if (code === 'DFFT_INTERNAL' || code === 'DFFT_STORE') throw thrown
      this.#needs.log('warn', 'log heads not heard', { partner: issuer, code })
      // It signed the digest of what it tells, so nobody else can have made it up.
      if (code === 'DFFT_CHECKPOINT') this.#needs.network.fault(issuer, code)
      return false
    }
  }

  async #keepTelling(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#needs
    while (!signal.aborted) {
      await clock.sleep(this.#pauseMs(), signal).catch(() => undefined)
      if (signal.aborted) return
      try {
        await this.tell()
        await this.settleAll(signal)
      } catch (thrown) {
        log(codeOf(thrown) === 'DFFT_INTERNAL' ? 'error' : 'warn', 'log heads not told', { code: codeOf(thrown) })
      }
      if (this.#markOf() === this.#mark && !this.#comparison.waiting) await this.#stirred(signal)
    }
  }

  /** While nothing is new and nothing is open, no clock runs. */
  async #stirred(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#stir = resolve
    await Promise.race([this.#needs.audit.acted(signal), promise])
  }

  /** Between three quarters of it and five: spread by name, so that partners do not tell all at once. */
  #pauseMs(): number {
    return gossipLimits.everyMs * (0.75 + Number.parseInt(digest(this.#needs.self.did).slice(-2), 16) / 512)
  }

  /** Changes when a partner co-signed more of our log, or we saw more of a partner's, or found a fork. */
  #markOf(): string {
    return digest(canonical([...this.#needs.audit.partnerSizes].sort(([one], [other]) => (one < other ? -1 : 1))))
  }

  async #compose(): Promise<LogHeads> {
    const { audit, self } = this.#needs
    const seen = (await Array.fromAsync(audit.allSeen(gossipLimits.seenMax))).map(({ note }) => note)
    const turned = [...seen.slice(this.#turn), ...seen.slice(0, this.#turn)].slice(0, headsMax)
    this.#turn = seen.length > headsMax ? (this.#turn + headsMax) % seen.length : 0
    const forks = (await audit.forks.all()).filter(({ proven, did }) => proven && did !== self.did).slice(0, forksMax)
    return {
      type: 'LogHeads',
      version: 1,
      by: self.did,
      own: await this.#ownHead(),
      seen: turned,
      forks: forks.filter(({ held, offered }) => parseCheckpoint(held).size === parseCheckpoint(offered).size).map(({ held, offered }) => ({ held, offered })),
    }
  }

  /** The largest that partners co-signed, with all who did; the head of now where nobody did. */
  async #ownHead(): Promise<LogHeads['own']> {
    const { audit } = this.#needs
    const cosigned = [...(await audit.cosignatures())].sort((one, other) => other.size - one.size)
    const [newest] = cosigned
    if (!newest) return { note: (await audit.checkpoint()).note, cosignatures: [] }
    const { note } = newest
    const cosignatures = cosigned.filter((one) => one.note === note).map(({ did: by, cosignature: line }) => ({ by, line }))
    return { note, cosignatures: cosignatures.slice(0, cosignaturesMax) }
  }

  #find(wanted: Digest): Told | undefined {
    if (this.#own?.news.digest === wanted) return this.#own
    return [...this.#held.values()].find(({ news }) => news.digest === wanted)
  }
}

function keepNewest<Name, Value>(kept: Map<Name, Value>, name: Name, value: Value): void {
  kept.delete(name)
  kept.set(name, value)
  const [oldest] = kept.keys()
  if (kept.size > gossipLimits.heldMax && oldest !== undefined) kept.delete(oldest)
}
