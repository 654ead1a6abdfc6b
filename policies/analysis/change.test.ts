import { describe, expect, it } from 'vitest'
import { compile } from '../compile.ts'
import { decideSide } from '../decide.ts'
import { type Packs, shippedPacks as packs, readPacks } from '../packs/packs.ts'
import type { Rule, TrustPolicy } from '../policy.ts'
import { policyOf } from '../question.fixture.ts'
import type { Question } from '../question.ts'
import { type Change, changeBetween, type PolicyAt } from './change.ts'
import { flipsMax } from './flips.ts'

const rule = (short: object) => ({ direction: 'export', effect: 'permit', match: {}, ...short }) as Rule
const registration = rule({
  id: 'jp.registration',
  match: { data: ['registration'], purpose: ['trade.supplier-verification', 'compliance.aml'] },
  require: { transferTool: { anyOf: ['appi-28-consent'] } },
})
const special = rule({ id: 'jp.special', effect: 'deny', match: { data: ['personal.special'] } })
const keeping = rule({ id: 'jp.keeping', effect: 'oblige', obligations: [{ type: 'retention', max: 'P1Y' }] })

const at = (policy: TrustPolicy, with_: Packs = packs): PolicyAt => ({ policy, packs: with_ })
const between = (before: readonly Rule[], after: readonly Rule[], jurisdiction = 'JP'): Change =>
  changeBetween(at(policyOf(jurisdiction, ...before)), at(policyOf(jurisdiction, ...after)))
const kindOf = (before: readonly Rule[], after: readonly Rule[]) => between(before, after).kind

/** What restricts, and taken back widens. */
const restricting: Record<string, readonly [readonly Rule[], readonly Rule[]]> = {
  'a permit taken away': [[registration], []],
  'a deny added': [[registration], [registration, special]],
  'a duty added': [[registration], [registration, keeping]],
  'a purpose less': [[registration], [{ ...registration, match: { ...registration.match, purpose: ['compliance.aml'] } }]],
  'a narrower category': [[registration], [{ ...registration, match: { ...registration.match, data: ['registration.name'] } }]],
  'a flow named where none was': [[registration], [{ ...registration, match: { ...registration.match, to: ['DE' as never] } }]],
  'a member of a group for the group': [
    [{ ...registration, match: { to: { group: 'EEA' } } } as Rule],
    [{ ...registration, match: { to: ['FR' as never, 'NO' as never] } } as Rule],
  ],
  'another thing to show': [
    [registration],
    [{ ...registration, require: { transferTool: { anyOf: ['appi-28-consent'] }, evidence: { anyOf: ['transfer-impact-assessment'] } } } as Rule],
  ],
  'fewer tools that will do': [
    [{ ...registration, require: { transferTool: { anyOf: ['appi-28-consent', 'appi-28-equivalent-measures'] } } } as Rule],
    [registration],
  ],
  'all tools where one did': [
    [{ ...registration, require: { transferTool: { anyOf: ['appi-28-consent', 'appi-28-equivalent-measures'] } } } as Rule],
    [{ ...registration, require: { transferTool: { allOf: ['appi-28-consent', 'appi-28-equivalent-measures'] } } } as Rule],
  ],
  'a higher level of assurance': [
    [{ ...registration, require: { assurance: { issuer: 'low' } } } as Rule],
    [{ ...registration, require: { assurance: { issuer: 'high' } } } as Rule],
  ],
  'a lower count': [
    [{ ...registration, require: { counter: { name: 'releases-this-day', below: 100 } } } as Rule],
    [{ ...registration, require: { counter: { name: 'releases-this-day', below: 10 } } } as Rule],
  ],
  'paths kept back': [[registration], [{ ...registration, disclose: { deny: ['/a' as never] } } as Rule]],
  'paths narrowed': [
    [{ ...registration, disclose: { allow: ['/a' as never] } } as Rule],
    [{ ...registration, disclose: { allow: ['/a/b' as never] } } as Rule],
  ],
  'a shorter retention': [
    [{ ...registration, obligations: [{ type: 'retention', max: 'P1Y' }] } as Rule],
    [{ ...registration, obligations: [{ type: 'retention', max: 'P364D' }] } as Rule],
  ],
  'a record kept longer': [
    [{ ...registration, obligations: [{ type: 'transfer-record', keep: 'P1Y' }] } as Rule],
    [{ ...registration, obligations: [{ type: 'transfer-record', keep: 'P13M' }] } as Rule],
  ],
  'fewer to pass on to': [
    [{ ...registration, obligations: [{ type: 'onward-transfer', allow: [{ group: 'EEA' }], else: 'consent' }] } as Rule],
    [{ ...registration, obligations: [{ type: 'onward-transfer', allow: [{ group: 'EU' }] }] } as Rule],
  ],
  'an exception taken back': [
    [{ ...rule({ id: 'jp.all', exceptTo: ['jp.special'] }) }, special],
    [rule({ id: 'jp.all' }), special],
  ],
  'an unless taken away': [
    [rule({ id: 'jp.all' }), { ...special, unless: { evidence: { anyOf: ['transfer-impact-assessment'] } } } as Rule],
    [rule({ id: 'jp.all' }), special],
  ],
  'a deny widened': [
    [rule({ id: 'jp.all' }), special],
    [rule({ id: 'jp.all' }), { ...special, match: { data: ['personal'] } } as Rule],
  ],
}

