/**
 * Whether an identifier is one its register could have given out: form, components, check digits.
 * It says nothing about whether the register did.
 *
 * A scheme has its ISO 6523 code (ICD) as its name where it has one, else a name of ours.
 */
import { accounts } from './accounts.ts'
import { euVat } from './eu-vat.ts'
import { europe } from './europe.ts'
import { type IdentifierScheme, upright } from './identifier-scheme.ts'
import { japan } from './japan.ts'
import { overseas } from './overseas.ts'
import { worldwide } from './worldwide.ts'

export const schemes = { ...worldwide, ...accounts, ...japan, ...euVat, ...europe, ...overseas } as const satisfies Record<string, IdentifierScheme>
export type Scheme = keyof typeof schemes

export type Reading = 'strict' | 'lenient'

export type IdentifierCheck =
  | { readonly ok: true /** The canonical form, which a strict reading takes again. */; readonly normalised: string }
  | { readonly ok: false; readonly reason: 'unknown-scheme' | 'too-long' | 'form' | 'check-digit' }

/** The longest form of any scheme is an EUID of 82 characters; people add separators. */
const charactersMax = 128

/**
 * @param reading `strict` takes the canonical form only, `lenient` also what people write: separators, small letters,
 *   full-width digits, a country prefix. What is signed is read strictly, what is typed in leniently.
 */
export function checkIdentifier(scheme: string, value: string, reading: Reading = 'strict'): IdentifierCheck {
  if (!isScheme(scheme)) return { ok: false, reason: 'unknown-scheme' }
  if (value.length > charactersMax) return { ok: false, reason: 'too-long' }
  const rules: IdentifierScheme = schemes[scheme]
  const normalised = reading === 'strict' ? value : (rules.tidy ?? upright)(value)
  if (!rules.form.test(normalised)) return { ok: false, reason: 'form' }
  if (rules.fits && !rules.fits(normalised)) return { ok: false, reason: 'check-digit' }
  return { ok: true, normalised }
}

export function isScheme(name: string): name is Scheme {
  return Object.hasOwn(schemes, name)
}

/**
 * The number in an identifier of a participant: Peppol writes a UEN of Singapore behind `SGUEN`.
 *
 * @returns undefined for what the network gives out itself, for tests (`SGTST`): it is no number of a register
 */
export function numberOfParticipant(scheme: string, value: string): string | undefined {
  if (scheme !== '0195') return value
  return value.startsWith('SGTST') ? undefined : value.replace(/^SGUEN/, '')
}
