/** What an official reads of a verification, in both languages: the sum of it first, and in plain words what was not checked. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { english } from '#node/verification/report-words.ts'
import { attacker, credential, embedded, issuer, presentation, shoe, shoeVct } from '#node/verify.fixture.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { issueBitstringList } from '#protocols/credential/signed-status-list.ts'
import { createStatusList } from '#protocols/credential/status-list.ts'
import { run } from './main.ts'
import { phrasesJa } from './phrases-ja.ts'

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'dfft-report-'))
  const atMs = Date.now()
  const write = (name: string, content: string | JsonObject) => writeFile(join(dir, name), typeof content === 'string' ? content : JSON.stringify(content))
  await write('credential.txt', await credential('vc+jwt', { atMs }))
  await write('proof.json', await credential('data-integrity', { atMs }))
  await write('stolen.json', await presentation('data-integrity', [await embedded('vc+jwt', { atMs })], { atMs, by: attacker }))
  await write('presentation.json', await presentation('data-integrity', [await embedded('vc+jwt', { atMs })], { atMs }))
  await write('roots.json', { roots: [{ did: issuer.did, jurisdictions: ['JP'], issues: [shoe, shoeVct] }] })
  const content = {
    uri: `${issuer.did}/status/1`,
    issuer: issuer.did,
    sequence: 1,
    issuedAtMs: atMs,
    expiresAtMs: atMs + 900_000,
    purpose: 'revocation' as const,
  }
  await write('list.jwt', await issueBitstringList(content, createStatusList({ bits: 1, size: 131_072, order: 'msb' }), issuer.signer))
})
afterAll(() => rm(dir, { recursive: true }))

async function verify(...argv: readonly string[]) {
  const out: string[] = []
  const stdout = { write: (text: string) => out.push(text) }
  const exit = await run(['credential', 'verify', ...argv], { stdout, stderr: stdout, env: {}, cwd: dir })
  const text = out.join('')
  return { exit, text, first: text.split('\n', 1)[0] }
}

const trusted = ['--trust', 'roots.json']
const withList = [...trusted, '--status', 'list.jwt']

test.each(['credential.txt', 'proof.json'])('%s with roots and status list is verified, exit 0', async (file) => {
  const { exit, text, first } = await verify(file, ...withList)
  expect(exit).toBe(0)
  expect(first).toBe(`verified: ${shoe} of ${issuer.did}`)
  expect(text).toMatch(/^revocation +passed +neither revoked nor suspended/m)
  expect(text).toContain('Not checked: content, presenter, policy')
})

test('without a status list the summary names what is missing, and the exit code is 5', async () => {
  const { exit, text, first } = await verify('credential.txt', ...trusted)
  expect(exit).toBe(5)
  expect(first).toBe('NOT verified: nothing failed, but this could not be checked: revocation')
  expect(text).toContain('`--status`')
})

test('without roots the issuer is not verified, and nothing else hides it', async () => {
  const { exit, text, first } = await verify('credential.txt')
  expect(exit).toBe(5)
  expect(first).toBe('NOT verified: no trust root was given, so nobody vouches for the issuer')
  expect(text).toMatch(/^issuer +FAILED +DFFT_ISSUER_UNKNOWN: /m)
  expect(JSON.parse((await verify('credential.txt', '--json')).text)).toMatchObject({ ok: false, error: { code: 'DFFT_ISSUER_UNKNOWN' } })
})

describe('a presentation', () => {
  test('shows the report of each credential under its own', async () => {
    const { exit, text, first } = await verify('presentation.json', ...withList)
    expect(exit).toBe(0)
    expect(first).toMatch(/^verified: a presentation by did:key:/)
    expect(text).toMatch(/\n\nCredential 1 of 1\nverified: ShoeCredential of did:key:/)
  })

  test('of somebody else’s credential exits 5 and says whose it is not', async () => {
    const { exit, text } = await verify('stolen.json', ...withList)
    expect(exit).toBe(5)
    expect(text).toMatch(/^presenter +FAILED +DFFT_HOLDER_BINDING: credential 1 is not its presenter’s/m)
  })
})

describe('in Japanese', () => {
  test('what passed and what was not checked is said in Japanese', async () => {
    const { text, first } = await verify('credential.txt', ...trusted, '--lang', 'ja')
    expect(first).toBe('検証できません: 不合格の項目はありませんが、次の検査を行えませんでした: 失効')
    expect(text).toMatch(/^署名 +合格 +文書全体への署名/m)
    expect(text).toMatch(/^失効 +未検査 +状態リストが手元にありません/m)
    const sentences = text.split('\n').filter((line) => /合格|未検査/.test(line))
    expect(sentences.filter((line) => !/[ぁ-ん]/.test(line))).toEqual([])
  })

  test('what failed is said by its code', async () => {
    expect((await verify('stolen.json', ...withList, '--lang', 'ja')).text).toMatch(/^提示者 +不合格 +DFFT_HOLDER_BINDING: 提示者が/m)
  })

  test('every sentence uses the facts that the English one uses', () => {
    // Each fact is asked for by name, so a proxy hears which.
    const factsOf = (phrase: (facts: never) => string) => {
      const asked = new Set<string>()
      phrase(new Proxy({}, { get: (_, name) => asked.add(String(name)) && String(name) }) as never)
      return [...asked].sort()
    }
    const asked = (book: object) => Object.fromEntries(Object.entries(book).map(([id, phrase]) => [id, factsOf(phrase)]))
    expect(asked(phrasesJa)).toEqual(asked(english))
  })
})
