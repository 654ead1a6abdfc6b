/**
 * Conditions: what a rule demands of its context, as data.
 *
 * The forms are few, so most rules say nothing but where they look. What has no form here is an operation of the ruleset: a function
 * with a name and a revision.
 *
 * Where a condition asks for one value and finds several, or for a number and finds something else, it does not hold. (XPath would
 * give up the whole document there, and the official validators with it.)
 */
import { isDay } from '../credential/timestamp.ts'
import { absolute, compared, type Decimal, decimal, minus, plus, rounded, shifted, times, zero } from './decimal.ts'
import type { Document } from './document.ts'
import { type Element, tidy } from './element.ts'
import { all, type Holds, type ParsedPath, type Path, parsePath, type Qualifiers, texts, walker } from './path.ts'

export type Condition =
  /** An element or attribute stands there. */
  | { readonly has: Path }
  | { readonly lacks: Path }
  | { readonly all: readonly Condition[] }
  | { readonly any: readonly Condition[] }
  | { readonly not: Condition }
  | { readonly always: boolean }
  /** The one value there is not blank. */
  | { readonly filled: Path }
  /** Some value there is one of these, as it stands. */
  | { readonly is: Path; readonly oneOf: readonly string[]; readonly upper?: boolean }
  /** Some value there is one of these after white space is tidied, and letters made upper case where asked. */
  | { readonly tidy: Path; readonly oneOf: readonly string[]; readonly upper?: boolean }
  /** Some value there is none of these. */
  | { readonly isNot: Path; readonly oneOf: readonly string[]; readonly upper?: boolean }
  /** Some value of the first equals some value of the second. */
  | { readonly same: readonly [Path, Path] }
  /** Some value of the first differs from some value of the second. */
  | { readonly differ: readonly [Path, Path] }
  | { readonly count: Path; readonly atMost?: number; readonly atLeast?: number }
  /** All values there are alike after white space is tidied; none is fine. */
  | { readonly alike: Path; readonly asWritten?: boolean }
  | { readonly compare: readonly [Amount, '=' | '!=' | '<' | '<=' | '>' | '>=', Amount] }
  /** The one value there, or none, has at most so many characters after its point. */
  | { readonly places: Path; readonly atMost: number }
  /** Length of the one value there (none is 0), after white space is tidied where asked. */
  | { readonly length: Path; readonly atMost?: number; readonly atLeast?: number; readonly tidied?: boolean }
  /** The one value there is in a code list of the ruleset. */
  | { readonly listed: Path; readonly list: string; readonly upper?: boolean }
  /** Both are calendar dates of the form `YYYY-MM-DD`, the first not after the second. */
  | { readonly inOrder: readonly [Path, Path] }
  /** Some value of the first is, as text, not after some value of the second. */
  | { readonly sorted: readonly [Path, Path] }
  /** The one value there matches; the pattern is anchored by whoever writes it. */
  | { readonly matches: Path; readonly pattern: string }
  | { readonly some: Path; readonly where: Condition }
  | { readonly every: Path; readonly where: Condition }
  /** The context stands somewhere in an element of that name. */
  | { readonly within: string }
  /** The context has one of these names. */
  | { readonly self: readonly string[] }
  /** An operation of the ruleset. */
  | { readonly call: string; readonly with?: unknown }

/** A number: the one value at a path, or what is worked out. Where a part is missing or no decimal, there is none. */
export type Amount =
  | Path
  | { readonly literal: string }
  | { readonly sum: Path }
  /** 0 where there is nothing; still no number where there is something else. */
  | { readonly orZero: Path }
  | { readonly plus: readonly Amount[] }
  | { readonly minus: readonly [Amount, Amount] }
  | { readonly times: readonly [Amount, Amount] }
  | { readonly percent: Amount }
  | { readonly round: Amount; readonly places: number }
  | { readonly absolute: Amount }
  | { readonly count: Path }

/** What a condition is compiled with. */
export interface Meaning {
  readonly qualifiers: Qualifiers
  /** Values of a code list. */
  readonly lists: (name: string) => ReadonlySet<string>
  readonly operations: (name: string, argument: unknown) => Holds
}

export function compiled(condition: Condition, meaning: Meaning): Holds {
  if ('has' in condition) return has(condition.has, meaning)
  if ('lacks' in condition) return negated(has(condition.lacks, meaning))
  if ('all' in condition) return all(condition.all.map((part) => compiled(part, meaning)))
  if ('any' in condition) return negated(all(condition.any.map((part) => negated(compiled(part, meaning)))))
  if ('not' in condition) return negated(compiled(condition.not, meaning))
  if ('always' in condition) return () => condition.always
  if ('compare' in condition) return compares(condition.compare, meaning)
  if ('within' in condition) return (element) => within(element, condition.within)
  if ('self' in condition) return ({ name }) => condition.self.includes(name)
  if ('call' in condition) return meaning.operations(condition.call, condition.with)
  if ('some' in condition || 'every' in condition) return quantified(condition, meaning)
  if ('same' in condition || 'differ' in condition) return related(condition, meaning)
  if ('sorted' in condition) return sorted(condition.sorted, meaning)
  if ('inOrder' in condition) return inOrder(condition.inOrder, meaning)
  if ('count' in condition) return counted(condition, meaning)
  if ('alike' in condition) return alike(condition, meaning)
  return ofText(condition, meaning)
}

