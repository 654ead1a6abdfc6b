import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { decideSide } from '#policies/decide.ts'
import { shippedPacks } from '#policies/packs/packs.ts'
import { parsePolicy } from '#policies/parse-policy.ts'
import { sidesOf } from '#policies/sides.ts'
import { businessRegistration } from '#protocols/credential-types/business-registration/type.ts'
import type { Did, Instant, JsonPointer, Jurisdiction } from '#protocols/ids.ts'
import { waysOf } from '#protocols/query/exchange-query.ts'
import type { Accreditation } from '#protocols/trust/accreditation.ts'
import { type Asked, type Known, queryOf, questionOf } from './facts.ts'

const at = '2026-11-21T00:00:00Z' as Instant

function accreditation(subject: string, jurisdiction: string): Accreditation {
  return {
    type: 'Accreditation',
    version: 1,
    id: 'urn:uuid:00000000-0000-4000-8000-000000000000',
    issuer: 'did:web:anchor.example',
    subject,
    jurisdiction,
    sector: 'private',
    assurance: 'high',
    issues: [],
    validFrom: at,
    validUntil: '2027-11-21T00:00:00Z',
  } as unknown as Accreditation // Without its proof, which questionOf does not look at.
}

const query = queryOf(businessRegistration, ['/legalName' as JsonPointer])

function questionAbout(dataFlags: readonly string[]) {
  const asked = {
    type: 'request',
    version: 1,
    exchange: '0123456789abcdef0123456789abcdef',
    at,
    from: 'did:web:buyer.example' as Did,
    to: 'did:web:seller.example' as Did,
    accreditation: accreditation('did:web:buyer.example', 'CN'),
    purpose: 'compliance.aml',
    legalBasis: 'legal-obligation',
    transferTools: [],
    query,
  } as unknown as Asked // What of a Request is asked about.
  const known: Known = {
    holder: accreditation('did:web:seller.example', 'US'),
    issuer: { assurance: 'high', source: shippedPacks.digests.legal } as Known['issuer'],
    dataFlags,
  }
  const [way] = query.credentials.flatMap((credential) => waysOf(credential))
  return questionOf(asked, way!, known)
}

const unitedStates = sidesOf([parsePolicy(readFileSync(new URL('../../policies/packs/reference/us.yaml', import.meta.url), 'utf8'))], shippedPacks)

describe('what a holder says of its data', () => {
  it('is said also when nothing is flagged: what nobody speaks of counts as raised against the flow', () => {
    const question = questionAbout([])
    expect(question.facts.dataFlags).toEqual({ value: [], origin: 'holder' })
    expect(decideSide(unitedStates('US' as Jurisdiction, at), 'export', question).code).toBe('PERMITTED')
    const { dataFlags: _, ...unsaid } = question.facts
    expect(decideSide(unitedStates('US' as Jurisdiction, at), 'export', { ...question, facts: unsaid }).code).toBe('DENIED_BY_RULE')
  })

  it('stops what is flagged', () => {
    const question = questionAbout(['bulk-sensitive'])
    expect(decideSide(unitedStates('US' as Jurisdiction, at), 'export', question)).toMatchObject({ code: 'DENIED_BY_RULE', rules: ['us.deny.bulk-sensitive'] })
  })
})
