/** What another version of a policy changes: the flows that flip, and whether it is proved that it only restricts. */
import { canonical } from '#protocols/canonical.ts'
import type { Side } from '../compile.ts'
import type { Half } from '../decide.ts'
import type { Packs } from '../packs/packs.ts'
import type { TrustPolicy } from '../policy.ts'
import type { Question } from '../question.ts'

export interface PolicyAt {
  readonly policy: TrustPolicy
  readonly packs: Packs
}

type Shown = Pick<Half, 'code' | 'rules' | 'disclosed' | 'obligations'>

/** A flow that is decided otherwise after, with a question that shows it. */
export interface Flip {
  readonly side: Side
  readonly question: Question
  readonly effect: 'widens' | 'restricts'
  readonly before: Shown
  readonly after: Shown
}

export interface Change {
  readonly kind: 'same' | 'restricts' | 'widens'
  readonly flips: readonly Flip[]
  /** How many flips were left out. */
  readonly more: number
  readonly reasons: readonly string[]
}

/**
 * `restricts` is a proof: no question anywhere has more released, a later end or fewer duties after than before. What
 * cannot be proved is `widens`. Without `before`, everything after is new.
 */
export function changeBetween(before: PolicyAt | undefined, after: PolicyAt): Change {
  if (before && ruleText(before) === ruleText(after)) return { kind: 'same', flips: [], more: 0, reasons: [] }
  return { kind: 'widens', flips: [], more: 0, reasons: ['the rules differ'] }
}

function ruleText({ policy: { rules, metadata } }: PolicyAt): string {
  const { jurisdiction, validFrom, validUntil, reveal, packs } = metadata
  return canonical({ rules, jurisdiction, validFrom, validUntil, reveal: reveal ?? 'code', packs })
}
