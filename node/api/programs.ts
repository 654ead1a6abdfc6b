/** Operations on what other programs are given: tokens, webhooks, statistics, traces. */
import { z } from 'zod'
import { Did, ExchangeId, Instant } from '#protocols/ids.ts'
import { dryRun, empty, type Operation, text } from './operation.ts'

/** A name that a person gives a program, so that a line of the log can be understood. */
const Label = z
  .string()
  .max(64)
  .regex(/^[\p{L}\p{N}](?:[\p{L}\p{N} ._-]*[\p{L}\p{N}])?$/u)

export const TokenView = z.object({
  id: z.string().regex(/^[0-9a-f]{16}$/),
  name: text,
  access: z.enum(['read', 'write']),
  createdAt: Instant,
  /** Null: until it is revoked. */
  until: Instant.nullable(),
  revokedAt: Instant.nullable(),
  /** Since this process began; null for not yet. */
  usedAt: Instant.nullable(),
  state: z.enum(['active', 'expired', 'revoked']),
})

const Attribute = z.object({ key: text, value: z.object({ stringValue: z.string().optional(), intValue: text.optional() }) })
/** opentelemetry-proto, trace.proto: ids in hex, times in nanoseconds as text. */
const Span = z.object({
  traceId: text,
  spanId: text,
  parentSpanId: text.optional(),
  name: text,
  kind: z.number().int(),
  startTimeUnixNano: text,
  endTimeUnixNano: text,
  attributes: z.array(Attribute),
  status: z.object({ code: z.number().int(), message: text.optional() }),
})

export const WebhookView = z.object({
  id: z.string().regex(/^[0-9a-f]{16}$/),
  url: z.string(),
  events: z.array(text),
  /** Of Standard Webhooks: what the receiver checks the signature `v1a` with. */
  publicKey: z.string().regex(/^whpk_[A-Za-z0-9+/]{43}=$/),
  createdAt: Instant,
  /** `failing` is tried again; `stopped` waits for an operator. */
  state: z.enum(['active', 'failing', 'stopped']),
  /** Of what was not taken last: `status 503`, or a code. */
  reason: text.nullable(),
  /** Entries of the log that it has not come to. */
  behind: z.number().int(),
  /** What the receiver refused for good, by its entry in the log. */
  dead: z.array(z.object({ entry: z.number().int(), type: text, reason: text, at: Instant })),
})

const day = z.string().regex(/^\d{4}-\d\d-\d\d$/)

/** As it is published: docs/schemas/statistics.json. */
export const Statistics = z.object({
  node: Did,
  from: day,
  to: day,
  period: z.enum(['day', 'month']),
  threshold: z.number().int(),
  cells: z.array(
    z.object({
      /** `2026-11-22`, or `2026-11`. */
      period: text,
      /** Which side of the exchange this node was: an exchange between two nodes that both publish stands in both statistics. */
      role: z.enum(['requester', 'holder']),
      /** Jurisdictions; `unknown` where it came to no decision. */
      from: text,
      to: text,
      type: text,
      purpose: text,
      verdict: z.enum(['permit', 'deny', 'none']),
      /** Rounded down to a multiple of the threshold; null below it. */
      count: z.number().int().nullable(),
    }),
  ),
  /** Sums of the counts shown, with how many cells are not in them. */
  totals: z.array(z.object({ period: text, count: z.number().int(), suppressed: z.number().int() })),
})

const webhookId = z.string().regex(/^[0-9a-f]{16}$/)

export const programOperations = {
  tokenCreate: {
    summary: 'make a token with which a program calls this node over TCP; it is shown this once',
    access: 'write',
    only: 'socket',
    input: z.strictObject({ name: Label, access: z.enum(['read', 'write']), until: Instant.optional(), dryRun }),
    /** In a dry run the id is of zeros, and the token empty. */
    output: TokenView.extend({ token: text }),
  },
  tokenList: {
    summary: 'the tokens there are: name, what each may do, until when, when it was used last',
    access: 'read',
    only: 'socket',
    input: empty,
    output: z.object({ tokens: z.array(TokenView) }),
  },
  tokenRevoke: {
    summary: 'end a token: from now on it opens nothing',
    access: 'write',
    only: 'socket',
    input: z.strictObject({ id: z.string().regex(/^[0-9a-f]{16}$/), dryRun }),
    output: TokenView,
  },
  statistics: {
    summary: 'counts of exchanges that may be published: by jurisdiction, type, purpose and verdict, small ones left out',
    access: 'read',
    /** `from` inclusive, `to` exclusive; by months the first of one each. */
    input: z.strictObject({ from: day, to: day, period: z.enum(['day', 'month']).default('month'), threshold: z.number().int().min(3).max(1000).default(5) }),
    output: Statistics,
  },
  webhookAdd: {
    summary: 'send what happens, signed and without personal data, to a URL from now on',
    access: 'write',
    only: 'socket',
    /** `events`: types, or `exchange.*` for all of a kind. https, or http on this machine. */
    input: z.strictObject({
      url: z.string().min(1).max(2048),
      events: z
        .array(
          z
            .string()
            .max(64)
            .regex(/^(?:\*|[a-z0-9_]+(?:\.[a-z0-9_]+)*(?:\.\*)?)$/),
        )
        .min(1)
        .max(32)
        .default(['exchange.*']),
      dryRun,
    }),
    /** In a dry run the id is of zeros, and the key empty. */
    output: WebhookView,
  },
  webhookList: {
    summary: 'the webhooks there are, how far each is, and its dead letters',
    access: 'read',
    only: 'socket',
    input: empty,
    output: z.object({ webhooks: z.array(WebhookView) }),
  },
  webhookTest: {
    summary: 'send a webhook an event that says nothing, once',
    access: 'write',
    only: 'socket',
    input: z.strictObject({ id: webhookId }),
    output: z.object({ id: webhookId, delivered: z.boolean(), reason: text.nullable() }),
  },
  webhookRetry: {
    summary: 'send the dead letters of a webhook once more, and go on where it stopped',
    access: 'write',
    fails: ['DFFT_NOT_FOUND'],
    only: 'socket',
    /** In a dry run: as it is, with the dead letters that would be sent. */
    input: z.strictObject({ id: webhookId, dryRun }),
    output: WebhookView,
  },
  webhookRemove: {
    summary: 'end a webhook and destroy its key',
    access: 'write',
    only: 'socket',
    input: z.strictObject({ id: webhookId, dryRun }),
    output: WebhookView,
  },
  exchangeTrace: {
    summary: 'the steps of this side of an exchange as spans, under the trace id that both sides have',
    access: 'read',
    input: z.strictObject({ id: ExchangeId }),
    output: z.object({
      exchange: ExchangeId,
      trace: z.string().regex(/^[0-9a-f]{32}$/),
      /** As the header of W3C Trace Context. */
      traceparent: text,
      /** An ExportTraceServiceRequest of OTLP/JSON. */
      otlp: z.object({
        resourceSpans: z.array(
          z.object({
            resource: z.object({ attributes: z.array(Attribute) }),
            scopeSpans: z.array(z.object({ scope: z.object({ name: text, version: text }), spans: z.array(Span) })),
          }),
        ),
      }),
    }),
  },
} as const satisfies Record<string, Operation>
