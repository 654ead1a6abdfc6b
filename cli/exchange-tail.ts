/** The steps of exchanges as a stream: the entries of the audit log that belong to one, those that are there and those that come. */
import type { NodeApi } from '#node/api.ts'
import type { Outcome, Session } from './command.ts'
import { put } from './output.ts'
import { clean } from './render.ts'

export interface TailOptions {
  readonly limit?: number
  readonly follow?: boolean
  readonly exchange?: string
  readonly partner?: string
  readonly kind?: string
  readonly code?: string
}

type Entry = Awaited<ReturnType<NodeApi['auditTail']>>['entries'][number]

/** One step: an entry of an exchange. Nothing of what was exchanged is in it. */
export interface Step {
  readonly index: number
  readonly at: string
  readonly exchange: string
  readonly step: string
  readonly partner: string | null
  readonly code: string | null
  readonly facts: Readonly<Record<string, unknown>>
}

/** One question waits so long for something new. */
const waitMs = 20_000
const limitDefault = 20

/** Ends with the node, or when nobody reads any more. */
export async function tailExchanges(session: Session, options: TailOptions): Promise<Outcome> {
  const { api, io } = session
  const { limit = limitDefault, follow = false } = options
  const [newest] = (await api.auditTail({ limit: 1 })).entries
  let next = newest ? newest.index + 1 : 0
  for (const step of await lastSteps(api, next, limit, options)) if (!(await put(io.stdout, lineOf(step, session)))) return printed
  while (follow && !io.stdout.destroyed) {
    const { entries } = await api.auditTail({ limit: 1000, from: next, waitMs })
    next = (entries.at(-1)?.index ?? next - 1) + 1
    for (const step of entries.flatMap((entry) => stepOf(entry, options))) if (!(await put(io.stdout, lineOf(step, session)))) return printed
  }
  return printed
}

const printed: Outcome = { result: undefined, text: '', printed: true }

/** Backwards through the log until there are as many as are wanted; then in their order. */
async function lastSteps(api: NodeApi, end: number, limit: number, options: TailOptions): Promise<readonly Step[]> {
  const { exchange, partner, kind, code } = options
  const wish = { exchange, partner, kind, code } as Parameters<NodeApi['auditSearch']>[0] // The node reads what was typed.
  const steps: Step[] = []
  let before: number | null = end
  while (before !== null && before > 0 && steps.length < limit) {
    const page: Awaited<ReturnType<NodeApi['auditSearch']>> = await api.auditSearch({ ...wish, before, limit: 1000 })
    steps.push(...page.entries.flatMap((entry) => stepOf(entry, options)))
    before = page.next
  }
  return steps.slice(0, limit).toReversed()
}

/** Empty for an entry that belongs to no exchange, or that is not asked for. */
function stepOf({ index, at, kind, exchange, facts }: Entry, wish: TailOptions): readonly Step[] {
  if (exchange === null) return []
  const textIn = (value: unknown) => (typeof value === 'string' ? value : null)
  const step: Step = { index, at, exchange, step: kind, partner: textIn(facts.partner), code: textIn(facts.code), facts }
  const wanted =
    (wish.exchange ?? exchange) === exchange &&
    (wish.kind ?? kind) === kind &&
    (wish.code === undefined || wish.code === step.code) &&
    (wish.partner === undefined || Object.values(facts).flat().includes(wish.partner))
  return wanted ? [step] : []
}

/** The same columns whatever the terminal: a stream has no widest row. */
function lineOf(step: Step, { json, style }: Session): string {
  if (json) return `${JSON.stringify(step)}\n`
  const cells = [step.at, step.exchange, step.step.padEnd(style.plain ? 0 : 12), step.partner ?? '-', ...(step.code === null ? [] : [step.code])]
  return `${cells.map(clean).join(style.plain ? '\t' : '  ')}\n`
}
