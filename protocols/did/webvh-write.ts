/** Creating and updating a did:webvh. What is written here is verified before it is handed out. */
import { TrustError } from '../errors.ts'
import { Did, instant } from '../ids.ts'
import type { Json } from '../json.ts'
import type { PublicJwk } from '../keys.ts'
import { multikeyOf } from './multikey.ts'
import { didWebOf, parseLocation } from './web.ts'
import { type VerifiedLog, verifyUnwitnessed } from './webvh.ts'
import { entryHash, multihash, proofOf, scidOf, scidPlaceholder, type UpdateSigner } from './webvh-entry.ts'

export interface WitnessList {
  readonly threshold: number
  readonly witnesses: readonly Did[]
}

interface Settings {
  /** Milliseconds since the epoch; cut to the second, the resolution of a log. */
  readonly versionTimeMs: number
  /** Keys of which the next entry's update keys must be: switches pre-rotation on. Empty switches it off. */
  readonly nextUpdateKeys?: readonly PublicJwk[]
  /** Null ends the witnessing. */
  readonly witness?: WitnessList | null
  readonly watchers?: readonly string[]
  /** Seconds. */
  readonly ttl?: number
}

export interface Creation extends Settings {
  /** `agency.example`, `agency.example%3A8443`, with optional `:path` segments. */
  readonly domain: string
  readonly signer: UpdateSigner
  /** More keys that may update. The signer's is always one. */
  readonly updateKeys?: readonly PublicJwk[]
  /** The document of a DID that still has the placeholder `{SCID}` in it, and of its did:web twin. */
  readonly document: (did: string, web: Did) => Readonly<Record<string, unknown>>
  /** May move to another domain later. */
  readonly portable?: boolean
}

export interface Update extends Settings {
  readonly did: Did
  readonly log: string
  /** A key that the entry before authorised; under pre-rotation one it announced. */
  readonly signer: UpdateSigner
  /** Left out: as it was. */
  readonly document?: Readonly<Record<string, unknown>>
  /** Left out: as they were, or under pre-rotation the signer's alone. */
  readonly updateKeys?: readonly PublicJwk[]
  readonly deactivate?: true
}

/**
 * A new DID and its log of one entry.
 *
 * @throws {TrustError} DFFT_DID_SYNTAX for the domain, DFFT_ALGORITHM for a signer other than Ed25519, DFFT_DID_LOG when the wish makes no valid log
 * @see did:webvh 1.0, Create (Register)
 */
export async function createLog(wish: Creation): Promise<{ readonly did: Did; readonly log: string }> {
  const draftDid = `did:webvh:${scidPlaceholder}:${wish.domain}`
  const web = didWebOf(parseLocation(wish.domain))
  const updateKeys = new Set([wish.signer.publicJwk, ...(wish.updateKeys ?? [])].map(multikeyOf))
  const draft = plain({
    versionId: scidPlaceholder,
    versionTime: instant(wish.versionTimeMs),
    parameters: {
      method: 'did:webvh:1.0',
      scid: scidPlaceholder,
      updateKeys: [...updateKeys],
      portable: wish.portable ?? false,
      ...settingsOf(wish),
    },
    state: wish.document(draftDid, web),
  })
  const scid = scidOf(draft, scidPlaceholder)
  const entry = plain(JSON.parse(JSON.stringify(draft).replaceAll(scidPlaceholder, scid)))
  const log = await signedLine({ ...entry, versionId: `1-${entryHash(entry, scid)}` }, wish.signer, wish.versionTimeMs)
  const did = Did.parse(draftDid.replace(scidPlaceholder, scid))
  verifyUnwitnessed(did, log, wish.versionTimeMs)
  return { did, log }
}

/**
 * The log with one more entry. Where witnesses are in force, they approve `versionId` before it is published.
 *
 * @throws {TrustError} DFFT_DID_LOG when the log does not verify, or would not with the new entry: a key that may not sign, a time that is not later, …
 * @see did:webvh 1.0, Update (Rotate) and Deactivate (Revoke)
 */
export async function updateLog(wish: Update): Promise<{ readonly did: Did; readonly log: string; readonly versionId: string }> {
  const before = verifyUnwitnessed(wish.did, wish.log, wish.versionTimeMs)
  const newest = before.versions.at(-1) ?? before.versions[0]
  const draft = plain({
    versionId: newest.versionId,
    versionTime: instant(wish.versionTimeMs),
    parameters: updateParameters(wish, before),
    state: wish.document ?? newest.document,
  })
  const versionId = `${newest.number + 1}-${entryHash(draft, newest.versionId)}`
  const line = await signedLine({ ...draft, versionId }, wish.signer, wish.versionTimeMs)
  const log = `${wish.log.endsWith('\n') ? wish.log : `${wish.log}\n`}${line}`
  const after = verifyUnwitnessed(wish.did, log, wish.versionTimeMs)
  return { did: after.document.id, log, versionId }
}

function updateParameters(wish: Update, before: VerifiedLog): Record<string, unknown> {
  const announced = (before.versions.at(-1)?.active.nextKeyHashes.length ?? 0) > 0
  const updateKeys = wish.updateKeys?.map(multikeyOf) ?? (announced ? [multikeyOf(wish.signer.publicJwk)] : wish.deactivate ? [] : undefined)
  if (announced && wish.nextUpdateKeys === undefined)
    throw new TrustError('DFFT_DID_LOG', 'pre-rotation is active: announce the next update keys, or none to end it')
  return { ...(updateKeys && { updateKeys }), ...settingsOf(wish), ...(wish.deactivate && { deactivated: true }) }
}

function settingsOf({ nextUpdateKeys, witness, watchers, ttl }: Settings): Record<string, unknown> {
  return {
    ...(nextUpdateKeys && { nextKeyHashes: nextUpdateKeys.map((key) => multihash(multikeyOf(key))) }),
    ...(witness !== undefined && { witness: witness === null ? {} : { threshold: witness.threshold, witnesses: witness.witnesses.map((id) => ({ id })) } }),
    ...(watchers && { watchers: [...watchers] }),
    ...(ttl !== undefined && { ttl }),
  }
}

async function signedLine(entry: Readonly<Record<string, Json>>, signer: UpdateSigner, atMs: number): Promise<string> {
  return `${JSON.stringify({ ...entry, proof: [await proofOf(entry, signer, instant(atMs))] })}\n`
}

/** As another reader will see it: what JSON does not carry is gone before anything is hashed. */
function plain(value: unknown): Readonly<Record<string, Json>> {
  return JSON.parse(JSON.stringify(value)) as Record<string, Json> // Objects go in; JSON comes out.
}
