/**
 * Duties, in both directions: what a recipient owes as an ODRL action with what narrows it, and back. `delete` after a time at most and
 * `obtainConsent` are plain ODRL; the others are actions of our profile.
 */
import { Obligation, type Place } from '../policy.ts'
import { iriOf, odrlName } from './constraints.ts'
import type { Action, Constraint, Duty } from './document.ts'
import { type DutyMeaning, entryIri, type Names, type OdrlMapping } from './mapping.ts'
import { compact, dfft, odrl, spoken, xsd } from './names.ts'
import type { Path, Refusals } from './refusals.ts'

type Of<Type extends Obligation['type']> = Extract<Obligation, { readonly type: Type }>

const nowhere = dfft('nowhere')

// --- Out of ODRL.

export interface Narrowed {
  readonly action: string
  readonly narrowing: readonly Constraint[]
  readonly path: Path
}

/** The actions of a duty. Its own constraints narrow them as a refinement does, where `constrained` says that they are no condition of a rule. */
export function actionsOf(duty: Duty, path: Path, constrained: boolean): readonly Narrowed[] {
  return (duty.action ?? []).map((action, index) => ({
    action: actionIri(action),
    narrowing: [...(action.refinement ?? []), ...(constrained ? (duty.constraint ?? []) : [])],
    path: [...path, 'action', index],
  }))
}

export function actionIri(action: Action): string {
  return action['rdf:value'] ?? action['@id'] ?? ''
}

export function meaningOf(narrowed: Narrowed, mapping: OdrlMapping, refusals: Refusals): DutyMeaning {
  const { action, narrowing, path } = narrowed
  const known = mapping.duties.get(action)
  if (known && narrowing.length === 0) return known
  const obligation = readers[action]?.(narrowed, mapping)
  const read = Obligation.safeParse(obligation)
  if (read.success) return { obligations: [read.data] }
  if (readers[action] === undefined) refusals.add(path, spoken(action), 'is no duty of a Trust Policy')
  else refusals.add(path, spoken(action), `is a duty of a form that is not carried (${forms[action] ?? 'see the profile'})`)
  return { obligations: [] }
}

/** What a duty looks like that is known, for whoever wrote another. */
const forms: Readonly<Record<string, string>> = {
  [odrl('delete')]: '`elapsedTime` `lteq` a duration in years, months, weeks, days',
  [odrl('obtainConsent')]: '`dfft:consentOf` `eq` `dfft:subject` or `dfft:operator`',
}

/** Undefined, or what the schema of obligations does not take, where the duty is of another form. */
const readers: Readonly<Record<string, (narrowed: Narrowed, mapping: OdrlMapping) => unknown>> = {
  [odrl('delete')]: ({ narrowing }) => ({ type: 'retention', max: durationIn(narrowing, 'lteq') }),
  [odrl('obtainConsent')]: ({ narrowing }) => ({ type: 'consent', of: wordIn(narrowing, 'consentOf', ['subject', 'operator']) }),
  [dfft('keepRecord')]: ({ narrowing }) => ({ type: 'transfer-record', keep: durationIn(narrowing, 'gteq') }),
  [dfft('notifyBreach')]: ({ narrowing }) => ({ type: 'breach-notice', withinHours: numberIn(durationIn(narrowing, 'lteq'), /^PT(\d+)H$/) }),
  [dfft('checkStatus')]: ({ narrowing }) => ({ type: 'status-age', withinSeconds: numberIn(durationIn(narrowing, 'lteq'), /^PT(\d+)S$/) }),
  [dfft('followRules')]: ({ narrowing }, { words }) => {
    const [set, ...others] = valuesIn(narrowing, dfft('supplementaryRule'), 'eq') ?? []
    return set && others.length === 0 ? { type: 'supplementary-rules', set: words.supplementaryRule.get(set) } : undefined
  },
  [dfft('limitPurpose')]: ({ narrowing }, { words }) => {
    if (narrowing.length === 0) return { type: 'purpose-limit' }
    return { type: 'purpose-limit', allow: valuesIn(narrowing, odrl('purpose'), 'isAnyOf')?.map((iri) => words.purpose.get(iri)) ?? null }
  },
  [dfft('limitOnwardTransfer')]: ({ narrowing: [place, ...exceptions] }, mapping) => ({
    type: 'onward-transfer',
    allow: onwardIn(place ? [place] : [], mapping),
    ...(exceptions.length === 0 ? {} : { else: wordIn(exceptions, 'else', ['consent', 'new-decision']) ?? null }),
  }),
}

