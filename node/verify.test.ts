/** The one pipeline and its report, with a node’s roots and from files alone: each step can fail by itself, and says so. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { present } from '#node/credentials/wallet.ts'
import { skewMs } from '#node/verification/surroundings.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { issueSdJwt, readSdJwt } from '#protocols/credential/sd-jwt.ts'
import { bitstringEntry } from '#protocols/credential/signed-status-list.ts'
import { issueVcJwt } from '#protocols/credential/vc-jwt.ts'
import { businessRegistration } from '#protocols/credential-types/business-registration/type.ts'
import { type Did, instant } from '#protocols/ids.ts'
import type { Signer } from '#protocols/keys.ts'
import { never, type Party, seeded, startMs, ThreeNodes } from '#test-network/fixture.ts'
import type { Report } from './api/credentials.ts'
import { verifyFile } from './offline-credential.ts'
import { type Expectation, verify } from './verify.ts'

const dayMs = 86_400_000
const type = 'BusinessRegistrationCredential'
let net: ThreeNodes
let jp: Party
let biz: Party
let de: Party
let id: string
let claims: JsonObject

beforeAll(async () => {
  net = await ThreeNodes.start()
  ;({ jp, biz, de } = net)
  id = await net.issued()
  const { text } = (await jp.parts.wallet.get(id)).encodings.find(({ format }) => format === 'dc+sd-jwt') as { text: string }
  claims = readSdJwt(text).claims
})
afterAll(() => net[Symbol.asyncDispose]())

interface Twist {
  readonly claims?: JsonObject
  readonly issuer?: Did
  readonly signer?: Signer
  readonly fromMs?: number
  readonly untilMs?: number
  readonly uri?: string
  readonly index?: number
  readonly vct?: string
  /** Besides the type’s own. */
  readonly schemaId?: string
}

const formats = ['dc+sd-jwt', 'vc+jwt'] as const
type Format = (typeof formats)[number]

/** A credential as the agency would issue it, but for one thing. */
async function made(format: Format, twist: Twist = {}): Promise<string> {
  const { issuer = jp.did, signer = jp.parts.self.signer, fromMs = startMs, untilMs = startMs + dayMs, index = 7 } = twist
  const said = twist.claims ?? claims
  if (format === 'dc+sd-jwt') {
    const uri = twist.uri ?? jp.parts.ownStatus.uris.token
    const random = seeded('salt')
    const content = {
      vct: twist.vct ?? businessRegistration.vct,
      issuer,
      id: 'urn:uuid:1',
      subject: biz.did,
      claims: said,
      disclosable: [],
      issuedAtMs: fromMs,
      validFromMs: fromMs,
      validUntilMs: untilMs,
    }
    return issueSdJwt({ ...content, holderKey: biz.parts.self.signer.publicJwk, status: { uri, index }, decoys: 0, salt: () => random.bytes(16) }, signer)
  }
  const credential = {
    '@context': ['https://www.w3.org/ns/credentials/v2', businessRegistration.context],
    id: 'urn:uuid:1',
    type: ['VerifiableCredential', twist.vct === undefined ? type : 'ShoeCredential'],
    issuer,
    validFrom: instant(fromMs),
    validUntil: instant(untilMs),
    credentialSubject: { id: biz.did, ...said },
    credentialSchema: [businessRegistration.schemaId, ...(twist.schemaId === undefined ? [] : [twist.schemaId])].map((schema) => ({
      id: schema,
      type: 'JsonSchema',
    })),
    credentialStatus: bitstringEntry({ uri: twist.uri ?? jp.parts.ownStatus.uris.bitstring, index, purpose: 'revocation' }),
  }
  return issueVcJwt(credential, signer)
}

async function report(text: string, expected: Partial<Expectation> = {}): Promise<Report> {
  return (await verify(text, de.parts.surroundings, { nowMs: startMs, ...expected }, never)).report
}

function failed({ steps }: Report): string[] {
  return steps.filter(({ outcome }) => outcome === 'failed').map(({ step, code }) => `${step} ${code}`)
}

