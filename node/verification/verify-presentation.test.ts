/** A presentation is as good as its weakest part: each way of showing what is not one’s own, in each format within each other. */
import { describe, expect, test } from 'vitest'
import type { Report } from '#node/api/credentials.ts'
import {
  attacker,
  binding,
  credential,
  embedded,
  enveloped,
  failed,
  holder,
  type InnerFormat,
  innerFormats,
  inside,
  issuer,
  keyOf,
  never,
  nowMs,
  type OuterFormat,
  outcomes,
  outerFormats,
  presentation,
  revokedIndex,
  stranger,
  surroundings,
  unsigned,
} from '#node/verify.fixture.ts'
import { type Expectation, verify } from '#node/verify.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { bindSdJwt } from '#protocols/credential/key-binding.ts'
import { issueSdJwt } from '#protocols/credential/sd-jwt.ts'
import { issueVcJwt } from '#protocols/credential/vc-jwt.ts'
import { contextV2 } from '#protocols/credential/vcdm.ts'

const asked: Expectation = { nowMs, binding }

async function reportOn(given: string | JsonObject, expected: Expectation = asked, own: Parameters<typeof surroundings>[0] = {}): Promise<Report> {
  return (await verify(given, surroundings(own), expected, never)).report
}

const pairs = outerFormats.flatMap((outer) => innerFormats.map((inner) => [outer, inner] as const))

/** The same credential with one claim, or one byte, changed after it was signed. */
function changed(given: string | JsonObject): string | JsonObject {
  if (typeof given !== 'string') return { ...given, credentialSubject: { id: holder.did, size: 45 } }
  const [head, body = '', ...rest] = given.split('.')
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString())
  return [head, Buffer.from(JSON.stringify({ ...claims, size: 45, expires: 'never' })).toString('base64url'), ...rest].join('.')
}

describe.each(pairs)('a %s with a %s', (outer, inner) => {
  test('by the one whom it is about is verified, and holds the report of what is in it', async () => {
    const report = await reportOn(await presentation(outer, [await embedded(inner)]))
    expect(failed(report)).toEqual([])
    expect(report).toMatchObject({
      verified: true,
      kind: 'presentation',
      format: outer === 'data-integrity' ? outer : 'vp+jwt',
      holder: holder.did,
      code: null,
      credentials: [{ kind: 'credential', format: inner, issuer: issuer.did, verified: true }],
    })
    expect(outcomes(report)).toMatchObject({ proof: 'passed', key: 'passed', holder: 'passed', credentials: 'passed' })
    expect(outcomes(report.credentials[0] as Report)).toMatchObject({ proof: 'passed', status: 'passed', holder: 'passed', issuer: 'passed' })
  })

  test('for nobody in particular is verified, and says that it may be a copy', async () => {
    const report = await reportOn(await presentation(outer, [await embedded(inner)]), { nowMs })
    expect(report.verified).toBe(true)
    expect(report.steps.find(({ step }) => step === 'holder')).toMatchObject({ outcome: 'not checked', detail: expect.stringContaining('copy') })
  })

  type Bad = readonly [what: string, make: (outer: OuterFormat, inner: InnerFormat) => Promise<string | JsonObject>, steps: readonly string[]]
  const foreign = ['holder DFFT_HOLDER_BINDING', 'credentials DFFT_HOLDER_BINDING']
  const bad: readonly Bad[] = [
    ['of a victim, signed by an attacker', async () => presentation(outer, [await embedded(inner)], { by: attacker }), foreign],
    [
      'of a victim, signed by an attacker in the victim’s name',
      async () => presentation(outer, [await embedded(inner)], { by: attacker, names: holder.did }),
      [outer === 'data-integrity' ? 'structure DFFT_HOLDER_BINDING' : 'structure DFFT_KEY_NOT_FOUND'],
    ],
    [
      'of a victim, signed by an attacker under the victim’s key id',
      async () => presentation(outer, [await embedded(inner)], { signer: { ...attacker.signer, keyId: holder.signer.keyId } }),
      ['proof DFFT_SIGNATURE'],
    ],
    [
      'of a victim, beside one of the attacker’s own',
      async () => presentation(outer, [await embedded(inner, { about: attacker }), await embedded(inner)], { by: attacker }),
      foreign,
    ],
    ['about nobody', async () => presentation(outer, [await embedded(inner, { about: null })]), foreign],
    ['that was changed after it was issued', async () => presentation(outer, [inside(changed(await credential(inner)))]), ['credentials DFFT_SIGNATURE']],
    ['that was revoked', async () => presentation(outer, [await embedded(inner, { statusIndex: revokedIndex })]), ['credentials DFFT_STATUS_REVOKED']],
    [
      'that was revoked, behind one that was not',
      async () => presentation(outer, [await embedded(inner), await embedded(inner, { statusIndex: revokedIndex })]),
      ['credentials DFFT_STATUS_REVOKED'],
    ],
    ['past its end', async () => presentation(outer, [await embedded(inner, { atMs: nowMs - 3 * 86_400_000 })]), ['credentials DFFT_EXPIRED']],
    [
      'of an issuer for whom nobody vouches',
      async () => presentation(outer, [await embedded(inner, { by: stranger })]),
      ['credentials DFFT_ISSUER_NOT_RECOGNISED'],
    ],
    [
      'that the presenter issued to himself',
      async () => presentation(outer, [await embedded(inner, { by: holder })]),
      ['credentials DFFT_ISSUER_NOT_RECOGNISED'],
    ],
    ['for another question', async () => presentation(outer, [await embedded(inner)], { nonce: 'another-nonce' }), ['holder DFFT_NONCE']],
    ['for somebody else', async () => presentation(outer, [await embedded(inner)], { audience: stranger.did }), ['holder DFFT_AUDIENCE']],
    ['made too long ago', async () => presentation(outer, [await embedded(inner)], { atMs: nowMs - 800_000 }), ['holder DFFT_EXPIRED']],
    [
      'made in the future',
      async () => presentation(outer, [await embedded(inner)], { atMs: nowMs + 200_000 }),
      ['validity DFFT_NOT_YET_VALID', 'holder DFFT_NOT_YET_VALID'],
    ],
  ]

  test.each(bad)('%s is not verified', async (_what, make, steps) => {
    const report = await reportOn(await make(outer, inner))
    expect(report.verified).toBe(false)
    expect(failed(report)).toEqual(steps)
  })
})

