/**
 * The shipped law against a list written by hand. The facts are those of the compilation of jurisdictions of
 * 2026-11-21 that the pack was made from (84 relations, 7 groups, 11 regimes); so are the look-ups.
 */
import { describe, expect, it } from 'vitest'
import { membersOf, relationsBetween } from '../places.ts'
import { shippedPacks as packs } from './packs.ts'

const { legal } = packs
const relation = (id: string) => legal.relations.find((entry) => entry.id === id)

describe('the legal pack', () => {
  it('has every relation, by kind', () => {
    const kinds = legal.relations.map(({ kind }) => kind)
    const counts = Object.fromEntries([...new Set(kinds)].sort().map((kind) => [kind, kinds.filter((other) => other === kind).length]))
    expect(counts).toEqual({
      absence: 2,
      'br-adequacy': 1,
      'ch-adequacy': 44,
      'eu-adequacy': 17,
      'jp-designation': 2,
      'kr-equivalence': 1,
      'trade-agreement': 1,
      'uk-adequacy': 16,
    })
    expect(legal.relations).toHaveLength(84)
  })
  it('has every group, with the number of its members ever and on a day of 2026', () => {
    const sizes = legal.groups.map(({ id, members }) => [id, members.length, membersOf(packs, id, '2026-09-01T00:00:00Z').length])
    expect(sizes).toEqual([
      ['EU', 28, 27],
      ['EEA', 31, 30],
      ['GLOBAL-CBPR-MEMBERS', 9, 9],
      ['GLOBAL-CBPR-ASSOCIATES', 4, 3],
      ['ASEAN', 11, 11],
      ['TOKYO-CONVENTION', 8, 8],
      ['US-COUNTRIES-OF-CONCERN', 8, 8],
    ])
    expect(membersOf(packs, 'US-COUNTRIES-OF-CONCERN', '2025-04-07T23:59:59Z')).toEqual([])
    expect(membersOf(packs, 'ASEAN', '2025-10-25T00:00:00Z')).not.toContain('TL')
  })
  it('has every regime, with its model', () => {
    expect(Object.fromEntries(legal.regimes.map(({ jurisdiction, model }) => [jurisdiction, model]))).toEqual({
      EU: 'default-closed',
      JP: 'default-closed',
      KR: 'default-closed',
      SG: 'comparable-protection',
      IN: 'default-open',
      CN: 'threshold',
      RU: 'localisation',
      US: 'targeted-deny',
      BR: 'default-closed',
      GB: 'default-closed',
      CH: 'default-closed',
    })
    const regime = (jurisdiction: string) => legal.regimes.find((entry) => entry.jurisdiction === jurisdiction)
    expect(regime('EU')?.tools).toHaveLength(8)
    expect(regime('IN')).toMatchObject({ negativeList: [], enforceableFrom: '2027-05' })
    expect(regime('US')).toMatchObject({ validFrom: '2025-04-08T00:00:00Z', denies: { to: 'US-COUNTRIES-OF-CONCERN' } })
    expect(regime('RU')).toMatchObject({ validFrom: '2025-07-01T00:00:00Z' })
    expect(regime('CN')?.thresholds?.rules).toEqual([
      { data: 'non-sensitive', below: 100_000, requires: [] },
      { data: 'non-sensitive', atLeast: 100_000, below: 1_000_000, requires: ['cac-standard-contract', 'cac-certification'] },
      { data: 'sensitive', below: 10_000, requires: ['cac-standard-contract', 'cac-certification'] },
      { data: 'otherwise', requires: ['cac-security-assessment'] },
      { data: 'important', requires: ['cac-security-assessment'] },
    ])
  })
  it.each([
    ['eu-adequacy-jp', { from: 'EEA', to: 'JP', validFrom: '2019-01-23T00:00:00Z', recipientSector: ['private'], uncertain: false }],
    ['eu-adequacy-gb', { validFrom: '2021-06-28T00:00:00Z', validUntil: '2031-12-27T00:00:00Z', uncertain: true }],
    ['eu-adequacy-kr', { validFrom: '2021-12-17T00:00:00Z', recipientSector: ['private', 'public'], excludedData: ['personal.credit'], uncertain: true }],
    ['eu-adequacy-us-dpf', { validFrom: '2023-07-10T00:00:00Z', certification: 'us-dpf', recipientSector: ['private'], uncertain: false }],
    ['eu-adequacy-epo', { to: 'EPO', validFrom: '2025-07-15T00:00:00Z', uncertain: true }],
    [
      'eu-adequacy-br',
      {
        from: 'EU',
        validFrom: '2026-01-26T00:00:00Z',
        excludedPurposes: ['security.public', 'security.national', 'security.criminal-investigation'],
        uncertain: true,
      },
    ],
    ['br-adequacy-eea', { from: 'BR', to: 'EEA', validFrom: '2026-01-27T00:00:00Z', uncertain: true }],
    ['jp-designates-eea', { validFrom: '2019-01-23T00:00:00Z', exporterSector: ['private'], uncertain: true }],
    ['jp-designates-gb', { validFrom: null, uncertain: true }],
    [
      'kr-equivalence-eea',
      { validFrom: '2025-09-16T00:00:00Z', excludedData: ['personal.credit', 'personal.identifier.resident-registration'], uncertain: false },
    ],
    ['uk-adequacy-kr', { validFrom: '2022-12-19T00:00:00Z', recipientSector: ['private'], scopeAsRead: { recipientLaw: 'PIPA' } }],
    ['uk-adequacy-us', { validFrom: '2023-10-12T00:00:00Z', certification: 'us-dpf+uk-extension' }],
    ['uk-adequacy-fo', { source: ['memory'], confidence: 'low: not in the list read', uncertain: true }],
    ['ch-adequacy-us', { validFrom: '2024-09-15T00:00:00Z', certification: 'swiss-us-dpf', uncertain: false }],
    ['ch-adequacy-de', { validFrom: '2023-09-01T00:00:00Z', source: ['ch-list', 'ch-list2'], uncertain: false }],
    ['ch-adequacy-gb', { source: ['memory'], uncertain: true }],
    ['ch-no-jp', { kind: 'absence', tool: false }],
    ['eu-jp-epa-dataflow', { kind: 'trade-agreement', tool: false, bidirectional: true, validFrom: '2024-07-01T00:00:00Z' }],
  ])('has %s as it was compiled', (id, facts) => {
    expect(relation(id)).toMatchObject(facts)
  })
  it('keeps what is pending in the courts beside the relation', () => {
    expect(relation('eu-adequacy-us-dpf')?.litigation).toMatch(/T-553\/23 dismissed 2025-09-03; appeal pending/)
    expect(legal.relations.filter(({ litigation }) => litigation !== undefined)).toHaveLength(1)
  })
  it('reads narrowly, and says so, where the source limits a relation to a law that no fact states', () => {
    const limited = legal.relations.filter(({ scopeAsRead }) => scopeAsRead && 'recipientLaw' in scopeAsRead)
    expect(limited.map(({ id }) => id)).toEqual(['eu-adequacy-ca', 'eu-adequacy-jp', 'uk-adequacy-ca', 'uk-adequacy-jp', 'uk-adequacy-kr', 'ch-adequacy-ca'])
    for (const { id, recipientSector } of limited) expect(recipientSector, id).toEqual(['private'])
  })
  it('marks as uncertain whatever was not read in a source or is not said with high confidence, and nothing else', () => {
    for (const { id, source, confidence, uncertain } of [...legal.relations, ...legal.groups.map((group) => ({ ...group, source: [group.source] }))])
      expect(uncertain, id).toBe(source.includes('memory') || confidence !== 'high')
    for (const { jurisdiction, source, confidence, uncertain } of legal.regimes)
      expect(uncertain, jurisdiction).toBe(source.length === 0 || source.includes('memory') || confidence !== 'high')
    const members = legal.groups.flatMap(({ id, members }) => members.filter(({ uncertain }) => uncertain === true).map(({ code }) => `${id}: ${code}`))
    expect(members).toEqual(['EU: GB', 'EEA: GB', 'ASEAN: TL'])
    expect(legal.relations.filter(({ uncertain }) => uncertain)).toHaveLength(45)
  })
  it('says of each law where its name and dates are from', () => {
    for (const { id, confidence } of legal.laws) expect(confidence, id).toMatch(/^(?:memory$|high|medium)/)
    expect(legal.laws.filter(({ confidence }) => confidence !== 'memory').map(({ id }) => id)).toEqual([
      '28 CFR Part 202',
      'Resolution CD/ANPD 32/2026',
      'DPDP Rules 2025',
      'CAC Provisions 2024-03-22',
      'CAC Certification Measures',
    ])
  })
  it('has 34 sources, of which only general knowledge has no address', () => {
    const sources = Object.entries(legal.sources)
    expect(sources).toHaveLength(34)
    expect(sources.filter(([, { url }]) => url === null).map(([id]) => id)).toEqual(['memory'])
  })
})

