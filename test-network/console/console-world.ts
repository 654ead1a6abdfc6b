/** Three nodes that have exchanged, each with its console: what the console's tests and pictures look at. */
import { readFile } from 'node:fs/promises'
import { consoleFiles } from '#node/adapters/console-assets.ts'
import { systemClock, systemRandom } from '#node/adapters/system.ts'
import { type ConsoleDoor, consoleDoor } from '#node/console-http.ts'
import type { ConsoleFiles } from '#node/ports.ts'
import type { Did, Jurisdiction } from '#protocols/ids.ts'
import { type Party, sampleRegister, ThreeNodes } from '../fixture.ts'

export interface ConsoleWorld extends AsyncDisposable {
  readonly net: ThreeNodes
  readonly doors: Readonly<Record<'jp' | 'biz' | 'de', ConsoleDoor>>
  /** Exchanges, by what became of them, as the German node knows them. */
  readonly exchanges: { readonly closed: string; readonly refused: string }
  readonly credential: string
}

/** Made from the sources once. */
export const files: ConsoleFiles = consoleFiles()

export async function openWorld(): Promise<ConsoleWorld> {
  const net = await ThreeNodes.start()
  await otherPolicies(net)
  const credential = await net.issued()
  const closed = await net.request()
  await net.clock.advance(61_000)
  const refused = await net.request({ purpose: 'marketing' })
  await net.clock.advance(61_000)
  await otherCompany(net)
  await net.de.node.auditWitness({})
  await net.biz.node.auditWitness({})
  const doors = { jp: doorOf(net.jp), biz: doorOf(net.biz), de: doorOf(net.de) }
  return {
    net,
    doors,
    credential,
    exchanges: { closed: closed.id, refused: refused.id },
    [Symbol.asyncDispose]: async () => {
      for (const door of Object.values(doors)) await door[Symbol.asyncDispose]()
      await net[Symbol.asyncDispose]()
    },
  }
}

/** The reference policies of ten more jurisdictions, which the German node signs as if it were their anchor: so that its matrix has something to show. */
async function otherPolicies({ de }: ThreeNodes): Promise<void> {
  const places = ['au', 'br', 'ca', 'ch', 'gb', 'id', 'in', 'kr', 'sg', 'us']
  const texts = await Promise.all(
    places.map((place) => readFile(new URL(`../../policies/packs/reference/${place}.yaml`, import.meta.url), 'utf8').catch(() => undefined)),
  )
  const held = places.flatMap((place, at) => (texts[at] === undefined ? [] : [{ place, text: texts[at] }]))
  await de.node.trustAdd({ did: de.did, jurisdictions: ['DE', 'EU', ...held.map(({ place }) => place.toUpperCase())] as Jurisdiction[] })
  for (const { text } of held) await de.node.policyAdd({ text })
}

function doorOf({ node }: Party): ConsoleDoor {
  return consoleDoor(node, { host: '127.0.0.1', port: 0, clock: systemClock, random: systemRandom, log: () => undefined, files })
}

/** Other rows of the register, of which one is revoked and one suspended. */
async function otherCompany({ jp, biz }: ThreeNodes): Promise<void> {
  const [, ...rows] = sampleRegister().trimEnd().split('\n')
  const { records } = await jp.node.registryList({ limit: Math.min(8, rows.length) })
  const made = []
  for (const { number } of records.slice(0, 5)) made.push((await jp.node.issue({ record: number, subject: biz.did as Did, deliver: false })).credential.id)
  const [revoked, suspended] = made
  if (revoked) await jp.node.revoke({ id: revoked })
  if (suspended) await jp.node.suspend({ id: suspended })
}
