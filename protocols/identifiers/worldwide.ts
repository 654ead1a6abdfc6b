/** Schemes of no one country: LEI, GLN and GTIN, ISIN, and the European unique identifier. */
import { gs1, luhn, mod97, valuesOf } from './check-digits.ts'
import { type IdentifierScheme, written } from './identifier-scheme.ts'

/** Member states and EEA states whose registers are connected; Greece is `EL` (Implementing Regulation (EU) 2021/1042, annex, 9). */
const euidStates = 'AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IS|IT|LI|LT|LU|LV|MT|NL|NO|PL|PT|RO|SE|SI|SK'

/** ISO 3166-1 alpha-2, with the codes of countries that are no more (AN, CS) and those that ISO 6166 keeps for other uses (EU, QS, QT, XA to XF, XK, XS). */
const isinCountries =
  'A[DEFGILMNOQRSTUWXZ]|B[ABDEFGHIJLMNOQRSTVWYZ]|C[ACDFGHIKLMNORSUVWXYZ]|D[EJKMOZ]|E[CEGHRSTU]|F[IJKMOR]|G[ABDEFGHILMNPQRSTUWY]|H[KMNRTU]|I[DELMNOQRST]|' +
  'J[EMOP]|K[EGHIMNPRWYZ]|L[ABCIKRSTUVY]|M[ACDEFGHKLMNOPQRSTUVWXYZ]|N[ACEFGILOPRUZ]|OM|P[AEFGHKLMNRSTWY]|Q[AST]|R[EOSUW]|S[ABCDEGHIJKLMNORSTVXYZ]|' +
  'T[CDFGHJKLMNORTVWZ]|U[AGMSYZ]|V[ACEGINU]|W[FS]|X[ABCDFKS]|Y[ET]|Z[AMW]'

export const worldwide = {
  // Dun & Bradstreet gave up its check digit; nine digits are all that is left.
  '0060': { name: 'D-U-N-S number', form: /^\d{9}$/, tidy: written(' -') },
  // GS1 General Specifications, 7.9.1.
  '0088': { name: 'Global Location Number (GLN)', form: /^\d{13}$/, fits: gs1, tidy: written(' -') },
  // The same rule in the lengths of GTIN-8, UPC, EAN-13 and GTIN-14.
  '0160': { name: 'Global Trade Item Number (GTIN, EAN)', form: /^(?:\d{8}|\d{12,14})$/, fits: gs1, tidy: written(' -') },
  // ISO 17442-1: 18 characters and two check digits over all of them (ISO/IEC 7064, MOD 97-10).
  '0199': { name: 'Legal Entity Identifier (LEI)', form: /^[0-9A-Z]{18}\d{2}$/, fits: mod97, tidy: written(' -') },
  EUID: {
    name: 'European unique identifier of a company (EUID)',
    form: new RegExp(`^(?:${euidStates})[0-9A-Z]{1,16}\\.[0-9A-Za-z][0-9A-Za-z./ _-]{0,62}$`),
  },
  // ISO 6166: Luhn over the digits that the letters spell.
  ISIN: {
    name: 'International Securities Identification Number',
    form: new RegExp(`^(?:${isinCountries})[0-9A-Z]{9}\\d$`),
    fits: (isin) => luhn(valuesOf(isin).join('')),
    tidy: written(' '),
  },
} as const satisfies Record<string, IdentifierScheme>
