/**
 * An invoice against what this node holds: its registrations, and the mandates from the signer's up. The seller is who has least against it.
 */
import type { CredentialView } from '#node/api/credentials.ts'
import type { AgentMandate, CrossFinding, InvoiceCase } from '#protocols/credential-types/electronic-invoice/cross-rules.ts'
import type { Extract } from '#protocols/credential-types/power-of-attorney/mandate.ts'
import { TrustError } from '#protocols/errors.ts'
import { extractOf, mandate, mandateOf, registration } from './claims-of.ts'
import type { Session } from './command.ts'

/** What of it is read, and for what. */
export interface HeldFor {
  readonly purpose?: string
  readonly registration?: readonly string[]
  readonly registrationPurpose?: string
  readonly mandate?: readonly string[]
  readonly mandatePurpose?: string
  readonly resource?: string
  readonly in?: string
}

export interface Signed {
  readonly invoice: InvoiceCase['invoice']
  readonly signer: string
  /** DID that its credential is about. */
  readonly subject: string | null
}

export interface Crossed {
  readonly findings: readonly CrossFinding[]
  readonly side: Side
  readonly passedOver: readonly PassedOver[]
}

interface Registered {
  readonly id: string
  readonly extract: Extract
}

interface Mandated extends AgentMandate {
  readonly kept: string
  readonly issuer: string
}

/** What is held and may not be read for this: it tells nothing, and that is told. */
export interface PassedOver {
  readonly id: string
  readonly code: string
}

interface Held {
  readonly registrations: readonly Registered[]
  readonly mandates: readonly Mandated[]
  readonly passedOver: readonly PassedOver[]
}

const usual = 'trade.invoicing'

/** More than a business has with one partner: each is a use that is recorded. */
const heldMax = 50

/** @throws {TrustError} as `saidBy`, of what is named; DFFT_LIMIT where so much is held that it has to be named */
export async function crossHeld(session: Session, signed: Signed, options: HeldFor): Promise<Crossed> {
  const { crossFindings, selfBilled } = await import('#protocols/credential-types/electronic-invoice/cross-rules.ts')
  const { invoice, signer } = signed
  const roles = { self: (await session.api.status({})).did, selfBilled: selfBilled(invoice) }
  const { registrations, mandates, passedOver } = await heldHere(session, options)
  const act = { resource: options.resource ?? '*', jurisdiction: options.in ?? buyerCountry(invoice) }
  const best = (held: readonly Mandated[]) => {
    const sides = sidesOf(signed, { registrations, mandates: held, passedOver }, roles)
    const judged = sides.map((side) => ({ side, findings: crossFindings({ invoice, signer, act, ...side.given }) }))
    const [first] = judged.toSorted((one, other) => one.findings.length - other.findings.length)
    if (!first) throw new TrustError('DFFT_INTERNAL', 'a signer is a side by itself')
    return first
  }
  // Where the seller signs itself no mandate is asked for, and none is read: each reading is recorded.
  const alone = best([])
  const judged = alone.findings.length === 0 && options.mandate === undefined ? alone : best(await mandates())
  return { ...judged, passedOver }
}

/** Country of the buyer (BT-55), where the invoice takes effect; nowhere that a mandate reaches, where it is not shown. */
function buyerCountry(invoice: InvoiceCase['invoice']): string {
  const country = groupIn(groupIn(invoice, 'BG-7'), 'BG-8')?.['BT-55']
  return typeof country === 'string' ? country : ''
}

function groupIn(model: InvoiceCase['invoice'] | undefined, group: string): InvoiceCase['invoice'] | undefined {
  const found = model?.[group]
  return typeof found === 'object' && !Array.isArray(found) ? (found as InvoiceCase['invoice']) : undefined
}

