/** The suites in the order they run; one is loaded when a measure of it is wanted, so that it does not disturb the others. */
import type { Measure } from './measure.ts'

export interface Suite {
  /** What the names of its measures begin with. */
  readonly names: readonly string[]
  readonly load: () => Promise<{ readonly measures: readonly Measure[] }>
}

export const suites: readonly Suite[] = [
  { names: ['verify', 'issue', 'status'], load: () => import('./credentials.ts') },
  { names: ['trust.bundle'], load: () => import('./trust.ts') },
  { names: ['trust.recognise', 'trust.refuse', 'trust.rebuild', 'trust.put'], load: () => import('./trust-recognise.ts') },
  { names: ['memory'], load: () => import('./memory.ts') },
  { names: ['policy'], load: () => import('./policy.ts') },
  { names: ['audit', 'recovery', 'registry'], load: () => import('./records.ts') },
  { names: ['metrics'], load: () => import('./metrics.ts') },
  { names: ['backup'], load: () => import('./backup.ts') },
  { names: ['invoice'], load: () => import('./invoices.ts') },
  { names: ['start.ready', 'start.memory', 'cli'], load: () => import('./start.ts') },
  { names: ['start.help.bundled', 'start.verify.bundled'], load: () => import('./bundled.ts') },
  { names: ['exchange'], load: () => import('./exchange.ts') },
  // Last: what it measures ours against changes the process it runs in.
  { names: ['verify.rdfc'], load: () => import('./digitalbazaar.ts') },
]
