import type { NodeApi } from '#node/api.ts'
import type { AuditProofReport } from '#node/offline.ts'
import { command, type Outcome, type Session } from '../command.ts'
import { textOfFile } from '../files.ts'
import { clean, facts, table } from '../render.ts'

type Entries = readonly Awaited<ReturnType<NodeApi['auditSearch']>>['entries'][number][]

interface Verify {
  readonly checkpoint?: string
  readonly witnesses?: boolean
  readonly trust?: string
  readonly witness?: readonly string[]
}

interface Search {
  readonly kind?: string
  readonly exchange?: string
  readonly partner?: string
  readonly code?: string
  readonly since?: string
  readonly until?: string
  readonly before?: number
  readonly limit?: number
}

/** With `--follow`, one question waits so long for something new. */
const waitMs = 20_000
const searchedDefault = 50

export const commands = [
  command<Verify, readonly [file?: string]>({
    usage: 'verify [file]',
    about:
      'Check the whole audit log, and that it extends the checkpoints partners hold: exits 9 when it does not. With a file, a proof from anybody’s log is checked without a node: exits 5 unless a witness you trust co-signed it. `-` reads standard input.',
    operation: 'auditVerify',
    options: [
      { flags: '--checkpoint <file>', about: 'a signed checkpoint of this log, for instance a partner’s copy' },
      { flags: '--witnesses', about: 'ask connected partners for the checkpoints they hold' },
      { flags: '--trust <file>', about: 'of a proof: your trust roots, whose cosignatures count' },
      { flags: '--witness <did>', about: 'of a proof: a witness whose cosignature counts (may be repeated)', kind: 'list' },
    ],
    examples: [
      'dfft audit verify',
      'dfft audit verify --witnesses --json',
      'dfft audit verify --checkpoint partners-copy.txt',
      'dfft audit verify proof.json --trust roots.json',
    ],
    run: (session, [file], wish) => (file === undefined ? verifyLog(session, wish) : verifyProof(session, file, wish)),
  }),
  command<object, readonly [of: string]>({
    usage: 'prove <index-or-exchange>',
    about:
      'Print the proof that an entry, or all entries of an exchange, stand in this log under checkpoints that partners co-signed: a file for who has no node.',
    operation: 'auditProve',
    examples: ['dfft audit prove 41 > proof.json', 'dfft audit prove 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b --json'],
    run: async ({ api, io, texts }, [of]) => {
      const result = await api.auditProve({ of })
      if (result.checkpoints.every(({ cosignatures }) => cosignatures.length === 0)) io.stderr.write(`${texts.audit.nobody}\n`)
      return { result, text: clean(JSON.stringify(result)) }
    },
  }),
  command<{ readonly show?: boolean; readonly dryRun?: boolean }>({
    usage: 'witness',
    about: 'Ask connected partners to co-sign the log as it stands now, and show who has co-signed what, and when.',
    operation: 'auditWitness',
    options: [
      { flags: '--show', about: 'only show, and ask nobody' },
      { flags: '--dry-run', about: 'only show, and ask nobody' },
    ],
    examples: ['dfft audit witness', 'dfft audit witness --show --json'],
    run: async ({ api, texts: { words, none }, style }, _, { show = false, dryRun }) => {
      const result = await api.auditWitness({ ask: !show, dryRun })
      const head = facts(
        [
          [words.size, result.size],
          [words.root, result.root],
          [words.unwitnessed, result.unwitnessed],
          [words.forks, result.forks],
        ],
        style,
      )
      const rows = result.partners.map(({ did, connected, size, at, behind, asked, code }) => [did, connected, size, at, behind, asked, code])
      const heads = [words.partner, words.connected, words.size, words.at, words.behind, words.outcome, words.code]
      return { result, text: `${head}\n\n${table(heads, rows, style, none)}` }
    },
  }),
  command({
    usage: 'forks',
    about: 'Logs, of partners or our own, of which two signed checkpoints do not follow from one another: both notes, and what to do.',
    operation: 'auditForks',
    examples: ['dfft audit forks', 'dfft audit forks --json'],
    run: async ({ api, texts: { audit, none } }) => {
      const result = await api.auditForks({})
      const forks = result.forks.map((fork) => {
        const why = fork.own ? 'own' : (fork.answer ?? 'proven')
        const said = audit.fork({ ...fork, held: fork.held.size, offered: fork.offered.size })
        // Line by line, since a note is one: whoever copies it must have it to the byte.
        const notes = [fork.held, fork.offered].map(({ note }) =>
          note
            .split('\n')
            .map((line) => `    ${clean(line)}`)
            .join('\n')
            .trimEnd(),
        )
        return [clean(said), audit.advice[why], ...notes].join('\n\n')
      })
      const open = result.open.map((question) => clean(audit.open(question)))
      return { result, text: [...forks, ...open].join('\n\n') || none }
    },
  }),
  command<Search>({
    usage: 'search',
    about: 'Entries of the audit log by kind, exchange, partner, code and time, newest first.',
    operation: 'auditSearch',
    options: [
      { flags: '--kind <kind>', about: 'such as `released` or `refused`' },
      { flags: '--exchange <id>', about: 'only those of this exchange' },
      { flags: '--partner <did>', about: 'only those that name this DID' },
      { flags: '--code <code>', about: 'only those with this error code' },
      { flags: '--since <instant>', about: 'only those from then on' },
      { flags: '--until <instant>', about: 'only those before' },
      { flags: '--before <index>', about: 'only those before this entry: the next page', kind: 'count' },
      { flags: '--limit <count>', about: `how many at most (${searchedDefault} when left out)`, kind: 'count' },
    ],
    examples: ['dfft audit search --kind refused', 'dfft audit search --partner did:web:partner.example --since 2026-10-01T00:00:00Z --json'],
    run: async ({ api, texts: { words, none, audit }, style }, _, wish) => {
      const result = await searched(api, wish)
      const text = table(headsOf(words), rowsOf(result.entries), style, none)
      return { result, text: result.next === null ? text : `${text}\n${audit.more(result.next)}` }
    },
  }),
  command<{ readonly limit?: number; readonly follow?: boolean }>({
    usage: 'tail',
    about: 'The last entries of the audit log; with --follow also those that come.',
    operation: 'auditTail',
    options: [
      { flags: '--limit <count>', about: 'how many (20 when left out)', kind: 'count' },
      { flags: '--follow', about: 'go on with each new entry until it is stopped' },
    ],
    examples: ['dfft audit tail', 'dfft audit tail --limit 100 --json', 'dfft audit tail --follow'],
    run: async (session, _, { limit, follow = false }) => {
      const { words, none } = session.texts
      const result = await session.api.auditTail({ limit })
      if (follow) return followed(session, result.entries)
      return { result, text: table(headsOf(words), rowsOf(result.entries), session.style, none) }
    },
  }),
  command<{ readonly of?: string }>({
    usage: 'checkpoint',
    about: 'The newest signed checkpoint of this log, or the last one seen of a partner’s. Keep it elsewhere: it proves a rewrite.',
    operation: 'auditCheckpoint',
    options: [{ flags: '--of <did>', about: 'DID of the partner' }],
    examples: ['dfft audit checkpoint > checkpoint.txt', 'dfft audit checkpoint --of did:web:partner.example'],
    run: async ({ api }, _, options) => {
      const result = await api.auditCheckpoint(options)
      // As signed: the text is what a partner, or a file, must hold to the byte. A note's own rules leave no controls in it.
      return { result, text: result.note.replace(/\n$/, '') }
    },
  }),
]

