/** Operations by which a business applies to an agency, and the agency decides. */
import { z } from 'zod'
import { ApplicationId, ApplicationState, RegisterNumber, Wishes } from '#protocols/enrolment.ts'
import { Did, Digest, Instant, Jurisdiction } from '#protocols/ids.ts'
import { CredentialTypeName, Right } from '#protocols/trust/accreditation.ts'
import { dryRun, type Operation, text } from './operation.ts'
import { MissingSignatures } from './trust.ts'

/** An application, as both sides show it. */
const applied = {
  id: ApplicationId,
  applicant: Did,
  name: text,
  jurisdiction: Jurisdiction,
  sector: z.enum(['public', 'private']),
  number: RegisterNumber,
  wishes: Wishes,
  contact: text.nullable(),
  /** The agency's words to the applicant. */
  reason: text.nullable(),
}

export const ReceivedApplication = z.object({
  ...applied,
  state: ApplicationState,
  receivedAt: Instant,
  /** Until when it may be decided. */
  until: Instant,
  decidedAt: Instant.nullable(),
  /** Statement digest of the accreditation that came of it. */
  accreditation: Digest.nullable(),
})

export const OwnApplication = z.object({
  ...applied,
  agency: Did,
  /** `drafted`: not known to have arrived; `refused`: not taken. */
  state: z.enum(['drafted', 'refused', ...ApplicationState.options]),
  /** Why it was refused, or why what came of it is not believed yet. */
  code: text.nullable(),
  appliedAt: Instant,
  updatedAt: Instant,
})

/** What the register of this node says of number and name, and the name it has. `no register`: none of this scheme is held. */
const RegisterCheck = z.object({ outcome: z.enum(['match', 'other name', 'closed', 'not found', 'no register']), name: text.nullable() })

const rightsMax = 16

export const enrolmentOperations = {
  enrolApply: {
    summary: 'apply to an agency to be a participant under it',
    access: 'write',
    fails: ['DFFT_ENROLMENT'],
    input: z.strictObject({
      address: text,
      name: z.string().min(1).max(200),
      number: RegisterNumber,
      sector: z.enum(['public', 'private']).default('private'),
      issues: z.array(CredentialTypeName).max(16).default([]),
      /** Any to ask for and to provide, when left out. */
      rights: z.array(Right).max(rightsMax).optional(),
      contact: z.string().max(200).optional(),
    }),
    output: z.object({
      application: OwnApplication,
      /** Of the agency’s keys, to be compared by another way. */
      fingerprint: text,
      /** Whether it is an anchor here: what it signs counts only then. */
      pinned: z.boolean(),
    }),
  },
  enrolStatus: {
    summary: 'what has become of our applications; agencies that can be reached are asked',
    access: 'write',
    input: z.strictObject({ id: ApplicationId.optional() }),
    output: z.object({ applications: z.array(OwnApplication) }),
  },
  enrolList: {
    summary: 'applications to this agency',
    access: 'read',
    input: z.strictObject({ state: ApplicationState.optional() }),
    output: z.object({ applications: z.array(ReceivedApplication) }),
  },
  enrolShow: {
    summary: 'one application to this agency, and what the register says of it',
    access: 'read',
    input: z.strictObject({ id: ApplicationId }),
    output: z.object({ application: ReceivedApplication, register: RegisterCheck }),
  },
  enrolApprove: {
    summary: 'accredit an applicant, with the rights that are granted',
    access: 'write',
    fails: ['DFFT_CONFLICT', 'DFFT_ENROLMENT', 'DFFT_NOT_FOUND', 'DFFT_TRUST_CHAIN'],
    input: z.strictObject({
      id: ApplicationId,
      assurance: z.enum(['low', 'substantial', 'high']).default('substantial'),
      /** What it may issue: nothing, whatever was wished for, unless said. */
      issues: z.array(CredentialTypeName).max(64).default([]),
      /** In place of those that were wished for. */
      rights: z.array(Right).max(32).optional(),
      validDays: z.number().int().min(1).max(3650).default(365),
      /** Also when the register does not know the number, or by another name. */
      despiteRegister: z.boolean().default(false),
      dryRun: z.boolean().default(false),
    }),
    output: z.object({
      application: ReceivedApplication,
      register: RegisterCheck,
      grant: z.object({
        subject: Did,
        jurisdiction: Jurisdiction,
        sector: z.enum(['public', 'private']),
        assurance: z.enum(['low', 'substantial', 'high']),
        issues: z.array(text),
        rights: z.array(Right),
        validUntil: Instant,
      }),
      applied: z.boolean(),
      /** Whether the applicant’s node has heard. */
      told: z.boolean(),
      /** Whose signatures the accreditation takes besides. */
      missing: z.array(MissingSignatures),
    }),
  },
  enrolDecline: {
    summary: 'decline an application, with words to the applicant',
    access: 'write',
    fails: ['DFFT_CONFLICT'],
    input: z.strictObject({
      id: ApplicationId,
      reason: z
        .string()
        .min(1)
        .max(512)
        .regex(/^\P{C}+$/u),
      dryRun,
    }),
    output: z.object({ application: ReceivedApplication, told: z.boolean() }),
  },
} as const satisfies Record<string, Operation>
