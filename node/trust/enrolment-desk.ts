/** The official's desk: applications with what the register says of them, approved or declined. */

import type { OutputOf } from '#node/api.ts'
import type { AuditLog } from '#node/audit/audit.ts'
import { withdrawn } from '#node/credentials/register-subject.ts'
import type { Register } from '#node/credentials/registry.ts'
import type { Gate } from '#node/identity/rotation.ts'
import type { Self } from '#node/identity/self.ts'
import type { Addresses } from '#node/network/records.ts'
import type { Clock, Log, Network } from '#node/ports.ts'
import type { Missing } from '#policies/quorum.ts'
import { canonical } from '#protocols/canonical.ts'
import type { Application, ApplicationId } from '#protocols/enrolment.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { type Did, instant, type Jurisdiction } from '#protocols/ids.ts'
import type { Assurance, Right } from '#protocols/trust/accreditation.ts'
import { whyWider } from '#protocols/trust/framework.ts'
import { statementDigest } from '#protocols/trust/proof.ts'
import { type Enrolment, type Enrolments, untilOf } from './enrolment.ts'
import { converse } from './introductions.ts'
import { type Office, officeOf } from './office.ts'
import { everyRight, type Trust } from './trust.ts'
import type { TrustDesk } from './trust-desk.ts'

export interface DeskNeeds {
  readonly self: Self
  readonly trust: Trust
  readonly audit: Pick<AuditLog, 'append'>
  readonly clock: Clock
  readonly log: Log
  readonly network: Network
  readonly peers: Addresses
  readonly issuing: Gate
  readonly register: Register
  readonly enrolments: Enrolments
  readonly desk: TrustDesk
}

type View = OutputOf<'enrolShow'>['application']
type RegisterCheck = OutputOf<'enrolShow'>['register']

export function viewOf(enrolment: Enrolment): View {
  const { id, application, receivedAt, state, decidedAt, reason, accreditation } = enrolment
  const { applicant, name, jurisdiction, sector, number, wishes, contact } = application
  const until = untilOf(enrolment)
  return { id, applicant, name, jurisdiction, sector, number, wishes, contact, state, receivedAt, until, decidedAt, reason, accreditation }
}

export async function showEnrolment(id: ApplicationId, needs: DeskNeeds): Promise<OutputOf<'enrolShow'>> {
  const enrolment = await needs.enrolments.get(id)
  return { application: viewOf(enrolment), register: await registered(enrolment.application, needs) }
}

const schemeOfRegister = '0188'

/** What the register of this agency says of number and name. */
async function registered({ number: { scheme, value }, name }: Application, { register }: Pick<DeskNeeds, 'register'>): Promise<RegisterCheck> {
  const { records } = await register.list({ limit: 1 })
  if (scheme !== schemeOfRegister || records.length === 0) return { outcome: 'no register', name: null }
  const row = await register.get(value).catch((thrown) => {
    if (codeOf(thrown) === 'DFFT_NOT_FOUND') return undefined
    throw thrown
  })
  if (!row) return { outcome: 'not found', name: null }
  if (withdrawn(row) || row.closedOn) return { outcome: 'closed', name: row.name }
  const alike = [row.name, row.kana, row.english].some((known) => known !== undefined && plain(known) === plain(name))
  return { outcome: alike ? 'match' : 'other name', name: row.name }
}

/** Width, case and spaces are of the hand that wrote it. */
function plain(name: string): string {
  return name.normalize('NFKC').replaceAll(/\s+/g, '').toLowerCase()
}

export interface Approval {
  readonly id: ApplicationId
  readonly assurance: Assurance
  readonly issues: readonly string[]
  /** What was wished for, when left out. */
  readonly rights?: readonly Right[] | undefined
  readonly validDays: number
  readonly despiteRegister: boolean
  readonly dryRun: boolean
}

