import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TrustError } from '#protocols/errors.ts'
import { ManualClock } from '#test-network/manual-clock.ts'
import { operations } from './api.ts'
import { apiDouble, type Called } from './api-double.ts'
import { type ConsoleDoor, consoleDoor, consoleLimits, contentPolicy } from './console-http.ts'
import { consoleOperations, openOperations } from './console-operations.ts'
import { sessionLimits } from './console-sessions.ts'
import type { ConsoleFiles, Random } from './ports.ts'

const file = { type: 'text/html; charset=utf-8', body: Buffer.from('<p>page</p>'), brotli: Buffer.from('br'), gzip: Buffer.from('gz'), forGood: false }
const files: ConsoleFiles = { at: async (path) => (path === '/' ? file : path === '/assets/a-1.js' ? { ...file, forGood: true } : undefined) }

let count = 0
const random: Random = { bytes: (wanted) => new Uint8Array(wanted).fill(++count) }
let clock: ManualClock
let door: ConsoleDoor
let port: number

function open(overrides: Parameters<typeof apiDouble>[0] = {}): ConsoleDoor {
  return consoleDoor(apiDouble(overrides), { host: '127.0.0.1', port: 0, clock, random, log: () => undefined, files })
}

beforeEach(async () => {
  clock = new ManualClock(0)
  door = open()
  port = (await door.open()).port
})
afterEach(() => door[Symbol.asyncDispose]())

interface Reply {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly text: string
  readonly code: string | undefined
}

interface Ask {
  readonly method?: string
  readonly path?: string
  readonly body?: string
  /** Undefined leaves one out that our page sends. */
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>
  readonly to?: number
}

/** As the console's own page asks. */
function ask({ method = 'POST', path = '/v1/status', body = '{}', headers = {}, to = port }: Ask = {}): Promise<Reply> {
  const own = {
    host: `127.0.0.1:${to}`,
    origin: `http://127.0.0.1:${to}`,
    'sec-fetch-site': 'same-origin',
    'x-dfft-console': 'deed',
    ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
  }
  const sent = Object.entries({ ...own, ...headers }).flatMap(([name, value]) => (value === undefined ? [] : [value].flat().flatMap((one) => [name, one])))
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: to, method, path, headers: sent, agent: false }, async (response) => {
      const text = Buffer.concat(await Array.fromAsync(response as AsyncIterable<Buffer>)).toString()
      const code = text.startsWith('{') ? (JSON.parse(text) as { error?: { code: string } }).error?.code : undefined
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text, code })
    })
    asked.on('error', reject)
    asked.end(method === 'POST' ? body : undefined)
  })
}

const login = (code: string) => ask({ path: '/session', body: JSON.stringify({ code }) })
const cookieOf = ({ headers }: Reply) => String(headers['set-cookie']).split(';')[0] ?? ''

async function signedIn(at = door): Promise<string> {
  const { code, port: to } = await at.invite()
  return cookieOf(await ask({ path: '/session', body: JSON.stringify({ code }), to }))
}

