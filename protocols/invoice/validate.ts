/**
 * The invoice engine: bytes of a stranger in, a verdict out. Nothing in it throws for what a document says, fetches, or looks at a clock.
 *
 * L0 xml.ts         XML with limits → a light tree (element.ts). No DOCTYPE, no entities, UTF-8 only.
 *    decimal.ts     exact numbers.
 * L1 model.ts       the tree → business terms by BT/BG (terms.ts is the table), each with its place; `semanticDigest`.
 *    write-ubl.ts   and back.
 * L2 ruleset.ts     official rules as data: contexts and conditions (condition.ts, path.ts) over the tree, with the official ids;
 *    run-rules.ts   runs one over a document in one pass (matcher.ts), linear in its elements.
 * L3 strict/japan.ts     findings of our own over the model: of a jurisdiction,
 * L4 strict-checks.ts   and of any invoice.
 *
 * Why rules look at the tree and not at the model: official rules are contexts and tests over XML, most of them judge what the model cannot
 * hold (elements that must not be used, values twice, white space), and they are asked of fragments of invoices too. Our own checks look
 * at the model, so one check serves both syntaxes.
 *
 * To add a ruleset: write its patterns as data in rulesets/ (`fatal('ID', { has: 'cbc:ID' })`; the forms are those of condition.ts, long
 * tables have helpers in rulesets/tables.ts), name its qualifiers and code lists, put what has no form into an operation, make it with
 * `ruleset({ name, version, patterns, qualifiers, lists, operations })`, and give it to the profile that needs it in profiles.ts. Rulesets of a profile
 * run one after the other over the same document. A ruleset that another takes the place of stays, in `superseded` of profiles.ts: verdicts by it are
 * had again (replay.ts). To add a strict check: a row in strict-checks.ts, and its revision raised.
 */
import { type Code, TrustError } from '../errors.ts'
import { type Digest, digest } from '../ids.ts'
import { Document } from './document.ts'
import type { Finding } from './finding.ts'
import { type Invoice, readInvoice, type Syntax, semanticDigest, syntaxOf } from './model.ts'
import { fallback, type Profile, profileNamed, profileOf } from './profiles.ts'
import { engineRevision, type Flag, type Ruleset } from './ruleset.ts'
import { findingsMax, runRules } from './run-rules.ts'
import { specificationOf } from './strict/figures.ts'
import { sellerCountry } from './strict/japan.ts'
import { told } from './strict/strict-finding.ts'
import { formChecks, type StrictCheck, strictChecks, strictRules } from './strict-checks.ts'
import { readXml, type XmlLimits } from './xml.ts'

export type Verdict = 'VALID' | 'INVALID'

export interface Validation {
  /** `null` where the document is no invoice of a syntax we know. */
  readonly syntax: Syntax | null
  /** Name of the profile; what the document says of itself where nobody knows it; `null` where it says nothing. */
  readonly profile: string | null
  readonly official: {
    /** INVALID where a fatal rule failed, or the document could not be judged; see `formChecks` of strict-checks.ts. */
    readonly verdict: Verdict
    /** Ids of the rules that failed, warnings too, each once, in the order in which they were met. */
    readonly failed: readonly string[]
    /** Those of them that are only warnings. */
    readonly warnings: readonly string[]
    readonly findings: readonly Finding[]
  }
  readonly strict: {
    readonly verdict: Verdict
    readonly findings: readonly Finding[]
  }
  /** More was found than `findings` tell. */
  readonly cut: boolean
  readonly semanticDigest: Digest | null
  /** What the document's specification asks beyond `rulesets`, and nobody here judged: a verdict of VALID says nothing of it. */
  readonly notJudged: readonly string[]
  /** By what it was judged, the strict checks last: the same rulesets give the same verdict; see replay.ts. */
  readonly rulesets: readonly RulesetNamed[]
  /** Of the code that ran them; see ruleset.ts. */
  readonly engine: { readonly revision: number }
  /** Over the bytes as they came. */
  readonly document: { readonly bytes: number; readonly digest: Digest }
}

export interface RulesetNamed {
  readonly name: string
  readonly version: string
  readonly digest: Digest
}

export interface ValidateOptions {
  readonly limits?: XmlLimits
  /** Judge by this profile, whatever the document says; see profiles.ts. */
  readonly profile?: string
  /** Judge by these rulesets, whatever the profile has: a verdict of before is had again so. */
  readonly rulesets?: readonly Ruleset[]
}

/** @throws {TrustError} DFFT_USAGE for a profile that there is not */
export function validateInvoice(bytes: Uint8Array, options: ValidateOptions = {}): Validation {
  const forced = options.profile === undefined ? undefined : profileNamed(options.profile)
  if (options.profile !== undefined && forced === undefined) throw new TrustError('DFFT_USAGE', `there is no profile \`${options.profile}\``)
  const came = { engine: { revision: engineRevision }, document: { bytes: bytes.length, digest: digest(bytes) } }
  return { ...answer(bytes, options, forced), ...came }
}

type Answer = Omit<Validation, 'engine' | 'document'>

function answer(bytes: Uint8Array, { limits, rulesets }: ValidateOptions, forced: Profile | undefined): Answer {
  try {
    const document = new Document(readXml(bytes, limits))
    const syntax = syntaxOf(document.root)
    return syntax === undefined ? unknownSyntax(document) : judged(document, syntax, { forced, given: rulesets })
  } catch (thrown) {
    if (thrown instanceof TrustError) return unread(thrown)
    throw thrown
  }
}

