import { describe, expect, test } from 'vitest'
import { checkCredential } from '../credential/vcdm.ts'
import { businessRegistration } from '../credential-types/business-registration/type.ts'
import { codeOf } from '../errors.ts'
import type { Json } from '../json.ts'
import type { Accreditation } from './accreditation.ts'
import { type Exporting, recognizedEntity } from './recognized-entities.ts'
import {
  accreditation,
  agreement,
  at,
  DE,
  dayMs,
  de,
  fr,
  handelsregister,
  JP,
  jp,
  nowMs,
  registrarsPaper,
  registration,
  shop,
  shopsPaper,
} from './registry.fixture.ts'

const statement = `sha256:${'a'.repeat(64)}`
const by = (issuer: Exporting['issuer']): Exporting => ({ statement, issuer, nowMs, untilMs: nowMs + 30 * dayMs })
interface Exported {
  readonly id: string
  readonly type: readonly string[]
  readonly issuer: Json
  readonly validFrom: string
  readonly validUntil: string
  readonly termsOfUse?: Json
  readonly credentialSubject: {
    readonly id: string
    readonly recognizedTo?: readonly Record<string, Json>[]
    readonly accreditedFor?: readonly { readonly schemaId: string; readonly types: readonly string[]; readonly limitJurisdiction: string }[]
  } & Record<string, Json>
}
const exported = (document: Parameters<typeof recognizedEntity>[0], exporting = by(jp)) =>
  checkCredential(recognizedEntity(document, exporting)) as unknown as Exported
const refusal = (act: () => unknown) => {
  try {
    return act()
  } catch (thrown) {
    return codeOf(thrown)
  }
}

describe('an accreditation as a credential', () => {
  test('says who may issue what and since when, in the terms of W3C and of EBSI', () => {
    const credential = exported(registrarsPaper)
    expect(credential).toMatchObject({
      id: registrarsPaper.id,
      type: ['VerifiableCredential', 'RecognizedEntityCredential', 'VerifiableAttestation', 'VerifiableAccreditation', 'VerifiableAccreditationToAttest'],
      issuer: { id: jp, type: 'RecognizedIssuer' },
      credentialSubject: { id: registrarsPaper.subject, type: 'RecognizedEntity', jurisdiction: JP, sector: 'public', assurance: 'high', statement },
    })
    expect(credential.credentialSubject.recognizedTo).toEqual([
      {
        type: 'RecognizedAction',
        action: 'issue',
        recognizedBy: jp,
        credentialType: registration,
        outputValidation: { id: businessRegistration.schemaId, type: 'JsonSchema' },
        validFrom: at(-5),
      },
    ])
    expect(credential.credentialSubject.accreditedFor).toEqual([
      { schemaId: businessRegistration.schemaId, types: ['VerifiableCredential', registration], limitJurisdiction: 'https://w3id.org/dpv/loc#JP' },
    ])
  })

  test('begins now, ends with its document, and after the days that are asked for at the latest', () => {
    expect(exported(registrarsPaper)).toMatchObject({ validFrom: at(0), validUntil: at(30) })
    expect(exported({ ...registrarsPaper, validUntil: at(3) })).toMatchObject({ validUntil: at(3) })
    expect(refusal(() => exported({ ...registrarsPaper, validUntil: at(0) }))).toBe('DFFT_EXPIRED')
    expect(refusal(() => exported({ ...registrarsPaper, validFrom: at(1) }))).toBe('DFFT_NOT_YET_VALID')
  })

  test('of a participant says its rights as they are, and nothing of accreditation', () => {
    const credential = exported(shopsPaper)
    expect(credential.type).toEqual(['VerifiableCredential', 'RecognizedEntityCredential'])
    expect(credential.credentialSubject.accreditedFor).toBeUndefined()
    expect(credential.credentialSubject.recognizedTo).toMatchObject([
      { action: 'request', credentialType: [registration], purpose: ['trade.supplier-verification'], counterparty: ['https://w3id.org/dpv/loc#DE'] },
      { action: 'provide', credentialType: '*', purpose: '*', counterparty: '*' },
    ])
  })

  const passes = { issues: [registration, 'ShoeCredential'], rights: shopsPaper.rights, assurance: 'substantial' as const, depth: 1 }

  test('of an accreditor names what it may let others issue, how deep and how high', () => {
    const credential = exported(accreditation({ issuer: jp, subject: shop, jurisdiction: JP, passes }))
    expect(credential.type).toContain('VerifiableAccreditationToAccredit')
    expect(credential.credentialSubject.recognizedTo).toEqual([
      {
        type: 'RecognizedAction',
        action: 'accredit',
        recognizedBy: jp,
        credentialType: passes.issues,
        assurance: 'substantial',
        depth: 1,
        passesRights: passes.rights,
      },
    ])
    expect(credential.credentialSubject.accreditedFor?.map(({ schemaId, types }) => [schemaId, types[1]])).toEqual([
      [businessRegistration.schemaId, registration],
      ['urn:dfft:trust:credential-type:ShoeCredential', 'ShoeCredential'],
    ])
  })

  test('of one who issues and accredits names to readers of EBSI what it issues, and no more', () => {
    const credential = exported({ ...registrarsPaper, passes })
    expect(credential.type).not.toContain('VerifiableAccreditationToAccredit')
    expect(credential.credentialSubject.accreditedFor?.map(({ types }) => types[1])).toEqual([registration])
    expect(credential.credentialSubject.recognizedTo?.map(({ action }) => action)).toEqual(['issue', 'accredit'])
  })

  test('by an accreditor below the anchor points to what it rests on itself', () => {
    const credential = exported({ ...registrarsPaper, issuer: shop, under: shopsPaper.id }, by(shop))
    expect(credential.issuer).toEqual({ id: shop, type: 'RecognizedIssuer', recognizedIn: { id: shopsPaper.id, type: 'RecognizedEntityCredential' } })
    expect(credential.termsOfUse).toEqual({ id: shopsPaper.id, type: 'IssuanceCertificate' })
  })

  test('of version 1 says that it sets no limits', () => {
    const { serial: _, under: _under, passes: _passes, rights: _rights, ...rest } = registrarsPaper
    const first = { ...rest, version: 1, issues: [registration] } as unknown as Accreditation
    expect(exported(first).credentialSubject.recognizedTo).toMatchObject([
      { action: 'issue' },
      { action: 'request', credentialType: '*' },
      { action: 'provide', counterparty: '*' },
    ])
    expect(exported(first).credentialSubject.recognizedTo?.[0]).not.toHaveProperty('validFrom')
  })

  test('is its issuer’s alone to say anew', () => {
    expect(refusal(() => recognizedEntity(registrarsPaper, by(de)))).toBe('DFFT_NOT_ALLOWED')
  })
})

