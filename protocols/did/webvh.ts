/**
 * did:webvh 1.0: a DID whose history proves itself, whoever handed it over.
 *
 * The SCID is the hash of the first entry, each entry commits to the one before, and each is signed by a key that
 * the chain itself authorised. So a log from a peer is worth as much as one from the web.
 */
import { TrustError } from '../errors.ts'
import { Did } from '../ids.ts'
import { thumbprint } from '../keys.ts'
import { type DidDocument, type KeyEra, keysOf, methodsIn, revokedIn } from './document.ts'
import { didWebOf, locationUrl, parseLocation, type WebLocation } from './web.ts'
import { type Entry, entriesOf, entryHash, logProofsMax, multihash, type Parameters, proves, scidOf, signerOf, type Witness } from './webvh-entry.ts'
import { checkWitnesses } from './webvh-witness.ts'

/** Clocks of agencies run on NTP; the reviewers of the method's implementations call 60 s the most one should allow. */
const skewMs = 60_000

/** In all versions together: as if every entry brought two new ones. A key of P-256 takes 0.1 ms to read. */
const keysMax = 512

/** The parameters in force after an entry. */
export interface Active {
  readonly updateKeys: readonly string[]
  readonly nextKeyHashes: readonly string[]
  readonly witness: Witness
  readonly watchers: readonly string[]
  readonly portable: boolean
  readonly deactivated: boolean
  /** Seconds. */
  readonly ttl: number
}

export interface Version {
  /** From 1. */
  readonly number: number
  readonly versionId: string
  readonly versionTimeMs: number
  readonly document: DidDocument
  readonly active: Active
  /** Who had to witness this version; null where nobody had to. */
  readonly witnessedBy: Witness
}

export interface VerifiedLog {
  readonly did: Did
  readonly scid: string
  /** The newest version's. */
  readonly document: DidDocument
  readonly versions: readonly [Version, ...Version[]]
  readonly deactivated: boolean
}

/** @throws {TrustError} DFFT_DID_SYNTAX */
export function parseWebvh(did: string): { readonly scid: string; readonly location: WebLocation } {
  const [, scid, location] = /^did:webvh:(Qm[1-9A-HJ-NP-Za-km-z]{44}):(.+)$/.exec(did) ?? []
  if (scid === undefined || location === undefined) throw new TrustError('DFFT_DID_SYNTAX', 'not a did:webvh with a SCID and a location')
  return { scid, location: parseLocation(location) }
}

/** Where the log and the witnesses' proofs are served. @throws {TrustError} DFFT_DID_SYNTAX */
export function webvhUrls(did: string): { readonly log: string; readonly witness: string } {
  const { location } = parseWebvh(did)
  return { log: locationUrl(location, 'did.jsonl'), witness: locationUrl(location, 'did-witness.json') }
}

/**
 * The history of a DID, every version of it verified: a log with one bad entry is refused whole.
 *
 * @param log JSON Lines
 * @param options.nowMs no version may be later (60 s of skew allowed)
 * @param options.witnessProofs the text of did-witness.json, needed when the log names witnesses
 * @throws {TrustError} DFFT_DID_SYNTAX, DFFT_LIMIT, DFFT_DID_LOG
 * @see did:webvh 1.0, Read (Resolve)
 */
export function verifyLog(did: string, log: string, options: { readonly nowMs: number; readonly witnessProofs?: string | undefined }): VerifiedLog {
  const { scid } = parseWebvh(did)
  return inLog(() => {
    const verified = verifyChain(scid, did, entriesOf(log), options.nowMs)
    checkWitnesses(verified.versions, options.witnessProofs)
    return verified
  })
}

/** `verifyLog` without the witnesses, for who writes the entry that they are to witness. */
export function verifyUnwitnessed(did: string, log: string, nowMs: number): VerifiedLog {
  const { scid } = parseWebvh(did)
  return inLog(() => verifyChain(scid, did, entriesOf(log), nowMs))
}

function inLog<Result>(work: () => Result): Result {
  try {
    return work()
  } catch (cause) {
    if (!(cause instanceof TrustError) || cause.code === 'DFFT_LIMIT' || cause.code === 'DFFT_DID_LOG') throw cause
    throw new TrustError('DFFT_DID_LOG', 'an entry of a did:webvh log is malformed', { because: cause.code }, { cause })
  }
}

/**
 * What is cheap comes first: parameters, hashes, times and who may sign, entry by entry as they are read; then how many signatures and
 * keys there are; then the signatures, the newest first, since it is the end of a log that somebody would forge.
 */
