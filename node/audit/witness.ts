/**
 * This node as a witness of its partners' logs: each new checkpoint of a partner is measured against the last one seen.
 *
 * @see C2SP tlog-witness, add-checkpoint
 */

import type { Clock, Store, Write } from '#node/ports.ts'
import { canonicalBytes } from '#protocols/canonical.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import { type PublicJwk, thumbprint } from '#protocols/keys.ts'
import { cosign, type NoteSigner, originOf, type ProofText, readCheckpoint, readProof, type SignedCheckpoint } from '#protocols/log/checkpoint.ts'
import { verifyConsistency } from '#protocols/log/merkle.ts'
import { logKeys, readAs, Seen } from './audit-disk.ts'
import type { Forks } from './forks.ts'
import { sighting } from './sightings.ts'

/** What a partner sends of its log. */
export interface PartnerCheckpoint {
  readonly note: string
  /** The partner's log key, from a source that binds it to the Did. */
  readonly publicKey: PublicJwk
  /** The size that `proof` starts from: what the partner believes we saw last, 0 for nothing. */
  readonly from: number
  readonly proof: ProofText
}

/**
 * What a partner's checkpoint is to us.
 *
 * `extended` and `known` come with our cosignature, which must not leave before `writes` are on disk. `gap` and `older` are
 * correctly signed and prove nothing either way (two exchanges may overtake one another): ask the partner for a checkpoint and a
 * proof from `seen`; a partner that cannot give it was rolled back.
 */
export type Remembered =
  | { readonly kind: 'extended' | 'known'; readonly seen: number; readonly writes: readonly Write[]; readonly cosignature: string }
  | { readonly kind: 'gap' | 'older'; readonly seen: number; readonly writes: readonly Write[]; readonly cosignature: null }

interface Held extends SignedCheckpoint {
  readonly note: string
  readonly publicKey: PublicJwk
  /** Our cosignature of the first time. */
  readonly ours?: Seen['ours'] | undefined
  /** Our cosignature of the last time. */
  readonly last?: { readonly line: string; readonly publicKey: PublicJwk; readonly atMs: number } | undefined
  /** What makes it last, as it was written the last time. */
  readonly write?: Write | undefined
}

/** So long a cosignature is given again for the same tree: whoever asks later, as before a key is retired, wants the time of then. */
const cosignedAgainMs = 5_000

/** Partners whose last checkpoint is kept at hand; the others are read from the store. */
const partnersMax = 4096

export interface WitnessOptions {
  readonly store: Store
  readonly did: Did
  /** The key of today. */
  readonly signer: () => NoteSigner
  readonly clock: Pick<Clock, 'nowMs'>
  readonly forks: Forks
}

export class Witness {
  readonly #options: WitnessOptions
  readonly #forks: Forks
  /** The last checkpoint verified of a partner, on disk or about to be: no second one is measured against an older one meanwhile. */
  readonly #partners = new Map<Did, Held>()

  constructor(options: WitnessOptions) {
    this.#options = options
    this.#forks = options.forks
  }

