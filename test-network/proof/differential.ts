/** The same random questions to this evaluator and to Cedar's, over the same random policies: every path, every rule named. */
import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs'
import type { PolicyIndex } from '#policies/compile.ts'
import { decideSide } from '#policies/decide.ts'
import { judge } from '#policies/judge.ts'
import { shippedPacks as packs } from '#policies/packs/packs.ts'
import type { Rule, TrustPolicy } from '#policies/policy.ts'
import type { Question } from '#policies/question.ts'
import { type Act, type Context, contextOf, itemContext, toCedar } from './cedar.ts'
import { type Draws, type Proof, prove } from './proof.ts'

export function againstCedar(draws: Draws): Proof {
  return prove(
    draws,
    (documents, at) => {
      const cedar = new Cedar(documents, at)
      return (asked) => cedar.decide(asked)
    },
    oursOf,
  )
}

type Outcome = { readonly path: string; readonly verdict: 'permit' | 'deny'; readonly rules: readonly string[] }

function oursOf(index: PolicyIndex, asked: Question) {
  const { code, verdict, added } = decideSide(index, 'export', asked, { nearest: false })
  const items = judge(index, 'export', asked).items.map((item): Outcome => {
    const released = item.code === 'PERMITTED'
    return { path: item.path, verdict: released ? 'permit' : 'deny', rules: (released ? item.permits : item.denies).map(({ rule }) => rule.id).sort() }
  })
  return { code, compared: { items, added: verdict === 'permit' ? [...added].sort() : null } }
}

/** Documents of one side in Cedar's engine, read once. */
export class Cedar {
  readonly #documents: readonly TrustPolicy[]

  constructor(documents: readonly TrustPolicy[], at: string) {
    this.#documents = documents
    for (const [position, document] of documents.entries()) {
      const parsed = preparsePolicySet(String(position), { staticPolicies: toCedar(document, 'export', at, packs) })
      if (parsed.type === 'failure') throw new Error(parsed.errors.map(({ message }) => message).join('; '))
    }
  }

  decide(asked: Question) {
    const context = contextOf(asked, packs)
    const speaking = this.#documents.map((_, position) => ask(position, 'speak', context).allowed)
    const items = asked.data.map((item) => this.#item(itemContext(context, item, packs), speaking, item.path))
    const released = items.filter(({ verdict }) => verdict === 'permit')
    const denied = items.some(({ verdict, rules }) => verdict === 'deny' && rules.length > 0)
    const permitted = !denied && released.length > 0 && (asked.selective || released.length === items.length)
    return { items, added: permitted ? this.#duties(asked, context) : null }
  }

  /** The releasing alone, of every path: how many rules were named. */
  release(asked: Question): number {
    const context = contextOf(asked, packs)
    const named = asked.data.flatMap((item) => this.#documents.flatMap((_, position) => ask(position, 'release', itemContext(context, item, packs)).reasons))
    return named.length
  }

  /** One path under every document: each that speaks, or forbids, must release it. */
  #item(context: Context, speaking: readonly boolean[], path: string): Outcome {
    const permits: string[] = []
    const forbids: string[] = []
    let missed = false
    for (const [position, document] of this.#documents.entries()) {
      const { allowed, reasons } = ask(position, 'release', context)
      if (allowed) {
        const first = firstOf(document.rules, reasons)
        if (first !== undefined) permits.push(first)
      } else if (reasons.length > 0) forbids.push(...reasons)
      else if (speaking[position] === true) missed = true
    }
    if (forbids.length > 0) return { path, verdict: 'deny', rules: forbids.sort() }
    return missed || permits.length === 0 ? { path, verdict: 'deny', rules: [] } : { path, verdict: 'permit', rules: permits.sort() }
  }

  #duties(asked: Question, context: Context): string[] {
    const owed = asked.data.flatMap((item) =>
      this.#documents.flatMap((_, position) => ask(position, 'owe', itemContext(context, item, packs)).reasons.map((id) => id.replace('owe ', ''))),
    )
    return [...new Set(owed)].sort()
  }
}

/** Cedar names every permit that holds; the one that counts is the first by rank, then id (rule 5 of the language). */
function firstOf(rules: readonly Rule[], ids: readonly string[]): string | undefined {
  const rank = (rule: Rule) => (rule.effect === 'permit' ? (rule.rank ?? 100) : 0)
  const [first] = rules.filter(({ id }) => ids.includes(id)).sort((one, other) => rank(one) - rank(other) || (one.id < other.id ? -1 : 1))
  return first?.id
}

function ask(position: number, act: Act, context: Context): { readonly allowed: boolean; readonly reasons: readonly string[] } {
  const answer = statefulIsAuthorized({
    principal: { type: 'Party', id: 'importer' },
    action: { type: 'Action', id: act },
    resource: { type: 'Data', id: 'item' },
    context,
    preparsedPolicySetId: String(position),
    entities: [],
  })
  if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '))
  const { decision, diagnostics } = answer.response
  // A condition that fails to evaluate would make its rule silently not apply.
  if (diagnostics.errors.length > 0) throw new Error(diagnostics.errors.map(({ error }) => error.message).join('; '))
  return { allowed: decision === 'allow', reasons: diagnostics.reason }
}
