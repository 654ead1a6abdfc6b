/**
 * Whether a mandate covers an act: the mandates from the one that a business gave down to the agent's, what registers say of the
 * grantors, and the act in, findings out. None means that it does.
 *
 *     each      signed by representatives of its grantor who were in office, as many as must sign together, in a credential of the
 *               grantor or of the register that tells of it
 *     each step the child's grantor is the parent's grantee, who may pass powers on; the child has no power that the parent has not
 *     leaf      some power covers the act, on that day, with as many agents as must act together
 *
 * One mandate that is revoked, or does not hold, takes all below it with it: every one of them is asked.
 */
import { compared, decimal, zero } from '../../invoice/decimal.ts'
import type { BusinessRegistration } from '../business-registration/schema.ts'
import type { Power, PowerOfAttorney } from './schema.ts'

/** A mandate that was verified as a credential. */
export interface HeldMandate {
  readonly id: string
  readonly mandate: PowerOfAttorney
  /** DID of whoever signed the credential. */
  readonly issuer?: string
  /** Since which day it counts no more. A day says so, since a revocation does not undo what was done before. */
  readonly revokedOn?: string
}

/** An extract from a register that was verified as a credential, and the days in which it held. */
export interface Extract {
  readonly registration: BusinessRegistration
  /** DIDs of the business, and of who signed the credential. */
  readonly subject?: string
  readonly issuer?: string
  readonly from: string
  /** The day of its revocation, or its last. */
  readonly until?: string
}

export interface Act {
  readonly action: string
  readonly resource: string
  /** What it is worth; an act without an amount is covered by powers without limits only. */
  readonly amount?: string
  readonly currency?: string
  readonly jurisdiction: string
  /** The day. */
  readonly at: string
  /** How many agents with the same powers act together. */
  readonly agents?: number
}

export interface MandateFinding {
  readonly id: MandateFindingId
  /** Which mandate, from the root at 0, and where in it. */
  readonly path: string
  readonly message: string
  readonly advice: string
}

export interface MandateJudgement {
  readonly covers: boolean
  readonly findings: readonly MandateFinding[]
}

/** A longer one nobody can follow; `maxDepth` goes as far. */
const mandatesMax = 9

/** @param mandates from the root, which has no parent, to that of the agent */
export function judgeMandate(mandates: readonly HeldMandate[], act: Act, extracts: readonly Extract[]): MandateJudgement {
  const findings = [
    ...chained(mandates),
    ...mandates.flatMap((one, at) => [...holds(one, at, act.at), ...signed(one, at, extracts)]),
    ...covered(mandates, act),
  ]
  return { covers: findings.length === 0, findings }
}

function* chained(mandates: readonly HeldMandate[]): Iterable<MandateFinding> {
  if (mandates.length === 0 || mandates.length > mandatesMax) {
    yield finding('DFFT-MANDATE-CHAIN', '', `there are ${mandates.length} mandates`)
    return
  }
  if (mandates[0]?.mandate.parent) yield finding('DFFT-MANDATE-CHAIN', '/0/parent', 'the first mandate rests on another, which is missing')
  for (const [at, { mandate }] of mandates.entries()) {
    const parent = mandates[at - 1]
    if (!parent) continue
    if (mandate.parent?.credential !== parent.id)
      yield finding('DFFT-MANDATE-CHAIN', `/${at}/parent`, `it rests on \`${mandate.parent?.credential ?? 'nothing'}\`, and not on \`${parent.id}\``)
    for (const { path, ...rest } of attenuation(mandate, parent.mandate)) yield { ...rest, path: `/${at}${path}` }
    yield* depth(mandates, at)
  }
}

/** `limited` counts the steps below it, whoever makes them. */
function* depth(mandates: readonly HeldMandate[], at: number): Iterable<MandateFinding> {
  for (const [above, { mandate }] of mandates.slice(0, at).entries()) {
    const { rule, maxDepth = 0 } = mandate.substitution
    if (rule === 'limited' && at - above > maxDepth)
      yield finding('DFFT-MANDATE-SUBSTITUTION', `/${at}`, `mandate ${above} lets powers be passed on over ${maxDepth} steps, and this is step ${at - above}`)
  }
}

