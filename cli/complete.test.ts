/** Completion, asked in process, and by real shells with the scripts that they are given. */
import { execFile, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiDouble, credential, didB, exchangeId } from '#node/api-double.ts'
import { serveAdmin } from '#node/http.ts'
import { scripts } from './completion-scripts.ts'
import { groups, run } from './main.ts'
import { everyLeaf, flagOf } from './tree.ts'

const mainFile = fileURLToPath(new URL('./main.ts', import.meta.url))

let dir: string
let node: Awaited<ReturnType<typeof serveAdmin>>
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-complete-'))
  await mkdir(join(dir, '.dfft'))
  node = await serveAdmin(apiDouble(), { socketPath: join(dir, '.dfft', 'dfft.sock'), log: () => {} })
})
afterAll(async () => {
  await node[Symbol.asyncDispose]()
  await rm(dir, { recursive: true })
})

/** @param line without `dfft`; what is typed last ends it */
async function asked(line: string, { env = {}, cwd = dir }: { env?: Record<string, string>; cwd?: string } = {}): Promise<string[]> {
  const out: string[] = []
  const sink = { write: (text: string) => out.push(text) }
  expect(await run(['__complete', '--', ...line.split(' ')], { stdout: sink, stderr: sink, env, cwd })).toBe(0)
  return out.join('').split('\n').slice(0, -1)
}
const values = async (line: string, where = {}) => (await asked(line, where)).map((one) => one.split('\t')[0])

describe('what may stand next', () => {
  test('is every group, with what it is about, in the language of who types', async () => {
    expect(await values('')).toEqual(Object.keys(groups))
    expect(await asked('rev')).toEqual(['revoke\trevoke a credential issued here'])
    expect(await asked('rev', { env: { LANG: 'ja_JP.UTF-8' } })).toEqual(['revoke\tここで発行した証明書を失効させる'])
  })

  test('is every subcommand, also of a group within a group', async () => {
    expect(await values('peer ')).toEqual(['add', 'list', 'ping', 'trust', 'block', 'unblock'])
    expect(await values('key witness ')).toEqual(['add', 'list', 'remove'])
    expect(await values('trust bundle e')).toEqual(['export'])
  })

  test('is each option of a command once, those that may be repeated again', async () => {
    for (const { words, command } of await everyLeaf({ groups }))
      expect(await values(`${words} --`), words).toEqual(expect.arrayContaining([...(command.options ?? []).map((one) => flagOf(one).flag), '--json', '--dir']))
    const left = await values('request --to did:web:a.example --claim /a --')
    expect([left.includes('--to'), left.includes('--claim')]).toEqual([false, true])
  })

  test('is a context by its name, where there are some', async () => {
    const env = { HOME: dir }
    await run(['context', 'add', 'tax', '--dir', dir], { stdout: { write: () => true }, stderr: { write: () => true }, env, cwd: dir })
    for (const line of ['status --context ', 'context use ', 'context remove t']) expect(await values(line, { env }), line).toEqual(['tax'])
  })

  test('is a choice, a language, a shell, a code or a topic', async () => {
    expect(await values('credential list --role ')).toEqual(['issued', 'held', 'received'])
    expect(await values('status --lang ')).toEqual(['en', 'ja'])
    expect(await values('completion ')).toEqual(['bash', 'zsh', 'fish'])
    expect(await values('explain DFFT_STATUS_ST')).toEqual(['DFFT_STATUS_STALE'])
    expect(await values('cheat st')).toEqual(['start'])
  })

  test.each([
    ['credential show ', credential.id],
    ['revoke urn:', credential.id],
    ['present --credential ', credential.id],
    ['exchange show ', exchangeId],
    ['evidence export ', exchangeId],
    ['request --to did:', didB],
    ['trust explain ', didB],
    ['peer ping ', didB],
    ['peer block ', didB],
    ['exchange retry ', exchangeId],
    ['receipt save ', exchangeId],
    ['exchange tail --partner ', didB],
    ['audit search --exchange ', exchangeId],
  ])('is, of the running node, for `%s`', async (line, value) => {
    expect(await values(line)).toContain(value)
  })

  test('is nothing where no node runs, and where one does not answer, in less than two seconds', async () => {
    const silent = createServer(() => {})
    const folder = await mkdtemp(join(tmpdir(), 'dfft-silent-'))
    await new Promise<void>((resolve) => silent.listen(join(folder, 'dfft.sock'), resolve))
    const began = performance.now()
    expect(await values('revoke ', { cwd: folder })).toEqual([])
    expect(await values(`revoke --dir ${folder} `)).toEqual([])
    expect(performance.now() - began).toBeLessThan(2000)
    silent.close()
    await rm(folder, { recursive: true })
  })

  test('is nothing for words that nobody knows', async () => {
    for (const line of ['nonsense ', 'nonsense --x ', 'peer nonsense x ', 'status --nonsense '])
      expect((await values(line)).filter((one) => one?.startsWith('n'))).toEqual([])
  })
})

