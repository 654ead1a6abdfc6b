/** Help, errors and codes in both languages, down to the last text; and that every example works. */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiDouble } from '#node/api-double.ts'
import { serveAdmin } from '#node/http.ts'
import { codes, Exit } from '#protocols/errors.ts'
import { run } from '#test-network/checked-run.ts'
import { adviceJa } from './advice-ja.ts'
import type { Command } from './command.ts'
import { exitWords } from './exit-words.ts'
import { helpJa } from './help-ja.ts'
import { japanese } from './help-words.ts'
import { groups, parser } from './main.ts'
import { width } from './render.ts'
import { ja } from './texts-ja.ts'
import { nameOf } from './tree.ts'

const all: readonly (readonly [words: string, command: Command])[] = (
  await Promise.all(
    Object.entries(groups).map(async ([group, { load }]) =>
      (await load()).commands.map((command) => [nameOf(command) === group ? group : `${group} ${nameOf(command)}`, command] as const),
    ),
  )
).flat()

const hasJapanese = /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-help-'))
})
afterAll(() => rm(dir, { recursive: true }))

async function dfft(argv: readonly string[], env: Record<string, string> = {}) {
  const [out, err]: [string[], string[]] = [[], []]
  const exit = await run(argv, { stdout: { write: (text) => out.push(text) }, stderr: { write: (text) => err.push(text) }, env, cwd: dir })
  return { exit, out: out.join(''), err: err.join('') }
}

describe('Japanese', () => {
  const own = (text: string) => text.replaceAll(/\([^)]*\)/g, '')
  const used = new Set<string>()
  const program = parser({ out: '', err: '' }, async () => {}, {
    say: (text) => {
      used.add(text)
      return text
    },
  })
  const texts = [
    ...Object.values(groups).map(({ about }) => about),
    ...all.flatMap(([, { about, options = [] }]) => [about, ...options.map((one) => one.about)]),
  ]

  test.each(all)('`dfft %s` has Japanese for what it is about and for each option', (_words, { about, options = [] }) => {
    expect([about, ...options.map((one) => one.about)].filter((text) => helpJa[text] === undefined)).toEqual([])
  })

  test('every text of the first screen has Japanese', async () => {
    const help = (await dfft(['--help', '--lang', 'ja'])).out
    const english = (await dfft(['--help'])).out
    for (const { description } of program.options) expect(helpJa[description], description).toMatch(hasJapanese)
    for (const { about } of Object.values(groups)) expect(help).toContain(helpJa[about])
    for (const text of used) expect(own(helpJa[text] ?? ''), text).toMatch(hasJapanese)
    expect(english).not.toMatch(hasJapanese)
  })

  test('no Japanese is of a text that there is not, and none is left in English', () => {
    const words = ['(required)', 'Examples:', 'Usage:', 'Arguments:', 'Options:', 'Global Options:', 'Commands:', 'choices:']
    const known = new Set([...texts, ...used, ...words])
    expect(Object.keys(helpJa).filter((text) => !known.has(text))).toEqual([])
    expect(Object.entries(helpJa).filter(([english, text]) => !hasJapanese.test(text) && english !== 'VCDM 2.0')).toEqual([])
  })

  test.each(all)('`dfft %s --help` is in Japanese for who reads Japanese', async (words, command) => {
    const { exit, out } = await dfft([...words.split(' '), '--help'], { LANG: 'ja_JP.UTF-8' })
    expect(exit).toBe(0)
    for (const text of ['使い方:', '共通のオプション:', '例:', command.examples[0] ?? '']) expect(out).toContain(text)
    expect(out.replaceAll(/\s/g, '')).toContain(japanese.say(command.about).replaceAll(/\s/g, ''))
    // Beside a long name of an option there is no room to wrap, in English neither.
    const [before = ''] = out.split('例:')
    expect(before.split('\n').filter((line) => width(line) > 80 && !/^ {2}\S.{36}| {40}/.test(line))).toEqual([])
  })

  test.each([
    [['statsu'], 'コマンド「statsu」はありません（もしかして: status）'],
    [['peer', 'ad'], 'もしかして: add'],
    [['request', '--purpos', 'x', '--to', 'y'], 'もしかして: --purpose'],
    [['request', '--purpose', 'x'], '必須のオプション「--to <did>」がありません'],
    [['revoke'], '引数「id」が必要です'],
    [['status', 'extra'], '引数が多すぎます'],
    [['exchange', 'list', '--state', 'lost'], '選択肢: drafted'],
    [['exchange', 'list', '--limit', '0'], '1 以上の整数'],
    [['exchange', 'list', '--limit'], 'に値がありません'],
    [['status'], '応答するノードがありません'],
  ])('%j that is not understood is told in Japanese', async (argv, said) => {
    const { err } = await dfft([...argv, '--lang', 'ja'])
    expect(err).toContain(said)
    expect(err.split('\n').filter((line) => line.startsWith('対処') && !hasJapanese.test(line.slice(2)))).toEqual([])
  })
})

