/** `run` of the command line for tests: whatever a command prints with `--json` is held against its published schema. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Command, Io } from '#cli/command.ts'
import { parser, run as plainRun } from '#cli/main.ts'
import { everyCommand, fileOf } from './command-answers.ts'

/** @throws {Error} naming the command, the line and what of it is not as published */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  if (!argv.includes('--json')) return plainRun(argv, io)
  let out = ''
  const heard = (text: string) => {
    out += text
    return io.stdout.write(text)
  }
  const exit = await plainRun(argv, { ...io, stdout: new Proxy(io.stdout, { get: (sink, name) => (name === 'write' ? heard : Reflect.get(sink, name)) }) })
  await checkAnswer(argv, out)
  return exit
}

/** @param out all of its standard output */
export async function checkAnswer(argv: readonly string[], out: string): Promise<void> {
  const words = await wordsOf(argv)
  const schema = words === undefined ? notUnderstood : published(words)
  for (const line of out.split('\n').filter((one) => one.startsWith('{'))) {
    const { error } = schema.safeParse(JSON.parse(line))
    if (error) throw new Error(`\`dfft ${argv.join(' ')}\` answers what docs/schemas/answers does not have: ${line.slice(0, 2000)}\n${z.prettifyError(error)}`)
  }
}

/** Of words that no command understands. */
const notUnderstood = z.looseObject({
  ok: z.literal(false),
  error: z.strictObject({ code: z.string(), message: z.string(), advice: z.string(), facts: z.object() }),
})

/** The words of the command that is called; undefined where the parser refuses them. */
async function wordsOf(argv: readonly string[]): Promise<string | undefined> {
  let found: Command | undefined
  const program = parser({ out: '', err: '' }, async (command) => {
    found = command
  })
  await program.parseAsync([...argv], { from: 'user' }).catch(() => {})
  if (!found) return undefined
  for (const [words, command] of await everyCommand()) if (command === found) return words
  return undefined
}

const schemas = new Map<string, z.ZodType>()

function published(words: string): z.ZodType {
  const there = schemas.get(words)
  if (there) return there
  const text = readFileSync(new URL(`../docs/schemas/answers/${fileOf(words)}.json`, import.meta.url), 'utf8')
  const schema = z.fromJSONSchema(JSON.parse(text, readable) as Parameters<typeof z.fromJSONSchema>[0])
  schemas.set(words, schema)
  return schema
}

/** Patterns of a JSON Schema are in Unicode mode; this reader of them has no such mode, and takes properties of characters for letters. */
function readable(keyword: string, value: unknown): unknown {
  return keyword === 'pattern' && /\\p\{/i.test(String(value)) ? undefined : value
}
