import { describe, expect, it } from 'vitest'
import { digestOf } from '#protocols/canonical.ts'
import { parse } from '#protocols/channel.ts'
import type { Did, Digest, ExchangeId, Instant } from '#protocols/ids.ts'
import { compile } from './compile.ts'
import { agreementBody, decide, decideSide } from './decide.ts'
import { DecisionDocument } from './decision.ts'
import { shippedPacks as packs } from './packs/packs.ts'
import type { PolicyDocument, Rule, Suspension } from './policy.ts'
import { ask, exporter, importer, policyOf, suspensionOf } from './question.fixture.ts'
import { reveal } from './reveal.ts'

const halfOf = (documents: readonly PolicyDocument[], question = ask()) => decideSide(compile(documents, packs), 'export', question)
const open = { id: 'jp.open', effect: 'permit' as const }
const contact = { '/contact/email': 'invoice.party.contact', '/number': 'invoice.header' }

describe('rule 1: three effects, in any order', () => {
  it('decides the same whichever way the rules stand', () => {
    const rules = [
      open,
      { id: 'jp.duty', effect: 'oblige' as const, obligations: [{ type: 'retention' as const, max: 'P1Y' }] },
      { id: 'jp.no', effect: 'deny' as const, match: { purpose: ['marketing'] } },
    ]
    const { policies: _, ...one } = halfOf([policyOf('JP', ...rules)])
    const { policies: __, ...other } = halfOf([policyOf('JP', ...rules.toReversed())])
    expect(one).toEqual(other)
    expect(one).toMatchObject({ code: 'PERMITTED', rules: ['jp.open'], added: ['jp.duty'], obligations: [{ type: 'retention', max: 'P1Y' }] })
  })
})

describe('rule 2: match and require are kept apart', () => {
  const scc = {
    id: 'jp.scc',
    effect: 'permit' as const,
    match: { to: ['DE'] },
    require: { transferTool: { anyOf: ['gdpr-46-2-c-scc'] }, evidence: { anyOf: ['transfer-impact-assessment'] } },
  } as never
  it('reports a matched permit whose conditions are not met as the nearest, with all that is missing', () => {
    const half = halfOf([policyOf('JP', scc)])
    expect(half.code).toBe('CONDITIONS_NOT_MET')
    expect(half.nearest).toEqual([
      {
        rules: ['jp.scc'],
        unmet: [
          { need: 'transferTool', anyOf: ['gdpr-46-2-c-scc'], have: [] },
          { need: 'evidence', anyOf: ['transfer-impact-assessment'], have: [] },
        ],
        cite: [],
      },
    ])
  })
  it('looks for no nearest permit where none is asked for', () => {
    expect(decideSide(compile([policyOf('JP', scc)], packs), 'export', ask(), { nearest: false })).toMatchObject({ code: 'CONDITIONS_NOT_MET', nearest: [] })
  })
  it('does not call a rule near that speaks of another destination', () => {
    expect(halfOf([policyOf('JP', scc)], ask({ facts: { to: 'US' } }))).toMatchObject({ code: 'NO_RULE', nearest: [] })
  })
  it('advises nobody the purpose of a delivery, which an issuer alone may name', () => {
    const forPurposes = (...purpose: string[]) => policyOf('JP', { id: 'jp.for', effect: 'permit', match: { purpose } })
    const nearest = (...purpose: string[]) => halfOf([forPurposes(...purpose)], ask({ facts: { purpose: 'marketing' } })).nearest
    expect(nearest('registration.delivery')).toEqual([])
    for (const order of [
      ['registration.delivery', 'trade.supplier-verification'],
      ['trade.supplier-verification', 'registration.delivery'],
    ])
      expect(nearest(...order)).toMatchObject([{ unmet: [{ need: 'purpose', anyOf: ['trade.supplier-verification'] }] }])
    const delivered = halfOf([forPurposes('registration.delivery')], ask({ facts: { purpose: 'registration.delivery' } }))
    expect(delivered).toMatchObject({ code: 'PERMITTED' })
  })
  it('asks for each word of allOf and for any of anyOf', () => {
    const policy = (tool: object) => policyOf('JP', { ...open, require: { transferTool: tool } } as never)
    const one = ask({ facts: { transferTool: ['gdpr-46-2-c-scc'] } })
    const words = ['gdpr-46-2-c-scc', 'gdpr-46-2-b-bcr']
    expect(halfOf([policy({ anyOf: words })], one).code).toBe('PERMITTED')
    expect(halfOf([policy({ allOf: words })], one).code).toBe('CONDITIONS_NOT_MET')
    expect(halfOf([policy({ allOf: words })], ask({ facts: { transferTool: words } })).code).toBe('PERMITTED')
  })
})

