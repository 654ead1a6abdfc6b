import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Instant, Jurisdiction } from '#protocols/ids.ts'
import { decide } from '../decide.ts'
import { shippedPacks } from '../packs/packs.ts'
import { parsePolicy } from '../parse-policy.ts'
import { policyOf } from '../question.fixture.ts'
import { sidesOf } from '../sides.ts'
import { asIfInForce } from './matrix.ts'
import { sideTree } from './rule-tree.ts'
import { type Flow, questionOf, standardQuestions } from './standard.ts'

const at = '2026-11-21T00:00:00Z' as Instant
const places = ['jp', 'eu', 'de', 'gb', 'us', 'br', 'kr', 'sg'] as const
const reference = places.map((place) => parsePolicy(readFileSync(new URL(`../packs/reference/${place}.yaml`, import.meta.url), 'utf8')))

function look(documents: readonly ReturnType<typeof policyOf>[], flow: Partial<Flow> & { readonly from: Jurisdiction; readonly to: Jurisdiction }, type = 0) {
  const one = standardQuestions.questions[type]!
  const question = questionOf(standardQuestions, one, { sector: 'private', at, ...flow })
  const sides = sidesOf(asIfInForce(documents) as typeof documents, shippedPacks)
  const indexes = { export: sides(flow.from, at), import: sides(flow.to, at) }
  const decision = decide(indexes.export, indexes.import, question)
  const tree = (side: 'export' | 'import', lang: 'en' | 'ja' = 'en') => sideTree(indexes[side], side, { question, half: decision[side], lang })
  return { decision, tree }
}

const JP = 'JP' as Jurisdiction
const DE = 'DE' as Jurisdiction

describe('the tree of a side', () => {
  it('says of each flow of the reference policies what the judge found: what decides meets all it asks, what is near does not', () => {
    const codes = ['JP', 'DE', 'GB', 'US', 'BR', 'KR', 'SG'] as Jurisdiction[]
    let decides = 0
    let near = 0
    for (const from of codes)
      for (const to of codes)
        for (let type = 0; type < standardQuestions.questions.length; type++) {
          const { decision, tree } = look(reference as ReturnType<typeof policyOf>[], { from, to }, type)
          for (const side of ['export', 'import'] as const) {
            const { rules } = tree(side)
            const named = rules.filter(({ standing }) => standing === 'decides')
            expect(named.map(({ id }) => id).toSorted(), `${from} ${to}`).toEqual([...decision[side].rules].toSorted())
            for (const rule of rules) {
              const asked = rule.conditions.filter(({ part }) => part !== 'unless')
              if (rule.standing === 'decides' || rule.standing === 'holds')
                expect(
                  asked.every(({ met }) => met),
                  `${from} ${to} ${rule.id}`,
                ).toBe(true)
              if (rule.standing === 'near') expect(rule.conditions[rule.firstFailing ?? -1]?.met, `${from} ${to} ${rule.id}`).toBe(false)
              if (rule.standing === 'near') near++
              if (rule.standing === 'decides') decides++
            }
            // A permit that meets all it asks permits, unless a rule denies, or a union's policy says no beside it.
            if (
              decision[side].policies.length === 1 &&
              rules.some(({ standing, effect }) => standing === 'holds' && effect === 'permit') &&
              decision[side].code !== 'DENIED_BY_RULE'
            )
              expect(decision[side].code).toBe('PERMITTED')
          }
        }
    expect(decides).toBeGreaterThan(100)
    expect(near).toBeGreaterThan(20)
  })

  const lacking = policyOf('JP', {
    id: 'jp.consent',
    effect: 'permit',
    title: { en: 'With consent', ja: '同意による提供' },
    match: { data: ['registration'] },
    require: { transferTool: { anyOf: ['appi-28-consent'] } },
  })

  it('names the first condition that is not met, what was there, and the nearest way', () => {
    const { tree } = look([lacking, policyOf('DE')], { from: JP, to: DE })
    const { rules, nearest } = tree('export')
    expect(rules).toMatchObject([{ id: 'jp.consent', standing: 'near', title: 'With consent' }])
    expect(rules[0]?.conditions[rules[0].firstFailing ?? -1]).toMatchObject({ part: 'require', fact: 'a transfer tool', have: [], met: false })
    expect(nearest[0]?.needs[0]).toContain('a transfer tool')
  })

  it('speaks Japanese too', () => {
    const { tree } = look([lacking, policyOf('DE')], { from: JP, to: DE })
    expect(tree('export', 'ja').rules[0]).toMatchObject({ title: '同意による提供', conditions: [{ part: 'data' }, { fact: '移転手段' }] })
  })

  it('tells a deny that stands from one that is lifted, and counts what is about other flows', () => {
    const deny = { id: 'jp.deny', effect: 'deny' as const, match: { to: [DE], data: ['registration'] }, unless: { legalBasis: { anyOf: ['consent'] } } }
    const elsewhere = { id: 'jp.else', effect: 'permit' as const, match: { to: ['US' as Jurisdiction], data: ['registration'] } }
    const { decision, tree } = look([policyOf('JP', deny, elsewhere), policyOf('DE')], { from: JP, to: DE })
    expect(decision.export.code).toBe('DENIED_BY_RULE')
    const side = tree('export')
    expect(side.rules).toMatchObject([{ id: 'jp.deny', standing: 'decides', firstFailing: 2 }])
    expect(side.elsewhere).toBe(1)
  })

  it('lists eight words of a long list and counts the rest', () => {
    const long = {
      id: 'jp.long',
      effect: 'permit' as const,
      match: { to: ['DE', 'FR', 'IT', 'ES', 'NL', 'BE', 'AT', 'PL', 'SE', 'FI'] as Jurisdiction[], data: ['registration'] },
    }
    const { tree } = look([policyOf('JP', long), policyOf('DE')], { from: JP, to: DE })
    expect(tree('export').rules[0]?.conditions.find(({ part }) => part === 'to')).toMatchObject({ moreWanted: 2, met: true })
  })
})
