/**
 * Deciding: one side of one policy of many rules, a hundred thousand distinct questions, every deciding rule named,
 * nothing remembered by question. What is said of it afterwards (paths, the agreement, the explanation) is measured apart.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { compile, type PolicyIndex } from '#policies/compile.ts'
import { agreementBody, decide } from '#policies/decide.ts'
import { oracleSide } from '#policies/decide-oracle.fixture.ts'
import { explain } from '#policies/explain.ts'
import { shippedPacks as packs } from '#policies/packs/packs.ts'
import type { TrustPolicy } from '#policies/policy.ts'
import type { Question } from '#policies/question.ts'
import { digestOf } from '#protocols/canonical.ts'
import { Cedar } from '#test-network/proof/differential.ts'
import { type Contender, compared, contend, type Effort, type Line, type Measure, median, must, scaled } from './measure.ts'
import { measures as analysis } from './policy-analysis.ts'
import { asRead, policyLoad } from './policy-load.ts'

const sizes = [100, 1000, 5000, 10_000]
const seed = 20_261_121
const questionsEach = 100_000

export const measures: readonly Measure[] = [
  ...sizes.map((rules): Measure => ({ names: [`policy.decide-${rules}`], lines: (effort) => decideMany(rules, effort) })),
  { names: ['policy.as-read'], lines: asReadLines },
  { names: ['policy.growth'], lines: growth },
  { names: ['policy.cedar'], lines: besideCedar },
  { names: ['policy.index'], lines: indexLines },
  { names: ['policy.both'], lines: bothSides },
  ...analysis,
]

interface Load {
  readonly policy: TrustPolicy
  readonly questions: readonly Question[]
  readonly index: PolicyIndex
}

function loadOf(rules: number, effort: Effort): Load {
  const { policy, questions } = policyLoad({ rules, questions: scaled(questionsEach, effort, 200), seed })
  return { policy, questions, index: compile([policy], packs) }
}

/** Beside it the slow evaluator that tests judge by, which has to name the same rules. */
async function* decideMany(rules: number, effort: Effort): AsyncIterable<Line> {
  const { policy, questions, index } = loadOf(rules, effort)
  const slow = (question: Question) => oracleSide([policy], packs, 'export', question).rules
  tellShares(rules, questions, index)
  for (const question of questions.slice(0, scaled(200, effort, 20))) agree([...index.export.rule(question).rules], [...slow(question)])
  const readings = await contend(
    { ours: turns(questions, (question) => index.export.rule(question).rules.length), specification: turns(questions, (question) => slow(question).length) },
    effort,
  )
  yield* compared(`policy.decide-${rules}`, readings, { ours: 'ours', references: ['specification'], unit: 'µs' })
}

/** The same with questions that share no part, as a node has them that has just read them: each comes from memory that no cache holds. */
async function* asReadLines(effort: Effort): AsyncIterable<Line> {
  const { questions, index } = loadOf(1000, effort)
  const read = asRead(questions)
  const rule = (question: Question) => index.export.rule(question).rules.length
  const readings = await contend({ ours: turns(read, rule), shared: turns(questions, rule) }, effort)
  yield* compared('policy.as-read', readings, { ours: 'ours', references: ['shared'], unit: 'µs' })
}

/** How much longer a decision takes among a hundred times as many rules. */
async function* growth(effort: Effort): AsyncIterable<Line> {
  const [few, many] = [loadOf(100, effort), loadOf(10_000, effort)]
  const rule = ({ questions, index }: Load) => turns(questions, (question) => index.export.rule(question).rules.length)
  const readings = await contend({ many: rule(many), few: rule(few) }, effort)
  yield* compared('policy.growth', readings, { ours: 'many', references: ['few'], unit: 'µs' })
}

/** One path a question, since Cedar decides one at a time: the same rules, translated, in its own form, read beforehand. */
async function* besideCedar(effort: Effort): AsyncIterable<Line> {
  const { policy, questions } = policyLoad({ rules: scaled(1000, effort, 20), questions: scaled(questionsEach, effort, 200), seed, paths: 1 })
  const index = compile([policy], packs)
  const cedar = new Cedar([policy], questions[0]?.at ?? '')
  for (const question of questions.slice(0, 40)) {
    const { items } = cedar.decide(question)
    agree([...index.export.rule(question).rules], [...new Set(items.flatMap(({ rules }) => rules))])
  }
  const ours = turns(questions, (question) => index.export.rule(question).rules.length)
  const theirs = turns(questions, (question) => cedar.release(question))
  const readings = await contend({ ours, 'cedar-wasm': theirs }, effort)
  yield* compared('policy.cedar', readings, { ours: 'ours', references: ['cedar-wasm'], unit: 'µs' })
}

