import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canonical, digestOf } from '#protocols/canonical.ts'
import { addProof, type ProofOptions, readProofs, verifyProof } from '#protocols/credential/data-integrity.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { linkedDataLimits } from '#protocols/credential/linked-data.ts'
import { seededSigner, signerOf } from '#protocols/credential/seeded-signer.ts'
import { businessRegistration } from '#protocols/credential-types/business-registration/type.ts'
import { credentialTypes } from '#protocols/credential-types/known-types.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { digest } from '#protocols/ids.ts'
import { type Json, parseJson } from '#protocols/json.ts'
import { type VerifyKey, verifyKey } from '#protocols/keys.ts'
import { rdfcCanonicaliser } from './rdfc.ts'
import { bundledContexts, checkInlineContext, pinned, termsByIri } from './rdfc-contexts.ts'

const v2 = 'https://www.w3.org/ns/credentials/v2'
const canonicalise = rdfcCanonicaliser()
const signer = seededSigner(new Uint8Array(32).fill(1), 'did:web:issuer.example#key-1')
const second = seededSigner(new Uint8Array(32).fill(2), 'did:web:other.example#key-1')
const ec = signerOf(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey, 'did:web:ec.example#key-1')
const keys = new Map<string, VerifyKey>([signer, second, ec].map((one) => [one.keyId, verifyKey(one.publicJwk)]))
const options = { signer, created: '2026-11-21T10:00:00Z', purpose: 'assertionMethod', rdfc: canonicalise } as const satisfies ProofOptions

const verify = (document: JsonObject) => verifyProof(document, ({ keyId }) => keys.get(keyId)!, { purpose: 'assertionMethod', rdfc: canonicalise })
const codeFor = (document: JsonObject) => verify(document).then(() => 'accepted', codeOf)

/** With a status, an end, a list, a number, text in a language: what somebody would like to take away. */
const credential: JsonObject = {
  '@context': [v2, businessRegistration.context],
  id: 'urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33',
  type: ['VerifiableCredential', 'BusinessRegistrationCredential'],
  name: { '@value': 'Extract', '@language': 'en' },
  issuer: { id: 'did:web:issuer.example', name: 'A' },
  validFrom: '2026-01-01T00:00:00Z',
  validUntil: '2026-12-01T00:00:00Z',
  credentialSubject: { id: 'did:web:firm.example', legalName: [{ value: 'Firm', lang: 'en' }], lei: '5493000IBP32UQZ0KL24' },
  credentialStatus: {
    id: 'https://issuer.example/list#7',
    type: 'BitstringStatusListEntry',
    statusPurpose: 'revocation',
    statusListIndex: '7',
    statusListCredential: 'https://issuer.example/list',
  },
}
const subject = credential.credentialSubject as JsonObject
const status = credential.credentialStatus as JsonObject
const without = (document: JsonObject, ...names: readonly string[]) => Object.fromEntries(Object.entries(document).filter(([name]) => !names.includes(name)))
const about = (claims: Json, ...contexts: readonly Json[]): JsonObject => ({
  '@context': [v2, ...contexts],
  type: ['VerifiableCredential'],
  issuer: 'did:web:issuer.example',
  credentialSubject: claims,
})

