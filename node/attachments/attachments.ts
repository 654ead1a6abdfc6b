/**
 * Attachments of a node: fetched from partners once the claims that name them were released, kept sealed, served to those they were released
 * to, and ended with their keys.
 *
 *     fetchFrom   gets from a partner all that waits for it, until nothing does          (fetching.ts)
 *     serve       hands over what the release of that very exchange names                (serving.ts)
 *
 * Content ends with the data it came with: contents.ts.
 */

import type { AuditLog } from '#node/audit/audit.ts'
import { pause } from '#node/exchange/retrying.ts'
import { chunkCount } from '#protocols/attachment.ts'
import type { Channel } from '#protocols/channel.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Did, Digest, ExchangeId } from '#protocols/ids.ts'
import { attachmentsOf, getAttachment, recordWrites, type Scope, waitedFor, waitingFrom } from './attachment-record.ts'
import { fetchOne, passing } from './fetching.ts'
import { type AttachmentNeeds, attachmentLimits, type Room } from './room.ts'
import { serveOne } from './serving.ts'
import { Uploads } from './uploads.ts'

/** More are looked for each time. */
const partnersMax = 4096
/** Why the pause of a fetch ends: an abort without a reason makes one, with the stack in it, for each receipt. */
const lookAgain = new Error('there may be more')

export class Attachments {
  readonly #room: Room
  readonly uploads: Uploads
  /** Fetches under way, each with what has it look again. */
  readonly #fetching = new Map<Did, AbortController>()
  readonly #serving = new Map<Did, number>()
  /** Partners looked at since anything was last written of what is waited for. */
  readonly #owesNothing = new Set<Did>()

  constructor(needs: AttachmentNeeds) {
    this.#room = { ...needs, sealed: needs.contents.sealed, promised: new Map() }
    this.uploads = new Uploads(this.#room)
    needs.waiting.onChange(() => this.#owesNothing.clear())
  }

  /** Partners who owe us content. */
  waitedFor(): Promise<readonly Did[]> {
    return waitedFor(this.#room.store)
  }

  /** Resolves when the partner owes us nothing any more, or the signal aborts. A fetch that is under way looks again at once. */
  async fetchFrom(partner: Did, signal: AbortSignal): Promise<void> {
    const running = this.#fetching.get(partner)
    if (running) return running.abort(lookAgain)
    if (this.#owesNothing.has(partner)) return
    try {
      for (let attempt = 0; !signal.aborted; attempt++) {
        const called = new AbortController()
        this.#fetching.set(partner, called)
        const { count } = this.#room.waiting
        const { left, got } = await this.#fetchAll(partner, signal)
        if (left === 0 && !called.signal.aborted) {
          // Each receipt asks; until something more is waited for, it need not be looked for.
          if (count !== null && count === this.#room.waiting.count && this.#owesNothing.size < partnersMax) this.#owesNothing.add(partner)
          return
        }
        if (called.signal.aborted || got) attempt = -1
        else await pause(attempt, attachmentLimits.retryMs, this.#room, signal, called.signal)
      }
    } finally {
      this.#fetching.delete(partner)
    }
  }

  async #fetchAll(partner: Did, signal: AbortSignal): Promise<{ left: number; got: boolean }> {
    let left = 0
    let got = false
    for (const record of await waitingFrom(this.#room.store, partner)) {
      try {
        await fetchOne(record, this.#room, signal)
        got = true
      } catch (thrown) {
        const code = codeOf(thrown)
        if (signal.aborted || !passing.has(code)) throw thrown
        this.#room.log('info', 'attachment waits', { partner, exchange: record.scope, code })
        left++
      }
    }
    return { left, got }
  }

  /** Serves a channel that a partner opened. @throws {TrustError} why not; the channel is closed with that code */
  async serve(channel: Channel, signal: AbortSignal): Promise<void> {
    const { did } = channel.remote
    const count = this.#serving.get(did) ?? 0
    if (count >= attachmentLimits.perPartner)
      throw new TrustError('DFFT_BUSY', 'as many attachments as may be are on their way to the partner', { retryAfterMs: 1000 })
    this.#serving.set(did, count + 1)
    try {
      await serveOne(channel, this.#room, signal)
    } finally {
      const left = (this.#serving.get(did) ?? 1) - 1
      if (left > 0) this.#serving.set(did, left)
      else this.#serving.delete(did)
    }
  }

  /** What was refused is fetched again. */
  async retry(exchange: ExchangeId, audit: Pick<AuditLog, 'append'>): Promise<void> {
    const { store } = this.#room
    const refused = (await attachmentsOf(store, exchange)).filter(({ state }) => state === 'refused')
    if (refused.length === 0) return
    const writes = refused.flatMap((record) => recordWrites({ ...record, state: 'waiting', code: null }))
    await audit.append([{ kind: 'attachments-asked-again', exchange, facts: { count: refused.length } }], writes)
  }

  /** What there is of each content, with its seals. */
  bytesHere(): Promise<ReadonlyMap<string, number>> {
    return this.#room.contents.bytesHere()
  }

  /** A chunk of what is kept. @param index from 0. @throws {TrustError} DFFT_NOT_FOUND, DFFT_KEY_UNKNOWN, DFFT_KEYSTORE */
  async chunk(scope: Scope, of: Digest, index: number): Promise<Uint8Array> {
    const record = await getAttachment(this.#room.store, scope, of)
    if (record?.state !== 'kept' || index >= chunkCount(record.attachment.bytes)) throw new TrustError('DFFT_NOT_FOUND', 'there is no such content here')
    await using content = await this.#room.sealed.open({ id: record.blob, bytes: record.attachment.bytes })
    return await content.chunk(index)
  }
}
