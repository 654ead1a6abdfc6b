/**
 * A register's file of any size as chunks of whole records, so that it is imported without being held, and from any chunk on again.
 *
 * Records are cut in the bytes: line feeds, quotes and commas are bytes of their own in UTF-8 and in Shift_JIS, and a position in bytes is
 * one that a file can be opened at. What is wrong with a record is the node's to say: here nothing stops at one.
 */
import { TrustError } from '#protocols/errors.ts'

export type Encoding = 'utf-8' | 'shift_jis'

export interface Chunk {
  /** The file's first record, without its line end; empty for JSON. */
  readonly header: string
  /** Line of the first record of `text` in the file, from 1. */
  readonly firstLine: number
  readonly text: string
  /** Bytes of the file before `text`, and before what follows it. */
  readonly begin: number
  readonly end: number
}

/** As JSON, where an escape counts: beside the header it stays well under the 1 MiB that the socket takes. */
export const chunkBytesMax = 512 << 10

/** A longer record of a table is a quote that was never closed: it is given as one line, and reading goes on with the next. */
const tableRecordBytesMax = 64 << 10
/** A company of gBizINFO with all that it was ever awarded. */
const objectBytesMax = 384 << 10
const headerBytesMax = 8192
/** Of a line that is no record, as much as the node needs to say so. */
const shownBytesMax = 20_000
/** Of quotes that are never closed, before each line counts as a record: looking for the other quote takes a record's length each time. */
const runawaysMax = 100

const lineFeed = 0x0a
const comma = 0x2c
const quote = 0x22
const backslash = 0x5c
const brace = { open: 0x7b, close: 0x7d }
const bracketClose = 0x5d

export interface Start {
  readonly byte: number
  readonly line: number
}

/** Where a file's records begin: behind the header line of a table, or where the first object of JSON stands. */
export interface Head {
  readonly header: string
  readonly start: Start
}

/**
 * @param bytes the file's first 64 KiB, or all of it
 * @throws {TrustError} DFFT_REGISTER for a table without a header line, one that is not of the encoding, and what is no JSON
 */
export function headOf(bytes: Uint8Array, format: 'csv' | 'json', encoding: Encoding): Head {
  if (bytes.length === 0) throw new TrustError('DFFT_REGISTER', 'the file is empty')
  return format === 'json' ? { header: '', start: firstObject(bytes) } : headerLine(bytes, encoding)
}

function headerLine(bytes: Uint8Array, encoding: Encoding): Head {
  const cutter = new TableCutter()
  let end = 0
  while (end < bytes.length && !cutter.ends(bytes[end] ?? 0)) end++
  const header = decoded(bytes.subarray(0, end), encoding, 0).replace(/\r?\n$/, '')
  if (header.trim() === '' || end > headerBytesMax) {
    throw new TrustError('DFFT_REGISTER', `the first line is no header of at most ${headerBytesMax} bytes`, { line: 1 })
  }
  const start = Math.min(end + 1, bytes.length)
  return { header: header.replace(/\r$/, ''), start: { byte: start, line: 1 + lineFeedsIn(bytes.subarray(0, start)) } }
}

