/**
 * VAT identification numbers of the European Union, each with its country code (Greece is `EL`, Northern Ireland `XI`).
 *
 * The forms are those of the Commission's VIES; the check digits are each member state's.
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
} from './europe.ts'
import { bare, type IdentifierScheme } from './identifier-scheme.ts'

interface MemberState {
  /** After the country code. */
  readonly form: RegExp
  readonly fits: (number: string) => boolean
}

const digits = (from: number, to = from) => new RegExp(`^\\d{${from},${to}}$`)

const states: Readonly<Record<string, MemberState>> = {
  AT: { form: /^U\d{8}$/, fits: austria },
  BE: { form: /^[01]\d{9}$/, fits: belgianNumberFits },
  BG: { form: digits(9, 10), fits: (number) => (number.length === 9 ? bulgariaCompany(number) : bulgariaPerson(number)) },
  CY: { form: /^(?!12)[0-59]\d{7}[A-Z]$/, fits: cyprus },
  CZ: { form: digits(8, 10), fits: czechia },
  DE: { form: /^[1-9]\d{8}$/, fits: mod11x10 },
  DK: { form: /^[1-9]\d{7}$/, fits: danishNumberFits },
  EE: { form: digits(9), fits: (number) => weighted(number, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 === 0 },
  EL: { form: digits(9), fits: (number) => (weighted(number, [256, 128, 64, 32, 16, 8, 4, 2]) % 11) % 10 === lastDigit(number) },
  ES: { form: /^[0-9A-Z]\d{7}[0-9A-Z]$/, fits: spanishNumberFits },
  FI: { form: digits(8), fits: finnishNumberFits },
  FR: { form: /^[0-9A-HJ-NP-Z]{2}\d{9}$/, fits: france },
  HR: { form: digits(11), fits: mod11x10 },
  HU: { form: digits(8), fits: (number) => weighted(number, [9, 7, 3, 1, 9, 7, 3, 1]) % 10 === 0 },
  IE: { form: /^\d[0-9A-Z+*]\d{5}[A-W][A-IW]?$/, fits: ireland },
  IT: { form: digits(11), fits: italianNumberFits },
  LT: { form: /^(?:\d{7}1\d|\d{10}1\d)$/, fits: lithuania },
  LU: { form: digits(8), fits: (number) => Number(number.slice(0, 6)) % 89 === Number(number.slice(6)) },
  LV: { form: digits(11), fits: latvia },
  MT: { form: /^[1-9]\d{7}$/, fits: (number) => weighted(number, [3, 4, 6, 7, 8, 9, 10, 1]) % 37 === 0 },
  NL: { form: /^\d{9}B\d{2}$/, fits: netherlands },
  PL: { form: digits(10), fits: polishNumberFits },
  PT: { form: /^[1-9]\d{8}$/, fits: (number) => ((11 - (weighted(number, falling(9, 2)) % 11)) % 11) % 10 === lastDigit(number) },
  RO: { form: /^(?:[1-9]\d{1,9}|[1-9]\d{12})$/, fits: romania },
  SE: { form: /^\d{10}01$/, fits: (number) => luhn(number.slice(0, 10)) },
  SI: { form: /^[1-9]\d{7}$/, fits: slovenia },
  SK: { form: /^[1-9]\d[2-4789]\d{7}$/, fits: (number) => remainder(number, 11) === 0 },
  XI: { form: britishVatForm, fits: britishVatFits },
}

const form = new RegExp(
  `^(?:${Object.entries(states)
    .map(([country, state]) => country + state.form.source.slice(1, -1))
    .join('|')})$`,
)

export const euVat = {
  'EU-VAT': { name: 'VAT identification number (European Union)', form, fits, tidy },
} as const satisfies Record<string, IdentifierScheme>

function fits(vat: string): boolean {
  return states[vat.slice(0, 2)]?.fits(vat.slice(2)) === true // The form let only these countries through.
}

/** People write `GR` for Greece, and leave out or bracket the leading zeros of Belgian, Greek and Dutch numbers. */
function tidy(text: string): string {
  return bare(text)
    .replace(/^GR(?=\d)/, 'EL')
    .replace('(0)', '0')
    .replace(/^(BE(?=\d{9}$)|EL(?=\d{8}$))/, '$10')
    .replace(/^NL(\d{1,8})(?=B)/, (_, number: string) => `NL${number.padStart(9, '0')}`)
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

/** A citizen's, a resident foreigner's, or another number: three rules, told apart by nothing but the check digit. */
function bulgariaPerson(number: string): boolean {
  const citizen = (weighted(number, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11) % 10
  const foreigner = weighted(number, [21, 19, 17, 13, 11, 9, 7, 3, 1]) % 10
  const other = (11 - (weighted(number, [4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11
  const day = Number(number.slice(4, 6))
  const month = Number(number.slice(2, 4)) % 20
  const born = day >= 1 && day <= 31 && month >= 1 && month <= 12 && number[2] !== undefined && number[2] <= '5'
  const check = lastDigit(number)
  return (born && citizen === check) || foreigner === check || other === check
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
  return czechBirthNumber(number)
}

/** Year, month (women +50, and +20 where a day ran out of numbers), day, serial; ten digits since 1954 with a check digit. */
function czechBirthNumber(number: string): boolean {
  const month = (Number(number.slice(2, 4)) % 50) % 20
  const day = Number(number.slice(4, 6))
  if (month < 1 || month > 12 || day < 1 || day > 31) return false
  if (number.length === 9) return Number(number.slice(0, 2)) < 54
  return remainder(number.slice(0, 9), 11) % 10 === lastDigit(number)
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

/** Personal codes since 2017 begin with 32 and have no check digit. */
function latvia(number: string): boolean {
  if (number.charAt(0) > '3') return weighted(number, [9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 === 3
  return number.startsWith('32') || ((1 + weighted(number, [10, 5, 8, 4, 2, 1, 6, 3, 7, 9])) % 11) % 10 === lastDigit(number)
}

/** A company's follows the eleven test of its RSIN; a sole proprietor's since 2020 is MOD 97-10 over `NL` and all of it. */
function netherlands(number: string): boolean {
  const rsin = number.slice(0, 9)
  return (remainder(rsin, 10 ** 9) > 0 && (weighted(rsin, falling(9, 2)) - lastDigit(rsin) + 11) % 11 === 0) || mod97(`NL${number}`)
}

function romania(number: string): boolean {
  if (number.length < 13) return ((10 * weighted(number.padStart(10, '0'), [7, 5, 3, 2, 1, 7, 5, 3, 2])) % 11) % 10 === lastDigit(number)
  const rest = weighted(number, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11
  return (rest === 10 ? 1 : rest) === lastDigit(number)
}

function slovenia(number: string): boolean {
  const check = 11 - (weighted(number, falling(8, 2)) % 11)
  return check !== 11 && check % 10 === lastDigit(number)
}
