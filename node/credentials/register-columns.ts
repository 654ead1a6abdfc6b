/**
 * The files of Japanese corporate registers that this node reads, and one row of any of them as a record.
 *
 * - `nta`: National Tax Agency, Corporate Number Publication Site: 30 columns without a header line, or with one.
 * - `gbizinfo`: gBizINFO of METI, basic information, with a header line.
 * - `open-data`: `corporateID, corporateName, …`, the short form in which civic projects publish both, and of our sample.
 */
import { z } from 'zod'
import { TrustError } from '#protocols/errors.ts'
import { checkIdentifier } from '#protocols/identifiers/check-identifier.ts'
import { type Digest, Digest as DigestSchema, Instant } from '#protocols/ids.ts'
import { csvFields } from './csv.ts'

const text = z.string().max(4096)

/** One legal entity as the register had it, in the register's own codes. */
export const RegisterRecord = z.strictObject({
  /** 法人番号. */
  number: z.string().regex(/^[1-9]\d{12}$/),
  name: text,
  kana: text.optional(),
  english: text.optional(),
  /** JIS X 0402, five digits. */
  municipality: text.optional(),
  prefecture: text.optional(),
  city: text.optional(),
  street: text.optional(),
  /** All of the address, where the file has it in one. */
  address: text.optional(),
  addressAbroad: text.optional(),
  postCode: text.optional(),
  /** 法人種別, 処理区分 and 登記記録の閉鎖等の事由 of the National Tax Agency. */
  kind: text.optional(),
  process: text.optional(),
  closeCause: text.optional(),
  closedOn: text.optional(),
  changedOn: text.optional(),
  changeCause: text.optional(),
  successor: text.optional(),
  /** 法人番号指定年月日. */
  assignedOn: text.optional(),
  establishedOn: text.optional(),
  updatedOn: text.optional(),
  /** Yen. */
  capital: text.optional(),
  representativeName: text.optional(),
  representativeTitle: text.optional(),
  /** Who published the file. */
  source: z.enum(['nta', 'gbizinfo', 'open-data']),
  retrievedAt: Instant,
  /** Over the UTF-8 bytes of the row as it stood in the file, without its line end. */
  digest: DigestSchema,
})
export type RegisterRecord = z.infer<typeof RegisterRecord>

type Member = Exclude<keyof RegisterRecord, 'source' | 'retrievedAt' | 'digest'>
/** What a column fills: a member, `latest` (0: a past state), or nothing. */
type Filled = Member | 'latest' | null

/** Columns of the National Tax Agency in their order: resource definition 4.1, items 1 to 30. */
const ntaColumns: readonly (readonly [name: string, api: string, fills: Filled])[] = [
  ['一連番号', 'sequenceNumber', null],
  ['法人番号', 'corporateNumber', 'number'],
  ['処理区分', 'process', 'process'],
  ['訂正区分', 'correct', null],
  ['更新年月日', 'updateDate', 'updatedOn'],
  ['変更年月日', 'changeDate', 'changedOn'],
  ['商号又は名称', 'name', 'name'],
  ['商号又は名称イメージID', 'nameImageId', null],
  ['法人種別', 'kind', 'kind'],
  ['国内所在地(都道府県)', 'prefectureName', 'prefecture'],
  ['国内所在地(市区町村)', 'cityName', 'city'],
  ['国内所在地(丁目番地等)', 'streetNumber', 'street'],
  ['国内所在地イメージID', 'addressImageId', null],
  ['都道府県コード', 'prefectureCode', 'municipality'],
  ['市区町村コード', 'cityCode', 'municipality'],
  ['郵便番号', 'postCode', 'postCode'],
  ['国外所在地', 'addressOutside', 'addressAbroad'],
  ['国外所在地イメージID', 'addressOutsideImageId', null],
  ['登記記録の閉鎖等年月日', 'closeDate', 'closedOn'],
  ['登記記録の閉鎖等の事由', 'closeCause', 'closeCause'],
  ['承継先法人番号', 'successorCorporateNumber', 'successor'],
  ['変更事由の詳細', 'changeCause', 'changeCause'],
  ['法人番号指定年月日', 'assignmentDate', 'assignedOn'],
  ['最新履歴', 'latest', 'latest'],
  ['商号又は名称(英語表記)', 'enName', 'english'],
  ['国内所在地(都道府県)(英語表記)', 'enPrefectureName', null],
  ['国内所在地(市区町村丁目番地等)(英語表記)', 'enCityName', null],
  ['国外所在地(英語表記)', 'enAddressOutside', null],
  ['フリガナ', 'furigana', 'kana'],
  ['検索対象除外', 'hihyoji', null],
]

