/** Whether one set of duties asks at least as much as another, at every instant of a window. */
import { type Instant, instant, msOf } from '#protocols/ids.ts'
import { type Duration, endOf } from '../duration.ts'
import { entriesOf } from '../places.ts'
import type { Obligation } from '../policy.ts'
import type { Space } from './boxes.ts'
import { hasBit } from './word-sets.ts'

/** The purposes a flow may be for; undefined where it may be any or is unknown. */
export type Purposes = readonly string[] | undefined

/** Duties are compared again and again: what was found is kept. */
export interface Duties {
  /** Whether whoever fulfils all of `strong` fulfils all of `weak`: true is a proof. */
  imply(strong: readonly Obligation[], weak: readonly Obligation[], purposes: Purposes): boolean
}

export function dutiesIn(space: Space): Duties {
  const lasts = durationOrder(space)
  return {
    imply: (strong, weak, purposes) => weak.every((wanted) => strong.some((given) => implies(space, lasts, given, wanted, purposes))),
  }
}

/** Whether one duration ends at the latest when the other does, whenever both begin. */
type NoLonger = (one: Duration, other: Duration) => boolean

function implies(space: Space, noLonger: NoLonger, strong: Obligation, weak: Obligation, purposes: Purposes): boolean {
  switch (weak.type) {
    case 'retention':
      return strong.type === 'retention' && noLonger(strong.max, weak.max)
    case 'transfer-record':
      return strong.type === 'transfer-record' && noLonger(weak.keep, strong.keep)
    case 'purpose-limit':
      return strong.type === 'purpose-limit' && purposesWithin(strong.allow, weak.allow, purposes)
    case 'onward-transfer':
      return strong.type === 'onward-transfer' && onwardWithin(space, strong, weak)
    case 'supplementary-rules':
      return strong.type === 'supplementary-rules' && strong.set === weak.set
    case 'breach-notice':
      return strong.type === 'breach-notice' && strong.withinHours <= weak.withinHours
    case 'status-age':
      return strong.type === 'status-age' && strong.withinSeconds <= weak.withinSeconds
    case 'consent':
      return strong.type === 'consent' && strong.of === weak.of
  }
}

/** Without a list only the declared purpose is allowed, and where that is unknown none at all. */
function purposesWithin(strong: readonly string[] | undefined, weak: readonly string[] | undefined, purposes: Purposes): boolean {
  if (strong !== undefined && weak !== undefined) return strong.every((word) => weak.includes(word))
  if (strong === undefined && weak === undefined) return true
  if (purposes === undefined) return false
  return strong === undefined ? purposes.every((word) => weak?.includes(word)) : purposes.length === 1 && strong.every((word) => purposes.includes(word))
}

type Onward = Extract<Obligation, { readonly type: 'onward-transfer' }>

function onwardWithin(space: Space, strong: Onward, weak: Onward): boolean {
  if (strong.else !== undefined && strong.else !== weak.else) return false
  if (strong.allow === 'none') return true
  return space.epochs.every((_, epoch) => {
    const allowed = onwardSet(space, weak, epoch)
    return [...onwardSet(space, strong, epoch)].every((code) => allowed.has(code))
  })
}

function onwardSet({ epochs, place }: Space, { allow }: Onward, epoch: number): ReadonlySet<string> {
  if (allow === 'none') return new Set()
  const codes = entriesOf(allow).flatMap((entry) => {
    if (typeof entry === 'string') return [entry]
    const members = 'group' in entry ? epochs[epoch]?.group(entry.group) : undefined
    return members ? place.words.filter((_, number) => hasBit(members, number)) : []
  })
  return new Set(codes)
}

// A policy is in force for months; what is in force for longer is compared by months and days alone.
const daysMax = 366 * 12
const dayMs = 86_400_000

/** Tried from every day of the window, since a year and 365 days are decided by the calendar. */
function durationOrder({ window }: Space): NoLonger {
  const known = new Map<string, boolean>()
  const days = Math.ceil((msOf(window.until) - msOf(window.from)) / dayMs)
  const starts = days > daysMax ? [] : Array.from({ length: days + 1 }, (_, day) => instant(Math.min(msOf(window.from) + day * dayMs, msOf(window.until))))
  return (one, other) => {
    if (one === other) return true
    const key = `${one} ${other}`
    const found = known.get(key) ?? (partsWithin(one, other) || (starts.length > 0 && starts.every((start) => endsBy(start, one, other))))
    known.set(key, found)
    return found
  }
}

function endsBy(start: Instant, one: Duration, other: Duration): boolean {
  return endOf(start, one) <= endOf(start, other)
}

function partsWithin(one: Duration, other: Duration): boolean {
  const [own, limit] = [partsOf(one), partsOf(other)]
  return own.months <= limit.months && own.days <= limit.days
}

function partsOf(duration: Duration): { readonly months: number; readonly days: number } {
  const count = (unit: string) => Number(new RegExp(`(\\d+)${unit}`).exec(duration)?.[1] ?? 0)
  return { months: 12 * count('Y') + count('M'), days: 7 * count('W') + count('D') }
}
