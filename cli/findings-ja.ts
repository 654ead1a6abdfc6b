/**
 * 指摘の日本語。What is found in invoices, trade chains and mandates, in Japanese: by its id, with what the English sentence quotes behind it.
 *
 * Findings are told in English, since a verdict is the same to the byte in every language. Whoever reads Japanese gets the sentence of the id here; rules
 * of authorities that have words of their own keep them, and are marked as English.
 */
export interface Told {
  readonly id: string
  readonly message: string
  readonly advice: string
}

type Sentences = readonly [message: string, advice: string]

/** The same finding in Japanese; as it is, and marked, where nobody has said it in Japanese. */
export function inJapanese<Finding extends Told>(finding: Finding): Finding {
  const own = sentences[finding.id]
  if (own) return { ...finding, message: `${own[0]}${quoted(finding.message)}`, advice: own[1] }
  for (const [form, message, advice] of forms) {
    const found = form.exec(finding.message)
    if (found) return { ...finding, message: message.replaceAll(/\$(\d)/g, (_, at: string) => found[Number(at)] ?? ''), advice }
  }
  return { ...finding, message: `${finding.message}（英語）`, advice: general[finding.advice] ?? `${finding.advice}（英語）` }
}

/** What a message is about: terms, and texts of the document. */
function quoted(message: string): string {
  const parts = [...new Set(message.match(/`[^`]*`|\bBT-\d+\b|\d{4}-\d\d-\d\d|line \d+, column \d+|\d+ of \d+/g) ?? [])]
  return parts.length === 0
    ? ''
    : `（${parts.map((part) => part.replace(/line (\d+), column (\d+)/, '$1行$2桁').replace(/(\d+) of (\d+)/, '$1、上限$2')).join('、')}）`
}

/** Rules of authorities that nobody gave words of their own, by their form; see describe.ts. */
const forms: readonly (readonly [form: RegExp, message: string, advice: string])[] = [
  [/^`(.*)` must not stand here$/, '`$1` はここに置けません', '削除するか、プロファイルが定める場所へ移してください。'],
  [/^`(.*)` is missing$/, '`$1` がありません', '追加してください。'],
  [/^`(.*)` is missing, empty, or there more than once$/, '`$1` がないか、空であるか、複数あります', '値を1つだけ記載してください。'],
  [/^`(.*)` stands here more than once$/, '`$1` が2回以上あります', '有効なものを1つだけ残してください。'],
  [/^`(.*)` stands here more than (\d+) times$/, '`$1` が$2回を超えてあります', '有効なものだけを残してください。'],
  [/^`(.*)` has more than (\d+) digits after the point$/, '`$1` の小数部が$2桁を超えています', '丸めたうえで、合計が一致することを確かめてください。'],
  [/^`(.*)` is not a code of the list (.*)$/, '`$1` はコード表 $2 にないコードです', 'コード表のコードを使ってください。'],
  [/^the rule does not hold$/, '規則を満たしていません', 'この箇所を直して、もう一度検査してください。規則の説明は公表した機関にあります。'],
]

const general: Readonly<Record<string, string>> = {
  'Correct the document at this place and validate again; the rule is explained by the authority that published it.':
    'この箇所を直して、もう一度検査してください。規則の説明は公表した機関にあります。',
}

export const sentences: Readonly<Record<string, Sentences>> = {
  // 読み取り
  DFFT_LIMIT: [
    '文書が大きすぎるか、深すぎるか、要素が多すぎます',
    '送付者に別のファイルを求めてください。これほどの請求書はありません。添付書類は別に送れます。',
  ],
  DFFT_XML: ['正しいXMLではありません', 'ファイルが壊れているか、途中で切れています。送付者に再送を求めてください。'],
  DFFT_XML_DOCTYPE: ['文書型宣言又は実体宣言があります。そのような文書は読む前に拒みます', 'DOCTYPEのない文書を送付者に求めてください。'],
  DFFT_XML_ENCODING: ['UTF-8ではないか、別の文字コードを宣言しています', 'UTF-8の文書を送付者に求めてください。'],
  DFFT_NOT_UTF8: ['UTF-8として読めません', 'UTF-8の文書を送付者に求めてください。'],
  'DFFT-SYNTAX': ['既知の請求書の構文ではありません', 'UBL 2.1の請求書若しくはクレジットノート、又はUN/CEFACT CII（D16B）を、その名前空間で送ってください。'],
  'DFFT-PROFILE': ['準拠する仕様が記載されていないか、ここでは知られていません', '仕様の識別子（BT-24）を送付者に確かめてください。'],
  'DFFT-PROFILE-SYNTAX': ['この仕様は、この構文では書かれません', 'UBLの文書を送付者に求めてください。'],
  'DFFT-PROFILE-PARTLY': ['仕様の規則の一部は、ここでは知られていません', '知られている規則だけで判定しました。'],
  'DFFT-NUMBER': ['10進数ではありません', '数字と、小数があれば小数点だけで書いてください。コンマ、空白、指数、通貨記号は使えません。'],
  'DFFT-DATE': ['暦にある日付ではありません', '構文の定める形（UBLでは2026-04-14、CIIでは様式102の20260414）で、実在する日を書いてください。'],
  'DFFT-REPEATED': ['1つしか置けない要素が重なっています', '有効なものを1つだけ残してください。読み手によって違う値を採るおそれがあります。'],
  // 整合
  'DFFT-DUE-BEFORE-ISSUE': ['支払期日が発行日より前です', '両方の日付（BT-2、BT-9）を送付者に確かめてください。'],
  'DFFT-CURRENCY-MIXED': [
    '請求書の通貨と異なる通貨の金額があります',
    'すべての金額を請求書の通貨（BT-5）で記載してください。税額だけは税務通貨（BT-6）でも記載できます。',
  ],
  'DFFT-LINE-ID': ['同じ番号の明細行が2つあります', '注文、出荷案内、クレジットノートから参照できるよう、明細行に別々の番号を付けてください。'],
  'DFFT-LINE-NET': [
    '明細行の正味金額（BT-131）が、数量×単価÷基準数量−値引＋追加費用になっていません',
    '数量（BT-129）、正味単価（BT-146）、基準数量（BT-149）を注文と照らし合わせてください。いずれか、又は正味金額が誤っています。',
  ],
  'DFFT-TAXABLE-SUM': [
    '課税標準額（BT-116）が、明細行、追加費用、値引の合計と一致しません',
    '各明細行の区分と税率を内訳と照らし合わせ、合計し直してください。',
  ],
  'DFFT-TAX-BREAKDOWN': ['明細行などにある税区分の内訳がありません', '明細行の区分と税率を直すか、その内訳（BG-23）を記載してください。'],
  'DFFT-TAX-AMOUNT': ['税額（BT-117）が、課税標準額に税率を乗じた額ではありません', '内訳の税額を課税標準額から計算し直してください。'],
  'DFFT-TAX-SUM': ['税額の合計（BT-110）が内訳の合計と一致しません', '内訳の税額（BT-117）を合計し直してください。'],
  'DFFT-TAX-REPEATED': ['同じ区分と税率の内訳が複数あります', '1つにまとめてください。税額の計算と端数処理は税率ごとに1回です。'],
  'DFFT-IDENTIFIER-CHECK': ['識別子の検査数字が合いません', '登記や登録簿で番号を確かめてください。数字が誤っているか、別の体系の番号です。'],
  'DFFT-IDENTIFIER-FORM': ['識別子がその体系の形になっていません', '登記や登録簿で番号を確かめてください。数字が誤っているか、別の体系の番号です。'],
  // 日本
  'DFFT-JP-TNUMBER-FORM': [
    '登録番号が「T」と13桁の数字になっていません',
    '適格請求書発行事業者公表サイトのとおり、半角の「T」に続けて13桁の数字だけを書いてください。',
  ],
  'DFFT-JP-TNUMBER-COMPANY': [
    '登録番号が、法人番号とは別の法人のものです',
    '法人の登録番号は「T」と法人番号です。両方を確かめてください。いずれかが別の者の番号です。',
  ],
  'DFFT-JP-TNUMBER-CHECK': ['登録番号の検査数字が法人番号として合いません', '国税庁の適格請求書発行事業者公表サイトで番号を確かめてください。'],
  'DFFT-JP-RATE': ['消費税にない税率であるか、課税区分に税率がありません', '標準税率は10％、軽減税率は8％です。'],
  'DFFT-JP-TAX-ROUNDING': [
    '税額（BT-117）が、課税標準額に税率を乗じて円未満を切り捨て又は切り上げた額の範囲にありません',
    '税率ごとに、対価の額の合計から1回だけ税額を計算してください。',
  ],
  'DFFT-JP-TAX-DECIMALS': ['円の税額に小数があります', '円に小数はありません。小数点のない整数で書いてください。'],
  'DFFT-JP-TAX-YEN': ['外貨の請求書に、円による消費税額がありません', '税務通貨にJPY（BT-6）を、円の税額の合計（BT-111）を記載してください。'],
  // 他の証明書との照合
  'DFFT-CROSS-EXTRACT': ['請求書の日に有効な登記がありません', 'その日に有効な登記の証明書を求めてください。'],
  'DFFT-CROSS-STATUS': ['その日、事業者は活動中ではありませんでした', '支払わないでください。誰が代表するかを登記所に確かめてください。'],
  'DFFT-CROSS-REGISTRATION': ['登記された事業者の番号ではありません', '番号の訂正か、その番号の事業者の登記を求めてください。'],
  'DFFT-CROSS-TAX-NUMBER': [
    '登記された事業者の登録番号ではないか、税額があるのに登録番号がありません',
    '番号の訂正を求めてください。この番号では仕入税額控除ができません。',
  ],
  'DFFT-CROSS-TAX-NUMBER-FORCE': ['登録番号がその日に効力を有していません', '税額のない請求書か、その日に有効な番号のある請求書を求めてください。'],
  'DFFT-CROSS-TAX-NUMBER-UNKNOWN': ['登録番号がいつから効力を有するか、登記からは分かりません', '税務当局の公表サイトで番号を確かめてください。'],
  'DFFT-CROSS-WITHDRAWN': [
    '請求書の証明書が有効ではないか、有効かどうか分かりません',
    'これに基づいて支払わないでください。有効な請求書を売り手に求めるか、失効情報を取り直してください。',
  ],
  'DFFT-CROSS-LIFECYCLE': ['請求書は訂正、取消し又は相殺されています', '代わりの文書を求め、それを検査してください。'],
  'DFFT-CROSS-VERDICT': ['署名された時点で請求書は適合していませんでした', '訂正された請求書を売り手に求めてください。'],
  'DFFT-CROSS-SIGNER': ['署名者は売り手ではなく、売り手の委任も受けていません', '売り手からの委任状を署名者に求めてください。'],
  // 委任
  'DFFT-MANDATE-CHAIN': ['委任の連なりが途切れています', '事業者自身が与えた委任状から始まる、すべての委任状を代理人に求めてください。'],
  'DFFT-MANDATE-SUBSTITUTION': ['復代理が認められていません', 'この代理人が代理してよいかを事業者に確かめてください。'],
  'DFFT-MANDATE-GRANTOR': ['基礎となる委任の受任者が与えたものではありません', 'これを与えた者の委任状を求めてください。'],
  'DFFT-MANDATE-WIDENED': ['基礎となる委任より広い権限です', '基礎となる委任の範囲に限ってください。'],
  'DFFT-MANDATE-REVOKED': ['委任は撤回又は停止されています', 'この代理人と取引せず、現在の代理人を事業者に確かめてください。'],
  'DFFT-MANDATE-VALIDITY': ['その日に委任は有効ではありません', 'その日に有効な委任状を求めてください。'],
  'DFFT-MANDATE-OFFICE': ['署名した者がその日に代表者であったことが確かめられません', '署名の時点の登記事項を求めてください。'],
  'DFFT-MANDATE-ISSUER': ['委任状の署名者は、委任者でも、その登記を証明した機関でもありません', '事業者自身が署名した委任状を求めてください。'],
  'DFFT-MANDATE-JOINT': ['共同代表者の署名が足りません', '他の代表者の署名を求めてください。'],
  'DFFT-MANDATE-AGENTS': ['共同で行うべき代理人の数が足りません', '他の代理人も共に行うよう求めてください。'],
  'DFFT-MANDATE-EXCEEDED': ['委任の範囲を超えています', '事業者自身が行うか、より広い委任を求めてください。'],
  // 取引の連鎖
  'DFFT-CHAIN-FORM': ['文書の形が正しくありません', '公開されたスキーマに従って直してください。'],
  'DFFT-CHAIN-UNREAD': ['知られていない項目です', '検査していません。削除するか、自ら確かめてください。'],
  'DFFT-CHAIN-CUT': ['指摘はこのほかにもあります', 'ここにある指摘を直して、もう一度判定してください。'],
  'DFFT-CHAIN-DUPLICATE': ['同じものが2つあります', 'どちらが正しいかを送付者に確かめ、二重に扱わないでください。'],
  'DFFT-CHAIN-PARTY': ['当事者が注文と異なります', '支払わないでください。知っている連絡先で、注文の当事者に確かめてください。'],
  'DFFT-CHAIN-IDENTIFIER': ['当事者の番号が正しくありません', '番号の訂正を求め、登録簿と照らし合わせてください。'],
  'DFFT-CHAIN-REFERENCE': ['参照先の文書がないか、一致しません', '参照先の文書を入手するか、参照の訂正を求めてください。'],
  'DFFT-CHAIN-REFERENCE-LINE': ['注文にない明細行を参照しています', '注文の明細行を参照させてください。注文にないものには別の注文が要ります。'],
  'DFFT-CHAIN-CONTRACT': ['契約の参照が一致しません', '契約の参照の訂正を求めてください。'],
  'DFFT-CHAIN-CURRENCY': ['通貨が注文と異なります', '注文の通貨で請求し、又は支払ってください。'],
  'DFFT-CHAIN-DATE': ['日付の順序が合いません', '日付の訂正を求めてください。'],
  'DFFT-CHAIN-LATE': ['期日を過ぎた支払です', '遅延利息の要否を確かめてください。'],
  'DFFT-CHAIN-IN-ADVANCE': ['出荷前の請求です', '前払の合意があるかを確かめてください。'],
  'DFFT-CHAIN-ITEM': ['品目が注文と異なります', '注文の品目を記載させてください。'],
  'DFFT-CHAIN-UNIT': ['単位が注文と異なります', '注文の単位で数量を記載させてください。'],
  'DFFT-CHAIN-PRICE': ['単価が注文と異なります', '差額を拒むか、先に注文を変更してください。'],
  'DFFT-CHAIN-TAX-RATE': ['税区分又は税率が注文と異なります', '取引の税区分と税率を売り手に確かめてください。'],
  'DFFT-CHAIN-SIGN': ['金額又は数量の符号が正しくありません', '訂正を求めてください。返却分はクレジットノートに記載します。'],
  'DFFT-CHAIN-QUANTITY-ORDERED': ['注文の数量を超えて請求されています', '超過分を拒むか、先に注文を変更してください。'],
  'DFFT-CHAIN-QUANTITY-DELIVERED': ['出荷された数量を超えて請求されています', '出荷された分だけを支払い、不足の出荷案内又はクレジットノートを求めてください。'],
  'DFFT-CHAIN-OVER-DELIVERED': ['注文の数量を超えて出荷されています', '注文にないものを返すか、注文を変更してください。'],
  'DFFT-CHAIN-NOT-FULLY-DELIVERED': ['注文のすべては出荷されていません', '残りの出荷を売り手に確かめてください。'],
  'DFFT-CHAIN-NOT-INVOICED': ['まだ請求されていません', '請求書を待ってください。'],
  'DFFT-CHAIN-NET': ['明細行の金額が正しくありません', '明細行の金額の訂正を求めてください。'],
  'DFFT-CHAIN-TAX': ['税額が正しくありません', '税率ごとに、課税標準額から1回だけ税額を計算させてください。'],
  'DFFT-CHAIN-TOTAL': ['合計が正しくありません', '合計の訂正を求めてください。'],
  'DFFT-CHAIN-DECIMALS': ['通貨にない小数があります', '通貨の単位に丸めさせてください。'],
  'DFFT-CHAIN-CREDIT': ['クレジットノートが請求額を超えています', 'クレジットノートの訂正を求めてください。'],
  'DFFT-CHAIN-REMITTANCE': ['支払の摘要が請求書と一致しません', '記帳する前に、どの請求書の支払かを確かめてください。'],
  'DFFT-CHAIN-OVERPAID': ['払い過ぎです', '差額の返還、又は他の請求書への充当を求めてください。'],
  'DFFT-CHAIN-UNDERPAID': ['支払が足りません', '残りを支払うか、支払わない理由を合意してください。'],
  'DFFT-CHAIN-PREPAID': ['前払の決済がありません', '前払の決済を加えてください。'],
  'DFFT-CHAIN-REFUND': ['売り手に返還義務があります', '返還を待つか、相殺してください。'],
}
