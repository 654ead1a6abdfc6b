/**
 * The subject of a BusinessRegistrationCredential: what a register says of a legal entity.
 *
 * Closed but for `extension`. Limits are from the registers that must fit: a Japanese name has at most 150 characters,
 * a Japanese address 300, a German object or firm name rarely over 400; everything else is an order of magnitude above use.
 */
import { z } from 'zod'
import { Attachment, Attachments, attachmentsMax } from '../../attachment-claim.ts'
import { Digest, Instant } from '../../ids.ts'
import { once } from '../../once.ts'
import { Country, Day, Extension, line, Name, Place } from '../elements.ts'
import { Currency, DecimalText, fitsItsScheme, Identifier, identifier, Registration, schemed } from '../identified.ts'

const TaxId = z
  .strictObject({ ...schemed, validFrom: Day.optional(), validTo: Day.optional() })
  .check(fitsItsScheme)
  .refine(({ validFrom, validTo }) => validFrom === undefined || validTo === undefined || validFrom <= validTo, {
    path: ['validTo'],
    error: 'ends before it begins',
  })

/** `list` says whose code it is: `ISO20275` (ELF), `NTA` (法人種別), or another register's. */
const LegalForm = z.strictObject({
  code: z.string({ checks: [z.regex(/^[0-9A-Za-z.-]{1,16}$/)] }),
  list: z.string({ checks: [z.regex(/^[0-9A-Za-z][0-9A-Za-z.:-]{0,63}$/)] }),
})

/** Address Base Registry of Japan: municipality with check digit, and town within it. */
const JapaneseAddress = z.strictObject({
  localGovernmentCode: identifier('JP-LG', /^\d{6}$/).optional(),
  machiazaId: z.string({ checks: [z.regex(/^\d{7}$/)] }).optional(),
})

const Address = z.strictObject({
  full: line(1024),
  country: Country.optional(),
  region: line(128).optional(),
  locality: line(128).optional(),
  street: line(512).optional(),
  postCode: line(16).optional(),
  jp: JapaneseAddress.optional(),
})

const Status = z
  .strictObject({
    value: z.enum(['active', 'inactive', 'dissolved', 'in_liquidation', 'insolvent', 'struck_off', 'merged']),
    since: Day.optional(),
    cause: line(512).optional(),
    successorId: Identifier.optional(),
  })
  .refine(({ value, successorId }) => successorId === undefined || value !== 'active', { path: ['successorId'], error: 'an active entity has no successor' })

/** Statistical classification of what the entity does. */
const Activity = z.strictObject({ code: z.string({ checks: [z.regex(/^[0-9A-Z][0-9A-Z.]{0,9}$/)] }), list: z.enum(['NACE', 'JSIC', 'ISIC']) })

const Capital = z.strictObject({ amount: DecimalText, currency: Currency })

/** Whether one signs alone, so many together, or all; `limited`: as the register describes it elsewhere. */
const Authority = z.discriminatedUnion('rule', [
  z.strictObject({ rule: z.literal('sole') }),
  z.strictObject({ rule: z.literal('joint_n'), n: z.int().min(2).max(64) }),
  z.strictObject({ rule: z.literal('joint_all') }),
  z.strictObject({ rule: z.literal('limited') }),
])

const Representative = z.strictObject({ kind: z.enum(['natural', 'legal']), name: line(256), title: line(128).optional(), authority: Authority.optional() })

/** Where the issuer took all this from, so that it can be compared: `digest` is over the bytes of the source row. */
const SourceRecord = z.strictObject({ register: line(256), retrievedAt: Instant, digest: Digest })

/** An X.509 certificate (DER, base64) that the registry issued over the entity; 8 kB hold any in use. */
const RegistryCertificate = z.strictObject({
  certificate: z.string({ checks: [z.maxLength(11_000), z.regex(/^[0-9A-Za-z+/]{4,}={0,2}$/)] }),
  digest: Digest,
})

const shape = {
  legalName: z.array(Name).check(z.minLength(1), z.maxLength(16)),
  registrations: z.array(Registration).check(z.minLength(1), z.maxLength(16)),
  taxIds: z.array(TaxId).check(z.minLength(1), z.maxLength(16)).optional(),
  lei: identifier('0199', /^[0-9A-Z]{18}\d{2}$/).optional(),
  legalForm: LegalForm.optional(),
  jurisdiction: Place,
  registeredAddress: Address.optional(),
  establishedOn: Day.optional(),
  registeredOn: Day.optional(),
  /** Not `status`, nor `evidence` for the certificate: both names are the credential's own, in an SD-JWT VC and in VCDM. */
  legalStatus: Status,
  activity: z.array(Activity).check(z.minLength(1), z.maxLength(32)).optional(),
  capital: Capital.optional(),
  representatives: z.array(Representative).check(z.minLength(1), z.maxLength(64)).optional(),
  sourceRecord: SourceRecord,
  registryCertificate: RegistryCertificate.optional(),
  attachments: Attachments.optional(),
  extension: Extension.optional(),
}

export const BusinessRegistration = z
  .strictObject(shape)
  .refine(({ registrations }) => new Set(registrations.map(({ scheme, value }) => `${scheme} ${value}`)).size === registrations.length, {
    path: ['registrations'],
    error: 'an identifier stands twice',
  })
export type BusinessRegistration = z.infer<typeof BusinessRegistration>

/** What a selective presentation leaves: every member, and each part that is a disclosure of its own, may be absent. */
export const businessRegistrationPart = once(() =>
  z
    .strictObject({
      ...shape,
      registrations: z.array(Registration).max(16),
      taxIds: z.array(TaxId).max(16),
      attachments: z.array(Attachment).max(attachmentsMax),
      registeredAddress: Address.partial(),
      representatives: z.array(Representative.partial({ name: true, title: true, authority: true })).max(64),
    })
    .partial(),
)
export type BusinessRegistrationPart = z.infer<ReturnType<typeof businessRegistrationPart>>
