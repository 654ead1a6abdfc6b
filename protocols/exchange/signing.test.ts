import { expect, test } from 'vitest'
import { foreignSigner } from '../credential/foreign-signer.fixture.ts'
import { seededSigner } from '../credential/seeded-signer.ts'
import { digest } from '../ids.ts'
import { verifyKey } from '../keys.ts'
import type { Message } from './messages.ts'
import { signAgreement, signMessage, type Unsigned, verifyAgreement, verifyMessage } from './signing.ts'

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
