/**
 * A new key for this node's DID, while it runs: what is signed from now on, and what of before goes on to count.
 *
 *     log      copies of credentials about persons are entered in the log, which so far told none of them
 *     freeze   partners co-sign the log as it is: from now on the age of every credential issued under the old key can be shown
 *     write    `key-rotating`, then the new key and the new entry of the DID log in one write, then `key-rotated` with accreditations
 *              and policies of ours under the new key
 *     follow   everything signs with the new key
 *     tell     connected partners fetch the DID log
 *
 * Nothing is issued in between, so no credential is older than the key's end and younger than the cosignatures. A crash leaves the old
 * key or the new one; a start finds out which, and writes `key-rotated` where it is missing.
 */

import type { AuditLog } from '#node/audit/audit.ts'
import type { Frozen } from '#node/audit/frozen-log.ts'
import type { IssuanceEvidence } from '#node/audit/issuance-evidence.ts'
import { logCopies } from '#node/credentials/logged-copies.ts'
import { type NetworkGate, partnersOf } from '#node/network/gate.ts'
import type { RecordsClient } from '#node/network/records.ts'
import type { PolicyShelf } from '#node/policy/policy-shelf.ts'
import type { Clock, Identifier, Identifiers, KeyVault, Log, Network, Random, Store } from '#node/ports.ts'
import type { StatusLists } from '#node/status/status-lists.ts'
import { getJson, putJson } from '#node/stored.ts'
import type { Trust } from '#node/trust/trust.ts'
import type { Approval } from '#protocols/did/webvh-witness.ts'
import type { WitnessList } from '#protocols/did/webvh-write.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { type Did, type DidUrl, type Instant, instant, msOf, type PeerId } from '#protocols/ids.ts'
import type { DidBook } from './dids.ts'
import { missingKeys } from './held-keys.ts'
import { madeHere } from './made.ts'
import { ended } from './own-keys.ts'
import { keepWaiting, makePeerKey, type NewPeerKey, peerKeyRecord } from './peer-key.ts'
import { fingerprint, type Self } from './self.ts'
import { collect, rememberNodes, type Waiting, waitingEntry, waitingError, waitingOf, witnessAt } from './waiting-entry.ts'

export interface Rotating {
  readonly self: Self
  readonly follow: (identifier: Identifier) => Promise<void>
  readonly identifiers: Pick<Identifiers, 'rotate' | 'approve' | 'deactivate' | 'list'>
  readonly vault: KeyVault
  readonly network: Network
  readonly gate: Pick<NetworkGate, 'admits'>
  readonly evidence: Pick<IssuanceEvidence, 'freeze'>
  readonly dids: DidBook
  readonly audit: AuditLog
  readonly trust: Trust
  readonly shelf: PolicyShelf
  readonly store: Store
  readonly random: Random
  readonly clock: Pick<Clock, 'nowMs'>
  readonly log: Log
  readonly records: RecordsClient
  readonly ownStatus: StatusLists
  /** Passed by whatever this node signs for others to keep: credentials, accreditations, policies. */
  readonly issuing: Gate
}

export interface RotationWish {
  readonly compromisedSince?: Instant | undefined
  /** Without cosignatures of partners: what the old key issued then counts nowhere but where it is known already. */
  readonly unwitnessed: boolean
  /** The peer key too: named in the same entry of the log, used from the next start on. */
  readonly peer: boolean
  /** Who has to approve entries of our log from now on, by did:key or as nodes that agreed to; null: nobody. */
  readonly witness?: WitnessList | null | undefined
  /** Of witnesses that were asked by file. */
  readonly approvals?: readonly Approval[] | undefined
  /** Looks whether it would be done, and changes nothing. */
  readonly dryRun: boolean
}

export interface Rotated {
  readonly did: Did
  readonly from: DidUrl
  /** Null in a dry run, and while the entry waits for the log's witnesses. */
  readonly to: DidUrl | null
  readonly fingerprint: string | null
  readonly compromisedSince: Instant | null
  /** The entry of the DID log that waits for its witnesses. */
  readonly waiting: Waiting | null
  /** Who co-signed the audit log before; in a dry run, who would be asked. */
  readonly witnesses: readonly Did[]
  /** How many partners heard of it at once; the others hear when they connect. */
  readonly told: number
  /** Of the next start on, where it changes. */
  readonly peerId: PeerId | null
  readonly dryRun: boolean
}

/** Many pass at once; one may ask to be alone, and then waits for those inside while others wait outside. */
export class Gate {
  readonly #inside = new Set<Promise<unknown>>()
  #alone: Promise<unknown> | undefined
  #closed: TrustError | undefined

