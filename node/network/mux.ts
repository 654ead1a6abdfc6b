/**
 * Many channels over one stream with one proved peer. Knows no transport, no clock and no chance: both network adapters use it.
 *
 * A reader that is too slow loses its channel, not the stream: the stream is always read, so no channel waits for another.
 */
import { type Channel, frameBytesMax, type Service } from '#protocols/channel.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { decodeFrame, decodeReset, encodeFrame, encodeReset, type Frame, type FrameKind, frameBodyBytesMax, LengthReader } from '#protocols/frames.ts'
import type { Did, PeerId } from '#protocols/ids.ts'
import { linkTable, type MuxLimits } from './limits.ts'

/** Unread bytes, counted over all peers of a node. */
export interface Unread {
  bytes: number
}

export interface MuxOptions {
  readonly remote: { readonly did: Did; readonly peerId: PeerId }
  /** What both hellos share. */
  readonly version: number
  readonly limits: MuxLimits
  readonly unread: Unread
  /** Resolves when the stream has room for more. */
  send(bytes: Uint8Array): Promise<void>
  /** 16 random bytes. */
  channelId(): Uint8Array
  /** Lets frames that become ready together leave together: a later moment of this turn of the event loop. */
  soon(flush: () => void): void
  /** Resolves when the event loop has turned. */
  turn(): Promise<void>
  /** @throws {TrustError} DFFT_RATE_LIMITED with `retryAfterMs`, or DFFT_NOT_ADMITTED, to refuse one more channel of the peer */
  admit(service: Service): void
  /** What a channel of the peer costs beyond its opening. @throws {TrustError} DFFT_RATE_LIMITED with `retryAfterMs` */
  charge(cost: number): void
  onChannel(channel: Channel): Promise<void>
  /** After the last channel has ended. */
  onIdle(): void
}

/** The version that brought each service. */
const services: Readonly<Record<Service, number>> = { exchange: 1, records: 1, enrol: 2, notice: 3, attachment: 3 }
/** Their frames leave behind those of all others: what is long does not stand in the way of what is short. */
const bulk: ReadonlySet<Service> = new Set(['attachment'])
const none = new Uint8Array(0)
const chargedBytes = linkTable.chargedBytes.value

export class Mux {
  readonly #options: MuxOptions
  readonly #reader = new LengthReader(frameBodyBytesMax)
  readonly #channels = new Map<string, MuxChannel>()
  readonly #outbox: Outbox
  /** Frames since the event loop was let turn. */
  #taken = 0
  #ours = 0
  #theirs = 0
  #ended: TrustError | undefined

  constructor(options: MuxOptions) {
    this.#options = options
    this.#outbox = new Outbox(options, (reason) => this.end(reason))
  }

  /** Channels in flight, both directions. */
  get size(): number {
    return this.#channels.size
  }

