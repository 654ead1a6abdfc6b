/**
 * This node's own log as others can vouch for it: checkpoints that partners co-signed, kept for good before a key is
 * retired, and for each credential the way from its digest to one of them.
 *
 *     issued-digest/<digest>   the index of the log entry, written in the same batch; of a copy, when its key is about to be retired
 */

import type { RecordsClient } from '#node/network/records.ts'
import type { Clock, Log, Network, Resolver, Store } from '#node/ports.ts'
import { getJson } from '#node/stored.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Did, DidUrl, Digest } from '#protocols/ids.ts'
import { readEntry } from '#protocols/log/entry.ts'
import { cosignaturesMax } from '#protocols/log/issuance.ts'
import { checkpointsMax, type Issuance } from '#protocols/records.ts'
import type { AuditLog } from './audit.ts'
import { cosignedNow, cosignedOver, type Fresh, type Given } from './cosigning.ts'
import { frozenAt, type Kept, keptFrozen } from './kept-checkpoints.ts'

/** Partners asked when a key is frozen: twice as many as a checkpoint carries, since some will not answer. */
const askedMax = 32
/** Heads kept of one freezing: one for all who answered, and the last ones of those who did not. */
const headsMax = 16
/** A witness whose clock is further ahead than this does not hold up the retirement: what it signed may be too late. */
const aheadMsMax = 10_000

export interface Frozen {
  /** Who co-signed a checkpoint that holds all that was issued so far. None: what was issued lately will not be provable. */
  readonly witnesses: readonly Did[]
  /** The first moment, in milliseconds, at which the key may be retired without losing one: a cosignature must be older, and clocks differ. */
  readonly retireFromMs: number
}

export interface FrozenLogNeeds {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly dids: Resolver
  readonly audit: AuditLog
  readonly records: RecordsClient
  readonly partners: Pick<Network, 'connected'>
}

/** Where the log entry of an issuance is found by what was signed. */
export function issuedKey(signed: Digest): string {
  return `issued-digest/${signed}`
}

export class FrozenLog {
  readonly #needs: FrozenLogNeeds

  constructor(needs: FrozenLogNeeds) {
    this.#needs = needs
  }

  /**
   * Has connected partners co-sign the log as it stands, and keeps that for good; partners that are away count with the
   * last head they signed.
   *
   * @param asked whom to ask, those first whose word others will take
   * @throws {TrustError} DFFT_STORE; a partner that fails is logged and left out
   */
  async freeze(keyId: DidUrl, asked: readonly Did[], signal: AbortSignal): Promise<Frozen> {
    const { audit, clock } = this.#needs
    const { size } = await audit.checkpoint()
    const fresh = (await Promise.all(asked.slice(0, askedMax).map((did) => this.#askWitness(did, signal)))).filter((one) => one !== undefined)
    const away = (await audit.cosignatures())
      .filter(({ did }) => !fresh.some(({ by }) => by === did))
      .map(({ did: by, cosignature: line, size, note }) => ({ by, line, size, note }))
    const kept = await this.#merge([...fresh, ...away])
    const inTime = fresh.filter(({ atMs }) => atMs <= clock.nowMs() + aheadMsMax)
    const witnesses = [...inTime, ...away.filter((one) => one.size >= size)].map(({ by }) => by)
    await audit.append(
      [{ kind: 'evidence-frozen', facts: { key: keyId, size, witnesses: witnesses.slice(0, 64) } }],
      [...fresh.flatMap(({ writes }) => writes), ...kept.map(keptFrozen)],
    )
    return { witnesses, retireFromMs: Math.max(clock.nowMs(), ...inTime.map(({ atMs }) => atMs + 1000)) }
  }

  /**
   * Where this node logged what it signed under a digest, and who saw that when.
   *
   * @param size of a checkpoint that the asking party holds, for a proof that leads there
   * @returns undefined when this node logged nothing of that digest
   * @throws {TrustError} DFFT_LOG_CORRUPT when the index leads to another entry
   */
  async tell(signed: Digest, size: number | null): Promise<Issuance | undefined> {
    const { audit, store } = this.#needs
    const index = await getJson<number>(store, issuedKey(signed))
    if (index === undefined) return undefined
    const { entry } = await audit.inclusion(index)
    const read = readEntry(Buffer.from(entry))
    const { signed: named } = read.facts
    if (!Array.isArray(named) || !named.includes(signed)) throw new TrustError('DFFT_LOG_CORRUPT', 'the index of issuances names another entry', { index })
    const checkpoints: Issuance['checkpoints'] = []
    const over = await cosignedOver(read, this.#needs)
    for (const { note, size, cosignatures } of over.slice(0, checkpointsMax))
      checkpoints.push({ note, proof: (await audit.inclusion(index, size)).proof, cosignatures: [...cosignatures] })
    const within = size !== null && size > index && size <= audit.size
    return { type: 'issuance', entry, checkpoints, proof: within ? (await audit.inclusion(index, size)).proof : null }
  }

  /** One record a checkpoint, with what was kept of it before. */
  async #merge(given: readonly Given[]): Promise<readonly Kept[]> {
    const kept = new Map<number, Kept>()
    for (const one of bySize(given)) {
      if (!kept.has(one.size) && kept.size >= headsMax) break
      kept.set(one.size, withLine(kept.get(one.size) ?? (await frozenAt(this.#needs.store, one.size)), one))
    }
    return [...kept.values()]
  }

  async #askWitness(did: Did, signal: AbortSignal): Promise<Fresh | undefined> {
    try {
      return await cosignedNow(did, this.#needs, signal)
    } catch (thrown) {
      const code = codeOf(thrown)
      if (code === 'DFFT_INTERNAL') throw thrown
      this.#needs.log('warn', 'head not co-signed', { partner: did, code })
      return undefined
    }
  }
}

/** The signature of a witness that is named already stays: it is the older one. */
function withLine(kept: Kept | undefined, { by, line, size, note }: Given): Kept {
  const cosignatures = kept?.cosignatures ?? []
  if (cosignatures.length >= cosignaturesMax || cosignatures.some((one) => one.by === by)) return kept ?? { size, note, cosignatures }
  return { size, note: kept?.note ?? note, cosignatures: [...cosignatures, { by, line }] }
}

function bySize<T extends { readonly size: number }>(given: readonly T[]): readonly T[] {
  return [...given].sort((one, other) => other.size - one.size)
}
