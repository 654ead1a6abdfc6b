import { describe, expect, it } from 'vitest'
import { TrustError } from '#protocols/errors.ts'
import { compile } from '../compile.ts'
import { decideSide } from '../decide.ts'
import { shippedPacks } from '../packs/packs.ts'
import { policyDigest } from '../policy.ts'
import type { Question } from '../question.ts'
import { importOdrl } from './import.ts'
import { mappingOf } from './mapping.ts'

const packs = shippedPacks
const context = 'http://www.w3.org/ns/odrl.jsonld'
const defaults = { jurisdiction: 'JP', serial: 7, validFrom: '2026-01-01T00:00:00Z', validUntil: '2027-01-01T00:00:00Z' }

type Members = Readonly<Record<string, unknown>>
const invoices = 'urn:dfft:vocab:invoice'
const permission = { action: 'distribute', target: invoices }
const policy = (members: Members) => ({ '@context': context, '@type': 'Set', uid: 'urn:example:offer:1', ...members })
const at = (left: string, operator: string, right: unknown) => ({ leftOperand: left, operator, rightOperand: right })
const time = (operator: string, text: string) => at('dateTime', operator, { '@value': text, '@type': 'xsd:dateTime' })
const imported = (members: Members) => importOdrl(policy(members), { packs, defaults })
const only = (members: Members) => imported(members).documents.flatMap(({ rules }) => rules)

function refusal(act: () => unknown): { code: string; path: unknown; construct: unknown; message: string } {
  try {
    act()
  } catch (error) {
    if (error instanceof TrustError) return { code: error.code, path: error.facts.path, construct: error.facts.construct, message: error.message }
    throw error
  }
  throw new Error('nothing was refused')
}