const ntaNames = new Map(ntaColumns.flatMap(([name, api, fills]) => [[name, fills] as const, [api, fills] as const]))

/** The seat's column has had two names; of the rest of the file's columns nothing goes into a registration. */
const gbizinfoNames = new Map<string, Filled>([
  ['法人番号', 'number'],
  ['法人名', 'name'],
  ['法人名ふりがな', 'kana'],
  ['法人名英語', 'english'],
  ['郵便番号', 'postCode'],
  ['本店所在地', 'address'],
  ['本社所在地', 'address'],
  ['ステータス', 'process'],
  ['登記記録の閉鎖等年月日', 'closedOn'],
  ['登記記録の閉鎖等の事由', 'closeCause'],
  ['法人代表者名', 'representativeName'],
  ['法人代表者役職', 'representativeTitle'],
  ['資本金', 'capital'],
  ['設立年月日', 'establishedOn'],
  ['最終更新日', 'updatedOn'],
])

const openDataNames = new Map<string, Filled>([
  ['corporateID', 'number'],
  ['corporateName', 'name'],
  ['corporateKana', 'kana'],
  ['cityID', 'municipality'],
  ['location', 'address'],
  ['moddate', 'updatedOn'],
  ['representativeName', 'representativeName'],
  ['representativeTitle', 'representativeTitle'],
])

const files: readonly { readonly source: RegisterRecord['source']; readonly names: ReadonlyMap<string, Filled>; readonly needs: readonly string[] }[] = [
  { source: 'nta', names: ntaNames, needs: ['法人番号', '商号又は名称'] },
  { source: 'nta', names: ntaNames, needs: ['corporateNumber', 'name'] },
  { source: 'gbizinfo', names: gbizinfoNames, needs: ['法人番号', '法人名'] },
  { source: 'open-data', names: openDataNames, needs: ['corporateID', 'corporateName'] },
]

export interface Columns {
  readonly source: RegisterRecord['source']
  readonly fills: readonly Filled[]
  /** The "header" was the first record of a file that has none. */
  readonly headless: boolean
}

/**
 * What the columns of a file are.
 *
 * @param header the first line of the file; empty for the National Tax Agency's order without a header line
 * @throws {TrustError} DFFT_REGISTER when they are none of the known ones
 */
export function columnsOf(header: string): Columns {
  const cells = header === '' ? [] : csvFields(header)
  if (!cells) throw new TrustError('DFFT_REGISTER', 'the header line is not a CSV record')
  const first = cells.length === ntaColumns.length && /^\d{13}$/.test(cells[1] ?? '')
  if (header === '' || first) return { source: 'nta', fills: ntaColumns.map(([, , fills]) => fills), headless: first }
  const names = cells.map((cell) => cell.normalize('NFKC').trim())
  const file = files.find(({ needs }) => needs.every((need) => names.includes(need)))
  if (!file) throw new TrustError('DFFT_REGISTER', 'the header line names none of the known column sets', { columns: names.length })
  if (new Set(names).size !== names.length) throw new TrustError('DFFT_REGISTER', 'the header line names a column twice', { columns: names.length })
  return { source: file.source, fills: names.map((name) => file.names.get(name) ?? null), headless: false }
}

