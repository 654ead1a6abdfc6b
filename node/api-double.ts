/**
 * A test double of the operator API: fixed answers to every operation, for tests of http.ts and the CLI only.
 * It stands in for a node, never for anything of ours that those tests are about.
 */
import { traceOf } from '#node/record/trace.ts'
import { traceIdOf } from '#protocols/exchange/trace.ts'
import type { ExchangeId } from '#protocols/ids.ts'
import type { OperationalRecord } from './api/exchanges.ts'
import type { NodeApi, OperationName } from './api.ts'

type Answers = { readonly [Name in OperationName]?: (input: Parameters<NodeApi[Name]>[0]) => unknown }

export const didA = 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK'
export const didB = 'did:web:partner.example'
export const exchangeId = '5f0d6f6c1f4b4b0f9d2b8a7c6e5d4c3b'
const digest = `sha256:${'a'.repeat(64)}`
const at = '2026-11-21T09:00:00Z'
const until = '2027-11-21T09:00:00Z'

export const credential = {
  id: 'urn:uuid:0e2e5c8a-3f6b-4c55-9a0d-6a3d1a9d2f10',
  type: 'BusinessRegistrationCredential',
  issuer: didA,
  subject: didB,
  role: 'issued',
  validFrom: at,
  validUntil: until,
  status: 'valid',
  title: '株式会社サンプル',
  copies: null,
  flags: [],
}

const token = { id: '0123456789abcdef', name: 'nightly export', access: 'read', createdAt: at, until, revokedAt: null, usedAt: at, state: 'active' }

const webhook = {
  id: 'fedcba9876543210',
  url: 'https://erp.agency.example/dfft',
  events: ['exchange.*'],
  publicKey: `whpk_${'A'.repeat(43)}=`,
  createdAt: at,
  state: 'active',
  reason: null,
  behind: 0,
  dead: [{ entry: 6, type: 'exchange.refused', reason: 'status 400', at }],
}

export const duty = {
  exchange: exchangeId,
  partner: didB,
  kind: 'retention',
  dueAt: until,
  until,
  state: 'open',
  doneAt: null,
  notice: null,
  late: false,
  statement: null,
  toldBy: null,
}

export const exchange = {
  id: exchangeId,
  role: 'requester',
  partner: didB,
  state: 'closed',
  credentialType: 'BusinessRegistrationCredential',
  purpose: 'trade.supplier-verification',
  startedAt: at,
  updatedAt: at,
  agreement: digest,
  code: null,
  disclosed: ['/legalName'],
  withheld: [{ path: '/representative', category: 'personal', code: 'DFFT_POLICY_DENIED' }],
  obligations: [{ kind: 'retention', days: 30 }],
  credential: credential.id,
  credentials: [
    {
      id: 'c0',
      claimSet: null,
      type: 'BusinessRegistrationCredential',
      disclosed: ['/legalName'],
      withheld: [{ path: '/representative', category: 'personal', code: 'DFFT_POLICY_DENIED' }],
      obligations: [{ kind: 'retention', days: 30 }],
      credential: credential.id,
    },
  ],
  receipts: 2,
  until: null,
  reused: null,
  durationMs: 42,
}

const waiting = { versionId: '2-QmWaiting', threshold: 2, approved: [didA], missing: [{ witness: 'did:key:z6MkOther', node: didB }], ends: false }
const approval = {
  versionId: `2-Qm${'a'.repeat(44)}`,
  proof: [
    {
      type: 'DataIntegrityProof',
      cryptosuite: 'eddsa-jcs-2022',
      verificationMethod: `${didA}#${didA.slice('did:key:'.length)}`,
      proofPurpose: 'assertionMethod',
      created: at,
      proofValue: `z${'a'.repeat(88)}`,
    },
  ],
}
const witnessed = { witness: didA, dids: [{ did: didB, since: at, approved: { number: 2, versionId: approval.versionId, at } }] }

