import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { toBase64url } from '#protocols/base64url.ts'
import { codeOf } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import { verifyKey } from '#protocols/keys.ts'
import { disclosuresMax } from './disclosure.ts'
import { type JsonObject, signJws, verifyJws } from './jws.ts'
import { bindSdJwt, verifyKeyBinding } from './key-binding.ts'
import { issueSdJwt, readSdJwt, type SdJwtContent, selectDisclosures } from './sd-jwt.ts'
import { seededSigner } from './seeded-signer.ts'

const issuer = 'did:webvh:QmScid:agency.example' as Did
const signer = seededSigner(new Uint8Array(32).fill(1), `${issuer}#key-1`)
const holder = seededSigner(new Uint8Array(32).fill(2), 'did:key:zHolder#zHolder')
const stranger = seededSigner(new Uint8Array(32).fill(3), 'did:key:zStranger#zStranger')
const key = verifyKey(signer.publicJwk)
const atMs = Date.parse('2026-11-21T10:00:00Z')

/** Salts that differ and repeat from run to run. */
function salts(): () => Uint8Array {
  let count = 0
  return () => createHash('sha256').update(`salt ${count++}`).digest().subarray(0, 16)
}

const claims = {
  legalName: [
    { value: '株式会社サンプル', lang: 'ja' },
    { value: 'Sample KK', lang: 'en' },
  ],
  address: { country: 'JP', locality: 'Shibuya', street: { name: 'Dogenzaka', number: '1' } },
  taxId: 'T1234567890123',
  'a/b~c': 'escaped',
}
const disclosable = ['/legalName/0', '/legalName/1', '/address', '/address/locality', '/address/street', '/address/street/number', '/taxId', '/a~1b~0c']

const content = (more: Partial<SdJwtContent> = {}): SdJwtContent => ({
  vct: 'https://trust.example/BusinessRegistration',
  issuer,
  claims,
  disclosable,
  issuedAtMs: atMs,
  validFromMs: atMs,
  validUntilMs: atMs + 86_400_000,
  holderKey: holder.publicJwk,
  status: { uri: 'https://agency.example/status/1', index: 77 },
  id: 'urn:uuid:1',
  salt: salts(),
  decoys: 2,
  ...more,
})

const codeFor = (act: () => unknown) => {
  try {
    act()
  } catch (thrown) {
    return codeOf(thrown)
  }
  return 'accepted'
}
const codeOfPromise = (promise: Promise<unknown>) => promise.then(() => 'accepted', codeOf)
const open = (text: string) => {
  const read = readSdJwt(text)
  verifyJws(read.jws, key)
  return read
}
const base = { iss: issuer, vct: 'x', iat: 1, _sd_alg: 'sha-256' }
const signed = (payload: JsonObject) => signJws({ typ: 'dc+sd-jwt', kid: signer.keyId }, { ...base, ...payload }, signer)
const disclosure = (...parts: unknown[]) => toBase64url(Buffer.from(JSON.stringify(parts)))
const digestOf = (text: string) => createHash('sha256').update(text).digest('base64url')

let whole: string
beforeAll(async () => {
  whole = await issueSdJwt(content(), signer)
})

