/**
 * What the rest of the node knows of a credential type. A type is a folder that exports one of these;
 * known-types.ts names the folders.
 *
 * The subject is spoken of without its `id`: whoever issues adds it (`credentialSubject.id`, or `sub` in an SD-JWT VC),
 * whoever reads takes it off first.
 */
import type { z } from 'zod'
import { TrustError } from '../errors.ts'
import type { JsonPointer } from '../ids.ts'
import type { Json } from '../json.ts'
import { quickCheck } from '../quick-check.ts'

/** A part of the subject that a requester asks for and a policy speaks of as a whole. */
export interface DisclosureGroup {
  /** A member of the subject; where its parts differ in category, each of them. No group lies within another. */
  readonly path: JsonPointer
  /** A term of the policy vocabulary. */
  readonly category: string
  readonly label: { readonly en: string; readonly ja: string }
}

export interface CredentialType<Subject = unknown> {
  readonly name: string
  /**
   * Whom it is about. An organisation's credential names its subject, who alone presents it. A person's names nobody: it is issued
   * as many copies, each with a key, a place in the status list and salts of its own, each shown once, so that those it is shown to cannot join them.
   */
  readonly about: 'organisation' | 'person'
  /** SD-JWT VC type (`vct`). */
  readonly vct: string
  /** What stands in `@context` after the VCDM context; it ends in the digest of `contextDocument`. */
  readonly context: string
  readonly contextDocument: Json
  /** What stands in `credentialSchema.id`; it ends in the digest of `jsonSchema`. */
  readonly schemaId: string
  /** JSON Schema 2020-12 of the subject, closed. Check digits and cross-checks are beyond it; the zod schemas have them. */
  readonly jsonSchema: Json
  /** For issuing, and for formats that show all. */
  readonly subject: z.ZodType<Subject>
  /** For what a selective presentation leaves: every member that can be withheld may be absent. */
  subjectPartial(): z.ZodType
  /** All of the subject, each part once. */
  readonly groups: readonly DisclosureGroup[]
  /** The disclosures of the SD-JWT, finest useful grain, a parent before its children. */
  disclosable(subject: Subject): readonly JsonPointer[]
  /** @throws {TrustError} DFFT_SCHEMA for a pointer the type does not have */
  categoryOf(pointer: JsonPointer): string
  /** One line for lists; takes a partial subject too. */
  title(subject: unknown): string
}

/** The types that whoever reads a credential knows: all at hand (known-types.ts), or each loaded when it is named (types-on-demand.ts). */
export interface TypeFinder {
  named(name: string): CredentialType | undefined | Promise<CredentialType | undefined>
  ofVct(vct: string): CredentialType | undefined | Promise<CredentialType | undefined>
}

/**
 * The claims of a subject, as the type understands them.
 *
 * @param shown `all`: as issued; `part`: what a selective presentation disclosed
 * @throws {TrustError} DFFT_IDENTIFIER for an identifier that its register cannot have given out,
 *   DFFT_CREDENTIAL_SCHEMA for anything else, each naming the first path that does not fit
 */
export function readSubject<Subject>(type: CredentialType<Subject>, value: unknown, shown: 'all'): Subject
export function readSubject(type: CredentialType, value: unknown, shown: 'part'): unknown
export function readSubject(type: CredentialType, value: unknown, shown: 'all' | 'part'): unknown {
  // What is shown whole is read by the schema that is there already: to make that of its parts takes longer than to read.
  if (quickCheck(type.subject)(value)) return value
  const schema = shown === 'all' ? type.subject : type.subjectPartial()
  if (quickCheck(schema)(value)) return value
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  const path = `/${(issue?.path ?? []).map(String).join('/')}`.slice(0, 256)
  const identifier = issue?.code === 'custom' && issue.params?.identifier === true
  throw new TrustError(identifier ? 'DFFT_IDENTIFIER' : 'DFFT_CREDENTIAL_SCHEMA', `the subject does not fit \`${type.name}\` at \`${path}\``, {
    path,
    type: type.name,
  })
}

/** Pointers of a type whose category is kept: it has some dozen, but places in its arrays are many. */
const categoriesKeptMax = 1024

/**
 * `categoryOf` of a type: that of the group it lies in, for pointers that its JSON Schema knows. What holds groups of several categories has
 * none, and is asked for in its parts.
 */
export function categories(groups: readonly DisclosureGroup[], jsonSchema: Json): (pointer: JsonPointer) => string {
  const byPath = new Map(groups.map((group) => [group.path, group.category]))
  const known = new Map<JsonPointer, string>()
  return (pointer) => {
    const before = known.get(pointer)
    if (before !== undefined) return before
    const segments = segmentsOf(pointer)
    const ends = [...pointer.matchAll(/\/|$/g)].map(({ index }) => index).slice(1)
    const category = ends.map((end) => byPath.get(pointer.slice(0, end))).find((found) => found !== undefined)
    if (category === undefined || !reaches(jsonSchema, segments))
      throw new TrustError('DFFT_SCHEMA', 'the credential type has no such claim', { path: pointer })
    if (known.size < categoriesKeptMax) known.set(pointer, category)
    return category
  }
}

/**
 * The disclosures that show what `claims` name: those at or under each, and for a claim finer than any, the one it is part of.
 * An outer disclosure alone brings none of the inner ones (RFC 9901, 4.2.6), so whoever shows a group needs all of these.
 *
 * @param disclosable of the subject at hand
 */
export function disclosuresOf(disclosable: readonly JsonPointer[], claims: readonly JsonPointer[]): readonly JsonPointer[] {
  const within = (inner: JsonPointer, outer: JsonPointer) => inner === outer || inner.startsWith(`${outer}/`)
  const wanted = claims.flatMap((claim) => {
    const shown = disclosable.filter((pointer) => within(pointer, claim))
    return shown.length > 0 ? shown : disclosable.filter((pointer) => within(claim, pointer)).slice(-1)
  })
  return disclosable.filter((pointer) => wanted.includes(pointer))
}

/** The names in a pointer, unescaped (RFC 6901, 4). */
export function segmentsOf(pointer: JsonPointer): readonly string[] {
  return pointer
    .slice(1)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** Whether some document that fits the schema has a value there. */
function reaches(schema: Json | undefined, segments: readonly string[]): boolean {
  if (!isObject(schema)) return false
  const [segment, ...rest] = segments
  if (segment === undefined) return true
  const alternatives = schema.anyOf ?? schema.oneOf
  if (Array.isArray(alternatives)) return alternatives.some((alternative: Json) => reaches(alternative, segments))
  if (schema.type === 'array') return /^(?:0|[1-9]\d{0,3})$/.test(segment) && reaches(schema.items, rest)
  const properties = schema.properties
  if (isObject(properties) && Object.hasOwn(properties, segment)) return reaches(properties[segment], rest)
  return reaches(schema.additionalProperties, rest)
}

function isObject(value: Json | undefined): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
