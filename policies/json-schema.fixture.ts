/** JSON Schema 2020-12, as far as our published schemas go, written from its specification: an oracle that knows nothing of zod. */
type Value = null | boolean | number | string | Value[] | { [name: string]: Value }
type Schema = { readonly [keyword: string]: unknown }

const annotations = new Set(['$schema', '$id', 'title', 'description', 'examples'])

/** Whether the value is valid. Throws at a keyword it does not know, so that none is passed over. */
export function valid(schema: Schema | boolean, value: Value): boolean {
  if (typeof schema === 'boolean') return schema
  return Object.entries(schema).every(([keyword, said]) => {
    if (annotations.has(keyword)) return true
    const judge = keywords[keyword]
    if (!judge) throw new Error(`an unknown keyword: ${keyword}`)
    return judge(said as never, value, schema)
  })
}

const isObject = (value: Value): value is { [name: string]: Value } => typeof value === 'object' && value !== null && !Array.isArray(value)
const isOf = (type: string, value: Value): boolean => {
  if (type === 'object') return isObject(value)
  if (type === 'array') return Array.isArray(value)
  if (type === 'null') return value === null
  return type === 'integer' ? Number.isInteger(value) : typeof value === type
}
const equal = (a: Value, b: Value): boolean => JSON.stringify(a) === JSON.stringify(b)
const some = (schemas: readonly Schema[], value: Value) => schemas.filter((schema) => valid(schema, value)).length

const keywords: Readonly<Record<string, (said: never, value: Value, schema: Schema) => boolean>> = {
  type: (said: string | readonly string[], value) => [said].flat().some((one) => isOf(one, value)),
  const: (said: Value, value) => equal(said, value),
  enum: (said: readonly Value[], value) => said.some((one) => equal(one, value)),
  anyOf: (said: readonly Schema[], value) => some(said, value) > 0,
  oneOf: (said: readonly Schema[], value) => some(said, value) === 1,
  pattern: (said: string, value) => typeof value !== 'string' || new RegExp(said, 'u').test(value),
  minLength: (said: number, value) => typeof value !== 'string' || [...value].length >= said,
  maxLength: (said: number, value) => typeof value !== 'string' || [...value].length <= said,
  minimum: (said: number, value) => typeof value !== 'number' || value >= said,
  maximum: (said: number, value) => typeof value !== 'number' || value <= said,
  minItems: (said: number, value) => !Array.isArray(value) || value.length >= said,
  maxItems: (said: number, value) => !Array.isArray(value) || value.length <= said,
  items: (said: Schema, value) => !Array.isArray(value) || value.every((one) => valid(said, one)),
  required: (said: readonly string[], value) => !isObject(value) || said.every((name) => Object.hasOwn(value, name)),
  properties: (said: Readonly<Record<string, Schema>>, value) =>
    !isObject(value) || Object.entries(said).every(([name, schema]) => !Object.hasOwn(value, name) || valid(schema, value[name] as Value)),
  propertyNames: (said: Schema, value) => !isObject(value) || Object.keys(value).every((name) => valid(said, name)),
  additionalProperties: (said: Schema | boolean, value, { properties = {} }) =>
    !isObject(value) || Object.entries(value).every(([name, member]) => Object.hasOwn(properties as object, name) || valid(said, member)),
}
