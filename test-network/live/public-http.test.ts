/** The public's listener as node/main.ts opens it: on a port of its own, and only where the configuration asks for it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '#node/config.ts'
import { initialise, type Running, run } from '#node/main.ts'

const passphrase = 'correct horse battery staple'
let dir: string
let running: Running
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-public-'))
  await initialise(dir, passphrase, { name: 'A node', jurisdiction: 'JP', publicHttp: { host: '127.0.0.1', port: 0, base: 'https://registry.example' } })
  running = await run(loadConfig(dir, { env: {} }), passphrase, () => undefined)
}, 60_000)
afterAll(async () => {
  await running[Symbol.asyncDispose]()
  await rm(dir, { recursive: true, force: true })
})

const at = (path: string) => `http://127.0.0.1:${running.ready.publicHttp?.port}${path}`

test('it answers for health and questions of trust, and for none of the operator’s operations', { timeout: 30_000 }, async () => {
  expect(await (await fetch(at('/healthz'))).json()).toEqual({ ready: true, reasons: [] })
  const { did } = running.ready
  await running.node.trustAdd({ did: did as Parameters<typeof running.node.trustAdd>[0]['did'], jurisdictions: ['JP'] as never })
  const body = JSON.stringify({ entity_id: did, authority_id: did, action: 'issue', resource: 'BusinessRegistrationCredential' })
  const asked = await fetch(at('/authorization'), { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  expect([asked.status, await asked.json()]).toMatchObject([200, { authorized: false, message: expect.stringMatching(/^DFFT_ACCREDITATION: /) }])
  const stop = await fetch(at('/v1/stop'), { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
  expect(stop.status).toBe(405)
  expect((await fetch(at('/healthz'))).status).toBe(200)
})

test('without a word of it in the configuration there is none', () => {
  expect(loadConfig(dir, { env: { DFFT_PUBLIC_HTTP: 'off' } }).publicHttp).toBeNull()
  expect(() => loadConfig(dir, { env: {}, flags: { publicHttp: { base: 'http://registry.example' } } })).toThrow(/publicHttp\.base/)
  expect(() => loadConfig(dir, { env: {}, flags: { publicHttp: { proxies: ['proxy.example'] } } })).toThrow(/publicHttp\.proxies/)
})
