/** A signature that held is known to hold: for these bytes, this signature and this key, and for nothing else. */
import { describe, expect, test } from 'vitest'
import { attacker, credential, issuer, never, nowMs, surroundings } from '#node/verify.fixture.ts'
import { verify } from '#node/verify.ts'
import { parseJws } from '#protocols/credential/jws.ts'
import { seededSigner } from '#protocols/credential/seeded-signer.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { DidUrl } from '#protocols/ids.ts'
import { useEd25519, verifyKey } from '#protocols/keys.ts'
import { signatureOf } from './verify-signatures.ts'

const keyId = 'did:key:z6MkIssuer#key' as DidUrl
const keyOf = ({ signer }: typeof issuer) => verifyKey(signer.publicJwk)

/** Counts what is computed, by node:crypto's verdict. */
async function computed(act: () => Promise<void> | void): Promise<number> {
  const { verify: compute, createPublicKey } = await import('node:crypto')
  let count = 0
  useEd25519((point, bytes, signature) => {
    count++
    const x = Buffer.from(point).toString('base64url')
    return compute(null, bytes, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature)
  })
  try {
    await act()
  } finally {
    useEd25519(undefined)
  }
  return count
}

function outcome(check: () => void): string {
  try {
    check()
    return 'holds'
  } catch (thrown) {
    return codeOf(thrown)
  }
}

describe('the signature of a credential that is shown again', () => {
  test('is computed once, however often it is read', async () => {
    const text = String(await credential('dc+sd-jwt', { atMs: nowMs - 1000 }))
    const token = text.slice(0, text.indexOf('~'))
    const check = () => signatureOf(parseJws(token), keyId, null).check(keyOf(issuer))
    expect(
      await computed(() => {
        for (let time = 0; time < 5; time++) check()
      }),
    ).toBe(1)
  })

  test('does not hold for another key, before or after it held for its own, and that is not remembered', async () => {
    const token = String(await credential('vc+jwt', { atMs: nowMs - 2000 }))
    const under = (who: typeof issuer) => outcome(() => signatureOf(parseJws(token), keyId, null).check(keyOf(who)))
    const verdicts: string[] = []
    const count = await computed(() => {
      for (const who of [attacker, issuer, attacker, issuer, attacker]) verdicts.push(under(who))
    })
    expect(verdicts).toEqual(['DFFT_SIGNATURE', 'holds', 'DFFT_SIGNATURE', 'holds', 'DFFT_SIGNATURE'])
    expect(count).toBe(4)
  })

  test('does not hold with any byte of it, or of what was signed, changed', async () => {
    const jws = parseJws(String(await credential('vc+jwt', { atMs: nowMs - 3000 })))
    const key = keyOf(issuer)
    expect(outcome(() => signatureOf(jws, keyId, null).check(key))).toBe('holds')
    for (const at of jws.signature.keys()) {
      const signature = Uint8Array.from(jws.signature)
      signature[at] = (signature[at] ?? 0) ^ 1
      expect(outcome(() => signatureOf({ ...jws, signature }, keyId, null).check(key))).toBe('DFFT_SIGNATURE')
    }
    for (let at = 0; at < jws.signingInput.length; at += 7) {
      const signingInput = `${jws.signingInput.slice(0, at)}${jws.signingInput[at] === 'A' ? 'B' : 'A'}${jws.signingInput.slice(at + 1)}`
      expect(outcome(() => signatureOf({ ...jws, signingInput }, keyId, null).check(key))).toBe('DFFT_SIGNATURE')
    }
  })

  test('is refused for a token that names another algorithm than its key has, though it held', async () => {
    const jws = parseJws(String(await credential('vc+jwt', { atMs: nowMs - 4000 })))
    expect(outcome(() => signatureOf(jws, keyId, null).check(keyOf(issuer)))).toBe('holds')
    expect(outcome(() => signatureOf({ ...jws, algorithm: 'ES256' }, keyId, null).check(keyOf(issuer)))).toBe('DFFT_ALGORITHM')
    expect(outcome(() => signatureOf(jws, keyId, null).check(verifyKey(seededSigner(Buffer.alloc(32, 9), '').publicJwk)))).toBe('DFFT_SIGNATURE')
  })

  test('holds no longer than its key is in force: that is asked each time', async () => {
    const given = await credential('vc+jwt', { atMs: nowMs - 5000 })
    const verdict = async (own: Parameters<typeof surroundings>[0]) => (await verify(given, surroundings(own), { nowMs }, never)).report.verified
    const gone = () => {
      throw new TrustError('DFFT_KEY_NOT_FOUND', 'the issuer has taken the key back')
    }
    expect(await verdict({})).toBe(true)
    expect(await verdict({ key: gone })).toBe(false)
    expect(await verdict({})).toBe(true)
  })
})
