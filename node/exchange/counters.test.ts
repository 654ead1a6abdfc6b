/** A rule that counts: what was released is counted once, with the release, whatever happens; one more than it allows is refused. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import type { ExchangeView } from '#node/api/exchanges.ts'
import { nurse, typeName } from '#node/credentials/copies.fixture.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Presentation } from '#protocols/exchange/messages.ts'
import { releaseDigest } from '#protocols/exchange/signing.ts'
import type { Did, ExchangeId, Instant, Jurisdiction } from '#protocols/ids.ts'
import { acquaint, agree, nextPolicy, type Party, revived, startParty, ThreeNodes, until } from '#test-network/fixture.ts'
import { say, signedRequest } from '#test-network/rogue.ts'
import { Counters, type Deed } from './counters.ts'
import { getDecided } from './exchange-record.ts'

const dayMs = 86_400_000
let net: ThreeNodes
let biz: Party
let de: Party

beforeEach(async () => {
  net = await ThreeNodes.start()
  ;({ biz, de } = net)
  await net.issued()
})
afterEach(() => net[Symbol.asyncDispose]())

/** Japan’s next policy: at most so many releases to a partner a day. */
async function atMost(count: number): Promise<void> {
  const rule = `- { id: jp.deny.too-many, direction: export, effect: deny, match: { counter: { name: releases-this-day, atLeast: ${count} } } }`
  const added = await net.jp.node.policyAdd({ text: await nextPolicy(net.jp, 'jp', (text) => `${text.trimEnd()}\n${rule}\n`) })
  const { document } = await net.jp.node.policyShow({ digest: added.digest })
  for (const { node } of [biz, de]) await node.policyApply({ text: JSON.stringify(document) })
}

async function factAt(party: Party, { id }: ExchangeView): Promise<unknown> {
  const { question } = (await party.node.exchangeShow({ id })).decision as { question: { facts: Record<string, unknown> } }
  return question.facts['counter:releases-this-day']
}

const outcome = ({ state, code }: ExchangeView) => code ?? state

describe('a rule of at most so many a day', () => {
  test('lets so many go, each with the count that both sides sign, and refuses the next until the day is over', async () => {
    await atMost(3)
    const views = [await net.request(), await net.request(), await net.request(), await net.request()]
    expect(views.map(outcome)).toEqual(['closed', 'closed', 'closed', 'DFFT_POLICY_DENIED'])
    const denied = (await biz.node.exchangeShow({ id: views[3]!.id })).decision?.decision
    expect(denied).toMatchObject({ code: 'DENIED_BY_RULE', export: { rules: ['jp.deny.too-many'] } })
    for (const party of [biz, de])
      expect(await Promise.all(views.slice(0, 3).map((view) => factAt(party, view)))).toEqual([0, 1, 2].map((value) => ({ value, origin: 'holder' })))
    net.clock.jump(dayMs)
    expect(outcome(await net.request())).toBe('closed')
    // What was counted on the day before is nobody’s business any more.
    expect(biz.store.snapshot().filter(([key]) => key.startsWith('counter/')).length).toBe(1)
  })

  test('holds for 64 at once: as many as it lets, and not one more', async () => {
    await atMost(10)
    const outcomes = (await Promise.all(Array.from({ length: 64 }, () => net.request()))).map(outcome)
    expect([outcomes.filter((one) => one === 'closed').length, outcomes.filter((one) => one === 'DFFT_POLICY_DENIED').length]).toEqual([10, 54])
    const counted = biz.store.snapshot().filter(([key]) => key.startsWith(`counter/releases-this-day/${de.did}/`))
    expect(counted.length).toBe(10)
  }, 90_000)

  test('counts a release that is asked for twice, or shown again, once', async () => {
    await atMost(3)
    const request = await signedRequest(de, biz)
    const first = await say(de, biz, request)
    expect(first.answer.type).toBe('terms') // Its count is not supposed by who signs by hand.
    first.channel.close()
    const view = await net.request()
    const stored = await biz.node.exchangeShow({ id: view.id })
    expect(stored.exchange.state).toBe('closed')
    const asked = stored.messages.find(({ type }) => type === 'request')?.body
    const again = await Promise.all([say(de, biz, asked), say(de, biz, asked)])
    const releases = again.map(({ answer, channel }) => {
      channel.close()
      return releaseDigest(answer as Presentation)
    })
    expect(new Set(releases).size).toBe(1)
    expect(await factAt(de, await net.request())).toEqual({ value: 1, origin: 'holder' })
  })

  test('counts what was released before the rule was made, and what is on the disk when the node comes back', async () => {
    await net.request()
    await atMost(3)
    await net.request()
    const back = await revived(biz, { clock: net.clock, connect: (makings) => net.hub.network(makings) })
    try {
      await de.node.peerAdd({ address: back.address })
      expect(await factAt(de, await net.request())).toEqual({ value: 2, origin: 'holder' })
      expect(outcome(await net.request())).toBe('DFFT_POLICY_DENIED')
    } finally {
      await back[Symbol.asyncDispose]()
    }
  })

  test('does not count a release that did not get to the disk', async () => {
    await atMost(2)
    const { append } = biz.parts.audit
    let failures = 1
    biz.parts.audit.append = async (entries, ...rest) => {
      if (entries[0]?.kind === 'released' && failures-- > 0) throw new TrustError('DFFT_STORE', 'the disk is gone for a moment')
      return append.call(biz.parts.audit, entries, ...rest)
    }
    const asked = net.request()
    await until(() => failures < 1)
    // The holder is busy for as long as its disk is: the requester asks again by itself.
    await net.clock.advance(10_000)
    expect([outcome(await asked), outcome(await net.request()), outcome(await net.request())]).toEqual(['closed', 'closed', 'DFFT_POLICY_DENIED'])
  })
})

