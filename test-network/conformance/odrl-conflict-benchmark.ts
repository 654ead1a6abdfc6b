/**
 * odrl-benchmark: pairs of ODRL policies with a verdict each. Its problems are texts for provers; of them the manifest and the policies
 * are read here, so what a problem asks beyond its policies (a request, a lemma, a claim to be refuted) is left out, by what the
 * manifest says of it.
 */
import { join } from 'node:path'
import type { Store, Term } from 'n3'
import type { Concepts } from '#policies/odrl/concepts.ts'
import { conflictBetween, contained, satisfiable, type World } from '#policies/odrl/conflict.ts'
import { type OdrlPolicy, readOdrl } from '#policies/odrl/document.ts'
import { atLeastZero, line } from '#policies/odrl/intervals.ts'
import { odrl, odrlContext } from '#policies/odrl/names.ts'
import { TrustError } from '#protocols/errors.ts'
import { graphOf, type Json, type Node, nodeJson, policyJson, subjectsOf, termsAt } from './odrl-turtle.ts'
import { filesUnder, readVector, type Suite, Tally } from './suite.ts'

interface Problem {
  readonly id: string
  readonly family: string
  readonly verdict: string | null
  readonly relation: string | null
  readonly policy: string
}

export const odrlConflictBenchmark: Suite = {
  name: 'odrl-conflict-benchmark',
  async run(dir) {
    const tally = new Tally()
    const concepts = await conceptsIn(join(dir, 'policies'))
    for (const problem of await readVector<readonly Problem[]>(dir, 'manifest.json'))
      await tally.file(problem.id, async () => {
        const unasked = leftOut(problem)
        if (unasked !== undefined) {
          tally.skip(problem.id, unasked)
          return
        }
        const graph = await graphOf(join(dir, 'policies', problem.policy))
        try {
          judge(tally, problem, policiesIn(graph), worldOf(problem, concepts))
        } catch (thrown) {
          // A constraint that is no set, interval or time has no verdict of ours, which is not a wrong one.
          if (!(thrown instanceof TrustError && thrown.code === 'DFFT_POLICY_ODRL')) throw thrown
          tally.skip(problem.id, thrown.message)
        }
      })
    return tally
  },
}

// --- What is asked.

type Question = (policies: readonly OdrlPolicy[], world: World) => unknown

const axiomsOnly = 'the policy has no constraint: the verdict is of the axioms'
const pairOnly = 'the policies are no pair: the verdict is of a lemma about one constraint'

/** Why a problem is none of the pair of policies it comes with. */
function leftOut({ verdict, relation }: Problem): string | undefined {
  if (relation === 'runtime') return 'is asked of one request or execution, which stands in the text for provers only'
  if (relation === 'sort-ablation') return 'one pair with both verdicts: one of them is of a reading that takes an instant for a duration'
  if (verdict === null) return 'has no verdict'
  if (verdict === 'CounterSatisfiable') return 'asks whether a claim, which stands in the text for provers only, is no theorem'
  if (verdict.startsWith('Monotonicity')) return 'is about a hierarchy that grows, which stands in the text for provers only'
  if (!(verdict in expected)) return 'is a lemma about refinement, alignment or requests, which stands in the text for provers only'
  return undefined
}

/** What our answer has to be. */
const expected: Readonly<Record<string, readonly unknown[]>> = {
  Conflict: ['conflict'],
  AndConflict: ['conflict'],
  OrConflict: ['conflict'],
  XoneConflict: ['conflict'],
  Compatible: ['compatible'],
  AndCompatibleNonConflict: ['compatible'],
  Unknown: ['unknown'],
  OrUnknown: ['unknown'],
  Satisfiable: [true],
  Unsatisfiable: [false],
  Realizable: [true],
  Unrealizable: [false],
  Refines: [true],
  NotRefines: [false],
}

function questionOf({ verdict, relation, family }: Problem): Question {
  const asks = String(verdict)
  if (/satisfiable|realizable/i.test(asks))
    return ([one, other], world) => (one && !other ? satisfiable(one, world) : one && other ? conflictBetween(one, other, world) === 'compatible' : undefined)
  const within: Question = ([one, other], world) => one && other && contained(one, other, world)
  if (relation === 'refinement') return within
  // Subsumption has the words of a conflict: compatible where the first lies within the second.
  if (relation === 'subsumption' || family.endsWith('/BoxContainment'))
    return (pair, world) => ({ true: 'compatible', false: 'conflict', undefined: 'unknown' })[String(within(pair, world))]
  return ([one, other], world) => one && other && conflictBetween(one, other, world)
}

