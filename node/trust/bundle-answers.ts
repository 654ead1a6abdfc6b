/** What a partner is told of bundles: ours, and those of others that we follow, which prove themselves as well. */

import { canonical } from '#protocols/canonical.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import type { Did, Digest } from '#protocols/ids.ts'
import type { ItemContent, TrustBundle, TrustBundlePart } from '#protocols/trust/bundle.ts'
import type { Items, TrustDocuments } from './bundle-items.ts'
import type { BundleMaker } from './bundle-maker.ts'
import { type BundleReader, itemsIn } from './bundle-reader.ts'

/** With what stands around them they fit a frame of 1 MiB, whatever needs two bytes or three. */
const answerBytesMax = 900_000

export class BundleAnswers {
  readonly #needs: {
    readonly maker: BundleMaker
    readonly reader: BundleReader
    readonly items: Items
    readonly documents: TrustDocuments
    readonly self: { readonly did: Did }
  }

  constructor(needs: { maker: BundleMaker; reader: BundleReader; items: Items; documents: TrustDocuments; self: { readonly did: Did } }) {
    this.#needs = needs
  }

  document(digest: Digest): JsonObject | undefined {
    return this.#needs.documents.get(digest) as JsonObject | undefined // It was read from JSON.
  }

  /** What this node holds of everybody, which tells whom it deals with, goes into a file at its operator's word and nowhere else. */
  async manifest({ publisher, digest }: { readonly publisher: Did | null; readonly digest: Digest | null }): Promise<TrustBundle | undefined> {
    const { maker, reader, self } = this.#needs
    const found = digest !== null ? ((await maker.manifest(digest)) ?? reader.manifest(digest)) : undefined
    const newest = publisher === self.did ? maker.newest('jurisdiction')?.manifest : publisher && reader.line({ publisher, scope: 'jurisdiction' })?.manifest
    const told = digest === null ? newest : found
    return told && told.scope === 'jurisdiction' ? told : undefined
  }

  async part(digest: Digest): Promise<TrustBundlePart | undefined> {
    const { maker, reader } = this.#needs
    return (await maker.part(digest, 'jurisdiction')) ?? (await reader.part(digest))
  }

  /** As many as fit, in the order of the part; a partner asks again for the rest. */
  async items(part: Digest, wanted: readonly Digest[]): Promise<{ digest: Digest; content: ItemContent }[] | undefined> {
    const listed = await this.part(part)
    if (!listed) return undefined
    const asked = new Set(wanted)
    const told: { digest: Digest; content: ItemContent }[] = []
    let bytes = 0
    for (const item of itemsIn(listed)) {
      const content = asked.has(item.digest) ? await this.#needs.items.read(item) : undefined
      if (!content) continue
      bytes += Buffer.byteLength(canonical(content)) + 128
      if (bytes > answerBytesMax) break
      told.push({ digest: item.digest, content })
    }
    return told
  }
}
