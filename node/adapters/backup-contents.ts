/**
 * What is in a backup, as one stream: the rows of the store in their order, then files, then a summary.
 *
 *     kind (1) ‖ length of a (4) ‖ length of b (4) ‖ a ‖ b
 *     1 row: key, value    2 file: name, –    3 piece of the file: –, bytes    4 end: summary, –
 *
 * Whoever reads it sees the audit log go by, and counts its tree again: a backup whose log is not whole is no backup.
 */
import { createHash, type Hash } from 'node:crypto'
import { z } from 'zod'
import { canonicalBytes } from '#protocols/canonical.ts'
import { parse } from '#protocols/channel.ts'
import { TrustError } from '#protocols/errors.ts'
import { Digest } from '#protocols/ids.ts'
import { parseJson } from '#protocols/json.ts'
import { originOf, rootDigest } from '#protocols/log/checkpoint.ts'
import { base64, firstPrevious, readEntry } from '#protocols/log/entry.ts'
import { leafHash, MerkleTree } from '#protocols/log/merkle.ts'
import { damaged } from './backup-archive.ts'

const kinds = { row: 1, file: 2, piece: 3, end: 4 } as const
const frameBytes = 9
/** A key has some hundred bytes, a summary names each file in 150. */
const nameBytesMax = 16 << 20
/** The longest rows are trust bundles of some megabytes. */
const valueBytesMax = 64 << 20

const name = z.string().regex(/^(?:dfft\.yaml|keystore\.json|data-keys|log-anchor|attachments\/[0-9a-f]{64})$/)
const FileSummary = z.strictObject({ name, bytes: z.int().min(0), sha256: Digest })

const Summary = z.strictObject({
  rows: z.int().min(1),
  log: z.strictObject({ size: z.int().min(1), root: Digest }),
  files: z.array(FileSummary).max(200_000),
  /** Whether the keys of received data are in it: without them received data stay closed. */
  dataKeys: z.boolean(),
  /** Names in the folder that were left out. */
  left: z.array(z.string().max(255)).max(100),
  version: z.string().max(64),
})
export type Summary = z.infer<typeof Summary>
export type FileSummary = z.infer<typeof FileSummary>

export type Part =
  | { readonly kind: 'row'; readonly key: string; readonly value: Uint8Array }
  | { readonly kind: 'file'; readonly name: string }
  | { readonly kind: 'piece'; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly summary: Summary; readonly tree: MerkleTree }

export function rowFrame(key: string, value: Uint8Array): Uint8Array {
  return frame(kinds.row, Buffer.from(key), value)
}

export function fileFrame(of: string): Uint8Array {
  return frame(kinds.file, Buffer.from(of))
}

export function pieceFrame(bytes: Uint8Array): Uint8Array {
  return frame(kinds.piece, new Uint8Array(), bytes)
}

export function endFrame(summary: Summary): Uint8Array {
  return frame(kinds.end, canonicalBytes(Summary.parse(summary)))
}

function frame(kind: number, a: Uint8Array, b: Uint8Array = new Uint8Array()): Uint8Array {
  if (a.length > nameBytesMax || b.length > valueBytesMax)
    throw new TrustError('DFFT_LIMIT', 'a record is too long for a backup', { bytes: a.length + b.length })
  const bytes = Buffer.allocUnsafe(frameBytes + a.length + b.length)
  bytes[0] = kind
  bytes.writeUInt32BE(a.length, 1)
  bytes.writeUInt32BE(b.length, 5)
  bytes.set(a, frameBytes)
  bytes.set(b, frameBytes + a.length)
  return bytes
}

/**
 * The parts in their order, checked against one another; the last is the end.
 *
 * @throws {TrustError} DFFT_BACKUP for what no backup of ours holds
 */
export async function* partsOf(chunks: AsyncIterable<Uint8Array>, did: string): AsyncIterable<Part> {
  const bytes = new Bytes(chunks)
  const log = new LogGoingBy(did)
  const files = new FilesGoingBy()
  let rows = 0
  let before = ''
  for (;;) {
    const head = Buffer.from(await bytes.take(frameBytes))
    const [aBytes, bBytes] = [head.readUInt32BE(1), head.readUInt32BE(5)]
    if (aBytes > nameBytesMax || bBytes > valueBytesMax) throw damaged('a record in it is too long')
    const a = await bytes.take(aBytes)
    const b = await bytes.take(bBytes)
    if (head[0] === kinds.row) {
      const key = Buffer.from(a).toString()
      if (key <= before && Buffer.compare(Buffer.from(key), Buffer.from(before)) <= 0) throw damaged('its rows are not in their order')
      before = key
      rows++
      log.row(key, b)
      yield { kind: 'row', key, value: b }
    } else if (head[0] === kinds.file) {
      const named = Buffer.from(a).toString()
      files.begin(named)
      yield { kind: 'file', name: named }
    } else if (head[0] === kinds.piece) {
      files.piece(b)
      yield { kind: 'piece', bytes: b }
    } else if (head[0] === kinds.end) {
      const summary = summaryOf(a)
      const { size, root } = log.head()
      const holds = summary.rows === rows && summary.log.size === size && summary.log.root === root && files.are(summary.files)
      if (!holds || !(await bytes.ended())) throw damaged('it does not hold what its summary says')
      yield { kind: 'end', summary, tree: log.tree }
      return
    } else throw damaged('it holds a record of no known kind')
  }
}

