/**
 * The cells that a few rules cut the questions into: within one cell the same rules match and the same conditions hold.
 *
 * The cells are found one fact after another. A state says which rules still match and which of their conditions still
 * hold; each fact splits the states by what its values do to the rules that are left, and states that came to the same
 * are one. So the number of cells is that of the differences there are, and not the product of all words. Each cell
 * comes with a question that lies in it.
 */
import type { Did, Instant, JsonPointer } from '#protocols/ids.ts'
import { type FactName, factRow, type Question } from '../question.ts'
import { type Frame, frameOf, maskOf } from './atoms.ts'
import type { Box, Space } from './boxes.ts'
import { type Draft, type Next, type Said, type State, splitsOf } from './splits.ts'
import type { Work } from './work.ts'

export interface Cell {
  /** Rules that match, by their place among those given. */
  readonly matched: bigint
  /** Those of them whose conditions hold: a permit is satisfied, another rule is lifted. */
  readonly held: bigint
  readonly question: Question
}

export interface Cells {
  readonly cells: readonly Cell[]
  /** Whether these are all cells that were asked for; else there were too many. */
  readonly whole: boolean
}

export interface CellsWanted {
  readonly space: Space
  /** All rules that meet what is looked at, denies and duties as well. */
  readonly boxes: readonly Box[]
  /** Whether a cell is looked at. What it refuses for some rules it must refuse for any fewer. */
  readonly keep: (matched: bigint, held: bigint) => boolean
  readonly statesMax: number
  readonly work: Work
}

/** What one call may cost: some hundredths of a second. */
const stepsMax = 1_000_000
/** What a state costs beside its rules. */
const stateSteps = 8
/** With no work left a call still ends with whole questions, some; and a few when there is none left for any call. */
const statesLast = 64
const statesLeast = 2

export function cellsOf({ space, boxes, keep, statesMax, work: all }: CellsWanted): Cells {
  if (all.spent) return { cells: [], whole: false }
  const work = all.part(stepsMax)
  const frame = frameOf(space, boxes, work)
  work.spend(boxes.length * 64)
  const perState = stateSteps + (boxes.length >>> 4)
  let states: readonly State[] = [firstState(frame)]
  let cut = false
  for (const split of splitsOf(frame)) {
    const found = new Map<string, State>()
    const last = work.spent
    for (const state of states) {
      for (const next of split(state)) {
        work.spend(perState)
        const matched = state.matched & next.pass
        const held = state.held & matched & ~next.fail
        if (!keep(matched, held)) continue
        const key = keyOf(matched, held, state, next)
        if (!found.has(key)) found.set(key, advanced(matched, held, state, next))
      }
      cut ||= found.size > statesMax
      if (found.size > statesMax || (!last && work.spent && found.size > 0)) break
    }
    states = telling([...found.values()], work.spent ? Math.min(statesMax, all.spent ? statesLeast : statesLast) : statesMax)
  }
  const cells = states.map(({ matched, held, draft }) => ({ matched, held, question: questionOf(choicesOf(draft)) }))
  return { cells, whole: !cut && !work.spent }
}

/** Of too many states those in which most permits may still be satisfied, and as many of the others. */
function telling(states: readonly State[], count: number): readonly State[] {
  if (states.length <= count) return states
  const weights = new Map(states.map((state) => [state, ones(state.matched & state.held)]))
  const rich = states.toSorted((a, b) => (weights.get(b) ?? 0) - (weights.get(a) ?? 0)).slice(0, Math.ceil(count / 2))
  return [...new Set([...rich, ...states])].slice(0, count)
}

function ones(mask: bigint): number {
  return mask.toString(2).replaceAll('0', '').length
}

function firstState({ boxes, every }: Frame): State {
  return { matched: every, held: maskOf(boxes, ({ strict, clauses }) => !strict || clauses.length > 0), plain: every, leads: [], marks: '', draft: undefined }
}

function advanced(matched: bigint, held: bigint, state: State, { plain = state.plain, leads = state.leads, mark = '', said }: Next): State {
  return { matched, held, plain, leads, marks: state.marks + mark, draft: said ? { said, before: state.draft } : state.draft }
}

function keyOf(matched: bigint, held: bigint, state: State, { plain = state.plain, leads = state.leads, mark = '' }: Next): string {
  const led = leads.length === 0 ? '' : `${plain & matched} ${leads.map(({ entry, certain }) => `${entry.id}${certain ? '' : '?'}`).join()}`
  return `${matched.toString(36)} ${held.toString(36)} ${state.marks}${mark} ${led}`
}

// --- The question of a cell.

const exporter = 'did:web:exporter.example' as Did // It has the form.
const importer = 'did:web:importer.example' as Did // As above.

function choicesOf(draft: Draft | undefined): Said[] {
  const choices: Said[] = []
  for (let one = draft; one !== undefined; one = one.before) choices.unshift(one.said)
  return choices
}

/** @param choices each says a part of the question, and all of them the whole */
export function questionOf(choices: readonly Said[]): Question {
  const { at = '' as Instant, credential = '', category = '', path = '' } = Object.assign({}, ...choices) as Said // Made of such alone.
  const stated = choices.flatMap(({ facts = {} }) => Object.entries(facts))
  const known = stated.flatMap(([name, value]) => (value === undefined ? [] : [[name, { value, origin: factRow(name as FactName).origins[0] }]])) // Names of facts only.
  return {
    version: 'dfft-question/1',
    at,
    exporter,
    importer,
    credential,
    selective: true,
    data: [{ path: path as JsonPointer, category }], // A pointer of a rule, or one made of such.
    facts: Object.fromEntries(known) as Question['facts'],
  }
}
