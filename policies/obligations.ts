/** Duties of both sides made one: what limits is intersected, what must be done is united. */
import { canonical } from '#protocols/canonical.ts'
import type { Instant } from '#protocols/ids.ts'
import { type Duration, endOf } from './duration.ts'
import type { Packs } from './packs/packs.ts'
import { entriesOf, membersOf } from './places.ts'
import type { Obligation } from './policy.ts'

type Of<Type extends Obligation['type']> = Extract<Obligation, { readonly type: Type }>

/** An obligation as both sides sign it: ends and lists spelt out, so that nobody has to look up a group again. */
export type JointObligation =
  | { readonly type: 'retention'; readonly max: Duration; readonly until: Instant }
  | { readonly type: 'transfer-record'; readonly keep: Duration; readonly until: Instant }
  | { readonly type: 'purpose-limit'; readonly allow: readonly string[] }
  | { readonly type: 'onward-transfer'; readonly allow: readonly string[]; readonly else?: 'consent' | 'new-decision' }
  | Of<'supplementary-rules'>
  | Of<'breach-notice'>
  | Of<'status-age'>
  | Of<'consent'>

export interface UniteAt {
  readonly at: Instant
  readonly purpose: string | undefined
  readonly packs: Packs
}

/** Sorted by their canonical form. Retention is the shortest, a record is kept the longest, a breach told the soonest, a status the freshest. */
export function uniteObligations(obligations: readonly Obligation[], { at, purpose, packs }: UniteAt): JointObligation[] {
  const of = <Type extends Obligation['type']>(type: Type) => obligations.filter((obligation): obligation is Of<Type> => obligation.type === type)
  const joint: JointObligation[] = [...distinct(of('supplementary-rules')), ...distinct(of('consent'))]
  const retention = byEnd(
    at,
    of('retention').map(({ max }) => max),
  ).at(0)
  if (retention) joint.push({ type: 'retention', max: retention.duration, until: retention.end })
  const record = byEnd(
    at,
    of('transfer-record').map(({ keep }) => keep),
  ).at(-1)
  if (record) joint.push({ type: 'transfer-record', keep: record.duration, until: record.end })
  const uses = intersection(of('purpose-limit').map(({ allow }) => allow ?? (purpose === undefined ? [] : [purpose])))
  if (uses) joint.push({ type: 'purpose-limit', allow: uses })
  const onward = onwardOf(of('onward-transfer'), at, packs)
  if (onward) joint.push(onward)
  const hours = of('breach-notice').map(({ withinHours }) => withinHours)
  if (hours.length > 0) joint.push({ type: 'breach-notice', withinHours: Math.min(...hours) })
  const seconds = of('status-age').map(({ withinSeconds }) => withinSeconds)
  if (seconds.length > 0) joint.push({ type: 'status-age', withinSeconds: Math.min(...seconds) })
  return joint.sort((a, b) => (canonical(a) < canonical(b) ? -1 : 1))
}

/** Each once, sorted: the duties of one side as its rules state them. */
export function distinct<T>(values: readonly T[]): T[] {
  const byText = new Map(values.map((value) => [canonical(value), value]))
  return [...byText.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value)
}

/** Soonest end first; of two spellings of one end the one that sorts first. */
function byEnd(at: Instant, durations: readonly Duration[]): { readonly duration: Duration; readonly end: Instant }[] {
  return durations
    .map((duration) => ({ duration, end: endOf(at, duration) }))
    .sort((a, b) => (a.end === b.end ? (a.duration < b.duration ? -1 : 1) : a.end < b.end ? -1 : 1))
}

function onwardOf(limits: readonly Of<'onward-transfer'>[], at: Instant, packs: Packs): JointObligation | undefined {
  const allow = intersection(limits.map(({ allow }) => (allow === 'none' ? [] : entriesOf(allow).flatMap((entry) => codesOf(entry, at, packs)))))
  if (!allow) return undefined
  const [exception, ...others] = new Set(limits.map((limit) => limit.else))
  return { type: 'onward-transfer', allow, ...(exception !== undefined && others.length === 0 ? { else: exception } : {}) }
}

function codesOf(entry: ReturnType<typeof entriesOf>[number], at: Instant, packs: Packs): string[] {
  if (typeof entry === 'string') return [entry]
  return 'group' in entry ? membersOf(packs, entry.group, at) : []
}

/** Sorted; undefined where there is no list at all. */
function intersection(lists: readonly (readonly string[])[]): string[] | undefined {
  const [first, ...others] = lists
  return first && [...new Set(first)].filter((word) => others.every((list) => list.includes(word))).sort()
}
