import { createReadStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { TrustError } from '#protocols/errors.ts'
import { command, type Session } from '../command.ts'
import { unreadable } from '../files.ts'
import { facts, table } from '../render.ts'
import { dryRunOption } from './trust-documents.ts'

/** Characters of lines in one call: escaped they stay under what the socket takes. */
const pieceCharacters = 400_000
/** A longer line is no bundle's. */
const lineCharactersMax = 720_000
/** The bundle may be made anew while it is exported. */
const triesMax = 5
/** A chain of accreditations is taken link by link. */
const passesMax = 6

export const commands = [
  command({
    usage: 'bundle show',
    about: 'The trust bundles of this node and of the anchors it follows, what of them was refused, and both halves of a fork.',
    operation: 'trustBundleShow',
    examples: ['dfft trust bundle show', 'dfft trust bundle show --json'],
    run: async ({ api, texts: { words, none }, style }) => {
      const result = await api.trustBundleShow({})
      const heads = [words.publisher, words.serial, words.items, words.at, words.until, words.state]
      const row = ({ publisher, serial, items, at, validUntil }: Summary, state: string) => [publisher, serial, items, at, validUntil, state]
      const own = result.own.map((one) => row(one, one.scope))
      const followed = result.followed.map((one) => row(one, one.fork.length > 0 ? words.fork : one.complete ? words.complete : words.incomplete))
      const refused = result.followed.flatMap(({ publisher, refused }) => refused.map(({ kind, id, code }) => [publisher, kind, id, code]))
      const halves = result.followed.flatMap(({ publisher, fork }) => fork.map(({ digest }) => [publisher, digest]))
      const tables = [
        table(heads, [...own, ...followed], style, none),
        ...(refused.length > 0 ? [table([words.publisher, words.kind, words.id, words.code], refused, style, none)] : []),
        ...(halves.length > 0 ? [table([words.publisher, words.fork], halves, style, none)] : []),
      ]
      return { result, text: tables.join('\n\n') }
    },
  }),
  command<{ readonly all?: true }, readonly [file: string]>({
    usage: 'bundle export <file>',
    about: 'Write the trust bundle to a file, for nodes that no cable leads to: of our jurisdiction where this node is its anchor, else all that it holds.',
    operation: 'trustBundleExport',
    options: [{ flags: '--all', about: 'all that this node holds, of partners too' }],
    examples: ['dfft trust bundle export jp.bundle', 'dfft trust bundle export world.bundle --all --json'],
    run: async (session, [file], { all = false }) => {
      const { texts, style } = session
      const result = await exported(session, session.path(file), all)
      const { words } = texts
      const rows = [...bundleRows(result.bundle, words), [words.absent, result.missing]] as const
      return { result, text: facts(rows, style) }
    },
  }),
  command<{ readonly dryRun?: true }, readonly [file: string]>({
    usage: 'bundle import <file>',
    about: 'Take in a trust bundle from a file of any size. Each item is checked as if it had come by itself; what is held already is left as it is.',
    operation: 'trustBundleImport',
    options: [{ flags: '--dry-run', about: 'only show what it would take; nothing is kept' }],
    examples: ['dfft trust bundle import jp.bundle --dry-run', 'dfft trust bundle import jp.bundle'],
    run: async (session, [file], { dryRun = false }) => {
      const { texts, style } = session
      const { words, none } = texts
      const report = await imported(session, session.path(file), dryRun)
      const taken = Object.entries(report.taken).map(([kind, count]) => `${kind} ${count}`)
      const summary = facts(
        [
          ...bundleRows(report.bundle, words),
          [dryRun ? words.wouldTake : words.taken, taken.join(', ') || '0'],
          [words.unchanged, report.held],
          [words.refused, report.refusedCount],
          [words.state, report.complete ? words.complete : words.incomplete],
        ],
        style,
      )
      const rows = report.refused.map(({ kind, id, code }) => [kind, id, code])
      const text = rows.length === 0 ? summary : `${summary}\n\n${table([words.kind, words.id, words.code], rows, style, none)}`
      return { result: { ...report, dryRun }, text }
    },
  }),
  command<{ readonly dryRun?: boolean }, readonly [digest: string]>({
    usage: 'bundle settle <digest>',
    about: 'Say which half of a fork counts, after its publisher has told you by another way. Its bundles are followed again from there.',
    operation: 'trustBundleSettle',
    options: [dryRunOption],
    examples: [`dfft trust bundle settle sha256:${'5c'.repeat(32)}`],
    run: async ({ api, texts: { words }, style }, [digest], { dryRun }) => {
      const result = await api.trustBundleSettle({ digest, dryRun })
      return { result, text: facts([[words.dryRun, dryRun], ...bundleRows(result.bundle, words)], style) }
    },
  }),
]

interface Summary {
  readonly publisher: string
  readonly serial: number
  readonly items: number
  readonly at: string
  readonly validUntil: string
}

function bundleRows({ publisher, serial, items, validUntil }: Summary, words: Session['texts']['words']) {
  return [
    [words.publisher, publisher],
    [words.serial, serial],
    [words.items, items],
    [words.validUntil, validUntil],
  ] as const
}

/** Beside the file first, so that one that is cut short never passes for whole. */
async function exported(session: Session, path: string, all: boolean) {
  const partial = `${path}.part`
  try {
    for (let tries = 1; ; tries++) {
      try {
        const sums = await written(session, partial, all)
        await rename(partial, path)
        return { file: path, ...sums }
      } catch (thrown) {
        const anew = thrown instanceof TrustError && thrown.code === 'DFFT_CONFLICT'
        if (!anew || tries >= triesMax) throw thrown
      }
    }
  } catch (thrown) {
    await rm(partial, { force: true })
    if (thrown instanceof TrustError) throw thrown
    throw new TrustError('DFFT_NOT_WRITABLE', `the file \`${path}\` cannot be written`, { file: path }, { cause: thrown })
  }
}

async function written({ api }: Session, path: string, all: boolean) {
  await using file = await open(path, 'w', 0o600)
  const sums = { items: 0, missing: 0 }
  let after: string | undefined
  for (;;) {
    const { bundle, lines, items, missing, next } = await api.trustBundleExport({ all, ...(after === undefined ? {} : { after }) })
    await file.write(lines)
    sums.items += items
    sums.missing += missing
    if (next === null) {
      await file.sync()
      return { bundle, ...sums }
    }
    after = next
  }
}

async function imported({ api }: Session, path: string, dryRun: boolean) {
  let session: string | undefined
  for (let pass = 1; ; pass++) {
    for await (const { lines, last } of piecesOf(path)) {
      const answer = await api.trustBundleImport({ lines, last, dryRun, ...(session === undefined ? {} : { session }) })
      session = answer.session
      if (answer.report && (!answer.report.again || pass >= passesMax)) return answer.report
    }
  }
}

/** Whole lines, as many as a call takes; the last one may be empty. */
async function* piecesOf(path: string): AsyncGenerator<{ readonly lines: string; readonly last: boolean }> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let text = ''
  try {
    for await (const piece of createReadStream(path, { highWaterMark: 256 << 10 })) {
      text += decoder.decode(piece as Uint8Array, { stream: true }) // No encoding is set, so the pieces are bytes.
      while (text.length > pieceCharacters) {
        const end = text.lastIndexOf('\n', pieceCharacters) + 1 || text.indexOf('\n', pieceCharacters) + 1
        if (end === 0 && text.length > lineCharactersMax) throw new TrustError('DFFT_BUNDLE', `a line of \`${path}\` is too long for a bundle`, { file: path })
        if (end === 0) break
        yield { lines: text.slice(0, end), last: false }
        text = text.slice(end)
      }
    }
    yield { lines: text + decoder.decode(), last: true }
  } catch (cause) {
    if (cause instanceof TypeError) throw new TrustError('DFFT_NOT_UTF8', `\`${path}\` is not UTF-8`, {}, { cause })
    throw cause instanceof TrustError ? cause : unreadable(path, cause)
  }
}
