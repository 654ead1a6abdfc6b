/** Identifiers in the subjects of several credential types: each with its scheme, and checked strictly. */
import { z } from 'zod'
import { checkIdentifier, isScheme } from '../identifiers/check-identifier.ts'
import { line, Name } from './elements.ts'

/** Also the form of the check digits; the issue says that it was an identifier. */
export const identifier = (scheme: string, form: RegExp) =>
  z
    .string({ checks: [z.regex(form)] })
    .refine((value) => checkIdentifier(scheme, value).ok, { error: 'the identifier fails its check', params: { identifier: true } })

/** ISO 6523 code (ICD) of four digits, or one of our names where the scheme has none. */
const SchemeName = z.string({ checks: [z.regex(/^(?:\d{4}|[A-Z][A-Z0-9-]{1,31})$/)] })

/** A scheme of ours is checked; an ICD that we know no rules for is taken by its form; another name is refused. */
export const schemed = { scheme: SchemeName, value: line(128) }
export const fitsItsScheme = z.refine<{ readonly scheme: string; readonly value: string }>(
  ({ scheme, value }) => (isScheme(scheme) ? checkIdentifier(scheme, value).ok : /^\d{4}$/.test(scheme)),
  { path: ['value'], error: 'the identifier fails its check', params: { identifier: true } },
)

export const Identifier = z.strictObject(schemed).check(fitsItsScheme)
export type Identifier = z.infer<typeof Identifier>

/** The register that gave the identifier out. */
export const Registration = z.strictObject({ ...schemed, register: line(256) }).check(fitsItsScheme)

/** A decimal as text, at most 18 digits before the point: exact in every language. */
export const DecimalText = z.string({ checks: [z.regex(/^(?:0|[1-9]\d{0,17})(?:\.\d{1,4})?$/)] })
/** Of goods; weights have more decimals than money. */
export const Quantity = z.string({ checks: [z.regex(/^(?:0|[1-9]\d{0,17})(?:\.\d{1,10})?$/)] })
/** UNECE Recommendation 20 or 21. */
export const Unit = z.string({ checks: [z.regex(/^[0-9A-Z]{1,3}$/)] })
export const Currency = z.string({ checks: [z.regex(/^[A-Z]{3}$/)] })

/** A legal entity as documents of trade name it: by numbers that tell who it is; the name is for people. */
export const Organisation = z.strictObject({
  name: z.array(Name).check(z.minLength(1), z.maxLength(8)),
  identifiers: z.array(Identifier).check(z.minLength(1), z.maxLength(16)),
})
export type Organisation = z.infer<typeof Organisation>
