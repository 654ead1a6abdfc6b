import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import { verifyKey } from '#protocols/keys.ts'
import { type JsonObject, signJws, verifyJws } from './jws.ts'
import { issueSdJwt } from './sd-jwt.ts'
import { seededSigner } from './seeded-signer.ts'
import { issueVcJwt, readVcJwt } from './vc-jwt.ts'
import { contextV2 } from './vcdm.ts'
import { issueVpJwt, readVpJwt, type VpContent, verifyVpJwt } from './vp-jwt.ts'

const signer = seededSigner(new Uint8Array(32).fill(1), 'did:web:agency.example#key-1')
const holder = seededSigner(new Uint8Array(32).fill(2), 'did:key:zHolder#zHolder')
const attacker = seededSigner(new Uint8Array(32).fill(3), 'did:key:zAttacker#zAttacker')
const key = verifyKey(signer.publicJwk)
const atMs = Date.parse('2026-11-21T10:00:00Z')

const credential: JsonObject = {
  '@context': [contextV2],
  id: 'urn:uuid:1',
  type: ['VerifiableCredential', 'BusinessRegistrationCredential'],
  issuer: 'did:web:agency.example',
  validFrom: '2026-01-01T00:00:00Z',
  validUntil: '2027-01-01T00:00:00Z',
  credentialSubject: { id: 'did:key:zHolder', legalName: 'Sample KK' },
}

const codeFor = (act: () => unknown) => {
  try {
    act()
  } catch (thrown) {
    return codeOf(thrown)
  }
  return 'accepted'
}
const codeOfPromise = (promise: Promise<unknown>) => promise.then(() => 'accepted', codeOf)
const header = { typ: 'vc+jwt', cty: 'vc', kid: signer.keyId }
const signed = (claims: JsonObject, more: JsonObject = {}) => signJws({ ...header, ...more }, claims, signer)

