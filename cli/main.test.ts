/** The CLI in process, against the double of the operator API on a real Unix socket. Real nodes come in the test network. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { operations } from '#node/api.ts'
import { apiDouble, credential, didB, exchange, exchangeId, refused, report } from '#node/api-double.ts'
import { serveAdmin } from '#node/http.ts'
import { codes, TrustError } from '#protocols/errors.ts'
import { run } from '#test-network/checked-run.ts'
import type { Command } from './command.ts'
import { cheats } from './commands/cheat.ts'
import { groups, parser } from './main.ts'
import { nameOf } from './tree.ts'

const mainFile = fileURLToPath(new URL('./main.ts', import.meta.url))

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-cli-'))
})
afterEach(() => rm(dir, { recursive: true }))

interface Ran {
  exit: number
  out: string
  err: string
  /** Standard output as the envelope. */
  json: { ok: boolean; result: Record<string, unknown>; error: { code: string; message: string; advice: string; facts: Record<string, unknown> } }
}

interface World {
  env?: Record<string, string>
  stdin?: string
  terminal?: boolean
  nodeProgram?: string
}

async function dfft(argv: readonly string[], { env = {}, stdin, terminal = false, ...rest }: World = {}): Promise<Ran> {
  const stdout: string[] = []
  const stderr: string[] = []
  const exit = await run(argv, {
    stdout: { write: (text) => stdout.push(text), isTTY: terminal },
    stderr: { write: (text) => stderr.push(text), isTTY: terminal },
    ...(stdin !== undefined && { stdin: Readable.from([stdin]) }),
    env,
    cwd: dir,
    ...rest,
  })
  const out = stdout.join('')
  return { exit, out, err: stderr.join(''), json: out.startsWith('{') ? JSON.parse(out) : undefined }
}

