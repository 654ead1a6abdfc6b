/**
 * A bundle as a file, for a node that no cable leads to: JSON Lines, first the manifest, then each part and its items. It is written and
 * read a piece at a time, and may be read again from its beginning: what was taken before is not looked at twice.
 */

import type { Write } from '#node/ports.ts'
import { canonical } from '#protocols/canonical.ts'
import { read } from '#protocols/channel.ts'
import { TrustError } from '#protocols/errors.ts'
import { Digest } from '#protocols/ids.ts'
import {
  type BundleHeader,
  type BundleItem,
  type BundleScope,
  bundleLimits,
  type ItemContent,
  type ItemKind,
  BundleLine as Line,
  type TrustBundlePart,
} from '#protocols/trust/bundle.ts'
import type { Item, Items } from './bundle-items.ts'
import type { BundleMaker, Made } from './bundle-maker.ts'
import { type BundleLine, type BundleReader, isCurable, itemsIn, type Refusal } from './bundle-reader.ts'

/** What one call of the operator's hands out at most, but for one line that is longer. */
const pageCharacters = 400_000

export interface Page {
  readonly manifest: Made
  /** Whole lines, each with its end. */
  readonly lines: string
  readonly items: number
  /** Listed, and gone since the list was made; or too long for a line. */
  readonly missing: number
  /** Where to go on; null at the end. */
  readonly next: string | null
}

/**
 * A piece of the file of this node's bundle.
 *
 * @param cursor `next` of the piece before; undefined for the first, for which the bundle is brought up to date
 * @throws {TrustError} DFFT_NOT_FOUND where there is no such bundle, DFFT_CONFLICT when it was made anew since
 */
export async function exportPage(
  scope: BundleScope,
  cursor: string | undefined,
  { maker, items, didLog }: { readonly maker: BundleMaker; readonly items: Items; readonly didLog: BundleHeader['didLog'] },
): Promise<Page> {
  if (cursor === undefined) await maker.refresh(scope)
  const made = maker.newest(scope)
  if (!made) throw new TrustError('DFFT_NOT_FOUND', 'this node anchors no jurisdiction; `--all` exports what it holds', { scope })
  const { manifest, digest } = made
  const from = cursor === undefined ? { part: 0, row: 0 } : placeIn(cursor, digest)
  const page = {
    lines: cursor === undefined ? line({ type: 'TrustBundleFile', version: 1, manifest, didLog } satisfies BundleHeader) : '',
    items: 0,
    missing: 0,
  }
  for (let number = from.part; number < manifest.parts.length; number++) {
    const part = await maker.part(manifest.parts[number]?.digest as Digest) // The index is in bounds.
    if (!part) throw new TrustError('DFFT_CONFLICT', 'the bundle was made anew while it was exported', { scope })
    const rows = itemsIn(part)
    const first = number === from.part ? from.row : 0
    if (first === 0) page.lines += line(part)
    for (let row = first; row < rows.length; row++) {
      if (page.lines.length >= pageCharacters) return { manifest: made, ...page, next: `${digest} ${number} ${row}` }
      const text = await itemLine(rows[row] as Item, items) // As above.
      page.lines += text
      if (text === '') page.missing++
      else page.items++
    }
  }
  return { manifest: made, ...page, next: null }
}

async function itemLine(item: Item, items: Items): Promise<string> {
  const content = await items.read(item)
  if (!content) return ''
  const { kind, id, digest } = item
  const text = line({ type: 'TrustBundleItem', kind, id, digest, content } satisfies BundleItem)
  return text.length > bundleLimits.lineMax ? '' : text
}

function line(value: object): string {
  return `${canonical(value)}\n`
}

function placeIn(cursor: string, digest: Digest): { readonly part: number; readonly row: number } {
  const [of, part, row] = cursor.split(' ')
  if (of !== digest) throw new TrustError('DFFT_CONFLICT', 'the bundle was made anew while it was exported', {})
  return { part: Number(part), row: Number(row) || 0 }
}

/** How far an import has come, and what it came to. */
export interface ImportReport {
  readonly line: BundleLine
  readonly taken: Readonly<Partial<Record<ItemKind, number>>>
  readonly held: number
  readonly refused: readonly Refusal[]
  /** Whether another pass over the file may take more. */
  readonly again: boolean
}

interface OpenPart {
  readonly part: TrustBundlePart
  readonly wanted: Map<Digest, Item>
  readonly writes: Write[]
  /** One that may be cured or is missing leaves the part to be looked at again. */
  whole: boolean
}

/** Of a file that nobody made; each has its line in the report. */
const refusalsMax = 2_000

/** One pass after another over one file. Nothing is taken before a manifest that holds. */
export class BundleImport {
  readonly #needs: { readonly reader: BundleReader; readonly items: Items }
  readonly #taken: Partial<Record<ItemKind, number>> = {}
  #line: BundleLine | undefined
  #open: OpenPart | undefined
  #held = 0
  #refused: Refusal[] = []
  #takenInPass = 0

  constructor(needs: { readonly reader: BundleReader; readonly items: Items }) {
    this.#needs = needs
  }

