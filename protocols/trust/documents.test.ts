import { describe, expect, it } from 'vitest'
import { instant } from '#protocols/ids.ts'
import { whyWider } from './attenuation.ts'
import { type TrustDocument as AnyDocument, lineOf, serialIn, TrustDocument } from './document.ts'
import { statementDigest } from './proof.ts'
import {
  anyRight,
  did,
  headBy,
  on,
  pact,
  place,
  proof,
  saidBy,
  stopsAccreditation,
  stopsAgreement,
  stopsAll,
  stopsTypes,
  t0,
  uuid,
  v1,
  v2,
} from './trust.fixture.ts'

const good: Readonly<Record<string, AnyDocument>> = {
  anchor: saidBy('jp', ['JP']),
  'accreditation of version 1': v1({ by: 'jp', to: 'agency' }),
  'accreditation of version 2': { ...v2({ by: 'jp', to: 'agency', under: 2, passes: { rights: [anyRight] } }), rights: [anyRight] },
  agreement: pact(),
  head: headBy('jp', [stopsAll('a'), stopsTypes('b', 'Licence'), stopsAccreditation(1), stopsAgreement(2)]),
  advisory: {
    type: 'Advisory',
    version: 1,
    id: uuid(1),
    anchor: did('jp'),
    to: did('agency'),
    about: statementDigest(pact()),
    text: { en: 'please mend it', ja: '直してください' },
    at: on(0),
    answerBy: null,
    proof,
  },
}

const kinds = Object.keys(good)
const read = (document: unknown) => TrustDocument.safeParse(document).success
const many = <T>(count: number, one: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => one(at))
const recognition = pact().recognises[0]!
const right = { act: 'provide', credentials: ['Licence'], purposes: ['customs'], counterparties: { dids: [did('a')], jurisdictions: [place('JP')] } } as const

describe('a trust document', () => {
  it.each(kinds)('of kind %s is read as it was written', (kind) => {
    expect(TrustDocument.parse(good[kind])).toEqual(good[kind])
  })

  it.each(kinds)('of kind %s lacks nothing and has nothing more', (kind) => {
    const document = good[kind] as unknown as Record<string, unknown>
    for (const name of Object.keys(document)) {
      const { [name]: _, ...rest } = document
      expect(read(rest), name).toBe(false)
      expect(read({ ...document, [name]: undefined }), name).toBe(false)
      expect(read({ ...document, [name]: { wrong: true } }), name).toBe(false)
    }
    expect(read({ ...document, more: 1 })).toBe(false)
    expect(read({ ...document, type: 'Other' })).toBe(false)
    expect(read({ ...document, version: 3 })).toBe(false)
  })

  it.each(kinds)('of kind %s carries one proof or a few, each complete', (kind) => {
    const document = good[kind]!
    const first = document.type === 'Accreditation' && document.version === 1
    expect(read({ ...document, proof: [proof, proof] })).toBe(!first)
    expect(read({ ...document, proof: many(33, () => proof) })).toBe(false)
    expect(read({ ...document, proof: [] })).toBe(false)
    for (const change of [
      { cryptosuite: 'eddsa-rdfc-2022' },
      { proofPurpose: 'authentication' },
      { created: '2026-01-01' },
      { expires: on(1) },
      { type: 'Other' },
    ])
      expect(read({ ...document, proof: { ...proof, ...change } })).toBe(false)
  })

  it.each<[string, keyof typeof good, object]>([
    ['a serial of nought', 'anchor', { serial: 0 }],
    ['a serial and a half', 'agreement', { serial: 1.5 }],
    ['a serial beyond what JSON carries', 'head', { serial: 2 ** 53 }],
    ['a name that is no DID', 'anchor', { anchor: 'jp' }],
    ['an instant with fractions', 'agreement', { validFrom: '2026-01-01T00:00:00.5Z' }],
    ['an instant of another zone', 'agreement', { validUntil: '2026-01-01T00:00:00+09:00' }],
    ['an id that is no UUID', 'accreditation of version 2', { id: 'urn:uuid:1' }],
    ['an id with capitals', 'agreement', { id: 'urn:uuid:00000000-0000-4000-8000-00000000000A' }],
    ['a place in small letters', 'accreditation of version 1', { jurisdiction: 'jp' }],
    ['a level that there is not', 'accreditation of version 2', { assurance: 'highest' }],
    ['a digest that is none', 'anchor', { previous: 'sha256:00' }],
    ['words in no language', 'advisory', { text: {} }],
    ['words that are too many', 'advisory', { text: { en: 'x'.repeat(513) } }],
    ['a type whose name is too long', 'accreditation of version 2', { issues: [{ credential: 'x'.repeat(129), since: on(0) }] }],
    ['a type without its beginning', 'accreditation of version 2', { issues: ['Licence'] }],
    ['a type with a beginning, in version 1', 'accreditation of version 1', { issues: [{ credential: 'Licence', since: on(0) }] }],
    ['types that are too many', 'accreditation of version 1', { issues: many(65, (at) => `T${at}`) }],
    ['rights that are too many', 'accreditation of version 2', { rights: many(33, () => anyRight) }],
  ])('is refused with %s', (_, kind, change) => {
    expect(read({ ...good[kind], ...change })).toBe(false)
  })
})

