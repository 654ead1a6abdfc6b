/**
 * Whole exchanges between two nodes over real libp2p, with durable records on both sides, so many at once.
 *
 * Beside them, in the same rounds: channels that carry 2 KB there and 8 KB back and mean nothing; the signatures that an
 * exchange makes and checks, alone; and a file that is synced as often as an exchange waits for its store.
 */
import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sodiumEd25519 } from '#node/adapters/sodium.ts'
import { PublicJwk, useEd25519, verifies, verifyKey } from '#protocols/keys.ts'
import { type Cast, type Counts, castIn, type Timed } from './exchange-bench.ts'
import { compared, cpuUs, type Effort, type Line, type Measure, median, quantile, scaled, wallMs } from './measure.ts'

const levels = [1, 16, 64]

export const measures: readonly Measure[] = [
  { names: levels.map((level) => `exchange.c${level}`), lines: exchanges },
  { names: ['exchange.sustained'], lines: sustained },
]

/** Exchanges in one round: a second or two of them. */
const perRound: Readonly<Record<number, number>> = { 1: 40, 16: 128, 64: 192 }

/** Minutes at 64 at once, each by itself: whether rate and memory are the last minute what they were the first; then one at a time. */
async function* sustained(effort: Effort, wanted: (name: string) => boolean): AsyncIterable<Line> {
  const { minutes } = effort
  if (minutes === undefined || !wanted('exchange.sustained')) return
  for (const encrypter of ['noise', 'tls']) if (wanted(`exchange.sustained.${encrypter}`)) yield* sustainedOver(encrypter, minutes, effort)
}

