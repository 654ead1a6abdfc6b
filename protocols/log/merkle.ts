/**
 * The Merkle tree of RFC 9162, 2.1: hashes, an appendable tree, and the two verifiers, which need no tree.
 *
 * A tree keeps, level by level, the hash of every complete subtree; roots and proofs of any size up to now are read from them. A log only
 * grows, and its hashes with it: where a tree is given an overflow, it lays them there and holds the ends of its levels alone.
 */
import { strict as assert } from 'node:assert'
import { createHash, hash } from 'node:crypto'

export const hashBytes = 32

/** A proof in a tree of 2^63 leaves; tlog-witness sets the same limit. */
export const proofHashesMax = 63

export type Proof = readonly Uint8Array[]

const longBytes = 16 << 10
const leafMark = Uint8Array.of(0)

/** RFC 9162, 2.1.1: SHA-256(0x00 ‖ entry). */
export function leafHash(entry: Uint8Array): Uint8Array {
  // Of an attachment's chunk a copy costs more than two calls.
  if (entry.length >= longBytes) return createHash('sha256').update(leafMark).update(entry).digest()
  const input = Buffer.allocUnsafe(1 + entry.length)
  input[0] = 0
  input.set(entry, 1)
  return sha256(input)
}

/** RFC 9162, 2.1.1: SHA-256(0x01 ‖ left ‖ right). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Uint8Array {
  const input = Buffer.allocUnsafe(1 + 2 * hashBytes)
  input[0] = 1
  input.set(left, 1)
  input.set(right, 1 + hashBytes)
  return sha256(input)
}

export function emptyRoot(): Uint8Array {
  return sha256(new Uint8Array())
}

/** By way of base64, which costs half of asking for bytes: those come in an ArrayBuffer of their own. */
function sha256(input: Uint8Array): Uint8Array {
  return Buffer.from(hash('sha256', input, 'base64'), 'base64')
}

/**
 * Hashes in one piece of a level: 256 KiB. In one array a level would be copied whenever it doubles, which at a million leaves stops
 * everything else for tens of milliseconds, and would take twice what it holds.
 */
const pieceHashes = 8192
const pieceBytes = pieceHashes * hashBytes

/**
 * Room outside of memory, for one tree and as long as it lives. Synchronous, since a proof is made in one turn: what is read are a few bytes, which
 * the system mostly has at hand.
 */
export interface Overflow {
  /** @returns whether there was room; else nothing there is read */
  write(position: number, bytes: Uint8Array): boolean
  /** What was written there, the caller's to keep. @throws rather than return anything else */
  read(position: number, length: number): Uint8Array
}

export class MerkleTree {
  #size = 0
  /**
   * `#levels[k]` holds the hashes of the complete subtrees of 2^k leaves, 32 bytes each, in pieces; of one that was laid in the overflow, its position.
   * No append and no root of the whole tree reads such a piece: both need what ends at an odd place of a level, and a full piece ends at an even one.
   */
  readonly #levels: (Uint8Array | number)[][] = []
  readonly #overflow: Overflow | undefined
  /** Positions that were given up, and where the overflow ends. */
  readonly #free: number[] = []
  #end = 0

  constructor(overflow?: Overflow) {
    this.#overflow = overflow
  }

  get size(): number {
    return this.#size
  }

  /** What its hashes take in memory. */
  get bytes(): number {
    return this.#levels.flat().reduce<number>((bytes, piece) => bytes + (typeof piece === 'number' ? 0 : piece.length), 0)
  }