/**
 * One row as a record, or undefined when it tells a past state.
 *
 * @throws {TrustError} DFFT_REGISTER for a row that the register would not have written, DFFT_IDENTIFIER for a wrong number
 */
export function recordOf(
  columns: Columns,
  fields: readonly string[],
  row: { readonly digest: Digest; readonly retrievedAt: Instant },
): RegisterRecord | undefined {
  if (fields.length !== columns.fills.length) {
    throw new TrustError('DFFT_REGISTER', `the row has ${fields.length} columns, the header ${columns.fills.length}`, { columns: fields.length })
  }
  const cells = cellsOf(columns, fields)
  checkNumber(cells.get('number'), '法人番号')
  if (!cells.get('name')) throw new TrustError('DFFT_REGISTER', 'the name is missing')
  if (cells.get('latest') === '0') return undefined
  cells.delete('latest')
  const municipality = cells.get('municipality')
  // A seat abroad has the prefecture 99 and no municipality.
  if (municipality === '99') cells.delete('municipality')
  else if (municipality !== undefined && !checkIdentifier('JP-LG5', municipality).ok)
    throw new TrustError('DFFT_IDENTIFIER', 'the municipality code is not one')
  if (cells.has('successor')) checkNumber(cells.get('successor'), '承継先法人番号')
  for (const member of days) {
    const written = cells.get(member)
    if (written !== undefined) cells.set(member, dayOf(written))
  }
  return { ...(Object.fromEntries(cells) as unknown as RegisterRecord), source: columns.source, ...row } // `number` and `name` were just found; the rest is optional text.
}

const days = ['closedOn', 'changedOn', 'assignedOn', 'establishedOn', 'updatedOn'] as const satisfies readonly Member[]

/** Cells that say something, by what they fill. Where two fill one (prefecture and municipality) they are joined in order. */
function cellsOf(columns: Columns, fields: readonly string[]): Map<Member | 'latest', string> {
  const cells = new Map<Member | 'latest', string>()
  for (const [at, fills] of columns.fills.entries()) {
    const cell = cleaned(fields[at] ?? '')
    if (fills !== null && cell !== '') cells.set(fills, (cells.get(fills) ?? '') + cell)
  }
  return cells
}

/** A line end inside a quoted field becomes a space; the full-width space is part of a name and stays. */
function cleaned(cell: string): string {
  const oneLine = cell.replaceAll(/[\t\r\n]+/g, ' ').trim()
  if (/[\p{Cc}\p{Cs}\ufffd]/u.test(oneLine)) throw new TrustError('DFFT_REGISTER', 'a field has a character that is no text')
  return oneLine
}

function checkNumber(number: string | undefined, column: string): void {
  if (!number) throw new TrustError('DFFT_REGISTER', `${column} is missing`)
  const check = checkIdentifier('0188', number)
  if (!check.ok) throw new TrustError('DFFT_IDENTIFIER', check.reason === 'form' ? `${column} is not 13 digits` : `the check digit of ${column} is wrong`)
}

const hoursOfJapanMs = 9 * 3_600_000

/** A day as YYYY-MM-DD. An instant is a day in Japan: registers there write midnight of Tokyo. */
function dayOf(written: string): string {
  const day = /^\d{4}-\d{2}-\d{2}T/.test(written) ? instantInJapan(written) : written.replaceAll('/', '-')
  const ms = Date.parse(`${day}T00:00:00Z`)
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(ms) || !new Date(ms).toISOString().startsWith(day)) {
    throw new TrustError('DFFT_REGISTER', 'a date is not one')
  }
  return day
}

function instantInJapan(written: string): string {
  const ms = /(?:Z|[+-]\d{2}:\d{2})$/.test(written) ? Date.parse(written) : Number.NaN
  return Number.isNaN(ms) ? written : new Date(ms + hoursOfJapanMs).toISOString().slice(0, 10)
}
