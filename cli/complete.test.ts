/** Completion, asked in process, and by a real bash with the script that it is given. */
import { execFile, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
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

  test.each(['zsh', 'fish'] as const)('of %s reads, where that shell is on the machine', async (shell) => {
    const there = spawnSync(shell, ['--version']).error === undefined
    if (!there) {
      console.info(`no ${shell} on this machine: its script is only looked at`)
      expect(scripts[shell]).toContain('__complete --')
      return
    }
    await writeFile(join(dir, `try.${shell}`), scripts[shell])
    expect(spawnSync(shell, ['-n', `try.${shell}`], { cwd: dir, encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' })
  })
})
