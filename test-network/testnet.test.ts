/** The test network by its commands: three real processes behind proxies; killed, parted, slowed, with a wrong clock, and gone when it ends. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sourceFile } from '#cli/source-program.ts'
import { codeOf } from '#protocols/errors.ts'
import { run } from './checked-run.ts'
import { ofKills, ofSimulator, ofTests, shares } from './selftest.ts'
import { shiftIn } from './testnet.ts'

let dir: string
let up: Promise<number>
const nodes = new Map<string, { did: string; dir: string; pid: number }>()

interface Told {
  node: string
  did: string
  dir: string
  pid: number
  parted: boolean
  latencyMs: number
  clockShiftMs: number
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-testnet-'))
  const ready = Promise.withResolvers<string>()
  const stdout = { write: (text: string) => ready.resolve(text) }
  up = run(['testnet', 'up', '--net', 'net', '--json'], { stdout, stderr: { write: (text) => ready.reject(new Error(text)) }, env: {}, cwd: dir })
  for (const one of JSON.parse(await ready.promise).nodes) nodes.set(one.node, one)
}, 180_000)
afterAll(async () => {
  await said(['testnet', 'down', '--net', 'net']) // Where a test has ended it, there is none any more.
  await up
  await rm(dir, { recursive: true })
}, 60_000)

async function said(argv: readonly string[]) {
  const out: string[] = []
  const err: string[] = []
  const exit = await run([...argv, '--json'], { stdout: { write: (text) => out.push(text) }, stderr: { write: (text) => err.push(text) }, env: {}, cwd: dir })
  return { exit, err: err.join(''), json: JSON.parse(out.join('').trim().split('\n').at(-1) || '{}') }
}

async function testnet(...argv: readonly string[]): Promise<Map<string, Told>> {
  const { exit, err, json } = await said(['testnet', ...argv, '--net', 'net'])
  if (exit !== 0) throw new Error(err)
  return new Map(json.nodes.map((one: Told) => [one.node, one]))
}

/** A command at one of the nodes. */
const at = (name: string, ...argv: readonly string[]) => said([...argv, '--dir', nodes.get(name)?.dir ?? ''])
const ask = () => at('de', 'request', '--to', nodes.get('biz')?.did ?? '', '--purpose', 'trade.supplier-verification', '--again')

test('the three know each other, and a credential crosses', { timeout: 60_000 }, async () => {
  expect((await ask()).json.result).toMatchObject({ state: 'closed', receipts: 1 })
})

test('a node that is killed is another process afterwards, with all that it had', { timeout: 60_000 }, async () => {
  const before = nodes.get('biz')?.pid
  const after = (await testnet('kill', 'biz')).get('biz')
  expect([after?.did, after?.pid === before]).toEqual([nodes.get('biz')?.did, false])
  await expect.poll(async () => (await ask()).json.result?.state, { timeout: 40_000 }).toBe('closed')
})

test('a wish that is too long is refused, with its end and without, and the next one is heard', async () => {
  const answered = async (text: string) => {
    const socket = connect(join(dir, 'net', 'testnet.sock'))
    socket.write(text)
    let answer = ''
    for await (const piece of socket) answer += piece
    return JSON.parse(answer).code
  }
  const wish = JSON.stringify({ verb: 'state', words: [] })
  for (const text of ['x'.repeat(65_537), `${wish}${' '.repeat(65_536)}\n`]) expect(await answered(text)).toBe('DFFT_LIMIT')
  expect((await testnet('state')).size).toBe(3)
})

test('a slow line is waited for', { timeout: 60_000 }, async () => {
  expect((await testnet('latency', 'biz', '300')).get('biz')?.latencyMs).toBe(300)
  const { json } = await at('de', 'peer', 'ping', nodes.get('biz')?.did ?? '', '--count', '1')
  expect(json.result.pings[0].ms).toBeGreaterThan(140)
  await testnet('latency', 'biz', '0')
})

test('a node that is parted does not answer, and does when the line is healed', { timeout: 120_000 }, async () => {
  expect((await testnet('partition', 'biz')).get('biz')?.parted).toBe(true)
  const parted = await at('de', 'peer', 'ping', nodes.get('biz')?.did ?? '', '--count', '1')
  expect(parted.exit).toBe(7)
  await testnet('heal', 'biz')
  const answered = async () => (await at('de', 'peer', 'ping', nodes.get('biz')?.did ?? '', '--count', '1')).exit
  await expect.poll(answered, { timeout: 60_000 }).toBe(0)
})