describe('a document signed as RDF', () => {
  test.each([
    ['eddsa-rdfc-2022', signer],
    ['ecdsa-rdfc-2019', ec],
  ])('in %s verifies, and reads as it did before', async (cryptosuite, by) => {
    const secured = await addProof(credential, { ...options, signer: by })
    const [proof] = await verify(secured)
    expect(proof).toMatchObject({ cryptosuite, keyId: by.keyId, createdMs: Date.UTC(2026, 10, 21, 10) })
    expect(without(secured, 'proof')).toEqual(credential)
    expect((secured.proof as JsonObject)['@context']).toBeUndefined()
  })

  test('is refused by whoever has nothing that makes canonical RDF', async () => {
    const secured = await addProof(credential, options)
    expect(() => readProofs(secured)).toThrow(expect.objectContaining({ code: 'DFFT_SIGNATURE' }))
  })

  test('says in quads what it says in members', async () => {
    const [first] = (await canonicalise(about({ id: 'did:example:s', name: 'x' }))).split('\n')
    expect(first).toBe('<did:example:s> <https://schema.org/name> "x" .')
  })

  test('with any byte of it changed is refused', async () => {
    const text = canonical(await addProof(credential, options))
    for (let at = 0; at < text.length; at++) {
      const changed = `${text.slice(0, at)}${text[at] === '1' ? '2' : '1'}${text.slice(at + 1)}`
      const verdict = await Promise.resolve()
        .then(() => verify(parseJson(changed) as JsonObject))
        .then(() => 'accepted', String)
      expect(verdict, `character ${at} of ${text}`).not.toBe('accepted')
    }
  })

  test('verifies in any order of members, and of what has no order', async () => {
    const { proof, ...document } = await addProof(credential, options)
    expect(await codeFor({ proof, ...Object.fromEntries(Object.entries(document).reverse()), type: (credential.type as string[]).toReversed() })).toBe(
      'accepted',
    )
  })

  test('may stand in one set and chain with documents signed as JSON', async () => {
    const jcs = { ...options, rdfc: undefined as never }
    const { rdfc: _, ...overJson } = jcs
    const first = await addProof(credential, { ...overJson, id: 'urn:uuid:1' })
    const both = await addProof(first, { ...options, signer: second, id: 'urn:uuid:2' })
    const chained = await addProof(both, { ...options, signer: ec, previousProof: ['urn:uuid:1', 'urn:uuid:2'] })
    const [a, b, c] = chained.proof as [JsonObject, JsonObject, JsonObject]
    expect((await verify(chained)).map(({ cryptosuite }) => cryptosuite)).toEqual(['eddsa-jcs-2022', 'eddsa-rdfc-2022', 'ecdsa-rdfc-2019'])
    expect(await codeFor({ ...chained, proof: [c, b, a] })).toBe('accepted')
    expect(await codeFor({ ...chained, proof: [a, c] })).toBe('DFFT_SIGNATURE')
    expect(await codeFor({ ...chained, proof: [a, b, { ...c, previousProof: 'urn:uuid:1' }] })).toBe('DFFT_SIGNATURE')
    expect(await codeFor({ ...chained, proof: [{ ...a, created: '2026-11-21T10:00:01Z' }, b, c] })).toBe('DFFT_SIGNATURE')
  })

  test('with the same nameless proof twice is read once, as a set of RDF is', async () => {
    const { proof, ...document } = await addProof(credential, options)
    expect(await verify({ ...document, proof: [proof, proof] })).toHaveLength(1)
    expect(await codeFor({ ...document, proof: [proof, { ...(proof as JsonObject), created: '2026-11-21T10:00:01Z' }] })).toBe('DFFT_SIGNATURE')
  })

  test('carries at most four such proofs', async () => {
    const secured = await addProof(credential, { ...options, id: 'urn:uuid:0' })
    const proofs = Array.from({ length: 5 }, (_, at) => ({ ...(secured.proof as JsonObject), id: `urn:uuid:${at}` }))
    expect(await codeFor({ ...secured, proof: proofs })).toBe('DFFT_LIMIT')
  })
})