interface Told {
  readonly forced: Profile | undefined
  readonly given: readonly Ruleset[] | undefined
}

function judged(document: Document, syntax: Syntax, { forced, given }: Told): Answer {
  const invoice = readInvoice(document, syntax)
  const written = specificationOf(invoice)
  const profile = forced ?? profileOf(written, sellerCountry(invoice))
  const own = (profile?.rulesets ?? fallback)[syntax]
  const rulesets = given ?? (own.length > 0 ? own : fallback[syntax])
  const official = officially(document, rulesets)
  const malformed = found(formChecks, invoice, document)
  const first = ofProfile(document, { written, profile, syntax, rulesets })
  const strict = [...first, ...malformed, ...found(strictChecks, invoice, document)]
  const verdict = malformed.length > 0 ? 'INVALID' : official.result.verdict
  return {
    syntax,
    profile: profile?.name ?? (written === '' ? null : written),
    official: { ...official.result, verdict },
    // Strict is never milder than official.
    strict: { verdict: verdict === 'INVALID' ? verdict : verdictOf(strict.map(({ flag }) => flag)), findings: strict.slice(0, findingsMax) },
    cut: official.cut || strict.length > findingsMax,
    semanticDigest: semanticDigest(invoice),
    notJudged: first.length === 0 ? [] : [profile?.unjudged ?? 'the rules of the specification that the document names'],
    rulesets: [...rulesets, strictRules].map(({ name, version, digest }) => ({ name, version, digest })),
  }
}

function officially(document: Document, rulesets: readonly Ruleset[]): { readonly result: Validation['official']; readonly cut: boolean } {
  const reports = rulesets.map((rules) => runRules(rules, document))
  const failed = new Map<string, Flag>(reports.flatMap((report) => [...report.failed]))
  const findings = reports.flatMap((report) => report.findings)
  const result = {
    verdict: verdictOf(failed.values()),
    failed: [...failed.keys()],
    warnings: [...failed].flatMap(([id, flag]) => (flag === 'warning' ? [id] : [])),
    findings: findings.slice(0, findingsMax),
  }
  return { result, cut: findings.length > findingsMax || reports.some(({ cut }) => cut) }
}

/** One more than are told at most: enough to know that there are more. */
function found(checks: readonly StrictCheck[], invoice: Invoice, document: Document): readonly Finding[] {
  const findings: Finding[] = []
  for (const check of checks)
    for (const finding of check(invoice, document)) {
      findings.push(finding)
      if (findings.length > findingsMax) return findings
    }
  return findings
}

function verdictOf(flags: Iterable<Flag>): Verdict {
  for (const flag of flags) if (flag === 'fatal') return 'INVALID'
  return 'VALID'
}

interface Choice {
  readonly written: string
  readonly profile: Profile | undefined
  readonly syntax: Syntax
  readonly rulesets: readonly Ruleset[]
}

/** What of the document's specification was not judged. */
function ofProfile({ root }: Document, { written, profile, syntax, rulesets }: Choice): readonly Finding[] {
  const judgedBy = `It was judged by ${rulesets.map(({ name }) => name).join(' and ')} alone.`
  if (profile === undefined) {
    const message =
      written === '' ? 'the document does not say by which specification it is written (BT-24)' : `nobody here knows the specification \`${written}\``
    return [told('PROFILE', { at: root, message, advice: `${judgedBy} Check the specification identifier with the sender.` })]
  }
  if (profile.rulesets[syntax].length === 0)
    return [
      told('PROFILE-SYNTAX', {
        at: root,
        message: `${profile.name} is not written in ${syntax}`,
        advice: `${judgedBy} Ask the sender for the document in UBL.`,
      }),
    ]
  if (profile.unjudged === undefined) return []
  return [told('PROFILE-PARTLY', { at: root, message: `\`${written}\`: ${profile.unjudged} are not known here`, advice: judgedBy, mild: true })]
}

function unknownSyntax({ root }: Document): Answer {
  return refused(
    told('SYNTAX', {
      at: root,
      message: `\`${root.name}\` is the root element of no invoice syntax known here`,
      advice: 'Send a UBL 2.1 Invoice or CreditNote, or a UN/CEFACT CII of D16B, in their namespaces.',
    }),
  )
}

function unread({ code, message, advice, facts }: TrustError): Answer {
  const { line, column, count = facts.bytes, countMax = facts.bytesMax } = facts
  const number = countMax === undefined ? '' : ` (${count} of ${countMax})`
  const place = line === undefined ? '' : `, line ${line}, column ${column}`
  return refused({ id: code, flag: 'fatal', path: '', message: `${message}${number}${place}`, advice: ofFiles[code] ?? advice })
}

/** Advice where the code's own is for what a partner sends over the network. */
const ofFiles: Partial<Record<Code, string>> = {
  DFFT_LIMIT: 'Ask the sender for a file that a person could have meant: no invoice is so large or so deep. Attachments can be sent beside it.',
  DFFT_XML: 'Ask the sender for the file again; it is damaged, cut off, or no XML.',
  DFFT_NOT_UTF8: 'Ask the sender for the document in UTF-8.',
}

function refused(finding: Finding): Answer {
  return {
    syntax: null,
    profile: null,
    official: { verdict: 'INVALID', failed: [], warnings: [], findings: [] },
    strict: { verdict: 'INVALID', findings: [finding] },
    cut: false,
    semanticDigest: null,
    notJudged: [],
    rulesets: [strictRules],
  }
}
