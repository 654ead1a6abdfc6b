/** The table of operations as calls over the node's socket. Loads neither zod nor the table: only its types. */
import { readFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { join, resolve } from 'node:path'
import type { NodeApi, OperationName } from '#node/api.ts'
import { type Facts, isCode, TrustError } from '#protocols/errors.ts'

/** Every row of the table, once: the compiler refuses a missing or a foreign name. */
const names: Readonly<Record<OperationName, true>> = {
  status: true,
  stop: true,
  didShow: true,
  keyList: true,
  keyRotate: true,
  keyDeactivate: true,
  keyProposal: true,
  keyApprove: true,
  keyWitness: true,
  keyWitnessAdd: true,
  keyWitnessRemove: true,
  peerAdd: true,
  peerList: true,
  trustAdd: true,
  trustAccredit: true,
  trustList: true,
  trustAnchor: true,
  trustPropose: true,
  trustReview: true,
  trustSign: true,
  trustApply: true,
  trustSuspend: true,
  trustLift: true,
  trustAdvise: true,
  trustAgreements: true,
  trustSuspensions: true,
  trustAdvisories: true,
  trustUnsigned: true,
  trustForks: true,
  trustExplain: true,
  trustShow: true,
  trustExport: true,
  enrolApply: true,
  enrolStatus: true,
  enrolList: true,
  enrolShow: true,
  enrolApprove: true,
  enrolDecline: true,
  trustBundleShow: true,
  trustBundleExport: true,
  trustBundleImport: true,
  trustBundleSettle: true,
  registryImport: true,
  registryFiles: true,
  registryList: true,
  issue: true,
  credentialList: true,
  credentialShow: true,
  credentialUse: true,
  credentialFlag: true,
  credentialVerify: true,
  credentialEvidence: true,
  revoke: true,
  suspend: true,
  reinstate: true,
  request: true,
  present: true,
  exchangeList: true,
  exchangeShow: true,
  attachmentBegin: true,
  attachmentAppend: true,
  attachmentFinish: true,
  attachmentList: true,
  attachmentRead: true,
  attachmentFetch: true,
  exchangeRecords: true,
  evidenceExport: true,
  metrics: true,
  obligationList: true,
  obligationShow: true,
  obligationRun: true,
  obligationBreach: true,
  exchangeApprove: true,
  exchangeDecline: true,
  exchangeCancel: true,
  exchangeDispute: true,
  exchangeResolve: true,
  policyAdd: true,
  policySign: true,
  policyApply: true,
  policyRollback: true,
  policySuspend: true,
  policyRenew: true,
  policyLift: true,
  policyList: true,
  policyShow: true,
  policyExplain: true,
  policyRehearse: true,
  auditVerify: true,
  auditProve: true,
  auditWitness: true,
  auditForks: true,
  auditSearch: true,
  auditTail: true,
  auditCheckpoint: true,
}

/** Verifying a log of a million entries takes some ten seconds; an exchange may wait for two partners. */
const timeoutMs = 300_000
/** A thousand exchanges are about 2 MB. */
const answerBytesMax = 64 << 20

/**
 * A node's operations over its socket; nothing is opened before the first call, and nothing stays open after one.
 *
 * @throws {TrustError} (each call) what the node answers; DFFT_NOT_RUNNING when nothing answers, DFFT_NOT_ALLOWED when the
 * socket is another user's, DFFT_CHANNEL_CLOSED when the node went away, DFFT_TIMEOUT after five minutes
 */
export function connect(socketPath: string): NodeApi {
  const calls = Object.keys(names).map((name) => [name, (input: unknown) => call(socketPath, name, input)] as const)
  return Object.fromEntries(calls) as unknown as NodeApi // The record has every name, and the node answers in the table's shapes.
}

async function call(socketPath: string, name: string, input: unknown): Promise<unknown> {
  return resultOf(await post(socketPath, `/v1/${name}`, JSON.stringify(input)))
}

function post(socketPath: string, path: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException) => reject(cause instanceof TrustError ? cause : unreached(socketPath, cause))
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const asked = request({ socketPath, path, method: 'POST', headers, agent: false, timeout: timeoutMs }, (response) => {
      textOf(response).then(resolve, fail)
    })
    asked.on('timeout', () => asked.destroy(new TrustError('DFFT_TIMEOUT', 'the node did not answer in time', { timeoutMs })))
    asked.on('error', fail)
    asked.end(body)
  })
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response) {
    bytes += (chunk as Buffer).length // No encoding is set, so the chunks are buffers.
    if (bytes > answerBytesMax) throw new TrustError('DFFT_LIMIT', `the answer is longer than ${answerBytesMax} bytes`, { bytesMax: answerBytesMax })
    chunks.push(chunk as Buffer)
  }
  return Buffer.concat(chunks, bytes).toString('utf8')
}

function unreached(socket: string, cause: NodeJS.ErrnoException): TrustError {
  if (cause.code === 'EACCES' || cause.code === 'EPERM')
    return new TrustError('DFFT_NOT_ALLOWED', `the socket \`${socket}\` is another user's`, { socket }, { cause })
  if (cause.code === 'ECONNRESET' || cause.code === 'EPIPE')
    return new TrustError('DFFT_CHANNEL_CLOSED', 'the node went away before it answered', { socket }, { cause })
  return new TrustError('DFFT_NOT_RUNNING', `no node answers on \`${socket}\``, { socket, reason: cause.code ?? null }, { cause })
}

/** The node is our own, on a socket of our own user: its envelope is believed, but a stranger's on the socket must not crash us. */
interface Answer {
  readonly ok?: unknown
  readonly result?: unknown
  readonly error?: { readonly code?: unknown; readonly message?: unknown; readonly facts?: unknown }
}

function resultOf(text: string): unknown {
  const answer = answerOf(text)
  if (answer.ok === true) return answer.result
  const { code, message, facts } = answer.error ?? {}
  const known = typeof code === 'string' && isCode(code)
  // A newer node may know codes that this client does not.
  const said: Facts = { ...(typeof facts === 'object' && facts !== null ? (facts as Facts) : {}), ...(known ? {} : { code: String(code) }) }
  throw new TrustError(known ? code : 'DFFT_INTERNAL', typeof message === 'string' ? message : 'the node answered without a reason', said)
}

function answerOf(text: string): Answer {
  try {
    const answer: unknown = JSON.parse(text)
    return typeof answer === 'object' && answer !== null ? answer : {}
  } catch (cause) {
    throw new TrustError('DFFT_NOT_JSON', 'what answers on the socket is no node of this version', {}, { cause })
  }
}

/** The socket of the node in a folder: what the operator says, else what its configuration says, else `dfft.sock` in it. */
export async function socketOf(dir: string, said: string | undefined): Promise<string> {
  if (said !== undefined) return resolve(dir, said)
  const text = await readFile(join(dir, 'dfft.yaml'), 'utf8').catch(() => '')
  // The YAML reader is loaded only for the rare file that names a socket.
  if (!/^socket:/m.test(text)) return join(dir, 'dfft.sock')
  const { parseDocument } = await import('yaml')
  const document = parseDocument(text, { logLevel: 'error' })
  // A broken file is the node's to refuse, with line and column, at its start.
  const config: unknown = document.errors.length === 0 ? document.toJS({ maxAliasCount: 0 }) : null
  const socket = typeof config === 'object' && config !== null && 'socket' in config ? config.socket : undefined
  return resolve(dir, typeof socket === 'string' ? socket : 'dfft.sock')
}
