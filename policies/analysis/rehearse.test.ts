import { describe, expect, it } from 'vitest'
import { decide } from '../decide.ts'
import { shippedPacks } from '../packs/packs.ts'
import type { PolicyDocument, TrustPolicy } from '../policy.ts'
import { ask, policyOf } from '../question.fixture.ts'
import { sidesOf } from '../sides.ts'
import { countsOf, type Recorded, rehearse, withDraft } from './rehearse.ts'

const data = { '/name': 'registration.name', '/number': 'registration.identifier' }
const gives = (...categories: string[]) => ({ id: 'jp.exp.a', effect: 'permit' as const, match: { data: categories } })
const both = gives('registration.name', 'registration.identifier')
const germany = policyOf('DE', { id: 'de.imp.a', direction: 'import', effect: 'permit', match: {} })
const before = policyOf('JP', both)

function recorded(documents: readonly PolicyDocument[], question = ask({ data }), exchange = 'e1'): Recorded {
  const sides = sidesOf(documents, shippedPacks)
  const from = question.facts.from?.value as TrustPolicy['metadata']['jurisdiction']
  const to = question.facts.to?.value as TrustPolicy['metadata']['jurisdiction']
  return { exchange, id: 'c0', chosen: true, question, decision: decide(sides(from, question.at), sides(to, question.at), question, { nearest: false }) }
}

function rehearsed(draft: TrustPolicy, records: readonly Recorded[], documents: readonly PolicyDocument[] = [before, germany]) {
  return rehearse(records, { today: sidesOf(documents, shippedPacks), draft: sidesOf(withDraft(documents, draft), shippedPacks) })
}

describe('a rehearsal', () => {
  it('finds no flip where the draft decides alike', () => {
    const made = rehearsed(policyOf('JP', { ...both, id: 'jp.exp.renamed' }), [recorded([before, germany])])
    expect(made).toEqual({ decisions: 1, flips: [] })
    expect(countsOf(made).same).toBe(1)
  })

  it.each([
    ['a refusal', policyOf('JP'), ['verdict', 'code', 'released'], { toDeny: 1, toPermit: 0, releaseLess: 1, releaseMore: 0, duties: 0 }],
    ['less released', policyOf('JP', gives('registration.name')), ['released'], { toDeny: 0, toPermit: 0, releaseLess: 1, releaseMore: 0, duties: 0 }],
    [
      'another duty',
      policyOf('JP', { ...both, obligations: [{ type: 'breach-notice', withinHours: 24 }] }),
      ['duties'],
      { toDeny: 0, toPermit: 0, releaseLess: 0, releaseMore: 0, duties: 1 },
    ],
  ])('tells of %s, with both outcomes', (_, draft, changed, counts) => {
    const made = rehearsed(draft, [recorded([before, germany])])
    expect(made.flips).toMatchObject([
      { exchange: 'e1', id: 'c0', from: 'JP', to: 'DE', changed, because: 'draft', before: { released: ['/name', '/number'] } },
    ])
    expect(countsOf(made)).toMatchObject({ same: 0, byDraft: 1, since: 0, ...counts })
  })

  it('tells of a refusal that becomes a permit, and of another code', () => {
    const nothing = policyOf('JP')
    const record = recorded([nothing, germany])
    expect(countsOf(rehearsed(before, [record], [nothing, germany]))).toMatchObject({ toPermit: 1, releaseMore: 1, byDraft: 1 })
    const denying = policyOf('JP', { id: 'jp.deny.a', effect: 'deny', match: {} })
    expect(rehearsed(denying, [record], [nothing, germany]).flips).toMatchObject([
      { changed: ['code'], before: { code: 'NO_RULE' }, after: { code: 'DENIED_BY_RULE' } },
    ])
  })

  it('tells apart what the draft does from what has changed since the decision was made', () => {
    const narrow = policyOf('JP', gives('registration.name'))
    // Made when both were given; today's policy gives the name alone, and so does the draft.
    expect(rehearsed(narrow, [recorded([before, germany])], [narrow, germany]).flips).toMatchObject([{ because: 'since' }])
    expect(rehearsed(policyOf('JP'), [recorded([before, germany])], [narrow, germany]).flips).toMatchObject([{ because: 'draft' }])
  })

  it('looks at both sides: a draft of the importer flips as well', () => {
    expect(rehearsed(policyOf('DE'), [recorded([before, germany])]).flips).toMatchObject([{ after: { verdict: 'deny', code: 'NO_RULE' } }])
    expect(rehearsed(policyOf('FR'), [recorded([before, germany])]).flips).toEqual([])
  })

  it('refuses what no known jurisdiction sends, and keeps the order of the records', () => {
    const nowhere = recorded([before, germany], ask({ data, facts: { from: null } }), 'e2')
    const made = rehearsed(policyOf('JP'), [recorded([before, germany], undefined, 'e3'), nowhere, recorded([before, germany])])
    expect(nowhere.decision.verdict).toBe('deny')
    expect(made.flips.map(({ exchange }) => exchange)).toEqual(['e3', 'e1'])
  })
})

describe('the documents with a draft', () => {
  it('have it in place of the policy of its jurisdiction, or besides where there is none', () => {
    const draft = policyOf('JP')
    expect(withDraft([before, germany], draft)).toEqual([germany, draft])
    expect(withDraft([germany], draft)).toEqual([germany, draft])
  })
})
