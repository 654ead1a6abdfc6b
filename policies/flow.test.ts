import { describe, expect, it } from 'vitest'
import { compile } from './compile.ts'
import { decideSide } from './decide.ts'
import { shippedPacks as packs, readPacks } from './packs/packs.ts'
import { ask, policyOf } from './question.fixture.ts'
import type { Question } from './question.ts'

/** Law by which four relations lead from Japan to Germany, of which one is of another kind. */
function related() {
  const legal = structuredClone(packs.documents.get(packs.digests.legal)) as { relations: Record<string, unknown>[] } // It is a legal pack.
  const [like] = legal.relations.filter(({ id }) => id === 'jp-designates-gb')
  const relation = (id: string, more: object) => ({ ...like, id, to: 'DE', ...more })
  legal.relations = [
    relation('a-adequacy', { kind: 'eu-adequacy', excludedPurposes: ['security.public'] }),
    relation('b-certified', { certification: 'iso-27001' }),
    relation('c-without-contact', { excludedData: ['personal.contact'] }),
    relation('d-whole', {}),
  ]
  return readPacks({ ...packs.vocabulary, format: 'dfft-vocabulary/1' }, legal)
}
const law = related()
const byLaw = (kind: string, question: Question) => {
  const policy = policyOf('JP', { id: 'jp.a', effect: 'permit', match: { to: { relation: kind } }, cite: [{ law: 'APPI', legalRelation: '$matched' }] })
  return decideSide(compile([{ ...policy, metadata: { ...policy.metadata, packs: law.digests } }], law), 'export', question, { nearest: false })
}

describe('where several legal relations lead along a flow', () => {
  it('a permit holds by the first of its kind that stands and does not leave the data out', () => {
    const cited = (question: Question) => byLaw('jp-designation', question).cite.map(({ legalRelation }) => legalRelation)
    expect(cited(ask({ facts: { certification: ['iso-27001'] } }))).toEqual(['b-certified'])
    expect(cited(ask())).toEqual(['c-without-contact'])
    expect(cited(ask({ data: { '/mail': 'personal.contact' } }))).toEqual(['d-whole'])
    expect(cited(ask({ data: { '/mail': 'personal.contact', '/name': 'registration.name' } }))).toEqual(['c-without-contact', 'd-whole'])
  })
  it('one that leaves out a purpose does not stand for it, nor for a purpose that is not known', () => {
    const verdict = (purpose: string | null) => byLaw('eu-adequacy', ask({ facts: { purpose } })).verdict
    expect([verdict('trade.supplier-verification'), verdict('security.public'), verdict(null)]).toEqual(['permit', 'deny', 'deny'])
  })
})

describe('a document of two', () => {
  it('may speak of a flow by any legal relation where the recipient’s place is unknown', () => {
    const union = policyOf('EU', { id: 'eu.open', effect: 'permit' })
    const member = policyOf('DE', { id: 'de.adequate', effect: 'permit', match: { to: { relation: 'eu-adequacy' }, data: ['invoice'] } })
    const to = (code: string | null) => decideSide(compile([union, member], packs), 'export', ask({ facts: { from: 'DE', to: code } })).code
    expect([to('CN'), to('JP'), to(null)]).toEqual(['PERMITTED', 'UNCOVERED_DATA', 'UNCOVERED_DATA'])
  })
})

describe('a side of so many rules that a row has two words for its head', () => {
  // Neither all of one exporter's place nor all to one recipient's: so each flow is met row by row.
  const places = ['FR', 'JP', 'KR'].flatMap((from) => ['CN', 'DE'].map((to) => [from, to] as const))
  const denies = (name: string, match: object) =>
    Array.from({ length: 205 }, (_, at) => ({ id: `x.${name}.${at}`, effect: 'deny', match }) as Parameters<typeof policyOf>[1])
  const rules = places.flatMap(([from, to]) => denies(`${from}.${to}`.toLowerCase(), { from: [from], to: [to] }))
  const adequate = denies('adequate', { from: ['FR'], to: { relation: 'eu-adequacy' } })
  const index = compile([policyOf('JP', ...rules, ...adequate, { id: 'x.open', effect: 'permit' })], packs)
  const found = (from: string, to: string) => {
    const { rules: ids } = decideSide(index, 'export', ask({ facts: { from, to } }), { nearest: false })
    return [ids.length, ...new Set(ids.map((id) => id.replace(/\.\d+$/, '')))]
  }
  it.each(places)('every rule of a flow from %s to %s is found, and no other', (from, to) => {
    expect(found(from, to)).toEqual([205, `x.${from}.${to}`.toLowerCase()])
  })
  it('every rule of a legal relation is found, and no other', () => expect(found('FR', 'NZ')).toEqual([205, 'x.adequate']))
})
