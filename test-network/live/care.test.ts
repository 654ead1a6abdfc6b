/** A node's safekeeping as an operator does it: real processes, real files, another folder for another machine. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from '#cli/main.ts'
import { loadConfig } from '#node/config.ts'
import { initialise, type Running, run as runNode } from '#node/main.ts'

const folder = await mkdtemp(join(tmpdir(), 'dfft-care-'))
const passphrase = 'a passphrase of a node'
const dir = join(folder, 'node')
const elsewhere = join(folder, 'elsewhere')
const file = (name: string) => join(folder, name)
let running: Running | undefined

interface Ran {
  readonly exit: number
  readonly result: Record<string, never> & { readonly [name: string]: unknown }
  readonly code: string | undefined
  readonly facts: Readonly<Record<string, unknown>> | undefined
  readonly out: string
}

/** As a person has it: what is told on standard error, in a language. */
async function said(lang: string, ...argv: string[]): Promise<{ readonly exit: number; readonly err: string }> {
  let err = ''
  const sink = { write: (text: string) => (err += text) }
  const exit = await run([...argv, '--dir', dir, '--lang', lang], { stdout: { write: () => {} }, stderr: sink, env: {}, cwd: folder })
  return { exit, err }
}

async function dfft(...argv: string[]): Promise<Ran> {
  let out = ''
  const sink = {
    write: (text: string) => {
      out += text
    },
  }
  const exit = await run([...argv, ...(argv.includes('--dir') ? [] : ['--dir', dir]), '--json'], {
    stdout: sink,
    stderr: { write: () => {} },
    env: {},
    cwd: folder,
  })
  const envelope = JSON.parse(out.trim().split('\n').at(-1) ?? '{}')
  return { exit, result: envelope.result, code: envelope.error?.code, facts: envelope.error?.facts, out }
}

const probe = async (name: string) => {
  const answer = await fetch(`http://127.0.0.1:${running?.ready.metrics?.port}${name}`)
  return [answer.status, await answer.text()] as const
}

async function up(at: string, said: string | null = passphrase): Promise<void> {
  running = await runNode(loadConfig(at, { env: {} }), said, () => {})
}

async function down(): Promise<void> {
  await running?.[Symbol.asyncDispose]()
  running = undefined
}

beforeAll(async () => {
  await writeFile(file('passphrase.txt'), `${passphrase}\n`)
  await writeFile(file('wrong.txt'), 'another passphrase\n')
  await writeFile(file('backup.txt'), 'a passphrase for backups\n')
  await initialise(dir, passphrase, { name: 'A', jurisdiction: 'JP', metrics: { host: '127.0.0.1', port: 0 } })
})
afterAll(async () => {
  await down()
  await rm(folder, { recursive: true })
})

describe('a node that comes up sealed', () => {
  test('says how it is, and nothing else until it has the right passphrase', async () => {
    await up(dir, null)
    expect((await dfft('health')).result).toMatchObject({ live: true, started: false, ready: false, sealed: true, reasons: [{ code: 'sealed' }] })
    expect(await Promise.all(['/health/live', '/health/ready', '/health/startup', '/metrics'].map(async (name) => (await probe(name))[0]))).toEqual([
      200, 503, 503, 503,
    ])
    for (const words of [
      ['status'],
      ['key', 'list'],
      ['audit', 'verify'],
      ['backup', 'create', file('sealed.backup'), '--passphrase-file', file('backup.txt')],
    ])
      expect([words[0], (await dfft(...words)).code]).toEqual([words[0], 'DFFT_SEALED'])
    const begun = performance.now()
    expect(await dfft('unseal', '--passphrase-file', file('wrong.txt'))).toMatchObject({ exit: 4, code: 'DFFT_PASSPHRASE' })
    expect(performance.now() - begun).toBeGreaterThan(1_000)
    expect((await dfft('health')).result.sealed).toBe(true)
    expect(await dfft('unseal', '--passphrase-file', file('passphrase.txt'))).toMatchObject({ exit: 0, result: { sealed: false } })
    expect((await dfft('status')).exit).toBe(0)
    expect(await probe('/health/startup')).toEqual([200, '{"started":true,"reasons":[]}\n'])
  })

  test('tells whoever asks for its status since when it is sealed, and what to do', async () => {
    const before = Date.now()
    await dfft('seal')
    const { exit, code, facts } = await dfft('status')
    expect([exit, code]).toEqual([4, 'DFFT_SEALED'])
    const since = String(facts?.since)
    expect(Date.parse(since)).toBeGreaterThanOrEqual(Math.floor(before / 1000) * 1000)
    expect(Date.parse(since)).toBeLessThanOrEqual(Date.now())
    expect(await said('en', 'status')).toMatchObject({ exit: 4, err: expect.stringMatching(new RegExp(`sealed since ${since}[^]*\\n.*\`dfft unseal\``)) })
    expect(await said('ja', 'status')).toMatchObject({ exit: 4, err: expect.stringMatching(new RegExp(`${since} から封印[^]*\`dfft unseal\``)) })
    expect((await dfft('unseal', '--passphrase-file', file('passphrase.txt'))).exit).toBe(0)
  })

  test('is sealed again while it runs: its network is left, and another passphrase opens nothing', async () => {
    const { addresses } = (await dfft('status')).result as unknown as { addresses: string[] }
    const port = Number(/tcp\/(\d+)/.exec(addresses[0] ?? '')?.[1])
    expect((await dfft('seal')).exit).toBe(0)
    const { connect } = await import('node:net')
    const refused = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve('open')).once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
      socket.unref()
    })
    expect(refused).toBe('ECONNREFUSED')
    expect((await dfft('status')).code).toBe('DFFT_SEALED')
    expect((await dfft('unseal', '--passphrase-file', file('passphrase.txt'))).exit).toBe(0)
    expect((await dfft('audit', 'verify')).exit).toBe(0)
  })
})