  /**
   * @throws {TrustError} DFFT_BUSY when 512 are in flight, DFFT_CHANNEL_CLOSED when the stream has ended, DFFT_VERSION for a service that
   *   the peer is too old for
   */
  open(service: Service): Channel {
    if (this.#ended) throw again(this.#ended)
    const { version } = this.#options
    if (services[service] > version) throw new TrustError('DFFT_VERSION', `the peer is too old for \`${service}\``, { version, since: services[service] })
    if (this.#ours >= this.#options.limits.channels) throw busy()
    const id = Buffer.from(this.#options.channelId()).toString('hex')
    const channel = this.#add(id, service, true)
    this.#outbox.put(encodeFrame('open', id, Buffer.from(service)), lane(service))
    return channel
  }

  /**
   * Takes in bytes of the stream, so many frames a turn of the event loop: of what a partner wrote at once, the first has its answer on the way
   * while the last is still to be taken in, so that both sides have something to do.
   *
   * @throws {TrustError} DFFT_FRAME, DFFT_FRAME_TOO_LONG: the stream cannot be trusted further and must be ended
   */
  async receive(chunk: Uint8Array): Promise<void> {
    for (const body of this.#reader.bodies(chunk)) {
      if (this.#ended) return
      this.#take(decodeFrame(body))
      this.#taken = (this.#taken + 1) % this.#options.limits.framesPerTurn
      if (this.#taken === 0) await this.#options.turn()
    }
  }

  /** The stream is gone: everything that waits is rejected with `reason`, and nothing is sent any more. */
  end(reason: TrustError): void {
    if (this.#ended) return
    this.#ended = reason
    this.#outbox.end(reason)
    for (const channel of [...this.#channels.values()]) this.#drop(channel, reason)
  }

  #take({ kind, channel: id, payload }: Frame): void {
    const channel = this.#channels.get(id)
    if (channel) this.#takeFor(channel, kind, payload)
    else if (kind === 'open') this.#accept(id, Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString('latin1'))
    // Any other frame for a channel that is gone is no fault: it was under way when the channel ended.
  }

  #takeFor(channel: MuxChannel, kind: FrameKind, payload: Uint8Array): void {
    if (kind === 'data') this.#deliver(channel, payload)
    else if (kind === 'end') this.#drop(channel, endedByPeer)
    else if (kind === 'reset') this.#drop(channel, decodeReset(payload))
    // A second opening changes nothing.
  }

  #accept(id: string, service: string): void {
    try {
      if (!known(service)) throw new TrustError('DFFT_FRAME', 'the peer asks for an unknown service', {})
      if (this.#theirs >= this.#options.limits.channels) throw busy()
      this.#options.admit(service)
      void this.#serve(this.#add(id, service, false))
    } catch (cause) {
      this.#outbox.put(encodeFrame('reset', id, encodeReset(reasonOf(cause))))
    }
  }

  /** A channel of the peer counts until its work here is done: opening and ending at once buys nothing. */
  async #serve(channel: MuxChannel): Promise<void> {
    this.#theirs++
    try {
      await this.#options.onChannel(channel)
      channel.close()
    } catch (cause) {
      channel.reset(reasonOf(cause))
    } finally {
      this.#theirs--
    }
  }

  #deliver(channel: MuxChannel, payload: Uint8Array): void {
    try {
      // What we asked for ourselves costs the peer nothing.
      if (!channel.ours && payload.length >= chargedBytes) this.#options.charge(Math.floor(payload.length / chargedBytes))
    } catch (cause) {
      channel.reset(reasonOf(cause))
      return
    }
    const full = channel.put(payload)
    if (full) channel.reset(new TrustError('DFFT_LIMIT', `the channel has more unread ${full} than it may`, { limit: full }))
  }

  #add(id: string, service: Service, ours: boolean): MuxChannel {
    const { remote, version, limits, unread } = this.#options
    const charge = (cost: number) => this.#options.charge(cost)
    const leave = (reason: TrustError) => this.#drop(channel, reason)
    const channel = new MuxChannel({ id, ours, service, remote, version, limits, unread, outbox: this.#outbox, charge, leave })
    this.#channels.set(id, channel)
    if (ours) this.#ours++
    return channel
  }

  #drop(channel: MuxChannel, reason: TrustError): void {
    if (!this.#channels.delete(channel.id)) return
    if (channel.ours) this.#ours--
    channel.ended(reason)
    if (this.#channels.size === 0) this.#options.onIdle()
  }
}

type LaneName = 'prompt' | 'bulk'

function lane(service: Service): LaneName {
  return bulk.has(service) ? 'bulk' : 'prompt'
}

function known(service: string): service is Service {
  return Object.hasOwn(services, service)
}

interface ChannelParts {
  readonly id: string
  readonly ours: boolean
  readonly service: Service
  readonly remote: { readonly did: Did; readonly peerId: PeerId }
  readonly version: number
  readonly limits: MuxLimits
  readonly unread: Unread
  readonly outbox: Outbox
  readonly charge: (cost: number) => void
  readonly leave: (reason: TrustError) => void
}

interface Waiting {
  readonly resolve: (frame: Uint8Array) => void
  readonly reject: (reason: unknown) => void
}

class MuxChannel implements Channel {
  readonly id: string
  readonly ours: boolean
  readonly service: Service
  readonly remote: { readonly did: Did; readonly peerId: PeerId }
  readonly version: number
  readonly #parts: ChannelParts
  readonly #frames: Uint8Array[] = []
  readonly #readers = new Set<Waiting>()
  #bytes = 0
  #counted = true
  #ended: TrustError | undefined

  constructor(parts: ChannelParts) {
    this.id = parts.id
    this.ours = parts.ours
    this.service = parts.service
    this.remote = parts.remote
    this.version = parts.version
    this.#parts = parts
  }

  charge(cost: number): void {
    if (!this.ours) this.#parts.charge(cost)
  }

  async send(frame: Uint8Array, signal: AbortSignal): Promise<void> {
    if (frame.length > frameBytesMax)
      throw new TrustError('DFFT_FRAME_TOO_LONG', `a message has at most ${frameBytesMax} bytes`, { bytes: frame.length, bytesMax: frameBytesMax })
    this.#check()
    await this.#parts.outbox.room(signal, lane(this.service))
    if (this.#ended) this.#parts.outbox.pass(lane(this.service))
    this.#check()
    this.#parts.outbox.put(encodeFrame('data', this.id, frame), lane(this.service))
  }

  async next(signal: AbortSignal): Promise<Uint8Array> {
    if (signal.aborted) throw abortReason(signal)
    const frame = this.#frames.shift()
    if (frame) {
      this.#count(-frame.length)
      return frame
    }
    this.#check()
    return abortable(signal, this.#readers)
  }

  close(): void {
    this.#discard()
    if (this.#ended) return
    this.#parts.outbox.put(encodeFrame('end', this.id, none), lane(this.service))
    this.#parts.leave(endedHere)
  }

  /** Ends the channel with a code that the peer's `next` rejects with. */
  reset(reason: TrustError): void {
    this.#discard()
    if (this.#ended) return
    this.#parts.outbox.put(encodeFrame('reset', this.id, encodeReset(reason)), lane(this.service))
    this.#parts.leave(reason)
  }

  /** Which limit is reached, if one is; the message is then dropped. */
  put(frame: Uint8Array): 'frames' | 'bytes' | 'bytes of all peers' | undefined {
    for (const reader of this.#readers) {
      this.#readers.delete(reader)
      reader.resolve(frame)
      return undefined
    }
    const { limits, unread } = this.#parts
    if (this.#frames.length >= limits.queuedFrames) return 'frames'
    if (this.#bytes + frame.length > limits.queuedBytes) return 'bytes'
    if (unread.bytes + frame.length > limits.queuedBytesOfNode) return 'bytes of all peers'
    this.#frames.push(frame)
    this.#count(frame.length)
    return undefined
  }

  /** What came before the peer's end stays readable until this side closes too. */
  ended(reason: TrustError): void {
    this.#ended = reason
    // A channel of the peer counts until its work is done; one of ours cannot be provoked, and its reader may never come back.
    if (this.ours) this.#uncount()
    for (const reader of this.#readers) reader.reject(again(reason))
    this.#readers.clear()
  }

  #check(): void {
    if (this.#ended) throw again(this.#ended)
  }

  #count(bytes: number): void {
    this.#bytes += bytes
    if (this.#counted) this.#parts.unread.bytes += bytes
  }

  #uncount(): void {
    if (this.#counted) this.#parts.unread.bytes -= this.#bytes
    this.#counted = false
  }

  #discard(): void {
    this.#frames.length = 0
    this.#count(-this.#bytes)
  }
}

/** Frames in the order in which they leave, and senders in line for room among them. */
class Lane {
  readonly senders = new Set<Waiting>()
  readonly #bytesMax: number
  frames: Uint8Array[] = []
  bytes = 0

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  get full(): boolean {
    return this.bytes >= this.#bytesMax
  }

  /** One at a time: the sender that goes puts its message in, and that wakes the one behind it if there still is room. */
  wake(): void {
    if (this.full) return
    for (const sender of this.senders) {
      this.senders.delete(sender)
      sender.resolve(none)
      return
    }
  }

  /** As much as leaves in one write. */
  batch(bytesMax: number): Uint8Array {
    let bytes = 0
    let count = 0
    for (const frame of this.frames) {
      if (count > 0 && bytes + frame.length > bytesMax) break
      bytes += frame.length
      count++
    }
    const frames = this.frames.splice(0, count)
    return frames.length === 1 ? (frames[0] ?? none) : Buffer.concat(frames, bytes)
  }
}

/** What waits to be written, in two lanes. One writer; senders wait in line for room. */
class Outbox {
  readonly #options: MuxOptions
  readonly #fail: (reason: TrustError) => void
  readonly #lanes: Readonly<Record<LaneName, Lane>>
  /** Writes of the prompt lane since the last one of the other, while that one waited. */
  #passed = 0
  #writing = false
  #ended: TrustError | undefined

  constructor(options: MuxOptions, fail: (reason: TrustError) => void) {
    this.#options = options
    this.#fail = fail
    const { unsentBytes, unsentBulkBytes } = options.limits
    this.#lanes = { prompt: new Lane(unsentBytes), bulk: new Lane(unsentBulkBytes) }
  }

  /** Resolves when there is room for one more message. */
  async room(signal: AbortSignal, name: LaneName): Promise<void> {
    if (signal.aborted) throw abortReason(signal)
    if (this.#ended) throw again(this.#ended)
    const { senders, full } = this.#lanes[name]
    if (senders.size > 0 || full) await abortable(signal, senders)
  }

  /** A sender that was given room does not need it: the next one may go. */
  pass(name: LaneName): void {
    this.#lanes[name].wake()
  }

  put(frame: Uint8Array, name: LaneName = 'prompt'): void {
    if (this.#ended) return
    const lane = this.#lanes[name]
    lane.frames.push(frame)
    lane.bytes += frame.length
    const unsentBytes = this.#lanes.prompt.bytes + this.#lanes.bulk.bytes
    if (unsentBytes > this.#options.limits.unsentBytesMax) {
      this.#fail(new TrustError('DFFT_LIMIT', 'the peer does not read what it asks for', { unsentBytes }))
      return
    }
    if (!this.#writing) {
      this.#writing = true
      this.#options.soon(() => void this.#write())
    }
    lane.wake()
  }

  end(reason: TrustError): void {
    this.#ended = reason
    for (const lane of Object.values(this.#lanes)) {
      lane.frames = []
      for (const sender of lane.senders) sender.reject(again(reason))
      lane.senders.clear()
    }
  }

  async #write(): Promise<void> {
    try {
      for (let lane = this.#next(); lane; lane = this.#next()) {
        const batch = lane.batch(this.#options.limits.batchBytes)
        await this.#options.send(batch)
        lane.bytes -= batch.length
        lane.wake()
      }
    } catch (cause) {
      this.#fail(cause instanceof TrustError ? cause : new TrustError('DFFT_CHANNEL_CLOSED', 'the stream cannot be written', {}, { cause }))
    } finally {
      this.#writing = false
    }
  }

  /** Whose turn it is: bulk, when nothing else waits or has gone often enough. */
  #next(): Lane | undefined {
    const { prompt, bulk } = this.#lanes
    const turn = bulk.frames.length > 0 && (prompt.frames.length === 0 || this.#passed >= this.#options.limits.bulkEvery)
    this.#passed = turn || bulk.frames.length === 0 ? 0 : this.#passed + 1
    if (turn) return bulk
    return prompt.frames.length > 0 ? prompt : undefined
  }
}

/** Waits in line; a signal that aborts leaves the line. */
function abortable(signal: AbortSignal, line: Set<Waiting>): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const waiting: Waiting = {
      resolve(frame) {
        signal.removeEventListener('abort', abort)
        resolve(frame)
      },
      reject(reason) {
        signal.removeEventListener('abort', abort)
        reject(reason)
      },
    }
    const abort = () => {
      line.delete(waiting)
      reject(abortReason(signal))
    }
    signal.addEventListener('abort', abort, { once: true })
    line.add(waiting)
  })
}

/** A time-out as a code; any other reason as the caller gave it. */
export function abortReason(signal: AbortSignal): unknown {
  const { reason } = signal as { reason: unknown }
  return reason instanceof Error && reason.name === 'TimeoutError'
    ? new TrustError('DFFT_TIMEOUT', 'the peer did not answer in time', {}, { cause: reason })
    : reason
}

/** How nearly every channel ends: made once, since whoever still waits is told by an error of its own. */
const endedByPeer = new TrustError('DFFT_CHANNEL_CLOSED', 'the peer ended the channel')
const endedHere = new TrustError('DFFT_CHANNEL_CLOSED', 'the channel was closed here')

function busy(): TrustError {
  return new TrustError('DFFT_BUSY', 'too many channels with this peer are in flight', { retryAfterMs: 1000 })
}

function reasonOf(cause: unknown): TrustError {
  return cause instanceof TrustError ? cause : new TrustError(codeOf(cause), 'the channel failed here', {}, { cause })
}

/** A new error for each waiter, so that each has a stack of its own. */
function again(reason: TrustError): TrustError {
  return new TrustError(reason.code, reason.message, reason.facts, { cause: reason })
}
