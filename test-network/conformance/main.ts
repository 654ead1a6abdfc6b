/**
 * Judges this implementation by published test vectors, read where they lie.
 *
 *   npm run conformance -- [--vectors DIR] [--suite NAME] [--json]
 *
 * Exits 1 when a case fails, 2 for an unknown suite, and 0 with one line when there are no vectors. With `--json`, one line a
 * suite that has a folder: {suite, passed, failed, skipped, failures: [{case, reason}]}.
 */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { ciiUblPairs } from './cii-ubl-pairs.ts'
import { diPreviousproof } from './di-previousproof.ts'
import { didKey } from './did-key.ts'
import { didWebvh } from './did-webvh.ts'
import { en16931 } from './en16931.ts'
import { en16931Mutants } from './en16931-mutants.ts'
import { identifiers } from './identifiers.ts'
import { jcsRfc8785 } from './jcs-rfc8785.ts'
import { jpPint } from './jp-pint.ts'
import { jpPintMutants } from './jp-pint-mutants.ts'
import { mappingSuites } from './mappings.ts'
import { odrlConflictBenchmark } from './odrl-conflict-benchmark.ts'
import { odrlTestSuite } from './odrl-test-suite.ts'
import { openid4vpDcql } from './openid4vp-dcql.ts'
import { peppolBisBilling3 } from './peppol-bis-billing-3.ts'
import { pintOtherJurisdictions } from './pint-other-jurisdictions.ts'
import { sdJwtRfc9901, sdJwtSpecExamples } from './sd-jwt.ts'
import { reasonOf, type Suite, type SuiteResult } from './suite.ts'
import { tokenStatusList } from './token-status-list.ts'
import { tradeChain } from './trade-chain.ts'
import { trqpSchemas } from './trqp-schemas.ts'
import { vcDiEddsa } from './vc-di-eddsa.ts'
import { vcJoseCose } from './vc-jose-cose.ts'
import { vcJsonSchema } from './vc-json-schema.ts'
import { vcdm2Inputs } from './vcdm2-inputs.ts'
import { webuildAttestations } from './webuild-attestations.ts'
import { wycheproof } from './wycheproof.ts'

export const suites: readonly Suite[] = [
  jcsRfc8785,
  vcDiEddsa,
  diPreviousproof,
  sdJwtRfc9901,
  sdJwtSpecExamples,
  tokenStatusList,
  vcJoseCose,
  vcdm2Inputs,
  vcJsonSchema,
  openid4vpDcql,
  wycheproof,
  didKey,
  didWebvh,
  odrlTestSuite,
  odrlConflictBenchmark,
  trqpSchemas,
  tradeChain,
  ...mappingSuites,
  en16931,
  en16931Mutants,
  ciiUblPairs,
  identifiers,
  webuildAttestations,
  jpPint,
  jpPintMutants,
  peppolBisBilling3,
  pintOtherJurisdictions,
]

type Outcome = { readonly name: string } & (({ readonly state: 'run' } & SuiteResult) | { readonly state: 'absent' })

export async function runSuites(vectors: string, chosen: readonly Suite[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const suite of chosen) {
    const dir = join(vectors, suite.name)
    if (!existsSync(dir)) outcomes.push({ name: suite.name, state: 'absent' })
    else outcomes.push({ name: suite.name, state: 'run', ...(await runSuite(suite, dir)) })
  }
  return outcomes
}

/** A folder that is broken, or holds nothing that its suite knows, is a failure and not a suite without faults. */
async function runSuite(suite: Suite, dir: string): Promise<SuiteResult> {
  try {
    const { passed, failed, skipped } = await suite.run(dir)
    if (passed + failed.length + skipped.length > 0) return { passed, failed, skipped }
    return broken('the folder holds no case of this suite')
  } catch (thrown) {
    return broken(reasonOf(thrown))
  }
}

function broken(reason: string): SuiteResult {
  return { passed: 0, failed: [{ case: 'folder', reason }], skipped: [] }
}

/** A table, each failure on a line of its own, and the reasons for what was left out with their counts. */
export function render(outcomes: readonly Outcome[]): string {
  return outcomes.flatMap(renderOne).join('\n')
}

function renderOne(outcome: Outcome): readonly string[] {
  const name = outcome.name.padEnd(24)
  if (outcome.state === 'absent') return [`${name} no vectors`]
  return [
    `${name} ${outcome.passed} passed, ${outcome.failed.length} failed, ${outcome.skipped.length} skipped`,
    ...outcome.failed.map((finding) => `  FAILED ${finding.case}: ${finding.reason}`),
    ...reasonsOf(outcome).map(({ reason, cases }) => `  skipped ${cases}: ${reason}`),
  ]
}

/** The same for a program: a line of JSON for each suite that has a folder. */
export function renderJson(outcomes: readonly Outcome[]): string {
  return outcomes.flatMap((outcome) => (outcome.state === 'absent' ? [] : [JSON.stringify(lineOf(outcome.name, outcome))])).join('\n')
}

function lineOf(suite: string, result: SuiteResult) {
  const { passed, failed, skipped } = result
  return { suite, passed, failed: failed.length, skipped: skipped.length, failures: failed }
}

function reasonsOf({ skipped }: SuiteResult): readonly { readonly reason: string; readonly cases: number }[] {
  return [...Map.groupBy(skipped, ({ reason }) => reason)].map(([reason, { length }]) => ({ reason, cases: length }))
}

export interface Streams {
  out(text: string): void
  err(text: string): void
}

/** @returns why not, for arguments that are none */
function wishIn(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        vectors: { type: 'string', default: join(import.meta.dirname, '../../../shared/vectors') },
        suite: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    }).values
  } catch (thrown) {
    return reasonOf(thrown)
  }
}

/** @returns the exit code */
export async function conform(args: readonly string[], { out, err }: Streams): Promise<number> {
  const values = wishIn(args)
  if (typeof values === 'string') {
    err(`${values}\nusage: npm run conformance -- [--vectors DIR] [--suite NAME] [--json]`)
    return 2
  }
  const vectors = resolve(values.vectors)
  const chosen = values.suite === undefined ? suites : suites.filter(({ name }) => name === values.suite)
  if (chosen.length === 0) {
    err(`no suite \`${values.suite}\`; there are ${suites.map(({ name }) => name).join(', ')}`)
    return 2
  }
  const outcomes = await runSuites(vectors, chosen)
  if (outcomes.every(({ state }) => state === 'absent')) {
    // What reads JSON gets lines of JSON or none.
    const say = values.json ? err : out
    say(`no vectors at ${vectors}: nothing judged`)
    return 0
  }
  out(values.json ? renderJson(outcomes) : render(outcomes))
  return outcomes.some((outcome) => outcome.state === 'run' && outcome.failed.length > 0) ? 1 : 0
}

if (import.meta.main) process.exitCode = await conform(process.argv.slice(2), { out: console.log, err: console.error })