function verifyChain(scid: string, did: string, entries: Iterable<Entry>, nowMs: number): VerifiedLog {
  const versions: Version[] = []
  const read: Entry[] = []
  for (const entry of entries) {
    versions.push(verifyEntry(scid, entry, versions.at(-1), nowMs))
    read.push(entry)
  }
  checkCounts(read)
  for (const [index, entry] of [...read.entries()].reverse()) checkProofs(entry, index + 1)
  const [first, ...later] = versions
  const newest = versions.at(-1)
  if (first === undefined || newest === undefined) throw refusal(0, 'the log is empty')
  if (!versions.some(({ document }) => document.id === did)) throw refusal(0, 'no version is of the DID asked for')
  return { did: did as Did, scid, document: newest.document, versions: [first, ...later], deactivated: newest.active.deactivated } // `did` equals an id that is a Did.
}

function verifyEntry(scid: string, entry: Entry, before: Version | undefined, nowMs: number): Version {
  const number = (before?.number ?? 0) + 1
  const check = (holds: boolean, reason: string) => {
    if (!holds) throw refusal(number, reason)
  }
  const active = before ? laterParameters(entry.parameters, before.active, check) : firstParameters(entry.parameters, scid, check)
  check(entry.versionId === `${number}-${entryHash(entry.unsigned, before?.versionId ?? scid)}`, 'the version id is not the hash of its entry')
  if (!before) check(scidOf(entry.unsigned, scid) === scid, 'the SCID is not the hash of the first entry')
  checkTime(entry, before, nowMs, check)
  checkId(scid, entry.state, before, check)
  checkSigners(entry, before && before.active.nextKeyHashes.length === 0 ? before.active.updateKeys : active.updateKeys, check)
  return {
    number,
    versionId: entry.versionId,
    versionTimeMs: entry.versionTimeMs,
    document: entry.state,
    active,
    witnessedBy: before?.active.witness ?? active.witness, // A list that replaces another takes over after its entry; a first one at once.
  }
}

type Check = (holds: boolean, reason: string) => void

function firstParameters(given: Parameters, scid: string, check: Check): Active {
  check(given.method !== undefined, 'the first entry names no method')
  check(given.scid === scid, 'the first entry names another SCID')
  return {
    updateKeys: given.updateKeys ?? [], // And so nobody may sign it.
    nextKeyHashes: given.nextKeyHashes ?? [],
    witness: given.witness ?? null,
    watchers: given.watchers ?? [],
    portable: given.portable ?? false,
    deactivated: given.deactivated ?? false,
    ttl: given.ttl ?? 3600,
  }
}

function laterParameters(given: Parameters, before: Active, check: Check): Active {
  check(!before.deactivated, 'the DID was deactivated before')
  check(given.scid === undefined, 'a later entry names the SCID again')
  check(given.portable !== true || before.portable, 'a DID becomes portable after its creation')
  if (before.nextKeyHashes.length > 0) {
    check(given.updateKeys !== undefined && given.nextKeyHashes !== undefined, 'pre-rotation is active and the keys are not named')
    check(given.updateKeys?.every((key) => before.nextKeyHashes.includes(multihash(key))) ?? false, 'an update key was not announced')
  }
  return {
    updateKeys: given.updateKeys ?? before.updateKeys,
    nextKeyHashes: given.nextKeyHashes ?? before.nextKeyHashes,
    witness: given.witness === undefined ? before.witness : given.witness,
    watchers: given.watchers ?? before.watchers,
    portable: given.portable ?? before.portable,
    deactivated: given.deactivated ?? before.deactivated,
    ttl: given.ttl ?? before.ttl,
  }
}

function checkTime(entry: Entry, before: Version | undefined, nowMs: number, check: Check): void {
  check(!before || entry.versionTimeMs > before.versionTimeMs, 'a version is not later than the one before')
  check(entry.versionTimeMs <= nowMs + skewMs, 'a version is of the future')
}

/** did:webvh 1.0, "DID Portability": the location may move, the SCID never. */
function checkId(scid: string, document: DidDocument, before: Version | undefined, check: Check): void {
  check(parseWebvh(document.id).scid === scid, 'a document has another SCID')
  if (!before || before.document.id === document.id) return
  check(before.active.portable, 'a DID that is not portable was moved')
  check(document.alsoKnownAs?.includes(before.document.id) ?? false, 'a moved document does not name the DID it had')
}

