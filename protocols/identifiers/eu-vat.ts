/**
 * VAT identification numbers of the European Union, each with its country code (Greece is `EL`, Northern Ireland `XI`).
 *
 * The forms are those of the Commission's VIES (Directive 2006/112/EC, art. 215; Regulation (EU) 904/2010); the check digits are each
 * member state's own, as its tax authority or the law named at the number states them.
 */
import { digitSum, falling, lastDigit, luhn, mod11x10, mod97, remainder, valuesOf, weighted } from './check-digits.ts'
import {
  belgianNumberFits,
  britishVatFits,
  britishVatForm,
  danishNumberFits,
  finnishNumberFits,
  frenchSirenFits,
  italianNumberFits,
  polishNumberFits,
  spanishNumberFits,
  zeroedBelgian,
} from './europe.ts'
import { type IdentifierScheme, upright, without, written } from './identifier-scheme.ts'
import { birthNumberFits, bulgarianPersonFits, latvianPersonFits, romanianPersonFits } from './persons.ts'

interface MemberState {
  /** After the country code. */
  readonly form: RegExp
  readonly fits: (number: string) => boolean
  /** What people put between the digits. */
  readonly separators: string
  /** What people leave out, without separators. */
  readonly tidy?: (number: string) => string
}

const digits = (from: number, to = from) => new RegExp(`^\\d{${from},${to}}$`)

const states: Readonly<Record<string, MemberState>> = {
  AT: { form: /^U\d{8}$/, fits: austria, separators: ' -./' },
  BE: { form: /^[01]\d{9}$/, fits: belgianNumberFits, separators: ' -./', tidy: zeroedBelgian },
  BG: { form: digits(9, 10), fits: (number) => (number.length === 9 ? bulgariaCompany(number) : bulgarianPersonFits(number)), separators: ' -.' },
  CY: { form: /^(?!12)\d{8}[A-Z]$/, fits: cyprus, separators: ' -' },
  CZ: { form: digits(8, 10), fits: czechia, separators: ' /' },
  DE: { form: /^[1-9]\d{8}$/, fits: mod11x10, separators: ' -./,' },
  DK: { form: /^[1-9]\d{7}$/, fits: danishNumberFits, separators: ' -.,/:' },
  EE: { form: digits(9), fits: (number) => weighted(number, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 === 0, separators: ' ' },
  EL: { form: digits(9), fits: greece, separators: ' -./:', tidy: (number) => (number.length === 8 ? `0${number}` : number) },
  ES: { form: /^[0-9A-Z]\d{7}[0-9A-Z]$/, fits: spanishNumberFits, separators: ' -' },
  // The One Stop Shop of sellers from outside the Union, and of imports (Implementing Regulation (EU) 2020/194, annex): no check digit.
  EU: { form: new RegExp(`^(?:${oneStopStates()})\\d{6}$`), fits: () => true, separators: ' -' },
  FI: { form: digits(8), fits: finnishNumberFits, separators: ' -' },
  FR: { form: /^[0-9A-HJ-NP-Z]{2}\d{9}$/, fits: france, separators: ' -.' },
  HR: { form: digits(11), fits: mod11x10, separators: ' -' },
  HU: { form: digits(8), fits: (number) => weighted(number, [9, 7, 3, 1, 9, 7, 3, 1]) % 10 === 0, separators: ' -' },
  IE: { form: /^\d[0-9A-Z+*]\d{5}[A-W][A-IW]?$/, fits: ireland, separators: ' -' },
  IM: { form: new RegExp(`^(?:${oneStopStates()})\\d{7}$`), fits: () => true, separators: ' -' },
  IT: { form: digits(11), fits: italianNumberFits, separators: ' -:' },
  LT: { form: /^(?:\d{7}1\d|\d{10}1\d)$/, fits: lithuania, separators: ' -' },
  LU: { form: digits(8), fits: (number) => Number(number.slice(0, 6)) % 89 === Number(number.slice(6)), separators: ' :.-' },
  LV: { form: digits(11), fits: latvia, separators: ' -' },
  MT: { form: /^[1-9]\d{7}$/, fits: (number) => weighted(number, [3, 4, 6, 7, 8, 9, 10, 1]) % 37 === 0, separators: ' -' },
  NL: { form: /^\d{9}B\d{2}$/, fits: netherlands, separators: ' -.', tidy: zeroed },
  PL: { form: digits(10), fits: polishNumberFits, separators: ' -' },
  PT: { form: /^[1-9]\d{8}$/, fits: (number) => ((11 - (weighted(number, falling(9, 2)) % 11)) % 11) % 10 === lastDigit(number), separators: ' -.' },
  RO: { form: /^(?:[1-9]\d{1,9}|[1-9]\d{12})$/, fits: romania, separators: ' -' },
  SE: { form: /^\d{10}01$/, fits: (number) => luhn(number.slice(0, 10)), separators: ' -.' },
  SI: { form: /^[1-9]\d{7}$/, fits: slovenia, separators: ' -' },
  SK: { form: digits(10), fits: slovakia, separators: ' -' },
  XI: { form: britishVatForm, fits: britishVatFits, separators: ' -.' },
}

const form = new RegExp(
  `^(?:${Object.entries(states)
    .map(([country, state]) => country + state.form.source.slice(1, -1))
    .join('|')})$`,
)

export const euVat = {
  'EU-VAT': { name: 'VAT identification number (European Union)', form, fits, tidy },
  // Without its country code; what Dutch sellers print beside or instead of the other.
  'NL-BTW': { name: 'Btw-identificatienummer (Netherlands)', form: /^\d{9}B\d{2}$/, fits: netherlands, tidy: dutch },
} as const satisfies Record<string, IdentifierScheme>

function fits(vat: string): boolean {
  return states[vat.slice(0, 2)]?.fits(vat.slice(2)) === true // The form let only these countries through.
}

/** People write `GR` for Greece, and the country code twice where a form has printed it already: that stays wrong. */
function tidy(text: string): string {
  const whole = upright(text)
  const country = whole.startsWith('GR') ? 'EL' : whole.slice(0, 2)
  const state = Object.hasOwn(states, country) ? states[country] : undefined
  if (!state) return whole
  const number = without(state.separators, whole.slice(2))
  return country + (state.tidy?.(number) ?? number)
}

function dutch(text: string): string {
  return zeroed(written(' -.', /^NL/)(text))
}

/** Nine digits before the letter, where leading zeros are missing. */
function zeroed(number: string): string {
  return number.replace(/^\d{1,8}(?=B)/, (rsin) => rsin.padStart(9, '0'))
}

/** ISO 3166-1 numeric codes of the member states of identification; 900 is Northern Ireland. */
function oneStopStates(): string {
  return '040|056|100|191|196|203|208|233|246|250|276|300|348|372|380|428|440|442|470|528|616|620|642|703|705|724|752|900'
}

function greece(number: string): boolean {
  return (weighted(number, [256, 128, 64, 32, 16, 8, 4, 2]) % 11) % 10 === lastDigit(number)
}

function austria(number: string): boolean {
  const sum = valuesOf(number.slice(1, 8)).reduce((total, digit, at) => total + (at % 2 === 0 ? digit : digitSum(2 * digit)), 4)
  return (10 - (sum % 10)) % 10 === lastDigit(number)
}

function bulgariaCompany(number: string): boolean {
  const first = weighted(number, [1, 2, 3, 4, 5, 6, 7, 8]) % 11
  const check = first < 10 ? first : (weighted(number, [3, 4, 5, 6, 7, 8, 9, 10]) % 11) % 10
  return check === lastDigit(number)
}

function cyprus(number: string): boolean {
  const odd = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21]
  const sum = valuesOf(number.slice(0, 8)).reduce((total, digit, at) => total + (at % 2 === 0 ? (odd[digit] ?? 0) : digit), 0)
  return number.charCodeAt(8) - 65 === sum % 26
}

