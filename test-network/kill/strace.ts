/** What the kernel is told to do to a running node, and what it did: strace, on the files of one folder. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { dataFiles } from './prepared.ts'

/** Whatever changes what is on the disk. A SIGKILL comes before the call is made: what the disk then holds is what all calls before it left. */
const calls = 'write,writev,pwrite64,pwritev,fsync,fdatasync,rename,renameat,ftruncate,unlink,unlinkat'
const writing = /^p?write/

export type Fault = 'kill' | 'eio' | 'enospc' | 'short'
export const faults: readonly Fault[] = ['kill', 'eio', 'enospc', 'short']

/** A system call of a walk, by its name and by how many of that name there were, from 1: strace counts each name by itself. */
export interface Place {
  readonly call: string
  readonly ordinal: number
}

/** Whether a fault can befall a call: nothing is short but a write. */
export function befalls(fault: Fault, { call }: Place): boolean {
  return fault !== 'short' || writing.test(call)
}

/** What befalls the call. `short`: strace answers in the kernel's place that 17 bytes were written, and none were. */
const befalling: Readonly<Record<Fault, string>> = { kill: 'signal=KILL', eio: 'error=EIO', enospc: 'error=ENOSPC', short: 'retval=17' }

/** @returns why strace cannot be used here */
export function straceMissing(): string | undefined {
  try {
    execFileSync('strace', ['-o', '/dev/null', '-e', 'trace=fsync', 'true'], { stdio: 'pipe' })
    return undefined
  } catch (thrown) {
    const said = String((thrown as { stderr?: Buffer }).stderr ?? '').trim()
    return said || (thrown instanceof Error ? thrown.message.split('\n', 1).join('') : 'strace does not run')
  }
}

export interface Hit {
  readonly fault: Fault
  readonly place: Place
}

export interface Call {
  readonly call: string
  /** The file that it was about. */
  readonly about: string
  readonly injected: boolean
  /** The kernel itself had no room, or took less than it was given. */
  readonly noRoom: boolean
}

export class Strace {
  readonly #child: ChildProcess
  readonly #file: string

  private constructor(child: ChildProcess, file: string) {
    this.#child = child
    this.#file = file
  }

  /** Resolves when every thread of the process is watched. Without a fault it only counts. */
  static async attach(pid: number, { dir, file, hit }: { dir: string; file: string; hit?: Hit }): Promise<Strace> {
    const paths = (await dataFiles(dir)).flatMap((path) => ['-P', path])
    const inject = hit ? ['-e', `inject=${hit.place.call}:${befalling[hit.fault]}:when=${hit.place.ordinal}`] : []
    const args = ['-f', '-y', '-s', '0', '-o', file, ...paths, '-e', `trace=${calls}`, ...inject, '-p', String(pid)]
    const child = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] })
    const strace = new Strace(child, file)
    await new Promise<void>((resolve, reject) => {
      let said = ''
      child.stderr.on('data', (text: Buffer) => {
        said += text
        if (/attached/.test(said)) resolve()
      })
      child.once('exit', () => reject(new Error(`strace ended: ${said}`)))
    })
    return strace
  }

  /** Lets the process go on without it. */
  async detach(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGINT')
    await once(this.#child, 'exit')
  }

  /** In their order. */
  async calls(): Promise<readonly Call[]> {
    const text = await readFile(this.#file, 'utf8')
    return text
      .split('\n')
      .filter((line) => /^\d+\s+[a-z0-9]+\(/.test(line))
      .map((line) => ({ ...shortly(line), injected: line.includes('(INJECTED)'), noRoom: noRoom(line) }))
  }
}

/** `fdatasync` of `000007.log`, of a line of strace. */
function shortly(line: string): { call: string; about: string } {
  const [, call = ''] = /^\d+\s+([a-z0-9]+)\(/.exec(line) ?? []
  const [, path = ''] = /[<"]([^>"]+)[>"]/.exec(line) ?? []
  return { call, about: path.split('/').slice(-1).join('') }
}

function noRoom(line: string): boolean {
  const [, given, taken] = /^\d+\s+write\(.*, (\d+)\)\s+= (\d+)$/.exec(line) ?? []
  return line.includes('= -1 ENOSPC') || (given !== undefined && taken !== undefined && Number(taken) < Number(given))
}
