/** That a case counts only for what it is about: made-up folders with cases that are right, wrong and beside the point. */
import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { base58btc } from 'multiformats/bases/base58'
import { afterEach, expect, test } from 'vitest'
import { toBase64url } from '#protocols/base64url.ts'
import { addProof } from '#protocols/credential/data-integrity.ts'
import { signJws } from '#protocols/credential/jws.ts'
import { seededSigner } from '#protocols/credential/seeded-signer.ts'
import { didKeyMethod, didKeyOf } from '#protocols/did/key.ts'
import { didOf } from '#protocols/ids.ts'
import type { Signer } from '#protocols/keys.ts'
import { diPreviousproof } from './di-previousproof.ts'
import { didKey } from './did-key.ts'
import { identifiers } from './identifiers.ts'
import { jcsRfc8785 } from './jcs-rfc8785.ts'
import { openid4vpDcql } from './openid4vp-dcql.ts'
import { sdJwtRfc9901 } from './sd-jwt.ts'
import { tokenStatusList } from './token-status-list.ts'
import { vcDiEddsa } from './vc-di-eddsa.ts'
import { vcJoseCose } from './vc-jose-cose.ts'
import { vcJsonSchema } from './vc-json-schema.ts'
import { vcdm2Inputs } from './vcdm2-inputs.ts'
import { canonicalRdf } from './vector-contexts.ts'
import { webuildAttestations } from './webuild-attestations.ts'
import { wycheproof } from './wycheproof.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

function folderOf(files: Readonly<Record<string, unknown>>): string {
  const root = mkdtempSync(join(tmpdir(), 'dfft-judging-'))
  folders.push(root)
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return root
}

const signer = seededSigner(new Uint8Array(32).fill(7), 'did:example:a#key')
const token = await signJws({}, new Uint8Array([1]), signer)
const other = await signJws({}, new Uint8Array([1]), seededSigner(new Uint8Array(32).fill(8), 'did:example:a#key'))
const hmacKey = { kty: 'oct', alg: 'HS256', k: toBase64url(new Uint8Array(32)) }
const hmacInput = `${toBase64url(Buffer.from('{"alg":"HS256"}'))}.AQ`
const hmac = `${hmacInput}.${createHmac('sha256', new Uint8Array(32)).update(hmacInput).digest('base64url')}`

function own(fill: number): Signer {
  const seed = new Uint8Array(32).fill(fill)
  return seededSigner(seed, didKeyMethod(didKeyOf(seededSigner(seed, '').publicJwk)))
}

function tokens(...cases: readonly (readonly [keys: unknown, jws: string, result: string])[]) {
  const testGroups = cases.map(([keys, jws, result], tcId) => ({ type: 'JsonWebKey', public: keys, tests: [{ tcId, comment: '', jws, result }] }))
  return wycheproof.run(folderOf({ 'testvectors_v1/json_web_key_test.json': { testGroups } }))
}

test('a key in a set is read out of it, so that a token is judged by the key and not for its wrapping', async () => {
  const set = { keys: [signer.publicJwk] }
  expect(await tokens([set, token, 'valid'], [set, other, 'invalid'])).toMatchObject({ passed: 2, failed: [], skipped: [] })
  expect(await tokens([set, token, 'invalid'], [set, other, 'valid'])).toMatchObject({ passed: 0, failed: [{}, {}] })
  expect(await tokens([{ keys: [{ ...signer.publicJwk, use: 'enc' }] }, token, 'invalid'])).toMatchObject({ passed: 1 })
})

test('a set of keys accepts what any of its keys does, and a key that names an algorithm nobody registered is left out', async () => {
  const set = { keys: [hmacKey, signer.publicJwk] }
  expect(await tokens([set, token, 'valid'], [set, other, 'invalid'], [set, hmac, 'invalid'])).toMatchObject({ passed: 3, failed: [], skipped: [] })
  expect(await tokens([set, token, 'invalid'])).toMatchObject({ passed: 0, failed: [{}] })
  const es521 = { ...generateKeyPairSync('ec', { namedCurve: 'P-521' }).publicKey.export({ format: 'jwk' }), alg: 'ES521' }
  expect(await tokens([es521, token, 'valid'], [es521, token, 'invalid'])).toMatchObject({ passed: 1, failed: [], skipped: [{}] })
})

