/**
 * The items of a bundle in parts of some hundred rows, so that one item that changes leaves all parts but one as they were. An item's part
 * follows from its id alone: whoever comes in front of it moves nothing.
 */
import { digestOf } from '#protocols/canonical.ts'
import type { Digest } from '#protocols/ids.ts'
import { bundleLimits, compareParts, compareRows, type ItemKind, type PartRef, type Row, TrustBundlePart } from '#protocols/trust/bundle.ts'
import type { Item } from './bundle-items.ts'

/** A part has half as many rows to as many: 10,000 items are some hundred parts of 12 KiB. */
const rowsWanted = 128

/** They change every few minutes by themselves, and nobody is told of that alone. */
export const slowKinds: ReadonlySet<ItemKind> = new Set(['status-list'])

export interface PartsChange {
  readonly made: readonly TrustBundlePart[]
  /** Digests of parts that are no longer of the bundle. */
  readonly gone: readonly Digest[]
}

interface Group {
  depth: number
  count: number
}

export class BundleParts {
  /** By group and hash: digest of each item → its id. */
  readonly #buckets = new Map<string, Map<Digest, string>>()
  /** By digest of an item, its group and bucket. */
  readonly #places = new Map<Digest, { readonly group: string; bucket: string }>()
  readonly #groups = new Map<string, Group>()
  /** By bucket the parts it makes: one, unless somebody chose his ids so that they meet. */
  readonly #refs = new Map<string, readonly PartRef[]>()

  /** As they were when these parts were made. */
  static of(parts: readonly TrustBundlePart[]): BundleParts {
    const made = new BundleParts()
    const items = parts.flatMap(({ name, items }) => {
      const [kind, place] = name.split('/')
      return items.map(([id, digest]) => ({ kind, place: place === '-' ? null : place, id, digest }) as Item) // By the pattern of the name.
    })
    made.update(items)
    return made
  }

  get refs(): readonly PartRef[] {
    return [...this.#refs.values()].flat().sort(compareParts)
  }

  get count(): number {
    return this.#places.size
  }

  /**
   * Makes the bundle one of exactly these items. Costs a look at each, and work for the parts that change.
   *
   * @returns undefined where nothing changed; with `lazily` also where nothing did but what changes all the time
   */
  update(items: readonly Item[], { lazily = false } = {}): PartsChange | undefined {
    const listed = new Map<Digest, Item>()
    const added: Item[] = []
    for (const item of items) {
      if (listed.has(item.digest)) continue
      listed.set(item.digest, item)
      if (!this.#places.has(item.digest)) added.push(item)
    }
    const stayed = listed.size - added.length
    const removed = stayed === this.#places.size ? [] : [...this.#places.keys()].filter((digest) => !listed.has(digest))
    if (added.length === 0 && removed.length === 0) return undefined
    if (lazily && added.every(({ kind }) => slowKinds.has(kind)) && removed.every((digest) => slowKinds.has(this.#kindOf(digest)))) return undefined
    const touched = new Set<string>()
    for (const digest of removed) touched.add(this.#remove(digest))
    const grown = new Set<string>()
    for (const item of added) {
      grown.add(groupOf(item))
      touched.add(this.#add(item))
    }
    for (const group of this.#groups.keys()) if (grown.has(group) || removed.length > 0) this.#settle(group, touched)
    return this.#rebuilt(touched)
  }

  #kindOf(digest: Digest): ItemKind {
    return (this.#places.get(digest)?.group.split('/', 1)[0] ?? '') as ItemKind // A group begins with it.
  }

  #add(item: Item): string {
    const group = groupOf(item)
    const known = this.#groups.get(group) ?? { depth: 0, count: 0 }
    known.count++
    this.#groups.set(group, known)
    return this.#put(item.digest, item.id, group, known.depth)
  }

  #put(digest: Digest, id: string, group: string, depth: number): string {
    const bucket = `${group}/${hashOf(group, id) & ((1 << depth) - 1)}`
    const rows = this.#buckets.get(bucket) ?? new Map<Digest, string>()
    this.#buckets.set(bucket, rows.set(digest, id))
    this.#places.set(digest, { group, bucket })
    return bucket
  }

  #remove(digest: Digest): string {
    const place = this.#places.get(digest)
    if (!place) return ''
    this.#places.delete(digest)
    this.#buckets.get(place.bucket)?.delete(digest)
    const group = this.#groups.get(place.group)
    if (group) group.count--
    return place.bucket
  }

  /** All of a group move where it has become so much larger or smaller that its parts would. */
  #settle(name: string, touched: Set<string>): void {
    const group = this.#groups.get(name)
    if (!group) return
    const depth = depthFor(group.count)
    if (depth === group.depth) return
    const rows: (readonly [Digest, string])[] = []
    for (let bucket = 0; bucket < 1 << group.depth; bucket++) {
      const key = `${name}/${bucket}`
      rows.push(...(this.#buckets.get(key) ?? []))
      this.#buckets.delete(key)
      touched.add(key)
    }
    group.depth = depth
    for (const [digest, id] of rows) touched.add(this.#put(digest, id, name, depth))
  }

  #rebuilt(touched: ReadonlySet<string>): PartsChange {
    const before = new Set([...touched].flatMap((bucket) => this.#refs.get(bucket) ?? []).map(({ digest }) => digest))
    const made: TrustBundlePart[] = []
    const now = new Set<Digest>()
    for (const bucket of touched) {
      const parts = this.#partsOf(bucket).map((part) => ({ part, digest: digestOf(part) }))
      this.#refs.delete(bucket)
      if (parts.length === 0) this.#buckets.delete(bucket)
      else
        this.#refs.set(
          bucket,
          parts.map(({ part: { name, items }, digest }) => ({ name, digest, count: items.length })),
        )
      for (const { part, digest } of parts) {
        now.add(digest)
        if (!before.has(digest)) made.push(part)
      }
    }
    return { made, gone: [...before].filter((digest) => !now.has(digest)) }
  }

  #partsOf(bucket: string): readonly TrustBundlePart[] {
    const rows: Row[] = [...(this.#buckets.get(bucket) ?? [])].map(([digest, id]) => [id, digest] as const)
    rows.sort(compareRows)
    const slash = bucket.lastIndexOf('/')
    const group = bucket.slice(0, slash)
    const step = 1 << (this.#groups.get(group)?.depth ?? 0)
    const parts: TrustBundlePart[] = []
    for (let at = 0; at < rows.length; at += bundleLimits.rowsMax) {
      const name = `${group}/${Number(bucket.slice(slash + 1)) + (at / bundleLimits.rowsMax) * step}`
      const items = rows.slice(at, at + bundleLimits.rowsMax).map(([id, digest]) => [id, digest] as [string, Digest])
      parts.push({ type: 'TrustBundlePart', version: 1, name, items })
    }
    return parts
  }
}

function groupOf({ kind, place }: Item): string {
  return `${kind}/${place ?? '-'}`
}

function depthFor(count: number): number {
  return count <= rowsWanted ? 0 : Math.ceil(Math.log2(count / rowsWanted))
}

/** FNV-1a of 32 bits: it spreads, and whoever makes ids meet gets parts that are full. What an anchor says one after another stays together. */
function hashOf(group: string, id: string): number {
  const end = group.startsWith('anchor/') ? id.indexOf(' ') : id.length
  let hash = 0x811c9dc5
  for (let at = 0; at < end; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193)
  return (hash ^ (hash >>> 15)) >>> 0
}
