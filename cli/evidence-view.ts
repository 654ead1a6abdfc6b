/** How the report on an evidence file reads: first what came of it, then what was checked, what was not, and what to do now. */
import type { EvidenceReport, EvidenceStep } from '#node/offline.ts'
import { type Code, codes, Exit, isCode } from '#protocols/errors.ts'
import type { Outcome, Session } from './command.ts'
import { type EvidenceTexts, evidenceTexts } from './evidence-words.ts'
import { clean, facts, table } from './render.ts'
import { chainLines } from './trust-views.ts'

/** A report, and no when a check failed or one that matters was not made. */
export function evidenceOutcome(session: Session, report: EvidenceReport): Outcome {
  const { texts, style, lang } = session
  const own = evidenceTexts(lang)
  const code = report.code !== null && isCode(report.code) ? report.code : 'DFFT_NOT_CHECKED'
  const summary = summaryOf(report, code, own, texts.causes)
  const rows = report.steps.map((step) => [own.steps[step.step], texts.outcomes[step.outcome], sentenceOf(step, own, texts.causes)])
  const left = report.steps.filter(({ outcome }) => outcome === 'not checked').map(({ step }) => own.steps[step])
  const { heads } = own
  const about = facts(
    [
      [heads.exchange, report.exchange ?? undefined],
      [heads.requester, report.requester ?? undefined],
      [heads.holder, report.holder ?? undefined],
      [heads.agreement, report.agreement ?? undefined],
      [heads.decided, report.at ?? undefined],
      [heads.roots, own.roots[report.roots]],
    ],
    style,
  )
  const paint = report.verified ? style.good : style.bad
  const text = [
    style.bold(paint(clean(summary))),
    about,
    table([texts.words.step, texts.words.outcome, texts.words.detail], rows, style, texts.none),
    ...(report.chain.length === 0 ? [] : [own.chain, ...chainLines([...report.chain], texts).map((line) => `- ${clean(line)}`)]),
    ...(left.length === 0 ? [] : [`${own.unchecked} ${left.join(', ')}`]),
    ...(report.verified ? [] : ['', facts([[texts.error.now, texts.advice[code] ?? codes[code].advice]], style)]),
  ].join('\n')
  if (report.verified) return { result: report, text }
  return { result: report, text, failed: { code, message: summary, exit: Exit.verification } }
}

type Causes = Session['texts']['causes']

function summaryOf(report: EvidenceReport, code: Code, own: EvidenceTexts, causes: Causes): string {
  if (report.verified && report.outcome) return own.good(report.exchange ?? '', own.outcomes[report.outcome])
  if (report.code !== null) return own.bad(causes[code] ?? codes[code].cause)
  return own.incomplete(report.steps.filter(({ outcome, matters }) => outcome === 'not checked' && matters).map(({ step }) => own.steps[step]))
}

/** In the reader's language where there is a sentence for it; what failed is told by its code, and in English by whoever found it. */
function sentenceOf({ code, detail, words }: EvidenceStep, { phrases }: EvidenceTexts, causes: Causes): string {
  if (words) return phrased(phrases, words) ?? detail
  const cause = code !== null && isCode(code) ? causes[code] : undefined
  return cause === undefined ? `${code}: ${detail}` : `${code}: ${cause}（${detail}）`
}

function phrased(phrases: EvidenceTexts['phrases'], { id, facts: said }: NonNullable<EvidenceStep['words']>): string | undefined {
  const phrase = phrases?.[id] as ((facts: unknown) => string) | undefined // The verification filled in the facts that belong to this name.
  return phrase?.(said)
}
