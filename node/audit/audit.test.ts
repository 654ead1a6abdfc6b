import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { FileAnchor } from '#node/adapters/file-anchor.ts'
import { openLevelStore } from '#node/adapters/level-store.ts'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { ScratchFile } from '#node/adapters/scratch-file.ts'
import type { Store } from '#node/ports.ts'
import { canonicalBytes } from '#protocols/canonical.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Did, ExchangeId } from '#protocols/ids.ts'
import { PublicJwk } from '#protocols/keys.ts'
import { type NoteSigner, originOf, parseCheckpoint, readCheckpoint, readProof, rootDigest, verifyCosignature } from '#protocols/log/checkpoint.ts'
import type { NewEntry } from '#protocols/log/entry.ts'
import { leafHash, type Overflow, verifyInclusion } from '#protocols/log/merkle.ts'
import { ManualClock } from '#test-network/manual-clock.ts'
import { plainLog, tamperLogHistory } from '#test-network/tamper/log-tamper.ts'
import { type Anchor, AuditLog } from './audit.ts'

const did = 'did:web:agency.example' as Did
const partner = 'did:web:partner.example' as Did
const exchange = '0123456789abcdef0123456789abcdef' as ExchangeId
const other = 'f'.repeat(32) as ExchangeId
const ourKey = signerOf(1)
const partnerKey = signerOf(2)
const folder = await mkdtemp(join(tmpdir(), 'dfft-audit-'))
afterAll(() => rm(folder, { recursive: true }))

type Rows = [string, Uint8Array][]

function signerOf(seed: number): NoteSigner {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, seed)])
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  return { algorithm: 'EdDSA', publicJwk: PublicJwk.parse(createPublicKey(key).export({ format: 'jwk' })), sign: (bytes) => sign(null, bytes, key) }
}

/** Refuses what is written while it is full, as a disk does of which nothing got there. */
class FillingStore extends MemoryStore {
  full = false

  override batch(...act: Parameters<Store['batch']>): Promise<void> {
    return this.full ? Promise.reject(new TrustError('DFFT_DISK_FULL', 'no room')) : super.batch(...act)
  }
}

function openLog(store: Store, signer = ourKey, owner = did): Promise<AuditLog> {
  return AuditLog.open(store, { did: owner, signer, clock: new ManualClock() })
}

function entry(number: number, of?: ExchangeId): NewEntry {
  return { kind: 'released', ...(of && { exchange: of }), facts: { number, digest: `sha256:${'0'.repeat(63)}${number % 10}` } }
}

function put(key: string, value = 'state'): { put: string; value: Uint8Array } {
  return { put: key, value: Buffer.from(value) }
}

function reopen(rows: Iterable<readonly [string, Uint8Array]>): Promise<AuditLog> {
  return openLog(new MemoryStore({ entries: rows }))
}

/** A partner's log of `count` entries, and what it sends: its checkpoint and the proof from `from`. */
async function partnerLog(count: number, salt = 0) {
  const log = await openLog(new MemoryStore(), partnerKey, partner)
  for (let number = 0; number < count; number++) await log.append([entry(number + salt)])
  return log
}

async function offer(log: AuditLog, from: number) {
  const { note, size } = await log.checkpoint()
  return { note, publicKey: partnerKey.publicJwk, from, proof: log.consistency(from, size) }
}

/** Our log over `store`, with the partner's checkpoint remembered and the partner's cosignature over ours. */
async function witnessedLog(store: Store): Promise<AuditLog> {
  const log = await openLog(store)
  await log.append([entry(0)])
  await log.append([entry(1, exchange), entry(2, exchange)], [put('state/1')])
  const theirs = await partnerLog(3)
  const remembered = await log.rememberPartner(partner, await offer(theirs, 0))
  await log.append([entry(3, other)], remembered.writes)
  await log.append([entry(4)], await cosignedBy(theirs, log))
  await log.append([entry(5, exchange)])
  return log
}

/** The partner witnesses our log as it is; what we then write. */
async function cosignedBy(theirs: AuditLog, log: AuditLog) {
  const { note } = await log.checkpoint()
  const { cosignature } = await theirs.rememberPartner(did, { note, publicKey: ourKey.publicJwk, from: 0, proof: [] })
  if (cosignature === null) throw new Error('the partner did not co-sign')
  return log.rememberCosignature(partner, { note, cosignature, publicKey: partnerKey.publicJwk })
}

