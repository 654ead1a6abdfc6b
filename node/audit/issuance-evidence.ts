/**
 * The evidence by which a credential outlives the key that signed it, and by which a backdated one does not.
 *
 * As issuer: before a key is retired, partners co-sign the log as it stands (`freeze`), and whoever holds a credential is
 * told where it was logged (`tell`). As witness: a partner's head is measured, kept and co-signed (`cosign`). As relying
 * party: `issuedBefore` asks the issuer and believes the witnesses, never the issuer. What was proved once is kept, since
 * the issuer may be gone when it is needed again.
 */

import type { Self } from '#node/identity/self.ts'
import type { KeyEra, Resolver, Write } from '#node/ports.ts'
import { after, getJson, putJson } from '#node/stored.ts'
import type { Trust } from '#node/trust/trust.ts'
import { endOf } from '#protocols/did/document.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Cosignature, LogHead } from '#protocols/exchange/messages.ts'
import { type Did, type DidUrl, type Digest, instant, msOf } from '#protocols/ids.ts'
import { originOf, readCheckpointOfAny } from '#protocols/log/checkpoint.ts'
import { readEntry } from '#protocols/log/entry.ts'
import { type IssuanceProof, logKeysAt, verifyFirst } from '#protocols/log/issuance.ts'
import type { Issuance } from '#protocols/records.ts'
import { type Frozen, FrozenLog, type FrozenLogNeeds } from './frozen-log.ts'
import { dated, type Sighting, sighting, sightingsMax, sightingsOf } from './sightings.ts'
import type { Witnessing } from './witnessing.ts'

/** Credentials of others, each some 3 KiB: the wallet's, and those seen whose issuer has retired its key since. */
const heldMax = 10_000
const heldPrefix = 'evidence/issuance/'

/** `evidence/issuance/<digest>`: what was proved of a credential. */
interface Held {
  readonly issuer: Did
  readonly index: number
  readonly by: Did
  readonly atMs: number
  readonly proof: IssuanceProof
}

/** Whether this node has a reason to believe what `witness` signs about the log of `issuer`, other than the issuer's word. */
export type TrustedWitness = (witness: Did, issuer: Did, signal: AbortSignal) => Promise<boolean>

interface Needs extends FrozenLogNeeds {
  readonly self: Self
  readonly trusted: TrustedWitness
  readonly witnessing: Pick<Witnessing, 'look'>
}

export class IssuanceEvidence {
  readonly #needs: Needs
  readonly #own: FrozenLog
  /** Proofs on disk; unknown until one comes. */
  #count: number | undefined

  constructor(needs: Needs) {
    this.#needs = needs
    this.#own = new FrozenLog(needs)
  }

  /**
   * Makes what was issued under a key provable for good: to be called before the key is retired, while partners are
   * connected, and then the retirement dated no earlier than `retireFromMs`.
   *
   * @throws {TrustError} DFFT_STORE; a partner that fails is logged and left out
   */
  async freeze(keyId: DidUrl, signal: AbortSignal): Promise<Frozen> {
    return this.#own.freeze(keyId, await this.#partners(signal), signal)
  }

  /** See FrozenLog.tell. */
  tell(signed: Digest, size: number | null): Promise<Issuance | undefined> {
    return this.#own.tell(signed, size)
  }

