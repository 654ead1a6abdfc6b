/**
 * Japan and Germany as two agencies know one another: roots pinned, policies in force, a business in Japan with a credential of
 * its agency, and a second requester in Germany. Made with what an operator can do, and nothing else.
 */
import { readFileSync } from 'node:fs'
import type { ExchangeView } from '#node/api/exchanges.ts'
import { parsePolicy } from '#policies/parse-policy.ts'
import { Jurisdiction } from '#protocols/ids.ts'
import type { SimNode } from '../sim-node.ts'
import { World, type WorldOptions } from '../sim-world.ts'

const [JP, DE, EU] = ['JP', 'DE', 'EU'].map((code) => Jurisdiction.parse(code)) as [Jurisdiction, Jurisdiction, Jurisdiction] // As many as codes.
/** A row of the sample register that names a person, which no policy here lets cross the border. */
const companyWithRepresentative = '4700150004528'
/** The identifiers are older than any clock here is wrong. */
const identifierAgeMs = 300_000
export const purpose = 'trade.supplier-verification'
const type = 'BusinessRegistrationCredential'

export interface TwoCountries extends AsyncDisposable {
  readonly world: World
  /** Id of the credential that the agency of Japan issued to the business. */
  readonly credential: string
}

/** Nodes `jp`, `biz`, `de` and `buyer`, a German business. */
export async function twoCountries(options: WorldOptions & { readonly skewMs?: Readonly<Record<string, number>> }): Promise<TwoCountries> {
  const { skewMs = {}, ...worldly } = options
  const births = [
    { name: 'jp', jurisdiction: 'JP', did: { method: 'webvh', domain: 'registry.agency.example' } },
    { name: 'biz', jurisdiction: 'JP', did: { method: 'key' } },
    { name: 'de', jurisdiction: 'DE', did: { method: 'webvh', domain: 'handelsregister.example' } },
    { name: 'buyer', jurisdiction: 'DE', did: { method: 'key' } },
  ] as const
  const world = await World.create({ ...worldly, nodes: births.map((birth) => ({ ...birth, skewMs: skewMs[birth.name] ?? 0 })) })
  await world.pass(identifierAgeMs)
  await establish(world)
  const credential = await deliver(world)
  return { world, credential, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() }
}

async function establish(world: World): Promise<void> {
  const [jp, biz, de, buyer] = ['jp', 'biz', 'de', 'buyer'].map((name) => world.node(name)) as [SimNode, SimNode, SimNode, SimNode] // As many as names.
  await world.run(jp.api.trustAdd({ did: jp.did, jurisdictions: [JP] }))
  await world.run(de.api.trustAdd({ did: de.did, jurisdictions: [DE, EU] }))
  for (const agency of [jp, de])
    await world.run(agency.api.trustAccredit({ subject: agency.did, sector: 'public', assurance: 'high', issues: [type, 'QualificationCredential'] }))
  await world.run(jp.api.policyAdd({ text: policy('jp') }))
  for (const name of ['eu', 'de']) await world.run(de.api.policyAdd({ text: policy(name) }))
  for (const [node, ...others] of [
    [biz, jp, de],
    [de, jp],
    [buyer, de, jp],
  ] as const)
    for (const { address } of others) await world.run(node.api.peerAdd({ address }))
  for (const node of [biz, de, buyer]) await world.run(node.api.trustAdd({ did: jp.did, jurisdictions: [JP] }))
  for (const node of [biz, jp, buyer]) await world.run(node.api.trustAdd({ did: de.did, jurisdictions: [DE, EU] }))
  const { document } = await world.run(jp.api.trustPropose({ partner: de.did, credentials: [type, 'QualificationCredential'] }))
  const agreed = await world.run(de.api.trustSign({ document }))
  for (const node of [jp, biz, buyer]) await world.run(node.api.trustApply({ document: agreed.document }))
  await world.run(jp.api.trustAccredit({ subject: biz.did, sector: 'private' }))
  await world.run(de.api.trustAccredit({ subject: buyer.did, sector: 'private' }))
  for (const node of [de, buyer]) await world.run(node.api.peerAdd({ address: biz.address }))
}

async function deliver(world: World): Promise<string> {
  const jp = world.node('jp')
  const [header = '', ...rows] = readFileSync(new URL('./jp/register.csv', import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
  await world.run(jp.api.registryImport({ header, text: rows.join('\n'), firstLine: 2 }))
  return issueAgain(world)
}

/** The same record as a new credential, delivered. @returns its id */
export function issueAgain(world: World): Promise<string> {
  return issueFor(world, 'biz')
}

/** @returns the id of what was delivered to a business */
export async function issueFor(world: World, name: string): Promise<string> {
  const jp = world.node('jp')
  const { credential, delivery } = await world.run(jp.api.issue({ record: companyWithRepresentative, subject: world.node(name).did }))
  if (delivery?.state !== 'closed') throw new Error(`the credential was not delivered: ${JSON.stringify(delivery)}`)
  return credential.id
}

/** Asks the business for its registration, as an operator would. */
export function request(world: World, name: 'de' | 'buyer'): Promise<ExchangeView> {
  return world.node(name).api.request({ to: world.node('biz').did, purpose })
}

/** In JSON, which a node reads faster, since it is read for each of many worlds. */
const policies = new Map<string, string>()

function policy(name: string): string {
  const known = policies.get(name)
  if (known !== undefined) return known
  const text = JSON.stringify(parsePolicy(readFileSync(new URL(`../../policies/packs/reference/${name}.yaml`, import.meta.url), 'utf8')))
  policies.set(name, text)
  return text
}
