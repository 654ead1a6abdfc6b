import { hash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { childrenOf, context, type Der, der, readDer, tags } from './evidence-der.ts'
import { LocalAuthority } from './evidence-timestamp.fixture.ts'
import { readTimestamp, timestampQuery, tokenIn, verifyTimestamp } from './evidence-timestamp.ts'
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

describe('a timestamp that says more than a time', () => {
  const extension = (flag: readonly Uint8Array[]) => der(tags.sequence, Uint8Array.of(0x06, 3, 0x2a, 3, 4), ...flag, der(tags.octets, Uint8Array.of(5, 0)))
  const critical = der(tags.boolean, Uint8Array.of(0xff))
  const uncritical = der(tags.boolean, Uint8Array.of(0))
  const list = (...extensions: readonly Uint8Array[]) => der(context(1), ...extensions)

  test('is one by the authority that signed it anew, which is what the others here are', () => {
    const { authority: name } = verified(saying((parts) => parts))
    expect(name).toContain('CN=stamp')
  })

  test('in an extension that is not critical holds', () => {
    expect(verified(saying((parts) => [...parts, list(extension([]))])).authority).toContain('CN=stamp')
  })

  test.each<readonly [string, (parts: readonly Uint8Array[]) => readonly Uint8Array[]]>([
    ['a critical extension', (parts) => [...parts, list(extension([critical]))]],
    [
      'a critical extension behind another',
      (parts) => [...parts, list(der(tags.sequence, Uint8Array.of(0x06, 1, 0x2a), der(tags.octets)), extension([critical]))],
    ],
    ['a flag in a spelling that is not DER', (parts) => [...parts, list(extension([uncritical]))]],
    ['one extension twice', (parts) => [...parts, list(extension([]), extension([]))]],
    ['an empty list of extensions', (parts) => [...parts, list()]],
    ['an extension without a value', (parts) => [...parts, list(der(tags.sequence, Uint8Array.of(0x06, 1, 0x2a)))]],
    ['an extension with two values', (parts) => [...parts, list(der(tags.sequence, Uint8Array.of(0x06, 1, 0x2a), der(tags.octets), der(tags.octets)))]],
    ['a part that the standard does not have', (parts) => [...parts, der(context(2))]],
    ['a part twice', (parts) => [...parts, ...parts.slice(-1)]],
    ['its parts in another order', (parts) => [...parts.slice(0, -2), ...parts.slice(-2).reverse()]],
  ])('in %s is refused', (_, change) => {
    expect(() => verified(saying(change))).toThrow(refused)
  })

  test('in a critical extension is not taken from the authority in the first place', () => {
    const token = saying((parts) => [...parts, list(extension([critical]))])
    const answer = der(tags.sequence, der(tags.sequence, der(tags.integer, Uint8Array.of(0))), token)
    expect(() => tokenIn(answer, { imprint, nonce })).toThrow(refused)
  })

  /** A token of the authority’s whose TSTInfo has other parts, signed by it anew. */
  function saying(change: (parts: readonly Uint8Array[]) => readonly Uint8Array[]): Uint8Array {
    const token = Buffer.from(tokenIn(answerOf('stamp'), { imprint, nonce }))
    const signedData = childrenOf(childrenOf(readDer(token, tags.sequence))[1] as Der)[0] as Der
    const [, , encapsulated, , signers] = childrenOf(signedData)
    const octets = childrenOf(childrenOf(encapsulated as Der)[1] as Der)[0] as Der
    const [, , , attributes, , signature] = childrenOf(childrenOf(signers as Der)[0] as Der)
    const info = der(tags.sequence, ...change(childrenOf(readDer(octets.content, tags.sequence)).map(({ bytes }) => bytes)))
    const [before, after] = [octets.content, info].map((content) => hash('sha256', content, 'buffer'))
    const told = replaced((attributes as Der).bytes, before as Uint8Array, after as Uint8Array)
    const signed = authority.sign('stamp', Buffer.concat([Uint8Array.of(tags.set), told.subarray(1)]))
    const same = replaced(replaced(token, (attributes as Der).bytes, told), (signature as Der).content, signed)
    return repacked(same, same.indexOf(octets.bytes), octets.bytes, der(tags.octets, info))
  }
})

/** Of the same length. */
function replaced(bytes: Uint8Array, old: Uint8Array, fresh: Uint8Array): Buffer {
  const at = Buffer.from(bytes).indexOf(old)
  return Buffer.concat([bytes.subarray(0, at), fresh, bytes.subarray(at + old.length)])
}

test('of an authority that is not trusted only its name is told, whatever else the token says', () => {
  const token = tokenIn(answerOf('stamp'), { imprint, nonce })
  const read = (bytes: Uint8Array, authorities = pem('stranger')) => readTimestamp(bytes, { imprint, authorities, nowMs: Date.now() })
  expect(read(token)).toEqual({ trusted: false, authority: 'O=Agency, CN=stamp' })
  expect(read(token, pem('root'))).toMatchObject({ trusted: true, authority: 'O=Agency, CN=stamp' })
  const spoilt = Buffer.from(token)
  spoilt[token.length - 1] = (token.at(-1) ?? 0) ^ 1
  expect(read(spoilt)).toMatchObject({ trusted: false })
  expect(() => read(spoilt, pem('root'))).toThrow(refused)
  expect(() => readTimestamp(token, { imprint: digest('another'), authorities: pem('stranger'), nowMs: Date.now() })).toThrow(refused)
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
