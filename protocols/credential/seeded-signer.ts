/** Signers from a given private key: for tests, the simulator and published vectors. A node's keys stay behind its KeyVault. */
import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import type { DidUrl } from '#protocols/ids.ts'
import { PublicJwk, type Signer } from '#protocols/keys.ts'

// PKCS #8 of an Ed25519 key up to its 32-byte seed (RFC 8410, 7).
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** An Ed25519 signer. @param seed 32 bytes */
export function seededSigner(seed: Uint8Array, keyId: string): Signer {
  return signerOf(createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' }), keyId)
}

/** @param key an Ed25519 or P-256 private key */
export function signerOf(key: KeyObject, keyId: string): Signer {
  const { kty, crv, x, y } = createPublicKey(key).export({ format: 'jwk' })
  const publicJwk = PublicJwk.parse(kty === 'EC' ? { kty, crv, x, y } : { kty, crv, x })
  const common = { keyId: keyId as DidUrl, publicJwk } // The caller, a test, chose it.
  if (publicJwk.kty === 'OKP') return { ...common, algorithm: 'EdDSA', sign: (bytes) => sign(null, bytes, key) }
  return { ...common, algorithm: 'ES256', sign: (bytes) => sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }) }
}
