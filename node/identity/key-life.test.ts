import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { memoryIdentity } from '#node/adapters/memory-identity.ts'
import { MemoryHub } from '#node/adapters/memory-network.ts'
import { codeOf } from '#protocols/errors.ts'
import { type Did, instant } from '#protocols/ids.ts'
import { peerIdOf } from '#protocols/peer-id.ts'
import {
  births,
  type Disk,
  introduce,
  issueTo,
  type NetworkMakings,
  never,
  type Party,
  type PartyOptions,
  revived,
  seeded,
  startMs,
  startParty,
  stopped,
} from '#test-network/fixture.ts'
import { ManualClock } from '#test-network/manual-clock.ts'
import { openPeerKey } from './peer-key.ts'
import { recover } from './recovery.ts'

let hub: MemoryHub
let clock: ManualClock
let jp: Party
let biz: Party
let de: Party

beforeEach(async () => {
  hub = new MemoryHub()
  clock = new ManualClock(startMs)
  jp = await party(births.jp)
  biz = await party({ ...births.biz, domain: 'trading.example' })
  de = await party(births.de)
  await introduce({ jp, biz, de })
  await clock.advance(5_000)
})
afterEach(async () => {
  for (const one of [de, biz, jp]) await one[Symbol.asyncDispose]()
})

function party(options: PartyOptions): Promise<Party> {
  return startParty(options, world())
}

function world() {
  return { clock, connect: (makings: NetworkMakings) => hub.network(makings) }
}

const request = () => de.node.request({ to: biz.did, purpose: 'trade.supplier-verification' })
const versionsAt = async (of: Party, did: Did) => (await of.parts.dids.held(did))?.verified.versions.length
const roles = async ({ node }: Party) => (await node.keyList({})).keys.map(({ role }) => role)
const kinds = async ({ node }: Party) => (await node.auditTail({ limit: 1000 })).entries.map(({ kind }) => kind)

describe('a dry run', () => {
  test('of a rotation says who would co-sign, and changes nothing', async () => {
    const { size } = jp.parts.audit
    const { didLog, keyId } = jp.parts.self
    const rehearsed = await jp.node.keyRotate({ dryRun: true, peer: true })
    expect(rehearsed).toMatchObject({ dryRun: true, from: keyId, to: null, fingerprint: null, peerId: null, told: 2 })
    expect([...rehearsed.witnesses].sort()).toEqual([biz.did, de.did].sort())
    expect([jp.parts.self.didLog, jp.parts.audit.size]).toEqual([didLog, size])
    expect(await versionsAt(de, jp.did)).toBe(1)
  })

  test('ends as the rotation would', async () => {
    const late = await party({ name: 'Late', jurisdiction: 'FR' })
    expect(await late.node.keyRotate({ dryRun: true }).catch(codeOf)).toBe('DFFT_KEY_FIXED')
    await late[Symbol.asyncDispose]()
    const alone = await party({ name: 'Alone', jurisdiction: 'FR', domain: 'alone.example' })
    expect(await alone.node.keyRotate({ dryRun: true }).catch(codeOf)).toBe('DFFT_KEY_UNWITNESSED')
    expect((await alone.node.keyRotate({ dryRun: true, unwitnessed: true })).witnesses).toEqual([])
    await alone[Symbol.asyncDispose]()
  })

  test('of a deactivation leaves the DID as it is', async () => {
    expect(await jp.node.keyDeactivate({ did: jp.did, dryRun: true })).toMatchObject({ dryRun: true, from: jp.parts.self.keyId, told: 2 })
    expect((await jp.node.didShow({})).deactivated).toBe(false)
    expect(await issueTo(jp.node, biz.did)).toBeTypeOf('string')
  })
})

