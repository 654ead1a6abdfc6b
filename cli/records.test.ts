import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TrustError } from '#protocols/errors.ts'
import { type Chunk, chunkBytesMax, chunksOf, type Encoding, headOf, type Start } from './records.ts'

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

interface How {
  readonly size?: number
  readonly format?: 'csv' | 'json'
  readonly encoding?: Encoding
  readonly from?: Start
}

async function chunks(file: string | Uint8Array, { size = 1_000, format = 'csv', encoding = 'utf-8', from }: How = {}): Promise<Chunk[]> {
  const bytes = Buffer.from(file)
  const head = headOf(bytes.subarray(0, 65_536), format, encoding)
  return Array.fromAsync(chunksOf(pieces(bytes.subarray((from ?? head.start).byte), size), { head, format, encoding, from }))
}

async function refusal(file: string | Uint8Array, how?: How): Promise<TrustError> {
  const error = await chunks(file, how).catch((thrown: unknown) => thrown)
  if (error instanceof TrustError) return error
  throw new Error('nothing was refused')
}

describe('a register file', () => {
  test('that is small is one chunk behind its header', async () => {
    expect(await chunks('a,b\r\n1,2\r\n3,4\r\n')).toEqual([{ header: 'a,b', firstLine: 2, text: '1,2\r\n3,4\r\n', begin: 5, end: 15 }])
  })

  test('without a last line end keeps its last record', async () => {
    expect(await chunks('a\n1')).toEqual([{ header: 'a', firstLine: 2, text: '1', begin: 2, end: 3 }])
  })

  test('with a header and no rows is no chunk', async () => {
    expect(await chunks('a,b\n')).toEqual([])
  })

  test('is cut only between records, below the limit, and each chunk knows its first line', async () => {
    const record = `1,"two\nlines, ""and"" a comma",${'x'.repeat(500)}\n`
    const made = await chunks(`a,b,c\n${record.repeat(3_000)}`, { size: 777 })
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
        const made = await chunks(records.join(''), { size })
        expect(made).toEqual(
          rest.length === 0
            ? []
            : [
                {
                  header: header.slice(0, -1),
                  firstLine: header.split('\n').length,
                  text: rest.join(''),
                  begin: header.length,
                  end: records.join('').length,
                },
              ],
        )
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

  test('whose quote is never closed gives that line alone, and goes on with the next', async () => {
    const made = await chunks(`a,b\n1,2\n2,"open\n${'3,4\n'.repeat(40_000)}`)
    expect(made.map(({ text }) => text).join('')).toBe(`1,2\n2,"open\n${'3,4\n'.repeat(40_000)}`)
    expect(made.find(({ text }) => text.startsWith('2,"open'))).toMatchObject({ firstLine: 3, text: '2,"open\n' })
    expect(made.at(-1)).toMatchObject({ end: 4 + 4 + 8 + 160_000 })
  })

  test('in which every line opens a quote is cut into lines, in the time of its length', async () => {
    const made = await chunks(`a,b\n${`1,"${'x'.repeat(40)}\n`.repeat(60_000)}`, { size: 65_536 })
    expect(made.map(({ text }) => text).join('')).toHaveLength(44 * 60_000)
  })

  test('with a line of megabytes gives its beginning, and knows the lines and bytes behind it', async () => {
    const made = await chunks(`a,b\n1,2\n${'x'.repeat(3_000_000)}\n5,6\n`)
    expect(made.map(({ firstLine, text }) => [firstLine, text.length])).toEqual([
      [2, 4],
      [3, 20_000],
      [4, 4],
    ])
    expect(made.at(-1)).toMatchObject({ text: '5,6\n', begin: 8 + 3_000_001, end: 8 + 3_000_005 })
  })

  test('with a header of 8,192 characters is read, with one more refused', async () => {
    expect(await chunks(`${'a'.repeat(8_192)}\n1\n`)).toHaveLength(1)
    expect((await refusal(`${'a'.repeat(8_193)}\n1\n`)).code).toBe('DFFT_REGISTER')
  })

  test('goes on from the end of any chunk as if it had not stopped', async () => {
    const file = `a,b\n${Array.from({ length: 60_000 }, (_, at) => `${at},"税務\n署${at}"\n`).join('')}`
    const whole = await chunks(file)
    expect(whole.length).toBeGreaterThan(2)
    const [first] = whole
    const from = { byte: first!.end, line: whole[1]!.firstLine }
    expect(await chunks(file, { from })).toEqual(whole.slice(1))
  })

  test('in Shift_JIS is cut by its own bytes, and a damaged byte spoils its line alone', async () => {
    const header = [...Buffer.from('number,name\n')]
    const line = [0x31, 0x2c, 0x90, 0xc5, 0x8f, 0x5c, 0x0a] // 税十, whose last byte is a backslash.
    const [chunk] = await chunks(Uint8Array.from([...header, ...line]), { encoding: 'shift_jis' })
    expect(chunk).toMatchObject({ text: '1,税十\n', begin: 12, end: 19 })
    const many = Array.from({ length: 10 }, () => line).flat()
    const [damaged] = await chunks(Uint8Array.from([...header, ...many, 0x32, 0x2c, 0xff, 0x0a]), { encoding: 'shift_jis' })
    expect(damaged?.text.split('\n').filter((text) => text.includes('\ufffd'))).toEqual(['2,\ufffd'])
    expect((await refusal(Uint8Array.from([...header, ...many]))).message).toContain('--encoding')
  })
})

describe('a register file of JSON', () => {
  const json = (text: string, how: How = {}) => chunks(text, { ...how, format: 'json' })

  test('is a list, a list in an object, or objects one a line', async () => {
    const texts = async (file: string) => (await json(file)).map(({ text, firstLine }) => [firstLine, text])
    expect(await texts('[{"a":1},\n {"a":{"b":"}"}}]\n')).toEqual([[1, '{"a":1},\n {"a":{"b":"}"}}']])
    expect(await texts('{"id":null,\n"hojin-infos":[{"a":[{}]}],"errors":[{"x":1}]}')).toEqual([[2, '{"a":[{}]}']])
    expect(await texts('{"a":1,"b":[{"c":2}]}\n{"a":2}\n')).toEqual([[1, '{"a":1,"b":[{"c":2}]}\n{"a":2}\n']])
    expect(await texts('[]')).toEqual([])
  })

  test('that is neither is refused', async () => {
    expect((await refusal('12', { format: 'json' })).code).toBe('DFFT_REGISTER')
    expect((await refusal('[1]', { format: 'json' })).code).toBe('DFFT_REGISTER')
  })

  test('is cut between objects only, and goes on from the end of any chunk', async () => {
    const file = `[${Array.from({ length: 30_000 }, (_, at) => JSON.stringify({ n: at, t: 'a "quoted" \\ } text' })).join(',\n')}]`
    const whole = await json(file, { size: 999 })
    expect(whole.length).toBeGreaterThan(2)
    expect(whole.flatMap(({ text }) => JSON.parse(`[${text.replace(/^,/, '')}]`))).toHaveLength(30_000)
    expect(await json(file, { from: { byte: whole[0]!.end, line: whole[1]!.firstLine } })).toEqual(whole.slice(1))
  })

  test('whose object never closes gives its first line, and goes on behind it', async () => {
    const made = await json(`{"a":1}\n{"open":{\n${'{"a":2}\n'.repeat(80_000)}`)
    expect(made.map(({ text }) => text).join('')).toBe(`{"a":1}\n{"open":{\n${'{"a":2}\n'.repeat(80_000)}`)
  })
})
