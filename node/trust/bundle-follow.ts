/**
 * Following the bundles of pinned anchors: what is announced is fetched by its digest, from whoever passed the word on or from its
 * publisher, and what nobody was heard to announce is asked for now and then. Nobody asks at once: a change reaches hundreds in a moment.
 */

import type { Self } from '#node/identity/self.ts'
import type { RecordsClient } from '#node/network/records.ts'
import type { News, OwnNews } from '#node/policy/policy-news.ts'
import type { Clock, Log, Network, Random, Write } from '#node/ports.ts'
import { type Code, codeOf, TrustError } from '#protocols/errors.ts'
import { type Did, type Digest, type Jurisdiction, msOf } from '#protocols/ids.ts'
import type { Ask, Told } from '#protocols/records.ts'
import type { ItemContent, PartRef, TrustBundle, TrustBundlePart } from '#protocols/trust/bundle.ts'
import { statementDigest } from '#protocols/trust/proof.ts'
import type { Item, Items } from './bundle-items.ts'
import type { BundleMaker } from './bundle-maker.ts'
import { type BundleLine, type BundleReader, isCurable, type Refusal } from './bundle-reader.ts'

export const followLimits = {
  /** Trust documents of ours are told at once; policies and status lists, which partners hear of by themselves, so soon at the latest. */
  lookMs: 60_000,
  /** All pinned anchors are asked for their newest. */
  pollMs: 15 * 60_000,
  /** After a pinned anchor came: its connection is made by then. */
  settleMs: 5_000,
  /** An operator who pins an anchor waits so long for what it says. */
  waitMs: 5_000,
  /** Before a bundle that is new is pulled: a publisher of two hundred followers answers a hundred a second. */
  jitterMs: 2_000,
  /** An answer has as many of them as fit a frame. */
  itemsPerAsk: 256,
  /** Each takes what the one before has made room for: chains of accreditations are as long. */
  roundsMax: 5,
  /** Whoever does not know the question is of an earlier version. */
  deafMs: 86_400_000,
  /** A manifest that is not shown to follow the one held may still count: a node that was away for so many. */
  chainMax: 64,
} as const

interface Needs {
  readonly self: Self
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly network: Pick<Network, 'onBound'>
  readonly partners: Pick<Network, 'connected'>
  readonly records: RecordsClient
  readonly items: Items
  readonly maker: BundleMaker
  readonly reader: BundleReader
  readonly trust: { readonly roots: readonly { readonly did: Did }[]; anchors(did: Did, jurisdiction: Jurisdiction): boolean }
}

/** Not asked again before then: it closed the channel over a question that it does not know. */
const unknownQuestion: ReadonlySet<Code> = new Set(['DFFT_SCHEMA', 'DFFT_FRAME'])

