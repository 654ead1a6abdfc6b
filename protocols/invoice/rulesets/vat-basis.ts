/** EN 16931: what lines, charges and allowances make of each VAT category and rate, added up once a document. */
import { amount, single } from '../condition.ts'
import { compared, type Decimal, decimal, minus, one, plus, rounded, textOf, zero } from '../decimal.ts'
import type { Document } from '../document.ts'
import { stringOf, tidy } from '../element.ts'
import { type Path, parsePath, type Qualifiers, texts, walker } from '../path.ts'
import type { Operation } from '../ruleset.ts'

/** Where amounts with a VAT category stand in a syntax. */
export interface Part {
  readonly kind: 'invoice line' | 'credit note line' | 'charge' | 'allowance' | 'anywhere'
  /** From the root. */
  readonly path: Path
  /** From there: elements that have category and rate. */
  readonly category: Path
  /** From there; a part without amounts only counts as being there. */
  readonly amount: Path
}

export interface Shape {
  readonly parts: readonly Part[]
  readonly code: string
  readonly rate: string
  /** From the context of the rule. */
  readonly taxable: Path
  readonly ownRate: Path
  /** Lines, charges and allowances are rounded to cents each by itself. */
  readonly rounded: boolean
  /** Without any line nothing fits. */
  readonly linesNeeded: boolean
}

/** A sum, or `undefined` where a part of it is no number: nothing equals that. */
type Sum = Decimal | undefined

/** Sums by kind, category and rate; no rate stands for all of them. */
type Basis = ReadonlyMap<string, Sum>

/** Kinds of lines that a syntax has. Either may fit: a document has lines of one kind. */
function lineKindsOf({ parts }: Shape): readonly string[] {
  return parts.flatMap(({ kind }) => (kind === 'invoice line' || kind === 'credit note line' ? [kind] : []))
}

/**
 * The breakdown of a category has the sum of the category.
 *
 * The argument says by `exact` that one unit of the currency more or less is wrong.
 */
export function basisOfCategory(shape: Shape): Operation {
  return {
    revision: 1,
    compile: (argument, { qualifiers }) => {
      const { code, exact = false } = argument as { readonly code: string; readonly exact?: boolean } // Rules are ours.
      const taxableOf = amount(shape.taxable, qualifiers)
      const read = basisReader(shape, qualifiers)
      const lineKinds = lineKindsOf(shape)
      return (element, document) => {
        const taxable = taxableOf(element, document)
        const basis = document.once(shape, read)
        return lineKinds.some((kind) => (basis.has(kind) || !shape.linesNeeded) && near(taxable, totalOf(basis, [kind, code, ''], shape), exact))
      }
    },
  }
}

/**
 * The breakdown of a category and rate has the sum of both.
 *
 * The argument says by `lineOfRate` that a line, allowance or charge of that rate has to be there; otherwise any line does. No rate is no fault.
 */
export function basisOfRate(shape: Shape): Operation {
  return {
    revision: 1,
    compile: (argument, { qualifiers }) => {
      const { code, exact = false, lineOfRate = false } = argument as { readonly code: string; readonly exact?: boolean; readonly lineOfRate?: boolean } // Rules are ours.
      const taxableOf = amount(shape.taxable, qualifiers)
      const rateAt = texts(parsePath(shape.ownRate), qualifiers)
      const read = basisReader(shape, qualifiers)
      const lineKinds = lineKindsOf(shape)
      return (element, document) => {
        const basis = document.once(shape, read)
        const taxable = taxableOf(element, document)
        return !rateAt(element, document, (text) => {
          const rate = rateOf(text)
          if (rate === undefined) return true
          const there = (kind: string) =>
            lineOfRate ? basis.has(keyOf(kind, code, rate)) || basis.has(keyOf('anywhere', code, rate)) : basis.has(kind) || !shape.linesNeeded
          return !lineKinds.some((kind) => there(kind) && near(taxable, totalOf(basis, [kind, code, rate], shape), exact))
        })
      }
    },
  }
}

function near(taxable: Sum, sum: Sum, exact: boolean): boolean {
  if (taxable === undefined || sum === undefined) return false
  return exact ? compared(taxable, sum) === 0 : compared(minus(taxable, one), sum) < 0 && compared(plus(taxable, one), sum) > 0
}

function totalOf(basis: Basis, [kind, code, rate]: readonly [string, string, string], shape: Shape): Sum {
  const [lines, charges, allowances] = [kind, 'charge', 'allowance'].map((part) => {
    const key = keyOf(part, code, rate)
    const sum = basis.has(key) ? basis.get(key) : zero
    return sum && shape.rounded ? rounded(sum, 2) : sum
  })
  return lines && charges && allowances && minus(plus(lines, charges), allowances)
}

type ReadPart = (document: Document, sums: Map<string, Sum>) => void

function basisReader(shape: Shape, qualifiers: Qualifiers): (document: Document) => Basis {
  const reads = shape.parts.map((part) => partReader(part, shape, qualifiers))
  return (document) => {
    const sums = new Map<string, Sum>()
    for (const read of reads) read(document, sums)
    return sums
  }
}

function partReader({ kind, path, category, amount: amountPath }: Part, { code, rate }: Shape, qualifiers: Qualifiers): ReadPart {
  const walk = walker(parsePath(path), qualifiers)
  const categories = walker(parsePath(category), qualifiers)
  // Nothing is zero; several amounts, or what is no number, are none.
  const amountIn = single(parsePath(amountPath), qualifiers, '0')
  return (document, sums) => {
    walk(document.root, document, (element) => {
      sums.set(kind, undefined)
      const value = decimal(amountIn(element, document) ?? '')
      const codes = new Set<string>()
      const rates = new Set([''])
      categories(element, document, ({ children }) => {
        for (const child of children) {
          if (child.name === code) codes.add(tidy(stringOf(child)))
          if (child.name === rate) rates.add(rateOf(stringOf(child)) ?? '')
        }
        return false
      })
      for (const known of codes)
        for (const percent of rates) {
          const key = keyOf(kind, known, percent)
          const before = sums.has(key) ? sums.get(key) : zero
          sums.set(key, value && before && plus(before, value))
        }
      return false
    })
  }
}

/** One text for one rate: `7`, `7.0` and `07` are alike. */
function rateOf(text: string): string | undefined {
  const value = decimal(text)
  return value && textOf(value)
}

function keyOf(kind: string, code: string, rate: string): string {
  return `${kind} ${code} ${rate}`
}
