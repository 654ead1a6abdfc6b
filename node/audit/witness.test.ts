/**
 * What a witness must do (C2SP tlog-witness, add-checkpoint), by its seven MUSTs: `gap` and `older` are its answers 409 and 400, which carry
 * no cosignature and change nothing.
 */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { codeOf } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import { PublicJwk } from '#protocols/keys.ts'
import { cosign, type NoteSigner, originOf, parseCheckpoint, signCheckpoint } from '#protocols/log/checkpoint.ts'
import { emptyRoot } from '#protocols/log/merkle.ts'
import { ManualClock } from '#test-network/manual-clock.ts'
import { AuditLog } from './audit.ts'
import type { PartnerCheckpoint } from './witness.ts'

const did = 'did:web:witness.example' as Did
const owner = 'did:web:owner.example' as Did
const [ours, theirs, thief] = [signerOf(1), signerOf(2), signerOf(3)]
let store: MemoryStore
let witness: AuditLog
let log: AuditLog
let tried = 0

function signerOf(seed: number): NoteSigner {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, seed)])
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  return { algorithm: 'EdDSA', publicJwk: PublicJwk.parse(createPublicKey(key).export({ format: 'jwk' })), sign: (bytes) => sign(null, bytes, key) }
}

async function logOf(count: number, salt = 0): Promise<AuditLog> {
  const made = await AuditLog.open(new MemoryStore(), { did: owner, signer: theirs, clock: new ManualClock() })
  for (let number = 0; number < count; number++) await made.append([{ kind: 'released', facts: { number: number + salt } }])
  return made
}

async function offer(of: AuditLog, from: number, changes: Partial<PartnerCheckpoint> = {}): Promise<PartnerCheckpoint> {
  const { note, size } = await of.checkpoint()
  return { note, publicKey: theirs.publicJwk, from, proof: from <= size ? of.consistency(from, size) : [], ...changes }
}

/** The witness has seen and co-signed five entries. */
beforeEach(async () => {
  store = new MemoryStore()
  witness = await AuditLog.open(store, { did, signer: ours, clock: new ManualClock() })
  log = await logOf(5)
  await witness.append([{ kind: 'witnessed', facts: {} }], (await witness.rememberPartner(owner, await offer(log, 0))).writes)
})
afterAll(() => console.log(`row 19: ${tried} checkpoints that a witness must not co-sign, 0 co-signed`))

/** Neither co-signed, nor what counts from now on. */
async function refused(given: PartnerCheckpoint, answer: string, of: Did = owner): Promise<void> {
  tried++
  const before = await witness.seen(owner)
  const outcome = await witness.rememberPartner(of, given).then(({ kind, cosignature, writes }) => {
    expect([cosignature, writes]).toEqual([null, []])
    return kind
  }, codeOf)
  expect(outcome).toBe(answer)
  expect(await witness.seen(owner)).toEqual(before)
}

