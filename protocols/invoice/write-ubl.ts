/**
 * The model as UBL 2.1: an Invoice, or a CreditNote where the type (BT-3) is one.
 *
 * Written by the same table that it is read by, so reading it again gives the same model and the same semantic digest. What UBL demands and the
 * model has no term for is added: tax schemes, indicators of charges, the currency of amounts, a VAT total of zero, a card's network.
 */
import { namespaces } from './element.ts'
import type { Model, ModelValue } from './model.ts'
import { type ParsedPath, type Path, parsePath, type Step } from './path.ts'
import { type Group, invoiceTerms, type Term } from './terms.ts'
import { isCreditNote, placeIn } from './ubl-order.ts'

interface Node {
  readonly name: string
  /** With which it was asked for: another of the same name is another element. */
  readonly qualifiers: string
  text: string
  readonly attributes: Map<string, string>
  readonly children: Node[]
}

/** @returns an XML document in UTF-8 */
export function writeUbl(model: Model): string {
  const creditNote = isCreditNote(textOf(model['BT-3']))
  const root = node(creditNote ? 'cn:CreditNote' : 'ubl:Invoice')
  const writer = new Writer(creditNote, { currency: textOf(model['BT-5']), taxCurrency: textOf(model['BT-6']) })
  writer.group(root, withZeros(model), invoiceTerms)
  completed(root)
  return `<?xml version="1.0" encoding="UTF-8"?>\n${serialised(root, '', declarations(root.name))}`
}

/** The model has no zero where nothing means zero; UBL needs some. */
function withZeros(model: Model): Model {
  const { 'BG-22': totals = {}, 'BG-20': allowances, 'BG-21': charges } = model
  const zeros = { 'BT-110': '0', ...(allowances !== undefined && { 'BT-107': '0' }), ...(charges !== undefined && { 'BT-108': '0' }) }
  return { ...model, 'BG-22': { ...zeros, ...(totals as Model) } } // A group, as the table says.
}

function declarations(root: string): string {
  const used = [root.startsWith('cn:') ? 'cn' : 'ubl', 'cac', 'cbc'] as const
  return used.map((prefix) => ` xmlns:${prefix}="${namespaces[prefix]}"`).join('')
}

function node(name: string, qualifiers = ''): Node {
  return { name, qualifiers, text: '', attributes: new Map(), children: [] }
}

function textOf(value: Model[string] | undefined): string {
  return typeof value === 'string' ? value : ''
}

/** Groups of which each has the element around it for itself. */
const apart: ReadonlySet<string> = new Set(['BG-3', 'BG-17'])

class Writer {
  readonly #creditNote: boolean
  readonly #currency: string
  readonly #taxCurrency: string

  constructor(creditNote: boolean, { currency, taxCurrency }: { readonly currency: string; readonly taxCurrency: string }) {
    this.#creditNote = creditNote
    this.#currency = currency
    this.#taxCurrency = taxCurrency
  }

  group(context: Node, model: Model, group: Group): void {
    for (const term of group.terms) for (const value of listOf(model[term.id])) this.#term(context, term, value)
    for (const inner of group.groups)
      for (const one of listOf(model[inner.id])) {
        if (typeof one === 'string') continue
        const { steps } = parsePath(inner.ubl)
        const at = inner.ubl === '.' ? context : inner.many ? this.#fresh(context, steps, apart.has(inner.id)) : this.#reached(context, steps)
        if (inner.id === 'BG-1') at.text = noteOf(one as Model)
        else this.group(at, one as Model, inner) // A group, as the table says.
      }
  }

  #term(context: Node, term: Term, value: ModelValue | Model): void {
    const { steps, attribute } = this.#pathOf(term)
    const at = attribute === undefined ? this.#leaf(context, steps, term.many) : this.#reached(context, steps)
    const { value: text, ...rest } = (typeof value === 'string' ? { value } : value) as { readonly value: string; readonly [name: string]: string } // By the table.
    if (attribute !== undefined) at.attributes.set(attribute, text)
    else at.text = text
    if (at.name.endsWith('Amount')) at.attributes.set('currencyID', term.id === 'BT-111' ? this.#taxCurrency : this.#currency)
    const names = { scheme: term.scheme?.ubl.slice(1), version: term.version?.slice(1), mimeType: 'mimeCode', fileName: 'filename' }
    for (const [member, name] of Object.entries(names)) if (name !== undefined && rest[member] !== undefined) at.attributes.set(name, rest[member])
  }

