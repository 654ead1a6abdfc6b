import { describe, expect, it } from 'vitest'
import { compile } from '../compile.ts'
import { decideSide } from '../decide.ts'
import { lint } from '../lint.ts'
import { type Packs, shippedPacks as packs } from '../packs/packs.ts'
import type { Rule } from '../policy.ts'
import { policyOf } from '../question.fixture.ts'
import { analyse, type Finding, type FindingKind } from './analyse.ts'
import { findingKinds, findingsMax } from './finding.ts'
import { findingWords } from './words.ts'

const rule = (short: object) => ({ direction: 'export', effect: 'permit', match: {}, cite: [{ law: 'APPI' }], ...short }) as Rule
const found = (kind: FindingKind, ...rules: Rule[]): Finding[] => analyse(policyOf('JP', ...rules), packs).filter((finding) => finding.kind === kind)
const halfOf = (rules: readonly Rule[], { question }: Finding, side: 'export' | 'import' = 'export') =>
  decideSide(compile([policyOf('JP', ...rules)], packs), side, question!, { nearest: false })

const names = rule({ id: 'jp.names', match: { data: ['registration.name'], purpose: ['compliance.aml'], to: ['DE'] } })

describe('a permit that never decides', () => {
  const dead = (short: object) => {
    const rules = [names, rule({ id: 'jp.dead', ...short })]
    const [finding, ...more] = found('dead', ...rules)
    expect(more).toEqual([])
    expect(finding?.rules[0]).toBe('jp.dead')
    expect(halfOf(rules, finding!).rules).not.toContain('jp.dead')
    return finding!
  }

  it('goes to a relation that never holds from there', () => expect(dead({ match: { from: ['JP'], to: { relation: 'eu-adequacy' } } }).about).toBe('match.to'))
  it('goes to a relation that leaves its purpose out', () =>
    expect(dead({ match: { from: ['BR'], to: { relation: 'br-adequacy' }, purpose: ['security.public'] } }).about).toBe('match.to'))
  it('goes to a relation that leaves its data out', () =>
    expect(dead({ match: { from: ['KR'], to: { relation: 'kr-equivalence' }, data: ['personal.credit'] } }).about).toBe('match.to'))
  it('asks for a count that its match excludes', () =>
    expect(dead({ match: { counter: { name: 'releases-this-day', atLeast: 10 } }, require: { counter: { name: 'releases-this-day', below: 10 } } }).about).toBe(
      'match.counter',
    ))
  it('lets out paths that it keeps back', () => expect(dead({ disclose: { allow: ['/a/b'], deny: ['/a'] } }).about).toBe('disclose'))

  it('is always overridden by a deny, or by several together', () => {
    const all = rule({ id: 'jp.all', match: { purpose: ['compliance.aml', 'marketing'], data: ['invoice'] } })
    const [one, two] = ['compliance.aml', 'marketing'].map((purpose) =>
      rule({ id: `jp.no.${purpose.replace('.', '-')}`, effect: 'deny', match: { purpose: [purpose] } }),
    )
    const [finding] = found('dead', all, one!, two!)
    expect(finding).toMatchObject({ rules: ['jp.all', 'jp.no.compliance-aml'], about: 'DENIED_BY_RULE' })
    expect(halfOf([all, one!, two!], finding!)).toMatchObject({ code: 'DENIED_BY_RULE', rules: ['jp.no.compliance-aml'] })
    expect(found('dead', all, one!)).toEqual([])
    expect(found('dead', { ...all, exceptTo: ['jp.no.marketing'] } as Rule, one!, two!)).toEqual([])
    expect(found('dead', all, one!, { ...two!, unless: { evidence: { anyOf: ['transfer-impact-assessment'] } } } as Rule)).toEqual([])
  })

  it('stands behind another, or behind several together', () => {
    const last = rule({ id: 'jp.last', rank: 9, match: { purpose: ['compliance.aml', 'marketing'] }, require: { legalBasis: { anyOf: ['appi-consent'] } } })
    const [one, two] = ['compliance.aml', 'marketing'].map((purpose, number) => rule({ id: `jp.first.${number}`, rank: number, match: { purpose: [purpose] } }))
    const [finding] = found('shadowed', last, one!, two!)
    expect(finding).toMatchObject({ rules: ['jp.last', 'jp.first.0'], about: 'PERMITTED' })
    expect(halfOf([last, one!, two!], finding!)).toMatchObject({ rules: ['jp.first.0'], alternatives: ['jp.last'] })
    expect(found('shadowed', last, one!)).toEqual([])
    expect(found('shadowed', { ...last, rank: 0, id: 'jp.a' } as Rule, one!, two!)).toEqual([])
    expect(found('shadowed', last, { ...one!, require: { legalBasis: { anyOf: ['appi-law'] } } } as Rule, two!)).toEqual([])
  })
})

