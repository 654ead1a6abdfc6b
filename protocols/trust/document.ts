/** Any signed document of the trust framework, as it travels between nodes and in bundles. */
import { z } from 'zod'
import type { Did } from '../ids.ts'
import { AnyAccreditation } from './accreditation.ts'
import { RecognitionAgreement } from './agreement.ts'
import { TrustAnchor } from './anchor.ts'
import { Advisory, SuspensionHead } from './suspension.ts'

export const TrustDocument = z.discriminatedUnion('type', [TrustAnchor, AnyAccreditation, RecognitionAgreement, SuspensionHead, Advisory])
export type TrustDocument = z.infer<typeof TrustDocument>

export type KindOf<Type extends TrustDocument['type']> = Extract<TrustDocument, { type: Type }>

const lines = {
  TrustAnchor: 'anchor',
  SuspensionHead: 'head',
  Accreditation: 'accreditation',
  RecognitionAgreement: 'agreement',
  Advisory: 'advisory',
} as const satisfies Record<TrustDocument['type'], string>

/** Of a document what all its versions share: who speaks in it and, where they speak of several things, an id of their choice. */
export type Lined =
  | Pick<KindOf<'TrustAnchor'> | KindOf<'SuspensionHead'>, 'type' | 'anchor'>
  | Pick<KindOf<'Accreditation'>, 'type' | 'issuer' | 'id'>
  | { readonly type: 'RecognitionAgreement'; readonly parties: readonly { readonly anchor: Did }[]; readonly id: string }
  | Pick<KindOf<'Advisory'>, 'type' | 'anchor' | 'id'>

export type LineName = `${(typeof lines)[TrustDocument['type']]}/${string}`

/** In an order that does not depend on who is named first. */
export function authorsOf(document: Lined): readonly Did[] {
  if (document.type === 'RecognitionAgreement') return document.parties.map(({ anchor }) => anchor).sort()
  return [document.type === 'Accreditation' ? document.issuer : document.anchor]
}

/**
 * `anchor/<did>`, `accreditation/<issuer>/<id>`, `agreement/<did>/<did>/<id>` …: of a line at most one version counts at a time. Whoever
 * gives his document the id of another’s has begun a line of his own.
 */
export function lineOf(document: Lined): LineName {
  return `${lines[document.type]}/${[...authorsOf(document), ...('id' in document ? [document.id] : [])].join('/')}`
}

/** The place in its line; an accreditation of version 1 has none, nor has an advisory. */
export function serialIn(document: TrustDocument): number {
  return 'serial' in document ? document.serial : 0
}
