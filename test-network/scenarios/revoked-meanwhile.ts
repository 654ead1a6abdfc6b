/**
 * A release is lost on its way, and revoked before the requester asks again. It is not shown again, and the requester is told
 * why. The holder withdraws the release: it cannot know whether anything arrived, and nobody is asked for a receipt of nothing.
 */
import { codeOf } from '#protocols/errors.ts'
import { problems, settle } from '../checkers.ts'
import { request, twoCountries } from '../countries/two-countries.ts'
import { Seeded } from '../seeded.ts'
import { must, scenario } from './scenario.ts'

export const revokedMeanwhile = scenario(
  'revoked-meanwhile',
  (seed) => twoCountries({ seed }),
  async ({ world, credential }, seed) => {
    const chance = new Seeded(seed, 'revoked-meanwhile')
    let cut = false
    world.watch = (moment, { type, to }) => {
      if (cut || moment !== 'sent' || type !== 'presentation' || to !== 'de') return
      cut = true
      world.cut('de', 'biz')
    }
    const asked = request(world, 'de').catch((thrown: unknown) => codeOf(thrown)) // The call may end before the outage does.
    await world.until(() => cut, 'a presentation is sent')
    await world.run(world.node('jp').api.revoke({ id: credential, reason: 'closed' }))
    await world.pass(chance.between(100, 60_000))
    world.heal('de', 'biz')
    await world.run(asked)
    await settle(world)
    must(world.said.filter(({ type, to }) => type === 'presentation' && to === 'de').length === 1, 'what was revoked was shown again')
    const [view] = (await world.run(world.node('de').api.exchangeList({}))).exchanges
    const [ours] = (await world.run(world.node('biz').api.exchangeList({}))).exchanges
    must(ours?.state === 'withdrawn' && ours.code === 'DFFT_STATUS_REVOKED', `the holder says ${ours?.state} (${ours?.code})`)
    const others = (await world.run(problems(world))).filter((problem) => !problem.includes(String(ours?.id)))
    must(others.length === 0, others.join('\n'))
    must(view?.state === 'refused' && view.code === 'DFFT_STATUS_REVOKED', `the requester says ${view?.state} (${view?.code})`)
  },
)
