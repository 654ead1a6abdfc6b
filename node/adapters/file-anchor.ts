/**
 * The last checkpoint a node signed, in a file of its own beside the store: what tells that the store lost its newest batches.
 *
 * It is replaced whole. A backup of the store must not be restored together with the anchor of that time.
 */
import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { TrustError } from '#protocols/errors.ts'

/** @throws {TrustError} DFFT_STORE, from both, when the file cannot be read or written; DFFT_DISK_FULL */
export function fileAnchor(path: string): { read(): Promise<string | undefined>; write(note: string): Promise<void> } {
  let last: Promise<unknown> = Promise.resolve()
  return {
    read: () => readNote(path),
    write: (note) => {
      const done = last.then(() => replace(path, note))
      last = done.catch(() => {}) // Its caller has the rejection; the next one only waits.
      return done
    },
  }
}

async function readNote(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw new TrustError('DFFT_STORE', `the anchor \`${path}\` cannot be read`, {}, { cause })
  }
}

async function replace(path: string, note: string): Promise<void> {
  try {
    await using file = await open(`${path}.new`, 'w', 0o600)
    await file.writeFile(note)
    await file.sync()
    await rename(`${path}.new`, path)
    await using folder = await open(dirname(path), 'r')
    await folder.sync()
  } catch (cause) {
    // Written anew and whole each time: what failed before is not in it.
    const full = cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT')
    throw new TrustError(full ? 'DFFT_DISK_FULL' : 'DFFT_STORE', `the anchor \`${path}\` cannot be written`, {}, { cause })
  }
}
