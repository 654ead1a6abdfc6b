import { base58btc } from 'multiformats/bases/base58'
import { expect, test } from 'vitest'
import { toBase64url } from '../base64url.ts'
import { foreignSigner } from '../credential/foreign-signer.fixture.ts'
import type { PublicJwk } from '../keys.ts'
import { checkPoint, jwkOfMultikey, multikeyOf, readMultikey } from './multikey.ts'
import { seededKey } from './webvh.fixture.ts'

const p256: PublicJwk = { kty: 'EC', crv: 'P-256', x: 'igrFmi0whuihKnj9R3Om1SoMph72wUGeFaBbzG2vzns', y: 'efsX5b10x8yjyrj4ny3pGfLcY7Xby1KzgqOdqnsrJIM' }
const refused = expect.objectContaining({ code: 'DFFT_KEY_NOT_FOUND' })

test('an Ed25519 and a P-256 key come back from their multikey as they were', () => {
  expect(multikeyOf(seededKey(1).publicJwk)).toMatch(/^z6Mk/)
  // Half of the Ed25519 keys have the top bit set.
  for (let seed = 0; seed < 16; seed++) expect(jwkOfMultikey(multikeyOf(seededKey(seed).publicJwk))).toEqual(seededKey(seed).publicJwk)
  // From the did:key vectors of the W3C CCG (nist-curves.json).
  expect(multikeyOf(p256)).toBe('zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv')
  expect(jwkOfMultikey(multikeyOf(p256))).toEqual(p256)
})

test.each(['P-384', 'P-521'] as const)('a key of %s comes back from its multikey as it was', (crv) => {
  for (let count = 0; count < 8; count++) {
    const { jwk } = foreignSigner(crv, 'did:example:a#key')
    expect(jwkOfMultikey(multikeyOf(jwk))).toEqual(jwk)
  }
})

test('a kind that is not on the allow-list is read as bytes, of the lengths it has, and is never a key', () => {
  for (const [code, sizes] of foreign)
    for (const size of [31, 32, 33, 48, 49, 67, 96, 144, 269, 270, 398, 526, 527]) {
      const text = base58btc.encode(Buffer.concat([Uint8Array.from(code), Buffer.alloc(size, 7)]))
      expect(() => jwkOfMultikey(text)).toThrow(refused)
      if (sizes.includes(size)) expect(readMultikey(text)).toMatchObject({ jwk: null, bytes: new Uint8Array(size).fill(7) })
      else expect(() => readMultikey(text), text).toThrow(refused)
    }
})

/** X25519, secp256k1, BLS12-381 in G1, G2 and both, RSA. */
const foreign: readonly (readonly [readonly number[], readonly number[]])[] = [
  [[0xec, 0x01], [32]],
  [[0xe7, 0x01], [33]],
  [[0xea, 0x01], [48]],
  [[0xeb, 0x01], [96]],
  [[0xee, 0x01], [144]],
  [
    [0x85, 0x24],
    [270, 398, 526],
  ],
]

test('text that is not the one spelling of a key is refused', () => {
  const good = multikeyOf(seededKey(1).publicJwk)
  const bytes = base58btc.decode(good)
  const withOne = Array.from({ length: 64 }, (_, seed) => multikeyOf(seededKey(seed).publicJwk)).find((text) => text.includes('1')) ?? ''
  const misread = base58btc.decode(withOne.replace('1', '\u0141'))
  expect([misread.length, misread[0], misread[1]]).toEqual([34, 0xed, 0x01])
  const spellings = {
    'no prefix': good.slice(1),
    'another base': `u${toBase64url(bytes)}`,
    'a leading zero byte': `z1${good.slice(1)}`,
    'a foreign character': `${good.slice(0, -1)}0`,
    'white space': `${good} `,
    'one byte short': base58btc.encode(bytes.subarray(0, -1)),
    'one byte long': base58btc.encode(Buffer.concat([bytes, Uint8Array.of(0)])),
    'an overlong varint': base58btc.encode(Buffer.concat([Uint8Array.of(0xed, 0x81, 0x00), bytes.subarray(2)])),
    'an X25519 key': base58btc.encode(Buffer.concat([Uint8Array.of(0xec, 0x01), bytes.subarray(2)])),
    'a private key': base58btc.encode(Buffer.concat([Uint8Array.of(0x80, 0x26), bytes.subarray(2)])),
    'a P-384 code before a P-256 point': base58btc.encode(Buffer.concat([Uint8Array.of(0x81, 0x24), base58btc.decode(multikeyOf(p256)).subarray(2)])),
    'a P-256 point that is not compressed': base58btc.encode(Buffer.concat([Uint8Array.of(0x80, 0x24, 0x04), Buffer.alloc(64, 1)])),
    'an x that is not on P-256': base58btc.encode(Buffer.concat([Uint8Array.of(0x80, 0x24, 0x02), Buffer.alloc(32, 0xff)])),
    'a character that the decoder misreads': withOne.replace('1', '\u0141'),
    nothing: '',
    'a long text': `z${'2'.repeat(300_000)}`,
  }
  const started = performance.now()
  for (const [name, text] of Object.entries(spellings)) expect(() => jwkOfMultikey(text), name).toThrow(refused)
  expect(performance.now() - started).toBeLessThan(1000)
})

test('a key under which one signature fits many messages is no key', () => {
  const p = 2n ** 255n - 19n
  const littleEndian = (y: bigint) => Buffer.from(y.toString(16).padStart(64, '0'), 'hex').reverse()
  for (const y of [0n, 1n, p - 1n, p, p + 1n, 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n])
    for (const sign of [0n, 2n ** 255n]) {
      const jwk = { kty: 'OKP', crv: 'Ed25519', x: toBase64url(littleEndian(y | sign)) } as const
      expect(() => checkPoint(jwk), String(y)).toThrow(refused)
      expect(() => jwkOfMultikey(multikeyOf(jwk)), String(y)).toThrow(refused)
    }
})

test('coordinates off the curve are no key', () => {
  expect(() => checkPoint({ ...p256, y: p256.x })).toThrow(refused)
})
