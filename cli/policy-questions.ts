/** Questions in files decided by policies in files, without a node: a line for a program, sentences for a person. */
import { createReadStream } from 'node:fs'
import type { Answer, PolicySet } from '#node/offline.ts'
import { Exit, TrustError } from '#protocols/errors.ts'
import type { Option, Outcome, Session } from './command.ts'
import { textOfFile, unreadable } from './files.ts'
import { put } from './output.ts'
import { policyFiles } from './policy-folder.ts'
import { clean } from './render.ts'

export interface DecideFiles {
  readonly policies: readonly string[]
  readonly question: string
  readonly at?: string
  /** False with `--no-nearest`. */
  readonly nearest: boolean
}

/** Nothing is printed after the answers: what is wrong with a question stands on its line, and all is told by the exit code. */
export async function decideFiles(session: Session, { policies, question, at, nearest }: DecideFiles): Promise<Outcome> {
  const { answers, policySetOf, readInstant } = await import('#node/offline.ts')
  const wish = { at: at === undefined ? undefined : readInstant(at), nearest }
  const set = policySetOf(await policyFiles(session, policies))
  const linesOf = session.json ? await forProgram() : await forPerson(session)
  let asked = 0
  let failed = 0
  for await (const some of answers(set, inputOf(session, question), wish)) {
    asked += some.length
    failed += some.filter((one) => 'error' in one).length
    if (!(await put(session.io.stdout, linesOf(some)))) break
  }
  const done: Outcome = { result: undefined, text: '', printed: true }
  if (failed === 0) return done
  const message = session.texts.policyFiles.undecided(failed, asked)
  session.io.stderr.write(`${message}\n`)
  return { ...done, failed: { code: 'DFFT_SCHEMA', message, exit: Exit.verification } }
}

async function forProgram(): Promise<(answers: readonly Answer[]) => string> {
  const { canonical } = await import('#protocols/canonical.ts')
  return (answers) =>
    answers
      .map((one) => ('error' in one ? { error: { line: one.line, code: one.error.code, message: one.error.message } } : one.decision))
      .map((value) => `${canonical(value)}\n`)
      .join('')
}

async function forPerson({ lang, style, texts }: Session): Promise<(answers: readonly Answer[]) => string> {
  const { sentencesOf } = await import('#node/offline.ts')
  const textOf = (one: Answer): string => {
    const line = style.dim(texts.policyFiles.line(one.line))
    if ('error' in one) return `${line} ${style.bad(one.error.code)}  ${clean(one.error.message)}\n`
    return [`${line} ${verdict(style, one.decision)}`, ...sentencesOf(one, lang).map((sentence) => `- ${clean(sentence)}`), ''].join('\n')
  }
  return (answers) => answers.map(textOf).join('')
}

function verdict(style: Session['style'], { verdict, code }: { readonly verdict: string; readonly code: string }): string {
  return verdict === 'permit' ? style.good(verdict) : `${style.bad(verdict)}  ${clean(code)}`
}

function inputOf({ path, io }: Session, name: string): AsyncIterable<Uint8Array | string> {
  return name === '-' ? (io.stdin ?? none()) : piecesOf(path(name))
}

async function* none(): AsyncGenerator<string> {}

async function* piecesOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of createReadStream(path)) yield piece as Uint8Array // Without an encoding, bytes.
  } catch (cause) {
    throw unreadable(path, cause)
  }
}

// --- One question explained.

export interface ExplainFiles {
  readonly question?: string
  readonly policies?: readonly string[]
  readonly at?: string
}

export const explainOptions: readonly Option[] = [
  { flags: '--question <file>', about: 'without a node: explain this question (`-` is standard input); with --policies' },
  { flags: '--policies <folder>', about: 'without a node: by the policies in this folder or file (may be repeated)', kind: 'list' },
  { flags: '--at <time>', about: 'with --question: as if asked at this time (2026-11-21T00:00:00Z)' },
]

export async function explainFiles(session: Session, exchange: string | undefined, { question, policies, at }: ExplainFiles): Promise<Outcome> {
  if (exchange !== undefined || question === undefined || policies === undefined)
    throw new TrustError('DFFT_USAGE', 'give an exchange, or `--question` and `--policies` together')
  const { decideText, policySetOf, readInstant, sentencesOf } = await import('#node/offline.ts')
  const set: PolicySet = policySetOf(await policyFiles(session, policies))
  const decided = decideText(set, await textOfFile(session, question), at === undefined ? {} : { at: readInstant(at) })
  const sentences = sentencesOf(decided, session.lang)
  const { verdict: said, code } = decided.decision
  const text = [verdict(session.style, decided.decision), ...sentences.map((sentence) => `- ${clean(sentence)}`)].join('\n')
  return { result: { verdict: said, code, sentences, decision: decided.decision }, text }
}
