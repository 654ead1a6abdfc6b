import { afterAll, expect, test } from 'vitest'
import { codeOf } from './errors.ts'
import { context, der, tags } from './evidence-der.ts'
import { digest } from './ids.ts'
import { corporation, LocalRegistrar, sample } from './registry-certificate.fixture.ts'
import {
  bindRegistryEvidence,
  readRegistryCertificate,
  registryCertificateLimits,
  registryEvidence,
  verifyRegistryCertificate,
  verifyRegistryEvidence,
} from './registry-certificate.ts'

const registrar = new LocalRegistrar()
afterAll(() => registrar[Symbol.dispose]())

const company = registrar.certify('company')
const roots = registrar.pem('root')
/** Certificates made later in this file are in force too. */
const atMs = Date.now() + 3_600_000
const expected = { roots, atMs }

const subject = {
  legalName: [{ value: '経済産業省' }],
  registrations: [{ scheme: '0188', value: '4000012090001' }],
  registeredAddress: { full: '東京都千代田区霞が関1丁目3番1号' },
  representatives: [{ name: '見本　太郎' }],
  registryCertificate: registryEvidence(company),
}

function refusal(act: () => unknown): string {
  try {
    act()
    return 'nothing was refused'
  } catch (thrown) {
    return `${codeOf(thrown)} ${(thrown as Error).message}`
  }
}
const refusedAs = (message: string) => expect.stringMatching(new RegExp(`^DFFT_REGISTRY_CERTIFICATE .*${message}`))

test('a certificate says what the commercial register says, with the corporate number that follows from the company number', () => {
  expect(verifyRegistryCertificate(company, expected)).toEqual({
    corporateName: '経済産業省',
    companyNumber: '000012090001',
    corporateNumber: '4000012090001',
    headOffice: '東京都千代田区霞が関１丁目３番１号',
    representativeName: '見本太郎',
    representativeTitle: '代表取締役',
    registryOffice: '東京法務局',
    registrar: '東京法務局登記官',
    digest: digest(company),
    serial: expect.stringMatching(/^[0-9a-f]+$/),
    validFromMs: expect.any(Number),
    validUntilMs: expect.any(Number),
    keyUsage: ['digitalSignature', 'nonRepudiation'],
  })
})

test('a certificate before and after its time is refused, and one by a registrar that is not trusted', () => {
  const { validFromMs, validUntilMs } = readRegistryCertificate(company)
  for (const at of [validFromMs - 1000, validUntilMs + 1000])
    expect(refusal(() => verifyRegistryCertificate(company, { roots, atMs: at }))).toEqual(refusedAs('not in force'))
  expect(verifyRegistryCertificate(company, { roots, atMs: validFromMs }).validFromMs).toBe(validFromMs)
  registrar.root('other')
  expect(refusal(() => verifyRegistryCertificate(company, { roots: registrar.pem('other'), atMs }))).toEqual(refusedAs('does not lead'))
  expect(refusal(() => verifyRegistryCertificate(company, { roots: '', atMs }))).toEqual(refusedAs('no certificates'))
  // Whoever calls the certificate of a company itself a root trusts nobody's word for it.
  expect(refusal(() => verifyRegistryCertificate(company, { roots: registrar.pem('company'), atMs }))).toEqual(refusedAs('is no root'))
})

test('one between the registrar and the root is taken when it is brought, and may sign certificates', () => {
  const between = registrar.between('between')
  const below = registrar.certify('below', { issuer: 'between' })
  expect(refusal(() => verifyRegistryCertificate(below, expected))).toEqual(refusedAs('does not lead'))
  expect(verifyRegistryCertificate(below, { ...expected, between: [between] }).corporateName).toBe('経済産業省')
  const idle = registrar.between('idle', 'critical,cRLSign')
  const wrong = registrar.certify('wrong', { issuer: 'idle' })
  expect(refusal(() => verifyRegistryCertificate(wrong, { ...expected, between: [idle] }))).toMatch(/^DFFT_REGISTRY_CERTIFICATE/)
})

