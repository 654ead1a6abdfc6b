import { createHash, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { base58btc } from 'multiformats/bases/base58'
import { describe, expect, test } from 'vitest'
import { canonical } from '#protocols/canonical.ts'
import { codeOf } from '#protocols/errors.ts'
import { parseJson } from '#protocols/json.ts'
import { type VerifyKey, verifyKey } from '#protocols/keys.ts'
import { addProof, checkProof, type ProofOptions, readProofs, verifyProof } from './data-integrity.ts'
import { foreignSigner } from './foreign-signer.fixture.ts'
import type { JsonObject } from './jws.ts'
import { seededSigner, signerOf } from './seeded-signer.ts'

const signer = seededSigner(new Uint8Array(32).fill(1), 'did:web:anchor.example#key-1')
const second = seededSigner(new Uint8Array(32).fill(2), 'did:web:other.example#key-1')
const ec = signerOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'did:web:ec.example#key-1')
const keys = new Map<string, VerifyKey>([signer, second, ec].map((one) => [one.keyId, verifyKey(one.publicJwk)]))
const resolve = ({ keyId }: { readonly keyId: string }) => keys.get(keyId)!

const policy: JsonObject = { id: 'urn:policy:jp', serial: 3, rules: [{ effect: 'permit', path: '/legalName', note: 'ü "quoted"' }], empty: {}, none: null }
const options: ProofOptions = { signer, created: '2026-11-21T10:00:00Z', purpose: 'assertionMethod' }
const expected = { purpose: 'assertionMethod' } as const

const codeFor = (document: JsonObject) => verifyProof(document, resolve, expected).then(() => 'accepted', codeOf)
const proofOf = (document: JsonObject) => document.proof as JsonObject