describe('a permit and a deny that meet', () => {
  const special = rule({ id: 'jp.special', effect: 'deny', match: { data: ['personal.special'] } })
  const persons = rule({ id: 'jp.persons', match: { data: ['personal'] } })

  it('are an overlap, in which the deny wins', () => {
    const [finding, ...more] = found('overlap', persons, special)
    expect(more).toEqual([])
    expect(finding).toMatchObject({ severity: 'note', rules: ['jp.persons', 'jp.special'] })
    expect(halfOf([persons, special], finding!)).toMatchObject({ code: 'DENIED_BY_RULE', rules: ['jp.special'] })
    expect(found('exception', persons, special)).toEqual([])
  })

  it('are an exception where the permit names the deny', () => {
    const rules = [{ ...persons, exceptTo: ['jp.special'] } as Rule, special]
    const [finding] = found('exception', ...rules)
    expect(finding?.rules).toEqual(['jp.persons', 'jp.special'])
    expect(halfOf(rules, finding!)).toMatchObject({ code: 'PERMITTED', rules: ['jp.persons'] })
    expect(found('overlap', ...rules)).toEqual([])
  })

  it('do not meet where the deny is lifted by what the permit asks for', () => {
    const shown = { evidence: { anyOf: ['transfer-impact-assessment'] } }
    expect(found('overlap', { ...persons, require: shown } as Rule, { ...special, unless: shown } as Rule)).toEqual([])
    expect(found('overlap', persons, { ...special, unless: shown } as Rule)).toHaveLength(1)
  })

  it('are told of where an exception is needless', () => {
    const invoices = rule({ id: 'jp.invoices', match: { data: ['invoice.line'] }, exceptTo: ['jp.special'] })
    expect(found('needless-exception', invoices, special)).toMatchObject([{ rules: ['jp.invoices', 'jp.special'] }])
    expect(found('needless-exception', { ...persons, exceptTo: ['jp.special'] } as Rule, special)).toEqual([])
  })
})

describe('a deny or a duty that adds nothing', () => {
  const persons = rule({ id: 'jp.persons', match: { data: ['personal'] } })
  const health = rule({ id: 'jp.health', effect: 'deny', match: { data: ['personal.special.health'] } })
  const special = rule({ id: 'jp.special', effect: 'deny', match: { data: ['personal.special'] } })

  it('is a deny within another', () => {
    const [finding, ...more] = found('shadowed', persons, health, special)
    expect(more).toEqual([])
    expect(finding).toMatchObject({ rules: ['jp.health', 'jp.special'], about: 'deny' })
    expect(halfOf([persons, health, special], finding!).rules).toEqual(['jp.health', 'jp.special'])
  })

  it('is not one that stays where a permit is an exception to the other, or the other is lifted', () => {
    expect(found('shadowed', { ...persons, exceptTo: ['jp.special'] } as Rule, health, special)).toEqual([])
    expect(found('shadowed', persons, health, { ...special, unless: { evidence: { anyOf: ['transfer-impact-assessment'] } } } as Rule)).toEqual([])
  })

  it('is the second of two denies that are alike', () =>
    expect(found('shadowed', persons, special, { ...special, id: 'jp.twice' })).toMatchObject([{ rules: ['jp.twice', 'jp.special'] }]))

  it('is a duty within a stricter one, seen where both are added', () => {
    const year = rule({ id: 'jp.year', effect: 'oblige', match: { data: ['personal.name'] }, obligations: [{ type: 'retention', max: 'P1Y' }] })
    const month = rule({ id: 'jp.month', effect: 'oblige', match: { data: ['personal'] }, obligations: [{ type: 'retention', max: 'P1M' }] })
    const [finding] = found('shadowed', persons, year, month)
    expect(finding).toMatchObject({ rules: ['jp.year', 'jp.month'], about: 'duty' })
    expect(halfOf([persons, year, month], finding!).added).toEqual(['jp.month', 'jp.year'])
    expect(found('shadowed', persons, year, { ...month, obligations: [{ type: 'retention', max: 'P2Y' }] } as Rule)).toEqual([])
  })

  it('is a duty where nothing is released, unless another policy of the union may release it', () => {
    const persons = rule({ id: 'jp.persons', match: { data: ['personal'], purpose: ['compliance.aml'] } })
    const duty = { effect: 'oblige', match: { purpose: ['marketing'] }, obligations: [{ type: 'consent', of: 'operator' }] }
    expect(found('dead', persons, rule({ id: 'jp.duty', ...duty }))).toMatchObject([{ rules: ['jp.duty'], about: 'duty' }])
    expect(found('dead', persons, rule({ id: 'jp.duty', ...duty, match: { data: ['invoice'] } }))).toEqual([])
    const member = analyse(policyOf('DE', { ...persons, id: 'de.persons' }, rule({ id: 'de.duty', ...duty })), packs)
    expect(member.filter(({ kind }) => kind === 'dead')).toEqual([])
  })

  it('is a deny for a group that has no member then', () => {
    const without: Packs = {
      ...packs,
      legal: { ...packs.legal, groups: packs.legal.groups.map((one) => (one.id === 'ASEAN' ? { ...one, members: [] } : one)) },
    }
    const policy = policyOf('JP', persons, rule({ id: 'jp.asean', effect: 'deny', match: { to: { group: 'ASEAN' } } }))
    const [finding, ...more] = analyse(policy, without).filter(({ kind }) => kind === 'dead')
    expect(more).toEqual([])
    expect(finding).toMatchObject({ rules: ['jp.asean'], about: 'match.to' })
    expect(finding?.question?.facts).not.toHaveProperty('to')
    expect(analyse(policy, packs).filter(({ kind }) => kind === 'dead')).toEqual([])
  })
})

