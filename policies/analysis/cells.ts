/**
 * The cells that a few rules cut the questions into: within one cell the same rules match and the same conditions hold.
 *
 * The cells are found one fact after another. A state says which rules still match and which of their conditions still
 * hold; each fact splits the states by what its values do to the rules that are left, and states that came to the same
 * are one. So the number of cells is that of the differences there are, and not the product of all words. Each cell
 * comes with a question that lies in it.
 */
import type { Did, Instant, JsonPointer } from '#protocols/ids.ts'
import { type Relation, touches } from '../packs/packs.ts'
import { type CounterName, type Fact, type FactName, factRow, type Question } from '../question.ts'
import {
  type Atom,
  atomsOfCategory,
  atomsOfCount,
  atomsOfLevel,
  atomsOfPaths,
  atomsOfPlaces,
  atomsOfSet,
  atomsOfWords,
  type Frame,
  frameOf,
  hasRule,
  maskOf,
  type SetFact,
  strangeWord,
  type WordSet,
} from './atoms.ts'
import type { Box, Space } from './boxes.ts'

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
}

/** What is chosen so far of a question. */
interface Draft {
  readonly at: Instant
  readonly credential: string
  readonly category: string
  readonly path: string
  readonly facts: Partial<Record<FactName, Fact['value'] | undefined>>
}

/** A legal relation that may lead there, and whether it is certain to. */
interface Lead {
  readonly entry: Relation
  readonly certain: boolean
}

interface State {
  readonly matched: bigint
  readonly held: bigint
  /** Rules that hold for the recipient by place alone. */
  readonly plain: bigint
  readonly leads: readonly Lead[]
  /** What else tells this state from others: the ends of the relations used, and which lists of purposes hold the declared one. */
  readonly marks: string
  readonly draft: Draft
}

type Next = Omit<State, 'matched' | 'held'> & Pick<Atom<unknown>, 'pass' | 'fail'>
type Split = (state: State) => readonly Next[]

export function cellsOf(wanted: CellsWanted): Cells {
  const frame = frameOf(wanted.space, wanted.boxes)
  let whole = true
  let states: State[] = [firstState(frame)]
  for (const split of splits(frame)) {
    const found = new Map<string, State>()
    for (const state of states) {
      for (const next of split(state)) {
        const after = advance(state, next)
        if (!wanted.keep(after.matched, after.held)) continue
        const key = keyOf(after)
        if (!found.has(key)) found.set(key, after)
      }
      if (found.size > wanted.statesMax) break
    }
    if (found.size > wanted.statesMax) whole = false
    states = [...found.values()].slice(0, wanted.statesMax)
  }
  return { cells: states.map(({ matched, held, draft }) => ({ matched, held, question: questionOf(draft) })), whole }
}

function firstState({ space, boxes, every }: Frame): State {
  const at = space.window.from
  return {
    matched: every,
    held: maskOf(boxes, ({ strict, clauses }) => !strict || clauses.length > 0),
    plain: every,
    leads: [],
    marks: '',
    draft: { at, credential: '', category: '', path: '/claim', facts: {} },
  }
}

function advance(state: State, { pass, fail, ...next }: Next): State {
  const matched = state.matched & pass
  return { ...next, matched, held: state.held & matched & ~fail }
}

function keyOf({ matched, held, plain, leads, marks }: State): string {
  const led = leads.length === 0 ? '' : `${plain & matched} ${leads.map(({ entry, certain }) => `${entry.id}${certain ? '' : '?'}`).join()}`
  return `${matched} ${held} ${marks} ${led}`
}

function splits(frame: Frame): Split[] {
  const counters = new Set(
    frame.boxes.flatMap(({ rule, clauses }) => [
      ...(rule.match.counter ? [`counter:${rule.match.counter.name}` as const] : []),
      ...clauses.flatMap((clause) => (clause.kind === 'below' ? [clause.fact] : [])),
    ]),
  )
  return [
    byCredential(frame),
    byPlace(frame),
    byPurpose(frame),
    bySector(frame),
    byExporterSector(frame),
    byCertification(frame),
    settleRelations(frame),
    byCategory(frame),
    byPath(frame),
    bySet(frame, 'dataFlags'),
    ...[...counters].map((name) => byCount(frame, name)),
    bySet(frame, 'legalBasis'),
    bySet(frame, 'transferTool'),
    bySet(frame, 'evidence'),
    byLevel(frame, 'issuerAssurance'),
    byLevel(frame, 'counterpartyAssurance'),
  ]
}

// --- Facts that only rules look at.

