/**
 * The subject of an ElectronicInvoiceCredential: an invoice by its meaning, and the document it was read from by its bytes.
 *
 * Closed but for `extension`.
 */
import { z } from 'zod'
import { Attachment, Attachments, attachmentsMax } from '../../attachment-claim.ts'
import { digestOf } from '../../canonical.ts'
import { Digest } from '../../ids.ts'
import type { Model } from '../../invoice/model.ts'
import { once } from '../../once.ts'
import { Day, Extension, line, Uri } from '../elements.ts'
import { modelSchema } from './model-schema.ts'

/** The file of the seller: no XML is made canonical, the bytes are what they are. */
const Source = z.strictObject({
  syntax: z.enum(['UBL', 'CII']),
  mediaType: z.enum(['application/xml', 'text/xml']),
  bytes: z
    .int()
    .min(1)
    .max(1 << 27),
  digest: Digest,
})

/** A document that the invoice names (BT-12, BT-13, BT-15, BT-16, BT-25), and which one that is: by digest of its file, or as a credential. */
const Reference = z
  .strictObject({
    kind: z.enum(['contract', 'order', 'receipt', 'despatch', 'precedingInvoice']),
    number: line(256),
    digest: Digest.optional(),
    credential: Uri.optional(),
  })
  .refine(({ digest, credential }) => digest !== undefined || credential !== undefined, { error: 'a reference says which document it means' })
type Reference = z.infer<typeof Reference>

const RuleFinding = z.strictObject({ id: line(64), path: line(1024).optional(), message: line(1024).optional() })

/** Where nothing was found there is no list: an empty one says nothing in RDF, and so is not signed there. */
const verdicts = { verdict: z.enum(['VALID', 'INVALID']), findings: z.array(RuleFinding).min(1).max(500).optional() }

/** By which rules it was judged when it was issued: the same rules, by digest, give the same verdict. */
const Validation = z.strictObject({
  profile: line(256).optional(),
  rulesets: z
    .array(z.strictObject({ id: line(64), version: line(64), digest: Digest }))
    .min(1)
    .max(16),
  /** Of the official rules. */
  ...verdicts,
  /** Of ours beside them. */
  strict: z.strictObject(verdicts),
})

/** `by` is the invoice or credit note that took its place. */
const Lifecycle = z
  .strictObject({ state: z.enum(['active', 'corrected', 'cancelled', 'credited']), since: Day.optional(), by: line(256).optional() })
  .refine(({ state, by }) => (state !== 'corrected' && state !== 'credited') || by !== undefined, { path: ['by'], error: 'it says by which document' })
  .refine(({ state, by }) => state !== 'active' || by === undefined, { path: ['by'], error: 'an active invoice was not replaced' })

const shape = {
  /** Terms and groups of EN 16931-1 by their numbers. */
  invoice: modelSchema('all'),
  document: z.array(Source).min(1).max(4),
  /** SHA-256 over RFC 8785 of `invoice`: equal for the same invoice in another syntax. */
  semanticDigest: Digest,
  references: z.array(Reference).min(1).max(64).optional(),
  validation: Validation,
  lifecycle: Lifecycle,
  attachments: Attachments.optional(),
  extension: Extension.optional(),
}

export const ElectronicInvoice = z
  .strictObject(shape)
  .refine(({ invoice, semanticDigest }) => digestOf(invoice) === semanticDigest, { path: ['semanticDigest'], error: 'it is not the digest of the invoice' })
  .refine(({ invoice, references = [] }) => references.every((one) => named(invoice, one)), {
    path: ['references'],
    error: 'the invoice names no such document',
  })
export type ElectronicInvoice = z.infer<typeof ElectronicInvoice>

const termOf = { contract: 'BT-12', order: 'BT-13', receipt: 'BT-15', despatch: 'BT-16' } as const

function named(invoice: Model, { kind, number }: Reference): boolean {
  if (kind !== 'precedingInvoice') return invoice[termOf[kind]] === number
  const preceding = invoice['BG-3']
  return Array.isArray(preceding) && preceding.some((one) => (one as Model)['BT-25'] === number) // Groups by the schema.
}

/** What a selective presentation leaves: of the invoice any part, of the rest any member. */
export const electronicInvoicePart = once(() =>
  z.strictObject({ ...shape, invoice: modelSchema('part'), attachments: z.array(Attachment).max(attachmentsMax) }).partial(),
)
export type ElectronicInvoicePart = z.infer<ReturnType<typeof electronicInvoicePart>>
