/** A rehearsal as a person reads it, in both languages: how many decisions come out differently, and which, and how. */
import type { NodeApi } from '#node/api.ts'
import type { Session } from './command.ts'
import { clean, table } from './render.ts'
import type { Lang } from './texts.ts'

type Rehearsal = Awaited<ReturnType<NodeApi['policyRehearse']>>
type Flip = Rehearsal['flips'][number]

interface RehearsalTexts {
  draft(one: NonNullable<Rehearsal['draft']>): string
  dropped(relation: string): string
  looked(result: Rehearsal): string
  counts(counts: Rehearsal['counts']): string
  readonly heads: readonly string[]
  readonly because: Readonly<Record<Flip['because'], string>>
  readonly duties: string
  readonly none: string
  more(next: string): string
}

const en: RehearsalTexts = {
  draft: ({ id, jurisdiction, serial, replaces }) =>
    `Draft of ${jurisdiction}: ${id}, serial ${serial}${replaces ? `, in place of ${replaces.id}, serial ${replaces.serial}` : ', where there is none in force'}`,
  dropped: (relation) => `Without ${relation}`,
  looked: ({ exchanges, decisions, undecided, flips }) =>
    `${exchanges} exchanges, newest first, with ${decisions} decisions${undecided > 0 ? ` (${undecided} came to none here)` : ''}: ${flips.length} come out differently.`,
  counts: ({ toDeny, toPermit, releaseLess, releaseMore, duties, since }) =>
    `now refused ${toDeny}, now permitted ${toPermit}; release less ${releaseLess}, more ${releaseMore}; other duties ${duties}; of all, ${since} not because of it but of what changed since`,
  heads: ['exchange', 'flow', 'data', 'purpose', 'before', 'after', 'released', 'because'],
  because: { draft: 'this', since: 'since then' },
  duties: 'duties',
  none: 'Nothing comes out differently.',
  more: (next) => `There are older ones: --before ${next}`,
}

const ja: RehearsalTexts = {
  draft: ({ id, jurisdiction, serial, replaces }) =>
    `${jurisdiction} の草案：${id}（通番 ${serial}）${replaces ? `、置き換えるポリシー：${replaces.id}（通番 ${replaces.serial}）` : '、現行のポリシーなし'}`,
  dropped: (relation) => `${relation} がないとした場合`,
  looked: ({ exchanges, decisions, undecided, flips }) =>
    `新しい順に${exchanges}件の交換、${decisions}件の判定${undecided > 0 ? `（${undecided}件はここでの判定なし）` : ''}：${flips.length}件の結果が変わります。`,
  counts: ({ toDeny, toPermit, releaseLess, releaseMore, duties, since }) =>
    `拒否に変わる ${toDeny}、許可に変わる ${toPermit}、提供が減る ${releaseLess}、増える ${releaseMore}、義務が変わる ${duties}。うち${since}件は、その後の変化によるものです`,
  heads: ['交換', '移転', 'データ', '目的', '前', '後', '提供', '理由'],
  because: { draft: 'これによる', since: 'その後の変化' },
  duties: '義務',
  none: '結果が変わる判定はありません。',
  more: (next) => `さらに古いもの：--before ${next}`,
}

const texts: Readonly<Record<Lang, RehearsalTexts>> = { en, ja }

/** @param dropped the relation, where it was not a draft */
export function rehearsalText(result: Rehearsal, dropped: string | undefined, { lang, style }: Pick<Session, 'lang' | 'style'>): string {
  const words = texts[lang]
  const rows = result.flips.map((flip) => [
    flip.exchange,
    `${flip.from} → ${flip.to}`,
    flip.credential,
    flip.purpose,
    flip.before.code,
    flip.after.code,
    differences(flip, words),
    words.because[flip.because],
  ])
  return [
    style.bold(clean(result.draft ? words.draft(result.draft) : words.dropped(dropped ?? ''))),
    words.looked(result),
    ...(result.flips.length === 0 ? [] : [words.counts(result.counts)]),
    '',
    table(words.heads, rows, style, words.none),
    ...(result.next === null ? [] : ['', words.more(result.next)]),
  ].join('\n')
}

/** What is released no longer and what besides, and whether the duties are others. */
function differences({ before, after, changed }: Flip, { duties }: RehearsalTexts): string {
  const less = before.released.filter((path) => !after.released.includes(path)).map((path) => `-${path}`)
  const more = after.released.filter((path) => !before.released.includes(path)).map((path) => `+${path}`)
  return [...less, ...more, ...(changed.includes('duties') ? [duties] : [])].join(' ')
}