function byCredential(frame: Frame): Split {
  const atoms = atomsOfWords(frame, frame.space.credential, (box) => box.credential)
  return (state) => atoms.map(({ pass, fail, value }) => ({ ...state, pass, fail, draft: { ...state.draft, credential: value ?? strangeWord } }))
}

/** The same atoms for all states in which the same rules match. */
function remembered<Value>(make: (matched: bigint) => readonly Atom<Value>[]): (matched: bigint) => readonly Atom<Value>[] {
  const known = new Map<bigint, readonly Atom<Value>[]>()
  return (matched) => {
    const atoms = known.get(matched) ?? make(matched)
    known.set(matched, atoms)
    return atoms
  }
}

function byPath(frame: Frame): Split {
  const atoms = remembered((matched) => atomsOfPaths(frame, matched))
  return (state) => atoms(state.matched).map(({ pass, fail, value }) => ({ ...state, pass, fail, draft: { ...state.draft, path: value } }))
}

function bySet(frame: Frame, fact: SetFact): Split {
  const atoms = remembered((matched) => atomsOfSet(frame, matched, fact))
  return (state) => atoms(state.matched).map(({ pass, fail, value }) => ({ ...state, pass, fail, draft: withFact(state.draft, fact, wordsOf(value)) }))
}

function byCount(frame: Frame, name: CounterName): Split {
  const atoms = remembered((matched) => atomsOfCount(frame, matched, name))
  return (state) => atoms(state.matched).map(({ pass, fail, value }) => ({ ...state, pass, fail, draft: withFact(state.draft, name, value) }))
}

function byLevel(frame: Frame, fact: 'issuerAssurance' | 'counterpartyAssurance'): Split {
  const atoms = remembered((matched) => atomsOfLevel(frame, matched, fact))
  return (state) => atoms(state.matched).map(({ pass, fail, value }) => ({ ...state, pass, fail, draft: withFact(state.draft, fact, value) }))
}

function wordsOf({ words, foreign }: WordSet): string[] | undefined {
  return words && (foreign ? [...words, strangeWord] : [...words])
}

function withFact(draft: Draft, name: FactName, value: Fact['value'] | undefined): Draft {
  return value === undefined ? draft : { ...draft, facts: { ...draft.facts, [name]: value } }
}

// --- Facts that legal relations look at as well.

function byPlace(frame: Frame): Split {
  const atoms = atomsOfPlaces(frame)
  return (state) =>
    atoms.map(({ pass, fail, value: { at, from, to, plain, relations } }) => ({
      ...state,
      pass,
      fail,
      plain,
      leads: relations.map((entry) => ({ entry, certain: true })),
      draft: withFact(withFact({ ...state.draft, at }, 'from', from), 'to', to),
    }))
}

function byPurpose(frame: Frame): Split {
  const limits = frame.boxes.flatMap(({ rule }) => (rule.effect === 'deny' ? [] : (rule.obligations ?? [])))
  const lists = [...new Set(limits.flatMap((limit) => (limit.type === 'purpose-limit' && limit.allow ? [limit.allow.join()] : [])))].map((text) =>
    text.split(','),
  )
  const excluding = frame.space.packs.legal.relations.filter(({ kind, excludedPurposes }) => frame.kinds.has(kind) && excludedPurposes)
  const limited = (word: string | undefined) =>
    lists.length === 0 ? '' : word === undefined ? 'unknown' : lists.map((list) => Number(list.includes(word))).join('')
  const excluded = (word: string | undefined) =>
    word === undefined ? 'unknown' : excluding.map((entry) => Number(entry.excludedPurposes?.includes(word))).join('')
  const mark = (word: string | undefined) => `${limited(word)} ${excluding.length === 0 ? '' : excluded(word)}`
  const atoms = atomsOfWords(frame, frame.space.purpose, (box) => box.purpose, mark)
  return (state) =>
    atoms.map(({ pass, fail, value }) => ({
      ...state,
      pass,
      fail,
      marks: `${state.marks}${limited(value)}`,
      leads: narrowed(state.leads, ({ excludedPurposes }) =>
        excludedPurposes === undefined ? true : value === undefined ? undefined : !excludedPurposes.includes(value),
      ),
      draft: withFact(state.draft, 'purpose', value),
    }))
}

function bySector(frame: Frame): Split {
  const asked = atomsOfWords(frame, frame.space.sector, (box) => box.sector)
  const all = atomsOfWords(
    frame,
    frame.space.sector,
    (box) => box.sector,
    (word) => String(word),
  )
  return (state) =>
    (state.leads.some(({ entry }) => entry.recipientSector) ? all : asked).map(({ pass, fail, value }) => ({
      ...state,
      pass,
      fail,
      leads: narrowed(state.leads, ({ recipientSector }) => oneOf(recipientSector, value)),
      draft: withFact(state.draft, 'sector', value),
    }))
}