test.each([
  ['P-384', 'secp384r1', 'SHA-384'],
  ['P-521', 'secp521r1', 'SHA-512'],
])('signatures of %s are judged, by a point or by a JWK, whatever their file is called', async (namedCurve, curve, sha) => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve })
  const publicKeyJwk = publicKey.export({ format: 'jwk' })
  const uncompressed = `04${[publicKeyJwk.x, publicKeyJwk.y].map((part) => Buffer.from(String(part), 'base64url').toString('hex')).join('')}`
  const sig = sign(sha, Buffer.from('aa', 'hex'), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('hex')
  const tests = (result: string) => [{ tcId: 1, comment: '', msg: 'aa', sig, result }]
  const judged = (result: string, hashed = sha) =>
    wycheproof.run(
      folderOf({
        'renamed_test.json': {
          testGroups: [
            { type: 'EcdsaP1363Verify', sha: hashed, publicKey: { curve }, publicKeyJwk, tests: tests(result) },
            { type: 'EcdsaP1363Verify', sha: hashed, publicKey: { curve, uncompressed }, tests: tests(result) },
          ],
        },
      }),
    )
  expect(await judged('valid')).toMatchObject({ passed: 2, failed: [], skipped: [] })
  expect(await judged('invalid')).toMatchObject({ passed: 0, failed: [{}, {}] })
  expect(await judged('valid', 'SHA3-256')).toMatchObject({ passed: 0, failed: [], skipped: [{}, {}] })
})

test('an SD-JWT shows what its case says, nothing less and nothing more, but that an object may be left out of which nothing is shown', async () => {
  const one = { claims: { a: 1, b: { c: 2 } }, disclosureFrame: { _sd: ['a'], b: { _sd: ['c'] } }, presentationFrames: { a: true } }
  const judged = (presentedClaims: object) => sdJwtRfc9901.run(folderOf({ 'test/one.json': { ...one, presentedClaims } }))
  for (const right of [{ a: 1 }, { a: 1, b: {} }]) expect(await judged(right)).toMatchObject({ passed: 1, failed: [] })
  for (const wrong of [{}, { a: 2 }, { a: 1, b: { c: 2 } }]) expect(await judged(wrong)).toMatchObject({ passed: 0, failed: [{}] })
})

test('a presentation is issued and verified with whatever its envelopes hold, and as an SD-JWT too, and not with what is none', async () => {
  const contextV2 = 'https://www.w3.org/ns/credentials/v2'
  const { x, kty, crv } = signer.publicJwk
  const jwks = { publicKeyJwk: signer.publicJwk, secretKeyJwk: { kty, crv, x, d: Buffer.alloc(32, 7).toString('base64url') } }
  const held = `${await signJws({ typ: 'vc+sd-jwt' }, { _sd_alg: 'sha-256' }, signer)}~`
  const presenting = (...ids: string[]) => {
    const verifiableCredential = ids.map((id) => ({ '@context': contextV2, type: 'EnvelopedVerifiableCredential', id }))
    return { '@context': [contextV2], type: ['VerifiablePresentation'], holder: 'https://holder.example', verifiableCredential }
  }
  const judged = async (fn: string, feature: string, input: unknown) => {
    const one = { name: 'one', input_file: 'in', key_file: 'key.json', fn, feature, expected_result: 'success', disclosure_paths: ['holder'] }
    const { passed } = await vcJoseCose.run(
      folderOf({ 'cases.json': [one], 'tests/input/in': input, 'tests/input/key.json': { id: 'did:example:a#key', ...jwks } }),
    )
    return passed
  }
  const many = presenting(`data:application/vc+sd-jwt,${held}`, 'data:application/vc+cose;base64,0oRY+/==')
  expect(await judged('issue', 'presentation_jose', many)).toBe(1)
  expect(await judged('issue', 'presentation_sdjwt', many)).toBe(1)
  const token = (document: object) => signJws({ typ: 'vp+jwt', cty: 'vp' }, document as never, signer)
  expect(await judged('verify', 'presentation_jose', await token(many))).toBe(1)
  for (const bad of ['not-a-credential', 'data:application/vc+jwt,a', 'data:application/other,a', 'data:text/plain,a'])
    expect(await judged('verify', 'presentation_jose', await token(presenting(bad))), bad).toBe(0)
})

