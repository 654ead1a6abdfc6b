/**
 * The rules left of the common flow, found beforehand: for each other place and each credential with its purpose.
 *
 * Most flows of a side leave (or reach) its own place, which most rules are of. Then what is left depends on two rows only,
 * and every meeting of two rows is written down, as long as that takes little memory; where a legal relation leads, once
 * more with the rules that name one.
 */
import { bitOf } from './bits.ts'

export interface Cells {
  /** By number of a jurisdiction, its row among the distinct ones; -1 where it was left out. */
  readonly rowOf: Int32Array
  /** How many cells stand between one row and the next: one for each context. */
  readonly contexts: number
  /** By cell, where its words begin in `found`; as small as it can be, since any of it may be asked for next. */
  readonly beginOf: Uint16Array | Int32Array
  /** Which word, and what stands in it, in turn; before these how many numbers they are. Cells in which the same stands have the same. */
  readonly found: Int32Array
}

interface Rows {
  readonly table: Int32Array
  readonly headWords: number
}

// At 5,000 rules, 250 places and a hundred contexts take two thirds of a megabyte.
const cellsMax = 1 << 16
const foundMax = 1 << 19

export const leftOut = -1

/**
 * @param places where the row of each jurisdiction begins; `leftOut` for one that is not asked for
 * @param also where the row of rules begins that are added to each of these
 * @param contexts where each distinct row of credential and purpose begins
 * @returns undefined where it would be too large: then rows are met for each question
 */
export function cellsOf(rows: Rows, places: Int32Array, also: number, contexts: readonly number[]): Cells | undefined {
  const distinct = [...new Set(places)].filter((place) => place !== leftOut)
  if (distinct.length * contexts.length > cellsMax) return undefined
  const beginOf: number[] = []
  const found: number[] = []
  const known = new Map<string, number>()
  for (const place of distinct)
    for (const context of contexts) {
      const met = meet(rows, [place, also], context)
      const key = met.join()
      const begin = known.get(key) ?? found.push(met.length)
      beginOf.push(begin)
      if (known.has(key)) continue
      known.set(key, begin)
      for (const one of met) found.push(one)
      if (found.length > foundMax) return undefined
    }
  const numbers = new Map(distinct.map((place, row) => [place, row]))
  return {
    rowOf: Int32Array.from(places, (place) => numbers.get(place) ?? leftOut),
    contexts: contexts.length,
    beginOf: found.length > 0xffff ? Int32Array.from(beginOf) : Uint16Array.from(beginOf),
    found: Int32Array.from(found),
  }
}

function meet({ table, headWords }: Rows, [one, also]: readonly [number, number], other: number): number[] {
  const found: number[] = []
  for (let head = 0; head < headWords; head++) {
    for (let left = ((table[one + head] ?? 0) | (table[also + head] ?? 0)) & (table[other + head] ?? 0); left !== 0; ) {
      const first = Math.clz32(left)
      left ^= bitOf(first)
      const word = (head << 5) + first
      const at = headWords + word
      const standing = ((table[one + at] ?? 0) | (table[also + at] ?? 0)) & (table[other + at] ?? 0)
      if (standing !== 0) found.push(word, standing)
    }
  }
  return found
}
