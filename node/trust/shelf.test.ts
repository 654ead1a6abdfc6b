import { beforeEach, describe, expect, test } from 'vitest'
import { TrustError } from '#protocols/errors.ts'
import { instant } from '#protocols/ids.ts'
import type { KindOf, TrustDocument } from '#protocols/trust/document.ts'
import { statementDigest } from '#protocols/trust/proof.ts'
import { never, startMs } from '#test-network/fixture.ts'
import { cosigned, DE, idOf, JP, registration, ShelfWorld, signed } from './shelf.fixture.ts'
import { shelfLimits } from './shelf-lines.ts'
import { toSignAgain } from './signing-again.ts'

let world: ShelfWorld

beforeEach(async () => {
  world = await ShelfWorld.make()
})

/** Anchor of Japan with three signers, two of whom it takes, and a fresh head. */
async function declared() {
  const { jp, a, b } = world
  const first = await world.anchor({}, jp, a, b)
  expect(await world.learn(first)).toBe(1)
  expect(await world.learn(await world.head({}, a))).toBe(1)
  return first
}

describe('what an anchor says of itself', () => {
  test('is first signed by the pinned DID and by the quorum that it names', async () => {
    const { jp, a, b } = world
    expect(await world.learn(await world.anchor({}, a, b))).toBe('DFFT_ACCREDITATION')
    expect(await world.learn(await world.anchor({}, jp, a))).toBe('DFFT_TRUST_QUORUM')
    expect(world.shelf.signers(jp.did)).toEqual({ of: [jp.did], quorum: 1 })
    expect(await world.learn(await world.anchor({}, jp, a, b))).toBeGreaterThan(0)
    expect(world.shelf.signers(jp.did).quorum).toBe(2)
  })

  test('is of a pinned DID', async () => {
    const { issuer } = world
    expect(await world.learn(await world.anchor({ anchor: issuer.did, signers: [issuer.did], quorum: 1 }, issuer))).toBe('DFFT_ACCREDITATION')
  })

  test('follows the one before, signed by its quorum and, where signers change, by its own', async () => {
    const { a, b, c, issuer } = world
    const first = await declared()
    const changed = { signers: [c.did, issuer.did], quorum: 2 }
    expect(await world.learn(await world.after(first, changed, a, b))).toBe('DFFT_TRUST_QUORUM')
    expect(await world.learn(await world.after(first, { ...changed, name: { en: 'theirs' } }, c, issuer))).toBe('DFFT_TRUST_QUORUM')
    expect(await world.learn(await world.after(first, { name: { en: 'Nippon' } }, a, b))).toBe(1)
    expect(await world.learn(await world.after(first, changed, a, c, issuer))).toBe('DFFT_TRUST_FORK')
  })

  test('is taken neither older than what is held, nor with a gap, nor before its time', async () => {
    const { jp, a, b } = world
    const first = await declared()
    const second = await world.after(first, {}, a, b)
    const third = await world.after(second, {}, a, b)
    expect(await world.learn(third)).toBe('DFFT_TRUST_CHAIN')
    expect(await world.learn(second)).toBe(1)
    expect(await world.learn(third)).toBe(1)
    expect(await world.learn(first)).toBe(0)
    expect(await world.learn(await world.anchor({ name: { en: 'of before' } }, jp, a, b))).toBe('DFFT_TRUST_ROLLBACK')
    expect(await world.learn(await world.after(third, { validFrom: instant(startMs + 200_000) }, a, b))).toBe('DFFT_NOT_YET_VALID')
  })

  test('twice for one place is a fork: both are kept, nothing counts, and only with the pinned DID does it go on', async () => {
    const { jp, a, b, issuer } = world
    const first = await declared()
    await world.learn(await world.accreditation({}, a, b))
    expect(world.recognised(issuer.did, JP)).toBe('yes')
    const [one, other] = [await world.after(first, { name: { en: 'one' } }, a, b), await world.after(first, { name: { en: 'other' } }, a, b)]
    expect(await world.learn(one)).toBe(1)
    expect(await world.learn(other)).toBe('DFFT_TRUST_FORK')
    expect(world.shelf.forks()).toEqual([{ line: `anchor/${jp.did}`, halves: expect.arrayContaining([one, other]) }])
    expect(world.recognised(issuer.did, JP)).toBe('DFFT_TRUST_FORK')
    await world.reopen()
    expect(world.recognised(issuer.did, JP)).toBe('DFFT_TRUST_FORK')
    expect(await world.learn(await world.after(one, {}, a, b))).toBe('DFFT_TRUST_QUORUM')
    expect(await world.learn(await world.after(one, {}, a, b, jp))).toBeGreaterThan(0)
    expect(world.shelf.forks()).toEqual([])
    expect(world.recognised(issuer.did, JP)).toBe('yes')
  })
})

