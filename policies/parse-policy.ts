/**
 * Text to a Trust Policy document: YAML 1.2 or JSON, which is YAML too. Whatever is wrong is one error with file, line
 * and column, and the nearest word that is known.
 *
 * Aliases, anchors and tags are refused: they let a short text grow, and two readers see two documents.
 */
import { type Document, isAlias, isMap, isNode, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import type { z } from 'zod'
import { TrustError } from '#protocols/errors.ts'
import { type Packs, shippedPacks } from './packs/packs.ts'
import { PolicyDocument } from './policy.ts'
import { checkTerms, nearestTo, type Problem } from './terms.ts'

/** 5,000 rules of 200 bytes. */
export const policyBytesMax = 1 << 20
/** A policy has 8 levels. */
const depthMax = 16

/** Every member name of the language, to guess at a mistyped one. */
const memberNames =
  'apiVersion kind metadata rules proof id issuer jurisdiction serial previous validFrom validUntil title notice reveal signers quorum packs vocabulary legal direction effect rank match require unless disclose exceptTo obligations cite reason from to credential data purpose recipient sector certification dataFlags counter name atLeast below legalBasis transferTool evidence assurance counterparty anyOf allOf allow deny type max keep set else withinHours withinSeconds of law at legalRelation group relation counterpartyNode en ja'.split(
    ' ',
  )

/**
 * @param file only named in the error
 * @throws {TrustError} DFFT_POLICY_SYNTAX with `line` and `column` (from 1), `file`, `path` and `nearest` as facts
 */
export function parsePolicy(text: string, file?: string, packs: Packs = shippedPacks): PolicyDocument {
  const source = new Source(text, file)
  const value = source.value()
  const result = PolicyDocument.safeParse(value)
  if (!result.success) throw source.problem(problemOf(worst(result.error.issues)))
  const [problem] = checkTerms(result.data, packs)
  if (problem) throw source.problem(problem)
  return result.data
}

/** The text beside its tree, so that a path can be shown as a place. */
class Source {
  readonly #file: string | undefined
  readonly #lines = new LineCounter()
  readonly #document: Document.Parsed

  constructor(text: string, file: string | undefined) {
    this.#file = file
    const bytes = Buffer.byteLength(text)
    if (bytes > policyBytesMax) throw new TrustError('DFFT_POLICY_SYNTAX', `the policy is longer than ${policyBytesMax} bytes`, this.#facts({ bytes }))
    this.#document = this.#parse(text)
    const [error] = [...this.#document.errors, ...this.#document.warnings]
    if (error) throw this.#error(error.message.split('\n')[0] ?? error.code, error.pos[0], { syntax: error.code })
    this.#walk(this.#document.contents, 0)
  }

  value(): unknown {
    return this.#document.toJS()
  }

  problem({ path, message, nearest }: Problem): TrustError {
    const hint = nearest === null ? '' : `; did you mean \`${nearest}\``
    return this.#error(`${message}${hint}`, this.#offset(path), { path: `/${path.join('/')}`.slice(0, 256), nearest })
  }

  #parse(text: string): Document.Parsed {
    try {
      // Duplicate keys are looked for in `#walk`: the library compares each key with each, which a large map makes slow.
      return parseDocument(text, { version: '1.2', schema: 'core', lineCounter: this.#lines, prettyErrors: false, stringKeys: true, uniqueKeys: false })
    } catch (cause) {
      // The parser is recursive: some ten thousand brackets end its stack.
      throw new TrustError('DFFT_POLICY_SYNTAX', 'the text cannot be read as YAML', this.#facts({}), { cause })
    }
  }

  #walk(node: unknown, depth: number): void {
    if (!isNode(node)) return
    if (depth > depthMax) throw this.#error(`nested deeper than ${depthMax} levels`, start(node), {})
    if (isAlias(node) || ('anchor' in node && node.anchor !== undefined) || node.tag !== undefined)
      throw this.#error('anchors, aliases and tags are refused', start(node), {})
    if (isSeq(node)) for (const element of node.items) this.#walk(element, depth + 1)
    if (isMap(node)) this.#walkMap(node.items, depth)
  }

  #walkMap(pairs: readonly unknown[], depth: number): void {
    const names = new Set<string>()
    for (const pair of pairs) {
      if (!isPair(pair) || !isScalar(pair.key)) continue
      const name = String(pair.key.value)
      if (names.has(name)) throw this.#error(`\`${name}\` stands here twice`, start(pair.key), { syntax: 'DUPLICATE_KEY' })
      if (name === '__proto__') throw this.#error('a member has a name that is refused', start(pair.key), {})
      names.add(name)
      this.#walk(pair.value, depth + 1)
    }
  }

  /** Where a path begins in the text: the deepest part of it that is there. */
  #offset(path: Problem['path']): number {
    for (let length = path.length; length > 0; length--) {
      const node = this.#document.getIn(path.slice(0, length), true)
      if (isNode(node)) return start(node)
    }
    return 0
  }

  #error(message: string, offset: number, facts: Readonly<Record<string, string | null>>): TrustError {
    const { line, col } = this.#lines.linePos(offset)
    return new TrustError('DFFT_POLICY_SYNTAX', `${this.#file ?? 'policy'}:${line}:${col}: ${message}`, this.#facts({ line, column: col, ...facts }))
  }

  #facts(facts: Readonly<Record<string, string | number | null>>): Readonly<Record<string, string | number | null>> {
    return this.#file === undefined ? facts : { file: this.#file, ...facts }
  }
}

function start(node: Node): number {
  return node.range?.[0] ?? 0
}

/** A mistyped name is reported before the member that is missing because of it. */
function worst(issues: readonly z.core.$ZodIssue[]): z.core.$ZodIssue | undefined {
  return issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]
}

/** The deepest complaint: of a union's branches the one that got furthest is what the author meant. */
function problemOf(issue: z.core.$ZodIssue | undefined, base: readonly PropertyKey[] = []): Problem {
  const path = [...base, ...(issue?.path ?? [])]
  if (issue?.code === 'invalid_union') {
    const branches = issue.errors.flatMap((errors) => worst(errors) ?? []).toSorted((a, b) => b.path.length - a.path.length)
    if (branches[0]) return problemOf(branches[0], path)
  }
  const words = path.map((part) => (typeof part === 'number' ? part : String(part)))
  if (issue?.code === 'unrecognized_keys') {
    const key = (issue.keys[0] ?? '').slice(0, 96)
    const known = memberNames.includes(key)
    return {
      path: [...words, key],
      message: known ? `\`${key}\` has no place here` : `unknown member \`${key}\``,
      nearest: known ? null : nearestTo(key, memberNames),
    }
  }
  return { path: words, message: issue?.message ?? 'the document does not fit its schema', nearest: null }
}
