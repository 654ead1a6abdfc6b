/**
 * ODRL 2.2 as JSON-LD, in the compact form that its own context gives. No JSON-LD processor: names are resolved by a table, what may
 * be one or many becomes many, and then every member is one that ODRL or our profile knows, or the document is refused.
 *
 * @see ODRL Information Model 2.2; https://www.w3.org/ns/odrl.jsonld
 */
import { z } from 'zod'
import { compact, expand, knownPrefixes, odrlContext, type Prefixes } from './names.ts'
import { type Path, Refusals } from './refusals.ts'

const text = z.string().max(2048)
const iri = text.min(1)
/** One or many as many. The bound is a policy of one rule a working day of a year, thrice. */
const many = <Schema extends z.ZodType>(schema: Schema) => z.array(schema).max(1024)

const reference = z.strictObject({ '@id': iri })
const literal = z.strictObject({ '@value': z.union([text, z.number(), z.boolean()]), '@type': many(iri).optional(), '@language': text.optional() })
export const Operand = z.union([text, z.number(), z.boolean(), reference, literal])
export type Operand = z.infer<typeof Operand>

/** Atomic and logical constraints in one: which of them it is, is told by its members. */
export interface Constraint {
  readonly '@id'?: string | undefined
  readonly '@type'?: readonly string[] | undefined
  readonly uid?: string | undefined
  readonly leftOperand?: string | undefined
  readonly operator?: string | undefined
  readonly rightOperand?: readonly Operand[] | undefined
  readonly rightOperandReference?: unknown
  readonly dataType?: string | undefined
  readonly unit?: unknown
  readonly status?: unknown
  readonly and?: readonly Constraint[] | undefined
  readonly or?: readonly Constraint[] | undefined
  readonly xone?: readonly Constraint[] | undefined
  readonly andSequence?: readonly Constraint[] | undefined
  readonly 'dfft:anchor'?: Operand | undefined
}
const inner = z.lazy(() => many(Constraint))
export const Constraint: z.ZodType<Constraint> = z.strictObject({
  '@id': iri.optional(),
  '@type': many(iri).optional(),
  uid: iri.optional(),
  leftOperand: iri.optional(),
  operator: iri.optional(),
  rightOperand: many(Operand).optional(),
  rightOperandReference: z.unknown().optional(),
  dataType: iri.optional(),
  unit: z.unknown().optional(),
  status: z.unknown().optional(),
  and: inner.optional(),
  or: inner.optional(),
  xone: inner.optional(),
  andSequence: inner.optional(),
  /** The first day of a `timeInterval`. */
  'dfft:anchor': Operand.optional(),
})

/** A party or an asset: by name, or as a collection with what narrows it. */
const Thing = z.strictObject({
  '@id': iri.optional(),
  '@type': many(iri).optional(),
  uid: iri.optional(),
  source: iri.optional(),
  partOf: z.unknown().optional(),
  hasPolicy: z.unknown().optional(),
  refinement: many(Constraint).optional(),
})
export type Thing = z.infer<typeof Thing>

const Action = z.strictObject({ '@id': iri.optional(), '@type': many(iri).optional(), 'rdf:value': iri.optional(), refinement: many(Constraint).optional() })
export type Action = z.infer<typeof Action>

const phrases = z.array(z.union([text, reference, literal])).max(16)
const json = z.strictObject({ '@type': z.literal('@json'), '@value': z.json() })

/** Members of ODRL rules that a Trust Policy has nothing for; each is refused where it stands. */
const strangers = {
  relation: z.unknown().optional(),
  output: z.unknown().optional(),
  function: z.unknown().optional(),
  informedParty: z.unknown().optional(),
  informingParty: z.unknown().optional(),
  compensatedParty: z.unknown().optional(),
  compensatingParty: z.unknown().optional(),
  consentingParty: z.unknown().optional(),
  consentedParty: z.unknown().optional(),
  contractedParty: z.unknown().optional(),
  contractingParty: z.unknown().optional(),
  trackedParty: z.unknown().optional(),
  trackingParty: z.unknown().optional(),
  attributedParty: z.unknown().optional(),
  attributingParty: z.unknown().optional(),
  failure: z.unknown().optional(),
  remedy: z.unknown().optional(),
  consequence: z.unknown().optional(),
}

