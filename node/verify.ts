/**
 * The one verification pipeline, and its one report: for text, for an object, and for what is nested in a presentation.
 *
 *     structure → proof → validity → key at the time of issue → status → schema → holder → issuer → policy
 *
 * Every step says what was checked, by what, against what. A step that could not be made is 'not checked', which is
 * never the same as passed: `verified` is true only when nothing failed and nothing that matters was left out.
 * A presentation is verified when its presenter's proof is, and each of its credentials, and each is the presenter's own.
 */

import type { Recognition } from '#node/trust/trust.ts'
import type { Expectation, Surroundings } from '#node/verification/surroundings.ts'
import { checkIssuer, checkKeys, checkProofs, checkStatus, checkTime, findKeys, recognisedAs } from '#node/verification/verify-checks.ts'
import { checkCredentials, checkHolder, checkPresenter, type Presenter } from '#node/verification/verify-holder.ts'
import type { Parsed, Presented } from '#node/verification/verify-model.ts'
import { readDocument } from '#node/verification/verify-read.ts'
import { unjudgedIn } from '#node/verification/verify-read-credential.ts'
import { checkSchema } from '#node/verification/verify-schema.ts'
import { type Made, notChecked, passed, Steps } from '#node/verification/verify-steps.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { TrustError } from '#protocols/errors.ts'
import { thumbprint } from '#protocols/keys.ts'
import type { Refused } from '#protocols/trust/framework.ts'
import type { CredentialReport, Report } from './api/credentials.ts'
import { after, type Soon } from './soon.ts'

export type { DatedKey, Expectation, Surroundings } from '#node/verification/surroundings.ts'
export type { Parsed } from '#node/verification/verify-model.ts'

export interface Verified {
  readonly report: Report
  /** Null for a presentation, and for what could not be read. */
  readonly parsed: Parsed | null
  readonly recognition: Recognition | null
}

/** One verification under way. */
interface Run {
  readonly surroundings: Surroundings
  readonly expected: Expectation
  readonly signal: AbortSignal
  readonly steps: Steps
}

/**
 * @param given text without surrounding white space, or an object that was parsed strictly
 * @throws the signal's reason; a document that is not verified is a report, not an error
 */
export async function verify(given: string | JsonObject, surroundings: Surroundings, expected: Expectation, signal: AbortSignal): Promise<Verified> {
  const run: Run = { surroundings, expected, signal, steps: new Steps() }
  const reading = readStep(given, run, { within: false })
  const read = reading instanceof Promise ? await reading : reading
  if (!read) return { report: { ...reportOf(run, { format: formatOf(given) }), credentials: [] }, parsed: null, recognition: null }
  if (read.kind === 'presentation') return { report: await verifyPresentation(read, run), parsed: null, recognition: null }
  const { report, recognition } = await verifyCredential(read, null, run)
  return { report: { ...report, credentials: [] }, parsed: read, recognition }
}

function readStep(
  given: string | JsonObject,
  { surroundings, expected, signal, steps }: Run,
  { within }: { readonly within: boolean },
): Soon<Parsed | Presented | undefined> {
  let read: Parsed | Presented | undefined
  const taken = (found: Parsed | Presented): Made => {
    signal.throwIfAborted()
    if (within && found.kind === 'presentation') throw new TrustError('DFFT_CREDENTIAL_FORMAT', 'a presentation within a presentation is not read')
    if (expected.type !== undefined) checkType(found, expected.type)
    read = found
    return structureOf(found)
  }
  const reading = steps.wait('structure', () => after(readDocument(given, surroundings), taken))
  return reading ? reading.then(() => read) : read
}

/** An exchange agreed on one credential of one type, and keeps when it was issued. */
function checkType(read: Parsed | Presented, type: string): void {
  if (read.kind === 'presentation') throw new TrustError('DFFT_CREDENTIAL_FORMAT', 'the document is a presentation, not a credential')
  if (read.type?.name !== type)
    throw new TrustError('DFFT_CREDENTIAL_TYPE', `the credential is a \`${read.typeNames.join(' ').slice(0, 256)}\`, not a \`${type}\``)
  if (read.issuedAtMs === null) throw new TrustError('DFFT_CREDENTIAL_FORMAT', 'the credential does not say when it was issued')
}

function structureOf(read: Parsed | Presented): Made {
  const { format } = read
  if (read.kind === 'presentation') return passed('structure.presentation', { format, count: read.embedded.length })
  const members = unjudgedIn(read)
  return members.length > 0 ? passed('structure.unjudged', { format, members: members.join(', ') }) : passed('structure.credential', { format })
}

