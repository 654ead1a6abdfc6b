/**
 * Policies and suspensions from a partner by digest, with what they rest on: a pack they name, the policies between the newest held and
 * them, the DID log of a signer.
 */

import type { RecordsClient } from '#node/network/records.ts'
import type { DidLogs } from '#node/ports.ts'
import type { PolicyDocument } from '#policies/policy.ts'
import { canonicalBytes, digestOf } from '#protocols/canonical.ts'
import { TrustError } from '#protocols/errors.ts'
import { Did, Digest, type Jurisdiction } from '#protocols/ids.ts'
import type { PolicyShelf } from './policy-shelf.ts'
import type { SignedPolicy } from './shelved.ts'

/** A policy a week that a node did not hear of for a year; what is further back is signed by a quorum, or is not taken. */
const backMax = 52
/** All of them together, while they wait for those they follow: twice that many of an ordinary country. */
const backBytesMax = 4 << 20

interface Needs {
  readonly shelf: PolicyShelf
  readonly records: RecordsClient
  /** Left out where no signer is looked for who is not known. */
  readonly dids?: DidLogs
}

/**
 * Only what is signed by somebody who may sign is followed back.
 *
 * @returns whether it is new here; it is kept by then
 * @throws {TrustError} as `PolicyShelf.learn`, and as `RecordsClient.ask`
 */
export async function fetchPolicy(digest: Digest, from: Did, needs: Needs, signal: AbortSignal): Promise<boolean> {
  if (needs.shelf.get(digest)) return false
  await takeOn(await handedOver(digest, from, needs, signal), digest, from, needs, signal)
  return true
}

/** A document that a partner handed over under this digest, with what it rests on. @throws {TrustError} as `fetchPolicy` */
export async function takeOn(handed: SignedPolicy, digest: Digest, from: Did, needs: Needs, signal: AbortSignal): Promise<void> {
  const { shelf } = needs
  /** Newest first; none is learned before those it follows. */
  const waiting = [handed]
  const asked = new Set<string>([digest])
  let bytes = 0
  for (let left = backMax; ; ) {
    const document = waiting.at(-1)
    if (!document) return
    try {
      await shelf.learn(document, signal)
      waiting.pop()
    } catch (thrown) {
      const wanted = wantedBy(thrown)
      const forked = thrown instanceof TrustError && thrown.code === 'DFFT_POLICY_FORK' && waiting.length > 1
      if (forked)
        waiting.pop() // It is noted; what follows may be the word on it.
      else if (wanted === undefined || asked.has(wanted.name) || left-- === 0) throw thrown
      else {
        asked.add(wanted.name)
        if (wanted.what === 'policy' && shelf.get(wanted.name)) throw thrown
        if (wanted.what === 'policy') {
          bytes += canonicalBytes(document).length
          if (bytes > backBytesMax) throw new TrustError('DFFT_LIMIT', 'the policies between are too long', { bytes, backBytesMax }, { cause: thrown })
          waiting.push(await handedOver(wanted.name, from, needs, signal))
        } else if (wanted.what === 'pack') await fetchPack(wanted.name, jurisdictionOf(document), from, needs, signal)
        else if (wanted.what === 'did-log') await fetchLog(wanted.name, from, needs, signal)
      }
    }
  }
}

/** @throws {TrustError} DFFT_POLICY_SIGNATURE for another document than was asked for, and as `RecordsClient.ask` */
export async function handedOver(digest: Digest, from: Did, { records }: Pick<Needs, 'records'>, signal: AbortSignal): Promise<SignedPolicy> {
  const { document } = await records.ask(from, { type: 'policy', digest }, 'policy', signal)
  if (digestOf({ ...document, proof: undefined }) !== digest)
    throw new TrustError('DFFT_POLICY_SIGNATURE', `\`${from}\` handed over another document than was asked for`, { digest })
  return document
}

async function fetchPack(digest: Digest, of: Jurisdiction, from: Did, { shelf, records }: Needs, signal: AbortSignal): Promise<void> {
  const { document } = await records.ask(from, { type: 'pack', digest }, 'pack', signal)
  await shelf.packs.learn(document, digest, { of, used: shelf.packsUsed })
}

/** Of a document whose pack is missing: it was read before that was found. */
function jurisdictionOf(document: SignedPolicy): Jurisdiction {
  return (document as unknown as PolicyDocument).metadata.jurisdiction
}

async function fetchLog(did: Did, from: Did, { dids, records }: Needs, signal: AbortSignal): Promise<void> {
  const { log, witnessProofs } = await records.ask(from, { type: 'did-log', did }, 'did-log', signal)
  await dids?.learn(did, log, witnessProofs)
}

type Wanted =
  | { readonly what: 'pack'; readonly name: Digest }
  | { readonly what: 'policy'; readonly name: Digest }
  | { readonly what: 'did-log'; readonly name: Did }

function wantedBy(thrown: unknown): Wanted | undefined {
  if (!(thrown instanceof TrustError)) return undefined
  const { code, facts } = thrown
  if (code === 'DFFT_DID_NOT_FOUND') return named(Did.safeParse(facts.signer).data, 'did-log')
  if (code === 'DFFT_PACK_MISSING') return named(Digest.safeParse(facts.digest).data, 'pack')
  const follows = (code === 'DFFT_POLICY_SERIAL' || code === 'DFFT_POLICY_QUORUM') && Number(facts.serial) > Number(facts.held)
  return follows ? named(Digest.safeParse(facts.previous).data, 'policy') : undefined
}

function named(name: string | undefined, what: Wanted['what']): Wanted | undefined {
  return name === undefined ? undefined : ({ what, name } as Wanted) // Of the kind it was read as.
}