describe('a vc+jwt', () => {
  test('gives back the credential that was issued, its key and its window', async () => {
    const read = readVcJwt(await issueVcJwt(credential, signer))
    verifyJws(read.jws, key)
    expect(read).toMatchObject({
      format: 'vc+jwt',
      keyId: signer.keyId,
      issuer: 'did:web:agency.example',
      credential,
      validFromMs: Date.UTC(2026, 0, 1),
      validUntilMs: Date.UTC(2027, 0, 1),
    })
    expect(read.jws.header).toEqual({ alg: 'EdDSA', ...header })
  })

  test('names the key its signer has when it signs, also after that key was rotated', async () => {
    const rotating = { ...signer }
    await issueVcJwt(credential, rotating)
    rotating.keyId = `${signer.keyId.slice(0, -1)}2` as typeof signer.keyId
    expect(readVcJwt(await issueVcJwt(credential, rotating)).keyId).toBe('did:web:agency.example#key-2')
    expect(readVcJwt(await issueVcJwt(credential, signer)).keyId).toBe(signer.keyId)
  })

  test('with any bit of any byte changed does not verify', async () => {
    const token = await issueVcJwt(credential, signer)
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.integer({ min: 0, max: 6 }), (at, bit) => {
        const changed = token.slice(0, at) + String.fromCharCode(token.charCodeAt(at) ^ (1 << bit)) + token.slice(at + 1)
        expect(codeFor(() => verifyJws(readVcJwt(changed).jws, key))).not.toBe('accepted')
      }),
      { seed: 3, numRuns: 1000 },
    )
  })

  test('is issued only by the issuer it names, and only when it follows the model', async () => {
    expect(await codeOfPromise(issueVcJwt(credential, attacker))).toBe('DFFT_KEY_NOT_FOUND')
    expect(await codeOfPromise(issueVcJwt({ ...credential, type: 'X' }, signer))).toBe('DFFT_CREDENTIAL_SCHEMA')
    expect(await codeOfPromise(issueVcJwt({ ...credential, vc: {} }, signer))).toBe('DFFT_CREDENTIAL_FORMAT')
  })

  test('is issued with no member that nothing in it defines, and read with any', async () => {
    const extended = { ...credential, badExtension: { huh: 'what?' } }
    expect(await codeOfPromise(issueVcJwt(extended, signer))).toBe('DFFT_CREDENTIAL_SCHEMA')
    const defined = { ...extended, '@context': [...(credential['@context'] as string[]), { badExtension: 'https://agency.example/terms#extension' }] }
    expect(readVcJwt(await issueVcJwt(defined, signer)).credential.badExtension).toEqual({ huh: 'what?' })
    const header = { typ: 'vc+jwt', kid: signer.keyId }
    expect(readVcJwt(await signJws(header, extended, signer)).credential.badExtension).toEqual({ huh: 'what?' })
  })

  test.each([
    'did:key:zAttacker#zAttacker',
    '#key-1',
    'key-1',
    'did:web:agency.example',
    'did:web:agency.example/../x#key-1',
    'did:web:agency.example.evil#key-1',
  ])('that names the key %s is refused', async (kid) => {
    const token = await signed(credential, { kid })
    expect(codeFor(() => readVcJwt(token))).toBe('DFFT_KEY_NOT_FOUND')
  })

  test('that names no key is refused', async () => {
    const token = await signJws({ typ: 'vc+jwt' }, credential, signer)
    expect(codeFor(() => readVcJwt(token))).toBe('DFFT_KEY_NOT_FOUND')
  })

  test.each<[string, JsonObject, JsonObject]>([
    ['the type of a presentation', {}, { typ: 'vp+jwt' }],
    ['the type of a status list', {}, { typ: 'statuslist+jwt' }],
    ['the type JWT', {}, { typ: 'JWT' }],
    ['another content type', {}, { cty: 'vp' }],
    ['a `vc` claim', { vc: {} }, {}],
    ['a `vp` claim', { vp: {} }, {}],
    ['another `iss`', { iss: 'did:web:other.example' }, {}],
    ['another `jti`', { jti: 'urn:uuid:2' }, {}],
    ['another `sub`', { sub: 'did:key:zAttacker' }, {}],
    ['an `iss` that is no text', { iss: 5 }, {}],
    ['an `exp` that is text', { exp: '2027-01-01T00:00:00Z' }, {}],
    ['an `exp` below 0', { exp: -1 }, {}],
    ['an `nbf` that is a list', { nbf: [1] }, {}],
    ['an `nbf` after the year 9999', { nbf: 1e15 }, {}],
  ])('with %s is refused', async (_, claims, more) => {
    const token = await signed({ ...credential, ...claims }, more)
    expect(codeFor(() => readVcJwt(token))).toBe('DFFT_CREDENTIAL_FORMAT')
  })

  test('holds within both its own window and the token’s', async () => {
    const token = await signed({ ...credential, nbf: Date.UTC(2026, 5, 1) / 1000, exp: Date.UTC(2026, 6, 1) / 1000 })
    expect(readVcJwt(token)).toMatchObject({ validFromMs: Date.UTC(2026, 5, 1), validUntilMs: Date.UTC(2026, 6, 1) })
    const wide = await signed({ ...credential, nbf: 0, exp: Date.UTC(2099, 0, 1) / 1000 })
    expect(readVcJwt(wide)).toMatchObject({ validFromMs: Date.UTC(2026, 0, 1), validUntilMs: Date.UTC(2027, 0, 1) })
    const { validFrom: _from, validUntil: _until, ...open } = credential
    expect(readVcJwt(await signed(open))).toMatchObject({ validFromMs: null, validUntilMs: null })
    expect(readVcJwt(await signed({ ...open, exp: 5.5 }))).toMatchObject({ validFromMs: null, validUntilMs: 5500 })
  })

  test.each<[string, string, string]>([
    ['a name twice', '"x":1,"x":2', 'DFFT_JSON_DUPLICATE_KEY'],
    ['33 levels', `"x":${'['.repeat(32)}${']'.repeat(32)}`, 'DFFT_JSON_TOO_DEEP'],
    ['100,000 levels', `"x":${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'DFFT_JSON_TOO_DEEP'],
    ['a number beyond 2^53', '"x":9007199254740993', 'DFFT_JSON_VALUE'],
    ['an infinite end', '"exp":1e400', 'DFFT_JSON_VALUE'],
    ['a lone surrogate', '"x":"\\ud800"', 'DFFT_JSON_VALUE'],
    ['`__proto__`', '"__proto__":{"admin":true}', 'DFFT_JSON_VALUE'],
  ])('with %s in its payload is refused', async (_, member, code) => {
    const payload = Buffer.from(`${JSON.stringify(credential).slice(0, -1)},${member}}`)
    const token = await signJws(header, payload, signer)
    expect(codeFor(() => readVcJwt(token))).toBe(code)
  })

  test('whose payload breaks the model is refused', async () => {
    const token = await signed({ ...credential, credentialSubject: {} })
    expect(codeFor(() => readVcJwt(token))).toBe('DFFT_CREDENTIAL_SCHEMA')
  })
})

describe('a vp+jwt', () => {
  const expected = { nonce: 'nonce-1', audience: 'did:web:verifier.example', nowMs: atMs, ageMsMax: 60_000, skewMs: 5_000 }
  const sdContent = {
    vct: 'x',
    issuer: 'did:web:agency.example' as Did,
    claims: { a: 1 },
    disclosable: ['/a'],
    issuedAtMs: atMs,
    salt: () => new Uint8Array(16),
  }
  const present = async (by = holder, more: Partial<VpContent> = {}) =>
    issueVpJwt(
      {
        credentials: [await issueVcJwt(credential, signer), await issueSdJwt({ ...sdContent, holderKey: holder.publicJwk }, signer)],
        nonce: 'nonce-1',
        audience: 'did:web:verifier.example',
        issuedAtMs: atMs,
        expiresAtMs: atMs + 60_000,
        ...more,
      },
      by,
    )
  const check = (token: string, by = holder, more: Partial<typeof expected> = {}) =>
    codeFor(() => verifyVpJwt(readVpJwt(token), verifyKey(by.publicJwk), { ...expected, ...more }))

  test('carries credentials of both formats and says who holds them', async () => {
    const token = await present()
    const vp = readVpJwt(token)
    expect(vp).toMatchObject({ holder: 'did:key:zHolder', keyId: holder.keyId, nonce: 'nonce-1', audience: 'did:web:verifier.example', issuedAtMs: atMs })
    expect(vp.credentials.map(({ format }) => format)).toEqual(['vc+jwt', 'dc+sd-jwt'])
    for (const embedded of vp.credentials) verifyJws(embedded.jws, key)
    expect(check(token)).toBe('accepted')
  })

  test('of somebody else’s credential is refused, in either format', async () => {
    const vc = await issueVcJwt(credential, signer)
    const sd = await issueSdJwt({ ...sdContent, holderKey: holder.publicJwk }, signer)
    expect(check(await present(attacker, { credentials: [vc] }), attacker)).toBe('DFFT_HOLDER_BINDING')
    expect(check(await present(attacker, { credentials: [sd] }), attacker)).toBe('DFFT_HOLDER_BINDING')
    const own = await issueVcJwt({ ...credential, credentialSubject: { id: 'did:key:zAttacker', a: 1 } }, signer)
    expect(check(await present(attacker, { credentials: [own] }), attacker)).toBe('accepted')
    expect(check(await present(attacker, { credentials: [own, vc] }), attacker)).toBe('DFFT_HOLDER_BINDING')
  })

  test('of a credential that names nobody is refused', async () => {
    const bearer = await issueVcJwt({ ...credential, credentialSubject: { a: 1 } }, signer)
    const half = await issueVcJwt({ ...credential, credentialSubject: [{ id: 'did:key:zHolder' }, { a: 1 }] }, signer)
    const keyless = await issueSdJwt(sdContent, signer)
    for (const one of [bearer, half, keyless]) expect(check(await present(holder, { credentials: [one] }))).toBe('DFFT_HOLDER_BINDING')
    const named = await issueSdJwt({ ...sdContent, subject: 'did:key:zHolder' }, signer)
    expect(check(await present(holder, { credentials: [named] }))).toBe('accepted')
  })

  test('for another nonce, audience or time is refused', async () => {
    const token = await present()
    expect(check(token, holder, { nonce: 'other' })).toBe('DFFT_NONCE')
    expect(check(token, holder, { audience: 'did:web:other.example' })).toBe('DFFT_AUDIENCE')
    expect(check(token, holder, { nowMs: atMs + 65_001 })).toBe('DFFT_EXPIRED')
    expect(check(token, holder, { nowMs: atMs + 65_001, ageMsMax: 3_600_000 })).toBe('DFFT_EXPIRED')
    expect(check(token, holder, { nowMs: atMs - 5_001 })).toBe('DFFT_NOT_YET_VALID')
    expect(check(token, attacker)).toBe('DFFT_SIGNATURE')
  })

  test('whose holder is not its signer is refused', async () => {
    const claims = { '@context': [contextV2], type: 'VerifiablePresentation', holder: 'did:key:zHolder', nonce: 'n', aud: 'a', iat: 1 }
    const sign = (more: JsonObject, kid = attacker.keyId) => signJws({ typ: 'vp+jwt', kid }, { ...claims, ...more }, attacker)
    const forged = await sign({})
    expect(codeFor(() => readVpJwt(forged))).toBe('DFFT_KEY_NOT_FOUND')
    const contradicting = await sign({ iss: 'did:key:zAttacker' })
    expect(codeFor(() => readVpJwt(contradicting))).toBe('DFFT_CREDENTIAL_FORMAT')
    const { holder: _, ...nobody } = claims
    const unnamed = await signJws({ typ: 'vp+jwt', kid: attacker.keyId }, nobody, attacker)
    expect(codeFor(() => readVpJwt(unnamed))).toBe('DFFT_CREDENTIAL_FORMAT')
  })

  test('lets no credential in that carries no proof we read', async () => {
    const vc = await issueVcJwt(credential, signer)
    const claims = { '@context': [contextV2], type: 'VerifiablePresentation', holder: 'did:key:zHolder', nonce: 'n', aud: 'a', iat: 1 }
    const envelope = (id: string) => ({ '@context': contextV2, id, type: 'EnvelopedVerifiableCredential' })
    const carried = async (one: JsonObject) => {
      const token = await signJws({ typ: 'vp+jwt', kid: holder.keyId }, { ...claims, verifiableCredential: [one] }, holder)
      return codeFor(() => readVpJwt(token))
    }
    expect(await carried(envelope(`data:application/vc+jwt,${vc}`))).toBe('accepted')
    expect(await carried(credential)).toBe('DFFT_CREDENTIAL_FORMAT')
    expect(await carried(envelope(`data:application/dc+sd-jwt,${vc}`))).toBe('DFFT_CREDENTIAL_FORMAT')
    expect(await carried(envelope(`data:application/vp+jwt,${vc}`))).toBe('DFFT_CREDENTIAL_FORMAT')
    expect(await carried(envelope(`data:text/plain,${vc}`))).toBe('DFFT_CREDENTIAL_FORMAT')
    expect(await carried(envelope(`data:application/vc+jwt,${vc.slice(1)}`))).not.toBe('accepted')
  })

  test.each(['nonce', 'aud', 'iat'])('without `%s` is bound to nothing and refused', async (name) => {
    const claims: JsonObject = { '@context': [contextV2], type: 'VerifiablePresentation', holder: 'did:key:zHolder', nonce: 'n', aud: 'a', iat: 1 }
    const token = await signJws({ typ: 'vp+jwt', kid: holder.keyId }, Object.fromEntries(Object.entries(claims).filter(([one]) => one !== name)), holder)
    expect(codeFor(() => readVpJwt(token))).toBe('DFFT_CREDENTIAL_FORMAT')
  })

  test('of 65 credentials is refused on both sides', async () => {
    expect(await codeOfPromise(present(holder, { credentials: Array(65).fill('a.b.c') }))).toBe('DFFT_LIMIT')
    const many = Array.from({ length: 65 }, () => ({ '@context': contextV2, id: 'data:application/vc+jwt,a.b.c', type: 'EnvelopedVerifiableCredential' }))
    const claims = { '@context': [contextV2], type: 'VerifiablePresentation', holder: 'did:key:zHolder', nonce: 'n', aud: 'a', iat: 1 }
    const token = await signJws({ typ: 'vp+jwt', kid: holder.keyId }, { ...claims, verifiableCredential: many }, holder)
    expect(codeFor(() => readVpJwt(token))).toBe('DFFT_LIMIT')
  })
})
