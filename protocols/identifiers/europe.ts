/** National registers of Europe. Where a state also uses the number for VAT, `eu-vat.ts` has it with its country code. */
import { lastDigit, luhn, mod97, valuesOf, weighted } from './check-digits.ts'
import { type IdentifierScheme, written } from './identifier-scheme.ts'

/**
 * Enterprise number: the last two digits are 97 less the remainder of the first eight by 97.
 *
 * @see Belgium, Law of 16 January 2003 on the Crossroads Bank for Enterprises, which numbers its entities so
 */
export function belgianNumberFits(number: string): boolean {
  return 97 - (Number(number.slice(0, 8)) % 97) === Number(number.slice(8))
}

/** @see Denmark, Act on the Central Business Register; the weights are those of the Danish Business Authority, modulo 11 */
export function danishNumberFits(number: string): boolean {
  return weighted(number, [2, 7, 6, 5, 4, 3, 2, 1]) % 11 === 0
}

/** @see Finland, Business Information Act 244/2001; the weights are those of the Patent and Registration Office, modulo 11 */
export function finnishNumberFits(number: string): boolean {
  return weighted(number, [7, 9, 10, 5, 8, 4, 2, 1]) % 11 === 0
}

/** @see France, Code de commerce, art. R. 123-220 and following (Sirene, kept by INSEE): ISO/IEC 7812-1, Luhn */
export function frenchSirenFits(number: string): boolean {
  return luhn(number)
}

/** SIREN and five digits, Luhn over all; La Poste's branches, but not its seat, have numbers whose digits sum to a multiple of five (INSEE). */
function frenchSiretFits(number: string): boolean {
  const branchOfPost = number.startsWith('356000000') && number !== '35600000000048'
  const sum = valuesOf(number).reduce((total, digit) => total + digit, 0)
  return luhn(number.slice(0, 9)) && (branchOfPost ? sum % 5 === 0 : luhn(number))
}

/**
 * Seven digits of the holder, three of the tax office, one check digit by Luhn.
 *
 * @see Italy, DPR 633/1972, art. 35; Ministerial Decree of 23 December 1976 on the codes of the tax register
 */
export function italianNumberFits(number: string): boolean {
  const office = Number(number.slice(7, 10))
  return !number.startsWith('0000000') && ((office >= 1 && office <= 100) || [120, 121, 888, 999].includes(office)) && luhn(number)
}

