/** ヘルプ。Every text of the command tree in Japanese, by its English; a test walks the tree for one that is missing. */
export const helpJa: Readonly<Record<string, string>> = {
  // --- Groups, in the order of help.
  'make a new node in a folder': 'フォルダーに新しいノードを作る',
  'start the node': 'ノードを起動する',
  'stop the node': 'ノードを停止する',
  'who this node is and how it is': 'このノードの身元と状態',
  'counts and times of the running node, for monitoring': '動作中のノードの件数と時間（監視用）',
  'DID documents and their keys': 'DID 文書とその鍵',
  'the keys of this node': 'このノードの鍵',
  'the nodes of partners': '相手のノード',
  'trust anchors and accreditations': 'トラストアンカーと認定',
  'apply to an agency, and decide on applications': '機関への登録申請と、その審査',
  'the base register credentials are issued from': '証明書の発行元となる登録簿',
  'issue a credential from a register record': '登録簿の記録から証明書を発行する',
  'credentials issued, held and received': '発行、保有、受領した証明書',
  'ask a holder for a credential, for a purpose': '目的を示して保有者に証明書を求める',
  'offer a partner a credential held here': '保有する証明書を相手に提示する',
  'revoke a credential issued here': 'ここで発行した証明書を失効させる',
  'suspend a credential issued here, for a time': 'ここで発行した証明書を一時停止する',
  'end the suspension of a credential': '証明書の一時停止を解く',
  'exchanges and how they stand': '交換とその状況',
  'files that belong to credentials': '証明書に属するファイル',
  'Trust Policies, and why a decision fell as it did': 'トラストポリシーと、判定の理由',
  'duties that follow from exchanges': '交換から生じる義務',
  'the audit log and its proofs': '監査ログとその証拠',
  'an exchange as a file that a third party checks': '第三者が確かめられる、交換の証拠ファイル',
  'invoices in UBL and CII: checked, and shown': 'UBL と CII の請求書の検査と表示',
  'whether a power of attorney covers an act': '行為が委任の範囲内か',
  'what an error code means and what to do': 'エラーコードの意味と対処',
  'worked examples': '実例',
  'completion of commands for bash, zsh and fish': 'bash、zsh、fish のコマンド補完',

  // --- Partners: reached, trusted, shut out.
  'The nodes whose address is known, and below them whoever is blocked.': 'アドレスの分かっているノードと、その下に遮断中の相手を一覧します。',
  'How long a partner takes to answer over the connection on which it proved its DID. Exits 7 where nothing comes back.':
    '相手が DID を証明した接続で、応答までの時間を測ります。何も返らなければ終了コードは 7 です。',
  'how many times (4 when left out, 20 at most)': '回数（省略時は 4、最大 20）',
  'What is trusted of a party and why: how it is known here, as whom it may speak, for which types it is recognised, link by link; and how to change that.':
    '相手の何をなぜ信頼しているか（どう知られているか、どの資格で話せるか、どの種類で認められるか）を連鎖ごとに示し、変える方法を示します。',
  'Shut a party out: its connection is closed, new ones are refused with DFFT_BANNED, and it is not dialled, over restarts too. Exchanges with it wait until they expire. It stands in the log.':
    '相手を遮断します。接続を閉じ、新しい接続を DFFT_BANNED で拒否し、こちらからも接続しません。再起動後も続き、進行中の交換は期限まで待ちます。ログに残ります。',
  'a note for this node’s operators, 200 characters at most; it is told to nobody': 'このノードの運用者のための覚え書き（200 文字まで）。誰にも伝えられません',
  'Let a party that was blocked in again, and call it where its address is known.': '遮断した相手を再び受け入れ、アドレスが分かれば接続します。',

  // --- Looking at a node as it goes.
  'the node at a glance, as it goes': '動作中のノードのひと目の概要',
  'The node at a glance until it is stopped: health, exchanges under way, and what waits for you with the command that answers it. Redrawn on a terminal at each new entry of the log; elsewhere, and with --plain, a line for what changed; with --json a line of JSON a change.':
    '中断するまでノードの概要（健全性、進行中の交換、対応が必要なものとそのコマンド）を示します。端末ではログの項目が増えるたびに描き直し、それ以外と --plain では変わった点を一行ずつ、--json では変化ごとに一行の JSON を出力します。',
  'how often it is looked at while the log does not grow (5 when left out, 30 at most)': 'ログが増えない間に見直す間隔の秒数（省略時は 5、最大 30）',
  'look once, and end': '一度だけ見て終える',

  // --- Credentials on paper and on a screen.
  'A credential as one HTML page for paper, in the language of the command: what it says, and a QR code with which the file is checked. It loads and runs nothing. Its name says nothing of its content.':
    '証明書を、印刷用の一枚の HTML にします（言語はコマンドの言語）。内容と、ファイルを確かめる QR コードが入ります。何も読み込まず、実行しません。ファイル名に内容は現れません。',
  'where it is written (credential-<digest of the id>.html when left out; `-` is standard output)':
    '書き込み先（省略時は credential-<番号のダイジェスト>.html、`-` は標準出力）',
  'A QR code of a credential, in the terminal or as SVG: the address of its issuer’s public verifier with a fingerprint of the file, or with --whole the file itself, where a code holds it.':
    '証明書の QR コードを、端末または SVG で示します。発行者の公開検証ページのアドレスとファイルの指紋が入り、--whole では、収まる場合に限りファイルそのものが入ります。',
  'put the signed file in the code; refused (exit 2) over 2331 bytes': '署名済みのファイルをコードに入れる。2331 バイトを超えると拒否（終了コード 2）',
  'write it as SVG; `-` is standard output': 'SVG として書き込む。`-` は標準出力',
  'for dark letters on a light ground, where the terminal shows no colours': '色のない端末で、明るい背景に暗い文字の場合',

  // --- Several nodes, and their logs.
  'names for several nodes, and which one is in use': '複数のノードの名前と、使用中のノード',
  'a node by its name here: see `dfft context` (DFFT_CONTEXT)': 'ここでの名前によるノードの指定（`dfft context` を参照、DFFT_CONTEXT）',
  'The nodes that have a name here, and which of them is in use.': 'ここで名前を付けたノードと、使用中のものを一覧します。',
  'Which node a command goes to from here, and why: a flag, the environment, the context in use, or the default.':
    'コマンドがどのノードに向かうか、その根拠（フラグ、環境変数、使用中のコンテキスト、既定）を示します。',
  'Give the node of --dir, or of --socket, a name here, in place of the node that had it. Nothing secret is kept.':
    '--dir または --socket のノードに、ここでの名前を付けます（同じ名前は置き換わります）。秘密は保存しません。',
  'Send commands to this node from now on, unless a flag or the environment says otherwise; `none` ends that.':
    'フラグや環境変数で指定しない限り、以後のコマンドをこのノードに送ります。`none` で解除します。',
  'Forget the name of a node. The node stays as it is.': 'ノードの名前を忘れます。ノード自体はそのままです。',

  'what the node’s process wrote down': 'ノードのプロセスの記録',
  'The log of a node’s process: from node.log of its folder, where `dfft up --detach` writes it, or with --unit from the journal of systemd. It has DIDs, ids, codes and counts, and no personal data. Needs no running node.':
    'ノードのプロセスのログを、`dfft up --detach` が書くフォルダーの node.log から、--unit では systemd のジャーナルから示します。DID、番号、コード、件数が入り、個人データは入りません。ノードの起動は不要です。',
  'go on with each new line until it is stopped': '中断するまで新しい行を示し続ける',
  'only lines of this weight or more (debug when left out: all)': 'この重要度以上の行だけ（省略時は debug、すべて）',
  'only lines from then on, as in 2026-10-01T09:00:00Z': 'この時点以後の行だけ（例: 2026-10-01T09:00:00Z）',
  'how many of the last ones (200 when left out; with --since all)': '末尾の行数（省略時は 200、--since があればすべて）',
  'of the systemd unit of this name': 'この名前の systemd ユニットのログ',

  // --- What comes with the source.
  'real nodes on this machine, a border between them, and what can go wrong': 'この機械上の実ノードと国境、起こりうる障害のデモ',
  'three real nodes to play with, and played worlds (with the source)': '試すための三つの実ノードと、模擬の世界（ソースに付属）',
  'a share of the suites, with its figures (with the source)': '検査の一部とその数値（ソースに付属）',
  'measures of this machine (with the source)': 'この機械での計測（ソースに付属）',
  'Real nodes on this machine: a credential crosses a border, with the ways it can go wrong. Leaves demo-report.html and nothing else. Comes with the source.':
    'この機械上の実ノードで、証明書が国境を越える流れと起こりうる障害を示します。残るのは demo-report.html だけです。ソースに付属します。',
  'Measure this machine by the suites of docs/performance.md: ratios beside another program, and times. Comes with the source.':
    'docs/performance.md の項目でこの機械を計測します（他のプログラムとの比と時間）。ソースに付属します。',
  'only measures that begin with this, such as `verify`': 'これで始まる計測だけ（例: `verify`）',
  'few repetitions: to see that it runs, not for figures': '少ない繰り返し（動作の確認用。数値用ではありません）',
  'That whoever forges, replays or lies gets nothing: a share of the attacks, and the simulator with a liar in it. Figures line by line, exit 5 where one does not hold. Comes with the source.':
    '偽造、再送、虚偽から何も得られないことを、攻撃の一部と、嘘をつくノードのいるシミュレーターで確かめます。数値を一行ずつ示し、成り立たないものがあれば終了コードは 5 です。ソースに付属します。',
  'That a node killed at a write goes on where it was: processes killed for real where strace is there, and crashes in the simulator. Figures line by line, exit 5 where one does not hold. Comes with the source.':
    '書き込み中に停止したノードが続きから再開することを確かめます（strace があれば実際に停止させます）。数値を一行ずつ示し、成り立たないものがあれば終了コードは 5 です。ソースに付属します。',
  'That one exchange has one receipt, whatever is lost, doubled or cut: scenarios of the simulator. Figures line by line, exit 5 where one does not hold. Comes with the source.':
    '消失、重複、切断があっても一つの交換に一つの受領証であることを、シミュレーターで確かめます。数値を一行ずつ示し、成り立たないものがあれば終了コードは 5 です。ソースに付属します。',
  'That planted keys and personal data come up in no log, no support bundle and no fetch. Figures line by line, exit 5 where one does not hold. Comes with the source.':
    '仕込んだ鍵と個人データが、ログ、サポートバンドル、取得のいずれにも現れないことを確かめます。数値を一行ずつ示し、成り立たないものがあれば終了コードは 5 です。ソースに付属します。',
  'folder of the test network (./.dfft-testnet when left out)': 'テストネットワークのフォルダー（省略時は ./.dfft-testnet）',
  'Start three real nodes on this machine, `jp`, `biz` and `de`, each behind a proxy, introduced to one another and with a credential to ask for. Stays until Ctrl-C or `testnet down`, which end the nodes and remove their folder. Comes with the source.':
    'この機械に三つの実ノード `jp`、`biz`、`de` を起動します。それぞれプロキシの後ろにあり、互いに紹介済みで、要求できる証明書があります。Ctrl-C か `testnet down` まで動き、終了時にノードを止めフォルダーを消します。ソースに付属します。',
  'End the test network that is up, and remove its folder.': '起動中のテストネットワークを終え、フォルダーを消します。',
  'How each node of the test network stands: its process, what is done to its line, and how far its clock is off.':
    'テストネットワークの各ノードの状態（プロセス、回線への操作、時計のずれ）を示します。',
  'Kill a node by SIGKILL, in the middle of whatever it does, and start it again on what it left.':
    'ノードを SIGKILL で停止させ、残ったものの上で再び起動します。',
  'Part a node from all others: what is sent to it is lost, and nobody is told.':
    'ノードを他のすべてから切り離します。送られたものは失われ、誰にも知らされません。',
  'Let the line of a node that was parted work again.': '切り離したノードの回線を元に戻します。',
  'Make the line of a node slow: a round trip takes so many milliseconds more; 0 ends it.':
    'ノードの回線を遅くします。往復の時間が指定のミリ秒だけ延びます。0 で戻します。',
  'Start a node anew with its clock off. It says so in its log and in every answer of `testnet`; the product itself has no such setting.':
    '時計をずらしてノードを起動し直します。ログと `testnet` のすべての回答に示されます。製品そのものにこの設定はありません。',
  'such as +2h, -90s or +3d; 0 sets it right': '例: +2h、-90s、+3d。0 で正しくします',
  'Play a scenario of the simulator: whole nodes in one process, with a clock, a network and accidents that follow from a seed. Exits 1 and names the seeds that go wrong.':
    'シミュレーターの筋書きを実行します。ノード全体を一つのプロセスで動かし、時計、ネットワーク、事故はシードで決まります。失敗したシードがあれば終了コードは 1 です。',
  'how many worlds (10 when left out)': '世界の数（省略時は 10）',
  'the first seed (1 when left out)': '最初のシード（省略時は 1）',
  'of a seed that goes wrong the whole log': '失敗したシードのログ全体を示す',

  // --- Receipts.
  'that a release was received, as a signed file': '開示が受領されたことを示す署名付きファイル',
  'The receipt of an exchange: what was received, how it was answered, and whether the holder has closed it. Exits 3 while there is none.':
    '交換の受領証（何を受領し、どう答え、保有者が完了したか）を示します。まだなければ終了コードは 3 です。',
  'The receipt of an exchange as a file that anybody checks without a node: both signatures, and the histories of both DIDs. No claim is in it.':
    '交換の受領証を、ノードなしで誰でも検証できるファイルにします。双方の署名と DID の履歴が入り、内容の値は入りません。',
  'where it is written (receipt-<id>.json when left out; `-` is standard output)': '書き込み先（省略時は receipt-<id>.json、`-` は標準出力）',
  'Check a receipt: no node and no network. It shows that the DIDs it names signed it; whose DIDs they are is yours to know, or `--from` and `--to` say it. Exits 5 when it does not hold. `-` reads standard input.':
    '受領証を、ノードもネットワークもなしで検証します。記された DID が署名したことを示します。誰の DID かは利用者が確かめるか、`--from` と `--to` で指定します。成り立たなければ終了コードは 5 です。`-` は標準入力です。',
  'who must have received': '受領者でなければならない DID',
  'who must have released': '開示者でなければならない DID',

  // --- Exchanges, followed and tried again.
  'Try an exchange that waits for its next try now. What was signed goes out again as it is: still one agreement, one release, one receipt. What is over is not tried again (exit 8): ask anew.':
    '次の再試行を待つ交換を今すぐ試します。署名済みの内容をそのまま送り直し、合意、開示、受領は一つのままです。終わったものは再試行できません（終了コード 8）。改めて要求してください。',
  'The last steps of exchanges, as they were written down, oldest first; with --follow also those that come. With --json one line of JSON a step.':
    '記録された交換の最近の段階を古い順に示します。--follow で以後の段階も示します。--json では一段階一行の JSON です。',

  // --- The program, and options of every command.
  'A node for cross-border data exchange under a trust framework.': '信頼の枠組みに基づく越境データ交換のノードです。',
  'folder of the node (DFFT_DIR; ./.dfft when left out)': 'ノードのフォルダー（DFFT_DIR、省略時は ./.dfft）',
  'socket of the node, when it is not in its folder (DFFT_SOCKET)': 'ノードのソケット。フォルダーにない場合（DFFT_SOCKET）',
  'one line of JSON instead of text': '文章の代わりに一行の JSON',
  'no colours and no alignment: one row a line, tabs between': '色と桁揃えなし（一行一件、タブ区切り）',
  'language of the answers (DFFT_LANG, LANG)': '回答の言語（DFFT_LANG、LANG）',
  'display help for command': 'ヘルプを表示する',
  'Every command: dfft help <command>. Every error: dfft explain <code>.': '各コマンド: dfft help <command>　各エラー: dfft explain <code>',
  '(required)': '（必須）',
  'Examples:': '例:',
  'Usage:': '使い方:',
  'Arguments:': '引数:',
  'Options:': 'オプション:',
  'Global Options:': '共通のオプション:',
  'Commands:': 'コマンド:',
  'choices:': '選択肢:',

  // --- A node's life.
  'Make a new node in a folder: its configuration, its keys, its DID. On a terminal it asks for what is not given.':
    'フォルダーに新しいノード（設定、鍵、DID）を作ります。端末では、指定のないものを尋ねます。',
  'how the node calls itself towards partners': '相手に示すノードの名称',
  'ISO 3166-1 alpha-2 code of the law it acts under': '適用される法域（ISO 3166-1 alpha-2）',
  'webvh keeps a history of keys (key when left out)': 'webvh は鍵の履歴を残す（省略時は key）',
  'of a did:webvh: agency.example': 'did:webvh のドメイン: agency.example',
  'where partners connect (may be repeated; /ip4/127.0.0.1/tcp/0 when left out)': '相手が接続するアドレス（複数指定可、省略時は /ip4/127.0.0.1/tcp/0）',
  'nodes of different networks refuse each other (dfft-test when left out)':
    'ネットワークの名称。異なるネットワークのノードは互いに拒否する（省略時は dfft-test）',
  'serve DID documents, status lists and health there': 'DID 文書、状態リスト、稼働状況を公開するアドレス',
  'how much is logged (info when left out)': 'ログの詳しさ（省略時は info）',
  'keep the keys in a hardware module: its PKCS#11 library (with --token-label)': '鍵を HSM に置く場合の PKCS#11 ライブラリー（--token-label とともに）',
  'of the token in it': 'その中のトークンのラベル',
  'where the token’s PIN is read at each start (the passphrase is the PIN when left out)':
    '起動のたびにトークンの PIN を読むファイル（省略時はパスフレーズが PIN）',
  'file with the passphrase; else systemd’s credential `dfft-passphrase`, else a line of standard input':
    'パスフレーズのファイル。省略時は systemd の credential `dfft-passphrase`、それもなければ標準入力の一行',
  'Start the node, and stay with it until Ctrl-C; with --detach, leave it running with its log in node.log of its folder.':
    'ノードを起動し、Ctrl-C まで付き添います。--detach を付けると動かしたまま戻り、ログはフォルダーの node.log に書かれます。',
  'return when the node is ready': 'ノードの準備ができたら戻る',
  'Stop the node, and wait until it is gone.': 'ノードを停止し、終了するまで待ちます。',
  'Who this node is and how it is.': 'このノードの身元と状態を示します。',
  'Counts and times of the running process, as Prometheus reads them. `metrics` in dfft.yaml serves the same over HTTP.':
    '動作中のプロセスの件数と時間を Prometheus の形式で示します。dfft.yaml の `metrics` で HTTP でも提供できます。',

  // --- DIDs and keys.
  'A DID document and its keys, past and present; this node’s own when no DID is given.':
    'DID 文書と、過去と現在の鍵を示します。DID を省略すると、このノード自身のものです。',
  'The keys of this node: what each is for, when it was in force, and the vault it lies in. The one that is announced signs next.':
    'このノードの鍵（用途、有効だった期間、鍵庫）を示します。予告された鍵が次に署名します。',
  'Sign with a new key from now on, and tell connected partners. What the old key signed stays valid, unless it is said to be compromised.':
    'これからは新しい鍵で署名し、接続中の相手に知らせます。古い鍵の署名は、漏えいしたとしない限り有効なままです。',
  'nothing signed since then counts (UTC, to the second)': 'この時刻以後の署名は無効（UTC、秒まで）',
  'also when no partner has co-signed the log: credentials that no earlier cosignature covers then stop counting at partners':
    'ログに連署した相手がなくても実行する。以前の連署が及ばない証明書は相手側で効力を失う',
  'who approves entries of our DID log from now on: a node that agreed to (`dfft key witness add`), or a did:key; `none` ends it (may be repeated)':
    'これから DID ログの項目を承認する証人。承諾済みのノード（`dfft key witness add`）か did:key。`none` で終了（複数指定可）',
  'how many of the witnesses must approve': '必要な証人の承認数',
  'goes on with the entry that waits, with an approval from `dfft key approve` (may be repeated)':
    '待っている項目を `dfft key approve` の承認で進める（複数指定可）',
  'the peer key too: the DID document names the new peer id beside the old one, and the next start uses it':
    'peer の鍵も更新する。DID 文書は新旧の peer id を示し、次の起動から新しいものを使う',
  'only say whether it would be done, and with whom': '実行の可否と関係者を示すだけ',
  'End the DID of this node for good. It is named once more as the confirmation; nothing brings it back.':
    'このノードの DID を完全に終わらせます。確認のため DID をもう一度指定します。元には戻せません。',
  'The entry of our DID log that waits, as a file for a witness whose node we cannot reach.':
    '承認待ちの DID ログの項目を、接続できない証人のためのファイルとして出力します。',
  'As a witness: approve the entry of a DID log that came as a file (`dfft key proposal`), once for each version, and print the approval.':
    '証人として、ファイルで届いた DID ログの項目（`dfft key proposal`）を版ごとに一度だけ承認し、承認を出力します。',
  'Agree to witness the log of a DID: its controller may ask for our approval from now on, and names the key that is printed.':
    'DID のログの証人となることを承諾します。以後、管理者は承認を求めることができ、出力された鍵を指定します。',
  'The DIDs whose logs this node witnesses, what it approved last of each, and the key under which it does.':
    'このノードが証人である DID と、最後に承認した版、承認に使う鍵を示します。',
  'Approve no more entries of the log of a DID. What was approved is remembered.': 'DID のログの項目を今後承認しません。承認済みの内容は記憶します。',
  'For a stopped node whose signing key is lost or in other hands: make a new one, by the key that the DID log has announced.':
    '停止中のノードで、署名鍵が失われたか他人の手にある場合に、DID ログが予告した鍵で新しい鍵を作ります。',

  // --- Partners and trust.
  'Dial a node, prove both identities, remember its address, fetch its public records.':
    'ノードに接続し、双方の身元を証明し、アドレスを記憶し、公開記録を取得します。',
  'Pin a DID as the trust anchor of jurisdictions. Compare the fingerprint by another way first: everything rests on it.':
    'DID を法域のトラストアンカーとして登録します。すべての根拠となるため、先に別の手段で指紋を照合してください。',
  'the jurisdiction it speaks for (may be repeated)': '代表する法域（複数指定可）',
  'how it is called here': 'ここでの呼び名',
  'recognise what is under it on our word alone, without an agreement; every report says so':
    '協定なしに、運用者の判断だけで承認する（すべての報告に明記される）',
  'only say whether it would be permitted: nothing is recorded, and no claims are shown': '許可されるかどうかだけを示します。何も記録せず、項目も表示しません',
  'only show which dead letters would be sent': 'どの配送不能イベントを送るかだけを示します',
  'only say what would be in it, and whether it could be written there': '何が入るか、そこに書けるかだけを示します',
  'only show how they stand': '今の状態だけを示します',
  'only say whether a node would be made there, and ask for no passphrase': 'そこにノードを作れるかどうかだけを示します。パスフレーズは尋ねません',
  'only look whether the file can be stamped; nobody is asked, and nothing is written':
    'タイムスタンプを付けられるファイルかどうかだけを調べます。認証局には問い合わせず、何も書きません',
  'only say what would be written, and where': '何をどこに書くかだけを示します',
  'only say whether it would be issued: the buyer is told nothing': '発行できるかどうかだけを示します。買手には何も知らせません',
  'do everything but record': '記録以外のすべてを行う（予行）',
  'Pinned anchors, and the accreditations held.': '登録したアンカーと、保持している認定を示します。',
  'Sign an accreditation for a participant of our jurisdiction: as its anchor, or as a participant that may accredit.':
    '法域の参加者の認定に、アンカーまたは認定権を持つ参加者として署名します。',
  'what the participant is': '参加者の部門',
  'how well it was identified (substantial when left out)': '本人確認の保証レベル（省略時は substantial）',
  'a credential type it may issue (may be repeated)': '発行できる証明書の種類（複数指定可）',
  'how long it holds (365 when left out)': '有効日数（省略時は 365）',
  '`request` or `provide`, which types, for which purposes, with which jurisdictions or DIDs: lists with commas, or * for any; what is left out is any. `@file`: a list of them in YAML or JSON (may be repeated)':
    '`request` か `provide`、種類、目的、相手の法域または DID。コンマ区切りの列か *（任意）で、省略は任意。`@file` は YAML か JSON の一覧（複数指定可）',
  'what it may let others do, as JSON or YAML: issues, rights, assurance, depth': '他者に認められる範囲を JSON か YAML で: issues、rights、assurance、depth',
  'what it has shown us and policies ask for, as JSON or YAML: certifications, transferTools, evidence (kind, and digest of the document)':
    'ポリシーが求め、相手が示したものを JSON か YAML で: certifications、transferTools、evidence（種別と文書のダイジェスト）',
  'our own accreditation, by which we may accredit': '認定権の根拠となる、自らの認定',
  'Declare who signs for our anchor and how many of them, how deep it accredits, how fresh it keeps its suspensions. What is left out stays as it is.':
    'アンカーの署名者と必要数、認定の深さ、停止情報の新しさを宣言します。省略したものは変わりません。',
  'who signs (may be repeated)': '署名者（複数指定可）',
  'how many of them it takes': '必要な署名数',
  'how many accreditors may stand between the anchor and an issuer, 0 to 4': 'アンカーと発行者の間に立てる認定者の数（0 から 4）',
  'how long a suspension head counts where partners are heard': '相手と通信できるときに停止情報が有効な時間（分）',
  'how long it counts where nobody is heard': '誰とも通信できないときに有効な時間（時間）',
  'where who signs changes: how long what those before signed goes on counting, 0 for not at all (168 when left out)':
    '署名者が変わるとき、以前の署名が有効であり続ける時間。0 は直ちに無効（省略時は 168）',
  'the jurisdictions it speaks for (may be repeated)': '代表する法域（複数指定可）',
  'its name in English': '英語の名称',
  'its name in Japanese': '日本語の名称',
  'the anchor it is for, where we sign for several': '複数のアンカーに署名している場合の、対象のアンカー',
  'Write a recognition agreement, from a file or with the anchor of a partner, sign it for our side and print it for the other.':
    '相互承認協定を、ファイルから、または相手のアンカーについて作成し、署名して、相手のために出力します。',
  'the anchor of the partner: the same is recognised both ways': '相手のアンカー（双方向に同じ内容を承認する）',
  'a credential type that is recognised (may be repeated)': '承認する証明書の種類（複数指定可）',
  'a purpose it is recognised for (may be repeated; any when left out)': '承認する目的（複数指定可、省略時は任意）',
  'its title in English': '英語の表題',
  'its title in Japanese': '日本語の表題',
  'until its sunset (365 when left out)': '失効までの日数（省略時は 365）',
  'What a trust document would change: which issuers become recognised where, and which no longer.':
    'トラスト文書が何を変えるか（どこでどの発行者が承認され、または承認されなくなるか）を示します。',
  'Add our signature to a trust document, take it in, and print it for the others.': 'トラスト文書に署名を加え、取り込み、他の署名者のために出力します。',
  'all that `dfft trust unsigned` lists: after the signers of an anchor have changed': '`dfft trust unsigned` が示すすべて（アンカーの署名者が変わった後に）',
  'Documents in force that the signers of today have to sign again, and that we may: who learns them anew would not count them.':
    '現在の署名者が署名し直すべき発効中の文書のうち、ここで署名できるものを示します。そのままでは、新たに受け取る者に数えられません。',
  'Take a signed trust document in. It counts when enough have signed it.': '署名済みのトラスト文書を取り込みます。必要な数の署名がそろうと有効になります。',
  'Stop a participant, some types of an issuer, an accreditation or an agreement. At once, on one signature; partners are told.':
    '参加者、発行者の一部の種類、認定、または協定を停止します。一つの署名で直ちに有効となり、相手に知らせます。',
  'whatever it does, or with --credential these types alone': '参加者のすべて、または --credential の種類だけ',
  'of the participant these types only (may be repeated)': '参加者の、この種類だけ（複数指定可）',
  'an accreditation and what rests on it': '認定と、それに基づくもの',
  'a recognition agreement': '相互承認協定',
  'whose accreditation or agreement, where several have given one id (may be repeated)': '同じ ID が複数ある場合の、認定または協定の作成者（複数指定可）',
  'why, in English': '理由（英語）',
  'why, in Japanese': '理由（日本語）',
  'End a suspension: by whoever made it, or by the quorum.': '停止を、行った者または必要数の署名で解きます。',
  'Tell a participant what it should mend. It stops nothing.': '参加者に改善を求めます。何も停止しません。',
  'what, in English': '内容（英語）',
  'what, in Japanese': '内容（日本語）',
  'the document that conflicts': '矛盾する文書',
  'until when an answer is expected': '回答の期限',
  'Recognition agreements: in force, to come, lapsed, and those that wait for signatures.': '相互承認協定（発効中、開始前、失効、署名待ち）を示します。',
  'What each pinned anchor has stopped, why, and how fresh that is.': '登録した各アンカーの停止内容、理由、新しさを示します。',
  'What anchors ask participants to mend.': 'アンカーが参加者に求めている改善を示します。',
  'Trust documents that exclude each other, with all halves as they were signed.': '互いに矛盾するトラスト文書を、署名されたまますべて示します。',
  'Why an issuer is recognised for a credential type, or why not, link by link.':
    '発行者がその種類について承認される理由、されない理由を、連鎖の順に示します。',
  'where it is relied on (here when left out)': '頼る法域（省略時はここ）',
  'for this purpose (for any when left out)': '目的（省略時は任意）',
  'when it was issued (now when left out)': '発行された時刻（省略時は現在）',
  'Print a trust document that is held, by the digest of what it says: also one that waits for signatures, or was replaced.':
    '保持しているトラスト文書を、内容のダイジェストで出力します。署名待ちや更新済みのものも対象です。',
  'Print an accreditation or agreement of ours as a W3C credential (Recognized Entities, EBSI): by its digest, or by the party it is about.':
    '自らの認定または協定を W3C の証明書（Recognized Entities、EBSI）として、ダイジェストまたは対象者で出力します。',
  'VCDM 2.0': 'VCDM 2.0',
  'as vc+jwt in place of JSON with a proof': '証明付き JSON の代わりに vc+jwt',
  'how long it holds at most (30 when left out): no suspension ends it before': '最長の有効日数（省略時は 30）。停止されても途中で終わらない',
  'Check a signed answer of a trust registry (JSON or vc+jwt; `-` reads standard input) without a node. Exits 5 when it does not verify.':
    'トラストレジストリの署名付き回答（JSON か vc+jwt、`-` は標準入力）をノードなしで検証します。検証できなければ 5 で終わります。',
  'the roots file that names whose answers count': '誰の回答を信頼するかを示すルートのファイル',
  'as of when it is relied on (now when left out)': '頼る時点（省略時は現在）',
  'The trust bundles of this node and of the anchors it follows, what of them was refused, and both halves of a fork.':
    'このノードと、追っているアンカーの信頼バンドル、拒否したもの、分岐の双方を示します。',
  'Write the trust bundle to a file, for nodes that no cable leads to: of our jurisdiction where this node is its anchor, else all that it holds.':
    '信頼バンドルを、回線のないノードのためにファイルに書きます。アンカーなら法域のもの、そうでなければ保持しているすべてです。',
  'all that this node holds, of partners too': '相手のものも含め、保持しているすべて',
  'Take in a trust bundle from a file of any size. Each item is checked as if it had come by itself; what is held already is left as it is.':
    '信頼バンドルを任意の大きさのファイルから取り込みます。各項目は単独で届いたのと同じに検査し、保持済みのものはそのままにします。',
  'only show what it would take; nothing is kept': '取り込む予定を示すだけで、何も保存しない',
  'Say which half of a fork counts, after its publisher has told you by another way. Its bundles are followed again from there.':
    '分岐のどちらが有効かを、発行者に別の手段で確かめた後に定めます。以後はそこから追います。',

  // --- Enrolment and registers.
  'Apply to an agency to be a participant under it. Compare its fingerprint by another way, and pin it.':
    '機関に参加者としての登録を申請します。機関の指紋を別の手段で照合し、登録してください。',
  'the name of the business, as its register has it': '登録簿のとおりの事業者名',
  'its number in that register': '登録簿の番号',
  'the numbering scheme (0188, the Japanese corporate number, when left out)': '番号体系（省略時は 0188、日本の法人番号）',
  'what it is (private when left out)': '部門（省略時は private）',
  'a credential type it wants to issue (may be repeated)': '発行を希望する証明書の種類（複数指定可）',
  'whom the agency may call': '機関からの連絡先',
  'What has become of our applications. Agencies that can be reached are asked.': '自らの申請の状況を示します。接続できる機関には問い合わせます。',
  'Applications to this agency, oldest first.': 'この機関への申請を古い順に示します。',
  'only those in this state': 'この状態のものだけ',
  'One application to this agency, and what our register says of it.': 'この機関への申請一件と、登録簿との照合結果を示します。',
  'Accredit an applicant with the rights it wished for, or with others. It may issue nothing unless that is said.':
    '申請者を、希望した権利または別の権利で認定します。指定しない限り、何も発行できません。',
  'also when our register does not know the number, or by another name': '登録簿に番号がないか、名称が異なっても認定する',
  'show what would be granted, and sign nothing': '認定する内容を示すだけで、署名しない',
  'Decline an application, with words to the applicant.': '理由を添えて申請を却下します。',
  'what the applicant is told': '申請者に伝える理由',
  'Take in rows of a base register: CSV with its header line, or JSON, of any size. Rows held already are left as they are, so it may be repeated; after a stop it goes on where it was. Credentials of entities that ended are revoked.':
    '登録簿の行（見出し行のある CSV、または JSON、任意の大きさ）を取り込みます。保持済みの行はそのままなので繰り返せ、中断後は続きから始まります。消滅した者の証明書は失効します。',
  'of the file (utf-8 when left out)': 'ファイルの文字符号化（省略時は utf-8）',
  'YAML or JSON that says which columns fill what, for a register of no columns known here': '未知の列を持つ登録簿について、列の対応を示す YAML か JSON',
  'Files of base registers of which something was taken in, the latest first, and how far each came.':
    '取り込んだ登録簿のファイルを新しい順に、進み具合とともに示します。',
  'Records of the base register held here.': '保持している登録簿の記録を示します。',
  'how many at most (100 when left out)': '最大件数（省略時は 100）',
  'go on behind this record': 'この記録の次から',

  // --- Credentials.
  'Issue a credential from a record of the base register or from claims, and deliver it: to its subject, or, about a person, as copies to the node that serves him.':
    '登録簿の記録または記載事項から証明書を発行し、対象者に、個人についてはその人に代わるノードに写しとして交付します。',
  'number of the record, as `dfft registry list` shows it': '記録の番号（`dfft registry list` の表示どおり）',
  'JSON of the claims, in place of a record; `-` reads standard input': '記録の代わりの、記載事項の JSON（`-` は標準入力）',
  'DID of the party it is about': '対象者の DID',
  'about a person: DID of the node that serves him': '個人の場合: その人に代わるノードの DID',
  'about a person: how often it can be shown (10 when left out, 32 at most)': '個人の場合: 提示できる回数（省略時は 10、最大 32）',
  'credential type (BusinessRegistrationCredential when left out)': '証明書の種類（省略時は BusinessRegistrationCredential）',
  'a file that belongs to it, such as the source document; may be repeated': '原本など、証明書に属するファイル（複数指定可）',
  'the company’s certificate of the commercial register (PEM or DER), as evidence': '証拠とする、商業登記に基づく会社の電子証明書（PEM か DER）',
  'only issue; the subject fetches it later': '発行だけを行う（対象者が後で取得する）',
  'Credentials issued, held and received.': '発行、保有、受領した証明書を示します。',
  'only those': 'これだけ',
  'One credential with its claims and encodings. Of a received one only what it is recognised by: its claims are for a purpose, see `credential use`.':
    '証明書一件を、記載事項と形式とともに示します。受領したものは識別に必要なものだけです（記載事項は目的のためにあり、`credential use` を使います）。',
  'print only this encoding, for a file': 'この形式だけを、ファイルのために出力する',
  'Use a received credential for a purpose: decided anew on the agreement it came under and the policy of now, recorded either way, and its claims shown only if it is permitted.':
    '受領した証明書を目的のために利用します。受領時の合意と現在のポリシーで改めて判定し、結果を記録し、許可された場合だけ記載事項を示します。',
  'what for, by a term of the vocabulary': '目的（語彙の用語）',
  'Say of a credential held here what policies must know of its data, such as `important-data`: in place of what was said before; without any, nothing.':
    '保有する証明書のデータについて、`important-data` などポリシーに必要な標識を付けます。以前のものを置き換え、指定がなければすべて外します。',
  'Whether a qualification is recognised in a jurisdiction: by a decision in it of an authority there, which signed for it. Exits 6 when it is not.':
    '資格が法域で認定されているかを、署名した当局の決定により示します。認定されていなければ 6 で終わります。',
  'where it is to be recognised': '認定を確かめる法域',
  'on which day, as YYYY-MM-DD': '日付（YYYY-MM-DD）',
  'of a received one: what it is used for (employment.licensing when left out)': '受領したものの場合: 利用目的（省略時は employment.licensing）',
  'Verify any credential or presentation: with this node’s roots when it runs, else from files alone. Exits 5 unless every check that matters passed; without roots the issuer is not verified. `-` reads standard input.':
    '証明書または提示を、ノードが動いていればそのルートで、そうでなければファイルだけで検証します。必要な検査のすべてに合格しない限り 5 で終わります。ルートがなければ発行者は検証されません。`-` は標準入力です。',
  'verify without a node, against the trust roots of this file': 'ノードなしで、このファイルのトラストルートで検証する',
  'verify without a node, with this signed status list of the issuer (may be repeated)': 'ノードなしで、発行者の署名したこの状態リストで検証する（複数指定可）',
  'verify without a node, with this evidence of when it was issued (may be repeated)': 'ノードなしで、発行時期のこの証拠で検証する（複数指定可）',
  'the question it ought to answer; with --audience': '応えるべき nonce（--audience とともに）',
  'whom it ought to be presented to; with --nonce': '提示の宛先（--nonce とともに）',
  'Print the evidence that a credential was in its issuer’s log before a time, as its witnesses signed it: for a file, with which it can be verified when the issuer’s key is retired and the issuer gone. What is not held is asked of the issuer.':
    '証明書がある時点より前に発行者のログにあったことの、証人が署名した証拠を出力します。発行者の鍵が引退し発行者がなくなっても検証できます。手元になければ発行者に求めます。',

  // --- Exchanges.
  'Ask a holder for a credential, or for several by a query, for a purpose. Exits 6 when it is refused, 5 when what came does not verify.':
    '目的を示して保有者に証明書を、または照会により複数を求めます。拒否されると 6、検証できないと 5 で終わります。',
  'DID of the holder': '保有者の DID',
  'what it is for; policies decide by it': '目的（ポリシーの判断に使われる）',
  'in place of --type and --claim: a DCQL query as JSON, for several credentials and alternatives; `-` reads standard input':
    '--type と --claim の代わりの、複数の証明書や選択肢のための DCQL 照会（JSON、`-` は標準入力）',
  'the law the request stands on': '要求の法的根拠',
  'a claim asked for, as a JSON pointer (may be repeated; all when left out)': '求める記載事項の JSON ポインター（複数指定可、省略時はすべて）',
  'rely on this transfer instrument: a fact of both sides’ decisions where our anchor says that we have it, else our own word only (may be repeated)':
    '依拠する移転の手段。アンカーが保有を認めていれば双方の判断の事実となり、そうでなければ自らの申告（複数指定可）',
  'whose credential it is, where the holder is to pass on what this party transferred first': '保有者が転送する場合の、元の移転元',
  'how long it waits for a holder that is away (a week when left out)': '不在の保有者を待つ期限（省略時は一週間）',
  'ask even where it is held from this holder and may be used for this purpose': 'この目的で利用できるものを保有していても求める',
  'Offer a partner a credential held here. Exits 6 when a policy refuses it.': '保有する証明書を相手に提示します。ポリシーが拒否すると 6 で終わります。',
  'DID of the partner': '相手の DID',
  'id of the credential, as `dfft credential list` shows it': '証明書の ID（`dfft credential list` の表示どおり）',
  'the law the offer stands on': '提示の法的根拠',
  'a claim to show, as a JSON pointer (may be repeated; all when left out)': '示す記載事項の JSON ポインター（複数指定可、省略時はすべて）',
  'how long it waits for a partner that is away (a week when left out)': '不在の相手を待つ期限（省略時は一週間）',
  'Revoke a credential issued here, and tell connected partners. It cannot be taken back; `dfft suspend` can.':
    'ここで発行した証明書を失効させ、接続中の相手に知らせます。取り消せません（`dfft suspend` は解除できます）。',
  'why, for the audit log (`unspecified` when left out)': '監査ログに残す理由（省略時は `unspecified`）',
  'Suspend a credential issued here until `dfft reinstate` or `dfft revoke`, and tell connected partners.':
    'ここで発行した証明書を `dfft reinstate` か `dfft revoke` まで一時停止し、接続中の相手に知らせます。',
  'End the suspension of a credential issued here, and tell connected partners. What is revoked stays revoked.':
    'ここで発行した証明書の一時停止を解き、接続中の相手に知らせます。失効したものは失効のままです。',
  'Exchanges, newest first.': '交換を新しい順に示します。',
  'how many at most (50 when left out)': '最大件数（省略時は 50）',
  'One exchange: its messages, decision, agreement and receipts. `--json` has the whole of each.':
    '交換一件のメッセージ、判定、合意、受領証を示します。`--json` では全文です。',
  'The operational record of exchanges, newest first: times of each step, sizes, decision, partner. No claims are in it.':
    '交換の運用記録（各段階の時刻、大きさ、判定、相手）を新しい順に示します。記載事項は含みません。',
  'only those with this partner': 'この相手とのものだけ',
  'only those that began then or later': 'この時刻以後に始まったものだけ',
  'only those that began before': 'この時刻より前に始まったものだけ',
  'how many at most (100 when left out; with --csv all)': '最大件数（省略時は 100、--csv ではすべて）',
  'print all of them as comma-separated values': 'すべてを CSV で出力する',
  'Consent, as a person, to an exchange that waits for it.': '同意を待つ交換に、人として同意します。',
  'show what would be disclosed if it were approved now, and approve nothing': '今同意した場合に開示される内容を示すだけで、同意しない',
  'in which the subject of the credential consented, where the policy asks for that; its digest is written down':
    'ポリシーが求める場合の、証明書の対象者が同意した記録のファイル（ダイジェストを記録する）',
  'Refuse, as a person, an exchange that waits for consent.': '同意を待つ交換を、人として拒否します。',
  'End an exchange that has released nothing yet: a draft, an offer, a request. The partner is told.':
    'まだ何も開示していない交換（下書き、提示、要求）を終わらせ、相手に知らせます。',
  'Say to the partner, signed, that what was released is not accepted as it stands. It acknowledges that it was told.':
    '開示されたものをそのままでは受け入れないと、署名して相手に伝えます。相手は通知を確認します。',
  'what is said of it, 2000 characters at most; signed, kept by both sides': '陳述（最大 2000 文字。署名され、双方が保管する）',
  'End a dispute of this node: the exchange stands again where it stood. The partner is told.':
    'このノードの異議を終え、交換を元の状態に戻し、相手に知らせます。',
  'Files that belong to credentials: of an exchange, or all that are here or to come, with how far each is.':
    '証明書に属するファイルを、交換ごと、またはすべて、進み具合とともに示します。',
  'Write the files that came with an exchange into a folder, under names that are safe here. Nothing is overwritten.':
    '交換で届いたファイルを、安全な名前でフォルダーに書きます。上書きはしません。',
  'the folder, which is there (the current one when left out)': '既にあるフォルダー（省略時は現在のフォルダー）',
  'Fetch the files of an exchange that were refused once more, after what stood in the way is gone.':
    '拒否した交換のファイルを、妨げがなくなった後にもう一度取得します。',

  // --- Policies.
  'Sign a policy of our jurisdiction and put it in force, where one signature is enough. `-` reads standard input.':
    '法域のポリシーに署名し、一つの署名で足りる場合は施行します。`-` は標準入力です。',
  'Add this node’s signature to a policy or suspension and print the signed document; nothing is put in force.':
    'ポリシーまたは停止にこのノードの署名を加え、署名済みの文書を出力します。施行はしません。',
  'Put a signed policy or suspension in force. What widens needs the quorum of the policy before it; the flows that flip are recorded.':
    '署名済みのポリシーまたは停止を施行します。許可を広げるものには前のポリシーの必要数の署名が要り、結果の変わる移転を記録します。',
  'Sign the rules of a former policy as the next serial, and put it in force if that takes no more signatures; else print it for the others.':
    '以前のポリシーの規則に次の番号として署名し、署名が足りれば施行し、足りなければ他の署名者のために出力します。',
  'its end; the former one’s when left out and still ahead': '終了時刻（省略時は、まだ先であれば以前のもの）',
  'this node’s own when left out': '省略時はこのノードの法域',
  'Stop flows of our jurisdiction at once, for 72 hours at most. One signature is enough; partners are told.':
    '法域の移転を直ちに、最長 72 時間停止します。一つの署名で足り、相手に知らせます。',
  'flows with this node (may be repeated)': 'このノードとの移転（複数指定可）',
  'flows from a jurisdiction or group (may be repeated)': '移転元の法域または集まり（複数指定可）',
  'flows to a jurisdiction or group (may be repeated)': '移転先の法域または集まり（複数指定可）',
  'flows of this credential type (may be repeated)': 'この種類の証明書の移転（複数指定可）',
  'flows for this purpose (may be repeated)': 'この目的の移転（複数指定可）',
  'every flow of the jurisdiction': '法域のすべての移転',
  'how long it lasts, 72 at most (72 when left out)': '継続時間（最長 72、省略時は 72）',
  'Let a suspension last longer.': '停止を延長します。',
  'End a suspension now: by the node that signed it, or by the quorum.': '停止を、署名したノードまたは必要数の署名で直ちに終えます。',
  'Policies and suspensions held, by jurisdiction: in force, next, who signed, what is stopped and until when.':
    '保持しているポリシーと停止を法域ごとに示します（現行、次期、署名者、停止の対象と期限）。',
  'Print a policy or suspension that is held, by its digest or the first 8 digits of it or more: also one that counts no longer, and both of a fork.':
    '保持しているポリシーまたは停止を、ダイジェストまたはその先頭 8 桁以上で出力します。効力のないものや分岐の双方も対象です。',
  'print in place of it what it changed, as recorded when this node put it in force': '代わりに、このノードが施行した際に記録した変更内容を出力する',
  'A decision as sentences: what decided, what was withheld, what would have made it a permit. Of an exchange of this node; or, with --question, of policies and a question in files.':
    '判定を文章で示します（決め手、開示しなかったもの、許可に必要だったもの）。このノードの交換について、または --question でファイルのポリシーと質問について示します。',
  'without a node: explain this question (`-` is standard input); with --policies': 'ノードなしで、この質問を説明する（`-` は標準入力、--policies とともに）',
  'without a node: by the policies in this folder or file (may be repeated)': 'ノードなしで、このフォルダーまたはファイルのポリシーによる（複数指定可）',
  'with --question: as if asked at this time (2026-11-21T00:00:00Z)': '--question とともに: この時刻に問われたものとして（2026-11-21T00:00:00Z）',
  'ODRL 2.2, without a node. `import FILE` prints the Trust Policies an ODRL policy is, or refuses by name and place what they cannot say. `export FILE` prints a Trust Policy as ODRL. `conflict FILE OTHER` tells whether two ODRL policies can be kept at once.':
    'ODRL 2.2 をノードなしで扱います。`import FILE` は ODRL ポリシーをトラストポリシーとして出力し、表せないものは名前と場所を示して拒否します。`export FILE` はトラストポリシーを ODRL で出力します。`conflict FILE OTHER` は二つの ODRL ポリシーが両立するかを示します。',
  'import: name of the policy, where its own is no URN': 'import: ポリシーの名前（元が URN でない場合）',
  'import: who signs it, where it names no assigner': 'import: 署名者（assigner がない場合）',
  'import: whose policy it is': 'import: ポリシーの法域',
  'import: its serial, of several documents that of the first': 'import: 番号（複数の文書では最初のもの）',
  'import: when it begins': 'import: 開始時刻',
  'import: when it ends, which every Trust Policy does': 'import: 終了時刻（すべてのトラストポリシーに必要）',
  'Decide questions by the policies of a folder, without a node. With --json one decision a line for one question a line, in order; a line that is no question gets an error in its place, and the exit code is 5.':
    'フォルダーのポリシーで質問をノードなしで判定します。--json では一行の質問に一行の判定を順に返し、質問でない行にはエラーを返して 5 で終わります。',
  'policies and suspensions of all jurisdictions; a folder or a file (may be repeated)': 'すべての法域のポリシーと停止のフォルダーまたはファイル（複数指定可）',
  'JSON Lines, or one question as JSON; `-` is standard input': 'JSON Lines、または一つの質問の JSON（`-` は標準入力）',
  'decide as if asked at this time (2026-11-21T00:00:00Z)': 'この時刻に問われたものとして判定する（2026-11-21T00:00:00Z）',
  'do not look for what would have made it a permit (faster)': '許可に必要だったものを探さない（速い）',
  'Run the cases (`*.cases.json`) of folders or files against the policies beside them; those that are shipped when left out. Exits 5 when one fails.':
    'フォルダーまたはファイルの事例（`*.cases.json`）を、隣のポリシーで実行します。省略時は付属のものです。一つでも外れると 5 で終わります。',
  'What keeps texts from being policies, and what an author should look at before signing, each with its place. Exits 0 when there are only warnings.':
    'ポリシーとして読めない点と、署名前に作成者が確認すべき点を、場所とともに示します。警告だけなら 0 で終わります。',
  'show the notes too: flows of which no rule speaks, rules that meet (with --json they are always there)':
    '注記も示す（どの規則も触れない移転、重なる規則。--json では常に含む）',
  'What another version of a policy changes: whether it is proved only to restrict, and which flows flip, each with an example.':
    'ポリシーの別の版が何を変えるかを示します（制限だけと証明できるか、結果の変わる移転とその例）。',
  'Print a JSON Schema (2020-12), with examples: policy, cases, question, question-line, decision, answer-line.':
    'JSON Schema（2020-12）を例とともに出力します: policy、cases、question、question-line、decision、answer-line。',
  'Who may send what to whom: a standard question from every jurisdiction to every other. Needs no node; asks the reference policies where none are named.':
    '誰が誰に何を送れるかを、すべての法域間の標準の質問で示します。ノードは不要で、指定がなければ参照ポリシーを使います。',
  'ask these policies; a folder or a file (may be repeated)': 'このポリシーに問う。フォルダーまたはファイル（複数指定可）',
  'registration, qualification, invoice or mandate': 'registration、qualification、invoice、mandate のいずれか',
  'of the recipient': '受領者の部門',
  'as of this day; today when left out': 'この日の時点（省略時は今日）',
  'only between these jurisdictions (may be repeated)': 'この法域の間だけ（複数指定可）',
  'for each category of the data by itself': 'データの区分ごとに',
  'say why, for what this jurisdiction sends': 'この法域が送るものについて理由を示す',
  'take the policies as in force on any day; always so for the reference policies': 'ポリシーをいつでも施行中とみなす（参照ポリシーは常に）',
  'write it as a page for a browser, with all types, sectors and days that are not named': '指定のない種類、部門、日付をすべて含む、ブラウザー用のページを書く',
  'If a legal relation fell: which flows lose what, which go on by another way, and what would have to be shown for the others. Needs no node.':
    '法的な関係が失われた場合に、どの移転が何を失い、どれが別の方法で続き、他に何が必要かを示します。ノードは不要です。',
  'id or kind of a relation of the legal pack': '法令パックの関係の ID または種別',
  'ask the running node instead, over the decisions it has made': '代わりに動作中のノードに、これまでの判定について問う',
  'Make the recorded decisions of this node again with a draft in place of the policy in force, and tell which come out differently. Changes nothing. `-` reads standard input.':
    'このノードの記録された判定を、現行のポリシーの代わりに草案でやり直し、結果が変わるものを示します。何も変更しません。`-` は標準入力です。',
  'how many exchanges, newest first (200 when left out, 1000 at most)': '交換の件数、新しい順（省略時は 200、最大 1000）',
  'go on where an earlier answer ended': '以前の回答の続きから',

  // --- Duties, audit, evidence.
  'Duties of exchanges: breaches first, then what is still to do, soonest first.': '交換の義務を示します。違反が先、次に未履行のものを期限の早い順に示します。',
  'The duties of one exchange: what was agreed and who carries it out, what was done, and each later use.':
    '交換一件の義務（合意、履行者、履行の状況、その後の利用）を示します。',
  'Carry out what is due now, without waiting for the node to look.': '期限の来た義務を、ノードの確認を待たずに履行します。',
  'only say what is due': '期限の来たものを示すだけ',
  'Tell the exporter that what was received in an exchange came into wrong hands, or may have. Signed, and sent until it is acknowledged.':
    '受領したものが漏えいしたか、その恐れがあることを移転元に知らせます。署名し、確認されるまで送ります。',
  'what happened, without what was in the credential': '何が起きたか（証明書の内容は含めない）',
  'when it was discovered (now when left out)': '判明した時刻（省略時は現在）',
  'Check the whole audit log, and that it extends the checkpoints partners hold: exits 9 when it does not. With a file, a proof from anybody’s log is checked without a node: exits 5 unless a witness you trust co-signed it. `-` reads standard input.':
    '監査ログ全体と、相手の持つチェックポイントに続いていることを検証し、続いていなければ 9 で終わります。ファイルを指定すると、誰のログの証拠でもノードなしで検証し、信頼する証人の連署がなければ 5 で終わります。`-` は標準入力です。',
  'a signed checkpoint of this log, for instance a partner’s copy': '相手の写しなど、このログの署名済みチェックポイント',
  'ask connected partners for the checkpoints they hold': '接続中の相手に、持っているチェックポイントを尋ねる',
  'of a proof: your trust roots, whose cosignatures count': '証拠の場合: 連署を数えるトラストルート',
  'of a proof: a witness whose cosignature counts (may be repeated)': '証拠の場合: 連署を数える証人（複数指定可）',
  'Print the proof that an entry, or all entries of an exchange, stand in this log under checkpoints that partners co-signed: a file for who has no node.':
    '記録または交換のすべての記録が、相手の連署したチェックポイントの下でこのログにあることの証拠を、ノードのない者のためのファイルとして出力します。',
  'Ask connected partners to co-sign the log as it stands now, and show who has co-signed what, and when.':
    '接続中の相手に現在のログへの連署を求め、誰がいつ何に連署したかを示します。',
  'only show, and ask nobody': '示すだけで、誰にも求めない',
  'Logs, of partners or our own, of which two signed checkpoints do not follow from one another: both notes, and what to do.':
    '署名された二つのチェックポイントがつながらないログ（相手または自ら）を、双方の文書と対処とともに示します。',
  'Entries of the audit log by kind, exchange, partner, code and time, newest first.':
    '監査ログの記録を、種別、交換、相手、コード、時刻で探し、新しい順に示します。',
  'such as `released` or `refused`': '`released` や `refused` などの種別',
  'only those of this exchange': 'この交換のものだけ',
  'only those that name this DID': 'この DID を含むものだけ',
  'only those with this error code': 'このエラーコードのものだけ',
  'only those from then on': 'この時刻以後のものだけ',
  'only those before': 'この時刻より前のものだけ',
  'only those before this entry: the next page': 'この記録より前のものだけ（次のページ）',
  'The last entries of the audit log; with --follow also those that come.': '監査ログの最後の記録を示します。--follow では、続いて届くものも示します。',
  'how many (20 when left out)': '件数（省略時は 20）',
  'go on with each new entry until it is stopped': '止めるまで、新しい記録を示し続ける',
  'The newest signed checkpoint of this log, or the last one seen of a partner’s. Keep it elsewhere: it proves a rewrite.':
    'このログの最新の署名済みチェックポイント、または相手のものの最後に見たものを示します。別の場所に保管すれば、書き換えを証明できます。',
  'One exchange as a file that a third party checks without any node: messages, decision, policies, signatures, log and keys. Claims stay here unless you say otherwise: only their digests leave.':
    '交換一件を、第三者がノードなしで確かめられるファイル（メッセージ、判定、ポリシー、署名、ログ、鍵）にします。指定しない限り、記載事項は出さずダイジェストだけを含めます。',
  'where it is written (evidence-<id>.jsonl when left out; `-` is standard output)': '書き出し先（省略時は evidence-<id>.jsonl、`-` は標準出力）',
  'what was disclosed leaves with the file': '開示した内容もファイルに含める',
  'Check an evidence file: no node and no network, on any machine. Exits 5 unless every check that matters passed; without roots of your own (`--trust`) nothing is verified, since a file could bring its own. `-` reads standard input.':
    '証拠ファイルを、ノードもネットワークもなしに、どの機械でも検証します。必要な検査のすべてに合格しない限り 5 で終わります。ファイルが自らのルートを持ち込めるため、自分のルート（`--trust`）がなければ何も検証されません。`-` は標準入力です。',
  'your trust roots: anchors with their jurisdictions': '自らのトラストルート（アンカーとその法域）',
  'certificates (PEM) of timestamp authorities that you trust': '信頼するタイムスタンプ局の証明書（PEM）',
  'Have a timestamp authority (RFC 3161) sign when the file was there, and add its token to the file. The authority sees one digest and nothing else.':
    'タイムスタンプ局（RFC 3161）にファイルの存在時刻への署名を求め、ファイルに加えます。局に見えるのはダイジェスト一つだけです。',
  'where the authority answers': 'タイムスタンプ局の URL',
  'where the file with the timestamp is written (the same file when left out)': 'タイムスタンプ付きのファイルの書き出し先（省略時は同じファイル）',

  // --- Invoices and mandates.
  'Check invoices: what the official rules of their profile say, with their ids, and beside it what stricter checks of ours find (check digits, sums, dates). No node is needed. Exits 5 when one of them is not valid.':
    '請求書を、プロファイルの公式規則（ID 付き）と、より厳しい独自の検査（検査数字、合計、日付）で確かめます。ノードは不要です。一つでも有効でなければ 5 で終わります。',
  'judge by this profile, whatever the invoice says of itself': '請求書の記載にかかわらず、このプロファイルで判定する',
  'the exit code follows the official rules alone': '終了コードを公式規則だけで決める',
  'An invoice as a person reads it, from UBL or CII: parties, lines, tax and totals, with what was found wrong. `--html` writes a page for a browser or a printer. In place of a file it takes the id of a credential, and judges what that shows.':
    'UBL または CII の請求書を、人が読める形（当事者、明細、税、合計、指摘）で示します。`--html` はブラウザーや印刷用のページを書きます。ファイルの代わりに証明書の ID も指定でき、示された内容を判定します。',
  'write it as a page': 'ページとして書く',
  'of a received credential: what it is used for (trade.invoicing when left out)': '受領した証明書の場合: 利用目的（省略時は trade.invoicing）',
  'what it is for; policies decide by it (trade.invoicing when left out)': '目的（ポリシーの判断に使われる。省略時は trade.invoicing）',
  'the law the offer stands on; without one, contact persons stay': '提示の法的根拠（なければ担当者は開示しない）',
  'how long it waits for a buyer that is away (a week when left out)': '不在の買い手を待つ期限（省略時は一週間）',
  'Whether order, despatch, invoices and settlement of a trade agree: CONSISTENT, OPEN (something is still to come) or INCONSISTENT, with what contradicts. The file is JSON (docs/schemas/trade-chain.json), one chain or a list of them; or it is the ids of the credentials of one trade. Exits 5 when one is inconsistent.':
    '取引の注文、出荷、請求、決済が一致するかを示します（CONSISTENT、OPEN は未着あり、INCONSISTENT は矛盾あり）。ファイルは JSON（docs/schemas/trade-chain.json）で、一つまたは一覧です。一つの取引の証明書の ID も指定できます。矛盾があれば 5 で終わります。',
  'of received credentials: what they are used for (trade.invoicing when left out)': '受領した証明書の場合: 利用目的（省略時は trade.invoicing）',
  'Whether mandates cover an act: from the one that the business gave down to the agent’s. Who represented the business is told by its registration. Exits 6 with what is exceeded or missing.':
    '事業者の与えた委任から代理人のものまでの連鎖が、行為を含むかを示します。事業者の代表者は登記によります。範囲外または不足があれば、それを示して 6 で終わります。',
  'what is to be done, such as `invoice.issue`': '行為（`invoice.issue` など）',
  'on what, such as `goods`': '対象（`goods` など）',
  'jurisdiction where it takes effect': '効果が生じる法域',
  'the day of the act, as YYYY-MM-DD': '行為の日（YYYY-MM-DD）',
  'what it is worth': '金額',
  'in which currency': '通貨',
  'how many agents act together (1 when left out)': '共同する代理人の数（省略時は 1）',
  'registration credential of who gave a mandate (may be repeated)': '委任者の登記の証明書（複数指定可）',
  'what received mandates are used for (mandate.verification when left out)': '受領した委任状の利用目的（省略時は mandate.verification）',
  'what received registrations are used for (the same when left out)': '受領した登記の利用目的（省略時は同じ）',
  'What an error code means and what to do. Part of a code (`status`) lists all that have it; nothing lists all, by their exit code.':
    'エラーコードの意味と対処を示します。コードの一部（`status`）ならそれを含むすべて、省略すると終了コードごとにすべてを示します。',
  'Worked examples by topic; without a topic, the topics.': '題目ごとの実例を示します。省略すると題目の一覧です。',
  'Print what bash, zsh or fish reads to complete commands, options and, where the node runs, ids of credentials and exchanges, DIDs and policies.':
    'bash、zsh、fish が読み込む補完の定義を出力します。コマンド、オプションのほか、ノードが動いていれば証明書と交換の ID、DID、ポリシーも補完します。',
  'all commands as one page, or as manual pages': 'すべてのコマンドを一つのページまたはマニュアルにする',
  'Print all commands, their options and examples as Markdown; or write them as manual pages.':
    'すべてのコマンドとオプション、例を Markdown で出力するか、マニュアルページとして書きます。',
  'write manual pages there in place of Markdown: `man -l <folder>/dfft.1`': 'Markdown の代わりに、マニュアルページを書くフォルダー: `man -l <folder>/dfft.1`',
  'the configuration: values, whence they come, and changes': '設定の値とその由来、変更',
  'The value of a key as the node would take it now, or of all keys. Variables of the environment win over the file.':
    '項目の値、または全項目の値を、ノードが今読むとおりに示します。環境変数はファイルに優先します。',
  'Change one value in dfft.yaml, whose comments and order stay. What the node would refuse is not written. It takes effect at the next start.':
    'dfft.yaml の値を一つ変えます。コメントと順序は残ります。ノードが拒否するものは書きません。次の起動から有効です。',
  'only say whether it would be taken, and write nothing': '受け付けられるかを示すだけで、何も書かない',
  'Read dfft.yaml and the environment as the node would at its start. Exits 2 with file, line and column of what is wrong.':
    'dfft.yaml と環境変数を、ノードの起動時と同じに読みます。誤りがあれば、ファイル、行、桁とともに 2 で終わります。',
  'What a key means, its value, and whence that comes: a variable, the file with line and column, or the default.':
    '項目の意味、値、由来（環境変数、ファイルの行と桁、既定値）を示します。',
  'YAML or JSON with what the flags say, for scripts: `name: …`, `didMethod: webvh`; flags win':
    'フラグの内容を書いた YAML か JSON（スクリプト用）: `name: …`、`didMethod: webvh`。フラグが優先する',
  'tokens with which programs call this node over TCP': 'プログラムが TCP でこのノードを呼び出すためのトークン',
  'without the passphrase: the node answers how it is, and waits for `dfft unseal`': 'パスフレーズなしで起動。ノードは状態だけを答え、`dfft unseal` を待ちます',
  'start nothing, and print a hardened systemd unit for this folder': '何も起動せず、このフォルダー用の堅牢化した systemd ユニットを出力',
  'Drop the keys from memory, close the network and the public side; the process stays, answers how it is, and waits for `dfft unseal`.':
    '鍵をメモリーから消し、ネットワークと公開側を閉じます。プロセスは残り、状態を答え、`dfft unseal` を待ちます。',
  'Give a sealed node its passphrase. A wrong one leaves it sealed, and each makes the next answer slower, to half a minute.':
    '封印されたノードにパスフレーズを与えます。誤りなら封印のままで、誤るたびに次の応答が遅くなります（最長 30 秒）。',
  'Whether the node lives, has started, and can exchange, and why not; also of a sealed node. The listener for `metrics` serves the same at /health/live, /health/ready and /health/startup.':
    'ノードが稼働し、起動を終え、交換できるかを、できない理由とともに示します。封印中でも答えます。`metrics` の待ち受けは同じ内容を /health/live、/health/ready、/health/startup で提供します。',
  'Begin or end maintenance: no new exchange is begun or answered, those under way go to their end, partners hear that this node is busy and ask again after a minute. It outlasts restarts; a restored node begins in it.':
    '保守を始める、または終えます。新しい交換を始めず、応じず、進行中のものは最後まで進みます。相手には混雑中と伝わり、1 分後に再び尋ねます。再起動しても続き、復元されたノードは保守中で始まります。',
  'Look at folder, machine and node, check by check: proven, not proven, or failing, with what to do. Works without a running node as far as it can. Exits 5 when a check fails.':
    'フォルダー、機械、ノードを項目ごとに調べ、確認済み・未確認・不合格と、すべきことを示します。ノードが動いていなくても、できる範囲で調べます。不合格があれば終了コード 5 です。',
  'Walk to a partner: address, name, port, handshake, DID, protocol, policy, clock; says where it stops. Exits 5 when it does.':
    '相手までの道を、住所、名前、ポート、握手、DID、プロトコル、ポリシー、時計の順にたどり、止まった所を示します。止まれば終了コード 5 です。',
  'Read every record and file of this node, while it runs or while it is stopped, and name each that is damaged: which module it belongs to, and what to do. Nothing is changed; no passphrase is needed. Exits 9 when something is damaged.':
    'このノードのすべてのレコードとファイルを、稼働中でも停止中でも読み、壊れたものを、属するモジュールとすべきこととともに示します。何も変えず、パスフレーズも要りません。壊れたものがあれば終了コード 9 です。',
  'Write a file for whoever helps you: how the node is, with a manifest of what is in it, the digest of each part, and what was left out and why. No keys, no claims, no DIDs, no names. Read it before you send it: it is JSON.':
    '支援者に渡すファイルを書きます。ノードの状態と、内容、各部のダイジェスト、除いたものとその理由の一覧です。鍵、属性、DID、名前は含みません。送る前に読んでください。JSON です。',
  'put it together and show the manifest, and write nothing': '組み立てて一覧を示すだけで、何も書きません',
  'drop the keys from memory and leave the network': '鍵をメモリーから消し、ネットワークから離れる',
  'give a sealed node its passphrase': '封印されたノードにパスフレーズを与える',
  'whether the node can exchange, and why not': 'ノードが交換できるか、できない理由',
  'no new exchanges while somebody works on the node': 'ノードの作業中は新しい交換をしない',
  'what is right with this node, what is wrong, and what to do': 'このノードの良い所と悪い所、すべきこと',
  'every record of this node, looked at': 'このノードの全レコードの検査',
  'how the node is, as a file without secrets': '秘密を含まない、ノードの状態のファイル',
  'encrypted backups of this node, and a folder made of one': 'このノードの暗号化バックアップと、そこからのフォルダーの復元',
  'the web console, for a browser': 'ブラウザーで使う Web コンソール',
  'A decision rule by rule: what each asks, what was there, and the first that is not met.':
    '判断を規則ごとに示します。各規則が求めるもの、実際にあったもの、満たされなかった最初のものです。',
  'An invoice credential against what else is held here: whether the tax number was in force on its day and is the registered seller’s, whether the signer may sign for it, whether it still stands. Nothing held is no proof: exits 5 with what does not fit or is missing.':
    '請求書の証明書を、ここに保有するほかの証明書と照合します。税務番号がその日に有効で登記された売り手のものか、署名者に権限があるか、請求書が今も有効かを調べます。保有していないものは証明になりません。合わないものや欠けているものを示し、終了コード 5 で終わります。',
  'End a token: from now on it opens nothing.': 'トークンを終わらせます。以後、何も開けません。',
  'If a legal relation fell, by the policies that this node holds: what each flow loses, and by which way it would go on.':
    '法的関係がなくなった場合を、このノードが保有するポリシーで調べます。各流れが失うものと、続けられる別の方法です。',
  'Make a token for a program. It is shown this once and kept nowhere: give it to the program by a file that only the program reads.':
    'プログラム用のトークンを作ります。表示はこの一度だけで、どこにも保存しません。そのプログラムだけが読めるファイルで渡してください。',
  'Make the folder of a node (--dir, empty or not there yet) from a backup. A log that would go back behind a head that is known is refused unless --accept-rollback; then the log records the gap.':
    'バックアップからノードのフォルダー（--dir。空か、まだないもの）を作ります。既知の先頭より前に戻る監査ログは、--accept-rollback がなければ拒否します。指定した場合は、欠けた部分をログに記録します。',
  'Open the web console: an address for the browser of this machine, good for one minute and one browser. From another machine it is reached through `ssh -L`.':
    'Web コンソールを開きます。この機械のブラウザー用のアドレスで、1 分間、1 つのブラウザーだけに有効です。別の機械からは `ssh -L` で開きます。',
  'The tokens there are, what each may do, until when, and when it was used last since the node started.':
    '今あるトークンと、それぞれに許されること、期限、ノードの起動後に最後に使われた時刻を示します。',
  'What is in a backup, when it was made and whose it is; all of it is read and checked. With --head only what can be read without the passphrase.':
    'バックアップの中身、作成時刻、持ち主を示します。全体を読んで検査します。--head を付けると、パスフレーズなしで読める部分だけです。',
  'Who may send what to whom by the policies that this node holds, as if they were in force on any day. `policy matrix` asks files.':
    'このノードが保有するポリシーで、誰が誰に何を提供できるかを、任意の日に有効だったものとして示します。ファイルについては `policy matrix` です。',
  'Why a cell of `policy held` is as it is.': '`policy held` の一つの欄が、なぜそうなのかを示します。',
  'Write an encrypted backup of this node, while it runs or while it is stopped: store, keys, keys of received data, anchor, attachments, configuration. It is read again and compared before it has its name. The file is written by the node, where that may write.':
    'このノードの暗号化バックアップを、稼働中でも停止中でも書き出します。データベース、鍵、受領データの鍵、アンカー、添付、設定を含みます。読み直して照合してから、指定の名前にします。ファイルはノードが、書き込みを許された場所に書きます。',
  'a signed head of this log that a partner, or you, kept (may be repeated)': '相手方または自分が保管していた、このログの署名済みの先頭（繰り返し可）',
  'as if this legal relation had never been': 'この法的関係が初めからなかったものとして',
  'file with the passphrase of the backup; else systemd’s credential `dfft-backup-passphrase`, else a line of standard input':
    'バックアップのパスフレーズのファイル。省略時は systemd のクレデンシャル `dfft-backup-passphrase`、それもなければ標準入力の 1 行',
  'have a verdict of before again, from a file of what `--json` printed or the id of an invoice credential: exits 0 when the same comes out, 5 when another does or it is of another document, 3 when its rules are not here':
    '以前の判定を再現します。`--json` の出力のファイル、または請求書の証明書の ID を指定します。同じ結果なら終了コード 0、違う結果か別の文書なら 5、その規則がここになければ 3 です',
  'judge by this mandate alone (may be repeated; all that are held when left out)': 'この委任だけで判断（繰り返し可。省略時は保有するすべて）',
  'judge by this registration alone (may be repeated; all that are held when left out)': 'この登記だけで判断（繰り返し可。省略時は保有するすべて）',
  'leave out the keys of received data: what was received cannot be read after a restore': '受領データの鍵を含めない。復元後、受領したものは読めません',
  'of the data, by itself': 'このデータ区分だけについて',
  'only show which one it would be': 'どれになるかを示すだけ',
  'only the first line, which anybody can read and nothing proves': '誰でも読めて、何も証明しない先頭行だけ',
  'read and check all of it, and write nothing': 'すべてを読んで検査し、何も書かない',
  'restore although later entries are known to be missing': '後の記録が欠けていると分かっていても復元する',
  'start the browser, where there is one': 'ブラウザーがあれば起動する',
  'what is left of the folder of before: its anchor tells of a roll-back, and keys it destroyed stay destroyed':
    '以前のフォルダーの残り。そのアンカーから巻き戻りが分かり、破棄した鍵は破棄されたままになります',
  'what is sold, in the words of mandates (`*`, which is everything, when left out)': '販売するもの。委任の用語で（省略時はすべてを表す `*`）',
  'what received invoices and registrations are used for (trade.invoicing when left out)': '受領した請求書と登記の利用目的（省略時は trade.invoicing）',
  'what received registrations are used for, where that is another': '受領した登記の利用目的が別の場合',
  'what the program is called in this node’s log': 'このノードのログでのプログラムの呼び名',
  'when it ends, as in 2027-01-01T00:00:00Z; until it is revoked when left out': '期限。2027-01-01T00:00:00Z の形で。省略時は失効させるまで',
  'where it takes effect (the country of the buyer when left out)': '効力が生じる場所（省略時は買い手の国）',
  'whether it may only look, or act too': '見るだけか、操作もできるか',
  'with --replay, of a received credential: what it is used for (trade.invoicing when left out)':
    '--replay で受領した証明書の利用目的（省略時は trade.invoicing）',
  'counts of exchanges that may be published': '公表できる交換の件数',
  'programs that are told what happens, by signed requests': '出来事を署名付きの要求で知らせるプログラム',
  'Count exchanges for publication, by jurisdiction, type, purpose and verdict. Counts below the threshold are left out, all others rounded down to a multiple of it.':
    '公表のために、交換を国・地域、種類、目的、判断ごとに数えます。しきい値より小さい件数は除き、ほかはその倍数に切り捨てます。',
  'the first day, as in 2026-10-01 (UTC)': '最初の日。2026-10-01 の形で（UTC）',
  'the day behind the last': '最後の日の翌日',
  'what is counted together: a month when left out': 'まとめて数える期間（省略時は月）',
  'the smallest count that is shown (5 when left out, 3 at least)': '示す最小の件数（省略時は 5、最小 3）',
  'print comma-separated values': 'CSV で出力',
  'Send what happens to a URL from now on: https, or http on this machine. Signed (Standard Webhooks, Ed25519): give the receiver the public key.':
    'これからの出来事を URL に送ります。https、またはこの機械の http です。署名（Standard Webhooks、Ed25519）が付くので、受け手に公開鍵を渡してください。',
  'a type as in `exchange.refused`, or `exchange.*` (when left out); may be repeated': '`exchange.refused` のような種類。省略時は `exchange.*`（繰り返し可）',
  'The webhooks there are, how far each is, why one fails, and what was refused for good.':
    '今ある Webhook と、それぞれの進み具合、失敗の理由、届けられなかったものを示します。',
  'Send a webhook an event that says nothing, once, and say what came of it.': '内容のない出来事を一度だけ送り、結果を示します。',
  'Send the dead letters of a webhook once more, in their order, and go on where it stopped.':
    '届けられなかったものを順にもう一度送り、止まったところから続けます。',
  'End a webhook and destroy its key.': 'Webhook を終わらせ、その鍵を破棄します。',
  'The registration, tax and account numbers in a credential or any JSON, each by its scheme, and which of them no register can have given out. No node is needed, and nothing is verified. Exits 5 when one is wrong.':
    '証明書または任意の JSON にある登記・税・口座の番号を方式ごとに示し、どの登録簿も発行しえないものを指摘します。ノードは不要で、検証は行いません。誤りがあれば終了コード 5 です。',
  'say what both policies would decide, field by field, and send nothing': '双方のポリシーの判断を項目ごとに示し、何も送らない',
  'say what this node would decide, and whether it is held already; nothing is sent, and the holder’s own half is not foreseen':
    'このノードの判断と、既に保有しているかを示す。何も送らず、保有者側の判断は予測しない',
  'The steps of this side of an exchange as spans. The partner’s have the same trace id. `--otlp` prints what a collector of OpenTelemetry takes.':
    '交換のこちら側の手順をスパンとして示します。相手方のものも同じトレース ID です。`--otlp` は OpenTelemetry のコレクターが受け取る形で出力します。',
  'print the spans alone, as OTLP in JSON': 'スパンだけを OTLP の JSON で出力',
  'DID of the buyer, or of the seller of a self-billed one': '買い手の DID。自己請求では売り手の DID',
  'the order that the invoice names (BT-13): id of its credential, or its file': '請求書が挙げる注文（BT-13）。証明書の ID、またはそのファイル',
  'likewise the contract (BT-12)': '同様に契約（BT-12）',
  'likewise the despatch advice (BT-16)': '同様に出荷案内（BT-16）',
  'likewise the receipt (BT-15)': '同様に受領通知（BT-15）',
  'likewise an invoice that it corrects or follows (BT-25; may be repeated)': '同様に、訂正または継続する元の請求書（BT-25。繰り返し可）',
  'verify a credential or presentation: `credential verify` in short': '証明書または提示を検証する（`credential verify` の短縮）',
  'Issue an invoice (UBL or CII) as a credential of this node, its seller, and offer it to the buyer; of a self-billed one this node is the buyer, and an agent’s node issues for the seller as far as its mandate goes. It is checked first, against the registration and mandates held here too: exits 5 with what was found when it is not valid, 6 when a mandate is exceeded or a policy refuses it.':
    '請求書（UBL または CII）を、売り手であるこのノードの証明書として発行し、買い手に提示します。仕入明細書（自己請求）ではこのノードが買い手で、代理人のノードは委任の範囲で売り手のために発行します。先に、ここに保有する登記と委任とも照合します。有効でなければ見つかったものを示して終了コード 5、委任を超えるかポリシーが拒否すれば 6 です。',
  'of an agent: what is sold, in the words of its mandate (`*`, which is everything, when left out)':
    '代理人の場合：販売するもの。委任の用語で（省略時はすべてを表す `*`）',
  'of an agent: where it takes effect (the country of the buyer when left out)': '代理人の場合：効力が生じる場所（省略時は買い手の国）',
  'of an agent: what the received registration of the seller is used for (trade.invoicing when left out)':
    '代理人の場合：受領した売り手の登記の利用目的（省略時は trade.invoicing）',
}