function summaryOf(bytes: Uint8Array): Summary {
  try {
    return parse(parseJson(bytes), Summary)
  } catch (cause) {
    throw damaged('its summary cannot be read', {}, cause)
  }
}

/** Bytes of a stream by their number, with no more held than is asked for and one chunk. */
class Bytes {
  readonly #chunks: AsyncIterator<Uint8Array>
  #chunk: Uint8Array = new Uint8Array()

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  async take(count: number): Promise<Uint8Array> {
    if (this.#chunk.length < count) await this.#gather(count)
    const taken = this.#chunk.subarray(0, count)
    this.#chunk = this.#chunk.subarray(count)
    return taken
  }

  async ended(): Promise<boolean> {
    return this.#chunk.length === 0 && (await this.#chunks.next()).done === true
  }

  async #gather(count: number): Promise<void> {
    const pieces = [this.#chunk]
    for (let held = this.#chunk.length; held < count; ) {
      const next = await this.#chunks.next()
      if (next.done) throw damaged('it ends within a record')
      pieces.push(next.value)
      held += next.value.length
    }
    this.#chunk = Buffer.concat(pieces)
  }
}

/** The audit log of the rows: chained, counted, and as its head says. */
export class LogGoingBy {
  readonly tree = new MerkleTree()
  #last: string
  #head: { readonly size: number; readonly root: string; readonly last: string } | undefined

  constructor(did: string) {
    this.#last = firstPrevious(originOf(did as Parameters<typeof originOf>[0])) // Read as a Did with the first line.
  }

  row(key: string, value: Uint8Array): void {
    if (key.startsWith('log/entry/')) this.#entry(key, value)
    if (key === 'log/head') this.#head = headOf(value)
  }

  /** @throws {TrustError} DFFT_BACKUP unless head and entries are of one log */
  head(): { readonly size: number; readonly root: Digest } {
    const root = this.tree.root(this.tree.size)
    if (!this.#head || this.#head.size !== this.tree.size || this.#head.root !== base64(root) || this.#head.last !== this.#last)
      throw damaged('the audit log in it is not whole', { key: 'log/head' })
    return { size: this.tree.size, root: rootDigest(root) }
  }

  #entry(key: string, value: Uint8Array): void {
    const index = this.tree.size
    try {
      const entry = readEntry(value)
      if (entry.index !== index || entry.previous !== this.#last || key !== `log/entry/${String(index).padStart(16, '0')}`)
        throw new Error('it does not follow')
    } catch (cause) {
      throw damaged('the audit log in it does not hold', { key }, cause)
    }
    const leaf = leafHash(value)
    this.#last = base64(leaf)
    this.tree.append(leaf)
  }
}

const Head = z.strictObject({ size: z.int().min(0), root: z.string().max(64), last: z.string().max(64) })

function headOf(value: Uint8Array): z.infer<typeof Head> {
  try {
    return parse(parseJson(value), Head)
  } catch (cause) {
    throw damaged('the head of its audit log cannot be read', { key: 'log/head' }, cause)
  }
}

/** Digests of files as their pieces go by. */
export class FilesGoingBy {
  readonly #summaries: FileSummary[] = []
  readonly #names = new Set<string>()
  #current: { readonly name: string; readonly hash: Hash; bytes: number } | undefined

  begin(of: string): void {
    this.#end()
    if (!name.safeParse(of).success || this.#names.has(of)) throw damaged('it holds a file that no node has')
    this.#names.add(of)
    this.#current = { name: of, hash: createHash('sha256'), bytes: 0 }
  }

  piece(bytes: Uint8Array): void {
    if (!this.#current) throw damaged('it holds a piece of no file')
    this.#current.hash.update(bytes)
    this.#current.bytes += bytes.length
  }

  finish(): readonly FileSummary[] {
    this.#end()
    return this.#summaries
  }

  are(said: readonly FileSummary[]): boolean {
    return Buffer.from(canonicalBytes(this.finish())).equals(canonicalBytes(said))
  }

  #end(): void {
    if (!this.#current) return
    const { name: of, hash, bytes } = this.#current
    this.#summaries.push({ name: of, bytes, sha256: `sha256:${hash.digest('hex')}` as Digest })
    this.#current = undefined
  }
}
