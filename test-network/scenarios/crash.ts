/** One side of an exchange dies at a write to its disk, just before the write or just after it, and comes back with its disk. */
import { request, twoCountries } from '../countries/two-countries.ts'
import { Seeded } from '../seeded.ts'
import type { Edge } from '../sim-node.ts'
import type { World } from '../sim-world.ts'
import { finish, must, type Scenario, scenario } from './scenario.ts'

export interface CrashPoint {
  readonly name: 'de' | 'biz'
  /** From 1: batches since the operator's call. */
  readonly batch: number
  readonly edge: Edge
}

/** How often each side writes in an exchange that nothing disturbs. */
export const batches = { de: 4, biz: 3 } as const

export const crash = scenario(
  'crash',
  (seed) => twoCountries({ seed }),
  async ({ world }, seed) => {
    const chance = new Seeded(seed, 'crash')
    const name = chance.pick(['de', 'biz'] as const)
    const point = { name, batch: chance.between(1, batches[name]), edge: chance.pick(['before', 'after'] as const) }
    await crashed(world, point, chance.between(10, 60_000))
  },
)

/** The crash at exactly this point, so that all of them can be tried. */
export function crashAt(point: CrashPoint): Scenario {
  return scenario(
    `crash of ${point.name} ${point.edge} its write ${point.batch}`,
    (seed) => twoCountries({ seed }),
    async ({ world }, seed) => {
      must(await crashed(world, point, new Seeded(seed, 'crash').between(10, 60_000)), `${point.name} never made its write ${point.batch}`)
    },
  )
}

/** @returns whether the node came so far as to die */
async function crashed(world: World, { name, batch, edge }: CrashPoint, downMs: number): Promise<boolean> {
  const node = world.node(name)
  node.crashAt(batch, edge)
  request(world, 'de').catch(() => undefined) // The one who asks may be the one who dies.
  await world.pass(20_000)
  const died = !node.alive
  node.spare()
  if (died) {
    await world.pass(downMs)
    await world.revive(name)
  }
  await finish(world)
  const requested = [...world.node('de').recorded].filter((act) => act.startsWith('requested '))
  for (const act of requested) {
    const id = act.slice('requested '.length)
    const { exchanges } = await world.run(world.node('de').api.exchangeList({}))
    const view = exchanges.find((exchange) => exchange.id === id)
    must(view?.state === 'closed', `the exchange that was begun is ${view?.state} (${view?.code}), not closed`)
  }
  return died
}