describe('a change that only restricts', () => {
  it.each(Object.entries(restricting))('is %s, and taken back it widens', (_, [before, after]) => {
    const there = between(before, after)
    const back = between(after, before)
    expect(there.kind).toBe('restricts')
    expect(there.flips.length).toBeGreaterThan(0)
    expect(there.flips.every(({ effect }) => effect === 'restricts')).toBe(true)
    expect(back.kind).toBe('widens')
    expect(back.flips.some(({ effect }) => effect === 'widens')).toBe(true)
    expect(back.reasons.length).toBeGreaterThan(0)
  })

  it('is also one in which two permits take the place of one, found by comparing the cells', () => {
    const [one, two] = ['trade.supplier-verification', 'compliance.aml'].map((purpose, number) => ({
      ...registration,
      id: `jp.part${number}`,
      match: { ...registration.match, purpose: [purpose] },
    }))
    const change = between([one!, two!], [{ ...registration, id: 'jp.joined' }])
    expect(change).toMatchObject({ kind: 'restricts', flips: [], reasons: ['proved by comparing every cell that the changed rules cut'] })
  })
})

describe('a change that widens though it takes something away', () => {
  it('is a strict permit gone in front of one that owes less', () => {
    const strict = rule({ id: 'jp.strict', rank: 1, match: { data: ['invoice'] }, obligations: [{ type: 'retention', max: 'P1M' }] })
    const loose = rule({ id: 'jp.loose', rank: 2, match: { data: ['invoice'] }, obligations: [{ type: 'retention', max: 'P5Y' }] })
    const change = between([strict, loose], [loose])
    expect(change.kind).toBe('widens')
    expect(change.flips[0]).toMatchObject({ effect: 'widens', before: { rules: ['jp.strict'] }, after: { rules: ['jp.loose'] } })
    expect(kindOf([strict, loose], [strict])).toBe('restricts')
  })

  it('is a deny gone for data that nothing permits, since the paths beside them go free', () => {
    const change = between([registration, special], [registration])
    expect(change.kind).toBe('widens')
    expect(change.flips[0]).toMatchObject({ effect: 'widens', before: { code: 'DENIED_BY_RULE' } })
  })

  it('is, in a union, a permit gone that alone spoke of a flow: the policy of the member then decides it without the union', () => {
    const tool = { ...registration, id: 'eu.tool' }
    const before = policyOf('EU', tool)
    const after = policyOf('EU')
    const change = changeBetween(at(before), at(after))
    expect(change.kind).toBe('widens')
    expect(change.reasons[0]).toContain('silent')
    const member = policyOf('DE', rule({ id: 'de.all' }))
    const asked: Question = {
      ...(change.flips[0]?.question as Question),
      facts: { ...change.flips[0]?.question.facts, transferTool: { value: [], origin: 'evidence' } },
    }
    expect(decideSide(compile([before, member], packs), 'export', asked).verdict).toBe('deny')
    expect(decideSide(compile([after, member], packs), 'export', asked).verdict).toBe('permit')
  })

  it('is a relation that ends sooner left for one that does not end', () => {
    const long = (policy: TrustPolicy): TrustPolicy => ({
      ...policy,
      metadata: { ...policy.metadata, validFrom: '2031-01-01T00:00:00Z' as never, validUntil: '2032-06-01T00:00:00Z' as never },
    })
    const adequate = rule({ id: 'ch.gb', match: { to: { relation: 'eu-adequacy' }, from: ['FR' as never] } })
    const named = rule({ id: 'ch.gb', match: { to: ['GB' as never], from: ['FR' as never] } })
    const change = changeBetween(at(long(policyOf('CH', adequate))), at(long(policyOf('CH', adequate, { ...named, id: 'ch.a' }))))
    expect(change.kind).toBe('widens')
    expect(changeBetween(at(long(policyOf('CH', adequate, { ...named, id: 'ch.a' }))), at(long(policyOf('CH', adequate)))).kind).toBe('restricts')
  })
})