describe('a document with a proof', () => {
  test.each([
    ['eddsa-jcs-2022', signer],
    ['ecdsa-jcs-2019', ec],
  ])('in %s verifies, and reads as it did before', async (cryptosuite, by) => {
    const secured = await addProof(policy, { ...options, signer: by })
    const [proof] = await verifyProof(secured, resolve, expected)
    expect(proof).toMatchObject({ cryptosuite, keyId: by.keyId, purpose: 'assertionMethod', createdMs: Date.UTC(2026, 10, 21, 10), expiresMs: null })
    const { proof: _, ...document } = secured
    expect(document).toEqual(policy)
  })

  test('is signed over the two hashes that anybody can work out by hand', async () => {
    const secured = await addProof({ b: 1, a: 'x' }, options)
    const method = signer.keyId
    const config = `{"created":"2026-11-21T10:00:00Z","cryptosuite":"eddsa-jcs-2022","proofPurpose":"assertionMethod","type":"DataIntegrityProof","verificationMethod":"${method}"}`
    const hashes = [config, '{"a":"x","b":1}'].map((text) => createHash('sha256').update(text).digest())
    expect(proofOf(secured).proofValue).toBe(base58btc.encode(await signer.sign(Buffer.concat(hashes))))
  })

  test('of a P-384 key is over SHA-384, and one over SHA-256 or of a P-521 key is refused', async () => {
    const judged = async (crv: 'P-384' | 'P-521', digest: 'sha256' | 'sha384' | 'sha512') => {
      const { jwk, signWith } = foreignSigner(crv, ec.keyId)
      const { proof, ...document } = await addProof(policy, { ...options, signer: ec })
      const { proofValue: _, ...config } = proof as JsonObject
      const hashes = [config, document].map((part) => createHash(digest).update(canonical(part)).digest())
      const proofValue = base58btc.encode(signWith(crv === 'P-384' ? 'sha384' : 'sha512', Buffer.concat(hashes)))
      return verifyProof({ ...document, proof: { ...config, proofValue } }, () => verifyKey(jwk), expected).then(() => 'accepted', codeOf)
    }
    expect(await judged('P-384', 'sha384')).toBe('accepted')
    expect(await judged('P-384', 'sha256')).toBe('DFFT_SIGNATURE')
    expect(await judged('P-521', 'sha512')).toBe('DFFT_SIGNATURE')
  })

  test('of one curve does not stand under a key of another', async () => {
    const secured = await addProof(policy, { ...options, signer: ec })
    const under = (crv: 'P-384' | 'P-521') => verifyProof(secured, () => verifyKey(foreignSigner(crv, ec.keyId).jwk), expected).then(() => 'accepted', codeOf)
    expect(await under('P-384')).toBe('DFFT_SIGNATURE')
    expect(await under('P-521')).toBe('DFFT_ALGORITHM')
    const edwards = await addProof(policy, options)
    expect(await verifyProof(edwards, () => verifyKey(foreignSigner('P-384', ec.keyId).jwk), expected).then(() => 'accepted', codeOf)).toBe('DFFT_ALGORITHM')
  })

  test('verifies in any order of members and any layout', async () => {
    const secured = await addProof(policy, options)
    const { proof, ...document } = secured
    const turned = Object.fromEntries([['proof', proof], ...Object.entries(document).reverse()])
    expect(await codeFor(parseJson(JSON.stringify(turned, null, 4)) as JsonObject)).toBe('accepted')
  })

  test('with any byte of it changed is refused', async () => {
    const text = canonical(await addProof(policy, options))
    for (let at = 0; at < text.length; at++) {
      for (const put of [text[at] === '1' ? '2' : '1', '']) {
        const changed = text.slice(0, at) + put + text.slice(at + 1)
        const verdict = await Promise.resolve()
          .then(() => verifyProof(parseJson(changed) as JsonObject, resolve, expected))
          .then(() => 'accepted', String)
        expect(verdict, `character ${at} of ${text}`).not.toBe('accepted')
      }
    }
  })

  test('with any member added, at any depth, is refused', async () => {
    const secured = await addProof(policy, options)
    expect(await codeFor({ ...secured, more: 1 })).toBe('DFFT_SIGNATURE')
    expect(await codeFor({ ...secured, rules: [{ ...(policy.rules as JsonObject[])[0]!, more: 1 }] })).toBe('DFFT_SIGNATURE')
    expect(await codeFor({ ...secured, proof: { ...proofOf(secured), more: 1 } })).toBe('DFFT_SIGNATURE')
    expect(await codeFor({ ...secured, '@context': ['https://a.example'] })).toBe('DFFT_SIGNATURE')
  })

  test('survives the round of any JSON', async () => {
    const value = fc.jsonValue({ maxDepth: 4, stringUnit: 'grapheme' })
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(
          fc.string().filter((name) => name !== 'proof' && name !== '__proto__' && name.isWellFormed()),
          value,
          { noNullPrototype: true },
        ),
        async (any) => {
          const document = JSON.parse(JSON.stringify(any)) as JsonObject
          expect(await codeFor(await addProof(document, options))).toBe('accepted')
        },
      ),
      { seed: 9, numRuns: 60 },
    )
  })

  test('of another key, another suite or another purpose is refused', async () => {
    const secured = await addProof(policy, options)
    const [proof] = readProofs(secured)
    expect(() => checkProof(proof!, verifyKey(second.publicJwk))).toThrow(expect.objectContaining({ code: 'DFFT_SIGNATURE' }))
    expect(() => checkProof(proof!, verifyKey(ec.publicJwk))).toThrow(expect.objectContaining({ code: 'DFFT_ALGORITHM' }))
    expect(await codeFor(await addProof(policy, { ...options, purpose: 'authentication' }))).toBe('DFFT_KEY_NOT_FOUND')
  })

  test.each<[string, JsonObject]>([
    ['of another type', { type: 'Ed25519Signature2020' }],
    ['of an unknown suite', { cryptosuite: 'bbs-2023' }],
    ['over RDF, which nobody here can make canonical', { cryptosuite: 'eddsa-rdfc-2022' }],
    ['without suite', { cryptosuite: null }],
    ['whose value is in another base', { proofValue: 'uAAAA' }],
    ['whose value is short', { proofValue: 'z111' }],
    ['whose method is no DID URL', { verificationMethod: '#key-1' }],
    ['whose method has a path', { verificationMethod: 'did:web:a.example/../b#key-1' }],
    ['whose time has no zone', { created: '2026-11-21T10:00:00' }],
    ['with `previousProof` to nothing', { previousProof: 'urn:none' }],
    ['with an empty `previousProof`', { previousProof: [] }],
  ])('%s is refused', async (_, change) => {
    const secured = await addProof(policy, options)
    expect(await codeFor({ ...secured, proof: { ...proofOf(secured), ...change } })).toBe('DFFT_SIGNATURE')
  })

  test('that has none, or a list of none, is refused', async () => {
    expect(await codeFor(policy)).toBe('DFFT_SIGNATURE')
    expect(await codeFor({ ...policy, proof: [] })).toBe('DFFT_SIGNATURE')
    expect(await codeFor({ ...policy, proof: 'z' })).toBe('DFFT_SIGNATURE')
  })

  // A signer who breaks the rules can still sign: what the checks are for, since the signature fits.
  const handSigned = async (document: JsonObject, config: JsonObject, covered: JsonObject) => {
    const hashes = [config, covered].map((value) => createHash('sha256').update(canonical(value)).digest())
    return { ...document, proof: { ...config, proofValue: base58btc.encode(await signer.sign(Buffer.concat(hashes))) } }
  }
  const config: JsonObject = {
    type: 'DataIntegrityProof',
    cryptosuite: 'eddsa-jcs-2022',
    created: options.created,
    verificationMethod: signer.keyId,
    proofPurpose: 'assertionMethod',
  }

  test('made by hand after the standard is accepted', async () => {
    expect(await codeFor(await handSigned(policy, config, policy))).toBe('accepted')
  })

  test('whose fitting signature covers another context than the document has is refused', async () => {
    const foreign = { ...config, '@context': ['https://a.example/v1'] }
    expect(await codeFor(await handSigned(policy, foreign, policy))).toBe('DFFT_SIGNATURE')
    const document = { '@context': ['https://b.example/v1'], ...policy }
    expect(await codeFor(await handSigned(document, foreign, document))).toBe('DFFT_SIGNATURE')
  })

  test('whose fitting signature names a previous proof that is not there is refused', async () => {
    const chained = { ...config, previousProof: 'urn:none' }
    expect(await codeFor(await handSigned(policy, chained, { ...policy, proof: [] }))).toBe('DFFT_SIGNATURE')
    await expect(addProof(policy, { ...options, previousProof: 'urn:none' })).rejects.toMatchObject({ code: 'DFFT_SIGNATURE' })
  })

  test('says until when, for whom and to what challenge', async () => {
    const secured = await addProof(policy, { ...options, expires: '2026-11-22T00:00:00Z', domain: 'a.example', challenge: 'c', id: 'urn:uuid:1' })
    expect(readProofs(secured)[0]).toMatchObject({ expiresMs: Date.UTC(2026, 10, 22), domain: 'a.example', challenge: 'c', id: 'urn:uuid:1' })
    const { expires: _, ...endless } = proofOf(secured)
    expect(await codeFor({ ...secured, proof: endless })).toBe('DFFT_SIGNATURE')
  })

  test('takes the context of the document into the proof, and lets none be appended', async () => {
    const secured = await addProof({ '@context': ['https://a.example/v1'], ...policy }, options)
    expect(proofOf(secured)['@context']).toEqual(['https://a.example/v1'])
    expect(await codeFor(secured)).toBe('accepted')
    expect(await codeFor({ ...secured, '@context': ['https://a.example/v1', 'https://evil.example'] })).toBe('DFFT_SIGNATURE')
    const { '@context': _, ...bare } = secured
    expect(await codeFor(bare)).toBe('DFFT_SIGNATURE')
  })
})

