/** What is asked of one rule, one legal relation or one suspension at a time. */
import type { CompiledRule, Rest, Side } from './compiled-rule.ts'
import { among, knownCount, knownWord } from './facts.ts'
import { type Packs, touches } from './packs/packs.ts'
import { contains } from './places.ts'
import type { Suspension } from './policy.ts'
import type { PlainFactName, Question } from './question.ts'
import type { Scope } from './tables.ts'

/** @param lenient whether the unknown counts as matched */
export function restHolds(rest: Rest, question: Question, packs: Packs, lenient: boolean): boolean {
  return (
    asked(rest.purpose, question, 'purpose', packs, lenient) &&
    asked(rest.sector, question, 'sector', packs, lenient) &&
    asked(rest.certification, question, 'certification', packs, lenient) &&
    asked(rest.dataFlags, question, 'dataFlags', packs, lenient) &&
    counted(rest.counter, question, lenient)
  )
}

function asked(wanted: ReadonlySet<string> | undefined, question: Question, name: PlainFactName, packs: Packs, lenient: boolean): boolean {
  return wanted === undefined || (among(wanted, question, name, packs) ?? lenient)
}

function counted(counter: Rest['counter'], question: Question, lenient: boolean): boolean {
  if (counter === undefined) return true
  const count = knownCount(question, counter.fact)
  return count === undefined ? lenient : count >= counter.atLeast
}

/** Whether what a legal relation asks holds; undefined where a fact it asks for is unknown. What data it leaves out is not looked at. */
export function scopeHolds(scope: Scope, question: Question, packs: Packs): boolean | undefined {
  const excluded = scope.excludedPurposes && among(scope.excludedPurposes, question, 'purpose', packs)
  const answers = [
    scope.recipientSector ? among(scope.recipientSector, question, 'sector', packs) : true,
    scope.exporterSector ? among(scope.exporterSector, question, 'exporterSector', packs) : true,
    scope.certification ? among(scope.certification, question, 'certification', packs) : true,
    scope.excludedPurposes === undefined ? true : excluded === undefined ? undefined : !excluded,
  ]
  if (answers.includes(false)) return false
  return answers.includes(undefined) ? undefined : true
}

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
