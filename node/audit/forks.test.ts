import { beforeEach, describe, expect, test } from 'vitest'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { canonicalBytes } from '#protocols/canonical.ts'
import { seededSigner } from '#protocols/credential/seeded-signer.ts'
import { codeOf } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import { ManualClock } from '#test-network/manual-clock.ts'
import { AuditLog } from './audit.ts'

const did = 'did:web:witness.example' as Did
const owner = 'did:web:owner.example' as Did
const other = 'did:web:other.example' as Did
const [ours, theirs, thief] = [did, owner, did].map((of, at) => seededSigner(Buffer.alloc(32, at + 1), `${of}#key`)) as [Signer, Signer, Signer]
type Signer = ReturnType<typeof seededSigner>
type Row = Readonly<Record<string, unknown>>

let store: MemoryStore
let log: AuditLog

function open(over: MemoryStore): Promise<AuditLog> {
  return AuditLog.open(over, { did, signer: ours, clock: new ManualClock() })
}

async function noteOf(of: Did, signer: Signer, count: number, salt: number): Promise<string> {
  const made = await AuditLog.open(new MemoryStore(), { did: of, signer, clock: new ManualClock() })
  for (let number = 0; number < count; number++) await made.append([{ kind: 'released', facts: { number: number + salt } }])
  return (await made.checkpoint()).note
}

/** A genuine fork: the owner showed one tree of five entries, and then another. */
beforeEach(async () => {
  store = new MemoryStore()
  log = await open(store)
  const shown = { note: await noteOf(owner, theirs, 5, 0), publicKey: theirs.publicJwk, from: 0, proof: [] }
  await log.append([{ kind: 'witnessed', facts: {} }], (await log.rememberPartner(owner, shown)).writes)
  const hidden = { ...shown, note: await noteOf(owner, theirs, 5, 100) }
  expect(await log.rememberPartner(owner, hidden).catch(codeOf)).toBe('DFFT_LOG_FORK')
})

async function rowOf(of = owner): Promise<Row> {
  return JSON.parse(Buffer.from((await store.get(`log/fork/${of}`)) ?? '').toString())
}

/** How a row is taken that somebody wrote into the database: where it is read, where the log is opened with it, and where it is read after that. */
async function planted(row: Row, of = owner) {
  await store.batch([{ put: `log/fork/${of}`, value: canonicalBytes(row) }])
  const read = (from: AuditLog) => Promise.all([from.forkOf(of), from.forks.all()]).then(() => 'believed', codeOf)
  const again = await open(new MemoryStore({ entries: store.snapshot() })).catch(codeOf)
  return { read: await read(log), opened: typeof again === 'string' ? again : 'opened', after: typeof again === 'string' ? null : await read(again) }
}

/** What two signed notes do not say is seen as soon as the log is opened. */
const refused = { read: 'DFFT_LOG_CORRUPT', opened: 'DFFT_LOG_CORRUPT', after: null }
/** What they say, and no entry of ours, when the row is read. */
const unfounded = { read: 'DFFT_LOG_CORRUPT', opened: 'opened', after: 'DFFT_LOG_CORRUPT' }

describe('a row that says that a log forked', () => {
  test('is believed where it was found here, in this process and the next', async () => {
    expect(await planted(await rowOf())).toEqual({ read: 'believed', opened: 'opened', after: 'believed' })
    expect(await (await open(store)).forks.all()).toMatchObject([{ did: owner, proven: true }])
  })

  test('with notes under keys that somebody made up is not believed, though each signature fits', async () => {
    const [held, offered] = [await noteOf(other, thief, 3, 0), await noteOf(other, thief, 3, 100)]
    expect(await planted({ held, offered, publicKey: thief.publicJwk, proven: true }, other)).toEqual(unfounded)
    expect(await planted({ held, offered, publicKey: thief.publicJwk, proven: false, answer: 'refused' }, other)).toEqual(unfounded)
  })

  test('in the place of the one that was found is not believed', async () => {
    const [held, offered] = [await noteOf(owner, thief, 3, 0), await noteOf(owner, thief, 3, 100)]
    expect(await planted({ ...(await rowOf()), held, offered, publicKey: thief.publicJwk })).toEqual(unfounded)
  })

  test('without a signature that fits, of another log, of one tree, or of two sizes that prove nothing, is not believed', async () => {
    const row = await rowOf()
    const changes: readonly Row[] = [
      { publicKey: thief.publicJwk },
      { heldKey: thief.publicJwk },
      { offered: String(row.offered).replace('\n5\n', '\n6\n') },
      { offered: await noteOf(owner, thief, 5, 100) },
      { offered: await noteOf(other, theirs, 5, 100) },
      { offered: row.held },
      { held: row.offered },
      { offered: await noteOf(owner, theirs, 7, 0) },
    ]
    for (const change of changes) expect(await planted({ ...row, ...change })).toEqual(refused)
    // The owner signed these too, and no entry says that they were shown to us, or in that way.
    for (const change of [{ offered: await noteOf(owner, theirs, 5, 200) }, { proven: false }]) expect(await planted({ ...row, ...change })).toEqual(unfounded)
    expect(await planted(row, other)).toEqual(refused)
  })

  test('of our own log under a key that is none of ours is not believed', async () => {
    const [held, offered] = [await noteOf(did, thief, 3, 0), await noteOf(did, thief, 3, 100)]
    expect(await planted({ held, offered, publicKey: thief.publicJwk, proven: true }, did)).toEqual(refused)
    // Nor of notes that we signed and that no entry of ours calls a fork.
    const [mine, too] = [await noteOf(did, ours, 3, 0), await noteOf(did, ours, 3, 100)]
    expect(await planted({ held: mine, offered: too, publicKey: ours.publicJwk, proven: true }, did)).toEqual(unfounded)
  })
})