describe('an agreement as a credential', () => {
  test('says what one side recognises of the other, at which levels, and whom it admits', () => {
    const { id, credentialSubject, type } = exported(agreement())
    expect(type).toEqual(['VerifiableCredential', 'RecognizedEntityCredential'])
    expect(id).toBe(`urn:dfft:agreement:${agreement().id.slice(9)}:JP`)
    expect(credentialSubject).toMatchObject({ id: de, type: 'RecognizedEntity', jurisdiction: ['DE', 'EU'], statement })
    expect(credentialSubject.recognizedTo).toEqual([
      {
        type: 'RecognizedAction',
        action: 'accredit',
        recognizedBy: jp,
        credentialType: [registration],
        purpose: '*',
        jurisdiction: DE,
        reliedOnIn: JP,
        assuranceCounts: { low: null, substantial: 'low', high: 'substantial' },
        issuedFrom: at(-50),
      },
      { type: 'RecognizedAction', action: 'admit', recognizedBy: jp, jurisdiction: DE },
    ])
  })

  test('by the other side says the other direction, under another name', () => {
    const theirs = exported(agreement(), by(de))
    expect(theirs.id).not.toBe(exported(agreement()).id)
    expect(theirs.credentialSubject.recognizedTo).toMatchObject([{ purpose: ['trade.supplier-verification'], jurisdiction: JP, reliedOnIn: DE }])
  })

  test('is said by its sides only, and only by one that recognises something', () => {
    expect(refusal(() => recognizedEntity(agreement(), by(fr)))).toBe('DFFT_NOT_ALLOWED')
    expect(refusal(() => recognizedEntity(agreement(), by(handelsregister)))).toBe('DFFT_NOT_ALLOWED')
    const oneWay = agreement({ recognises: agreement().recognises.filter((one) => one.by === JP), admits: [] })
    expect(refusal(() => recognizedEntity(oneWay, by(de)))).toBe('DFFT_NOT_ALLOWED')
    expect(refusal(() => recognizedEntity(agreement({ validUntil: at(0) }), by(jp)))).toBe('DFFT_EXPIRED')
  })
})
