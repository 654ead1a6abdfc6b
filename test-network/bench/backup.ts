/** A backup of a node with 100,000 credentials, and a restore of it, beside the store read once and written to a plain file. */
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, open, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBackup } from '#node/adapters/backup-create.ts'
import { restoreBackup } from '#node/adapters/backup-restore.ts'
import { openLevelStore } from '#node/adapters/level-store.ts'
import { systemClock } from '#node/adapters/system.ts'
import { AuditLog } from '#node/audit/audit.ts'
import type { Store } from '#node/ports.ts'
import { seededSigner } from '#protocols/credential/seeded-signer.ts'
import { type Did, digest, type Instant } from '#protocols/ids.ts'
import { compared, type Effort, type Line, type Measure, scaled, wallMs } from './measure.ts'

export const measures: readonly Measure[] = [{ names: ['backup.create', 'backup.restore'], lines: createAndRestore }]

const did = 'did:web:agency.example' as Did
const passphrase = 'a passphrase for backups'
/** As long as a credential with its proof; what compresses is in the store as it is there. */
const credentialBytes = 2_000

async function* createAndRestore(effort: Effort): AsyncIterable<Line> {
  const folder = await mkdtemp(join(tmpdir(), 'dfft-bench-'))
  try {
    const dir = join(folder, 'node')
    await mkdir(join(dir, 'attachments'), { recursive: true })
    await using store = await openLevelStore(join(dir, 'store'))
    await fill(store, scaled(100_000, effort))
    await writeFile(join(dir, 'dfft.yaml'), 'name: a\n')
    const readings: { create: number[]; restore: number[]; plain: number[] } = { create: [], restore: [], plain: [] }
    for (let round = 0; round < Math.min(effort.rounds, 3); round++) {
      const file = join(folder, `${round}.backup`)
      const wish = { path: file, passphrase, dataKeys: true }
      readings.plain.push(await wallMs(() => copied(store, join(folder, `${round}.plain`))))
      readings.create.push(await wallMs(() => createBackup(wish, { dir, store, version: 'bench', madeAt: '2026-11-22T00:00:00Z' as Instant })))
      readings.restore.push(await wallMs(() => restored(file, join(folder, `${round}`))))
      process.stderr.write(`backup of ${(await stat(file)).size >> 20} MiB\n`)
      for (const name of [`${round}.backup`, `${round}.plain`, `${round}`]) await rm(join(folder, name), { recursive: true })
    }
    for (const name of ['create', 'restore'] as const)
      yield* compared(`backup.${name}`, readings, { ours: name, references: ['plain'], unit: 's', shown: (ms) => ms / 1000 })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Of each credential what issuing it writes: the credential, its place in the index, an entry of the log. */
async function fill(store: Store, credentials: number): Promise<void> {
  const log = await AuditLog.open(store, { did, signer: seededSigner(Buffer.alloc(32, 1), `${did}#key`), clock: systemClock })
  await log.append([{ kind: 'initialised', facts: { did } }])
  const text = randomBytes(credentialBytes).toString('base64url').slice(0, credentialBytes)
  for (let at = 0; at < credentials; at += 512) {
    const many = Array.from({ length: Math.min(512, credentials - at) }, (_, offset) => String(at + offset).padStart(8, '0'))
    await Promise.all(
      many.map((id) =>
        log.append(
          [{ kind: 'issued', facts: { credential: id, digest: digest(id) } }],
          [
            { put: `credential/${id}`, value: Buffer.from(`${id}${text}`) },
            { put: `credential-of/BusinessRegistrationCredential/${id}`, value: new Uint8Array() },
          ],
        ),
      ),
    )
  }
}

async function copied(store: Store, path: string): Promise<void> {
  await using file = await open(path, 'w')
  let pieces: Uint8Array[] = []
  for await (const [key, value] of store.scan({ from: '\u0000', to: '\u{10ffff}' })) {
    pieces.push(Buffer.from(key), value)
    if (pieces.length >= 1000) {
      await file.write(Buffer.concat(pieces))
      pieces = []
    }
  }
  await file.write(Buffer.concat(pieces))
  await file.sync()
}

async function restored(file: string, dir: string): Promise<void> {
  const wish = { file, passphrase, dir, dryRun: false, checkpoints: [], acceptRollback: false }
  await restoreBackup({ ...wish, openStore: (at) => openLevelStore(at), anchorOf: async () => undefined })
}
