/**
 * A closed part of JSON Schema (Draft 7, 2019-09, 2020-12), for schemas that credentials name.
 *
 * A keyword outside this part is never passed over: the verdict is then 'indeterminate', and whoever asked does not know.
 * References are left out since they would be fetched or could loop, and patterns since a stranger could make them slow.
 */
import { z } from 'zod'
import { canonical } from '#protocols/canonical.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Json, sizeOf } from '#protocols/json.ts'
import { once } from '#protocols/once.ts'
import { isJsonObject } from './jws.ts'
import { timestampMs } from './timestamp.ts'

export type SchemaVerdict =
  | { readonly kind: 'success' }
  /** RFC 6901 pointer to what breaks the schema. */
  | { readonly kind: 'failure'; readonly path: string }
  | { readonly kind: 'indeterminate'; readonly reason: string }

/** Of a schema and a value together; a schema of ours has 400 keywords and a credential 200 members. A step takes under a microsecond. */
const stepsMax = 20_000

/** In the three drafts these keywords mean the same. `name` is no keyword; VC JSON Schema's own examples write it for `title`. */
const keywords = once(() => {
  const Type = z.enum(['null', 'boolean', 'object', 'array', 'number', 'integer', 'string'])
  const count = z.number().int().min(0)
  const names = z.array(z.string().max(256)).max(256)
  const annotation = z.string().max(4096).optional()

  const SchemaObject = z.strictObject({
    $id: annotation,
    $schema: annotation,
    $comment: annotation,
    title: annotation,
    name: annotation,
    description: annotation,
    type: z.union([Type, z.array(Type).min(1).max(7)]).optional(),
    // JSON it is already: parsed as such before.
    enum: z.array(z.custom<Json>()).min(1).max(256).optional(),
    const: z.custom<Json>().optional(),
    required: names.optional(),
    get properties() {
      return z.record(z.string().max(256), Schema).optional()
    },
    get additionalProperties() {
      return Schema.optional()
    },
    get items() {
      return Schema.optional()
    },
    minItems: count.optional(),
    maxItems: count.optional(),
    minLength: count.optional(),
    maxLength: count.optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    format: z.enum(['email', 'uri', 'date', 'date-time']).optional(),
  })
  const Schema = z.union([z.boolean(), SchemaObject])
  return Schema
})
type Schema = z.infer<ReturnType<typeof keywords>>
type SchemaObject = Exclude<Schema, boolean>

/** @param schema parsed strictly before, and so at most 32 levels deep @throws {TrustError} DFFT_LIMIT for a schema or a value that is too much work */
export function judgeBySchema(schema: Json, value: Json): SchemaVerdict {
  const steps = new Steps()
  steps.take(sizeOf(schema, stepsMax))
  const read = keywords().safeParse(schema)
  if (!read.success)
    return { kind: 'indeterminate', reason: `the schema is not of the part that is read here, at \`/${read.error.issues[0]?.path.map(String).join('/')}\`` }
  const path = breach(read.data, value, '', steps)
  return path === null ? { kind: 'success' } : { kind: 'failure', path }
}

/** What a verdict may cost: whoever wrote the schema, the value, or both, is a stranger. */
class Steps {
  #left = stepsMax

  take(steps: number): void {
    this.#left -= steps
    if (this.#left < 0) throw new TrustError('DFFT_LIMIT', 'a credential and its schema are too much to compare', { stepsMax })
  }
}

/** Where the value first breaks the schema, or null. */
function breach(schema: Schema, value: Json, at: string, steps: Steps): string | null {
  steps.take(1)
  if (typeof schema === 'boolean') return schema ? null : at
  if (!holdsHere(schema, value, steps)) return at
  if (Array.isArray(value)) return schema.items === undefined ? null : firstBreach(value.entries(), () => schema.items ?? true, at, steps)
  if (!isJsonObject(value)) return null
  const { properties = {}, additionalProperties = true } = schema
  return firstBreach(Object.entries(value), (name) => (Object.hasOwn(properties, name) ? (properties[name] ?? true) : additionalProperties), at, steps)
}

function firstBreach<Name extends string | number>(
  parts: Iterable<readonly [name: Name, value: Json]>,
  schemaOf: (name: Name) => Schema,
  at: string,
  steps: Steps,
): string | null {
  for (const [name, value] of parts) {
    const path = breach(schemaOf(name), value, `${at}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`, steps)
    if (path !== null) return path
  }
  return null
}

/** The keywords that look at no part of the value. */
function holdsHere(schema: SchemaObject, value: Json, steps: Steps): boolean {
  const { type, required = [] } = schema
  if (type !== undefined && ![type].flat().some((one) => isOf(one, value))) return false
  if (!isAmong(value, schema.enum, steps) || !isAmong(value, schema.const === undefined ? undefined : [schema.const], steps)) return false
  steps.take(required.length)
  if (typeof value === 'string') return within([...value].length, schema.minLength, schema.maxLength) && hasFormat(schema.format, value)
  if (typeof value === 'number') return within(value, schema.minimum, schema.maximum)
  if (Array.isArray(value)) return within(value.length, schema.minItems, schema.maxItems)
  return !isJsonObject(value) || required.every((name) => Object.hasOwn(value, name))
}

/** @param wanted undefined where the schema wants no value in particular */
function isAmong(value: Json, wanted: readonly Json[] | undefined, steps: Steps): boolean {
  if (wanted === undefined) return true
  steps.take(wanted.reduce((sum: number, one) => sum + sizeOf(one, stepsMax), sizeOf(value, stepsMax)))
  const text = canonical(value)
  return wanted.some((one) => canonical(one) === text)
}

function isOf(type: 'null' | 'boolean' | 'object' | 'array' | 'number' | 'integer' | 'string', value: Json): boolean {
  switch (type) {
    case 'null':
      return value === null
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isJsonObject(value)
    case 'integer':
      return Number.isInteger(value)
    default:
      return typeof value === type
  }
}

function within(number: number, min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY): boolean {
  return number >= min && number <= max
}

/** Asserted, which the drafts leave open: what a credential's schema says of a form is meant. */
function hasFormat(format: SchemaObject['format'], text: string): boolean {
  switch (format) {
    case 'email':
      return text.length <= 254 && /^[^\s@"<>()[\]\\,;:]+@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(text)
    case 'uri':
      return /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`]+$/.test(text)
    case 'date':
      return timestampMs(`${text}T00:00:00Z`) !== null
    case 'date-time':
      return timestampMs(text) !== null
    default:
      return true
  }
}
