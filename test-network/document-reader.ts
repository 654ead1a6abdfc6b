/** A reader of one of our documents who stands in an empty folder, writes the files it shows and types its commands. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'vitest'
import { run } from './checked-run.ts'
import { type Step, stepsOf } from './document-commands.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

export interface Answer {
  readonly exit: number
  readonly out: string
}

/** What it gives back is waited for. */
type Seen = (line: string, answer: Answer) => unknown

/** What `$NAME` stands for at the moment it is typed. */
export type Variables = Readonly<Record<string, () => string | Promise<string>>>

export class DocumentReader implements AsyncDisposable {
  readonly dir: string

  private constructor(dir: string) {
    this.dir = dir
  }

  static async inEmptyFolder(): Promise<DocumentReader> {
    return new DocumentReader(await mkdtemp(join(tmpdir(), 'dfft-reader-')))
  }

  /** One command, with `--json` unless a person is to read what it prints. */
  async dfft(words: readonly string[], { json = true } = {}): Promise<Answer> {
    let out = ''
    const sink = {
      write: (text: string) => {
        out += text
      },
    }
    const argv = json ? [...words, '--json'] : words
    const exit = await run(argv, { stdout: sink, stderr: sink, env: { PATH: process.env.PATH }, cwd: this.dir })
    return { exit, out }
  }

  /** @returns the result of a command that ends well */
  async result(...words: readonly string[]) {
    const { exit, out } = await this.dfft(words)
    expect(exit, `dfft ${words.join(' ')}\n${out}`).toBe(0)
    return JSON.parse(out).result
  }

  async write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.dir, path)), { recursive: true })
    await writeFile(join(this.dir, path), text, { mode: 0o600 })
  }

  /**
   * Does all that a document says, in its order; each command has to end as it says.
   *
   * @param seen is told of each command and its answer
   * @returns how many commands there were
   */
  async follow(document: string, variables: Variables, seen: Seen = () => {}): Promise<number> {
    const steps = stepsOf(document)
    for (const step of steps) await this.#take(step, variables, seen)
    return steps.filter(({ kind }) => kind === 'command').length
  }

  async #take(step: Step, variables: Variables, seen: Seen): Promise<void> {
    if (step.kind === 'file') return this.write(step.path, await filled(step.text, variables))
    const words = await Promise.all(step.words.map(async (word) => placed(await filled(word, variables))))
    const answer = await this.dfft(words, { json: step.into === undefined })
    expect(answer.exit, `${step.line}\n${words.join(' ')}\n${answer.out}`).toBe(step.exit)
    if (step.into !== undefined) await this.write(step.into, answer.out)
    await seen(step.line, answer)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.dir, { recursive: true, force: true })
  }
}

async function filled(text: string, variables: Variables): Promise<string> {
  const names = [...new Set([...text.matchAll(/\$([A-Z][A-Z_]*)/g)].map(([, name = '']) => name))]
  const values = new Map<string, string>()
  for (const name of names) {
    const value = variables[name]
    if (value === undefined) throw new Error(`no reader knows what $${name} is`)
    values.set(name, await value())
  }
  return text.replace(/\$([A-Z][A-Z_]*)/g, (_all, name: string) => values.get(name) ?? '')
}

/** Paths into the project are those of a reader who stands in its folder. */
function placed(word: string): string {
  return /^(?:policies|test-network)\//.test(word) ? join(root, word) : word
}