export class BundleFollower {
  readonly #needs: Needs
  readonly #deafUntilMs = new Map<Did, number>()
  /** By publisher. */
  readonly #pulls = new Map<Did, Promise<void>>()
  /** Ends the waits of a publisher's pulls, which keep the many from coming at once; for as long as there are pulls. */
  readonly #hurries = new Map<Did, AbortController>()
  readonly #behind = new Set<Promise<unknown>>()
  #ending: AbortSignal = AbortSignal.abort()
  #announce: (digest: Digest) => Promise<void> = async () => undefined

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /** @param announce tells everybody of a bundle of ours that is new */
  start(announce: (digest: Digest) => Promise<void>, signal: AbortSignal): void {
    this.#ending = signal
    this.#announce = announce
    this.#needs.network.onBound(({ did }) => {
      if (this.#follows(did)) this.#track(this.#settled(did))
    })
    this.#track(this.#keepLooking(signal))
    this.#track(this.#keepAsking(signal))
  }

  /** After the signal: what was under way has come to its end. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#behind])
  }

  /** Somebody whose word counts from now on: what it says is pulled at once, and goes on behind the call where that takes long. */
  async pinned(did: Did): Promise<void> {
    if (!this.#follows(did) || this.#ending.aborted) return
    const enough = new AbortController()
    const waited = this.#needs.clock.sleep(followLimits.waitMs, AbortSignal.any([this.#ending, enough.signal])).catch(() => undefined)
    const pulled = this.#askNewest(did, 0).then(() => {
      const pull = this.#pulls.get(did)
      if (pull) this.#hurry(did).abort()
      return pull
    })
    this.#track(pulled)
    await Promise.race([pulled, waited]).finally(() => enough.abort())
  }

  // News, as announcements are about.

  own(): readonly OwnNews[] {
    const made = this.#needs.maker.newest('jurisdiction')
    if (!made) return []
    const { serial, at } = made.manifest
    return [{ type: 'bundle', jurisdiction: this.#needs.self.jurisdiction, digest: made.digest, serial, beginsMs: msOf(at) }]
  }

  of(digest: Digest): News | undefined {
    const own = this.own().find((news) => news.digest === digest)
    const line = this.#needs.reader.lines.find((one) => one.digest === digest)
    return own ?? (line && { type: 'bundle', jurisdiction: this.#needs.self.jurisdiction, digest, serial: line.manifest.serial })
  }

  /** Newer than what is held, or another of the same serial: its publisher has said two things. */
  wanted({ issuer, digest, serial }: { readonly issuer: Did; readonly digest: Digest; readonly serial: number }): boolean {
    if (!this.#follows(issuer)) return false
    const line = this.#needs.reader.line({ publisher: issuer, scope: 'jurisdiction' })
    return !line || (!line.fork && digest !== line.digest && serial >= line.manifest.serial)
  }

  /**
   * Fetches a manifest; what it lists is pulled behind the call.
   *
   * @returns whether it is new here
   * @throws {TrustError} when the peer does not hand it over
   */
  async fetch(digest: Digest, from: Did, signal: AbortSignal): Promise<boolean> {
    this.#deafUntilMs.delete(from)
    const { manifest } = await this.#ask(from, { type: 'bundle', publisher: null, digest }, 'bundle', signal)
    if (statementDigest(manifest) !== digest) throw new TrustError('DFFT_BUNDLE', `\`${from}\` handed over another bundle than was asked for`, { digest })
    return this.#take(manifest, from, signal)
  }

  /** One that does not hold is logged, and nothing of it is taken. */
  async #take(manifest: TrustBundle, from: Did, signal: AbortSignal, jitterMs: number = followLimits.jitterMs): Promise<boolean> {
    const { reader, log } = this.#needs
    const { publisher, serial } = manifest
    try {
      if (manifest.scope !== 'jurisdiction' || !this.#follows(publisher)) return false
      const before = reader.line(manifest)
      const line = await reader.accept(manifest, signal, { chain: await this.#chain(manifest, before, from, signal) })
      if (!line.complete) this.#track(this.#pull(line, from, jitterMs))
      return before?.digest !== line.digest
    } catch (thrown) {
      if (!(thrown instanceof TrustError)) throw thrown
      log(thrown.code === 'DFFT_TRUST_FORK' ? 'error' : 'warn', 'bundle not taken', { publisher, serial, from, code: thrown.code })
      return false
    }
  }

  /** Those between the one that is held and a newer one, as far as they are shown, the newest first. */
  async #chain(manifest: TrustBundle, before: BundleLine | undefined, from: Did, signal: AbortSignal): Promise<readonly TrustBundle[]> {
    const chain: TrustBundle[] = []
    const held = before?.manifest.serial ?? manifest.serial
    if (manifest.serial - held > followLimits.chainMax) return chain
    let last = manifest
    while (last.serial > held + 1 && last.previous !== null) {
      const asked = { type: 'bundle', publisher: null, digest: last.previous } as const
      const ask = (whom: Did) => this.#ask(whom, asked, 'bundle', signal).catch(expected)
      // Partners hold the newest only; who made them has them all.
      const told = (await ask(from)) ?? (from === manifest.publisher ? undefined : await ask(manifest.publisher))
      if (!told || statementDigest(told.manifest) !== last.previous || told.manifest.serial >= last.serial) break
      last = told.manifest
      chain.push(last)
    }
    return chain
  }

  // Pulling.

  /** One at a time of a publisher; never throws. */
  async #pull(line: BundleLine, from: Did, jitterMs: number): Promise<void> {
    const { publisher } = line.manifest
    const before = this.#pulls.get(publisher) ?? Promise.resolve()
    const pull = before
      .then(() => this.#pullNow(line, [...new Set([from, publisher])], jitterMs))
      .catch((thrown) => this.#needs.log('info', 'bundle not pulled', { publisher, code: codeOf(thrown) }))
    this.#pulls.set(publisher, pull)
    await pull
    if (this.#pulls.get(publisher) !== pull) return
    this.#pulls.delete(publisher)
    this.#hurries.delete(publisher)
  }

  #hurry(publisher: Did): AbortController {
    const hurry = this.#hurries.get(publisher) ?? new AbortController()
    this.#hurries.set(publisher, hurry)
    return hurry
  }

  async #pullNow(line: BundleLine, sources: readonly Did[], jitterMs: number): Promise<void> {
    const { clock, random, reader, log } = this.#needs
    if (this.#superseded(line)) return
    const [chance = 0] = random.bytes(1)
    const hurried = this.#hurry(line.manifest.publisher).signal
    await clock.sleep((jitterMs * chance) / 256, AbortSignal.any([this.#ending, hurried])).catch(() => undefined)
    if (this.#ending.aborted) return
    let taken = 0
    let refused: Refusal[] = []
    for (let round = 0; round < followLimits.roundsMax; round++) {
      const before = taken
      refused = []
      for (const ref of await reader.missingParts(line)) {
        if (this.#superseded(line)) return
        taken += await this.#pullPart(line, ref, sources, refused)
      }
      if (taken === before || !refused.some(({ code }) => isCurable(code))) break
    }
    const { complete } = await reader.finish(line, refused)
    const { publisher, serial } = line.manifest
    log(refused.length > 0 ? 'warn' : 'info', 'bundle pulled', { publisher, serial, taken, refused: refused.length, complete })
  }

  /** A newer one has taken its place, or it was pulled meanwhile: what is the same in both is held by then. */
  #superseded({ manifest, digest }: BundleLine): boolean {
    const now = this.#needs.reader.line(manifest)
    return now?.digest !== digest || now.complete
  }

  /** @returns how many items were taken */
  async #pullPart(line: BundleLine, { digest, name }: PartRef, sources: readonly Did[], refused: Refusal[]): Promise<number> {
    const { reader, items } = this.#needs
    const told = await this.#askAny(sources, { type: 'bundle-part', digest }, 'bundle-part')
    const listed = told ? itemsOrNone(reader, line, told.part) : undefined
    if (!told || !listed) {
      refused.push({ kind: kindIn(name), id: name, digest, code: told ? 'DFFT_BUNDLE' : 'DFFT_NOT_FOUND' })
      return 0
    }
    const wanted = new Map<Digest, Item>()
    for (const item of listed) if (!(await items.holds(item))) wanted.set(item.digest, item)
    const writes: Write[] = []
    const already = refused.length
    let taken = 0
    for await (const [item, content] of this.#contents(wanted, digest, sources)) {
      const took = await reader.take(item, content, this.#ending, false)
      if ('code' in took) refused.push({ kind: item.kind, id: item.id, digest: item.digest, code: took.code })
      else {
        writes.push(...took.writes)
        taken++
      }
    }
    for (const { kind, id, digest } of wanted.values()) refused.push({ kind, id, digest, code: 'DFFT_NOT_FOUND' })
    const whole = refused.slice(already).every(({ code }) => !isCurable(code) && code !== 'DFFT_BUNDLE')
    await reader.keepPart(line, told.part, writes, whole)
    return taken
  }

  /** What can be had of the items; these leave `wanted`. */
  async *#contents(wanted: Map<Digest, Item>, part: Digest, sources: readonly Did[]): AsyncGenerator<readonly [Item, ItemContent]> {
    const left = [...wanted.keys()]
    while (left.length > 0) {
      const asked = left.slice(0, followLimits.itemsPerAsk)
      const told = await this.#askAny(sources, { type: 'bundle-items', part, items: asked }, 'bundle-items')
      const given = new Map(told?.items.map(({ digest, content }) => [digest, content]))
      if (asked.every((digest) => !given.has(digest))) left.splice(0, asked.length)
      else left.splice(0, left.length, ...left.filter((digest) => !given.has(digest)))
      for (const [digest, content] of given) {
        const item = wanted.get(digest)
        if (item) yield [item, content]
        wanted.delete(digest)
      }
    }
    for (const item of [...wanted.values()]) {
      const content = await this.#alone(item, sources)
      if (content) yield [item, content]
      if (content) wanted.delete(item.digest)
    }
  }

  /** What is too long to come with others, or is newer by now, as it could always be asked for. */
  async #alone({ kind, id, digest }: Item, sources: readonly Did[]): Promise<ItemContent | undefined> {
    if (kind === 'policy' || kind === 'pack') return (await this.#askAny(sources, { type: kind, digest }, kind))?.document
    if (kind === 'did-log') {
      const told = await this.#askAny(sources, { type: 'did-log', did: id as Did }, 'did-log') // Refused by the partner where it is none.
      return told && { log: told.log, ...(told.witnessProofs === undefined ? {} : { witnessProofs: told.witnessProofs }) }
    }
    if (kind !== 'status-list') return undefined
    const [issuer = '', uri = ''] = id.split(' ')
    const told = await this.#askAny(sources, { type: 'status-list', issuer: issuer as Did, uri }, 'status-list') // As above.
    return told && { text: told.text }
  }

  // Asking.

  async #askAny<Type extends Told['type']>(sources: readonly Did[], question: Ask, expectedType: Type): Promise<Extract<Told, { type: Type }> | undefined> {
    for (const source of sources) {
      const told = await this.#ask(source, question, expectedType, this.#ending).catch(expected)
      if (told) return told
    }
    return undefined
  }

  async #ask<Type extends Told['type']>(of: Did, question: Ask, expectedType: Type, signal: AbortSignal): Promise<Extract<Told, { type: Type }>> {
    const { records, clock } = this.#needs
    if (clock.monotonicMs() < (this.#deafUntilMs.get(of) ?? Number.NEGATIVE_INFINITY))
      throw new TrustError('DFFT_VERSION', `\`${of}\` does not know the question`, { asked: question.type })
    try {
      return await records.ask(of, question, expectedType, AbortSignal.any([signal, this.#ending]))
    } catch (thrown) {
      if (thrown instanceof TrustError && unknownQuestion.has(thrown.code)) this.#deafUntilMs.set(of, clock.monotonicMs() + followLimits.deafMs)
      throw thrown
    }
  }

  // Of ourselves, and now and then.

  async #keepLooking(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#needs.clock.sleep(followLimits.lookMs, signal).catch(() => undefined)
      if (!signal.aborted) await this.look()
    }
  }

  /** Tells of what is new of ours, now: a suspension is not to wait. Never throws. */
  async look(): Promise<void> {
    try {
      const made = await this.#needs.maker.refresh('jurisdiction', { lazily: true })
      if (made) await this.#announce(made.digest)
    } catch (thrown) {
      this.#needs.log('error', 'bundle not made', { code: codeOf(thrown) })
    }
  }

  async #keepAsking(signal: AbortSignal): Promise<void> {
    const { clock, random, trust } = this.#needs
    while (!signal.aborted) {
      const [chance = 0] = random.bytes(1)
      await clock.sleep(followLimits.pollMs * (0.5 + chance / 256), signal).catch(() => undefined)
      for (const { did } of trust.roots) if (!signal.aborted && this.#follows(did)) await this.#askNewest(did)
    }
  }

  async #settled(did: Did): Promise<void> {
    await this.#needs.clock.sleep(followLimits.settleMs, this.#ending).catch(() => undefined)
    if (!this.#ending.aborted) await this.#askNewest(did)
  }

  /** From its publisher, or else from two partners of ours that may have heard of it. Never throws for what they do. */
  async #askNewest(publisher: Did, jitterMs?: number): Promise<void> {
    const partners = this.#needs.partners.connected().map(({ did }) => did)
    const others = partners.filter((did) => did !== publisher)
    const [chance = 0] = this.#needs.random.bytes(1)
    const at = others.length === 0 ? 0 : chance % others.length
    const sources = partners.includes(publisher) ? [publisher] : [...others.slice(at), ...others.slice(0, at)].slice(0, 2)
    for (const source of sources) {
      const told = await this.#ask(source, { type: 'bundle', publisher, digest: null }, 'bundle', this.#ending).catch(expected)
      if (told?.manifest.publisher !== publisher) continue
      await this.#take(told.manifest, source, this.#ending, jitterMs)
      return
    }
  }

  #follows(did: Did): boolean {
    return did !== this.#needs.self.did && this.#needs.trust.roots.some((root) => root.did === did)
  }

  #track(work: Promise<unknown>): void {
    const tracked = work.finally(() => this.#behind.delete(tracked))
    this.#behind.add(tracked)
    tracked.catch((thrown) => {
      if (!this.#ending.aborted) this.#needs.log('warn', 'bundle not followed', { code: codeOf(thrown) })
    })
  }
}

function itemsOrNone(reader: BundleReader, line: BundleLine, part: TrustBundlePart): readonly Item[] | undefined {
  try {
    return reader.itemsOf(line, part)
  } catch (thrown) {
    return expected(thrown)
  }
}

function kindIn(name: string): Item['kind'] {
  return name.slice(0, name.indexOf('/')) as Item['kind'] // As every name of a part begins.
}

/** Somebody who does not have it, or does not answer. */
function expected(thrown: unknown): undefined {
  if (!(thrown instanceof TrustError)) throw thrown
  return undefined
}
