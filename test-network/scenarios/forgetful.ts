/**
 * The canary: a holder that knows in memory only what it has answered. As long as it lives it is as good as any other; a Request that comes
 * again after a crash is a new one to it, and what was released once is released twice. The simulator has to find that.
 */
import type { Store } from '#node/ports.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Between } from '../sim-node.ts'
import { byzantineWith } from './byzantine.ts'
import type { Scenario } from './scenario.ts'

/** Of its exchanges, what a repeated Request is recognised by. */
const remembered = 'exchange/head/'

export const forgetful: Scenario = byzantineWith(() => ({ biz: dedupeInMemory, bank: dedupeInMemory }), 'forgetful')

/** The fewest seeds, from the first, among which it is found. */
export const forgetfulWithin = 9

const dedupeInMemory: Between = {
  store: (disk): Store => {
    const memory = new Map<string, Uint8Array>()
    return {
      get: async (key) => memory.get(key) ?? disk.get(key),
      scan: (range) => disk.scan(range),
      batch: async (writes, { ifAbsent = [] } = {}) => {
        const taken = ifAbsent.find((key) => memory.has(key))
        if (taken !== undefined) throw new TrustError('DFFT_CONFLICT', 'a record that must be new exists already', { key: taken })
        const kept = writes.filter((write) => !('put' in write && write.put.startsWith(remembered) && asHolder(write.value)))
        await disk.batch(kept, { ifAbsent: ifAbsent.filter((key) => !key.startsWith(remembered)) })
        for (const write of writes) if ('put' in write && !kept.includes(write)) memory.set(write.put, write.value)
      },
      [Symbol.asyncDispose]: async () => disk[Symbol.asyncDispose](),
    }
  },
}

function asHolder(record: Uint8Array): boolean {
  return (JSON.parse(Buffer.from(record).toString()) as { readonly role: string }).role === 'holder'
}
