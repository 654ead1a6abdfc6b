/** EN 16931 in UBL: what lines, charges and allowances make of each VAT category and rate, added up once a document. */
import { compared, type Decimal, decimal, minus, plus, textOf, zero } from '../decimal.ts'
import type { Document } from '../document.ts'
import { type Element, stringOf, tidy } from '../element.ts'
import type { Operation } from '../ruleset.ts'

/** A sum, or `undefined` where a part of it is no number: nothing equals that. */
type Sum = Decimal | undefined

/** Sums by kind, category and rate; no rate stands for all of them. */
interface Basis {
  readonly sums: ReadonlyMap<string, Sum>
  /** Categories with a rate that some allowance or charge has, wherever it stands. */
  readonly adjusted: ReadonlySet<string>
}

type Kind = 'cac:InvoiceLine' | 'cac:CreditNoteLine' | 'charge' | 'allowance'

const one: Decimal = { units: 1n, scale: 0 }

/** The breakdown of a category has the sum of the category. */
export const basisOfCategory: Operation = {
  revision: 1,
  compile: (argument) => {
    const { code } = argument as { readonly code: string } // Rules are ours.
    return (element, document) => {
      const taxable = taxableOf(element)
      const basis = document.once(basisOf, basisOf)
      const fits = (kind: Kind) => {
        const sum = totalOf(basis, kind, code, '')
        return document.named(kind).length > 0 && taxable !== undefined && sum !== undefined && compared(taxable, sum) === 0
      }
      return fits('cac:InvoiceLine') || fits('cac:CreditNoteLine')
    }
  },
}

/**
 * The breakdown of a category and rate has the sum of both, within one unit of the currency.
 *
 * @param argument `lineOfRate`: a line, allowance or charge of that rate is there; otherwise any line is
 */
export const basisOfRate: Operation = {
  revision: 1,
  compile: (argument) => {
    const { code, lineOfRate = false } = argument as { readonly code: string; readonly lineOfRate?: boolean } // Rules are ours.
    return (element, document) => {
      const written = textsOf(element, 'cbc:Percent')
      if (written.length === 0) return true
      const rate = rateOf(written[0] ?? '')
      const taxable = taxableOf(element)
      if (written.length > 1 || rate === undefined || taxable === undefined) return false
      const basis = document.once(basisOf, basisOf)
      const fits = (kind: Kind) => {
        const sum = totalOf(basis, kind, code, rate)
        const there = lineOfRate ? basis.sums.has(keyOf(kind, code, rate)) || basis.adjusted.has(keyOf('', code, rate)) : document.named(kind).length > 0
        return there && sum !== undefined && compared(minus(taxable, one), sum) < 0 && compared(plus(taxable, one), sum) > 0
      }
      return fits('cac:InvoiceLine') || fits('cac:CreditNoteLine')
    }
  },
}

/** Of the subtotal that a category of the breakdown stands in. */
function taxableOf({ parent }: Element): Sum {
  const [taxable, second] = parent ? textsOf(parent, 'cbc:TaxableAmount') : []
  return taxable !== undefined && second === undefined ? decimal(taxable) : undefined
}

function totalOf({ sums }: Basis, kind: Kind, code: string, rate: string): Sum {
  const [lines, charges, allowances] = [kind, 'charge' as const, 'allowance' as const].map((part) => {
    const key = keyOf(part, code, rate)
    return sums.has(key) ? sums.get(key) : zero
  })
  return lines && charges && allowances && minus(plus(lines, charges), allowances)
}

function basisOf(document: Document): Basis {
  const sums = new Map<string, Sum>()
  for (const child of document.root.children) {
    if (child.name === 'cac:InvoiceLine' || child.name === 'cac:CreditNoteLine')
      added(sums, child.name, { of: categoriesOf(child, 'cac:Item', 'cac:ClassifiedTaxCategory'), amounts: textsOf(child, 'cbc:LineExtensionAmount') })
    if (child.name === 'cac:AllowanceCharge') {
      const kind = kindOf(child)
      if (kind) added(sums, kind, { of: categoriesOf(child, 'cac:TaxCategory'), amounts: textsOf(child, 'cbc:Amount') })
    }
  }
  // A rate counts for the line even where its amount is missing.
  const adjusted = document.named('cac:AllowanceCharge').flatMap((element) => {
    const { codes, rates } = categoriesOf(element, 'cac:TaxCategory')
    return [...codes].flatMap((code) => [...rates].map((rate) => keyOf('', code, rate)))
  })
  return { sums, adjusted: new Set(adjusted) }
}

interface Categories {
  readonly codes: ReadonlySet<string>
  readonly rates: ReadonlySet<string>
}

function added(sums: Map<string, Sum>, kind: Kind, { of: { codes, rates }, amounts }: { readonly of: Categories; readonly amounts: readonly string[] }): void {
  const [text = '0', second] = amounts
  const value = second === undefined ? decimal(text) : undefined
  for (const code of codes)
    for (const rate of ['', ...rates]) {
      const key = keyOf(kind, code, rate)
      const before = sums.has(key) ? sums.get(key) : zero
      sums.set(key, value && before && plus(before, value))
    }
}

function categoriesOf(element: Element, ...path: readonly string[]): Categories {
  let found: readonly Element[] = [element]
  for (const name of path) found = found.flatMap(({ children }) => children.filter((child) => child.name === name))
  return {
    codes: new Set(found.flatMap((category) => textsOf(category, 'cbc:ID').map(tidy))),
    rates: new Set(found.flatMap((category) => textsOf(category, 'cbc:Percent').flatMap((text) => rateOf(text) ?? []))),
  }
}

function kindOf(element: Element): 'charge' | 'allowance' | undefined {
  const [indicator = ''] = textsOf(element, 'cbc:ChargeIndicator').map(tidy)
  if (indicator === 'true' || indicator === '1') return 'charge'
  return indicator === 'false' || indicator === '0' ? 'allowance' : undefined
}

/** One text for one rate: `7`, `7.0` and `07` are alike. */
function rateOf(text: string): string | undefined {
  const value = decimal(text)
  return value && textOf(value)
}

function textsOf(element: Element, name: string): readonly string[] {
  return element.children.filter((child) => child.name === name).map(stringOf)
}

function keyOf(kind: Kind | '', code: string, rate: string): string {
  return `${kind} ${code} ${rate}`
}
