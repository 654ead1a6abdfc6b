import { describe, expect, it } from 'vitest'
import type { Instant, Jurisdiction } from '#protocols/ids.ts'
import { shippedPacks } from '../packs/packs.ts'
import type { PolicyDocument } from '../policy.ts'
import { policyOf, suspensionOf } from '../question.fixture.ts'
import { sidesOf } from '../sides.ts'
import { type Axes, asIfInForce, jurisdictionsOf, type MatrixCell, matrix, matrixByCategory } from './matrix.ts'
import { standardDates, standardQuestions } from './standard.ts'

const now = '2026-11-21T00:00:00Z' as Instant
const long = '2018-12-31T00:00:00Z' as Instant
const codes = (...names: string[]) => names as Jurisdiction[]
const axes = (changed: Partial<Axes> = {}): Axes => ({
  jurisdictions: codes('JP', 'DE'),
  sectors: ['private'],
  dates: [now],
  types: ['registration'],
  ...changed,
})

const cite = [{ law: 'APPI', at: 'Art. 28(1)', legalRelation: '$matched' as const }]
const business = { id: 'jp.exp.business', effect: 'permit' as const, match: { data: ['registration.name', 'registration.identifier'] } }
const persons = { id: 'jp.exp.persons', effect: 'permit' as const, match: { to: { relation: 'jp-designation' }, data: ['registration.representative'] }, cite }
const byConsent = {
  id: 'jp.exp.consent',
  effect: 'permit' as const,
  match: { data: ['registration.representative'] },
  require: { transferTool: { anyOf: ['appi-28-consent'] } },
}
const takesAll = (name: string) => ({ id: `${name}.imp.all`, direction: 'import' as const, effect: 'permit' as const, match: {} })
const japan = policyOf('JP', business, persons, byConsent, takesAll('jp'))
const germany = policyOf('DE', takesAll('de'))

function cell(documents: readonly PolicyDocument[], changed: Partial<Axes> = {}, flow = 'JP DE'): MatrixCell {
  const cells = matrix(sidesOf(documents, shippedPacks), standardQuestions, axes(changed))
  return cells.find(({ from, to }) => `${from} ${to}` === flow)!
}

describe('a cell of the matrix', () => {
  it('says that all passes, by which rules and under which relation', () => {
    expect(cell([japan, germany])).toMatchObject({
      from: 'JP',
      to: 'DE',
      type: 'registration',
      category: null,
      outcome: 'all',
      export: { code: 'PERMITTED', rules: [business.id, persons.id], relations: ['jp-designates-eea'] },
      import: { code: 'PERMITTED', rules: ['de.imp.all'], relations: [] },
      released: ['/legalName', '/registrations', '/representatives'],
      withheld: [],
      needs: [],
    })
  })

  it('says that the open part alone passes, which side withholds what, and what would have to be shown', () => {
    const { outcome, released, withheld, needs } = cell([policyOf('JP', business, byConsent), germany])
    expect([outcome, released]).toEqual(['open', ['/legalName', '/registrations']])
    expect(withheld).toEqual([{ path: '/representatives', category: 'registration.representative', code: 'CONDITIONS_NOT_MET', side: 'export' }])
    expect(needs).toMatchObject([{ side: 'export', rules: [byConsent.id], unmet: [{ need: 'transferTool', anyOf: ['appi-28-consent'] }] }])
  })

  it('says when some other part passes', () => {
    const name = { ...business, match: { data: ['registration.name'] } }
    expect(cell([policyOf('JP', name), germany])).toMatchObject({ outcome: 'part', released: ['/legalName'] })
    expect(cell([policyOf('JP', persons), germany])).toMatchObject({ outcome: 'part', released: ['/representatives'] })
  })

  it('says what the importer withholds, and tells it of the importer', () => {
    const names = { ...takesAll('de'), match: { data: ['registration.name', 'registration.identifier'] } }
    const { outcome, withheld } = cell([japan, policyOf('DE', names)])
    expect([outcome, withheld.map(({ side, path }) => `${side} ${path}`)]).toEqual(['open', ['import /representatives']])
  })

  it.each<[string, readonly PolicyDocument[]]>([
    ['NO_POLICY', [japan]],
    ['NO_RULE', [policyOf('JP'), germany]],
    ['CONDITIONS_NOT_MET', [policyOf('JP', byConsent), germany]],
    ['DENIED_BY_RULE', [policyOf('JP', business, { id: 'jp.deny.all', effect: 'deny', match: { data: ['registration'] } }), germany]],
    ['SUSPENDED', [japan, germany, suspensionOf({})]],
    ['UNCOVERED_DATA', [policyOf('JP', business), policyOf('DE', { ...takesAll('de'), match: { data: ['personal'] } })]],
  ])('names the reason %s where nothing passes', (code, documents) => {
    expect(cell(documents)).toMatchObject({ outcome: code, released: [] })
  })

  it('is about the sector of the recipient and the law of the day', () => {
    const publicOnly = { ...business, match: { ...business.match, recipient: { sector: ['public' as const] } } }
    expect(cell([policyOf('JP', publicOnly), germany], { sectors: ['public'] }).outcome).toBe('open')
    expect(cell([policyOf('JP', publicOnly), germany]).outcome).toBe('NO_RULE')
    const documents = asIfInForce([japan, germany])
    expect(standardDates.map((at) => cell(documents, { dates: [at] }).outcome)).toEqual(['open', 'all', 'all', 'all'])
  })

  it('does not look for what is missing unless it is asked to', () => {
    const cells = matrix(sidesOf([policyOf('JP', byConsent), germany], shippedPacks), standardQuestions, axes(), { needs: false })
    expect(cells.flatMap(({ needs }) => needs)).toEqual([])
  })
})

