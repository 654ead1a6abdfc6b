/**
 * What this node knows of other parties' DIDs: the did:webvh logs it has seen, and a cache of resolved documents.
 *
 * A held log only ever grows. Who offers a shorter or another one than was seen before, a peer or a web server, is
 * refused, so a key that was retired once stays retired here.
 */
import { z } from 'zod'
import type { Clock, DidLogs, HeldLog, ResolvedDid, Resolver, Store } from '#node/ports.ts'
import { canonicalBytes, digestOf } from '#protocols/canonical.ts'
import { parse } from '#protocols/channel.ts'
import { parseWebvh, type VerifiedLog, verifyLog } from '#protocols/did/webvh.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Did, Digest } from '#protocols/ids.ts'
import { parseJson } from '#protocols/json.ts'

/** A few hundred agencies and the businesses that rotate; 10,000 logs of 2 KiB are 20 MB on disk. */
const logsMax = 10_000
/** Partners of one day; a document takes some 3 KiB. */
const cacheMax = 1024
/** As long as a revocation may take to be honoured. did:web and foreign documents are asked for again after it. */
const cacheMs = 300_000

const prefix = 'did/'
const Record = z.strictObject({ log: z.string(), witnessProofs: z.string().optional() })

export class DidBook implements Resolver, DidLogs {
  readonly #store: Store
  readonly #clock: Clock
  readonly #resolver: Resolver
  readonly #cache = new Map<Did, { readonly resolved: ResolvedDid; readonly untilMs: number }>()
  /** Counts what was learned, so that a resolution begun before is not cached after. */
  #learned = 0
  /** Logs on disk; unknown until a new one comes. */
  #count: number | undefined
  /** Of logs that were asked for, by SCID. */
  readonly #digests = new Map<string, Digest>()
  /** One `learn` at a time: two in parallel could each extend what the other replaced. */
  #turn: Promise<unknown> = Promise.resolve()

  /** @param needs.resolver made from the book, since it prefers the book's copies and learns what it fetches */
  constructor(needs: { readonly store: Store; readonly clock: Clock; readonly resolver: (logs: DidLogs) => Resolver }) {
    this.#store = needs.store
    this.#clock = needs.clock
    this.#resolver = needs.resolver(this)
  }

  /**
   * Takes in a log that a peer or a server handed over. The same log again changes nothing.
   *
   * @throws {TrustError} DFFT_DID_SYNTAX, DFFT_DID_LOG, DFFT_DID_ROLLBACK for one that is shorter than the held one or departs from it, DFFT_LIMIT
   */
  learn(did: Did, log: string, witnessProofs?: string): Promise<HeldLog> {
    const turn = this.#turn.then(() => this.#learn(did, log, witnessProofs))
    this.#turn = turn.catch(() => undefined) // The caller has the error; the next one only waits.
    return turn
  }

