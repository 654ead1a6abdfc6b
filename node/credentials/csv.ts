/**
 * RFC 4180 records out of text that may be damaged: a bad record is reported and reading goes on with the next line,
 * so that one stray quote never swallows the records after it.
 *
 * Line ends may be CRLF, LF or CR; an empty line is no record.
 */

/** The widest register file has 30 columns; twice that is no register of ours. */
export const columnsMax = 64
/** The longest field of a register, a history of changes, has 500 characters. */
export const fieldCharactersMax = 4096
/** Thirty full fields of a real register have some 2,000 characters. */
export const recordCharactersMax = 16_384

export interface CsvRecord {
  /** Of the line the record begins on, counted from the caller's first. */
  readonly line: number
  /** The record's own characters, without its line end: what its digest is over. */
  readonly raw: string
  readonly fields: readonly string[]
}

export interface BadRecord {
  readonly line: number
  readonly fault: string
}

export function* csvRecords(text: string, firstLine: number): Generator<CsvRecord | BadRecord> {
  let line = firstLine
  for (let at = 0; at < text.length; ) {
    if (lineEndAt(text, at) === 0) {
      const record = recordAt(text, at)
      const end = 'fault' in record ? endOfLine(text, at) : record.end
      yield 'fault' in record ? { line, fault: record.fault } : { line, raw: text.slice(at, end), fields: record.fields }
      line += lineEndsIn(text, at, end)
      at = end
    }
    if (at < text.length) line++
    at += lineEndAt(text, at)
  }
}

/** The fields of one record, for a header line. */
export function csvFields(record: string): readonly string[] | undefined {
  const read = recordAt(record, 0)
  return 'fault' in read || read.end < record.length ? undefined : read.fields
}

type Read = { readonly end: number; readonly fields: readonly string[] } | { readonly fault: string }

/** Fields from `start` to the end of the record; `end` is the index of its line end. */
function recordAt(text: string, start: number): Read {
  const fields: string[] = []
  for (let at = start; ; at++) {
    const field = text[at] === '"' ? quotedField(text, at) : bareField(text, at)
    if ('fault' in field) return field
    if (fields.length === columnsMax) return { fault: `more than ${columnsMax} columns` }
    if (field.value.length > fieldCharactersMax) return { fault: `a field is longer than ${fieldCharactersMax} characters` }
    if (field.end - start > recordCharactersMax) return { fault: `a record is longer than ${recordCharactersMax} characters` }
    fields.push(field.value)
    at = field.end
    if (text[at] !== ',') return { end: at, fields }
  }
}

type Field = { readonly end: number; readonly value: string } | { readonly fault: string }

function bareField(text: string, start: number): Field {
  let end = start
  for (; end < text.length; end++) {
    const code = text.charCodeAt(end)
    if (code === comma || code === quote || code === lineFeed || code === carriageReturn) break
  }
  return text[end] === '"' ? { fault: 'a quote stands inside a field that does not begin with one' } : { end, value: text.slice(start, end) }
}

const lineFeed = 0x0a
const carriageReturn = 0x0d
const quote = 0x22
const comma = 0x2c

/** A doubled quote is a quote; a closing one is followed by a comma or the end of the record. */
function quotedField(text: string, start: number): Field {
  for (let at = start + 1; at - start <= recordCharactersMax; at += 2) {
    at = text.indexOf('"', at)
    if (at < 0) break
    if (text[at + 1] === '"') continue
    if (at + 1 < text.length && !endsField(text.charCodeAt(at + 1))) return { fault: 'text follows a closing quote' }
    const value = text.slice(start + 1, at)
    return { end: at + 1, value: value.includes('""') ? value.replaceAll('""', '"') : value }
  }
  return { fault: 'a quoted field is never closed' }
}

function endsField(code: number): boolean {
  return code === comma || code === lineFeed || code === carriageReturn
}

/** Characters of the line end at `at`: 0, 1, or 2 for CRLF. */
function lineEndAt(text: string, at: number): number {
  const code = text.charCodeAt(at)
  if (code === carriageReturn) return text.charCodeAt(at + 1) === lineFeed ? 2 : 1
  return code === lineFeed ? 1 : 0
}

function endOfLine(text: string, start: number): number {
  let at = start
  while (at < text.length && lineEndAt(text, at) === 0) at++
  return at
}

function lineEndsIn(text: string, start: number, end: number): number {
  let count = 0
  for (let at = start; at < end; at += lineEndAt(text, at) || 1) if (lineEndAt(text, at) > 0) count++
  return count
}
