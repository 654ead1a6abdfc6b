/** Operations that rulesets of both syntaxes use. */
import { amount, type ReadNumber } from '../condition.ts'
import { compared, type Decimal, decimal, plus, rounded } from '../decimal.ts'
import type { Document } from '../document.ts'
import { attribute, type Element, stringOf } from '../element.ts'
import { type Path, parsePath, type Qualifiers, texts, type Walk, walker } from '../path.ts'
import type { Operation } from '../ruleset.ts'

/**
 * The identifier begins with a code of a list.
 *
 * @param argument `apart`: the first two characters are a code; otherwise they stand somewhere in the text of all codes with blanks
 *   between, as the official test for UBL has it, for which nothing at all is a beginning too
 */
export const vatPrefix: Operation = {
  revision: 1,
  compile: (argument, meaning) => {
    const { path, list, apart } = argument as { readonly path: string; readonly list: string; readonly apart: boolean } // Rules are ours.
    const read = texts(parsePath(path), meaning.qualifiers)
    const codes = meaning.lists(list)
    const all = ` ${[...codes].join(' ')} `
    return (element, document) => {
      const found: string[] = []
      read(element, document, (text) => found.push(text) > 1)
      const beginning = [...(found[0] ?? '')].slice(0, 2).join('')
      return found.length <= 1 && (apart ? codes.has(beginning) : all.includes(beginning))
    }
  },
}

/** A note of the form `#AAA#text` has a subject of the list; other notes have none. */
export const noteSubject: Operation = {
  revision: 1,
  compile: (argument, meaning) => {
    const codes = meaning.lists(argument as string) // Rules are ours.
    return (element) => {
      const subject = noteParts(stringOf(element)).subject
      return subject === undefined || codes.has(subject)
    }
  },
}

/** UBL has no place for the subject code of a note (BT-21): it stands before the text. */
export function noteParts(note: string): { readonly subject: string | undefined; readonly text: string } {
  const first = note.indexOf('#')
  const second = note.indexOf('#', first + 1)
  return first >= 0 && second - first === 4 ? { subject: note.slice(first + 1, second), text: note.slice(second + 1) } : { subject: undefined, text: note }
}

/** UBL: for each currency of the document there is one VAT total, and it makes the total with VAT out of the total without. */
export const totalWithVat: Operation = {
  revision: 1,
  compile: (_, { qualifiers }) => {
    const currencies = texts(parsePath('cbc:DocumentCurrencyCode'), qualifiers)
    const taxes = walker(parsePath('cac:TaxTotal/cbc:TaxAmount'), qualifiers)
    const inclusive = amount('cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount', qualifiers)
    const exclusive = amount('cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount', qualifiers)
    return (element, document) =>
      !currencies(element, document, (currency) => {
        const tax = taxIn(currency, taxes, [element, document])
        const [before, after] = [exclusive(element, document), inclusive(element, document)]
        return !(tax && before && after && compared(after, rounded(plus(before, tax), 2)) === 0)
      })
  },
}

/** CII: the total with VAT is that without and the one VAT total in the currency of the invoice, or both totals are alike. */
export const grandTotal: Operation = {
  revision: 1,
  compile: (_, { qualifiers }) => {
    const settlement = '/rsm:CrossIndustryInvoice/rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement'
    const totals = `${settlement}/ram:SpecifiedTradeSettlementHeaderMonetarySummation`
    const currencies = texts(parsePath(`${settlement}/ram:InvoiceCurrencyCode`), qualifiers)
    const taxes = walker(parsePath(`${totals}/ram:TaxTotalAmount`), qualifiers)
    const [grand, basis] = ['ram:GrandTotalAmount', 'ram:TaxBasisTotalAmount'].map((name) => firstNumber(`${totals}/${name}`, qualifiers))
    return (element, document) =>
      !currencies(element, document, (currency) => {
        const tax = taxIn(currency, taxes, [element, document])
        const [before, after] = [basis?.(element, document), grand?.(element, document)]
        if (!before || !after) return true
        return !(compared(after, before) === 0 || (tax !== undefined && compared(after, rounded(plus(before, tax), 2)) === 0))
      })
  },
}

/** The one VAT total in a currency. */
function taxIn(currency: string, taxes: Walk, [element, document]: readonly [Element, Document]): Decimal | undefined {
  const found: Element[] = []
  taxes(element, document, (total) => {
    if (attribute(total, 'currencyID') === currency) found.push(total)
    return false
  })
  const [only] = found
  return only && found.length === 1 ? decimal(stringOf(only)) : undefined
}

function firstNumber(path: Path, qualifiers: Qualifiers): ReadNumber {
  const read = texts(parsePath(path), qualifiers)
  return (element, document) => {
    let first = ''
    read(element, document, (text) => {
      first = text
      return true
    })
    return decimal(first)
  }
}