function czechia(number: string): boolean {
  if (number.length === 8) return number[0] !== '9' && (11 - (weighted(number, falling(8, 2)) % 11)) % 10 === lastDigit(number)
  if (number.length === 9 && number[0] === '6') {
    const rest = weighted(number.slice(1), falling(8, 2)) % 11
    return (8 - ((10 - rest) % 11) + 10) % 10 === lastDigit(number)
  }
  return birthNumberFits(number)
}

const frenchKey = '0123456789ABCDEFGHJKLMNPQRSTUVWXYZ'

/** The key in its numeric form, or in one of the two with a letter. Monaco's numbers begin with 000 and are no SIREN. */
function france(number: string): boolean {
  const siren = number.slice(2)
  if (!siren.startsWith('000') && !frenchSirenFits(siren)) return false
  if (/^\d\d/.test(number)) return (12 + 3 * (Number(siren) % 97)) % 97 === Number(number.slice(0, 2))
  const [first, second] = [frenchKey.indexOf(number.charAt(0)), frenchKey.indexOf(number.charAt(1))]
  const key = first < 10 ? first * 24 + second - 10 : first * 34 + second - 100
  return (Number(siren) + 1 + Math.floor(key / 11)) % 11 === key % 11
}

const irishLetters = 'WABCDEFGHIJKLMNOPQRSTUV'

function ireland(number: string): boolean {
  const oldStyle = /^\d[A-Z+*]/.test(number)
  const seven = oldStyle ? `0${number.slice(2, 7)}${number.charAt(0)}` : number.slice(0, 7)
  const suffix = Math.max(0, irishLetters.indexOf(number.charAt(8) || 'W'))
  return irishLetters.charAt((weighted(seven, falling(8, 2)) + 9 * suffix) % 23) === number.charAt(7)
}

function lithuania(number: string): boolean {
  const base = number.slice(0, -1)
  const weights = (shift: number) => Array.from(base, (_, at) => 1 + ((at + shift) % 9))
  const first = weighted(base, weights(0)) % 11
  return (first < 10 ? first : (weighted(base, weights(2)) % 11) % 10) === lastDigit(number)
}

/** A legal person's begins with 4 or more, else it is a personal code. */
function latvia(number: string): boolean {
  return number.charAt(0) > '3' ? weighted(number, [9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 === 3 : latvianPersonFits(number)
}

/** A company's follows the eleven test of its RSIN; a sole proprietor's since 2020 is MOD 97-10 over `NL` and all of it. */
function netherlands(number: string): boolean {
  const rsin = number.slice(0, 9)
  const company = (weighted(rsin, falling(9, 2)) - lastDigit(rsin) + 11) % 11 === 0
  return Number(rsin) > 0 && !number.endsWith('B00') && (company || mod97(`NL${number}`))
}

function romania(number: string): boolean {
  if (number.length < 13) return ((10 * weighted(number.padStart(10, '0'), [7, 5, 3, 2, 1, 7, 5, 3, 2])) % 11) % 10 === lastDigit(number)
  return romanianPersonFits(number)
}

function slovenia(number: string): boolean {
  const check = 11 - (weighted(number, falling(8, 2)) % 11)
  return check !== 11 && check % 10 === lastDigit(number)
}

/** A company's, divisible by 11; a natural person's may be the birth number. */
function slovakia(number: string): boolean {
  return (/^[1-9]\d[2-4789]/.test(number) && remainder(number, 11) === 0) || birthNumberFits(number)
}
