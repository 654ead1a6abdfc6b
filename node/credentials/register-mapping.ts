/**
 * A mapping: which columns of somebody's file (CSV), or members of his records (JSON), fill which members of our rows.
 *
 * It comes with the file, from the operator, as JSON or YAML that says the same. What it does not name is left out.
 */
import { z } from 'zod'
import { TrustError } from '#protocols/errors.ts'
import { isScheme } from '#protocols/identifiers/check-identifier.ts'

/** Members of a row that a mapping may fill. */
export const mappable = [
  'number',
  'name',
  'kana',
  'english',
  'municipality',
  'prefecture',
  'city',
  'street',
  'address',
  'addressAbroad',
  'postCode',
  'country',
  'legalForm',
  'status',
  'closedOn',
  'closeCause',
  'successor',
  'assignedOn',
  'establishedOn',
  'updatedOn',
  'capital',
  'representativeName',
  'representativeTitle',
] as const
export type Mappable = (typeof mappable)[number]

/** Of the registration credential; what a register calls its states is mapped to these. */
export const LegalStatus = z.enum(['active', 'inactive', 'dissolved', 'in_liquidation', 'insolvent', 'struck_off', 'merged'])
export type LegalStatus = z.infer<typeof LegalStatus>

const column = z.string().min(1).max(256)

const Mapping = z.strictObject({
  /** Name of the register, as the credential will say it. */
  register: z.string().min(1).max(200),
  /** Of its numbers. */
  scheme: z.string().regex(/^(?:\d{4}|[A-Z][A-Z0-9-]{1,31})$/),
  jurisdiction: z.string().regex(/^[A-Z]{2}(?:-[0-9A-Z]{1,3})?$/),
  /** BCP 47, of the names. */
  language: z
    .string()
    .regex(/^[a-z]{2,3}(?:-[A-Z][a-z]{3})?$/)
    .default('und'),
  /** One column, or several whose texts are joined by `, ` in the order given. In JSON, members inside of members are joined by dots. */
  columns: z.partialRecord(z.enum(mappable), z.union([column, z.array(column).min(1).max(8)])),
  /** What the register writes, and what it means; a text that is not listed makes a bad row. */
  status: z.record(z.string().max(256), LegalStatus).default({}),
  /** Order of day, month and year where they are not written year first. */
  days: z.enum(['ymd', 'dmy', 'mdy']).default('ymd'),
  /** ISO 4217, of `capital`. */
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .optional(),
})
export type Mapping = z.infer<typeof Mapping>

/** @throws {TrustError} DFFT_REGISTER with the place that is wrong */
export function readMapping(given: unknown): Mapping {
  const read = Mapping.safeParse(given)
  if (!read.success) {
    const path = `/${(read.error.issues[0]?.path ?? []).map(String).join('/')}`
    throw new TrustError('DFFT_REGISTER', `the mapping is wrong at \`${path}\``, { path }, { cause: read.error })
  }
  const { columns, scheme, status, capital } = { ...read.data, capital: read.data.columns.capital }
  for (const member of ['number', 'name'] as const)
    if (columns[member] === undefined) throw new TrustError('DFFT_REGISTER', `the mapping names no column for \`${member}\``, { path: '/columns' })
  if (!isScheme(scheme)) throw new TrustError('DFFT_REGISTER', `\`${scheme}\` is no scheme of identifiers that is known here`, { path: '/scheme' })
  if (columns.status !== undefined && Object.keys(status).length === 0)
    throw new TrustError('DFFT_REGISTER', 'the mapping has a column of states and does not say what they mean', { path: '/status' })
  if (capital !== undefined && read.data.currency === undefined)
    throw new TrustError('DFFT_REGISTER', 'the mapping has a column of capital and no currency', { path: '/currency' })
  return read.data
}
