/** The mapping tables of credential types against the published definitions: each element that a row names is there. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type MappingTable, mappings } from '#protocols/credential-types/mapping.ts'
import { type Suite, Tally } from './suite.ts'

/** Names of elements, with and without the class they are in. */
type Elements = (text: string) => ReadonlySet<string>

const readers: Readonly<Record<string, Elements>> = {
  xsd: (text) => new Set([...text.matchAll(/<xsd:element\b[^>]*?\bname="([^"]+)"/g)].map(([, name]) => name ?? '')),
  'json-ld': (text) => namesIn((JSON.parse(text) as { readonly '@context': unknown })['@context']),
}

function namesIn(context: unknown, path = ''): ReadonlySet<string> {
  const names = new Set<string>()
  for (const part of [context].flat())
    for (const [name, term] of Object.entries(part ?? {})) {
      names.add(name).add(`${path}${name}`)
      const inner = (term as { readonly '@context'?: unknown } | null)?.['@context'] // Of a string or an object, undefined is fine.
      if (typeof inner === 'object') for (const one of namesIn(inner, `${name}.`)) names.add(one)
    }
  return names
}

function suiteOf(folder: string, tables: readonly (MappingTable & { readonly type: string })[]): Suite {
  return {
    name: folder,
    async run(dir) {
      const tally = new Tally()
      for (const { type, vectors, rows } of tables) {
        const elements = readers[vectors?.kind ?? '']?.(await readFile(join(dir, vectors?.file ?? ''), 'utf8'))
        for (const { ours, theirs } of rows)
          await tally.check(`${type} ${ours} → ${theirs}`, () => assert(elements?.has(theirs), `there is no \`${theirs}\` in ${vectors?.file}`))
      }
      return tally
    },
  }
}

const tables = mappings.flatMap(({ type, tables }) => tables.map((table) => ({ type, ...table })))

/** One for each folder that a table names. */
export const mappingSuites: readonly Suite[] = [...Map.groupBy(tables, ({ vectors }) => vectors?.folder)].flatMap(([folder, some]) =>
  folder === undefined ? [] : [suiteOf(folder, some)],
)
