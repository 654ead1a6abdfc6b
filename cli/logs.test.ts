/** The log of a node: of a real logger’s file, filtered, followed over a rotation; and of the journal, by a program in its place. */
import { appendFileSync, renameSync, writeFileSync } from 'node:fs'
import { appendFile, chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { jsonLog } from '#node/adapters/json-log.ts'
import { run } from '#test-network/checked-run.ts'
import { lineBytesMax } from './node-log.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-logs-'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(dir, { recursive: true })
})

const startMs = Date.UTC(2026, 9, 1, 9)

/** As the node writes them, an hour apart. */
function written(): string {
  const lines: string[] = []
  let hour = 0
  const log = jsonLog({ write: (line) => lines.push(line) }, { level: 'debug', clock: { nowMs: () => startMs + hour++ * 3_600_000 } })
  log('debug', 'records of a peer', { partner: 'did:web:a.example' })
  log('info', 'peer.bound', { did: 'did:web:a.example', version: 3 })
  log('warn', 'peer.refused', { code: 'DFFT_HELLO' })
  log('error', 'journal damaged', { code: 'DFFT_STORE' })
  return lines.join('')
}

interface World {
  /** Called with what was printed so far, at each text. */
  readonly heard?: (out: readonly string[]) => void
  /** Whoever reads goes away after so many. */
  readonly reads?: number
}

async function logs(argv: readonly string[], { heard = () => {}, reads = Number.POSITIVE_INFINITY }: World = {}) {
  const out: string[] = []
  const stdout = {
    write(text: string) {
      out.push(text)
      heard(out)
    },
    get destroyed() {
      return out.length >= reads
    },
  }
  const exit = await run(['logs', ...argv, '--dir', dir], { stdout, stderr: stdout, env: {}, cwd: dir })
  return { exit, out }
}

const events = ({ out }: { out: readonly string[] }) => out.map((line) => JSON.parse(line).event)

test('a line is what the logger wrote, as JSON and as text', async () => {
  await writeFile(join(dir, 'node.log'), written())
  const { exit, out } = await logs(['--json'])
  expect([exit, JSON.parse(out[1] ?? '')]).toEqual([
    0,
    { at: '2026-10-01T10:00:00.000Z', level: 'info', event: 'peer.bound', fields: { did: 'did:web:a.example', version: 3 } },
  ])
  expect((await logs(['--plain'])).out[1]).toBe('2026-10-01T10:00:00.000Z\tinfo\tpeer.bound\tdid=did:web:a.example\tversion=3\n')
})

test.each([
  [
    ['--level', 'warn'],
    ['peer.refused', 'journal damaged'],
  ],
  [
    ['--since', '2026-10-01T10:00:00Z'],
    ['peer.bound', 'peer.refused', 'journal damaged'],
  ],
  [['--since', '2026-10-01T10:00:00Z', '--level', 'error'], ['journal damaged']],
  [['--lines', '1'], ['journal damaged']],
  [
    ['--lines', '2', '--level', 'info'],
    ['peer.refused', 'journal damaged'],
  ],
])('%j', async (argv, expected) => {
  await writeFile(join(dir, 'node.log'), written())
  expect(events(await logs([...argv, '--json']))).toEqual(expected)
})

test('the last words of a process that fell are shown as they are, and drive no terminal', async () => {
  await writeFile(join(dir, 'node.log'), `${written()}FATAL ERROR: heap\u001b[2J limit`)
  const { out } = await logs(['--level', 'error'])
  expect(out.at(-1)).toBe('-  error  unstructured  FATAL ERROR: heap\\u001b[2J limit\n')
})

test('followed, it goes on with what comes, half a line waits for its other half, and a rotated log goes on in the new file', async () => {
  const path = join(dir, 'node.log')
  const line = (event: string) => `${JSON.stringify({ at: '2026-10-01T12:00:00.000Z', level: 'info', event })}\n`
  await writeFile(path, line('first'))
  const steps: readonly (() => Promise<void>)[] = [
    () => appendFile(path, line('second').slice(0, 20)).then(() => appendFile(path, line('second').slice(20))),
    async () => {
      await rename(path, join(dir, 'node.log.1'))
      await writeFile(path, line('third'))
    },
  ]
  const { out } = await logs(['--follow', '--json'], { reads: 3, heard: (said) => void steps[said.length - 1]?.() })
  expect(events({ out })).toEqual(['first', 'second', 'third'])
})

const lineOf = (event: string) => `${JSON.stringify({ at: '2026-10-01T12:00:00.000Z', level: 'info', event })}\n`

test('a line that is half written when following begins, within a character even, is told once and whole', async () => {
  const path = join(dir, 'node.log')
  const second = Buffer.from(lineOf('second: 東京'))
  const within = second.indexOf('京') + 1
  await writeFile(path, Buffer.concat([Buffer.from(lineOf('first')), second.subarray(0, within)]))
  const heard = (out: readonly string[]) => out.length === 1 && appendFileSync(path, second.subarray(within))
  const { out } = await logs(['--follow', '--json'], { reads: 2, heard })
  expect(events({ out })).toEqual(['first', 'second: 東京'])
})

