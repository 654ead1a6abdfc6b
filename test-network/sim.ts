/**
 * The simulator's program: plays scenarios by seed and prints the seeds that go wrong.
 *
 *     node test-network/sim.ts [--seeds 100] [--from 1] [--scenario NAME] [--story]
 */
import { parseArgs } from 'node:util'
import { badWeek } from './scenarios/bad-week.ts'
import { brokenLink } from './scenarios/broken-link.ts'
import { byzantine } from './scenarios/byzantine.ts'
import { carriedBundle } from './scenarios/carried-bundle.ts'
import { copies } from './scenarios/copies.ts'
import { crash } from './scenarios/crash.ts'
import { duplicatedRequest } from './scenarios/duplicated-request.ts'
import { enrolment } from './scenarios/enrolment.ts'
import { forkedBundle } from './scenarios/forked-bundle.ts'
import { lostReceipt } from './scenarios/lost-receipt.ts'
import { lostRights } from './scenarios/lost-rights.ts'
import { policyChange } from './scenarios/policy-change.ts'
import { revocationRace } from './scenarios/revocation-race.ts'
import { revokedMeanwhile } from './scenarios/revoked-meanwhile.ts'
import { rotation } from './scenarios/rotation.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { severalCredentials } from './scenarios/several-credentials.ts'
import { suspension } from './scenarios/suspension.ts'
import { trustNews } from './scenarios/trust-news.ts'
import { twoRequesters } from './scenarios/two-requesters.ts'
import { withheldHead } from './scenarios/withheld-head.ts'

/** Of the trust framework. */
export const trust: readonly Scenario[] = [trustNews, carriedBundle, forkedBundle, enrolment, suspension, withheldHead, lostRights]

export const scenarios: readonly Scenario[] = [
  lostReceipt,
  duplicatedRequest,
  brokenLink,
  crash,
  twoRequesters,
  revocationRace,
  revokedMeanwhile,
  rotation,
  copies,
  severalCredentials,
  policyChange,
  badWeek,
  byzantine,
  ...trust,
]

interface Wishes {
  readonly seeds: number
  readonly from: number
  readonly scenario: string | undefined
  /** The whole failure, with the log; else its first line. */
  readonly story: boolean
}

async function main({ seeds, from, scenario: wanted, story }: Wishes, say: (line: string) => void): Promise<number> {
  const chosen = scenarios.filter(({ name }) => wanted === undefined || name === wanted)
  if (chosen.length === 0) {
    say(`there is no scenario ${wanted}; there are ${scenarios.map(({ name }) => name).join(', ')}`)
    return 2
  }
  let failed = 0
  for (const scenario of chosen)
    for (let seed = from; seed < from + seeds; seed++) {
      const failure = await scenario.run(seed).then(() => undefined, messageOf)
      if (failure === undefined) continue
      failed++
      say(story ? failure : (failure.split('\n', 1)[0] ?? failure))
    }
  say(
    `${chosen.length * seeds - failed} of ${chosen.length * seeds} runs hold (${chosen.map(({ name }) => name).join(', ')}; seeds ${from} to ${from + seeds - 1})`,
  )
  return failed === 0 ? 0 : 1
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '100' },
      from: { type: 'string', default: '1' },
      scenario: { type: 'string' },
      story: { type: 'boolean', default: false },
    },
  })
  process.exitCode = await main({ seeds: Number(values.seeds), from: Number(values.from), scenario: values.scenario, story: values.story }, (line) =>
    process.stdout.write(`${line}\n`),
  )
}
