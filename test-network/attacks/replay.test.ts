/**
 * One presentation, one Request, shown again: at once, many times, after a restart, spelt in other ways, to others, late; and whatever order
 * the disk's answers come in (design for security, row 1).
 */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { AuditLog } from '#node/audit/audit.ts'
import { consider, release } from '#node/exchange/answering.ts'
import { Debts } from '#node/exchange/debts.ts'
import type { ExchangeNeeds } from '#node/exchange/exchange-needs.ts'
import { type ExchangeRecord, getMessage, getRecord } from '#node/exchange/exchange-record.ts'
import { settle } from '#node/exchange/judging.ts'
import { answer } from '#node/exchange.ts'
import type { Store } from '#node/ports.ts'
import { canonicalBytes } from '#protocols/canonical.ts'
import { type Channel } from '#protocols/channel.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Presentation, Request } from '#protocols/exchange/messages.ts'
import { releaseDigest } from '#protocols/exchange/signing.ts'
import { type Did, type ExchangeId, instant } from '#protocols/ids.ts'
import { never, type Party, revived, ThreeNodes } from '../fixture.ts'
import { again, signedRequest } from '../rogue.ts'

let net: ThreeNodes
let biz: Party
let de: Party
let jp: Party
beforeAll(async () => {
  net = await ThreeNodes.start()
  ;({ biz, de, jp } = net)
  await net.issued()
})
afterAll(async () => {
  await biz[Symbol.asyncDispose]()
  await net[Symbol.asyncDispose]()
})

const counts = { requests: 0, presentations: 0 }

/** What the holder answers on a channel of its own, on which nothing follows. */
async function said(bytes: Uint8Array, from: Did = de.did, holder = biz): Promise<Record<string, unknown> & { readonly type: string; readonly code?: string }> {
  const frames: Uint8Array[] = []
  let heard = false
  const channel: Channel = {
    service: 'exchange',
    remote: { did: from, peerId: de.parts.network.peerId },
    next: async () => {
      if (heard) throw new Error('the other side is gone')
      heard = true
      return bytes
    },
    send: async (frame) => void frames.push(frame),
    close: () => undefined,
  }
  const code = await answer(channel, { ...holder.parts, network: quiet(holder), debts: new Debts(holder.parts.clock) }, never).then(() => undefined, codeOf)
  const [frame] = frames
  return frame ? JSON.parse(Buffer.from(frame).toString()) : { type: 'closed', code: code ?? 'none' }
}

/** Faults are not counted, nor debts: hundreds are tried, and a banned peer would hide what comes after the tenth. */
function quiet({ parts: { network } }: Party): ExchangeNeeds['network'] {
  return new Proxy(network, { get: (target, member) => (member === 'fault' ? () => undefined : bound(target, member)) })
}

function bound<T extends object>(target: T, member: string | symbol): unknown {
  const value: unknown = Reflect.get(target, member)
  return typeof value === 'function' ? value.bind(target) : value
}

async function releases(holder: Party, exchange: ExchangeId): Promise<number> {
  return (await holder.parts.audit.entriesOf(exchange)).filter(({ kind }) => kind === 'released').length
}

function releaseIn(heard: object): string {
  return releaseDigest(heard as Presentation)
}

test('one Request said twice, a hundred times at once, and after a restart, has one release', async () => {
  const request = await signedRequest(de, biz)
  const bytes = canonicalBytes(request)
  const first = await said(bytes)
  const second = await said(bytes)
  const concurrent = await Promise.all(Array.from({ length: 100 }, () => said(bytes)))
  const { hub, clock } = net
  biz = await revived(biz, { clock, connect: (makings) => hub.network(makings) })
  const later = await said(bytes)
  const heard = [first, second, ...concurrent, later]
  expect(heard.map(({ type }) => type)).toEqual(new Array(103).fill('presentation'))
  expect(new Set(heard.map(releaseIn)).size).toBe(1)
  expect(await releases(biz, request.exchange)).toBe(1)
})

