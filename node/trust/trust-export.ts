/** An accreditation or agreement that this node has made, and that holds now, as a credential that others read, under our signature. */
import type { AuditLog } from '#node/audit/audit.ts'
import type { Gate } from '#node/identity/rotation.ts'
import type { Self } from '#node/identity/self.ts'
import type { Clock } from '#node/ports.ts'
import { addProof } from '#protocols/credential/data-integrity.ts'
import { issueVcJwt } from '#protocols/credential/vc-jwt.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, type Digest, instant } from '#protocols/ids.ts'
import type { AnyAccreditation } from '#protocols/trust/accreditation.ts'
import type { RecognitionAgreement } from '#protocols/trust/agreement.ts'
import type { Stated } from '#protocols/trust/framework.ts'
import { recognizedEntity } from '#protocols/trust/recognized-entities.ts'
import { judge } from '#protocols/trust/registry.ts'
import type { TrqpRequest } from '#protocols/trust/trqp.ts'
import type { Trust } from './trust.ts'
import { registryOf } from './trust-registry.ts'

interface Needs {
  readonly self: Self
  readonly clock: Clock
  readonly trust: Trust
  readonly audit: AuditLog
  readonly issuing: Gate
}

export interface ExportWish {
  /** Statement digest of a document, or whom it is about: a participant that we accredited, or an anchor with which we agreed. */
  readonly of: Digest | Did
  readonly jwt: boolean
  readonly validDays: number
}

export interface Exported {
  readonly statement: Digest
  readonly subject: Did
  readonly format: 'vc+jwt' | 'data-integrity'
  readonly credential: string
}

type Exportable = Stated<AnyAccreditation | RecognitionAgreement>

const dayMs = 86_400_000

/** @throws {TrustError} DFFT_NOT_FOUND; DFFT_NOT_ALLOWED for what another has said; why it does not hold now */
export async function exportTrust({ of, jwt, validDays }: ExportWish, needs: Needs): Promise<Exported> {
  const { self, clock, audit, issuing } = needs
  const nowMs = Math.floor(clock.nowMs() / 1000) * 1000
  const { document, digest } = found(of, needs)
  const credential = recognizedEntity(document, { statement: digest, issuer: self.did, nowMs, untilMs: nowMs + validDays * dayMs })
  const idle = whyIdle({ document, digest }, needs)
  if (idle) throw idle
  const subject = document.type === 'Accreditation' ? document.subject : otherSide(document, self.did)
  const text = await issuing.pass(async () =>
    jwt
      ? issueVcJwt(credential, self.signer)
      : JSON.stringify(await addProof(credential, { signer: self.signer, created: instant(nowMs), purpose: 'assertionMethod' }), null, 2),
  )
  await audit.append([{ kind: 'trust-exported', facts: { digest, subject } }], [])
  return { statement: digest, subject, format: jwt ? 'vc+jwt' : 'data-integrity', credential: text }
}

function found(of: Digest | Did, needs: Needs): Exportable {
  const { shelf } = needs.trust
  if (!of.startsWith('did:')) {
    const signed = shelf.signed(of as Digest) // The other of the two.
    if (!signed || !shelf.accepted(signed.digest)) throw new TrustError('DFFT_NOT_FOUND', 'no trust document in force has this digest', { digest: of })
    const { document, digest } = signed
    if (document.type === 'Accreditation' || document.type === 'RecognitionAgreement') return { document, digest }
    throw new TrustError('DFFT_NOT_ALLOWED', 'only accreditations and agreements are credentials to others', { type: document.type })
  }
  const about = [
    ...shelf.newestAccreditations().filter(({ document }) => document.subject === of),
    ...shelf.agreements().filter(({ document }) => document.parties.some(({ anchor }) => anchor === of) && of !== needs.self.did),
  ]
  const ours = about.filter(({ document }) => madeBy(document, needs.self.did) && newest({ document }, needs))
  const found = ours.find((one) => whyIdle(one, needs) === null) ?? ours[0]
  if (found) return found
  if (about.length > 0) throw new TrustError('DFFT_NOT_ALLOWED', 'what is held of this party is another’s to say', { party: of })
  throw new TrustError('DFFT_NOT_FOUND', 'no accreditation of this party and no agreement with it is held', { party: of })
}

function madeBy(document: Exportable['document'], did: Did): boolean {
  return document.type === 'Accreditation' ? document.issuer === did : document.parties.some(({ anchor }) => anchor === did)
}

function newest({ document }: Pick<Exportable, 'document'>, { trust }: Needs): boolean {
  return trust.shelf.lineWith(document)[0]?.document === document
}

/** A signature of today would revive what is suspended, replaced or over. @returns with the framework's code; null where it holds */
function whyIdle(stated: Exportable, needs: Needs): TrustError | null {
  const { document, digest } = stated
  if (!newest(stated, needs)) return new TrustError('DFFT_CONFLICT', 'a newer document has taken the place of this one', { digest })
  return document.type === 'Accreditation' ? whyFallen({ document, digest }, needs) : whyLapsed({ document, digest }, needs)
}

function whyLapsed({ document, digest }: Stated<RecognitionAgreement>, { self, trust, clock }: Needs): TrustError | null {
  const ours = document.parties.find(({ anchor }) => anchor === self.did)?.jurisdictions ?? []
  const recognition = document.recognises.find(({ by }) => ours.includes(by))
  const asked = { entity_id: otherSide(document, self.did), authority_id: self.did }
  const [purpose] = recognition && recognition.purposes !== '*' ? recognition.purposes : []
  const question: TrqpRequest = recognition
    ? {
        ...asked,
        action: 'recognize',
        resource: recognition.credentials[0] ?? '',
        context: { jurisdiction: recognition.by, ...(purpose === undefined ? {} : { purpose }) },
      }
    : { ...asked, action: 'admit', resource: document.admits.find((place) => !ours.includes(place)) ?? '', context: {} }
  const verdict = judge('recognition', question, registryOf(trust.shelf, clock))
  if (verdict.code !== null) return new TrustError(verdict.code, verdict.reason, { digest })
  return verdict.links.some((link) => link.digest === digest)
    ? null
    : new TrustError('DFFT_CONFLICT', 'another agreement has taken the place of this one', { digest })
}

/** By this accreditation and no other, as the framework of this node has it: whoever has a later one may not show this. */
function whyFallen(stated: Stated<AnyAccreditation>, { trust, clock }: Needs): TrustError | null {
  const { framework, island } = trust.shelf
  const { subject, jurisdiction } = stated.document
  const nowMs = clock.nowMs()
  const standing = framework.standingOf(subject, jurisdiction, { nowMs, island: island(nowMs) }, stated)
  return standing.ok ? null : new TrustError(standing.code, standing.reason, { ...standing.facts, digest: stated.digest })
}

function otherSide({ parties: [one, other] }: RecognitionAgreement, did: Did): Did {
  return one.anchor === did ? other.anchor : one.anchor
}
