/** What is asked on a terminal, and what a new node's operator does next. */
import type { Lang } from './lang.ts'

export interface Prompts {
  readonly name: string
  readonly jurisdiction: string
  readonly method: string
  readonly domain: string
  readonly passphrase: string
  readonly newPassphrase: string
  readonly again: string
  readonly backupPassphrase: string
  readonly next: string
  steps(dir: string): readonly string[]
}

const en: Prompts = {
  name: 'Name of the node: ',
  jurisdiction: 'Jurisdiction (two letters): ',
  method: 'DID method (key, jwk, webvh) [key]: ',
  domain: 'Domain of the DID: ',
  passphrase: 'Passphrase: ',
  newPassphrase: 'New passphrase: ',
  again: 'The same again: ',
  backupPassphrase: 'Passphrase of the backup: ',
  next: 'What now:',
  steps: (dir) => [`dfft up --detach${dir}`, `dfft enrol <address of your agency> --name … --number …${dir}`, 'dfft cheat start'],
}

const ja: Prompts = {
  name: 'ノードの名称: ',
  jurisdiction: '法域（二文字）: ',
  method: 'DID メソッド（key、jwk、webvh）[key]: ',
  domain: 'DID のドメイン: ',
  passphrase: 'パスフレーズ: ',
  newPassphrase: '新しいパスフレーズ: ',
  again: 'もう一度: ',
  backupPassphrase: 'バックアップのパスフレーズ: ',
  next: '次の手順:',
  steps: (dir) => [`dfft up --detach${dir}`, `dfft enrol <機関のアドレス> --name … --number …${dir}`, 'dfft cheat start'],
}

export function promptsOf(lang: Lang): Prompts {
  return lang === 'ja' ? ja : en
}
