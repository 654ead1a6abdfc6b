/** What an operator does with a partner, by the command line, on two real nodes over libp2p: reached, trusted, shut out, let in again. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { loadConfig } from '#node/config.ts'
import { initialise, type Running, run as runNode } from '#node/main.ts'
import { run } from '#test-network/checked-run.ts'

const passphrase = 'a passphrase of a test'
let folder: string
let one: Running
let other: Running
const dirs = { one: '', other: '' }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dfft-peers-'))
  for (const name of ['one', 'other'] as const) {
    dirs[name] = join(folder, name)
    await initialise(dirs[name], passphrase, { name, jurisdiction: 'JP', did: { method: 'key' }, listen: ['/ip4/127.0.0.1/tcp/0'] })
  }
  one = await started('one')
  other = await started('other')
}, 60_000)

afterAll(async () => {
  await one[Symbol.asyncDispose]()
  await other[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

const started = (name: 'one' | 'other') => runNode(loadConfig(dirs[name], { env: {} }), passphrase, () => {})

/** A command at one of them. */
async function dfft(at: 'one' | 'other', ...argv: readonly string[]) {
  const out: string[] = []
  const sink = { write: (text: string) => out.push(text) }
  const exit = await run([...argv, '--dir', dirs[at], '--json'], { stdout: sink, stderr: sink, env: {}, cwd: folder })
  const { result, error } = JSON.parse(out.join(''))
  return { exit, result, code: error?.code }
}

const peers = async (at: 'one' | 'other') => (await dfft(at, 'peer', 'list')).result.peers.map(({ connected }: { connected: boolean }) => connected)

it('measures the round trip to a partner, and to a stranger as far as it answers', { timeout: 60_000 }, async () => {
  await dfft('one', 'peer', 'add', other.ready.addresses[0] ?? '')
  // To the other side, which has not added it, it is a stranger: refused, and answered all the same.
  const stranger = await dfft('one', 'peer', 'ping', other.ready.did, '--count', '2')
  expect(stranger.exit).toBe(0)
  expect(stranger.result.pings.map(({ code }: { code: string }) => code)).toEqual(['DFFT_NOT_ADMITTED', 'DFFT_NOT_ADMITTED'])
  await dfft('other', 'peer', 'add', one.ready.addresses[0] ?? '')
  const { exit, result } = await dfft('one', 'peer', 'ping', other.ready.did, '--count', '3')
  expect([exit, result.peerId, result.pings.length]).toEqual([0, other.ready.peerId, 3])
  for (const { ms, code } of result.pings) expect([ms > 0 && ms < 10_000, code]).toEqual([true, null])
  expect(await dfft('one', 'peer', 'ping', 'did:web:nobody.example')).toMatchObject({ exit: 3, code: 'DFFT_PEER_UNKNOWN' })
})

it('says what is trusted of a partner: nothing but that it was called, then that it is an anchor', { timeout: 60_000 }, async () => {
  const { did } = other.ready
  expect((await dfft('one', 'peer', 'trust', did)).result).toMatchObject({
    known: 'called',
    anchor: null,
    blocked: null,
    standing: { code: 'DFFT_ACCREDITATION' },
  })
  await dfft('one', 'trust', 'add', did, '--jurisdiction', 'DE')
  expect((await dfft('one', 'peer', 'trust', did)).result).toMatchObject({ known: 'anchor', anchor: { jurisdictions: ['DE'] } })
  expect((await dfft('one', 'peer', 'trust', 'did:web:nobody.example')).result).toMatchObject({ known: 'stranger' })
  expect((await dfft('one', 'peer', 'trust', one.ready.did)).result).toMatchObject({ known: 'self' })
})

it('shuts a partner out over a restart, which hears so, and lets it in again', { timeout: 60_000 }, async () => {
  const { did } = other.ready
  const rehearsed = await dfft('one', 'peer', 'block', did, '--reason', 'key theft reported', '--dry-run')
  expect(rehearsed.result).toMatchObject({ did, connected: true, dryRun: true })
  expect((await dfft('one', 'peer', 'list')).result.blocked).toEqual([])
  expect((await dfft('one', 'peer', 'block', did, '--reason', 'key theft reported')).exit).toBe(0)
  await expect.poll(() => peers('one')).toEqual([false])
  await expect.poll(() => peers('other')).toEqual([false])
  const address = one.ready.addresses[0] ?? ''
  expect(await dfft('other', 'peer', 'add', address)).toMatchObject({ exit: 7, code: 'DFFT_BANNED' })
  expect(await dfft('one', 'peer', 'ping', did)).toMatchObject({ exit: 4, code: 'DFFT_BLOCKED' })
  expect(await dfft('one', 'peer', 'block', did)).toMatchObject({ exit: 8, code: 'DFFT_CONFLICT' })
  expect(await dfft('one', 'peer', 'block', one.ready.did)).toMatchObject({ exit: 2, code: 'DFFT_USAGE' })

  await one[Symbol.asyncDispose]()
  one = await started('one')
  const [blocked] = (await dfft('one', 'peer', 'list')).result.blocked
  expect(blocked).toMatchObject({ did, reason: 'key theft reported' })
  expect(await dfft('other', 'peer', 'add', one.ready.addresses[0] ?? '')).toMatchObject({ exit: 7, code: 'DFFT_BANNED' })
  expect((await dfft('one', 'peer', 'trust', did)).result.blocked).toMatchObject({ reason: 'key theft reported' })

  expect((await dfft('one', 'peer', 'unblock', did)).exit).toBe(0)
  expect(await dfft('one', 'peer', 'unblock', did)).toMatchObject({ exit: 3, code: 'DFFT_NOT_FOUND' })
  expect((await dfft('other', 'peer', 'add', one.ready.addresses[0] ?? '')).exit).toBe(0)
  expect((await dfft('one', 'peer', 'ping', did, '--count', '1')).exit).toBe(0)
  const kinds = (await dfft('one', 'audit', 'search', '--partner', did)).result.entries.map(({ kind }: { kind: string }) => kind)
  expect(kinds.filter((kind: string) => kind.startsWith('peer-'))).toEqual(['peer-unblocked', 'peer-blocked'])
})
