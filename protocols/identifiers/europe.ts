/** National registers of Europe. */
import { lastDigit, luhn, mod97, valuesOf, weighted } from './check-digits.ts'
import { bare, type IdentifierScheme, upright, without } from './identifier-scheme.ts'

/** Enterprise number: the last two digits are 97 less the remainder of the first eight. */
export function belgianNumberFits(number: string): boolean {
  return 97 - (Number(number.slice(0, 8)) % 97) === Number(number.slice(8))
}

export function danishNumberFits(number: string): boolean {
  return weighted(number, [2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0
}

export function finnishNumberFits(number: string): boolean {
  return weighted(number, [7, 9, 10, 5, 8, 4, 2, 1]) % 11 === 0
}

export function frenchSirenFits(number: string): boolean {
  return luhn(number)
}

/** La Poste gives its branches numbers whose digits sum to a multiple of five; its seat keeps to Luhn. */
function frenchSiretFits(number: string): boolean {
  if (!luhn(number.slice(0, 9))) return false
  if (luhn(number)) return true
  return number.startsWith('356000000') && valuesOf(number).reduce((sum, digit) => sum + digit, 0) % 5 === 0
}

/** Seven digits of the holder, three of the tax office, one check digit. */
export function italianNumberFits(number: string): boolean {
  const office = Number(number.slice(7, 10))
  return !number.startsWith('0000000') && ((office >= 1 && office <= 100) || [120, 121, 888, 999].includes(office)) && luhn(number)
}

export function polishNumberFits(number: string): boolean {
  return weighted(number, [6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 === lastDigit(number)
}

const personLetters = 'TRWAGMYFPDXBNJZSQVHLCKE'

/** DNI and NIE of natural persons, NIF of legal ones (Orden EHA/451/2008). */
export function spanishNumberFits(number: string): boolean {
  const person = number
    .replace(/^[KLMX]/, '0')
    .replace(/^Y/, '1')
    .replace(/^Z/, '2')
  if (/^\d{8}[A-Z]$/.test(person)) return personLetters.charAt(Number(person.slice(0, 8)) % 23) === number.charAt(8)
  if (!/^[A-HJNP-SUVW]/.test(number)) return false
  const check = (10 - (luhnBase(number.slice(1, 8)) % 10)) % 10
  const asDigit = number.charAt(8) === String(check)
  const asLetter = number.charAt(8) === 'JABCDEFGHI'.charAt(check)
  if (/^[NPQRSW]/.test(number)) return asLetter
  return /^[ABEH]/.test(number) ? asDigit : asDigit || asLetter
}

/** Luhn sum of digits whose check digit is yet to come. */
function luhnBase(digits: string): number {
  const doubled = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9]
  return valuesOf(digits).reduce((sum, digit, at) => sum + (at % 2 === 0 ? (doubled[digit] ?? 0) : digit), 0)
}

/**
 * Nine digits leave 0 modulo 97 under the weights 8 to 2 and 10, 1; from 100 on also 42 (numbers since 2009).
 * Government departments have `GD` below 500, health authorities `HA` from 500.
 */
export function britishVatFits(number: string): boolean {
  const letters = number.slice(0, 2)
  if (letters === 'GD' || letters === 'HA') return governmentFits(letters, number.slice(2))
  const rest = weighted(number, [8, 7, 6, 5, 4, 3, 2, 10, 1]) % 97
  return Number(number.slice(0, 9)) > 0 && (rest === 0 || (Number(number.slice(0, 3)) >= 100 && (rest === 42 || rest === 55)))
}

/** Three digits, or since the longer form 8888, three digits and their remainder modulo 97. */
function governmentFits(letters: string, digits: string): boolean {
  const serial = Number(digits.slice(-5).slice(0, 3))
  if (digits.length === 9 && serial % 97 !== Number(digits.slice(7))) return false
  return letters === 'GD' ? serial < 500 : serial >= 500
}

/** The forms that `britishVatFits` takes. */
export const britishVatForm = /^(?:\d{9}|\d{12}|(?:GD|HA)(?:8888\d{2})?\d{3})$/

function norwegianNumberFits(number: string): boolean {
  return (11 - (weighted(number, [3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11 === lastDigit(number)
}

function swissUidFits(uid: string): boolean {
  return (11 - (weighted(uid.slice(3), [5, 4, 3, 2, 7, 6, 5, 4]) % 11)) % 11 === lastDigit(uid)
}

/** MOD 97-10 over the text without its hyphens; the address begins with a state of the federation, or 99. */
function leitwegFits(id: string): boolean {
  const state = Number(id.slice(0, 2))
  return ((state >= 1 && state <= 16) || state === 99) && mod97(id.replaceAll('-', ''))
}

export const europe = {
  '0002': { name: 'SIREN (France)', form: /^\d{9}$/, fits: frenchSirenFits },
  '0007': { name: 'Organisationsnummer (Sweden)', form: /^\d{10}$/, fits: luhn },
  '0009': { name: 'SIRET (France)', form: /^\d{14}$/, fits: frenchSiretFits },
  '0183': { name: 'UID (Switzerland)', form: /^CHE\d{9}$/, fits: swissUidFits, tidy: swissUid },
  '0184': { name: 'CVR number (Denmark)', form: /^[1-9]\d{7}$/, fits: danishNumberFits, tidy: without(/^DK/) },
  '0192': { name: 'Organisasjonsnummer (Norway)', form: /^\d{9}$/, fits: norwegianNumberFits },
  '0204': { name: 'Leitweg-ID (Germany)', form: /^(?:\d{2,3}|\d{5}|\d{8,9}|\d{12})(?:-[0-9A-Z]{1,30})?-\d{2}$/, fits: leitwegFits, tidy: upright },
  '0208': {
    name: 'Enterprise number (Belgium)',
    form: /^[01]\d{9}$/,
    fits: belgianNumberFits,
    tidy: (text) => without(/^BE/)(text).replace(/^(?=\d{9}$)/, '0'),
  },
  '0211': { name: 'Partita IVA (Italy)', form: /^\d{11}$/, fits: italianNumberFits, tidy: without(/^IT/) },
  '0212': { name: 'Business ID (Finland)', form: /^\d{8}$/, fits: finnishNumberFits },
  // Register (HRA, HRB, …), number, and the letters some courts add since they took over another's register.
  'DE-HR': { name: 'Register number of a German court', form: /^(?:HRA|HRB|GNR|GSR|PR|VR) [1-9]\d{0,5}(?: [A-Z]{1,4})?$/, tidy: germanRegister },
  'ES-NIF': { name: 'NIF (Spain)', form: /^[0-9A-Z]\d{7}[0-9A-Z]$/, fits: spanishNumberFits, tidy: without(/^ES(?=.{9}$)/) },
  'GB-CRN': { name: 'Company number (Companies House)', form: /^(?:\d{8}|[A-Z]{2}\d{6}|[A-Z]{2}\d{5}[A-Z])$/ },
  'GB-VAT': { name: 'VAT registration number (United Kingdom)', form: britishVatForm, fits: britishVatFits, tidy: without(/^GB/) },
  'NO-MVA': {
    name: 'VAT number (Norway)',
    form: /^\d{9}MVA$/,
    fits: (number) => norwegianNumberFits(number.slice(0, 9)),
    tidy: without(/^NO/),
  },
  'PL-NIP': { name: 'NIP (Poland)', form: /^\d{10}$/, fits: polishNumberFits, tidy: without(/^PL/) },
} as const satisfies Record<string, IdentifierScheme>

function swissUid(text: string): string {
  return bare(text)
    .replace(/(?:MWST|TVA|IVA|HR|RC)$/, '')
    .replace(/^(?=\d{9}$)/, 'CHE')
}

function germanRegister(text: string): string {
  return bare(text).replace(/^([A-Z]{2,3}?)(\d+)([A-Z]*)$/, (_, register: string, number: string, suffix: string) =>
    [register, number.replace(/^0+/, ''), suffix].filter(Boolean).join(' '),
  )
}
