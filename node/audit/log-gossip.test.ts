import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Announced, signAnnouncement } from '#protocols/announcement.ts'
import { canonicalBytes } from '#protocols/canonical.ts'
import { receive, send } from '#protocols/channel.ts'
import { codeOf } from '#protocols/errors.ts'
import { digest, instant, type Jurisdiction } from '#protocols/ids.ts'
import { headsDigest, headsMax, headsType, LogHeads } from '#protocols/log/heads.ts'
import { Ask } from '#protocols/records.ts'
import { never, type Party, ThreeNodes } from '#test-network/fixture.ts'
import { answersFrom, forgedLog, show } from '#test-network/forger.ts'
import { gossipLimits } from './log-gossip.ts'

let net: ThreeNodes
let jp: Party
let biz: Party
let de: Party

/** One world for the tests of a group, in their order; before each of them a teller gets a turn again. */
function inOneWorld({ turns = true } = {}): void {
  beforeAll(async () => {
    net = await ThreeNodes.start()
    ;({ jp, biz, de } = net)
  })
  beforeEach(async () => {
    if (turns) await net.clock.advance(60_000)
    for (const { hooks } of [jp, biz, de]) {
      delete hooks.serve
      hooks.faults.length = 0
    }
  })
  afterAll(() => net[Symbol.asyncDispose]())
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 60; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** Tellings that leave a node. */
function tellings({ parts }: Party): { count: number } {
  const counted = { count: 0 }
  const honest = parts.network.publish.bind(parts.network)
  parts.network.publish = async (announcement) => {
    if (Buffer.from(announcement).includes(`"type":"${headsType}"`)) counted.count++
    return honest(announcement)
  }
  return counted
}

/** What a telling of a node says now. */
async function toldBy(party: Party): Promise<LogHeads> {
  await party.parts.logGossip.tell()
  const [own] = party.parts.logGossip.own()
  return party.parts.logGossip.told(own!.digest)!
}

/** A telling made by hand, announced and handed over by its teller. @returns how often it was asked for */
async function tell(by: Party, heads: unknown, changes: Partial<Announced> = {}): Promise<{ asked: number }> {
  const counted = { asked: 0 }
  by.hooks.serve = async (channel) => {
    const ask = await receive(channel, Ask, never)
    if (ask.type === headsType) counted.asked++
    await send(channel, ask.type === headsType ? { type: headsType, heads } : { type: 'none', code: 'DFFT_NOT_FOUND' }, never)
  }
  const said: Announced = {
    type: headsType,
    jurisdiction: 'JP' as Jurisdiction,
    digest: headsDigest(heads as LogHeads),
    serial: 1000,
    issuer: by.did,
    at: instant(net.clock.nowMs()),
    ...changes,
  }
  await by.parts.network.publish(canonicalBytes(await signAnnouncement(said, { ...by.parts.self.signer, keyId: by.parts.self.keyId })))
  await settled()
  return counted
}

describe('what a node tells', () => {
  inOneWorld({ turns: false })

  test('is its own head with all who co-signed it, and the last one it saw of each partner', async () => {
    await net.issued()
    await net.request()
    await biz.node.auditWitness({})
    const heads = await toldBy(biz)
    expect(heads.own.cosignatures.map(({ by }) => by).sort()).toEqual([jp.did, de.did].sort())
    expect(heads.seen.map((note) => note.split('\n')[0]).sort()).toEqual([`dfft.log/${jp.did}`, `dfft.log/${de.did}`].sort())
    expect(LogHeads.parse(heads)).toEqual(heads)
    expect(canonicalBytes(heads).length).toBeLessThan(8 << 10)
  })

  test('comes to its partners by itself, some minutes after an exchange, and what they hear of an honest log is settled without a word', async () => {
    await net.issued()
    await net.request()
    for (let minute = 0; minute < 15; minute++) {
      await net.clock.advance(60_000)
      await settled()
    }
    for (const one of [jp, biz, de])
      for (const other of [jp, biz, de]) if (one !== other) expect(other.parts.logGossip.of(one.parts.logGossip.own()[0]!.digest)).toBeDefined()
    for (const { node, hooks } of [jp, biz, de]) {
      expect(await node.auditForks({})).toEqual({ forks: [], open: [] })
      expect(hooks.faults).toEqual([])
    }
  })

  test('is said once while nothing is new, however much time passes, but for the hourly reminder', async () => {
    await net.issued()
    await net.clock.advance(gossipLimits.everyMs * 2)
    const counts = [jp, biz, de].map(tellings)
    for (let step = 0; step < 11; step++) {
      await net.clock.advance(gossipLimits.everyMs)
      await settled()
    }
    expect(counts.map(({ count }) => count).every((count) => count <= 2)).toBe(true)
    const size = de.parts.audit.size
    await net.clock.advance(gossipLimits.everyMs)
    expect(de.parts.audit.size).toBe(size)
  })

  test('is said once in some minutes at most, however much is new', async () => {
    await net.issued()
    const counted = tellings(biz)
    for (let minute = 0; minute < 30; minute++) {
      await biz.node.auditWitness({})
      await biz.parts.audit.append([{ kind: 'received', facts: { minute } }])
      await net.clock.advance(60_000)
      await settled()
    }
    expect(counted.count).toBeGreaterThan(3)
    expect(counted.count).toBeLessThanOrEqual(9)
  })

  test('is for partners', async () => {
    const heads = await toldBy(biz)
    const asked = { type: headsType, digest: headsDigest(heads) } as const
    expect((await de.parts.records.ask(biz.did, asked, headsType, never)).heads).toEqual(heads)
    expect(await biz.parts.neighbours.logHeads(asked.digest, 'did:key:z6Mkstranger' as never)).toBeUndefined()
    await expect(biz.parts.neighbours.logProof(1, 2, 'did:key:z6Mkstranger' as never)).rejects.toMatchObject({ code: 'DFFT_NOT_ADMITTED' })
  })
})

/** Germany has seen the business; Japan tells of it. */
async function seen() {
  const log = await forgedLog(biz, (entries) => entries)
  await show(log, biz, de)
  return log
}

/** Faults of a teller: after a few of them nothing is heard of it any more, so these are shared out among two worlds. */
const wrong: readonly (readonly [string, (heads: LogHeads, note: string) => LogHeads])[] = [
  ['two checkpoints of one log', (heads, note) => ({ ...heads, seen: [note, note] })],
  ['a checkpoint that does not read', (heads) => ({ ...heads, seen: ['x\n'] })],
  ['a fork that is none', (heads, note) => ({ ...heads, forks: [{ held: note, offered: note }] })],
  ['somebody else’s name on it', (heads) => ({ ...heads, by: de.did })],
]

async function faultOf(change: (heads: LogHeads, note: string) => LogHeads): Promise<void> {
  const { note } = await (await seen()).checkpoint()
  await tell(jp, change(await toldBy(jp), note))
  expect(de.hooks.faults).toEqual(['DFFT_CHECKPOINT'])
  expect((await de.node.auditForks({})).forks).toEqual([])
}

describe('what a node hears', () => {
  inOneWorld()

  test('with a checkpoint that its log did not sign is the teller’s fault, and says nothing of the log', async () => {
    await seen()
    const forged = await forgedLog(
      { ...biz, parts: { ...biz.parts, self: { ...biz.parts.self, did: biz.did, signer: jp.parts.self.signer } } } as Party,
      (entries) => [...entries, { ...entries[0]!, kind: 'nothing-happened' }],
    )
    const { note } = await forged.checkpoint()
    await tell(jp, { ...(await toldBy(jp)), seen: [note] })
    expect(de.hooks.faults).toEqual(['DFFT_CHECKPOINT'])
    expect(await de.node.auditForks({})).toEqual({ forks: [], open: [] })
  })

  test.each(wrong.slice(0, 2))('with %s is the teller’s fault', (_what, change) => faultOf(change))

  test('with a checkpoint that a stolen and revoked key signed says nothing of the log, and is nobody’s fault', async () => {
    await net.request()
    const { signer } = de.parts.self
    await net.clock.advance(60_000)
    await de.node.keyRotate({ compromisedSince: instant(net.clock.nowMs() - 1000) })
    await net.request()
    const held = await biz.parts.audit.seen(de.did)
    const thief = { ...de, parts: { ...de.parts, self: { ...de.parts.self, did: de.did, signer } } } as Party
    const forged = await forgedLog(thief, (entries) => entries.slice(0, held!.size).with(-1, { ...entries[0]!, kind: 'nothing-happened' }))
    const { note, size } = await forged.checkpoint()
    expect(size).toBe(held!.size)
    await biz.parts.logGossip.hear(note, jp.did, never)
    await de.parts.logGossip.hear(note, jp.did, never)
    expect((await biz.node.auditForks({})).forks).toEqual([])
    expect((await de.node.auditForks({})).forks).toEqual([])
  })
})

describe('what a node hears', () => {
  inOneWorld()

  test('under another digest than was announced is not heard', async () => {
    const heads = { ...(await toldBy(jp)), by: de.did }
    const counted = await tell(jp, heads, { digest: digest('something else') })
    expect(counted.asked).toBeGreaterThan(0)
    expect(de.parts.logGossip.of(digest('something else')) ?? de.parts.logGossip.of(headsDigest(heads))).toBeUndefined()
  })

  test.each(wrong.slice(2))('with %s is the teller’s fault', (_what, change) => faultOf(change))

  test.each([
    ['more heads than are told at once', (heads: LogHeads) => ({ ...heads, seen: Array(headsMax + 1).fill('x') })],
    ['a member that nobody knows', (heads: LogHeads) => ({ ...heads, more: 1 })],
  ])('with %s is not taken', async (_what, change) => {
    const heads = change(await toldBy(jp))
    expect((await tell(jp, heads)).asked).toBeGreaterThan(0)
    expect(de.parts.logGossip.of(headsDigest(heads as LogHeads))).toBeUndefined()
    expect((await de.node.auditForks({})).forks).toEqual([])
  })

  test('of one log from many is one question a minute to its owner', async () => {
    const log = await seen()
    const asked = answersFrom(biz, { code: 'DFFT_BUSY' })
    for (let more = 1; more <= 20; more++) {
      const longer = await forgedLog(biz, (entries) => [...entries, ...Array(more).fill(entries[0])])
      await de.parts.logGossip.hear((await longer.checkpoint()).note, jp.did, never)
    }
    expect(asked).toEqual([de.did])
    expect((await de.node.auditForks({})).open).toMatchObject([{ did: biz.did, heard: log.size + 20 }])
  })

  test('a node that speaks an earlier version is not asked what it does not know', async () => {
    const honest = de.parts.network.connected.bind(de.parts.network)
    de.parts.network.connected = () => honest().map((peer) => ({ ...peer, version: 2 }))
    const heads = await toldBy(jp)
    await expect(de.parts.logGossip.fetch(headsDigest(heads), jp.did, never).catch(codeOf)).resolves.toBe('DFFT_UNREACHABLE')
  })
})

describe('what a node hears', () => {
  inOneWorld()

  test('of logs that it never saw is left alone: nobody is asked anything', async () => {
    const longer = await forgedLog(biz, (entries) => [...entries, ...entries])
    await show(longer, biz, jp)
    const asked = answersFrom(biz, longer)
    await toldBy(jp)
    await settled()
    expect(asked).toEqual([])
    expect(await de.node.auditForks({})).toEqual({ forks: [], open: [] })
  })

  test('is fetched a few times in a row from one teller, and then once a minute', async () => {
    const heads = await toldBy(jp)
    let asked = 0
    for (let number = 0; number < 10; number++) {
      const counted = await tell(
        jp,
        { ...heads, forks: [], seen: [], own: { ...heads.own, note: `${heads.own.note.slice(0, -1)}${' '.repeat(number)}\n` } },
        { serial: 1000 + number },
      )
      asked += counted.asked > 0 ? 1 : 0
    }
    expect(asked).toBeLessThanOrEqual(gossipLimits.burst)
  })
})
