import fc from 'fast-check'
import { expect, it } from 'vitest'
import { emptyRoot, hashBytes, leafHash, MerkleTree, nodeHash, type Overflow, type Proof, verifyConsistency, verifyInclusion } from './merkle.ts'

/** The eight leaves and roots that the implementers of RFC 6962 compare (certificate-transparency, merkle_tree_test.cc). */
const leaves = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
const roots = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]

function hex(bytes: Uint8Array | undefined): string {
  return Buffer.from(bytes ?? []).toString('hex')
}

function leaf(index: number): Uint8Array {
  return leafHash(Buffer.from(`entry ${index}`))
}

function treeOf(size: number): MerkleTree {
  const tree = new MerkleTree()
  for (let index = 0; index < size; index++) tree.append(leaf(index))
  return tree
}

/** RFC 9162, 2.1.1 word for word: slow, and written without the tree. */
function definedRoot(hashes: readonly Uint8Array[]): Uint8Array {
  const [only] = hashes
  if (!only) return emptyRoot()
  if (hashes.length === 1) return only
  const k = 2 ** Math.ceil(Math.log2(hashes.length) - 1)
  return nodeHash(definedRoot(hashes.slice(0, k)), definedRoot(hashes.slice(k)))
}

it('roots are those other implementations of RFC 6962 compute', () => {
  const tree = new MerkleTree()
  expect(hex(tree.root())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
  for (const [index, text] of leaves.entries()) {
    expect(tree.append(leafHash(Buffer.from(text, 'hex')))).toBe(index)
    expect(hex(tree.root())).toBe(roots[index])
  }
  for (const [index, root] of roots.entries()) expect(hex(tree.root(index + 1))).toBe(root)
})

it('proofs are those other implementations of RFC 6962 compute', () => {
  const tree = new MerkleTree()
  for (const text of leaves) tree.append(leafHash(Buffer.from(text, 'hex')))
  expect(tree.inclusionProof(5, 8).map((hash) => hex(hash).slice(0, 8))).toEqual(['bc1a0643', 'ca854ea1', 'd37ee418'])
  expect(tree.consistencyProof(6, 8).map((hash) => hex(hash).slice(0, 8))).toEqual(['0ebc5d34', 'ca854ea1', 'd37ee418'])
  expect(tree.consistencyProof(2, 5).map((hash) => hex(hash).slice(0, 8))).toEqual(['5f083f0a', 'bc1a0643'])
})

it('a tree has the root that the definition gives, at every size up to 70 and every earlier size', () => {
  const hashes = Array.from({ length: 70 }, (_, index) => leaf(index))
  const tree = treeOf(70)
  for (let size = 0; size <= 70; size++) {
    expect(hex(tree.root(size))).toBe(hex(definedRoot(hashes.slice(0, size))))
    expect(hex(treeOf(size).root())).toBe(hex(tree.root(size)))
  }
})

it('each leaf of each tree of up to 40 is proved, and its proof proves nothing else', () => {
  const tree = treeOf(40)
  for (let size = 1; size <= 40; size++) {
    const root = tree.root(size)
    for (let index = 0; index < size; index++) {
      const proof = tree.inclusionProof(index, size)
      const claim = { leaf: leaf(index), index, size, root, proof }
      expect(verifyInclusion(claim)).toBe(true)
      expect(verifyInclusion({ ...claim, leaf: leaf(index + 1) })).toBe(false)
      expect(verifyInclusion({ ...claim, index: index + 1 })).toBe(false)
      expect(verifyInclusion({ ...claim, root: tree.root(size - 1) })).toBe(false)
      expect(verifyInclusion({ ...claim, proof: [...proof, leaf(0)] })).toBe(false)
      expect(proof.length > 0 && verifyInclusion({ ...claim, proof: proof.slice(1) })).toBe(false)
      for (const bad of damaged(proof)) expect(verifyInclusion({ ...claim, proof: bad })).toBe(false)
    }
  }
})

it('each pair of sizes up to 40 is proved consistent, and its proof proves nothing else', () => {
  const tree = treeOf(41)
  const other = new MerkleTree()
  for (let index = 0; index < 41; index++) other.append(leaf(index === 0 ? 1000 : index))
  for (let to = 1; to <= 40; to++) {
    for (let from = 1; from <= to; from++) {
      const proof = tree.consistencyProof(from, to)
      const [older, newer] = [
        { size: from, root: tree.root(from) },
        { size: to, root: tree.root(to) },
      ]
      expect(verifyConsistency(older, newer, proof)).toBe(true)
      expect(verifyConsistency({ ...older, root: other.root(from) }, newer, proof)).toBe(false)
      expect(verifyConsistency(older, { ...newer, root: other.root(to) }, proof)).toBe(false)
      expect(verifyConsistency(older, { size: to, root: other.root(to) }, other.consistencyProof(from, to))).toBe(false)
      expect(verifyConsistency(older, newer, [...proof, leaf(0)])).toBe(false)
      expect(proof.length > 0 && verifyConsistency(older, newer, proof.slice(1))).toBe(false)
      for (const bad of damaged(proof)) expect(verifyConsistency(older, newer, bad)).toBe(false)
    }
  }
})

it('from the empty tree every tree follows, by an empty proof only', () => {
  const tree = treeOf(3)
  const empty = { size: 0, root: emptyRoot() }
  expect(tree.consistencyProof(0)).toEqual([])
  expect(verifyConsistency(empty, { size: 3, root: tree.root() }, [])).toBe(true)
  expect(verifyConsistency(empty, empty, [])).toBe(true)
  expect(verifyConsistency(empty, { size: 3, root: tree.root() }, [leaf(0)])).toBe(false)
  expect(verifyConsistency({ size: 0, root: leaf(0) }, { size: 3, root: tree.root() }, [])).toBe(false)
  expect(verifyConsistency(empty, { size: 0, root: leaf(0) }, [])).toBe(false)
})

it('sizes that are no sizes and hashes that are no hashes prove nothing and throw nothing', () => {
  const tree = treeOf(5)
  const root = tree.root()
  const proof = tree.inclusionProof(2)
  for (const size of [-1, 2.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    expect(verifyInclusion({ leaf: leaf(2), index: 2, size, root, proof })).toBe(false)
    expect(verifyInclusion({ leaf: leaf(2), index: size, size: 5, root, proof })).toBe(false)
    expect(verifyConsistency({ size, root }, { size: 5, root }, [])).toBe(false)
    expect(verifyConsistency({ size: 1, root: leaf(0) }, { size, root }, proof)).toBe(false)
  }
  expect(verifyConsistency({ size: 5, root }, { size: 4, root: tree.root(4) }, [])).toBe(false)
  expect(verifyInclusion({ leaf: leaf(2), index: 2, size: 5, root, proof: [new Uint8Array(31), ...proof.slice(1)] })).toBe(false)
  expect(verifyInclusion({ leaf: new Uint8Array(33), index: 2, size: 5, root, proof })).toBe(false)
  expect(verifyInclusion({ leaf: leaf(2), index: 2, size: 2 ** 40, root, proof: Array<Uint8Array>(100).fill(root) })).toBe(false)
})

it('indexes beyond 32 bits do not wrap', () => {
  // A tree of 2^40 + 1 leaves whose last leaf stands alone beside the root of the others.
  const left = leafHash(Buffer.from('stands for 2^40 leaves'))
  const claim = { leaf: leaf(1), index: 2 ** 40, size: 2 ** 40 + 1, root: nodeHash(left, leaf(1)), proof: [left] }
  expect(verifyInclusion(claim)).toBe(true)
  expect(verifyInclusion({ ...claim, index: 0 })).toBe(false)
  expect(verifyConsistency({ size: 2 ** 40, root: left }, claim, [leaf(1)])).toBe(true)
})

it('a truncated tree is the tree it was, and grows on as if nothing had been', () => {
  fc.assert(
    fc.property(fc.nat(60), fc.nat(60), fc.nat(60), (first, more, then) => {
      const tree = treeOf(first)
      for (let index = 0; index < more; index++) tree.append(leaf(5000 + index))
      tree.truncate(first)
      expect(hex(tree.root())).toBe(hex(treeOf(first).root()))
      for (let index = first; index < first + then; index++) tree.append(leaf(index))
      expect(hex(tree.root())).toBe(hex(treeOf(first + then).root()))
    }),
    { numRuns: 60 },
  )
})

/** Room that is refused now and then, and where what was refused is garbage. */
class ScarceRoom implements Overflow {
  readonly #refuses: (write: number) => boolean
  readonly #written = new Map<number, number>()
  #bytes = Buffer.alloc(0)
  #writes = 0
  reads = 0

  constructor(refuses: (write: number) => boolean) {
    this.#refuses = refuses
  }

  get pieces(): number {
    return this.#written.size
  }

  write(position: number, bytes: Uint8Array): boolean {
    const grown = Buffer.alloc(Math.max(this.#bytes.length, position + bytes.length))
    this.#bytes.copy(grown)
    this.#bytes = grown
    const refused = this.#refuses(this.#writes++)
    if (refused) grown.fill(0xee, position, position + bytes.length)
    else grown.set(bytes, position)
    if (refused) this.#written.delete(position)
    else this.#written.set(position, bytes.length)
    return !refused
  }

  read(position: number, length: number): Uint8Array {
    this.reads++
    const held = [...this.#written].some(([from, bytes]) => from <= position && position + length <= from + bytes)
    expect(held, 'only what was written is read').toBe(true)
    return Buffer.from(this.#bytes.subarray(position, position + length))
  }
}

const many = Array.from({ length: 50_000 }, (_, index) => leaf(index))

it('a tree that lays full pieces outside of memory is the tree it would be, however it was cut and whatever was refused', () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ append: fc.integer({ min: 1, max: 12_000 }) }) },
    { weight: 1, arbitrary: fc.record({ cut: fc.integer({ min: 0, max: 20_000 }) }) },
    // To where pieces of the lowest levels end, and one to either side.
    { weight: 2, arbitrary: fc.record({ pieces: fc.integer({ min: 0, max: 4 }), beside: fc.integer({ min: -1, max: 1 }) }) },
  )
  fc.assert(
    fc.property(fc.array(step, { minLength: 3, maxLength: 10 }), fc.infiniteStream(fc.integer({ min: 0, max: 3 })), fc.gen(), (steps, luck, gen) => {
      const room = new ScarceRoom(() => luck.next().value === 0)
      const [laid, held] = [new MerkleTree(room), new MerkleTree()]
      const to = (size: number) => {
        for (const tree of [laid, held]) {
          if (size < tree.size) tree.truncate(size)
          while (tree.size < Math.min(size, many.length)) tree.append(many[tree.size]!)
        }
        expect(laid.size).toBe(held.size)
        expect(hex(laid.root())).toBe(hex(held.root()))
      }
      for (const one of steps) {
        if ('append' in one) to(laid.size + one.append)
        else if ('cut' in one) to(Math.max(0, laid.size - one.cut))
        else to(Math.max(0, one.pieces * 8192 + one.beside))
      }
      for (let count = 0; count < 20 && held.size > 0; count++) {
        const size = gen(fc.integer, { min: 1, max: held.size })
        const index = gen(fc.nat, { max: size - 1 })
        expect(hex(laid.root(size))).toBe(hex(held.root(size)))
        expect(hex(laid.leaf(index))).toBe(hex(held.leaf(index)))
        expect(laid.inclusionProof(index, size).map(hex)).toEqual(held.inclusionProof(index, size).map(hex))
        expect(laid.consistencyProof(index, size).map(hex)).toEqual(held.consistencyProof(index, size).map(hex))
      }
    }),
    { numRuns: 40 },
  )
})

it('what it holds in memory does not grow with its leaves, and neither growing nor its own root reads what it laid', () => {
  const room = new ScarceRoom(() => false)
  const tree = new MerkleTree(room)
  const bytes = new Set<number>()
  for (const one of many) {
    tree.append(one)
    if (tree.size % 8192 === 0) bytes.add(tree.bytes)
    if (tree.size % 1000 === 0) tree.root()
  }
  expect(room.pieces).toBe(6 + 3 + 1)
  expect(room.reads).toBe(0)
  // Of each level one piece, and of the higher ones as much as they have.
  expect(Math.max(...bytes)).toBeLessThan(5 * 8192 * hashBytes)
  expect(treeOf(50_000).bytes).toBeGreaterThan(12 * 8192 * hashBytes)
})

it('what there was no room for is laid when there is, and a piece that is taken back leaves its room to the next', () => {
  let room = false
  const scarce = new ScarceRoom(() => !room)
  const tree = new MerkleTree(scarce)
  const to = (size: number) => {
    if (size < tree.size) tree.truncate(size)
    while (tree.size < size) tree.append(many[tree.size]!)
  }
  to(3 * 8192)
  expect(scarce.pieces).toBe(0)
  room = true
  to(4 * 8192)
  expect(scarce.pieces).toBe(4 + 2 + 1)
  for (let round = 0; round < 3; round++) {
    to(4 * 8192 - 1)
    to(4 * 8192)
  }
  expect(scarce.pieces).toBe(4 + 2 + 1)
})

it('gives out copies, also of what was taken back from outside of memory', () => {
  const tree = new MerkleTree(new ScarceRoom(() => false))
  for (const one of many.slice(0, 8192)) tree.append(one)
  tree.truncate(8190)
  tree.append(many[1]!)
  const [given, expected] = [tree.leaf(8190), hex(many[1]!)]
  tree.truncate(8190)
  tree.append(many[2]!)
  expect(hex(given)).toBe(expected)
  expect(hex(tree.leaf(8190))).toBe(hex(many[2]!))
})

function* damaged(proof: Proof): Generator<Proof> {
  for (const at of proof.keys()) {
    yield proof.map((hash, each) => (each === at ? hash.map((byte, index) => (index === at % hashBytes ? byte ^ 1 : byte)) : hash))
  }
}