describe.each(outerFormats)('a %s', (outer) => {
  test.each<[string, () => Promise<JsonObject>]>([
    ['another presentation', async () => inside((await presentation('data-integrity', [await embedded('vc+jwt')])) as JsonObject)],
    ['another presentation in an envelope', async () => (await presentation('enveloped vp+jwt', [await embedded('vc+jwt')])) as JsonObject],
    [
      'another presentation in the envelope of a credential',
      async () => enveloped('EnvelopedVerifiableCredential', 'vp+jwt', String(await presentation('vp+jwt', []))),
    ],
    ['another presentation that calls itself a credential too', async () => ({ ...unsigned(), type: ['VerifiableCredential', 'VerifiablePresentation'] })],
    ['a credential without a proof', async () => unsigned()],
    ['a credential in an envelope of another format', async () => enveloped('EnvelopedVerifiableCredential', 'dc+sd-jwt', String(await credential('vc+jwt')))],
    ['an envelope around nothing', async () => ({ '@context': contextV2, type: 'EnvelopedVerifiableCredential', id: 'data:application/vc+jwt,' })],
  ])('with %s is not verified', async (_what, make) => {
    const report = await reportOn(await presentation(outer, [await make()]))
    expect(report.verified).toBe(false)
    expect(report.code).toMatch(/^DFFT_(?:CREDENTIAL_FORMAT|CREDENTIAL_SCHEMA|SIGNATURE)$/)
  })

  test('with nothing in it is not verified', async () => {
    expect(failed(await reportOn(await presentation(outer, [])))).toEqual(['credentials DFFT_CREDENTIAL_FORMAT'])
  })

  test('with more credentials than a frame carries is refused before any is read', async () => {
    const one = await embedded('vc+jwt')
    expect(failed(await reportOn(await presentation(outer, Array(65).fill(one))))).toEqual(['structure DFFT_LIMIT'])
  })

  test('by another than the expected presenter is not verified', async () => {
    const shown = await presentation(outer, [await embedded('vc+jwt')])
    expect(failed(await reportOn(shown, { ...asked, holder: attacker.did }))).toEqual(['holder DFFT_HOLDER_BINDING'])
    expect((await reportOn(shown, { ...asked, holder: holder.did })).verified).toBe(true)
  })

  test('under a key that its presenter gave up, or that is none for authentication, is not verified', async () => {
    const shown = await presentation(outer, [await embedded('vc+jwt')])
    const givenUp = await reportOn(shown, asked, { presenterKey: async (keyId) => keyOf(keyId, nowMs + 1) })
    expect(failed(givenUp)).toEqual(['key DFFT_KEY_NOT_FOUND'])
    const none = await reportOn(shown, asked, { presenterKey: async () => keyOf(`${holder.did}#none` as typeof holder.signer.keyId) })
    // Without a key that is the presenter's, nothing is shown to be his either: but his name is what a whole credential names.
    expect(failed(none)).toContain('key DFFT_KEY_NOT_FOUND')
    expect(none.verified).toBe(false)
  })

  test('in which a check that matters was left out is not verified, and nothing is said to have failed', async () => {
    const { status: _, ...unasked } = surroundings()
    const { report } = await verify(await presentation(outer, [await embedded('vc+jwt')]), unasked, asked, never)
    expect(report).toMatchObject({ verified: false, code: null, credentials: [{ verified: false, code: null }] })
    expect(outcomes(report).credentials).toBe('not checked')
  })

  test('is no credential for an exchange that agreed on one', async () => {
    const shown = await presentation(outer, [await embedded('vc+jwt')])
    expect(failed(await reportOn(shown, { ...asked, type: 'BusinessRegistrationCredential' }))).toEqual(['structure DFFT_CREDENTIAL_FORMAT'])
  })
})