test('a file that does not read fails by itself, and what stands beside it is judged', async () => {
  const good = { '@context': ['https://www.w3.org/ns/credentials/v2'], type: ['VerifiableCredential'], issuer: 'did:example:i', credentialSubject: { n: 1 } }
  const jcs = { 'testdata/input/a.json': '[1]', 'testdata/input/b.json': '[2]', 'testdata/output/b.json': '[2]' }
  const vcdm = { 'tests/input/a-ok.json': '{', 'tests/input/b-ok.json': 'null', 'tests/input/c-ok.json': good }
  const one = { name: 'no file', input_file: 'no', key_file: 'no', fn: 'verify', feature: 'credential_jose', expected_result: 'success' }
  const jose = { 'cases.json': [null, one, { ...one, name: 'cose', feature: 'credential_cose' }] }
  expect(await jcsRfc8785.run(folderOf(jcs))).toMatchObject({ passed: 1, failed: [{ case: 'a.json' }] })
  expect(await vcdm2Inputs.run(folderOf(vcdm))).toMatchObject({ passed: 1, failed: [{ case: 'a-ok.json' }, { case: 'b-ok.json' }] })
  expect(await vcJoseCose.run(folderOf(jose))).toMatchObject({ failed: [{ case: 'case 0' }, { case: 'no file' }], skipped: [{ case: 'cose' }] })
  const groups = {
    testGroups: [
      { type: 'EddsaVerify', publicKey: { curve: 'edwards25519', pk: '00' }, tests: [] },
      { type: 'Other', tests: [{ tcId: 1 }] },
    ],
  }
  expect(await wycheproof.run(folderOf({ 'a_test.json': '{}', 'b_test.json': groups }))).toMatchObject({ failed: [{}, {}], skipped: [{}] })
  expect(await sdJwtRfc9901.run(folderOf({ 'a.json': '5' }))).toMatchObject({ failed: [{ case: 'a.json' }] })
  expect(await tokenStatusList.run(folderOf({ 'vectors.json': [null] }))).toMatchObject({ failed: [{ case: 'vector 0' }] })
  expect(await vcDiEddsa.run(folderOf({ 'TestVectors/a/signedJCS.json': '{', 'TestVectors/b/signed.json': '5' }))).toMatchObject({ failed: [{}, {}] })
  expect(await diPreviousproof.run(folderOf({ 'inputs/aOk-.json': '{', 'inputs/bOk-.json': 'null' }))).toMatchObject({ failed: [{}, {}] })
  expect(await didKey.run(folderOf({ 'test-vectors/a.json': 'null', 'test-vectors/b.json': '{' }))).toMatchObject({ failed: [{}, {}] })
})

test('whose issuer is the point is judged with the issuer that it has, and all others with one that is put in', async () => {
  const credential = { '@context': ['https://www.w3.org/ns/credentials/v2'], type: ['VerifiableCredential'], credentialSubject: { id: 'did:example:s' } }
  const judged = (name: string, change: object) => vcdm2Inputs.run(folderOf({ [`tests/input/${name}.json`]: { ...credential, ...change } }))
  for (const [name, change] of [
    ['credential-issuer-missing-fail', {}],
    ['credential-null-fail', { issuer: null }],
    ['credential-issuer-object-without-id-fail', { issuer: { name: 'A' } }],
    ['credential-any-ok', {}],
    ['issuer-name-ok', { issuer: { name: 'A' } }],
  ] as const)
    expect(await judged(name, change), name).toMatchObject({ passed: 1, failed: [] })
  expect(await judged('credential-any-fail', {})).toMatchObject({ passed: 0, failed: [{}] })
})