describe('what an anchor says of itself', () => {
  it.each<[string, object]>([
    ['more signatures than signers', { quorum: 2 }],
    ['no signature', { quorum: 0 }],
    ['a signer named twice', { signers: [did('a'), did('a')], quorum: 1 }],
    ['no signer', { signers: [] }],
    ['seventeen signers', { signers: many(17, (at) => did(`s${at}`)) }],
    ['no jurisdiction', { jurisdictions: [] }],
    ['a chain that is too long', { depth: 5 }],
    ['a chain of less than nothing', { depth: -1 }],
    ['heads that never age', { freshness: { connectedMinutes: 10_081, islandHours: 1 } }],
    ['islands without end', { freshness: { connectedMinutes: 1, islandHours: 8761 } }],
    ['no time at all', { freshness: { connectedMinutes: 0, islandHours: 1 } }],
  ])('has bounds: not %s', (_, change) => {
    expect(read({ ...good.anchor, ...change })).toBe(false)
  })

  it('may take all of its signers', () => {
    expect(read({ ...good.anchor, signers: many(16, (at) => did(`s${at}`)), quorum: 16, depth: 0 })).toBe(true)
  })
})

describe('an agreement', () => {
  const [one, other] = pact().parties
  it.each<[string, object]>([
    ['between an anchor and itself', { parties: [one, { ...other, anchor: one.anchor }] }],
    ['over a jurisdiction of both', { parties: [one, { ...other, jurisdictions: [place('DE'), place('JP')] }] }],
    ['of one side', { parties: [one] }],
    ['of three', { parties: [one, other, { anchor: did('fr'), jurisdictions: [place('FR')] }] }],
    ['that recognises somebody else', { recognises: [{ ...recognition, of: place('FR') }] }],
    ['that recognises its own', { recognises: [{ ...recognition, by: place('JP') }] }],
    ['that recognises nothing', { recognises: [] }],
    ['that recognises no type', { recognises: [{ ...recognition, credentials: [] }] }],
    ['for no purpose', { recognises: [{ ...recognition, purposes: [] }] }],
    ['for a purpose that is no word', { recognises: [{ ...recognition, purposes: ['all of them'] }] }],
    ['that forgets a level', { recognises: [{ ...recognition, assurance: { low: null, high: 'high' } }] }],
    ['that admits somebody else', { admits: [place('FR')] }],
    ['with too many routes', { recognises: many(33, () => recognition) }],
    ['on a memorandum without its digest', { memorandum: { uri: 'https://treaty.example/1' } }],
  ])('is not one %s', (_, change) => {
    expect(read({ ...good.agreement, ...change })).toBe(false)
  })

  it('may be one-way, for some purposes, and admit nobody', () => {
    const memorandum = { uri: 'https://treaty.example/1', digest: statementDigest({}) }
    expect(read({ ...good.agreement, recognises: [{ ...recognition, purposes: ['customs'], issuedFrom: on(0) }], admits: [], memorandum })).toBe(true)
  })
})

describe('a head', () => {
  const [entry] = headBy('jp', [stopsAll('a')]).entries
  it.each<[string, unknown]>([
    ['a kind that there is not', { kind: 'country', id: uuid(1) }],
    ['an accreditation by no id', { kind: 'accreditation', id: 'one' }],
    ['no type of somebody', { kind: 'participant', did: did('a'), credentials: [] }],
    ['somebody without saying for what', { kind: 'participant', did: did('a') }],
  ])('does not stop %s', (_, stops) => {
    expect(read({ ...good.head, entries: [{ ...entry, stops }] })).toBe(false)
  })

  it('stops two thousand at most, and says of each who, when and why', () => {
    expect(read({ ...good.head, entries: many(2000, () => entry) })).toBe(true)
    expect(read({ ...good.head, entries: many(2001, () => entry) })).toBe(false)
    for (const name of ['id', 'since', 'by', 'reason']) expect(read({ ...good.head, entries: [{ ...entry, [name]: undefined }] })).toBe(false)
  })
})

