/**
 * Sets of rules as rows of bits, 32 rules to a word, many rows to a table.
 *
 * Each row has a head: a bit for each of its words that is not empty. To meet two rows is to meet their heads first, so
 * that what is empty is skipped 1,024 rules at a time.
 */

export type Bits = Int32Array

export interface Rows {
  /** Row `r` begins at `r` times the words of a row. */
  readonly bits: Bits
  /** Row `r` begins at `r` times the words of a head. */
  readonly heads: Bits
}

export function noBits(words: number): Bits {
  return new Int32Array(words)
}

export function wordsFor(count: number): number {
  return (count + 31) >>> 5
}

/** The first of a word is its highest bit: so `Math.clz32` finds them in order. */
export function bitOf(index: number): number {
  return -0x80000000 >>> (index & 31)
}

export function setBit(bits: Bits, index: number): void {
  bits[index >>> 5] = (bits[index >>> 5] ?? 0) | bitOf(index)
}

export function hasBit(bits: Bits, from: number, index: number): boolean {
  return ((bits[from + (index >>> 5)] ?? 0) & bitOf(index)) !== 0
}

/** Adds to `target` what is in `other`. */
export function add(target: Bits, other: Bits): void {
  for (let word = 0; word < target.length; word++) target[word] = (target[word] ?? 0) | (other[word] ?? 0)
}

/** Keeps in `target` what is in `other` too. */
export function keep(target: Bits, other: Bits): void {
  for (let word = 0; word < target.length; word++) target[word] = (target[word] ?? 0) & (other[word] ?? 0)
}

export function meeting(a: Bits, b: Bits): Bits {
  const both = a.slice()
  keep(both, b)
  return both
}

export function union(a: Bits, b: Bits): Bits {
  const either = a.slice()
  add(either, b)
  return either
}

/** Collects the rows of one table; rows that are equal become one. */
export class RowMaker {
  readonly #rows: Bits[] = []
  readonly #known = new Map<string, number>()

  /** @returns the number of the row */
  add(row: Bits): number {
    const key = row.join()
    const known = this.#known.get(key) ?? this.#rows.push(row) - 1
    this.#known.set(key, known)
    return known
  }

  rows(): Rows {
    return rowsOf(this.#rows)
  }
}

export function rowsOf(rows: readonly Bits[]): Rows {
  const words = rows[0]?.length ?? 0
  const headWords = wordsFor(words)
  const bits = new Int32Array(rows.length * words)
  const heads = new Int32Array(rows.length * headWords)
  for (const [number, row] of rows.entries()) {
    bits.set(row, number * words)
    const head = heads.subarray(number * headWords, (number + 1) * headWords)
    for (let word = 0; word < words; word++) if (row[word] !== 0) setBit(head, word)
  }
  return { bits, heads }
}