describe('recording', () => {
  it('an entry and the state it records are on disk together, in the order of the calls', async () => {
    const store = new MemoryStore()
    const log = await openLog(store)
    const [first, second] = await Promise.all([log.append([entry(0)], [put('a')]), log.append([entry(1, exchange), entry(2)], [put('b')])])
    expect(first).toEqual({ indexes: [0], size: 1 })
    expect(second).toEqual({ indexes: [1, 2], size: 3 })
    expect(log.size).toBe(3)
    expect(store.snapshot().map(([key]) => key)).toEqual([
      'a',
      'b',
      'log/entry/0000000000000000',
      'log/entry/0000000000000001',
      'log/entry/0000000000000002',
      'log/head',
      `log/of/${exchange}/0000000000000001`,
    ])
    const [last] = await log.tail(1)
    expect(last).toMatchObject({ index: 2, at: '2026-01-01T00:00:00Z', kind: 'released', exchange: null, facts: { number: 2 } })
  })

  it('what comes with no act of ours is kept without an entry, and not after the disk refused', async () => {
    const store = new MemoryStore()
    const log = await openLog(store)
    await log.append([entry(0)])
    await log.keep([put('a', 'kept')])
    expect([log.size, Buffer.from((await store.get('a'))!).toString()]).toEqual([1, 'kept'])
    expect((await log.verify()).size).toBe(1)
    expect(() => log.append([], [put('b')])).toThrow('an act has an entry')
    Object.assign(store, { batch: () => Promise.reject(new Error('EIO')) })
    for (const _ of ['the failing one', 'the next']) expect(await log.keep([put('c')]).catch(codeOf)).toBe('DFFT_STORE')
  })

  it('the index of an act’s first entry is on disk with it, under the keys that were asked for', async () => {
    const store = new MemoryStore()
    const log = await openLog(store)
    await log.append([entry(0)])
    await Promise.all([log.append([entry(1)], [], { indexUnder: ['at/1'] }), log.append([entry(2), entry(3)], [], { indexUnder: ['at/2', 'at/again'] })])
    const found = store.snapshot().flatMap(([key, value]) => (key.startsWith('at/') ? [[key, Buffer.from(value).toString()]] : []))
    expect(found).toEqual([
      ['at/1', '1'],
      ['at/2', '2'],
      ['at/again', '2'],
    ])
    await expect(log.append([entry(4)], [], { indexUnder: ['log/head'] })).rejects.toThrow('the log writes its own records')
    const taken = [log.append([entry(4)], [], { indexUnder: ['at/4'] }), log.append([entry(5)], [], { ifAbsent: ['at/4'] })]
    expect((await Promise.allSettled(taken)).map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  })

  it('a restart finds the same log and goes on with it', async () => {
    const store = new MemoryStore()
    const before = await witnessedLog(store)
    const after = await reopen(store.snapshot())
    expect([after.size, after.root(), after.witnessed()]).toEqual([before.size, before.root(), 4])
    expect((await after.append([entry(6)])).indexes).toEqual([6])
    expect(await after.verify()).toEqual({ size: 7, root: after.root() })
  })

  it('the tail and the entries of an exchange come oldest first', async () => {
    const log = await witnessedLog(new MemoryStore())
    expect((await log.tail(3)).map(({ index }) => index)).toEqual([3, 4, 5])
    expect((await log.entriesOf(exchange)).map(({ index }) => index)).toEqual([1, 2, 5])
    expect((await log.entriesOf(exchange, 2)).map(({ index }) => index)).toEqual([1, 2])
    expect(await log.entriesOf('0'.repeat(32) as ExchangeId)).toEqual([])
  })

  it('what could be personal data does not get into an entry', async () => {
    const log = await openLog(new MemoryStore())
    const facts = [{ name: 'Hanako Yamada' }, { name: '山田' }, { 'a b': 1 }, { text: 'x'.repeat(2101) }, { deep: { a: 1 } }, { list: ['a b'] }, { big: [1] }]
    for (const each of facts) {
      await expect(log.append([{ kind: 'released', facts: each as NewEntry['facts'] }])).rejects.toMatchObject({ code: 'DFFT_SCHEMA' })
    }
    await expect(log.append([{ kind: 'Released now', facts: {} }])).rejects.toMatchObject({ code: 'DFFT_SCHEMA' })
    const long = Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`f${at}`, 'x'.repeat(2000)]))
    await expect(log.append([{ kind: 'released', facts: long }])).rejects.toMatchObject({ code: 'DFFT_LIMIT' })
    await expect(log.append(Array.from({ length: 65 }, (_, at) => entry(at)))).rejects.toMatchObject({ code: 'DFFT_LIMIT' })
    expect(log.size).toBe(0)
  })

  it('nobody but the log writes its records', async () => {
    const log = await openLog(new MemoryStore())
    for (const key of ['log/head', 'log/entry/0000000000000000', `log/of/${exchange}/0000000000000000`, 'log/new']) {
      await expect(log.append([entry(0)], [put(key)])).rejects.toThrow('the log writes its own records')
      await expect(log.append([entry(0)], [{ del: key }])).rejects.toThrow('the log writes its own records')
    }
    await expect(log.append([entry(0)], [{ del: 'log/seen/did:web:a.example' }])).rejects.toThrow('the log writes its own records')
  })

  it('an ES256 key cannot be the log key', async () => {
    await expect(openLog(new MemoryStore(), { ...ourKey, algorithm: 'ES256' })).rejects.toMatchObject({ code: 'DFFT_ALGORITHM' })
  })

  it('more acts than may wait are refused before they are recorded', async () => {
    const store = new MemoryStore({ beforeDurable: () => new Promise(() => {}) })
    const log = await openLog(store)
    for (let at = 0; at < 10_000; at++) void log.append([entry(at)])
    await expect(log.append([entry(0)])).rejects.toMatchObject({ code: 'DFFT_BUSY' })
  })
})

describe('many at once', () => {
  for (const [name, open] of [
    ['in memory', async () => new MemoryStore()],
    ['on LevelDB', () => openLevelStore(join(folder, 'many'))],
  ] as const) {
    it(`200 acts ${name}, a quarter of them in conflict, leave no hole`, async () => {
      await using store: Store = await open()
      const log = await openLog(store)
      const acts = Array.from({ length: 200 }, async (_, at) => {
        for (let turn = at % 7; turn > 0; turn--) await Promise.resolve() // They arrive in several groups.
        const nonce = at % 4 === 0 ? 'nonce/same' : `nonce/${at}`
        return log.append([entry(at, exchange), entry(at)], [put(nonce), put(`state/${at}`)], { ifAbsent: [nonce] })
      })
      const outcomes = await Promise.allSettled(acts)
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
      expect(refused.map(({ reason }) => codeOf(reason))).toEqual(Array(49).fill('DFFT_CONFLICT'))
      const indexes = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value.indexes : []))
      expect(indexes.sort((one, another) => one - another)).toEqual(Array.from({ length: 302 }, (_, index) => index))
      const states: string[] = []
      for await (const [key] of store.scan({ from: 'state/', to: 'state0' })) states.push(key)
      expect(states.length).toBe(151)
      expect(await log.verify()).toEqual({ size: 302, root: log.root() })
    })
  }

  it('acts that come together share a write', async () => {
    let batches = 0
    const log = await openLog(new MemoryStore({ beforeDurable: () => void batches++ }))
    await Promise.all(Array.from({ length: 32 }, (_, at) => log.append([entry(at)])))
    expect(batches).toBe(1)
    expect(log.size).toBe(32)
  })

  it('acts that come turn after turn share a write until a turn brings none', async () => {
    let batches = 0
    const acts: Promise<unknown>[] = []
    const act = () => void acts.push(log.append([entry(acts.length)]))
    const turn = async () => {
      if (acts.length < 6) act()
    }
    const store = new MemoryStore({ beforeDurable: () => void batches++ })
    const log = await AuditLog.open(store, { did, signer: ourKey, clock: { nowMs: () => Date.UTC(2026, 0, 1), turn } })
    act()
    await Promise.all(acts)
    await Promise.all(acts)
    expect([acts.length, batches, log.size]).toEqual([6, 1, 6])
  })

  it('of many acts the first are told before the last are written', async () => {
    let told = 0
    const toldBefore: number[] = []
    const log = await openLog(new MemoryStore({ beforeDurable: () => void toldBefore.push(told) }))
    await Promise.all(Array.from({ length: 100 }, (_, at) => log.append([entry(at)]).then(() => told++)))
    expect(toldBefore).toEqual([0, 32, 64, 96])
  })

  it('what came in while a slow disk wrote takes few writes', async () => {
    const first = Promise.withResolvers<void>()
    let batches = 0
    const log = await openLog(new MemoryStore({ beforeDurable: () => (++batches === 1 ? first.promise : undefined) }))
    const acts = [log.append([entry(0)])]
    await new Promise((resolve) => setImmediate(resolve))
    for (let at = 1; at <= 2000; at++) acts.push(log.append([entry(at)]))
    first.resolve()
    await Promise.all(acts)
    expect(batches).toBeLessThan(20)
  })

  it('a key taken past the log at the last moment costs one act its place, and the others nothing', async () => {
    let release = () => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const store = new MemoryStore({ beforeDurable: () => gate })
    const log = await openLog(store)
    const taken = store.batch([put('nonce')])
    const acts = [
      log.append([entry(0)], [put('a')]),
      log.append([entry(1)], [put('nonce', 'second')], { ifAbsent: ['nonce'] }),
      log.append([entry(2)], [put('b')]),
    ]
    await new Promise((resolve) => setImmediate(resolve)) // The log has checked the keys, and its batch waits behind the other.
    release()
    await taken
    const outcomes = await Promise.allSettled(acts)
    expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.indexes[0] : codeOf(outcome.reason)))).toEqual([0, 'DFFT_CONFLICT', 1])
    expect(await log.verify()).toEqual({ size: 2, root: log.root() })
    expect(Buffer.from((await store.get('nonce'))!).toString()).toBe('state')
  })

  it('an act is not refused for the sake of one before it that was itself refused', async () => {
    let release = () => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const store = new MemoryStore({ beforeDurable: () => gate })
    const log = await openLog(store)
    const taken = store.batch([put('past')])
    const acts = [
      log.append([entry(0)], [put('past'), put('nonce', 'first')], { ifAbsent: ['past', 'nonce'] }),
      log.append([entry(1)], [put('nonce', 'second')], { ifAbsent: ['nonce'] }),
    ]
    await new Promise((resolve) => setImmediate(resolve))
    release()
    await taken
    const outcomes = await Promise.allSettled(acts)
    expect(outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value.indexes[0] : codeOf(outcome.reason)))).toEqual(['DFFT_CONFLICT', 0])
    expect(Buffer.from((await store.get('nonce'))!).toString()).toBe('second')
    expect(await log.verify()).toEqual({ size: 1, root: log.root() })
  })

  it('a write that no store takes fails its own act and not the log', async () => {
    const log = await openLog(new MemoryStore())
    const bad = [log.append([entry(0)], [put('a\ud800')]), log.append([entry(0)], [put('')]), log.append([entry(0)], [], { ifAbsent: ['\udc00'] })]
    const forged = log.append([entry(0)], [put('log/seen/did:web:a.example', 'nonsense')])
    const good = log.append([entry(1)])
    for (const outcome of await Promise.allSettled([...bad, forged])) expect(outcome.status).toBe('rejected')
    expect((await good).indexes).toEqual([0])
  })
})

