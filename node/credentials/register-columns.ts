/**
 * The files of corporate registers that this node reads, and one row of any of them as a record.
 *
 * - `nta`: National Tax Agency, Corporate Number Publication Site: 30 columns without a header line, or with one.
 * - `gbizinfo`: gBizINFO of METI, basic information: CSV with a header line, or JSON as its REST interface answers.
 * - `open-data`: `corporateID, corporateName, …`, the short form in which civic projects publish both, and of our sample.
 * - `mapped`: any other register's, by a mapping that comes with the file (register-mapping.ts).
 */
import { z } from 'zod'
import { isDay } from '#protocols/credential/timestamp.ts'
import { TrustError } from '#protocols/errors.ts'
import { checkIdentifier } from '#protocols/identifiers/check-identifier.ts'
import { type Digest, Digest as DigestSchema, Instant } from '#protocols/ids.ts'
import { csvFields } from './csv.ts'
import { LegalStatus, type Mappable, type Mapping } from './register-mapping.ts'

const text = z.string().max(4096)

/** One legal entity as the register had it, in the register's own codes. */
export const RegisterRecord = z.strictObject({
  /** 法人番号, or the number of `register.scheme`. */
  number: z.string().min(1).max(128),
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
  country: text.optional(),
  legalForm: text.optional(),
  /** What a mapping says that the register's word for it means. */
  status: LegalStatus.optional(),
  /** Of a `mapped` row: whose it is. */
  register: z.strictObject({ name: text, scheme: text, jurisdiction: text, language: text, currency: text.optional() }).optional(),
  /** Who published the file. */
  source: z.enum(['nta', 'gbizinfo', 'open-data', 'mapped']),
  retrievedAt: Instant,
  /** Over the UTF-8 bytes of the row as it stood in the file, without its line end. */
  digest: DigestSchema,
})
export type RegisterRecord = z.infer<typeof RegisterRecord>

type Member = Exclude<keyof RegisterRecord, 'source' | 'retrievedAt' | 'digest' | 'register'>
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