test('a hundred that are new and come at once, each of another id, have one release each', async () => {
  const many = await Promise.all(Array.from({ length: 8 }, () => signedRequest(de, biz)))
  const heard = await Promise.all(many.flatMap((request) => Array.from({ length: 12 }, () => said(canonicalBytes(request)))))
  expect(new Set(heard.filter(({ type }) => type === 'presentation').map(releaseIn)).size).toBe(8)
  for (const { exchange } of many) expect(await releases(biz, exchange)).toBe(1)
})

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Other texts for the same bytes, or for bytes that a lenient reader takes for the same. */
function spellings(text: string): string[] {
  const [head, last] = [text.slice(0, -1), alphabet.indexOf(text.slice(-1))]
  const tails = [...alphabet].filter((_sign, at) => at !== last && at >> 4 === last >> 4).map((sign) => head + sign)
  const padded = ['=', '==', '\n', '\r\n', ' ', '\t', '\u0000', '\u00a0', '\u200b', '%3D'].map((put) => text + put)
  const led = ['\n', ' ', '\ufeff'].map((put) => put + text)
  const inside = ['\n', '=', ' ', '\u200b', '%0A'].flatMap((put) =>
    [1, text.length >> 1, text.length - 1].map((at) => text.slice(0, at) + put + text.slice(at)),
  )
  return [...padded, ...led, ...inside, text.replaceAll('-', '+').replaceAll('_', '/'), text.toUpperCase(), ...tails].filter((other) => other !== text)
}

const order = { ed: 2n ** 252n + 27742317777372353535851937790883648493n, ec: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n }

/** The second signature that a malleable scheme has for the same text: r, n − s; or, of EdDSA, S + L. */
function twins(value: string): string[] {
  const raw = Buffer.from(value, 'base64url')
  const [r, s] = [raw.subarray(0, 32), raw.subarray(32)]
  const ec = order.ec - BigInt(`0x${s.toString('hex')}`)
  const ed = BigInt(`0x${Buffer.from(s).reverse().toString('hex')}`) + order.ed
  const bytes = (number: bigint) => Buffer.from((number < 0n ? 0n : number).toString(16).padStart(64, '0').slice(-64), 'hex')
  return [Buffer.concat([r, bytes(ec)]), Buffer.concat([r, bytes(ed).reverse()])].map((twin) => twin.toString('base64url'))
}

test('a Request under another spelling of its signatures or its nonce, or under a second signature, is no Request', async () => {
  const request = await signedRequest(de, biz)
  const { signature, agreement, nonce, exchange } = request
  const others: object[] = [
    ...[...spellings(signature.value), ...twins(signature.value)].map((value) => ({ ...request, signature: { ...signature, value } })),
    ...[...spellings(agreement.value), ...twins(agreement.value)].map((value) => ({ ...request, agreement: { ...agreement, value } })),
    ...spellings(nonce).map((value) => ({ ...request, nonce: value })),
    ...[exchange.toUpperCase(), `${exchange}\n`, ` ${exchange}`, `0x${exchange}`].map((value) => ({ ...request, exchange: value })),
  ]
  // Signed again by its sender, so that only the spelling stands against it.
  for (const value of [...spellings(agreement.value), ...twins(agreement.value)]) others.push(await again(request, { agreement: { ...agreement, value } }, de))
  for (const other of others) {
    const { type, code = '' } = await said(Buffer.from(JSON.stringify(other)))
    counts.requests++
    expect([type, code], JSON.stringify(other).slice(-200)).toEqual([
      expect.stringMatching(/^(?:closed|refusal)$/),
      expect.stringMatching(/^DFFT_(?!INTERNAL)/),
    ])
  }
  expect(await getRecord(biz.parts.store, exchange)).toBeUndefined()
})