  /** As `learn`, of which it refuses the same; nothing is kept. */
  mayLearn(did: Did, log: string, witnessProofs?: string): Promise<void> {
    const turn = this.#turn.then(async () => {
      const { before } = await this.#judged(did, log, witnessProofs)
      if (!before) await this.#checkRoom()
    })
    this.#turn = turn.catch(() => undefined) // As above.
    return turn
  }

  async #judged(did: Did, log: string, witnessProofs: string | undefined) {
    const verified = verifyLog(did, log, { nowMs: this.#clock.nowMs(), witnessProofs })
    const before = await this.#read(verified.scid, did)
    if (before) checkExtends(before.verified, verified)
    return { verified, before }
  }

  async #learn(did: Did, log: string, witnessProofs: string | undefined): Promise<HeldLog> {
    const { verified, before } = await this.#judged(did, log, witnessProofs)
    if (before?.verified.versions.length === verified.versions.length) return before
    if (!before) this.#count = (await this.#checkRoom()) + 1
    await this.#store.batch([{ put: `${prefix}${verified.scid}`, value: canonicalBytes({ log, witnessProofs }) }])
    this.#digests.delete(verified.scid)
    this.#forget(verified.scid)
    return { log, witnessProofs, verified }
  }

  /** @throws {TrustError} DFFT_DID_SYNTAX, DFFT_DID_LOG when the held log names no version of this DID */
  async held(did: Did): Promise<HeldLog | undefined> {
    return this.#read(parseWebvh(did).scid, did)
  }

  /** As it is on disk, where it was verified when it came: for whom it is handed on to. Undefined for a DID of another method. */
  async stored(did: Did): Promise<{ readonly log: string; readonly witnessProofs?: string | undefined } | undefined> {
    if (!did.startsWith('did:webvh:')) return undefined
    const bytes = await this.#store.get(`${prefix}${parseWebvh(did).scid}`)
    return bytes && parse(parseJson(bytes), Record)
  }

  /** Names what `stored` gives, without reading it twice: a bundle lists thousands. */
  async logDigest(did: Did): Promise<Digest | undefined> {
    if (!did.startsWith('did:webvh:')) return undefined
    const { scid } = parseWebvh(did)
    const known = this.#digests.get(scid)
    if (known) return known
    const held = await this.stored(did)
    if (!held) return undefined
    const digest = digestOf(held)
    this.#digests.set(scid, digest)
    return digest
  }

  /** As the Resolver, with answers of the last minutes kept. */
  async resolve(did: Did, signal: AbortSignal): Promise<ResolvedDid> {
    const known = this.known(did)
    if (known) return known
    const nowMs = this.#clock.monotonicMs()
    const learned = this.#learned
    const resolved = await this.#resolver.resolve(did, signal)
    if (learned === this.#learned) this.#keep(did, resolved, nowMs + cacheMs)
    return resolved
  }

  /** What `resolve` would answer without waiting. */
  known(did: Did): ResolvedDid | undefined {
    const known = this.#cache.get(did)
    return known && known.untilMs > this.#clock.monotonicMs() ? known.resolved : undefined
  }

  /** Stored by SCID and not by DID: a portable DID has several names and one history. */
  async #read(scid: string, did: Did): Promise<HeldLog | undefined> {
    const bytes = await this.#store.get(`${prefix}${scid}`)
    if (!bytes) return undefined
    const record = parse(parseJson(bytes), Record)
    return { ...record, verified: verifyLog(did, record.log, { nowMs: this.#clock.nowMs(), witnessProofs: record.witnessProofs }) }
  }

  /** @returns how many are held */
  async #checkRoom(): Promise<number> {
    this.#count ??= await this.#countLogs()
    if (this.#count >= logsMax) throw new TrustError('DFFT_LIMIT', 'as many did:webvh logs are held as this node takes', { logsMax })
    return this.#count
  }

  async #countLogs(): Promise<number> {
    let count = 0
    for await (const _ of this.#store.scan({ from: prefix, to: 'did0' })) count++ // `0` follows `/`.
    return count
  }

  #keep(did: Did, resolved: ResolvedDid, untilMs: number): void {
    this.#cache.delete(did)
    const [oldest] = this.#cache.keys()
    if (this.#cache.size >= cacheMax && oldest !== undefined) this.#cache.delete(oldest)
    this.#cache.set(did, { resolved, untilMs })
  }

  #forget(scid: string): void {
    this.#learned++
    for (const did of this.#cache.keys()) if (did.startsWith(`did:webvh:${scid}:`)) this.#cache.delete(did)
  }
}

function checkExtends(before: VerifiedLog, after: VerifiedLog): void {
  const fork = before.versions.find(({ versionId }, index) => after.versions[index] !== undefined && after.versions[index].versionId !== versionId)
  const facts = { held: before.versions.length, offered: after.versions.length }
  if (fork) throw new TrustError('DFFT_DID_ROLLBACK', `the log of \`${before.did}\` departs from the one seen before`, { ...facts, fork: fork.number })
  if (facts.offered < facts.held) throw new TrustError('DFFT_DID_ROLLBACK', `the log of \`${before.did}\` is shorter than the one seen before`, facts)
}
