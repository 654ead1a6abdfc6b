/** National registers of Asia, Australia and America. */
import { falling, lastDigit, luhn, valuesOf, weighted } from './check-digits.ts'
import { type IdentifierScheme, written } from './identifier-scheme.ts'
import { indonesianPersonFits } from './persons.ts'

/**
 * Australian Business Number: one is taken from the first digit, then weights modulo 89.
 *
 * @see A New Tax System (Australian Business Number) Act 1999; Australian Business Register, Format of the ABN
 */
function abnFits(abn: string): boolean {
  return (weighted(abn, [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]) - 10) % 89 === 0
}

// ACRA and others: the kinds of entity in the third form of a UEN.
const uenKinds = 'CC|CD|CH|CL|CM|CP|CS|CX|DP|FB|FC|FM|FN|GA|GB|GS|HS|LL|LP|MB|MC|MD|MH|MM|MQ|NB|NR|PA|PB|PF|RF|RP|SM|SS|TC|TU|VH|XL'
const uenLetters = 'ABCDEFGHJKLMNPQRSTUVWX0123456789'

/**
 * Three forms: businesses (8 digits), local companies (year and 5 digits), other entities, each with a check letter.
 *
 * @see Accounting and Corporate Regulatory Authority (ACRA), Unique Entity Number: the forms and kinds of entity. It does not publish the letters' rules.
 */
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

/**
 * State, PAN (its fourth letter is the kind of holder), number of the registration, Z, and a check character: Luhn's rule to the base 36 over all 15.
 *
 * @see India, Central Goods and Services Tax Rules 2017, rule 10
 */
function gstinFits(gstin: string): boolean {
  const sum = valuesOf(gstin)
    .toReversed()
    .reduce((total, value, at) => total + (at % 2 === 0 ? value : Math.floor((2 * value) / 36) + ((2 * value) % 36)), 0)
  return sum % 36 === 0
}

/**
 * Two check digits, modulo 11; letters count by their code less 48, as in the numbers given out since July 2026.
 *
 * @see Receita Federal do Brasil, Normative Instruction RFB 2.229/2024 (alphanumeric CNPJ)
 */
function cnpjFits(cnpj: string): boolean {
  const values = Array.from(cnpj, (character) => character.charCodeAt(0) - 48)
  const check = (weights: readonly number[]) => {
    const rest = weights.reduce((sum, weight, at) => sum + weight * (values[at] ?? 0), 0) % 11
    return rest < 2 ? 0 : 11 - rest
  }
  const first = [...falling(5, 2), ...falling(9, 2)]
  return !/^0+$/.test(cnpj) && check(first) === values[12] && check([6, ...first]) === values[13]
}

/** Taiwan, Ministry of Finance, rule of the unified number since April 2023: digit sums modulo 5; a 7 in the seventh place counts 10 or 1. */
function ubnFits(ubn: string): boolean {
  const sum = valuesOf(ubn).reduce((total, digit, at) => {
    const product = digit * ([1, 2, 1, 2, 1, 2, 4, 1][at] ?? 0)
    return total + Math.floor(product / 10) + (product % 10)
  }, 0)
  return sum % 5 === 0 || (ubn.charAt(6) === '7' && (sum + 1) % 5 === 0)
}

/** @see Thailand, Revenue Department (13 digits since 2012); Department of Provincial Administration for persons: modulo 11 */
function thaiFits(tin: string): boolean {
  return (11 - (weighted(tin, falling(13, 2)) % 11)) % 10 === lastDigit(tin)
}

/**
 * Ten digits, and three of a branch.
 *
 * @see Viet Nam, Circular 105/2020/TT-BTC, art. 5 (structure), since 2025 Circular 86/2024/TT-BTC
 */
function vietnameseFits(mst: string): boolean {
  return mst.slice(2, 9) !== '0000000' && mst.slice(10) !== '000' && 10 - (weighted(mst, [31, 29, 23, 19, 17, 13, 7, 5, 3]) % 11) === Number(mst.charAt(9))
}

/**
 * Fifteen digits: nine with a Luhn digit, three of the tax office, three of the branch. Sixteen since 2024: the same behind a 0, or a
 * citizen's NIK.
 *
 * @see Indonesia, Regulation of the Minister of Finance 112/PMK.03/2022, amended by 136/2023
 */
function npwpFits(npwp: string): boolean {
  if (npwp.length === 15) return luhn(npwp.slice(0, 9))
  return npwp.startsWith('0') ? luhn(npwp.slice(0, 10)) : indonesianPersonFits(npwp)
}

export const overseas = {
  '0151': { name: 'ABN (Australia)', form: /^[1-9]\d{10}$/, fits: abnFits, tidy: written(' ') },
  '0195': {
    name: 'UEN (Singapore)',
    form: new RegExp(`^(?:\\d{8}[A-Z]|(?:1[89]|20)\\d{7}[A-Z]|[RST]\\d{2}(?:${uenKinds})\\d{4}[0-9A-Z])$`),
    fits: uenFits,
  },
  'BR-CNPJ': { name: 'CNPJ (Brazil)', form: /^[0-9A-Z]{12}\d{2}$/, fits: cnpjFits, tidy: written(' -./') },
  'CN-USCC': {
    name: 'Unified social credit code (China)',
    form: /^[0-9A-HJ-NP-RTUWXY]{2}\d{6}[0-9A-HJ-NP-RTUWXY]{10}$/,
    fits: usccFits,
    tidy: written(' -'),
  },
  'ID-NPWP': { name: 'NPWP (Indonesia)', form: /^\d{15,16}$/, fits: npwpFits, tidy: written(' -.') },
  'IN-GSTIN': {
    name: 'GSTIN (India)',
    form: /^(?:0[1-9]|[12]\d|3[0-8]|9[79])[A-Z]{3}[ABCFGHJKLPT][A-Z](?!0000)\d{4}[A-Z][1-9A-Z]Z[0-9A-Z]$/,
    fits: gstinFits,
    tidy: written(' -'),
  },
  // The last digit's rule is not published by the National Tax Service, so office, kind and serial are all that is checked.
  'KR-BRN': { name: 'Business registration number (Korea)', form: /^(?!100|0)\d{3}(?!00)\d{2}(?!0000)\d{5}$/, tidy: written(' -') },
  'TH-TIN': { name: 'Taxpayer number (Thailand)', form: /^[0-8]\d{12}$/, fits: thaiFits, tidy: written(' -') },
  'TW-UBN': { name: 'Unified business number (Taiwan)', form: /^\d{8}$/, fits: ubnFits, tidy: written(' -') },
  'VN-MST': { name: 'Tax code (Viet Nam)', form: /^\d{10}(?:\d{3})?$/, fits: vietnameseFits, tidy: written(' -.') },
} as const satisfies Record<string, IdentifierScheme>