describe('rule 3: a deny wins', () => {
  const deny = { id: 'jp.no', effect: 'deny' as const, match: { data: ['personal'] }, cite: [{ law: 'APPI', at: 'Art. 27' }] }
  const both = { '/name': 'registration.name', '/persons': 'registration.representative' }
  it('over any permit, whatever its rank, and names itself and its article', () => {
    const half = halfOf([policyOf('JP', { ...open, rank: 0 }, deny)], ask({ data: both }))
    expect(half).toMatchObject({ verdict: 'deny', code: 'DENIED_BY_RULE', rules: ['jp.no'], cite: deny.cite, disclosed: [], obligations: [], validUntil: null })
    expect(half.alternatives).toEqual([])
  })
  it('save for what a satisfied permit covers that names it', () => {
    const except = {
      id: 'jp.except',
      effect: 'permit' as const,
      match: { data: ['registration.representative'] },
      exceptTo: ['jp.no'],
      require: { legalBasis: { anyOf: ['appi-law'] } },
    }
    const policy = policyOf('JP', { ...open, rank: 0 }, except, deny)
    expect(halfOf([policy], ask({ data: both })).code).toBe('DENIED_BY_RULE')
    const half = halfOf([policy], ask({ data: both, facts: { legalBasis: ['appi-law'] } }))
    expect(half).toMatchObject({ code: 'PERMITTED', rules: ['jp.open', 'jp.except'], disclosed: ['/name', '/persons'] })
  })
  it('where an exception is for one category and the deny touches another too', () => {
    const except = { id: 'jp.except', effect: 'permit' as const, match: { data: ['registration.representative'] }, exceptTo: ['jp.no'] }
    const asked = ask({ data: { ...both, '/x': 'personal.credit' } })
    expect(halfOf([policyOf('JP', open, except, deny)], asked).code).toBe('DENIED_BY_RULE')
  })
  it('also when only one document of the side has it', () => {
    const union = policyOf('EU', { id: 'eu.open', effect: 'permit' })
    const member = policyOf('DE', { id: 'de.no', effect: 'deny', match: { purpose: ['trade.supplier-verification'] } })
    expect(halfOf([union]).code).toBe('PERMITTED')
    expect(halfOf([union, member])).toMatchObject({ code: 'DENIED_BY_RULE', rules: ['de.no'] })
  })
  it('cannot be excepted by another document', () => {
    const member = policyOf('DE', { id: 'de.no', effect: 'deny' })
    const union = policyOf('EU', { id: 'eu.open', effect: 'permit', exceptTo: ['de.no'] })
    expect(halfOf([union, member]).code).toBe('DENIED_BY_RULE')
  })
  it('unites the duties of both documents and asks a permit of each that speaks of the flow', () => {
    const duty = (id: string, max: string) => ({
      id,
      effect: 'permit' as const,
      match: { to: ['DE' as never] },
      obligations: [{ type: 'retention' as const, max }],
    })
    const union = policyOf('EU', duty('eu.open', 'P5Y'))
    expect(halfOf([union, policyOf('DE', duty('de.open', 'P2Y'))])).toMatchObject({
      rules: ['eu.open', 'de.open'],
      obligations: [{ max: 'P2Y' }, { max: 'P5Y' }],
    })
    const narrow = policyOf('DE', { id: 'de.narrow', effect: 'permit', match: { data: ['registration.status'] } })
    expect(halfOf([union, narrow]).code).toBe('UNCOVERED_DATA')
    const elsewhere = policyOf('DE', { id: 'de.us', effect: 'permit', match: { to: ['US' as never] } })
    expect(halfOf([union, elsewhere]).rules).toEqual(['eu.open'])
  })
  it('counts a document as speaking of a flow that it may speak of, were the unknown known', () => {
    const union = policyOf('EU', { id: 'eu.open', effect: 'permit' })
    const member = policyOf('DE', { id: 'de.private', effect: 'permit', match: { recipient: { sector: ['private'] }, data: ['invoice'] } })
    expect(halfOf([union, member], ask({ facts: { sector: 'public' } })).code).toBe('PERMITTED')
    expect(halfOf([union, member], ask({ facts: { sector: null } })).verdict).toBe('deny')
  })
})

