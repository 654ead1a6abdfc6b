import { describe, expect, test } from 'vitest'
import { canonical, digestOf } from '../canonical.ts'
import { foreignSigner } from '../credential/foreign-signer.fixture.ts'
import { seededSigner } from '../credential/seeded-signer.ts'
import { digest } from '../ids.ts'
import { verifyKey } from '../keys.ts'
import type { Message, Request } from './messages.ts'
import { messageDigest, requestDigest, signAgreement, signMessage, type Unsigned, verifyAgreement, verifyMessage } from './signing.ts'

const unsigned = { type: 'refusal', code: 'DFFT_LIMIT' } as unknown as Unsigned<Message> // What it says is not what is looked at here.
const agreed = { hash: digest(Buffer.from('a')), inputs: digest(Buffer.from('b')) }

test('a message and an agreement are signed by a key that nodes sign with', async () => {
  const signer = seededSigner(new Uint8Array(32).fill(1), 'did:example:a#key')
  const other = verifyKey(seededSigner(new Uint8Array(32).fill(2), 'did:example:a#key').publicJwk)
  verifyMessage(await signMessage(unsigned, signer), verifyKey(signer.publicJwk))
  verifyAgreement(await signAgreement(agreed, signer), verifyKey(signer.publicJwk))
  const misfit = expect.objectContaining({ code: 'DFFT_SIGNATURE' })
  const message = await signMessage(unsigned, signer)
  const agreement = await signAgreement(agreed, signer)
  expect(() => verifyMessage(message, other)).toThrow(misfit)
  expect(() => verifyAgreement(agreement, other)).toThrow(misfit)
})

test.each(['P-384', 'P-521'] as const)('a key of %s signs no message and no agreement, though its signature is good', async (crv) => {
  const { signer, jwk } = foreignSigner(crv, 'did:example:a#key')
  const refused = expect.objectContaining({ code: 'DFFT_ALGORITHM' })
  const message = await signMessage(unsigned, signer)
  const agreement = await signAgreement(agreed, signer)
  expect(() => verifyMessage(message, verifyKey(jwk))).toThrow(refused)
  expect(() => verifyAgreement(agreement, verifyKey(jwk))).toThrow(refused)
})

describe('what is written once', () => {
  const signer = seededSigner(new Uint8Array(32).fill(1), 'did:example:a#key')
  const said = {
    type: 'request',
    purpose: 'ありがとう "quoted" \u0007',
    accreditation: { z: 1, a: { ä: [1, null, { y: false, b: 'x' }] }, '10': 'number first', __proto: 2 },
    transferTools: [],
    whole: undefined,
    expires: '2026-10-01T09:00:00Z',
    to: 'did:example:b',
  } as unknown as Unsigned<Request> // What it says is not what is looked at here.
  const afresh = <Value>(value: Value): Value => structuredClone(value)

  test('is what canonical JSON of a fresh copy is: signed, sent, stored and digested', async () => {
    const agreement = await signAgreement(agreed, signer)
    const message = await signMessage<Request>({ ...said, agreement }, signer)
    const { signature, agreement: _agreement, ...asked } = message
    verifyMessage(message, verifyKey(signer.publicJwk))
    expect(requestDigest(message)).toBe(digestOf(afresh(asked)))
    expect(requestDigest(asked as Request)).toBe(digestOf(afresh(asked)))
    expect(messageDigest(message)).toBe(digestOf(afresh(message)))
    expect(canonical(message)).toBe(canonical(afresh(message)))
    const signed = Buffer.from(`dfft-exchange/1\n${canonical(afresh({ ...asked, agreement }))}`)
    expect(signature.value).toBe(Buffer.from(await signer.sign(signed)).toString('base64url'))
  })

  test('cannot be changed under its text, and a copy with a change has another', async () => {
    const message = await signMessage<Request>(said, signer)
    verifyMessage(message, verifyKey(signer.publicJwk))
    expect(() => Object.assign(message, { purpose: 'another' })).toThrow(TypeError)
    const changed = { ...message, purpose: 'another' }
    expect(canonical(changed)).toBe(canonical(afresh(changed)))
    expect(() => verifyMessage(changed, verifyKey(signer.publicJwk))).toThrow(expect.objectContaining({ code: 'DFFT_SIGNATURE' }))
  })
})
