/** Entries of our log with their proofs, for a file that a third party checks without us (protocols/log/audit-proof.ts). */

import type { Self } from '#node/identity/self.ts'
import type { DidLogs, Store } from '#node/ports.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, ExchangeId } from '#protocols/ids.ts'
import { AuditProof, type CarriedDid, provenCheckpointsMax, provenEntriesMax } from '#protocols/log/audit-proof.ts'
import { type LogEntry, readEntry } from '#protocols/log/entry.ts'
import type { AuditLog } from './audit.ts'
import { cosignedOver } from './cosigning.ts'
import type { Kept } from './kept-checkpoints.ts'

/** DID logs in one file, in characters: with all else it stays under what a command reads. */
const didLogsCharactersMax = 600_000

interface Needs {
  readonly audit: AuditLog
  readonly store: Store
  readonly self: Pick<Self, 'did' | 'didLog' | 'witnessProofs'>
  readonly dids: DidLogs
}

/**
 * @param of an index, or an exchange: all its entries
 * @returns the entries under each checkpoint over all of them that partners co-signed; where nobody did, under the head of now
 * @throws {TrustError} DFFT_NOT_FOUND, DFFT_LIMIT for an exchange with more entries than a file holds, DFFT_LOG_CORRUPT, DFFT_STORE
 */
export async function proveEntries(of: string, needs: Needs): Promise<AuditProof> {
  const { audit, self } = needs
  const indexes = await indexesOf(of, audit)
  const last = await entryAt(Math.max(...indexes), audit)
  const cosigned = (await cosignedOver(last, needs)).slice(0, provenCheckpointsMax)
  const over: readonly Kept[] = cosigned.length > 0 ? cosigned : [{ ...(await audit.checkpoint()), cosignatures: [] }]
  const entries = await Promise.all(indexes.map(async (index) => (await audit.inclusion(index)).entry))
  const checkpoints = over.map(({ note, size, cosignatures }) => ({
    checkpoint: note,
    proofs: indexes.map((index) => audit.proofOf(index, size)),
    cosignatures: [...cosignatures],
  }))
  const witnesses = over.flatMap(({ cosignatures }) => cosignatures.map(({ by }) => by))
  return AuditProof.parse({ type: 'AuditProof', version: 1, log: self.did, entries, checkpoints, dids: await didLogsOf([...new Set(witnesses)], needs) })
}

async function indexesOf(of: string, audit: AuditLog): Promise<readonly number[]> {
  const exchange = ExchangeId.safeParse(of)
  if (!exchange.success) {
    const index = Number(of)
    if (!(index < audit.size)) throw new TrustError('DFFT_NOT_FOUND', 'there is no such entry in the log', { index, size: audit.size })
    return [index]
  }
  const entries = await audit.entriesOf(exchange.data, provenEntriesMax + 1)
  if (entries.length === 0) throw new TrustError('DFFT_NOT_FOUND', `the log has no entry of exchange \`${of}\``)
  if (entries.length > provenEntriesMax) throw new TrustError('DFFT_LIMIT', `a file holds ${provenEntriesMax} entries`, { entries: entries.length })
  return entries.map(({ index }) => index)
}

async function entryAt(index: number, audit: AuditLog): Promise<LogEntry> {
  return readEntry(Buffer.from((await audit.inclusion(index)).entry))
}

/** So that the file is enough by itself where a DID is not its key. Ours first; what does not fit must come with the verifier's roots. */
async function didLogsOf(witnesses: readonly Did[], { self, dids }: Needs): Promise<readonly CarriedDid[]> {
  const carried: CarriedDid[] = []
  let characters = 0
  const carry = (did: Did, didLog: string, witnessProofs: string | undefined) => {
    const one: CarriedDid = { did, didLog, ...(witnessProofs === undefined ? {} : { witnessProofs }) }
    characters += didLog.length + (witnessProofs?.length ?? 0)
    if (characters <= didLogsCharactersMax) carried.push(one)
  }
  if (self.didLog !== undefined) carry(self.did, self.didLog, self.witnessProofs)
  for (const did of witnesses.slice(0, provenCheckpointsMax)) {
    const held = did.startsWith('did:webvh:') ? await dids.held(did) : undefined
    if (held) carry(did, held.log, held.witnessProofs)
  }
  return carried
}
