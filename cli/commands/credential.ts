import type { NodeApi } from '#node/api.ts'
import type { Files } from '#node/offline-credential.ts'
import { TrustError } from '#protocols/errors.ts'
import { command, type Outcome, type Session } from '../command.ts'
import { textOfFile } from '../files.ts'
import type { Recognised } from '../recognition.ts'
import { clean, facts, table } from '../render.ts'
import { type Report, reportOutcome } from '../report-view.ts'
import type { Texts } from '../texts.ts'
import { credentialPairs } from '../views.ts'
import { dryRunOption } from './trust-documents.ts'

interface List {
  readonly role?: 'issued' | 'held' | 'received'
  readonly limit?: number
}

interface Verify {
  readonly trust?: string
  readonly status?: readonly string[]
  readonly evidence?: readonly string[]
  readonly nonce?: string
  readonly audience?: string
}

type Binding = NonNullable<Parameters<NodeApi['credentialVerify']>[0]['binding']>

interface Show {
  readonly format?: string
}

export const commands = [
  command<List>({
    usage: 'list',
    about: 'Credentials issued, held and received.',
    operation: 'credentialList',
    options: [
      { flags: '--role <role>', about: 'only those', choices: ['issued', 'held', 'received'] },
      { flags: '--limit <count>', about: 'how many at most (100 when left out)', kind: 'count' },
    ],
    examples: ['dfft credential list', 'dfft credential list --role held --json'],
    run: async ({ api, texts: { words, none }, style }, _, options) => {
      const result = await api.credentialList(options)
      const rows = result.credentials.map((one) => [one.id, one.role, one.type, one.title, one.status, one.validUntil, one.issuer, one.flags.join(' ')])
      const heads = [words.id, words.role, words.type, words.title, words.status, words.validUntil, words.issuer, words.flags]
      return { result, text: table(heads, rows, style, none) }
    },
  }),
  command<Show, readonly [id: string]>({
    usage: 'show <id>',
    about: 'One credential with its claims and encodings. Of a received one only what it is recognised by: its claims are for a purpose, see `credential use`.',
    operation: 'credentialShow',
    options: [{ flags: '--format <format>', about: 'print only this encoding, for a file' }],
    examples: [
      'dfft credential show urn:uuid:0e2e5c8a-3f6b-4c55-9a0d-6a3d1a9d2f10',
      'dfft credential show urn:uuid:0e2e5c8a-3f6b-4c55-9a0d-6a3d1a9d2f10 --format dc+sd-jwt > credential.txt',
    ],
    run: async ({ api, texts: { words }, style }, [id], { format }) => {
      const result = await api.credentialShow({ id })
      const found = encodingOf(result, format)
      if (found) return found
      const formats = result.encodings.map((encoding) => encoding.format)
      const pairs = [...credentialPairs(result.credential, words), ...endPairs(result.end, words)]
      const text = facts([...pairs, [words.encodings, formats.join(', ')], [words.claims, claimLines(result)]], style)
      return { result, text }
    },
  }),
  command<{ readonly purpose: string; readonly format?: string; readonly dryRun?: boolean }, readonly [id: string]>({
    usage: 'use <id>',
    about:
      'Use a received credential for a purpose: decided anew on the agreement it came under and the policy of now, recorded either way, and its claims shown only if it is permitted.',
    operation: 'credentialUse',
    options: [
      { flags: '--purpose <purpose>', about: 'what for, by a term of the vocabulary', required: true },
      { flags: '--format <format>', about: 'print only this encoding, for a file' },
      { flags: '--dry-run', about: 'only say whether it would be permitted: nothing is recorded, and no claims are shown' },
    ],
    examples: ['dfft credential use urn:dfft:received:5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b --purpose trade.supplier-verification'],
    run: async ({ api, texts: { words }, style }, [id], { purpose, format, dryRun }) => {
      const result = await api.credentialUse({ id, purpose, dryRun })
      if (dryRun) return { result, text: facts([[words.dryRun, true], ...credentialPairs(result.credential, words)], style) }
      return encodingOf(result, format) ?? { result, text: facts([...credentialPairs(result.credential, words), [words.claims, claimLines(result)]], style) }
    },
  }),
  command<{ readonly dryRun?: boolean }, readonly [id: string, flags: readonly string[]]>({
    usage: 'flag <id> [flag...]',
    about:
      'Say of a credential held here what policies must know of its data, such as `important-data`: in place of what was said before; without any, nothing.',
    operation: 'credentialFlag',
    options: [dryRunOption],
    examples: [
      'dfft credential flag urn:uuid:0e2e5c8a-3f6b-4c55-9a0d-6a3d1a9d2f10 important-data',
      'dfft credential flag urn:uuid:0e2e5c8a-3f6b-4c55-9a0d-6a3d1a9d2f10',
    ],
    run: async ({ api, texts: { words }, style }, [id, flags], { dryRun }) => {
      const result = await api.credentialFlag({ id, flags: [...flags], dryRun })
      return { result, text: facts([[words.dryRun, dryRun], ...credentialPairs(result.credential, words)], style) }
    },
  }),
  command<Recognised, readonly [id: string]>({
    usage: 'recognition <id>',
    about: 'Whether a qualification is recognised in a jurisdiction: by a decision in it of an authority there, which signed for it. Exits 6 when it is not.',
    operation: null,
    options: [
      { flags: '--in <code>', about: 'where it is to be recognised', required: true },
      { flags: '--on <day>', about: 'on which day, as YYYY-MM-DD', required: true },
      { flags: '--purpose <purpose>', about: 'of a received one: what it is used for (employment.licensing when left out)' },
    ],
    examples: ['dfft credential recognition urn:uuid:0e2e5c8a-3f6b-4c55-9a0d-6a3d1a9d2f10 --in DE --on 2026-10-01'],
    run: async (session, [id], options) => {
      const { recognitionOf } = await import('../recognition.ts')
      return recognitionOf(session, id, options)
    },
  }),
  command<Verify, readonly [file: string]>({
    usage: 'verify <file>',
    about:
      'Verify any credential or presentation: with this node’s roots when it runs, else from files alone. Exits 5 unless every check that matters passed; without roots the issuer is not verified. `-` reads standard input.',
    operation: 'credentialVerify',
    options: [
      { flags: '--trust <file>', about: 'verify without a node, against the trust roots of this file' },
      { flags: '--status <file>', about: 'verify without a node, with this signed status list of the issuer (may be repeated)', kind: 'list' },
      { flags: '--evidence <file>', about: 'verify without a node, with this evidence of when it was issued (may be repeated)', kind: 'list' },
      { flags: '--nonce <nonce>', about: 'the question it ought to answer; with --audience' },
      { flags: '--audience <audience>', about: 'whom it ought to be presented to; with --nonce' },
    ],
    examples: [
      'dfft credential verify credential.txt',
      'dfft credential verify credential.txt --trust roots.json --json',
      'dfft credential verify presentation.json --trust roots.json --status list.jwt',
      'dfft credential verify credential.txt --trust roots.json --evidence proof.json',
      'dfft credential verify presentation.txt --nonce bm9uY2Ugb2Ygb3Vycw --audience did:web:agency.example',
    ],
    run: async (session, [file], { trust, status, evidence, ...asked }) => {
      const binding = bindingOf(asked)
      const text = await textOfFile(session, file)
      if (trust === undefined && status === undefined && evidence === undefined) return reportOutcome(session, await verify(session, text, binding))
      const roots = trust === undefined ? null : await textOfFile(session, trust)
      const all = (names: readonly string[] = []) => Promise.all(names.map((name) => textOfFile(session, name)))
      return reportOutcome(session, await offline(text, { roots, statusLists: await all(status), evidence: await all(evidence) }, binding))
    },
  }),
  command<object, readonly [credential: string]>({
    usage: 'evidence <id-or-file>',
    about:
      'Print the evidence that a credential was in its issuer’s log before a time, as its witnesses signed it: for a file, with which it can be verified when the issuer’s key is retired and the issuer gone. What is not held is asked of the issuer.',
    operation: 'credentialEvidence',
    examples: ['dfft credential evidence urn:uuid:0e2e5c8a-3f6b-4c55-9a0d-6a3d1a9d2f10 > proof.json', 'dfft credential evidence credential.txt --json'],
    run: async (session, [given]) => {
      const credential = /^[A-Za-z][A-Za-z0-9+.-]*:/.test(given) ? given : await textOfFile(session, given)
      const result = await session.api.credentialEvidence({ credential })
      return { result, text: clean(JSON.stringify(result)) }
    },
  }),
  command<object, readonly [file: string]>({
    usage: 'identifiers <file>',
    about:
      'The registration, tax and account numbers in a credential or any JSON, each by its scheme, and which of them no register can have given out. No node is needed, and nothing is verified. Exits 5 when one is wrong.',
    operation: null,
    examples: ['dfft credential identifiers company.json', 'dfft credential identifiers credential.txt --json'],
    run: async (session, [file]) => {
      const { identifiersOf } = await import('../identifiers-of.ts')
      return identifiersOf(session, file)
    },
  }),
]

