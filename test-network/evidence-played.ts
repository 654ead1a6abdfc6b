/** Two played exchanges between the same parties as both sides export them, and a verifier with both anchors as roots. */

import type { EvidenceVerifier } from '#node/offline/offline-exchange-evidence.ts'
import type { EvidenceRoots } from '#node/offline/offline-exchange-evidence-keys.ts'
import type { ExchangeId } from '#protocols/ids.ts'
import type { Signer } from '#protocols/keys.ts'
import { type Party, ThreeNodes } from './fixture.ts'

export interface Side {
  readonly text: string
  /** Of the second exchange. */
  readonly other: string
  readonly signer: Signer
}

export interface PlayedEvidence extends AsyncDisposable {
  readonly net: ThreeNodes
  readonly id: ExchangeId
  readonly verifier: EvidenceVerifier
  readonly sides: Readonly<Record<'holder' | 'requester', Side>>
}

export async function playedEvidence(): Promise<PlayedEvidence> {
  const net = await ThreeNodes.start()
  await net.issued()
  const first = await exchanged(net)
  await net.clock.advance(90_000)
  const second = await exchanged(net)
  const side = async ({ node, parts }: Party): Promise<Side> => ({
    text: (await node.evidenceExport({ id: first, claims: false })).text,
    other: (await node.evidenceExport({ id: second, claims: false })).text,
    signer: parts.self.signer,
  })
  return {
    net,
    id: first,
    verifier: { roots: anchorsOf(net), nowMs: net.clock.nowMs() },
    sides: { holder: await side(net.biz), requester: await side(net.de) },
    [Symbol.asyncDispose]: () => net[Symbol.asyncDispose](),
  }
}

export async function exchanged(net: ThreeNodes): Promise<ExchangeId> {
  const exchange = await net.request()
  if (exchange.state !== 'closed') throw new Error(`the exchange ended ${exchange.state} ${exchange.code}`)
  return exchange.id
}

/** Both anchors, from nowhere but their DID logs. */
export function anchorsOf({ jp, de }: ThreeNodes): EvidenceRoots {
  const root = ({ did, parts }: Party, jurisdictions: readonly string[]) => ({ did, jurisdictions, didLog: parts.self.didLog })
  return { roots: [root(jp, ['JP']), root(de, ['DE', 'EU'])] }
}
