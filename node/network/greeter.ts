/** Says the hello of this node on a connection, with the name and the key of that moment. */
import type { Clock, NetworkIdentity, Random } from '#node/ports.ts'
import { TrustError } from '#protocols/errors.ts'
import { type ByteStream, messages } from '#protocols/frames.ts'
import { answerHello, type HelloDeps, type HelloSelf, helloBytesMax, helloProtocol, initiateHello, nonceBytes, type Proved } from '#protocols/hello.ts'
import type { Did, PeerId } from '#protocols/ids.ts'

/** What of a connection is needed for it. */
interface Line {
  readonly peerId: PeerId
  readonly dialled: boolean
  readonly source: string
  open(protocol: string, signal: AbortSignal): Promise<ClosableStream>
}

interface ClosableStream extends ByteStream {
  close(): void
}

export interface GreeterOptions {
  readonly peerId: PeerId
  readonly networkName: string
  readonly clock: Clock
  readonly random: Random
  /** Versions to offer; all that this program speaks by default. */
  readonly versions?: readonly number[] | undefined
  /** Where partners may dial this node. */
  announce(): readonly string[]
  /** @throws {TrustError} DFFT_BANNED, DFFT_BUSY */
  admit(did: Did, line: Pick<Line, 'dialled' | 'source'>): void
}

export class Greeter {
  readonly #options: GreeterOptions
  #identity: NetworkIdentity | undefined

  constructor(options: GreeterOptions) {
    this.#options = options
  }

  start(identity: NetworkIdentity): void {
    this.#identity = identity
  }

  /** Undefined before `start`. */
  get did(): Did | undefined {
    return this.#identity?.did
  }

  async initiate(wire: Line, signal: AbortSignal): Promise<Proved> {
    const stream = await wire.open(helloProtocol, signal)
    try {
      return await initiateHello(messages(stream, helloBytesMax), this.#self(wire), this.#deps(wire), signal)
    } finally {
      stream.close()
    }
  }

  async answer(wire: Line, stream: ClosableStream, signal: AbortSignal): Promise<Proved> {
    try {
      return await answerHello(messages(stream, helloBytesMax), this.#self(wire), this.#deps(wire), signal)
    } finally {
      stream.close()
    }
  }

  #self(wire: Line): HelloSelf {
    const { peerId, networkName, versions, announce } = this.#options
    const { did, keyId, didLog, witnessProofs, sign } = this.#who() // All of one moment.
    const peerIds = { local: peerId, remote: wire.peerId }
    return { network: networkName, peerIds, did, keyId, didLog, witnessProofs, sign, announce: announce(), ...(versions ? { versions } : {}) }
  }

  #deps(wire: Line): HelloDeps {
    const { clock, random, admit } = this.#options
    const identity = this.#who()
    return { nowMs: () => clock.nowMs(), nonce: random.bytes(nonceBytes), resolveKey: (...of) => identity.resolveKey(...of), admit: (did) => admit(did, wire) }
  }

  #who(): NetworkIdentity {
    if (!this.#identity) throw new TrustError('DFFT_NOT_RUNNING', 'the network has not been started')
    return this.#identity
  }
}
