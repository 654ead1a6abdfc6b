import type { NodeApi } from '#node/api.ts'
import { type CareWords, careWords } from '../care-words.ts'
import { command, type Outcome, type Session } from '../command.ts'
import { textOfFile } from '../files.ts'
import { backupPassphrase, backupPassphraseOption } from '../passphrase.ts'
import { facts } from '../render.ts'
import { orStopped, told } from '../stopped-node.ts'

type Made = Awaited<ReturnType<NodeApi['backupCreate']>>

interface Create {
  readonly passphraseFile?: string
  readonly withoutDataKeys?: boolean
  readonly dryRun?: boolean
}

interface Inspect {
  readonly passphraseFile?: string
  readonly head?: boolean
}

interface Restore {
  readonly passphraseFile?: string
  readonly dryRun?: boolean
  readonly former?: string
  readonly checkpoint?: readonly string[]
  readonly acceptRollback?: boolean
}

/** As the node's program says it of a file. */
interface Contents {
  readonly id: string
  readonly madeAt: string
  readonly did: string
  readonly path?: string
  readonly bytes?: number
  readonly summary?: Summary
}

interface Summary {
  readonly rows: number
  readonly log: { readonly size: number; readonly root: string }
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[]
  readonly dataKeys: boolean
  readonly left: readonly string[]
  readonly version: string
}

interface RestoreAnswer extends Contents {
  readonly summary: Summary
  readonly dir: string
  readonly dryRun: boolean
  readonly later: { readonly size: number; readonly root: string } | null
  readonly destroyed: number
}

export const commands = [
  command<Create, readonly [file: string]>({
    usage: 'create <file>',
    about:
      'Write an encrypted backup of this node, while it runs or while it is stopped: store, keys, keys of received data, anchor, attachments, configuration. It is read again and compared before it has its name. The file is written by the node, where that may write.',
    operation: 'backupCreate',
    options: [
      backupPassphraseOption,
      { flags: '--without-data-keys', about: 'leave out the keys of received data: what was received cannot be read after a restore' },
      { flags: '--dry-run', about: 'only say what would be in it, and whether it could be written there' },
    ],
    examples: [
      'dfft backup create dfft.backup --passphrase-file backup-passphrase.txt',
      'dfft backup create /var/backups/dfft.backup',
      'dfft backup create /var/backups/dfft.backup --dry-run',
      'dfft backup create dfft.backup --without-data-keys --json',
    ],
    run: create,
  }),
  command<Inspect, readonly [file: string]>({
    usage: 'inspect <file>',
    about: 'What is in a backup, when it was made and whose it is; all of it is read and checked. With --head only what can be read without the passphrase.',
    operation: null,
    options: [backupPassphraseOption, { flags: '--head', about: 'only the first line, which anybody can read and nothing proves' }],
    examples: ['dfft backup inspect dfft.backup', 'dfft backup inspect dfft.backup --head --json'],
    run: inspect,
  }),
  command<Restore, readonly [file: string]>({
    usage: 'restore <file>',
    about:
      'Make the folder of a node (--dir, empty or not there yet) from a backup. A log that would go back behind a head that is known is refused unless --accept-rollback; then the log records the gap.',
    operation: null,
    options: [
      backupPassphraseOption,
      { flags: '--dry-run', about: 'read and check all of it, and write nothing' },
      { flags: '--former <folder>', about: 'what is left of the folder of before: its anchor tells of a roll-back, and keys it destroyed stay destroyed' },
      { flags: '--checkpoint <file>', about: 'a signed head of this log that a partner, or you, kept (may be repeated)', kind: 'list' },
      { flags: '--accept-rollback', about: 'restore although later entries are known to be missing' },
    ],
    examples: [
      'dfft backup restore dfft.backup --dry-run',
      'dfft backup restore dfft.backup --dir /var/lib/dfft --former /var/lib/dfft.broken',
      'dfft backup restore dfft.backup --checkpoint partners-copy.txt --accept-rollback',
    ],
    run: restore,
  }),
]