const applied = {
  id: exchangeId,
  applicant: didA,
  name: '株式会社サンプル',
  jurisdiction: 'JP',
  sector: 'private',
  number: { scheme: '0188', value: '7000012050002' },
  wishes: {
    issues: [],
    rights: [{ act: 'provide', credentials: '*', purposes: ['trade.supplier-verification'], counterparties: { dids: [], jurisdictions: ['DE'] } }],
  },
  contact: null,
  reason: null,
}
export const application = { ...applied, state: 'open', receivedAt: at, until, decidedAt: null, accreditation: null }
const ownApplication = { ...applied, agency: didB, state: 'open', code: null, appliedAt: at, updatedAt: at }
const register = { outcome: 'match', name: '株式会社サンプル' }
const grant = { subject: didA, jurisdiction: 'JP', sector: 'private', assurance: 'substantial', issues: [], rights: applied.wishes.rights, validUntil: until }

const attachment = {
  exchange: exchangeId,
  partner: didB,
  name: '請求書.pdf',
  mediaType: 'application/pdf',
  bytes: 5,
  digest,
  state: 'kept',
  code: null,
  bytesHere: 5,
}

const operational = {
  id: exchangeId,
  role: 'requester',
  partner: didB,
  state: 'closed',
  code: null,
  purpose: 'trade.supplier-verification',
  credentialTypes: ['BusinessRegistrationCredential'],
  from: 'JP',
  to: 'DE',
  verdict: 'permit',
  agreement: digest,
  claims: 1,
  withheld: 1,
  duties: ['retention'],
  startedAt: at,
  updatedAt: at,
  durationMs: 42,
  steps: [
    { step: 'requested', at, sinceStartMs: 0, entry: 1 },
    { step: 'received', at, sinceStartMs: 40, entry: 2 },
  ],
  messages: [{ type: 'request', direction: 'sent', bytes: 1800 }],
  bytesSent: 1800,
  bytesReceived: 0,
}

export const refused = {
  ...exchange,
  state: 'refused',
  code: 'DFFT_POLICY_DENIED',
  agreement: null,
  disclosed: [],
  credential: null,
  credentials: [],
  receipts: 0,
}

export const report = {
  kind: 'credential',
  verified: true,
  format: 'vc+jwt',
  type: 'BusinessRegistrationCredential',
  issuer: didA,
  roots: 'node',
  steps: [{ step: 'proof', outcome: 'passed', matters: false, code: null, detail: 'EdDSA by the issuer’s key', words: null }],
  code: null,
  holder: null,
  chain: [
    { kind: 'accreditation', from: didB, to: didA, digest, id: 'urn:uuid:1', validUntil: until, assurance: 'high' },
    { kind: 'pin', from: null, to: didB, digest: null, id: null, validUntil: null, assurance: null },
  ],
  credentials: [],
}

const accreditation = {
  id: 'urn:uuid:1',
  version: 1,
  serial: 0,
  under: null,
  issuer: didA,
  subject: didB,
  jurisdiction: 'JP',
  sector: 'public',
  assurance: 'substantial',
  issues: ['BusinessRegistrationCredential'],
  rights: [],
  passes: null,
  validFrom: at,
  validUntil: until,
}

export const trustOutcome = {
  type: 'RecognitionAgreement',
  digest,
  serial: 1,
  counts: false,
  recorded: true,
  by: [didA],
  missing: [{ count: 1, of: [didB] }],
  document: { type: 'RecognitionAgreement' },
}

const log = { size: 7, root: digest }

const policyFlip = {
  side: 'export',
  effect: 'restricts',
  question: {
    credential: 'BusinessRegistrationCredential',
    at,
    data: [{ path: '/legalName', category: 'register.public' }],
    facts: { from: { value: 'JP' }, to: { value: 'DE' }, purpose: { value: 'marketing' } },
  },
  before: { code: 'PERMITTED', rules: ['jp.exp.one'], disclosed: ['/legalName'], obligations: [] },
  after: { code: 'NO_RULE', rules: [], disclosed: [], obligations: [] },
}
const policyChange = { kind: 'restricts', digest, flips: [policyFlip], more: 0, reasons: [] }
const findings = [{ severity: 'error', kind: 'law-expired', rules: ['jp.exp.one', 'jp.exp.two'], about: 'APPI' }]
const policySignatures = { by: [didA], of: [didA, didB], quorum: 2, missing: 1 }

