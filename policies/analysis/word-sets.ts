/** Sets of words, of rules or of epochs as bits, 32 to a word: plain sets, where the evaluator has rows of one table. */

export type Bits = Uint32Array

export function noBits(count: number): Bits {
  return new Uint32Array((count + 31) >>> 5)
}

export function bitsWhere<T>(list: readonly T[], holds: (element: T) => boolean): Bits {
  const bits = noBits(list.length)
  for (const [index, element] of list.entries()) if (holds(element)) setBit(bits, index)
  return bits
}

export function setBit(bits: Bits, index: number): void {
  bits[index >>> 5] = (bits[index >>> 5] ?? 0) | (1 << (index & 31))
}

export function hasBit(bits: Bits, index: number): boolean {
  return (((bits[index >>> 5] ?? 0) >>> (index & 31)) & 1) === 1
}

/** Keeps in `target` what is in `other` too. */
export function keep(target: Bits, other: Bits): void {
  for (let word = 0; word < target.length; word++) target[word] = (target[word] ?? 0) & (other[word] ?? 0)
}

/** Adds to `target` what is in `other` and, where it is given, in `within`. */
export function add(target: Bits, other: Bits, within?: Bits): void {
  for (let word = 0; word < target.length; word++) target[word] = (target[word] ?? 0) | ((other[word] ?? 0) & (within ? (within[word] ?? 0) : ~0))
}

export function union(a: Bits, b: Bits): Bits {
  const result = a.slice()
  add(result, b)
  return result
}

export function meet(a: Bits, b: Bits): boolean {
  for (let word = 0; word < a.length; word++) if (((a[word] ?? 0) & (b[word] ?? 0)) !== 0) return true
  return false
}

/** The members of all sets given, in order. */
export function indexesOf(first: Bits, ...others: readonly Bits[]): number[] {
  const found: number[] = []
  for (let word = 0; word < first.length; word++) {
    let rest = first[word] ?? 0
    for (const other of others) rest &= other[word] ?? 0
    while (rest !== 0) {
      const bit = 31 - Math.clz32(rest & -rest)
      found.push((word << 5) + bit)
      rest &= rest - 1
    }
  }
  return found
}
