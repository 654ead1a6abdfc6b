/**
 * did:key (W3C CCG did:key 0.9): the DID is the key, so there is nothing to fetch and nothing to rotate.
 *
 * Every kind of key in the method's vectors has its document; only one on the allow-list (keys.ts) can verify anything.
 */
import { TrustError } from '../errors.ts'
import type { Did, DidUrl } from '../ids.ts'
import type { VerifyJwk } from '../keys.ts'
import { type DidDocument, type Expanded, purposes } from './document.ts'
import { g1MultikeyOf, jwkOfMultikey, type Multikey, multikeyOf, readMultikey, x25519MultikeyOf } from './multikey.ts'

const prefix = 'did:key:'
const signing = purposes.filter((purpose) => purpose !== 'keyAgreement')

export function didKeyOf(jwk: VerifyJwk): Did {
  return `${prefix}${multikeyOf(jwk)}` as Did // base58btc is within the characters of a Did.
}

/** The verification method that a did:key of a signing key is named for. */
export function didKeyMethod(did: Did): DidUrl {
  return `${did}#${did.slice(prefix.length)}` as DidUrl // A Did and a fragment of base58btc.
}

/** @throws {TrustError} DFFT_DID_SYNTAX for a kind of key that is not on the allow-list, or a second spelling of one */
export function jwkOfDidKey(did: string): VerifyJwk {
  return read(did, jwkOfMultikey)
}

function read<Key>(did: string, readKey: (multikey: string) => Key): Key {
  if (!did.startsWith(prefix)) throw new TrustError('DFFT_DID_SYNTAX', 'not a did:key')
  try {
    return readKey(did.slice(prefix.length))
  } catch (cause) {
    throw new TrustError('DFFT_DID_SYNTAX', 'a did:key is not the canonical form of a key of a kind that is accepted', { characters: did.length }, { cause })
  }
}

/** @throws {TrustError} DFFT_DID_SYNTAX for a key of no known kind, or a second spelling of one */
export function expandDidKey(did: Did): Expanded {
  const key = read(did, readMultikey)
  const named = methodsOf(did.slice(prefix.length), key)
  const id = ({ multikey }: Method) => `${did}#${multikey}` as DidUrl // As didKeyMethod.
  const document: DidDocument = {
    '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
    id: did,
    verificationMethod: named.map((method) => ({ id: id(method), type: 'Multikey', controller: did, publicKeyMultibase: method.multikey })),
    ...Object.fromEntries(named.flatMap((method) => method.purposes.map((purpose) => [purpose, [id(method)]]))),
  }
  const [first] = named
  return { document, keys: key.jwk ? [{ keyId: id(first), jwk: key.jwk, purposes: first.purposes, fromMs: 0, untilMs: null }] : [] }
}

interface Method {
  readonly multikey: string
  readonly purposes: readonly string[]
}

/** Which keys a document names, and for what: the first is the one of the DID, or its half. */
function methodsOf(multikey: string, { codec, jwk, bytes }: Multikey): readonly [Method, ...Method[]] {
  if (jwk?.crv === 'Ed25519')
    return [
      { multikey, purposes: signing },
      { multikey: x25519MultikeyOf(jwk), purposes: ['keyAgreement'] },
    ]
  if (codec === 'X25519') return [{ multikey, purposes: ['keyAgreement'] }]
  if (codec === 'BLS12-381 G1' || codec === 'BLS12-381 G2') return [{ multikey, purposes: signing }]
  // The published vector names the half in G1 alone.
  if (codec === 'BLS12-381 G1G2') return [{ multikey: g1MultikeyOf(bytes), purposes: signing }]
  return [{ multikey, purposes }]
}