describe('maintenance', () => {
  test('is not ready, begins nothing, outlasts a restart and is recorded', async () => {
    expect((await dfft('maintenance', 'on')).result).toMatchObject({ maintenance: { reason: 'operator' }, underway: 0 })
    await down()
    await up(dir)
    const [status, body] = await probe('/health/ready')
    expect([status, JSON.parse(body)]).toEqual([503, { ready: false, reasons: [{ code: 'maintenance', detail: 'operator' }] }])
    const request = ['request', '--to', 'did:web:partner.example', '--purpose', 'trade.supplier-verification']
    expect(await dfft(...request)).toMatchObject({ exit: 7, code: 'DFFT_MAINTENANCE' })
    expect((await dfft('maintenance', 'off')).result.maintenance).toBeNull()
    expect((await probe('/health/ready'))[0]).toBe(200)
    const { entries } = (await dfft('audit', 'tail')).result as unknown as { entries: { kind: string }[] }
    expect(entries.map(({ kind }) => kind).slice(-2)).toEqual(['maintenance-begun', 'maintenance-ended'])
  })
})

describe('a backup of a running node', () => {
  test('is restored into another folder, records it, and begins in maintenance', async () => {
    const made = await dfft('backup', 'create', file('a.backup'), '--passphrase-file', file('backup.txt'))
    expect(made).toMatchObject({ exit: 0, result: { dataKeys: true, log: { size: 3 } } })
    await dfft('maintenance', 'on') // Behind the backup: the log goes on.
    await down()
    const restore = ['backup', 'restore', file('a.backup'), '--dir', elsewhere, '--passphrase-file', file('backup.txt')]
    // A head that the node signed behind it is what a partner would hold.
    await up(dir)
    const { note } = (await dfft('audit', 'checkpoint')).result as unknown as { note: string }
    await down()
    await writeFile(file('checkpoint.txt'), note)
    expect(await dfft(...restore, '--checkpoint', file('checkpoint.txt'))).toMatchObject({ exit: 9, code: 'DFFT_BACKUP_OLDER' })
    expect(await dfft(...restore, '--former', dir, '--accept-rollback')).toMatchObject({ exit: 0, result: { later: { size: 4 } } })
    await up(elsewhere)
    const health = await dfft('health', '--dir', elsewhere)
    expect(health.result).toMatchObject({ ready: false, maintenance: { reason: 'restored' } })
    const { entries } = (await dfft('audit', 'tail', '--dir', elsewhere)).result as unknown as { entries: { kind: string; facts: object }[] }
    expect(entries.find(({ kind }) => kind === 'restored')?.facts).toMatchObject({ size: 3, laterSize: 4, missing: 1 })
    expect((await dfft('audit', 'verify', '--dir', elsewhere)).exit).toBe(0)
    expect(await dfft('audit', 'verify', '--dir', elsewhere, '--checkpoint', file('checkpoint.txt'))).toMatchObject({ exit: 9, code: 'DFFT_LOG_FORK' })
    await down()
  })

  test('of a stopped one is the same, and damaged it is refused', async () => {
    expect(await dfft('backup', 'create', file('b.backup'), '--passphrase-file', file('backup.txt'))).toMatchObject({ exit: 0, result: { log: { size: 4 } } })
    const bytes = await readFile(file('b.backup'))
    await writeFile(file('c.backup'), bytes.with(bytes.length >> 1, (bytes[bytes.length >> 1] ?? 0) ^ 1))
    expect(await dfft('backup', 'inspect', file('c.backup'), '--passphrase-file', file('backup.txt'))).toMatchObject({ exit: 9, code: 'DFFT_BACKUP' })
  })

  test('of a stopped one moves to another folder whole, and the folder that it left vouches for no second move', async () => {
    await up(dir)
    await dfft('maintenance', 'off') // An entry of which no partner was told.
    await down()
    await dfft('backup', 'create', file('d.backup'), '--passphrase-file', file('backup.txt'))
    const wholeAt = async (name: string) => {
      const restore = ['backup', 'restore', file('d.backup'), '--dir', file(name), '--passphrase-file', file('backup.txt'), '--former', dir]
      expect(await dfft(...restore)).toMatchObject({ exit: 0, result: { later: null } })
      await up(file(name))
      const { entries } = (await dfft('audit', 'tail', '--dir', file(name))).result as unknown as { entries: { kind: string; facts: { whole?: boolean } }[] }
      await down()
      return entries.find(({ kind }) => kind === 'restored')?.facts.whole
    }
    expect([await wholeAt('moved'), await wholeAt('moved-again')]).toEqual([true, false])
  })
})
