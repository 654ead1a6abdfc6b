import { expect, test } from 'vitest'
import type { Clock } from '#node/ports.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import { Dialler, unlessAborted } from './dialler.ts'

const did = 'did:web:partner.example' as Did
const never = new AbortController().signal
const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A party that answers only when told to, and a clock whose sleeps are noted and end at once. */
function partner(wish: { readonly answers?: (address: string, tries: number) => Did | undefined; readonly byte?: number; readonly sleepsMax?: number } = {}) {
  const over = new AbortController()
  const dialled: string[] = []
  const sleptMs: number[] = []
  const state = { bound: undefined as { did: Did } | undefined, banned: false }
  const clock: Clock = {
    nowMs: () => 0,
    monotonicMs: () => 0,
    timeout: () => never,
    async sleep(ms) {
      sleptMs.push(ms)
      if (sleptMs.length >= (wish.sleepsMax ?? 30)) over.abort(new TrustError('DFFT_CHANNEL_CLOSED', 'the node ends'))
      over.signal.throwIfAborted()
    },
  }
  const dialler = new Dialler({
    clock,
    random: { bytes: (count) => new Uint8Array(count).fill(wish.byte ?? 255) },
    limits: { redialMs: 1000, redialMsMax: 300_000 },
    over: over.signal,
    bound: () => state.bound,
    banned: () => state.banned,
    async dial(address) {
      dialled.push(address)
      const answer = wish.answers?.(address, dialled.length)
      if (!answer) throw new TrustError('DFFT_UNREACHABLE', 'nobody')
      const bound = { did: answer }
      if (answer === did) state.bound = bound
      return bound
    },
  })
  return { dialler, dialled, sleptMs, state, over }
}

test('the addresses of a party are tried in turn until one answers', async () => {
  const { dialler, dialled } = partner({ answers: (address) => (address === 'second' ? did : undefined) })
  dialler.book.add(did, ['first', 'second', 'third'])
  expect(await dialler.reach(did, never)).toEqual({ did })
  expect(dialled).toEqual(['first', 'second'])
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