describe('a session', () => {
  test('begins with a code of the socket, and carries operations then', async () => {
    const { code, url, codeSeconds } = await door.invite()
    expect(url).toBe(`http://127.0.0.1:${port}/#code=${code}`)
    expect(codeSeconds).toBe(60)
    const begun = await login(code)
    expect(begun.status).toBe(200)
    expect(begun.headers['set-cookie']).toEqual([
      expect.stringMatching(/^dfft-[0-9a-f]{12}=[A-Za-z0-9_-]{43}; HttpOnly; SameSite=Strict; Path=\/; Max-Age=28800$/),
    ])
    const { status, text } = await ask({ headers: { cookie: cookieOf(begun) } })
    expect([status, JSON.parse(text).ok]).toEqual([200, true])
  })

  test('begins once with a code, not after a minute, and not with another', async () => {
    const { code } = await door.invite()
    expect((await login(code)).status).toBe(200)
    expect(await login(code)).toMatchObject({ status: 401, code: 'DFFT_SESSION' })
    const late = await door.invite()
    await clock.advance(sessionLimits.codeMs)
    expect(await login(late.code)).toMatchObject({ status: 401, code: 'DFFT_SESSION' })
    expect(await login('A'.repeat(43))).toMatchObject({ status: 401 })
  })

  test('codes are tried ten times, then once a second', async () => {
    for (let at = 0; at < consoleLimits.codesBurst; at++) expect((await login('wrong')).status).toBe(401)
    expect(await login((await door.invite()).code)).toMatchObject({ status: 429, code: 'DFFT_RATE_LIMITED' })
    await clock.advance(1_000)
    expect((await login((await door.invite()).code)).status).toBe(200)
  })

  test('ends a quarter of an hour after the last deed; a page that looks again does not keep it', async () => {
    const cookie = await signedIn()
    await clock.advance(sessionLimits.idleMs - 1)
    expect((await ask({ headers: { cookie } })).status).toBe(200)
    await clock.advance(sessionLimits.idleMs - 1)
    expect((await ask({ headers: { cookie, 'x-dfft-console': 'look' } })).status).toBe(200)
    await clock.advance(1)
    expect(await ask({ headers: { cookie } })).toMatchObject({ status: 401, code: 'DFFT_SESSION' })
  })

  test('ends after eight hours whatever is done', async () => {
    const cookie = await signedIn()
    for (let at = 0; at < 33; at++) {
      await clock.advance(sessionLimits.wholeMs / 33)
      if (at < 32) expect((await ask({ headers: { cookie } })).status, `${at}`).toBe(200)
    }
    expect((await ask({ headers: { cookie } })).status).toBe(401)
  })

  test('ends by signing out, for the cookie too', async () => {
    const cookie = await signedIn()
    const out = await ask({ method: 'DELETE', path: '/session', headers: { cookie } })
    expect(String(out.headers['set-cookie'])).toContain('Max-Age=0')
    expect((await ask({ headers: { cookie } })).status).toBe(401)
  })

  test('of another node is none here, nor one from before a restart', async () => {
    await using other = open()
    const { port: to } = await other.open()
    const cookie = await signedIn(other)
    expect((await ask({ headers: { cookie }, to })).status).toBe(200)
    expect((await ask({ headers: { cookie } })).status).toBe(401)
    // The same token under this node's own name of the cookie.
    const ownName = (await signedIn()).split('=')[0]
    expect((await ask({ headers: { cookie: `${ownName}=${cookie.split('=')[1]}` } })).status).toBe(401)
    await other[Symbol.asyncDispose]()
    await using again = open()
    expect((await ask({ headers: { cookie }, to: (await again.open()).port })).status).toBe(401)
  })

  test('is one of sixteen: the oldest gives way', async () => {
    const first = await signedIn()
    for (let at = 0; at < sessionLimits.sessionsMax; at++) {
      await clock.advance(1_000)
      await signedIn()
    }
    expect((await ask({ headers: { cookie: first } })).status).toBe(401)
  })
})

