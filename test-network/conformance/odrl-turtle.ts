/** Turtle of the ODRL suites as JSON of the compact form that ODRL's own context gives, which is what the product reads. */
import { readFile } from 'node:fs/promises'
import { Parser, type Quad, Store, type Term } from 'n3'
import { compact, odrlContext } from '#policies/odrl/names.ts'

export type Json = string | number | boolean | readonly Json[] | { readonly [name: string]: Json }
export type Node = Readonly<Record<string, Json>>

const rdf = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#'
const xsd = 'http://www.w3.org/2001/XMLSchema#'

/** @throws what the parser throws for a text that is no Turtle */
export async function graphOf(...files: readonly string[]): Promise<Store> {
  const store = new Store()
  // Each file has blank nodes of its own.
  for (const [index, file] of files.entries()) store.addQuads(new Parser({ blankNodePrefix: `f${index}` }).parse(await readFile(file, 'utf8')))
  return store
}

/** Subjects of a type, in the order in which the text has them. */
export function subjectsOf(graph: Store, type: string): readonly string[] {
  return graph.getSubjects(`${rdf}type`, type, null).map(({ value }) => value)
}

export function termsAt(graph: Store, subject: string | Term, predicate: string): readonly Term[] {
  return graph.getObjects(subject, predicate, null)
}

export function textAt(graph: Store, subject: string | Term, predicate: string): string | undefined {
  return termsAt(graph, subject, predicate)[0]?.value
}

export function policyJson(graph: Store, subject: string): Node {
  return { '@context': [odrlContext], ...nodeJson(graph, subject, new Set()) }
}

/** A node with all that the graph says of it; what it names is spelt out in it, if the graph says anything of that. */
export function nodeJson(graph: Store, subject: string | Term, above: ReadonlySet<string>): Node {
  const id = typeof subject === 'string' ? subject : subject.value
  const inner = new Set([...above, id])
  const quads = graph.getQuads(subject, null, null, null)
  const blank = typeof subject !== 'string' && subject.termType === 'BlankNode'
  const members: Record<string, Json> = blank ? {} : { '@id': id }
  for (const [predicate, some] of Map.groupBy(quads, ({ predicate }: Quad) => predicate.value)) {
    const values = some.map(({ object }) => termJson(graph, object, inner))
    const [only] = values
    members[memberName(predicate)] = values.length === 1 && only !== undefined ? only : values
  }
  return members
}

function memberName(predicate: string): string {
  if (predicate === `${rdf}type`) return '@type'
  // The benchmark's word for the first day of a recurring time, for which ODRL has none.
  return predicate.endsWith('/drk/ontology/anchor') ? 'dfft:anchor' : compact(predicate)
}

function termJson(graph: Store, term: Term, above: ReadonlySet<string>): Json {
  if (term.termType === 'Literal') return literalJson(term.value, term.datatype.value)
  if (term.value === `${rdf}nil`) return []
  if (graph.getQuads(term, `${rdf}first`, null, null).length > 0) return listOf(graph, term).map((one) => termJson(graph, one, above))
  if (above.has(term.value) || graph.getQuads(term, null, null, null).length === 0) return { '@id': term.value }
  return nodeJson(graph, term, above)
}

function literalJson(value: string, datatype: string): Json {
  if (datatype === `${xsd}string`) return value
  if (datatype === `${xsd}integer` || datatype === `${xsd}decimal`) return Number(value)
  return { '@value': value, '@type': datatype }
}

function listOf(graph: Store, head: Term): readonly Term[] {
  const [first] = termsAt(graph, head, `${rdf}first`)
  const [rest] = termsAt(graph, head, `${rdf}rest`)
  return [...(first ? [first] : []), ...(rest && rest.value !== `${rdf}nil` ? listOf(graph, rest) : [])]
}
