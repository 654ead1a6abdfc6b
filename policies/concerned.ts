/**
 * Of the rules left of a flow those that concern any of the paths asked for: a permit that covers its category, a deny or a
 * duty that touches it. Most concern none, and are not looked at again.
 */
import { bitOf, listOf } from './bits.ts'
import type { Found } from './flow.ts'
import type { Question } from './question.ts'
import { sectionOf, type Tables } from './tables.ts'

// Long enough for most questions; a list that grows does so from the end.
const scratch = 256

/** Of one question at a time. */
export class Concerned {
  /** By path, where the row of its category begins: the rules that concern it. */
  readonly rows: number[] = listOf(scratch, 0)
  /** In order; the first `count` are meant. */
  readonly numbers: number[] = listOf(scratch, 0)
  count = 0
  /** By policy, where its rules end among the numbers. */
  readonly ends: number[]
  /** All traits of all of them. */
  traits = 0
  /** The rows that no place is asked in: they stand at the same places in every table. */
  readonly table: Int32Array
  readonly #tables: Tables

  constructor(tables: Tables) {
    this.#tables = tables
    this.table = tables.rows.table()
    this.ends = listOf(tables.layout.policies, 0)
  }

  /** Where the row of a category begins. */
  rowOf(category: string | undefined): number {
    const { categories, categoryAt, layout } = this.#tables
    return (categoryAt[categories.of(category)] ?? 0) + layout.headWords
  }

  find(data: Question['data'], { store, begin, end }: Found): void {
    this.count = 0
    this.traits = 0
    if (begin === end) return
    const paths = data.length
    for (let path = 0; path < paths; path++) this.rows[path] = this.rowOf(data[path]?.category)
    const { marks } = this.#tables.layout
    const { table, rows, numbers } = this
    let count = 0
    let traits = 0
    for (let at = begin; at < end; at += 2) {
      const word = store[at] ?? 0
      let concerned = 0
      for (let path = 0; path < paths; path++) concerned |= table[(rows[path] ?? 0) + word] ?? 0
      for (let left = (store[at + 1] ?? 0) & concerned; left !== 0; ) {
        const first = Math.clz32(left)
        left ^= bitOf(first)
        const number = (word << 5) + first
        numbers[count] = number
        traits |= marks[number] ?? 0
        count++
      }
    }
    this.count = count
    this.traits = traits
    this.#divide()
  }

  /** Rules of one policy have numbers side by side. */
  #divide(): void {
    const { policies, starts } = this.#tables.layout
    let end = this.count
    for (let policy = policies - 1; policy > 0; policy--) {
      this.ends[policy] = end
      const first = (starts[sectionOf(policy, 0)] ?? 0) << 5
      while (end > 0 && (this.numbers[end - 1] ?? 0) >= first) end--
    }
    this.ends[0] = end
  }
}
