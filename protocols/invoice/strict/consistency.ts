/** L4: dates in their order, one currency, and lines that can be told apart. */
import { calendarDate } from '../condition.ts'
import type { Document } from '../document.ts'
import { attribute, tidy } from '../element.ts'
import type { Finding } from '../finding.ts'
import { groupsOf, type Invoice, textAt, valueAt } from '../model.ts'
import { currencyOf } from './figures.ts'
import { shown, told } from './strict-finding.ts'

export function* dueDate(invoice: Invoice): Iterable<Finding> {
  const [issued, due] = [calendarDate(textAt(invoice, 'BT-2') ?? '', 'either'), calendarDate(textAt(invoice, 'BT-9') ?? '', 'either')]
  if (issued === undefined || due === undefined || due >= issued) return
  yield told('DUE-BEFORE-ISSUE', {
    at: valueAt(invoice, 'BT-9')?.at ?? invoice.at,
    message: `the invoice of ${issued} was due on ${due}, before it was issued`,
    advice: 'Check both dates (BT-2, BT-9) with the sender.',
  })
}

/** Every amount is in the currency of the invoice or in that of its tax accounting. */
export function* currencies(invoice: Invoice, document: Document): Iterable<Finding> {
  const allowed = new Set([currencyOf(invoice), tidy(textAt(invoice, 'BT-6') ?? '')])
  const mentioned = new Set<string>()
  for (const element of document.withAttribute('currencyID')) {
    const currency = attribute(element, 'currencyID') ?? ''
    if (allowed.has(currency) || mentioned.has(currency)) continue
    mentioned.add(currency)
    yield told('CURRENCY-MIXED', {
      at: element,
      message: `an amount is in ${shown(currency)}; the invoice is in ${shown(currencyOf(invoice))}`,
      advice: 'Give all amounts in the currency of the invoice (BT-5); tax alone may be told again in the tax accounting currency (BT-6).',
    })
  }
}

export function* lineIdentifiers(invoice: Invoice): Iterable<Finding> {
  const seen = new Set<string>()
  for (const line of groupsOf(invoice, 'BG-25')) {
    const id = tidy(textAt(line, 'BT-126') ?? '')
    if (id !== '' && seen.has(id)) {
      yield told('LINE-ID', {
        at: valueAt(line, 'BT-126')?.at ?? line.at,
        message: `two lines have the identifier ${shown(id)}`,
        advice: 'Number the lines so that orders, despatch advices and credit notes can refer to one of them.',
        mild: true,
      })
    }
    seen.add(id)
  }
}
