/**
 * In the midst of exchanges an agency takes rights back: from the holder the right to provide, or from a requester the right to ask. Whatever
 * each side has heard by then, none releases or keeps what it knows is no longer allowed; afterwards nothing goes through, and when the right is
 * given again it does.
 */
import { codeOf } from '#protocols/errors.ts'
import type { Right } from '#protocols/trust/accreditation.ts'
import { problems, settle } from '../checkers.ts'
import { request, twoCountries } from '../countries/two-countries.ts'
import { Seeded } from '../seeded.ts'
import { rightless, strangers } from '../sim-trust.ts'
import type { World } from '../sim-world.ts'
import { must, none, type Plant, type Scenario, scenario } from './scenario.ts'
import { agreed, mend } from './trust-news.ts'

const askMsMax = 1_500
const right = (act: Right['act']): Right => ({ act, credentials: ['BusinessRegistrationCredential'], purposes: '*', counterparties: '*' })
const other = (act: Right['act']): Right => ({ act, credentials: ['QualificationCredential'], purposes: '*', counterparties: '*' })

export const lostRights = lostRightsWith()

export function lostRightsWith(plant: Plant = () => undefined): Scenario {
  return scenario(
    'lost-rights',
    (seed) => twoCountries({ seed }),
    async ({ world }, seed) => {
      const chance = new Seeded(seed, 'lost-rights')
      const [agency, subject, act] = chance.pick([
        ['jp', 'biz', 'provide'],
        ['de', 'buyer', 'request'],
      ] as const)
      plant(world)
      const asked = ask(world, chance, 6)
      trouble(world, chance)
      await world.pass(chance.between(0, askMsMax))
      await accredit(world, { agency, subject, rights: chance.chance(0.5) ? [other(act)] : [] })
      await world.pass(chance.between(0, 60_000))
      await mend(world)
      plant(world)
      await Promise.race([Promise.all(asked), world.pass(120_000)])
      await agreed(world, agency, others(agency))
      const code = await world.run(request(world, 'buyer').then(({ state, code }) => code ?? state, codeOf))
      none(rightless(world))
      must(code === 'DFFT_RIGHTS', `what is no longer allowed was asked for, and it came to ${code}`)
      await settle(world)
      await accredit(world, { agency, subject, rights: [right('request'), right('provide')] })
      await agreed(world, agency, others(agency))
      const view = await world.run(request(world, 'buyer'))
      must(view.state === 'closed', `with the right given again the exchange is ${view.state} (${view.code}), not closed`)
      await settle(world)
      const wrong = [...rightless(world), ...strangers(world), ...(await world.run(problems(world)))]
      none(wrong)
    },
  )
}

function others(agency: string): readonly string[] {
  return ['jp', 'biz', 'de', 'buyer'].filter((name) => name !== agency)
}

interface Grant {
  readonly agency: 'jp' | 'de'
  readonly subject: 'biz' | 'buyer'
  readonly rights: readonly Right[]
}

/** The next of its line where there is one: the newest counts. */
async function accredit(world: World, { agency, subject, rights }: Grant): Promise<void> {
  const { api, parts } = world.node(agency)
  const did = world.node(subject).did
  const before = parts.trust.accreditations.find((one) => one.version === 2 && one.subject === did)
  if (before?.version !== 2) {
    await world.run(api.trustAccredit({ subject: did, sector: 'private', rights: [...rights] }))
    return
  }
  const { proof: _, ...said } = before
  await world.run(api.trustSign({ document: { ...said, serial: before.serial + 1, rights } as never })) // Its schema is asked there.
}

/** @returns the calls, which end as they may */
function ask(world: World, chance: Seeded, count: number): readonly Promise<unknown>[] {
  return Array.from({ length: count }, async () => {
    const name = chance.pick(['de', 'buyer', 'buyer'] as const)
    await new Promise<void>((resolve) => world.time.after(chance.between(0, askMsMax), resolve))
    if (world.node(name).alive) await request(world, name).catch(() => undefined)
  })
}

function trouble(world: World, chance: Seeded): void {
  const victim = world.node(chance.pick(['biz', 'de', 'buyer']))
  const pair = chance.pick([
    ['jp', 'de'],
    ['jp', 'biz'],
    ['de', 'buyer'],
    ['buyer', 'biz'],
  ] as const)
  const what = chance.pick(['cut', 'crash', 'calm'] as const)
  const [one, end] = pair
  if (what === 'cut') world.cut(one, end)
  if (what === 'crash' && victim.name !== 'de') victim.crashAt(chance.between(1, 6), chance.pick(['before', 'after'] as const))
}
