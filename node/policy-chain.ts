/**
 * Policies and suspensions from a partner by digest, with what they rest on: a pack they name, and the policies between the newest held
 * and them.
 */
import { TrustError } from '#protocols/errors.ts'
import { type Did, Digest } from '#protocols/ids.ts'
import type { PolicyShelf, SignedPolicy } from './policy-shelf.ts'
import type { RecordsClient } from './records.ts'

/** A policy a week that a node did not hear of for a year; what is further back is signed by a quorum, or is not taken. */
const backMax = 52

interface Needs {
  readonly shelf: PolicyShelf
  readonly records: RecordsClient
}

/**
 * Only what is signed by somebody who may sign is followed back.
 *
 * @returns whether it is new here; it is kept by then
 * @throws {TrustError} as `PolicyShelf.learn`, and as `RecordsClient.ask`
 */
export async function fetchPolicy(digest: Digest, from: Did, needs: Needs, signal: AbortSignal): Promise<boolean> {
  const { shelf } = needs
  if (shelf.get(digest)) return false
  /** Newest first; none is learned before those it follows. */
  const waiting = [await handedOver(digest, from, needs, signal)]
  const asked = new Set([digest])
  for (let left = backMax; ; ) {
    const document = waiting.at(-1)
    if (!document) return true
    try {
      await shelf.learn(document, signal)
      waiting.pop()
    } catch (thrown) {
      const wanted = wantedBy(thrown)
      const forked = thrown instanceof TrustError && thrown.code === 'DFFT_POLICY_FORK' && waiting.length > 1
      if (forked)
        waiting.pop() // It is noted; what follows may be the word on it.
      else if (wanted === undefined || asked.has(wanted.digest) || left-- === 0) throw thrown
      else {
        asked.add(wanted.digest)
        if (wanted.what === 'pack') await fetchPack(wanted.digest, from, needs, signal)
        else if (shelf.get(wanted.digest)) throw thrown
        else waiting.push(await handedOver(wanted.digest, from, needs, signal))
      }
    }
  }
}

async function handedOver(digest: Digest, from: Did, { records }: Needs, signal: AbortSignal): Promise<SignedPolicy> {
  return (await records.ask(from, { type: 'policy', digest }, 'policy', signal)).document
}

async function fetchPack(digest: Digest, from: Did, { shelf, records }: Needs, signal: AbortSignal): Promise<void> {
  const { document } = await records.ask(from, { type: 'pack', digest }, 'pack', signal)
  await shelf.packs.learn(document, digest)
}

function wantedBy(thrown: unknown): { readonly what: 'pack' | 'policy'; readonly digest: Digest } | undefined {
  if (!(thrown instanceof TrustError)) return undefined
  const { code, facts } = thrown
  const what = code === 'DFFT_PACK_MISSING' ? 'pack' : 'policy'
  const follows = (code === 'DFFT_POLICY_SERIAL' || code === 'DFFT_POLICY_QUORUM') && Number(facts.serial) > Number(facts.held)
  if (what === 'policy' && !follows) return undefined
  const wanted = Digest.safeParse(what === 'pack' ? facts.digest : facts.previous)
  return wanted.success ? { what, digest: wanted.data } : undefined
}
