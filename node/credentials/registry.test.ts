import { readFile } from 'node:fs/promises'
import { beforeEach, expect, test } from 'vitest'
import type { Clock, Range, Store, Write } from '#node/ports.ts'
import { TrustError } from '#protocols/errors.ts'
import { digest } from '#protocols/ids.ts'
import { files, progressOf } from './register-progress.ts'
import { subjectOf } from './register-subject.ts'
import { idOf, Register } from './registry.ts'

/** The port over a Map; counts batches. */
class MapStore implements Store {
  readonly kept = new Map<string, Uint8Array>()
  batches = 0
  async get(key: string) {
    return this.kept.get(key)
  }
  async batch(writes: readonly Write[]) {
    this.batches++
    for (const write of writes) 'put' in write ? this.kept.set(write.put, write.value) : this.kept.delete(write.del)
  }
  async *scan({ from, to, limit = Number.POSITIVE_INFINITY }: Range) {
    const keys = [...this.kept.keys()].toSorted().filter((key) => key >= from && key < to)
    for (const key of keys.slice(0, limit)) yield [key, this.kept.get(key)!] as const
  }
  async [Symbol.asyncDispose]() {}
}

const clock: Clock = {
  nowMs: () => Date.UTC(2026, 10, 1),
  monotonicMs: () => 0,
  sleep: async () => {},
  timeout: () => new AbortController().signal,
  turn: async () => {},
}

let store: MapStore
let register: Register
beforeEach(() => {
  store = new MapStore()
  register = new Register({ store, clock })
})

const header = 'corporateID,corporateName,corporateKana,cityID,location,moddate'
const meti = '4000012090001,経済産業省,ケイザイサンギョウショウ,13101,東京都千代田区霞が関１丁目３－１,2018-04-01T15:00:00.000Z'
const audit = '6000012150001,会計検査院,カイケイケンサイン,13101,東京都千代田区霞が関３丁目２－２,2018-04-01T15:00:00.000Z'
const rows = (...texts: string[]) => ({ header, text: texts.join('\n'), firstLine: 2 })

async function refused(act: Promise<unknown>): Promise<string> {
  return act.then(
    () => 'nothing was thrown',
    (thrown: unknown) => (thrown instanceof TrustError ? thrown.code : String(thrown)),
  )
}

test('the sample register of the test network is taken in whole, and every row makes a subject', async () => {
  const file = await readFile(new URL('../../test-network/countries/jp/register.csv', import.meta.url), 'utf8')
  const end = file.indexOf('\n')
  const result = await register.importRows({ header: file.slice(0, end), text: file.slice(end + 1), firstLine: 2 })
  expect(result).toEqual({ columns: 'open-data', accepted: 12, added: 12, ended: 0, unchanged: 0, rejected: [], changed: 0, due: [] })
  const { records } = await register.list({ limit: 100 })
  const simulated = records.map(subjectOf).flatMap(({ representatives = [] }) => representatives)
  expect(simulated).toHaveLength(2)
  expect(simulated.filter(({ name }) => !name.endsWith('(simulated)'))).toEqual([])
})

test('a bad row is told by its line and code, and the good ones around it are kept', async () => {
  const result = await register.importRows(
    rows(
      meti,
      '5000012090001,検査数字違い,,13101,,2018-04-01T15:00:00.000Z',
      '3000013000001,,サイコウサイバンショ,13101,,2018-04-01T15:00:00.000Z',
      ',名前だけ,,13101,,',
      '400001209000X,字,,13101,,',
      '3000013000001,最高裁判所,,13101,,,extra',
      '3000013000001,最高裁判所,,13101',
      '3000013000001,最高裁判所,,99101,東京都,',
      '3000013000001,最高裁判所,,13101,東京都千代田区,2018-02-30',
      audit,
    ),
  )
  expect(result.accepted).toBe(2)
  expect(result.rejected.map(({ line, code }) => [line, code])).toEqual([
    [3, 'DFFT_IDENTIFIER'],
    [4, 'DFFT_REGISTER'],
    [5, 'DFFT_REGISTER'],
    [6, 'DFFT_IDENTIFIER'],
    [7, 'DFFT_REGISTER'],
    [8, 'DFFT_REGISTER'],
    [9, 'DFFT_IDENTIFIER'],
    [10, 'DFFT_REGISTER'],
  ])
  expect((await register.get('4000012090001')).name).toBe('経済産業省')
  expect((await register.get('6000012150001')).name).toBe('会計検査院')
  expect(await refused(register.get('3000013000001'))).toBe('DFFT_NOT_FOUND')
})