describe('a change of the frame', () => {
  const policy = policyOf('JP', registration)
  const withMetadata = (metadata: Partial<TrustPolicy['metadata']>): TrustPolicy => ({ ...policy, metadata: { ...policy.metadata, ...metadata } })
  const kind = (metadata: Partial<TrustPolicy['metadata']>) => changeBetween(at(policy), at(withMetadata(metadata))).kind

  it('is none where only the serial, titles or citations differ', () => {
    expect(
      changeBetween(at(policy), at({ ...withMetadata({ serial: 2 }), rules: [{ ...registration, title: { en: 'Registration' }, cite: [{ law: 'APPI' }] }] })),
    ).toEqual({
      kind: 'same',
      flips: [],
      more: 0,
      reasons: [],
    })
  })

  it('widens with a later end or an earlier beginning, and shows a flow of that time', () => {
    const change = changeBetween(at(policy), at(withMetadata({ validUntil: '2028-09-01T00:00:00Z' as never })))
    expect(change).toMatchObject({ kind: 'widens', flips: [{ effect: 'widens', before: { code: 'POLICY_NOT_IN_FORCE' }, after: { code: 'PERMITTED' } }] })
    expect(kind({ validFrom: '2026-01-01T00:00:00Z' as never })).toBe('widens')
    expect(kind({ validUntil: '2026-12-01T00:00:00Z' as never })).toBe('restricts')
    expect(kind({ validFrom: '2026-12-01T00:00:00Z' as never })).toBe('restricts')
  })

  it('widens where the policies are never in force together', () => {
    expect(kind({ validFrom: '2027-09-01T00:00:00Z' as never, validUntil: '2027-12-01T00:00:00Z' as never })).toBe('widens')
  })

  it('widens where a refusal tells more', () => {
    expect(kind({ reveal: 'nearest' })).toBe('widens')
    expect(changeBetween(at(withMetadata({ reveal: 'nearest' })), at(policy)).kind).toBe('restricts')
  })

  it('widens where the policy stands for another jurisdiction', () => {
    expect(changeBetween(at(policy), at({ ...policyOf('GB', { ...registration, id: 'gb.registration' }) })).kind).toBe('widens')
  })

  it('widens where there was no policy, but for one that permits nothing', () => {
    const first = changeBetween(undefined, at(policy))
    expect(first).toEqual({ kind: 'widens', flips: [], more: 0, reasons: [expect.stringContaining('no policy before')] })
    expect(changeBetween(undefined, at(policyOf('JP', special))).kind).toBe('restricts')
  })
})

