/**
 * A draft rehearsed: recorded decisions made again with the draft in place of the policy in force, and which of them
 * come out differently. A question keeps its day, so the law is that of then; the documents are taken as in force.
 */
import { canonical } from '#protocols/canonical.ts'
import type { Instant, JsonPointer, Jurisdiction } from '#protocols/ids.ts'
import { type Decision, decide, type Verdict } from '../decide.ts'
import { factValue } from '../facts.ts'
import type { Code } from '../judge.ts'
import type { JointObligation } from '../obligations.ts'
import type { PolicyDocument, TrustPolicy } from '../policy.ts'
import type { Question } from '../question.ts'
import type { Sides } from '../sides.ts'

/** One decision as it was made. */
export interface Recorded {
  readonly exchange: string
  /** Of the query's credential. */
  readonly id: string
  /** False for what was looked at and not answered. */
  readonly chosen: boolean
  readonly question: Question
  readonly decision: Pick<Decision, 'verdict' | 'code' | 'joint'>
}

export interface Replayed {
  readonly verdict: Verdict
  readonly code: Code
  readonly released: readonly JsonPointer[]
  readonly duties: readonly JointObligation[]
}

export type Change = 'verdict' | 'code' | 'released' | 'duties'

export interface RehearsedFlip {
  readonly exchange: string
  readonly id: string
  readonly chosen: boolean
  readonly at: Instant
  readonly from: string
  readonly to: string
  readonly credential: string
  readonly purpose: string
  readonly changed: readonly Change[]
  readonly before: Replayed
  readonly after: Replayed
  /** Whether the draft is the reason, or what has changed since then: with the policies in force today it comes out so already. */
  readonly because: 'draft' | 'since'
}

export interface Rehearsal {
  readonly decisions: number
  readonly flips: readonly RehearsedFlip[]
}

export interface Rehearsed {
  /** With the policies in force. */
  readonly today: Sides
  /** With the draft among them. */
  readonly draft: Sides
}

/** In the order of the records. A question without a known exporter or importer is on no side, and denied. */
export function rehearse(recorded: readonly Recorded[], sides: Rehearsed): Rehearsal {
  const flips = recorded.flatMap((one) => flipOf(one, sides) ?? [])
  return { decisions: recorded.length, flips }
}

function flipOf({ exchange, id, chosen, question, decision }: Recorded, { today, draft }: Rehearsed): RehearsedFlip | undefined {
  const before = replayed(decision)
  const after = replay(question, draft)
  const changed = changesOf(before, after)
  if (changed.length === 0) return undefined
  const word = (name: 'from' | 'to' | 'purpose') => factValue(question, name).join(', ')
  return {
    exchange,
    id,
    chosen,
    at: question.at,
    from: word('from'),
    to: word('to'),
    credential: question.credential,
    purpose: word('purpose'),
    changed,
    before,
    after,
    because: changesOf(replay(question, today), after).length === 0 ? 'since' : 'draft',
  }
}

function replay(question: Question, sides: Sides): Replayed {
  const side = (name: 'from' | 'to') => sides(String(factValue(question, name)[0] ?? '') as Jurisdiction, question.at) // A name that is none has no documents.
  return replayed(decide(side('from'), side('to'), question, { nearest: false }))
}

function replayed({ verdict, code, joint }: Recorded['decision']): Replayed {
  return { verdict, code, released: joint?.disclosed ?? [], duties: joint?.obligations ?? [] }
}

function changesOf(before: Replayed, after: Replayed): Change[] {
  return (['verdict', 'code', 'released', 'duties'] as const).filter((member) => canonical(before[member]) !== canonical(after[member]))
}

/** The documents with the draft in place of the policy of its jurisdiction. */
export function withDraft(documents: readonly PolicyDocument[], draft: TrustPolicy): PolicyDocument[] {
  const replaced = (document: PolicyDocument) => document.kind === 'TrustPolicy' && document.metadata.jurisdiction === draft.metadata.jurisdiction
  return [...documents.filter((document) => !replaced(document)), draft]
}

/** How the flips fall, for the head of a list. */
export function countsOf({ flips, decisions }: Rehearsal) {
  const count = (fits: (flip: RehearsedFlip) => boolean) => flips.filter(fits).length
  const more = ({ before, after }: RehearsedFlip) => after.released.some((path) => !before.released.includes(path))
  const less = ({ before, after }: RehearsedFlip) => before.released.some((path) => !after.released.includes(path))
  return {
    same: decisions - flips.length,
    toPermit: count(({ before, after }) => before.verdict === 'deny' && after.verdict === 'permit'),
    toDeny: count(({ before, after }) => before.verdict === 'permit' && after.verdict === 'deny'),
    releaseMore: count(more),
    releaseLess: count(less),
    duties: count(({ changed }) => changed.includes('duties')),
    byDraft: count(({ because }) => because === 'draft'),
    since: count(({ because }) => because === 'since'),
  }
}
