/** Files from whoever issues a credential to its holder, and on to whom the holder released the claim; and everything that must not pass. */
import { hash } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { MemoryBlobs } from '#node/adapters/memory-blobs.ts'
import { MemoryDataKeys } from '#node/adapters/memory-data-keys.ts'
import { MemoryKeyVault } from '#node/adapters/memory-key-vault.ts'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { getRecord, recordWrites as recordsOf } from '#node/exchange/exchange-record.ts'
import type { BlobId } from '#node/ports.ts'
import { putJson } from '#node/stored.ts'
import { AttachmentRequest, AttachmentTurn, chunkBytes, chunkCount, headOf, Measure, pieceBytes } from '#protocols/attachment.ts'
import type { Attachment } from '#protocols/attachment-claim.ts'
import { type Channel, receive, send } from '#protocols/channel.ts'
import { type Code, codeOf, TrustError } from '#protocols/errors.ts'
import { type Digest, type ExchangeId, type Instant, msOf } from '#protocols/ids.ts'
import {
  type Disk,
  never,
  type Party,
  type Policies,
  reference,
  revived,
  sampleNumber,
  sampleRegister,
  stopped,
  ThreeNodes,
  until,
  withFiles,
} from '#test-network/fixture.ts'
import { attachmentsOf, recordWrites } from './attachment-record.ts'
import { Attachments } from './attachments.ts'
import { Contents } from './contents.ts'
import { attachmentLimits, promise } from './room.ts'

let net: ThreeNodes
let jp: Party
let biz: Party
let de: Party

async function begin(): Promise<void> {
  net = await ThreeNodes.start({}, withFiles)
  ;({ jp, biz, de } = net)
}

const end = () => net[Symbol.asyncDispose]()

/** For each test a world of its own. */
function alone(): void {
  beforeEach(begin)
  afterEach(end)
}

/** One world for all of them, in the order in which they stand. */
function together(): void {
  beforeAll(begin)
  afterAll(end)
}

/** Five chunks, the last one short; no two alike. */
function content(bytes = 4 * chunkBytes + 1000, seed = 'invoice'): Buffer {
  const parts = Array.from({ length: Math.ceil(bytes / 64) }, (_, at) => hash('sha512', `${seed} ${at}`, 'buffer'))
  return Buffer.concat(parts).subarray(0, bytes)
}

async function handedOver(by: Party, file: Buffer, name = 'invoice.pdf'): Promise<Attachment> {
  const { upload } = await by.node.attachmentBegin({ name, mediaType: 'application/pdf', bytes: file.length })
  for (let chunk = 0; chunk * chunkBytes < file.length; chunk++)
    await by.node.attachmentAppend({ upload, chunk, content: file.subarray(chunk * chunkBytes, (chunk + 1) * chunkBytes).toString('base64') })
  return by.node.attachmentFinish({ upload })
}

/** Issued to the business with the files, and there. */
async function issued(...files: Buffer[]): Promise<readonly Attachment[]> {
  const given: Attachment[] = []
  for (const file of files) given.push(await handedOver(jp, file))
  await importRegister()
  const { delivery } = await jp.node.issue({ record: sampleNumber, subject: biz.did, attachments: given.map(({ digest }) => digest) })
  expect(delivery?.state).toBe('closed')
  return given
}

async function importRegister(): Promise<void> {
  const [header = '', ...rows] = sampleRegister().trimEnd().split('\n')
  await jp.node.registryImport({ header, text: rows.join('\n'), firstLine: 2 })
}

async function ofParty(party: Party, exchange?: ExchangeId) {
  return (await party.node.attachmentList(exchange === undefined ? {} : { exchange })).attachments
}

