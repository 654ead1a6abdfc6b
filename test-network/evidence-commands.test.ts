import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '#cli/main.ts'
import { readEvidence } from '#protocols/evidence.ts'
import { LocalAuthority } from '#protocols/evidence-timestamp.fixture.ts'
import { anchorsOf, type PlayedEvidence, playedEvidence } from './evidence-played.ts'

let played: PlayedEvidence
let dir: string

beforeAll(async () => {
  played = await playedEvidence()
  dir = await mkdtemp(join(tmpdir(), 'dfft-evidence-'))
  const { roots } = anchorsOf(played.net)
  await writeFile(join(dir, 'roots.json'), JSON.stringify({ roots: roots.map((root) => ({ ...root, issues: ['BusinessRegistrationCredential'] })) }))
  await writeFile(join(dir, 'e.jsonl'), played.sides.holder.text)
}, 120_000)
afterAll(async () => {
  await rm(dir, { recursive: true, force: true })
  await played[Symbol.asyncDispose]()
})

async function dfft(...argv: readonly string[]): Promise<{ exit: number; out: string; err: string }> {
  const said = { out: '', err: '' }
  const sink = (name: 'out' | 'err') => ({
    write: (text: string) => {
      said[name] += text
    },
  })
  const exit = await run(argv, { stdout: sink('out'), stderr: sink('err'), env: {}, cwd: dir })
  return { exit, ...said }
}

test('a file is verified without a node: exit 0, with what was checked and what was not, in both languages', async () => {
  const text = await dfft('evidence', 'verify', 'e.jsonl', '--trust', 'roots.json')
  expect(text.out).toContain(`verified: exchange ${played.id}, released, receipted and closed by both sides`)
  expect(text.out).toContain('Not checked: credentials, notices, timestamp')
  expect(text.exit).toBe(0)
  const japanese = await dfft('evidence', 'verify', 'e.jsonl', '--trust', 'roots.json', '--lang', 'ja')
  expect(japanese.out).toContain(`検証済み: 交換 ${played.id}`)
  expect(japanese.out).toContain('確認していない項目')
  expect(japanese.out).not.toMatch(/each signed by|decided again here/)
  const json = await dfft('evidence', 'verify', 'e.jsonl', '--trust', 'roots.json', '--json')
  expect(JSON.parse(json.out)).toMatchObject({ ok: true, result: { verified: true, exchange: played.id, outcome: 'closed' } })
})

test('without roots of his own the verifier hears that nothing is proved, and exit 5', async () => {
  const text = await dfft('evidence', 'verify', 'e.jsonl')
  expect(text.exit).toBe(5)
  expect(text.out + text.err).toContain('whoever made the file may have made up everybody in it')
  expect(JSON.parse((await dfft('evidence', 'verify', 'e.jsonl', '--json')).out)).toMatchObject({ ok: false, error: { code: 'DFFT_NOT_CHECKED' } })
})

test('a changed file exits 5 with its code', async () => {
  await writeFile(join(dir, 'changed.jsonl'), played.sides.holder.text.replace('"kind":"message"', '"kind":"massage"'))
  expect((await dfft('evidence', 'verify', 'changed.jsonl', '--trust', 'roots.json')).exit).toBe(5)
  expect(JSON.parse((await dfft('evidence', 'verify', 'changed.jsonl', '--trust', 'roots.json', '--json')).out)).toMatchObject({
    error: { code: 'DFFT_EVIDENCE' },
  })
})

test('an authority’s timestamp is added to the file, and holds for who trusts the authority', async () => {
  using authority = new LocalAuthority()
  authority.certify('stamp')
  const server = createServer(async (asked, answer) => {
    const query = Buffer.concat(await Array.fromAsync(asked as AsyncIterable<Buffer>))
    answer.setHeader('content-type', 'application/timestamp-reply').end(authority.answer(query, 'stamp'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    const { port } = server.address() as AddressInfo
    expect((await dfft('evidence', 'timestamp', 'e.jsonl', '--tsa', `http://127.0.0.1:${port}/`, '--out', 'stamped.jsonl')).exit).toBe(0)
  } finally {
    server.close()
  }
  await writeFile(join(dir, 'tsa.pem'), authority.pem('root'))
  expect(readEvidence(await readFile(join(dir, 'stamped.jsonl'))).timestamps.length).toBe(1)
  const held = await dfft('evidence', 'verify', 'stamped.jsonl', '--trust', 'roots.json', '--tsa-trust', 'tsa.pem', '--json')
  expect(JSON.parse(held.out)).toMatchObject({
    ok: true,
    result: { steps: expect.arrayContaining([expect.objectContaining({ step: 'timestamp', outcome: 'passed' })]) },
  })
  const unasked = await dfft('evidence', 'verify', 'stamped.jsonl', '--trust', 'roots.json')
  expect(unasked.out).toContain('no certificate of an authority that you trust was given')
  authority.root('other')
  await writeFile(join(dir, 'other.pem'), authority.pem('other'))
  const refused = await dfft('evidence', 'verify', 'stamped.jsonl', '--trust', 'roots.json', '--tsa-trust', 'other.pem', '--json')
  expect(JSON.parse(refused.out)).toMatchObject({ ok: false, error: { code: 'DFFT_TIMESTAMP' } })
})

test('what is no authority’s address, and what nobody answers, is told', async () => {
  expect(JSON.parse((await dfft('evidence', 'timestamp', 'e.jsonl', '--tsa', 'ftp://x/', '--json')).out)).toMatchObject({ error: { code: 'DFFT_USAGE' } })
  expect(JSON.parse((await dfft('evidence', 'timestamp', 'e.jsonl', '--tsa', 'http://127.0.0.1:9/', '--json')).out)).toMatchObject({
    error: { code: 'DFFT_UNREACHABLE' },
  })
})
