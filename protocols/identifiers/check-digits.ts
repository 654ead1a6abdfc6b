/** The arithmetic that check digits are made of. Each function expects text that its scheme's form has let through. */

/** Digits and letters by value: `0` to `9`, then `A` = 10 to `Z` = 35 (ISO 7064, 4.2). */
const alphanumeric = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** Value of each character; letters count from 10. */
export function valuesOf(text: string): readonly number[] {
  const values: number[] = []
  for (let at = 0; at < text.length; at++) values.push(alphanumeric.indexOf(text.charAt(at)))
  return values
}

/** Σ value × weight, character by character from the left, as far as there are weights. */
export function weighted(text: string, weights: readonly number[]): number {
  const values = valuesOf(text)
  return weights.reduce((sum, weight, at) => sum + weight * (values[at] ?? 0), 0)
}

/** The weights `from`, `from - 1`, … `to`. */
export function falling(from: number, to: number): readonly number[] {
  return Array.from({ length: from - to + 1 }, (_, at) => from - at)
}

/** The last character as a number. */
export function lastDigit(text: string): number {
  return valuesOf(text.slice(-1))[0] ?? -1
}

/** Remainder of a decimal number of any length. */
export function remainder(digits: string, modulus: number): number {
  return valuesOf(digits).reduce((rest, digit) => (rest * 10 + digit) % modulus, 0)
}

/** ISO 7064, MOD 97-10: the whole text, letters as two digits, leaves 1. */
export function mod97(text: string): boolean {
  return remainder(valuesOf(text).join(''), 97) === 1
}

/** ISO 7064, MOD 11,10 (hybrid): German VAT numbers, Croatian OIB. */
export function mod11x10(digits: string): boolean {
  const product = valuesOf(digits.slice(0, -1)).reduce((rest, digit) => (((rest + digit) % 10 || 10) * 2) % 11, 10)
  return (product + lastDigit(digits)) % 10 === 1
}

/** ISO/IEC 7812-1, annex B: from the right every second digit is doubled and its digits summed. */
export function luhn(digits: string): boolean {
  return luhnSum(digits) % 10 === 0
}

function luhnSum(digits: string): number {
  return valuesOf(digits)
    .toReversed()
    .reduce((sum, digit, at) => sum + (at % 2 === 0 ? digit : digitSum(2 * digit)), 0)
}

/** Sum of the digits of a number below 100. */
export function digitSum(number: number): number {
  return Math.floor(number / 10) + (number % 10)
}

/** GS1 General Specifications, 7.9.1: weights 3 and 1 from the digit left of the check digit. */
export function gs1(digits: string): boolean {
  const sum = valuesOf(digits)
    .toReversed()
    .reduce((total, digit, at) => total + digit * (at % 2 === 0 ? 1 : 3), 0)
  return sum % 10 === 0
}