describe('a gap', () => {
  const lines = rule({
    id: 'jp.lines',
    match: { credential: ['ElectronicInvoiceCredential'], data: ['invoice.line', 'invoice.tax'], purpose: ['compliance.tax'], to: ['DE', 'FR'] },
  })
  const totals = rule({
    id: 'jp.totals',
    match: { credential: ['ElectronicInvoiceCredential'], data: ['invoice.total'], purpose: ['trade.invoicing'], to: ['DE'] },
  })

  it('is a category that is permitted for another purpose, or to another partner, grouped', () => {
    const rules = [lines, totals]
    const gaps = found('gap', ...rules)
    expect(gaps.map(({ about }) => about)).toEqual([
      'export ElectronicInvoiceCredential trade.invoicing invoice.line, invoice.tax',
      'export ElectronicInvoiceCredential trade.invoicing invoice.total to FR',
      'export ElectronicInvoiceCredential compliance.tax invoice.total',
    ])
    for (const gap of gaps) expect(halfOf(rules, gap)).toMatchObject({ rules: [], disclosed: [] })
  })

  it('is none where a deny speaks of it', () => {
    expect(found('gap', lines, totals, rule({ id: 'jp.no', effect: 'deny', match: { data: ['invoice'] } }))).toEqual([])
  })

  it('is found on the way in, too', () => {
    const inward = [lines, totals].map((one) => ({ ...one, direction: 'import', match: { ...one.match, to: ['JP'], from: one.match.to } }) as Rule)
    expect(found('gap', ...inward)[1]).toMatchObject({ about: 'import ElectronicInvoiceCredential trade.invoicing invoice.total from FR' })
  })
})

