/** The report's Japanese for the words of the demo that have no sentence of their own, and its glossary. */

import type { Both } from './demo-html.ts'
import type { Tone } from './demo-story.ts'

/** Names and labels; `{}` stands for a number or an error code. */
const japanese: Readonly<Record<string, string>> = {
  // Parties.
  'Registry of Japan (demo)': '日本の登記機関（模擬）',
  'A business in Japan (demo)': '日本の事業者（模擬）',
  'Agency of Germany (demo)': 'ドイツの当局（模擬）',
  'An agent in Japan (demo)': '日本の代理人（模擬）',
  'Rogue requester (simulated)': '不正な要求者（模擬）',
  // What goes between them.
  starts: '起動',
  'register imported': '登記データの取り込み',
  'hello: DID ↔ peer id proved both ways': '相互認証：DID ↔ ピアID',
  'accreditation, signed': '署名付き認定',
  'recognition agreement, signed by both': '双方が署名した相互承認協定',
  'recognition agreement': '相互承認協定',
  Request: '要求',
  Presentation: '提示',
  Receipt: '受領書',
  Closing: '完了',
  Refusal: '拒否',
  'own decision: denied': '自らの判断：拒否',
  'Request: marketing, invented agreement': '要求：マーケティング、架空の合意',
  'Refusal {}': '拒否 {}',
  'credential revoked': '証明書の失効',
  'status list changed': '失効リストの更新',
  'released on disk, then SIGKILL': '「released」を記録後に強制終了',
  'received on disk, then SIGKILL': '「received」を記録後に強制終了',
  'new key, its log co-signed before': '新しい鍵（ログは事前に連署済み）',
  'old credential verified': '以前の証明書を検証',
  'forged with the retired key': '引退した鍵による偽造',
  'one bit of entry changed: found': '1ビットの改ざんを検出',
  'signed checkpoint of before': '改ざん前の署名付きチェックポイント',
  'last entries rewritten': '末尾の記録の書き換え',
  Offer: '提供の申出',
  'registration with the tax number, signed': '登録番号付きの登記（署名付き）',
  'invoice with a wrong sum: not signed': '合計の誤った請求書：署名せず',
  'chain: CONSISTENT': '取引の連鎖：整合',
  'chain with the twin: INCONSISTENT': '2通目を含む連鎖：矛盾',
  'mandate covers the application': '申請は委任の範囲内',
  'mandate exceeded: refused': '委任の範囲外：拒否',
  'recognised by the named authority': '権限ある機関による認定',
  'the club’s word: not counted': '民間クラブの認定：効力なし',
  // What was seen.
  licence: '免許',
  mandate: '委任状',
  'recognition.apply in DE': 'ドイツでの認定申請',
  'beyond the mandate': '委任の範囲外の行為',
  'recognised by': '認定した機関',
  'by the club alone': '民間クラブのみによる認定',
  'registration of the seller': '売り手の登記',
  'invoice with a wrong sum': '合計の誤った請求書',
  invoice: '請求書',
  meaning: '意味のダイジェスト',
  'contacts on the wire': '送信された連絡先',
  'before the buyer holds the seller’s registration': '買い手が売り手の登記を保有する前',
  'with it': '保有した後',
  'the buyer’s copy': '買い手の写し',
  'order → despatch → invoice → settlement': '発注 → 出荷 → 請求 → 決済',
  'with the twin in its place': '2通目の請求書に置き換えた場合',
  'line {}': '{}行目',
  credential: '証明書',
  formats: '形式',
  receipt: '受領書',
  receipts: '受領書',
  agreement: '合意',
  'agreement, both sides': '合意（双方で一致）',
  disclosed: '開示した項目',
  withheld: '開示しなかった項目',
  duties: '義務',
  received: '受け取った値',
  exit: '終了コード',
  answer: '応答',
  'rules revealed': '示された規則',
  'nearest permits revealed': '示された最も近い許可',
  'status list': '失効リスト',
  requester: '要求者',
  holder: '保有者',
  'in between, at the holder': '途中の状態（保有者）',
  state: '状態',
  'receipts in the logs': '監査ログ内の受領書',
  'witnesses of the log': 'ログの連署者',
  'the old credential': '以前の証明書',
  'the forgery': '偽造された証明書',
  'entry {}, one bit': '記録{}の1ビット',
  entries: '記録',
  'the partner’s proof': '相手方の証拠',
}

