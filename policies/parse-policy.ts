/**
 * Text to a Trust Policy document: YAML 1.2 or JSON. Whatever is wrong is one error with file, line and column, and the
 * nearest word that is known.
 */
import type { z } from 'zod'
import type { TrustError } from '#protocols/errors.ts'
import { type Packs, shippedPacks } from './packs/packs.ts'
import { PolicyDocument } from './policy.ts'
import { type Place, Source } from './source.ts'
import { checkTerms, nearestTo, type Problem } from './terms.ts'

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
  const read = documentOf(source, packs)
  if ('problems' in read) throw flaw(source, read.problems[0])
  return read.document
}

export interface Inspected {
  /** Undefined where the text has a flaw. */
  readonly document: PolicyDocument | undefined
  /** Everything that keeps it from being a policy, in the order of the text, at most 100. */
  readonly flaws: readonly TrustError[]
  /** Where a path of the document begins in the text. */
  place(path: Problem['path']): Place
}

/** What keeps an author company: all flaws at once, and the place of what is sound. @throws {TrustError} DFFT_POLICY_SYNTAX for what cannot be read at all */
export function inspectPolicy(text: string, file?: string, packs: Packs = shippedPacks): Inspected {
  const source = new Source(text, file)
  const read = documentOf(source, packs)
  const place = (path: Problem['path']) => source.place(path)
  if ('document' in read) return { document: read.document, flaws: [], place }
  return { document: undefined, flaws: inOrder(read.problems.slice(0, flawsMax).map((problem) => flaw(source, problem))), place }
}

const flawsMax = 100

/** The document, or what is wrong with it, the worst first. */
function documentOf(source: Source, packs: Packs): Read {
  const result = PolicyDocument.safeParse(source.value())
  if (!result.success) {
    const first = worst(result.error.issues)
    const others = result.error.issues.filter((issue) => issue !== first)
    return { problems: [problemOf(first), ...others.map((issue) => problemOf(issue))] }
  }
  const [first, ...others] = checkTerms(result.data, packs)
  return first ? { problems: [first, ...others] } : { document: result.data }
}

type Read = { readonly document: PolicyDocument } | { readonly problems: readonly [Problem, ...Problem[]] }

function flaw(source: Source, { path, message, nearest }: Problem): TrustError {
  const hint = nearest === null ? '' : `; did you mean \`${nearest}\``
  return source.error(`${message}${hint}`, source.place(path), { path: `/${path.join('/')}`.slice(0, 256), nearest })
}

function inOrder(flaws: readonly TrustError[]): TrustError[] {
  const number = ({ facts }: TrustError, name: 'line' | 'column') => Number(facts[name])
  return flaws.toSorted((a, b) => number(a, 'line') - number(b, 'line') || number(a, 'column') - number(b, 'column'))
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