describe('persons who leave China', () => {
  const names = ['one', 'two', 'three', 'four'] as const
  const licensing = { purpose: 'employment.licensing', legalBasis: 'subject-request' }
  let [clinic, hospital]: Party[] = []
  let shown: readonly string[]
  const added: Party[] = []

  /** At most three persons a year may leave without more; a hospital in China has the licences of four from a clinic that serves them. */
  beforeEach(async () => {
    const world = { clock: net.clock, connect: (makings: Parameters<typeof net.hub.network>[0]) => net.hub.network(makings) }
    const cn = await startParty({ name: 'CN Agency', jurisdiction: 'CN', domain: 'registry.example.cn' }, world)
    clinic = await startParty({ name: 'CN Clinic', jurisdiction: 'CN' }, world)
    hospital = await startParty({ name: 'CN Hospital', jurisdiction: 'CN' }, world)
    added.push(clinic, hospital, cn)
    const [china, germany] = [
      { did: cn.did, jurisdictions: ['CN' as Jurisdiction] },
      { did: de.did, jurisdictions: ['DE', 'EU'] as Jurisdiction[] },
    ]
    await cn.node.trustAdd(china)
    await cn.node.trustAccredit({ subject: cn.did, sector: 'public', assurance: 'high', issues: ['QualificationCredential'] })
    const text = readFileSync(new URL('../../policies/packs/reference/cn.yaml', import.meta.url), 'utf8').replaceAll('below: 100000 }', 'below: 3 }')
    const { digest } = await cn.node.policyAdd({ text })
    const { document } = await cn.node.policyShow({ digest })
    await acquaint(cn, de)
    await cn.node.trustAdd(germany)
    await de.node.trustAdd(china)
    for (const one of [clinic, hospital]) {
      for (const known of [cn, de]) await one.node.peerAdd({ address: known.address })
      for (const pinned of [china, germany]) await one.node.trustAdd(pinned)
      await cn.node.trustAccredit({ subject: one.did, sector: 'private', assurance: 'substantial' })
    }
    await agree(cn, de, [clinic, hospital])
    for (const one of [clinic, hospital]) await acquaint(de, one)
    await acquaint(clinic, hospital)
    for (const { node } of [clinic, hospital, de]) await node.policyApply({ text: JSON.stringify(document) })
    for (const name of names) {
      const { delivery } = await cn.node.issue({ type: typeName, claims: { ...nurse, registerNumber: name }, holder: clinic.did, copies: 3 })
      const given = await clinic.node.present({ to: hospital.did, credential: `urn:dfft:held:${delivery?.id}`, ...licensing })
      expect(given).toMatchObject({ state: 'closed' })
      shown = given.disclosed
    }
  })
  afterEach(async () => {
    for (const party of added.splice(0)) await party[Symbol.asyncDispose]()
  })

  /** All that the hospital has of each, as it came. */
  const licences = (...persons: readonly (typeof names)[number][]) => ({
    credentials: persons.map((name, at) => ({
      id: `p${at}`,
      format: 'dc+sd-jwt',
      meta: { vct_values: ['urn:dfft:credential-type:qualification:1'] },
      claims: shown.map((pointer) => ({ path: pointer.slice(1).split('/'), ...(pointer === '/registerNumber' ? { values: [name] } : {}) })),
    })),
  })
  const asks = (query: Record<string, unknown>) => de.node.request({ to: hospital!.did, origin: clinic!.did, ...licensing, query })
  const countsAt = async (party: Party | undefined, { id }: ExchangeView) =>
    ((await getDecided(party!.parts.store, id)) ?? []).map(({ question }) => question.facts['counter:cn-pi-subjects-this-calendar-year']?.value)

  test('in one request count one after another, on both sides', async () => {
    const view = await asks(licences('one', 'two', 'three'))
    expect(outcome(view)).toBe('closed')
    for (const party of [de, hospital]) expect(await countsAt(party, view)).toEqual([0, 1, 2])
    expect(outcome(await asks(licences('four')))).toBe('DFFT_POLICY_DENIED')
  })

  test('are refused together where one of them is one too many, and then none of them is counted', async () => {
    expect(outcome(await asks(licences('one', 'two', 'three', 'four')))).toBe('DFFT_POLICY_DENIED')
    const view = await asks(licences('two', 'four'))
    expect(await countsAt(hospital, view)).toEqual([0, 1])
    expect(outcome(await asks(licences('one', 'three')))).toBe('DFFT_POLICY_DENIED')
    expect(await countsAt(hospital, await asks(licences('one')))).toEqual([2])
  })

  test('twice in one request are one person', async () => {
    const view = await asks(licences('one', 'one', 'two'))
    expect(outcome(view)).toBe('closed')
    expect(await countsAt(hospital, view)).toEqual([0, 1, 1])
  })

  test('are left out where that is allowed, and the others stand in their places', async () => {
    const { credentials } = licences('one', 'two', 'three', 'four')
    const view = await asks({ credentials, credential_sets: credentials.map(({ id }) => ({ options: [[id]], required: false })) })
    expect([outcome(view), view.credentials.map(({ id }) => id)]).toEqual(['closed', ['p0', 'p1', 'p2']])
  })
})

