/**
 * A closed part of JSON Schema (Draft 7, 2019-09, 2020-12), for schemas that credentials name.
 *
 * A keyword outside this part is never passed over: the verdict is then 'indeterminate', and whoever asked does not know.
 * References are left out since they would be fetched or could loop, and patterns since a stranger could make them slow.
 */
import { z } from 'zod'
import { canonical } from '#protocols/canonical.ts'
import type { Json } from '#protocols/json.ts'
import { isJsonObject } from './jws.ts'
import { timestampMs } from './timestamp.ts'

export type SchemaVerdict =
  | { readonly kind: 'success' }
  /** RFC 6901 pointer to what breaks the schema. */
  | { readonly kind: 'failure'; readonly path: string }
  | { readonly kind: 'indeterminate'; readonly reason: string }

const Type = z.enum(['null', 'boolean', 'object', 'array', 'number', 'integer', 'string'])
const count = z.number().int().min(0)
const names = z.array(z.string().max(256)).max(256)
const annotation = z.string().max(4096).optional()

/** In the three drafts these keywords mean the same. `name` is no keyword; VC JSON Schema's own examples write it for `title`. */
const SchemaObject = z.strictObject({
  $id: annotation,
  $schema: annotation,
  $comment: annotation,
  title: annotation,
  name: annotation,
  description: annotation,
  type: z.union([Type, z.array(Type).min(1)]).optional(),
  enum: z.array(z.json()).min(1).max(256).optional(),
  const: z.json().optional(),
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
type SchemaObject = z.infer<typeof SchemaObject>
type Schema = boolean | SchemaObject

/** @param schema parsed strictly before, and so at most 32 levels deep */
export function judgeBySchema(schema: Json, value: Json): SchemaVerdict {
  const read = Schema.safeParse(schema)
  if (!read.success)
    return { kind: 'indeterminate', reason: `the schema is not of the part that is read here, at \`/${read.error.issues[0]?.path.map(String).join('/')}\`` }
  const path = breach(read.data, value, '')
  return path === null ? { kind: 'success' } : { kind: 'failure', path }
}

/** Where the value first breaks the schema, or null. */
function breach(schema: Schema, value: Json, at: string): string | null {
  if (typeof schema === 'boolean') return schema ? null : at
  if (!holdsHere(schema, value)) return at
  if (Array.isArray(value))
    return firstBreach(
      value.map((one, index) => [String(index), schema.items ?? true, one] as const),
      at,
    )
  if (!isJsonObject(value)) return null
  const { properties = {}, additionalProperties = true } = schema
  return firstBreach(
    Object.entries(value).map(([name, one]) => [name, Object.hasOwn(properties, name) ? (properties[name] ?? true) : additionalProperties, one] as const),
    at,
  )
}

function firstBreach(parts: readonly (readonly [name: string, schema: Schema, value: Json])[], at: string): string | null {
  for (const [name, schema, value] of parts) {
    const path = breach(schema, value, `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    if (path !== null) return path
  }
  return null
}

/** The keywords that look at no part of the value. */
function holdsHere(schema: SchemaObject, value: Json): boolean {
  const { type, required = [] } = schema
  if (type !== undefined && ![type].flat().some((one) => isOf(one, value))) return false
  if (schema.enum && !schema.enum.some((one) => canonical(one) === canonical(value))) return false
  if (schema.const !== undefined && canonical(schema.const) !== canonical(value)) return false
  if (typeof value === 'string') return within([...value].length, schema.minLength, schema.maxLength) && hasFormat(schema.format, value)
  if (typeof value === 'number') return within(value, schema.minimum, schema.maximum)
  if (Array.isArray(value)) return within(value.length, schema.minItems, schema.maxItems)
  return !isJsonObject(value) || required.every((name) => Object.hasOwn(value, name))
}

function isOf(type: z.infer<typeof Type>, value: Json): boolean {
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
