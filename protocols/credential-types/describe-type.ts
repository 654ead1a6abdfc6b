/** A credential type from what is particular to it: its schema, its context, and a table of what is asked for and withheld together. */
import type { z } from 'zod'
import type { JsonPointer } from '../ids.ts'
import type { Json } from '../json.ts'
import { quickCheck } from '../quick-check.ts'
import { type CredentialType, categories, type DisclosureGroup, segmentsOf } from './credential-type.ts'

/** Term of the policy vocabulary, then its name in English and Japanese. */
export type GroupRow = readonly [category: string, en: string, ja: string]

/**
 * How a group is disclosed in finer parts: each of its elements or members by itself, and of each element those of its members that are
 * not named in `but`, which stay with it.
 */
type Parts = 'each' | { readonly eachBut: readonly string[] }

interface Description<Subject, Part> {
  readonly name: string
  /** In names of context, schema and SD-JWT VC type. */
  readonly slug: string
  readonly about: CredentialType['about']
  readonly subject: z.ZodType<Subject>
  readonly subjectPartial: () => z.ZodType<Part>
  readonly context: unknown
  readonly schema: unknown
  /**
   * Of the canonical JSON of the two documents. Credentials in circulation carry them, so that they are written down where the documents are named,
   * and not computed again at each start; the contract of types holds them against the documents.
   */
  readonly contextDigest: `sha256:${string}`
  readonly schemaDigest: `sha256:${string}`
  /** By path without its first slash: a member of the subject, or where its parts differ in category, each of them in its place. */
  readonly groups: Readonly<Record<string, GroupRow>>
  readonly parts?: Readonly<Record<string, Parts>>
  /** @param part what is shown of the subject; nothing of what does not read as one */
  title(part: Partial<Part>): string
}

export function vctOf(slug: string): string {
  return `urn:dfft:credential-type:${slug}:1`
}

export function describeType<Subject, Part>(description: Description<Subject, Part>): CredentialType<Subject> {
  const { slug, context, schema, contextDigest, schemaDigest, groups: rows, parts = {}, title, ...rest } = description
  const contextDocument = context as Json // Imported from a JSON file.
  const jsonSchema = schema as Json // Likewise.
  const groups = Object.entries(rows).map(([path, [category, en, ja]]): DisclosureGroup => ({ path: `/${path}`, category, label: { en, ja } }))
  return {
    ...rest,
    vct: vctOf(slug),
    context: `urn:dfft:context:${slug}:${contextDigest}`,
    contextDocument,
    schemaId: `urn:dfft:schema:${slug}:${schemaDigest}`,
    jsonSchema,
    groups,
    disclosable: (subject) => groups.flatMap(({ path }) => disclosures(path, valueAt(subject, path), parts[path.slice(1)])),
    categoryOf: categories(groups, jsonSchema),
    title: (subject) => title(partOf(rest, subject)),
  }
}

/** Where all of the subject is shown, the schema for parts of it is not made. */
function partOf<Part>({ subject: whole, subjectPartial }: Pick<Description<unknown, Part>, 'subject' | 'subjectPartial'>, subject: unknown): Partial<Part> {
  if (quickCheck(whole)(subject) || quickCheck(subjectPartial())(subject)) return subject as Part // Equal to what zod would return.
  const { data } = subjectPartial().safeParse(subject)
  return data ?? {}
}

function disclosures(path: JsonPointer, value: unknown, parts: Parts | undefined): readonly JsonPointer[] {
  if (value === undefined) return []
  if (parts === undefined) return [path]
  const inner = Object.entries(value as object) // A type names parts of arrays and objects only.
  if (parts === 'each') return [path, ...inner.map(([name]) => `${path}/${name}`)]
  const shown = (element: object) => Object.keys(element).filter((name) => !parts.eachBut.includes(name))
  return [path, ...inner.flatMap(([at, element]) => [`${path}/${at}`, ...shown(element as object).map((name) => `${path}/${at}/${name}`)])] // Likewise.
}

function valueAt(subject: unknown, path: JsonPointer): unknown {
  return segmentsOf(path).reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], subject)
}