describe.each(formats)('a %s', (format) => {
  test('as its issuer made it is verified, and the report says by what', async () => {
    const good = await report(await made(format))
    expect(failed(good)).toEqual([])
    expect(good).toMatchObject({ verified: true, format, type, issuer: jp.did, roots: 'node', code: null })
    const passed = good.steps.filter(({ outcome }) => outcome === 'passed').map(({ step }) => step)
    expect(passed).toEqual(['structure', 'proof', 'validity', 'key', 'status', 'schema', 'issuer'])
    expect(good.steps.find(({ step }) => step === 'policy')?.outcome).toBe('not checked')
  })

  test.each<[string, Twist, number, string]>([
    ['past its end', {}, startMs + dayMs + skewMs + 1, 'validity DFFT_EXPIRED'],
    ['before its beginning', { fromMs: startMs + skewMs + 1000, untilMs: startMs + dayMs }, startMs, 'validity DFFT_NOT_YET_VALID'],
    ['with a status list that cannot be had', { uri: 'https://registry.agency.example/status/none/1' }, startMs, 'status DFFT_STATUS_UNKNOWN'],
  ])('%s fails in that step alone', async (_what, twist, nowMs, step) => {
    const bad = await report(await made(format, twist), { nowMs })
    expect(failed(bad)).toEqual([step])
    expect(bad).toMatchObject({ verified: false, code: step.split(' ')[1] })
  })

  test('that breaks the schema of its type fails there alone', async () => {
    expect(failed(await report(await made(format, { claims: { ...claims, shoeSize: 44 } })))).toEqual(['schema DFFT_CREDENTIAL_SCHEMA'])
  })

  test('with a number that its register cannot have given out fails there alone', async () => {
    const [first, ...rest] = claims.registrations as JsonObject[]
    const wrong = { ...first, value: '1700150004528' }
    expect(failed(await report(await made(format, { claims: { ...claims, registrations: [wrong, ...rest] as never } })))).toEqual(['schema DFFT_IDENTIFIER'])
  })

  test('of an issuer whom no root recognises fails there', async () => {
    const bad = await report(await made(format, { issuer: biz.did, signer: biz.parts.self.signer }))
    expect(failed(bad)).toContain('issuer DFFT_ISSUER_NOT_RECOGNISED')
    expect(bad.verified).toBe(false)
    expect(bad.steps.find(({ step }) => step === 'status')).toMatchObject({ outcome: 'not checked' })
  })

  test('in the name of an issuer by another’s key fails in its structure', async () => {
    const bad = await made(format, { issuer: jp.did, signer: biz.parts.self.signer }).then(
      report,
      (thrown) => ({ verified: false, steps: [{ step: 'structure' as const, outcome: 'failed' as const, code: thrown.code, detail: '' }] }) as never as Report,
    )
    expect(bad.verified).toBe(false)
    expect(failed(bad)).toEqual(['structure DFFT_KEY_NOT_FOUND'])
  })

  test('whose signature was changed fails in its proof alone', async () => {
    const text = await made(format)
    const [token = '', ...rest] = text.split('~')
    const [head, body, signature = ''] = token.split('.')
    const other = [[head, body, `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`].join('.'), ...rest].join('~')
    expect(failed(await report(other))).toEqual(['proof DFFT_SIGNATURE'])
  })

  test('that names a key its issuer never had fails there, and the proof is not checked', async () => {
    const signer = { ...jp.parts.self.signer, keyId: `${jp.did}#key-of-nobody` as typeof jp.parts.self.keyId }
    const bad = await report(await made(format, { signer }))
    expect(failed(bad)).toEqual(['key DFFT_KEY_NOT_FOUND'])
    expect(bad.steps.find(({ step }) => step === 'proof')?.outcome).toBe('not checked')
    expect(bad.verified).toBe(false)
  })

  test('of an unknown type is judged all the same, and fails where nobody may issue that type', async () => {
    const strange = await report(await made(format, { vct: 'urn:dfft:credential-type:shoe:1' }))
    expect(failed(strange)).toEqual(['issuer DFFT_ISSUER_NOT_RECOGNISED'])
    expect(strange.type).toBe(format === 'vc+jwt' ? 'ShoeCredential' : 'urn:dfft:credential-type:shoe:1')
  })

  test('of another type than an exchange agreed on, or of an unknown one, fails in its structure', async () => {
    expect(failed(await report(await made(format), { type: 'QualificationCredential' }))).toEqual(['structure DFFT_CREDENTIAL_TYPE'])
    expect(failed(await report(await made(format, { vct: 'urn:x' }), { type }))).toEqual(['structure DFFT_CREDENTIAL_TYPE'])
  })

  test('without roots is never verified, whatever else holds', async () => {
    const bad = await verify(await made(format), { ...de.parts.surroundings, roots: 'none', recognises: () => undefined }, { nowMs: startMs }, never)
    expect(failed(bad.report)).toEqual(['issuer DFFT_ISSUER_UNKNOWN'])
    expect(bad.report).toMatchObject({ verified: false, roots: 'none', code: 'DFFT_ISSUER_UNKNOWN' })
  })

  test('that is verified from files says that nobody asked for its status, and is not verified for it', async () => {
    const roots = JSON.stringify(net.rootsFile())
    const offline = await verifyFile(await made(format), { roots }, startMs)
    expect(failed(offline)).toEqual([])
    expect(offline.steps.find(({ step }) => step === 'status')).toMatchObject({
      outcome: 'not checked',
      detail: expect.stringContaining('no status list at hand'),
    })
    expect(offline).toMatchObject({ verified: false, roots: 'file', code: null })
    expect(offline.steps.filter(({ outcome }) => outcome === 'not checked').map(({ step }) => step)).toEqual(['status', 'holder', 'policy'])
  })

  test('is verified from files in its JSON serialisation as it is in the compact one', async () => {
    const text = await made(format)
    const [jwt = '', ...rest] = text.split('~')
    const [head, payload, signature] = jwt.split('.')
    const serialised = JSON.stringify({ payload, protected: head, signature, header: { disclosures: rest.slice(0, -1) } })
    const roots = JSON.stringify(net.rootsFile())
    const report = await verifyFile(serialised, { roots }, startMs)
    if (format === 'vc+jwt') return expect(failed(report)).not.toEqual([])
    expect(report).toEqual(await verifyFile(text, { roots }, startMs))
    expect(await de.node.credentialVerify({ text: serialised })).toMatchObject({ verified: true, format, issuer: jp.did })
  })

  test('that is verified from files without roots fails for want of its issuer', async () => {
    const offline = await verifyFile(await made(format), { roots: null }, startMs)
    expect(failed(offline)).toEqual(['key DFFT_DID_NOT_FOUND', 'issuer DFFT_ISSUER_UNKNOWN'])
    expect(offline.verified).toBe(false)
  })
})

