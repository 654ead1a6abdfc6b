/**
 * A hint that goes round among bound peers: its issuer has a new document, which is fetched by its digest. It is signed, so that who
 * passes it on can neither make one up nor change it; what it is about is believed by the document's own signature alone.
 */
import { z } from 'zod'
import { fromBase64url, toBase64url } from './base64url.ts'
import { canonicalBytes } from './canonical.ts'
import { read } from './channel.ts'
import { TrustError } from './errors.ts'
import { Did, DidUrl, Digest, didOf, Instant, Jurisdiction } from './ids.ts'
import { nodeKey, type Signer, type VerifyKey, verifies } from './keys.ts'

// In front of what is signed: an announcement can never be shown as anything else.
const label = Buffer.from('dfft-announcement/1\n')

export const Announcement = z
  .strictObject({
    /** `policy`; a node that does not know the word leaves the announcement alone. */
    type: z
      .string()
      .max(32)
      .regex(/^[a-z]+(?:-[a-z]+)*$/),
    jurisdiction: Jurisdiction,
    digest: Digest,
    serial: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
    issuer: Did,
    at: Instant,
    signature: z.strictObject({
      keyId: DidUrl,
      value: z
        .string()
        .length(86)
        .regex(/^[A-Za-z0-9_-]+$/),
    }),
  })
  .refine(({ issuer, signature }) => didOf(signature.keyId) === issuer, { path: ['signature', 'keyId'], message: 'the key is not the issuer’s' })
export type Announcement = z.infer<typeof Announcement>

export type Announced = Omit<Announcement, 'signature'>

export async function signAnnouncement(announced: Announced, signer: Signer): Promise<Announcement> {
  return { ...announced, signature: { keyId: signer.keyId, value: toBase64url(await signer.sign(signed(announced))) } }
}

/** @throws {TrustError} DFFT_SIGNATURE; DFFT_ALGORITHM for a key that no node signs with */
export function verifyAnnouncement({ signature, ...announced }: Announcement, key: VerifyKey): void {
  if (!verifies(nodeKey(key), signed(announced), fromBase64url(signature.value)))
    throw new TrustError('DFFT_SIGNATURE', 'the signature of the announcement does not fit', { issuer: announced.issuer })
}

/**
 * In canonical form only: what goes round is told apart by its bytes, and one announcement must not have thousands of forms.
 *
 * @throws {TrustError} DFFT_NOT_UTF8, DFFT_NOT_JSON, DFFT_JSON_*, DFFT_SCHEMA
 */
export function readAnnouncement(bytes: Uint8Array): Announcement {
  const announcement = read(bytes, Announcement)
  if (Buffer.compare(canonicalBytes(announcement), bytes) !== 0) throw new TrustError('DFFT_SCHEMA', 'the announcement is not in canonical form')
  return announcement
}

function signed(announced: Announced): Uint8Array {
  return Buffer.concat([label, canonicalBytes(announced)])
}