test('a Request for others, by others, past its end, or with its id used before is no Request', async () => {
  const request = await signedRequest(de, biz)
  const spent = await signedRequest(de, biz)
  const past = { at: instant(net.clock.nowMs() - 600_000), expires: instant(net.clock.nowMs() - 1_000) }
  const attempts: [object, Did, string][] = [
    [request, jp.did, 'DFFT_PEER_BINDING'],
    [await again(request, { to: jp.did }, de), de.did, 'DFFT_AUDIENCE'],
    [await again(spent, past, de), de.did, 'DFFT_EXPIRED'],
    [await again(spent, { expires: instant(net.clock.nowMs()) }, de), de.did, 'DFFT_EXPIRED'],
    [await again(spent, { expires: instant(net.clock.nowMs() + 86_400_000) }, de), de.did, 'DFFT_EXPIRED'],
  ]
  expect((await said(canonicalBytes(request))).type).toBe('presentation')
  for (const changed of [
    { nonce: 'A'.repeat(43) },
    { purpose: 'trade.invoicing' },
    { seen: 0, legalBasis: 'legal-obligation' },
    { offer: request.agreement.hash },
  ])
    attempts.push([await again(request, changed, de), de.did, 'DFFT_REPLAY'])
  for (const [message, from, code] of attempts) {
    expect(await said(canonicalBytes(message), from)).toMatchObject({ code })
    counts.requests++
  }
  expect(await releases(biz, request.exchange)).toBe(1)
})

interface Walked {
  readonly record: ExchangeRecord
  readonly request: Request
  readonly presentation: Presentation
}

/** A real exchange as the requester has it, taken back to where it waits for the presentation. */
async function walked(purpose = 'trade.supplier-verification'): Promise<Walked> {
  const view = await net.request({ purpose, claims: ['/legalName'] })
  expect(view.state).toBe('closed')
  const { store } = de.parts
  const [record, request, presentation] = [
    await getRecord(store, view.id),
    await getMessage(store, view.id, 'request'),
    await getMessage(store, view.id, 'presentation'),
  ]
  if (!record || !request || !presentation) throw new Error('the exchange is not in the store')
  return { record: { ...record, state: 'requested', release: null, receipts: 0 }, request, presentation }
}

/** What becomes of it at the requester; the disk is a copy, so that each attempt finds it as the first. */
async function settled(presentation: Presentation, { record, request }: Walked): Promise<string> {
  const store: Store = { ...memory(de.parts.store), batch: async () => undefined }
  const audit = new Proxy(de.parts.audit, { get: (target, member) => (member === 'append' ? async () => undefined : bound(target, member)) })
  try {
    const { state, code } = await settle(presentation, record, request, { ...de.parts, store, audit }, never)
    counts.presentations++
    return code ?? state
  } catch (thrown) {
    counts.presentations++
    return codeOf(thrown)
  }
}

function memory(store: Store): Store {
  return {
    get: (key) => store.get(key),
    scan: (range) => store.scan(range),
    batch: (...args) => store.batch(...args),
    [Symbol.asyncDispose]: async () => undefined,
  }
}

test('a presentation that was shown once is of no use in another exchange, for another nonce or another audience', async () => {
  const [one, other] = [await walked(), await walked('trade.invoicing')]
  expect(await settled(one.presentation, one)).toBe('receipted')
  const { exchange, request, agreement } = other.presentation
  const texts = one.presentation.credentials
  // The old texts in the words of the new exchange, which its holder may sign as often as he likes.
  expect(await settled({ ...one.presentation, exchange }, other)).toBe('DFFT_REPLAY')
  expect(await settled({ ...one.presentation, exchange, request }, other)).toBe('DFFT_AGREEMENT_MISMATCH')
  expect(await settled({ ...other.presentation, credentials: texts }, other)).toBe('DFFT_NONCE')
  expect(await settled({ ...other.presentation, agreement: { ...agreement, value: one.presentation.agreement.value } }, other)).toBe('DFFT_SIGNATURE')
  expect(await settled(other.presentation, { ...other, request: { ...other.request, nonce: one.request.nonce } })).toBe('DFFT_NONCE')
})

test('a presentation in another spelling, at each joint and end of its parts, is not taken', async () => {
  const { presentation, ...rest } = await walked()
  const [shown] = presentation.credentials
  const text = shown?.text ?? ''
  const joints = [...text].flatMap((sign, at) => (sign === '.' || sign === '~' ? [at] : []))
  const others = new Set<string>()
  for (const at of [...joints, text.length]) {
    const [before, after] = [text.slice(0, at), text.slice(at)]
    const part = /[^.~]*$/.exec(before)?.[0] ?? ''
    if (part !== '') for (const other of spellings(part)) others.add(before.slice(0, before.length - part.length) + other + after)
  }
  const cut = text.lastIndexOf('.') + 1
  for (const twin of twins(text.slice(cut))) others.add(text.slice(0, cut) + twin)
  for (const other of [`${text}~`, `~${text}`, text.replace('~', '~~'), `${text}${text}`, text.slice(0, text.lastIndexOf('~') + 1)]) others.add(other)
  others.delete(text)
  const walkedAgain = { presentation, ...rest }
  for (const other of others) {
    const credentials = presentation.credentials.map((one) => ({ ...one, text: other }))
    expect(await settled({ ...presentation, credentials }, walkedAgain), JSON.stringify(other.slice(-80))).toMatch(/^DFFT_(?!INTERNAL)/)
  }
  expect(others.size).toBeGreaterThan(200)
})

