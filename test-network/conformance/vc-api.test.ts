import type { Server } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addProof } from '#protocols/credential/data-integrity.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { seededSigner } from '#protocols/credential/seeded-signer.ts'
import { didKeyMethod, didKeyOf } from '#protocols/did/key.ts'
import { didOf } from '#protocols/ids.ts'
import type { Signer } from '#protocols/keys.ts'
import { startVcApi } from './vc-api.ts'
import { canonicalRdf } from './vector-contexts.ts'

const nowMs = Date.parse('2026-11-22T00:00:00Z')
const signer = keySigner(1)
const issuer = didOf(signer.keyId)
const credential = {
  '@context': ['https://www.w3.org/ns/credentials/v2'],
  type: ['VerifiableCredential'],
  issuer,
  credentialSubject: { id: issuer, name: 'A' },
}
const presentation = { '@context': ['https://www.w3.org/ns/credentials/v2'], type: ['VerifiablePresentation'] }
const binding = { challenge: 'c-1', domain: 'verifier.example' }

let server: Server
let url: string
beforeAll(async () => {
  ;({ server, url } = await startVcApi({ signer, nowMs: () => nowMs, port: 0 }))
})
afterAll(() => {
  server.close()
})

function keySigner(fill: number): Signer {
  const seed = new Uint8Array(32).fill(fill)
  return seededSigner(seed, didKeyMethod(didKeyOf(seededSigner(seed, '').publicJwk)))
}

async function post(path: string, body: unknown): Promise<{ status: number; body: JsonObject; code: unknown }> {
  const response = await fetch(url + path, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) })
  const answered = (await response.json()) as JsonObject & { errors?: readonly JsonObject[] }
  return { status: response.status, body: answered, code: answered.errors?.[0]?.type }
}

const issue = async (change: object = {}, options: object = {}) =>
  (await post('/credentials/issue', { credential: { ...credential, ...change }, options })).body
const verify = (verifiableCredential: unknown, options: object = {}) => post('/credentials/verify', { verifiableCredential, options })
const present = async (change: object, options: object) => (await post('/presentations/issue', { presentation: { ...presentation, ...change }, options })).body
const verifyShown = (verifiablePresentation: unknown, options: object = binding) => post('/presentations/verify', { verifiablePresentation, options })

test('an issued credential is the bare document with a proof, and verifies', async () => {
  const { status, body } = await post('/credentials/issue', { credential })
  expect(status).toBe(201)
  expect(body).toMatchObject({ ...credential, proof: { cryptosuite: 'eddsa-jcs-2022', verificationMethod: signer.keyId, proofPurpose: 'assertionMethod' } })
  expect(await verify(body)).toEqual({ status: 200, body: { verified: true, errors: [] }, code: undefined })
})

test('a credential may be signed as RDF, and nothing of it left out', async () => {
  const body = await issue({}, { securing: 'eddsa-rdfc-2022' })
  expect(body).toMatchObject({ ...credential, proof: { cryptosuite: 'eddsa-rdfc-2022', proofPurpose: 'assertionMethod' } })
  expect(await verify(body)).toMatchObject({ status: 200 })
  expect(await verify({ ...body, name: 'changed' })).toMatchObject({ status: 400, code: 'DFFT_SIGNATURE' })
  expect(await verify({ ...body, undefinedMember: 'dropped' })).toMatchObject({ status: 400, code: 'DFFT_CONTEXT' })
  const unsignable = { credential: { ...credential, undefinedMember: 1 }, options: { securing: 'eddsa-rdfc-2022' } }
  expect(await post('/credentials/issue', unsignable)).toMatchObject({ status: 400, code: 'DFFT_CONTEXT' })
  const shown = await present({ verifiableCredential: [body] }, { ...binding, securing: 'eddsa-rdfc-2022' })
  expect(await verifyShown(shown)).toMatchObject({ status: 200 })
})

