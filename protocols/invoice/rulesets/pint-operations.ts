/** Operations of the rulesets of PINT and Peppol. */
import { amount, single } from '../condition.ts'
import { compared, decimal, plus, rounded, roundedEitherWay, shifted, times } from '../decimal.ts'
import { attribute, type Element, stringOf, tidy } from '../element.ts'
import { parsePath, texts, walker } from '../path.ts'
import type { Operation } from '../ruleset.ts'

/** Some value of the first path equals some value of the second, white space tidied in both. */
export const sameTidied: Operation = {
  revision: 1,
  compile: (argument, { qualifiers }) => {
    const [one, other] = (argument as readonly [string, string]).map((path) => texts(parsePath(path), qualifiers)) // Rules are ours.
    return (element, document) => {
      const found = new Set<string>()
      one?.(element, document, (text) => found.add(tidy(text)).size < 0)
      return other?.(element, document, (text) => found.has(tidy(text))) === true
    }
  },
}

/** PINT: the total with tax is the total without tax and, of the first tax total, the amount in the currency of the invoice. */
export const firstTaxTotal: Operation = {
  revision: 1,
  compile: (_, { qualifiers }) => {
    const totals = walker(parsePath('cac:TaxTotal'), qualifiers)
    const currencies = texts(parsePath('cbc:DocumentCurrencyCode'), qualifiers)
    const inclusive = amount('cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount', qualifiers)
    const exclusive = amount('cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount', qualifiers)
    return (element, document) => {
      const found: Element[] = []
      totals(element, document, (total) => found.push(total) > 0)
      const amounts = (found[0]?.children ?? []).filter(
        (total) => total.name === 'cbc:TaxAmount' && currencies(element, document, (currency) => attribute(total, 'currencyID') === currency),
      )
      const tax = amounts[0] && amounts.length === 1 ? decimal(stringOf(amounts[0])) : undefined
      const [before, after] = [exclusive(element, document), inclusive(element, document)]
      return tax !== undefined && before !== undefined && after !== undefined && compared(after, rounded(plus(before, tax), 2)) === 0
    }
  },
}

/** The text of the element is, by its characters, not before another: ISO dates are in the order of their texts. */
export const notBefore: Operation = {
  revision: 1,
  compile: (argument) => (element) => stringOf(element) >= (argument as string), // Rules are ours.
}

/**
 * Japan: the tax of a breakdown is the taxable amount by its rate, rounded down or up to a whole yen or not at all; without a
 * rate (of half a percent and more), or outside the scope of tax, it is zero.
 */
export const wholeTax: Operation = {
  revision: 1,
  compile: (_, { qualifiers }) => {
    const category = single(parsePath('cac:TaxCategory/cbc:ID'), qualifiers)
    const categories = texts(parsePath('cac:TaxCategory'), qualifiers)
    const rates = texts(parsePath('cac:TaxCategory/cbc:Percent'), qualifiers)
    const [rateAt, taxableAt, taxAt] = ['cac:TaxCategory/cbc:Percent', 'cbc:TaxableAmount', 'cbc:TaxAmount'].map((path) => amount(path, qualifiers))
    return (element, document) => {
      const [rate, taxable, tax] = [rateAt, taxableAt, taxAt].map((read) => read?.(element, document))
      if (!categories(element, document, () => true) || tax === undefined) return false
      const outside = tidy(category(element, document) ?? '').toUpperCase() === 'O'
      if (outside) return tax.units === 0n && !rates(element, document, () => true)
      if (rate === undefined) return false
      if (rounded(rate, 0).units === 0n) return tax.units === 0n
      return taxable !== undefined && roundedEitherWay(tax, shifted(times(taxable, rate), 2))
    }
  },
}

/** The element has neither elements nor anything but white space in it. */
export const blank: Operation = {
  revision: 1,
  compile: () => (element) => element.children.length === 0 && !/[^ \t\r\n]/.test(element.text),
}
