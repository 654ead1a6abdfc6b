/**
 * TCP lines that misbehave by seed, between real nodes on loopback: a proxy in front of each node that delays, trickles, cuts, and parts
 * hosts from one another. The kernels this runs on can do none of that by themselves.
 */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { Seeded } from '../seeded.ts'

export interface Manner {
  /** One way; half of what a round trip takes more. */
  readonly delayMs?: number
  /** Up to so much more, by chance; what was sent first arrives first all the same. */
  readonly jitterMs?: number
  /** Bytes a second, each way. */
  readonly bytesPerSecond?: number
  /** A line is cut after so many bytes of both ways together, drawn anew for each line; what is in the proxy then is lost. */
  readonly cutAfterBytes?: { readonly least: number; readonly most: number }
  /** So many lines are cut that way, then none. */
  readonly cutsMax?: number
}

/** At a trickle the proxy writes so often. */
const tickMs = 20

interface Line {
  readonly inside: Socket
  readonly outside: Socket
}

export class SlowLines implements AsyncDisposable {
  /** Where the node behind is reached through it. */
  readonly port: number
  /** Lines that were cut. */
  cuts = 0
  /** Lines that came in, also while parted. */
  accepted = 0
  /** Bytes that a partition took. */
  lost = 0
  manner: Manner
  readonly #target: number
  readonly #chance: Seeded
  readonly #server: Server
  readonly #lines = new Set<Line>()
  readonly #timers = new Set<NodeJS.Timeout>()
  #parted = false

  private constructor(server: Server, target: number, manner: Manner, seed: number) {
    this.#server = server
    this.#target = target
    this.#chance = new Seeded(seed, 'slow lines')
    this.manner = manner
    this.port = (server.address() as AddressInfo).port // It listens by then.
    server.on('connection', (inside: Socket) => this.#accept(inside))
  }

  /** @param target port of the node, on loopback */
  static async to(target: number, { seed, ...manner }: Manner & { readonly seed: number }): Promise<SlowLines> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new SlowLines(server, target, manner, seed)
  }

  /** From now on nothing arrives and nobody is told: what comes is taken and lost, as by a route that leads nowhere. */
  partition(): void {
    this.#parted = true
  }

  /** New lines work again; those of before are reset, which their ends notice at once. */
  heal(): void {
    this.#parted = false
    this.cut()
  }

  /** Resets every line there is. */
  cut(): void {
    for (const line of [...this.#lines]) this.#end(line)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    this.cut()
    for (const timer of this.#timers) clearTimeout(timer)
  }

  #accept(inside: Socket): void {
    this.accepted++
    const line = { inside, outside: connect(this.#target, '127.0.0.1') }
    this.#lines.add(line)
    const left = this.#cutAfter()
    this.#carry(line, line.inside, line.outside, left)
    this.#carry(line, line.outside, line.inside, left)
  }

  /** Bytes until the cut, counted by both ways of a line. */
  #cutAfter(): { bytes: number } {
    const { cutAfterBytes, cutsMax = Number.POSITIVE_INFINITY } = this.manner
    if (!cutAfterBytes || this.cuts >= cutsMax) return { bytes: Number.POSITIVE_INFINITY }
    return { bytes: this.#chance.between(cutAfterBytes.least, cutAfterBytes.most) }
  }

  #carry(line: Line, from: Socket, to: Socket, left: { bytes: number }): void {
    const underWay: Buffer[] = []
    let dueMs = 0
    from.setNoDelay(true)
    from.on('error', () => this.#end(line))
    from.on('close', () => this.#end(line))
    from.on('data', (bytes: Buffer) => {
      if (this.#parted) {
        this.lost += bytes.length
        return
      }
      left.bytes -= bytes.length
      if (left.bytes < 0) {
        this.cuts++
        this.#end(line)
        return
      }
      const { delayMs = 0, jitterMs = 0, bytesPerSecond } = this.manner
      if (bytesPerSecond !== undefined) {
        from.pause()
        this.#trickle({ line, from, to }, bytes, bytesPerSecond)
        return
      }
      // Timers may fire in another order than they were set: each takes what is first.
      underWay.push(bytes)
      dueMs = Math.max(dueMs, performance.now() + delayMs + this.#chance.between(0, jitterMs))
      this.#after(dueMs - performance.now(), () => this.#arrive(to, underWay.shift()))
    })
  }

  #arrive(to: Socket, bytes: Buffer | undefined): void {
    if (bytes && !this.#parted && !to.destroyed) to.write(bytes)
  }

  /** What is read meanwhile waits with its sender. */
  #trickle(way: { readonly line: Line; readonly from: Socket; readonly to: Socket }, bytes: Buffer, bytesPerSecond: number): void {
    const share = Math.max(1, Math.round((bytesPerSecond * tickMs) / 1000))
    this.#after((share * 1000) / bytesPerSecond, () => {
      this.#arrive(way.to, bytes.subarray(0, share))
      if (!this.#lines.has(way.line)) return
      if (bytes.length > share) this.#trickle(way, bytes.subarray(share), bytesPerSecond)
      else way.from.resume()
    })
  }

  #after(ms: number, act: () => void): void {
    if (ms <= 0) {
      act()
      return
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      act()
    }, ms)
    this.#timers.add(timer)
  }

  #end(line: Line): void {
    if (!this.#lines.delete(line)) return
    for (const socket of [line.inside, line.outside]) socket.resetAndDestroy()
  }
}