test('a field of a control character, half a surrogate pair, a decoder’s replacement or a turn of direction is refused', async () => {
  const result = await register.importRows(
    rows(
      '4000012090001,経済\0産業省,,,,',
      '4000012090001,経済\ud842産業省,,,,',
      '4000012090001,経済\ufffd産業省,,,,',
      '4000012090001,経済\u202e産業省,,,,',
      audit,
    ),
  )
  expect(result.rejected.map(({ line, code }) => [line, code])).toEqual([
    [2, 'DFFT_REGISTER'],
    [3, 'DFFT_REGISTER'],
    [4, 'DFFT_REGISTER'],
    [5, 'DFFT_REGISTER'],
  ])
  expect(result.accepted).toBe(1)
})

test('a name too long for a credential is refused at the door and not when the credential is asked for', async () => {
  const result = await register.importRows(rows(`4000012090001,${'省'.repeat(513)},,,,`, audit))
  expect(result.rejected.map(({ line, code }) => [line, code])).toEqual([[2, 'DFFT_REGISTER']])
  expect(result.accepted).toBe(1)
})

test('quotes, commas and line ends inside a field are read, and lines are still counted right', async () => {
  const result = await register.importRows(
    rows('4000012090001,"経済, ""産業""省",,13101,"東京都千代田区\n霞が関１丁目",2018-04-01T15:00:00.000Z', '5000012090001,x,,,,', audit),
  )
  expect(result.rejected.map(({ line }) => line)).toEqual([4])
  const record = await register.get('4000012090001')
  expect(record.name).toBe('経済, "産業"省')
  expect(record.address).toBe('東京都千代田区 霞が関１丁目')
})

test('a byte order mark and CRLF make no difference to what is read', async () => {
  const plain = await new Register({ store: new MapStore(), clock }).importRows(rows(meti, audit))
  const marked = await register.importRows({ header: `\ufeff${header}\r`, text: `${meti}\r\n${audit}\r\n`, firstLine: 2 })
  expect(marked).toEqual(plain)
  expect((await register.get('4000012090001')).digest).toBe(digest(meti))
})

test('one call is one durable batch, and a call with nothing to write is none', async () => {
  await register.importRows(rows(meti, audit))
  expect(store.batches).toBe(1)
  expect(await register.importRows(rows(meti, audit))).toMatchObject({ accepted: 0, unchanged: 2 })
  expect(store.batches).toBe(1)
})

test('an instant is a day in Japan, where registers write the midnight of Tokyo', async () => {
  await register.importRows(rows(meti))
  expect((await register.get('4000012090001')).updatedOn).toBe('2018-04-02')
})

test('an unchanged row keeps the time it was first taken in', async () => {
  await register.importRows(rows(meti))
  await new Register({ store, clock: { ...clock, nowMs: () => Date.UTC(2027, 0, 1) } }).importRows(rows(meti))
  expect((await register.get('4000012090001')).retrievedAt).toBe('2026-11-01T00:00:00Z')
})

test('a newer row replaces a record and an older one does not, whichever file comes first', async () => {
  const newer = meti.replace('経済産業省', '経済省').replace('2018-04-01', '2024-04-01')
  expect(await register.importRows(rows(newer, meti))).toMatchObject({ accepted: 1, unchanged: 1 })
  expect((await register.get('4000012090001')).name).toBe('経済省')
  expect(await register.importRows(rows(meti))).toMatchObject({ accepted: 0, unchanged: 1 })
  const newest = meti.replace('経済産業省', '産業省').replace('2018-04-01', '2025-04-01')
  expect(await register.importRows(rows(meti, newest))).toMatchObject({ accepted: 1, unchanged: 1 })
  expect((await register.get('4000012090001')).name).toBe('産業省')
})

