/** What a policy says it rests on: laws and legal relations that are known, in force for all of its time, and certain. */
import type { Packs, Relation } from '../packs/packs.ts'
import type { Cite, Rule, TrustPolicy } from '../policy.ts'
import type { Window } from './boxes.ts'
import { bounded, type Finding, type FindingKind, findingKinds, severityOf } from './finding.ts'
import { namesOf } from './packs-change.ts'

type Row = Pick<Finding, 'kind' | 'about'> & { readonly rule: string }

/** One finding for each law, relation or entry, with all the rules that rest on it. */
export function citationFindings({ metadata, rules }: TrustPolicy, packs: Packs): Finding[] {
  const window = { from: metadata.validFrom, until: metadata.validUntil }
  const rows = rules.flatMap((rule) => [...citesOf(rule, window, packs), ...sourcesOf(rule, window, packs)])
  const byAbout = Map.groupBy(rows, ({ kind, about, rule }) => (kind === 'no-citation' ? `${kind} ${rule}` : `${kind} ${about}`))
  const findings = [...byAbout.values()].flatMap((same): Finding[] => {
    const [first] = same
    return first ? [{ kind: first.kind, severity: severityOf[first.kind], rules: [...new Set(same.map(({ rule }) => rule))], about: first.about }] : []
  })
  return findingKinds.flatMap((kind) => bounded(findings.filter((finding) => finding.kind === kind)))
}

/** Every permit and deny cites a law that the pack has and that is in force as long as the policy is. */
function citesOf(rule: Rule, window: Window, packs: Packs): Row[] {
  const cites = rule.cite ?? []
  if (cites.length === 0) return rule.effect === 'oblige' ? [] : [{ rule: rule.id, kind: 'no-citation', about: rule.effect }]
  return cites.flatMap((cite) => [...lawOf(rule, cite, window, packs), ...relationOf(rule, cite, window, packs)])
}

/** A law of the pack; the pack need not say how long it lasts. */
interface Lasting {
  readonly validFrom?: string | undefined
  readonly validUntil?: string | undefined
}

function lawOf(rule: Rule, { law }: Cite, window: Window, { legal }: Packs): Row[] {
  const found = (kind: FindingKind): Row[] => [{ rule: rule.id, kind, about: law }]
  const entry: Lasting | undefined = legal.laws.find(({ id }) => id === law)
  if (!entry) return found('unknown-law')
  if (entry.validFrom !== undefined && window.from < entry.validFrom) return found('law-not-in-force')
  return entry.validUntil !== undefined && entry.validUntil < window.until ? found('law-expired') : []
}

function relationOf(rule: Rule, { legalRelation }: Cite, window: Window, { legal }: Packs): Row[] {
  if (legalRelation === undefined) return []
  const found = (kind: FindingKind): Row[] => [{ rule: rule.id, kind, about: legalRelation }]
  // A rule that names no relation matches none.
  if (legalRelation === '$matched') return namesOf(rule).kinds.length === 0 ? found('unknown-relation') : []
  const entry = legal.relations.find(({ id }) => id === legalRelation)
  if (!entry) return found('unknown-relation')
  if (!entry.tool && rule.effect === 'permit') return found('relation-no-tool')
  return holdsThroughout(entry, window) ? [] : found('relation-expired')
}

function holdsThroughout({ validFrom, validUntil }: Relation, window: Window): boolean {
  return (validFrom === null || validFrom <= window.from) && (validUntil === undefined || validUntil >= window.until)
}

/** Groups and relations that a rule's places name: entries that are marked uncertain, and relations that end while the policy is in force. */
function sourcesOf(rule: Rule, window: Window, { legal }: Packs): Row[] {
  const { groups, kinds } = namesOf(rule)
  const found = (kind: FindingKind, about: string): Row => ({ rule: rule.id, kind, about })
  const named = legal.groups.filter(({ id }) => groups.includes(id))
  const unsure = named.flatMap(({ id, uncertain, members }) => [
    ...(uncertain ? [id] : []),
    ...members.filter((member) => member.uncertain === true).map(({ code }) => `${id}: ${code}`),
  ])
  const used = legal.relations.filter(({ tool, kind, validFrom, validUntil }) => {
    const meets = (validFrom === null || validFrom < window.until) && (validUntil === undefined || validUntil > window.from)
    return tool && kinds.includes(kind) && meets
  })
  return [
    ...unsure.map((about) => found('uncertain-source', about)),
    ...used.filter(({ uncertain }) => uncertain).map(({ id }) => found('uncertain-source', id)),
    ...used.filter(({ validUntil }) => validUntil !== undefined && validUntil < window.until).map(({ id }) => found('relation-expired', id)),
  ]
}
