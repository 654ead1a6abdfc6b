import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type Announced, Announcement, readAnnouncement, signAnnouncement, verifyAnnouncement } from './announcement.ts'
import { canonicalBytes } from './canonical.ts'
import { codeOf } from './errors.ts'
import { type Did, type DidUrl, digest, type Instant, type Jurisdiction } from './ids.ts'
import { type PublicJwk, type Signer, verifyKey } from './keys.ts'

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const publicJwk = publicKey.export({ format: 'jwk' }) as PublicJwk
const issuer = 'did:web:agency.example' as Did
const signer: Signer = {
  algorithm: 'EdDSA',
  keyId: `${issuer}#key-1` as DidUrl,
  publicJwk,
  sign: async (bytes) => sign(null, bytes, createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' }))),
}
const announced: Announced = {
  type: 'policy',
  jurisdiction: 'JP' as Jurisdiction,
  digest: digest('a policy'),
  serial: 2,
  issuer,
  at: '2026-10-01T09:00:00Z' as Instant,
}
const made = await signAnnouncement(announced, signer)
const refusal = (act: () => unknown): string => {
  try {
    act()
    return 'no refusal'
  } catch (thrown) {
    return codeOf(thrown)
  }
}

describe('an announcement', () => {
  test('is read as it was written, and its signature fits', () => {
    const read = readAnnouncement(canonicalBytes(made))
    expect(read).toEqual(made)
    expect(() => verifyAnnouncement(read, verifyKey(publicJwk))).not.toThrow()
  })

  test('with any of its members changed is not its issuer’s', () => {
    const changes: Partial<Announced>[] = [
      { type: 'suspension' },
      { jurisdiction: 'DE' as Jurisdiction },
      { digest: digest('another') },
      { serial: 3 },
      { issuer: 'did:web:another.example' as Did },
      { at: '2026-10-01T09:00:01Z' as Instant },
    ]
    for (const change of changes)
      expect(
        refusal(() => verifyAnnouncement({ ...made, ...change }, verifyKey(publicJwk))),
        JSON.stringify(change),
      ).toBe('DFFT_SIGNATURE')
    expect(changes).toHaveLength(Object.keys(announced).length)
  })

  test('with any byte of its signature changed is not its issuer’s', () => {
    const bytes = Buffer.from(made.signature.value, 'base64url')
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes)
      changed[at] = (changed[at] ?? 0) ^ 1
      const forged = { ...made, signature: { ...made.signature, value: changed.toString('base64url') } }
      expect(refusal(() => verifyAnnouncement(forged, verifyKey(publicJwk)))).toBe('DFFT_SIGNATURE')
    }
  })

  test('is not the words of an exchange under the same key', async () => {
    const value = Buffer.from(await signer.sign(Buffer.concat([Buffer.from('dfft-exchange/1\n'), canonicalBytes(announced)]))).toString('base64url')
    expect(refusal(() => verifyAnnouncement({ ...made, signature: { ...made.signature, value } }, verifyKey(publicJwk)))).toBe('DFFT_SIGNATURE')
  })

  test.each<[string, Uint8Array, string]>([
    ['no text', Buffer.from([0xff, 0xfe]), 'DFFT_NOT_UTF8'],
    ['no JSON', Buffer.from('news'), 'DFFT_NOT_JSON'],
    ['in another order', Buffer.from(JSON.stringify({ signature: made.signature, ...announced })), 'DFFT_SCHEMA'],
    ['with a space too many', Buffer.from(`${Buffer.from(canonicalBytes(made))} `), 'DFFT_SCHEMA'],
    ['with a member too many', canonicalBytes({ ...made, more: 1 }), 'DFFT_SCHEMA'],
    ['without a member', canonicalBytes({ ...made, serial: undefined }), 'DFFT_SCHEMA'],
    ['of a serial before the first', canonicalBytes({ ...made, serial: 0 }), 'DFFT_SCHEMA'],
    ['of a type that is no word', canonicalBytes({ ...made, type: 'Policy!' }), 'DFFT_SCHEMA'],
    ['of a type that is too long', canonicalBytes({ ...made, type: 'p'.repeat(33) }), 'DFFT_SCHEMA'],
    ['signed by another than its issuer', canonicalBytes({ ...made, signature: { ...made.signature, keyId: 'did:web:another.example#key-1' } }), 'DFFT_SCHEMA'],
    ['with a signature that is too short', canonicalBytes({ ...made, signature: { ...made.signature, value: made.signature.value.slice(1) } }), 'DFFT_SCHEMA'],
  ])('that is %s is refused', (_what, bytes, code) => {
    expect(refusal(() => readAnnouncement(bytes))).toBe(code)
  })

  test('of a type that nobody knows yet can be read', () => {
    expect(Announcement.parse({ ...made, type: 'trust-bundle' }).type).toBe('trust-bundle')
  })
})