describe('a proof over RDF', () => {
  // What makes canonical RDF is passed in; here it is a text of ours, so that what is hashed can be worked out by hand.
  const seen: JsonObject[] = []
  const rdfc = async (given: JsonObject) => {
    seen.push(given)
    return `graph of ${canonical(given)}`
  }
  const document = { '@context': ['https://a.example/v1'], ...policy }
  const verify = (given: JsonObject) => verifyProof(given, resolve, { ...expected, rdfc })

  test('is over the two canonical graphs, and its options take the context from the document', async () => {
    const secured = await addProof(document, { ...options, rdfc })
    const { proofValue, ...config } = proofOf(secured)
    expect(config).toEqual({
      type: 'DataIntegrityProof',
      cryptosuite: 'eddsa-rdfc-2022',
      created: options.created,
      verificationMethod: signer.keyId,
      proofPurpose: 'assertionMethod',
    })
    const texts = [await rdfc({ ...config, '@context': document['@context'] }), await rdfc(document)]
    const hashes = texts.map((text) => createHash('sha256').update(text).digest())
    expect(proofValue).toBe(base58btc.encode(await signer.sign(Buffer.concat(hashes))))
    expect(await verify(secured)).toHaveLength(1)
    expect(await addProof(document, { ...options, signer: ec, rdfc })).toMatchObject({ proof: { cryptosuite: 'ecdsa-rdfc-2019' } })
  })

  test('is refused without what makes canonical RDF, without a context, and with a context of its own that is another', async () => {
    const secured = await addProof(document, { ...options, rdfc })
    expect(await codeFor(secured)).toBe('DFFT_SIGNATURE')
    await expect(addProof(policy, { ...options, rdfc })).rejects.toMatchObject({ code: 'DFFT_SIGNATURE' })
    await expect(verify({ ...secured, proof: { ...proofOf(secured), '@context': 'https://b.example' } })).rejects.toMatchObject({ code: 'DFFT_SIGNATURE' })
    await expect(verify({ ...secured, proof: { ...proofOf(secured), more: 1 } })).rejects.toMatchObject({ code: 'DFFT_SIGNATURE' })
  })

  test('is not worked on before every name in a chain was found, and a document that several cover is worked on once', async () => {
    const first = await addProof(document, { ...options, id: 'urn:1', rdfc })
    const set = await addProof(first, { ...options, signer: second, id: 'urn:2', rdfc })
    seen.length = 0
    expect(await verify(set)).toHaveLength(2)
    expect(seen).toHaveLength(3)
    seen.length = 0
    const [a, b] = set.proof as [JsonObject, JsonObject]
    await expect(verify({ ...set, proof: [a, { ...b, previousProof: 'urn:none' }] })).rejects.toMatchObject({ code: 'DFFT_SIGNATURE' })
    expect(seen).toHaveLength(0)
  })
})