test('what is written and rotated away between the last lines and those that come is neither lost nor told twice', async () => {
  const path = join(dir, 'node.log')
  await writeFile(path, lineOf('first') + lineOf('second'))
  const heard = (out: readonly string[]) => {
    if (out.length !== 1) return
    appendFileSync(path, `${lineOf('third')}its last words`)
    renameSync(path, join(dir, 'node.log.1'))
    writeFileSync(path, lineOf('fourth'))
  }
  const { out } = await logs(['--follow', '--json'], { reads: 5, heard })
  expect(events({ out })).toEqual(['first', 'second', 'third', 'unstructured', 'fourth'])
})

test('a log that was made empty goes on from its beginning', async () => {
  const path = join(dir, 'node.log')
  await writeFile(path, lineOf('first') + lineOf('second'))
  const heard = (out: readonly string[]) => out.length === 2 && writeFileSync(path, lineOf('third'))
  expect(events(await logs(['--follow', '--json'], { reads: 3, heard }))).toEqual(['first', 'second', 'third'])
})

test('with --since lines are told while the file is still read', async () => {
  const path = join(dir, 'node.log')
  await writeFile(path, lineOf('x'.repeat(1000)).repeat(200))
  const heard = (out: readonly string[]) => out.length === 1 && appendFileSync(path, lineOf('written meanwhile'))
  const told = events(await logs(['--since', '2026-10-01T09:00:00Z', '--json'], { heard }))
  expect([told.length, told.at(-1)]).toEqual([201, 'written meanwhile'])
})

test('a line without end is cut, and says so; the next is told as it is', async () => {
  const bytes = 3 << 20
  await writeFile(join(dir, 'node.log'), `${'é'.repeat(bytes / 2)}\n${lineOf('next')}`)
  const { out } = await logs(['--json'])
  const { text } = JSON.parse(out[0] ?? '').fields
  expect(text).toMatch(new RegExp(`^é{${lineBytesMax / 2}} … \\[${bytes - lineBytesMax} bytes more are not shown\\]$`))
  expect(events({ out })).toEqual(['unstructured', 'next'])
})

test('a log that is there and cannot be opened is not told as one that there is not', async () => {
  await symlink('node.log', join(dir, 'node.log')) // It leads to itself.
  const { exit, out } = await logs(['--json'])
  expect([exit, JSON.parse(out.join('')).error.code]).toEqual([4, 'DFFT_NOT_ALLOWED'])
})

test('without a log, and with an instant that is none, it is said so', async () => {
  for (const [argv, exit, code] of [
    [[], 3, 'DFFT_NOT_FOUND'],
    [['--since', 'yesterday'], 2, 'DFFT_USAGE'],
  ] as const) {
    const ran = await logs([...argv, '--json'])
    expect([ran.exit, JSON.parse(ran.out.join('')).error.code]).toEqual([exit, code])
  }
})

/** A program by the name of the journal’s, which says what it was asked, or what journalctl says to whom it does not let in. */
async function journal(script: string): Promise<void> {
  await mkdir(join(dir, 'bin'))
  await writeFile(join(dir, 'bin', 'journalctl'), `#!/bin/sh\n${script}\n`)
  await chmod(join(dir, 'bin', 'journalctl'), 0o755)
  vi.stubEnv('PATH', `${join(dir, 'bin')}:/bin:/usr/bin`)
}

test('of a unit the journal is asked, as the node wrote it', async () => {
  await journal(`printf '{"at":"2026-10-01T12:00:00.000Z","level":"info","event":"asked","args":"%s"}\\n' "$*"`)
  const { exit, out } = await logs(['--unit', 'dfft.service', '--since', '2026-10-01T09:00:00Z', '--json'])
  expect([exit, JSON.parse(out[0] ?? '').fields.args]).toEqual([0, `--unit=dfft.service --output=cat --no-pager --quiet --since=@${startMs / 1000}`])
})

test('a journal that may not be read, and one that there is not, are told apart', async () => {
  await journal('echo "No journal files were opened due to insufficient permissions." >&2; exit 1')
  const refused = await logs(['--unit', 'dfft.service', '--json'])
  expect([refused.exit, JSON.parse(refused.out.join('')).error.code]).toEqual([4, 'DFFT_NOT_ALLOWED'])
  vi.stubEnv('PATH', join(dir, 'nowhere'))
  const none = await logs(['--unit', 'dfft.service', '--json'])
  expect([none.exit, JSON.parse(none.out.join('')).error.code]).toEqual([3, 'DFFT_NOT_FOUND'])
})

test('followed, the journal goes on behind the cursor at which its last lines ended', async () => {
  const said = (event: string) => `printf '{"at":"2026-10-01T12:00:00.000Z","level":"info","event":"${event}","args":"%s"}\\n' "$*"`
  await journal(`case "$*" in *--follow*) ${said('new')};; *) ${said('old')}; ${said('last')}; echo '-- cursor: s=1;i=2';; esac`)
  const { out } = await logs(['--unit', 'dfft.service', '--since', '2026-10-01T09:00:00Z', '--lines', '1', '--follow', '--json'])
  expect(events({ out })).toEqual(['last', 'new'])
  expect(JSON.parse(out[1] ?? '').fields.args).toBe('--unit=dfft.service --output=cat --no-pager --quiet --after-cursor=s=1;i=2 --follow --lines=all')
})