/** @see Poland, Act of 13 October 1995 on the registration and identification of taxpayers; weights modulo 11 */
export function polishNumberFits(number: string): boolean {
  return weighted(number, [6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11 === lastDigit(number)
}

const personLetters = 'TRWAGMYFPDXBNJZSQVHLCKE'

/**
 * DNI and NIE of natural persons, NIF of legal ones.
 *
 * What kind of entity has a letter as its check and which a digit is told in different ways, so for each of them both are taken.
 *
 * @see Spain, Royal Decree 1065/2007, art. 18 to 28; Order EHA/451/2008 (the letters of legal persons)
 */
export function spanishNumberFits(number: string): boolean {
  const person = number
    .replace(/^[KLMX]/, '0')
    .replace(/^Y/, '1')
    .replace(/^Z/, '2')
  if (/^\d{8}[A-Z]$/.test(person)) return personLetters.charAt(Number(person.slice(0, 8)) % 23) === number.charAt(8)
  if (!/^[A-HJNP-SUVW]/.test(number)) return false
  const check = (10 - (luhnBase(number.slice(1, 8)) % 10)) % 10
  return number.charAt(8) === String(check) || number.charAt(8) === 'JABCDEFGHI'.charAt(check)
}

/** Luhn sum of digits whose check digit is yet to come. */
function luhnBase(digits: string): number {
  const doubled = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9]
  return valuesOf(digits).reduce((sum, digit, at) => sum + (at % 2 === 0 ? (doubled[digit] ?? 0) : digit), 0)
}

/**
 * Nine digits leave 0 modulo 97 under the weights 8 to 2 and 10, 1; from 100 on also 42 (numbers since 2009).
 * Government departments have `GD` below 500, health authorities `HA` from 500.
 *
 * @see HM Revenue and Customs, VAT registration numbers
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

/** @see Norway, Act on the Central Coordinating Register for Legal Entities (1994); the Brønnøysund Register Centre's weights, modulo 11 */
function norwegianNumberFits(number: string): boolean {
  return (11 - (weighted(number, [3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11 === lastDigit(number)
}

/** @see Switzerland, Federal Act on the Enterprise Identification Number (SR 431.03); eCH-0097: weights modulo 11 */
function swissUidFits(uid: string): boolean {
  return (11 - (weighted(uid.slice(3), [5, 4, 3, 2, 7, 6, 5, 4]) % 11)) % 11 === lastDigit(uid)
}

/**
 * MOD 97-10 over the text without its hyphens; the address begins with a state of the federation, or 99 for the federation.
 *
 * @see KoSIT, Leitweg-ID format specification 2.0.2, 2.1 (parts), 2.2.1 (states), 2.4 (check digits)
 */
function leitwegFits(id: string): boolean {
  const state = Number(id.slice(0, 2))
  return ((state >= 1 && state <= 16) || state === 99) && mod97(id.replaceAll('-', ''))
}

export const europe = {
  '0002': { name: 'SIREN (France)', form: /^\d{9}$/, fits: frenchSirenFits, tidy: written(' .') },
  // Act (1974:174) on identity designations of legal persons: Luhn.
  '0007': { name: 'Organisationsnummer (Sweden)', form: /^\d{10}$/, fits: luhn, tidy: written(' -.') },
  '0009': { name: 'SIRET (France)', form: /^\d{14}$/, fits: frenchSiretFits, tidy: written(' .') },
  // Handelsregisterwet 2007: eight digits, none of them a check digit.
  '0106': { name: 'KvK number (Netherlands)', form: /^\d{8}$/, tidy: written(' .') },
  '0183': { name: 'UID (Switzerland)', form: /^CHE\d{9}$/, fits: swissUidFits, tidy: swissUid },
  '0184': { name: 'CVR number (Denmark)', form: /^[1-9]\d{7}$/, fits: danishNumberFits, tidy: written(' -.,/:', /^DK/) },
  '0192': { name: 'Organisasjonsnummer (Norway)', form: /^\d{9}$/, fits: norwegianNumberFits, tidy: written(' ') },
  // Nobody separates its parts by anything but the hyphens it has.
  '0204': {
    name: 'Leitweg-ID (Germany)',
    form: /^(?=.{5,46}$)\d{2,12}(?:-[0-9A-Z]{0,30})?-\d{2}$/,
    fits: leitwegFits,
    tidy: (text) => text.trim().toUpperCase(),
  },
  '0208': { name: 'Enterprise number (Belgium)', form: /^[01]\d{9}$/, fits: belgianNumberFits, tidy: (text) => zeroedBelgian(written(' -./', /^BE/)(text)) },
  '0211': { name: 'Partita IVA (Italy)', form: /^\d{11}$/, fits: italianNumberFits, tidy: written(' -:', /^IT/) },
  '0212': { name: 'Business ID (Finland)', form: /^\d{8}$/, fits: finnishNumberFits, tidy: written(' -', /^FI/) },
  // UID and the register of VAT in one of the country's languages (Federal Tax Administration).
  'CH-VAT': {
    name: 'VAT number (Switzerland)',
    form: /^CHE\d{9}(?:MWST|TVA|IVA|TPV)$/,
    fits: (number) => swissUidFits(number.slice(0, 12)),
    tidy: swissUid,
  },
  // Register (HRA, HRB, …), number, and the letters some courts add since they took over another's register.
  'DE-HR': { name: 'Register number of a German court', form: /^(?:HRA|HRB|GNR|GSR|PR|VR) [1-9]\d{0,5}(?: [A-Z]{1,4})?$/, tidy: germanRegister },
  'ES-NIF': { name: 'NIF (Spain)', form: /^[0-9A-Z]\d{7}[0-9A-Z]$/, fits: spanishNumberFits, tidy: written(' -', /^ES/) },
  'GB-CRN': { name: 'Company number (Companies House)', form: /^(?:\d{8}|[A-Z]{2}\d{6}|[A-Z]{2}\d{5}[A-Z])$/, tidy: written(' ') },
  'GB-VAT': { name: 'VAT registration number (United Kingdom)', form: britishVatForm, fits: britishVatFits, tidy: written(' -.', /^(?:GB|XI)/) },
  'NO-MVA': {
    name: 'VAT number (Norway)',
    form: /^\d{9}MVA$/,
    fits: (number) => norwegianNumberFits(number.slice(0, 9)),
    tidy: written(' ', /^NO/),
  },
  'PL-NIP': { name: 'NIP (Poland)', form: /^\d{10}$/, fits: polishNumberFits, tidy: written(' -', /^PL/) },
} as const satisfies Record<string, IdentifierScheme>

/** Ten digits: the first was left out before 2005, or is put in brackets. */
export function zeroedBelgian(number: string): string {
  return number.replace(/^\(0\)/, '0').replace(/^(?=\d{9}$)/, '0')
}

function swissUid(text: string): string {
  return written(' -.')(text).replace(/^(?=\d{9}$)/, 'CHE')
}

function germanRegister(text: string): string {
  return written(' .-')(text).replace(/^([A-Z]{2,3}?)(\d+)([A-Z]*)$/, (_, register: string, number: string, suffix: string) =>
    [register, number.replace(/^0+/, ''), suffix].filter(Boolean).join(' '),
  )
}
