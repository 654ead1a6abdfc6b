/** did:jwk: a JWK in base64url is the DID (draft of the DIF; deterministic, without history). */
import { z } from 'zod'
import { fromBase64url, toBase64url } from '../base64url.ts'
import { canonicalBytes } from '../canonical.ts'
import { parse } from '../channel.ts'
import { TrustError } from '../errors.ts'
import type { Did, DidUrl } from '../ids.ts'
import { parseJson } from '../json.ts'
import { type VerifyJwk, verifyKey } from '../keys.ts'
import { once } from '../once.ts'
import { didDocument, type Expanded, jwkOf } from './document.ts'

const prefix = 'did:jwk:'
const signing = ['authentication', 'assertionMethod', 'capabilityInvocation', 'capabilityDelegation'] as const

/** Strict, so that a private member (`d`) is refused with everything else we do not know. */
const schema = once(() =>
  z.strictObject({
    kty: z.string().max(16),
    crv: z.string().max(32),
    x: z.string().max(128),
    y: z.string().max(128).optional(),
    alg: z.enum(['EdDSA', 'Ed25519', 'ES256', 'ES384', 'ES512']).optional(),
    use: z.literal('sig').optional(),
    kid: z.string().max(256).optional(),
    key_ops: z.tuple([z.literal('verify')]).optional(),
  }),
)

export function didJwkOf(jwk: VerifyJwk): Did {
  return `${prefix}${toBase64url(canonicalBytes(jwk))}` as Did // base64url is within the characters of a Did, and a key takes at most 330.
}

/** The one verification method of a did:jwk. */
export function didJwkMethod(did: Did): DidUrl {
  return `${did}#0` as DidUrl // A Did and a fragment.
}

/** @throws {TrustError} DFFT_DID_SYNTAX for anything but the canonical base64url of a public signing key */
export function jwkOfDidJwk(did: string): VerifyJwk {
  if (!did.startsWith(prefix)) throw new TrustError('DFFT_DID_SYNTAX', 'not a did:jwk')
  try {
    const read = parse(parseJson(fromBase64url(did.slice(prefix.length))), schema())
    const jwk = jwkOf(read)
    // RFC 9864 names EdDSA by its curve.
    if (read.alg !== undefined && read.alg !== verifyKey(jwk).algorithm && read.alg !== jwk.crv)
      throw new TrustError('DFFT_ALGORITHM', 'a JWK says another algorithm than its curve has', { crv: jwk.crv })
    return jwk
  } catch (cause) {
    throw new TrustError('DFFT_DID_SYNTAX', 'a did:jwk is not the canonical form of a public signing key', { characters: did.length }, { cause })
  }
}

/** @throws {TrustError} DFFT_DID_SYNTAX */
export function expandDidJwk(did: Did): Expanded {
  const jwk = jwkOfDidJwk(did)
  const keyId = didJwkMethod(did)
  const document = didDocument().parse({
    '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/suites/jws-2020/v1'],
    id: did,
    verificationMethod: [{ id: keyId, type: 'JsonWebKey2020', controller: did, publicKeyJwk: jwk }],
    ...Object.fromEntries(signing.map((purpose) => [purpose, [keyId]])),
  })
  return { document, keys: [{ keyId, jwk, purposes: signing, fromMs: 0, untilMs: null }] }
}
