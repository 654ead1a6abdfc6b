import { type Code, codes, isCode, TrustError } from '#protocols/errors.ts'
import { command } from '../command.ts'
import { facts, table } from '../render.ts'

export const commands = [
  command<object, readonly [code: string | undefined]>({
    usage: 'explain [code]',
    about: 'What an error code means and what to do. Part of a code (`status`) lists all that have it; nothing lists all.',
    operation: null,
    examples: ['dfft explain DFFT_STATUS_STALE', 'dfft explain status', 'dfft explain --json'],
    run: async ({ texts: { words, causes }, style }, [said = '']) => {
      const wanted = said.toUpperCase().replaceAll('-', '_')
      if (isCode(wanted)) {
        const { cause, advice, http, exit } = codes[wanted]
        const text = facts(
          [
            [words.code, wanted],
            [words.cause, causes[wanted] ?? cause],
            [words.advice, advice],
            [words.exit, exit],
            [words.http, http],
          ],
          style,
        )
        return { result: { code: wanted, cause, advice, http, exit }, text }
      }
      const found = (Object.keys(codes) as Code[]).filter((code) => code.includes(wanted)) // The table's own keys.
      if (found.length === 0) throw new TrustError('DFFT_NOT_FOUND', `there is no code with \`${said}\` in it; \`dfft explain\` lists all`)
      const rows = found.map((code) => [code, codes[code].exit, causes[code] ?? codes[code].cause])
      return { result: { codes: found.map((code) => ({ code, ...codes[code] })) }, text: table([words.code, words.exit, words.cause], rows, style, '') }
    },
  }),
]
