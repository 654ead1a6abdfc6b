/** What happens around a walk: partners that are away, cancellations, disputes. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ExchangeView } from '#node/api/exchanges.ts'
import { codeOf } from '#protocols/errors.ts'
import type { Request } from '#protocols/exchange/messages.ts'
import { type ExchangeId, instant } from '#protocols/ids.ts'
import { type Disk, never, nextPolicy, type Party, revived, startMs, stopped, ThreeNodes, until } from '#test-network/fixture.ts'
import { say, signedRequest } from '#test-network/rogue.ts'
import { limits } from './exchange-needs.ts'

let net: ThreeNodes
let biz: Party
let de: Party
/** Revived by a test; ended after it. */
let late: Party | undefined
let gone: Disk

async function begin(): Promise<void> {
  net = await ThreeNodes.start()
  ;({ biz, de } = net)
  await net.issued()
}

async function end(): Promise<void> {
  await late?.[Symbol.asyncDispose]()
  late = undefined
  await net[Symbol.asyncDispose]()
}

/** For each test a world of its own: a node dies in it, or a policy changes. */
function alone(): void {
  beforeEach(begin)
  afterEach(end)
}

/** One world for all of them, in the order in which they stand. */
function together(): void {
  beforeAll(begin)
  afterAll(end)
}

const day = 86_400_000

function world() {
  return { clock: net.clock, connect: (makings: Parameters<typeof net.hub.network>[0]) => net.hub.network(makings) }
}

async function kinds(party: Party, id: string): Promise<string[]> {
  return (await party.parts.audit.entriesOf(id as ExchangeId)).map(({ kind }) => kind)
}

async function stateOf(party: Party, id: string): Promise<ExchangeView> {
  return (await party.node.exchangeShow({ id: id as ExchangeId })).exchange
}

/** Until a node says so, with time passing in small steps. */
async function comesTo(party: Party, id: string, state: string, stepMs = 1_000): Promise<ExchangeView> {
  for (let step = 0; step < 100; step++) {
    const view = await stateOf(party, id)
    if (view.state === state) return view
    await net.clock.advance(stepMs)
  }
  return stateOf(party, id)
}

/** The German agency asks while the business is away. */
async function drafted(wish: Partial<Parameters<ThreeNodes['request']>[0]> = {}): Promise<ExchangeView> {
  gone = await stopped(biz)
  const asked = net.request(wish)
  await whileAway()
  return asked
}

/** As long as an operator waits for a partner that is away. */
async function whileAway(): Promise<void> {
  await net.clock.advance(500)
  net.clock.jump(limits.awayMs)
  await net.clock.advance(2_000)
}

