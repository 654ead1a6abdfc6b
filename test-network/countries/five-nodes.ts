/**
 * Two agencies and three businesses who know one another: the two countries, and a bank in Japan. Made once for each of a few variants; each
 * world that begins with it has clocks, chance and a network of its own.
 */
import { Jurisdiction } from '#protocols/ids.ts'
import type { Beginning } from '../sim-world.ts'
import { issueFor, twoCountries } from './two-countries.ts'

export const fiveNames = ['jp', 'biz', 'bank', 'de', 'buyer'] as const
export type FiveName = (typeof fiveNames)[number]

/** Other keys, other ids, other salts. */
const variants = 4
const begun = new Map<number, Promise<Beginning>>()

export function fiveNodes(seed: number): Promise<Beginning> {
  const variant = seed % variants
  const known = begun.get(variant)
  if (known) return known
  const made = begin(variant)
  begun.set(variant, made)
  return made
}

async function begin(variant: number): Promise<Beginning> {
  await using made = await twoCountries({ seed: 1_000_000 + variant })
  const { world } = made
  const bank = await world.add({ name: 'bank', jurisdiction: 'JP', did: { method: 'key' } })
  const [jp, de, buyer, biz] = [world.node('jp'), world.node('de'), world.node('buyer'), world.node('biz')]
  for (const { address } of [jp, de, buyer, biz]) await world.run(bank.api.peerAdd({ address }))
  await world.run(bank.api.trustAdd({ did: jp.did, jurisdictions: [Jurisdiction.parse('JP')] }))
  await world.run(bank.api.trustAdd({ did: de.did, jurisdictions: [Jurisdiction.parse('DE'), Jurisdiction.parse('EU')] }))
  await world.run(jp.api.trustAccredit({ subject: bank.did, sector: 'private' }))
  for (const node of [de, buyer]) await world.run(node.api.peerAdd({ address: bank.address }))
  // All have heard of the agreement, the accreditations and the policies.
  await world.pass(60_000)
  await issueFor(world, 'bank')
  await world.pass(60_000)
  return world.stop()
}
