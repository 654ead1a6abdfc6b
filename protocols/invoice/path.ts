/**
 * Paths: how rules and readers say where something stands.
 *
 *   cbc:ID                               children of the context
 *   cac:Party/cac:PartyName/cbc:Name     children of children
 *   cac:InvoiceLine|cac:CreditNoteLine/cbc:ID   one of two names at a step
 *   cac:TaxCategory{vat}/cbc:ID          only those for which the qualifier `vat` of the ruleset holds
 *   .. and .                             the parent, the context itself
 *   /ubl:Invoice/cbc:ID                  from the root element
 *   //cac:TaxCategory/cbc:ID             anywhere in the document, by its index
 *   cbc:ID/@schemeID, //@listURI         attributes, always last
 *   *, *Amount, ram:*ID                  any name, or any that ends so
 *
 * A path is compiled once and walked without recursion over the document: what it costs is the children it passes.
 */
import type { Document } from './document.ts'
import { attribute, type Element, stringOf } from './element.ts'

export type Path = string

export type Holds = (element: Element, document: Document) => boolean

/** Qualifiers by name. */
export type Qualifiers = (name: string) => Holds

export interface Step {
  readonly names: readonly string[]
  readonly matches: (name: string) => boolean
  readonly qualifiers: readonly string[]
}

export interface ParsedPath {
  /** As it was written, without its attribute. */
  readonly text: string
  readonly from: 'context' | 'root' | 'anywhere'
  readonly steps: readonly Step[]
  readonly attribute: string | undefined
}

/** Compiled: calls `visit` for each element until it returns true. @returns whether it did */
export type Walk = (context: Element, document: Document, visit: (element: Element) => boolean) => boolean

export function parsePath(path: Path): ParsedPath {
  const from = path.startsWith('//') ? 'anywhere' : path.startsWith('/') ? 'root' : 'context'
  const written = path.replace(/^\/+/, '').split('/')
  const last = written.at(-1) ?? ''
  const attributeName = last.startsWith('@') ? last.slice(1) : undefined
  const steps = (attributeName === undefined ? written : written.slice(0, -1)).map(parseStep)
  const text = attributeName === undefined ? path : path.slice(0, -attributeName.length - 1)
  return { text, from, steps, attribute: attributeName }
}

function parseStep(written: string): Step {
  const [names = '', ...qualifiers] = written.split('{')
  const alternatives = names.split('|')
  return { names: alternatives, matches: matcher(alternatives), qualifiers: qualifiers.map((qualifier) => qualifier.replace('}', '')) }
}

function matcher(names: readonly string[]): (name: string) => boolean {
  const [first = '', second] = names
  if (names.some((name) => name.includes('*'))) {
    const tests = names.map(wildcard)
    return (name) => tests.some((test) => test(name))
  }
  if (names.length === 1) return (name) => name === first
  if (names.length === 2) return (name) => name === first || name === second
  const set = new Set(names)
  return (name) => set.has(name)
}

function wildcard(pattern: string): (name: string) => boolean {
  const star = pattern.indexOf('*')
  if (star < 0) return (name) => name === pattern
  const before = pattern.slice(0, star)
  const after = pattern.slice(star + 1)
  return (name) => name.startsWith(before) && name.endsWith(after)
}

const walkers = new WeakMap<Qualifiers, Map<string, Walk>>()

/** Walks elements; the attribute of the path is left to `texts`. The same path is compiled once, and a path that does not begin at the context walked once a document. */
export function walker(path: ParsedPath, qualifiers: Qualifiers): Walk {
  const known = walkers.get(qualifiers) ?? new Map<string, Walk>()
  walkers.set(qualifiers, known)
  // All attributes anywhere have the same text before them.
  const key = path.steps.length === 0 ? `${path.text}@${path.attribute}` : path.text
  const walk = known.get(key) ?? compiledWalk(path, qualifiers)
  known.set(key, walk)
  return walk
}