/** One of our own words, named in our profile. */
function wordIn(narrowing: readonly Constraint[], left: string, known: readonly string[]): string | undefined {
  const [iri, ...others] = valuesIn(narrowing, dfft(left), 'eq') ?? []
  return others.length === 0 ? known.find((word) => dfft(word) === iri) : undefined
}

function onwardIn(narrowing: readonly Constraint[], { places }: OdrlMapping): unknown {
  const listed = valuesIn(narrowing, odrl('spatial'), 'isAnyOf')
  if (listed) return listed.map((iri) => places.get(iri))
  const [only, ...others] = valuesIn(narrowing, odrl('spatial'), 'isPartOf') ?? []
  if (only === undefined || others.length > 0) return undefined
  return only === nowhere ? 'none' : places.get(only)
}

/** The right operands of the one constraint there is, if it is of this operand and operator. */
function valuesIn(narrowing: readonly Constraint[], left: string, operator: string): readonly string[] | undefined {
  const [constraint, ...others] = narrowing
  if (!constraint || others.length > 0 || constraint.leftOperand !== left || odrlName(constraint.operator ?? '') !== operator) return undefined
  if (constraint.unit !== undefined || constraint.status !== undefined || constraint.rightOperandReference !== undefined) return undefined
  return constraint.rightOperand?.map(iriOf)
}

function durationIn(narrowing: readonly Constraint[], operator: string): string | undefined {
  const [duration, ...others] = valuesIn(narrowing, odrl('elapsedTime'), operator) ?? []
  return others.length === 0 ? duration : undefined
}

function numberIn(text: string | undefined, pattern: RegExp): number | undefined {
  const [, number] = pattern.exec(text ?? '') ?? []
  return number === undefined ? undefined : Number(number)
}

// --- Into ODRL.

type Json = Readonly<Record<string, unknown>>

export function dutyAction(obligation: Obligation, names: Names): Json {
  const plain = (action: string, ...refinement: readonly Json[]): Json => ({
    'rdf:value': { '@id': action },
    ...(refinement.length > 0 ? { refinement } : {}),
  })
  switch (obligation.type) {
    case 'retention':
      return plain('odrl:delete', elapsed('lteq', obligation.max))
    case 'transfer-record':
      return plain('dfft:keepRecord', elapsed('gteq', obligation.keep))
    case 'breach-notice':
      return plain('dfft:notifyBreach', elapsed('lteq', `PT${obligation.withinHours}H`))
    case 'status-age':
      return plain('dfft:checkStatus', elapsed('lteq', `PT${obligation.withinSeconds}S`))
    case 'consent':
      return plain('odrl:obtainConsent', atom('dfft:consentOf', 'eq', [dfft(obligation.of)]))
    case 'supplementary-rules':
      return plain('dfft:followRules', atom('dfft:supplementaryRule', 'eq', [named(names.words.supplementaryRule, obligation.set)]))
    case 'purpose-limit':
      return obligation.allow === undefined
        ? plain('dfft:limitPurpose')
        : plain(
            'dfft:limitPurpose',
            atom(
              'purpose',
              'isAnyOf',
              obligation.allow.map((word) => named(names.words.purpose, word)),
            ),
          )
    case 'onward-transfer':
      return plain('dfft:limitOnwardTransfer', onward(obligation), ...(obligation.else ? [atom('dfft:else', 'eq', [dfft(obligation.else)])] : []))
  }
}

function onward({ allow }: Of<'onward-transfer'>): Json {
  if (allow === 'none') return atom('spatial', 'isPartOf', [nowhere])
  return placeAtom('spatial', allow)
}

export function placeAtom(left: string, place: Place): Json {
  return Array.isArray(place) ? atom(left, 'isAnyOf', place.map(entryIri)) : atom(left, 'isPartOf', [entryIri(place)])
}

/** An atomic constraint. A list stays one even of a single value: `isAnyOf` of one is what was written. */
export function atom(leftOperand: string, operator: string, iris: readonly string[]): Json {
  const values = iris.map((iri) => ({ '@id': iri }))
  return {
    leftOperand: compact(leftOperand),
    operator,
    rightOperand: operator === 'isAnyOf' || operator === 'isAllOf' || operator === 'isNoneOf' ? values : values[0],
  }
}

/** @throws {RangeError} for a word the packs do not have, which no checked document holds */
export function named(names: ReadonlyMap<string, string>, word: string): string {
  const iri = names.get(word)
  if (iri === undefined) throw new RangeError(`\`${word}\` is no word of the packs`)
  return iri
}

function elapsed(operator: string, duration: string): Json {
  return { leftOperand: 'elapsedTime', operator, rightOperand: { '@value': duration, '@type': xsd('duration') } }
}
