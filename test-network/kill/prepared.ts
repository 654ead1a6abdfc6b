/**
 * The folders that every point begins with: a business in Japan that holds a credential, and an agency in Germany that may ask for it,
 * both made once, in this process, with what an operator can do. A point copies them and starts programs of their own on the copies.
 */
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadConfig } from '#node/config.ts'
import { initialise, type Running, run } from '#node/main.ts'
import type { Did } from '#protocols/ids.ts'
import { freePort } from '#test-network/free-port.ts'

export type Side = 'holder' | 'requester'
export const sides: readonly Side[] = ['holder', 'requester']
export const passphrase = 'a passphrase for the kill matrix'
export const credentialType = 'BusinessRegistrationCredential'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** A row of the sample register whose holder has something to withhold. */
const record = '1700150002427'

export interface Prepared extends AsyncDisposable {
  readonly dids: Readonly<Record<Side, Did>>
  /** Of the credential that is asked for. */
  readonly credential: string
  /** For copies and for code that Node has compiled. */
  readonly dir: string
  /** @param into must not exist */
  copy(name: Side | 'registry', into: string): Promise<void>
}

interface Born {
  readonly running: Running
  readonly dir: string
  readonly did: Did
  readonly address: string
}

export async function prepare(): Promise<Prepared> {
  const dir = await mkdtemp(join(tmpdir(), 'dfft-kill-'))
  try {
    const { dids, credential } = await establish(dir)
    return {
      dids,
      credential,
      dir,
      copy: (name, into) => cp(join(dir, 'prepared', name), into, { recursive: true }),
      [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
    }
  } catch (thrown) {
    await rm(dir, { recursive: true, force: true })
    throw thrown
  }
}

async function establish(dir: string): Promise<{ dids: Record<Side, Did>; credential: string }> {
  await using undo = new AsyncDisposableStack()
  const born = async (name: string, jurisdiction: string, domain?: string): Promise<Born> => {
    const did = domain === undefined ? { method: 'key' } : { method: 'webvh', domain }
    const listen = [`/ip4/127.0.0.1/tcp/${await freePort()}`] // The same one at each start: the other side has it in its book.
    const at = join(dir, 'prepared', name)
    await initialise(at, passphrase, { name, jurisdiction, did, listen, limits: { statusAgeMaxMs: 604_800_000 }, logLevel: 'info' })
    const running = undo.use(await run(loadConfig(at, { env: {} }), passphrase, () => {}))
    return { running, dir: at, did: running.ready.did as Did, address: running.ready.addresses[0] ?? '' } // Of our own node.
  }
  const registry = await born('registry', 'JP', 'registry.jp.example')
  const holder = await born('holder', 'JP')
  const requester = await born('requester', 'DE', 'agency.de.example')
  await agreeOnRules(registry, holder, requester)
  const credential = await issue(registry, holder)
  return { dids: { holder: holder.did, requester: requester.did }, credential }
}

async function agreeOnRules(registry: Born, holder: Born, requester: Born): Promise<void> {
  const anchors = [
    { born: registry, jurisdictions: ['JP'], policies: ['jp'] },
    { born: requester, jurisdictions: ['DE', 'EU'], policies: ['eu', 'de'] },
  ]
  for (const { born, jurisdictions, policies } of anchors) {
    const { node } = born.running
    await node.trustAdd({ did: born.did, jurisdictions } as never) // As operators write them; the operation reads them.
    await node.trustAccredit({ subject: born.did, sector: 'public', assurance: 'high', issues: [credentialType] })
    for (const name of policies) await node.policyAdd({ text: await policy(name) })
  }
  for (const [from, to] of [
    [holder, registry],
    [holder, requester],
    [requester, registry],
    [requester, holder],
  ] as const)
    await from.running.node.peerAdd({ address: to.address })
  for (const { born, jurisdictions } of anchors)
    for (const other of [registry, holder, requester]) if (other !== born) await other.running.node.trustAdd({ did: born.did, jurisdictions } as never) // As above.
  const { document } = await registry.running.node.trustPropose({ partner: requester.did, credentials: [credentialType] })
  const agreed = await requester.running.node.trustSign({ document })
  for (const { running } of [registry, holder]) await running.node.trustApply({ document: agreed.document })
  await registry.running.node.trustAccredit({ subject: holder.did, sector: 'private' })
}

/** The reference policies, but that received data may be kept for a day only: a walk sees their end. */
async function policy(name: string): Promise<string> {
  const text = await readFile(join(root, `policies/packs/reference/${name}.yaml`), 'utf8')
  return text.replaceAll(/type: retention, max: P\d+[YM]/g, 'type: retention, max: P1D')
}

async function issue({ running: { node } }: Born, holder: Born): Promise<string> {
  const [header = '', ...lines] = (await readFile(join(root, 'test-network/countries/jp/register.csv'), 'utf8')).split('\n')
  await node.registryImport({ header, text: lines.join('\n'), firstLine: 2 })
  const { credential, delivery } = await node.issue({ record, subject: holder.did })
  if (delivery?.state !== 'closed') throw new Error(`the credential was not delivered: ${JSON.stringify(delivery)}`)
  return credential.id
}

/** What a node keeps, and what it will write beside it: the files at which it can be stopped. The engine's own diary is not data. */
export async function dataFiles(dir: string): Promise<readonly string[]> {
  const store = (await readdir(join(dir, 'store'))).filter((name) => name !== 'LOG' && name !== 'LOG.old' && name !== 'LOCK')
  const beside = ['log-anchor', 'data-keys', 'keystore.json'].flatMap((name) => [name, `${name}.new`])
  return [dir, ...store.map((name) => join(dir, 'store', name)), join(dir, 'attachments'), ...beside.map((name) => join(dir, name))]
}
