import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import type { Peer } from '#node/ports.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { type Did, instant, msOf } from '#protocols/ids.ts'
import { never, type Party, reference, sampleNumber, startMs, statusAgeMsMax, ThreeNodes, until } from '#test-network/fixture.ts'
import { ManualClock } from '#test-network/manual-clock.ts'
import { Island, islandLimits } from './island.ts'

const minuteMs = 60_000
const islandAfterMs = 15 * minuteMs

describe('a node', () => {
  const partner = { did: 'did:web:partner.example' as Did } as Peer
  const stranger = { did: 'did:web:stranger.example' as Did } as Peer
  let clock: ManualClock
  let store: MemoryStore
  let connected: Peer[]

  beforeEach(() => {
    clock = new ManualClock(startMs)
    store = new MemoryStore()
    connected = [partner]
  })
  const open = () => Island.open({ store, clock, network: { connected: () => connected }, partner: (did) => did === partner.did, islandAfterMs })

  test('is on an island a quarter of an hour after it heard its last partner, and no longer when it hears one', async () => {
    const island = await open()
    await clock.advance(minuteMs)
    expect(island.sinceMs(clock.nowMs())).toBeNull()
    connected = []
    await clock.advance(islandAfterMs - 1)
    expect(island.on(clock.nowMs())).toBe(false)
    await clock.advance(islandLimits.lookMs)
    expect(island.sinceMs(clock.nowMs())).toBe(startMs + minuteMs)
    connected = [partner]
    await clock.advance(islandLimits.lookMs)
    expect(island.on(clock.nowMs())).toBe(false)
  })

  test('is on one whatever strangers it hears', async () => {
    connected = [stranger]
    const island = await open()
    await clock.advance(islandAfterMs)
    expect(island.on(clock.nowMs())).toBe(true)
  })

  test('begins as if it had heard somebody, unless it remembers that it has not', async () => {
    connected = []
    expect((await open()).on(clock.nowMs())).toBe(false)
    connected = [partner]
    const ending = new AbortController()
    const kept = (await open()).keep(ending.signal)
    await clock.advance(2 * islandLimits.noteMs)
    ending.abort()
    await kept
    connected = []
    await clock.advance(islandAfterMs)
    const again = await open()
    await clock.advance(islandAfterMs)
    expect(again.sinceMs(clock.nowMs())).toBe(startMs + 2 * islandLimits.noteMs)
  })

  test('that was switched off for long is on one only when it has listened for so long itself', async () => {
    const ending = new AbortController()
    const kept = (await open()).keep(ending.signal)
    await clock.advance(2 * islandLimits.noteMs)
    ending.abort()
    await kept
    connected = []
    await clock.advance(30 * islandAfterMs)
    const island = await open()
    expect(island.on(clock.nowMs())).toBe(false)
    await clock.advance(islandAfterMs - 1)
    expect(island.on(clock.nowMs())).toBe(false)
    await clock.advance(1)
    expect(island.sinceMs(clock.nowMs())).toBe(startMs + 2 * islandLimits.noteMs)
  })

  test('whose clock was set back has heard somebody just now', async () => {
    const island = await open()
    connected = []
    await clock.advance(islandAfterMs + minuteMs)
    expect(island.on(clock.nowMs())).toBe(true)
    clock.jump(-60 * minuteMs)
    expect(island.on(clock.nowMs())).toBe(false)
  })
})