describe('whoever holds a signed document', () => {
  const expiry = 'https://www.w3.org/2018/credentials#validUntil'
  const dateTime = 'http://www.w3.org/2001/XMLSchema#dateTime'
  const change = (changes: JsonObject, ...gone: readonly string[]) => ({ ...without(credential, ...gone), ...changes })
  // The quads of each are those that were signed, or it leaves none: only its form gives it away.
  test.each<[string, JsonObject]>([
    ['adds a null', change({ evidence: null })],
    ['adds a null to a claim', change({ credentialSubject: { ...subject, jurisdiction: null } })],
    ['adds an empty list', change({ evidence: [] })],
    ['adds an empty list of contexts', change({ credentialSubject: { ...subject, '@context': [] } })],
    ['adds a member that no context defines', change({ note: 'unsigned' })],
    ['adds a type that no context defines', change({ type: [...(credential.type as string[]), 'Unsigned'] })],
    ['adds an index', change({ credentialSubject: { ...subject, '@index': 'unsigned' } })],
    ['doubles an element', change({ type: [...(credential.type as string[]), 'VerifiableCredential'] })],
    ['doubles a text in a language', change({ name: [credential.name as Json, credential.name as Json] })],
    ['wraps a list in a list', change({ type: [credential.type as Json] })],
    ['wraps a list in @set', change({ name: { '@set': [credential.name as Json] } })],
    ['hides the end behind its IRI', change({ [expiry]: { '@type': dateTime, '@value': '2026-12-01T00:00:00Z' } }, 'validUntil')],
    ['hides the status behind its IRI', change({ 'https://www.w3.org/2018/credentials#credentialStatus': status }, 'credentialStatus')],
    [
      'hides the status behind a name of his',
      change(
        { '@context': [...(credential['@context'] as Json[]), { note: 'https://www.w3.org/2018/credentials#credentialStatus' }], note: status },
        'credentialStatus',
      ),
    ],
    ['hides what kind of status it is', change({ credentialStatus: { ...status, type: 'https://www.w3.org/ns/credentials/status#BitstringStatusListEntry' } })],
    ['hides whom it is about', change({ credentialSubject: { ...without(subject, 'id'), '@id': 'did:web:firm.example' } })],
    ['hides what it is', change({ '@type': credential.type as Json }, 'type')],
    ['turns a text into a typed value', change({ validUntil: { '@type': dateTime, '@value': '2026-12-01T00:00:00Z' } })],
    ['moves all of it into a graph', { '@context': credential['@context'] as Json, '@graph': [without(credential, '@context')] }],
    ['moves a part beside it', change({ '@included': [{ id: 'did:web:firm.example', lei: subject.lei as Json }] })],
    ['says it backwards', change({ '@reverse': { name: { id: 'did:web:firm.example' } } })],
  ])('and %s shows nothing that verifies', async (_, changed) => {
    const { proof } = await addProof(credential, options)
    expect(await codeFor({ ...changed, proof })).toBe('DFFT_CONTEXT')
  })

  test('cannot move a claim to another place where its node is named', async () => {
    const twice = about([{ id: 'did:example:a', name: 'x', description: 'y' }, { id: 'did:example:b' }])
    const moved = about([{ id: 'did:example:a', name: 'x' }, { id: 'did:example:b' }, { id: 'did:example:a', description: 'y' }])
    expect(await canonicalise(twice)).toContain('"y"')
    await expect(canonicalise(moved)).rejects.toMatchObject({ code: 'DFFT_CONTEXT' })
  })
})