describe('the pinned DID alone takes an anchor from its signers nowhere', () => {
  test('not by another statement in a place that follows something else than was there', async () => {
    const { jp, a, b } = world
    const first = await declared()
    const second = await world.after(first, { name: { en: 'Nippon' } }, a, b)
    expect(await world.learn(second)).toBe(1)
    const alone = { serial: 2, signers: [jp.did], quorum: 1 }
    expect(await world.learn(await world.anchor(alone, jp))).toBe('DFFT_TRUST_ROLLBACK')
    expect(await world.learn(await world.anchor({ ...alone, previous: statementDigest({ nothing: 'held' }) }, jp))).toBe('DFFT_TRUST_ROLLBACK')
    expect(world.shelf.forks()).toEqual([])
  })

  test('nor may those who signed for it long ago contest what others said since', async () => {
    const { jp, a, b, c } = world
    const first = await world.anchor({ signers: [a.did], quorum: 1 }, jp, a)
    const second = await world.after(first, { signers: [b.did] }, a, b)
    const third = await world.after(second, { signers: [c.did] }, b, c)
    for (const document of [first, second, third]) expect(await world.learn(document)).toBe(1)
    expect(await world.learn(await world.after(first, { serial: 3 }, a))).toBe('DFFT_TRUST_ROLLBACK')
    expect(world.shelf.forks()).toEqual([])
    expect(await world.learn(await world.after(second, { signers: [b.did] }, b))).toBe('DFFT_TRUST_FORK')
  })

  test('nor by contesting the first: from there only the quorums of both halves go on', async () => {
    const { jp, a, b } = world
    const first = await declared()
    const alone = await world.anchor({ signers: [jp.did], quorum: 1 }, jp)
    expect(await world.learn(alone)).toBe('DFFT_TRUST_FORK')
    expect(await world.learn(await world.after(alone, {}, jp))).toBe('DFFT_TRUST_QUORUM')
    expect(await world.learn(await world.after(first, { name: { en: 'taken' } }, a, jp))).toBe('DFFT_TRUST_QUORUM')
    expect(world.shelf.forks()).toHaveLength(1)
    expect(await world.learn(await world.after(first, {}, a, b, jp))).toBeGreaterThan(0)
    expect(world.shelf.signers(jp.did)).toEqual({ of: first.signers, quorum: 2 })
  })
})