describe('rule 4: every category needs a permit', () => {
  const invoices = policyOf('JP', { id: 'jp.invoice', effect: 'permit', match: { data: ['invoice'] } })
  it('so that a permit for invoices does not release the contact’s e-mail with them', () => {
    const half = halfOf([invoices], ask({ data: contact }))
    expect(half).toMatchObject({
      code: 'PERMITTED',
      disclosed: ['/number'],
      withheld: [{ path: '/contact/email', category: 'invoice.party.contact', code: 'UNCOVERED_DATA' }],
    })
    const asked = ask({ data: { '/mail': 'personal.contact', '/number': 'invoice' } })
    expect(halfOf([invoices], asked).disclosed).toEqual(['/number'])
  })
  it('and refuses a credential that cannot be shown in part', () => {
    expect(halfOf([invoices], ask({ data: contact, selective: false }))).toMatchObject({ verdict: 'deny', code: 'UNCOVERED_DATA', disclosed: [] })
  })
  it('while a deny or a duty needs to touch one category only', () => {
    const duty = { id: 'jp.duty', effect: 'oblige' as const, match: { data: ['personal'] }, obligations: [{ type: 'purpose-limit' as const }] }
    const whole = { id: 'jp.open', effect: 'permit' as const }
    expect(halfOf([policyOf('JP', whole, duty)], ask({ data: contact })).added).toEqual(['jp.duty'])
    expect(halfOf([policyOf('JP', whole, duty)]).added).toEqual([])
    expect(halfOf([policyOf('JP', whole, { id: 'jp.no', effect: 'deny', match: { data: ['personal.contact'] } })], ask({ data: contact })).verdict).toBe('deny')
  })
  it('covers what stands under two parents only when both are covered, or it is named', () => {
    const asked = ask({ data: { '/persons': 'registration.representative' } })
    const listing = (...data: string[]) => halfOf([policyOf('JP', { ...open, match: { data } })], asked).verdict
    expect(listing('registration')).toBe('deny')
    expect(listing('personal')).toBe('deny')
    expect(listing('registration', 'personal')).toBe('permit')
    expect(listing('registration.representative')).toBe('permit')
  })
  it('takes a broad question as touching the narrow deny inside it', () => {
    const policy = policyOf('JP', open, { id: 'jp.no', effect: 'deny', match: { data: ['personal.special'] } })
    expect(halfOf([policy], ask({ data: { '/all': 'personal' } })).code).toBe('DENIED_BY_RULE')
  })
  it('covers the paths that `disclose` allows, never those it denies, nor what holds them inside', () => {
    const data = { '/a': 'invoice', '/b/c': 'invoice', '/b/d': 'invoice', '/e': 'invoice', '/bb': 'invoice' }
    const limited = (disclose: object) => halfOf([policyOf('JP', { ...open, disclose } as never)], ask({ data })).disclosed
    expect(limited({ allow: ['/a', '/b'] })).toEqual(['/a', '/b/c', '/b/d'])
    expect(limited({ deny: ['/b/c', '/e/x'] })).toEqual(['/a', '/b/d', '/bb'])
  })
})

describe('rule 5: permits are alternatives', () => {
  const lax = { id: 'jp.lax', effect: 'permit' as const, rank: 20, obligations: [{ type: 'retention' as const, max: 'P9Y' }] }
  const strict = { id: 'jp.strict', effect: 'permit' as const, rank: 10, obligations: [{ type: 'retention' as const, max: 'P1Y' }] }
  it('of which the first by rank and id is used, with its duties alone', () => {
    expect(halfOf([policyOf('JP', lax, strict)])).toMatchObject({ rules: ['jp.strict'], alternatives: ['jp.lax'], obligations: [{ max: 'P1Y' }] })
    expect(halfOf([policyOf('JP', { ...lax, rank: 10 }, strict)]).rules).toEqual(['jp.lax'])
  })
  it('passing over one that is not satisfied', () => {
    const unmet = { ...strict, require: { legalBasis: { anyOf: ['appi-consent'] } } }
    expect(halfOf([policyOf('JP', lax, unmet)])).toMatchObject({ rules: ['jp.lax'], alternatives: [] })
  })
})

