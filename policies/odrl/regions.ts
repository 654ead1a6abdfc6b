/**
 * What a policy allows as a union of boxes: along each operand a set of numbers or times, conditions on a name, or recurrences. And,
 * or and exactly-one become unions of boxes, so that overlap and containment are exact wherever each operand is.
 */
import { z } from 'zod'
import { type Literal, literalOf, negated } from './concepts.ts'
import { iriOf, odrlName } from './constraints.ts'
import type { Constraint, OdrlPolicy, OdrlRule, Operand } from './document.ts'
import { uidOf } from './document.ts'
import { actionIri } from './duties.ts'
import { atLeastZero, common, compared, complement, type Intervals, line, sums } from './intervals.ts'
import { odrl, spoken, xsd } from './names.ts'
import type { Recurrence } from './recurrences.ts'
import { type Path, pointer, Refusals } from './refusals.ts'

export type Side =
  | { readonly kind: 'number' | 'instant' | 'local time' | 'duration'; readonly set: Intervals }
  | { readonly kind: 'name'; readonly literals: readonly Literal[] }
  | { readonly kind: 'recurrence'; readonly recurrences: readonly Recurrence[] }

/** By operand; an operand that is not there is free. */
export type Box = ReadonlyMap<string, Side>
export type Region = readonly Box[]

export interface Domains {
  /** Operands whose numbers have an end of their own. */
  readonly domainOf: (operand: string) => Intervals
}

/** Beginning of the name of an axis that is a sequence of delays; the rest is its place, since each sequence is one of its own. */
export const sequence = 'andSequence '
export const scopeAxes: ReadonlySet<string> = new Set([odrl('action'), odrl('target'), odrl('assignee')])

const boxesMax = 4096
/** Exactly one of many is each without all others. */
const alternativesMax = 64
const everywhere: Region = [new Map()]

/** Of ODRL's own operands these are never negative. */
const magnitudes = new Set(['absoluteSize', 'count', 'payAmount', 'percentage', 'relativeSize', 'resolution'].map(odrl))
export const plainDomains: Domains = { domainOf: (operand) => (magnitudes.has(operand) ? atLeastZero : line) }

/**
 * What is permitted and not prohibited.
 *
 * @throws {TrustError} DFFT_POLICY_ODRL naming what is no set, interval or time
 */
export function regionOf(policy: OdrlPolicy, domains: Domains): Region {
  const refusals = new Refusals()
  const mapper = new Mapper(domains, refusals)
  for (const term of ['obligation', 'inheritFrom', 'profile'] as const)
    if (policy[term] !== undefined) refusals.add([term], `odrl:${term}`, 'is not a set, an interval or a time')
  if (policy.prohibition && odrlName(policy.conflict ?? 'invalid') !== 'prohibit')
    refusals.add(['conflict'], 'odrl:conflict', 'is not `prohibit`, and there are prohibitions')
  const rules = (kind: 'permission' | 'prohibition') => (policy[kind] ?? []).map((rule, index) => mapper.rule(rule, [kind, index]))
  const permitted = rules('permission').flat()
  const region = rules('prohibition').reduce((left, prohibited) => mapper.both(left, mapper.not(prohibited, ['prohibition']), ['prohibition']), permitted)
  refusals.settle()
  return region
}

class Mapper {
  readonly #domains: Domains
  readonly #refusals: Refusals

  constructor(domains: Domains, refusals: Refusals) {
    this.#domains = domains
    this.#refusals = refusals
  }

