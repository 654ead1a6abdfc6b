/**
 * Accreditations and agreements as credentials that others read: VCDM 2.0, in the terms of W3C Recognized Entities (`recognizedTo`,
 * `recognizedIn`) and of EBSI's chain of trusted issuers (`VerifiableAccreditationToAttest` and `…ToAccredit`, `accreditedFor`).
 *
 * What is exported never says more than its document. What others have no word for stands in terms of our own. Where EBSI's model cannot
 * tell two things apart (what one issues, and what one lets others issue) the narrower one is said in its terms, both in those of W3C.
 *
 * @see W3C Recognized Entities v1.0, Editor's Draft of 2026 after the First Public Working Draft of May 2026 (w3c/vc-recognized-entities,
 *   commit 036335e); its data model is not stable. EBSI Issuer Trust Model, verifiable accreditations, version 3 of its schemas.
 */
import type { JsonObject } from '../credential/jws.ts'
import { contextV2 } from '../credential/vcdm.ts'
import { credentialTypes } from '../credential-types/known-types.ts'
import { TrustError } from '../errors.ts'
import { type Did, type Instant, instant, type Jurisdiction, msOf } from '../ids.ts'
import type { Json } from '../json.ts'
import { type AnyAccreditation, type Passes, type Right, typesIssued } from './accreditation.ts'
import type { RecognitionAgreement } from './agreement.ts'

const w3c = 'https://www.w3.org/ns/credentials/recognized-entities#'
const credentials = 'https://www.w3.org/2018/credentials#'
const ours = 'urn:dfft:trust:'
const ebsi = 'urn:dfft:ebsi:'
const dateTime = 'http://www.w3.org/2001/XMLSchema#dateTime'

/**
 * In the document, since the draft's context has no settled address and nothing is fetched here. Its terms map as the draft maps them;
 * EBSI's have no addresses at all, and get some of ours.
 */
const recognitionContext = {
  '@protected': true,
  RecognizedEntityCredential: `${w3c}RecognizedEntityCredential`,
  RecognizedIssuer: `${w3c}RecognizedIssuer`,
  RecognizedEntity: `${w3c}RecognizedEntity`,
  RecognizedAction: {
    '@id': `${w3c}RecognizedAction`,
    '@context': {
      '@protected': true,
      validFrom: { '@id': `${credentials}validFrom`, '@type': dateTime },
      validUntil: { '@id': `${credentials}validUntil`, '@type': dateTime },
    },
  },
  recognizedTo: { '@id': `${w3c}recognizedTo`, '@type': '@id' },
  recognizedIn: { '@id': `${w3c}recognizedIn`, '@type': '@id' },
  recognizedBy: { '@id': `${w3c}recognizedBy`, '@type': '@id' },
  outputValidation: { '@id': `${w3c}outputValidation`, '@type': '@id' },
  action: `${w3c}action`,
  VerifiableAttestation: `${ebsi}VerifiableAttestation`,
  VerifiableAccreditation: `${ebsi}VerifiableAccreditation`,
  VerifiableAccreditationToAttest: `${ebsi}VerifiableAccreditationToAttest`,
  VerifiableAccreditationToAccredit: `${ebsi}VerifiableAccreditationToAccredit`,
  IssuanceCertificate: `${ebsi}IssuanceCertificate`,
  accreditedFor: { '@id': `${ebsi}accreditedFor`, '@type': '@json' },
  ...Object.fromEntries(
    ['jurisdiction', 'sector', 'assurance', 'depth', 'statement', 'credentialType', 'purpose', 'counterparty', 'issuedFrom', 'reliedOnIn'].map((name) => [
      name,
      `${ours}${name}`,
    ]),
  ),
  assuranceCounts: { '@id': `${ours}assuranceCounts`, '@type': '@json' },
  passesRights: { '@id': `${ours}passesRights`, '@type': '@json' },
} as const