describe('rule 6: nothing fails open', () => {
  const flagged = {
    id: 'jp.no',
    effect: 'deny' as const,
    match: { dataFlags: ['important-data'] },
    unless: { transferTool: { anyOf: ['cac-security-assessment'] } },
  }
  it('counts an unknown fact as matched in a deny', () => {
    expect(halfOf([policyOf('JP', open, flagged)]).code).toBe('DENIED_BY_RULE')
    expect(halfOf([policyOf('JP', open, flagged)], ask({ facts: { dataFlags: [] } })).code).toBe('PERMITTED')
    expect(halfOf([policyOf('JP', open, flagged)], ask({ facts: { dataFlags: ['a-new-flag'] } })).code).toBe('DENIED_BY_RULE')
  })
  it('counts an unknown fact as not met in an unless', () => {
    const asked = (tool: object | string[]) => ask({ facts: { dataFlags: ['important-data'], transferTool: tool as never } })
    expect(halfOf([policyOf('JP', open, flagged)], asked(['cac-security-assessment'])).code).toBe('PERMITTED')
    expect(halfOf([policyOf('JP', open, flagged)], asked({ value: ['cac-security-assessment'], origin: 'requester' })).code).toBe('DENIED_BY_RULE')
  })
  it('counts an unknown fact as not met in a permit, and as met in a duty', () => {
    const policy = policyOf('JP', { ...open, match: { recipient: { sector: ['private'] } } })
    expect(halfOf([policy]).code).toBe('PERMITTED')
    for (const sector of [null, { value: 'private', origin: 'requester' as const }, 'unheard-of'])
      expect(halfOf([policy], ask({ facts: { sector } })).code).toBe('NO_RULE')
    const duty = policyOf('JP', open, {
      id: 'jp.duty',
      effect: 'oblige',
      match: { recipient: { sector: ['public'] } },
      obligations: [{ type: 'purpose-limit' }],
    })
    expect(halfOf([duty]).added).toEqual([])
    expect(halfOf([duty], ask({ facts: { sector: null } })).added).toEqual(['jp.duty'])
  })
  it.each([
    ['purpose', 'trade.supplier-verification', 'holder'],
    ['sector', 'private', 'requester'],
    ['from', 'JP', 'requester'],
    ['to', 'DE', 'holder'],
    ['issuerAssurance', 'high', 'requester'],
    ['certification', ['iso-27001'], 'requester'],
    ['transferTool', ['gdpr-46-2-c-scc'], 'requester'],
    ['evidence', ['purchase-contract'], 'requester'],
    ['legalBasis', ['appi-law'], 'accreditation'],
    ['counter:releases-this-day', 1, 'accreditation'],
  ] as const)('does not believe %s from an origin that may not vouch for it', (name, value, origin) => {
    const permit = {
      ...open,
      match: { from: ['JP'], to: ['DE'], purpose: ['trade.supplier-verification'], recipient: { sector: ['private'] } },
      require: {
        legalBasis: { anyOf: ['appi-law'] },
        transferTool: { anyOf: ['gdpr-46-2-c-scc'] },
        evidence: { anyOf: ['purchase-contract'] },
        certification: { anyOf: ['iso-27001'] },
        assurance: { issuer: 'high' },
        counter: { name: 'releases-this-day', below: 10 },
      },
    } as never
    const full = {
      certification: ['iso-27001'],
      transferTool: ['gdpr-46-2-c-scc'],
      evidence: ['purchase-contract'],
      legalBasis: ['appi-law'],
      'counter:releases-this-day': 1,
    }
    expect(halfOf([policyOf('JP', permit)], ask({ facts: full })).code).toBe('PERMITTED')
    expect(halfOf([policyOf('JP', permit)], ask({ facts: { ...full, [name]: { value, origin } } })).verdict).toBe('deny')
  })
  it('lifts no deny by an unless that asks nothing', () => {
    expect(halfOf([policyOf('JP', open, { id: 'jp.no', effect: 'deny', unless: {} })]).code).toBe('DENIED_BY_RULE')
  })
  it('refuses to compile a word that the packs do not have', () => {
    const bad = (rule: object) => () => compile([policyOf('JP', { id: 'jp.x', effect: 'deny', ...rule } as never)], packs)
    for (const match of [
      { to: ['UK'] },
      { to: { group: 'EAA' } },
      { to: { relation: 'eu-adequasy' } },
      { data: ['personel'] },
      { purpose: ['aml'] },
      { credential: ['Foo'] },
      { dataFlags: ['x'] },
    ])
      expect(bad({ match }), JSON.stringify(match)).toThrow(expect.objectContaining({ code: 'DFFT_POLICY_SYNTAX' }))
    expect(bad({ unless: { transferTool: { anyOf: ['scc'] } } })).toThrow(expect.objectContaining({ code: 'DFFT_POLICY_SYNTAX' }))
    expect(bad({})).not.toThrow()
  })
})

describe('rule 7: time is an input', () => {
  const policy = policyOf('JP', open)
  it.each([
    ['2026-08-31T23:59:59Z', 'POLICY_NOT_IN_FORCE'],
    ['2026-09-01T00:00:00Z', 'PERMITTED'],
    ['2027-08-31T23:59:59Z', 'PERMITTED'],
    ['2027-09-01T00:00:00Z', 'POLICY_NOT_IN_FORCE'],
  ])('at %s: %s', (at, code) => expect(halfOf([policy], ask({ at: at as Instant })).code).toBe(code))
  it('refuses when one document of two is past its end', () => {
    const member = policyOf('DE', { id: 'de.open', effect: 'permit' })
    const lapsed = { ...member, metadata: { ...member.metadata, validUntil: '2026-10-01T00:00:00Z' as Instant } }
    expect(halfOf([policyOf('EU', { id: 'eu.open', effect: 'permit' }), lapsed]).code).toBe('POLICY_NOT_IN_FORCE')
  })
  it('permits no longer than the document of the side that ends first', () => {
    const until = (jurisdiction: string, end: string) => {
      const policy = policyOf(jurisdiction, { id: `${jurisdiction.toLowerCase()}.open`, effect: 'permit' })
      return { ...policy, metadata: { ...policy.metadata, validUntil: end as Instant } }
    }
    const [soon, late] = ['2026-12-01T00:00:00Z', '2027-03-01T00:00:00Z'] as const
    expect(halfOf([until('EU', soon), until('DE', late)]).validUntil).toBe(soon)
    expect(halfOf([until('EU', late), until('DE', soon)]).validUntil).toBe(soon)
  })
  it('refuses a side without a policy', () => expect(halfOf([])).toMatchObject({ verdict: 'deny', code: 'NO_POLICY', policies: [], withheld: [], nearest: [] }))
})

