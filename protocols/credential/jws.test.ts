import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toBase64url } from '#protocols/base64url.ts'
import { codeOf } from '#protocols/errors.ts'
import { verifyKey } from '#protocols/keys.ts'
import { foreignSigner } from './foreign-signer.fixture.ts'
import { claimsOf, parseJws, requireType, signedDigest, signJws, tokenCharactersMax, verifyJws } from './jws.ts'
import { seededSigner, signerOf } from './seeded-signer.ts'

const ed = seededSigner(new Uint8Array(32).fill(1), 'did:key:zEd#zEd')
const ec = signerOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'did:key:zEc#zEc')
const p384 = foreignSigner('P-384', 'did:key:z384#z384').signer
const p521 = foreignSigner('P-521', 'did:key:z521#z521').signer
const signers = [ed, ec, p384, p521]
const keyOf = (signer: typeof ed) => verifyKey(signer.publicJwk)
const codeFor = (act: () => unknown) => {
  try {
    act()
  } catch (thrown) {
    return codeOf(thrown)
  }
  return 'accepted'
}
const encoded = (value: unknown) => toBase64url(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)))
const withHeader = (header: unknown) => `${encoded(header)}.${encoded({})}.${toBase64url(new Uint8Array(64))}`

describe('a token', () => {
  test.each(signers)('that $algorithm signed verifies, and gives back what was signed', async (signer) => {
    const jws = parseJws(await signJws({ typ: 'example+jwt', kid: signer.keyId }, { a: [1, 'ü'] }, signer))
    verifyJws(jws, keyOf(signer))
    expect(claimsOf(jws)).toEqual({ a: [1, 'ü'] })
    expect(jws).toMatchObject({ keyId: signer.keyId, type: 'example+jwt', algorithm: signer.algorithm })
  })

  test.each(signers)('of $algorithm with any one character replaced, removed or doubled verifies nowhere', async (signer) => {
    const token = await signJws({ kid: signer.keyId }, { iss: 'did:key:zEd', n: 1 }, signer)
    const key = keyOf(signer)
    for (let at = 0; at < token.length; at++) {
      const flipped = token[at] === 'A' ? 'B' : 'A'
      for (const put of [flipped, '', token[at]!.repeat(2), '=', '\n']) {
        const changed = token.slice(0, at) + put + token.slice(at + 1)
        expect(
          codeFor(() => verifyJws(parseJws(changed), key)),
          `character ${at} replaced by ${JSON.stringify(put)}`,
        ).not.toBe('accepted')
      }
    }
  })

  test('keeps one name when ECDSA n − s gives it a second valid signature', async () => {
    const jws = parseJws(await signJws({}, { jti: 'once' }, ec))
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
    const s = order - BigInt(`0x${Buffer.from(jws.signature.subarray(32)).toString('hex')}`)
    const twin = parseJws(
      `${jws.signingInput}.${toBase64url(Buffer.concat([jws.signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]))}`,
    )
    verifyJws(twin, keyOf(ec))
    expect(Buffer.from(twin.signature).equals(jws.signature)).toBe(false)
    expect(signedDigest(twin)).toBe(signedDigest(jws))
  })

  test('in padded, broken or non-canonical base64url is refused at the door', async () => {
    const token = await signJws({}, { a: 1 }, ed)
    // The last of 86 characters carries four spare bits: Q, R, S … decode to the same bytes.
    const last = token.at(-1)!
    const sibling = String.fromCharCode(last.charCodeAt(0) + 1)
    expect(Buffer.from(`${token.slice(-86, -1)}${sibling}`, 'base64url')).toEqual(Buffer.from(token.slice(-86), 'base64url'))
    for (const form of [`${token}==`, `${token}\n`, `${token.slice(0, -3)}\n${token.slice(-3)}`, token.slice(0, -1) + sibling, ` ${token}`, `${token} `]) {
      expect(codeFor(() => parseJws(form))).toBe('DFFT_BASE64URL')
    }
  })

  test.each([
    ['none', { alg: 'none' }],
    ['None', { alg: 'None' }],
    ['nOnE', { alg: 'nOnE' }],
    ['HS256', { alg: 'HS256' }],
    ['RS256', { alg: 'RS256' }],
    ['PS256', { alg: 'PS256' }],
    ['ES256K', { alg: 'ES256K' }],
    ['ES512 with its curve’s number', { alg: 'ES521' }],
    ['eddsa in lower case', { alg: 'eddsa' }],
    ['a list', { alg: ['EdDSA'] }],
    ['a number', { alg: 1 }],
    ['null', { alg: null }],
    ['no algorithm', {}],
    ['a name of Object.prototype', { alg: 'constructor' }],
  ])('with the algorithm %s is refused', (_, header) => {
    expect(codeFor(() => parseJws(withHeader(header)))).toBe('DFFT_ALGORITHM')
  })

  test('with two algorithms in its header is refused', () => {
    expect(codeFor(() => parseJws(withHeader('{"alg":"none","alg":"ES256"}')))).toBe('DFFT_JSON_DUPLICATE_KEY')
  })

  test.each([
    ['crit', { crit: ['b64'] }],
    ['b64', { b64: false }],
    ['b64 that changes nothing', { b64: true }],
    ['zip', { zip: 'DEF' }],
    ['a kid that is no text', { kid: 7 }],
    ['a kid of 10 kB', { kid: 'k'.repeat(10_000) }],
    ['a typ that is no text', { typ: {} }],
  ])('with %s in its header is refused', (_, header) => {
    expect(codeFor(() => parseJws(withHeader({ alg: 'EdDSA', ...header })))).toBe('DFFT_CREDENTIAL_FORMAT')
  })

  test('does not bring its own key', async () => {
    const attacker = seededSigner(new Uint8Array(32).fill(66), 'did:key:zEd#zEd')
    const token = await signJws({ kid: ed.keyId, jwk: { ...attacker.publicJwk }, jku: 'https://attacker.example/keys', x5c: ['MIIB'] }, { a: 1 }, attacker)
    expect(codeFor(() => verifyJws(parseJws(token), keyOf(ed)))).toBe('DFFT_SIGNATURE')
  })

  test('verifies under a key of its own algorithm and of no other, whatever the header says', async () => {
    for (const signer of signers) {
      const token = await signJws({}, { n: 1 }, signer)
      for (const other of signers) {
        const verdict = codeFor(() => verifyJws(parseJws(token), keyOf(other)))
        expect(verdict, `${signer.algorithm} under a key of ${other.algorithm}`).toBe(signer === other ? 'accepted' : 'DFFT_ALGORITHM')
        if (signer === other) continue
        const renamed = `${encoded({ alg: other.algorithm })}.${token.split('.').slice(1).join('.')}`
        expect(codeFor(() => verifyJws(parseJws(renamed), keyOf(signer)))).toBe('DFFT_ALGORITHM')
        expect(codeFor(() => verifyJws(parseJws(renamed), keyOf(other)))).toBe('DFFT_SIGNATURE')
      }
    }
  })

  test('of one algorithm never verifies under a key of the other', async () => {
    const token = await signJws({}, {}, ed)
    expect(codeFor(() => verifyJws(parseJws(token), keyOf(ec)))).toBe('DFFT_ALGORITHM')
    const renamed = `${encoded({ alg: 'ES256' })}.${token.split('.').slice(1).join('.')}`
    expect(codeFor(() => verifyJws(parseJws(renamed), keyOf(ed)))).toBe('DFFT_ALGORITHM')
    expect(codeFor(() => verifyJws(parseJws(renamed), keyOf(ec)))).toBe('DFFT_SIGNATURE')
  })

  test('is also read when it names its algorithm as RFC 9864 does', async () => {
    const input = `${encoded({ alg: 'Ed25519' })}.${encoded({})}`
    verifyJws(parseJws(`${input}.${toBase64url(await ed.sign(Buffer.from(input)))}`), keyOf(ed))
  })

  test('of four parts, of two, or of an empty header is refused', async () => {
    const token = await signJws({}, {}, ed)
    for (const form of [`${token}.`, `${token}.AAAA`, token.slice(0, token.lastIndexOf('.')), `.${token}`, '', '...', '..']) {
      expect(codeFor(() => parseJws(form))).toBe('DFFT_CREDENTIAL_FORMAT')
    }
  })

  test('beyond the limits is refused before it is decoded', () => {
    expect(codeFor(() => parseJws('A'.repeat(tokenCharactersMax + 1)))).toBe('DFFT_LIMIT')
    expect(codeFor(() => parseJws(`${'A'.repeat(20_000)}.AA.AA`))).toBe('DFFT_LIMIT')
  })

  test('whose header or payload is no object is refused', async () => {
    expect(codeFor(() => parseJws(withHeader('["EdDSA"]')))).toBe('DFFT_CREDENTIAL_FORMAT')
    const list = parseJws(await signJws({}, Buffer.from('[1]'), ed))
    expect(codeFor(() => claimsOf(list))).toBe('DFFT_CREDENTIAL_FORMAT')
    const twice = parseJws(await signJws({}, Buffer.from('{"iss":"a","iss":"b"}'), ed))
    expect(codeFor(() => claimsOf(twice))).toBe('DFFT_JSON_DUPLICATE_KEY')
  })

  test('of one type does not pass for another, whatever the case or the prefix', async () => {
    const jws = parseJws(await signJws({ typ: 'application/VC+JWT' }, {}, ed))
    requireType(jws, 'vc+jwt')
    expect(codeFor(() => requireType(jws, 'vp+jwt'))).toBe('DFFT_CREDENTIAL_FORMAT')
    expect(codeFor(() => requireType(parseJws(withHeader({ alg: 'EdDSA' })), 'vc+jwt'))).toBe('DFFT_CREDENTIAL_FORMAT')
  })

  test('cannot have its algorithm set by a caller of signJws', async () => {
    expect(parseJws(await signJws({ alg: 'none' }, {}, ed)).header.alg).toBe('EdDSA')
  })
})

test('no text makes the parser throw anything but a coded error', () => {
  const part = fc.oneof(fc.string(), fc.base64String(), fc.json().map(encoded))
  fc.assert(
    fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
      expect(codeFor(() => parseJws(parts.join('.')))).not.toBe('DFFT_INTERNAL')
    }),
    { seed: 1, numRuns: 500 },
  )
})
