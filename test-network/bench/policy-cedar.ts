/** The rules of policy-load.ts as Cedar policies, parsed beforehand, for questions of one path. */
import cedar from '@cedar-policy/cedar-wasm/nodejs'
import { covers, type Packs, touches } from '#policies/packs/packs.ts'
import { inGroup, relationsBetween } from '#policies/places.ts'
import type { Rule } from '#policies/policy.ts'
import type { Fact, Question } from '#policies/question.ts'
import { must } from './measure.ts'

export interface CedarAnswer {
  readonly verdict: 'permit' | 'deny'
  /** Every policy that held: Cedar has no order of choice. */
  readonly rules: readonly string[]
}

/** Duties are left out: Cedar has none. */
export function cedarOf(rules: readonly Rule[], packs: Packs): (question: Question) => CedarAnswer {
  const staticPolicies = Object.fromEntries(rules.filter(({ effect }) => effect !== 'oblige').map((rule) => [rule.id, policyOf(rule, packs)]))
  const parsed = cedar.preparsePolicySet('load', { staticPolicies })
  must(parsed.type === 'success', 'Cedar takes the policies')
  return (question) => {
    const answer = cedar.statefulIsAuthorized({
      principal: { type: 'Node', id: question.importer },
      action: { type: 'Action', id: 'export' },
      resource: { type: 'Data', id: question.data[0]?.path ?? '' },
      context: contextOf(question, packs),
      entities: [],
      preparsedPolicySetId: 'load',
    })
    if (answer.type !== 'success') throw new Error(`Cedar refuses the question: ${JSON.stringify(answer.errors)}`)
    const { decision, diagnostics } = answer.response
    return { verdict: decision === 'allow' ? 'permit' : 'deny', rules: diagnostics.reason }
  }
}

function policyOf(rule: Rule, packs: Packs): string {
  const { match } = rule
  const data = new Set(match.data)
  const categories = [...packs.terms.category].filter((category) => (rule.effect === 'permit' ? covers : touches)(packs, data, category))
  const conditions = [
    among(match.from, 'from'),
    toOf(match.to),
    among(match.credential, 'credential'),
    among(match.purpose, 'purpose'),
    `${list(categories)}.contains(context.category)`,
    ...(match.dataFlags ? [`context.flags.containsAny(${list(match.dataFlags)})`] : []),
  ]
  if (rule.effect !== 'permit')
    return `forbid (principal, action == Action::"export", resource) when { ${conditions.join(' && ')} } unless { context.tools.containsAny(${list(anyOf(rule.unless?.transferTool))}) };`
  conditions.push(`context.bases.containsAny(${list(anyOf(rule.require?.legalBasis))})`)
  return `permit (principal, action == Action::"export", resource) when { ${conditions.join(' && ')} };`
}

function among(words: unknown, name: string): string {
  return `${list(Array.isArray(words) ? words : [])}.contains(context.${name})`
}

function toOf(to: Rule['match']['to']): string {
  if (to === undefined || Array.isArray(to)) return among(to, 'to')
  return 'group' in to ? `context.groups.contains(${JSON.stringify(to.group)})` : `context.relations.contains(${JSON.stringify(to.relation)})`
}

function anyOf(wanted: { readonly anyOf: readonly string[] } | { readonly allOf: readonly string[] } | undefined): readonly string[] {
  return wanted && 'anyOf' in wanted ? wanted.anyOf : []
}

function list(words: readonly unknown[]): string {
  return JSON.stringify(words)
}

/** Groups and legal relations are looked up for Cedar, which knows none. */
function contextOf({ facts, credential, data, at }: Question, packs: Packs) {
  const [from, to] = [String(facts.from?.value), String(facts.to?.value)]
  const fits = (wanted: readonly string[] | undefined, fact: Fact | undefined) => wanted === undefined || wanted.includes(String(fact?.value))
  const relations = relationsBetween(packs, from, to, at).filter(
    ({ recipientSector, exporterSector }) => fits(recipientSector, facts.sector) && fits(exporterSector, facts.exporterSector),
  )
  return {
    from,
    to,
    credential,
    purpose: String(facts.purpose?.value),
    category: data[0]?.category ?? '',
    groups: packs.legal.groups.filter(({ id }) => inGroup(packs, id, to, at)).map(({ id }) => id as string),
    relations: [...new Set(relations.map(({ kind }) => kind))],
    flags: wordsOf(facts.dataFlags),
    tools: wordsOf(facts.transferTool),
    bases: wordsOf(facts.legalBasis),
  }
}

function wordsOf(fact: Fact | undefined): string[] {
  return Array.isArray(fact?.value) ? [...fact.value] : []
}
