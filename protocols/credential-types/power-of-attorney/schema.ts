/**
 * The subject of a PowerOfAttorneyCredential: who may do what for whom. What it means is in mandate.ts.
 *
 * Closed but for `extension`. A word of an action or resource is a path with points: `invoice` covers `invoice.issue`, `*` covers all.
 */
import { z } from 'zod'
import { Attachment, Attachments, attachmentsMax } from '../../attachment-claim.ts'
import { Digest } from '../../ids.ts'
import { once } from '../../once.ts'
import { Day, Extension, line, Name, Place, Uri } from '../elements.ts'
import { Currency, DecimalText, Registration } from '../identified.ts'

const Word = z
  .string()
  .max(128)
  .regex(/^(?:\*|[a-z0-9][a-z0-9-]*(?:\.[a-z0-9][a-z0-9-]*)*)$/)

/** Who signed for the grantor: a representative of the register extract, by the name it has there. */
const Signatory = z.strictObject({ name: line(256), title: line(128).optional(), signedOn: Day })

const Grantor = z.strictObject({ name: z.array(Name).min(1).max(8), registrations: z.array(Registration).min(1).max(16) })

/** A business has a registration; a person may be named by that alone, and proves by the key of the credential who it is. */
const Grantee = z
  .strictObject({
    kind: z.enum(['natural', 'legal']),
    name: z.array(Name).min(1).max(8),
    registrations: z.array(Registration).min(1).max(16).optional(),
  })
  .refine(({ kind, registrations }) => kind === 'natural' || registrations !== undefined, { path: ['registrations'], error: 'a legal entity is registered' })

/** `amount` is the most of one act, in its currency. */
const Limits = z.strictObject({ amount: DecimalText, currency: Currency })

const Power = z.strictObject({
  action: Word,
  resource: Word,
  limits: Limits.optional(),
  /** Where it may be used; everywhere, where it does not say. */
  jurisdictions: z.array(Place).min(1).max(64).optional(),
  /** Resources within `resource` that are not meant. */
  excluded: z.array(Word).min(1).max(32).optional(),
})
export type Power = z.infer<typeof Power>

/** Whether the grantee may pass powers on; `maxDepth`: over so many steps below this one. */
const Substitution = z
  .strictObject({ rule: z.enum(['none', 'limited', 'allowed']), maxDepth: z.int().min(1).max(8).optional() })
  .refine(({ rule, maxDepth }) => (rule === 'limited') === (maxDepth !== undefined), { path: ['maxDepth'], error: 'a depth limits, and only a limit has one' })

/** Both days are within it. */
const Validity = z
  .strictObject({ from: Day, until: Day.optional() })
  .refine(({ from, until }) => until === undefined || from <= until, { path: ['until'], error: 'ends before it begins' })

/** The mandate that this one rests on. */
const Parent = z.strictObject({ credential: Uri, digest: Digest.optional() })

const shape = {
  grantor: Grantor,
  signatories: z.array(Signatory).min(1).max(64),
  grantee: Grantee,
  powers: z.array(Power).min(1).max(64),
  substitution: Substitution,
  /** So many grantees of the same powers act together; one alone, where it does not say. */
  joint: z.strictObject({ n: z.int().min(2).max(64) }).optional(),
  validity: Validity,
  governingLaw: Place,
  legalForm: z.enum(['text', 'writing', 'electronicSignature', 'certifiedSignature', 'publicDeed', 'register']),
  parent: Parent.optional(),
  attachments: Attachments.optional(),
  extension: Extension.optional(),
}

export const PowerOfAttorney = z.strictObject(shape)
export type PowerOfAttorney = z.infer<typeof PowerOfAttorney>

/** What a selective presentation leaves: every member may be absent, and of powers and attachments any. */
export const powerOfAttorneyPart = once(() =>
  z.strictObject({ ...shape, powers: z.array(Power).max(64), attachments: z.array(Attachment).max(attachmentsMax) }).partial(),
)
export type PowerOfAttorneyPart = z.infer<ReturnType<typeof powerOfAttorneyPart>>
