/** Subjects of each credential type in which every place that takes any text has one of ours. */
import { readFileSync } from 'node:fs'
import { digestOf } from '#protocols/canonical.ts'
import type { CredentialType } from '#protocols/credential-types/credential-type.ts'
import { credentialTypes } from '#protocols/credential-types/known-types.ts'
import type { Digest } from '#protocols/ids.ts'
import { type Party, reference, ThreeNodes } from './fixture.ts'

const folders: Readonly<Record<string, string>> = {
  BusinessRegistrationCredential: 'business-registration',
  QualificationCredential: 'qualification',
  ElectronicInvoiceCredential: 'electronic-invoice',
  PowerOfAttorneyCredential: 'power-of-attorney',
  OrderCredential: 'order',
  DespatchCredential: 'despatch',
  SettlementCredential: 'settlement',
  CertificateOfOriginCredential: 'certificate-of-origin',
}

export interface Planted {
  readonly type: CredentialType
  readonly claims: Record<string, unknown>
  /** What was planted, in the order of the places. */
  readonly texts: readonly string[]
}

/** @param next a text for each place; one that the type’s schema refuses there is not planted, and the sample’s own stays */
export function planted(next: () => string): readonly Planted[] {
  return [...credentialTypes.values()].map((type) => plantedIn(type, next))
}

function plantedIn(type: CredentialType, next: () => string): Planted {
  const { good } = JSON.parse(readFileSync(new URL(`../protocols/credential-types/${folders[type.name]}/vectors.json`, import.meta.url), 'utf8')) as {
    good: readonly { readonly subject: Record<string, unknown> }[]
  }
  // Files are handed over beside the claims, and so is a certificate, which is another company's here.
  const { attachments: _, registryCertificate: __, ...sample } = good.at(-1)?.subject ?? {}
  let claims: Record<string, unknown> = sample
  const texts: string[] = []
  for (const place of placesOf(claims)) {
    const text = next()
    const changed = structuredClone(claims)
    put(changed, place, text)
    if ('semanticDigest' in changed) changed.semanticDigest = digestOf(changed.invoice)
    if (!type.subject.safeParse(changed).success) continue
    claims = changed
    texts.push(text)
  }
  return { type, claims, texts }
}

type Path = readonly string[]

function placesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value === 'string') return [path]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, one]) => placesOf(one, [...path, name]))
}

function put(into: Record<string, unknown>, path: Path, text: string): void {
  const [last = '', ...before] = path.toReversed()
  const within = before.reduceRight((at, name) => at[name] as Record<string, unknown>, into) // A place that was found there.
  within[last] = text
}

/** Three nodes of which each side permits all: what may go where is not what is looked at. The Japanese agency may issue every type. */
export async function openNodes(): Promise<ThreeNodes> {
  const net = await ThreeNodes.start({}, permitsAll)
  const { did, node } = net.jp
  await node.trustAccredit({ subject: did, sector: 'public', assurance: 'high', issues: [...credentialTypes.keys()] })
  return net
}

const heldMax = 500

/** Issues one of each type to the business and delivers it, the first with a file. @returns what was planted in each, by its id there */
export async function delivered({ jp, biz }: ThreeNodes, next: () => string): Promise<readonly (Planted & { readonly id: string })[]> {
  const made: (Planted & { readonly id: string })[] = []
  const before = new Set((await biz.node.credentialList({ role: 'held', limit: heldMax })).credentials.map(({ id }) => id))
  for (const one of planted(next)) {
    const { type, claims } = one
    const to = type.about === 'person' ? { holder: biz.did, copies: 1 } : { subject: biz.did }
    const attachments = made.length === 0 ? [await handedOver(jp, 'of the first.pdf', next())] : []
    const { delivery } = await jp.node.issue({ type: type.name, claims, attachments, ...to })
    if (delivery?.state !== 'closed') throw new Error(`the delivery of ${type.name} ended ${delivery?.state} ${delivery?.code}`)
    const { credentials } = await biz.node.credentialList({ role: 'held', limit: heldMax })
    for (const { id } of credentials) {
      if (!before.has(id)) made.push({ ...one, id })
      before.add(id)
    }
  }
  return made
}

/** The same, and each shown to the German agency too. */
export async function plantedNodes(next: () => string): Promise<{ readonly net: ThreeNodes; readonly texts: readonly string[] }> {
  const net = await openNodes()
  const made = await delivered(net, next)
  for (const { type } of made) {
    const { state, code } = await net.request({ type: type.name, purpose: 'trade.invoicing' })
    if (state !== 'closed') throw new Error(`the exchange of ${type.name} ended ${state} ${code}`)
  }
  return { net, texts: made.flatMap(({ texts }) => texts) }
}

function permitsAll(jurisdiction: 'jp' | 'eu' | 'de'): string {
  const rules = ['export', 'import'].map(
    (direction) =>
      `- id: ${jurisdiction}.${direction}\n  direction: ${direction}\n  effect: permit\n  match: { from: [JP, DE], to: [JP, DE] }\n  title: { en: All, ja: すべて }\n  cite: [{ law: None, at: '0' }]\n`,
  )
  return `${reference(jurisdiction).split('\nrules:\n')[0]}\nrules:\n${rules.join('')}`
}

async function handedOver({ node }: Party, name: string, content: string): Promise<Digest> {
  const bytes = Buffer.from(content)
  const { upload } = await node.attachmentBegin({ name, mediaType: 'text/plain', bytes: bytes.length })
  await node.attachmentAppend({ upload, chunk: 0, content: bytes.toString('base64') })
  return (await node.attachmentFinish({ upload })).digest
}
