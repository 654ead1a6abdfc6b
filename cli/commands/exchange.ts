import { command } from '../command.ts'
import { duration, facts, table } from '../render.ts'
import { type ExchangeState, exchangePairs, states } from '../views.ts'

export const commands = [
  command<{ readonly state?: ExchangeState; readonly limit?: number }>({
    usage: 'list',
    about: 'Exchanges, newest first.',
    operation: 'exchangeList',
    options: [
      { flags: '--state <state>', about: 'only those in this state', choices: states },
      { flags: '--limit <count>', about: 'how many at most (50 when left out)', kind: 'count' },
    ],
    examples: ['dfft exchange list', 'dfft exchange list --state released --json'],
    run: async ({ api, texts: { words, none }, style }, _, options) => {
      const result = await api.exchangeList(options)
      const rows = result.exchanges.map((one) => [
        one.id,
        one.role,
        one.state,
        one.credentialType,
        one.purpose,
        one.partner,
        duration(one.durationMs),
        one.code,
      ])
      const heads = [words.id, words.role, words.state, words.type, words.purpose, words.partner, words.duration, words.code]
      return { result, text: table(heads, rows, style, none) }
    },
  }),
  command<object, readonly [id: string]>({
    usage: 'show <id>',
    about: 'One exchange: its messages, decision, agreement and receipts. `--json` has the whole of each.',
    operation: 'exchangeShow',
    examples: ['dfft exchange show 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b', 'dfft exchange show 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b --json'],
    run: async ({ api, texts: { words, none }, style }, [id]) => {
      const result = await api.exchangeShow({ id })
      const messages = result.messages.map(({ direction, type, digest }) => [direction, type, digest])
      const log = result.log.map(({ index, at, kind }) => [index, at, kind])
      const parts = [
        facts(exchangePairs(result.exchange, words), style),
        table([words.direction, words.message, words.digest], messages, style, none),
        table([words.index, words.at, words.kind], log, style, none),
      ]
      return { result, text: parts.join('\n\n') }
    },
  }),
  ...(['approve', 'decline'] as const).map((answer) =>
    command<object, readonly [id: string]>({
      usage: `${answer} <id>`,
      about: answer === 'approve' ? 'Consent, as a person, to an exchange that waits for it.' : 'Refuse, as a person, an exchange that waits for consent.',
      operation: answer === 'approve' ? 'exchangeApprove' : 'exchangeDecline',
      examples: [`dfft exchange ${answer} 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b`],
      run: async ({ api, texts: { words }, style }, [id]) => {
        const result = answer === 'approve' ? await api.exchangeApprove({ id }) : await api.exchangeDecline({ id })
        return { result, text: facts(exchangePairs(result, words), style) }
      },
    }),
  ),
]