describe('a partner that is away', () => {
  alone()

  test('is asked when it is there: nothing is signed before, and what is signed is dated then', async () => {
    const view = await drafted()
    expect(view).toMatchObject({ state: 'drafted', receipts: 0, agreement: null, until: instant(startMs + limits.queueMs.usual) })
    expect((await de.node.exchangeShow({ id: view.id })).messages).toEqual([])
    net.clock.jump(2 * day)
    late = await revived(biz, world(), gone)
    await comesTo(de, view.id, 'closed')
    expect(await kinds(de, view.id)).toEqual(['drafted', 'requested', 'received'])
    const { messages, exchange } = await de.node.exchangeShow({ id: view.id })
    const request = messages.find(({ type }) => type === 'request')?.body as Request | undefined
    expect(Date.parse(request?.at ?? '')).toBeGreaterThanOrEqual(startMs + 2 * day)
    expect(Date.parse(request?.expires ?? '') - Date.parse(request?.at ?? '')).toBe(limits.requestLifeMs)
    expect(exchange).toMatchObject({ until: null, receipts: 1, startedAt: instant(startMs) })
  })

  test('is asked by a node that was started anew meanwhile', async () => {
    const view = await drafted()
    late = await revived(de, world())
    expect(await stateOf(late, view.id)).toMatchObject({ state: 'drafted' })
    const back = await revived(biz, world(), gone)
    await comesTo(late, view.id, 'closed')
    expect(await kinds(late, view.id)).toEqual(['drafted', 'requested', 'received'])
    await back[Symbol.asyncDispose]()
  })

  test('that never comes is asked no more after the end that was stated, and the record says why', async () => {
    const view = await drafted({ until: instant(startMs + day) })
    net.clock.jump(day)
    await net.clock.advance(limits.retryMs.away)
    expect(await stateOf(de, view.id)).toMatchObject({ state: 'expired', code: 'DFFT_UNREACHABLE', until: null })
    expect(await kinds(de, view.id)).toEqual(['drafted', 'expired'])
  })

  test('is not waited for until a time that is past, or beyond ninety days', async () => {
    for (const end of [startMs, startMs + limits.queueMs.longest + 2_000]) expect(await net.request({ until: instant(end) }).catch(codeOf)).toBe('DFFT_SCHEMA')
    expect((await de.node.exchangeList({})).exchanges).toEqual([])
  })

  test('is not asked for what our policy has come to deny meanwhile', async () => {
    const view = await drafted()
    const text = await nextPolicy(net.jp, 'jp', (before) =>
      before.replaceAll('trade.supplier-verification', 'trade.invoicing').replaceAll('[trade.invoicing, trade.invoicing', '[trade.invoicing'),
    )
    await net.jp.node.policyAdd({ text })
    await until(() => de.parts.shelf.newest.some(({ policy: { metadata } }) => metadata.jurisdiction === 'JP' && metadata.serial === 2))
    late = await revived(biz, world(), gone)
    expect(await comesTo(de, view.id, 'refused')).toMatchObject({ state: 'refused', code: 'DFFT_POLICY_DENIED' })
    expect(await kinds(late, view.id)).toEqual([])
  })

  test('is offered a credential when it is there', async () => {
    const [{ id } = { id: '' }] = (await biz.node.credentialList({ role: 'held' })).credentials
    gone = await stopped(de)
    const made = biz.node.present({ to: de.did, credential: id, purpose: 'trade.supplier-verification' })
    await whileAway()
    const view = await made
    expect(view).toMatchObject({ state: 'drafted', role: 'holder' })
    net.clock.jump(day)
    late = await revived(de, world(), gone)
    await comesTo(biz, view.id, 'closed')
    expect(await kinds(biz, view.id)).toEqual(['drafted', 'offered', 'released', 'receipted'])
  })
})

describe('a partner that goes away while something is owed to it', () => {
  let dials: number
  beforeEach(async () => {
    dials = 0
    net = await ThreeNodes.start({
      de: (parts) => {
        const { network } = parts
        const open: typeof network.open = (peer, service, signal) => {
          if (service === 'exchange') dials++
          return network.open(peer, service, signal)
        }
        return { ...parts, network: Object.assign(Object.create(network), { open }) as typeof network }
      },
    })
    ;({ biz, de } = net)
    await net.issued()
  })
  afterEach(end)

  /** Dials of the German agency in an hour in which the business is away. */
  async function hourAway(): Promise<number> {
    gone = await stopped(biz)
    await net.clock.advance(60_000)
    dials = 0
    for (let minute = 0; minute < 60; minute++) await net.clock.advance(60_000)
    return dials
  }

  test('is not dialled every five seconds for the receipt, and gets it when it comes', async () => {
    let cut = false
    biz.hooks.serve = async (channel, honest) => {
      if (channel.service !== 'exchange' || cut) return honest(channel)
      cut = true
      const next: typeof channel.next = async (signal) => {
        const frame = await channel.next(signal)
        if (JSON.parse(Buffer.from(frame).toString()).type !== 'receipt') return frame
        channel.close()
        return channel.next(signal)
      }
      const { remote, service } = channel
      await honest({ remote, service, next, send: (frame, signal) => channel.send(frame, signal), close: () => channel.close() })
    }
    const asked = net.request().catch(codeOf) // The caller waits half a minute; the walk goes on.
    await until(() => cut)
    await expect.poll(async () => (await de.node.exchangeList({ state: 'receipted' })).exchanges.length).toBe(1)
    const [{ id } = { id: '' }] = (await de.node.exchangeList({ state: 'receipted' })).exchanges
    const inAnHour = await hourAway()
    await asked
    expect(await stateOf(de, id)).toMatchObject({ state: 'receipted' })
    expect(inAnHour).toBeGreaterThan(10)
    expect(inAnHour).toBeLessThan(40)
    late = await revived(biz, world(), gone)
    await net.clock.advance(5_000)
    expect(await stateOf(de, id)).toMatchObject({ state: 'closed', receipts: 1 })
    expect(await stateOf(late, id)).toMatchObject({ state: 'closed', receipts: 1 })
  })

  test('is not tried without a pause where it comes and goes in each try', async () => {
    await asksAPerson()
    const { id, state } = await net.request()
    expect(state).toBe('pending')
    gone = await stopped(biz)
    late = await revived(biz, world(), gone)
    biz = late
    // Whatever is tried, the line is there for a moment.
    biz.hooks.serve = async (channel, honest) => {
      if (channel.service !== 'exchange') return honest(channel)
      de.parts.arrivals.arrived(biz.did)
      channel.close()
    }
    de.parts.network.connected = () => []
    await net.clock.advance(60_000)
    dials = 0
    for (let minute = 0; minute < 10; minute++) await net.clock.advance(60_000)
    expect(dials).toBeGreaterThan(10)
    expect(dials).toBeLessThan(300)
    expect(await stateOf(de, id)).toMatchObject({ state: 'pending' })
  })

  test('is not dialled every five seconds for the answer of its person', async () => {
    await asksAPerson()
    const { id, state } = await net.request()
    expect(state).toBe('pending')
    const inAnHour = await hourAway()
    expect(inAnHour).toBeGreaterThan(10)
    expect(inAnHour).toBeLessThan(40)
    late = await revived(biz, world(), gone)
    await late.node.exchangeApprove({ id })
    expect(await comesTo(de, id, 'closed')).toMatchObject({ state: 'closed' })
  })
})

