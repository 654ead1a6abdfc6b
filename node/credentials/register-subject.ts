/** A record of a register as the subject of a BusinessRegistrationCredential. Nothing is said that the record does not say. */
import type { z } from 'zod'
import { BusinessRegistration } from '#protocols/credential-types/business-registration/schema.ts'
import { TrustError } from '#protocols/errors.ts'
import { localGovernmentCheckDigit } from '#protocols/identifiers/japan.ts'
import { quickCheck } from '#protocols/quick-check.ts'
import type { RegisterRecord } from './register-columns.ts'

type Subject = z.input<typeof BusinessRegistration>

/** Who gives the numbers out, whoever published the file. */
const corporateNumberRegister = '国税庁法人番号公表サイト (Corporate Number Publication Site, National Tax Agency of Japan)'

const publishers = {
  nta: corporateNumberRegister,
  gbizinfo: 'gBizINFO (Ministry of Economy, Trade and Industry of Japan)',
  'open-data': `${corporateNumberRegister}, open data`,
  mapped: corporateNumberRegister,
} as const satisfies Record<RegisterRecord['source'], string>

/**
 * @throws {TrustError} DFFT_NOT_FOUND when the register withdrew the number, DFFT_REGISTER when the record does not make a subject
 */
export function subjectOf(record: RegisterRecord): BusinessRegistration {
  if (withdrawn(record)) throw new TrustError('DFFT_NOT_FOUND', `the register withdrew the number \`${record.number}\``)
  const subject = subjectIn(record)
  // A sure yes costs a sixth of zod's, and a million rows are asked.
  if (quickCheck(BusinessRegistration)(subject)) return subject as BusinessRegistration
  const result = BusinessRegistration.safeParse(subject)
  if (result.success) return result.data
  const path = `/${(result.error.issues[0]?.path ?? []).map(String).join('/')}`
  throw new TrustError('DFFT_REGISTER', `the record \`${record.number}\` does not make a subject at \`${path}\``, { path }, { cause: result.error })
}

function subjectIn(record: RegisterRecord): Subject {
  const address = addressOf(record)
  const representatives = representativesOf(record)
  const { register, source } = record
  return {
    legalName: namesOf(record),
    registrations: [{ scheme: register?.scheme ?? '0188', value: record.number, register: register?.name ?? corporateNumberRegister }],
    ...(record.kind && { legalForm: { code: record.kind, list: 'NTA' } }),
    ...(record.legalForm && { legalForm: { code: record.legalForm, list: 'register' } }),
    // Whose register it is, for a foreign company too: where that was founded, this register does not say.
    jurisdiction: register?.jurisdiction ?? 'JP',
    ...(address && { registeredAddress: address }),
    ...(record.establishedOn && { establishedOn: record.establishedOn }),
    ...(record.assignedOn && { registeredOn: record.assignedOn }),
    legalStatus: statusOf(record),
    ...(record.capital && { capital: { amount: record.capital.replaceAll(',', ''), currency: register?.currency ?? 'JPY' } }),
    ...(representatives && { representatives }),
    sourceRecord: { register: register?.name ?? publishers[source], retrievedAt: record.retrievedAt, digest: record.digest },
  }
}

/** As registered, in kana, in Latin letters. A name in full-width Latin letters is also given in the plain ones that others can type. */
function namesOf({ name, kana, english, register }: RegisterRecord): Subject['legalName'] {
  if (register) return [{ value: name, lang: register.language }, ...(english ? [{ value: english, lang: 'en' }] : [])]
  const plain = name.normalize('NFKC')
  return [
    { value: name, lang: 'ja' },
    ...(kana ? [{ value: kana, lang: /\p{Script=Hira}/u.test(kana) ? 'ja-Hira' : 'ja-Kana' }] : []),
    ...(/^[ -~]+$/.test(plain) && /[A-Za-z]/.test(plain) ? [{ value: plain, lang: 'und-Latn' }] : []),
    ...(english ? [{ value: english, lang: 'en' }] : []),
  ]
}

/** A name that ends or begins as Japanese companies' do is not a person's. */
const companyName = /(?:株式|有限|合同|合資|合名)会社|法人|組合/

function representativesOf({ representativeName, representativeTitle }: RegisterRecord): Subject['representatives'] | undefined {
  if (!representativeName) return undefined
  const kind = companyName.test(representativeName) ? 'legal' : 'natural'
  return [{ kind, name: representativeName, ...(representativeTitle && { title: representativeTitle }) }]
}

// 処理区分 of the National Tax Agency (resource definition 4.1) that end or shadow an entity.
const closed = '21'
const absorbed = '71'
const nameStruckOff = '81'
const deleted = '99'

/** Whether the register took the number back as given in error. */
export function withdrawn(record: RegisterRecord): boolean {
  return record.process === deleted
}

