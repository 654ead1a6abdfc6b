/**
 * The table of operations as calls: over the node's socket, or over HTTP with a token. For programs it is `dfft/client`, see docs/api.md.
 * Loads neither zod nor the table: only its types.
 */
import { readFileSync } from 'node:fs'
import type { IncomingMessage, RequestOptions } from 'node:http'
import { join, resolve } from 'node:path'
import type { NodeApi, OperationName } from '#node/api.ts'
import { type Facts, isCode, TrustError } from '#protocols/errors.ts'

export type { NodeApi } from '#node/api.ts'
export { TrustError } from '#protocols/errors.ts'

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
  peerPing: true,
  peerTrust: true,
  peerBlock: true,
  peerUnblock: true,
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
  exchangeRetry: true,
  exchangeDispute: true,
  exchangeResolve: true,
  presentPreview: true,
  requestPreview: true,
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
  tokenCreate: true,
  tokenList: true,
  tokenRevoke: true,
  webhookAdd: true,
  webhookList: true,
  webhookTest: true,
  webhookRetry: true,
  webhookRemove: true,
  exchangeTrace: true,
  statistics: true,
  backupCreate: true,
  consoleOpen: true,
  policyTree: true,
  policyMatrix: true,
  policyWhy: true,
  policyWhatIf: true,
  health: true,
  maintenance: true,
  seal: true,
  unseal: true,
  storeCheck: true,
}

/** Verifying a log of a million entries takes some ten seconds; an exchange may wait for two partners. */
const timeoutMs = 300_000
/** A thousand exchanges are about 2 MB. */
const answerBytesMax = 64 << 20

/** A node reached with a token: `api` in its configuration, or a proxy in front of that. */
export interface Remote {
  /** `http://127.0.0.1:8471`; another host by https only, or the token could be read on its way. */
  readonly url: string
  /** As `dfft token create` showed it. */
  readonly token: string
}

/**
 * A node's operations; nothing is opened before the first call, and nothing stays open after one.
 *
 * @param node the path of its socket, or where it is reached with a token
 * @param waitMs how long each call may take
 * @throws {TrustError} DFFT_USAGE for a URL that a token may not be sent to; and each call what the node answers, DFFT_NOT_RUNNING when
 * nothing answers, DFFT_NOT_ALLOWED when the socket is another user's, DFFT_CHANNEL_CLOSED when the node went away, DFFT_TIMEOUT after it
 */
export function connect(node: string | Remote, waitMs = timeoutMs): NodeApi {
  const way = typeof node === 'string' ? { where: node, options: { socketPath: node } } : remote(node)
  const calls = Object.keys(names).map((name) => [name, (input: unknown) => call(way, name, input, waitMs)] as const)
  return Object.fromEntries(calls) as unknown as NodeApi // The record has every name, and the node answers in the table's shapes.
}

interface Way {
  /** For a message. */
  readonly where: string
  readonly options: RequestOptions
  readonly token?: string
}

/** A proxy may serve the node below a path. */
function remote({ url: text, token }: Remote): Way {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol)) throw new TrustError('DFFT_USAGE', 'the URL of the node is an http or https URL')
  const here = /^(?:127(?:\.\d{1,3}){3}|\[::1\]|localhost)$/.test(url.hostname)
  if (url.protocol === 'http:' && !here) throw new TrustError('DFFT_USAGE', 'a token is sent to another machine by https only', { host: url.hostname })
  const { protocol, pathname } = url
  const options = { protocol, hostname: url.hostname.replace(/^\[|\]$/g, ''), port: url.port, path: pathname.replace(/\/$/, '') }
  return { where: url.origin, options, token }
}

async function call(way: Way, name: string, input: unknown, waitMs: number): Promise<unknown> {
  return resultOf(await post(way, `/v1/${name}`, JSON.stringify(input ?? {}), waitMs))
}

async function post({ where, options, token }: Way, path: string, body: string, timeout: number): Promise<string> {
  const { request } = options.protocol === 'https:' ? await import('node:https') : await import('node:http')
  return new Promise((resolve, reject) => {
    const fail = (cause: NodeJS.ErrnoException) => reject(cause instanceof TrustError ? cause : unreached(where, cause))
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    }
    const asked = request({ ...options, path: `${options.path ?? ''}${path}`, method: 'POST', headers, agent: false, timeout }, (response) => {
      textOf(response).then(resolve, fail)
    })
    asked.on('timeout', () => asked.destroy(new TrustError('DFFT_TIMEOUT', 'the node did not answer in time', { timeoutMs: timeout })))
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

function unreached(where: string, cause: NodeJS.ErrnoException): TrustError {
  if (cause.code === 'EACCES' || cause.code === 'EPERM')
    return new TrustError('DFFT_NOT_ALLOWED', `the socket \`${where}\` is another user's`, { socket: where }, { cause })
  if (cause.code === 'ECONNRESET' || cause.code === 'EPIPE')
    return new TrustError('DFFT_CHANNEL_CLOSED', 'the node went away before it answered', { socket: where }, { cause })
  return new TrustError('DFFT_NOT_RUNNING', `no node answers on \`${where}\``, { socket: where, reason: cause.code ?? null }, { cause })
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
  const text = configIn(dir)
  // The YAML reader is loaded only for the rare file that names a socket.
  if (!/^socket:/m.test(text)) return join(dir, 'dfft.sock')
  const { parseDocument } = await import('yaml')
  const document = parseDocument(text, { logLevel: 'error' })
  // A broken file is the node's to refuse, with line and column, at its start.
  const config: unknown = document.errors.length === 0 ? document.toJS({ maxAliasCount: 0 }) : null
  const socket = typeof config === 'object' && config !== null && 'socket' in config ? config.socket : undefined
  return resolve(dir, typeof socket === 'string' ? socket : 'dfft.sock')
}

/** At once: each command asks for it, and would load all of Node's promises of files to wait. Empty where there is none that can be read. */
function configIn(dir: string): string {
  try {
    return readFileSync(join(dir, 'dfft.yaml'), 'utf8')
  } catch {
    return ''
  }
}
