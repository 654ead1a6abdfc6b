/** Runs a ruleset over a document: one pass, each element once, each rule only where its context matches. */
import { compiled } from './condition.ts'
import { describe } from './describe.ts'
import type { Document } from './document.ts'
import { attribute, type Element, pathOf } from './element.ts'
import type { Finding } from './finding.ts'
import { automaton, type Route, type State } from './matcher.ts'
import { type Holds, type ParsedPath, parsePath } from './path.ts'
import type { Context, Flag, Rule, Ruleset } from './ruleset.ts'

export interface Report {
  /** In the order of the document; at most `findingsMax`. */
  readonly findings: readonly Finding[]
  /** Of all rules that failed, each once. */
  readonly failed: ReadonlyMap<string, Flag>
  /** More was found than is told. */
  readonly cut: boolean
}

/** An invoice with a wrong code in each of 5,000 lines is told by its first thousand findings. */
export const findingsMax = 1000

interface Judged {
  readonly rule: Rule
  readonly holds: Holds
}

/** What a route leads to: the rules of a context, or a place where nothing may stand. */
type Target =
  | { readonly kind: 'context'; readonly pattern: number; readonly rules: readonly Judged[]; readonly checks: readonly Check[] }
  | { readonly kind: 'forbidden'; readonly rule: Rule; readonly attribute: string | undefined; readonly up: number }

/** A qualifier of a route, and how far above the element it is asked. */
interface Check {
  readonly up: number
  readonly holds: Holds
}

interface Program {
  readonly start: State<Target>
}

export function runRules(rules: Ruleset, document: Document): Report {
  const program = programOf(rules)
  const run = new Run(document)
  run.visit(document.root, program.start.next(document.root.name))
  return run.report()
}

class Run {
  readonly #document: Document
  readonly #findings: Finding[] = []
  readonly #failed = new Map<string, Flag>()
  /** Contexts in which a forbidden place was found, by rule: it is told once for each. */
  readonly #told = new Map<Rule, Set<Element>>()
  #cut = false

  constructor(document: Document) {
    this.#document = document
  }

  report(): Report {
    return { findings: this.#findings, failed: this.#failed, cut: this.#cut }
  }

  visit(element: Element, state: State<Target>): void {
    const { hits } = state
    let done = -1
    for (let index = 0; index < hits.length; index++) {
      const target = hits[index] as Target // The index is in bounds.
      if (target.kind === 'forbidden') this.#forbidden(target, element)
      else if (target.pattern !== done && this.#qualified(element, target.checks)) {
        done = target.pattern
        this.#judge(element, target.rules)
      }
    }
    const { children } = element
    for (let index = 0; index < children.length; index++) {
      const child = children[index] as Element // The index is in bounds.
      this.visit(child, state.next(child.name))
    }
  }

  #qualified(element: Element, checks: readonly Check[]): boolean {
    for (let index = 0; index < checks.length; index++) {
      const { up, holds } = checks[index] as Check // The index is in bounds.
      if (!holds(above(element, up), this.#document)) return false
    }
    return true
  }

  #judge(element: Element, rules: readonly Judged[]): void {
    for (let index = 0; index < rules.length; index++) {
      const { rule, holds } = rules[index] as Judged // The index is in bounds.
      if (!holds(element, this.#document)) this.#fail(rule, element)
    }
  }

  #forbidden({ rule, attribute: name, up }: Extract<Target, { kind: 'forbidden' }>, element: Element): void {
    if (name !== undefined && attribute(element, name) === undefined) return
    const context = above(element, up)
    const told = this.#told.get(rule) ?? new Set()
    this.#told.set(rule, told)
    if (told.has(context)) return
    told.add(context)
    this.#fail(rule, element)
  }

  #fail(rule: Rule, element: Element): void {
    this.#failed.set(rule.id, rule.flag)
    if (this.#findings.length >= findingsMax) {
      this.#cut = true
      return
    }
    this.#findings.push({ id: rule.id, flag: rule.flag, path: pathOf(element), ...describe(rule) })
  }
}

/** A route is as long as its path, so there is a parent for each of its steps. */
function above(element: Element, levels: number): Element {
  let at = element
  for (let level = 0; level < levels; level++) at = at.parent ?? at
  return at
}

const programs = new WeakMap<Ruleset, Program>()

function programOf(rules: Ruleset): Program {
  const known = programs.get(rules) ?? made(rules)
  programs.set(rules, known)
  return known
}

function made(rules: Ruleset): Program {
  const routes: Route<Target>[] = []
  for (const [pattern, contexts] of rules.patterns.entries())
    for (const [index, context] of contexts.entries()) routes.push(...routesOf(context, contexts.slice(0, index), { pattern, rules }))
  return { start: automaton(routes) }
}

/**
 * That something stands nowhere under a context costs nothing where it is a route of its own, which no correct document takes; as
 * a condition it would be looked for in every context. There are a thousand such rules. Not so where an earlier context may take the element.
 */
function routesOf(context: Context, earlier: readonly Context[], { pattern, rules }: { pattern: number; rules: Ruleset }): readonly Route<Target>[] {
  const qualifiers = context.at.some((path) => path.includes('{'))
  const alone = !qualifiers && !earlier.some((other) => mayShare(other, context))
  const forbidding = alone ? context.rules.filter(({ test }) => 'lacks' in test && walksDown(parsePath(test.lacks))) : []
  const judged = context.rules.filter((rule) => !forbidding.includes(rule)).map((rule) => ({ rule, holds: compiled(rule.test, rules.meaning) }))
  const target = (path: string): Target => ({ kind: 'context', pattern, rules: judged, checks: checksOf(path, rules) })
  return [...context.at.map((path) => ({ path, target: target(path) })), ...forbidding.flatMap((rule) => context.at.flatMap((path) => forbidden(path, rule)))]
}

function checksOf(path: string, { meaning }: Ruleset): readonly Check[] {
  const { steps } = parsePath(path)
  return steps.flatMap(({ qualifiers }, index) => qualifiers.map((name) => ({ up: steps.length - 1 - index, holds: meaning.qualifiers(name) }))).toReversed()
}

function mayShare(one: Context, other: Context): boolean {
  const lasts = ({ at }: Context) => at.flatMap((path) => parsePath(path).steps.slice(-1))
  return lasts(one).some((first) => lasts(other).some((second) => first.names.some(second.matches) || second.names.some(first.matches)))
}

function walksDown({ from, steps }: ParsedPath): boolean {
  return (
    from === 'context' && steps.length > 0 && steps.every(({ names, qualifiers }) => qualifiers.length === 0 && !names.includes('.') && !names.includes('..'))
  )
}

function forbidden(context: string, rule: Rule): readonly Route<Target>[] {
  const { lacks } = rule.test as { readonly lacks: string } // As the caller filtered.
  const { attribute: name, steps } = parsePath(lacks)
  const below = name === undefined ? lacks : lacks.slice(0, -name.length - 2)
  return [{ path: `${context}/${below}`, target: { kind: 'forbidden', rule, attribute: name, up: steps.length } }]
}
