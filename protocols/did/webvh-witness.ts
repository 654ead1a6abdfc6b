/** Witnesses of a did:webvh log: who had to see a version before it counts (did:webvh 1.0, "DID Witnesses"). */
import { z } from 'zod'
import { parse } from '../channel.ts'
import { TrustError } from '../errors.ts'
import { type Did, instant } from '../ids.ts'
import { parseJson } from '../json.ts'
import { entriesMax, type Proof, Proofs, proofOf, proves, signerOf, type UpdateSigner, VersionId, type Witness } from './webvh-entry.ts'

/** A version, and who has to approve it; null where nobody has to. */
interface Witnessed {
  readonly number: number
  readonly versionId: string
  readonly witnessedBy: Witness
}

/** 64 witnesses with two proofs each take 50 KiB. */
const witnessBytesMax = 1 << 18
/** Signatures that are tried: two for each of 64 witnesses. Each takes 0.15 ms. */
const proofsTriedMax = 128

/** did-witness.json; a controller prunes it to one or two proofs a witness. */
const WitnessFile = z.array(z.strictObject({ versionId: z.string().max(128), proof: z.union([Proofs, z.tuple([])]) })).max(entriesMax)
export type WitnessFile = z.infer<typeof WitnessFile>

/**
 * Each version that needs witnesses has a threshold of them on it or on a later published one.
 * A proof that does not verify, or is of a version that is not in the log, counts for nothing.
 *
 * @throws {TrustError} DFFT_DID_LOG
 */
export function checkWitnesses(versions: readonly Witnessed[], witnessProofs: string | undefined): void {
  if (versions.every(({ witnessedBy }) => witnessedBy === null)) return
  const reached = reachOf(versions, readProofs(witnessProofs))
  for (const { number, witnessedBy } of versions) {
    if (witnessedBy === null) continue
    const approvals = witnessedBy.witnesses.filter(({ id }) => (reached.get(id) ?? 0) >= number).length
    if (approvals >= witnessedBy.threshold) continue
    throw new TrustError('DFFT_DID_LOG', 'a version lacks its witnesses', { version: number, approvals, threshold: witnessedBy.threshold })
  }
}

/** A log whose last entry is to be approved. */
export interface Proposal {
  readonly did: Did
  readonly log: string
  /** The text of did-witness.json, for the entries before the last. */
  readonly witnessProofs?: string | undefined
}

/** What a witness hands to the controller: an item of did-witness.json. */
export const Approval = z.strictObject({ versionId: VersionId, proof: Proofs })
export type Approval = z.infer<typeof Approval>

/** Who has to approve the newest version of a log before it is published; null where nobody has to. */
export function approversOf({ versions }: { readonly versions: readonly Witnessed[] }): Witness {
  return versions.at(-1)?.witnessedBy ?? null
}

/**
 * The proofs of an approval, by the witness whose each is.
 *
 * @throws {TrustError} DFFT_WITNESS_REFUSED when it is of another version, or a proof is by nobody on the list; DFFT_SIGNATURE
 */
export function approvedBy({ versionId, proof }: Approval, wanted: { readonly versionId: string; readonly list: NonNullable<Witness> }): Map<string, Proof> {
  if (versionId !== wanted.versionId) throw new TrustError('DFFT_WITNESS_REFUSED', 'the approval is of another entry', { versionId, waiting: wanted.versionId })
  const approved = new Map<string, Proof>()
  for (const each of proof) {
    const witness = signerOf(each)
    if (!wanted.list.witnesses.some(({ id }) => id === witness))
      throw new TrustError('DFFT_WITNESS_REFUSED', 'the approval is by no witness of the log', { witness })
    if (!proves({ versionId }, each)) throw new TrustError('DFFT_SIGNATURE', 'the proof of a witness does not verify', { witness })
    approved.set(witness, each)
  }
  return approved
}

/**
 * did-witness.json with the proofs on a new version. Of each witness the newest alone stays: it counts for all versions before it.
 *
 * @see did:webvh 1.0, "The Witness Proofs File"
 */
export function withApprovals(witnessProofs: string | undefined, { versionId, proof }: Approval): string {
  const before = witnessProofs === undefined ? [] : readProofs(witnessProofs)
  const newest = new Map<string, { readonly versionId: string; readonly proof: Proof }>()
  const items = [...before, { versionId, proof }].sort((one, other) => numberOf(one.versionId) - numberOf(other.versionId))
  for (const item of items) for (const each of item.proof) newest.set(signerOf(each), { versionId: item.versionId, proof: each })
  const grouped = Map.groupBy(newest.values(), (one) => one.versionId)
  return JSON.stringify([...grouped].map(([id, ones]) => ({ versionId: id, proof: ones.map((one) => one.proof) })))
}

function numberOf(versionId: string): number {
  return Number.parseInt(versionId, 10)
}

/** What a witness signs to approve a version and all before it. */
export async function witnessProof(versionId: string, signer: UpdateSigner, atMs: number): Promise<Proof> {
  return proofOf({ versionId }, signer, instant(atMs))
}

function readProofs(text: string | undefined): WitnessFile {
  if (text === undefined) throw new TrustError('DFFT_DID_LOG', 'the log names witnesses and their proofs are missing')
  if (text.length > witnessBytesMax) throw new TrustError('DFFT_LIMIT', 'the proofs of witnesses are too long', { witnessBytesMax })
  return parse(parseJson(text), WitnessFile)
}

/**
 * The newest version each witness approved. The newest are tried first, so that an honest file costs one verification a witness.
 *
 * @throws {TrustError} DFFT_LIMIT for a file with many proofs that do not verify
 */
function reachOf(versions: readonly Witnessed[], file: WitnessFile): Map<string, number> {
  const numbers = new Map(versions.map(({ versionId, number }) => [versionId, number]))
  const witnesses = new Set(versions.flatMap(({ witnessedBy }) => witnessedBy?.witnesses.map(({ id }) => id) ?? []))
  const reached = new Map<string, number>()
  let tried = 0
  const numbered = file.map(({ versionId, proof }) => ({ versionId, proofs: proof, number: numbers.get(versionId) ?? 0 }))
  for (const { versionId, proofs, number } of numbered.sort((a, b) => b.number - a.number)) {
    for (const proof of proofs) {
      const witness = signerOf(proof)
      // Only a better approval is worth a verification.
      if (!witnesses.has(witness) || number <= (reached.get(witness) ?? 0)) continue
      if (++tried > proofsTriedMax) throw new TrustError('DFFT_LIMIT', 'too many proofs of witnesses', { proofsTriedMax })
      if (proves({ versionId }, proof)) reached.set(witness, number)
    }
  }
  return reached
}
