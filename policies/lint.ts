/** What a policy's author should look at before signing: never an error, since law is not ours to decide. */
import type { Packs } from './packs/packs.ts'
import { entriesOf } from './places.ts'
import type { Cite, Rule, TrustPolicy } from './policy.ts'

export interface Finding {
  readonly rule: string
  readonly kind: 'no citation' | 'unknown law' | 'law not in force' | 'unknown relation' | 'uncertain source'
  readonly about: string
}

export function lint(policy: TrustPolicy, packs: Packs): Finding[] {
  return policy.rules.flatMap((rule) => [...lintCites(rule, policy.metadata.validFrom, packs), ...lintSources(rule, packs)])
}

/** Every permit and deny cites a law that the pack has and that is in force. */
function lintCites(rule: Rule, at: string, packs: Packs): Finding[] {
  const cites = rule.cite ?? []
  if (cites.length === 0) return rule.effect === 'oblige' ? [] : [{ rule: rule.id, kind: 'no citation', about: rule.effect }]
  return cites.flatMap((cite) => lintCite(rule.id, cite, at, packs))
}

function lintCite(rule: string, { law, legalRelation }: Cite, at: string, { legal }: Packs): Finding[] {
  const entry = legal.laws.find(({ id }) => id === law)
  const findings: Finding[] = []
  if (!entry) findings.push({ rule, kind: 'unknown law', about: law })
  else if (entry.validFrom !== undefined && at < entry.validFrom) findings.push({ rule, kind: 'law not in force', about: law })
  if (legalRelation !== undefined && legalRelation !== '$matched' && !legal.relations.some(({ id }) => id === legalRelation))
    findings.push({ rule, kind: 'unknown relation', about: legalRelation })
  return findings
}

/** Groups and relations whose entry in the pack is marked uncertain. */
function lintSources(rule: Rule, { legal }: Packs): Finding[] {
  const places = [rule.match.from, rule.match.to].flatMap((place) => (place === undefined ? [] : entriesOf(place)))
  return places.flatMap((entry): Finding[] => {
    if (typeof entry === 'string') return []
    if ('group' in entry) {
      const group = legal.groups.find(({ id }) => id === entry.group)
      const members = group?.members.filter(({ uncertain }) => uncertain === true).map(({ code }) => code) ?? []
      const about = [...(group?.uncertain ? [entry.group] : []), ...members.map((code) => `${entry.group}: ${code}`)]
      return about.map((text) => ({ rule: rule.id, kind: 'uncertain source', about: text }))
    }
    const uncertain = legal.relations.filter(({ kind, uncertain }) => kind === entry.relation && uncertain)
    return uncertain.map(({ id }) => ({ rule: rule.id, kind: 'uncertain source', about: id }))
  })
}
