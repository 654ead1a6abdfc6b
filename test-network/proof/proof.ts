/** Random policies and random questions, decided twice: the loop that both proofs share. */
import fc from 'fast-check'
import { compile, type PolicyIndex } from '#policies/compile.ts'
import { question, side } from '#policies/decide-arbitrary.fixture.ts'
import { shippedPacks as packs } from '#policies/packs/packs.ts'
import type { TrustPolicy } from '#policies/policy.ts'
import type { Question } from '#policies/question.ts'

export interface Draws {
  readonly questions: number
  readonly seed: number
  /** What our side is compiled from instead: how a test sees that a difference is found. */
  readonly altered?: (documents: readonly TrustPolicy[]) => readonly TrustPolicy[]
}

export interface Proof {
  readonly questions: number
  /** How often each code came out: a proof over one outcome only would show here. */
  readonly codes: Readonly<Record<string, number>>
  /** The first few, in full. */
  readonly mismatches: readonly Mismatch[]
}

export interface Mismatch {
  readonly documents: readonly TrustPolicy[]
  readonly question: Question
  readonly ours: unknown
  readonly theirs: unknown
}

/** A question each from some twenty to a policy: drawing and compiling policies costs more than asking. */
const questionsEach = 20
const mismatchesMax = 5

/** @param opponent another evaluator of the same documents; @param ours what of our decision it is compared with */
export function prove(
  { questions, seed, altered = (documents) => documents }: Draws,
  opponent: (documents: readonly TrustPolicy[], at: string) => (asked: Question) => unknown,
  ours: (index: PolicyIndex, asked: Question) => { readonly code: string; readonly compared: unknown },
): Proof {
  const codes: Record<string, number> = {}
  const mismatches: Mismatch[] = []
  let asked = 0
  for (let round = 0; asked < questions && mismatches.length < mismatchesMax; round++) {
    const [documents = []] = fc.sample(side, { numRuns: 1, seed: seed + round })
    const drawn = fc.sample(question, { numRuns: Math.min(questionsEach, questions - asked), seed: seed + round })
    const decide = opponent(documents, drawn[0]?.at ?? '')
    const index = compile(altered(documents), packs)
    for (const one of drawn) {
      asked++
      const { code, compared } = ours(index, one)
      const theirs = decide(one)
      codes[code] = (codes[code] ?? 0) + 1
      if (JSON.stringify(compared) !== JSON.stringify(theirs)) mismatches.push({ documents, question: one, ours: compared, theirs })
    }
  }
  return { questions: asked, codes, mismatches }
}
