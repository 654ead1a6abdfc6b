/**
 * The status lists of others, held for as long as they may be believed.
 *
 * A relying node fetches whole lists, from the issuer's node or from whoever has them: they are signed, and looking a
 * credential up tells its issuer nothing. Lists in use are fetched again in the background before they are too old. Without a
 * list that is fresh enough the answer is an error.
 */

import { placeOf } from '#node/fault-place.ts'
import type { KeyFinder } from '#node/identity/key-finder.ts'
import type { Clock, Log, Store } from '#node/ports.ts'
import { putJson, scanJson } from '#node/stored.ts'
import { digestOf } from '#protocols/canonical.ts'
import { timely } from '#protocols/channel.ts'
import { statusIn } from '#protocols/credential/check-status.ts'
import { verifyJws } from '#protocols/credential/jws.ts'
import type { StatusReference } from '#protocols/credential/status-reference.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Did, Digest } from '#protocols/ids.ts'
import {
  arrived,
  bytesOf,
  confirm,
  follow,
  type HeldList,
  leftMs,
  loaded,
  type Now,
  newer,
  nowOf,
  older,
  readOffered,
  refused,
  skewMs,
  superseded,
  wallFor,
} from './held-list.ts'
import type { Status } from './status-lists.ts'

/** A list that nobody asked for in this time is let grow old. */
const inUseMs = 3_600_000
/** Fetched at the same time in the background: an agency has three lists for each hundred thousand credentials. */
const refreshesMax = 4
/** Looked at twenty times within the least age anybody allows, but not more than once a second. */
const ticksPerLimit = 20
const tickMsMin = 1_000
/** Of all lists together, as text and as bits. An agency's list is some 40 kB; lists beyond this are fetched when they are asked for. */
const heldBytesMax = 64 << 20
/** The longest limit that can be set: beyond it a list on disk says nothing any more, not even what is older. */
const keptMs = 7 * 86_400_000
/** Of one list, all who are asked together: less than the partner of an exchange waits for us. */
const fetchMs = 9_000

const seenPrefix = 'status/seen/'

/** A list as somebody handed it over. */
export interface OfferedList {
  readonly from: Did | 'web'
  readonly text: string
}

/** Asks for the list of `issuer` at `uri`, its own node first; each round is asked when the one before was not good enough. */
export type FindLists = (issuer: Did, uri: string, signal: AbortSignal) => AsyncIterable<readonly OfferedList[]>

interface Needs {
  readonly store: Store
  readonly clock: Clock
  readonly keys: KeyFinder
  readonly find: FindLists
  readonly log: Log
  /** Of any list; a policy may ask for fresher ones. */
  readonly ageMsMax: number
}

interface Stored {
  readonly text: string
  /** Milliseconds since the epoch; version 0.1.0 did not write it. */
  readonly arrivedMs?: number
}

export class StatusCache {
  readonly #needs: Needs
  readonly #lists = new Map<string, HeldList>()
  readonly #underWay = new Map<string, Promise<TrustError | undefined>>()
  #heldBytes = 0
  /** Set while lists in use are kept fresh. */
  #ending: AbortSignal | undefined
  #keeping = false

  private constructor(needs: Needs) {
    this.#needs = needs
  }

  static async open(needs: Needs): Promise<StatusCache> {
    const cache = new StatusCache(needs)
    const now = nowOf(needs.clock)
    const past: string[] = []
    for await (const [key, { text, arrivedMs }] of scanJson<Stored>(needs.store, seenPrefix)) {
      const held = loaded(text, arrivedMs, now, needs.ageMsMax)
      if (now.wallMs - held.arrivedMs > keptMs) past.push(key)
      else cache.#hold(held)
    }
    if (past.length > 0) await needs.store.batch(past.map((del) => ({ del })))
    return cache
  }

