/**
 * Entries of somebody's audit log from a file: that they stand in the log, who co-signed it and when. Of the witnesses those count that the
 * verifier's own roots name, or that it names itself; a file can bring witnesses that nobody knows.
 */

import type { KeyEra } from '#node/ports.ts'
import { parse } from '#protocols/channel.ts'
import { endOf } from '#protocols/did/document.ts'
import { type Code, codeOf, TrustError } from '#protocols/errors.ts'
import { Did, type Digest, type Instant, instant } from '#protocols/ids.ts'
import { parseJson } from '#protocols/json.ts'
import { thumbprint } from '#protocols/keys.ts'
import { AuditProof, type CarriedDid, verifyAuditProof, type Witnessed } from '#protocols/log/audit-proof.ts'
import type { LogEntry } from '#protocols/log/entry.ts'

export interface AuditProofReport {
  /** A witness that counts signed each of the entries' checkpoints. */
  readonly ok: boolean
  readonly code: Code | null
  readonly log: Did
  /** The verifier's own roots name the log's owner. */
  readonly ownerKnown: boolean
  readonly entries: readonly LogEntry[]
  readonly checkpoints: readonly {
    readonly size: number
    readonly root: Digest
    readonly witnesses: readonly { readonly by: Did; readonly at: Instant | null; readonly counted: boolean }[]
  }[]
  /** Different witnesses that count. */
  readonly counted: number
  readonly notChecked: readonly NotChecked[]
}

/** What no file can tell, or this one does not. */
export type NotChecked = 'owner' | 'witness-keys' | 'given-up' | 'did-log-age' | 'later'

interface Known {
  /** A DID's keys of all times, from the verifier's own files before those that the proof carries. @throws {TrustError} DFFT_DID_* */
  readonly keysOf: (did: Did, carried: readonly CarriedDid[]) => readonly KeyEra[]
  /** DIDs of the verifier's roots. */
  readonly roots: ReadonlySet<Did>
  /** Witnesses that the verifier names. */
  readonly named: readonly string[]
  readonly nowMs: number
}

/** @throws {TrustError} DFFT_SCHEMA and those of parseJson; as `verifyAuditProof`; DFFT_DID_LOG for a DID log that does not hold */
export function verifyAuditText(text: string, { keysOf, roots, named, nowMs }: Known): AuditProofReport {
  const proof = parse(parseJson(text), AuditProof)
  checkCarried(proof)
  const trusted = new Set([...roots, ...named.map((did) => parse(did, Did))])
  const { entries, checkpoints } = verifyAuditProof(proof, (did) => keysIfKnown(did, proof.dids, keysOf))
  // A cosignature carries its own date: whoever has a key that was given up can write any.
  const givenUp = ({ by, publicKey }: Witnessed) =>
    publicKey !== null && !keysOf(by, proof.dids).some((era) => thumbprint(era.jwk) === thumbprint(publicKey) && endOf(era) > nowMs)
  const counts = (one: Witnessed) => one.atMs !== null && trusted.has(one.by) && !givenUp(one)
  const all = checkpoints.flatMap(({ witnesses }) => witnesses)
  const counted = new Set(all.filter(counts).map(({ by }) => by)).size
  const ownerKnown = roots.has(proof.log)
  const notChecked: NotChecked[] = [
    ...(ownerKnown ? [] : ['owner' as const]),
    ...(all.some(({ atMs }) => atMs === null) ? ['witness-keys' as const] : []),
    ...(all.some((one) => trusted.has(one.by) && givenUp(one)) ? ['given-up' as const] : []),
    ...(proof.dids.length > 0 ? ['did-log-age' as const] : []),
    'later',
  ]
  const view = checkpoints.map(({ size, root, witnesses }) => ({
    size,
    root,
    witnesses: witnesses.map((one) => ({ by: one.by, at: one.atMs === null ? null : instant(one.atMs), counted: counts(one) })),
  }))
  return { ok: counted > 0, code: counted > 0 ? null : 'DFFT_LOG_UNWITNESSED', log: proof.log, ownerKnown, entries, checkpoints: view, counted, notChecked }
}

/** Whatever stands in the file is part of what it says: a DID that nobody asks for is not checked, so there is none. */
function checkCarried({ log, checkpoints, dids }: AuditProof): void {
  const needed = new Set([log, ...checkpoints.flatMap(({ cosignatures }) => cosignatures.map(({ by }) => by))])
  const carried = new Set(dids.map(({ did }) => did))
  if (carried.size !== dids.length || !carried.isSubsetOf(needed))
    throw new TrustError('DFFT_LOG_PROOF', 'the file carries DIDs that are neither the log’s nor a witness’s', { dids: dids.length })
}

function keysIfKnown(did: Did, carried: readonly CarriedDid[], keysOf: Known['keysOf']): readonly KeyEra[] | undefined {
  try {
    return keysOf(did, carried)
  } catch (thrown) {
    if (codeOf(thrown) !== 'DFFT_DID_NOT_FOUND') throw thrown
    return undefined
  }
}
