import { describe } from 'vitest'
import { seeded } from '#test-network/fixture.ts'
import { dataKeysContract } from './data-keys.contract.ts'
import { MemoryDataKeys } from './memory-data-keys.ts'

let starts = 0

describe('data keys in memory', () =>
  dataKeysContract(
    async () => new MemoryDataKeys(seeded('data keys')),
    async (before) => new MemoryDataKeys(seeded(`data keys, start ${++starts}`), (before as MemoryDataKeys).snapshot()),
  ))
