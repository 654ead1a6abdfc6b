/** What an operator meets on a bad day: one line with a code and what to do, and nothing left half done. */
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLevelStore } from '#node/adapters/level-store.ts'
import { LiveNode, LiveNodeError, type Output } from './live-node.ts'

const program = fileURLToPath(new URL('../../node/main.ts', import.meta.url))

let dir: string
let node: LiveNode
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-startup-'))
  node = await LiveNode.init({ dir: join(dir, 'node'), name: 'A node', jurisdiction: 'JP', did: { method: 'jwk' } })
}, 60_000)
afterAll(async () => {
  await node[Symbol.asyncDispose]()
  await rm(dir, { recursive: true, force: true })
})

/** Runs node/main.ts to its end. */
async function main(
  args: readonly string[],
  input: string,
): Promise<{ exit: number | null; said: { ok: boolean; error: { code: string; message: string; advice: string; facts: Record<string, unknown> } } }> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'ignore'] })
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  let out = ''
  child.stdout.on('data', (text: Buffer) => {
    out += text
  })
  const exit = await new Promise<number | null>((resolve) => child.once('close', resolve))
  expect(out.trim().split('\n')).toHaveLength(1)
  return { exit, said: JSON.parse(out) }
}

test('a wrong passphrase is refused as such', { timeout: 30_000 }, async () => {
  const { exit, said } = await main(['run', '--dir', node.dir], 'not the passphrase\n')
  expect(said).toMatchObject({ ok: false, error: { code: 'DFFT_PASSPHRASE' } })
  expect(said.error.advice).not.toBe('')
  expect(exit).toBe(4)
})

test('a second process on the same folder is told that the node runs, before it asks for anything else', { timeout: 60_000 }, async () => {
  await node.up()
  const { exit, said } = await main(['run', '--dir', node.dir], 'whatever\n')
  expect(said.error.code).toBe('DFFT_ALREADY_RUNNING')
  expect(exit).toBe(8)
  expect((await node.cli('status')).exit).toBe(0)
  await node.down()
})

test('a taken port is named', { timeout: 60_000 }, async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const address = taken.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const file = join(node.dir, 'dfft.yaml')
  const before = await readFile(file, 'utf8')
  await writeFile(file, before.replace('/tcp/0', `/tcp/${port}`))
  const refusal = await node.up().catch((thrown: unknown) => thrown)
  await node.ended()
  expect(refusal).toBeInstanceOf(LiveNodeError)
  expect(refusal).toMatchObject({ code: 'DFFT_PORT_IN_USE', message: expect.stringContaining(String(port)) })
  expect(node.exitCode).toBe(2)
  await writeFile(file, before)
  await new Promise((resolve) => taken.close(resolve))
})

test('a mistake in the configuration is named with file, line, column and the nearest key', async () => {
  const file = join(node.dir, 'dfft.yaml')
  const before = await readFile(file, 'utf8')
  await writeFile(file, `${before}\nlisten_on: 4001\n`)
  const { exit, said } = await main(['run', '--dir', node.dir], 'x\n')
  expect(said.error.code).toBe('DFFT_CONFIG')
  expect(said.error.message).toMatch(/dfft\.yaml:\d+:\d+/)
  expect(exit).toBe(2)
  await writeFile(file, before)
})

test('a folder that cannot be written is named', async () => {
  // A file where the folder should be refuses everybody, also a superuser.
  const file = join(dir, 'a-file')
  await writeFile(file, '')
  const { exit, said } = await main(
    ['init', '--dir', join(file, 'node')],
    `${JSON.stringify({ passphrase: 'a passphrase', config: { name: 'x', jurisdiction: 'JP' } })}\n`,
  )
  expect(said.error.code).toBe('DFFT_NOT_WRITABLE')
  expect(exit).toBe(2)
})

test('a folder that holds a node is not made anew, and a folder without one is not run', async () => {
  const again = await main(['init', '--dir', node.dir], `${JSON.stringify({ passphrase: 'a passphrase', config: { name: 'x', jurisdiction: 'JP' } })}\n`)
  expect(again.said.error.code).toBe('DFFT_ALREADY_INITIALISED')
  const nothing = await main(['run', '--dir', join(dir, 'nothing')], 'x\n')
  expect(nothing.said.error.code).toBe('DFFT_NOT_FOUND')
  expect(nothing.exit).toBe(3)
})

test('after all of that the node starts with its own passphrase', { timeout: 60_000 }, async () => {
  await node.up()
  const status = await node.must<Output<'status'>>('status')
  expect(status.did).toBe(node.did)
  expect(status.did).toMatch(/^did:jwk:/)
  await node.down()
})

test('a store that lost its whole log is not taken for a new one', { timeout: 60_000 }, async () => {
  await node.down()
  {
    await using store = await openLevelStore(node.storeDir())
    for await (const [del] of store.scan({ from: 'log/', to: 'log0' })) await store.batch([{ del }])
  }
  await rm(join(node.dir, 'log-anchor'), { force: true })
  const refusal = await node.up().catch((thrown: unknown) => thrown)
  await node.ended()
  expect(refusal).toMatchObject({ code: 'DFFT_LOG_CORRUPT' })
  expect(node.exitCode).toBe(9)
})
