/** What another version of a policy changes, as sentences with an example question each, in English and Japanese. */
import type { Change, Flip } from './analysis/change.ts'
import { codeText, sideName } from './explain.ts'
import type { Labels, Lang } from './labels.ts'
import type { Question } from './question.ts'

type Shown = Flip['before']

const kinds: Record<Lang, Record<Change['kind'], string>> = {
  en: {
    same: 'The rules are the same: no decision changes.',
    restricts: 'It only restricts: proved for every question. One signature is enough.',
    widens: 'It widens, or it is not proved that it only restricts. It needs as many signatures as the jurisdiction asks for.',
  },
  ja: {
    same: '規則は同じです。どの判断も変わりません。',
    restricts: '制限するだけの変更です（すべての質問について証明済み）。署名は一つで足ります。',
    widens: '許可を広げる変更であるか、制限するだけであると証明できません。法域が定める数の署名が必要です。',
  },
}

const effects = { en: { widens: 'Widens', restricts: 'Restricts' }, ja: { widens: '拡大', restricts: '制限' } } as const

export function changeWords({ kind, reasons, more, flips }: Change, labels: Labels): string[] {
  const { lang } = labels
  const left = lang === 'en' ? `${more} more are left out.` : `ほか ${more} 件は省略しました。`
  return [kinds[lang][kind], ...reasons, ...flips.map((flip) => flipWords(flip, labels)), ...(more > 0 ? [left] : [])]
}

function flipWords({ side, question, effect, before, after }: Flip, labels: Labels): string {
  const { lang } = labels
  const [was, is] = [shownWords(before, lang), shownWords(after, lang)]
  const changed = was === is ? dutiesWords(before, after, lang) : lang === 'en' ? `before it ${was}; after it ${is}` : `以前：${was}。以後：${is}`
  if (lang === 'en') return `${effects.en[effect]}, on the ${sideName.en[side]} side: ${questionWords(question, labels)}: ${changed}.`
  return `${effects.ja[effect]}（${sideName.ja[side]}）：${questionWords(question, labels)}：${changed}。`
}

function shownWords({ code, rules, disclosed }: Shown, lang: Lang): string {
  const by = rules.length === 0 ? '' : ` (${rules.join(', ')})`
  const releases = disclosed.length === 0 ? '' : `, ${disclosed.join(', ')}`
  return `${codeText[lang][code]}${by}${releases}`
}

function dutiesWords(before: Shown, after: Shown, lang: Lang): string {
  const listed = ({ obligations }: Shown) => (obligations.length === 0 ? '-' : obligations.map((one) => JSON.stringify(one)).join(', '))
  if (lang === 'en') return `its duties were ${listed(before)} and are ${listed(after)}`
  return `義務が ${listed(before)} から ${listed(after)} に変わります`
}

/** A question in one line: the flow, the data, and what is shown. */
export function questionWords({ credential, at, data, facts }: Question, labels: Labels): string {
  const values = (name: string) => [facts[name as keyof typeof facts]?.value ?? []].flat().map((word) => labels.label(String(word))) // A name that is none has no value.
  const [from, to] = (['from', 'to'] as const).map((name) => values(name).join() || '?')
  const items = data.map(({ path, category }) => `${labels.label(category)} (${path})`).join(', ')
  const others = Object.keys(facts).filter((name) => name !== 'from' && name !== 'to')
  const shown = others.map((name) => `${labels.fact(name)}: ${values(name).join(', ') || '-'}`)
  if (labels.lang === 'en') return [`${labels.label(credential)} from ${from} to ${to} at ${at}`, `data: ${items}`, ...shown].join('; ')
  return [`${at} における${from}から${to}への${labels.label(credential)}`, `データ：${items}`, ...shown].join('；')
}
