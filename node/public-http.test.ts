import { createServer as createHttp, type IncomingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { TrustError } from '#protocols/errors.ts'
import { ManualClock } from '#test-network/manual-clock.ts'
import { operations } from './api.ts'
import type { LogFields } from './ports.ts'
import { negotiated, type PublicOptions, publicLimits, publicPath, type Question, servePublic } from './public-http.ts'

const logged: { level: string; event: string; fields: LogFields | undefined }[] = []
const log = (level: string, event: string, fields?: LogFields) => void logged.push({ level, event, fields })
afterEach(() => void logged.splice(0))

const body = Buffer.from('{"id":"did:web:agency.example"}')
const clock = new ManualClock(0)
const asked: unknown[] = []
const question: Question = {
  offers: ['application/json', 'application/vc+jwt'],
  answer: async (given, type) => {
    asked.push(given)
    return { type, body: Buffer.from('{"answered":true}') }
  },
}

const options = (own: Partial<PublicOptions> = {}): PublicOptions => ({
  host: '127.0.0.1',
  port: 0,
  hosts: ['agency.example'],
  proxies: [],
  clock,
  log,
  documents: async (path) => (path === '/.well-known/did.json' ? { type: 'application/did+json', body } : undefined),
  questions: new Map([['/authorization', question]]),
  health: () => ({ live: true, ready: true, reasons: [] }),
  ...own,
})

interface Reply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

interface Ask {
  readonly method?: string
  readonly path?: string
  readonly body?: string | Uint8Array
  readonly headers?: Record<string, string | string[]>
}

function ask(port: number, { method = 'GET', path = '/.well-known/did.json', body, headers = {} }: Ask = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', method, path, headers, agent: false }, async (response) => {
      const chunks = await Array.fromAsync(response as AsyncIterable<Buffer>)
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString() })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** What comes back to bytes as they are, until the server closes. A reset after the answer is the server's good right. */
function raw(port: number, text: string, { end = false } = {}): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let heard = ''
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1')
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(heard))
    if (end) socket.end(text)
    else socket.write(text)
  })
}

const json = { 'content-type': 'application/json' }
const problem = ({ status, headers, text }: Reply) => ({ status, type: headers['content-type'], code: JSON.parse(text).code })

describe('a document', () => {
  test('is served with its type and headers that no browser can misread', async () => {
    await using server = await servePublic(options())
    const { status, text, headers } = await ask(server.port)
    expect([status, text]).toEqual([200, body.toString()])
    expect(headers).toMatchObject({
      'content-type': 'application/did+json',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'referrer-policy': 'no-referrer',
      'access-control-allow-origin': '*',
      'cache-control': 'no-cache',
    })
    expect(headers.server ?? headers['x-powered-by']).toBeUndefined()
  })

  test('that a client has already costs it no second transfer, and another one does', async () => {
    await using server = await servePublic(options())
    const { etag = '' } = (await ask(server.port)).headers
    expect(etag).toMatch(/^"[0-9a-f]{64}"$/)
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const { status, text, headers } = await ask(server.port, { headers: { 'if-none-match': known } })
      expect([status, text, headers.etag], known).toEqual([304, '', etag])
    }
    expect((await ask(server.port, { headers: { 'if-none-match': '"other"' } })).status).toBe(200)
  })

  test('is told of without its body to HEAD', async () => {
    await using server = await servePublic(options())
    const { status, text, headers } = await ask(server.port, { method: 'HEAD' })
    expect([status, text, headers['content-length']]).toEqual([200, '', String(body.length)])
  })

  test('asked for with a query is the same document', async () => {
    await using server = await servePublic(options())
    expect((await ask(server.port, { path: '/.well-known/did.json?versionId=1' })).status).toBe(200)
  })

  test.each([
    '/../etc/passwd',
    '/a/../b',
    '/./a',
    '/a//b',
    '/%2e%2e/a',
    '/a%00',
    '/',
    '',
    '/a/',
    '/a\\b',
    `/${'a'.repeat(512)}`,
  ])('at `%s` is never looked up', (path) => {
    expect(publicPath.test(path)).toBe(false)
  })

  test.each(['/.well-known/did.jsonl', '/status/1', '/agency/unit:2/did.json', '/..a', `/${'a'.repeat(511)}`])('at `%s` is looked up', (path) => {
    expect(publicPath.test(path)).toBe(true)
  })

  test.each([
    '/../../etc/passwd',
    '/.well-known/../.well-known/did.json',
    '/.well-known/%2e%2e/did.json',
    '//etc/passwd',
  ])('is not reached by the way `%s`', async (path) => {
    const looked: string[] = []
    await using server = await servePublic(options({ documents: async (at) => void looked.push(at) }))
    const heard = await raw(server.port, `GET ${path} HTTP/1.1\r\nHost: agency.example\r\nConnection: close\r\n\r\n`)
    expect(heard).toMatch(/^HTTP\/1\.1 404 /)
    expect(looked).toEqual([])
  })
})