  /** @returns the index of the new leaf, from 0 */
  append(leaf: Uint8Array): number {
    assert(leaf.length === hashBytes, 'a leaf is a SHA-256 hash')
    const index = this.#size
    let node = leaf
    let at = index
    for (let level = 0; ; level++, at = (at - 1) / 2) {
      this.#put(level, at, node)
      if (at % 2 === 0) break
      node = nodeHash(this.#node(level, at - 1), node)
    }
    this.#size++
    this.#layFull()
    return index
  }

  /** Forgets the leaves from `size` on. Where the overflow gives a piece back no more it throws, and may be asked again. */
  truncate(size: number): void {
    assert(size >= 0 && size <= this.#size, 'a tree is truncated to a size it had')
    for (const [level, pieces] of this.#levels.entries()) this.#cut(pieces, Math.floor(size / 2 ** level))
    this.#size = size
  }

  leaf(index: number): Uint8Array {
    assert(index >= 0 && index < this.#size, 'the leaf is in the tree')
    return this.#node(0, index).slice()
  }

  /** RFC 9162, 2.1.1, of the first `size` leaves. */
  root(size = this.#size): Uint8Array {
    this.#checkSize(size)
    return size === 0 ? emptyRoot() : this.#subtree(0, size)
  }

  /** RFC 9162, 2.1.3.1, from the leaf up. */
  inclusionProof(index: number, size = this.#size): Proof {
    this.#checkSize(size)
    assert(Number.isSafeInteger(index) && index >= 0 && index < size, 'the leaf is in the tree')
    const proof: Uint8Array[] = []
    for (let start = 0, end = size; end - start > 1; ) {
      const middle = start + split(end - start)
      const right = index >= middle
      proof.push(right ? this.#subtree(start, middle) : this.#subtree(middle, end))
      if (right) start = middle
      else end = middle
    }
    return proof.reverse()
  }

  /** RFC 9162, 2.1.4.1; empty when `from` is 0 or `to`. */
  consistencyProof(from: number, to = this.#size): Proof {
    this.#checkSize(to)
    assert(Number.isSafeInteger(from) && from >= 0 && from <= to, 'the older tree is the smaller one')
    const proof: Uint8Array[] = []
    if (from === 0) return proof
    let start = 0
    let end = to
    let whole = true // Whether the older tree is a complete subtree of the part looked at, whose hash the verifier holds.
    while (from !== end) {
      const middle = start + split(end - start)
      const right = from > middle
      proof.push(right ? this.#subtree(start, middle) : this.#subtree(middle, end))
      if (right) {
        start = middle
        whole = false
      } else end = middle
    }
    if (!whole) proof.push(this.#subtree(start, end))
    return proof.reverse()
  }

  #checkSize(size: number): void {
    assert(Number.isSafeInteger(size) && size >= 0 && size <= this.#size, 'the tree has had this size')
  }

  /** Hash of the leaves from `start` to `end`, where `start` is a multiple of the next power of two, as in every split. */
  #subtree(start: number, end: number): Uint8Array {
    const width = end - start
    const level = Math.log2(width)
    if (Number.isInteger(level)) return this.#node(level, start / width).slice()
    const middle = start + split(width)
    return nodeHash(this.#subtree(start, middle), this.#subtree(middle, end))
  }

  #node(level: number, at: number): Uint8Array {
    const piece = this.#levels[level]?.[Math.floor(at / pieceHashes)]
    assert(piece !== undefined, 'the subtree is complete')
    const start = (at % pieceHashes) * hashBytes
    return typeof piece === 'number' ? this.#laid(piece + start, hashBytes) : piece.subarray(start, start + hashBytes)
  }

  #put(level: number, at: number, node: Uint8Array): void {
    const pieces = this.#levels[level] ?? []
    this.#levels[level] = pieces
    const number = Math.floor(at / pieceHashes)
    const start = (at % pieceHashes) * hashBytes
    let piece = pieces[number] ?? new Uint8Array(number === 0 ? 16 * hashBytes : pieceBytes)
    assert(typeof piece !== 'number', 'what is laid away is full')
    // Only the first piece begins small: most trees are, in tests and on the higher levels.
    if (start === piece.length) piece = grown(piece)
    piece.set(node, start)
    pieces[number] = piece
  }

  /** When a leaf filled a piece: that one, each above it of which it was the last, and those for which there was no room before. */
  #layFull(): void {
    if (!this.#overflow || this.#size % pieceHashes !== 0) return
    for (const [level, pieces] of this.#levels.entries()) {
      const full = Math.floor(this.#size / 2 ** level / pieceHashes)
      for (const [number, piece] of pieces.slice(0, full).entries()) {
        if (typeof piece === 'number') continue
        const position = this.#free.at(-1) ?? this.#end
        if (!this.#overflow.write(position, piece)) return // It stays in memory until the next is full.
        if (this.#free.pop() === undefined) this.#end += pieceBytes
        pieces[number] = position
      }
    }
  }

  /** Down to `count` hashes: a piece that is full no more is taken back. */
  #cut(pieces: (Uint8Array | number)[], count: number): void {
    const kept = Math.ceil(count / pieceHashes)
    for (const piece of pieces.splice(kept)) if (typeof piece === 'number') this.#free.push(piece)
    const last = pieces[kept - 1]
    if (typeof last !== 'number' || count % pieceHashes === 0) return
    pieces[kept - 1] = this.#laid(last, pieceBytes)
    this.#free.push(last)
  }

  #laid(position: number, length: number): Uint8Array {
    assert(this.#overflow, 'a piece is laid where there is an overflow')
    return new Uint8Array(this.#overflow.read(position, length)) // Of a Buffer, whose parts are views where ours are copies, and which may hold a page for 32 bytes.
  }
}

function grown(piece: Uint8Array): Uint8Array {
  const larger = new Uint8Array(piece.length * 2)
  larger.set(piece)
  return larger
}

/** The largest power of two smaller than `width`, which is at least 2. */
function split(width: number): number {
  let power = 1
  while (power * 2 < width) power *= 2
  return power
}

/** Whether `leaf` stands at `index` of the tree of `size` leaves and this root. RFC 9162, 2.1.3.2. */
export function verifyInclusion(claim: {
  readonly leaf: Uint8Array
  readonly index: number
  readonly size: number
  readonly root: Uint8Array
  readonly proof: Proof
}): boolean {
  const { leaf, index, size, root, proof } = claim
  if (!isSize(index) || !isSize(size) || index >= size || !areHashes([leaf, root, ...proof])) return false
  let at = index
  let last = size - 1
  let node = leaf
  for (const sibling of proof) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      node = nodeHash(sibling, node)
      while (at % 2 === 0 && at !== 0) {
        at = at / 2
        last = Math.floor(last / 2)
      }
    } else node = nodeHash(node, sibling)
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && equal(node, root)
}

export interface TreeHead {
  readonly size: number
  readonly root: Uint8Array
}

/** Whether the tree of `to` begins with the tree of `from`. RFC 9162, 2.1.4.2; from the empty tree the proof is empty (tlog-witness). */
export function verifyConsistency(from: TreeHead, to: TreeHead, proof: Proof): boolean {
  if (!isSize(from.size) || !isSize(to.size) || from.size > to.size || !areHashes([from.root, to.root, ...proof])) return false
  if (from.size === 0) return proof.length === 0 && equal(from.root, emptyRoot()) && (to.size > 0 || equal(to.root, from.root))
  if (from.size === to.size) return proof.length === 0 && equal(from.root, to.root)
  const [first, ...rest] = isPowerOfTwo(from.size) ? [from.root, ...proof] : proof
  if (!first || proof.length === 0) return false
  return climb(from, to, first, rest)
}

function climb(from: TreeHead, to: TreeHead, first: Uint8Array, rest: Proof): boolean {
  let at = from.size - 1
  let last = to.size - 1
  while (at % 2 === 1) {
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
  }
  let older = first
  let newer = first
  for (const sibling of rest) {
    if (last === 0) return false
    if (at % 2 === 1 || at === last) {
      older = nodeHash(sibling, older)
      newer = nodeHash(sibling, newer)
      while (at % 2 === 0 && at !== 0) {
        at = at / 2
        last = Math.floor(last / 2)
      }
    } else newer = nodeHash(newer, sibling)
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && equal(older, from.root) && equal(newer, to.root)
}

function isSize(size: number): boolean {
  return Number.isSafeInteger(size) && size >= 0
}

function isPowerOfTwo(size: number): boolean {
  return Number.isInteger(Math.log2(size))
}

function areHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.length <= proofHashesMax + 2 && hashes.every((each) => each.length === hashBytes)
}

function equal(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0
}
