import type { NodeApi } from '#node/api.ts'
import { command, type Session } from '../command.ts'
import { facts, table } from '../render.ts'
import { dutySayer } from '../views.ts'
import { dryRunOption } from './trust-documents.ts'

type DutyView = Awaited<ReturnType<NodeApi['obligationBreach']>>

export const commands = [
  command<{ readonly state?: 'open' | 'breach'; readonly limit?: number }>({
    usage: 'list',
    about: 'Duties of exchanges: breaches first, then what is still to do, soonest first.',
    operation: 'obligationList',
    options: [
      { flags: '--state <state>', about: 'only those', choices: ['open', 'breach'] },
      { flags: '--limit <count>', about: 'how many at most (100 when left out)', kind: 'count' },
    ],
    examples: ['dfft obligation list', 'dfft obligation list --state breach --json'],
    run: async (session, _, options) => {
      const result = await session.api.obligationList(options)
      const keys = result.keys.map(({ what, code }) => `${what} (${code})`)
      const troubled = keys.length > 0 ? `\n\n${facts([[session.texts.words.dataKeys, keys]], session.style)}` : ''
      return { result, text: dutyTable(result.duties, session) + troubled }
    },
  }),
  command<object, readonly [exchange: string]>({
    usage: 'show <exchange>',
    about: 'The duties of one exchange: what was agreed and who carries it out, what was done, and each later use.',
    operation: 'obligationShow',
    examples: ['dfft obligation show 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b'],
    run: async (session, [exchange]) => {
      const { words, none } = session.texts
      const { style } = session
      const result = await session.api.obligationShow({ exchange })
      const say = await dutySayer(session)
      const agreed = result.agreed.map(({ credential, duty, by }) => [credential, String(duty.type), say(duty), by])
      const parts = [
        facts(
          [
            [words.exchange, result.exchange],
            [words.role, result.role],
            [words.partner, result.partner],
          ],
          style,
        ),
        table([words.id, words.obligations, words.agreement, words.carriedOutBy], agreed, style, none),
        dutyTable(result.duties, session),
        table(
          [words.purpose, words.at, words.code],
          result.uses.map(({ purpose, at, code }) => [purpose, at, code]),
          style,
          none,
        ),
      ]
      return { result, text: parts.join('\n\n') }
    },
  }),
  command<{ readonly dryRun?: true }>({
    usage: 'run',
    about: 'Carry out what is due now, without waiting for the node to look.',
    operation: 'obligationRun',
    options: [{ flags: '--dry-run', about: 'only say what is due' }],
    examples: ['dfft obligation run --dry-run', 'dfft obligation run'],
    run: async (session, _, { dryRun = false }) => {
      const result = await session.api.obligationRun({ dryRun })
      const text = dutyTable(result.due, session)
      if (result.done || dryRun) return { result, text }
      return { result, text, failed: { code: 'DFFT_DATA_KEYS', message: 'some of it could not be done' } }
    },
  }),
  command<{ readonly statement: string; readonly discovered?: string; readonly dryRun?: boolean }, readonly [exchange: string]>({
    usage: 'breach <exchange>',
    about: 'Tell the exporter that what was received in an exchange came into wrong hands, or may have. Signed, and sent until it is acknowledged.',
    operation: 'obligationBreach',
    options: [
      { flags: '--statement <text>', about: 'what happened, without what was in the credential', required: true },
      { flags: '--discovered <instant>', about: 'when it was discovered (now when left out)' },
      dryRunOption,
    ],
    examples: ['dfft obligation breach 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b --statement "a laptop was stolen" --discovered 2026-10-01T08:00:00Z'],
    run: async (session, [exchange], said) => {
      const result = await session.api.obligationBreach({ exchange, ...said } as Parameters<NodeApi['obligationBreach']>[0]) // The node reads what was typed.
      const { words } = session.texts
      const pairs = [
        [words.dryRun, said.dryRun],
        [words.exchange, result.exchange],
        [words.partner, result.partner],
        [words.at, result.doneAt],
        [words.late, String(result.late)],
        [words.digest, result.notice],
      ] as const
      return { result, text: facts(pairs, session.style) }
    },
  }),
]

function dutyTable(duties: readonly DutyView[], { texts: { words, none }, style }: Session): string {
  const rows = duties.map((duty) => [
    duty.exchange,
    duty.kind,
    duty.state,
    duty.until,
    duty.dueAt,
    duty.late ? words.late : '',
    duty.partner,
    duty.statement ?? '',
  ])
  return table([words.exchange, words.kind, words.state, words.until, words.dueAt, words.late, words.partner, words.statement], rows, style, none)
}
