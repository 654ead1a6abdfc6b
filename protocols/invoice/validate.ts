/**
 * The invoice engine: bytes of a stranger in, a verdict out. Nothing in it throws for what a document says, fetches, or looks at a clock.
 *
 * L0 xml.ts         XML with limits → a light tree (element.ts). No DOCTYPE, no entities, UTF-8 only.
 *    decimal.ts     exact numbers.
 * L1 model.ts       the tree → business terms by BT/BG (terms.ts is the table), each with its place; `semanticDigest`.
 *    write-ubl.ts   and back.
 * L2 ruleset.ts     official rules as data: contexts and conditions (condition.ts, path.ts) over the tree, with the official ids;
 *    run-rules.ts   runs one over a document in one pass (matcher.ts), linear in its elements.
 * L4 strict-checks.ts   findings of our own over the model.
 *
 * Why rules look at the tree and not at the model: official rules are contexts and tests over XML, most of them judge what the model cannot
 * hold (elements that must not be used, values twice, white space), and they are asked of fragments of invoices too. Our own checks look
 * at the model, so one check serves both syntaxes.
 *
 * To add a ruleset: write its patterns as data in rulesets/ (`fatal('ID', { has: 'cbc:ID' })`; the forms are those of condition.ts, long
 * tables have helpers in rulesets/tables.ts), name its qualifiers and code lists, put what has no form into an operation, make it with
 * `ruleset({ name, version, patterns, qualifiers, lists, operations })`, and give it to the profile that needs it in profiles.ts. Rulesets of a profile
 * run one after the other over the same document. To add a strict check: a row in strict-checks.ts.
 */
import { TrustError } from '../errors.ts'
import type { Digest } from '../ids.ts'
import { Document } from './document.ts'
import { pathOf, tidy } from './element.ts'
import type { Finding } from './finding.ts'
import { groupOf, type Invoice, readInvoice, type Syntax, semanticDigest, syntaxOf, textAt } from './model.ts'
import { fallback, type Profile, profileNamed, profileOf } from './profiles.ts'
import type { Flag, Ruleset } from './ruleset.ts'
import { findingsMax, runRules } from './run-rules.ts'
import { formChecks, type StrictCheck, strictChecks } from './strict-checks.ts'
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
  /** By what it was judged: the same rulesets give the same verdict. */
  readonly rulesets: readonly { readonly name: string; readonly version: string; readonly digest: Digest }[]
}

export interface ValidateOptions {
  readonly limits?: XmlLimits
  /** Judge by this profile, whatever the document says; see profiles.ts. */
  readonly profile?: string
}

/** @throws {Error} for a profile that there is not */
export function validateInvoice(bytes: Uint8Array, options: ValidateOptions = {}): Validation {
  const forced = options.profile === undefined ? undefined : profileNamed(options.profile)
  if (options.profile !== undefined && forced === undefined) throw new Error(`there is no profile \`${options.profile}\``)
  try {
    const document = new Document(readXml(bytes, options.limits))
    const syntax = syntaxOf(document.root)
    return syntax === undefined ? unknownSyntax(document) : judged(document, syntax, forced)
  } catch (thrown) {
    if (thrown instanceof TrustError) return unread(thrown)
    throw thrown
  }
}

function judged(document: Document, syntax: Syntax, forced: Profile | undefined): Validation {
  const invoice = readInvoice(document, syntax)
  const written = tidy(textAt(groupOf(invoice, 'BG-2'), 'BT-24') ?? '')
  const profile = forced ?? profileOf(written)
  const rulesets = (profile?.rulesets ?? fallback)[syntax]
  const official = officially(document, rulesets)
  const malformed = found(formChecks, invoice, document)
  const strict = [...ofProfile(document, written, profile), ...malformed, ...found(strictChecks, invoice, document)]
  return {
    syntax,
    profile: profile?.name ?? (written === '' ? null : written),
    official: malformed.length > 0 ? { ...official.result, verdict: 'INVALID' } : official.result,
    strict: { verdict: verdictOf(strict.map(({ flag }) => flag)), findings: strict.slice(0, findingsMax) },
    cut: official.cut || strict.length > findingsMax,
    semanticDigest: semanticDigest(invoice),
    rulesets: rulesets.map(({ name, version, digest }) => ({ name, version, digest })),
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

function ofProfile({ root }: Document, written: string, profile: Profile | undefined): readonly Finding[] {
  if (profile === undefined) {
    const message =
      written === '' ? 'the document does not say by which specification it is written (BT-24)' : `nobody here knows the specification \`${written}\``
    return [
      {
        id: 'DFFT-PROFILE',
        flag: 'fatal',
        path: pathOf(root),
        message,
        advice: 'It was judged by EN 16931 alone. Check the specification identifier with the sender.',
      },
    ]
  }
  if (!profile.partly) return []
  const message = `\`${written}\` asks more than EN 16931, and its own rules are not known here`
  return [{ id: 'DFFT-PROFILE-PARTLY', flag: 'warning', path: pathOf(root), message, advice: 'It was judged by EN 16931 alone.' }]
}

function unknownSyntax({ root }: Document): Validation {
  return refused({
    id: 'DFFT-SYNTAX',
    flag: 'fatal',
    path: pathOf(root),
    message: `\`${root.name}\` is the root element of no invoice syntax known here`,
    advice: 'Send a UBL 2.1 Invoice or CreditNote, or a UN/CEFACT CII of D16B, in their namespaces.',
  })
}

function unread({ code, message, advice, facts }: TrustError): Validation {
  const { line, column } = facts
  const place = line === undefined ? '' : `, line ${line}, column ${column}`
  return refused({ id: code, flag: 'fatal', path: '', message: `${message}${place}`, advice })
}

function refused(finding: Finding): Validation {
  return {
    syntax: null,
    profile: null,
    official: { verdict: 'INVALID', failed: [], warnings: [], findings: [] },
    strict: { verdict: 'INVALID', findings: [finding] },
    cut: false,
    semanticDigest: null,
    rulesets: [],
  }
}
