/** JSON Schema 2020-12 of a subject as it is published beside its type. */
import { z } from 'zod'
import type { Json } from '../json.ts'

export function publishedSchema(subject: z.ZodType): Json {
  return z.toJSONSchema(subject, { target: 'draft-2020-12' }) as unknown as Json // A JSON Schema is JSON.
}