describe('several proofs', () => {
  const set = async () => addProof(await addProof(policy, { ...options, id: 'urn:uuid:1' }), { ...options, signer: second, id: 'urn:uuid:2' })

  test('each hold alone, in any order, and one false one fails the document', async () => {
    const secured = await set()
    const [a, b] = secured.proof as [JsonObject, JsonObject]
    expect(await codeFor(secured)).toBe('accepted')
    expect(await codeFor({ ...secured, proof: [b, a] })).toBe('accepted')
    expect(await codeFor({ ...secured, proof: a })).toBe('accepted')
    expect(await codeFor({ ...secured, proof: [a, { ...b, proofValue: a.proofValue! }] })).toBe('DFFT_SIGNATURE')
  })

  test('of one name, or the same one twice, are refused', async () => {
    const secured = await set()
    const [a, b] = secured.proof as [JsonObject, JsonObject]
    expect(await codeFor({ ...secured, proof: [a, a] })).toBe('DFFT_SIGNATURE')
    expect(await codeFor({ ...secured, proof: [a, { ...b, id: 'urn:uuid:1' }] })).toBe('DFFT_SIGNATURE')
    const nameless = await addProof(policy, options)
    expect(await codeFor({ ...nameless, proof: [proofOf(nameless), proofOf(nameless)] })).toBe('DFFT_SIGNATURE')
  })

  test('in a chain hold only with the earlier ones as they were', async () => {
    const chained = await addProof(await set(), { ...options, signer: ec, previousProof: ['urn:uuid:1', 'urn:uuid:2'] })
    const [a, b, c] = chained.proof as [JsonObject, JsonObject, JsonObject]
    expect(await codeFor(chained)).toBe('accepted')
    expect(await codeFor({ ...chained, proof: [a, c] })).toBe('DFFT_SIGNATURE')
    expect(await codeFor({ ...chained, proof: [c] })).toBe('DFFT_SIGNATURE')
    expect(await codeFor({ ...chained, proof: [a, b, { ...c, previousProof: 'urn:uuid:1' }] })).toBe('DFFT_SIGNATURE')
    const { previousProof: _, ...loose } = c
    expect(await codeFor({ ...chained, proof: [a, b, loose] })).toBe('DFFT_SIGNATURE')
  })

  test('are at most thirty-two', async () => {
    let secured: JsonObject = policy
    for (let count = 0; count < 32; count++) secured = await addProof(secured, { ...options, id: `urn:uuid:${count}` })
    expect(await codeFor(secured)).toBe('accepted')
    await expect(addProof(secured, options)).rejects.toMatchObject({ code: 'DFFT_LIMIT' })
    const [first] = secured.proof as [JsonObject]
    expect(await codeFor({ ...secured, proof: Array.from({ length: 33 }, (_, id) => ({ ...first, id: `${id}` })) })).toBe('DFFT_LIMIT')
  })
})
