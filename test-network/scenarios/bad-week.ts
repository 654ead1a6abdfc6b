/** Everything at once: exchanges of two requesters while links break, nodes die and come back, and Requests are said twice. */
import { request, twoCountries } from '../countries/two-countries.ts'
import { Seeded } from '../seeded.ts'
import type { World } from '../sim-world.ts'
import { finish, must, scenario } from './scenario.ts'

const pairs = [
  ['de', 'biz'],
  ['buyer', 'biz'],
  ['biz', 'jp'],
  ['de', 'jp'],
] as const
const requesters = ['de', 'buyer'] as const

/** Together shorter than a Request lives, so that everything that was begun can be finished. */
const eventsMax = 8
const pauseMsMax = 12_000

export const badWeek = scenario(
  'bad-week',
  (seed) => twoCountries({ seed, skewMs: skews(new Seeded(seed, 'clocks')) }),
  async ({ world }, seed) => {
    const chance = new Seeded(seed, 'bad-week')
    for (let event = 0; event < eventsMax; event++) {
      if (chance.chance(0.7)) ask(world, chance.pick(requesters))
      await world.pass(chance.between(0, 700))
      await trouble(world, chance)
      await world.pass(chance.between(0, pauseMsMax))
      if (chance.chance(0.5)) await mend(world)
    }
    await mend(world)
    await finish(world)
    await checkAnswered(world)
  },
)

/** Clocks up to 100 s apart: partners forgive two minutes. */
function skews(chance: Seeded): Record<string, number> {
  return Object.fromEntries(['jp', 'biz', 'de', 'buyer'].map((name) => [name, chance.between(-50, 50) * 1000]))
}

/** The call itself is nobody's concern: it may time out, or die with its node. */
function ask(world: World, name: 'de' | 'buyer'): void {
  if (world.node(name).alive) request(world, name).catch(() => undefined)
}

async function trouble(world: World, chance: Seeded): Promise<void> {
  const [one, other] = chance.pick(pairs)
  const victim = world.node(chance.pick(['biz', 'de', 'buyer', 'jp']))
  switch (chance.pick(['cut', 'cut', 'kill', 'crash', 'calm'] as const)) {
    case 'cut':
      return world.cut(one, other)
    case 'kill':
      return world.kill(victim.name)
    case 'crash':
      return victim.alive ? victim.crashAt(chance.between(1, 4), chance.pick(['before', 'after'])) : undefined
    case 'calm':
  }
}

async function mend(world: World): Promise<void> {
  for (const [one, other] of pairs) world.heal(one, other)
  for (const node of world.nodes) {
    node.spare()
    if (!node.alive) await world.revive(node.name)
  }
}

/** No requester waits for ever: each of its exchanges has an end that an operator can read. */
async function checkAnswered(world: World): Promise<void> {
  for (const name of requesters) {
    const { exchanges } = await world.run(world.node(name).api.exchangeList({}))
    for (const { id, state, code } of exchanges) must(['closed', 'refused', 'rejected'].includes(state), `the exchange ${id} of ${name} is ${state} (${code})`)
  }
}
