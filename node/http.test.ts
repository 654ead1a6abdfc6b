import { chmod, lstat, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { TrustError } from '#protocols/errors.ts'
import { type OperationName, operations } from './api.ts'
import { apiDouble, didA } from './api-double.ts'
import { httpLimits, serveAdmin } from './http.ts'
import type { LogFields } from './ports.ts'

let dir: string
let socketPath: string
const logged: { level: string; event: string; fields: LogFields | undefined }[] = []
const log = (level: string, event: string, fields?: LogFields) => void logged.push({ level, event, fields })

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-http-'))
  socketPath = join(dir, 'dfft.sock')
  logged.length = 0
})
afterEach(() => rm(dir, { recursive: true }))

interface Reply {
  status: number
  headers: NodeJS.Dict<string | string[]>
  text: string
  json: { ok: boolean; result: unknown; error: { code: string; message: string; advice: string; facts: Record<string, unknown> } }
}

interface Ask {
  method?: string
  path?: string
  body?: string | Uint8Array
  headers?: Record<string, string>
}

function ask({ method = 'POST', path = '/v1/status', body = '{}', headers = { 'content-type': 'application/json' } }: Ask = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method, path, headers, agent: false }, async (response) => {
      const chunks = await Array.fromAsync(response as AsyncIterable<Buffer>)
      const text = Buffer.concat(chunks).toString()
      const json = text.startsWith('{') ? JSON.parse(text) : undefined
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json })
    })
    asked.on('error', reject)
    asked.end(method === 'GET' ? undefined : body)
  })
}

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof TrustError ? error.code : error),
  )

