import { cp, mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AuditLog } from '#node/audit/audit.ts'
import { seededSigner } from '#protocols/credential/seeded-signer.ts'
import { codeOf, codes } from '#protocols/errors.ts'
import type { Did, Instant } from '#protocols/ids.ts'
import type { DataKeyId, Store } from '../ports.ts'
import { ArchiveWriter, openArchive, readHead } from './backup-archive.ts'
import { createBackup, foreseenBackup } from './backup-create.ts'
import { inspectBackup, restoreBackup, restoredKey } from './backup-restore.ts'
import { FileAnchor } from './file-anchor.ts'
import { openFileDataKeys } from './file-data-keys.ts'
import { openLevelStore } from './level-store.ts'
import { MemoryKeyVault } from './memory-key-vault.ts'
import { MemoryStore } from './memory-store.ts'
import { systemRandom } from './system.ts'

const folder = await mkdtemp(join(tmpdir(), 'dfft-backup-'))
afterAll(() => rm(folder, { recursive: true }))
const passphrase = 'a passphrase for backups'
const madeAt = '2026-11-22T22:00:00Z' as Instant
/** What a real one takes a second for. */
const cost = { memoryKiB: 32, passes: 1, lanes: 1 }
const blob = 'ab'.repeat(32)
const log = await someLog()
const dir = join(folder, 'node')
const small = join(folder, 'small.backup')
let store: Store
let keys: readonly DataKeyId[] = []
const vault = new MemoryKeyVault(systemRandom)
let numbers = 0

beforeAll(async () => {
  await mkdir(join(dir, 'attachments'), { recursive: true })
  store = await openLevelStore(join(dir, 'store'))
  for (const [key, value] of log.rows) await store.batch([{ put: key, value }])
  await store.batch([{ put: 'credential/東京', value: Buffer.from('a credential') }])
  for (const [name, text] of [
    ['dfft.yaml', 'name: a\n'],
    ['keystore.json', '{}\n'],
    ['node.log', 'not in it'],
    ['note.txt', 'of the operator'],
  ] as const)
    await writeFile(join(dir, name), text)
  await using anchor = new FileAnchor(join(dir, 'log-anchor'))
  await anchor.write(log.note)
  {
    await using dataKeys = await openFileDataKeys(join(dir, 'data-keys'), vault)
    keys = [await dataKeys.take(), await dataKeys.take(), await dataKeys.take()]
  }
  await writeFile(join(dir, 'attachments', blob), Buffer.alloc(1000, 7))
  await writeFile(join(dir, 'attachments', `${'cd'.repeat(32)}.part`), 'on its way')
  await createBackup({ path: small, passphrase, dataKeys: true }, backed())
})
afterAll(() => store[Symbol.asyncDispose]())

function backed() {
  return { dir, store, version: '0.1.0', madeAt, cost }
}

function restoring(file: string, more: Partial<Parameters<typeof restoreBackup>[0]> = {}) {
  const wish = { file, passphrase, dir: join(folder, `restored-${numbers++}`), dryRun: false, checkpoints: [], acceptRollback: false }
  return restoreBackup({ ...wish, openStore: (at) => openLevelStore(at), anchorOf: (at) => new FileAnchor(at).read(), ...more })
}

async function rowsOf(of: Store): Promise<Map<string, string>> {
  const rows = new Map<string, string>()
  for await (const [key, value] of of.scan({ from: '\u0000', to: '\u{10ffff}' })) rows.set(key, Buffer.from(value).toString('hex'))
  return rows
}

const code = (work: Promise<unknown>) => work.then(() => 'none', codeOf)

