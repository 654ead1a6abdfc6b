/** Witnesses of did:webvh logs: of ours, which approve what `dfft key rotate` proposes; and this node as a witness of others. */
import type { WaitingEntry } from '#node/api/identity.ts'
import type { NodeApi } from '#node/api.ts'
import { TrustError } from '#protocols/errors.ts'
import { command, type Session } from './command.ts'
import { dryRunOption } from './commands/trust-documents.ts'
import { textOfFile } from './files.ts'
import { facts, table } from './render.ts'
import type { Texts } from './texts.ts'

export interface WitnessWish {
  readonly witness?: readonly string[]
  readonly threshold?: number
  readonly approval?: readonly string[]
}

type RotateInput = Parameters<NodeApi['keyRotate']>[0]

export const witnessOptions = [
  {
    flags: '--witness <did>',
    about: 'who approves entries of our DID log from now on: a node that agreed to (`dfft key witness add`), or a did:key; `none` ends it (may be repeated)',
    kind: 'list',
  },
  { flags: '--threshold <count>', about: 'how many of the witnesses must approve', kind: 'count' },
  { flags: '--approval <file>', about: 'goes on with the entry that waits, with an approval from `dfft key approve` (may be repeated)', kind: 'list' },
] as const

/** @throws {TrustError} DFFT_USAGE, DFFT_NOT_FOUND, DFFT_NOT_JSON */
export async function rotation(
  session: Session,
  { witness, threshold, approval, ...wish }: WitnessWish & Omit<RotateInput, 'witness' | 'approvals'>,
): Promise<RotateInput> {
  const approvals = await Promise.all((approval ?? []).map((file) => jsonOf(session, file)))
  return {
    ...wish,
    ...listOf(witness, threshold),
    ...(approvals.length > 0 && { approvals: approvals as RotateInput['approvals'] }), // The node's door reads them.
  }
}

function listOf(witness: readonly string[] | undefined, threshold: number | undefined): Pick<RotateInput, 'witness'> {
  if (witness === undefined && threshold === undefined) return {}
  if (witness?.includes('none') && witness.length === 1 && threshold === undefined) return { witness: null }
  if (witness === undefined || threshold === undefined)
    throw new TrustError('DFFT_USAGE', 'who are the witnesses, and how many must approve: `--witness` and `--threshold`')
  return { witness: { threshold, witnesses: [...witness] } }
}

async function jsonOf(session: Session, file: string): Promise<unknown> {
  try {
    return JSON.parse(await textOfFile(session, file))
  } catch (cause) {
    if (cause instanceof TrustError) throw cause
    throw new TrustError('DFFT_NOT_JSON', `\`${file}\` is no JSON`, {}, { cause })
  }
}

export function waitingFacts(waiting: WaitingEntry | null, words: Texts['words']): (readonly [string, string | number | readonly string[] | undefined])[] {
  if (!waiting) return []
  return [
    [words.waitingEntry, waiting.versionId],
    [words.threshold, waiting.threshold],
    [words.approved, waiting.approved],
    [words.missingApprovals, waiting.missing.map(({ witness, node }) => (node === null ? witness : `${node} (${witness})`))],
  ]
}

const witnessView = (result: Awaited<ReturnType<NodeApi['keyWitness']>>, { texts: { words, none }, style }: Session) => {
  const rows = result.dids.map(({ did, since, approved }) => [did, since, approved?.versionId, approved?.at])
  const columns = [words.witnessedDid, words.from, words.approvedVersion, words.at]
  return { result, text: [facts([[words.witnessKey, result.witness ?? undefined]], style), table(columns, rows, style, none)].filter(Boolean).join('\n\n') }
}

export const witnessCommands = [
  command({
    usage: 'proposal',
    about: 'The entry of our DID log that waits, as a file for a witness whose node we cannot reach.',
    operation: 'keyProposal',
    examples: ['dfft key proposal > proposal.json'],
    run: async ({ api }) => {
      const result = await api.keyProposal({})
      return { result, text: JSON.stringify(result, null, 2) }
    },
  }),
  command<{ readonly dryRun?: boolean }, readonly [string]>({
    usage: 'approve <file>',
    about: 'As a witness: approve the entry of a DID log that came as a file (`dfft key proposal`), once for each version, and print the approval.',
    operation: 'keyApprove',
    options: [dryRunOption],
    examples: ['dfft key approve proposal.json > approval.json', 'dfft key approve proposal.json --dry-run'],
    run: async (session, [file], { dryRun }) => {
      const proposal = (await jsonOf(session, file)) as Parameters<NodeApi['keyApprove']>[0] // The node's door reads it.
      const result = await session.api.keyApprove({ ...proposal, dryRun })
      return { result, text: JSON.stringify(result, null, 2) }
    },
  }),
  command<{ readonly dryRun?: boolean }, readonly [string]>({
    usage: 'witness add <did>',
    about: 'Agree to witness the log of a DID: its controller may ask for our approval from now on, and names the key that is printed.',
    operation: 'keyWitnessAdd',
    options: [dryRunOption],
    examples: ['dfft key witness add did:webvh:QmScid:agency.example', 'dfft key witness add did:webvh:QmScid:agency.example --dry-run'],
    run: async (session, [did], { dryRun }) => witnessView(await session.api.keyWitnessAdd({ did, dryRun }), session),
  }),
  command({
    usage: 'witness list',
    about: 'The DIDs whose logs this node witnesses, what it approved last of each, and the key under which it does.',
    operation: 'keyWitness',
    examples: ['dfft key witness list', 'dfft key witness list --json'],
    run: async (session) => witnessView(await session.api.keyWitness({}), session),
  }),
  command<{ readonly dryRun?: boolean }, readonly [string]>({
    usage: 'witness remove <did>',
    about: 'Approve no more entries of the log of a DID. What was approved is remembered.',
    operation: 'keyWitnessRemove',
    options: [dryRunOption],
    examples: ['dfft key witness remove did:webvh:QmScid:agency.example', 'dfft key witness remove did:webvh:QmScid:agency.example --dry-run'],
    run: async (session, [did], { dryRun }) => witnessView(await session.api.keyWitnessRemove({ did, dryRun }), session),
  }),
]
