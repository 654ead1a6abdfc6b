/** Stopping flows at once, letting that last, and ending it. */

import type { PolicyOutcome } from '#node/api/policies.ts'
import type { Packs } from '#policies/packs/packs.ts'
import type { Suspension } from '#policies/policy.ts'
import { canonical } from '#protocols/canonical.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Did, digest, instant, type Jurisdiction, msOf } from '#protocols/ids.ts'
import { type ActNeeds, type DeskNeeds, offered } from './policy-desk.ts'
import { type HeldSuspension, serialOf } from './shelved.ts'

const hourMs = 3_600_000
/** To follow a suspension with this is to lift it: a span has a length. */
const liftMs = 1000

interface Wish {
  readonly jurisdiction?: Jurisdiction | undefined
  readonly counterparty: readonly Did[]
  readonly from: readonly string[]
  readonly to: readonly string[]
  readonly credential: readonly string[]
  readonly purpose: readonly string[]
  readonly reason: Suspension['reason']
  readonly hours: number
  readonly everything: boolean
}

/** @throws {TrustError} DFFT_USAGE for one of everything that was not said to be; DFFT_NOT_ALLOWED; as `PolicyShelf.learn` */
export function suspendFlows(wish: Wish, needs: ActNeeds, signal: AbortSignal): Promise<PolicyOutcome> {
  const { self, shelf } = needs
  const { jurisdiction = self.jurisdiction, hours, reason } = wish
  const match = matchOf(wish, shelf.line(jurisdiction).newest?.packs ?? shelf.packs.shipped)
  if ((Object.keys(match).length === 0) !== wish.everything)
    throw new TrustError('DFFT_USAGE', 'say which flows are suspended, or that all of them are', { everything: wish.everything })
  const serial = nextSerial(shelf.suspensions.of(jurisdiction))
  // Two offices, or two at one desk, may take one serial at once; each suspension has a name of its own.
  const own = digest(canonical({ did: self.did, match, reason, hours, atMs: needs.clock.nowMs() })).slice('sha256:'.length, 'sha256:'.length + 8)
  const id = `urn:trust-policy:${jurisdiction.toLowerCase()}:suspension:${serial}.${own}`
  return offered(suspension({ jurisdiction, id, serial, match, reason, lastsMs: hours * hourMs }, needs), needs, signal)
}

/** What is the name of a group means its members: to suspend flows to a union stops those to each country of it. */
function matchOf({ counterparty, from, to, credential, purpose }: Wish, { terms }: Packs): Suspension['match'] {
  const places = (names: readonly string[]) => names.map((name) => (terms.group.has(name) ? { group: name } : (name as Jurisdiction))) // Learning it reads it.
  return {
    ...(counterparty.length > 0 ? { counterpartyNode: [...counterparty] } : {}),
    ...(from.length > 0 ? { from: places(from) } : {}),
    ...(to.length > 0 ? { to: places(to) } : {}),
    ...(credential.length > 0 ? { credential: [...credential] } : {}),
    ...(purpose.length > 0 ? { purpose: [...purpose] } : {}),
  }
}

/** @throws {TrustError} DFFT_NOT_FOUND; as `PolicyShelf.learn` */
export function renewSuspension({ id, hours }: { readonly id: string; readonly hours: number }, needs: ActNeeds, signal: AbortSignal): Promise<PolicyOutcome> {
  return offered(following(id, hours * hourMs, needs), needs, signal)
}

/** @throws {TrustError} DFFT_NOT_FOUND; as `PolicyShelf.learn` */
export function liftSuspension({ id }: { readonly id: string }, needs: ActNeeds, signal: AbortSignal): Promise<PolicyOutcome> {
  return offered(following(id, liftMs, needs), needs, signal)
}

function following(id: string, lastsMs: number, needs: DeskNeeds): Suspension {
  const { shelf, clock } = needs
  const nowMs = clock.nowMs()
  const held = shelf.suspensions.jurisdictions
    .flatMap((jurisdiction) => shelf.suspensions.of(jurisdiction))
    .findLast(({ policy: { metadata } }) => metadata.id === id && nowMs < msOf(metadata.validUntil))
  if (!held) throw new TrustError('DFFT_NOT_FOUND', `there is no suspension \`${id}\` that is not over`, { id })
  const { jurisdiction } = held.policy.metadata
  const { match, reason } = held.policy
  const serial = nextSerial(shelf.suspensions.of(jurisdiction))
  return { ...suspension({ jurisdiction, id, serial, match, reason, lastsMs }, needs, held) }
}

interface Making {
  readonly jurisdiction: Jurisdiction
  readonly id: string
  readonly serial: number
  readonly match: Suspension['match']
  readonly reason: Suspension['reason']
  readonly lastsMs: number
}

function suspension({ jurisdiction, id, serial, match, reason, lastsMs }: Making, { clock, self }: DeskNeeds, follows?: HeldSuspension): Suspension {
  const nowMs = Math.floor(clock.nowMs() / 1000) * 1000
  const span = { validFrom: instant(nowMs), validUntil: instant(nowMs + lastsMs) }
  const metadata = { id, issuer: self.did, jurisdiction, serial, ...(follows ? { previous: follows.digest } : {}), ...span }
  return { apiVersion: 'trust-policy/v1', kind: 'Suspension', metadata, match, reason }
}

function nextSerial(held: readonly HeldSuspension[]): number {
  return Math.max(0, ...held.map(serialOf)) + 1
}
