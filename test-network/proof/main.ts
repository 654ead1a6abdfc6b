/**
 * Decides random questions twice and compares.
 *
 *   npm run proof -- [--against cedar|specification] [--questions N] [--seed S]
 *
 * Against Cedar: a hundred thousand questions where none is said, every path with every rule that decides it. Against the
 * specification: a million, with codes. Exits 1 at a mismatch, which is printed whole, 2 for arguments that are none.
 */
import { parseArgs } from 'node:util'
import { againstCedar } from './differential.ts'
import type { Draws, Proof } from './proof.ts'
import { againstSpecification } from './specification.ts'

const proofs: Readonly<Record<string, { readonly prove: (draws: Draws) => Proof; readonly questions: number }>> = {
  cedar: { prove: againstCedar, questions: 100_000 },
  specification: { prove: againstSpecification, questions: 1_000_000 },
}
const usage = 'npm run proof -- [--against cedar|specification] [--questions N] [--seed S]'

function main(): number {
  const { against, questions, seed } = argumentsOf()
  const chosen = Object.entries(proofs).filter(([name]) => against === undefined || against === name)
  if (chosen.length === 0 || Number.isNaN(questions) || Number.isNaN(seed)) {
    process.stderr.write(`${usage}\n`)
    return 2
  }
  let found = 0
  for (const [name, proof] of chosen) {
    const { mismatches, ...result } = proof.prove({ questions: questions ?? proof.questions, seed: seed ?? 1 })
    process.stdout.write(`${JSON.stringify({ against: name, seed: seed ?? 1, ...result, mismatches: mismatches.length })}\n`)
    for (const mismatch of mismatches) process.stdout.write(`${JSON.stringify(mismatch, null, 2)}\n`)
    found += mismatches.length
  }
  return found === 0 ? 0 : 1
}

/** A number that is none is NaN. */
function argumentsOf(): { readonly against: string | undefined; readonly questions: number | undefined; readonly seed: number | undefined } {
  try {
    const { values } = parseArgs({ options: { against: { type: 'string' }, questions: { type: 'string' }, seed: { type: 'string' } } })
    const count = (text: string | undefined) => (text === undefined ? undefined : /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN)
    return { against: values.against, questions: count(values.questions), seed: count(values.seed) }
  } catch {
    return { against: undefined, questions: Number.NaN, seed: undefined }
  }
}

process.exitCode = main()
