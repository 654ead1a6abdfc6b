/**
 * What a JSON-LD document has to be for its RDF to say all of it, and for nobody to write another document of the same RDF.
 *
 * A proof over RDF covers quads, and this program reads members. Between the two there is room: a null and an empty list leave no
 * quad, a member may hide behind its full IRI, a claim may move to another place where its node is named. Whoever holds a signed
 * credential could take its status or its end away like that, and the signature would still fit. So a document is read in one plain
 * form only, and everything else that JSON-LD allows is refused.
 */
import { canonical } from '#protocols/canonical.ts'
import { TrustError } from '#protocols/errors.ts'
import { depthMax, type Json } from '#protocols/json.ts'
import { isJsonObject, type JsonObject } from './jws.ts'

/**
 * Foreign credentials have some ten to a hundred nodes and values. A node with a context of its own type, or a context that a document
 * defines, costs one to two milliseconds, and a list grows with its square: at these limits a document takes a fifth of a second.
 */
export const linkedDataLimits = { nodes: 128, values: 1024, elements: 256, characters: 256 << 10, contexts: 256, inlineContexts: 16, terms: 128 } as const

/** Members that hold graphs of their own, so that a node in them is another description (VCDM 2.0, B.2). */
const graphs: ReadonlySet<string> = new Set(['proof', 'verifiableCredential'])

type Counted = Exclude<keyof typeof linkedDataLimits, 'elements'>

interface Walk extends Record<Counted, number> {
  /** Every context the document names, wherever. */
  readonly named: Json[]
}

/**
 * The contexts that the document and its parts name.
 *
 * @throws {TrustError} DFFT_CONTEXT for what would be unsigned or has two readings, DFFT_LIMIT, DFFT_JSON_TOO_DEEP
 */
export function checkLinkedData(document: JsonObject): readonly Json[] {
  const walk: Walk = { nodes: 0, values: 0, characters: 0, contexts: 0, inlineContexts: 0, terms: 0, named: [] }
  if (document['@context'] === undefined) throw refused('the document has no context')
  checkNode(document, walk, new Set(), 1)
  return walk.named
}

/** @param described names of nodes that were described in this graph */
function checkNode(node: JsonObject, walk: Walk, described: Set<Json>, depth: number): void {
  if (depth > depthMax) throw new TrustError('DFFT_JSON_TOO_DEEP', `the document is nested deeper than ${depthMax} levels`, { depthMax })
  count(walk, 'nodes', 1)
  const names = Object.keys(node)
  if (node.id !== undefined && names.length > 1) {
    if (described.has(node.id)) throw refused(`\`${shortened(node.id)}\` is described in two places, so a claim could move between them`)
    described.add(node.id)
  }
  for (const name of names) {
    const value = node[name] as Json // Of the object's own names.
    count(walk, 'characters', name.length)
    if (name === '@context') collectContexts(value, walk)
    else checkMember(name, value, walk, graphs.has(name) ? null : described, depth)
  }
}

/** @param described null where every value is a graph of its own */
function checkMember(name: string, value: Json, walk: Walk, described: Set<Json> | null, depth: number): void {
  if (name.startsWith('@')) throw refused(`the keyword \`${shortened(name)}\` has a plainer form`)
  if (name.includes(':')) throw refused(`the member \`${shortened(name)}\` is an IRI and could hide a term`)
  const elements = Array.isArray(value) ? value : [value]
  if (elements.length === 0) throw refused(`\`${shortened(name)}\` is an empty list, which nobody signs`)
  if (elements.length > linkedDataLimits.elements) {
    throw new TrustError('DFFT_LIMIT', 'a list is too long for canonical RDF', { elements: elements.length, elementsMax: linkedDataLimits.elements })
  }
  const names = elements.map(nameOf).filter((one) => one !== undefined)
  if (new Set(names).size !== names.length) throw refused(`\`${shortened(name)}\` holds one value twice, and a set of RDF holds it once`)
  if (name === 'type' && elements.some((type) => String(type).includes(':'))) throw refused('a type that is an IRI could hide a term')
  for (const element of elements) {
    if (Array.isArray(element)) throw refused(`\`${shortened(name)}\` is a list in a list, and RDF knows one`)
    checkValue(element, walk, described ?? new Set(), depth)
  }
}

/** What makes two elements one in a set: what a node is called, what a text says in which language. Nodes without a name stay two. */
function nameOf(element: Json): Json | undefined {
  if (!isJsonObject(element)) return element
  return Object.hasOwn(element, '@value') ? canonical(element) : element.id
}

function checkValue(value: Json, walk: Walk, described: Set<Json>, depth: number): void {
  count(walk, 'values', 1)
  if (value === null) throw refused('a null leaves no trace in what is signed')
  if (typeof value === 'string') count(walk, 'characters', value.length)
  else if (typeof value === 'number') checkNumber(value)
  else if (isJsonObject(value)) Object.hasOwn(value, '@value') ? checkText(value, walk) : checkNode(value, walk, described, depth + 1)
}

/** RDF takes sixteen digits of a number that is no integer, and for a few of them none (JSON-LD 1.1 API, 8.6). */
function checkNumber(value: number): void {
  const whole = Number.isSafeInteger(value) && !Object.is(value, -0)
  const exact = String(value).includes('.') && Number(value.toExponential(15)) === value
  if (!whole && !exact) throw refused('a number has more digits than are signed')
}

/** Text in a language, with its direction (VCDM 2.0, 11.1). Any other value object says in two words what one can. */
function checkText(value: JsonObject, walk: Walk): void {
  const { '@value': text, '@language': language, '@direction': _, ...others } = value
  if (typeof text !== 'string' || typeof language !== 'string' || Object.keys(others).length > 0) throw refused('a value object is no text in a language')
  count(walk, 'values', 1)
  count(walk, 'characters', text.length)
}

function collectContexts(value: Json, walk: Walk): void {
  const contexts = Array.isArray(value) ? value : [value]
  if (contexts.length === 0) throw refused('an empty list of contexts says nothing')
  count(walk, 'contexts', contexts.length)
  for (const context of contexts) {
    walk.named.push(context)
    if (!isJsonObject(context)) continue
    count(walk, 'inlineContexts', 1)
    const inner = context['@context']
    count(walk, 'terms', Object.keys(context).length + (isJsonObject(inner) ? Object.keys(inner).length : 0))
  }
}

function count(walk: Walk, what: Counted, many: number): void {
  walk[what] += many
  const max = linkedDataLimits[what]
  if (walk[what] > max) throw new TrustError('DFFT_LIMIT', `the document has too many ${what} for canonical RDF`, { max })
}

function shortened(value: Json): string {
  return String(value).slice(0, 128)
}

function refused(message: string): TrustError {
  return new TrustError('DFFT_CONTEXT', message)
}