describe('signatures', () => {
  test('of the same statement are put together, whoever brings them', async () => {
    const { jp, a, b, c } = world
    const unsigned = await world.anchor({})
    const begun = await signed(unsigned, jp, a)
    expect(await world.learn(begun)).toBe('DFFT_TRUST_QUORUM')
    expect(world.shelf.proposals()).toMatchObject([{ missing: [{ count: 1, of: [b.did, c.did] }] }])
    await world.reopen()
    expect(await world.learn(await signed(unsigned, b, jp))).toBeGreaterThan(0)
    expect(world.shelf.proposals()).toEqual([])
    expect([...(world.shelf.signed(statementDigest(begun))?.by ?? [])].sort()).toEqual([jp.did, a.did, b.did].sort())
    expect(await world.learn(await cosigned(begun, c))).toBe(1)
    expect(await world.learn(begun)).toBe(0)
  })

  test('count by DID: one who signs twice is one', async () => {
    const { jp, a } = world
    const twice = await world.anchor({}, jp, a)
    const again = await cosigned(twice, a).catch((thrown) => thrown)
    expect(again instanceof TrustError || (await world.learn(again)) !== 1).toBe(true)
    expect(world.shelf.line('TrustAnchor', jp.did)).toEqual([])
  })

  test('over another statement are refused, and strangers’ are left out', async () => {
    const { jp, a, b, issuer } = world
    const good = await world.anchor({}, jp, a, b)
    expect(await world.learn({ ...good, quorum: 1 })).toBe('DFFT_SIGNATURE')
    expect(await world.learn(await cosigned(good, issuer))).toBe(1)
    expect([...(world.shelf.signed(statementDigest(good))?.by ?? [])]).not.toContain(issuer.did)
  })
})

describe('an accreditation', () => {
  test('of an anchor that says nothing of itself takes its own signature', async () => {
    const { jp, a, issuer } = world
    expect(await world.learn(await world.accreditation({}, a))).toBe('DFFT_ACCREDITATION')
    expect(await world.learn(await world.accreditation({}, jp))).toBe(1)
    expect(world.recognised(issuer.did, JP)).toBe('yes')
  })

  test('of one with signers takes its quorum, and waits until then', async () => {
    const { a, b, issuer } = world
    await declared()
    expect(await world.learn(await world.accreditation({}, a))).toBe('DFFT_TRUST_QUORUM')
    expect(world.recognised(issuer.did, JP)).toBe('DFFT_ACCREDITATION')
    expect(await world.learn(await world.accreditation({}, b))).toBe(2)
    expect(world.recognised(issuer.did, JP)).toBe('yes')
  })

  test('of version 1 counts no more once its anchor signs with others, and grants no grace', async () => {
    const { jp, issuer } = world
    const { proof: _, serial: _serial, under: _under, rights: _rights, passes: _passes, ...said } = await world.accreditation({})
    const first = { ...said, version: 1 as const, issues: [registration] }
    expect(await world.learn(await signed(first as never, jp))).toBe(1)
    expect(world.recognised(issuer.did, JP)).toBe('yes')
    await world.learn(await world.anchor({ graceHours: 0 }, jp, world.a, world.b))
    await world.learn(await world.head({}, world.a))
    expect(world.recognised(issuer.did, JP)).toBe('DFFT_TRUST_QUORUM')
    expect(await world.learn(await signed({ ...first, id: idOf(2) } as never, jp))).toBe('DFFT_ACCREDITATION')
  })

  test('by an accreditor rests on what that one may pass on', async () => {
    const { a, b, c, issuer } = world
    await declared()
    const passes = { issues: [registration], rights: [], assurance: 'substantial' as const, depth: 0 }
    const below = { id: idOf(2), issuer: c.did, under: idOf(1), assurance: 'substantial' as const }
    expect(await world.learn(await world.accreditation(below, c))).toBe('DFFT_TRUST_CHAIN')
    expect(await world.learn(await world.accreditation({ subject: c.did, passes }, a, b))).toBe(1)
    expect(await world.learn(await world.accreditation({ ...below, assurance: 'high' }, c))).toBe('DFFT_TRUST_CHAIN')
    expect(await world.learn(await world.accreditation(below, a))).toBe('DFFT_ACCREDITATION')
    expect(await world.learn(await world.accreditation(below, c))).toBe(1)
    expect(world.recognised(issuer.did, JP)).toBe('yes')
    expect([...world.shelf.documents()].map(({ document }) => ('id' in document ? document.id : document.type))).toEqual([
      'TrustAnchor',
      'SuspensionHead',
      idOf(1),
      idOf(2),
    ])
  })

  test('is replaced by a higher serial, not by a lower one, nor by another’s with its id', async () => {
    const { jp, de, issuer } = world
    expect(await world.learn(await world.accreditation({ serial: 3 }, jp))).toBe(1)
    expect(await world.learn(await world.accreditation({ serial: 2 }, jp))).toBe('DFFT_TRUST_ROLLBACK')
    expect(await world.learn(await world.accreditation({ serial: 4, issuer: de.did, jurisdiction: DE }, de))).toBe(1)
    expect(world.recognised(issuer.did, JP)).toBe('yes')
    expect(await world.learn(await world.accreditation({ serial: 4, issues: [] }, jp))).toBe(1)
    expect(world.recognised(issuer.did, JP)).not.toBe('yes')
  })

  test('in two versions of one serial is a fork', async () => {
    const { jp, issuer } = world
    await world.learn(await world.accreditation({}, jp))
    expect(await world.learn(await world.accreditation({ sector: 'private' }, jp))).toBe('DFFT_TRUST_FORK')
    expect(world.recognised(issuer.did, JP)).toBe('DFFT_TRUST_FORK')
  })

  test('of one subject are held so many as stated, the newest', async () => {
    const { jp } = world
    const count = shelfLimits.accreditationsPerSubject + 2
    for (let number = 1; number <= count; number++)
      await world.learn(await world.accreditation({ id: idOf(number), validFrom: instant(startMs - (count - number) * 1000) }, jp))
    expect(world.shelf.accreditations().map(({ document }) => document.id)).toEqual(
      Array.from({ length: shelfLimits.accreditationsPerSubject }, (_, at) => idOf(at + 3)),
    )
    await world.reopen()
    expect(world.shelf.accreditations()).toHaveLength(shelfLimits.accreditationsPerSubject)
  })
})

