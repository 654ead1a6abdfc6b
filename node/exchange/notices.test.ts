/** What one side tells the other behind an exchange: kept with the act, sent until acknowledged, taken once. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { receive, send } from '#protocols/channel.ts'
import { codeOf } from '#protocols/errors.ts'
import { type Digest, type ExchangeId, type Instant, instant } from '#protocols/ids.ts'
import { type About, Acknowledgement, Notice, noticeDigest, signed } from '#protocols/notice.ts'
import { never, type Party, revived, stopped, ThreeNodes, until } from '#test-network/fixture.ts'
import { getRecord } from './exchange-record.ts'
import { type KeptNotice, Notices, noticeLimits } from './notices.ts'

let net: ThreeNodes
let biz: Party
let de: Party
let id: ExchangeId

beforeEach(async () => {
  net = await ThreeNodes.start()
  ;({ biz, de } = net)
  await net.issued()
  id = (await net.request()).id
})
afterEach(() => net[Symbol.asyncDispose]())

const disputed = (statement = 'the address is not the one we know'): About => ({ kind: 'disputed', statement })

/** Writes a notice down, as an operation does with the act that it tells of. */
async function written(by: Party, about = disputed()): Promise<Notice> {
  const record = await getRecord(by.parts.store, id)
  const { notice, digest, writes } = await by.parts.notices.draft(record as NonNullable<typeof record>, about)
  await by.parts.audit.append([{ kind: about.kind, exchange: id, facts: { notice: digest } }], writes)
  return notice
}

async function kinds(party: Party): Promise<string[]> {
  return (await party.parts.audit.entriesOf(id)).map(({ kind }) => kind).filter((kind) => !/^(requested|released|received|receipted)$/.test(kind))
}

const told = async (by: Party): Promise<readonly KeptNotice[]> => by.parts.notices.of(id)

describe('a notice', () => {
  test('is acknowledged by a signature, and kept with it on both sides', async () => {
    const notice = await written(de)
    await de.parts.notices.deliver(biz.did, never)
    const [sent] = await told(de)
    const [received] = await told(biz)
    expect(sent).toMatchObject({ direction: 'sent', notice, refused: null, acknowledgement: { from: biz.did, to: de.did, notice: noticeDigest(notice) } })
    expect(received).toEqual({ ...sent, direction: 'received' })
    expect([await kinds(de), await kinds(biz)]).toEqual([['disputed', 'acknowledged'], ['partner-disputed']])
  })

  test('waits for a partner that is away, across a restart, and goes when it is back', async () => {
    const disk = await stopped(biz)
    await written(de)
    const delivering = de.parts.notices.deliver(biz.did, never)
    await until(() => de.log.some((line) => line.startsWith('notice waits')))
    expect((await told(de))[0]).toMatchObject({ acknowledgement: null, refused: null })
    const back = await revived(biz, { clock: net.clock, connect: (makings) => net.hub.network(makings) }, disk)
    for (let minute = 0; minute < 60 && (await told(de))[0]?.acknowledgement === null; minute++) await net.clock.advance(60_000)
    await delivering
    expect(await back.parts.notices.of(id)).toHaveLength(1)
    await back[Symbol.asyncDispose]()
  })

  test('that is sent again is acknowledged with the same words, and taken once', async () => {
    const notice = await written(de)
    const say = async () => {
      const channel = await de.parts.network.open({ did: biz.did, addresses: [biz.address] }, 'notice', never)
      await send(channel, notice, never)
      const acknowledgement = await receive(channel, Acknowledgement, never)
      channel.close()
      return acknowledgement
    }
    const [one, other] = await Promise.all([say(), say()])
    expect(await say()).toEqual(one)
    expect(other).toEqual(one)
    expect(await kinds(biz)).toEqual(['partner-disputed'])
  })

  test('of an exchange with somebody else, or of none, is refused for good, and says why', async () => {
    const record = await getRecord(de.parts.store, id)
    const stray = { id: 'f'.repeat(32) as ExchangeId, partner: (record as NonNullable<typeof record>).partner }
    const { writes } = await de.parts.notices.draft(stray, disputed())
    await de.parts.audit.append([{ kind: 'disputed', exchange: stray.id, facts: {} }], writes)
    await de.parts.notices.deliver(biz.did, never)
    expect((await de.parts.notices.of(stray.id))[0]).toMatchObject({ refused: 'DFFT_NOT_FOUND', acknowledgement: null })
    expect(await de.parts.notices.waitedFor()).toEqual([])
  })

  test('that is refused does not keep the next one back', async () => {
    const { writes } = await de.parts.notices.draft({ id: 'f'.repeat(32) as ExchangeId, partner: biz.did }, disputed())
    await de.parts.audit.append([{ kind: 'disputed', exchange: id, facts: {} }], writes)
    await written(de)
    await de.parts.notices.deliver(biz.did, never)
    expect((await told(de))[0]?.acknowledgement).not.toBeNull()
  })

  test('more than a partner may send of one exchange are refused', async () => {
    for (let count = 0; count <= noticeLimits.perExchange; count++) await written(de, disputed(`the ${count}th time`))
    await de.parts.notices.deliver(biz.did, never)
    const refused = (await told(de)).map((one) => one.refused)
    expect(refused.filter((code) => code === 'DFFT_LIMIT')).toHaveLength(1)
    expect(await told(biz)).toHaveLength(noticeLimits.perExchange)
  })

  test('and take nothing from those of another kind: the word that data are gone is heard behind any number of them', async () => {
    for (let count = 0; count < noticeLimits.perExchange; count++) await written(de, disputed(`the ${count}th time`))
    await de.parts.notices.deliver(biz.did, never)
    const { release, agreement, obligations } = (await getRecord(de.parts.store, id))!
    const due = obligations.find(({ type }) => type === 'retention')?.until as Instant
    const word = await written(de, { kind: 'deleted', release: release as Digest, agreement: agreement as Digest, due, deleted: instant(net.clock.nowMs()) })
    await de.parts.notices.deliver(biz.did, never)
    expect((await told(de)).find(({ notice }) => noticeDigest(notice) === noticeDigest(word))).toMatchObject({
      refused: null,
      acknowledgement: { from: biz.did },
    })
  })
})

