/**
 * What is heard of logs, measured against what this node saw itself: a log that shows two of its partners two histories is found as soon
 * as one of them hears what the other saw.
 *
 * Of one size, two roots are enough. Of two sizes only the owner can tell, so it is asked for the proof between them: once a minute at most,
 * whoever tells us how much, and about the largest checkpoint heard since. Each checkpoint in question is verified under the owner's key
 * before anybody is asked anything.
 */

import type { NamedKeys } from '#node/identity/key-finder.ts'
import type { RecordsClient } from '#node/network/records.ts'
import type { Clock, Log, Network } from '#node/ports.ts'
import { type Code, codeOf, TrustError } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import { thumbprint } from '#protocols/keys.ts'
import { didOfOrigin, originOf, parseCheckpoint, readCheckpointOfAny, readProof } from '#protocols/log/checkpoint.ts'
import { type TreeHead, verifyConsistency } from '#protocols/log/merkle.ts'
import type { AuditLog } from './audit.ts'
import type { FoundFork, SignedNote } from './forks.ts'

export const comparisonLimits = {
  /** Between two questions to one owner: two hundred partners ask it three times a second together. */
  askEveryMs: 60_000,
  /** An owner that is connected and gives no answer so often does not want to. */
  unansweredMax: 10,
  /** Logs of which something is open or agreed: as many as there are partners at hand. */
  logsMax: 4096,
  /** Since when peers know the question. */
  versionMin: 3,
} as const

/** No answer, for reasons that an honest owner may have. Everything else in place of a proof is a refusal. */
const noAnswer: ReadonlySet<Code> = new Set([
  'DFFT_UNREACHABLE',
  'DFFT_TIMEOUT',
  'DFFT_CHANNEL_CLOSED',
  'DFFT_BUSY',
  'DFFT_RATE_LIMITED',
  'DFFT_NOT_ADMITTED',
  'DFFT_NOT_RUNNING',
])

interface Heard {
  readonly signed: SignedNote
  readonly by: Did
}

interface Compared {
  /** The largest that was heard and follows from, or leads to, what we saw. */
  agreed?: SignedNote
  /** The largest heard that nobody has proved yet. */
  open?: Heard
  askedMs: number
  /** Questions about `open` without an answer. */
  unanswered: number
  lastCode: Code | null
}

/** A checkpoint heard of a log whose owner has not shown yet how it goes together with the one seen. */
export interface OpenQuestion {
  readonly did: Did
  readonly held: number
  readonly heard: number
  readonly by: Did
  readonly unanswered: number
  readonly code: Code | null
}

interface Needs {
  readonly audit: AuditLog
  readonly self: { readonly did: Did }
  readonly records: Pick<RecordsClient, 'ask'>
  readonly network: Pick<Network, 'connected'>
  readonly named: NamedKeys
  readonly clock: Pick<Clock, 'nowMs' | 'monotonicMs'>
  readonly log: Log
}

export class LogComparison {
  readonly #needs: Needs
  readonly #logs = new Map<Did, Compared>()

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /**
   * Measures one checkpoint that somebody tells of. Logs that we never saw are none of our business.
   *
   * @throws {TrustError} DFFT_CHECKPOINT when its log did not sign it: then whoever tells of it lies; DFFT_DID_*; DFFT_STORE
   */
  async hear(note: string, by: Did, signal: AbortSignal): Promise<void> {
    const checkpoint = parseCheckpoint(note)
    const did = didOfOrigin(checkpoint.origin)
    if (did === this.#needs.self.did) return this.#hearOwn(note, checkpoint, by, signal)
    const known = await this.#known(did)
    if (known.length === 0) return
    const same = known.find((one) => one.checkpoint.size === checkpoint.size)
    if (same && equal(same.checkpoint, checkpoint)) return
    const compared = this.#of(did)
    if (!same && checkpoint.size <= (compared.open?.signed.checkpoint.size ?? -1)) return
    const signed = await this.#signed(did, note, signal)
    if (!signed) return
    if (same) return this.#forked(did, { held: same, offered: signed, answer: null, by })
    compared.open = { signed, by }
    await this.#settle(did, signal)
  }

  /** Two notes that prove a fork by themselves, as somebody tells. @throws {TrustError} DFFT_CHECKPOINT when they prove none */
  async hearFork({ held, offered }: { readonly held: string; readonly offered: string }, by: Did, signal: AbortSignal): Promise<void> {
    const [one, other] = [parseCheckpoint(held), parseCheckpoint(offered)]
    if (one.origin !== other.origin || one.size !== other.size || equal(one, other)) throw new TrustError('DFFT_CHECKPOINT', 'two checkpoints prove no fork')
    const did = didOfOrigin(one.origin)
    const { audit, self } = this.#needs
    if (did === self.did || (await audit.seen(did)) === undefined || (await audit.forks.of(did))?.proven) return
    const [first, second] = [await this.#signed(did, held, signal), await this.#signed(did, offered, signal)]
    if (first && second) await this.#forked(did, { held: first, offered: second, answer: null, by })
  }

  /** Asks again where owners were away, or were asked just now. */
  async settleAll(signal: AbortSignal): Promise<void> {
    for (const did of this.#logs.keys()) if (!signal.aborted) await this.#settle(did, signal)
  }

  /** Whether an owner has still to be asked. */
  get waiting(): boolean {
    return this.#logs.values().some(({ open }) => open !== undefined)
  }

  async open(): Promise<readonly OpenQuestion[]> {
    const questions: OpenQuestion[] = []
    for (const [did, { open, unanswered, lastCode }] of this.#logs) {
      const held = (await this.#needs.audit.seen(did))?.size ?? 0
      if (open) questions.push({ did, held, heard: open.signed.checkpoint.size, by: open.by, unanswered, code: lastCode })
    }
    return questions
  }

  /** A partner may hold more of our log than we do: then it was rolled back or rewritten, and nobody else would tell us. */
  async #hearOwn(note: string, checkpoint: TreeHead, by: Did, signal: AbortSignal): Promise<void> {
    const { audit, self } = this.#needs
    if (audit.beginsWith(checkpoint)) return
    const offered = await this.#signed(self.did, note, signal)
    const held = await this.#signed(self.did, (await audit.checkpoint()).note, signal)
    if (held && offered) await this.#forked(self.did, { held, offered, answer: null, by })
  }

  async #settle(did: Did, signal: AbortSignal): Promise<void> {
    const { clock, network } = this.#needs
    const compared = this.#of(did)
    const { open } = compared
    if (!open || clock.monotonicMs() - compared.askedMs < comparisonLimits.askEveryMs) return
    const peer = network.connected().find((one) => one.did === did)
    if ((peer?.version ?? 0) < comparisonLimits.versionMin) return
    compared.askedMs = clock.monotonicMs()
    const reference = (await this.#known(did)).filter((one) => one !== open.signed).sort((one, other) => other.checkpoint.size - one.checkpoint.size)[0]
    if (!reference) return
    await this.#judge(did, { reference, open, compared }, signal)
  }

  async #judge(did: Did, { reference, open, compared }: { reference: SignedNote; open: Heard; compared: Compared }, signal: AbortSignal): Promise<void> {
    const answer = await this.#askOwner(did, reference, open.signed, signal)
    if (answer.kind === 'none' && ++compared.unanswered < comparisonLimits.unansweredMax) {
      compared.lastCode = answer.code
      return
    }
    // Heard meanwhile, something larger may be open.
    if (compared.open === open) delete compared.open
    compared.unanswered = 0
    compared.lastCode = null
    if (answer.kind === 'proof') compared.agreed = larger(reference, open.signed)
    else
      await this.#forked(did, {
        held: reference,
        offered: open.signed,
        answer: answer.kind === 'false' ? 'false-proof' : 'refused',
        code: answer.code,
        by: open.by,
      })
  }

