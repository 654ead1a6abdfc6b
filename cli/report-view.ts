/** How a verification reads: first what came of it, then what was checked by what, what was not, and what to do now. */
import type { NodeApi, Phrasebook } from '#node/api.ts'
import { type Code, codes, Exit, isCode } from '#protocols/errors.ts'
import type { Outcome, Session } from './command.ts'
import { clean, facts, type Style, table } from './render.ts'
import type { Texts } from './texts.ts'
import { chainLines } from './trust-views.ts'

export type Report = Awaited<ReturnType<NodeApi['credentialVerify']>>
/** Of a presentation, without what is in it. */
type One = Omit<Report, 'credentials'>
type Step = One['steps'][number]

/** A report, and no when a check failed or one that matters was not made. */
export function reportOutcome({ texts, style }: Session, report: Report): Outcome {
  const { verify, error, advice } = texts
  const code = codeOf(report)
  const nested = report.credentials.flatMap((one, index) => ['', verify.nested(index + 1, report.credentials.length), ...linesOf(one, texts, style)])
  const now = report.verified ? [] : ['', facts([[error.now, advice[code] ?? codes[code].advice]], style)]
  const text = [...linesOf(report, texts, style), ...nested, ...now].join('\n')
  if (report.verified) return { result: report, text }
  return { result: report, text, failed: { code, message: summaryOf(report, texts), exit: Exit.verification } }
}

/** Without a code nothing failed, and something was left out. */
function codeOf({ code }: One): Code {
  return code !== null && isCode(code) ? code : 'DFFT_NOT_CHECKED'
}

function linesOf(report: One, texts: Texts, style: Style): readonly string[] {
  const { words, verify, outcomes } = texts
  const paint = report.verified ? style.good : style.bad
  const about = facts(
    [
      [words.format, report.format],
      [words.type, report.type ?? undefined],
      [words.issuer, report.issuer ?? undefined],
      [verify.steps.holder, report.holder ?? undefined],
      [words.roots, verify.roots[report.roots as keyof typeof verify.roots] ?? report.roots], // What a newer node calls them stands as it is.
    ],
    style,
  )
  const rows = report.steps.map((step) => [verify.steps[step.step], outcomes[step.outcome], sentenceOf(step, texts)])
  const unchecked = namesOf(
    report.steps.filter(({ outcome }) => outcome === 'not checked'),
    texts,
  )
  return [
    style.bold(paint(clean(summaryOf(report, texts)))),
    about,
    table([words.step, words.outcome, words.detail], rows, style, texts.none),
    ...(report.chain.length === 0 ? [] : [verify.chain, ...chainLines(report.chain, texts).map((line) => `- ${clean(line)}`)]),
    ...(unchecked.length === 0 ? [] : [`${verify.unchecked} ${unchecked.join(', ')}`]),
  ]
}

function summaryOf(report: One, texts: Texts): string {
  const { verify, causes } = texts
  const { verified, kind, holder, type, issuer, steps, code } = report
  if (verified) return kind === 'presentation' ? verify.goodPresentation(holder ?? '') : verify.good(type ?? '', issuer ?? '')
  if (code !== null) return verify.bad(causes[codeOf(report)] ?? codes[codeOf(report)].cause)
  return verify.incomplete(
    namesOf(
      steps.filter(({ outcome, matters }) => outcome === 'not checked' && matters),
      texts,
    ),
  )
}

function namesOf(steps: readonly Step[], { verify }: Texts): readonly string[] {
  return steps.map(({ step }) => verify.steps[step])
}

/** In the reader's language where there is a sentence for it; what failed is told by its code, and in English by whoever found it. */
function sentenceOf({ code, detail, words }: Step, { causes, phrases }: Texts): string {
  if (words) return phrased(phrases, words) ?? detail
  if (code === null) return detail
  const cause = isCode(code) ? causes[code] : undefined
  return cause === undefined ? `${code}: ${detail}` : `${code}: ${cause}（${detail}）`
}

function phrased(phrases: Partial<Phrasebook>, { id, facts: said }: NonNullable<Step['words']>): string | undefined {
  if (!Object.hasOwn(phrases, id)) return undefined
  const phrase = phrases[id as keyof Phrasebook] as ((facts: unknown) => string) | undefined // The node filled in the facts that belong to this name.
  return phrase?.(said)
}
