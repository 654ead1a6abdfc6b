/** Japan’s policy in versions, and three offices that sign it: the agency, the business and the German agency. */
import { parsePolicy } from '#policies/parse-policy.ts'
import { instant, type Jurisdiction, msOf } from '#protocols/ids.ts'
import { never, type Party, reference, ThreeNodes } from '#test-network/fixture.ts'
import type { SignedPolicy } from './shelved.ts'

export const japan = 'JP' as Jurisdiction
export const dayMs = 86_400_000

const written = parsePolicy(reference('jp'))

/** The reference policy with other metadata and, if wanted, other text. In JSON, which is read much faster, where the text stays. */
export function version(metadata: Readonly<Record<string, unknown>>, change?: (text: string) => string): string {
  if (!change) return JSON.stringify({ ...written, metadata: { ...written.metadata, ...metadata } })
  const lines = Object.entries(metadata).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`)
  const without = Object.keys(metadata).reduce((text, name) => text.replace(new RegExp(`^  ${name}: .*\n`, 'm'), ''), reference('jp'))
  return change(without.replace('metadata:\n', `metadata:\n${lines.join('\n')}\n`))
}

/** Without the rule that lets public register data go to a supplier’s partner: less flows, and nothing more. */
export function withoutSuppliers(text: string): string {
  return text.replace(/^- id: jp\.exp\.registration\.supplier\n[\s\S]*?(?=^- id:)/m, '')
}

export function newestAt({ parts }: Party) {
  const { newest } = parts.shelf.line(japan)
  if (!newest) throw new Error('no policy of Japan is held')
  return newest
}

export function following(party: Party, more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  const { digest, policy } = newestAt(party)
  const { serial, signers, quorum } = policy.metadata
  return { serial: serial + 1, previous: digest, ...(signers ? { signers, quorum } : {}), ...more }
}

/** A later end: a widening, whatever else is compared. */
export function longer(party: Party, days = 30): Readonly<Record<string, unknown>> {
  return following(party, { validUntil: instant(msOf(newestAt(party).policy.metadata.validUntil) + days * dayMs) })
}

/** Signed by each in turn, by hand from one to the next. */
export async function signedBy(text: string, ...parties: readonly Party[]): Promise<string> {
  let document = text
  for (const { node } of parties) document = JSON.stringify((await node.policySign({ text: document })).document)
  return document
}

export function documentOf(text: string): SignedPolicy {
  return JSON.parse(text) as SignedPolicy
}

export async function applied(net: ThreeNodes, text: string, ...parties: readonly Party[]): Promise<void> {
  await net.jp.node.policyApply({ text: await signedBy(text, ...parties) })
  for (const { parts } of [net.biz, net.de]) await parts.neighbours.learnFrom(net.jp.did, never)
}

/** From serial 2 on, two of the three sign. */
export async function threeSigners(): Promise<ThreeNodes> {
  const net = await ThreeNodes.start()
  const { jp, biz, de } = net
  await applied(net, version({ ...following(jp), signers: [jp.did, biz.did, de.did], quorum: 2 }), jp, biz)
  return net
}