/** Starts the double where the CLI looks for a node. */
async function node(own: Parameters<typeof apiDouble>[0] = {}) {
  const { mkdir } = await import('node:fs/promises')
  await mkdir(join(dir, '.dfft'))
  const api = apiDouble(own)
  const server = await serveAdmin(api, { socketPath: join(dir, '.dfft', 'dfft.sock'), log: () => {} })
  return { called: api.called, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

/** Every command with the words that call it. */
const all: readonly (readonly [words: string, command: Command])[] = (
  await Promise.all(
    Object.entries(groups).map(async ([group, { load }]) =>
      (await load()).commands.map((command) => [nameOf(command) === group ? group : `${group} ${nameOf(command)}`, command] as const),
    ),
  )
).flat()

/** The words of a command line as a shell cuts them: quotes, and nothing behind `>` or `|`. */
function words(line: string): string[] {
  const [before = ''] = line.split(/ [>|] /)
  return [...before.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '').slice(1)
}

/** Which command a line calls; throws where the parser refuses it. */
async function understood(line: string): Promise<Command | undefined> {
  let found: Command | undefined
  const program = parser({ out: '', err: '' }, async (command) => {
    found = command
  })
  await program.parseAsync(words(line), { from: 'user' })
  return found
}

describe('the contract with the table of operations', () => {
  test('every operation has exactly one command', () => {
    const called = all.map(([, { operation }]) => operation).filter((name) => name !== null)
    // A file is handed over in steps, all by `dfft issue --attach`.
    const steps = ['attachmentBegin', 'attachmentAppend', 'attachmentFinish']
    // A second way to ask a command, by a flag of it.
    const flags = ['presentPreview', 'requestPreview'] // `dfft present --dry-run`, `dfft request --dry-run`
    expect([...called, ...steps, ...flags].toSorted()).toEqual(Object.keys(operations).toSorted())
  })

  test.each(all)('`dfft %s` has an example, and each example calls it', async (_words, command) => {
    expect(command.examples.length).toBeGreaterThan(0)
    for (const example of command.examples) expect(await understood(example), example).toBe(command)
  })

  test('an option behind a subcommand is the subcommand’s, also where its group has one of that name', async () => {
    let said: object = {}
    const program = () =>
      parser({ out: '', err: '' }, async (_command, _args, options) => {
        said = options
      })
    await program().parseAsync(words('dfft enrol approve abc --issues A --issues B --right @rights.yaml --assurance high'), { from: 'user' })
    expect(said).toEqual({ issues: ['A', 'B'], right: ['@rights.yaml'], assurance: 'high' })
    await expect(program().parseAsync(words('dfft enrol approve abc --contact me'), { from: 'user' })).rejects.toThrow("unknown option '--contact'")
  })

  test.each(all)('`dfft %s --help` shows its examples and --json, and exits 0', async (called, command) => {
    const { exit, out, err } = await dfft([...called.split(' '), '--help'])
    expect([exit, err]).toEqual([0, ''])
    expect(out).toContain('--json')
    for (const example of command.examples) expect(out).toContain(example)
    expect(await dfft(['help', ...called.split(' ')])).toMatchObject({ exit: 0, out })
  })

  const online = all.filter(([, { operation }]) => operation !== null && operation !== 'stop')
  test.each(online)('`dfft %s` asks the node once, and prints an envelope with --json and text without', async (_called, command) => {
    await using double = await node()
    for (const name of ['agreement.json', 'agreement.signed.json']) await writeFile(join(dir, name), '{}')
    await writeFile(join(dir, 'proposal.json'), JSON.stringify({ did: 'did:web:partner.example', log: '{}' }))
    for (const name of ['passphrase.txt', 'backup-passphrase.txt']) await writeFile(join(dir, name), 'correct horse\n')
    for (const name of ['jp-export.yaml', 'jp-export.signed.json', 'credential.txt', 'partners-copy.txt', 'jp.bundle']) await writeFile(join(dir, name), 'text')
    for (const name of ['companies.csv']) await writeFile(join(dir, name), 'number,name\n1,a\n')
    const argv = words(command.examples[0] ?? '').filter((word) => word !== '--json')
    const json = await dfft([...argv, '--json'])
    expect(json.out.trimEnd().split('\n')).toHaveLength(1)
    expect(json.json.ok).toBe(true)
    // What a file is called is listed before it is saved, and how far a register's came before it is taken in.
    const before = new Map([
      ['attachmentRead', 'attachmentList'],
      ['registryImport', 'registryFiles'],
    ]).get(command.operation ?? '')
    expect(double.called.map(({ name }) => name)).toEqual([...(before ? [before] : []), command.operation])
    const text = await dfft(argv)
    expect(text.out).not.toBe('')
    expect([json.exit, text.exit, json.err, text.err]).toEqual([0, 0, '', ''])
    expect(text.out).not.toMatch(/undefined|\[object/)
  })

  test.each(online)('`dfft %s` without a node exits 7 and says how to start it', async (_called, command) => {
    for (const name of ['agreement.json', 'agreement.signed.json']) await writeFile(join(dir, name), '{}')
    await writeFile(join(dir, 'proposal.json'), JSON.stringify({ did: 'did:web:partner.example', log: '{}' }))
    for (const name of ['passphrase.txt', 'backup-passphrase.txt']) await writeFile(join(dir, name), 'correct horse\n')
    for (const name of ['jp-export.yaml', 'jp-export.signed.json', 'credential.txt', 'partners-copy.txt', 'jp.bundle']) await writeFile(join(dir, name), 'text')
    await writeFile(join(dir, 'companies.csv'), 'number,name\n1,a\n')
    // Without a node a credential is verified from files: that has its own test.
    if (command.operation === 'credentialVerify') return expect(command.about).toContain('else from files alone')
    const { exit, json } = await dfft([...words(command.examples[0] ?? ''), '--json'])
    expect([exit, json.ok, json.error.code, json.error.advice]).toEqual([7, false, 'DFFT_NOT_RUNNING', 'Start it with `dfft up`.'])
  })

  test('every line of every cheat is understood', async () => {
    for (const [topic, text] of await cheats()) {
      const lines = text.split('\n').filter((line) => line.startsWith('    '))
      expect(lines.length, topic).toBeGreaterThan(0)
      for (const line of lines) expect(await understood(line.trim()), line).toBeDefined()
    }
  })

  test('what a flag says reaches the node', async () => {
    await using double = await node()
    await dfft(words(`dfft issue --record 7 --subject ${didB} --valid-days 30 --no-deliver`))
    await dfft(words(`dfft request --to ${didB} --purpose p --claim /a --claim /b --legal-basis law --transfer-tool scc`))
    await dfft(words(`dfft trust accredit ${didB} --sector private --assurance low --issues A --issues B`))
    await dfft(words('dfft audit verify --witnesses'))
    expect(double.called.map(({ input }) => input)).toEqual([
      { type: 'BusinessRegistrationCredential', record: '7', subject: didB, deliver: false, dryRun: false, validDays: 30 },
      { to: didB, claims: ['/a', '/b'], purpose: 'p', legalBasis: 'law', transferTools: ['scc'], reuse: true },
      { subject: didB, sector: 'private', assurance: 'low', issues: ['A', 'B'], validDays: 365, dryRun: false },
      { witnesses: true },
    ])
  })
})

describe('issuing about a person', () => {
  const wish = words(`dfft issue --type QualificationCredential --holder ${didB} --copies 20 --claims -`)

  test('takes the claims of a file, the node that serves the person and the number of copies', async () => {
    await using double = await node()
    await dfft(wish, { stdin: '{"kind":"degree","level":{"eqf":6}}' })
    expect(double.called.map(({ input }) => input)).toEqual([
      {
        type: 'QualificationCredential',
        claims: { kind: 'degree', level: { eqf: 6 } },
        holder: didB,
        copies: 20,
        deliver: true,
        dryRun: false,
        validDays: 365,
      },
    ])
  })

  test.each([
    ['a list', '[]', 'DFFT_SCHEMA'],
    ['nothing', 'null', 'DFFT_SCHEMA'],
    ['no JSON', '{', 'DFFT_NOT_JSON'],
    ['a member twice', '{"kind":1,"kind":2}', 'DFFT_JSON_DUPLICATE_KEY'],
  ])('refuses claims that are %s before the node is asked', async (_, stdin, code) => {
    await using double = await node()
    const { json } = await dfft([...wish, '--json'], { stdin })
    expect([json.error.code, double.called]).toEqual([code, []])
  })

  test('shows how many copies are left, and no subject', async () => {
    const copies = { holder: didB, total: 20, left: 19 }
    await using double = await node({ issue: () => ({ credential: { ...credential, subject: null, copies }, delivery: null }) })
    const { out } = await dfft(wish, { stdin: '{}' })
    expect(double.called).toHaveLength(1)
    expect(out).toMatch(/copies left +19 \/ 20/)
    expect(out).toContain(didB)
  })
})

describe('a request by a query', () => {
  const query = { credentials: [{ id: 'a', format: 'dc+sd-jwt', meta: { vct_values: ['urn:a'] }, claims: [{ path: ['name'] }] }] }
  const asked = ['request', '--to', didB, '--purpose', 'p', '--query']

  test('reaches the node from a file or from standard input, without a type or claims', async () => {
    await using double = await node()
    await writeFile(join(dir, 'query.json'), JSON.stringify(query))
    expect((await dfft([...asked, 'query.json'])).exit).toBe(0)
    expect((await dfft([...asked, '-'], { stdin: JSON.stringify(query) })).exit).toBe(0)
    for (const { input } of double.called) expect(input).toMatchObject({ query, claims: [] })
    expect(double.called.map(({ input }) => (input as { type?: string }).type)).toEqual([undefined, undefined])
  })

  test('does not reach it when it is no JSON object, or types and claims stand beside it', async () => {
    await using double = await node()
    await writeFile(join(dir, 'query.json'), JSON.stringify(query))
    for (const [stdin, code] of [
      ['{', 'DFFT_NOT_JSON'],
      ['{"credentials":[],"credentials":[]}', 'DFFT_JSON_DUPLICATE_KEY'],
      ['[]', 'DFFT_SCHEMA'],
      ['null', 'DFFT_SCHEMA'],
    ] as const)
      expect(await dfft([...asked, '-', '--json'], { stdin })).toMatchObject({ json: { error: { code } } })
    expect(await dfft([...asked, 'query.json', '--claim', '/a', '--json'])).toMatchObject({ exit: 2, json: { error: { code: 'DFFT_USAGE' } } })
    expect(await dfft([...asked, 'query.json', '--type', 'A', '--json'])).toMatchObject({ exit: 2, json: { error: { code: 'DFFT_USAGE' } } })
    expect(double.called).toEqual([])
  })

  test('shows several credentials each under the name it has in the query', async () => {
    const [part] = exchange.credentials
    const credentials = ['tokyo', 'hyogo'].map((id) => ({ ...part, id, disclosed: [`/of-${id}`] }))
    await using _ = await node({ request: () => ({ ...exchange, credentials }) })
    await writeFile(join(dir, 'query.json'), JSON.stringify(query))
    const { out } = await dfft([...asked, 'query.json'])
    for (const text of ['asked for tokyo', 'asked for hyogo', '/of-tokyo', '/of-hyogo']) expect(out).toContain(text)
    expect((await dfft([...asked, 'query.json', '--lang', 'ja'])).out).toContain('照会 hyogo')
  })
})

describe('the first screen', () => {
  test('loads the parser and nothing else of other people, and of ours only main.ts, lang.ts and tree.ts', async () => {
    const hook = `import { registerHooks } from 'node:module'
registerHooks({ load: (url, context, next) => (process.stderr.write(url + '\\n'), next(url, context)) })`
    const child = spawnSync(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, mainFile, '--help'], { encoding: 'utf8' })
    expect(child.stdout).toContain('Usage: dfft')
    const loaded = child.stderr.split('\n').filter((url) => url.startsWith('file:') && !url.includes('/node_modules/commander/'))
    expect(loaded).toEqual(['main.ts', 'lang.ts', 'tree.ts'].map((name) => mainFile.replace('main.ts', name)).map((path) => pathToFileURL(path).href))
  })

  test('of a command loads neither zod, nor yaml, nor the table, nor the network', async () => {
    const hook = `import { registerHooks } from 'node:module'
registerHooks({ load: (url, context, next) => (process.stderr.write(url + '\\n'), next(url, context)) })`
    const child = spawnSync(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, mainFile, 'status', '--dir', dir], {
      encoding: 'utf8',
    })
    expect(child.status).toBe(7)
    expect(child.stderr).toContain('/cli/commands/status.ts')
    expect(child.stderr).not.toMatch(/node_modules\/(?!commander\/)|\/node\/|ids\.ts/)
  })
})

describe('words that are not understood', () => {
  test.each([
    [['statsu'], 'Did you mean status?'],
    [['peer', 'ad'], 'Did you mean add?'],
    [['request', '--purpos', 'x', '--to', 'y'], 'Did you mean --purpose?'],
    [['request', '--purpose', 'x'], '--to <did>'],
    [['revoke'], 'id'],
    [['status', 'extra'], 'argument'],
    [['exchange', 'list', '--state', 'lost'], 'Allowed choices'],
    [['exchange', 'list', '--limit', '0'], 'whole number'],
    [['exchange', 'list', '--limit', '1e3'], 'whole number'],
    [['status', '--lang', 'fr'], 'fr'],
  ])('%j exits 2 and says what would do', async (argv, hint) => {
    const text = await dfft(argv)
    expect([text.exit, text.out]).toEqual([2, ''])
    expect(text.err).toMatch(/^DFFT_USAGE {2}/)
    expect(text.err).toContain(hint)
    const { exit, json, err } = await dfft([...argv, '--json'])
    expect([exit, json.ok, json.error.code, err]).toEqual([2, false, 'DFFT_USAGE', ''])
  })

  test.each([[[]], [['peer']]])('%j shows help on standard error and exits 2', async (argv) => {
    const { exit, out, err } = await dfft(argv)
    expect([exit, out]).toEqual([2, ''])
    expect(err).toContain('Usage: dfft')
  })
})

describe('answers that are a no', () => {
  const request = ['request', '--to', didB, '--purpose', 'marketing']

  test('a refused request exits 6 with the sentences that explain it', async () => {
    await using _ = await node({ request: () => refused })
    const { exit, out, err } = await dfft(request)
    expect([exit, err]).toEqual([6, ''])
    expect(out).toContain('refused: nothing was released')
    expect(out).toContain('- With trade.supplier-verification it would be.')
    expect(out).toContain(`dfft policy explain ${exchangeId}`)
  })

  test('a refused request as JSON has the exchange beside the error', async () => {
    await using _ = await node({ request: () => refused })
    const { exit, json } = await dfft([...request, '--json'])
    expect(exit).toBe(6)
    expect(json).toMatchObject({ ok: false, error: { code: 'DFFT_POLICY_DENIED' }, result: { id: exchangeId, state: 'refused' } })
  })

  test('a refusal for want of an accreditation is a refusal too', async () => {
    await using _ = await node({ request: () => ({ ...refused, code: 'DFFT_ACCREDITATION' }) })
    expect(await dfft([...request, '--json'])).toMatchObject({ exit: 6, json: { error: { code: 'DFFT_ACCREDITATION' } } })
  })

  test('a refusal stays a refusal when its explanation cannot be had', async () => {
    const policyExplain = () => {
      throw new TrustError('DFFT_NOT_FOUND', 'no decision is held')
    }
    await using _ = await node({ request: () => refused, policyExplain })
    expect((await dfft(request)).exit).toBe(6)
  })

  test('a presentation that would be refused exits 6 when it is only tried, by what stands in the way', async () => {
    const tried = ['present', '--to', didB, '--credential', 'x', '--purpose', 'p', '--dry-run', '--json']
    const foreseen = await apiDouble().presentPreview({ to: didB, credential: 'x', purpose: 'p' })
    let obstacle: object | null = null
    await using _ = await node({ presentPreview: () => ({ ...foreseen, obstacle }) })
    expect(await dfft(tried)).toMatchObject({ exit: 6, json: { error: { code: 'DFFT_POLICY_DENIED' }, result: { verdict: 'deny' } } })
    obstacle = { code: 'DFFT_STATUS_REVOKED', message: 'revoked' }
    expect(await dfft(tried)).toMatchObject({ exit: 6, json: { error: { code: 'DFFT_STATUS_REVOKED' } } })
  })

  test('a request that would be refused exits 6 when it is only tried, and nothing is asked for', async () => {
    const asked: object[] = []
    const foreseen = { ...(await apiDouble().requestPreview({ to: didB, purpose: 'marketing' })), verdict: 'deny', code: 'NO_RULE' }
    await using _ = await node({
      request: () => expect.fail('only tried'),
      requestPreview: (wish: object) => {
        asked.push(wish)
        return foreseen
      },
    })
    const { exit, out, err } = await dfft([...request, '--dry-run'])
    expect([exit, err]).toEqual([6, ''])
    expect(out).toContain('nothing would be asked for')
    expect(asked).toMatchObject([{ to: didB, purpose: 'marketing', reuse: true, lang: 'en' }])
    expect(await dfft([...request, '--dry-run', '--json'])).toMatchObject({ exit: 6, json: { error: { code: 'DFFT_POLICY_DENIED' }, result: foreseen } })
  })

  test('one that would be permitted says that the holder decides for itself, and what is held that nobody would be asked', async () => {
    const foreseen = { ...(await apiDouble().requestPreview({ to: didB, purpose: 'p' })), connected: false }
    let reused: readonly string[] = []
    await using _ = await node({ requestPreview: () => ({ ...foreseen, reused }) })
    const asked = await dfft([...request, '--dry-run'])
    expect(asked).toMatchObject({ exit: 0, err: '' })
    expect(asked.out).toContain('The holder decides its own half when it is asked.')
    expect(asked.out).toContain('The partner is not connected')
    expect(asked.out).toContain('Permitted.')
    reused = [exchange.id]
    const held = await dfft([...request, '--dry-run', '--lang', 'ja'])
    expect(held.out).toContain(exchange.id)
    expect(held.out).not.toContain('保有者側の判断')
  })

  test('a node that throws the denial exits 6 too', async () => {
    const present = () => {
      throw new TrustError('DFFT_POLICY_DENIED', 'denied', { rule: 'r1' })
    }
    await using _ = await node({ present })
    const { exit, err } = await dfft(['present', '--to', didB, '--credential', 'x', '--purpose', 'p'])
    expect(exit).toBe(6)
    expect(err).toContain('rule=r1')
    expect(err).toContain(codes.DFFT_POLICY_DENIED.advice)
  })

  test('what came and did not verify exits 5', async () => {
    await using _ = await node({ request: () => ({ ...refused, state: 'rejected', code: 'DFFT_STATUS_REVOKED' }) })
    expect(await dfft([...request, '--json'])).toMatchObject({ exit: 5, json: { ok: false, error: { code: 'DFFT_STATUS_REVOKED' } } })
  })

  test('a request that waits for consent is no failure', async () => {
    await using _ = await node({ request: () => ({ ...refused, state: 'pending', code: null }) })
    expect(await dfft(request)).toMatchObject({ exit: 0, err: '' })
  })

  test.each([
    ['failed', 'DFFT_SIGNATURE', 'DFFT_SIGNATURE'],
    ['not checked', null, 'DFFT_NOT_CHECKED'],
  ])('a verification with a step that is %s exits 5 and names the step', async (outcome, code, expected) => {
    const steps = [...report.steps, { step: 'issuer', outcome, matters: true, code, detail: 'd', words: null }]
    await using _ = await node({ credentialVerify: () => ({ ...report, verified: false, code, steps }) })
    await writeFile(join(dir, 'c.txt'), 'e30')
    const text = await dfft(['credential', 'verify', 'c.txt'])
    expect(text.exit).toBe(5)
    expect(text.out).toContain('NOT verified')
    expect(text.out).toContain('issuer')
    expect(await dfft(['credential', 'verify', 'c.txt', '--json'])).toMatchObject({
      exit: 5,
      json: { ok: false, error: { code: expected }, result: { verified: false } },
    })
  })

  test('whom a presentation is for and on which question goes to the node, both or neither', async () => {
    await using double = await node()
    await writeFile(join(dir, 'c.txt'), 'text')
    await dfft(['credential', 'verify', 'c.txt', '--nonce', 'n', '--audience', 'a'])
    expect(double.called).toEqual([{ name: 'credentialVerify', input: { text: 'text', binding: { nonce: 'n', audience: 'a' } } }])
    for (const one of ['--nonce', '--audience'])
      expect(await dfft(['credential', 'verify', 'c.txt', one, 'x', '--json'])).toMatchObject({ json: { ok: false, error: { code: 'DFFT_USAGE' } } })
  })

  test('evidence is asked for by an id or by the credential in a file, and printed as a file of evidence', async () => {
    await using double = await node()
    await writeFile(join(dir, 'c.txt'), 'text')
    const { out } = await dfft(['credential', 'evidence', 'c.txt'])
    expect(JSON.parse(out)).toMatchObject({ type: 'IssuanceProof', version: 1 })
    await dfft(['credential', 'evidence', 'urn:uuid:1'])
    expect(double.called.map(({ input }) => input)).toEqual([{ credential: 'text' }, { credential: 'urn:uuid:1' }])
  })

  test('a file of evidence is looked at without a node, and must read as one', async () => {
    await using double = await node()
    for (const [name, text] of [
      ['c.txt', 'text'],
      ['proof.json', '{}'],
    ] as const)
      await writeFile(join(dir, name), text)
    const argv = ['credential', 'verify', 'c.txt', '--evidence', 'proof.json', '--json']
    expect(await dfft(argv)).toMatchObject({ json: { ok: false, error: { code: 'DFFT_SCHEMA' } } })
    expect(double.called).toEqual([])
  })

  test('a credential comes from standard input too', async () => {
    await using double = await node()
    await dfft(['credential', 'verify', '-'], { stdin: 'from stdin' })
    expect(double.called).toEqual([{ name: 'credentialVerify', input: { text: 'from stdin' } }])
  })

  test('a log that a partner’s checkpoint contradicts exits 9', async () => {
    const audit = {
      size: 7,
      root: `sha256:${'a'.repeat(64)}`,
      checkpoint: 'n',
      witnesses: [{ did: didB, size: 9, consistent: false, code: 'DFFT_LOG_FORK' }],
      unwitnessed: 0,
    }
    await using _ = await node({ auditVerify: () => audit })
    expect(await dfft(['audit', 'verify', '--witnesses', '--json'])).toMatchObject({ exit: 9, json: { ok: false, error: { code: 'DFFT_LOG_FORK' } } })
  })

  test.each(Object.entries(codes))('%s from the node ends with its exit code, its advice, and nothing on standard output', async (code, row) => {
    const status = () => {
      throw new TrustError(code as keyof typeof codes, 'what happened')
    }
    await using _ = await node({ status })
    const { exit, out, err } = await dfft(['status'])
    expect([exit, out]).toEqual([row.exit, ''])
    expect(err).toContain(`${code}  ${row.cause}\n`)
    expect(err).toContain(row.advice)
  })
})

describe('files', () => {
  test.each([
    ['missing', undefined, 'DFFT_NOT_FOUND', 3],
    ['longer than the node takes', Buffer.alloc(1_000_001, 0x61), 'DFFT_LIMIT', 2],
    ['not UTF-8', Buffer.of(0xff), 'DFFT_NOT_UTF8', 5],
  ])('a file that is %s never reaches the node', async (_what, bytes, code, exit) => {
    await using double = await node()
    if (bytes) await writeFile(join(dir, 'f'), bytes)
    expect(await dfft(['policy', 'add', 'f', '--json'])).toMatchObject({ exit, json: { error: { code } } })
    expect(double.called).toEqual([])
  })

  test('one encoding of a credential is printed alone, and a missing one is named', async () => {
    await using _ = await node()
    expect((await dfft(['credential', 'show', 'x', '--format', 'vc+jwt'])).out).toBe('e30.e30.c2ln\n')
    expect(await dfft(['credential', 'show', 'x', '--format', 'pdf'])).toMatchObject({ exit: 3 })
  })

  test('a checkpoint is printed to the byte', async () => {
    await using _ = await node()
    expect((await dfft(['audit', 'checkpoint'])).out).toBe('dfft.example/log\n7\nqqqq\n\n— dfft.example AAAA\n')
  })
})

test('a credential whose entity ended is shown with how, since when, and who took it up', async () => {
  const end = { kind: 'merged', since: '2026-09-30', successor: { scheme: '0188', value: '6000012150001' } }
  await using _ = await node({ credentialShow: () => ({ credential, claims: {}, encodings: [], end }) })
  const { out } = await dfft(['credential', 'show', 'urn:uuid:1'])
  expect(out).toMatch(/^state +merged \(2026-09-30\)$/m)
  expect(out).toMatch(/^successor +0188:6000012150001$/m)
})

describe('a certificate of the commercial register', () => {
  test.each([
    ['PEM', '-----BEGIN CERTIFICATE-----\nMIIB\nAAEC\n-----END CERTIFICATE-----\n'],
    ['DER', Buffer.from('MIIBAAEC', 'base64')],
  ])('in %s is handed over as the base64 of its DER', async (_form, content) => {
    await using double = await node()
    await writeFile(join(dir, 'company.cer'), content)
    expect(
      (
        await dfft([
          'issue',
          '--record',
          '7000012050002',
          '--subject',
          'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK',
          '--registry-certificate',
          'company.cer',
        ])
      ).exit,
    ).toBe(0)
    expect(double.called).toMatchObject([{ name: 'issue', input: { registryCertificate: 'MIIBAAEC' } }])
  })
})

describe('a register', () => {
  const counting = () => {
    const rows: string[] = []
    const registryImport = ({ text, firstLine }: { text: string; firstLine: number }) => {
      const lines = text.split('\n').slice(0, -1)
      rows.push(...lines)
      const bad = lines.map((line, index) => ({ line: firstLine + index, bad: line.startsWith('bad') })).filter(({ bad }) => bad)
      return {
        columns: 'plain',
        accepted: lines.length - bad.length,
        added: lines.length - bad.length,
        ended: 0,
        unchanged: 0,
        rejected: bad.map(({ line }) => ({ line, code: 'DFFT_IDENTIFIER', message: 'no' })),
        changed: 0,
        revoked: [],
      }
    }
    return { rows, registryImport }
  }

  test('of some megabytes arrives whole, in chunks, and bad rows keep their line in the file', async () => {
    const { rows, registryImport } = counting()
    await using double = await node({ registryImport })
    const lines = Array.from({ length: 40_000 }, (_, index) => `${index === 31_234 ? 'bad' : index},株式会社${index},東京都千代田区霞が関`)
    await writeFile(join(dir, 'r.csv'), `number,name,address\n${lines.join('\n')}\n`)
    const { exit, json } = await dfft(['registry', 'import', 'r.csv', '--json'])
    expect(exit).toBe(0)
    expect(json.result).toMatchObject({ accepted: 39_999, rejectedCount: 1, rejected: [{ line: 31_236, code: 'DFFT_IDENTIFIER' }] })
    expect(double.called.length).toBeGreaterThan(3)
    expect(createHash('sha256').update(rows.join('\n')).digest('hex')).toBe(createHash('sha256').update(lines.join('\n')).digest('hex'))
  })

  test('in Shift_JIS is read when it is said, and refused when not', async () => {
    await using double = await node()
    // 「税」 in Shift_JIS.
    await writeFile(join(dir, 'r.csv'), Buffer.from([...Buffer.from('number,name\n1,'), 0x90, 0xc5, 0x0a]))
    expect(await dfft(['registry', 'import', 'r.csv', '--json'])).toMatchObject({ exit: 2, json: { error: { code: 'DFFT_REGISTER' } } })
    expect(double.called.filter(({ name }) => name === 'registryImport')).toEqual([])
    expect((await dfft(['registry', 'import', 'r.csv', '--encoding', 'shift_jis'])).exit).toBe(0)
    const file = { digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/), bytes: 17, begin: 12, end: 17 }
    expect(double.called.at(-1)).toEqual({ name: 'registryImport', input: { dryRun: false, header: 'number,name', text: '1,税\n', firstLine: 2, file } })
  })

  test('of which nothing is accepted exits 5 with its bad rows; with one good row 0', async () => {
    await using _ = await node({ registryImport: counting().registryImport })
    await writeFile(join(dir, 'r.csv'), 'number,name\nbad1,a\nbad2,b\n')
    const text = await dfft(['registry', 'import', 'r.csv'])
    expect(text.exit).toBe(5)
    expect(text.out).toMatch(/^2 {5}DFFT_IDENTIFIER {2}no$/m)
    await writeFile(join(dir, 'r.csv'), 'number,name\nbad1,a\n1,b\n')
    expect((await dfft(['registry', 'import', 'r.csv'])).exit).toBe(0)
  })

  test('whose import stopped goes on behind what was taken in, by byte and by line, and its counts go on too', async () => {
    const { rows, registryImport } = counting()
    const held = { file: `sha256:${'0'.repeat(64)}`, bytes: 22, taken: 16, line: 3, accepted: 1, unchanged: 4, rejected: 2, at: '2026-11-01T00:00:00Z' }
    await using double = await node({ registryImport, registryFiles: () => ({ files: [held] }) })
    await writeFile(join(dir, 'r.csv'), 'number,name\n1,a\n2,b\nx')
    const { json } = await dfft(['registry', 'import', 'r.csv', '--json'])
    expect(rows).toEqual(['2,b'])
    expect(double.called.at(-1)).toMatchObject({ input: { header: 'number,name', text: '2,b\nx', firstLine: 3, file: { begin: 16, end: 21 } } })
    expect(json.result).toMatchObject({ accepted: 2, unchanged: 4, rejectedCount: 2, resumedAt: 16 })
  })

  test('of JSON is handed over as objects, and by a mapping file with what that says', async () => {
    await using double = await node()
    await writeFile(join(dir, 'r.json'), '{"hojin-infos": [\n{"n":1},\n{"n":2}\n], "message": "200"}\n')
    await writeFile(join(dir, 'm.yaml'), 'register: R\ncolumns: { number: n }\n')
    expect((await dfft(['registry', 'import', 'r.json', '--mapping', 'm.yaml'])).exit).toBe(0)
    expect(double.called.at(-1)).toMatchObject({
      name: 'registryImport',
      input: { header: '', text: '\n{"n":1},\n{"n":2}', firstLine: 1, format: 'json', mapping: { register: 'R', columns: { number: 'n' } }, file: { end: 56 } },
    })
    await writeFile(join(dir, 'm.yaml'), '- a\n')
    expect((await dfft(['registry', 'import', 'r.json', '--mapping', 'm.yaml', '--json'])).json.error.code).toBe('DFFT_REGISTER')
  })

  test('that ended entities stand in says whose credentials were revoked, and who took them up', async () => {
    const successor = { scheme: '0188', value: '6000012150001' }
    const revoked = [{ credential: 'urn:uuid:1', record: '4000012090001', kind: 'merged', successor }]
    await using _ = await node({ registryImport: () => ({ columns: 'nta', accepted: 1, added: 0, ended: 1, unchanged: 0, rejected: [], changed: 1, revoked }) })
    await writeFile(join(dir, 'r.csv'), 'number,name\n1,a\n')
    const { out } = await dfft(['registry', 'import', 'r.csv'])
    expect(out).toMatch(/^urn:uuid:1 +4000012090001 +merged +6000012150001$/m)
  })

  test('lists the files that were taken in, with their share', async () => {
    const one = { file: `sha256:${'0'.repeat(64)}`, bytes: 400, taken: 100, line: 3, accepted: 7, unchanged: 0, rejected: 1, at: '2026-11-01T00:00:00Z' }
    await using _ = await node({ registryFiles: () => ({ files: [one] }) })
    expect((await dfft(['registry', 'files'])).out).toMatch(/25 % +7 +1/)
  })

  test('whose import stops half way says how far it came', async () => {
    let calls = 0
    const registryImport = () => {
      if (++calls === 2) throw new TrustError('DFFT_STORE', 'the disk is full')
      return { columns: 'plain', accepted: 5, added: 5, ended: 0, unchanged: 1, rejected: [], changed: 0, revoked: [] }
    }
    await using _ = await node({ registryImport })
    await writeFile(join(dir, 'r.csv'), `number,name\n${'1,aaaaaaaa\n'.repeat(100_000)}`)
    const { exit, json } = await dfft(['registry', 'import', 'r.csv', '--json'])
    expect([exit, json.error.code, json.error.facts]).toEqual([9, 'DFFT_STORE', { accepted: 5, unchanged: 1 }])
  })

  test('shows its progress on a terminal only', async () => {
    await using _ = await node()
    await writeFile(join(dir, 'r.csv'), 'number,name\n1,a\n')
    expect((await dfft(['registry', 'import', 'r.csv'], { terminal: true })).err).toContain('1 rows')
    expect((await dfft(['registry', 'import', 'r.csv'])).err).toBe('')
  })
})

