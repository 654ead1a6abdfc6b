/** The parent's side of the exchange bench: three nodes as processes, and the story that lets them trade. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { arenas, runtimeFlags } from '#cli/node-process.ts'
import type { OperationName } from '#node/api.ts'
import type { Did } from '#protocols/ids.ts'

export interface Birth {
  readonly dir: string
  readonly wishes: object
}

export interface Loop {
  readonly do: 'exchanges'
  readonly count: number
  readonly concurrency: number
  readonly wish: object
  /** Begins no more after that. */
  readonly forMs?: number
}

export interface Trip {
  readonly do: 'trips'
  readonly count: number
  readonly concurrency: number
  readonly to: Did
}

export type Ask =
  | Loop
  | Trip
  | { readonly do: 'call'; readonly operation: OperationName; readonly input: object }
  | { readonly do: 'connect'; readonly address: string }
  | { readonly do: 'count' }
  | { readonly do: 'counts' }

export interface Timed {
  readonly tookMs: readonly number[]
  readonly allMs: number
}

/** Since the process began, in microseconds of CPU time; the signatures since they are counted. */
export interface Counts {
  readonly signatures: number
  readonly verifications: number
  /** Writes an act waited for; the store may put several into one synced write. */
  readonly batches: number
  /** Of files beside the store: the anchor and its folder. */
  readonly syncs: number
  readonly rssBytes: number
  readonly user: number
  readonly system: number
}

interface Ready {
  readonly did: Did
  readonly address: string
  readonly bareDid: Did
  readonly bareAddress: string
}

const program = fileURLToPath(new URL('./exchange-node.ts', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))

export class NodeProcess implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, { resolve: (result: unknown) => void; reject: (reason: Error) => void }>()
  #asked = 0
  #ready: Ready | undefined

  private constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', ({ id, result, error }: { id: number; result?: unknown; error?: string }) => {
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      if (error === undefined) waiting?.resolve(result)
      else waiting?.reject(new Error(error))
    })
    child.once('exit', (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the node ended with ${code}`))
    })
  }

  /** @param execArgv flags for Node, such as a profiler's */
  static async start(birth: Birth, execArgv: readonly string[] = []): Promise<NodeProcess> {
    const node = new NodeProcess(
      fork(program, [JSON.stringify(birth)], { execArgv: [...runtimeFlags, ...execArgv], env: { ...process.env, ...arenas }, serialization: 'advanced' }),
    )
    node.#ready = (await node.#answerTo(0)) as Ready // Its first message.
    return node
  }

  get ready(): Ready {
    if (!this.#ready) throw new Error('the node is not ready')
    return this.#ready
  }

  ask(ask: Ask): Promise<unknown> {
    const id = ++this.#asked
    this.#child.send({ id, ask })
    return this.#answerTo(id)
  }

  /** An operation of the node. */
  call(operation: OperationName, input: object): Promise<unknown> {
    return this.ask({ do: 'call', operation, input })
  }

  counts(): Promise<Counts> {
    return this.ask({ do: 'counts' }) as Promise<Counts> // As exchange-node.ts answers it.
  }

  loop(ask: Loop | Trip): Promise<Timed> {
    return this.ask(ask) as Promise<Timed> // As above.
  }

  #answerTo(id: number): Promise<unknown> {
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return
    this.#child.disconnect()
    await once(this.#child, 'exit')
  }
}

export interface Cast {
  readonly holder: NodeProcess
  readonly requester: NodeProcess
}

/** An issuing agency, a business that holds its credential, and an agency abroad that may ask for it. */
export async function castIn(
  dir: string,
  stack: AsyncDisposableStack,
  profile: readonly string[] = [],
  encrypters: readonly string[] = ['noise'],
): Promise<Cast> {
  const limits = { channelsPerSecond: 10_000, channelsMax: 10_000, statusAgeMaxMs: 604_800_000 }
  const wishes = (name: string, jurisdiction: string) => ({
    name,
    jurisdiction,
    limits,
    encrypters,
    logLevel: 'error',
    did: name === 'business' ? { method: 'key' } : { method: 'webvh', domain: `${name}.example` },
  })
  const start = async (name: string, jurisdiction: string, flags: readonly string[]) =>
    stack.use(await NodeProcess.start({ dir: join(dir, name), wishes: wishes(name, jurisdiction) }, flags))
  const [registry, holder, requester] = await Promise.all([start('registry', 'JP', []), start('business', 'JP', profile), start('agency', 'DE', profile)])
  const anchors = [
    { node: registry, did: registry.ready.did, jurisdictions: ['JP'], policies: ['jp'] },
    { node: requester, did: requester.ready.did, jurisdictions: ['DE', 'EU'], policies: ['eu', 'de'] },
  ]
  for (const { node, did, jurisdictions, policies } of anchors) {
    await node.call('trustAdd', { did, jurisdictions })
    await node.call('trustAccredit', { subject: did, sector: 'public', assurance: 'high', issues: ['BusinessRegistrationCredential'] })
    for (const name of policies) await node.call('policyAdd', { text: await readFile(join(root, `policies/packs/reference/${name}.yaml`), 'utf8') })
  }
  for (const [from, to] of [
    [holder, registry],
    [holder, requester],
    [requester, registry],
  ] as const)
    await from.call('peerAdd', { address: to.ready.address })
  for (const { did, jurisdictions } of anchors)
    for (const node of [registry, holder, requester]) if (node.ready.did !== did) await node.call('trustAdd', { did, jurisdictions })
  await agree(registry, requester, [registry, holder])
  await registry.call('trustAccredit', { subject: holder.ready.did, sector: 'private' })
  await requester.call('peerAdd', { address: holder.ready.address })
  await issueTo(holder, registry)
  await requester.ask({ do: 'connect', address: holder.ready.bareAddress })
  return { holder, requester }
}

/** Both anchors recognise what the other side issues. */
async function agree(one: NodeProcess, other: NodeProcess, others: readonly NodeProcess[]): Promise<void> {
  const proposed = (await one.call('trustPropose', { partner: other.ready.did, credentials: ['BusinessRegistrationCredential'] })) as Drafted
  const { document } = (await other.call('trustSign', { document: proposed.document })) as Drafted // As the table answers, like the one above.
  for (const node of others) await node.call('trustApply', { document })
}

interface Drafted {
  readonly document: object
}

/** A row of the sample register whose holder has something to withhold. */
const record = '1700150002427'

async function issueTo(holder: NodeProcess, registry: NodeProcess): Promise<void> {
  const [header = '', ...lines] = (await readFile(join(root, 'test-network/countries/jp/register.csv'), 'utf8')).split('\n')
  await registry.call('registryImport', { header, text: lines.join('\n'), firstLine: 2 })
  await registry.call('issue', { record, subject: holder.ready.did })
}
