/**
 * A node whose keys come and go while its process stays: what the operator's socket is served from.
 *
 * Sealed, it answers how it is, and takes the passphrase; nothing else. A wrong passphrase leaves it as it was, and each makes the next
 * answer slower: whoever holds the socket has to wait as long as who types.
 */
import { z } from 'zod'
import type { Health } from '#node/care/health.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, type Instant, instant } from '#protocols/ids.ts'
import { type NodeApi, type OperationName, operations } from './api.ts'
import type { Clock, Log } from './ports.ts'

/** The node while it is open, and what closes it with its keys and its network. */
export interface OpenNode<N extends NodeApi> extends AsyncDisposable {
  readonly node: N
}

export interface SealableNeeds<N extends NodeApi, O extends OpenNode<N>> {
  /** Told before the node is open for the first time. */
  readonly did: () => Promise<Did>
  readonly open: (passphrase: string) => Promise<O>
  readonly clock: Pick<Clock, 'sleep' | 'nowMs'>
  readonly log: Log
  readonly onStop?: (() => void) | undefined
}

const slowestMs = 30_000
const never = new AbortController().signal

export class Sealable<N extends NodeApi, O extends OpenNode<N>> implements AsyncDisposable {
  readonly api: NodeApi
  readonly #needs: SealableNeeds<N, O>
  #open: O | undefined
  /** While it is sealed: since when, in this process. */
  #since: Instant
  #failures = 0
  /** Opening and closing, one after another. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(needs: SealableNeeds<N, O>) {
    this.#needs = needs
    this.#since = instant(needs.clock.nowMs())
    const calls = Object.keys(operations).map((name) => [name, (input: unknown) => this.#call(name as OperationName, input)] as const) // Its own keys.
    const own = {
      health: () => this.health(),
      seal: (input: unknown) => this.#sealed(input),
      unseal: (input: unknown) => this.#unsealed(input),
      stop: (input: unknown) => this.#stop(input),
    }
    this.api = { ...Object.fromEntries(calls), ...own } as unknown as NodeApi // A call for each row of the table.
  }

  /** @throws {TrustError} DFFT_SEALED, with since when */
  get node(): N {
    if (!this.#open) throw new TrustError('DFFT_SEALED', `the node is sealed since ${this.#since}`, { since: this.#since })
    return this.#open.node
  }

  get opened(): O | undefined {
    return this.#open
  }

  /** @throws {TrustError} what a start throws; DFFT_PASSPHRASE after a while */
  open(passphrase: string): Promise<O> {
    return this.#serially(async () => {
      if (this.#open) return this.#open
      try {
        this.#open = await this.#needs.open(passphrase)
        this.#failures = 0
        return this.#open
      } catch (thrown) {
        const waitMs = Math.min(slowestMs, 1_000 * 2 ** this.#failures++)
        this.#needs.log('warn', 'unseal failed', { failures: this.#failures })
        await this.#needs.clock.sleep(waitMs, never)
        throw thrown
      }
    })
  }

  /** The first passphrase, with which the process starts or ends. @throws {TrustError} what a start throws, at once */
  begin(passphrase: string): Promise<O> {
    return this.#serially(async () => {
      this.#open = await this.#needs.open(passphrase)
      return this.#open
    })
  }

  seal(): Promise<void> {
    return this.#serially(async () => {
      const open = this.#open
      this.#open = undefined // From here on nothing is answered from it.
      if (open) this.#since = instant(this.#needs.clock.nowMs())
      await open?.[Symbol.asyncDispose]()
      if (open) this.#needs.log('info', 'sealed', {})
    })
  }

  async health(): Promise<Health> {
    if (this.#open) return this.#open.node.health({})
    const did = await this.#needs.did()
    return { did, live: true, started: false, ready: false, sealed: true, maintenance: null, reasons: [{ code: 'sealed', detail: null }] }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.seal()
  }

  async #call(name: OperationName, input: unknown): Promise<unknown> {
    return (this.node[name] as (input: unknown) => Promise<unknown>)(input) // What the door has read by the row of this name.
  }

  /** Of a sealed node nothing would change. */
  async #sealed(input: unknown): Promise<{ sealed: boolean }> {
    const { dryRun } = operations.seal.input.parse(input)
    if (!dryRun) await this.seal()
    return { sealed: !this.#open }
  }

  async #unsealed(input: unknown): Promise<unknown> {
    const { passphrase } = Unseal.parse(input)
    const { node } = await this.open(passphrase)
    return node.unseal({ passphrase })
  }

  async #stop(input: unknown): Promise<{ stopping: boolean }> {
    const { dryRun } = operations.stop.input.parse(input)
    if (!dryRun) this.#needs.onStop?.()
    return { stopping: !dryRun }
  }

  #serially<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#last.then(() => act())
    this.#last = done.catch(() => {}) // Its caller has the rejection; the next act only waits.
    return done
  }
}

const Unseal = z.object({ passphrase: z.string() })
