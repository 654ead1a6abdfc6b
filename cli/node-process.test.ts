/** `init`, `up` and `down` with real processes of a program that speaks the node's interface. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { run } from '#test-network/checked-run.ts'

const nodeProgram = fileURLToPath(new URL('./program-double.ts', import.meta.url))

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-process-'))
})
afterEach(() => rm(dir, { recursive: true }))

async function dfft(argv: readonly string[], own: { stdin?: NodeJS.ReadableStream & { isTTY?: boolean }; env?: Record<string, string> } = {}) {
  const stdout: string[] = []
  const stderr: string[] = []
  const io = {
    stdout: { write: (text: string) => stdout.push(text) },
    stderr: { write: (text: string) => stderr.push(text) },
    env: {},
    cwd: dir,
    nodeProgram,
    ...own,
  }
  const exit = await run(argv, io)
  const out = stdout.join('')
  return { exit, out, err: stderr.join(''), json: out.startsWith('{') ? JSON.parse(out) : undefined }
}

const init = ['init', '--name', 'Tax Agency', '--jurisdiction', 'JP', '--json']
const told = async () => JSON.parse(await readFile(join(dir, '.dfft', 'told.json'), 'utf8'))

describe('init', () => {
  test('that is only tried asks for no passphrase and makes nothing', async () => {
    const { exit, json } = await dfft([...init, '--dry-run'])
    expect([exit, json]).toEqual([0, { ok: true, result: { did: null, peerId: null, dir: join(dir, '.dfft') } }])
    expect(await readdir(dir)).not.toContain('.dfft')
    expect((await dfft(['init', '--name', 'A', '--jurisdiction', 'Japan', '--dry-run', '--json'])).exit).toBe(2)
  })

  test('hands every wish to the node’s program, and the passphrase over standard input only', async () => {
    await writeFile(join(dir, 'secret'), 'canary-of-eight\n')
    const flags = [
      '--did-method',
      'webvh',
      '--domain',
      'a.example',
      '--listen',
      '/ip4/0.0.0.0/tcp/1',
      '--listen',
      '/ip6/::/tcp/2',
      '--network',
      'x',
      '--public-http',
      '[::1]:80',
      '--log-level',
      'warn',
    ]
    const { exit, json } = await dfft([...init, ...flags, '--passphrase-file', 'secret'])
    expect([exit, json]).toEqual([0, { ok: true, result: { did: 'did:key:z6Mk', peerId: '12D3Koo', dir: join(dir, '.dfft') } }])
    const { passphrase, config, argv, env } = await told()
    expect(passphrase).toBe('canary-of-eight')
    expect(config).toEqual({
      name: 'Tax Agency',
      jurisdiction: 'JP',
      did: { method: 'webvh', domain: 'a.example' },
      listen: ['/ip4/0.0.0.0/tcp/1', '/ip6/::/tcp/2'],
      network: 'x',
      publicHttp: { host: '::1', port: 80 },
      logLevel: 'warn',
    })
    expect(JSON.stringify([argv, env])).not.toContain('canary')
  })

  test('takes the passphrase from standard input or systemd as well', async () => {
    expect((await dfft(init, { stdin: Readable.from(['from stdin\nsecond line']) })).exit).toBe(0)
    expect(await told()).toMatchObject({ passphrase: 'from stdin', config: { did: { method: 'key' } } })
    await writeFile(join(dir, 'dfft-passphrase'), 'from systemd')
    expect((await dfft(init, { env: { CREDENTIALS_DIRECTORY: dir } })).exit).toBe(0)
    expect((await told()).passphrase).toBe('from systemd')
  })

  test('asks a person for what is missing, and for the passphrase twice', async () => {
    const answers = ['Agency', 'DE', '', 'eight characters', 'eight characters']
    const questions: string[] = []
    const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} })
    const stderr = {
      write: (text: string) => {
        questions.push(text)
        if (text.endsWith(': ')) setImmediate(() => stdin.write(`${answers.shift()}\n`))
      },
    }
    const out: string[] = []
    const exit = await run(['init'], { stdout: { write: (text) => out.push(text) }, stderr, stdin, env: {}, cwd: dir, nodeProgram })
    expect([exit, answers]).toEqual([0, []])
    expect(await told()).toMatchObject({ passphrase: 'eight characters', config: { name: 'Agency', jurisdiction: 'DE', did: { method: 'key' } } })
    expect(questions.join('') + out.join('')).not.toContain('eight characters')
  })

  test('asks at most six questions, in the language of who answers, and ends with what to do next', async () => {
    const answers = ['Agency', 'JP', 'webvh', 'agency.example', 'eight characters', 'eight characters']
    const questions: string[] = []
    const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} })
    const stderr = {
      write: (text: string) => {
        if (!text.endsWith(': ')) return
        questions.push(text)
        setImmediate(() => stdin.write(`${answers.shift()}\n`))
      },
    }
    const out: string[] = []
    const exit = await run(['init'], { stdout: { write: (text) => out.push(text) }, stderr, stdin, env: { LANG: 'ja_JP.UTF-8' }, cwd: dir, nodeProgram })
    expect([exit, answers]).toEqual([0, []])
    expect(questions.map((text) => /[\u3040-\u30ff\u4e00-\u9fff]/.test(text))).toEqual(Array(6).fill(true))
    expect(out.join('')).toMatch(/次の手順:\n {2}dfft up --detach\n/)
  })

  test.each([
    ['en', /^[ -~]+$/],
    ['ja', /[\u3040-\u30ff\u4e00-\u9fff]/],
  ])('asks for the passphrase of a backup twice, in the language of who answers (%s)', async (lang, own) => {
    const answers = ['a backup of today', 'a backup of yesterday']
    const questions: string[] = []
    const said: string[] = []
    const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} })
    const stderr = {
      write: (text: string) => {
        if (!text.endsWith(': ')) return said.push(text)
        questions.push(text)
        return setImmediate(() => stdin.write(`${answers.shift()}\n`))
      },
    }
    const exit = await run(['backup', 'create', 'a.backup', '--lang', lang], { stdout: { write: () => {} }, stderr, stdin, env: {}, cwd: dir, nodeProgram })
    expect([exit, answers, questions.filter((text) => own.test(text))]).toEqual([4, [], questions])
    expect(questions).toHaveLength(2)
    expect(said.join('')).toMatch(lang === 'ja' ? '二つのパスフレーズが異なります' : 'the two passphrases differ')
  })

  test('takes its answers from a file, over which flags win', async () => {
    await writeFile(join(dir, 'answers.yaml'), 'name: From the file\njurisdiction: DE\nlisten: [/ip4/127.0.0.1/tcp/1]\npassphraseFile: p.txt\n')
    await writeFile(join(dir, 'p.txt'), 'eight characters\n')
    expect((await dfft(['init', '--json', '--answers', 'answers.yaml', '--name', 'From the flag'])).exit).toBe(0)
    expect(await told()).toMatchObject({
      passphrase: 'eight characters',
      config: { name: 'From the flag', jurisdiction: 'DE', did: { method: 'key' }, listen: ['/ip4/127.0.0.1/tcp/1'] },
    })
  })

  test.each([
    ['passphrase: canary-of-eight\n', '`passphrase` is no answer'],
    ['name: [a]\n', '`name` is a text'],
    ['listen: /ip4/127.0.0.1/tcp/1\n', '`listen` is a list'],
    ['- a\n', 'holds no answers'],
  ])('refuses a file of answers that says %j', async (text, said) => {
    await writeFile(join(dir, 'answers.yaml'), text)
    const { exit, json } = await dfft(['init', '--json', '--name', 'a', '--jurisdiction', 'JP', '--answers', 'answers.yaml'])
    expect([exit, json.error.code]).toEqual([2, 'DFFT_USAGE'])
    expect(json.error.message).toContain(said)
    await expect(stat(join(dir, '.dfft'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('without a terminal names every flag that is missing', async () => {
    const { json } = await dfft(['init', '--json', '--did-method', 'webvh'], { stdin: Readable.from(['eight characters']) })
    expect(json.error.message).toBe('`dfft init` needs `--name` and `--jurisdiction` and `--domain`')
  })

  test('at a question Ctrl-C ends with 130 and nothing is made', async () => {
    const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} })
    const stderr = { write: (text: string) => text.endsWith(': ') && setImmediate(() => stdin.write('\u0003')) }
    const exit = await run(['init', '--name', 'a', '--jurisdiction', 'JP', '--did-method', 'key'], {
      stdout: { write: () => {} },
      stderr,
      stdin,
      env: {},
      cwd: dir,
      nodeProgram,
    })
    expect(exit).toBe(130)
    await expect(stat(join(dir, '.dfft'))).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test.each<[what: string, argv: string[], stdin: string, code: string, exit: number]>([
    ['no name', ['init', '--jurisdiction', 'JP', '--json'], 'eight characters', 'DFFT_USAGE', 2],
    ['an address without a port', [...init, '--public-http', 'localhost'], 'eight characters', 'DFFT_USAGE', 2],
    ['no passphrase', init, '', 'DFFT_PASSPHRASE', 4],
    ['a passphrase of seven', init, 'seven77', 'DFFT_PASSPHRASE', 4],
    ['a passphrase of one character', init, 'aaaaaaaaaaaa', 'DFFT_PASSPHRASE', 4],
    ['a passphrase of a book', init, 'x'.repeat(1_025), 'DFFT_PASSPHRASE', 4],
    ['a passphrase file that is missing', [...init, '--passphrase-file', 'none'], '', 'DFFT_NOT_FOUND', 3],
    ['what the node’s program refuses', [...init, '--jurisdiction', 'Japan'], 'eight characters', 'DFFT_CONFIG', 2],
  ])('with %s fails with its code', async (_what, argv, stdin, code, exit) => {
    expect(await dfft(argv, { stdin: Readable.from([stdin]) })).toMatchObject({ exit, json: { ok: false, error: { code } } })
  })
})

describe('key recover', () => {
  const recover = (...more: string[]) => dfft(['key', 'recover', '--json', ...more], { stdin: Readable.from(['correct horse\n']) })
  beforeEach(() => mkdir(join(dir, '.dfft')))

  test('hands the wish to the node’s program, and answers with what it says', async () => {
    const since = '2026-11-20T08:00:00Z'
    expect(await recover('--compromised-since', since)).toMatchObject({ exit: 0, json: { ok: true, result: { missing: ['signing'], dryRun: false } } })
    expect(await told()).toEqual({ compromisedSince: since, dryRun: false })
    expect(await recover('--dry-run')).toMatchObject({ exit: 0, json: { result: { to: null, dryRun: true } } })
    expect(await told()).toEqual({ compromisedSince: null, dryRun: true })
  })
})

test('a node whose keys are to lie in a hardware module is told so, and never the PIN', async () => {
  const argv = [...init, '--hsm-module', '/usr/lib/token.so', '--token-label', 'agency', '--pin-file', 'pin.txt']
  expect(await dfft(argv, { stdin: Readable.from(['eight characters\n']) })).toMatchObject({ exit: 0 })
  const { config } = await told()
  expect(config.keys).toEqual({ vault: 'pkcs11', module: '/usr/lib/token.so', tokenLabel: 'agency', pinFile: 'pin.txt' })
})

describe('up and down', () => {
  const passphrase = (text = 'correct horse') => ({ stdin: Readable.from([`${text}\n`]) })
  beforeEach(() => mkdir(join(dir, '.dfft')))

  test('a detached node answers until it is stopped; its log is in its folder, its socket is gone', async () => {
    const up = await dfft(['up', '--detach', '--json'], passphrase())
    expect(up).toMatchObject({ exit: 0, json: { ok: true, result: { did: 'did:key:z6Mk', socket: join(dir, '.dfft', 'dfft.sock') } } })
    expect((await dfft(['status'])).exit).toBe(0)
    expect(await dfft(['down', '--json'])).toMatchObject({ exit: 0, json: { ok: true, result: { stopping: true } } })
    expect((await dfft(['status'])).exit).toBe(7)
    expect((await dfft(['down'])).exit).toBe(7)
    expect(await readFile(join(dir, '.dfft', 'node.log'), 'utf8')).toBe('{"level":"info","event":"ready"}\n')
    expect((await stat(join(dir, '.dfft', 'node.log'))).mode & 0o777).toBe(0o600)
  })

  test('a node in the foreground says that it is ready, shows its log, and ends with the command that stops it', async () => {
    const running = dfft(['up'], passphrase())
    await answering()
    expect((await dfft(['down'])).exit).toBe(0)
    const { exit, out, err } = await running
    expect([exit, err]).toEqual([0, '{"level":"info","event":"ready"}\n'])
    expect(out).toContain('/ip4/127.0.0.1/tcp/4001')
  })

  /** The CLI in a process of its own, so that it can be sent signals. */
  async function foreground(terminal: boolean): Promise<{ child: ChildProcess; log: Promise<string> }> {
    const main = fileURLToPath(new URL('./main.ts', import.meta.url))
    await writeFile(join(dir, 'secret'), 'correct horse')
    const script = `import { run } from ${JSON.stringify(main)}
const { stdout, stderr, stdin } = process
const io = { stdout, stderr, stdin: Object.assign(stdin, { isTTY: ${terminal} }), env: {}, cwd: ${JSON.stringify(dir)}, nodeProgram: ${JSON.stringify(nodeProgram)} }
process.exitCode = await run(['up', '--json', '--passphrase-file', 'secret'], io)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] })
    const log = Array.fromAsync(child.stderr as AsyncIterable<Buffer>).then((chunks) => Buffer.concat(chunks).toString())
    expect(JSON.parse(await firstOutput(child))).toMatchObject({ ok: true, result: { peerId: '12D3Koo' } })
    return { child, log }
  }

  test.each(['SIGINT', 'SIGTERM'] as const)('%s in the foreground is passed on, and the node is waited for', async (signal) => {
    const { child, log } = await foreground(false)
    child.kill(signal)
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(await log).toContain(signal)
    expect((await dfft(['status'])).exit).toBe(7)
  })

  test('Ctrl-C of a terminal, which the node gets from the terminal, is not given to it twice', async () => {
    const { child, log } = await foreground(true)
    child.kill('SIGINT')
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
    expect((await log).match(/SIG\w+/g)).toEqual(['SIGTERM'])
  })

  test.each([
    ['wrong', 4, 'DFFT_PASSPHRASE'],
    ['silence', 1, 'DFFT_INTERNAL'],
  ])('with the passphrase `%s` it ends with %i', async (text, exit, code) => {
    for (const more of [[], ['--detach']])
      expect(await dfft(['up', '--json', ...more], passphrase(text))).toMatchObject({ exit, json: { ok: false, error: { code } } })
  })

  test('without a folder there is no node to start', async () => {
    expect(await dfft(['up', '--detach', '--dir', 'none', '--json'], passphrase())).toMatchObject({ exit: 3, json: { error: { code: 'DFFT_NOT_FOUND' } } })
  })

  /** Until the socket answers: an event of another process, with nothing to wait on but itself. */
  async function answering(): Promise<void> {
    while ((await dfft(['status'])).exit !== 0);
  }

  async function firstOutput(child: ChildProcess): Promise<string> {
    for await (const chunk of child.stdout as AsyncIterable<Buffer>) return chunk.toString()
    return ''
  }
})