test('of two files handed over at once the newer row is kept, whichever is given first', async () => {
  const newer = meti.replace('経済産業省', '経済省').replace('2018-04-01', '2024-04-01')
  const [first, second] = await Promise.all([register.importRows(rows(newer)), register.importRows(rows(meti))])
  expect([first.accepted, second.unchanged]).toEqual([1, 1])
  expect((await register.get('4000012090001')).name).toBe('経済省')
})

test('a refused piece does not stop the next one', async () => {
  const outcomes = await Promise.all([refused(register.importRows({ header: 'a,b', text: '', firstLine: 2 })), register.importRows(rows(meti))])
  expect(outcomes).toMatchObject(['DFFT_REGISTER', { accepted: 1 }])
})

test('a file of other columns is refused, and nothing is written', async () => {
  for (const other of ['a,b,c', 'corporateID,name', '法人名,住所', 'corporateID,corporateName,corporateName', '"corporateID,corporateName']) {
    expect(await refused(register.importRows({ header: other, text: meti, firstLine: 2 })), other).toBe('DFFT_REGISTER')
  }
  expect(store.kept.size).toBe(0)
})

test('more than 50,000 rows at once are refused, and nothing is written', async () => {
  expect(await refused(register.importRows(rows(meti, ...Array.from({ length: 50_000 }, () => 'x'))))).toBe('DFFT_LIMIT')
  expect(store.kept.size).toBe(0)
})

test('a list goes on where it stopped, and the last page says that it is the last', async () => {
  await register.importRows(rows(meti, audit, '3000013000001,最高裁判所,,,,'))
  store.kept.set('registes/other', new Uint8Array())
  const first = await register.list({ limit: 2 })
  expect(first.records.map(({ number }) => number)).toEqual(['3000013000001', '4000012090001'])
  const second = await register.list({ limit: 2, after: first.next! })
  expect(second).toMatchObject({ records: [{ number: '6000012150001' }], next: null })
})

test('what is no corporate number is not looked up', async () => {
  for (const number of ['', '5000012090001', '../4000012090001', '４００００１２０９０００１'])
    expect(await refused(register.get(number)), number).toBe('DFFT_IDENTIFIER')
})

// Columns of the National Tax Agency, by the names of its API.
const ntaHeader =
  'sequenceNumber,corporateNumber,process,correct,updateDate,changeDate,name,nameImageId,kind,prefectureName,cityName,streetNumber,addressImageId,prefectureCode,cityCode,postCode,addressOutside,addressOutsideImageId,closeDate,closeCause,successorCorporateNumber,changeCause,assignmentDate,latest,enName,enPrefectureName,enCityName,enAddressOutside,furigana,hihyoji'
const ntaJapanese =
  '一連番号,法人番号,処理区分,訂正区分,更新年月日,変更年月日,商号又は名称,商号又は名称イメージID,法人種別,国内所在地（都道府県）,国内所在地（市区町村）,国内所在地（丁目番地等）,国内所在地イメージID,都道府県コード,市区町村コード,郵便番号,国外所在地,国外所在地イメージID,登記記録の閉鎖等年月日,登記記録の閉鎖等の事由,承継先法人番号,変更事由の詳細,法人番号指定年月日,最新履歴,商号又は名称（英語表記）,国内所在地（都道府県）（英語表記）,国内所在地（市区町村丁目番地等）（英語表記）,国外所在地（英語表記）,フリガナ,検索対象除外'

function nta(change: Readonly<Record<string, string>> = {}): string {
  const usual = {
    sequenceNumber: '1',
    corporateNumber: '4000012090001',
    process: '01',
    correct: '0',
    updateDate: '2018-04-02',
    changeDate: '2015-10-05',
    name: '見本株式会社',
    kind: '301',
    prefectureName: '東京都',
    cityName: '千代田区',
    streetNumber: '霞が関１丁目３－１',
    prefectureCode: '13',
    cityCode: '101',
    postCode: '1008901',
    assignmentDate: '2015-10-05',
    latest: '1',
    furigana: 'ミホン',
    hihyoji: '0',
    ...change,
  }
  const cells: Readonly<Record<string, string>> = usual
  return ntaHeader
    .split(',')
    .map((column) => `"${cells[column] ?? ''}"`)
    .join(',')
}

