/** The overview of a node: a screen on a terminal, lines elsewhere, and what waits for a person. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { apiDouble, didA, exchange } from '#node/api-double.ts'
import { serveAdmin } from '#node/http.ts'
import { run } from '#test-network/checked-run.ts'
import { parser } from './main.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-watch-'))
})
afterEach(() => rm(dir, { recursive: true }))

interface World {
  readonly terminal?: boolean
  /** Reads so many texts, and goes away. */
  readonly reads?: number
  readonly own?: Parameters<typeof apiDouble>[0]
}

async function watch(argv: readonly string[], { terminal = false, reads = 1, own = {} }: World = {}) {
  await using _ = await serveAdmin(apiDouble(own), { socketPath: join(dir, 'dfft.sock'), log: () => {} })
  const out: string[] = []
  const stdout = {
    write: (text: string) => out.push(text),
    isTTY: terminal,
    columns: 60,
    get destroyed() {
      return out.length >= reads
    },
  }
  const exit = await run(['watch', ...argv, '--dir', dir, '--socket', join(dir, 'dfft.sock')], { stdout, stderr: stdout, env: {}, cwd: dir })
  return { exit, out }
}

const quiet = {
  auditForks: () => ({ forks: [], open: [] }),
  trustForks: () => ({ forks: [] }),
  trustUnsigned: () => ({ documents: [] }),
  enrolList: () => ({ applications: [] }),
} as const
const pending = (role: 'holder' | 'requester') => ({ exchangeList: () => ({ exchanges: [{ ...exchange, state: 'pending' as const, role }] }) })

test('once, as JSON: health, counts, and each thing that waits with a command that can be typed', async () => {
  const { exit, out } = await watch(['--once', '--json'], { own: pending('holder') })
  const [line = ''] = out
  const { ready, node, waits } = JSON.parse(line)
  expect([exit, ready, node.recent.length]).toEqual([0, expect.any(Boolean), 1])
  expect(waits.map(({ what }: { what: string }) => what)).toContain('consent')
  for (const { command } of waits) {
    let understood = false
    await parser({ out: '', err: '' }, async () => {
      understood = true
    }).parseAsync(command.split(' ').slice(1), { from: 'user' })
    expect(understood, command).toBe(true)
  }
})

test('what the partner’s people are asked is not ours to answer', async () => {
  const { out } = await watch(['--once', '--json'], { own: { ...quiet, ...pending('requester') } })
  expect(JSON.parse(out.join('')).waits.map(({ what }: { what: string }) => what)).not.toContain('consent')
})

test('of a sealed node nothing is asked but its health', async () => {
  const sealed = { did: didA, live: true, started: false, ready: false, sealed: true, maintenance: null, reasons: [{ code: 'sealed', detail: null }] }
  const { out } = await watch(['--once', '--json'], { own: { health: () => sealed } })
  expect(JSON.parse(out.join(''))).toMatchObject({ node: null, ready: false, waits: [{ what: 'sealed', command: 'dfft unseal' }] })
})

test('on a terminal the screen is drawn anew from its top, and no line is wider than it', async () => {
  const { out } = await watch([], { terminal: true, reads: 3 })
  expect(out[0]?.startsWith('\u001b[H\u001b[2J')).toBe(true)
  for (const drawn of out.slice(1)) expect([drawn.startsWith('\u001b[H'), drawn.includes('\u001b[2J')]).toEqual([true, false])
  const table = out[0]?.split('\n').filter((line) => /^\d{4}-/.test(line)) ?? []
  expect(table.length).toBeGreaterThan(0)
  for (const line of table) expect(line.replace('\u001b[K', '').length).toBeLessThan(60)
})

test('elsewhere only what changed is said, line by line, and what is over', async () => {
  let asked = 0
  const own = {
    ...quiet,
    exchangeList: ({ state }: { readonly state?: string | undefined }) => {
      // Three looks: as it is, then refused, then somebody is asked.
      const look = state === 'pending' ? asked : ++asked
      const one = { ...exchange, state: look === 1 ? ('closed' as const) : ('refused' as const) }
      return { exchanges: state === 'pending' ? (look === 2 ? [{ ...one, state: 'pending' as const, role: 'holder' as const }] : []) : [one] }
    },
  }
  const { out } = await watch(['--plain'], { terminal: true, reads: 3, own })
  expect(out.join('')).not.toContain('\u001b')
  expect(
    out[1]
      ?.trimEnd()
      .split('\n')
      .map((line) => line.split('\t').slice(1, 3)),
  ).toEqual([
    ['exchanges wait for the consent of a person', '1'],
    [`exchange ${exchange.id}`, 'refused'],
  ])
  expect(out[2]?.split('\t').slice(1)).toEqual(['exchanges wait for the consent of a person', '-\n'])
})

test('it ends with the node, and says so', async () => {
  const { exit } = await watch(['--json'], {
    own: {
      health: () => {
        throw new Error('never asked twice')
      },
    },
  })
  expect(exit).toBe(1)
})
