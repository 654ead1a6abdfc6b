/** A third hop: the three nodes of the fixture, and a business in Germany that asks the German agency for what this received from Japan. */
import type { ExchangeView } from '#node/api/exchanges.ts'
import type { TrustNode } from '#node/trust-node.ts'
import type { Jurisdiction } from '#protocols/ids.ts'
import { acquaint, agree, nextPolicy, type Party, type PartyOptions, startParty, ThreeNodes } from './fixture.ts'

export const hereafter = { name: 'DE Business', jurisdiction: 'DE' } as const satisfies PartyOptions

export class Chain implements AsyncDisposable {
  readonly net: ThreeNodes
  readonly third: Party

  private constructor(net: ThreeNodes, third: Party) {
    this.net = net
    this.third = third
  }

  /**
   * Started, with a registration issued to the Japanese business; nothing is transferred yet.
   *
   * @param japan what Japan's reference policy says otherwise, from the beginning of the exchanges on
   */
  static async start(alter: PartyOptions['alter'] = undefined, japan?: (text: string) => string): Promise<Chain> {
    const net = await ThreeNodes.start(alter ? { de: alter } : {})
    const third = await join(net, hereafter, 'DE', worldOf(net))
    await net.issued()
    const chain = new Chain(net, third)
    if (japan) await chain.rule('jp', japan)
    return chain
  }

  /** The next policy of a jurisdiction: its reference policy, changed. All have it when this returns. */
  async rule(place: 'jp' | 'de' | 'eu', change: (text: string) => string): Promise<void> {
    const by = place === 'jp' ? this.net.jp : this.net.de
    const added = await by.node.policyAdd({ text: await nextPolicy(by, place, change) })
    const { document } = await by.node.policyShow({ digest: added.digest })
    for (const { node } of [this.net.jp, this.net.biz, this.net.de, this.third])
      if (node !== by.node) await node.policyApply({ text: JSON.stringify(document) })
  }

  /** The first transfer: from the Japanese business to the German agency. */
  received(wish: Partial<Parameters<TrustNode['request']>[0]> = {}): Promise<ExchangeView> {
    return this.net.request(wish)
  }

  /** The second: what the agency received, to the German business. */
  passed(wish: Partial<Parameters<TrustNode['request']>[0]> = {}): Promise<ExchangeView> {
    const { biz, de } = this.net
    return this.third.node.request({ to: de.did, origin: biz.did, purpose: 'trade.supplier-verification', ...wish })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.third[Symbol.asyncDispose]()
    await this.net[Symbol.asyncDispose]()
  }
}

/** Where the nodes of a fixture live. */
export function worldOf({ clock, hub }: ThreeNodes): Parameters<typeof startParty>[1] {
  return { clock, connect: (makings) => hub.network(makings) }
}

/** One more participant of a jurisdiction that the fixture has an anchor of, known to that anchor alone. */
export async function join(
  net: Pick<ThreeNodes, 'jp' | 'biz' | 'de'>,
  options: PartyOptions,
  place: 'JP' | 'DE',
  world: Parameters<typeof startParty>[1],
): Promise<Party> {
  const { jp, de } = net
  const third = await startParty(options, world)
  await third.node.peerAdd({ address: jp.address })
  await third.node.peerAdd({ address: de.address })
  await third.node.trustAdd({ did: jp.did, jurisdictions: ['JP' as Jurisdiction] })
  await third.node.trustAdd({ did: de.did, jurisdictions: ['DE', 'EU'] as Jurisdiction[] })
  const anchor = place === 'JP' ? jp : de
  await anchor.node.trustAccredit({ subject: third.did, sector: 'private', assurance: 'substantial' })
  await agree(jp, de, [net.biz, third])
  await acquaint(third, jp)
  await acquaint(third, de)
  return third
}