async function ntaSubject(change: Readonly<Record<string, string>>) {
  expect(await register.importRows({ header: ntaHeader, text: nta(change), firstLine: 2 })).toMatchObject({ columns: 'nta', accepted: 1, rejected: [] })
  return subjectOf(await register.get('4000012090001'))
}

test('a row of the National Tax Agency is the same record under its own names, the API’s, and none', async () => {
  const read = async (piece: { header: string; text: string; firstLine: number }) => {
    const fresh = new Register({ store: new MapStore(), clock })
    expect(await fresh.importRows(piece)).toEqual({ columns: 'nta', accepted: 1, added: 1, ended: 0, unchanged: 0, rejected: [], changed: 0, due: [] })
    return fresh.get('4000012090001')
  }
  const named = await read({ header: ntaHeader, text: nta(), firstLine: 2 })
  expect(await read({ header: ntaJapanese, text: nta(), firstLine: 2 })).toEqual(named)
  expect(await read({ header: '', text: nta(), firstLine: 1 })).toEqual(named)
  // Whoever takes the first line for a header loses no record by it.
  expect(await read({ header: nta(), text: '', firstLine: 2 })).toEqual(named)
  expect(subjectOf(named)).toEqual({
    legalName: [
      { value: '見本株式会社', lang: 'ja' },
      { value: 'ミホン', lang: 'ja-Kana' },
    ],
    registrations: [{ scheme: '0188', value: '4000012090001', register: expect.stringContaining('国税庁') }],
    legalForm: { code: '301', list: 'NTA' },
    jurisdiction: 'JP',
    registeredAddress: {
      full: '東京都千代田区霞が関１丁目３－１',
      country: 'JP',
      region: '東京都',
      locality: '千代田区',
      street: '霞が関１丁目３－１',
      postCode: '1008901',
      jp: { localGovernmentCode: '131016' },
    },
    registeredOn: '2015-10-05',
    legalStatus: { value: 'active' },
    sourceRecord: { register: expect.stringContaining('国税庁'), retrievedAt: '2026-11-01T00:00:00Z', digest: digest(nta()) },
  })
})

test('the first record of a file without a header line is taken once, whatever piece it comes with', async () => {
  const first = nta()
  await register.importRows({ header: first, text: nta({ corporateNumber: '6000012150001' }), firstLine: 2 })
  expect(await register.importRows({ header: first, text: nta({ corporateNumber: '3000013000001' }), firstLine: 3 })).toMatchObject({
    accepted: 1,
    unchanged: 0,
  })
  expect((await register.list({ limit: 9 })).records).toHaveLength(3)
})

test('a past state of the National Tax Agency’s history changes nothing', async () => {
  expect(await register.importRows({ header: ntaHeader, text: nta({ latest: '0' }), firstLine: 2 })).toMatchObject({ accepted: 0, unchanged: 1 })
})

test.for([
  [
    { process: '21', closeDate: '2024-03-31', closeCause: '01' },
    { value: 'dissolved', since: '2024-03-31', cause: '清算の結了等' },
  ],
  [
    { process: '21', closeDate: '2024-03-31', closeCause: '11', successorCorporateNumber: '6000012150001' },
    { value: 'merged', since: '2024-03-31', cause: '合併による解散等', successorId: { scheme: '0188', value: '6000012150001' } },
  ],
  [
    { process: '21', closeDate: '2024-03-31', closeCause: '21' },
    { value: 'struck_off', since: '2024-03-31', cause: '登記官による閉鎖' },
  ],
  [
    { process: '21', closeDate: '2024-03-31', closeCause: '31' },
    { value: 'dissolved', since: '2024-03-31', cause: 'その他の清算の結了等' },
  ],
  [
    { process: '21', closeDate: '2024-03-31', closeCause: '77' },
    { value: 'inactive', since: '2024-03-31' },
  ],
  [
    { process: '71', changeDate: '2024-04-01', changeCause: '見本に合併', successorCorporateNumber: '6000012150001' },
    { value: 'merged', since: '2024-04-01', cause: '見本に合併', successorId: { scheme: '0188', value: '6000012150001' } },
  ],
  [{ process: '22' }, { value: 'active' }],
  [{ process: '72' }, { value: 'active' }],
  [
    { process: '81', changeDate: '2024-04-01' },
    { value: 'inactive', since: '2024-04-01', cause: '商号の登記の抹消' },
  ],
] as const)('register codes %o become the status %o', async ([change, status]) => {
  expect((await ntaSubject(change)).legalStatus).toEqual(status)
})

