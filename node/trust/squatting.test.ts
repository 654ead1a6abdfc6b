/** Somebody gives his document the id of another's: before it, after it, and in every kind that has an id. */
import { beforeEach, describe, expect, test } from 'vitest'
import { putJson } from '#node/stored.ts'
import { codeOf } from '#protocols/errors.ts'
import { instant, type Jurisdiction } from '#protocols/ids.ts'
import { authorsOf, type KindOf, type TrustDocument } from '#protocols/trust/document.ts'
import type { Stopped } from '#protocols/trust/suspension.ts'
import { startMs } from '#test-network/fixture.ts'
import { DE, idOf, JP, registration, ShelfWorld, signed } from './shelf.fixture.ts'
import { acceptedKeyOf } from './shelf-keys.ts'
import { stopsOne } from './stops-one.ts'

let world: ShelfWorld
const FR = 'FR' as Jurisdiction
const orders = [['before the honest one'], ['after it']] as const

beforeEach(async () => {
  world = await ShelfWorld.make()
  world.pin(world.b, FR)
})

async function learnAll(order: string, squat: readonly TrustDocument[], honest: readonly TrustDocument[]): Promise<void> {
  for (const document of order === 'after it' ? [...honest, ...squat] : [...squat, ...honest]) expect(await world.learn(document)).toBe(1)
}

/** What everybody sees, at once and after a restart. */
async function expectRecognised(by: Jurisdiction, answer: string): Promise<void> {
  expect(world.recognised(world.issuer.did, by)).toBe(answer)
  await world.reopen()
  expect(world.recognised(world.issuer.did, by)).toBe(answer)
  expect(world.shelf.forks()).toEqual([])
}

/** Japan's anchor takes two of three, and has an accreditor. */
async function accreditor() {
  const { jp, a, b, c } = world
  expect(await world.learn(await world.anchor({ graceHours: 0 }, jp, a, b))).toBe(1)
  expect(await world.learn(await world.head({}, a))).toBe(1)
  const passes = { issues: [registration], rights: [], assurance: 'high' as const, depth: 0 }
  const document = await world.accreditation({ id: idOf(5), subject: c.did, passes }, a, b)
  expect(await world.learn(document)).toBe(1)
  return document
}

