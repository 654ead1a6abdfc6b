/**
 * Ed25519 by libsodium: verification in half of OpenSSL's time, signatures in two thirds of it.
 *
 * The package is an optional dependency with a binary for each platform. Where it does not load, or where it would judge a signature
 * otherwise than node:crypto does, it is not used, and nothing but the speed is different.
 */
import type { Ed25519Verify } from '#protocols/keys.ts'

interface Sodium {
  crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean
  crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void
  crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void
}

type Load = () => Promise<Partial<Sodium>>

/** @param load the package, or a rejection where there is none; @returns undefined where node:crypto has to do */
export async function sodiumEd25519(load: Load = sodiumPackage): Promise<Ed25519Verify | undefined> {
  const sodium = await load().catch(() => undefined) // Not installed, or no binary for this platform: both are ordinary.
  if (!sodium || !verifies(sodium)) return undefined
  const verify: Ed25519Verify = (point, bytes, signature) => sodium.crypto_sign_verify_detached(signature, bytes, point)
  return probes.every(({ point, message, signature, holds }) => verify(bytesOf(point), bytesOf(message), bytesOf(signature)) === holds) ? verify : undefined
}

/** @param load as above; @returns what signs with the key of a seed of 32 bytes; undefined where node:crypto has to do */
export async function sodiumSigner(load: Load = sodiumPackage) {
  const sodium = await load().catch(() => undefined)
  if (!sodium || !signs(sodium)) return undefined
  const signer = (seed: Uint8Array) => {
    const secretKey = Buffer.allocUnsafeSlow(64)
    sodium.crypto_sign_seed_keypair(Buffer.alloc(32), secretKey, seed)
    return {
      sign: (bytes: Uint8Array) => {
        const signature = new Uint8Array(64)
        sodium.crypto_sign_detached(signature, bytes, secretKey)
        return signature
      },
      destroy: () => void secretKey.fill(0),
    }
  }
  // Ed25519 is deterministic: whoever signs otherwise is not used.
  const { seed, message, signature } = signed
  return Buffer.compare(signer(bytesOf(seed)).sign(bytesOf(message)), bytesOf(signature)) === 0 ? signer : undefined
}

function verifies(sodium: Partial<Sodium>): sodium is Pick<Sodium, 'crypto_sign_verify_detached'> {
  return typeof sodium.crypto_sign_verify_detached === 'function'
}

function signs(sodium: Partial<Sodium>): sodium is Pick<Sodium, 'crypto_sign_seed_keypair' | 'crypto_sign_detached'> {
  return typeof sodium.crypto_sign_detached === 'function' && typeof sodium.crypto_sign_seed_keypair === 'function'
}

export async function sodiumPackage(): Promise<Sodium> {
  const { default: sodium } = (await import('sodium-native' as string)) as { default: Sodium } // The package has no types; as text its absence is no error of compilation.
  return sodium
}

/** Where libraries differ: made by protocols/ed25519-edges.fixture.ts, in hex. A later libsodium that begins to judge them otherwise is not used. */
const probes = [
  // An honest signature.
  {
    point: 'fe0806f8833eaaa690abfb5d26d7c455269c438acef4fe000bf68902a67f5dac',
    message: '656467652030',
    signature: '8dafa58e2f77693933ef24fc18faeabed55b56ab25d3ae12b239d38653a3f997cec86a254445f125fbe627661d07c59378943d1d942f52c29187fc4dff923201',
    holds: true,
  },
  // A key with a part of small order, and an equation that holds nevertheless.
  {
    point: '629a827e98f0507a562a92058bc032cca8ab27c2cc9f50b12b75cbadb5196430',
    message: '656467652030',
    signature: 'd408c1ddd1759b6d0202715390b87018137cda73b973add3c73a1debffb9ee95952dfc9773a37f7768f4a24dc51ea57d76a7475384bae7f9c0db123dc54fc60f',
    holds: true,
  },
  // R with a part of small order: holds with the cofactor only.
  {
    point: 'fe0806f8833eaaa690abfb5d26d7c455269c438acef4fe000bf68902a67f5dac',
    message: '656467652030',
    signature: '60505a71d08896c6cc10db03e70515412aa4a954da2c51ed4dc62c79ac5c0668224c5786dce0589a80c9143a10d2971e13a916d8085023d9f89e7847846f3605',
    holds: false,
  },
  // A key with a part of small order: holds with the cofactor only.
  {
    point: 'f31a08e002d8930f2ae3741dbad53848be3b27cb8e836808f8f727de5782ee0a',
    message: '656467652030',
    signature: '8dafa58e2f77693933ef24fc18faeabed55b56ab25d3ae12b239d38653a3f99758d33b7d8f611af2a2ad3f4adc1238d6a0bba6c29209a902237c61de7b8a9703',
    holds: false,
  },
  // S beyond the order of the group.
  {
    point: 'fe0806f8833eaaa690abfb5d26d7c455269c438acef4fe000bf68902a67f5dac',
    message: '656467652030',
    signature: '8dafa58e2f77693933ef24fc18faeabed55b56ab25d3ae12b239d38653a3f997bb9c60825ea8037ed1831f09fc00a4a878943d1d942f52c29187fc4dff923211',
    holds: false,
  },
] as const

/** RFC 8032, 7.1, test 3. */
const signed = {
  seed: 'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
  message: 'af82',
  signature: '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
} as const

function bytesOf(hex: string): Uint8Array {
  return Buffer.from(hex, 'hex')
}
