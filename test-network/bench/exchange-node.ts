/**
 * One node of the exchange bench: a TrustNode composed as the product composes it, in a process of its own, told over IPC
 * what to do; and beside it a bare network port, over which it can make round trips that mean nothing.
 *
 * Nothing is altered but what a configuration may say: more channels a second than one partner would be given.
 */
import crypto from 'node:crypto'
import { open } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { fitCollector } from '#node/adapters/collector.ts'
import { libp2pNetwork, newPeerKey } from '#node/adapters/libp2p-network.ts'
import { sodiumPackage } from '#node/adapters/sodium.ts'
import { systemClock, systemRandom } from '#node/adapters/system.ts'
import type { NodeApi, OperationName } from '#node/api.ts'
import { loadConfig } from '#node/config.ts'
import { initialise, run } from '#node/main.ts'
import type { NetworkIdentity, Store } from '#node/ports.ts'
import type { Channel } from '#protocols/channel.ts'
import { signerOf } from '#protocols/credential/seeded-signer.ts'
import { didKeyMethod, didKeyOf, jwkOfDidKey } from '#protocols/did/key.ts'
import { type Did, didOf } from '#protocols/ids.ts'
import { nodeKey, verifyKey } from '#protocols/keys.ts'
import type { Ask, Birth, Counts, Loop, Timed, Trip } from './exchange-bench.ts'
import { must } from './measure.ts'

const passphrase = 'a passphrase for the bench'
const counts = { signatures: 0, verifications: 0, batches: 0, syncs: 0 }