export const policyOutcome = {
  id: 'jp-export',
  kind: 'TrustPolicy',
  jurisdiction: 'JP',
  serial: 4,
  digest,
  validFrom: at,
  validUntil: until,
  applied: true,
  signatures: { ...policySignatures, missing: 0 },
  change: policyChange,
  document: { kind: 'TrustPolicy' },
}

const suspension = { ...policyOutcome, id: 'urn:trust-policy:jp:suspension:1', kind: 'Suspension', change: null, document: { kind: 'Suspension' } }

const bundle = { publisher: didA, scope: 'jurisdiction', network: 'dfft-test', serial: 2, digest, at, validUntil: until, parts: 1, items: 1 }
const bundleRefusal = { kind: 'accreditation', id: 'urn:uuid:1', digest, code: 'DFFT_EXPIRED' }

const auditFork = {
  did: didB,
  own: false,
  proven: true,
  answer: null,
  code: null,
  failures: 0,
  firstAt: at,
  lastAt: at,
  by: didA,
  held: { note: 'one\n', ...log },
  offered: { note: 'other\n', ...log },
}

const condition = { part: 'require', fact: 'a legal basis', wanted: ['consent'], moreWanted: 0, have: [], origin: null, met: false }
const decisionTree = {
  ...{ id: 'a', chosen: true, verdict: 'deny', code: 'CONDITIONS_NOT_MET', at, from: 'Japan', to: 'Germany' },
  ...{ credential: 'Business registration', purpose: 'checking a supplier' },
  sides: [
    {
      ...{ side: 'export', of: 'Japan', verdict: 'deny', code: 'CONDITIONS_NOT_MET', codeText: 'has a permit whose conditions are not met' },
      policies: [{ id: 'jp-export', jurisdiction: 'JP', serial: 3, digest: log.root }],
      cite: ['APPI, Art. 28(1)'],
      rules: [{ id: 'r1', title: 'To partners', effect: 'permit', standing: 'near', conditions: [condition], firstFailing: 0, cite: [], reason: null }],
      elsewhere: 2,
      nearest: [{ rules: ['r1'], needs: ['a legal basis: consent'], cite: [] }],
      withheld: [{ category: 'representatives', code: 'CONDITIONS_NOT_MET', paths: ['/representatives'] }],
    },
  ],
  joint: null,
  agreement: null,
  sentences: ['Refused.'],
}

const foreseen = {
  verdict: 'deny',
  code: 'NO_RULE',
  from: 'JP',
  to: 'DE',
  sides: [{ side: 'export', verdict: 'deny', code: 'NO_RULE', rules: [] }],
  fields: [{ path: '/legalName', category: 'registration.name', label: { en: 'Name', ja: '商号' }, outcome: 'withheld', code: 'NO_RULE', by: 'export' }],
  duties: [],
  consent: false,
  nearest: [{ side: 'export', rules: ['jp.exp.a'], unmet: [{ need: 'purpose', anyOf: ['aml'], have: ['p'] }] }],
  sentences: ['Refused: no rule permits it.'],
}
const permitted = { verdict: 'permit', code: 'PERMITTED', sides: [], fields: [], nearest: [], sentences: ['Permitted.'] }

