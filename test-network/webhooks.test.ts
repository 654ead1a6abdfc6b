/** Webhooks: what is sent, in which order, how often, signed by whom, and where nothing may be sent. */
import { createPublicKey, verify } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { MemoryKeyVault } from '#node/adapters/memory-key-vault.ts'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { safePost } from '#node/adapters/safe-fetch.ts'
import { AuditLog } from '#node/audit/audit.ts'
import type { Post } from '#node/ports.ts'
import { Metrics } from '#node/record/metrics.ts'
import { typeOf, wants } from '#node/webhooks/event.ts'
import { Webhooks, webhookLimits } from '#node/webhooks/webhooks.ts'
import { didKeyOf } from '#protocols/did/key.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { traceIdOf } from '#protocols/exchange/trace.ts'
import type { Did, ExchangeId } from '#protocols/ids.ts'
import { seeded, until } from './fixture.ts'
import { ManualClock } from './manual-clock.ts'

interface Sent {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

const exchange = (digit: string) => digit.repeat(32) as ExchangeId
let store: MemoryStore
let vault: MemoryKeyVault
let clock: ManualClock
let ending: AbortController
let sent: Sent[]
/** What the receiver says next; 204 when there is nothing. */
let answers: (number | 'silent')[]
let did: Did
let audit: AuditLog
let webhooks: Webhooks
let metrics: Metrics

const post: Post = {
  check: (url) => {
    if (!url.startsWith('https://')) throw new TrustError('DFFT_FETCH_REFUSED', 'not https')
  },
  send: async (url, { headers, body }) => {
    sent.push({ url, headers, text: Buffer.from(body).toString() })
    const answer = answers.shift() ?? 204
    if (answer === 'silent') throw new TrustError('DFFT_TIMEOUT', 'no answer')
    return { status: answer, retryAfterMs: answer === 429 ? 60_000 : null }
  },
}

async function begun(random = 'webhooks'): Promise<void> {
  ending = new AbortController()
  metrics = new Metrics()
  webhooks = await Webhooks.open({ store, vault, audit, clock, random: seeded(random), log: () => undefined, metrics, self: { did }, post })
  webhooks.start(ending.signal)
}

beforeEach(async () => {
  store = new MemoryStore()
  vault = new MemoryKeyVault(seeded('vault'))
  clock = new ManualClock()
  sent = []
  answers = []
  const ref = await vault.create('EdDSA')
  const publicJwk = await vault.publicKey(ref)
  did = didKeyOf(publicJwk)
  audit = await AuditLog.open(store, {
    did,
    signer: { algorithm: 'EdDSA', keyId: did, publicJwk, sign: (bytes: Uint8Array) => vault.sign(ref, bytes) } as never,
    clock,
  })
  await begun()
})
afterEach(async () => {
  ending.abort(new Error('over'))
  await webhooks.settled()
})

const act = (kind: string, digit?: string, code?: string) =>
  audit.append([
    { kind, ...(digit === undefined ? {} : { exchange: exchange(digit) }), facts: { partner: 'did:web:partner.example', ...(code ? { code } : {}) } },
  ])
const types = () => sent.map(({ text }) => JSON.parse(text).type)

/** As a receiver checks it, with nothing of ours. */
function verified({ headers, text }: Sent, publicKey: string): boolean {
  const x = Buffer.from(publicKey.replace(/^whpk_/, ''), 'base64').toString('base64url')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  const [version, signature = ''] = (headers['webhook-signature'] ?? '').split(',')
  const signed = Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${text}`)
  return version === 'v1a' && verify(null, signed, key, Buffer.from(signature, 'base64'))
}

describe('an event', () => {
  test('says what happened to which exchange, and nobody’s name, signed as Standard Webhooks has it', async () => {
    const wish = { url: 'https://erp.example/', events: ['exchange.*'] }
    const rehearsed = await webhooks.add({ ...wish, dryRun: true })
    expect(webhooks.list()).toEqual([])
    const { id, publicKey, ...added } = await webhooks.add(wish)
    expect(rehearsed).toMatchObject({ url: added.url, events: added.events, state: added.state, publicKey: '' })
    expect(rehearsed.id).not.toBe(id)
    await act('refused', 'a', 'DFFT_POLICY_DENIED')
    await until(() => sent.length === 1)
    const [one] = sent as [Sent]
    expect(JSON.parse(one.text)).toEqual({
      type: 'exchange.refused',
      timestamp: expect.stringMatching(/Z$/),
      data: { entry: audit.size - 1, exchange: exchange('a'), trace: traceIdOf(exchange('a')), code: 'DFFT_POLICY_DENIED' },
    })
    expect(one.text).not.toContain('did:')
    expect(one.headers['webhook-id']).toMatch(/^msg_[0-9a-f]{32}$/)
    expect(Number(one.headers['webhook-timestamp'])).toBe(Math.floor(clock.nowMs() / 1000))
    expect(verified(one, publicKey)).toBe(true)
    for (const changed of [
      { ...one, text: one.text.replace('refused', 'released') },
      { ...one, headers: { ...one.headers, 'webhook-timestamp': '1' } },
      { ...one, headers: { ...one.headers, 'webhook-id': 'msg_0' } },
    ])
      expect(verified(changed, publicKey)).toBe(false)
  })

  test('is of a type that a pattern may name', () => {
    const of = (kind: string, id: ExchangeId | null = null) => typeOf({ kind, exchange: id })
    expect([of('accepted-terms', exchange('a')), of('policy-in-force'), of('issued'), of('witnessed')]).toEqual([
      'exchange.accepted_terms',
      'policy.in_force',
      'credential.issued',
      'log.witnessed',
    ])
    expect([wants(['*'], 'a.b'), wants(['a.*'], 'a.b'), wants(['a.b'], 'a.b')]).toEqual([true, true, true])
    expect([wants(['a.*'], 'ab.c'), wants(['a'], 'a.b'), wants([], 'a')]).toEqual([false, false, false])
  })
})

describe('delivery', () => {
  test('is of what is wanted, in the order of the log, and once where the receiver takes it', async () => {
    await webhooks.add({ url: 'https://erp.example/', events: ['exchange.released', 'key.*'] })
    for (const [kind, digit] of [['released', 'a'], ['received', 'a'], ['key-rotated'], ['released', 'b'], ['witnessed']] as const) await act(kind, digit)
    await until(() => sent.length === 3 && webhooks.counts().queued === 0)
    expect(types()).toEqual(['exchange.released', 'key.rotated', 'exchange.released'])
    expect(new Set(sent.map(({ headers }) => headers['webhook-id'])).size).toBe(3)
    expect(metrics.text([])).toContain('dfft_webhook_deliveries_total{outcome="delivered"} 3')
  })

  test('that fails is tried again later and later, with one id, and what is behind it waits', async () => {
    answers = [503, 'silent', 429]
    const { id } = await webhooks.add({ url: 'https://erp.example/', events: ['exchange.*'] })
    await act('released', 'a')
    await act('receipted', 'a')
    await until(() => sent.length === 1)
    const at: number[] = [clock.nowMs()]
    while (sent.length < 5) {
      const before = sent.length
      await until(() => webhooks.list()[0]?.reason !== null || sent.length > before)
      await clock.advance(1_000)
      if (sent.length > before) at.push(...new Array(sent.length - before).fill(clock.nowMs()))
    }
    expect(types()).toEqual([...new Array(4).fill('exchange.released'), 'exchange.receipted'])
    expect(new Set(sent.slice(0, 4).map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    expect(new Set(sent.slice(0, 4).map(({ headers }) => headers['webhook-timestamp'])).size).toBe(4)
    const waits = at.slice(1, 4).map((ms, place) => ms - (at[place] ?? 0))
    for (const [place, ms] of waits.entries()) {
      expect(ms).toBeGreaterThanOrEqual(webhookLimits.pausesMs[place] ?? 0)
      expect(ms).toBeLessThanOrEqual((webhookLimits.pausesMs[place] ?? 0) * 1.2 + 2_000)
    }
    await until(() => webhooks.list()[0]?.state === 'active')
    expect(webhooks.list()[0]).toMatchObject({ id, behind: 0, dead: [] })
  })

  test('of what is refused for good ends as a dead letter, and goes on; retry sends it once more', async () => {
    answers = [400, 400, 400]
    const { id } = await webhooks.add({ url: 'https://erp.example/', events: ['exchange.*'] })
    await act('released', 'a')
    await act('receipted', 'a')
    for (let round = 0; round < 400 && sent.length < 4; round++) await clock.advance(1_000)
    await until(() => webhooks.list()[0]?.behind === 0)
    expect(webhooks.list()[0]).toMatchObject({ state: 'active', dead: [{ type: 'exchange.released', reason: 'status 400' }] })
    expect(webhooks.counts().dead).toBe(1)
    const size = sent.length
    expect(await webhooks.retry({ id, dryRun: true }, ending.signal)).toEqual(webhooks.list()[0])
    expect(sent.length).toBe(size)
    answers = [500]
    expect((await webhooks.retry({ id, dryRun: false }, ending.signal)).dead.length).toBe(1)
    const again = await webhooks.retry({ id, dryRun: false }, ending.signal)
    expect(again).toMatchObject({ state: 'active', dead: [] })
    expect(types().slice(4)).toEqual(['exchange.released', 'exchange.released'])
    expect(sent.at(-1)?.headers['webhook-id']).toBe(sent[0]?.headers['webhook-id'])
  })

  test('stops where a receiver is gone, loses nothing, and goes on from there', async () => {
    answers = [410]
    const { id } = await webhooks.add({ url: 'https://erp.example/', events: ['exchange.*'] })
    await act('released', 'a')
    await until(() => webhooks.list()[0]?.state === 'stopped')
    await act('receipted', 'a')
    expect([webhooks.list()[0]?.reason, sent.length]).toEqual(['status 410', 1])
    await webhooks.retry({ id, dryRun: false }, ending.signal)
    await until(() => sent.length === 3)
    expect(types()).toEqual(['exchange.released', 'exchange.released', 'exchange.receipted'])
  })

  test('stops after two days without an answer, and is stopped still after a restart', async () => {
    answers = new Array(20).fill('silent')
    await webhooks.add({ url: 'https://erp.example/', events: ['exchange.*'] })
    await act('released', 'a')
    for (let hours = 0; hours < 72 && webhooks.list()[0]?.state !== 'stopped'; hours++) await clock.advance(3_600_000)
    expect(webhooks.list()[0]).toMatchObject({ state: 'stopped', reason: 'DFFT_TIMEOUT' })
    expect(sent.length).toBe(webhookLimits.pausesMs.length + 1)
    ending.abort(new Error('over'))
    await webhooks.settled()
    await begun('again')
    await act('receipted', 'a')
    expect([webhooks.list()[0]?.state, sent.length]).toEqual(['stopped', webhookLimits.pausesMs.length + 1])
  })

  test('after a crash between sending and writing that down sends the same event with the same id', async () => {
    const { publicKey } = await webhooks.add({ url: 'https://erp.example/', events: ['exchange.*'] })
    // What the disk holds in the moment before the act, and with it.
    await act('released', 'a')
    await until(() => sent.length === 1)
    const before = store.snapshot().map(([key, value]): [string, Uint8Array] => {
      if (!key.startsWith('webhook/')) return [key, value]
      const webhook = JSON.parse(Buffer.from(value).toString())
      return [key, Buffer.from(JSON.stringify({ ...webhook, next: audit.size - 1 }))]
    })
    ending.abort(new Error('killed'))
    await webhooks.settled()
    store = new MemoryStore({ entries: before })
    await begun('again')
    await until(() => sent.length === 2)
    expect([sent[1]?.headers['webhook-id'], sent[1]?.text]).toEqual([sent[0]?.headers['webhook-id'], sent[0]?.text])
    expect(verified(sent[1] as Sent, publicKey)).toBe(true)
  })

  test('goes nowhere once the webhook is removed, whose key is destroyed', async () => {
    const { id } = await webhooks.add({ url: 'https://erp.example/', events: ['*'] })
    await until(() => webhooks.counts().queued === 0)
    const count = sent.length
    await webhooks.remove({ id, dryRun: true })
    expect(webhooks.list().length).toBe(1)
    await webhooks.remove({ id, dryRun: false })
    await act('released', 'a')
    expect([webhooks.list(), sent.length, webhooks.counts()]).toEqual([[], count, { queued: 0, dead: 0 }])
    expect(await webhooks.test(id, ending.signal).then(String, codeOf)).toBe('DFFT_NOT_FOUND')
    expect(store.snapshot().filter(([key]) => key.startsWith('webhook/'))).toEqual([])
  })

  test('is tried by hand with an event that says nothing; what may not be sent to is refused, and so is a seventeenth', async () => {
    const { id } = await webhooks.add({ url: 'https://erp.example/', events: ['key.rotated'] })
    answers = [500]
    expect(await webhooks.test(id, ending.signal)).toEqual({ delivered: false, reason: 'status 500' })
    expect(await webhooks.test(id, ending.signal)).toEqual({ delivered: true, reason: null })
    expect(types()).toEqual(['dfft.test', 'dfft.test'])
    expect(await webhooks.add({ url: 'http://10.0.0.1/', events: ['*'] }).then(String, codeOf)).toBe('DFFT_FETCH_REFUSED')
    for (let count = 1; count < webhookLimits.webhooksMax; count++) await webhooks.add({ url: 'https://erp.example/', events: ['key.rotated'] })
    expect(await webhooks.add({ url: 'https://erp.example/', events: ['*'] }).then(String, codeOf)).toBe('DFFT_LIMIT')
  })
})

describe('posting', () => {
  test.each([
    'http://10.0.0.1/',
    'http://192.168.1.1:80/',
    'http://169.254.169.254/latest/meta-data',
    'http://erp.example/',
    'http://0x7f.1/',
    'http://127.0.0.1.attacker.example/',
    'http://user@127.0.0.1/',
    'http://[::ffff:127.0.0.1]/',
    'https://127.0.0.1/',
    'https://10.0.0.1/',
    'https://localhost/',
    'https://erp.example:8443@attacker.example/',
    'https://erp.example/#x',
    'ftp://127.0.0.1/',
    'file:///etc/passwd',
    '',
  ])('is refused to `%s`', async (url) => {
    const post = safePost()
    expect(() => post.check(url)).toThrow(TrustError)
    expect(await post.send(url, { headers: {}, body: Buffer.from('{}'), signal: AbortSignal.timeout(5_000) }).then(String, codeOf)).toBe('DFFT_FETCH_REFUSED')
  })

  test('is refused where a public name has an inner address, at the moment of connecting', async () => {
    for (const address of ['10.0.0.1', '127.0.0.1', '::1', 'fd00::1', '169.254.169.254']) {
      const lookup = ((_name: string, _options: object, back: (error: null, found: object[]) => void) =>
        back(null, [{ address, family: address.includes(':') ? 6 : 4 }])) as never
      const post = safePost({ lookup })
      post.check('https://erp.example/')
      expect(await post.send('https://erp.example/', { headers: {}, body: Buffer.from('{}'), signal: AbortSignal.timeout(5_000) }).then(String, codeOf)).toBe(
        'DFFT_FETCH_REFUSED',
      )
    }
  })

  test('reaches this machine over http, follows no redirect, and reads nothing but the status', async () => {
    const got: { headers: IncomingHttpHeaders; body: string }[] = []
    const server = createServer(async (request, response) => {
      got.push({ headers: request.headers, body: Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString() })
      response.writeHead(request.url === '/moved' ? 302 : 202, { location: 'http://127.0.0.1:1/', 'retry-after': '7' })
      response.write('a')
      if (request.url !== '/endless') response.end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const { port } = server.address() as AddressInfo
      const signal = AbortSignal.timeout(10_000)
      for (const [path, status] of [
        ['/', 202],
        ['/moved', 302],
        ['/endless', 202],
      ] as const)
        expect(await safePost().send(`http://127.0.0.1:${port}${path}`, { headers: { 'webhook-id': 'msg_1' }, body: Buffer.from('{"a":1}'), signal })).toEqual({
          status,
          retryAfterMs: 7_000,
        })
      expect(got.map(({ headers, body }) => [headers['webhook-id'], body])).toEqual(new Array(3).fill(['msg_1', '{"a":1}']))
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })
})
