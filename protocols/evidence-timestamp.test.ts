import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { der, tags } from './evidence-der.ts'
import { LocalAuthority } from './evidence-timestamp.fixture.ts'
import { timestampQuery, tokenIn, verifyTimestamp } from './evidence-timestamp.ts'
import { digest } from './ids.ts'

let authority: LocalAuthority
const imprint = digest('the manifest')
const nonce = new Uint8Array(randomBytes(8))
const refused = expect.objectContaining({ code: 'DFFT_TIMESTAMP' })

beforeAll(() => {
  authority = new LocalAuthority()
  authority.root('stranger')
  authority.certify('stamp')
  authority.certify('curve', 'stamping', ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'])
  authority.certify('uncritical', 'lax')
  authority.certify('several', 'both')
  authority.certify('collided', 'stamping', ['rsa:2048'], 'sha1')
}, 60_000)
afterAll(() => authority[Symbol.dispose]())

function answerOf(signer: string, ...more: readonly string[]): Uint8Array {
  return authority.answer(timestampQuery(imprint, nonce), signer, ...more)
}

function pem(name: string): string {
  return authority.pem(name)
}

function verified(token: Uint8Array, authorities = pem('root'), nowMs = Date.now()) {
  return verifyTimestamp(token, { imprint, authorities, nowMs })
}

test('a query is one that openssl reads and answers', () => {
  const text = authority.read(timestampQuery(imprint, nonce))
  expect(text).toContain('Hash Algorithm: sha256')
  expect(text).toContain('Certificate required: yes')
})

test.each(['stamp', 'curve'])('a token by `%s` under a trusted root holds, with its time and name', (signer) => {
  const token = tokenIn(answerOf(signer), { imprint, nonce })
  const { atMs, authority: name } = verified(token)
  expect(Math.abs(Date.now() - atMs)).toBeLessThan(60_000)
  expect(name).toContain(`CN=${signer}`)
  expect(verified(token, pem(signer)).atMs).toBe(atMs)
})

test('a token that brings its chain up to the trusted root holds, and one whose chain goes elsewhere does not', () => {
  expect(verified(tokenIn(answerOf('stamp', '-chain', 'root.pem'), { imprint, nonce })).authority).toContain('stamp')
  const stray = tokenIn(answerOf('stamp', '-chain', 'curve.pem'), { imprint, nonce })
  expect(() => verified(stray)).toThrow(refused)
})

test('a certificate that stands in the token as PEM, with anything around it, is not read', () => {
  const token = tokenIn(answerOf('curve'), { imprint, nonce })
  const [, own = ''] = /-----BEGIN CERTIFICATE-----([^-]+)-----END/.exec(pem('curve')) ?? []
  const raw = Buffer.from(own, 'base64')
  const at = Buffer.from(token).indexOf(raw)
  expect(at).toBeGreaterThan(0)
  expect(repacked(token, at, raw, raw)).toEqual(Buffer.from(token))
  expect(verified(repacked(token, at, raw, raw)).authority).toContain('curve')
  const other = der(tags.octets, Buffer.from(`what nobody signed\n${pem('curve')}`))
  expect(() => verified(repacked(token, at, raw, other))).toThrow(refused)
})

/** The token with other bytes in place of its certificate, and the lengths of all that stands around it. */
function repacked(token: Uint8Array, at: number, old: Uint8Array, fresh: Uint8Array): Uint8Array {
  const around = (bytes: Uint8Array, start: number): Uint8Array => {
    if (start === at) return fresh
    const [tag = 0, first = 0] = bytes
    const head = 2 + (first < 0x80 ? 0 : first & 0x7f)
    const parts: Uint8Array[] = []
    for (let place = head; place < bytes.length; ) {
      const length = lengthOf(bytes.subarray(place))
      const part = bytes.subarray(place, place + length)
      const holds = start + place <= at && at + old.length <= start + place + length
      parts.push(holds ? around(part, start + place) : part)
      place += length
    }
    return der(tag, ...parts)
  }
  return around(token, 0)
}

function lengthOf([, first = 0, second = 0, third = 0]: Uint8Array): number {
  if (first < 0x80) return 2 + first
  return first === 0x81 ? 3 + second : 4 + second * 256 + third
}

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

test('a certificate that its issuer signed over SHA-1 leads nowhere, unless it is trusted itself', () => {
  const token = tokenIn(answerOf('collided'), { imprint, nonce })
  expect(() => verified(token)).toThrow(refused)
  expect(verified(token, pem('collided')).authority).toContain('collided')
})

test('an authority’s no is told with its status', () => {
  const answer = authority.answer(timestampQuery(imprint, nonce).subarray(0, 40), 'stamp')
  expect(() => tokenIn(answer, { imprint, nonce })).toThrow(expect.objectContaining({ code: 'DFFT_TIMESTAMP', facts: { status: 2 } }))
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
    const flipped = token.map((byte, place) => (place === at ? byte ^ (1 << (at % 8)) : byte))
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
    throw thrown
  }
}
