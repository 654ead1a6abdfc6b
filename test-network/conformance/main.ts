/**
 * Judges this implementation by published test vectors, read where they lie.
 *
 *   npm run conformance -- [--vectors DIR] [--suite NAME] [--json]
 *
 * Exits 1 when a case fails, 2 for an unknown suite, and 0 with one line when there are no vectors.
 */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { jcsRfc8785 } from './jcs-rfc8785.ts'
import { sdJwtRfc9901, sdJwtSpecExamples } from './sd-jwt.ts'
import type { Suite, SuiteResult } from './suite.ts'
import { tokenStatusList } from './token-status-list.ts'
import { vcDiEddsa } from './vc-di-eddsa.ts'
import { vcJoseCose } from './vc-jose-cose.ts'
import { vcdm2Inputs } from './vcdm2-inputs.ts'
import { wycheproof } from './wycheproof.ts'

export const suites: readonly Suite[] = [jcsRfc8785, vcDiEddsa, sdJwtRfc9901, sdJwtSpecExamples, tokenStatusList, vcJoseCose, vcdm2Inputs, wycheproof]

type Outcome = { readonly name: string } & (({ readonly state: 'run' } & SuiteResult) | { readonly state: 'absent' })

export async function runSuites(vectors: string, chosen: readonly Suite[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const suite of chosen) {
    const dir = join(vectors, suite.name)
    if (!existsSync(dir)) outcomes.push({ name: suite.name, state: 'absent' })
    else {
      const { passed, failed, skipped } = await suite.run(dir)
      outcomes.push({ name: suite.name, state: 'run', passed, failed, skipped })
    }
  }
  return outcomes
}

/** A table, each failure on a line of its own, and the reasons for what was left out with their counts. */
export function render(outcomes: readonly Outcome[]): string {
  return outcomes.flatMap(renderOne).join('\n')
}

function renderOne(outcome: Outcome): readonly string[] {
  const name = outcome.name.padEnd(24)
  if (outcome.state === 'absent') return [`${name} no vectors`]
  const reasons = Map.groupBy(outcome.skipped, ({ reason }) => reason)
  return [
    `${name} ${outcome.passed} passed, ${outcome.failed.length} failed, ${outcome.skipped.length} skipped`,
    ...outcome.failed.map((finding) => `  FAILED ${finding.case}: ${finding.reason}`),
    ...[...reasons].map(([reason, findings]) => `  skipped ${findings.length}: ${reason}`),
  ]
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      vectors: { type: 'string', default: join(import.meta.dirname, '../../../shared/vectors') },
      suite: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const vectors = resolve(values.vectors)
  if (!existsSync(vectors)) {
    console.log(`no vectors at ${vectors}: nothing judged`)
    return 0
  }
  const chosen = values.suite === undefined ? suites : suites.filter(({ name }) => name === values.suite)
  if (chosen.length === 0) {
    console.error(`no suite \`${values.suite}\`; there are ${suites.map(({ name }) => name).join(', ')}`)
    return 2
  }
  const outcomes = await runSuites(vectors, chosen)
  console.log(values.json ? JSON.stringify(outcomes, null, 2) : render(outcomes))
  return outcomes.some((outcome) => outcome.state === 'run' && outcome.failed.length > 0) ? 1 : 0
}

if (import.meta.main) process.exitCode = await main()