test('a clock that is off is said in every answer, and partners refuse the node until it is right', { timeout: 120_000 }, async () => {
  expect((await testnet('clock', 'de', '--by', '+2h')).get('de')?.clockShiftMs).toBe(7_200_000)
  expect((await testnet('state')).get('de')?.clockShiftMs).toBe(7_200_000)
  expect((await at('de', 'peer', 'ping', nodes.get('biz')?.did ?? '', '--count', '1')).exit).not.toBe(0)
  expect((await testnet('clock', 'de', '--by', '0')).get('de')?.clockShiftMs).toBe(0)
})

test('what is no node, no verb of it or no number is refused, and changes nothing', async () => {
  for (const argv of [
    ['kill', 'fr'],
    ['latency', 'biz', 'slow'],
    ['clock', 'de', '--by', 'tomorrow'],
  ])
    expect((await said(['testnet', ...argv, '--net', 'net'])).exit).toBe(2)
  for (const { parted, latencyMs, clockShiftMs } of (await testnet('state')).values()) expect([parted, latencyMs, clockShiftMs]).toEqual([false, 0, 0])
})

test('when it ends its processes and its folder are gone, and nobody answers for it', { timeout: 60_000 }, async () => {
  const pids = [...(await testnet('state')).values()].map(({ pid }) => pid)
  await testnet('down')
  expect(await up).toBe(0)
  expect(existsSync(join(dir, 'net'))).toBe(false)
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow()
  expect(await said(['testnet', 'state', '--net', 'net'])).toMatchObject({ exit: 3 })
})

test('a scenario is played by its name, and one that there is not is told of with those there are', { timeout: 60_000 }, async () => {
  const played = await said(['testnet', 'scenario', 'lost-receipt', '--seeds', '1'])
  expect([played.exit, played.json.line]).toEqual([0, '1 of 1 runs hold (lost-receipt; seeds 1 to 1)'])
  const none = await said(['testnet', 'scenario', 'nothing', '--seeds', '1'])
  expect([none.exit, none.json.line]).toEqual([2, expect.stringContaining('there is no scenario nothing; there are lost-receipt')])
})

test('figures are read from what the suites print, and none from what says none', () => {
  expect(ofSimulator('3 of 4 runs hold (crash; seeds 1 to 4)')).toEqual({ checks: 4, held: 3 })
  expect(ofTests(' Test Files  3 passed (3)\n      Tests  2 failed | 27 passed (29)\n')).toEqual({ checks: 29, held: 27 })
  expect(ofTests('      Tests  29 passed (29)\n')).toEqual({ checks: 29, held: 29 })
  expect(ofKills('kill: 2 points, 2 hit, 2 processes killed, 1 points with violations, 20 s')).toEqual({ checks: 2, held: 1 })
  expect(ofKills('kill, without strace: 40 logical points, 0 processes killed, 0 points with violations')).toEqual({ checks: 40, held: 40 })
  for (const figure of [ofSimulator, ofTests, ofKills]) expect(figure('Error: cannot find module')).toBeUndefined()
})

test('each share of the self-test names files and scenarios that there are', async () => {
  const { scenarios } = await import('./sim.ts')
  for (const { args } of Object.values(shares).flat()) {
    const scenario = args[args.indexOf('--scenario') + 1]
    if (args.includes('--scenario')) expect(scenarios.map(({ name }) => name)).toContain(scenario)
    for (const file of args.filter((one) => one.endsWith('.ts'))) expect(existsSync(file), file).toBe(true)
  }
})

test('a shift is read exactly', () => {
  expect(['+2h', '-90s', '+3d', '0'].map(shiftIn)).toEqual([7_200_000, -90_000, 259_200_000, 0])
  for (const wrong of ['2h', '+2', '+h', '', '+10000h']) expect(() => shiftIn(wrong), wrong).toThrow()
})

test('in a package, which has none of it, the command says where it comes from', async () => {
  expect(
    await Promise.resolve()
      .then(() => sourceFile('not-packed.ts'))
      .catch(codeOf),
  ).toBe('DFFT_NOT_FOUND')
})