describe('a backup', () => {
  it('that is only tried says what would be in it, leaves no file, and refuses where something is or nothing can be', async () => {
    const wish = { path: join(folder, 'foreseen.backup'), passphrase, dataKeys: true }
    const { summary: foreseen, ...said } = await foreseenBackup(wish, backed())
    expect((await readdir(folder)).filter((name) => name.startsWith('foreseen'))).toEqual([])
    const { summary, did } = await createBackup(wish, backed())
    const files = summary.files.map(({ name, bytes }) => ({ name, bytes }))
    expect(said).toMatchObject({ path: wish.path, did })
    expect(foreseen).toEqual({ ...summary, files })
    for (const act of [foreseenBackup, createBackup]) {
      expect(await code(act(wish, backed()))).toBe('DFFT_CONFLICT')
      expect(await code(act({ ...wish, path: join(folder, 'nowhere', 'x.backup') }, backed()))).toBe('DFFT_NOT_WRITABLE')
    }
  })

  it('restores every record and file into another folder, and says what it left out', async () => {
    const made = await inspectBackup(small, passphrase)
    expect(made.summary.left).toEqual(['note.txt'])
    expect(made.summary.files.map(({ name }) => name)).toEqual(['dfft.yaml', 'keystore.json', 'data-keys', 'log-anchor', `attachments/${blob}`])
    const restored = await restoring(small)
    expect((await readdir(restored.dir)).sort()).toEqual(['attachments', 'data-keys', 'dfft.yaml', 'keystore.json', 'log-anchor', 'store'])
    for (const name of ['dfft.yaml', 'keystore.json', 'data-keys', 'log-anchor', `attachments/${blob}`])
      expect(await readFile(join(restored.dir, name)), name).toEqual(await readFile(join(dir, name)))
    expect((await stat(join(restored.dir, 'keystore.json'))).mode & 0o777).toBe(0o600)
    await using again = await openLevelStore(join(restored.dir, 'store'))
    const rows = await rowsOf(again)
    expect(JSON.parse(Buffer.from(rows.get(restoredKey) ?? '', 'hex').toString())).toMatchObject({
      backup: made.id,
      size: made.summary.log.size,
      laterSize: null,
    })
    rows.delete(restoredKey)
    expect(rows).toEqual(await rowsOf(store))
  })

  it('shows nothing of what is in it, and its head to everybody', async () => {
    const bytes = await readFile(small)
    for (const secret of ['a credential', 'credential/', 'keystore', 'initialised', passphrase]) expect(bytes.includes(secret), secret).toBe(false)
    expect(await readHead(small)).toEqual({ id: expect.stringMatching(/^[0-9a-f]{32}$/), madeAt, did: log.did })
    expect((await stat(small)).mode & 0o777).toBe(0o600)
  })

  it('opens with no other passphrase', async () => {
    expect(await code(inspectBackup(small, `${passphrase}.`))).toBe('DFFT_PASSPHRASE')
    expect(await code(restoring(small, { passphrase: 'another one' }))).toBe('DFFT_PASSPHRASE')
  })

  it('is refused with exit 9 when any one byte of it was changed', async () => {
    const path = join(folder, 'flipped.backup')
    const tiny = join(folder, 'tiny')
    await mkdir(tiny)
    await createBackup({ path, passphrase, dataKeys: false }, { ...backed(), dir: tiny })
    const bytes = await readFile(path)
    const wrong: string[] = []
    await using file = await open(path, 'r+')
    for (let at = 0; at < bytes.length; at++) {
      await file.write(Uint8Array.of((bytes[at] ?? 0) ^ (1 << (at % 8))), 0, 1, at)
      const said = await code(inspectBackup(path, passphrase))
      if (said !== 'DFFT_BACKUP') wrong.push(`${at}: ${said}`)
      await file.write(bytes, at, 1, at)
    }
    expect(await code(inspectBackup(path, passphrase))).toBe('none')
    expect(wrong).toEqual([])
    expect(codes.DFFT_BACKUP.exit).toBe(9)
    expect(bytes.length).toBeGreaterThan(1_300)
  })

  it('is refused when it was cut anywhere, or something was added', async () => {
    const bytes = await readFile(small)
    const path = join(folder, 'cut.backup')
    for (let length = 0; length < bytes.length; length += 1 + Math.floor(length / 40)) {
      await writeFile(path, bytes.subarray(0, length))
      expect(await code(inspectBackup(path, passphrase)), String(length)).toBe('DFFT_BACKUP')
    }
    await writeFile(path, Buffer.concat([bytes, Buffer.alloc(1)]))
    expect(await code(inspectBackup(path, passphrase))).toBe('DFFT_BACKUP')
  })

  it('is refused when its chunks were swapped, repeated or left out, and is never taken for one of another file', async () => {
    const one = await chunked('one')
    const other = await chunked('other')
    expect(one.chunks.length).toBe(4)
    const [a, b, c, d] = one.chunks as [Buffer, Buffer, Buffer, Buffer]
    const orders: Record<string, readonly Buffer[]> = {
      swapped: [b, a, c, d],
      repeated: [a, a, b, c, d],
      shortened: [a, b, d],
      ended: [a, b, c],
      ofAnother: [other.chunks[0] ?? a, b, c, d],
    }
    const path = join(folder, 'mixed.backup')
    for (const [name, chunks] of Object.entries(orders)) {
      await writeFile(path, Buffer.concat([one.line, ...chunks]))
      expect(await code(readAll(path)), name).toBe('DFFT_BACKUP')
    }
    await writeFile(path, Buffer.concat([one.line, a, b, c, d]))
    expect(await code(readAll(path))).toBe('none')
  })

  it('that was stopped leaves nothing under its name, and replaces nothing', async () => {
    const path = join(folder, 'stopped.backup')
    const failing: Store = {
      ...store,
      get: (key) => store.get(key),
      async *scan(range) {
        for await (const row of store.scan(range)) {
          if (row[0] === 'log/head') throw new Error('the machine stopped')
          yield row
        }
      },
    }
    await expect(createBackup({ path, passphrase, dataKeys: true }, { ...backed(), store: failing })).rejects.toThrow('stopped')
    expect((await readdir(folder)).filter((name) => name.startsWith('stopped'))).toEqual([])
    expect(await code(createBackup({ path: small, passphrase, dataKeys: true }, backed()))).toBe('DFFT_CONFLICT')
  })

  it('of a log that is not whole is not made', async () => {
    const holed: Store = {
      ...store,
      get: (key) => store.get(key),
      async *scan(range) {
        for await (const row of store.scan(range)) if (!row[0].endsWith('0000000001')) yield row
      },
    }
    const path = join(folder, 'holed.backup')
    expect(await code(createBackup({ path, passphrase, dataKeys: true }, { ...backed(), store: holed }))).toBe('DFFT_BACKUP')
    expect((await readdir(folder)).filter((name) => name.startsWith('holed'))).toEqual([])
  })

  it('is of one moment, though keys are made and destroyed beside it', async () => {
    const path = join(folder, 'moment.backup')
    let looks = 0
    const busy: Store = {
      ...store,
      get: (key) => store.get(key),
      async *scan(range) {
        // Between the looks at the keys: the first time a key is destroyed there.
        if (looks++ === 0) await writeFile(join(dir, 'keystore.json'), '{"another":1}\n')
        yield* store.scan(range)
      },
    }
    await createBackup({ path, passphrase, dataKeys: true }, { ...backed(), store: busy })
    expect(looks).toBe(2)
    const { dir: at } = await restoring(path)
    expect(await readFile(join(at, 'keystore.json'), 'utf8')).toBe('{"another":1}\n')
  })
})

