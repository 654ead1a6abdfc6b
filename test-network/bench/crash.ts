/**
 * A log of a hundred thousand entries whose process is killed (SIGKILL) while it writes: how long until the store is open again, every entry
 * read and hashed, and the log ready for the next act.
 */
import { spawn } from 'node:child_process'
import { hash } from 'node:crypto'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLevelStore } from '#node/adapters/level-store.ts'
import { systemClock } from '#node/adapters/system.ts'
import { AuditLog } from '#node/audit/audit.ts'
import type { Store } from '#node/ports.ts'
import { seededSigner } from '#protocols/credential/seeded-signer.ts'
import { didKeyOf } from '#protocols/did/key.ts'
import { digest, type ExchangeId } from '#protocols/ids.ts'
import { compared, type Effort, type Line, must, scaled, wallMs } from './measure.ts'

const signer = seededSigner(Buffer.alloc(32, 1), '')
const did = didKeyOf(signer.publicJwk)
const perAct = 50

function openLog(store: Store): Promise<AuditLog> {
  return AuditLog.open(store, { did, signer, clock: systemClock })
}

export async function* recoverFromCrash(effort: Effort): AsyncIterable<Line> {
  const entries = scaled(100_000, effort, 500)
  const folder = await mkdtemp(join(tmpdir(), 'dfft-bench-crash-'))
  try {
    const left = join(folder, 'left')
    await killedWriter(left, entries)
    const readings: { ours: number[]; 'store-alone': number[] } = { ours: [], 'store-alone': [] }
    for (let round = 0; round < Math.min(effort.rounds, 3); round++) {
      const dir = join(folder, String(round))
      // Each opening mends the store, so each gets what the crash left.
      await cp(left, dir, { recursive: true })
      let store: Store | undefined
      const before = process.cpuUsage()
      const storeMs = await wallMs(async () => {
        store = await openLevelStore(dir)
      })
      await using opened = must(store, 'it opens')
      const logMs = await wallMs(async () => must((await openLog(opened)).size >= entries, 'what was acknowledged is back'))
      const { user, system } = process.cpuUsage(before)
      process.stderr.write(`s of CPU until the log of ${entries} entries was open again: ${((user + system) / 1e6).toFixed(2)}\n`)
      readings['store-alone'].push(storeMs)
      readings.ours.push(storeMs + logMs)
    }
    yield* compared('recovery.crash', readings, { ours: 'ours', references: ['store-alone'], unit: 'ms' })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Resolves when the writer is dead: it had acknowledged so many, and was in the middle of the next acts. */
async function killedWriter(dir: string, entries: number): Promise<void> {
  const child = spawn(process.execPath, [import.meta.filename, dir, String(entries)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const acknowledged = await new Promise<boolean>((resolve) => {
    child.stdout.once('data', () => resolve(true))
    child.once('close', () => resolve(false))
  })
  must(acknowledged, 'the writer came that far')
  child.kill('SIGKILL')
  await ended
}

async function write(dir: string, entries: number): Promise<void> {
  await using store = await openLevelStore(dir)
  const log = await openLog(store)
  for (let at = 0; ; at += perAct * 64) {
    const acts = Array.from({ length: 64 }, (_, act) => log.append(Array.from({ length: perAct }, (_, entry) => entryAt(at + act * perAct + entry))))
    await Promise.all(acts)
    if (log.size >= entries) process.stdout.write('.')
  }
}

function entryAt(index: number) {
  const exchange = hash('sha256', String(index), 'hex').slice(0, 32) as ExchangeId // 32 hex digits.
  return { kind: 'released', exchange, facts: { partner: did, request: digest(String(index)), agreement: digest(`a${index}`), release: digest(`r${index}`) } }
}

if (import.meta.main) {
  const [dir = '', entries = ''] = process.argv.slice(2)
  await write(dir, Number(entries))
}