describe('what is carried', () => {
  it('a permission becomes a permit, with what the document does not say from whoever imports it', () => {
    const { documents, rules } = imported({ permission: { ...permission, uid: 'urn:example:rule:1', constraint: at('spatial', 'eq', 'loc:KR') } })
    expect(documents).toEqual([
      {
        apiVersion: 'trust-policy/v1',
        kind: 'TrustPolicy',
        metadata: { id: 'urn:example:offer:1', ...defaults, packs: packs.digests },
        rules: [{ id: 'jp.odrl.permission-1', direction: 'export', effect: 'permit', match: { data: ['invoice'], to: ['KR'] } }],
      },
    ])
    expect(rules).toEqual([{ path: '/permission/0', uid: 'urn:example:rule:1', ids: ['jp.odrl.permission-1'] }])
  })

  it('a prohibition becomes a deny, and goes before a permission where the policy says so', () => {
    const rules = only({
      conflict: 'prohibit',
      permission,
      prohibition: { action: 'odrl:distribute', target: { '@id': invoices }, constraint: [at('purpose', 'eq', { '@id': 'dpv:Marketing' })] },
    })
    expect(rules.map(({ effect, match }) => [effect, match])).toEqual([
      ['permit', { data: ['invoice'] }],
      ['deny', { data: ['invoice'], purpose: ['marketing'] }],
    ])
  })

  it('use is to supply and to receive', () => {
    expect(only({ permission: { action: 'use', target: invoices } }).map(({ id, direction }) => [id, direction])).toEqual([
      ['jp.odrl.permission-1.export', 'export'],
      ['jp.odrl.permission-1.import', 'import'],
    ])
  })

  it('deletion after a time at most is retention, and an obligation of the policy is a duty in both directions', () => {
    const erase = (operator = 'lteq') => ({ action: 'delete', constraint: at('elapsedTime', operator, { '@value': 'P30D', '@type': 'xsd:duration' }) })
    expect(only({ permission: { ...permission, duty: erase() } })).toMatchObject([{ obligations: [{ type: 'retention', max: 'P30D' }] }])
    const refined = { action: [{ 'rdf:value': { '@id': 'odrl:delete' }, refinement: [at('elapsedTime', 'lteq', 'P30D')] }] }
    expect(only({ obligation: refined }).map(({ effect, direction }) => [effect, direction])).toEqual([
      ['oblige', 'export'],
      ['oblige', 'import'],
    ])
    expect(refusal(() => only({ permission: { ...permission, duty: erase('gteq') } }))).toMatchObject({
      path: '/permission/0/duty/0/action/0',
      construct: 'odrl:delete',
    })
  })

  it('and is one rule, or is one rule an alternative', () => {
    const kr = at('spatial', 'eq', 'loc:KR')
    const dpf = at('recipient', 'isAnyOf', ['urn:dfft:odrl:sector:private'])
    const purpose = at('purpose', 'isAnyOf', ['dpv:Marketing', 'dpv:AcademicResearch'])
    expect(only({ permission: { ...permission, constraint: { and: [kr, dpf, purpose] } } }).map(({ match }) => match)).toEqual([
      { data: ['invoice'], to: ['KR'], recipient: { sector: ['private'] }, purpose: ['marketing', 'research.academic'] },
    ])
    expect(only({ prohibition: { ...permission, constraint: [{ or: [kr, { and: [dpf, purpose] }] }] } }).map(({ id, match }) => [id, match])).toEqual([
      ['jp.odrl.prohibition-1.alternative-1', { data: ['invoice'], to: ['KR'] }],
      ['jp.odrl.prohibition-1.alternative-2', { data: ['invoice'], recipient: { sector: ['private'] }, purpose: ['marketing', 'research.academic'] }],
    ])
  })

  it('of two lists of purposes what is in both', () => {
    const twice = [at('purpose', 'isAnyOf', ['dpv:Marketing', 'dpv:AcademicResearch']), at('purpose', 'eq', 'dpv:AcademicResearch')]
    expect(only({ permission: { ...permission, constraint: twice } }).map(({ match }) => match.purpose)).toEqual([['research.academic']])
  })

  it('what describes the policy stands in its notice', () => {
    const described = {
      'dct:title': 'Offer',
      'dct:description': [{ '@value': '申出', '@language': 'ja' }, 'An offer.'],
      'dct:source': { '@id': 'https://example.org/offer' },
    }
    const { metadata } = imported({ permission, ...described }).documents[0]!
    expect(metadata).toMatchObject({ title: { en: 'Offer' }, notice: { en: 'An offer. (source: https://example.org/offer)', ja: '申出' } })
  })

  it('a description of a third language says which it is', () => {
    const said = (lang: string) => imported({ permission, 'dct:description': { '@value': 'x', '@language': lang } }).documents[0]?.metadata.notice
    expect(['fr-CH', 'en-GB', 'ja-JP'].map(said)).toEqual([{ en: '[fr-ch] x' }, { en: 'x' }, { en: '', ja: 'x' }])
  })

  it('what is said of all rules is said of each', () => {
    expect(only({ target: invoices, action: 'distribute', permission: { constraint: at('spatial', 'isPartOf', 'urn:dfft:odrl:group:EEA') } })).toMatchObject([
      { direction: 'export', match: { data: ['invoice'], to: { group: 'EEA' } } },
    ])
  })

  it('prefixes of the document and full IRIs name the same', () => {
    const prefixed = {
      '@context': [context, { mine: 'urn:dfft:vocab:' }],
      'odrl:permission': [{ 'http://www.w3.org/ns/odrl/2/action': { '@id': 'http://www.w3.org/ns/odrl/2/distribute' }, target: 'mine:invoice' }],
    }
    expect(only(prefixed).map(({ match }) => match)).toEqual([{ data: ['invoice'] }])
  })

  it('a mapping of the caller gives meaning to what is a stranger’s', () => {
    const mapping = { ...mappingOf(packs), recipients: new Map([['https://example.org/acme', { certification: 'iso-27001' }]]) }
    const { documents } = importOdrl(policy({ permission: { ...permission, assignee: 'https://example.org/acme' } }), { packs, defaults, mapping })
    expect(documents[0]?.rules).toMatchObject([{ match: { recipient: { certification: ['iso-27001'] } } }])
  })
})

describe('times', () => {
  const during = (from: string, until: string) => ({ ...permission, constraint: [time('gteq', from), time('lt', until)] })

  it('that all rules share are the validity of the document', () => {
    const { validFrom, validUntil, ...rest } = defaults
    const members = { permission: [during('2026-03-01T00:00:00Z', '2026-04-01T09:00:00+09:00'), during('2026-03-01T00:00:00Z', '2026-04-01T00:00:00Z')] }
    const { documents } = importOdrl(policy(members), { packs, defaults: rest })
    expect(documents.map(({ metadata }) => [metadata.validFrom, metadata.validUntil])).toEqual([['2026-03-01T00:00:00Z', '2026-04-01T00:00:00Z']])
    expect([validFrom, validUntil]).not.toContain(documents[0]?.metadata.validFrom)
  })

  it('that differ make a chain of documents, one for each stretch in which the same rules hold', () => {
    const { documents } = imported({ permission: [permission, during('2026-03-01T00:00:00Z', '2026-04-01T00:00:00Z')] })
    expect(documents.map(({ metadata, rules }) => [metadata.serial, metadata.validFrom, metadata.validUntil, rules.length])).toEqual([
      [7, '2026-01-01T00:00:00Z', '2026-03-01T00:00:00Z', 1],
      [8, '2026-03-01T00:00:00Z', '2026-04-01T00:00:00Z', 2],
      [9, '2026-04-01T00:00:00Z', '2027-01-01T00:00:00Z', 1],
    ])
    expect(documents.slice(1).map(({ metadata }) => metadata.previous)).toEqual(documents.slice(0, -1).map(policyDigest))
  })

  it.each([
    ['lt', [['2026-01-01T00:00:00Z', '2026-06-01T00:00:00Z']]],
    ['lteq', [['2026-01-01T00:00:00Z', '2026-06-01T00:00:01Z']]],
    ['gt', [['2026-06-01T00:00:01Z', '2027-01-01T00:00:00Z']]],
    ['gteq', [['2026-06-01T00:00:00Z', '2027-01-01T00:00:00Z']]],
    ['eq', [['2026-06-01T00:00:00Z', '2026-06-01T00:00:01Z']]],
    [
      'neq',
      [
        ['2026-01-01T00:00:00Z', '2026-06-01T00:00:00Z'],
        ['2026-06-01T00:00:01Z', '2027-01-01T00:00:00Z'],
      ],
    ],
  ])('%s to the second', (operator, spans) => {
    const { documents } = imported({ permission: { ...permission, constraint: time(operator, '2026-06-01T00:00:00.000Z') } })
    expect(documents.map(({ metadata }) => [metadata.validFrom, metadata.validUntil])).toEqual(spans)
  })
})