describe('an agreement', () => {
  beforeEach(async () => {
    await world.learn(await world.accreditation({}, world.jp))
  })

  test('counts when both sides have signed it, and until it lapses', async () => {
    const { jp, de, issuer } = world
    expect(world.recognised(issuer.did, DE)).toBe('DFFT_AGREEMENT')
    expect(await world.learn(await world.agreement({}, jp))).toBe('DFFT_TRUST_QUORUM')
    expect(world.recognised(issuer.did, DE)).toBe('DFFT_AGREEMENT')
    expect(await world.learn(await world.agreement({}, de))).toBe(2)
    expect(world.recognised(issuer.did, DE)).toBe('yes')
    await world.clock.advance(365 * 86_400_000)
    expect(world.recognised(issuer.did, DE)).not.toBe('yes')
  })

  test('of which one side asks two signatures waits for both', async () => {
    const { a, b, de, issuer } = world
    await declared()
    await world.learn(await world.accreditation({ id: idOf(9) }, a, b))
    expect(await world.learn(await world.agreement({}, a, de))).toBe('DFFT_TRUST_QUORUM')
    expect(await world.learn(await world.agreement({}, b))).toBe(2)
    expect(world.recognised(issuer.did, DE)).toBe('yes')
  })

  test('with an anchor that is not pinned is no agreement of ours', async () => {
    const { jp, issuer } = world
    const parties = [
      { anchor: jp.did, jurisdictions: [JP] },
      { anchor: issuer.did, jurisdictions: [DE] },
    ] as Parameters<ShelfWorld['agreement']>[0]['parties'] & object
    expect(await world.learn(await world.agreement({ parties }, jp, issuer))).toBe('DFFT_ACCREDITATION')
  })

  test('is followed by the next that names it; two next ones are a fork, and an old one a rollback', async () => {
    const { jp, de, issuer } = world
    const first = await world.agreement({}, jp, de)
    expect(await world.learn(first)).toBe(1)
    const next = { serial: 2, previous: statementDigest(first) }
    expect(await world.learn(await world.agreement({ ...next, previous: null }, jp, de))).toBe('DFFT_TRUST_CHAIN')
    expect(await world.learn(await world.agreement(next, jp, de))).toBe(1)
    expect(await world.learn(await world.agreement({ title: { en: 'of before' } }, jp, de))).toBe('DFFT_TRUST_ROLLBACK')
    expect(await world.learn(await world.agreement({ ...next, title: { en: 'another' } }, jp, de))).toBe('DFFT_TRUST_FORK')
    expect(world.recognised(issuer.did, DE)).toBe('DFFT_TRUST_FORK')
  })

  test('is not needed where the operator says so', () => {
    world.pin(world.jp, JP, true)
    expect(world.recognised(world.issuer.did, DE)).toBe('yes')
  })
})

