/** The way to a partner, step by step, as far as it goes: `dfft doctor peer`. */
import { lookup } from 'node:dns/promises'
import { codeOf } from '#protocols/errors.ts'
import type { Session } from './command.ts'
import { dialled, type State } from './doctor.ts'
import type { StepName } from './doctor-words.ts'

export interface Step {
  readonly step: StepName
  readonly state: State
  readonly seen: string | null
}

/** Clocks of partners may differ so far. */
const skewMs = 120_000

/** The last step is where it stops; all are proven where it goes through. */
export async function* walkTo(did: string, { api }: Session): AsyncIterable<Step> {
  const { peers } = await api.peerList({})
  const peer = peers.find((one) => one.did === did)
  const address = peer?.addresses[0]
  yield step('known', address === undefined ? 'failing' : 'proven', address ?? null)
  if (peer === undefined || address === undefined) return
  const [, kind = '', host = '', port = ''] = /^\/(ip4|ip6|dns4|dns6|dns)\/([^/]+)\/tcp\/(\d+)/.exec(address) ?? []
  const found = await tried(async () => (kind.startsWith('ip') ? host : (await lookup(host)).address))
  yield step('dns', found.code ? 'failing' : 'proven', found.code ?? found.value ?? null)
  if (found.code) return
  const refused = await dialled(found.value ?? host, Number(port))
  yield step('dial', refused === null ? 'proven' : 'failing', refused ?? `${found.value}:${port}`)
  if (refused !== null) return
  const hello = await tried(() => api.peerAdd({ address }))
  const other = hello.value && hello.value.did !== did
  yield step('handshake', hello.code || other ? 'failing' : 'proven', hello.code ?? hello.value?.did ?? null)
  if (hello.code || other) return
  const document = await tried(() => api.didShow({ did }))
  yield step('did', document.code || document.value?.deactivated ? 'failing' : 'proven', document.code ?? null)
  if (document.code || document.value?.deactivated) return
  const witnessed = await tried(() => api.auditWitness({ ask: true }))
  const partner = witnessed.value?.partners.find((one) => one.did === did)
  yield step('protocol', partner?.asked === 'co-signed' ? 'proven' : 'failing', partner?.code ?? witnessed.code ?? null)
  if (partner?.asked !== 'co-signed') return
  yield await policyStep(did, api)
  const awayMs = partner.at === null ? null : Math.abs(Date.parse(partner.at) - Date.now())
  yield step('clock', awayMs === null ? 'not-proven' : awayMs > skewMs ? 'failing' : 'proven', awayMs === null ? null : `${Math.round(awayMs / 1000)} s`)
}

async function policyStep(did: string, api: Session['api']): Promise<Step> {
  const [trust, status] = await Promise.all([api.trustList({}), api.status({})])
  const root = trust.roots.find((one) => one.did === did)
  const accredited = trust.accreditations.find((one) => one.subject === did)
  const jurisdictions = root?.jurisdictions ?? (accredited ? [accredited.jurisdiction] : [])
  const policy = status.policies.find(({ jurisdiction }) => jurisdictions.includes(jurisdiction))
  if (jurisdictions.length === 0) return step('policy', 'failing', null)
  return step('policy', policy ? 'proven' : 'failing', policy?.id ?? jurisdictions.join(' '))
}

function step(name: StepName, state: State, seen: string | null): Step {
  return { step: name, state, seen }
}

async function tried<T>(act: () => Promise<T>): Promise<{ readonly value?: T; readonly code?: string }> {
  try {
    return { value: await act() }
  } catch (thrown) {
    const name = thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : codeOf(thrown)
    return { code: name }
  }
}
