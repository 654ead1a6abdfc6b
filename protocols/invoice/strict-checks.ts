/**
 * Findings of our own (L1, L3 and L4): what the official rules do not see, or would abort on.
 *
 * A check looks at the invoice and the document and tells what it finds. More checks are more rows of `strictChecks`.
 */
import { calendarDate } from './condition.ts'
import { decimal } from './decimal.ts'
import type { Document } from './document.ts'
import { pathOf } from './element.ts'
import type { Finding } from './finding.ts'
import type { BusinessGroup, Invoice, Value } from './model.ts'
import { currencies, dueDate, lineIdentifiers } from './strict/consistency.ts'
import { japan } from './strict/japan.ts'
import { accounts, schemedIdentifiers, vatNumbers } from './strict/party-numbers.ts'
import { lineAmounts, repeatedBreakdowns, taxAmounts, taxableAmounts, taxTotals } from './strict/sums.ts'
import { type Group, invoiceTerms, type Term } from './terms.ts'

export type StrictCheck = (invoice: Invoice, document: Document) => Iterable<Finding>

export const strictChecks: readonly StrictCheck[] = [
  lexicalForms,
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
