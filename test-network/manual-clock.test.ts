import { expect, it } from 'vitest'
import { ManualClock } from './manual-clock.ts'

const never = new AbortController().signal

it('time stands still until a test moves it, then both clocks move', async () => {
  const clock = new ManualClock(1000)
  expect([clock.nowMs(), clock.monotonicMs()]).toEqual([1000, 0])
  await clock.advance(250)
  expect([clock.nowMs(), clock.monotonicMs()]).toEqual([1250, 250])
})

it('sleeps end in the order in which they are due, each at its own time', async () => {
  const clock = new ManualClock(0)
  const woken: string[] = []
  const sleep = async (name: string, ms: number) => {
    await clock.sleep(ms, never)
    woken.push(`${name}@${clock.nowMs()}`)
  }
  const all = [sleep('c', 30), sleep('a', 10), sleep('b', 20), sleep('a2', 10)]
  expect(clock.nextMs).toBe(10)
  await clock.advance(25)
  expect(woken).toEqual(['a@10', 'a2@10', 'b@20'])
  await clock.advance(5)
  await Promise.all(all)
  expect(woken.at(-1)).toBe('c@30')
  expect(clock.nextMs).toBeUndefined()
})

it('a sleeper that goes to sleep again is woken within the same advance', async () => {
  const clock = new ManualClock(0)
  let rounds = 0
  const loop = (async () => {
    for (; rounds < 5; rounds++) await clock.sleep(10, never)
  })()
  await clock.advance(50)
  await loop
  expect(rounds).toBe(5)
})

it('a time-out aborts when its time has come and not before', async () => {
  const clock = new ManualClock()
  const signal = clock.timeout(100)
  await clock.advance(99)
  expect(signal.aborted).toBe(false)
  await clock.advance(1)
  expect(signal.reason).toMatchObject({ name: 'TimeoutError' })
})

it('an aborted sleep throws the reason and is forgotten', async () => {
  const clock = new ManualClock()
  const reason = new Error('stop')
  const controller = new AbortController()
  const sleeping = clock.sleep(10, controller.signal)
  controller.abort(reason)
  await expect(sleeping).rejects.toBe(reason)
  await expect(clock.sleep(10, controller.signal)).rejects.toBe(reason)
  expect(clock.nextMs).toBeUndefined()
})

it('when the wall clock is set, time-outs do not notice', async () => {
  const clock = new ManualClock(1_000_000)
  const signal = clock.timeout(100)
  clock.jump(-500_000)
  expect(clock.nowMs()).toBe(500_000)
  await clock.advance(99)
  expect(signal.aborted).toBe(false)
  expect(clock.monotonicMs()).toBe(99)
})
