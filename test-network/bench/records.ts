/** What is written down and read again: the audit log and the register, on LevelDB in a folder of their own. */
import { generateKeyPairSync, hash } from 'node:crypto'
import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLevelStore } from '#node/adapters/level-store.ts'
import { systemClock } from '#node/adapters/system.ts'
import { AuditLog } from '#node/audit/audit.ts'
import { logKeys } from '#node/audit/audit-disk.ts'
import { Register } from '#node/credentials/registry.ts'
import type { Store } from '#node/ports.ts'
import { signerOf } from '#protocols/credential/seeded-signer.ts'
import { didKeyOf } from '#protocols/did/key.ts'
import { corporateNumberCheckDigit } from '#protocols/identifiers/japan.ts'
import { digest, type ExchangeId } from '#protocols/ids.ts'
import { appendMillion, proveMillion } from './audit-million.ts'
import { recoverFromCrash } from './crash.ts'
import { type Contender, compared, contend, cpuUs, type Effort, type Line, type Measure, median, must, type Readings, scaled, wallMs } from './measure.ts'
import { importMillion } from './registry-million.ts'

export const measures: readonly Measure[] = [
  { names: ['audit.append'], lines: append },
  { names: ['audit.proof', 'recovery'], lines: proveAndRecover },
  { names: ['recovery.crash'], lines: recoverFromCrash },
  { names: ['audit.million'], lines: million },
  { names: ['registry.import', 'registry.import.short'], lines: importRows },
  { names: ['registry.million'], lines: importMillion },
]

const { privateKey } = generateKeyPairSync('ed25519')
const signer = signerOf(privateKey, '')
const did = didKeyOf(signer.publicJwk)

class Folder implements AsyncDisposable {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  static async make(): Promise<Folder> {
    return new Folder(await mkdtemp(join(tmpdir(), 'dfft-bench-')))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true })
  }
}

function openLog(store: Store): Promise<AuditLog> {
  return AuditLog.open(store, { did, signer, clock: systemClock })
}

function entryAt(index: number) {
  const exchange = hash('sha256', String(index), 'hex').slice(0, 32) as ExchangeId // 32 hex digits.
  return { kind: 'released', exchange, facts: { partner: did, request: digest(String(index)), agreement: digest(`a${index}`), release: digest(`r${index}`) } }
}

/** Durable entries a second, waited for one by one, by 16 and by 64 at once; beside a bare file that is written to and synced. */
async function* append(effort: Effort): AsyncIterable<Line> {
  await using folder = await Folder.make()
  await using store = await openLevelStore(join(folder.path, 'store'))
  const log = await openLog(store)
  const file = await open(join(folder.path, 'bare'), 'w')
  for (const concurrency of [1, 16, 64]) {
    const readings: { ours: number[]; fsync: number[] } = { ours: [], fsync: [] }
    for (let round = 0; round < effort.rounds; round++) {
      const count = scaled(120 * concurrency ** 0.7, effort)
      readings.fsync.push(await syncMs(file, scaled(60, effort)))
      readings.ours.push((await wallMs(() => inTurn(count, concurrency, (index) => log.append([entryAt(index)])))) / count)
    }
    const name = concurrency === 1 ? 'audit.append' : `audit.append.c${concurrency}`
    yield* compared(name, readings, { ours: 'ours', references: ['fsync'], unit: 'entries/s', shown: (ms) => 1000 / ms })
  }
  await file.close()
}

/** One durable write of the size of an entry to a bare file. */
async function syncMs(file: FileHandle, count: number): Promise<number> {
  const bytes = Buffer.alloc(800)
  const tookMs = await wallMs(async () => {
    for (let at = 0; at < count; at++) {
      await file.write(bytes)
      await file.datasync()
    }
  })
  return tookMs / count
}

/** As many workers as asked for, each taking the next number. */
async function inTurn(count: number, concurrency: number, act: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < count) await act(next++)
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
}

async function* proveAndRecover(effort: Effort, wanted: (name: string) => boolean): AsyncIterable<Line> {
  await using folder = await Folder.make()
  const entries = scaled(100_000, effort, 500)
  const dir = join(folder.path, 'store')
  {
    await using store = await openLevelStore(dir)
    const log = await openLog(store)
    await inTurn(Math.ceil(entries / 50), 200, (act) => log.append(Array.from({ length: 50 }, (_, at) => entryAt(act * 50 + at))))
    if (wanted('audit.proof')) yield* prove(log, effort)
  }
  if (wanted('recovery')) yield* recover(dir, entries, effort)
}