  rule(rule: OdrlRule, path: Path): Region {
    for (const term of ['duty', 'remedy', 'relation', 'function', 'output'] as const)
      if (rule[term] !== undefined) this.#refusals.add([...path, term], `odrl:${term}`, 'is not a set, an interval or a time')
    const actions = (rule.action ?? []).map(actionIri)
    const scopes = {
      action: actions,
      target: (rule.target ?? []).map((one) => uidOf(one) ?? ''),
      assignee: (rule.assignee ?? []).map((one) => uidOf(one) ?? ''),
    }
    const scope = Object.entries(scopes).reduce<Region>((region, [name, values]) => {
      if (values.length === 0) return region
      const literal = (value: string): Literal => ({ comparison: name === 'action' ? 'isPartOf' : 'eq', values: [value], negated: false })
      return this.both(
        region,
        values.map((value): Box => new Map([[odrl(name), { kind: 'name', literals: [literal(value)] }]])),
        path,
      )
    }, everywhere)
    for (const [term, things] of [
      ['action', rule.action],
      ['target', rule.target],
      ['assignee', rule.assignee],
    ] as const)
      if (things?.some(({ refinement }) => refinement)) this.#refusals.add([...path, term], 'odrl:refinement', 'is not mapped')
    return this.both(scope, this.#all(rule.constraint ?? [], [...path, 'constraint']), path)
  }

  #all(constraints: readonly Constraint[], path: Path): Region {
    return constraints.reduce<Region>((region, one, index) => this.both(region, this.#one(one, [...path, index]), [...path, index]), everywhere)
  }

  #one(constraint: Constraint, path: Path): Region {
    const { and, or, xone, andSequence } = constraint
    if (and) return this.#all(and, [...path, 'and'])
    if (or) return or.flatMap((one, index) => this.#one(one, [...path, 'or', index]))
    if (xone && xone.length > alternativesMax) {
      this.#refusals.add([...path, 'xone'], 'odrl:xone', `has more than ${alternativesMax} alternatives`)
      return everywhere
    }
    if (xone)
      return this.#exactlyOne(
        xone.map((one, index) => this.#one(one, [...path, 'xone', index])),
        path,
      )
    if (andSequence) return this.#sequence(andSequence, [...path, 'andSequence'])
    const side = this.#side(constraint, path)
    const domain = side && 'set' in side ? this.#domain(constraint.leftOperand ?? '', side.kind) : line
    return side
      ? this.both(
          [new Map([[constraint.leftOperand ?? '', side]])],
          [new Map([[constraint.leftOperand ?? '', 'set' in side ? { ...side, set: domain } : side]])],
          path,
        )
      : everywhere
  }

  #domain(operand: string, kind: string): Intervals {
    return kind === 'duration' ? atLeastZero : kind === 'number' ? this.#domains.domainOf(operand) : line
  }

  #exactlyOne(regions: readonly Region[], path: Path): Region {
    return regions.flatMap((one) => regions.reduce((left, other) => (other === one ? left : this.both(left, this.not(other, path), path)), one))
  }

