/**
 * This node's own log as others can vouch for it: checkpoints that partners co-signed, kept for good before a key is
 * retired, and for each credential the way from its digest to one of them.
 *
 *     issued-digest/<digest>   the index of the log entry, written in the same batch; of a copy, when its key is about to be retired
 */

import type { RecordsClient } from '#node/network/records.ts'
import type { Clock, Log, Network, Resolver, Store, Write } from '#node/ports.ts'
import { getJson } from '#node/stored.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { type Did, type DidUrl, type Digest, msOf } from '#protocols/ids.ts'
import { parseCheckpoint } from '#protocols/log/checkpoint.ts'
import { type LogEntry, readEntry } from '#protocols/log/entry.ts'
import { cosignaturesMax, cosignedBy, type WitnessLine } from '#protocols/log/issuance.ts'
import { checkpointsMax, type Issuance } from '#protocols/records.ts'
import type { AuditLog } from './audit.ts'
import { frozenAt, frozenOver, type Kept, keptFrozen, keptSince } from './kept-checkpoints.ts'

/** Partners asked when a key is frozen: twice as many as a checkpoint carries, since some will not answer. */
const askedMax = 32
/** Heads kept of one freezing: one for all who answered, and the last ones of those who did not. */
const headsMax = 16
/** A head that exchanges overtake is sent again this often. */
const tries = 3
/** A witness whose clock is further ahead than this does not hold up the retirement: what it signed may be too late. */
const aheadMsMax = 10_000

/** One cosignature over a checkpoint of ours. */
interface Given extends WitnessLine {
  readonly size: number
  readonly note: string
}

interface Fresh extends Given {
  readonly atMs: number
  readonly writes: readonly Write[]
}

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
    for (const { note, size, cosignatures } of await this.#checkpointsOver(read))
      checkpoints.push({ note, proof: (await audit.inclusion(index, size)).proof, cosignatures: [...cosignatures] })
    const within = size !== null && size > index && size <= audit.size
    return { type: 'issuance', entry, checkpoints, proof: within ? (await audit.inclusion(index, size)).proof : null }
  }

  /** Of each witness the oldest checkpoint over an entry that is still known; where those are too many, the ones with most witnesses. */
  async #checkpointsOver({ index, at }: LogEntry): Promise<readonly Kept[]> {
    const { audit, store } = this.#needs
    const newest = (await audit.cosignatures()).map(({ did: by, size, note, cosignature: line }) => ({ size, note, cosignatures: [{ by, line }] }))
    const known = [...(await frozenOver(store, index)), ...(await keptSince(store, msOf(at))), ...newest].filter(({ size }) => size > index)
    const named = new Set<Did>()
    const found = known
      .sort((one, other) => one.size - other.size)
      .map(({ size, note, cosignatures }) => ({ size, note, cosignatures: cosignatures.filter(({ by }) => !named.has(by) && named.add(by)) }))
    return found
      .filter(({ cosignatures }) => cosignatures.length > 0)
      .sort((one, other) => other.cosignatures.length - one.cosignatures.length)
      .slice(0, checkpointsMax)
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
      return await this.#cosignedBy(did, signal)
    } catch (thrown) {
      const code = codeOf(thrown)
      if (code === 'DFFT_INTERNAL') throw thrown
      this.#needs.log('warn', 'head not co-signed', { partner: did, code })
      return undefined
    }
  }

  /** @throws {TrustError} DFFT_CHECKPOINT when the partner does not co-sign, DFFT_LOG_FORK when it saw more than there is, codes of `ask` */
  async #cosignedBy(by: Did, signal: AbortSignal): Promise<Fresh> {
    const { audit, records, dids } = this.#needs
    let since = (await audit.cosignatures()).find(({ did }) => did === by)?.size ?? 0
    for (let left = tries; left > 0; left--) {
      const { note, size } = await audit.checkpoint()
      const log = { checkpoint: note, since, proof: audit.consistency(since, size) }
      const { cosignature, seen } = await records.ask(by, { type: 'witness', log }, 'cosignature', signal)
      if (cosignature) {
        const signed = cosignedBy(by, parseCheckpoint(note), cosignature.line, (await dids.resolve(by, signal)).keys)
        if (!signed) break
        const writes = audit.rememberCosignature(by, { note, cosignature: cosignature.line, publicKey: signed.publicKey })
        return { by, line: cosignature.line, size, note, atMs: signed.atMs, writes }
      }
      since = seen
    }
    throw new TrustError('DFFT_CHECKPOINT', 'the partner did not co-sign', { partner: by, seen: since })
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
