/**
 * An anchor accredits, stops and lifts while links break and nodes die; some are cut off for longer than announcements are said again.
 * When the lines are mended each node has come to the same bundle and the same suspensions, by gossip or by asking, with nobody's help.
 */
import type { Did } from '#protocols/ids.ts'
import { twoCountries } from '../countries/two-countries.ts'
import { Seeded } from '../seeded.ts'
import { apart, rolledBack, unheard } from '../sim-trust.ts'
import type { World } from '../sim-world.ts'
import { finish, none, type Plant, type Scenario, scenario } from './scenario.ts'

const followers = ['biz', 'de', 'buyer'] as const
const everybody = ['jp', ...followers] as const
const eventsMax = 7
const pauseMsMax = 180_000
/** A pinned anchor is asked within 23 minutes, whoever was heard or not; what failed then is asked for again. */
export const agreeMsMax = 60 * 60_000

export const trustNews = trustNewsWith()

export function trustNewsWith(plant: Plant = () => undefined): Scenario {
  return scenario(
    'trust-news',
    (seed) => twoCountries({ seed }),
    async ({ world }, seed) => {
      const chance = new Seeded(seed, 'trust-news')
      await world.run(world.node('jp').api.trustAnchor({}))
      plant(world)
      const stopped: string[] = []
      for (let event = 0; event < eventsMax; event++) {
        await trouble(world, chance)
        if (world.node('jp').alive) say(world, chance, { number: event, stopped })
        await world.pass(chance.between(0, pauseMsMax))
        if (chance.chance(0.3)) await mend(world)
      }
      await mend(world)
      plant(world)
      await agreed(world, 'jp', followers)
      await finish(world)
      const wrong = [...unheard(world, 'jp', followers), ...rolledBack(world)]
      none(wrong)
    },
  )
}

/** Within the time that asking takes, all have one notion of the publisher. */
export async function agreed(world: World, publisher: string, followers: readonly string[]): Promise<void> {
  const limitMs = world.time.ms + agreeMsMax
  while (apart(world, publisher, followers).length > 0 && world.time.ms < limitMs) await world.pass(20_000)
  const wrong = apart(world, publisher, followers)
  none(wrong)
}

async function trouble(world: World, chance: Seeded): Promise<void> {
  const name = chance.pick(everybody)
  const victim = world.node(name)
  switch (chance.pick(['cut', 'cut', 'part', 'part', 'kill', 'crash', 'calm'] as const)) {
    case 'cut':
      return world.cut(name, chance.pick(everybody.filter((other) => other !== name)))
    case 'part':
      return world.part(name)
    case 'kill':
      return world.kill(name)
    case 'crash':
      return victim.alive ? victim.crashAt(chance.between(1, 5), chance.pick(['before', 'after'] as const)) : undefined
    case 'calm':
  }
}

/** The anchor may die of what it was asked for. */
function say(world: World, chance: Seeded, { number, stopped }: { readonly number: number; readonly stopped: string[] }): void {
  const { api } = world.node('jp')
  const did = `did:web:party-${number}.example` as Did
  const [entry] = stopped
  switch (chance.pick(['accredit', 'accredit', 'suspend', 'lift'] as const)) {
    case 'suspend':
      api.trustSuspend({ stops: { kind: 'participant', did, credentials: null }, reason: { en: 'key theft' } }).then((said) => stopped.push(said.entry), ignore)
      return
    case 'lift':
      if (entry !== undefined) api.trustLift({ entry }).then(() => stopped.splice(stopped.indexOf(entry), 1), ignore)
      return
    case 'accredit':
      api.trustAccredit({ subject: did, sector: 'private' }).catch(ignore)
  }
}

function ignore(): void {}

export async function mend(world: World): Promise<void> {
  world.healAll()
  for (const node of world.nodes) {
    node.spare()
    if (!node.alive) await world.revive(node.name)
  }
}
