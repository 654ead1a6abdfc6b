/**
 * An entry of our DID log that waits for its witnesses: who has approved, who is asked, and how it ends.
 *
 * It is on disk before anybody is asked, and so is each approval that came; the last one publishes it. Whatever breaks in between, the same
 * entry is asked for again, and a witness that has approved it answers the same. Until then the node is under its old key, and issues
 * nothing: the end of that key is dated in the entry already.
 */

import type { RecordsClient } from '#node/network/records.ts'
import type { Identifier, Identifiers, Log, Network, Store } from '#node/ports.ts'
import { getJson, putJson } from '#node/stored.ts'
import { verifyUnwitnessed } from '#protocols/did/webvh.ts'
import { type Approval, approversOf, type Proposal } from '#protocols/did/webvh-witness.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'

export interface Waiting {
  readonly versionId: string
  readonly threshold: number
  /** did:key of each witness whose approval is there. */
  readonly approved: readonly Did[]
  readonly missing: readonly Asked[]
  /** Whether the entry ends the DID. */
  readonly ends: boolean
}

/** A witness, and the node that approves under its key, where that is known. */
export interface Asked {
  readonly witness: Did
  readonly node: Did | null
}

interface Needs {
  readonly self: { readonly did: Did }
  readonly identifiers: Pick<Identifiers, 'list' | 'approve'>
  readonly store: Store
  readonly network: Pick<Network, 'connected'>
  readonly records: Pick<RecordsClient, 'ask'>
  readonly log: Log
}

const nodesKey = 'key/witness-nodes'
/** The questions about witnesses came with this version of the protocols. */
const versionMin = 3
/** Partners asked whether they are a witness; an agency has fewer. */
const partnersMax = 64

export function waitingError(did: Did): TrustError {
  return new TrustError('DFFT_KEY_WAITING', `an entry of the log of \`${did}\` waits for its witnesses`, { did })
}

export async function waitingEntry(needs: Pick<Needs, 'self' | 'identifiers' | 'store'>): Promise<Waiting | null> {
  const identifier = await ours(needs)
  return identifier ? waitingOf(identifier, needs.store) : null
}

/** What waits with this identifier. */
export async function waitingOf({ did, pending }: Identifier, store: Store): Promise<Waiting | null> {
  if (!pending) return null
  const { versions } = unpublished(did, pending.didLog)
  const { threshold = 0, witnesses = [] } = approversOf({ versions }) ?? {}
  const nodes = Object.entries(await witnessNodes(store))
  const missing = witnesses.map(({ id }) => id as Did).filter((id) => !pending.approved.includes(id)) // A did:key, by its schema.
  return {
    versionId: pending.versionId,
    threshold,
    approved: pending.approved,
    missing: missing.map((witness) => ({ witness, node: (nodes.find(([, named]) => named === witness)?.[0] as Did | undefined) ?? null })), // Written by `rememberNodes`.
    ends: versions.at(-1)?.active.deactivated ?? false,
  }
}

/** For a witness that is asked by file. @throws {TrustError} DFFT_NOT_FOUND when nothing waits */
export async function proposalOf(needs: Pick<Needs, 'self' | 'identifiers'>): Promise<Proposal> {
  const identifier = await ours(needs)
  if (!identifier?.pending) throw new TrustError('DFFT_NOT_FOUND', 'no entry of the DID log waits for witnesses')
  const { did, pending, witnessProofs } = identifier
  return { did, log: pending.didLog, ...(witnessProofs === undefined ? {} : { witnessProofs }) }
}

/**
 * Asks the witnesses whose approval is missing, and keeps what comes. Who is away, refuses or answers amiss is asked again another time.
 *
 * @param only this node alone
 * @returns the identifier, without `pending` where the threshold is there now
 */