describe('a change of the packs', () => {
  const changed = (change: (packs: Packs) => Pick<Packs, 'vocabulary' | 'legal'>): Packs => {
    const { vocabulary, legal } = change({ ...packs })
    return readPacks({ ...vocabulary, format: 'dfft-vocabulary/1' }, { ...legal, format: 'dfft-legal/2' })
  }
  const under = (other: Packs, ...rules: Rule[]) => {
    const policy = policyOf('JP', ...rules)
    return changeBetween(at(policy), at({ ...policy, metadata: { ...policy.metadata, packs: other.digests } }, other))
  }
  const noted = changed(({ vocabulary, legal }) => ({
    vocabulary: { ...vocabulary, note: 'other' },
    legal: { ...legal, relations: legal.relations.map((entry) => ({ ...entry, note: 'read again' })) },
  }))

  it('is none where they mean the same to the rules', () => {
    expect(noted.digests).not.toEqual(packs.digests)
    expect(under(noted, registration, { ...special, match: { to: { relation: 'jp-designation' } } } as Rule).kind).toBe('same')
  })

  it('widens with a new purpose, which no deny meets any more as one nobody knows', () => {
    const more = changed(({ vocabulary, legal }) => ({
      vocabulary: { ...vocabulary, purposes: [...vocabulary.purposes, { ...vocabulary.purposes[0]!, id: 'brand-new' }] },
      legal,
    }))
    const change = under(more, rule({ id: 'jp.all' }), rule({ id: 'jp.marketing', effect: 'deny', match: { purpose: ['marketing'] } }))
    expect(change.kind).toBe('widens')
    expect(change.reasons[0]).toContain('brand-new')
  })

  it('widens where a relation, a group or a category that rules use is another, and not for those that no rule uses', () => {
    const relation = changed(({ vocabulary, legal }) => ({
      vocabulary,
      legal: { ...legal, relations: legal.relations.filter(({ id }) => id !== 'jp-designates-gb') },
    }))
    const designated = rule({ id: 'jp.designated', match: { to: { relation: 'jp-designation' } } })
    const change = under(relation, designated)
    expect(change).toMatchObject({ kind: 'widens', flips: [{ effect: 'restricts' }] })
    expect(change.reasons[0]).toContain('jp-designates-gb')
    expect(under(relation, registration).kind).toBe('same')
    const group = changed(({ vocabulary, legal }) => ({
      vocabulary,
      legal: { ...legal, groups: legal.groups.map((one) => (one.id === 'ASEAN' ? { ...one, members: one.members.slice(1) } : one)) },
    }))
    expect(under(group, rule({ id: 'jp.asean', match: { to: { group: 'ASEAN' } } })).kind).toBe('widens')
    expect(under(group, rule({ id: 'jp.onward', obligations: [{ type: 'onward-transfer', allow: [{ group: 'ASEAN' }] }] })).kind).toBe('widens')
    expect(under(group, registration).kind).toBe('same')
    const category = changed(({ vocabulary, legal }) => ({
      vocabulary: { ...vocabulary, categories: vocabulary.categories.map((one) => (one.id === 'personal.name' ? { ...one, parents: [] } : one)) },
      legal,
    }))
    expect(under(category, registration).kind).toBe('widens')
  })

  it('widens where a member leaves its union, whose policy stood on its side', () => {
    const smaller = changed(({ vocabulary, legal }) => ({
      vocabulary,
      legal: { ...legal, groups: legal.groups.map((one) => (one.id === 'EU' ? { ...one, members: one.members.filter(({ code }) => code !== 'FR') } : one)) },
    }))
    expect(under(smaller, registration).kind).toBe('widens')
  })
})

describe('the list of flips', () => {
  it('is bounded, and says how many it leaves out', () => {
    const purposes = [...packs.terms.purpose]
    const many = purposes.flatMap((purpose, one) =>
      ['registration', 'invoice', 'qualification', 'mandate', 'order', 'despatch', 'settlement'].map((category, two) =>
        rule({ id: `jp.r${one}.c${two}`, match: { purpose: [purpose], data: [category] } }),
      ),
    )
    const change = between([], many)
    expect(change.flips.length).toBe(flipsMax)
    expect(change.more).toBeGreaterThan(0)
  })

  it('says that it holds examples, and the change that it widens, where there are too many cells to compare', () => {
    const [bases, tools] = [[...packs.terms.legalBasis], [...packs.terms.transferTool]]
    const crowd = tools.flatMap((tool, one) =>
      bases.map((basis, two) =>
        rule({
          id: `jp.r${one}.b${two}`,
          rank: 10 * one + two,
          require: { legalBasis: { anyOf: [basis] }, transferTool: { anyOf: [tool, tools[(one + 3) % tools.length]!] } },
        }),
      ),
    )
    const [one, two] = ['marketing', 'compliance.aml'].map((purpose, number) => rule({ id: `jp.part${number}`, match: { purpose: [purpose] } }))
    const whole = rule({ id: 'jp.whole', match: { purpose: ['marketing', 'compliance.aml'] } })
    expect(between([one!, two!], [whole]).kind).toBe('restricts')
    const change = between([...crowd, one!, two!], [...crowd, whole])
    expect(change.kind).toBe('widens')
    expect(change.flips.filter(({ effect }) => effect === 'widens')).toEqual([])
    expect(change.reasons).toContain('not proved either way')
    expect(change.reasons.at(-1)).toContain('examples')
  })
})
