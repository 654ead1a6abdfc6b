/** L4: identifiers of parties and accounts, each by the algorithm of its scheme (protocols/identifiers). */
import { checkIdentifier, isScheme, numberOfParticipant } from '../../identifiers/check-identifier.ts'
import { tidy } from '../element.ts'
import type { Finding } from '../finding.ts'
import { type BusinessGroup, groupOf, groupsOf, type Invoice, type Value } from '../model.ts'
import { shown, told } from './strict-finding.ts'

/** Terms whose value says its scheme itself. */
const schemed: readonly (readonly [group: string, terms: readonly string[]])[] = [
  ['BG-4', ['BT-29', 'BT-30', 'BT-34']],
  ['BG-7', ['BT-46', 'BT-47', 'BT-49']],
  ['BG-10', ['BT-60', 'BT-61']],
  ['BG-13', ['BT-71']],
]

/** What people write with blanks, points or the country in front is read so; a number that machines route by is not. */
const exact = new Set(['0088', '0188', '0221'])

export function* schemedIdentifiers(invoice: Invoice): Iterable<Finding> {
  for (const [group, terms] of schemed)
    for (const term of terms)
      for (const value of groupOf(invoice, group)?.values.get(term) ?? []) {
        const { scheme = '' } = value
        if (isScheme(scheme)) yield* judged(value, { term, scheme, lenient: !exact.has(scheme) })
      }
}

/** Numbers of the Union and of Northern Ireland say by their first letters whose they are. */
const vatPrefix = /^(?:AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI)(?=.*[0-9])/

const vatTerms: readonly (readonly [group: string, term: string])[] = [
  ['BG-4', 'BT-31'],
  ['BG-7', 'BT-48'],
  ['BG-11', 'BT-63'],
]

export function* vatNumbers(invoice: Invoice): Iterable<Finding> {
  for (const [group, term] of vatTerms)
    for (const value of groupOf(invoice, group)?.values.get(term) ?? []) {
      const scheme = vatScheme(tidy(value.text))
      if (scheme !== undefined) yield* judged(value, { term, scheme, lenient: true })
    }
}

function vatScheme(text: string): string | undefined {
  if (vatPrefix.test(text)) return 'EU-VAT'
  if (/^NO[0-9]/.test(text)) return 'NO-MVA'
  if (/^CHE/.test(text)) return 'CH-VAT'
  return /^GB[0-9]/.test(text) ? 'GB-VAT' : undefined
}

/** An account that begins as an IBAN does is one. */
export function* accounts(invoice: Invoice): Iterable<Finding> {
  for (const account of groupsOf(groupOf(invoice, 'BG-16'), 'BG-17')) for (const value of account.values.get('BT-84') ?? []) yield* ofAccount(value, 'BT-84')
  for (const debit of debits(invoice)) for (const value of debit.values.get('BT-91') ?? []) yield* ofAccount(value, 'BT-91')
}

function debits(invoice: Invoice): readonly BusinessGroup[] {
  return groupsOf(groupOf(invoice, 'BG-16'), 'BG-19')
}

function* ofAccount(value: Value, term: string): Iterable<Finding> {
  if (/^[A-Z]{2}[0-9]{2} ?[0-9A-Z]/.test(tidy(value.text))) yield* judged(value, { term, scheme: 'IBAN', lenient: true })
}

function* judged(value: Value, { term, scheme, lenient }: { readonly term: string; readonly scheme: string; readonly lenient: boolean }): Iterable<Finding> {
  const number = numberOfParticipant(scheme, tidy(value.text))
  if (number === undefined) return
  const check = checkIdentifier(scheme, number, lenient ? 'lenient' : 'strict')
  if (check.ok || check.reason === 'unknown-scheme') return
  const reason = check.reason === 'check-digit' ? 'its check digit does not fit' : 'it has not the form of one'
  yield told(check.reason === 'check-digit' ? 'IDENTIFIER-CHECK' : 'IDENTIFIER-FORM', {
    at: value.at,
    message: `${term}: ${shown(tidy(value.text))} is no identifier of scheme ${scheme}: ${reason}`,
    advice: 'Look the number up in its register; a digit is wrong, or the number is of another scheme.',
  })
}