test('a successor with a wrong check digit makes the row bad', async () => {
  const text = nta({ process: '71', successorCorporateNumber: '7000012150001' })
  expect((await register.importRows({ header: ntaHeader, text, firstLine: 2 })).rejected).toMatchObject([{ line: 2, code: 'DFFT_IDENTIFIER' }])
})

test('no credential is made of a number that the register withdrew', async () => {
  await register.importRows({ header: ntaHeader, text: nta({ process: '99' }), firstLine: 2 })
  const record = await register.get('4000012090001')
  expect(await refused((async () => subjectOf(record))())).toBe('DFFT_NOT_FOUND')
})

test('a seat abroad is an address without a country, since the register names it in words only', async () => {
  const abroad = {
    prefectureName: '',
    cityName: '',
    streetNumber: '',
    prefectureCode: '99',
    cityCode: '',
    postCode: '',
    addressOutside: 'アメリカ合衆国ネバダ州',
  }
  expect((await ntaSubject(abroad)).registeredAddress).toEqual({ full: 'アメリカ合衆国ネバダ州' })
})

test('a gBizINFO row brings representative, capital and date of establishment, and nothing that it does not say', async () => {
  const gbizinfo =
    '法人番号,法人名,法人名ふりがな,法人名英語,郵便番号,本社所在地,ステータス,登記記録の閉鎖等年月日,登記記録の閉鎖等の事由,法人代表者名,法人代表者役職,資本金,従業員数,設立年月日,最終更新日'
  const row =
    '4000012090001,見本株式会社,みほん,"Mihon Co., Ltd.",100-8901,東京都千代田区霞が関１丁目３－１,-,,,見本 太郎,代表取締役,"10,000,000",12,1949/05/25,2024-01-02'
  expect(await register.importRows({ header: gbizinfo, text: row, firstLine: 2 })).toMatchObject({ columns: 'gbizinfo', accepted: 1 })
  const subject = subjectOf(await register.get('4000012090001'))
  expect(subject).toMatchObject({
    legalName: [
      { value: '見本株式会社', lang: 'ja' },
      { value: 'みほん', lang: 'ja-Hira' },
      { value: 'Mihon Co., Ltd.', lang: 'en' },
    ],
    establishedOn: '1949-05-25',
    capital: { amount: '10000000', currency: 'JPY' },
    representatives: [{ kind: 'natural', name: '見本 太郎', title: '代表取締役' }],
    registeredAddress: { region: '東京都', postCode: '1008901' },
    legalStatus: { value: 'active' },
  })
  expect(Object.keys(subject).filter((member) => ['taxIds', 'lei', 'legalForm', 'activity'].includes(member))).toEqual([])
  expect(subject.registeredAddress).not.toHaveProperty('locality') // Without a municipality code it would be a guess.
  const closed = row.replace(',-,,,', ',閉鎖,2024-03-31,合併による解散等,').replace('2024-01-02', '2024-04-01')
  expect(await register.importRows({ header: gbizinfo.replace('本社', '本店'), text: closed, firstLine: 2 })).toMatchObject({ accepted: 1 })
  expect(subjectOf(await register.get('4000012090001')).legalStatus).toEqual({ value: 'merged', since: '2024-03-31', cause: '合併による解散等' })
})

test('a name in full-width Latin letters is also given in plain ones', async () => {
  await register.importRows(rows('4700150004528,Ａｋａｍａｉ　Ｉｎｔｅｒｎａｔｉｏｎａｌ　Ｂ．Ｖ．,アカマイ,13102,,'))
  expect(subjectOf(await register.get('4700150004528')).legalName).toEqual([
    { value: 'Ａｋａｍａｉ　Ｉｎｔｅｒｎａｔｉｏｎａｌ　Ｂ．Ｖ．', lang: 'ja' },
    { value: 'アカマイ', lang: 'ja-Kana' },
    { value: 'Akamai International B.V.', lang: 'und-Latn' },
  ])
})