function checkSigners(entry: Entry, authorised: readonly string[], check: Check): void {
  for (const proof of entry.proof) check(authorised.includes(signerOf(proof).slice('did:key:'.length)), 'the signing key was not authorised')
}

/** All of them: an unchecked second proof would be bytes that nobody signed. */
function checkProofs(entry: Entry, version: number): void {
  for (const proof of entry.proof) if (!proves(entry.unsigned, proof)) throw refusal(version, 'a proof does not verify')
}

function checkCounts(entries: readonly Entry[]): void {
  const proofs = entries.reduce((sum, { proof }) => sum + proof.length, 0)
  if (proofs > logProofsMax) throw new TrustError('DFFT_LIMIT', 'a did:webvh log has too many proofs', { proofs, logProofsMax })
  const keys = new Set(entries.flatMap(({ state }) => methodsIn(state).map((method) => JSON.stringify(method)))).size
  if (keys > keysMax) throw new TrustError('DFFT_LIMIT', 'a did:webvh log names too many keys', { keys, keysMax })
}

function refusal(version: number, reason: string): TrustError {
  return new TrustError('DFFT_DID_LOG', reason, { version })
}

/**
 * Each key with the span in which it was named. A version ends where the next begins; a deactivated DID has no key
 * from its last entry on.
 *
 * What any version calls revoked is so in all of them, under any name the key ever had: a later version cannot take it back.
 */
export function eras(log: VerifiedLog): KeyEra[] {
  const revoked = revocations(log)
  return spans(log).map(({ revokedMs: _, ...era }) => {
    const since = [revoked.get(era.keyId), revoked.get(thumbprint(era.jwk))].filter((ms) => ms !== undefined)
    return since.length === 0 ? era : { ...era, revokedMs: Math.min(...since) }
  })
}

/** The earliest instant, by name and by thumbprint of the key. */
function revocations(log: VerifiedLog): Map<string, number> {
  const found = new Map<string, number>()
  for (const { document } of log.versions)
    for (const { keyId, jwk, revokedMs } of revokedIn(document))
      for (const name of jwk ? [keyId, thumbprint(jwk)] : [keyId]) found.set(name, Math.min(found.get(name) ?? revokedMs, revokedMs))
  return found
}

function spans(log: VerifiedLog): KeyEra[] {
  const done: KeyEra[] = []
  let open = new Map<string, KeyEra>()
  for (const { document, versionTimeMs: fromMs, active } of log.versions) {
    const named = new Map(
      active.deactivated ? [] : keysOf(document, { fromMs, untilMs: null }).map((era) => [JSON.stringify([era.keyId, era.jwk, era.purposes]), era]),
    )
    for (const [name, era] of open) if (!named.has(name)) done.push({ ...era, untilMs: fromMs })
    open = new Map([...named].map(([name, era]) => [name, open.get(name) ?? era]))
  }
  return [...done, ...open.values()]
}

/** The did:web of the same location. */
export function parallelDid(did: string): Did {
  return didWebOf(parseWebvh(did).location)
}

/** The document that the did:web of the same location has. @see did:webvh 1.0, "Publishing a Parallel did:web DID" */
export function parallelDocument(log: VerifiedLog): Record<string, unknown> {
  const did = log.document.id
  const web = parallelDid(did)
  const services = [
    ...(log.document.service ?? []),
    ...implicitServices(did).filter((implicit) => !log.document.service?.some(({ id }) => sameService(id, implicit.id, did))),
  ]
  const text = JSON.stringify({ ...log.document, service: services }).replaceAll(`did:webvh:${log.scid}:`, 'did:web:')
  const document = JSON.parse(text) as Record<string, unknown> // An object went in.
  const names = new Set([...(log.document.alsoKnownAs ?? []), did])
  names.delete(web)
  return { ...document, alsoKnownAs: [...names] }
}

/** did:webvh 1.0, "DID URL Path Resolution" and "whois LinkedVP Service". */
function implicitServices(did: string) {
  const base = locationUrl(parseWebvh(did).location, '').replace('/.well-known/', '/')
  return [
    { id: '#files', type: 'relativeRef', serviceEndpoint: base },
    { '@context': 'https://identity.foundation/linked-vp/contexts/v1', id: '#whois', type: 'LinkedVerifiablePresentation', serviceEndpoint: `${base}whois.vp` },
  ] as const
}

function sameService(id: string, fragment: string, did: string): boolean {
  return id === fragment || id === `${did}${fragment}`
}