describe('with no network at all', () => {
  let net: ThreeNodes
  let jp: Party
  let biz: Party

  beforeEach(async () => {
    net = await ThreeNodes.start()
    ;({ jp, biz } = net)
    await jp.node.trustAnchor({ connectedMinutes: 30, islandHours: 2 })
  })
  afterEach(() => net[Symbol.asyncDispose]())

  /** Everybody is alone from now on. */
  async function cut(): Promise<void> {
    for (const { parts } of [net.jp, net.biz, net.de]) {
      parts.network.connected = () => []
      parts.network.open = async () => Promise.reject(Object.assign(new Error('cut'), { code: 'DFFT_UNREACHABLE' }))
    }
    await net.clock.advance(1000)
  }

  const judged = () => biz.parts.trust.judge(jp.did, 'BusinessRegistrationCredential', net.clock.nowMs())

  test('an issuer counts until the suspensions of its anchor are older than that allows for islands', async () => {
    await biz.parts.bundles.follower.fetch(jp.parts.bundles.maker.newest('jurisdiction')?.digest as never, jp.did, never)
    await net.clock.advance(10_000)
    expect(judged()).toMatchObject({ issuer: jp.did })
    const [head] = biz.parts.trust.shelf.line('SuspensionHead', jp.did)
    if (!head) throw new Error('no head is held')
    await cut()
    await net.clock.advance(40 * minuteMs)
    expect((await biz.node.status({})).island.since).not.toBeNull()
    expect(judged()).toMatchObject({ issuer: jp.did })
    await net.clock.advance(msOf(head.document.islandUntil) - net.clock.nowMs() - 1000)
    expect(judged()).toMatchObject({ issuer: jp.did })
    await net.clock.advance(1000)
    expect(judged()).toMatchObject({ code: 'DFFT_TRUST_STALE' })
  })

  test('a credential is verified until its status is too old, and then refused for that', async () => {
    const id = await net.issued()
    const { encodings } = await biz.node.credentialShow({ id })
    const text = encodings.find(({ format }) => format === 'vc+jwt')?.text ?? ''
    expect((await biz.node.credentialVerify({ text })).verified).toBe(true)
    await cut()
    await net.clock.advance(statusAgeMsMax - 5000)
    expect((await biz.node.credentialVerify({ text })).verified).toBe(true)
    await net.clock.advance(10_000)
    expect(await biz.node.credentialVerify({ text })).toMatchObject({ verified: false, code: 'DFFT_STATUS_STALE' })
  })

  test('a node issues, verifies and decides until what it relies on is too old, and then denies for that', async () => {
    const { de, clock } = net
    // Policies that end in an hour, suspensions that may be two hours old, status lists of five minutes.
    const { digest } = (await jp.node.policyList({})).policies.find(({ jurisdiction }) => jurisdiction === 'JP') ?? {}
    const end = instant(clock.nowMs() + 60 * minuteMs)
    const text = reference('jp')
      .replace('serial: 1', `serial: 2\n  previous: ${digest}`)
      .replace(/validUntil: .*/, `validUntil: ${end}`)
    await jp.node.policyAdd({ text })
    await until(() => de.parts.shelf.newest.some(({ policy: { metadata } }) => metadata.validUntil === end))
    await de.parts.bundles.follower.fetch(jp.parts.bundles.maker.newest('jurisdiction')?.digest as never, jp.did, never)
    await clock.advance(10_000)
    const [head] = de.parts.trust.shelf.line('SuspensionHead', jp.did)
    if (!head) throw new Error('no head is held')
    const { encodings } = await biz.node.credentialShow({ id: await net.issued() })
    const credential = encodings.find(({ format }) => format === 'vc+jwt')?.text ?? ''
    const verified = async () => (await de.node.credentialVerify({ text: credential })).code
    expect(await verified()).toBeNull()
    for (const party of [jp, biz, de]) {
      party.parts.network.connected = () => []
      party.parts.network.open = async () => Promise.reject(new TrustError('DFFT_UNREACHABLE', 'cut'))
    }
    /** What the requester comes to by itself: it is drafted and waits for the network where its policies permit it, or says why not. */
    const decided = async () => {
      const ended = de.node.request({ to: biz.did, purpose: 'trade.supplier-verification' }).then(({ id }) => id, codeOf)
      await clock.advance(31_000)
      const outcome = await ended
      if (outcome !== 'DFFT_TIMEOUT' && outcome.startsWith('DFFT_')) return outcome
      const [newest] = (await de.node.exchangeList({ limit: 1 })).exchanges
      const { exchange, decision } = await de.node.exchangeShow({ id: newest?.id as never })
      return exchange.state === 'drafted' ? 'drafted' : (decision?.decision as { code: string } | undefined)?.code
    }
    const reach = (ms: number) => clock.advance(ms - clock.nowMs())
    expect(await verified()).toBeNull()
    await reach(Date.parse(end) - 5 * minuteMs)
    expect(await verified()).toBe('DFFT_STATUS_STALE')
    expect([(await de.node.status({})).island.since === null, await decided()]).toEqual([false, 'drafted'])
    expect(await jp.node.issue({ record: sampleNumber, subject: biz.did, deliver: false })).toMatchObject({ credential: { status: 'valid' } })
    await reach(Date.parse(end))
    expect(await decided()).toBe('POLICY_NOT_IN_FORCE')
    await reach(msOf(head.document.islandUntil) - 40_000)
    expect(await decided()).toBe('POLICY_NOT_IN_FORCE')
    await reach(msOf(head.document.islandUntil))
    expect(await decided()).toBe('DFFT_TRUST_STALE')
  })

  test('an agency goes on issuing', async () => {
    await net.issued()
    await cut()
    await net.clock.advance(60 * minuteMs)
    const { credential } = await jp.node.issue({ record: sampleNumber, subject: biz.did, deliver: false })
    expect(credential).toMatchObject({ role: 'issued', status: 'valid' })
  })

  test('the node says what it relies on that ends next, the soonest first', async () => {
    await net.issued()
    const { island } = await biz.node.status({})
    expect(island.since).toBeNull()
    const times = island.lapses.map(({ at }) => at)
    expect(times).toEqual(times.toSorted())
    expect(island.lapses.map(({ kind }) => kind)).toContain('policy')
    await cut()
    await net.clock.advance(20 * minuteMs)
    const alone = (await biz.node.status({})).island
    expect(msOf(alone.since ?? instant(0))).toBeGreaterThanOrEqual(startMs)
  })
})
