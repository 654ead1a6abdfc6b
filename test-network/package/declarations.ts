/**
 * The types of `dfft/client` as one file that needs no other: made of the OpenAPI document, so of the table of operations. Identifiers are texts in it: their
 * brands are for us, who have checked them.
 */
import { openApi } from '#node/openapi.ts'
import { codes } from '#protocols/errors.ts'

/** As zod writes it; what is not in here, zod does not write for our tables. */
interface Schema {
  readonly $ref?: string
  readonly description?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly not?: Schema
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly items?: Schema | false
  readonly prefixItems?: readonly Schema[]
}

/** Of the document only what is read here. */
interface Document {
  readonly paths: Readonly<Record<string, { readonly post: Operation }>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly requestBody: { readonly content: { readonly 'application/json': { readonly schema: Schema } } }
  readonly responses: { readonly 200: { readonly content: { readonly 'application/json': { readonly schema: Schema } } } }
}

/** @throws {Error} for a schema that has no type here, or a name twice */
export function declarations(version: string): string {
  const { paths, components } = openApi(version) as unknown as Document // Our own document, of which this names a part.
  const taken = Object.keys(components.schemas).filter((name) => new RegExp(`\\b(?:class|function|interface|type) ${name}\\b`).test(program))
  if (taken.length > 0) throw new Error(`components of the API have names of the client: ${taken.join(', ')}`)
  const shapes = Object.entries(components.schemas).map(([name, schema]) => `export type ${name} = ${typeOf(schema, '')}\n`)
  const methods = Object.values(paths).map(
    ({ post }) => `  /** ${post.summary} */\n  readonly ${post.operationId}: (input: ${inputOf(post)}) => Promise<${resultOf(post)}>\n`,
  )
  const known = Object.keys(codes).map((code) => `  | '${code}'\n`)
  return [
    `/** dfft ${version}: a node's operations as calls. Made from the table of operations. */\n`,
    program,
    `export type Code =\n${known.join('')}`,
    `/** The operations as methods; what a caller may leave out has a question mark. */\nexport interface NodeApi {\n${methods.join('')}}\n`,
    ...shapes,
  ].join('\n')
}

/** What `cli/client.ts` exports besides; client-types.test.ts holds the one against the other. */
const program = `/** What a node refuses, or a call that came to nothing. Look at the code, never at the message. */
export class TrustError extends Error {
  readonly code: Code
  readonly facts: Readonly<Record<string, string | number | boolean | null>>
  constructor(code: Code, message: string, facts?: Readonly<Record<string, string | number | boolean | null>>, options?: ErrorOptions)
  /** What to do now, for a person. */
  get advice(): string
}

/** A node reached with a token. */
export interface Remote {
  /** \`http://127.0.0.1:8471\`; another host by https only. */
  readonly url: string
  /** As \`dfft token create\` showed it. */
  readonly token: string
}

/**
 * Nothing is opened before the first call, and nothing stays open after one.
 *
 * @param node the path of its socket, or where it is reached with a token
 * @param waitMs how long each call may take
 */
export function connect(node: string | Remote, waitMs?: number): NodeApi

/** The socket of the node in a folder: what is said, else what its configuration says, else \`dfft.sock\` in it. */
export function socketOf(dir: string, said: string | undefined): Promise<string>
`

function inputOf({ requestBody }: Operation): string {
  return typeOf(requestBody.content['application/json'].schema, '')
}

function resultOf({ operationId, responses }: Operation): string {
  const result = responses[200].content['application/json'].schema.properties?.result
  if (result === undefined) throw new Error(`\`${operationId}\` answers with nothing`)
  return typeOf(result, '')
}

/** @param indent of the line on which the type begins */
function typeOf(schema: Schema, indent: string): string {
  const { $ref, anyOf, oneOf, allOf, not, type } = schema
  if ($ref !== undefined) return $ref.slice($ref.lastIndexOf('/') + 1)
  if ('const' in schema) return JSON.stringify(schema.const)
  if (schema.enum) return union(schema.enum.map((one) => JSON.stringify(one)))
  const some = anyOf ?? oneOf
  if (some) return union(some.map((one) => typeOf(one, indent)))
  if (allOf) return allOf.map((one) => `(${typeOf(one, indent)})`).join(' & ')
  if (not) return 'never'
  if (type === undefined) return 'unknown'
  return union((Array.isArray(type) ? type : [type]).map((one: string) => plainType(one, schema, indent)))
}

function plainType(type: string, schema: Schema, indent: string): string {
  if (type === 'object') return objectOf(schema, indent)
  if (type === 'array') return arrayOf(schema, indent)
  if (type === 'integer' || type === 'number') return 'number'
  if (type === 'string' || type === 'boolean' || type === 'null') return type
  throw new Error(`a schema of type \`${type}\` has no type in the client`)
}

function union(types: readonly string[]): string {
  const apart = [...new Set(types)]
  return apart.length === 1 ? (apart[0] ?? 'never') : `(${apart.join(' | ')})`
}

function arrayOf({ items, prefixItems }: Schema, indent: string): string {
  if (prefixItems) return `[${[...prefixItems.map((one) => typeOf(one, indent)), ...(items ? [`...${typeOf(items, indent)}[]`] : [])].join(', ')}]`
  return `${items ? typeOf(items, indent) : 'unknown'}[]`
}

function objectOf({ properties, required = [], additionalProperties }: Schema, indent: string): string {
  const more = typeof additionalProperties === 'object' ? `{ [name: string]: ${typeOf(additionalProperties, indent)} }` : undefined
  if (properties === undefined) return more ?? (additionalProperties === false ? '{ [name: string]: never }' : '{ [name: string]: unknown }')
  const inner = `${indent}  `
  const members = Object.entries(properties).map(([name, schema]) => {
    const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)
    const value = typeOf(schema, inner)
    return `${inner}${required.includes(name) ? `${key}: ${value}` : `${key}?: ${value} | undefined`}\n`
  })
  const closed = members.length === 0 ? '{}' : `{\n${members.join('')}${indent}}`
  return more === undefined ? closed : `${closed} & ${more}`
}