test.for([
  ['of an authority', { usage: 'keyCertSign,digitalSignature' }, 'of an authority'],
  ['whose key only enciphers', { usage: 'keyEncipherment' }, 'not one to sign with'],
  ['without key usage', { usage: '' }, 'not one to sign with'],
  ['signed over SHA-1', { hash: 'sha1' }, 'broken'],
  ['without the extension', { extension: null }, 'none of the commercial registration'],
  ['without a name', { said: sample.slice(1) }, 'names no company'],
  ['with a company number of eleven digits', { said: [...sample.slice(0, 1), [1, '00001209000']] }, 'twelve digits'],
  ['with an empty name', { said: [[0, '']] }, 'is none'],
  ['with a name of 257 characters', { said: [[0, '見'.repeat(257)]] }, 'is none'],
  ['with a name that turns its direction', { said: [[0, '経済\u202e省']] }, 'is none'],
  ['with its members out of order', { extension: corporation([sample[1]!, sample[0]!]) }, 'order'],
  ['with a member twice', { extension: corporation([sample[0]!, sample[0]!]) }, 'order'],
  ['with two texts in a member', { extension: der(tags.sequence, der(context(0), der(12, Buffer.from('a')), der(12, Buffer.from('b')))) }, 'one text each'],
  ['with a number for a text', { extension: der(tags.sequence, der(context(0), der(tags.integer, Uint8Array.of(1)))) }, 'kind that is not read'],
  ['with bytes that are no UTF-8', { extension: der(tags.sequence, der(context(0), der(12, Uint8Array.of(0xff)))) }, 'cannot be read'],
  ['with an extension that is no DER', { extension: Uint8Array.of(0x30, 0x81, 0x01, 0x00) }, 'cannot be read'],
  ['with something behind the extension', { extension: Buffer.concat([corporation(sample), Uint8Array.of(5, 0)]) }, 'cannot be read'],
] as const)('a certificate %s is refused', ([name, wish, message]) => {
  const made = registrar.certify(name.replaceAll(/[^a-z]/g, '-'), { ...wish })
  expect(refusal(() => verifyRegistryCertificate(made, expected))).toEqual(refusedAs(message))
})

test('texts in the older two alphabets are read, and a member that is not known is passed over', () => {
  const bmp = der(context(0), der(30, Buffer.from('見本', 'utf16le').swap16()))
  const made = registrar.certify('older', { extension: der(tags.sequence, bmp, der(context(5), der(12, Buffer.from('?')))) })
  expect(verifyRegistryCertificate(made, expected)).toMatchObject({ corporateName: '見本', companyNumber: null, corporateNumber: null, headOffice: null })
})

test('a root is no certificate of a company, and one changed byte makes none of it', () => {
  const root = Buffer.from(roots.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64')
  expect(refusal(() => verifyRegistryCertificate(root, expected))).toEqual(refusedAs('none of the commercial registration'))
  for (let at = 0; at < company.length; at += 7) {
    const changed = Uint8Array.from(company, (byte, index) => (index === at ? byte ^ 1 : byte))
    expect(
      refusal(() => verifyRegistryCertificate(changed, expected)),
      String(at),
    ).toMatch(/^DFFT_REGISTRY_CERTIFICATE/)
  }
  expect(refusal(() => readRegistryCertificate(Buffer.concat([company, Uint8Array.of(0)])))).toMatch(/^DFFT_REGISTRY_CERTIFICATE/)
  expect(refusal(() => readRegistryCertificate(Buffer.from(registrar.pem('company'))))).toEqual(refusedAs('not DER'))
  expect(refusal(() => readRegistryCertificate(new Uint8Array(registryCertificateLimits.bytes + 1)))).toEqual(refusedAs('too long'))
})

test('evidence is bound to its registration by digest and corporate number, and what differs in words is named', () => {
  expect(verifyRegistryEvidence(subject, expected)).toMatchObject({ certificate: { corporateNumber: '4000012090001' }, differs: [] })
  const moved = { ...subject, legalName: [{ value: '通商産業省' }], registeredAddress: { full: '大阪府' }, representatives: [{ name: '他人' }] }
  expect(verifyRegistryEvidence(moved, expected).differs).toEqual(['legalName', 'registeredAddress', 'representatives'])
})

test('evidence of another company, another certificate, or none is refused', () => {
  const refused = (change: object) => refusal(() => verifyRegistryEvidence({ ...subject, ...change }, expected))
  expect(refused({ registrations: [{ scheme: '0188', value: '6000012150001' }] })).toEqual(refusedAs('another corporate number'))
  expect(refused({ registrations: [{ scheme: '0199', value: '4000012090001' }] })).toEqual(refusedAs('another corporate number'))
  expect(refused({ registryCertificate: undefined })).toEqual(refusedAs('no certificate'))
  const { certificate } = subject.registryCertificate
  expect(refused({ registryCertificate: { certificate, digest: digest('another') } })).toEqual(refusedAs('its digest'))
  expect(refused({ registryCertificate: { ...subject.registryCertificate, certificate: `${certificate}=` } })).toEqual(refusedAs('its digest'))
  const nameless = registrar.certify('nameless', { said: [[0, '経済産業省']] })
  expect(refused({ registryCertificate: registryEvidence(nameless) })).toEqual(refusedAs('no company number'))
})

test('an issuer takes a certificate of the company that is in force, whoever signed it, and no other', () => {
  expect(bindRegistryEvidence(subject, atMs).certificate.corporateName).toBe('経済産業省')
  const { validFromMs, validUntilMs } = readRegistryCertificate(company)
  for (const at of [validFromMs - 1, validUntilMs + 1]) expect(refusal(() => bindRegistryEvidence(subject, at))).toEqual(refusedAs('not in force'))
  const other = { ...subject, registrations: [{ scheme: '0188', value: '6000012150001' }] }
  expect(refusal(() => bindRegistryEvidence(other, atMs))).toEqual(refusedAs('another corporate number'))
})
