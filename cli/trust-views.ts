/** How trust documents are shown. */
import type { NodeApi } from '#node/api.ts'
import type { Outcome, Session } from './command.ts'
import { type Cell, clean, facts, table } from './render.ts'
import type { Texts } from './texts.ts'

type Result<Name extends keyof NodeApi> = Awaited<ReturnType<NodeApi[Name]>>
type TrustOutcome = Result<'trustApply'>
type Shown = Pick<Session, 'texts' | 'style' | 'lang'>

/** What counts, as facts; what does not, also as the document that the others sign. */
export function trustOutcome(
  result: TrustOutcome,
  { texts, style }: Pick<Session, 'texts' | 'style'>,
  more: readonly (readonly [label: string, value: Cell])[] = [],
): Outcome {
  const { words, trust } = texts
  const text = facts(
    [
      [words.type, result.type],
      [words.serial, result.serial === 0 ? undefined : result.serial],
      [words.digest, result.digest],
      ...more,
      [words.state, result.counts ? trust.counts : trust.waits],
      [words.signatures, result.by],
      ...missingPairs(result.missing, texts),
      ...(result.recorded ? [] : [[words.detail, trust.rehearsed] as const]),
    ],
    style,
  )
  if (result.counts) return { result, text }
  const message = [trust.waits, ...result.missing.map(({ count, of }) => trust.missing(count, of))].join(': ')
  return { result, text: `${text}\n\n${documentOf(result)}`, failed: { code: 'DFFT_TRUST_QUORUM', message } }
}

function missingPairs(missing: TrustOutcome['missing'], { words, trust }: Texts) {
  return missing.map(({ count, of }) => [words.missing, trust.missing(count, of)] as const)
}

/** To be kept in a file and handed to the others. */
export function trustDocument(result: TrustOutcome): Outcome {
  return { result, text: documentOf(result) }
}

function documentOf({ document }: Pick<TrustOutcome, 'document'>): string {
  return JSON.stringify(document, null, 2)
}

export function reviewText({ words, more }: Result<'trustReview'>, { policyFiles }: Texts): string {
  return [...words.map((line) => `- ${clean(line)}`), ...(more > 0 ? [policyFiles.more(more)] : [])].join('\n')
}

export function agreementsText({ agreements }: Result<'trustAgreements'>, { texts, style }: Shown): string {
  const { words, trust, none } = texts
  const rows = agreements.map((one) => [
    one.id,
    one.title,
    one.serial,
    trust.states[one.state],
    one.recognises.map(({ of, by, credentials }) => `${of} > ${by}: ${credentials.join(' ')}`).join('; '),
    one.validUntil,
    one.missing.map(({ count, of }) => trust.missing(count, of)).join('; '),
    one.digest,
  ])
  return table([words.id, words.title, words.serial, words.state, words.recognised, words.validUntil, words.missing, words.digest], rows, style, none)
}

export function suspensionsText({ heads }: Result<'trustSuspensions'>, { texts, style }: Shown): string {
  const { words, trust, none } = texts
  const rows = heads.map((head) => [head.anchor, head.serial, head.at, head.validUntil, head.islandUntil, head.fresh ? trust.fresh : trust.stale])
  const stopped = heads.flatMap(({ anchor, entries }) =>
    entries.map(({ id, stops, since, by, reason }) => [anchor, id, JSON.stringify(stops), since, by, reason]),
  )
  const entries = table([words.anchor, words.id, words.match, words.from, words.signatures, words.reason], stopped, style, none)
  return `${table([words.anchor, words.serial, words.at, words.validUntil, words.islandUntil, words.state], rows, style, none)}\n\n${entries}`
}

export function advisoriesText({ advisories }: Result<'trustAdvisories'>, { texts: { words, none }, style }: Shown): string {
  const rows = advisories.map(({ id, anchor, to, about, text, at, answerBy }) => [id, anchor, to, text, about, at, answerBy])
  return table([words.id, words.anchor, words.subject, words.message, words.digest, words.at, words.until], rows, style, none)
}

export function unsignedText(
  { documents }: Pick<Result<'trustUnsigned'>, 'documents'>,
  { texts: { words, trust, none }, style }: Pick<Session, 'texts' | 'style'>,
): string {
  const rows = documents.map(({ digest, type, by, missing }) => [
    digest,
    type,
    by.join(' '),
    missing.map(({ count, of }) => trust.missing(count, of)).join('; '),
  ])
  return table([words.digest, words.type, words.signatures, words.missing], rows, style, none)
}

/** Both halves whole: they are the evidence. */
export function forksText({ forks }: Result<'trustForks'>, { none }: Texts): string {
  if (forks.length === 0) return none
  return forks
    .flatMap(({ line, halves }) => [clean(line), ...halves.flatMap(({ digest, document }) => [`  ${digest}`, clean(JSON.stringify(document))])])
    .join('\n')
}

type Chain = Result<'trustExplain'>['chain']

export function chainLines(chain: Chain, { trust }: Texts): readonly string[] {
  return chain.map(({ kind, from, to, id, validUntil, assurance }) => {
    if (kind === 'pin') return trust.pin(to)
    const said = { from: from ?? '', to, id: id ?? '', until: validUntil ?? '', assurance: assurance ?? '' }
    return kind === 'agreement' ? trust.agreement(said) : trust.accreditation(said)
  })
}

export function explainedText(result: Result<'trustExplain'>, { texts, style, lang }: Shown): string {
  const { trust, causes } = texts
  const verdict = result.recognised ? style.good(trust.recognised) : `${style.bad(trust.unrecognised)}  ${clean(result.code ?? '')}`
  const own = result.withoutAgreement ? [trust.word] : []
  const cause = lang === 'ja' && result.code !== null ? [causes[result.code as keyof typeof causes] ?? result.code] : []
  const last = result.recognised ? [] : result.words.slice(-1)
  return [verdict, ...[...chainLines(result.chain, texts), ...own, ...cause, ...last].map((line) => `- ${clean(line)}`)].join('\n')
}
