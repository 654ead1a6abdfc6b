/**
 * When a did:webvh names no such key in the copy we hold: perhaps it was rotated and we have not heard. Its own node is asked for the
 * log, once in a while, so that a made-up key id costs a stranger's victim nothing.
 */

import type { Addresses, RecordsClient } from '#node/network/records.ts'
import type { Clock, DidLogs, Log, Network } from '#node/ports.ts'
import { codeOf } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import type { Refresh } from './key-finder.ts'

interface Needs {
  readonly dids: DidLogs
  readonly records: RecordsClient
  readonly network: Pick<Network, 'connected'>
  readonly peers: Addresses
  readonly clock: Clock
  readonly log: Log
}

/** A rotation is hidden for so long at most, from a node that the other can reach. */
const pauseMs = 10_000
/** Less than a partner waits for our answer. */
const askMs = 5_000
/** As many partners as a document cache has. */
const didsMax = 1024

export function didRefresh(needs: Needs): Refresh {
  const asked = new Map<Did, { readonly atMs: number; readonly answer: Promise<boolean> }>()
  return async (did) => {
    if (!did.startsWith('did:webvh:') || !known(did, needs)) return false
    const nowMs = needs.clock.monotonicMs()
    const before = asked.get(did)
    // Whoever comes while it is asked waits for the same answer; an old one says that there is nothing new.
    if (before && nowMs - before.atMs < pauseMs) return before.answer
    asked.delete(did)
    const [oldest] = asked.keys()
    if (asked.size >= didsMax && oldest !== undefined) asked.delete(oldest)
    const answer = fetchLog(did, needs)
    asked.set(did, { atMs: nowMs, answer })
    return answer
  }
}

function known(did: Did, { network, peers }: Needs): boolean {
  return peers.addressesOf(did).length > 0 || network.connected().some((peer) => peer.did === did)
}

async function fetchLog(did: Did, { dids, records, clock, log }: Needs): Promise<boolean> {
  try {
    const told = await records.ask(did, { type: 'did-log', did }, 'did-log', clock.timeout(askMs))
    await dids.learn(did, told.log, told.witnessProofs)
    return true
  } catch (thrown) {
    log('info', 'did log not fetched', { partner: did, code: codeOf(thrown) }) // Whoever asked hears that the key was not found.
    return false
  }
}
