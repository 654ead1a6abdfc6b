/**
 * Who this node is: one DID, one jurisdiction, and a signing key in the vault that may be another one tomorrow.
 *
 * A Signer never changes: it names its key and signs with it. Whoever needs the key of today asks `self.signer` when he signs, and takes
 * name and signature from the same answer.
 */

import type { Identifier, KeyVault, OwnKey } from '#node/ports.ts'
import { canonical } from '#protocols/canonical.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, type DidUrl, digest, type Jurisdiction } from '#protocols/ids.ts'
import { type Signer, thumbprint, type VerifyJwk } from '#protocols/keys.ts'

export interface Self {
  readonly did: Did
  readonly name: string
  readonly jurisdiction: Jurisdiction
  /** Of today, as all that follows: a rotation changes it. */
  readonly keyId: DidUrl
  readonly signer: Signer
  readonly didLog?: string | undefined
  readonly witnessProofs?: string | undefined
  /** Why nothing can be signed: a rotation that could not be followed. */
  readonly refusal?: TrustError | undefined
  /** Keys that signed for this DID before, newest first. */
  readonly former: readonly Signer[]
  /** The signer of one of our keys, of today or before: what a credential held here is bound to. */
  signerOf(jwk: VerifyJwk): Signer | undefined
}

interface Names {
  readonly name: string
  readonly jurisdiction: Jurisdiction
}

export async function selfOf(identifier: Identifier, names: Names, vault: KeyVault): Promise<Self> {
  return (await openSelf(identifier, names, vault)).self
}

/**
 * Self, and the hand that turns it to the identifier as it is after a rotation. When it cannot, nothing is signed any more: `follow`
 * throws DFFT_KEYSTORE, and so does every signature until a `follow` comes through.
 */
export async function openSelf(
  identifier: Identifier,
  { name, jurisdiction }: Names,
  vault: KeyVault,
): Promise<{ readonly self: Self; readonly follow: (identifier: Identifier) => Promise<void> }> {
  let today = await keysOf(identifier, vault)
  let refusal: TrustError | undefined
  const self: Self = {
    did: identifier.did,
    name,
    jurisdiction,
    get keyId() {
      return today.signer.keyId
    },
    get signer() {
      return today.signer
    },
    get didLog() {
      return today.didLog
    },
    get witnessProofs() {
      return today.witnessProofs
    },
    get refusal() {
      return refusal
    },
    get former() {
      return today.former
    },
    signerOf: (jwk) => today.byThumbprint.get(thumbprint(jwk)),
  }
  const follow = async (changed: Identifier) => {
    try {
      today = await keysOf(changed, vault)
      refusal = undefined
    } catch (cause) {
      const why = new TrustError('DFFT_KEYSTORE', 'the new key cannot be used, and the old one is retired: restart the node', {}, { cause })
      // The DID has given the old key up already: what it signed from now on would be taken for a thief's.
      today = { ...today, signer: { ...today.signer, sign: () => Promise.reject(why) } }
      refusal = why
      throw why
    }
  }
  return { self, follow }
}

async function keysOf({ keyId, keyRef, didLog, witnessProofs, former: before = [] }: Identifier, vault: KeyVault) {
  const signer = await signerFor({ keyId, keyRef }, vault)
  const former = await Promise.all(before.map((key) => signerFor(key, vault)))
  const byThumbprint = new Map([...former, signer].map((each) => [thumbprint(each.publicJwk), each]))
  return { signer, former, byThumbprint, didLog, witnessProofs }
}

/** A lost key verifies what it signed, and its vault refuses to sign. */
async function signerFor({ keyId, keyRef, lost }: OwnKey, vault: KeyVault): Promise<Signer> {
  const publicJwk = lost ?? (await vault.publicKey(keyRef))
  return { algorithm: publicJwk.kty === 'EC' ? 'ES256' : 'EdDSA', keyId, publicJwk, sign: (bytes) => vault.sign(keyRef, bytes) }
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
