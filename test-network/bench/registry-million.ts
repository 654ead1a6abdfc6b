/**
 * A register's file of a million rows: whether the memory of who takes it in grows with the file.
 *
 * The file is cut into chunks as `dfft registry import` cuts it, and each is taken in as the node does, in a process of its own under the
 * flags that a node runs with. Every hundredth row is a bad one, and every hundredth tells of an end.
 */
import { execFile } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { runtimeFlags } from '#cli/node-process.ts'
import { chunksFrom, registerFile } from '#cli/register-file.ts'
import { openLevelStore } from '#node/adapters/level-store.ts'
import { systemClock } from '#node/adapters/system.ts'
import { Register } from '#node/credentials/registry.ts'
import { corporateNumberCheckDigit } from '#protocols/identifiers/japan.ts'
import { type Effort, type Line, must, scaled, wallMs } from './measure.ts'

const mebibyte = 1 << 20
const header = 'corporateID,corporateName,corporateKana,cityID,location,closeDate,closeCause,moddate'

/** What the process tells. */
interface Taken {
  readonly accepted: number
  readonly rejected: number
  readonly tookMs: number
  /** After each chunk. */
  readonly rssBytes: readonly number[]
}

export async function* importMillion(effort: Effort): AsyncIterable<Line> {
  const rows = scaled(1_000_000, effort, 2000)
  const dir = await mkdtemp(join(tmpdir(), 'dfft-bench-'))
  try {
    const file = join(dir, 'register.csv')
    await pipeline(Readable.from(piecesOf(rows)), createWriteStream(file))
    const { stdout } = await promisify(execFile)(process.execPath, [...runtimeFlags, import.meta.filename, file])
    const { accepted, rejected, tookMs, rssBytes } = JSON.parse(stdout) as Taken // Written below.
    must(accepted + rejected === rows && rejected === Math.ceil(rows / 100), `every good row is taken in and every bad one told: ${accepted}, ${rejected}`)
    const half = Math.ceil(rssBytes.length / 2)
    const [first, second] = [Math.max(...rssBytes.slice(0, half)), Math.max(...rssBytes.slice(-half))]
    process.stderr.write(
      `the most memory in the first half of ${rows} rows, and in the second: ${[first, second].map((bytes) => (bytes / mebibyte).toFixed(0)).join(' and ')} MiB\n`,
    )
    yield { name: 'registry.million', value: (1000 * rows) / tookMs, unit: 'rows/s', reference: '20,000 rows/s', ratio: (1000 * rows) / tookMs / 20_000 }
    yield { name: 'registry.million.rss', value: second / mebibyte, unit: 'MiB', reference: 'first-half', ratio: first / second }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

function* piecesOf(rows: number): Iterable<string> {
  yield `${header}\n`
  for (let from = 0; from < rows; from += 1000) {
    yield Array.from({ length: Math.min(1000, rows - from) }, (_, at) => `${rowAt(from + at)}\n`).join('')
  }
}

function rowAt(index: number): string {
  const twelve = String(700_150_000_000 + index)
  const number = index % 100 === 0 ? '1234567890123' : corporateNumberCheckDigit(twelve) + twelve
  const end = index % 100 === 1 ? '2026-03-31,01' : ','
  return `${number},株式会社試験${index},カブシキガイシャシケン,13101,東京都千代田区霞が関３丁目２－１中央合同庁舎第７号館,${end},2018-04-01T15:00:00.000Z`
}

async function takeIn(path: string): Promise<Taken> {
  const file = await registerFile(path, { encoding: 'utf-8', mapping: undefined })
  await using store = await openLevelStore(join(path, '..', 'store'))
  const register = new Register({ store, clock: systemClock })
  const rssBytes: number[] = []
  let [accepted, rejected] = [0, 0]
  const tookMs = await wallMs(async () => {
    for await (const { header, text, firstLine, begin, end } of chunksFrom(file)) {
      const piece = { digest: file.digest, bytes: file.bytes, begin, end }
      const result = await register.importRows({ header, text, firstLine, file: piece })
      accepted += result.accepted
      rejected += result.rejected.length
      rssBytes.push(process.memoryUsage.rss())
    }
  })
  return { accepted, rejected, tookMs, rssBytes }
}

if (import.meta.main) process.stdout.write(JSON.stringify(await takeIn(must(process.argv[2], 'the file is named'))))