export async function collect(needs: Needs, waiting: Waiting, signal: AbortSignal, only?: Did): Promise<Identifier | undefined> {
  const { self, identifiers, log } = needs
  const proposal = await proposalOf(needs)
  const nodes = (await nodesFor(needs, waiting.missing, signal)).filter((node) => only === undefined || node === only)
  const answers = nodes.map((node) => approvalFrom(node, proposal, needs, signal))
  for (const [at, node] of nodes.entries()) {
    const refused = (thrown: unknown) => log('info', 'not approved by a witness', { partner: node, code: codeOf(thrown) })
    const approval = await answers[at]
    if (approval instanceof TrustError || approval === undefined) {
      refused(approval)
      continue
    }
    try {
      const identifier = await identifiers.approve(self.did, approval)
      if (!identifier.pending) return identifier
    } catch (thrown) {
      if (!amiss.has(codeOf(thrown))) throw thrown
      refused(thrown)
    }
  }
  return ours(needs)
}

/** What a witness may answer that is no approval. */
const amiss: ReadonlySet<string> = new Set(['DFFT_WITNESS_REFUSED', 'DFFT_SIGNATURE'])

/** Resolves with what was answered in the place of an approval: others are asked at the same time. */
async function approvalFrom(node: Did, proposal: Proposal, { records }: Needs, signal: AbortSignal): Promise<Approval | TrustError> {
  try {
    return (await records.ask(node, { type: 'did-approval', ...proposal }, 'did-approval', signal)).approval
  } catch (thrown) {
    if (thrown instanceof TrustError) return thrown
    return new TrustError('DFFT_INTERNAL', 'a witness could not be asked', {}, { cause: thrown })
  }
}

/** Where a witness's node is not known, the partners of this moment are asked who they are. */
async function nodesFor(needs: Needs, missing: readonly Asked[], signal: AbortSignal): Promise<readonly Did[]> {
  if (missing.some(({ node }) => node === null)) await discover(needs, signal)
  const wanted = new Set(missing.map(({ witness }) => witness))
  // More than one may say that it is a witness: each is asked, and its proof tells.
  return Object.entries(await witnessNodes(needs.store)).flatMap(([node, witness]) => (wanted.has(witness) ? [node as Did] : [])) // As above.
}

async function discover(needs: Needs, signal: AbortSignal): Promise<void> {
  const partners = [...new Set(needs.network.connected().flatMap(({ did, version = versionMin }) => (version >= versionMin ? [did] : [])))]
  const told = partners.slice(0, partnersMax).map(async (node) => [node, await witnessAt(node, needs, signal)] as const)
  const heard = (await Promise.allSettled(told)).flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
  await rememberNodes(needs.store, Object.fromEntries(heard))
}

/** As whom a node witnesses our log. @throws {TrustError} DFFT_WITNESS_REFUSED when it has not agreed; DFFT_UNREACHABLE, DFFT_TIMEOUT */
export async function witnessAt(node: Did, { self, records }: Pick<Needs, 'self' | 'records'>, signal: AbortSignal): Promise<Did> {
  return (await records.ask(node, { type: 'did-witness', did: self.did }, 'did-witness', signal)).witness
}

/** By the node, so that none can take another's place. Only where to ask: whose an approval is, its proof says. */
export async function rememberNodes(store: Store, nodes: Readonly<Record<Did, Did>>): Promise<void> {
  await store.batch([putJson(nodesKey, { ...(await witnessNodes(store)), ...nodes })])
}

async function witnessNodes(store: Store): Promise<Readonly<Record<Did, Did>>> {
  return (await getJson<Record<Did, Did>>(store, nodesKey)) ?? {}
}

async function ours({ self, identifiers }: Pick<Needs, 'self' | 'identifiers'>): Promise<Identifier | undefined> {
  return (await identifiers.list()).find(({ did }) => did === self.did)
}

/** Ours, and verified when it was made; it may be dated some seconds ahead. */
function unpublished(did: Did, log: string) {
  return verifyUnwitnessed(did, log, Number.MAX_SAFE_INTEGER)
}
