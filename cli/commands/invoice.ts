import { writeFile } from 'node:fs/promises'
import { Exit, TrustError } from '#protocols/errors.ts'
import { isCredential, saidBy } from '../claims-of.ts'
import { command, type Session } from '../command.ts'
import type { HeldFor } from '../cross-held.ts'
import { bytesOfInvoice } from '../files.ts'
import { chainText, inLanguage, sheetText, verdictText } from '../invoice-view.ts'
import { invoiceWords } from '../invoice-words.ts'
import { type IssueInvoice, issueInvoice } from '../issue-invoice.ts'
import { put } from '../output.ts'
import { clean } from '../render.ts'

interface Validate {
  readonly profile?: string
  /** With `--official`. */
  readonly official?: boolean
  readonly replay?: string
  readonly purpose?: string
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
      {
        flags: '--replay <verdict>',
        about:
          'have a verdict of before again, from a file of what `--json` printed or the id of an invoice credential: exits 0 when the same comes out, 5 when another does or it is of another document, 3 when its rules are not here',
      },
      { flags: '--purpose <purpose>', about: 'with --replay, of a received credential: what it is used for (trade.invoicing when left out)' },
    ],
    examples: [
      'dfft invoice validate invoice.xml',
      'dfft invoice validate january/*.xml --json',
      'dfft invoice validate invoice.xml --official',
      'dfft invoice validate invoice.xml --replay verdict.json',
    ],
    run: async (session, [files], { profile, official = false, replay, purpose = usual }) => {
      if (replay !== undefined) {
        if (profile !== undefined || official) throw new TrustError('DFFT_USAGE', 'a verdict is had again as it was made: without `--profile` and `--official`')
        const { replayFiles } = await import('../invoice-replay.ts')
        return replayFiles(session, files, { verdict: replay, purpose })
      }
      const { validateInvoice } = await import('#protocols/invoice/validate.ts')
      let invalid = 0
      // One line a file: a program reads as many as there are, without waiting for the last.
      for (const file of files) {
        const verdict = validateInvoice(await bytesOfInvoice(session, file), profile === undefined ? {} : { profile })
        if (verdict.official.verdict === 'INVALID' || (!official && verdict.strict.verdict === 'INVALID')) invalid++
        if (!(await put(session.io.stdout, session.json ? `${JSON.stringify({ file, ...verdict })}\n` : `${verdictText(file, verdict, session)}\n`))) break
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
      const { verdict, sheet, page } = showInvoice(bytes, session.lang, (finding) => inLanguage(finding, session.lang))
      if (html === undefined) return { result: { ...sheet, verdict: { file, ...verdict } }, text: sheetText(file, sheet, verdict, session) }
      const target = session.path(html)
      await writeFile(target, page).catch((cause) => {
        throw new TrustError('DFFT_USAGE', `the file \`${html}\` cannot be written`, {}, { cause })
      })
      return { result: { file: target, verdict: { file, ...verdict } }, text: clean(target) }
    },
  }),
  command<IssueInvoice, readonly [file: string]>({
    usage: 'issue <file>',
    about:
      'Issue an invoice (UBL or CII) as a credential of this node, its seller, and offer it to the buyer; of a self-billed one this node is the buyer, and an agent’s node issues for the seller as far as its mandate goes. It is checked first, against the registration and mandates held here too: exits 5 with what was found when it is not valid, 6 when a mandate is exceeded or a policy refuses it.',
    operation: null,
    options: [
      { flags: '--to <did>', about: 'DID of the buyer, or of the seller of a self-billed one', required: true },
      { flags: '--order <credential>', about: 'the order that the invoice names (BT-13): id of its credential, or its file' },
      { flags: '--contract <credential>', about: 'likewise the contract (BT-12)' },
      { flags: '--despatch <credential>', about: 'likewise the despatch advice (BT-16)' },
      { flags: '--receipt <credential>', about: 'likewise the receipt (BT-15)' },
      { flags: '--preceding <credential>', about: 'likewise an invoice that it corrects or follows (BT-25; may be repeated)', kind: 'list' },
      { flags: '--purpose <purpose>', about: 'what it is for; policies decide by it (trade.invoicing when left out)' },
      { flags: '--legal-basis <basis>', about: 'the law the offer stands on; without one, contact persons stay' },
      { flags: '--claim <pointer>', about: 'a claim to show, as a JSON pointer (may be repeated; all when left out)', kind: 'list' },
      { flags: '--resource <word>', about: 'of an agent: what is sold, in the words of its mandate (`*`, which is everything, when left out)' },
      { flags: '--in <code>', about: 'of an agent: where it takes effect (the country of the buyer when left out)' },
      {
        flags: '--registration-purpose <purpose>',
        about: 'of an agent: what the received registration of the seller is used for (trade.invoicing when left out)',
      },
      { flags: '--until <instant>', about: 'how long it waits for a buyer that is away (a week when left out)' },
      { flags: '--valid-days <days>', about: 'how long it holds (365 when left out)', kind: 'count' },
      { flags: '--dry-run', about: 'only say whether it would be issued: the buyer is told nothing' },
    ],
    examples: [
      'dfft invoice issue invoice.xml --to did:web:buyer.example --dry-run',
      'dfft invoice issue invoice.xml --to did:web:buyer.example',
      'dfft invoice issue credit-note.xml --to did:web:buyer.example --preceding urn:dfft:held:0123456789abcdef0123456789abcdef',
    ],
    run: (session, [file], options) => issueInvoice(session, file, options),
  }),
  command<HeldFor, readonly [id: string]>({
    usage: 'check <id>',
    about:
      'An invoice credential against what else is held here: whether the tax number was in force on its day and is the registered seller’s, whether the signer may sign for it, whether it still stands. Nothing held is no proof: exits 5 with what does not fit or is missing.',
    operation: null,
    options: [
      { flags: '--purpose <purpose>', about: 'what received invoices and registrations are used for (trade.invoicing when left out)' },
      { flags: '--registration <id>', about: 'judge by this registration alone (may be repeated; all that are held when left out)', kind: 'list' },
      { flags: '--registration-purpose <purpose>', about: 'what received registrations are used for, where that is another' },
      { flags: '--mandate <id>', about: 'judge by this mandate alone (may be repeated; all that are held when left out)', kind: 'list' },
      { flags: '--mandate-purpose <purpose>', about: 'what received mandates are used for (mandate.verification when left out)' },
      { flags: '--resource <word>', about: 'what is sold, in the words of mandates (`*`, which is everything, when left out)' },
      { flags: '--in <code>', about: 'where it takes effect (the country of the buyer when left out)' },
    ],
    examples: [
      'dfft invoice check urn:dfft:received:4da1d371a9c336695d89331571643cc1',
      'dfft invoice check urn:dfft:received:4da1d371a9c336695d89331571643cc1 --resource goods --registration-purpose compliance.aml',
    ],
    run: async (session, [id], options) => {
      const { checkInvoice } = await import('../check-invoice.ts')
      return checkInvoice(session, id, options)
    },
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