describe('text for a person', () => {
  test('what a partner named cannot drive the terminal', async () => {
    await using _ = await node({ credentialList: () => ({ credentials: [{ ...credential, title: 'a\u001b[2J\nb\u202ec' }] }) })
    const { out } = await dfft(['credential', 'list'])
    expect(out).toContain('a\\u001b[2J\\u000ab\\u202ec')
    expect(out.trimEnd().split('\n')).toHaveLength(2)
  })

  test('colours are for terminals without NO_COLOR', async () => {
    await using _ = await node()
    const coloured = async (argv: string[], world: World) => (await dfft([...argv, 'peer', 'list'], world)).out.includes('\u001b[')
    expect([
      await coloured([], { terminal: true }),
      await coloured([], { terminal: true, env: { NO_COLOR: '1' } }),
      await coloured(['--plain'], { terminal: true }),
      await coloured([], {}),
    ]).toEqual([true, false, false, false])
  })

  test('Japanese is chosen by flag or locale, errors too', async () => {
    await using _ = await node({ request: () => refused })
    const request = ['request', '--to', didB, '--purpose', 'p']
    expect((await dfft([...request, '--lang', 'ja'])).out).toContain('拒否されました')
    expect((await dfft(request, { env: { LANG: 'ja_JP.UTF-8' } })).out).toContain('拒否されました')
    expect((await dfft([...request, '--lang', 'en'], { env: { LANG: 'ja_JP.UTF-8' } })).out).toContain('refused')
    expect((await dfft(['explain', 'DFFT_NONE', '--lang', 'ja'])).err).toContain('そのような記録はありません')
  })

  test('the language goes with the question for an explanation', async () => {
    await using double = await node()
    await dfft(['policy', 'explain', exchangeId, '--lang', 'ja'])
    expect(double.called).toEqual([{ name: 'policyExplain', input: { exchange: exchangeId, lang: 'ja' } }])
  })
})

