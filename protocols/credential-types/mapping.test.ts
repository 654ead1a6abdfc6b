import { describe, expect, test } from 'vitest'
import { invoiceTerms } from '../invoice/terms.ts'
import { chainJsonSchema } from '../trade-chain/chain.ts'
import { credentialTypeOfVct } from './known-types.ts'
import { mappings } from './mapping.ts'

/** Any object of a schema. */
interface Node {
  readonly [name: string]: Node | undefined
}

/** Whether the schema has a member there, places in arrays left out. */
function has(schema: Node | undefined, names: readonly string[]): boolean {
  const [name, ...rest] = names
  if (name === undefined) return schema !== undefined
  const inner = schema?.items ?? schema
  const alternatives = Object.values(inner?.oneOf ?? inner?.anyOf ?? { inner })
  return alternatives.some((one) => one?.properties !== undefined && Object.hasOwn(one.properties, name) && has(one.properties[name], rest))
}

const terms = new Set([...JSON.stringify(invoiceTerms).matchAll(/"id":"(B[TG]-\d+)"/g)].map(([, id]) => id))

describe.for(mappings.flatMap(({ type, tables }) => tables.map((table) => ({ type, ...table }))))('$type as $to', ({ type, id, rows }) => {
  const schema = credentialTypeOfVct(`urn:dfft:credential-type:${type}:1`).jsonSchema as unknown as Node

  test('each row names a member of ours', () => {
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.filter(({ ours }) => !has(schema, ours.slice(1).split('/')))).toEqual([])
  })

  test('no row stands twice', () => {
    const pairs = rows.map(({ ours, theirs }) => `${ours} ${theirs}`)
    expect(new Set(pairs).size).toBe(pairs.length)
  })

  test('each row names an element of theirs, where the element is in this repository', () => {
    const here: Readonly<Record<string, (theirs: string) => boolean>> = {
      'en-16931': (theirs) => terms.has(theirs),
      'trade-chain': (theirs) => has(chainJsonSchema() as unknown as Node, theirs.split('.')),
    }
    const known = here[id] ?? (() => true)
    expect(rows.filter(({ theirs }) => !known(theirs))).toEqual([])
  })
})

test('the check finds a member that is not there', () => {
  const [{ type }] = mappings as [(typeof mappings)[number]]
  const schema = credentialTypeOfVct(`urn:dfft:credential-type:${type}:1`).jsonSchema as unknown as Node
  expect(has(schema, ['representatives', 'authority', 'rule'])).toBe(true)
  expect(has(schema, ['representatives', 'salary'])).toBe(false)
})