async function verifyLog(session: Session, { checkpoint, witnesses }: Verify): Promise<Outcome> {
  const { api, texts, style } = session
  const { words } = texts
  const result = await api.auditVerify({ checkpoint: checkpoint === undefined ? undefined : await textOfFile(session, checkpoint), witnesses })
  const head = facts(
    [
      [words.size, result.size],
      [words.root, result.root],
      [words.unwitnessed, result.unwitnessed],
    ],
    style,
  )
  const rows = result.witnesses.map((one) => [one.did, one.size, one.consistent, one.code])
  const text = `${head}\n\n${table([words.partner, words.size, words.consistent, words.code], rows, style, texts.none)}`
  const forked = result.witnesses.find(({ code }) => code === 'DFFT_LOG_FORK')
  if (!forked) return { result, text }
  const message = `the log does not extend the checkpoint that \`${forked.did}\` holds`
  return { result, text, failed: { code: 'DFFT_LOG_FORK', message } }
}

/** All of the verification is loaded only here. */
async function verifyProof(session: Session, file: string, { trust, witness = [] }: Verify): Promise<Outcome> {
  const { verifyAuditFile } = await import('#node/offline.ts')
  const roots = trust === undefined ? null : await textOfFile(session, trust)
  const result = verifyAuditFile(await textOfFile(session, file), { roots, witnesses: witness }, Date.now())
  const text = reportText(result, session)
  if (result.code === null) return { result, text }
  return { result, text, failed: { code: result.code, message: `no witness you trust co-signed the log of \`${result.log}\`` } }
}