describe('rule 8: legal relations are dated, scoped, neither symmetric nor transitive', () => {
  const policy = (kind: string, code: string) =>
    policyOf(code, {
      id: `${code.toLowerCase()}.rel`,
      effect: 'permit',
      match: { to: { relation: kind } },
      cite: [{ law: 'GDPR', at: 'Art. 45', legalRelation: '$matched' }],
    })
  const asked = (from: string, to: string, facts = {}) => ask({ facts: { from, to, ...facts } })
  it('cites the relation that matched', () => {
    expect(halfOf([policy('eu-adequacy', 'EU')], asked('DE', 'JP')).cite).toEqual([{ law: 'GDPR', at: 'Art. 45', legalRelation: 'eu-adequacy-jp' }])
  })
  it('covers private recipients in Japan only', () => {
    expect(halfOf([policy('eu-adequacy', 'EU')], asked('DE', 'JP', { sector: 'public' })).verdict).toBe('deny')
    expect(halfOf([policy('eu-adequacy', 'EU')], asked('DE', 'JP', { sector: null })).verdict).toBe('deny')
  })
  it('asks the United States for the certificate', () => {
    expect(halfOf([policy('eu-adequacy', 'EU')], asked('DE', 'US')).verdict).toBe('deny')
    expect(halfOf([policy('eu-adequacy', 'EU')], asked('DE', 'US', { certification: ['us-dpf'] })).verdict).toBe('permit')
  })
  it('does not run backwards', () => expect(halfOf([policy('eu-adequacy', 'JP')], asked('JP', 'DE')).verdict).toBe('deny'))
  it('leaves out the data that the relation leaves out', () => {
    const data = { '/credit': 'personal.credit', '/name': 'registration.name' }
    expect(halfOf([policy('kr-equivalence', 'KR')], { ...asked('KR', 'DE'), data: ask({ data }).data })).toMatchObject({ disclosed: ['/name'] })
  })
  it('does not hold for a purpose that the relation leaves out', () => {
    expect(halfOf([policy('eu-adequacy', 'EU')], asked('DE', 'BR')).verdict).toBe('permit')
    expect(halfOf([policy('eu-adequacy', 'EU')], asked('DE', 'BR', { purpose: 'security.public' })).verdict).toBe('deny')
  })
  it('may hold, for a deny, where a certificate is shown that nobody knows', () => {
    const deny = policyOf('EU', { id: 'eu.open', effect: 'permit' }, { id: 'eu.no', effect: 'deny', match: { to: { relation: 'eu-adequacy' } } })
    expect(halfOf([deny], asked('DE', 'US', { certification: [] })).verdict).toBe('permit')
    expect(halfOf([deny], asked('DE', 'US', { certification: ['unheard-of'] })).verdict).toBe('deny')
  })
  it('ends a permit with the relation it rests on', () => {
    const british = policy('eu-adequacy', 'EU')
    const long = { ...british, metadata: { ...british.metadata, validUntil: '2099-01-01T00:00:00Z' as Instant } }
    expect(halfOf([long], asked('DE', 'GB'))).toMatchObject({ verdict: 'permit', validUntil: '2031-12-27T00:00:00Z' })
    expect(halfOf([long], { ...asked('DE', 'GB'), at: '2031-12-27T00:00:00Z' as Instant }).verdict).toBe('deny')
  })
})

