/**
 * Constraints of a rule as what a rule of ours can ask: where it applies, what must be shown, and when. A list of constraints is all of
 * them; `or` makes alternatives, each of which becomes a rule of its own, which is the same for permits, denies and duties alike.
 */
import { z } from 'zod'
import type { Match, Place, Require } from '../policy.ts'
import { assuranceLevels, CalendarInstant } from '../question.ts'
import type { Constraint, Operand } from './document.ts'
import { type Direction, levelIri, type OdrlMapping, type PlaceEntry, type WordKind } from './mapping.ts'
import { compact, dfft, expand, knownPrefixes, odrl, odrlNamespace, spoken, xsd } from './names.ts'
import { always, overlap, type Period, periodsOf } from './periods.ts'
import type { Path, Refusals } from './refusals.ts'

export interface Branch {
  readonly match: Match
  readonly require: Require
  readonly periods: readonly Period[]
  readonly directions?: readonly Direction[]
}

/** Three working days a day for a year. */
const branchesMax = 1024
const countMax = Number.MAX_SAFE_INTEGER - 1
export const open: Branch = { match: {}, require: {}, periods: always }

interface Atom {
  readonly left: string
  readonly operator: string
  readonly right: readonly Operand[]
  readonly path: Path
}

export class ConstraintReader {
  readonly #mapping: OdrlMapping
  readonly #refusals: Refusals

  constructor(mapping: OdrlMapping, refusals: Refusals) {
    this.#mapping = mapping
    this.#refusals = refusals
  }

  /** Alternatives, each of which holds where all its parts do. */
  branches(constraints: readonly Constraint[], path: Path): readonly Branch[] {
    return constraints.reduce<readonly Branch[]>((all, constraint, index) => this.#both(all, this.#one(constraint, [...path, index]), [...path, index]), [open])
  }

  /** What an `unless` asks: facts to be shown and nothing else. */
  conditions(constraints: readonly Constraint[], path: Path): Require {
    const [branch = open, ...others] = this.branches(constraints, path)
    if (others.length > 0 || Object.keys(branch.match).length > 0 || branch.periods !== always || branch.directions)
      this.#refusals.add(path, 'dfft:unless', 'asks for more than facts that can be shown')
    return branch.require
  }

  #both(some: readonly Branch[], others: readonly Branch[], path: Path): readonly Branch[] {
    if (some.length * others.length > branchesMax) {
      this.#refusals.add(path, 'odrl:or', `makes more than ${branchesMax} alternatives`)
      return some
    }
    return some.flatMap((one) => others.map((other) => this.#joined(one, other, path)))
  }

  #one(constraint: Constraint, path: Path): readonly Branch[] {
    for (const term of ['unit', 'status', 'rightOperandReference'] as const)
      if (constraint[term] !== undefined) this.#refusals.add([...path, term], `odrl:${term}`, 'has no place in a Trust Policy')
    for (const term of ['xone', 'andSequence'] as const)
      if (constraint[term] !== undefined)
        this.#refusals.add([...path, term], `odrl:${term}`, 'is not carried: rules of ours are never counted or put in a sequence')
    const { and, or, leftOperand, operator, rightOperand } = constraint
    if (constraint.xone || constraint.andSequence) return [open]
    if ([and, or, leftOperand].filter((part) => part !== undefined).length !== 1) {
      this.#refusals.add(path, 'odrl:constraint', 'is neither an atomic constraint nor one of `and` and `or`')
      return [open]
    }
    if (and) return this.branches(and, [...path, 'and'])
    if (or) return or.flatMap((alternative, index) => this.#one(alternative, [...path, 'or', index]))
    if (constraint['dfft:anchor'] !== undefined)
      this.#refusals.add([...path, 'dfft:anchor'], 'dfft:anchor', 'belongs to recurring times, which are not carried')
    if (operator === undefined || rightOperand === undefined || leftOperand === undefined) {
      this.#refusals.add(path, 'odrl:constraint', 'lacks its operator or its right operand')
      return [open]
    }
    return [this.#atom({ left: leftOperand, operator, right: withType(rightOperand, constraint.dataType), path })]
  }

  #atom(atom: Atom): Branch {
    const { left, path } = atom
    const counter = this.#mapping.words.counter.get(left)
    if (counter !== undefined) return this.#counter(atom, counter)
    const read = this.#operands[left]
    if (read) return read(atom)
    this.#refusals.add([...path, 'leftOperand'], spoken(left), 'is an operand that no fact of a question answers')
    return open
  }

  readonly #operands: Readonly<Record<string, (atom: Atom) => Branch>> = {
    [odrl('dateTime')]: (atom) => this.#time(atom),
    [odrl('spatial')]: (atom) => this.#place(atom, (to) => ({ to })),
    [dfft('from')]: (atom) => this.#place(atom, (from) => ({ from: from as NonNullable<Match['from']> })), // A relation in it was refused.
    [odrl('purpose')]: (atom) => this.#matched(atom, this.#listed(atom, this.#words('purpose')), (purpose) => ({ purpose })),
    [dfft('dataFlag')]: (atom) => this.#matched(atom, this.#listed(atom, this.#words('dataFlag')), (dataFlags) => ({ dataFlags })),
    [odrl('recipient')]: (atom) => this.#recipient(atom),
    [dfft('direction')]: (atom) => this.#direction(atom),
    [dfft('legalBasis')]: (atom) => this.#shown(atom, 'legalBasis'),
    [dfft('transferTool')]: (atom) => this.#shown(atom, 'transferTool'),
    [dfft('evidence')]: (atom) => this.#shown(atom, 'evidence'),
    [dfft('certification')]: (atom) => this.#shown(atom, 'certification'),
    [dfft('issuerAssurance')]: (atom) => this.#assurance(atom, 'issuer'),
    [dfft('counterpartyAssurance')]: (atom) => this.#assurance(atom, 'counterparty'),
  }

  // --- Operands.

  #time(atom: Atom): Branch {
    const at = this.#instant(atom)
    const periods = periodsOf(odrlName(atom.operator), at ?? 0)
    if (periods === undefined) this.#operator(atom)
    return at === undefined || periods === undefined ? open : { ...open, periods }
  }