function reportText({ ok, log, counted, entries, checkpoints, notChecked }: AuditProofReport, { texts, style }: Session): string {
  const { audit, words, none, outcomes } = texts
  const said = ok ? audit.proved(entries.length, log, counted) : audit.unwitnessed(entries.length, log)
  const seen = checkpoints.map(({ size, root, witnesses }) =>
    facts(
      [
        [words.size, size],
        [words.root, root],
        [words.witnesses, witnesses.map(({ by, at, counted: counts }) => audit.witness(by, at, counts))],
      ],
      style,
    ),
  )
  const left = notChecked.map((what) => `- ${audit.notChecked[what]}`)
  const unchecked = `${outcomes['not checked']}:\n${left.join('\n')}`
  return [clean(said), table(headsOf(words), rowsOf(entries), style, none), ...seen, unchecked].join('\n\n')
}

/** Page by page until there are as many as are wanted: a page ends where the node has read enough for one answer. */
async function searched(api: NodeApi, { limit = searchedDefault, before, ...wish }: Search): Promise<{ entries: Entries; next: number | null }> {
  const entries: Entries[number][] = []
  let next: number | null = before ?? null
  do {
    const asked = { ...wish, limit: Math.min(1000, limit - entries.length), ...(next === null ? {} : { before: next }) }
    const page: Awaited<ReturnType<NodeApi['auditSearch']>> = await api.auditSearch(asked as Parameters<NodeApi['auditSearch']>[0]) // The node reads what was typed.
    entries.push(...page.entries)
    next = page.next
  } while (next !== null && entries.length < limit)
  return { entries, next }
}

/** Ends with the node, or when nobody reads any more. */
async function followed({ api, io, json }: Session, first: Entries): Promise<Outcome> {
  let entries = first
  let from = 0
  while (!io.stdout.destroyed) {
    for (const entry of entries)
      io.stdout.write(
        `${
          json
            ? JSON.stringify(entry)
            : rowsOf([entry])[0]
                ?.map((cell) => clean(String(cell ?? '-')))
                .join('  ')
        }\n`,
      )
    from = (entries.at(-1)?.index ?? from - 1) + 1
    ;({ entries } = await api.auditTail({ limit: 1000, from, waitMs }))
  }
  return { result: undefined, text: '', printed: true }
}

function headsOf(words: Session['texts']['words']): readonly string[] {
  return [words.index, words.at, words.kind, words.exchange, words.detail]
}

function rowsOf(entries: Entries): readonly (readonly (string | number | null)[])[] {
  return entries.map(({ index, at, kind, exchange, facts: said }) => [index, at, kind, exchange, JSON.stringify(said)])
}
