/**
 * The log heads that travel with an exchange: ours goes out proved from what the partner saw, theirs comes in and is
 * measured against what we saw, and each side co-signs the other's.
 *
 * Exchanges of one partner overtake one another, so a head may prove from another size than the last one seen. Such a
 * head is signed, says nothing either way, and gets no cosignature; `reconcile` then asks the partner for a proof from
 * exactly where we stand. One question at a time closes the gap for all exchanges that opened it.
 */

import type { NamedKeys } from '#node/identity/key-finder.ts'
import type { RecordsClient } from '#node/network/records.ts'
import type { Log, Write } from '#node/ports.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Cosignature, LogHead } from '#protocols/exchange/messages.ts'
import type { Did } from '#protocols/ids.ts'
import type { VerifyJwk } from '#protocols/keys.ts'
import { cosignerOf, originOf, readCheckpointOfAny } from '#protocols/log/checkpoint.ts'
import type { AuditLog } from './audit.ts'
import type { Remembered } from './witness.ts'

export interface Witnessed {
  readonly cosignature: Cosignature | null
  /** Belong into the batch of the act that the head came with. */
  readonly writes: readonly Write[]
}

export class Witnessing {
  readonly #needs: { readonly audit: AuditLog; readonly records: RecordsClient; readonly log: Log; readonly named: NamedKeys }
  readonly #underWay = new Set<Did>()

  constructor(needs: { audit: AuditLog; records: RecordsClient; log: Log; named: NamedKeys }) {
    this.#needs = needs
  }

  /** Our head with the proof from the size that a partner says it saw last. @throws {TrustError} DFFT_LOG_FORK when that is more than we have */
  headSince(since: number): Promise<LogHead> {
    return this.withHeadSince(since, async (log) => log)
  }

  /** The same in what `make` makes: see `AuditLog.withHead`. */
  withHeadSince<Made>(since: number, make: (log: LogHead) => Promise<Made>): Promise<Made> {
    const { audit } = this.#needs
    return audit.withHead(async ({ note, size }) => make({ checkpoint: note, since, proof: audit.consistency(since, size) }))
  }

  /** The size of a partner's log as we saw it last; 0 for never. */
  async seen(did: Did): Promise<number> {
    return (await this.#needs.audit.seen(did))?.size ?? 0
  }

  /**
   * A head that came with a message of the partner's, which a key in force has signed; the head itself may be of the key before.
   *
   * @throws {TrustError} DFFT_LOG_FORK, DFFT_CHECKPOINT
   */
  async witness(from: Did, log: LogHead, signal: AbortSignal): Promise<Witnessed> {
    const { kind, writes, cosignature } = await this.#remember(from, log, signal)
    if (kind === 'gap') void this.#reconcile(from, signal)
    return { cosignature: cosignature === null ? null : { checkpoint: log.checkpoint, line: cosignature }, writes }
  }

  /** A partner's cosignature over a checkpoint of ours, checked, as what to write. @throws {TrustError} DFFT_CHECKPOINT, DFFT_LOG_FORK */
  async cosigned(by: Did, cosignature: Cosignature | null, signal: AbortSignal): Promise<readonly Write[]> {
    if (cosignature === null) return []
    const { checkpoint: note, line } = cosignature
    const publicKey = cosignerOf(line, { name: originOf(by), publicKeys: await this.#keysOf(by, signal) })
    if (!publicKey) throw new TrustError('DFFT_CHECKPOINT', 'the cosignature is by no key of the witness', { witness: by })
    return this.#needs.audit.rememberCosignature(by, { note, cosignature: line, publicKey })
  }

  async #remember(from: Did, log: LogHead, signal: AbortSignal): Promise<Remembered> {
    const publicKeys = await this.#keysOf(from, signal)
    // All exchanges that are under way may bring the same note: it was read before, under a key that has to be the partner's still.
    const known = this.#needs.audit.signerOf(from, log.checkpoint)
    const still = known && publicKeys.some(({ kty, x }) => kty === known.kty && x === known.x)
    const { publicKey } = still ? { publicKey: known } : readCheckpointOfAny(log.checkpoint, { origin: originOf(from), publicKeys })
    return this.#needs.audit.rememberPartner(from, { note: log.checkpoint, publicKey, from: log.since, proof: log.proof })
  }

  async #keysOf(did: Did, signal: AbortSignal): Promise<readonly VerifyJwk[]> {
    return (await this.#needs.named(did, signal)).map(({ key }) => key.jwk)
  }

  /** Sees a partner's log as it is now, for this node's own sake: nothing is signed for others. A partner that does not show it is left. */
  async look(did: Did, signal: AbortSignal): Promise<void> {
    await this.#asked(did, signal, (writes) => this.#needs.audit.keep(writes))
  }

  async #reconcile(did: Did, signal: AbortSignal): Promise<void> {
    const { audit } = this.#needs
    // Through the log, which never lets a larger checkpoint give way to a smaller one.
    await this.#asked(did, signal, (writes, size) => audit.append([{ kind: 'witnessed', facts: { partner: did, size } }], writes))
  }

  async #asked(did: Did, signal: AbortSignal, write: (writes: readonly Write[], size: number) => Promise<unknown>): Promise<void> {
    if (this.#underWay.has(did)) return
    this.#underWay.add(did)
    const { records, log } = this.#needs
    try {
      const { log: head } = await records.ask(did, { type: 'log-head', since: await this.seen(did) }, 'log-head', signal)
      const { writes, seen } = await this.#remember(did, head, signal)
      if (writes.length > 0) await write(writes, seen)
    } catch (thrown) {
      log('warn', 'log head not reconciled', { partner: did, code: codeOf(thrown) })
    } finally {
      this.#underWay.delete(did)
    }
  }
}