describe('a restore', () => {
  it('writes nothing when it is tried only, into a folder that is not empty, or of a damaged backup', async () => {
    const at = join(folder, 'tried')
    expect(await restoring(small, { dir: at, dryRun: true })).toMatchObject({ dryRun: true, later: null })
    const bytes = await readFile(small)
    await writeFile(join(folder, 'damaged.backup'), bytes.with(-20, (bytes.at(-20) ?? 0) ^ 1))
    expect(await code(restoring(join(folder, 'damaged.backup'), { dir: at }))).toBe('DFFT_BACKUP')
    expect((await readdir(folder)).filter((name) => name.startsWith('tried'))).toEqual([])
    expect(await code(restoring(small, { dir }))).toBe('DFFT_ALREADY_INITIALISED')
  })

  it('begins again where one before it was killed', async () => {
    const at = join(folder, 'again')
    await mkdir(join(`${at}.restoring`, 'store'), { recursive: true })
    await writeFile(join(`${at}.restoring`, 'data-keys'), 'half of it')
    await mkdir(at)
    await restoring(small, { dir: at })
    expect((await readdir(folder)).filter((name) => name.startsWith('again'))).toEqual(['again'])
  })

  it('of an older log takes a word more, by the anchor of before or by a checkpoint, and the store keeps what is missing', async () => {
    const before = join(folder, 'before')
    await cp(dir, before, { recursive: true })
    const later = join(folder, 'later-note')
    await writeFile(later, log.later)
    await rm(join(before, 'log-anchor'))
    await using anchor = new FileAnchor(join(before, 'log-anchor'))
    await anchor.write(log.later)
    expect(await code(restoring(small, { former: before }))).toBe('DFFT_BACKUP_OLDER')
    expect(await code(restoring(small, { checkpoints: [log.later] }))).toBe('DFFT_BACKUP_OLDER')
    expect(codes.DFFT_BACKUP_OLDER.exit).toBe(9)
    expect(await restoring(small, { checkpoints: [log.later], dryRun: true })).toMatchObject({ later: { size: log.laterSize } })
    const { dir: at } = await restoring(small, { former: before, acceptRollback: true })
    await using again = await openLevelStore(join(at, 'store'))
    expect(JSON.parse(Buffer.from((await again.get(restoredKey)) ?? []).toString())).toMatchObject({ laterSize: log.laterSize })
  })

  it('is known to lose no showing only by the folder of the life that it is of, not by one of a life before', async () => {
    const before = join(folder, 'life-before')
    await mkdir(before)
    {
      await using anchor = new FileAnchor(join(before, 'log-anchor'))
      await anchor.write(log.earlier)
    }
    const whole = async (former?: string) => {
      const { dir: at } = await restoring(small, former === undefined ? {} : { former })
      await using again = await openLevelStore(join(at, 'store'))
      return JSON.parse(Buffer.from((await again.get(restoredKey)) ?? []).toString()).whole
    }
    const last = join(folder, 'life-of-it')
    await cp(dir, last, { recursive: true })
    expect([await whole(last), await whole(last), await whole(before), await whole()]).toEqual([true, false, false, false])
  })

  it('of another history is refused whatever is said', async () => {
    expect(await code(restoring(small, { checkpoints: [log.forked], acceptRollback: true }))).toBe('DFFT_LOG_FORK')
  })

  it('brings back no key of received data that was destroyed since', async () => {
    const before = join(folder, 'destroyed')
    await cp(dir, before, { recursive: true })
    const [gone, ...stay] = keys as [DataKeyId, DataKeyId, DataKeyId]
    {
      await using dataKeys = await openFileDataKeys(join(before, 'data-keys'), vault)
      await dataKeys.destroy([gone])
    }
    expect(await restoring(small, { former: before, dryRun: true })).toMatchObject({ destroyed: 1 })
    const { dir: at, destroyed } = await restoring(small, { former: before })
    expect(destroyed).toBe(1)
    await using restored = await openFileDataKeys(join(at, 'data-keys'), vault)
    expect(restored.findings).toEqual([])
    expect([restored.has(gone), ...stay.map((one) => restored.has(one))]).toEqual([false, true, true])
  })

  it('of a backup without them brings back none at all', async () => {
    const path = join(folder, 'without.backup')
    const { summary } = await createBackup({ path, passphrase, dataKeys: false }, backed())
    expect(summary).toMatchObject({ dataKeys: false, left: ['data-keys', 'note.txt'] })
    const { dir: at } = await restoring(path)
    expect(await readdir(at)).not.toContain('data-keys')
  })
})

