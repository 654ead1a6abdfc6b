/** How policies and suspensions are shown. */
import type { NodeApi } from '#node/api.ts'
import type { Outcome, Session } from './command.ts'
import { clean, facts, type Style, table } from './render.ts'
import type { Texts } from './texts.ts'

type PolicyOutcome = Awaited<ReturnType<NodeApi['policyApply']>>
type Listed = Awaited<ReturnType<NodeApi['policyList']>>

/** What is in force, as facts; what is not, as the document that the others sign, and a no. What is only tried, with all that it would change. */
export async function policyOutcome(result: PolicyOutcome, session: Pick<Session, 'texts' | 'style' | 'lang'>, dryRun = false): Promise<Outcome> {
  const { texts, style } = session
  const text = dryRun ? await triedText(result, session) : facts(pairs(result, texts), style)
  if (result.applied) return { result, text }
  const { signatures } = result
  const missing = signatures.of.filter((did) => !signatures.by.includes(did))
  return {
    result,
    text: dryRun ? text : documentText(result),
    failed: { code: 'DFFT_POLICY_QUORUM', message: texts.policy.missing(signatures.missing, missing) },
  }
}

/** What signing or putting in force would come to, with every flow that would flip. */
export async function triedText(result: PolicyOutcome, session: Pick<Session, 'texts' | 'style' | 'lang'>): Promise<string> {
  const { texts, style } = session
  const said = facts([[texts.words.dryRun, true], ...pairs(result, texts)], style)
  return result.change ? `${said}\n${await changeSaid(result.change, session)}` : said
}

/** One line end a member, to be kept in a file; the node reads it as it reads YAML. */
export function documentText({ document }: Pick<PolicyOutcome, 'document'>): string {
  return JSON.stringify(document, null, 2)
}

function pairs(result: PolicyOutcome, { words, policy }: Texts) {
  const { signatures, change } = result
  return [
    [words.id, result.id],
    [words.jurisdiction, result.jurisdiction],
    [words.serial, result.serial],
    [words.digest, result.digest],
    [words.validFrom, result.validFrom],
    [words.validUntil, result.validUntil],
    [words.signatures, policy.signed(signatures.by.length, signatures.of.length, signatures.quorum)],
    ...(change === null ? [] : changePairs(change, words)),
  ] as const
}

export function changePairs(change: NonNullable<PolicyOutcome['change']>, words: Texts['words']) {
  return [
    [words.change, change.kind],
    [words.flips, change.flips.length + change.more],
  ] as const
}

/** A recorded change as sentences. */
export async function changeSaid(change: NonNullable<PolicyOutcome['change']>, { lang }: Pick<Session, 'lang'>): Promise<string> {
  const { changeSentences } = await import('#node/offline.ts')
  const said = change as unknown as Parameters<typeof changeSentences>[0] // The node wrote it from one, and checked no more than its outline.
  return changeSentences(said, lang)
    .map((sentence) => `- ${clean(sentence)}`)
    .join('\n')
}

/** Those of the analysis, in the words of `policy lint`, which says their places too. */
export async function findingLines(
  findings: Awaited<ReturnType<NodeApi['policyAdd']>>['findings'],
  { texts: { policyFiles: words }, lang, style }: Pick<Session, 'texts' | 'lang' | 'style'>,
): Promise<string[]> {
  if (findings.length === 0) return []
  const { findingWords } = await import('#node/offline.ts')
  const titles: Readonly<Record<string, { readonly title: string } | undefined>> = findingWords[lang]
  return findings.flatMap(({ severity, kind, rules, about, more }) => {
    const how = severity === 'error' ? style.bad(words.severities.error) : style.bold(words.severities.warning)
    const line = `${how}: ${clean([titles[kind]?.title ?? kind, rules.join(', '), about].filter((part) => part !== '').join(': '))}`
    return more === undefined ? [line] : [line, `  ${words.more(more)}`]
  })
}

export function listText({ policies, suspensions, forks }: Listed, { words, policy, none }: Texts, lang: 'en' | 'ja', style: Style): string {
  const rows = policies.map(({ signatures, ...one }) => [
    one.jurisdiction,
    one.id,
    one.serial,
    one.state,
    one.endsSoon ? `${one.validUntil} ${words.endsSoon}` : one.validUntil,
    policy.signed(signatures.by.length, signatures.of.length, signatures.quorum),
    one.issuer,
  ])
  const heads = [words.jurisdiction, words.id, words.serial, words.state, words.validUntil, words.signatures, words.issuer]
  const stopped = suspensions.map((one) => [
    one.jurisdiction,
    one.id,
    Object.keys(one.match).length === 0 ? '*' : JSON.stringify(one.match),
    one.validUntil,
    one.signedBy.join(' '),
    one.reason[lang] ?? one.reason.en,
  ])
  const stops = [words.jurisdiction, words.id, words.match, words.validUntil, words.signatures, words.reason]
  const forked = forks.map((one) => style.bad(`${one.jurisdiction} ${one.serial}  ${words.fork}: ${clean(one.digests.join(' '))}`))
  return [...forked, table(heads, rows, style, none), ...(stopped.length > 0 ? ['', table(stops, stopped, style, none)] : [])].join('\n')
}
