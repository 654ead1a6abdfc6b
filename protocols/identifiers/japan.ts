/** Japan: corporate number, qualified invoice issuer, municipality codes. */
import { lastDigit, valuesOf, weighted } from './check-digits.ts'
import { type IdentifierScheme, written } from './identifier-scheme.ts'

/**
 * Check digit of a corporate number (法人番号), from 1 to 9.
 *
 * @param base the 12 digits after the check digit
 * @see Ordinance of the Ministry of Finance 70/2014, art. 2: 9 − (Σ Pn·Qn mod 9), Pn counted from the right, Qn 1 for odd n and 2 for even
 */
export function corporateNumberCheckDigit(base: string): number {
  const sum = valuesOf(base)
    .toReversed()
    .reduce((total, digit, at) => total + digit * (at % 2 === 0 ? 1 : 2), 0)
  return 9 - (sum % 9)
}

/**
 * Check digit of a municipality code (全国地方公共団体コード).
 *
 * @param code five digits: prefecture (JIS X 0401) and municipality (JIS X 0402)
 * @see Ministry of Internal Affairs and Communications: weights 6 to 2; 11 − (sum mod 11), its last digit
 */
export function localGovernmentCheckDigit(code: string): number {
  return (11 - (weighted(code, [6, 5, 4, 3, 2]) % 11)) % 10
}

function corporateNumberFits(number: string): boolean {
  return Number(number[0]) === corporateNumberCheckDigit(number.slice(1))
}

/** JIS X 0401 has the prefectures 01 to 47. */
function prefectureFits(code: string): boolean {
  const prefecture = Number(code.slice(0, 2))
  return prefecture >= 1 && prefecture <= 47
}

export const japan = {
  '0188': { name: 'Corporate Number (法人番号)', form: /^[1-9]\d{12}$/, fits: corporateNumberFits, tidy: written(' -') },
  // A sole proprietor's 13 digits follow no published rule and cannot be told from a corporation's, so only the form is checked.
  '0221': { name: 'Qualified invoice issuer number (適格請求書発行事業者登録番号)', form: /^T\d{13}$/, tidy: written(' -') },
  // The number of a corporation: T and its corporate number (National Tax Agency, qualified invoice system).
  'JP-T-CORPORATE': {
    name: 'Qualified invoice issuer number of a corporation',
    form: /^T[1-9]\d{12}$/,
    fits: (number) => corporateNumberFits(number.slice(1)),
    tidy: written(' -'),
  },
  'JP-LG': {
    name: 'Municipality code with check digit (全国地方公共団体コード)',
    form: /^\d{6}$/,
    fits: (code) => prefectureFits(code) && lastDigit(code) === localGovernmentCheckDigit(code.slice(0, 5)),
  },
  'JP-LG5': { name: 'Municipality code (JIS X 0402)', form: /^\d{5}$/, fits: prefectureFits },
  'JP-POST': { name: 'Postal code (郵便番号)', form: /^\d{7}$/, tidy: written(' -', /^〒/) },
} as const satisfies Record<string, IdentifierScheme>
