import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verifyAnswerFile } from '#node/offline.ts'
import { addProof } from '#protocols/credential/data-integrity.ts'
import { issueVcJwt } from '#protocols/credential/vc-jwt.ts'
import { didKeyMethod, didKeyOf } from '#protocols/did/key.ts'
import { agencyLog, bornMs, dayMs, seededKey } from '#protocols/did/webvh.fixture.ts'
import { codeOf } from '#protocols/errors.ts'
import { type Did, type DidUrl, instant } from '#protocols/ids.ts'
import type { Signer } from '#protocols/keys.ts'
import { answerCredential } from '#protocols/trust/signed-answer.ts'
import { run } from '#test-network/checked-run.ts'

const nowMs = bornMs + 10 * dayMs

function signerOf(seed: number): Signer & { readonly did: Did } {
  const { publicJwk, sign } = seededKey(seed)
  const did = didKeyOf(publicJwk)
  return { did, algorithm: 'EdDSA', keyId: didKeyMethod(did) as DidUrl, publicJwk, sign: async (bytes) => sign(bytes) }
}

const registry = signerOf(21)
const other = signerOf(22)
const request = { entity_id: other.did, authority_id: registry.did, action: 'issue', resource: 'BusinessRegistrationCredential' }

function credentialOf(issuer: Did, atMs = nowMs) {
  const response = { ...request, authorized: true, time_evaluated: instant(atMs), message: 'accredited' }
  return answerCredential({
    id: 'urn:uuid:0e2e5c8a-3f6b-4c55-9a0d-6a3d1a9d2f10',
    issuer,
    kind: 'authorization',
    request,
    response,
    code: null,
    island: false,
    links: [],
    nowMs: atMs,
    validUntilMs: atMs + dayMs,
  })
}
const signed = async (issuer: Did, by: Signer) =>
  JSON.stringify(await addProof(credentialOf(issuer), { signer: by, created: instant(nowMs), purpose: 'assertionMethod' }))
const rootsOf = (...dids: Did[]) => JSON.stringify({ roots: dids.map((did) => ({ did, jurisdictions: ['JP'], issues: ['BusinessRegistrationCredential'] })) })
const at = (atMs: number) => ({ atMs, nowMs: atMs })

test('an answer in either form is verified from files, with what was checked and what cannot be', async () => {
  for (const text of [await signed(registry.did, registry), await issueVcJwt(credentialOf(registry.did), registry)]) {
    const view = await verifyAnswerFile(`${text}\n`, rootsOf(other.did, registry.did), at(nowMs))
    expect(view).toMatchObject({ verified: true, issuer: registry.did, subject: { request, response: { authorized: true } } })
    expect([view.checked.length, view.unchecked]).toEqual([6, ['documents', 'meanwhile', 'question']])
  }
})

test.each([
  ['of none of the roots', () => signed(registry.did, registry), rootsOf(other.did), nowMs, 'DFFT_ISSUER_UNKNOWN'],
  ['in a root’s name, signed by another root', () => signed(registry.did, other), rootsOf(registry.did, other.did), nowMs, 'DFFT_KEY_NOT_FOUND'],
  [
    'that was changed',
    async () => (await signed(registry.did, registry)).replace('"island":false', '"island":true'),
    rootsOf(registry.did),
    nowMs,
    'DFFT_SIGNATURE',
  ],
  ['past its end', () => signed(registry.did, registry), rootsOf(registry.did), nowMs + 2 * dayMs, 'DFFT_EXPIRED'],
  ['of later', () => signed(registry.did, registry), rootsOf(registry.did), nowMs - dayMs, 'DFFT_NOT_YET_VALID'],
])('an answer %s is refused', async (_what, make, roots, atMs, code) => {
  expect(await verifyAnswerFile(await make(), roots, at(atMs)).catch(codeOf)).toMatch(code)
})

test('an answer under a key that its registry has retired may be dated back, and is refused', async () => {
  const { updateLog } = await import('#protocols/did/webvh-write.ts')
  const { rekeyed } = await import('#protocols/did/document.ts')
  const { verifyLog } = await import('#protocols/did/webvh.ts')
  const { did, log } = await agencyLog()
  const { document } = verifyLog(did, log, { nowMs })
  const { publicJwk, sign } = seededKey(2)
  const keyId = document.verificationMethod?.[0]?.id as DidUrl
  const signer: Signer = { algorithm: 'EdDSA', keyId, publicJwk, sign: async (bytes) => sign(bytes) }
  const text = await signed(did, signer)
  const roots = (didLog: string) => JSON.stringify({ roots: [{ did, jurisdictions: ['JP'], issues: ['BusinessRegistrationCredential'], didLog }] })
  expect((await verifyAnswerFile(text, roots(log), at(nowMs))).issuer).toBe(did)
  const rotated = rekeyed(document, { from: keyId, to: seededKey(3).publicJwk, revoked: [] })
  const later = await updateLog({ did, log, signer: seededKey(1), versionTimeMs: nowMs + 3_600_000, document: rotated })
  expect(await verifyAnswerFile(text, roots(later.log), at(nowMs + 7_200_000)).catch(codeOf)).toBe('DFFT_KEY_NOT_FOUND')
})

test('the command prints both lists, and exits as a failed verification does', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'dfft-answer-'))
  writeFileSync(join(dir, 'answer.json'), await signed(registry.did, registry))
  writeFileSync(join(dir, 'roots.json'), rootsOf(registry.did))
  writeFileSync(join(dir, 'others.json'), rootsOf(other.did))
  const dfft = async (...argv: string[]) => {
    let out = ''
    const sink = { write: (text: string) => (out += text) }
    const exit = await run(['trust', 'verify-answer', 'answer.json', ...argv], { stdout: sink, stderr: sink, env: {}, cwd: dir })
    return { exit, out }
  }
  const atNow = ['--at', instant(nowMs)]
  const good = await dfft('--trust', 'roots.json', ...atNow)
  expect([good.exit, good.out.includes('Checked:'), good.out.includes('Not checked:')]).toEqual([0, true, true])
  expect((await dfft('--trust', 'roots.json', ...atNow, '--lang', 'ja')).out).toContain('確認していない事項')
  expect((await dfft('--trust', 'others.json', ...atNow)).exit).toBe(5)
  expect((await dfft('--trust', 'roots.json', '--at', 'yesterday')).exit).toBe(2)
  expect((await dfft('--trust', 'none.json')).exit).toBe(3)
})
