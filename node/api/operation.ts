/** What a row of the table is, and the words that many rows share. */
import { z } from 'zod'

export interface Operation {
  readonly summary: string
  readonly access: 'read' | 'write'
  /** What is asked at the node's own socket and nowhere else: a token cannot make another. */
  readonly only?: 'socket'
  readonly input: z.ZodType
  readonly output: z.ZodType
}

export const text = z.string().max(512)
export const empty = z.strictObject({})
/** Everything is done but recording. */
export const dryRun = z.boolean().default(false)
