/** Examples in the published schemas: a small policy, its suspension and cases, and a question with its decision. Invented; no law. */
import { parse } from '#protocols/channel.ts'
import { compile } from './compile.ts'
import { decide } from './decide.ts'
import { shippedPacks } from './packs/packs.ts'
import { TrustPolicy } from './policy.ts'
import { Question } from './question.ts'

const notice = { en: 'An example; not legal advice.', ja: '例であり、法的助言ではありません。' }

const policy = {
  apiVersion: 'trust-policy/v1',
  kind: 'TrustPolicy',
  metadata: {
    id: 'urn:trust-policy:jp:example',
    jurisdiction: 'JP',
    serial: 1,
    validFrom: '2026-09-01T00:00:00Z',
    validUntil: '2027-09-01T00:00:00Z',
    title: { en: 'Japan (example)', ja: '日本（例）' },
    notice,
    reveal: 'nearest',
    packs: shippedPacks.digests,
  },
  rules: [
    {
      id: 'jp.exp.registration',
      direction: 'export',
      effect: 'permit',
      rank: 10,
      title: { en: 'Register data of companies', ja: '会社の登記情報' },
      match: {
        to: { group: 'EEA' },
        credential: ['BusinessRegistrationCredential'],
        data: ['registration.name', 'registration.identifier'],
        purpose: ['trade.supplier-verification', 'compliance.aml'],
      },
      require: { assurance: { issuer: 'substantial' } },
      obligations: [{ type: 'retention', max: 'P3Y' }, { type: 'purpose-limit' }],
      cite: [{ law: 'Commercial Registration Act', at: 'Art. 10' }],
    },
    {
      id: 'jp.exp.registration.representatives',
      direction: 'export',
      effect: 'permit',
      rank: 20,
      title: { en: 'Representatives, with consent or by law', ja: '代表者（同意又は法令に基づく場合）' },
      match: { to: { relation: 'jp-designation' }, data: ['registration.representative'], purpose: ['compliance.aml'] },
      require: { legalBasis: { anyOf: ['appi-consent', 'appi-law'] } },
      obligations: [{ type: 'onward-transfer', allow: 'none' }],
      cite: [{ law: 'APPI', at: 'Art. 28(1)', legalRelation: '$matched' }],
    },
    {
      id: 'jp.deny.marketing',
      direction: 'export',
      effect: 'deny',
      match: { data: ['personal'], purpose: ['marketing'] },
      reason: { en: 'No persons for marketing.', ja: '広告目的での個人データの提供はできません。' },
      cite: [{ law: 'APPI', at: 'Art. 19' }],
    },
  ],
}

const importing = {
  apiVersion: 'trust-policy/v1',
  kind: 'TrustPolicy',
  metadata: { ...policy.metadata, id: 'urn:trust-policy:de:example', jurisdiction: 'DE', title: { en: 'Germany (example)', ja: 'ドイツ（例）' } },
  rules: [
    {
      id: 'de.imp.registration',
      direction: 'import',
      effect: 'permit',
      match: { from: ['JP', { group: 'EEA' }], data: ['registration', 'personal'] },
      obligations: [{ type: 'retention', max: 'P5Y' }],
      cite: [{ law: 'GDPR', at: 'Art. 6(1)' }],
    },
  ],
}

const suspension = {
  apiVersion: 'trust-policy/v1',
  kind: 'Suspension',
  metadata: {
    id: 'urn:trust-policy:jp:suspension:example',
    jurisdiction: 'JP',
    serial: 17,
    validFrom: '2026-10-01T00:00:00Z',
    validUntil: '2026-10-04T00:00:00Z',
  },
  match: { counterpartyNode: ['did:web:importer.example'] },
  reason: { en: 'Key compromise reported by the counterparty', ja: '相手方の鍵漏えい' },
}

const flow = {
  from: { value: 'JP', origin: 'accreditation' },
  to: { value: 'DE', origin: 'accreditation' },
  sector: { value: 'private', origin: 'accreditation' },
  exporterSector: { value: 'private', origin: 'accreditation' },
  purpose: { value: 'compliance.aml', origin: 'requester' },
  issuerAssurance: { value: 'high', origin: 'accreditation' },
}

const question = {
  version: 'dfft-question/1',
  exchange: '4da1d371a9c336695d89331571643cc1',
  request: `sha256:${'7'.repeat(64)}`,
  at: '2026-11-21T00:00:00Z',
  exporter: 'did:web:exporter.example',
  importer: 'did:web:importer.example',
  credential: 'BusinessRegistrationCredential',
  selective: true,
  data: [
    { path: '/legalName', category: 'registration.name' },
    { path: '/representatives', category: 'registration.representative' },
  ],
  facts: flow,
}

const marketing = { ...question, facts: { ...flow, purpose: { value: 'marketing', origin: 'requester' } } }

const cases = {
  policies: ['JP'],
  defaults: {
    at: question.at,
    credential: question.credential,
    data: { '/legalName': 'registration.name', '/representatives': 'registration.representative' },
  },
  cases: [
    {
      name: 'the name goes, the representatives do not',
      side: 'export',
      facts: { from: 'JP', to: 'DE', sector: 'private', exporterSector: 'private', purpose: 'compliance.aml', issuerAssurance: 'high' },
      expect: {
        verdict: 'permit',
        code: 'PERMITTED',
        rules: ['jp.exp.registration'],
        disclosed: ['/legalName'],
        withheld: { '/representatives': 'CONDITIONS_NOT_MET' },
        nearest: [['legalBasis']],
      },
    },
    {
      name: 'a bare claim of the sector counts for nothing',
      side: 'export',
      data: { '/representatives': 'registration.representative' },
      facts: { from: 'JP', to: 'DE', sector: { value: 'private', origin: 'requester' }, purpose: 'marketing' },
      expect: { verdict: 'deny', code: 'DENIED_BY_RULE', rules: ['jp.deny.marketing'], withheld: ['/representatives'] },
    },
  ],
}

/** Valid by their schemas, and made by one another: the cases hold for the policy, the decisions are those of the questions. */
export function schemaExamples() {
  const sides = { export: compile([parse(policy, TrustPolicy)], shippedPacks), import: compile([parse(importing, TrustPolicy)], shippedPacks) }
  const decided = (asked: unknown) => decide(sides.export, sides.import, parse(asked, Question))
  return {
    policy: [policy, importing, suspension],
    cases: [cases],
    question: [question, marketing],
    'question-line': [question, { question: marketing, sides: { export: ['JP'], import: ['DE'] } }],
    decision: [decided(question), decided(marketing)],
    'answer-line': [decided(question), { error: { line: 2, code: 'DFFT_NOT_JSON', message: 'the text is not JSON' } }],
  } as const
}