/** The same in both languages, where the demo's words have a Japanese one; else as it is. */
export function worded(en: string): Both {
  const parts: string[] = []
  const pattern = en.replace(/DFFT_[A-Z_]+|\d+/g, (part) => {
    parts.push(part)
    return '{}'
  })
  return { en, ja: (japanese[en] ?? japanese[pattern] ?? en).replace(/\{\}/g, () => parts.shift() ?? '') }
}

export const toneWords: Readonly<Record<Tone, Both>> = {
  message: { en: 'message', ja: 'メッセージ' },
  data: { en: 'data or signed statement', ja: 'データ・署名付き文書' },
  refusal: { en: 'refusal', ja: '拒否' },
  fault: { en: 'fault or attack, brought about by the demo', ja: '障害・攻撃（デモが起こしたもの）' },
}

export const glossary: readonly (readonly [Both, Both])[] = [
  [
    { en: 'DID', ja: 'DID（分散型識別子）' },
    { en: 'A name that leads to its owner’s public keys, without a central register.', ja: '中央の登録簿を介さず、所有者の公開鍵に結び付く識別子。' },
  ],
  [
    { en: 'Credential', ja: '証明書' },
    {
      en: 'A statement about somebody, signed by its issuer; here an entry of a business register.',
      ja: '発行者が署名した、ある者についての証明。ここでは法人登記の記載事項。',
    },
  ],
  [
    { en: 'Trust anchor, accreditation', ja: 'トラストアンカー、認定' },
    {
      en: 'Whom a jurisdiction starts from, and the signed word by which it says who may do what.',
      ja: '各法域の信頼の起点と、誰が何をしてよいかを示す署名付きの文書。',
    },
  ],
  [
    { en: 'Policy, permit', ja: 'ポリシー、許可' },
    {
      en: 'Signed rules for what may cross a border, for which purpose and by which law. What no permit covers is withheld.',
      ja: '何を、どの目的で、どの法令に基づいて越境させてよいかの署名付き規則。許可のない項目は開示しない。',
    },
  ],
  [
    { en: 'Agreement', ja: '合意' },
    {
      en: 'The digest both sides come to, each for itself, from the same question and the same policies.',
      ja: '双方が同じ問いと同じポリシーからそれぞれ独立に導く要約値。',
    },
  ],
  [
    { en: 'Receipt', ja: '受領書' },
    {
      en: 'The recipient’s signed word for what it received, or why it rejected it; recorded on both sides.',
      ja: '何を受け取ったか、又はなぜ受け取らなかったかについての受領者の署名。双方に記録される。',
    },
  ],
  [
    { en: 'Status list', ja: '失効リスト' },
    { en: 'The issuer’s signed list of what it has revoked; one bit a credential.', ja: '発行者が署名した失効の一覧。証明書ごとに1ビット。' },
  ],
  [
    { en: 'Audit log, checkpoint', ja: '監査ログ、チェックポイント' },
    {
      en: 'A record that can only grow, and its signed size and root hash, which partners keep: who rewrites the past is found out.',
      ja: '追記のみの記録と、その大きさ及びルートハッシュへの署名。相手方が保管するため、過去の書き換えは発覚する。',
    },
  ],
  [
    { en: 'kill -9, SIGKILL', ja: 'kill -9、SIGKILL' },
    {
      en: 'Ends a process at once, with no chance to tidy up: the stand-in for a power cut.',
      ja: '後始末の機会を与えず直ちにプロセスを終わらせる。停電の代わり。',
    },
  ],
  [
    { en: 'DFFT_…', ja: 'DFFT_…' },
    { en: 'An error code; `dfft explain <code>` says what it means and what to do.', ja: 'エラーコード。`dfft explain <コード>` で意味と対処を表示する。' },
  ],
]
