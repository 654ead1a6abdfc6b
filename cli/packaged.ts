/**
 * Where the published program begins. The first screen is printed as it was made when the package was built, and V8's compiled code is kept
 * between starts before anything large is loaded.
 *
 * It is kept in the user's own cache folder and nowhere else: what lies in a folder that others write to would be run.
 */
import { readFileSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { cacheFolder } from './cache-folder.ts'
import { type Screens, screenFor } from './first-screen.ts'

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
  const folder = process.env.NODE_COMPILE_CACHE === undefined ? cacheFolder(process.env) : undefined
  if (folder !== undefined) enableCompileCache(folder)
  await import('./main.ts')
}