describe('the matrix', () => {
  it('has a cell for each type, date, sector, exporter and recipient, in this order', () => {
    const all = axes({ types: ['registration', 'mandate'], dates: standardDates, sectors: ['private', 'public'] })
    const cells = matrix(sidesOf([japan, germany], shippedPacks), standardQuestions, all, { needs: false })
    expect(cells).toHaveLength(2 * 4 * 2 * 2 * 2)
    expect(cells.slice(0, 5).map(({ from, to, sector }) => `${from} ${to} ${sector}`)).toEqual([
      'JP JP private',
      'JP DE private',
      'DE JP private',
      'DE DE private',
      'JP JP public',
    ])
  })

  it('refuses a type that has no standard question', () => {
    expect(() => matrix(sidesOf([], shippedPacks), standardQuestions, axes({ types: ['passport'] }))).toThrow('there is no standard question')
  })

  it('by category asks about each finest category of the credential by itself', () => {
    const cells = matrixByCategory(sidesOf([japan, germany], shippedPacks), standardQuestions, axes({ jurisdictions: codes('JP', 'DE') }), shippedPacks)
    const outward = cells.filter(({ from, to }) => `${from} ${to}` === 'JP DE')
    expect(outward.map(({ category }) => category)).toContain('registration.beneficial-owner')
    expect(outward.every(({ category }) => category?.startsWith('registration.'))).toBe(true)
    expect(outward.filter(({ outcome }) => outcome === 'all').map(({ category }) => category)).toEqual([
      'registration.identifier',
      'registration.name',
      'registration.representative',
    ])
  })
})

describe('documents taken as in force', () => {
  it('are in force on any day, which they are not by themselves', () => {
    expect(cell([japan, germany], { dates: [long] }).outcome).toBe('POLICY_NOT_IN_FORCE')
    expect(cell(asIfInForce([japan, germany]), { dates: [long] }).outcome).toBe('open')
  })

  it('leave suspensions their days', () => {
    const documents = asIfInForce([japan, germany, suspensionOf({})])
    expect(cell(documents).outcome).toBe('SUSPENDED')
    expect(cell(documents, { dates: ['2026-11-23T00:00:00Z' as Instant] }).outcome).toBe('all')
  })
})

describe('the jurisdictions of a set of policies', () => {
  it('are those named; a union stands for its members with a policy, or for all where none has one', () => {
    const union = policyOf('EU')
    expect(jurisdictionsOf([japan, germany, union, suspensionOf({})], shippedPacks, now)).toEqual(['DE', 'JP'])
    const members = jurisdictionsOf([japan, union], shippedPacks, now)
    expect(members).toHaveLength(28)
    expect(members).toEqual(expect.arrayContaining(['FR', 'JP']))
    expect(jurisdictionsOf([union], shippedPacks, long)).toContain('GB')
    expect(members).not.toContain('GB')
  })
})
