/** What holds of every framework, whatever the documents: of small worlds in which everything collides with everything. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Instant } from '#protocols/ids.ts'
import { type AnyAccreditation, assuranceLevels } from './accreditation.ts'
import type { RecognitionAgreement } from './agreement.ts'
import { type LineName, lineOf } from './document.ts'
import { type Asked, Framework, type Outcome, type PinnedAnchor, type Standing, type Statements, whyWider } from './framework.ts'
import {
  day,
  did,
  headBy,
  hour,
  on,
  pact,
  pin,
  place,
  saidBy,
  stated,
  stopsAccreditation,
  stopsAgreement,
  stopsAll,
  stopsTypes,
  t0,
  uuid,
  v1,
  v2,
} from './trust.fixture.ts'

const parties = ['jp', 'de', 'a', 'b', 'c', 'd']
const types = ['Licence', 'Visa']
const party = fc.constantFrom(...parties)
const some = fc.subarray(types, { minLength: 1 })
const level = fc.constantFrom(...assuranceLevels)
/** Around the tenth day, on which everything is asked. */
const bounds = fc.constantFrom<[Instant, Instant]>(
  [on(0), on(20)],
  [on(0), on(20)],
  [on(0), on(20)],
  [on(0), on(20)],
  [on(0), on(20)],
  [on(0), on(9)],
  [on(11), on(20)],
)
const runs = { numRuns: 60 }

const accreditation: fc.Arbitrary<AnyAccreditation> = fc
  .record({
    version: fc.constantFrom(1, 2, 2, 2, 2),
    id: fc.integer({ min: 1, max: 6 }),
    serial: fc.constantFrom(1, 1, 2, 3),
    by: fc.constantFrom('jp', 'jp', 'de', 'a', 'b', 'c'),
    to: party,
    in: fc.constantFrom('JP', 'DE', null, null, null),
    issues: some,
    under: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined, freq: 2 }),
    passes: fc.option(fc.record({ issues: some, depth: fc.integer({ min: 0, max: 3 }), assurance: level })),
    assurance: level,
    bounds,
    since: fc.constantFrom(on(0), on(0), on(12)),
  })
  .map(({ version, serial, bounds: [validFrom, validUntil], assurance, since, under: above, in: elsewhere, ...rest }) => {
    // Mostly such as belong together.
    const under = ['jp', 'de'].includes(rest.by) ? undefined : above
    const wish = { ...rest, in: elsewhere ?? (['de', 'b'].includes(rest.by) ? 'DE' : 'JP') }
    if (version === 1) return v1(wish, { validFrom, validUntil, assurance })
    const said = v2({ ...wish, ...(under !== undefined && { under }) }, { serial, validFrom, validUntil, assurance })
    return { ...said, issues: said.issues.map((one) => ({ ...one, since })) }
  })

/** Two that may accredit, one in each place. */
const usual = [
  v2({ id: 1, by: 'jp', to: 'a', issues: types, passes: { issues: types } }),
  v2({ id: 2, by: 'de', to: 'b', in: 'DE', issues: types, passes: { issues: types } }),
]

const agreement: fc.Arbitrary<RecognitionAgreement> = fc
  .record({
    id: fc.constantFrom(100, 101),
    serial: fc.constantFrom(1, 1, 2),
    bounds,
    credentials: some,
    purposes: fc.constantFrom<'*' | string[]>('*', ['customs']),
    assurance: fc.record({ low: fc.option(level), substantial: fc.option(level), high: fc.option(level) }),
    issuedFrom: fc.constantFrom(null, null, on(11)),
    admits: fc.subarray(['JP', 'DE']),
  })
  .map(({ id, serial, bounds: [validFrom, validUntil], admits, ...said }) =>
    pact({ serial, validFrom, validUntil, admits: admits.map(place), recognises: pact().recognises.map((one) => ({ ...one, ...said })) }, id),
  )

const stop = fc.oneof(
  party.map((name) => stopsAll(name)),
  fc.tuple(party, some).map(([name, names]) => stopsTypes(name, ...names)),
  fc.integer({ min: 1, max: 6 }).map(stopsAccreditation),
  fc.constantFrom(100, 101).map(stopsAgreement),
)

function anchorNamed(name: string, home: string): fc.Arbitrary<PinnedAnchor> {
  return fc
    .record({
      both: fc.constantFrom(false, false, true),
      own: fc.constantFrom(false, false, true),
      says: fc.constantFrom(true, true, false),
      heard: fc.constantFrom(true, true, true, false),
      old: fc.constantFrom(0, 0, 0, 3, 72),
      depth: fc.integer({ min: 0, max: 4 }),
      stops: fc.array(stop, { maxLength: 2 }),
    })
    .map(({ both, own, says, heard, old, depth, stops }) => {
      const at = on(10 - old / 24)
      const head = heard ? stated(headBy(name, stops, { at })) : null
      return pin(name, both ? ['JP', 'DE'] : [home], { withoutAgreement: own, said: says ? stated(saidBy(name, [home], { depth })) : null, head })
    })
}

