/** A played exchange as both sides export it, and a verifier's roots: both anchors of the three nodes, from nowhere but their DID logs. */
import type { ExchangeView } from '#node/api.ts'
import type { EvidenceRoots } from '#node/offline/offline-exchange-evidence-keys.ts'
import type { ExchangeId } from '#protocols/ids.ts'
import type { ThreeNodes } from '../../test-network/fixture.ts'

export interface Exported {
  readonly exchange: ExchangeView
  readonly holder: string
  readonly requester: string
}

export async function exported(net: ThreeNodes, claims = false): Promise<Exported> {
  const exchange = await net.request()
  if (exchange.state !== 'closed') throw new Error(`the exchange ended ${exchange.state} ${exchange.code}`)
  return { exchange, ...(await evidenceOf(net, exchange.id, claims)) }
}

export async function evidenceOf(net: ThreeNodes, id: ExchangeId, claims = false): Promise<Pick<Exported, 'holder' | 'requester'>> {
  const holder = await net.biz.node.evidenceExport({ id, claims })
  const requester = await net.de.node.evidenceExport({ id, claims })
  return { holder: holder.text, requester: requester.text }
}

export function anchorsOf({ jp, de }: ThreeNodes): EvidenceRoots {
  const root = ({ did, parts }: ThreeNodes['jp'], jurisdictions: readonly string[]) => ({ did, jurisdictions, didLog: parts.self.didLog })
  return { roots: [root(jp, ['JP']), root(de, ['DE', 'EU'])] }
}