describe('a deactivation', () => {
  test('takes the DID of the node as its confirmation, and no other', async () => {
    expect(await jp.node.keyDeactivate({ did: de.did }).catch(codeOf)).toBe('DFFT_USAGE')
    expect((await jp.node.didShow({})).deactivated).toBe(false)
  })

  test('ends the DID at every partner, and nothing is issued under it or rotated any more', async () => {
    const before = await issueTo(jp.node, biz.did)
    const done = await jp.node.keyDeactivate({ did: jp.did })
    expect(done).toMatchObject({ did: jp.did, told: 2, dryRun: false })
    expect(done.witnesses.length).toBeGreaterThan(0)
    await clock.advance(2_000)
    for (const one of [jp, biz, de]) expect(await one.node.didShow({ did: jp.did })).toMatchObject({ deactivated: true, peerIds: [] })
    expect(await kinds(jp)).toContain('deactivating')
    expect(await issueTo(jp.node, biz.did).catch(codeOf)).toBe('DFFT_DID_DEACTIVATED')
    expect(await jp.node.trustAccredit({ subject: biz.did, sector: 'private' }).catch(codeOf)).toBe('DFFT_DID_DEACTIVATED')
    expect(await jp.node.keyRotate({}).catch(codeOf)).toBe('DFFT_DID_DEACTIVATED')
    expect(await jp.node.keyDeactivate({ did: jp.did }).catch(codeOf)).toBe('DFFT_DID_DEACTIVATED')
    expect(await roles(jp)).toEqual(['signing', 'peer'])
    // What was issued before has its evidence.
    const { encodings } = await biz.node.credentialShow({ id: before })
    const { steps } = await biz.node.credentialVerify({ text: encodings[0]!.text })
    expect(steps.find(({ step }) => step === 'key')).toMatchObject({ outcome: 'passed', code: null })
  })

  test('lasts: a node that starts again issues nothing', async () => {
    await jp.node.keyDeactivate({ did: jp.did })
    await clock.advance(2_000)
    jp = await revived(jp, world())
    expect(await issueTo(jp.node, biz.did).catch(codeOf)).toBe('DFFT_DID_DEACTIVATED')
    expect((await jp.node.status({})).did).toBe(jp.did)
  })

  test('does without partners where the operator says so', async () => {
    const alone = await party({ name: 'Alone', jurisdiction: 'FR', domain: 'alone.example' })
    expect(await alone.node.keyDeactivate({ did: alone.did }).catch(codeOf)).toBe('DFFT_KEY_UNWITNESSED')
    expect(await alone.node.keyDeactivate({ did: alone.did, unwitnessed: true })).toMatchObject({ witnesses: [], told: 0 })
    await alone[Symbol.asyncDispose]()
  })
})

describe('a change of keys is followed without an operator', () => {
  const parties = { 'anchor and issuer': () => jp, holder: () => biz, requester: () => de }
  const wishes = { rotated: {}, compromised: { compromisedSince: instant(startMs + 4_000) } }
  const cases = (Object.keys(wishes) as (keyof typeof wishes)[]).flatMap((how) =>
    (Object.keys(parties) as (keyof typeof parties)[]).map((who) => [who, how] as const),
  )

  test.each(cases)('by a connected partner, and by one that was away: the key of the %s is %s', async (who, how) => {
    const one = parties[who]()
    const away = one === de ? biz : de
    await away[Symbol.asyncDispose]()
    await one.node.keyRotate(wishes[how])
    await clock.advance(2_000)
    for (const there of [jp, biz, de].filter((each) => each !== away)) expect(await versionsAt(there, one.did)).toBe(2)
    const back = await revived(away, world())
    if (away === de) de = back
    else biz = back
    await clock.advance(2_000)
    expect(await versionsAt(back, one.did)).toBe(2)
    await issueTo(jp.node, biz.did)
    const view = await request()
    expect([view.state, view.code]).toEqual(['closed', null])
  })
})

