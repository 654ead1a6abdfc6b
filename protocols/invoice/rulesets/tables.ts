/** Short ways to write the long tables of the rulesets, and the conditions that several of them have. */
import type { Amount, Condition } from '../condition.ts'
import type { Path } from '../path.ts'
import { fatal, type Rule, warning } from '../ruleset.ts'

export const always: Condition = { always: true }
export const zero: Amount = { literal: '0' }

/**
 * Rules that something must not stand below the context.
 *
 * @param table number of the rule and path, number and path, …
 */
export function mustNotStand(flag: 'fatal' | 'warning', prefix: string, table: string, parent = ''): readonly Rule[] {
  return pairs(table).map(([number, path]) =>
    (flag === 'fatal' ? fatal : warning)(`${prefix}-${number}`, { lacks: parent === '' ? path : `${parent}/${path}` }),
  )
}

/** Rules that something may stand below the context at most once. */
export function atMostOnce(flag: 'fatal' | 'warning', prefix: string, table: string): readonly Rule[] {
  return pairs(table).map(([number, path]) => (flag === 'fatal' ? fatal : warning)(`${prefix}-${number}`, { count: path, atMost: 1 }))
}

function pairs(table: string): readonly (readonly [number: string, path: Path])[] {
  const words = table.trim().split(/\s+/)
  return words.flatMap((word, index) => (index % 2 === 0 ? [[word, words[index + 1] ?? ''] as const] : []))
}

/** Within one unit of the currency either way, signs aside: the VAT amount, and what the rate makes of the basis, rounded to the cent. */
export function nearly(tax: Path, basis: Path, rate: Path): Condition {
  return around(tax, { round: { times: [{ absolute: basis }, { percent: rate }] }, places: 2 })
}

/** @param most whether one whole unit away is near enough still */
export function around(tax: Path, worked: Amount, most = false): Condition {
  const one = { literal: '1' }
  return {
    all: [
      { compare: [{ minus: [{ absolute: tax }, one] }, most ? '<=' : '<', worked] },
      { compare: [{ plus: [{ absolute: tax }, one] }, most ? '>=' : '>', worked] },
    ],
  }
}

export function cents(id: string, path: Path): Rule {
  return fatal(id, { places: path, atMost: 2 })
}

export function toCents(value: Amount): Amount {
  return { round: value, places: 2 }
}

/**
 * The rate makes the tax of the basis; a rate that rounds to zero makes a tax that rounds to zero.
 *
 * @param made what the tax is where the rate is not zero
 */
export function taxOfRate(tax: Path, rate: Path, made: Condition): Condition {
  const whole: Amount = { round: rate, places: 0 }
  const noTax: Condition = { compare: [{ round: tax, places: 0 }, '=', zero] }
  return {
    any: [{ all: [{ compare: [whole, '=', zero] }, noTax] }, { all: [{ compare: [whole, '!=', zero] }, made] }, { all: [{ lacks: rate }, noTax] }],
  }
}

/** An amount of the totals, and the sum it has to be: of what stands there in each of the parts. Both may be missing together. */
export function sumOf(amount: Path, parts: Path, each: Path): Condition {
  return { any: [{ compare: [amount, '=', toCents({ sum: `${parts}/${each}` })] }, { all: [{ lacks: amount }, { lacks: parts }] }] }
}

/** Where an allowance or charge says what it is. */
export interface AdjustmentPaths {
  readonly amount: Path
  readonly base: Path
  /** As text and as code: one is enough. */
  readonly reasons: readonly [Path, Path]
}

/** Of amount, reason, the two of BR-CO, and the two of BR-DEC. */
export type AdjustmentIds = readonly [string, string, string, string, string, string]

export const noReason = 'neither a reason nor a reason code is given'

/**
 * The rules of EN 16931 for allowances or charges, of the document or of a line.
 *
 * @param category those of the VAT category, which a line says elsewhere
 */
export function adjustmentRules(
  [amount, why, free, also, cent, baseCent]: AdjustmentIds,
  paths: AdjustmentPaths,
  category: readonly Rule[] = [],
): readonly Rule[] {
  const reason: Condition = { any: paths.reasons.map((path) => ({ has: path })) }
  return [
    fatal(amount, { has: paths.amount }),
    ...category,
    fatal(why, reason, noReason),
    fatal(free, always),
    fatal(also, reason, noReason),
    cents(cent, paths.amount),
    cents(baseCent, paths.base),
  ]
}
