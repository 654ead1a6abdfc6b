/** Operations on the node itself: how it is, its DIDs, its keys, and the nodes of partners. */
import { z } from 'zod'
import { logBytesMax } from '#protocols/did/webvh-entry.ts'
import { Approval } from '#protocols/did/webvh-witness.ts'
import { Did, Digest, Instant, Jurisdiction } from '#protocols/ids.ts'
import { witnessProofsCharactersMax } from '#protocols/records.ts'
import { keyTroubles } from './exchanges.ts'
import { dryRun, empty, type Operation, text } from './operation.ts'
import { TrustLink } from './trust.ts'

/** An entry of our DID log that is not published until its witnesses have approved it. */
const waitingEntry = z.object({
  versionId: text,
  threshold: z.number().int(),
  /** did:key of each witness that has approved. */
  approved: z.array(Did),
  /** Each that has not; and which node it is, where that is known. */
  missing: z.array(z.object({ witness: Did, node: Did.nullable() })),
  /** Whether it ends the DID. */
  ends: z.boolean(),
})

export type WaitingEntry = z.infer<typeof waitingEntry>

const witnessed = z.object({
  /** What a log names: the did:key under which this node approves. Null before it agreed to anything. */
  witness: Did.nullable(),
  dids: z.array(z.object({ did: Did, since: Instant, approved: z.object({ number: z.number().int(), versionId: text, at: Instant }).nullable() })),
})

/** A party that the operator has shut out. */
const block = z.object({ did: Did, at: Instant, reason: z.string().nullable() })