/** Members of a company in what gBizINFO answers (`hojin-infos`). */
const gbizinfoMembers = new Map<string, Filled>([
  ['corporate_number', 'number'],
  ['name', 'name'],
  ['kana', 'kana'],
  ['name_en', 'english'],
  ['postal_code', 'postCode'],
  ['location', 'address'],
  ['status', 'process'],
  ['close_date', 'closedOn'],
  ['close_cause', 'closeCause'],
  ['representative_name', 'representativeName'],
  ['representative_position', 'representativeTitle'],
  ['capital_stock', 'capital'],
  ['date_of_establishment', 'establishedOn'],
  ['update_date', 'updatedOn'],
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

/** One member of a row: the places of its texts in the fields, and what stands between them. */
interface Pick {
  readonly fills: Member | 'latest'
  readonly at: readonly number[]
  readonly joiner: string
}

export interface Columns {
  readonly source: RegisterRecord['source']
  readonly picks: readonly Pick[]
  /** Fields of a row. */
  readonly width: number
  /** The "header" was the first record of a file that has none. */
  readonly headless: boolean
  /** Of JSON: the members that are the fields. */
  readonly members: readonly string[]
  readonly mapping: Mapping | undefined
  /** Days as they were read before: a file has some thousand different ones in a million rows. */
  readonly days: Map<string, string>
}

/** More different days than that are no register's. */
const daysKeptMax = 16_384

/**
 * What the columns of a file are.
 *
 * @param header the first line of the file; empty for the National Tax Agency's order without a header line
 * @throws {TrustError} DFFT_REGISTER when they are none of the known ones, or not those that the mapping names
 */
export function columnsOf(header: string, mapping?: Mapping): Columns {
  const cells = header === '' ? [] : csvFields(header)
  if (!cells) throw new TrustError('DFFT_REGISTER', 'the header line is not a CSV record')
  const names = cells.map((cell) => cell.normalize('NFKC').trim())
  if (mapping) return mappedColumns(names, mapping)
  const first = cells.length === ntaColumns.length && /^\d{13}$/.test(cells[1] ?? '')
  if (header === '' || first)
    return {
      ...columns(
        'nta',
        ntaColumns.map(([, , fills]) => fills),
      ),
      headless: first,
    }
  const file = files.find(({ needs }) => needs.every((need) => names.includes(need)))
  if (!file) throw new TrustError('DFFT_REGISTER', 'the header line names none of the known column sets', { columns: names.length })
  checkOnce(names)
  return columns(
    file.source,
    names.map((name) => file.names.get(name) ?? null),
  )
}

/** The members of JSON records; gBizINFO's where no mapping says otherwise. */
export function membersOf(mapping?: Mapping): Columns {
  if (mapping) return mappedColumns([...new Set(Object.values(mapping.columns).flat())], mapping)
  return { ...columns('gbizinfo', [...gbizinfoMembers.values()]), members: [...gbizinfoMembers.keys()] }
}

function columns(source: RegisterRecord['source'], fills: readonly Filled[]): Columns {
  const at = Map.groupBy(fills.entries(), ([, member]) => member)
  // Where two fill one (prefecture and municipality) they are joined in order.
  const picks = [...at].flatMap(([member, places]) => (member === null ? [] : [{ fills: member, at: places.map(([place]) => place), joiner: '' }]))
  return { source, picks, width: fills.length, headless: false, members: [], mapping: undefined, days: new Map() }
}

function mappedColumns(names: readonly string[], mapping: Mapping): Columns {
  checkOnce(names)
  const picks = Object.entries(mapping.columns).map(([fills, wanted]) => ({
    fills: fills as Mappable, // The schema of a mapping has no other.
    at: [wanted].flat().map((name) => placeOf(name, names)),
    joiner: ', ',
  }))
  return { source: 'mapped', picks, width: names.length, headless: false, members: names, mapping, days: new Map() }
}

function placeOf(name: string, names: readonly string[]): number {
  const place = names.indexOf(name.normalize('NFKC').trim())
  if (place < 0) throw new TrustError('DFFT_REGISTER', `the file has no column \`${name}\` that the mapping names`, { columns: names.length })
  return place
}

function checkOnce(names: readonly string[]): void {
  if (new Set(names).size !== names.length) throw new TrustError('DFFT_REGISTER', 'the header line names a column twice', { columns: names.length })
}

type Cells = { -readonly [member in Member | 'latest']?: string }

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
  if (fields.length !== columns.width) {
    throw new TrustError('DFFT_REGISTER', `the row has ${fields.length} columns, the header ${columns.width}`, { columns: fields.length })
  }
  const { latest, ...cells } = cellsOf(columns, fields)
  const scheme = columns.mapping?.scheme ?? '0188'
  checkNumber(cells.number, scheme, '法人番号')
  if (!cells.name) throw new TrustError('DFFT_REGISTER', 'the name is missing')
  if (latest === '0') return undefined
  checkMunicipality(cells)
  if (cells.successor !== undefined) checkNumber(cells.successor, scheme, '承継先法人番号')
  for (const member of days) {
    const written = cells[member]
    if (written !== undefined) cells[member] = dayOf(written, columns)
  }
  const told = columns.mapping ? mapped(cells, columns.mapping) : {}
  return { ...(cells as unknown as RegisterRecord), ...told, source: columns.source, ...row } // `number` and `name` were just found; the rest is optional text.
}

const days = ['closedOn', 'changedOn', 'assignedOn', 'establishedOn', 'updatedOn'] as const satisfies readonly Member[]

/** A seat abroad has the prefecture 99 and no municipality. */
function checkMunicipality(cells: Cells): void {
  if (cells.municipality === '99') delete cells.municipality
  else if (cells.municipality !== undefined && !checkIdentifier('JP-LG5', cells.municipality).ok)
    throw new TrustError('DFFT_IDENTIFIER', 'the municipality code is not one')
}

function mapped(cells: Cells, { register: name, scheme, jurisdiction, language, currency, status }: Mapping): Partial<RegisterRecord> {
  const register = { name, scheme, jurisdiction, language, ...(currency !== undefined && { currency }) }
  if (cells.status === undefined) return { register }
  const meant = Object.hasOwn(status, cells.status) ? status[cells.status] : undefined
  if (meant === undefined) throw new TrustError('DFFT_REGISTER', 'the mapping does not say what this state means', { state: cells.status.slice(0, 64) })
  return { register, status: meant }
}

/** Cells that say something, by what they fill. */
function cellsOf({ picks }: Columns, fields: readonly string[]): Cells {
  const cells: Cells = {}
  for (const { fills, at, joiner } of picks) {
    let cell = ''
    for (const place of at) {
      const part = cleaned(fields[place] ?? '')
      cell = cell === '' || part === '' ? cell + part : cell + joiner + part
    }
    if (cell !== '') cells[fills] = cell
  }
  return cells
}

const unusual = /[\p{Cc}\p{Cs}\ufffd]/u

/** A line end inside a quoted field becomes a space; the full-width space is part of a name and stays. */
function cleaned(cell: string): string {
  if (cell === '' || !unusual.test(cell)) return cell.trim()
  const oneLine = cell.replaceAll(/[\t\r\n]+/g, ' ').trim()
  if (unusual.test(oneLine)) throw new TrustError('DFFT_REGISTER', 'a field has a character that is no text')
  return oneLine
}

function checkNumber(number: string | undefined, scheme: string, column: string): void {
  const what = scheme === '0188' ? column : 'the number'
  if (!number) throw new TrustError('DFFT_REGISTER', `${what} is missing`)
  const check = checkIdentifier(scheme, number)
  if (check.ok) return
  const wrong = scheme === '0188' ? `${what} is not 13 digits` : `${what} has not the form of its scheme`
  throw new TrustError('DFFT_IDENTIFIER', check.reason === 'form' ? wrong : `the check digit of ${what} is wrong`)
}

const hoursOfJapanMs = 9 * 3_600_000

/** A day as YYYY-MM-DD. An instant is a day in Japan: registers there write midnight of Tokyo. */
function dayOf(written: string, { days, mapping }: Columns): string {
  const known = days.get(written)
  if (known !== undefined) return known
  const day = /^\d{4}-\d{2}-\d{2}T/.test(written) ? instantInJapan(written) : yearFirst(written, mapping?.days ?? 'ymd')
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || !isDay(Number(day.slice(0, 4)), Number(day.slice(5, 7)), Number(day.slice(8)))) {
    throw new TrustError('DFFT_REGISTER', 'a date is not one')
  }
  if (days.size < daysKeptMax) days.set(written, day)
  return day
}

/** `2026/04/01`, `20260401` of a mapped file, or in its order `01.04.2026`. */
function yearFirst(written: string, order: Mapping['days']): string {
  if (order === 'ymd') return written.replaceAll('/', '-').replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3')
  const [, first = '', second = '', year = ''] = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$/.exec(written) ?? []
  const [day, month] = order === 'dmy' ? [first, second] : [second, first]
  return `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`
}

function instantInJapan(written: string): string {
  const ms = /(?:Z|[+-]\d{2}:\d{2})$/.test(written) ? Date.parse(written) : Number.NaN
  return Number.isNaN(ms) ? written : new Date(ms + hoursOfJapanMs).toISOString().slice(0, 10)
}