/**
 * Accredits the applicant, with what is granted. Its node is told if it is connected, and asks by itself when it comes.
 *
 * @throws {TrustError} DFFT_NOT_FOUND, DFFT_CONFLICT, DFFT_EXPIRED, DFFT_ENROLMENT when the register says otherwise; as `trust.accredit`
 */
export async function approveEnrolment(wish: Approval, needs: DeskNeeds, signal: AbortSignal): Promise<OutputOf<'enrolApprove'>> {
  const { trust, self, enrolments, issuing, desk } = needs
  const office = officeOf(needs)
  if (!office) throw new TrustError('DFFT_NOT_ALLOWED', 'this node accredits nobody')
  const open = await enrolments.openOne(wish.id)
  const register = await registered(open.application, needs)
  const granted = grantOf(open.application, wish)
  const until = instant(needs.clock.nowMs() + wish.validDays * 86_400_000)
  const grant = { ...granted, issues: [...granted.issues], rights: [...granted.rights], validUntil: until }
  checkGrant(granted, office)
  if (wish.dryRun) return { application: viewOf(open), register, grant, applied: false, told: false, missing: [] }
  if (!wish.despiteRegister && !['match', 'no register'].includes(register.outcome))
    throw new TrustError('DFFT_ENROLMENT', `the register says \`${register.outcome}\``, { outcome: register.outcome, name: register.name })
  let missing: readonly Missing[] = []
  const approved = await enrolments.approve(wish.id, async (_open, note) => {
    const { rights, ...said } = granted
    const limited = canonical(rights) === canonical(everyRight) ? {} : { rights }
    const { issuer, own } = office
    const accreditation = await issuing.pass(() => trust.accredit({ ...said, ...limited, issuer, under: own?.id, validDays: wish.validDays }, self))
    await note(statementDigest(accreditation))
    const acted = await desk.offered(accreditation, 'accredited', false, signal)
    missing = acted.missing
    return acted.signed.digest
  })
  const told = await tell(approved, needs, signal)
  return { application: viewOf(approved), register, grant, applied: true, told, missing: missing.map(({ count, of }) => ({ count, of: [...of] })) }
}

interface Grant {
  readonly subject: Did
  readonly jurisdiction: Jurisdiction
  readonly sector: 'public' | 'private'
  readonly assurance: Assurance
  readonly issues: readonly string[]
  readonly rights: readonly Right[]
}

/** @throws {TrustError} DFFT_TRUST_CHAIN for more than an accreditor may pass on; an anchor grants what it likes in its own jurisdiction */
function checkGrant(grant: Grant, { issuer, own }: Office): void {
  if (!own) return
  const issues = grant.issues.map((credential) => ({ credential, since: own.validFrom }))
  const wider = whyWider({ ...grant, issuer, issues, rights: [...grant.rights], passes: null }, own)
  if (wider !== null) throw new TrustError('DFFT_TRUST_CHAIN', wider, { subject: grant.subject })
}

function grantOf({ applicant, sector, wishes, jurisdiction }: Application, { assurance, issues, rights = wishes.rights }: Approval): Grant {
  return { subject: applicant, jurisdiction, sector, assurance, issues, rights }
}

interface Decline {
  readonly id: ApplicationId
  readonly reason: string
  readonly dryRun: boolean
}

export async function declineEnrolment(wish: Decline, needs: DeskNeeds, signal: AbortSignal): Promise<OutputOf<'enrolDecline'>> {
  const declined = await needs.enrolments.decline(wish)
  return { application: viewOf(declined), told: !wish.dryRun && (await tell(declined, needs, signal)) }
}

/** Whether the applicant's node has heard that there is a decision. */
async function tell({ id, application: { applicant } }: Enrolment, needs: DeskNeeds, signal: AbortSignal): Promise<boolean> {
  if (!needs.network.connected().some(({ did }) => did === applicant)) return false
  try {
    await converse(applicant, needs, signal, (ask) => ask({ type: 'decided', version: 1, id }, 'noted'))
    return true
  } catch (thrown) {
    needs.log('info', 'applicant not told', { applicant, code: codeOf(thrown) })
    return false
  }
}
