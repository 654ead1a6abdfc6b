/**
 * The light tree that xml.ts reads documents into, and where a value stands in it.
 *
 * A name is one interned text: the usual prefix of a known namespace and the local name (`cbc:ID`), whatever prefix the document
 * uses; names of other namespaces are written `{namespace}local`, so nothing foreign can be taken for a known element.
 */

export interface Element {
  readonly name: string
  readonly parent: Element | undefined
  readonly children: readonly Element[]
  /** Character data that stands directly in it, put together. */
  readonly text: string
  /** Name, value, name, value, …; without namespace declarations. */
  readonly attributes: readonly string[]
  /** Of its start tag in the text of the document, in UTF-16 code units. */
  readonly offset: number
}

/** Prefixes that our paths use. */
export const namespaces = {
  ubl: 'urn:oasis:names:specification:ubl:schema:xsd:Invoice-2',
  cn: 'urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2',
  cac: 'urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2',
  cbc: 'urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2',
  ext: 'urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2',
  rsm: 'urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100',
  ram: 'urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100',
  udt: 'urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100',
  qdt: 'urn:un:unece:uncefact:data:standard:QualifiedDataType:100',
} as const

export function attribute(element: Element, name: string): string | undefined {
  const { attributes } = element
  for (let index = 0; index < attributes.length; index += 2) if (attributes[index] === name) return attributes[index + 1]
  return undefined
}

/** As XPath's `string()`, but that text between child elements is put before them. Nothing in an invoice is mixed. */
export function stringOf(element: Element): string {
  return element.children.length === 0 ? element.text : element.text + element.children.map(stringOf).join('')
}

const blanks = /[ \t\r\n]+/g
const untidy = /^[ \t\r\n]|[ \t\r\n]$|[\t\r\n]| {2}/

/** XPath's `normalize-space()`. */
export function tidy(text: string): string {
  return untidy.test(text) ? text.replace(blanks, ' ').replace(/^ | $/g, '') : text
}

/** `/ubl:Invoice/cac:InvoiceLine[2]/cbc:ID`: numbers start at 1 and stand where a parent has several of that name. */
export function pathOf(element: Element): string {
  const steps: string[] = []
  for (let at: Element | undefined = element; at !== undefined; at = at.parent) steps.unshift(stepOf(at))
  return `/${steps.join('/')}`
}

/** Numbers of children that share their name with another, by parent: worked out when the first of them is asked for. */
const numbers = new WeakMap<Element, ReadonlyMap<Element, number>>()

function stepOf(element: Element): string {
  const { parent, name } = element
  if (parent === undefined) return name
  const known = numbers.get(parent) ?? numbered(parent)
  numbers.set(parent, known)
  const number = known.get(element)
  return number === undefined ? name : `${name}[${number}]`
}

function numbered({ children }: Element): ReadonlyMap<Element, number> {
  const alike = Map.groupBy(children, ({ name }) => name)
  const found = new Map<Element, number>()
  for (const elements of alike.values()) if (elements.length > 1) for (const [index, element] of elements.entries()) found.set(element, index + 1)
  return found
}
