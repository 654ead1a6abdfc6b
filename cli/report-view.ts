/** How a verification reads: first what came of it, then what was checked by what, then what was not. */
import type { NodeApi, Phrasebook } from '#node/api.ts'
import { type Code, codes, Exit, isCode } from '#protocols/errors.ts'
import type { Outcome, Session } from './command.ts'
import { clean, facts, type Style, table } from './render.ts'
import type { Texts } from './texts.ts'

export type Report = Awaited<ReturnType<NodeApi['credentialVerify']>>
type One = Omit<Report, 'credentials'>
type Step = One['steps'][number]

/** A report, and no when a check failed or one that matters was not made. */
export function reportOutcome({ texts, style }: Session, report: Report): Outcome {
  const { verify } = texts
  const nested = report.credentials.flatMap((one, index) => ['', verify.nested(index + 1, report.credentials.length), ...linesOf(one, texts, style)])
  const text = [...linesOf(report, texts, style), ...nested].join('\n')
  if (report.verified) return { result: report, text }
  return { result: report, text, failed: { code: codeOf(report), message: summaryOf(report, texts), exit: Exit.verification } }
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
      [words.roots, verify.roots[report.roots as keyof typeof verify.roots] ?? report.roots], // Absent in the table: a newer node's word stands as it is.
    ],
    style,
  )
  const rows = report.steps.map((step) => [verify.steps[step.step], outcomes[step.outcome], step.code, sentenceOf(step, texts)])
  const unchecked = report.steps.filter(({ outcome }) => outcome === 'not checked').map(({ step }) => verify.steps[step])
  return [
    style.bold(paint(clean(summaryOf(report, texts)))),
    about,
    table([words.step, words.outcome, words.code, words.detail], rows, style, texts.none),
    ...(unchecked.length === 0 ? [] : [`${verify.unchecked} ${unchecked.join(', ')}`]),
  ]
}

function summaryOf(report: One, { verify, causes }: Texts): string {
  if (report.verified)
    return report.kind === 'presentation' ? verify.goodPresentation(report.holder ?? '') : verify.good(report.type ?? '', report.issuer ?? '')
  const code = codeOf(report)
  return `${verify.bad}: ${causes[code] ?? codes[code].cause}`
}

/** In the reader's language where there is a sentence for it; what failed is told by its code, and in English by whoever found it. */
function sentenceOf({ code, detail, words }: Step, { causes, phrases }: Texts): string {
  if (words) return phrased(phrases, words) ?? detail
  const cause = code !== null && isCode(code) ? causes[code] : undefined
  return cause === undefined ? detail : `${cause}（${detail}）`
}

function phrased(phrases: Partial<Phrasebook>, { id, facts: said }: NonNullable<Step['words']>): string | undefined {
  if (!Object.hasOwn(phrases, id)) return undefined
  const phrase = phrases[id as keyof Phrasebook] as ((facts: unknown) => string) | undefined // The node filled in the facts that belong to this name.
  return phrase?.(said)
}
