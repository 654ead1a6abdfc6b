import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { canonical } from './canonical.ts'
import businessVectors from './credential-types/business-registration/vectors.json' with { type: 'json' }
import { credentialTypes } from './credential-types/known-types.ts'
import { DidUrl } from './ids.ts'
import type { Json } from './json.ts'
import { PublicJwk } from './keys.ts'
import { ExchangeQuery } from './query/exchange-query.ts'
import { quickCheck } from './quick-check.ts'

const line = z.string().min(2).max(4)
const Tree = z.strictObject({
  name: line,
  get children() {
    return z.array(Tree).max(2).optional()
  },
})

/** Every kind of schema and check that is read, alone and within others. */
const schemas: Readonly<Record<string, z.ZodType>> = {
  line,
  pattern: z.string().regex(/^[a-c]+$/),
  brand: z.string().max(3).brand('b'),
  number: z.number().min(-1).lt(4),
  integer: z.int().max(2),
  oldInteger: z.number().int().gt(0),
  literals: z.literal(['a', 1, null]),
  enum: z.enum(['a', 'bb']),
  nullish: z.object({ a: line.nullish() }),
  strict: z.strictObject({ a: line, b: z.boolean().optional() }),
  loose: z.looseObject({ a: line.optional() }),
  stripped: z.object({ a: line }),
  caught: z.object({ a: line.optional() }).catchall(z.boolean()),
  array: z.array(line).min(1).max(2),
  tuple: z.tuple([z.literal('a')], z.union([line, z.null()])),
  bareTuple: z.tuple([line, z.boolean()]),
  union: z.union([line, z.array(line), z.strictObject({ a: line })]),
  kinds: z.discriminatedUnion('a', [z.strictObject({ a: z.literal('a') }), z.strictObject({ a: z.literal('bb'), b: line })]),
  record: z.record(z.string().regex(/^[a-z]+$/), z.boolean()),
  open: z.record(z.string(), z.unknown()),
  refined: z.strictObject({ a: line, b: line.optional() }).refine(({ a, b }) => a !== b, { path: ['b'] }),
  superRefined: z.strictObject({ a: line, b: line.optional() }).superRefine(({ a, b }, context) => {
    if (a === b) context.addIssue({ code: 'custom', message: 'the same', path: ['b'] })
  }),
  checked: line.check(({ value, issues }) => {
    if (value.startsWith('b')) issues.push({ code: 'custom', message: 'b', input: value })
  }),
  never: z.union([z.array(z.never()), z.boolean()]),
  Tree,
}

/** Kinds that make another value, or that are not read: never a yes. */
const others: Readonly<Record<string, z.ZodType>> = {
  trimmed: z.string().trim(),
  url: z.url(),
  transformed: z.string().transform((text) => text.length),
  default: z.string().default('a'),
  caught: z.string().catch('a'),
  piped: z.pipe(z.string(), z.string()),
  promised: z.string().refine(async () => true),
  promisedWhole: z.string().superRefine(async () => undefined),
  overwritten: z.string().overwrite((text) => text.trim()),
  changed: z.string().check((payload) => {
    payload.value = `${payload.value} `
  }),
  global: z.string().regex(/a/g),
  multiple: z.number().multipleOf(2),
  date: z.date(),
  exactlyOne: z.xor([z.string(), z.string().max(1)]),
  enumKeys: z.record(z.enum(['a', 'b']), z.boolean()),
  optionalTail: z.tuple([z.string(), z.string().optional()]),
}

const word = fc.constantFrom('', 'a', 'b', 'bb', 'abc', 'abcd', 'abcde', 'name', 'children')
const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    word,
    fc.constantFrom(null, true, false, -2, -1, 0, 1, 1.5, 2, 3, 4, 2 ** 53),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'name', 'children', 'toString', 'A'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value

describe('a yes of the quick check', () => {
  test.each(Object.keys(schemas))('is one of zod, with the same value, and no is said to nothing that zod takes as it is: %s', (name) => {
    const schema = schemas[name] as z.ZodType
    const seen = { yes: 0, no: 0 }
    fc.assert(
      fc.property(json, (value) => {
        const result = schema.safeParse(value)
        const same = result.success && canonical(result.data) === canonical(value)
        expect(quickCheck(schema)(value)).toBe(same)
        seen[same ? 'yes' : 'no']++
      }),
      { numRuns: 3000, seed: 7 },
    )
    expect(Math.min(seen.yes, seen.no)).toBeGreaterThan(0)
  })

  test.each(Object.keys(others))('is never given by a schema of a kind that it does not read: %s', (name) => {
    const quick = quickCheck(others[name] as z.ZodType)
    for (const value of ['a', '', 2, null, undefined, [], ['a'], {}, { a: true, b: true }, new Date(0)]) expect(quick(value)).toBe(false)
  })

  test('is not given to what no JSON text can be read as', () => {
    const inherited = Object.assign(Object.create({ b: true }), { a: 'ab' })
    const renamed = JSON.parse('{"a":"ab","__proto__":true}')
    for (const value of [inherited, renamed, Object.assign(Object.create(null), { a: 'ab' }), { a: 'ab', b: undefined }, new Map()]) {
      expect(quickCheck(z.strictObject({ a: line, b: z.boolean().optional() }))(value)).toBe(false)
      expect(quickCheck(z.looseObject({ a: line }))(value)).toBe(false)
    }
    const holed = ['ab', 'ab', 'ab']
    delete holed[1]
    expect(quickCheck(z.array(line))(holed)).toBe(false)
  })
})