describe('what cannot be carried is refused by its name and place', () => {
  const constrained = (constraint: unknown, kind = 'permission') => ({ [kind]: { ...permission, constraint } })
  const kr = at('spatial', 'eq', 'loc:KR')
  const cases: readonly (readonly [Members, path: string, construct: string])[] = [
    [{ permission, '@type': 'Agreement' }, '/@type', 'odrl:Agreement'],
    [{ permission, profile: 'https://example.org/profile' }, '/profile', 'https://example.org/profile'],
    [{ permission, inheritFrom: 'urn:example:other' }, '/inheritFrom', 'odrl:inheritFrom'],
    [{ permission, conflict: 'perm' }, '/conflict', 'odrl:perm'],
    [{ permission, conflict: 'invalid' }, '/conflict', 'odrl:invalid'],
    [{ permission, prohibition: permission }, '/conflict', 'odrl:invalid'],
    [{ permission, '@context': 'https://example.org/context' }, '/@context', '@context'],
    [{ permission, '@context': [context, { read: 'urn:example:write' }] }, '/@context/1/read', 'read'],
    [{ permission, '@context': [context, { odrl: 'urn:example:' }] }, '/@context/1/odrl', 'odrl'],
    [{ permission, surprise: 1 }, '/surprise', 'surprise'],
    [{ permission: { ...permission, 'odrl:action': 'use' } }, '/permission/0/odrl:action', 'odrl:action'],
    [{ permission: { ...permission, assigner: 'did:web:other.example' } }, '/permission/0/assigner', 'did:web:other.example'],
    [{ permission, assigner: 'https://example.org/us' }, '/assigner', 'https://example.org/us'],
    [{ permission: { ...permission, assignee: 'https://example.org/them' } }, '/permission/0/assignee/0', 'https://example.org/them'],
    [{ permission: { ...permission, action: 'print' } }, '/permission/0/action/0', 'odrl:print'],
    [{ permission: { target: invoices } }, '/permission/0', 'odrl:action'],
    [{ permission: { ...permission, action: { 'rdf:value': 'odrl:distribute', refinement: kr } } }, '/permission/0/action/0/refinement', 'odrl:refinement'],
    [{ permission: { ...permission, target: 'https://example.org/asset' } }, '/permission/0/target/0', 'https://example.org/asset'],
    [{ permission: { ...permission, target: { source: invoices, refinement: [kr] } } }, '/permission/0/target/0/refinement', 'odrl:refinement'],
    [{ permission: { ...permission, target: [invoices, 'urn:dfft:vocab:QualificationCredential'] } }, '/permission/0/target', 'odrl:target'],
    [{ permission: { ...permission, duty: { action: 'compensate' } } }, '/permission/0/duty/0/action/0', 'odrl:compensate'],
    [
      { permission: { ...permission, duty: { action: 'dfft:limitPurpose', consequence: { action: 'delete' } } } },
      '/permission/0/duty/0/consequence',
      'odrl:consequence',
    ],
    [{ prohibition: { ...permission, remedy: { action: 'delete' } } }, '/prohibition/0/remedy', 'odrl:remedy'],
    [{ permission: { ...permission, relation: 'urn:example:a' } }, '/permission/0/relation', 'odrl:relation'],
    [{ prohibition: { ...permission, duty: { action: 'delete' } } }, '/prohibition/0/duty', 'duty'],
    [{ obligation: { action: 'inform' } }, '/obligation/0/action/0', 'odrl:inform'],
    [constrained(at('spatial', 'neq', 'loc:KR')), '/permission/0/constraint/0/operator', 'odrl:neq'],
    [constrained(at('spatial', 'eq', 'loc:XX')), '/permission/0/constraint/0/rightOperand/0', 'loc:XX'],
    [constrained(at('purpose', 'isA', 'dpv:Marketing')), '/permission/0/constraint/0/operator', 'odrl:isA'],
    [constrained(at('purpose', 'eq', 'dpv:Unheard')), '/permission/0/constraint/0/rightOperand/0', 'dpv:Unheard'],
    [constrained(at('count', 'lteq', 5)), '/permission/0/constraint/0/leftOperand', 'odrl:count'],
    [constrained({ ...kr, unit: 'urn:example:unit' }), '/permission/0/constraint/0/unit', 'odrl:unit'],
    [constrained({ xone: [kr, kr] }), '/permission/0/constraint/0/xone', 'odrl:xone'],
    [constrained({ and: [kr, { andSequence: [kr] }] }), '/permission/0/constraint/0/and/1/andSequence', 'odrl:andSequence'],
    [constrained([kr, kr]), '/permission/0/constraint/1', 'to'],
    [constrained([at('purpose', 'eq', 'dpv:Marketing'), at('purpose', 'eq', 'dpv:AcademicResearch')]), '/permission/0/constraint/1', 'odrl:purpose'],
    [constrained(at('dfft:evidence', 'eq', 'urn:dfft:vocab:transfer-impact-assessment'), 'prohibition'), '/prohibition/0/constraint', 'evidence'],
    [constrained(time('lt', '2026-06-01T00:00:00.5Z')), '/permission/0/constraint/0/rightOperand', '2026-06-01T00:00:00.5Z'],
    [constrained(time('lt', '2026-06-01T00:00:00')), '/permission/0/constraint/0/rightOperand', '2026-06-01T00:00:00'],
    [constrained([time('lt', '2026-06-01T00:00:00Z'), time('gt', '2026-07-01T00:00:00Z')]), '/permission/0/constraint', 'odrl:dateTime'],
    [constrained(time('lt', '2025-06-01T00:00:00Z')), '/', 'odrl:dateTime'],
    [{ permission: { ...permission, 'dfft:empty': ['/effect'] } }, '/permission/0/dfft:empty', '/effect'],
    [{ permission, 'dfft:order': { '@list': [] } }, '/dfft:order', 'dfft:order'],
  ]

  it.each(cases)('%j', (members, path, construct) => {
    expect(refusal(() => imported(members))).toMatchObject({ code: 'DFFT_POLICY_ODRL', path, construct })
  })

  it('and all of it at once', () => {
    const { message } = refusal(() => imported({ permission: { ...permission, action: 'print', constraint: at('count', 'lt', 5) } }))
    expect(message).toContain('/permission/0/action/0: `odrl:print`')
    expect(message).toContain('/permission/0/constraint/0/leftOperand: `odrl:count`')
  })

  it.each(['jurisdiction', 'serial', 'validUntil'] as const)('and so is a document of which nobody says the %s', (name) => {
    const { [name]: _, ...rest } = defaults
    expect(refusal(() => importOdrl(policy({ permission }), { packs, defaults: rest }))).toMatchObject({ construct: name === 'validUntil' ? 'validity' : name })
  })

  it('and alternatives without end', () => {
    const purposes = (count: number) => ({ or: Array.from({ length: count }, () => at('purpose', 'eq', 'dpv:Marketing')) })
    expect(only(constrained([purposes(32), purposes(32)]))).toHaveLength(1024)
    expect(refusal(() => imported(constrained([purposes(32), purposes(33)])))).toMatchObject({ path: '/permission/0/constraint/1', construct: 'odrl:or' })
  })
})

it('what was imported decides: the permission releases to the place it names, and to no other', () => {
  const { documents } = imported({ permission: { ...permission, constraint: at('spatial', 'eq', 'loc:KR') } })
  const question = (to: string): Question => ({
    version: 'dfft-question/1',
    at: '2026-06-01T00:00:00Z' as Question['at'],
    exporter: 'did:web:exporter.example' as Question['exporter'],
    importer: 'did:web:importer.example' as Question['importer'],
    credential: 'ElectronicInvoiceCredential',
    selective: true,
    data: [{ path: '/total', category: 'invoice' }],
    facts: { from: { value: 'JP', origin: 'accreditation' }, to: { value: to, origin: 'accreditation' } },
  })
  const index = compile(documents, packs)
  expect(['KR', 'US'].map((to) => decideSide(index, 'export', question(to)).disclosed)).toEqual([['/total'], []])
})