function negated(holds: Holds): Holds {
  return (element, document) => !holds(element, document)
}

function has(path: Path, { qualifiers }: Meaning): Holds {
  const parsed = parsePath(path)
  if (parsed.attribute === undefined) {
    const walk = walker(parsed, qualifiers)
    return (element, document) => walk(element, document, () => true)
  }
  const read = texts(parsed, qualifiers)
  return (element, document) => read(element, document, () => true)
}

function within(element: Element, name: string): boolean {
  for (let at = element.parent; at !== undefined; at = at.parent) if (at.name === name) return true
  return false
}

function quantified(condition: Extract<Condition, { where: Condition }>, meaning: Meaning): Holds {
  const where = compiled(condition.where, meaning)
  const some = 'some' in condition
  const walk = walker(parsePath(some ? condition.some : condition.every), meaning.qualifiers)
  return (element, document) => walk(element, document, (found) => where(found, document) === some) === some
}

function related(condition: Extract<Condition, { same: unknown } | { differ: unknown }>, { qualifiers }: Meaning): Holds {
  const same = 'same' in condition
  const [one, other] = (same ? condition.same : condition.differ).map((path) => texts(parsePath(path), qualifiers))
  if (!one || !other) return () => false
  return (element, document) => {
    const values = new Set<string>()
    one(element, document, (text) => {
      values.add(text)
      return false
    })
    if (values.size === 0) return false
    return other(element, document, (text) => (same ? values.has(text) : values.size > 1 || !values.has(text)))
  }
}

/** `2026-04-14`, as UBL and XML Schema have it; a time zone behind it is left aside. */
const extended = /^(\d{4})-(\d\d)-(\d\d)(?:Z|[+-]\d\d:\d\d)?$/
/** `20260414`, as CII has it with format 102. */
const basic = /^(\d{4})(\d\d)(\d\d)$/

/** @returns `YYYY-MM-DD` of a day that the calendar has */
export function calendarDate(text: string, form: 'extended' | 'basic' | 'either'): string | undefined {
  const written = tidy(text)
  const found = (form === 'basic' ? undefined : extended.exec(written)) ?? (form === 'extended' ? undefined : basic.exec(written))
  const [, year = '', month = '', day = ''] = found ?? []
  return isDay(Number(year), Number(month), Number(day)) ? `${year}-${month}-${day}` : undefined
}

function inOrder(paths: readonly [Path, Path], { qualifiers }: Meaning): Holds {
  const [first, second] = paths.map((path) => single(parsePath(path), qualifiers))
  return (element, document) => {
    const from = calendarDate(first?.(element, document) ?? '', 'extended')
    const to = calendarDate(second?.(element, document) ?? '', 'extended')
    return from !== undefined && to !== undefined && from <= to
  }
}

function sorted(paths: readonly [Path, Path], { qualifiers }: Meaning): Holds {
  const [first, second] = paths.map((path) => texts(parsePath(path), qualifiers))
  if (!first || !second) return () => false
  return (element, document) => first(element, document, (from) => second(element, document, (to) => from <= to))
}

function counted({ count, atMost = Infinity, atLeast = 0 }: Extract<Condition, { count: Path }>, { qualifiers }: Meaning): Holds {
  const size = counting(count, qualifiers)
  return (element, document) => {
    const found = size(element, document)
    return found <= atMost && found >= atLeast
  }
}

function counting(path: Path, qualifiers: Qualifiers): (element: Element, document: Document) => number {
  const read = texts(parsePath(path), qualifiers)
  return (element, document) => {
    let found = 0
    read(element, document, () => {
      found++
      return false
    })
    return found
  }
}

function alike({ alike: path, asWritten }: Extract<Condition, { alike: Path }>, { qualifiers }: Meaning): Holds {
  const read = texts(parsePath(path), qualifiers)
  return (element, document) => {
    let first: string | undefined
    return !read(element, document, (text) => {
      const value = asWritten === true ? text : tidy(text)
      first ??= value
      return value !== first
    })
  }
}

/** The one value at a path, `missing` where there is none; undefined where there are several. */
export function single(path: ParsedPath, qualifiers: Qualifiers, missing?: string): (element: Element, document: Document) => string | undefined {
  const read = texts(path, qualifiers)
  return (element, document) => {
    let value: string | undefined
    const several = read(element, document, (text) => {
      if (value !== undefined) return true
      value = text
      return false
    })
    return several ? undefined : (value ?? missing)
  }
}

type OfText = Extract<
  Condition,
  { filled: Path } | { is: Path } | { tidy: Path } | { isNot: Path } | { places: Path } | { length: Path } | { listed: Path } | { matches: Path }
>

