/** The log of a node: of a real logger’s file, filtered, followed over a rotation; and of the journal, by a program in its place. */
import { appendFile, chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { jsonLog } from '#node/adapters/json-log.ts'
import { run } from '#test-network/checked-run.ts'

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

const line = (event: string) => `${JSON.stringify({ at: '2026-10-01T12:00:00.000Z', level: 'info', event })}\n`

test('followed, it goes on with what comes, half a line waits for its other half, and a rotated log goes on in the new file', async () => {
  const path = join(dir, 'node.log')
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

test('of many lines the last ones, and then each that comes, once', async () => {
  const path = join(dir, 'node.log')
  await writeFile(path, Array.from({ length: 700 }, (_, at) => line(`old ${at}`)).join(''))
  const heard = (out: readonly string[]) => void (out.length === 2 && appendFile(path, `${line('new 1')}${line('new 2')}`))
  const { out } = await logs(['--follow', '--lines', '2', '--json'], { reads: 4, heard })
  expect(events({ out })).toEqual(['old 698', 'old 699', 'new 1', 'new 2'])
})

test('a file that is emptied in its place is read from its beginning', async () => {
  const path = join(dir, 'node.log')
  await writeFile(path, `${line('first')}${line('second').slice(0, 30)}`)
  const heard = (out: readonly string[]) => void (out.length === 1 && writeFile(path, line('third')))
  const { out } = await logs(['--follow', '--json'], { reads: 2, heard })
  expect(events({ out })).toEqual(['first', 'third'])
})

test('the last words in a file that another one follows are told', async () => {
  const path = join(dir, 'node.log')
  await writeFile(path, `${line('first')}FATAL`)
  const heard = (out: readonly string[]) => void (out.length === 1 && rename(path, join(dir, 'node.log.1')).then(() => writeFile(path, line('third'))))
  const { out } = await logs(['--follow', '--json'], { reads: 3, heard })
  expect(out.map((said) => JSON.parse(said).fields.text ?? JSON.parse(said).event)).toEqual(['first', 'FATAL', 'third'])
})

test('a character is whole wherever the file is cut for reading', async () => {
  for (let before = 65_500; before < 65_540; before++) {
    const path = join(dir, 'node.log')
    await writeFile(path, `${'x'.repeat(before)}\n${line('日本語の行')}`)
    expect(events(await logs(['--json', '--lines', '1']))).toEqual(['日本語の行'])
  }
})

test('a line without an end fills no memory: it is cut, says so, and what follows is told', async () => {
  await writeFile(join(dir, 'node.log'), `${'x'.repeat(3_000_000)}\n${line('after')}`)
  const { out } = await logs(['--json'])
  const [cut = '', after = ''] = out
  expect([cut.length < 70_000, JSON.parse(cut).fields.text.slice(-25), JSON.parse(after).event]).toEqual([
    true,
    'xxxxx… (cut: 3000000 bytes)'.slice(-25),
    'after',
  ])
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
  expect([exit, JSON.parse(out[0] ?? '').fields.args]).toEqual([
    0,
    `--unit=dfft.service --output=cat --no-pager --quiet --show-cursor --since=@${startMs / 1000}`,
  ])
})

test('a journal is followed from where it was read to, each line once', async () => {
  await journal(`case "$*" in
*--follow*) printf '%s\\n' ${`'${line('came').trim()}'`}; echo "$*" ;;
*) printf '%s\\n' ${`'${line('was').trim()}'`}; echo '-- cursor: s=abc;i=1' ;;
esac`)
  const { out } = await logs(['--unit', 'dfft.service', '--follow', '--json'])
  expect(events({ out })).toEqual(['was', 'came', 'unstructured'])
  expect(JSON.parse(out[2] ?? '').fields.text).toContain('--follow --lines=all --after-cursor=s=abc;i=1')
})

test('a journal that may not be read, and one that there is not, are told apart', async () => {
  await journal('echo "No journal files were opened due to insufficient permissions." >&2; exit 1')
  const refused = await logs(['--unit', 'dfft.service', '--json'])
  expect([refused.exit, JSON.parse(refused.out.join('')).error.code]).toEqual([4, 'DFFT_NOT_ALLOWED'])
  vi.stubEnv('PATH', join(dir, 'nowhere'))
  const none = await logs(['--unit', 'dfft.service', '--json'])
  expect([none.exit, JSON.parse(none.out.join('')).error.code]).toEqual([3, 'DFFT_NOT_FOUND'])
})
