/**
 * The words of one kind, numbered from 1, and found by their length and two of their letters.
 *
 * A map would be right, too. But its chains make the processor guess, and of a word that was just read it has to hash every letter.
 * Measured beside one on a hundred thousand questions, five words take two thirds of the time, where the questions hold the packs' own
 * strings; where they hold copies the medians are the same.
 */

// So sparse that nearly every word stands in a place of its own: the processor then guesses right.
const slotsEach = 8
/** Letters are picked at these eighths of the way from the first to the last: words that are alike mostly end differently. */
const eighths = [0, 1, 2, 3, 4, 5, 6, 7, 8]
// Knuth's multiplier: 2^32 over the golden ratio.
const spread = 0x9e3779b1

export class Numbers {
  /** By number; none has 0. */
  readonly words: readonly string[]
  readonly #mask: number
  readonly #one: number
  readonly #other: number
  /** The number of the word in each slot, 0 for none. */
  readonly #slots: Uint16Array | Int32Array

  constructor(words: Iterable<string>) {
    this.words = ['', ...words]
    const slots = 1 << Math.ceil(Math.log2(slotsEach * this.words.length))
    this.#mask = slots - 1
    const [one, other] = letters(this.words.slice(1), this.#mask)
    this.#one = one
    this.#other = other
    // As small as they can be: they are read for every word of every question.
    this.#slots = this.words.length > 0xffff ? new Int32Array(slots) : new Uint16Array(slots)
    for (const [number, word] of this.words.entries()) {
      if (number === 0) continue
      let slot = slotOf(word, one, other, this.#mask)
      while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask
      this.#slots[slot] = number
    }
  }

  get size(): number {
    return this.words.length - 1
  }

  /** 0 for whatever is none of the words. */
  of(value: unknown): number {
    if (typeof value !== 'string' || value.length === 0) return 0
    let slot = slotOf(value, this.#one, this.#other, this.#mask)
    for (;;) {
      const number = this.#slots[slot] ?? 0
      if (number === 0 || this.words[number] === value) return number
      slot = (slot + 1) & this.#mask
    }
  }
}

/** Two words have one slot only where this sum is the same (but for multiples of the slots): what is multiplied by an odd number stays apart. */
function slotOf(word: string, one: number, other: number, mask: number): number {
  const last = word.length - 1
  const sum = 31 * word.charCodeAt((last * one) >>> 3) + word.charCodeAt((last * other) >>> 3) + 7 * last
  return Math.imul(sum, spread) & mask
}

/** At which eighths the two letters stand that tell the most of the words apart. */
function letters(words: readonly string[], mask: number): readonly [number, number] {
  let best: readonly [number, number] = [0, 0]
  let most = 0
  for (const one of eighths)
    for (const other of eighths) {
      if (most === words.length) return best
      const slots = new Set(words.map((word) => slotOf(word, one, other, mask)))
      if (slots.size <= most) continue
      best = [one, other]
      most = slots.size
    }
  return best
}
