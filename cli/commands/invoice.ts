import { writeFile } from 'node:fs/promises'
import type { Validation } from '#node/offline.ts'
import { Exit, TrustError } from '#protocols/errors.ts'
import { isCredential, saidBy } from '../claims-of.ts'
import { command, type Session } from '../command.ts'
import { bytesOfInvoice } from '../files.ts'
import { chainText, sheetText, verdictText } from '../invoice-view.ts'
import { invoiceWords } from '../invoice-words.ts'
import { type IssueInvoice, issueInvoice } from '../issue-invoice.ts'
import { put } from '../output.ts'
import { clean } from '../render.ts'

interface Validate {
  readonly profile?: string
  /** With `--official`. */
  readonly official?: boolean
}

interface Show {
  readonly html?: string
  readonly purpose?: string
}

interface Chain {
  readonly purpose?: string
}

/** What invoices and the documents around them are read for, where nobody says otherwise. */
const usual = 'trade.invoicing'

export const commands = [
  command<Validate, readonly [files: readonly string[]]>({
    usage: 'validate <files...>',
    about:
      'Check invoices: what the official rules of their profile say, with their ids, and beside it what stricter checks of ours find (check digits, sums, dates). No node is needed. Exits 5 when one of them is not valid.',
    operation: null,
    options: [
      { flags: '--profile <name>', about: 'judge by this profile, whatever the invoice says of itself' },
      { flags: '--official', about: 'the exit code follows the official rules alone' },
    ],
    examples: ['dfft invoice validate invoice.xml', 'dfft invoice validate january/*.xml --json', 'dfft invoice validate invoice.xml --official'],
    run: async (session, [files], { profile, official = false }) => {
      const { validateInvoice } = await import('#protocols/invoice/validate.ts')
      let invalid = 0
      for (const file of files) {
        const verdict = validateInvoice(await bytesOfInvoice(session, file), profile === undefined ? {} : { profile })
        if (verdict.official.verdict === 'INVALID' || (!official && verdict.strict.verdict === 'INVALID')) invalid++
        if (!(await put(session.io.stdout, session.json ? lineOf(file, verdict) : `${verdictText(file, verdict, session)}\n`))) break
      }
      const done = { result: undefined, text: '', printed: true } as const
      if (invalid === 0) return done
      const message = invoiceWords(session.lang).invalid(invalid, files.length)
      if (!session.json) session.io.stderr.write(`${message}\n`)
      return { ...done, failed: { code: 'DFFT_SCHEMA', message, exit: Exit.verification } }
    },
  }),
  command<Show, readonly [file: string]>({
    usage: 'show <file>',
    about:
      'An invoice as a person reads it, from UBL or CII: parties, lines, tax and totals, with what was found wrong. `--html` writes a page for a browser or a printer. In place of a file it takes the id of a credential, and judges what that shows.',
    operation: null,
    options: [
      { flags: '--html <file>', about: 'write it as a page' },
      { flags: '--purpose <purpose>', about: 'of a received credential: what it is used for (trade.invoicing when left out)' },
    ],
    examples: ['dfft invoice show invoice.xml', 'dfft invoice show invoice.xml --html invoice.html --lang ja'],
    run: async (session, [file], { html, purpose = usual }) => {
      const { showInvoice } = await import('#node/offline.ts')
      const bytes = isCredential(file) ? await bytesOfCredential(session, file, purpose) : await bytesOfInvoice(session, file)
      const { verdict, sheet, page } = showInvoice(bytes, session.lang)
      if (html === undefined) return { result: { ...sheet, verdict: reportOf(file, verdict) }, text: sheetText(file, sheet, verdict, session) }
      const target = session.path(html)
      await writeFile(target, page).catch((cause) => {
        throw new TrustError('DFFT_USAGE', `the file \`${html}\` cannot be written`, {}, { cause })
      })
      return { result: { file: target, verdict: reportOf(file, verdict) }, text: clean(target) }
    },
  }),
  command<IssueInvoice, readonly [file: string]>({
    usage: 'issue <file>',
    about:
      'Issue an invoice (UBL or CII) as a credential of this node, its seller, and offer it to the buyer. It is checked first, against the registration held here too: exits 5 with what was found when it is not valid, 6 when a policy refuses it.',
    operation: null,
    options: [
      { flags: '--to <did>', about: 'DID of the buyer', required: true },
      { flags: '--purpose <purpose>', about: 'what it is for; policies decide by it (trade.invoicing when left out)' },
      { flags: '--legal-basis <basis>', about: 'the law the offer stands on; without one, contact persons stay' },
      { flags: '--claim <pointer>', about: 'a claim to show, as a JSON pointer (may be repeated; all when left out)', kind: 'list' },
      { flags: '--until <instant>', about: 'how long it waits for a buyer that is away (a week when left out)' },
      { flags: '--valid-days <days>', about: 'how long it holds (365 when left out)', kind: 'count' },
    ],
    examples: ['dfft invoice issue invoice.xml --to did:web:buyer.example'],
    run: (session, [file], options) => issueInvoice(session, file, options),
  }),
  command<Chain, readonly [file: string, credentials: readonly string[]]>({
    usage: 'chain <file> [credentials...]',
    about:
      'Whether order, despatch, invoices and settlement of a trade agree: CONSISTENT, OPEN (something is still to come) or INCONSISTENT, with what contradicts. The file is JSON (docs/schemas/trade-chain.json), one chain or a list of them; or it is the ids of the credentials of one trade. Exits 5 when one is inconsistent.',
    operation: null,
    options: [{ flags: '--purpose <purpose>', about: 'of received credentials: what they are used for (trade.invoicing when left out)' }],
    examples: ['dfft invoice chain order-0001.json', 'dfft invoice chain orders.json --json'],
    run: async (session, [file, more], { purpose = usual }) => {
      const { judgeChain } = await import('#protocols/trade-chain/judge-chain.ts')
      if (!isCredential(file) && more.length > 0) throw new TrustError('DFFT_USAGE', 'one file, or ids of credentials')
      const chains = isCredential(file) ? [await chainOf(session, [file, ...more], purpose)] : await chainsIn(session, file)
      const judged = chains.map(judgeChain)
      const inconsistent = judged.filter(({ verdict }) => verdict === 'INCONSISTENT').length
      const text = judged.map((one, at) => chainText(chains.length === 1 ? file : `${file} [${at}]`, one, session)).join('\n')
      const result = { file, chains: judged }
      if (inconsistent === 0) return { result, text }
      const message = invoiceWords(session.lang).inconsistent(inconsistent, chains.length)
      return { result, text, failed: { code: 'DFFT_SCHEMA', message, exit: Exit.verification } }
    },
  }),
]

