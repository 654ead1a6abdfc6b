/**
 * Notices of exchanges, both ways: written down with the act they tell of, sent until they are acknowledged, taken once however often
 * they come. What a kind of notice does to its exchange is said by whoever cares, in `on`.
 *
 *     draft     the notice, signed, as writes for the batch of the act
 *     deliver   sends a partner all that waits for it, in the order of the seconds in which it was written, until nothing waits
 *     take      serves a channel: checks, writes down with what follows from it, acknowledges
 */
import assert from 'node:assert/strict'
import type { AuditLog } from '#node/audit/audit.ts'
import type { KeyFinder } from '#node/identity/key-finder.ts'
import type { Self } from '#node/identity/self.ts'
import type { Addresses } from '#node/network/records.ts'
import type { Clock, Log, Network, Random, Store, Write } from '#node/ports.ts'
import { getJson, putJson, scanJson } from '#node/stored.ts'
import { type Channel, receive, send } from '#protocols/channel.ts'
import { type Code, codeOf, TrustError } from '#protocols/errors.ts'
import { type Did, type Digest, didOf, type ExchangeId, instant } from '#protocols/ids.ts'
import type { NewEntry } from '#protocols/log/entry.ts'
import { type About, type AboutKind, Acknowledgement, checkSigned, Notice, noticeDigest, signed } from '#protocols/notice.ts'
import { type ExchangeRecord, getRecord } from './exchange-record.ts'
import type { Locks } from './locks.ts'
import { ofOurDisk, passingOnTheLine, pause } from './retrying.ts'

/** A notice as it is kept by either side. */
export interface KeptNotice {
  readonly direction: 'sent' | 'received'
  readonly notice: Notice
  /** Null while it waits. */
  readonly acknowledgement: Acknowledgement | null
  /** Why the partner will not take it; then it waits no longer. */
  readonly refused: string | null
}

/** A notice of one kind. */
export type NoticeOf<Kind extends AboutKind> = Notice & { readonly about: Extract<About, { kind: Kind }> }

/** What is written down with a notice that was taken, and said of it in the log. */
export interface Following {
  readonly facts?: NewEntry['facts']
  readonly writes: readonly Write[]
}

/** What follows from a notice that was taken. */
type Effect<Kind extends AboutKind> = (notice: NoticeOf<Kind>, record: ExchangeRecord) => Promise<Following>

/** The same of a notice whose exchange is not known here yet. */
type EarlyEffect = (notice: Notice) => Promise<Following>

interface Needs {
  readonly self: Self
  readonly store: Store
  readonly audit: Pick<AuditLog, 'append'>
  readonly keys: KeyFinder
  readonly network: Pick<Network, 'open'>
  readonly peers: Addresses
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly locks: Locks
}

export const noticeLimits = {
  /**
   * Of one exchange and kind, in one direction: a dispute and its end several times over. More would let a partner fill our disk; of another kind
   * they take nothing away, such as the word that the data are gone.
   */
  perExchange: 16,
  /** On one channel; what is left goes over the next. */
  perChannel: 64,
  /** A partner that does not answer in this time has lost the channel. */
  answerMs: 10_000,
  /** First and longest wait before a partner is tried again; its connection ends the wait. */
  retryMs: { firstMs: 1_000, longestMs: 3_600_000 },
} as const

/** Codes after which the same notice may be taken later; any other one ends it. */
const passing: ReadonlySet<Code> = new Set([
  ...passingOnTheLine,
  'DFFT_NOT_ADMITTED',
  'DFFT_VERSION', // A partner that is too old for notices is told when it is upgraded.
  ...ofOurDisk,
  'DFFT_INTERNAL',
])

const waiting = 'notice/waiting/'

/** In the order in which they were written, by partner. */
function waitingKey({ to, at, exchange }: Notice, digest: Digest): string {
  return `${waiting}${to}/${at} ${exchange} ${digest}`
}

/** Under which all notices of an exchange lie. */
export function noticesPrefix(exchange: ExchangeId): string {
  return `notice/of/${exchange}/`
}

function keptKey(exchange: ExchangeId, digest: Digest): string {
  return `${noticesPrefix(exchange)}${digest}`
}

