/** What is asked of one data category, one path or one suspension at a time. */
import type { CompiledRule, Side } from './compiled-rule.ts'
import { knownWord } from './facts.ts'
import { type Packs, touches } from './packs/packs.ts'
import { contains } from './places.ts'
import type { Suspension } from './policy.ts'
import type { Question } from './question.ts'
import type { Scope } from './tables.ts'

export function leavesOut({ excludedData }: Scope, category: string, packs: Packs): boolean {
  return excludedData !== undefined && touches(packs, excludedData, category)
}

/** Whether a permit releases a path, data and flow aside. */
export function discloses(disclose: CompiledRule['disclose'], path: string): boolean {
  if (disclose === undefined) return true
  const { allow, deny } = disclose
  if (allow && !allow.some((pointer) => isUnder(path, pointer))) return false
  // What holds a denied path inside cannot be released whole.
  return !deny?.some((pointer) => isUnder(path, pointer) || isUnder(pointer, path))
}

function isUnder(path: string, pointer: string): boolean {
  return path === pointer || path.startsWith(`${pointer}/`)
}

/** Suspensions restrict: the unknown counts as matched. Whether it is in force is not looked at. */
export function suspends({ match }: Suspension, side: Side, question: Question, packs: Packs): boolean {
  const counterparty = side === 'export' ? question.importer : question.exporter
  const from = knownWord(question, 'from', packs)
  const to = knownWord(question, 'to', packs)
  const purpose = knownWord(question, 'purpose', packs)
  return (
    (match.counterpartyNode?.includes(counterparty) ?? true) &&
    (match.from === undefined || from === undefined || contains(packs, match.from, from, question.at)) &&
    (match.to === undefined || to === undefined || contains(packs, match.to, to, question.at)) &&
    (match.credential === undefined || !packs.terms.credential.has(question.credential) || match.credential.includes(question.credential)) &&
    (match.purpose === undefined || purpose === undefined || match.purpose.includes(purpose))
  )
}
