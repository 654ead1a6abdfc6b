/** Both halves of a decision on one credential, made from one question, and what of it is signed. */

import type { PolicyShelf } from '#node/policy/policy-shelf.ts'
import type { PolicyIndex } from '#policies/compile.ts'
import { type Decision, decide, type Half } from '#policies/decide.ts'
import type { Question } from '#policies/question.ts'
import { canonicalInParts } from '#protocols/canonical.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Digest, digest, type Instant, msOf } from '#protocols/ids.ts'
import type { Way } from '#protocols/query/exchange-query.ts'
import { decideOnce } from './decided-once.ts'
import { type Asked, type Known, questionOf } from './facts.ts'

export interface Evaluation {
  readonly question: Question
  readonly decision: Decision
  /** The documents both halves rest on, in order. */
  readonly policies: { readonly export: readonly Digest[]; readonly import: readonly Digest[] }
  /** Digest of question, policies and packs: equal inputs with unequal agreements are an incident. */
  readonly inputs: Digest
}

/**
 * @param way the credential of the query that is decided on, with the claims that are looked at
 * @param at decides as of another time than the Request's, for a holder that looks at its own now
 * @throws {TrustError} DFFT_SCHEMA when the Request asks what no question can say, such as a member and a part of it
 */
export function evaluate(asked: Asked, way: Way, known: Known, shelf: PolicyShelf, at: Instant = asked.at): Evaluation {
  const question = { ...questionOf(asked, way, known), at }
  const exporting = shelf.side(known.holder.jurisdiction, msOf(at))
  const importing = shelf.side(asked.accreditation.jurisdiction, msOf(at))
  // The nearest permit costs a hundred judgements: it is looked for when somebody asks why.
  const decision = decideOnce(exporting, importing, question)
  const policies = { export: decision.export.policies.map(({ digest }) => digest), import: decision.import.policies.map(({ digest }) => digest) }
  return { question, decision, policies, inputs: digest(canonicalInParts({ question, policies, packs: decision.packs })) }
}

/** The same decision with the nearest permits, from the documents of its day. @throws {TrustError} DFFT_POLICY_MISSING when one is no longer held */
export function explained(
  { question, decision }: Pick<Evaluation, 'question' | 'decision'>,
  shelf: PolicyShelf,
): { decision: Decision; exporting: PolicyIndex; importing: PolicyIndex } {
  const exporting = sideOfDay(decision.export, shelf)
  const importing = sideOfDay(decision.import, shelf)
  if (!exporting || !importing) throw new TrustError('DFFT_POLICY_MISSING', 'a policy of that day is no longer held')
  return { decision: decide(exporting, importing, question), exporting, importing }
}

/** With the suspensions that decided, and none that was unknown then. */
function sideOfDay({ policies, code, rules }: Half, shelf: PolicyShelf): PolicyIndex | undefined {
  return shelf.sideOf(
    policies.map(({ digest }) => digest),
    code === 'SUSPENDED' ? rules : [],
  )
}