describe('the script', () => {
  test('of bash completes a command, an id with colons in it and an option, in a real bash', async () => {
    const lines = ['dfft statu', 'dfft credential show urn:uu', `dfft present --to ${didB.slice(0, 12)}`, 'dfft peer list --pl', 'dfft nonsense ']
    const calls = lines.map((line) => `COMP_LINE='${line}' COMP_POINT=${line.length}; _dfft; printf '%s,' "\${COMPREPLY[@]}"; echo`)
    const dfft = `dfft() { '${process.execPath}' '${mainFile}' "$@"; }`
    await writeFile(join(dir, 'try.sh'), [dfft, scripts.bash, ...calls].join('\n'))
    const { stdout, stderr } = await promisify(execFile)('bash', ['--norc', 'try.sh'], { cwd: dir, env: { PATH: process.env.PATH } })
    // Readline keeps what stands before the last colon.
    expect([stdout.split('\n').slice(0, -1), stderr]).toEqual([
      ['status,', `${credential.id.replace('urn:', '')},`, `${didB.replace('did:web:', '')},`, '--plain,', ','],
      '',
    ])
  })

  /** A `dfft` for a shell: what it is asked while somebody types goes to ours; what is typed in the end is written down. */
  async function program(): Promise<string> {
    const bin = join(dir, 'bin')
    await mkdir(bin, { recursive: true })
    const text = `#!/bin/sh\nif [ "$1" = __complete ]; then exec '${process.execPath}' '${mainFile}' "$@"; fi\nfor one in "$@"; do printf '%s,' "$one"; done >> typed\necho >> typed\n`
    await writeFile(join(bin, 'dfft'), text, { mode: 0o755 })
    return `${bin}:/usr/bin:/bin`
  }

  /** Said where it is so, since nothing is tried then. */
  function there(shell: string): boolean {
    if (spawnSync(shell, ['--version']).error === undefined) return true
    console.info(`no ${shell} on this machine: its script is only looked at`)
    expect(scripts[shell as keyof typeof scripts]).toContain('__complete --')
    return false
  }

  const typed = [
    ['dfft statu', 'status'],
    ['dfft credential show urn:uu', `credential,show,${credential.id}`],
    [`dfft present --to ${didB.slice(0, 12)}`, `present,--to,${didB}`],
    ['dfft peer list --pl', 'peer,list,--plain'],
  ] as const

  test('of zsh completes the same at its own prompt, where that shell is on the machine', { timeout: 60_000 }, async () => {
    if (!there('zsh')) return
    await rm(join(dir, 'typed'), { force: true })
    await mkdir(join(dir, 'functions'), { recursive: true })
    await writeFile(join(dir, 'functions', '_dfft'), scripts.zsh)
    // A terminal of zsh's own: each line is typed, completed with the tabulator, and entered.
    const at = [
      'unset zle_bracketed_paste',
      `fpath=(${dir}/functions $fpath)`,
      'autoload -Uz compinit',
      'compinit -u -D',
      ...typed.map(([line]) => `${line}\t`),
      'exit',
    ]
    const script = [
      'zmodload zsh/zpty',
      'zpty inner zsh -f -i',
      ...at.map((line) => `zpty -w inner $'${line.replaceAll('\t', '\\t')}'`),
      'while zpty -r inner; do :; done',
    ]
    await writeFile(join(dir, 'try.zsh'), script.join('\n'))
    const { stdout } = await promisify(execFile)('zsh', ['-f', 'try.zsh'], {
      cwd: dir,
      env: { PATH: await program(), TERM: 'xterm', HOME: dir, LANG: 'C.UTF-8' },
    })
    expect((await readFile(join(dir, 'typed'), 'utf8')).split('\n').slice(0, -1), stdout).toEqual(typed.map(([, words]) => `${words},`))
  })

  test('of fish completes the same, where that shell is on the machine', { timeout: 60_000 }, async () => {
    if (!there('fish')) return
    await writeFile(join(dir, 'try.fish'), [scripts.fish, ...typed.map(([line]) => `complete -C '${line}'`)].join('\n'))
    const env = { PATH: await program(), HOME: dir, LANG: 'C.UTF-8' }
    const { stdout, stderr } = await promisify(execFile)('fish', ['--no-config', 'try.fish'], { cwd: dir, env })
    const found = stdout.split('\n').slice(0, -1)
    expect([found.map((line) => line.split('\t')[0]), stderr]).toEqual([typed.map(([, words]) => words.split(',').at(-1)), ''])
    expect(found[0]).toMatch(/\t\S/) // With what it is about.
  })
})