const deed = (exchange: number, value: number | undefined): Deed => {
  const facts = value === undefined ? {} : { 'counter:releases-this-day': { value, origin: 'holder' } }
  return {
    exchange: String(exchange).padStart(32, '0') as ExchangeId,
    to: 'did:key:z6MkPartner' as Did,
    shown: [{ question: { at: '2026-10-01T09:00:00Z', facts }, credential: { id: 'one' } }],
  } as unknown as Deed // What a counter looks at.
}

test('rows of days before go with the next releases, however many there are, and the disk is not searched for them again that day', async () => {
  const store = new MemoryStore()
  const to = 'did:key:z6MkPartner'
  const rows = async () => (await Array.fromAsync(store.scan({ from: 'counter/', to: 'counter0' }))).map(([key]) => key.split('/')[3])
  await store.batch(Array.from({ length: 40 }, (_, at) => ({ put: `counter/releases-this-day/${to}/2026-09-30/${at}`, value: Buffer.from('{}') })))
  let scans = 0
  const { scan } = store
  store.scan = (range) => {
    scans++
    return scan.call(store, range)
  }
  const counters = new Counters(store)
  const releaseOn = async (day: string, exchange: number) => {
    const { to, shown, ...rest } = deed(exchange, undefined)
    const reserved = await counters.reserve({
      ...rest,
      to,
      shown: shown.map((one) => ({ ...one, question: { ...one.question, at: `${day}T09:00:00Z` as Instant } })),
    })
    await store.batch(reserved.writes)
    reserved.kept()
  }
  for (let exchange = 0; exchange < 4; exchange++) await releaseOn('2026-10-01', exchange)
  expect([...new Set(await rows())]).toEqual(['2026-10-01'])
  scans = 0
  for (let exchange = 4; exchange < 8; exchange++) await releaseOn('2026-10-01', exchange)
  expect(scans).toBe(0)
  // A Request of a minute before midnight is released a minute after: its own day is looked at no more, and the next one clears all.
  await releaseOn('2026-09-30', 8)
  for (let exchange = 9; exchange < 12; exchange++) await releaseOn('2026-10-02', exchange)
  expect(await rows()).toEqual(['2026-10-02', '2026-10-02', '2026-10-02'])
})

