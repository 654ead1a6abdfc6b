import { describe, expect, it } from 'vitest'
import { TrustError } from '#protocols/errors.ts'
import type { Concepts } from './concepts.ts'
import { conflictBetween, contained, satisfiable, type World } from './conflict.ts'
import { readOdrl } from './document.ts'
import { plainDomains } from './regions.ts'

type Members = Readonly<Record<string, unknown>>

// A garden: roses and lilies are flowers, a lily is no rose, and of herbs nobody says anything.
const above: Readonly<Record<string, string>> = { 'urn:rose': 'urn:flower', 'urn:lily': 'urn:flower', 'urn:flower': 'urn:plant', 'urn:herb': 'urn:plant' }
const below = (one: string, other: string): boolean => one === other || (above[one] !== undefined && below(above[one], other))
const concepts: Concepts = {
  all: ['urn:rose', 'urn:lily', 'urn:flower', 'urn:herb', 'urn:plant'],
  below,
  apart: (one, other) => [one, other].sort().join() === 'urn:lily,urn:rose',
}
const world: World = { ...plainDomains, concepts, silence: 'free' }

const at = (left: string, operator: string, right: unknown) => ({ leftOperand: left, operator, rightOperand: right })
const day = (text: string) => ({ '@value': `${text}T00:00:00Z`, '@type': 'xsd:dateTime' })
const days = (count: number) => ({ '@value': `P${count}D`, '@type': 'xsd:duration' })
const name = (word: string) => ({ '@id': `urn:${word}` })
const policy = (members: Members) => readOdrl({ '@context': 'http://www.w3.org/ns/odrl.jsonld', ...members })
const permits = (...constraint: readonly unknown[]) => policy({ permission: { action: 'use', constraint } })
const verdict = (one: readonly unknown[], other: readonly unknown[], silence: World['silence'] = 'free') =>
  conflictBetween(permits(...one), permits(...other), { ...world, silence })

const size = (operator: string, pixels: number) => at('absoluteSize', operator, pixels)

describe('intervals', () => {
  it.each([
    ['lteq', 'gteq', 'compatible'],
    ['lteq', 'gt', 'conflict'],
    ['lt', 'gteq', 'conflict'],
    ['lt', 'gt', 'conflict'],
    ['eq', 'lteq', 'compatible'],
    ['eq', 'lt', 'conflict'],
    ['eq', 'neq', 'conflict'],
    ['neq', 'neq', 'compatible'],
    ['gt', 'gteq', 'compatible'],
  ])('%s and %s of the same number: %s', (one, other, expected) => {
    expect(verdict([size(one, 40)], [size(other, 40)])).toBe(expected)
    expect(verdict([size(other, 40)], [size(one, 40)])).toBe(expected)
  })

  it('a size is not negative, and a number of nobody’s may be', () => {
    expect(satisfiable(permits(size('lt', 0)), world)).toBe(false)
    expect(satisfiable(permits(at('urn:depth', 'lt', 0)), world)).toBe(true)
  })

  it('one operand in conflict is a conflict of all', () => {
    expect(verdict([size('lt', 3), at('count', 'lt', 9)], [size('gt', 5), at('count', 'gt', 2)])).toBe('conflict')
  })
})

describe('or, exactly one, and containment', () => {
  const either = (...parts: readonly unknown[]) => ({ or: parts })
  const one = (...parts: readonly unknown[]) => ({ xone: parts })

  it('or is in conflict when each alternative is', () => {
    expect(verdict([either(size('lt', 3), size('gt', 8))], [size('gteq', 3), size('lteq', 8)])).toBe('conflict')
    expect(verdict([either(size('lt', 3), size('gt', 8))], [size('gteq', 3)])).toBe('compatible')
  })

  it('exactly one is in conflict with what makes both true', () => {
    const both = one(size('lt', 8), at('count', 'lt', 8))
    expect(verdict([both], [size('lt', 5), at('count', 'lt', 5)])).toBe('conflict')
    expect(verdict([both], [size('lt', 5)])).toBe('compatible')
  })

  it('the narrower lies within the wider and not the other way', () => {
    const [narrow, wide] = [permits(size('lt', 5), at('count', 'eq', 1)), permits(either(size('lteq', 5), at('count', 'gt', 3)))]
    expect([contained(narrow, wide, world), contained(wide, narrow, world)]).toEqual([true, false])
    expect(contained(permits(size('lteq', 5)), permits(size('lt', 5)), world)).toBe(false)
  })
})

