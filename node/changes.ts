/** Notices what is written of some keys of the store, so that what was read there can be kept at hand until then. */
import type { Store, Write } from './ports.ts'

export class Changes {
  readonly #prefixes: readonly string[]
  readonly #listeners: (() => void)[] = []
  #count = 0
  #underWay = 0

  constructor(prefixes: readonly string[]) {
    this.#prefixes = prefixes
  }

  /** Of the writes so far; null while one is under way, which a reader may see or not. */
  get count(): number | null {
    return this.#underWay > 0 ? null : this.#count
  }

  /** Called before and after each write, whether it comes through or not. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** The store that is watched: nobody may write to it otherwise. */
  watched(store: Store): Store {
    return {
      get: (key) => store.get(key),
      scan: (range) => store.scan(range),
      batch: (writes, options) =>
        writes.some((write) => this.#concerns(write)) ? this.#noticed(() => store.batch(writes, options)) : store.batch(writes, options),
      [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
    }
  }

  async #noticed(write: () => Promise<void>): Promise<void> {
    this.#underWay++
    this.#changed()
    try {
      await write()
    } finally {
      this.#underWay--
      this.#changed()
    }
  }

  #changed(): void {
    this.#count++
    for (const listener of this.#listeners) listener()
  }

  #concerns(write: Write): boolean {
    const key = 'put' in write ? write.put : write.del
    return this.#prefixes.some((prefix) => key.startsWith(prefix))
  }
}