const query = {
  credentials: [
    {
      id: 'c0',
      format: 'dc+sd-jwt',
      meta: { vct_values: ['urn:dfft:credential-type:business-registration:1'] },
      trusted_authorities: [{ type: 'did', values: ['did:web:registry.example'] }],
      claims: [
        { id: 'name', path: ['legalName'] },
        { id: 'seat', path: ['registeredAddress', 'country'], values: ['JP', 'DE'] },
      ],
      claim_sets: [['name', 'seat'], ['name']],
    },
    { id: 'c1', format: 'dc+sd-jwt', meta: { vct_values: ['urn:dfft:credential-type:qualification:1'] }, claims: [{ path: ['title', 0] }] },
  ],
  credential_sets: [{ options: [['c0', 'c1'], ['c0']] }],
} satisfies Json

/** Copies of a value, each with one thing in it changed. */
function* changes(value: Json): Iterable<Json> {
  const odd: Json[] = [null, true, -1, 1.5, '', 'x'.repeat(20_000), '\u0000', '\u2028', ' ', [], [null], {}, { a: 1 }]
  yield* odd
  if (typeof value === 'string') {
    yield `${value} `
    yield `${value}0`
    yield value.slice(1)
    yield value.replace(/\d/, (digit) => String((Number(digit) + 1) % 10))
  }
  if (Array.isArray(value)) {
    yield [...value, ...value]
    yield value.slice(1)
    for (const [at, one] of value.entries()) for (const changed of changes(one)) yield value.with(at, changed)
  } else if (typeof value === 'object' && value !== null) {
    const object = value as Readonly<Record<string, Json>>
    yield { ...object, stranger: 1 }
    for (const [name, one] of Object.entries(object)) {
      const { [name]: _, ...rest } = object
      yield rest
      for (const changed of changes(one)) yield { ...object, [name]: changed }
    }
  }
}

test('every credential type has a subject that the quick check reads, whole and in part', () => {
  for (const { name, subject, subjectPartial } of credentialTypes.values()) {
    if (name !== 'BusinessRegistrationCredential') continue
    for (const vector of businessVectors.good) {
      expect(quickCheck(subject)(vector.subject), vector.name).toBe(true)
      expect(quickCheck(subjectPartial())(vector.subject), vector.name).toBe(true)
    }
  }
})

test('the subjects of the vectors, with any one thing changed, get the verdict of zod', () => {
  const type = credentialTypes.get('BusinessRegistrationCredential')
  let [taken, refused] = [0, 0]
  for (const { subject } of [...businessVectors.good, ...businessVectors.bad]) {
    for (const changed of [subject as Json, ...changes(subject as Json)]) {
      for (const schema of type ? [type.subject, type.subjectPartial()] : []) {
        const quick = quickCheck(schema)(changed)
        if (quick !== schema.safeParse(changed).success) expect({ changed, quick }).toBe('the verdict of zod')
        if (quick) taken++
        else refused++
      }
      if (taken + refused > 6_000) break
    }
  }
  expect(Math.min(taken, refused)).toBeGreaterThan(500)
})

test.each([
  ['a DID URL', DidUrl, 'did:key:z6Mk#z6Mk'],
  ['a key', PublicJwk, { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) }],
  ['a query', ExchangeQuery, query],
] as const)('%s is read, and with any one thing changed gets the verdict of zod', (_name, schema, value) => {
  expect(quickCheck(schema)(value)).toBe(true)
  for (const changed of changes(value)) expect(quickCheck(schema)(changed)).toBe(schema.safeParse(changed).success)
})

test('what zod would put in the place of what is missing is left to zod', () => {
  const limit = z.number().default(100)
  for (const member of [limit, limit.optional(), limit.nullable(), z.number().optional().default(1), z.number().prefault(1)]) {
    const schema = z.strictObject({ a: z.string(), limit: member })
    expect(quickCheck(schema)({ a: 'x' })).toBe(false)
    expect(schema.parse({ a: 'x' }).limit).toBeTypeOf('number')
  }
  expect(quickCheck(z.strictObject({ a: z.string(), limit: z.number().optional() }))({ a: 'x' })).toBe(true)
})
