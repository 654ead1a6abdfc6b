/** 証拠ファイルの報告。How the report on an evidence file reads in both languages; sentences of the steps in English are the report’s own. */
import type { EvidencePhrasebook, OutputOf } from '#node/api.ts'
import type { EvidenceReport, EvidenceStepName } from '#node/offline.ts'
import type { Lang } from './texts.ts'

export interface EvidenceTexts {
  good(exchange: string, outcome: string): string
  bad(cause: string): string
  incomplete(steps: readonly string[]): string
  readonly heads: Readonly<Record<'exchange' | 'requester' | 'holder' | 'agreement' | 'decided' | 'roots', string>>
  readonly outcomes: Readonly<Record<NonNullable<EvidenceReport['outcome']>, string>>
  readonly steps: Readonly<Record<EvidenceStepName, string>>
  readonly roots: Readonly<Record<EvidenceReport['roots'], string>>
  /** Link by link. */
  readonly chain: string
  readonly unchecked: string
  written(name: string, bytes: number): string
  stamped(name: string, bytes: number): string
  /** What was to leave with the file is no more. */
  readonly deleted: string
  /** Why the file lacks the other side’s log; undefined where it has it, or could not. */
  readonly partnerLogs: Readonly<Record<OutputOf<'evidenceExport'>['partnerLog'], string | undefined>>
  /** Undefined: the report’s own sentences stand. */
  readonly phrases: EvidencePhrasebook | undefined
}

const english: EvidenceTexts = {
  good: (exchange, outcome) => `verified: exchange ${exchange}, ${outcome}`,
  bad: (cause) => `NOT verified: ${cause}`,
  incomplete: (steps) => `NOT verified: nothing failed, but this could not be checked: ${steps.join(', ')}`,
  heads: { exchange: 'exchange', requester: 'requester', holder: 'holder', agreement: 'agreement', decided: 'decided at', roots: 'roots' },
  outcomes: {
    refused: 'refused',
    requested: 'asked for, and not answered in this file',
    released: 'released; there is no receipt in this file',
    receipted: 'released and receipted',
    closed: 'released, receipted and closed by both sides',
    rejected: 'released, and rejected by the receipt',
    reused: 'not asked for anew: what an earlier exchange had brought was used again',
  },
  steps: {
    structure: 'form',
    exporter: 'exporter',
    messages: 'messages',
    agreement: 'agreement',
    decision: 'decision',
    trust: 'trust',
    policies: 'policies',
    log: 'log',
    partner: 'other side’s log',
    witnesses: 'witnesses',
    credentials: 'credentials',
    notices: 'notices',
    timestamp: 'timestamp',
    keys: 'keys',
  },
  roots: { file: 'from the given file', none: 'none were given' },
  chain: 'Why both sides, and the issuer, counted:',
  unchecked: 'Not checked:',
  written: (name, bytes) => `written: ${name}, ${bytes} bytes`,
  stamped: (name, bytes) => `written: ${name} with its timestamp, ${bytes} bytes; check it with \`dfft evidence verify\` and \`--tsa-trust\``,
  deleted: 'What was disclosed is not in the file: it was deleted here, as its retention asked. Its digest is.',
  partnerLogs: {
    asked: undefined,
    kept: undefined,
    none: undefined,
    away: 'The other side is not connected: the file does not show that its log holds the exchange. Export again when it is.',
    refused: 'The other side gave no proof of its log that holds: the file does not show that its log holds the exchange.',
  },
  phrases: undefined,
}

