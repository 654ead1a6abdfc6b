/**
 * That a credential stood in its issuer's log before a time: what lets it outlive the key that signed it.
 *
 * A signature says who and never when: whoever steals a retired key can write any date into a credential. So the time is
 * taken from others. The issuer logs the digest of what it signs, partners co-sign its checkpoints with the time, and the
 * proof leads from the digest to an entry, from there to a checkpoint, and from there to a witness. The checkpoint itself
 * may be signed by the stolen key: a checkpoint that a thief makes up has no witness.
 *
 * Pure: whose word counts, and which keys were whose at which time, the caller knows.
 */
import { z } from 'zod'
import { canonical } from '../canonical.ts'
import { parseJws, signedDigest } from '../credential/jws.ts'
import { endOf, type KeyEra } from '../did/document.ts'
import { codeOf, TrustError } from '../errors.ts'
import { Did, type Digest, instant } from '../ids.ts'
import type { PublicJwk } from '../keys.ts'
import { NoteLine, NoteText, originOf, ProofText, readCheckpointOfAny, readProof, type SignedCheckpoint, verifyCosignature } from './checkpoint.ts'
import { entryBytesMax, type LogEntry, readEntry } from './entry.ts'
import { leafHash, verifyInclusion } from './merkle.ts'

/** As many as signed-note asks a reader to accept; one that counts is enough. */
export const cosignaturesMax = 16

/** One witness's signature line over a checkpoint that is known from beside it. */
export const WitnessLine = z.strictObject({ by: Did, line: NoteLine })
export type WitnessLine = z.infer<typeof WitnessLine>

/** The entry as it was hashed: its text, to the byte. */
export const EntryText = z.string().min(1).max(entryBytesMax)

/**
 * One credential's evidence, as it is cached and as it goes into a file. The entry says its index and the checkpoint its
 * size, so neither is said again. One proof serves all encodings of a credential, since one entry names them all.
 */
export const IssuanceProof = z.strictObject({
  type: z.literal('IssuanceProof'),
  version: z.literal(1),
  entry: EntryText,
  /** From the entry's leaf to the checkpoint's root. */
  proof: ProofText,
  checkpoint: NoteText,
  cosignatures: z.array(WitnessLine).max(cosignaturesMax),
})
export type IssuanceProof = z.infer<typeof IssuanceProof>

export interface IssuanceClaim {
  readonly issuer: Did
  /** `signedDigest` of the credential. */
  readonly signed: Digest
  /** All keys the issuer's DID names or named: a checkpoint under a retired one is as good as its witnesses. */
  readonly issuerKeys: readonly KeyEra[]
}

export interface WitnessClaim {
  readonly issuer: Did
  /** When the issuer's key was retired, in milliseconds; a cosignature of that very moment is too late. */
  readonly beforeMs: number
  /** The keys of a witness that the verifier trusts, past and present; of any other DID none. */
  readonly witnessKeys: (witness: Did) => readonly KeyEra[]
}

export interface ProvenIssuance {
  /** The entry's place in the issuer's log, from 0. */
  readonly index: number
  readonly by: Did
  /** When the witness signed, in milliseconds of whole seconds. */
  readonly atMs: number
}

/** The digest by which a log names a credential, the same for a dc+sd-jwt with all, some or no disclosures. @throws {TrustError} as parseJws */
export function signedDigestOf(encoding: string): Digest {
  const end = encoding.indexOf('~')
  return signedDigest(parseJws(end < 0 ? encoding : encoding.slice(0, end)))
}

/**
 * That the issuer logged the credential and a trusted witness saw it before `beforeMs`.
 *
 * @returns the earliest cosignature that counts
 * @throws {TrustError} as `readIssuance` and `witnessedBefore`
 */
export function verifyIssuance(proof: IssuanceProof, claim: IssuanceClaim & WitnessClaim): ProvenIssuance {
  const { entry, checkpoint } = readIssuance(proof, claim)
  return { index: entry.index, ...witnessedBefore(checkpoint, proof.cosignatures, claim) }
}

/**
 * Of several proofs the first that holds.
 *
 * @throws {TrustError} the failure that says most, where none holds: that nobody saw it in time comes after all the rest was in order;
 *   DFFT_ISSUANCE_UNPROVEN when there is none to look at
 */
export function verifyFirst(proofs: readonly IssuanceProof[], claim: IssuanceClaim & WitnessClaim): ProvenIssuance & { readonly proof: IssuanceProof } {
  let failure: TrustError | undefined
  for (const proof of proofs) {
    try {
      return { proof, ...verifyIssuance(proof, claim) }
    } catch (thrown) {
      if (!(thrown instanceof TrustError)) throw thrown
      if (failure === undefined || thrown.code === 'DFFT_ISSUANCE_UNPROVEN') failure = thrown
    }
  }
  throw failure ?? new TrustError('DFFT_ISSUANCE_UNPROVEN', 'nobody is known to have co-signed the log of the issuer that far', { signed: claim.signed })
}