/** What an index of 5,000 rules keeps, once it has been asked everything, and how long it takes to make. */
async function* indexLines(effort: Effort): AsyncIterable<Line> {
  const { policy, questions } = policyLoad({ rules: 5000, questions: scaled(questionsEach, effort, 200), seed })
  const collect = collector()
  compile([policy], packs)
  const readings = await contend(
    { compile: (times) => repeat(times, () => compile([policy], packs)), digest: (times) => repeat(times, () => digestOf(policy)) },
    effort,
  )
  yield* compared('policy.index.compile-5000', readings, { ours: 'compile', references: ['digest'], unit: 'ms', shown: (us) => us / 1000 })
  const before = memory(collect)
  const index = compile([policy], packs)
  for (const question of questions) index.export.rule(question)
  const kept = memory(collect) - before
  must(index.export.rules.length > 0 && questions.length > 0, 'neither the index nor its questions were collected meanwhile')
  yield { name: 'policy.index.memory-5000', value: kept / 2 ** 20, unit: 'MiB', reference: 'document', ratio: JSON.stringify(policy).length / kept }
}

/** Both sides with what is disclosed and owed; then the agreement's digest, and the sentences, beside it. */
async function* bothSides(effort: Effort): AsyncIterable<Line> {
  const { policy, index, questions } = loadOf(1000, effort)
  const importing = compile([{ ...policy, rules: policy.rules.map((rule) => ({ ...rule, direction: 'import' as const })) }], packs)
  const bound = { exchange: '0123456789abcdef0123456789abcdef' as NonNullable<Question['exchange']>, request: packs.digests.legal }
  const plain = { nearest: false }
  const permitted = must(
    questions.slice(0, 5000).filter((question) => decide(index, importing, question, plain).verdict === 'permit'),
    'some are permitted',
  )
  const decided = permitted
    .slice(0, 500)
    .map((question) => ({ ...question, ...bound }))
    .map((question) => ({ question, decision: decide(index, importing, question, plain) }))
  const both = turns(permitted, (question) => decide(index, importing, question, plain).packs.length)
  const agreement = turns(decided, ({ question, decision }) => digestOf(agreementBody(question, decision)).length)
  const explained = turns(decided, ({ question, decision }) => explain(question, decision, { export: index, import: importing }, 'en').length)
  const rule = turns(permitted, (question) => index.export.rule(question).rules.length)
  const readings = await contend({ both, agreement, explained, rule }, effort)
  yield* compared('policy.both', readings, { ours: 'both', references: ['rule'], unit: 'µs' })
  yield* compared('policy.both.agreement', readings, { ours: 'agreement', references: ['both'], unit: 'µs' })
  yield* compared('policy.both.explain', readings, { ours: 'explained', references: ['both'], unit: 'µs' })
}

/** Each call takes the next question, over all rounds. */
function turns<T>(questions: readonly T[], act: (question: T) => number): Contender {
  let next = 0
  return (times) => {
    let sum = 0
    for (let count = 0; count < times; count++) {
      sum += act(questions[next] as T) // Below the length.
      next = next + 1 === questions.length ? 0 : next + 1
    }
    must(sum >= 0, 'answers are counted')
  }
}

function repeat(times: number, act: () => unknown): void {
  for (let count = 0; count < times; count++) must(act(), 'there is a result')
}

/** Two evaluators that differ would be measured at different work. */
function agree(one: string[], other: string[]): void {
  must(one.sort().join() === other.sort().join(), `both name the same rules: ${one} and ${other}`)
}

function tellShares(rules: number, questions: readonly Question[], index: PolicyIndex): void {
  const counts = new Map<string, number>()
  for (const question of questions) {
    const { code } = index.export.rule(question)
    counts.set(code, (counts.get(code) ?? 0) + 1)
  }
  const shares = [...counts].map(([code, count]) => `${code} ${((100 * count) / questions.length).toFixed(0)} %`)
  process.stderr.write(`${rules} rules, ${questions.length} distinct questions: ${shares.join(', ')}\n`)
}

function collector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}

/** Heap and what typed arrays keep beside it, in bytes; the median of three readings. */
function memory(collect: () => void): number {
  const readings = [0, 1, 2].map(() => {
    collect()
    const { heapUsed, arrayBuffers } = process.memoryUsage()
    return heapUsed + arrayBuffers
  })
  return median(readings)
}
