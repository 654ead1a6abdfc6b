/** Any signed document of the trust framework, as it travels between nodes and in bundles. */
import { z } from 'zod'
import { AnyAccreditation } from './accreditation.ts'
import { RecognitionAgreement } from './agreement.ts'
import { TrustAnchor } from './anchor.ts'
import { Advisory, SuspensionHead } from './suspension.ts'

export const TrustDocument = z.discriminatedUnion('type', [TrustAnchor, AnyAccreditation, RecognitionAgreement, SuspensionHead, Advisory])
export type TrustDocument = z.infer<typeof TrustDocument>

export type KindOf<Type extends TrustDocument['type']> = Extract<TrustDocument, { type: Type }>

/** An anchor's DID, or an id: the versions of one thing have one name. */
export function nameOf(document: TrustDocument): string {
  return document.type === 'TrustAnchor' || document.type === 'SuspensionHead' ? document.anchor : document.id
}

const lines = {
  TrustAnchor: 'anchor',
  SuspensionHead: 'head',
  Accreditation: 'accreditation',
  RecognitionAgreement: 'agreement',
  Advisory: 'advisory',
} as const satisfies Record<TrustDocument['type'], string>

/** `anchor/<did>`, `agreement/<id>` …: of a line at most one version counts at a time. */
export function lineKeyOf(document: TrustDocument): string {
  return `${lines[document.type]}/${nameOf(document)}`
}

/** The place in its line; an accreditation of version 1 has none, nor has an advisory. */
export function serialIn(document: TrustDocument): number {
  return 'serial' in document ? document.serial : 0
}
