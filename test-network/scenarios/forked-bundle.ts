/**
 * An anchor's key signs two bundles for one place; one half is shown to one partner and the other to another, while the anchor is away. Both
 * find out as soon as they ask one another or hear its next one, show both halves with their signatures, and take nothing more until their
 * operators have settled on one; then they agree with everybody again.
 */
import { canonical } from '#protocols/canonical.ts'
import { addProof } from '#protocols/credential/data-integrity.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { codeOf } from '#protocols/errors.ts'
import { type Did, instant } from '#protocols/ids.ts'
import type { BundleHeader, TrustBundle } from '#protocols/trust/bundle.ts'
import { statementDigest } from '#protocols/trust/proof.ts'
import { twoCountries } from '../countries/two-countries.ts'
import { Seeded } from '../seeded.ts'
import { unheard } from '../sim-trust.ts'
import type { World } from '../sim-world.ts'
import { finish, must, none, type Plant, type Scenario, scenario } from './scenario.ts'
import { agreed } from './trust-news.ts'

const followers = ['biz', 'de', 'buyer'] as const
/** Partners ask one another for what their anchor said when it is away, within 23 minutes. */
const partedMsMax = 25 * 60_000
const never = new AbortController().signal

export const forkedBundle = forkedBundleWith()

export function forkedBundleWith(plant: Plant = () => undefined): Scenario {
  return scenario(
    'forked-bundle',
    (seed) => twoCountries({ seed }),
    async ({ world }, seed) => {
      const chance = new Seeded(seed, 'forked-bundle')
      const jp = world.node('jp')
      await world.run(jp.api.trustAnchor({}))
      await agreed(world, 'jp', followers)
      plant(world)
      world.part('jp')
      const { honest, other } = await twoHalves(world, chance)
      const [one, two] = chance.pick([
        ['de', 'biz'],
        ['biz', 'de'],
        ['de', 'buyer'],
        ['buyer', 'biz'],
      ] as const)
      for (const [name, text] of [
        [one, honest],
        [two, other],
      ] as const)
        await world.run(world.node(name).api.trustBundleImport({ lines: text, last: true }).catch(codeOf)) // Items may be missing from a file of a manifest alone.
      if (chance.chance(0.5)) await world.pass(chance.between(0, partedMsMax))
      world.healAll()
      if (chance.chance(0.5)) await world.run(jp.api.trustAccredit({ subject: 'did:web:next.example' as Did, sector: 'private' }))
      await agreed(world, 'jp', followers)
      await checkShown(world, two, digestIn(other))
      await settled(world)
      await agreed(world, 'jp', followers)
      const missing = unheard(world, 'jp', followers)
      none(missing)
      // To have found a fork is an error that a node logs; there are no other ones.
      world.violations.splice(0, world.violations.length, ...world.violations.filter((violation) => !violation.includes('DFFT_TRUST_FORK')))
      await finish(world)
    },
  )
}

/** What the anchor's node made, and what was signed beside it with its key, for the same place or for the next. */
async function twoHalves(world: World, chance: Seeded): Promise<{ readonly honest: string; readonly other: string }> {
  const { api, parts } = world.node('jp')
  await world.run(api.trustAccredit({ subject: 'did:web:withheld.example' as Did, sector: 'private' }))
  const { lines } = await world.run(api.trustBundleExport({}))
  const header = JSON.parse(lines.slice(0, lines.indexOf('\n'))) as BundleHeader // The product’s own.
  const { self, clock } = parts
  const { proof: _, ...said } = { ...header.manifest, validUntil: instant(clock.nowMs() + chance.between(1, 6) * 86_400_000) }
  const created = instant(clock.nowMs())
  const manifest = (await addProof(said as unknown as JsonObject, { signer: self.signer, created, purpose: 'assertionMethod' })) as unknown as TrustBundle
  return { honest: lines, other: `${canonical({ ...header, manifest })}${lines.slice(lines.indexOf('\n'))}` }
}

function digestIn(text: string): string {
  return statementDigest((JSON.parse(text.slice(0, text.indexOf('\n'))) as BundleHeader).manifest)
}

/** Whoever was shown what the anchor did not go on from shows that, and what contradicts it, both with the anchor's signature. */
async function checkShown(world: World, name: string, other: string): Promise<void> {
  const fork = forkOf(world, name)
  must(fork.map(statementDigest).includes(other as never), `${name} was shown another half than others, and shows no fork`)
  for (const half of fork) await world.run(world.node('jp').parts.bundles.reader.check(half, never))
}

function forkOf(world: World, name: string): readonly TrustBundle[] {
  return world.node(name).parts.bundles.reader.line({ publisher: world.node('jp').did, scope: 'jurisdiction' })?.fork ?? []
}

/** Each operator of those who show one asks the anchor's by telephone which half is its own. */
async function settled(world: World): Promise<void> {
  const { maker } = world.node('jp').parts.bundles
  for (const name of followers)
    for (const half of forkOf(world, name)) {
      const digest = statementDigest(half)
      if (await world.run(maker.manifest(digest))) await world.run(world.node(name).api.trustBundleSettle({ digest }))
    }
  for (const name of followers) must(forkOf(world, name).length === 0, `${name} goes on showing a fork that was settled`)
}