describe('codes', () => {
  test.each(Object.entries(codes))('%s has a cause, advice and an exit code, and the first two in Japanese', (code, { cause, advice, exit }) => {
    const said = [ja.causes[code as keyof typeof codes], adviceJa[code as keyof typeof codes]]
    expect([cause, advice].every((text) => text.length > 5)).toBe(true)
    expect(said.every((text) => text !== undefined && hasJapanese.test(text))).toBe(true)
    expect(Object.values(Exit)).toContain(exit)
  })

  test('none in Japanese is of a code that there is not', () => {
    expect(Object.keys(adviceJa).filter((code) => !Object.hasOwn(codes, code))).toEqual([])
  })

  test('`dfft explain` lists each under its exit code, in either language', async () => {
    for (const lang of ['en', 'ja'] as const) {
      const { out } = await dfft(['explain', '--lang', lang])
      let exit = ''
      const listed = out.split('\n').flatMap((line) => {
        const [, code] = /^ {2}(DFFT_\w+) {2}\S/.exec(line) ?? []
        if (code === undefined) exit = line.split(' ')[0] ?? ''
        return code === undefined ? [] : [[code, Number(exit)]]
      })
      expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(Object.entries(codes).map(([code, row]) => [code, row.exit])))
      for (const [number, meaning] of exitWords(lang)) expect(out).toContain(`${number}  ${meaning}`)
    }
  })

  test('the exit codes are ten, and the one of an interruption', () => {
    expect(exitWords('en').map(([exit]) => exit)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130])
    expect(new Set(exitWords('ja').map(([, meaning]) => meaning)).size).toBe(11)
  })

  test('one is explained with its advice in Japanese', async () => {
    const { out } = await dfft(['explain', 'dfft-policy-denied', '--lang', 'ja'])
    expect(out).toContain(adviceJa.DFFT_POLICY_DENIED)
    expect(out).toContain('6 (ポリシーまたは権利が許しません)')
  })
})

/** What starts a process, waits for ever, asks a stranger over the network or works for seconds: it has tests of its own. */
const elsewhere = new Set([
  'init',
  'up',
  'down',
  'key recover',
  'evidence timestamp',
  'policy matrix',
  'policy what-if',
  'policy test',
  'backup create',
  'backup inspect',
  'backup restore',
  'doctor',
  'doctor peer',
  'support-bundle',
  'unseal',
  'demo',
  'bench',
  ...['up', 'down', 'state', 'kill', 'partition', 'heal', 'latency', 'clock', 'scenario'].map((verb) => `testnet ${verb}`),
  ...['security', 'durability', 'exactly-once', 'leaks'].map((share) => `selftest ${share}`),
])

describe('every example', () => {
  const lines = all.flatMap(([words, { examples }]) => (elsewhere.has(words) ? [] : examples.map((line) => [line, words] as const)))

  beforeAll(async () => {
    const examples = fileURLToPath(new URL('../docs/schemas/examples/', import.meta.url))
    await cp(examples, join(dir, 'policies'), { recursive: true })
    await mkdir(join(dir, 'policies/packs/reference'), { recursive: true })
    await mkdir(join(dir, 'january'))
    await mkdir(join(dir, 'invoices'))
    await mkdir(join(dir, '.dfft'))
    await writeFile(join(dir, '.dfft', 'dfft.yaml'), 'name: Agency\njurisdiction: JP\n')
    await writeFile(join(dir, '.dfft', 'node.log'), '{"at":"2026-10-01T12:00:00.000Z","level":"info","event":"ready"}\n')
    await mkdir(join(dir, '.config', 'dfft'), { recursive: true })
  })

  test.each(lines.filter(([line]) => !/--follow|--change|--open|dfft watch(?!.*--once)/.test(line)))('%s', async (line) => {
    await using _ = await serveAdmin(apiDouble(), { socketPath: join(dir, '.dfft', 'dfft.sock'), log: () => {} })
    const [before = ''] = line.split(/ [>|] /)
    const argv = [...before.replace(' --dir /var/lib/dfft', '').matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '').slice(1)
    for (const word of argv) if (/^[\w*./-]+\.(?:\w{3,6})$/.test(word) && !word.startsWith('did:')) await fixture(word)
    // Each finds the contexts that it names, whatever the one before did with them.
    await writeFile(join(dir, '.config', 'dfft', 'contexts.json'), JSON.stringify({ current: null, contexts: { registry: { dir, socket: null } } }))
    const { out } = await dfft(argv.includes('--json') ? argv : [...argv, '--json'], { HOME: dir })
    const { ok, error } = out.startsWith('{') ? JSON.parse(out.split('\n', 1)[0] ?? '') : { ok: true }
    // What stands in a file is no example: all that it may say is that the file is none of what it reads.
    if (ok === false && !otherDouble.test(error.message)) expect(fileFaults, `${line}\n${error.message}`).toContain(error.code)
  })
})

/** The double holds one credential, of one type and in one form. */
const otherDouble = /is not held as|is a `BusinessRegistrationCredential`/
const fileFaults = [
  'DFFT_XML',
  'DFFT_SCHEMA',
  'DFFT_NOT_JSON',
  'DFFT_EVIDENCE',
  'DFFT_CREDENTIAL_FORMAT',
  'DFFT_ISSUER_UNKNOWN',
  'DFFT_NOT_CHECKED',
  'DFFT_SIGNATURE',
]

async function fixture(name: string): Promise<void> {
  const examples = (file: string) => fileURLToPath(new URL(`../docs/schemas/examples/${file}`, import.meta.url))
  const path = join(dir, name)
  if (name.endsWith('.cases.json')) return cp(examples('jp.cases.json'), path)
  if (name === 'question.json' || name === 'questions.jsonl') return cp(examples('questions.jsonl'), path)
  if (/(?:jp|eu)[\w-]*\.yaml$/.test(name)) return cp(examples('jp.yaml'), path)
  if (name.endsWith('.csv')) return writeFile(path, 'number,name\n1,a\n')
  if (name === 'proposal.json') return writeFile(path, JSON.stringify({ did: 'did:web:partner.example', log: '{}' }))
  if (/\.jsonld$/.test(name)) return writeFile(path, odrl)
  await writeFile(path, name.endsWith('.json') || name.endsWith('.yaml') ? '{}' : 'text')
}

const odrl = JSON.stringify({
  '@context': 'http://www.w3.org/ns/odrl.jsonld',
  uid: 'urn:example:offer',
  permission: { action: 'distribute', target: 'urn:dfft:vocab:invoice' },
})
