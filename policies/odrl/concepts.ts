/**
 * Conditions on a name in an open world: a hierarchy says what is below what, and what is known to be apart; of the rest nobody
 * knows. Two purposes with two names may still be of one and the same use, two primary language tags may not.
 */

export interface Concepts {
  readonly all: Iterable<string>
  /** Whether the first is the second or is known to be below it. */
  readonly below: (one: string, other: string) => boolean
  /** Whether the two are known to have nothing in common. */
  readonly apart: (one: string, other: string) => boolean
}

const comparisons = ['eq', 'isAnyOf', 'isPartOf', 'hasPart'] as const

export interface Literal {
  readonly comparison: (typeof comparisons)[number]
  readonly values: readonly string[]
  readonly negated: boolean
}

/** undefined for an operator that does not compare names. */
export function literalOf(operator: string, values: readonly string[]): Literal | undefined {
  const forms: Readonly<Record<string, Omit<Literal, 'values'>>> = {
    eq: { comparison: 'eq', negated: false },
    neq: { comparison: 'eq', negated: true },
    isA: { comparison: 'isPartOf', negated: false },
    isPartOf: { comparison: 'isPartOf', negated: false },
    hasPart: { comparison: 'hasPart', negated: false },
    isAnyOf: { comparison: 'isAnyOf', negated: false },
    isNoneOf: { comparison: 'isAnyOf', negated: true },
  }
  const form = forms[operator]
  if (form === undefined || values.length === 0 || (form.comparison !== 'isAnyOf' && values.length > 1)) return undefined
  return { ...form, values }
}

export function negated(literal: Literal): Literal {
  return { ...literal, negated: !literal.negated }
}

export type State = 'empty' | 'inhabited' | 'unknown'

/** Whether anything meets all of them. */
export function stateOf(literals: readonly Literal[], concepts: Concepts): State {
  const closed = literals.find(({ comparison, negated: not }) => !not && (comparison === 'eq' || comparison === 'isAnyOf'))
  const candidates = closed?.values ?? [...literals.flatMap(({ values }) => values), ...concepts.all]
  const answers = candidates.map((one) => all(literals.map((literal) => holds(one, literal, concepts))))
  if (answers.includes(true)) return 'inhabited'
  if (closed) return answers.every((answer) => answer === false) ? 'empty' : 'unknown'
  return excluded(literals, concepts) ? 'empty' : 'unknown'
}

/** Two conditions that nothing can meet, whatever else there is in the world. */
function excluded(literals: readonly Literal[], { below, apart }: Concepts): boolean {
  const within = literals.flatMap(({ comparison, negated: not, values }) => (comparison === 'isPartOf' && !not ? values : []))
  const without = literals.flatMap(({ comparison, negated: not, values }) => (comparison === 'isPartOf' && not ? values : []))
  return within.some((one) => within.some((other) => apart(one, other)) || without.some((other) => below(one, other)))
}

function holds(one: string, { comparison, values, negated: not }: Literal, { below, apart }: Concepts): boolean | undefined {
  const answers = values.map((value) => {
    if (comparison === 'hasPart' ? below(value, one) : comparison === 'isPartOf' ? below(one, value) : one === value) return true
    return apart(one, value) ? false : undefined
  })
  const answer = answers.includes(true) ? true : answers.every((each) => each === false) ? false : undefined
  return not && answer !== undefined ? !answer : answer
}

function all(answers: readonly (boolean | undefined)[]): boolean | undefined {
  if (answers.includes(false)) return false
  return answers.includes(undefined) ? undefined : true
}
