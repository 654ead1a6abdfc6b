/** Which documents an invoice means by the numbers that it gives: each is named by its credential, or by the digest of its file. */
import type { ElectronicInvoice } from '#protocols/credential-types/electronic-invoice/schema.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Model } from '#protocols/invoice/model.ts'
import { isCredential, saidBy } from './claims-of.ts'
import type { Session } from './command.ts'
import { digestOfFile } from './files.ts'

export type Reference = NonNullable<ElectronicInvoice['references']>[number]

export interface Referred {
  readonly order?: string
  readonly contract?: string
  readonly despatch?: string
  readonly receipt?: string
  readonly preceding?: readonly string[]
  /** For received credentials. */
  readonly purpose?: string
}

/** Where the invoice gives the number, and where the credential does. */
const kinds = {
  order: { term: 'BT-13', types: ['OrderCredential'], member: 'orderNumber' },
  contract: { term: 'BT-12', types: [], member: '' },
  despatch: { term: 'BT-16', types: ['DespatchCredential'], member: 'despatchNumber' },
  receipt: { term: 'BT-15', types: [], member: '' },
} as const

/** @throws {TrustError} DFFT_SCHEMA where the invoice names no such document, or another; as `saidBy` and `digestOfFile` */
export async function referencesOf(session: Session, invoice: Model, referred: Referred): Promise<readonly Reference[]> {
  const references: Reference[] = []
  for (const kind of ['contract', 'order', 'receipt', 'despatch'] as const) {
    const which = referred[kind]
    if (which === undefined) continue
    const number = invoice[kinds[kind].term]
    if (typeof number !== 'string') throw new TrustError('DFFT_SCHEMA', `the invoice names no ${kind} (${kinds[kind].term})`)
    references.push({ kind, number, ...(await meant(session, which, kinds[kind], { number, purpose: referred.purpose })) })
  }
  for (const which of referred.preceding ?? []) references.push(await preceding(session, which, invoice, referred.purpose))
  return references
}

interface Kind {
  readonly types: readonly string[]
  readonly member: string
}

/** The number in a credential is the one in the invoice: two documents of one trade are told apart by nothing else. */
async function meant(
  session: Session,
  which: string,
  { types, member }: Kind,
  { number, purpose = usual }: { readonly number: string; readonly purpose: string | undefined },
): Promise<Pick<Reference, 'credential' | 'digest'>> {
  if (!isCredential(which)) return { digest: await digestOfFile(session, which) }
  const { name, claims } = await saidBy(session, which, purpose, types)
  if (claims[member] !== number) throw new TrustError('DFFT_SCHEMA', `the invoice names \`${number}\`, and the credential is of \`${String(claims[member])}\``)
  return { credential: name }
}

const usual = 'trade.invoicing'

async function preceding(session: Session, which: string, invoice: Model, purpose = usual): Promise<Reference> {
  const named = ((invoice['BG-3'] ?? []) as readonly Model[]).map((one) => String(one['BT-25'])) // Groups by the schema.
  if (isCredential(which)) {
    const { name, claims } = await saidBy(session, which, purpose, ['ElectronicInvoiceCredential'])
    const number = String((claims.invoice as Model | undefined)?.['BT-1']) // By the schema.
    if (!named.includes(number)) throw new TrustError('DFFT_SCHEMA', `the invoice names no preceding invoice \`${number}\` (BT-25)`)
    return { kind: 'precedingInvoice', number, credential: name }
  }
  const [number, ...others] = named
  if (number === undefined || others.length > 0)
    throw new TrustError('DFFT_SCHEMA', `the invoice names ${named.length} preceding invoices (BT-25): of a file nobody can tell which it is`)
  return { kind: 'precedingInvoice', number, digest: await digestOfFile(session, which) }
}
