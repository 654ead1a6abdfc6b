/**
 * The one verification pipeline, and its one report.
 *
 *     structure → proof → validity → key at the time of issue → status → schema → holder → issuer → policy
 *
 * Every step says what was checked, by what, against what. A step that could not be made is 'not checked', which is
 * never the same as passed: `verified` is true only when nothing failed and nothing that matters was left out.
 */

import { isJsonObject, type Jws, verifyJws } from '#protocols/credential/jws.ts'
import { verifyKeyBinding } from '#protocols/credential/key-binding.ts'
import { readSdJwt, type SdJwt } from '#protocols/credential/sd-jwt.ts'
import { bitstringEntries } from '#protocols/credential/signed-status-list.ts'
import type { StatusReference } from '#protocols/credential/status-reference.ts'
import { checkValidity } from '#protocols/credential/validity.ts'
import { readVcJwt } from '#protocols/credential/vc-jwt.ts'
import { listOf } from '#protocols/credential/vcdm.ts'
import { type CredentialType, readSubject } from '#protocols/credential-types/credential-type.ts'
import { credentialTypeOfVct, credentialTypes } from '#protocols/credential-types/known-types.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { type Did, type DidUrl, didOf, instant } from '#protocols/ids.ts'
import type { VerifyKey } from '#protocols/keys.ts'
import type { Report, ReportStep } from './api.ts'
import type { Status } from './status-lists.ts'
import type { Recognition } from './trust.ts'

/** What a verification asks of its surroundings: a node answers from its store, `offline.ts` from files. */
export interface Surroundings {
  /** Who gave the roots: `node`, `file`, or `none`. */
  readonly roots: 'node' | 'file' | 'none'
  /** The key that `keyId` named at `atMs` for making assertions. */
  key(keyId: DidUrl, atMs: number, signal: AbortSignal): Promise<VerifyKey>
  /** Undefined: there is no way to ask, which is said in the report. */
  readonly status?: (issuer: Did, ref: StatusReference, signal: AbortSignal) => Promise<Status>
  recognises(issuer: Did, type: string): Recognition | undefined
}

export interface Expectation {
  readonly nowMs: number
  /** Asks for proof that the presenter holds the credential's key. */
  readonly binding?: { readonly nonce: string; readonly audience: string }
  /** The presenter; must be the credential's subject, unless it is about a person, whose copy names nobody. */
  readonly holder?: Did
  readonly type?: string
}

/** What was read of a credential; believed only as far as the report says. */
export interface Parsed {
  readonly format: 'dc+sd-jwt' | 'vc+jwt'
  readonly jws: Jws
  readonly keyId: DidUrl
  readonly issuer: Did
  readonly id: string | null
  readonly type: CredentialType
  readonly subject: string | null
  readonly claims: Readonly<Record<string, unknown>>
  /** True when claims may have been withheld. */
  readonly partial: boolean
  readonly issuedAtMs: number
  readonly validFromMs: number | null
  readonly validUntilMs: number | null
  /** Every list the credential names; each is asked. */
  readonly status: readonly StatusReference[]
  readonly sdJwt: SdJwt | null
}

export interface Verified {
  readonly report: Report
  readonly parsed: Parsed | null
  readonly recognition: Recognition | null
}

/** Partners' clocks may be this far from ours. */
export const skewMs = 120_000
/** A proof of possession is made for one request and used at once. */
const bindingAgeMsMax = 600_000

export async function verify(text: string, surroundings: Surroundings, expected: Expectation, signal: AbortSignal): Promise<Verified> {
  const report = new Steps()
  const parsed = report.check('structure', () => read(text, expected.type))
  if (!parsed) return { report: report.done(text, null, surroundings), parsed: null, recognition: null }

  const key = await report.wait('key', surroundings.key(parsed.keyId, parsed.issuedAtMs, signal), () => `\`${parsed.keyId}\` at ${instant(parsed.issuedAtMs)}`)
  if (key) report.check('proof', () => checkProof(parsed, key))
  else report.skip('proof', 'the issuer’s key is not known')
  report.check('validity', () => checkTime(parsed, expected.nowMs))
  await checkStatus(report, parsed, surroundings, signal)
  report.check('schema', () => checkSchema(parsed))
  if (expected.binding) report.check('holder', () => checkHolder(parsed, expected))
  else report.skip('holder', 'no proof of possession was asked for')
  const recognition = checkIssuer(report, parsed, surroundings)
  report.skip('policy', 'a document by itself is under no policy; see the exchange')
  return { report: report.done(text, parsed, surroundings), parsed, recognition }
}

