/**
 * Findings of our own (L1 and L4): what the official rules do not see, or would abort on.
 *
 * A check looks at the invoice and the document and tells what it finds. More checks are more rows of `strictChecks`. What `formChecks` find is
 * so far from an invoice that the official validators give up, or expect a schema to have refused it: the official verdict is INVALID then, too.
 */
import { calendarDate } from './condition.ts'
import { decimal } from './decimal.ts'
import type { Document } from './document.ts'
import { type Element, pathOf } from './element.ts'
import type { Finding } from './finding.ts'
import type { BusinessGroup, Invoice, Syntax, Value } from './model.ts'
import { type Group, invoiceTerms, type Term } from './terms.ts'

export type StrictCheck = (invoice: Invoice, document: Document) => Iterable<Finding>

export const formChecks: readonly StrictCheck[] = [lexicalForms, repetitions]

export const strictChecks: readonly StrictCheck[] = []

/** L1: every number is a decimal and every date a day. */
export function* lexicalForms(invoice: Invoice): Iterable<Finding> {
  yield* malformed(invoice, invoiceTerms)
}

function* malformed({ values, groups }: BusinessGroup, group: Group): Iterable<Finding> {
  for (const term of group.terms)
    if (term.kind === 'number' || term.kind === 'date') for (const value of values.get(term.id) ?? []) if (!wellFormed(value, term)) yield found(value, term)
  for (const inner of group.groups) for (const one of groups.get(inner.id) ?? []) yield* malformed(one, inner)
}

function wellFormed({ text }: Value, { kind }: Term): boolean {
  return (kind === 'number' ? decimal(text) : calendarDate(text)) !== undefined
}

const shownMax = 40

function found({ text, at }: Value, { id, name, kind }: Term): Finding {
  const shown = text.length > shownMax ? `${text.slice(0, shownMax)}…` : text
  return {
    id: kind === 'number' ? 'DFFT-NUMBER' : 'DFFT-DATE',
    flag: 'fatal',
    path: pathOf(at),
    message: `${name} (${id}): \`${shown}\` is no ${kind === 'number' ? 'decimal number' : 'calendar date'}`,
    advice:
      kind === 'number'
        ? 'Write it with digits, a point where there are decimals, and nothing else: no comma, blank, exponent or currency sign.'
        : 'Write it as the syntax has it (`2026-04-14` in UBL, `20260414` with format 102 in CII), of a day that the calendar has.',
  }
}

/** Elements that schemas allow once wherever they stand, and that rules ask for their one value. */
const alone: Readonly<Record<Syntax, readonly string[]>> = {
  UBL: [
    'cac:TaxScheme',
    'cbc:ChargeIndicator',
    'cac:Country',
    'cac:PostalAddress',
    'cac:Party',
    'cac:Item',
    'cac:Price',
    'cac:LegalMonetaryTotal',
    'cbc:CompanyID',
  ],
  CII: ['ram:ChargeIndicator', 'udt:Indicator', 'ram:TypeCode', 'ram:CategoryCode', 'ram:RateApplicablePercent', 'ram:CountryID', 'ram:PostalTradeAddress'],
}

/** L1: no element stands twice beside itself where the model has room for one value. */
export function* repetitions(invoice: Invoice, document: Document): Iterable<Finding> {
  const told = new Set<Element>()
  for (const element of [
    ...singles(invoice, invoiceTerms),
    ...alone[invoice.syntax].flatMap((name) => document.named(name)),
    ...document.named('cac:TaxScheme').flatMap(identifier),
  ]) {
    if (element.parent === undefined || element.parent.children.find(({ name }) => name === element.name) === element) continue
    if (told.has(element)) continue
    told.add(element)
    yield {
      id: 'DFFT-REPEATED',
      flag: 'fatal',
      path: pathOf(element),
      message: `\`${element.name}\` stands here twice, and there is one at most`,
      advice: 'Keep the one that counts: two readers could take two different ones.',
    }
  }
}

function identifier({ children }: Element): readonly Element[] {
  return children.filter(({ name }) => name === 'cbc:ID')
}

/** What stands beside the values and groups that there is one of. */
function* singles({ at, values, groups }: BusinessGroup, group: Group): Iterable<Element> {
  if (group.ubl !== '.' && !group.many) yield* beside(at)
  for (const term of group.terms) if (!term.many) for (const value of values.get(term.id) ?? []) yield* beside(value.at)
  for (const inner of group.groups) for (const one of groups.get(inner.id) ?? []) yield* singles(one, inner)
}

function beside({ name, parent }: Element): readonly Element[] {
  return parent?.children.filter((child) => child.name === name).slice(1, 2) ?? []
}