describe('an SD-JWT VC', () => {
  test('with everything disclosed shows exactly the claims that were issued', () => {
    const read = open(whole)
    expect(read.claims).toEqual(claims)
    expect(read).toMatchObject({
      format: 'dc+sd-jwt',
      keyId: signer.keyId,
      issuer,
      vct: 'https://trust.example/BusinessRegistration',
      id: 'urn:uuid:1',
      subject: null,
      holderKey: holder.publicJwk,
      keyBinding: null,
      validFromMs: atMs,
      validUntilMs: atMs + 86_400_000,
      issuedAtMs: atMs,
      status: { uri: 'https://agency.example/status/1', index: 77 },
    })
    expect(read.disclosures.map(({ pointer }) => pointer).sort()).toEqual([...disclosable].sort())
  })

  test('reveals, for every subset of its disclosures, that subset and not one word more', () => {
    const read = open(whole)
    fc.assert(
      fc.property(fc.subarray(disclosable), (pointers) => {
        const text = selectDisclosures(read, pointers)
        const shown = open(text)
        const needed = new Set(pointers.flatMap((pointer) => disclosable.filter((outer) => `${pointer}/`.startsWith(`${outer}/`))))
        expect(shown.disclosures.length).toBe(needed.size)
        // A concealed word stands neither in the claims nor anywhere in the bytes that travel.
        const travelling = text
          .split(/[.~]/)
          .map((part) => Buffer.from(part, 'base64url').toString())
          .join('\n')
        const secrets: Record<string, string> = {
          '/legalName/0': '株式会社サンプル',
          '/legalName/1': 'Sample KK',
          '/address': '"JP"',
          '/address/locality': 'Shibuya',
          '/address/street': 'Dogenzaka',
          '/address/street/number': '"number"',
          '/taxId': 'T1234567890123',
          '/a~1b~0c': 'escaped',
        }
        for (const [pointer, secret] of Object.entries(secrets)) {
          expect(travelling.includes(secret), `${secret} with ${pointers}`).toBe(needed.has(pointer))
          expect(JSON.stringify(shown.claims).includes(secret)).toBe(needed.has(pointer))
        }
      }),
      { seed: 7, numRuns: 256 },
    )
  })

  test('with one character of any part changed is refused', async () => {
    const bound = await bindSdJwt(selectDisclosures(open(whole), ['/taxId', '/legalName/1']), { nonce: 'n', audience: 'a', issuedAtMs: atMs }, holder)
    const verify = (text: string) => verifyKeyBinding(open(text), { nonce: 'n', audience: 'a', nowMs: atMs, ageMsMax: 60_000, skewMs: 0 })
    expect(codeFor(() => verify(bound))).toBe('accepted')
    for (let at = 0; at < bound.length; at++) {
      for (const put of [bound[at] === 'A' ? 'B' : 'A', '', '~']) {
        if (put === bound[at]) continue
        const changed = bound.slice(0, at) + put + bound.slice(at + 1)
        expect(
          codeFor(() => verify(changed)),
          `character ${at}`,
        ).not.toBe('accepted')
      }
    }
  })

  test('survives the round of any claims with any of them concealed', async () => {
    const name = fc.string({ minLength: 1, maxLength: 6 }).filter((text) => !['_sd', '...', '_sd_alg', '__proto__'].includes(text) && text.isWellFormed())
    const { tree } = fc.letrec<{ tree: JsonObject[string] }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4, depthSize: 'small' },
        fc.constantFrom<JsonObject[string]>(null, true, 0, 1.5, 'x', '~', '/'),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(name, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }))
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(
          name.map((text) => `c${text}`),
          tree,
          { minKeys: 1, maxKeys: 4, noNullPrototype: true },
        ),
        fc.infiniteStream(fc.boolean()),
        async (any, coin) => {
          const pointers = pointersIn(any).filter(() => coin.next().value)
          const text = await issueSdJwt(content({ claims: any, disclosable: pointers, decoys: 1 }), signer)
          const read = open(text)
          expect(read.claims).toEqual(any)
          expect(read.disclosures.map(({ pointer }) => pointer).sort()).toEqual([...pointers].sort())
          expect(open(selectDisclosures(read, pointers)).claims).toEqual(any)
          expect(open(selectDisclosures(read, [])).disclosures).toEqual([])
        },
      ),
      { seed: 11, numRuns: 150 },
    )
  })

  test('hides how many members it conceals', async () => {
    const read = async (decoys: number) => Buffer.from((await issueSdJwt(content({ decoys }), signer)).split('.')[1]!, 'base64url').toString()
    expect(JSON.parse(await read(0))._sd).toHaveLength(3)
    const { _sd: digests } = JSON.parse(await read(5))
    expect(digests).toHaveLength(8)
    expect(digests).toEqual([...digests].sort())
  })

  test('is not issued with a pointer to nothing, a reserved name, or by somebody else', async () => {
    expect(await codeOfPromise(issueSdJwt(content({ disclosable: ['/none'] }), signer))).toBe('DFFT_SCHEMA')
    expect(await codeOfPromise(issueSdJwt(content({ disclosable: ['/legalName/2'] }), signer))).toBe('DFFT_SCHEMA')
    for (const name of ['iss', 'exp', 'cnf', 'vct', 'status', 'sub']) {
      expect(await codeOfPromise(issueSdJwt(content({ claims: { [name]: 'x' }, disclosable: [] }), signer))).toBe('DFFT_SCHEMA')
    }
    for (const name of ['_sd', '...', '_sd_alg']) {
      expect(await codeOfPromise(issueSdJwt(content({ claims: { a: { [name]: 'x' } }, disclosable: [] }), signer))).toBe('DFFT_SCHEMA')
    }
    expect(await codeOfPromise(issueSdJwt(content(), stranger))).toBe('DFFT_KEY_NOT_FOUND')
    expect(await codeOfPromise(issueSdJwt(content({ decoys: 10_000 }), signer))).toBe('DFFT_LIMIT')
    await expect(issueSdJwt(content({ salt: () => new Uint8Array(8) }), signer)).rejects.toThrow()
  })
})

