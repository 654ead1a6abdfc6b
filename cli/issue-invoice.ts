/** `dfft invoice issue`: an invoice from a file becomes a credential of its seller, and goes to the buyer as an offer. */
import type { Validation } from '#node/offline.ts'
import type { CrossFinding, InvoiceCase } from '#protocols/credential-types/electronic-invoice/cross-rules.ts'
import { Exit, TrustError } from '#protocols/errors.ts'
import { handOver } from './attach-file.ts'
import { extractOf, registration } from './claims-of.ts'
import type { Outcome, Session } from './command.ts'
import { bytesOfInvoice } from './files.ts'
import { findingsText, verdictText } from './invoice-view.ts'
import { invoiceWords } from './invoice-words.ts'
import { exchangeOutcome } from './views.ts'

export interface IssueInvoice {
  readonly to: string
  readonly purpose?: string
  readonly legalBasis?: string
  readonly claim?: readonly string[]
  readonly until?: string
  readonly validDays?: number
}

type Claims = Record<string, unknown>

/** Nobody says since when the number is in force: that is told, and is nothing wrong with the invoice. */
const untold = 'DFFT-CROSS-TAX-NUMBER-UNKNOWN'

/** @throws {TrustError} DFFT_SCHEMA for what is no invoice; as `issue` and `present` */
export async function issueInvoice(session: Session, file: string, options: IssueInvoice): Promise<Outcome> {
  const { api } = session
  if (file === '-') throw new TrustError('DFFT_USAGE', 'the file goes with the credential: name it, instead of standard input')
  const { validateInvoice } = await import('#protocols/invoice/validate.ts')
  const bytes = await bytesOfInvoice(session, file)
  const validation = validateInvoice(bytes)
  if (validation.official.verdict === 'INVALID' || validation.strict.verdict === 'INVALID') return refusedBy(session, { file, validation, cross: [] })
  const { did } = await api.status({})
  const claims = await claimsOf(bytes, validation)
  const cross = await crossed(session, did, claims)
  if (cross.some(({ id }) => id !== untold)) return refusedBy(session, { file, validation, cross })
  const { digest } = await handOver(session, file)
  const { validDays, to, purpose = 'trade.invoicing', legalBasis, claim, until } = options
  const { credential, held } = await api.issue({ type: 'ElectronicInvoiceCredential', claims, subject: did, attachments: [digest], validDays })
  if (held === null) throw new TrustError('DFFT_INTERNAL', 'the node does not hold what it issued about itself')
  const exchange = await api.present({ to, credential: held, purpose, legalBasis, claims: claim && [...claim], until })
  const outcome = await exchangeOutcome(session, exchange)
  const text = [verdictText(file, validation, session), ...(cross.length > 0 ? [findingsText(cross, session)] : []), outcome.text].join('\n')
  return { ...outcome, result: { credential: credential.id, held, ...judged(file, validation, cross), exchange }, text }
}

/** What is officially or strictly wrong, or not the seller’s, is not signed: whoever wants it to go has it corrected. */
function refusedBy(session: Session, { file, validation, cross }: { file: string; validation: Validation; cross: readonly CrossFinding[] }): Outcome {
  const message = invoiceWords(session.lang).invalid(1, 1)
  const text = [verdictText(file, validation, session), ...(cross.length > 0 ? [findingsText(cross, session)] : [])].join('\n')
  return { result: judged(file, validation, cross), text, failed: { code: 'DFFT_SCHEMA', message, exit: Exit.verification } }
}

function judged(file: string, { profile, official, strict, semanticDigest, rulesets }: Validation, cross: readonly CrossFinding[]): object {
  const { verdict, failed, warnings, findings } = official
  return { file, profile, official: { verdict, failed, warnings, findings }, strict, cross, semanticDigest, rulesets }
}

/** What the credential claims; its files the node names itself. */
async function claimsOf(bytes: Uint8Array, validation: Validation): Promise<Claims> {
  const { syntax } = validation
  if (syntax === null) throw new TrustError('DFFT_SCHEMA', 'the document is neither a UBL invoice or credit note nor a CII invoice')
  const [{ Document }, { modelOf, readInvoice }, { readXml }, { subjectOfInvoice }] = await Promise.all([
    import('#protocols/invoice/document.ts'),
    import('#protocols/invoice/model.ts'),
    import('#protocols/invoice/xml.ts'),
    import('#protocols/credential-types/electronic-invoice/subject-of.ts'),
  ])
  const model = modelOf(readInvoice(new Document(readXml(bytes)), syntax))
  return { ...subjectOfInvoice({ bytes, syntax, model, validation }) }
}

/** Against the registrations of itself that this node holds, by the one that has least against it; where it holds none, nothing can be said. */
async function crossed(session: Session, did: string, { invoice }: Claims): Promise<readonly CrossFinding[]> {
  const { credentials } = await session.api.credentialList({ role: 'held', limit: 1000 })
  const own = credentials.filter(({ type, subject, status }) => type === registration && subject === did && status !== 'revoked')
  if (own.length === 0) return []
  const { crossFindings } = await import('#protocols/credential-types/electronic-invoice/cross-rules.ts')
  const act = { resource: '*', jurisdiction: 'JP' } // Of mandates: the seller signs itself here.
  const found: (readonly CrossFinding[])[] = []
  for (const { id } of own) {
    const seller = { did, extracts: [await extractOf(session, id, '')] }
    found.push(crossFindings({ invoice: invoice as InvoiceCase['invoice'], signer: did, seller, act })) // As the model was read.
  }
  return found.toSorted((one, other) => one.length - other.length)[0] ?? []
}
