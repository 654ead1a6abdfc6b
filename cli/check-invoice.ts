/**
 * `dfft invoice check`: an invoice credential against what else this node holds. Whether the seller's tax number is its own and was in force on the
 * day, whether the signer may sign for it, and whether the invoice still stands. No register is asked: the registrations held here tell.
 */
import type { CrossFinding, InvoiceCase } from '#protocols/credential-types/electronic-invoice/cross-rules.ts'
import { Exit } from '#protocols/errors.ts'
import type { Verdict } from '#protocols/invoice/validate.ts'
import { type Said, saidBy } from './claims-of.ts'
import type { Outcome, Session } from './command.ts'
import { crossHeld, type HeldFor, type PassedOver, type Side } from './cross-held.ts'
import { findingsText } from './invoice-view.ts'
import { invoiceWords } from './invoice-words.ts'
import { clean, facts } from './render.ts'

/** @throws {TrustError} as `saidBy`, of the invoice and of what is named; DFFT_LIMIT where so much is held that it has to be named */
export async function checkInvoice(session: Session, id: string, options: HeldFor): Promise<Outcome> {
  const { purpose = 'trade.invoicing' } = options
  const said = await saidBy(session, id, purpose, ['ElectronicInvoiceCredential'])
  const [{ standingFindings }, { electronicInvoicePart }] = await Promise.all([
    import('#protocols/credential-types/electronic-invoice/cross-rules.ts'),
    import('#protocols/credential-types/electronic-invoice/schema.ts'),
  ])
  const { lifecycle, validation } = electronicInvoicePart().parse(said.claims)
  const invoice = (said.claims.invoice ?? {}) as InvoiceCase['invoice'] // By the schema.
  const { findings: crossed, side, passedOver } = await crossHeld(session, { invoice, signer: said.issuer, subject: said.subject }, options)
  const own = await judgedAgain(said)
  const verdicts: readonly Verdict[] = [...(validation ? [validation.verdict, validation.strict.verdict] : []), ...own]
  const findings = [...standingFindings({ status: said.status, verdicts, ...(lifecycle ? { lifecycle } : {}) }), ...crossed]
  return outcomeOf(session, { id, said, findings, side, passedOver })
}

/** By what it shows: what is withheld, nobody judges, and rules that miss it fail. */
async function judgedAgain({ claims }: Said): Promise<readonly Verdict[]> {
  const [{ writeUbl }, { validateInvoice }] = await Promise.all([import('#protocols/invoice/write-ubl.ts'), import('#protocols/invoice/validate.ts')])
  const { official, strict } = validateInvoice(Buffer.from(writeUbl((claims.invoice ?? {}) as Parameters<typeof writeUbl>[0]))) // As above.
  return [official.verdict, strict.verdict]
}

interface Told {
  readonly id: string
  readonly said: Said
  readonly findings: readonly CrossFinding[]
  readonly side: Side
  readonly passedOver: readonly PassedOver[]
}

function outcomeOf(session: Session, { id, said, findings, side, passedOver }: Told): Outcome {
  const { style, lang } = session
  const words = invoiceWords(lang)
  const fits = findings.length === 0
  const verdict = fits ? 'FITS' : 'DOES-NOT-FIT'
  const { registrations, mandates, given } = side
  const result = { credential: id, verdict, signer: said.issuer, seller: given.seller.did, registrations, mandates, findings, passedOver }
  const about = facts(
    [
      [words.checked.signer, said.issuer],
      [words.checked.seller, given.seller.did],
      [words.checked.registrations, registrations.length > 0 ? registrations : words.none],
      [words.checked.mandates, mandates.length > 0 ? mandates : undefined],
      [words.checked.passedOver, passedOver.map(({ id: other, code }) => `${other} (${code})`)],
    ],
    style,
  )
  const message = words.fits[verdict]
  const text = [`${style.bold(clean(id))}  ${(fits ? style.good : style.bad)(message)}`, about, ...(fits ? [] : [findingsText(findings, session)])].join('\n')
  return { result, text, ...(fits ? {} : { failed: { code: 'DFFT_SCHEMA', message, exit: Exit.verification } as const }) }
}
