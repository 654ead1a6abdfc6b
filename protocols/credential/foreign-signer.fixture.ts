/** Signers of issuers elsewhere, with the curves that no node signs with. */
import { generateKeyPairSync, sign } from 'node:crypto'
import { type Signer, type VerifyJwk, VerifyJwk as VerifyJwkSchema, verifyKey } from '#protocols/keys.ts'

export interface Foreign {
  /** `Signer` says that nodes sign with two algorithms only: for the functions under test this one passes for one of those. */
  readonly signer: Signer
  readonly jwk: VerifyJwk
  /** Raw, by a hash of the caller's choice. */
  readonly signWith: (digest: string, bytes: Uint8Array) => Uint8Array
}

export function foreignSigner(crv: 'P-384' | 'P-521', keyId: string): Foreign {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: crv })
  const jwk = VerifyJwkSchema.parse(publicKey.export({ format: 'jwk' }))
  const signWith = (digest: string, bytes: Uint8Array) => sign(digest, bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' })
  const digest = crv === 'P-384' ? 'sha384' : 'sha512'
  const signer = { algorithm: verifyKey(jwk).algorithm, keyId, publicJwk: jwk, sign: (bytes: Uint8Array) => signWith(digest, bytes) } as unknown as Signer
  return { signer, jwk, signWith }
}
