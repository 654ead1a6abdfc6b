/** Invoices as EN 16931-1 means them, read from UBL 2.1 or CII D16B, each value with the place where it stands. */
import { canonical, digestOf } from '../canonical.ts'
import type { Digest } from '../ids.ts'
import { type Condition, calendarDate, compiled, type Meaning } from './condition.ts'
import { type Decimal, decimal, negative, textOf } from './decimal.ts'
import { Document } from './document.ts'
import { attribute, type Element, stringOf, tidy } from './element.ts'
import { type Path, parsePath, type Qualifiers, texts, type Walk, walker } from './path.ts'
import { noteParts } from './rulesets/operations.ts'
import { type Group, invoiceTerms, type Term } from './terms.ts'

export type Syntax = 'UBL' | 'CII'

export interface Value {
  /** As it stands; see `normalised`. */
  readonly text: string
  readonly scheme?: string
  readonly version?: string
  readonly mimeType?: string
  readonly fileName?: string
  /** The element it stands in; see `pathOf`. */
  readonly at: Element
}

/** A business group: its values by BT, its groups by BG. What is missing or blank is not there. */
export interface BusinessGroup {
  readonly id: string
  readonly at: Element
  readonly values: ReadonlyMap<string, readonly Value[]>
  readonly groups: ReadonlyMap<string, readonly BusinessGroup[]>
}

export interface Invoice extends BusinessGroup {
  readonly syntax: Syntax
}

/** The one value of a term; the first where there are several. */
export function valueAt(group: BusinessGroup | undefined, term: string): Value | undefined {
  return group?.values.get(term)?.[0]
}

export function textAt(group: BusinessGroup | undefined, term: string): string | undefined {
  return valueAt(group, term)?.text
}

export function groupsOf(group: BusinessGroup | undefined, id: string): readonly BusinessGroup[] {
  return group?.groups.get(id) ?? []
}

export function groupOf(group: BusinessGroup | undefined, id: string): BusinessGroup | undefined {
  return groupsOf(group, id)[0]
}

export function syntaxOf(root: Element): Syntax | undefined {
  if (root.name === 'ubl:Invoice' || root.name === 'cn:CreditNote') return 'UBL'
  return root.name === 'rsm:CrossIndustryInvoice' ? 'CII' : undefined
}

export function readInvoice(document: Document, syntax: Syntax): Invoice {
  const read = readers[syntax]()
  return { ...(read(document.root, document) ?? { id: 'invoice', at: document.root, values: new Map(), groups: new Map() }), syntax }
}

type ReadGroup = (context: Element, document: Document) => BusinessGroup | undefined

const made = new Map<Syntax, ReadGroup>()
const readers: Readonly<Record<Syntax, () => ReadGroup>> = { UBL: () => readerOf('UBL'), CII: () => readerOf('CII') }

function readerOf(syntax: Syntax): ReadGroup {
  const known = made.get(syntax) ?? groupReader(invoiceTerms, syntax)
  made.set(syntax, known)
  return known
}

function groupReader(group: Group, syntax: Syntax): ReadGroup {
  const terms = group.terms.map((term) => ({ id: term.id, read: termReader(term, syntax) }))
  const groups = group.groups.map((inner) => {
    const path = syntax === 'UBL' ? inner.ubl : inner.cii
    return { inner, walk: walker(parsePath(path), qualifiersOf(syntax)), read: groupReader(inner, syntax) }
  })
  return (context, document) => {
    const values = new Map<string, readonly Value[]>()
    for (const { id, read } of terms) {
      const found = read(context, document)
      if (found.length > 0) values.set(id, found)
    }
    const inside = new Map<string, readonly BusinessGroup[]>()
    for (const { inner, walk, read } of groups) {
      const found: BusinessGroup[] = []
      walk(context, document, (element) => {
        const one = read(element, document)
        if (one) found.push(one)
        return !inner.many && found.length > 0
      })
      if (found.length > 0) inside.set(inner.id, found)
    }
    return values.size + inside.size === 0 ? undefined : { id: group.id, at: context, values, groups: inside }
  }
}

type ReadTerm = (context: Element, document: Document) => readonly Value[]

const none: readonly Value[] = []

function termReader(term: Term, syntax: Syntax): ReadTerm {
  const qualifiers = qualifiersOf(syntax)
  const ways = (syntax === 'UBL' ? term.ubl : term.cii).map((path) => wayOf(term, path, { syntax, qualifiers }))
  return (context, document) => {
    for (const way of ways) {
      const found = way(context, document)
      if (found.length > 0) return found
    }
    return none
  }
}

function wayOf(term: Term, path: Path, { syntax, qualifiers }: { readonly syntax: Syntax; readonly qualifiers: Qualifiers }): ReadTerm {
  const parsed = parsePath(path)
  const walk: Walk = walker(parsed, qualifiers)
  const rest = restOf(term, syntax, qualifiers)
  return (context, document) => {
    let found: Value[] | undefined
    walk(context, document, (element) => {
      const written = parsed.attribute === undefined ? stringOf(element) : attribute(element, parsed.attribute)
      const text = written === undefined ? '' : converted(term.id, syntax, written)
      if (tidy(text) === '') return false
      const value = { text, at: element, ...rest?.(element, document) }
      if (found) found.push(value)
      else found = [value]
      return !term.many
    })
    return found ?? none
  }
}