describe('faults', () => {
  it('after a failed write nothing is recorded, signed or acknowledged', async () => {
    let failing = false
    const store = new MemoryStore({
      beforeDurable: () => {
        if (failing) throw new Error('EIO')
      },
    })
    const log = await openLog(store)
    await log.append([entry(0)])
    const root = log.root()
    failing = true
    const outcomes = await Promise.allSettled([log.append([entry(1)]), log.append([entry(2)])])
    expect(outcomes.map((outcome) => outcome.status === 'rejected' && codeOf(outcome.reason))).toEqual(['DFFT_STORE', 'DFFT_STORE'])
    failing = false
    await expect(log.append([entry(3)])).rejects.toMatchObject({ code: 'DFFT_STORE' })
    await expect(log.checkpoint()).rejects.toMatchObject({ code: 'DFFT_STORE' })
    expect([log.size, log.root()]).toEqual([1, root])
    expect((await reopen(store.snapshot())).size).toBe(1)
  })

  it('a full disk refuses acts without a trace, and the log goes on where it was when there is room', async () => {
    const store = new FillingStore()
    const log = await openLog(store)
    await log.append([entry(0)])
    const root = log.root()
    store.full = true
    const outcomes = await Promise.allSettled([log.append([entry(1)]), log.append([entry(2)])])
    expect(outcomes.map((outcome) => outcome.status === 'rejected' && codeOf(outcome.reason))).toEqual(['DFFT_DISK_FULL', 'DFFT_DISK_FULL'])
    expect([log.size, log.root(), log.refusal]).toEqual([1, root, undefined])
    store.full = false
    expect((await log.append([entry(3)])).indexes).toEqual([1])
    expect((await log.verify()).size).toBe(2)
  })

  it('a crash at any batch, before or after it is durable, keeps what was acknowledged and never state without its entry', async () => {
    let points = 0
    for (const hook of ['beforeDurable', 'beforeAcknowledged'] as const) {
      for (let crashAt = 1; ; crashAt++) {
        let batches = 0
        const store = new MemoryStore({
          [hook]: () => {
            if (++batches === crashAt) throw new Error('power cut')
          },
        })
        const acknowledged = await runUntilCrash(await openLog(store))
        const log = await reopen(store.snapshot())
        const recorded = (await log.tail(1000)).map(({ facts }) => String(facts.state))
        expect(recorded).toEqual(expect.arrayContaining(acknowledged))
        const states = store.snapshot().flatMap(([key]) => (key.startsWith('state/') ? [key] : []))
        expect([...states].sort()).toEqual([...recorded].sort())
        expect((await log.append([entry(0)])).indexes).toEqual([recorded.length])
        points++
        if (batches < crashAt) break
      }
    }
    expect(points).toBeGreaterThan(15)
  })

  async function runUntilCrash(log: AuditLog): Promise<string[]> {
    const acknowledged: string[] = []
    for (let round = 0; round < 8; round++) {
      const acts = Array.from({ length: 1 + (round % 3) }, async (_, at) => {
        const state = `state/${round}.${at}`
        await log.append([{ kind: 'stored', facts: { state } }], [put(state)], { ifAbsent: [state] })
        acknowledged.push(state)
      })
      await Promise.allSettled(acts)
    }
    return acknowledged
  }

  it('a log that lost everything is not taken for a new one by a node that has recorded before', async () => {
    const opening = AuditLog.open(new MemoryStore(), { did, signer: ourKey, clock: new ManualClock(), begun: true })
    await expect(opening).rejects.toMatchObject({ code: 'DFFT_LOG_CORRUPT' })
  })

  it('whatever bit flips in LevelDB’s own file, what is lost is found: by the log itself, or, where the engine drops the newest batches whole, by the anchor', async () => {
    const dir = join(folder, 'flipped')
    await using anchor = new FileAnchor(join(folder, 'anchor'))
    const store = await openLevelStore(dir)
    const log = await AuditLog.open(store, { did, signer: ourKey, clock: new ManualClock(), anchor })
    for (let at = 0; at < 80; at++) await log.append([entry(at, exchange)], [put(`state/${at}`)])
    await log.checkpoint()
    const intact = log.root()
    await store[Symbol.asyncDispose]()
    const file = (await readdir(dir)).find((name) => name.endsWith('.log'))!
    const bytes = await readFile(join(dir, file))
    const outcomes = new Map<string, number>()
    for (let at = 0; at < 40; at++) {
      const copy = `${dir}-${at}`
      await cp(dir, copy, { recursive: true })
      const changed = Buffer.from(bytes)
      const position = Math.floor((bytes.length * (at + 0.5)) / 40)
      changed[position] = changed[position]! ^ (1 << (at % 8))
      await writeFile(join(copy, file), changed)
      const outcome = await openDamaged(copy, intact, anchor)
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      await rm(copy, { recursive: true })
    }
    expect([...outcomes.keys()].sort()).toEqual(['DFFT_LOG_CORRUPT', 'DFFT_LOG_FORK'])
  })

  async function openDamaged(dir: string, intact: string, anchor: Anchor): Promise<string> {
    try {
      await using store = await openLevelStore(dir)
      const log = await AuditLog.open(store, { did, signer: ourKey, clock: new ManualClock(), anchor, begun: true })
      return log.root() === intact ? 'intact' : 'unnoticed'
    } catch (thrown) {
      return codeOf(thrown)
    }
  }

  it('an anchor that is cut short, empty or another log’s is said to be just that, and without it the log opens', async () => {
    const store = new MemoryStore()
    const log = await openLog(store)
    await log.append([entry(0, exchange)], [])
    const { note } = await log.checkpoint()
    const other = await openLog(new MemoryStore(), partnerKey, partner)
    const wrong = ['', note.slice(17), note.slice(0, -20), note.replace('\n1\n', '\n2\n'), (await other.checkpoint()).note]
    const opened = (anchored: string | undefined) => {
      const anchor: Anchor = { read: async () => anchored, write: async () => undefined }
      return AuditLog.open(store, { did, signer: ourKey, clock: new ManualClock(), anchor, begun: true }).then(({ size }) => size, codeOf)
    }
    for (const anchored of wrong) expect([anchored, await opened(anchored)]).toEqual([anchored, 'DFFT_LOG_ANCHOR'])
    expect([await opened(note), await opened(undefined)]).toEqual([1, 1])
  })

  it('what carries a head is made while the anchor is written, and handed out after it; where it cannot be written, nothing is, and the next try is whole', async () => {
    const held: string[] = []
    let { promise: written, resolve, reject } = Promise.withResolvers<void>()
    const anchor: Anchor = {
      read: async () => undefined,
      write: async (note) => {
        await written
        held.push(note)
      },
    }
    const log = await AuditLog.open(new MemoryStore(), { did, signer: ourKey, clock: new ManualClock(), anchor })
    await log.append([entry(0)])
    const order: string[] = []
    const { promise: made, resolve: tell } = Promise.withResolvers<string>()
    const message = log.withHead(async ({ note, size }) => {
      order.push(`made with ${size}, ${held.length} anchored`)
      tell(note)
      return note
    })
    const handedOut = message.then(() => order.push(`handed out, ${held.length} anchored`))
    const note = await made
    resolve()
    await handedOut
    expect([order, held]).toEqual([['made with 1, 0 anchored', 'handed out, 1 anchored'], [note]])
    await expect(log.withHead(() => Promise.reject(new Error('not made')))).rejects.toThrow('not made')

    await log.append([entry(1)])
    ;({ promise: written, resolve, reject } = Promise.withResolvers<void>())
    const refused = [log.withHead(async () => 'handed out'), log.checkpoint()]
    reject(new TrustError('DFFT_DISK_FULL', 'no room'))
    expect(await Promise.all(refused.map((one) => one.catch(codeOf)))).toEqual(['DFFT_DISK_FULL', 'DFFT_DISK_FULL'])
    written = Promise.resolve()
    expect((await log.checkpoint()).size).toBe(2)
    expect(held.length).toBe(2)
  })

  it('no checkpoint is given out that the anchor could not take', async () => {
    const anchor: Anchor = { read: async () => undefined, write: () => Promise.reject(new Error('full')) }
    const log = await AuditLog.open(new MemoryStore(), { did, signer: ourKey, clock: new ManualClock(), anchor })
    await expect(log.checkpoint()).rejects.toThrow('full')
  })
})