describe('nothing of the operator’s', () => {
  test.each(Object.keys(operations))('%s is reached here, by no method', async (name) => {
    await using server = await servePublic(options())
    const get = await ask(server.port, { path: `/v1/${name}` })
    const post = await ask(server.port, { path: `/v1/${name}`, method: 'POST', body: '{}', headers: json })
    expect([get.status, post.status]).toEqual([404, 405])
  })
})

describe('a question', () => {
  const post = (own: Ask = {}): Ask => ({ method: 'POST', path: '/authorization', body: '{"a":1}', headers: json, ...own })

  test('is answered in the type that is wanted, and kept by no cache', async () => {
    await using server = await servePublic(options())
    const plain = await ask(server.port, post())
    const signed = await ask(server.port, post({ headers: { ...json, accept: 'application/json;q=0.5, application/vc+jwt', 'x-request-id': 'd4f3-1' } }))
    expect([plain.status, plain.headers['content-type'], plain.headers['cache-control'], plain.headers.vary]).toEqual([
      200,
      'application/json',
      'no-store',
      'accept',
    ])
    expect([signed.status, signed.headers['content-type'], signed.headers['x-request-id']]).toEqual([200, 'application/vc+jwt', 'd4f3-1'])
  })

  test('of a client that waits for a word before its body is answered', async () => {
    await using server = await servePublic(options())
    const heard = await raw(
      server.port,
      'POST /authorization HTTP/1.1\r\nHost: agency.example\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}',
    )
    expect(heard).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/)
  })

  test.each<[what: string, ask: Ask, status: number, code: string]>([
    ['read with GET', { method: 'GET', body: '' }, 405, 'DFFT_USAGE'],
    ['sent as a form', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 415, 'DFFT_USAGE'],
    ['sent without a type', { headers: {} }, 415, 'DFFT_USAGE'],
    ['wanted in a type that is not there', { headers: { ...json, accept: 'text/html' } }, 406, 'DFFT_USAGE'],
    ['empty', { body: '' }, 400, 'DFFT_NOT_JSON'],
    ['broken', { body: '{' }, 400, 'DFFT_NOT_JSON'],
    ['with a member twice', { body: '{"a":1,"a":2}' }, 400, 'DFFT_JSON_DUPLICATE_KEY'],
    ['nested deeply', { body: '['.repeat(40) }, 400, 'DFFT_JSON_TOO_DEEP'],
    ['not UTF-8', { body: Uint8Array.of(0x22, 0xff, 0x22) }, 400, 'DFFT_NOT_UTF8'],
    ['with `__proto__`', { body: '{"__proto__":{"a":1}}' }, 400, 'DFFT_JSON_VALUE'],
    ['one byte too long', { body: ' '.repeat(publicLimits.bodyBytesMax + 1) }, 413, 'DFFT_LIMIT'],
    ['too long, in pieces', { body: ' '.repeat(publicLimits.bodyBytesMax + 1), headers: { ...json, 'transfer-encoding': 'chunked' } }, 413, 'DFFT_LIMIT'],
  ])('that is %s gets its code as a problem, and is asked of nobody', async (_what, own, status, code) => {
    asked.length = 0
    await using server = await servePublic(options())
    const reply = await ask(server.port, post(own))
    expect(problem(reply)).toEqual({ status, type: 'application/problem+json', code })
    const { type, title, detail } = JSON.parse(reply.text)
    expect(type).toBe(`urn:dfft:problem:${code}`)
    expect(JSON.parse(reply.text).status).toBe(status)
    expect([title, detail].every((text) => typeof text === 'string' && text.length > 0)).toBe(true)
    expect(asked).toEqual([])
  })

  test('of 10 MB is refused before it was read, whether or not its sender waits', async () => {
    asked.length = 0
    await using server = await servePublic(options())
    const head = `POST /authorization HTTP/1.1\r\nHost: agency.example\r\nContent-Type: application/json\r\nContent-Length: ${10 << 20}\r\n`
    expect(await raw(server.port, `${head}\r\n`)).toMatch(/^HTTP\/1\.1 413 .*connection: close/is)
    expect(await raw(server.port, `${head}Expect: 100-continue\r\n\r\n`)).toMatch(/^HTTP\/1\.1 413 /)
    await raw(server.port, `${head}\r\n${' '.repeat(10 << 20)}`)
    expect(asked).toEqual([])
    expect((await ask(server.port)).status).toBe(200)
  })

  test('that its desk refuses comes out with the code of the refusal', async () => {
    const answer = () => Promise.reject(new TrustError('DFFT_NOT_FOUND', 'no such authority'))
    await using server = await servePublic(options({ questions: new Map([['/authorization', { ...question, answer }]]) }))
    const reply = await ask(server.port, post())
    expect(problem(reply)).toEqual({ status: 404, type: 'application/problem+json', code: 'DFFT_NOT_FOUND' })
    expect(JSON.parse(reply.text).detail).toBe('no such authority')
  })

  test('that meets a bug of ours gets neither its message nor a stack; the log has frames without the message', async () => {
    const answer = () => Promise.reject(new TypeError('secret-canary'))
    await using server = await servePublic(options({ questions: new Map([['/authorization', { ...question, answer }]]) }))
    const reply = await ask(server.port, post())
    expect(problem(reply)).toEqual({ status: 500, type: 'application/problem+json', code: 'DFFT_INTERNAL' })
    expect(reply.text).not.toMatch(/secret-canary|\.ts|TypeError/)
    expect(logged).toMatchObject([{ level: 'error', event: 'public.fault', fields: { operation: '/authorization', name: 'TypeError' } }])
    expect(JSON.stringify(logged)).not.toContain('secret-canary')
  })

  test('that takes too long is given up', async () => {
    const slow = new ManualClock(0)
    const { promise: entered, resolve: enter } = Promise.withResolvers<void>()
    const answer = () => {
      enter()
      return new Promise<never>(() => undefined)
    }
    await using server = await servePublic(options({ clock: slow, questions: new Map([['/authorization', { ...question, answer }]]) }))
    const reply = ask(server.port, post())
    await entered
    slow.advance(publicLimits.answerMs)
    expect(problem(await reply)).toEqual({ status: 504, type: 'application/problem+json', code: 'DFFT_TIMEOUT' })
  })

  test('that is given up has its place until its work is over', async () => {
    const slow = new ManualClock(0)
    const { promise: entered, resolve: enter } = Promise.withResolvers<void>()
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const answer = async (_: unknown, type: string) => {
      enter()
      await released
      return { type, body }
    }
    const questions = new Map([['/authorization', { ...question, answer }]])
    await using server = await servePublic(options({ clock: slow, limits: { answersMax: 1 }, questions }))
    const reply = ask(server.port, post())
    await entered
    slow.advance(publicLimits.answerMs)
    expect(problem(await reply)).toMatchObject({ status: 504, code: 'DFFT_TIMEOUT' })
    expect(problem(await ask(server.port, post()))).toMatchObject({ status: 503, code: 'DFFT_BUSY' })
    release()
    await released
    expect((await ask(server.port, post())).status).toBe(200)
  })

  test('after the most that are answered at once is told to come again', async () => {
    const { promise: full, resolve: fill } = Promise.withResolvers<void>()
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    let entered = 0
    const answer = async (_: unknown, type: string) => {
      if (++entered === 2) fill()
      await released
      return { type, body }
    }
    await using server = await servePublic(options({ limits: { answersMax: 2 }, questions: new Map([['/authorization', { ...question, answer }]]) }))
    const running = [ask(server.port, post()), ask(server.port, post())]
    await full
    expect(problem(await ask(server.port, post()))).toMatchObject({ status: 503, code: 'DFFT_BUSY' })
    release()
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200])
  })
})

