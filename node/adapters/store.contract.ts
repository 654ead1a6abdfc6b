/** What every Store must do. */
import { describe, expect, it } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import type { Range, Store } from '../ports.ts'

export interface StoreUnderTest {
  readonly store: Store
  /** Closes the store and opens what it left behind. */
  reopen(): Promise<Store>
}

export function storeContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(name, () => {
    it('gives back what was put, and nothing for what was not', async () => {
      const { store } = await open()
      await store.batch([put('a', 'one')])
      expect(await read(store, 'a')).toBe('one')
      expect(await store.get('b')).toBeUndefined()
    })

    it('keeps an acknowledged batch across a restart', async () => {
      const { store, reopen } = await open()
      await store.batch([put('a', 'one'), put('b', 'two'), { del: 'a' }])
      expect(await keys(await reopen())).toEqual(['b'])
    })

    it('keeps empty values and values of a megabyte', async () => {
      const { store, reopen } = await open()
      const large = new Uint8Array(1 << 20).map((_, at) => (at * 31) % 251)
      await store.batch([
        { put: 'empty', value: new Uint8Array() },
        { put: 'large', value: large },
      ])
      const again = await reopen()
      expect((await again.get('empty'))?.length).toBe(0)
      expect(Buffer.compare(large, (await again.get('large'))!)).toBe(0)
    })

    it('does not let a caller change a stored value through the bytes it was given', async () => {
      const { store } = await open()
      await store.batch([put('a', 'one')])
      const given = await store.get('a')
      given?.fill(0)
      expect(await read(store, 'a')).toBe('one')
    })

    it('orders keys by their UTF-8 bytes', async () => {
      const { store } = await open()
      const inOrder = ['!', '0', 'a', 'a/', 'a0', 'b', 'é', 'か', '\uffee', '😀', '🦊']
      await store.batch([...inOrder].reverse().map((key) => put(key, key)))
      expect(await keys(store)).toEqual(inOrder)
    })

    it('scans from the first key to before the last, in both directions, up to a limit', async () => {
      const { store } = await open()
      await store.batch(['a', 'b', 'c', 'd', 'e'].map((key) => put(key, key)))
      expect(await keys(store, { from: 'b', to: 'd' })).toEqual(['b', 'c'])
      expect(await keys(store, { from: 'aa', to: 'dd' })).toEqual(['b', 'c', 'd'])
      expect(await keys(store, { from: 'b', to: 'e', reverse: true })).toEqual(['d', 'c', 'b'])
      expect(await keys(store, { from: 'a', to: 'z', limit: 2 })).toEqual(['a', 'b'])
      expect(await keys(store, { from: 'a', to: 'z', limit: 2, reverse: true })).toEqual(['e', 'd'])
      expect(await keys(store, { from: 'a', to: 'z', limit: 0 })).toEqual([])
      expect(await keys(store, { from: 'c', to: 'c' })).toEqual([])
      expect(await keys(store, { from: 'd', to: 'b' })).toEqual([])
    })

    it('scans one moment, whatever is written meanwhile', async () => {
      const { store } = await open()
      await store.batch(['a', 'b', 'c'].map((key) => put(key, 'old')))
      const found: string[] = []
      for await (const [key, value] of store.scan({ from: 'a', to: 'z' })) {
        if (key === 'a') await store.batch([put('b', 'new'), put('bb', 'new'), { del: 'c' }])
        found.push(`${key}=${Buffer.from(value)}`)
      }
      expect(found).toEqual(['a=old', 'b=old', 'c=old'])
      expect(await keys(store)).toEqual(['a', 'b', 'bb'])
    })

    it('may be left in the middle of a scan', async () => {
      const { store, reopen } = await open()
      await store.batch(['a', 'b', 'c'].map((key) => put(key, key)))
      for await (const [key] of store.scan({ from: 'a', to: 'z' })) if (key === 'b') break
      expect(await keys(await reopen())).toEqual(['a', 'b', 'c'])
    })

    it('applies batches in the order of the calls', async () => {
      const { store } = await open()
      await Promise.all(Array.from({ length: 100 }, (_, at) => store.batch([put('a', String(at)), at % 2 === 0 ? put('b', 'b') : { del: 'b' }])))
      expect(await read(store, 'a')).toBe('99')
      expect(await store.get('b')).toBeUndefined()
    })

    it('writes nothing of a batch whose key exists, and says which', async () => {
      const { store } = await open()
      await store.batch([put('taken', 'first')])
      const second = store.batch([put('other', 'x'), put('taken', 'second')], { ifAbsent: ['free', 'taken'] })
      await expect(second).rejects.toMatchObject({ code: 'DFFT_CONFLICT', facts: { key: 'taken' } })
      expect(await keys(store)).toEqual(['taken'])
      expect(await read(store, 'taken')).toBe('first')
    })

    it('gives a key that must be new to one of a hundred, and lets the others’ neighbours through', async () => {
      const { store } = await open()
      const acts = Array.from({ length: 100 }, (_, at) => [
        store.batch([put('nonce', String(at)), put(`mine/${at}`, 'x')], { ifAbsent: ['nonce'] }),
        store.batch([put(`free/${at}`, 'x')]),
      ])
      const outcomes = await Promise.allSettled(acts.flat())
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
      expect(refused.map(({ reason }) => codeOf(reason))).toEqual(Array(99).fill('DFFT_CONFLICT'))
      expect(await read(store, 'nonce')).toBe('0')
      expect((await keys(store, { from: 'free/', to: 'free0' })).length).toBe(100)
      expect(await keys(store, { from: 'mine/', to: 'mine0' })).toEqual(['mine/0'])
    })

    it('lets a key be new again after a batch before it took it away', async () => {
      const { store } = await open()
      await store.batch([put('a', 'one')])
      await Promise.all([store.batch([{ del: 'a' }]), store.batch([put('a', 'two')], { ifAbsent: ['a'] })])
      expect(await read(store, 'a')).toBe('two')
    })

    it('refuses a key that is not text, since two of them would be one', async () => {
      const { store } = await open()
      expect(() => store.batch([put('a\ud800', 'x')])).toThrow()
      expect(() => store.batch([put('', 'x')])).toThrow()
      await expect(store.get('a\ud800')).rejects.toThrow()
    })

    it('finishes what it accepted when it is closed, and accepts nothing more', async () => {
      const { store, reopen } = await open()
      const accepted = store.batch([put('a', 'one')])
      const again = await reopen()
      await accepted
      expect(await read(again, 'a')).toBe('one')
      await expect(store.batch([put('b', 'two')])).rejects.toMatchObject({ code: 'DFFT_STORE' })
      await expect(store.get('a')).rejects.toMatchObject({ code: 'DFFT_STORE' })
      await expect(keys(store)).rejects.toMatchObject({ code: 'DFFT_STORE' })
    })
  })
}

function put(key: string, value: string): { put: string; value: Uint8Array } {
  return { put: key, value: Buffer.from(value) }
}

async function read(store: Store, key: string): Promise<string | undefined> {
  const value = await store.get(key)
  return value && Buffer.from(value).toString()
}

async function keys(store: Store, range: Range = { from: '!', to: '\u{10ffff}' }): Promise<string[]> {
  const found: string[] = []
  for await (const [key] of store.scan(range)) found.push(key)
  return found
}
