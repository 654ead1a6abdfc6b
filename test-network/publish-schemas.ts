/**
 * docs/schemas from the code: the JSON Schemas and their examples as files; the operations of a node as OpenAPI; and the schema.json of each credential type.
 *
 * Run it after the language, the vocabulary, the table of operations, the law or the subject of a type changed: `node test-network/publish-schemas.ts`. Tests compare.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { z } from 'zod'
import { Statistics } from '#node/api/programs.ts'
import { openApi } from '#node/openapi.ts'
import { schemaExamples } from '#policies/schema-examples.ts'
import { jsonSchema, schemaNames } from '#policies/schemas.ts'
import { canonical } from '#protocols/canonical.ts'
import { credentialTypes } from '#protocols/credential-types/known-types.ts'
import { publishedSchema } from '#protocols/credential-types/published-schema.ts'
import { chainJsonSchema } from '#protocols/trade-chain/chain.ts'
import { answerSchema, everyCommand, fileOf } from './command-answers.ts'

/** A release is a new version of the API too. */
const manifest: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
export const schemasFolder = fileURLToPath(new URL('../docs/schemas/', import.meta.url))
const typesFolder = fileURLToPath(new URL('../protocols/credential-types/', import.meta.url))

/** Path in the folder → text. */
export async function published(): Promise<ReadonlyMap<string, string>> {
  const commands = [...(await everyCommand())]
  const examples = schemaExamples()
  const [jp, de, suspension] = examples.policy
  const lines = (values: readonly unknown[]) => values.map((value) => `${canonical(value)}\n`).join('')
  return new Map([
    ...schemaNames.map((name): [string, string] => [`${name}.json`, json(jsonSchema(name))]),
    ['trade-chain.json', json(chainJsonSchema())],
    ['statistics.json', json(statisticsSchema())],
    ...commands.map(([words, command]): [string, string] => [`answers/${fileOf(words)}.json`, json(answerSchema(words, command))]),
    ['openapi.json', json(openApi(manifest.version))],
    ['examples/jp.yaml', yaml(jp)],
    ['examples/de.yaml', yaml(de)],
    ['examples/jp-suspension.yaml', yaml(suspension)],
    ['examples/jp.cases.json', json(examples.cases[0])],
    ['examples/questions.jsonl', lines(examples.question)],
    ['examples/decisions.jsonl', lines(examples.decision)],
  ])
}

/** Of `dfft statistics --json`, and of each row of its CSV. */
function statisticsSchema(): object {
  const title = 'Statistics of exchanges for publication'
  return { $id: 'urn:dfft:schema:statistics', title, ...z.toJSONSchema(Statistics, { target: 'draft-2020-12' }) }
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}

/** The first line is for editors: they then check and complete as one writes. */
function yaml(value: unknown): string {
  return `# yaml-language-server: $schema=../policy.json\n${stringify(value, { aliasDuplicateObjects: false, lineWidth: 120 })}`
}

if (import.meta.main) {
  for (const [path, text] of await published()) {
    await mkdir(dirname(schemasFolder + path), { recursive: true })
    await writeFile(schemasFolder + path, text)
  }
  for (const { vct, subject } of credentialTypes.values()) await writeFile(`${typesFolder}${vct.split(':')[3]}/schema.json`, json(publishedSchema(subject)))
  spawnSync('biome', ['format', '--write', schemasFolder, typesFolder], { stdio: 'inherit' })
}
