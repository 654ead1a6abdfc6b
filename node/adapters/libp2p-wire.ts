/** A libp2p connection and its streams as what node/network/links.ts works on. */
import type { Connection, Stream as Libp2pStream } from '@libp2p/interface'
import type { Stream, Wire } from '#node/network/links.ts'
import { TrustError } from '#protocols/errors.ts'
import type { PeerId } from '#protocols/ids.ts'
import { sourceOf } from './libp2p-door.ts'

/** Sees every byte of our protocols, and every announcement, before encryption and after decryption. */
export type Tap = (direction: 'in' | 'out', remote: string, bytes: Uint8Array) => void

/** What is handed over already gets so long to leave before a connection is cut. */
const closeMs = 500
/** Unread bytes of one stream before the peer is made to wait: yamux's first window. */
const unreadBytesMax = 256 << 10

export class Libp2pWire implements Wire {
  readonly peerId: PeerId
  readonly dialled: boolean
  readonly address: string
  readonly source: string
  readonly connection: Connection
  readonly #tap: Tap | undefined
  readonly #streams = new Set<Libp2pByteStream>()
  #closing = false

  constructor(connection: Connection, tap: Tap | undefined) {
    this.peerId = connection.remotePeer.toString() as PeerId // libp2p's own text form fits the schema.
    this.dialled = connection.direction === 'outbound'
    this.address = connection.remoteAddr.toString()
    this.source = sourceOf(connection.remoteAddr)
    this.connection = connection
    this.#tap = tap
  }

  async open(protocol: string, signal: AbortSignal): Promise<Stream> {
    return this.stream(await this.connection.newStream(protocol, { signal }))
  }

  stream(stream: Libp2pStream): Stream {
    const wrapped = new Libp2pByteStream(stream, this.peerId, this.#tap)
    this.#streams.add(wrapped)
    stream.addEventListener('close', () => this.#streams.delete(wrapped))
    return wrapped
  }

  /** The connection is gone, and what is read from it ends. */
  ended(): void {
    for (const stream of this.#streams) stream.end()
  }

  close(): void {
    if (this.#closing) return
    this.#closing = true
    this.connection.close({ signal: AbortSignal.timeout(closeMs) }).catch((cause: unknown) => this.cut(cause))
  }

  /** At once, without sending what waits. */
  cut(cause?: unknown): void {
    this.connection.abort(cause instanceof Error ? cause : new Error('closed'))
  }
}

interface Waiting {
  readonly resolve: (bytes: Uint8Array) => void
  readonly reject: (reason: unknown) => void
}

class Libp2pByteStream implements Stream {
  readonly #stream: Libp2pStream
  readonly #remote: string
  readonly #tap: Tap | undefined
  readonly #chunks: Uint8Array[] = []
  #bytes = 0
  #waiting: Waiting | undefined
  #ended = false

  constructor(stream: Libp2pStream, remote: string, tap: Tap | undefined) {
    this.#stream = stream
    this.#remote = remote
    this.#tap = tap
    updateByHalves(stream)
    stream.addEventListener('message', ({ data }) => this.#take(data.subarray()))
    stream.addEventListener('remoteCloseWrite', () => this.end())
    stream.addEventListener('close', () => this.end())
  }

  async send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    this.#tap?.('out', this.#remote, bytes)
    if (!this.#stream.send(bytes)) await this.#stream.onDrain({ signal })
  }

  next(signal: AbortSignal): Promise<Uint8Array> {
    const chunk = this.#chunks.shift()
    if (chunk) return Promise.resolve(this.#give(chunk))
    if (signal.aborted) return Promise.reject(signal.reason)
    if (this.#ended) return Promise.reject(ended())
    return this.#wait(signal)
  }

  close(): void {
    this.#stream
      .close({ signal: AbortSignal.timeout(closeMs) })
      .catch((cause: unknown) => this.#stream.abort(cause instanceof Error ? cause : new Error('closed')))
  }

  #wait(signal: AbortSignal): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const abort = () => this.#waiting?.reject(signal.reason)
      const settle = () => {
        this.#waiting = undefined
        signal.removeEventListener('abort', abort)
      }
      this.#waiting = {
        resolve(bytes) {
          settle()
          resolve(bytes)
        },
        reject(reason) {
          settle()
          reject(reason)
        },
      }
      signal.addEventListener('abort', abort, { once: true })
    })
  }

  #take(bytes: Uint8Array): void {
    this.#tap?.('in', this.#remote, bytes)
    if (this.#waiting) {
      this.#waiting.resolve(bytes)
      return
    }
    this.#chunks.push(bytes)
    this.#bytes += bytes.length
    if (this.#bytes > unreadBytesMax) this.#stream.pause()
  }

  #give(chunk: Uint8Array): Uint8Array {
    this.#bytes -= chunk.length
    if (this.#stream.readStatus === 'paused' && this.#bytes === 0) this.#stream.resume()
    return chunk
  }

  end(): void {
    this.#ended = true
    this.#waiting?.reject(ended())
  }
}

/** What a stream of yamux has, as far as it is read here. @see https://github.com/hashicorp/yamux/blob/master/spec.md, Flow Control */
interface Windowed {
  readonly state: unknown
  readonly recvWindow: number
  readonly recvWindowCapacity: number
  sendWindowUpdate(): void
}

const established = 3

/**
 * The package gives the peer its window back after each frame: a frame of its own, ciphered and written by itself, for each that comes.
 * Half a window is enough, as other implementations have it. A stream that is still being opened carries its flags in an update.
 */
function updateByHalves(stream: Libp2pStream): void {
  const windowed = stream as unknown as Partial<Windowed>
  if (typeof windowed.sendWindowUpdate !== 'function' || typeof windowed.recvWindow !== 'number') return // Of another muxer.
  const yamux = windowed as Windowed
  const update = yamux.sendWindowUpdate.bind(yamux)
  yamux.sendWindowUpdate = () => {
    if (yamux.state !== established || yamux.recvWindowCapacity < yamux.recvWindow / 2) update()
  }
}

function ended(): TrustError {
  return new TrustError('DFFT_CHANNEL_CLOSED', 'the stream has ended')
}
