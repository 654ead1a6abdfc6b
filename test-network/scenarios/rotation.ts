/**
 * Agencies change their keys in mid-traffic, and die in the middle of it. Afterwards each signs with the key that its DID names, its
 * partners know that key without an operator's doing, every log is whole under old and new key, and everybody goes on exchanging.
 */
import { ownKeys } from '#node/identity/own-keys.ts'
import { issueAgain, request, twoCountries } from '../countries/two-countries.ts'
import { Seeded } from '../seeded.ts'
import type { Edge, SimNode } from '../sim-node.ts'
import type { World } from '../sim-world.ts'
import { finish, must, type Scenario, scenario } from './scenario.ts'

export interface RotationPoint {
  readonly name: 'jp' | 'de'
  /** From 1: batches since the operator's call. */
  readonly batch: number
  readonly edge: Edge
}

/** Batches of a rotation that nothing disturbs: the cosignatures, before, the identifier, our copy of the log, after. */
export const rotationBatches = 5

export const rotation = scenario(
  'rotation',
  (seed) => twoCountries({ seed }),
  async ({ world }, seed) => {
    const chance = new Seeded(seed, 'rotation')
    const point = (name: RotationPoint['name'], batches: number): RotationPoint => ({
      name,
      batch: chance.between(1, batches),
      edge: chance.pick(['before', 'after'] as const),
    })
    // The requester's own writes are in between.
    const asked = request(world, 'de').catch(() => undefined) // The one who asks may be the one who dies.
    await world.pass(chance.between(0, 400))
    await rotated(world, point('de', 2 * rotationBatches), chance.between(10, 20_000))
    await rotated(world, point('jp', rotationBatches), chance.between(10, 20_000))
    await Promise.race([world.pass(60_000), asked])
    await exchanging(world)
  },
)

/** The crash at exactly this point, so that all of them can be tried. */
export function rotationCrashAt(point: RotationPoint): Scenario {
  return scenario(
    `rotation of ${point.name} dying ${point.edge} its write ${point.batch}`,
    (seed) => twoCountries({ seed }),
    async ({ world }) => {
      must(await rotated(world, point, 5_000), `${point.name} never made its write ${point.batch}`)
      await exchanging(world)
    },
  )
}

/** A rotation in which the node dies, and which its operator repeats where it left no new key. @returns whether it came so far as to die */
async function rotated(world: World, { name, batch, edge }: RotationPoint, downMs: number): Promise<boolean> {
  const node = world.node(name)
  const { keyId } = node.parts.self
  node.crashAt(batch, edge)
  rotate(node).catch(() => undefined) // The one who is asked dies.
  await world.pass(20_000)
  const died = !node.alive
  node.spare()
  if (died) {
    await world.pass(downMs)
    await world.revive(name)
    await world.pass(60_000) // Its operator waits for partners to be back: they co-sign.
  }
  if (node.parts.self.keyId === keyId) await world.run(rotate(node))
  return died
}

function rotate(node: SimNode) {
  return node.api.keyRotate({})
}

/** A credential under the key of today is issued, delivered, asked for and shown; then what must hold of keys and logs. */
async function exchanging(world: World): Promise<void> {
  await world.pass(60_000)
  await issueAgain(world)
  const view = await world.run(request(world, 'de'))
  must(view.state === 'closed', `the exchange after the rotation is ${view.state} (${view.code}), not closed`)
  await finish(world)
  for (const name of ['jp', 'de']) await checkKeys(world, world.node(name))
}

async function checkKeys(world: World, node: SimNode): Promise<void> {
  const { self, dids, audit } = node.parts
  const keys = await world.run(ownKeys(node.parts, new AbortController().signal))
  const [signing, ...former] = keys.filter(({ role }) => !['announced', 'peer'].includes(role))
  if (former.length === 0) return
  must(signing?.keyId === self.keyId && signing.until === null, `${node.name} signs with a key that its DID does not name`)
  must(
    former.every(({ until }) => until !== null),
    `${node.name}’s former keys are still named`,
  )
  const own = await world.run(dids.held(node.did))
  for (const partner of world.nodes) {
    const held = await world.run(partner.parts.dids.held(node.did))
    must(held?.log === own?.log, `${partner.name} holds another DID log of ${node.name}`)
  }
  const told = (await world.run(audit.tail(1000))).filter(({ kind }) => kind === 'key-rotated')
  must(told.length === former.length && told.at(-1)?.facts.to === self.keyId, `${node.name} recorded ${told.length} rotations, not ${former.length}`)
  const { witnesses } = await world.run(node.api.auditVerify({ witnesses: true }))
  must(
    witnesses.every(({ consistent }) => consistent),
    `a witness of ${node.name} holds something else`,
  )
}
