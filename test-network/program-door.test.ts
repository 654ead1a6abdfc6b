/** The door for programs: who is let in by a token, and all that is not. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { connect } from '#cli/client.ts'
import { run } from '#cli/main.ts'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { apiDouble, exchangeId } from '#node/api-double.ts'
import { type ApiServer, serveApi } from '#node/api-http.ts'
import { serveAdmin } from '#node/http.ts'
import type { LogFields } from '#node/ports.ts'
import { Tokens } from '#node/programs/tokens.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { type Instant, instant } from '#protocols/ids.ts'
import type { NewEntry } from '#protocols/log/entry.ts'
import { seeded } from './fixture.ts'

let nowMs = Date.UTC(2026, 10, 22)
const store = new MemoryStore()
const entries: NewEntry[] = []
const needs = {
  store,
  clock: { nowMs: () => nowMs },
  random: seeded('tokens'),
  audit: {
    append: async (some: readonly NewEntry[], writes: Parameters<MemoryStore['batch']>[0] = []) => {
      await store.batch(writes)
      entries.push(...some)
      return { indexes: [], size: 0 }
    },
  },
}
const logged: { event: string; fields: LogFields | undefined }[] = []
let tokens: Tokens
let server: ApiServer
const api = apiDouble()
const made = { read: '', write: '' }

beforeAll(async () => {
  tokens = await Tokens.open(needs)
  made.read = (await tokens.create({ name: 'a reader', access: 'read' })).token
  made.write = (await tokens.create({ name: 'a writer', access: 'write' })).token
  server = await serveApi(api, { host: '127.0.0.1', port: 0, tokens, log: (_level, event, fields) => void logged.push({ event, fields }) })
})
afterAll(() => server[Symbol.asyncDispose]())
beforeEach(() => {
  api.called.length = 0
  logged.length = 0
})

interface Reply {
  readonly status: number
  readonly code: string | undefined
}

/** Any header can be said, as a rebound name in a browser would say it. */
function post(path: string, headers: Record<string, string>, method = 'POST'): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: server.port, path, method, agent: false, headers: { 'content-type': 'application/json', ...headers } })
    asked.on('error', reject)
    asked.on('response', async (response) => {
      const text = Buffer.concat(await Array.fromAsync(response as AsyncIterable<Buffer>)).toString()
      resolve({ status: response.statusCode ?? 0, code: JSON.parse(text).error?.code })
    })
    asked.end(method === 'GET' ? undefined : '{}')
  })
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

describe('a program with a token', () => {
  const client = (token: string) => connect({ url: `http://127.0.0.1:${server.port}`, token })

  test('that may write calls every operation, and the log says which token it was', async () => {
    expect(await client(made.write).status({})).toEqual(await apiDouble().status({}))
    await client(made.write).revoke({ id: 'a' })
    expect(api.called.map(({ name }) => name)).toEqual(['status', 'revoke'])
    const id = made.write.slice(5, 21)
    expect(logged).toEqual(['status', 'revoke'].map((operation) => ({ event: 'api.called', fields: { token: id, operation } })))
    expect(tokens.list().find((one) => one.id === id)?.usedAt).toBe(instant(nowMs))
  })

  test('that may read reads, and is refused whatever changes something', async () => {
    await client(made.read).status({})
    expect(await client(made.read).revoke({ id: 'a' }).then(String, codeOf)).toBe('DFFT_NOT_ALLOWED')
    expect(api.called.map(({ name }) => name)).toEqual(['status'])
  })

  test('makes, lists and ends no tokens: that is asked at the socket', async () => {
    for (const path of ['/v1/tokenCreate', '/v1/tokenList', '/v1/tokenRevoke'])
      expect(await post(path, bearer(made.write))).toEqual({ status: 403, code: 'DFFT_NOT_ALLOWED' })
    expect(api.called).toEqual([])
  })

  test('reads the description of the operations, and nobody else does', async () => {
    expect((await post('/v1/openapi.json', bearer(made.read), 'GET')).status).toBe(200)
    expect((await post('/v1/openapi.json', {}, 'GET')).code).toBe('DFFT_TOKEN')
  })

  test('is told of an unknown or a foreign id what an operator is told', async () => {
    const elsewhere = apiDouble({
      exchangeShow: () => {
        throw new TrustError('DFFT_NOT_FOUND', 'there is none')
      },
    })
    await using other = await serveApi(elsewhere, { host: '127.0.0.1', port: 0, tokens, log: () => undefined })
    const api = connect({ url: `http://127.0.0.1:${other.port}/`, token: made.read })
    expect(await api.exchangeShow({ id: '0'.repeat(32) as never }).then(String, codeOf)).toBe('DFFT_NOT_FOUND')
    expect(await api.exchangeShow({ id: '../status' as never }).then(String, codeOf)).toBe('DFFT_SCHEMA')
  })
})

