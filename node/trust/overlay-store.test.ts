import { expect, test } from 'vitest'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { codeOf } from '#protocols/errors.ts'
import { OverlayStore } from './overlay-store.ts'

const bytes = (text: string) => Buffer.from(text)
const all = async (store: OverlayStore, options: { reverse?: boolean; limit?: number } = {}) =>
  (await Array.fromAsync(store.scan({ from: 'a', to: 'z', ...options }))).map(([key, value]) => `${key}=${Buffer.from(value)}`)

test('what is tried out is seen over what there is, in order, and leaves it as it was', async () => {
  const under = new MemoryStore({
    entries: [
      ['b', bytes('1')],
      ['d', bytes('1')],
      ['f', bytes('1')],
    ],
  })
  const before = under.snapshot()
  const over = new OverlayStore(under)
  await over.batch([{ put: 'a', value: bytes('2') }, { put: 'd', value: bytes('2') }, { del: 'f' }, { put: 'g', value: bytes('2') }])
  expect(await all(over)).toEqual(['a=2', 'b=1', 'd=2', 'g=2'])
  expect(await all(over, { reverse: true })).toEqual(['g=2', 'd=2', 'b=1', 'a=2'])
  expect(await all(over, { limit: 2 })).toEqual(['a=2', 'b=1'])
  expect([await over.get('f'), Buffer.from((await over.get('b')) ?? '').toString()]).toEqual([undefined, '1'])
  expect(await over.batch([{ put: 'h', value: bytes('2') }], { ifAbsent: ['b'] }).catch(codeOf)).toBe('DFFT_CONFLICT')
  expect(under.snapshot()).toEqual(before)
})

test('more than an operator would try out is refused', async () => {
  const over = new OverlayStore(new MemoryStore())
  const value = Buffer.alloc(64 << 20)
  await over.batch([
    { put: 'a', value },
    { put: 'b', value },
  ])
  expect(await over.batch([{ put: 'c', value }]).catch(codeOf)).toBe('DFFT_LIMIT')
})
