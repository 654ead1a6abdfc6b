/**
 * An invoice against other credentials: the seller is the registered business that it says, its tax number is its own and in force on the
 * day of the invoice, and whoever signed may do so. None of it is in the invoice alone, and none of it needs a register to be asked.
 *
 * Everything that comes in was verified as a credential; nothing here looks at a clock.
 */
import { decimal, zero } from '../../invoice/decimal.ts'
import type { Model } from '../../invoice/model.ts'
import type { BusinessRegistration } from '../business-registration/schema.ts'
import { type Act, type Extract, type HeldMandate, judgeMandate, type MandateFindingId } from '../power-of-attorney/mandate.ts'

/** A mandate, and the DID that its credential is about: the agent's. */
export interface AgentMandate extends HeldMandate {
  readonly subject: string
}

export interface InvoiceCase {
  readonly invoice: Model
  /** DID of the issuer of the invoice credential. */
  readonly signer: string
  /** The DID that the seller's registrations are about, and these. */
  readonly seller: { readonly did: string; readonly extracts: readonly Extract[] }
  /** Of the buyer, where they are at hand. */
  readonly buyer?: { readonly extracts: readonly Extract[] }
  /** From the one that the seller gave to the signer's; none where the seller signs. */
  readonly mandates?: readonly AgentMandate[]
  /** Registrations of agents that passed a mandate on. */
  readonly agents?: readonly Extract[]
  /** What is sold, in the words of mandates, and where the invoice takes effect. */
  readonly act: Pick<Act, 'resource' | 'jurisdiction' | 'agents'>
}

/** How the credential of an invoice stands, and what it says of itself. */
export interface Standing {
  /** As its issuer's status list has it: `valid`, or what it is instead. */
  readonly status: string
  readonly lifecycle?: { readonly state: string; readonly since?: string | undefined; readonly by?: string | undefined }
  /** Of the rules, as its issuer had it. */
  readonly verdicts: readonly ('VALID' | 'INVALID')[]
}

export interface CrossFinding {
  readonly id: CrossFindingId | MandateFindingId
  /** `/invoice/…`, `/seller`, `/signer` or `/mandates/…`. */
  readonly path: string
  readonly message: string
  readonly advice: string
}

/** UNTDID 1001: invoices and credit notes that the buyer issues in the seller's stead. */
const selfBilledTypes = new Set(['261', '389', '500', '501', '527'])

export function selfBilled(invoice: Model): boolean {
  const specification = text(invoice['BG-2'] as Model | undefined, 'BT-24') ?? '' // A group by the schema.
  return selfBilledTypes.has(text(invoice, 'BT-3') ?? '') || /:selfbilling-/.test(specification)
}

/** Of a self-billed invoice, whose buyer is this party: the buyer's side alone. Whether the seller lets it be issued so, its mandate says. */
export function buyerFindings(invoice: Model, extracts: readonly Extract[]): readonly CrossFinding[] {
  return ofBuyer(extracts, invoice, text(invoice, 'BT-2') ?? '')
}

/** @returns nothing where all fits */
export function crossFindings(given: InvoiceCase): readonly CrossFinding[] {
  const { invoice, seller, buyer } = given
  const day = text(invoice, 'BT-2') ?? ''
  const extract = heldOn(seller.extracts, day)
  return [
    ...(extract ? registered(extract, invoice, sellerTerms, day) : [finding('EXTRACT', '/seller', `no registration of the seller held on ${day}`)]),
    ...(buyer ? ofBuyer(buyer.extracts, invoice, day) : []),
    ...signedBy(given, day),
  ]
}

/** What keeps an invoice from being paid whoever sent it: it is withdrawn, replaced, or was not valid when it was signed. */
export function* standingFindings({ status, lifecycle, verdicts }: Standing): Iterable<CrossFinding> {
  if (status !== 'valid') yield finding('WITHDRAWN', '/status', `the status of the credential is \`${status}\``)
  if (lifecycle && lifecycle.state !== 'active') {
    const by = lifecycle.by === undefined ? '' : ` by \`${lifecycle.by}\``
    yield finding('LIFECYCLE', '/lifecycle', `the invoice is \`${lifecycle.state}\`${by}`)
  }
  if (verdicts.includes('INVALID')) yield finding('VERDICT', '/validation', 'the invoice was not valid when it was signed')
}

/** The registration of a party that was valid on the day; an older or a later one tells nothing about it. */
function heldOn(extracts: readonly Extract[], day: string): BusinessRegistration | undefined {
  return extracts.find(({ from, until }) => from <= day && (until === undefined || day <= until))?.registration
}

function ofBuyer(extracts: readonly Extract[], invoice: Model, day: string): readonly CrossFinding[] {
  const extract = heldOn(extracts, day)
  return extract ? [...registered(extract, invoice, buyerTerms, day)] : [finding('EXTRACT', '/buyer', `no registration of the buyer held on ${day}`)]
}

interface Terms {
  readonly group: string
  readonly legal: string
  readonly tax: string
  /** Whether tax on the invoice needs the number. */
  readonly needed: boolean
}

const sellerTerms: Terms = { group: 'BG-4', legal: 'BT-30', tax: 'BT-31', needed: true }
const buyerTerms: Terms = { group: 'BG-7', legal: 'BT-47', tax: 'BT-48', needed: false }

