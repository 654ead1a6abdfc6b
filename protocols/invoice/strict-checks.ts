/**
 * Findings of our own (L1, L3 and L4): what the official rules do not see, or would abort on.
 *
 * A check looks at the invoice and the document and tells what it finds. More checks are more rows of `strictChecks`. What `formChecks` find is
 * so far from an invoice that the official validators give up, or expect a schema to have refused it: the official verdict is INVALID then, too.
 */
import { digestOf } from '../canonical.ts'
import { calendarDate } from './condition.ts'
import { decimal } from './decimal.ts'
import type { Document } from './document.ts'
import type { Element } from './element.ts'
import type { Finding } from './finding.ts'
import type { BusinessGroup, Invoice, Syntax, Value } from './model.ts'
import { engineRevision } from './ruleset.ts'
import { currencies, dueDate, lineIdentifiers } from './strict/consistency.ts'
import { japan } from './strict/japan.ts'
import { accounts, schemedIdentifiers, vatNumbers } from './strict/party-numbers.ts'
import { shown, told } from './strict/strict-finding.ts'
import { lineAmounts, repeatedBreakdowns, taxAmounts, taxableAmounts, taxTotals } from './strict/sums.ts'
import { type Group, invoiceTerms, type Term } from './terms.ts'

export type StrictCheck = (invoice: Invoice, document: Document) => Iterable<Finding>

export const formChecks: readonly StrictCheck[] = [lexicalForms, repetitions]

export const strictChecks: readonly StrictCheck[] = [
  dueDate,
  currencies,
  lineIdentifiers,
  lineAmounts,
  taxableAmounts,
  taxAmounts,
  taxTotals,
  repeatedBreakdowns,
  schemedIdentifiers,
  vatNumbers,
  accounts,
  japan,
]

/** Raised by whoever changes what a check of ours finds, or how it is told: a test holds it against verdicts of before. */
const strictRevision = 1

/** The strict checks in the list of rulesets by which a document was judged. They are code: their digest is of their names and revision. */
export const strictRules = {
  name: 'DFFT strict',
  version: String(strictRevision),
  digest: digestOf({ engine: engineRevision, strict: strictRevision, checks: [...formChecks, ...strictChecks].map(({ name }) => name) }),
}

/** L1: every number is a decimal and every date a day. */
function* lexicalForms(invoice: Invoice): Iterable<Finding> {
  const found: { readonly value: Value; readonly term: Term }[] = []
  const form = invoice.syntax === 'UBL' ? 'extended' : 'basic'
  eachNumberAndDate(invoice, invoiceTerms, (value, term) => {
    if ((term.kind === 'number' ? decimal(value.text) : calendarDate(value.text, form)) === undefined) found.push({ value, term })
  })
  for (const { value, term } of found) yield malformed(value, term)
}

function eachNumberAndDate({ values, groups }: BusinessGroup, group: Group, look: (value: Value, term: Term) => void): void {
  for (const term of group.terms) if (term.kind === 'number' || term.kind === 'date') for (const value of values.get(term.id) ?? []) look(value, term)
  for (const inner of group.groups) for (const one of groups.get(inner.id) ?? []) eachNumberAndDate(one, inner, look)
}

function malformed({ text, at }: Value, { id, name, kind }: Term): Finding {
  return told(kind === 'number' ? 'NUMBER' : 'DATE', {
    at,
    message: `${name} (${id}): ${shown(text)} is no ${kind === 'number' ? 'decimal number' : 'calendar date'}`,
    advice:
      kind === 'number'
        ? 'Write it with digits, a point where there are decimals, and nothing else: no comma, blank, exponent or currency sign.'
        : 'Write it as the syntax has it (`2026-04-14` in UBL, `20260414` with format 102 in CII), of a day that the calendar has.',
  })
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
function* repetitions(invoice: Invoice, document: Document): Iterable<Finding> {
  const found = new Set<Element>()
  repeated(invoice, invoiceTerms, found)
  const schemes = document.named('cac:TaxScheme').flatMap(({ children }) => children.filter(({ name }) => name === 'cbc:ID'))
  for (const element of [...alone[invoice.syntax].flatMap((name) => document.named(name)), ...schemes]) if (!first(element)) found.add(element)
  for (const element of found)
    yield told('REPEATED', {
      at: element,
      message: `\`${element.name}\` stands here twice, and there is one at most`,
      advice: 'Keep the one that counts: two readers could take two different ones.',
    })
}

function first(element: Element): boolean {
  return element.parent === undefined || element.parent.children.find(({ name }) => name === element.name) === element
}

/** What stands beside the values and groups that there is one of. */
function repeated({ at, values, groups }: BusinessGroup, group: Group, found: Set<Element>): void {
  if (group.ubl !== '.' && !group.many) beside(at, found)
  for (const term of group.terms) if (aloneWhereItStands(term)) for (const value of values.get(term.id) ?? []) beside(value.at, found)
  for (const inner of group.groups) for (const one of groups.get(inner.id) ?? []) repeated(one, inner, found)
}

/** Not so a term that is one of several elements of a name by a qualifier, such as the VAT total by its currency, or is the group itself. */
function aloneWhereItStands({ many, ubl, cii }: Term): boolean {
  return !many && ![...ubl, ...cii].some((path) => path.endsWith('}') || path === '.')
}

/** Values are read from the first element of a name. */
function beside(element: Element, found: Set<Element>): void {
  const { name, parent } = element
  if (parent === undefined) return
  const { children } = parent
  for (let index = children.length - 1; index >= 0; index--) {
    const child = children[index] as Element // The index is in bounds.
    if (child.name !== name) continue
    if (child !== element) found.add(child)
    return
  }
}
