/** Lists that come from others than their issuer, over real records channels between three nodes. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RecordsClient } from '#node/network/records.ts'
import type { Fetch } from '#node/ports.ts'
import type { Channel } from '#protocols/channel.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import { never, type Party, ThreeNodes } from '#test-network/fixture.ts'
import { ManualClock } from '#test-network/manual-clock.ts'
import { statusSources } from './status-sources.ts'

const issuer = 'did:web:agency.example' as Did
const uri = 'https://agency.example/status/token/1'

describe('over three nodes', () => {
  let net: ThreeNodes
  let id: string
  let text: string

  beforeEach(async () => {
    net = await ThreeNodes.start()
    id = await net.issued()
    const { encodings } = await net.jp.node.credentialShow({ id })
    text = encodings.find(({ format }) => format === 'dc+sd-jwt')?.text as string
    // The business has looked at the status of what it holds.
    expect((await net.biz.node.credentialList({ role: 'held' })).credentials[0]?.status).toBe('valid')
  })
  afterEach(() => net[Symbol.asyncDispose]())

  /** Every question about a list that the verifier asks a node, as it came. */
  function questionsTo(party: Party): string[] {
    const questions: string[] = []
    const overheard = (channel: Channel): Channel => ({
      ...channel,
      send: (frame, signal) => channel.send(frame, signal),
      close: () => channel.close(),
      next: async (signal) => {
        const frame = await channel.next(signal)
        const question = Buffer.from(frame).toString('utf8')
        if (channel.remote.did === net.de.did && question.includes('"type":"status-list"') && question.includes('/token/')) questions.push(question)
        return frame
      },
    })
    party.hooks.serve = (channel, honest) => honest(overheard(channel))
    return questions
  }

  const verdict = async (of = text) => (await net.de.node.credentialVerify({ text: of })).code ?? 'verified'

  test('a verifier has the list from a partner that holds it while the issuer is away, until it is too old', async () => {
    net.hub.kill(net.jp.parts.network.peerId)
    const questions = questionsTo(net.biz)
    expect(await verdict()).toBe('verified')
    expect(questions).toHaveLength(1)
    await net.clock.advance(300_001)
    expect(await verdict()).toBe('DFFT_STATUS_STALE')
  })

  test('a verifier learns of a suspension from a partner, too', async () => {
    await net.jp.node.suspend({ id })
    expect((await net.biz.node.credentialList({ role: 'held' })).credentials[0]?.status).toBe('suspended')
    net.hub.kill(net.jp.parts.network.peerId)
    expect(await verdict()).toBe('DFFT_STATUS_SUSPENDED')
  })

  test('the issuer’s node is asked first, and for two credentials of one list in the same words, once', async () => {
    const { credential } = await net.jp.node.issue({ record: '4700150004528', subject: net.biz.did, deliver: false })
    const second = (await net.jp.node.credentialShow({ id: credential.id })).encodings.find(({ format }) => format === 'dc+sd-jwt')?.text as string
    const [asked, partner] = [questionsTo(net.jp), questionsTo(net.biz)]
    expect(await verdict()).toBe('verified')
    expect(await verdict(second)).toBe('verified')
    expect([asked.length, partner.length]).toEqual([1, 0])
    // Nothing of one credential: a fresh verifier that has only the other one asks the same.
    await net.clock.advance(300_001)
    expect(await verdict(second)).toBe('verified')
    expect(new Set(asked).size).toBe(1)
  })

  test('a partner’s own list under the issuer’s address is not the issuer’s', async () => {
    net.hub.kill(net.jp.parts.network.peerId)
    await net.clock.advance(300_001)
    const honest = net.biz.parts.neighbours.statusList.bind(net.biz.parts.neighbours)
    net.biz.parts.neighbours.statusList = async (wanted, asking) => {
      const own = await honest({ issuer: net.biz.did, uri: net.biz.parts.ownStatus.uris.token }, asking)
      return own ?? honest(wanted, asking)
    }
    expect(await verdict()).toBe('DFFT_STATUS_UNKNOWN')
  })
})

describe('the order', () => {
  const clock = new ManualClock()
  const connected = Array.from({ length: 10 }, (_, at) => ({ did: `did:web:p${at}.example` as Did, peerId: '' as never, addresses: [] }))

  async function rounds(answer: (from: Did, signal: AbortSignal) => Promise<string>, fetch?: Fetch, at = uri): Promise<string[]> {
    const ask = async (from: Did, _question: unknown, _expected: unknown, signal: AbortSignal) => ({ text: await answer(from, signal) })
    const records = { ask } as unknown as RecordsClient // Only `ask` is asked.
    const partners = { connected: () => [{ ...connected[0], did: issuer }, ...connected] as typeof connected }
    const find = statusSources({ self: { did: connected[3]?.did as Did }, partners, records, clock, fetch })
    const found: string[] = []
    for await (const round of find(issuer, at, never)) found.push(round.map(({ from, text }) => `${from}: ${text}`).join(', '))
    return found
  }
  const none = async () => {
    throw new TrustError('DFFT_NOT_FOUND', 'not held')
  }

  test('is the issuer, then partners by fours, then the web; not ourselves, and nobody twice', async () => {
    const asked: Did[] = []
    const answer = async (from: Did) => {
      asked.push(from)
      return 'list'
    }
    const found = await rounds(answer, async (url) => Buffer.from(`${url}\n`))
    expect(found.map((round) => round.split(', ').length)).toEqual([1, 4, 4, 1, 1])
    expect(found[0]).toBe(`${issuer}: list`)
    expect(found.at(-1)).toBe(`web: ${uri}`)
    expect(asked).not.toContain(connected[3]?.did)
    expect(new Set(asked).size).toBe(asked.length)
  })

  test('goes on past those who have none, and after three seconds past those who do not answer', async () => {
    const silent = (signal: AbortSignal) => new Promise<string>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    const [, slow, has] = connected
    const answer = (from: Did, signal: AbortSignal) =>
      from === issuer || from === slow?.did ? silent(signal) : from === has?.did ? Promise.resolve('list') : none()
    const found = rounds(answer)
    await clock.advance(2_899)
    expect(await Promise.race([found, Promise.resolve('waiting')])).toBe('waiting')
    await clock.advance(2_901)
    expect(await found).toEqual(['', `${has?.did}: list`, '', ''])
  })

  test('ends at the web only where the list is named by an address on it, and it may be asked', async () => {
    const web = async () => Buffer.from('list')
    expect(await rounds(none, web)).toEqual(['', '', '', '', 'web: list'])
    expect(await rounds(none, web, 'did:key:z6Mk/status/token/1')).toEqual(['', '', '', ''])
    expect(await rounds(none, web, 'http://agency.example/status/token/1')).toEqual(['', '', '', ''])
    expect(await rounds(none)).toEqual(['', '', '', ''])
    expect(await rounds(none, none)).toEqual(['', '', '', '', ''])
  })
})