/** @param presenter of the presentation it stands in; null for a credential by itself */
async function verifyCredential(
  credential: Parsed,
  presenter: Presenter | null,
  run: Run,
): Promise<{ readonly report: CredentialReport; readonly recognition: Recognition | null }> {
  const { steps, surroundings, expected, signal } = run
  const { nowMs } = expected
  const { format, issuer, typeNames, signatures } = credential
  const recognised = typeNames.map((type) => surroundings.recognises(issuer, type, credential.issuedAtMs ?? undefined))
  const vouched = surroundings.roots !== 'none' && recognised.every((one) => recognisedAs(one) !== undefined)
  const finding = findKeys(signatures, (keyId, atMs) => surroundings.key(keyId, atMs, signal), nowMs)
  const keys = finding instanceof Promise ? await finding : finding
  const proved = steps.check('proof', () => checkProofs(credential, keys))
  steps.check('validity', () => checkTime(credential, nowMs))
  const dating = steps.wait('key', () => checkKeys(credential, { keys, believed: proved && vouched, nowMs }, surroundings, signal))
  if (dating) await dating
  const asking = steps.wait('status', () => checkStatus(credential, vouched, surroundings, signal))
  if (asking) await asking
  steps.check('schema', () => checkSchema(credential, surroundings.schema))
  steps.check('holder', () => checkHolder(credential, presenter, expected))
  const known = steps.check('issuer', () => checkIssuer(credential, recognised, surroundings))
  steps.check('policy', () => notChecked('policy.none', {}, { matters: false }))
  return {
    report: reportOf(run, { format, type: typeNames.join(' ').slice(0, 512), issuer, chain: chainOf(recognised) }),
    recognition: (known && recognisedAs(recognised[0])) || null,
  }
}

async function verifyPresentation(presentation: Presented, run: Run): Promise<Report> {
  const { steps, surroundings, expected, signal } = run
  const { nowMs } = expected
  const { presenter, format, embedded, signatures } = presentation
  const keys = await findKeys(signatures, (keyId, atMs) => surroundings.presenterKey(keyId, atMs, signal), nowMs)
  steps.check('proof', () => checkProofs(presentation, keys))
  steps.check('validity', () => checkTime(presentation, nowMs))
  await steps.wait('key', () => checkKeys(presentation, { keys, believed: false, nowMs }, surroundings, signal))
  const by: Presenter = { did: presenter, keys: keys instanceof TrustError ? [] : keys.map(({ key }) => thumbprint(key.jwk)) }
  const credentials: CredentialReport[] = []
  for (const one of embedded) credentials.push(await verifyEmbedded(one, by, run))
  steps.check('holder', () => checkPresenter(presentation, credentials, expected))
  steps.check('credentials', () => checkCredentials(credentials))
  steps.check('policy', () => notChecked('policy.none', {}, { matters: false }))
  return { ...reportOf(run, { format, kind: 'presentation', holder: presenter }), credentials }
}

/** As it would be verified alone, but that the presentation names its presenter. */
async function verifyEmbedded(object: JsonObject, presenter: Presenter, { surroundings, expected, signal }: Run): Promise<CredentialReport> {
  const run: Run = { surroundings, signal, steps: new Steps(), expected }
  const read = await readStep(object, run, { within: true })
  if (read?.kind === 'credential') return (await verifyCredential(read, presenter, run)).report
  return reportOf(run, { format: formatOf(object) })
}

/** Of the first type that nobody recognises as far as it goes, else of the first. */
function chainOf(recognised: readonly (Recognition | Refused | undefined)[]): Report['chain'] {
  const told = recognised.find((one) => one !== undefined && recognisedAs(one) === undefined) ?? recognised[0]
  return (told?.links ?? []).map((link) => ({ ...link }))
}

type About = Pick<Report, 'format'> & Partial<Pick<Report, 'kind' | 'type' | 'issuer' | 'holder' | 'chain'>>

function reportOf({ steps: { verified, steps, code }, surroundings: { roots } }: Run, about: About): CredentialReport {
  const { kind = 'credential', format, type = null, issuer = null, holder = null, chain = [] } = about
  return { verified, kind, format, type, issuer, holder, roots, steps, code, chain }
}

/** Of what could not be read. */
function formatOf(given: string | JsonObject): string {
  if (typeof given !== 'string' || given.startsWith('{')) return 'JSON'
  return given.includes('~') ? 'dc+sd-jwt' : 'unknown'
}