describe('a right', () => {
  it.each<[string, object]>([
    ['an act that there is not', { act: 'own' }],
    ['no type', { credentials: [] }],
    ['no purpose', { purposes: [] }],
    ['a word for everybody that is none', { counterparties: 'all' }],
    ['too many parties', { counterparties: { dids: many(65, (at) => did(`p${at}`)), jurisdictions: [] } }],
  ])('does not name %s', (_, change) => {
    expect(read({ ...good['accreditation of version 2'], rights: [{ ...right, ...change }] })).toBe(false)
    expect(read({ ...good['accreditation of version 2'], rights: [right] })).toBe(true)
  })
})

describe('what is said', () => {
  it('has one digest whoever has signed it', () => {
    expect(statementDigest({ ...pact(), proof: [proof, proof] })).toBe(statementDigest(pact()))
    expect(statementDigest({ ...pact(), serial: 2 })).not.toBe(statementDigest(pact()))
  })

  it('has a place in a line', () => {
    expect(lineOf(good.head!)).not.toBe(lineOf(good.anchor!))
    expect(serialIn(good['accreditation of version 1']!)).toBe(0)
    expect(serialIn(good.agreement!)).toBe(1)
    expect(instant(t0)).toBe(on(0))
  })
})

describe('nobody passes on more than he has', () => {
  const narrow = {
    ...right,
    credentials: [...right.credentials],
    purposes: [...right.purposes],
    counterparties: { dids: [did('a'), did('b')], jurisdictions: [place('JP')] },
  }
  const parent = v2({ id: 1, by: 'jp', to: 'ministry', passes: { issues: ['Licence', 'Visa'], rights: [narrow], assurance: 'substantial', depth: 1 } })
  const child = v2(
    { id: 2, by: 'ministry', to: 'agency', under: 1, passes: { issues: ['Licence'], assurance: 'low', depth: 0 } },
    { assurance: 'low', rights: [narrow] },
  )

  it('and all of what he has he may', () => {
    expect(whyWider(child, parent)).toBeNull()
    expect(whyWider({ ...child, assurance: 'substantial', issues: [], rights: [], passes: null }, parent)).toBeNull()
    const all = { issues: ['Licence', 'Visa'], rights: [narrow], assurance: 'substantial' as const, depth: 0 }
    expect(whyWider({ ...child, passes: all }, parent)).toBeNull()
  })

  it.each<[string, object]>([
    ['as somebody else', { issuer: did('other') }],
    ['elsewhere', { jurisdiction: place('DE') }],
    ['at a higher level', { assurance: 'high' }],
    ['for another type', { issues: [{ credential: 'Passport', since: on(0) }] }],
    ['another act', { rights: [{ ...narrow, act: 'request' }] }],
    ['any type', { rights: [{ ...narrow, credentials: '*' }] }],
    ['any purpose', { rights: [{ ...narrow, purposes: '*' }] }],
    ['another purpose', { rights: [{ ...narrow, purposes: ['customs', 'marketing'] }] }],
    ['with anybody', { rights: [{ ...narrow, counterparties: '*' }] }],
    ['with another party', { rights: [{ ...narrow, counterparties: { dids: [did('c')], jurisdictions: [] } }] }],
    ['with another place', { rights: [{ ...narrow, counterparties: { dids: [], jurisdictions: [place('DE')] } }] }],
    ['one right within and one without', { rights: [narrow, { ...narrow, act: 'request' }] }],
    ['through others: as far', { passes: { ...child.passes, depth: 1 } }],
    ['through others: at a higher level', { passes: { ...child.passes, assurance: 'high' } }],
    ['through others: another type', { passes: { ...child.passes, issues: ['Passport'] } }],
    ['through others: any right', { passes: { ...child.passes, rights: [anyRight] } }],
  ])('not %s', (_, change) => {
    expect(whyWider({ ...child, ...change }, parent)).not.toBeNull()
  })

  it('and nothing where he may not accredit', () => {
    expect(whyWider(child, { ...parent, passes: null })).not.toBeNull()
    expect(whyWider(child, v1({ by: 'jp', to: 'ministry' }))).not.toBeNull()
  })
})
