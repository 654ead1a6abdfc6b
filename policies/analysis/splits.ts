/**
 * How each fact splits the states: what its values leave of the rules, and of the legal relations that may lead there.
 *
 * Facts that relations look at as well come first, and then whether a relation leads there is settled; conditions come
 * last, since by then few rules are left whose conditions matter.
 */
import type { Instant } from '#protocols/ids.ts'
import { type Relation, touches } from '../packs/packs.ts'
import { type CounterName, type Fact, type FactName } from '../question.ts'
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
  maskOf,
  rulesIn,
  type SetFact,
  strangeWord,
  type WordSet,
} from './atoms.ts'
import type { Box } from './boxes.ts'

/** What a question says so far: the last choice, and those before it. */
export interface Draft {
  readonly said: Said
  readonly before: Draft | undefined
}

export interface Said {
  readonly at?: Instant
  readonly credential?: string
  readonly category?: string
  readonly path?: string
  readonly facts?: Partial<Record<FactName, Fact['value'] | undefined>>
}

/** A legal relation that may lead there, and whether it is certain to. */
export interface Lead {
  readonly entry: Relation
  readonly certain: boolean
}

export interface State {
  readonly matched: bigint
  readonly held: bigint
  /** Rules that hold for the recipient by place alone. */
  readonly plain: bigint
  readonly leads: readonly Lead[]
  /** What else tells this state from others: the ends of the relations used, and which lists of purposes hold the declared one. */
  readonly marks: string
  readonly draft: Draft | undefined
}

/** What becomes of a state; what is not given stays. */
export interface Next extends Pick<Atom<unknown>, 'pass' | 'fail'> {
  readonly plain?: bigint
  readonly leads?: readonly Lead[]
  /** Added to those it has. */
  readonly mark?: string
  readonly said?: Said
}
export type Split = (state: State) => readonly Next[]

export function splitsOf(frame: Frame): Split[] {
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
  const nexts = saying(
    atomsOfWords(frame, frame.space.credential, (box) => box.credential),
    (word) => ({ credential: word ?? strangeWord }),
  )
  return () => nexts
}

function saying<Value>(atoms: readonly Atom<Value>[], say: (value: Value) => Said): Next[] {
  return atoms.map(({ pass, fail, value }) => ({ pass, fail, said: say(value) }))
}

/** The same for all states in which the same rules match. */
function byMatch(make: (matched: bigint) => readonly Next[]): Split {
  const known = new Map<bigint, readonly Next[]>()
  return ({ matched }) => {
    const nexts = known.get(matched) ?? make(matched)
    known.set(matched, nexts)
    return nexts
  }
}

function byPath(frame: Frame): Split {
  return byMatch((matched) => saying(atomsOfPaths(frame, matched), (path) => ({ path })))
}

function bySet(frame: Frame, fact: SetFact): Split {
  return byMatch((matched) => saying(atomsOfSet(frame, matched, fact), (set) => stating(fact, wordsOf(set))))
}

function byCount(frame: Frame, name: CounterName): Split {
  return byMatch((matched) => saying(atomsOfCount(frame, matched, name), (count) => stating(name, count)))
}

function byLevel(frame: Frame, fact: 'issuerAssurance' | 'counterpartyAssurance'): Split {
  return byMatch((matched) => saying(atomsOfLevel(frame, matched, fact), (level) => stating(fact, level)))
}

function wordsOf({ words, foreign }: WordSet): string[] | undefined {
  return words && (foreign ? [...words, strangeWord] : [...words])
}

function stating(name: FactName, value: Fact['value'] | undefined): Said {
  return { facts: { [name]: value } }
}

// --- Facts that legal relations look at as well.

function byPlace(frame: Frame): Split {
  const nexts = atomsOfPlaces(frame).map(({ pass, fail, value: { at, from, to, plain, relations } }) => ({
    ...{ pass, fail, plain },
    leads: relations.map((entry) => ({ entry, certain: true })),
    said: { at, facts: { from, to } },
  }))
  return () => nexts
}

function byPurpose(frame: Frame): Split {
  const limits = frame.boxes.flatMap(({ rule }) => (rule.effect === 'deny' ? [] : (rule.obligations ?? [])))
  const texts = new Set(limits.flatMap((limit) => (limit.type === 'purpose-limit' && limit.allow ? [limit.allow.join()] : [])))
  const lists = [...texts].map((text) => text.split(','))
  const excluding = frame.space.packs.legal.relations.flatMap(({ kind, excludedPurposes }) =>
    frame.kinds.has(kind) && excludedPurposes ? [excludedPurposes] : [],
  )
  const among = (all: readonly (readonly string[])[], word: string | undefined) =>
    all.length === 0 ? '' : word === undefined ? 'unknown' : all.map((list) => Number(list.includes(word))).join('')
  const atoms = atomsOfWords(
    frame,
    frame.space.purpose,
    (box) => box.purpose,
    (word) => `${among(lists, word)}${among(excluding, word)}`,
  )
  const nexts = atoms.map(({ pass, fail, value }) => ({ pass, fail, value, mark: among(lists, value), said: stating('purpose', value) }))
  return ({ leads }) => {
    if (leads.length === 0) return nexts
    return nexts.map(({ value, ...next }) => ({ ...next, leads: narrowed(leads, ({ excludedPurposes }) => noneOf(excludedPurposes, value)) }))
  }
}

