import { describe, expect, it } from 'vitest'
import { inGroup, membersOf, relationsBetween } from '../places.ts'
import legal from './legal.json' with { type: 'json' }
import { covers, shippedPacks as packs, readPacks, touches } from './packs.ts'
import vocabulary from './vocabulary.json' with { type: 'json' }

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

describe('the vocabulary', () => {
  it('has each word once, in two languages, with an IRI of DPV or of our own namespace', () => {
    for (const kind of kinds) {
      const list = packs.vocabulary[kind]
      expect(new Set(list.map(({ id }) => id)).size, kind).toBe(list.length)
      for (const { iri, label } of list) {
        expect(iri).toMatch(/^(?:https:\/\/w3id\.org\/dpv(?:\/[a-z/]+)?#[A-Za-z0-9-]+|urn:dfft:vocab:\S+)$/)
        expect(label.ja).toMatch(/[\u3040-\u30ff\u4e00-\u9fff]|ISO/)
      }
    }
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

describe('the legal pack', () => {
  /** The look-ups the data was compiled with: instant, from, to, sector, certificate, expected. */
  it.each([
    ['2026-09-01', 'DE', 'JP', 'private', undefined, ['eu-adequacy-jp']],
    ['2018-12-31', 'DE', 'JP', 'private', undefined, []],
    ['2026-09-01', 'DE', 'US', 'private', 'us-dpf', ['eu-adequacy-us-dpf']],
    ['2026-09-01', 'DE', 'US', 'private', undefined, []],
    ['2026-09-01', 'CH', 'JP', 'private', undefined, []],
    ['2026-09-01', 'KR', 'DE', 'public', undefined, ['kr-equivalence-eea']],
    ['2026-02-01', 'FR', 'BR', 'private', undefined, ['eu-adequacy-br']],
    ['2026-02-01', 'NO', 'BR', 'private', undefined, []],
    ['2026-09-01', 'JP', 'GB', 'private', undefined, ['jp-designates-gb']],
    ['2026-09-01', 'DE', 'JP', 'public', undefined, []],
  ])('on %s from %s to %s (%s, %s)', (day, from, to, sector, certificate, expected) => {
    const found = relationsBetween(packs, from, to, `${day}T00:00:00Z`)
    const held = found.filter(
      (entry) => (entry.recipientSector ?? [sector]).includes(sector as 'private') && (entry.certification ?? certificate) === certificate,
    )
    expect(held.map(({ id }) => id)).toEqual(expected)
  })
  it('keeps the source and the confidence of every relation, and the mark of what is uncertain', () => {
    expect(packs.legal.relations).toHaveLength(84)
    for (const { source, confidence } of packs.legal.relations) {
      expect(confidence.length).toBeGreaterThan(0)
      for (const name of source) expect(packs.legal.sources[name], name).toBeDefined()
    }
    expect(packs.legal.relations.find(({ id }) => id === 'uk-adequacy-fo')?.uncertain).toBe(true)
    expect(packs.legal.relations.find(({ id }) => id === 'jp-designates-gb')?.uncertain).toBe(true)
    expect(packs.legal.relations.find(({ id }) => id === 'eu-adequacy-jp')?.uncertain).toBe(false)
  })
  it('dates the membership of groups, and takes no part for the whole', () => {
    expect(inGroup(packs, 'EU', 'GB', '2020-01-31T23:59:59Z')).toBe(true)
    expect(inGroup(packs, 'EU', 'GB', '2020-02-01T00:00:00Z')).toBe(false)
    expect(membersOf(packs, 'EEA', '2026-09-01T00:00:00Z')).toHaveLength(30)
    expect(membersOf(packs, 'EU', '2026-09-01T00:00:00Z')).toHaveLength(27)
    expect(inGroup(packs, 'GLOBAL-CBPR-ASSOCIATES', 'AE', '2026-09-01T00:00:00Z')).toBe(false)
  })
  it('names only places, data and purposes that exist', () => {
    const places = new Set([...packs.terms.jurisdiction, ...packs.terms.group])
    for (const { from, to, excludedData = [], excludedPurposes = [] } of packs.legal.relations) {
      for (const place of [from, to]) expect(places.has(place), place).toBe(true)
      for (const category of excludedData) expect(packs.terms.category.has(category), category).toBe(true)
      for (const purpose of excludedPurposes) expect(packs.terms.purpose.has(purpose), purpose).toBe(true)
    }
    for (const { members } of packs.legal.groups) for (const { code } of members) expect(packs.terms.jurisdiction.has(code), code).toBe(true)
  })
})

describe('a pack', () => {
  it('has another digest when one entry changes', () => {
    const changed = { ...legal, relations: legal.relations.slice(1) }
    const other = readPacks(vocabulary, changed)
    expect(other.digests.vocabulary).toBe(packs.digests.vocabulary)
    expect(other.digests.legal).not.toBe(packs.digests.legal)
  })
  it('is refused with a member nobody knows', () => {
    expect(() => readPacks({ ...vocabulary, extra: 1 }, legal)).toThrow(expect.objectContaining({ code: 'DFFT_SCHEMA' }))
  })
})