test('a credential of version 1.1 is signed as RDF and verified, with a proof of its issuer among those it has', async () => {
  const { issuer: _, '@context': _context, ...rest } = credential
  const old = { ...rest, '@context': ['https://www.w3.org/2018/credentials/v1'], issuanceDate: '2026-01-01T00:00:00Z', credentialSubject: { id: issuer } }
  const body = (await post('/credentials/issue', { credential: { ...old, issuer } })).body
  expect(body).toMatchObject({ proof: { cryptosuite: 'eddsa-rdfc-2022' } })
  expect(await verify(body)).toMatchObject({ status: 200 })
  expect(await verify({ ...body, issuanceDate: '2026-01-02T00:00:00Z' })).toMatchObject({ status: 400, code: 'DFFT_SIGNATURE' })
  expect(await post('/credentials/issue', { credential: { ...old, issuer: 'did:example:other' } })).toMatchObject({ code: 'DFFT_KEY_NOT_FOUND' })
  expect(await post('/credentials/issue', { credential: { ...old, issuer, credentialSubject: 5 } })).toMatchObject({ code: 'DFFT_CREDENTIAL_SCHEMA' })
  const { proof: _proof, ...unsecured } = body
  const foreign = await addProof(
    { ...unsecured, issuer: 'did:example:other' },
    { signer: keySigner(2), created: '2026-11-22T00:00:00Z', purpose: 'assertionMethod', rdfc: canonicalRdf },
  )
  expect(await verify(foreign)).toMatchObject({ status: 400, code: 'DFFT_KEY_NOT_FOUND' })
})

test('a status entry says what its issuer was told to say', async () => {
  const status = {
    statusReference: 'https://a.example/meaning',
    statusMessage: [
      { status: '0x0', message: 'valid' },
      { status: '0x1', message: 'revoked' },
    ],
  }
  const body = await issue({}, { credentialStatus: { type: 'BitstringStatusListEntry', ...status } })
  expect(body.credentialStatus).toMatchObject({ ...status, statusListCredential: `${url}/status` })
  expect(await verify(body)).toMatchObject({ status: 200 })
})

test('a credential in a token is an envelope, and verifies', async () => {
  const envelope = await issue({}, { securing: 'vc+jwt' })
  expect(envelope).toMatchObject({ type: 'EnvelopedVerifiableCredential', id: expect.stringMatching(/^data:application\/vc\+jwt,eyJ/) })
  expect(await verify(envelope)).toMatchObject({ status: 200, body: { verified: true } })
  expect(await verify({ ...envelope, '@context': 'https://www.w3.org/ns/credentials/examples/v2' })).toMatchObject({
    status: 400,
    code: 'DFFT_CREDENTIAL_SCHEMA',
  })
  expect(await verify({ ...envelope, id: String(envelope.id).split(',')[1] })).toMatchObject({ status: 400, code: 'DFFT_CREDENTIAL_SCHEMA' })
  expect(await verify({ ...envelope, id: `${envelope.id}A` })).toMatchObject({ status: 400, body: { verified: false } })
})

test('a credential that is changed, signed by somebody else, out of its time or of an unknown issuer does not verify', async () => {
  const good = await issue()
  expect(await verify({ ...good, name: 'changed' })).toMatchObject({ status: 400, code: 'DFFT_SIGNATURE', body: { verified: false } })
  expect(await verify(credential)).toMatchObject({ status: 400, code: 'DFFT_SIGNATURE' })
  const forged = await addProof(credential, { signer: keySigner(2), created: '2026-11-22T00:00:00Z', purpose: 'assertionMethod' })
  expect(await verify(forged)).toMatchObject({ status: 400, code: 'DFFT_KEY_NOT_FOUND' })
  expect(await verify(await addProof(credential, { signer, created: '2026-11-22T00:00:00Z', purpose: 'authentication' }))).toMatchObject({
    code: 'DFFT_KEY_NOT_FOUND',
  })
  expect(await verify(await issue({ validUntil: '2026-11-21T00:00:00Z' }))).toMatchObject({ status: 400, code: 'DFFT_EXPIRED' })
  expect(await verify(await issue({ validFrom: '2026-11-23T00:00:00Z' }))).toMatchObject({ status: 400, code: 'DFFT_NOT_YET_VALID' })
  const web = { ...keySigner(3), keyId: 'did:web:a.example#key' as Signer['keyId'] }
  const foreign = await addProof({ ...credential, issuer: 'did:web:a.example' }, { signer: web, created: '2026-11-22T00:00:00Z', purpose: 'assertionMethod' })
  expect(await verify(foreign)).toMatchObject({ status: 400, code: 'DFFT_DID_NOT_FOUND' })
})

test('only a credential of this issuer that keeps to the data model is issued', async () => {
  const refused = (change: object) => post('/credentials/issue', { credential: { ...credential, ...change } })
  expect(await refused({ issuer: 'did:example:other' })).toMatchObject({ status: 400, code: 'DFFT_KEY_NOT_FOUND' })
  expect(await refused({ type: ['Other'] })).toMatchObject({ status: 400, code: 'DFFT_CREDENTIAL_SCHEMA' })
})

