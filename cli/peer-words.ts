/** What the commands on partners say, in both languages. */
import type { NodeApi } from '#node/api.ts'
import type { Lang } from './texts.ts'

type Known = Awaited<ReturnType<NodeApi['peerTrust']>>['known']

interface PeerTexts {
  readonly blocked: string
  readonly answered: string
  readonly spread: string
  readonly version: string
  ping(number: number, ms: number | null, code: string | null): string
  readonly known: string
  readonly how: Readonly<Record<Known, string>>
  readonly standing: string
  readonly why: string
  readonly change: string
  /** Commands, each with what it changes. */
  changes(did: string, known: Known, blocked: boolean): readonly string[]
}

export function peerTexts(lang: Lang): PeerTexts {
  return lang === 'ja' ? ja : en
}

const en: PeerTexts = {
  blocked: 'blocked',
  answered: 'answered',
  spread: 'least / median / most',
  version: 'protocol version',
  ping: (number, ms, code) => `${number}  ${ms === null ? 'nothing came back' : `${ms} ms`}${code === null ? '' : `  ${code}`}`,
  known: 'known',
  how: {
    self: 'it is this node itself',
    anchor: 'yes: pinned here as an anchor, by the operator',
    standing: 'yes: accredited under an anchor that counts here',
    stale: 'yes, but its anchor was not heard for too long: what it asks for is refused until then',
    called: 'yes: its address was added by the operator; nothing else is trusted of it',
    suspended: 'no: its anchor has stopped it',
    stranger: 'no: a stranger, which may enrol and nothing else',
  },
  standing: 'may speak as',
  why: 'why',
  change: 'to change it',
  changes: (did, known, blocked) => [
    ...(blocked ? [`dfft peer unblock ${did}   let it in again`] : [`dfft peer block ${did}   shut it out, whatever is trusted of it`]),
    ...(known === 'anchor' ? [] : [`dfft trust add ${did} --jurisdiction <code>   pin it as an anchor: only after its fingerprint was compared`]),
    ...(known === 'standing' || known === 'stale' || known === 'anchor'
      ? [`dfft trust suspend --participant ${did} --reason <text>   as an anchor: stop it for everybody who follows you`]
      : [`dfft trust accredit ${did} --sector <sector>   as an anchor: vouch for it`]),
    `dfft trust explain ${did} <type>   why one type is recognised, or not`,
  ],
}

const ja: PeerTexts = {
  blocked: '遮断中',
  answered: '応答',
  spread: '最小 / 中央 / 最大',
  version: 'プロトコルの版',
  ping: (number, ms, code) => `${number}  ${ms === null ? '応答なし' : `${ms} ms`}${code === null ? '' : `  ${code}`}`,
  known: '既知',
  how: {
    self: 'このノード自身です',
    anchor: 'はい。運用者がトラストアンカーとして登録しました',
    standing: 'はい。ここで有効なアンカーの下で認定されています',
    stale: 'はい。ただしアンカーからの連絡が途絶えており、回復まで要求は拒否されます',
    called: 'はい。運用者がアドレスを追加しました。それ以外は何も信頼していません',
    suspended: 'いいえ。アンカーが停止しています',
    stranger: 'いいえ。未知の相手で、登録申請のほかは何もできません',
  },
  standing: '資格',
  why: '理由',
  change: '変えるには',
  changes: (did, known, blocked) => [
    ...(blocked ? [`dfft peer unblock ${did}   遮断を解く`] : [`dfft peer block ${did}   信頼の有無にかかわらず遮断する`]),
    ...(known === 'anchor' ? [] : [`dfft trust add ${did} --jurisdiction <code>   アンカーとして登録する（指紋を照合してから）`]),
    ...(known === 'standing' || known === 'stale' || known === 'anchor'
      ? [`dfft trust suspend --participant ${did} --reason <text>   アンカーとして、従う全員に対して停止する`]
      : [`dfft trust accredit ${did} --sector <sector>   アンカーとして認定する`]),
    `dfft trust explain ${did} <type>   一つの種類が認められる理由、認められない理由`,
  ],
}