test('a credential that is bound to a key is the presenter’s when he proves that key, whatever it says of its subject', async () => {
  const bound = await issueSdJwt(
    {
      vct: 'urn:example:shoe',
      issuer: issuer.did,
      subject: stranger.did,
      claims: { size: 44 },
      disclosable: [],
      issuedAtMs: nowMs,
      holderKey: holder.signer.publicJwk,
      salt: () => Buffer.alloc(16),
    },
    issuer.signer,
  )
  expect((await reportOn(await presentation('vp+jwt', [inside(bound)]))).verified).toBe(true)
  expect((await reportOn(await presentation('vp+jwt', [inside(bound)], { by: stranger }))).verified).toBe(false)
})

test('a credential in a presentation that has a proof of possession of its own needs it to hold, for the same question', async () => {
  const proof = { nonce: binding.nonce, audience: binding.audience, issuedAtMs: nowMs }
  const bound = async (twist: Partial<typeof proof>, signer = holder.signer) =>
    presentation('vp+jwt', [inside(await bindSdJwt(String(await credential('dc+sd-jwt')), { ...proof, ...twist }, signer))])
  expect((await reportOn(await bound({}))).verified).toBe(true)
  expect((await reportOn(await bound({ nonce: 'another' }))).code).toBe('DFFT_NONCE')
  expect((await reportOn(await bound({}, attacker.signer))).code).toBe('DFFT_HOLDER_BINDING')
})

test('a vc+jwt that is bound to a key is the presenter’s when he proves that key', async () => {
  const bound = inside(await issueVcJwt(unsigned({ about: stranger, also: { cnf: { jwk: { ...holder.signer.publicJwk } } } }), issuer.signer))
  expect((await reportOn(await presentation('vp+jwt', [bound]))).verified).toBe(true)
  expect((await reportOn(await presentation('vp+jwt', [bound], { by: stranger }))).verified).toBe(false)
})

test('a presentation token whose issuer is another than its holder fails in its structure', async () => {
  const shown = await presentation('vp+jwt', [await embedded('vc+jwt')], { also: { iss: attacker.did } })
  expect(failed(await reportOn(shown))).toEqual(['structure DFFT_CREDENTIAL_FORMAT'])
})

test('a presentation whose only proof cannot be read answers no question', async () => {
  const proof = { type: 'DataIntegrityProof', cryptosuite: 'eddsa-rdfc-2022', challenge: binding.nonce, domain: binding.audience }
  const { proof: _, ...shown } = (await presentation('data-integrity', [await embedded('vc+jwt')])) as JsonObject
  const report = await reportOn({ ...shown, proof })
  expect(failed(report)).toEqual(['holder DFFT_NONCE'])
  expect(outcomes(report)).toMatchObject({ proof: 'not checked', key: 'not checked' })
})

test('a presentation as text, as an object and as JSON text has one report', async () => {
  const object = (await presentation('data-integrity', [await embedded('data-integrity'), await embedded('vc+jwt')])) as JsonObject
  expect(await reportOn(JSON.stringify(object))).toEqual(await reportOn(object))
  const token = String(await presentation('vp+jwt', [await embedded('vc+jwt')]))
  expect(await reportOn(JSON.stringify(enveloped('EnvelopedVerifiablePresentation', 'vp+jwt', token)))).toEqual(await reportOn(token))
})

test('what a report says of a credential in a presentation is what it says of it alone, but for who shows it', async () => {
  for (const inner of innerFormats) {
    const alone = await reportOn(await credential(inner), { nowMs })
    const [within] = (await reportOn(await presentation('vp+jwt', [await embedded(inner)]))).credentials
    const others = ({ steps }: Pick<Report, 'steps'>) => steps.filter(({ step }) => step !== 'holder')
    expect(others(within as Report)).toEqual(others(alone))
  }
})
