import type { OutputOf } from '#node/api.ts'
import { command } from '../command.ts'
import { table } from '../render.ts'

type Statistics = OutputOf<'statistics'>

const columns = ['period', 'role', 'from', 'to', 'type', 'purpose', 'verdict', 'count'] as const

interface Options {
  readonly from: string
  readonly to: string
  readonly period?: 'day' | 'month'
  readonly threshold?: number
  readonly csv?: true
}

export const commands = [
  command<Options>({
    usage: 'statistics',
    about:
      'Count exchanges for publication, by jurisdiction, type, purpose and verdict. Counts below the threshold are left out, all others rounded down to a multiple of it.',
    operation: 'statistics',
    options: [
      { flags: '--from <day>', about: 'the first day, as in 2026-10-01 (UTC)', required: true },
      { flags: '--to <day>', about: 'the day behind the last', required: true },
      { flags: '--period <period>', about: 'what is counted together: a month when left out', choices: ['day', 'month'] },
      { flags: '--threshold <count>', about: 'the smallest count that is shown (5 when left out, 3 at least)', kind: 'count' },
      { flags: '--csv', about: 'print comma-separated values' },
    ],
    examples: ['dfft statistics --from 2026-10-01 --to 2026-12-01 --csv > flows.csv', 'dfft statistics --from 2026-10-01 --to 2026-11-01 --period day --json'],
    run: async ({ api, texts: { words, none }, style }, _args, { csv, ...wish }) => {
      const result = await api.statistics(wish)
      if (csv) return { result, text: csvOf(result).trimEnd() }
      const rows = result.cells.map((cell) => columns.map((name) => cell[name] ?? `<${result.threshold}`))
      const heads = [words.period, words.role, words.from, words.to, words.type, words.purpose, words.verdict, words.count]
      if (rows.length === 0 && result.totals.length === 0) return { result, text: none }
      const totals = result.totals.map(({ period, count, suppressed }) => [period, count, suppressed])
      return { result, text: [table(heads, rows, style, none), table([words.period, words.total, words.suppressed], totals, style, none)].join('\n\n') }
    },
  }),
]

/** RFC 4180. No value has a comma or a quote, nor begins as a formula: all are words of the vocabulary, codes, days and counts. */
function csvOf({ cells }: Statistics): string {
  const lines = cells.map((cell) => columns.map((name) => cell[name] ?? '').join(','))
  return [columns.join(','), ...lines, ''].join('\r\n')
}