const japanese: EvidenceTexts = {
  good: (exchange, outcome) => `検証済み: 交換 ${exchange}（${outcome}）`,
  bad: (cause) => `検証できません: ${cause}`,
  incomplete: (steps) => `検証できません。誤りは見つかりませんでしたが、次の確認ができませんでした: ${steps.join('、')}`,
  heads: { exchange: '交換', requester: '要求者', holder: '保有者', agreement: '合意', decided: '判断の時点', roots: '信頼の起点' },
  outcomes: {
    refused: '拒否されました',
    requested: '要求されましたが、このファイルに回答はありません',
    released: '提供されました。このファイルに受領証はありません',
    receipted: '提供され、受領証があります',
    closed: '提供され、受領証があり、双方が終了を確認しました',
    rejected: '提供されましたが、受領側が受け入れませんでした',
    reused: '改めて要求せず、以前の交換で得たものを再び使いました',
  },
  steps: {
    structure: '書式',
    exporter: '作成者',
    messages: 'メッセージ',
    agreement: '合意',
    decision: '判断',
    trust: '信頼の連鎖',
    policies: 'ポリシー',
    log: 'ログ',
    partner: '相手側のログ',
    witnesses: '証人',
    credentials: '証明書',
    notices: '通知',
    timestamp: 'タイムスタンプ',
    keys: '鍵',
  },
  roots: { file: '指定されたファイル', none: '指定なし' },
  chain: '双方と発行者が信頼された根拠:',
  unchecked: '確認していない項目:',
  written: (name, bytes) => `${name} に書き出しました（${bytes} バイト）`,
  stamped: (name, bytes) =>
    `${name} にタイムスタンプを付けて書き出しました（${bytes} バイト）。確認は \`dfft evidence verify\` に \`--tsa-trust\` を付けて行います`,
  deleted: '提供された内容はファイルにありません。保存期間が終わり、ここでは削除されています。要約値はあります。',
  partnerLogs: {
    asked: undefined,
    kept: undefined,
    none: undefined,
    away: '相手側に接続していないため、相手側のログにこの交換の記録があることは示されません。接続後にもう一度書き出してください。',
    refused: '相手側から有効なログの証明を得られませんでした。相手側のログにこの交換の記録があることは示されません。',
  },
  phrases: {
    'structure.read': ({ members, bytes }) => `${members} 個の部分（計 ${bytes} バイト）は、すべて署名付き目録のとおりで、正規の書き方です`,
    'exporter.signed': ({ exporter, at }) => `\`${exporter}\` がこのファイルを作成し、目録に署名しました（作成者の記す日時: ${at}）`,
    'messages.signed': ({ kinds, requester, holder }) =>
      `${kinds}: それぞれ送り手が署名しています。要求者は \`${requester}\`、保有者は \`${holder}\` で、各メッセージは前のものに対応しています。ファイルの作成者はその一方です`,
    'messages.none': () => 'メッセージは送られていません。ファイルを作成した側が自らの判断で取りやめました',
    'messages.reused': () => 'メッセージは送られていません。以前の交換で得たものを再び使いました',
    'agreement.both': ({ agreement }) => `双方が同じ合意 ${agreement} に署名しています`,
    'agreement.one': ({ agreement }) => `要求者は合意 ${agreement} に署名しましたが、このファイルに提供の記録はなく、保有者の署名もありません`,
    'agreement.none': () => '合意はありません。その前に交換が終わりました',
    'agreement.reused': () => '新たな合意はありません。以前の交換の合意に基づきますが、その合意はこのファイルにありません',
    'decision.replayed': ({ decisions, policies, packs }) =>
      `ファイル内のポリシー（${policies} 件）とパック（${packs} 件）でここで判断をやり直し、署名されたものとバイト単位で一致しました。判断: ${decisions} 件`,
    'decision.unsigned': ({ decisions, policies, packs }) =>
      `ファイル内のポリシー（${policies} 件）とパック（${packs} 件）でここで判断をやり直し、バイト単位で同じ許可になりました。双方が署名した合意はなく、合意の内容であることは示されません。判断: ${decisions} 件`,
    'decision.unused': ({ decisions, policies, packs, permits }) =>
      `ファイル内のポリシー（${policies} 件）とパック（${packs} 件）でここで判断をやり直し、バイト単位で一致しました。判断: ${decisions} 件、うち許可: ${permits} 件。いずれも選ばれておらず、その理由はポリシーだけでは示されません`,
    'decision.denied': ({ decisions, policies, packs }) =>
      `ファイル内のポリシー（${policies} 件）とパック（${packs} 件）でここで判断をやり直し、同じ拒否になりました。判断: ${decisions} 件`,
    'decision.none': () => 'やり直せる判断がファイルにありません',
    'policies.signed': ({ policies }) => `各ポリシーは、指定された信頼の起点に至るまで、その法域の求めるとおりに署名されています。ポリシー: ${policies} 件`,
    'policies.no-roots': () => '信頼の起点が指定されていないため、誰がポリシーに署名できるかは確認していません',
    'policies.unkept': () => '誰がポリシーに署名できるかを示す信頼文書が保存されていません',
    'trust.rooted': ({ requester, holder, at }) =>
      `${at} の時点で、\`${requester}\` と \`${holder}\` は、下の連鎖のとおり指定された信頼の起点の下で認定されており、作成者が当時持っていた文書では停止されたものはありませんでした`,
    'trust.word': ({ requester, holder, at }) =>
      `${at} の時点で、\`${requester}\` と \`${holder}\` は指定された信頼の起点の下で認定されており、作成者が当時持っていた文書では停止されたものはありませんでした。法域間の相互承認協定はファイルになく、双方の起点は指定した方の判断によります`,
    'trust.island': ({ requester, holder, at }) =>
      `${at} の時点で、\`${requester}\` と \`${holder}\` は指定された信頼の起点の下で認定されていました。停止の情報は、孤立したノードに許される期限内のものです`,
    'trust.no-roots': () => '信頼の起点（`--trust`）が指定されていません。ファイルの作成者が、登場する全員を捏造した可能性があります',
    'trust.unkept': () =>
      '判断の根拠となった信頼文書をログが示していません（保存を始める前のノードの記録にはありません）。当事者が当時誰であったかは示されていません',
    'keys.then': ({ signers }) =>
      `メッセージ・文書・証明書・通知の各署名の鍵は、その時点で DID が指定し、ファイルと指定された起点にある履歴の限りでは現在も有効です。署名者: ${signers} 者`,
    'keys.dated': ({ retired, witnessed }) =>
      `各署名の鍵は、その時点で DID が指定していました。その後に使用を終えた鍵（${retired} 個）の署名は、それより前に作られたことを証人またはタイムスタンプが示しています（${witnessed}）`,
    'keys.undated': ({ what, retired }) =>
      `鍵 ${what} は ${retired} に使用を終えたか危殆化しました。鍵を持つ者は日付をさかのぼって署名できますが、信頼できる誰もそれより前に見ていません`,
    'log.included': ({ entries, kinds, of }) =>
      `\`${of}\` のログに ${entries} 件の記録があり、同者が署名したチェックポイントに含まれます: ${kinds}。この交換についてほかの記録があるかは示されていません`,
    'partner.held': ({ entries, kinds, of, size, from }) =>
      `相手側 \`${of}\` のログにも ${entries} 件の記録があり、同者が署名した ${size} 件のチェックポイントに含まれます: ${kinds}。交換の中で示された ${from} 件から変更なく続いています`,
    'partner.alone': ({ entries, kinds, of, size }) =>
      `相手側 \`${of}\` のログにも ${entries} 件の記録があり、同者が署名した ${size} 件のチェックポイントに含まれます: ${kinds}。交換の中で示されたログはファイルになく、同じログであるかは示されていません`,
    'partner.none': ({ of }) => `ファイルの作成時に相手側 \`${of}\` のログを得られませんでした。そこにこの交換の記録があるかは示されていません`,
    'partner.undated': ({ of, retired }) =>
      `相手側 \`${of}\` のログは、${retired} に使用を終えたか危殆化した鍵で署名されています。鍵を持つ者は後からこのログを作ることができ、それより前であることを示す信頼できるタイムスタンプはありません`,
    'witnesses.counted': ({ trusted, all, undated, names, earliest }) =>
      `証人 ${all} 者が連署し、うち ${trusted} 者は指定された起点かその下で認定された者です: ${names}。最初の連署は ${earliest} です${undated === 0 ? '' : `。ほかに ${undated} 者は、連署の後に鍵の使用を終えており、いつ署名したかをほかに示すものがないため数えていません`}`,
    'witnesses.undated': ({ all, undated }) =>
      `証人 ${all} 者が連署していますが、指定された起点かその下で認定された ${undated} 者の鍵は、その後に使用を終えており、どの日付でも書くことができます`,
    'witnesses.untrusted': ({ all }) => `証人 ${all} 者が連署していますが、指定された起点が認める者はいません`,
    'witnesses.none': () => 'このチェックポイントに連署した者はいません。ログが後から書き直された可能性は否定できません',
    'notices.signed': ({ notices, acknowledged }) =>
      `交換後の通知 ${notices} 件は、それぞれ送り手が署名しています。相手側が受領を確認したもの: ${acknowledged} 件`,
    'notices.none': () => 'ファイルに通知はありません。通知があったかどうかは示されていません',
    'credentials.shown': ({ credentials }) =>
      `提供された内容はファイルにあり、受領証とログが示すものと一致し、双方が合意した範囲を超えていません。各証明書は発行者が署名し、この交換に結び付けられています。証明書: ${credentials} 件。当時失効していたかは示されていません`,
    'credentials.delivered': ({ credentials }) =>
      `提供された内容はファイルにあり、受領証とログが示すものと一致し、双方が合意した範囲を超えていません。各証明書は発行者が署名しています。本人への交付のため、どの交換にも結び付けられていません。証明書: ${credentials} 件。当時失効していたかは示されていません`,
    'credentials.passed-on': ({ credentials }) =>
      `提供された内容はファイルにあり、受領証とログが示すものと一致し、双方が合意した範囲を超えていません。各証明書は発行者が署名し、この交換ではなく、最初に提供元を離れた交換に結び付けられています。証明書: ${credentials} 件。当時失効していたかは示されていません`,
    'credentials.withheld': () => '提供された内容はファイルになく、要約値だけがあります',
    'credentials.deleted': ({ at }) => `提供された内容はファイルになく、要約値だけがあります。ログによれば、要求者が ${at} に削除しました`,
    'credentials.none': () => '何も提供されていません',
    'timestamp.held': ({ at, authority }) => `${authority} によれば、このファイルは ${at} に存在していました`,
    'timestamp.some': ({ at, authority, unknown, names }) =>
      `${authority} によれば、このファイルは ${at} に存在していました。信頼する認証局のものではないタイムスタンプ ${unknown} 件は確認しておらず、数えていません（名乗っている名称: ${names}）`,
    'timestamp.no-authority': ({ timestamps }) =>
      `ファイルにタイムスタンプが ${timestamps} 件ありますが、信頼する認証局の証明書（\`--tsa-trust\`）が指定されていません`,
    'timestamp.none': () => 'ファイルにタイムスタンプはありません',
  },
}

export function evidenceTexts(lang: Lang): EvidenceTexts {
  return lang === 'ja' ? japanese : english
}
