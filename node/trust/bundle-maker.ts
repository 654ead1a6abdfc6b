/**
 * The bundles this node publishes: of its jurisdiction, where it is the anchor of one, and of all that it holds. A manifest is made anew
 * when something changed or the last one is a day old, and follows the one before; only what changed is hashed and written.
 */

import type { Self } from '#node/identity/self.ts'
import type { Clock, Store, Write } from '#node/ports.ts'
import { getJson, putJson, scanJson } from '#node/stored.ts'
import { parse } from '#protocols/channel.ts'
import { addProof } from '#protocols/credential/data-integrity.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { type Digest, instant, msOf } from '#protocols/ids.ts'
import { type BundleScope, TrustBundle, type TrustBundlePart } from '#protocols/trust/bundle.ts'
import { statementDigest } from '#protocols/trust/proof.ts'
import type { Items, Scope } from './bundle-items.ts'
import { BundleParts, type PartsChange } from './bundle-parts.ts'

export const makerLimits = {
  /** A week on a memory stick, or of an anchor that is away; how long a suspension may be withheld its head says. */
  lifeMs: 7 * 86_400_000,
  /** One that says the same again: whoever has missed a day of them knows it. */
  renewMs: 86_400_000,
  /** What changes all the time is told of with something else, or after so long. */
  slowMs: 10 * 60_000,
  /** Kept to show that each followed the one before. */
  formerMax: 64,
} as const

interface Needs {
  readonly self: Self
  readonly store: Store
  readonly clock: Clock
  readonly items: Items
  /** As in the hello. */
  readonly networkName: string
  /** Of the jurisdictions that this node anchors; undefined where it is no anchor. */
  readonly jurisdiction: () => Scope | undefined
}

export interface Made {
  readonly manifest: TrustBundle
  readonly digest: Digest
}

interface Line {
  readonly parts: BundleParts
  made: Made | undefined
}

export class BundleMaker {
  readonly #needs: Needs
  readonly #lines = new Map<BundleScope, Line>()
  #turn: Promise<unknown> = Promise.resolve()

  private constructor(needs: Needs) {
    this.#needs = needs
  }

  static async open(needs: Needs): Promise<BundleMaker> {
    const maker = new BundleMaker(needs)
    for (const scope of ['jurisdiction', 'held'] as const) await maker.#line(scope)
    return maker
  }

  /** The newest, as it was made last. */
  newest(scope: BundleScope): Made | undefined {
    return this.#lines.get(scope)?.made
  }

  /** One of the last that were made, by statement digest. */
  async manifest(digest: Digest): Promise<TrustBundle | undefined> {
    for (const { made } of this.#lines.values()) if (made?.digest === digest) return made.manifest
    for (const scope of this.#lines.keys())
      for await (const [, manifest] of scanJson<TrustBundle>(this.#needs.store, manifestKey(scope))) if (statementDigest(manifest) === digest) return manifest
    return undefined
  }

  /** Of the newest. */
  async part(digest: Digest, of?: BundleScope): Promise<TrustBundlePart | undefined> {
    for (const [scope, { made }] of this.#lines)
      if ((of ?? scope) === scope && made?.manifest.parts.some((part) => part.digest === digest))
        return getJson(this.#needs.store, `${partKey(scope)}${digest}`)
    return undefined
  }

  /**
   * Makes a manifest where there is something to tell, durable when this resolves.
   *
   * @param options.lazily leaves what changes every few minutes for the next one
   * @returns the new one, or undefined where the last one still tells all
   */
  refresh(scope: BundleScope, { lazily = false } = {}): Promise<Made | undefined> {
    const turn = this.#turn.then(() => this.#refresh(scope, lazily))
    this.#turn = turn.catch(() => undefined) // The caller has the error; the next one only waits.
    return turn
  }

  async #refresh(scope: BundleScope, lazily: boolean): Promise<Made | undefined> {
    const { items, clock, self, jurisdiction } = this.#needs
    const within = scope === 'jurisdiction' ? jurisdiction() : undefined
    if (scope === 'jurisdiction' && !within) return undefined
    const line = await this.#line(scope)
    const ageMs = line.made ? clock.nowMs() - msOf(line.made.manifest.at) : Number.POSITIVE_INFINITY
    const change = line.parts.update(await items.list(within), { lazily: lazily && ageMs < makerLimits.slowMs })
    const due = ageMs >= makerLimits.renewMs || line.made?.manifest.proof.verificationMethod !== self.signer.keyId
    if (!change && !due) return undefined
    try {
      line.made = await this.#make(scope, line, change ?? { made: [], gone: [] })
      return line.made
    } catch (thrown) {
      // What is in memory may be ahead of the disk now: the next one begins from there.
      this.#lines.delete(scope)
      throw thrown
    }
  }

  async #make(scope: BundleScope, { parts, made: before }: Line, change: PartsChange): Promise<Made> {
    const { self, clock, store, networkName } = this.#needs
    const nowMs = clock.nowMs()
    const said = {
      type: 'TrustBundle',
      version: 1,
      publisher: self.did,
      scope,
      network: networkName,
      serial: (before?.manifest.serial ?? 0) + 1,
      previous: before?.digest ?? null,
      at: instant(nowMs),
      validUntil: instant(nowMs + makerLimits.lifeMs),
      parts: parts.refs,
    } as unknown as JsonObject // Of JSON throughout.
    const manifest = parse(await addProof(said, { signer: self.signer, created: instant(nowMs), purpose: 'assertionMethod' }), TrustBundle)
    const digest = statementDigest(manifest)
    const writes: Write[] = change.made.map((part) => putJson(`${partKey(scope)}${digestOfPart(manifest, part)}`, part))
    const old = manifest.serial - makerLimits.formerMax
    await store.batch([
      ...change.gone.map((gone) => ({ del: `${partKey(scope)}${gone}` })),
      ...writes,
      putJson(`${manifestKey(scope)}${padded(manifest.serial)}`, manifest),
      ...(old > 0 ? [{ del: `${manifestKey(scope)}${padded(old)}` }] : []),
    ])
    return { manifest, digest }
  }

  async #line(scope: BundleScope): Promise<Line> {
    const known = this.#lines.get(scope)
    if (known) return known
    const { store } = this.#needs
    const parts: TrustBundlePart[] = []
    for await (const [, part] of scanJson<TrustBundlePart>(store, partKey(scope))) parts.push(part)
    let made: Made | undefined
    for await (const [, manifest] of scanJson<TrustBundle>(store, manifestKey(scope), { reverse: true, limit: 1 }))
      made = { manifest, digest: statementDigest(manifest) }
    const line = { parts: BundleParts.of(parts), made }
    this.#lines.set(scope, line)
    return line
  }
}

function digestOfPart({ parts }: TrustBundle, { name }: TrustBundlePart): Digest | undefined {
  return parts.find((part) => part.name === name)?.digest
}

function manifestKey(scope: BundleScope): string {
  return `bundle/own/${scope}/manifest/`
}

function partKey(scope: BundleScope): string {
  return `bundle/own/${scope}/part/`
}

function padded(serial: number): string {
  return String(serial).padStart(16, '0')
}