describe('rule 9: counters are inputs', () => {
  const policy = policyOf('CN', { id: 'cn.small', effect: 'permit', require: { counter: { name: 'cn-pi-subjects-this-calendar-year', below: 100_000 } } })
  it.each([
    [99_999, 'PERMITTED'],
    [100_000, 'CONDITIONS_NOT_MET'],
    [null, 'CONDITIONS_NOT_MET'],
  ])('%s: %s', (count, code) => expect(halfOf([policy], ask({ facts: { 'counter:cn-pi-subjects-this-calendar-year': count } })).code).toBe(code))
  it('deny from a count on, and where the count is unknown', () => {
    const deny = policyOf(
      'CN',
      { id: 'cn.open', effect: 'permit' },
      { id: 'cn.no', effect: 'deny', match: { counter: { name: 'releases-this-day', atLeast: 10 } } },
    )
    const verdicts = [9, 10, null].map((count) => halfOf([deny], ask({ facts: { 'counter:releases-this-day': count } })).verdict)
    expect(verdicts).toEqual(['permit', 'deny', 'deny'])
  })
  it('a side says which counts its rules ask for, each once and in order', () => {
    const [persons, sensitive, releases] = ['cn-pi-subjects-this-calendar-year', 'cn-sensitive-pi-subjects-this-calendar-year', 'releases-this-day']
    const countersOf = (...documents: PolicyDocument[]) => compile(documents, packs).counters
    const shown = (name: string) => ({ counter: { name, below: 10 } })
    const required: Rule = { id: 'cn.small', effect: 'permit', require: shown(releases) } as never
    const matched: Rule = { id: 'cn.matched', effect: 'permit', match: { counter: { name: persons, atLeast: 5 } }, require: shown(releases) } as never
    const lifting: Rule = { id: 'cn.no', effect: 'deny', unless: shown(sensitive) } as never
    expect(countersOf(policyOf('CN', required, matched, open), policyOf('JP', lifting))).toEqual([persons, sensitive, releases])
    expect(countersOf(policyOf('CN', required, open))).toEqual([releases])
    expect(countersOf(policyOf('CN', lifting, open))).toEqual([sensitive])
    expect(countersOf(policyOf('JP', open))).toEqual([])
  })
})

describe('rule 10: a trade agreement or a scheme is never a permit', () => {
  it('is no word of the language', () => {
    for (const kind of ['trade-agreement', 'absence'])
      expect(() => compile([policyOf('JP', { ...open, match: { to: { relation: kind } } })], packs)).toThrow(
        expect.objectContaining({ code: 'DFFT_POLICY_SYNTAX' }),
      )
  })
  it('needs a certificate or a tool beside the membership', () => {
    const rule = { ...open, match: { to: { group: 'GLOBAL-CBPR-MEMBERS' } } }
    expect(() => compile([policyOf('JP', rule)], packs)).toThrow(expect.objectContaining({ code: 'DFFT_POLICY_SYNTAX' }))
    expect(() => compile([policyOf('JP', { ...rule, require: { certification: { anyOf: ['global-cbpr'] } } })], packs)).not.toThrow()
  })
})

describe('rule 11: a domestic flow', () => {
  it('is decided by a rule like any other', () => {
    const domestic = ask({ facts: { to: 'JP' } })
    expect(halfOf([policyOf('JP', { ...open, match: { to: ['DE' as never] } })], domestic).code).toBe('NO_RULE')
    expect(halfOf([policyOf('JP', { ...open, match: { to: ['JP' as never] } })], domestic).code).toBe('PERMITTED')
  })
})

describe('a suspension', () => {
  const policy = policyOf('JP', open)
  it('stops the named counterparty and no other', () => {
    expect(halfOf([policy, suspensionOf({ counterpartyNode: [importer] })])).toMatchObject({
      verdict: 'deny',
      code: 'SUSPENDED',
      rules: ['urn:trust-policy:jp:suspension:17'],
    })
    expect(halfOf([policy, suspensionOf({ counterpartyNode: ['did:web:other.example' as Did] })]).code).toBe('PERMITTED')
    expect(halfOf([policy, suspensionOf({ counterpartyNode: [exporter] })]).code).toBe('PERMITTED')
  })
  it('stops everything when it names nothing, within its time only', () => {
    expect(halfOf([policy, suspensionOf({})]).code).toBe('SUSPENDED')
    expect(halfOf([policy, suspensionOf({})], ask({ at: '2026-11-23T00:00:00Z' as Instant })).code).toBe('PERMITTED')
    expect(halfOf([policy, suspensionOf({})], ask({ at: '2026-11-19T23:59:59Z' as Instant })).code).toBe('PERMITTED')
  })
  it('stops what leaves or reaches the places it names, and no other', () => {
    const codeOf = (match: object, question = ask()) => halfOf([policy, suspensionOf(match as Suspension['match'])], question).code
    expect([{ from: ['JP'] }, { to: [{ group: 'EEA' }] }].map((match) => codeOf(match))).toEqual(['SUSPENDED', 'SUSPENDED'])
    expect([{ from: ['US'] }, { to: ['US'] }].map((match) => codeOf(match))).toEqual(['PERMITTED', 'PERMITTED'])
    expect(codeOf({ from: ['US'] }, ask({ facts: { from: null } }))).toBe('SUSPENDED')
  })
  it('counts the unknown as matched', () => {
    const suspended = suspensionOf({ to: ['US' as never], purpose: ['marketing'] })
    expect(halfOf([policy, suspended]).code).toBe('PERMITTED')
    expect(halfOf([policy, suspended], ask({ facts: { to: null, purpose: null } })).code).toBe('SUSPENDED')
  })
})

