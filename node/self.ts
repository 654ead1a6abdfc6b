/** Who this node is: one DID, one signing key in the vault, one jurisdiction. */
import { canonical } from '#protocols/canonical.ts'
import { type Did, type DidUrl, digest, type Jurisdiction } from '#protocols/ids.ts'
import { type Signer, thumbprint, type VerifyJwk } from '#protocols/keys.ts'
import type { Identifier, KeyVault } from './ports.ts'

export interface Self {
  readonly did: Did
  readonly keyId: DidUrl
  readonly name: string
  readonly jurisdiction: Jurisdiction
  readonly signer: Signer
  readonly didLog?: string
}

export async function selfOf(identifier: Identifier, { name, jurisdiction }: { name: string; jurisdiction: Jurisdiction }, vault: KeyVault): Promise<Self> {
  const { did, keyId, keyRef, didLog } = identifier
  const publicJwk = await vault.publicKey(keyRef)
  const signer: Signer = { algorithm: publicJwk.kty === 'EC' ? 'ES256' : 'EdDSA', keyId, publicJwk, sign: (bytes) => vault.sign(keyRef, bytes) }
  return { did, keyId, name, jurisdiction, signer, ...(didLog === undefined ? {} : { didLog }) }
}

/** What an operator reads out over the telephone: of one key, in groups of four hex digits, 64 bits. */
export function fingerprint(jwk: VerifyJwk): string {
  const hex = digest(Buffer.from(thumbprint(jwk), 'base64url')).slice('sha256:'.length, 'sha256:'.length + 16)
  return hex.replaceAll(/(.{4})(?=.)/g, '$1-')
}

/** Of a whole DID: of its keys in the order of their names. */
export function fingerprintOf(keys: readonly { readonly keyId: string; readonly jwk: VerifyJwk }[]): string {
  const named = keys.map(({ keyId, jwk }) => [keyId, thumbprint(jwk)] as const).sort(([left], [right]) => (left < right ? -1 : 1))
  const hex = digest(canonical(named)).slice('sha256:'.length, 'sha256:'.length + 16)
  return hex.replaceAll(/(.{4})(?=.)/g, '$1-')
}