function compiledWalk(path: ParsedPath, qualifiers: Qualifiers): Walk {
  const steps = path.steps.map((step) => compiledStep(step, qualifiers))
  if (path.from === 'context') return (context, document, visit) => walk(steps, 0, context, document, visit)
  const reach = path.from === 'root' ? fromRoot(steps) : fromAnywhere(path, steps)
  const elements = (document: Document) => {
    const found: Element[] = []
    reach(document, (element) => {
      found.push(element)
      return false
    })
    return found
  }
  // Where the path does not begin at the context it leads to the same elements for every line.
  return (_, document, visit) => {
    for (const element of document.once(elements, elements)) {
      document.spend(1)
      if (visit(element)) return true
    }
    return false
  }
}

interface CompiledStep {
  readonly kind: 'self' | 'parent' | 'child'
  readonly matches: (name: string) => boolean
  /** The only name, where there is one: comparing texts is faster than a call. */
  readonly name: string | undefined
  readonly holds: Holds | undefined
}

function compiledStep(step: Step, qualifiers: Qualifiers): CompiledStep {
  const [name = ''] = step.names
  const tests = step.qualifiers.map(qualifiers)
  const [only] = tests
  const holds: Holds | undefined = tests.length <= 1 ? only : all(tests)
  const single = step.names.length === 1 && !name.includes('*') ? name : undefined
  return { kind: name === '.' ? 'self' : name === '..' ? 'parent' : 'child', matches: step.matches, name: single, holds }
}

export function all(tests: readonly Holds[]): Holds {
  return (element, document) => {
    for (let index = 0; index < tests.length; index++) if (!(tests[index] as Holds)(element, document)) return false // The index is in bounds.
    return true
  }
}

function walk(steps: readonly CompiledStep[], at: number, element: Element, document: Document, visit: (element: Element) => boolean): boolean {
  const step = steps[at]
  if (step === undefined) return visit(element)
  if (step.kind === 'child') {
    const { children } = element
    const { name } = step
    document.spend(children.length)
    for (let index = 0; index < children.length; index++) {
      const child = children[index] as Element // The index is in bounds.
      if (name === undefined ? !step.matches(child.name) : child.name !== name) continue
      if (step.holds !== undefined && !step.holds(child, document)) continue
      if (walk(steps, at + 1, child, document, visit)) return true
    }
    return false
  }
  const next = step.kind === 'self' ? element : element.parent
  if (next === undefined || (step.holds !== undefined && !step.holds(next, document))) return false
  return walk(steps, at + 1, next, document, visit)
}

type Reach = (document: Document, visit: (element: Element) => boolean) => boolean

function fromRoot(steps: readonly CompiledStep[]): Reach {
  const [first] = steps
  return (document, visit) => {
    if (first === undefined || !first.matches(document.root.name)) return false
    if (first.holds !== undefined && !first.holds(document.root, document)) return false
    return walk(steps, 1, document.root, document, visit)
  }
}

function fromAnywhere({ attribute: name, steps: [beginning] }: ParsedPath, steps: readonly CompiledStep[]): Reach {
  const [first] = steps
  if (first === undefined || beginning === undefined) return (document, visit) => name !== undefined && document.withAttribute(name).some(visit)
  return (document, visit) => {
    for (const one of beginning.names)
      for (const element of document.named(one))
        if ((first.holds === undefined || first.holds(element, document)) && walk(steps, 1, element, document, visit)) return true
    return false
  }
}

/** Compiled: calls `visit` for the text of each element or attribute until it returns true. @returns whether it did */
export type Texts = (context: Element, document: Document, visit: (text: string) => boolean) => boolean

export function texts(path: ParsedPath, qualifiers: Qualifiers): Texts {
  const walked = walker(path, qualifiers)
  const { attribute: name } = path
  if (name === undefined) return (context, document, visit) => walked(context, document, (element) => visit(stringOf(element)))
  return (context, document, visit) =>
    walked(context, document, (element) => {
      const value = attribute(element, name)
      return value !== undefined && visit(value)
    })
}