describe('times', () => {
  it('instants are compared, and not with durations', () => {
    expect(verdict([at('dateTime', 'lt', day('2026-05-01'))], [at('dateTime', 'gteq', day('2026-05-01'))])).toBe('conflict')
    expect(verdict([at('dateTime', 'lt', day('2026-05-01'))], [at('elapsedTime', 'lt', days(2))])).toBe('compatible')
  })

  it('what is metered passes within what elapses', () => {
    expect(verdict([at('meteredTime', 'gteq', days(5))], [at('elapsedTime', 'lt', days(5))])).toBe('conflict')
    expect(verdict([at('meteredTime', 'gteq', days(5))], [at('elapsedTime', 'lteq', days(5))])).toBe('compatible')
  })

  it('delays one after the other add up', () => {
    const twice = { andSequence: [at('delayPeriod', 'gteq', days(4)), at('delayPeriod', 'gteq', days(4))] }
    expect(verdict([twice], [at('elapsedTime', 'lt', days(8))])).toBe('conflict')
    expect(verdict([twice], [at('elapsedTime', 'lteq', days(8))])).toBe('compatible')
  })

  const every = (count: number, first?: string) => ({ ...at('timeInterval', 'eq', days(count)), ...(first ? { 'dfft:anchor': day(first) } : {}) })

  it('recurring times meet where their remainders do, and within the stretch that is left', () => {
    expect(verdict([every(4, '2026-01-01')], [every(6, '2026-01-02')])).toBe('conflict')
    expect(verdict([every(4, '2026-01-01')], [every(6, '2026-01-03')])).toBe('compatible')
    // They meet on 9 January, 21 January …
    const until = (text: string) => at('dateTime', 'lteq', day(text))
    expect(verdict([every(4, '2026-01-01')], [every(6, '2026-01-03'), until('2026-01-08')])).toBe('conflict')
    expect(verdict([every(4, '2026-01-01')], [every(6, '2026-01-03'), until('2026-01-09')])).toBe('compatible')
    expect(verdict([every(4, '2026-01-01')], [every(6, '2026-01-03'), until('2026-01-09'), at('dateTime', 'neq', day('2026-01-09'))])).toBe('conflict')
  })

  it('of a recurrence without a beginning nobody knows', () => {
    expect(verdict([every(4)], [every(6, '2026-01-03')])).toBe('unknown')
  })
})

describe('names', () => {
  const kind = (operator: string, ...words: readonly string[]) => at('purpose', operator, words.map(name))

  it.each([
    [kind('isA', 'flower'), kind('eq', 'rose'), 'compatible'],
    [kind('isA', 'flower'), kind('eq', 'herb'), 'unknown'],
    [kind('eq', 'rose'), kind('eq', 'lily'), 'conflict'],
    [kind('eq', 'rose'), kind('eq', 'herb'), 'unknown'],
    [kind('isA', 'rose'), kind('isA', 'lily'), 'conflict'],
    [kind('isA', 'rose'), kind('isA', 'flower'), 'compatible'],
    [kind('hasPart', 'rose'), kind('eq', 'flower'), 'compatible'],
    [kind('isAnyOf', 'rose', 'herb'), kind('eq', 'lily'), 'unknown'],
    [kind('isAnyOf', 'rose', 'lily'), kind('eq', 'lily'), 'compatible'],
    [kind('isNoneOf', 'rose', 'lily'), kind('eq', 'lily'), 'conflict'],
    [kind('neq', 'rose'), kind('eq', 'lily'), 'compatible'],
    [kind('neq', 'rose'), kind('eq', 'herb'), 'unknown'],
  ])('%j and %j: %s', (one, other, expected) => {
    expect(verdict([one], [other])).toBe(expected)
  })
})

describe('policies', () => {
  it('what one permits and the other prohibits is in conflict', () => {
    const careful = policy({ conflict: 'prohibit', permission: { action: 'use' }, prohibition: { action: 'use', constraint: size('gt', 5) } })
    expect(conflictBetween(permits(size('gt', 6)), careful, world)).toBe('conflict')
    expect(conflictBetween(permits(size('gt', 4)), careful, world)).toBe('compatible')
  })

  it('an action lies within another, and two actions may be performed at once', () => {
    const does = (action: string) => policy({ permission: { action } })
    expect(conflictBetween(does('use'), does('print'), world)).toBe('compatible')
    expect(conflictBetween(does('print'), does('play'), world)).toBe('unknown')
  })

  it('an operand of which one is silent is open where silence is no freedom', () => {
    expect(verdict([size('lt', 5)], [at('count', 'lt', 5)])).toBe('compatible')
    expect(verdict([size('lt', 5)], [at('count', 'lt', 5)], 'unknown')).toBe('unknown')
    expect(verdict([size('lt', 5), at('count', 'lt', 5)], [size('gt', 5)], 'unknown')).toBe('conflict')
    expect(contained(permits(size('lt', 5)), permits(size('lt', 6), at('count', 'lt', 5)), { ...world, silence: 'unknown' })).toBeUndefined()
    expect(contained(permits(size('lt', 7)), permits(size('lt', 6), at('count', 'lt', 5)), { ...world, silence: 'unknown' })).toBe(false)
  })
})

describe('what is no set, interval or time is refused by name', () => {
  it.each([
    [[at('version', 'eq', 'first')], '/permission/0/constraint/0/rightOperand'],
    [[at('elapsedTime', 'lt', { '@value': 'P1M', '@type': 'xsd:duration' })], '/permission/0/constraint/0/rightOperand'],
    [[at('count', 'isPartOf', 4)], '/permission/0/constraint/0/operator'],
    [[at('timeInterval', 'lt', days(4))], '/permission/0/constraint/0'],
    [[{ andSequence: [at('count', 'lt', 4)] }], '/permission/0/constraint/0/andSequence/0'],
    [[at('count', 'lt', 1e300)], '/permission/0/constraint/0/rightOperand'],
    [[at('count', 'lt', 4), at('count', 'lt', days(4))], '/permission/0/constraint/1'],
  ])('%j', (constraints, path) => {
    const facts = () => {
      try {
        return satisfiable(permits(...constraints), world)
      } catch (error) {
        return error instanceof TrustError ? [error.code, error.facts.path] : error
      }
    }
    expect(facts()).toEqual(['DFFT_POLICY_ODRL', path])
  })
})