async function* million(effort: Effort): AsyncIterable<Line> {
  await using folder = await Folder.make()
  await using store = await openLevelStore(join(folder.path, 'store'))
  const log = await openLog(store)
  yield* proveMillion(effort)
  yield* appendMillion(log, entryAt, effort)
  const readings = { ours: [await cpuUs(() => openLog(store))], 'whole-reading': [await cpuUs(() => log.verify())] }
  yield* compared('audit.million.open', readings, { ours: 'ours', references: ['whole-reading'], unit: 'ms', shown: (us) => us / 1000 })
}

/** One entry with its inclusion proof, read from the store; beside the hashes that whoever checks the proof computes. */
async function* prove(log: AuditLog, effort: Effort): AsyncIterable<Line> {
  const depth = Math.ceil(Math.log2(log.size))
  const node = Buffer.alloc(65)
  let at = 0
  const ours: Contender = async (times) => {
    for (let count = 0; count < times; count++) {
      at = (at + 7919) % log.size
      must((await log.inclusion(at)).proof.length > 0, 'there is a proof')
    }
  }
  const hashes: Contender = (times) => {
    for (let count = 0; count < times * depth; count++) must(hash('sha256', node, 'buffer'), 'a hash')
  }
  const readings = await contend({ ours, 'sha256-path': hashes }, effort)
  yield* compared('audit.proof', readings, { ours: 'ours', references: ['sha256-path'], unit: 'µs' })
}

/** Opening a log of a hundred thousand entries: read, chained, hashed, compared. Beside it, every record of it read and parsed. */
async function* recover(dir: string, entries: number, { rounds }: Effort): AsyncIterable<Line> {
  const readings: { ours: number[]; 'scan-and-parse': number[] } = { ours: [], 'scan-and-parse': [] }
  for (let round = 0; round < Math.min(rounds, 3); round++) {
    await using store = await openLevelStore(dir)
    readings['scan-and-parse'].push(await wallMs(() => scanAll(store, entries)))
    readings.ours.push(await wallMs(async () => must((await openLog(store)).size >= entries, 'all entries are back')))
  }
  yield* compared('recovery', readings, { ours: 'ours', references: ['scan-and-parse'], unit: 'ms' })
}

async function scanAll(store: Store, entries: number): Promise<void> {
  let count = 0
  for await (const [key, value] of store.scan(logKeys.all)) if (key.startsWith(logKeys.entries.from) && JSON.parse(Buffer.from(value).toString())) count++
  must(count >= entries, 'all entries were scanned')
}

/** The 30 columns of the National Tax Agency, and the short form in which others publish the same. */
const registers = [
  { name: 'registry.import', header: '', row: ntaRow },
  { name: 'registry.import.short', header: 'corporateID,corporateName,corporateKana,cityID,location,moddate', row: shortRow },
]

/** Rows a second of a register's file, each new, in pieces as they come over the socket; beside the same bytes as one durable batch of the store. */
async function* importRows(effort: Effort, wanted: (name: string) => boolean): AsyncIterable<Line> {
  for (const { name, header, row } of registers.filter((one) => wanted(one.name))) {
    await using folder = await Folder.make()
    await using store = await openLevelStore(join(folder.path, 'store'))
    const register = new Register({ store, clock: systemClock })
    const rows = scaled(2000, effort, 20)
    const readings: Record<'ours' | 'level-batch', number[]> = { ours: [], 'level-batch': [] }
    for (let round = 0; round < effort.rounds; round++) {
      const text = Array.from({ length: rows }, (_, index) => row(round * rows + index)).join('\n')
      const file = { digest: digest('file'), bytes: effort.rounds, begin: round, end: round + 1 }
      const taken = () => register.importRows({ header, text, firstLine: 2, file })
      readings.ours.push((await wallMs(async () => must((await taken()).accepted === rows, 'every row is taken in'))) / rows)
      const writes = text.split('\n').map((line, index) => ({ put: `bare/${round}/${index}`, value: Buffer.from(line) }))
      readings['level-batch'].push((await wallMs(() => store.batch(writes))) / rows)
    }
    yield* compared(name, readings satisfies Readings, { ours: 'ours', references: ['level-batch'], unit: 'rows/s', shown: (ms) => 1000 / ms })
    must(median(readings.ours) > 0, 'it took time')
  }
}

function numberAt(index: number): string {
  const twelve = String(700_150_000_000 + index)
  return corporateNumberCheckDigit(twelve) + twelve
}

function ntaRow(index: number): string {
  const place = '"東京都","千代田区","霞が関３丁目２番１号中央合同庁舎第７号館",,13,101,1000013'
  return `${index},${numberAt(index)},12,0,2026-11-02,2026-10-${10 + (index % 20)},"株式会社試験${index}",,301,${place},,,,,,,2015-10-05,1,,,,,"シケン",0`
}

function shortRow(index: number): string {
  return `${numberAt(index)},株式会社試験${index},カブシキガイシャシケン,13101,東京都千代田区霞が関３丁目２－１中央合同庁舎第７号館,2018-04-01T15:00:00.000Z`
}
