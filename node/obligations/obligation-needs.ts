/** What carrying out duties asks of the node. */
import type { Contents } from '#node/attachments/contents.ts'
import type { AuditLog } from '#node/audit/audit.ts'
import type { Locks } from '#node/exchange/locks.ts'
import type { Notices } from '#node/exchange/notices.ts'
import type { Clock, DataKeys, Log, Store } from '#node/ports.ts'

export interface ObligationNeeds {
  readonly store: Store
  readonly dataKeys: DataKeys
  /** Files that came with what was received. */
  readonly contents: Pick<Contents, 'keysOf' | 'destroy' | 'here' | 'rowsOf'>
  readonly audit: Pick<AuditLog, 'append' | 'keep'>
  readonly notices: Notices
  readonly locks: Locks
  readonly clock: Clock
  readonly log: Log
}
