import { expect, test } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import { LocalRegistrar } from '#protocols/registry-certificate.fixture.ts'
import { readRegistryCertificate, registryEvidence } from '#protocols/registry-certificate.ts'
import { withCertificate } from './registry-evidence.ts'

const claims = {
  legalName: [{ value: '経済産業省', lang: 'ja' }],
  registrations: [{ scheme: '0188', value: '4000012090001', register: 'NTA' }],
  jurisdiction: 'JP',
  legalStatus: { value: 'active' },
  sourceRecord: { register: 'NTA', retrievedAt: '2026-11-01T00:00:00Z', digest: `sha256:${'0'.repeat(64)}` },
}

test('a certificate of the company goes into its registration, one of another or out of its time does not', () => {
  using registrar = new LocalRegistrar()
  const der = registrar.certify('one')
  const base64 = Buffer.from(der).toString('base64')
  const { validFromMs, validUntilMs } = readRegistryCertificate(der)
  const refusal = (act: () => unknown) => {
    try {
      act()
      return null
    } catch (thrown) {
      return codeOf(thrown)
    }
  }
  expect(withCertificate(claims, base64, validFromMs)).toEqual({ ...claims, registryCertificate: registryEvidence(der) })
  expect(withCertificate(claims, undefined, validFromMs)).toBe(claims)
  const other = { ...claims, registrations: [{ scheme: '0188', value: '6000012150001', register: 'NTA' }] }
  expect(refusal(() => withCertificate(other, base64, validFromMs))).toBe('DFFT_REGISTRY_CERTIFICATE')
  expect(refusal(() => withCertificate(claims, base64, validUntilMs + 1))).toBe('DFFT_REGISTRY_CERTIFICATE')
  // Also where the claims bring it themselves.
  const brought = { ...other, registryCertificate: { ...registryEvidence(der) } }
  expect(refusal(() => withCertificate(brought, undefined, validFromMs))).toBe('DFFT_REGISTRY_CERTIFICATE')
  expect(refusal(() => withCertificate(brought, base64, validFromMs))).toBe('DFFT_USAGE')
})