function judge(tally: Tally, problem: Problem, policies: readonly OdrlPolicy[], world: World): void {
  const single = /satisfiable|realizable/i.test(String(problem.verdict))
  const unjudged = !single && policies.length !== 2 ? pairOnly : single && !policies.some(constrained) ? axiomsOnly : undefined
  const answer = unjudged === undefined ? questionOf(problem)(policies, world) : undefined
  if (unjudged !== undefined) tally.skip(problem.id, unjudged)
  else if (expected[String(problem.verdict)]?.includes(answer)) tally.passed++
  else tally.fail(problem.id, `${problem.verdict} expected, ${answer} found`)
}

function constrained({ permission = [] }: OdrlPolicy): boolean {
  return permission.some(({ constraint = [] }) => constraint.length > 0)
}

/** A verdict (and not a conflict) leaves open what one of the two does not speak of. The sizes are physical ones. */
function worldOf({ relation }: Problem, concepts: Concepts): World {
  return {
    concepts,
    silence: relation === 'verdict' || relation === 'verdict_algebra' ? 'unknown' : 'free',
    domainOf: (operand) => (/#absoluteSize[A-Z]/.test(operand) ? atLeastZero : line),
  }
}

// --- Policies.

/** Whole policies, or rules that stand alone, in the order of the text. */
function policiesIn(graph: Store): readonly OdrlPolicy[] {
  const whole = subjectsOf(graph, odrl('Set')).map((subject) => policyJson(graph, subject))
  const rules = subjectsOf(graph, odrl('Permission')).map((subject): Node => ({ '@context': [odrlContext], permission: [nodeJson(graph, subject, new Set())] }))
  return (whole.length > 0 ? whole : rules).map((policy) => readOdrl(spelt(policy)))
}

/** The benchmark also writes `operator odrl:or` with the alternatives as right operand; ODRL's form is a member `or`. */
function spelt(json: Json): Json {
  if (typeof json !== 'object') return json
  if (Array.isArray(json)) return json.map(spelt)
  const { operator, rightOperand, ...rest } = json as Node // An object that is no list.
  const name = typeof operator === 'object' && '@id' in operator ? String(operator['@id']) : ''
  const logical = ['or', 'xone', 'and'].find((one) => odrl(one) === name)
  const members = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, spelt(value)]))
  if (logical && rightOperand !== undefined) return { ...members, [logical]: spelt(rightOperand) }
  return { ...members, ...(operator === undefined ? {} : { operator }), ...(rightOperand === undefined ? {} : { rightOperand }) }
}

// --- Hierarchies.

const upwards = ['http://www.w3.org/2004/02/skos/core#broader', 'https://www.geonames.org/ontology#parentFeature']
const owl = 'http://www.w3.org/2002/07/owl#'

/** The hierarchies beside the policies: what is above what, and which names are said to be all different. */
async function conceptsIn(dir: string): Promise<Concepts> {
  const files = (await filesUnder(dir, '.ttl')).filter((file) => !file.endsWith('-policy.ttl'))
  const graph = await graphOf(...files.map((file) => join(dir, file)))
  const apart = graph.getObjects(null, `${owl}distinctMembers`, null).map((list) => new Set(membersOf(graph, list)))
  const all = new Set(graph.getSubjects(null, null, null).flatMap((subject) => (subject.termType === 'NamedNode' ? [subject.value] : [])))
  const below = (one: string, other: string): boolean =>
    one === other || upwards.some((edge) => termsAt(graph, one, edge).some(({ value }) => below(value, other)))
  return { all, below, apart: (one, other) => one !== other && apart.some((set) => set.has(one) && set.has(other)) }
}

function membersOf(graph: Store, list: Term): readonly string[] {
  const rdf = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#'
  const [rest] = termsAt(graph, list, `${rdf}rest`)
  return [...termsAt(graph, list, `${rdf}first`).map(({ value }) => value), ...(rest ? membersOf(graph, rest) : [])]
}