describe('where the node is', () => {
  test.each<[what: string, argv: string[], env: Record<string, string>, config: string]>([
    ['--dir', ['--dir', 'elsewhere'], {}, ''],
    ['DFFT_DIR', [], { DFFT_DIR: 'elsewhere' }, ''],
    ['--socket', ['--socket', 'elsewhere/dfft.sock'], {}, ''],
    ['DFFT_SOCKET', [], { DFFT_SOCKET: '../elsewhere/dfft.sock' }, ''],
    ['the file’s `socket`', [], {}, 'socket: ../elsewhere/dfft.sock\n'],
  ])('%s names it', async (_what, argv, env, config) => {
    const { mkdir } = await import('node:fs/promises')
    await mkdir(join(dir, 'elsewhere'))
    await mkdir(join(dir, '.dfft'))
    await writeFile(join(dir, '.dfft', 'dfft.yaml'), config)
    await using _ = await serveAdmin(apiDouble(), { socketPath: join(dir, 'elsewhere', 'dfft.sock'), log: () => {} })
    expect(await dfft(['status', ...argv], { env })).toMatchObject({ exit: 0 })
    expect(await dfft([...argv, 'status'], { env })).toMatchObject({ exit: 0 })
  })
})

describe('codes and cheats', () => {
  test('a code is explained without a node', async () => {
    const { exit, json } = await dfft(['explain', 'DFFT_STATUS_STALE', '--json'])
    expect([exit, json.result]).toEqual([0, { code: 'DFFT_STATUS_STALE', ...codes.DFFT_STATUS_STALE }])
  })

  test('part of a code lists all that have it; nothing lists all; nonsense exits 3', async () => {
    expect((await dfft(['explain', 'stale'])).out).toContain('DFFT_STATUS_STALE')
    expect((await dfft(['explain', '--json'])).json.result.codes).toHaveLength(Object.keys(codes).length)
    expect((await dfft(['explain', 'nonsense'])).exit).toBe(3)
  })

  test('every code has its Japanese title', async () => {
    const { ja } = await import('./texts-ja.ts')
    expect(Object.keys(ja.causes).toSorted()).toEqual(Object.keys(codes).toSorted())
  })

  test('a cheat is printed as it is written; an unknown topic names the known ones', async () => {
    expect((await dfft(['cheat', 'exchange'])).out).toBe(await readFile(new URL('./cheats/exchange.md', import.meta.url), 'utf8'))
    const { exit, err } = await dfft(['cheat', 'cooking'])
    expect(exit).toBe(3)
    expect(err).toContain('exchange, register')
  })
})