describe('tampering', () => {
  async function rowsOfLog(): Promise<Rows> {
    const store = new MemoryStore()
    await witnessedLog(store)
    return store.snapshot().map(([key, value]) => [key, value])
  }

  /** Without partners' notes: opening it costs no signature, so every byte can be tried. */
  async function plainRows(): Promise<Rows> {
    const store = new MemoryStore()
    const log = await openLog(store)
    for (let at = 0; at < 7; at++) await log.append([entry(at, at % 2 === 0 ? exchange : undefined)])
    return store.snapshot().map(([key, value]) => [key, value])
  }

  function isLog([key]: readonly [string, Uint8Array]): boolean {
    return key.startsWith('log/')
  }

  const found = ['DFFT_LOG_CORRUPT', 'DFFT_LOG_FORK']

  async function codeOfOpening(rows: Rows): Promise<string> {
    return reopen(rows).then(
      () => 'unnoticed',
      (thrown) => codeOf(thrown),
    )
  }

  async function flipAll(rows: Rows, which: RegExp, facts: (key: string) => object): Promise<number> {
    await reopen(rows) // Unchanged, it opens.
    let flips = 0
    for (const [at, [key, value]] of rows.entries()) {
      if (!which.test(key)) continue
      for (let byte = 0; byte < value.length; byte++) {
        const changed = new Uint8Array(value)
        changed[byte] = changed[byte]! ^ (1 << (byte % 8))
        await expect(reopen(rows.with(at, [key, changed])), `${key} byte ${byte}`).rejects.toMatchObject({ code: 'DFFT_LOG_CORRUPT', ...facts(key) })
        flips++
      }
    }
    return flips
  }

  it('each changed byte of an entry or the head is found, and the changed record is named', async () => {
    expect(await flipAll(await plainRows(), /^log\/(?:entry|head)/, (key) => ({ facts: { key } }))).toBeGreaterThan(1800)
  })

  it('each changed byte of a checkpoint or cosignature is found', async () => {
    expect(await flipAll(await rowsOfLog(), /^log\/(?:seen|cosigned)/, (key) => ({ facts: { key } }))).toBeGreaterThan(800)
  })

  it('each changed byte of each key is found', async () => {
    const rows = (await rowsOfLog()).filter(isLog)
    let flips = 0
    for (const [at, [key, value]] of rows.entries()) {
      for (let byte = 4; byte < key.length; byte++) {
        const changed = `${key.slice(0, byte)}${String.fromCharCode(key.charCodeAt(byte) ^ 1)}${key.slice(byte + 1)}`
        expect(found, `${key} → ${changed}`).toContain(await codeOfOpening(rows.with(at, [changed, value])))
        flips++
      }
    }
    expect(flips).toBeGreaterThan(250)
  })

  it('each record removed, doubled, swapped with another or cut short is found', async () => {
    const rows = (await rowsOfLog()).filter(isLog)
    let changes = 0
    const expectFound = async (changed: Rows, what: string) => {
      expect(found, what).toContain(await codeOfOpening(changed))
      changes++
    }
    for (const [at, [key, value]] of rows.entries()) {
      // Seen and cosigned checkpoints are partners' words, not part of the chain: their loss shows when the partner is asked.
      if (!/^log\/(?:seen|cosigned)\//.test(key)) await expectFound(rows.toSpliced(at, 1), `without ${key}`)
      if (value.length > 0) await expectFound(rows.with(at, [key, value.slice(0, -1)]), `${key} cut short`)
      await expectFound(rows.with(at, [key, Buffer.concat([value, Buffer.from(' ')])]), `${key} lengthened`)
      await expectFound([...rows, [`${key}0`, value]], `${key} doubled`)
      for (const [to, [otherKey, otherValue]] of rows.entries()) {
        if (to <= at || Buffer.compare(value, otherValue) === 0) continue
        await expectFound(rows.with(at, [key, otherValue]).with(to, [otherKey, value]), `${key} and ${otherKey} swapped`)
      }
    }
    for (let kept = 0; kept < 6; kept++) {
      const names = rows.filter(([key]) => key < `log/entry/${String(kept).padStart(16, '0')}` || key > 'log/entry0')
      await expectFound(names, `truncated to ${kept}`)
    }
    expect(changes).toBeGreaterThan(100)
  })

  it('an entry appended by another hand is found, with the head left as it was or not', async () => {
    const rows = await rowsOfLog()
    const [, sixth] = rows.find(([key]) => key === 'log/entry/0000000000000005')!
    const previous = Buffer.from(leafHash(sixth)).toString('base64')
    const forged = canonicalBytes({ at: '2026-01-01T00:00:00Z', exchange: null, facts: {}, index: 6, kind: 'released', previous })
    await expect(reopen([...rows, ['log/entry/0000000000000006', forged]])).rejects.toMatchObject({
      code: 'DFFT_LOG_CORRUPT',
      facts: { key: 'log/entry/0000000000000006' },
    })
  })

  it('the log of another DID is not ours', async () => {
    await expect(openLog(new MemoryStore({ entries: await rowsOfLog() }), ourKey, partner)).rejects.toMatchObject({ code: 'DFFT_LOG_CORRUPT' })
  })

  it('a change under a running node is found by verify, also when count, chain and head were made to fit', async () => {
    const store = new MemoryStore()
    const log = await openLog(store)
    for (let at = 0; at < 5; at++) await log.append([entry(at)])
    const elsewhere = new MemoryStore()
    const rewritten = await openLog(elsewhere)
    for (let at = 0; at < 5; at++) await rewritten.append([entry(at === 2 ? 99 : at)])
    await store.batch(elsewhere.snapshot().map(([key, value]) => ({ put: key, value })))
    await expect(log.verify()).rejects.toMatchObject({ code: 'DFFT_LOG_FORK' })
    await store.batch([{ del: 'log/entry/0000000000000004' }])
    await expect(log.verify()).rejects.toMatchObject({ code: 'DFFT_LOG_CORRUPT' })
    await expect(log.inclusion(4)).rejects.toMatchObject({ code: 'DFFT_LOG_CORRUPT', facts: { key: 'log/entry/0000000000000004' } })
  })

  it('a tail that was rewritten with the log’s own key opens and verifies, and a partner’s copy of a checkpoint proves the rewrite', async () => {
    const log = await openLog(new MemoryStore())
    for (let at = 0; at < 8; at++) await log.append([entry(at)])
    const { note } = await log.checkpoint()
    const rewritten = await openLog(new MemoryStore())
    for (let at = 0; at < 10; at++) await rewritten.append([entry(at === 6 ? 99 : at)])
    await expect(rewritten.verify()).resolves.toMatchObject({ size: 10 })
    expect(() => rewritten.verifyAgainst(note)).toThrow(expect.objectContaining({ code: 'DFFT_LOG_FORK' }))
  })

  it('a log rolled back to an earlier backup opens and verifies, and a partner’s copy of a checkpoint proves the loss', async () => {
    const store = new MemoryStore()
    const log = await openLog(store)
    await log.append([entry(0)])
    const backup = store.snapshot()
    await log.append([entry(1)])
    const { note } = await log.checkpoint()
    const rolledBack = await reopen(backup)
    expect(() => rolledBack.verifyAgainst(note)).toThrow(expect.objectContaining({ code: 'DFFT_LOG_FORK', facts: { size: 1, signed: 2 } }))
    expect(() => rolledBack.consistency(2)).toThrow(expect.objectContaining({ code: 'DFFT_LOG_FORK' }))
  })

  // With all 255 values of each byte: `npm run tamper`.
  it('rolled back to any state or rewritten from it, and continued or not, a log is found by its anchor and by a partner’s note', async () => {
    const log = await plainLog()
    expect(log.bytes).toBeGreaterThan(2000)
    const { tried, accepted } = await tamperLogHistory(log)
    expect({ tried, accepted }).toEqual({ tried: 36, accepted: [] })
  })

  it('a rewritten log is found by itself when it still holds what a partner co-signed', async () => {
    const rows = await rowsOfLog()
    const rewritten = new MemoryStore()
    const log = await openLog(rewritten)
    for (let at = 0; at < 6; at++) await log.append([entry(at + 50)])
    const mixed = new Map([...rewritten.snapshot(), ...rows.filter(([key]) => key.startsWith('log/cosigned/'))])
    await expect(reopen(mixed)).rejects.toMatchObject({ code: 'DFFT_LOG_FORK' })
  })
})

describe('checkpoints and proofs', () => {
  it('a checkpoint is signed over what is on disk and made once for each size', async () => {
    let signatures = 0
    const counting: NoteSigner = {
      ...ourKey,
      sign: (bytes) => {
        signatures++
        return ourKey.sign(bytes)
      },
    }
    let release = () => {}
    let gate = Promise.resolve()
    const log = await openLog(new MemoryStore({ beforeDurable: () => gate }), counting)
    await log.append([entry(0)])
    const heads = await Promise.all([log.checkpoint(), log.checkpoint()])
    expect(heads[0]).toEqual({ note: heads[1].note, size: 1, root: log.root() })
    expect(signatures).toBe(1)
    gate = new Promise((resolve) => {
      release = resolve
    })
    const appending = log.append([entry(1)])
    await new Promise((resolve) => setImmediate(resolve))
    expect((await log.checkpoint()).size).toBe(1) // The second entry is in the tree and not on disk.
    release()
    await appending
    const second = await log.checkpoint()
    expect(second.size).toBe(2)
    expect(signatures).toBe(2)
    const read = readCheckpoint(second.note, { origin: originOf(did), publicKey: ourKey.publicJwk })
    expect(rootDigest(read.root)).toBe(log.root())
  })

  it('when signing fails once, the next checkpoint is tried again', async () => {
    let failing = true
    const flaky: NoteSigner = {
      ...ourKey,
      sign: (bytes) => {
        if (failing) throw new Error('vault')
        return ourKey.sign(bytes)
      },
    }
    const log = await openLog(new MemoryStore(), flaky)
    await expect(log.checkpoint()).rejects.toThrow('vault')
    failing = false
    expect((await log.checkpoint()).size).toBe(0)
  })

  it('each entry is proved to stand under the checkpoint', async () => {
    const log = await witnessedLog(new MemoryStore())
    const { note } = await log.checkpoint()
    const { root } = readCheckpoint(note, { origin: originOf(did), publicKey: ourKey.publicJwk })
    for (let index = 0; index < log.size; index++) {
      const { entry: text, size, proof } = await log.inclusion(index)
      expect(JSON.parse(text).index).toBe(index)
      expect(verifyInclusion({ leaf: leafHash(Buffer.from(text)), index, size, root, proof: readProof(proof) })).toBe(true)
    }
    for (const index of [-1, 6, 0.5]) await expect(log.inclusion(index)).rejects.toMatchObject({ code: 'DFFT_NOT_FOUND' })
    await expect(log.inclusion(0, 7)).rejects.toMatchObject({ code: 'DFFT_NOT_FOUND' })
  })

  it('of a long log, most of whose tree lies outside of memory, each entry is proved still: past a full disk, after a restart, and not by what was changed there', async () => {
    const store = new FillingStore()
    using overflow = new ScratchFile(join(folder, 'tree'))
    const over = (laid: Overflow) => AuditLog.open(store, { did, signer: ourKey, clock: new ManualClock(), overflow: laid })
    const log = await over(overflow)
    const sixty = () => Array.from({ length: 60 }, (_, number) => entry(number))
    const rounds = (count: number) => Promise.all(Array.from({ length: count }, () => log.append(sixty())))
    await rounds(136) // 8,160: the next act fills the first piece of the lowest level, which has 8,192 hashes.
    store.full = true
    expect(await log.append(sixty()).catch(codeOf)).toBe('DFFT_DISK_FULL')
    store.full = false
    await rounds(14)
    const proved = async (by: AuditLog) => {
      const size = 9000
      const { note } = await by.checkpoint()
      const { root } = readCheckpoint(note, { origin: originOf(did), publicKey: ourKey.publicJwk })
      for (const index of [0, 1, 4000, 8159, 8160, 8191, 8192, 8999]) {
        const { entry: text, proof } = await by.inclusion(index, size)
        expect(verifyInclusion({ leaf: leafHash(Buffer.from(text)), index, size, root, proof: readProof(proof) }), `${index}`).toBe(true)
      }
    }
    expect(log.size).toBe(9000)
    await proved(log)
    using again = new ScratchFile(join(folder, 'tree'))
    let lost = 0
    const beside: Overflow = { write: (position, bytes) => again.write(position, bytes), read: (position, length) => again.read(position + lost, length) }
    const reopened = await over(beside)
    expect(reopened.root()).toBe(log.root())
    await proved(reopened)
    lost = 2 ** 30 // Where nothing was written.
    expect(await reopened.inclusion(4000).catch(codeOf)).toBe('DFFT_STORE')
    expect(() => reopened.consistency(4001)).toThrow(expect.toSatisfy((thrown) => codeOf(thrown) === 'DFFT_STORE'))
    // What is now, it says without looking there.
    expect((await reopened.checkpoint()).size).toBe(9000)
  })

  it('where the disk neither takes an act nor gives back at once what the tree was before it, the next act finds the log as it was', async () => {
    const store = new FillingStore()
    using overflow = new ScratchFile(join(folder, 'tree'))
    let reads = true
    const laid: Overflow = {
      write: (position, bytes) => overflow.write(position, bytes),
      read: (position, length) => {
        if (reads) return overflow.read(position, length)
        throw new TrustError('DFFT_STORE', 'not read')
      },
    }
    const log = await AuditLog.open(store, { did, signer: ourKey, clock: new ManualClock(), overflow: laid })
    const sixty = () => Array.from({ length: 60 }, (_, number) => entry(number))
    await Promise.all(Array.from({ length: 136 }, () => log.append(sixty())))
    const before = log.root()
    store.full = true
    reads = false
    expect(await log.append(sixty()).catch(codeOf)).toBe('DFFT_DISK_FULL')
    store.full = false
    reads = true
    expect(log.size).toBe(8160)
    expect(log.root()).toBe(before)
    await log.append(sixty())
    expect((await reopen(store.snapshot())).root()).toBe(log.root())
  })

  it('a proof between sizes that make none is refused with a code', async () => {
    const log = await witnessedLog(new MemoryStore())
    for (const [from, to] of [
      [-1, 3],
      [0.5, 3],
      [4, 3],
      [1, 7],
    ] as const) {
      expect(() => log.consistency(from, to)).toThrow(expect.objectContaining({ code: 'DFFT_CHECKPOINT' }))
    }
  })
})

describe('witnessing partners', () => {
  it('a partner’s first checkpoint is taken, and each that extends it; our cosignature is over it', async () => {
    const store = new MemoryStore()
    const log = await openLog(store)
    const theirs = await partnerLog(3)
    const first = await log.rememberPartner(partner, await offer(theirs, 0))
    expect(first).toMatchObject({ kind: 'extended', seen: 3 })
    await log.append([entry(0)], first.writes)
    await theirs.append([entry(3)])
    const second = await log.rememberPartner(partner, await offer(theirs, 3))
    expect(second).toMatchObject({ kind: 'extended', seen: 4 })
    await log.append([entry(1)], second.writes)
    expect(await log.seen(partner)).toMatchObject({ size: 4 })
    const head = readCheckpoint((await theirs.checkpoint()).note, { origin: originOf(partner), publicKey: partnerKey.publicJwk })
    expect(verifyCosignature(head, second.cosignature!, { name: originOf(did), publicKey: ourKey.publicJwk }).atMs).toBe(Date.UTC(2026, 0, 1))
    expect(await log.rememberPartner(partner, await offer(theirs, 0))).toMatchObject({ kind: 'known', seen: 4 })
  })

  it('what was seen outlives a restart', async () => {
    const store = new MemoryStore()
    await witnessedLog(store)
    const log = await reopen(store.snapshot())
    const theirs = await partnerLog(5)
    expect(await log.rememberPartner(partner, await offer(theirs, 0))).toMatchObject({ kind: 'gap', seen: 3, cosignature: null, writes: [] })
    expect(await log.rememberPartner(partner, await offer(theirs, 3))).toMatchObject({ kind: 'extended', seen: 5 })
  })

  it('an older checkpoint, or a proof from elsewhere, gets no cosignature and changes nothing', async () => {
    const log = await openLog(new MemoryStore())
    const theirs = await partnerLog(3)
    const three = await offer(theirs, 0)
    for (let at = 3; at < 6; at++) await theirs.append([entry(at)])
    await log.append([entry(0)], (await log.rememberPartner(partner, await offer(theirs, 0))).writes)
    expect(await log.rememberPartner(partner, three)).toEqual({ kind: 'older', seen: 6, writes: [], cosignature: null })
    await theirs.append([entry(6)])
    expect(await log.rememberPartner(partner, await offer(theirs, 5))).toEqual({ kind: 'gap', seen: 6, writes: [], cosignature: null })
    expect(await log.seen(partner)).toMatchObject({ size: 6 })
  })

  it('a checkpoint of another log, by another key or with a changed byte is refused', async () => {
    const log = await openLog(new MemoryStore())
    const good = await offer(await partnerLog(3), 0)
    const refused = { code: 'DFFT_CHECKPOINT' }
    await expect(log.rememberPartner('did:web:else.example' as Did, good)).rejects.toMatchObject(refused)
    await expect(log.rememberPartner(partner, { ...good, publicKey: ourKey.publicJwk })).rejects.toMatchObject(refused)
    await expect(log.rememberPartner(partner, { ...good, note: good.note.replace('\n3\n', '\n4\n') })).rejects.toMatchObject(refused)
    await expect(log.rememberPartner(partner, { ...good, proof: ['x'] })).rejects.toMatchObject(refused)
    expect(await log.seen(partner)).toBeUndefined()
  })

  it('two roots of one size prove a fork: both notes are kept, with an entry of ours', async () => {
    const store = new MemoryStore()
    const log = await openLog(store)
    const shown = await partnerLog(3)
    const hidden = await partnerLog(3, 100)
    await log.append([entry(0)], (await log.rememberPartner(partner, await offer(shown, 0))).writes)
    await expect(log.rememberPartner(partner, await offer(hidden, 0))).rejects.toMatchObject({ code: 'DFFT_LOG_FORK', facts: { proven: true } })
    expect(await log.forkOf(partner)).toMatchObject({ held: (await shown.checkpoint()).note, offered: (await hidden.checkpoint()).note, proven: true })
    expect((await log.tail(1))[0]).toMatchObject({ kind: 'partner-log-forked', facts: { partner, seenSize: 3, offeredSize: 3, proven: true } })
    expect(await log.seen(partner)).toMatchObject({ note: (await shown.checkpoint()).note })
    expect((await reopen(store.snapshot())).size).toBe(2)
  })

  it('a larger tree that does not begin with what was seen is refused; the proof of it is kept once, and gives way to a better one', async () => {
    const log = await openLog(new MemoryStore())
    const shown = await partnerLog(3)
    const hidden = await partnerLog(5, 100)
    await log.append([entry(0)], (await log.rememberPartner(partner, await offer(shown, 0))).writes)
    for (let tries = 0; tries < 3; tries++) {
      await expect(log.rememberPartner(partner, await offer(hidden, 3))).rejects.toMatchObject({ code: 'DFFT_LOG_FORK', facts: { proven: false } })
    }
    expect(log.size).toBe(2)
    expect(await log.forkOf(partner)).toMatchObject({ proven: false })
    await expect(log.rememberPartner(partner, await offer(await partnerLog(3, 100), 0))).rejects.toMatchObject({ code: 'DFFT_LOG_FORK' })
    expect(await log.forkOf(partner)).toMatchObject({ proven: true })
    expect(log.size).toBe(3)
  })

  it('two checkpoints at once are measured one after the other, so that no two views are co-signed', async () => {
    const log = await openLog(new MemoryStore())
    const shown = await partnerLog(4)
    const hidden = await partnerLog(5, 100)
    const [one, two] = await Promise.allSettled([log.rememberPartner(partner, await offer(shown, 0)), log.rememberPartner(partner, await offer(hidden, 0))])
    expect(one).toMatchObject({ status: 'fulfilled', value: { kind: 'extended', seen: 4 } })
    expect(two).toMatchObject({ status: 'fulfilled', value: { kind: 'gap', seen: 4, cosignature: null } })
  })

  it('a checkpoint whose act was never written is still what the next is measured against, and asked a proof from', async () => {
    const log = await openLog(new MemoryStore())
    const theirs = await partnerLog(3)
    await log.append([entry(0)], (await log.rememberPartner(partner, await offer(theirs, 0))).writes)
    await theirs.append([entry(3)])
    await log.rememberPartner(partner, await offer(theirs, 3))
    await theirs.append([entry(4)])
    const from = (await log.seen(partner))?.size ?? 0
    expect(await log.rememberPartner(partner, await offer(theirs, from))).toMatchObject({ kind: 'extended', seen: 5 })
  })

  it('a smaller checkpoint that was overtaken on its way to the disk does not replace the larger', async () => {
    const store = new MemoryStore()
    const log = await openLog(store)
    const theirs = await partnerLog(3)
    const first = await log.rememberPartner(partner, await offer(theirs, 0))
    await theirs.append([entry(3)])
    const second = await log.rememberPartner(partner, await offer(theirs, 3))
    await Promise.all([log.append([entry(0)], second.writes), log.append([entry(1)], first.writes)])
    expect(await (await openLog(store)).seen(partner)).toMatchObject({ size: 4 })
    await log.append([entry(2)], first.writes)
    expect(await (await openLog(store)).seen(partner)).toMatchObject({ size: 4 })
  })
})

describe('when a partner’s log was seen', () => {
  /** What of our own signature is on disk. */
  async function seenAt(log: AuditLog) {
    const { note, ours } = (await log.seen(partner))!
    return verifyCosignature(parseCheckpoint(note), ours!.line, { name: originOf(did), publicKey: ours!.publicKey }).atMs
  }

  it('is on disk as a signature of ours of the first time, and outlives a restart and a second look', async () => {
    const store = new MemoryStore()
    const clock = new ManualClock()
    const log = await AuditLog.open(store, { did, signer: ourKey, clock })
    const theirs = await partnerLog(3)
    await log.append([entry(0)], (await log.rememberPartner(partner, await offer(theirs, 0))).writes)
    const firstMs = clock.nowMs()
    await clock.advance(60_000)
    const again = await AuditLog.open(store, { did, signer: ourKey, clock })
    expect(await seenAt(again)).toBe(firstMs)
    await again.append([entry(1)], (await again.rememberPartner(partner, await offer(theirs, 0))).writes)
    expect(await seenAt(await AuditLog.open(store, { did, signer: ourKey, clock }))).toBe(firstMs)
    await theirs.append([entry(3)])
    await again.append([entry(2)], (await again.rememberPartner(partner, await offer(theirs, 3))).writes)
    expect(await seenAt(again)).toBe(firstMs + 60_000)
  })

  it('is not known of what an older version wrote, which is read as it is', async () => {
    const theirs = await partnerLog(3)
    const { note } = await theirs.checkpoint()
    const store = new MemoryStore()
    await (await openLog(store)).append([entry(0)])
    await store.batch([{ put: `log/seen/${partner}`, value: canonicalBytes({ size: 3, note, publicKey: partnerKey.publicJwk }) }])
    const log = await openLog(store)
    expect(await log.seen(partner)).toEqual({ size: 3, note, publicKey: partnerKey.publicJwk })
    await log.append([entry(1)], (await log.rememberPartner(partner, await offer(theirs, 0))).writes)
    expect(await seenAt(log)).toBe(Date.UTC(2026, 0, 1))
  })

  it('stays known of the last head under a key that the partner gave up', async () => {
    const store = new MemoryStore()
    const log = await openLog(store)
    const theirs = await partnerLog(3)
    const old = await offer(theirs, 0)
    await log.append([entry(0)], (await log.rememberPartner(partner, old)).writes)
    const rotated = await openLog(new MemoryStore(), signerOf(9), partner)
    for (let number = 0; number < 4; number++) await rotated.append([entry(number)])
    const { note, size } = await rotated.checkpoint()
    const next = await log.rememberPartner(partner, { note, publicKey: signerOf(9).publicJwk, from: 3, proof: rotated.consistency(3, size) })
    await log.append([entry(1)], next.writes)
    const kept = store.snapshot().flatMap(([key, value]) => (key.startsWith('evidence/sighting/') ? [[key, JSON.parse(Buffer.from(value).toString())]] : []))
    expect(kept).toEqual([[`evidence/sighting/${partner}/0000000000000003`, expect.objectContaining({ size: 3, note: old.note })]])
    expect(await log.seen(partner)).toMatchObject({ size: 4, publicKey: signerOf(9).publicJwk })
  })
})

describe('being witnessed', () => {
  it('a partner’s cosignature over our checkpoint is kept, and counts the entries under it', async () => {
    const log = await witnessedLog(new MemoryStore())
    expect([log.size, log.witnessed(), log.witnessed(2)]).toEqual([6, 4, 0])
    expect(await log.cosignatures()).toMatchObject([{ did: partner, size: 4, publicKey: partnerKey.publicJwk }])
  })

  it('a cosignature for another checkpoint, of another witness, or over a fork of ours is refused', async () => {
    const log = await witnessedLog(new MemoryStore())
    const { note } = await log.checkpoint()
    const { cosignature } = (await log.cosignatures())[0]!
    const publicKey = partnerKey.publicJwk
    const refuses = (given: Parameters<AuditLog['rememberCosignature']>[1], code: string, by = partner) =>
      expect(() => log.rememberCosignature(by, given)).toThrow(expect.objectContaining({ code }))
    refuses({ note, cosignature, publicKey }, 'DFFT_CHECKPOINT')
    const fork = await openLog(new MemoryStore())
    await fork.append([entry(77)])
    const forkNote = (await fork.checkpoint()).note
    refuses({ note: forkNote, cosignature, publicKey }, 'DFFT_LOG_FORK')
    refuses({ note: (await (await partnerLog(1)).checkpoint()).note, cosignature, publicKey }, 'DFFT_CHECKPOINT')
    const [held] = await log.cosignatures()
    refuses({ ...held!, publicKey: ourKey.publicJwk }, 'DFFT_CHECKPOINT')
    refuses(held!, 'DFFT_CHECKPOINT', 'did:web:else.example' as Did)
    const [again, ofToday] = log.rememberCosignature(partner, held!).map((write) => 'put' in write && write.put)
    expect([again, ofToday]).toEqual([`log/cosigned/${partner}`, expect.stringMatching(/^evidence\/daily\/2026-01-01\/[0-9a-f]$/)])
  })

  it('an older cosignature does not replace a newer one', async () => {
    const log = await witnessedLog(new MemoryStore())
    const [old] = await log.cosignatures()
    const theirs = await partnerLog(1)
    await log.append([entry(6)], await cosignedBy(theirs, log))
    expect(log.witnessed()).toBe(6)
    expect(log.rememberCosignature(partner, old!)).toEqual([])
  })
})

describe('a log key that was rotated', () => {
  const [first, second] = [signerOf(3), signerOf(4)]

  /** Keys as a node has them: what is asked for at each use. */
  function keyed(store: Store, keys: { signer: NoteSigner; former: NoteSigner[] }) {
    return AuditLog.open(store, {
      did,
      clock: new ManualClock(),
      get signer() {
        return keys.signer
      },
      get former() {
        return keys.former
      },
    })
  }

  async function rotated() {
    const store = new MemoryStore()
    const keys = { signer: first, former: [] as NoteSigner[] }
    const log = await keyed(store, keys)
    await log.append([entry(0)])
    const before = await log.checkpoint()
    const theirs = await partnerLog(1)
    const { cosignature } = await theirs.rememberPartner(did, { note: before.note, publicKey: first.publicJwk, from: 0, proof: [] })
    Object.assign(keys, { signer: second, former: [first] })
    return { store, keys, log, before, theirs, cosignature: cosignature! }
  }

  it('signs the next checkpoint, of the same size too', async () => {
    const { log, before } = await rotated()
    const after = await log.checkpoint()
    expect(after.size).toBe(before.size)
    expect(() => readCheckpoint(after.note, { origin: originOf(did), publicKey: second.publicJwk })).not.toThrow()
    expect(() => readCheckpoint(after.note, { origin: originOf(did), publicKey: first.publicJwk })).toThrow()
  })

  it('leaves notes and cosignatures of before as good as they were, after a restart too, and only with the former key at hand', async () => {
    const { store, keys, log, before, cosignature } = await rotated()
    await log.append([entry(1)], log.rememberCosignature(partner, { note: before.note, cosignature, publicKey: partnerKey.publicJwk }))
    expect(log.verifyAgainst(before.note).size).toBe(1)
    await log.verify()
    const again = await keyed(store, keys)
    expect(again.witnessed()).toBe(1)
    expect(again.verifyAgainst(before.note).size).toBe(1)
    await expect(keyed(store, { signer: second, former: [] })).rejects.toMatchObject({ code: 'DFFT_LOG_CORRUPT' })
    expect(() => again.verifyAgainst(before.note.replace('\n1\n', '\n0\n'))).toThrow(expect.objectContaining({ code: 'DFFT_CHECKPOINT' }))
  })

  it('is taken by a partner that knows it, and a fork under two keys is kept with both', async () => {
    const { log, before, theirs } = await rotated()
    await theirs.append([entry(1)], (await theirs.rememberPartner(did, { note: before.note, publicKey: first.publicJwk, from: 0, proof: [] })).writes)
    await log.append([entry(1)])
    const { note, size } = await log.checkpoint()
    const taken = await theirs.rememberPartner(did, { note, publicKey: second.publicJwk, from: 1, proof: log.consistency(1, size) })
    expect(taken).toMatchObject({ kind: 'extended', seen: 2 })
    const other = await keyed(new MemoryStore(), { signer: first, former: [] })
    await other.append([entry(7), entry(8)])
    const forked = { note: (await other.checkpoint()).note, publicKey: first.publicJwk, from: 2, proof: [] }
    await expect(theirs.rememberPartner(did, forked)).rejects.toMatchObject({ code: 'DFFT_LOG_FORK' })
    expect(await theirs.forkOf(did)).toMatchObject({ publicKey: first.publicJwk, heldKey: second.publicJwk, proven: true })
  })
})

describe('what many exchanges ask for at once', () => {
  it('is one checkpoint for all that ask while another is being signed, and it holds what each of them recorded', async () => {
    const signed: string[] = []
    const signer: NoteSigner = {
      ...ourKey,
      sign: (bytes) => {
        signed.push(Buffer.from(bytes).toString())
        return ourKey.sign(bytes)
      },
    }
    const log = await openLog(new MemoryStore(), signer)
    const acts = Array.from({ length: 16 }, async (_, number) => {
      const { size } = await log.append([entry(number)])
      if (number > 0) await log.append([entry(number + 16)])
      return { size, head: await log.checkpoint() }
    })
    for (const { size, head } of await Promise.all(acts)) expect(head.size).toBeGreaterThanOrEqual(size)
    expect(signed.length).toBeLessThan(4)
    expect((await log.checkpoint()).size).toBe(log.size)
  })

  it('is one cosignature for one tree within some seconds, and a new one for who asks later', async () => {
    const clock = new ManualClock()
    const log = await AuditLog.open(new MemoryStore(), { did, signer: ourKey, clock })
    const shown = await offer(await partnerLog(3), 0)
    const first = await log.rememberPartner(partner, shown)
    await clock.advance(1000)
    const again = await log.rememberPartner(partner, { ...shown, from: 3 })
    expect(again).toMatchObject({ kind: 'known', cosignature: first.cosignature })
    await clock.advance(10_000)
    const later = await log.rememberPartner(partner, { ...shown, from: 3 })
    expect(later.kind).toBe('known')
    expect(later.cosignature).not.toBe(first.cosignature)
  })
})
