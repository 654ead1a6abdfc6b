/** Peppol BIS Billing 3: rules of countries that say the same in both syntaxes, at other places. */
import type { Condition } from '../condition.ts'
import type { Path } from '../path.ts'
import { type Context, fatal, type Pattern, type Rule, warning } from '../ruleset.ts'
import { zero } from './tables.ts'

/** The condition is asked only where the other holds. */
export function where(condition: Condition, test: Condition): Condition {
  return { any: [{ not: condition }, test] }
}

export function both(...conditions: readonly Condition[]): Condition {
  return { all: conditions }
}

export function exactly(path: Path, length: number): Condition {
  return { length: path, atLeast: length, atMost: length, tidied: true }
}

/** @param register where the seller names the register it is in */
export function norwegianRules(vat: Path, register: Path): readonly Rule[] {
  return [
    warning(
      'NO-R-002',
      { tidy: register, oneOf: ['Foretaksregisteret'] },
      'a Norwegian seller says that it is in the register of business enterprises (Foretaksregisteret)',
    ),
    fatal(
      'NO-R-001',
      { any: [{ not: { some: vat, where: { matches: '.', pattern: '^NO' } } }, { call: 'textIs', with: { path: vat, test: 'norwegianVat' } }] },
      'a Norwegian VAT number is NO, an organisation number and MVA',
    ),
  ]
}

export interface DanishPayment {
  readonly code: Path
  readonly account: Path
  readonly bank: Path
  readonly reference: Path
  /** What direct debit and giro need is another thing in each syntax. */
  readonly debit: { readonly test: Condition; readonly says: string }
  readonly giro: { readonly test: Condition; readonly says: string }
}

export function danishPaymentRules({ code, account, bank, reference, debit, giro }: DanishPayment): readonly Rule[] {
  const means = (id: string, codes: readonly string[], test: Condition, says: string) => fatal(id, where({ is: code, oneOf: codes }, test), says)
  const card = (pattern: string): Condition => ({ matches: reference, pattern })
  return [
    fatal('DK-R-005', { is: code, oneOf: '1 10 31 42 48 49 50 58 59 93 97'.split(' ') }, 'Denmark does not use this payment means'),
    means('DK-R-006', ['31', '42'], { all: [{ filled: account }, { filled: bank }] }, 'payment to an account needs the account and its bank'),
    means('DK-R-007', ['49'], debit.test, debit.says),
    means('DK-R-008', ['50'], { all: [card('^(?:01|04|15)#'), giro.test] }, giro.says),
    means(
      'DK-R-009',
      ['50'],
      where(card('^(?:04|15)#'), { length: reference, atLeast: 19, atMost: 19 }),
      'the instruction of card types 04 and 15 has 16 digits',
    ),
    means(
      'DK-R-010',
      ['93'],
      { all: [card('^(?:71|73|75)#'), { length: account, atLeast: 8, atMost: 8 }] },
      'payment by FIK needs a card type (71, 73, 75) and a creditor number of eight characters',
    ),
    means(
      'DK-R-011',
      ['93'],
      where(card('^(?:71|75)#'), { length: reference, atLeast: 18, atMost: 19 }),
      'the instruction of card types 71 and 75 has 15 or 16 digits',
    ),
  ]
}

export function danishItemRule(itemClass: Path): Rule {
  return warning(
    'DK-R-003',
    where({ is: `${itemClass}/@listID`, oneOf: ['TST'] }, { is: `${itemClass}/@listVersionID`, oneOf: ['19.05.01', '19.0501', '26.08.01', '26.0801'] }),
    'UNSPSC codes are those of version 19.05.01 or 26.08.01',
  )
}

export const saysDanishReason = 'reason code ZZZ needs a reason of four digits, or one with # in its middle'

export function danishReason(reason: Path): readonly [Condition, Condition] {
  return [
    { all: [exactly(reason, 4), { compare: [reason, '>=', zero] }] },
    // Three looks, each linear in the text: one pattern for all would not be.
    { all: ['^[^#]', '#', '[^#]$'].map((pattern) => ({ matches: reason, pattern })) },
  ]
}

/** Contexts of Swedish rules, and what stands there. */
export interface SwedishPlaces {
  readonly party: Path
  readonly vat: Path
  readonly legal: Path
  readonly legalId: Path
  readonly registration: Path
  readonly taxes: readonly Path[]
  readonly rate: Path
  readonly plusgiro: Path
  readonly bankgiro: Path
  readonly giroCode: Path
  readonly transfer: Path
}

export function swedishPattern(places: SwedishPlaces): Pattern {
  const { vat, legalId, rate } = places
  const at = (path: Path, ...rules: readonly Rule[]): Context => ({ at: [path], rules })
  return [
    at(
      places.party,
      fatal('SE-R-001', exactly(vat, 14), 'a Swedish VAT number has 14 characters'),
      fatal('SE-R-002', { call: 'textIs', with: { path: vat, test: 'number', from: 2, to: 14 } }, 'a Swedish VAT number is SE and digits'),
    ),
    at(
      places.legal,
      fatal('SE-R-003', number(legalId), 'a Swedish organisation number has digits alone'),
      fatal('SE-R-004', exactly(legalId, 10), 'a Swedish organisation number has ten digits'),
      fatal('SE-R-013', { call: 'textIs', with: { path: legalId, test: 'swedish' } }, "the organisation number's last digit does not fit"),
    ),
    at(
      places.registration,
      fatal('SE-R-005', { tidy: '.', oneOf: ['GODKÄND FÖR F-SKATT'], upper: true }, 'a Swedish tax registration says `Godkänd för F-skatt`'),
    ),
    {
      at: places.taxes,
      rules: [
        fatal(
          'SE-R-006',
          { any: ['25', '12', '6'].map((known) => ({ compare: [rate, '=', { literal: known }] as const })) },
          'Swedish rates of VAT are 6, 12 and 25 %',
        ),
      ],
    },
    at(
      places.plusgiro,
      warning('SE-R-007', number('.'), 'a Plusgiro account has digits alone'),
      warning('SE-R-010', { length: '.', atLeast: 2, atMost: 8, tidied: true }, 'a Plusgiro account has two to eight digits'),
    ),
    at(
      places.bankgiro,
      warning('SE-R-008', number('.'), 'a Bankgiro account has digits alone'),
      warning('SE-R-009', { length: '.', atLeast: 7, atMost: 8, tidied: true }, 'a Bankgiro account has seven or eight digits'),
    ),
    at(
      places.giroCode,
      warning('SE-R-011', { always: false }, 'payment to Bankgiro and Plusgiro has payment means 30 and a bank `SE:BANKGIRO` or `SE:PLUSGIRO`'),
    ),
    at(places.transfer, warning('SE-R-012', { always: false }, 'within Sweden a credit transfer has payment means 30')),
  ]
}

function number(path: Path): Condition {
  return { call: 'textIs', with: { path, test: 'number', from: 0 } }
}

/** @param parts street, city and post code */
export function dutchAddress(id: string, parts: readonly Path[]): Rule {
  return fatal(id, { all: parts.map((part) => ({ has: part })) }, 'a Dutch address has street, city and post code')
}

export function dutchNumber(id: string): Rule {
  return fatal(id, both({ tidy: '@schemeID', oneOf: ['0106', '0190'] }, { filled: '.' }), 'a Dutch legal registration is a KVK (0106) or OIN (0190) number')
}

export function dutchMeans(code: Path): Rule {
  return fatal('NL-R-008', { tidy: code, oneOf: ['30', '48', '49', '57', '58', '59'] }, 'the Netherlands do not use this payment means')
}