  /**
   * @param ageMsMax where less is agreed than this node allows
   * @throws {TrustError} DFFT_STATUS_UNKNOWN without a list, DFFT_STATUS_STALE with one that is too old,
   * DFFT_STATUS_LIST when it is another issuer's or has no such index
   */
  async status(issuer: Did, reference: StatusReference, signal: AbortSignal, ageMsMax = this.#needs.ageMsMax): Promise<Status> {
    const { clock } = this.#needs
    const limitMs = Math.min(ageMsMax, this.#needs.ageMsMax)
    let now = nowOf(clock)
    let held = this.#lists.get(nameOf(issuer, reference.uri))
    if (!held || leftMs(held, limitMs, now) < 0) {
      held = await this.#wanted(issuer, reference.uri, limitMs, signal)
      now = nowOf(clock)
    }
    held.limitMs = inUse(held, now) ? Math.min(held.limitMs, limitMs) : limitMs
    held.usedMonotonicMs = now.monotonicMs
    if (this.#ending && !this.#keeping) void this.#keep(this.#ending)
    return statusIn(held.list, { ...reference, issuer }, { nowMs: wallFor(held, now), ageMsMax: limitMs, skewMs })
  }

  /** A list we hold, for a partner that asks; how old it is the partner sees. */
  text(issuer: Did, uri: string): string | undefined {
    return this.#lists.get(nameOf(issuer, uri))?.text
  }

  /** Those that are held, for a bundle. */
  *held(): Iterable<{ readonly issuer: Did; readonly uri: string; readonly digest: Digest }> {
    for (const { list, text } of this.#lists.values()) yield { issuer: list.issuer, uri: list.uri, digest: digestOf({ text }) }
  }

  /** Until when each may be believed, if nobody answers any more. */
  *ends(): Iterable<{ readonly issuer: Did; readonly uri: string; readonly untilMs: number }> {
    const now = nowOf(this.#needs.clock)
    for (const held of this.#lists.values()) {
      const left = leftMs(held, this.#needs.ageMsMax, now)
      if (Number.isFinite(left)) yield { issuer: held.list.issuer, uri: held.list.uri, untilMs: now.wallMs + left }
    }
  }

  digest(issuer: Did, uri: string): Digest | undefined {
    const text = this.text(issuer, uri)
    return text === undefined ? undefined : digestOf({ text })
  }

  /**
   * A list that somebody hands over unasked: kept where it is newer than the one held.
   *
   * @throws {TrustError} DFFT_STATUS_LIST, DFFT_SIGNATURE, DFFT_LIMIT, and the codes of the key's DID
   */
  async offer({ issuer, uri, text }: { readonly issuer: Did; readonly uri: string; readonly text: string }, signal: AbortSignal): Promise<void> {
    await timely(this.#accept({ from: 'web', text }, { issuer, uri, hints: 0 }, signal))
  }

  /** An issuer's hint that its lists changed: what we hold of them is fetched again before it is believed. */
  supersede(uris: readonly string[], by: Did): void {
    for (const uri of uris) {
      // Of its own lists only: a stranger's hint would let anybody make a list stale. The old list stays as the floor of what may come.
      const held = this.#lists.get(nameOf(by, uri))
      if (!held) continue
      const first = !superseded(held)
      held.hints++
      // An issuer that hints and does not answer would have us ask our partners as often as it likes.
      if (first && this.#ending && inUse(held, nowOf(this.#needs.clock))) void this.#refreshBehind(held)
    }
  }

  /** From now on until `signal` aborts, lists that are in use are fetched again before they are too old. */
  keepFresh(signal: AbortSignal): void {
    this.#ending = signal
  }

  // In the background.

  async #keep(ending: AbortSignal): Promise<void> {
    const { clock } = this.#needs
    this.#keeping = true
    while (!ending.aborted) {
      const now = nowOf(clock)
      const used = [...this.#lists.values()].filter((held) => inUse(held, now))
      if (used.length === 0) break
      const due = used.filter((held) => leftMs(held, held.limitMs, now) < held.limitMs / 2)
      for (let at = 0; at < due.length && !ending.aborted; at += refreshesMax)
        await Promise.all(due.slice(at, at + refreshesMax).map((held) => this.#refreshBehind(held)))
      const tickMs = Math.max(tickMsMin, Math.min(...used.map(({ limitMs }) => limitMs)) / ticksPerLimit)
      await clock.sleep(tickMs, ending).catch(() => undefined)
    }
    this.#keeping = false
  }

  /** Nobody waits for the answer: if there is none the list grows older, and whoever asks for it next is told so. */
  async #refreshBehind({ list: { issuer, uri }, limitMs }: HeldList): Promise<void> {
    try {
      const refusal = await this.#refresh(issuer, uri, limitMs)
      if (refusal) this.#needs.log('warn', 'status list refused', { issuer, code: refusal.code })
    } catch (thrown) {
      this.#needs.log('error', 'status list not refreshed', { issuer, ...placeOf(thrown) })
    }
  }

  // Fetching.

  /** The list, fetched now. @throws {TrustError} DFFT_STATUS_UNKNOWN, DFFT_STATUS_STALE, or why the issuer's own answer was refused */
  async #wanted(issuer: Did, uri: string, limitMs: number, signal: AbortSignal): Promise<HeldList> {
    const name = nameOf(issuer, uri)
    const good = (one: HeldList) => leftMs(one, limitMs, nowOf(this.#needs.clock)) >= 0
    const joined = this.#underWay.has(name)
    let refusal = await unlessAborted(this.#refresh(issuer, uri, limitMs), signal)
    let held = this.#lists.get(name)
    // The fetch we found under way may have asked before the issuer said that there is a newer list, or asked for less.
    if (joined && !signal.aborted && !(held && good(held))) {
      refusal = await unlessAborted(this.#refresh(issuer, uri, limitMs), signal)
      held = this.#lists.get(name)
    }
    if (held && good(held)) return held
    if (refusal) throw refusal
    if (!held) throw new TrustError('DFFT_STATUS_UNKNOWN', 'no status list of the issuer is held', { issuer })
    const ageMs = wallFor(held, nowOf(this.#needs.clock)) - (held.list.issuedAtMs ?? 0)
    throw new TrustError('DFFT_STATUS_STALE', 'the newest status list that could be had is too old', { issuer, ageMs, ageMsMax: limitMs })
  }

  /** One fetch at a time for each list, however many credentials wait for it. Resolves to why the issuer's own answer was refused, if it was. */
  #refresh(issuer: Did, uri: string, limitMs: number): Promise<TrustError | undefined> {
    const name = nameOf(issuer, uri)
    const running = this.#underWay.get(name)
    if (running) return running
    const refresh = this.#fetch(issuer, uri, limitMs).finally(() => this.#underWay.delete(name))
    this.#underWay.set(name, refresh)
    return refresh
  }

  async #fetch(issuer: Did, uri: string, limitMs: number): Promise<TrustError | undefined> {
    const { find, clock, log } = this.#needs
    const name = nameOf(issuer, uri)
    const signal = AbortSignal.any([clock.timeout(fetchMs), ...(this.#ending ? [this.#ending] : [])])
    // What the issuer says of a hint it says after it: what was asked before does not count.
    const hints = this.#lists.get(name)?.hints ?? 0
    let refusal: TrustError | undefined
    for await (const round of find(issuer, uri, signal)) {
      let better = false
      for (const offered of round) {
        try {
          better = (await timely(this.#accept(offered, { issuer, uri, hints }, signal))) || better
        } catch (thrown) {
          if (!(thrown instanceof TrustError)) throw thrown
          log('debug', 'status list not taken', { issuer, from: offered.from, code: thrown.code })
          if (offered.from === issuer) refusal = thrown
        }
      }
      const held = this.#lists.get(name)
      if (better && held && leftMs(held, limitMs, nowOf(clock)) >= 0) break
    }
    return refusal
  }

  /** @returns whether it is newer than the one held, or the issuer says that there is none newer @throws {TrustError} why it is not taken */
  async #accept({ from, text }: OfferedList, wanted: { issuer: Did; uri: string; hints: number }, signal: AbortSignal): Promise<boolean> {
    const { clock, keys, store, ageMsMax } = this.#needs
    const { issuer, uri, hints } = wanted
    const list = readOffered(text, { issuer, uri }, clock.nowMs())
    verifyJws(list.jws, await keys(list.keyId, 'assertionMethod', list.issuedAtMs, signal))
    const held = this.#lists.get(nameOf(issuer, uri))
    if (held && older(list, held.list)) throw refused('the status list is older than the one held', issuer)
    if (held?.text === text) {
      if (from === issuer) confirm(held, hints, nowOf(clock))
      return from === issuer
    }
    // Two of one second that do not count themselves: only the issuer knows which is the later.
    if (held && from !== issuer && !newer(list, held.list)) return false
    const taken = arrived(list, text, nowOf(clock), ageMsMax)
    if (held) follow(taken, held, from === issuer ? hints : undefined)
    this.#hold(taken)
    await store.batch([putJson(`${seenPrefix}${nameOf(issuer, uri)}`, { text, arrivedMs: taken.arrivedMs } satisfies Stored)])
    return true
  }

  // Room.

  #hold(taken: HeldList): void {
    const name = nameOf(taken.list.issuer, taken.list.uri)
    this.#drop(name)
    // A list that goes is fetched when it is asked for again; what it knew of older ones, the limit of age knows as well.
    while (this.#heldBytes + bytesOf(taken) > heldBytesMax && this.#lists.size > 0) this.#drop(this.#leastUsed())
    this.#lists.set(name, taken)
    this.#heldBytes += bytesOf(taken)
  }

  #drop(name: string): void {
    const held = this.#lists.get(name)
    if (!held) return
    this.#lists.delete(name)
    this.#heldBytes -= bytesOf(held)
  }

  #leastUsed(): string {
    let least: readonly [string, HeldList] | undefined
    for (const entry of this.#lists) if (!least || entry[1].usedMonotonicMs < least[1].usedMonotonicMs) least = entry
    return least?.[0] ?? ''
  }
}

function inUse({ usedMonotonicMs }: HeldList, { monotonicMs }: Now): boolean {
  return monotonicMs - usedMonotonicMs < inUseMs
}

/** By issuer first: anybody may sign a list that bears another's address. */
function nameOf(issuer: Did, uri: string): string {
  return `${issuer} ${uri}`
}

/** Undefined when the caller does not wait any longer: the fetch goes on for the others. */
function unlessAborted<T>(pending: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const abort = () => resolve(undefined)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    pending.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
