import { expect, it } from 'vitest'
import { systemClock, systemRandom } from './system.ts'

const never = new AbortController().signal

it('the clock tells the time of day, and one that never goes back', () => {
  expect(systemClock.nowMs()).toBeGreaterThan(Date.UTC(2026, 0, 1))
  const first = systemClock.monotonicMs()
  expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(first)
})

it('a sleep lasts as long as it says', async () => {
  const start = systemClock.monotonicMs()
  await systemClock.sleep(5, never)
  expect(systemClock.monotonicMs() - start).toBeGreaterThanOrEqual(5)
  await systemClock.sleep(0, never)
  await systemClock.sleep(-1, never)
})

it('an aborted sleep ends at once with the reason, before and during', async () => {
  const reason = new Error('stop')
  await expect(systemClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason)
  await expect(systemClock.sleep(0, AbortSignal.abort(reason))).rejects.toBe(reason)
  const controller = new AbortController()
  const sleeping = systemClock.sleep(60_000, controller.signal)
  controller.abort(reason)
  await expect(sleeping).rejects.toBe(reason)
})

it('a sleep or time-out of a year does not end at once', async () => {
  const year = 365 * 86_400_000
  const controller = new AbortController()
  const outcome = Promise.race([systemClock.sleep(year, controller.signal).then(() => 'slept'), systemClock.sleep(10, never).then(() => 'still asleep')])
  expect(await outcome).toBe('still asleep')
  expect(systemClock.timeout(year).aborted).toBe(false)
  controller.abort()
})

it('a time-out aborts with a TimeoutError', async () => {
  const signal = systemClock.timeout(1)
  await expect(systemClock.sleep(10_000, signal)).rejects.toMatchObject({ name: 'TimeoutError' })
})

it('random bytes differ and have the length asked for', () => {
  expect(systemRandom.bytes(16).length).toBe(16)
  expect(systemRandom.bytes(16)).not.toEqual(systemRandom.bytes(16))
})

it('a number of random bytes that is none is refused, and spoils nothing', () => {
  for (const count of [Number.NaN, -1, 1.5]) expect(() => systemRandom.bytes(count)).toThrow(RangeError)
  expect(systemRandom.bytes(32).length).toBe(32)
})

it('no random bytes are given out twice, however many are asked for at a time', () => {
  const drawn: string[] = []
  for (let round = 0; round < 200; round++)
    for (const count of [8, 12, 16, 32, 64, 65, 200]) {
      const bytes = systemRandom.bytes(count)
      expect(bytes.length).toBe(count)
      for (let at = 0; at + 8 <= count; at += 4) drawn.push(Buffer.from(bytes.subarray(at, at + 8)).toString('hex'))
    }
  // Neither shared between two, nor blank: of 18,000 true draws of eight bytes two are alike once in a hundred thousand million times.
  expect(new Set(drawn).size).toBe(drawn.length)
})

it('time-outs asked for one after another end together, none of them too soon', async () => {
  const askedMs = systemClock.monotonicMs()
  const first = systemClock.timeout(480)
  expect(systemClock.timeout(480)).toBe(first)
  expect(systemClock.timeout(481)).not.toBe(first)
  await systemClock.sleep(31, never)
  const laterMs = systemClock.monotonicMs()
  const later = systemClock.timeout(480)
  expect(later).not.toBe(first)
  const endedMs = async (signal: AbortSignal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
    return systemClock.monotonicMs()
  }
  const [firstMs, secondMs] = await Promise.all([endedMs(first), endedMs(later)])
  // The last that could have asked for the first one did so 30 ms after it was made.
  expect(firstMs - askedMs).toBeGreaterThanOrEqual(480 + 29)
  expect(secondMs - laterMs).toBeGreaterThanOrEqual(480 + 29)
})
