import { expect, it } from 'vitest'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { AuditLog } from '#node/audit/audit.ts'
import { seededSigner } from '#protocols/credential/seeded-signer.ts'
import { codeOf } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import { Blocks } from './blocks.ts'

const did = 'did:web:agency.example' as Did
const partner = 'did:web:partner.example' as Did

async function opened() {
  const store = new MemoryStore()
  const clock = { nowMs: () => Date.UTC(2026, 10, 23), turn: async () => {} }
  const audit = await AuditLog.open(store, { did, signer: seededSigner(Buffer.alloc(32, 1), `${did}#key`), clock })
  return { audit, store, blocks: await Blocks.open({ store, audit, clock, self: { did } }) }
}

it('of several who shut out or let in one party at a time, one does, and the log has it once', async () => {
  const { audit, blocks } = await opened()
  const outcome = (acts: Promise<unknown>[]) => Promise.all(acts.map((act) => act.then(() => 'done', codeOf)))
  expect(await outcome([1, 2, 3].map(() => blocks.add(partner, null, false)))).toEqual(['done', 'DFFT_CONFLICT', 'DFFT_CONFLICT'])
  expect([audit.size, blocks.has(partner)]).toEqual([1, true])
  expect(await outcome([1, 2].map(() => blocks.remove(partner, false)))).toEqual(['done', 'DFFT_NOT_FOUND'])
  expect([audit.size, blocks.has(partner)]).toEqual([2, false])
})

it('who only tries changes nothing, and is refused where the log takes nothing', async () => {
  const { audit, blocks, store } = await opened()
  expect(await blocks.add(partner, 'tried', true)).toMatchObject({ did: partner, reason: 'tried' })
  expect([audit.size, blocks.has(partner)]).toEqual([0, false])
  store.batch = () => Promise.reject(new Error('the disk is gone'))
  for (const dryRun of [false, true]) expect(await blocks.add(partner, null, dryRun).catch(codeOf)).toBe('DFFT_STORE')
  expect(blocks.has(partner)).toBe(false)
})