describe.each(orders)('whoever gives his document the id of another’s, %s,', (order) => {
  test.each([
    ['the same subject', true],
    ['another', false],
  ])('as another pinned anchor, with %s, ends nothing of it', async (_whom, same) => {
    const { jp, de, c } = world
    const honest = await world.accreditation({}, jp)
    const squat = await world.accreditation({ serial: 9, issuer: de.did, jurisdiction: DE, issues: [], ...(!same && { subject: c.did }) }, de)
    await learnAll(order, [squat], [honest])
    await expectRecognised(JP, 'yes')
    // Nor does the honest author's next version wait, or its end.
    expect(await world.learn(await world.accreditation({ serial: 2, issues: [] }, jp))).toBe(1)
    await expectRecognised(JP, 'DFFT_ISSUER_NOT_RECOGNISED')
    expect(world.shelf.named('Accreditation', idOf(1)).map((document) => authorsOf(document))).toHaveLength(2)
  })

  test('as one of version 1 and one of version 2, ends nothing of it', async () => {
    const { jp, de } = world
    const { proof: _, serial: _serial, under: _under, rights: _rights, passes: _passes, ...said } = await world.accreditation({})
    const honest = await signed<KindOf<'Accreditation'>>({ ...said, version: 1, issues: [registration] } as never, jp)
    const squat = await world.accreditation({ serial: 9, issuer: de.did, jurisdiction: DE, issues: [] }, de)
    await learnAll(order, [squat], [honest])
    await expectRecognised(JP, 'yes')
  })

  test('as an accreditor under the same anchor, ends nothing of it', async () => {
    const { a, b, c } = world
    await accreditor()
    const honest = await world.accreditation({}, a, b)
    const squat = await world.accreditation({ serial: 9, issuer: c.did, under: idOf(5), assurance: 'low', issues: [] }, c)
    await learnAll(order, [squat], [honest])
    await expectRecognised(JP, 'yes')
  })

  test('as an agreement that names other parties, ends nothing of it', async () => {
    const { jp, de, b } = world
    expect(await world.learn(await world.accreditation({}, jp))).toBe(1)
    const parties = [
      { anchor: de.did, jurisdictions: [DE] },
      { anchor: b.did, jurisdictions: [FR] },
    ] as KindOf<'RecognitionAgreement'>['parties']
    const honest = await world.agreement({}, jp, de)
    const recognises = honest.recognises.map((one) => ({ ...one, of: FR, by: DE }))
    const squat = await world.agreement({ serial: 9, parties, recognises, admits: [] }, de, b)
    await learnAll(order, [squat], [honest])
    await expectRecognised(DE, 'yes')
  })

  test('as an advisory, of which he signs two, tears nothing', async () => {
    const { jp, de } = world
    const said = { type: 'Advisory' as const, version: 1 as const, id: idOf(1), to: jp.did, about: null, at: instant(startMs), answerBy: null }
    const advisory = (anchor: typeof jp, en: string) => signed<KindOf<'Advisory'>>({ ...said, anchor: anchor.did, text: { en } }, anchor)
    const honest = [await world.accreditation({}, jp), await advisory(jp, 'renew')]
    if (order === 'after it') for (const document of honest) expect(await world.learn(document)).toBe(1)
    expect(await world.learn(await advisory(de, 'one'))).toBe(1)
    expect(await world.learn(await advisory(de, 'other'))).toBe('DFFT_TRUST_FORK')
    if (order !== 'after it') for (const document of honest) expect(await world.learn(document)).toBe(1)
    expect(world.recognised(world.issuer.did, JP)).toBe('yes')
    expect(world.shelf.forks().map(({ line }) => line)).toEqual([`advisory/${de.did}/${idOf(1)}`])
  })

  test('and forks it, tears his own alone', async () => {
    const { jp, de } = world
    const honest = await world.accreditation({}, jp)
    const half = (sector: 'public' | 'private') => world.accreditation({ issuer: de.did, jurisdiction: DE, sector }, de)
    if (order === 'after it') expect(await world.learn(honest)).toBe(1)
    expect([await world.learn(await half('public')), await world.learn(await half('private'))]).toEqual([1, 'DFFT_TRUST_FORK'])
    if (order !== 'after it') expect(await world.learn(honest)).toBe(1)
    expect(world.recognised(world.issuer.did, JP)).toBe('yes')
  })

  test('and leaves it waiting for signatures, crowds out nobody’s that waits', async () => {
    const { jp, de, b } = world
    const parties = [
      { anchor: de.did, jurisdictions: [DE] },
      { anchor: b.did, jurisdictions: [FR] },
    ] as KindOf<'RecognitionAgreement'>['parties']
    const honest = await world.agreement({}, jp)
    const recognises = honest.recognises.map((one) => ({ ...one, of: FR, by: DE }))
    if (order === 'after it') expect(await world.learn(honest)).toBe('DFFT_TRUST_QUORUM')
    for (const en of ['1', '2', '3', '4', '5'])
      expect(await world.learn(await world.agreement({ title: { en }, parties, recognises, admits: [] }, b))).toBe('DFFT_TRUST_QUORUM')
    if (order !== 'after it') expect(await world.learn(honest)).toBe('DFFT_TRUST_QUORUM')
    expect(world.shelf.proposals().filter(({ signed: { document } }) => document === honest || authorsOf(document).includes(jp.did))).toHaveLength(1)
  })
})

describe('an accreditor', () => {
  test('that has two accreditations of one id rests on either', async () => {
    const { de, b, c } = world
    await accreditor()
    const passes = { issues: [registration], rights: [], assurance: 'high' as const, depth: 0 }
    for (const [anchor, place] of [
      [de, DE],
      [b, FR],
    ] as const)
      expect(await world.learn(await world.accreditation({ id: idOf(5), issuer: anchor.did, jurisdiction: place, subject: c.did, passes }, anchor))).toBe(1)
    expect(await world.learn(await world.accreditation({ issuer: c.did, under: idOf(5) }, c))).toBe(1)
    await expectRecognised(JP, 'yes')
  })

  test('that is an anchor’s own DID does not speak for its quorum by resting on another', async () => {
    const { jp, a, b, c } = world
    const { proof: _, ...above } = await accreditor()
    const passes = { issues: [registration], rights: [], assurance: 'high' as const, depth: 1 }
    expect(await world.learn(await world.accreditation({ ...above, serial: 2, passes }, a, b))).toBe(1)
    expect(await world.learn(await world.accreditation({}, a, b))).toBe(1)
    const round = { issuer: c.did, subject: jp.did, under: idOf(5), passes: { ...passes, depth: 0 } }
    expect(await world.learn(await world.accreditation({ id: idOf(6), ...round }, c))).toBe(1)
    // The pinned DID is none of the signers any more.
    expect(await world.learn(await world.accreditation({ serial: 9, under: idOf(6), issues: [] }, jp))).toBe('DFFT_ACCREDITATION')
    await expectRecognised(JP, 'yes')
  })

  test('that gives one id to two parties has said two things, and a later one ends the earlier', async () => {
    const { jp, c } = world
    expect(await world.learn(await world.accreditation({}, jp))).toBe(1)
    expect(await world.learn(await world.accreditation({ subject: c.did }, jp))).toBe('DFFT_TRUST_FORK')
    for (const { did } of [world.issuer, c]) expect(world.recognised(did, JP)).toBe('DFFT_TRUST_FORK')
    expect(await world.learn(await world.accreditation({ subject: c.did, serial: 2 }, jp))).toBe(1)
    expect([world.issuer, c].map(({ did }) => world.recognised(did, JP))).toEqual(['DFFT_ACCREDITATION', 'yes'])
  })
})

