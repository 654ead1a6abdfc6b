import { describe, expect, it } from 'vitest'
import { SharedClauses } from './clauses.ts'
import { compile } from './compile.ts'
import { compileRules } from './compiled-rule.ts'
import { decideSide } from './decide.ts'
import { shippedPacks as packs } from './packs/packs.ts'
import { ask, policyOf } from './question.fixture.ts'
import { grantOf, Rulings } from './rulings.ts'

const cite = (legalRelation?: string) => ({ law: 'GDPR', ...(legalRelation === undefined ? {} : { legalRelation }) })

describe('what a ruling cites', () => {
  const matched = cite('$matched')
  const related = { effect: 'permit' as const, match: { to: { relation: 'eu-adequacy' } } }
  const half = (rules: Parameters<typeof policyOf>[1][], to = 'JP') =>
    decideSide(compile([policyOf('DE', ...rules)], packs), 'export', ask({ facts: { from: 'DE', to } }))
  it('is the relation by which its rule holds, also of a rule after others', () => {
    expect(
      half([
        { id: 'de.no', effect: 'deny', match: { to: ['US' as never] } },
        { id: 'de.rel', ...related, cite: [matched] },
      ]).cite,
    ).toStrictEqual([cite('eu-adequacy-jp')])
  })
  it('is no relation where the rule holds without one: a permit, a permit limited to paths, a place beside the relation, a duty', () => {
    const open = { id: 'de.open', effect: 'permit' as const, cite: [matched] }
    expect(half([open]).cite).toStrictEqual([cite()])
    expect(half([{ ...open, disclose: { allow: ['/name'] } }]).cite).toStrictEqual([cite()])
    expect(half([{ ...open, match: { to: [{ relation: 'eu-adequacy' }, 'JP'] as never } }]).cite).toStrictEqual([cite()])
    const duty = { id: 'de.duty', effect: 'oblige' as const, cite: [{ ...matched, at: 'Art. 30' }], obligations: [{ type: 'retention' as const, max: 'P1Y' }] }
    expect(half([{ id: 'de.open', effect: 'permit' }, duty]).cite).toStrictEqual([{ ...cite(), at: 'Art. 30' }])
  })
  it('is else as the rule writes it, each once, and nothing where it writes nothing', () => {
    expect(half([{ id: 'de.open', effect: 'permit', cite: [cite('eu-adequacy-jp'), cite(), cite()] }]).cite).toStrictEqual([cite('eu-adequacy-jp'), cite()])
    expect(half([{ id: 'de.open', effect: 'permit' }]).cite).toStrictEqual([])
    expect(half([{ id: 'de.no', effect: 'deny' }])).toMatchObject({ code: 'DENIED_BY_RULE', cite: [] })
  })
  it('is of a refusal what the denies that stand cite, and no other', () => {
    const denies = ['US', 'JP'].map((code) => ({
      id: `de.${code.toLowerCase()}`,
      effect: 'deny' as const,
      match: { to: [code as never] },
      cite: [{ law: code }],
    }))
    expect(half([{ id: 'de.first', effect: 'deny', match: { credential: ['OrderCredential'] }, cite: [{ law: 'none' }] }, ...denies])).toMatchObject({
      rules: ['de.jp'],
      cite: [{ law: 'JP' }],
    })
  })
  it('ends a permit with its policy where the relation lasts longer', () => {
    expect(half([{ id: 'de.rel', ...related }], 'GB').validUntil).toBe('2027-09-01T00:00:00Z')
  })
})

