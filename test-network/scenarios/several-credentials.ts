/**
 * A business with two registrations is asked for both at once, or for one of several alternatives of which it may lack the
 * first, while one side dies at a write of its own. The exchange ends with exactly the credentials that answer, each kept once.
 */
import { purpose, twoCountries } from '../countries/two-countries.ts'
import { Seeded } from '../seeded.ts'
import type { World } from '../sim-world.ts'
import { batches } from './crash.ts'
import { finish, must, scenario } from './scenario.ts'

/** A row of the sample register that lies in another prefecture than the company the business holds already. */
const prefecture = '8000020280003'
const regions = { tokyo: '東京都', hyogo: '兵庫県', osaka: '大阪府' } as const
type Region = keyof typeof regions

/** What is asked for: all of it, or the first alternative that is there. */
const stories: readonly { readonly options: readonly (readonly Region[])[]; readonly answered: string }[] = [
  { options: [['tokyo', 'hyogo']], answered: 'tokyo,hyogo' },
  { options: [['hyogo'], ['tokyo']], answered: 'hyogo' },
  { options: [['osaka'], ['tokyo', 'osaka'], ['tokyo', 'hyogo']], answered: 'tokyo,hyogo' },
  { options: [['osaka'], ['tokyo']], answered: 'tokyo' },
]

export const severalCredentials = scenario(
  'several-credentials',
  (seed) => twoCountries({ seed }),
  async ({ world }, seed) => {
    const chance = new Seeded(seed, 'several-credentials')
    const [jp, biz, de] = [world.node('jp'), world.node('biz'), world.node('de')]
    const { delivery } = await world.run(jp.api.issue({ record: prefecture, subject: biz.did }))
    must(delivery?.state === 'closed', 'the second credential was not delivered')
    const { options, answered } = chance.pick(stories)
    const name = chance.pick(['de', 'biz'] as const)
    world.node(name).crashAt(chance.between(1, batches[name]), chance.pick(['before', 'after'] as const))
    de.api.request({ to: biz.did, purpose, query: queryOf(options) }).catch(() => undefined) // The one who asks may be the one who dies.
    await world.pass(20_000)
    const died = !world.node(name).alive
    world.node(name).spare()
    if (died) {
      await world.pass(chance.between(10, 60_000))
      await world.revive(name)
    }
    await finish(world)
    await checkKept(world, answered)
  },
)

function queryOf(options: (typeof stories)[number]['options']): Record<string, unknown> {
  const credentials = Object.entries(regions).map(([id, value]) => ({
    id,
    format: 'dc+sd-jwt',
    meta: { vct_values: ['urn:dfft:credential-type:business-registration:1'] },
    claims: [{ path: ['legalName'] }, { path: ['representatives'] }, { path: ['registeredAddress', 'region'], values: [value] }],
  }))
  return { credentials, credential_sets: [{ options }] }
}

/** Nothing at all, where the requester died before it had written down that it asks. */
async function checkKept(world: World, answered: string): Promise<void> {
  const { exchanges } = await world.run(world.node('de').api.exchangeList({}))
  const { credentials } = await world.run(world.node('de').api.credentialList({ role: 'received' }))
  const views = exchanges.filter(({ role }) => role === 'requester')
  must(views.length <= 1 && credentials.length === views.flatMap((view) => view.credentials).length, `${credentials.length} credentials are kept`)
  for (const { state, code, credentials: parts } of views) {
    must(state === 'closed', `the exchange is ${state} (${code}), not closed`)
    must(parts.map(({ id }) => id).join() === answered, `answered with ${parts.map(({ id }) => id).join()}, not ${answered}`)
  }
}
