/** What Node and the system say of this process: for monitoring, and for nothing that decides. */
import { readdirSync, statfsSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Machine } from '../ports.ts'

/** @param dir a folder on the disk that is watched */
export function systemMachine(dir: string): Machine & Disposable {
  // A hundred looks a second cost a tenth of a thousandth of a core.
  const delay = monitorEventLoopDelay({ resolution: 10 })
  delay.enable()
  const startedMs = Date.now() - process.uptime() * 1000
  return {
    now: () => {
      const { user, system } = process.cpuUsage()
      const lagS = Math.max(0, delay.max) / 1e9
      delay.reset()
      const { rss, heapUsed } = process.memoryUsage()
      return { cpuS: (user + system) / 1e6, residentBytes: rss, heapBytes: heapUsed, lagS, startedMs, disk: diskOf(dir), openFiles: openFiles() }
    },
    [Symbol.dispose]: () => void delay.disable(),
  }
}

function diskOf(dir: string): { freeBytes: number; sizeBytes: number } | null {
  try {
    const { bavail, blocks, bsize } = statfsSync(dir)
    return { freeBytes: bavail * bsize, sizeBytes: blocks * bsize }
  } catch {
    return null
  }
}

function openFiles(): number | null {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return null
  }
}
