import { expect, test } from 'vitest'
import type { Clock } from '#node/ports.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import { Dialler, unlessAborted } from './dialler.ts'

const did = 'did:web:partner.example' as Did
const staggerMs = 250
const never = new AbortController().signal
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A party that answers only when told to, and a clock whose sleeps are noted and end at once. */
function partner(
  wish: {
    readonly answers?: (address: string, tries: number) => Did | undefined | Promise<Did | undefined>
    readonly byte?: number
    readonly sleepsMax?: number
    readonly self?: string
  } = {},
) {
  const over = new AbortController()
  const dialled: string[] = []
  const sleptMs: number[] = []
  const signals: AbortSignal[] = []
  const heads: (() => void)[] = []
  /** The head start of an address lasts until the test ends it. */
  const staggered = (signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      heads.push(resolve)
      signal.addEventListener('abort', () => reject(signal.reason))
    })
  const state = { bound: undefined as { did: Did } | undefined, banned: false }
  const clock: Clock = {
    nowMs: () => 0,
    monotonicMs: () => 0,
    timeout: () => never,
    turn: async () => {},
    async sleep(ms, signal) {
      if (ms === staggerMs) return staggered(signal)
      sleptMs.push(ms)
      if (sleptMs.length >= (wish.sleepsMax ?? 30)) over.abort(new TrustError('DFFT_CHANNEL_CLOSED', 'the node ends'))
      over.signal.throwIfAborted()
    },
  }
  const dialler = new Dialler({
    clock,
    random: { bytes: (count) => new Uint8Array(count).fill(wish.byte ?? 255) },
    limits: { redialMs: 1000, redialMsMax: 300_000, staggerMs, yieldMs: 4000 },
    self: () => wish.self as Did | undefined,
    over: over.signal,
    bound: () => state.bound,
    banned: () => state.banned,
    async dial(address, signal) {
      dialled.push(address)
      signals.push(signal)
      const answer = await wish.answers?.(address, dialled.length)
      if (!answer) throw new TrustError('DFFT_UNREACHABLE', 'nobody')
      const bound = { did: answer }
      if (answer === did) state.bound = bound
      return bound
    },
  })
  return { dialler, dialled, sleptMs, state, over, signals, heads }
}

test('the addresses of a party are tried in turn until one answers', async () => {
  const { dialler, dialled } = partner({ answers: (address) => (address === 'second' ? did : undefined) })
  dialler.book.add(did, ['first', 'second', 'third'])
  expect(await dialler.reach(did, never)).toEqual({ did })
  expect(dialled).toEqual(['first', 'second'])
})

test('beside an address that does not answer the next is tried, and the first that leads to the party ends the others', async () => {
  const late = Promise.withResolvers<Did>()
  const { dialler, dialled, signals, heads } = partner({ answers: (address) => (address === 'silent' ? late.promise : did) })
  dialler.book.add(did, ['silent', 'quick', 'never needed'])
  const reached = dialler.reach(did, never)
  await turn()
  expect(dialled).toEqual(['silent'])
  heads[0]?.()
  expect(await reached).toEqual({ did })
  expect(dialled).toEqual(['silent', 'quick'])
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
})

test('an address whose head start is over may still be the one that answers', async () => {
  const late = Promise.withResolvers<Did | undefined>()
  const { dialler, heads } = partner({ answers: (address) => (address === 'slow' ? late.promise : undefined) })
  dialler.book.add(did, ['slow', 'nobody', 'nobody either'])
  const reached = dialler.reach(did, never)
  await turn()
  heads[0]?.()
  await turn()
  late.resolve(did)
  expect(await reached).toEqual({ did })
})

test('the smaller DID lets the other side dial first', async () => {
  const smaller = partner({ self: 'did:web:a.example', sleepsMax: 3 })
  smaller.dialler.book.add(did, ['here'])
  smaller.dialler.redial(did)
  const larger = partner({ self: 'did:web:z.example', sleepsMax: 2 })
  larger.dialler.book.add(did, ['here'])
  larger.dialler.redial(did)
  await turn()
  expect([smaller.sleptMs, larger.sleptMs]).toEqual([
    [4000, 1000, 2000],
    [1000, 2000],
  ])
})

test('an address that another party answers is not tried again', async () => {
  const { dialler } = partner({ answers: () => 'did:web:stranger.example' as Did, sleepsMax: 1 })
  dialler.book.add(did, ['wrong'])
  expect(await dialler.reach(did, never).catch(codeOf)).toBe('DFFT_PEER_BINDING')
  expect(dialler.book.of(did)).toEqual([])
})

test('who waits for the same party waits for the same attempt, and may give up alone', async () => {
  const { dialler, dialled } = partner({ answers: () => did })
  dialler.book.add(did, ['here'])
  const given = AbortSignal.abort(new TrustError('DFFT_TIMEOUT', 'no patience'))
  const outcomes = await Promise.all([dialler.reach(did, never), dialler.reach(did, given).catch(codeOf), dialler.reach(did, never)])
  expect(outcomes).toEqual([{ did }, 'DFFT_TIMEOUT', { did }])
  expect(dialled).toHaveLength(1)
})

test('a partner that cannot be reached is dialled again after 1, 2, 4 … seconds, at most five minutes', async () => {
  const { dialler, sleptMs } = partner({ sleepsMax: 12 })
  dialler.book.add(did, ['here'])
  expect(await dialler.reach(did, never).catch(codeOf)).toBe('DFFT_UNREACHABLE')
  await turn()
  expect(sleptMs).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000, 300_000])
})

test('the waits are drawn from the half to the whole', async () => {
  const { dialler, sleptMs } = partner({ sleepsMax: 2, byte: 0 })
  dialler.book.add(did, ['here'])
  dialler.redial(did)
  await turn()
  expect(sleptMs).toEqual([500, 1000])
})

test('dialling again ends when either side has succeeded', async () => {
  const { dialler, dialled, sleptMs } = partner({ answers: (_address, tries) => (tries === 3 ? did : undefined) })
  dialler.book.add(did, ['here'])
  dialler.redial(did)
  dialler.redial(did)
  await turn()
  expect([dialled.length, sleptMs.length]).toEqual([3, 3])
  const theirs = partner()
  theirs.dialler.book.add(did, ['here'])
  theirs.state.bound = { did }
  theirs.dialler.redial(did)
  await turn()
  expect(theirs.dialled).toEqual([])
})

test('a party that is banned, or has no address, is not dialled', async () => {
  const { dialler, dialled, state, sleptMs } = partner({ sleepsMax: 5 })
  dialler.redial(did)
  await turn()
  expect(sleptMs).toEqual([])
  dialler.book.add(did, ['here'])
  state.banned = true
  dialler.redial(did)
  await turn()
  expect(sleptMs).toHaveLength(5)
  expect(dialled).toEqual([])
})

test('a promise is waited for until the signal, a time-out as a code', async () => {
  expect(await unlessAborted(Promise.resolve(1), never)).toBe(1)
  expect(await unlessAborted(new Promise(() => undefined), AbortSignal.timeout(1)).catch(codeOf)).toBe('DFFT_TIMEOUT')
})