  /**
   * Measures a partner's head, keeps it for good, and co-signs it: the signature leaves when all of it is on disk.
   *
   * @throws {TrustError} DFFT_CHECKPOINT when it is not the partner's; DFFT_LOG_FORK, with both notes kept; DFFT_DID_*
   */
  async cosign(from: Did, { checkpoint: note, since, proof }: LogHead, signal: AbortSignal): Promise<{ cosignature: Cosignature | null; seen: number }> {
    const { audit, clock, dids, store } = this.#needs
    const publicKeys = logKeysAt((await dids.resolve(from, signal)).keys, clock.nowMs())
    const { publicKey } = readCheckpointOfAny(note, { origin: originOf(from), publicKeys })
    const { seen, writes, cosignature } = await audit.rememberPartner(from, { note, publicKey, from: since, proof })
    if (cosignature === null) return { cosignature, seen }
    const kept = await sightingsOf(store, from)
    // Asking again costs a signature and no disk, or a partner could fill ours.
    if (!kept.some(({ size }) => size === seen)) {
      const last = await audit.seen(from)
      const more = last?.size === seen && kept.length < sightingsMax ? [sighting(from, last)] : []
      await audit.append([{ kind: 'witnessed', facts: { partner: from, size: seen } }], [...writes, ...more])
    }
    return { cosignature: { checkpoint: note, line: cosignature }, seen }
  }

