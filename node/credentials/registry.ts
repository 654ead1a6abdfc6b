/**
 * The base register an issuing agency holds: records by corporate number, taken in from files of others.
 *
 * A file is handed over in pieces of whole records. Each piece is one durable batch: what was answered is on disk, and a
 * piece given twice changes nothing the second time.
 */

import type { Clock, Store, Write } from '#node/ports.ts'
import { getJson } from '#node/stored.ts'
import { parse } from '#protocols/channel.ts'
import { type Code, TrustError } from '#protocols/errors.ts'
import { checkIdentifier } from '#protocols/identifiers/check-identifier.ts'
import { digest, type Instant, instant } from '#protocols/ids.ts'
import { parseJson } from '#protocols/json.ts'
import { type BadRecord, type CsvRecord, csvRecords } from './csv.ts'
import { type JsonRecord, jsonRecords, textsOf } from './json-records.ts'
import { type Columns, columnsOf, membersOf, RegisterRecord, recordOf } from './register-columns.ts'
import { anyIssued, type Due, dueWrite, issuedFrom, mark } from './register-issued.ts'
import { readMapping } from './register-mapping.ts'
import { type FilePiece, progressWrite } from './register-progress.ts'
import { subjectOf, withdrawn } from './register-subject.ts'

/** A piece of 900,000 characters has some 20,000 rows of the shortest real kind; more than this is no register. */
const rowsMax = 50_000

export interface ImportPiece {
  /** The first line of the file, in every piece; empty for the National Tax Agency's columns without a header line, and of JSON. */
  readonly header: string
  /** Whole records. */
  readonly text: string
  /** Line number of the first record of `text` in the file, from 1. */
  readonly firstLine: number
  /** `csv` when left out. */
  readonly format?: 'csv' | 'json' | undefined
  /** What of the file fills what of a row, for a file of no known columns; checked here. */
  readonly mapping?: Readonly<Record<string, unknown>> | undefined
  /** Where in which file the piece stands: an import that stopped goes on behind the last piece taken in. */
  readonly file?: FilePiece | undefined
  /** Everything is done but keeping. A row that stands in two pieces is compared with what is held, each time. */
  readonly dryRun?: boolean | undefined
}

export interface ImportResult {
  /** Which file it was taken for. */
  readonly columns: RegisterRecord['source']
  readonly accepted: number
  /** Of these, entities of which no row was held. */
  readonly added: number
  /** Of these, entities that the row says ended, and of which the row held before, if any, said that they go on. */
  readonly ended: number
  /** Held already as they are, older than what is held, or a past state. */
  readonly unchanged: number
  readonly rejected: { readonly line: number; readonly code: Code; readonly message: string }[]
  /** Rows from which credentials were issued, and which are now other than those say. Those that ended are due to be revoked. */
  readonly changed: number
  /** Ends of which credentials are to be revoked. */
  readonly due: readonly Due[]
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

  /**
   * @param id a corporate number, or scheme and number of another register's (`GB-CRN:SC123456`)
   * @throws {TrustError} DFFT_IDENTIFIER for what is no such number, DFFT_NOT_FOUND
   */
  async get(id: string): Promise<RegisterRecord> {
    const [, scheme = '0188', number = id] = /^([A-Z0-9-]{2,32}):(.+)$/s.exec(id) ?? []
    if (!checkIdentifier(scheme, number).ok)
      throw new TrustError('DFFT_IDENTIFIER', `\`${id.slice(0, 64)}\` is not a ${scheme === '0188' ? 'corporate ' : ''}number`)
    const value = await this.#store.get(keyOf(id))
    if (!value) throw new TrustError('DFFT_NOT_FOUND', `the register holds no record \`${id}\``)
    return recordIn(value)
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
    return { records, next: more ? (records.map(idOf).at(-1) ?? null) : null }
  }

