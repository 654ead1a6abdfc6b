/**
 * The subject of a QualificationCredential: what an awarding body or a register of a profession says of a natural person.
 *
 * Closed but for `extension`. Names that VCDM or an SD-JWT VC have taken are worked around: `standing` is the status of the
 * licence, `validity` its span.
 */
import { z } from 'zod'
import { Attachment, Attachments, attachmentsMax } from '../../attachment-claim.ts'
import { once } from '../../once.ts'
import { Day, Extension, line, Name, Place } from '../elements.ts'

const LegalBasis = z.strictObject({ law: line(256), article: line(64).optional(), jurisdiction: Place })

/** Who awarded it, or keeps the register. */
const AwardingBody = z.strictObject({ name: z.array(Name).min(1).max(8), jurisdiction: Place })

/** The frameworks' own numbers: EQF 1 to 8, ISCED 2011 0 to 8; a national one with its name. */
const Level = z.strictObject({
  eqf: z.int().min(1).max(8).optional(),
  isced: z.int().min(0).max(8).optional(),
  nqf: z.strictObject({ framework: line(64), level: line(16) }).optional(),
})

/** ISCED-F 2013: broad, narrow or detailed. */
const Field = z.strictObject({ iscedF: z.string().regex(/^\d{2,4}$/) })

/** ESCO: the URI of an occupation. JP: 厚生労働省編職業分類, such as `024-01`. */
const Occupation = z
  .strictObject({
    esco: z
      .string()
      .regex(/^http:\/\/data\.europa\.eu\/esco\/occupation\/[0-9a-f-]{36}$/)
      .optional(),
    jp: z
      .string()
      .regex(/^\d{3}(?:-\d{2})?$/)
      .optional(),
  })
  .refine(({ esco, jp }) => esco !== undefined || jp !== undefined, { error: 'an occupation has a code' })

const span = { from: Day.optional(), until: Day.optional() }
const inOrder = z.refine<{ readonly from?: string | undefined; readonly until?: string | undefined }>(
  ({ from, until }) => from === undefined || until === undefined || from <= until,
  { path: ['until'], error: 'ends before it begins' },
)

/** A condition or a limit of practice, as the register words it. */
const Restriction = z.strictObject({ text: line(1024), ...span }).check(inOrder)

/** `renewal`: what has to be shown or done so that it goes on. */
const Validity = z.strictObject({ ...span, renewal: line(512).optional() }).check(inOrder)

const Standing = z.strictObject({ value: z.enum(['active', 'suspended', 'revoked', 'lapsed']), since: Day.optional(), cause: line(512).optional() })

/** What an authority decided on the qualification for its own jurisdiction. Whether that counts there, a Trust Policy says. */
const Recognition = z
  .strictObject({
    targetJurisdiction: Place,
    outcome: z.enum(['recognised', 'compensationMeasure', 'partial', 'refused']),
    decidedBy: line(256),
    decidedOn: Day.optional(),
    conditions: line(1024).optional(),
  })
  .refine(({ outcome, conditions }) => conditions !== undefined || (outcome !== 'compensationMeasure' && outcome !== 'partial'), {
    path: ['conditions'],
    error: 'a recognition in part says which',
  })

const shape = {
  /** Of the person. */
  holderName: z.array(Name).min(1).max(8),
  birthDate: Day.optional(),
  kind: z.enum(['degree', 'certificate', 'nationalLicence', 'microcredential']),
  /** Of the qualification. */
  qualificationName: z.array(Name).min(1).max(8),
  awardingBody: AwardingBody,
  awardedOn: Day.optional(),
  level: Level.optional(),
  field: Field.optional(),
  legalBasis: LegalBasis.optional(),
  registerNumber: line(64).optional(),
  registeredOn: Day.optional(),
  occupation: z.array(Occupation).min(1).max(8).optional(),
  scopeOfPractice: line(2048).optional(),
  validity: Validity.optional(),
  standing: Standing.optional(),
  restrictions: z.array(Restriction).min(1).max(16).optional(),
  recognition: z.array(Recognition).min(1).max(32).optional(),
  attachments: Attachments.optional(),
  extension: Extension.optional(),
}

/** A licence rests on a law, stands in a register and has a standing there. */
export const Qualification = z
  .strictObject(shape)
  .refine(({ kind, legalBasis }) => kind !== 'nationalLicence' || legalBasis !== undefined, { path: ['legalBasis'], error: 'a licence rests on a law' })
  .refine(({ kind, registerNumber }) => kind !== 'nationalLicence' || registerNumber !== undefined, {
    path: ['registerNumber'],
    error: 'a licence stands in a register',
  })
  .refine(({ kind, standing }) => kind !== 'nationalLicence' || standing !== undefined, { path: ['standing'], error: 'a licence has a standing' })
export type Qualification = z.infer<typeof Qualification>

/** What a selective presentation leaves: every member may be absent, and of lists any element. */
export const qualificationPart = once(() =>
  z
    .strictObject({
      ...shape,
      occupation: z.array(Occupation).max(8),
      restrictions: z.array(Restriction).max(16),
      recognition: z.array(Recognition).max(32),
      attachments: z.array(Attachment).max(attachmentsMax),
    })
    .partial(),
)
export type QualificationPart = z.infer<ReturnType<typeof qualificationPart>>
