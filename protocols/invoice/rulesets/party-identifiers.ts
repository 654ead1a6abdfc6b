/**
 * Identifiers of parties as PINT and Peppol BIS Billing test them. Not the algorithms of protocols/identifiers: where these tests let
 * something through that no register gives out (a GLN of any length, an Italian number without its country), that is what is asked here.
 */
import type { Condition } from '../condition.ts'
import { stringOf, tidy } from '../element.ts'
import type { Operation } from '../ruleset.ts'

/** Tests of the text of an element, white space tidied. */
const tests: Readonly<Record<string, (text: string) => boolean>> = {
  gln: (text) => /^[0-9]+$/.test(text) && gs1(text),
  norwegian: (text) => /^[0-9]{9}$/.test(text) && mod11(text),
  belgian: (text) => /^[0-9]{10}$/.test(text) && 97 - (Number(text.slice(0, 8)) % 97) === Number(text.slice(8)),
  codiceIpa: (text) => /^[A-Za-z0-9]{6}$/.test(text),
  codiceFiscale: (text) => (integer.test(text) ? [...text].length === 11 : codiceFiscale16.test(text)),
  /** Without the letters of Italy in front there is nothing that it tests. */
  partitaIva: (text) => !/^(?:IT|it)/.test(text) || (/^.{13}$/u.test(text) && partitaIva(text.slice(2))),
  australian: (text) => /^[0-9]{11}$/.test(text) && abn(text),
  /** Of the first eleven characters, whatever they are and follows them. */
  australianBeginning: (text) => abn(text.slice(0, 11)),
  /** Ten characters that are a number. */
  swedishForm: (text) => [...text].length === 10 && (number.test(text) || infinity.test(text)),
  swedish: (text) => /^[0-9]{10}$/.test(text) && luhn(text),
}

const integer = /^ ?[+-]?[0-9]+ ?$/
const number = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/
const infinity = /^[+-]?INF$/
const codiceFiscale16 = /^[A-Za-z]{6}(?:[0-9]{2}|[+-][0-9])[A-Za-z](?:[0-9]{2}|[+-][0-9]).{3}[0-9][A-Za-z]$/u

/** @param argument name of a test */
export const identifier: Operation = {
  revision: 1,
  compile: (argument) => {
    const test = tests[argument as string] // Rules are ours.
    if (test === undefined) throw new Error(`no test of identifiers \`${argument}\``)
    return (element) => test(tidy(stringOf(element)))
  },
}

export function fitsIdentifier(test: string): Condition {
  return { call: 'identifier', with: test }
}

/** Where PINT and Peppol BIS look for an identifier of a scheme in UBL. */
export function ofScheme(...schemes: readonly string[]): readonly string[] {
  return schemes.flatMap((scheme) => [`cbc:EndpointID{${scheme}}`, `cac:PartyIdentification/cbc:ID{${scheme}}`, `cbc:CompanyID{${scheme}}`])
}

/** The same in CII. */
export function ofSchemeCii(scheme: string): readonly string[] {
  return [`ram:URIID{${scheme}}`, `ram:ID{${scheme}}`, `ram:GlobalID{${scheme}}`]
}

const schemes = ['0007', '0088', '0096', '0151', '0184', '0192', '0198', '0201', '0208', '0210', '0211', '9906', '9907']

/** Qualifiers of whatever has a `schemeID`. */
export const schemeQualifiers: Readonly<Record<string, Condition>> = Object.fromEntries(schemes.map((scheme) => [scheme, { is: '@schemeID', oneOf: [scheme] }]))

function digitsOf(text: string): readonly number[] {
  return [...text].map(Number)
}

function weighted(digits: readonly number[], weight: (index: number) => number): number {
  return digits.reduce((sum, digit, index) => sum + digit * weight(index), 0)
}

/** GS1: weights 3 and 1 in turn from the right, the last digit checks. */
function gs1(text: string): boolean {
  const sum = weighted(digitsOf(text.slice(0, -1)).toReversed(), (index) => (index % 2 === 0 ? 3 : 1))
  return (10 - (sum % 10)) % 10 === Number(text.at(-1))
}

/** Weights 2 to 7 from the right. */
export function mod11(text: string): boolean {
  const sum = weighted(digitsOf(text.slice(0, -1)).toReversed(), (index) => (index % 6) + 2)
  return Number(text) > 0 && (11 - (sum % 11)) % 11 === Number(text.at(-1))
}

/** Australian Business Number: 1 less in the first place, then divisible by 89. */
function abn(text: string): boolean {
  const weights = [10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]
  return text.length === 11 && (weighted(digitsOf(text), (index) => weights[index] ?? 0) - 10) % 89 === 0
}

function partitaIva(text: string): boolean {
  return /^[0-9]+$/.test(text) && doubling(digitsOf(text), 1) % 10 === 0
}

/** The last digit checks, and is not doubled. */
export function luhn(text: string): boolean {
  return doubling(digitsOf(text).toReversed(), 1) % 10 === 0
}

/** Every second digit, from `first`, counts as the digits of its double. */
function doubling(digits: readonly number[], first: number): number {
  return weighted(
    digits.map((digit, index) => (index % 2 === first ? (digit * 2 > 9 ? digit * 2 - 9 : digit * 2) : digit)),
    () => 1,
  )
}
