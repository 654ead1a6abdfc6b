/** What crossed between jurisdictions: a calm ring of places with arcs. There are no maps in here, so none is drawn: no coast, no border. */
import type { OutputOf } from '#node/api.ts'
import { bilingual, useFormats, useWords } from '../language.ts'
import { Loaded, useCall } from '../parts/loading.tsx'
import { Card, Screen } from '../parts/pieces.tsx'
import { Table } from '../parts/table.tsx'

const words = bilingual(
  {
    title: 'Flow map',
    lead: 'The last thousand exchanges that came to a decision, by where the data would go. The places stand on a ring, not on a map: it shows no land and no border.',
    chart: (flows: string) => `Flows between jurisdictions on a ring: ${flows}`,
    permitted: 'permitted',
    refused: 'refused',
    from: 'From',
    to: 'To',
    count: 'Exchanges',
    took: 'Median time',
    table: 'Flows',
    none: 'No exchange came to a decision yet.',
  },
  {
    title: '流れの図',
    lead: '判断に至った直近 1,000 件の授受を、データの行き先ごとに示します。法域は円周上に並べており、地図ではありません（国土も国境も示しません）。',
    chart: (flows) => `法域間の流れ（円周配置）：${flows}`,
    permitted: '許可',
    refused: '拒否',
    from: '提供元',
    to: '提供先',
    count: '件数',
    took: '所要時間の中央値',
    table: '流れの一覧',
    none: '判断に至った授受はまだありません。',
  },
)

interface Flow {
  readonly from: string
  readonly to: string
  readonly permitted: number
  readonly refused: number
  readonly medianMs: number | null
}

function flowsOf({ records }: OutputOf<'exchangeRecords'>): Flow[] {
  const decided = records.filter(({ from, to, verdict }) => from !== null && to !== null && verdict !== null)
  return [...Map.groupBy(decided, ({ from, to }) => `${from} ${to}`).values()].flatMap((group) => {
    const [first] = group
    if (!first) return []
    const times = group.flatMap(({ durationMs }) => durationMs ?? []).sort((a, b) => a - b)
    const permitted = group.filter(({ verdict }) => verdict === 'permit').length
    return [{ from: first.from ?? '', to: first.to ?? '', permitted, refused: group.length - permitted, medianMs: times[times.length >> 1] ?? null }]
  })
}

export function Page() {
  const text = useWords(words)
  const asking = useCall('exchangeRecords', { limit: 1000 })
  return (
    <Screen title={text.title} lead={text.lead}>
      <Loaded of={asking}>{(found) => <Found flows={flowsOf(found)} />}</Loaded>
    </Screen>
  )
}

function Found({ flows }: { readonly flows: readonly Flow[] }) {
  const text = useWords(words)
  const { number, milliseconds } = useFormats()
  if (flows.length === 0) return <p class="empty">{text.none}</p>
  return (
    <div class="bench">
      <Card title={text.title}>
        <Ring flows={flows} />
        <ul class="merkle-key">
          <li>
            <span class="key-permit" /> {text.permitted}
          </li>
          <li>
            <span class="key-refuse" /> {text.refused}
          </li>
        </ul>
      </Card>
      <Card title={text.table}>
        <Table
          caption={text.table}
          captionUnseen
          keyOf={({ from, to }) => `${from} ${to}`}
          rows={flows}
          columns={[
            { head: text.from, cell: ({ from }) => from, by: ({ from }) => from, names: true },
            { head: text.to, cell: ({ to }) => to, by: ({ to }) => to },
            { head: text.permitted, cell: ({ permitted }) => number(permitted), figures: true, by: ({ permitted }) => permitted },
            { head: text.refused, cell: ({ refused }) => number(refused), figures: true, by: ({ refused }) => refused },
            {
              head: text.took,
              cell: ({ medianMs }) => (medianMs === null ? '—' : milliseconds(medianMs)),
              figures: true,
              by: ({ medianMs }) => medianMs ?? -1,
            },
          ]}
        />
      </Card>
    </div>
  )
}

const size = 480
const radius = 170

function Ring({ flows }: { readonly flows: readonly Flow[] }) {
  const text = useWords(words)
  const places = [...new Set(flows.flatMap(({ from, to }) => [from, to]))].sort()
  const spot = (place: string) => {
    const angle = (places.indexOf(place) / places.length) * 2 * Math.PI - Math.PI / 2
    return { x: size / 2 + radius * Math.cos(angle), y: size / 2 + radius * Math.sin(angle) }
  }
  const said = flows.map(({ from, to, permitted, refused }) => `${from} → ${to}: ${permitted} ${text.permitted}, ${refused} ${text.refused}`).join('; ')
  return (
    <svg class="ring" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={text.chart(said)}>
      <circle class="ring-line" cx={size / 2} cy={size / 2} r={radius} />
      {flows.map((flow) => (
        <Arc key={`${flow.from} ${flow.to}`} flow={flow} from={spot(flow.from)} to={spot(flow.to)} />
      ))}
      {places.map((place) => {
        const { x, y } = spot(place)
        return (
          <g key={place} class="ring-place">
            <circle cx={x} cy={y} r={26} />
            <text x={x} y={y + 6} text-anchor="middle">
              {place}
            </text>
          </g>
        )
      })}
    </svg>
  )
}

interface Point {
  readonly x: number
  readonly y: number
}

/** Permitted and refused beside one another, each as wide as it is many; an arrowhead where it goes. */
function Arc({ flow, from, to }: { readonly flow: Flow; readonly from: Point; readonly to: Point }) {
  const home = flow.from === flow.to
  const wide = (count: number) => Math.min(14, 2 + 2 * Math.log2(1 + count))
  const line = (bend: number) => {
    if (home) return `M${from.x - 14} ${from.y - 22}c-30 -60 58 -60 28 0`
    const [dx, dy] = [to.x - from.x, to.y - from.y]
    const length = Math.hypot(dx, dy) || 1
    const [ux, uy] = [dx / length, dy / length]
    const start = { x: from.x + ux * 28, y: from.y + uy * 28 }
    const end = { x: to.x - ux * 36, y: to.y - uy * 36 }
    return `M${start.x} ${start.y}Q${(start.x + end.x) / 2 - uy * bend} ${(start.y + end.y) / 2 + ux * bend} ${end.x} ${end.y}`
  }
  return (
    <g>
      <defs>
        <marker id="ring-permit" viewBox="0 0 10 10" refX="3" refY="5" markerWidth="14" markerHeight="14" markerUnits="userSpaceOnUse" orient="auto">
          <path class="ring-head-permit" d="M0 0 10 5 0 10Z" />
        </marker>
        <marker id="ring-refuse" viewBox="0 0 10 10" refX="3" refY="5" markerWidth="14" markerHeight="14" markerUnits="userSpaceOnUse" orient="auto">
          <path class="ring-head-refuse" d="M0 0 10 5 0 10Z" />
        </marker>
      </defs>
      {flow.permitted > 0 ? <path class="ring-arc ring-permit" d={line(34)} stroke-width={wide(flow.permitted)} marker-end="url(#ring-permit)" /> : null}
      {flow.refused > 0 ? <path class="ring-arc ring-refuse" d={line(74)} stroke-width={wide(flow.refused)} marker-end="url(#ring-refuse)" /> : null}
    </g>
  )
}