  /** Delays one after the other: what counts is their sum. */
  #sequence(steps: readonly Constraint[], path: Path): Region {
    const delays = steps.map((step, index) => {
      const side = this.#side(step, [...path, index])
      if (side && 'set' in side && step.leftOperand === odrl('delayPeriod')) return common(side.set, atLeastZero)
      if (side) this.#refusals.add([...path, index], spoken(step.leftOperand ?? ''), 'is in a sequence and no delay')
      return atLeastZero
    })
    const [first = atLeastZero, ...others] = delays
    return [new Map([[`${sequence}${pointer(path)}`, { kind: 'duration', set: others.reduce(sums, first) }]])]
  }

  #side(constraint: Constraint, path: Path): Side | undefined {
    const { leftOperand, operator, rightOperand, dataType } = constraint
    if (leftOperand === undefined || operator === undefined || rightOperand === undefined)
      return this.#refusals.add(path, 'odrl:constraint', 'lacks an operand or its operator')
    for (const term of ['unit', 'status', 'rightOperandReference'] as const)
      if (constraint[term] !== undefined) this.#refusals.add([...path, term], `odrl:${term}`, 'is not mapped')
    const comparison = odrlName(operator)
    if (leftOperand === odrl('timeInterval')) return this.#recurrence(constraint, path)
    const values = rightOperand.map((value) => scalarOf(value, dataType))
    const [first, ...others] = values
    if (first && others.length === 0) {
      const set = compared(comparison, first.value)
      return set ? { kind: first.kind, set } : this.#refusals.add([...path, 'operator'], spoken(operator), `does not compare a ${first.kind}`)
    }
    const names = rightOperand.flatMap((value) => (typeof value === 'object' && '@id' in value ? [value['@id']] : []))
    const literal = names.length === rightOperand.length ? literalOf(comparison, names) : undefined
    return literal
      ? { kind: 'name', literals: [literal] }
      : this.#refusals.add([...path, 'rightOperand'], rightOperand.map(iriOf).join(', '), `is with \`${spoken(operator)}\` no set, interval or time`)
  }

  #recurrence({ operator = '', rightOperand = [], dataType, 'dfft:anchor': anchor }: Constraint, path: Path): Side | undefined {
    const [value, ...others] = rightOperand.map((one) => scalarOf(one, dataType))
    const first = anchor === undefined ? undefined : scalarOf(anchor, undefined)
    if (odrlName(operator) !== 'eq' || value?.kind !== 'duration' || value.value <= 0 || others.length > 0 || (anchor !== undefined && first === undefined))
      return this.#refusals.add(path, 'odrl:timeInterval', 'is not a period of fixed length with an instant to begin at')
    return { kind: 'recurrence', recurrences: [{ period: value.value, first: first?.value }] }
  }

  // --- Unions of boxes.

  both(some: Region, others: Region, path: Path): Region {
    if (some.length * others.length > boxesMax) {
      this.#refusals.add(path, 'odrl:constraint', `makes more than ${boxesMax} boxes`)
      return some
    }
    return some.flatMap((one) => others.map((other) => this.#joined(one, other, path))).filter((box) => !plainlyEmpty(box))
  }

  #joined(one: Box, other: Box, path: Path): Box {
    const joined = new Map(one)
    for (const [operand, side] of other) {
      const had = joined.get(operand)
      const both = had === undefined ? side : sideOfBoth(had, side)
      if (both) joined.set(operand, both)
      else this.#refusals.add(path, spoken(operand), `is compared with a ${had?.kind} and with a ${side.kind}`)
    }
    return joined
  }

  not(region: Region, path: Path): Region {
    return region.reduce<Region>(
      (left, box) =>
        this.both(
          left,
          [...box].flatMap(([operand, side]) => this.#outside(operand, side, path)),
          path,
        ),
      everywhere,
    )
  }

  #outside(operand: string, side: Side, path: Path): Region {
    if (side.kind === 'recurrence') {
      this.#refusals.add(path, spoken(operand), 'recurs, and what does not recur is no set of times here')
      return []
    }
    if (side.kind === 'name') return side.literals.map((literal): Box => new Map([[operand, { kind: 'name', literals: [negated(literal)] }]]))
    return [new Map([[operand, { ...side, set: common(complement(side.set), this.#domain(operand, side.kind)) }]])]
  }
}

/** Both regions at once. @throws {TrustError} DFFT_POLICY_ODRL where they compare an operand with two kinds of things */
export function intersection(some: Region, others: Region, domains: Domains): Region {
  return settled(domains, (mapper) => mapper.both(some, others, []))
}

/** What of the first is not in the second. @throws {TrustError} DFFT_POLICY_ODRL likewise */
export function difference(some: Region, others: Region, domains: Domains): Region {
  return settled(domains, (mapper) => mapper.both(some, mapper.not(others, []), []))
}

function settled(domains: Domains, work: (mapper: Mapper) => Region): Region {
  const refusals = new Refusals()
  const region = work(new Mapper(domains, refusals))
  refusals.settle()
  return region
}

function plainlyEmpty(box: Box): boolean {
  return [...box.values()].some((side) => 'set' in side && side.set.length === 0)
}

function sideOfBoth(one: Side, other: Side): Side | undefined {
  if (one.kind === 'name' && other.kind === 'name') return { kind: 'name', literals: [...one.literals, ...other.literals] }
  if (one.kind === 'recurrence' && other.kind === 'recurrence') return { kind: 'recurrence', recurrences: [...one.recurrences, ...other.recurrences] }
  if ('set' in one && 'set' in other && one.kind === other.kind) return { kind: one.kind, set: common(one.set, other.set) }
  return undefined
}

// --- Values.

interface Scalar {
  readonly kind: 'number' | 'instant' | 'local time' | 'duration'
  readonly value: number
}

const secondsOf = { W: 604_800, D: 86_400, H: 3600, M: 60, S: 1 } as const

/** A number, a time or a duration; undefined for a name, for text, and for what has no fixed length or is not exact. */
function scalarOf(operand: Operand, dataType: string | undefined): Scalar | undefined {
  if (typeof operand === 'number') return exact(operand)
  if (typeof operand === 'boolean' || (typeof operand === 'object' && '@id' in operand)) return undefined
  const type = typeof operand === 'object' ? (operand['@type']?.[0] ?? dataType) : dataType
  const said = typeof operand === 'object' ? operand['@value'] : operand
  if (typeof said === 'number') return exact(said)
  if (type === undefined || typeof said !== 'string') return undefined
  if (type === xsd('duration')) return durationOf(said)
  if (type === xsd('dateTime') || type === xsd('date')) return timeOf(said)
  return [xsd('decimal'), xsd('integer'), xsd('double')].includes(type) && /^[+-]?\d+(?:\.\d+)?$/.test(said) ? exact(Number(said)) : undefined
}

/** Of more digits two numbers may look like one. */
function exact(value: number): Scalar | undefined {
  return Number.isFinite(value) && Math.abs(value) < 1e15 ? { kind: 'number', value } : undefined
}

function timeOf(said: string): Scalar | undefined {
  const [, day, time = 'T00:00:00', zone] = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d:\d\d(?:\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?$/.exec(said) ?? []
  const value = day === undefined ? Number.NaN : Date.parse(`${day}${time}${zone ?? 'Z'}`)
  return Number.isNaN(value) ? undefined : { kind: zone === undefined ? 'local time' : 'instant', value }
}

/** Weeks to seconds; a year and a month have no fixed length. */
function durationOf(said: string): Scalar | undefined {
  const read = z
    .string()
    .max(64)
    .regex(/^P(?=.)(?:\d{1,9}W)?(?:\d{1,9}D)?(?:T(?=\d)(?:\d{1,9}H)?(?:\d{1,9}M)?(?:\d{1,9}S)?)?$/)
    .safeParse(said)
  if (!read.success) return undefined
  const seconds = [...read.data.matchAll(/(\d+)([WDHMS])/g)].map(([, count, unit]) => Number(count) * secondsOf[unit as keyof typeof secondsOf]) // The pattern has no other.
  return { kind: 'duration', value: seconds.reduce((sum, one) => sum + one, 0) * 1000 }
}
