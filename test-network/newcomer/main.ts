/**
 * `npm run newcomer`: a clone of this repository in an empty folder, and in it what README and the program's own help say, up to an exchange between
 * two nodes and its proof. Nothing is typed that was not told (`reading.ts`), and what is seen is compared with docs/newcomer.md.
 *
 *     --from FOLDER   clone that repository, in place of this one
 *     --installed     link its packages into the clone, in place of `npm ci`
 *     --write         renew docs/newcomer.md
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { type Desk, learn, NotTold, placeName } from './reading.ts'
import { type Step, story, type Written } from './story.ts'
import { comparable, Normaliser, pageOf, type Told } from './transcript.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))
const page = join(root, 'docs/newcomer.md')
const stepMaxMs = 300_000

/** A shell of somebody who has npm, and nothing of ours but the clone: what it keeps goes with the folder. */
class Shell {
  readonly #clone: string
  readonly #alias: string
  readonly #env: Record<string, string | undefined>

  constructor(dir: string, clone: string, alias: string) {
    const path = (process.env.PATH ?? '').split(delimiter).filter((one) => !one.includes('node_modules'))
    const { HOME, npm_config_registry, npm_config_cache } = process.env
    this.#clone = clone
    this.#alias = alias
    this.#env = { PATH: path.join(delimiter), HOME, npm_config_registry, npm_config_cache, XDG_CACHE_HOME: join(dir, 'cache'), LANG: 'C.UTF-8', NO_COLOR: '1' }
  }