/** What a child has and its parent has not; paths are in the child. */
function* attenuation(child: PowerOfAttorney, parent: PowerOfAttorney): Iterable<MandateFinding> {
  if (parent.substitution.rule === 'none') yield finding('DFFT-MANDATE-SUBSTITUTION', '/parent', 'the grantee may not pass powers on')
  if (!sameParty(child.grantor, parent.grantee)) yield finding('DFFT-MANDATE-GRANTOR', '/grantor', 'it is not given by the grantee of the mandate it rests on')
  for (const [at, power] of child.powers.entries())
    if (!parent.powers.some((above) => within(power, above)))
      yield finding('DFFT-MANDATE-WIDENED', `/powers/${at}`, 'there is no such power in the mandate it rests on')
  if ((child.joint?.n ?? 1) < (parent.joint?.n ?? 1)) yield finding('DFFT-MANDATE-WIDENED', '/joint', 'fewer agents may act than in the mandate it rests on')
  const ends = parent.validity.until
  if (child.validity.from < parent.validity.from || (ends !== undefined && (child.validity.until === undefined || child.validity.until > ends)))
    yield finding('DFFT-MANDATE-WIDENED', '/validity', 'it is valid for longer than the mandate it rests on')
}

function within(power: Power, above: Power): boolean {
  return under(power.action, above.action) && under(power.resource, above.resource) && limited(power, above) && placed(power, above) && spared(power, above)
}

function limited({ limits }: Power, { limits: above }: Power): boolean {
  return above === undefined || (limits !== undefined && limits.currency === above.currency && atMost(limits.amount, above.amount))
}

function placed({ jurisdictions }: Power, { jurisdictions: above }: Power): boolean {
  return above === undefined || (jurisdictions?.every((place) => inPlaces(place, above)) ?? false)
}

/** What the parent excludes is outside the child's resource, or excluded by the child too. */
function spared({ resource, excluded = [] }: Power, { excluded: above = [] }: Power): boolean {
  return above.every((out) => (!under(out, resource) && !under(resource, out)) || excluded.some((own) => under(out, own)))
}

/** @param word a path with points, the same as `above` or below it */
function under(word: string, above: string): boolean {
  return above === '*' || word === above || word.startsWith(`${above}.`)
}

function inPlaces(place: string, places: readonly string[]): boolean {
  return places.some((one) => place === one || place.startsWith(`${one}-`))
}

function atMost(amount: string, limit: string): boolean {
  const [one, other] = [decimal(amount), decimal(limit)]
  return one !== undefined && other !== undefined && compared(one, zero) >= 0 && compared(one, other) <= 0
}

interface Registered {
  readonly name: readonly { readonly value: string }[]
  readonly registrations?: readonly { readonly scheme: string; readonly value: string }[] | undefined
}

/** By the numbers that both have, of which none may differ. A name tells nobody apart, so a person without a number passes nothing on. */
function sameParty(one: Registered, other: Registered): boolean {
  const [mine, theirs] = [one.registrations ?? [], other.registrations ?? []]
  if (mine.length === 0 || theirs.length === 0) return false
  const shared = mine.flatMap(({ scheme, value }) => theirs.filter((number) => number.scheme === scheme).map((number) => number.value === value))
  return shared.length > 0 && shared.every(Boolean)
}

function* holds({ mandate, revokedOn }: HeldMandate, at: number, day: string): Iterable<MandateFinding> {
  if (revokedOn !== undefined && revokedOn <= day) yield finding('DFFT-MANDATE-REVOKED', `/${at}`, `it was revoked on ${revokedOn}, with all that rests on it`)
  const { from, until } = mandate.validity
  if (day < from || (until !== undefined && day > until)) yield finding('DFFT-MANDATE-VALIDITY', `/${at}/validity`, `it does not hold on ${day}`)
}

/** Each mandate is signed by those who represented its grantor on that day, as many as sign together. */
function* signed({ mandate: { grantor, signatories }, issuer }: HeldMandate, at: number, extracts: readonly Extract[]): Iterable<MandateFinding> {
  const names = new Set<string>()
  for (const [index, { name, signedOn }] of signatories.entries()) {
    const path = `/${at}/signatories/${index}`
    const extract = extractOf(extracts, grantor, signedOn)
    if (!extract) yield finding('DFFT-MANDATE-OFFICE', path, `no extract of the grantor tells who represented it on ${signedOn}`)
    else if (!extract.registration.representatives?.some((one) => one.name === name))
      yield finding('DFFT-MANDATE-OFFICE', path, `\`${name}\` did not represent the grantor on ${signedOn}`)
    else names.add(name)
  }
  // The last signature makes the mandate.
  const last = signatories.map(({ signedOn }) => signedOn).reduce((one, other) => (one > other ? one : other))
  const extract = extractOf(extracts, grantor, last)
  if (!extract) return
  if (!complete(extract.registration, names))
    yield finding('DFFT-MANDATE-JOINT', `/${at}/signatories`, 'signatures are missing of those who represent the grantor together')
  // Whoever may issue mandates could write one in another's name: names of representatives are public.
  if (issuer !== undefined && issuer !== extract.subject && issuer !== extract.issuer)
    yield finding('DFFT-MANDATE-ISSUER', `/${at}`, `\`${issuer}\` signed it, which is neither its grantor nor the register that tells of it`)
}