describe('policy odrl', () => {
  const offer = (members: object) => JSON.stringify({ '@context': 'http://www.w3.org/ns/odrl.jsonld', uid: 'urn:example:offer', ...members })
  const few = { permission: { action: 'distribute', constraint: { leftOperand: 'count', operator: 'lt', rightOperand: 5 } } }
  const many = { permission: { action: 'distribute', constraint: { leftOperand: 'count', operator: 'gt', rightOperand: 5 } } }
  const said = ['--jurisdiction', 'JP', '--serial', '3', '--from', '2026-01-01T00:00:00Z', '--until', '2027-01-01T00:00:00Z']

  test('import prints the Trust Policy that an ODRL policy is, without a node', async () => {
    const text = offer({ permission: { action: 'distribute', target: 'urn:dfft:vocab:invoice' } })
    const { exit, out } = await dfft(['policy', 'odrl', 'import', '-', ...said], { stdin: text })
    expect([exit, JSON.parse(out)]).toMatchObject([
      0,
      { kind: 'TrustPolicy', metadata: { serial: 3, validUntil: '2027-01-01T00:00:00Z' }, rules: [{ match: { data: ['invoice'] } }] },
    ])
    const { json } = await dfft(['policy', 'odrl', 'import', '-', ...said, '--json'], { stdin: text })
    expect(json.result.rules).toEqual([{ path: '/permission/0', uid: null, ids: ['jp.odrl.permission-1'] }])
  })

  test('import refuses what cannot be carried, by name and place', async () => {
    expect(await dfft(['policy', 'odrl', 'import', '-', ...said, '--json'], { stdin: offer(few) })).toMatchObject({
      exit: 2,
      json: { error: { code: 'DFFT_POLICY_ODRL', facts: { path: '/permission/0/constraint/0/leftOperand', construct: 'odrl:count' } } },
    })
  })

  test('export prints what import reads back', async () => {
    const there = await dfft(['policy', 'odrl', 'export', fileURLToPath(new URL('../policies/packs/reference/jp.yaml', import.meta.url))])
    const back = await dfft(['policy', 'odrl', 'import', '-'], { stdin: there.out })
    const again = await dfft(['policy', 'odrl', 'export', '-'], { stdin: back.out })
    expect([there.exit, back.exit, again.out]).toEqual([0, 0, there.out])
  })

  test('conflict tells whether two policies can be kept at once, in the language of the caller', async () => {
    await writeFile(join(dir, 'few'), offer(few))
    await writeFile(join(dir, 'many'), offer(many))
    expect((await dfft(['policy', 'odrl', 'conflict', 'few', 'many', '--json'])).json.result).toEqual({ verdict: 'conflict' })
    expect((await dfft(['policy', 'odrl', 'conflict', 'few', 'few', '--lang', 'ja'])).out).toContain('両立します')
  })

  test.each([
    ['import', 'few', 'many'],
    ['conflict', 'few'],
    ['merge', 'few'],
  ])('%s %s %s is nothing that it does', async (...args) => {
    expect(await dfft(['policy', 'odrl', ...args, '--json'])).toMatchObject({ exit: 2, json: { error: { code: 'DFFT_USAGE' } } })
  })
})
