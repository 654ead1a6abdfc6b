/** Bank accounts: the IBAN, its national structures, and the check digits inside of those that have some of their own. */
import { falling, lastDigit, luhn, mod97, remainder, weighted } from './check-digits.ts'
import { type IdentifierScheme, written } from './identifier-scheme.ts'

/**
 * What follows country and check digits: lengths of digits (n), capital letters (a) and either (c).
 *
 * @see ISO 13616-1; SWIFT IBAN registry, release 101
 */
const structures =
  'AD8n12c AE19n AL8n16c AT16n AZ4a20c BA16n BE12n BG4a6n8c BH4a14c BI23n BR23n1a1c BY4c4n16c CH5n12c CR18n CY8n16c CZ20n DE18n DJ23n DK14n DO4c20n EE16n ' +
  'EG25n ES20n FI14n FK2a12n FO14n FR10n11c2n GB4a14n GE2a16n GI4a15c GL14n GR7n16c GT4c20c HN4a20n HR17n HU24n IE4a14n IL19n IQ4a15n IS22n IT1a10n12c ' +
  'JO4a4n18c KW4a22c KZ3n13c LB4n20c LC4a24c LI5n12c LT16n LU3n13c LV4a13c LY21n MC10n11c2n MD2c18c ME18n MK3n10c2n MN16n MR23n MT4a5n18c MU4a19n3a NI4a20n ' +
  'NL4a10n NO11n OM3n16c PK4a16c PL24n PS4a21c PT21n QA4a21c RO4a16c RS18n RU14n15c SA2n18c SC4a20n3a SD14n SE20n SI15n SK20n SM1a10n12c SO19n ST21n SV4a20n ' +
  'TL19n TN20n TR6n16c UA6n19c VA18n VG4a16n XK16n YE4a4n18c'

const classes: Readonly<Record<string, string>> = { n: '\\d', a: '[A-Z]', c: '[0-9A-Z]' }

function patternOf(structure: string): string {
  const fields = structure.slice(2).matchAll(/(\d+)([nac])/g)
  return `${structure.slice(0, 2)}\\d\\d${[...fields].map(([, length, kind = '']) => `${classes[kind]}{${length}}`).join('')}`
}

/** ISO 7064 MOD 97-10 with country and check digits moved to the end, then what the country adds. */
function ibanFits(iban: string): boolean {
  return mod97(iban.slice(4) + iban.slice(0, 4)) && (national[iban.slice(0, 2)]?.(iban.slice(4)) ?? true)
}

/** A country's own check of the account: most have none that is published, or none that holds for all of its banks. */
const national: Readonly<Record<string, (account: string) => boolean>> = { BE: belgium, ES: spain, ME: (account) => remainder(account, 97) === 1, NO: norway }

/** The last two digits are the remainder by 97 of those before, 97 for 0; the first three are a bank's. */
function belgium(account: string): boolean {
  return (remainder(account.slice(0, 10), 97) || 97) === Number(account.slice(10)) && belgianBanks.some(([from, to]) => within(account.slice(0, 3), from, to))
}

/** National Bank of Belgium, bank identification codes, as of 1 January 2026. */
const belgianBanks: readonly (readonly [from: string, to: string])[] = (
  '000-111 113-116 119-127 129-134 137 140-150 171 175-176 185 189-214 220-499 501 504 507-510 512-515 521-525 538 541 546 548-560 562-579 581 583 585-588 ' +
  '590-601 603-605 607 610-613 624-625 630-631 634-636 638 640 642-654 657-658 663-664 666-680 682-689 693-696 699-709 719 722 725-765 772-806 817 823-826 ' +
  '828 830-840 845 850-853 859-860 862-863 865-866 868 871 873 876-881 883-884 887-888 890-899 903-908 910-911 913-917 920 922-924 926 929-931 934 936 ' +
  '939-943 945 948-961 963-964 967-969 971 973-984 989-999'
)
  .split(' ')
  .map((range) => [range.slice(0, 3), range.slice(-3)] as const)

function within(code: string, from: string, to: string): boolean {
  return code >= from && code <= to
}

/** Código Cuenta Cliente: bank and office, two check digits (weights 2 to the power of the place, modulo 11), account. */
function spain(account: string): boolean {
  const check = (ten: string) => {
    const rest = weighted(ten, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]) % 11
    return String(rest < 2 ? rest : 11 - rest)
  }
  return account.slice(8, 10) === check(`00${account.slice(0, 8)}`) + check(account.slice(10))
}

/** Modulo 11 with the weights 5 to 2 and 7 to 2; the accounts of the former Postgiro (0000) keep to Luhn in their seven digits. */
function norway(account: string): boolean {
  if (account.startsWith('0000')) return luhn(account.slice(4))
  return (11 - (weighted(account, [...falling(5, 2), ...falling(7, 2)]) % 11)) % 11 === lastDigit(account)
}

export const accounts = {
  IBAN: {
    name: 'International Bank Account Number',
    form: new RegExp(`^(?:${structures.split(' ').map(patternOf).join('|')})$`),
    fits: ibanFits,
    tidy: written(' -.', /^IBAN(?=[A-Z])/),
  },
} as const satisfies Record<string, IdentifierScheme>