/** As many schedules of two releases of one Request; `DFFT_SCHEDULES` plays more or fewer. */
const schedules = Number(process.env.DFFT_SCHEDULES ?? 1000)

type Considered = Awaited<ReturnType<typeof consider>>

/** Considers once; each schedule is of another id. */
async function racing(): Promise<(s: fc.Scheduler, racy: boolean) => Promise<number>> {
  const considered = await consider(await signedRequest(de, biz), false, biz.parts, never)
  const store = new MemoryStore({ entries: [...biz.store.snapshot()].filter(([key]) => key.startsWith('log/')) })
  const { self, clock, random } = biz.parts
  const audit = await AuditLog.open(store, { did: self.did, signer: self.signer, clock, begun: true })
  return async (s, racy) => {
    const exchange = Buffer.from(random.bytes(16)).toString('hex') as ExchangeId
    const request = { ...considered.request, exchange }
    return released(s, racy, { ...considered, request }, { store, audit })
  }
}

/**
 * Of one Request that is considered twice at once, without the lock that a node has besides: how many releases come to the log.
 *
 * @param racy looks whether the record is new before it waits, and not when it writes
 */
async function released(s: fc.Scheduler, racy: boolean, considered: Considered, { store, audit }: Pick<ExchangeNeeds, 'store' | 'audit'>): Promise<number> {
  const append: AuditLog['append'] = async (entries, writes, options = {}) => {
    const taken = racy && (await Promise.all((options.ifAbsent ?? []).map((key) => store.get(key)))).some((value) => value)
    if (taken) throw new TrustError('DFFT_CONFLICT', 'it is there already')
    await s.schedule(Promise.resolve(), 'write')
    return audit.append(entries, writes, racy ? {} : options)
  }
  const slow: Store = { ...memory(biz.parts.store), get: (key) => s.schedule(biz.parts.store.get(key), 'read') }
  const scheduled = new Proxy(audit, { get: (target, member) => (member === 'append' ? append : bound(target, member)) })
  const needs = { ...biz.parts, store: slow, audit: scheduled }
  const outcomes = Promise.all([0, 1].map(() => release(considered, null, needs, never).then(() => 'released', codeOf)))
  await s.waitFor(outcomes)
  expect((await outcomes).every((outcome) => outcome === 'released' || outcome === 'DFFT_CONFLICT')).toBe(true)
  return (await audit.entriesOf(considered.request.exchange)).filter(({ kind }) => kind === 'released').length
}

test(`in ${schedules} orders of what the disk answers, one of two releases at once comes to it`, { timeout: 240_000 }, async () => {
  const race = await racing()
  let played = 0
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (s) => {
      played++
      expect(await race(s, false)).toBe(1)
    }),
    { numRuns: schedules },
  )
  expect(played).toBe(schedules)
})

test('a disk that looks before it waits is found in a few orders', async () => {
  const race = await racing()
  const property = fc.asyncProperty(fc.scheduler(), async (s) => (await race(s, true)) === 1)
  const { failed, numRuns } = await fc.check(property, { numRuns: 50, endOnFailure: true })
  expect(failed).toBe(true)
  expect(numRuns).toBeLessThanOrEqual(10)
})

test('more were tried than the five hundred of the design', () => {
  console.log(`row 1: ${counts.requests + counts.presentations} bad Requests and presentations, 0 accepted; ${schedules} schedules`)
  expect(counts.requests).toBeGreaterThan(100)
  expect(counts.requests + counts.presentations).toBeGreaterThanOrEqual(500)
})
