/**
 * `npm run tamper -- [--stride N] [--only PREFIX] [--share K/N]`: every byte of an evidence file of either side and of an audit log of two kilobytes, and
 * all that a dishonest side can do to them. Exits 1 if anything was believed, or nothing tried. With a stride it tries one in so many; with a
 * share the K-th of N runs that try all of the files together, the log in each of them.
 */
import { parseArgs } from 'node:util'
import { playedEvidence } from '../evidence-played.ts'
import { mixMembers, tamperBytes, tamperLines, tamperMembers, waysOfByte } from './evidence-tamper.ts'
import { plainLog, tamperLogBytes, tamperLogHistory, tamperLogRecords } from './log-tamper.ts'
import type { Share, Tried } from './tried.ts'

type Part = readonly [name: string, run: () => Promise<Tried>]

async function tamper(parts: readonly Part[], only: string, write: (line: string) => void): Promise<boolean> {
  let clean = true
  let all = 0
  for (const [name, run] of parts.filter(([name]) => name.startsWith(only))) {
    const began = performance.now()
    const { tried, accepted } = await run()
    all += tried
    write(
      `${name}: ${tried} tried, ${accepted.length} accepted, ${Math.round((performance.now() - began) / 1000)} s ${accepted.slice(0, 10).join('; ')}`.trim(),
    )
    clean &&= accepted.length === 0
  }
  if (all === 0) write('nothing was tried: this run proves nothing')
  return clean && all > 0
}

async function partsOf(stride: number, share: Share, played: Awaited<ReturnType<typeof playedEvidence>>): Promise<readonly Part[]> {
  const log = await plainLog()
  const { verifier } = played
  const files = Object.entries(played.sides).flatMap(([side, { text, other, signer }]): Part[] => {
    const name = `${side} (${Buffer.byteLength(text)} bytes)`
    return [
      [`lines of ${name}`, () => tamperLines(text, verifier, share)],
      ...waysOfByte.map((way): Part => [`bytes ${way}, of ${name}`, () => tamperBytes(text, verifier, stride, [way], share)]),
      [`exchanges of ${name}`, () => mixMembers(text, other, verifier, signer, stride, share)],
      [`members of ${name}`, () => tamperMembers(text, verifier, signer, stride, share)],
    ]
  })
  return [
    [`log (${log.bytes} bytes): records`, () => tamperLogRecords(log)],
    [`log (${log.bytes} bytes): history`, () => tamperLogHistory(log)],
    [`log (${log.bytes} bytes): bytes`, () => tamperLogBytes(log, stride)],
    ...files,
  ]
}

function shareOf(text: string): Share {
  const [, part, of] = /^([1-9]\d{0,2})\/([1-9]\d{0,2})$/.exec(text)?.map(Number) ?? []
  if (part === undefined || of === undefined || part > of) throw new Error(`a share is such as 1/4, not \`${text}\``)
  return { part: part - 1, of }
}

const text = (value: string) => ({ type: 'string', default: value }) as const
const { values } = parseArgs({ options: { stride: text('1'), only: text(''), share: text('1/1') } })
const stride = Number(values.stride)
if (!Number.isSafeInteger(stride) || stride < 1) throw new Error(`a stride is a whole number from 1, not \`${values.stride}\``)
const share = shareOf(values.share)
await using played = await playedEvidence()
if (!(await tamper(await partsOf(stride, share, played), values.only, console.log))) process.exitCode = 1
