/** Every check of `dfft doctor`: its code stays, what it says is in both languages. docs/operator-guide.md lists them. */
import type { Lang } from './texts.ts'

const checks = {
  'folder-mode': ['the folder is readable by its user only', 'フォルダーは所有者だけが読めます', 'chmod 700 the folder', 'フォルダーに chmod 700 を行う'],
  config: [
    'dfft.yaml is readable by its user only',
    'dfft.yaml は所有者だけが読めます',
    'chmod 600 dfft.yaml; `dfft init` makes one',
    'dfft.yaml に chmod 600 を行う。`dfft init` で作成',
  ],
  keystore: [
    'keystore.json is there and readable by its user only',
    'keystore.json があり、所有者だけが読めます',
    'chmod 600 keystore.json; keys in a token have none',
    'keystore.json に chmod 600 を行う。トークン内の鍵にはありません',
  ],
  'data-keys': [
    'data-keys is there and readable by its user only',
    'data-keys があり、所有者だけが読めます',
    'chmod 600 data-keys; the first start makes it',
    'data-keys に chmod 600 を行う。初回起動で作成されます',
  ],
  'disk-room': [
    'the disk has 512 MiB to spare (bytes free)',
    'ディスクに 512 MiB の余裕があります（空きバイト数）',
    'make room on the disk',
    'ディスクの空きを作る',
  ],
  'clock-kept': [
    'a service keeps the clock',
    '時計が同期されています',
    'run systemd-timesyncd, chrony or ntpd',
    'systemd-timesyncd、chrony または ntpd を動かす',
  ],
  'clock-forward': [
    'the clock is not behind the log',
    '時計はログより遅れていません',
    'set the clock; entries of the log are from the future',
    '時計を合わせる。ログに未来の記録があります',
  ],
  unit: ['a systemd unit starts the node', 'systemd ユニットがノードを起動します', 'dfft up --systemd prints one', 'dfft up --systemd で出力できます'],
  running: ['a node answers on the socket', 'ノードがソケットで応答します', 'dfft up', 'dfft up'],
  ready: ['the node can exchange', 'ノードは交換できます', 'dfft health says why not', 'dfft health で理由を確認'],
  log: [
    'the audit log is whole (entries)',
    '監査ログは完全です（記録数）',
    'copy the folder, then dfft fsck and dfft backup restore',
    'フォルダーを写し、dfft fsck と dfft backup restore',
  ],
  witnesses: [
    'a connected partner holds a head of this log (entries not yet co-signed)',
    '接続中の相手がこのログの先頭を保持しています（未連署の記録数）',
    'dfft audit witness',
    'dfft audit witness',
  ],
  forks: [
    'no log was seen in two forms (forks)',
    '二通りの形で示されたログはありません（分岐数）',
    'dfft audit forks; show both heads to whoever answers for the signer',
    'dfft audit forks。両方の先頭を署名者の責任者に示す',
  ],
  keys: [
    'no key is lost, compromised or waiting',
    '失われた鍵、漏れた鍵、待機中の鍵はありません',
    'dfft key list, then dfft key recover or dfft key proposal',
    'dfft key list の後、dfft key recover または dfft key proposal',
  ],
  policy: [
    'a policy of this jurisdiction is in force (until)',
    'この法域のポリシーが有効です（期限）',
    'dfft policy apply the next one',
    '次のポリシーを dfft policy apply',
  ],
  ending: [
    'nothing this node relies on ends within eight days',
    '八日以内に期限が来るものはありません',
    'dfft status names it; have it renewed',
    'dfft status で確認し、更新を求める',
  ],
  fresh: [
    'nothing this node relies on is past its end',
    '期限の過ぎたものはありません',
    'dfft status names it; connect the partner that has a newer one',
    'dfft status で確認し、新しいものを持つ相手に接続',
  ],
  peers: [
    'a partner is connected (of those known)',
    '相手が接続しています（既知の相手のうち）',
    'dfft doctor peer DID; dfft peer add',
    'dfft doctor peer DID、dfft peer add',
  ],
  listener: [
    'the listening address answers, and is not this machine’s only',
    '待ち受けアドレスが応答し、この機械専用ではありません',
    'set `listen` in dfft.yaml; open the port',
    'dfft.yaml の `listen` を設定し、ポートを開く',
  ],
  duties: [
    'no duty is overdue, no breach waits (overdue, breaches)',
    '期限超過の義務も未対応の違反もありません（超過、違反）',
    'dfft obligation list',
    'dfft obligation list',
  ],
  'received-keys': [
    'the keys of received data are whole',
    '受信データの鍵は完全です',
    'restore data-keys; see docs/obligations.md',
    'data-keys を復元する。docs/obligations.md を参照',
  ],
  receipts: ['no receipt is owed to this node', '未受領の受領証はありません', 'dfft exchange list --state released', 'dfft exchange list --state released'],
} as const satisfies Readonly<Record<string, readonly [en: string, ja: string, fix: string, fixJa: string]>>

export type CheckName = keyof typeof checks

export const checkNames = Object.keys(checks) as CheckName[] // Its own keys.

export function wordsOf(check: CheckName, lang: Lang): { readonly means: string; readonly fix: string } {
  const [en, ja, fix, fixJa] = checks[check]
  return lang === 'ja' ? { means: ja, fix: fixJa } : { means: en, fix }
}

const steps = {
  known: ['its address is known', 'アドレスが分かっています', 'dfft peer add ADDRESS', 'dfft peer add ADDRESS'],
  dns: ['its name resolves', '名前を解決できます', 'ask its operator for the address', '相手の運用者に住所を尋ねる'],
  dial: ['its port answers', 'ポートが応答します', 'a firewall, or the node is down: ask its operator', 'ファイアウォールか停止。相手の運用者に尋ねる'],
  handshake: ['it proves who it is', '身元を証明します', 'the code says why: `dfft explain`', 'コードの意味は `dfft explain`'],
  did: ['its DID resolves, and is not deactivated', 'DID を解決でき、無効化されていません', 'ask its operator for its DID', '相手の運用者に DID を尋ねる'],
  protocol: [
    'it answers what a node of this version asks',
    'この版のノードの問いに答えます',
    'one of the two needs a newer version',
    'どちらかに新しい版が必要です',
  ],
  policy: [
    'it is vouched for, and a policy of its jurisdiction is in force here',
    '保証されており、その法域のポリシーが有効です',
    'dfft trust list; dfft policy list',
    'dfft trust list、dfft policy list',
  ],
  clock: ['its clock is within two minutes of ours', '時計の差は二分以内です', 'one of the two clocks is wrong', 'どちらかの時計が誤っています'],
} as const satisfies Readonly<Record<string, readonly [en: string, ja: string, fix: string, fixJa: string]>>

export type StepName = keyof typeof steps

export function stepWords(step: StepName, lang: Lang): { readonly means: string; readonly fix: string } {
  const [en, ja, fix, fixJa] = steps[step]
  return lang === 'ja' ? { means: ja, fix: fixJa } : { means: en, fix }
}

const states = {
  proven: ['proven', '確認済み'],
  'not-proven': ['not proven', '未確認'],
  failing: ['failing', '不合格'],
} as const

export function stateWord(state: keyof typeof states, lang: Lang): string {
  return states[state][lang === 'ja' ? 1 : 0]
}