describe('a request', () => {
  test.each(['PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE', 'PROPFIND'])('with %s is told which methods there are', async (method) => {
    await using server = await servePublic(options())
    const reply = await ask(server.port, { method })
    expect([problem(reply), reply.headers.allow]).toEqual([{ status: 405, type: 'application/problem+json', code: 'DFFT_USAGE' }, 'GET, HEAD'])
  })

  test.each([
    ['that is no HTTP', 'nonsense\r\n\r\n'],
    ['with a method that nobody knows', 'STEAL / HTTP/1.1\r\nHost: agency.example\r\n\r\n'],
    ['with two lengths', 'POST /authorization HTTP/1.1\r\nHost: agency.example\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}'],
    ['with a length and pieces', 'POST /authorization HTTP/1.1\r\nHost: agency.example\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['with a header in two lines', 'GET / HTTP/1.1\r\nHost: agency.example\r\nX: a\r\n b\r\n\r\n'],
    ['without a host', 'GET / HTTP/1.1\r\n\r\n'],
    ['with two hosts', 'GET /.well-known/did.json HTTP/1.1\r\nHost: agency.example\r\nHost: other.example\r\n\r\n'],
    [
      'with two types',
      'POST /authorization HTTP/1.1\r\nHost: agency.example\r\nContent-Type: application/json\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}',
    ],
    ['that reads with a body', 'GET /.well-known/did.json HTTP/1.1\r\nHost: agency.example\r\nContent-Length: 10485760\r\n\r\n'],
  ])('%s is refused, and the connection closed', async (_what, text) => {
    asked.length = 0
    await using server = await servePublic(options())
    expect(await raw(server.port, text)).toMatch(/^HTTP\/1\.1 400 /)
    expect(asked).toEqual([])
  })

  test('with more headers than are read is refused', async () => {
    await using server = await servePublic(options())
    expect(await raw(server.port, `GET / HTTP/1.1\r\nHost: agency.example\r\nX: ${'a'.repeat(publicLimits.headerBytesMax)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431 /,
    )
  })

  test('in HTTP/1.0 is refused: it need not say which host it means', async () => {
    await using server = await servePublic(options())
    expect(await raw(server.port, 'GET /.well-known/did.json HTTP/1.0\r\nHost: agency.example\r\n\r\n')).toMatch(/^HTTP\/1\.1 505 /)
  })

  test.each([
    ['agency.example', 200],
    ['AGENCY.example', 200],
    ['agency.example:8080', 421],
    ['evil.example', 421],
    ['agency.example.evil.example', 421],
    ['localhost', 421],
  ])('to the host %s gets %i', async (host, status) => {
    await using server = await servePublic(options())
    expect((await ask(server.port, { headers: { host } })).status).toBe(status)
  })

  test('to the very address that it came to is heard, whatever names there are', async () => {
    await using server = await servePublic(options({ hosts: [] }))
    expect((await ask(server.port)).status).toBe(200)
    expect((await ask(server.port, { headers: { host: `127.0.0.1:${server.port + 1}` } })).status).toBe(421)
  })

  test('for health is heard under any name', async () => {
    await using server = await servePublic(options())
    expect((await ask(server.port, { path: '/healthz', headers: { host: '10.1.2.3:9' } })).status).toBe(200)
  })
})

describe('a source', () => {
  test('that asks faster than it may is told when to come again, and is heard then', async () => {
    const own = new ManualClock(0)
    await using server = await servePublic(options({ clock: own, limits: { burst: 3, perSecond: 1 } }))
    for (let count = 0; count < 3; count++) expect((await ask(server.port)).status).toBe(200)
    const refused = await ask(server.port)
    expect([problem(refused), refused.headers['retry-after']]).toEqual([{ status: 429, type: 'application/problem+json', code: 'DFFT_RATE_LIMITED' }, '1'])
    own.advance(1_000)
    expect((await ask(server.port)).status).toBe(200)
  })

  test('is the one that a proxy names last, where the proxy is named here', async () => {
    await using server = await servePublic(options({ proxies: ['127.0.0.1'], limits: { burst: 1, perSecond: 0.001 } }))
    const from = (source: string) => ask(server.port, { headers: { 'x-forwarded-for': source } })
    expect((await from('203.0.113.1')).status).toBe(200)
    expect((await from('203.0.113.2')).status).toBe(200)
    expect((await from('198.51.100.7, 203.0.113.1')).status).toBe(429)
    expect((await from('2001:db8:1:2::1')).status).toBe(200)
    expect((await from('2001:db8:1:2:ffff::1')).status).toBe(429)
    expect((await from('2001:db8:1:3::1')).status).toBe(200)
  })

  test('cannot name another one itself', async () => {
    await using server = await servePublic(options({ limits: { burst: 1, perSecond: 0.001 } }))
    const statuses = []
    for (const source of ['203.0.113.1', '203.0.113.2']) statuses.push((await ask(server.port, { headers: { 'x-forwarded-for': source } })).status)
    expect(statuses).toEqual([200, 429])
  })

  test('holds a limited number of connections, and others get theirs when it lets go', async () => {
    await using server = await servePublic(options({ limits: { connectionsPerSource: 1 } }))
    const first = connect(server.port, '127.0.0.1')
    await new Promise((resolve) => first.once('connect', resolve))
    first.write('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n')
    await new Promise((resolve) => first.once('data', resolve))
    expect(await raw(server.port, 'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toBe('')
    const gone = new Promise((resolve) => first.once('close', resolve))
    first.end()
    await gone
    expect(await raw(server.port, 'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /)
  })

  test('that dribbles its headers is let go at the limit', async () => {
    await using server = await servePublic(options({ limits: { headersTimeoutMs: 40, requestTimeoutMs: 80, checkEveryMs: 10 } }))
    expect(await raw(server.port, 'GET /.well-known/did.json HTTP/1.1\r\nHost: agency.example\r\nX: ')).toMatch(/^HTTP\/1\.1 408 /)
  })

  test('that dribbles its body is let go at the limit, and is answered nothing', async () => {
    asked.length = 0
    await using server = await servePublic(options({ limits: { headersTimeoutMs: 40, requestTimeoutMs: 80, checkEveryMs: 10 } }))
    const heard = await raw(server.port, 'POST /authorization HTTP/1.1\r\nHost: agency.example\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{')
    expect(heard).toMatch(/^HTTP\/1\.1 408 /)
    expect(asked).toEqual([])
    expect((await ask(server.port)).status).toBe(200)
  })

  test('that sends requests without waiting gets their answers in order', async () => {
    await using server = await servePublic(options())
    const get = (path: string, last = false) => `GET ${path} HTTP/1.1\r\nHost: agency.example\r\n${last ? 'Connection: close\r\n' : ''}\r\n`
    const heard = await raw(server.port, get('/.well-known/did.json') + get('/none') + get('/health/live', true))
    expect(heard.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 404', 'HTTP/1.1 200'])
  })

  test('that sends a thousand without waiting gets its burst and no more', async () => {
    await using server = await servePublic(options({ limits: { burst: 5 } }))
    const heard = await raw(server.port, 'GET /.well-known/did.json HTTP/1.1\r\nHost: agency.example\r\n\r\n'.repeat(1_000))
    expect(heard.match(/HTTP\/1\.1 \d+/g)).toEqual([...Array(5).fill('HTTP/1.1 200'), 'HTTP/1.1 429'])
  })

  test('that smuggles a request behind one that is refused is not heard again', async () => {
    asked.length = 0
    await using server = await servePublic(options())
    const smuggled = 'POST /authorization HTTP/1.1\r\nHost: agency.example\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}'
    const heard = await raw(server.port, `GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n${smuggled}`)
    expect(heard.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 421'])
    expect(asked).toEqual([])
  })
})

describe('the listener', () => {
  test('says that it is not ready with its reasons while it is alive', async () => {
    await using server = await servePublic(options({ health: () => ({ live: true, ready: false, reasons: ['status-list-stale'] }) }))
    const replies = await Promise.all(['/health/live', '/health/ready', '/healthz'].map((path) => ask(server.port, { path })))
    expect(replies.map(({ status, text }) => [status, JSON.parse(text)])).toEqual([
      [200, { live: true }],
      [503, { ready: false, reasons: ['status-list-stale'] }],
      [503, { ready: false, reasons: ['status-list-stale'] }],
    ])
  })

  test('of a node that is not alive is not ready either', async () => {
    await using server = await servePublic(options({ health: () => ({ live: false, ready: true, reasons: [] }) }))
    const statuses = await Promise.all(['/health/live', '/health/ready', '/healthz'].map(async (path) => (await ask(server.port, { path })).status))
    expect(statuses).toEqual([503, 503, 503])
  })

  test('names a taken port with its address', async () => {
    const other = createHttp()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as { port: number }
    await expect(servePublic(options({ port }))).rejects.toMatchObject({ code: 'DFFT_PORT_IN_USE', facts: { host: '127.0.0.1', port, reason: 'EADDRINUSE' } })
    await new Promise((resolve) => other.close(resolve))
  })

  test('names an address that is not of this machine too', async () => {
    await expect(servePublic(options({ host: '192.0.2.1' }))).rejects.toMatchObject({ code: 'DFFT_PORT_IN_USE', facts: { host: '192.0.2.1' } })
  })

  test('that is closed lets its answer go out, and no connection keeps it open', async () => {
    const { promise: entered, resolve: enter } = Promise.withResolvers<void>()
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const documents = async () => {
      enter()
      await released
      return { type: 'text/plain', body }
    }
    const server = await servePublic(options({ documents }))
    const idle = connect(server.port, '127.0.0.1')
    const gone = new Promise((resolve) => idle.once('close', resolve))
    idle.on('error', () => undefined)
    idle.write('GET /half HTTP/1.1\r\n')
    const answer = ask(server.port)
    await entered
    const disposed = server[Symbol.asyncDispose]()
    release()
    expect((await answer).status).toBe(200)
    await Promise.all([disposed, gone])
  })
})

test.each<[accept: string | undefined, wanted: string | undefined]>([
  [undefined, 'a/b'],
  ['*/*', 'a/b'],
  ['c/d', 'c/d'],
  ['C/D', 'c/d'],
  ['a/*;q=0.1, c/d;q=0.2', 'c/d'],
  ['a/b;q=0, */*', 'c/d'],
  ['a/b;q=0', undefined],
  ['a/b;q=2', undefined],
  ['text/html', undefined],
  ['a/b, c/d', 'a/b'],
])('of a/b and c/d, `Accept: %s` wants %s', (accept, wanted) => {
  expect(negotiated(accept, ['a/b', 'c/d'])).toBe(wanted)
})

describe('a browser that asks for leave first', () => {
  const origin = 'https://page.example'
  const preflight = (path: string, method: string, headers: Record<string, string> = {}) => ({
    method: 'OPTIONS',
    path,
    headers: { origin, 'access-control-request-method': method, ...headers },
  })
  const granted = ({ status, headers, text }: Reply) => {
    const cors = Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('access-control-')))
    return { status, text, ...cors }
  }

  test('may read a document that is there, with the tag of its copy, from any page and without credentials', async () => {
    await using server = await servePublic(options())
    for (const method of ['GET', 'HEAD'])
      expect(granted(await ask(server.port, preflight('/.well-known/did.json', method, { 'access-control-request-headers': 'if-none-match' })))).toEqual({
        status: 204,
        text: '',
        'access-control-allow-origin': '*',
        'access-control-allow-methods': 'GET, HEAD',
        'access-control-allow-headers': 'if-none-match',
        'access-control-max-age': '600',
      })
  })

  test('may ask a question, which is not answered by asking for leave, and read the answer', async () => {
    asked.splice(0)
    await using server = await servePublic(options())
    expect(granted(await ask(server.port, preflight('/authorization', 'POST', { 'access-control-request-headers': 'content-type' })))).toEqual({
      status: 204,
      text: '',
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'content-type, x-request-id',
      'access-control-max-age': '600',
    })
    expect(asked).toEqual([])
    const answered = await ask(server.port, { method: 'POST', path: '/authorization', body: '{}', headers: { ...json, origin } })
    expect([answered.status, answered.headers['access-control-allow-origin'], answered.headers['access-control-allow-credentials']]).toEqual([
      200,
      '*',
      undefined,
    ])
  })

  test.each<[string, Ask, number]>([
    ['what is not there', preflight('/nothing', 'GET'), 404],
    ['health', preflight('/health/ready', 'GET'), 405],
    ['a question with GET', preflight('/authorization', 'GET'), 405],
    ['a document with PUT', preflight('/.well-known/did.json', 'PUT'), 405],
    ['a document, by no page', { method: 'OPTIONS', headers: { 'access-control-request-method': 'GET' } }, 405],
    ['a document, and says not how', { method: 'OPTIONS', headers: { origin } }, 405],
    ['a document, with a body', { ...preflight('/.well-known/did.json', 'GET', { 'content-length': '1' }), body: 'x' }, 405],
    ['the server as a whole', preflight('*', 'GET'), 404],
    ['a host of others', preflight('/.well-known/did.json', 'GET', { host: 'other.example' }), 421],
  ])('has no leave for %s', async (_what, given, status) => {
    await using server = await servePublic(options())
    const reply = await ask(server.port, given)
    expect([reply.status, reply.headers['access-control-allow-origin'], reply.headers['access-control-allow-methods']]).toEqual([status, undefined, undefined])
  })

  test('counts against its source as any request does', async () => {
    await using server = await servePublic(options({ limits: { perSecond: 1, burst: 2 } }))
    const statuses = []
    for (let time = 0; time < 3; time++) statuses.push((await ask(server.port, preflight('/authorization', 'POST'))).status)
    expect(statuses).toEqual([204, 204, 429])
  })
})
