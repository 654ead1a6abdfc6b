/**
 * 100 MB from one node to another over real libp2p on loopback, in one process: what both sides together need of memory for it, and what it
 * does to small exchanges between the same two meanwhile.
 *
 *     node --expose-gc test-network/attachment-memory.ts [bytes]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileBlobs } from '#node/adapters/file-blobs.ts'
import { libp2pNetwork } from '#node/adapters/libp2p-network.ts'
import { MemoryDataKeys } from '#node/adapters/memory-data-keys.ts'
import { Attachments } from '#node/attachments/attachments.ts'
import { Contents } from '#node/attachments/contents.ts'
import { checkStillGood } from '#node/exchange/still-good.ts'
import type { Parts } from '#node/trust-node.ts'
import { chunkBytes } from '#protocols/attachment.ts'
import { births, introduce, runningClock, sampleNumber, sampleRegister, startParty, withFiles } from './fixture.ts'

const bytes = Number(process.argv[2] ?? 100_000_000)
const memoryBytesMax = 64_000_000
const folder = mkdtempSync(join(tmpdir(), 'dfft-attachments-'))
const clock = runningClock()
const pause = (ms: number) => clock.sleep(ms, new AbortController().signal)

async function party(birth: (typeof births)['jp' | 'biz' | 'de']) {
  const blobs = await fileBlobs(join(folder, birth.jurisdiction + birth.name.replaceAll(' ', '')))
  const alter = (parts: Parts): Parts => ({
    ...parts,
    attachments: new Attachments({
      ...parts,
      contents: new Contents({ ...parts, blobs, dataKeys: new MemoryDataKeys(parts.random) }),
      diskBytesMax: 1e9,
      stillGood: (record, request, signal) => checkStillGood(record, request, parts, signal),
    }),
  })
  return startParty({ ...birth, alter }, { clock, connect: (makings) => libp2pNetwork({ ...makings, listen: ['/ip4/127.0.0.1/tcp/0'] }) })
}

type Node = Awaited<ReturnType<typeof party>>

async function handOver(jp: Node): Promise<string> {
  const { upload } = await jp.node.attachmentBegin({ name: 'large.bin', mediaType: 'application/octet-stream', bytes })
  const chunk = Buffer.alloc(chunkBytes)
  for (let index = 0; index * chunkBytes < bytes; index++) {
    chunk.writeUInt32BE(index)
    const content = chunk.subarray(0, Math.min(chunkBytes, bytes - index * chunkBytes)).toString('base64')
    await jp.node.attachmentAppend({ upload, chunk: index, content })
  }
  return (await jp.node.attachmentFinish({ upload })).digest
}

async function kept(at: Node): Promise<boolean> {
  const { attachments } = await at.node.attachmentList({})
  if (attachments.some(({ state }) => state === 'refused')) throw new Error(`refused: ${attachments[0]?.code}`)
  return attachments.length > 0 && attachments.every(({ state }) => state === 'kept')
}

/** Small exchanges, one after another, as long as `goesOn`. @returns milliseconds each, sorted */
async function small(from: Node, of: Node, goesOn: (count: number) => boolean | Promise<boolean>): Promise<number[]> {
  const took: number[] = []
  while (await goesOn(took.length)) {
    const beganMs = clock.monotonicMs()
    const { state } = await from.node.request({ to: of.did as never, purpose: 'trade.supplier-verification', claims: ['/legalName'] })
    if (state !== 'closed') throw new Error(`a small exchange ended ${state}`)
    took.push(clock.monotonicMs() - beganMs)
  }
  return took.sort((a, b) => a - b)
}

const at = (sorted: readonly number[], share: number) => `${(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1)} ms`
const say = (line: string) => void process.stdout.write(`${line}\n`)
const settledMemory = async () => {
  for (let turn = 0; turn < 3; turn++) {
    globalThis.gc?.()
    await pause(200)
  }
  return process.memoryUsage.rss()
}

const [jp, biz, de] = [await party(births.jp), await party(births.biz), await party(births.de)]
await introduce({ jp, biz, de }, new Map(), withFiles)
const [header = '', ...rows] = sampleRegister().trimEnd().split('\n')
await jp.node.registryImport({ header, text: rows.join('\n'), firstLine: 2 })
const digest = await handOver(jp)
await jp.node.issue({ record: sampleNumber, subject: biz.did as never, attachments: [digest as never] })
while (!(await kept(biz))) await pause(100)

/** The file goes to the agency once more. @param beside what is done meanwhile, until it is there */
async function transfer(beside: (there: () => boolean) => Promise<void>): Promise<{ tookMs: number; cpuMs: number; mostBytes: number }> {
  const before = await settledMemory()
  let most = before
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 200)
  const beganMs = clock.monotonicMs()
  const began = process.cpuUsage()
  await de.node.request({ to: biz.did as never, purpose: 'trade.supplier-verification' })
  let there = false
  const others = beside(() => there)
  while (!(await kept(de))) await pause(100)
  there = true
  const tookMs = clock.monotonicMs() - beganMs
  const { user, system } = process.cpuUsage(began)
  clearInterval(watch)
  await others
  return { tookMs, cpuMs: (user + system) / 1000, mostBytes: most - before }
}

const speed = ({ tookMs, cpuMs }: { tookMs: number; cpuMs: number }) =>
  `${bytes} bytes in ${(tookMs / 1000).toFixed(2)} s (${(bytes / tookMs / 1000).toFixed(1)} MB/s), ${(cpuMs / 1000).toFixed(2)} s of CPU`
const pure = await transfer(async () => undefined)
const alone = await small(de, biz, (count) => count < 200)
let beside: number[] = []
const mixed = await transfer(async (there) => {
  beside = await small(de, biz, () => !there())
})
say(`alone: ${speed(pure)}, both sides in one process`)
say(`with small exchanges beside it: ${speed(mixed)}`)
const mostBytes = Math.max(pure.mostBytes, mixed.mostBytes)
say(`memory: ${(pure.mostBytes / 1e6).toFixed(1)} and ${(mixed.mostBytes / 1e6).toFixed(1)} MB more at the most; allowed ${memoryBytesMax / 1e6} MB`)
say(`small exchanges alone:  ${alone.length}, p50 ${at(alone, 0.5)}, p99 ${at(alone, 0.99)}`)
say(`small exchanges beside: ${beside.length}, p50 ${at(beside, 0.5)}, p99 ${at(beside, 0.99)}`)
for (const one of [de, biz, jp]) await one[Symbol.asyncDispose]()
rmSync(folder, { recursive: true, force: true })
process.exit(mostBytes < memoryBytesMax ? 0 : 1)
