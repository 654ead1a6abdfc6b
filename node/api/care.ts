/** Operations that keep a node healthy: backups, health, maintenance, sealing. */
import { z } from 'zod'
import { Did, Digest, Instant } from '#protocols/ids.ts'
import { dryRun, empty, type Operation, text } from './operation.ts'

const maintenance = z.object({ since: Instant, reason: z.enum(['operator', 'restored']) }).nullable()

export const careOperations = {
  backupCreate: {
    summary: 'write an encrypted backup of this node to a file of its machine, and read it again',
    access: 'write',
    only: 'socket',
    /** `path` is absolute and as the node sees it; `dataKeys` false leaves out the keys of received data. */
    input: z.strictObject({
      path: z.string().min(2).max(4096).startsWith('/'),
      passphrase: z.string().min(8).max(1024),
      dataKeys: z.boolean().default(true),
      dryRun,
    }),
    /** In a dry run the id is of zeros, and `bytes` is what would be sealed into the file. */
    output: z.object({
      path: z.string(),
      id: text,
      madeAt: Instant,
      did: Did,
      bytes: z.int(),
      rows: z.int(),
      files: z.int(),
      log: z.object({ size: z.int(), root: Digest }),
      dataKeys: z.boolean(),
      left: z.array(text),
      /** When the first data end whose keys are in it: the backup is to be destroyed by then. Null where there are none. */
      keepUntil: Instant.nullable(),
    }),
  },
  health: {
    summary: 'whether this node lives, has started, and can exchange, and why not; also while it is sealed',
    access: 'read',
    input: empty,
    output: z.object({
      did: Did,
      live: z.boolean(),
      started: z.boolean(),
      ready: z.boolean(),
      sealed: z.boolean(),
      maintenance,
      /** Why it is not ready. */
      reasons: z.array(z.object({ code: text, detail: text.nullable() })),
    }),
  },
  maintenance: {
    summary: 'begin or end maintenance: no new exchange is begun or answered, those under way go to their end',
    access: 'write',
    input: z.strictObject({ on: z.boolean(), dryRun }),
    output: z.object({ maintenance, underway: z.int() }),
  },
  seal: {
    summary: 'drop the keys from memory and leave the network; the process stays',
    access: 'write',
    input: z.strictObject({ dryRun }),
    output: z.object({ sealed: z.boolean().describe('false in a dry run') }),
  },
  unseal: {
    summary: 'open the keys of a sealed node',
    access: 'write',
    input: z.strictObject({ passphrase: z.string().min(1).max(1024) }),
    output: z.object({ sealed: z.literal(false), addresses: z.array(text) }),
  },
  storeCheck: {
    summary: 'read every record and file of this node, and name each that is damaged, with what to do',
    access: 'read',
    input: empty,
    output: z.object({
      ok: z.boolean(),
      rows: z.int(),
      /** Entries of the audit log. */
      log: z.int(),
      /** Whole files of attachments. */
      contents: z.int(),
      findings: z.array(
        z.object({
          where: z.enum(['record', 'file']),
          key: z.string(),
          prefix: text.nullable(),
          module: text.nullable(),
          problem: text,
          advice: text,
        }),
      ),
    }),
  },
} as const satisfies Record<string, Operation>