async function create(session: Session, [file]: readonly [string], { passphraseFile, withoutDataKeys = false, dryRun = false }: Create): Promise<Outcome> {
  const passphrase = await backupPassphrase(session, passphraseFile, { fresh: true })
  const wish = { path: session.path(file), passphrase, dataKeys: !withoutDataKeys, dryRun }
  const result = await orStopped(
    session,
    () => session.api.backupCreate(wish),
    () => stopped(session, wish),
  )
  return { result, text: madeText(result, session, dryRun) }
}

/** Of a folder on which nobody runs: its lock is taken meanwhile. */
async function stopped(session: Session, wish: object): Promise<Made> {
  const { summary, ...made } = (await told(session, 'backup', wish)) as Required<Contents>
  const { rows, files, log, dataKeys, left } = summary
  return { ...made, rows, files: files.length, log, dataKeys, left: [...left], keepUntil: null } as unknown as Made // As the node says it of itself.
}

async function inspect(session: Session, [file]: readonly [string], { passphraseFile, head = false }: Inspect): Promise<Outcome> {
  const passphrase = head ? undefined : await backupPassphrase(session, passphraseFile, { fresh: false })
  const result = (await told(session, 'inspect', { file: session.path(file), passphrase })) as Contents
  return { result, text: contentsText(result, session) }
}

async function restore(
  session: Session,
  [file]: readonly [string],
  { passphraseFile, dryRun = false, former, checkpoint = [], acceptRollback = false }: Restore,
): Promise<Outcome> {
  const passphrase = await backupPassphrase(session, passphraseFile, { fresh: false })
  const checkpoints = await Promise.all(checkpoint.map((name) => textOfFile(session, name)))
  const wish = { file: session.path(file), passphrase, dryRun, checkpoints, acceptRollback, ...(former === undefined ? {} : { former: session.path(former) }) }
  const result = (await told(session, 'restore', wish)) as RestoreAnswer
  return { result, text: restoredText(result, session) }
}

function madeText(made: Made, { lang, style, texts }: Session, dryRun: boolean): string {
  const words = careWords(lang)
  return facts(
    [
      [texts.words.dryRun, dryRun],
      [words.file, made.path],
      [words.id, dryRun ? undefined : made.id],
      [words.madeAt, made.madeAt],
      [words.did, made.did],
      [words.bytes, made.bytes],
      [words.rows, made.rows],
      [words.files, made.files],
      [words.logSize, made.log.size],
      [words.logRoot, made.log.root],
      [words.dataKeys, keysText(made.dataKeys, words)],
      [words.left, made.left],
      [words.keepUntil, made.keepUntil ?? undefined],
      ['', dryRun ? undefined : words.verified],
    ],
    style,
  )
}

function contentsText({ id, madeAt, did, summary }: Contents, { lang, style }: Session): string {
  const words = careWords(lang)
  const head = facts([[words.id, id], [words.madeAt, madeAt], [words.did, did], ...(summary ? summaryFacts(summary, words) : [])], style)
  return summary ? head : `${head}\n\n${words.unproved}`
}

function summaryFacts({ rows, files, log, dataKeys, left }: Summary, words: CareWords): (readonly [string, string | number | readonly string[] | undefined])[] {
  const named = files.filter(({ name }) => !name.startsWith('attachments/')).map(({ name, bytes }) => `${name} (${bytes})`)
  return [
    [words.rows, rows],
    [words.files, [...named, `attachments/ (${files.length - named.length})`]],
    [words.logSize, log.size],
    [words.logRoot, log.root],
    [words.dataKeys, keysText(dataKeys, words)],
    [words.left, left],
  ]
}

function keysText(dataKeys: boolean, words: CareWords): string {
  return dataKeys ? words.included : words.leftOut
}

function restoredText(result: RestoreAnswer, session: Session): string {
  const words = careWords(session.lang)
  const { later, summary, dryRun } = result
  const lines = [
    ...(dryRun ? [words.wouldRestore] : []),
    contentsText(result, session),
    facts(
      [
        [words.dir, result.dir],
        [words.destroyed, result.destroyed],
      ],
      session.style,
    ),
    ...(later ? [words.later(later.size - summary.log.size)] : []),
    ...(dryRun ? [] : [words.next]),
  ]
  return lines.join('\n\n')
}
