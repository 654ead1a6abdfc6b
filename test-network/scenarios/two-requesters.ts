/** Two requesters ask one holder at the same time, several times each; each gets its own release, and nobody another's. */
import { request, twoCountries } from '../countries/two-countries.ts'
import { Seeded } from '../seeded.ts'
import type { World } from '../sim-world.ts'
import { finish, must, scenario } from './scenario.ts'

export const twoRequesters = scenario(
  'two-requesters',
  (seed) => twoCountries({ seed }),
  async ({ world }, seed) => {
    const chance = new Seeded(seed, 'two-requesters')
    const asked = Array.from({ length: chance.between(4, 12) }, () => askLater(world, chance.pick(['de', 'buyer'] as const), chance.between(0, 150)))
    const views = await world.run(Promise.all(asked))
    for (const { state, code } of views) must(state === 'closed', `an exchange is ${state} (${code}), not closed`)
    await finish(world)
    const releases = [...world.node('biz').recorded].filter((act) => act.startsWith('released '))
    must(releases.length === views.length, `${releases.length} releases to ${views.length} requests`)
    checkAudiences(world)
  },
)

async function askLater(world: World, name: 'de' | 'buyer', ms: number) {
  await new Promise<void>((resolve) => world.time.after(ms, resolve))
  return request(world, name)
}

/** Each presentation is for the party whose channel it went over. */
function checkAudiences(world: World): void {
  for (const { type, from, to, body } of world.said)
    if (type === 'presentation' && from === 'biz') must(body.to === world.node(to).did, `a presentation for ${body.to} went to ${to}`)
}
