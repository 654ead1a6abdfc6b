/**
 * A zod schema as a plain predicate, for values that are checked thousands of times a second.
 *
 * The predicate is made from the schema itself, so there is no second description to keep in step. It only ever says a sure
 * yes: whatever zod would refuse, change, or is written in a way not known here gets no, and the caller asks zod, which then also
 * names the path. A yes costs about a sixth of zod's.
 */
import type { z } from 'zod'

type Predicate = (value: unknown) => boolean

const made = new WeakMap<z.core.$ZodType, Predicate>()

/** @returns a predicate on JSON values, true only where `schema.safeParse(value)` succeeds with a value equal to the one given */
export function quickCheck(schema: z.core.$ZodType): Predicate {
  const known = made.get(schema)
  if (known) return known
  // A schema may contain itself: what meets it on the way gets the predicate that is still being made.
  let whole: Predicate = no
  made.set(schema, (value) => whole(value))
  whole = compiled(schema)
  made.set(schema, whole)
  return whole
}

function no(): boolean {
  return false
}

function yes(): boolean {
  return true
}

function compiled(schema: z.core.$ZodType): Predicate {
  const { def } = (schema as z.core.$ZodTypes)._zod // The union of all kinds of schema, by which zod's own tools tell them apart.
  const base = baseOf(def)
  const own = 'check' in def && def.check !== undefined ? [def as z.core.$ZodCheckDef] : []
  const [first, second, ...more] = [...own.map((one) => checkOf(one)), ...(def.checks ?? []).map(({ _zod: { def, check } }) => checkOf(def, check))]
  if (!first) return base
  if (!second) return (value) => base(value) && first(value)
  const rest = both(second, more)
  return (value) => base(value) && first(value) && rest(value)
}

function both(first: Predicate, [second, ...more]: readonly Predicate[]): Predicate {
  if (!second) return first
  const rest = both(second, more)
  return (value) => first(value) && rest(value)
}

function baseOf(def: z.core.$ZodTypes['_zod']['def']): Predicate {
  switch (def.type) {
    case 'string':
      return (value) => typeof value === 'string'
    case 'number':
      return Number.isFinite
    case 'boolean':
      return (value) => typeof value === 'boolean'
    case 'null':
      return (value) => value === null
    case 'unknown':
      return yes
    case 'literal':
      return memberOf(def.values)
    case 'enum':
      return memberOf(Object.values(def.entries))
    case 'optional': {
      const inner = quickCheck(def.innerType)
      // Where what is inside answers to what is not there, as a default does, zod asks it.
      const absent = def.innerType._zod.optin === undefined || inner(undefined)
      return (value) => (value === undefined ? absent : inner(value))
    }
    case 'nullable': {
      const inner = quickCheck(def.innerType)
      return (value) => value === null || inner(value)
    }
    case 'array': {
      const element = quickCheck(def.element)
      return (value) => Array.isArray(value) && everyElement(value, () => element)
    }
    case 'tuple':
      return tuple(def)
    case 'union':
      // `inclusive: false` asks that exactly one fits, which a discriminator makes sure of.
      return def.inclusive === false && !('discriminator' in def) ? no : anyOf(def.options.map(quickCheck))
    case 'object':
      return object(def)
    case 'record':
      return record(def)
    default:
      return no // Also `never`, and all that makes another value of the one given.
  }
}

function memberOf(values: readonly unknown[]): Predicate {
  const [only] = values
  if (values.length === 1) return (value) => value === only
  const set = new Set(values)
  return (value) => set.has(value)
}

function anyOf(options: readonly Predicate[]): Predicate {
  const [first = no, ...others] = options
  return (value) => first(value) || others.some((fits) => fits(value))
}

function tuple({ items, rest }: z.core.$ZodTupleDef): Predicate {
  if (items.some((item) => item._zod.optin !== undefined)) return no
  const heads = items.map(quickCheck)
  const tail = rest === null ? no : quickCheck(rest)
  return (value) => Array.isArray(value) && value.length >= heads.length && everyElement(value, (index) => heads[index] ?? tail)
}

/** Not Array.every, which passes over holes. */
function everyElement(values: readonly unknown[], predicateAt: (index: number) => Predicate): boolean {
  for (let index = 0; index < values.length; index++) if (!predicateAt(index)(values[index])) return false
  return true
}