describe('nobody is let in', () => {
  test.each([
    ['without a token', {}],
    ['with an empty one', { authorization: 'Bearer ' }],
    ['with another scheme', { authorization: 'Basic dXNlcjpwYXNz' }],
    ['with a word', bearer('secret')],
    ['with an id that there is not', bearer(`dfft_${'f'.repeat(16)}_${'A'.repeat(43)}`)],
    ['with 10 kB', bearer('A'.repeat(7_000))],
  ] as const)('%s', async (_how, headers) => {
    expect(await post('/v1/status', headers)).toEqual({ status: 401, code: 'DFFT_TOKEN' })
    expect(api.called).toEqual([])
    expect(logged).toEqual([{ event: 'api.refused', fields: { operation: 'status', code: 'DFFT_TOKEN' } }])
  })

  test('with any character of the secret changed', async () => {
    for (let at = 22; at < made.read.length; at++) {
      const changed = made.read.slice(0, at) + (made.read[at] === 'A' ? 'B' : 'A') + made.read.slice(at + 1)
      expect(() => tokens.admit(changed), `character ${at}`).toThrow('no token')
    }
    // The secret of one under the id of another.
    expect(() => tokens.admit(made.read.slice(0, 22) + made.write.slice(22))).toThrow('no token')
    expect(tokens.admit(made.read).access).toBe('read')
  })

  test.each([
    'attacker.example',
    'attacker.example:80',
    '127.0.0.1',
    'localhost',
    '127.0.0.1.attacker.example',
    '',
  ])('under the host name `%s`, as a rebound name of a page would be', async (host) => {
    const given = host.includes(':') ? host : `${host}:${server.port + 1}`
    expect(await post('/v1/status', { ...bearer(made.read), host: given })).toEqual({ status: 403, code: 'DFFT_NOT_ALLOWED' })
    expect(api.called).toEqual([])
  })

  test('from a page, whatever it shows', async () => {
    for (const headers of [{ origin: 'null' }, { origin: `http://127.0.0.1:${server.port}` }, { 'sec-fetch-site': 'same-origin' }])
      expect(await post('/v1/status', { ...bearer(made.write), ...headers })).toEqual({ status: 403, code: 'DFFT_NOT_ALLOWED' })
  })

  test('once the token has ended, was revoked, or the node was started anew since', async () => {
    const short = await tokens.create({ name: 'a visitor', access: 'read', until: instant(nowMs + 60_000) })
    expect((await post('/v1/status', bearer(short.token))).status).toBe(200)
    nowMs += 60_000
    expect((await post('/v1/status', bearer(short.token))).code).toBe('DFFT_TOKEN')
    const gone = await tokens.create({ name: 'a visitor', access: 'read' })
    expect((await tokens.revoke({ id: gone.id, dryRun: true })).state).toBe('revoked')
    expect((await post('/v1/status', bearer(gone.token))).status).toBe(200)
    await tokens.revoke({ id: gone.id, dryRun: false })
    expect((await post('/v1/status', bearer(gone.token))).code).toBe('DFFT_TOKEN')
    const again = await Tokens.open(needs)
    expect(again.list().map(({ state }) => state)).toEqual(tokens.list().map(({ state }) => state))
    expect(() => again.admit(gone.token)).toThrow('no token')
    expect(again.admit(made.read).access).toBe('read')
  })
})

