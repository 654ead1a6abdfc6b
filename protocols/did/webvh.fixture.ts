/** Keys from numbers and small did:webvh logs, for tests of several rooms. */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import type { Did, PeerId } from '../ids.ts'
import type { PublicJwk } from '../keys.ts'
import { nodeDocument } from './document.ts'
import type { UpdateSigner } from './webvh-entry.ts'
import { type Creation, createLog } from './webvh-write.ts'

/** RFC 8410, 7: what stands before the 32 bytes of an Ed25519 private key in PKCS #8. */
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

export function seededKey(seed: number): UpdateSigner {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8, Buffer.alloc(32, seed)]), format: 'der', type: 'pkcs8' })
  const { kty, crv, x } = createPublicKey(key).export({ format: 'jwk' })
  return { publicJwk: { kty, crv, x } as PublicJwk, sign: (bytes) => sign(null, bytes, key) }
}

export const peerId = '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5' as PeerId

/** 2026-01-01T00:00:00Z. */
export const bornMs = 1_767_225_600_000
export const dayMs = 86_400_000

/** The log of an agency: key 1 signs its entries, key 2 is in its document. */
export function agencyLog(wish: Partial<Creation> = {}): Promise<{ did: Did; log: string }> {
  return createLog({
    domain: 'agency.example',
    signer: seededKey(1),
    versionTimeMs: bornMs,
    document: (did, web) => nodeDocument(did, { jwk: seededKey(2).publicJwk, peerId, alsoKnownAs: [web] }),
    ...wish,
  })
}
