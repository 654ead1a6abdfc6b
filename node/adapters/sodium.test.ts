import { verify } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { toBase64url } from '#protocols/base64url.ts'
import { edges } from '#protocols/ed25519-edges.fixture.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { type Ed25519Verify, useEd25519, verifies, verifyKey } from '#protocols/keys.ts'
import { sodiumEd25519, sodiumSigner } from './sodium.ts'

const scalars = { a: 0x1234_5678_9abc_def0n ** 3n, r: 0xfedc_ba98_7654_3210n ** 3n }
const sodium = await sodiumEd25519()

afterEach(() => useEd25519(undefined))

/** The verdict of a node, or the code with which it refuses the key. */
function verdict(backend: Ed25519Verify | undefined, { point, message, signature }: { point: Uint8Array; message: Uint8Array; signature: Uint8Array }) {
  useEd25519(backend)
  try {
    return verifies(verifyKey({ kty: 'OKP', crv: 'Ed25519', x: toBase64url(point) }), message, signature)
  } catch (thrown) {
    if (thrown instanceof TrustError) return codeOf(thrown)
    throw thrown
  }
}

describe('two nodes of which one has libsodium', () => {
  it('is tested with libsodium: the package is installed here', () => {
    expect(sodium).toBeDefined()
  })

  it('give the verdict that arithmetic gives, on every mixture of small order, spelling and size', () => {
    const seen = { holds: 0, mixed: 0, refused: 0, keyRefused: 0 }
    for (const edge of edges(scalars, 2)) {
      const right = edge.keyRefused ? 'DFFT_KEY_NOT_FOUND' : edge.holds
      expect(verdict(undefined, edge), `node:crypto, ${edge.name}`).toBe(right)
      expect(verdict(sodium, edge), `libsodium, ${edge.name}`).toBe(right)
      seen[edge.keyRefused ? 'keyRefused' : edge.holds ? (edge.name.startsWith('A=aB+0T') ? 'holds' : 'mixed') : 'refused']++
    }
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(1)
  })

  it('agree on every change of one bit of key, message and signature', () => {
    const [edge] = [...edges(scalars, 1)].filter(({ holds }) => holds)
    if (!edge) throw new Error('one of them holds')
    for (const part of ['point', 'message', 'signature'] as const) {
      for (let bit = 0; bit < edge[part].length * 8; bit++) {
        const changed = Buffer.from(edge[part])
        changed.writeUInt8(changed.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
        const left = verdict(undefined, { ...edge, [part]: changed })
        expect(left).not.toBe(true)
        expect(verdict(sodium, { ...edge, [part]: changed })).toBe(left)
      }
    }
  })

  it('agree on messages of every length up to two blocks, the empty one too', () => {
    const [edge] = [...edges(scalars, 1)].filter(({ holds }) => holds)
    if (!edge) throw new Error('one of them holds')
    for (let length = 0; length <= 256; length++) {
      const message = Buffer.alloc(length, 7)
      expect(verdict(sodium, { ...edge, message })).toBe(verdict(undefined, { ...edge, message }))
    }
  })
})

describe('libsodium is left out', () => {
  const packageOf = (judge: (signature: Uint8Array, message: Uint8Array, point: Uint8Array) => boolean) => async () => ({ crypto_sign_verify_detached: judge })
  const spki = (point: Uint8Array) => ({
    key: { kty: 'OKP', crv: 'Ed25519', x: toBase64url(point) },
    format: 'jwk' as const,
  })
  const honest = (signature: Uint8Array, message: Uint8Array, point: Uint8Array) => verify(null, message, spki(point), signature)

  it('where it is not installed or has no binary', async () => {
    expect(
      await sodiumEd25519(async () => {
        throw new Error('there is no binary for this platform')
      }),
    ).toBeUndefined()
  })

  it('where it accepts what holds only with the cofactor, by the key or by R, or S beyond the order', async () => {
    const lenient = [...edges(probeScalars, 2)].filter(({ name }) => / S\+[01], /.test(name) && name.startsWith('A=aB') && name.includes('R=rB'))
    const accepting = (which: RegExp) =>
      packageOf((signature, message, point) => {
        const edge = lenient.find((one) => one.name.match(which) && Buffer.from(one.signature).equals(signature) && Buffer.from(one.point).equals(point))
        return edge !== undefined || honest(signature, message, point)
      })
    expect(await sodiumEd25519(accepting(/A=aB\+[1-7]T.*S\+0/))).toBeUndefined()
    expect(await sodiumEd25519(accepting(/R=rB\+[1-7]T.*S\+0/))).toBeUndefined()
    expect(await sodiumEd25519(accepting(/S\+1/))).toBeUndefined()
    expect(await sodiumEd25519(packageOf(honest))).toBeDefined()
  })

  it('where it refuses a key with a part of small order, which the rule lets through, or lacks the function', async () => {
    const points = [...edges(probeScalars, 2)].filter(({ name }) => /A=aB\+[1-7]T/.test(name)).map(({ point }) => Buffer.from(point))
    const strict = packageOf((signature, message, point) => !points.some((one) => one.equals(point)) && honest(signature, message, point))
    expect(await sodiumEd25519(strict)).toBeUndefined()
    expect(await sodiumEd25519(async () => ({}) as never)).toBeUndefined()
  })

  /** Those of the probes in sodium.ts. */
  const probeScalars = { a: 0xd0f17n ** 11n, r: 0x5eedn ** 15n }
})

describe('signing', () => {
  it('is left to node:crypto where the package is missing, or signs otherwise', async () => {
    expect(await sodiumSigner(() => Promise.reject(new Error('not installed')))).toBeUndefined()
    const other = {
      crypto_sign_verify_detached: () => true,
      crypto_sign_seed_keypair: () => {},
      crypto_sign_detached: (signature: Uint8Array) => void signature.fill(1),
    }
    expect(await sodiumSigner(async () => other)).toBeUndefined()
  })

  it('ends with the key: what was destroyed signs no more as it did', async () => {
    const signer = await sodiumSigner()
    const key = signer?.(Buffer.alloc(32, 7))
    const before = key?.sign(Buffer.from('text'))
    key?.destroy()
    expect(key?.sign(Buffer.from('text'))).not.toEqual(before)
  })
})
