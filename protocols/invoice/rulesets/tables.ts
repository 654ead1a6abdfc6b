/** Short ways to write the long tables of the rulesets. */
import type { Amount, Condition } from '../condition.ts'
import type { Path } from '../path.ts'
import { fatal, type Rule, warning } from '../ruleset.ts'

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