function bySector(frame: Frame): Split {
  const bits = (box: Box) => box.sector
  const asked = saying(atomsOfWords(frame, frame.space.sector, bits), (sector) => stating('sector', sector))
  const all = atomsOfWords(frame, frame.space.sector, bits, (word) => String(word))
  return ({ leads }) => {
    if (!leads.some(({ entry }) => entry.recipientSector)) return asked
    return all.map(({ pass, fail, value }) => ({
      ...{ pass, fail, said: stating('sector', value) },
      leads: narrowed(leads, ({ recipientSector }) => oneOf(recipientSector, value)),
    }))
  }
}

function byExporterSector({ every }: Frame): Split {
  const untouched: Next[] = [{ pass: every, fail: 0n }]
  return ({ leads }) => {
    if (leads.length === 0) return untouched
    const values = leads.some(({ entry }) => entry.exporterSector) ? (['private', 'public', undefined] as const) : (['private'] as const)
    return values.map((value) => ({
      ...{ pass: every, fail: 0n, said: stating('exporterSector', value) },
      leads: narrowed(leads, ({ exporterSector }) => oneOf(exporterSector, value)),
    }))
  }
}

function byCertification(frame: Frame): Split {
  const asked = bySet(frame, 'certification')
  return (state) => {
    const schemes = [...new Set(state.leads.flatMap(({ entry }) => entry.certification ?? []))]
    if (schemes.length === 0) return asked(state)
    return atomsOfSet(frame, state.matched, 'certification', schemes).map(({ pass, fail, value }) => ({
      ...{ pass, fail, said: stating('certification', wordsOf(value)) },
      leads: narrowed(state.leads, ({ certification }) => certified(certification, value)),
    }))
  }
}

function certified(wanted: string | undefined, { words, foreign }: WordSet): boolean | undefined {
  if (wanted === undefined || words?.includes(wanted)) return true
  return foreign ? undefined : false
}

function noneOf(excluded: readonly string[] | undefined, value: string | undefined): boolean | undefined {
  return excluded === undefined ? true : value === undefined ? undefined : !excluded.includes(value)
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
function settleRelations({ boxes, every, kinds }: Frame): Split {
  const strict = maskOf(boxes, (box) => box.strict)
  return (state) => {
    if ((state.matched & ~state.plain) === 0n) return [{ pass: every, fail: 0n, leads: [] }]
    const led = state.leads.reduce((mask, { entry, certain }) => mask | ((kinds.get(entry.kind) ?? 0n) & (certain ? every : strict)), 0n)
    const relying = state.matched & led & ~state.plain & ~strict
    return [{ pass: state.plain | led, fail: 0n, leads: relying === 0n ? [] : state.leads.filter(({ certain }) => certain) }]
  }
}

function byCategory(frame: Frame): Split {
  const { boxes, space, kinds } = frame
  const { packs, window } = space
  const strict = maskOf(boxes, (box) => box.strict)
  const atoms = atomsOfCategory(
    frame,
    packs.legal.relations.filter(({ kind }) => kinds.has(kind)),
  )
  const nexts = atoms.map(({ pass, fail, value }) => ({ pass, fail, said: { category: value ?? strangeWord } }))
  return (state) => {
    if (state.leads.length === 0) return nexts
    return nexts.map(({ pass, fail, said }) => {
      // A permit that only a relation leads to covers what the relation does not leave out.
      const covering = state.leads.filter(({ entry: { excludedData } }) => !(excludedData && touches(packs, new Set(excludedData), said.category)))
      const uses = rulesIn(state.matched & pass & ~state.plain & ~strict).map((number) => ({
        number,
        relation: covering.find(({ entry }) => boxes[number]?.kinds.includes(entry.kind))?.entry,
      }))
      const lost = uses.reduce((mask, { number, relation }) => (relation ? mask : mask | (1n << BigInt(number))), 0n)
      return { pass: pass & ~lost, fail, said, leads: [], mark: uses.map(({ number, relation }) => endWithin(number, relation)).join('') }
    })
  }

  /** Only a relation that ends while the policy is in force ends a release early. */
  function endWithin(number: number, relation: Relation | undefined): string {
    return relation?.validUntil !== undefined && relation.validUntil < window.until ? ` ${number}:${relation.validUntil}` : ''
  }
}
