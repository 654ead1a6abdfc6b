/**
 * Where the published program begins. The first screen is printed as it was made when the package was built; for everything else the
 * program is loaded, with V8's compiled code of what its command ran the last time.
 *
 * It is kept in the user's own cache folder and nowhere else: what lies in a folder that others write to would be run.
 */
import { readFileSync } from 'node:fs'
import { cacheFolder } from './cache-folder.ts'
import { type Screens, screenFor } from './first-screen.ts'

/** By its name among the parts. */
const program = './cli.js'

const words = process.argv.slice(2)
const screen = screenFor(words, process.env, () => process.stdout, screensIn)
if (screen === undefined) void start()
else process.stdout.write(screen)

/** As the build left them beside this file. */
function screensIn(lang: string): Screens {
  return JSON.parse(readFileSync(`${import.meta.dirname}/help-${lang}.json`, 'utf8')) as Screens
}

/** Nobody waits for it: the package holds this file in the older module format, which starts sooner. What it throws ends the process all the same. */
async function start(): Promise<void> {
  // A process that ends after one command parses each shape of a value a few times: code made for it would cost more than it saves.
  Object.assign(globalThis, { __zod_globalConfig: { jitless: true } })
  const { PackagedParts } = await import('./packaged-parts.ts')
  const folder = codeFolder(process.env)
  if (folder === undefined) return void new PackagedParts(import.meta.dirname).load(program)
  const { CodeFile } = await import('./code-file.ts')
  const [group = ''] = words
  // Commands of a group use much the same parts. What is of none, as completion, has one file together.
  const [own, other] = [`${folder}/${group}.code`, `${folder}/other.code`]
  const kept = (/^[a-z-]{1,32}$/.test(group) ? CodeFile.open(own) : undefined) ?? CodeFile.open(other)
  const parts = new PackagedParts(import.meta.dirname, kept)
  const { groups } = parts.load(program) as { readonly groups: object } // What cli/main.ts exports.
  process.once('exit', () => parts.keep(Object.hasOwn(groups, group) ? own : other))
}

/** By the machine's Node: what another one has compiled is of no use to it. */
function codeFolder(env: NodeJS.ProcessEnv): string | undefined {
  if (env.NODE_DISABLE_COMPILE_CACHE) return undefined
  const folder = env.NODE_COMPILE_CACHE ?? cacheFolder(env)
  return folder === undefined ? undefined : `${folder}/${process.version}-${process.arch}`
}
