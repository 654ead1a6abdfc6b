import type { NodeApi } from '#node/api.ts'
import type { ReceiptReport } from '#node/offline.ts'
import { TrustError } from '#protocols/errors.ts'
import { command, type Session } from '../command.ts'
import { textOfFile, writeWhole } from '../files.ts'
import { clean, facts } from '../render.ts'

type Shown = Omit<ReceiptReport, 'kind' | 'verified' | 'code' | 'detail' | 'historiesFromFile'>

const en = {
  verified: (by: string) => `verified: \`${by}\` signed for it`,
  bad: 'NOT verified',
  assumed: (did: string) =>
    `The keys of \`${did}\` are those that the file tells of: had one been given up since, this would not show. Give your own history of it with --trust.`,
  written: (name: string, bytes: number) => `written to ${name}, ${bytes} bytes`,
  requester: 'received by',
  holder: 'released by',
  release: 'release',
  closedAt: 'closed by the holder',
  open: 'not yet',
}
const ja: typeof en = {
  verified: (by) => `検証済み: \`${by}\` が受領に署名しました`,
  bad: '検証できません',
  assumed: (did) =>
    `\`${did}\` の鍵はこのファイルに書かれた履歴によるものです。その後に鍵が廃止されていても、ここには現れません。ご自身が持つ履歴を --trust で指定してください。`,
  written: (name, bytes) => `${name} に書き込みました（${bytes} バイト）`,
  requester: '受領者',
  holder: '開示者',
  release: '開示の識別子',
  closedAt: '保有者による完了',
  open: '未完了',
}
const wordsOf = ({ lang }: Pick<Session, 'lang'>) => (lang === 'ja' ? ja : en)

export const commands = [
  command<object, readonly [id: string]>({
    usage: 'show <id>',
    about: 'The receipt of an exchange: what was received, how it was answered, and whether the holder has closed it. Exits 3 while there is none.',
    operation: null,
    examples: ['dfft receipt show 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b', 'dfft receipt show 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b --json'],
    run: async (session, [id]) => {
      const result = shownOf(await session.api.exchangeShow({ id: id as never })) // The node reads what was typed.
      return { result, text: receiptText(result, session) }
    },
  }),
  command<{ readonly out?: string }, readonly [id: string]>({
    usage: 'save <id>',
    about: 'The receipt of an exchange as a file that anybody checks without a node: both signatures, and the histories of both DIDs. No claim is in it.',
    operation: null,
    options: [{ flags: '--out <file>', about: 'where it is written (receipt-<id>.json when left out; `-` is standard output)' }],
    examples: ['dfft receipt save 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b', 'dfft receipt save 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b --out - --json'],
    run: async (session, [id], { out = `receipt-${id}.json` }) => {
      const { exchange, text: evidence } = await session.api.evidenceExport({ id: id as never, claims: false }) // The node reads what was typed.
      const { receiptFileOf } = await import('#node/offline.ts')
      const text = receiptFileOf(Buffer.from(evidence))
      if (out === '-') return { result: { exchange, text }, text: text.trimEnd() }
      const bytes = await writeWhole(session, out, text)
      return { result: { exchange, file: out, bytes }, text: wordsOf(session).written(out, bytes) }
    },
  }),
  command<{ readonly trust?: string; readonly from?: string; readonly to?: string }, readonly [file: string]>({
    usage: 'verify <file>',
    about:
      'Check a receipt: no node and no network. It shows that the DIDs it names signed it; whose DIDs they are is yours to know, or `--from` and `--to` say it. Exits 5 when it does not hold. `-` reads standard input.',
    operation: null,
    options: [
      { flags: '--from <did>', about: 'who must have received' },
      { flags: '--to <did>', about: 'who must have released' },
      { flags: '--trust <file>', about: 'your trust roots: anchors with their jurisdictions' },
    ],
    examples: ['dfft receipt verify receipt.json', 'dfft receipt verify receipt.json --from did:web:partner.example --json'],
    run: async (session, [file], { trust, from, to }) => {
      const text = await textOfFile(session, file)
      const roots = trust === undefined ? null : await textOfFile(session, trust)
      const { verifyReceiptFile } = await import('#node/offline.ts')
      const result = expected(verifyReceiptFile(text, roots, Date.now()), { from, to })
      const own = wordsOf(session)
      const { style } = session
      const headline = result.verified ? style.good(own.verified(result.requester)) : style.bad(`${own.bad}: ${result.code}  ${clean(result.detail ?? '')}`)
      const assumed = result.verified ? result.historiesFromFile.map((did) => own.assumed(did)) : []
      const shown = [style.bold(headline), receiptText(result, session), ...assumed].join('\n')
      if (result.code === null) return { result, text: shown }
      return { result, text: shown, failed: { code: result.code, message: result.detail ?? result.code, exit: 5 } }
    },
  }),
]

/** A good receipt of somebody else is none of the one that was asked about. */
function expected(report: ReceiptReport, { from, to }: { readonly from?: string | undefined; readonly to?: string | undefined }): ReceiptReport {
  const other = (from !== undefined && from !== report.requester) || (to !== undefined && to !== report.holder)
  if (!report.verified || !other) return report
  return { ...report, verified: false, code: 'DFFT_RECEIPT', detail: 'the receipt is of other parties' }
}

/** What the node holds was checked when it came. */
function shownOf({ exchange, messages }: Awaited<ReturnType<NodeApi['exchangeShow']>>): Shown {
  const bodyOf = (wanted: string) => messages.find(({ type }) => type === wanted)?.body
  const receipt = bodyOf('receipt') as Body | undefined // As its schema has it: the node took it in.
  if (!receipt) throw new TrustError('DFFT_NOT_FOUND', 'the exchange has no receipt', { exchange: exchange.id, state: exchange.state })
  const { from: requester, to: holder, outcome, at, release, agreement } = receipt
  const closing = bodyOf('closing')
  return {
    exchange: exchange.id,
    requester,
    holder,
    outcome: outcome.kind,
    rejection: outcome.code ?? null,
    at,
    release,
    agreement,
    closedAt: typeof closing?.at === 'string' ? closing.at : null,
  }
}

interface Body {
  readonly from: string
  readonly to: string
  readonly outcome: { readonly kind: 'accepted' | 'rejected'; readonly code?: string }
  readonly at: string
  readonly release: string
  readonly agreement: string
}

function receiptText(result: Shown, session: Session): string {
  const own = wordsOf(session)
  const { words } = session.texts
  return facts(
    [
      [words.exchange, result.exchange],
      [own.requester, result.requester],
      [own.holder, result.holder],
      [words.outcome, result.rejection === null ? result.outcome : `${result.outcome}  ${result.rejection}`],
      [words.at, result.at],
      [own.release, result.release],
      [words.agreement, result.agreement],
      [own.closedAt, result.closedAt ?? own.open],
    ],
    session.style,
  )
}