function byExporterSector(frame: Frame): Split {
  return (state) => {
    const values = state.leads.some(({ entry }) => entry.exporterSector) ? (['private', 'public', undefined] as const) : (['private'] as const)
    return values.map((value) => ({
      ...state,
      pass: frame.every,
      fail: 0n,
      leads: narrowed(state.leads, ({ exporterSector }) => oneOf(exporterSector, value)),
      draft: state.leads.length === 0 ? state.draft : withFact(state.draft, 'exporterSector', value),
    }))
  }
}

function byCertification(frame: Frame): Split {
  const plain = remembered((matched) => atomsOfSet(frame, matched, 'certification'))
  return (state) => {
    const schemes = [...new Set(state.leads.flatMap(({ entry }) => entry.certification ?? []))]
    const atoms = schemes.length === 0 ? plain(state.matched) : atomsOfSet(frame, state.matched, 'certification', schemes)
    return atoms.map(({ pass, fail, value }) => ({
      ...state,
      pass,
      fail,
      leads: narrowed(state.leads, ({ certification }) =>
        certification === undefined || value.words?.includes(certification) ? true : value.foreign ? undefined : false,
      ),
      draft: withFact(state.draft, 'certification', wordsOf(value)),
    }))
  }
}

function oneOf(wanted: readonly string[] | undefined, value: string | undefined): boolean | undefined {
  return wanted === undefined ? true : value === undefined ? undefined : wanted.includes(value)
}

/** Leads without those that fail; one that is left open is not certain any more. */
function narrowed(leads: readonly Lead[], holds: (entry: Relation) => boolean | undefined): readonly Lead[] {
  if (leads.length === 0) return leads
  return leads.flatMap(({ entry, certain }) => {
    const answer = holds(entry)
    return answer === false ? [] : [{ entry, certain: certain && answer === true }]
  })
}

/** When all that a relation may ask is known: rules that it led to and leads to no more do not match. */
function settleRelations({ boxes, every }: Frame): Split {
  return (state) => {
    if ((state.matched & ~state.plain) === 0n) return [{ ...state, pass: every, fail: 0n, leads: [] }]
    const led = maskOf(boxes, ({ kinds, strict }) => state.leads.some(({ entry, certain }) => kinds.includes(entry.kind) && (certain || strict)))
    return [{ ...state, pass: state.plain | led, fail: 0n, leads: state.leads.filter(({ certain }) => certain) }]
  }
}

function byCategory(frame: Frame): Split {
  const { packs, window } = frame.space
  const atoms = atomsOfCategory(
    frame,
    packs.legal.relations.filter(({ kind }) => frame.kinds.has(kind)),
  )
  return (state) =>
    atoms.map(({ pass, fail, value }) => {
      const category = value ?? strangeWord
      const draft = { ...state.draft, category }
      if (state.leads.length === 0) return { ...state, pass, fail, draft }
      const uses = frame.boxes.map((box, number) => (box.strict || hasRule(state.plain, number) ? undefined : usedBy(box, state.leads)))
      // A permit that only a relation leads to covers what the relation does not leave out.
      const lost = maskOf(frame.boxes, (box, number) => !box.strict && !hasRule(state.plain, number) && uses[number]?.(category) === undefined)
      const left = state.matched & pass & ~lost
      const ends = uses.flatMap((use, number) => {
        const end = hasRule(left, number) ? use?.(category)?.validUntil : undefined
        return end !== undefined && end < window.until ? [`${number}:${end}`] : []
      })
      return { ...state, pass: pass & ~lost, fail, leads: [], marks: `${state.marks} ${ends.join()}`, draft }
    })

  function usedBy({ kinds }: Box, leads: readonly Lead[]): (category: string) => Relation | undefined {
    return (category) =>
      leads.find(({ entry }) => kinds.includes(entry.kind) && !(entry.excludedData && touches(packs, new Set(entry.excludedData), category)))?.entry
  }
}

// --- The question of a cell.

const exporter = 'did:web:exporter.example' as Did // It has the form.
const importer = 'did:web:importer.example' as Did // As above.

function questionOf({ at, credential, category, path, facts }: Draft): Question {
  const stated = Object.entries(facts).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, { value, origin: factRow(name as FactName).origins[0] }]],
  ) // The draft has names of facts only.
  return {
    version: 'dfft-question/1',
    at,
    exporter,
    importer,
    credential,
    selective: true,
    data: [{ path: path as JsonPointer, category }], // A pointer of a rule, or one made of such.
    facts: Object.fromEntries(stated) as Question['facts'],
  }
}