/** Of anchors, of what they and an accreditor say under some ids, and of two agreements. */
const lines: readonly LineName[] = [
  ...['jp', 'de'].map((name) => lineOf({ type: 'TrustAnchor', anchor: did(name) })),
  ...['jp', 'de', 'a', 'b'].flatMap((name) => [1, 2, 3].map((id) => lineOf({ type: 'Accreditation', issuer: did(name), id: uuid(id) }))),
  ...[100, 101].map((id) => lineOf({ ...pact(), id: uuid(id) })),
]

const world: fc.Arbitrary<Statements> = fc.record({
  anchors: fc.tuple(anchorNamed('jp', 'JP'), anchorNamed('de', 'DE')),
  accreditations: fc.array(accreditation, { maxLength: 9 }).map((documents) => [...documents, ...usual].map(stated)),
  agreements: fc.array(agreement, { maxLength: 3 }).map((documents) => documents.map(stated)),
  forked: fc.subarray([...lines]).chain((all) => fc.constantFrom(new Set<LineName>(), new Set<LineName>(), new Set(all))),
})

const questions: readonly Asked[] = parties.flatMap((issuer) =>
  types.flatMap((credential) =>
    ['JP', 'DE'].flatMap((by) =>
      [false, true].map((island) => ({ issuer: did(issuer), credential, by: place(by), nowMs: t0 + 10 * day + hour / 2, island, purpose: 'customs' })),
    ),
  ),
)

function answers(held: Framework): readonly Outcome[] {
  return questions.flatMap((asked) => [held.recognise(asked), held.standingOf(asked.issuer, asked.by, asked)])
}

const height = (outcome: Outcome) => (outcome.ok ? assuranceLevels.indexOf(outcome.assurance) : -1)

/** Of each question, what the second says is no more than what the first does. */
function expectNoMore(before: Statements, after: Statements): void {
  const [one, other] = [answers(new Framework(before)), answers(new Framework(after))]
  for (const [at, outcome] of other.entries()) expect(height(outcome)).toBeLessThanOrEqual(height(one[at]!))
}

const shuffled = <T>(list: readonly T[], by: readonly number[]): T[] =>
  list
    .map((one, at) => [one, by[at] ?? 0] as const)
    .sort(([, x], [, y]) => x - y)
    .map(([one]) => one)
const order = fc.array(fc.integer(), { minLength: 9, maxLength: 11 })

