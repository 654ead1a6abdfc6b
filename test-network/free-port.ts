/** A port of loopback for what has to know its own before it starts. */
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below those that a system gives out by itself: none of the many sockets that a test opens takes it before it is used. */
const range = [10_000, 32_768] as const

/** Nobody listens on it. */
export async function freePort(): Promise<number> {
  const port = randomInt(...range)
  const server = createServer()
  const taken = await new Promise<boolean>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => (cause.code === 'EADDRINUSE' ? resolve(true) : reject(cause)))
    server.listen(port, '127.0.0.1', () => resolve(false))
  })
  if (taken) return freePort()
  server.close()
  await once(server, 'close')
  return port
}