describe('the look-ups that the data was compiled with', () => {
  /** Instant, from, to, recipient's sector, its certificate, expected; those after the seventh are ours. */
  it.each([
    ['2026-09-01', 'DE', 'JP', 'private', undefined, ['eu-adequacy-jp']],
    ['2018-12-31', 'DE', 'JP', 'private', undefined, []],
    ['2026-09-01', 'DE', 'US', 'private', 'us-dpf', ['eu-adequacy-us-dpf']],
    ['2026-09-01', 'CH', 'JP', 'private', undefined, []],
    ['2026-09-01', 'KR', 'DE', 'public', undefined, ['kr-equivalence-eea']],
    ['2026-02-01', 'FR', 'BR', 'private', undefined, ['eu-adequacy-br']],
    ['2026-09-01', 'JP', 'GB', 'private', undefined, ['jp-designates-gb']],
    ['2026-09-01', 'DE', 'US', 'private', undefined, []],
    ['2026-02-01', 'NO', 'BR', 'private', undefined, []],
    ['2026-09-01', 'DE', 'JP', 'public', undefined, []],
    ['2019-01-22', 'DE', 'JP', 'private', undefined, []],
    ['2019-01-23', 'DE', 'JP', 'private', undefined, ['eu-adequacy-jp']],
    ['2031-12-27', 'DE', 'GB', 'private', undefined, []],
    ['2018-12-31', 'GB', 'CH', 'private', undefined, ['eu-adequacy-ch']],
    ['2026-09-01', 'JP', 'EU', 'private', undefined, []],
    ['2026-09-01', 'EU', 'JP', 'private', undefined, []],
  ])('on %s from %s to %s (%s, %s)', (day, from, to, sector, certificate, expected) => {
    const found = relationsBetween(packs, from, to, `${day}T00:00:00Z`)
    const held = found.filter(
      (entry) => (entry.recipientSector ?? [sector]).includes(sector as 'private') && (entry.certification ?? certificate) === certificate,
    )
    expect(held.map(({ id }) => id)).toEqual(expected)
  })
})
