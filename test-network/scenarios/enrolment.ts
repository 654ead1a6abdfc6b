/**
 * A business applies to its agency, is approved, and takes part: it is issued a credential, shows it to an agency abroad, and is stopped again.
 * It and the agency die at writes of the application and of the approval, the application is made several times at once, and the line between
 * them breaks. There is one application and one decision; nobody shows it anything, nor it anybody, before it is accredited, nor after the
 * word that stops it.
 */
import { codeOf } from '#protocols/errors.ts'
import { Jurisdiction } from '#protocols/ids.ts'
import { purpose, twoCountries } from '../countries/two-countries.ts'
import { Seeded } from '../seeded.ts'
import type { Edge } from '../sim-node.ts'
import { stoppedDeeds, strangers } from '../sim-trust.ts'
import type { World } from '../sim-world.ts'
import { finish, must, none, type Plant, type Scenario, scenario } from './scenario.ts'
import { agreed, mend } from './trust-news.ts'

const name = 'newcomer'
const [JP, DE, EU] = ['JP', 'DE', 'EU'].map((code) => Jurisdiction.parse(code)) as [Jurisdiction, Jurisdiction, Jurisdiction] // As many as codes.
/** A row of the sample register that is nobody's yet. */
const number = '8000020280003'

export interface EnrolmentPoint {
  readonly step: 'application' | 'approval'
  readonly victim: 'jp' | 'newcomer'
  /** From 1: batches since the operator's call. */
  readonly batch: number
  readonly edge: Edge
}

/** How often each writes in a step that nothing disturbs: at least so often. */
export const enrolmentBatches = { application: { jp: 1, newcomer: 3 }, approval: { jp: 2, newcomer: 2 } } as const

export const enrolment = enrolmentWith()

export function enrolmentWith(plant: Plant = () => undefined): Scenario {
  return scenario(
    'enrolment',
    (seed) => twoCountries({ seed }),
    async ({ world }, seed) => {
      const chance = new Seeded(seed, 'enrolment')
      const step = chance.pick(['application', 'approval'] as const)
      const victim = chance.pick(['jp', 'newcomer'] as const)
      const point = { step, victim, batch: chance.between(1, enrolmentBatches[step][victim] + 1), edge: chance.pick(['before', 'after'] as const) }
      await enrolled(world, point, { chance, plant })
    },
  )
}

/** The crash at exactly this point, so that all of them can be tried. */
export function enrolmentCrashAt(point: EnrolmentPoint): Scenario {
  const { step, victim, batch, edge } = point
  return scenario(
    `enrolment with a crash of ${victim} ${edge} write ${batch} of the ${step}`,
    (seed) => twoCountries({ seed }),
    async ({ world }, seed) => {
      const died = await enrolled(world, point, { chance: new Seeded(seed, 'enrolment'), plant: () => undefined })
      must(died, `${victim} never made its write ${batch} of the ${step}`)
    },
  )
}

interface Means {
  readonly chance: Seeded
  readonly plant: Plant
}

/** @returns whether the node came so far as to die */
async function enrolled(world: World, point: EnrolmentPoint, { chance, plant }: Means): Promise<boolean> {
  await world.add({ name, jurisdiction: 'JP', did: { method: 'key' } })
  plant(world)
  await meet(world)
  let died = await disturbed(world, { ...point, here: point.step === 'application', chance }, () =>
    Array.from({ length: chance.between(1, 4) }, () => apply(world)),
  )
  plant(world)
  await world.run(apply(world))
  const id = await onlyApplication(world)
  await tried(world)
  const approved = await disturbed(world, { ...point, here: point.step === 'approval', chance }, () =>
    Array.from({ length: chance.between(1, 3) }, () => world.node('jp').api.enrolApprove({ id, despiteRegister: true })),
  )
  died ||= approved
  plant(world)
  await world.run(world.node('jp').api.enrolApprove({ id, despiteRegister: true }).catch(codeOf)) // Refused where it was approved before.
  await onlyApplication(world)
  await takesPart(world)
  await stopped(world)
  await finish(world)
  const wrong = [...strangers(world), ...stoppedDeeds(world), ...decisions(world)]
  none(wrong)
  return died
}

/** Both agencies are known by their addresses, and pinned once their keys could be looked up. */
async function meet(world: World): Promise<void> {
  const { api } = world.node(name)
  for (const agency of ['jp', 'de']) await world.run(api.peerAdd({ address: world.node(agency).address }).catch(codeOf)) // They do not know us yet.
  await world.run(api.trustAdd({ did: world.node('jp').did, jurisdictions: [JP] }))
  await world.run(api.trustAdd({ did: world.node('de').did, jurisdictions: [DE, EU] }))
}