const answers: { readonly [Name in OperationName]: unknown } = {
  status: {
    name: 'Tax Agency',
    did: didA,
    jurisdiction: 'JP',
    version: '0.1.0',
    peerId: '12D3KooWDouble',
    addresses: ['/ip4/127.0.0.1/tcp/4001'],
    connected: 1,
    startedAt: at,
    log,
    exchanges: { closed: 2 },
    unreceipted: 0,
    obligations: { overdue: 0, breaches: 0, keys: [] },
    policies: [{ id: 'jp-export', jurisdiction: 'JP', serial: 3, validUntil: until }],
    island: { since: at, lapses: [{ kind: 'policy', id: 'jp-export', at: until, code: 'DFFT_POLICY_DENIED' }] },
  },
  stop: { stopping: true },
  didShow: {
    did: didA,
    deactivated: false,
    alsoKnownAs: [],
    peerIds: [],
    keys: [{ keyId: `${didA}#k`, algorithm: 'EdDSA', purposes: ['assertionMethod'], from: null, until: null, fingerprint: 'ab:cd' }],
    document: { id: didA },
  },
  keyList: {
    did: didA,
    keys: [{ keyId: `${didA}#k`, role: 'signing', algorithm: 'EdDSA', from: at, until: null, fingerprint: 'ab:cd', vault: 'file' }],
    waiting,
  },
  keyRotate: {
    did: didA,
    from: `${didA}#k`,
    to: `${didA}#l`,
    fingerprint: 'ef:01',
    compromisedSince: null,
    waiting: null,
    witnesses: [didB],
    told: 1,
    peerId: null,
    dryRun: false,
  },
  keyDeactivate: { did: didA, from: `${didA}#k`, witnesses: [didB], told: 1, waiting: null, dryRun: false },
  keyProposal: { did: didA, log: '{}\n' },
  keyApprove: approval,
  keyWitness: witnessed,
  keyWitnessAdd: witnessed,
  keyWitnessRemove: witnessed,
  peerAdd: { did: didB, peerId: '12D3KooWPartner', addresses: ['/ip4/192.0.2.7/tcp/4001'], learned: { accreditations: 1, policies: 1 } },
  peerList: { peers: [{ did: didB, peerId: '12D3KooWPartner', addresses: ['/ip4/192.0.2.7/tcp/4001'], connected: true }], blocked: [] },
  peerPing: {
    did: didB,
    peerId: '12D3KooWPartner',
    version: 3,
    pings: [
      { ms: 12.5, code: null },
      { ms: 8, code: null },
      { ms: null, code: 'DFFT_TIMEOUT' },
    ],
  },
  peerTrust: {
    did: didB,
    known: 'anchor',
    blocked: null,
    anchor: { name: null, jurisdictions: ['JP'], fingerprint: 'ab:cd', addedAt: at },
    standing: { code: null, jurisdiction: 'JP', sector: 'public', assurance: 'high', validUntil: at, chain: report.chain },
    types: [
      { type: 'BusinessRegistrationCredential', recognised: true, code: null, assurance: 'high', chain: report.chain },
      { type: 'QualificationCredential', recognised: false, code: 'DFFT_NOT_ACCREDITED', assurance: null, chain: [] },
    ],
  },
  peerBlock: { did: didB, at, reason: 'key theft', connected: true, dryRun: false },
  peerUnblock: { did: didB, at, reason: 'key theft', dryRun: false },
  trustAdd: { did: didB, jurisdictions: ['JP'], fingerprint: 'ab:cd', withoutAgreement: false },
  trustAccredit: { ...accreditation, outcome: { ...trustOutcome, type: 'Accreditation', serial: 0, counts: true, missing: [] } },
  trustList: {
    roots: [
      {
        did: didB,
        name: null,
        jurisdictions: ['JP'],
        fingerprint: 'ab:cd',
        addedAt: at,
        withoutAgreement: false,
        said: { serial: 2, signers: [didA, didB], quorum: 2, depth: 1, validUntil: until },
      },
    ],
    accreditations: [accreditation],
  },
  trustAnchor: { ...trustOutcome, type: 'TrustAnchor', counts: true, missing: [] },
  trustPropose: trustOutcome,
  trustReview: {
    ...trustOutcome,
    words: [`\`${didA}\` becomes recognised for BusinessRegistrationCredential in DE`],
    changes: [{ issuer: didA, credential: 'BusinessRegistrationCredential', by: 'DE', recognised: true, code: null }],
    more: 0,
  },
  trustSign: { ...trustOutcome, counts: true, missing: [] },
  trustApply: { ...trustOutcome, counts: true, missing: [] },
  trustSuspend: { ...trustOutcome, type: 'SuspensionHead', counts: true, missing: [], entry: 'urn:uuid:2' },
  trustLift: { ...trustOutcome, type: 'SuspensionHead', counts: true, missing: [] },
  trustAdvise: { ...trustOutcome, type: 'Advisory', serial: 0, counts: true, missing: [] },
  trustAgreements: {
    agreements: [
      {
        id: 'urn:uuid:3',
        serial: 1,
        digest,
        title: 'JP and DE',
        parties: [didA, didB],
        state: 'proposed',
        recognises: [{ of: 'JP', by: 'DE', credentials: ['BusinessRegistrationCredential'] }],
        validFrom: at,
        validUntil: until,
        missing: [{ count: 1, of: [didB] }],
      },
    ],
  },
  trustSuspensions: {
    heads: [
      {
        anchor: didB,
        serial: 4,
        at,
        validUntil: until,
        islandUntil: until,
        fresh: true,
        entries: [{ id: 'urn:uuid:2', stops: { kind: 'participant', did: didA, credentials: null }, since: at, by: didB, reason: 'key theft' }],
      },
    ],
  },
  trustAdvisories: {
    advisories: [{ id: 'urn:uuid:4', anchor: didB, to: didA, about: null, text: 'renew the register', at, answerBy: null }],
  },
  trustUnsigned: { documents: [{ digest, type: 'Accreditation', by: [didA], missing: [{ count: 1, of: [didB] }] }] },
  trustForks: { forks: [{ line: `anchor/${didB}`, halves: [{ digest, document: { type: 'TrustAnchor' } }] }] },
  trustExplain: {
    recognised: true,
    code: null,
    words: [`\`${didB}\` is pinned here as an anchor, by the operator`],
    chain: report.chain,
    assurance: 'high',
    withoutAgreement: false,
  },
  trustShow: trustOutcome,
  trustExport: { statement: digest, subject: didB, format: 'data-integrity', credential: '{}' },
  enrolApply: { application: ownApplication, fingerprint: 'ab:cd', pinned: true },
  enrolStatus: { applications: [ownApplication] },
  enrolList: { applications: [application] },
  enrolShow: { application, register },
  enrolApprove: {
    application: { ...application, state: 'approved', decidedAt: at, accreditation: digest },
    register,
    grant,
    applied: true,
    told: true,
    missing: [],
  },
  enrolDecline: { application: { ...application, state: 'declined', decidedAt: at, reason: 'The number is of another company.' }, told: true },
  trustBundleShow: {
    own: [bundle],
    followed: [
      { ...bundle, publisher: didB, complete: false, refused: [bundleRefusal], refusedCount: 1, fork: [{ digest, manifest: { type: 'TrustBundle' } }] },
    ],
  },
  trustBundleExport: { bundle, lines: '{}\n', items: 1, missing: 0, next: null },
  trustBundleImport: {
    session: 'a',
    report: { bundle, complete: true, taken: { accreditation: 1 }, held: 0, refused: [bundleRefusal], refusedCount: 1, again: false },
  },
  trustBundleSettle: { bundle },
  registryImport: { columns: 'plain', accepted: 1, added: 1, ended: 0, unchanged: 0, rejected: [], changed: 0, revoked: [] },
  registryFiles: { files: [] },
  registryList: { records: [{ number: '7000012050002', name: '国税庁', address: '東京都' }], next: null },
  issue: { credential, delivery: exchange, held: null },
  credentialList: { credentials: [credential] },
  credentialUse: {
    credential: { ...credential, role: 'received' },
    claims: { legalName: '株式会社サンプル' },
    encodings: [{ format: 'dc+sd-jwt', text: 'e30.e30.c2ln~' }],
    exchange: exchangeId,
    decision: { verdict: 'permit', code: 'PERMITTED' },
  },
  credentialShow: { credential, claims: { legalName: '株式会社サンプル' }, encodings: [{ format: 'vc+jwt', text: 'e30.e30.c2ln' }], groups: [], end: null },
  credentialFlag: { credential: { ...credential, role: 'held', flags: ['important-data'] } },
  credentialVerify: report,
  credentialEvidence: {
    type: 'IssuanceProof',
    version: 1,
    entry: '{"index":3}',
    proof: [],
    checkpoint: 'dfft.log/agency.example\n7\nqqqq\n\n— dfft.log/agency.example AAAA\n',
    cosignatures: [{ by: didB, line: '— dfft.log/partner.example AAAA\n' }],
  },
  revoke: { id: credential.id, statusList: 'https://agency.example/status/1', index: 5, sequence: 2, told: 1 },
  suspend: { id: credential.id, statusList: 'https://agency.example/status/1', index: 5, sequence: 3, told: 1 },
  reinstate: { id: credential.id, statusList: 'https://agency.example/status/1', index: 5, sequence: 4, told: 1 },
  request: exchange,
  present: { ...exchange, role: 'holder' },
  presentPreview: { ...foreseen, obstacle: null },
  requestPreview: {
    verdict: 'permit',
    code: 'PERMITTED',
    connected: true,
    addresses: ['/ip4/192.0.2.7/tcp/4001'],
    reused: [],
    leftOut: [],
    credentials: [{ id: 'one', claimSet: null, type: 'BusinessRegistrationCredential', chosen: true, ...foreseen, ...permitted }],
  },
  exchangeList: { exchanges: [exchange] },
  exchangeShow: {
    exchange,
    trace: traceIdOf(exchangeId as ExchangeId),
    decision: null,
    decisions: [],
    attachments: [attachment],
    messages: [
      { type: 'request', direction: 'sent', digest, body: {} },
      { type: 'receipt', direction: 'sent', digest, body: { from: didA, to: didB, outcome: { kind: 'accepted' }, at, release: digest, agreement: digest } },
    ],
    notices: [{ direction: 'sent', kind: 'disputed', at, statement: 'the address is another', notice: {}, acknowledgement: null, refused: null }],
    log: [{ index: 1, at, kind: 'requested' }],
  },
  attachmentBegin: { upload: '0'.repeat(64), chunkBytes: 262_144 },
  attachmentAppend: { chunks: 1 },
  attachmentFinish: { name: '請求書.pdf', mediaType: 'application/pdf', bytes: 5, digest, chunks: digest },
  attachmentList: { attachments: [attachment] },
  attachmentRead: { content: 'aGVsbG8=' },
  attachmentFetch: { attachments: [{ ...attachment, state: 'waiting', bytesHere: 0 }] },
  exchangeRecords: { records: [operational], next: null },
  evidenceExport: { exchange: exchange.id, claims: false, disclosed: 'left-out', partnerLog: 'asked', text: '{"kind":"manifest"}\n' },
  metrics: { text: '# HELP dfft_log_entries Entries of the audit log on disk.\n# TYPE dfft_log_entries gauge\ndfft_log_entries 3\n' },
  obligationList: { duties: [duty], keys: [] },
  obligationShow: {
    exchange: exchangeId,
    role: 'requester',
    partner: didB,
    agreed: [{ credential: 'c0', duty: { type: 'retention', max: 'P30D', until }, by: 'node' }],
    duties: [duty],
    uses: [{ purpose: 'trade.supplier-verification', at, code: 'PERMITTED' }],
  },
  obligationRun: { due: [duty], done: true },
  obligationBreach: { ...duty, kind: 'breach', state: 'done', doneAt: at, notice: digest, statement: 'a lost laptop', toldBy: didA },
  exchangeApprove: { ...exchange, role: 'holder', state: 'pending' },
  exchangeRetry: exchange,
  exchangeCancel: { ...exchange, state: 'cancelled', code: 'DFFT_CANCELLED' },
  exchangeDispute: { ...exchange, state: 'disputed' },
  exchangeResolve: exchange,
  exchangeDecline: { ...exchange, role: 'holder', state: 'refused' },
  policyAdd: {
    id: 'jp-export',
    jurisdiction: 'JP',
    serial: 3,
    digest,
    validFrom: policyOutcome.validFrom,
    validUntil: policyOutcome.validUntil,
    rules: 4,
    change: policyChange,
    findings,
  },
  policySign: { ...policyOutcome, applied: false, signatures: policySignatures },
  policyApply: policyOutcome,
  policyRollback: policyOutcome,
  policySuspend: suspension,
  policyRenew: suspension,
  policyLift: suspension,
  policyList: {
    policies: [
      {
        id: 'jp-export',
        jurisdiction: 'JP',
        serial: 3,
        digest,
        issuer: didA,
        validFrom: at,
        validUntil: until,
        inForce: true,
        state: 'in-force',
        endsSoon: true,
        signatures: policySignatures,
      },
    ],
    suspensions: [
      {
        id: 'urn:trust-policy:jp:suspension:1',
        jurisdiction: 'JP',
        serial: 1,
        digest,
        validFrom: at,
        validUntil: until,
        match: { counterpartyNode: [didB] },
        reason: { en: 'Key compromise reported', ja: '鍵漏えいの連絡' },
        signedBy: [didA],
      },
    ],
    forks: [{ jurisdiction: 'DE', serial: 7, digests: [digest, digest] }],
  },
  policyShow: { digest, kind: 'TrustPolicy', document: { kind: 'TrustPolicy' }, change: policyChange },
  policyExplain: {
    verdict: 'deny',
    code: 'DFFT_POLICY_DENIED',
    sentences: ['The purpose marketing is not permitted.', 'With trade.supplier-verification it would be.'],
  },
  policyRehearse: {
    draft: { id: 'jp-export', jurisdiction: 'JP', serial: 4, digest, replaces: { id: 'jp-export', serial: 3 } },
    exchanges: 2,
    undecided: 0,
    decisions: 2,
    counts: { same: 1, toPermit: 0, toDeny: 1, releaseMore: 0, releaseLess: 1, duties: 1, byDraft: 1, since: 0 },
    flips: [
      {
        exchange: exchangeId,
        id: 'c0',
        chosen: true,
        at,
        from: 'JP',
        to: 'DE',
        credential: 'BusinessRegistrationCredential',
        purpose: 'trade.supplier-verification',
        changed: ['verdict', 'code', 'released', 'duties'],
        before: { verdict: 'permit', code: 'PERMITTED', released: ['/legalName'], duties: [{ type: 'purpose-limit', allow: [] }] },
        after: { verdict: 'deny', code: 'NO_RULE', released: [], duties: [] },
        because: 'draft',
      },
    ],
    next: null,
  },
  auditVerify: { ...log, checkpoint: 'note', witnesses: [{ did: didB, size: 7, consistent: true, code: null }], unwitnessed: 0 },
  auditProve: {
    type: 'AuditProof',
    version: 1,
    log: didA,
    entries: ['{"index":6}'],
    checkpoints: [
      {
        checkpoint: 'dfft.log/agency.example\n7\nqqqq\n\n— dfft.log/agency.example AAAA\n',
        proofs: [[]],
        cosignatures: [{ by: didB, line: '— dfft.log/partner.example AAAA\n' }],
      },
    ],
    dids: [],
  },
  auditWitness: {
    ...log,
    unwitnessed: 0,
    partners: [{ did: didB, connected: true, size: 7, at, behind: 0, asked: 'co-signed', code: null }],
    forks: 0,
  },
  auditForks: { forks: [auditFork], open: [{ did: didB, held: 7, heard: 9, by: didA, unanswered: 1, code: 'DFFT_TIMEOUT' }] },
  auditSearch: { entries: [{ index: 6, at, kind: 'refused', exchange: exchangeId, facts: { partner: didB, code: 'DFFT_POLICY_DENIED' } }], next: null },
  auditTail: { entries: [{ index: 6, at, kind: 'closed', exchange: exchangeId, facts: { receipts: 2 } }] },
  auditCheckpoint: { note: `dfft.example/log\n7\nqqqq\n\n— dfft.example AAAA\n`, ...log },
  tokenCreate: { ...token, token: `dfft_${token.id}_${'A'.repeat(43)}` },
  tokenList: { tokens: [token] },
  statistics: {
    node: didA,
    from: '2026-10-01',
    to: '2026-12-01',
    period: 'month',
    threshold: 5,
    cells: [
      {
        period: '2026-10',
        role: 'holder',
        from: 'JP',
        to: 'DE',
        type: 'BusinessRegistrationCredential',
        purpose: 'trade.supplier-verification',
        verdict: 'permit',
        count: 40,
      },
      { period: '2026-10', role: 'holder', from: 'JP', to: 'US', type: 'other', purpose: 'other', verdict: 'deny', count: null },
    ],
    totals: [{ period: '2026-10', count: 40, suppressed: 1 }],
  },
  webhookAdd: webhook,
  webhookList: { webhooks: [webhook] },
  webhookTest: { id: webhook.id, delivered: true, reason: null },
  webhookRetry: { ...webhook, dead: [] },
  webhookRemove: { ...webhook, state: 'stopped' },
  exchangeTrace: traceOf({ ...operational, id: exchangeId as ExchangeId } as OperationalRecord, { did: didA, version: '0.1.0' }),
  tokenRevoke: { ...token, revokedAt: at, state: 'revoked' },
  backupCreate: {
    path: '/var/backups/dfft.backup',
    id: exchangeId,
    madeAt: at,
    did: didA,
    bytes: 1_048_576,
    rows: 120,
    files: 5,
    log,
    dataKeys: true,
    left: [],
    keepUntil: until,
  },
  policyTree: { exchange: exchangeId, decisions: [decisionTree] },
  policyMatrix: {
    at,
    type: 'registration',
    purpose: 'checking a supplier',
    jurisdictions: [{ id: 'JP', label: 'Japan' }],
    types: [{ id: 'registration', label: 'Business registration' }],
    grids: [{ categories: [], outcomes: ['all'] }],
    changes: [at],
    relations: [{ id: 'eu-adequacy-jp', kind: 'eu-adequacy', label: 'Decision (EU) 2019/419', from: 'EEA', to: 'JP', validFrom: at, validUntil: null }],
    policies: [{ id: 'jp-export', jurisdiction: 'JP', serial: 3, validFrom: at, validUntil: until }],
  },
  policyWhy: { outcome: 'part', decision: decisionTree },
  policyWhatIf: {
    at,
    dropped: [{ id: 'eu-adequacy-jp', label: 'Decision (EU) 2019/419' }],
    looked: 8,
    flows: [
      {
        ...{ from: 'DE', to: 'JP', type: 'registration', sector: 'private', fate: 'needs', before: 'all', after: 'open' },
        lost: ['/representatives'],
        ways: ['a transfer tool: standard contractual clauses'],
      },
    ],
  },
  consoleOpen: { host: '127.0.0.1', port: 4780, url: 'http://127.0.0.1:4780/#code=qqqq', code: 'qqqq', codeSeconds: 60 },
  health: { did: didA, live: true, started: true, ready: false, sealed: false, maintenance: null, reasons: [{ code: 'policy-expired', detail: 'jp.policy' }] },
  maintenance: { maintenance: { since: at, reason: 'operator' }, underway: 1 },
  seal: { sealed: true },
  storeCheck: {
    ok: true,
    rows: 120,
    log: 7,
    contents: 0,
    findings: [],
  },
  unseal: { sealed: false, addresses: ['/ip4/127.0.0.1/tcp/4001'] },
}

/** One call the double got. */
export interface Called {
  readonly name: string
  readonly input: unknown
}

/** @param own answers of this test in place of the fixed ones; what they throw is thrown */
export function apiDouble(own: Answers = {}): NodeApi & { readonly called: Called[] } {
  const called: Called[] = []
  const methods = Object.entries(answers).map(([name, answer]) => [
    name,
    async (input: unknown) => {
      called.push({ name, input })
      const mine = own[name as OperationName] as ((input: unknown) => unknown) | undefined // A key of the record above.
      return mine ? mine(input) : answer
    },
  ])
  return Object.assign(Object.fromEntries(methods) as NodeApi, { called }) // The answers' own test holds them against the table.
}
