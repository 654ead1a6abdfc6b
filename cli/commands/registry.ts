import { createReadStream } from 'node:fs'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { command, type Outcome, type Session } from '../command.ts'
import { unreadable } from '../files.ts'
import { type Chunk, chunksOf } from '../records.ts'
import { facts, table } from '../render.ts'

interface List {
  readonly limit?: number
  readonly after?: string
}

type Encoding = 'utf-8' | 'shift_jis'

export const commands = [
  command<{ readonly encoding?: Encoding }, readonly [file: string]>({
    usage: 'import <file>',
    about: 'Take in rows of a base register: a CSV file of any size with its header line. Rows held already are left as they are, so it may be repeated.',
    operation: 'registryImport',
    options: [{ flags: '--encoding <name>', about: 'of the file (utf-8 when left out)', choices: ['utf-8', 'shift_jis'] }],
    examples: ['dfft registry import companies.csv', 'dfft registry import 13_tokyo_all.csv --encoding shift_jis --json'],
    run: async (session, [file], { encoding = 'utf-8' }) => {
      const done = await importAll(session, session.path(file), encoding)
      return imported(session, done)
    },
  }),
  command<List>({
    usage: 'list',
    about: 'Records of the base register held here.',
    operation: 'registryList',
    options: [
      { flags: '--limit <count>', about: 'how many at most (100 when left out)', kind: 'count' },
      { flags: '--after <number>', about: 'go on behind this record' },
    ],
    examples: ['dfft registry list', 'dfft registry list --limit 1000 --after 7000012050002 --json'],
    run: async ({ api, texts: { words, none }, style }, _, options) => {
      const result = await api.registryList(options)
      const rows = result.records.map(({ number, name, address }) => [number, name, address])
      const more = result.next === null ? '' : `\n\n--after ${result.next}`
      return { result, text: table([words.number, words.name, words.address], rows, style, none) + more }
    },
  }),
]

interface Rejected {
  readonly line: number
  readonly code: string
  readonly message: string
}

interface Done {
  columns: string
  accepted: number
  unchanged: number
  /** All that were rejected; `rejected` names the first of them. */
  rejectedCount: number
  rejected: Rejected[]
}

// A file with more bad rows than this has one fault, not as many.
const rejectedMax = 10_000
const shownMax = 20

async function importAll(session: Session, path: string, encoding: Encoding): Promise<Done> {
  const done: Done = { columns: '', accepted: 0, unchanged: 0, rejectedCount: 0, rejected: [] }
  try {
    for await (const chunk of chunksOf(decoded(path, encoding))) {
      await importChunk(session, chunk, done)
      progress(session, done)
    }
  } catch (error) {
    if (!(error instanceof TrustError)) throw error
    // What is in stays in; the operator learns how far it came.
    throw new TrustError(codeOf(error), error.message, { ...error.facts, accepted: done.accepted, unchanged: done.unchanged }, { cause: error })
  } finally {
    if (progressing(session)) session.io.stderr.write('\n')
  }
  return done
}

async function importChunk({ api }: Session, chunk: Chunk, done: Done): Promise<void> {
  const { columns, accepted, unchanged, rejected } = await api.registryImport(chunk)
  done.columns = columns
  done.accepted += accepted
  done.unchanged += unchanged
  done.rejectedCount += rejected.length
  done.rejected.push(...rejected.slice(0, rejectedMax - done.rejected.length))
}

async function* decoded(path: string, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true })
  const file = createReadStream(path, { highWaterMark: 256 << 10 })
  let bytes = 0
  try {
    for await (const piece of file) {
      yield decoder.decode(piece as Uint8Array, { stream: true }) // No encoding is set, so the pieces are bytes.
      bytes += (piece as Uint8Array).length
    }
    yield decoder.decode()
  } catch (cause) {
    if (cause instanceof TypeError) throw new TrustError('DFFT_REGISTER', `the file is not ${encoding}; see \`--encoding\``, { afterBytes: bytes }, { cause })
    throw cause instanceof TrustError ? cause : unreadable(path, cause)
  }
}

function progressing({ io, json }: Session): boolean {
  return io.stderr.isTTY === true && !json
}

function progress(session: Session, { accepted, unchanged, rejectedCount }: Done): void {
  if (progressing(session)) session.io.stderr.write(`\r${(accepted + unchanged + rejectedCount).toLocaleString('en')} rows`)
}

function imported({ texts: { words }, style }: Session, done: Done): Outcome {
  const summary = facts(
    [
      [words.columns, done.columns],
      [words.accepted, done.accepted],
      [words.unchanged, done.unchanged],
      [words.rejected, done.rejectedCount],
    ],
    style,
  )
  const rows = done.rejected.slice(0, shownMax).map(({ line, code, message }) => [line, code, message])
  const more = done.rejectedCount > shownMax ? `\n… ${done.rejectedCount - shownMax} more; \`--json\` lists them` : ''
  const text = rows.length === 0 ? summary : `${summary}\n\n${table([words.line, words.code, words.message], rows, style, '')}${more}`
  if (done.accepted + done.unchanged > 0) return { result: done, text }
  const { code } = done.rejected[0] ?? {}
  return { result: done, text, failed: { code: 'DFFT_REGISTER', message: code === undefined ? 'the file has no rows' : 'no row was accepted', exit: 5 } }
}
