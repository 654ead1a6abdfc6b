import { describe, expect, test } from 'vitest'
import { Buckets, banMs, Scores } from './standing.ts'

const minuteMs = 60_000

describe('a rate', () => {
  test('lets a burst through and then the average', () => {
    const buckets = new Buckets({ perSecond: 10, burst: 3 })
    expect([1, 2, 3, 4].map(() => buckets.take('a', 0))).toEqual([0, 0, 0, 100])
    expect(buckets.take('b', 0)).toBe(0)
    expect(buckets.take('a', 50)).toBe(50)
    expect(buckets.take('a', 100)).toBe(0)
    expect(buckets.take('a', 100)).toBe(100)
  })

  test('saves up no more than the burst, and nothing when the clock goes back', () => {
    const buckets = new Buckets({ perSecond: 10, burst: 2 })
    buckets.take('a', 0)
    expect([1, 2, 3].map(() => buckets.take('a', 3_600_000))).toEqual([0, 0, 100])
    expect(buckets.take('a', 0)).toBe(100)
  })

  test('forgets who was seen longest ago when 10,000 are remembered', () => {
    const buckets = new Buckets({ perSecond: 0.001, burst: 1 })
    buckets.take('first', 0)
    buckets.take('second', 0)
    for (let index = 0; index < 9999; index++) buckets.take(`${index}`, 0)
    expect(buckets.take('second', 0)).toBeGreaterThan(0)
    expect(buckets.take('first', 0)).toBe(0)
  })
})

describe('a score', () => {
  test('leads from a note to a disconnection to a ban', () => {
    const scores = new Scores()
    expect(Array.from({ length: 10 }, () => scores.fault('a', 'DFFT_SCHEMA', 0))).toEqual([...Array(4).fill('note'), ...Array(5).fill('disconnect'), 'ban'])
    expect(scores.banned('a', 0)).toBe(banMs)
    expect(scores.banned('b', 0)).toBe(0)
  })

  test('rises with the weight of the fault', () => {
    const scores = new Scores()
    expect([scores.fault('a', 'DFFT_FRAME_TOO_LONG', 0), scores.fault('a', 'DFFT_FRAME', 0)]).toEqual(['disconnect', 'ban'])
    expect(Array.from({ length: 490 }, () => scores.fault('b', 'DFFT_RATE_LIMITED', 0))).not.toContain('disconnect')
    expect(scores.fault('b', 'DFFT_SIGNATURE', 0)).toBe('disconnect')
  })

  test('halves in ten minutes', () => {
    const scores = new Scores()
    for (let count = 0; count < 4; count++) scores.fault('a', 'DFFT_SCHEMA', 0)
    expect(scores.fault('a', 'DFFT_SIGNATURE', 10 * minuteMs)).toBe('note')
    expect(scores.fault('a', 'DFFT_SCHEMA', 10 * minuteMs)).toBe('disconnect')
  })

  test('ends its ban after half an hour, and what is left of it is an eighth', () => {
    const scores = new Scores()
    for (let count = 0; count < 10; count++) scores.fault('a', 'DFFT_SCHEMA', 0)
    expect([scores.banned('a', banMs - 1), scores.banned('a', banMs)]).toEqual([1, 0])
    expect(Array.from({ length: 4 }, () => scores.fault('a', 'DFFT_SCHEMA', banMs))).toEqual(['note', 'note', 'note', 'disconnect'])
  })

  test('keeps a ban through faults that come in meanwhile', () => {
    const scores = new Scores()
    scores.ban('a', 0)
    expect(scores.fault('a', 'DFFT_SCHEMA', minuteMs)).toBe('note')
    expect(scores.banned('a', minuteMs)).toBe(banMs - minuteMs)
  })
})
