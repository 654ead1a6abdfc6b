/**
 * What is odd about a policy before it is put in force: rules that meet, rules that never decide, flows nobody thought
 * of, citations that do not hold. Rules are boxes over finite sets, so what is found is exact, and each finding about
 * flows comes with a question that lies in it, which the evaluator was asked.
 */
import { compile } from '../compile.ts'
import type { Packs } from '../packs/packs.ts'
import type { TrustPolicy } from '../policy.ts'
import { unionsOf } from '../sides.ts'
import { boxOf, type Space, spaceOf } from './boxes.ts'
import { citationFindings } from './citations.ts'
import { bounded, type Finding, findingKinds } from './finding.ts'
import { gapFindings } from './gaps.ts'
import { type Analysed, deadPermits, needlessExceptions, overlaps } from './permits.ts'
import { idleDenies, idleDuties } from './repeats.ts'
import { Work } from './work.ts'

export type { Finding, FindingKind } from './finding.ts'

/** About a second, for rules that are made to be hard; a thousand rules of a country take a hundredth of it. */
const stepsMax = 20_000_000

/**
 * The gravest first; of each kind as many as a person reads, the last saying how many more there are.
 *
 * @throws {TrustError} DFFT_POLICY_SYNTAX for a policy that the packs do not fit
 */
export function analyse(policy: TrustPolicy, packs: Packs): Finding[] {
  const { jurisdiction, validFrom, validUntil } = policy.metadata
  const space = spaceOf(packs, { from: validFrom, until: validUntil }, jurisdiction)
  const index = compile([policy], packs)
  const work = new Work(stepsMax)
  const boxes = policy.rules.map((rule) => boxOf(space, rule))
  const findings = (['export', 'import'] as const).flatMap((side) => {
    const own = boxes.filter(({ rule }) => rule.direction === side)
    return [...ofRules({ space, index, boxes: own, work }, standsAlone(space, jurisdiction)), ...gapFindings(space, index, own, side)]
  })
  return byWeight([...findings, ...citationFindings(policy, packs)])
}

function ofRules(analysed: Analysed, alone: boolean): Finding[] {
  const idle = [...deadPermits(analysed), ...idleDenies(analysed), ...idleDuties(analysed, alone)]
  const [dead, shadowed] = (['dead', 'shadowed'] as const).map((kind) => bounded(idle.filter((finding) => finding.kind === kind)))
  return [...(dead ?? []), ...(shadowed ?? []), ...overlaps(analysed), ...needlessExceptions(analysed)]
}

function standsAlone({ packs, epochs }: Space, jurisdiction: TrustPolicy['metadata']['jurisdiction']): boolean {
  return !packs.legal.groups.some(({ id }) => id === jurisdiction) && epochs.every(({ at }) => unionsOf(packs, jurisdiction, at).length === 0)
}

function byWeight(findings: readonly Finding[]): Finding[] {
  const weight = { error: 0, warning: 1, note: 2 }
  return findings.toSorted((a, b) => weight[a.severity] - weight[b.severity] || findingKinds.indexOf(a.kind) - findingKinds.indexOf(b.kind))
}