export const identityOperations = {
  status: {
    summary: 'who this node is and how it is',
    access: 'read',
    input: empty,
    output: z.object({
      name: text,
      did: Did,
      jurisdiction: Jurisdiction,
      version: text,
      peerId: text,
      addresses: z.array(text),
      connected: z.number().int(),
      startedAt: Instant,
      log: z.object({ size: z.number().int(), root: Digest }),
      exchanges: z.record(z.string(), z.number().int()),
      /** Releases whose receipt is still owed. */
      unreceipted: z.number().int(),
      /** Duties that are due and not done, and breaches that somebody has to look at (at most 1,000 are counted). */
      obligations: z.object({ overdue: z.number().int(), breaches: z.number().int(), keys: keyTroubles }),
      policies: z.array(z.object({ id: text, jurisdiction: Jurisdiction, serial: z.number().int(), validUntil: Instant })),
      /** Since when no partner was heard; null while one is. And what ends by itself, the soonest first, with the code of what is denied then. */
      island: z.object({ since: Instant.nullable(), lapses: z.array(z.object({ kind: text, id: z.string(), at: Instant, code: text })) }),
    }),
  },
  stop: {
    summary: 'stop the node',
    access: 'write',
    input: z.strictObject({ dryRun }),
    output: z.object({ stopping: z.boolean().describe('false in a dry run') }),
  },
  didShow: {
    summary: 'a DID document and its keys, past and present',
    access: 'read',
    input: z.strictObject({ did: Did.optional() }),
    output: z.object({
      did: Did,
      deactivated: z.boolean(),
      alsoKnownAs: z.array(text),
      peerIds: z.array(text),
      keys: z.array(
        z.object({ keyId: z.string(), algorithm: text, purposes: z.array(text), from: Instant.nullable(), until: Instant.nullable(), fingerprint: text }),
      ),
      document: z.record(z.string(), z.unknown()),
    }),
  },
  keyList: {
    summary: 'the keys of this node, of today and before',
    access: 'read',
    input: empty,
    output: z.object({
      did: Did,
      keys: z.array(
        z.object({
          keyId: z.string(),
          /** `announced` signs the next entry of the DID log; `peer` is this process towards the network, `next-peer` from the next start on. */
          role: z.enum(['signing', 'announced', 'former', 'compromised', 'lost', 'peer', 'next-peer']),
          algorithm: text,
          from: Instant.nullable(),
          until: Instant.nullable(),
          fingerprint: text.nullable(),
          vault: z.enum(['memory', 'file', 'pkcs11']).nullable(),
        }),
      ),
      waiting: waitingEntry.nullable(),
    }),
  },
  keyRotate: {
    summary: 'sign with a new key from now on; what the old one signed stays valid, unless it is said to be compromised',
    access: 'write',
    fails: [
      'DFFT_CONFLICT',
      'DFFT_DID_DEACTIVATED',
      'DFFT_KEYSTORE',
      'DFFT_KEYS_ELSEWHERE',
      'DFFT_KEY_FIXED',
      'DFFT_KEY_UNWITNESSED',
      'DFFT_KEY_WAITING',
      'DFFT_NOT_FOUND',
      'DFFT_SIGNATURE',
      'DFFT_WITNESS_REFUSED',
    ],
    input: z.strictObject({
      /** Nothing signed by the keys in use since then counts. */
      compromisedSince: Instant.optional(),
      /** Also when no partner has co-signed the log: credentials that no earlier cosignature covers then stop counting at partners. */
      unwitnessed: z.boolean().default(false),
      /** The peer key too, from the next start on. */
      peer: z.boolean().default(false),
      /** Who has to approve entries of our DID log from now on: did:key, or the DID of a node that agreed to. Null: nobody. */
      witness: z
        .strictObject({ threshold: z.number().int().min(1).max(64), witnesses: z.array(Did).min(1).max(64) })
        .nullable()
        .optional(),
      /** Of witnesses that were asked by file; only while an entry waits. */
      approvals: z.array(Approval).max(64).optional(),
      /** Only looks whether it would be done. */
      dryRun: z.boolean().default(false),
    }),
    output: z.object({
      did: Did,
      from: z.string(),
      /** Null in a dry run, as the fingerprint. */
      to: z.string().nullable(),
      fingerprint: text.nullable(),
      compromisedSince: Instant.nullable(),
      /** Null when it is done. */
      waiting: waitingEntry.nullable(),
      witnesses: z.array(Did),
      told: z.number().int(),
      peerId: text.nullable(),
      dryRun: z.boolean(),
    }),
  },
  keyProposal: {
    summary: 'the entry of the DID log that waits for its witnesses, as a witness takes it in a file',
    access: 'read',
    fails: ['DFFT_NOT_FOUND'],
    input: empty,
    output: z.object({ did: Did, log: z.string(), witnessProofs: z.string().optional() }),
  },
  keyApprove: {
    summary: 'approve, as a witness, the last entry of a log that came in a file',
    access: 'write',
    fails: ['DFFT_DID_LOG', 'DFFT_DID_ROLLBACK', 'DFFT_WITNESS_FORK', 'DFFT_WITNESS_REFUSED'],
    input: z.strictObject({ did: Did, log: z.string().max(logBytesMax), witnessProofs: z.string().max(witnessProofsCharactersMax).optional(), dryRun }),
    /** In a dry run without proofs, unless it was approved before. */
    output: z.strictObject({ versionId: Approval.shape.versionId, proof: z.array(Approval.shape.proof.element) }),
  },
  keyWitness: { summary: 'the DIDs whose log this node witnesses, and under which key', access: 'read', input: empty, output: witnessed },
  keyWitnessAdd: {
    summary: 'agree to witness the log of a DID: from now on its entries are approved when its controller asks',
    access: 'write',
    fails: ['DFFT_DID_SYNTAX'],
    input: z.strictObject({ did: Did, dryRun }),
    output: witnessed,
  },
  keyWitnessRemove: {
    summary: 'approve no more entries of the log of a DID',
    access: 'write',
    fails: ['DFFT_NOT_FOUND'],
    input: z.strictObject({ did: Did, dryRun }),
    output: witnessed,
  },
  keyDeactivate: {
    summary: 'end the DID of this node for good: it names no key from then on, and nothing is issued under it any more',
    access: 'write',
    fails: ['DFFT_DID_DEACTIVATED', 'DFFT_KEY_UNWITNESSED', 'DFFT_KEY_WAITING'],
    input: z.strictObject({
      /** The DID of this node: the confirmation. */
      did: Did,
      unwitnessed: z.boolean().default(false),
      dryRun: z.boolean().default(false),
    }),
    output: z.object({ did: Did, from: z.string(), witnesses: z.array(Did), told: z.number().int(), waiting: waitingEntry.nullable(), dryRun: z.boolean() }),
  },
  peerAdd: {
    summary: 'dial a node, prove both identities, remember its address, fetch its public records',
    access: 'write',
    input: z.strictObject({ address: text }),
    output: z.object({ did: Did, peerId: text, addresses: z.array(text), learned: z.object({ accreditations: z.number().int(), policies: z.number().int() }) }),
  },
  peerList: {
    summary: 'the nodes whose address is known, and parties that are blocked',
    access: 'read',
    input: empty,
    output: z.object({
      peers: z.array(z.object({ did: Did, peerId: text, addresses: z.array(text), connected: z.boolean() })),
      blocked: z.array(block),
    }),
  },
  peerPing: {
    summary: 'how long a partner takes to answer, over the connection on which it has proved its DID',
    access: 'read',
    input: z.strictObject({ did: Did, count: z.number().int().min(1).max(20).default(4) }),
    output: z.object({
      did: Did,
      peerId: text,
      /** The protocol version that both speak. */
      version: z.number().int().nullable(),
      /** Round trips in their order; `ms` is null where nothing came back, and `code` what it said instead of an answer. */
      pings: z.array(z.object({ ms: z.number().nullable(), code: text.nullable() })),
    }),
  },
  peerTrust: {
    summary: 'what is trusted of a party and why: how it is known, as whom it may speak, and for which types it is recognised',
    access: 'read',
    input: z.strictObject({ did: Did }),
    output: z.object({
      did: Did,
      /** `called`: the operator added its address. `stale`: its anchor was not heard for too long. `suspended` and `stranger` get nothing. */
      known: z.enum(['self', 'anchor', 'standing', 'stale', 'called', 'suspended', 'stranger']),
      blocked: block.nullable(),
      /** Where the operator pinned it. */
      anchor: z.object({ name: text.nullable(), jurisdictions: z.array(Jurisdiction), fingerprint: text, addedAt: Instant }).nullable(),
      standing: z.object({
        /** Why it has none. */
        code: text.nullable(),
        jurisdiction: Jurisdiction.nullable(),
        sector: z.enum(['public', 'private']).nullable(),
        assurance: text.nullable(),
        validUntil: Instant.nullable(),
        chain: z.array(TrustLink),
      }),
      types: z.array(z.object({ type: text, recognised: z.boolean(), code: text.nullable(), assurance: text.nullable(), chain: z.array(TrustLink) })),
    }),
  },
  peerBlock: {
    summary: 'shut a party out: its connections are refused and closed, and it is not dialled, until it is unblocked',
    access: 'write',
    /** `reason` stays in this node. */
    input: z.strictObject({ did: Did, reason: z.string().min(1).max(200).optional(), dryRun }),
    output: block.extend({ connected: z.boolean(), dryRun: z.boolean() }),
  },
  peerUnblock: {
    summary: 'let a party that was blocked in again',
    access: 'write',
    input: z.strictObject({ did: Did, dryRun }),
    output: block.extend({ dryRun: z.boolean() }),
  },
  consoleOpen: {
    summary: 'open the web console on a loopback address, and make an address that lets one browser in, once, within a minute',
    access: 'write',
    only: 'socket',
    input: empty,
    output: z.object({
      host: text,
      port: z.number().int(),
      /** Of the machine the node runs on; the code stands behind the mark, where it is in no request. */
      url: text,
      code: text,
      codeSeconds: z.number().int(),
    }),
  },
} as const satisfies Record<string, Operation>
