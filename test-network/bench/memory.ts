/** Whether anything stays behind: the heap and the memory of the process before and after a million verifications, each after collecting garbage. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { sodiumEd25519 } from '#node/adapters/sodium.ts'
import { verify } from '#node/verify.ts'
import { useEd25519 } from '#protocols/keys.ts'
import { type Effort, type Line, type Measure, must, scaled } from './measure.ts'
import { makeWorld } from './world.ts'

const never = new AbortController().signal
const mebibyte = 1 << 20

export const measures: readonly Measure[] = [{ names: ['memory'], lines: verifyMany }]

/** In both formats, and every fourth with its signature spoilt, since refusals must leave nothing behind either. */
async function* verifyMany(effort: Effort): AsyncIterable<Line> {
  const times = scaled(1_000_000, effort)
  const { surroundings, issuers, vcJwt, sdJwt } = await makeWorld()
  const numbered = issuers.flatMap((issuer, at) => Array.from({ length: 256 }, (_, number) => ({ issuer, number: at * 256 + number })))
  const texts = await Promise.all(numbered.map(({ issuer, number }) => (number % 2 === 0 ? vcJwt : sdJwt)(issuer, number)))
  useEd25519(await sodiumEd25519())
  const run = async (count: number) => {
    for (let done = 0; done < count; done++) {
      const text = must(texts[done % texts.length], 'there is another')
      const spoilt = done % 4 === 3
      const { report } = await verify(spoilt ? spoiled(text, done) : text, surroundings, { nowMs: Date.now() }, never)
      must(report.verified !== spoilt, `what is sound verifies, and what is spoilt does not: ${report.code}`)
    }
  }
  // A share first: the compiler's code and the caches of keys, headers and lists are a node's, however many it verifies.
  await run(Math.ceil(times / 10))
  const before = settled()
  await run(times)
  const after = settled()
  useEd25519(undefined)
  for (const kind of ['heap', 'rss'] as const) {
    const [value, ratio] = [after[kind] / mebibyte, before[kind] / after[kind]]
    yield { name: `memory.${kind}`, value, unit: 'MB', reference: `${kind}-before-${times}`, ratio }
  }
}

/** Another payload under the same signature: each of them is a text that was never seen. */
function spoiled(text: string, by: number): string {
  const at = text.lastIndexOf('.', text.includes('~') ? text.indexOf('~') : undefined) - 60 + (by % 40)
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
}

function settled(): { readonly heap: number; readonly rss: number } {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void // What the flag puts there.
  for (let round = 0; round < 4; round++) collect()
  const { heapUsed, rss } = process.memoryUsage()
  return { heap: heapUsed, rss }
}
