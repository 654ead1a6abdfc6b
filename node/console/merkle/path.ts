/** The way from an entry to the root of its tree, hashed in this browser (RFC 9162, 2.1.1 and 2.1.3.2). */
import { joined, utf8 } from './bytes.ts'

export interface Step {
  /** Where the sibling stands. */
  readonly side: 'left' | 'right'
  readonly sibling: Uint8Array
  /** Of both together. */
  readonly hash: Uint8Array
}

export interface Path {
  readonly leaf: Uint8Array
  readonly steps: readonly Step[]
  /** What comes out; null where the proof is not of this index and size. */
  readonly root: Uint8Array | null
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}

/** SHA-256(0x00 ‖ entry). */
export function leafHash(entry: string): Promise<Uint8Array> {
  return sha256(joined(Uint8Array.of(0), utf8(entry)))
}

/** SHA-256(0x01 ‖ left ‖ right). */
function nodeHash(left: Uint8Array, right: Uint8Array): Promise<Uint8Array> {
  return sha256(joined(Uint8Array.of(1), left, right))
}

/** Walks from the leaf to the root. A log of more than 2^53 entries is none that a browser counts. */
export async function walk(entry: string, place: { readonly index: number; readonly size: number; readonly proof: readonly Uint8Array[] }): Promise<Path> {
  const leaf = await leafHash(entry)
  let { index } = place
  let last = place.size - 1
  if (index < 0 || index > last) return { leaf, steps: [], root: null }
  const steps: Step[] = []
  let hash = leaf
  for (const sibling of place.proof) {
    if (last === 0) return { leaf, steps, root: null }
    const left = index % 2 === 1 || index === last
    hash = left ? await nodeHash(sibling, hash) : await nodeHash(hash, sibling)
    steps.push({ side: left ? 'left' : 'right', sibling, hash })
    // The last of its level without a neighbour goes up unhashed until it has one.
    while (left && index % 2 === 0 && index !== 0) {
      index = index / 2
      last = Math.floor(last / 2)
    }
    index = Math.floor(index / 2)
    last = Math.floor(last / 2)
  }
  return { leaf, steps, root: last === 0 ? hash : null }
}