describe('a disclosure', () => {
  const one = disclosure('salt', 'name', 'value')
  const element = disclosure('salt', 'value')

  test('that no digest names is refused', async () => {
    expect(codeFor(() => readSdJwt(`${whole}${one}~`))).toBe('DFFT_DISCLOSURE')
  })

  test('that comes twice is refused', async () => {
    const [token, first] = whole.split('~')
    expect(codeFor(() => readSdJwt(`${token}~${first}~${first}~`))).toBe('DFFT_DISCLOSURE')
  })

  test('that was altered is refused', async () => {
    const parts = whole.split('~')
    const decoded = JSON.parse(Buffer.from(parts[1]!, 'base64url').toString())
    decoded[decoded.length - 1] = 'altered'
    parts[1] = disclosure(...decoded)
    expect(codeFor(() => readSdJwt(parts.join('~')))).toBe('DFFT_DISCLOSURE')
  })

  test('whose outer disclosure is missing is refused', () => {
    const read = open(whole)
    const inner = read.disclosures.find(({ pointer }) => pointer === '/address/locality')!
    expect(codeFor(() => readSdJwt(`${whole.split('~')[0]}~${inner.text}~`))).toBe('DFFT_DISCLOSURE')
  })

  test.each<[string, JsonObject, string[]]>([
    ['whose digest is there twice in one object', { _sd: [digestOf(one), digestOf(one)] }, [one]],
    ['whose digest is there in two places', { _sd: [digestOf(one)], a: { _sd: [digestOf(one)] } }, [one]],
    ['of a decoy that is there twice', { _sd: ['decoy', 'decoy'] }, []],
    ['of a member that stands for an element', { a: [{ '...': digestOf(one) }] }, [one]],
    ['of an element that stands for a member', { _sd: [digestOf(element)] }, [element]],
    ['of a member that is there already', { _sd: [digestOf(one)], name: 'open' }, [one]],
    ['of a member that another disclosure set', { _sd: [digestOf(one), digestOf(disclosure('other', 'name', 2))] }, [one, disclosure('other', 'name', 2)]],
    ['beside `...`', { a: [{ '...': digestOf(element), b: 1 }] }, [element]],
    ['under `...` outside an array', { a: { '...': digestOf(element) } }, [element]],
    ['under `...` that is no text', { a: [{ '...': 1 }] }, []],
    ['in an `_sd` that is no list', { _sd: digestOf(one) }, [one]],
    ['in an `_sd` that holds a number', { _sd: [1] }, []],
    ['with `_sd_alg` inside', { a: { _sd_alg: 'sha-256' } }, []],
  ])('%s is refused', async (_, payload, texts) => {
    const token = await signed(payload)
    expect(codeFor(() => readSdJwt(`${[token, ...texts].join('~')}~`))).toBe('DFFT_DISCLOSURE')
  })

  test.each<[string, string]>([
    ['named `_sd`', disclosure('salt', '_sd', [])],
    ['named `...`', disclosure('salt', '...', 'x')],
    ['named `_sd_alg`', disclosure('salt', '_sd_alg', 'md5')],
    ['named `__proto__`', disclosure('salt', '__proto__', { admin: true })],
    ['of one part', disclosure('salt')],
    ['of four parts', disclosure('salt', 'a', 'b', 'c')],
    ['of none', disclosure()],
    ['whose salt is a number', disclosure(1, 'a', 'b')],
    ['whose name is a number', disclosure('salt', 1, 'b')],
    ['that is an object', toBase64url(Buffer.from('{"0":"salt"}'))],
    ['that is text', toBase64url(Buffer.from('"salt"'))],
  ])('%s is refused', async (_, text) => {
    const token = await signed({ _sd: [digestOf(text)] })
    expect(codeFor(() => readSdJwt(`${token}~${text}~`))).toBe('DFFT_DISCLOSURE')
  })

  test.each<[string, string, string]>([
    ['padded', `${one}=`, 'DFFT_BASE64URL'],
    ['empty', '', 'DFFT_NOT_JSON'],
    ['that is no JSON', toBase64url(Buffer.from('["salt","a",')), 'DFFT_NOT_JSON'],
    ['with a name twice inside', toBase64url(Buffer.from('["salt","a",{"b":1,"b":2}]')), 'DFFT_JSON_DUPLICATE_KEY'],
  ])('%s is refused', async (_, text, code) => {
    const token = await signed({ _sd: [digestOf(text)] })
    expect(codeFor(() => readSdJwt(`${token}~${text}~`))).toBe(code)
  })

  test('hashed with anything but SHA-256 is refused', async () => {
    for (const algorithm of ['sha-1', 'md5', 'SHA-256', 'sha-512', null]) {
      const token = await signed({ _sd_alg: algorithm })
      expect(codeFor(() => readSdJwt(`${token}~`))).toBe('DFFT_ALGORITHM')
    }
  })

  test('of a claim that has to be open is refused', async () => {
    for (const name of ['exp', 'nbf', 'cnf', 'status', 'vct#integrity']) {
      const text = disclosure('salt', name, name === 'exp' ? 4_000_000_000 : {})
      const token = await signed({ _sd: [digestOf(text)] })
      expect(
        codeFor(() => readSdJwt(`${token}~${text}~`)),
        name,
      ).toBe('DFFT_CREDENTIAL_FORMAT')
    }
  })

  test('inside another, on and on, ends at 32 levels', async () => {
    const chain = (levels: number) => {
      const texts: string[] = []
      let value: unknown = 'core'
      for (let level = 0; level < levels; level++) {
        const text = disclosure('salt', 'n', value)
        texts.push(text)
        value = { _sd: [digestOf(text)] }
      }
      return { texts, payload: value as JsonObject }
    }
    const deep = chain(32)
    const deeper = chain(33)
    const [token, longer] = [await signed(deep.payload), await signed(deeper.payload)]
    expect(codeFor(() => readSdJwt(`${[token, ...deep.texts].join('~')}~`))).toBe('accepted')
    expect(codeFor(() => readSdJwt(`${[longer, ...deeper.texts].join('~')}~`))).toBe('DFFT_JSON_TOO_DEEP')
  })

  test('is refused where its pointer would be long: each keeps one, and a name around a thousand of them would be kept a thousand times', async () => {
    const under = (name: string) => signed({ [name]: { _sd: [createHash('sha256').update(one).digest('base64url')] } })
    expect(readSdJwt(`${await under('n'.repeat(1000))}~${one}~`).disclosures).toHaveLength(1)
    const text = `${await under('n'.repeat(1024))}~${one}~`
    expect(codeFor(() => readSdJwt(text))).toBe('DFFT_LIMIT')
  })

  test('beyond the thousandth is refused before any is hashed', async () => {
    const token = await signed({})
    expect(codeFor(() => readSdJwt(`${token}~${'A~'.repeat(disclosuresMax + 1)}`))).toBe('DFFT_LIMIT')
    expect(codeFor(() => readSdJwt(`${token}~${'A~'.repeat(1 << 20)}`))).toBe('DFFT_LIMIT')
  })
})

