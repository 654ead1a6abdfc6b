/**
 * The bundles of others: of each publisher which manifest counts, what of it was taken, and what was refused and why.
 *
 * Nothing of a bundle is taken whose manifest does not hold. Of one that holds each item is checked by itself, and one that is refused
 * keeps no other from being taken. A publisher who says two things for one place is shown with both, and heard no more until its operator's
 * partners have settled which counts.
 */

import type { KeyFinder } from '#node/identity/key-finder.ts'
import type { Clock, Store, Write } from '#node/ports.ts'
import { after, getJson, putJson, scanJson } from '#node/stored.ts'
import { digestOf } from '#protocols/canonical.ts'
import { verifyProof } from '#protocols/credential/data-integrity.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { type Code, TrustError } from '#protocols/errors.ts'
import { type Did, type DidUrl, type Digest, didOf, type Jurisdiction, msOf } from '#protocols/ids.ts'
import type { NewEntry } from '#protocols/log/entry.ts'
import { bundleLimits, type ItemContent, itemDigest, kindOfPart, type TrustBundle, type TrustBundlePart } from '#protocols/trust/bundle.ts'
import { statementDigest } from '#protocols/trust/proof.ts'
import type { Item, Items } from './bundle-items.ts'

/** What an item came to that was not taken. */
export interface Refusal {
  readonly kind: Item['kind']
  readonly id: string
  readonly digest: Digest
  readonly code: Code
}

/** What is kept of one publisher's bundles. */
export interface BundleLine {
  readonly manifest: TrustBundle
  readonly digest: Digest
  /** Whether all of it was looked at. */
  readonly complete: boolean
  /** Two manifests that exclude each other, with the signatures of both. */
  readonly fork: readonly [TrustBundle, TrustBundle] | null
  readonly refused: readonly Refusal[]
  /** Refusals that are not listed. */
  readonly more: number
}

export type Recording = (entry: NewEntry, writes: readonly Write[]) => Promise<unknown>

interface Needs {
  readonly store: Store
  readonly clock: Clock
  readonly keys: KeyFinder
  readonly items: Items
  readonly networkName: string
  /** Writes with the entry that tells of them, in one batch. */
  readonly record: Recording
  /** Whether somebody's word on what there is counts: a pinned anchor's, or that of a partner that one accredited. */
  readonly speaks: (publisher: Did) => boolean
}

/** Listed by name; one that refuses more has a fault of its own. */
const refusedMax = 256
/** Publishers: some two hundred anchors and their agencies. */
const linesMax = 1024

/** What may be cured by an item that comes later. */
const curable: ReadonlySet<Code> = new Set([
  'DFFT_TRUST_CHAIN',
  'DFFT_ACCREDITATION',
  'DFFT_TRUST_QUORUM',
  'DFFT_DID_NOT_FOUND',
  'DFFT_KEY_NOT_FOUND',
  'DFFT_POLICY_SERIAL',
  'DFFT_POLICY_QUORUM',
  'DFFT_POLICY_SIGNATURE',
  'DFFT_PACK_MISSING',
  'DFFT_NOT_FOUND',
])

export class BundleReader {
  readonly #needs: Needs
  readonly #lines = new Map<string, BundleLine>()
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(needs: Needs) {
    this.#needs = needs
  }

  static async open(needs: Needs): Promise<BundleReader> {
    const reader = new BundleReader(needs)
    for await (const [, line] of scanJson<BundleLine>(needs.store, linePrefix)) reader.#lines.set(nameOf(line.manifest), line)
    return reader
  }

