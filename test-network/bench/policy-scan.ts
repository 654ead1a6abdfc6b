/** What one writes first: all rules in order for each path. It knows only what the rules of policy-load.ts use, and looks words up in sets made beforehand. */
import { covers, type Packs, touches } from '#policies/packs/packs.ts'
import { inGroup, relationsBetween } from '#policies/places.ts'
import type { Rule } from '#policies/policy.ts'
import type { Fact, Question } from '#policies/question.ts'

export interface Scanned {
  readonly rules: readonly string[]
  readonly added: readonly string[]
}

/** The rules that decide a question, and those that add duties. */
export function scanner(rules: readonly Rule[], packs: Packs): (question: Question) => Scanned {
  const ordered = [...rules].sort((one, other) => rankOf(one) - rankOf(other) || (one.id < other.id ? -1 : 1)).map(prepared)
  return (question) => {
    const relations = kindsOf(question, packs)
    const flow = ordered.filter((one) => matches(one, question, relations, packs))
    const denied = new Set<string>()
    const permitted = new Set<string>()
    const duties = new Set<string>()
    for (const { category } of question.data) {
      const touching = flow.filter(({ rule, data }) => rule.effect !== 'permit' && touches(packs, data, category))
      const denies = touching.filter(({ rule, asked }) => rule.effect === 'deny' && !meets(asked, question.facts.transferTool))
      for (const { rule } of denies) denied.add(rule.id)
      for (const { rule } of touching) if (rule.effect === 'oblige') duties.add(rule.id)
      const permit = flow.find(({ rule, data, asked }) => rule.effect === 'permit' && covers(packs, data, category) && meets(asked, question.facts.legalBasis))
      if (permit && denies.length === 0) permitted.add(permit.rule.id)
    }
    if (denied.size > 0) return { rules: [...denied], added: [] }
    return { rules: [...permitted], added: permitted.size > 0 ? [...duties] : [] }
  }
}

type Prepared = ReturnType<typeof prepared>

function prepared(rule: Rule) {
  const { match } = rule
  const required = rule.effect === 'permit' ? rule.require?.legalBasis : rule.unless?.transferTool
  return {
    rule,
    credential: new Set(match.credential),
    purpose: new Set<unknown>(match.purpose),
    data: new Set(match.data),
    flags: match.dataFlags && new Set(match.dataFlags),
    to: Array.isArray(match.to) ? new Set<unknown>(match.to) : undefined,
    asked: new Set(required && 'anyOf' in required ? required.anyOf : []),
  }
}

function matches(
  { rule: { match }, credential, purpose, flags, to }: Prepared,
  { facts, at, ...question }: Question,
  relations: ReadonlySet<string>,
  packs: Packs,
): boolean {
  if (!credential.has(question.credential) || !purpose.has(facts.purpose?.value) || (flags && !meets(flags, facts.dataFlags))) return false
  if (to) return to.has(facts.to?.value)
  const place = match.to
  if (place === undefined || Array.isArray(place)) return true
  return 'group' in place ? inGroup(packs, place.group, String(facts.to?.value), at) : relations.has(place.relation)
}

/** Of the rules of the load no legal relation asks more than a sector. */
function kindsOf({ facts, at }: Question, packs: Packs): ReadonlySet<string> {
  const recorded = relationsBetween(packs, String(facts.from?.value), String(facts.to?.value), at)
  const sectorFits = (wanted: readonly string[] | undefined, fact: Fact | undefined) => wanted === undefined || wanted.includes(String(fact?.value))
  return new Set(
    recorded
      .filter(({ recipientSector, exporterSector }) => sectorFits(recipientSector, facts.sector) && sectorFits(exporterSector, facts.exporterSector))
      .map(({ kind }) => kind),
  )
}

function meets(wanted: ReadonlySet<string>, fact: Fact | undefined): boolean {
  return Array.isArray(fact?.value) && fact.value.some((word) => wanted.has(word))
}

function rankOf(rule: Rule): number {
  return rule.effect === 'permit' ? (rule.rank ?? 100) : 0
}