describe('the operator’s socket', () => {
  test('every operation of the table is served, and the double answers in the table’s shapes', async () => {
    const inputs: Partial<Record<OperationName, unknown>> = {
      backupCreate: { path: '/var/backups/dfft.backup', passphrase: 'a passphrase' },
      maintenance: { on: true },
      unseal: { passphrase: 'a passphrase' },
      keyDeactivate: { did: didA },
      keyApprove: { did: didA, log: '' },
      keyWitnessAdd: { did: didA },
      keyWitnessRemove: { did: didA },
      peerAdd: { address: '/ip4/192.0.2.7/tcp/4001' },
      peerPing: { did: didA },
      peerTrust: { did: didA },
      peerBlock: { did: didA },
      peerUnblock: { did: didA },
      trustAdd: { did: didA, jurisdictions: ['JP'] },
      trustAccredit: { subject: didA, sector: 'public' },
      trustPropose: { partner: didA, credentials: ['BusinessRegistrationCredential'] },
      trustReview: { digest: `sha256:${'a'.repeat(64)}` },
      trustSign: { digest: `sha256:${'a'.repeat(64)}` },
      trustApply: { document: {} },
      trustSuspend: { stops: { kind: 'participant', did: didA, credentials: null }, reason: { en: 'key theft' } },
      trustLift: { entry: 'urn:uuid:2' },
      trustAdvise: { to: didA, text: { en: 'renew the register' } },
      trustExplain: { did: didA, type: 'BusinessRegistrationCredential' },
      trustShow: { digest: `sha256:${'a'.repeat(64)}` },
      trustExport: { of: didA },
      enrolApply: { address: '/ip4/192.0.2.7/tcp/4001', name: 'a', number: { scheme: '0188', value: '7000012050002' } },
      enrolShow: { id: '5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b' },
      enrolApprove: { id: '5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b' },
      enrolDecline: { id: '5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b', reason: 'a' },
      trustBundleImport: { lines: '{}' },
      trustBundleSettle: { digest: `sha256:${'0'.repeat(64)}` },
      registryImport: { header: 'number,name', text: '1,a\n', firstLine: 2 },
      issue: { record: '1', subject: didA },
      credentialShow: { id: 'a' },
      credentialUse: { id: 'a', purpose: 'p' },
      credentialFlag: { id: 'a', flags: [] },
      credentialVerify: { text: 'a' },
      credentialEvidence: { credential: 'urn:uuid:1' },
      revoke: { id: 'a' },
      suspend: { id: 'a' },
      reinstate: { id: 'a' },
      request: { to: didA, purpose: 'p' },
      present: { to: didA, credential: 'a', purpose: 'p' },
      presentPreview: { to: didA, credential: 'a', purpose: 'p' },
      requestPreview: { to: didA, purpose: 'p' },
      exchangeShow: { id: '5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b' },
      attachmentBegin: { name: 'a.pdf', mediaType: 'application/pdf', bytes: 1 },
      attachmentAppend: { upload: 'a', chunk: 0, content: 'YQ==' },
      attachmentFinish: { upload: 'a' },
      attachmentList: {},
      attachmentRead: { exchange: null, digest: `sha256:${'0'.repeat(64)}`, chunk: 0 },
      attachmentFetch: { exchange: '5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b' },
      exchangeRecords: { limit: 1 },
      evidenceExport: { id: '5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b' },
      obligationShow: { exchange: '5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b' },
      obligationBreach: { exchange: '5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b', statement: 'a' },
      exchangeApprove: { id: '5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b' },
      exchangeCancel: { id: '5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b' },
      exchangeRetry: { id: '5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b' },
      exchangeDispute: { id: '5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b', statement: 'the address is another' },
      exchangeResolve: { id: '5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b', statement: 'corrected' },
      exchangeDecline: { id: '5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b' },
      policyAdd: { text: 'a' },
      policySign: { text: 'a' },
      policyApply: { text: 'a' },
      policyRollback: { serial: 1 },
      policySuspend: { counterparty: [didA], reason: { en: 'key compromise' } },
      policyRenew: { id: 'a' },
      policyLift: { id: 'a' },
      policyRehearse: { text: 'a' },
      policyShow: { digest: 'aaaaaaaa' },
      policyExplain: { exchange: '5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b' },
      auditProve: { of: '6' },
      tokenCreate: { name: 'nightly export', access: 'read' },
      statistics: { from: '2026-10-01', to: '2026-12-01' },
      webhookAdd: { url: 'https://erp.agency.example/dfft' },
      webhookTest: { id: 'fedcba9876543210' },
      webhookRetry: { id: 'fedcba9876543210' },
      webhookRemove: { id: 'fedcba9876543210' },
      exchangeTrace: { id: '5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b' },
      tokenRevoke: { id: '0123456789abcdef' },
      policyTree: { exchange: '5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b' },
      policyWhy: { from: 'JP', to: 'DE' },
      policyWhatIf: { drop: 'eu-adequacy-jp' },
    }
    await using _ = await serveAdmin(apiDouble(), { socketPath, log })
    for (const [name, { output }] of Object.entries(operations)) {
      const { status, json } = await ask({ path: `/v1/${name}`, body: JSON.stringify(inputs[name as OperationName] ?? {}) })
      expect(status, name).toBe(200)
      expect(output.safeParse(json.result).error, name).toBeUndefined()
    }
  })

  test('the input reaches the node as its schema read it, defaults and all', async () => {
    const api = apiDouble()
    await using _ = await serveAdmin(api, { socketPath, log })
    await ask({ path: '/v1/registryList', body: '{"after":"7"}' })
    expect(api.called).toEqual([{ name: 'registryList', input: { after: '7', limit: 100 } }])
  })

  test('its description is read with GET, and says the version that runs', async () => {
    await using _ = await serveAdmin(apiDouble(), { socketPath, log })
    const { status, headers, text } = await ask({ method: 'GET', path: '/v1/openapi.json', headers: {} })
    expect([status, headers['content-type']]).toEqual([200, 'application/json'])
    expect(JSON.parse(text)).toMatchObject({ openapi: '3.1.1', info: { version: (await apiDouble().status({})).version } })
    expect((await ask({ path: '/v1/openapi.json' })).json.error.code).toBe('DFFT_USAGE')
  })

  test('the socket is readable and writable by its user only, and nothing else is left beside it', async () => {
    await using _ = await serveAdmin(apiDouble(), { socketPath, log })
    expect((await lstat(socketPath)).mode & 0o777).toBe(0o600)
    expect(await readdir(dir)).toEqual(['dfft.sock'])
  })

  test('a second node on the same socket is told that one runs, and the first goes on', async () => {
    await using _ = await serveAdmin(apiDouble(), { socketPath, log })
    expect(await code(serveAdmin(apiDouble(), { socketPath, log }))).toBe('DFFT_ALREADY_RUNNING')
    expect((await ask()).status).toBe(200)
  })

  test('the socket of a dead process is replaced', async () => {
    await leaveStale(socketPath)
    expect((await lstat(socketPath)).isSocket()).toBe(true)
    await using _ = await serveAdmin(apiDouble(), { socketPath, log })
    expect((await ask()).status).toBe(200)
  })

  test('a file that is no socket is not touched', async () => {
    await writeFile(socketPath, 'precious')
    expect(await code(serveAdmin(apiDouble(), { socketPath, log }))).toBe('DFFT_CONFIG')
    expect((await lstat(socketPath)).size).toBe(8)
  })

  test('a socket path of 107 bytes works, one of 108 is refused with its length', async () => {
    const path = (bytes: number) => join(dir, 'x'.repeat(bytes - Buffer.byteLength(dir) - 1))
    await using _ = await serveAdmin(apiDouble(), { socketPath: path(107), log })
    const refused = serveAdmin(apiDouble(), { socketPath: path(108), log })
    await expect(refused).rejects.toMatchObject({ code: 'DFFT_CONFIG', facts: { bytes: 108, bytesMax: 107 } })
  })

  test('a folder that is missing is named as not writable', async () => {
    expect(await code(serveAdmin(apiDouble(), { socketPath: join(dir, 'none', 'a.sock'), log }))).toBe('DFFT_NOT_WRITABLE')
  })

  test('disposing removes the socket, but not that of a successor', async () => {
    const first = await serveAdmin(apiDouble(), { socketPath, log })
    await first[Symbol.asyncDispose]()
    expect(await readdir(dir)).toEqual([])
    const second = await serveAdmin(apiDouble(), { socketPath, log })
    await rm(socketPath)
    await using _ = await serveAdmin(apiDouble(), { socketPath, log })
    await second[Symbol.asyncDispose]()
    expect((await ask()).status).toBe(200)
  })

  test('disposing waits for the operation that runs, and its answer arrives', async () => {
    const { promise: entered, resolve: enter } = Promise.withResolvers<void>()
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const stop = async () => {
      enter()
      await released
      return { stopping: true }
    }
    const server = await serveAdmin(apiDouble({ stop }), { socketPath, log })
    const answer = ask({ path: '/v1/stop' })
    await entered
    const disposed = server[Symbol.asyncDispose]()
    release()
    expect((await answer).json).toEqual({ ok: true, result: { stopping: true } })
    await disposed
    expect(await readdir(dir)).toEqual([])
  })

  test.each<[what: string, ask: Ask, status: number, code: string]>([
    ['an unknown operation', { path: '/v1/nothing' }, 404, 'DFFT_NOT_FOUND'],
    ['a name of Object’s own', { path: '/v1/constructor' }, 404, 'DFFT_NOT_FOUND'],
    ['`__proto__`', { path: '/v1/__proto__' }, 404, 'DFFT_NOT_FOUND'],
    ['another version', { path: '/v2/status' }, 404, 'DFFT_NOT_FOUND'],
    ['a query behind the name', { path: '/v1/status?a=1' }, 404, 'DFFT_NOT_FOUND'],
    ['GET', { method: 'GET' }, 400, 'DFFT_USAGE'],
    ['a form', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }, 400, 'DFFT_USAGE'],
    ['a body without a type', { headers: {} }, 400, 'DFFT_USAGE'],
    ['no body', { body: '' }, 400, 'DFFT_NOT_JSON'],
    ['broken JSON', { body: '{' }, 400, 'DFFT_NOT_JSON'],
    ['a member twice', { path: '/v1/registryList', body: '{"after":"a","after":"b"}' }, 400, 'DFFT_JSON_DUPLICATE_KEY'],
    ['deep nesting', { body: '['.repeat(40) }, 400, 'DFFT_JSON_TOO_DEEP'],
    ['bytes that are not UTF-8', { body: Uint8Array.of(0x22, 0xff, 0x22) }, 400, 'DFFT_NOT_UTF8'],
    ['an unknown member', { body: '{"a":1}' }, 400, 'DFFT_SCHEMA'],
    ['a missing member', { path: '/v1/revoke' }, 400, 'DFFT_SCHEMA'],
    ['a body over the limit', { body: ' '.repeat(httpLimits.bodyBytesMax + 1) }, 429, 'DFFT_LIMIT'],
    [
      'a body over the limit without a length',
      { body: ' '.repeat(httpLimits.bodyBytesMax + 1), headers: { 'content-type': 'application/json', 'transfer-encoding': 'chunked' } },
      429,
      'DFFT_LIMIT',
    ],
  ])('%s is refused with its code, and never reaches the node', async (_what, asked, status, expected) => {
    const api = apiDouble()
    await using _ = await serveAdmin(api, { socketPath, log })
    const reply = await ask(asked)
    expect({ status: reply.status, code: reply.json.error.code, ok: reply.json.ok }).toEqual({ status, code: expected, ok: false })
    expect(api.called).toEqual([])
  })

  test('a body of exactly the limit is read', async () => {
    await using _ = await serveAdmin(apiDouble(), { socketPath, log })
    expect((await ask({ body: `{}${' '.repeat(httpLimits.bodyBytesMax - 2)}` })).status).toBe(200)
  })

  test('what the node refuses comes out with code, advice, facts and the code’s status', async () => {
    const revoke = () => {
      throw new TrustError('DFFT_CONFLICT', 'it is revoked already', { index: 5 })
    }
    await using _ = await serveAdmin(apiDouble({ revoke }), { socketPath, log })
    const { status, json } = await ask({ path: '/v1/revoke', body: '{"id":"a"}' })
    expect(status).toBe(409)
    expect(json.error).toMatchObject({ code: 'DFFT_CONFLICT', message: 'it is revoked already', facts: { index: 5 } })
    expect(json.error.advice).not.toBe('')
  })

  test('a bug of ours gives neither its message nor a stack to the caller; the log has frames without the message', async () => {
    const status = () => {
      throw new TypeError('secret-canary')
    }
    await using _ = await serveAdmin(apiDouble({ status }), { socketPath, log })
    const { status: http, text, json } = await ask()
    expect([http, json.error.code]).toEqual([500, 'DFFT_INTERNAL'])
    expect(text).not.toMatch(/secret-canary|\.ts/)
    expect(logged).toMatchObject([{ level: 'error', event: 'admin.fault', fields: { operation: '/v1/status', name: 'TypeError' } }])
    expect(JSON.stringify(logged)).not.toContain('secret-canary')
    expect(logged[0]?.fields?.at).toContain('http.test.ts')
  })

  test('the operation after the most that may run at once is told to try again', async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>()
    const { promise: full, resolve: fill } = Promise.withResolvers<void>()
    let entered = 0
    const peerList = async () => {
      if (++entered === httpLimits.operationsMax) fill()
      await released
      return { peers: [] }
    }
    await using _ = await serveAdmin(apiDouble({ peerList }), { socketPath, log })
    const running = Array.from({ length: httpLimits.operationsMax }, () => ask({ path: '/v1/peerList' }))
    await full
    expect((await ask()).json.error).toMatchObject({ code: 'DFFT_BUSY', facts: { retryAfterMs: 1_000 } })
    release()
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual(running.map(() => 200))
    expect((await ask()).status).toBe(200)
  })
})

/** A socket file nobody listens on: bound under one name, moved to another, closed. */
async function leaveStale(path: string): Promise<void> {
  const { rename } = await import('node:fs/promises')
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(`${path}.t`, resolve))
  await rename(`${path}.t`, path)
  await new Promise((resolve) => server.close(resolve))
}

test('the folder of the socket may be closed to others', async () => {
  const closed = join(dir, 'closed')
  await mkdir(closed)
  await chmod(closed, 0o700)
  await using _ = await serveAdmin(apiDouble(), { socketPath: join(closed, 'a.sock'), log })
  expect(await readdir(closed)).toEqual(['a.sock'])
})