describe('a lie in a notice', () => {
  async function refusal(change: (notice: Notice) => Notice | Promise<Notice>): Promise<string> {
    const notice = await change(await written(de))
    const channel = await de.parts.network.open({ did: biz.did, addresses: [biz.address] }, 'notice', never)
    await send(channel, notice, never)
    return receive(channel, Acknowledgement, never).then(() => 'taken', codeOf)
  }
  const again = ({ signature: _, ...unsigned }: Notice, change: Partial<Notice>, by: Party) => signed<Notice>({ ...unsigned, ...change }, by.parts.self.signer)

  test.each<[string, (notice: Notice) => Notice | Promise<Notice>, string]>([
    ['changed words', (notice) => ({ ...notice, about: disputed('something else') }), 'DFFT_SIGNATURE'],
    ['another exchange', (notice) => ({ ...notice, exchange: 'f'.repeat(32) as ExchangeId }), 'DFFT_SIGNATURE'],
    ['signed by another party', (notice) => again(notice, {}, net.jp), 'DFFT_SIGNATURE'],
    ['from another party', (notice) => again(notice, { from: net.jp.did }, net.jp), 'DFFT_PEER_BINDING'],
    ['to another party', (notice) => again(notice, { to: net.jp.did }, de), 'DFFT_AUDIENCE'],
    ['a member nobody knows', (notice) => ({ ...notice, extra: 1 }) as Notice, 'DFFT_SCHEMA'],
    ['words without end', (notice) => again(notice, { about: disputed('x'.repeat(2001)) }, de), 'DFFT_SCHEMA'],
  ])('%s', async (_, change, code) => {
    expect(await refusal(change)).toMatch(/^DFFT_/)
    expect(biz.hooks.faults).toEqual([code]) // A grave one ends the connection before its code is heard.
    expect(await told(biz)).toEqual([])
    expect(await kinds(biz)).toEqual([])
  })

  test('an acknowledgement of something else is no acknowledgement', async () => {
    biz.hooks.serve = async (channel, honest) => {
      if (channel.service !== 'notice') return honest(channel)
      const { exchange, from, at } = await receive(channel, Notice, never)
      const said = { type: 'acknowledgement', version: 1, exchange, from: biz.did, to: from, at, notice: `sha256:${'0'.repeat(64)}` } as const
      await send(channel, await signed<Acknowledgement>({ ...said, notice: said.notice as Acknowledgement['notice'] }, biz.parts.self.signer), never)
    }
    await written(de)
    await de.parts.notices.deliver(biz.did, never)
    expect((await told(de))[0]).toMatchObject({ acknowledgement: null, refused: 'DFFT_FRAME' })
  })
})

test('what follows from a notice is written down with it, or not at all', async () => {
  let fail = true
  const notices = new Notices(biz.parts)
  biz.hooks.serve = (channel, honest) => (channel.service === 'notice' ? notices.take(channel, never) : honest(channel))
  notices.on('resolved', async () => {
    if (fail) throw new Error('not now')
    return { facts: { seen: true }, writes: [{ put: 'test/effect', value: Buffer.from('1') }] }
  })
  const notice = await written(de, { kind: 'resolved', dispute: noticeDigest(await written(de)), statement: 'agreed by telephone' })
  const delivering = de.parts.notices.deliver(biz.did, never)
  await until(() => de.log.some((line) => line.startsWith('notice waits')))
  expect(await biz.store.get('test/effect')).toBeUndefined()
  fail = false
  await de.parts.notices.deliver(biz.did, never)
  await delivering
  expect(await biz.store.get('test/effect')).toBeDefined()
  expect((await told(biz)).map((one) => noticeDigest(one.notice))).toContain(noticeDigest(notice))
})
