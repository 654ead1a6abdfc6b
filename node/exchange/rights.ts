/**
 * Whether both parties may do what an exchange is about: the one to ask for it, the other to provide it, as their agencies accredited them.
 *
 * Looked at on both sides and before anything is sent. A delivery is none of it: an issuer hands a credential to its own subject, which its
 * right to issue covers.
 */
import { deliveryPurpose } from '#policies/question.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Request } from '#protocols/exchange/messages.ts'
import type { Did, Jurisdiction } from '#protocols/ids.ts'
import type { ExchangeQuery } from '#protocols/query/exchange-query.ts'
import type { AnyAccreditation } from '#protocols/trust/accreditation.ts'
import { whyNotAllowed } from '#protocols/trust/framework.ts'
import type { ExchangeNeeds } from './exchange-needs.ts'
import { getMessage } from './exchange-record.ts'
import { typeOf } from './facts.ts'

interface Parties {
  readonly requester: AnyAccreditation
  readonly holder: AnyAccreditation
}

/** What they are about to do. */
interface Deed {
  readonly query: ExchangeQuery
  readonly purpose: string
}

/**
 * Each credential of the query by itself, alternatives too: whoever asks for one that it has no right to is refused whole.
 *
 * @throws {TrustError} DFFT_RIGHTS naming party and act
 */
export function checkRights({ requester, holder }: Parties, { query, purpose }: Deed): void {
  if (purpose === deliveryPurpose)
    throw new TrustError('DFFT_RIGHTS', `\`${deliveryPurpose}\` is the purpose of an issuer’s offer to its subject, and of nothing else`, { purpose })
  const place = ({ subject, jurisdiction }: AnyAccreditation) => ({ counterparty: subject, place: jurisdiction })
  // A query that an exchange can carry names one type a credential.
  for (const credential of new Set(query.credentials.map(({ meta }) => typeOf({ vct: meta.vct_values?.[0] ?? '' }).name))) {
    check(requester, { act: 'request', credential, purpose, ...place(holder) })
    check(holder, { act: 'provide', credential, purpose, ...place(requester) })
  }
}

/** Whether the exchange of a Request hands a credential to its own subject: its issuer offered it. */
export async function delivers({ exchange, offer }: Pick<Request, 'exchange' | 'offer'>, { store }: Pick<ExchangeNeeds, 'store'>): Promise<boolean> {
  return offer !== null && (await getMessage(store, exchange, 'offer'))?.kind === 'delivery'
}

interface Right {
  readonly act: 'request' | 'provide'
  readonly credential: string
  readonly purpose: string
  readonly counterparty: Did
  readonly place: Jurisdiction
}

function check(accreditation: AnyAccreditation, right: Right): void {
  const reason = whyNotAllowed({ accreditation }, right)
  if (reason === null) return
  const { act, credential, purpose, counterparty } = right
  throw new TrustError('DFFT_RIGHTS', reason, { party: accreditation.subject, act, credential, purpose, counterparty })
}
