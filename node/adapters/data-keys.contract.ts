/** What every implementation of DataKeys must do. */
import { expect, test } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import type { DataKeyId, DataKeys } from '../ports.ts'

const text = (value: string) => Buffer.from(value)
const context = text('exchange/message/1/presentation')

/** @param reopen closes what is open, and opens what is durable of it */
export function dataKeysContract(openNew: () => Promise<DataKeys>, reopen: (before: DataKeys) => Promise<DataKeys>): void {
  test('a sealed text is opened by its key in its context, and by no other', async () => {
    await using keys = await openNew()
    const [one, other] = [await keys.take(), await keys.take()]
    expect(one).not.toBe(other)
    const sealed = await keys.seal(one, text('secret'), context)
    expect(Buffer.from(sealed).includes('secret')).toBe(false)
    expect(Buffer.from(await keys.open(one, sealed, context)).toString()).toBe('secret')
    expect(await keys.open(other, sealed, context).catch(codeOf)).toBe('DFFT_KEYSTORE')
    expect(await keys.open(one, sealed, text('elsewhere')).catch(codeOf)).toBe('DFFT_KEYSTORE')
  })

  test('each byte of a sealed text counts', async () => {
    await using keys = await openNew()
    const id = await keys.take()
    const sealed = await keys.seal(id, text('secret'), context)
    for (let at = 0; at < sealed.length; at++) {
      const changed = Uint8Array.from(sealed, (byte, index) => (index === at ? byte ^ 1 : byte))
      expect(await keys.open(id, changed, context).catch(codeOf)).toBe('DFFT_KEYSTORE')
    }
    expect(await keys.open(id, sealed.subarray(0, 12), context).catch(codeOf)).toBe('DFFT_KEYSTORE')
  })

  test('keys outlive the process, and none is given out twice', async () => {
    const first = await openNew()
    const taken = new Set<DataKeyId>()
    for (let count = 0; count < 700; count++) taken.add(await first.take())
    const [id = '' as DataKeyId] = taken
    const sealed = await first.seal(id, text('secret'), context)
    await using keys = await reopen(first)
    expect(keys.findings).toEqual([])
    expect([...taken].every((one) => keys.has(one))).toBe(true)
    for (let count = 0; count < 300; count++) taken.add(await keys.take())
    expect(taken.size).toBe(1000)
    expect(Buffer.from(await keys.open(id, sealed, context)).toString()).toBe('secret')
  })

  test('the name of a destroyed key is never that of another, however often it is restarted', async () => {
    let keys = await openNew()
    const taken: DataKeyId[] = []
    for (let start = 0; start < 4; start++) {
      taken.push(await keys.take())
      await keys.destroy(taken)
      keys = await reopen(keys)
      expect(taken.map((id) => keys.has(id))).toEqual(taken.map(() => false))
    }
    await using last = keys
    expect(new Set([...taken, await last.take()]).size).toBe(5)
  })

  test('what was sealed under a destroyed key is gone, now and after a restart; the others stay', async () => {
    const first = await openNew()
    const [gone, kept] = [await first.take(), await first.take()]
    const sealed = await first.seal(gone, text('secret'), context)
    const other = await first.seal(kept, text('another'), context)
    await first.destroy([gone])
    await first.destroy([gone, 'never-1' as DataKeyId])
    const after = async (keys: DataKeys) => {
      expect([keys.has(gone), keys.has(kept)]).toEqual([false, true])
      expect(await keys.open(gone, sealed, context).catch(codeOf)).toBe('DFFT_KEY_UNKNOWN')
      expect(await keys.seal(gone, text('more'), context).catch(codeOf)).toBe('DFFT_KEY_UNKNOWN')
      expect(Buffer.from(await keys.open(kept, other, context)).toString()).toBe('another')
    }
    await after(first)
    await using keys = await reopen(first)
    await after(keys)
    expect(await keys.take()).not.toBe(gone)
  })

  test('many are taken, sealed under and destroyed at once', async () => {
    await using keys = await openNew()
    const ids = await Promise.all(Array.from({ length: 600 }, () => keys.take()))
    const half = ids.filter((_, at) => at % 2 === 0)
    await Promise.all([
      keys.destroy(half.slice(0, 100)),
      keys.take(),
      keys.destroy(half.slice(100)),
      ...ids.slice(-1).map((id) => keys.seal(id, text('x'), context)),
    ])
    expect(ids.filter((id) => keys.has(id))).toHaveLength(300)
  })

  test('where there were none, that is said', async () => {
    await using keys = await openNew()
    expect(keys.findings).toEqual([{ what: 'missing', keys: null }])
  })
}