function* registered(extract: BusinessRegistration, invoice: Model, { group, legal, tax, needed }: Terms, day: string): Iterable<CrossFinding> {
  const party = invoice[group] as Model | undefined // A group by the schema.
  const path = `/invoice/${group}`
  const { value: status, since } = extract.legalStatus
  if (status !== 'active' && (since === undefined || since <= day)) yield finding('STATUS', path, `the business was \`${status}\` on ${day}`)
  const { value, scheme } = (party?.[legal] ?? {}) as { readonly value?: string; readonly scheme?: string } // A term with a scheme.
  const numbers = [...extract.registrations, ...(extract.lei === undefined ? [] : [{ scheme: '0199', value: extract.lei }])]
  if (value !== undefined && !numbers.some((one) => one.value === value && (scheme === undefined || one.scheme === scheme)))
    yield finding('REGISTRATION', `${path}/${legal}`, `\`${value}\` is no number of the registered business`)
  const number = text(party, tax)
  if (number !== undefined) yield* inForce(extract, number, `${path}/${tax}`, day)
  else if (needed && taxed(invoice)) yield finding('TAX-NUMBER', `${path}/${tax}`, 'there is tax on the invoice, and no number of whoever owes it')
}

/** Several entries of one number are several spans. */
function* inForce({ taxIds = [], registrations }: BusinessRegistration, number: string, path: string, day: string): Iterable<CrossFinding> {
  const spans = taxIds.filter(({ value }) => value === number)
  if (spans.some(({ validFrom, validTo }) => validFrom !== undefined && validFrom <= day && (validTo === undefined || day <= validTo))) return
  const known = spans.map(({ validFrom = '…', validTo = '…' }) => `${validFrom} to ${validTo}`)
  if (spans.some(({ validFrom }) => validFrom !== undefined))
    yield finding('TAX-NUMBER-FORCE', path, `\`${number}\` is in force ${known.join(', ')}, and not on ${day}`)
  // National Tax Agency: of a corporation it is T and its corporate number. So it is its own; whether it was in force, nobody says.
  else if (spans.length > 0 || registrations.some(({ scheme, value }) => scheme === '0188' && number === `T${value}`))
    yield finding('TAX-NUMBER-UNKNOWN', path, `the registration does not say since when \`${number}\` is in force`)
  else yield finding('TAX-NUMBER', path, `\`${number}\` is no tax number of the registered business`)
}

function taxed(invoice: Model): boolean {
  const total = text(invoice['BG-22'] as Model | undefined, 'BT-110') // A group by the schema.
  return total !== undefined && (decimal(total) ?? zero).units !== 0n
}

/** The seller itself, or the agent at the end of mandates that begin with the seller and cover the amount. */
function* signedBy({ invoice, signer, seller, mandates = [], agents = [], act }: InvoiceCase, day: string): Iterable<CrossFinding> {
  if (signer === seller.did) return
  const [root] = mandates
  const leaf = mandates.at(-1)
  if (!root || leaf?.subject !== signer) {
    yield finding('SIGNER', '/signer', 'whoever signed is neither the seller nor holds a mandate')
    return
  }
  const extract = heldOn(seller.extracts, day)
  if (!extract?.registrations.some((one) => root.mandate.grantor.registrations.some((mine) => mine.scheme === one.scheme && mine.value === one.value)))
    yield finding('SIGNER', '/mandates/0/grantor', 'the first mandate was not given by the seller')
  const [amount, currency] = [text(invoice['BG-22'] as Model | undefined, 'BT-112'), text(invoice, 'BT-5')] // A group by the schema.
  const wanted: Act = { ...act, action: 'invoice.issue', at: day, ...(amount === undefined ? {} : { amount }), ...(currency === undefined ? {} : { currency }) }
  const { findings } = judgeMandate(mandates, wanted, [...seller.extracts, ...agents])
  for (const one of findings) yield { ...one, path: `/mandates${one.path}` }
}

function text(model: Model | undefined, term: string): string | undefined {
  const found = model?.[term]
  return typeof found === 'string' ? found : undefined
}

const advice = {
  'DFFT-CROSS-EXTRACT': 'Ask for a registration credential that holds on the day of the invoice.',
  'DFFT-CROSS-STATUS': 'Do not pay; ask the register who may act for the business.',
  'DFFT-CROSS-REGISTRATION': 'Have the number corrected, or ask for the registration of the business that it belongs to.',
  'DFFT-CROSS-TAX-NUMBER': 'Have the number corrected; input tax cannot be deducted with it.',
  'DFFT-CROSS-TAX-NUMBER-FORCE': 'Ask for an invoice without tax, or with a number in force on its day.',
  'DFFT-CROSS-TAX-NUMBER-UNKNOWN': 'Look the number up where the tax authority publishes it.',
  'DFFT-CROSS-WITHDRAWN': 'Do not pay on it; ask the seller for the invoice that counts, or, where its status is unknown, fetch the list again.',
  'DFFT-CROSS-LIFECYCLE': 'Ask for the document that took its place, and judge that.',
  'DFFT-CROSS-VERDICT': 'Ask the seller for a corrected invoice.',
  'DFFT-CROSS-SIGNER': 'Ask the signer for its mandate, from the one that the seller gave.',
} as const satisfies Record<string, string>
export type CrossFindingId = keyof typeof advice

function finding(name: CrossFindingId extends `DFFT-CROSS-${infer Name}` ? Name : never, path: string, message: string): CrossFinding {
  const id: CrossFindingId = `DFFT-CROSS-${name}`
  return { id, path, message, advice: advice[id] }
}