  /**
   * That a credential was in its issuer's log before a time.
   *
   * @param beforeMs when the issuer's key was retired
   * @returns a sentence for the report
   * @throws {TrustError} DFFT_ISSUANCE_UNPROVEN when nobody trusted saw it in time, or the issuer cannot be asked;
   *   DFFT_ISSUANCE_PROOF, DFFT_CHECKPOINT, DFFT_SCHEMA, DFFT_JSON_* when what the issuer shows does not hold; DFFT_DID_*
   */
  async issuedBefore(issuer: Did, signed: Digest, beforeMs: number, signal: AbortSignal): Promise<string> {
    if (issuer === this.#needs.self.did) return this.#loggedHere(signed, beforeMs)
    const { index, by, atMs } = await this.#proven(issuer, signed, beforeMs, signal)
    const who = by === this.#needs.self.did ? 'seen by this node' : `witnessed by \`${by}\``
    return `logged by its issuer as entry ${index}, ${who} on ${instant(atMs)}`
  }

  /**
   * Fetches and keeps the evidence of a credential in this wallet while its issuer is there to be asked: where the issuer shows its log, as
   * seen by this node, which holds whomever else it ceases to trust.
   *
   * @throws {TrustError} as `issuedBefore`; DFFT_ISSUANCE_UNPROVEN may mean only that no partner has co-signed the entry yet
   */
  async keep(issuer: Did, signed: Digest, signal: AbortSignal): Promise<void> {
    const { self, store, witnessing } = this.#needs
    if (issuer === self.did || (await getJson<Held>(store, heldKey(signed)))) return
    const told = await this.#ask(issuer, signed, await this.#sizeSeen(issuer), signal)
    if (told.proof === null) await witnessing.look(issuer, signal)
    await this.#proven(issuer, signed, Number.POSITIVE_INFINITY, signal)
  }

  async #sizeSeen(issuer: Did): Promise<number | null> {
    return (await this.#lastSeen(issuer, Number.POSITIVE_INFINITY))?.size ?? null
  }

  /** One credential's evidence, for a file. @throws {TrustError} DFFT_NOT_FOUND when none is held */
  async proofOf(signed: Digest): Promise<IssuanceProof> {
    const told = await this.tell(signed, null)
    const best = told && candidatesOf(told, undefined).sort((one, other) => other.cosignatures.length - one.cosignatures.length)[0]
    const proof = best ?? (await getJson<Held>(this.#needs.store, heldKey(signed)))?.proof
    if (!proof) throw new TrustError('DFFT_NOT_FOUND', 'no evidence of that credential is held', { signed })
    return proof
  }

  /** Takes in evidence from a file, as if its issuer had told it. @throws {TrustError} as `issuedBefore` */
  async learn(issuer: Did, signed: Digest, proof: IssuanceProof, signal: AbortSignal): Promise<void> {
    await this.#judge([proof], { issuer, signed, beforeMs: Number.POSITIVE_INFINITY }, signal)
  }

  /** Our own log needs no witness to us: nobody else writes into it. */
  async #loggedHere(signed: Digest, beforeMs: number): Promise<string> {
    const told = await this.tell(signed, null)
    if (!told) throw unproven('this node logged no such issuance', { signed })
    const { index, at } = readEntry(Buffer.from(told.entry))
    if (msOf(at) >= beforeMs) throw unproven(`this node logged it at ${at}, too late`, { index })
    return `logged by this node as entry ${index} on ${at}`
  }

  async #proven(issuer: Did, signed: Digest, beforeMs: number, signal: AbortSignal): Promise<Held> {
    const held = await getJson<Held>(this.#needs.store, heldKey(signed))
    if (held && held.issuer === issuer && held.atMs < beforeMs && (await this.#believes(held.by, issuer, signal))) return held
    const seen = await this.#lastSeen(issuer, beforeMs)
    const told = await this.#ask(issuer, signed, seen?.size ?? null, signal)
    return this.#judge(candidatesOf(told, seen), { issuer, signed, beforeMs }, signal)
  }

  async #ask(issuer: Did, signed: Digest, size: number | null, signal: AbortSignal): Promise<Issuance> {
    try {
      return await this.#needs.records.ask(issuer, { type: 'issuance', signed, size }, 'issuance', signal)
    } catch (cause) {
      const because = codeOf(cause)
      if (because === 'DFFT_INTERNAL') throw cause
      const how = because === 'DFFT_NOT_FOUND' ? 'the issuer logged no such credential' : 'the issuer cannot be asked for its log'
      throw unproven(how, { because }, { cause })
    }
  }

  async #judge(proofs: readonly IssuanceProof[], claim: Claim, signal: AbortSignal): Promise<Held> {
    const { issuer, signed } = claim
    const { keys: issuerKeys } = await this.#needs.dids.resolve(issuer, signal)
    const keys = await this.#witnessKeys(issuer, proofs, signal)
    const known = { ...claim, issuerKeys, witnessKeys: (did: Did) => keys.get(did) ?? [] }
    const proven = { issuer, ...verifyFirst(proofs, known) }
    await this.#hold(signed, proven)
    return proven
  }

  /** The largest head of the issuer that this node saw, and co-signed, in time. */
  async #lastSeen(issuer: Did, beforeMs: number): Promise<Sighting | undefined> {
    const { audit, store, self } = this.#needs
    const last = await audit.seen(issuer)
    const all = [...(await sightingsOf(store, issuer)), ...(last ? [last] : [])]
    return all
      .flatMap((seen) => dated(seen, self.did))
      .filter(({ atMs }) => atMs < beforeMs)
      .sort((one, other) => other.size - one.size)[0]
  }

  /** Past and present keys of the witnesses that count; others are not even looked up. */
  async #witnessKeys(issuer: Did, proofs: readonly IssuanceProof[], signal: AbortSignal): Promise<ReadonlyMap<Did, readonly KeyEra[]>> {
    const named = new Set(proofs.flatMap(({ cosignatures }) => cosignatures.map(({ by }) => by)))
    const keys = new Map<Did, readonly KeyEra[]>()
    for (const did of named) if (await this.#believes(did, issuer, signal)) keys.set(did, await this.#keysOf(did, signal))
    return keys
  }

  /** A witness that cannot be resolved counts for nothing, and does not stand in the way of the others. */
  async #keysOf(did: Did, signal: AbortSignal): Promise<readonly KeyEra[]> {
    try {
      return (await this.#needs.dids.resolve(did, signal)).keys
    } catch (thrown) {
      if (codeOf(thrown) === 'DFFT_INTERNAL') throw thrown
      this.#needs.log('info', 'witness not resolved', { partner: did, code: codeOf(thrown) })
      return []
    }
  }

  async #believes(witness: Did, issuer: Did, signal: AbortSignal): Promise<boolean> {
    if (witness === issuer) return false
    return witness === this.#needs.self.did || this.#needs.trusted(witness, issuer, signal)
  }

