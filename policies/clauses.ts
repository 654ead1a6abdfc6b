/** Rules ask the same few things again and again: each is one clause with one number. */
import type { Clause } from './facts.ts'

type AnyOf = Extract<Clause, { readonly kind: 'anyOf' }>

export class SharedClauses {
  readonly #known = new Map<string, Clause>()
  readonly #numbers = new Map<Clause, number>()

  anyOf(fact: AnyOf['fact'], words: readonly string[]): Clause {
    return this.#shared(`${fact} ${words.join()}`, () => ({ kind: 'anyOf', fact, words }))
  }

  of(clause: Exclude<Clause, AnyOf>): Clause {
    return this.#shared(`${clause.kind} ${clause.fact} ${clause.kind === 'atLeast' ? clause.level : clause.limit}`, () => clause)
  }

  numberOf(clause: Clause): number {
    return this.#numbers.get(clause) ?? -1
  }

  /** By number. */
  all(): readonly Clause[] {
    return [...this.#numbers.keys()]
  }

  #shared(key: string, make: () => Clause): Clause {
    const known = this.#known.get(key)
    if (known) return known
    const made = Object.freeze(make())
    this.#known.set(key, made)
    this.#numbers.set(made, this.#numbers.size)
    return made
  }
}