interface Member {
  readonly fits: Predicate
  readonly required: boolean
}

function object({ shape, catchall }: z.core.$ZodObjectDef): Predicate {
  const members = new Map<string, Member>()
  for (const [name, schema] of Object.entries(shape)) members.set(name, { fits: quickCheck(schema), required: !mayBeAbsent(schema) })
  const required = [...members.values()].filter((member) => member.required).length
  const literals = [...members].filter(([name, member]) => member.required && isLiteral(shape[name]))
  // Without a catchall zod drops what it does not know, which makes another value: that gets no.
  const others = catchall === undefined ? no : quickCheck(catchall)
  return (value) => {
    if (!plainObject(value)) return false
    // By these the options of a union differ. To list the names of an object takes milliseconds where a stranger sent thousands, whatever they are.
    for (const [name, { fits }] of literals) if (!fits(value[name])) return false
    let met = 0
    // What is inherited and shows up here is known to no schema, or is told by zod.
    for (const name in value) {
      const one = value[name]
      const member = members.get(name)
      // zod drops a member named `__proto__`, and not every optional member may be there as undefined.
      if (one === undefined || name === '__proto__' || !(member ? member.fits : others)(one)) return false
      if (member?.required) met++
    }
    return met === required
  }
}

function isLiteral(schema: z.core.$ZodType | undefined): boolean {
  return (schema as z.core.$ZodTypes | undefined)?._zod.def.type === 'literal'
}

/** And stays absent then: a default is another value than the one given. */
function mayBeAbsent(schema: z.core.$ZodType): boolean {
  return schema._zod.optin !== undefined && quickCheck(schema)(undefined)
}

function record({ keyType, valueType, mode }: z.core.$ZodRecordDef): Predicate {
  // Keys of an enum all have to be there, and looser modes carry other keys over.
  if ((keyType as z.core.$ZodTypes)._zod.def.type !== 'string' || mode !== undefined) return no
  const key = quickCheck(keyType)
  const member = quickCheck(valueType)
  return (value) => plainObject(value) && Object.keys(value).every((name) => name !== '__proto__' && key(name) && member(value[name]))
}

function plainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

/** What every kind of check is described by, as far as it is read here. */
interface CheckDef {
  readonly check: string
  readonly format?: string
  readonly pattern?: RegExp
  readonly minimum?: number
  readonly maximum?: number
  readonly value?: unknown
  readonly inclusive?: boolean
  readonly fn?: (value: unknown) => unknown
  readonly when?: unknown
}

function checkOf(given: z.core.$ZodCheckDef, whole?: z.core.$ZodCheckInternals<never>['check']): Predicate {
  const { check, format, pattern, minimum, maximum, value: bound, inclusive, fn, when } = given as CheckDef // Each kind has some of these.
  if (when !== undefined && check === 'custom') return no
  if (check === 'min_length' && minimum !== undefined) return (value) => lengthOf(value) >= minimum
  if (check === 'max_length' && maximum !== undefined) return (value) => lengthOf(value) <= maximum
  if (check === 'string_format' && format === 'regex' && pattern && !pattern.global && !pattern.sticky) return (value) => pattern.test(value as string) // The base is a string: zod offers the check nowhere else.
  if (check === 'number_format' && format === 'safeint') return Number.isSafeInteger
  if (check === 'greater_than' && typeof bound === 'number') return (value) => (value as number) > bound || (inclusive === true && value === bound) // The base is a number.
  if (check === 'less_than' && typeof bound === 'number') return (value) => (value as number) < bound || (inclusive === true && value === bound) // Likewise.
  if (check === 'custom' && fn) return (value) => fn(value) === true // A promise is no yes.
  if (check === 'custom' && whole) return (value) => findsNothing(whole, value)
  return no
}

/** Of a `superRefine`, which has no function of its own to ask: zod's check says nothing, leaves the value, and is done at once. */
function findsNothing(check: z.core.$ZodCheckInternals<never>['check'], value: unknown): boolean {
  const payload = { value, issues: [] as unknown[] }
  return check(payload as never) === undefined && payload.issues.length === 0 && payload.value === value
}

function lengthOf(value: unknown): number {
  return (value as { readonly length: number }).length // A string or an array: zod offers the check nowhere else.
}
