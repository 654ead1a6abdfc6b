/** Duties of both sides made one: what limits is intersected, what must be done is united. */
import { canonical } from '#protocols/canonical.ts'
import type { Instant, Jurisdiction } from '#protocols/ids.ts'
import { endOf } from './duration.ts'
import type { JointObligation } from './joint-obligation.ts'
import type { Packs } from './packs/packs.ts'
import { entriesOf, membersOf } from './places.ts'
import type { Obligation } from './policy.ts'

export type { JointObligation } from './joint-obligation.ts'

type JointOf<Type extends JointObligation['type']> = Extract<JointObligation, { readonly type: Type }>

export interface UniteAt {
  readonly at: Instant
  readonly purpose: string | undefined
  readonly packs: Packs
  /** Duties that came with the data from earlier transfers; their ends and lists stand. */
  readonly carried: readonly JointObligation[]
}

/** Sorted by their canonical form. Retention is the shortest, a record is kept the longest, a breach told the soonest, a status the freshest. */
export function uniteObligations(obligations: readonly Obligation[], { at, purpose, packs, carried }: UniteAt): JointObligation[] {
  const all = [...obligations.map((obligation) => spelled(obligation, { at, purpose, packs })), ...carried]
  const of = <Type extends JointObligation['type']>(type: Type) => all.filter((duty): duty is JointOf<Type> => duty.type === type)
  const joint: JointObligation[] = [...distinct(of('supplementary-rules')), ...distinct(of('consent'))]
  const retention = of('retention').sort(byEnd).at(0)
  if (retention) joint.push(retention)
  const record = of('transfer-record').sort(byEnd).at(-1)
  if (record) joint.push(record)
  const uses = intersection(of('purpose-limit').map(({ allow }) => allow))
  if (uses) joint.push({ type: 'purpose-limit', allow: uses })
  const onward = onwardOf(of('onward-transfer'))
  if (onward) joint.push(onward)
  const hours = of('breach-notice').map(({ withinHours }) => withinHours)
  if (hours.length > 0) joint.push({ type: 'breach-notice', withinHours: Math.min(...hours) })
  const seconds = of('status-age').map(({ withinSeconds }) => withinSeconds)
  if (seconds.length > 0) joint.push({ type: 'status-age', withinSeconds: Math.min(...seconds) })
  return distinct(joint)
}

function spelled(obligation: Obligation, { at, purpose, packs }: Omit<UniteAt, 'carried'>): JointObligation {
  switch (obligation.type) {
    case 'retention':
      return { type: 'retention', max: obligation.max, until: endOf(at, obligation.max) }
    case 'transfer-record':
      return { type: 'transfer-record', keep: obligation.keep, until: endOf(at, obligation.keep) }
    case 'purpose-limit':
      return { type: 'purpose-limit', allow: obligation.allow ?? (purpose === undefined ? [] : [purpose]) }
    case 'onward-transfer': {
      const allow = obligation.allow === 'none' ? [] : entriesOf(obligation.allow).flatMap((entry) => codesOf(entry, at, packs))
      return { type: 'onward-transfer', allow, else: obligation.else }
    }
    default:
      return obligation
  }
}

/** Each once, sorted: the duties of one side as its rules state them. */
export function distinct<T>(values: readonly T[]): T[] {
  const byText = new Map(values.map((value) => [canonical(value), value]))
  return [...byText.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value)
}

/** Soonest end first; of two spellings of one end the one that sorts first. */
function byEnd<T extends JointOf<'retention'> | JointOf<'transfer-record'>>(a: T, b: T): number {
  const inOrder = (one: T) => `${one.until} ${one.type === 'retention' ? one.max : one.keep}`
  return inOrder(a) < inOrder(b) ? -1 : 1
}

function onwardOf(limits: readonly JointOf<'onward-transfer'>[]): JointObligation | undefined {
  const allow = intersection(limits.map((limit) => limit.allow))
  if (!allow) return undefined
  const [exception, ...others] = new Set(limits.map((limit) => limit.else))
  return { type: 'onward-transfer', allow, ...(exception !== undefined && others.length === 0 ? { else: exception } : {}) }
}

function codesOf(entry: ReturnType<typeof entriesOf>[number], at: Instant, packs: Packs): Jurisdiction[] {
  if (typeof entry === 'string') return [entry as Jurisdiction] // The schema of a policy says so.
  return 'group' in entry ? (membersOf(packs, entry.group, at) as Jurisdiction[]) : [] // Keys of `jurisdictions`.
}

/** Sorted; undefined where there is no list at all. */
function intersection<T extends string>(lists: readonly (readonly T[])[]): T[] | undefined {
  const [first, ...others] = lists
  return first && [...new Set(first)].filter((word) => others.every((list) => list.includes(word))).sort()
}
