/** Schemes of no one country: LEI, GLN, IBAN, ISIN, and the European unique identifier. */
import { gs1, luhn, mod97, valuesOf } from './check-digits.ts'
import { bare, type IdentifierScheme, upright } from './identifier-scheme.ts'

/** Member states and EEA states whose registers are connected; Greece is `EL` (Regulation (EU) 2021/1042, annex, 9). */
const euidStates = 'AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|HR|HU|IE|IS|IT|LI|LT|LU|LV|MT|NL|NO|PL|PT|RO|SE|SI|SK'

/** Length of an IBAN by country: SWIFT IBAN registry. */
const ibanLengths: ReadonlyMap<string, number> = new Map(
  (
    'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 ' +
    'GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 ' +
    'MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 ' +
    'VG24 XK20 YE30'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]),
)

function ibanFits(iban: string): boolean {
  return ibanLengths.get(iban.slice(0, 2)) === iban.length && mod97(iban.slice(4) + iban.slice(0, 4))
}

export const worldwide = {
  '0088': { name: 'Global Location Number (GLN)', form: /^\d{13}$/, fits: gs1 },
  // ISO 17442-1: 18 characters and two check digits over all of them.
  '0199': { name: 'Legal Entity Identifier (LEI)', form: /^[0-9A-Z]{18}\d{2}$/, fits: mod97 },
  EUID: {
    name: 'European unique identifier of a company (EUID)',
    form: new RegExp(`^(?:${euidStates})[0-9A-Z]{1,16}\\.[0-9A-Za-z][0-9A-Za-z./ _-]{0,62}$`),
    tidy: upright,
  },
  IBAN: { name: 'International Bank Account Number', form: /^[A-Z]{2}\d{2}[0-9A-Z]{11,30}$/, fits: ibanFits, tidy: (text) => bare(text).replace(/^IBAN/, '') },
  // ISO 6166: Luhn over the digits that the letters spell.
  ISIN: { name: 'International Securities Identification Number', form: /^[A-Z]{2}[0-9A-Z]{9}\d$/, fits: (isin) => luhn(valuesOf(isin).join('')) },
} as const satisfies Record<string, IdentifierScheme>
