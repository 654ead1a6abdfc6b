/** Short questions and policies for tests. */
import type { Did } from '#protocols/ids.ts'
import { shippedPacks } from './packs/packs.ts'
import type { Rule, Suspension, TrustPolicy } from './policy.ts'
import { type Fact, type FactName, factRow, type Question } from './question.ts'

export const exporter = 'did:web:exporter.example' as Did
export const importer = 'did:web:importer.example' as Did

type Short = Omit<Partial<Question>, 'facts' | 'data'> & { facts?: Partial<Record<FactName, Fact['value'] | Fact | null>>; data?: Record<string, string> }

/** From Japan to Germany for a supplier check, unless told otherwise; a fact given as a value has an admitted origin, null takes it away. */
export function ask({ facts = {}, data = { '/name': 'registration.name' }, ...rest }: Short = {}): Question {
  const all = {
    from: 'JP',
    to: 'DE',
    sector: 'private',
    purpose: 'trade.supplier-verification',
    issuerAssurance: 'high',
    counterpartyAssurance: 'high',
    ...facts,
  }
  const vouched = Object.entries(all).flatMap(([name, value]) => {
    if (value === null) return []
    return [[name, typeof value === 'object' && !Array.isArray(value) ? value : { value, origin: factRow(name as FactName).origins[0] }]]
  })
  return {
    version: 'dfft-question/1',
    at: '2026-11-21T00:00:00Z' as Question['at'],
    exporter,
    importer,
    credential: 'BusinessRegistrationCredential',
    selective: true,
    data: Object.entries(data)
      .map(([path, category]) => ({ path, category }))
      .sort((a, b) => (a.path < b.path ? -1 : 1)),
    facts: Object.fromEntries(vouched),
    ...rest,
  }
}

type Loose<T> = T extends unknown ? Omit<T, 'direction' | 'match'> & { direction?: 'export' | 'import'; match?: Rule['match'] } : never

/** A policy of these rules; export where no direction is given. */
export function policyOf(jurisdiction: string, ...rules: Loose<Rule>[]): TrustPolicy {
  return {
    apiVersion: 'trust-policy/v1',
    kind: 'TrustPolicy',
    metadata: {
      id: `urn:trust-policy:${jurisdiction.toLowerCase()}:test`,
      jurisdiction: jurisdiction as TrustPolicy['metadata']['jurisdiction'],
      serial: 1,
      validFrom: '2026-09-01T00:00:00Z' as Question['at'],
      validUntil: '2027-09-01T00:00:00Z' as Question['at'],
      packs: shippedPacks.digests,
    },
    rules: rules.map((rule) => ({ direction: 'export', match: {}, ...rule }) as Rule),
  }
}

export function suspensionOf(match: Suspension['match']): Suspension {
  const { packs: _, ...metadata } = policyOf('JP').metadata
  return {
    apiVersion: 'trust-policy/v1',
    kind: 'Suspension',
    metadata: {
      ...metadata,
      id: 'urn:trust-policy:jp:suspension:17',
      validFrom: '2026-11-20T00:00:00Z' as Question['at'],
      validUntil: '2026-11-23T00:00:00Z' as Question['at'],
    },
    match,
    reason: { en: 'Key compromise reported by the counterparty', ja: '相手方の鍵漏えい' },
  }
}