/** A policy of Japan that asks for a person. */
async function asksAPerson(): Promise<void> {
  const text = await nextPolicy(net.jp, 'jp', (before) =>
    before.replace('  - { type: retention, max: P3Y }', '  - { type: retention, max: P3Y }\n  - { type: consent, of: operator }'),
  )
  await net.jp.node.policyAdd({ text })
}

describe('a cancellation', () => {
  alone()

  test('of a draft is nobody else’s business: the partner is never asked', async () => {
    const view = await drafted()
    expect(await de.node.exchangeCancel({ id: view.id })).toMatchObject({ state: 'cancelled', code: 'DFFT_CANCELLED' })
    late = await revived(biz, world(), gone)
    await net.clock.advance(5_000)
    expect(await kinds(de, view.id)).toEqual(['drafted', 'cancelled'])
    expect((await late.node.exchangeList({})).exchanges.filter(({ partner }) => partner === de.did)).toEqual([])
  })

  test('by the requester ends what waits for a person on the other side, and no consent revives it', async () => {
    await asksAPerson()
    const view = await net.request()
    expect(view.state).toBe('pending')
    await de.node.exchangeCancel({ id: view.id })
    expect(await comesTo(biz, view.id, 'cancelled')).toMatchObject({ state: 'cancelled', code: 'DFFT_CANCELLED' })
    expect(await biz.node.exchangeApprove({ id: view.id }).catch(codeOf)).toBe('DFFT_EXCHANGE_STATE')
    net.clock.jump(600_000)
    await net.clock.advance(5_000)
    expect(await kinds(biz, view.id)).toEqual(['pending', 'partner-cancelled'])
    expect(await kinds(de, view.id)).toEqual(['requested', 'pending', 'cancelled', 'acknowledged'])
    expect(await comesTo(de, view.id, 'cancelled')).toMatchObject({ receipts: 0 })
    const { notices } = await de.node.exchangeShow({ id: view.id })
    expect(notices).toMatchObject([{ direction: 'sent', kind: 'cancelled', refused: null, acknowledgement: { from: biz.did } }])
  })

  test('by the holder ends it at the requester', async () => {
    await asksAPerson()
    const view = await net.request()
    await biz.node.exchangeCancel({ id: view.id })
    expect(await comesTo(de, view.id, 'cancelled')).toMatchObject({ state: 'cancelled', code: 'DFFT_CANCELLED' })
  })

  test('reaches a partner that is away once it is back', async () => {
    await asksAPerson()
    const view = await net.request()
    gone = await stopped(biz)
    await de.node.exchangeCancel({ id: view.id })
    await net.clock.advance(20_000)
    late = await revived(biz, world(), gone)
    expect(await comesTo(late, view.id, 'cancelled')).toMatchObject({ state: 'cancelled' })
  })

  test('refuses a Request that is said again after it, and counts nobody a fault', async () => {
    await asksAPerson()
    const request = await signedRequest(de, biz)
    ;(await say(de, biz, request)).channel.close()
    await biz.node.exchangeCancel({ id: request.exchange })
    const { answer, channel } = await say(de, biz, request)
    channel.close()
    expect(answer).toMatchObject({ type: 'refusal', code: 'DFFT_CANCELLED' })
    expect(biz.hooks.faults).toEqual([])
  })

  test('that comes after the release undoes nothing: the release is fetched, and receipted as rejected', async () => {
    // The Presentation is lost on its way, and then the holder cannot be reached for a while.
    let lost = false
    biz.hooks.serve = async (channel, honest) => {
      if (channel.service !== 'exchange' || lost) return honest(channel)
      lost = true
      await honest({
        ...channel,
        remote: channel.remote,
        next: (signal) => channel.next(signal),
        send: async () => channel.close(),
        close: () => channel.close(),
      } as typeof channel)
    }
    const asked = net.request()
    await until(() => lost)
    await expect.poll(async () => (await biz.node.exchangeList({ state: 'released' })).exchanges.length).toBe(1)
    const [{ id } = { id: '' as ExchangeId }] = (await biz.node.exchangeList({})).exchanges
    await de.node.exchangeCancel({ id })
    await net.clock.advance(15_000)
    await asked
    expect(await stateOf(biz, id)).toMatchObject({ state: 'rejected', code: 'DFFT_CANCELLED', receipts: 1 })
    expect(await stateOf(de, id)).toMatchObject({ state: 'rejected', code: 'DFFT_CANCELLED', receipts: 1 })
    expect(await kinds(biz, id)).toEqual(['released', 'receipted'])
    expect((await de.node.credentialList({ role: 'received' })).credentials).toEqual([])
    expect((await biz.node.status({})).unreceipted).toBe(0)
    // What was owed for it is owed: the holder is told that it is gone, as after any release.
    const owed = async (party: Party, wanted: string) => (await party.node.obligationShow({ exchange: id })).duties.find(({ kind }) => kind === wanted)?.until
    expect(await owed(de, 'retention')).toBe(await owed(biz, 'attestation'))
    expect(await owed(de, 'retention')).toBeDefined()
  })

  test('that overtakes what it cancels is remembered: nothing is released to the Request that comes behind it', async () => {
    const request = await signedRequest(de, biz)
    const record = { id: request.exchange, partner: biz.did }
    const { writes } = await de.parts.notices.draft(record, { kind: 'cancelled' })
    await de.parts.audit.append([{ kind: 'cancelled', exchange: request.exchange, facts: {} }], writes)
    await de.parts.notices.deliver(biz.did, never)
    expect(await kinds(de, request.exchange)).toEqual(['cancelled', 'acknowledged'])
    for (const _ of ['first', 'again']) {
      const { answer, channel } = await say(de, biz, request)
      channel.close()
      expect(answer).toMatchObject({ type: 'refusal', code: 'DFFT_CANCELLED' })
    }
    expect(await kinds(biz, request.exchange)).toEqual(['partner-cancelled'])
    expect(biz.hooks.faults).toEqual([])
  })

  test('of what never came is forgotten when nothing signed before it could be answered any more, and there are not without number', async () => {
    const early = async (): Promise<(string | null)[]> => {
      for (let count = 0; count < 34; count++) {
        const id = Buffer.from(de.parts.random.bytes(16)).toString('hex') as ExchangeId
        await de.parts.store.batch((await de.parts.notices.draft({ id, partner: biz.did }, { kind: 'cancelled' })).writes)
      }
      await de.parts.notices.deliver(biz.did, never)
      const refused: (string | null)[] = []
      for await (const [key, value] of de.parts.store.scan({ from: 'notice/of/', to: 'notice/of0' }))
        if (key) refused.push(JSON.parse(Buffer.from(value).toString()).refused)
      return refused
    }
    expect((await early()).filter((code) => code === 'DFFT_LIMIT')).toHaveLength(2)
    net.clock.jump(limits.requestLifeMs + limits.skewMs + 2_000)
    expect((await early()).filter((code) => code === 'DFFT_LIMIT')).toHaveLength(4)
    const rows: string[] = []
    for await (const [key] of biz.parts.store.scan({ from: 'exchange/cancelled/', to: 'exchange/cancelled0' })) rows.push(key)
    expect(rows).toHaveLength(32)
  })

  test('of what is closed, refused or not there is refused', async () => {
    const closed = await net.request()
    const refused = await net.request({ purpose: 'marketing' })
    for (const { id } of [closed, refused]) expect(await de.node.exchangeCancel({ id }).catch(codeOf)).toBe('DFFT_EXCHANGE_STATE')
    expect(await de.node.exchangeCancel({ id: '0'.repeat(32) as ExchangeId }).catch(codeOf)).toBe('DFFT_NOT_FOUND')
  })

  test('waits for a release that is under way', async () => {
    await asksAPerson()
    const view = await net.request()
    await biz.node.exchangeApprove({ id: view.id })
    const cancelled = await de.node.exchangeCancel({ id: view.id })
    expect(cancelled.state).toBe('cancelled')
    await net.clock.advance(65_000)
    const [ours, theirs] = [await stateOf(de, view.id), await stateOf(biz, view.id)]
    expect([ours.state, theirs.state]).toEqual(['cancelled', 'cancelled'])
    expect(theirs.receipts).toBe(0)
  })
})