test('a token of an algorithm that is refused by design proves nothing by being refused', async () => {
  expect(await tokens([hmacKey, hmac, 'valid'], [hmacKey, `${hmac}x`, 'invalid'])).toMatchObject({ passed: 0, failed: [], skipped: [{}, {}] })
})

test('a case under a curve that is refused by design is left out, and under one of the four it is judged', async () => {
  const method = (publicKeyJwk: object) => ({ id: 'did:example:a#key', publicKeyJwk, secretKeyJwk: {} })
  const one = { name: 'bad', input_file: 'token.txt', key_file: 'key.json', fn: 'verify', feature: 'credential_jose', expected_result: 'failure' }
  const judged = (text: string, jwk: object) =>
    vcJoseCose.run(folderOf({ 'cases.json': [one], 'tests/input/token.txt': text, 'tests/input/key.json': method(jwk) }))
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' })
  const es384 = `${toBase64url(Buffer.from('{"alg":"ES384","typ":"vc+jwt"}'))}.AQ.AQ`
  expect(await judged(es384, { kty: 'EC', crv: 'secp256k1' })).toMatchObject({ passed: 0, failed: [], skipped: [{ case: 'bad' }] })
  expect(await judged(es384, p384)).toMatchObject({ passed: 1, skipped: [] })
  expect(await judged('no token', p384)).toMatchObject({ passed: 1, skipped: [] })
  expect(await judged(es384, signer.publicJwk)).toMatchObject({ passed: 1, skipped: [] })
})

test('a credential of the data model is refused for its structure, with the dates that stand for words put in', async () => {
  const credential = { '@context': ['https://www.w3.org/ns/credentials/v2'], type: ['VerifiableCredential'], credentialSubject: { id: 'did:example:s' } }
  const judged = (name: string, change: object) => vcdm2Inputs.run(folderOf({ [`tests/input/${name}.json`]: { ...credential, ...change } }))
  expect(await judged('credential-dates-fail', { validFrom: 'FUTURE DATE', validUntil: 'PAST DATE' })).toMatchObject({ passed: 1 })
  expect(await judged('credential-dates-fail', { validFrom: 'PAST DATE', validUntil: 'FUTURE DATE' })).toMatchObject({ passed: 0, failed: [{}] })
})

const rdfcSuite = { type: 'DataIntegrityProof', cryptosuite: 'eddsa-rdfc-2022', proofPurpose: 'assertionMethod', created: '2026-01-01T00:00:00Z' }
const vcdm = { '@context': ['https://www.w3.org/ns/credentials/v2'], type: ['VerifiableCredential'], name: 'A', issuer: 'did:example:i' }

test('a proof of a suite that cannot be checked is left out and not passed, and one of a suite that can is judged', async () => {
  const judged = (proof: object) => vcDiEddsa.run(folderOf({ 'TestVectors/a/signedOne.json': { ...vcdm, proof } }))
  const method = { verificationMethod: 'did:example:a#key' }
  expect(await judged({ ...rdfcSuite, ...method, cryptosuite: 'bbs-2023' })).toMatchObject({ passed: 0, failed: [], skipped: [{}] })
  expect(await judged({ type: 'Ed25519Signature2020', ...method })).toMatchObject({ passed: 0, failed: [], skipped: [{}] })
  expect(await judged({ ...rdfcSuite, ...method })).toMatchObject({ passed: 0, failed: [{}], skipped: [] })
  const { proof } = await addProof(vcdm, { signer: own(1), created: '2026-01-01T00:00:00Z', purpose: 'assertionMethod', rdfc: canonicalRdf })
  expect(await judged(proof as object)).toMatchObject({ passed: 1, failed: [], skipped: [] })
})

