import { join } from 'node:path'
import { TrustError } from '#protocols/errors.ts'
import { command, type Session } from '../command.ts'
import { type Contexts, changeContexts, checkName, contextsFile, readContexts } from '../contexts.ts'
import { facts, table } from '../render.ts'
import { dryRunOption } from './trust-documents.ts'

const en = {
  name: 'context',
  inUse: 'in use',
  dir: 'folder',
  socket: 'socket',
  from: 'because of',
  sources: { flag: 'a flag', environment: 'the environment', 'in-use': '`dfft context use`', default: 'nothing: ./.dfft is the default' },
  none: 'no context is in use',
}
const ja: typeof en = {
  name: 'コンテキスト',
  inUse: '使用中',
  dir: 'フォルダー',
  socket: 'ソケット',
  from: '根拠',
  sources: { flag: 'フラグ', environment: '環境変数', 'in-use': '`dfft context use`', default: '指定なし（既定の ./.dfft）' },
  none: '使用中のコンテキストはありません',
}
const wordsOf = ({ lang }: Pick<Session, 'lang'>) => (lang === 'ja' ? ja : en)

export const commands = [
  command({
    usage: 'list',
    about: 'The nodes that have a name here, and which of them is in use.',
    operation: null,
    examples: ['dfft context list', 'dfft context list --json'],
    run: async (session) => {
      const kept = await readContexts(session.io.env)
      return { result: listOf(kept, session), text: tableOf(kept, session) }
    },
  }),
  command({
    usage: 'show',
    about: 'Which node a command goes to from here, and why: a flag, the environment, the context in use, or the default.',
    operation: null,
    examples: ['dfft context show', 'dfft context show --dir /var/lib/dfft --json'],
    run: async (session) => {
      const { dir, socket, place } = session
      const own = wordsOf(session)
      const pairs = [
        [own.name, place.context ?? undefined],
        [own.dir, dir],
        [own.socket, socket],
        [own.from, own.sources[place.from]],
      ] as const
      return { result: { context: place.context, dir, socket, from: place.from }, text: facts(pairs, session.style) }
    },
  }),
  command<{ readonly dryRun?: boolean }, readonly [name: string]>({
    usage: 'add <name>',
    about: 'Give the node of --dir, or of --socket, a name here, in place of the node that had it. Nothing secret is kept.',
    operation: null,
    options: [dryRunOption],
    examples: ['dfft context add registry --dir /var/lib/dfft', 'dfft context add tax --dir /srv/tax --dry-run'],
    run: async (session, [name], { dryRun = false }) => {
      const { dir, socket, place } = session
      if (place.from === 'in-use' || place.context !== null) throw new TrustError('DFFT_USAGE', 'name the node with --dir, or with --socket')
      const made = socket === join(dir, 'dfft.sock') ? null : socket
      const named = checkName(name)
      return changed(session, (kept) => ({ ...kept, contexts: { ...kept.contexts, [named]: { dir, socket: made } } }), dryRun)
    },
  }),
  command<{ readonly dryRun?: boolean }, readonly [name: string]>({
    usage: 'use <context>',
    about: 'Send commands to this node from now on, unless a flag or the environment says otherwise; `none` ends that.',
    operation: null,
    options: [dryRunOption],
    examples: ['dfft context use registry', 'dfft context use none'],
    run: (session, [name], { dryRun = false }) => changed(session, (kept) => ({ ...kept, current: name === 'none' ? null : there(kept, name) }), dryRun),
  }),
  command<{ readonly dryRun?: boolean }, readonly [name: string]>({
    usage: 'remove <context>',
    about: 'Forget the name of a node. The node stays as it is.',
    operation: null,
    options: [dryRunOption],
    examples: ['dfft context remove registry', 'dfft context remove registry --dry-run'],
    run: (session, [name], { dryRun = false }) => changed(session, (kept) => without(kept, there(kept, name)), dryRun),
  }),
]

async function changed(session: Session, change: (kept: Contexts) => Contexts, dryRun: boolean) {
  const { env } = session.io
  const contexts = dryRun ? change(await readContexts(env)) : await changeContexts(change, env)
  const head = dryRun ? `${facts([[session.texts.words.dryRun, true]], session.style)}\n` : ''
  return { result: { ...listOf(contexts, session), dryRun }, text: `${head}${tableOf(contexts, session)}` }
}

function without({ current, contexts }: Contexts, gone: string): Contexts {
  return { current: current === gone ? null : current, contexts: Object.fromEntries(Object.entries(contexts).filter(([one]) => one !== gone)) }
}

/** @throws {TrustError} DFFT_NOT_FOUND */
function there({ contexts }: Contexts, name: string): string {
  if (Object.hasOwn(contexts, name)) return name
  throw new TrustError('DFFT_NOT_FOUND', `there is no context \`${name}\`; \`dfft context list\` shows those there are`, { context: name })
}

function listOf({ current, contexts }: Contexts, { io }: Session) {
  return { file: contextsFile(io.env) ?? null, current, contexts: Object.entries(contexts).map(([name, { dir, socket }]) => ({ name, dir, socket })) }
}

function tableOf({ current, contexts }: Contexts, session: Session): string {
  const own = wordsOf(session)
  const rows = Object.entries(contexts).map(([name, { dir, socket }]) => [name === current ? '*' : '', name, dir, socket])
  const shown = table([own.inUse, own.name, own.dir, own.socket], rows, session.style, session.texts.none)
  return current === null && rows.length > 0 ? `${shown}\n${own.none}` : shown
}