type Rest = Partial<Omit<Value, 'text' | 'at'>>

/** What stands beside the value: scheme, version, media type, file name. */
function restOf({ kind, scheme, version }: Term, syntax: Syntax, qualifiers: Qualifiers): ((element: Element, document: Document) => Rest) | undefined {
  if (kind === 'file') {
    return (element) => {
      const [mimeType, fileName] = [attribute(element, 'mimeCode'), attribute(element, 'filename')]
      return { ...(mimeType !== undefined && { mimeType }), ...(fileName !== undefined && { fileName }) }
    }
  }
  if (scheme === undefined) return undefined
  const read = texts(parsePath(syntax === 'UBL' ? scheme.ubl : scheme.cii), qualifiers)
  return (element, document) => {
    const found: { scheme?: string; version?: string } = {}
    read(element, document, (text) => {
      if (tidy(text) !== '') found.scheme = tidy(text)
      return true
    })
    const edition = version === undefined ? undefined : attribute(element, version.slice(1))
    if (edition !== undefined && tidy(edition) !== '') found.version = tidy(edition)
    return found
  }
}

/** UNTDID 2475, which CII has, in terms of UNTDID 2005, which the model and UBL have. */
const taxPoints: Readonly<Record<string, string>> = { '5': '3', '29': '35', '72': '432' }

/** Where a syntax says the same in other words. */
function converted(term: string, syntax: Syntax, text: string): string {
  if (syntax === 'UBL' && term === 'BT-21') return noteParts(text).subject ?? ''
  if (syntax === 'UBL' && term === 'BT-22') return noteParts(text).text
  if (syntax === 'CII' && term === 'BT-8') return taxPoints[tidy(text)] ?? text
  return text
}

const currency: Readonly<Record<Syntax, Path>> = {
  UBL: '/ubl:Invoice|cn:CreditNote/cbc:DocumentCurrencyCode',
  CII: '/rsm:CrossIndustryInvoice/rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement/ram:InvoiceCurrencyCode',
}
const taxCurrency: Readonly<Record<Syntax, Path>> = {
  UBL: '/ubl:Invoice|cn:CreditNote/cbc:TaxCurrencyCode',
  CII: '/rsm:CrossIndustryInvoice/rsm:SupplyChainTradeTransaction/ram:ApplicableHeaderTradeSettlement/ram:TaxCurrencyCode',
}

function currencies(syntax: Syntax): Readonly<Record<string, Condition>> {
  const inCurrency: Condition = { any: [{ same: ['@currencyID', currency[syntax]] }, { lacks: '@currencyID' }] }
  return { inCurrency, inTaxCurrency: { all: [{ not: inCurrency }, { same: ['@currencyID', taxCurrency[syntax]] }] } }
}

const creditor: Condition = { is: '@schemeID', oneOf: ['SEPA'], upper: true }
const vat: Condition = { tidy: 'cac:TaxScheme/cbc:ID', oneOf: ['VAT'], upper: true }

/** What the paths of terms.ts are qualified by. */
const qualifiers: Readonly<Record<Syntax, Readonly<Record<string, Condition>>>> = {
  UBL: {
    ...currencies('UBL'),
    vat,
    otherTax: { not: vat },
    creditor,
    notCreditor: { not: creditor },
    allowance: { tidy: 'cbc:ChargeIndicator', oneOf: ['false', '0'] },
    charge: { tidy: 'cbc:ChargeIndicator', oneOf: ['true', '1'] },
    50: { tidy: 'cbc:DocumentTypeCode', oneOf: ['50'] },
    130: { tidy: 'cbc:DocumentTypeCode', oneOf: ['130'] },
    supporting: {
      not: { any: [{ tidy: 'cbc:DocumentTypeCode', oneOf: ['130'] }, { all: [{ has: '/cn:CreditNote' }, { tidy: 'cbc:DocumentTypeCode', oneOf: ['50'] }] }] },
    },
  },
  CII: {
    ...currencies('CII'),
    // `VAT` is no code for it, and often written.
    VA: { tidy: '@schemeID', oneOf: ['VA', 'VAT'], upper: true },
    FC: { tidy: '@schemeID', oneOf: ['FC'] },
    allowance: { tidy: 'ram:ChargeIndicator/udt:Indicator', oneOf: ['false', '0'] },
    charge: { tidy: 'ram:ChargeIndicator/udt:Indicator', oneOf: ['true', '1'] },
    50: { tidy: 'ram:TypeCode', oneOf: ['50'] },
    130: { tidy: 'ram:TypeCode', oneOf: ['130'] },
    supporting: { not: { tidy: 'ram:TypeCode', oneOf: ['50', '130'] } },
  },
}