/** Collects steps in the order they were made. */
class Steps {
  readonly #steps: ReportStep[] = []
  #code: string | null = null
  /** Set by a step that must not be left out and was. */
  #incomplete = false

  check<T>(step: ReportStep['step'], make: () => T): T | undefined {
    try {
      const made = make()
      this.#steps.push({ step, outcome: 'passed', code: null, detail: typeof made === 'string' ? made : '' })
      return made
    } catch (thrown) {
      this.fail(step, thrown)
      return undefined
    }
  }

  async wait<T>(step: ReportStep['step'], pending: Promise<T>, detail: (value: T) => string): Promise<T | undefined> {
    try {
      const value = await pending
      this.#steps.push({ step, outcome: 'passed', code: null, detail: detail(value) })
      return value
    } catch (thrown) {
      this.fail(step, thrown)
      return undefined
    }
  }

  fail(step: ReportStep['step'], thrown: unknown): void {
    const code = codeOf(thrown)
    if (code === 'DFFT_INTERNAL') throw thrown // Ours, not the document's.
    this.#code ??= code
    this.#steps.push({ step, outcome: 'failed', code, detail: thrown instanceof Error ? thrown.message.slice(0, 2000) : '' })
  }

  skip(step: ReportStep['step'], detail: string, needed = false): void {
    this.#steps.push({ step, outcome: 'not checked', code: null, detail })
    if (needed) this.#incomplete = true
  }

