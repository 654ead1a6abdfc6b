/**
 * What follows when an entity ended in the register: each credential issued from its row is revoked, with how it ended and who took it up.
 *
 * A revocation is one act of its own, in log and list. What cannot be revoked now stays due, and is tried at the next import and the next start.
 */
import type { Log } from '#node/ports.ts'
import { codeOf } from '#protocols/errors.ts'
import { changeStatus, type StatusNeeds } from './change-status.ts'
import { type Due, done, dueNow, type End, issuedFrom } from './register-issued.ts'
import type { Kept } from './wallet.ts'

export interface Ended {
  readonly credential: string
  /** Of the row. */
  readonly record: string
  readonly end: End
}

interface Needs extends StatusNeeds {
  readonly log: Log
  /** Tells partners of lists that are other now. */
  readonly tell: (uris: readonly string[]) => Promise<unknown>
}

/** @returns what was revoked, each with its reason */
export async function settleEnds(needs: Needs): Promise<readonly Ended[]> {
  const revoked: Ended[] = []
  const changed = new Set<string>()
  for await (const due of dueNow(needs.store)) {
    const { ended, settled, uris } = await settle(due, needs)
    revoked.push(...ended)
    for (const uri of uris) changed.add(uri)
    if (settled) await done(needs.store, due)
  }
  if (changed.size > 0) await needs.tell([...changed])
  return revoked
}

/** What would be revoked of ends that are not written down: refuses, credential by credential, what a revocation would. */
export async function endsForeseen(dues: readonly Due[], needs: Needs): Promise<readonly Ended[]> {
  const foreseen: Ended[] = []
  for (const due of dues) foreseen.push(...(await settle(due, needs, true)).ended)
  return foreseen
}

async function settle(due: Due, needs: Needs, dryRun = false): Promise<{ ended: readonly Ended[]; settled: boolean; uris: readonly string[] }> {
  const ended: Ended[] = []
  const uris: string[] = []
  let settled = true
  for (const credential of await issuedFrom(needs.store, due.id)) {
    const kept = await needs.wallet.find(credential)
    if (!kept) continue
    const changed = await revoke(kept, due.end, needs, dryRun).catch((thrown) => {
      // It was revoked before, for what reason ever; that is final.
      if (codeOf(thrown) === 'DFFT_CONFLICT') return null
      needs.log('warn', 'a credential of an ended entity is not revoked', { credential, code: codeOf(thrown) })
      settled = false
      return null
    })
    if (!changed) continue
    ended.push({ credential, record: due.id, end: due.end })
    uris.push(...changed)
  }
  return { ended, settled, uris }
}

/** The end is kept with the credential, where its issuer looks it up; verifiers learn that it is revoked. */
async function revoke(kept: Kept, end: End, needs: Needs, dryRun: boolean): Promise<readonly string[]> {
  const facts = { ...(end.since && { since: end.since }), ...(end.successor && { successor: `${end.successor.scheme}:${end.successor.value}` }) }
  const wish = { kept, to: 'revoked' as const, reason: `register-${end.kind}`, facts, writes: needs.wallet.write({ ...kept, end }), dryRun }
  const { changed } = await changeStatus(wish, needs)
  return changed
}
