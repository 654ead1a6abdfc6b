/**
 * An agency in the north publishes a policy that restricts. The agency in the south knows nobody but the one in the middle, which is
 * cut off or dies meanwhile. When all is whole again, all three decide by the new policy, and none went back behind it.
 */
import { readFileSync } from 'node:fs'
import type { Digest, Jurisdiction } from '#protocols/ids.ts'
import { Seeded } from '../seeded.ts'
import type { SimNode } from '../sim-node.ts'
import { World } from '../sim-world.ts'
import { finish, must, scenario } from './scenario.ts'

const japan = 'JP' as Jurisdiction
/** The identifiers are older than any clock here is wrong. */
const identifierAgeMs = 300_000
/** While the partition lasts; no longer than the north says its news again to those who come. */
const outageMsMax = 40 * 60_000
/** After it, time enough for a redial, the hello, one more announcement, and every try to fetch. */
const spreadMs = 7 * 60_000

export const policyChange = scenario('policy-change', line, async ({ world }, seed) => {
  const chance = new Seeded(seed, 'policy-change')
  const [north, middle, south] = ['north', 'middle', 'south'].map((name) => world.node(name)) as [SimNode, SimNode, SimNode] // As many as names.
  const before = newest(north)
  const fault = chance.pick(['none', 'north-middle', 'middle-south', 'both', 'crash'] as const)
  if (fault === 'north-middle' || fault === 'both') world.cut('north', 'middle')
  if (fault === 'middle-south' || fault === 'both') world.cut('middle', 'south')
  await world.pass(chance.between(0, 20_000))
  if (fault === 'crash') middle.crashAt(chance.between(1, 2), chance.pick(['before', 'after'] as const))
  let { digest } = await world.run(north.api.policyAdd({ text: restricted(before, 2) }))
  if (chance.pick([true, false])) {
    await world.pass(chance.between(0, 20_000))
    ;({ digest } = await world.run(north.api.policyAdd({ text: restricted(digest, 3) })))
  }
  await world.pass(chance.between(100, fault === 'none' ? 20_000 : outageMsMax))
  if (fault !== 'none') await restore(world)
  await world.pass(spreadMs)
  for (const node of [north, middle, south]) must(newest(node) === digest, `${node.name} decides by ${newest(node)}, not by ${digest}`)
  for (const { name, parts } of [middle, south]) must(parts.shelf.get(digest) !== undefined && parts.shelf.newest.length === 1, `${name} holds something else`)
  await finish(world)
})

async function restore(world: World): Promise<void> {
  world.heal('north', 'middle')
  world.heal('middle', 'south')
  const middle = world.node('middle')
  middle.spare()
  if (!middle.alive) await world.revive('middle')
}

/** Nodes `north`, the anchor of Japan, `middle` and `south`; the ends have never heard of one another's address. */
async function line(seed: number): Promise<AsyncDisposable & { readonly world: World }> {
  const births = (['north', 'middle', 'south'] as const).map((name) => ({
    name,
    jurisdiction: name === 'north' ? 'JP' : 'DE',
    did: name === 'north' ? ({ method: 'webvh', domain: 'registry.agency.example' } as const) : ({ method: 'key' } as const),
  }))
  const world = await World.create({ seed, nodes: births })
  await world.pass(identifierAgeMs)
  const [north, middle, south] = ['north', 'middle', 'south'].map((name) => world.node(name)) as [SimNode, SimNode, SimNode] // As many as names.
  await world.run(north.api.trustAdd({ did: north.did, jurisdictions: [japan] }))
  await world.run(north.api.policyAdd({ text: reference() }))
  await world.run(middle.api.peerAdd({ address: north.address }))
  await world.run(north.api.peerAdd({ address: middle.address }))
  await world.run(middle.api.trustAdd({ did: north.did, jurisdictions: [japan] }))
  await world.run(south.api.peerAdd({ address: middle.address }))
  await world.run(middle.api.peerAdd({ address: south.address }))
  await introduce(south, north, world)
  await world.pass(60_000)
  for (const node of [middle, south]) must(newest(node) === newest(north), `${node.name} does not know the policy in force`)
  return { world, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() }
}

/** The operator of one pins the anchor of another that he cannot reach: the DID's log came by post. */
async function introduce(node: SimNode, anchor: SimNode, world: World): Promise<void> {
  await world.run(node.parts.dids.learn(anchor.did, anchor.parts.self.didLog ?? ''))
  await world.run(node.api.trustAdd({ did: anchor.did, jurisdictions: [japan] }))
}

function side({ parts }: SimNode) {
  return parts.shelf.side(japan, parts.clock.nowMs()).policies
}

/** What a node decides by for Japan. */
function newest(node: SimNode): Digest | undefined {
  return side(node)[0]?.digest
}

function reference(): string {
  return readFileSync(new URL('../../policies/packs/reference/jp.yaml', import.meta.url), 'utf8')
}

/** The next serial: what was kept for three years is kept for two, and then for one. */
function restricted(previous: Digest | undefined, serial: 2 | 3): string {
  return reference()
    .replace(/^ {2}serial: \d+$/m, `  serial: ${serial}\n  previous: ${previous}`)
    .replaceAll('max: P3Y', `max: P${4 - serial}Y`)
}
