/** Parties that the operator has shut out: refused at the hello, not dialled, and disconnected, until he lets them in again. */
import type { AuditLog } from '#node/audit/audit.ts'
import { rehearsing } from '#node/audit/rehearsal.ts'
import { Locks } from '#node/exchange/locks.ts'
import type { Clock, Store } from '#node/ports.ts'
import { putJson, scanJson } from '#node/stored.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, type Instant, instant } from '#protocols/ids.ts'

export interface Block {
  readonly did: Did
  readonly at: Instant
  /** The operator's own note; it leaves the node nowhere. */
  readonly reason: string | null
}

/** Each was typed by a person. */
const blocksMax = 10_000

interface Needs {
  readonly store: Store
  readonly audit: AuditLog
  readonly clock: Pick<Clock, 'nowMs'>
  readonly self: { readonly did: Did }
}

export class Blocks {
  readonly #needs: Needs
  readonly #blocks = new Map<Did, Block>()
  /** One change at a time: each is judged by what the one before left. */
  readonly #changes = new Locks()

  private constructor(needs: Needs) {
    this.#needs = needs
  }

  static async open(needs: Needs): Promise<Blocks> {
    const blocks = new Blocks(needs)
    for await (const [, block] of scanJson<Block>(needs.store, prefix)) blocks.#blocks.set(block.did, block)
    return blocks
  }

  get all(): readonly Block[] {
    return [...this.#blocks.values()]
  }

  has(did: Did): boolean {
    return this.#blocks.has(did)
  }

  /**
   * On disk and in the log when it resolves.
   *
   * @throws {TrustError} DFFT_USAGE for this node itself, DFFT_CONFLICT when it is blocked already, DFFT_LIMIT
   */
  add(did: Did, reason: string | null, dryRun: boolean): Promise<Block> {
    return this.#changes.run(prefix, async () => {
      const { audit, clock, self } = this.#needsOf(dryRun)
      if (did === self.did) throw new TrustError('DFFT_USAGE', 'a node does not block itself', { did })
      if (this.#blocks.has(did)) throw new TrustError('DFFT_CONFLICT', `\`${did}\` is blocked already`, { did })
      if (this.#blocks.size >= blocksMax) throw new TrustError('DFFT_LIMIT', 'as many parties are blocked as may be', { blocksMax })
      const block: Block = { did, at: instant(clock.nowMs()), reason }
      await audit.append([{ kind: 'peer-blocked', facts: { partner: did } }], [putJson(`${prefix}${did}`, block)])
      if (!dryRun) this.#blocks.set(did, block)
      return block
    })
  }

  /** @returns the block that has ended @throws {TrustError} DFFT_NOT_FOUND when it is not blocked */
  remove(did: Did, dryRun: boolean): Promise<Block> {
    return this.#changes.run(prefix, async () => {
      const { audit } = this.#needsOf(dryRun)
      const block = this.#blocks.get(did)
      if (!block) throw new TrustError('DFFT_NOT_FOUND', `\`${did}\` is not blocked`, { did })
      await audit.append([{ kind: 'peer-unblocked', facts: { partner: did } }], [{ del: `${prefix}${did}` }])
      if (!dryRun) this.#blocks.delete(did)
      return block
    })
  }

  #needsOf(dryRun: boolean): Needs {
    return dryRun ? rehearsing(this.#needs) : this.#needs
  }
}

const prefix = 'blocked/'
