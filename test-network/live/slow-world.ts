/** Three nodes over real libp2p on loopback, each behind lines that can be made slow; the business holds its registration. */
import { libp2pNetwork } from '#node/adapters/libp2p-network.ts'
import type { Clock } from '#node/ports.ts'
import { births, introduce, issueTo, type Party, type PartyOptions, runningClock, startParty } from '../fixture.ts'
import { freePort } from '../free-port.ts'
import { type Manner, SlowLines } from './slow-lines.ts'

type Name = keyof typeof births

export class SlowWorld implements AsyncDisposable {
  readonly clock: Clock
  readonly party: Readonly<Record<Name, Party>>
  readonly lines: Readonly<Record<Name, SlowLines>>
  /** Where each listens itself. */
  readonly ports: Readonly<Record<Name, number>>
  readonly #more: AsyncDisposable[] = []

  private constructor(parts: Pick<SlowWorld, 'clock' | 'party' | 'lines' | 'ports'>) {
    this.clock = parts.clock
    this.party = parts.party
    this.lines = parts.lines
    this.ports = parts.ports
  }

  /** Everything is fast until a manner is set. */
  static async start(seed: number): Promise<SlowWorld> {
    const clock = runningClock()
    const made = await Promise.all((['jp', 'biz', 'de'] as const).map(async (name) => [name, await behindLines(births[name], clock, seed)] as const))
    const of = <Key extends 'party' | 'lines' | 'port'>(key: Key) =>
      Object.fromEntries(made.map(([name, one]) => [name, one[key]])) as Record<Name, (typeof made)[number][1][Key]> // One of each name.
    const world = new SlowWorld({ clock, party: of('party'), lines: of('lines'), ports: of('port') })
    await introduce(world.party)
    await issueTo(world.party.jp.node, world.party.biz.did)
    return world
  }

  set manner(manner: Manner) {
    for (const lines of Object.values(this.lines)) lines.manner = manner
  }

  request() {
    return this.party.de.node.request({ to: this.party.biz.did, purpose: 'trade.supplier-verification' })
  }

  /** One node more, without lines of its own. */
  async another(options: PartyOptions): Promise<Party> {
    const party = await startParty(options, { clock: this.clock, connect: (makings) => libp2pNetwork({ ...makings, listen: ['/ip4/127.0.0.1/tcp/0'] }) })
    this.#more.push(party)
    return party
  }

  /** Ended with the world. */
  with<Thing extends AsyncDisposable>(thing: Thing): Thing {
    this.#more.push(thing)
    return thing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const parts: readonly AsyncDisposable[] = [...Object.values(this.lines), ...this.#more, ...Object.values(this.party)]
    await Promise.all(parts.map((part) => part[Symbol.asyncDispose]()))
  }
}

async function behindLines(options: PartyOptions, clock: Clock, seed: number) {
  const port = await freePort()
  const lines = await SlowLines.to(port, { seed })
  const announce = [`/ip4/127.0.0.1/tcp/${lines.port}`]
  const connect = (makings: Parameters<Parameters<typeof startParty>[1]['connect']>[0]) =>
    libp2pNetwork({ ...makings, listen: [`/ip4/127.0.0.1/tcp/${port}`], announce })
  return { port, lines, party: await startParty(options, { clock, connect }) }
}