/** The store, counting what an act waits for. */
function counted(store: Store): Store {
  return {
    get: (key) => store.get(key),
    scan: (range) => store.scan(range),
    batch: (writes, options) => {
      counts.batches++
      return store.batch(writes, options)
    },
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

/** Counts from here on; a figure in a document could be wrong. */
async function countSignatures(): Promise<void> {
  const { sign, verify } = crypto
  const counting = <Call extends typeof sign | typeof verify>(call: Call, name: 'signatures' | 'verifications'): Call =>
    ((...args: Parameters<Call>) => {
      counts[name]++
      return (call as (...args: unknown[]) => unknown)(...args)
    }) as Call // The same arguments and the same answer.
  Object.assign(crypto, { sign: counting(sign, 'signatures'), verify: counting(verify, 'verifications') })
  syncBuiltinESMExports()
  await Promise.all([countSodium(), countSyncs()])
}

/** Where libsodium loads, a node verifies and signs with it: its calls are looked up at each call. */
async function countSodium(): Promise<void> {
  const sodium = await sodiumPackage().catch(() => undefined)
  if (!sodium) return
  for (const [call, name] of [
    ['crypto_sign_detached', 'signatures'],
    ['crypto_sign_verify_detached', 'verifications'],
  ] as const) {
    const uncounted = sodium[call] as (...args: unknown[]) => unknown
    const counted = (...args: unknown[]) => {
      counts[name]++
      return uncounted(...args)
    }
    Object.assign(sodium, { [call]: counted })
  }
}

async function countSyncs(): Promise<void> {
  await using file = await open(process.execPath)
  const handles = Object.getPrototypeOf(file) as Record<'sync' | 'datasync', () => Promise<void>>
  for (const name of ['sync', 'datasync'] as const) {
    const call = handles[name]
    handles[name] = function (this: unknown) {
      counts.syncs++
      return call.call(this)
    }
  }
}

class BenchNode {
  readonly #running: Awaited<ReturnType<typeof run>>
  readonly #bare: Awaited<ReturnType<typeof libp2pNetwork>>
  readonly #bareDid: Did

  constructor(running: Awaited<ReturnType<typeof run>>, bare: Awaited<ReturnType<typeof libp2pNetwork>>, bareDid: Did) {
    this.#running = running
    this.#bare = bare
    this.#bareDid = bareDid
  }

  static async start({ dir, wishes }: Birth): Promise<BenchNode> {
    await initialise(dir, passphrase, wishes)
    const running = await run(loadConfig(dir, { env: {} }), passphrase, () => {}, { store: counted })
    const { privateKey } = crypto.generateKeyPairSync('ed25519')
    const did = didKeyOf(signerOf(privateKey, '').publicJwk)
    const signer = signerOf(privateKey, didKeyMethod(did))
    const network = await libp2pNetwork({
      peerKey: newPeerKey(),
      networkName: 'dfft-bench-bare',
      listen: ['/ip4/127.0.0.1/tcp/0'],
      clock: systemClock,
      random: systemRandom,
      log: () => {},
      limits: { opensPerSecond: 10_000, opensBurst: 10_000 },
    })
    const identity: NetworkIdentity = {
      did,
      keyId: signer.keyId,
      sign: async (bytes) => signer.sign(bytes),
      resolveKey: async (keyId) => nodeKey(verifyKey(jwkOfDidKey(didOf(keyId)))).jwk,
    }
    await network.start(identity, echo)
    return new BenchNode(running, network, did)
  }

  get ready() {
    const { did, addresses } = this.#running.ready
    return { did, address: addresses[0], bareDid: this.#bareDid, bareAddress: this.#bare.addresses[0] }
  }

  async answer(ask: Ask): Promise<unknown> {
    switch (ask.do) {
      case 'call':
        return this.#call(ask.operation, ask.input)
      case 'connect':
        return this.#bare.connect(ask.address, AbortSignal.timeout(10_000))
      case 'exchanges':
        return timed(ask, () => this.#exchange(ask))
      case 'trips':
        return timed(ask, () => this.#trip(ask))
      case 'count':
        return countSignatures()
      case 'counts':
        return { ...counts, rssBytes: process.memoryUsage.rss(), ...process.cpuUsage() } satisfies Counts
    }
  }

  #call(operation: OperationName, input: object): Promise<unknown> {
    const call = this.#running.node[operation] as (input: object) => Promise<unknown> // The operation reads its input itself.
    return call(input)
  }

  async #exchange({ wish }: Loop): Promise<void> {
    const { state, code } = await this.#running.node.request(wish as Parameters<NodeApi['request']>[0]) // Read by the operation.
    must(state === 'closed', `an exchange ends well, not as ${state} ${code}`)
  }

  /** A channel, 2 KB there, 8 KB back: what an exchange could cost if it were nothing but a question. */
  async #trip({ to }: Trip): Promise<void> {
    const signal = AbortSignal.timeout(10_000)
    const channel = await this.#bare.open({ did: to, addresses: [] }, 'records', signal)
    try {
      await channel.send(question, signal)
      must((await channel.next(signal)).length === reply.length, 'the whole answer comes back')
    } finally {
      channel.close()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bare[Symbol.asyncDispose]()
    await this.#running[Symbol.asyncDispose]()
  }
}

const question = Buffer.alloc(2048, 'q')
const reply = Buffer.alloc(8192, 'r')

async function echo(channel: Channel): Promise<void> {
  const signal = AbortSignal.timeout(10_000)
  await channel.next(signal)
  await channel.send(reply, signal)
}

/** So many at once until so many are done. */
async function timed(
  { count, concurrency, forMs = Number.POSITIVE_INFINITY }: Pick<Loop, 'count' | 'concurrency' | 'forMs'>,
  act: () => Promise<void>,
): Promise<Timed> {
  const tookMs: number[] = []
  let begun = 0
  const worker = async () => {
    while (begun++ < count && performance.now() - startMs < forMs) {
      const beforeMs = performance.now()
      await act()
      tookMs.push(performance.now() - beforeMs)
    }
  }
  const startMs = performance.now()
  await Promise.all(Array.from({ length: concurrency }, worker))
  return { tookMs, allMs: performance.now() - startMs }
}

const birth = JSON.parse(must(process.argv[2], 'the parent says who we are')) as Birth // Written by exchange-bench.ts.
fitCollector()
const node = await BenchNode.start(birth)
process.on('message', async ({ id, ask }: { id: number; ask: Ask }) => {
  try {
    process.send?.({ id, result: await node.answer(ask) })
  } catch (thrown) {
    process.send?.({ id, error: thrown instanceof Error ? `${(thrown as { code?: string }).code ?? ''} ${thrown.message}` : String(thrown) })
  }
})
process.once('disconnect', async () => {
  await node[Symbol.asyncDispose]()
  process.exit(0)
})
process.send?.({ id: 0, result: node.ready })
