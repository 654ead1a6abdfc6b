/** Who may send what to whom, by the policies held here: from × to × category, on any day, and as if a legal relation had never been. */
import { useEffect, useState } from 'preact/hooks'
import type { OutputOf } from '#node/api.ts'
import { bilingual, type Lang, useFormats, useLanguage, useWords } from '../language.ts'
import { announce } from '../parts/announcing.tsx'
import { DecisionTree } from '../parts/decision-tree.tsx'
import { Loaded, useCall } from '../parts/loading.tsx'
import { classOf, Grid, outcomeWords, type Spot } from '../parts/matrix-grid.tsx'
import { AsTable, Card, Screen } from '../parts/pieces.tsx'
import { Table } from '../parts/table.tsx'
import type { PageProps } from '../route.ts'
import { hrefOf, rewrite } from '../routing.ts'
import { WhatIf } from './what-if.tsx'

type Matrix = OutputOf<'policyMatrix'>

const words = bilingual(
  {
    title: 'Policy matrix',
    lead: 'One ordinary question from every jurisdiction to every other, decided by both sides’ policies as this node holds them. Choose a cell to see why.',
    type: 'Credential',
    sector: 'Recipient',
    private: 'private',
    public: 'public',
    category: 'Data',
    allData: 'all that is asked for',
    day: 'Day',
    dayHint: 'The law of that day, under the rules held today. Marks are days on which the law changed.',
    without: 'What if this fell?',
    nothing: 'nothing falls',
    legend: 'What the cells say',
    purpose: (purpose: string) => `Asked for: ${purpose}.`,
    asked: (count: string) => `Policies asked: ${count}`,
    changed: (count: string) => `${count} flows come out differently without it; they are framed.`,
    why: (from: string, to: string) => `Why: ${from} → ${to}`,
    whyHint: 'Choose a cell of the matrix: with the arrow keys and Enter, or by a click.',
    from: 'From',
    to: 'To',
    outcome: 'Outcome',
    flows: 'Flows',
    notAdvice: 'Modelled from public texts; not legal advice and not an act of any authority.',
    earlier: 'The law changed',
    none: 'No policy is in force here, so nothing may pass. Put one in force with dfft policy add.',
  },
  {
    title: 'ポリシー行列',
    lead: 'すべての法域の組み合わせについて標準的な照会を行い、このノードが保有する双方のポリシーで判定した結果です。欄を選ぶと理由を示します。',
    type: '証明書',
    sector: '受領者',
    private: '民間',
    public: '公的機関',
    category: 'データ',
    allData: '求められたすべて',
    day: '日付',
    dayHint: '現在保有する規則と、その日の法による結果です。目盛りは法が変わった日を示します。',
    without: 'これがなくなったら？',
    nothing: '何もなくならない',
    legend: '欄の意味',
    purpose: (purpose) => `照会の目的：${purpose}。`,
    asked: (count) => `照会したポリシー：${count} 件`,
    changed: (count) => `これがなくなると ${count} 件の結果が変わります。該当する欄に枠を付けています。`,
    why: (from, to) => `理由：${from} → ${to}`,
    whyHint: '行列の欄を選んでください（矢印キーと Enter、またはクリック）。',
    from: '提供元',
    to: '提供先',
    outcome: '結果',
    flows: '流れの一覧',
    notAdvice: '公開文書に基づくモデルであり、法的助言でも公的機関の行為でもありません。',
    earlier: '法が変わった日',
    none: '有効なポリシーがないため、何も提供できません。dfft policy add で有効にしてください。',
  },
)

interface Wish {
  readonly type: string
  readonly sector: 'private' | 'public'
  readonly category: string
  /** A day; empty for today. */
  readonly at: string
  readonly without: string
  readonly from: string
  readonly to: string
}

function wishIn(query: PageProps['query']): Wish {
  const said = (name: string) => query.get(name) ?? ''
  return {
    type: said('type') || 'registration',
    sector: said('sector') === 'public' ? 'public' : 'private',
    category: said('category'),
    at: /^\d{4}-\d{2}-\d{2}$/.test(said('at')) ? said('at') : '',
    without: said('without'),
    from: said('from'),
    to: said('to'),
  }
}

