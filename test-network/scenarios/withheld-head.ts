/**
 * An anchor stops a participant, and somebody keeps the word from all others by keeping the anchor's lines cut. They notice: when the head they
 * hold has run out nobody relies on anything under that anchor, and each says why. When the lines are mended they hear it at once.
 */
import { codeOf } from '#protocols/errors.ts'
import { msOf } from '#protocols/ids.ts'
import { request, twoCountries } from '../countries/two-countries.ts'
import { Seeded } from '../seeded.ts'
import type { SimNode } from '../sim-node.ts'
import { rolledBack, stoppedDeeds, strangers } from '../sim-trust.ts'
import type { World } from '../sim-world.ts'
import { finish, must, none, type Plant, type Scenario, scenario } from './scenario.ts'
import { agreed } from './trust-news.ts'

const askers = ['de', 'buyer'] as const

export const withheldHead = withheldHeadWith()

export function withheldHeadWith(plant: Plant = () => undefined): Scenario {
  return scenario(
    'withheld-head',
    (seed) => twoCountries({ seed }),
    async ({ world }, seed) => {
      const chance = new Seeded(seed, 'withheld-head')
      const jp = world.node('jp')
      const connectedMinutes = chance.between(3, 10)
      await world.run(jp.api.trustAnchor({ connectedMinutes, islandHours: chance.between(1, 3) }))
      await agreed(world, 'jp', ['biz', ...askers])
      plant(world)
      world.part('jp')
      await world.run(jp.api.trustSuspend({ stops: { kind: 'participant', did: world.node('biz').did, credentials: null }, reason: { en: 'key theft' } }))
      for (let asks = 0; asks < 4; asks++) {
        await world.pass(chance.between(0, (connectedMinutes * 60_000) / 2))
        await world.run(request(world, chance.pick(askers)).catch(codeOf))
      }
      await world.pass(connectedMinutes * 60_000)
      for (const name of askers) {
        const code = await world.run(request(world, name).then(({ state, code }) => code ?? state, codeOf))
        must(code === 'DFFT_TRUST_STALE', `${name} was kept from the word of the anchor for longer than it may be, and asking came to ${code}`)
        const { heads } = await world.run(world.node(name).api.trustSuspensions({}))
        must(heads.find(({ anchor }) => anchor === jp.did)?.fresh === false, `${name} says that what it knows is fresh`)
      }
      world.healAll()
      await agreed(world, 'jp', askers)
      const code = await world.run(request(world, 'de').then(({ state, code }) => code ?? state, codeOf))
      must(code === 'DFFT_TRUST_SUSPENDED' || code === 'DFFT_NOT_ADMITTED', `when the word had come, asking came to ${code}`)
      await finish(world)
      const wrong = [...staleDeeds(world), ...stoppedDeeds(world), ...strangers(world), ...rolledBack(world)]
      none(wrong)
    },
  )
}

/** Nobody releases or keeps anything by a head that has run out, by what was on its disk; nobody here is alone. */
function staleDeeds(world: World): string[] {
  const jp = world.node('jp')
  return world.nodes
    .filter((node) => node !== jp)
    .flatMap((node) =>
      node.deeds
        .filter(({ kind }) => kind === 'released' || kind === 'received')
        .flatMap(({ kind, atMs, exchange }) => {
          const untilMs = headUntilMs(node, jp.did, atMs)
          const lateMs = world.time.startMs + atMs - untilMs
          return lateMs > lateMsMax ? [`${node.name} ${kind} ${exchange} ${lateMs} ms after the last head it had heard ran out`] : []
        }),
    )
}

/** From a decision to its entry on a disk. */
const lateMsMax = 60

function headUntilMs(node: SimNode, anchor: string, atMs: number): number {
  const ends = node.learned.flatMap(({ atMs: learnedMs, document }) =>
    document.type === 'SuspensionHead' && document.anchor === anchor && learnedMs <= atMs ? [msOf(document.validUntil)] : [],
  )
  return ends.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...ends)
}
