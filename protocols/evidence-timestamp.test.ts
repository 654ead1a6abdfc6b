import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { timestampQuery, tokenIn, verifyTimestamp } from './evidence-timestamp.ts'
import { digest } from './ids.ts'

// The authority is `openssl ts` on this machine: no network.
let folder: string
const imprint = digest('the manifest')
const nonce = new Uint8Array(randomBytes(8))
const refused = expect.objectContaining({ code: 'DFFT_TIMESTAMP' })

const config = `
[tsa]
default_tsa = own
[own]
serial = serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
[stamping]
extendedKeyUsage = critical,timeStamping
[lax]
extendedKeyUsage = timeStamping
[both]
extendedKeyUsage = critical,timeStamping,emailProtection
`

function openssl(...args: readonly string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
}

function certify(name: string, extensions: string, key: readonly string[] = ['rsa:2048']): void {
  openssl('req', '-new', '-newkey', ...key, '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/O=Agency/CN=${name}`)
  openssl('x509', '-req', '-in', `${name}.csr`, '-CA', 'root.pem', '-CAkey', 'root.key', '-CAcreateserial', '-days', '30', '-out', `${name}.pem`, '-extfile', 'tsa.cnf', '-extensions', extensions)
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dfft-tsa-'))
  writeFileSync(join(folder, 'tsa.cnf'), config)
  writeFileSync(join(folder, 'serial'), '01\n')
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'root.key', '-out', 'root.pem', '-days', '60', '-subj', '/O=Agency/CN=root')
  openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'stranger.key', '-out', 'stranger.pem', '-days', '60', '-subj', '/O=Agency/CN=root')
  certify('stamp', 'stamping')
  certify('curve', 'stamping', ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'])
  certify('uncritical', 'lax')
  certify('several', 'both')
  writeFileSync(join(folder, 'query.tsq'), timestampQuery(imprint, nonce))
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function answerOf(signer: string, ...more: readonly string[]): Uint8Array {
  openssl('ts', '-reply', '-config', 'tsa.cnf', '-section', 'own', '-queryfile', 'query.tsq', '-inkey', `${signer}.key`, '-signer', `${signer}.pem`, '-out', 'answer.tsr', ...more)
  return readFileSync(join(folder, 'answer.tsr'))
}

function pem(name: string): string {
  return readFileSync(join(folder, `${name}.pem`), 'utf8')
}

function verified(token: Uint8Array, authorities = pem('root'), nowMs = Date.now()) {
  return verifyTimestamp(token, { imprint, authorities, nowMs })
}

test('a query is one that openssl reads and answers', () => {
  const text = execFileSync('openssl', ['ts', '-query', '-in', 'query.tsq', '-text'], { cwd: folder }).toString()
  expect(text).toContain('Hash Algorithm: sha256')
  expect(text).toContain('Certificate required: yes')
})

test.each(['stamp', 'curve'])('a token by `%s` under a trusted root holds, with its time and name', (signer) => {
  const token = tokenIn(answerOf(signer), { imprint, nonce })
  const { atMs, authority } = verified(token)
  expect(Math.abs(Date.now() - atMs)).toBeLessThan(60_000)
  expect(authority).toContain(`CN=${signer}`)
  expect(verified(token, pem(signer)).atMs).toBe(atMs)
})

test('a token that brings its chain up to the trusted root holds, and one whose chain goes elsewhere does not', () => {
  expect(verified(tokenIn(answerOf('stamp', '-chain', 'root.pem'), { imprint, nonce })).authority).toContain('stamp')
  const stray = tokenIn(answerOf('stamp', '-chain', 'curve.pem'), { imprint, nonce })
  expect(() => verified(stray)).toThrow(refused)
})

test('what is not for this file, this question, this authority or this time is refused', () => {
  const answer = answerOf('stamp')
  const token = tokenIn(answer, { imprint, nonce })
  expect(() => tokenIn(answer, { imprint: digest('another'), nonce })).toThrow(refused)
  expect(() => tokenIn(answer, { imprint, nonce: nonce.map((byte) => byte ^ 1) })).toThrow(refused)
  expect(() => verifyTimestamp(token, { imprint: digest('another'), authorities: pem('root'), nowMs: Date.now() })).toThrow(refused)
  expect(() => verified(token, pem('stranger'))).toThrow(refused)
  expect(() => verified(token, pem('curve'))).toThrow(refused)
  expect(() => verified(token, 'no certificate')).toThrow(refused)
  expect(() => verified(token, pem('root'), Date.now() - 3_600_000)).toThrow(refused)
})

test.each(['uncritical', 'several'])('a certificate that is not for timestamps alone (`%s`) counts for nothing', (signer) => {
  // openssl refuses to sign with the one, and what it signs with the other is refused here.
  expect(() => verified(tokenIn(answerOf(signer), { imprint, nonce }))).toThrow()
})

test('an authority’s no is told with its status', () => {
  writeFileSync(join(folder, 'bad.tsq'), timestampQuery(imprint, nonce).subarray(0, 40))
  openssl('ts', '-reply', '-config', 'tsa.cnf', '-section', 'own', '-queryfile', 'bad.tsq', '-inkey', 'stamp.key', '-signer', 'stamp.pem', '-out', 'no.tsr')
  expect(() => tokenIn(readFileSync(join(folder, 'no.tsr')), { imprint, nonce })).toThrow(expect.objectContaining({ code: 'DFFT_TIMESTAMP', facts: { status: 2 } }))
})

test('each byte of a token changed in turn: none is believed', () => {
  const token = tokenIn(answerOf('curve'), { imprint, nonce })
  let tried = 0
  const believed: string[] = []
  const attemptAt = (name: string, changed: Uint8Array) => {
    tried++
    if (attempt(() => verified(changed))) believed.push(name)
  }
  for (let at = 0; at < token.length; at++) {
    const flipped = token.map((byte, place) => (place === at ? byte ^ (1 << at % 8) : byte))
    attemptAt(`flip ${at}`, flipped)
    attemptAt(`delete ${at}`, Buffer.concat([token.subarray(0, at), token.subarray(at + 1)]))
    attemptAt(`insert ${at}`, Buffer.concat([token.subarray(0, at), Uint8Array.of(0), token.subarray(at)]))
    attemptAt(`cut ${at}`, token.subarray(0, at))
  }
  expect(believed).toEqual([])
  expect(tried).toBeGreaterThan(4000)
})

/** Undefined for what is refused. A refusal of another kind is a fault. */
function attempt<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined
    if (code === 'DFFT_TIMESTAMP') return undefined
    if (thrown instanceof Error && 'status' in thrown) return undefined // openssl’s own refusal.
    throw thrown
  }
}
