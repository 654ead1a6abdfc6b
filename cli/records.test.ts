import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TrustError } from '#protocols/errors.ts'
import { type Chunk, chunkBytesMax, chunksOf } from './records.ts'

async function* pieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size)
}

const chunks = (text: string, size = 1_000): Promise<Chunk[]> => Array.fromAsync(chunksOf(pieces(text, size)))

async function refusal(text: string): Promise<TrustError> {
  const error = await chunks(text).catch((thrown: unknown) => thrown)
  if (error instanceof TrustError) return error
  throw new Error('nothing was refused')
}

describe('a register file', () => {
  test('that is small is one chunk behind its header', async () => {
    expect(await chunks('a,b\r\n1,2\r\n3,4\r\n')).toEqual([{ header: 'a,b', firstLine: 2, text: '1,2\r\n3,4\r\n' }])
  })

  test('without a last line end keeps its last record', async () => {
    expect(await chunks('a\n1')).toEqual([{ header: 'a', firstLine: 2, text: '1' }])
  })

  test('with a header and no rows is no chunk', async () => {
    expect(await chunks('a,b\n')).toEqual([])
  })

  test('is cut only between records, below the limit, and each chunk knows its first line', async () => {
    const record = `1,"two\nlines, ""and"" a comma",${'x'.repeat(500)}\n`
    const made = await chunks(`a,b,c\n${record.repeat(3_000)}`, 777)
    expect(made.length).toBeGreaterThan(2)
    expect(made.map(({ text }) => text).join('')).toBe(record.repeat(3_000))
    let line = 2
    for (const { firstLine, text } of made) {
      expect(firstLine).toBe(line)
      expect(text.length % record.length).toBe(0)
      expect(Buffer.byteLength(JSON.stringify(text))).toBeLessThanOrEqual(chunkBytesMax)
      line += (text.length / record.length) * 2
    }
  })

  test('of escapes only still makes chunks the socket takes', async () => {
    const made = await chunks(`a\n${`${'\u0001'.repeat(1_000)}\n`.repeat(300)}`)
    for (const { text } of made) expect(Buffer.byteLength(JSON.stringify(text))).toBeLessThanOrEqual(chunkBytesMax)
    expect(made.length).toBeGreaterThan(3)
  })

  test('is cut the same however the bytes arrive', async () => {
    const field = fc.oneof(
      fc.stringMatching(/^[a-z "]{0,5}$/).map((text) => `x${text}`),
      fc.stringMatching(/^[a-z ,\n]{0,6}$/).map((text) => `"${text.replaceAll('"', '""')}"`),
    )
    const file = fc.array(fc.array(field, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(file, fc.integer({ min: 1, max: 9 }), async (rows, size) => {
        const records = rows.map((row) => `${row.join(',')}\n`)
        const [header = '', ...rest] = records
        const made = await chunks(records.join(''), size)
        expect(made).toEqual(rest.length === 0 ? [] : [{ header: header.slice(0, -1), firstLine: header.split('\n').length, text: rest.join('') }])
      }),
      { numRuns: 300, seed: 20261121 },
    )
  })

  test('with a quote inside a plain field does not swallow what follows', async () => {
    const [chunk] = await chunks('a,b\n1,5" pipe\n2,x\n')
    expect(chunk?.text).toBe('1,5" pipe\n2,x\n')
  })

  test('that is empty, or begins with a blank line, is refused', async () => {
    expect((await refusal('')).code).toBe('DFFT_REGISTER')
    expect((await refusal('\n1\n')).facts).toEqual({ line: 1 })
  })

  test('whose quote is never closed is refused with the line where it opens', async () => {
    const error = await refusal(`a,b\n1,2\n2,"open\n${'3,4\n'.repeat(40_000)}`)
    expect(error).toMatchObject({ code: 'DFFT_REGISTER', facts: { line: 3 } })
  })

  test('with a header of 8,192 characters is read, with one more refused', async () => {
    expect(await chunks(`${'a'.repeat(8_192)}\n1\n`)).toHaveLength(1)
    expect((await refusal(`${'a'.repeat(8_193)}\n1\n`)).code).toBe('DFFT_REGISTER')
  })
})
