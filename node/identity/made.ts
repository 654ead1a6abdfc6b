/**
 * Which statements this node signed by an act of its own: a mark in the Store for each, by its digest. What a rotation signs anew it goes
 * by this, and not by whose signature a document carries: whoever stole the key makes documents with that signature, and shows them to us.
 */

import { logKeys } from '#node/audit/audit-disk.ts'
import type { Store, Write } from '#node/ports.ts'
import { putJson, scanJson } from '#node/stored.ts'
import { type Did, type Digest, type Instant, instant, msOf } from '#protocols/ids.ts'
import type { LogEntry } from '#protocols/log/entry.ts'

interface Mark {
  readonly at: Instant
}

const made = 'made/'

/** Belongs in the batch of the act, or in one before it. */
export function madeWrite(digest: Digest, atMs: number): Write {
  return putJson(`${made}${digest}`, { at: instant(atMs) } satisfies Mark)
}

/** The same statement with another digest: it is as old as the one before, which a doubt about the key of that time takes with it. */
export function madeAgain(before: Digest, digest: Digest, marks: Marks): readonly Write[] {
  const atMs = marks.get(before)
  return before === digest || atMs === undefined ? [] : [{ del: `${made}${before}` }, madeWrite(digest, atMs)]
}

/** Of each statement when it was made. */
export type Marks = ReadonlyMap<Digest, number>

/**
 * @param before what was made then or later is left out: somebody else may have been at this desk
 * @returns marks, and what makes those durable that are only in the log yet
 */
export async function madeHere(store: Store, did: Did, before: Instant | null): Promise<{ readonly marks: Marks; readonly writes: readonly Write[] }> {
  const endMs = before === null ? Number.POSITIVE_INFINITY : msOf(before)
  const marks = new Map<Digest, number>()
  for await (const [key, { at }] of scanJson<Mark>(store, made)) marks.set(key.slice(made.length) as Digest, msOf(at)) // Its key when it was put.
  const writes: Write[] = []
  if ((await store.get(readKey)) === undefined) {
    writes.push(putJson(readKey, {}))
    for (const [digest, atMs] of await toldInLog(store, did)) {
      if (marks.has(digest)) continue
      marks.set(digest, atMs)
      writes.push(madeWrite(digest, atMs))
    }
  }
  return { marks: new Map([...marks].filter(([, atMs]) => atMs < endMs)), writes }
}

/** There once the log was read for what it tells of the time before there were marks. */
const readKey = 'made-before'

/** Acts of the desks name what they were about, and whose signatures it had. A fork was none of their making. */
async function toldInLog(store: Store, did: Did): Promise<Marks> {
  const told = new Map<Digest, number>()
  for await (const [, { kind, at, facts }] of scanJson<Pick<LogEntry, 'kind' | 'at' | 'facts'>>(store, logKeys.entries.from)) {
    const { digest, signers } = facts
    if (kind !== 'trust-forked' && typeof digest === 'string' && Array.isArray(signers) && signers.includes(did) && !told.has(digest as Digest))
      told.set(digest as Digest, msOf(at)) // A digest wherever signers are told too.
  }
  return told
}