const ruleMembers = {
  '@id': iri.optional(),
  '@type': many(iri).optional(),
  uid: iri.optional(),
  action: many(Action).optional(),
  target: many(Thing).optional(),
  assignee: many(Thing).optional(),
  assigner: many(Thing).optional(),
  constraint: many(Constraint).optional(),
  'dct:title': phrases.optional(),
  'dct:description': phrases.optional(),
  ...strangers,
}
const Duty = z.strictObject(ruleMembers)
export type Duty = z.infer<typeof Duty>

const Rule = z.strictObject({
  ...ruleMembers,
  duty: many(Duty).optional(),
  'dfft:rank': z.number().optional(),
  'dfft:unless': many(Constraint).optional(),
  'dfft:exceptTo': many(reference).optional(),
  'dfft:cite': json.optional(),
  'dfft:reason': phrases.optional(),
  'dfft:empty': many(text).optional(),
})
export type OdrlRule = z.infer<typeof Rule>

export const OdrlPolicy = z.strictObject({
  '@context': z.unknown(),
  '@id': iri.optional(),
  '@type': many(iri).optional(),
  uid: iri.optional(),
  profile: many(iri).optional(),
  conflict: iri.optional(),
  inheritFrom: z.unknown().optional(),
  inheritAllowed: z.unknown().optional(),
  undefined: z.unknown().optional(),
  permission: many(Rule).optional(),
  prohibition: many(Rule).optional(),
  obligation: many(Rule).optional(),
  action: many(Action).optional(),
  target: many(Thing).optional(),
  assignee: many(Thing).optional(),
  assigner: many(Thing).optional(),
  'dct:title': phrases.optional(),
  'dct:description': phrases.optional(),
  'dct:creator': phrases.optional(),
  'dct:publisher': phrases.optional(),
  'dct:source': phrases.optional(),
  'dct:issued': phrases.optional(),
  'dct:modified': phrases.optional(),
  'dct:coverage': iri.optional(),
  'dfft:serial': z.number().optional(),
  'dfft:previous': text.optional(),
  'dfft:validFrom': text.optional(),
  'dfft:validUntil': text.optional(),
  'dfft:reveal': iri.optional(),
  'dfft:vocabulary': text.optional(),
  'dfft:legal': text.optional(),
  'dfft:order': z.strictObject({ '@list': many(reference) }).optional(),
  'dfft:proof': json.optional(),
})
export type OdrlPolicy = z.infer<typeof OdrlPolicy>

/** @throws {TrustError} DFFT_POLICY_ODRL naming every member that is not read, and its place */
export function readOdrl(value: unknown): OdrlPolicy {
  const refusals = new Refusals()
  const prefixes = prefixesOf(value, refusals)
  refusals.settle()
  const result = OdrlPolicy.safeParse(plain(value, prefixes))
  if (result.success) return result.data
  for (const issue of result.error.issues) tell(issue, [], refusals)
  refusals.settle()
  throw new RangeError('a schema refused without saying what')
}

function tell(issue: z.core.$ZodIssue, base: Path, refusals: Refusals): void {
  const path = [...base, ...issue.path]
  if (issue.code === 'unrecognized_keys') for (const key of issue.keys) refusals.add([...path, key], key, 'is no member of ODRL 2.2 or of our profile here')
  else refusals.add(path, String(path.at(-1) ?? ''), `is not of a form that is read: ${issue.message}`)
}

// --- Names.