/** Registrations of others and of ourselves, and the mandates from the signer's up. */
async function heldHere(
  session: Session,
  options: HeldFor,
): Promise<{ readonly registrations: readonly Registered[]; mandates(): Promise<readonly Mandated[]>; readonly passedOver: readonly PassedOver[] }> {
  const { purpose = usual, registrationPurpose = purpose, mandatePurpose = 'mandate.verification' } = options
  const { credentials } = await session.api.credentialList({ limit: 1000 })
  const passedOver: PassedOver[] = []
  const read = async <Read>(type: string, named: readonly string[] | undefined, one: (id: string) => Promise<Read>): Promise<readonly Read[]> => {
    if (named) return Promise.all(named.map(one))
    const found: Read[] = []
    for (const { id } of candidates(credentials, type)) {
      const part = await one(id).catch((thrown) => {
        if (!(thrown instanceof TrustError)) throw thrown
        passedOver.push({ id, code: thrown.code })
        return null
      })
      if (part) found.push(part)
    }
    return found
  }
  const registrations = await read(registration, options.registration, async (id) => ({ id, extract: await extractOf(session, id, registrationPurpose) }))
  const mandates = () =>
    read(mandate, options.mandate, async (id) => {
      const { subject, ...said } = await mandateOf(session, id, mandatePurpose)
      return { ...said, kept: id, subject: subject ?? '' }
    })
  return { registrations, mandates, passedOver }
}

/** What was issued here is held under another id where it is about this node: once is enough. */
function candidates(credentials: readonly CredentialView[], type: string): readonly CredentialView[] {
  const found = credentials.filter((one) => one.type === type)
  if (found.length > heldMax)
    throw new TrustError('DFFT_LIMIT', `more than ${heldMax} credentials \`${type}\` are held: name those that it is to be checked against`, {
      count: found.length,
    })
  return found
}

export interface Side {
  readonly given: Pick<InvoiceCase, 'seller' | 'buyer' | 'mandates' | 'agents'>
  readonly registrations: readonly string[]
  readonly mandates: readonly string[]
}

interface Roles {
  /** DID of this node. */
  readonly self: string
  /** The buyer signs, and whoever looks at it is the seller. */
  readonly selfBilled: boolean
}

/** Who the seller may be: the signer, or who gave the first of the mandates that end with the signer. */
function sidesOf({ signer, subject }: Signed, { registrations, mandates }: Held, { self, selfBilled }: Roles): readonly Side[] {
  const of = (did: string) => registrations.filter(({ extract }) => extract.subject === did)
  const chains = mandates.filter((one) => one.subject === signer).map((leaf) => chainTo(leaf, mandates))
  const mine = (selfBilled ? of(signer) : self === signer ? [] : of(self)).map(({ extract }) => extract)
  const rest = { agents: registrations.map(({ extract }) => extract), ...(mine.length > 0 ? { buyer: { extracts: mine } } : {}) }
  // By each registration of it: a business may have been registered anew, or under two numbers.
  const sides = (did: string, chain: readonly Mandated[]): readonly Side[] => {
    const own = of(did)
    return (own.length === 0 ? [undefined] : own).map((first) => ({
      given: { ...rest, seller: { did, extracts: own.toSorted((one) => (one === first ? -1 : 0)).map(({ extract }) => extract) }, mandates: chain },
      registrations: first ? [first.id] : [],
      mandates: chain.map(({ kept }) => kept),
    }))
  }
  const [chain = []] = chains
  if (selfBilled && self !== signer) return (chains.length === 0 ? [[]] : chains).flatMap((one) => sides(self, one))
  const signers = [...new Set([signer, ...(subject === null ? [] : [subject])])]
  return [...signers.flatMap((did) => sides(did, did === signer ? [] : chain)), ...chains.flatMap((one) => (one[0] ? sides(one[0].issuer, one) : []))]
}

/** From the first down to this one; what rests on one that is not held begins in the middle, and is found wanting. */
function chainTo(leaf: Mandated, mandates: readonly Mandated[]): readonly Mandated[] {
  const chain = [leaf]
  for (let parent = leaf.mandate.parent; parent && chain.length < heldMax; ) {
    const { credential } = parent
    const above = mandates.find(({ id }) => id === credential)
    if (!above || chain.includes(above)) break
    chain.unshift(above)
    parent = above.mandate.parent
  }
  return chain
}
