import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign, verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { toBase64url } from './base64url.ts'
import { foreignSigner } from './credential/foreign-signer.fixture.ts'
import { edges } from './ed25519-edges.fixture.ts'
import { codeOf } from './errors.ts'
import { derOfRaw, nodeKey, PublicJwk, thumbprint, useEd25519, VerifyJwk, verifies, verifyKey } from './keys.ts'

function pair(kind: 'Ed25519' | 'P-256'): { privateKey: KeyObject; publicKey: KeyObject; jwk: PublicJwk } {
  const { privateKey, publicKey } = kind === 'Ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { privateKey, publicKey, jwk: PublicJwk.parse(publicKey.export({ format: 'jwk' })) }
}

// Order of P-256: SEC 2, 2.4.2.
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

describe('ES256', () => {
  const { privateKey, publicKey, jwk } = pair('P-256')
  const key = verifyKey(jwk)
  const rawOf = (bytes: Uint8Array) => sign('sha256', bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' })

  test('agrees with node:crypto in both encodings, whatever the size of r and s', () => {
    for (let count = 0; count < 400; count++) {
      const bytes = randomBytes(32)
      const raw = rawOf(bytes)
      expect(verifies(key, bytes, raw)).toBe(true)
      expect(verify('sha256', bytes, publicKey, derOfRaw(raw))).toBe(true)
    }
  })

  test.each([
    ['short r', 1n, order - 1n],
    ['short s', order - 1n, 1n],
    ['zero', 0n, 0n],
    ['a leading bit', 1n << 255n, 0x80n],
  ])('writes DER as node:crypto reads it: %s', (_what, r, s) => {
    const raw = Buffer.from([r, s].map((value) => value.toString(16).padStart(64, '0')).join(''), 'hex')
    const der = Buffer.from(derOfRaw(raw))
    const integers: bigint[] = []
    for (let at = 2; at < der.length; at += 2 + (der[at + 1] as number)) {
      const body = der.subarray(at + 2, at + 2 + (der[at + 1] as number))
      expect((body[0] as number) & 0x80).toBe(0)
      expect(body.length === 1 || body[0] !== 0 || ((body[1] as number) & 0x80) === 0x80).toBe(true)
      integers.push(BigInt(`0x${body.toString('hex')}`))
    }
    expect([der[0], der[1]]).toEqual([0x30, der.length - 2])
    expect(integers).toEqual([r, s])
  })

  test('takes n−s for s, as the standard does: identifiers of messages are digests, never signatures', () => {
    const raw = rawOf(Buffer.from('text'))
    const s = BigInt(`0x${raw.subarray(32).toString('hex')}`)
    const other = Buffer.concat([raw.subarray(0, 32), Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex')])
    expect(verifies(key, Buffer.from('text'), other)).toBe(true)
  })

  test('refuses r or s of zero, of the order, and DER in place of raw bytes', () => {
    const bytes = Buffer.from('text')
    const raw = rawOf(bytes)
    const n = Buffer.from(order.toString(16), 'hex')
    for (const bad of [
      Buffer.alloc(64),
      Buffer.concat([n, raw.subarray(32)]),
      Buffer.concat([raw.subarray(0, 32), n]),
      Buffer.concat([Buffer.alloc(32), raw.subarray(32)]),
      sign('sha256', bytes, privateKey),
    ])
      expect(verifies(key, bytes, bad)).toBe(false)
  })
})

describe.each([
  ['P-384', 'ES384', 'sha384', 48],
  ['P-521', 'ES512', 'sha512', 66],
] as const)('a key of %s, of an issuer elsewhere', (crv, algorithm, digest, size) => {
  const { jwk, signWith } = foreignSigner(crv, 'did:example:a#key')
  const key = verifyKey(jwk)
  const bytes = Buffer.from('what was said')
  const signature = Buffer.from(signWith(digest, bytes))

  test('verifies what its curve’s one hash signed, whatever the size of r and s', () => {
    expect(key.algorithm).toBe(algorithm)
    for (let count = 0; count < 100; count++) {
      const said = randomBytes(32)
      expect(verifies(key, said, signWith(digest, said))).toBe(true)
    }
  })

  test('takes no other hash, no other bytes, and no signature of another length', () => {
    for (const other of ['sha256', 'sha384', 'sha512'].filter((name) => name !== digest)) expect(verifies(key, bytes, signWith(other, bytes))).toBe(false)
    expect(verifies(key, Buffer.from('what was Said'), signature)).toBe(false)
    for (const length of [0, 64, 96, 132].filter((one) => one !== 2 * size)) expect(verifies(key, bytes, Buffer.alloc(length, signature))).toBe(false)
    expect(verifies(key, bytes, signature.subarray(1))).toBe(false)
    expect(verifies(key, bytes, Buffer.concat([signature, Buffer.alloc(1)]))).toBe(false)
    for (const fill of [0, 0xff]) expect(verifies(key, bytes, Buffer.alloc(2 * size, fill))).toBe(false)
  })

  test('does not fit when any bit of a signature is changed', () => {
    for (let at = 0; at < 16 * size; at += 5) {
      const changed = Buffer.from(signature)
      changed[at >> 3] = (changed[at >> 3] as number) ^ (1 << (at & 7))
      expect(verifies(key, bytes, changed)).toBe(false)
    }
  })

  test('is a key of nobody in this network: not by type, not in a schema, and not on the way', () => {
    expect(PublicJwk.safeParse(jwk).success).toBe(false)
    expect(() => nodeKey(key)).toThrow(expect.objectContaining({ code: 'DFFT_ALGORITHM' }))
    // @ts-expect-error A log's key is of one of two kinds.
    const logKey: PublicJwk = jwk
    expect(logKey).toBe(jwk)
  })

  test('has coordinates of one length, reduced, and on the curve', () => {
    expect(VerifyJwk.safeParse({ ...jwk, x: jwk.x.slice(1) }).success).toBe(false)
    expect(VerifyJwk.safeParse({ ...jwk, crv: 'P-256' }).success).toBe(false)
    expect(VerifyJwk.safeParse({ ...jwk, crv: crv === 'P-384' ? 'P-521' : 'P-384' }).success).toBe(false)
    expect(() => verifyKey({ ...jwk, y: jwk.x } as VerifyJwk)).toThrow(expect.objectContaining({ code: 'DFFT_KEY_NOT_FOUND' }))
  })
})

test('a coordinate of P-521 that is not reduced is refused, although its bytes have room for it', () => {
  const { jwk } = foreignSigner('P-521', 'did:example:a#key')
  const x = BigInt(`0x${Buffer.from(jwk.x, 'base64url').toString('hex')}`) + 2n ** 521n - 1n
  const other = Buffer.from(x.toString(16).padStart(132, '0'), 'hex').toString('base64url')
  expect(other).toHaveLength(88)
  expect(() => verifyKey({ ...jwk, x: other } as VerifyJwk)).toThrow(expect.objectContaining({ code: 'DFFT_KEY_NOT_FOUND' }))
})

test('a length of 128 and more takes an octet of its own in DER', () => {
  const der = derOfRaw(Buffer.alloc(132, 0xff))
  expect([...der.subarray(0, 5)]).toEqual([0x30, 0x81, 138, 0x02, 67])
  expect([...derOfRaw(Buffer.alloc(96, 0xff)).subarray(0, 4)]).toEqual([0x30, 102, 0x02, 49])
})

describe.each(['Ed25519', 'P-256'] as const)('a signature of %s', (kind) => {
  const { privateKey, jwk } = pair(kind)
  const key = verifyKey(jwk)
  const bytes = Buffer.from('what was said')
  const signature = kind === 'Ed25519' ? sign(null, bytes, privateKey) : sign('sha256', bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' })

  test('does not fit when any bit of it is changed', () => {
    for (let at = 0; at < 512; at++) {
      const changed = Buffer.from(signature)
      changed[at >> 3] = (changed[at >> 3] as number) ^ (1 << (at & 7))
      expect(verifies(key, bytes, changed)).toBe(false)
    }
  })

  test('does not fit other bytes, another key, or another length', () => {
    expect(verifies(key, Buffer.from('what was Said'), signature)).toBe(false)
    expect(verifies(verifyKey(pair(kind).jwk), bytes, signature)).toBe(false)
    expect(verifies(verifyKey(pair(kind === 'Ed25519' ? 'P-256' : 'Ed25519').jwk), bytes, signature)).toBe(false)
    for (const length of [0, 63]) expect(verifies(key, bytes, signature.subarray(0, length))).toBe(false)
    expect(verifies(key, bytes, Buffer.concat([signature, Buffer.alloc(1)]))).toBe(false)
  })
})

describe('Ed25519 on the points where implementations differ', () => {
  const scalars = { a: 0x0f0f_1234n ** 7n, r: 0x7777_3333n ** 7n }

  test('gives the verdict that arithmetic gives', () => {
    const verdicts = new Set<string>()
    for (const { name, point, message, signature, holds, keyRefused } of edges(scalars, 1)) {
      let verdict: string
      try {
        verdict = String(verifies(verifyKey({ kty: 'OKP', crv: 'Ed25519', x: toBase64url(point) }), message, signature))
      } catch (thrown) {
        verdict = codeOf(thrown)
      }
      expect(verdict, name).toBe(keyRefused ? 'DFFT_KEY_NOT_FOUND' : String(holds))
      verdicts.add(verdict)
    }
    expect(verdicts.size).toBe(3)
  })

  test('asks no library about a key or an R of small order, or another length', () => {
    const asked: Uint8Array[] = []
    useEd25519((_point, _bytes, signature) => asked.push(signature) > 0)
    try {
      for (const { point, message, signature, keyRefused } of edges(scalars, 1)) {
        if (!keyRefused) verifies(verifyKey({ kty: 'OKP', crv: 'Ed25519', x: toBase64url(point) }), message, signature)
      }
      const [sound] = [...edges(scalars, 1)].filter(({ holds }) => holds)
      if (!sound) throw new Error('one of them holds')
      const key = verifyKey({ kty: 'OKP', crv: 'Ed25519', x: toBase64url(sound.point) })
      const before = asked.length
      for (const length of [0, 63, 65]) expect(verifies(key, sound.message, Buffer.alloc(length, 9))).toBe(false)
      expect(asked.length).toBe(before)
      expect(verifies(key, sound.message, sound.signature)).toBe(true)
    } finally {
      useEd25519(undefined)
    }
    // A second spelling of a point is no encoding of S·B − h·A, so it is left to the library.
    const canonical = [...edges(scalars, 1)].filter(({ name }) => name.includes('R=0B') && /R=\S+ spelling 0/.test(name))
    const small = new Set(canonical.map(({ signature }) => Buffer.from(signature.subarray(0, 32)).toString('hex')))
    expect(small.size).toBe(8)
    expect(asked.filter((signature) => small.has(Buffer.from(signature.subarray(0, 32)).toString('hex')))).toEqual([])
  })
})

describe('a key', () => {
  const { jwk } = pair('P-256')
  test.each([
    ['of which a coordinate is not on the curve', { ...jwk, y: jwk.x }, 'DFFT_KEY_NOT_FOUND'],
    ['whose point is zero', { ...jwk, x: 'A'.repeat(43), y: 'A'.repeat(43) }, 'DFFT_KEY_NOT_FOUND'],
    ['with a coordinate in another spelling', { ...jwk, x: `${jwk.x.slice(0, 42)}B` }, 'DFFT_BASE64URL'],
  ])('%s is refused', (_what, bad, code) => {
    expect(() => verifyKey(bad as PublicJwk)).toThrow()
    try {
      verifyKey(bad as PublicJwk)
    } catch (thrown) {
      expect(codeOf(thrown)).toBe(code)
    }
  })

  test.each([
    ['another curve', { kty: 'EC', crv: 'secp256k1', x: 'A'.repeat(43), y: 'A'.repeat(43) }],
    ['a private part', { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43), d: 'A'.repeat(43) }],
    ['a short coordinate', { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(42) }],
    ['no y', { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43) }],
    ['RSA', { kty: 'RSA', n: 'AQAB', e: 'AQAB' }],
  ])('with %s is no key of ours', (_what, bad) => {
    expect(PublicJwk.safeParse(bad).success).toBe(false)
  })

  test('is imported once', () => {
    expect(verifyKey({ ...jwk })).toBe(verifyKey(jwk))
  })

  test('has the thumbprint of RFC 8037, appendix A.3', () => {
    expect(thumbprint({ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' })).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k')
  })

  test('signs with the algorithm it has, and no other', () => {
    const { privateKey } = pair('P-256')
    const { privateKey: secret } = { privateKey: createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' })) }
    expect(verifies(verifyKey(jwk), Buffer.from('a'), sign('sha512', Buffer.from('a'), { key: secret, dsaEncoding: 'ieee-p1363' }))).toBe(false)
  })
})