describe('both sides', () => {
  const rules = (direction: 'export' | 'import', jurisdiction: string, more: object = {}) =>
    compile([policyOf(jurisdiction, { id: `${jurisdiction.toLowerCase()}.r`, effect: 'permit', direction, ...more } as never)], packs)
  const bound = { exchange: '0123456789abcdef0123456789abcdef' as ExchangeId, request: packs.digests.legal as Digest }
  const retention = (max: string) => ({ type: 'retention', max })

  it('must both permit', () => {
    const permits = rules('export', 'JP')
    expect(decide(permits, rules('import', 'DE', { effect: 'deny' }), ask(bound))).toMatchObject({
      verdict: 'deny',
      code: 'DENIED_BY_RULE',
      joint: null,
      agreement: null,
    })
    expect(decide(rules('export', 'JP', { effect: 'deny' }), rules('import', 'DE'), ask(bound)).code).toBe('DENIED_BY_RULE')
    expect(decide(permits, compile([], packs), ask(bound)).code).toBe('NO_POLICY')
    expect(decide(permits, permits, ask(bound)).import.code).toBe('NO_RULE')
  })
  it('release what both release, and refuse when that is nothing', () => {
    const data = { '/a': 'invoice', '/b': 'invoice', '/c': 'invoice' }
    const limited = (...allow: string[]) => ({ disclose: { allow } })
    const decision = decide(rules('export', 'JP', limited('/a', '/b')), rules('import', 'DE', limited('/b', '/c')), ask({ ...bound, data }))
    expect(decision.joint).toMatchObject({ disclosed: ['/b'], withheld: [{ path: '/a' }, { path: '/c' }] })
    const other = decide(rules('export', 'JP', limited('/b', '/c')), rules('import', 'DE', limited('/a', '/b')), ask({ ...bound, data }))
    expect(other.joint).toMatchObject({ disclosed: ['/b'], withheld: [{ path: '/a' }, { path: '/c' }] })
    expect(decide(rules('export', 'JP', limited('/a')), rules('import', 'DE', limited('/c')), ask({ ...bound, data }))).toMatchObject({
      verdict: 'deny',
      code: 'UNCOVERED_DATA',
      joint: null,
    })
  })
  it('keep the data for the shorter time by the calendar: in 2027 to 2028, P1Y is 365 days, and a day more in the year after', () => {
    const joint = (at: string) => {
      const asked = ask({ ...bound, at: at as Instant })
      return decide(rules('export', 'JP', { obligations: [retention('P1Y')] }), rules('import', 'DE', { obligations: [retention('P365D')] }), asked).joint
        ?.obligations
    }
    expect(joint('2026-11-21T00:00:00Z')).toEqual([{ type: 'retention', max: 'P1Y', until: '2027-11-21T00:00:00Z' }])
    expect(joint('2027-03-01T00:00:00Z')).toEqual([{ type: 'retention', max: 'P365D', until: '2028-02-29T00:00:00Z' }])
  })
  it('intersect purposes and onward transfers, keep the longest record, tell a breach the soonest, ask for the freshest status', () => {
    const ours = [
      { type: 'purpose-limit', allow: ['compliance.aml', 'trade.supplier-verification'] },
      { type: 'onward-transfer', allow: [{ group: 'EEA' }, 'JP'], else: 'consent' },
      { type: 'transfer-record', keep: 'P3Y' },
      { type: 'breach-notice', withinHours: 72 },
      { type: 'status-age', withinSeconds: 300 },
    ]
    const theirs = [
      { type: 'purpose-limit' },
      { type: 'onward-transfer', allow: ['DE', 'FR', 'US'] },
      { type: 'transfer-record', keep: 'P5Y' },
      { type: 'breach-notice', withinHours: 24 },
      { type: 'status-age', withinSeconds: 90 },
    ]
    const decision = decide(rules('export', 'JP', { obligations: ours }), rules('import', 'DE', { obligations: theirs }), ask(bound))
    expect(decision.joint?.obligations).toEqual(
      [
        { type: 'onward-transfer', allow: ['DE', 'FR'] },
        { type: 'purpose-limit', allow: ['trade.supplier-verification'] },
        { type: 'transfer-record', keep: 'P5Y', until: '2031-11-21T00:00:00Z' },
        { type: 'breach-notice', withinHours: 24 },
        { type: 'status-age', withinSeconds: 90 },
      ].toSorted((a, b) =>
        JSON.stringify(Object.fromEntries(Object.entries(a).sort())) < JSON.stringify(Object.fromEntries(Object.entries(b).sort())) ? -1 : 1,
      ),
    )
  })
  it('permit no longer than the side that ends first', () => {
    const until = (direction: 'export' | 'import', jurisdiction: string, end: string) => {
      const policy = policyOf(jurisdiction, { id: `${jurisdiction.toLowerCase()}.r`, effect: 'permit', direction })
      return compile([{ ...policy, metadata: { ...policy.metadata, validUntil: end as Instant } }], packs)
    }
    const [soon, late] = ['2026-12-01T00:00:00Z', '2027-03-01T00:00:00Z'] as const
    expect(decide(until('export', 'JP', soon), until('import', 'DE', late), ask()).joint?.validUntil).toBe(soon)
    expect(decide(until('export', 'JP', late), until('import', 'DE', soon), ask()).joint?.validUntil).toBe(soon)
  })
  it('hash one agreement out of ids, times, policies, packs, question and result', () => {
    const [ours, theirs] = [rules('export', 'JP'), rules('import', 'DE')]
    const decision = decide(ours, theirs, ask(bound))
    const body = agreementBody(ask(bound), decision)
    expect(body).toEqual({
      version: 'dfft-agreement/1',
      ...bound,
      at: '2026-11-21T00:00:00Z',
      policies: { export: [ours.policies[0]!.digest], import: [theirs.policies[0]!.digest] },
      packs: [packs.digests.vocabulary, packs.digests.legal],
      question: ask(bound),
      joint: decision.joint,
    })
    expect(decision.agreement).toBe(digestOf(body))
    expect(parse(decision, DecisionDocument)).toEqual(decision)
    for (const half of [{}, { exchange: bound.exchange }, { request: bound.request }]) expect(decide(ours, theirs, ask(half)).agreement).toBeNull()
    expect(decide(rules('export', 'JP', { title: { en: 'changed' } }), theirs, ask(bound)).agreement).not.toBe(decision.agreement)
  })
})

