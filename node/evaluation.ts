/** Both halves of a decision, made from one question, and what of it is signed. */

import type { PolicyIndex } from '#policies/compile.ts'
import { type Decision, decide } from '#policies/decide.ts'
import type { Question } from '#policies/question.ts'
import { digestOf } from '#protocols/canonical.ts'
import type { Digest, Jurisdiction } from '#protocols/ids.ts'
import { msOf } from '#protocols/ids.ts'
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

export function evaluate(asked: Asked, known: Known, shelf: PolicyShelf): Evaluation {
  return decided(sidesAt(asked, known, shelf, msOf(asked.at)), asked, known)
}

/** The same question as of another time than the Request's, for a holder that looks at its own now. Where the sides are the same, so is the decision. */
export function evaluateAt(atMs: number, before: Evaluation, asked: Asked, known: Known, shelf: PolicyShelf): Evaluation {
  const [then, now] = [sidesAt(asked, known, shelf, msOf(asked.at)), sidesAt(asked, known, shelf, atMs)]
  return then.exporting === now.exporting && then.importing === now.importing ? before : decided(now, asked, known)
}

interface Sides {
  readonly exporting: PolicyIndex
  readonly importing: PolicyIndex
}

function sidesAt({ accreditation }: Asked, { holder }: Known, shelf: PolicyShelf, atMs: number): Sides {
  return { exporting: shelf.side(holder.jurisdiction, atMs), importing: shelf.side(accreditation.jurisdiction as Jurisdiction, atMs) }
}

function decided({ exporting, importing }: Sides, asked: Asked, known: Known): Evaluation {
  const question = questionOf(asked, known)
  const decision = decide(exporting, importing, question)
  const policies = { export: decision.export.policies.map(({ digest }) => digest), import: decision.import.policies.map(({ digest }) => digest) }
  return { question, decision, policies, inputs: digestOf({ question, policies, packs: decision.packs }) }
}
