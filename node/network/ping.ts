/**
 * How long a partner's node takes to answer: one small question of the service `records`, over the connection on which it has proved its DID.
 * Any version of a node answers it, and a refusal is an answer too.
 */
import type { Clock, Network } from '#node/ports.ts'
import { type Code, codeOf } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import type { RecordsClient } from './records.ts'

export interface Pinged {
  /** Null where nothing came back. */
  readonly ms: number | null
  /** What it answered in place of an answer, or why nothing came back. */
  readonly code: Code | null
}

interface Needs {
  readonly records: Pick<RecordsClient, 'ask'>
  readonly network: Pick<Network, 'connected'>
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly self: { readonly did: Did }
}

/** Codes that come without a word of the partner. */
const silence: ReadonlySet<Code> = new Set(['DFFT_TIMEOUT', 'DFFT_CHANNEL_CLOSED', 'DFFT_UNREACHABLE', 'DFFT_PEER_UNKNOWN'])

/**
 * One question after the other.
 *
 * @throws {TrustError} what kept the connection from being made: DFFT_PEER_UNKNOWN, DFFT_UNREACHABLE, DFFT_BLOCKED, DFFT_BANNED
 */
export async function ping(did: Did, count: number, needs: Needs, signal: AbortSignal): Promise<readonly Pinged[]> {
  const pings: Pinged[] = []
  // The connection is made first, and is no part of what is measured.
  const first = await once(did, needs, signal)
  if (!connected(did, needs)) throw first.thrown ?? new Error('a partner answered over no connection')
  for (let at = 0; at < count; at++) {
    const { ms, code } = await once(did, needs, signal)
    pings.push({ ms, code })
  }
  return pings
}

async function once(did: Did, { records, clock, self }: Needs, signal: AbortSignal): Promise<Pinged & { readonly thrown?: unknown }> {
  const fromMs = clock.monotonicMs()
  const took = () => Math.round((clock.monotonicMs() - fromMs) * 100) / 100
  try {
    await records.ask(did, { type: 'seen-checkpoint', of: self.did }, 'seen-checkpoint', signal)
    return { ms: took(), code: null }
  } catch (thrown) {
    const code = codeOf(thrown)
    if (code === 'DFFT_INTERNAL') throw thrown
    if (code === 'DFFT_NOT_FOUND') return { ms: took(), code: null, thrown } // It has seen no checkpoint of ours: an answer all the same.
    return { ms: silence.has(code) ? null : took(), code, thrown }
  }
}

function connected(did: Did, { network }: Needs): boolean {
  return network.connected().some((peer) => peer.did === did)
}
