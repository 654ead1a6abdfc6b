/**
 * Changes an evidence file in every way that a thief, or the side that exported it, could, and counts how many are believed: none may be.
 *
 *     bytes      each byte flipped, left out, doubled; each line swapped, left out, doubled; the file cut off anywhere
 *     members    as a side of the exchange would, which signs the list of parts anew: each value of each part changed
 *     exchanges  the same, with parts of another genuine exchange between the same two
 *
 * The whole by command: `npm run tamper`.
 */
import { type EvidenceVerifier, verifyEvidence } from '#node/offline/offline-exchange-evidence.ts'
import { type EvidenceMember, readEvidence, writeEvidence } from '#protocols/evidence.ts'
import type { Signer } from '#protocols/keys.ts'
import { type Share, type Tried, TriedSoFar, whole } from './tried.ts'

export const waysOfByte = ['changed', 'left out', 'doubled', 'cut off'] as const
type WayOfByte = (typeof waysOfByte)[number]

/** Each byte at `stride`, in each of the ways; the first line, which the signature is over, at each byte. */
export async function tamperBytes(
  text: string,
  verifier: EvidenceVerifier,
  stride: number,
  ways: readonly WayOfByte[] = waysOfByte,
  share: Share = whole,
): Promise<Tried> {
  const bytes = Buffer.from(text)
  const first = bytes.indexOf(0x0a)
  const run = new Run(verifier, share)
  for (let at = 0; at < bytes.length; at += at < first && stride < 50 ? 1 : stride)
    for (const way of ways) await run.try(`${way} ${at}`, () => withByte(bytes, at, way))
  return run
}

function withByte(bytes: Buffer, at: number, way: WayOfByte): Uint8Array {
  switch (way) {
    case 'changed': {
      const changed = Buffer.from(bytes)
      changed[at] = (bytes[at] ?? 0) ^ (1 << (at % 8))
      return changed
    }
    case 'left out':
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])
    case 'doubled':
      return Buffer.concat([bytes.subarray(0, at + 1), bytes.subarray(at)])
    case 'cut off':
      return bytes.subarray(0, at)
  }
}

export async function tamperLines(text: string, verifier: EvidenceVerifier, share: Share = whole): Promise<Tried> {
  const lines = text.trimEnd().split('\n')
  const run = new Run(verifier, share)
  const joined = (some: readonly string[]) => () => Buffer.from(`${some.join('\n')}\n`)
  for (const [at, line] of lines.entries()) {
    await run.try(`without line ${at + 1}`, joined(lines.toSpliced(at, 1)))
    await run.try(`line ${at + 1} twice`, joined(lines.toSpliced(at, 0, line)))
    await run.try(`up to line ${at}`, joined(lines.slice(0, at)))
    if (at + 1 < lines.length) await run.try(`lines ${at + 1} and ${at + 2} swapped`, joined(lines.toSpliced(at, 2, lines[at + 1] ?? '', line)))
  }
  return run
}

/** Each value of each part changed in turn, at `stride`, and the list of parts signed anew by the side that exported it. */
export async function tamperMembers(text: string, verifier: EvidenceVerifier, signer: Signer, stride: number, share: Share = whole): Promise<Tried> {
  const { manifest, members } = readEvidence(Buffer.from(text))
  const run = new Run(verifier, share)
  for (const [place, member] of members.entries()) {
    const leaves = leavesOf(member).filter(([name]) => name !== 'kind')
    for (let at = place % stride; at < leaves.length; at += stride) {
      const leaf = leaves[at] as readonly string[] // Within bounds.
      const changed = () => members.with(place, withLeaf(member, leaf) as EvidenceMember)
      await run.try(`${member.kind} ${place}: ${leaf.join('/')}`, () => resigned(manifest, changed(), signer))
    }
  }
  return run
}

/** Each part in turn in the place of one of its kind of another exchange. */
export async function mixMembers(text: string, other: string, verifier: EvidenceVerifier, signer: Signer, stride = 1, share: Share = whole): Promise<Tried> {
  const { manifest, members } = readEvidence(Buffer.from(text))
  const theirs = readEvidence(Buffer.from(other)).members
  const own = new Set(members.map((member) => JSON.stringify(member)))
  const run = new Run(verifier, share)
  let count = 0
  for (const [place, member] of members.entries())
    for (const [from, foreign] of theirs.entries()) {
      if (foreign.kind !== member.kind || own.has(JSON.stringify(foreign)) || count++ % stride > 0) continue
      await run.try(`${member.kind} ${place} from ${from}`, () => resigned(manifest, members.with(place, foreign), signer))
      await run.try(`${member.kind} ${from} added`, () => resigned(manifest, [...members, foreign], signer))
    }
  return run
}

class Run extends TriedSoFar {
  readonly #verifier: EvidenceVerifier
  readonly #share: Share
  #at = 0

  constructor(verifier: EvidenceVerifier, share: Share) {
    super()
    this.#verifier = verifier
    this.#share = share
  }

  async try(name: string, make: () => Uint8Array | Promise<Uint8Array>): Promise<void> {
    if (this.#at++ % this.#share.of !== this.#share.part) return
    this.count(name, (await verifyEvidence(await make(), this.#verifier)).verified)
  }
}

async function resigned(manifest: ReturnType<typeof readEvidence>['manifest'], members: readonly EvidenceMember[], signer: Signer): Promise<Uint8Array> {
  const { exchange, exporter, at } = manifest
  return Buffer.from(await writeEvidence({ exchange, exporter, at }, members, signer))
}

/** Paths of all values that have no members of their own. */
function leavesOf(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([name, member]) => leavesOf(member, [...path, name]))
}

function withLeaf(value: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return other(value)
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string, unknown> // A path leads through what has members.
  copy[name] = withLeaf(copy[name], rest)
  return copy
}

/** Something else of the same kind. */
function other(value: unknown): unknown {
  if (typeof value === 'number') return value + 1
  if (typeof value === 'boolean') return !value
  if (typeof value !== 'string') return value === null ? 'a' : null
  const middle = Math.floor(value.length / 2)
  const digit = value[middle] === '1' ? '2' : '1'
  return `${value.slice(0, middle)}${digit}${value.slice(middle + 1)}`
}