const count = 3000
const relations = packs.legal.relations.filter(({ tool }) => tool).slice(0, 3)
const name = (number: number) => `jp.r${String(number).padStart(4, '0')}`
const permits = Array.from({ length: count }, (_, at) => ({ id: name(at), effect: 'permit' as const, cite: [cite('$matched')] }))
const rules = compileRules([policyOf('JP', ...permits)], 'export', false, new SharedClauses())
const legend = { rules, relations, validUntil: '2027-09-01T00:00:00Z' as never }
/** A key that permits: rules that hold by no relation. */
const keyOf = (...numbers: number[]) => [1, numbers.length, ...grants(numbers)]
const grants = (numbers: readonly number[]) => numbers.map((number) => grantOf(number, -1, relations.length))
const some = (length: number, from: number) => Array.from({ length }, (_, at) => (from + at * 7) % count)

describe('rulings that are kept', () => {
  it('are found again by all that a key says and by nothing that stands behind it', () => {
    for (const length of [1, 2, 5, 12]) {
      const [rulings, key] = [new Rulings(legend), keyOf(...some(length, 0))]
      const first = rulings.of(key, key.length)
      for (const behind of [1, 2, 3]) expect(rulings.of([...key, behind], key.length)).toBe(first)
    }
  })
  it('are told apart by the relation, none or the first', () => {
    const rulings = new Rulings(legend)
    const cited = (relation: number) => rulings.of([1, 1, grantOf(5, relation, relations.length)], 3).cite
    for (let times = 0; times < 2; times++) expect([-1, 0, 1, 2].map(cited)).toStrictEqual([[cite()], ...relations.map(({ id }) => [cite(id)])])
  })
  it('are told apart by every rule and every duty, also where one says all that another says and more', () => {
    const rulings = new Rulings(legend)
    const [short, long] = [some(2, 1), some(9, 1)]
    const mistaken: string[] = []
    const ask = (numbers: readonly number[], duties: readonly number[]) => {
      const { rules, added } = rulings.of([...keyOf(...numbers), ...grants(duties)], 2 + numbers.length + duties.length)
      const expected = [...new Set(numbers).values().map(name), '', ...new Set(duties).values().map(name)].join()
      if ([...rules, '', ...added].join() !== expected) mistaken.push(expected)
    }
    for (let other = 0; other < 8 * count; other++) {
      ask(short, [other % count, (other * 7 + 3) % (count - 1)])
      ask(short, [])
      if (other >= count) continue
      ask([1, other], [])
      ask([...some(8, 1), other], [])
      ask(long, [])
    }
    expect(mistaken).toEqual([])
  })
  it('name a rule once that holds by two relations', () => {
    const both = [0, 2].map((relation) => grantOf(7, relation, relations.length))
    expect(new Rulings(legend).of([1, 2, ...both], 4)).toMatchObject({ rules: [name(7)], added: [], cite: [cite(relations[0]!.id), cite(relations[2]!.id)] })
  })
  it('stay while there is room: short ones whatever long ones come, and most of a few', () => {
    const rulings = new Rulings(legend)
    const keys = Array.from({ length: 1500 }, (_, at) => keyOf(...some(2, at)))
    const made = keys.map((key) => rulings.of(key, key.length))
    const kept = keys.filter((key, at) => rulings.of(key, key.length) === made[at])
    const again = kept.map((key) => rulings.of(key, key.length))
    expect(kept.length).toBeGreaterThan(1000)
    for (const length of [6, 20]) for (let at = 0; at < count; at++) rulings.of(keyOf(...some(length, at)), length + 2)
    expect(kept.map((key) => rulings.of(key, key.length)).filter((ruling, at) => ruling !== again[at])).toHaveLength(0)
    const long = Array.from({ length: 20 }, (_, at) => keyOf(...some(9, at)))
    const first = long.map((key) => rulings.of(key, key.length))
    expect(long.filter((key, at) => rulings.of(key, key.length) === first[at]).length).toBeGreaterThan(14)
  })
  it('are not kept from 62 rules on', () => {
    const rulings = new Rulings(legend)
    const ruled = (length: number) => rulings.of(keyOf(...some(length, 0)), length + 2)
    const twice = (length: number) => new Set([ruled(length), ruled(length)]).size === 1
    expect([61, 62, 63].map(twice)).toEqual([true, false, false])
  })
})
