/** 設定の項目。What each key of dfft.yaml is, in Japanese; a test compares with node/config.ts. */
export const configJa: Readonly<Record<string, string>> = {
  name: '相手に示すノードの名称。',
  jurisdiction: 'ノードが従う法域（ISO 3166-1 alpha-2、または `EU`）。',
  did: 'method: key | jwk | webvh。webvh は鍵の履歴を残し、`domain` が必要です。',
  listen: '待ち受けるアドレス（multiaddr）。tcp/0 は空きポート。中継だけで到達できるノードは空にします。',
  announce: '相手に知らせるアドレスが異なる場合（名前、またはファイアウォールの外側）。',
  relay: 'serve: ファイアウォール内の相手を中継するか。use: このノードへの中継者（/p2p/ の ID 付き）。',
  network: '異なるネットワークのノードは互いの hello を拒否します。',
  encrypters: 'noise | tls を優先順に。noise がないと、それしか話せないノードは接続できません。',
  publicHttp: 'DID 文書、状態リスト、TRQP、稼働状況の host と port、または null。base: 外から見た https://…、proxies: 前段のアドレス。',
  metrics: 'Prometheus 形式の GET /metrics の host と port、または null。公開せず、ループバックか内部のアドレスにします。',
  keys: 'vault: file | pkcs11。pkcs11 には module（ライブラリー）、tokenLabel、PIN がパスフレーズと異なる場合の pinFile。',
  socket: '運用者のソケット。このフォルダーからの相対パスで、絶対パスで 107 バイトまで。',
  limits: '時間はミリ秒。statusAgeMaxMs: 状態リストがこれより古いと証明書を拒否します。islandAfterMs: 相手と通信できない状態を孤立とみなすまでの時間。',
  api: 'プログラムがトークンで呼び出す /v1 の host と port、または null。既定は socket だけです。',
  console: 'Web コンソールの host と port、または null。',
  logLevel: 'debug | info | warn | error',
}
