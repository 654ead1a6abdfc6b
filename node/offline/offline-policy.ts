/** Deciding and explaining from files alone: policies of a folder, questions of another program, one answer a line. */
import type { Decision } from '#policies/decide.ts'
import { decide } from '#policies/decide.ts'
import { explain, type Indexes } from '#policies/explain.ts'
import type { Lang } from '#policies/labels.ts'
import { shippedPacks } from '#policies/packs/packs.ts'
import { parsePolicy } from '#policies/parse-policy.ts'
import { PolicySet, type Sheet } from '#policies/policy-set.ts'
import { CalendarInstant, type Question } from '#policies/question.ts'
import { readQuestion } from '#policies/question-line.ts'
import { textOf } from '#policies/source.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Instant } from '#protocols/ids.ts'
import { parseJson } from '#protocols/json.ts'

/** A file and what is in it. */
export interface FileBytes {
  readonly file: string
  readonly bytes: Uint8Array
}

/**
 * The policies and suspensions among the files; what is neither by its members is passed over.
 *
 * @throws {TrustError} DFFT_NOT_UTF8, DFFT_POLICY_SYNTAX with file, line and column; DFFT_POLICY_SERIAL naming two files that differ
 */
export function policySetOf(files: Iterable<FileBytes>): PolicySet {
  const sheets: Sheet[] = []
  for (const { file, bytes } of files) {
    const text = textOf(bytes, file)
    if (mayBePolicy.test(text)) sheets.push({ file, document: parsePolicy(text, file) })
  }
  return new PolicySet(sheets, shippedPacks)
}

/** A member of every policy document stands somewhere in it. Rather read too much and refuse it than pass over a deny. */
const mayBePolicy = /(?:apiVersion|kind|metadata|rules)["']?\s*:/

/** @throws {TrustError} DFFT_USAGE */
export function readInstant(text: string): Instant {
  const read = CalendarInstant.safeParse(text)
  if (read.success) return read.data
  throw new TrustError('DFFT_USAGE', `\`${text.slice(0, 64)}\` is no time in UTC to the second, as 2026-11-21T00:00:00Z`)
}

export interface DecideWish {
  /** Of every question, in place of its own. */
  readonly at?: Instant | undefined
  /** Whether to look for what would have made it a permit; true where it is not given. */
  readonly nearest?: boolean | undefined
}

export interface Decided {
  readonly line: number
  readonly question: Question
  readonly decision: Decision
  readonly indexes: Indexes
}

export interface Undecided {
  readonly line: number
  readonly error: TrustError
}

export type Answer = Decided | Undecided

/** A question of 512 paths and 64 facts of their longest has some 500 kB. */
export const questionBytesMax = 1 << 20

/**
 * Answers in the order of the questions, as many at once as came at once: so a program that waits for an answer before it
 * asks again gets it, and one that asks a million pays for few writes. What is read is pulled by what is written.
 *
 * @param input JSON Lines in any cuts; or, where the first line is `{` alone, one question over several lines
 */
export async function* answers(
  set: PolicySet,
  input: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  wish: DecideWish = {},
): AsyncGenerator<readonly Answer[]> {
  const lines = new Lines()
  for await (const piece of input) yield lines.push(typeof piece === 'string' ? Buffer.from(piece) : piece).map((line) => answer(set, line, wish))
  yield lines.end().map((line) => answer(set, line, wish))
}

interface Line {
  /** From 1. */
  readonly line: number
  /** Null for one that is too long. */
  readonly bytes: Uint8Array | null
}

function answer(set: PolicySet, { line, bytes }: Line, wish: DecideWish): Answer {
  try {
    if (bytes === null) throw new TrustError('DFFT_LIMIT', `the question is longer than ${questionBytesMax} bytes`, { bytesMax: questionBytesMax })
    return { line, ...decideText(set, bytes, wish) }
  } catch (error) {
    if (error instanceof TrustError) return { line, error }
    throw error
  }
}

/** @throws {TrustError} DFFT_NOT_UTF8, DFFT_NOT_JSON and the others of parseJson, DFFT_SCHEMA, DFFT_POLICY_MISSING */
export function decideText(set: PolicySet, text: Uint8Array | string, { at, nearest = true }: DecideWish): Omit<Decided, 'line'> {
  const { question, sides } = readQuestion(parseJson(text), at)
  const indexes = set.sidesOf(question, sides)
  return { question, indexes, decision: decide(indexes.export, indexes.import, question, { nearest, origins: indexes.origins ?? [] }) }
}

export function sentencesOf({ question, decision, indexes }: Omit<Decided, 'line'>, lang: Lang): string[] {
  return explain(question, decision, indexes, lang)
}

const lineFeed = 0x0a

/** Bytes to lines. Empty lines count and are passed over; of a line that is too long nothing is kept. */
class Lines {
  #line = 0
  #pieces: Uint8Array[] = []
  #bytes = 0
  /** Whether the whole input is one question. */
  #whole: boolean | null = null

  push(piece: Uint8Array): Line[] {
    const found: Line[] = []
    let start = 0
    for (let end = piece.indexOf(lineFeed); end >= 0; end = piece.indexOf(lineFeed, start)) {
      this.#keep(piece.subarray(start, this.#whole === true ? end + 1 : end))
      start = end + 1
      found.push(...this.#ended())
    }
    this.#keep(piece.subarray(start))
    return found
  }

  end(): Line[] {
    const [one] = this.#take()
    return one === undefined ? [] : [{ ...one, line: this.#whole === true ? 1 : one.line }]
  }

  #keep(bytes: Uint8Array): void {
    this.#bytes += bytes.length
    if (this.#bytes > questionBytesMax) this.#pieces = []
    else if (bytes.length > 0) this.#pieces.push(bytes.slice())
  }

  #ended(): Line[] {
    if (this.#whole === true) return []
    if (this.#whole === null && this.#text() === '{') {
      this.#whole = true
      return []
    }
    return this.#take()
  }

  #take(): Line[] {
    this.#line++
    const bytes = this.#bytes > questionBytesMax ? null : withoutMark(Buffer.concat(this.#pieces), this.#line)
    if (this.#whole === null && (bytes === null || !blank(bytes))) this.#whole = false
    this.#pieces = []
    this.#bytes = 0
    return bytes !== null && blank(bytes) ? [] : [{ line: this.#line, bytes }]
  }

  #text(): string {
    return this.#bytes > 16 ? '' : Buffer.concat(this.#pieces).toString().replace('\ufeff', '').trim()
  }
}

/** Some editors put a byte order mark before a text; JSON has none. */
function withoutMark(bytes: Uint8Array, line: number): Uint8Array {
  return line === 1 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
}

function blank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d)
}