  done(text: string, parsed: Parsed | null, { roots }: Surroundings): Report {
    const format = parsed?.format ?? (text.includes('~') ? 'dc+sd-jwt' : 'unknown')
    const verified = this.#code === null && !this.#incomplete
    return { verified, format, type: parsed?.type.name ?? null, issuer: parsed?.issuer ?? null, roots, steps: this.#steps, code: this.#code }
  }
}

function read(text: string, type: string | undefined): Parsed {
  const parsed = text.includes('~') ? readSelective(text) : readWhole(text)
  if (didOf(parsed.keyId) !== parsed.issuer) throw new TrustError('DFFT_KEY_NOT_FOUND', 'the key that signed is not the issuer’s', { issuer: parsed.issuer })
  if (type !== undefined && parsed.type.name !== type)
    throw new TrustError('DFFT_CREDENTIAL_TYPE', `the credential is a \`${parsed.type.name}\`, not a \`${type}\``)
  return parsed
}

function readSelective(text: string): Parsed {
  const sdJwt = readSdJwt(text)
  const type = credentialTypeOfVct(sdJwt.vct)
  const { jws, keyId, issuer, claims, validFromMs, validUntilMs, status, id, subject } = sdJwt
  // Without `iat` the beginning of validity is the best that is said about the time of issue.
  const issuedAtMs = sdJwt.issuedAtMs ?? validFromMs
  if (issuedAtMs === null) throw new TrustError('DFFT_CREDENTIAL_FORMAT', 'the credential does not say when it was issued')
  return {
    format: 'dc+sd-jwt',
    jws,
    keyId,
    issuer,
    id,
    type,
    subject,
    claims,
    partial: true,
    issuedAtMs,
    validFromMs,
    validUntilMs,
    status: status ? [status] : [],
    sdJwt,
  }
}

function readWhole(text: string): Parsed {
  const { jws, keyId, issuer, credential, validFromMs, validUntilMs } = readVcJwt(text)
  const type = listOf(credential.type)
    .map((name) => credentialTypes.get(String(name)))
    .find((known) => known !== undefined)
  if (!type) throw new TrustError('DFFT_CREDENTIAL_TYPE', 'the credential type is unknown here', { types: listOf(credential.type).join(' ').slice(0, 256) })
  if (validFromMs === null) throw new TrustError('DFFT_CREDENTIAL_FORMAT', 'the credential does not say when it was issued')
  const [only, ...others] = listOf(credential.credentialSubject)
  if (!isJsonObject(only) || others.length > 0) throw new TrustError('DFFT_CREDENTIAL_FORMAT', 'the credential has not exactly one subject')
  const { id: subject, ...claims } = only
  return {
    format: 'vc+jwt',
    jws,
    keyId,
    issuer,
    id: typeof credential.id === 'string' ? credential.id : null,
    type,
    subject: typeof subject === 'string' ? subject : null,
    claims,
    partial: false,
    issuedAtMs: validFromMs,
    validFromMs,
    validUntilMs,
    status: bitstringEntries(credential),
    sdJwt: null,
  }
}

function checkProof({ jws }: Parsed, key: VerifyKey): string {
  verifyJws(jws, key)
  return `${key.algorithm} signature over the whole document`
}

function checkTime({ validFromMs, validUntilMs }: Parsed, nowMs: number): string {
  checkValidity({ validFromMs, validUntilMs }, { nowMs, skewMs })
  return validUntilMs === null ? 'without an end' : `until ${instant(validUntilMs)}`
}

async function checkStatus(report: Steps, { issuer, status, type }: Parsed, surroundings: Surroundings, signal: AbortSignal): Promise<void> {
  if (status.length === 0) return report.skip('status', 'the credential names no status list')
  const { status: ask } = surroundings
  const uris = status.map(({ uri }) => `\`${uri}\``).join(', ')
  // Whoever made a credential up would have us fetch and keep lists without end.
  if (ask && !surroundings.recognises(issuer, type.name)) return report.skip('status', 'not asked: nobody vouches for the issuer', true)
  if (!ask) return report.skip('status', `no status list at hand; ask ${uris} whether it was revoked`, true)
  const answers = Promise.all(status.map(async (reference) => refuseUnlessValid(await ask(issuer, reference, signal))))
  await report.wait('status', answers, () => `valid in ${uris}`)
}

function refuseUnlessValid(found: Status): Status {
  if (found === 'revoked') throw new TrustError('DFFT_STATUS_REVOKED', 'the issuer revoked the credential')
  if (found === 'suspended') throw new TrustError('DFFT_STATUS_SUSPENDED', 'the issuer suspended the credential')
  return found
}

function checkSchema({ type, claims, partial }: Parsed): string {
  if (partial) readSubject(type, claims, 'part')
  else readSubject(type, claims, 'all')
  return partial ? `what is shown fits \`${type.schemaId}\`` : `fits \`${type.schemaId}\``
}

function checkHolder({ sdJwt, subject, type }: Parsed, { binding, holder, nowMs }: Expectation): string {
  if (!sdJwt || !binding) throw new TrustError('DFFT_HOLDER_BINDING', 'the presentation proves no key')
  verifyKeyBinding(sdJwt, { ...binding, nowMs, ageMsMax: bindingAgeMsMax, skewMs })
  if (holder !== undefined && type.about === 'organisation' && subject !== holder)
    throw new TrustError('DFFT_HOLDER_BINDING', 'the presenter is not the subject of the credential')
  return 'the presenter proved the key the credential names, for this nonce and audience'
}

function checkIssuer(report: Steps, { issuer, type }: Parsed, surroundings: Surroundings): Recognition | null {
  if (surroundings.roots === 'none') {
    report.fail('issuer', new TrustError('DFFT_ISSUER_UNKNOWN', 'no trust root was given: anybody could have signed this'))
    return null
  }
  const recognition = surroundings.recognises(issuer, type.name)
  if (!recognition) {
    report.fail('issuer', new TrustError('DFFT_ISSUER_NOT_RECOGNISED', `no pinned root recognises \`${issuer}\` for ${type.name}`))
    return null
  }
  report.check('issuer', () => `recognised for ${type.name} in ${recognition.jurisdiction} by \`${recognition.root}\`, pinned by this ${surroundings.roots}`)
  return recognition
}