describe('a lost signing key', () => {
  /** The vault as a restored, damaged or robbed one: without the key that signs. */
  async function withoutSigningKey(of: Party, more: readonly string[] = []): Promise<Disk> {
    const disk = await stopped(of)
    const [identifier] = await memoryIdentity({ ...disk, clock }).list()
    await disk.vault.destroy(identifier!.keyRef)
    if (more.includes('announced')) await disk.vault.destroy(identifier!.announced!)
    return disk
  }

  const recovering = (disk: Disk) => ({ ...disk, identifiers: memoryIdentity({ ...disk, clock }), random: seeded('r') })

  test.each([{}, { compromisedSince: instant(startMs + 4_000) }])('is replaced by the announced one, and partners follow: %j', async (wish) => {
    const disk = await withoutSigningKey(jp)
    const parts = recovering(disk)
    expect(await recover(parts, { dryRun: true })).toMatchObject({ did: jp.did, to: null, missing: ['signing'] })
    expect((await parts.identifiers.list())[0]?.keyId).toBe(jp.parts.self.keyId)
    const { from, to } = await recover(parts, { ...wish, dryRun: false })
    expect([from, to === from]).toEqual([jp.parts.self.keyId, false])
    await clock.advance(2_000)
    jp = await revived(jp, world(), disk)
    await clock.advance(10_000) // Partners dial again after one, two and four seconds, some of which are chance.
    expect(await roles(jp)).toEqual(['signing', 'announced', 'compromisedSince' in wish ? 'compromised' : 'lost', 'peer'])
    const rotations = (await jp.node.auditTail({ limit: 1000 })).entries.filter(({ kind }) => kind === 'key-rotated')
    expect(rotations).toMatchObject([{ facts: { from, to, compromisedSince: 'compromisedSince' in wish ? wish.compromisedSince : null } }])
    for (const partner of [biz, de]) expect(await versionsAt(partner, jp.did)).toBe(2)
    await issueTo(jp.node, biz.did)
    const view = await request()
    expect([view.state, view.code]).toEqual(['closed', null])
    // And the next rotation is an ordinary one.
    await jp.node.keyRotate({})
    await clock.advance(2_000)
    expect(await roles(jp)).toEqual(['signing', 'announced', 'former', 'compromisedSince' in wish ? 'compromised' : 'lost', 'peer'])
  })

  test('is not replaced where the announced one is lost too, nor where the DID is its key', async () => {
    const disk = await withoutSigningKey(jp, ['announced'])
    expect(await recover(recovering(disk), { dryRun: false }).catch(codeOf)).toBe('DFFT_KEYS_ELSEWHERE')
    const keyed = await party({ name: 'Keyed', jurisdiction: 'FR' })
    expect(await recover(recovering(await stopped(keyed)), { dryRun: false }).catch(codeOf)).toBe('DFFT_KEY_FIXED')
  })
})

test('without its announced key a node does not rotate, before anything is written', async () => {
  const [identifier] = await jp.parts.identifiers.list()
  await jp.vault.destroy(identifier!.announced!)
  const { size } = jp.parts.audit
  expect(await jp.node.keyRotate({}).catch(codeOf)).toBe('DFFT_KEYS_ELSEWHERE')
  expect(jp.parts.audit.size).toBe(size)
  expect((await jp.node.keyList({})).keys.find(({ role }) => role === 'announced')).toMatchObject({ keyId: 'lost', vault: null })
})

describe('a new peer key', () => {
  test('is named beside the old one, is used from the next start on, and is followed by who was there', async () => {
    const before = jp.parts.network.peerId
    const { peerId } = await jp.node.keyRotate({ peer: true })
    await clock.advance(2_000)
    expect((await de.node.didShow({ did: jp.did })).peerIds).toEqual([before, peerId])
    expect(await roles(jp)).toEqual(['signing', 'announced', 'former', 'peer', 'next-peer'])
    expect(await jp.node.keyRotate({ peer: true }).catch(codeOf)).toBe('DFFT_CONFLICT')
    expect(peerIdOf(await openPeerKey(jp.store, jp.vault))).toBe(peerId)
    jp = await revived(jp, world())
    await clock.advance(10_000) // One side waits for the other to call first.
    expect(jp.parts.network.peerId).toBe(peerId)
    for (const partner of [biz, de])
      expect((await partner.node.peerList({})).peers.find(({ did }) => did === jp.did)).toMatchObject({ peerId, connected: true, addresses: [jp.address] })
    await issueTo(jp.node, biz.did)
    expect((await request()).state).toBe('closed')
    // The old one is named no longer than the rotation after.
    await jp.node.keyRotate({})
    await clock.advance(2_000)
    expect((await de.node.didShow({ did: jp.did })).peerIds).toEqual([peerId])
  })

  test('is found by a partner that was away, over another partner’s copy of the DID log', async () => {
    await de[Symbol.asyncDispose]()
    await jp.node.keyRotate({ peer: true })
    await clock.advance(2_000)
    jp = await revived(jp, world())
    await clock.advance(2_000)
    // Nobody calls it: it has to find the node itself.
    for (const one of [jp, biz]) Object.assign(one.parts.network, { connect: () => never })
    de = await revived(de, world())
    await clock.advance(30_000)
    expect((await de.node.peerList({})).peers.find(({ did }) => did === jp.did)).toMatchObject({ peerId: jp.parts.network.peerId, connected: true })
  })
})