function extractOf(extracts: readonly Extract[], grantor: Registered, day: string): Extract | undefined {
  return extracts.find(({ registration, from, until }) => {
    const party = { name: registration.legalName, registrations: registration.registrations }
    return sameParty(party, grantor) && from <= day && (until === undefined || day <= until) && registration.legalStatus.value === 'active'
  })
}

/** One who signs alone, or as many as the register asks of any of them. A limited authority is described elsewhere, so it is never enough. */
function complete({ representatives = [] }: BusinessRegistration, names: ReadonlySet<string>): boolean {
  const all = new Set(representatives.map(({ name }) => name))
  return representatives
    .filter(({ name }) => names.has(name))
    .some(({ authority = { rule: 'limited' as const } }) => {
      if (authority.rule === 'sole') return true
      if (authority.rule === 'joint_n') return names.size >= authority.n
      return authority.rule === 'joint_all' && names.size === all.size
    })
}

function* covered(mandates: readonly HeldMandate[], act: Act): Iterable<MandateFinding> {
  for (const [at, { mandate }] of mandates.entries()) {
    const { powers, joint } = mandate
    const needed = joint?.n ?? 1
    if ((act.agents ?? 1) < needed) yield finding('DFFT-MANDATE-AGENTS', `/${at}/joint`, `${needed} agents act together, and ${act.agents ?? 1} acted`)
    if (!powers.some((power) => covers(power, act))) yield finding('DFFT-MANDATE-EXCEEDED', `/${at}/powers`, exceeding(powers, act))
  }
}

function covers(power: Power, act: Act): boolean {
  const { limits, jurisdictions, excluded = [] } = power
  const money = limits === undefined || (act.amount !== undefined && act.currency === limits.currency && atMost(act.amount, limits.amount))
  const place = jurisdictions === undefined || inPlaces(act.jurisdiction, jurisdictions)
  return under(act.action, power.action) && under(act.resource, power.resource) && !excluded.some((out) => under(act.resource, out)) && money && place
}

function exceeding(powers: readonly Power[], act: Act): string {
  const what = `\`${act.action}\` on \`${act.resource}\``
  const near = powers.filter((power) => under(act.action, power.action) && under(act.resource, power.resource))
  if (near.length === 0) return `there is no power for ${what}`
  const limits = near.flatMap((power) => (power.limits ? [`${power.limits.amount} ${power.limits.currency}`] : []))
  const worth = act.amount === undefined ? '' : ` for ${act.amount} ${act.currency ?? ''}`
  return `${what}${worth} in ${act.jurisdiction} goes beyond the powers${limits.length > 0 ? `, which end at ${limits.join(', ')}` : ''}`
}

const advice = {
  'DFFT-MANDATE-CHAIN': 'Ask the agent for all mandates, from the one that the business itself gave.',
  'DFFT-MANDATE-SUBSTITUTION': 'Ask the business whether this agent may act for it.',
  'DFFT-MANDATE-GRANTOR': 'Ask for the mandate of the party that gave this one.',
  'DFFT-MANDATE-WIDENED': 'Take it as far as the mandate above goes, and no further.',
  'DFFT-MANDATE-REVOKED': 'Do not deal with this agent; ask the business who acts for it now.',
  'DFFT-MANDATE-VALIDITY': 'Ask for a mandate that holds on that day.',
  'DFFT-MANDATE-OFFICE': 'Ask for an extract of the register from the time of signing.',
  'DFFT-MANDATE-ISSUER': 'Ask the business for the mandate that it signed itself.',
  'DFFT-MANDATE-JOINT': 'Ask for the signatures of the other representatives.',
  'DFFT-MANDATE-AGENTS': 'Ask for the other agents to act too.',
  'DFFT-MANDATE-EXCEEDED': 'Ask the business to do it itself, or to give a wider mandate.',
} as const satisfies Record<string, string>
export type MandateFindingId = keyof typeof advice

function finding(id: MandateFindingId, path: string, message: string): MandateFinding {
  return { id, path, message, advice: advice[id] }
}