describe('who stops what has an id', () => {
  const stops = (authors?: Stopped & { kind: 'agreement' } extends { authors?: infer Of } ? Of : never): Stopped => ({
    kind: 'accreditation',
    id: idOf(1),
    ...(authors && { authors }),
  })

  test('means the one that is held, and has to say which where several are', async () => {
    const { jp, de, c } = world
    expect(stopsOne(stops(), world.shelf)).toEqual(stops())
    await world.learn(await world.accreditation({}, jp))
    expect(stopsOne(stops(), world.shelf)).toEqual(stops([jp.did]))
    await world.learn(await world.accreditation({ issuer: de.did, jurisdiction: DE }, de))
    const refused = (() => {
      try {
        return stopsOne(stops(), world.shelf)
      } catch (thrown) {
        return thrown as Error
      }
    })() as Error
    expect(codeOf(refused)).toBe('DFFT_USAGE')
    for (const { did } of [jp, de]) expect(refused.message).toContain(did)
    expect(stopsOne(stops([de.did]), world.shelf)).toEqual(stops([de.did]))
    expect(() => stopsOne(stops([c.did]), world.shelf)).toThrow(/is held, but of/)
  })

  test('stops it, and not another’s of the same id; without a name whoever’s it is', async () => {
    const { jp, a, de, b } = world
    await accreditor()
    await world.learn(await world.accreditation({}, a, b))
    const entry = (authors?: (typeof jp.did)[]) => ({ ...world.entry(70, b), stops: stops(authors) })
    expect(await world.learn(await world.head({ serial: 2, entries: [entry([de.did])] }, b))).toBe(2)
    expect(world.recognised(world.issuer.did, JP)).toBe('yes')
    expect(await world.learn(await world.head({ serial: 3, entries: [entry([de.did]), entry([jp.did])] }, b))).toBe(2)
    expect(world.recognised(world.issuer.did, JP)).toBe('DFFT_TRUST_SUSPENDED')
    expect(await world.learn(await world.head({ serial: 4, entries: [entry()] }, b))).toBe(2)
    expect(world.recognised(world.issuer.did, JP)).toBe('DFFT_TRUST_SUSPENDED')
    // An agreement of the same id is another thing.
    expect(await world.learn(await world.head({ serial: 5, entries: [{ ...entry(), stops: { kind: 'agreement', id: idOf(1) } }] }, b))).toBe(2)
    expect(world.recognised(world.issuer.did, JP)).toBe('yes')
  })
})

test('a store of the time when lines were named by an id alone is read whole, and its records move', async () => {
  const { jp, de } = world
  const accreditation = await world.accreditation({}, jp)
  const agreement = await world.agreement({}, jp, de)
  for (const document of [accreditation, agreement]) await world.learn(document)
  const keys = async () => (await world.store.snapshot()).map(([key]) => String(key)).filter((key) => key.startsWith('trust/document/'))
  const now = await keys()
  expect(now).toEqual([accreditation, agreement].map((document) => expect.stringContaining(document.id)))
  const former = (key: string) => key.replace(/(accreditation|agreement)\/.*\/(urn:uuid)/, '$1/$2')
  await world.store.batch(now.flatMap((key, at) => [{ del: key }, putJson(former(key), at === 0 ? accreditation : agreement)]))
  expect(await keys()).not.toEqual(now)
  await world.reopen()
  expect(world.recognised(world.issuer.did, DE)).toBe('yes')
  expect(await keys()).toEqual(now)
  expect(now).toContain(acceptedKeyOf(accreditation, world.shelf.accreditations()[0]!.digest))
})
