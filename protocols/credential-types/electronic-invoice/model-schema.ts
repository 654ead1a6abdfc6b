/**
 * The semantic model of an invoice as a closed schema, made from the table of its terms: what the readers of UBL and CII can tell is what a
 * credential can say. Values have the one form that `modelOf` in protocols/invoice gives them, so that equal invoices have equal digests.
 */
import { z } from 'zod'
import { checkIdentifier, isScheme, numberOfParticipant } from '../../identifiers/check-identifier.ts'
import type { Model } from '../../invoice/model.ts'
import { type Group, invoiceTerms, type Kind, type Term } from '../../invoice/terms.ts'
import { Day, line } from '../elements.ts'

/** What no invoice is without (EN 16931-1, 6.3), of that which this node reads. */
const required: ReadonlySet<string> = new Set('BT-1 BT-2 BT-3 BT-5 BG-4 BT-27 BG-7 BT-44 BG-22 BT-109 BT-112 BT-115 BG-25 BT-126 BT-131'.split(' '))

/** Lines of the longest invoice that fits into a token are fewer; other groups repeat a few times. */
const manyMax = 10_000

/** Base64 of a file of half a megabyte; a larger one is an attachment of the credential. */
const fileCharactersMax = 700_000

const kinds: Readonly<Record<Kind, () => z.ZodType<string>>> = {
  text: () => line(4096),
  code: () => line(64),
  identifier: () => line(256),
  date: () => Day,
  /** No plus, no zeros in front or behind, never `-0`. */
  number: () => z.string().regex(/^(?:0|-?[1-9]\d{0,31}|-?(?:0|[1-9]\d{0,31})\.\d{0,31}[1-9])$/),
  file: () =>
    z
      .string()
      .max(fileCharactersMax)
      .regex(/^[0-9A-Za-z+/]+={0,2}$/),
}

const taxNumbers: ReadonlySet<string> = new Set(['BT-31', 'BT-48', 'BT-63'])
const memberStates = new Set('AT BE BG CY CZ DE DK EE EL ES FI FR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI'.split(' '))

/** @param shown `part`: what is disclosed group by group may be absent */
export function modelSchema(shown: 'all' | 'part'): z.ZodType<Model> {
  return groupSchema(invoiceTerms, shown === 'part' ? new Set(['invoice', 'BG-4', 'BG-7']) : new Set())
}

/** @param open groups of which any member may be absent */
function groupSchema(group: Group, open: ReadonlySet<string>): z.ZodType<Model> {
  const needed = (id: string) => required.has(id) && !open.has(group.id)
  const shape: Record<string, z.ZodType> = {}
  for (const term of group.terms) {
    const many = repeated(termSchema(term), term.many)
    shape[term.id] = needed(term.id) ? many : many.optional()
  }
  for (const inner of group.groups) {
    const many = repeated(groupSchema(inner, open), inner.many)
    shape[inner.id] = needed(inner.id) ? many : many.optional()
  }
  return z.strictObject(shape) as unknown as z.ZodType<Model> // The table of terms says the members, which the type leaves open.
}

function repeated(schema: z.ZodType, many: boolean): z.ZodType {
  return many ? z.array(schema).min(1).max(manyMax) : schema
}

function termSchema({ id, kind, scheme, version }: Term): z.ZodType {
  const value = kinds[kind]()
  if (kind === 'file') return z.strictObject({ value, mimeType: line(128).optional(), fileName: line(256).optional() })
  if (taxNumbers.has(id)) return value.refine(taxNumberFits, { error: 'the identifier fails its check', params: { identifier: true } })
  if (scheme === undefined) return value
  return z
    .strictObject({ value, scheme: line(64).optional(), ...(version === undefined ? {} : { version: line(32).optional() }) })
    .refine((one) => fits(one), { path: ['value'], error: 'the identifier fails its check', params: { identifier: true } })
}

/** Most schemes of the code list (ISO 6523) have no rules that anybody published. */
function fits({ value, scheme }: { readonly value: string; readonly scheme?: string | undefined }): boolean {
  const number = scheme === undefined ? undefined : numberOfParticipant(scheme, value)
  return scheme === undefined || number === undefined || !isScheme(scheme) || checkIdentifier(scheme, number).ok
}

/** A VAT number by its prefix, a Japanese registration number by its `T`; of other countries the form is theirs. */
function taxNumberFits(value: string): boolean {
  if (/^T\d/.test(value)) return checkIdentifier('0221', value).ok
  return !memberStates.has(value.slice(0, 2)) || checkIdentifier('EU-VAT', value).ok
}
