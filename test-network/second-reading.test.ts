/** What nodes exchanged, held against the specification by a reader that knows nothing else. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PlayedEvidence, playedEvidence } from './evidence-played.ts'
import { SecondReading } from './second-reading.ts'

let played: PlayedEvidence
let files: readonly (readonly [side: string, text: string])[]

beforeAll(async () => {
  played = await playedEvidence()
  const { id, sides, net } = played
  const claims = (await net.biz.node.evidenceExport({ id, claims: true })).text
  files = [
    ['holder', sides.holder.text],
    ['requester', sides.requester.text],
    ['holder, with claims', claims],
  ]
}, 120_000)
afterAll(() => played[Symbol.asyncDispose]())

test('the evidence of either side holds by what the document says', () => {
  const readings = files.map(([side, text]) => [side, new SecondReading(text).read()] as const)
  for (const [side, { signatures, agreements, entries, consistencies, proofs }] of readings)
    expect([side, signatures > 4, agreements, entries > 2, consistencies > 0, proofs > 2]).toEqual([side, true, 2, true, true, true])
  expect(readings.map(([, { releases }]) => releases)).toEqual([0, 0, 1])
  expect(readings.reduce((all, [, { cosignatures }]) => all + cosignatures, 0)).toBeGreaterThan(0)
})

test('a value changed anywhere is noticed', () => {
  const [, text] = files[2] ?? ['', '']
  const lines = text.split('\n')
  expect(lines.length).toBeGreaterThan(10)
  for (const at of lines.slice(0, -1).keys()) {
    const changed = lines.with(at, lines[at]?.replace(/[0-9a-f](?=[^0-9a-f]*$)/, (digit) => (digit === '0' ? '1' : '0')) ?? '')
    expect(() => new SecondReading(changed.join('\n')).read(), `line ${at + 1}`).toThrow()
  }
})

test.each([
  'message',
  'release',
  'decision',
  'trust',
  'policy',
  'checkpoint',
  'entry',
  'consistency',
])('a changed %s does not hold, whoever signs the manifest anew', (kind) => {
  const [, text] = files[2] ?? ['', '']
  const lines = text.split('\n')
  const at = lines.findIndex((line, place) => place > 0 && JSON.parse(line).kind === kind)
  const changed = lines.with(at, changedIn(lines[at] ?? ''))
  expect(changed).not.toEqual(lines)
  expect(() => new SecondReading(changed.join('\n')).readParts()).toThrow()
})

/** A year, a hash or a signature: the last that is there. */
function changedIn(line: string): string {
  return line.replace(
    /(?:sha256:|"proof":\["|T|value":"|proofValue":"z)([0-9A-Za-z])(?!.*(?:sha256:|"proof":\["|T|value":"|proofValue":"z)[0-9A-Za-z])/,
    (found, one) => found.slice(0, -1).concat(one === '1' ? '2' : '1'),
  )
}
