/** How the things several commands show are shown: a credential, an exchange. */
import type { NodeApi } from '#node/api.ts'
import { type Code, codes, Exit, isCode } from '#protocols/errors.ts'
import type { Outcome, Session } from './command.ts'
import { type Cell, clean, duration, facts, type Style } from './render.ts'
import type { Texts } from './texts.ts'

export type CredentialView = Awaited<ReturnType<NodeApi['issue']>>['credential']
export type ExchangeView = Awaited<ReturnType<NodeApi['request']>>
export type ExchangeState = ExchangeView['state']

type Pair = readonly [label: string, value: Cell | readonly Cell[]]

/** Each state once: the compiler compares it with the table's. */
const stateNames: Readonly<Record<ExchangeState, true>> = {
  drafted: true,
  offered: true,
  requested: true,
  agreed: true,
  pending: true,
  released: true,
  withdrawn: true,
  receipted: true,
  closed: true,
  refused: true,
  rejected: true,
  expired: true,
  cancelled: true,
  disputed: true,
  held: true,
}
export const states: readonly string[] = Object.keys(stateNames)

export function credentialPairs(credential: CredentialView, words: Texts['words']): Pair[] {
  return [
    [words.id, credential.id],
    [words.type, credential.type],
    [words.title, credential.title],
    [words.role, credential.role],
    [words.status, credential.status],
    [words.issuer, credential.issuer],
    [words.subject, credential.subject],
    ...(credential.copies === null ? [] : copyPairs(credential.copies, words)),
    [words.validFrom, credential.validFrom],
    [words.validUntil, credential.validUntil],
    [words.flags, credential.flags],
  ]
}

/** What `revoke`, `suspend` and `reinstate` answer. */
interface Said {
  readonly texts: Texts
  readonly style: Style
  readonly dryRun?: boolean | undefined
}

export function statusChange(result: Awaited<ReturnType<NodeApi['revoke']>>, { texts: { words }, style, dryRun }: Said): Outcome {
  const text = facts(
    [
      [words.dryRun, dryRun],
      [words.id, result.id],
      [words.statusList, result.statusList],
      [words.index, result.index],
      [words.sequence, result.sequence],
      [words.told, result.told],
    ],
    style,
  )
  return { result, text }
}

function copyPairs({ holder, total, left }: NonNullable<CredentialView['copies']>, words: Texts['words']): Pair[] {
  return [
    [words.holder, holder],
    [words.copiesLeft, `${left} / ${total}`],
  ]
}

export async function exchangePairs(exchange: ExchangeView, { lang, texts: { words } }: Pick<Session, 'lang' | 'texts'>): Promise<Pair[]> {
  const duty = await dutySayer({ lang })
  const agreed = exchange.credentials.length > 1 ? exchange.credentials.flatMap((one) => partPairs(one, words, duty)) : agreedPairs(exchange, words, duty)
  return [
    [words.exchange, exchange.id],
    [words.role, exchange.role],
    [words.partner, exchange.partner],
    [words.state, exchange.state],
    [words.code, exchange.code ?? undefined],
    [words.type, exchange.credentialType],
    [words.purpose, exchange.purpose],
    [words.agreement, exchange.agreement],
    ...agreed,
    [words.receipts, exchange.receipts],
    [words.queuedUntil, exchange.until ?? undefined],
    [words.reused, exchange.reused ?? undefined],
    [words.startedAt, exchange.startedAt],
    [words.duration, duration(exchange.durationMs)],
  ]
}

/** What an agreed duty asks, as a sentence. */
export async function dutySayer({ lang }: Pick<Session, 'lang'>): Promise<Duty> {
  const { dutyText } = await import('#node/sheet/duties.ts')
  return (duty) => dutyText(duty, lang, { day: String, number: String })
}

type Agreed = Pick<ExchangeView, 'disclosed' | 'withheld' | 'obligations' | 'credential'>
type Duty = (one: Agreed['obligations'][number]) => string

function agreedPairs({ disclosed, withheld, obligations, credential }: Agreed, words: Texts['words'], duty: Duty): Pair[] {
  return [
    [words.disclosed, disclosed],
    // Where both sides withhold it for one reason, it is one line.
    [words.withheld, [...new Set(withheld.map(({ path, category, code }) => `${path}  ${category}  ${code}`))]],
    [words.obligations, obligations.map(duty)],
    [words.credential, credential],
  ]
}

/** Of several credentials each stands under the name that the query gives it. */
function partPairs(part: ExchangeView['credentials'][number], words: Texts['words'], duty: Duty): Pair[] {
  return [[`${words.asked} ${part.id}`, part.type], ...agreedPairs(part, words, duty)]
}

/** How a request or an offer ended. A refusal carries its sentences when the node has them. */
export async function exchangeOutcome(session: Session, exchange: ExchangeView): Promise<Outcome> {
  const { texts, style } = session
  const title = titleOf(exchange, texts)
  const failed = failureOf(exchange, title)
  const headline = style.bold(failed ? style.bad(title) : style.good(title))
  const why = failed ? await reasons(session, exchange) : []
  const text = [headline, ...why, facts(await exchangePairs(exchange, session), style)].join('\n')
  return failed ? { result: exchange, text, failed } : { result: exchange, text }
}

function titleOf({ state, role, partner }: ExchangeView, { request }: Texts): string {
  const who = clean(partner)
  if (state === 'refused' || state === 'rejected' || state === 'expired' || state === 'pending' || state === 'drafted' || state === 'held')
    return request[state]
  if (state !== 'receipted' && state !== 'closed') return request.underway
  return role === 'holder' ? request.presented(who) : request.received(who)
}

/** A refusal is exit 6, whatever its code: a policy, an accreditation or a holder said no. */
function failureOf({ state, code }: ExchangeView, message: string): Outcome['failed'] {
  const known: Code | undefined = code !== null && isCode(code) ? code : undefined
  if (state === 'refused') return { code: known ?? 'DFFT_POLICY_DENIED', message, exit: Exit.denied }
  if (state === 'rejected') return { code: known ?? 'DFFT_RECEIPT', message }
  if (state === 'expired') return { code: known ?? 'DFFT_TIMEOUT', message }
  return undefined
}

async function reasons({ api, lang, json, texts }: Session, { id, code }: ExchangeView): Promise<readonly string[]> {
  const cause = code !== null && isCode(code) ? [`${code}: ${texts.causes[code] ?? codes[code].cause}`] : []
  if (json) return cause
  // Beside the refusal itself a missing explanation is a small thing: it must not hide it.
  const explained = await api.policyExplain({ exchange: id, lang }).catch(() => undefined)
  const sentences = explained?.sentences.map((sentence) => `- ${clean(sentence)}`) ?? []
  return [...cause, ...sentences, texts.request.explain(id)]
}