describe('disputes that began and ended within a second, while the partner was away', () => {
  alone()

  // What waits for a partner has an order of seconds.
  test('leave nothing behind, in whatever order they are told', async () => {
    const { id } = await net.request()
    gone = await stopped(biz)
    for (const address of ['first', 'second', 'third', 'fourth']) {
      await de.node.exchangeDispute({ id, statement: `the ${address} address is another` })
      expect(await de.node.exchangeResolve({ id, statement: `the ${address} is not` })).toMatchObject({ state: 'closed' })
    }
    late = await revived(biz, world(), gone)
    for (let step = 0; step < 100 && (await kinds(late, id)).length < 10; step++) await net.clock.advance(1_000)
    expect((await late.node.exchangeShow({ id })).notices).toHaveLength(8)
    expect(await stateOf(late, id)).toMatchObject({ state: 'closed', receipts: 1 })
  })
})

describe('a dispute', () => {
  together()

  test('is known to both sides, signed and acknowledged, and ends where the exchange stood', async () => {
    const { id } = await net.request()
    expect(await de.node.exchangeDispute({ id, statement: 'the address is another' })).toMatchObject({ state: 'disputed' })
    expect(await comesTo(biz, id, 'disputed')).toMatchObject({ receipts: 1 })
    const shown = await biz.node.exchangeShow({ id })
    expect(shown.notices).toMatchObject([{ direction: 'received', kind: 'disputed', statement: 'the address is another', acknowledgement: { from: biz.did } }])
    expect((await biz.node.exchangeList({ state: 'disputed' })).exchanges).toHaveLength(1)
    expect(await biz.node.exchangeResolve({ id, statement: 'no' }).catch(codeOf)).toBe('DFFT_EXCHANGE_STATE')
    expect(await de.node.exchangeResolve({ id, statement: 'corrected' })).toMatchObject({ state: 'closed' })
    expect(await comesTo(biz, id, 'closed')).toMatchObject({ state: 'closed' })
    expect(await kinds(biz, id)).toEqual(['released', 'receipted', 'partner-disputed', 'partner-resolved'])
    expect(await kinds(de, id)).toEqual(['requested', 'received', 'disputed', 'acknowledged', 'resolved', 'acknowledged'])
  })

  test('of both sides ends when both are content', async () => {
    const { id } = await net.request()
    await de.node.exchangeDispute({ id, statement: 'the address is another' })
    await comesTo(biz, id, 'disputed')
    await biz.node.exchangeDispute({ id, statement: 'it is the registered one' })
    await expect.poll(async () => (await de.node.exchangeShow({ id })).notices.length).toBe(2)
    expect(await de.node.exchangeResolve({ id, statement: 'seen' })).toMatchObject({ state: 'disputed' })
    await expect.poll(async () => (await biz.node.exchangeShow({ id })).notices.length).toBe(3)
    expect(await biz.node.exchangeResolve({ id, statement: 'thanks' })).toMatchObject({ state: 'closed' })
    expect(await comesTo(de, id, 'closed')).toMatchObject({ state: 'closed' })
  })

  test('of what was not released, and a second one of the same side, is refused', async () => {
    const refused = await net.request({ purpose: 'marketing' })
    expect(await de.node.exchangeDispute({ id: refused.id, statement: 'why' }).catch(codeOf)).toBe('DFFT_EXCHANGE_STATE')
    const { id } = await net.request()
    await de.node.exchangeDispute({ id, statement: 'one' })
    expect(await de.node.exchangeDispute({ id, statement: 'two' }).catch(codeOf)).toBe('DFFT_EXCHANGE_STATE')
  })

  test('of a release that is not receipted yet leaves the receipt owed, and taken when it comes', async () => {
    const request = await signedRequest(de, biz)
    const { answer, channel } = await say(de, biz, request)
    expect(answer.type).toBe('presentation')
    channel.close()
    await expect.poll(async () => (await biz.node.status({})).unreceipted).toBe(1)
    await biz.node.exchangeDispute({ id: request.exchange, statement: 'no receipt came' })
    late = await revived(biz, world())
    expect((await late.node.status({})).unreceipted).toBe(1)
    expect(await stateOf(late, request.exchange)).toMatchObject({ state: 'disputed' })
  })
})