describe('tokens', () => {
  test('are in the audit log by their id, and nowhere in clear', async () => {
    expect(entries.map(({ kind }) => kind)).toEqual([...new Array(4).fill('token-created'), 'token-revoked'])
    const kept = store
      .snapshot()
      .map(([key, value]) => `${key} ${Buffer.from(value)}`)
      .join('\n')
    for (const text of [kept, JSON.stringify(entries), JSON.stringify(tokens.list())])
      for (const token of Object.values(made)) expect(text).not.toContain(token.slice(22))
  })

  test('of the past, of an unknown id, and too many are refused', async () => {
    expect(await tokens.create({ name: 'a', access: 'read', until: '2020-01-01T00:00:00Z' as Instant }).then(String, codeOf)).toBe('DFFT_USAGE')
    expect(await tokens.revoke({ id: 'f'.repeat(16), dryRun: false }).then(String, codeOf)).toBe('DFFT_NOT_FOUND')
    const made = []
    for (let number = 0; number < 260; number++) made.push(await tokens.create({ name: 'a', access: 'read' }).then(() => 'made', codeOf))
    expect(made.at(-1)).toBe('DFFT_LIMIT')
  })
})

test('the API is served on no address that another machine reaches, and a token goes to none in clear', async () => {
  for (const host of ['0.0.0.0', '192.0.2.1', '::', 'node.agency.example'])
    expect(await serveApi(api, { host, port: 0, tokens, log: () => undefined }).then(String, codeOf)).toBe('DFFT_CONFIG')
  for (const url of ['http://node.agency.example', 'ftp://127.0.0.1', 'a', 'http://127.0.0.1.attacker.example'])
    expect(() => connect({ url, token: 'x' })).toThrow(TrustError)
  expect(connect({ url: 'https://node.agency.example/dfft', token: 'x' })).toHaveProperty('status')
})

test('the example of docs/api.md runs as it stands', async () => {
  const page = await readFile(new URL('../docs/api.md', import.meta.url), 'utf8')
  const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(page) ?? []
  const missing = apiDouble({
    exchangeShow: () => {
      throw new TrustError('DFFT_NOT_FOUND', 'there is none')
    },
  })
  const reader = await Tokens.open({ ...needs, store: new MemoryStore() })
  const { token } = await reader.create({ name: 'the example', access: 'read' })
  await using other = await serveApi(missing, { host: '127.0.0.1', port: 0, tokens: reader, log: () => undefined })
  const file = fileURLToPath(new URL('./api-example.ts', import.meta.url))
  expect(await readFile(file, 'utf8')).toContain(example)
  const env = { ...process.env, NODE_URL: `http://127.0.0.1:${other.port}`, NODE_TOKEN: token }
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=dfft-source', file], { env })
  const { did, version } = await apiDouble().status({})
  const [exchange] = (await apiDouble().exchangeList({})).exchanges
  expect(stdout).toBe(`${did} runs ${version}\n${exchange?.id} ${exchange?.state} ${exchange?.partner}\nthere is no such exchange\n`)
})

test('every command of docs/api.md and docs/monitoring.md is one, and the CSV of statistics is what its schema has', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'dfft-pages-'))
  try {
    await mkdir(join(dir, '.dfft'))
    await using _ = await serveAdmin(apiDouble(), { socketPath: join(dir, '.dfft', 'dfft.sock'), log: () => undefined })
    const pages = await Promise.all(['api', 'monitoring'].map((name) => readFile(new URL(`../docs/${name}.md`, import.meta.url), 'utf8')))
    const lines = pages.flatMap((page) => [...page.matchAll(/^ {4}dfft ([^|>\n]*)/gm)].map(([, line = '']) => line.trim().replace(/\bID\b/, exchangeId)))
    expect(lines.length).toBeGreaterThan(9)
    const outputs = new Map<string, string>()
    for (const line of lines) {
      const written: string[] = []
      const sink = { write: (text: string) => written.push(text) }
      const words = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
      const exit = await run(words, { stdout: sink, stderr: sink, env: {}, cwd: dir })
      expect(exit, `${line}\n${written.join('')}`).toBe(0)
      outputs.set(line, written.join(''))
    }
    const csv = outputs.get('statistics --from 2026-10-01 --to 2026-12-01 --csv')?.split('\r\n')
    expect(csv?.[0]).toBe('period,role,from,to,type,purpose,verdict,count')
    expect(csv?.slice(1, 3)).toEqual([
      '2026-10,holder,JP,DE,BusinessRegistrationCredential,trade.supplier-verification,permit,40',
      '2026-10,holder,JP,US,other,other,deny,\n',
    ])
  } finally {
    await rm(dir, { recursive: true })
  }
})
