/** A nurse, her qualification, and what an operator does with it. */
import vectors from '#protocols/credential-types/qualification/vectors.json' with { type: 'json' }
import type { ThreeNodes } from '#test-network/fixture.ts'
import type { ExchangeView } from './api.ts'

/** Every member that the type has. */
export const nurse = vectors.good.find(({ name }) => name === 'everything there can be')?.subject as unknown as Record<string, unknown>
export const typeName = 'QualificationCredential'

/** Issued by the Japanese agency and delivered to the business that serves the nurse. @returns ids at the issuer and at the holder */
export async function issueNurse(net: ThreeNodes, copies = 10, claims = nurse): Promise<{ readonly issued: string; readonly held: string }> {
  const { credential, delivery } = await net.jp.node.issue({ type: typeName, claims, holder: net.biz.did, copies })
  if (delivery?.state !== 'closed') throw new Error(`the delivery ended ${delivery?.state} ${delivery?.code}`)
  return { issued: credential.id, held: `urn:dfft:held:${delivery.id}` }
}

/** Shown to an authority in Germany at the nurse's request. */
export function showNurse(net: ThreeNodes, credential: string, to = net.de.did): Promise<ExchangeView> {
  return net.biz.node.present({ to, credential, purpose: 'employment.licensing', legalBasis: 'subject-request' })
}