  #instant({ right, path }: Atom): number | undefined {
    const [first, ...others] = right
    const text = typeof first === 'object' && '@value' in first ? first['@value'] : first
    const type = typeof first === 'object' && '@type' in first ? first['@type']?.[0] : undefined
    const said = z
      .string()
      .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.0+)?(?:Z|[+-]\d\d:\d\d)$/)
      .safeParse(text)
    if (!said.success || others.length > 0 || (type !== undefined && type !== xsd('dateTime')))
      return this.#refusals.add([...path, 'rightOperand'], String(text), 'is not an instant with a zone and in whole seconds, which is how a document ends')
    const ms = Date.parse(said.data)
    const calendar = CalendarInstant.safeParse(said.data.replace(/\.0+/, ''))
    if (Number.isNaN(ms) || (said.data.endsWith('Z') && !calendar.success)) return this.#refusals.add([...path, 'rightOperand'], said.data, 'is no such day')
    return ms
  }

  #place(atom: Atom, as: (place: Place) => Match): Branch {
    const operator = odrlName(atom.operator)
    const entries = atom.right.flatMap((value, index) => this.#entry(value, [...atom.path, 'rightOperand', index], atom.left) ?? [])
    const [first, ...others] = entries
    if (first === undefined) return open
    if (operator === 'isAnyOf') return { ...open, match: as(entries) }
    const single = others.length === 0 && (operator === 'isPartOf' || (operator === 'eq' && typeof first === 'string'))
    if (!single) return this.#operator(atom)
    return { ...open, match: as(typeof first === 'string' ? [first] : first) }
  }

  #entry(value: Operand, path: Path, left: string): PlaceEntry | undefined {
    const entry = this.#mapping.places.get(iriOf(value))
    if (entry === undefined) return this.#refusals.add(path, spoken(iriOf(value)), 'is no jurisdiction, group or legal relation of the packs')
    if (left === dfft('from') && typeof entry === 'object' && 'relation' in entry)
      return this.#refusals.add(path, spoken(iriOf(value)), 'is a legal relation, which says where data may go and not where it comes from')
    return entry
  }

  #recipient(atom: Atom): Branch {
    const found = this.#listed(atom, this.#mapping.recipients)
    const sector = found.flatMap((one) => ('sector' in one ? [one.sector] : []))
    const certification = found.flatMap((one) => ('certification' in one ? [one.certification] : []))
    // Of two kinds either would do, and a rule asks for both.
    if (sector.length > 0 && certification.length > 0) {
      this.#refusals.add([...atom.path, 'rightOperand'], 'odrl:recipient', 'mixes sectors and certifications: a constraint each')
      return open
    }
    if (found.length === 0) return open
    return { ...open, match: { recipient: sector.length > 0 ? { sector } : { certification } } }
  }

  #direction(atom: Atom): Branch {
    const known = new Map<string, Direction>([
      [dfft('export'), 'export'],
      [dfft('import'), 'import'],
    ])
    return { ...open, directions: this.#listed(atom, known) }
  }

  #shown(atom: Atom, kind: 'legalBasis' | 'transferTool' | 'evidence' | 'certification'): Branch {
    const all = odrlName(atom.operator) === 'isAllOf'
    const words = this.#listed(all ? { ...atom, operator: odrl('isAnyOf') } : atom, this.#words(kind))
    return words.length === 0 ? open : { ...open, require: { [kind]: all ? { allOf: words } : { anyOf: words } } }
  }

  #assurance(atom: Atom, of: 'issuer' | 'counterparty'): Branch {
    if (odrlName(atom.operator) !== 'gteq' || atom.right.length !== 1) return this.#operator(atom)
    const levels = new Map(assuranceLevels.map((level) => [levelIri(level), level]))
    const [level] = this.#listed({ ...atom, operator: odrl('eq') }, levels)
    return level === undefined ? open : { ...open, require: { assurance: { [of]: level } } }
  }

  #counter(atom: Atom, name: string): Branch {
    const [first, ...others] = atom.right
    const number = typeof first === 'object' && '@value' in first ? first['@value'] : first
    if (typeof number !== 'number' || !Number.isInteger(number) || number < 0 || number > countMax || others.length > 0) {
      this.#refusals.add([...atom.path, 'rightOperand'], String(number), 'is no count')
      return open
    }
    const bounds: Readonly<Record<string, Partial<Branch>>> = {
      gteq: { match: { counter: { name, atLeast: number } } },
      gt: { match: { counter: { name, atLeast: number + 1 } } },
      lt: { require: { counter: { name, below: number } } },
      lteq: { require: { counter: { name, below: number + 1 } } },
    }
    const bound = bounds[odrlName(atom.operator)]
    return bound ? { ...open, ...bound } : this.#operator(atom)
  }

  // --- Words.

  #words(kind: WordKind): ReadonlyMap<string, string> {
    return this.#mapping.words[kind]
  }

  #matched(_: Atom, words: readonly string[], as: (words: string[]) => Match): Branch {
    return words.length === 0 ? open : { ...open, match: as([...words]) }
  }

  /** The meanings of the right operand: one for `eq`, any of them for `isAnyOf`. */
  #listed<T>(atom: Atom, known: ReadonlyMap<string, T>): T[] {
    const operator = odrlName(atom.operator)
    if (!(operator === 'isAnyOf' || (operator === 'eq' && atom.right.length === 1))) {
      this.#operator(atom)
      return []
    }
    return atom.right.flatMap((value, index) => {
      const meaning = known.get(iriOf(value))
      if (meaning !== undefined) return [meaning]
      this.#refusals.add([...atom.path, 'rightOperand', index], spoken(iriOf(value)), `has no meaning here for \`${spoken(atom.left)}\``)
      return []
    })
  }

  #operator({ left, operator, path }: Atom): Branch {
    this.#refusals.add([...path, 'operator'], spoken(operator), `is not carried for \`${spoken(left)}\``)
    return open
  }

  // --- Both of two.

  #joined(one: Branch, other: Branch, path: Path): Branch {
    const periods = overlap(one.periods, other.periods)
    const match = this.#union(one.match, other.match, path)
    const assurance = this.#union(one.require.assurance ?? {}, other.require.assurance ?? {}, path)
    const require = this.#union({ ...one.require, assurance: undefined }, { ...other.require, assurance: undefined }, path)
    const directions = other.directions ?? one.directions
    return {
      match,
      require: { ...tidy(require), ...(Object.keys(assurance).length > 0 ? { assurance } : {}) },
      periods: one.periods === always ? other.periods : other.periods === always ? one.periods : periods,
      ...(directions ? { directions } : {}),
    }
  }

  /** Members of both; what stands in both is both at once, which only a fact of one value can be asked. */
  #union<T extends object>(one: T, other: T, path: Path): T {
    const union: Record<string, unknown> = Object.fromEntries(Object.entries(one))
    for (const [name, value] of Object.entries(other)) {
      const had = union[name]
      if (value === undefined) continue
      if (had === undefined) union[name] = value
      else if (name === 'recipient') union[name] = this.#union(had as object, value as object, path)
      else if (name === 'purpose') union[name] = this.#shared(had as string[], value as string[], path)
      else this.#refusals.add(path, name, 'is asked twice at once, which a rule cannot say')
    }
    return union as T // Of the members of its two sides.
  }

  #shared(some: readonly string[], others: readonly string[], path: Path): string[] {
    const shared = some.filter((word) => others.includes(word))
    if (shared.length === 0) this.#refusals.add(path, 'odrl:purpose', 'leaves no purpose: the rule would never apply')
    return shared
  }
}

function tidy<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T // Without what is undefined it is the same to a reader.
}

/** A `dataType` on the constraint is that of its operand. */
function withType(right: readonly Operand[], dataType: string | undefined): readonly Operand[] {
  return dataType === undefined ? right : right.map((value) => (typeof value === 'object' ? value : { '@value': value, '@type': [dataType] }))
}

export function odrlName(iri: string): string {
  return iri.startsWith(odrlNamespace) ? compact(iri) : iri
}

/** An operand that is a name. Plain text is read as one, too: the context gives it no type, and it is written so. */
export function iriOf(value: Operand): string {
  if (typeof value === 'object') return '@id' in value ? value['@id'] : String(value['@value'])
  return typeof value === 'string' && value.includes(':') ? expand(value, knownPrefixes) : String(value)
}
