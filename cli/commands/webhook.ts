import type { OutputOf } from '#node/api.ts'
import { type Command, command, type Session } from '../command.ts'
import { facts, table } from '../render.ts'
import { dryRunOption } from './trust-documents.ts'

type Webhook = OutputOf<'webhookRemove'>

const byId: readonly Command[] = [
  command<object, readonly [id: string]>({
    usage: 'test <id>',
    about: 'Send a webhook an event that says nothing, once, and say what came of it.',
    operation: 'webhookTest',
    examples: ['dfft webhook test fedcba9876543210'],
    run: async ({ api, texts: { words }, style }, [id]) => {
      const result = await api.webhookTest({ id })
      const text = facts(
        [
          [words.delivered, result.delivered],
          [words.reason, result.reason ?? undefined],
        ],
        style,
      )
      const failed = { code: 'DFFT_UNREACHABLE', message: `the receiver did not take it: ${result.reason}` } as const
      return { result, text, ...(result.delivered ? {} : { failed }) }
    },
  }),
  command<{ readonly dryRun?: boolean }, readonly [id: string]>({
    usage: 'retry <id>',
    about: 'Send the dead letters of a webhook once more, in their order, and go on where it stopped.',
    operation: 'webhookRetry',
    options: [{ flags: '--dry-run', about: 'only show which dead letters would be sent' }],
    examples: ['dfft webhook retry fedcba9876543210'],
    run: async (session, [id], { dryRun }) => shown(await session.api.webhookRetry({ id, dryRun }), session, dryRun),
  }),
  command<{ readonly dryRun?: boolean }, readonly [id: string]>({
    usage: 'remove <id>',
    about: 'End a webhook and destroy its key.',
    operation: 'webhookRemove',
    options: [{ flags: '--dry-run', about: 'only show which one it would be' }],
    examples: ['dfft webhook remove fedcba9876543210', 'dfft webhook remove fedcba9876543210 --dry-run'],
    run: async (session, [id], { dryRun = false }) => shown(await session.api.webhookRemove({ id, dryRun }), session),
  }),
]

export const commands = [
  command<{ readonly events?: readonly string[]; readonly dryRun?: boolean }, readonly [url: string]>({
    usage: 'add <url>',
    about: 'Send what happens to a URL from now on: https, or http on this machine. Signed (Standard Webhooks, Ed25519): give the receiver the public key.',
    operation: 'webhookAdd',
    options: [
      { flags: '--events <type>', about: 'a type as in `exchange.refused`, or `exchange.*` (when left out); may be repeated', kind: 'list' },
      dryRunOption,
    ],
    examples: [
      'dfft webhook add https://erp.agency.example/dfft',
      'dfft webhook add http://127.0.0.1:9000/ --events exchange.refused --events exchange.incident --events "key.*"',
    ],
    run: async (session, [url], { events, dryRun }) =>
      shown(await session.api.webhookAdd({ url, dryRun, ...(events ? { events: [...events] } : {}) }), session, dryRun),
  }),
  command({
    usage: 'list',
    about: 'The webhooks there are, how far each is, why one fails, and what was refused for good.',
    operation: 'webhookList',
    examples: ['dfft webhook list', 'dfft webhook list --json'],
    run: async ({ api, texts: { words, none }, style }) => {
      const result = await api.webhookList({})
      const rows = result.webhooks.map(({ id, url, events, state, reason, behind, dead }) => [
        id,
        url,
        events.join(' '),
        state,
        reason ?? '–',
        behind,
        dead.length,
      ])
      const heads = [words.id, words.url, words.events, words.state, words.reason, words.behind, words.deadLetters]
      const letters = result.webhooks.flatMap(({ id, dead }) => dead.map(({ entry, type, reason, at }) => [id, entry, type, reason, at]))
      const parts = [table(heads, rows, style, none)]
      if (letters.length > 0) parts.push(table([words.id, words.index, words.type, words.reason, words.at], letters, style, none))
      return { result, text: parts.join('\n\n') }
    },
  }),
  ...byId,
]

function shown(result: Webhook, { texts: { words }, style }: Session, dryRun = false) {
  const { id, url, events, publicKey, state, reason, behind, dead } = result
  const text = facts(
    [
      [words.dryRun, dryRun],
      [words.id, publicKey === '' ? undefined : id],
      [words.url, url],
      [words.events, events.join(' ')],
      [words.publicKey, publicKey === '' ? undefined : publicKey],
      [words.state, state],
      [words.reason, reason ?? undefined],
      [words.behind, behind],
      [words.deadLetters, dead.length],
    ],
    style,
  )
  return { result, text }
}