export function Page({ query }: PageProps) {
  const text = useWords(words)
  const { lang } = useLanguage()
  const [wish, setWish] = useState(() => wishIn(query))
  const change = (some: Partial<Wish>) => setWish({ ...wish, ...some })
  useEffect(() => rewrite(hrefOf('/policy', {}, Object.fromEntries(Object.entries(wish).map(([name, value]) => [name, value || undefined])))), [wish])
  const flow = flowOf(wish, lang)
  const asking = useCall('policyMatrix', flow, { keep: true })
  return (
    <Screen title={text.title} lead={text.lead}>
      <Loaded of={asking}>
        {(matrix) =>
          matrix.jurisdictions.length === 0 ? (
            <p class="empty">{text.none}</p>
          ) : (
            <>
              <Controls matrix={matrix} wish={wish} change={change} />
              <Shown matrix={matrix} wish={wish} change={change} />
              {wish.without === '' ? null : <WhatIf drop={wish.without} at={wish.at} />}
            </>
          )
        }
      </Loaded>
      <p class="field-hint">{text.notAdvice}</p>
    </Screen>
  )
}

function flowOf({ type, sector, at }: Wish, lang: Lang) {
  return { type, sector, lang, ...(at === '' ? {} : { at }) }
}

interface Part {
  readonly matrix: Matrix
  readonly wish: Wish
  readonly change: (some: Partial<Wish>) => void
}

