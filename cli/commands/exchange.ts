import { command, type Outcome, type Session } from '../command.ts'
import { csvHead, csvLine } from '../exchange-csv.ts'
import { type TailOptions, tailExchanges } from '../exchange-tail.ts'
import { digestOfFile } from '../files.ts'
import { duration, facts, table } from '../render.ts'
import { type ExchangeState, exchangeOutcome, exchangePairs, states } from '../views.ts'
import { attachmentTable } from './attachment.ts'
import { dryRunOption } from './trust-documents.ts'

interface RecordOptions {
  readonly state?: ExchangeState
  readonly partner?: string
  readonly since?: string
  readonly until?: string
  readonly limit?: number
  readonly csv?: true
}

/** Page by page, so that a year of exchanges needs no more memory than a thousand of them. */
async function printedCsv({ api, io }: Session, wish: Parameters<Session['api']['exchangeRecords']>[0]): Promise<Outcome> {
  const atMost = wish.limit ?? Number.POSITIVE_INFINITY
  io.stdout.write(csvHead)
  let before: string | null = null
  let count = 0
  do {
    const page: Awaited<ReturnType<Session['api']['exchangeRecords']>> = await api.exchangeRecords({
      ...wish,
      limit: Math.min(1000, atMost - count),
      ...(before === null ? {} : { before }),
    })
    for (const record of page.records) io.stdout.write(csvLine(record))
    count += page.records.length
    before = page.next
  } while (before !== null && count < atMost)
  return { result: undefined, text: '', printed: true }
}

/** When the other side acknowledged a notice, or why it did not take it; none while it waits. */
function noticeAnswer({ acknowledgement, refused }: Shown['notices'][number]): string | null {
  return refused ?? (acknowledgement === null ? null : String(acknowledgement.at))
}

