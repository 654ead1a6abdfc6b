/**
 * The link breaks when data has been released and its receipt is on the way: the receipt is lost, or its closing. The requester
 * has what it asked for; the holder must hear so, once, when the link is there again.
 */
import { codeOf } from '#protocols/errors.ts'
import { request, twoCountries } from '../countries/two-countries.ts'
import { Seeded } from '../seeded.ts'
import type { Moment, World } from '../sim-world.ts'
import { finish, must, scenario } from './scenario.ts'

interface Point {
  readonly moment: Moment
  readonly type: string
}

/** The receipt lost; the receipt there and nothing after it; the closing lost. */
const points: readonly Point[] = [
  { moment: 'sent', type: 'receipt' },
  { moment: 'arriving', type: 'receipt' },
  { moment: 'sent', type: 'closing' },
  { moment: 'sent', type: 'presentation' },
]

export const lostReceipt = scenario(
  'lost-receipt',
  (seed) => twoCountries({ seed }),
  async ({ world }, seed) => {
    const chance = new Seeded(seed, 'lost-receipt')
    const point = chance.pick(points)
    const cut = cutAt(world, point)
    const asked = request(world, 'de').catch((thrown: unknown) => codeOf(thrown)) // The call may end before the outage does.
    await world.until(() => cut.done, `a ${point.type} is ${point.moment}`)
    await world.pass(chance.between(100, 120_000))
    if (point.type !== 'presentation' && point.moment === 'sent') await checkMeanwhile(world, point)
    world.heal('de', 'biz')
    await world.run(asked)
    await finish(world)
    await checkClosed(world)
  },
)

/** Cuts the link between the requester and the holder the first time. */
function cutAt(world: World, { moment, type }: Point): { readonly done: boolean } {
  const cut = { done: false }
  world.watch = (now, message) => {
    if (cut.done || now !== moment || message.type !== type || message.exchange === null) return
    cut.done = true
    world.cut('de', 'biz')
  }
  return cut
}

/** During the outage each side says truly what it knows. */
async function checkMeanwhile(world: World, { type }: Point): Promise<void> {
  const [theirs] = (await world.run(world.node('de').api.exchangeList({}))).exchanges
  const [ours] = (await world.run(world.node('biz').api.exchangeList({}))).exchanges
  must(theirs?.state === 'receipted', `the requester says ${theirs?.state} during the outage, not receipted`)
  const expected = type === 'receipt' ? 'released' : 'closed'
  must(ours?.state === expected, `the holder says ${ours?.state} during the outage, not ${expected}`)
}

async function checkClosed(world: World): Promise<void> {
  for (const name of ['de', 'biz']) {
    const [view] = (await world.run(world.node(name).api.exchangeList({}))).exchanges
    must(view?.state === 'closed', `${name} says ${view?.state} in the end, not closed`)
  }
}