test('a status of the list that is served here is checked, and one of another list is unknown unless the caller leaves it out', async () => {
  const good = await issue({}, { credentialStatus: { type: 'BitstringStatusListEntry' } })
  expect(good.credentialStatus).toMatchObject({ type: 'BitstringStatusListEntry', statusListCredential: `${url}/status` })
  expect(await verify(good)).toMatchObject({ status: 200 })
  const list = (await (await fetch(`${url}/status`)).json()) as JsonObject
  expect(list).toMatchObject({ id: `${url}/status`, type: ['VerifiableCredential', 'BitstringStatusListCredential'] })
  expect(await verify(list)).toMatchObject({ status: 200 })
  const elsewhere = await issue({ credentialStatus: { ...(good.credentialStatus as JsonObject), statusListCredential: 'https://a.example/list' } })
  expect(await verify(elsewhere)).toMatchObject({ status: 400, code: 'DFFT_STATUS_LIST' })
  expect(await verify(elsewhere, { checks: ['proof', 'status'] })).toMatchObject({ status: 400, code: 'DFFT_STATUS_LIST' })
  expect(await verify(elsewhere, { checks: ['proof'] })).toMatchObject({ status: 200 })
})

test('a presentation verifies for its challenge and domain, by its holder, with good credentials only', async () => {
  const shown = await present({ verifiableCredential: [await issue()] }, binding)
  expect(shown).toMatchObject({ holder: issuer, proof: { proofPurpose: 'authentication', ...binding } })
  expect(await verifyShown(shown)).toMatchObject({ status: 200, body: { verified: true } })
  expect(await verifyShown(shown, { ...binding, challenge: 'c-2' })).toMatchObject({ status: 400, code: 'DFFT_NONCE' })
  expect(await verifyShown(shown, { ...binding, domain: 'other.example' })).toMatchObject({ status: 400, code: 'DFFT_AUDIENCE' })
  expect(await verifyShown(shown, {})).toMatchObject({ status: 400, code: 'DFFT_NONCE' })
  expect(await verifyShown({ ...shown, holder: didOf(keySigner(2).keyId) })).toMatchObject({ status: 400 })
  const bad = await present({ verifiableCredential: [{ ...(await issue()), name: 'changed' }] }, binding)
  expect(await verifyShown(bad)).toMatchObject({ status: 400, code: 'DFFT_SIGNATURE' })
  expect(await post('/presentations/issue', { presentation: { ...presentation, holder: 'did:example:other' } })).toMatchObject({ code: 'DFFT_HOLDER_BINDING' })
})

test('a presentation in a token verifies likewise', async () => {
  const verifiableCredential = [await issue({}, { securing: 'vc+jwt' })]
  const shown = await present({ verifiableCredential }, { ...binding, securing: 'vc+jwt' })
  expect(shown).toMatchObject({ type: 'EnvelopedVerifiablePresentation', id: expect.stringMatching(/^data:application\/vp\+jwt,eyJ/) })
  expect(await verifyShown(shown)).toMatchObject({ status: 200, body: { verified: true } })
  expect(await verifyShown(shown, { ...binding, challenge: 'c-2' })).toMatchObject({ status: 400, code: 'DFFT_NONCE' })
  expect(await verifyShown(shown, {})).toMatchObject({ status: 400, code: 'DFFT_NONCE' })
  expect(await verifyShown({ ...shown, '@context': [] })).toMatchObject({ status: 400, code: 'DFFT_CREDENTIAL_SCHEMA' })
  const claiming = { presentation: { ...presentation, verifiableCredential, termsOfUse: { type: 'T' } }, options: { ...binding, securing: 'vc+jwt' } }
  expect(await post('/presentations/issue', claiming)).toMatchObject({ status: 400, code: 'DFFT_CREDENTIAL_FORMAT' })
})

test('a request that is not strict JSON of the shape, too long, or for no operation is refused', async () => {
  expect(await post('/credentials/issue', '{"credential":{},"credential":{}}')).toMatchObject({ status: 400, code: 'DFFT_JSON_DUPLICATE_KEY' })
  expect(await post('/credentials/verify', '[')).toMatchObject({ status: 400, code: 'DFFT_NOT_JSON' })
  expect(await post('/credentials/verify', { verifiableCredential: {}, more: 1 })).toMatchObject({ status: 400, code: 'DFFT_SCHEMA' })
  expect(await post('/credentials/verify', ' '.repeat((1 << 20) + 1))).toMatchObject({ status: 413, code: 'DFFT_FRAME_TOO_LONG' })
  expect(await post('/credentials/other', {})).toMatchObject({ status: 404, code: 'DFFT_NOT_FOUND' })
})

test('it listens on loopback and nowhere else', () => {
  expect(server.address()).toMatchObject({ address: '127.0.0.1' })
})