  get lines(): readonly BundleLine[] {
    return [...this.#lines.values()]
  }

  line(of: Pick<TrustBundle, 'publisher' | 'scope'>): BundleLine | undefined {
    return this.#lines.get(nameOf(of))
  }

  /** A manifest held, by statement digest. */
  manifest(digest: Digest): TrustBundle | undefined {
    return this.lines.find((line) => line.digest === digest)?.manifest
  }

  /** A part of a bundle that is held. */
  async part(digest: Digest): Promise<TrustBundlePart | undefined> {
    const line = this.lines.find(({ manifest }) => manifest.parts.some((part) => part.digest === digest))
    return line && getJson(this.#needs.store, partKeyOf(line.manifest, digest))
  }

  /**
   * Checks a manifest and, where it is newer, puts it in the place of the one that is held; durable when this resolves.
   *
   * @param options.chain those between the held one and this one, the newest first, where they could be had
   * @returns what of it is still to be looked at
   * @throws {TrustError} DFFT_ACCREDITATION for a publisher that is nobody here, DFFT_BUNDLE of another network, DFFT_NOT_YET_VALID,
   *   DFFT_EXPIRED, DFFT_SIGNATURE, DFFT_TRUST_ROLLBACK, DFFT_TRUST_FORK, and the codes of the publisher's DID
   */
  async accept(manifest: TrustBundle, signal: AbortSignal, { chain = [] }: { readonly chain?: readonly TrustBundle[] } = {}): Promise<BundleLine> {
    await this.check(manifest, signal)
    return this.#alone(async () => {
      const digest = statementDigest(manifest)
      const held = this.line(manifest)
      if (held?.fork) throw forked(held.fork)
      if (held?.digest === digest) return held
      if (held) await this.#refuseOther(held, manifest, chain, signal)
      else if (this.#lines.size >= linesMax) throw new TrustError('DFFT_LIMIT', 'the bundles of too many publishers are held', { linesMax })
      const line = { manifest, digest, complete: false, fork: null, refused: [], more: 0 }
      await this.#keep(line)
      return line
    })
  }

  /** All of `accept` that does not depend on what is held. */
  async check(manifest: TrustBundle, signal: AbortSignal): Promise<void> {
    const { clock, networkName, speaks, keys } = this.#needs
    const { publisher, network, at, validUntil, proof } = manifest
    if (!speaks(publisher)) throw new TrustError('DFFT_ACCREDITATION', `\`${publisher}\` is neither pinned nor accredited here`, { publisher })
    if (network !== networkName) throw new TrustError('DFFT_BUNDLE', `the bundle is of the network \`${network}\``, { network, networkName })
    if (clock.nowMs() + bundleLimits.skewMs < msOf(at)) throw new TrustError('DFFT_NOT_YET_VALID', 'the bundle begins in the future', { at })
    if (clock.nowMs() >= msOf(validUntil)) throw new TrustError('DFFT_EXPIRED', 'the bundle is past its end', { validUntil })
    if (didOf(proof.verificationMethod) !== publisher)
      throw new TrustError('DFFT_SIGNATURE', 'the bundle is signed by another than its publisher', { publisher })
    const key = await keys(proof.verificationMethod as DidUrl, 'assertionMethod', msOf(proof.created), signal) // Checked by `verifyProof` before it is used.
    await verifyProof(manifest as unknown as JsonObject, () => key, { purpose: 'assertionMethod' })
  }

  /** What was announced before, and what says something else of the same moment. */
  async #refuseOther(held: BundleLine, manifest: TrustBundle, chain: readonly TrustBundle[], signal: AbortSignal): Promise<void> {
    const { publisher, serial } = manifest
    const facts = { publisher, serial, held: held.manifest.serial }
    if (serial === held.manifest.serial) return this.#fork(held, manifest)
    if (serial < held.manifest.serial)
      throw new TrustError('DFFT_TRUST_ROLLBACK', `bundle ${serial} is older than ${held.manifest.serial}, which is held`, facts)
    const first = followedBack(manifest, held.manifest.serial + 1, chain)
    if (first?.previous === undefined || first.previous === held.digest) return
    // Whoever handed the earlier one over may have spoilt its signature; the newer one has said what it follows all the same.
    const sound = await this.check(first, signal).then(
      () => true,
      () => false,
    )
    await this.#fork(held, sound ? first : manifest)
  }

