/**
 * The days on which the law changed, and what the rules of all reference policies have in common. The policies are
 * taken as if they had been in force on each of those days; the days are those of the legal pack, written here by hand.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Did, type Instant, Jurisdiction } from '#protocols/ids.ts'
import { parseJson } from '#protocols/json.ts'
import { decide } from '../../decide.ts'
import { parsePolicy } from '../../parse-policy.ts'
import { PolicyDocument, type TrustPolicy } from '../../policy.ts'
import { type FactName, factRow, type Question } from '../../question.ts'
import { sidesOf } from '../../sides.ts'
import { shippedPacks } from '../packs.ts'

const folder = new URL('.', import.meta.url)
const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
const policies = names.map((name) => parsePolicy(readFileSync(new URL(name, folder), 'utf8'), name) as TrustPolicy)
const ever = { validFrom: '2000-01-01T00:00:00Z' as Instant, validUntil: '2100-01-01T00:00:00Z' as Instant }
const sides = sidesOf(
  policies.map((policy) => ({ ...policy, metadata: { ...policy.metadata, ...ever } })),
  shippedPacks,
)

interface Standard {
  readonly facts: Readonly<Record<string, string | string[] | number>>
  readonly questions: readonly {
    readonly type: string
    readonly credential: string
    readonly purpose: string
    readonly legalBasis: string[]
    readonly open: Readonly<Record<string, string>>
    readonly personal: Readonly<Record<string, string>>
  }[]
}
const standard = JSON.parse(readFileSync(new URL('standard-questions.json', folder), 'utf8')) as Standard

function decided(type: string, from: string, to: string, at: string, more: Record<string, string | string[] | number> = {}) {
  const { credential, purpose, legalBasis, open, personal } = standard.questions.find((one) => one.type === type)!
  const facts = { ...standard.facts, from, to, sector: 'private', purpose, legalBasis, ...more }
  const data = Object.entries({ ...open, ...personal }).map(([path, category]) => ({ path, category }))
  const question: Question = {
    version: 'dfft-question/1',
    at: at as Instant,
    exporter: 'did:web:exporter.example' as Did,
    importer: 'did:web:importer.example' as Did,
    credential,
    selective: true,
    data: data.sort((a, b) => (a.path < b.path ? -1 : 1)),
    facts: Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, { value, origin: factRow(name as FactName).origins[0]! }])),
  }
  const decision = decide(sides(Jurisdiction.parse(from), question.at), sides(Jurisdiction.parse(to), question.at), question)
  const released = new Set(decision.joint?.disclosed)
  return { decision, persons: Object.keys(personal).every((path) => released.has(path)), business: Object.keys(open).every((path) => released.has(path)) }
}

describe('the day a relation begins or ends, persons go or stay', () => {
  it.each([
    ['DE', 'JP', '2019-01-22T23:59:59Z', '2019-01-23T00:00:00Z', false, true],
    ['JP', 'DE', '2019-01-22T23:59:59Z', '2019-01-23T00:00:00Z', false, true],
    ['FR', 'KR', '2021-12-16T23:59:59Z', '2021-12-17T00:00:00Z', false, true],
    ['KR', 'FR', '2025-09-15T23:59:59Z', '2025-09-16T00:00:00Z', false, true],
    ['DE', 'BR', '2026-01-25T23:59:59Z', '2026-01-26T00:00:00Z', false, true],
    ['BR', 'DE', '2026-01-26T23:59:59Z', '2026-01-27T00:00:00Z', false, true],
    ['CH', 'DE', '2023-08-31T23:59:59Z', '2023-09-01T00:00:00Z', false, true],
    ['GB', 'KR', '2022-12-18T23:59:59Z', '2022-12-19T00:00:00Z', false, true],
    ['GB', 'JP', '2020-12-31T23:59:59Z', '2021-01-01T00:00:00Z', true, true],
    ['DE', 'GB', '2020-12-31T23:59:59Z', '2021-01-01T00:00:00Z', true, false],
    ['DE', 'GB', '2021-06-27T23:59:59Z', '2021-06-28T00:00:00Z', false, true],
    ['DE', 'GB', '2031-12-26T23:59:59Z', '2031-12-27T00:00:00Z', true, false],
    ['GB', 'DE', '2020-01-31T23:59:59Z', '2020-02-01T00:00:00Z', true, true],
    ['GB', 'DE', '2020-12-31T23:59:59Z', '2021-01-01T00:00:00Z', true, true],
  ])('from %s to %s on %s and %s', (from, to, before, after, stood, stands) => {
    for (const { type } of standard.questions) {
      for (const [at, expected] of [
        [before, stood],
        [after, stands],
      ] as const) {
        const { persons, business, decision } = decided(type, from, to, at)
        expect([type, at, persons]).toEqual([type, at, expected])
        expect(business || type === 'qualification', `${type} ${at}`).toBe(true)
        if (!expected) expect(new Set(decision.export.withheld.map(({ code }) => code))).toEqual(new Set(['CONDITIONS_NOT_MET']))
      }
    }
  })
  it('the certificate of the United States counts from its day', () => {
    const certified = { certification: ['us-dpf', 'us-dpf+uk-extension', 'swiss-us-dpf'] }
    for (const [from, before, after] of [
      ['DE', '2023-07-09T23:59:59Z', '2023-07-10T00:00:00Z'],
      ['GB', '2023-10-11T23:59:59Z', '2023-10-12T00:00:00Z'],
      ['CH', '2024-09-14T23:59:59Z', '2024-09-15T00:00:00Z'],
    ] as const) {
      expect(decided('invoice', from, 'US', before, certified).persons, from).toBe(false)
      expect(decided('invoice', from, 'US', after, certified).persons, from).toBe(true)
      expect(decided('invoice', from, 'US', after).persons, from).toBe(false)
    }
  })
  it('China is a country of concern from 2025-04-08, so what is flagged may leave the United States for it the day before', () => {
    const flagged = { dataFlags: ['bulk-sensitive'] }
    expect(decided('mandate', 'US', 'CN', '2025-04-07T23:59:59Z', flagged).persons).toBe(true)
    expect(decided('mandate', 'US', 'CN', '2025-04-08T00:00:00Z', flagged).decision.code).toBe('DENIED_BY_RULE')
  })
})

describe('a person withheld is told of a way', () => {
  const today = '2026-11-21T00:00:00Z'
  it.each([
    ['DE', 'SG'],
    ['FR', 'CN'],
    ['GB', 'IN'],
    ['CH', 'JP'],
    ['JP', 'BR'],
    ['KR', 'JP'],
    ['SG', 'DE'],
    ['BR', 'JP'],
  ])('from %s to %s, whatever the credential', (from, to) => {
    for (const { type } of standard.questions) {
      const { decision, persons } = decided(type, from, to, today)
      expect(persons).toBe(false)
      const ways = decision.export.nearest.map(({ unmet }) => unmet.map(({ need }) => need))
      expect(
        ways.some((needs) => needs.includes('transferTool') || needs.includes('certification')),
        type,
      ).toBe(true)
      for (const { cite } of decision.export.nearest) expect(cite.length).toBeGreaterThan(0)
    }
  })
})

describe('the rules of all reference policies', () => {
  const rules = policies.flatMap(({ rules }) => rules)
  const persons = new Set(['registration.representative', 'invoice.party.contact', 'mandate.grantee', 'qualification.holder'])
  const permits = rules.filter((rule) => rule.effect === 'permit')
  const ofPersons = permits.filter(({ match }) => match.data?.some((category) => persons.has(category)) && !match.purpose?.includes('registration.delivery'))
  it('speak of all twelve jurisdictions, both directions and eight credential types', () => {
    expect(policies.map(({ metadata }) => metadata.jurisdiction).sort()).toEqual(['BR', 'CH', 'CN', 'DE', 'EU', 'FR', 'GB', 'IN', 'JP', 'KR', 'SG', 'US'])
    for (const { metadata, rules } of policies)
      for (const direction of ['export', 'import'])
        expect(
          new Set(rules.flatMap((rule) => (rule.effect === 'permit' && rule.direction === direction ? (rule.match.credential ?? []) : []))).size,
          metadata.id,
        ).toBe(8)
  })
  it('limit time and purpose wherever persons go', () => {
    for (const { id, obligations } of ofPersons) {
      const types = (obligations ?? []).map(({ type }) => type)
      expect(types.includes('purpose-limit'), id).toBe(true)
      // A rule of Germany from before leaves the time to the Union's, which is on the same side.
      if (id !== 'de.exp.qualification.licensing') expect(types.includes('retention'), id).toBe(true)
    }
  })
  it('ask the person wherever the way is consent, and for its record', () => {
    const byConsent = permits.filter(
      ({ require }) => require?.transferTool && 'anyOf' in require.transferTool && require.transferTool.anyOf.every((tool) => tool.endsWith('consent')),
    )
    expect(byConsent.length).toBe(25)
    for (const { id, require, obligations } of byConsent) {
      expect(obligations, id).toContainEqual({ type: 'consent', of: 'subject' })
      expect(require?.evidence, id).toEqual({ anyOf: ['consent-record'] })
    }
  })
  it('want a status of the same day for every qualification that Japan shows or takes in', () => {
    const japan = permits.filter(({ id }) => /^jp\.(?:exp|imp)\.qualification\.licensing/.test(id))
    expect(japan.map(({ id }) => id).sort()).toEqual([
      'jp.exp.qualification.licensing',
      'jp.exp.qualification.licensing.certified',
      'jp.exp.qualification.licensing.consent',
      'jp.exp.qualification.licensing.domestic',
      'jp.exp.qualification.licensing.measures',
      'jp.imp.qualification.licensing',
    ])
    for (const { id, obligations } of japan) expect(obligations, id).toContainEqual({ type: 'status-age', withinSeconds: 86_400 })
  })
  it('deny special categories in both directions, for the members by the policy of the Union', () => {
    for (const { metadata, rules } of policies) {
      const directions = rules.flatMap((rule) => (rule.effect === 'deny' && rule.match.data?.includes('personal.special') ? [rule.direction] : []))
      expect(directions.sort(), metadata.id).toEqual(['DE', 'FR'].includes(metadata.jurisdiction) ? [] : ['export', 'import'])
    }
  })
  it('are documents of the published form, and hash alike after a round through JSON', () => {
    for (const policy of policies) expect(PolicyDocument.parse(parseJson(new TextEncoder().encode(JSON.stringify(policy))))).toEqual(policy)
  })
})
