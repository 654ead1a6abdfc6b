import type { DecisionTree } from '#node/api/policies.ts'
import { command, type Session } from '../command.ts'
import { clean, table } from '../render.ts'

interface Flow {
  readonly type?: string
  readonly sector?: 'private' | 'public'
  readonly at?: string
  readonly without?: string
}

const flowOptions = [
  { flags: '--type <type>', about: 'registration, qualification, invoice or mandate' },
  { flags: '--sector <sector>', about: 'of the recipient', choices: ['private', 'public'] },
  { flags: '--at <time>', about: 'as of this day; today when left out' },
  { flags: '--without <relation>', about: 'as if this legal relation had never been' },
]

export const commands = [
  command<object, readonly [exchange: string]>({
    usage: 'tree <exchange>',
    about: 'A decision rule by rule: what each asks, what was there, and the first that is not met.',
    operation: 'policyTree',
    examples: ['dfft policy tree 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b', 'dfft policy tree 5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b --lang ja'],
    run: async (session, [exchange]) => {
      const result = await session.api.policyTree({ exchange, lang: session.lang })
      return { result, text: result.decisions.flatMap((tree) => treeLines(tree, session)).join('\n') }
    },
  }),
  command<Flow>({
    usage: 'held',
    about: 'Who may send what to whom by the policies that this node holds, as if they were in force on any day. `policy matrix` asks files.',
    operation: 'policyMatrix',
    options: flowOptions,
    examples: ['dfft policy held', 'dfft policy held --type invoice --at 2025-06-30', 'dfft policy held --without eu-adequacy-jp --json'],
    run: async (session, _, flow) => {
      const result = await session.api.policyMatrix({ ...flow, lang: session.lang })
      const codes = result.jurisdictions.map(({ id }) => id)
      const rows = codes.map((from, row) => [from, ...codes.map((_, column) => result.grids[0]?.outcomes[row * codes.length + column] ?? '')])
      return { result, text: table(['', ...codes], rows, session.style, session.texts.none) }
    },
  }),
  command<Flow & { readonly category?: string }, readonly [from: string, to: string]>({
    usage: 'why <from> <to>',
    about: 'Why a cell of `policy held` is as it is.',
    operation: 'policyWhy',
    options: [...flowOptions, { flags: '--category <category>', about: 'of the data, by itself' }],
    examples: ['dfft policy why JP DE', 'dfft policy why DE JP --without eu-adequacy-jp --lang ja'],
    run: async (session, [from, to], flow) => {
      const result = await session.api.policyWhy({ ...flow, from, to, lang: session.lang })
      return { result, text: [clean(result.outcome), ...treeLines(result.decision, session)].join('\n') }
    },
  }),
  command<Pick<Flow, 'at'>, readonly [relation: string]>({
    usage: 'falls <relation>',
    about: 'If a legal relation fell, by the policies that this node holds: what each flow loses, and by which way it would go on.',
    operation: 'policyWhatIf',
    options: [{ flags: '--at <time>', about: 'as of this day; today when left out' }],
    examples: ['dfft policy falls eu-adequacy-jp', 'dfft policy falls jp-designation --at 2025-06-30 --json'],
    run: async (session, [drop], { at }) => {
      const result = await session.api.policyWhatIf({ drop, ...(at === undefined ? {} : { at }), lang: session.lang })
      const lines = result.flows.map(({ fate, from, to, type, sector, before, after, ways }) =>
        clean(`${fate}  ${from} → ${to}  ${type}, ${sector}: ${before} → ${after}${ways.length === 0 ? '' : `  (${ways.join(' / ')})`}`),
      )
      return { result, text: [...result.dropped.map(({ label }) => clean(label)), `${result.flows.length}/${result.looked}`, ...lines].join('\n') }
    },
  }),
]

function treeLines({ verdict, code, sides }: DecisionTree, { style }: Session): string[] {
  const mark = (met: boolean) => (met ? style.good('+') : style.bad('-'))
  return [
    verdict === 'permit' ? style.good(verdict) : `${style.bad(verdict)}  ${clean(code)}`,
    ...sides.flatMap((side) => [
      `${side.side}: ${clean(side.of)}  ${clean(side.codeText)}`,
      ...side.rules.flatMap(({ id, title, standing, conditions, firstFailing }) => [
        `  ${clean(id)}  ${standing}${title === null ? '' : `  ${clean(title)}`}`,
        ...conditions.map(({ part, fact, wanted, have, met }, at) =>
          clean(`    ${mark(met)} ${fact === '' ? part : fact}: ${wanted.join(' | ') || '*'} (${have.join(', ')})${at === firstFailing ? ' ←' : ''}`),
        ),
      ]),
      ...side.nearest.map(({ needs }) => clean(`  → ${needs.join('; ')}`)),
    ]),
  ]
}