describe('whatever the documents,', () => {
  it('something is recognised and something refused for most reasons', () => {
    const met = new Map<string, number>()
    for (const statements of fc.sample(world, { numRuns: 150, seed: 1 }))
      for (const outcome of answers(new Framework(statements))) {
        const code = outcome.ok ? outcome.links.at(-1)!.kind : outcome.code
        met.set(code, (met.get(code) ?? 0) + 1)
      }
    for (const code of ['pin', 'agreement', 'DFFT_ACCREDITATION', 'DFFT_ISSUER_NOT_RECOGNISED', 'DFFT_TRUST_CHAIN', 'DFFT_TRUST_SUSPENDED'])
      expect(met.get(code)).toBeGreaterThan(50)
    for (const code of ['DFFT_TRUST_STALE', 'DFFT_TRUST_FORK', 'DFFT_AGREEMENT', 'DFFT_EXPIRED', 'DFFT_NOT_YET_VALID'])
      expect(met.get(code)).toBeGreaterThan(50)
  })

  it('the order in which they came changes no answer', () => {
    fc.assert(
      fc.property(world, order, ({ anchors, accreditations, agreements, forked }, by) => {
        const other = { anchors: anchors.toReversed(), accreditations: shuffled(accreditations, by), agreements: shuffled(agreements, by), forked }
        expect(answers(new Framework(other))).toEqual(answers(new Framework({ anchors, accreditations, agreements, forked })))
      }),
      runs,
    )
  })

  it('a framework to which some were put and from which some were taken is that which is built anew', () => {
    fc.assert(
      fc.property(world, order, fc.nat(9), (statements, by, count) => {
        const { accreditations } = statements
        const held = new Framework({ ...statements, accreditations: accreditations.slice(count) })
        for (const one of shuffled(accreditations, by)) held.putAccreditation(one)
        const digests = new Set(accreditations.slice(0, count).map(({ digest }) => digest))
        for (const one of accreditations) if (digests.has(one.digest)) held.dropAccreditation(one)
        const left = accreditations.filter(({ digest }) => !digests.has(digest))
        expect(answers(held)).toEqual(answers(new Framework({ ...statements, accreditations: left })))
      }),
      runs,
    )
  })

  it('one suspension more recognises no more', () => {
    fc.assert(
      fc.property(world, stop, fc.boolean(), (statements, stops, first) => {
        const anchors = statements.anchors.map((anchor, at) => {
          if ((at === 0) !== first || !anchor.head) return anchor
          const { document } = anchor.head
          return { ...anchor, head: stated({ ...document, entries: [...document.entries, ...headBy('x', [stops]).entries] }) }
        })
        expectNoMore(statements, { ...statements, anchors })
      }),
      runs,
    )
  })

  it('without an agreement, with another fork or without the head of an anchor that promised one, no more is recognised', () => {
    fc.assert(
      fc.property(world, fc.constantFrom(...lines), (statements, fork) => {
        const id = statements.agreements[0]?.document.id
        expectNoMore(statements, { ...statements, agreements: statements.agreements.filter(({ document }) => document.id !== id) })
        expectNoMore(statements, { ...statements, forked: new Set([...statements.forked, fork]) })
        // Of one that said nothing the head has only suspensions to tell: they are not unheard.
        const anchors = statements.anchors.map((anchor) =>
          anchor.said && (anchor.head?.document.entries.length ?? 0) === 0 ? { ...anchor, head: null } : anchor,
        )
        expectNoMore(statements, { ...statements, anchors })
      }),
      runs,
    )
  })

  it('without a line of accreditations no more is recognised, but what one of version 1 said before there was a version 2', () => {
    fc.assert(
      fc.property(world, (statements) => {
        const [first] = statements.accreditations
        if (!first) return
        const onlyV2 = statements.accreditations.filter(({ document }) => document.version === 2)
        const left = onlyV2.filter(({ document }) => lineOf(document) !== lineOf(first.document))
        expectNoMore({ ...statements, accreditations: onlyV2 }, { ...statements, accreditations: left })
      }),
      runs,
    )
  })

  it('an island is not believed less on, and a head that grows older not more', () => {
    fc.assert(
      fc.property(world, fc.nat(80), (statements, hours) => {
        const held = new Framework(statements)
        const older = statements.anchors.map((anchor) =>
          anchor.head ? { ...anchor, head: stated({ ...anchor.head.document, at: on(10 - (hours + 72) / 24) }) } : anchor,
        )
        for (const asked of questions)
          expect(height(held.recognise({ ...asked, island: true }))).toBeGreaterThanOrEqual(height(held.recognise({ ...asked, island: false })))
        expectNoMore(statements, { ...statements, anchors: older })
      }),
      runs,
    )
  })

  it('somebody who knows the documents can walk the links of every standing', () => {
    fc.assert(
      fc.property(world, (statements) => {
        const held = new Framework(statements)
        for (const asked of questions)
          for (const outcome of [held.recognise(asked), held.standingOf(asked.issuer, asked.by, asked)]) if (outcome.ok) walk(outcome, asked, statements)
      }),
      runs,
    )
  })
})

/** Document by document, as a reader of the report would. */
function walk({ party: who, root, links, source, jurisdiction }: Standing, { by, nowMs }: Asked, { anchors, accreditations, agreements }: Statements): void {
  const pinAt = links.findIndex(({ kind }) => kind === 'pin')
  const chain = links.slice(0, pinAt).map((link) => {
    const found = accreditations.find(({ digest }) => digest === link.digest)!.document
    expect([found.issuer, found.subject, found.id, found.validUntil]).toEqual([link.from, link.to, link.id, link.validUntil])
    expect(Date.parse(found.validFrom)).toBeLessThanOrEqual(nowMs)
    expect(Date.parse(found.validUntil)).toBeGreaterThan(nowMs)
    expect(found.jurisdiction).toBe(jurisdiction)
    return found
  })
  expect([chain[0]!.subject, links[0]!.digest]).toEqual([who, source])
  for (const [at, said] of chain.slice(0, -1).entries()) {
    const parent = chain[at + 1]!
    expect([parent.subject, parent.id]).toEqual([said.issuer, said.version === 2 && said.under])
    expect(said.version === 2 && whyWider(said, parent)).toBeNull()
  }
  expect([chain.at(-1)!.issuer, links[pinAt]!.to]).toEqual([root, root])
  expect(new Set(chain.map(({ subject }) => subject)).size).toBe(chain.length)
  const anchor = anchors.find((one) => one.did === root)!
  expect(anchor.jurisdictions).toContain(jurisdiction)
  const [last, ...none] = links.slice(pinAt + 1)
  expect(none).toEqual([])
  expect(last !== undefined || by === jurisdiction || anchor.withoutAgreement || anchor.jurisdictions.includes(by)).toBe(true)
  if (!last) return
  const { document } = agreements.find(({ digest }) => digest === last.digest)!
  expect([document.id, by]).toEqual([last.id, last.to])
  expect(document.parties.map((side) => side.anchor)).toContain(root)
}
