/** A small share of `npm run kill`: a process on either side is killed at a few of its writes and syncs. The command tries all of them. */
import { afterAll, expect, test } from 'vitest'
import { logicalPoints, tryLogical } from './logical.ts'
import { matrix, pointsOf } from './main.ts'
import { type Prepared, prepare, sides } from './prepared.ts'
import { straceMissing } from './strace.ts'

const missing = straceMissing()
const lines: string[] = []
let prepared: Prepared | undefined

afterAll(() => prepared?.[Symbol.asyncDispose]())

/** Where strace cannot run nothing is killed: that is said, and what stands in for it is tried. */
test('a side that is killed at a write or a sync comes back with all it said, and both come to one receipt', { timeout: 240_000 }, async () => {
  if (missing !== undefined) {
    process.stderr.write(`strace is missing here (${missing}): the simulator stops nodes in memory instead\n`)
    for (const side of sides) expect((await tryLogical(side, (line) => lines.push(line))).violations, lines.join('\n')).toBe(0)
    return
  }
  prepared = await prepare()
  const tally = await matrix(prepared, { sides: ['holder'], fault: 'kill', points: (count) => [Math.ceil(count / 4), Math.ceil(count / 2)] }, (line) =>
    lines.push(line),
  )
  expect(tally.violations, lines.join('\n')).toBe(0)
  expect(tally.killed, lines.join('\n')).toBe(2)
})

test('the points of a share are spread over all, and a span is taken as it is', () => {
  expect(pointsOf('all')?.(4)).toEqual([1, 2, 3, 4])
  expect(pointsOf('3')?.(9)).toEqual([1, 5, 9])
  expect(pointsOf('9')?.(3)).toEqual([1, 2, 3])
  expect(pointsOf('2-3')?.(9)).toEqual([2, 3])
  for (const said of ['0', 'few', '-1', '1.5']) expect(pointsOf(said)).toBeUndefined()
})

test('without strace each side is stopped in front of and behind each of its batches', () => {
  expect(sides.map((side) => logicalPoints(side).length)).toEqual([6, 8])
})
