/** Policies and questions from files: a line in, a line out, whatever the line is and however the bytes are cut. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ask, suspensionOf } from '#policies/question.fixture.ts'
import { canonical } from '#protocols/canonical.ts'
import { TrustError } from '#protocols/errors.ts'
import { de, jp } from './offline-policy.fixture.ts'
import { type Answer, answers, decideText, policySetOf, questionBytesMax, readInstant, sentencesOf } from './offline-policy.ts'

const file = (name: string, value: unknown) => ({ file: name, bytes: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)) })
const set = policySetOf([file('jp.json', jp), file('de.json', de)])
const line = JSON.stringify(ask())

async function all(input: Iterable<Uint8Array | string>, wish = {}): Promise<Answer[]> {
  const found: Answer[] = []
  for await (const some of answers(set, input, wish)) found.push(...some)
  return found
}
const told = (found: readonly Answer[]) => found.map((one) => [one.line, 'error' in one ? one.error.code : one.decision.code])

describe('lines of questions', () => {
  it('are answered in their order, a wrong one in its place', async () => {
    const lines = [
      line,
      '{bad',
      '',
      JSON.stringify({ ...ask(), at: 'now' }),
      '{"a":1,"a":2}',
      `${'['.repeat(40)}`,
      JSON.stringify(ask({ facts: { purpose: 'marketing' } })),
      '[]',
      JSON.stringify({ question: ask(), sides: { export: ['DE'] } }),
      JSON.stringify({ question: ask(), sides: { export: [`sha256:${'0'.repeat(64)}`] } }),
      JSON.stringify({ question: ask(), side: {} }),
    ]
    expect(told(await all([lines.join('\n')]))).toEqual([
      [1, 'PERMITTED'],
      [2, 'DFFT_NOT_JSON'],
      [4, 'DFFT_SCHEMA'],
      [5, 'DFFT_JSON_DUPLICATE_KEY'],
      [6, 'DFFT_JSON_TOO_DEEP'],
      [7, 'NO_RULE'],
      [8, 'DFFT_SCHEMA'],
      [9, 'NO_RULE'],
      [10, 'DFFT_POLICY_MISSING'],
      [11, 'DFFT_SCHEMA'],
    ])
  })
  it('may be cut anywhere', async () => {
    const bytes = Buffer.from(`\ufeff${line}\r\n\n${JSON.stringify(ask({ credential: '日本' }))}\nno\n`)
    const whole = told(await all([bytes]))
    expect(whole.map(([number]) => number)).toEqual([1, 3, 4])
    for (const size of [1, 2, 3, 7, 100]) {
      const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) => bytes.subarray(index * size, (index + 1) * size))
      expect(told(await all(pieces)), `${size}`).toEqual(whole)
    }
  })
  it('are answered as soon as they end, so that a program can wait for each', async () => {
    const asked: string[] = []
    async function* patient() {
      for (const text of [line, '{', line]) {
        asked.push(text)
        yield `${text}\n`
      }
    }
    const seen: number[] = []
    for await (const some of answers(set, patient())) {
      seen.push(some.length)
      expect(asked.length).toBe(Math.min(seen.length, 3))
    }
    expect(seen).toEqual([1, 1, 1, 0])
  })
  it('that are too long are refused and leave nothing behind', async () => {
    const piece = 'x'.repeat(1 << 16)
    const long = Array.from({ length: 40 }, () => piece)
    expect(told(await all([...long, '\n', line]))).toEqual([
      [1, 'DFFT_LIMIT'],
      [2, 'PERMITTED'],
    ])
    expect(told(await all([`${line}\n`, ...long]))[1]).toEqual([2, 'DFFT_LIMIT'])
    expect(40 * piece.length).toBeGreaterThan(questionBytesMax)
  })
  it('may be one question over several lines', async () => {
    const pretty = JSON.stringify(ask(), null, 2)
    for (const text of [pretty, `\ufeff${pretty}\n`, `\n${pretty}`, pretty.replaceAll('\n', '\r\n')])
      expect(told(await all([text]))).toEqual([[1, 'PERMITTED']])
    expect(told(await all(['{\n', 'bad\n', `${line}\n`]))).toEqual([[1, 'DFFT_NOT_JSON']])
  })
  it('of any bytes at all have an answer each, and nothing is thrown', async () => {
    const piece = fc.oneof(
      fc.string(),
      fc.json(),
      fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1')),
      fc.constantFrom(line, '{', '\ufeff', '\r'),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 6 }), async (pieces) => {
        const bytes = Buffer.from(pieces.map((text) => text.replaceAll('\n', ' ')).join('\n'), 'latin1')
        const found = await all([bytes])
        expect(found.length).toBeLessThanOrEqual(pieces.length)
        for (const one of found) if ('error' in one) expect(one.error).toBeInstanceOf(TrustError)
      }),
      { numRuns: 300, seed: 20261122 },
    )
  })
  it('of nothing have no answer', async () => expect(await all(['', '\n\n', ' \t\r\n'])).toEqual([]))
  it('give the same bytes for the same bytes', async () => {
    const lines = [`${line}\n${JSON.stringify(ask({ facts: { purpose: 'marketing' } }))}`]
    const text = async () => canonical((await all(lines)).map((one) => 'decision' in one && one.decision))
    expect(await text()).toBe(await text())
  })
  it('are decided at the time that is given, and without the nearest permit where it is not wanted', async () => {
    const at = readInstant('2030-01-01T00:00:00Z')
    expect(told(await all([line], { at }))).toEqual([[1, 'POLICY_NOT_IN_FORCE']])
    const refused = JSON.stringify(ask({ facts: { purpose: 'marketing' } }))
    const nearest = async (wish: object) => (await all([refused], wish)).flatMap((one) => ('decision' in one ? one.decision.export.nearest.length : []))
    expect([await nearest({}), await nearest({ nearest: false })]).toEqual([[1], [0]])
    for (const text of ['now', '2030-02-30T00:00:00Z', '2030-01-01']) expect(() => readInstant(text)).toThrow(expect.objectContaining({ code: 'DFFT_USAGE' }))
  })
  it('at the ends of the calendar are decided too', async () => {
    const ends = ['0001-01-01T00:00:00Z', '9999-12-31T23:59:59Z'].map((at) => JSON.stringify({ ...ask(), at }))
    expect(told(await all([ends.join('\n')])).map(([, code]) => code)).toEqual(['POLICY_NOT_IN_FORCE', 'POLICY_NOT_IN_FORCE'])
  })
})

describe('a folder of policies', () => {
  it('may hold what is no policy, and refuses what could be one', () => {
    const others = [file('notes.json', { note: 'no law', questions: [] }), file('jp.json', jp)]
    expect(policySetOf(others).policies).toHaveLength(1)
    for (const [name, value, code] of [
      ['a.yaml', 'kind: TrustPolicy\n', 'DFFT_POLICY_SYNTAX'],
      ['a.yaml', 'rules: []\n', 'DFFT_POLICY_SYNTAX'],
      ['a.json', '{"kind":"Suspension"', 'DFFT_POLICY_SYNTAX'],
      ['a.json', { ...jp, metadata: { ...jp.metadata, packs: { ...jp.metadata.packs, legal: `sha256:${'0'.repeat(64)}` } } }, 'DFFT_POLICY_SYNTAX'],
    ] as const)
      expect(() => policySetOf([file(name, value)])).toThrow(
        expect.objectContaining({ code, facts: expect.objectContaining({ file: name, line: expect.any(Number) }) }),
      )
  })
  it('counts suspensions, signed documents, and names two files of one serial', () => {
    const signed = { ...jp, proof: { type: 'DataIntegrityProof', proofValue: 'z' } }
    const suspended = policySetOf([file('jp.json', signed), file('de.json', de), file('s.json', suspensionOf({}))])
    expect(decideText(suspended, line, {}).decision.export.code).toBe('SUSPENDED')
    expect(() => policySetOf([file('a.json', jp), file('b.json', { ...jp, rules: [] })])).toThrow(/`a\.json` and `b\.json` are both policy 1 of JP/)
  })
})

describe('a question explained', () => {
  it('has sentences in both languages', () => {
    const decided = decideText(set, line, {})
    expect(sentencesOf(decided, 'en')[0]).toContain('from Japan to Germany')
    expect(sentencesOf(decided, 'ja')[0]).toContain('日本からドイツ')
  })
})
