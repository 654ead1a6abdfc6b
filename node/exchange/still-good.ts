/** Whether what was released may be shown once more, now: its parties, the decisions on it, and each credential. */
import { shownIn } from '#node/credentials/copies.ts'
import { decide } from '#policies/decide.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Request } from '#protocols/exchange/messages.ts'
import { type Instant, instant, type Jurisdiction, msOf } from '#protocols/ids.ts'
import { checkOwn, checkParties } from './answering.ts'
import { originsOf } from './evaluation.ts'
import type { ExchangeNeeds } from './exchange-needs.ts'
import { type Decided, type ExchangeRecord, getDecided, type RecordPart } from './exchange-record.ts'

/**
 * What bears on it may have changed since: a right or an accreditation of either side, a suspension, a policy, a status.
 *
 * @throws {TrustError} as `checkParties` and `checkOwn`; DFFT_POLICY_DENIED, with the decision's code in `policy`, for what is no longer permitted
 */
export async function checkStillGood(record: ExchangeRecord, request: Request, needs: ExchangeNeeds, signal: AbortSignal): Promise<void> {
  const { wallet, store, clock } = needs
  const holder = await checkParties(request, needs, signal)
  const between = { from: holder.jurisdiction, to: request.accreditation.jurisdiction, at: instant(clock.nowMs()) }
  const decided = (await getDecided(store, record.id)) ?? []
  for (const part of record.credentials) {
    const before = decided.find(({ id, chosen }) => chosen && id === part.id)
    checkPermitted(part, before, record, between, needs)
    if (part.credential === null) continue
    const shown = await shownIn(await wallet.get(part.credential), record.id, store)
    await checkOwn(shown, { duties: part.obligations, purpose: request.purpose }, needs, signal)
  }
}

interface Between {
  readonly from: Jurisdiction
  readonly to: Jurisdiction
  readonly at: Instant
}

/** The same question as of now: all that was shown has to be covered still, by nobody's consent that was not given. @throws {TrustError} DFFT_POLICY_DENIED */
function checkPermitted(
  { id, disclosed }: RecordPart,
  before: Decided | undefined,
  { consented }: ExchangeRecord,
  { from, to, at }: Between,
  { shelf }: ExchangeNeeds,
): void {
  const question = before && { ...before.question, at }
  const now = question && decide(shelf.side(from, msOf(at)), shelf.side(to, msOf(at)), question, { nearest: false, ...originsOf(question, shelf) })
  const covered = now?.joint && disclosed.every((pointer) => now.joint?.disclosed.includes(pointer))
  if (covered && (consented || !now.joint?.obligations.some(({ type }) => type === 'consent'))) return
  const policy = covered ? 'CONDITIONS_NOT_MET' : now?.joint ? 'UNCOVERED_DATA' : (now?.code ?? 'NO_POLICY')
  throw new TrustError('DFFT_POLICY_DENIED', 'what was released is no longer permitted', { credential: id, policy })
}