  /**
   * See AuditLog.rememberPartner.
   *
   * @throws {TrustError} DFFT_CHECKPOINT when it is not the partner's; DFFT_LOG_FORK when it does not extend what we saw:
   *   both notes are then on disk under `log/fork/<did>`, with an entry in our own log
   */
  async remember(did: Did, offer: PartnerCheckpoint): Promise<Remembered> {
    const again = this.#again(did, offer)
    if (again) return again
    const checkpoint = readCheckpoint(offer.note, { origin: originOf(did), publicKey: offer.publicKey })
    const proof = readProof(offer.proof)
    const stored = this.#partners.has(did) ? undefined : await this.#storedSeen(did)
    const seen = this.#partners.get(did) ?? stored // Another call may have been faster.
    if (seen) {
      if (checkpoint.size < seen.size) return { kind: 'older', seen: seen.size, writes: [], cosignature: null }
      const same = checkpoint.size === seen.size
      if (!same && offer.from !== seen.size) return { kind: 'gap', seen: seen.size, writes: [], cosignature: null }
      // Of one size no proof is needed: two signed roots prove the fork by themselves.
      if (!verifyConsistency(seen, checkpoint, same ? [] : proof)) throw await this.#keepFork(did, { seen, checkpoint, proven: same, offer })
    }
    const kind = seen?.size === checkpoint.size ? 'known' : 'extended'
    // A tree that was seen once was seen then, however often it is shown again.
    const held: Held = {
      ...checkpoint,
      note: offer.note,
      publicKey: offer.publicKey,
      ours: kind === 'known' ? seen?.ours : undefined,
      last: kind === 'known' ? seen?.last : undefined,
    }
    this.#holdPartner(did, held)
    const { did: self, clock } = this.#options
    const signer = this.#options.signer()
    const nowMs = clock.nowMs()
    // One signature does for one tree: all exchanges that are under way with a partner may show the same.
    const shown = kind === 'known' && seen ? this.#lastOf(seen, nowMs) : undefined
    const last = shown ?? { line: await cosign(checkpoint, { name: originOf(self), signer }, nowMs), publicKey: signer.publicJwk, atMs: nowMs }
    const cosignature = last.line
    const dated: Held = { ...held, last, ours: held.ours ?? { line: cosignature, publicKey: signer.publicJwk } }
    if (this.#partners.get(did) === held) this.#partners.set(did, dated)
    const write = { put: logKeys.seenOf(did), value: canonicalBytes(seenAs(dated)) }
    if (this.#partners.get(did) === dated) this.#partners.set(did, { ...dated, write })
    const writes: Write[] = [write]
    // The last head under a key that the partner gave up dates all that it issued under it.
    if (seen && !sameKey(seen.publicKey, offer.publicKey)) writes.push(sighting(did, seenAs(seen)))
    return { kind, seen: checkpoint.size, writes, cosignature }
  }

  /** The key under which a note was read, if it is the very one that was seen last. */
  signerOf(did: Did, note: string): PublicJwk | undefined {
    const seen = this.#partners.get(did)
    return seen?.note === note ? seen.publicKey : undefined
  }

  /** The very note that was seen last, which all exchanges under way with a partner may bring: it was read, measured and co-signed before. */
  #again(did: Did, { note, publicKey }: PartnerCheckpoint): Remembered | undefined {
    const seen = this.#partners.get(did)
    if (seen?.note !== note || !seen.write || !sameKey(seen.publicKey, publicKey)) return undefined
    const last = this.#lastOf(seen, this.#options.clock.nowMs())
    return last && { kind: 'known', seen: seen.size, writes: [seen.write], cosignature: last.line }
  }

  #lastOf({ last }: Held, nowMs: number): Held['last'] {
    return last && nowMs - last.atMs < cosignedAgainMs && sameKey(last.publicKey, this.#options.signer().publicJwk) ? last : undefined
  }

  /**
   * The last checkpoint seen of a partner's log: the one that the next is measured against. What came with an act that was
   * never written counts too, or the partner would go on proving from a size that is behind us.
   */
  async seen(did: Did): Promise<Seen | undefined> {
    const held = this.#partners.get(did)
    if (held) return seenAs(held)
    const key = logKeys.seenOf(did)
    const value = await this.#options.store.get(key)
    return value && readAs(key, value, Seen)
  }

  async #storedSeen(did: Did): Promise<Held | undefined> {
    const seen = await this.seen(did)
    return seen && { ...readCheckpoint(seen.note, { origin: originOf(did), publicKey: seen.publicKey }), ...seen }
  }

  #holdPartner(did: Did, checkpoint: Held): void {
    this.#partners.delete(did)
    this.#partners.set(did, checkpoint)
    const [oldest] = this.#partners.keys()
    if (this.#partners.size > partnersMax && oldest) this.#partners.delete(oldest)
  }

  async #keepFork(did: Did, { seen, checkpoint, proven, offer }: Forked): Promise<TrustError> {
    const facts = { partner: did, seenSize: seen.size, offeredSize: checkpoint.size, proven }
    const held = { note: seen.note, checkpoint: seen, publicKey: seen.publicKey }
    const offered = { note: offer.note, checkpoint, publicKey: offer.publicKey }
    await this.#forks.keep(did, { held, offered, answer: proven ? null : 'false-proof' })
    return new TrustError('DFFT_LOG_FORK', 'the partner’s log does not extend what was seen of it', facts)
  }
}

interface Forked {
  readonly seen: Held
  readonly checkpoint: SignedCheckpoint
  readonly proven: boolean
  readonly offer: PartnerCheckpoint
}

function seenAs({ size, note, publicKey, ours }: Held): Seen {
  return { size, note, publicKey, ...(ours ? { ours } : {}) }
}

function sameKey(one: PublicJwk, other: PublicJwk): boolean {
  return one === other || thumbprint(one) === thumbprint(other)
}