  async #askOwner(did: Did, one: SignedNote, other: SignedNote, signal: AbortSignal): Promise<{ kind: 'proof' | 'false' | 'refused' | 'none'; code: Code }> {
    const newer = larger(one, other)
    const older = newer === one ? other : one
    try {
      const question = { type: 'log-proof', from: older.checkpoint.size, to: newer.checkpoint.size } as const
      const { proof } = await this.#needs.records.ask(did, question, 'log-proof', signal)
      return { kind: verifyConsistency(older.checkpoint, newer.checkpoint, readProof(proof)) ? 'proof' : 'false', code: 'DFFT_LOG_FORK' }
    } catch (thrown) {
      const code = codeOf(thrown)
      if (code === 'DFFT_INTERNAL') throw thrown
      if (code === 'DFFT_CHECKPOINT') return { kind: 'false', code }
      return { kind: noAnswer.has(code) ? 'none' : 'refused', code }
    }
  }

  async #forked(did: Did, found: FoundFork): Promise<void> {
    const { audit, log, self } = this.#needs
    if (!(await audit.forks.keep(did, found))) return
    const sizes = { held: found.held.checkpoint.size, offered: found.offered.checkpoint.size }
    const own = did === self.did
    log(own ? 'error' : 'warn', own ? 'a partner holds a checkpoint that our log does not extend' : 'log of a partner forked', {
      partner: own ? (found.by ?? null) : did,
      ...sizes,
      proven: found.answer === null,
    })
  }

  /** What this node holds of a log as consistent: the last head it saw itself, what was agreed since, and what is open; each signed. */
  async #known(did: Did): Promise<readonly SignedNote[]> {
    const seen = await this.#needs.audit.seen(did)
    if (!seen) return []
    const { agreed, open } = this.#logs.get(did) ?? {}
    const own = { note: seen.note, checkpoint: parseCheckpoint(seen.note), publicKey: seen.publicKey }
    return [own, ...(agreed ? [agreed] : []), ...(open ? [open.signed] : [])]
  }

  /**
   * Undefined where a key signed it that its DID calls compromised: whoever has it could make up a fork of an honest log, which nothing
   * takes back. Nor does the teller lie, who may have been shown it before that was known.
   */
  async #signed(did: Did, note: string, signal: AbortSignal): Promise<SignedNote | undefined> {
    const named = await this.#needs.named(did, signal)
    const signed = readCheckpointOfAny(note, { origin: originOf(did), publicKeys: named.map(({ key }) => key.jwk) })
    const signer = thumbprint(signed.publicKey)
    return named.some(({ key, revoked }) => revoked && thumbprint(key.jwk) === signer) ? undefined : { note, ...signed }
  }

  #of(did: Did): Compared {
    const known = this.#logs.get(did)
    if (known) return known
    const [oldest] = this.#logs.keys()
    if (this.#logs.size >= comparisonLimits.logsMax && oldest) this.#logs.delete(oldest)
    const fresh: Compared = { askedMs: Number.NEGATIVE_INFINITY, unanswered: 0, lastCode: null }
    this.#logs.set(did, fresh)
    return fresh
  }
}

function larger(one: SignedNote, other: SignedNote): SignedNote {
  return one.checkpoint.size >= other.checkpoint.size ? one : other
}

function equal(one: TreeHead, other: TreeHead): boolean {
  return Buffer.compare(one.root, other.root) === 0
}
