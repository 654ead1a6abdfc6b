/** How the node is: whether it lives, whether it can exchange, and why not. Nothing in it is anybody's secret. */
import type { OutputOf } from '#node/api.ts'
import type { AuditLog } from '#node/audit/audit.ts'
import type { Self } from '#node/identity/self.ts'
import type { PolicyShelf } from '#node/policy/policy-shelf.ts'
import type { Clock } from '#node/ports.ts'
import type { Trust } from '#node/trust/trust.ts'
import type { Care } from './care.ts'
import type { Maintenance } from './maintenance.ts'

export type Health = OutputOf<'health'>

interface Watched {
  readonly audit: Pick<AuditLog, 'refusal'>
  readonly self: Pick<Self, 'did' | 'refusal'>
  readonly shelf: PolicyShelf
  readonly trust: Pick<Trust, 'home'>
  readonly clock: Pick<Clock, 'nowMs'>
  readonly maintenance: Pick<Maintenance, 'now'>
  readonly care?: Care | undefined
}

/** Four times what the store refuses at: an hour of a busy node. */
export const diskLowBytes = 128 << 20

export async function healthOf({ audit, self, shelf, trust, clock, maintenance, care }: Watched, stopping: boolean): Promise<Health> {
  const nowMs = clock.nowMs()
  const begun = shelf.line(trust.home).begun(nowMs)
  const free = await care?.freeBytes().catch(() => null)
  const reasons: Health['reasons'] = [
    ...(stopping ? [{ code: 'stopping', detail: null }] : []),
    ...(audit.refusal ? [{ code: 'log-refuses', detail: audit.refusal.code }] : []),
    ...(self.refusal ? [{ code: 'key-unusable', detail: self.refusal.code }] : []),
    ...(begun && !shelf.inForce(begun, nowMs) ? [{ code: 'policy-expired', detail: begun.policy.metadata.id }] : []),
    ...(typeof free === 'number' && free < diskLowBytes ? [{ code: 'disk-nearly-full', detail: String(free) }] : []),
    ...(maintenance.now ? [{ code: 'maintenance', detail: maintenance.now.reason }] : []),
  ]
  return { did: self.did, live: true, started: true, ready: reasons.length === 0, sealed: false, maintenance: maintenance.now, reasons }
}
