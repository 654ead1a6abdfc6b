/** 検証報告の文。The sentences of node/verification/report-words.ts; the compiler refuses a missing one. */
import type { Phrasebook } from '#node/api.ts'

const rootsOf: Readonly<Record<string, string>> = { node: 'このノード', file: 'このファイル' }

export const phrasesJa: Phrasebook = {
  'structure.credential': ({ format }) => `${format} 形式の証明書です。形式が求める項目はすべて揃っています`,
  'structure.unjudged': ({ format, members }) => `${format} 形式の証明書です。${members} は書式だけを確認しました。内容は発行者の申告です`,
  'structure.presentation': ({ format, count }) => `${format} 形式の提示です。含まれる証明書: ${count} 件`,
  'proof.signed': ({ by }) => `文書全体への署名: ${by}`,
  'proof.unread': ({ by, suites }) => `文書全体への署名: ${by}。別の署名（${suites}）は確認していません`,
  'proof.rdf': ({ suites }) => `${suites} の署名の確認には RDF の正規化が必要ですが、ここにはありません`,
  'proof.no-key': () => '署名者の鍵が分からないため、署名を確認できません',
  'validity.open': () => '有効期間内です。期限はありません',
  'validity.until': ({ until }) => `有効期間内です。期限は ${until} です`,
  'key.named': ({ at }) => `署名者の DID は ${at} の時点でこの鍵をこの用途に指定しており、その後も取り下げていません`,
  'key.today': ({ at }) => `署名者の DID はこの鍵をこの用途に指定しています。did:web には履歴がないため、${at} の時点でもそうであったかは確認できません`,
  'key.proved': ({ retired, evidence }) => `鍵は ${retired} に使用を終えたか危殆化しましたが、それ以前に署名された証拠があります: ${evidence}`,
  'key.retired': ({ retired }) =>
    `鍵は ${retired} に使用を終えたか危殆化しました。鍵を持つ者は日付をさかのぼって署名できるため、署名時期の証拠が必要ですが、手元にありません`,
  'key.unasked': () => '日付を確認できる署名がありません',
  'status.none': () => '証明書は状態リストを指していません。失効しているかどうかは誰にも分かりません',
  'status.stranger': () => '問い合わせていません。発行者を保証する者がいないため、その状態リストも信用できません',
  'status.no-list': ({ lists }) => `状態リストが手元にありません。失効の有無は ${lists} で確認してください`,
  'status.valid': ({ lists }) => `失効も一時停止もされていません（発行者の状態リスト ${lists}）`,
  'status.unset': ({ lists, purposes }) =>
    `発行者の状態リスト ${lists} では、目的「${purposes}」の状態は設定されていません。失効のリストは指定されておらず、失効しているかどうかは誰にも分かりません`,
  'schema.type': ({ schema }) => `種類ごとの厳格なスキーマ \`${schema}\` に合っています`,
  'schema.part': ({ schema }) => `開示された部分は、種類ごとの厳格なスキーマ \`${schema}\` に合っています`,
  'schema.fits': ({ schemas }) => `証明書が指すスキーマ ${schemas} に合っています`,
  'schema.unknown': ({ type }) => `種類 ${type} はここでは知られておらず、証明書もスキーマを指していません。内容は何とも照合していません`,
  'schema.unread': ({ schemas }) => `証明書が指すスキーマを取得しないため、照合していません: ${schemas}`,
  'holder.unasked': () => '所持の証明は求められていません。写しの可能性があります',
  'holder.copy': ({ audience }) => `証明書の指す鍵が ${audience} 宛てに署名しています。宛先と nonce の指定がないため、写しの可能性があります`,
  'holder.bound': () => '提示者は、この nonce と宛先について、証明書の指す鍵を証明しました',
  'holder.presented': ({ presenter }) => `提示者 \`${presenter}\` 本人の証明書です`,
  'holder.presenter': ({ presenter, audience }) => `\`${presenter}\` が、この nonce と ${audience} に宛てて自身の証明書を提示しています`,
  'holder.unbound': ({ presenter }) => `\`${presenter}\` が自身の証明書を提示しています。宛先と nonce の指定がないため、写しの可能性があります`,
  'credentials.verified': ({ count }) => `それぞれ単独で検証できました: ${count} 件`,
  'credentials.incomplete': () => '証明書について必要な検査の一部を行えませんでした。個別の報告を見てください',
  'issuer.recognised': ({ type, jurisdiction, root, roots }) =>
    `${jurisdiction} における ${type} の発行者として、${rootsOf[roots] ?? roots}に登録された \`${root}\` が認めています`,
  'issuer.word': ({ type, jurisdiction, root, roots }) =>
    `${jurisdiction} における ${type} の発行者として、${rootsOf[roots] ?? roots}に協定なしで登録された \`${root}\` が認めています。根拠は運用者の判断だけです`,
  'policy.none': () => '文書だけではポリシーの対象になりません。交換の記録を見てください',
}
