/** The link between requester and holder breaks at any message of an exchange, and once more when it has come back. */
import { codeOf } from '#protocols/errors.ts'
import { request, twoCountries } from '../countries/two-countries.ts'
import { Seeded } from '../seeded.ts'
import type { World } from '../sim-world.ts'
import { finish, must, scenario } from './scenario.ts'

/** More than a walk has messages, with those of the records between. */
const messagesMax = 8
/** Both together shorter than two minutes: a Request that is first heard later is refused as expired, whatever its end says. */
const outageMsMax = 45_000

export const brokenLink = scenario(
  'broken-link',
  (seed) => twoCountries({ seed }),
  async ({ world }, seed) => {
    const chance = new Seeded(seed, 'broken-link')
    const asked = request(world, 'de').catch((thrown: unknown) => codeOf(thrown)) // The call may end before the outage does.
    for (let outage = 0; outage < 2; outage++) {
      cutAfter(world, chance.between(1, messagesMax), chance.pick(['sent', 'arriving'] as const))
      await world.pass(chance.between(100, outageMsMax))
      world.watch = undefined
      world.heal('de', 'biz')
    }
    await world.run(asked)
    await finish(world)
    const [view] = (await world.run(world.node('de').api.exchangeList({}))).exchanges
    must(view?.state === 'closed', `the exchange is ${view?.state} (${view?.code}), not closed`)
  },
)

function cutAfter(world: World, messages: number, at: 'sent' | 'arriving'): void {
  let left = messages
  world.watch = (moment, message) => {
    if (moment !== at || ![message.from, message.to].includes('biz') || ![message.from, message.to].includes('de')) return
    if (--left === 0) world.cut('de', 'biz')
  }
}
