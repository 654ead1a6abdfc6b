/** What a row of the table is, and the words that many rows share. */
import { z } from 'zod'
import type { Code } from '#protocols/errors.ts'

export interface Operation {
  readonly summary: string
  readonly access: 'read' | 'write'
  /** What is asked at the node's own socket and nowhere else: a token cannot make another. */
  readonly only?: 'socket'
  /** What it was seen to fail with, beside what any may: a test that meets another code fails until it is named here. */
  readonly fails?: readonly Code[]
  readonly input: z.ZodType
  readonly output: z.ZodType
}

/** What the way to any operation may end with: bytes that are no input of it, a door that is shut, a node that is sealed, a disk that is full. */
export const anyFails: readonly Code[] = [
  ...(['DFFT_NOT_UTF8', 'DFFT_NOT_JSON', 'DFFT_JSON_DUPLICATE_KEY', 'DFFT_JSON_TOO_DEEP', 'DFFT_JSON_VALUE', 'DFFT_SCHEMA', 'DFFT_USAGE'] as const),
  ...(['DFFT_TOKEN', 'DFFT_SESSION', 'DFFT_NOT_ALLOWED', 'DFFT_SEALED', 'DFFT_LIMIT', 'DFFT_BUSY', 'DFFT_RATE_LIMITED'] as const),
  ...(['DFFT_DISK_FULL', 'DFFT_STORE', 'DFFT_INTERNAL'] as const),
]

export const text = z.string().max(512)
export const empty = z.strictObject({})
/** Everything is done but recording. */
export const dryRun = z.boolean().default(false)
