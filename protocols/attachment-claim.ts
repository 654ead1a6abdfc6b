/** How a credential names the files that belong to it, by digest and size. How they are fetched is in attachment.ts. */
import { z } from 'zod'
import { line } from './credential-types/elements.ts'
import { Digest } from './ids.ts'
import { once } from './once.ts'

/** The hashes of its chunks, 512 at most, fit in one message with room to spare. */
export const attachmentBytesMax = 128 << 20
export const attachmentsMax = 16

/** As a credential names it. The name is for people, and never a path. */
export const Attachment = z.strictObject({
  name: line(255),
  /** RFC 6838, without parameters. */
  mediaType: z.string({ checks: [z.maxLength(127), z.regex(/^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/)] }),
  bytes: z.int().min(1).max(attachmentBytesMax),
  /** Of the whole content. */
  digest: Digest,
  /** Root of the tree of its chunks. */
  chunks: Digest,
})
export type Attachment = z.infer<typeof Attachment>

/** The claim of a credential. */
export const Attachments = z.array(Attachment).check(z.minLength(1), z.maxLength(attachmentsMax))
const anyAttachments = once(() => z.array(Attachment).max(attachmentsMax))

/** What of a subject names attachments, as far as it is shown; nothing of what does not read as one. */
export function attachmentsIn(subject: unknown): readonly Attachment[] {
  const { attachments } = (subject ?? {}) as { attachments?: unknown } // A member of anything is undefined or looked at next.
  if (attachments === undefined) return [] // As with nearly all.
  const read = anyAttachments().safeParse(attachments)
  return read.success ? read.data : []
}

/** VCDM 2.0, 5.3: what a W3C form names beside its claims, by the digest that others can check. */
export function relatedResources(attachments: readonly Attachment[]): readonly { id: string; mediaType: string; digestSRI: string }[] {
  const byId = new Map(attachments.map((one) => [`urn:dfft:attachment:${one.digest}`, one]))
  return [...byId].map(([id, { mediaType, digest }]) => ({
    id,
    mediaType,
    digestSRI: `sha256-${Buffer.from(digest.slice('sha256:'.length), 'hex').toString('base64')}`,
  }))
}