test('worked values are compared where they are there, and one that is another’s fails', async () => {
  const signed = await addProof(vcdm, { signer: own(1), created: '2026-01-01T00:00:00Z', purpose: 'assertionMethod', rdfc: canonicalRdf })
  const secret = base58btc.encode(new Uint8Array([0x80, 0x26, ...new Uint8Array(32).fill(1)]))
  const keyPair = { publicKeyMultibase: didOf(own(1).keyId).slice('did:key:'.length), privateKeyMultibase: secret }
  const at = (name: string) => `TestVectors/eddsa-rdfc-2022/${name}DataInt.txt`
  const files = { 'TestVectors/eddsa-rdfc-2022/signedDataInt.json': signed }
  const judged = (more: Readonly<Record<string, unknown>>) => vcDiEddsa.run(folderOf({ ...files, ...more }))
  expect(await judged({})).toMatchObject({ passed: 1, failed: [], skipped: [{}] })
  const worked = { 'TestVectors/keyPair.json': keyPair, [at('canonDoc')]: await canonicalRdf(vcdm) }
  expect(await judged(worked)).toMatchObject({ passed: 3, failed: [], skipped: [] })
  expect(await judged({ ...worked, [at('docHash')]: '00' })).toMatchObject({ passed: 3, failed: [{ case: 'eddsa-rdfc-2022: document hash' }] })
})

test('a chain of proofs is judged by what it names, also where its own suite cannot be checked', async () => {
  const chain = (previousProof: unknown) => ({
    id: 'urn:a',
    proof: [
      { ...rdfcSuite, cryptosuite: 'bbs-2023', id: 'urn:one' },
      { ...rdfcSuite, cryptosuite: 'bbs-2023', previousProof },
    ],
  })
  const files = { 'neither.json': chain('urn:one'), 'aOk-a.json': chain(['urn:one']), 'aFail-a.json': chain('urn:two'), 'bFail-a.json': chain(5) }
  const judged = (given: Readonly<Record<string, unknown>>) =>
    diPreviousproof.run(folderOf(Object.fromEntries(Object.entries(given).map(([name, content]) => [`inputs/bbs/${name}`, content]))))
  expect(await judged(files)).toMatchObject({ passed: 3, failed: [], skipped: [{}, {}, {}, { case: 'bbs/neither.json' }] })
  const wrong = await judged({ 'aFail-a.json': chain('urn:one'), 'aOk-a.json': chain('urn:two') })
  expect(wrong).toMatchObject({ passed: 0, failed: [{ case: 'bbs/aFail-a.json, with eddsa-jcs-2022' }, { case: 'bbs/aOk-a.json, with eddsa-jcs-2022' }] })
})

test('a chain of proofs over RDF is judged as it was published', async () => {
  const options = { created: '2026-01-01T00:00:00Z', purpose: 'assertionMethod', rdfc: canonicalRdf } as const
  const first = await addProof(vcdm, { ...options, signer: own(1), id: 'urn:one' })
  const chained = await addProof(first, { ...options, signer: own(2), previousProof: 'urn:one' })
  const broken = { ...chained, proof: (chained.proof as object[]).map((one) => ('id' in one ? { ...one, id: 'urn:two' } : one)) }
  const judged = (name: string, content: unknown) => diPreviousproof.run(folderOf({ [`inputs/rdfc/${name}.json`]: content }))
  expect(await judged('aOk-a', chained)).toMatchObject({ passed: 1, failed: [], skipped: [] })
  expect(await judged('aFail-a', broken)).toMatchObject({ passed: 1, failed: [], skipped: [] })
  expect(await judged('aFail-a', chained)).toMatchObject({ passed: 0, failed: [{ case: 'rdfc/aFail-a.json' }], skipped: [] })
})

