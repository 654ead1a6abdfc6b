/**
 * What a browser may ask of a node. A row of the table that is not named here is refused at the console, so that a new one is until somebody has thought of it.
 *
 * Never: what ends the node (`stop`), what touches keys or the DID (`keyRotate`, `keyDeactivate`, `keyApprove`, `keyWitnessAdd` …), whom to believe and what the law
 * is (`trustAdd`, `trustSign`, `policyAdd` …: they are signed with the node's key, and belong to a reviewed file), who may come in (`enrolApprove`),
 * whom the node shuts out (`peerBlock`, `peerUnblock`),
 * and what would let a session outlive its end (`consoleOpen`). These stay with the socket, whose mode says who.
 */
import type { OperationName } from './api.ts'

const read = [
  ...['status', 'didShow', 'keyList', 'keyWitness', 'peerList', 'peerPing', 'peerTrust', 'metrics'],
  ...['trustList', 'trustAgreements', 'trustSuspensions', 'trustAdvisories', 'trustUnsigned', 'trustForks', 'trustExplain', 'trustShow', 'trustBundleShow'],
  ...['enrolStatus', 'enrolList', 'enrolShow', 'registryFiles', 'registryList'],
  ...['credentialList', 'credentialShow', 'credentialVerify', 'credentialEvidence', 'presentPreview', 'requestPreview'],
  ...['exchangeList', 'exchangeShow', 'exchangeRecords', 'evidenceExport', 'attachmentList', 'attachmentRead', 'obligationList', 'obligationShow'],
  ...['policyList', 'policyShow', 'policyExplain', 'policyTree', 'policyMatrix', 'policyWhy', 'policyWhatIf', 'policyRehearse'],
  ...['auditVerify', 'auditProve', 'auditForks', 'auditSearch', 'auditTail', 'auditCheckpoint'],
] as readonly OperationName[]

/** Daily work: each is about one credential, one exchange or one partner. */
const write = [
  ...['issue', 'revoke', 'suspend', 'reinstate', 'credentialFlag', 'credentialUse', 'request', 'present'],
  ...['exchangeApprove', 'exchangeDecline', 'exchangeCancel', 'exchangeRetry', 'exchangeDispute', 'exchangeResolve', 'obligationBreach'],
  ...['attachmentBegin', 'attachmentAppend', 'attachmentFinish', 'attachmentFetch', 'peerAdd', 'auditWitness'],
] as readonly OperationName[]

export const consoleOperations: ReadonlySet<OperationName> = new Set([...read, ...write])

/** Without a session, for who only wants to know whether a document holds. */
export const openOperations: ReadonlySet<OperationName> = new Set(['credentialVerify'])
