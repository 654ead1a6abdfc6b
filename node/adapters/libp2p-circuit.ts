/**
 * One relayed connection as the relay sees it: two streams of sealed bytes, joined.
 *
 * The library joins them with a queue that has no end, and knows of no rate; so whoever sends is made to wait here: while the other side
 * has not taken what was sent, and when it has used up its rate. What is under way when it waits is at most yamux's window.
 */
import type { Stream, StreamMessageEvent } from '@libp2p/interface'
import type { RelayLimits } from '#node/network/limits.ts'
import { Buckets } from '#node/network/standing.ts'
import type { Clock } from '#node/ports.ts'
import { TrustError } from '#protocols/errors.ts'

export interface CircuitOptions {
  readonly clock: Clock
  readonly limits: RelayLimits
  /** Whether both ends still have the standing to be relayed for. */
  readonly standing: () => boolean
  readonly watch: (bytes: Uint8Array) => void
  readonly onOver: () => void
}

export class RelayedCircuit {
  readonly #options: CircuitOptions
  readonly #rate: Buckets
  readonly #over = new AbortController()
  readonly #streams: Stream[] = []
  #askedAtMs: number

  constructor(options: CircuitOptions) {
    const { limits, clock } = options
    this.#options = options
    this.#rate = new Buckets({ perSecond: limits.circuitBytesPerSecond, burst: limits.circuitBytesBurst })
    this.#askedAtMs = clock.monotonicMs()
  }

  /** Both streams are there: from now on what passes is counted. */
  join(source: Stream, destination: Stream): void {
    this.#streams.push(source, destination)
    this.#meter(source, destination)
    this.#meter(destination, source)
    for (const stream of this.#streams) stream.addEventListener('close', () => this.#end())
    const { clock, limits } = this.#options
    clock.sleep(limits.circuitMs, this.#over.signal).then(
      () => this.cut('the circuit has had its time'),
      () => undefined,
    )
  }

  /** Ends both halves; their ends find out by the loss of their connection. */
  cut(reason: string): void {
    for (const stream of this.#streams) stream.abort(new TrustError('DFFT_LIMIT', reason))
    this.#end()
  }

  #end(): void {
    if (this.#over.signal.aborted) return
    this.#over.abort(new TrustError('DFFT_CHANNEL_CLOSED', 'the circuit is over'))
    this.#options.onOver()
  }

  #meter(from: Stream, to: Stream): void {
    const { limits, watch } = this.#options
    let waiting = 0
    let unpaid = 0
    const go = () => {
      if (waiting <= limits.circuitWaitingBytes && unpaid === 0 && from.readStatus === 'paused') from.resume()
    }
    const paid = () => {
      unpaid--
      go()
    }
    from.addEventListener('message', ({ data }: StreamMessageEvent) => {
      watch(data.subarray())
      waiting += data.byteLength
      unpaid++
      this.#pay(data.byteLength, paid)
      if ((unpaid > 0 || waiting > limits.circuitWaitingBytes) && from.readStatus === 'readable') from.pause()
      this.#checkStanding()
    })
    const send = to.send.bind(to)
    to.send = (data) => {
      const room = send(data)
      waiting = Math.max(0, waiting - data.byteLength)
      go()
      return room
    }
  }

  /** Bytes that are here already are paid for later, in parts that the rate can give at once, and the next ones wait for that. */
  #pay(bytes: number, paid: () => void): void {
    const { clock, limits } = this.#options
    for (let left = bytes; left > 0; ) {
      const part = Math.min(left, limits.circuitBytesBurst)
      const waitMs = this.#rate.take('bytes', clock.monotonicMs(), part)
      if (waitMs > 0) {
        const rest = left
        clock.sleep(waitMs, this.#over.signal).then(
          () => this.#pay(rest, paid),
          () => undefined,
        )
        return
      }
      left -= part
    }
    paid()
  }

  #checkStanding(): void {
    const { clock, limits, standing } = this.#options
    const nowMs = clock.monotonicMs()
    if (nowMs - this.#askedAtMs < limits.standingMs) return
    this.#askedAtMs = nowMs
    if (!standing()) this.cut('an end of the circuit has lost its standing')
  }
}