  async #takeIn(piece: ImportPiece): Promise<ImportResult> {
    const columns = columnsIn(piece)
    const newest = new Map<string, RegisterRecord>()
    const rejected: ImportResult['rejected'][number][] = []
    const before = new Map<string, RegisterRecord>()
    const retrievedAt = instant(this.#clock.nowMs())
    let rows = 0
    for (const row of rowsOf(columns, piece)) {
      if (rows++ === rowsMax) throw new TrustError('DFFT_LIMIT', 'too many rows at once', { rowsMax })
      const read = readRow(columns, row, retrievedAt)
      if (read.kind === 'rejected') rejected.push(read.rejection)
      if (read.kind !== 'record') continue
      const id = idOf(read.record)
      // Waiting for the store row by row lets the node do other work between them.
      const held = newest.has(id) ? undefined : await getJson<RegisterRecord>(this.#store, keyOf(id))
      if (held) before.set(id, held)
      const rival = newest.get(id) ?? held
      if (!rival || replaces(read.record, rival)) newest.set(id, read.record)
    }
    const added = [...newest.keys()].filter((id) => !before.has(id)).length
    const ended = [...newest].filter(([id, record]) => newlyEnded(record, before.get(id))).length
    const counts = { accepted: newest.size, unchanged: rows - rejected.length - newest.size, rejected: rejected.length }
    const { changed, due } = await this.#changesOf(newest, before)
    const progress = piece.file ? await progressWrite(this.#store, piece.file, { ...counts, lines: lastLineOf(piece), at: retrievedAt }) : []
    const writes = [...newest].map(([id, record]): Write => ({ put: keyOf(id), value: Buffer.from(JSON.stringify(record)) }))
    const dueWrites = due.map(({ id, end }) => dueWrite(id, end))
    if (!piece.dryRun && writes.length + progress.length > 0) await this.#store.batch([...writes, ...dueWrites, ...progress])
    return { columns: columns.source, ...counts, added, ended, rejected, changed, due }
  }

  /** Only of rows that were here before, or that ended, may a credential say something else now: no other is looked for. */
  async #changesOf(
    newest: ReadonlyMap<string, RegisterRecord>,
    before: ReadonlyMap<string, RegisterRecord>,
  ): Promise<{ changed: number; due: readonly Due[] }> {
    const due: Due[] = []
    let changed = 0
    if (!(await anyIssued(this.#store))) return { changed, due }
    for (const [id, record] of newest) {
      const was = before.get(id)
      const end = mark(record)
      if ((!end && !was) || (was && sameEntity(was, record))) continue
      if ((await issuedFrom(this.#store, id)).length === 0) continue
      changed++
      // What was issued after an end says so itself.
      if (end && newlyEnded(record, was)) due.push({ id, end })
    }
    return { changed, due }
  }
}

function newlyEnded(record: RegisterRecord, was: RegisterRecord | undefined): boolean {
  return mark(record) !== null && !(was && mark(was))
}

/** Whether two rows say the same of their entity: a file numbers its rows anew each time, and says when it was written. */
function sameEntity(one: RegisterRecord, other: RegisterRecord): boolean {
  const said = saidBy(one)
  return said !== null && said === saidBy(other)
}

/** Null of a row that was taken in by rules of then, and makes no subject now. */
function saidBy(record: RegisterRecord): string | null {
  if (withdrawn(record)) return ''
  try {
    return JSON.stringify({ ...subjectOf(record), sourceRecord: null })
  } catch (thrown) {
    if (thrown instanceof TrustError) return null
    throw thrown
  }
}

/** Under which a record is kept: its number, with its scheme where that is no corporate number. */
export function idOf({ number, register }: Pick<RegisterRecord, 'number' | 'register'>): string {
  return register && register.scheme !== '0188' ? `${register.scheme}:${number}` : number
}

function columnsIn(piece: ImportPiece): Columns {
  const mapping = piece.mapping && readMapping(piece.mapping)
  return piece.format === 'json' ? membersOf(mapping) : columnsOf(headerOf(piece), mapping)
}

function rowsOf(columns: Columns, piece: ImportPiece): Iterable<Row> {
  if (piece.format === 'json') return jsonRecords(piece.text, piece.firstLine)
  const { text, firstLine } = textOf(columns, piece)
  return csvRecords(text, firstLine)
}

/** The line behind the piece: where the next one begins. */
function lastLineOf({ text, firstLine }: ImportPiece): number {
  let line = firstLine
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) line++
  return line
}

type Row = CsvRecord | JsonRecord | BadRecord

type RowRead =
  | { readonly kind: 'record'; readonly record: RegisterRecord }
  | { readonly kind: 'past' }
  | { readonly kind: 'rejected'; readonly rejection: ImportResult['rejected'][number] }

function readRow(columns: Columns, row: Row, retrievedAt: Instant): RowRead {
  try {
    if ('fault' in row) throw new TrustError('DFFT_REGISTER', row.fault)
    const fields = 'members' in row ? textsOf(row.members, columns.members) : row.fields
    const record = recordOf(columns, fields, { digest: digest(row.raw), retrievedAt })
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

function keyOf(id: string): string {
  return prefix + id
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
