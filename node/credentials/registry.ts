/**
 * The base register an issuing agency holds: records by corporate number, taken in from files of others.
 *
 * A file is handed over in pieces of whole records. Each piece is one durable batch: what was answered is on disk, and a
 * piece given twice changes nothing the second time.
 */

import type { Clock, Store, Write } from '#node/ports.ts'
import { canonicalBytes } from '#protocols/canonical.ts'
import { parse } from '#protocols/channel.ts'
import { type Code, TrustError } from '#protocols/errors.ts'
import { checkIdentifier } from '#protocols/identifiers/check-identifier.ts'
import { digest, type Instant, instant } from '#protocols/ids.ts'
import { parseJson } from '#protocols/json.ts'
import { type BadRecord, type CsvRecord, csvRecords } from './csv.ts'
import { type Columns, columnsOf, RegisterRecord, recordOf } from './register-columns.ts'
import { subjectOf, withdrawn } from './register-subject.ts'

/** A piece of 900,000 characters has some 20,000 rows of the shortest real kind; more than this is no register. */
const rowsMax = 50_000

export interface ImportPiece {
  /** The first line of the file, in every piece; empty for the National Tax Agency's columns without a header line. */
  readonly header: string
  /** Whole records. */
  readonly text: string
  /** Line number of the first record of `text` in the file, from 1. */
  readonly firstLine: number
}

export interface ImportResult {
  /** Which file it was taken for. */
  readonly columns: RegisterRecord['source']
  readonly accepted: number
  /** Held already as they are, older than what is held, or a past state. */
  readonly unchanged: number
  readonly rejected: { readonly line: number; readonly code: Code; readonly message: string }[]
}

export class Register {
  readonly #store: Store
  readonly #clock: Clock
  #before: Promise<unknown> = Promise.resolve()

  constructor({ store, clock }: { readonly store: Store; readonly clock: Clock }) {
    this.#store = store
    this.#clock = clock
  }

  /**
   * Takes in what is good and reports the rest by line. One piece at a time: the newest of two rows is told by what is held.
   *
   * @throws {TrustError} DFFT_REGISTER for columns of no known register, DFFT_LIMIT for more than 50,000 rows; nothing is written then
   */
  importRows(piece: ImportPiece): Promise<ImportResult> {
    const result = this.#before.then(() => this.#takeIn(piece))
    this.#before = result.catch(() => undefined) // Its caller hears of it; the next piece need not.
    return result
  }

  /** @throws {TrustError} DFFT_IDENTIFIER for what is no corporate number, DFFT_NOT_FOUND */
  async get(number: string): Promise<RegisterRecord> {
    if (!checkIdentifier('0188', number).ok) throw new TrustError('DFFT_IDENTIFIER', `\`${number.slice(0, 32)}\` is not a corporate number`)
    const record = await this.#held(number)
    if (!record) throw new TrustError('DFFT_NOT_FOUND', `the register holds no record \`${number}\``)
    return record
  }

  /** Records by number; `next` goes into `after` for the following ones. */
  async list({
    limit,
    after = '',
  }: {
    readonly limit: number
    readonly after?: string | undefined
  }): Promise<{ records: RegisterRecord[]; next: string | null }> {
    const records: RegisterRecord[] = []
    for await (const [, value] of this.#store.scan({ from: after === '' ? prefix : `${keyOf(after)}\0`, to: prefixEnd, limit: limit + 1 })) {
      records.push(recordIn(value))
    }
    const more = records.length > limit
    if (more) records.pop()
    return { records, next: more ? (records.at(-1)?.number ?? null) : null }
  }

  async #takeIn(piece: ImportPiece): Promise<ImportResult> {
    const columns = columnsOf(headerOf(piece))
    const { text, firstLine } = textOf(columns, piece)
    const retrievedAt = instant(this.#clock.nowMs())
    const newest = new Map<string, RegisterRecord>()
    const rejected: ImportResult['rejected'][number][] = []
    let rows = 0
    for (const row of csvRecords(text, firstLine)) {
      if (rows++ === rowsMax) throw new TrustError('DFFT_LIMIT', 'too many rows at once', { rowsMax })
      const read = readRow(columns, row, retrievedAt)
      if (read.kind === 'rejected') rejected.push(read.rejection)
      if (read.kind !== 'record') continue
      // Waiting for the store row by row lets the node do other work between them.
      const rival = newest.get(read.record.number) ?? (await this.#held(read.record.number))
      if (!rival || replaces(read.record, rival)) newest.set(read.record.number, read.record)
    }
    const writes = [...newest.values()].map((record): Write => ({ put: keyOf(record.number), value: canonicalBytes(record) }))
    if (writes.length > 0) await this.#store.batch(writes)
    return { columns: columns.source, accepted: writes.length, unchanged: rows - rejected.length - writes.length, rejected }
  }

  async #held(number: string): Promise<RegisterRecord | undefined> {
    const value = await this.#store.get(keyOf(number))
    return value && recordIn(value)
  }
}

type RowRead =
  | { readonly kind: 'record'; readonly record: RegisterRecord }
  | { readonly kind: 'past' }
  | { readonly kind: 'rejected'; readonly rejection: ImportResult['rejected'][number] }

function readRow(columns: Columns, row: CsvRecord | BadRecord, retrievedAt: Instant): RowRead {
  try {
    if ('fault' in row) throw new TrustError('DFFT_REGISTER', row.fault)
    const record = recordOf(columns, row.fields, { digest: digest(row.raw), retrievedAt })
    if (!record) return { kind: 'past' }
    // What cannot be issued from is told now, with its line, and not when somebody asks for the credential.
    if (!withdrawn(record)) subjectOf(record)
    return { kind: 'record', record }
  } catch (thrown) {
    if (!(thrown instanceof TrustError)) throw thrown
    return { kind: 'rejected', rejection: { line: row.line, code: thrown.code, message: thrown.message } }
  }
}

const prefix = 'register/'
const prefixEnd = 'register0' // The character after `/`.

function keyOf(number: string): string {
  return prefix + number
}

function recordIn(value: Uint8Array): RegisterRecord {
  return parse(parseJson(value), RegisterRecord)
}

/** A row without a date replaces whatever differs from it. */
function replaces(record: RegisterRecord, held: RegisterRecord): boolean {
  return record.digest !== held.digest && (record.updatedOn === undefined || held.updatedOn === undefined || record.updatedOn >= held.updatedOn)
}

/** A file without a header line begins with a record: it belongs to the first piece, whose text follows it. */
function textOf({ headless }: Columns, { header, text, firstLine }: ImportPiece): { text: string; firstLine: number } {
  const first = headerOf({ header })
  if (headless && firstLine === first.split(/\r\n|\r|\n/).length + 1) return { text: `${first}\n${text}`, firstLine: 1 }
  return { text: firstLine === 1 ? withoutMark(text) : text, firstLine }
}

/** A reader that splits at LF leaves the CR of a CRLF file behind. */
function headerOf({ header }: Pick<ImportPiece, 'header'>): string {
  return withoutMark(header).replace(/[\r\n]+$/, '')
}

/** Without the byte order mark that spreadsheet programs begin a file with. */
function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text
}
