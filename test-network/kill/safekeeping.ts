/**
 * Backup and restore killed in front of each call by which they change the disk: `npm run kill:backup -- [--every N]`.
 *
 * A backup that was killed leaves no file of its name and the node as it was; made again, it is whole. A restore that was killed leaves no folder
 * that starts; made again, it is the same as one that was not.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { inspectBackup } from '#node/adapters/backup-restore.ts'
import { openLevelStore } from '#node/adapters/level-store.ts'
import { initialise } from '#node/main.ts'
import { straceMissing } from './strace.ts'

const program = fileURLToPath(new URL('../../node/main.ts', import.meta.url))
const passphrase = 'a passphrase for backups'
const calls = ['write', 'pwrite64', 'fsync', 'fdatasync', 'rename', 'mkdir', 'unlink'] as const

interface Ended {
  readonly killed: boolean
  readonly ok: boolean
  readonly said: string
}

/** One act of the program, under strace where something is to befall it. */
async function act(verb: 'backup' | 'restore', dir: string, asked: object, under: readonly string[] = []): Promise<Ended> {
  const [file = '', ...args] = [...under, process.execPath, program, verb, '--dir', dir]
  // One thread for all that touches the disk: the calls come in one order.
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'ignore'], env: { PATH: process.env.PATH, UV_THREADPOOL_SIZE: '1' } })
  child.stdin.on('error', () => {})
  child.stdin.end(`${JSON.stringify(asked)}\n`)
  let said = ''
  child.stdout.on('data', (text: Buffer) => {
    said += text
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null]
  return { killed: signal === 'SIGKILL' || code === 137, ok: said.includes('"ok":true'), said }
}

export interface Tried {
  readonly points: number
  readonly killed: number
  readonly wrong: readonly string[]
}

/** @param every how many points are passed over: 1 tries all */
export async function killSafekeeping(every: number, tell: (line: string) => void = () => {}): Promise<Tried> {
  const folder = await mkdtemp(join(tmpdir(), 'dfft-kill-backup-'))
  try {
    const dir = join(folder, 'node')
    await initialise(dir, 'a passphrase of a node', { name: 'A', jurisdiction: 'JP' })
    await writeFile(join(dir, 'attachments-none'), '')
    const whole = join(folder, 'whole.backup')
    const made = await act('backup', dir, { path: whole, passphrase })
    if (!made.ok) throw new Error(made.said)
    const rows = (await inspectBackup(whole, passphrase)).summary
    const wrong: string[] = []
    let [points, killed, number] = [0, 0, 0]
    for (const verb of ['backup', 'restore'] as const)
      for (const call of calls)
        for (let ordinal = 1; ; ordinal += every) {
          const at = join(folder, `${verb}-${number++}`)
          const asked = verb === 'backup' ? { path: at, passphrase } : { file: whole, passphrase }
          const under = ['strace', '-f', '-qq', '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:signal=KILL:when=${ordinal}`]
          const ended = await act(verb, verb === 'backup' ? dir : at, asked, under)
          if (!ended.killed) break // There are no more of that name.
          points++
          killed++
          const found = verb === 'backup' ? await afterBackup(at, dir, rows) : await afterRestore(at, whole, rows)
          tell(`${verb} ${call} ${ordinal}: ${found ?? 'ok'}`)
          if (found) wrong.push(`${verb} ${call} ${ordinal}: ${found}`)
          await rm(at, { recursive: true, force: true })
        }
    return { points, killed, wrong }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

type Summary = Awaited<ReturnType<typeof inspectBackup>>['summary']

async function afterBackup(at: string, dir: string, before: Summary): Promise<string | null> {
  const there = await readFile(at).catch(() => undefined)
  // What has the name is whole, whenever it was killed.
  if (there) {
    const code = await inspectBackup(at, passphrase).then(() => null, String)
    if (code) return `the file that was left does not open: ${code}`
    await rm(at)
  }
  const again = await act('backup', dir, { path: at, passphrase })
  if (!again.ok) return `it cannot be made again: ${again.said}`
  const { summary } = await inspectBackup(at, passphrase)
  return summary.log.root === before.log.root && summary.rows === before.rows ? null : 'the node is another one'
}

async function afterRestore(at: string, whole: string, before: Summary): Promise<string | null> {
  const names = await readdir(at).catch((): string[] => [])
  if (names.length === 0) {
    const again = await act('restore', at, { file: whole, passphrase })
    if (!again.ok) return `it cannot be made again: ${again.said}`
  }
  await using store = await openLevelStore(join(at, 'store'))
  let rows = 0
  for await (const _ of store.scan({ from: '\u0000', to: '\u{10ffff}' })) rows++
  // The rows of the backup, and the one that says that it was restored.
  return rows === before.rows + 1 ? null : `${rows} of ${before.rows + 1} rows`
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { every: { type: 'string', default: '1' } } })
  const missing = straceMissing()
  if (missing) {
    process.stderr.write(`strace cannot be used here: ${missing}\n`)
    process.exit(1)
  }
  const { points, killed, wrong } = await killSafekeeping(Number(values.every), (line) => process.stdout.write(`${line}\n`))
  process.stdout.write(`${points} points, ${killed} killed, ${wrong.length} wrong\n`)
  process.exit(wrong.length === 0 && killed > 0 ? 0 : 1)
}
