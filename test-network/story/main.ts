/**
 * Stories of the trust framework, by seed: who is trusted for what, at each instant, by nodes and by a checker that shares nothing with them.
 *
 *     npm run story -- [--seeds 20] [--from 1] [--events 24]
 */
import { createHash } from 'node:crypto'
import { parseArgs } from 'node:util'
import { sodiumEd25519 } from '#node/adapters/sodium.ts'
import { useEd25519 } from '#protocols/keys.ts'
import { attacks } from './attacks.ts'
import { bundles } from './bundles.ts'
import { ordinary } from './events.ts'
import { squats } from './squatting.ts'
import { type Counts, count, Story } from './story.ts'
import { type Beginning, beginning } from './world.ts'

const heals = ordinary.filter(({ name }) => name === 'a node is connected again')
/** There is something to settle in few stories only, and then soon. */
const settles = bundles.filter(({ name }) => name === 'operators settle which bundle counts')

/** Who is cut off is connected again sooner than the next one is cut off, else nobody would hear anything in the end. */
export const allEvents = [
  ...ordinary,
  ...attacks,
  ...squats,
  ...bundles,
  ...settles,
  ...settles,
  ...settles,
  ...settles,
  ...heals,
  ...heals,
  ...heals,
  ...heals,
]

/** A beginning takes as long as a dozen stories that go on from it. */
export const beginnings = 16
const begun = new Map<number, Promise<Beginning>>()

export function beginningOf(seed: number, among = beginnings): Promise<Beginning> {
  const variant = seed % among
  const made = begun.get(variant) ?? beginning(variant)
  begun.set(variant, made)
  return made
}

/** What has to be met for a run of many seeds to have shown anything. */
export const learnedCodes = [
  'kept',
  'DFFT_SIGNATURE',
  'DFFT_KEY_NOT_FOUND',
  'DFFT_ACCREDITATION',
  'DFFT_TRUST_CHAIN',
  'DFFT_TRUST_ROLLBACK',
  'DFFT_TRUST_FORK',
  'DFFT_TRUST_QUORUM',
  'DFFT_NOT_YET_VALID',
  'DFFT_EXPIRED',
  'a bundle: whole',
  'a bundle: DFFT_TRUST_ROLLBACK',
  'a bundle: DFFT_TRUST_FORK',
  'a bundle: DFFT_EXPIRED',
  'a bundle: DFFT_SIGNATURE',
  'a bundle: DFFT_BUNDLE',
] as const
export const answeredCodes = [
  'pin',
  'agreement',
  'DFFT_ACCREDITATION',
  'DFFT_ISSUER_NOT_RECOGNISED',
  'DFFT_TRUST_CHAIN',
  'DFFT_TRUST_SUSPENDED',
  'DFFT_TRUST_STALE',
  'DFFT_TRUST_FORK',
  'DFFT_AGREEMENT',
  'DFFT_EXPIRED',
  'DFFT_NOT_YET_VALID',
] as const

export interface Total {
  readonly events: Counts
  readonly learned: Counts
  readonly answered: Counts
  readonly questions: number
  readonly failures: readonly string[]
  readonly digest: string
}

export async function tellAll(seeds: readonly number[], { events, among = beginnings }: { events: number; among?: number }): Promise<Total> {
  const total = { events: new Map(), learned: new Map(), answered: new Map() } satisfies Record<string, Counts>
  const failures: string[] = []
  const digest = createHash('sha256')
  let questions = 0
  for (const seed of seeds) {
    try {
      const story = await Story.open(seed, await beginningOf(seed, among))
      const told = await story.play(allEvents, events)
      for (const kind of ['events', 'learned', 'answered'] as const) for (const [name, times] of told[kind]) count(total[kind], name, times)
      questions += told.questions
      digest.update(told.digest)
    } catch (thrown) {
      failures.push(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown))
    }
  }
  return { ...total, questions, failures, digest: digest.digest('hex') }
}

export function neverMet({ events, learned, answered }: Total): readonly string[] {
  return [
    ...[...ordinary, ...attacks, ...squats, ...bundles].filter(({ name }) => !events.has(name)).map(({ name }) => name),
    ...learnedCodes.filter((code) => !learned.has(code)).map((code) => `a document answered with ${code}`),
    ...answeredCodes.filter((code) => !answered.has(code)).map((code) => `a question answered with ${code}`),
  ]
}

async function main({ seeds, from, events }: { seeds: number; from: number; events: number }, say: (line: string) => void): Promise<number> {
  useEd25519(await sodiumEd25519())
  const list = Array.from({ length: seeds }, (_, at) => from + at)
  const total = await tellAll(list, { events })
  for (const [what, counts] of [
    ['events', total.events],
    ['documents answered with', total.learned],
    ['questions answered with', total.answered],
  ] as const) {
    say(`${what}: ${[...counts.values()].reduce((sum, one) => sum + one, 0)}`)
    for (const [name, times] of [...counts].sort(([one], [other]) => (one < other ? -1 : 1))) say(`  ${String(times).padStart(9)}  ${name}`)
  }
  const missing = neverMet(total)
  for (const name of missing) say(`never met: ${name}`)
  for (const failure of total.failures) say(failure)
  say(`${seeds - total.failures.length} of ${seeds} stories hold, ${total.questions} questions; ${total.digest}`)
  return total.failures.length + missing.length === 0 ? 0 : 1
}

if (import.meta.main) {
  const text = { type: 'string' } as const
  const { values } = parseArgs({ options: { seeds: { ...text, default: '20' }, from: { ...text, default: '1' }, events: { ...text, default: '24' } } })
  const wishes = { seeds: Number(values.seeds), from: Number(values.from), events: Number(values.events) }
  process.exitCode = await main(wishes, (line) => process.stdout.write(`${line}\n`))
}
