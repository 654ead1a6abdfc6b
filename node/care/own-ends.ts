/**
 * Tells in time what of this node's own ends by a date, or has served long enough: an entry of the log a week before, and so an event for
 * whoever listens. Of what it only relies on the metrics tell; here stands what its own operator has to renew.
 */
import type { AuditLog } from '#node/audit/audit.ts'
import type { DidBook } from '#node/identity/dids.ts'
import type { Self } from '#node/identity/self.ts'
import type { PolicyShelf } from '#node/policy/policy-shelf.ts'
import type { Clock, Log, Store } from '#node/ports.ts'
import type { Tokens } from '#node/programs/tokens.ts'
import { getJson, putJson } from '#node/stored.ts'
import type { Introductions } from '#node/trust/introductions.ts'
import type { Trust } from '#node/trust/trust.ts'
import { codeOf } from '#protocols/errors.ts'
import { type Instant, instant, msOf } from '#protocols/ids.ts'

const dayMs = 86_400_000
export const ownEndsLimits = {
  lookMs: 3_600_000,
  /** As the alerts have it: time to have a policy signed by a quorum. */
  noticeMs: 7 * dayMs,
  /** What docs/operator-guide.md advises where no rule says otherwise. */
  signingKeyMs: 365 * dayMs,
} as const

export interface OwnEnd {
  readonly kind: 'policy-ends-soon' | 'accreditation-ends-soon' | 'token-ends-soon' | 'key-rotation-due'
  /** What it is called where it is listed. */
  readonly id: string
  readonly at: Instant
}

interface Watched {
  readonly self: Pick<Self, 'did' | 'keyId'>
  readonly dids: Pick<DidBook, 'resolve'>
  readonly shelf: Pick<PolicyShelf, 'line'>
  readonly trust: Pick<Trust, 'home'>
  readonly introductions: Pick<Introductions, 'chain'>
  readonly tokens: Pick<Tokens, 'list'>
}

interface Needs extends Watched {
  readonly store: Store
  readonly audit: Pick<AuditLog, 'append'>
  readonly clock: Pick<Clock, 'nowMs' | 'sleep'>
  readonly log: Log
}

const key = 'node/ends-told'

/** Until the signal. */
export async function tellOwnEnds(needs: Needs, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await tell(needs, signal).catch((thrown) => needs.log('warn', 'own ends not told', { code: codeOf(thrown) }))
    await needs.clock.sleep(ownEndsLimits.lookMs, signal).catch(() => undefined)
  }
}

/** Each end once, also across restarts; what was renewed meanwhile has another one. */
async function tell(needs: Needs, signal: AbortSignal): Promise<void> {
  const { store, audit, clock } = needs
  const nowMs = clock.nowMs()
  const near = (await ownEnds(needs, signal)).filter(({ kind, at }) => msOf(at) - (kind === 'key-rotation-due' ? 0 : ownEndsLimits.noticeMs) <= nowMs)
  const before = new Set((await getJson<readonly string[]>(store, key)) ?? [])
  const fresh = near.filter((end) => !before.has(nameOf(end)))
  if (fresh.length === 0) return
  const entries = fresh.map(({ kind, id, at }) => ({ kind, facts: { id, at } }))
  await audit.append(entries, [putJson(key, near.map(nameOf))])
}

function nameOf({ kind, id, at }: OwnEnd): string {
  return `${kind} ${id} ${at}`
}

async function ownEnds(watched: Watched, signal: AbortSignal): Promise<OwnEnd[]> {
  const { shelf, trust, introductions, tokens } = watched
  const newest = shelf.line(trust.home).newest?.policy.metadata
  const sinceMs = await signingSinceMs(watched, signal)
  return [
    ...(newest ? [{ kind: 'policy-ends-soon' as const, id: newest.id, at: newest.validUntil }] : []),
    ...introductions.chain().map(({ id, validUntil }) => ({ kind: 'accreditation-ends-soon' as const, id, at: validUntil })),
    ...tokens.list().flatMap(({ id, state, until }) => (state === 'active' && until !== null ? [{ kind: 'token-ends-soon' as const, id, at: until }] : [])),
    ...(sinceMs === null ? [] : [{ kind: 'key-rotation-due' as const, id: watched.self.keyId, at: instant(sinceMs + ownEndsLimits.signingKeyMs) }]),
  ]
}

/** Since when the key that signs is in force; null where the DID keeps no history, and no key of it can be changed. */
export async function signingSinceMs({ self, dids }: Pick<Watched, 'self' | 'dids'>, signal: AbortSignal): Promise<number | null> {
  const { keys } = await dids.resolve(self.did, signal)
  const sinceMs = Math.min(...keys.filter(({ keyId }) => keyId === self.keyId).map(({ fromMs }) => fromMs))
  return Number.isFinite(sinceMs) && sinceMs > 0 ? sinceMs : null
}