test.for([
  ['24202', '三重県四日市市諏訪町１番５号', '四日市市', '諏訪町１番５号'],
  ['12203', '千葉県市川市八幡１丁目', '市川市', '八幡１丁目'],
  ['34213', '広島県廿日市市下平良１丁目', '廿日市市', '下平良１丁目'],
  ['10464', '群馬県佐波郡玉村町下新田２０１', '佐波郡玉村町', '下新田２０１'],
  ['41423', '佐賀県杵島郡大町町大字大町', '杵島郡大町町', '大字大町'],
  ['04322', '宮城県柴田郡村田町大字村田', '柴田郡村田町', '大字村田'],
  ['07203', '福島県郡山市朝日１丁目', '郡山市', '朝日１丁目'],
  ['14103', '神奈川県横浜市西区高島２丁目', '横浜市西区', '高島２丁目'],
  ['13101', '東京都千代田区霞が関', '千代田区', '霞が関'],
  ['13421', '東京都小笠原村父島', '小笠原村', '父島'],
] as const)('municipality %s is found in %s', async ([code, address, locality, street]) => {
  await register.importRows(rows(`4000012090001,名,,${code},${address},`))
  expect(subjectOf(await register.get('4000012090001')).registeredAddress).toMatchObject({ locality, street })
})

const companiesHouse = {
  register: 'Companies House',
  scheme: 'GB-CRN',
  jurisdiction: 'GB',
  language: 'en',
  columns: {
    number: 'No',
    name: 'Name',
    street: ['Line 1', 'Line 2'],
    city: 'Town',
    postCode: 'Post code',
    status: 'State',
    closedOn: 'Gone',
    capital: 'Capital',
  },
  status: { Active: 'active', Dissolved: 'dissolved' },
  days: 'dmy',
  currency: 'GBP',
}
const housed = (...texts: string[]) => ({ header: 'Town,No,Name,Line 2,Line 1,Post code,State,Gone,Capital,Other', text: texts.join('\n'), firstLine: 2 })

test('a mapping makes rows of any register, kept under its scheme, and subjects of their own jurisdiction', async () => {
  const rows = housed(
    'London,SC123456,ACME LTD,Floor 2,1 High Street,N1 1AA,Dissolved,31/12/2025,100.50,x',
    ',SC123457,B,,,,Gone away,,,',
    ',SC12,C,,,,Active,,,',
  )
  const result = await register.importRows({ ...rows, mapping: companiesHouse })
  expect(result).toMatchObject({ columns: 'mapped', accepted: 1 })
  expect(result.rejected.map(({ line, code }) => [line, code])).toEqual([
    [3, 'DFFT_REGISTER'],
    [4, 'DFFT_IDENTIFIER'],
  ])
  expect(subjectOf(await register.get('GB-CRN:SC123456'))).toEqual({
    legalName: [{ value: 'ACME LTD', lang: 'en' }],
    registrations: [{ scheme: 'GB-CRN', value: 'SC123456', register: 'Companies House' }],
    jurisdiction: 'GB',
    registeredAddress: { full: '1 High Street, Floor 2, London', locality: 'London', street: '1 High Street, Floor 2', postCode: 'N1 1AA' },
    legalStatus: { value: 'dissolved', since: '2025-12-31' },
    capital: { amount: '100.50', currency: 'GBP' },
    sourceRecord: { register: 'Companies House', retrievedAt: '2026-11-01T00:00:00Z', digest: expect.any(String) },
  })
  expect((await register.list({ limit: 10 })).records.map(idOf)).toEqual(['GB-CRN:SC123456'])
  expect(await refused(register.get('SC123456'))).toBe('DFFT_IDENTIFIER')
})

