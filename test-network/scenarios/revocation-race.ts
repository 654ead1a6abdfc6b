/**
 * The agency revokes while the business releases. Either the requester has the credential as it was, receipted; or it was told
 * that it is revoked. What is asked for after the revocation is known is never released.
 */
import { codeOf } from '#protocols/errors.ts'
import { request, twoCountries } from '../countries/two-countries.ts'
import { Seeded } from '../seeded.ts'
import { finish, must, scenario } from './scenario.ts'

/** What both sides may say of a race that was lost. */
const revoked = ['DFFT_STATUS_REVOKED', 'DFFT_POLICY_DENIED']

export const revocationRace = scenario(
  'revocation-race',
  (seed) => twoCountries({ seed }),
  async ({ world, credential }, seed) => {
    const chance = new Seeded(seed, 'revocation-race')
    const asked = request(world, 'de')
    await world.pass(chance.between(0, 400))
    const told = world.node('jp').api.revoke({ id: credential, reason: 'closed' })
    const view = await world.run(asked)
    await world.run(told)
    must(view.state === 'closed' || revoked.includes(view.code ?? ''), `the exchange is ${view.state} (${view.code})`)
    await finish(world)
    const later = await world.run(request(world, 'de').catch((thrown: unknown) => codeOf(thrown)))
    must(
      typeof later !== 'string' && later.state === 'refused',
      `after the revocation the exchange is ${typeof later === 'string' ? later : `${later.state} (${later.code})`}, not refused`,
    )
    await finish(world)
  },
)
