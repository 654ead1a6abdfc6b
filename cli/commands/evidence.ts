import { randomBytes } from 'node:crypto'
import { command, type Outcome, type Session } from '../command.ts'
import { evidenceOutcome } from '../evidence-view.ts'
import { evidenceTexts } from '../evidence-words.ts'
import { bytesOfEvidence, textOfFile, writeWhole } from '../files.ts'
import { facts } from '../render.ts'
import { askAuthority } from '../timestamp-authority.ts'

interface Export {
  readonly out?: string
  readonly withClaims?: boolean
  readonly dryRun?: boolean
}

interface Verify {
  readonly trust?: string
  readonly tsaTrust?: string
}

interface Timestamp {
  readonly tsa: string
  readonly out?: string
  readonly dryRun?: boolean
}

const writeNothing = { flags: '--dry-run', about: 'only say what would be written, and where' } as const

export const commands = [
  command<Export, readonly [id: string]>({
    usage: 'export <id>',
    about:
      'One exchange as a file that a third party checks without any node: messages, decision, policies, signatures, log and keys. Claims stay here unless you say otherwise: only their digests leave.',
    operation: 'evidenceExport',
    options: [
      { flags: '--out <file>', about: 'where it is written (evidence-<id>.jsonl when left out; `-` is standard output)' },
      { flags: '--with-claims', about: 'what was disclosed leaves with the file' },
      writeNothing,
    ],
    examples: [
      'dfft evidence export 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b',
      'dfft evidence export 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b --with-claims --out for-the-court.jsonl',
    ],
    run: async (session, [id], { out = `evidence-${id}.jsonl`, withClaims = false, dryRun }) => {
      const { text, ...result } = await session.api.evidenceExport({ id, claims: withClaims })
      if (out === '-') return { result: { ...result, text }, text: text.trimEnd() }
      const { disclosed, partnerLog } = result
      const own = evidenceTexts(session.lang)
      const lacking = [withClaims && disclosed === 'deleted' ? own.deleted : undefined, own.partnerLogs[partnerLog]]
      return written(session, out, text, result, { dryRun, lacking: lacking.filter((one) => one !== undefined) })
    },
  }),
  command<Verify, readonly [file: string]>({
    usage: 'verify <file>',
    about:
      'Check an evidence file: no node and no network, on any machine. Exits 5 unless every check that matters passed; without roots of your own (`--trust`) nothing is verified, since a file could bring its own. `-` reads standard input.',
    operation: null,
    options: [
      { flags: '--trust <file>', about: 'your trust roots: anchors with their jurisdictions' },
      { flags: '--tsa-trust <file>', about: 'certificates (PEM) of timestamp authorities that you trust' },
    ],
    examples: ['dfft evidence verify evidence.jsonl --trust roots.json', 'dfft evidence verify evidence.jsonl --trust roots.json --tsa-trust tsa.pem --json'],
    run: async (session, [file], { trust, tsaTrust }) => {
      const bytes = await bytesOfEvidence(session, file)
      const roots = trust === undefined ? null : await textOfFile(session, trust)
      const authorities = tsaTrust === undefined ? undefined : await textOfFile(session, tsaTrust)
      const { verifyEvidenceFile } = await import('#node/offline.ts')
      return evidenceOutcome(session, await verifyEvidenceFile(bytes, { roots, authorities }, Date.now()))
    },
  }),
  command<Timestamp, readonly [file: string]>({
    usage: 'timestamp <file>',
    about: 'Have a timestamp authority (RFC 3161) sign when the file was there, and add its token to the file. The authority sees one digest and nothing else.',
    operation: null,
    options: [
      { flags: '--tsa <url>', about: 'where the authority answers', required: true },
      { flags: '--out <file>', about: 'where the file with the timestamp is written (the same file when left out)' },
      { flags: '--dry-run', about: 'only look whether the file can be stamped; nobody is asked, and nothing is written' },
    ],
    examples: ['dfft evidence timestamp evidence.jsonl --tsa https://tsa.example/'],
    run: async (session, [file], { tsa, out = file, dryRun }) => {
      const bytes = await bytesOfEvidence(session, file)
      const { timestampRequest, timestamped } = await import('#node/offline.ts')
      const asked = timestampRequest(bytes, randomBytes(8))
      if (dryRun) return written(session, out, Buffer.from(bytes).toString(), { file: out }, { dryRun })
      const text = timestamped(bytes, await askAuthority(tsa, asked.query), asked)
      return written(session, out, text, { file: out }, { stamped: true })
    },
  }),
]

async function written(
  session: Session,
  name: string,
  text: string,
  result: object,
  {
    stamped = false,
    lacking = [],
    dryRun = false,
  }: { readonly stamped?: boolean; readonly lacking?: readonly string[]; readonly dryRun?: boolean | undefined },
): Promise<Outcome> {
  const { path, style, lang, texts } = session
  if (dryRun) {
    const bytes = Buffer.byteLength(text)
    const pairs = [
      [texts.words.dryRun, true],
      [texts.words.file, path(name)],
      [texts.words.bytes, bytes],
    ] as const
    return { result: { ...result, file: name, bytes }, text: [facts(pairs, style), ...lacking].join('\n') }
  }
  const bytes = await writeWhole(session, name, text)
  const own = evidenceTexts(lang)
  const said = stamped ? own.stamped(name, bytes) : own.written(name, bytes)
  return { result: { ...result, file: name, bytes }, text: [facts([[own.heads.exchange, said]], style), ...lacking].join('\n') }
}
