/**
 * Deciding: one side of one policy of many rules, a hundred thousand distinct questions, every deciding rule named, nothing
 * remembered by question. Beside it what a scan and Cedar take, what an agreement and an explanation add, and the memory.
 *
 * What the questions are and how many are permitted is in policy-load.ts, and goes to standard error for each load.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { compile, type PolicyIndex } from '#policies/compile.ts'
import { agreementBody, type Decision, decide, decideSide, rule, ruleBoth } from '#policies/decide.ts'
import { explain } from '#policies/explain.ts'
import { shippedPacks } from '#policies/packs/packs.ts'
import { TrustPolicy } from '#policies/policy.ts'
import type { Question } from '#policies/question.ts'
import { digestOf } from '#protocols/canonical.ts'
import { parse } from '#protocols/channel.ts'
import { type Contender, compared, contend, cpuUs, type Effort, type Line, type Measure, must, scaled } from './measure.ts'
import { cedarOf } from './policy-cedar.ts'
import { asRead, type PolicyLoad, policyLoad } from './policy-load.ts'
import { type Scanned, scanner } from './policy-scan.ts'

// The one that is asked about most goes first: what is measured later finds the memory in less order.
const sizes = [1000, 100, 5000, 10_000]

// What analysing 1,000 rules takes (`policy.analyse-1000`) belongs here too.
export const measures: readonly Measure[] = [
  ...sizes.map((rules) => ({ names: [`policy.decide-${rules}`], lines: (effort: Effort) => decideMany(rules, effort) })),
  { names: ['policy.growth'], lines: growth },
  { names: ['policy.cedar-1000'], lines: againstCedar },
  { names: ['policy.as-read-1000', 'policy.half-1000'], lines: otherways },
  { names: ['policy.both-1000', 'policy.agreement', 'policy.explain'], lines: bothSides },
  { names: ['policy.index-5000', 'policy.compile-5000'], lines: sizeOfIndex },
]

const seed = 20_261_121
const questionCount = 100_000

/** The ruling alone. */
async function* decideMany(rules: number, effort: Effort): AsyncIterable<Line> {
  const { policy, questions } = loadOf({ rules, questions: scaled(questionCount, effort), seed })
  const index = opened(policy, questions)
  const scan = scanner(policy.rules, shippedPacks)
  agree(questions.slice(0, scaled(500, effort, 50)), index, scan)
  const ours = turns(questions, (question) => rule(index, 'export', question).rules.length)
  const readings = await contend({ ours, 'naive-scan': turns(questions, (question) => scan(question).rules.length) }, effort)
  yield* compared(`policy.decide-${rules}`, readings, { ours: 'ours', references: ['naive-scan'], unit: 'µs' })
}

/** The ruling of questions that share nothing with each other, as one who has just read them has them; and the half of a decision, with its paths. */
async function* otherways(effort: Effort): AsyncIterable<Line> {
  const { policy, questions } = loadOf({ rules: 1000, questions: scaled(questionCount, effort), seed })
  const index = opened(policy, questions)
  const ours = turns(questions, (question) => rule(index, 'export', question).rules.length)
  const read = await contend({ ours, 'as-read': turns(asRead(questions), (question) => rule(index, 'export', question).rules.length) }, effort)
  yield* compared('policy.as-read-1000', read, { ours: 'as-read', references: ['ours'], unit: 'µs' })
  const half = turns(questions, (question) => decideSide(index, 'export', question, { nearest: false }).rules.length)
  yield* compared('policy.half-1000', await contend({ ours, half }, effort), { ours: 'half', references: ['ours'], unit: 'µs' })
}

/** How much longer a question takes among a hundred times as many rules. */
async function* growth(effort: Effort): AsyncIterable<Line> {
  const [few, many] = [100, 10_000].map((rules) => {
    const { policy, questions } = policyLoad({ rules, questions: scaled(questionCount, effort), seed })
    const index = opened(policy, questions)
    return turns(questions, (question) => rule(index, 'export', question).rules.length)
  })
  const readings = await contend({ 'rules-100': must(few, 'there are few'), 'rules-10000': must(many, 'there are many') }, effort)
  for (const line of compared('policy.growth', readings, { ours: 'rules-10000', references: ['rules-100'], unit: 'times' }))
    yield { ...line, value: 1 / line.ratio }
}

/** Cedar decides one path at a time: so each question asks for one. */
async function* againstCedar(effort: Effort): AsyncIterable<Line> {
  const load = loadOf({ rules: 1000, questions: scaled(questionCount, effort), seed, paths: 1 })
  const index = opened(load.policy, load.questions)
  const cedar = cedarOf(load.policy.rules, shippedPacks)
  for (const question of load.questions.slice(0, scaled(100, effort, 10))) {
    const [{ verdict, rules }, theirs] = [rule(index, 'export', question), cedar(question)]
    must(verdict === theirs.verdict && rules.every((id) => theirs.rules.includes(id)), `Cedar comes to ${theirs.verdict} by ${theirs.rules}, ours to ${rules}`)
  }
  const readings = await contend(
    {
      ours: turns(load.questions, (question) => rule(index, 'export', question).rules.length),
      'cedar-wasm': turns(load.questions, (question) => cedar(question).rules.length),
    },
    effort,
  )
  yield* compared('policy.cedar-1000', readings, { ours: 'ours', references: ['cedar-wasm'], unit: 'µs' })
}