/** Of a list, of the list that is an object's first member or gBizINFO's `hojin-infos`, or of objects one a line. */
function firstObject(bytes: Uint8Array): Start {
  const head = Buffer.from(bytes).toString('latin1')
  const [prelude = ''] = /^(?:\u00ef\u00bb\u00bf)?\s*(?:\[|\{(?:[^{}[\]]*"hojin-infos"|\s*"[^"]*")\s*:\s*\[(?=\s*[\]{]))?/.exec(head) ?? []
  if (!/^[{\]]/.test(head.slice(prelude.length).trimStart())) throw new TrustError('DFFT_REGISTER', 'the file begins with no JSON object, and no list of them')
  return { byte: prelude.length, line: 1 + lineFeedsIn(bytes.subarray(0, prelude.length)) }
}

/** Says of each byte in turn whether a record ends with it. */
interface Cutter {
  ends(byte: number): boolean
  /** Nothing that follows is a record. */
  readonly over: boolean
  restart(): void
}

/** RFC 4180; LF or CRLF ends a record, except between quotes. A quote opens only at the start of a field. */
class TableCutter implements Cutter {
  #at: 'field start' | 'plain' | 'quoted' | 'after quote' = 'field start'
  #quotes = true
  readonly over = false

  ends(byte: number): boolean {
    if (this.#at === 'quoted') {
      if (byte === quote) this.#at = 'after quote'
      return false
    }
    if (byte === quote && this.#at !== 'plain' && this.#quotes) this.#at = 'quoted'
    else this.#at = byte === comma || byte === lineFeed ? 'field start' : 'plain'
    return byte === lineFeed
  }

  restart(): void {
    this.#at = 'field start'
  }

  everyLine(): void {
    this.#quotes = false
  }
}

/** Objects, between commas and line ends; a closing bracket between them ends the list. */
class ObjectCutter implements Cutter {
  #depth = 0
  #inText = false
  #escaped = false
  over = false

  ends(byte: number): boolean {
    if (this.over) return false
    if (this.#inText) this.#text(byte)
    else if (byte === quote) this.#inText = this.#depth > 0
    else if (byte === brace.open) this.#depth++
    else if (byte === brace.close && this.#depth > 0) return --this.#depth === 0
    else if (byte === bracketClose && this.#depth === 0) this.over = true
    return false
  }

  /** A line end is never inside of a text. */
  #text(byte: number): void {
    if (this.#escaped) this.#escaped = false
    else if (byte === backslash) this.#escaped = true
    else if (byte === quote || byte === lineFeed) this.#inText = false
  }

  restart(): void {
    this.#depth = 0
    this.#inText = false
    this.#escaped = false
  }
}

/** What a byte takes at most in a JSON string of UTF-8. Of Shift_JIS half a character of three bytes, or a whole one. */
function weights(encoding: Encoding): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => {
    if (byte < 0x20 || byte === 0x7f) return 6
    if (byte === quote || byte === backslash) return 2
    return byte >= 0x80 && encoding === 'shift_jis' ? 3 : 1
  })
}

export interface Reading {
  readonly head: Head
  readonly format: 'csv' | 'json'
  readonly encoding: Encoding
  /** Where the pieces begin; the head's start when left out. */
  readonly from?: Start | undefined
}

/**
 * @param pieces the file's bytes from `from` on, in any cuts
 * @throws {TrustError} DFFT_REGISTER when the file is not of its encoding
 */
export async function* chunksOf(pieces: AsyncIterable<Uint8Array>, reading: Reading): AsyncGenerator<Chunk> {
  const cutting = new Cutting(reading)
  for await (const piece of pieces) yield* cutting.take(piece)
  yield* cutting.rest()
}

class Cutting {
  readonly #reading: Reading
  readonly #cutter: TableCutter | ObjectCutter
  readonly #weights: Uint8Array
  /** Bytes that are in no chunk yet; those before `#index` were looked at. */
  #held: Uint8Array = new Uint8Array()
  #index = 0
  #weight = 0
  /** Behind the last whole record in `#held`. */
  #whole = { end: 0, weight: 0 }
  #begin: number
  #line: number
  #runaways = 0
  /** The rest of a line that is no record. */
  #skipping = false
  #given = 0

  constructor(reading: Reading) {
    const { byte, line } = reading.from ?? reading.head.start
    this.#reading = reading
    this.#cutter = reading.format === 'json' ? new ObjectCutter() : new TableCutter()
    this.#weights = weights(reading.encoding)
    this.#begin = byte
    this.#line = line
  }

  *take(piece: Uint8Array): Generator<Chunk> {
    this.#held = this.#held.length === 0 ? piece : Buffer.concat([this.#held, piece])
    while (this.#index < this.#held.length) {
      if (this.#skipping ? this.#skip() : this.#look()) yield* this.#cut()
    }
  }

  /** A last record without a line end is one. */
  *rest(): Generator<Chunk> {
    if (!this.#skipping && !this.#cutter.over) this.#whole = { end: this.#held.length, weight: this.#weight }
    if (this.#whole.end > 0) yield this.#chunk(this.#whole.end)
    this.#forget(this.#held.length)
  }

  /** Goes on to where a chunk has to be cut. @returns false where the bytes end before that */
  #look(): boolean {
    const held = this.#held
    const recordMax = this.#reading.format === 'json' ? objectBytesMax : tableRecordBytesMax
    while (this.#index < held.length) {
      const byte = held[this.#index++] ?? 0
      this.#weight += this.#weights[byte] ?? 0
      if (this.#cutter.ends(byte)) this.#whole = { end: this.#index, weight: this.#weight }
      if (this.#index - this.#whole.end > recordMax || (this.#weight > chunkBytesMax && this.#whole.end > 0)) return true
    }
    return false
  }

  *#cut(): Generator<Chunk> {
    if (this.#whole.end > 0) {
      const { end, weight } = this.#whole
      yield this.#chunk(end)
      this.#forget(end)
      this.#weight -= weight
    } else yield this.#runaway()
  }

  /** A record without an end: its first line as one that the node refuses with its line number; reading goes on behind that line. */
  #runaway(): Chunk {
    const end = this.#held.indexOf(lineFeed) + 1
    if (++this.#runaways > runawaysMax && this.#cutter instanceof TableCutter) this.#cutter.everyLine()
    this.#cutter.restart()
    const chunk = this.#chunk(end === 0 ? this.#held.length : end, shownBytesMax)
    this.#skipping = end === 0
    this.#forget(end === 0 ? this.#held.length : end)
    this.#index = 0
    this.#weight = 0
    return chunk
  }

  /** @returns false: what is passed over makes no chunk */
  #skip(): false {
    const end = this.#held.indexOf(lineFeed)
    if (end >= 0) this.#line++
    this.#skipping = end < 0
    this.#begin += end < 0 ? this.#held.length : end + 1
    this.#held = end < 0 ? new Uint8Array() : this.#held.subarray(end + 1)
    this.#index = 0
    return false
  }

  #chunk(end: number, shown = end): Chunk {
    const { head, encoding } = this.#reading
    const text = decoded(this.#held.subarray(0, Math.min(end, shown)), encoding, this.#given++)
    return { header: head.header, firstLine: this.#line, text, begin: this.#begin, end: this.#begin + end }
  }

  #forget(bytes: number): void {
    this.#line += lineFeedsIn(this.#held.subarray(0, bytes))
    this.#begin += bytes
    this.#held = this.#held.subarray(bytes)
    this.#index = Math.max(0, this.#index - bytes)
    this.#whole = { end: 0, weight: 0 }
  }
}

function lineFeedsIn(bytes: Uint8Array): number {
  let count = 0
  for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) count++
  return count
}

/** Of a file's first chunk, lines with a byte that its encoding does not have: more of them are no damage but another encoding. */
const damagedShareMax = 0.25

/**
 * A byte that the encoding does not have becomes U+FFFD, which the node refuses in that row alone.
 *
 * @throws {TrustError} DFFT_REGISTER where the beginning of the file shows that it is of another encoding
 */
function decoded(bytes: Uint8Array, encoding: Encoding, before: number): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch (cause) {
    const text = new TextDecoder(encoding).decode(bytes)
    const lines = text.split('\n')
    const damaged = lines.filter((line) => line.includes('\ufffd')).length
    if (before > 0 || damaged <= lines.length * damagedShareMax) return text
    throw new TrustError('DFFT_REGISTER', `the file is not ${encoding}; see \`--encoding\``, { damagedLines: damaged }, { cause })
  }
}
