/**
 * A node is cut off from everybody, and its operator carries the anchor's bundle to it in a file: in pieces, with lines lost and lines there
 * twice, while the node dies at a write. It comes to know what the anchor said, takes nothing older afterwards, and when the lines are
 * mended it agrees with all others.
 */
import { codeOf } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import { twoCountries } from '../countries/two-countries.ts'
import { Seeded } from '../seeded.ts'
import type { SimNode } from '../sim-node.ts'
import { rolledBack, unheard } from '../sim-trust.ts'
import type { World } from '../sim-world.ts'
import { finish, must, none, type Plant, type Scenario, scenario } from './scenario.ts'
import { agreed } from './trust-news.ts'

const lonely = 'buyer'
const followers = ['biz', 'de', lonely] as const

export const carriedBundle = carriedBundleWith()

export function carriedBundleWith(plant: Plant = () => undefined): Scenario {
  return scenario(
    'carried-bundle',
    (seed) => twoCountries({ seed }),
    async ({ world }, seed) => {
      const chance = new Seeded(seed, 'carried-bundle')
      const jp = world.node('jp')
      await world.run(jp.api.trustAnchor({}))
      world.part(lonely)
      const old = await exported(world, jp, false)
      for (let count = chance.between(1, 4); count > 0; count--)
        await world.run(jp.api.trustAccredit({ subject: `did:web:carried-${count}.example` as Did, sector: 'private' }))
      if (chance.chance(0.5))
        await world.run(
          jp.api.trustSuspend({ stops: { kind: 'participant', did: 'did:web:carried-1.example' as Did, credentials: null }, reason: { en: 'key theft' } }),
        )
      // From the anchor itself, or from a partner who holds what it said.
      const partner = chance.chance(0.5)
      if (partner) await agreed(world, 'jp', ['de'])
      const lines = await exported(world, world.node(partner ? 'de' : 'jp'), partner)
      plant(world)
      await carried(world, lines, chance, plant)
      const missing = unheard(world, 'jp', [lonely])
      none(missing)
      await refusesOlder(world, partner ? lines : old, partner)
      world.healAll()
      await agreed(world, 'jp', followers)
      await finish(world)
      const wrong = rolledBack(world)
      none(wrong)
    },
  )
}

/** First with faults, then whole; a node that died begins anew. */
async function carried(world: World, lines: readonly string[], chance: Seeded, plant: Plant): Promise<void> {
  const node = world.node(lonely)
  const [manifest = '', ...others] = lines
  const spoilt = [manifest, ...others.filter(() => chance.chance(0.8)).flatMap((line) => (chance.chance(0.2) ? [line, line] : [line]))]
  node.crashAt(chance.between(1, 8), chance.pick(['before', 'after'] as const))
  imported(node, spoilt, chance).catch(() => undefined) // It dies, or is told that lines are missing.
  await world.pass(5_000)
  node.spare()
  if (!node.alive) await world.revive(lonely)
  plant(world)
  for (let pass = 0; pass < 3; pass++) {
    const report = await world.run(imported(world.node(lonely), lines, chance))
    if (!report?.again) return must(report?.complete === true, `the bundle was not taken whole: ${JSON.stringify(report?.refused)}`)
  }
  must(false, 'a bundle that came whole three times is not complete')
}

async function exported(world: World, node: SimNode, all: boolean): Promise<string[]> {
  let text = ''
  for (let after: string | null | undefined; after !== null; ) {
    const page = await world.run(node.api.trustBundleExport({ all, ...(after === undefined ? {} : { after }) }))
    text += page.lines
    after = page.next
  }
  return text.trimEnd().split('\n')
}

async function imported(node: SimNode, lines: readonly string[], chance: Seeded) {
  let session: string | undefined
  for (let at = 0; ; ) {
    const piece = lines.slice(at, at + chance.between(1, 6))
    at += piece.length
    const last = at >= lines.length
    const answer = await node.api.trustBundleImport({ lines: piece.map((line) => `${line}\n`).join(''), last, ...(session === undefined ? {} : { session }) })
    session = answer.session
    if (last) return answer.report
  }
}

/** Of the anchor the bundle from before its news; of a partner, whose first one this was, there is none. */
async function refusesOlder(world: World, lines: readonly string[], partner: boolean): Promise<void> {
  if (partner) return
  const node = world.node(lonely)
  const text = lines.map((line) => `${line}\n`).join('')
  const code = await world.run(node.api.trustBundleImport({ lines: text, last: true }).then(() => 'taken', codeOf))
  must(code === 'DFFT_TRUST_ROLLBACK', `a bundle older than the one that is held was ${code}`)
}