describe('a context', () => {
  const refused = (document: JsonObject) => expect(canonicalise(document)).rejects.toMatchObject({ code: 'DFFT_CONTEXT' })
  const example = 'https://a.example/'

  test.each<[string, Json]>([
    ['that is not held', 'https://a.example/context.jsonld'],
    ['of version 1.1, which names things otherwise', 'https://www.w3.org/2018/credentials/v1'],
    ['that lets unknown words pass', 'https://www.w3.org/ns/credentials/undefined-terms/v2'],
    ['on this machine', 'http://127.0.0.1:8080/context'],
    ['in a file', 'file:///etc/passwd'],
    ['in the URL itself', 'data:application/ld+json,{"@context":{}}'],
    ['with a fragment after a known one', `${v2}#x`],
    ['at a relative address', '../v2'],
    ['of another letter case', v2.toUpperCase()],
    ['that is nothing', null],
    ['that is a number', 5],
    ['that gives a word another meaning by an alias of a keyword', { kind: '@type' }],
    ['that maps unknown words to a vocabulary', { '@vocab': 'https://a.example/#' }],
    ['that takes the vocabulary away', { '@vocab': null }],
    ['that sets a base', { '@base': 'https://a.example/' }],
    ['that sets a language', { '@language': 'en' }],
    ['that imports another', { '@import': v2 }],
    ['that does not reach its parts', { '@propagate': false }],
    ['of version 1.0', { '@version': 1 }],
    ['whose term is an object', { claim: { '@id': `${example}claim`, '@protected': true } }],
    ['whose term brings a context of its own', { claim: { '@id': `${example}claim`, '@context': {} } }],
    ['whose term is null', { claim: null }],
    ['whose term has another name than its IRI', { claim: `${example}other` }],
    ['whose term ends an IRI without beginning a part of it', { aim: `${example}claim` }],
    ['whose IRI has a space in it', { claim: `${example}x y#claim` }],
    ['whose IRI carries a quad', { claim: `${example}x>.<urn:claim` }],
    ['whose term is no IRI', { claim: 'claim' }],
    ['that defines a protected word anew', { name: `${example}name` }],
    ['that defines a protected type anew', { VerifiableCredential: `${example}VerifiableCredential` }],
    ['that gives a held IRI another name', { notation: 'http://www.w3.org/2004/02/skos/core#notation' }],
    ['that is nested in itself', { '@context': { '@context': { name: `${example}name` } } }],
    ['in a list in the list', [[v2]]],
  ])('%s is refused', async (_, context) => {
    await refused(about({ id: 'did:example:s' }, context))
    await refused(about({ id: 'did:example:s', '@context': context }))
  })

  test('that is null does not take protection away further down', async () => {
    await refused(about({ id: 'did:example:s', '@context': null }))
  })

  test('may name things by the end of their IRI, and nothing of it stays for the next document', async () => {
    const term = { claim: `${example}claim` }
    expect(await canonicalise(about({ id: 'did:example:s', claim: 'x' }, { '@context': term }))).toContain(`<${example}claim> "x"`)
    expect(await canonicalise(about({ id: 'did:example:s', claim: 'x' }, { claim: 'https://b.example/#claim' }))).toContain('<https://b.example/#claim> "x"')
    await refused(about({ id: 'did:example:s', claim: 'x' }))
  })

  test('that is bundled is the one whose digest was written down, or nothing is loaded', async () => {
    const contexts = await bundledContexts()
    expect([...contexts.keys()]).toEqual([v2, 'https://w3id.org/security/data-integrity/v2', ...[...credentialTypes.values()].map(({ context }) => context)])
    const base = contexts.get(v2)!
    const pin = digest(JSON.stringify(base))
    expect(pinned(v2, base, pin)).toBe(base)
    const changed = { '@context': { ...((base as JsonObject)['@context'] as JsonObject), validUntil: `${example}validUntil` } }
    for (const other of [changed, undefined]) expect(() => pinned(v2, other, pin)).toThrow(expect.objectContaining({ code: 'DFFT_CONTEXT' }))
    // What the package keeps as a file is what it hands out.
    const file = fileURLToPath(import.meta.resolve('@digitalbazaar/credentials-context')).replace(/lib\/index\.js$/, 'contexts/v2.jsonld')
    expect(digest(JSON.stringify(parseJson(readFileSync(file))))).toBe(pin)
    expect(digestOf(base)).toBe('sha256:b463c8d6a066214123ddd9827b135e1b50e1fc73322cc52a9b12a4f1fc7d86cf')
  })

  test('that is bundled gives no IRI two names that a document could choose from', async () => {
    const terms = termsByIri(await bundledContexts())
    const top = new Set(['validFrom', 'validUntil', 'credentialStatus', 'credentialSubject', 'issuer', 'proof', 'holder', 'verifiableCredential'])
    const ambiguous = [...terms].filter(([iri, names]) => !iri.startsWith('@') && names.size > 1 && [...names].some((name) => top.has(name)))
    expect(ambiguous).toEqual([])
    expect(() => checkInlineContext({ validUntil: 'https://www.w3.org/2018/credentials#validUntil' }, terms)).not.toThrow()
  })

  test('is never changed by a document that uses it', async () => {
    const before = canonical([...(await bundledContexts())])
    await canonicalise(credential)
    await canonicalise(about({ id: 'did:example:s', claim: 'x' }, { claim: `${example}claim` }))
    expect(canonical([...(await bundledContexts())])).toBe(before)
  })

  test('is never fetched: nothing that could is loaded for it', async () => {
    await canonicalise(credential)
    const loaded = Object.keys(createRequire(import.meta.url).cache)
    expect(loaded.some((path) => path.endsWith('jsonld/lib/expand.js'))).toBe(true)
    expect(loaded.filter((path) => /node_modules\/(?:undici|ky|@digitalbazaar\/http-client)\//.test(path))).toEqual([])
  })
})

describe('a value that RDF cannot hold whole', () => {
  const quantity = { quantity: 'https://a.example/quantity' }
  const holding = (value: Json) => about({ id: 'did:example:s', quantity: value }, quantity)

  test.each([0.1 + 0.2, 1e-7, 5e-300, 2 ** 53, -0, 1e21])('%d is refused', async (value) => {
    await expect(canonicalise(holding(value))).rejects.toMatchObject({ code: 'DFFT_CONTEXT' })
  })

  test('is refused, and two numbers that are not never share a form', async () => {
    await fc.assert(
      fc.asyncProperty(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.double({ noNaN: true, noDefaultInfinity: true }), async (one, other) => {
        const forms = await Promise.all([one, other].map((value) => canonicalise(holding(value)).catch((thrown: TrustError) => thrown.code)))
        if (one !== other && forms[0] !== 'DFFT_CONTEXT') expect(forms[0]).not.toBe(forms[1])
      }),
      { seed: 5, numRuns: 100 },
    )
  })

  test.each<[string, Json]>([
    ['a direction that is none', { '@value': 'x', '@language': 'ar', '@direction': 'up' }],
    ['a direction without a language', { '@value': 'x', '@direction': 'rtl' }],
    ['a language that is none', { '@value': 'x', '@language': 'en us> .' }],
    ['a value without a language', { '@value': 'x' }],
    ['a value that is no text', { '@value': 5, '@language': 'en' }],
    ['a JSON literal', { '@value': {}, '@type': '@json' }],
    ['an ordered list in another form', { '@list': ['x'] }],
  ])('%s is refused', async (_, value) => {
    await expect(canonicalise(about({ id: 'did:example:s', name: value }))).rejects.toMatchObject({ code: 'DFFT_CONTEXT' })
  })

  test('the direction of a text is signed with it', async () => {
    const named = (text: JsonObject) => canonicalise(about({ id: 'did:example:s', name: { '@value': 'x', '@language': 'ar', ...text } }))
    expect(new Set([await named({}), await named({ '@direction': 'rtl' }), await named({ '@direction': 'ltr' })]).size).toBe(3)
  })

  test.each(['relative', '#part', '', 'urn:a b', 'urn:a\n<urn:b>', 'urn:a\u00a0b'])('an id `%s` that is no IRI is refused', async (id) => {
    await expect(canonicalise(about({ id, name: 'x' }))).rejects.toMatchObject({ code: 'DFFT_CONTEXT' })
  })

  test('text cannot break out of its quad', async () => {
    const text = await canonicalise(about({ id: 'did:example:s', name: 'x" .\n<urn:a> <urn:b> "y' }))
    expect(text.split('\n').filter((line) => line.includes('urn:b'))).toEqual(['<did:example:s> <https://schema.org/name> "x\\" .\\n<urn:a> <urn:b> \\"y" .'])
  })
})

describe('a document that is made to cost', () => {
  const { nodes, values, elements, characters, contexts, inlineContexts, terms } = linkedDataLimits
  const many = (count: number, make: (at: number) => Json): readonly Json[] => Array.from({ length: count }, (_, at) => make(at))
  const words = { link: 'https://a.example/link' }
  const nested = (depth: number): Json => (depth === 0 ? 'x' : { link: nested(depth - 1) })
  /** Nodes without names, each linked with those that `to` says. */
  const graph = (size: number, to: (at: number) => readonly number[]) =>
    about(
      many(size, (at) => ({ id: `_:n${at}`, link: to(at).map((other) => ({ id: `_:n${other}` })) })),
      words,
    )
  const all = (size: number) => Array.from({ length: size }, (_, at) => at)

  test.each<[string, JsonObject, string]>([
    ['with too many nodes', about({ link: many(nodes, (at) => ({ name: `${at}` })) }, words), 'DFFT_LIMIT'],
    ['with too long a list', about({ link: many(elements + 1, String) }, words), 'DFFT_LIMIT'],
    [
      'with too many values',
      about(
        many(5, () => ({ link: many(values / 5, String) })),
        words,
      ),
      'DFFT_LIMIT',
    ],
    ['with too much text', about({ name: 'x'.repeat(characters) }), 'DFFT_LIMIT'],
    ['with too long a name', about({ ['x'.repeat(characters)]: 'x' }), 'DFFT_LIMIT'],
    ['with too many contexts', { ...about({ name: 'x' }), '@context': many(contexts + 1, () => v2) }, 'DFFT_LIMIT'],
    ['with too many contexts of its own', about({ name: 'x' }, ...many(inlineContexts + 1, () => words)), 'DFFT_LIMIT'],
    ['with too many terms', about({ name: 'x' }, Object.fromEntries(many(terms + 1, (at) => [`t${at}`, `urn:t${at}`]) as [string, Json][])), 'DFFT_LIMIT'],
    [
      'with too many terms one level down',
      about({ name: 'x' }, { '@context': Object.fromEntries(many(terms, (at) => [`t${at}`, `urn:t${at}`]) as [string, Json][]) }),
      'DFFT_LIMIT',
    ],
    ['nested too deep', about(nested(40), words), 'DFFT_JSON_TOO_DEEP'],
    [
      'nested a hundred thousand times',
      about({ link: JSON.parse(`${'{"link":'.repeat(100_000)}1${'}'.repeat(100_000)}`) as Json }, words),
      'DFFT_JSON_TOO_DEEP',
    ],
  ])('%s is refused before anything is computed', async (_, document, code) => {
    const started = performance.now()
    await expect(canonicalise(document)).rejects.toMatchObject({ code })
    expect(performance.now() - started).toBeLessThan(200)
  })

  test.each<[string, JsonObject]>([
    ['a ring of sixty', graph(60, (at) => [(at + 1) % 60])],
    ['everybody linked with everybody', graph(12, (at) => all(12).filter((other) => other !== at))],
    ['two halves linked with each other', graph(16, (at) => all(8).map((other) => (at < 8 ? other + 8 : other)))],
    ['a cube of five dimensions', graph(32, (at) => all(5).map((bit) => at ^ (1 << bit)))],
    [
      'forests of like trees',
      about(
        many(2, () => ({ link: many(8, () => ({ link: many(8, () => ({ name: 'x' })) })) })),
        words,
      ),
    ],
  ])('by blank nodes that look alike, %s, is given up', async (_, document) => {
    await canonicalise(credential)
    const started = performance.now()
    await expect(canonicalise(document)).rejects.toMatchObject({ code: 'DFFT_LIMIT' })
    expect(performance.now() - started).toBeLessThan(2000)
  })

  test('honestly, by many like lines, is read', async () => {
    const lines = about({ id: 'did:example:s', link: many(50, () => ({ link: { name: 'x' } })) }, words)
    expect((await canonicalise(lines)).split('\n')).toHaveLength(50 * 3 + 4)
  })
})
