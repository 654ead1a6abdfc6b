import { type Code, codes, isCode, TrustError } from '#protocols/errors.ts'
import { command, type Outcome, type Session } from '../command.ts'
import { exitWords } from '../exit-words.ts'
import { facts, table } from '../render.ts'

const all = Object.keys(codes) as Code[] // The table's own keys.

export const commands = [
  command<object, readonly [code: string | undefined]>({
    usage: 'explain [code]',
    about: 'What an error code means and what to do. Part of a code (`status`) lists all that have it; nothing lists all, by their exit code.',
    operation: null,
    examples: ['dfft explain DFFT_STATUS_STALE', 'dfft explain status', 'dfft explain --json'],
    run: async (session, [said]) => {
      if (said === undefined) return allByExit(session)
      const wanted = said.toUpperCase().replaceAll('-', '_')
      if (isCode(wanted)) return one(session, wanted)
      const found = all.filter((code) => code.includes(wanted))
      if (found.length === 0) throw new TrustError('DFFT_NOT_FOUND', `there is no code with \`${said}\` in it; \`dfft explain\` lists all`)
      const { texts, style } = session
      const rows = found.map((code) => [code, codes[code].exit, causeOf(code, session)])
      return { result: { codes: found.map(rowOf) }, text: table([texts.words.code, texts.words.exit, texts.words.cause], rows, style, '') }
    },
  }),
]

function one(session: Session, code: Code): Outcome {
  const { words, advice } = session.texts
  const { exit, http } = codes[code]
  const meaning = new Map(exitWords(session.lang)).get(exit)
  const pairs = [
    [words.code, code],
    [words.cause, causeOf(code, session)],
    [words.advice, advice[code] ?? codes[code].advice],
    [words.exit, `${exit} (${meaning})`],
    [words.http, http],
  ] as const
  return { result: rowOf(code), text: facts(pairs, session.style) }
}

function allByExit(session: Session): Outcome {
  const { style } = session
  const groups = exitWords(session.lang).map(([exit, meaning]) => {
    const rows = all.filter((code) => codes[code].exit === exit).map((code) => `  ${code}  ${style.dim(causeOf(code, session))}`)
    return [style.bold(`${exit}  ${meaning}`), ...rows].join('\n')
  })
  return { result: { codes: all.toSorted((a, b) => codes[a].exit - codes[b].exit).map(rowOf) }, text: groups.join('\n') }
}

function causeOf(code: Code, { texts }: Session): string {
  return texts.causes[code] ?? codes[code].cause
}

function rowOf(code: Code) {
  const { cause, advice, http, exit } = codes[code]
  return { code, cause, advice, http, exit }
}