/** Resolves when nothing waits at the party any more. */
async function settled(party: Party): Promise<void> {
  for (;;) {
    if ((await ofParty(party)).every(({ state }) => state !== 'waiting')) return
    await net.clock.advance(1000)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

async function read(party: Party, exchange: ExchangeId | null, { digest, bytes }: Pick<Attachment, 'digest' | 'bytes'>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for (let chunk = 0; chunk < chunkCount(bytes); chunk++)
    chunks.push(Buffer.from((await party.node.attachmentRead({ exchange, digest, chunk })).content, 'base64'))
  return Buffer.concat(chunks)
}

const kinds = async (party: Party, exchange: ExchangeId) =>
  (await party.parts.audit.entriesOf(exchange)).filter(({ kind }) => kind.startsWith('attachment')).map(({ kind, facts }) => [kind, facts.digest, facts.bytes])

describe('a file', () => {
  alone()

  test('goes with its credential to the holder, and from him to whom the claim was released', async () => {
    const file = content()
    const [attachment] = await issued(file)
    await settled(biz)
    const { id } = await net.request()
    await settled(de)
    const [there] = await ofParty(de, id)
    expect(there).toMatchObject({ state: 'kept', name: 'invoice.pdf', bytes: file.length, bytesHere: file.length, partner: biz.did, exchange: id })
    expect(Buffer.compare(await read(de, id, attachment!), file)).toBe(0)
    expect((await ofParty(biz, id))[0]).toMatchObject({ state: 'sent' })
    expect((await de.node.exchangeShow({ id })).attachments).toEqual([there])
    expect(await kinds(de, id)).toEqual([['attachment-received', attachment?.digest, file.length]])
    expect(await kinds(biz, id)).toEqual([
      ['attachment-released', attachment?.digest, file.length],
      ['attachment-sent', attachment?.digest, file.length],
    ])
  })

  test('is named in the W3C form by the digest that others check', async () => {
    const file = content(1000)
    await issued(file)
    const { credentials } = await biz.node.credentialList({})
    const { encodings } = await biz.node.credentialShow({ id: credentials[0]!.id })
    const jwt = encodings.find(({ format }) => format === 'vc+jwt')!.text
    const payload = JSON.parse(Buffer.from(jwt.split('.')[1]!, 'base64url').toString())
    expect(payload.relatedResource).toEqual([
      { id: expect.stringMatching(/^urn:dfft:attachment:sha256:/), mediaType: 'application/pdf', digestSRI: `sha256-${hash('sha256', file, 'base64')}` },
    ])
  })

  test('lies on no disk in the open', async () => {
    const file = content(chunkBytes)
    await issued(file)
    await settled(biz)
    for (const { blobs } of [jp, biz])
      for (const { id, bytes } of await blobs.list()) {
        const stored = Buffer.from(await (await blobs.open(id)).read(0, bytes))
        expect(stored.includes(file.subarray(0, 32))).toBe(false)
      }
  })

  test('is called by its name to operators only: who received it keeps the name sealed, and no copy of it beside', async () => {
    await importRegister()
    const file = await handedOver(jp, content(1000), 'dismissal of Mr Sample.pdf')
    await jp.node.issue({ record: sampleNumber, subject: biz.did, attachments: [file.digest] })
    await settled(biz)
    const { id } = await net.request()
    await settled(de)
    expect(await ofParty(de, id)).toMatchObject([{ state: 'kept', name: 'dismissal of Mr Sample.pdf' }])
    expect(await ofParty(biz, id)).toMatchObject([{ state: 'sent', name: 'dismissal of Mr Sample.pdf' }])
    const inTheOpen = (party: Party) => party.store.snapshot().flatMap(([key, value]) => (Buffer.from(value).includes('Mr Sample') ? [key] : []))
    expect(inTheOpen(de)).toEqual([])
    expect(inTheOpen(jp)).toContain(`attachment/of/own/${file.digest}`) // So it would be found.
    await de.parts.contents.destroy(id)
    expect(await ofParty(de, id)).toMatchObject([{ state: 'destroyed', name: '' }])
    expect(de.store.snapshot().filter(([key]) => key.startsWith('attachment/name/'))).toEqual([])
  })

  test('is gone when it is destroyed, and is served no more', async () => {
    const [attachment] = await issued(content(1000))
    await settled(biz)
    const exchange = (await ofParty(biz))[0]!.exchange as ExchangeId // It came by one.
    await biz.parts.contents.destroy(exchange)
    await biz.parts.contents.destroy(exchange)
    expect(await ofParty(biz)).toMatchObject([{ state: 'destroyed', bytesHere: 0 }])
    expect(await biz.blobs.list()).toEqual([])
    expect(await read(biz, exchange, attachment!).then(() => 'read', codeOf)).toBe('DFFT_NOT_FOUND')
    const { id } = await net.request()
    await settled(de)
    expect(await ofParty(de, id)).toMatchObject([{ state: 'refused', code: 'DFFT_NOT_FOUND' }])
  })

  test('that does not fit on the disk is refused before a byte is asked for, and comes when there is room', async () => {
    const file = content()
    const { id, attachment, asked, makeRoom } = await refusedForRoom(file)
    expect(asked).not.toContain('attachment')
    await makeRoom()
    await de.node.attachmentFetch({ exchange: id, dryRun: true })
    await settled(de)
    expect(await ofParty(de, id)).toMatchObject([{ state: 'refused' }])
    await de.node.attachmentFetch({ exchange: id })
    await settled(de)
    expect(Buffer.compare(await read(de, id, attachment), file)).toBe(0)
  })

  test('that is to be asked for again, where the disk failed since: trying it says what the act says', async () => {
    const { id, makeRoom } = await refusedForRoom(content())
    await makeRoom()
    de.store.batch = () => Promise.reject(new TrustError('DFFT_STORE', 'the disk failed'))
    expect(await de.node.maintenance({ on: true }).catch(codeOf)).toBe('DFFT_STORE')
    for (const dryRun of [true, false]) expect(await de.node.attachmentFetch({ exchange: id, dryRun }).catch(codeOf)).toBe('DFFT_STORE')
    expect(await ofParty(de, id)).toMatchObject([{ state: 'refused' }])
  })

  /** A node abroad whose disk has no room for the file of an exchange, and what makes some. */
  async function refusedForRoom(file: Buffer) {
    await net[Symbol.asyncDispose]()
    const blobs = new MemoryBlobs()
    net = await ThreeNodes.start({ de: (parts) => ({ ...parts, attachments: within(parts, blobs) }) }, withFiles)
    ;({ jp, biz, de } = net)
    const [attachment] = await issued(file)
    await settled(biz)
    const ballast = 'b'.repeat(64) as BlobId
    await (await blobs.write(ballast)).append(Buffer.alloc(7_000_000))
    const asked: string[] = []
    biz.hooks.serve = async (channel, honest) => {
      asked.push(channel.service)
      return honest(channel)
    }
    const { id } = await net.request()
    await settled(de)
    expect(await ofParty(de, id)).toMatchObject([{ state: 'refused', code: 'DFFT_QUOTA', bytesHere: 0 }])
    return { id, attachment: attachment!, asked, makeRoom: () => blobs.delete(ballast) }
  }
})

test('of one partner fill its share of the disk and no more: those of others, and the operator’s own, find room', async () => {
  const blobs = new MemoryBlobs()
  net = await ThreeNodes.start({ biz: (parts) => ({ ...parts, attachments: within(parts, blobs) }) }, withFiles)
  ;({ jp, biz, de } = net)
  await issued(content(1_100_000, 'one'), content(800_000, 'two'), content(200_000, 'three'))
  await settled(biz)
  const states = async () => new Map((await ofParty(biz)).map(({ digest, state, code, partner }) => [digest, `${partner === jp.did} ${code ?? state}`]))
  const sorted = [...(await states()).values()].sort()
  expect(sorted).toEqual(['true DFFT_QUOTA', 'true kept', 'true kept'])
  // The share counts what is there of that partner, and nothing else: the disk itself has room.
  expect((await blobs.list()).reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(2_000_000)
  const { upload } = await biz.node.attachmentBegin({ name: 'own.pdf', mediaType: 'application/pdf', bytes: 5_000_000 })
  expect(upload).toMatch(/^[0-9a-f]{64}$/)
  const other = { id: 'e'.repeat(64) as BlobId, bytes: 1_000_000, partner: de.did }
  const room = { ...biz.parts, contents: biz.parts.contents, sealed: new Contents({ ...biz.parts, blobs, dataKeys: biz.dataKeys }).sealed, promised: new Map() }
  const roomy = { ...room, diskBytesMax: 8_000_000, stillGood: async () => undefined }
  ;(await promise(other, roomy))()
  expect(await promise({ ...other, partner: jp.did }, roomy).then(() => 'promised', codeOf)).toBe('DFFT_QUOTA')
  // What is promised counts like what is there, of the partner it is promised to.
  await promise(other, roomy)
  const more = { ...other, id: 'd'.repeat(64) as BlobId }
  expect(await promise({ ...more, bytes: 1_000_001 }, roomy).then(() => 'promised', codeOf)).toBe('DFFT_QUOTA')
  ;(await promise(more, roomy))()
  // What had its end takes nothing of the share.
  const [exchange] = (await ofParty(biz)).map((one) => one.exchange as ExchangeId)
  for (const record of await attachmentsOf(biz.parts.store, exchange!)) await biz.parts.store.batch(recordWrites({ ...record, state: 'destroyed' }))
  ;(await promise({ ...other, partner: jp.did }, roomy))()
  await end()
})

describe('a file of an exchange that is disputed', () => {
  alone()

  /** The business serves no file until then. */
  async function requestedAndDisputed(by: 'de' | 'biz'): Promise<ExchangeId> {
    await issued(content(1000))
    await settled(biz)
    let disputed = false
    biz.hooks.serve = async (channel, honest) => {
      if (channel.service === 'attachment' && !disputed) return channel.close()
      return honest(channel)
    }
    const { id } = await net.request()
    await (by === 'de' ? de : biz).node.exchangeDispute({ id, statement: 'the address is another' })
    const other = by === 'de' ? biz : de
    for (;;) {
      const { exchange } = await other.node.exchangeShow({ id })
      if (exchange.state === 'disputed') break
      await net.clock.advance(1000)
    }
    disputed = true
    return id
  }

  test.each(['de', 'biz'] as const)('%s disputing: is not handed over, waits, and comes when the dispute is resolved', async (by) => {
    const id = await requestedAndDisputed(by)
    await net.clock.advance(3_600_000)
    expect(de.log.filter((line) => line === 'attachment waits DFFT_BUSY').length).toBeGreaterThan(3)
    expect(await ofParty(de, id)).toMatchObject([{ state: 'waiting', code: null, bytesHere: 0 }])
    await (by === 'de' ? de : biz).node.exchangeResolve({ id, statement: 'corrected' })
    await net.clock.advance(attachmentLimits.retryMs.longestMs)
    await settled(de)
    expect(await ofParty(de, id)).toMatchObject([{ state: 'kept', bytesHere: 1000 }])
  })

  test('is refused for good where the release was withdrawn meanwhile', async () => {
    const id = await requestedAndDisputed('biz')
    const record = (await getRecord(biz.parts.store, id))!
    await biz.parts.store.batch(recordsOf({ ...record, before: 'withdrawn', code: 'DFFT_STATUS_REVOKED' }))
    await net.clock.advance(3_600_000)
    expect(await ofParty(de, id)).toMatchObject([{ state: 'refused', code: 'DFFT_STATUS_REVOKED' }])
  })
})

describe('policies permit files by their own category', () => {
  alone()

  test.each<[string, Policies]>([
    ['the exporting one alone', (jurisdiction) => (jurisdiction === 'jp' ? withFiles : reference)(jurisdiction)],
    ['the importing ones alone', (jurisdiction) => (jurisdiction === 'jp' ? reference : withFiles)(jurisdiction)],
    ['no policy', reference],
  ])('which %s does: the claims go, the files do not, and not to whoever knows of them', async (_, policies) => {
    await net[Symbol.asyncDispose]()
    net = await ThreeNodes.start({}, policies)
    ;({ jp, biz, de } = net)
    const [attachment] = await issued(content(1000))
    await settled(biz)
    expect(await ofParty(biz)).toMatchObject([{ state: 'kept' }]) // Its own subject has them.
    const view = await net.request()
    expect(view).toMatchObject({ state: 'closed' })
    expect(view.disclosed).toContain('/legalName')
    expect(view.disclosed.filter((path) => path.startsWith('/attachments'))).toEqual([])
    expect(view.withheld.map(({ path }) => path)).toContain('/attachments')
    expect([await ofParty(de), await ofParty(biz, view.id)]).toEqual([[], []])
    const channel = await de.parts.network.open({ did: biz.did, addresses: [biz.address] }, 'attachment', never)
    await send(channel, { type: 'attachment-request', version: 1, exchange: view.id, digest: attachment?.digest, from: 0 }, never)
    expect(await channel.next(never).then(() => 'head', codeOf)).toBe('DFFT_NOT_FOUND')
  })
})

describe('at the end of retention', () => {
  alone()

  const world = () => ({ clock: net.clock, connect: (makings: Parameters<typeof net.hub.network>[0]) => net.hub.network(makings) })
  let exchange: ExchangeId

  /** @returns when what came with the exchange has to be gone */
  async function received(): Promise<number> {
    await issued(content(chunkBytes + 1000))
    await settled(biz)
    const { id, obligations } = await net.request()
    exchange = id
    await settled(de)
    return msOf(obligations.find(({ type }) => type === 'retention')?.until as Instant)
  }

  /** Of what stands in memory, as a backup would have it. */
  const copied = ({ store, vault, dataKeys, blobs }: Disk, keys = dataKeys): Disk => ({
    store: new MemoryStore({ entries: store.snapshot() }),
    vault: new MemoryKeyVault(de.parts.random, vault.snapshot()),
    dataKeys: new MemoryDataKeys(de.parts.random, keys.snapshot()),
    blobs: new MemoryBlobs(blobs),
  })

  async function gone(at: Party): Promise<void> {
    expect(await ofParty(at, exchange)).toMatchObject([{ state: 'destroyed', bytesHere: 0, name: '' }])
    expect([await at.blobs.list(), at.dataKeys.snapshot()]).toEqual([[], []])
    expect(await read(at, exchange, (await ofParty(at, exchange))[0]!).then(() => 'read', codeOf)).toBe('DFFT_NOT_FOUND')
    const kinds = (await at.parts.audit.entriesOf(exchange)).map(({ kind }) => kind)
    expect(kinds.slice(kinds.indexOf('attachment-destroyed')).slice(0, 2)).toEqual(['attachment-destroyed', 'deleted'])
  }

  test('files go with what they came with, keys first and before the word of it; and once more where an old copy of all comes back', async () => {
    const endMs = await received()
    expect(de.dataKeys.snapshot()).toHaveLength(2)
    const old = await stopped(de)
    de = await revived(de, world(), copied(old))
    net.clock.jump(endMs - net.clock.nowMs() - 1000)
    await de.parts.obligations.runDue()
    expect(await de.blobs.list()).toHaveLength(1) // Not a moment earlier.
    net.clock.jump(1000)
    await de.parts.obligations.runDue()
    await gone(de)
    const since = await stopped(de)
    for (const keys of [since.dataKeys, old.dataKeys]) {
      await using back = await revived(de, world(), copied(old, keys))
      await gone(back) // Before anybody is served.
    }
  })

  test('what a fetch had begun once more when a crash came is gone at the next start', async () => {
    const endMs = await received()
    const [{ blob, attachment }] = (await attachmentsOf(de.parts.store, exchange)) as [Parameters<typeof recordWrites>[0]]
    net.clock.jump(endMs - net.clock.nowMs())
    await de.parts.obligations.runDue()
    const writer = await de.parts.contents.sealed.write({ id: blob, bytes: attachment.bytes }, () => undefined)
    await writer.add(content(chunkBytes + 1000).subarray(0, chunkBytes))
    await writer[Symbol.asyncDispose]()
    expect([await de.blobs.list(), de.dataKeys.snapshot()]).toMatchObject([[{ id: blob }], [{}]])
    await using back = await revived(de, world(), copied(await stopped(de)))
    await gone(back)
  })

  test('a file that is still on its way then is not kept when it comes', async () => {
    const endMs = await received()
    const [record] = await attachmentsOf(de.parts.store, exchange)
    const waiting = { ...record!, state: 'waiting' } as const
    await de.parts.store.batch(recordWrites(waiting))
    let pieces = 0
    biz.hooks.serve = async (channel, honest) => {
      if (channel.service !== 'attachment') return honest(channel)
      const send = async (frame: Uint8Array, signal: AbortSignal) => {
        if (++pieces === 3) {
          net.clock.jump(endMs - net.clock.nowMs())
          await de.parts.obligations.runDue()
        }
        return channel.send(frame, signal)
      }
      await honest({ service: channel.service, remote: channel.remote, close: () => channel.close(), next: (signal) => channel.next(signal), send })
    }
    await de.parts.contents.sealed.destroy([waiting.blob]) // What was there before.
    await de.parts.attachments.fetchFrom(biz.did, never)
    expect(pieces).toBeGreaterThan(2)
    await gone(de)
  })
})

/** On a disk that 8 MB of attachments fill, and a partner with 2 MB its share. */
function within(parts: Party['parts'], blobs: MemoryBlobs): Attachments {
  const contents = new Contents({ ...parts, blobs, dataKeys: new MemoryDataKeys(parts.random) })
  return new Attachments({ ...parts, contents, diskBytesMax: 8_000_000, stillGood: async () => undefined })
}

describe('a line that breaks', () => {
  alone()

  const file = content()

  /** The holder's channel ends after so many pieces, once; what was asked for each time is kept. */
  function breaking(pieces: number): AttachmentRequest[] {
    const asked: AttachmentRequest[] = []
    biz.hooks.serve = async (channel, honest) => {
      if (channel.service !== 'attachment') return honest(channel)
      let sent = 0
      const broken = asked.length > 0 ? Number.POSITIVE_INFINITY : pieces
      await honest({
        ...shell(channel),
        next: async (signal) => {
          const frame = await channel.next(signal)
          const read = AttachmentRequest.safeParse(JSON.parse(Buffer.from(frame).toString()))
          if (read.success) asked.push(read.data)
          return frame
        },
        send: async (frame, signal) => {
          if (frame.length >= 1000 && ++sent > broken) channel.close()
          await channel.send(frame, signal)
        },
      })
    }
    return asked
  }

  const shell = ({ service, remote }: Channel) => ({ service, remote, close: () => undefined })

  test.each([
    [0, 0],
    [3, 0],
    [5, 1],
    [11, 2],
    [20, 4],
  ])('after %i pieces is gone on with at chunk %i', async (pieces, from) => {
    const [attachment] = await issued(file)
    await settled(biz)
    const asked = breaking(pieces)
    const { id } = await net.request()
    await settled(de)
    expect(asked.map((one) => one.from)).toEqual([0, from])
    expect(Buffer.compare(await read(de, id, attachment!), file)).toBe(0)
    expect((await kinds(biz, id)).map(([kind]) => kind)).toEqual(['attachment-released', 'attachment-sent'])
  })

  test.each<Code>(['DFFT_BUSY', 'DFFT_KEY_NOT_FOUND'])('or a holder that says %s is asked again, and has the file fetched', async (code) => {
    const [attachment] = await issued(file)
    await settled(biz)
    let asked = 0
    biz.hooks.serve = async (channel, honest) => {
      if (channel.service === 'attachment' && asked++ === 0) throw new TrustError(code, 'not at this moment')
      await honest(channel)
    }
    const { id } = await net.request()
    await settled(de)
    expect(asked).toBe(2)
    expect(await ofParty(de, id)).toMatchObject([{ state: 'kept', digest: attachment?.digest }])
  })

  test.each(['requester', 'holder'] as const)('by the death of the %s is gone on with after its restart', async (dead) => {
    const [attachment] = await issued(file)
    await settled(biz)
    const asked = breaking(11)
    biz.hooks.serve = ((first) => async (channel: Channel, honest: (channel: Channel) => Promise<void>) => {
      if (channel.service === 'attachment' && asked.length > 0) return new Promise<void>(() => undefined)
      return first!(channel, honest)
    })(biz.hooks.serve)
    const { id } = await net.request()
    await until(() => de.log.some((line) => line.startsWith('attachment waits')))
    const world = { clock: net.clock, connect: (makings: Parameters<typeof net.hub.network>[0]) => net.hub.network(makings) }
    await using back = await revived(dead === 'holder' ? biz : de, world, await stopped(dead === 'holder' ? biz : de))
    biz.hooks.serve = undefined
    const requester = dead === 'holder' ? de : back
    expect((await ofParty(requester, id))[0]).toMatchObject({ state: 'waiting' })
    expect((await ofParty(requester, id))[0]!.bytesHere).toBeGreaterThan(2 * chunkBytes)
    await settled(requester)
    expect(Buffer.compare(await read(requester, id, attachment!), file)).toBe(0)
  })

  test('and a disk that garbles what was there cost the garbled chunks and no more', async () => {
    const [attachment] = await issued(file)
    await settled(biz)
    const asked = breaking(11)
    const { id } = await net.request()
    await until(() => de.log.some((line) => line.startsWith('attachment waits')))
    const blob = (await de.blobs.list())[0]!.id
    de.blobs.flip(blob, chunkBytes + 100)
    await settled(de)
    expect(asked.map(({ from }) => from)).toEqual([0, 1])
    expect(Buffer.compare(await read(de, id, attachment!), file)).toBe(0)
  })
})

describe('a holder that sends anything else', () => {
  alone()

  const file = content()
  const leavesOf = (bytes: Buffer) => {
    const found = new Measure()
    for (let at = 0; at < bytes.length; at += chunkBytes) found.add(bytes.subarray(at, at + chunkBytes))
    return headOf(found.leaves)
  }
  const flipped = (at: number) => {
    const bytes = Buffer.from(file)
    bytes[at] = bytes[at]! ^ 1
    return bytes
  }

  interface Lie {
    readonly head?: object
    readonly bytes?: Buffer
    readonly pieceBytes?: number
    /** In the place of the end. */
    readonly end?: Uint8Array
  }

  async function lie(channel: Channel, { head = leavesOf(file), bytes = file, pieceBytes: size = pieceBytes, end }: Lie): Promise<number> {
    const { digest } = await receive(channel, AttachmentRequest, never)
    await send(channel, head, never)
    let sent = 0
    for (;;) {
      const turn = await receive(channel, AttachmentTurn, never).catch(() => undefined)
      if (!turn) return sent
      if (turn.type === 'attachment-done') {
        await channel.send(end ?? Buffer.from(JSON.stringify({ type: 'attachment-end', digest })), never)
        continue
      }
      for (let chunk = 0; chunk < turn.chunks; chunk++, sent++)
        for (let at = sent * chunkBytes; at < Math.min((sent + 1) * chunkBytes, bytes.length); at += size)
          await channel.send(bytes.subarray(at, Math.min(at + size, (sent + 1) * chunkBytes)), never).catch(() => undefined)
    }
  }

  // Functions, since vitest writes every argument out for the title.
  test.each<[string, () => Lie]>([
    ['a changed first byte', () => ({ bytes: flipped(0) })],
    ['a changed byte in the middle', () => ({ bytes: flipped(2 * chunkBytes + 5) })],
    ['a changed last byte', () => ({ bytes: flipped(file.length - 1) })],
    ['changed bytes with leaf hashes that fit them', () => ({ bytes: flipped(7), head: leavesOf(flipped(7)) })],
    ['fewer chunks', () => ({ head: leavesOf(file.subarray(0, 3 * chunkBytes)) })],
    ['more chunks', () => ({ head: leavesOf(Buffer.concat([file, content()])) })],
    ['another file', () => ({ head: leavesOf(content(file.length, 'other')), bytes: content(file.length, 'other') })],
    ['pieces of one byte', () => ({ pieceBytes: 1, bytes: file.subarray(0, 3) })],
    ['short pieces', () => ({ pieceBytes: pieceBytes / 2 })],
    ['pieces longer than a chunk holds', () => ({ pieceBytes: 2 * pieceBytes })],
    ['more bytes than the credential names', () => ({ end: content(pieceBytes) })],
    ['a head that is none', () => ({ head: { type: 'attachment-head', version: 1, leaves: 'AAAA' } })],
    ['leaf hashes without end', () => ({ head: { type: 'attachment-head', version: 1, leaves: 'A'.repeat(30_000) } })],
  ])('%s is found, and nothing is kept of it', async (_, wish) => {
    await issued(file)
    await settled(biz)
    biz.hooks.serve = async (channel, honest) => {
      if (channel.service === 'attachment') await lie(channel, wish())
      else await honest(channel)
    }
    const { id } = await net.request()
    await settled(de)
    expect(await ofParty(de, id)).toMatchObject([{ state: 'refused', code: 'DFFT_ATTACHMENT', bytesHere: 0 }])
    expect(await de.blobs.list()).toEqual([])
    expect(de.hooks.faults).toContain('DFFT_ATTACHMENT')
    expect((await kinds(de, id)).map(([kind]) => kind)).toEqual(['attachment-refused'])
  })

  test('a wrong byte is found in its chunk: no chunk after it is asked for', async () => {
    await issued(file)
    await settled(biz)
    let sent = -1
    biz.hooks.serve = async (channel, honest) => {
      if (channel.service === 'attachment') sent = await lie(channel, { bytes: flipped(0) })
      else await honest(channel)
    }
    await net.request()
    await settled(de)
    await until(() => sent >= 0)
    expect(sent).toBeLessThanOrEqual(3)
  })
})

describe('a requester is refused', () => {
  let attachment: Attachment
  let exchange: ExchangeId

  async function released(): Promise<void> {
    ;[attachment] = (await issued(content(2 * chunkBytes))) as [Attachment]
    await settled(biz)
    exchange = (await net.request()).id
    await settled(de)
  }

  async function ask(by: Party, wish: object = {}): Promise<{ head: string; channel: Channel }> {
    const channel = await by.parts.network.open({ did: biz.did, addresses: [biz.address] }, 'attachment', never)
    await send(channel, { type: 'attachment-request', version: 1, exchange, digest: attachment.digest, from: 0, ...wish }, never)
    const head = await channel.next(never).then(() => 'head', codeOf)
    return { head, channel }
  }
  const refusal = async (by: Party, wish: object = {}) => {
    const { head, channel } = await ask(by, wish)
    channel.close()
    return head
  }

  describe('and nothing is held against it', () => {
    together()
    beforeAll(released)

    test('never for what was released to it', async () => {
      expect(await refusal(de)).toBe('head')
      expect(await refusal(de)).toBe('head')
    })

    test.each<[string, () => Promise<string>]>([
      ['another party, with the same exchange', () => refusal(jp)],
      ['another digest', () => refusal(de, { digest: `sha256:${'0'.repeat(64)}` })],
      ['an exchange that is none', () => refusal(de, { exchange: 'f'.repeat(32) })],
      ['the exchange by which the holder has it', async () => refusal(de, { exchange: (await ofParty(biz))[0]!.exchange })],
    ])('who asks for %s', async (_, act) => {
      expect(await act()).toBe('DFFT_NOT_FOUND')
      expect(biz.log).toContain('channel failed DFFT_NOT_FOUND')
    })

    test('what the policy withheld, though the credential has it', async () => {
      const { id } = await net.request({ claims: ['/legalName'] })
      await settled(de)
      expect(await ofParty(de, id)).toEqual([])
      expect(await refusal(de, { exchange: id })).toBe('DFFT_NOT_FOUND')
    })
  })

  describe('as a fault, or for good', () => {
    alone()
    beforeEach(released)

    test.each<[string, () => Promise<string>, string]>([
      ['a chunk behind the end', () => refusal(de, { from: 3 }), 'DFFT_FRAME'],
      ['a chunk before the beginning', () => refusal(de, { from: -1 }), 'DFFT_SCHEMA'],
      ['a member nobody knows', () => refusal(de, { path: '../../etc/passwd' }), 'DFFT_SCHEMA'],
    ])('%s', async (_, act, code) => {
      const found = await act()
      expect([code, 'DFFT_CHANNEL_CLOSED']).toContain(found) // A grave fault ends the connection before its code is heard.
      expect(biz.log).toContain(`channel failed ${code}`)
    })

    test('after the credential was revoked, and in the middle of the file', async () => {
      const { head, channel } = await ask(de)
      expect(head).toBe('head')
      const record = await getRecord(biz.parts.store, exchange)
      await biz.parts.store.batch([putJson(`exchange/head/${exchange}`, { ...record, state: 'withdrawn', code: 'DFFT_STATUS_REVOKED' })])
      await send(channel, { type: 'attachment-credit', chunks: 1 }, never)
      expect(await channel.next(never).then(() => 'piece', codeOf)).toBe('DFFT_STATUS_REVOKED')
      expect(await refusal(de)).toBe('DFFT_STATUS_REVOKED')
      await biz.parts.store.batch([putJson(`exchange/head/${exchange}`, { ...record })])
      const { credentials } = await jp.node.credentialList({})
      await jp.node.revoke({ id: credentials[0]!.id })
      await net.clock.advance(600_000)
      expect(await refusal(de)).toMatch(/^DFFT_STATUS_/)
    })

    test('more chunks than there are, or done before all are there', async () => {
      for (const [from, turn] of [
        [1, { type: 'attachment-credit', chunks: 2 }],
        [1, { type: 'attachment-done', digest: attachment.digest }],
        [2, { type: 'attachment-done', digest: `sha256:${'0'.repeat(64)}` }],
      ] as const) {
        const { channel } = await ask(de, { from })
        await send(channel, turn, never)
        await channel.next(never).then(() => 'piece', codeOf)
        expect(biz.log.at(-1) + biz.log.join('\n')).toContain('channel failed DFFT_FRAME')
        await net.clock.advance(3_600_000)
      }
    })

    test('a third file at the same time', async () => {
      const held = [await ask(de), await ask(de)]
      expect(await refusal(de)).toBe('DFFT_BUSY')
      for (const { channel } of held) channel.close()
    })
  })
})

describe('an operator', () => {
  together()

  const begin = (wish: object = {}) => jp.node.attachmentBegin({ name: 'a.pdf', mediaType: 'application/pdf', bytes: chunkBytes + 1, ...wish })

  test.each<[string, object, string]>([
    ['too long a file', { bytes: (128 << 20) + 1 }, 'DFFT_SCHEMA'],
    ['an empty file', { bytes: 0 }, 'DFFT_SCHEMA'],
    ['a media type with parameters', { mediaType: 'text/html; charset=utf-8' }, 'DFFT_SCHEMA'],
    ['a name of two lines', { name: 'a\nb' }, 'DFFT_SCHEMA'],
  ])('hands over %s in vain', async (_, wish, code) => {
    expect(await begin(wish).then(() => 'begun', codeOf)).toBe(code)
  })

  test('hands over chunks in order, whole, and all of them', async () => {
    const { upload } = await begin()
    const append = (chunk: number, bytes: number) =>
      jp.node.attachmentAppend({ upload, chunk, content: Buffer.alloc(bytes).toString('base64') }).then(() => 'taken', codeOf)
    expect(await append(1, 1)).toBe('DFFT_CONFLICT')
    expect(await append(0, 1)).toBe('DFFT_LIMIT')
    expect(await append(0, chunkBytes)).toBe('taken')
    expect(await append(0, chunkBytes)).toBe('DFFT_CONFLICT')
    expect(await jp.node.attachmentFinish({ upload }).then(() => 'done', codeOf)).toBe('DFFT_CONFLICT')
    expect(await append(1, 1)).toBe('taken')
    expect(await jp.node.attachmentFinish({ upload })).toMatchObject({ bytes: chunkBytes + 1 })
    expect(await append(2, 1)).toBe('DFFT_NOT_FOUND')
  })

  /** All chunks of a file of its own. */
  async function handed(seed: string): Promise<string> {
    const file = content(chunkBytes + 1, seed)
    const { upload } = await begin()
    for (const chunk of [0, 1])
      await jp.node.attachmentAppend({ upload, chunk, content: file.subarray(chunk * chunkBytes, (chunk + 1) * chunkBytes).toString('base64') })
    return upload
  }

  const disk = async () => [(await jp.blobs.list()).length, jp.dataKeys.snapshot().length, (await ofParty(jp)).length]

  test.each<[string, Code, () => () => void]>([
    [
      'the content cannot be finished',
      'DFFT_DISK_FULL',
      () => {
        const { write } = jp.blobs
        jp.blobs.write = async (id) => {
          const writer = await write.call(jp.blobs, id)
          const finish = () => Promise.reject(new TrustError('DFFT_DISK_FULL', 'no room'))
          return Object.assign(Object.create(writer, { bytes: { get: () => writer.bytes } }), { finish }) as typeof writer
        }
        return () => Object.assign(jp.blobs, { write })
      },
    ],
    [
      'the record of it cannot be written',
      'DFFT_DISK_FULL',
      () => {
        const { append } = jp.parts.audit
        jp.parts.audit.append = () => Promise.reject(new TrustError('DFFT_DISK_FULL', 'no room'))
        return () => Object.assign(jp.parts.audit, { append })
      },
    ],
  ])('leaves nothing of a file where %s, and hands it over anew', async (what, code, breaks) => {
    const before = await disk()
    const mend = breaks()
    const upload = await handed(what)
    expect(await jp.node.attachmentFinish({ upload }).then(() => 'done', codeOf)).toBe(code)
    mend()
    expect(await disk()).toEqual(before)
    expect(await jp.node.attachmentFinish({ upload }).then(() => 'done', codeOf)).toBe('DFFT_NOT_FOUND')
    // Neither a place nor room stays taken.
    for (let count = 0; count < 9; count++) await jp.node.attachmentFinish({ upload: await handed(what) })
    expect((await disk()).map((now, at) => now - before[at]!)).toEqual([1, 1, 1])
  })

  test('finishes a file once, however often it is said at the same time', async () => {
    const [blobs = 0] = await disk()
    const upload = await handed('said twice')
    const said = await Promise.allSettled([jp.node.attachmentFinish({ upload }), jp.node.attachmentFinish({ upload })])
    expect(said.map((one) => (one.status === 'rejected' ? codeOf(one.reason) : one.status)).sort()).toEqual(['DFFT_NOT_FOUND', 'fulfilled'])
    expect((await disk())[0]).toBe(blobs + 1)
    const [{ digest } = { digest: '' as Digest }] = (await ofParty(jp)).slice(-1)
    expect(await read(jp, null, { digest, bytes: chunkBytes + 1 })).toHaveLength(chunkBytes + 1)
  })

  test('names in a credential only what was handed over, and claims no file in passing', async () => {
    await importRegister()
    const digest = `sha256:${'0'.repeat(64)}` as Digest
    expect(await jp.node.issue({ record: sampleNumber, subject: biz.did, attachments: [digest] }).then(() => 'issued', codeOf)).toBe('DFFT_NOT_FOUND')
    expect(await jp.node.issue({ claims: { attachments: [] }, subject: biz.did }).then(() => 'issued', codeOf)).toBe('DFFT_USAGE')
  })

  test('finds no trace of a file that was not finished after a restart', async () => {
    const { upload } = await begin()
    await jp.node.attachmentAppend({ upload, chunk: 0, content: Buffer.alloc(chunkBytes).toString('base64') })
    const disk = await stopped(jp)
    const begun = async (blobs: MemoryBlobs | undefined) => (await blobs?.list())?.filter(({ whole }) => !whole).length
    expect(await begun(disk.blobs)).toBe(1)
    await using back = await revived(jp, { clock: net.clock, connect: (makings) => net.hub.network(makings) }, disk)
    expect(await begun(back.blobs)).toBe(0)
  })
})
