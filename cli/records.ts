/** A CSV file of any size as chunks of whole records, so that a register is imported without holding it. */
import { TrustError } from '#protocols/errors.ts'

export interface Chunk {
  /** The file's first record, without its line end. */
  readonly header: string
  /** Line of the first record of `text` in the file, from 1. */
  readonly firstLine: number
  readonly text: string
}

/** As JSON, where an escape counts: beside the header it stays well under the 1 MiB that the socket takes. */
export const chunkBytesMax = 512 << 10

/** A longer record is a quote that was never closed. Escaped at its worst it still fits a chunk. */
const recordCharactersMax = 64 << 10
const headerCharactersMax = 8192

interface Record {
  readonly line: number
  readonly text: string
}

/**
 * RFC 4180 records; LF or CRLF ends one, except between quotes. A quote opens only at the start of a field.
 *
 * @param pieces the text in any cuts
 * @throws {TrustError} DFFT_REGISTER for a file without a header, and for a record longer than 65,536 characters, with its line
 */
export async function* chunksOf(pieces: AsyncIterable<string>): AsyncGenerator<Chunk> {
  let header: string | undefined
  let first = 0
  let text = ''
  let bytes = 0
  for await (const record of recordsOf(pieces)) {
    if (header === undefined) {
      header = headerOf(record)
      continue
    }
    const more = Buffer.byteLength(JSON.stringify(record.text))
    if (text !== '' && bytes + more > chunkBytesMax) {
      yield { header, firstLine: first, text }
      text = ''
      bytes = 0
    }
    if (text === '') first = record.line
    text += record.text
    bytes += more
  }
  if (header === undefined) throw new TrustError('DFFT_REGISTER', 'the file is empty')
  if (text !== '') yield { header, firstLine: first, text }
}

function headerOf({ text }: Record): string {
  const header = text.replace(/\r?\n$/, '')
  if (header.trim() === '' || header.length > headerCharactersMax) {
    throw new TrustError('DFFT_REGISTER', `the first line is no header of at most ${headerCharactersMax} characters`, { line: 1 })
  }
  return header
}

type At = 'field start' | 'plain' | 'quoted' | 'after quote'

async function* recordsOf(pieces: AsyncIterable<string>): AsyncGenerator<Record> {
  let at: At = 'field start'
  let pending = ''
  let line = 1
  let lines = 0
  for await (const piece of pieces) {
    let start = 0
    for (let index = 0; index < piece.length; index++) {
      const unit = piece.charCodeAt(index)
      at = step(at, unit)
      if (unit !== lineFeed) continue
      lines++
      if (at === 'quoted') continue
      yield recordOf(line, pending + piece.slice(start, index + 1))
      pending = ''
      start = index + 1
      line = lines + 1
    }
    pending += piece.slice(start)
    recordOf(line, pending)
  }
  if (pending !== '') yield recordOf(line, pending)
}

const lineFeed = 0x0a
const comma = 0x2c
const quote = 0x22

function step(at: At, unit: number): At {
  if (at === 'quoted') return unit === quote ? 'after quote' : 'quoted'
  if (unit === quote && at !== 'plain') return 'quoted'
  return unit === comma || unit === lineFeed ? 'field start' : 'plain'
}

function recordOf(line: number, text: string): Record {
  if (text.length <= recordCharactersMax) return { line, text }
  throw new TrustError('DFFT_REGISTER', `the record that begins on line ${line} does not end; probably a quote is not closed`, { line, recordCharactersMax })
}
