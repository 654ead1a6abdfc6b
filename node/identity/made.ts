/**
 * Which statements this node signed by an act of its own: a mark in the Store for each, by its digest. What a rotation signs anew it goes
 * by this, and not by whose signature a document carries: whoever stole the key makes documents with that signature, and shows them to us.
 */

import type { Store, Write } from '#node/ports.ts'
import { putJson, scanJson } from '#node/stored.ts'
import { type Digest, type Instant, instant, msOf } from '#protocols/ids.ts'

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

/** @param before what was made then or later is left out: somebody else may have been at this desk */
export async function madeHere(store: Store, before: Instant | null): Promise<Marks> {
  const endMs = before === null ? Number.POSITIVE_INFINITY : msOf(before)
  const marks = new Map<Digest, number>()
  for await (const [key, { at }] of scanJson<Mark>(store, made)) if (msOf(at) < endMs) marks.set(key.slice(made.length) as Digest, msOf(at)) // Its key when it was put.
  return marks
}
