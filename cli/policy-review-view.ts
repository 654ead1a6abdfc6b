/** How cases, findings and changes of policies read: a line each that begins with its place, as compilers print them. */
import type { Change, Linted, Tested } from '#node/offline.ts'
import type { Outcome, Session } from './command.ts'
import { clean } from './render.ts'

export function testText({ texts: { policyFiles: words }, style }: Session, tested: readonly Tested[]): Outcome {
  const cases = tested.reduce((sum, file) => sum + file.cases, 0)
  const failing = tested.flatMap(({ file, failed }) => failed.map((one) => ({ file, ...one })))
  const result = { files: tested, cases, failed: failing.length }
  if (failing.length === 0) return { result, text: style.good(words.tested(cases, tested.length)) }
  const lines = failing.flatMap(({ file, name, failures }) => [
    `${style.bad(clean(file))}: ${clean(name)}`,
    ...failures.map(({ of, expected, got }) => `  ${clean(words.expected(of, expected, got))}`),
  ])
  const message = words.failing(failing.length, cases)
  return { result, text: [...lines, style.bad(message)].join('\n'), failed: { code: 'DFFT_POLICY_CASES', message } }
}

/** @param withNotes else they are counted only: a policy has dozens, and a warning among them is not seen */
export function lintText(session: Session, linted: readonly Linted[], withNotes: boolean): Outcome {
  const { texts, style } = session
  const words = texts.policyFiles
  const notes = linted.flatMap(({ file, notes }) => notes.map((note) => ({ file, ...note })))
  const errors = notes.filter(({ severity }) => severity === 'error')
  const result = { files: linted, errors: errors.length, findings: notes.length }
  if (notes.length === 0) return { result, text: style.good(words.linted(linted.length)) }
  const shown = withNotes ? notes : notes.filter(({ severity }) => severity !== 'note')
  const lines = shown.flatMap((note) => noteLines(note, session))
  const advice = new Map(shown.flatMap(({ title, advice }) => (title && advice ? [[title, advice] as const] : [])))
  const warnings = notes.filter(({ severity }) => severity === 'warning')
  const message = words.flawed(errors.length, warnings.length, notes.length - errors.length - warnings.length)
  const hidden = notes.length - shown.length
  const now = [...advice].map(([title, what]) => `${title}: ${what}`)
  const text = [
    ...lines,
    ...(now.length === 0 ? [] : ['', `${texts.error.now}:`, ...now.map((one) => `- ${clean(one)}`), '']),
    message,
    ...(hidden > 0 ? [words.hiddenNotes(hidden)] : []),
  ].join('\n')
  if (errors.length === 0) return { result, text }
  return { result, text, failed: { code: errors.some(({ kind }) => kind === 'syntax') ? 'DFFT_POLICY_SYNTAX' : 'DFFT_POLICY_FINDINGS', message } }
}

type Note = Linted['notes'][number] & { readonly file: string }

function noteLines(
  { file, line, column, severity, kind, rules, about, title, example, more }: Note,
  { texts: { policyFiles: words }, style }: Session,
): string[] {
  const how = severity === 'error' ? style.bad(words.severities.error) : style.bold(words.severities[severity])
  const what = [title ?? kind, rules.join(', '), about].filter((part) => part !== '').join(': ')
  return [
    `${clean(file)}:${line}:${column}: ${how}: ${clean(what)}`,
    ...(example === undefined ? [] : [`  ${clean(words.example(example))}`]),
    ...(more === undefined ? [] : [`  ${words.more(more)}`]),
  ]
}

export function changeText({ style }: Session, change: Change, sentences: readonly string[]): Outcome {
  const [first = '', ...others] = sentences
  const head = change.kind === 'widens' ? style.bad(first) : style.good(first)
  return { result: { ...change, sentences }, text: [head, ...others.map((sentence) => `- ${clean(sentence)}`)].join('\n') }
}
