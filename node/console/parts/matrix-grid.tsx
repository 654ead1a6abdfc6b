/** The matrix itself: one cell at a time has the focus, arrows move it, Enter or a click chooses. */
import { useRef, useState } from 'preact/hooks'
import { bilingual, useWords } from '../language.ts'

export const outcomeWords = bilingual(
  {
    all: { word: 'all', meaning: 'all that is asked for passes' },
    open: { word: 'open', meaning: 'the business data pass, the personal data are withheld' },
    part: { word: 'part', meaning: 'some of it passes' },
    CONDITIONS_NOT_MET: { word: 'need', meaning: 'nothing passes: there is a permit, but what it asks for is not shown' },
    DENIED_BY_RULE: { word: 'deny', meaning: 'nothing passes: a rule forbids it' },
    UNCOVERED_DATA: { word: 'no', meaning: 'nothing passes: no permit covers these data' },
    NO_RULE: { word: 'none', meaning: 'nothing passes: no rule permits such a flow' },
    NO_POLICY: { word: 'void', meaning: 'nothing passes: there is no policy' },
    POLICY_NOT_IN_FORCE: { word: 'over', meaning: 'nothing passes: no policy is in force at that time' },
    SUSPENDED: { word: 'stop', meaning: 'nothing passes: such flows are suspended' },
    CARRIED_DUTY: { word: 'duty', meaning: 'nothing passes: a duty that came with the data forbids it' },
  } as Record<string, { word: string; meaning: string }>,
  {
    all: { word: '全部', meaning: '求められたすべてを提供できる' },
    open: { word: '公開', meaning: '事業者の情報は提供できるが、個人データは留保される' },
    part: { word: '一部', meaning: '一部を提供できる' },
    CONDITIONS_NOT_MET: { word: '条件', meaning: '提供できない：許可の規則はあるが、その条件が示されていない' },
    DENIED_BY_RULE: { word: '禁止', meaning: '提供できない：規則により禁止されている' },
    UNCOVERED_DATA: { word: '対象外', meaning: '提供できない：このデータを許可する規則がない' },
    NO_RULE: { word: 'なし', meaning: '提供できない：このような移転を許可する規則がない' },
    NO_POLICY: { word: '未定', meaning: '提供できない：ポリシーがない' },
    POLICY_NOT_IN_FORCE: { word: '失効', meaning: '提供できない：その時点で有効なポリシーがない' },
    SUSPENDED: { word: '停止', meaning: '提供できない：このような移転は停止されている' },
    CARRIED_DUTY: { word: '義務', meaning: '提供できない：データとともに引き継がれた義務が禁じている' },
  },
)

const words = bilingual(
  { corner: 'from ↓ to →', cell: (from: string, to: string, word: string, meaning: string) => `${from} to ${to}: ${word}, ${meaning}`, changed: 'changed' },
  { corner: '提供元 ↓ 提供先 →', cell: (from, to, word, meaning) => `${from}から${to}：${word}、${meaning}`, changed: '変化あり' },
)

/** How much passes, as a colour; what stops it stands in the word. */
export function classOf(outcome: string): string {
  if (outcome === 'all' || outcome === 'open' || outcome === 'part') return `o-${outcome}`
  if (outcome === 'CONDITIONS_NOT_MET') return 'o-need'
  return outcome === 'DENIED_BY_RULE' || outcome === 'SUSPENDED' || outcome === 'CARRIED_DUTY' ? 'o-deny' : 'o-none'
}

export interface Spot {
  readonly row: number
  readonly column: number
}

interface GridProps {
  readonly places: readonly { readonly id: string; readonly label: string }[]
  /** Row by row. */
  readonly outcomes: readonly string[]
  readonly changed: ReadonlySet<number>
  readonly chosen: Spot
  readonly choose: (spot: Spot) => void
  readonly label: string
}

const steps: Readonly<Record<string, readonly [number, number]>> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }

export function Grid({ places, outcomes, changed, chosen, choose, label }: GridProps) {
  const text = useWords(words)
  const table = useRef<HTMLTableElement>(null)
  const [at, setAt] = useState<Spot>({ row: Math.max(0, chosen.row), column: Math.max(0, chosen.column) })
  const last = places.length - 1
  const move = (event: KeyboardEvent) => {
    const step = steps[event.key]
    const edge = event.key === 'Home' ? 0 : event.key === 'End' ? last : undefined
    if (step === undefined && edge === undefined) return
    event.preventDefault()
    const within = (value: number) => Math.min(last, Math.max(0, value))
    const next = step === undefined ? { row: at.row, column: edge ?? 0 } : { row: within(at.row + step[0]), column: within(at.column + step[1]) }
    setAt(next)
    table.current?.querySelector<HTMLButtonElement>(`[data-spot="${next.row} ${next.column}"]`)?.focus()
  }
  const current = { row: Math.min(at.row, last), column: Math.min(at.column, last) }
  return (
    <div class="matrix-box">
      {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: arrows move in it, as the grid pattern of ARIA has it */}
      <table class="matrix" role="grid" aria-label={label} ref={table} onKeyDown={move}>
        <thead>
          <tr>
            <th scope="col" class="matrix-corner">
              {text.corner}
            </th>
            {places.map(({ id, label: name }) => (
              <th key={id} scope="col" title={name}>
                <abbr title={name}>{id}</abbr>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {places.map((from, row) => (
            <tr key={from.id}>
              <th scope="row">
                <span class="matrix-code">{from.id}</span> <span class="matrix-name">{from.label}</span>
              </th>
              {places.map((to, column) => (
                <Cell
                  key={to.id}
                  from={from.label}
                  to={to.label}
                  home={row === column}
                  spot={{ row, column }}
                  outcome={outcomes[row * places.length + column] ?? ''}
                  changed={changed.has(row * places.length + column)}
                  chosen={chosen.row === row && chosen.column === column}
                  reached={current.row === row && current.column === column}
                  choose={() => {
                    setAt({ row, column })
                    choose({ row, column })
                  }}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface CellProps {
  readonly from: string
  readonly to: string
  readonly home: boolean
  readonly spot: Spot
  readonly outcome: string
  readonly changed: boolean
  readonly chosen: boolean
  readonly reached: boolean
  readonly choose: () => void
}

function Cell({ from, to, home, spot, outcome, changed, chosen, reached, choose }: CellProps) {
  const outcomes = useWords(outcomeWords)
  const text = useWords(words)
  const { word = outcome, meaning = outcome } = outcomes[outcome] ?? {}
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: what is in it has the focus
    // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a cell of a grid
    <td role="gridcell" aria-selected={chosen} class={home ? 'matrix-home' : undefined}>
      <button
        type="button"
        class={`cell ${classOf(outcome)} ${changed ? 'cell-changed' : ''} ${chosen ? 'cell-chosen' : ''}`}
        data-spot={`${spot.row} ${spot.column}`}
        tabIndex={reached ? 0 : -1}
        aria-label={`${text.cell(from, to, word, meaning)}${changed ? ` (${text.changed})` : ''}`}
        onClick={choose}
      >
        {word}
      </button>
    </td>
  )
}