describe('what is held already', () => {
  together()

  test('is asked for again where more is wanted than it shows', async () => {
    await net.request({ claims: ['/legalName'] })
    const view = await net.request({ reuse: true })
    expect(view).toMatchObject({ state: 'closed', reused: null })
    expect((await net.request({ reuse: true, claims: ['/legalName'] })).state).toBe('held')
  })

  test('is used for a purpose that its agreement allows, by a decision of its own, and nobody is asked', async () => {
    net.clock.jump(60_000)
    const first = await net.request()
    const before = await biz.parts.audit.size
    net.clock.jump(60_000)
    const view = await net.request({ reuse: true })
    expect(view).toMatchObject({ state: 'held', reused: first.id, credential: first.credential, receipts: 0 })
    expect(biz.parts.audit.size).toBe(before)
    expect(await kinds(de, view.id)).toEqual(['reused'])
    const { decision } = await de.node.exchangeShow({ id: view.id })
    expect(decision).toMatchObject({ question: { exchange: view.id }, decision: { verdict: 'permit' } })
  })

  test.each<[string, Parameters<ThreeNodes['request']>[0]]>([
    ['for another purpose than its agreement allows', { purpose: 'compliance.tax' }],
    ['where the operator wants it anew', { reuse: false }],
  ])('is asked for again %s', async (_, wish) => {
    await net.request()
    expect((await net.request({ reuse: true, ...wish })).state).not.toBe('held')
  })

  test('is used where the partner is away', async () => {
    gone = await stopped(biz)
    expect(await net.request({ reuse: true })).toMatchObject({ state: 'held' })
    biz = late = await revived(biz, world(), gone)
    await net.clock.advance(5_000)
  })

  test('is asked for again while it is disputed, and once it is revoked', async () => {
    for (const { id, state } of (await de.node.exchangeList({})).exchanges)
      if (state === 'closed') await de.node.exchangeDispute({ id, statement: 'the address is another' })
    expect((await net.request({ reuse: true })).state).toBe('closed')
    expect((await net.request({ reuse: true })).state).toBe('held')
    const [{ id } = { id: '' }] = (await net.jp.node.credentialList({ role: 'issued' })).credentials
    await net.jp.node.revoke({ id, reason: 'test' })
    expect((await net.request({ reuse: true })).state).not.toBe('held')
  })
})
