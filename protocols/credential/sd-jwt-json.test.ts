import { expect, test } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import { conceal } from './disclosure.ts'
import { type JsonObject, signJws } from './jws.ts'
import { bindSdJwt } from './key-binding.ts'
import { parseSdJwt } from './sd-jwt.ts'
import { compactForm, compactSdJwt } from './sd-jwt-json.ts'
import { seededSigner } from './seeded-signer.ts'

const signer = seededSigner(new Uint8Array(32).fill(1), 'did:example:a#key')
const holder = seededSigner(new Uint8Array(32).fill(2), 'did:example:b#key')
let count = 0
const { claims, disclosures } = conceal({ iss: 'did:example:a', name: 'A', town: 'B' }, ['/name', '/town'], { salt: () => new Uint8Array(16).fill(count++) })
const jwt = await signJws({ typ: 'example+sd-jwt' }, { ...claims, _sd_alg: 'sha-256' }, signer)
const compact = `${[jwt, ...disclosures].join('~')}~`
const [head, payload, signature] = jwt.split('.') as [string, string, string]
const bound = await bindSdJwt(compact, { nonce: 'nonce-1234567890', audience: 'did:example:v', issuedAtMs: 0 }, holder)
const binding = bound.slice(compact.length)

const header: JsonObject = { disclosures: [...disclosures] }
const flattened = { payload, protected: head, signature, header }
const general = { payload, signatures: [{ protected: head, signature, header }] }

const verdict = (serialised: unknown) => {
  try {
    return compactSdJwt(typeof serialised === 'string' ? serialised : JSON.stringify(serialised))
  } catch (thrown) {
    return codeOf(thrown)
  }
}

test('both serialisations are the compact form they stand for, with a key binding and without', () => {
  expect(verdict(flattened)).toBe(compact)
  expect(verdict(general)).toBe(compact)
  expect(verdict({ ...flattened, header: { ...header, kb_jwt: binding } })).toBe(bound)
  expect(verdict({ payload, signatures: [{ protected: head, signature, header: { ...header, kb_jwt: binding } }] })).toBe(bound)
  expect(parseSdJwt(compactSdJwt(JSON.stringify(flattened))).payload).toEqual({ iss: 'did:example:a', name: 'A', town: 'B' })
  expect(verdict({ payload, protected: head, signature })).toBe(`${jwt}~`)
})

test('of several signatures the first counts, and no other may carry disclosures or a key binding', () => {
  const other = { protected: head, signature: 'AAAA' }
  const [first] = general.signatures
  expect(verdict({ payload, signatures: [first, { ...other, header: { kid: 'issuer-key-2' } }] })).toBe(compact)
  for (const more of [{ disclosures: [] }, { kb_jwt: binding }, { disclosures }]) {
    expect(verdict({ payload, signatures: [first, { ...other, header: more }] })).toBe('DFFT_SCHEMA')
  }
  expect(verdict({ payload, signatures: [first, ...Array.from({ length: 8 }, () => other)] })).toBe('DFFT_SCHEMA')
  expect(verdict({ payload, signatures: [] })).toBe('DFFT_SCHEMA')
})

test.each<[string, unknown, string]>([
  ['a divider inside a disclosure', { ...flattened, header: { disclosures: [disclosures.join('~')] } }, 'DFFT_SCHEMA'],
  ['a divider inside the payload', { ...flattened, payload: `${payload}.AA` }, 'DFFT_SCHEMA'],
  ['a divider inside the signature', { ...flattened, signature: `${signature}~AA` }, 'DFFT_SCHEMA'],
  ['a disclosure inside the key binding', { ...flattened, header: { kb_jwt: `AA~${binding}` } }, 'DFFT_SCHEMA'],
  ['a padded part', { ...flattened, signature: `${signature}==` }, 'DFFT_SCHEMA'],
  ['an empty disclosure', { ...flattened, header: { disclosures: [''] } }, 'DFFT_SCHEMA'],
  ['an algorithm nobody signed', { ...flattened, header: { ...header, alg: 'none' } }, 'DFFT_SCHEMA'],
  ['a key nobody signed', { ...flattened, header: { ...header, jwk: {} } }, 'DFFT_SCHEMA'],
  ['both serialisations at once', { ...flattened, signatures: general.signatures }, 'DFFT_SCHEMA'],
  ['no signature', { payload, protected: head }, 'DFFT_SCHEMA'],
  ['a member twice', `{"payload":"${payload}","payload":"AA","protected":"${head}","signature":"${signature}"}`, 'DFFT_JSON_DUPLICATE_KEY'],
  ['no JSON', compact, 'DFFT_NOT_JSON'],
  ['too much', ' '.repeat((1 << 20) + 1), 'DFFT_LIMIT'],
])('%s is refused', (_, serialised, code) => {
  expect(verdict(serialised)).toBe(code)
})

test('what a verifier is handed goes on in its compact form, and as it is where it has none', () => {
  expect(compactForm(JSON.stringify(general))).toBe(compact)
  expect(compactForm(JSON.stringify(general).replace('payload', '\\u0070ayload'))).toBe(compact)
  for (const text of [compact, '{"a":1}', '{', JSON.stringify({ ...flattened, more: 1 })]) expect(compactForm(text)).toBe(text)
})

test('a key that both headers name is refused, though they agree', async () => {
  const [named = '', , signed = ''] = (await signJws({ kid: signer.keyId }, { a: 1 }, signer)).split('.')
  const token = { payload: 'eyJhIjoxfQ', protected: named, signature: signed }
  expect(verdict(token)).toBe(`${named}.eyJhIjoxfQ.${signed}~`)
  expect(verdict({ ...token, header: { kid: signer.keyId } })).toBe('DFFT_CREDENTIAL_FORMAT')
  expect(verdict({ ...flattened, header: { ...header, kid: signer.keyId } })).toBe(compact)
})
