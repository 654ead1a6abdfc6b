/** An overview as a screen, and as rows of which only those that changed are printed. */
import type { Session } from './command.ts'
import type { Overview, Recent, Wait } from './overview.ts'
import { clean, facts, table } from './render.ts'
import type { Lang } from './texts.ts'

type Shown = Pick<Session, 'texts' | 'style' | 'lang' | 'io'>

const waitsEn: Readonly<Record<Wait, string>> = {
  sealed: 'the node is sealed, and waits for its passphrase',
  maintenance: 'the node is in maintenance: no new exchange is begun or answered',
  consent: 'exchanges wait for the consent of a person',
  enrolment: 'applications wait for a decision',
  signature: 'documents lack a signature that this node may give',
  key: 'an entry of the DID log waits for its witnesses',
  breach: 'suspected breaches have to be looked at',
  overdue: 'duties are due and not done',
  unreceipted: 'releases wait for the partner’s receipt',
  'log-fork': 'logs were shown in two forms',
  'trust-fork': 'trust documents exclude each other',
}
const waitsJa: Readonly<Record<Wait, string>> = {
  sealed: 'ノードは封印中で、パスフレーズを待っています',
  maintenance: 'ノードは保守中で、新しい交換をしません',
  consent: '人の同意を待つ交換',
  enrolment: '審査を待つ申請',
  signature: 'このノードが署名できる、署名不足の文書',
  key: '証人を待つ DID ログの項目',
  breach: '確認を要する漏えいの疑い',
  overdue: '期限を過ぎた未履行の義務',
  unreceipted: '相手の受領証を待つ開示',
  'log-fork': '二通りに示されたログ',
  'trust-fork': '互いに矛盾するトラスト文書',
}
const en = { ready: 'ready', yes: 'yes', no: 'NO', waits: 'waits for you', nothing: 'nothing waits for you', recent: 'newest exchanges', next: 'ends next' }
const ja: typeof en = {
  ready: '準備完了',
  yes: 'はい',
  no: 'いいえ',
  waits: '対応が必要なもの',
  nothing: '対応が必要なものはありません',
  recent: '最近の交換',
  next: '次に期限を迎えるもの',
}

function wordsOf(lang: Lang) {
  return lang === 'ja' ? { ...ja, wait: waitsJa } : { ...en, wait: waitsEn }
}

export function overviewText(now: Overview, { texts, style, lang, io }: Shown): string {
  const own = wordsOf(lang)
  const { words, none } = texts
  const { node } = now
  const waits = now.waits.map(({ what, count, command }) => [count, own.wait[what], command])
  const parts = [
    facts(headPairs(now, { texts, lang }), style),
    now.waits.length === 0
      ? style.good(own.nothing)
      : `${style.bad(style.bold(own.waits))}\n${cut(
          facts(
            waits.map(([count, what, command]) => [String(count), `${what}  ${command}`]),
            style,
          ),
          io,
        )}`,
    ...(node
      ? [
          `${style.bold(own.recent)}\n${cut(table([words.at, words.state, words.purpose, words.partner, words.code], node.recent.map(recentCells), style, none), io)}`,
        ]
      : []),
  ]
  return parts.join('\n\n')
}

function headPairs({ at, did, ready, reasons, node }: Overview, { texts: { words }, lang }: Pick<Shown, 'texts' | 'lang'>) {
  const own = wordsOf(lang)
  return [
    [words.at, at],
    [words.name, node?.name],
    [words.did, did],
    [own.ready, ready ? own.yes : `${own.no}  ${reasons.join(' ')}`.trimEnd()],
    [words.connected, node?.connected],
    [words.log, node?.logSize],
    [words.exchanges, node ? countsOf(node.exchanges) : undefined],
    [own.next, node?.endsNext ? `${node.endsNext.at}  ${node.endsNext.kind}  ${node.endsNext.id}` : undefined],
  ] as const
}

function countsOf(exchanges: Readonly<Record<string, number>>): string {
  return (
    Object.entries(exchanges)
      .map(([state, count]) => `${state} ${count}`)
      .join(', ') || '0'
  )
}

function recentCells({ updatedAt, state, purpose, partner, code }: Recent) {
  return [updatedAt, state, purpose, partner, code]
}

/** A line that a narrow terminal would break moves all below it: it ends at the edge. */
function cut(text: string, { stdout: { isTTY, columns } }: Shown['io']): string {
  if (!isTTY || !columns) return text
  // Colours are of heads alone, which are short; what is cut is plain.
  return text
    .split('\n')
    .map((line) => (line.includes('\u001b') ? line : line.slice(0, columns - 1)))
    .join('\n')
}

export interface Row {
  /** What stays the same while the value changes. */
  readonly key: string
  readonly label: string
  readonly value: string
}

export function overviewRows(now: Overview, { texts, lang }: Pick<Shown, 'texts' | 'lang'>): readonly Row[] {
  const own = wordsOf(lang)
  const head = headPairs(now, { texts, lang })
    .slice(1)
    .flatMap(([label, value]) => (value === undefined ? [] : [{ key: label, label, value: clean(String(value)) }]))
  const waits = now.waits.map(({ what, count, command }) => ({ key: `waits ${what}`, label: own.wait[what], value: `${count}\t${command}` }))
  const recent = (now.node?.recent ?? []).map((one) => ({
    key: `exchange ${one.id}`,
    label: `${texts.words.exchange} ${one.id}`,
    value: [one.state, one.purpose, one.partner, one.code ?? '-'].map(clean).join('\t'),
  }))
  return [...head, ...waits, ...recent]
}
