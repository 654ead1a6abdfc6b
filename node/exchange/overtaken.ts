/**
 * What may come while a release is made ready: Terms go out and come back, a status is looked up, a key signs. Whatever stops a flow meanwhile
 * stops this one too, up to the moment at which it is written down.
 */
import type { PolicyIndex } from '#policies/compile.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Request } from '#protocols/exchange/messages.ts'
import { instant } from '#protocols/ids.ts'
import { type Chosen, mayAnswer } from './choosing.ts'
import { evaluate } from './evaluation.ts'
import type { ExchangeNeeds } from './exchange-needs.ts'

type Seen = Pick<ExchangeNeeds, 'shelf' | 'trust' | 'clock'>

/** The documents that both sides stand for now. They are the same object for as long as nothing is put in force, stopped or over. */
export function sidesNow({ accreditation }: Pick<Request, 'accreditation'>, { shelf, trust, clock }: Seen): readonly PolicyIndex[] {
  const nowMs = clock.nowMs()
  return [shelf.side(trust.home, nowMs), shelf.side(accreditation.jurisdiction, nowMs)]
}

/**
 * Looks once more, at what costs nothing to look at.
 *
 * @param sides as they were before anything was decided
 * @throws {TrustError} DFFT_TRUST_SUSPENDED; DFFT_BUSY where it has to be decided anew, as it is when the requester asks again
 */
export function checkNotOvertaken({ request, chosen, sides }: { request: Request; chosen: Chosen; sides: readonly PolicyIndex[] }, needs: Seen): void {
  const { trust, shelf, clock } = needs
  if (trust.stops(request.from)) throw new TrustError('DFFT_TRUST_SUSPENDED', 'the requester was stopped by its anchor', { party: request.from })
  const ourNow = instant(clock.nowMs())
  const moved = sidesNow(request, needs).some((side, at) => side !== sides[at])
  const came = chosen.answers.filter(({ known: { transfers = [] } }) => transfers.length > 0)
  if (!moved && came.every(({ way, known }) => mayAnswer({ way, evaluation: evaluate(request, way, known, shelf, ourNow) }))) return
  throw new TrustError('DFFT_BUSY', 'the policies have changed since it was decided', { exchange: request.exchange, retryAfterMs: 100 })
}