const apply = (world: World) =>
  world.node(name).api.enrolApply({ address: world.node('jp').address, name: '株式会社サンプル', number: { scheme: '0188', value: number } })

interface Disturbance extends EnrolmentPoint {
  readonly here: boolean
  readonly chance: Seeded
}

/** What an operator asks for, several times at once, while one of the two dies or the line breaks; then all is mended. */
async function disturbed(world: World, { victim, batch, edge, here, chance }: Disturbance, ask: () => readonly Promise<unknown>[]): Promise<boolean> {
  const node = world.node(victim)
  if (here) node.crashAt(batch, edge)
  for (const asked of ask()) asked.catch(() => undefined) // Whoever is asked may die of it.
  if (chance.chance(0.5)) {
    await world.pass(chance.between(0, 300))
    world.cut('jp', name)
  }
  await world.pass(20_000)
  const died = !node.alive
  await mend(world)
  await world.pass(30_000)
  return died && here
}

async function onlyApplication(world: World) {
  const { applications } = await world.run(world.node('jp').api.enrolList({}))
  const ours = applications.filter(({ applicant }) => applicant === world.node(name).did)
  const [only] = ours
  if (ours.length !== 1 || !only) throw new Error(`${ours.length} applications of one business are held`)
  return only.id
}

/** Before it is accredited: it asks, and is asked. */
async function tried(world: World): Promise<void> {
  const [newcomer, biz, de] = [world.node(name), world.node('biz'), world.node('de')]
  await world.run(newcomer.api.peerAdd({ address: biz.address }).catch(codeOf))
  const asked = await world.run(newcomer.api.request({ to: biz.did, purpose }).then(({ state }) => state, codeOf))
  none(strangers(world))
  must(!['closed', 'released', 'receipted'].includes(asked), `a business that is not enrolled asked, and the exchange is ${asked}`)
  await world.run(de.api.peerAdd({ address: newcomer.address }).catch(codeOf))
  const answered = await world.run(de.api.request({ to: newcomer.did, purpose }).then(({ state }) => state, codeOf))
  must(!['closed', 'released', 'receipted'].includes(answered), `a business that is not enrolled was asked, and the exchange is ${answered}`)
}

/** Issued, delivered, asked for abroad and shown. */
async function takesPart(world: World): Promise<void> {
  const [jp, newcomer, de] = [world.node('jp'), world.node(name), world.node('de')]
  await world.pass(60_000)
  await world.run(newcomer.api.enrolStatus({}))
  const { delivery } = await world.run(jp.api.issue({ record: number, subject: newcomer.did }))
  must(delivery?.state === 'closed', `the credential was not delivered: ${JSON.stringify(delivery)}`)
  await world.run(de.api.peerAdd({ address: newcomer.address }))
  await world.pass(10_000)
  const view = await world.run(de.api.request({ to: newcomer.did, purpose }))
  must(view.state === 'closed', `the exchange after the approval is ${view.state} (${view.code}), not closed`)
}

/** Everybody hears, and nobody deals with it any more. */
async function stopped(world: World): Promise<void> {
  const [jp, newcomer, de] = [world.node('jp'), world.node(name), world.node('de')]
  await world.run(jp.api.trustAnchor({}))
  await world.run(jp.api.trustSuspend({ stops: { kind: 'participant', did: newcomer.did, credentials: null }, reason: { en: 'key theft' } }))
  await agreed(world, 'jp', ['biz', 'de', 'buyer'])
  const code = await world.run(de.api.request({ to: newcomer.did, purpose }).then(({ state, code }) => code ?? state, codeOf))
  must(code === 'DFFT_TRUST_SUSPENDED' || code === 'DFFT_NOT_ADMITTED', `after the word that stops it, asking it came to ${code}`)
}

/** What both wrote down: one application received, one decision; and where the agency died in between, at most one accreditation more. */
function decisions(world: World): string[] {
  const did = world.node(name).did
  const count = (kind: string) => world.node('jp').deeds.filter((deed) => deed.kind === kind && deed.facts.applicant === did).length
  const granted = world.node('jp').learned.filter(({ document }) => document.type === 'Accreditation' && document.subject === did).length
  return [
    ...(count('enrolment-received') === 1 ? [] : [`${count('enrolment-received')} applications were received`]),
    ...(count('enrolment-approved') === 1 ? [] : [`${count('enrolment-approved')} approvals`]),
    ...(granted === 1 || granted === 2 ? [] : [`${granted} accreditations of one application`]),
  ]
}