  /** Whom to ask for a cosignature: those first whose word others are likely to take. */
  async #partners(signal: AbortSignal): Promise<readonly Did[]> {
    const { partners, self } = this.#needs
    const dids = [...new Set(partners.connected().map(({ did }) => did))].filter((did) => did !== self.did).sort()
    const trusted = await Promise.all(dids.map((did) => this.#believes(did, self.did, signal)))
    return [...dids.filter((_, at) => trusted[at]), ...dids.filter((_, at) => !trusted[at])]
  }

  /** Under every digest that the entry names: a credential that was seen in one encoding may be shown in another. */
  async #hold(signed: Digest, held: Held): Promise<void> {
    const { store } = this.#needs
    const writes: Write[] = []
    for (const key of keysOf(held, signed)) {
      const known = (await store.get(key)) !== undefined
      // An issuer may name the digest of somebody else's credential.
      if (known && key !== heldKey(signed)) continue
      writes.push(...(known ? [] : await this.#makeRoom(key)), putJson(key, held))
    }
    await store.batch(writes)
  }

  /** Digests follow no order, so the one after a new one is any. */
  async #makeRoom(key: string): Promise<readonly Write[]> {
    const { store } = this.#needs
    this.#count ??= await countOf(store.scan({ from: heldPrefix, to: after(heldPrefix) }))
    if (this.#count < heldMax) {
      this.#count++
      return []
    }
    for (const from of [key, heldPrefix]) for await (const [victim] of store.scan({ from, to: after(heldPrefix), limit: 1 })) return [{ del: victim }]
    return []
  }
}

interface Claim {
  readonly issuer: Did
  readonly signed: Digest
  readonly beforeMs: number
}

/**
 * A pinned anchor, or a participant that somebody else than the issuer accredited. Where it was the issuer, it must have been
 * with a key that is in force: whoever stole a retired one could accredit witnesses of its own with a date of then.
 */
export function witnessTrust({ trust, dids, clock }: { trust: Trust; dids: Resolver; clock: { nowMs(): number } }): TrustedWitness {
  return async (witness, issuer, signal) => {
    if (trust.roots.some(({ did }) => did === witness)) return true
    const accreditation = trust.accreditationOf(witness, clock.nowMs())
    if (accreditation?.issuer !== issuer) return accreditation !== undefined
    const { keys } = await dids.resolve(issuer, signal)
    const signed = new Set([accreditation.proof].flat().map(({ verificationMethod }) => verificationMethod))
    return keys.some((era) => signed.has(era.keyId) && endOf(era) === Number.POSITIVE_INFINITY)
  }
}

/** What an issuer told, as proofs: the head that we saw ourselves first, which needs nobody else's word. */
function candidatesOf({ entry, checkpoints, proof }: Issuance, seen: Sighting | undefined): IssuanceProof[] {
  const head = { type: 'IssuanceProof', version: 1, entry } as const
  const own = seen && proof ? [{ ...head, proof, checkpoint: seen.note, cosignatures: [seen.line] }] : []
  return [...own, ...checkpoints.map(({ note, proof, cosignatures }) => ({ ...head, proof, checkpoint: note, cosignatures }))]
}

/** Of a credential's encodings; an issuer who names more of them fills nobody's disk. */
const encodingsMax = 4

function keysOf({ proof }: Held, signed: Digest): readonly string[] {
  const { signed: named } = readEntry(Buffer.from(proof.entry)).facts
  const others = Array.isArray(named) ? named.filter((one): one is Digest => typeof one === 'string' && one !== signed) : [] // Found by a digest of the same list.
  return [signed, ...others].slice(0, encodingsMax).map(heldKey)
}

function heldKey(signed: Digest): string {
  return `${heldPrefix}${signed}`
}

async function countOf(rows: AsyncIterable<unknown>): Promise<number> {
  let count = 0
  for await (const _ of rows) count++
  return count
}

function unproven(message: string, facts: Record<string, string | number>, options?: ErrorOptions): TrustError {
  return new TrustError('DFFT_ISSUANCE_UNPROVEN', message, facts, options)
}
