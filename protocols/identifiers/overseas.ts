/** National registers of Asia, Australia and America. */
import { falling, lastDigit, valuesOf, weighted } from './check-digits.ts'
import { bare, type IdentifierScheme, upright, without } from './identifier-scheme.ts'

/** Australian Business Number: one is taken from the first digit, then weights modulo 89 (Australian Business Register). */
function abnFits(abn: string): boolean {
  return (weighted(abn, [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]) - 10) % 89 === 0
}

// ACRA and others: the kinds of entity in the third form of a UEN.
const uenKinds = 'CC|CD|CH|CL|CM|CP|CS|CX|DP|FB|FC|FM|FN|GA|GB|GS|HS|LL|LP|MB|MC|MD|MH|MM|MQ|NB|NR|PA|PB|PF|RF|RP|SM|SS|TC|TU|VH|XL'
const uenLetters = 'ABCDEFGHJKLMNPQRSTUVWX0123456789'

/** Three forms: businesses (8 digits), local companies (year and 5 digits), other entities, each with a check letter. */
function uenFits(uen: string): boolean {
  if (uen.length === 9) return 'XMKECAWLJDB'.charAt(weighted(uen, [10, 4, 9, 3, 8, 2, 7, 1]) % 11) === uen.charAt(8)
  if (/^\d/.test(uen)) return 'ZKCMDNERGWH'.charAt(weighted(uen, [10, 8, 6, 4, 9, 7, 5, 3, 1]) % 11) === uen.charAt(9)
  const sum = [4, 3, 5, 3, 10, 2, 2, 5, 7].reduce((total, weight, at) => total + weight * uenLetters.indexOf(uen.charAt(at)), 0)
  return uenLetters.charAt((sum - 5) % 11) === uen.charAt(9)
}

const usccLetters = '0123456789ABCDEFGHJKLMNPQRTUWXY'

/** GB 32100-2015: weights 3^n modulo 31. */
function usccFits(code: string): boolean {
  let weight = 1
  let sum = 0
  for (const character of code.slice(0, 17)) {
    sum += usccLetters.indexOf(character) * weight
    weight = (weight * 3) % 31
  }
  return (31 - (sum % 31)) % 31 === usccLetters.indexOf(code.charAt(17))
}

/** Luhn's rule to the base 36 over all 15 characters. */
function gstinFits(gstin: string): boolean {
  const sum = valuesOf(gstin)
    .toReversed()
    .reduce((total, value, at) => total + (at % 2 === 0 ? value : Math.floor((2 * value) / 36) + ((2 * value) % 36)), 0)
  return sum % 36 === 0
}

/** Two check digits; letters count by their code, as in the numbers given out since July 2026. */
function cnpjFits(cnpj: string): boolean {
  const values = Array.from(cnpj, (character) => character.charCodeAt(0) - 48)
  const check = (weights: readonly number[]) => {
    const rest = weights.reduce((sum, weight, at) => sum + weight * (values[at] ?? 0), 0) % 11
    return rest < 2 ? 0 : 11 - rest
  }
  const first = [...falling(5, 2), ...falling(9, 2)]
  return !/^0+$/.test(cnpj) && check(first) === values[12] && check([6, ...first]) === values[13]
}

/** Taiwan, Ministry of Finance, since April 2023: digit sums modulo 5; a 7 in the seventh place counts 10 or 1. */
function ubnFits(ubn: string): boolean {
  const sum = valuesOf(ubn).reduce((total, digit, at) => {
    const product = digit * ([1, 2, 1, 2, 1, 2, 4, 1][at] ?? 0)
    return total + Math.floor(product / 10) + (product % 10)
  }, 0)
  return sum % 5 === 0 || (ubn.charAt(6) === '7' && (sum + 1) % 5 === 0)
}

function thaiFits(tin: string): boolean {
  return (11 - (weighted(tin, falling(13, 2)) % 11)) % 10 === lastDigit(tin)
}

/** Ten digits, and three of a branch. */
function vietnameseFits(mst: string): boolean {
  return mst.slice(2, 9) !== '0000000' && mst.slice(10) !== '000' && 10 - (weighted(mst, [31, 29, 23, 19, 17, 13, 7, 5, 3]) % 11) === Number(mst.charAt(9))
}

export const overseas = {
  '0151': { name: 'ABN (Australia)', form: /^[1-9]\d{10}$/, fits: abnFits },
  '0195': {
    name: 'UEN (Singapore)',
    form: new RegExp(`^(?:\\d{8}[A-Z]|(?:1[89]|20)\\d{7}[A-Z]|[RST]\\d{2}(?:${uenKinds})\\d{4}[0-9A-Z])$`),
    fits: uenFits,
    tidy: upright,
  },
  'BR-CNPJ': { name: 'CNPJ (Brazil)', form: /^[0-9A-Z]{12}\d{2}$/, fits: cnpjFits },
  'CN-USCC': { name: 'Unified social credit code (China)', form: /^[0-9A-HJ-NP-RTUWXY]{2}\d{6}[0-9A-HJ-NP-RTUWXY]{10}$/, fits: usccFits },
  'IN-GSTIN': { name: 'GSTIN (India)', form: /^(?:0[1-9]|[1-3]\d|9[79])[A-Z]{5}\d{4}[A-Z][0-9A-Z]Z[0-9A-Z]$/, fits: gstinFits },
  // The last digit's rule is not published by the National Tax Service, so office, kind and serial are all that is checked.
  'KR-BRN': { name: 'Business registration number (Korea)', form: /^(?!100|0)\d{3}(?!00)\d{2}(?!0000)\d{5}$/ },
  'TH-TIN': { name: 'Taxpayer number (Thailand)', form: /^[0-8]\d{12}$/, fits: thaiFits },
  'TW-UBN': { name: 'Unified business number (Taiwan)', form: /^\d{8}$/, fits: ubnFits },
  'VN-MST': { name: 'Tax code (Viet Nam)', form: /^\d{10}(?:\d{3})?$/, fits: vietnameseFits, tidy: (text) => without(/^VN/)(bare(text)) },
} as const satisfies Record<string, IdentifierScheme>
