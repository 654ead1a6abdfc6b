/**
 * The base register an issuing agency holds: records by corporate number, taken in from files of others.
 *
 * A file is handed over in pieces of whole records. Each piece is one durable batch: what was answered is on disk, and a
 * piece given twice changes nothing the second time.
 */
import { canonicalBytes } from '#protocols/canonical.ts'
import { parse } from '#protocols/channel.ts'
import { type Code, TrustError } from '#protocols/errors.ts'
import { checkIdentifier } from '#protocols/identifiers/check-identifier.ts'
import { digest, instant } from '#protocols/ids.ts'
import { parseJson } from '#protocols/json.ts'
import { csvRecords } from './csv.ts'
import type { Clock, Store, Write } from './ports.ts'
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
  readonly rejected: { line: number; code: Code; message: string }[]
}

export class Register {
  readonly #store: Store
  readonly #clock: Clock

  constructor({ store, clock }: { readonly store: Store; readonly clock: Clock }) {
    this.#store = store
    this.#clock = clock
  }

  /**
   * Takes in what is good and reports the rest by line.
   *
   * @throws {TrustError} DFFT_REGISTER for columns of no known register, DFFT_LIMIT for more than 50,000 rows; nothing is written then
   */
  async importRows(piece: ImportPiece): Promise<ImportResult> {
    const columns = columnsOf(headerOf(piece))
    const { records, past, rejected } = this.#read(columns, textOf(columns, piece))
    const fresh = await this.#fresh(records)
    const accepted = [...fresh.values()].map((record): Write => ({ put: keyOf(record.number), value: canonicalBytes(record) }))
    if (accepted.length > 0) await this.#store.batch(accepted)
    return { columns: columns.source, accepted: accepted.length, unchanged: past + records.length - accepted.length, rejected }
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

  #read(columns: Columns, { text, firstLine }: { readonly text: string; readonly firstLine: number }) {
    const retrievedAt = instant(this.#clock.nowMs())
    const records: RegisterRecord[] = []
    const rejected: ImportResult['rejected'] = []
    let past = 0
    for (const row of csvRecords(text, firstLine)) {
      if (records.length + past + rejected.length === rowsMax) throw new TrustError('DFFT_LIMIT', 'too many rows at once', { rowsMax })
      try {
        if ('fault' in row) throw new TrustError('DFFT_REGISTER', row.fault)
        const record = recordOf(columns, row.fields, { digest: digest(row.raw), retrievedAt })
        if (!record) past++
        // What cannot be issued from is told now, with its line, and not when somebody asks for the credential.
        else if (withdrawn(record) || subjectOf(record)) records.push(record)
      } catch (thrown) {
        if (!(thrown instanceof TrustError)) throw thrown
        rejected.push({ line: row.line, code: thrown.code, message: thrown.message })
      }
    }
    return { records, past, rejected }
  }

  /** Of each number the newest record, unless what is held is as new and the same, or newer. */
  async #fresh(records: readonly RegisterRecord[]): Promise<ReadonlyMap<string, RegisterRecord>> {
    const newest = new Map<string, RegisterRecord>()
    for (const record of records) {
      const rival = newest.get(record.number) ?? (await this.#held(record.number))
      if (!rival || replaces(record, rival)) newest.set(record.number, record)
    }
    return newest
  }

  async #held(number: string): Promise<RegisterRecord | undefined> {
    const value = await this.#store.get(keyOf(number))
    return value && recordIn(value)
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
