/**
 * JSON records out of a piece of a file: objects, one after another, between commas, line ends or spaces. An object that is no JSON is
 * reported by the line it begins on, and reading goes on behind it.
 */
import { isJsonObject } from '#protocols/credential/jws.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Json, parseJson } from '#protocols/json.ts'
import type { BadRecord } from './csv.ts'

export interface JsonRecord {
  /** Of the line the object begins on, counted from the caller's first. */
  readonly line: number
  /** The object's own characters. */
  readonly raw: string
  readonly members: Readonly<Record<string, Json>>
}

/** One company with all it was ever awarded has some hundred thousand characters in gBizINFO; the piece ends there anyway. */
const recordCharactersMax = 400_000

export function* jsonRecords(text: string, firstLine: number): Generator<JsonRecord | BadRecord> {
  let line = firstLine
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at)
    if (code === lineFeed) line++
    if (code === lineFeed || code === comma || code <= space) {
      at++
      continue
    }
    const end = code === opening ? endOfObject(text, at) : endOfLine(text, at)
    yield code === opening ? recordIn(text.slice(at, end), line) : { line, fault: 'what stands between the records is no JSON object' }
    line += lineFeedsIn(text, at, end)
    at = end
  }
}

const lineFeed = 0x0a
const space = 0x20
const quote = 0x22
const comma = 0x2c
const backslash = 0x5c
const opening = 0x7b
const closing = 0x7d

/** Behind the brace that closes the one at `start`; where there is none, the next line. */
function endOfObject(text: string, start: number): number {
  let depth = 0
  for (let at = start; at < text.length && at - start <= recordCharactersMax; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) at = endOfString(text, at)
    else if (code === opening) depth++
    else if (code === closing && --depth === 0) return at + 1
  }
  return endOfLine(text, start)
}

/** Of the closing quote. A line end is never inside of a string. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === backslash) at++
    else if (code === quote || code === lineFeed) return at
  }
  return text.length
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start)
  return end < 0 ? text.length : end
}

function lineFeedsIn(text: string, start: number, end: number): number {
  let count = 0
  for (let at = text.indexOf('\n', start); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) count++
  return count
}

function recordIn(raw: string, line: number): JsonRecord | BadRecord {
  try {
    const value = parseJson(raw)
    if (isJsonObject(value)) return { line, raw, members: value }
    return { line, fault: 'a record is no JSON object' }
  } catch (thrown) {
    if (!(thrown instanceof TrustError)) throw thrown
    return { line, fault: thrown.message }
  }
}

/**
 * What the members named have to say, as texts: `a.b` is the member `b` of the member `a`. A number is written as it was, null and what is
 * not there are empty.
 *
 * @throws {TrustError} DFFT_REGISTER for a member that is a list or an object
 */
export function textsOf(members: Readonly<Record<string, Json>>, names: readonly string[]): readonly string[] {
  return names.map((name) => textOf(Object.hasOwn(members, name) ? members[name] : inside(members, name), name))
}

function inside(members: Readonly<Record<string, Json>>, path: string): Json | undefined {
  let value: Json | undefined = members
  for (const name of path.split('.')) {
    if (value === undefined || !isJsonObject(value) || !Object.hasOwn(value, name)) return undefined
    value = value[name]
  }
  return value
}

function textOf(value: Json | undefined, name: string): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'object') throw new TrustError('DFFT_REGISTER', `the member \`${name}\` is no text`)
  return String(value)
}
