/**
 * What it comes to when a signed document is taken in, worked out before anything of it is done: the shelf writes a step down and enters
 * it, or, where the act is only tried, leaves it at that. May it come next, and is it signed by enough: policy-line.ts and suspensions.ts.
 */

import type { Write } from '#node/ports.ts'
import { putJson } from '#node/stored.ts'
import type { Change } from '#policies/analysis/change.ts'
import type { Signers } from '#policies/quorum.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Did, Digest, Jurisdiction } from '#protocols/ids.ts'
import type { NewEntry } from '#protocols/log/entry.ts'
import type { Changes } from './policy-change.ts'
import type { LineState, PolicyLine, Verdict } from './policy-line.ts'
import { type Signatures, signersIn } from './policy-signatures.ts'
import { asideOf, type Held, type HeldSuspension, isPolicy, keyOf, keys, lineKeyOf, type Shelved, serialOf, writeOf } from './shelved.ts'
import type { Suspensions } from './suspensions.ts'

/** What this node does itself, and not what it hears of. */
export interface Act {
  /** What a change of the policy in force was, as its entry tells it. */
  readonly entry: (held: Held, change: Change | null) => NewEntry
  /** Signed here just now, and not out of this house: where its place is taken meanwhile it is thrown away, and is no fork. */
  readonly fresh: boolean
  /** Everything is done but keeping. */
  readonly dryRun: boolean
}

export interface Step {
  /** One batch, with the entry that tells of it. */
  readonly writes: readonly Write[]
  readonly entry: NewEntry | undefined
  /** Come to count. */
  readonly enters: readonly Held[]
  /** Count no longer; they stay readable for past decisions. */
  readonly leaves: readonly Shelved[]
  /** Evidence that is kept beside its line. */
  readonly aside: Shelved | undefined
  /** Of the line from then on, where that changes. */
  readonly state: LineState | undefined
  /** Whoever brought the document is told so once the step is made. */
  readonly refusal: TrustError | undefined
}

/** What a document comes upon. */
export interface Standing {
  readonly line: PolicyLine
  readonly suspensions: Suspensions
  readonly signers: Signers
  readonly changes: Changes
  /** In a line or beside it. */
  readonly held: ReadonlyMap<Digest, Held>
  readonly anchors: (did: Did, jurisdiction: Jurisdiction) => boolean
  readonly nowMs: number
}

const nothingMore = { leaves: [], aside: undefined, state: undefined, refusal: undefined } as const

/** @throws {TrustError} as `Suspensions.check` */
export function suspensionStep(candidate: HeldSuspension, act: Act | undefined, { suspensions, signers, nowMs }: Standing): Step {
  suspensions.check(candidate, nowMs, signers)
  const gone = suspensions.surplus(candidate.policy.metadata.jurisdiction, nowMs).map((held) => ({ del: keyOf(held) }))
  return { ...nothingMore, writes: [...gone, writeOf(candidate)], entry: act?.entry(candidate, null), enters: [candidate] }
}

/** @throws {TrustError} as `PolicyLine.judge`; DFFT_POLICY_SERIAL for what is signed here and comes too late */
export function policyStep(candidate: Shelved, signatures: Signatures, act: Act | undefined, standing: Standing): Step {
  const { line, changes, held, anchors } = standing
  const verdict = line.judge(candidate, signatures, {
    anchored: ({ policy: { metadata } }) => metadata.issuer !== undefined && anchors(metadata.issuer, metadata.jurisdiction),
    holds: (digest) => held.has(digest),
  })
  if (verdict.kind === 'fork') return forkStep(candidate, verdict, act, line)
  const change = act ? changes.of(verdict.before, candidate) : null
  const diff = change ? [putJson(`${keys.change}${candidate.digest}`, change)] : []
  const told = act?.entry(candidate, change)
  if (verdict.kind === 'next') return { ...nothingMore, writes: [writeOf(candidate), ...diff], entry: told, enters: [candidate] }
  return beginStep(candidate, verdict, { diff, told }, standing)
}

/** Two policies for one place: evidence, an incident, and no flow until the signers have said which. */
function forkStep(candidate: Shelved, { fork }: Extract<Verdict, { kind: 'fork' }>, act: Act | undefined, { jurisdiction, state }: PolicyLine): Step {
  const { serial, digests } = fork
  const [held, other] = digests
  if (act?.fresh) throw new TrustError('DFFT_POLICY_SERIAL', `serial ${serial} of ${jurisdiction} is taken`, { jurisdiction, serial })
  const forked = { ...state, fork }
  return {
    writes: [asideOf(candidate), putJson(lineKeyOf(jurisdiction), forked)],
    entry: { kind: 'policy-forked', facts: { jurisdiction, serial, held, other, signers: signersIn(candidate.document) } },
    enters: [],
    leaves: [],
    aside: candidate,
    state: forked,
    refusal: new TrustError('DFFT_POLICY_FORK', `there are two policies of ${jurisdiction} with serial ${serial}`, { jurisdiction, serial, one: held, other }),
  }
}

/** The line goes on after some of it has left. */
function beginStep(
  candidate: Shelved,
  { kind, keeps, out }: Extract<Verdict, { kind: 'resolves' | 'anew' }>,
  { diff, told }: { readonly diff: readonly Write[]; readonly told: NewEntry | undefined },
  { line: { jurisdiction }, held }: Standing,
): Step {
  const kept = keeps && out.length > 0 ? held.get(keeps) : undefined
  const enters = [candidate, ...(kept && isPolicy(kept) ? [kept] : [])]
  const state: LineState = { fork: null, settled: serialOf(candidate) - 1 }
  const { digest, policy } = candidate
  const facts = { jurisdiction, serial: serialOf(candidate), digest, ...(keeps ? { keeps } : { issuer: policy.metadata.issuer ?? null }) }
  const entry = told ?? { kind: kind === 'resolves' ? 'policy-fork-resolved' : 'policy-begun-anew', facts }
  const moved = out.flatMap((one) => [{ del: keyOf(one) }, asideOf(one)])
  const writes = [...moved, ...enters.map(writeOf), putJson(lineKeyOf(jurisdiction), state), ...diff]
  return { ...nothingMore, writes, entry, enters, leaves: out, state }
}
