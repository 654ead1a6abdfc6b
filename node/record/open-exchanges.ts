/** How many exchanges are open, by state: kept as they are written, so that nothing is counted when it is asked. */
import type { ExchangeState } from '#node/api/exchanges.ts'
import type { Store, Write } from '#node/ports.ts'
import type { ExchangeId } from '#protocols/ids.ts'
import { type ExchangeRecord, headKey, isOpenKey, openRecords } from '../exchange/exchange-record.ts'

type Standing = Pick<ExchangeRecord, 'role' | 'state'>

const heads = headKey('' as ExchangeId) // The part before the id.

function idIn(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1)
}

export class OpenExchanges {
  /** As it was written last: read when it is counted, which is seldom. */
  readonly #open = new Map<string, Standing | Uint8Array>()

  /** Those that are open at the start. */
  async read(store: Store): Promise<void> {
    for (const { id, role, state } of await openRecords(store)) this.#open.set(id, { role, state })
  }

  /** The store that is watched: nobody may write to it otherwise. */
  watched(store: Store): Store {
    return {
      get: (key) => store.get(key),
      scan: (range) => store.scan(range),
      batch: (writes, options) => store.batch(writes, options).then(() => this.#written(writes)),
      [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
    }
  }

  count(role: Standing['role'], state: ExchangeState): number {
    let count = 0
    for (const id of this.#open.keys()) {
      const one = this.#standing(id)
      if (one?.role === role && one.state === state) count++
    }
    return count
  }

  #standing(id: string): Standing | undefined {
    const one = this.#open.get(id)
    if (!(one instanceof Uint8Array)) return one
    const { role, state }: Standing = JSON.parse(Buffer.from(one).toString('utf8'))
    this.#open.set(id, { role, state })
    return { role, state }
  }

  #written(writes: readonly Write[]): void {
    // Whether it is open is said by another write of the same batch, or was before.
    const opened = new Set(writes.flatMap((write) => ('put' in write && isOpenKey(write.put) ? [idIn(write.put)] : [])))
    for (const write of writes) {
      if (!('put' in write && write.put.startsWith(heads))) continue
      const id = write.put.slice(heads.length)
      if (this.#open.has(id) || opened.has(id)) this.#open.set(id, write.value)
    }
    for (const write of writes) if ('del' in write && isOpenKey(write.del)) this.#open.delete(idIn(write.del))
  }
}
