import { describe, expect, test } from 'vitest'
import { Locks } from './locks.ts'

describe('what is done under several names at once', () => {
  test('waits for nobody who waits for it, whichever name comes first', async () => {
    const locks = new Locks()
    const done: string[] = []
    const act = (name: string) => async () => {
      await Promise.resolve()
      done.push(name)
    }
    await Promise.all([locks.runAll(['a', 'b'], act('first')), locks.runAll(['b', 'a'], act('second')), locks.run('b', act('third'))])
    expect(done.sort()).toEqual(['first', 'second', 'third'])
  })

  test('does not stand in the way of other names', async () => {
    const locks = new Locks()
    const slow = Promise.withResolvers<void>()
    const waiting = locks.runAll(['a', 'b'], () => slow.promise)
    expect(await locks.run('c', async () => 'done')).toBe('done')
    let held = true
    const after = locks.run('b', async () => held)
    held = false
    slow.resolve()
    await waiting
    expect(await after).toBe(false)
  })
})
