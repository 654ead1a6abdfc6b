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
import type { RecordsClient } from '#node/network/records.ts'
import type { PolicyShelf } from '#node/policy/policy-shelf.ts'
import type { Clock, Identifier, Identifiers, KeyEra, Log, Random, Store } from '#node/ports.ts'
import type { StatusLists } from '#node/status/status-lists.ts'
import { getJson, putJson } from '#node/stored.ts'
import type { Trust } from '#node/trust/trust.ts'
import { endOf } from '#protocols/did/document.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { type Did, type DidUrl, type Instant, instant, msOf } from '#protocols/ids.ts'
import type { Signer } from '#protocols/keys.ts'
import type { DidBook } from './dids.ts'
import { fingerprint, type Self } from './self.ts'

export interface Rotating {
  readonly self: Self
  readonly follow: (identifier: Identifier) => Promise<void>
  readonly identifiers: Pick<Identifiers, 'rotate'>
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
}

export interface Rotated {
  readonly did: Did
  readonly from: DidUrl
  readonly to: DidUrl
  readonly fingerprint: string
  readonly compromisedSince: Instant | null
  /** Who co-signed the log before. */
  readonly witnesses: readonly Did[]
  /** How many partners heard of it at once; the others hear when they connect. */
  readonly told: number
}

/** Many pass at once; one may ask to be alone, and then waits for those inside while others wait outside. */
export class Gate {
  readonly #inside = new Set<Promise<unknown>>()
  #alone: Promise<unknown> | undefined

  async pass<T>(act: () => Promise<T>): Promise<T> {
    while (this.#alone) await this.#alone
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
 * @throws {TrustError} DFFT_KEY_FIXED for a did:key or did:jwk, DFFT_KEY_UNWITNESSED when no partner co-signed, DFFT_USAGE, DFFT_DID_DEACTIVATED;
 *   DFFT_STORE; DFFT_KEYSTORE when the rotation is done and the new key cannot be used: nothing is signed until a restart
 */
export function rotateKey(parts: Rotating, wish: RotationWish, signal: AbortSignal): Promise<Rotated> {
  return parts.issuing.alone(async () => {
    const { self, follow, identifiers, dids, audit, records, ownStatus, log } = parts
    checkWish(parts, wish)
    const { compromisedSince = null } = wish
    const from = self.keyId
    const { witnesses, retireFromMs } = await frozen(parts, wish, signal)
    await audit.append([{ kind: 'key-rotating', facts: { key: from, compromisedSince, witnesses: witnesses.slice(0, factsMax) } }])
    const identifier = await identifiers.rotate(self.did, {
      retireFromMs,
      ...(compromisedSince === null ? {} : { compromisedSinceMs: msOf(compromisedSince) }),
    })
    await follow(identifier).catch((cause) => {
      log('error', 'rotated to a key that cannot be used: restart the node', { code: codeOf(cause) })
      throw cause
    })
    await dids.learn(self.did, identifier.didLog ?? '', identifier.witnessProofs)
    await record(parts, from, compromisedSince)
    // The lists that a doubted key signed are doubted too: partners fetch them again.
    const told = await records.announce(compromisedSince === null ? [] : ownStatus.allUris, signal)
    const { keyId: to, publicJwk } = self.signer
    return { did: self.did, from, to, fingerprint: fingerprint(publicJwk), compromisedSince, witnesses, told }
  })
}

/** A fact of an entry lists so many names at most. */
const factsMax = 64

function checkWish({ self, clock }: Rotating, { compromisedSince }: RotationWish): void {
  if (self.didLog === undefined) throw new TrustError('DFFT_KEY_FIXED', `the key of \`${self.did}\` is the DID itself`, { did: self.did })
  if (compromisedSince !== undefined && msOf(compromisedSince) > clock.nowMs())
    throw new TrustError('DFFT_USAGE', `\`${compromisedSince}\` is still to come`, { compromisedSince })
}

/**
 * A compromised key is not kept in force because no partner is there: what it signed since then is lost in any case, and what it signed
 * before was co-signed before or is lost too. So are copies, which no entry told until now.
 */
async function frozen(parts: Rotating, { compromisedSince, unwitnessed }: RotationWish, signal: AbortSignal): Promise<Frozen> {
  const { evidence, self, clock } = parts
  if (compromisedSince === undefined) await logCopies(parts) // Without witnesses too: to this node its own log is evidence enough.
  if (unwitnessed) return { witnesses: [], retireFromMs: clock.nowMs() }
  const made = await evidence.freeze(self.keyId, signal)
  if (made.witnesses.length === 0 && compromisedSince === undefined)
    throw new TrustError('DFFT_KEY_UNWITNESSED', 'no connected partner co-signed our log, so the age of what the old key issued could not be shown')
  return made
}

/** The key that the newest entry about keys names. */
interface Recorded {
  readonly keyId: DidUrl
}
const recordedKey = 'key/recorded'

/** With what we vouch for under our name, signed again: under the old key nobody who has not seen it would take it. */
async function record({ audit, self, trust, shelf }: Recording, from: DidUrl, compromisedSince: Instant | null): Promise<void> {
  const to = self.keyId
  const renewed = [...(await trust.renew(self)), ...(await shelf.renew(self))]
  await audit.append([{ kind: 'key-rotated', facts: { from, to, compromisedSince } }], [putJson(recordedKey, { keyId: to } satisfies Recorded), ...renewed])
}

type Recording = Pick<Rotating, 'audit' | 'self' | 'trust' | 'shelf'>

/** At the start: a rotation that is durable and that no entry tells of yet, since the node died in between. */
export async function recordRotation(parts: Recording & Pick<Rotating, 'store' | 'dids'>, signal: AbortSignal): Promise<void> {
  const { self, store, dids } = parts
  const oldest = self.former.at(-1)
  if (!oldest) return
  const { keyId: from } = (await getJson<Recorded>(store, recordedKey)) ?? oldest
  if (from === self.keyId) return
  const { keys } = await dids.resolve(self.did, signal)
  const revokedMs = keys.find(({ keyId }) => keyId === from)?.revokedMs
  await record(parts, from, revokedMs === undefined ? null : instant(revokedMs))
}

export interface OwnKeyView {
  readonly keyId: DidUrl
  readonly role: 'signing' | 'former' | 'compromised'
  readonly algorithm: string
  readonly from: Instant | null
  readonly until: Instant | null
  readonly fingerprint: string
}

/** The keys of this node, newest first. */
export async function ownKeys({ self, dids }: Pick<Rotating, 'self' | 'dids'>, signal: AbortSignal): Promise<readonly OwnKeyView[]> {
  const { keys } = await dids.resolve(self.did, signal)
  return [self.signer, ...self.former].map((signer) => viewOf(signer, keys, signer === self.signer))
}

function viewOf({ keyId, algorithm, publicJwk }: Signer, keys: readonly KeyEra[], signing: boolean): OwnKeyView {
  const spans = keys.filter((key) => key.keyId === keyId)
  const fromMs = Math.min(...spans.map((span) => span.fromMs))
  const untilMs = Math.max(...spans.map(endOf))
  return {
    keyId,
    role: spans.some(({ revokedMs }) => revokedMs !== undefined) ? 'compromised' : signing ? 'signing' : 'former',
    algorithm,
    from: Number.isFinite(fromMs) && fromMs > 0 ? instant(fromMs) : null,
    until: Number.isFinite(untilMs) ? instant(untilMs) : null,
    fingerprint: fingerprint(publicJwk),
  }
}
