/**
 * Tables of the members of a message, made of its zod schema: name, whether it has to be there, and its form with all limits. What a member means
 * is written by hand in the document, and stays with its name.
 */
import { z } from 'zod'

interface JsonSchema {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly items?: JsonSchema
  readonly prefixItems?: readonly JsonSchema[]
  readonly minItems?: number
  readonly maxItems?: number
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly propertyNames?: JsonSchema
  readonly additionalProperties?: JsonSchema | boolean
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
}

export interface Row {
  readonly member: string
  readonly needed: boolean
  readonly form: string
}

/** Forms that have a name of their own in the document, by what they look like. */
export type Named = ReadonlyMap<string, string>

export function named(schemas: Readonly<Record<string, z.ZodType>>): Named {
  return new Map(Object.entries(schemas).map(([name, schema]) => [looks(jsonSchema(schema)), name]))
}

/** Every member of a message, those of objects in it under their path; of a union those of each kind. */
export function rowsOf(schema: z.ZodType, names: Named): readonly Row[] {
  const made = jsonSchema(schema)
  return (made.oneOf ?? made.anyOf)?.flatMap((option) => kindRows(option, names)) ?? membersOf(made, '', names)
}

/** Of one kind of a union: its members under its name. */
function kindRows(option: JsonSchema, names: Named): Row[] {
  const [[kindName = '', kind] = []] = Object.entries(option.properties ?? {}).filter(([, member]) => typeof member.const === 'string')
  const rows = membersOf(option, `${String(kind?.const)}: `, names).filter(({ member }) => !member.endsWith(`: ${kindName}`))
  return rows.length > 0 ? rows : [{ member: `${String(kind?.const)}:`, needed: true, form: '–' }]
}

/** @param meaning what stands in the last column; empty for a row that nobody has described yet */
export function tableOf(rows: readonly Row[], meaning: (member: string) => string): string {
  const lines = rows.map(({ member, needed, form }) => `| \`${member}\` | ${needed ? 'yes' : 'no'} | ${form.replaceAll('|', '\\|')} | ${meaning(member)} |`)
  return ['| member | needed | form | meaning |', '|---|---|---|---|', ...lines].join('\n')
}

function jsonSchema(schema: z.ZodType): JsonSchema {
  const { $schema: _, ...made } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  return made as JsonSchema // What zod writes has these members and others that no table tells.
}

function looks(schema: JsonSchema): string {
  return JSON.stringify(schema)
}

function membersOf(schema: JsonSchema, under: string, names: Named): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const path = `${under}${name}`
    const row = { member: path, needed: schema.required?.includes(name) ?? false, form: formOf(member, names) }
    return [row, ...within(member, path, names)]
  })
}

function within(schema: JsonSchema, path: string, names: Named): Row[] {
  if (names.has(looks(schema))) return []
  if (schema.properties) return membersOf(schema, `${path}.`, names)
  return schema.items ? within(schema.items, `${path}[]`, names) : []
}

function formOf(schema: JsonSchema, names: Named): string {
  const name = names.get(looks(schema))
  if (name !== undefined) return name
  const { anyOf, oneOf, items, prefixItems, properties, type } = schema
  const either = anyOf ?? oneOf
  if (either) return either.map((one) => inlineOf(one, names)).join(' or ')
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``
  if (schema.enum) return schema.enum.map((one) => `\`${JSON.stringify(one)}\``).join(' or ')
  if (prefixItems) return `list of exactly ${prefixItems.map((one) => inlineOf(one, names)).join(', then ')}`
  if (items) return `list of ${between(schema.minItems, schema.maxItems)}${items.properties && !names.has(looks(items)) ? 'objects' : formOf(items, names)}`
  if (properties) return 'object'
  if (type === 'object') return mapOf(schema, names)
  if (type === 'string') return textOf(schema)
  if (type === 'integer' || type === 'number') return `${type} ${numbersOf(schema)}`.trimEnd()
  return type ?? 'any JSON'
}

/** An object among alternatives has no rows of its own. */
function inlineOf(schema: JsonSchema, names: Named): string {
  if (!schema.properties || names.has(looks(schema))) return formOf(schema, names)
  const members = Object.entries(schema.properties).map(
    ([name, member]) => `\`${name}\`${schema.required?.includes(name) ? '' : ' (may be absent)'}: ${inlineOf(member, names)}`,
  )
  return `{ ${members.join(', ')} }`
}

function mapOf({ propertyNames, additionalProperties }: JsonSchema, names: Named): string {
  const of = typeof additionalProperties === 'object' ? formOf(additionalProperties, names) : 'any JSON'
  return `object of ${of}${propertyNames ? `, each name ${textOf(propertyNames)}` : ''}`
}

function textOf({ pattern, minLength, maxLength }: JsonSchema): string {
  const size = minLength !== undefined || maxLength !== undefined ? ` of ${between(minLength, maxLength)}characters` : ''
  return `text${size}${pattern === undefined ? '' : `, \`${pattern}\``}`
}

function between(least: number | undefined, most: number | undefined): string {
  if (least !== undefined && most !== undefined) return least === most ? `${most} ` : `${least} to ${most} `
  if (most !== undefined) return `at most ${most} `
  return least === undefined ? '' : `at least ${least} `
}

function numbersOf({ minimum, maximum }: JsonSchema): string {
  const least = minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? '' : `from ${minimum}`
  const most = maximum === undefined ? '' : ` to ${maximum === Number.MAX_SAFE_INTEGER ? '2^53 − 1' : maximum}`
  return `${least}${most}`.trim()
}
