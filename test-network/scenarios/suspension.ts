/**
 * An anchor stops a participant in the midst of exchanges, while links break and nodes die; later it lifts that. From the moment the word is
 * on a node's disk it neither releases to that party nor keeps anything of it; all others come to hold the same word; and once it is lifted
 * everybody deals with everybody again.
 */
import { codeOf } from '#protocols/errors.ts'
import type { ExchangeId } from '#protocols/ids.ts'
import { problems, settle } from '../checkers.ts'
import { request, twoCountries } from '../countries/two-countries.ts'
import { Seeded } from '../seeded.ts'
import { rolledBack, stoppedDeeds, strangers } from '../sim-trust.ts'
import type { World } from '../sim-world.ts'
import { must, none, type Plant, type Scenario, scenario } from './scenario.ts'
import { agreed, mend } from './trust-news.ts'

const pairs = [
  ['jp', 'de'],
  ['jp', 'biz'],
  ['jp', 'buyer'],
  ['de', 'biz'],
  ['de', 'buyer'],
] as const
/** The party that is stopped hears of it by being turned away: it is told nothing more. */
const refusals: ReadonlySet<string> = new Set(['DFFT_TRUST_SUSPENDED', 'DFFT_NOT_ADMITTED'])
const askMsMax = 1_500

export const suspension = suspensionWith()

export function suspensionWith(plant: Plant = () => undefined): Scenario {
  return scenario(
    'suspension',
    (seed) => twoCountries({ seed }),
    async ({ world }, seed) => {
      const chance = new Seeded(seed, 'suspension')
      const jp = world.node('jp')
      await world.run(jp.api.trustAnchor({}))
      await agreed(world, 'jp', ['biz', 'de', 'buyer'])
      plant(world)
      const who = chance.pick(['biz', 'buyer'] as const)
      const stops = { kind: 'participant', did: world.node(who).did, credentials: null } as const
      const asked = ask(world, chance, 6)
      await trouble(world, chance)
      await world.pass(chance.between(0, askMsMax))
      const { entry } = await world.run(jp.api.trustSuspend({ stops, reason: { en: 'key theft' } }))
      await world.pass(chance.between(0, 60_000))
      await mend(world)
      plant(world)
      await Promise.race([Promise.all(asked), world.pass(120_000)])
      await agreed(
        world,
        'jp',
        ['de', 'biz', 'buyer'].filter((name) => name !== who),
      )
      for (const name of who === 'biz' ? (['de', 'buyer'] as const) : (['buyer'] as const)) {
        const code = await world.run(request(world, name).then(({ state, code }) => code ?? state, codeOf))
        none(stoppedDeeds(world))
        must(refusals.has(code), `${name} asked, one of the two is stopped, and it came to ${code}`)
      }
      await settle(world)
      const owed = await world.run(owedByStopped(world, who))
      await lifted(world, entry)
      const wrong = [...stoppedDeeds(world), ...strangers(world), ...rolledBack(world), ...(await world.run(problems(world, owed)))]
      none(wrong)
    },
  )
}

/**
 * A release that was lost on its way to the party that was stopped meanwhile: whoever asks for it again is turned away, so that nobody comes
 * for it any more. The holder lists it as owed. While the party is stopped, and of nothing else than that.
 */
async function owedByStopped(world: World, who: string): Promise<readonly ExchangeId[]> {
  const stopped = world.node(who).did
  const owed: ExchangeId[] = []
  for (const { api, parts } of world.nodes) {
    const { exchanges } = await api.exchangeList({ state: 'released' })
    for (const { id, role, partner, receipts } of exchanges)
      if (role === 'holder' && partner === stopped && receipts === 0 && parts.trust.stops(stopped) && parts.debts.owes(stopped, id)) owed.push(id)
  }
  return owed
}

/** @returns the calls, which end as they may */
function ask(world: World, chance: Seeded, count: number): readonly Promise<unknown>[] {
  return Array.from({ length: count }, async () => {
    const name = chance.pick(['de', 'buyer'] as const)
    await new Promise<void>((resolve) => world.time.after(chance.between(0, askMsMax), resolve))
    if (world.node(name).alive) await request(world, name).catch(() => undefined)
  })
}

async function trouble(world: World, chance: Seeded): Promise<void> {
  const victim = world.node(chance.pick(['biz', 'de', 'buyer']))
  switch (chance.pick(['cut', 'crash', 'crash', 'calm'] as const)) {
    case 'cut': {
      const [one, other] = chance.pick(pairs)
      return world.cut(one, other)
    }
    case 'crash':
      return victim.crashAt(chance.between(1, 6), chance.pick(['before', 'after'] as const))
    case 'calm':
  }
}

async function lifted(world: World, entry: string): Promise<void> {
  await world.run(world.node('jp').api.trustLift({ entry }))
  await agreed(world, 'jp', ['biz', 'de', 'buyer'])
  await settle(world)
  const view = await world.run(request(world, 'de'))
  must(view.state === 'closed', `after the suspension was lifted the exchange is ${view.state} (${view.code}), not closed`)
  await settle(world)
}
