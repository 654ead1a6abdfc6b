/** Operations on the audit log and its proofs. */
import { z } from 'zod'
import { Did, Digest, ExchangeId, Instant, ToldCode } from '#protocols/ids.ts'
import { AuditProof } from '#protocols/log/audit-proof.ts'
import { dryRun, empty, type Operation, text } from './operation.ts'

export const SignedHead = z.object({ note: z.string(), size: z.number().int(), root: Digest })

export const AuditEntry = z.object({
  index: z.number().int(),
  at: Instant,
  kind: text,
  exchange: text.nullable(),
  facts: z.record(z.string(), z.unknown()),
})

export const auditOperations = {
  auditVerify: {
    summary: 'check the whole audit log, and that it extends the checkpoints partners hold',
    access: 'read',
    /** `checkpoint`: a signed note of this log, for instance a partner’s copy. `witnesses`: ask connected partners for theirs. */
    input: z.strictObject({ checkpoint: z.string().max(8192).optional(), witnesses: z.boolean().default(false) }),
    output: z.object({
      size: z.number().int(),
      root: Digest,
      checkpoint: z.string(),
      witnesses: z.array(z.object({ did: Did, size: z.number().int(), consistent: z.boolean(), code: text.nullable() })),
      /** Entries not yet under a checkpoint that a partner co-signed. */
      unwitnessed: z.number().int(),
    }),
  },
  auditProve: {
    summary: 'an entry, or all entries of an exchange, with proofs under checkpoints that partners co-signed: a file for who has no node',
    access: 'read',
    fails: ['DFFT_NOT_FOUND'],
    /** An index, or the id of an exchange. */
    input: z.strictObject({ of: z.union([ExchangeId, z.string().regex(/^(?:0|[1-9]\d{0,14})$/)]) }),
    output: AuditProof,
  },
  auditWitness: {
    summary: 'ask connected partners to co-sign the log as it stands, and show who has co-signed what',
    access: 'write',
    /** `ask` false: only show. */
    input: z.strictObject({ ask: z.boolean().default(true), dryRun }),
    output: z.object({
      size: z.number().int(),
      root: Digest,
      /** Entries not yet under a checkpoint that a partner co-signed. */
      unwitnessed: z.number().int(),
      partners: z.array(
        z.object({
          did: Did,
          connected: z.boolean(),
          /** Of the largest checkpoint that it co-signed, when by its own word, and how many entries came since; null for none. */
          size: z.number().int().nullable(),
          at: Instant.nullable(),
          behind: z.number().int().nullable(),
          asked: z.enum(['co-signed', 'failed', 'not-asked']),
          code: text.nullable(),
        }),
      ),
      forks: z.number().int(),
    }),
  },
  auditForks: {
    summary: 'logs, of partners or our own, of which two checkpoints do not follow from one another: both signed notes',
    access: 'read',
    input: empty,
    output: z.object({
      forks: z.array(
        z.object({
          did: Did,
          own: z.boolean(),
          /** By the two notes alone. Otherwise the owner could not, or would not, prove the one from the other. */
          proven: z.boolean(),
          answer: z.enum(['false-proof', 'refused']).nullable(),
          code: text.nullable(),
          failures: z.number().int(),
          firstAt: Instant.nullable(),
          lastAt: Instant.nullable(),
          /** Who told of `offered`; null for the owner itself. */
          by: Did.nullable(),
          held: SignedHead,
          offered: SignedHead,
        }),
      ),
      /** Checkpoints heard of that their owner has not been able to prove yet: away, or without an answer. */
      open: z.array(z.object({ did: Did, held: z.number().int(), heard: z.number().int(), by: Did, unanswered: z.number().int(), code: text.nullable() })),
    }),
  },
  auditSearch: {
    summary: 'entries of the audit log by kind, exchange, partner, code and time, newest first',
    access: 'read',
    /** `since` inclusive, `until` exclusive; `before` is the `next` of the page before. */
    input: z.strictObject({
      kind: z
        .string()
        .regex(/^[a-z][a-z0-9.-]{0,63}$/)
        .optional(),
      exchange: ExchangeId.optional(),
      partner: Did.optional(),
      code: ToldCode.optional(),
      since: Instant.optional(),
      until: Instant.optional(),
      limit: z.number().int().min(1).max(1000).default(50),
      before: z.number().int().min(0).optional(),
    }),
    /** `next` is null when the beginning of the log was reached; a page may be short, or empty, and go on. */
    output: z.object({ entries: z.array(AuditEntry), next: z.number().int().nullable() }),
  },
  auditTail: {
    summary: 'the last entries of the audit log, or those from an index on as they come',
    access: 'read',
    /** With `from` an answer may wait for the first of them. */
    input: z.strictObject({
      limit: z.number().int().min(1).max(1000).default(20),
      from: z.number().int().min(0).optional(),
      waitMs: z.number().int().min(0).max(30_000).default(0),
    }),
    output: z.object({ entries: z.array(AuditEntry) }),
  },
  auditCheckpoint: {
    summary: 'the newest signed checkpoint of this log, or the last one seen of a partner’s',
    access: 'read',
    input: z.strictObject({ of: Did.optional() }),
    output: SignedHead,
  },
} as const satisfies Record<string, Operation>