function ofText(condition: OfText, meaning: Meaning): Holds {
  if ('is' in condition || 'tidy' in condition || 'isNot' in condition) return oneOf(condition, meaning)
  if ('filled' in condition) return ofOne(condition.filled, meaning, (text) => text !== undefined && tidy(text) !== '')
  if ('places' in condition) {
    const { atMost } = condition
    return ofAtMostOne(condition.places, meaning, (text) => !text.includes('.') || text.length - text.indexOf('.') - 1 <= atMost)
  }
  if ('length' in condition) {
    const { atMost = Infinity, atLeast = 0, tidied = false } = condition
    return ofAtMostOne(condition.length, meaning, (text) => {
      const { length } = tidied ? tidy(text) : text
      return length <= atMost && length >= atLeast
    })
  }
  if ('listed' in condition) {
    const values = meaning.lists(condition.list)
    const { upper } = condition
    return ofOne(condition.listed, meaning, (text = '') => values.has(upper === true ? tidy(text).toUpperCase() : tidy(text)))
  }
  const pattern = new RegExp(condition.pattern, 'u')
  return ofOne(condition.matches, meaning, (text) => text !== undefined && pattern.test(text))
}

function ofOne(path: Path, { qualifiers }: Meaning, test: (text: string | undefined) => boolean): Holds {
  const read = single(parsePath(path), qualifiers)
  return (element, document) => test(read(element, document))
}

/** As `ofOne`, where nothing counts as an empty text. */
function ofAtMostOne(path: Path, { qualifiers }: Meaning, test: (text: string) => boolean): Holds {
  const read = single(parsePath(path), qualifiers, '')
  return (element, document) => {
    const text = read(element, document)
    return text !== undefined && test(text)
  }
}

function oneOf(condition: Extract<OfText, { oneOf: readonly string[] }>, { qualifiers }: Meaning): Holds {
  const values = new Set(condition.oneOf)
  const path = 'is' in condition ? condition.is : 'tidy' in condition ? condition.tidy : condition.isNot
  const read = texts(parsePath(path), qualifiers)
  const written = 'is' in condition ? (text: string) => text : tidy
  const prepared = condition.upper === true ? (text: string) => written(text).toUpperCase() : written
  const wanted = !('isNot' in condition)
  return (element, document) => read(element, document, (text) => values.has(prepared(text)) === wanted)
}

function compares([left, relation, right]: Extract<Condition, { compare: unknown }>['compare'], { qualifiers }: Meaning): Holds {
  const one = amount(left, qualifiers)
  const other = amount(right, qualifiers)
  const holds = relations[relation]
  return (element, document) => {
    const first = one(element, document)
    if (first === undefined) return false
    const second = other(element, document)
    return second !== undefined && holds(compared(first, second))
  }
}

const relations: Record<'=' | '!=' | '<' | '<=' | '>' | '>=', (order: number) => boolean> = {
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

export type ReadNumber = (element: Element, document: Document) => Decimal | undefined

export function amount(written: Amount, qualifiers: Qualifiers): ReadNumber {
  if (typeof written === 'string') {
    const read = single(parsePath(written), qualifiers)
    return (element, document) => numberIn(read(element, document))
  }
  if ('literal' in written) {
    const value = decimal(written.literal)
    return () => value
  }
  if ('sum' in written) return summed(written.sum, qualifiers)
  if ('orZero' in written) {
    const count = counting(written.orZero, qualifiers)
    const value = amount(written.orZero, qualifiers)
    return (element, document) => (count(element, document) === 0 ? zero : value(element, document))
  }
  if ('count' in written) {
    const count = counting(written.count, qualifiers)
    return (element, document) => ({ units: BigInt(count(element, document)), scale: 0 })
  }
  if ('plus' in written) return folded(written.plus, qualifiers, plus)
  if ('minus' in written) return folded(written.minus, qualifiers, minus)
  if ('times' in written) return folded(written.times, qualifiers, times)
  if ('percent' in written) return mapped(written.percent, qualifiers, (value) => shifted(value, 2))
  if ('round' in written) return mapped(written.round, qualifiers, (value) => rounded(value, written.places))
  return mapped(written.absolute, qualifiers, absolute)
}

function numberIn(text: string | undefined): Decimal | undefined {
  return text === undefined ? undefined : decimal(text)
}

function summed(path: Path, qualifiers: Qualifiers): ReadNumber {
  const read = texts(parsePath(path), qualifiers)
  return (element, document) => {
    let total: Decimal | undefined = zero
    read(element, document, (text) => {
      const value = decimal(text)
      total = value && total && plus(total, value)
      return total === undefined
    })
    return total
  }
}

function mapped(part: Amount, qualifiers: Qualifiers, change: (value: Decimal) => Decimal): ReadNumber {
  const read = amount(part, qualifiers)
  return (element, document) => {
    const value = read(element, document)
    return value && change(value)
  }
}

function folded(parts: readonly Amount[], qualifiers: Qualifiers, fold: (one: Decimal, other: Decimal) => Decimal): ReadNumber {
  const reads = parts.map((part) => amount(part, qualifiers))
  return (element, document) => {
    let total: Decimal | undefined
    for (const [index, read] of reads.entries()) {
      const value = read(element, document)
      if (value === undefined) return undefined
      total = index === 0 || total === undefined ? value : fold(total, value)
    }
    return total
  }
}
