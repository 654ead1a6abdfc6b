/** How far the import of a file came: an import that stopped goes on there, and not at the beginning. */
import type { Store, Write } from '#node/ports.ts'
import { getJson, putJson, scanJson } from '#node/stored.ts'
import type { Digest, Instant } from '#protocols/ids.ts'

/** Where in its file a piece stands. */
export interface FilePiece {
  /** Over the bytes of the file, and of the mapping by which it is read. Another file of the same name is another file. */
  readonly digest: Digest
  readonly bytes: number
  /** Bytes of the file before the piece, and before what follows it. */
  readonly begin: number
  readonly end: number
}

export interface Progress {
  readonly file: Digest
  readonly bytes: number
  /** All bytes before this one are taken in. */
  readonly taken: number
  /** Line of the first record that is not. */
  readonly line: number
  readonly accepted: number
  readonly unchanged: number
  readonly rejected: number
  /** Of the last piece. */
  readonly at: Instant
}

interface Counts extends Pick<Progress, 'accepted' | 'unchanged' | 'rejected' | 'at'> {
  readonly lines: number
}

const prefix = 'register-file/'

/** Files that are remembered. A register has some 300 daily files a year. */
const filesMax = 1000

/**
 * For the batch of the piece's rows: both last, or neither.
 *
 * A piece that does not follow what was taken in (a second import of the same file beside this one) leaves the record as it is: the rows are in
 * all the same, and taking them in twice changes nothing.
 */
export async function progressWrite(store: Store, piece: FilePiece, counts: Counts): Promise<readonly Write[]> {
  const known = await progressOf(store, piece.digest)
  const held = known && known.taken < known.bytes ? known : undefined
  if (held && held.taken !== piece.begin) return []
  const sum = (name: 'accepted' | 'unchanged' | 'rejected') => counts[name] + (held?.[name] ?? 0)
  const progress: Progress = {
    file: piece.digest,
    bytes: piece.bytes,
    taken: piece.end,
    line: counts.lines,
    accepted: sum('accepted'),
    unchanged: sum('unchanged'),
    rejected: sum('rejected'),
    at: counts.at,
  }
  return [putJson(prefix + piece.digest, progress)]
}

export function progressOf(store: Store, file: Digest): Promise<Progress | undefined> {
  return getJson<Progress>(store, prefix + file)
}

/** Files of which something was taken in, the latest first. */
export async function files(store: Store): Promise<readonly Progress[]> {
  const found: Progress[] = []
  for await (const [, progress] of scanJson<Progress>(store, prefix, { limit: filesMax })) found.push(progress)
  return found.toSorted((one, other) => other.at.localeCompare(one.at))
}
