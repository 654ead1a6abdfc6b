/**
 * Files that belong to a credential: named in it by digest and size, and fetched over a channel of the service `attachment` by whoever the
 * claim was released to.
 *
 *     requester                             holder
 *     AttachmentRequest ──────────────────▶ released to this party? still good?
 *     ◀────────────────────────────────── AttachmentHead   (leaf hashes of all chunks; their root is in the claim)
 *     Credit ─────────────────────────────▶
 *     ◀────────────────────────────────── pieces           (raw bytes, as many chunks as the credit says)
 *     … until all chunks are there
 *     Done ───────────────────────────────▶
 *     ◀────────────────────────────────── End
 *
 * Content is cut into chunks of 256 KiB, the leaves of a Merkle tree (RFC 9162, 2.1.1). The root stands in the credential, so a wrong byte
 * is found in the chunk that has it, and a fetch that broke off goes on at any chunk.
 */
import { createHash, type Hash } from 'node:crypto'
import { z } from 'zod'
import { type Attachment, attachmentBytesMax } from './attachment-claim.ts'
import { fromBase64url, toBase64url } from './base64url.ts'
import { TrustError } from './errors.ts'
import { Digest, ExchangeId } from './ids.ts'
import { hashBytes, leafHash, MerkleTree } from './log/merkle.ts'

/** What one leaf of the tree covers; the last one may be shorter. */
export const chunkBytes = 256 << 10
/**
 * What travels in one frame, five to a chunk: small enough that a message of an exchange does not wait long behind it, and that it goes as one
 * message of noise (65,519 bytes with all heads), not as one and a rest.
 */
export const pieceBytes = 52 << 10
/** Chunks asked for at a time: fifteen pieces, which a channel holds unread. */
export const creditMax = 3

export const AttachmentRequest = z.strictObject({
  type: z.literal('attachment-request'),
  version: z.literal(1),
  exchange: ExchangeId,
  digest: Digest,
  /** First chunk that is wanted, from 0; all of them being there, their number. */
  from: z
    .int()
    .min(0)
    .max(attachmentBytesMax / chunkBytes),
})
export type AttachmentRequest = z.infer<typeof AttachmentRequest>

export const AttachmentHead = z.strictObject({
  type: z.literal('attachment-head'),
  version: z.literal(1),
  /** Leaf hashes of all chunks in order, joined; base64url. */
  leaves: z.string().max(Math.ceil((attachmentBytesMax / chunkBytes) * hashBytes * 1.34)),
})
export type AttachmentHead = z.infer<typeof AttachmentHead>

/** What a requester says once it has the head. */
export const AttachmentTurn = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('attachment-credit'), chunks: z.int().min(1).max(creditMax) }),
  /** All of it is there, and is what the credential names. */
  z.strictObject({ type: z.literal('attachment-done'), digest: Digest }),
])
export type AttachmentTurn = z.infer<typeof AttachmentTurn>

export const AttachmentEnd = z.strictObject({ type: z.literal('attachment-end'), digest: Digest })
export type AttachmentEnd = z.infer<typeof AttachmentEnd>

/** How many chunks content of this length has. */
export function chunkCount(bytes: number): number {
  return Math.ceil(bytes / chunkBytes)
}

/** Length of one chunk. @param index from 0 */
export function chunkLength(bytes: number, index: number): number {
  return Math.min(chunkBytes, bytes - index * chunkBytes)
}

export function headOf(leaves: readonly Uint8Array[]): AttachmentHead {
  return { type: 'attachment-head', version: 1, leaves: toBase64url(Buffer.concat(leaves)) }
}

/**
 * The leaf hashes in a head, if they are those of the claim.
 *
 * @throws {TrustError} DFFT_ATTACHMENT for fewer, more or other hashes; DFFT_BASE64URL
 */
export function leavesOf({ leaves }: AttachmentHead, { bytes, chunks }: Pick<Attachment, 'bytes' | 'chunks'>): readonly Uint8Array[] {
  const joined = fromBase64url(leaves)
  const count = chunkCount(bytes)
  if (joined.length !== count * hashBytes) throw wrong('the content has another number of chunks than the credential says', { chunks: count })
  const found = Array.from({ length: count }, (_, at) => joined.subarray(at * hashBytes, (at + 1) * hashBytes))
  if (rootOf(found) !== chunks) throw wrong('the chunks are not those that the credential names', { chunks: count })
  return found
}

function rootOf(leaves: readonly Uint8Array[]): Digest {
  const tree = new MerkleTree()
  for (const leaf of leaves) tree.append(leaf)
  return `sha256:${Buffer.from(tree.root()).toString('hex')}` as Digest // SHA-256 has the form.
}

/** @returns its leaf hash. @throws {TrustError} DFFT_ATTACHMENT when that is another one */
export function checkChunk(chunk: Uint8Array, leaf: Uint8Array | undefined, index: number): Uint8Array {
  const found = leafHash(chunk)
  if (!leaf || Buffer.compare(found, leaf) !== 0) throw wrong('a chunk is not the one that the credential names', { chunk: index })
  return found
}

/** The digests of content that comes chunk by chunk. */
export class Measure {
  readonly #whole: Hash = createHash('sha256')
  readonly leaves: Uint8Array[] = []
  bytes = 0

  /** @param chunk all of 256 KiB but the last. @param leaf its hash, where that is known */
  add(chunk: Uint8Array, leaf = leafHash(chunk)): void {
    this.#whole.update(chunk)
    this.leaves.push(leaf)
    this.bytes += chunk.length
  }

  /** Once. */
  result(): Pick<Attachment, 'bytes' | 'digest' | 'chunks'> {
    return { bytes: this.bytes, digest: `sha256:${this.#whole.digest('hex')}` as Digest, chunks: rootOf(this.leaves) } // SHA-256 has the form.
  }
}

/** Of content at hand. */
export function measure(content: Uint8Array): Pick<Attachment, 'bytes' | 'digest' | 'chunks'> {
  const found = new Measure()
  for (let at = 0; at < content.length; at += chunkBytes) found.add(content.subarray(at, at + chunkBytes))
  return found.result()
}

function wrong(message: string, facts: Record<string, number>): TrustError {
  return new TrustError('DFFT_ATTACHMENT', message, facts)
}
