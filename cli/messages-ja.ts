/** 構文の誤り。What the parser and the commands say of words they cannot read; a message that is not here stays as it is. */

const rows: readonly (readonly [english: RegExp, japanese: string])[] = [
  [/^unknown command '(.+?)'(?: \(Did you mean (.+)\?\))?$/, 'コマンド「$1」はありません'],
  [/^unknown option '(.+?)'(?: \(Did you mean (.+)\?\))?$/, 'オプション「$1」はありません'],
  [/^missing required argument '(.+)'$/, '引数「$1」が必要です'],
  [/^too many arguments(?: for '(.+?)')?\. Expected (\d+) arguments? but got (\d+).*$/, '引数が多すぎます（$2 個のところ $3 個）'],
  [/^option '(.+)' argument missing$/, 'オプション「$1」に値がありません'],
  [/^option '(.+)' argument '(.*)' is invalid\. Allowed choices are (.+)\.$/, 'オプション「$1」に「$2」は使えません。選択肢: $3'],
  [/^required option '(.+)' is missing$/, '必須のオプション「$1」がありません'],
  [/^option '(.+)' takes a whole number from 1, not '(.*)'$/, 'オプション「$1」は 1 以上の整数です（「$2」ではありません）'],
  [/^`(.+)` is not a language of this program; en and ja are$/, '「$1」はこのプログラムの言語ではありません（en と ja です）'],
  [/^there is no code with `(.+)` in it; .*$/, '「$1」を含むコードはありません。`dfft explain` ですべて見られます'],
  [/^there is no topic `(.+)`; there is (.+)$/, '題目「$1」はありません。あるのは $2 です'],
  [/^no node answers on `(.+)`$/, '`$1` に応答するノードがありません'],
  [/^the socket `(.+)` is another user's$/, 'ソケット `$1` は別の利用者のものです'],
  [/^the node went away before it answered$/, 'ノードが応答する前に終了しました'],
  [/^the node is sealed since (.+)$/, 'このノードは $1 から封印されています'],
  [/^the node did not answer in time$/, 'ノードが時間内に応答しませんでした'],
  [/^`dfft init` needs (.+)$/, '`dfft init` には次が必要です: $1'],
  [/^a passphrase has at least (\d+) characters$/, 'パスフレーズは $1 文字以上です'],
  [/^the two passphrases differ$/, '二つのパスフレーズが異なります'],
  [/^no passphrase was given$/, 'パスフレーズが入力されていません'],
  [/^`(.+)` is a list, which is set as a whole: (.+)$/, '`$1` は一覧です。全体を設定してください: $2'],
  [/^the disk of the backup takes no more$/, 'バックアップの書き込み先に空きがありません'],
  [/^the file `(.+)` cannot be written$/, 'ファイル `$1` に書き込めません'],
]

export function messageJa(message: string): string {
  for (const [english, japanese] of rows) {
    const found = english.exec(message)
    if (!found) continue
    const said = japanese.replace(/\$(\d)/g, (_, number: string) => found[Number(number)] ?? '')
    const meant = /\(Did you mean (.+)\?\)$/.exec(message)?.[1]
    return meant === undefined ? said : `${said}（もしかして: ${meant.replace(/^one of /, '')}）`
  }
  return message
}
