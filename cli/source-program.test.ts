/** What a user is told of how a program ended that the command line started. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '#test-network/checked-run.ts'
import type { Session } from './command.ts'
import { Interrupted } from './interrupted.ts'
import { runSource } from './source-program.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-source-'))
})
afterAll(() => rm(dir, { recursive: true }))

const sink = { write: () => true }
const session = (io: Partial<Session['io']> = {}) => ({ io: { stdout: sink, stderr: sink, env: {}, cwd: dir, ...io }, json: false }) as unknown as Session // What is used of it.

test('where there is no test network, that there is none', { timeout: 60_000 }, async () => {
  const told: string[] = []
  const io = { stdout: sink, stderr: { write: (text: string) => told.push(text) }, env: {}, cwd: dir }
  expect(await run(['testnet', 'state', '--net', 'none'], io)).toBe(3)
  expect(told.join('')).toContain('no test network is up')
})

test.each([
  ['an option that is none', ['--nothing']],
  ['a share that is none', ['nothing']],
])('of %s, that it was not understood', { timeout: 60_000 }, async (name, args) => {
  const program = name.includes('option') ? 'testnet.ts' : 'selftest.ts'
  expect(await runSource(session(), { program, args })).toMatchObject({ failed: { code: 'DFFT_USAGE', exit: 2 } })
})

test('a self test that does not hold is a check that failed, and no fault of the program', { timeout: 60_000 }, async () => {
  const out: string[] = []
  // Its tests find no place for their files.
  const nowhere = session({ stdout: { write: (line: string) => out.push(line) }, env: { TMPDIR: join(dir, 'nowhere') } })
  expect(await runSource(nowhere, { program: 'selftest.ts', args: ['leaks'], checks: true })).toMatchObject({ failed: { code: 'DFFT_UNHEALTHY', exit: 5 } })
  expect(out.join('')).toMatch(/^✗ tests: logs, support bundles and fetches: /)
})

test('nothing, where its user ended it', { timeout: 60_000 }, async () => {
  const others = new Set(process.listeners('SIGINT'))
  const running = runSource(session(), { program: 'testnet.ts', args: ['--net', join(dir, 'net'), '--', 'up'] })
  const ours = process.listeners('SIGINT').filter((listener) => !others.has(listener))
  expect(ours).toHaveLength(1)
  ours[0]?.('SIGINT')
  await expect(running).rejects.toBeInstanceOf(Interrupted)
  expect(process.listeners('SIGINT')).toHaveLength(others.size)
})