/** A decision of both sides; with the agreement's hash; and as sentences, the nearest permit looked for. */
async function* bothSides(effort: Effort, wanted: (name: string) => boolean): AsyncIterable<Line> {
  const { policy, questions } = loadOf({ rules: 1000, questions: scaled(questionCount, effort), seed })
  const exporting = compile([policy], shippedPacks)
  const importing = compile([mirrored(policy)], shippedPacks)
  const indexes = { export: exporting, import: importing }
  const exchanged = questions.slice(0, 10_000).map((question) => ({ ...question, ...exchange }))
  const agreed = exchanged.filter((question) => ruleBoth(exporting, importing, question).verdict === 'permit')
  const whole = (question: Question) => decide(exporting, importing, question, { nearest: false })
  const bodies = agreed.map((question) => must(agreementBody(question, whole(question)), 'both sides agree'))
  const decisions = new Map<Question, Decision>(questions.slice(0, 200).map((question) => [question, decide(exporting, importing, question)]))
  const told = [...decisions.keys()]
  const contenders = {
    both: turns(questions, (question) => ruleBoth(exporting, importing, question).export.rules.length),
    one: turns(questions, (question) => rule(exporting, 'export', question).rules.length),
    agreement: turns(agreed, (question) => must(whole(question).agreement, 'both sides agree').length),
    'hash-of-it': turns(bodies, (body) => digestOf(body).length),
    explain: turns(told, (question) => explain(question, must(decisions.get(question), 'it is decided'), indexes, 'en').length),
    nearest: turns(told, (question) => decide(exporting, importing, question).export.nearest.length),
  }
  const readings = await contend(contenders, effort)
  const lines = [
    ...compared('policy.both-1000', readings, { ours: 'both', references: ['one'], unit: 'µs' }),
    ...compared('policy.agreement', readings, { ours: 'agreement', references: ['hash-of-it'], unit: 'µs' }),
    ...compared('policy.explain', readings, { ours: 'explain', references: ['one'], unit: 'µs' }),
    ...compared('policy.explain.nearest', readings, { ours: 'nearest', references: ['one'], unit: 'µs' }),
  ]
  yield* lines.filter(({ name }) => wanted(name))
}

const exchange = { exchange: '0123456789abcdef0123456789abcdef' as NonNullable<Question['exchange']>, request: shippedPacks.digests.legal }

/** The same rules as the other side's. */
function mirrored(policy: TrustPolicy): TrustPolicy {
  const jurisdiction = 'EU' as TrustPolicy['metadata']['jurisdiction']
  const rules = policy.rules.map((one) => ({ ...one, id: one.id.replace('jp.', 'eu.'), direction: 'import' as const }))
  return { ...policy, metadata: { ...policy.metadata, id: 'urn:trust-policy:eu:load', jurisdiction }, rules }
}

const mebibyte = 1 << 20

/** Memory that the index takes beside the policy it was made of, after as many questions as it will ever remember anything of. */
async function* sizeOfIndex(effort: Effort): AsyncIterable<Line> {
  const rules = 5000
  const { policy, questions } = loadOf({ rules, questions: scaled(questionCount, effort), seed })
  const checked = await cpuUs(() => parse(policy, TrustPolicy))
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void // What the flag puts there.
  const before = settled(collect)
  const kept: PolicyIndex[] = []
  const took = await cpuUs(() => kept.push(compile([policy], shippedPacks)))
  const index = must(kept[0], 'there is an index')
  const first = must(questions[0], 'there are questions')
  const opened = await cpuUs(() => rule(index, 'export', first))
  const fresh = settled(collect) - before
  for (const question of questions) rule(index, 'export', question)
  const used = settled(collect) - before
  process.stderr.write(
    `index of ${rules} rules: ${(fresh / mebibyte).toFixed(2)} MiB, after ${questions.length} questions ${(used / mebibyte).toFixed(2)} MiB\n`,
  )
  must(kept.length === 1, 'the index is still held')
  yield { name: `policy.index-${rules}`, value: used / mebibyte, unit: 'MiB', reference: 'policy-as-JSON', ratio: JSON.stringify(policy).length / used }
  yield { name: `policy.compile-${rules}`, value: (took + opened) / 1000, unit: 'ms', reference: 'schema', ratio: checked / (took + opened) }
}

function settled(collect: () => void): number {
  for (let round = 0; round < 4; round++) collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** The load, its shares told. */
function loadOf(size: Parameters<typeof policyLoad>[0]): PolicyLoad {
  const load = policyLoad(size)
  const index = compile([load.policy], shippedPacks)
  const shares = Map.groupBy(load.questions, (question) => rule(index, 'export', question).code)
  const told = [...shares].map(([code, { length }]) => `${code} ${((100 * length) / load.questions.length).toFixed(1)} %`)
  process.stderr.write(`${size.rules} rules, ${load.questions.length} questions: ${told.sort().join(', ')}\n`)
  return load
}

/** An index that was asked once: it works out what the day of the questions means when it first meets that day. */
function opened(policy: TrustPolicy, questions: readonly Question[]): PolicyIndex {
  const index = compile([policy], shippedPacks)
  rule(index, 'export', must(questions[0], 'there are questions'))
  return index
}

/** Each call takes the next question, over all rounds. */
function turns<T>(questions: readonly T[], decide: (question: T) => number): Contender {
  let next = 0
  return (times) => {
    let rules = 0
    for (let count = 0; count < times; count++) {
      const question = questions[next]
      next = next + 1 === questions.length ? 0 : next + 1
      if (question !== undefined) rules += decide(question)
    }
    must(rules >= 0, 'rules are counted')
  }
}

/** Two evaluators that differ would be measured at different work. */
function agree(questions: readonly Question[], index: PolicyIndex, scan: (question: Question) => Scanned): void {
  for (const question of questions) {
    const [ours, theirs] = [rule(index, 'export', question), scan(question)]
    const text = ({ rules, added }: Scanned) => `${[...rules].sort()} ${[...added].sort()}`
    must(text(ours) === text(theirs), `the scan and the index name the same rules: ${text(ours)} and ${text(theirs)}`)
  }
}
