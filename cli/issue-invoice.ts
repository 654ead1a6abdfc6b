/** `dfft invoice issue`: an invoice from a file becomes a credential of its seller, and goes to the buyer as an offer. */
import type { Validation } from '#node/offline.ts'
import type { CrossFinding, InvoiceCase } from '#protocols/credential-types/electronic-invoice/cross-rules.ts'
import { Exit, TrustError } from '#protocols/errors.ts'
import type { Model } from '#protocols/invoice/model.ts'
import { handOver } from './attach-file.ts'
import { extractOf, mandate, registration, withdrawn } from './claims-of.ts'
import type { Outcome, Session } from './command.ts'
import { crossHeld } from './cross-held.ts'
import { bytesOfInvoice } from './files.ts'
import { type Reference, referencesOf } from './invoice-references.ts'
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
  /** Ids of credentials, or files, that the invoice names: see `references`. */
  readonly order?: string
  readonly contract?: string
  readonly despatch?: string
  readonly receipt?: string
  readonly preceding?: readonly string[]
  readonly resource?: string
  readonly in?: string
  readonly registrationPurpose?: string
  readonly dryRun?: boolean
}

type Claims = Record<string, unknown>

interface Judged {
  readonly file: string
  readonly validation: Validation
  readonly cross: readonly CrossFinding[]
}

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
  const claims = await claimsOf(bytes, validation, (model) => referencesOf(session, model, options))
  const cross = await crossed(session, did, claims, options)
  const judged = { file, validation, cross }
  if (cross.some(({ id }) => id !== untold)) return refusedBy(session, judged)
  if (options.dryRun) return triedOnly(session, judged, { claims, subject: did, validDays: options.validDays })
  const { digest } = await handOver(session, file)
  const { validDays, to, purpose = 'trade.invoicing', legalBasis, claim, until } = options
  const { credential, held } = await api.issue({ type: 'ElectronicInvoiceCredential', claims, subject: did, attachments: [digest], validDays })
  if (held === null) throw new TrustError('DFFT_INTERNAL', 'the node does not hold what it issued about itself')
  const exchange = await api.present({ to, credential: held, purpose, legalBasis, claims: claim && [...claim], until })
  const outcome = await exchangeOutcome(session, exchange)
  const text = `${judgedText(session, judged)}\n${outcome.text}`
  return { ...outcome, result: { credential: credential.id, held, file, ...validation, cross, exchange }, text }
}

/** Whether the node would issue it: the file is not handed over, and the buyer is told nothing. */
async function triedOnly(session: Session, judged: Judged, wish: Omit<Parameters<Session['api']['issue']>[0], 'type' | 'dryRun'>): Promise<Outcome> {
  await session.api.issue({ type: 'ElectronicInvoiceCredential', ...wish, dryRun: true })
  const { file, validation, cross } = judged
  return { result: { file, ...validation, cross }, text: `${session.texts.words.dryRun}\n${judgedText(session, judged)}` }
}

/** What is officially or strictly wrong, or not the seller’s, is not signed: whoever wants it to go has it corrected. */
function refusedBy(session: Session, judged: Judged): Outcome {
  const message = invoiceWords(session.lang).invalid(1, 1)
  const { file, validation, cross } = judged
  const exceeded = cross.some(({ id }) => id.startsWith('DFFT-MANDATE-'))
  const failed = exceeded ? ({ code: 'DFFT_RIGHTS', message } as const) : ({ code: 'DFFT_SCHEMA', message, exit: Exit.verification } as const)
  return { result: { file, ...validation, cross }, text: judgedText(session, judged), failed }
}

function judgedText(session: Session, { file, validation, cross }: Judged): string {
  return [verdictText(file, validation, session), ...(cross.length > 0 ? [findingsText(cross, session)] : [])].join('\n')
}

/** What the credential claims; its files the node names itself. */
async function claimsOf(bytes: Uint8Array, validation: Validation, referring: (model: Model) => Promise<readonly Reference[]>): Promise<Claims> {
  const { syntax } = validation
  if (syntax === null) throw new TrustError('DFFT_SCHEMA', 'the document is neither a UBL invoice or credit note nor a CII invoice')
  const [{ Document }, { modelOf, readInvoice }, { readXml }, { subjectOfInvoice }] = await Promise.all([
    import('#protocols/invoice/document.ts'),
    import('#protocols/invoice/model.ts'),
    import('#protocols/invoice/xml.ts'),
    import('#protocols/credential-types/electronic-invoice/subject-of.ts'),
  ])
  const model = modelOf(readInvoice(new Document(readXml(bytes)), syntax))
  const references = [...(await referring(model))]
  return { ...subjectOfInvoice({ bytes, syntax, model, validation, ...(references.length > 0 ? { references } : {}) }) }
}

/**
 * Against the registrations of itself that this node holds, by the one that has least against it; an agent's, against its mandates and the
 * registration of the seller. Where the node holds neither, nothing can be said.
 */
async function crossed(session: Session, did: string, { invoice }: Claims, options: IssueInvoice): Promise<readonly CrossFinding[]> {
  const { credentials } = await session.api.credentialList({ role: 'held', limit: 1000 })
  const own = credentials.filter((one) => one.type === registration && one.subject === did && !withdrawn(one))
  const { buyerFindings, crossFindings, selfBilled } = await import('#protocols/credential-types/electronic-invoice/cross-rules.ts')
  const model = invoice as InvoiceCase['invoice'] // As the model was read.
  const act = { resource: '*', jurisdiction: 'JP' } // Of mandates: the seller signs itself here.
  const found: (readonly CrossFinding[])[] = []
  for (const { id } of own) {
    const seller = { did, extracts: [await extractOf(session, id, '')] }
    found.push(selfBilled(model) ? buyerFindings(model, seller.extracts) : crossFindings({ invoice: model, signer: did, seller, act }))
  }
  const agent = credentials.some((one) => one.type === mandate && one.subject === did)
  if (agent && !selfBilled(model) && found.every((one) => one.some(({ id }) => id !== untold))) {
    const { resource, registrationPurpose } = options
    const held = {
      ...(resource === undefined ? {} : { resource }),
      ...(registrationPurpose === undefined ? {} : { registrationPurpose }),
      ...(options.in === undefined ? {} : { in: options.in }),
    }
    return (await crossHeld(session, { invoice: model, signer: did, subject: did }, held)).findings
  }
  return found.toSorted((one, other) => one.length - other.length)[0] ?? []
}