  /**
   * @param text whole lines
   * @throws {TrustError} DFFT_BUNDLE for what is no bundle's file, DFFT_LIMIT, and for a manifest as `BundleReader.accept`
   */
  async take(text: string, signal: AbortSignal): Promise<void> {
    for (const one of text.split('\n')) {
      if (one.trim() === '') continue
      if (one.length > bundleLimits.lineMax + 1024) throw new TrustError('DFFT_LIMIT', 'a line of the file is too long', { characters: one.length })
      await this.#takeLine(this.#read(one), signal)
    }
  }

  #read(one: string): Line {
    try {
      return read(one, Line)
    } catch (cause) {
      if (!(cause instanceof TrustError)) throw cause
      throw new TrustError(
        'DFFT_BUNDLE',
        'a line of the file is none of a bundle',
        { code: cause.code, ...(cause.facts.path === undefined ? {} : { path: cause.facts.path }) },
        { cause },
      )
    }
  }

  async #takeLine(one: Line, signal: AbortSignal): Promise<void> {
    if (one.type === 'TrustBundleFile') return this.#begin(one, signal)
    if (!this.#line) throw new TrustError('DFFT_BUNDLE', 'the file does not begin with a manifest', {})
    if (one.type === 'TrustBundlePart') return this.#beginPart(one, this.#line)
    await this.#takeItem(one, signal)
  }

  async #begin({ manifest, didLog }: BundleHeader, signal: AbortSignal): Promise<void> {
    const { reader, items } = this.#needs
    this.#open = undefined
    this.#held = 0
    this.#refused = []
    this.#takenInPass = 0
    // A log proves itself, and the manifest may be signed by a key that only it names.
    if (didLog) await items.learn({ kind: 'did-log', place: null, id: manifest.publisher, digest: nothing }, didLog as ItemContent, signal).catch(expected)
    this.#line = await reader.accept(manifest, signal)
  }

  async #beginPart(part: TrustBundlePart, line: BundleLine): Promise<void> {
    await this.#endPart(line)
    try {
      const wanted = new Map<Digest, Item>()
      for (const item of this.#needs.reader.itemsOf(line, part)) {
        if (await this.#needs.items.holds(item)) this.#held++
        else wanted.set(item.digest, item)
      }
      this.#open = { part, wanted, writes: [], whole: true }
    } catch (thrown) {
      if (!(thrown instanceof TrustError)) throw thrown
      this.#refuse({ kind: itemsIn(part)[0]?.kind ?? 'anchor', id: part.name, digest: nothing, code: thrown.code })
    }
  }

  async #takeItem({ kind, id, digest, content }: BundleItem, signal: AbortSignal): Promise<void> {
    const open = this.#open
    const item = open?.wanted.get(digest)
    if (!open || !item || item.kind !== kind || item.id !== id) {
      const listed = open?.part.items.some((row) => row[0] === id && row[1] === digest)
      if (!listed) this.#refuse({ kind, id, digest, code: 'DFFT_BUNDLE' })
      return
    }
    open.wanted.delete(digest)
    const took = await this.#needs.reader.take(item, content, signal)
    if ('code' in took) {
      this.#refuse({ kind, id, digest, code: took.code })
      open.whole &&= !isCurable(took.code) && took.code !== 'DFFT_BUNDLE'
    } else {
      open.writes.push(...took.writes)
      this.#taken[kind] = (this.#taken[kind] ?? 0) + 1
      this.#takenInPass++
    }
  }

  /** All or nothing of a part is on disk. */
  async #endPart(line: BundleLine): Promise<void> {
    const open = this.#open
    this.#open = undefined
    if (!open) return
    for (const { kind, id, digest } of open.wanted.values()) this.#refuse({ kind, id, digest, code: 'DFFT_NOT_FOUND' })
    await this.#needs.reader.keepPart(line, open.part, open.writes, open.whole && open.wanted.size === 0)
  }

  #refuse(refusal: Refusal): void {
    if (this.#refused.length >= refusalsMax) throw new TrustError('DFFT_LIMIT', 'too much of the bundle is refused', { refusalsMax, code: refusal.code })
    this.#refused.push(refusal)
  }

  /** At the end of a pass. @throws {TrustError} DFFT_BUNDLE where there was no manifest */
  async end(): Promise<ImportReport> {
    if (!this.#line) throw new TrustError('DFFT_BUNDLE', 'the file has no manifest', {})
    await this.#endPart(this.#line)
    this.#line = await this.#needs.reader.finish(this.#line, this.#refused)
    const again = this.#takenInPass > 0 && this.#refused.some(({ code }) => isCurable(code) && code !== 'DFFT_NOT_FOUND')
    return { line: this.#line, taken: this.#taken, held: this.#held, refused: this.#refused, again }
  }
}

/** Where there is no item that a digest could be of. */
const nothing = Digest.parse(`sha256:${'0'.repeat(64)}`)

/** What holds is told by the manifest after it. */
function expected(thrown: unknown): void {
  if (!(thrown instanceof TrustError)) throw thrown
}