describe('a suspension head', () => {
  beforeEach(async () => {
    await declared()
    await world.learn(await world.accreditation({}, world.a, world.b))
  })

  test('stops at once on one signature, and nothing counts when it is stale', async () => {
    const { b, issuer } = world
    expect(world.recognised(issuer.did, JP)).toBe('yes')
    expect(await world.learn(await world.head({ serial: 2, entries: [world.entry(70, b)] }, b))).toBe(2)
    expect(world.recognised(issuer.did, JP)).toBe('DFFT_TRUST_SUSPENDED')
    await world.clock.advance(3_600_000)
    expect(world.recognised(issuer.did, JP)).toBe('DFFT_TRUST_STALE')
  })

  test('is lifted by its maker or by the quorum, not by another signer', async () => {
    const { a, b, c, issuer } = world
    await world.learn(await world.head({ serial: 2, entries: [world.entry(70, b)] }, b))
    expect(await world.learn(await world.head({ serial: 3, entries: [] }, a))).toBe('DFFT_TRUST_QUORUM')
    expect(await world.learn(await world.head({ serial: 3, entries: [world.entry(70, a)] }, a))).toBe('DFFT_TRUST_QUORUM')
    expect(world.recognised(issuer.did, JP)).toBe('DFFT_TRUST_SUSPENDED')
    expect(await world.learn(await world.head({ serial: 3, entries: [] }, c))).toBe(3)
    expect(world.recognised(issuer.did, JP)).toBe('yes')
    await world.learn(await world.head({ serial: 4, entries: [world.entry(71, b)] }, b))
    expect(await world.learn(await world.head({ serial: 5, entries: [] }, b))).toBe(2)
    expect(world.recognised(issuer.did, JP)).toBe('yes')
  })

  test('older than what is held is refused: by its serial, or by its time', async () => {
    const { a, b } = world
    await world.clock.advance(60_000)
    expect(await world.learn(await world.head({ serial: 5 }, a))).toBe(2)
    expect(await world.learn(await world.head({ serial: 4 }, b))).toBe('DFFT_TRUST_ROLLBACK')
    expect(await world.learn(await world.head({ serial: 6, at: instant(startMs) }, b))).toBe('DFFT_TRUST_ROLLBACK')
    expect(await world.learn(await world.head({ serial: 6, at: instant(startMs + 400_000) }, b))).toBe('DFFT_NOT_YET_VALID')
    expect(await world.learn(await world.head({ serial: 20_000_000 }, b))).toBe('DFFT_TRUST_QUORUM')
  })

  test('that forked stops what either half stops, until one follows with all of it', async () => {
    const { a, b, c, issuer } = world
    const [one, other] = [world.entry(70, a), world.entry(71, b, c.did)]
    expect(await world.learn(await world.head({ serial: 2, entries: [one] }, a))).toBe(2)
    expect(await world.learn(await world.head({ serial: 2, entries: [other] }, b))).toBe('DFFT_TRUST_FORK')
    expect(world.recognised(issuer.did, JP)).toBe('DFFT_TRUST_SUSPENDED')
    expect(world.shelf.forks()).toMatchObject([{ line: `head/${world.jp.did}` }])
    expect(await world.learn(await world.head({ serial: 3, entries: [one] }, c))).toBe('DFFT_TRUST_QUORUM')
    expect(await world.learn(await world.head({ serial: 3, entries: [one, other] }, c))).toBe(3)
    expect(world.shelf.forks()).toEqual([])
  })
})