  async run(command: string, values: Readonly<Record<string, string>> = {}): Promise<{ readonly exit: number; readonly answer: string }> {
    const script = `shopt -s expand_aliases\n${this.#alias}\n${command}`
    const options = { cwd: this.#clone, env: { ...this.#env, ...values }, timeout: stepMaxMs, maxBuffer: 16 * 1024 * 1024 }
    const done = await run('bash', ['-c', script], options).then(
      ({ stdout, stderr }) => ({ exit: 0, answer: stdout + stderr }),
      ({ code, stdout, stderr }: { code?: number | null; stdout?: string; stderr?: string }) => ({
        exit: typeof code === 'number' ? code : 1,
        answer: `${stdout ?? ''}${stderr ?? ''}`,
      }),
    )
    return done
  }
}

interface Newcomer {
  readonly shell: Shell
  readonly clone: string
  readonly readme: string
  /** What `dfft help …` and `dfft cheat …` said, by their words: a text is read once. */
  readonly texts: Map<string, string>
  readonly values: Record<string, string>
  readonly installed: string | null
  answer: string
}

function deskOf(newcomer: Newcomer): Desk {
  const { shell, readme, texts, answer } = newcomer
  const read = async (...words: readonly string[]) => {
    const line = words.join(' ')
    const text = texts.get(line) ?? (await shell.run(`dfft ${line}`)).answer
    texts.set(line, text)
    return text
  }
  return { readme, answer, read }
}

async function type(step: Step, newcomer: Newcomer): Promise<Omit<Told, 'title' | 'from'>> {
  const { run: command, from, exit: expected = 0, says = [], takes = {}, lines } = step
  await learn(command, from, deskOf(newcomer))
  const begun = performance.now()
  const { exit, answer } = await carriedOut(command, newcomer)
  const tookMs = performance.now() - begun
  if (exit !== expected) throw new Error(`\`${command}\` ended with ${exit} and not with ${expected}:\n${answer}`)
  for (const pattern of says) if (!pattern.test(answer)) throw new Error(`\`${command}\` does not say ${pattern}:\n${answer}`)
  for (const [name, pattern] of Object.entries(takes)) newcomer.values[name] = taken(pattern, answer, command)
  newcomer.answer = answer
  return { deed: command, answer: shortened(answer, lines), exit, tookMs }
}

async function carriedOut(command: string, { shell, clone, values, installed }: Newcomer): Promise<{ readonly exit: number; readonly answer: string }> {
  if (command !== 'npm ci' || installed === null) return shell.run(command, values)
  await symlink(installed, join(clone, 'node_modules'))
  return { exit: 0, answer: '' }
}

function taken(pattern: RegExp, answer: string, command: string): string {
  const value = pattern.exec(answer)?.[1]
  if (value === undefined) throw new Error(`\`${command}\` shows nothing like ${pattern}:\n${answer}`)
  return value
}

function shortened(answer: string, lines = Number.POSITIVE_INFINITY): string {
  const all = answer.trimEnd().split('\n')
  return all.length <= lines ? answer : [...all.slice(0, lines), ...(lines > 0 ? ['…'] : [])].join('\n')
}

async function write({ file, text, from, named }: Written, newcomer: Newcomer): Promise<Omit<Told, 'title' | 'from'>> {
  const { read } = deskOf(newcomer)
  const told = await (from.in === 'help' ? read('help', ...from.of.split(' ')) : read('cheat', from.topic))
  for (const name of named) if (!told.includes(name)) throw new NotTold(name, from)
  const filled = text.replace(/\$([A-Z_]+)/g, (_, name: string) => newcomer.values[name] ?? '')
  await writeFile(join(newcomer.clone, file), filled)
  return { deed: file, answer: filled, exit: null, tookMs: 0 }
}

async function follow(newcomer: Newcomer, names: Normaliser): Promise<readonly Told[]> {
  const told: Told[] = []
  for (const step of story) {
    const { deed, answer, exit, tookMs } = 'file' in step ? await write(step, newcomer) : await type(step, newcomer)
    say(`ok  ${deed}  (${Math.round(tookMs)} ms)`)
    told.push({ title: step.title, from: placeName(step.from), deed, answer: names.of(answer), exit, tookMs })
  }
  return told
}

/** Nodes that a broken run left: started by it, and known by their folder in the clone. */
async function stopAll(clone: string): Promise<void> {
  const { stdout } = await run('ps', ['-eo', 'pid=,args='])
  for (const line of stdout.split('\n')) {
    const [, pid, args = ''] = /^ *(\d+) (.*)$/.exec(line) ?? []
    if (pid !== undefined && args.includes(` run --dir ${clone}/`)) process.kill(Number(pid), 'SIGKILL')
  }
}

function compare(made: string, kept: string): void {
  if (comparable(made) === comparable(kept)) {
    say('docs/newcomer.md is what was seen')
    return
  }
  const lines = [made, kept].map((text) => comparable(text).split('\n'))
  const at = lines[0]?.findIndex((line, index) => line !== lines[1]?.[index]) ?? 0
  const near = lines.map((all) => all.slice(Math.max(0, at - 3), at + 6).join('\n'))
  throw new Error(`docs/newcomer.md is another, from line ${at + 1} on; \`npm run newcomer -- --write\` renews it. Seen:\n${near[0]}\n\nKept:\n${near[1]}`)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { from: { type: 'string', default: root }, installed: { type: 'boolean' }, write: { type: 'boolean' } } })
  const from = resolve(values.from)
  const begun = performance.now()
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'dfft-newcomer-')))
  const clone = join(dir, 'dfft')
  try {
    await run('git', ['clone', '--quiet', from, clone])
    const readme = await readFile(join(clone, 'README.md'), 'utf8')
    const alias = /^alias dfft=.*$/m.exec(readme)?.[0]
    if (alias === undefined) throw new Error('README does not say what `dfft` is')
    const installed = values.installed ? join(from, 'node_modules') : null
    const newcomer = { shell: new Shell(dir, clone, alias), clone, readme, texts: new Map(), values: {}, installed, answer: '' }
    const made = pageOf(await follow(newcomer, new Normaliser(clone)))
    if (values.write) await writeFile(page, made)
    else compare(made, await readFile(page, 'utf8'))
    say(`${story.length} steps, ${((performance.now() - begun) / 1000).toFixed(0)} s`)
  } catch (thrown) {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : thrown}\n`)
    process.exitCode = 1
  } finally {
    await stopAll(clone)
    await rm(dir, { recursive: true, force: true })
  }
}

await main()