describe('what a refusal tells a peer', () => {
  const policy = (level: 'code' | 'rules' | 'nearest' | undefined, jurisdiction: string) => {
    const one = policyOf(jurisdiction, { id: `${jurisdiction.toLowerCase()}.aml`, effect: 'permit', match: { purpose: ['compliance.aml'] } })
    return { ...one, metadata: { ...one.metadata, ...(level ? { reveal: level } : {}) } }
  }
  const shown = (...documents: PolicyDocument[]) => {
    const index = compile(documents, packs)
    return Object.keys(reveal(decideSide(index, 'export', ask()), index))
  }
  it('is the code alone, unless the policy says more', () => {
    expect(shown(policy(undefined, 'JP'))).toEqual(['code'])
    expect(shown(policy('rules', 'JP'))).toEqual(['code', 'rules'])
    expect(shown(policy('nearest', 'JP'))).toEqual(['code', 'rules', 'nearest'])
  })
  it('is what the strictest document of the side lets out', () => {
    const levelOf = (...documents: PolicyDocument[]) => compile(documents, packs).reveal
    expect(levelOf(policy('nearest', 'EU'), policy('nearest', 'DE'))).toBe('nearest')
    expect(shown(policy('nearest', 'EU'), policy('rules', 'DE'))).toEqual(['code', 'rules'])
    expect(shown(policy('nearest', 'EU'), policy(undefined, 'DE'))).toEqual(['code'])
    expect(shown()).toEqual(['code'])
  })
})

describe('compiling a side', () => {
  it('refuses two policies of one jurisdiction', () => {
    const rule: Rule[] = []
    expect(() => compile([policyOf('JP'), { ...policyOf('JP'), rules: rule }], packs)).toThrow(
      expect.objectContaining({ code: 'DFFT_POLICY_SYNTAX', message: expect.stringContaining('`JP`'), facts: { policy: 'urn:trust-policy:jp:test' } }),
    )
  })
  it('says of a word nobody knows where it stands, and which is like it', () => {
    expect(() => compile([policyOf('JP', open, { ...open, id: 'jp.b', match: { data: ['invoice', 'personel'] } })], packs)).toThrow(
      expect.objectContaining({ facts: { policy: 'urn:trust-policy:jp:test', path: '/rules/1/match/data/1', nearest: 'personal' } }),
    )
  })
  it('refuses a policy written against other packs', () => {
    const policy = policyOf('JP', open)
    const other = { ...policy, metadata: { ...policy.metadata, packs: { ...packs.digests, legal: packs.digests.vocabulary } } }
    expect(() => compile([other], packs)).toThrow(expect.objectContaining({ code: 'DFFT_POLICY_SYNTAX' }))
  })
})