test.for([
  ['a member that no row has', { ...companiesHouse, columns: { ...companiesHouse.columns, colour: 'No' } }],
  ['no column for the name', { ...companiesHouse, columns: { number: 'No' } }],
  ['a column the file has not', { ...companiesHouse, columns: { number: 'No', name: 'Title' } }],
  ['an unknown scheme', { ...companiesHouse, scheme: 'ATLANTIS' }],
  ['states without their meaning', { ...companiesHouse, status: {} }],
  ['a meaning that is none', { ...companiesHouse, status: { Active: 'alive' } }],
  ['capital without a currency', { ...companiesHouse, currency: undefined }],
  ['an order of days that is none', { ...companiesHouse, days: 'ydm' }],
] as const)('a mapping with %s is refused before any row', async ([, mapping]) => {
  expect(await refused(register.importRows({ ...housed(), mapping }))).toBe('DFFT_REGISTER')
  expect(store.batches).toBe(0)
})

test('gBizINFO’s JSON is read by its members, objects that are none are told by line, and the rest goes on', async () => {
  const company = { corporate_number: '4000012090001', name: '経済産業省', capital_stock: 1000, status: '-', close_date: null, certification: [{ title: 'x' }] }
  const closed = { corporate_number: '6000012150001', name: '会計検査院', status: '閉鎖', close_date: '2026-01-31', close_cause: '清算の結了等' }
  const text = `${JSON.stringify(company, null, 1)},\n{"corporate_number": },\n42,\n${JSON.stringify(closed)}, {"corporate_number":"5000012090001","name":"x"},\n{"open":`
  const result = await register.importRows({ header: '', text, firstLine: 2, format: 'json' })
  expect(result).toMatchObject({ columns: 'gbizinfo', accepted: 2, unchanged: 0 })
  const second = 2 + JSON.stringify(company, null, 1).split('\n').length
  expect(result.rejected.map(({ line, code }) => [line, code])).toEqual([
    [second, 'DFFT_REGISTER'],
    [second + 1, 'DFFT_REGISTER'],
    [second + 2, 'DFFT_IDENTIFIER'],
    [second + 3, 'DFFT_REGISTER'],
  ])
  expect(subjectOf(await register.get('4000012090001'))).toMatchObject({ capital: { amount: '1000', currency: 'JPY' }, legalStatus: { value: 'active' } })
  expect(subjectOf(await register.get('6000012150001')).legalStatus).toEqual({ value: 'dissolved', since: '2026-01-31', cause: '清算の結了等' })
})

test('a mapping reads members inside of members, and a member that is a list makes a bad row', async () => {
  const mapping = { register: 'R', scheme: '0192', jurisdiction: 'NO', columns: { number: 'orgnr', name: 'name.full', city: 'name.towns' } }
  const text = '{"orgnr":974760673,"name":{"full":"Brønnøysundregistrene"}}\n{"orgnr":"974760673","name":{"full":"B","towns":[]}}'
  const result = await register.importRows({ header: '', text, firstLine: 1, format: 'json', mapping })
  expect(result).toMatchObject({ accepted: 1, rejected: [{ line: 2, code: 'DFFT_REGISTER' }] })
  expect((await register.get('0192:974760673')).name).toBe('Brønnøysundregistrene')
})

test('how far a file came is written in the batch of its rows, and counted on by the piece that follows', async () => {
  const file = digest('file')
  const piece = (text: string, firstLine: number, begin: number, end: number) =>
    register.importRows({ header, text, firstLine, file: { digest: file, bytes: 300, begin, end } })
  await piece(`${meti}\n`, 2, 70, 180)
  expect(store.batches).toBe(1)
  expect(await progressOf(store, file)).toMatchObject({ taken: 180, bytes: 300, line: 3, accepted: 1, rejected: 0 })
  // Another run of the same file, beside this one or from the beginning: nothing is counted twice.
  await piece(`${meti}\n`, 2, 70, 180)
  await piece('bad\n', 9, 250, 255)
  expect(await progressOf(store, file)).toMatchObject({ taken: 180, accepted: 1, unchanged: 0 })
  await piece(`${audit}\n1,x`, 3, 180, 300)
  expect(await progressOf(store, file)).toMatchObject({ taken: 300, line: 4, accepted: 2, rejected: 1 })
  // Done: the next import of it is a new one.
  await piece(`${meti}\n`, 2, 70, 180)
  expect(await progressOf(store, file)).toMatchObject({ taken: 180, line: 3, accepted: 0, unchanged: 1 })
  expect((await files(store)).map(({ file: one }) => one)).toEqual([file])
})