async function* sustainedOver(encrypter: string, minutes: number, effort: Effort): AsyncIterable<Line> {
  const dir = await mkdtemp(join(tmpdir(), 'dfft-bench-'))
  try {
    await using stack = new AsyncDisposableStack()
    const cast = await castIn(dir, stack, [], [encrypter])
    await countIn(cast)
    await cast.requester.loop({ do: 'exchanges', count: scaled(2000, effort, 2), concurrency: 64, wish: wishFor(cast) })
    const { rssBytes } = await countsOf(cast)
    const all: Minute[] = []
    for (let minute = 0; minute < minutes; minute++) all.push(await oneMinute(cast, minute, dir, Math.min(1, minutes - minute)))
    yield* sustainedLines(`exchange.sustained.${encrypter}`, all, rssBytes / 2 ** 20)
    const { tookMs } = await cast.requester.loop({ do: 'exchanges', count: scaled(400, effort, 2), concurrency: 1, wish: wishFor(cast) })
    yield { name: `exchange.sustained.${encrypter}.c1.p50`, value: median(tookMs), unit: 'ms', reference: '10 ms', ratio: 10 / median(tookMs) }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

async function countIn({ holder, requester }: Cast): Promise<void> {
  await Promise.all([holder, requester].map((node) => node.ask({ do: 'count' })))
}

interface Minute {
  readonly rate: number
  readonly p50: number
  readonly p99: number
  readonly requesterUs: number
  readonly holderUs: number
  readonly fsyncs: number
  readonly rssMiB: number
  readonly rawUs: number
}

async function oneMinute(cast: Cast, minute: number, dir: string, share: number): Promise<Minute> {
  const parties = [cast.requester, cast.holder] as const
  const [askedBefore, heldBefore] = await Promise.all([parties[0].counts(), parties[1].counts()])
  const forMs = 60_000 * share
  const { tookMs, allMs } = await cast.requester.loop({ do: 'exchanges', count: 1_000_000, concurrency: 64, wish: wishFor(cast), forMs })
  const [asked, held] = await Promise.all([parties[0].counts(), parties[1].counts()])
  const requester = (name: keyof Counts) => (asked[name] - askedBefore[name]) / tookMs.length
  const holder = (name: keyof Counts) => (held[name] - heldBefore[name]) / tookMs.length
  const each = (name: keyof Cost) => requester(name) + holder(name)
  const cost = { signatures: each('signatures'), verifications: each('verifications'), batches: each('batches'), syncs: each('syncs') }
  const fsyncs = cost.batches + cost.syncs
  const one: Minute = {
    rate: (1000 * tookMs.length) / allMs,
    p50: median(tookMs),
    p99: quantile(tookMs, 0.99),
    requesterUs: requester('user') + requester('system'),
    holderUs: holder('user') + holder('system'),
    fsyncs,
    rssMiB: (asked.rssBytes + held.rssBytes) / 2 ** 20,
    rawUs: (await signaturesUs(cost)) + 1000 * (await syncsMs(fsyncs, dir)),
  }
  const told = Object.entries({ ...one, ...cost }).map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
  process.stderr.write(`minute ${minute + 1}: ${told.join(', ')}\n`)
  return one
}

function* sustainedLines(name: string, minutes: readonly Minute[], rssMiB: number): Iterable<Line> {
  const [first, last] = [minutes[0], minutes.at(-1)]
  if (!first || !last) return
  const worst = (read: (minute: Minute) => number) => Math.max(...minutes.map(read))
  const middle = (read: (minute: Minute) => number) => median(minutes.map(read))
  const rate = middle((minute) => minute.rate)
  const rawUs = middle((minute) => minute.rawUs)
  const cpuUs = (minute: Minute) => minute.requesterUs + minute.holderUs
  const line = (what: string, value: number, unit: string, reference: string, ratio: number): Line => ({
    name: `${name}${what}`,
    value,
    unit,
    reference,
    ratio,
  })
  yield line('', rate, 'exchanges/s', 'its signatures and fsyncs, one after another', (rate * rawUs) / 1e6)
  yield line('.raw', rawUs, 'µs', 'the CPU time of both nodes', rawUs / middle(cpuUs))
  for (const [at, minute] of minutes.entries()) yield line(`.minute${at + 1}`, minute.rate, 'exchanges/s', 'the first minute', minute.rate / first.rate)
  yield line('.last', last.rate, 'exchanges/s', 'the first minute', last.rate / first.rate)
  yield line(
    '.p50',
    worst(({ p50 }) => p50),
    'ms',
    'the first minute',
    first.p50 / last.p50,
  )
  yield line(
    '.p99',
    worst(({ p99 }) => p99),
    'ms',
    '400 ms',
    400 / worst(({ p99 }) => p99),
  )
  yield line('.cpu', middle(cpuUs), 'µs', 'the first minute', cpuUs(first) / cpuUs(last))
  yield line(
    '.cpu.requester',
    middle(({ requesterUs }) => requesterUs),
    'µs',
    'the first minute',
    first.requesterUs / last.requesterUs,
  )
  yield line(
    '.cpu.holder',
    middle(({ holderUs }) => holderUs),
    'µs',
    'the first minute',
    first.holderUs / last.holderUs,
  )
  yield line(
    '.fsyncs',
    middle(({ fsyncs }) => fsyncs),
    'an exchange',
    'the first minute',
    first.fsyncs / last.fsyncs,
  )
  yield line('.rss.start', rssMiB, 'MiB', 'the end', rssMiB / last.rssMiB)
  yield line('.rss', last.rssMiB, 'MiB', 'the first minute', first.rssMiB / last.rssMiB)
}

async function* exchanges(effort: Effort, wanted: (name: string) => boolean): AsyncIterable<Line> {
  const dir = await mkdtemp(join(tmpdir(), 'dfft-bench-'))
  try {
    await using stack = new AsyncDisposableStack()
    const cast = await castIn(dir, stack)
    await countIn(cast)
    await cast.requester.loop({ do: 'exchanges', count: scaled(200, effort, 2), concurrency: 16, wish: wishFor(cast) })
    const made = await costOfOne(cast, scaled(20, effort, 2))
    for (const level of levels) if (wanted(`exchange.c${level}`)) yield* atOnce(level, cast, made, dir, effort)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

function wishFor({ holder }: Cast): object {
  return { to: holder.ready.did, purpose: 'trade.supplier-verification' }
}

interface Cost {
  /** Of both sides. */
  readonly signatures: number
  readonly verifications: number
  /** Of both sides: no two of them wait at the same time in one exchange. */
  readonly batches: number
  /** Of the anchors, by both sides. */
  readonly syncs: number
}

async function costOfOne(cast: Cast, count: number): Promise<Cost> {
  const before = await countsOf(cast)
  await cast.requester.loop({ do: 'exchanges', count, concurrency: 1, wish: wishFor(cast) })
  const after = await countsOf(cast)
  const each = (name: keyof Cost) => (after[name] - before[name]) / count
  const cost = { signatures: each('signatures'), verifications: each('verifications'), batches: each('batches'), syncs: each('syncs') }
  const { signatures, verifications, batches, syncs } = cost
  process.stderr.write(
    `one exchange alone, both sides: ${signatures} signatures made, ${verifications} checked, ${batches} durable writes, ${syncs} fsyncs of anchors\n`,
  )
  return cost
}

async function countsOf({ holder, requester }: Cast): Promise<Counts> {
  const [one, other] = await Promise.all([holder.counts(), requester.counts()])
  const sum = (name: keyof Counts) => one[name] + other[name]
  return {
    signatures: sum('signatures'),
    verifications: sum('verifications'),
    batches: sum('batches'),
    syncs: sum('syncs'),
    rssBytes: sum('rssBytes'),
    user: sum('user'),
    system: sum('system'),
  }
}

interface Round {
  readonly exchanges: Timed
  readonly cpuUs: number
  readonly trips: Timed
  readonly signaturesUs: number
  readonly syncsMs: number
}

async function* atOnce(level: number, cast: Cast, cost: Cost, dir: string, effort: Effort): AsyncIterable<Line> {
  const rounds: Round[] = []
  for (let round = 0; round < Math.min(7, effort.rounds); round++) rounds.push(await oneRound(level, cast, cost, dir, effort))
  const each = (read: (round: Round) => number) => rounds.map(read)
  const perExchange = ({ exchanges: { allMs, tookMs } }: Round) => allMs / tookMs.length
  const perTrip = ({ trips: { allMs, tookMs } }: Round) => allMs / tookMs.length
  const name = `exchange.c${level}`
  const line = (what: string, ours: number[], reference: string, theirs: number[], unit: string, shown?: (reading: number) => number) =>
    compared(what, { ours, [reference]: theirs }, { ours: 'ours', references: [reference], unit, ...(shown ? { shown } : {}) })
  yield* line(name, each(perExchange), 'libp2p-roundtrip', each(perTrip), 'exchanges/s', (ms) => 1000 / ms)
  yield* line(
    `${name}.p50`,
    each(({ exchanges: { tookMs } }) => median(tookMs)),
    'libp2p-roundtrip',
    each(({ trips: { tookMs } }) => median(tookMs)),
    'ms',
  )
  if (level === 1)
    yield* line(
      `${name}.p50`,
      each(({ exchanges: { tookMs } }) => median(tookMs)),
      'fsyncs',
      each(({ syncsMs }) => syncsMs),
      'ms',
    )
  yield* line(
    `${name}.p99`,
    each(({ exchanges: { tookMs } }) => quantile(tookMs, 0.99)),
    'libp2p-roundtrip',
    each(({ trips: { tookMs } }) => quantile(tookMs, 0.99)),
    'ms',
  )
  yield* line(
    `${name}.cpu`,
    each((one) => one.cpuUs / one.exchanges.tookMs.length),
    'signatures',
    each(({ signaturesUs }) => signaturesUs),
    'µs',
  )
}

async function oneRound(level: number, cast: Cast, cost: Cost, dir: string, effort: Effort): Promise<Round> {
  const count = scaled(perRound[level] ?? 64, effort, 2)
  const { requester, holder } = cast
  const before = await countsOf(cast)
  const exchanges = await requester.loop({ do: 'exchanges', count, concurrency: level, wish: wishFor(cast) })
  const after = await countsOf(cast)
  const trips = await requester.loop({ do: 'trips', count, concurrency: level, to: holder.ready.bareDid })
  return {
    exchanges,
    cpuUs: after.user + after.system - before.user - before.system,
    trips,
    signaturesUs: await signaturesUs(cost),
    syncsMs: await syncsMs(cost.batches + cost.syncs, dir),
  }
}

const block = Buffer.alloc(4096)
const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const message = Buffer.alloc(2048, 'm')
const signature = sign(null, message, privateKey)
const key = verifyKey(PublicJwk.parse(publicKey.export({ format: 'jwk' })))

/** What the signatures of one exchange cost where nothing else is done, checked by what a node checks with. */
async function signaturesUs({ signatures, verifications }: Cost): Promise<number> {
  const times = 20
  useEd25519(await sodiumEd25519())
  const tookUs = await cpuUs(() => {
    for (let count = 0; count < signatures * times; count++) sign(null, message, privateKey)
    for (let count = 0; count < verifications * times; count++) verifies(key, message, signature)
  })
  return tookUs / times
}

/** What the syncs of one exchange cost where nothing else is done, one after another. */
async function syncsMs(batches: number, dir: string): Promise<number> {
  const file = await open(join(dir, 'bare'), 'a')
  try {
    const times: number[] = []
    for (let count = 0; count < 20; count++) {
      times.push(
        await wallMs(async () => {
          await file.write(block)
          await file.datasync()
        }),
      )
    }
    return batches * median(times)
  } finally {
    await file.close()
  }
}
