/** A log of a million entries: whether the last of them costs what the first did, what a proof costs there, and what the tree takes. */
import { hash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ScratchFile } from '#node/adapters/scratch-file.ts'
import type { AuditLog } from '#node/audit/audit.ts'
import type { NewEntry } from '#protocols/log/entry.ts'
import { leafHash, MerkleTree } from '#protocols/log/merkle.ts'
import { compared, contend, cpuUs, type Effort, type Line, must, scaled } from './measure.ts'

/** Entries of one act, and acts at one time: the disk is synced once for all of them. */
const perAct = 64
const actsAtOnce = 50
const mebibyte = 1 << 20

/** Ten tenths, one after the other: CPU time of an entry in the last beside the first. */
export async function* appendMillion(log: AuditLog, entryAt: (index: number) => NewEntry, effort: Effort): AsyncIterable<Line> {
  const tenth = Math.ceil(scaled(100_000, effort, 640) / (perAct * actsAtOnce)) * perAct * actsAtOnce
  const perEntry: number[] = []
  for (let round = 0; round < 10; round++) perEntry.push((await cpuUs(() => appendTenth(log, round * tenth, tenth, entryAt))) / tenth)
  process.stderr.write(`µs of CPU an entry, in each tenth of ${10 * tenth}: ${perEntry.map((us) => us.toFixed(1)).join(' ')}\n`)
  const [first, last] = [must(perEntry[0], 'a first tenth'), must(perEntry.at(-1), 'a last tenth')]
  yield { name: 'audit.million.append', value: last, unit: 'µs', reference: 'first-tenth', ratio: first / last }
}

async function appendTenth(log: AuditLog, from: number, count: number, entryAt: (index: number) => NewEntry): Promise<void> {
  for (let at = from; at < from + count; at += perAct * actsAtOnce) {
    const acts = Array.from({ length: actsAtOnce }, (_, act) => Array.from({ length: perAct }, (_, entry) => entryAt(at + act * perAct + entry)))
    await Promise.all(acts.map((entries) => log.append(entries)))
  }
}

/** An inclusion proof and a consistency proof in the tree alone, beside the hashes that whoever checks one computes; and its memory. */
export async function* proveMillion(effort: Effort): AsyncIterable<Line> {
  const leaves = scaled(1_000_000, effort, 1000)
  const before = process.memoryUsage().arrayBuffers
  // As a node has it: its full pieces are in a file.
  using overflow = new ScratchFile(join(tmpdir(), `dfft-bench-tree-${process.pid}`))
  const tree = new MerkleTree(overflow)
  const perLeaf: number[] = []
  for (let tenth = 0; tenth < 10; tenth++) perLeaf.push((await cpuUs(() => grow(tree, Math.ceil(leaves / 10)))) / Math.ceil(leaves / 10))
  yield {
    name: 'audit.million.tree-append',
    value: must(perLeaf.at(-1), 'a last tenth'),
    unit: 'µs',
    reference: 'first-tenth',
    ratio: (perLeaf[0] ?? 0) / (perLeaf.at(-1) ?? 1),
  }
  const depth = Math.ceil(Math.log2(tree.size))
  const node = Buffer.alloc(65)
  let at = 0
  const next = () => {
    at = (at + 7919) % tree.size
    return at
  }
  const readings = await contend(
    {
      inclusion: (times) => {
        for (let count = 0; count < times; count++) must(tree.inclusionProof(next()).length, 'there is a proof')
      },
      consistency: (times) => {
        for (let count = 0; count < times; count++) must(tree.consistencyProof(next() + 1), 'there is a proof')
      },
      'sha256-path': (times) => {
        for (let count = 0; count < times * depth; count++) must(hash('sha256', node, 'buffer'), 'a hash')
      },
    },
    effort,
  )
  yield* compared('audit.million.inclusion', readings, { ours: 'inclusion', references: ['sha256-path'], unit: 'µs' })
  yield* compared('audit.million.consistency', readings, { ours: 'consistency', references: ['sha256-path'], unit: 'µs' })
  const bytes = process.memoryUsage().arrayBuffers - before
  const least = 2 * 32 * tree.size
  yield { name: 'audit.million.tree', value: tree.bytes / mebibyte, unit: 'MB', reference: 'two-hashes-a-leaf', ratio: least / tree.bytes }
  process.stderr.write(`array buffers of the process grew by ${(bytes / mebibyte).toFixed(1)} MB for a tree of ${tree.size} leaves\n`)
}

function grow(tree: MerkleTree, leaves: number): void {
  for (let count = 0; count < leaves; count++) tree.append(leafHash(Buffer.from(String(tree.size))))
}
