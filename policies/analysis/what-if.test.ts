import { describe, expect, it } from 'vitest'
import type { TrustError } from '#protocols/errors.ts'
import type { Instant, Jurisdiction } from '#protocols/ids.ts'
import { decide } from '../decide.ts'
import { withShown } from '../nearest.ts'
import { shippedPacks } from '../packs/packs.ts'
import { policyOf } from '../question.fixture.ts'
import { sidesOf } from '../sides.ts'
import { dataOf, questionOf, standardQuestion, standardQuestions } from './standard.ts'
import { whatIf, without } from './what-if.ts'

const at = '2026-11-21T00:00:00Z' as Instant
const axes = { jurisdictions: ['DE', 'JP', 'KR'] as Jurisdiction[], sectors: ['private' as const], dates: [at], types: ['registration', 'qualification'] }
const data = ['registration.representative', 'qualification']
const cite = [{ law: 'APPI', at: 'Art. 28(1)', legalRelation: '$matched' as const }]
const business = { id: 'jp.exp.business', effect: 'permit' as const, match: { data: ['registration.name', 'registration.identifier'] } }
const designated = { id: 'jp.exp.designated', effect: 'permit' as const, rank: 10, match: { to: { relation: 'jp-designation' }, data }, cite }
const consent = { id: 'jp.exp.consent', effect: 'permit' as const, rank: 20, match: { data }, require: { transferTool: { anyOf: ['appi-28-consent'] } } }
const list = { id: 'jp.exp.list', effect: 'permit' as const, rank: 30, match: { to: ['DE' as Jurisdiction], data: ['qualification'] } }
const takesAll = (name: string) => policyOf(name, { id: `${name.toLowerCase()}.imp.all`, direction: 'import', effect: 'permit', match: {} })
const others = [takesAll('DE'), takesAll('KR')]
const ask = (drop: string, ...rules: Parameters<typeof policyOf>[1][]) =>
  whatIf([policyOf('JP', ...rules), ...others], shippedPacks, standardQuestions, drop, axes)

function thrown(work: () => unknown): TrustError {
  try {
    work()
  } catch (error) {
    return error as TrustError
  }
  throw new Error('nothing was thrown')
}

describe('what if a relation falls', () => {
  it('names each flow that rested on it, what it loses, and what would have to be shown', () => {
    const { flows, looked, dropped } = ask('jp-designates-eea', business, designated, consent)
    expect(looked).toBe(3 * 3 * 2)
    expect(dropped.map(({ id }) => id)).toEqual(['jp-designates-eea'])
    expect(flows.map(({ from, to, type, fate, before, after, rested }) => [from, to, type, fate, before, after, rested])).toEqual([
      ['JP', 'DE', 'registration', 'needs', 'all', 'open', ['jp-designates-eea']],
      ['JP', 'DE', 'qualification', 'needs', 'all', 'CONDITIONS_NOT_MET', ['jp-designates-eea']],
    ])
    expect(flows.map(({ lost }) => lost.map(({ path }) => path))).toEqual([['/representatives'], ['/award', '/holder']])
    for (const { needs } of flows) expect(needs).toMatchObject([{ side: 'export', unmet: [{ need: 'transferTool', anyOf: ['appi-28-consent'] }] }])
  })

  it('promises nothing that does not hold: what it names, when shown, releases again what was lost', () => {
    const documents = [policyOf('JP', business, designated, consent), ...others]
    const sides = sidesOf(documents, without(shippedPacks, 'jp-designation').packs)
    const { flows } = whatIf(documents, shippedPacks, standardQuestions, 'jp-designation', axes)
    expect(flows.length).toBeGreaterThan(0)
    for (const flow of flows) {
      const one = standardQuestion(standardQuestions, flow.type)
      const question = withShown(questionOf(standardQuestions, one, flow), flow.needs[0]!.unmet)
      const released = decide(sides(flow.from, at), sides(flow.to, at), question).joint?.disclosed ?? []
      expect(released).toEqual(dataOf(one).map(({ path }) => path))
    }
  })

  it('names the permit and the relation by which a flow goes on', () => {
    const { flows } = ask('jp-designates-eea', business, designated, consent, list)
    const kept = flows.find(({ type }) => type === 'qualification')!
    expect(kept).toMatchObject({ fate: 'keeps', lost: [], needs: [], rules: { before: [designated.id], after: [list.id] }, before: 'all', after: 'all' })
  })

  it('says where nothing that could be shown would help', () => {
    expect(ask('jp-designates-eea', business, designated).flows.map(({ fate, needs }) => [fate, needs])).toEqual([
      ['loses', []],
      ['loses', []],
    ])
  })

  it('does not tell a flow that only lacks what it lacked before', () => {
    expect(ask('eu-adequacy-jp', business, designated).flows).toEqual([])
    expect(ask('eu-adequacy', business, designated).looked).toBe(18)
  })

  it('names what is lost and could be shown for, not what was withheld before', () => {
    const holder = { ...designated, match: { ...designated.match, data: ['qualification.holder'] } }
    const award = { ...consent, id: 'jp.exp.award', match: { data: ['qualification.award'] } }
    const { flows } = ask('jp-designates-eea', holder, award)
    expect(flows.map(({ type, fate, lost, needs }) => [type, fate, lost.map(({ path }) => path), needs])).toEqual([['qualification', 'loses', ['/holder'], []]])
  })
})

describe('the packs without a relation', () => {
  it('lack the relation, or all of a kind, and keep words and digests, so that policies stay what they are', () => {
    const { packs, dropped } = without(shippedPacks, 'jp-designation')
    expect(dropped.map(({ id }) => id)).toEqual(['jp-designates-eea', 'jp-designates-gb'])
    expect(packs.digests).toEqual(shippedPacks.digests)
    expect(packs.terms.relation.has('jp-designation')).toBe(true)
    expect(shippedPacks.legal.relations.length - packs.legal.relations.length).toBe(2)
  })

  it.each([
    ['eu-adequacy-jo', 'eu-adequacy-jp'],
    ['jp-designations', 'jp-designation'],
    ['ch-no-jp', null],
    ['x'.repeat(5000), null],
  ])('are not made without %s, which is no tool; the nearest is named', (drop, nearest) => {
    const { code, facts, message } = thrown(() => without(shippedPacks, drop))
    expect(code).toBe('DFFT_NOT_FOUND')
    if (nearest === null) expect(message.length).toBeLessThan(250)
    else expect(['eu-adequacy-im', 'eu-adequacy-fo', 'eu-adequacy-je', nearest]).toContain(facts.nearest)
  })
})
