/** Both halves of a decision, made from one question, and what of it is signed. */
import { digestOf } from '#protocols/canonical.ts'
import type { Digest, Jurisdiction } from '#protocols/ids.ts'
import { msOf } from '#protocols/ids.ts'
import { type Decision, decide } from '#policies/decide.ts'
import type { Question } from '#policies/question.ts'
import { type Asked, type Known, questionOf } from './facts.ts'
import type { PolicyShelf } from './policy-shelf.ts'

export interface Evaluation {
  readonly question: Question
  readonly decision: Decision
  /** The documents both halves rest on, in order. */
  readonly policies: { readonly export: readonly Digest[]; readonly import: readonly Digest[] }
  /** Digest of question, policies and packs: equal inputs with unequal agreements are an incident. */
  readonly inputs: Digest
}

/** @param atMs decides as of another time than the Request's, for a holder that looks at its own now */
export function evaluate(asked: Asked, known: Known, shelf: PolicyShelf, atMs = msOf(asked.at)): Evaluation {
  const exporting = shelf.side(known.holder.jurisdiction, atMs)
  const importing = shelf.side(asked.accreditation.jurisdiction as Jurisdiction, atMs)
  const question = questionOf(asked, known)
  const decision = decide(exporting, importing, question)
  const policies = { export: decision.export.policies.map(({ digest }) => digest), import: decision.import.policies.map(({ digest }) => digest) }
  return { question, decision, policies, inputs: digestOf({ question, policies, packs: decision.packs }) }
}
