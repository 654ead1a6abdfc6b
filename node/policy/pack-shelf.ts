/**
 * Packs by digest: those this version ships, those earlier versions shipped, and partners'. A policy means what the packs it names mean,
 * in an exchange of last year too, whatever the software ships by then.
 */

import type { Store } from '#node/ports.ts'
import { putJson, scanJson } from '#node/stored.ts'
import { assemblePacks, checkPackDocument, type Packs, shippedPacks } from '#policies/packs/packs.ts'
import { digestOf } from '#protocols/canonical.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Digest, Jurisdiction } from '#protocols/ids.ts'

export const packLimits = {
  /** That this node never shipped, of one jurisdiction: a pack a quarter for eight years, at most 1 MiB each. By jurisdiction, so that none fills the shelf of another. */
  ofOneMax: 32,
  /** Read and ready; those of policies that are held stay with these. */
  readyMax: 64,
} as const

export interface PackDigests {
  readonly vocabulary: Digest
  readonly legal: Digest
}

export class PackShelf {
  readonly shipped: Packs
  readonly #store: Store
  readonly #values = new Map<Digest, JsonObject>()
  readonly #ready = new Map<string, Packs>()
  /** Which jurisdiction’s policy named a pack that came from others, the oldest first. */
  readonly #foreign = new Map<Jurisdiction, readonly Digest[]>()

  private constructor(store: Store, shipped: Packs) {
    this.#store = store
    this.shipped = shipped
  }

  /** @param shipped what this version brings; it is kept for the versions to come */
  static async open(store: Store, shipped: Packs = shippedPacks): Promise<PackShelf> {
    const shelf = new PackShelf(store, shipped)
    for await (const [key, value] of scanJson<JsonObject>(store, 'pack/')) shelf.#values.set(key.slice('pack/'.length) as Digest, value) // Its key when it was put.
    for await (const [key, digests] of scanJson<readonly Digest[]>(store, 'pack-of/')) shelf.#foreign.set(key.slice('pack-of/'.length) as Jurisdiction, digests) // As above.
    await shelf.#keep(shipped.documents)
    return shelf
  }

  /** What is handed over under this digest. */
  get(digest: Digest): JsonObject | undefined {
    return this.#values.get(digest)
  }

  /**
   * @throws {TrustError} DFFT_PACK_MISSING with the `digest` of the one that is not held, DFFT_SCHEMA for what this version cannot read
   */
  of({ vocabulary, legal }: PackDigests): Packs {
    const { digests } = this.shipped
    if (vocabulary === digests.vocabulary && legal === digests.legal) return this.shipped
    const name = `${vocabulary} ${legal}`
    const known = this.#ready.get(name)
    if (known) return known
    const packs = assemblePacks({ vocabulary, legal }, (digest, pack) => this.#held(digest, pack))
    const [oldest] = this.#ready.keys()
    if (oldest !== undefined && this.#ready.size >= packLimits.readyMax) this.#ready.delete(oldest)
    this.#ready.set(name, packs)
    return packs
  }

  /** The packs whose digests stand in a text, where both are held. */
  namedIn(text: string): Packs | undefined {
    const of = (name: string) => new RegExp(`${name}\\W+(sha256:[0-9a-f]{64})`).exec(text)?.[1] as Digest | undefined // By its pattern.
    const [vocabulary, legal] = [of('vocabulary'), of('legal')]
    if (!vocabulary || !legal) return undefined
    try {
      return this.of({ vocabulary, legal })
    } catch {
      return undefined // Not held, or of a later version: the text is read against the shipped ones, and told so.
    }
  }

  #held(digest: Digest, pack: 'vocabulary' | 'legal'): JsonObject {
    const value = this.#values.get(digest)
    if (!value) throw new TrustError('DFFT_PACK_MISSING', `the ${pack} pack \`${digest}\` is not held`, { pack, digest })
    return value
  }

  /**
   * Takes a pack that somebody handed over; whoever it was, it is the one its digest names. Where its jurisdiction has too many, the
   * oldest goes that no policy held names: one signature has a pack fetched, and the policy may be refused after that.
   *
   * @param of jurisdiction whose policy names it
   * @param used by policies that are held
   * @throws {TrustError} DFFT_PACK_MISSING when it is another, DFFT_SCHEMA, DFFT_LIMIT
   */
  async learn(value: JsonObject, digest: Digest, { of, used }: { readonly of: Jurisdiction; readonly used: ReadonlySet<Digest> }): Promise<void> {
    if (digestOf(value) !== digest) throw new TrustError('DFFT_PACK_MISSING', `what came in its place is not the pack \`${digest}\``, { digest })
    checkPackDocument(value)
    if (this.#values.has(digest)) return
    const named = this.#foreign.get(of) ?? []
    const out = named.length < packLimits.ofOneMax ? undefined : named.find((one) => !this.#isUsed(one, used))
    if (named.length >= packLimits.ofOneMax && !out)
      throw new TrustError('DFFT_LIMIT', `too many packs of ${of}`, { packs: named.length, packsMax: packLimits.ofOneMax })
    const now = [...named.filter((one) => one !== out), digest]
    await this.#store.batch([...(out ? [{ del: `pack/${out}` }] : []), putJson(`pack/${digest}`, value), putJson(`pack-of/${of}`, now)])
    this.#foreign.set(of, now)
    this.#values.set(digest, value)
    if (out) this.#values.delete(out)
  }

  /** By name, or as what a vocabulary that is named stands on. */
  #isUsed(digest: Digest, used: ReadonlySet<Digest>): boolean {
    return used.has(digest) || this.shipped.documents.has(digest) || [...used].some((one) => this.#values.get(one)?.dpv === digest)
  }

  /** @param documents by their digests, as they were read */
  async #keep(documents: Packs['documents']): Promise<void> {
    const added = [...documents].filter(([digest]) => !this.#values.has(digest)) as readonly (readonly [Digest, JsonObject])[] // It was read as one.
    if (added.length === 0) return
    await this.#store.batch(added.map(([digest, value]) => putJson(`pack/${digest}`, value)))
    for (const [digest, value] of added) this.#values.set(digest, value)
  }
}
