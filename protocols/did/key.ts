/** did:key (W3C CCG did:key 0.9) for Ed25519 and P-256: the DID is the key, so there is nothing to fetch and nothing to rotate. */
import { TrustError } from '../errors.ts'
import type { Did, DidUrl } from '../ids.ts'
import type { PublicJwk } from '../keys.ts'
import { DidDocument, type Expanded } from './document.ts'
import { jwkOfMultikey, multikeyOf } from './multikey.ts'

const prefix = 'did:key:'
const purposes = ['authentication', 'assertionMethod', 'capabilityInvocation', 'capabilityDelegation'] as const

export function didKeyOf(jwk: PublicJwk): Did {
  return `${prefix}${multikeyOf(jwk)}` as Did // base58btc is within the characters of a Did.
}

/** The one verification method of a did:key. */
export function didKeyMethod(did: Did): DidUrl {
  return `${did}#${did.slice(prefix.length)}` as DidUrl // A Did and a fragment of base58btc.
}

/** @throws {TrustError} DFFT_DID_SYNTAX for another kind of key or a second spelling of one */
export function jwkOfDidKey(did: string): PublicJwk {
  if (!did.startsWith(prefix)) throw new TrustError('DFFT_DID_SYNTAX', 'not a did:key')
  try {
    return jwkOfMultikey(did.slice(prefix.length))
  } catch (cause) {
    throw new TrustError('DFFT_DID_SYNTAX', 'a did:key is not the canonical form of an Ed25519 or P-256 key', { characters: did.length }, { cause })
  }
}

/** @throws {TrustError} DFFT_DID_SYNTAX */
export function expandDidKey(did: Did): Expanded {
  const jwk = jwkOfDidKey(did)
  const keyId = didKeyMethod(did)
  const document = DidDocument.parse({
    '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
    id: did,
    verificationMethod: [{ id: keyId, type: 'Multikey', controller: did, publicKeyMultibase: did.slice(prefix.length) }],
    ...Object.fromEntries(purposes.map((purpose) => [purpose, [keyId]])),
  })
  return { document, keys: [{ keyId, jwk, purposes, fromMs: 0, untilMs: null }] }
}
