/** Both halves of a decision on one credential, made from one question, and what of it is signed. */

import type { PolicyShelf } from '#node/policy/policy-shelf.ts'
import type { PolicyIndex } from '#policies/compile.ts'
import { type Decision, decide, type Half } from '#policies/decide.ts'
import type { Question } from '#policies/question.ts'
import { canonicalInParts } from '#protocols/canonical.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Digest, digest, type Instant, msOf } from '#protocols/ids.ts'
import type { Way } from '#protocols/query/exchange-query.ts'
import { statedOf } from './counters.ts'
import { decideOnce } from './decided-once.ts'
import { type Asked, type Known, questionOf, typeOf } from './facts.ts'
import { transferIn } from './transfers.ts'

export interface Evaluation {
  readonly question: Question
  readonly decision: Decision
  /** The documents both halves rest on, in order. */
  readonly policies: { readonly export: readonly Digest[]; readonly import: readonly Digest[]; readonly origins?: readonly (readonly Digest[])[] }
  /** Digest of question, policies and packs: equal inputs with unequal agreements are an incident. */
  readonly inputs: Digest
}

/**
 * @param way the credential of the query that is decided on, with the claims that are looked at
 * @param at decides as of another time than the Request's, for a holder that looks at its own now
 * @throws {TrustError} DFFT_SCHEMA when the Request asks what no question can say, such as a member and a part of it
 */
export function evaluate(asked: Asked, way: Way, known: Known, shelf: PolicyShelf, at: Instant = asked.at): Evaluation {
  const exporting = shelf.side(known.holder.jurisdiction, msOf(at))
  const importing = shelf.side(asked.accreditation.jurisdiction, msOf(at))
  const origins = (known.transfers ?? []).map((transfer) => shelf.side(transferIn(transfer).jurisdiction, msOf(at)))
  // A count that no rule asks for would only make two questions of one.
  const named = [exporting, importing, ...origins].flatMap((side) => side.counters)
  const counters = named.length > 0 && known.counters ? statedOf(known.counters, named, typeOf(way)) : {}
  const question = { ...questionOf(asked, way, { ...known, counters }), at }
  // The nearest permit costs a hundred judgements: it is looked for when somebody asks why.
  const decision = origins.length > 0 ? decide(exporting, importing, question, { nearest: false, origins }) : decideOnce(exporting, importing, question)
  const digests = ({ policies }: Half) => policies.map(({ digest }) => digest)
  const ofOrigins = decision.origins ? { origins: decision.origins.map(digests) } : {}
  const policies = { export: digests(decision.export), import: digests(decision.import), ...ofOrigins }
  return { question, decision, policies, inputs: digest(canonicalInParts({ question, policies, packs: decision.packs })) }
}

/** The sides of those from whom the data came; of one whose policies are not held an empty one, which denies. */
export function originsOf({ onward, at }: Question, shelf: PolicyShelf): { readonly origins?: readonly PolicyIndex[] } {
  return onward ? { origins: onward.map(({ jurisdiction }) => shelf.side(jurisdiction, msOf(at))) } : {}
}

/** The same decision with the nearest permits, from the documents of its day. @throws {TrustError} DFFT_POLICY_MISSING when one is no longer held */
export function explained(
  { question, decision }: Pick<Evaluation, 'question' | 'decision'>,
  shelf: PolicyShelf,
): { decision: Decision; exporting: PolicyIndex; importing: PolicyIndex; origins: readonly PolicyIndex[] } {
  const exporting = sideOfDay(decision.export, shelf)
  const importing = sideOfDay(decision.import, shelf)
  const origins = (decision.origins ?? []).flatMap((half) => sideOfDay(half, shelf) ?? [])
  if (!exporting || !importing || origins.length < (decision.origins ?? []).length)
    throw new TrustError('DFFT_POLICY_MISSING', 'a policy of that day is no longer held')
  return { decision: decide(exporting, importing, question, { origins }), exporting, importing, origins }
}

/** With the suspensions that decided, and none that was unknown then. */
function sideOfDay({ policies, code, rules }: Half, shelf: PolicyShelf): PolicyIndex | undefined {
  return shelf.sideOf(
    policies.map(({ digest }) => digest),
    code === 'SUSPENDED' ? rules : [],
  )
}