// 登記記録の閉鎖等の事由, by code or, in gBizINFO, by its words.
const closeCauses: readonly { readonly code: string; readonly words: RegExp; readonly value: Subject['legalStatus']['value']; readonly cause: string }[] = [
  { code: '01', words: /^清算の結了/, value: 'dissolved', cause: '清算の結了等' },
  { code: '11', words: /合併/, value: 'merged', cause: '合併による解散等' },
  { code: '21', words: /登記官/, value: 'struck_off', cause: '登記官による閉鎖' },
  { code: '31', words: /清算の結了/, value: 'dissolved', cause: 'その他の清算の結了等' },
]

/** How a record says that its entity stands. */
export function statusOf(record: RegisterRecord): Subject['legalStatus'] {
  const { process = '', closeCause = '', closedOn, changedOn, changeCause, successor } = record
  const listed = closeCauses.find(({ code, words }) => code === closeCause || words.test(closeCause))
  const since = closedOn && { since: closedOn }
  const successorId = successor && { successorId: { scheme: record.register?.scheme ?? '0188', value: successor } }
  if (record.register) return mappedStatus(record)
  const told = changeCause && { cause: changeCause }
  if (process === absorbed) return { value: 'merged', ...(since || (changedOn && { since: changedOn })), ...told, ...successorId }
  if (listed) return { value: listed.value, ...since, cause: changeCause ?? listed.cause, ...successorId }
  // A closed record whose reason this node does not know is not active, and more it cannot say.
  if (closedOn || closeCause || process === closed || /閉鎖/.test(process)) return { value: 'inactive', ...since, ...told, ...successorId }
  if (process === nameStruckOff) return { value: 'inactive', ...(changedOn && { since: changedOn }), cause: '商号の登記の抹消' }
  return { value: 'active' }
}

/** By the mapping's word; a closed record without one is not active, and more it does not say. */
function mappedStatus({ status, closedOn, closeCause, successor, register }: RegisterRecord): Subject['legalStatus'] {
  const value = status ?? (closedOn ? 'inactive' : 'active')
  if (value === 'active') return { value }
  return {
    value,
    ...(closedOn && { since: closedOn }),
    ...(closeCause && { cause: closeCause }),
    ...(successor && { successorId: { scheme: register?.scheme ?? '0188', value: successor } }),
  }
}

/** The address in one line, as the register writes it; empty where it has none. */
export function fullAddressOf({ address, prefecture = '', city = '', street = '', addressAbroad = '', register }: RegisterRecord): string {
  if (register) return address ?? ([street, city, prefecture].filter(Boolean).join(', ') || addressAbroad)
  return address ?? (prefecture + city + street || addressAbroad)
}

function addressOf(record: RegisterRecord): Subject['registeredAddress'] | undefined {
  const { municipality, postCode } = record
  const full = fullAddressOf(record)
  if (!full || full === record.addressAbroad) return full ? { full } : undefined
  if (record.register) return foreignAddress(record, full)
  const region = record.prefecture ?? prefectures.find((prefecture) => full.startsWith(prefecture))
  const locality = record.city ?? (region && municipality ? localityIn(full.slice(region.length), municipality) : undefined)
  const street = record.street ?? (region && locality ? full.slice(region.length + locality.length) : undefined)
  return {
    full,
    country: 'JP',
    ...(region && { region }),
    ...(locality && { locality }),
    ...(street && { street }),
    ...(postCode && { postCode: postCode.replaceAll('-', '') }),
    ...(municipality && { jp: { localGovernmentCode: municipality + localGovernmentCheckDigit(municipality) } }),
  }
}

function foreignAddress({ country, prefecture, city, street, postCode }: RegisterRecord, full: string): Subject['registeredAddress'] {
  return {
    full,
    ...(country && { country }),
    ...(prefecture && { region: prefecture }),
    ...(city && { locality: city }),
    ...(street && { street }),
    ...(postCode && { postCode }),
  }
}

/**
 * The municipality at the head of an address without its prefecture. Names cannot be cut at the first 市 or 町 (四日市市,
 * 玉村町), but the code says which kind it is: 1xx a ward, 2xx a city, from 3xx a town or village, in a district or on an island.
 */
function localityIn(address: string, municipality: string): string | undefined {
  const kind = municipality.charAt(2)
  if (kind === '1') return /^(?:[^市]+市)?[^市区]+区|^[^市]+市/.exec(address)?.[0]
  if (kind === '2') return /^(?:市[川原]|四日市|廿日市|野々市|[^市]+)市/.exec(address)?.[0]
  return /^(?:[^郡]+郡)?.+?[町村](?![町村])/.exec(address)?.[0]
}

/** JIS X 0401 in its order. */
const prefectures = (
  '北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 東京都 神奈川県 新潟県 富山県 石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県 ' +
  '滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県 岡山県 広島県 山口県 徳島県 香川県 愛媛県 高知県 福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県'
).split(' ')
