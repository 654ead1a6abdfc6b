import { describe, expect, it } from 'vitest'
import { type Clause, factValue, knownCount, knownWord, knownWords, met } from './facts.ts'
import { shippedPacks as packs } from './packs/packs.ts'
import { ask } from './question.fixture.ts'
import type { Fact } from './question.ts'

const certified = ask({ facts: { certification: ['iso-27001', 'unheard-of'] } })

describe('what is known of a fact', () => {
  it('is what the vocabulary has of it', () => {
    expect(knownWords(certified, 'certification', packs)).toEqual(['iso-27001'])
    expect(knownWords(ask({ facts: { certification: ['unheard-of'] } }), 'certification', packs)).toEqual([])
    expect(knownWords(ask(), 'sector', packs)).toEqual(['private'])
    expect(knownWords(ask({ facts: { sector: 'unheard-of' } }), 'sector', packs)).toEqual([])
  })
  it('is a level of the scale', () => {
    expect(knownWord(ask({ facts: { issuerAssurance: 'low' } }), 'issuerAssurance', packs)).toBe('low')
    expect(knownWord(ask({ facts: { issuerAssurance: 'enormous' } }), 'issuerAssurance', packs)).toBeUndefined()
  })
  it('is nothing where nobody said anything, or who may not, or in another shape', () => {
    const none = [
      ask({ facts: { sector: null } }),
      ask({ facts: { sector: { value: 'private', origin: 'requester' } } }),
      ask({ facts: { sector: ['private'] } }),
      ask({ facts: { sector: 1 } }),
    ]
    for (const question of none) expect(knownWords(question, 'sector', packs)).toEqual([])
    for (const certification of [null, 'iso-27001', 1]) expect(knownWords(ask({ facts: { certification } }), 'certification', packs)).toEqual([])
  })
  it('is a count that the holder keeps', () => {
    const count = (value: Fact['value'], origin: Fact['origin'] = 'holder') => knownCount({ value, origin })
    expect([count(0), count(7), count('7'), count(7, 'requester'), knownCount(undefined)]).toEqual([0, 7, undefined, undefined, undefined])
  })
  it('is told as it was said, whoever said it', () => {
    expect(factValue(certified, 'certification')).toEqual(['iso-27001', 'unheard-of'])
    expect(factValue(ask({ facts: { sector: { value: 'private', origin: 'requester' } } }), 'sector')).toEqual(['private'])
    expect(factValue(ask({ facts: { 'counter:releases-this-day': 0 } }), 'counter:releases-this-day')).toEqual([0])
    expect(factValue(ask(), 'certification')).toEqual([])
  })
})

describe('a condition', () => {
  const counter = (kind: 'below' | 'reaches'): Clause => ({ kind, fact: 'counter:releases-this-day', limit: 10 })
  const certification = (...words: string[]): Clause => ({ kind: 'anyOf', fact: 'certification', words })
  const level: Clause = { kind: 'atLeast', fact: 'issuerAssurance', level: 'substantial' }
  it.each<[string, Clause, Fact['value'] | null, boolean]>([
    ['one of two words', certification('global-cbpr', 'iso-27001'), ['iso-27001', 'us-dpf'], true],
    ['another word', certification('global-cbpr'), ['iso-27001'], false],
    ['a word nobody knows', certification('unheard-of'), ['unheard-of'], false],
    ['no word', certification('iso-27001'), null, false],
    ['the level itself', level, 'substantial', true],
    ['a level above', level, 'high', true],
    ['a level below', level, 'low', false],
    ['a level nobody knows', level, 'enormous', false],
    ['no level', level, null, false],
    ['a count below the limit', counter('below'), 9, true],
    ['the limit, which is not below it', counter('below'), 10, false],
    ['a count that is not known, below', counter('below'), null, false],
    ['the limit, which is reached', counter('reaches'), 10, true],
    ['a count that does not reach the limit', counter('reaches'), 9, false],
    ['a count that is not known, for a limit to reach', counter('reaches'), null, false],
  ])('is shown or not: %s', (_, clause, value, shown) => expect(met(clause, ask({ facts: { [clause.fact]: value } }), packs)).toBe(shown))
})
