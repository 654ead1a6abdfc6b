import { describe, expect, it } from 'vitest'
import { parse } from '#protocols/channel.ts'
import { ask } from './question.fixture.ts'
import { Question } from './question.ts'

const good = ask({ facts: { certification: ['us-dpf'], 'counter:releases-this-day': 3 } })
const accepts = (value: unknown) => Question.safeParse(value).success

describe('a question', () => {
  it('is closed', () => {
    expect(parse(good, Question)).toEqual(good)
    expect(accepts({ ...good, extra: 1 })).toBe(false)
    expect(accepts({ ...good, version: 'dfft-question/2' })).toBe(false)
  })
  it.each(['mood', 'counter:', 'counter:A', 'From', 'counter:a--b'])('knows no fact called %s', (name) =>
    expect(accepts({ ...good, facts: { ...good.facts, [name]: { value: 'x', origin: 'holder' } } })).toBe(false))
  it.each([
    ['from', ['JP']],
    ['certification', 'us-dpf'],
    ['counter:releases-this-day', 'three'],
    ['purpose', 4],
    ['counter:releases-this-day', -1],
    ['counter:releases-this-day', 1.5],
  ])('refuses %s with the value %j', (name, value) => expect(accepts({ ...good, facts: { [name]: { value, origin: 'holder' } } })).toBe(false))
  it.each([
    ['none', []],
    ['one twice', ['/a', '/a']],
    ['out of order', ['/b', '/a']],
    ['one within another', ['/a', '/a/b']],
    ['one within another, with a third between them', ['/a', '/a-b', '/a/b']],
    ['no pointer', ['a']],
  ])('refuses paths: %s', (_, paths) => expect(accepts({ ...good, data: paths.map((path) => ({ path, category: 'invoice' })) })).toBe(false))
  it('takes neighbours that only look alike', () =>
    expect(accepts({ ...good, data: ['/a', '/ab', '/b/c', '/b/d'].map((path) => ({ path, category: 'invoice' })) })).toBe(true))
  it('refuses a day that is none, what is no time at all, and too many facts', () => {
    for (const at of ['2026-02-30T00:00:00Z', '2026-02-29T00:00:00Z', 'soon', '', '2026-01-01T00:00:00', '+275761-01-01T00:00:00Z'])
      expect(accepts({ ...good, at }), at).toBe(false)
    const many = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`counter:c${index}`, { value: 1, origin: 'holder' }]))
    expect(accepts({ ...good, facts: many })).toBe(false)
  })
})
