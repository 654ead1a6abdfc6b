import { codeOf, TrustError } from '#protocols/errors.ts'
import { command, type Outcome, type Session } from '../command.ts'
import { textOfFile } from '../files.ts'
import type { Chunk, Encoding } from '../records.ts'
import { chunksFrom, type RegisterFile, registerFile } from '../register-file.ts'
import { facts, table } from '../render.ts'
import { dryRunOption, yamlOf } from './trust-documents.ts'

interface List {
  readonly limit?: number
  readonly after?: string
}

interface Import {
  readonly encoding?: Encoding
  readonly mapping?: string
  readonly dryRun?: boolean
}

export const commands = [
  command<Import, readonly [file: string]>({
    usage: 'import <file>',
    about:
      'Take in rows of a base register: CSV with its header line, or JSON, of any size. Rows held already are left as they are, so it may be repeated; after a stop it goes on where it was. Credentials of entities that ended are revoked.',
    operation: 'registryImport',
    options: [
      { flags: '--encoding <name>', about: 'of the file (utf-8 when left out)', choices: ['utf-8', 'shift_jis'] },
      { flags: '--mapping <file>', about: 'YAML or JSON that says which columns fill what, for a register of no columns known here' },
      dryRunOption,
    ],
    examples: [
      'dfft registry import companies.csv',
      'dfft registry import companies.csv --dry-run',
      'dfft registry import 13_tokyo_all.csv --encoding shift_jis --json',
      'dfft registry import companies-house.csv --mapping companies-house.yaml',
    ],
    run: async (session, [name], { encoding = 'utf-8', mapping, dryRun = false }) => {
      const read = mapping === undefined ? undefined : await mappingIn(session, mapping)
      const file = await registerFile(session.path(name), { encoding, mapping: read })
      return imported(session, await importAll(session, file, { mapping: read, dryRun }))
    },
  }),
  command({
    usage: 'files',
    about: 'Files of base registers of which something was taken in, the latest first, and how far each came.',
    operation: 'registryFiles',
    options: [],
    examples: ['dfft registry files', 'dfft registry files --json'],
    run: async ({ api, texts: { words, none }, style }) => {
      const result = await api.registryFiles({})
      const rows = result.files.map(({ file, at, bytes, taken, accepted, rejected }) => [at, file, share(taken, bytes), accepted, rejected])
      return { result, text: table([words.at, words.digest, words.taken, words.accepted, words.rejected], rows, style, none) }
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

interface Revoked {
  readonly credential: string
  readonly record: string
  readonly kind: string
  readonly successor: { readonly scheme: string; readonly value: string } | null
}

interface Done {
  columns: string
  accepted: number
  /** Of these, entities of which no row was held, and those that ended. */
  added: number
  ended: number
  unchanged: number
  /** All that were rejected; `rejected` names the first of those of this run. */
  rejectedCount: number
  rejected: Rejected[]
  /** Rows from which credentials were issued that now say something else. */
  changed: number
  revoked: Revoked[]
  /** Bytes that an earlier run had taken in; what it counted is in the counts. */
  resumedAt: number | null
  dryRun: boolean
}

// A file with more bad rows than this has one fault, not as many.
const rejectedMax = 10_000
const shownMax = 20

type Mapping = Readonly<Record<string, unknown>>

async function mappingIn(session: Session, name: string): Promise<Mapping> {
  const mapping = await yamlOf(await textOfFile(session, name), name)
  if (mapping !== null && typeof mapping === 'object' && !Array.isArray(mapping)) return mapping as Mapping // Its members are the node's to check.
  throw new TrustError('DFFT_REGISTER', `\`${name}\` holds no mapping`)
}

interface How {
  readonly mapping: Mapping | undefined
  readonly dryRun: boolean
}

async function importAll(session: Session, file: RegisterFile, how: How): Promise<Done> {
  const { files } = await session.api.registryFiles({ file: file.digest })
  const before = files.find(({ taken, bytes }) => taken < bytes)
  const { accepted = 0, unchanged = 0, rejected = 0, taken = null } = before ?? {}
  const counts = { accepted, added: 0, ended: 0, unchanged, rejectedCount: rejected }
  const done: Done = { columns: '', ...counts, rejected: [], changed: 0, revoked: [], resumedAt: taken, dryRun: how.dryRun }
  try {
    for await (const chunk of chunksFrom(file, before && { byte: before.taken, line: before.line })) {
      await importChunk(session, chunk, file, how, done)
      progress(session, done)
    }
  } catch (error) {
    if (!(error instanceof TrustError)) throw error
    // What is in stays in; the operator learns how far it came, and the next run goes on there.
    throw new TrustError(codeOf(error), error.message, { ...error.facts, accepted: done.accepted, unchanged: done.unchanged }, { cause: error })
  } finally {
    if (progressing(session)) session.io.stderr.write('\n')
  }
  return done
}

async function importChunk({ api }: Session, chunk: Chunk, file: RegisterFile, { mapping, dryRun }: How, done: Done): Promise<void> {
  const { header, text, firstLine, begin, end } = chunk
  const { digest, bytes, format } = file
  const piece = { header, text, firstLine, ...(dryRun && { dryRun }), ...(format === 'json' && { format }), ...(mapping && { mapping: { ...mapping } }) }
  const { columns, accepted, added, ended, unchanged, rejected, changed, revoked } = await api.registryImport({ ...piece, file: { digest, bytes, begin, end } })
  done.columns = columns
  done.accepted += accepted
  done.added += added
  done.ended += ended
  done.unchanged += unchanged
  done.rejectedCount += rejected.length
  done.rejected.push(...rejected.slice(0, rejectedMax - done.rejected.length))
  done.changed += changed
  done.revoked.push(...revoked)
}

function share(taken: number, bytes: number): string {
  return `${bytes === 0 ? 100 : Math.floor((100 * taken) / bytes)} %`
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
      [words.dryRun, done.dryRun],
      [words.columns, done.columns],
      [words.accepted, done.accepted],
      [words.added, done.added],
      [words.ended, done.ended],
      [words.unchanged, done.unchanged],
      [words.rejected, done.rejectedCount],
      ...(done.changed > 0 ? ([[words.changed, done.changed]] as const) : []),
      ...(done.revoked.length > 0 ? ([[words.revoked, done.revoked.length]] as const) : []),
    ],
    style,
  )
  const rows = done.rejected.slice(0, shownMax).map(({ line, code, message }) => [line, code, message])
  const ended = done.revoked.slice(0, shownMax).map(({ credential, record, kind, successor }) => [credential, record, kind, successor?.value ?? ''])
  const tables = [
    ...(ended.length > 0 ? [table([words.id, words.number, words.state, words.successor], ended, style, '') + more(done.revoked.length)] : []),
    ...(rows.length > 0 ? [table([words.line, words.code, words.message], rows, style, '') + more(done.rejectedCount)] : []),
  ]
  const text = [summary, ...tables].join('\n\n')
  if (done.accepted + done.unchanged > 0) return { result: done, text }
  const { code } = done.rejected[0] ?? {}
  return { result: done, text, failed: { code: 'DFFT_REGISTER', message: code === undefined ? 'the file has no rows' : 'no row was accepted', exit: 5 } }
}

function more(count: number): string {
  return count > shownMax ? `\n… ${count - shownMax} more; \`--json\` lists them` : ''
}
