import { describe, expect, it } from 'vitest'
import { digestOf } from '#protocols/canonical.ts'
import { inGroup, membersOf, relationsBetween } from '../places.ts'
import dpv from './dpv.json' with { type: 'json' }
import extension from './extension.json' with { type: 'json' }
import legal from './legal.json' with { type: 'json' }
import { covers, shippedPacks as packs, readPacks, touches } from './packs.ts'

const vocabulary = { dpv, extension }
const refusal = (entry: string) => expect.objectContaining({ code: 'DFFT_SCHEMA', facts: expect.objectContaining({ entry }) })

const kinds = [
  'credentials',
  'purposes',
  'categories',
  'legalBases',
  'transferTools',
  'evidence',
  'certifications',
  'dataFlags',
  'counters',
  'supplementaryRules',
] as const
const kindsOfDpv = ['purposes', 'categories', 'legalBases', 'transferTools'] as const

describe('the vocabulary', () => {
  it('has each word once, in two languages, with an IRI of DPV or of our own namespace', () => {
    for (const kind of kinds) {
      const list = packs.vocabulary[kind]
      expect(new Set(list.map(({ id }) => id)).size, kind).toBe(list.length)
      expect(new Set(list.map(({ iri }) => iri)).size, kind).toBe(list.length)
      for (const { id, iri, label } of list) {
        expect(iri).toMatch(/^(?:https:\/\/w3id\.org\/dpv(?:\/[a-z/]+)?#[A-Za-z0-9-]+|urn:dfft:vocab:\S+)$/)
        if (iri.startsWith('urn:')) expect(iri).toBe(`urn:dfft:vocab:${id}`)
        expect(label.ja).toMatch(/[\u3040-\u30ff\u4e00-\u9fff]|ISO/)
      }
    }
  })
  it('is two packs: the one has terms of DPV only, the other only our own', () => {
    for (const kind of kindsOfDpv) for (const { iri } of dpv[kind]) expect(iri).toMatch(/^https:\/\/w3id\.org\/dpv/)
    for (const kind of kinds) for (const { iri } of extension[kind]) expect(iri).toMatch(/^urn:dfft:vocab:/)
  })
  it('knows what stands above a term in DPV', () => {
    const broader = (kind: (typeof kindsOfDpv)[number], word: string) => packs.vocabulary[kind].find(({ id }) => id === word)?.broader
    // From the modules purposes, legal_basis, legal_basis_data_transfer and pd of DPV 2.3.
    expect(broader('purposes', 'compliance.aml')).toEqual(['https://w3id.org/dpv#FraudPreventionAndDetection'])
    expect(broader('purposes', 'compliance.statistics')).toEqual(['https://w3id.org/dpv#PublicBenefit'])
    expect(broader('legalBases', 'gdpr-6-1-c')).toEqual(['https://w3id.org/dpv#LegalObligation'])
    expect(broader('transferTools', 'gdpr-46-2-c-scc')).toEqual([
      'https://w3id.org/dpv#DataTransferLegalBasis',
      'https://w3id.org/dpv/legal/eu/gdpr#SCCByCommission',
    ])
    expect(broader('categories', 'qualification')).toEqual(['https://w3id.org/dpv/pd#Education'])
    expect(broader('transferTools', 'cac-security-assessment')).toEqual(['https://w3id.org/dpv#DataTransferLegalBasis'])
    expect(broader('purposes', 'trade.invoicing')).toEqual(['https://w3id.org/dpv#VendorManagement'])
  })
  it('has the words of the standard questions', () => {
    for (const word of ['gdpr-6-1-b', 'gdpr-6-1-c', 'appi-law', 'legal-obligation', 'subject-request', 'contract'])
      expect(packs.terms.legalBasis.has(word), word).toBe(true)
  })
  it('has a tree of categories whose parents exist', () => {
    for (const { parents } of packs.vocabulary.categories) for (const parent of parents) expect(packs.parents.has(parent), parent).toBe(true)
    expect([...(packs.above.get('registration.representative') ?? [])].sort()).toEqual(['personal', 'registration', 'registration.representative'])
  })
  it('covers downwards through every parent, touches in both directions', () => {
    const listed = (...words: string[]) => new Set(words)
    expect(covers(packs, listed('registration'), 'registration.name')).toBe(true)
    expect(covers(packs, listed('registration.name'), 'registration')).toBe(false)
    expect(covers(packs, listed('invoice'), 'invoice.party.contact')).toBe(false)
    expect(covers(packs, listed('invoice', 'personal'), 'invoice.party.contact')).toBe(true)
    expect(covers(packs, listed('unheard-of'), 'unheard-of')).toBe(false)
    expect(touches(packs, listed('personal'), 'invoice.party.contact')).toBe(true)
    expect(touches(packs, listed('invoice.party.contact'), 'personal')).toBe(true)
    expect(touches(packs, listed('personal'), 'invoice.tax')).toBe(false)
    expect(touches(packs, listed('personal'), 'unheard-of')).toBe(true)
  })
})

describe('a pack', () => {
  it('has another digest when one entry changes', () => {
    const changed = { ...legal, relations: legal.relations.slice(1) }
    const other = readPacks(vocabulary, changed)
    expect(other.digests.vocabulary).toBe(packs.digests.vocabulary)
    expect(other.digests.legal).not.toBe(packs.digests.legal)
  })
  it('of our words names the one of DPV, so that one digest covers both', () => {
    const changed = { ...dpv, note: 'changed' }
    expect(() => readPacks({ dpv: changed, extension }, legal)).toThrow(refusal('dpv'))
    const other = readPacks({ dpv: changed, extension: { ...extension, dpv: digestOf(changed) } }, legal)
    expect(other.digests.vocabulary).not.toBe(packs.digests.vocabulary)
    expect(packs.digests.vocabulary).toBe(digestOf(extension))
  })
  it('is refused with a member nobody knows', () => {
    for (const changed of [
      { dpv, extension: { ...extension, extra: 1 } },
      { dpv: { ...dpv, extra: 1 }, extension },
      { ...vocabulary, extra: 1 },
    ])
      expect(() => readPacks(changed, legal)).toThrow(expect.objectContaining({ code: 'DFFT_SCHEMA' }))
    expect(() => readPacks(vocabulary, { ...legal, extra: 1 })).toThrow(expect.objectContaining({ code: 'DFFT_SCHEMA' }))
    expect(() => readPacks(null, legal)).toThrow(expect.objectContaining({ code: 'DFFT_SCHEMA' }))
  })
})

describe('a pack of an earlier version', () => {
  const { dpv: _, ...own } = extension
  const merged = Object.fromEntries(kindsOfDpv.map((kind) => [kind, [...dpv[kind], ...extension[kind]]]))
  const whole = { ...own, ...merged, format: 'dfft-vocabulary/1' }
  const { kinds: __, ...rest } = legal
  const earlier = { ...rest, format: 'dfft-legal/1', regimes: [{ iso: 'EU', law: 'GDPR Ch. V', model: 'default-closed' }] }
  it('reads as the same words, under the digest of its one document', () => {
    const read = readPacks(whole, earlier)
    for (const kind of kinds) expect(read.vocabulary[kind].length, kind).toBe(packs.vocabulary[kind].length)
    expect(read.terms.relation).toEqual(packs.terms.relation)
    expect(read.digests).toEqual({ vocabulary: digestOf(whole), legal: digestOf(earlier) })
    expect(read.legal.regimes).toEqual([])
    expect(relationsBetween(read, 'DE', 'JP', '2026-09-01T00:00:00Z').map(({ id }) => id)).toEqual(['eu-adequacy-jp'])
  })
  it('is refused for the same faults', () => {
    const loop = whole.categories?.map((entry) => (entry.id === 'registration' ? { ...entry, parents: ['registration.name'] } : entry))
    expect(() => readPacks({ ...whole, categories: loop }, earlier)).toThrow(expect.objectContaining({ code: 'DFFT_SCHEMA' }))
    const nowhere = earlier.relations.map((entry) => (entry.id === 'eu-adequacy-jp' ? { ...entry, to: 'ZZ' } : entry))
    expect(() => readPacks(whole, { ...earlier, relations: nowhere })).toThrow(refusal('eu-adequacy-jp'))
  })
})

describe('a vocabulary is refused', () => {
  const withCategories = (change: (list: typeof extension.categories) => typeof extension.categories) => ({
    dpv,
    extension: { ...extension, categories: change(extension.categories) },
  })
  const under = (id: string, ...parents: string[]) => withCategories((list) => list.map((entry) => (entry.id === id ? { ...entry, parents } : entry)))
  it('with a category under itself', () => {
    expect(() => readPacks(under('order', 'order'), legal)).toThrow(refusal('order'))
  })
  it('with a circle of categories, however long', () => {
    expect(() => readPacks(under('registration', 'registration.name'), legal)).toThrow(refusal('registration'))
    const three = withCategories((list) =>
      list.map((entry) => ({ ...entry, parents: { order: ['despatch'], despatch: ['settlement'], settlement: ['order'] }[entry.id] ?? entry.parents })),
    )
    expect(() => readPacks(three, legal)).toThrow(refusal('order'))
  })
  it('with a category under one that is none', () => {
    expect(() => readPacks(under('order', 'unheard-of'), legal)).toThrow(refusal('order'))
  })
  it('with a tree so deep that it would end a reader’s stack', () => {
    const chain = Array.from({ length: 40 }, (_, index) => ({
      ...extension.categories[0]!,
      id: `deep.${index}`,
      iri: `urn:dfft:vocab:deep.${index}`,
      parents: [`deep.${index + 1}`],
    }))
    const last = { ...chain[0]!, id: 'deep.40', iri: 'urn:dfft:vocab:deep.40', parents: [] }
    expect(() =>
      readPacks(
        withCategories((list) => [...list, ...chain, last]),
        legal,
      ),
    ).toThrow(refusal('deep.32'))
  })
  it('with one word twice, in one pack or in both', () => {
    const [first] = extension.evidence
    expect(() => readPacks({ dpv, extension: { ...extension, evidence: [...extension.evidence, first] } }, legal)).toThrow(refusal(first!.id))
    const [theirs] = dpv.purposes
    expect(() => readPacks({ dpv, extension: { ...extension, purposes: [...extension.purposes, theirs] } }, legal)).toThrow(refusal(theirs!.id))
  })
})

describe('a legal pack is refused', () => {
  type Legal = typeof legal
  const relation = (id: string, change: object) => ({
    ...legal,
    relations: legal.relations.map((entry) => (entry.id === id ? { ...entry, ...change } : entry)),
  })
  const group = (id: string, change: (entry: Legal['groups'][number]) => object) => ({
    ...legal,
    groups: legal.groups.map((entry) => (entry.id === id ? { ...entry, ...change(entry) } : entry)),
  })
  const regime = (jurisdiction: string, change: object) => ({
    ...legal,
    regimes: legal.regimes.map((entry) => (entry.jurisdiction === jurisdiction ? { ...entry, ...change } : entry)),
  })
  const one = legal.groups[0]!
  it.each<[string, string, object]>([
    ['a group inside itself', 'EU', group('EU', ({ members }) => ({ members: [...members, { code: 'EU' }] }))],
    [
      'two groups inside each other',
      'EU',
      {
        ...group('EU', ({ members }) => ({ members: [...members, { code: 'EPO' }] })),
        groups: [...group('EU', ({ members }) => ({ members: [...members, { code: 'EPO' }] })).groups, { ...one, id: 'EPO', members: [{ code: 'EU' }] }],
      },
    ],
    ['a group twice', 'EU', { ...legal, groups: [...legal.groups, one] }],
    ['a member nobody knows', 'ASEAN', group('ASEAN', ({ members }) => ({ members: [...members, { code: 'ZZ' }] }))],
    [
      'a membership that ends before it begins',
      'EU',
      group('EU', () => ({ members: [{ code: 'GB', from: '2021-01-01T00:00:00Z', until: '2020-01-01T00:00:00Z' }] })),
    ],
    ['a group of a source nobody knows', 'EU', group('EU', () => ({ source: 'hearsay' }))],
    ['a relation twice', 'eu-adequacy-jp', { ...legal, relations: [...legal.relations, legal.relations.find(({ id }) => id === 'eu-adequacy-jp')] }],
    ['a relation of an unknown kind', 'eu-adequacy-jp', relation('eu-adequacy-jp', { kind: 'eu-adequacies' })],
    ['a relation from nowhere', 'eu-adequacy-jp', relation('eu-adequacy-jp', { from: 'EEC' })],
    ['a relation to nowhere', 'eu-adequacy-jp', relation('eu-adequacy-jp', { to: 'ZZ' })],
    ['a trade agreement made a tool', 'eu-jp-epa-dataflow', relation('eu-jp-epa-dataflow', { tool: true })],
    ['a tool that holds both ways', 'eu-adequacy-jp', relation('eu-adequacy-jp', { bidirectional: true })],
    ['a relation of a source nobody knows', 'eu-adequacy-jp', relation('eu-adequacy-jp', { source: ['hearsay'] })],
    ['a certificate nobody knows', 'eu-adequacy-us-dpf', relation('eu-adequacy-us-dpf', { certification: 'us-dfp' })],
    ['excluded data nobody knows', 'kr-equivalence-eea', relation('kr-equivalence-eea', { excludedData: ['personal.resident'] })],
    ['an excluded purpose nobody knows', 'eu-adequacy-br', relation('eu-adequacy-br', { excludedPurposes: ['security'] })],
    ['a relation that ends before it begins', 'eu-adequacy-gb', relation('eu-adequacy-gb', { validUntil: '2021-01-01T00:00:00Z' })],
    ['a law twice', 'GDPR', { ...legal, laws: [...legal.laws, legal.laws.find(({ id }) => id === 'GDPR')] }],
    ['a law of nowhere', 'GDPR', { ...legal, laws: legal.laws.map((law) => (law.id === 'GDPR' ? { ...law, jurisdiction: 'ZZ' } : law)) }],
    [
      'a law that ends before it begins',
      'GDPR',
      { ...legal, laws: legal.laws.map((law) => (law.id === 'GDPR' ? { ...law, validUntil: '2018-05-25T00:00:00Z' } : law)) },
    ],
    ['a kind twice', 'absence', { ...legal, kinds: [...legal.kinds, legal.kinds.find(({ id }) => id === 'absence')] }],
    ['a regime twice', 'CN', { ...legal, regimes: [...legal.regimes, legal.regimes.find(({ jurisdiction }) => jurisdiction === 'CN')] }],
    ['a regime with a tool nobody knows', 'EU', regime('EU', { tools: [{ text: 'x', transferTools: ['gdpr-46'] }] })],
    ['a regime with a relation nobody knows', 'EU', regime('EU', { tools: [{ text: 'x', relation: 'eu-adequacies' }] })],
    ['a regime with a certificate nobody knows', 'SG', regime('SG', { tools: [{ text: 'x', certifications: ['cbpr'] }] })],
    ['a negative list of nowhere', 'IN', regime('IN', { negativeList: ['ZZ'] })],
    [
      'a threshold that asks for a tool nobody knows',
      'CN',
      regime('CN', { thresholds: { period: 'calendar-year', rules: [{ data: 'important', requires: ['cac'] }] } }),
    ],
    ['a regime that denies to a group nobody knows', 'US', regime('US', { denies: { text: 'x', dataFlags: ['bulk-sensitive'], to: 'FOES' } })],
    ['a regime that denies a flag nobody knows', 'US', regime('US', { denies: { text: 'x', dataFlags: ['bulk'], to: 'US-COUNTRIES-OF-CONCERN' } })],
    ['a regime of a source nobody knows', 'JP', regime('JP', { source: ['hearsay'] })],
  ])('with %s', (_, entry, changed) => {
    expect(() => readPacks(vocabulary, changed)).toThrow(refusal(entry))
  })
  it('with a model of regime nobody knows', () => {
    expect(() => readPacks(vocabulary, regime('IN', { model: 'default-open (negative list)' }))).toThrow(expect.objectContaining({ code: 'DFFT_SCHEMA' }))
  })
})

describe('places', () => {
  it('are dated, and no part stands for the whole', () => {
    expect(inGroup(packs, 'EU', 'GB', '2020-01-31T23:59:59Z')).toBe(true)
    expect(inGroup(packs, 'EU', 'GB', '2020-02-01T00:00:00Z')).toBe(false)
    expect(membersOf(packs, 'EEA', '2026-09-01T00:00:00Z')).toHaveLength(30)
    expect(membersOf(packs, 'EU', '2026-09-01T00:00:00Z')).toHaveLength(27)
    expect(inGroup(packs, 'GLOBAL-CBPR-ASSOCIATES', 'AE', '2026-09-01T00:00:00Z')).toBe(false)
  })
})