/**
 * That the credential stands in the tree of a checkpoint which the issuer's log signed. Says nothing about time.
 *
 * @throws {TrustError} DFFT_CHECKPOINT when the checkpoint is malformed, of another log, or not signed by the issuer;
 *   DFFT_ISSUANCE_PROOF when the entry is another one or is not in that tree; DFFT_SCHEMA, DFFT_NOT_JSON, DFFT_JSON_*
 */
export function readIssuance(
  { entry: text, proof, checkpoint: note }: Pick<IssuanceProof, 'entry' | 'proof' | 'checkpoint'>,
  { issuer, signed, issuerKeys }: IssuanceClaim,
): { readonly entry: LogEntry; readonly checkpoint: SignedCheckpoint } {
  const { checkpoint } = readCheckpointOfAny(note, { origin: originOf(issuer), publicKeys: logKeysAt(issuerKeys, null) })
  const entry = readEntry(Buffer.from(text))
  checkNames(entry, text, signed)
  const { index } = entry
  const { size, root } = checkpoint
  if (!verifyInclusion({ leaf: leafHash(Buffer.from(text)), index, size, root, proof: readProof(proof) })) {
    throw refused('the entry is not in the tree of the checkpoint', { index, size })
  }
  return { entry, checkpoint }
}

/**
 * The earliest cosignature by a trusted witness, other than the issuer, of a key that was the witness's own at that time.
 *
 * @throws {TrustError} DFFT_ISSUANCE_UNPROVEN when none counts
 */
export function witnessedBefore(checkpoint: SignedCheckpoint, cosignatures: readonly WitnessLine[], claim: WitnessClaim): { by: Did; atMs: number } {
  const { issuer, beforeMs, witnessKeys } = claim
  const found = cosignatures.flatMap(({ by, line }) => {
    const signed = by === issuer ? undefined : cosignedBy(by, checkpoint, line, witnessKeys(by))
    return signed ? [{ by, atMs: signed.atMs }] : []
  })
  const [first] = found.sort((one, other) => one.atMs - other.atMs)
  if (first && first.atMs < beforeMs) return first
  const facts = { cosignatures: cosignatures.length, counted: found.length }
  const how = first ? `was first witnessed at ${instant(first.atMs)}, too late` : 'has no witness that is trusted here'
  throw new TrustError('DFFT_ISSUANCE_UNPROVEN', `the checkpoint ${how}`, facts)
}

/**
 * The keys among these that may sign notes: Ed25519, and those the DID authenticates with, as in an exchange.
 *
 * @param atMs when; null for any time
 */
export function logKeysAt(keys: readonly KeyEra[], atMs: number | null): PublicJwk[] {
  return keys.flatMap((era) => {
    const { jwk, purposes, fromMs } = era
    const then = atMs === null || (fromMs - skewMs <= atMs && atMs < endOf(era))
    return then && jwk.kty === 'OKP' && purposes.includes('authentication') ? [jwk] : []
  })
}

/** A witness may sign a little before its DID log says so, as keys are judged elsewhere; never after their end. */
const skewMs = 60_000

/**
 * When a witness signed, and with which of its keys, if it signed the line at all and the key was its own then.
 *
 * @param keys past and present keys of `by`
 */
export function cosignedBy(
  by: Did,
  checkpoint: SignedCheckpoint,
  line: string,
  keys: readonly KeyEra[],
): { readonly atMs: number; readonly publicKey: PublicJwk } | undefined {
  for (const era of keys) {
    const [publicKey] = logKeysAt([era], null)
    const atMs = publicKey && cosignedAt(checkpoint, line, { name: originOf(by), publicKey })
    if (publicKey && atMs !== undefined && logKeysAt([era], atMs).length > 0) return { atMs, publicKey }
  }
  return undefined
}

/** Undefined for a line of another key, or a forged one: it counts for nothing, and not against the others. */
function cosignedAt(checkpoint: SignedCheckpoint, line: string, witness: { name: string; publicKey: PublicJwk }): number | undefined {
  try {
    return verifyCosignature(checkpoint, line, witness).atMs
  } catch (thrown) {
    if (codeOf(thrown) !== 'DFFT_CHECKPOINT') throw thrown
    return undefined
  }
}

function checkNames(entry: LogEntry, text: string, signed: Digest): void {
  if (canonical(entry) !== text) throw refused('the entry is not canonical')
  if (entry.kind !== 'issued') throw refused(`the entry is of kind \`${entry.kind}\`, not an issuance`)
  const { signed: named } = entry.facts
  if (!Array.isArray(named) || !named.includes(signed)) throw refused('the entry names another credential', { index: entry.index })
}

function refused(message: string, facts: Record<string, number> = {}): TrustError {
  return new TrustError('DFFT_ISSUANCE_PROOF', message, facts)
}