describe('the token of an SD-JWT VC', () => {
  test('without `~`, of another type, or with a key of somebody else is refused', async () => {
    const token = await signed({})
    expect(codeFor(() => readSdJwt(token))).toBe('DFFT_CREDENTIAL_FORMAT')
    expect(codeFor(() => readSdJwt(''))).toBe('DFFT_CREDENTIAL_FORMAT')
    const typed = (typ: string, kid: string) => signJws({ typ, kid }, base, signer)
    for (const typ of ['vc+jwt', 'JWT', 'kb+jwt', 'statuslist+jwt', 'vc+sd-jwt']) {
      const other = await typed(typ, signer.keyId)
      expect(
        codeFor(() => readSdJwt(`${other}~`)),
        typ,
      ).toBe('DFFT_CREDENTIAL_FORMAT')
    }
    for (const kid of ['key-1', '#key-1', 'did:key:zOther#zOther', `${issuer}.evil#key-1`, `${issuer}/../x#key-1`, issuer]) {
      const other = await typed('dc+sd-jwt', kid)
      expect(
        codeFor(() => readSdJwt(`${other}~`)),
        kid,
      ).toBe('DFFT_KEY_NOT_FOUND')
    }
  })

  test.each<[string, JsonObject]>([
    ['an end that is text', { exp: '4000000000' }],
    ['a negative beginning', { nbf: -1 }],
    ['an end after the year 9999', { exp: 253_402_300_800 }],
    ['an end that is null', { exp: null }],
    ['no type', { vct: null }],
    ['an issuer that is no text', { iss: 7 }],
    ['a holder key that is private', { cnf: { jwk: { ...holder.publicJwk, d: 'AAAA' } } }],
    ['a holder key by reference', { cnf: { kid: 'x' } }],
    ['an unknown kind of status', { status: { identifier_list: { id: '1', uri: 'https://a.example' } } }],
    ['a status index below 0', { status: { status_list: { idx: -1, uri: 'https://a.example/1' } } }],
    ['a status index that is a fraction', { status: { status_list: { idx: 1.5, uri: 'https://a.example/1' } } }],
    ['a status index that is text', { status: { status_list: { idx: '1', uri: 'https://a.example/1' } } }],
    ['a status index of 2^23', { status: { status_list: { idx: 1 << 23, uri: 'https://a.example/1' } } }],
    ['a second kind of status beside the list', { status: { status_list: { idx: 1, uri: 'https://a.example/1' }, other: {} } }],
    ['a status that is text', { status: 'valid' }],
    ['a status without URI', { status: { status_list: { idx: 1 } } }],
  ])('with %s is refused', async (_, payload) => {
    const token = await signed(payload)
    expect(codeFor(() => readSdJwt(`${token}~`))).toBe('DFFT_CREDENTIAL_FORMAT')
  })

  test('with a holder key of another curve is refused', async () => {
    const token = await signed({ cnf: { jwk: { kty: 'EC', crv: 'P-384', x: 'AA', y: 'AA' } } })
    expect(codeFor(() => readSdJwt(`${token}~`))).toBe('DFFT_ALGORITHM')
  })

  test('with more members in its holder key than the key is read', async () => {
    const token = await signed({ cnf: { jwk: { ...holder.publicJwk, kid: 'k', use: 'sig', alg: 'EdDSA' } } })
    expect(readSdJwt(`${token}~`).holderKey).toEqual(holder.publicJwk)
  })

  test('signed by another key does not verify', async () => {
    const forged = await issueSdJwt(content(), { ...stranger, keyId: signer.keyId })
    expect(codeFor(() => open(forged))).toBe('DFFT_SIGNATURE')
  })
})