export interface Exporting {
  /** Statement digest of the document: what the credential restates. */
  readonly statement: string
  /** Who signs it: the issuer of the accreditation, or one side of the agreement. */
  readonly issuer: Did
  readonly nowMs: number
  /** The credential ends with its document, or then: nobody can suspend it before. */
  readonly untilMs: number
}

/**
 * @returns a credential without its proof
 * @throws {TrustError} DFFT_NOT_ALLOWED for a document whose issuer another is: what he says anew is for him to say
 */
export function recognizedEntity(document: AnyAccreditation | RecognitionAgreement, exporting: Exporting): JsonObject {
  const credential = document.type === 'Accreditation' ? ofAccreditation(document, exporting) : ofAgreement(document, exporting)
  return credential as unknown as JsonObject // JSON throughout: it is made of members of JSON documents, and of texts.
}

function ofAccreditation(document: AnyAccreditation, exporting: Exporting) {
  const { id, issuer, subject, jurisdiction, sector, assurance } = document
  if (issuer !== exporting.issuer) throw new TrustError('DFFT_NOT_ALLOWED', 'the accreditation is another’s, who alone may say it anew', { issuer })
  const under = document.version === 2 ? document.under : null
  const passes = document.version === 2 ? document.passes : null
  const types = typesIssued(document)
  const attests = types.length > 0
  const accredited = attests ? types : (passes?.issues ?? [])
  return {
    '@context': [contextV2, recognitionContext],
    id,
    type: ['VerifiableCredential', 'RecognizedEntityCredential', ...(accredited.length > 0 ? ebsiTypes(attests) : [])],
    issuer: { id: issuer, type: 'RecognizedIssuer', ...(under === null ? {} : { recognizedIn: { id: under, type: 'RecognizedEntityCredential' } }) },
    ...spanOf(document, exporting),
    credentialSubject: {
      id: subject,
      type: 'RecognizedEntity',
      jurisdiction,
      sector,
      assurance,
      statement: exporting.statement,
      ...listed('recognizedTo', actionsOf(document, passes)),
      ...listed(
        'accreditedFor',
        accredited.map((type) => accreditedFor(type, jurisdiction)),
      ),
    },
    ...(under === null ? {} : { termsOfUse: { id: under, type: 'IssuanceCertificate' } }),
  }
}

function ebsiTypes(attests: boolean): readonly string[] {
  return ['VerifiableAttestation', 'VerifiableAccreditation', attests ? 'VerifiableAccreditationToAttest' : 'VerifiableAccreditationToAccredit']
}

/** From now on, since a proof counts from when it was made, and never beyond the document. @throws {TrustError} DFFT_EXPIRED, DFFT_NOT_YET_VALID */
function spanOf({ validFrom, validUntil }: { readonly validFrom: Instant; readonly validUntil: Instant }, { nowMs, untilMs }: Exporting) {
  if (nowMs < msOf(validFrom)) throw new TrustError('DFFT_NOT_YET_VALID', 'the document begins in the future', { validFrom })
  if (nowMs >= msOf(validUntil)) throw new TrustError('DFFT_EXPIRED', 'the document is past its end', { validUntil })
  return { validFrom: instant(nowMs), validUntil: instant(Math.min(untilMs, msOf(validUntil))) }
}

function listed(name: string, list: readonly object[]): Readonly<Record<string, unknown>> {
  return list.length === 0 ? {} : { [name]: list }
}

function actionsOf(document: AnyAccreditation, passes: Passes | null): readonly object[] {
  const by = document.issuer
  const issues =
    document.version === 1
      ? document.issues.map((type) => issuing(type, by))
      : document.issues.map(({ credential, since }) => ({ ...issuing(credential, by), validFrom: since }))
  // Version 1 sets no limits to what its subject asks for and provides.
  const rights = document.version === 1 ? [anything('request', by), anything('provide', by)] : document.rights.map((right) => ofRight(right, by))
  return [...issues, ...rights, ...(passes ? [ofPasses(passes, by)] : [])]
}