  /** Why nobody passes any more. */
  get closed(): TrustError | undefined {
    return this.#closed
  }

  close(why: TrustError): void {
    this.#closed = why
  }

  open(): void {
    this.#closed = undefined
  }

  async pass<T>(act: () => Promise<T>): Promise<T> {
    while (this.#alone) await this.#alone
    if (this.#closed) throw this.#closed
    const acting = act()
    const settled = acting.catch(() => undefined) // The caller has the error.
    this.#inside.add(settled)
    try {
      return await acting
    } finally {
      this.#inside.delete(settled)
    }
  }

  alone<T>(act: () => Promise<T>): Promise<T> {
    const mine = (this.#alone ?? Promise.resolve()).then(() => Promise.all(this.#inside)).then(act)
    const opened = () => {
      if (this.#alone === last) this.#alone = undefined
    }
    const last = mine.then(opened, opened) // The caller has the error; the next one only waits.
    this.#alone = last
    return mine
  }
}

/**
 * Where an entry waits for witnesses already, it is that one which is gone on with.
 *
 * @throws {TrustError} DFFT_KEY_FIXED for a did:key or did:jwk, DFFT_KEY_UNWITNESSED when no partner co-signed, DFFT_USAGE, DFFT_DID_DEACTIVATED;
 *   DFFT_KEY_WAITING for another wish than the one that waits; DFFT_NOT_FOUND for approvals where none waits, else as Identifiers.approve;
 *   DFFT_CONFLICT while a new peer key waits for a start; DFFT_KEYS_ELSEWHERE without the announced key; DFFT_STORE; DFFT_KEYSTORE when the rotation is done and the new key cannot be used: nothing is signed until a restart
 */
export function rotateKey(parts: Rotating, wish: RotationWish, signal: AbortSignal): Promise<Rotated> {
  return parts.issuing.alone(async () => {
    const { self, identifiers, audit, issuing } = parts
    const waiting = await waitingEntry(parts)
    if (waiting) return resumed(parts, wish, waiting, signal)
    await checkWish(parts, wish)
    const { compromisedSince = null } = wish
    if (wish.dryRun) return rehearsed(parts, wish)
    const witness = wish.witness && (await named(wish.witness, parts, signal))
    const from = self.keyId
    const { witnesses, retireFromMs } = await frozen(parts, wish, signal)
    await audit.append([{ kind: 'key-rotating', facts: { key: from, compromisedSince, witnesses: witnesses.slice(0, factsMax) } }])
    const peer = wish.peer ? await makePeerKey(parts) : undefined
    await peer?.wait()
    const identifier = await identifiers.rotate(self.did, {
      retireFromMs,
      peerIds: await peerIds(parts, peer),
      ...(compromisedSince === null ? {} : { compromisedSinceMs: msOf(compromisedSince) }),
      ...(witness !== undefined && { witness }),
    })
    if (!identifier.pending) return { ...(await finished(parts, identifier, signal)), witnesses }
    issuing.close(waitingError(self.did))
    return { ...(await goneOn(parts, identifier, signal)), witnesses }
  })
}

/** As `rotateKey` for an entry that waits. A wish of its own it cannot have. */
export async function resumed(parts: Rotating, wish: RotationWish, waiting: Waiting, signal: AbortSignal): Promise<Rotated> {
  const { self, identifiers, issuing } = parts
  const { compromisedSince, peer, witness, approvals = [], dryRun } = wish
  if (compromisedSince !== undefined || peer || witness !== undefined) throw waitingError(self.did)
  if (dryRun) return { ...unchanged(parts, waiting), dryRun }
  issuing.close(waitingError(self.did))
  let identifier = await ownIdentifier(parts)
  for (const approval of approvals) if (identifier.pending) identifier = await identifiers.approve(self.did, approval)
  return goneOn(parts, identifier, signal)
}

/** Asks who has not approved yet, and follows where that is enough. */
export async function goneOn(parts: Rotating, identifier: Identifier, signal: AbortSignal): Promise<Rotated> {
  const waiting = await waitingOf(identifier, parts.store)
  const asked = waiting ? await collect(parts, waiting, signal) : identifier
  const missing = await waitingEntry(parts)
  return asked && !missing ? finished(parts, asked, signal) : unchanged(parts, missing)
}

/**
 * A witness has come back: it is asked for what waits. Does nothing where nothing does.
 *
 * @throws {TrustError} DFFT_STORE, DFFT_KEYSTORE
 */
export async function askAgain(parts: Rotating, node: Did, signal: AbortSignal): Promise<void> {
  if (parts.issuing.closed?.code !== 'DFFT_KEY_WAITING') return
  await parts.issuing.alone(async () => {
    const waiting = await waitingEntry(parts)
    if (!waiting) return
    const asked = await collect(parts, waiting, signal, node)
    if (asked && !asked.pending) await finished(parts, asked, signal)
  })
}

/** What is left when the entry is published: to sign by its key, to vouch again for what the old one vouched for, and to tell. */
async function finished(parts: Rotating, identifier: Identifier, signal: AbortSignal): Promise<Rotated> {
  const { self, follow, dids, records, ownStatus, issuing, log } = parts
  const from = self.keyId
  await follow(identifier).catch((cause) => {
    log('error', 'rotated to a key that cannot be used: restart the node', { code: codeOf(cause) })
    throw cause
  })
  await dids.learn(self.did, identifier.didLog ?? '', identifier.witnessProofs)
  const peerId = (await keepWaiting(parts, (await dids.resolve(self.did, signal)).peerIds)) ?? null
  const over = ended(identifier)
  const since = over ? null : await doubtedSince(parts, from, signal)
  if (over) issuing.close(endedError(self.did))
  else {
    await record(parts, from, since)
    issuing.open()
  }
  // The lists that a doubted key signed are doubted too: partners fetch them again.
  const told = await records.announce(since === null ? [] : ownStatus.allUris, signal).catch((thrown) => {
    log('warn', 'partners were not told of the change of our DID', { code: codeOf(thrown) })
    return 0
  })
  const { keyId: to, publicJwk } = self.signer
  const keys = over ? { to: null, fingerprint: null } : { to, fingerprint: fingerprint(publicJwk) }
  return { did: self.did, from, ...keys, compromisedSince: since, waiting: null, witnesses: [], told, peerId, dryRun: false }
}

export function endedError(did: Did): TrustError {
  return new TrustError('DFFT_DID_DEACTIVATED', `\`${did}\`, the DID of this node, was deactivated`, { did })
}

function unchanged({ self }: Rotating, waiting: Waiting | null): Rotated {
  const nothing = { to: null, fingerprint: null, compromisedSince: null, witnesses: [], told: 0, peerId: null }
  return { did: self.did, from: self.keyId, ...nothing, waiting, dryRun: false }
}

async function ownIdentifier({ self, identifiers }: Rotating): Promise<Identifier> {
  const identifier = (await identifiers.list()).find(({ did }) => did === self.did)
  if (!identifier) throw new TrustError('DFFT_STORE', 'the store holds no identifier')
  return identifier
}

/** By their keys, as a log names them: a node is asked under which key it witnesses. */
async function named({ threshold, witnesses }: WitnessList, parts: Rotating, signal: AbortSignal): Promise<WitnessList> {
  const nodes: Record<Did, Did> = {}
  for (const did of witnesses) if (!did.startsWith('did:key:')) nodes[did] = await witnessAt(did, parts, signal)
  await rememberNodes(parts.store, nodes)
  return { threshold, witnesses: witnesses.map((did) => nodes[did] ?? did) }
}

/** Who speaks for the DID: the peer that runs, and the one that a start will make of it. */
async function peerIds({ store, network }: Rotating, made: NewPeerKey | undefined): Promise<readonly PeerId[]> {
  const kept = made?.peerId ?? (await peerKeyRecord(store))?.peerId
  return [...new Set([network.peerId, ...(kept === undefined ? [] : [kept])])]
}

async function rehearsed(parts: Rotating, wish: RotationWish): Promise<Rotated> {
  const { self, network, gate } = parts
  const { compromisedSince = null } = wish
  const witnesses = witnessesAtHand(parts, wish)
  return {
    did: self.did,
    from: self.keyId,
    to: null,
    fingerprint: null,
    compromisedSince,
    witnesses,
    waiting: null,
    told: partnersOf(network, gate).connected().length,
    peerId: null,
    dryRun: true,
  }
}

/** @throws {TrustError} DFFT_KEY_UNWITNESSED where a rotation of this moment would end with it */
export function witnessesAtHand({ network, gate }: Rotating, { compromisedSince, unwitnessed }: Partial<RotationWish>): readonly Did[] {
  if (unwitnessed) return []
  const witnesses = [
    ...new Set(
      partnersOf(network, gate)
        .connected()
        .map(({ did }) => did),
    ),
  ]
  if (witnesses.length === 0 && compromisedSince === undefined) throw unwitnessedError()
  return witnesses
}

function unwitnessedError(): TrustError {
  return new TrustError('DFFT_KEY_UNWITNESSED', 'no connected partner co-signed our log, so the age of what the old key issued could not be shown')
}

/** A fact of an entry lists so many names at most. */
const factsMax = 64

async function checkWish(parts: Rotating, { compromisedSince, peer, witness, approvals = [] }: RotationWish): Promise<void> {
  const { self, clock, issuing, identifiers, vault, store, network } = parts
  if (issuing.closed) throw issuing.closed
  if (approvals.length > 0) throw new TrustError('DFFT_NOT_FOUND', 'no entry of the DID log waits for witnesses')
  if (witness && witness.threshold > witness.witnesses.length)
    throw new TrustError('DFFT_USAGE', 'the threshold is above the number of witnesses', { threshold: witness.threshold, witnesses: witness.witnesses.length })
  if (self.didLog === undefined) throw new TrustError('DFFT_KEY_FIXED', `the key of \`${self.did}\` is the DID itself`, { did: self.did })
  if (compromisedSince !== undefined && msOf(compromisedSince) > clock.nowMs())
    throw new TrustError('DFFT_USAGE', `\`${compromisedSince}\` is still to come`, { compromisedSince })
  const missing = await missingKeys(await identifiers.list(), undefined, vault)
  if (missing.includes('announced'))
    throw new TrustError('DFFT_KEYS_ELSEWHERE', 'the key announced for the next entry of the DID log is in no vault', { missing: 'announced' })
  const waiting = (await peerKeyRecord(store))?.peerId ?? network.peerId
  if (peer && waiting !== network.peerId)
    throw new TrustError('DFFT_CONFLICT', 'a new peer key is announced already; restart the node to use it', { peerId: waiting })
}

/**
 * A compromised key is not kept in force because no partner is there: what it signed since then is lost in any case, and what it signed
 * before was co-signed before or is lost too. So are copies, which no entry told until now.
 */
export async function frozen(parts: Rotating, { compromisedSince, unwitnessed }: Partial<RotationWish>, signal: AbortSignal): Promise<Frozen> {
  const { evidence, self, clock } = parts
  if (compromisedSince === undefined) await logCopies(parts) // Without witnesses too: to this node its own log is evidence enough.
  if (unwitnessed) return { witnesses: [], retireFromMs: clock.nowMs() }
  const made = await evidence.freeze(self.keyId, signal)
  if (made.witnesses.length === 0 && compromisedSince === undefined) throw unwitnessedError()
  return made
}

/** The key that the newest entry about keys names. */
interface Recorded {
  readonly keyId: DidUrl
}
const recordedKey = 'key/recorded'

/**
 * With what we vouch for under our name, signed again: under the old key nobody who has not seen it would take it. Only what this node
 * made itself, and of a compromised key only what it made before: else the new key would vouch for what a thief has signed.
 */
async function record({ audit, self, store, trust, shelf }: Recording, from: DidUrl, compromisedSince: Instant | null): Promise<void> {
  const to = self.keyId
  const { marks, writes } = await madeHere(store, self.did, compromisedSince)
  const renewed = [...writes, ...(await trust.renew(self, marks)), ...(await shelf.renew(self, marks))]
  await audit.append([{ kind: 'key-rotated', facts: { from, to, compromisedSince } }], [putJson(recordedKey, { keyId: to } satisfies Recorded), ...renewed])
}

/** What the next start tells of: the rotation from this key, unless one before it was not told of yet. */
export async function recordFrom(store: Store, keyId: DidUrl): Promise<void> {
  if ((await getJson<Recorded>(store, recordedKey)) === undefined) await store.batch([putJson(recordedKey, { keyId } satisfies Recorded)])
}

type Recording = Pick<Rotating, 'audit' | 'self' | 'store' | 'trust' | 'shelf'>

/** At the start: a rotation that is durable and that no entry tells of yet, since the node died in between. */
export async function recordRotation(parts: Recording & Pick<Rotating, 'vault' | 'dids'>, signal: AbortSignal): Promise<void> {
  const { self, store, dids } = parts
  await keepWaiting(parts, (await dids.resolve(self.did, signal)).peerIds)
  const { keyId: from } = (await getJson<Recorded>(store, recordedKey)) ?? self.former.at(-1) ?? self
  if (from !== self.keyId) await record(parts, from, await doubtedSince(parts, from, signal))
}

/** Since when our document calls a key of ours compromised. */
async function doubtedSince({ self, dids }: Pick<Rotating, 'self' | 'dids'>, keyId: DidUrl, signal: AbortSignal): Promise<Instant | null> {
  const { keys } = await dids.resolve(self.did, signal)
  const revokedMs = keys.find((key) => key.keyId === keyId)?.revokedMs
  return revokedMs === undefined ? null : instant(revokedMs)
}