test('whatever is kept, dropped, asked in vain or restarted, in whatever order, the count is that of what is on the disk', async () => {
  const at = '2026-10-01T09:00:00Z' as Instant
  const act = fc.constantFrom('keep', 'drop', 'twice', 'stale', 'unasked', 'restart', 'at once')
  let tried = 0
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 4, maxLength: 24 }), async (acts) => {
      const store = new MemoryStore()
      let counters = new Counters(store)
      let [count, exchange] = [0, 0]
      for (const one of acts) {
        tried++
        const before = (await counters.before('did:key:z6MkPartner' as Did, at, ['releases-this-day']))['releases-this-day']
        expect(before).toBe(count)
        if (one === 'restart') counters = new Counters(store)
        else if (one === 'at once') {
          // Of those that count the same before them one is first.
          const asked = Array.from({ length: 8 }, () => counters.reserve(deed(exchange++, count)))
          const reserved = (await Promise.allSettled(asked)).flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
          expect(reserved.length).toBe(1)
          await store.batch(reserved[0]!.writes)
          reserved[0]!.kept()
          count++
        } else if (one === 'stale') expect(await counters.reserve(deed(exchange++, count + 1)).catch(codeOf)).toBe('DFFT_BUSY')
        else {
          const reserved = await counters.reserve(deed(one === 'twice' && exchange > 0 ? exchange - 1 : exchange++, one === 'unasked' ? undefined : count))
          if (one === 'drop') reserved.dropped()
          else {
            await store.batch(reserved.writes)
            reserved.kept()
            count += reserved.writes.filter((write) => 'put' in write).length
          }
        }
      }
      let rows = 0
      for await (const _ of store.scan({ from: 'counter/', to: 'counter0' })) rows++
      expect(rows).toBe(count)
    }),
    { numRuns: 200 },
  )
  expect(tried).toBeGreaterThan(1000)
})

test('a count that only a later credential of a release has stated is compared too', async () => {
  const counters = new Counters(new MemoryStore())
  const named = 'cn-pi-subjects-this-calendar-year'
  const flow = { from: { value: 'CN' }, to: { value: 'DE' } }
  /** Two credentials, of which the first is an organisation's: of that nothing is stated. */
  const released = (exchange: number, person: string): Deed => {
    const { shown, ...rest } = deed(exchange, undefined)
    const question = { at: '2026-10-01T09:00:00Z', facts: { ...flow, [`counter:${named}`]: { value: 0, origin: 'holder' } } }
    return { ...rest, shown: [...shown, { question, credential: { id: person, batch: { claims: person } } }] } as unknown as Deed
  }
  const first = await counters.reserve(released(1, 'one'))
  expect(await counters.reserve(released(2, 'two')).catch(codeOf)).toBe('DFFT_BUSY')
  first.dropped()
  expect((await counters.reserve(released(2, 'two'))).writes.length).toBeGreaterThan(0)
})

test('a release of the next day, a minute before midnight, takes none away from this one', async () => {
  const store = new MemoryStore()
  const partner = 'did:key:z6MkPartner' as Did
  const [tonight, tomorrow] = ['2026-10-01T23:59:30Z', '2026-10-02T00:01:00Z'] as Instant[]
  const released = async (exchange: number, at: Instant | undefined, value: number) => {
    const { shown, ...rest } = deed(exchange, value)
    const dated = shown.map(({ question, credential }) => ({ question: { ...question, at }, credential }))
    const reserved = await new Counters(store).reserve({ ...rest, shown: dated } as unknown as Deed)
    await store.batch(reserved.writes)
  }
  for (const count of [0, 1, 2]) await released(count, tonight, count)
  await released(3, tomorrow, 0)
  const after = async (at: Instant | undefined) => (await new Counters(store).before(partner, at as Instant, ['releases-this-day']))['releases-this-day']
  expect([await after(tonight), await after(tomorrow)]).toEqual([3, 1])
  await released(4, '2026-10-02T00:05:00Z' as Instant, 1)
  expect([await after(tonight), await after(tomorrow)]).toEqual([0, 2])
})