test('a vc+jwt that names another schema besides that of its type says which was not compared', async () => {
  const schemaId = 'https://elsewhere.example/schema.json'
  const good = await report(await made('vc+jwt', { schemaId }))
  expect(good.verified).toBe(true)
  expect(good.steps.find(({ step }) => step === 'schema')).toMatchObject({ outcome: 'not checked', detail: expect.stringContaining(schemaId) })
  const bad = await report(await made('vc+jwt', { schemaId, claims: { ...claims, shoeSize: 44 } }))
  expect(failed(bad)).toEqual(['schema DFFT_CREDENTIAL_SCHEMA'])
})

describe('a presentation', () => {
  const nonce = 'A'.repeat(43)
  const shown = async (bound: { nonce?: string; audience?: Did; signer?: Signer; atMs?: number } = {}) => {
    const kept = await biz.parts.wallet.get(id)
    const binding = { disclosed: ['/legalName'], nonce: bound.nonce ?? nonce, audience: bound.audience ?? de.did, issuedAtMs: bound.atMs ?? startMs }
    return present(kept, binding, bound.signer ?? biz.parts.self.signer)
  }
  const expected = () => ({ binding: { nonce, audience: de.did }, holder: biz.did })

  test('bound to what was asked passes', async () => {
    const good = await report(await shown(), expected())
    expect(failed(good)).toEqual([])
    expect(good.steps.find(({ step }) => step === 'holder')?.outcome).toBe('passed')
  })

  test.each<[string, () => Promise<string>, string]>([
    ['to another nonce', () => shown({ nonce: 'B'.repeat(43) }), 'DFFT_NONCE'],
    ['to another audience', () => shown({ audience: jp.did }), 'DFFT_AUDIENCE'],
    ['by another key', () => shown({ signer: jp.parts.self.signer }), 'DFFT_HOLDER_BINDING'],
    ['too long ago', () => shown({ atMs: startMs - 800_000 }), 'DFFT_EXPIRED'],
    ['in the future', () => shown({ atMs: startMs + 200_000 }), 'DFFT_NOT_YET_VALID'],
    ['to nothing', async () => readSdJwt(await shown()).shown, 'DFFT_HOLDER_BINDING'],
  ])('bound %s fails in that step alone', async (_what, make, code) => {
    expect(failed(await report(await make(), expected()))).toEqual([`holder ${code}`])
  })

  test('by somebody who is not the subject fails', async () => {
    expect(failed(await report(await shown(), { ...expected(), holder: jp.did }))).toEqual(['holder DFFT_HOLDER_BINDING'])
  })

  test('with a disclosure that belongs to nothing, or twice, fails in its structure', async () => {
    const text = await shown()
    const [token, first, ...rest] = text.split('~')
    const stray = Buffer.from('["c2FsdHNhbHRzYWx0c2FsdA","legalName","x"]').toString('base64url')
    for (const bad of [
      [token, stray, first, ...rest],
      [token, first, first, ...rest],
    ])
      expect(failed(await report(bad.join('~')))).toEqual(['structure DFFT_DISCLOSURE'])
  })
})

test.each([
  ['nothing', ''],
  ['words', 'a credential'],
  ['JSON', '{}'],
  ['a lone separator', '~'],
  ['three dots', 'a.b.c'],
])('%s is no credential, and the report says so', async (_what, text) => {
  const bad = await report(text)
  expect(bad.verified).toBe(false)
  expect(bad.steps).toHaveLength(1)
  expect(bad.steps[0]).toMatchObject({ step: 'structure', outcome: 'failed' })
})

test('what was revoked is known to its issuer at once, and to a partner that is told', async () => {
  const { text } = (await jp.parts.wallet.get(id)).encodings.find(({ format }) => format === 'dc+sd-jwt') as { text: string }
  const whole = (await jp.parts.wallet.get(id)).encodings.find(({ format }) => format === 'vc+jwt') as { text: string }
  for (const credential of [text, whole.text]) {
    expect((await jp.node.credentialVerify({ text: credential })).verified).toBe(true)
    expect((await de.node.credentialVerify({ text: credential })).verified).toBe(true)
  }
  await net.clock.advance(1000)
  expect((await jp.node.revoke({ id })).told).toBe(2)
  for (const credential of [text, whole.text])
    for (const { node } of [jp, de]) expect(await node.credentialVerify({ text: credential })).toMatchObject({ verified: false, code: 'DFFT_STATUS_REVOKED' })
})