  async #fork(held: BundleLine, other: TrustBundle): Promise<never> {
    const fork = [held.manifest, other] as const
    const line = { ...held, fork }
    const facts = { publisher: other.publisher, serial: other.serial, held: held.digest, other: statementDigest(other) }
    await this.#needs.record({ kind: 'bundle-forked', facts }, [lineWrite(line)])
    this.#lines.set(nameOf(line.manifest), line)
    throw forked(fork)
  }

  /** The operator's word on which half of a fork counts. @throws {TrustError} DFFT_NOT_FOUND */
  settle(digest: Digest, dryRun = false): Promise<BundleLine> {
    return this.#alone(async () => {
      const manifest = this.lines.flatMap(({ fork }) => fork ?? []).find((half) => statementDigest(half) === digest)
      if (!manifest) throw new TrustError('DFFT_NOT_FOUND', 'no half of a fork has this digest', { digest })
      const settled = { manifest, digest, complete: false, fork: null, refused: [], more: 0 }
      if (!dryRun) await this.#keep(settled)
      return settled
    })
  }

  // Of a manifest that was accepted.

  /** Parts that were not looked at yet. */
  async missingParts(line: BundleLine): Promise<TrustBundle['parts']> {
    const known = await this.#partsKept(line)
    return line.manifest.parts.filter(({ digest }) => !known.has(digest))
  }

  /** The items of a part, in its order. @throws {TrustError} DFFT_BUNDLE for one that the manifest does not name */
  itemsOf({ manifest }: BundleLine, part: TrustBundlePart): readonly Item[] {
    const digest = digestOf(part)
    const named = manifest.parts.find(({ name }) => name === part.name)
    if (named?.digest !== digest || named.count !== part.items.length)
      throw new TrustError('DFFT_BUNDLE', `the part \`${part.name}\` is not the one that the manifest names`, { part: part.name, digest })
    return itemsIn(part)
  }

  /**
   * One item of a bundle, checked as if it had come by itself.
   *
   * @param exactly whether it has to be the very one: a log or a status list from a partner may be newer by now
   * @returns what makes it durable, or why it was refused
   */
  async take(item: Item, content: ItemContent, signal: AbortSignal, exactly = true): Promise<{ readonly writes: readonly Write[] } | { readonly code: Code }> {
    try {
      const may = !exactly && (item.kind === 'did-log' || item.kind === 'status-list')
      if (!may && itemDigest(item.kind, content) !== item.digest)
        throw new TrustError('DFFT_BUNDLE', 'what came is not the item that the bundle names', { kind: item.kind, id: item.id.slice(0, 256) })
      return { writes: await this.#needs.items.learn(item, content, signal) }
    } catch (thrown) {
      if (!(thrown instanceof TrustError)) throw thrown
      return { code: thrown.code }
    }
  }

  /**
   * All that was taken of a part, in one batch.
   *
   * @param whole whether it need not be looked at again
   */
  async keepPart({ manifest }: BundleLine, part: TrustBundlePart, writes: readonly Write[], whole: boolean): Promise<void> {
    const all = [...writes, ...(whole ? [putJson(partKeyOf(manifest, digestOf(part)), part)] : [])]
    if (all.length > 0) await this.#needs.store.batch(all)
  }

  /** All that could be had was looked at; what is missing or may be cured later keeps it from being complete. */
  finish(line: BundleLine, refused: readonly Refusal[]): Promise<BundleLine> {
    return this.#alone(() => this.#finish(line, refused))
  }

  async #finish(line: BundleLine, refused: readonly Refusal[]): Promise<BundleLine> {
    // A newer one came meanwhile.
    const held = this.line(line.manifest)
    if (held?.digest !== line.digest || held.fork) return held ?? line
    const now = new Set<string>(line.manifest.parts.map(({ digest }) => digest))
    const known = await this.#partsKept(line)
    const gone = [...known].filter((digest) => !now.has(digest)).map((digest) => ({ del: partKeyOf(line.manifest, digest as Digest) }))
    const complete = [...now].every((digest) => known.has(digest))
    const finished = { ...line, complete, refused: refused.slice(0, refusedMax), more: Math.max(0, refused.length - refusedMax) }
    await this.#keep(finished, gone)
    return finished
  }

  async #partsKept({ manifest }: BundleLine): Promise<ReadonlySet<string>> {
    const known = new Set<string>()
    const prefix = partPrefixOf(manifest)
    for await (const [key] of this.#needs.store.scan({ from: prefix, to: after(prefix) })) known.add(key.slice(prefix.length))
    return known
  }

  /** One at a time: what is held is not replaced between the look at it and the write. Peers may tell of two manifests at one moment. */
  #alone<T>(act: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(act)
    this.#turn = mine.catch(() => undefined) // The caller has the error; the next one only waits.
    return mine
  }

  async #keep(line: BundleLine, writes: readonly Write[] = []): Promise<void> {
    await this.#needs.store.batch([...writes, lineWrite(line)])
    this.#lines.set(nameOf(line.manifest), line)
  }
}

/** The manifest of that serial that this one follows, by digests; undefined where those between are not shown. */
function followedBack(manifest: TrustBundle, serial: number, chain: readonly TrustBundle[]): TrustBundle | undefined {
  let earliest = manifest
  for (const one of chain) if (earliest.serial > serial && statementDigest(one) === earliest.previous) earliest = one
  return earliest.serial === serial ? earliest : undefined
}

export function itemsIn({ name, items }: TrustBundlePart): readonly Item[] {
  const kind = kindOfPart(name)
  const place = name.split('/')[1] ?? '-'
  return items.map(([id, digest]) => ({ kind, place: place === '-' ? null : (place as Jurisdiction), id, digest })) // By the pattern of the name.
}

export function isCurable(code: Code): boolean {
  return curable.has(code)
}

function forked([one, other]: readonly [TrustBundle, TrustBundle]): TrustError {
  const facts = { publisher: one.publisher, one: statementDigest(one), other: statementDigest(other) }
  return new TrustError('DFFT_TRUST_FORK', `\`${one.publisher}\` has signed two bundles that exclude each other`, facts)
}

const linePrefix = 'bundle/line/'

function lineWrite(line: BundleLine): Write {
  return putJson(`${linePrefix}${nameOf(line.manifest)}`, line)
}

function nameOf({ publisher, scope }: Pick<TrustBundle, 'publisher' | 'scope'>): string {
  return `${publisher} ${scope}`
}

function partPrefixOf(manifest: TrustBundle): string {
  return `bundle/part/${nameOf(manifest)}/`
}

function partKeyOf(manifest: TrustBundle, digest: Digest): string {
  return `${partPrefixOf(manifest)}${digest}`
}
