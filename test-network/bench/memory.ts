/**
 * Whether anything stays behind: the heap and the memory of a process while it verifies a million, in both formats, each reading after
 * collecting garbage.
 *
 * The process is one of its own, under the flag that a node runs with: without it V8 lets its young generation grow to 48 MB and keeps
 * that, which would be seen here and be nobody's leak.
 */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { runtimeFlags } from '#cli/node-process.ts'
import { sodiumEd25519 } from '#node/adapters/sodium.ts'
import { verify } from '#node/verify.ts'
import { useEd25519 } from '#protocols/keys.ts'
import { type Effort, type Line, type Measure, must, scaled } from './measure.ts'
import { makeWorld } from './world.ts'

const never = new AbortController().signal
const mebibyte = 1 << 20
/** Times that are measured; the warm-up before the first reading is as long as each. */
const readings = 10

export const measures: readonly Measure[] = [{ names: ['memory'], lines: verifyMany }]

/** Bytes, after collecting garbage. */
interface Reading {
  readonly heap: number
  readonly rss: number
}

/** The last reading beside the first after the warm-up; all of them on standard error. */
async function* verifyMany(effort: Effort): AsyncIterable<Line> {
  const times = scaled(1_000_000, effort)
  const { stdout } = await promisify(execFile)(process.execPath, [...runtimeFlags, import.meta.filename, String(times)])
  const series = JSON.parse(stdout) as readonly Reading[] // Written below.
  const [first, last] = [must(series[0], 'there is a reading after the warm-up'), must(series.at(-1), 'there is a last reading')]
  for (const kind of ['heap', 'rss'] as const) {
    const megabytes = series.map((reading) => (reading[kind] / mebibyte).toFixed(1))
    process.stderr.write(`${kind} in MB, every ${Math.ceil(times / readings)} verifications: ${megabytes.join(' ')}\n`)
    yield { name: `memory.${kind}`, value: last[kind] / mebibyte, unit: 'MB', reference: `${kind}-before-${times}`, ratio: first[kind] / last[kind] }
  }
}

/** Every fourth has its payload spoilt, since refusals must leave nothing behind either. */
async function seriesOf(times: number): Promise<readonly Reading[]> {
  const { surroundings, issuers, vcJwt, sdJwt } = await makeWorld()
  const numbered = issuers.flatMap((issuer, at) => Array.from({ length: 256 }, (_, number) => ({ issuer, number: at * 256 + number })))
  const texts = await Promise.all(numbered.map(({ issuer, number }) => (number % 2 === 0 ? vcJwt : sdJwt)(issuer, number)))
  useEd25519(await sodiumEd25519())
  const collect = collector()
  const series: Reading[] = []
  const between = Math.ceil(times / readings)
  // A share first: the compiler's code and the caches of keys, headers and lists are a node's, however many it verifies.
  for (let done = 0; ; done++) {
    if (done > 0 && done % between === 0) series.push(settled(collect))
    if (series.length > readings) return series
    const text = must(texts[done % texts.length], 'there is another')
    const spoilt = done % 4 === 3
    const { report } = await verify(spoilt ? spoiled(text, done) : text, surroundings, { nowMs: Date.now() }, never)
    must(report.verified !== spoilt, `what is sound verifies, and what is spoilt does not: ${report.code}`)
  }
}

/** Another payload under the same signature: each of them is a text that was never seen. */
function spoiled(text: string, by: number): string {
  const at = text.lastIndexOf('.', text.includes('~') ? text.indexOf('~') : undefined) - 60 + (by % 40)
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
}

function collector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void // What the flag puts there.
}

function settled(collect: () => void): Reading {
  for (let round = 0; round < 4; round++) collect()
  const { heapUsed, rss } = process.memoryUsage()
  return { heap: heapUsed, rss }
}

if (import.meta.main) process.stdout.write(JSON.stringify(await seriesOf(Number(process.argv[2]))))