function Controls({ matrix, wish, change }: Part) {
  const text = useWords(words)
  const categories = matrix.grids.slice(1).flatMap(({ categories: own }) => own)
  const chosen = (event: Event) => (event.currentTarget as HTMLSelectElement).value // The events are of selects.
  return (
    <Card title={text.purpose(matrix.purpose)}>
      <div class="fields">
        <label class="field">
          {text.type}
          <select value={wish.type} onChange={(event) => change({ type: chosen(event), category: '' })}>
            {matrix.types.map(({ id, label }) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          {text.category}
          <select value={wish.category} onChange={(event) => change({ category: chosen(event) })}>
            <option value="">{text.allData}</option>
            {categories.map(({ id, label }) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </select>
        </label>
        <label class="field">
          {text.sector}
          <select value={wish.sector} onChange={(event) => change({ sector: chosen(event) === 'public' ? 'public' : 'private' })}>
            <option value="private">{text.private}</option>
            <option value="public">{text.public}</option>
          </select>
        </label>
        <label class="field">
          {text.without}
          <select value={wish.without} onChange={(event) => change({ without: chosen(event) })}>
            <option value="">{text.nothing}</option>
            {matrix.relations.map(({ id, label }) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </select>
        </label>
      </div>
      <Days matrix={matrix} wish={wish} change={change} />
    </Card>
  )
}

const firstYear = 2016
const lastYear = 2030
const months = (lastYear - firstYear + 1) * 12

function monthOf(at: string): number {
  return (Number(at.slice(0, 4)) - firstYear) * 12 + Number(at.slice(5, 7)) - 1
}

function dayOf(month: number): string {
  return `${firstYear + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}-01`
}

/** A slider by months, whose marks are the days on which the law changed; and the exact day beside it. */
function Days({ matrix, wish, change }: Part) {
  const text = useWords(words)
  const { day } = useFormats()
  const at = wish.at === '' ? matrix.at.slice(0, 10) : wish.at
  const marks = matrix.changes.map((instant) => ({ instant, left: (monthOf(instant) / (months - 1)) * 100 })).filter(({ left }) => left >= 0 && left <= 100)
  return (
    <div class="days">
      <label class="field days-slider">
        <span>
          {text.day}: <strong>{day(`${at}T00:00:00Z`)}</strong>
        </span>
        <input
          type="range"
          min={0}
          max={months - 1}
          step={1}
          value={monthOf(at)}
          aria-valuetext={day(`${at}T00:00:00Z`)}
          onInput={(event) => change({ at: dayOf(Number(event.currentTarget.value)) })}
        />
        <svg class="days-marks" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" focusable="false">
          {marks.map(({ instant, left }) => (
            <path key={instant} d={`M${left} 0V4`} stroke="currentColor" stroke-width="2" vector-effect="non-scaling-stroke" />
          ))}
        </svg>
        <span class="field-hint">{text.dayHint}</span>
      </label>
      <label class="field">
        {text.day}
        <input type="date" value={at} min={`${firstYear}-01-01`} max={`${lastYear}-12-31`} onChange={(event) => change({ at: event.currentTarget.value })} />
      </label>
      <ul class="days-changes" aria-label={text.earlier}>
        {matrix.changes.map((instant) => (
          <li key={instant}>
            <button type="button" class="quiet button-small" onClick={() => change({ at: instant.slice(0, 10) })}>
              {day(instant)}
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}

/** The cells of the category that was chosen. */
function cellsOf({ grids }: Matrix, category: string): readonly string[] {
  const found = category === '' ? grids[0] : grids.find(({ categories }) => categories.some(({ id }) => id === category))
  return (found ?? grids[0])?.outcomes ?? []
}

function Shown({ matrix, wish, change }: Part) {
  const text = useWords(words)
  const outcomes = useWords(outcomeWords)
  const { lang } = useLanguage()
  const { number } = useFormats()
  const cells = cellsOf(matrix, wish.category)
  const other = useCall('policyMatrix', { ...flowOf(wish, lang), ...(wish.without === '' ? {} : { without: wish.without }) }, { keep: true })
  const after = wish.without !== '' && other.asked.state === 'ready' ? cellsOf(other.asked.value, wish.category) : cells
  const changed = after.flatMap((outcome, at) => (outcome === cells[at] ? [] : [at]))
  const tally = [...Map.groupBy(after, (outcome) => outcome)].map(([outcome, all]) => [outcome, all.length] as const).sort((a, b) => b[1] - a[1])
  const { jurisdictions } = matrix
  const chosen = { row: jurisdictions.findIndex(({ id }) => id === wish.from), column: jurisdictions.findIndex(({ id }) => id === wish.to) }
  const choose = ({ row, column }: Spot) => {
    change({ from: jurisdictions[row]?.id ?? '', to: jurisdictions[column]?.id ?? '' })
    announce(text.why(jurisdictions[row]?.label ?? '', jurisdictions[column]?.label ?? ''))
  }
  return (
    <>
      <div class="matrix-and-legend">
        <Grid places={jurisdictions} outcomes={after} changed={new Set(changed)} chosen={chosen} choose={choose} label={text.title} />
        <section class="legend" aria-label={text.legend}>
          <h2>{text.legend}</h2>
          <ul>
            {tally.map(([outcome, count]) => (
              <li key={outcome}>
                <span class={`legend-cell ${classOf(outcome)}`}>{outcomes[outcome]?.word ?? outcome}</span>
                <span>{outcomes[outcome]?.meaning ?? outcome}</span>
                <span class="legend-count">{number(count)}</span>
              </li>
            ))}
          </ul>
          {wish.without === '' ? null : <p role="status">{text.changed(number(changed.length))}</p>}
          <p class="field-hint">{text.asked(number(matrix.policies.length))}</p>
        </section>
      </div>
      <AsTable>
        <Table
          caption={text.flows}
          keyOf={({ from, to }) => `${from.id} ${to.id}`}
          rows={jurisdictions.flatMap((from, row) =>
            jurisdictions.map((to, column) => ({ from, to, outcome: after[row * jurisdictions.length + column] ?? '' })),
          )}
          columns={[
            { head: text.from, cell: ({ from }) => from.label, by: ({ from }) => from.id, names: true },
            { head: text.to, cell: ({ to }) => to.label, by: ({ to }) => to.id },
            { head: text.outcome, cell: ({ outcome }) => outcomes[outcome]?.meaning ?? outcome, by: ({ outcome }) => outcome },
          ]}
        />
      </AsTable>
      {chosen.row < 0 || chosen.column < 0 ? <p class="lead">{text.whyHint}</p> : <Why wish={wish} matrix={matrix} />}
    </>
  )
}

function Why({ wish, matrix }: { readonly wish: Wish; readonly matrix: Matrix }) {
  const text = useWords(words)
  const { lang } = useLanguage()
  const name = (code: string) => matrix.jurisdictions.find(({ id }) => id === code)?.label ?? code
  const asking = useCall(
    'policyWhy',
    {
      ...flowOf(wish, lang),
      from: wish.from as never,
      to: wish.to as never,
      ...(wish.category === '' ? {} : { category: wish.category }),
      ...(wish.without === '' ? {} : { without: wish.without }),
    },
    { keep: true },
  )
  return (
    <section class="why" aria-labelledby="why">
      <h2 id="why">{text.why(name(wish.from), name(wish.to))}</h2>
      <Loaded of={asking}>{({ decision }) => <DecisionTree tree={decision} />}</Loaded>
    </section>
  )
}
