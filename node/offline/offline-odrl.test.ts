import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { odrlConflict, odrlExport, odrlImport } from '#node/offline.ts'
import { TrustError } from '#protocols/errors.ts'

const at = '2026-11-21T00:00:00Z'
const read = (country: string) => readFile(new URL(`../../policies/packs/reference/${country}.yaml`, import.meta.url), 'utf8')

const offer = (spatial: object, rest: object = {}) =>
  JSON.stringify({
    '@context': 'http://www.w3.org/ns/odrl.jsonld',
    uid: 'urn:example:offer',
    permission: { action: 'distribute', constraint: { leftOperand: 'spatial', ...spatial }, ...rest },
  })
const eq = (place: string) => ({ operator: 'eq', rightOperand: { '@id': place } })
const within = (group: string) => ({ operator: 'isPartOf', rightOperand: { '@id': group } })

const codeOf = (act: () => unknown) => {
  try {
    return act()
  } catch (error) {
    return error instanceof TrustError ? error.code : error
  }
}

describe('ODRL from files alone', () => {
  it('a reference policy goes out and comes back as it was', async () => {
    const text = await read('jp')
    const there = JSON.stringify(odrlExport(text, 'jp.yaml'))
    const [back, ...others] = odrlImport(there, {}).documents
    expect(others).toEqual([])
    expect(odrlExport(JSON.stringify(back))).toEqual(JSON.parse(there))
  })

  it('a suspension has no form in ODRL, and what is no policy is refused as such', () => {
    const suspension = { apiVersion: 'trust-policy/v1', kind: 'Suspension', match: {}, reason: { en: 'tests' } }
    const metadata = { id: 'urn:trust-policy:jp:stop', jurisdiction: 'JP', serial: 1, validFrom: at, validUntil: '2026-11-22T00:00:00Z' }
    expect(codeOf(() => odrlExport(JSON.stringify({ ...suspension, metadata })))).toBe('DFFT_POLICY_ODRL')
    expect(codeOf(() => odrlExport('rules: []'))).toBe('DFFT_POLICY_SYNTAX')
    expect(codeOf(() => odrlImport('{"a":1,"a":2}', {}))).toBe('DFFT_JSON_DUPLICATE_KEY')
    expect(codeOf(() => odrlImport('[]', {}))).toBe('DFFT_POLICY_ODRL')
  })

  it('places of the packs lie within their groups, and two countries apart', () => {
    const verdict = (one: object, other: object) => odrlConflict(offer(one), offer(other), at)
    expect(verdict(eq('https://w3id.org/dpv/loc#DE'), within('urn:dfft:odrl:group:EEA'))).toBe('compatible')
    expect(verdict(eq('https://w3id.org/dpv/loc#DE'), within('https://w3id.org/dpv/loc#EU'))).toBe('compatible')
    expect(verdict(eq('https://w3id.org/dpv/loc#DE'), eq('https://w3id.org/dpv/loc#JP'))).toBe('conflict')
    expect(verdict(eq('https://w3id.org/dpv/loc#JP'), within('urn:dfft:odrl:group:EEA'))).toBe('unknown')
    // Until 31 January 2020 it was a member.
    expect(
      [at, '2019-06-01T00:00:00Z'].map((day) => odrlConflict(offer(eq('https://w3id.org/dpv/loc#GB')), offer(within('https://w3id.org/dpv/loc#EU')), day)),
    ).toEqual(['unknown', 'compatible'])
  })

  it('what is no set, interval or time is no verdict', () => {
    expect(codeOf(() => odrlConflict(offer(eq('loc:JP'), { duty: { action: 'delete' } }), offer(eq('loc:JP')), at))).toBe('DFFT_POLICY_ODRL')
  })
})