describe('who asks', () => {
  const strangers: readonly (readonly [string, Ask['headers'] & object])[] = [
    ['a name that was made to lead here (DNS rebinding)', { host: 'attacker.example', origin: 'http://attacker.example' }],
    ['a name that ends like ours', { host: '127.0.0.1.attacker.example' }],
    ['a name that begins like ours', { host: 'localhost.attacker.example' }],
    ['an address of another form', { host: '2130706433' }],
    ['an address of all interfaces', { host: '0.0.0.0' }],
    ['a name with a user in it', { host: 'a@127.0.0.1' }],
    ['an empty name', { host: '' }],
    ['two names', { host: ['127.0.0.1', 'attacker.example'] }],
    ['another page of this machine', { origin: 'http://127.0.0.1:1' }],
    ['a page of the internet', { origin: 'https://attacker.example' }],
    ['a page without an origin', { origin: 'null' }],
    ['nobody', { origin: undefined }],
    ['two origins', { origin: ['http://127.0.0.1:1', 'http://127.0.0.1:2'] }],
    ['a page over TLS', { origin: 'https://127.0.0.1' }],
    ['a browser that says it is cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['a browser that says it is same-site: another port', { 'sec-fetch-site': 'same-site' }],
    ['an address that was typed', { 'sec-fetch-site': 'none' }],
    ['a program that is no browser', { 'sec-fetch-site': undefined }],
    ['a form', { 'x-dfft-console': undefined }],
    ['a page that guesses the header', { 'x-dfft-console': 'yes' }],
  ]

  test.each(strangers)('%s is refused before its session is looked at, and nothing is done', async (_, headers) => {
    const called: Called[] = []
    await using watched = open({ revoke: (input: unknown) => void called.push({ name: 'revoke', input }) })
    const { port: to } = await watched.open()
    const cookie = await signedIn(watched)
    const own = { host: `127.0.0.1:${to}`, origin: `http://127.0.0.1:${to}` }
    const { status } = await ask({ path: '/v1/revoke', body: '{"id":"a"}', headers: { ...own, cookie, ...headers }, to })
    expect([400, 403]).toContain(status)
    expect(called).toEqual([])
    const session = await ask({ path: '/session', body: JSON.stringify({ code: (await watched.invite()).code }), headers: { ...own, ...headers }, to })
    expect([400, 403]).toContain(session.status)
    expect(session.headers['set-cookie']).toBeUndefined()
  })

  test.each(['127.0.0.1', 'localhost', '[::1]', 'LOCALHOST'])('through a tunnel %s is ours, whatever the port', async (name) => {
    const cookie = await signedIn()
    expect((await ask({ headers: { cookie, host: `${name}:8443`, origin: `http://${name}:8443` } })).status).toBe(200)
  })

  test('no other type than JSON is read, so that no form can ask', async () => {
    const cookie = await signedIn()
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=a', 'application/json; charset=utf-16', ''])
      expect((await ask({ headers: { cookie, 'content-type': type } })).status, type).toBe(400)
    expect((await ask({ path: '/session', headers: { 'content-type': 'text/plain' } })).status).toBe(400)
  })

  test('no other method asks, and the question a browser puts first has no answer', async () => {
    const cookie = await signedIn()
    for (const method of ['GET', 'PUT', 'OPTIONS', 'PATCH', 'DELETE']) {
      const { status, headers } = await ask({ method, headers: { cookie } })
      expect(status, method).toBe(400)
      expect(headers['access-control-allow-origin']).toBeUndefined()
    }
  })
})

describe('what is asked', () => {
  test('only what is named is let through: nothing that ends the node, touches keys, roots of trust or policies, or opens the console again', async () => {
    const cookie = await signedIn()
    const names = Object.keys(operations)
    expect([...consoleOperations].filter((name) => !names.includes(name))).toEqual([])
    for (const name of names) {
      const { status } = await ask({ path: `/v1/${name}`, body: '{"nonsense":1}', headers: { cookie } })
      // Admitted ones read their input, which is not theirs, and do nothing.
      expect(status, name).toBe(consoleOperations.has(name as keyof typeof operations) ? 400 : 403)
    }
    for (const never of [
      'stop',
      'keyRotate',
      'keyDeactivate',
      'keyApprove',
      'trustAdd',
      'trustSign',
      'policyAdd',
      'policyApply',
      'enrolApprove',
      'consoleOpen',
    ])
      expect((await ask({ path: `/v1/${never}`, headers: { cookie } })).code, never).toBe('DFFT_NOT_ALLOWED')
  })

  test('without a session every route is refused but verifying, which is asked only so often', async () => {
    for (const name of Object.keys(operations).filter((one) => !openOperations.has(one as keyof typeof operations)))
      expect((await ask({ path: `/v1/${name}` })).code, name).toBe('DFFT_SESSION')
    const verify = () => ask({ path: '/v1/credentialVerify', body: '{"text":"a"}' })
    for (let at = 0; at < consoleLimits.openBurst; at++) expect((await verify()).status).toBe(200)
    expect(await verify()).toMatchObject({ status: 429 })
  })

  test('what the node refuses comes as on the socket', async () => {
    const revoke = () => {
      throw new TrustError('DFFT_CONFLICT', 'it is revoked already', { index: 5 })
    }
    await using refusing = open({ revoke })
    const { port: to } = await refusing.open()
    const cookie = await signedIn(refusing)
    expect(await ask({ path: '/v1/revoke', body: '{"id":"a"}', headers: { cookie }, to })).toMatchObject({ status: 409, code: 'DFFT_CONFLICT' })
  })

  test('the same limits hold as on the socket', async () => {
    const cookie = await signedIn()
    expect(await ask({ body: JSON.stringify({ a: 'a'.repeat(1 << 20) }), headers: { cookie } })).toMatchObject({ status: 429, code: 'DFFT_LIMIT' })
    expect(await ask({ body: '{"a":1,"a":1}', headers: { cookie } })).toMatchObject({ code: 'DFFT_JSON_DUPLICATE_KEY' })
  })
})

describe('the files', () => {
  const get = (path: string, headers: Ask['headers'] = {}) =>
    ask({ method: 'GET', path, headers: { origin: undefined, 'x-dfft-console': undefined, 'sec-fetch-site': 'none', ...headers } })

  test('every answer says what the page may do, and nothing may be in a frame', async () => {
    for (const { headers } of [await get('/'), await get('/assets/a-1.js'), await get('/none'), await ask()]) {
      expect(headers['cross-origin-opener-policy']).toBe('same-origin')
      expect(headers['cross-origin-resource-policy']).toBe('same-origin')
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(headers['referrer-policy']).toBe('no-referrer')
      expect(headers['x-frame-options']).toBe('DENY')
    }
    expect((await get('/')).headers['content-security-policy']).toBe(contentPolicy)
    expect(contentPolicy).not.toMatch(/unsafe|\*|http/)
  })

  test('the page is asked for each time, what has its digest in its name is kept', async () => {
    expect((await get('/')).headers['cache-control']).toBe('no-cache')
    expect((await get('/assets/a-1.js')).headers['cache-control']).toBe('public, max-age=31536000, immutable')
  })

  test('come in the fewest bytes the browser takes', async () => {
    expect((await get('/', { 'accept-encoding': 'gzip, deflate, br' })).headers['content-encoding']).toBe('br')
    expect((await get('/', { 'accept-encoding': 'gzip' })).text).toBe('gz')
    expect((await get('/')).text).toBe('<p>page</p>')
  })

  test('nothing else is there, and no page leads a person in from elsewhere', async () => {
    for (const path of ['/index.html', '/assets/', '/assets/../dfft.yaml', '/assets/%2e%2e/a', '//a', '/?a', '/favicon.ico'])
      expect((await get(path)).status, path).toBe(404)
    expect((await get('/', { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await get('/', { host: 'attacker.example' })).status).toBe(403)
    expect((await ask({ path: '/', headers: { 'sec-fetch-site': 'same-origin' } })).status).toBe(400)
  })
})

test('a port that is taken is told of, and can be tried again', async () => {
  const second = consoleDoor(apiDouble(), { host: '127.0.0.1', port, clock, random, log: () => undefined, files })
  await expect(second.open()).rejects.toMatchObject({ code: 'DFFT_PORT_IN_USE' })
  await door[Symbol.asyncDispose]()
  await expect(second.open()).resolves.toMatchObject({ port })
  await second[Symbol.asyncDispose]()
})