export class Notices {
  readonly #needs: Needs
  readonly #effects = new Map<AboutKind, Effect<AboutKind>>()
  readonly #early = new Map<AboutKind, EarlyEffect>()
  /** Deliveries under way, each with what has it look again. */
  readonly #delivering = new Map<Did, AbortController>()

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** One of each kind; a notice of a kind without one is kept, and nothing follows. */
  on<Kind extends AboutKind>(kind: Kind, effect: Effect<Kind>): void {
    assert(!this.#effects.has(kind), `two effects of \`${kind}\``)
    this.#effects.set(kind, (notice, record) => effect(notice as NoticeOf<Kind>, record)) // Found by the kind of the notice.
  }

  /** Of a kind that may overtake what it is about; any other one is refused then. */
  onUnknown(kind: AboutKind, effect: EarlyEffect): void {
    this.#early.set(kind, effect)
  }

  /** Signs. The writes go into the batch of the act that it tells of; then `deliver`. */
  async draft({ id, partner }: Pick<ExchangeRecord, 'id' | 'partner'>, about: About): Promise<{ notice: Notice; digest: Digest; writes: Write[] }> {
    const { self, clock } = this.#needs
    const at = instant(clock.nowMs())
    const notice = await signed<Notice>({ type: 'notice', version: 1, exchange: id, from: self.did, to: partner, at, about }, self.signer)
    const digest = noticeDigest(notice)
    const kept: KeptNotice = { direction: 'sent', notice, acknowledgement: null, refused: null }
    return { notice, digest, writes: [putJson(keptKey(id, digest), kept), putJson(waitingKey(notice, digest), {})] }
  }

  /** Resolves when nothing waits for the partner any more, or the signal aborts. A delivery that is under way looks again at once. */
  async deliver(to: Did, signal: AbortSignal): Promise<void> {
    const running = this.#delivering.get(to)
    if (running) return running.abort()
    try {
      for (let attempt = 0; !signal.aborted; attempt++) {
        const called = new AbortController()
        this.#delivering.set(to, called)
        const done = await this.#deliverOnce(to, signal)
        if (called.signal.aborted) attempt = -1
        else if (done) return
        else await pause(attempt, noticeLimits.retryMs, this.#needs, signal, called.signal)
      }
    } finally {
      this.#delivering.delete(to)
    }
  }

  /** Partners for whom something waits. */
  async waitedFor(): Promise<readonly Did[]> {
    const found = new Set<Did>()
    for await (const [key] of scanJson(this.#needs.store, waiting)) found.add(key.slice(waiting.length, key.indexOf('/', waiting.length)) as Did)
    return [...found]
  }

  /** Both directions, oldest first. */
  async of(exchange: ExchangeId): Promise<readonly KeptNotice[]> {
    const found: KeptNotice[] = []
    for await (const [, kept] of scanJson<KeptNotice>(this.#needs.store, noticesPrefix(exchange))) found.push(kept)
    return found.sort(({ notice: one }, { notice: other }) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0))
  }

  /** Serves a channel that a partner opened. @throws {TrustError} why its notice is not taken; the channel is closed with that code */
  async take(channel: Channel, signal: AbortSignal): Promise<void> {
    for (let count = 0; count < noticeLimits.perChannel; count++) {
      const notice = await this.#next(channel, count, signal)
      if (!notice) return
      await send(channel, await this.#acknowledged(notice, channel.remote.did, signal), this.#bounded(signal))
    }
  }

  async #next(channel: Channel, count: number, signal: AbortSignal): Promise<Notice | undefined> {
    try {
      return await receive(channel, Notice, this.#bounded(signal))
    } catch (thrown) {
      if (count > 0 && codeOf(thrown) === 'DFFT_CHANNEL_CLOSED') return undefined
      throw thrown
    }
  }

  async #acknowledged(notice: Notice, remote: Did, signal: AbortSignal): Promise<Acknowledgement> {
    await this.#check(notice, { from: remote, to: this.#needs.self.did }, signal)
    return this.#needs.locks.run(notice.exchange, () => this.#record(notice))
  }

  async #record(notice: Notice): Promise<Acknowledgement> {
    const { store, audit, self, clock } = this.#needs
    const digest = noticeDigest(notice)
    const before = await getJson<KeptNotice>(store, keptKey(notice.exchange, digest))
    if (before?.acknowledgement) return before.acknowledgement
    const effect = await this.#effectOf(notice)
    const { kind } = notice.about
    const received = (await this.of(notice.exchange)).filter((one) => one.direction === 'received' && one.notice.about.kind === kind).length
    if (received >= noticeLimits.perExchange) throw new TrustError('DFFT_LIMIT', 'as many notices of this exchange are kept as may be', { received })
    const { facts = {}, writes } = await effect()
    const said = { type: 'acknowledgement', version: 1, exchange: notice.exchange, from: self.did, to: notice.from, at: instant(clock.nowMs()) } as const
    const acknowledgement = await signed<Acknowledgement>({ ...said, notice: digest }, self.signer)
    const kept: KeptNotice = { direction: 'received', notice, acknowledgement, refused: null }
    const entry = { kind: `partner-${notice.about.kind}`, exchange: notice.exchange, facts: { partner: notice.from, notice: digest, ...facts } }
    await audit.append([entry], [...writes, putJson(keptKey(notice.exchange, digest), kept)])
    return acknowledgement
  }

  /** @throws {TrustError} DFFT_NOT_FOUND: another party learns of no exchange */
  async #effectOf(notice: Notice): Promise<() => Promise<Following>> {
    const { kind } = notice.about
    const record = await getRecord(this.#needs.store, notice.exchange)
    const early = record ? undefined : this.#early.get(kind)
    if (early) return () => early(notice)
    if (record?.partner !== notice.from) throw new TrustError('DFFT_NOT_FOUND', 'there is no such exchange with this partner', { exchange: notice.exchange })
    return async () => (await this.#effects.get(kind)?.(notice, record)) ?? { writes: [] }
  }

  /** @returns whether nothing waits any more */
  async #deliverOnce(to: Did, signal: AbortSignal): Promise<boolean> {
    const { network, peers, log } = this.#needs
    const due = await this.#due(to)
    let channel: Channel | undefined
    try {
      for (const [digest, kept] of due) {
        channel ??= await network.open({ did: to, addresses: peers.addressesOf(to) }, 'notice', this.#bounded(signal))
        if (await this.#tell(channel, kept, digest, signal)) continue
        channel.close() // The partner has closed it, with the code of the refusal.
        channel = undefined
      }
      return due.length < noticeLimits.perChannel
    } catch (thrown) {
      const code = codeOf(thrown)
      if (!signal.aborted) log(code === 'DFFT_INTERNAL' ? 'error' : 'info', 'notice waits', { partner: to, code })
      return false
    } finally {
      channel?.close()
    }
  }

  async #due(to: Did): Promise<readonly (readonly [Digest, KeptNotice])[]> {
    const { store } = this.#needs
    const due: (readonly [Digest, KeptNotice])[] = []
    for await (const [key] of scanJson(store, `${waiting}${to}/`, { limit: noticeLimits.perChannel })) {
      const [, exchange, digest] = key.slice(key.lastIndexOf('/') + 1).split(' ') as [string, ExchangeId, Digest] // As waitingKey() wrote it.
      const kept = await getJson<KeptNotice>(store, keptKey(exchange, digest))
      if (!kept) throw new TrustError('DFFT_STORE', 'a notice that waits is not in the store', { exchange, digest })
      due.push([digest, kept])
    }
    return due
  }

  /** @returns false when it was refused for good, which is written down. @throws {TrustError} of what may pass */
  async #tell(channel: Channel, kept: KeptNotice, digest: Digest, signal: AbortSignal): Promise<boolean> {
    const { self, audit } = this.#needs
    const { notice } = kept
    const { signature, ...unsigned } = notice
    const current = signature.keyId === self.keyId ? notice : await signed<Notice>(unsigned, self.signer)
    const facts = { partner: notice.to, notice: digest }
    const done = { del: waitingKey(notice, digest) }
    try {
      await send(channel, current, this.#bounded(signal))
      const acknowledgement = await receive(channel, Acknowledgement, this.#bounded(signal))
      await this.#check(acknowledgement, { from: notice.to, to: self.did }, signal)
      if (acknowledgement.notice !== digest || acknowledgement.exchange !== notice.exchange)
        throw new TrustError('DFFT_FRAME', 'the acknowledgement is of another notice', { notice: digest })
      const put = putJson(keptKey(notice.exchange, digest), { ...kept, notice: current, acknowledgement })
      await audit.append([{ kind: 'acknowledged', exchange: notice.exchange, facts }], [put, done])
      return true
    } catch (thrown) {
      const code = codeOf(thrown)
      if (signal.aborted || passing.has(code)) throw thrown
      const put = putJson(keptKey(notice.exchange, digest), { ...kept, refused: code })
      await audit.append([{ kind: 'notice-refused', exchange: notice.exchange, facts: { ...facts, code } }], [put, done])
      return false
    }
  }

  async #check({ type, from, to, signature, ...rest }: Notice | Acknowledgement, expected: { from: Did; to: Did }, signal: AbortSignal): Promise<void> {
    const { keys, clock } = this.#needs
    if (to !== expected.to) throw new TrustError('DFFT_AUDIENCE', `the ${type} is for somebody else`, { to })
    if (from !== expected.from) throw new TrustError('DFFT_PEER_BINDING', `the ${type} is from another party than the channel`, { from })
    if (didOf(signature.keyId) !== from) throw new TrustError('DFFT_SIGNATURE', `the ${type} is signed by another party than its sender`)
    const message = { type, from, to, signature, ...rest } as Notice | Acknowledgement // Taken apart above.
    checkSigned(message, await keys(signature.keyId, 'authentication', clock.nowMs(), signal))
  }

  #bounded(signal: AbortSignal): AbortSignal {
    return AbortSignal.any([signal, this.#needs.clock.timeout(noticeLimits.answerMs)])
  }
}

/** A word to a holder is of what it released. @throws {TrustError} DFFT_RECEIPT */
export function checkReleased({ about }: Notice & { readonly about: { readonly release: Digest; readonly agreement: Digest } }, record: ExchangeRecord): void {
  const { id, role, release, agreement } = record
  if (role !== 'holder' || about.release !== release || about.agreement !== agreement)
    throw new TrustError('DFFT_RECEIPT', 'the notice is not of what was released', { exchange: id })
}