type Shown = Pick<Awaited<ReturnType<NodeApi['credentialShow']>>, 'claims' | 'encodings'>

/** Undefined where none is asked for. */
function encodingOf({ encodings }: Shown, format: string | undefined): Outcome | undefined {
  if (format === undefined) return undefined
  const found = encodings.find((encoding) => encoding.format === format)
  const formats = encodings.map((encoding) => encoding.format).join(', ')
  if (!found) throw new TrustError('DFFT_NOT_FOUND', `the credential is not held as \`${format}\`; there is ${formats}`)
  return { result: found, text: clean(found.text) }
}

/** How the entity ended in the register, and who took it up. */
function endPairs(end: Awaited<ReturnType<NodeApi['credentialShow']>>['end'], words: Texts['words']): (readonly [string, string])[] {
  if (!end) return []
  const { kind, since, successor } = end
  return [
    [words.state, since === undefined ? kind : `${kind} (${since})`],
    ...(successor ? [[words.successor, `${successor.scheme}:${successor.value}`] as const] : []),
  ]
}

function claimLines({ claims }: Shown): string[] {
  return Object.entries(claims).map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
}

/** A nonce of ours means nothing without whom it was meant for, nor the other way round. */
function bindingOf({ nonce, audience }: Pick<Verify, 'nonce' | 'audience'>): Binding | undefined {
  if (nonce === undefined && audience === undefined) return undefined
  if (nonce === undefined || audience === undefined) throw new TrustError('DFFT_USAGE', '`--nonce` and `--audience` are given together')
  return { nonce, audience }
}

async function verify({ api }: Session, text: string, binding: Binding | undefined): Promise<Report> {
  try {
    return await api.credentialVerify({ text, ...(binding ? { binding } : {}) })
  } catch (error) {
    if (error instanceof TrustError && error.code === 'DFFT_NOT_RUNNING') return offline(text, { roots: null }, binding)
    throw error
  }
}

/** All of the verification is loaded only here. */
async function offline(text: string, files: Files, binding: Binding | undefined): Promise<Report> {
  const { verifyFile } = await import('#node/offline-credential.ts')
  return verifyFile(text, files, Date.now(), binding)
}
