/** What `--dry-run` of `present` and `request` tells: what both policies would say, field by field, before anything is sent. */
import type { OutputOf } from '#node/api.ts'
import { Exit, isCode } from '#protocols/errors.ts'
import type { Outcome, Session } from './command.ts'
import { clean } from './render.ts'

type Foreseen = Pick<OutputOf<'presentPreview'>, 'sentences' | 'fields'>

/** What would be refused is a no, by the exit code of the act itself. */
export function presentPreviewed(result: OutputOf<'presentPreview'>, session: Session): Outcome {
  const { verdict, code, obstacle, sentences } = result
  const inTheWay = obstacle ? [session.style.bad(`${obstacle.code}: ${clean(obstacle.message)}`)] : []
  const text = linesOf(result, session, inTheWay).join('\n')
  if (verdict === 'permit') return { result, text }
  const why = obstacle && isCode(obstacle.code) ? obstacle.code : 'DFFT_POLICY_DENIED'
  return { result, text, failed: { code: why, message: obstacle?.message ?? sentences[0] ?? code, exit: Exit.denied } }
}

/** The same of a request. */
export function requestPreviewed(result: OutputOf<'requestPreview'>, session: Session): Outcome {
  const { texts, style } = session
  const { verdict, connected, addresses, reused, leftOut, credentials } = result
  const { wouldUse, wouldAsk, wouldRefuse, line, holderDecides, wouldLeaveOut } = texts.requestPreview
  const denied = verdict === 'deny'
  const title = denied ? wouldRefuse : reused.length > 0 ? wouldUse(reused.map(clean)) : wouldAsk
  const shown = credentials.flatMap((one) => ['', style.bold(`${clean(one.type)} (${clean(one.id)})`), ...linesOf(one, session)])
  const text = [
    style.bold(denied ? style.bad(title) : style.good(title)),
    line({ connected, addresses: addresses.length }),
    ...(leftOut.length > 0 ? [wouldLeaveOut(leftOut.map(clean))] : []),
    ...(denied || reused.length > 0 ? [] : [holderDecides]),
    ...shown,
  ].join('\n')
  return denied ? { result, text, failed: { code: 'DFFT_POLICY_DENIED', message: title, exit: Exit.denied } } : { result, text }
}

/** The sentences say why; the marks before the fields, what goes. */
function linesOf({ sentences, fields }: Foreseen, { lang, style }: Session, inTheWay: readonly string[] = []): string[] {
  const marks = { goes: '+', withheld: '-', 'not-asked': ' ' } as const
  const lines = fields.map(
    ({ outcome, label, path, code }) => `  ${marks[outcome]} ${label[lang]}  ${style.dim([clean(path), code].filter(Boolean).join('  '))}`,
  )
  return [...sentences.map(clean), ...inTheWay, ...lines]
}