type Shown = Awaited<ReturnType<Session['api']['exchangeShow']>>

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
    run: async (session, [id]) => {
      const { api, style, texts } = session
      const { words, none } = texts
      const result = await api.exchangeShow({ id })
      const messages = result.messages.map(({ direction, type, digest }) => [direction, type, digest])
      const notices = result.notices.map((one) => [one.direction, one.kind, one.at, one.statement, noticeAnswer(one)])
      const log = result.log.map(({ index, at, kind }) => [index, at, kind])
      const parts = [
        facts([...(await exchangePairs(result.exchange, session)), [words.trace, result.trace]], style),
        ...(result.attachments.length > 0 ? [attachmentTable(result.attachments, session)] : []),
        table([words.direction, words.message, words.digest], messages, style, none),
        ...(notices.length === 0 ? [] : [table([words.direction, words.kind, words.at, words.statement, words.acknowledged], notices, style, none)]),
        table([words.index, words.at, words.kind], log, style, none),
      ]
      return { result, text: parts.join('\n\n') }
    },
  }),
  command<{ readonly otlp?: true }, readonly [id: string]>({
    usage: 'trace <id>',
    about: 'The steps of this side of an exchange as spans. The partner’s have the same trace id. `--otlp` prints what a collector of OpenTelemetry takes.',
    operation: 'exchangeTrace',
    options: [{ flags: '--otlp', about: 'print the spans alone, as OTLP in JSON' }],
    examples: [
      'dfft exchange trace 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b',
      'dfft exchange trace 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b --otlp | curl -H "content-type: application/json" -d @- http://127.0.0.1:4318/v1/traces',
    ],
    run: async ({ api, style, texts: { words, none } }, [id], { otlp }) => {
      const result = await api.exchangeTrace({ id })
      if (otlp) return { result: result.otlp, text: JSON.stringify(result.otlp) }
      const ms = (nano: string) => Number(nano.slice(0, -6))
      const spans = result.otlp.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))
      const rows = spans.map((span) => [
        span.spanId,
        span.name,
        new Date(ms(span.startTimeUnixNano)).toISOString(),
        ms(span.endTimeUnixNano) - ms(span.startTimeUnixNano),
      ])
      return {
        result,
        text: `${facts([[words.trace, result.trace]], style)}\n\n${table([words.id, words.step, words.startedAt, words.took], rows, style, none)}`,
      }
    },
  }),
  command<RecordOptions>({
    usage: 'records',
    about: 'The operational record of exchanges, newest first: times of each step, sizes, decision, partner. No claims are in it.',
    operation: 'exchangeRecords',
    options: [
      { flags: '--state <state>', about: 'only those in this state', choices: states },
      { flags: '--partner <did>', about: 'only those with this partner' },
      { flags: '--since <instant>', about: 'only those that began then or later' },
      { flags: '--until <instant>', about: 'only those that began before' },
      { flags: '--limit <count>', about: 'how many at most (100 when left out; with --csv all)', kind: 'count' },
      { flags: '--csv', about: 'print all of them as comma-separated values' },
    ],
    examples: ['dfft exchange records --state closed --json', 'dfft exchange records --since 2026-10-01T00:00:00Z --csv > october.csv'],
    run: async (session, _, { csv = false, ...wish }) => {
      const { api, style, texts } = session
      const { words, none } = texts
      const typed = wish as Parameters<typeof api.exchangeRecords>[0] // The node reads what was typed.
      if (csv) return printedCsv(session, typed)
      const result = await api.exchangeRecords(typed)
      const rows = result.records.map((one) => [
        one.id,
        one.role,
        one.state,
        one.purpose,
        one.partner,
        one.startedAt,
        duration(one.durationMs),
        one.bytesSent,
        one.bytesReceived,
        one.code,
      ])
      const heads = [words.id, words.role, words.state, words.purpose, words.partner, words.startedAt]
      return { result, text: table([...heads, words.duration, words.bytesSent, words.bytesReceived, words.code], rows, style, none) }
    },
  }),
  command<{ readonly dryRun?: true; readonly record?: string }, readonly [id: string]>({
    usage: 'approve <id>',
    about: 'Consent, as a person, to an exchange that waits for it.',
    operation: 'exchangeApprove',
    options: [
      { flags: '--dry-run', about: 'show what would be disclosed if it were approved now, and approve nothing' },
      { flags: '--record <file>', about: 'in which the subject of the credential consented, where the policy asks for that; its digest is written down' },
    ],
    examples: [
      'dfft exchange approve 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b --dry-run',
      'dfft exchange approve 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b --record consent-of-the-holder.pdf',
    ],
    run: async (session, [id], { dryRun, record }) => {
      const { api, style } = session
      const named = record === undefined ? {} : { record: await digestOfFile(session, record) }
      const result = await api.exchangeApprove({ id, ...named, ...(dryRun ? { dryRun } : {}) })
      return { result, text: facts(await exchangePairs(result, session), style) }
    },
  }),
  command<{ readonly dryRun?: boolean }, readonly [id: string]>({
    usage: 'decline <id>',
    about: 'Refuse, as a person, an exchange that waits for consent.',
    operation: 'exchangeDecline',
    options: [dryRunOption],
    examples: ['dfft exchange decline 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b', 'dfft exchange decline 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b --dry-run'],
    run: async (session, [id], { dryRun }) => {
      const { api, texts, style } = session
      const result = await api.exchangeDecline({ id, dryRun })
      return { result, text: facts([[texts.words.dryRun, dryRun], ...(await exchangePairs(result, session))], style) }
    },
  }),
  command<{ readonly dryRun?: boolean }, readonly [id: string]>({
    usage: 'cancel <id>',
    about: 'End an exchange that has released nothing yet: a draft, an offer, a request. The partner is told.',
    operation: 'exchangeCancel',
    options: [dryRunOption],
    examples: ['dfft exchange cancel 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b', 'dfft exchange cancel 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b --dry-run'],
    run: async (session, [id], { dryRun }) => {
      const { api, texts, style } = session
      const result = await api.exchangeCancel({ id, dryRun })
      return { result, text: facts([[texts.words.dryRun, dryRun], ...(await exchangePairs(result, session))], style) }
    },
  }),
  command<{ readonly dryRun?: boolean }, readonly [id: string]>({
    usage: 'retry <id>',
    about:
      'Try an exchange that waits for its next try now. What was signed goes out again as it is: still one agreement, one release, one receipt. What is over is not tried again (exit 8): ask anew.',
    operation: 'exchangeRetry',
    options: [dryRunOption],
    examples: ['dfft exchange retry 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b', 'dfft exchange retry 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b --dry-run'],
    run: async (session, [id], { dryRun }) => {
      const { api, texts, style } = session
      const result = await api.exchangeRetry({ id: id as never, dryRun }) // The node reads what was typed.
      if (!dryRun) return exchangeOutcome(session, result)
      return { result, text: facts([[texts.words.dryRun, dryRun], ...(await exchangePairs(result, session))], style) }
    },
  }),
  command<TailOptions>({
    usage: 'tail',
    about: 'The last steps of exchanges, as they were written down, oldest first; with --follow also those that come. With --json one line of JSON a step.',
    operation: null,
    options: [
      { flags: '--limit <count>', about: 'how many (20 when left out)', kind: 'count' },
      { flags: '--follow', about: 'go on with each new entry until it is stopped' },
      { flags: '--exchange <id>', about: 'only those of this exchange' },
      { flags: '--partner <did>', about: 'only those with this partner' },
      { flags: '--kind <kind>', about: 'such as `released` or `refused`' },
      { flags: '--code <code>', about: 'only those with this error code' },
    ],
    examples: ['dfft exchange tail', 'dfft exchange tail --follow --partner did:web:partner.example --json', 'dfft exchange tail --kind refused --limit 5'],
    run: (session, _, options) => tailExchanges(session, options),
  }),
  ...(['dispute', 'resolve'] as const).map((act) =>
    command<{ readonly statement: string; readonly dryRun?: boolean }, readonly [id: string]>({
      usage: `${act} <id>`,
      about:
        act === 'dispute'
          ? 'Say to the partner, signed, that what was released is not accepted as it stands. It acknowledges that it was told.'
          : 'End a dispute of this node: the exchange stands again where it stood. The partner is told.',
      operation: act === 'dispute' ? 'exchangeDispute' : 'exchangeResolve',
      options: [
        { flags: '--statement <text>', about: 'what is said of it, 2000 characters at most; signed, kept by both sides', required: true },
        dryRunOption,
      ],
      examples: [`dfft exchange ${act} 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b --statement address-corrected`],
      run: async (session, [id], { statement, dryRun }) => {
        const { api, texts, style } = session
        const wish = { id, statement, dryRun }
        const result = act === 'dispute' ? await api.exchangeDispute(wish) : await api.exchangeResolve(wish)
        return { result, text: facts([[texts.words.dryRun, dryRun], ...(await exchangePairs(result, session))], style) }
      },
    }),
  ),
]
