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

/**
 * Three nodes with credentials of every type, issued by the Japanese agency to the business, and received by the German one, with a file of
 * the first of them. What may go where is not what is looked at: each side permits all.
 */
export async function plantedNodes(next: () => string): Promise<{ readonly net: ThreeNodes; readonly texts: readonly string[] }> {
  const net = await ThreeNodes.start({}, permitsAll)
  const { jp, biz } = net
  await jp.node.trustAccredit({ subject: jp.did, sector: 'public', assurance: 'high', issues: [...credentialTypes.keys()] })
  const texts: string[] = []
  for (const { type, claims, texts: within } of planted(next)) {
    texts.push(...within)
    const to = type.about === 'person' ? { holder: biz.did } : { subject: biz.did }
    const attachments = texts.length === within.length ? [await handedOver(jp, 'of the first.pdf', next())] : []
    const { delivery } = await jp.node.issue({ type: type.name, claims, attachments, ...to })
    if (delivery?.state !== 'closed') throw new Error(`the delivery of ${type.name} ended ${delivery?.state} ${delivery?.code}`)
    const { state, code } = await net.request({ type: type.name, purpose: 'trade.invoicing' })
    if (state !== 'closed') throw new Error(`the exchange of ${type.name} ended ${state} ${code}`)
  }
  return { net, texts }
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
