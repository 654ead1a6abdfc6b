import { describe, expect, it } from 'vitest'
import { Numbers } from './numbers.ts'
import { shippedPacks as packs } from './packs.ts'

describe('the words of a kind', () => {
  it.each(Object.keys(packs.numbers) as (keyof typeof packs.numbers)[])('have the numbers from 1 in their order: %s', (kind) => {
    const numbers = packs.numbers[kind]
    const words = [...packs.terms[kind]]
    expect(words.map((word) => numbers.of(word))).toEqual(words.map((_, at) => at + 1))
    // Also where the string is another one of the same letters.
    expect(words.map((word) => numbers.of(JSON.parse(JSON.stringify(word))))).toEqual(words.map((_, at) => at + 1))
    expect([numbers.size, numbers.words[0], ...numbers.words.slice(1)]).toEqual([words.length, '', ...words])
  })
  it('are told from all that looks like them', () => {
    const { jurisdiction } = packs.numbers
    const strange = ['', 'J', 'jp', 'JPN', 'JP ', 'ＪＰ', 'J\u0000', '\ud800', 'JP'.repeat(50_000)]
    for (const value of [...strange, undefined, null, 7, ['JP'], { JP: 1 }]) expect(jurisdiction.of(value)).toBe(0)
  })
  it('are found where all have the same length and letters but one', () => {
    const words = Array.from({ length: 300 }, (_, at) => `aaaaaaaa${String.fromCharCode(0x100 + at)}aaaaaaaaaaaaaaaaaaa`)
    const numbers = new Numbers(words)
    expect(words.map((word) => numbers.of(word))).toEqual(words.map((_, at) => at + 1))
    expect(numbers.of(`aaaaaaaa${String.fromCharCode(0x100 + 300)}aaaaaaaaaaaaaaaaaaa`)).toBe(0)
  })
  it('may be none, and more than a small number counts', () => {
    expect(new Numbers([]).of('x')).toBe(0)
    const many = Array.from({ length: 70_000 }, (_, at) => `w${at.toString(36)}`)
    const numbers = new Numbers(many)
    expect([0, 65_534, 65_535, 69_999].map((at) => numbers.of(many[at]))).toEqual([1, 65_535, 65_536, 70_000])
  })
})
