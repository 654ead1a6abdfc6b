import fc from 'fast-check'
import { base58btc } from 'multiformats/bases/base58'
import { expect, test } from 'vitest'
import { signatureOfBase58 } from './base58.ts'

const reference = (text: string) => {
  try {
    if (/[^!-~]/.test(text)) return null // multiformats misreads a character beyond Latin-1.
    const bytes = base58btc.decode(text)
    return bytes.length === 64 ? Buffer.from(bytes).toString('hex') : null
  } catch {
    return null
  }
}
const ours = (text: string) => {
  const bytes = signatureOfBase58(text)
  return bytes && Buffer.from(bytes).toString('hex')
}

test('every signature is read as multiformats reads it, whatever it begins with', () => {
  const bytes = fc.uint8Array({ minLength: 64, maxLength: 64 })
  fc.assert(
    fc.property(bytes, fc.nat(64), fc.constantFrom(0, 255), (signature, count, byte) => {
      signature.fill(byte, 0, count)
      const text = base58btc.encode(signature)
      expect(ours(text)).toBe(Buffer.from(signature).toString('hex'))
      expect(reference(text)).toBe(ours(text))
    }),
    { numRuns: 500, seed: 1 },
  )
})

test('no other text is read: each character changed, left out, and added', () => {
  const text = base58btc.encode(Buffer.alloc(64, 0xa7))
  for (let at = 0; at <= text.length; at++) {
    for (const one of ['0', 'O', 'I', 'l', '1', 'z', '2', ' ', 'é', '\u0141', '']) {
      for (const changed of [text.slice(0, at) + one + text.slice(at + 1), text.slice(0, at) + one + text.slice(at)])
        expect(ours(changed)).toBe(reference(changed))
    }
  }
})

test.each([0, 1, 31, 32, 63, 65, 66, 96])('%i bytes are no signature', (length) => {
  for (const byte of [0, 1, 255]) expect(signatureOfBase58(base58btc.encode(Buffer.alloc(length, byte)))).toBeNull()
})
