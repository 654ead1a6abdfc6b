/** What is asked of the running node, and where none runs of its program, on the folder. */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '#protocols/errors.ts'
import type { Session } from './command.ts'
import { ended, type Start, start } from './node-process.ts'

/** The program takes the lock of the store, so that no node starts meanwhile. @throws {TrustError} DFFT_NOT_RUNNING where there is no folder either */
export async function orStopped<T>({ dir }: Session, running: () => Promise<T>, stopped: () => Promise<T>): Promise<T> {
  try {
    return await running()
  } catch (thrown) {
    const there = await access(join(dir, 'store')).then(
      () => true,
      () => false,
    )
    if (codeOf(thrown) !== 'DFFT_NOT_RUNNING' || !there) throw thrown
    return stopped()
  }
}

/** One answer of the node's program, which has ended by then. */
export async function told(session: Session, verb: Start['verb'], wish: object): Promise<unknown> {
  const started = await start(session, { verb, input: JSON.stringify(wish) })
  await ended(started)
  return started.said.result // Our own program's line.
}
