/** What the subjects of several credential types are made of. */
import { expect, test } from 'vitest'
import { line, oneLine } from './elements.ts'

test('a line of text is what its published pattern says, for every character there is', () => {
  const published = new RegExp(oneLine.source, oneLine.flags)
  const read = line(2)
  const other: string[] = []
  for (let code = 0; code <= 0x10ffff; code++) {
    const character = String.fromCodePoint(code)
    if (published.test(character) !== oneLine.test(character)) other.push(code.toString(16))
  }
  expect(other).toEqual([])
  for (const text of ['\u0000', '\u009f', '\u2028', '\u2029', '\u202e', '\u2066', '\ud800', '\udfff', '']) expect(read.safeParse(text).success).toBe(false)
  for (const text of ['a', '国', '\u{10ffff}', '\ue000', '\u206a']) expect(read.safeParse(text).success).toBe(true)
})