  /** A credit note has some terms elsewhere: what stands second, or is named for it. */
  #pathOf(term: Term): ParsedPath {
    const [first = '', second] = term.ubl
    const path: Path =
      this.#creditNote && second !== undefined && (term.id === 'BT-9' || term.id === 'BT-11') ? second.replace(/^\/cn:CreditNote\//, '') : first
    return parsePath(path)
  }

  /** An element for one value, in an element of its own where there is one already, or where there may be many. */
  #leaf(context: Node, steps: readonly Step[], many: boolean): Node {
    const parent = this.#reached(context, steps.slice(0, -1))
    const last = steps.at(-1)
    if (last === undefined) return parent
    const taken = parent.children.some(({ name }) => name === this.#nameOf(last))
    if (steps.length < 2 || !(taken || (many && parent.children.length > 0))) return this.#added(parent, last)
    return this.#added(this.#fresh(context, steps.slice(0, -1), false), last)
  }

  #fresh(context: Node, steps: readonly Step[], alone: boolean): Node {
    const last = steps.at(-1)
    if (last === undefined) return context
    const around = steps.slice(0, -1)
    const parent = this.#reached(context, around)
    const taken = alone && parent.children.some(({ name }) => name === this.#nameOf(last))
    return this.#added(taken ? this.#fresh(context, around, false) : parent, last)
  }

  #reached(context: Node, steps: readonly Step[]): Node {
    let at = context
    for (const step of steps) {
      const [name, qualifiers] = [this.#nameOf(step), step.qualifiers.join()]
      at = at.children.find((child) => child.name === name && child.qualifiers === qualifiers) ?? this.#added(at, step)
    }
    return at
  }

  #added(parent: Node, step: Step): Node {
    const made = node(this.#nameOf(step), step.qualifiers.join())
    for (const qualifier of step.qualifiers) qualified(made, qualifier)
    parent.children.push(made)
    return made
  }

  #nameOf({ names }: Step): string {
    const [first = ''] = names
    return this.#creditNote ? (names.find((name) => name.includes('Credit')) ?? first) : first
  }
}

function listOf(value: Model[string] | undefined): readonly (ModelValue | Model)[] {
  if (value === undefined) return []
  return Array.isArray(value) ? (value as readonly (ModelValue | Model)[]) : [value as ModelValue | Model]
}

function noteOf(note: Model): string {
  const subject = textOf(note['BT-21'])
  return subject === '' ? textOf(note['BT-22']) : `#${subject}#${textOf(note['BT-22'])}`
}

/** What makes an element the one that a qualifier asks for. */
function qualified(element: Node, qualifier: string): void {
  if (qualifier === 'vat') element.children.push(taxScheme('VAT'))
  if (qualifier === 'otherTax') element.children.push(taxScheme('TAX'))
  if (qualifier === 'allowance' || qualifier === 'charge') element.children.push(simple('cbc:ChargeIndicator', String(qualifier === 'charge')))
  if (qualifier === '50' || qualifier === '130') element.children.push(simple('cbc:DocumentTypeCode', qualifier))
  if (qualifier === 'creditor') element.attributes.set('schemeID', 'SEPA')
}

function taxScheme(code: string): Node {
  const scheme = node('cac:TaxScheme')
  scheme.children.push(simple('cbc:ID', code))
  return scheme
}

function simple(name: string, text: string): Node {
  const made = node(name)
  made.text = text
  return made
}

/** Adds what UBL demands, and puts all in the order that UBL has. */
function completed(element: Node): void {
  const has = (name: string) => element.children.some((child) => child.name === name)
  if ((element.name === 'cac:TaxCategory' || element.name === 'cac:ClassifiedTaxCategory') && !has('cac:TaxScheme')) element.children.push(taxScheme('VAT'))
  if (element.name === 'cac:AllowanceCharge' && !has('cbc:ChargeIndicator')) element.children.push(simple('cbc:ChargeIndicator', 'false'))
  if (element.name === 'cac:CardAccount') element.children.push(simple('cbc:NetworkID', 'NA'))
  if (element.name === 'ubl:Invoice' || element.name === 'cn:CreditNote') alike(element.children.filter(({ name }) => name === 'cac:PaymentMeans'))
  for (const child of element.children) completed(child)
  element.children.sort((one, other) => placeIn(element.name, one.name) - placeIn(element.name, other.name))
}

/** Each account stands in payment means of its own, which all say the same besides. */
function alike([first, ...others]: readonly Node[]): void {
  const shared = first?.children.filter(({ name }) => name === 'cbc:PaymentMeansCode' || name === 'cbc:PaymentID') ?? []
  // The text of the payment means stands once.
  for (const other of others)
    for (const { name, text } of shared) if (!other.children.some((child) => child.name === name)) other.children.push(simple(name, text))
}

function serialised({ name, attributes, children, text }: Node, indent: string, declared = ''): string {
  const written = [...attributes].map(([attribute, value]) => ` ${attribute}="${escaped(value)}"`).join('')
  const tag = `${name}${declared}${written}`
  if (children.length === 0) return `${indent}<${tag}>${escaped(text)}</${name}>\n`
  return `${indent}<${tag}>\n${children.map((child) => serialised(child, `${indent}  `)).join('')}${indent}</${name}>\n`
}

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\r': '&#13;', '\n': '&#10;', '\t': '&#9;' }

function escaped(text: string): string {
  return /[&<>"\r\n\t]/.test(text) ? text.replace(/[&<>"\r\n\t]/g, (character) => escapes[character] ?? '') : text
}
