/** What the kernel is told to do to a running node, and what it did: strace, on the files of one folder. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { dataFiles } from './prepared.ts'

/** Whatever changes what is on the disk. A SIGKILL comes before the call is made: point k is the disk after k - 1 of them. */
const calls = 'write,writev,pwrite64,pwritev,fsync,fdatasync,rename,renameat,ftruncate,unlink,unlinkat'
const writes = 'write,writev,pwrite64,pwritev'

export type Fault = 'kill' | 'eio' | 'enospc' | 'short'
export const faults: readonly Fault[] = ['kill', 'eio', 'enospc', 'short']

/** A short write takes 17 bytes less than nothing: strace answers in the kernel's place, and nothing at all is written. */
function injection(fault: Fault, point: number): readonly string[] {
  switch (fault) {
    case 'kill':
      return ['-e', `inject=${calls}:signal=KILL:when=${point}`]
    case 'eio':
      return ['-e', `inject=${calls}:error=EIO:when=${point}`]
    case 'enospc':
      return ['-e', `inject=${calls}:error=ENOSPC:when=${point}`]
    case 'short':
      return ['-e', `inject=${writes}:retval=17:when=${point}`]
  }
}

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

export interface Call {
  /** Of the system call, with what it was about. */
  readonly what: string
  readonly injected: boolean
}

export class Strace {
  readonly #child: ChildProcess
  readonly #file: string

  private constructor(child: ChildProcess, file: string) {
    this.#child = child
    this.#file = file
  }

  /** Resolves when every thread of the process is watched. Without a fault it only counts. */
  static async attach(pid: number, { dir, file, fault, point = 0 }: { dir: string; file: string; fault?: Fault; point?: number }): Promise<Strace> {
    const paths = (await dataFiles(dir)).flatMap((path) => ['-P', path])
    const which = fault === 'short' ? writes : calls
    const args = ['-f', '-y', '-s', '0', '-o', file, ...paths, '-e', `trace=${which}`, ...(fault ? injection(fault, point) : []), '-p', String(pid)]
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
      .map((line) => ({ what: shortly(line), injected: line.includes('(INJECTED)') }))
  }
}

/** `fdatasync 000007.log`, of a line of strace. */
function shortly(line: string): string {
  const [, name = ''] = /^\d+\s+([a-z0-9]+)\(/.exec(line) ?? []
  const [, path = ''] = /[<"]([^>"]+)[>"]/.exec(line) ?? []
  return `${name} ${path.split('/').slice(-1).join('')}`
}
