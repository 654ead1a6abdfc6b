/** What a bundle's list says of a trust document, by its type. */
import type { Did, Jurisdiction } from '../ids.ts'
import { type ItemKind, trustKinds } from './bundle.ts'
import { lineOf, type TrustDocument } from './document.ts'

export function kindOf({ type }: TrustDocument): ItemKind {
  return trustKinds[type]
}

/** What stays when it is said anew. Of what an anchor says of itself a newcomer needs all versions, in their order. */
export function idOf(document: TrustDocument): string {
  const line = lineOf(document)
  return document.type === 'TrustAnchor' ? `${line} ${String(document.serial).padStart(16, '0')}` : line
}

/** Null where it is of no single one. */
export function placeOf(document: TrustDocument): Jurisdiction | null {
  return document.type === 'Accreditation' ? document.jurisdiction : null
}

/** Who speaks in it as an anchor; of an accreditation none, since whoever accredits may be one or not. */
export function anchorsOf(document: TrustDocument): readonly Did[] {
  switch (document.type) {
    case 'Accreditation':
      return []
    case 'RecognitionAgreement':
      return document.parties.map(({ anchor }) => anchor)
    default:
      return [document.anchor]
  }
}

/** Those whose keys are needed to rely on it, or on what they do by it. */
export function didsIn(document: TrustDocument): readonly Did[] {
  switch (document.type) {
    case 'Accreditation':
      return [document.issuer, document.subject]
    case 'TrustAnchor':
      return [document.anchor, ...document.signers]
    default:
      return anchorsOf(document)
  }
}