describe('the holder’s proof', () => {
  const expected = { nonce: 'nonce-1', audience: 'did:key:zVerifier', nowMs: atMs + 1000, ageMsMax: 60_000, skewMs: 5_000 }
  const proof = { nonce: 'nonce-1', audience: 'did:key:zVerifier', issuedAtMs: atMs }
  const bound = (more: Partial<typeof proof> = {}, by = holder) => bindSdJwt(selectDisclosures(open(whole), ['/taxId']), { ...proof, ...more }, by)
  const check = (text: string, more: Partial<typeof expected> = {}) => codeFor(() => verifyKeyBinding(open(text), { ...expected, ...more }))

  test('binds a presentation to nonce, audience and what is shown', async () => {
    expect(check(await bound())).toBe('accepted')
  })

  test('for another nonce or audience is refused', async () => {
    expect(check(await bound({ nonce: 'nonce-2' }))).toBe('DFFT_NONCE')
    expect(check(await bound({ audience: 'did:key:zOther' }))).toBe('DFFT_AUDIENCE')
  })

  test('counts only within its window, skew included', async () => {
    const text = await bound()
    const edge = atMs + expected.ageMsMax + expected.skewMs
    expect(check(text, { nowMs: edge })).toBe('accepted')
    expect(check(text, { nowMs: edge + 1 })).toBe('DFFT_EXPIRED')
    expect(check(text, { nowMs: atMs - expected.skewMs })).toBe('accepted')
    expect(check(text, { nowMs: atMs - expected.skewMs - 1 })).toBe('DFFT_NOT_YET_VALID')
  })

  test('of a stranger, of the issuer, or missing is refused', async () => {
    expect(check(await bound({}, stranger))).toBe('DFFT_HOLDER_BINDING')
    expect(check(await bound({}, signer))).toBe('DFFT_HOLDER_BINDING')
    expect(check(whole)).toBe('DFFT_HOLDER_BINDING')
  })

  test('does not carry over to a presentation that shows more, or less', async () => {
    const text = await bound()
    const kb = text.slice(text.lastIndexOf('~') + 1)
    expect(check(whole + kb)).toBe('DFFT_HOLDER_BINDING')
    expect(check(selectDisclosures(open(whole), []) + kb)).toBe('DFFT_HOLDER_BINDING')
  })

  test('counts for nothing when the credential names no holder key', async () => {
    const { holderKey: _, ...keyless } = content()
    const unnamed = await issueSdJwt(keyless, signer)
    expect(check(await bindSdJwt(unnamed, proof, holder))).toBe('DFFT_HOLDER_BINDING')
  })

  test('of another type, or with several audiences, is refused', async () => {
    const shown = selectDisclosures(open(whole), [])
    const claimsOfProof = { iat: 1, aud: 'a', nonce: 'n', sd_hash: digestOf(shown) }
    const other = await signJws({ typ: 'JWT' }, claimsOfProof, holder)
    expect(codeFor(() => readSdJwt(shown + other))).toBe('DFFT_CREDENTIAL_FORMAT')
    for (const change of [{ aud: ['a', 'b'] }, { nonce: '' }, { iat: 'now' }, { sd_hash: null }]) {
      const bad = await signJws({ typ: 'kb+jwt' }, { ...claimsOfProof, ...change }, holder)
      expect(codeFor(() => readSdJwt(shown + bad))).toBe('DFFT_CREDENTIAL_FORMAT')
    }
  })

  test('is not put on twice', async () => {
    expect(await codeOfPromise(bindSdJwt(await bound(), proof, holder))).toBe('DFFT_CREDENTIAL_FORMAT')
  })
})

function pointersIn(value: JsonObject[string], at = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((element, index) => [`${at}/${index}`, ...pointersIn(element, `${at}/${index}`)])
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => {
    const pointer = `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    return [pointer, ...pointersIn(member, pointer)]
  })
}
