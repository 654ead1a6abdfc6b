/** Deciding: one side of one policy of many rules, a hundred thousand distinct questions, every deciding rule named, nothing remembered by question. */
import { compile } from '#policies/compile.ts'
import { decideSide } from '#policies/decide.ts'
import { covers, type Packs, shippedPacks, touches } from '#policies/packs/packs.ts'
import { contains } from '#policies/places.ts'
import type { Rule } from '#policies/policy.ts'
import type { Question } from '#policies/question.ts'
import { type Contender, compared, contend, type Effort, type Line, type Measure, must, scaled } from './measure.ts'
import { policyLoad } from './policy-load.ts'

export const measures: readonly Measure[] = [1000, 5000].map((rules) => ({ names: [`policy.decide-${rules}`], lines: (effort) => decideMany(rules, effort) }))

const seed = 20_261_121

async function* decideMany(rules: number, effort: Effort): AsyncIterable<Line> {
  const { policy, questions } = policyLoad({ rules, questions: scaled(100_000, effort), seed })
  const index = compile([policy], shippedPacks)
  const scan = scanner(policy.rules, shippedPacks)
  agree(questions.slice(0, 500), (question) => decideSide(index, 'export', question, { nearest: false }).rules, scan)
  const ours = turns(questions, (question) => decideSide(index, 'export', question, { nearest: false }).rules.length)
  const naive = turns(questions, (question) => scan(question).length)
  const readings = await contend({ ours, 'naive-scan': naive }, effort)
  yield* compared(`policy.decide-${rules}`, readings, { ours: 'ours', references: ['naive-scan'], unit: 'µs' })
}

/** Each call takes the next question, over all rounds. */
function turns(questions: readonly Question[], decide: (question: Question) => number): Contender {
  let next = 0
  return (times) => {
    let rules = 0
    for (let count = 0; count < times; count++) rules += decide(must(questions[next++ % questions.length], 'there are questions'))
    must(rules >= 0, 'rules are counted')
  }
}

/** Two evaluators that differ would be measured at different work. */
function agree(questions: readonly Question[], ours: (question: Question) => readonly string[], naive: (question: Question) => readonly string[]): void {
  for (const question of questions) {
    const [one, other] = [[...ours(question)].sort(), [...naive(question)].sort()]
    must(one.join() === other.join(), `the scan and the index name the same rules: ${one} and ${other}`)
  }
}

/**
 * What one writes first: for each path, walk through all rules in order of rank, deny before permit. It knows only what
 * the rules of policy-load.ts use, and looks words up in sets made beforehand.
 */
function scanner(rules: readonly Rule[], packs: Packs): (question: Question) => readonly string[] {
  const ordered = [...rules]
    .sort((one, other) => rankOf(one) - rankOf(other) || (one.id < other.id ? -1 : 1))
    .map((rule) => ({
      rule,
      credential: new Set(rule.match.credential),
      purpose: new Set(rule.match.purpose),
      data: new Set(rule.match.data),
      flags: new Set(rule.match.dataFlags),
      basis: new Set(basesOf(rule)),
    }))
  return (question) => {
    const { from, to, purpose, legalBasis, dataFlags } = question.facts
    const flow = ordered.filter(
      ({ rule: { match }, credential, purpose: purposes }) =>
        credential.has(question.credential) &&
        purposes.has(String(purpose?.value)) &&
        contains(packs, match.from ?? [], String(from?.value), question.at) &&
        contains(packs, match.to ?? [], String(to?.value), question.at),
    )
    const bases = listed(legalBasis?.value)
    const flags = listed(dataFlags?.value)
    const denied = new Set<string>()
    const permitted = new Set<string>()
    for (const { category } of question.data) {
      const denies = flow.filter(
        ({ rule, data, flags: asked }) => rule.effect === 'deny' && flags.some((flag) => asked.has(flag)) && touches(packs, data, category),
      )
      for (const { rule } of denies) denied.add(rule.id)
      const permit = flow.find(({ rule, data, basis }) => rule.effect === 'permit' && covers(packs, data, category) && bases.some((word) => basis.has(word)))
      if (permit && denies.length === 0) permitted.add(permit.rule.id)
    }
    return [...(denied.size > 0 ? denied : permitted)]
  }
}

/** The bases of which one is needed. */
function basesOf(rule: Rule): readonly string[] {
  const wanted = rule.effect === 'permit' ? rule.require?.legalBasis : undefined
  return wanted && 'anyOf' in wanted ? wanted.anyOf : []
}

function rankOf(rule: Rule): number {
  return rule.effect === 'permit' ? (rule.rank ?? 100) : 0
}

function listed(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : []
}