function doing(action: string, by: Did) {
  return { type: 'RecognizedAction', action, recognizedBy: by }
}

function issuing(type: string, by: Did) {
  const known = credentialTypes.get(type)
  return { ...doing('issue', by), credentialType: type, ...(known ? { outputValidation: { id: known.schemaId, type: 'JsonSchema' } } : {}) }
}

function anything(act: Right['act'], by: Did) {
  return { ...doing(act, by), credentialType: '*', purpose: '*', counterparty: '*' }
}

function ofRight({ act, credentials, purposes, counterparties }: Right, by: Did) {
  const whom = counterparties === '*' ? '*' : [...counterparties.dids, ...counterparties.jurisdictions.map(placeUrl)]
  return { ...doing(act, by), credentialType: credentials, purpose: purposes, counterparty: whom }
}

function ofPasses({ issues, rights, assurance, depth }: Passes, by: Did) {
  return {
    ...doing('accredit', by),
    ...(issues.length > 0 ? { credentialType: issues } : {}),
    assurance,
    depth,
    ...(rights.length > 0 ? { passesRights: rights } : {}),
  }
}

function accreditedFor(type: string, jurisdiction: Jurisdiction) {
  const schemaId = credentialTypes.get(type)?.schemaId ?? `${ours}credential-type:${encodeURIComponent(type)}`
  return { schemaId, types: ['VerifiableCredential', type], limitJurisdiction: placeUrl(jurisdiction) }
}

/** As ODRL policies name places. @see W3C Data Privacy Vocabulary, locations */
function placeUrl(code: Jurisdiction): string {
  return `https://w3id.org/dpv/loc#${code}`
}

/** What one side says of the other: the recognitions and admissions that count with itself. The other direction is the other's to say. */
function ofAgreement(document: RecognitionAgreement, exporting: Exporting) {
  const { issuer, statement } = exporting
  const ourSide = document.parties.find(({ anchor }) => anchor === issuer)
  const theirs = document.parties.find(({ anchor }) => anchor !== issuer)
  if (!ourSide || !theirs) throw new TrustError('DFFT_NOT_ALLOWED', 'the agreement is between others', { agreement: document.id })
  const recognised = document.recognises.filter(({ by }) => ourSide.jurisdictions.includes(by))
  const admitted = document.admits.filter((place) => theirs.jurisdictions.includes(place))
  const actions = [...recognised.map((one) => ofRecognition(one, issuer)), ...admitted.map((place) => ({ ...doing('admit', issuer), jurisdiction: place }))]
  if (actions.length === 0) throw new TrustError('DFFT_NOT_ALLOWED', 'by this agreement our side recognises nothing', { agreement: document.id })
  return {
    '@context': [contextV2, recognitionContext],
    // Each side says its half, so that two credentials have two names.
    id: `urn:dfft:agreement:${document.id.slice('urn:uuid:'.length)}:${ourSide.jurisdictions.join('-')}`,
    type: ['VerifiableCredential', 'RecognizedEntityCredential'],
    issuer: { id: issuer, type: 'RecognizedIssuer' },
    ...spanOf(document, exporting),
    credentialSubject: { id: theirs.anchor, type: 'RecognizedEntity', jurisdiction: theirs.jurisdictions, statement, recognizedTo: actions },
  }
}

/** The anchor is recognised to accredit those who issue: what they issue is recognised, each at the level that its own counts as. */
function ofRecognition({ of, by, credentials: types, purposes, assurance, issuedFrom }: RecognitionAgreement['recognises'][number], issuer: Did) {
  const counts: Json = assurance
  return {
    ...doing('accredit', issuer),
    credentialType: types,
    purpose: purposes,
    jurisdiction: of,
    reliedOnIn: by,
    assuranceCounts: counts,
    ...(issuedFrom === null ? {} : { issuedFrom }),
  }
}
