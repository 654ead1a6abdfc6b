/**
 * The words of one kind, numbered from 1, and found by their length and two of their letters.
 *
 * A map would be right, too. But its chains make the processor guess, and of a word that was just read it has to hash every letter.
 * Measured beside one on a hundred thousand questions, five words take two thirds of the time, where the questions hold the packs' own
 * strings; where they hold copies the medians are the same.
 */

// So sparse that nearly every word stands in a place of its own: the processor then guesses right.
const slotsEach = 8
/** Letters are picked at these eighths of a word: every word has some there. */
const eighths = [0, 1, 2, 3, 4, 5, 6, 7]
// Knuth's multiplier: 2^32 over the golden ratio.
const spread = 0x9e3779b1

export class Numbers {
  /** By number; none has 0. */
  readonly words: readonly string[]
  readonly #shift: number
  readonly #mask: number
  readonly #one: number
  readonly #other: number
  /** The number of the word in each slot, 0 for none. */
  readonly #slots: Uint16Array | Int32Array

  constructor(words: Iterable<string>) {
    this.words = ['', ...words]
    const bits = Math.ceil(Math.log2(slotsEach * this.words.length))
    this.#shift = 32 - bits
    this.#mask = (1 << bits) - 1
    const [one, other] = letters(this.words, this.#shift)
    this.#one = one
    this.#other = other
    // As small as they can be: they are read for every word of every question.
    this.#slots = this.words.length > 0xffff ? new Int32Array(1 << bits) : new Uint16Array(1 << bits)
    for (const [number, word] of this.words.entries()) {
      if (number === 0) continue
      let slot = slotOf(word, one, other, this.#shift)
      while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask
      this.#slots[slot] = number
    }
  }

  get size(): number {
    return this.words.length - 1
  }

  /** 0 for whatever is none of the words. */
  of(value: unknown): number {
    if (typeof value !== 'string' || value === '') return 0
    let slot = slotOf(value, this.#one, this.#other, this.#shift)
    for (;;) {
      const number = this.#slots[slot] ?? 0
      if (number === 0 || this.words[number] === value) return number
      slot = (slot + 1) & this.#mask
    }
  }
}

/** @param one and `other`: at which eighths the letters stand */
function slotOf(word: string, one: number, other: number, shift: number): number {
  const { length } = word
  const picked = (word.charCodeAt((length * one) >>> 3) << 16) ^ (word.charCodeAt((length * other) >>> 3) << 6) ^ length
  return Math.imul(picked, spread) >>> shift
}

/** The two that tell most of the words apart. */
function letters(words: readonly string[], shift: number): readonly [number, number] {
  let best: readonly [number, number] = [0, 0]
  let most = 0
  for (const one of eighths)
    for (const other of eighths.slice(one)) {
      const slots = new Set(words.slice(1).map((word) => slotOf(word, one, other, shift)))
      if (slots.size > most) {
        best = [one, other]
        most = slots.size
      }
    }
  return best
}