describe('a witness', () => {
  test('1. verifies the checkpoint under the keys it has for the origin, and signatures of others do not help', async () => {
    await log.append([{ kind: 'released', facts: {} }])
    const good = await offer(log, 5)
    const checkpoint = parseCheckpoint(good.note)
    await refused({ ...good, note: await signCheckpoint(checkpoint, thief) }, 'DFFT_CHECKPOINT')
    await refused({ ...good, note: `${checkpoint.body}\n${await cosign(checkpoint, { name: originOf(did), signer: ours }, 0)}` }, 'DFFT_CHECKPOINT')
    await refused({ ...good, note: `${checkpoint.body}\n${await cosign(checkpoint, { name: originOf(owner), signer: theirs }, 0)}` }, 'DFFT_CHECKPOINT')
    await refused({ ...good, note: good.note.replace('\n6\n', '\n7\n') }, 'DFFT_CHECKPOINT')
    await refused({ ...good, publicKey: thief.publicJwk }, 'DFFT_CHECKPOINT')
    expect((await witness.rememberPartner(owner, good)).kind).toBe('extended')
  })

  test('2. knows the origin, or does not answer for it', async () => {
    await refused(await offer(log, 5), 'DFFT_CHECKPOINT', 'did:web:other.example' as Did)
    await refused(await offer(log, 5), 'DFFT_CHECKPOINT', did)
  })

  test('3. takes no checkpoint that is smaller than what it saw', async () => {
    for (let size = 1; size < 5; size++) await refused(await offer(await logOf(size), 0), 'older')
    await refused(
      { note: await signCheckpoint({ origin: originOf(owner), size: 0, root: emptyRoot() }, theirs), publicKey: theirs.publicJwk, from: 0, proof: [] },
      'older',
    )
  })

  test('4. takes a proof from exactly the size it saw, and says which that is', async () => {
    for (let number = 0; number < 3; number++) await log.append([{ kind: 'released', facts: { number } }])
    for (const from of [0, 1, 4, 6, 7, 8]) await refused(await offer(log, from), 'gap')
    expect(await witness.rememberPartner(owner, await offer(log, 4))).toMatchObject({ kind: 'gap', seen: 5 })
  })

  test('5. of the same size takes the same root only', async () => {
    await refused(await offer(await logOf(5, 100), 5), 'DFFT_LOG_FORK')
    await refused(await offer(await logOf(5, 200), 0), 'DFFT_LOG_FORK')
    expect(await witness.forkOf(owner)).toMatchObject({ proven: true })
    expect((await witness.rememberPartner(owner, await offer(log, 5))).kind).toBe('known')
  })

  test('6. verifies the consistency proof', async () => {
    const forged = await logOf(9, 100)
    await refused(await offer(forged, 5), 'DFFT_LOG_FORK')
    for (let number = 0; number < 4; number++) await log.append([{ kind: 'released', facts: { number } }])
    const good = await offer(log, 5)
    await refused({ ...good, proof: [] }, 'DFFT_LOG_FORK')
    await refused({ ...good, proof: good.proof.slice(1) }, 'DFFT_LOG_FORK')
    await refused({ ...good, proof: [...good.proof].reverse() }, 'DFFT_LOG_FORK')
    await refused({ ...good, proof: [...good.proof, good.proof[0]!] }, 'DFFT_LOG_FORK')
    await refused({ ...good, proof: good.proof.map(() => 'not base64') }, 'DFFT_CHECKPOINT')
    expect(await witness.forkOf(owner)).toMatchObject({ proven: false, answer: 'false-proof' })
    expect((await witness.rememberPartner(owner, good)).kind).toBe('extended')
  })

  test('7. has it on disk before it answers, and of two views at once co-signs one', async () => {
    for (let number = 0; number < 2; number++) await log.append([{ kind: 'released', facts: { number } }])
    const [one, other] = await Promise.allSettled([
      witness.rememberPartner(owner, await offer(log, 5)),
      witness.rememberPartner(owner, await offer(await logOf(8, 100), 5)),
    ])
    expect(one).toMatchObject({ status: 'fulfilled', value: { kind: 'extended', seen: 7 } })
    expect(other.status === 'fulfilled' ? other.value.cosignature : null).toBeNull()
    tried++
    // What it answers with is among what it must write first, and a restart measures the next one against it.
    const writes = one.status === 'fulfilled' ? one.value.writes : []
    expect(writes.map((write) => 'put' in write && write.put)).toEqual([`log/seen/${owner}`])
    await witness.keep(writes)
    const again = await AuditLog.open(new MemoryStore({ entries: store.snapshot() }), { did, signer: ours, clock: new ManualClock() })
    expect((await again.rememberPartner(owner, await offer(await logOf(6), 0))).kind).toBe('older')
  })
})

test('all that a witness must not sign it did not', () => expect(tried).toBeGreaterThanOrEqual(25))
