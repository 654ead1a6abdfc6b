import type { OutputOf } from '#node/api.ts'
import { command } from '../command.ts'
import { facts, type Style, table } from '../render.ts'
import type { Texts } from '../texts.ts'
import { dryRunOption } from './trust-documents.ts'

type Token = OutputOf<'tokenRevoke'>

export const commands = [
  command<{ readonly name: string; readonly access: 'read' | 'write'; readonly until?: string; readonly dryRun?: boolean }>({
    usage: 'create',
    about: 'Make a token for a program. It is shown this once and kept nowhere: give it to the program by a file that only the program reads.',
    operation: 'tokenCreate',
    options: [
      { flags: '--name <name>', about: 'what the program is called in this node’s log', required: true },
      { flags: '--access <read|write>', about: 'whether it may only look, or act too', choices: ['read', 'write'], required: true },
      { flags: '--until <instant>', about: 'when it ends, as in 2027-01-01T00:00:00Z; until it is revoked when left out' },
      dryRunOption,
    ],
    examples: ['dfft token create --name "nightly export" --access read', 'dfft token create --name erp --access write --until 2027-01-01T00:00:00Z --json'],
    run: async ({ api, texts, style }, _args, { name, access, until, dryRun }) => {
      const result = await api.tokenCreate({ name, access, dryRun, ...(until === undefined ? {} : { until: until as Token['createdAt'] }) }) // The node reads it.
      if (dryRun) return { result, text: `${facts([[texts.words.dryRun, true]], style)}\n${view({ ...result, id: '' }, texts, style)}` }
      return { result, text: `${view(result, texts, style)}\n${facts([[texts.words.token, result.token]], style)}` }
    },
  }),
  command({
    usage: 'list',
    about: 'The tokens there are, what each may do, until when, and when it was used last since the node started.',
    operation: 'tokenList',
    examples: ['dfft token list'],
    run: async ({ api, texts: { words, none }, style }) => {
      const result = await api.tokenList({})
      const rows = result.tokens.map(({ id, name, access, state, until, usedAt }) => [id, name, access, state, until ?? '–', usedAt ?? '–'])
      return { result, text: table([words.id, words.name, words.access, words.state, words.until, words.usedAt], rows, style, none) }
    },
  }),
  command<{ readonly dryRun?: boolean }, readonly [id: string]>({
    usage: 'revoke <id>',
    about: 'End a token: from now on it opens nothing.',
    operation: 'tokenRevoke',
    options: [{ flags: '--dry-run', about: 'only show which one it would be' }],
    examples: ['dfft token revoke 0123456789abcdef', 'dfft token revoke 0123456789abcdef --dry-run'],
    run: async ({ api, texts, style }, [id], { dryRun = false }) => {
      const result = await api.tokenRevoke({ id, dryRun })
      return { result, text: view(result, texts, style) }
    },
  }),
]

function view({ id, name, access, state, createdAt, until }: Token, { words }: Texts, style: Style): string {
  return facts(
    [
      [words.id, id === '' ? undefined : id],
      [words.name, name],
      [words.access, access],
      [words.state, state],
      [words.createdAt, createdAt],
      [words.until, until ?? undefined],
    ],
    style,
  )
}