test('a query is judged by a wallet made from it, wherever in a file it stands, and a malformed one fails', async () => {
  const credentials = [
    { id: 'a', format: 'dc+sd-jwt', meta: { vct_values: ['urn:a'] }, claims: [{ path: ['list', null, 'n'], values: ['x'] }, { path: ['m'] }] },
  ]
  const judged = (files: Readonly<Record<string, unknown>>) => openid4vpDcql.run(folderOf(files))
  expect(
    await judged({ '1.0/examples/query_lang/a.json': { credentials }, 'request/b.json': { request: { dcql_query: { credentials } } }, 'c.json': '{ ... }' }),
  ).toMatchObject({
    passed: 2,
    failed: [],
    skipped: [],
  })
  expect(await judged({ 'query_lang/a.json': { credentials, credential_sets: [{ options: [['b']] }] } })).toMatchObject({ passed: 0, failed: [{}] })
})

test('a schema is judged by its number, with the credentials that are there', async () => {
  const id = 'https://a.example/schema'
  const schema = { $id: id, $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' }
  const credential = (type: string) => ({ credentialSchema: { id, type } })
  const at = (name: string) => `tests/input/jsonschema/2020-12/${name}.json`
  const good = {
    [at('1-credential')]: credential('JsonSchema'),
    [at('2-credential')]: credential('Other'),
    [at('1-schema')]: schema,
    [at('3-schema')]: { type: 'object' },
  }
  expect(await vcJsonSchema.run(folderOf(good))).toMatchObject({ passed: 3, failed: [], skipped: [] })
  const alone = { [at('1-schema')]: schema, [at('1-credential')]: credential('JsonSchema'), [at('8-schema')]: schema, [at('7-schema')]: schema }
  expect(await vcJsonSchema.run(folderOf(alone))).toMatchObject({ passed: 1, failed: [{}], skipped: [{}, {}] })
})

test('an identifier is judged in both readings and by its canonical form, and one of an unknown scheme fails', async () => {
  const judged = (scheme: string, ...cases: readonly object[]) => identifiers.run(folderOf({ [`${scheme}.json`]: { scheme, cases } }))
  const spaced = { input: '974 760 673', valid: true, strictValid: false, normalized: '974760673' }
  expect(await judged('no-orgnr', spaced, { input: '974760637', valid: false, strictValid: false })).toMatchObject({ passed: 2, failed: [] })
  for (const wrong of [{ valid: false }, { strictValid: true }, { normalized: '974760674' }])
    expect(await judged('no-orgnr', { ...spaced, ...wrong })).toMatchObject({ passed: 0, failed: [{}] })
  // A corporation's number has a check digit, a sole proprietor's has none that is published.
  const registered = (holderType: string, valid: boolean) => ({ input: 'T4000021090001', holderType, valid })
  expect(await judged('jp-invoice-registration-number', registered('corporation', false), registered('sole-proprietor', true))).toMatchObject({ passed: 2 })
  expect(await judged('atlantis', spaced)).toMatchObject({ passed: 0, failed: [{}] })
})

test('an attestation passes when the numbers that its source calls invalid are found in it', async () => {
  const source = (number: string) => `BUT samples carry invalid identifiers: invoice ${number} fails: schema-valid is not real.`
  const judged = (number: string, sample: object) => webuildAttestations.run(folderOf({ 'SOURCE.txt': source(number), 'a/one-sample.json': sample }))
  expect(await judged('DE136695967', { vat: 'DE136695967' })).toMatchObject({ passed: 2, failed: [] })
  expect(await judged('DE136695976', { vat: 'DE136695976' })).toMatchObject({ passed: 1, failed: [{ case: 'a/one-sample.json' }] })
  expect(await judged('DE136695967', { vat: 'DE136695976' })).toMatchObject({ passed: 1, failed: [{ case: 'DE136695967 stands in a sample' }] })
})
