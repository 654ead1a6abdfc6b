/**
 * Sets of rules as rows of bits, 32 rules to a word, all rows of a side in one table.
 *
 * Before each row stands its head: a bit for each of its words that is not empty. To meet two rows is to meet their heads
 * first, so that what is empty is passed over 1,024 rules at a time.
 */

export type Bits = Int32Array

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
  readonly #headWords: number
  readonly #words: number
  readonly #rows: Bits[] = []
  readonly #known = new Map<string, number>()

  constructor(words: number) {
    this.#words = words
    this.#headWords = wordsFor(words)
  }

  /** @returns where the row begins in the table, with its head */
  add(row: Bits): number {
    const key = row.join()
    const known = this.#known.get(key) ?? this.#rows.push(row) - 1
    this.#known.set(key, known)
    return known * (this.#headWords + this.#words)
  }

  table(): Int32Array {
    const length = this.#headWords + this.#words
    const table = new Int32Array(this.#rows.length * length)
    for (const [number, row] of this.#rows.entries()) {
      const head = table.subarray(number * length, number * length + this.#headWords)
      for (let word = 0; word < this.#words; word++) if (row[word] !== 0) setBit(head, word)
      table.set(row, number * length + this.#headWords)
    }
    return table
  }

  /** Another with these rows at the same places. */
  copy(): RowMaker {
    const copy = new RowMaker(this.#words)
    for (const row of this.#rows) copy.add(row)
    return copy
  }
}
