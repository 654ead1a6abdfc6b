/** DataKeys in memory: the twin of file-data-keys.ts for tests and the simulator. Everything follows from the injected Random. */
import { TrustError } from '#protocols/errors.ts'
import { seal, unseal } from '#protocols/sealed.ts'
import type { DataKeyFinding, DataKeyId, DataKeys, Random } from '../ports.ts'

type Held = readonly [id: DataKeyId, key: Uint8Array]

export class MemoryDataKeys implements DataKeys {
  readonly findings: readonly DataKeyFinding[]
  readonly #random: Random
  readonly #keys: Map<DataKeyId, Uint8Array>

  /** @param held what `snapshot` gave before a crash; left out for a node that never had any */
  constructor(random: Random, held?: readonly Held[]) {
    this.#random = random
    this.#keys = new Map(held?.map(([id, key]) => [id, new Uint8Array(key)]))
    this.findings = held ? [] : [{ what: 'missing', keys: null }]
  }

  /** What is durable: all of it. */
  snapshot(): readonly Held[] {
    return [...this.#keys].map(([id, key]) => [id, new Uint8Array(key)])
  }

  async take(): Promise<DataKeyId> {
    const id = Buffer.from(this.#random.bytes(16)).toString('hex') as DataKeyId // The one place that makes them.
    this.#keys.set(id, this.#random.bytes(32))
    return id
  }

  has(id: DataKeyId): boolean {
    return this.#keys.has(id)
  }

  async seal(id: DataKeyId, plain: Uint8Array, context: Uint8Array): Promise<Uint8Array> {
    return seal(this.#key(id), this.#random.bytes(12), plain, context)
  }

  async open(id: DataKeyId, sealed: Uint8Array, context: Uint8Array): Promise<Uint8Array> {
    return unseal(this.#key(id), sealed, context)
  }

  async destroy(ids: readonly DataKeyId[]): Promise<void> {
    for (const id of ids) {
      this.#keys.get(id)?.fill(0)
      this.#keys.delete(id)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #key(id: DataKeyId): Uint8Array {
    const key = this.#keys.get(id)
    if (!key) throw new TrustError('DFFT_KEY_UNKNOWN', 'there is no such data key', { id })
    return key
  }
}
