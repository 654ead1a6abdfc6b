/**
 * A nurse's qualification in four copies is shown to two authorities in Germany, at once and one after another, while the node that
 * serves her dies at writes to its disk and comes back. No copy is ever shown in two exchanges, nor two copies in one.
 */
import { readFileSync } from 'node:fs'
import { readSdJwt } from '#protocols/credential/sd-jwt.ts'
import { twoCountries } from '../countries/two-countries.ts'
import { Seeded } from '../seeded.ts'
import type { Edge } from '../sim-node.ts'
import type { World } from '../sim-world.ts'
import { finish, must, type Scenario, scenario } from './scenario.ts'

const copiesIssued = 4
const type = 'QualificationCredential'

/** How often the holder writes when it is asked to show a copy and nothing disturbs it: the release, its spent key, the receipt, with the Offer before. */
export const copyBatches = 4

export const copies = scenario(
  'copies',
  (seed) => twoCountries({ seed }),
  async ({ world }, seed) => {
    const chance = new Seeded(seed, 'copies')
    const held = await issue(world)
    for (let round = 0; round < 4; round++) {
      const edge = chance.pick(['before', 'after'] as const)
      await shown(world, held, { names: chance.pick([['de'], ['buyer'], ['de', 'buyer'], ['de', 'de', 'buyer']]), batch: chance.between(1, 8), edge })
    }
    await finish(world)
    checkCopies(world)
  },
)

/** The crash at exactly this point of one presentation, so that all of them can be tried. */
export function copiesCrash(batch: number, edge: Edge): Scenario {
  return scenario(
    `copies with a crash ${edge} write ${batch}`,
    (seed) => twoCountries({ seed }),
    async ({ world }) => {
      const held = await issue(world)
      must(await shown(world, held, { names: ['de'], batch, edge }), `the holder never made its write ${batch}`)
      await shown(world, held, { names: ['de', 'buyer'], batch: 100, edge })
      await finish(world)
      must(checkCopies(world) >= 2, 'fewer copies were shown than were asked for after the crash')
    },
  )
}

async function issue(world: World): Promise<string> {
  const [jp, biz] = [world.node('jp'), world.node('biz')]
  const { delivery } = await world.run(jp.api.issue({ type, claims: claims(), holder: biz.did, copies: copiesIssued }))
  must(delivery?.state === 'closed', `the copies were not delivered: ${JSON.stringify(delivery)}`)
  return `urn:dfft:held:${delivery?.id}`
}

/** @returns whether the holder came so far as to die */
async function shown(world: World, credential: string, { names, batch, edge }: { names: readonly string[]; batch: number; edge: Edge }): Promise<boolean> {
  const biz = world.node('biz')
  biz.crashAt(batch, edge)
  const wish = { credential, purpose: 'employment.licensing', legalBasis: 'subject-request' }
  for (const name of names) biz.api.present({ ...wish, to: world.node(name).did }).catch(() => undefined) // The one who shows is the one who dies.
  await world.pass(20_000)
  const died = !biz.alive
  biz.spare()
  if (died) await world.revive('biz')
  await world.pass(30_000)
  return died
}

/** Over every presentation that ever left the holder, arrived or not. @returns how many copies were shown */
function checkCopies(world: World): number {
  const exchangesOf = new Map<string, Set<string>>()
  const copiesOf = new Map<string, Set<string>>()
  for (const { type: said, from, to, exchange, body } of world.said) {
    if (said !== 'presentation' || from !== 'biz' || to === 'jp') continue
    const { credentials } = body as { readonly credentials: readonly { readonly text: string }[] }
    must(credentials.length === 1, `${credentials.length} copies were shown in one presentation`)
    const key = JSON.stringify(readSdJwt(credentials[0]?.text ?? '').holderKey)
    note(exchangesOf, key, exchange ?? '')
    note(copiesOf, exchange ?? '', key)
  }
  for (const exchanges of exchangesOf.values()) must(exchanges.size === 1, `a copy was shown in ${exchanges.size} exchanges`)
  for (const keys of copiesOf.values()) must(keys.size === 1, `${keys.size} copies were shown in one exchange`)
  return exchangesOf.size
}

function note(sets: Map<string, Set<string>>, name: string, value: string): void {
  sets.set(name, (sets.get(name) ?? new Set()).add(value))
}

interface Vectors {
  readonly good: readonly { readonly subject: Record<string, unknown> }[]
}

/** With every member there is but files, which are handed over before. */
function claims(): Record<string, unknown> {
  const file = new URL('../../protocols/credential-types/qualification/vectors.json', import.meta.url)
  const { good } = JSON.parse(readFileSync(file, 'utf8')) as Vectors // Ours, and held against the schema by its test.
  const { attachments: _files, ...subject } = good[1]?.subject ?? {}
  return subject
}