async function chunked(name: string): Promise<{ readonly line: Buffer; readonly chunks: readonly Buffer[] }> {
  const path = join(folder, `${name}.chunks`)
  await using archive = await ArchiveWriter.create({ path, passphrase, did: log.did, madeAt, cost })
  for (let at = 0; at < 7; at++) await archive.write(Buffer.alloc(500_000, at))
  await archive.finish()
  await archive.publish()
  const bytes = await readFile(path)
  const lineEnd = bytes.indexOf(10) + 1
  const chunks: Buffer[] = []
  for (let at = lineEnd; at < bytes.length; ) {
    const end = at + 4 + (bytes.readUInt32BE(at) & 0x7fffffff) + 16
    chunks.push(bytes.subarray(at, end))
    at = end
  }
  return { line: bytes.subarray(0, lineEnd), chunks }
}

async function readAll(path: string): Promise<number> {
  await using archive = await openArchive(path, passphrase)
  let bytes = 0
  for await (const chunk of archive.chunks()) bytes += chunk.length
  return bytes
}

/** A log as a node begins it, its head, a later one of the same, and one of another history. */
async function someLog() {
  const did = 'did:web:agency.example' as Did
  const signer = seededSigner(Buffer.alloc(32, 1), `${did}#key`)
  const clock = { nowMs: () => Date.UTC(2026, 0, 1), turn: async () => {} }
  const held = new MemoryStore()
  const audit = await AuditLog.open(held, { did, signer, clock })
  await audit.append([{ kind: 'initialised', facts: { did } }])
  const { note: earlier } = await audit.checkpoint()
  for (const kind of ['released', 'receipted']) await audit.append([{ kind, facts: { did } }])
  const rows = held.snapshot()
  const { note } = await audit.checkpoint()
  for (const kind of ['released', 'receipted']) await audit.append([{ kind, facts: {} }])
  const { note: later, size: laterSize } = await audit.checkpoint()
  const otherwise = await AuditLog.open(new MemoryStore(), { did, signer, clock })
  for (const kind of ['initialised', 'refused']) await otherwise.append([{ kind, facts: { did } }])
  return { did, rows, earlier, note, later, laterSize, forked: (await otherwise.checkpoint()).note }
}
