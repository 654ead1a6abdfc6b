/** The Merkle path as a picture: the root above, the entry below, and beside the way the hashes that the proof brings. */
import { bilingual, useFormats, useWords } from '../language.ts'
import { hex } from '../merkle/bytes.ts'
import type { Path } from '../merkle/path.ts'
import { AsTable } from './pieces.tsx'
import { Table } from './table.tsx'

const words = bilingual(
  {
    picture: (index: string, size: string, steps: string, holds: boolean) =>
      `Entry ${index} of ${size}: ${steps} hashes lead ${holds ? 'to the signed root' : 'to another root than the signed one'}.`,
    root: 'signed root',
    computed: 'computed root',
    entry: (index: string) => `entry ${index}`,
    given: 'given by the proof',
    steps: 'Steps from the entry to the root',
    step: 'Step',
    side: 'Sibling stands',
    left: 'left',
    right: 'right',
    sibling: 'Sibling',
    hash: 'Hash of both',
    own: 'computed here',
  },
  {
    picture: (index, size, steps, holds) =>
      `${size} 件中の記録 ${index}：${steps} 個のハッシュをたどると、${holds ? '署名された根に一致します' : '署名された根と一致しません'}。`,
    root: '署名された根',
    computed: '計算した根',
    entry: (index) => `記録 ${index}`,
    given: '証明が与えるハッシュ',
    steps: '記録から根までの手順',
    step: '段',
    side: '隣の位置',
    left: '左',
    right: '右',
    sibling: '隣のハッシュ',
    hash: '両者のハッシュ',
    own: 'ここで計算したハッシュ',
  },
)

interface Props {
  readonly path: Path
  /** That was signed. */
  readonly root: Uint8Array
  readonly holds: boolean
  readonly index: number
  readonly size: number
}

/** In units of the drawing. */
const level = 84
const lane = 190
const box = { width: 148, height: 38 }
const width = 2 * lane + box.width + 12
const middle = width / 2

export function MerklePath({ path, root, holds, index, size }: Props) {
  const text = useWords(words)
  const { number } = useFormats()
  const { steps, leaf } = path
  const bottom = 74 + steps.length * level
  const height = bottom + 56
  // The way bends to the side its sibling is not on, so that the tree looks as it stands.
  const nodes = [leaf, ...steps.map(({ hash }) => hash)]
  return (
    <>
      <svg
        class={holds ? 'merkle merkle-holds' : 'merkle merkle-fails'}
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={text.picture(number(index), number(size), number(steps.length), holds)}
      >
        <Root hash={root} label={text.root} holds={holds} />
        {steps.map((step, at) => (
          <Level key={`${at} ${step.side}`} side={step.side} sibling={step.sibling} y={bottom - at * level} last={at === steps.length - 1} />
        ))}
        {nodes.map((hash, at) => (
          <Node
            key={`${at} ${hex(hash)}`}
            hash={hash}
            x={middle}
            y={bottom - at * level}
            label={at === 0 ? text.entry(number(index)) : at === nodes.length - 1 ? text.computed : ''}
            kind="own"
          />
        ))}
      </svg>
      <ul class="merkle-key">
        <li>
          <span class="key-own" /> {text.own}
        </li>
        <li>
          <span class="key-given" /> {text.given}
        </li>
      </ul>
      <AsTable>
        <Table
          caption={text.steps}
          keyOf={({ at }) => String(at)}
          rows={steps.map((step, at) => ({ ...step, at: at + 1 }))}
          columns={[
            { head: text.step, cell: ({ at }) => number(at), figures: true, names: true },
            { head: text.side, cell: ({ side }) => text[side] },
            { head: text.sibling, cell: ({ sibling }) => <code>{hex(sibling)}</code> },
            { head: text.hash, cell: ({ hash }) => <code>{hex(hash)}</code> },
          ]}
        />
      </AsTable>
    </>
  )
}

function Root({ hash, label, holds }: { readonly hash: Uint8Array; readonly label: string; readonly holds: boolean }) {
  return (
    <g class="merkle-root">
      <rect x={middle - 110} y={4} width={220} height={34} rx={8} />
      <text x={middle} y={26} text-anchor="middle">
        {label} {hex(hash).slice(0, 10)}…
      </text>
      <path d={holds ? `M${middle - 4} 42v9 M${middle + 4} 42v9` : `M${middle - 4} 42v9 M${middle + 4} 42v9 M${middle - 10} 51l20 -9`} />
    </g>
  )
}

/** One step up: the sibling beside the way, and the lines by which both meet above. */
function Level({ side, sibling, y, last }: { readonly side: 'left' | 'right'; readonly sibling: Uint8Array; readonly y: number; readonly last: boolean }) {
  const x = side === 'left' ? middle - lane : middle + lane
  const above = y - level + box.height / 2 + 2
  const from = y - box.height / 2
  const bend = (from + above) / 2
  return (
    <g>
      <path class={last ? 'merkle-line merkle-way' : 'merkle-line merkle-way'} d={`M${middle} ${from}V${above}`} />
      <path class="merkle-line" d={`M${x} ${from}C${x} ${bend} ${middle} ${bend} ${middle} ${above}`} />
      <Node hash={sibling} x={x} y={y} label="" kind="given" />
    </g>
  )
}

interface NodeProps {
  readonly hash: Uint8Array
  readonly x: number
  readonly y: number
  readonly label: string
  readonly kind: 'own' | 'given'
}

function Node({ hash, x, y, label, kind }: NodeProps) {
  const short = hex(hash).slice(0, 12)
  return (
    <g class={`merkle-node merkle-${kind}`}>
      <rect x={x - box.width / 2} y={y - box.height / 2} width={box.width} height={box.height} rx={8} />
      <text class="merkle-hash" x={x} y={y + (label === '' ? 5 : -2)} text-anchor="middle">
        {short}…
      </text>
      {label === '' ? null : (
        <text class="merkle-label" x={x} y={y + 13} text-anchor="middle">
          {label}
        </text>
      )}
    </g>
  )
}
