/** What hostile input costs: measured in a program of its own, so that neither its memory nor its time is that of the tests. */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Weight } from './weights.ts'

/** Of CPU, in the median of the runs after the first. */
const refusedMsMax = 50
/** Let in, or refused for the last thing that is looked at: as long as it takes to check 256 signatures on a slow machine. */
const heaviestMsMax = 250
const memoryMbMax = 64

let weights: readonly Weight[] = []

beforeAll(async () => {
  const program = fileURLToPath(new URL('./weights.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', '--disable-warning=ExperimentalWarning', program])
  weights = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}, 120_000)

function medianMs({ cpuMs: [, ...warm] }: Weight): number {
  return [...warm].sort((a, b) => a - b)[warm.length >> 1] ?? Number.NaN
}

/** Every case that breaks the rule, with what it cost. */
function breaking(group: Weight['group'], holds: (weight: Weight) => boolean): string[] {
  return weights
    .filter((one) => one.group === group && !holds(one))
    .map((one) => `${one.name}: ${one.verdict}, ${one.cpuMs.map(Math.round)} ms, ${one.memoryMb} MB`)
}

describe('hostile input', () => {
  test('is refused with a code of ours', () => {
    expect(weights.filter(({ group }) => group === 'refused').length).toBeGreaterThanOrEqual(60)
    expect(breaking('refused', ({ verdict }) => /^DFFT_(?!INTERNAL)/.test(verdict))).toEqual([])
  })

  test.each([
    ['a status list of 256 MiB in gzip', 'DFFT_STATUS_LIST'],
    ['a token status list of 256 MiB', 'DFFT_STATUS_LIST'],
    ['a log of 100,000 entries of 1.5 KiB', 'DFFT_LIMIT'],
    ['a credential of 10 MB', 'DFFT_LIMIT'],
    ['100,000 nested brackets', 'DFFT_JSON_TOO_DEEP'],
    ['10,000 disclosures', 'DFFT_LIMIT'],
  ])('such as %s is refused with %s', (name, code) => {
    expect(weights.find((one) => one.name === name)?.verdict).toBe(code)
  })

  test(`is refused within ${refusedMsMax} ms of CPU`, () => {
    expect(breaking('refused', (one) => medianMs(one) < refusedMsMax)).toEqual([])
  })

  test(`is refused within ${memoryMbMax} MB`, () => {
    expect(breaking('refused', ({ memoryMb }) => memoryMb < memoryMbMax)).toEqual([])
  })
})

describe('the heaviest input that stays within every limit', () => {
  test(`costs no more than ${heaviestMsMax} ms of CPU and ${memoryMbMax} MB`, () => {
    expect(weights.filter(({ group }) => group === 'heaviest').length).toBeGreaterThanOrEqual(10)
    expect(breaking('heaviest', (one) => medianMs(one) < heaviestMsMax && one.memoryMb < memoryMbMax)).toEqual([])
  })

  test('is let in, but for the one whose last signature to be checked is false', () => {
    const refused = weights.filter(({ group, verdict }) => group === 'heaviest' && verdict !== 'let in').map(({ name, verdict }) => `${name}: ${verdict}`)
    expect(refused).toEqual(['the longest log, its first signature false: DFFT_DID_LOG'])
  })
})
