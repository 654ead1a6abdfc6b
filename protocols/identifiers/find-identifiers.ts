/**
 * Which members of a payload are identifiers, and which of them no register can have given out.
 *
 * A schema says that a VAT number is a text; that the text is one is seen here, whoever's payload it is: by what a value says of itself
 * (`0192:974760673`, `NOFOR.974760673`, `https://id.gs1.org/417/…`) and by what its member is called.
 */
import { TrustError } from '../errors.ts'
import type { Json } from '../json.ts'
import { checkIdentifier, type IdentifierCheck, isScheme, type Scheme } from './check-identifier.ts'

export interface FoundIdentifier {
  /** RFC 6901 pointer. */
  readonly path: string
  readonly scheme: Scheme
  /** As it stands in the payload, without what says of which scheme it is. */
  readonly value: string
  readonly problem: 'form' | 'check-digit' | 'too-long' | null
}

/** A credential has some hundred members, and what came through the door is at most 32 levels deep. */
const limits = { members: 100_000, depth: 64 }

/**
 * Every identifier, good or bad, in the order of the payload. Read strictly: what is signed has to be in its canonical form.
 *
 * @throws {TrustError} DFFT_LIMIT for a payload with more members or levels than one is looked through for
 */
export function findIdentifiers(payload: Json): readonly FoundIdentifier[] {
  const found: FoundIdentifier[] = []
  const left = { members: limits.members }
  visit({ value: payload, name: '', path: '', depth: 0 }, found, left)
  return found
}

interface Place {
  readonly value: Json
  readonly name: string
  readonly path: string
  readonly depth: number
}

function visit({ value, name, path, depth }: Place, found: FoundIdentifier[], left: { members: number }): void {
  left.members -= 1
  if (left.members < 0 || depth > limits.depth) throw new TrustError('DFFT_LIMIT', 'the payload is too large to look for identifiers in', limits)
  if (typeof value === 'string') found.push(...identifiersIn(plain(name), value).map((one) => ({ path, ...one })))
  else if (value !== null && typeof value === 'object')
    for (const [member, inner] of Object.entries(value)) {
      // What a list holds goes by the name of the list.
      const place = { value: inner, name: Array.isArray(value) ? name : member, depth: depth + 1 }
      visit({ ...place, path: `${path}/${member.replaceAll('~', '~0').replaceAll('/', '~1')}` }, found, left)
    }
}

export function identifierDefects(payload: Json): readonly FoundIdentifier[] {
  return findIdentifiers(payload).filter(({ problem }) => problem !== null)
}

/** `sellerVatIdentifier`, `seller_vat_identifier` and `gs1:partyGLN` lose what writing them differs by. */
function plain(name: string): string {
  return name
    .replace(/^.*:/, '')
    .replaceAll(/[^A-Za-z0-9]/g, '')
    .toLowerCase()
}

type Verdict = Omit<FoundIdentifier, 'path'>

function identifiersIn(name: string, value: string): readonly Verdict[] {
  const own = bySelf(value)
  if (own) return own
  const scheme = byName(name, value)
  return scheme ? verdicts(scheme, value) : []
}

/** `LEI:…`, an ICD and a colon (Peppol's participant identifiers), GS1 Digital Link with a GLN, or a EUID: these say it themselves. */
function bySelf(value: string): readonly Verdict[] | null {
  const [, icd = '', participant = ''] = /^(?:iso6523-actorid-upis::)?(\d{4}):(.{1,135})$/.exec(value) ?? []
  if (isScheme(icd)) return verdicts(icd, participant)
  const [, lei] = /^(?:urn:)?lei:(.{1,64})$/i.exec(value) ?? []
  if (lei !== undefined) return verdicts('0199', lei)
  const [, gln] = /^https:\/\/id\.gs1\.org\/41[47]\/(\d{1,20})(?:[/?]|$)/.exec(value) ?? []
  if (gln !== undefined) return verdicts('0088', gln)
  // At least a digit behind the point, else `EU.DEMO` would be one.
  return /^[A-Z]{2}[0-9A-Z]{1,16}\.(?=[^.]*\d)[0-9A-Za-z./ _-]{3,}$/.test(value) && checkIdentifier('EUID', value).ok ? verdicts('EUID', value) : null
}

/** A word in a member's name, and the scheme that its value then is of. The first that fits counts. */
const words: readonly (readonly [word: RegExp, scheme: (value: string) => Scheme | null])[] = [
  [/euid$/, () => 'EUID'],
  [/^lei(?:code|number)?$|legalentityidentifier$/, () => '0199'],
  [/gln$/, () => '0088'],
  [/gtin$/, () => '0160'],
  [/^duns(?:number)?$/, () => '0060'],
  [/iban$|accountidentifier$/, (value) => (/^[A-Z]{2}\d\d/.test(value) ? 'IBAN' : null)],
  [/isin$/, () => 'ISIN'],
  [/corporatenumber$|hojinbango$/, () => '0188'],
  [/vat|tax|legal.*id|registration.*id|company.*(?:id|number)$|organi[sz]ation.*(?:id|number)$/, vatScheme],
]

function byName(name: string, value: string): Scheme | null {
  for (const [word, scheme] of words) if (word.test(name)) return scheme(value)
  return null
}

/** Of a number for taxes the country code tells whose it is; without one nobody knows. Words and URLs are none. */
function vatScheme(value: string): Scheme | null {
  if (!/^[A-Z]{2,3}[ .-]?[0-9A-Z+*][0-9A-Z+* .-]{3,20}$/.test(value) || !/\d{4}/.test(value)) return null
  if (/^(?:CHE)/.test(value)) return /[A-Z]$/.test(value) ? 'CH-VAT' : '0183'
  if (/^(?:AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|EU|FI|FR|HR|HU|IE|IM|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK|XI)/.test(value)) return 'EU-VAT'
  return null
}

function verdicts(scheme: Scheme, value: string): readonly Verdict[] {
  const check = checkIdentifier(scheme, value)
  const inner = scheme === 'EUID' && check.ok ? nationalPart(value) : null
  return [{ scheme, value, problem: problemOf(check) }, ...(inner ?? [])]
}

function problemOf(check: IdentifierCheck): FoundIdentifier['problem'] {
  if (check.ok || check.reason === 'unknown-scheme') return null
  return check.reason
}

/** Registers whose number in a EUID is an identifier with check digits of its own (Implementing Regulation (EU) 2021/1042, annex, 9). */
const registers: readonly (readonly [register: RegExp, scheme: Scheme])[] = [
  [/^BEKBOBCE\./, '0208'],
  [/^DKCVR\./, '0184'],
  [/^FR\d{4}\./, '0002'],
  [/^NOFOR\./, '0192'],
  [/^SEBOLREG\./, '0007'],
]

function nationalPart(euid: string): readonly Verdict[] | null {
  const scheme = registers.find(([register]) => register.test(euid))?.[1]
  return scheme ? verdicts(scheme, euid.slice(euid.indexOf('.') + 1)) : null
}