test('an advisory of a signer is shown, and stops nothing', async () => {
  const { jp, issuer, a } = world
  const said = { type: 'Advisory' as const, version: 1 as const, id: idOf(80), anchor: jp.did, to: issuer.did, about: null }
  const advisory = await signed<TrustDocument & { type: 'Advisory' }>({ ...said, text: { en: 'renew' }, at: instant(startMs), answerBy: null }, jp)
  expect(await world.learn(advisory)).toBe(1)
  expect(await world.learn({ ...advisory, to: a.did })).toBe('DFFT_SIGNATURE')
  expect(world.shelf.advisories()).toEqual([advisory])
})

test('whatever is held, counts, waits or has forked is so after a restart', async () => {
  const { a, b, c, de } = world
  await declared()
  await world.learn(await world.accreditation({}, a, b))
  await world.learn(await world.agreement({}, a, de))
  await world.learn(await world.head({ serial: 2, entries: [world.entry(70, b)] }, b))
  await world.learn(await world.head({ serial: 2, entries: [] }, c))
  const before = [[...world.shelf.documents()], world.shelf.proposals(), world.shelf.forks()]
  await world.reopen()
  expect([[...world.shelf.documents()], world.shelf.proposals(), world.shelf.forks()]).toEqual(before)
})

test('every byte of a document is under its signatures', async () => {
  const good = await world.accreditation({}, world.jp)
  for (const [name, value] of Object.entries(good)) {
    if (name === 'proof') continue
    const other =
      typeof value === 'string'
        ? `${value.slice(0, -1)}${value.endsWith('1') ? '2' : '1'}`
        : typeof value === 'number'
          ? value + 1
          : value === null
            ? idOf(7)
            : [{ act: 'request', credentials: '*', purposes: '*', counterparties: '*' }].slice(0, name === 'rights' ? 1 : 0)
    const code = await world.shelf.learn({ ...good, [name]: other } as TrustDocument, never).catch((thrown: TrustError) => thrown.code)
    expect(code, name).toMatch(/^DFFT_/)
  }
})