function qualifiersOf(syntax: Syntax): Qualifiers {
  const meaning: Meaning = {
    qualifiers: (name) => {
      const condition = qualifiers[syntax][name]
      if (condition === undefined) throw new Error(`no qualifier \`${name}\``)
      return compiled(condition, meaning)
    },
    lists: () => new Set(),
    operations: (name) => {
      throw new Error(`no operation \`${name}\``)
    },
  }
  return meaning.qualifiers
}

/** The model as JSON: terms and groups by their numbers. A term with a scheme, or a file, is an object; a group or term there may be many of is an array. */
export type ModelValue =
  | string
  | { readonly value: string; readonly scheme?: string; readonly version?: string; readonly mimeType?: string; readonly fileName?: string }
export interface Model {
  readonly [id: string]: ModelValue | readonly ModelValue[] | Model | readonly Model[]
}

/**
 * The model with every value in its one form, so that what means the same is the same:
 *
 * - numbers without plus, leading and trailing zeros (`7.0` is `7`, `-0` is `0`); what is no number stays as it stands
 * - dates as `YYYY-MM-DD`, whatever form and time zone the syntax has; what is no date stays as it stands
 * - texts in Unicode NFC, white space at their ends removed and that between words made one blank; codes and identifiers likewise
 * - base64 without white space
 * - the subject of a UBL note apart from its text; codes of VAT points by UNTDID 2005
 * - groups for whose order the model has no meaning, and repeated identifiers, in the order of their canonical JSON
 * - a line with a negative net price, which EN 16931 does not allow (BR-27), as the negative quantity at the positive price that means the same
 * - no zero where nothing means zero: sums of allowances and charges, total VAT, paid and rounding amounts, price discount (BT-107, 108, 110, 113, 114, 147)
 * - nothing for what is missing, blank, or only the element around nothing
 */
export function modelOf(invoice: BusinessGroup): Model {
  return modelOfGroup(invoice, invoiceTerms)
}

function modelOfGroup({ values, groups }: BusinessGroup, group: Group): Model {
  const model: Record<string, Model[string]> = {}
  for (const term of group.terms) {
    const found = values.get(term.id)?.map((value) => modelValue(value, term))
    if (found?.[0] !== undefined && !(found[0] === '0' && zeroIsNothing.has(term.id))) model[term.id] = term.many ? inOrder(found) : found[0]
  }
  for (const inner of group.groups) {
    const found = groups.get(inner.id)?.map((one) => modelOfGroup(one, inner))
    if (found?.[0] !== undefined) model[inner.id] = inner.unordered ? inOrder(found) : inner.many ? found : found[0]
  }
  return group.id === 'BG-25' ? lineInOneForm(model) : model
}

const zeroIsNothing: ReadonlySet<string> = new Set(['BT-107', 'BT-108', 'BT-110', 'BT-113', 'BT-114', 'BT-147'])

function lineInOneForm(line: Model): Model {
  const { 'BG-29': price } = line
  if (typeof price !== 'object' || Array.isArray(price)) return line
  const { 'BT-146': netPrice, 'BT-148': grossPrice } = price as Model // No array, and a group is no value.
  const [net, quantity] = [numberOf(netPrice), numberOf(line['BT-129'])]
  if (!net || !quantity || net.units >= 0n || grossPrice !== undefined) return line
  return { ...line, 'BT-129': textOf(negative(quantity)), 'BG-29': { ...price, 'BT-146': textOf(negative(net)) } }
}

function numberOf(value: Model[string] | undefined): Decimal | undefined {
  return typeof value === 'string' ? decimal(value) : undefined
}

function inOrder<Part>(parts: readonly Part[]): readonly Part[] {
  if (parts.length < 2) return parts
  const texts = new Map(parts.map((part) => [part, canonical(part)]))
  return parts.toSorted((one, other) => ((texts.get(one) ?? '') < (texts.get(other) ?? '') ? -1 : 1))
}

function modelValue(value: Value, term: Term): ModelValue {
  const text = normalised(value.text, term)
  if (term.scheme === undefined && term.kind !== 'file') return text
  const { scheme, version, mimeType, fileName } = value
  return {
    value: text,
    ...(scheme !== undefined && { scheme }),
    ...(version !== undefined && { version }),
    ...(mimeType !== undefined && { mimeType }),
    ...(fileName !== undefined && { fileName }),
  }
}

function normalised(text: string, { kind }: Term): string {
  if (kind === 'number') {
    const value = decimal(text)
    return value ? textOf(value) : tidy(text)
  }
  if (kind === 'date') return calendarDate(text, 'either') ?? tidy(text)
  if (kind === 'file') return text.replace(/[ \t\r\n]+/g, '')
  return tidy(text).normalize('NFC')
}

/** SHA-256 over RFC 8785 of the model: equal for one invoice in two syntaxes. */
export function semanticDigest(invoice: BusinessGroup): Digest {
  return digestOf(modelOf(invoice))
}
