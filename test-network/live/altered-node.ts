/**
 * A node that is not honest, or not lucky: the real program with one thing changed from outside. The product has no
 * switch for any of it.
 */
import { parseArgs } from 'node:util'
import { jsonLog } from '#node/adapters/json-log.ts'
import { systemClock } from '#node/adapters/system.ts'
import { loadConfig } from '#node/config.ts'
import { run } from '#node/main.ts'
import type { Store, Write } from '#node/ports.ts'

const { values } = parseArgs({
  options: { dir: { type: 'string' }, 'die-after': { type: 'string' }, 'ignore-status': { type: 'boolean' }, 'clock-shift-ms': { type: 'string' } },
})
const { dir, 'die-after': dieAfter, 'ignore-status': ignoreStatus, 'clock-shift-ms': clockShift } = values
if (dir === undefined) throw new Error('--dir is missing')

/** Dies by SIGKILL, which nothing can catch, when an entry of this kind is durable and before anything else happens. */
function mortal(store: Store, kind: string): Store {
  const records = (write: Write) => 'put' in write && write.put.startsWith('log/entry/') && Buffer.from(write.value).includes(`"kind":"${kind}"`)
  return {
    get: (key) => store.get(key),
    scan: (range) => store.scan(range),
    batch: async (writes, options) => {
      await store.batch(writes, options)
      if (writes.some(records)) process.kill(process.pid, 'SIGKILL')
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

// The node's clock asks this one; waits are not of the day, and stay as long as they are.
if (clockShift !== undefined) {
  const now = Date.now
  Date.now = () => now() + Number(clockShift)
}

const chunks: Buffer[] = []
for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
const passphrase = Buffer.concat(chunks).toString('utf8').split('\n', 1).join('')
const config = loadConfig(dir, { env: process.env })
const stopped = Promise.withResolvers<void>()
const log = jsonLog(process.stderr, { level: config.logLevel, clock: systemClock })
if (clockShift !== undefined) log('warn', 'clock shifted', { shiftMs: Number(clockShift) })
const running = await run(config, passphrase, log, {
  onStop: () => stopped.resolve(),
  ...(dieAfter === undefined ? {} : { store: (store: Store) => mortal(store, dieAfter) }),
  ...(ignoreStatus ? { parts: (parts) => ({ ...parts, surroundings: { ...parts.surroundings, status: async () => 'valid' as const } }) } : {}),
})
process.stdout.write(`${JSON.stringify({ ready: running.ready })}\n`)
await stopped.promise
await running[Symbol.asyncDispose]()
process.exit(0)