describe('after the signers of an anchor have changed', () => {
  const graceMs = 7 * 86_400_000

  /** Statement, accreditation and the statement that lets a and b go, and a head of who is left; learned in either order. */
  async function documents(said: Partial<KindOf<'TrustAnchor'>> = {}) {
    const { jp, a, b, c } = world
    const first = await world.anchor({ freshness: { connectedMinutes: 10_080, islandHours: 8760 } }, jp, a, b)
    const accreditation = await world.accreditation({}, a, b)
    const second = await world.after(first, { signers: [c.did, jp.did], quorum: 2, ...said }, a, b, c, jp)
    return { first, accreditation, second }
  }

  async function learned(...all: readonly TrustDocument[]): Promise<ShelfWorld> {
    const node = await ShelfWorld.make()
    for (const document of all) await node.learn(document)
    return node
  }

  async function recognised(node: ShelfWorld, afterMs: number): Promise<string> {
    await node.clock.advance(startMs + afterMs - node.clock.nowMs())
    const serial = (node.shelf.line('SuspensionHead', world.jp.did)[0]?.document.serial ?? 0) + 1
    const at = instant(node.clock.nowMs())
    await node.learn(await world.head({ serial, at }, world.c))
    return node.recognised(world.issuer.did, JP)
  }

  test('what those before them signed counts for as long as their grace, for whoever heard of it before and for whoever hears of it since', async () => {
    const { first, accreditation, second } = await documents()
    const [held, newcomer] = [await learned(first, accreditation, second), await learned(first, second, accreditation)]
    expect([...newcomer.shelf.documents()].map(({ digest }) => digest)).toEqual([...held.shelf.documents()].map(({ digest }) => digest))
    for (const node of [held, newcomer]) {
      expect(await recognised(node, graceMs - 1)).toBe('yes')
      expect(await recognised(node, graceMs)).toBe('DFFT_TRUST_QUORUM')
      expect([...node.shelf.documents()].map(({ document }) => document.type)).not.toContain('Accreditation')
      expect(node.shelf.forsaken()).toMatchObject([{ digest: statementDigest(accreditation), countsUntilMs: startMs + graceMs }])
      await node.reopen()
      expect(await recognised(node, graceMs)).toBe('DFFT_TRUST_QUORUM')
    }
    // Who hears of it later still is told of it by nobody, and takes it from nobody.
    const late = await ShelfWorld.make()
    await late.clock.advance(graceMs)
    for (const document of [first, second]) await late.learn(document)
    expect(await late.learn(accreditation)).toBe('DFFT_ACCREDITATION')
  })

  test('the statement may say that it is for shorter: a signer who was let go as hostile is believed in nothing', async () => {
    const { first, accreditation, second } = await documents({ graceHours: 0 })
    for (const node of [await learned(first, accreditation, second), await learned(first, second, accreditation)])
      expect(await recognised(node, 0)).not.toBe('yes')
    // Nor by a statement in between whose grace goes on.
    const between = await world.after(first, { signers: [world.a.did, world.b.did] }, world.a, world.b)
    const last = await world.after(between, { signers: [world.c.did, world.jp.did], graceHours: 0 }, world.a, world.b, world.c, world.jp)
    const node = await learned(first, accreditation, between, last)
    expect(node.shelf.line('TrustAnchor', world.jp.did)).toHaveLength(3)
    expect(await recognised(node, 0)).toBe('DFFT_TRUST_QUORUM')
  })

  test('what they sign again goes on counting, and until then it is listed to each of them', async () => {
    const { jp, a, c } = world
    const { first, accreditation, second } = await documents()
    const [held, newcomer] = [await learned(first, accreditation), await learned(first, second, accreditation)]
    expect([a, c].map(({ did }) => toSignAgain(held.shelf, did))).toEqual([[], []])
    await held.learn(second)
    const digest = statementDigest(accreditation)
    for (const afterMs of [0, graceMs]) {
      await recognised(held, afterMs)
      // Who has left signs no more.
      expect([a, c, jp].map(({ did }) => toSignAgain(held.shelf, did).map((one) => one.digest))).toEqual([[], [digest], [digest]])
    }
    expect([held.shelf.accepted(digest), newcomer.shelf.accepted(digest), newcomer.shelf.settled(digest)]).toEqual([false, true, false])
    const again = await cosigned(await cosigned(accreditation, c), jp)
    for (const node of [held, newcomer]) {
      expect(await node.learn(again)).toBeGreaterThan(0)
      expect([c, jp].flatMap(({ did }) => toSignAgain(node.shelf, did))).toEqual([])
      expect(node.shelf.settled(digest)).toBe(true)
      expect(await recognised(node, graceMs)).toBe('yes')
    }
  })

  test('what nobody stands behind any more takes no place from what they say since', async () => {
    const { jp, a, b, c } = world
    const { first, second } = await documents()
    const high = await world.accreditation({ serial: 9, issues: [] }, a, b)
    const [held, newcomer] = [await learned(first, high, second), await learned(first, second)]
    for (const node of [held, newcomer]) {
      await recognised(node, graceMs)
      expect(await node.learn(await world.accreditation({ serial: 2 }, c, jp))).toBe(1)
      expect(await recognised(node, graceMs)).toBe('yes')
      await node.reopen()
      expect(await recognised(node, graceMs)).toBe('yes')
    }
  })

  test('an agreement counts as long as a quorum of each side stands behind it', async () => {
    const { a, b, de } = world
    const { first, accreditation, second } = await documents()
    const agreement = await world.agreement({}, a, b, de)
    const [held, newcomer] = [await learned(first, accreditation, agreement, second), await learned(first, second, accreditation, agreement)]
    for (const node of [held, newcomer]) {
      await recognised(node, graceMs - 1)
      expect(node.recognised(world.issuer.did, DE)).toBe('yes')
      await node.learn(await cosigned(await cosigned(accreditation, world.c), world.jp))
      await recognised(node, graceMs)
      expect(node.recognised(world.issuer.did, DE)).toBe('DFFT_TRUST_QUORUM')
      expect(node.shelf.between().agreements).toEqual([])
    }
  })
})

