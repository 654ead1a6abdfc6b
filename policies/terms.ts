/**
 * Every word of a policy against the packs. A word nobody knows would silently match nothing, which in a deny
 * fails open (`to: [UK]` for `GB`): so it is an error on loading.
 */
import type { Packs, TermKind } from './packs/packs.ts'
import type { Match, Obligation, Place, PolicyDocument, Require, Rule, TrustPolicy } from './policy.ts'

export interface Problem {
  /** Into the document. */
  readonly path: readonly (string | number)[]
  readonly message: string
  /** The most similar word that is known. */
  readonly nearest: string | null
}

type Report = (problem: Problem) => void

export function checkTerms(document: PolicyDocument, packs: Packs): Problem[] {
  const problems: Problem[] = []
  const words = wordChecker(packs, (problem) => problems.push(problem))
  words('jurisdiction', [document.metadata.jurisdiction], ['metadata', 'jurisdiction'])
  if (document.kind === 'Suspension') checkMatch(document.match, ['match'], words)
  else {
    checkPacks(document, packs, (problem) => problems.push(problem))
    for (const [index, rule] of document.rules.entries()) {
      checkRule(rule, ['rules', index], words)
      checkSchemes(rule, ['rules', index], packs, (problem) => problems.push(problem))
    }
  }
  return problems
}

type Words = (kind: TermKind, words: readonly string[] | undefined, path: Problem['path']) => void

// Of two letters every country is near to some other: no guess there.
function wordChecker(packs: Packs, report: Report): Words {
  return (kind, words, path) => {
    for (const [index, word] of (words ?? []).entries()) {
      if (packs.terms[kind].has(word)) continue
      report({
        path: words?.length === 1 ? path : [...path, index],
        message: `unknown ${kind} \`${word}\``,
        nearest: kind === 'jurisdiction' ? null : nearestTo(word, packs.terms[kind]),
      })
    }
  }
}

function checkPacks({ metadata }: TrustPolicy, packs: Packs, report: Report): void {
  for (const name of ['vocabulary', 'legal'] as const)
    if (metadata.packs[name] !== packs.digests[name])
      report({ path: ['metadata', 'packs', name], message: otherPack(name, metadata.packs[name], packs), nearest: null })
}

/** Not a slip of the pen: its words and its law may mean something else there. */
function otherPack(name: 'vocabulary' | 'legal', written: string, { digests }: Packs): string {
  return `the policy was written for other packs: for the ${name} pack \`${written}\`, and \`${digests[name]}\` is read with here; write it anew against this one, or use a node that holds the other (\`dfft policy sign FILE\`)`
}

function checkRule(rule: Rule, path: Problem['path'], words: Words): void {
  checkMatch(rule.match, [...path, 'match'], words)
  if (rule.effect === 'permit') checkRequire(rule.require, [...path, 'require'], words)
  else checkRequire(rule.unless, [...path, 'unless'], words)
  if (rule.effect !== 'deny')
    for (const [index, obligation] of (rule.obligations ?? []).entries()) checkObligation(obligation, [...path, 'obligations', index], words)
}

function checkMatch(match: Match, path: Problem['path'], words: Words): void {
  checkPlace(match.from, [...path, 'from'], words)
  checkPlace(match.to, [...path, 'to'], words)
  words('credential', match.credential, [...path, 'credential'])
  words('category', match.data, [...path, 'data'])
  words('purpose', match.purpose, [...path, 'purpose'])
  words('certification', match.recipient?.certification, [...path, 'recipient', 'certification'])
  words('dataFlag', match.dataFlags, [...path, 'dataFlags'])
  words('counter', match.counter && [match.counter.name], [...path, 'counter', 'name'])
}

function checkPlace(place: Place | undefined, path: Problem['path'], words: Words): void {
  if (place === undefined) return
  for (const [index, entry] of (Array.isArray(place) ? place : [place]).entries()) {
    const at = Array.isArray(place) ? [...path, index] : path
    if (typeof entry === 'string') words('jurisdiction', [entry], at)
    else if ('group' in entry) words('group', [entry.group], [...at, 'group'])
    else words('relation', [entry.relation], [...at, 'relation'])
  }
}

function checkRequire(require: Require | undefined, path: Problem['path'], words: Words): void {
  for (const name of ['legalBasis', 'transferTool', 'evidence', 'certification'] as const) {
    const wanted = require?.[name]
    if (wanted === undefined) continue
    if ('anyOf' in wanted) words(name, wanted.anyOf, [...path, name, 'anyOf'])
    else words(name, wanted.allOf, [...path, name, 'allOf'])
  }
  words('counter', require?.counter && [require.counter.name], [...path, 'counter', 'name'])
}

function checkObligation(obligation: Obligation, path: Problem['path'], words: Words): void {
  if (obligation.type === 'purpose-limit') words('purpose', obligation.allow, [...path, 'allow'])
  else if (obligation.type === 'supplementary-rules') words('supplementaryRule', [obligation.set], [...path, 'set'])
  else if (obligation.type === 'onward-transfer' && obligation.allow !== 'none') checkPlace(obligation.allow, [...path, 'allow'], words)
}

/** Rule 10 of the language: membership in a certification or recognition scheme is never a permit by itself. */
function checkSchemes(rule: Rule, path: Problem['path'], packs: Packs, report: Report): void {
  if (rule.effect !== 'permit' || rule.require?.certification || rule.require?.transferTool || rule.match.recipient?.certification) return
  for (const side of ['from', 'to'] as const) {
    const place = rule.match[side]
    for (const entry of place === undefined ? [] : Array.isArray(place) ? place : [place])
      if (typeof entry === 'object' && 'group' in entry && packs.legal.groups.some(({ id, scheme }) => scheme && id === entry.group))
        report({ path: [...path, 'match', side], message: `membership in \`${entry.group}\` permits nothing by itself`, nearest: null })
  }
}

/** The known word with the fewest changed letters, if it is near enough to be a slip. */
export function nearestTo(word: string, known: Iterable<string>): string | null {
  let best: string | null = null
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Levenshtein's, one row at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length] ?? 0
}