/** A file holds one chain, or a list of them. */
async function chainsIn(session: Session, file: string): Promise<readonly unknown[]> {
  const { parseJson } = await import('#protocols/json.ts')
  const held = parseJson(await bytesOfInvoice(session, file))
  return Array.isArray(held) ? held : [held]
}

/** The trade that credentials tell, in whatever order they are named. */
async function chainOf(session: Session, ids: readonly string[], purpose: string): Promise<unknown> {
  const { chainOfCredentials } = await import('#protocols/trade-chain/chain-of-credentials.ts')
  const said = await Promise.all(ids.map((id) => saidBy(session, id, purpose, ['OrderCredential', 'DespatchCredential', invoiceType, 'SettlementCredential'])))
  const of = (wanted: string) => said.flatMap(({ type, claims }) => (type === wanted ? [claims] : []))
  const [order, ...others] = of('OrderCredential')
  if (!order || others.length > 0) throw new TrustError('DFFT_USAGE', `a chain has one order, and here are ${others.length + (order ? 1 : 0)}`)
  // Claims of a verified credential are of its type; what one withholds, the chain finds missing.
  return chainOfCredentials({
    order,
    despatch: of('DespatchCredential'),
    invoices: of(invoiceType).map(({ invoice = {} }) => invoice),
    settlements: of('SettlementCredential'),
  } as unknown as Parameters<typeof chainOfCredentials>[0])
}

const invoiceType = 'ElectronicInvoiceCredential'

/** The invoice of a credential written anew: of one that withholds, what it shows. */
async function bytesOfCredential(session: Session, id: string, purpose: string): Promise<Uint8Array> {
  const { writeUbl } = await import('#protocols/invoice/write-ubl.ts')
  const { claims } = await saidBy(session, id, purpose, [invoiceType])
  return Buffer.from(writeUbl((claims.invoice ?? {}) as Parameters<typeof writeUbl>[0])) // As above.
}

/** One line a file: a program reads as many as there are, without waiting for the last. */
function lineOf(file: string, verdict: Validation): string {
  return `${JSON.stringify(reportOf(file, verdict))}\n`
}

function reportOf(file: string, { syntax, profile, official, strict, semanticDigest, rulesets, notJudged, cut }: Validation): object {
  const { verdict, failed, warnings, findings } = official
  return { file, syntax, profile, official: { verdict, failed, warnings, findings }, strict, semanticDigest, rulesets, notJudged, cut }
}
