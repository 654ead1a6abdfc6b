/** What the exit codes say: one meaning each, on every command. */
import { Exit } from '#protocols/errors.ts'
import type { Lang } from './texts.ts'

type Name = keyof typeof Exit

const words: Readonly<Record<Lang, Readonly<Record<Name, string>>>> = {
  en: {
    ok: 'done',
    internal: 'a fault of this program, or a full disk',
    usage: 'the command or the configuration does not read',
    notFound: 'there is no such thing here',
    locked: 'locked, or not allowed',
    verification: 'it did not verify',
    denied: 'a policy or a right says no',
    network: 'not reached: try again',
    conflict: 'a replay, or in conflict with what is there',
    integrity: 'records, keys or logs are not as they were: look before going on',
    interrupted: 'interrupted by its user',
  },
  ja: {
    ok: '完了しました',
    internal: 'プログラムの不具合、またはディスクの空き不足',
    usage: 'コマンドまたは設定を解釈できません',
    notFound: '該当するものがありません',
    locked: '施錠されているか、許されていません',
    verification: '検証できませんでした',
    denied: 'ポリシーまたは権利が許しません',
    network: '到達できません。再度実行してください',
    conflict: '再送、または既にあるものとの矛盾',
    integrity: '記録、鍵、ログが元のままではありません。続ける前に調べてください',
    interrupted: '利用者が中断しました',
  },
}

/** By number, ascending. */
export function exitWords(lang: Lang): readonly (readonly [exit: number, meaning: string])[] {
  return Object.entries(Exit).map(([name, exit]) => [exit, words[lang][name as Name]]) // The keys of the table.
}
