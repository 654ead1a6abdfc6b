/**
 * The messages of the Trust Registry Query Protocol, version 2: questions that any verifier may put over HTTPS, and what is answered.
 *
 * Members and their meaning are those of the specification, names in its spelling; bounds are ours. What is not known of a question is
 * passed over, as the specification asks, and a member of the context that is not known is handed back with the rest of it.
 *
 * @see ToIP Trust Registry Query Protocol 2.0: Identifiers, Versioning and Extensibility, HTTPS Binding; its JSON Schemas
 */
import { z } from 'zod'
import { timestampMs } from '../credential/timestamp.ts'
import { Did, instant, Jurisdiction } from '../ids.ts'

/** Where each kind of question is posted (HTTPS Binding Conformance, 2 and 3). */
export const trqpPaths = { authorization: '/authorization', recognition: '/recognition' } as const
export type QueryKind = keyof typeof trqpPaths

/** RFC 3986: a URI or a relative reference, which is what its identifiers are. A DID is at most 1,024 characters. */
const identifier = z
  .string()
  .max(1024)
  .regex(/^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/, 'not an identifier after RFC 3986')

/** RFC 3339, in UTC only. */
const time = z
  .string()
  .max(40)
  .regex(/(?:Z|z|\+00:00)$/, 'not in UTC')
  .refine((text) => timestampMs(text.toUpperCase()) !== null, 'not a time after RFC 3339')

/** @param text that has passed the schema of a time */
export function msOfTime(text: string): number {
  return Date.parse(text.toUpperCase())
}

/** What we read of a context besides `time`; the rest is somebody else's. */
const known = {
  /** As of when; now where it is left out. */
  time: time.optional(),
  /** Where the authority speaks for several jurisdictions: in which of them. All of them where it is left out. */
  jurisdiction: Jurisdiction.optional(),
  /** For what purpose; without it, only what holds for every purpose. */
  purpose: z.string().max(128).optional(),
  /** When the credential was issued; without it, it is about to be. */
  issued: time.optional(),
  /** With whom; without it, only what holds with everybody. */
  counterparty: Did.optional(),
}

export const contextMembersMax = 16

/** Texts only, as the schemas have it. */
const Context = z
  .object(known)
  .catchall(z.string().max(1024))
  .refine((context) => Object.keys(context).every((name) => name.length <= 64), 'a member has too long a name')
  .refine((context) => Object.keys(context).length <= contextMembersMax, `more than ${contextMembersMax} members`)

export const TrqpRequest = z.object({
  entity_id: identifier,
  authority_id: identifier,
  action: z.string().min(1).max(128),
  resource: z.string().min(1).max(1024),
  context: Context.optional(),
})
export type TrqpRequest = z.infer<typeof TrqpRequest>

const answered = {
  entity_id: z.string().max(1024),
  authority_id: z.string().max(1024),
  action: z.string().max(128),
  resource: z.string().max(1024),
  /** What was asked for as `time` of the context, as it was written. */
  time_requested: time.optional(),
  time_evaluated: time,
  /** A code of ours and a sentence. */
  message: z.string().max(4096),
  context: z.record(z.string().max(64), z.string().max(1024)).optional(),
}

export const AuthorizationResponse = z.strictObject({ ...answered, authorized: z.boolean() })
export const RecognitionResponse = z.strictObject({ ...answered, recognized: z.boolean() })
export const TrqpResponse = z.union([AuthorizationResponse, RecognitionResponse])
export type TrqpResponse = z.infer<typeof TrqpResponse>

/** The plain answer. Of the question all is handed back that was understood, and the context whole. */
export function responseTo(
  kind: QueryKind,
  { entity_id, authority_id, action, resource, context }: TrqpRequest,
  { holds, message, nowMs }: { readonly holds: boolean; readonly message: string; readonly nowMs: number },
): TrqpResponse {
  return {
    entity_id,
    authority_id,
    action,
    resource,
    ...(kind === 'authorization' ? { authorized: holds } : { recognized: holds }),
    ...(context?.time === undefined ? {} : { time_requested: context.time }),
    time_evaluated: instant(nowMs),
    message,
    ...(context === undefined ? {} : { context }),
  } as TrqpResponse // By construction, member for member; the context has passed its schema.
}