describe('a citation', () => {
  const cited = (cite: object, match: object = {}) => {
    const one = rule({ id: 'jp.one', match, cite: [{ law: 'APPI', ...cite }] })
    return analyse(policyOf('JP', one), packs).flatMap(({ kind, about, rules }) => (kind === 'gap' ? [] : [`${kind} ${about} ${rules}`]))
  }
  const changed = (change: (legal: Packs['legal']) => Packs['legal']): Packs => ({ ...packs, legal: change(structuredClone(packs.legal)) })

  it('that holds is not spoken of', () => expect(cited({})).toEqual([]))
  it('is missing', () => expect(found('no-citation', rule({ id: 'jp.one', cite: [] }))).toMatchObject([{ about: 'permit', rules: ['jp.one'] }]))
  it('names a law that nobody knows', () => expect(cited({ law: 'No Such Act' })).toEqual(['unknown-law No Such Act jp.one']))
  it('names a law that begins later, or ends sooner, than the policy', () => {
    const policy = policyOf('JP', rule({ id: 'jp.one' }))
    const laws = (more: object) => changed((legal) => ({ ...legal, laws: legal.laws.map((law) => (law.id === 'APPI' ? { ...law, ...more } : law)) }))
    expect(analyse(policy, laws({ validFrom: '2026-10-01T00:00:00Z' }))).toMatchObject([{ kind: 'law-not-in-force', about: 'APPI' }])
    expect(analyse(policy, laws({ validUntil: '2027-01-01T00:00:00Z' }))).toMatchObject([{ kind: 'law-expired', about: 'APPI', severity: 'error' }])
    expect(analyse(policy, laws({ validUntil: '2027-09-01T00:00:00Z' }))).toEqual([])
  })
  it('names a relation that is unknown, no tool, or ends while the policy is in force', () => {
    expect(cited({ legalRelation: 'no-such' })).toEqual(['unknown-relation no-such jp.one'])
    expect(cited({ legalRelation: '$matched' })).toEqual(['unknown-relation $matched jp.one'])
    expect(
      cited({ legalRelation: '$matched' }, { from: ['CH'], to: { relation: 'ch-adequacy' } }).filter((line) => line.startsWith('unknown-relation')),
    ).toEqual([])
    const notTool = packs.legal.relations.find(({ tool }) => !tool)!
    expect(cited({ legalRelation: notTool.id })).toEqual([`relation-no-tool ${notTool.id} jp.one`])
    const ending = changed((legal) => ({
      ...legal,
      relations: legal.relations.map((one) => (one.id === 'jp-designates-eea' ? { ...one, validUntil: '2027-01-01T00:00:00Z' as never } : one)),
    }))
    const policy = policyOf(
      'JP',
      rule({ id: 'jp.one', match: { to: { relation: 'jp-designation' } }, cite: [{ law: 'APPI', legalRelation: 'jp-designates-eea' }] }),
    )
    expect(analyse(policy, ending).filter(({ kind }) => kind === 'relation-expired')).toMatchObject([{ about: 'jp-designates-eea', rules: ['jp.one'] }])
    expect(analyse(policy, packs).filter(({ kind }) => kind === 'relation-expired')).toEqual([])
  })
  it('rests on an entry that is marked uncertain: one finding for all rules', () => {
    const designated = { match: { to: { relation: 'jp-designation' } } }
    const one = rule({ id: 'jp.one', ...designated, cite: [{ law: 'APPI', legalRelation: '$matched' }] })
    expect(found('uncertain-source', one, { ...one, id: 'jp.two' })).toMatchObject([
      { about: 'jp-designates-eea', rules: ['jp.one', 'jp.two'] },
      { about: 'jp-designates-gb', rules: ['jp.one', 'jp.two'] },
    ])
  })
  it('is told to who adds a policy as the analysis tells it, the errors first, without notes', () => {
    const policy = policyOf(
      'JP',
      rule({ id: 'jp.one', cite: [] }),
      rule({ id: 'jp.two', effect: 'deny', match: { to: ['US'] }, cite: [{ law: 'No Such Act' }] }),
    )
    expect(analyse(policy, packs).map(({ severity }) => severity)).toContain('note')
    expect(lint(policy, packs)).toEqual([
      { severity: 'error', kind: 'unknown-law', rules: ['jp.two'], about: 'No Such Act' },
      { severity: 'warning', kind: 'no-citation', rules: ['jp.one'], about: 'permit' },
    ])
  })
})

describe('the findings', () => {
  it('are bounded, and of each kind the last says how many more there are', () => {
    const many = Array.from({ length: 200 }, (_, number) => rule({ id: `jp.r${number}`, match: { data: ['invoice'] }, rank: number, cite: [] }))
    const uncited = found('no-citation', ...many)
    expect(uncited).toHaveLength(findingsMax)
    expect(uncited.at(-1)?.more).toBe(200 - findingsMax)
    const shadowed = found('shadowed', ...many)
    expect(shadowed).toHaveLength(findingsMax)
    expect(shadowed.at(-1)?.more).toBe(199 - findingsMax)
  })

  it('have words for people in both languages, with what to do', () => {
    for (const words of [findingWords.en, findingWords.ja]) expect(Object.keys(words).sort()).toEqual([...findingKinds].sort())
    expect(new Set(Object.values(findingWords.ja).map(({ title }) => title)).size).toBe(findingKinds.length)
    for (const { title, advice } of Object.values(findingWords.ja)) expect(`${title}${advice}`).toMatch(/[ぁ-ん]/)
  })
})
