/** Keys from numbers and small did:webvh logs, for tests of several rooms. */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import type { Did, PeerId } from '../ids.ts'
import { instant } from '../ids.ts'
import type { PublicJwk } from '../keys.ts'
import { nodeDocument } from './document.ts'
import { entryHash, proofOf, type UpdateSigner } from './webvh-entry.ts'
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

/**
 * A log of many entries, all in order: what a controller can write who has nothing but time.
 *
 * @param proofs signatures on each entry, by as many update keys
 * @param document members that entry `number` puts into the document besides
 */
export async function longLog(
  entries: number,
  wish: { readonly proofs?: number; readonly document?: (number: number, did: Did) => Readonly<Record<string, unknown>> } = {},
): Promise<{ did: Did; log: string }> {
  const keys = Array.from({ length: wish.proofs ?? 1 }, (_, at) => seededKey(at + 1))
  const { did, log } = await agencyLog({ updateKeys: keys.map(({ publicJwk }) => publicJwk) })
  const { state, versionId } = JSON.parse(log)
  const lines = [log.trimEnd()]
  let before: string = versionId
  for (let number = 2; number <= entries; number++) {
    const versionTime = instant(bornMs + number * 1000)
    const draft = { versionId: before, versionTime, parameters: {}, state: { ...state, ...wish.document?.(number, did) } }
    before = `${number}-${entryHash(draft, before)}`
    const entry = { ...draft, versionId: before }
    lines.push(JSON.stringify({ ...entry, proof: await Promise.all(keys.map((key) => proofOf(entry, key, versionTime))) }))
  }
  return { did, log: `${lines.join('\n')}\n` }
}