describe('what waits for signatures', () => {
  test('has all of them counted again when one more comes: a key that was replaced meanwhile counts no more, also after a restart', async () => {
    const { jp, a, b, c, issuer } = world
    expect(await world.learn(await world.anchor({}, jp, a, b))).toBe(1)
    const unsigned = await world.accreditation({})
    expect(await world.learn(await signed(unsigned, a))).toBe('DFFT_TRUST_QUORUM')
    world.retired.add(a.did)
    await world.reopen()
    expect(await world.learn(await signed(unsigned, b))).toBe('DFFT_TRUST_QUORUM')
    expect(world.shelf.proposals()).toMatchObject([{ missing: [{ count: 1, of: [a.did, c.did] }] }])
    expect(world.recognised(issuer.did, JP)).toBe('DFFT_ACCREDITATION')
    expect(await world.learn(await signed(unsigned, c))).toBe(2)
  })

  test('of two halves that come at once both count', async () => {
    const { jp, a, b } = world
    await world.learn(await world.anchor({}, jp, a, b))
    const unsigned = await world.accreditation({})
    const halves = await Promise.all([signed(unsigned, a), signed(unsigned, b)])
    expect(await Promise.all(halves.map((half) => world.learn(half)))).toEqual(['DFFT_TRUST_QUORUM', 2])
    expect(world.shelf.proposals()).toEqual([])
  })

  test('is judged again when those who sign change', async () => {
    const { jp, a, b } = world
    const first = await world.anchor({}, jp, a, b)
    await world.learn(first)
    const [one, other] = [await world.accreditation({}, a), await world.accreditation({ id: idOf(2) }, b)]
    for (const each of [one, other]) expect(await world.learn(each)).toBe('DFFT_TRUST_QUORUM')
    world.retired.add(b.did)
    expect(await world.learn(await world.after(first, { quorum: 1 }, a, world.c))).toBe(3)
    expect(world.shelf.accepted(statementDigest(one))).toBe(true)
    // Signed with a key that counts no more.
    expect(world.shelf.proposals().map(({ signed: { digest } }) => digest)).toEqual([statementDigest(other)])
    world.retired.clear()
    expect(await world.learn(other)).toBe(2)
  })
})

test('who signs much that waits crowds out his own, and neither others’ nor what this node has signed', async () => {
  const { jp, a, b, c, de } = world
  world.self = c.did
  await world.reopen()
  await world.learn(await world.anchor({}, jp, a, b))
  const [honest, ours] = [await world.agreement({}, de), await world.accreditation({ id: idOf(99) }, c)]
  for (const each of [honest, ours]) expect(await world.learn(each)).toBe('DFFT_TRUST_QUORUM')
  // To sign with others makes it no more his own.
  expect(await world.learn(await cosigned(honest, a))).toBe('DFFT_TRUST_QUORUM')
  for (let number = 0; number < shelfLimits.proposals + 2; number++)
    expect(await world.learn(await world.accreditation({ id: idOf(1000 + number) }, a))).toBe('DFFT_TRUST_QUORUM')
  const waiting = world.shelf.proposals().map(({ signed: { digest } }) => digest)
  expect(waiting).toHaveLength(shelfLimits.proposals)
  expect(waiting).toEqual(expect.arrayContaining([honest, ours].map(statementDigest)))
})