/** The ODRL context, and beside it prefixes only: a term that a document defines itself could mean anything. */
function prefixesOf(value: unknown, refusals: Refusals): Prefixes {
  const context = isObject(value) ? value['@context'] : undefined
  const parts = Array.isArray(context) ? context : [context]
  const own: Record<string, string> = {}
  if (!parts.some((part) => typeof part === 'string' && part.replace(/^https:/, 'http:') === odrlContext))
    refusals.add(['@context'], '@context', `is not \`${odrlContext}\``)
  for (const [index, part] of parts.entries()) {
    if (isObject(part)) Object.assign(own, ownPrefixes(part, ['@context', index], refusals))
    else if (typeof part === 'string' && part.replace(/^https:/, 'http:') !== odrlContext)
      refusals.add(['@context', index], part, 'is a context that is not held')
  }
  return { ...own, ...knownPrefixes }
}

function ownPrefixes(part: Readonly<Record<string, unknown>>, path: Path, refusals: Refusals): Record<string, string> {
  const own: Record<string, string> = {}
  for (const [name, namespace] of Object.entries(part)) {
    if (typeof namespace !== 'string' || !/^[a-z][a-z0-9-]*$/.test(name) || !/^[a-z]+:.*[#/:]$/.test(namespace))
      refusals.add([...path, name], name, 'is a term the document defines itself')
    else if (knownPrefixes[name] !== undefined && knownPrefixes[name] !== namespace)
      refusals.add([...path, name], name, 'is a known prefix and stands here for another namespace')
    else own[name] = namespace
  }
  return own
}

const listed = new Set(
  [
    '@type profile permission prohibition obligation duty constraint refinement and or xone andSequence action target assignee assigner rightOperand',
    'dct:title dct:description dct:creator dct:publisher dct:source dct:issued dct:modified dfft:unless dfft:exceptTo dfft:reason dfft:empty',
  ].flatMap((line) => line.split(' ')),
)
const named = new Set('@id uid @type profile conflict leftOperand operator dataType source rdf:value dct:coverage dfft:reveal'.split(' '))
const things = new Set('action target assignee assigner'.split(' '))
const aliases: Readonly<Record<string, string>> = { id: '@id', type: '@type' }

/** Members by their shortest names, IRIs spelt out, and what may be many as a list. */
function plain(value: unknown, prefixes: Prefixes): unknown {
  if (Array.isArray(value)) return value.map((element) => plain(element, prefixes))
  if (!isObject(value)) return value
  // A JSON literal is not looked into.
  if (value['@type'] === '@json') return value
  const members: Record<string, unknown> = {}
  for (const [key, given] of Object.entries(value)) {
    const name = memberName(key, prefixes)
    // Twice by two spellings: kept apart, so that the second is refused as no member.
    members[Object.hasOwn(members, name) ? key : name] = key === '@context' ? given : memberValue(name, given, prefixes)
  }
  return members
}

function memberName(key: string, prefixes: Prefixes): string {
  if (key.startsWith('@')) return key
  return aliases[key] ?? compact(expand(key, prefixes))
}

function memberValue(name: string, given: unknown, prefixes: Prefixes): unknown {
  const whole = name === '@type' && isObject(given) ? given : plain(given, prefixes)
  const values = Array.isArray(whole) ? whole : [whole]
  const read = values.map((one) => {
    if (things.has(name)) return typeof one === 'string' ? { '@id': expand(one, prefixes) } : one
    if (!named.has(name)) return one
    if (typeof one === 'string') return expand(one, prefixes)
    return isReference(one) ? one['@id'] : one
  })
  if (!listed.has(name)) return Array.isArray(whole) ? read : read[0]
  // A JSON-LD list is the plain form of one.
  const [only] = read
  return read.length === 1 && isObject(only) && Array.isArray(only['@list']) && Object.keys(only).length === 1 ? only['@list'] : read
}

function isReference(value: unknown): value is { readonly '@id': string } {
  return isObject(value) && typeof value['@id'] === 'string' && Object.keys(value).length === 1
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The name of a node: `uid`, which in ODRL is its IRI. */
export function uidOf(node: { readonly '@id'?: string | undefined; readonly uid?: string | undefined }): string | undefined {
  return node.uid ?? node['@id']
}
