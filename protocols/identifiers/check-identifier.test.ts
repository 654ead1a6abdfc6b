import { expect, test } from 'vitest'
import { checkIdentifier, type Scheme, schemes } from './check-identifier.ts'
import { corporateNumberCheckDigit, localGovernmentCheckDigit } from './japan.ts'

/** One identifier that its scheme takes, and one with a digit changed or two swapped that it must not. */
const samples: Record<Scheme, readonly [good: string, bad: string | null]> = {
  '0002': ['552008443', '552008434'],
  '0007': ['1234567897', '1234567891'],
  '0009': ['55200844300012', '55200844300013'],
  '0060': ['123456789', null],
  '0088': ['4012345000009', '4012345000090'],
  '0160': ['98412345678908', '98412345768908'],
  '0106': ['27365323', null],
  '0151': ['51824753556', '51824753565'],
  '0183': ['CHE116281710', 'CHE116281701'],
  '0184': ['13585628', '13585682'],
  '0188': ['4000012090001', '4000021090001'],
  '0192': ['974760673', '974760637'],
  '0195': ['200923096R', '200923069R'],
  '0199': ['5967007LIEEXZX850W58', '5967007LIEEXXZ850W58'],
  '0204': ['991-03730-19', '991-03730-91'],
  '0208': ['0403170701', '0403170710'],
  '0211': ['00743110157', '00743110175'],
  '0212': ['20774740', '20774741'],
  // A sole proprietor's number has no published rule: nothing but its form can be wrong.
  '0221': ['T4000012090001', null],
  'BR-CNPJ': ['11980459000115', '11980459000151'],
  'CH-VAT': ['CHE116281710MWST', 'CHE116281701MWST'],
  'CN-USCC': ['91110000600037341L', '91110000600037314L'],
  'DE-HR': ['HRB 395 KI', null],
  'ES-NIF': ['54362315K', '54362351K'],
  EUID: ['DEX1517R.HRB395KI', null],
  'EU-VAT': ['DE136695976', 'DE136695967'],
  'GB-CRN': ['SC123456', null],
  'GB-VAT': ['980780684', '980780648'],
  IBAN: ['DE89370400440532013000', 'DE89370400440532010300'],
  'ID-NPWP': ['024808842444000', '024808824444000'],
  'IN-GSTIN': ['27AAPFU0939F1ZV', '27AAPFU0993F1ZV'],
  ISIN: ['US0378331005', 'US0378330105'],
  'JP-LG': ['131016', '131061'],
  'JP-LG5': ['13101', '99101'],
  'JP-POST': ['1008901', null],
  'JP-T-CORPORATE': ['T4000012090001', 'T4000021090001'],
  'KR-BRN': ['3018191475', null],
  'NL-BTW': ['004495445B01', '004494545B01'],
  'NO-MVA': ['974760673MVA', '974760637MVA'],
  'PL-NIP': ['8567346215', '8567346251'],
  'TH-TIN': ['1234545678781', '1234545678718'],
  'TW-UBN': ['02695934', '02695943'],
  'VN-MST': ['0105022466', '0105022646'],
}

test.for(Object.entries(samples))('%s takes its sample and refuses the changed one', ([scheme, [good, bad]]) => {
  expect(checkIdentifier(scheme, good)).toEqual({ ok: true, normalised: good })
  if (bad !== null) expect(checkIdentifier(scheme, bad)).toEqual({ ok: false, reason: 'check-digit' })
})

test.for(Object.entries(samples))('%s refuses a truncated, an extended, an empty and a spaced one when read strictly', ([scheme, [good]]) => {
  const damaged = [good.slice(1), `${good}0000000000000`, '', ` ${good}`, `${good}\n`]
  // What is left of these three without their first character is a shorter one that stands.
  const free = ['EUID', 'DE-HR', 'GB-CRN', '0160'].includes(scheme) ? damaged.slice(2) : damaged
  expect(free.filter((value) => checkIdentifier(scheme, value).ok)).toEqual([])
})

test('every state of the Union has its own rule', () => {
  const numbers = [
    ['ATU13585627', 'ATU13585626'],
    ['BE0403170701', 'BE0403170710'],
    ['BG175074752', 'BG175074751'],
    ['BG7523169263', 'BG7523169264'],
    ['CY10259033P', 'CY10259033Z'],
    ['CZ25123891', 'CZ25123890'],
    ['CZ640903926', 'CZ640903927'],
    ['CZ7103192745', 'CZ7103192746'],
    ['DE136695976', 'DE136695978'],
    ['DK13585628', 'DK13585627'],
    ['EE100931558', 'EE100594103'],
    ['EL094259216', 'EL094259217'],
    ['ESB58378431', 'ESB58378432'],
    ['ES54362315K', 'ES54362315Z'],
    ['ESP7505601J', 'ESP75056011'],
    ['FI20774740', 'FI20774741'],
    ['FR40303265045', 'FR84323140391'],
    ['FRK7399859412', 'FRK7399859413'],
    ['HR33392005961', 'HR33392005962'],
    ['HU12892312', 'HU12892313'],
    ['IE6433435F', 'IE6433435E'],
    ['IE6433435OA', 'IE6433435OB'],
    ['IE8D79739I', 'IE8D79738J'],
    ['IT00743110157', 'IT00743110158'],
    ['LT119511515', 'LT100001919018'],
    ['LT100001919017', 'LT119511516'],
    ['LU15027442', 'LU15027443'],
    ['LV40003521600', 'LV40003521601'],
    ['LV16117519997', 'LV16137519997'],
    ['EU372022452', 'EU840022452'],
    ['IM3720224521', 'IM8400224521'],
    ['MT11679112', 'MT11679113'],
    ['NL004495445B01', 'NL123456789B90'],
    ['NL002455799B11', 'NL002455799B12'],
    ['PL8567346215', 'PL8567346216'],
    ['PT501964843', 'PT501964842'],
    ['RO18547290', 'RO18547291'],
    ['RO1630615123457', 'RO1630615123458'],
    ['SE123456789701', 'SE123456789101'],
    ['SI50223054', 'SI50223055'],
    ['SK2022749619', 'SK2022749618'],
    ['XI980780684', 'XI802311781'],
  ] as const
  expect(numbers.filter(([good]) => !checkIdentifier('EU-VAT', good).ok)).toEqual([])
  expect(numbers.filter(([, bad]) => checkIdentifier('EU-VAT', bad).ok)).toEqual([])
  expect(new Set(numbers.map(([good]) => good.slice(0, 2))).size).toBe(30)
})

test('rules for the few hold as for the many', () => {
  const numbers: readonly (readonly [Scheme, good: string, bad: string])[] = [
    ['GB-VAT', 'GD106', 'GD500'],
    ['GB-VAT', 'HA510', 'HA499'],
    ['GB-VAT', 'GD888810003', 'GD888810004'],
    ['GB-VAT', '434031494', '001234567'],
    // La Poste's branches: the digits sum to a multiple of five; Luhn holds for its seat alone.
    ['0009', '35600000000065', '35600000000064'],
    ['0009', '35600000000048', '35600000000055'],
    // Luhn over all 14 digits, but not over the nine of the enterprise.
    ['0009', '32228438100017', '55200843400011'],
    // Check digits of a German account that is one digit short.
    ['IBAN', 'ES7712341234161234567890', 'ES1512341234171234567890'],
    ['IBAN', 'BE31435411161155', 'BE41091811735141'],
    ['IBAN', 'BE48320070184927', 'BE83138811735115'],
    ['IBAN', 'NO9386011117947', 'NO2386011117946'],
    ['IBAN', 'ME25505000012345678951', 'ME86505000012345678950'],
    ['EU-VAT', 'NL004495445B01', 'NL000000000B01'],
    ['0204', '16-ABC-46', '17-ABC-62'],
    ['0195', '01402200A', '01402200B'],
    ['0195', 'S64FC1644H', 'S64FC1644J'],
    ['TW-UBN', '10458575', '10458576'],
    ['VN-MST', '0102641429066', '0102641429000'],
    ['ES-NIF', 'X5253868R', 'X5253868S'],
    ['ES-NIF', 'M1234567L', 'M1234567K'],
    ['NL-BTW', '002455799B11', '002455799B12'],
    ['NL-BTW', '004495445B01', '004495445B00'],
    ['ID-NPWP', '3171011708450001', '3171012902010001'],
    ['ID-NPWP', '3171015708450001', '9971015708450001'],
    ['ID-NPWP', '0024808842444000', '0024808824444000'],
    ['0160', '73513537', '73513573'],
    ['0160', '036000291452', '036000291425'],
    ['ISIN', 'US0378331005', 'US0378331006'],
    ['CH-VAT', 'CHE116281710TVA', 'CHE116281701TVA'],
    ['EU-VAT', 'LV32000000008', 'LV32000000001'],
    ['EU-VAT', 'SK7103192745', 'SK7103192746'],
    ['EU-VAT', 'SK2022749619', 'SK2022749618'],
    ['EU-VAT', 'BG7501020018', 'BG7501020019'],
    ['EU-VAT', 'CZ7153192740', 'CZ7113192746'],
    ['EU-VAT', 'CZ395601439', 'CZ545601439'],
  ]
  expect(numbers.filter(([scheme, good]) => !checkIdentifier(scheme, good).ok)).toEqual([])
  expect(numbers.filter(([scheme, , bad]) => checkIdentifier(scheme, bad).ok)).toEqual([])
})

test('a VAT number of a state outside the Union is refused', () => {
  for (const vat of ['GB980780684', 'CHE116281710', 'US123456789', 'XX123456789']) expect(checkIdentifier('EU-VAT', vat)).toEqual({ ok: false, reason: 'form' })
})

test('one changed digit of a corporate number is found, whichever it is, save 0 for 9', () => {
  const number = samples['0188'][0]
  for (let at = 0; at < 13; at++) {
    for (const digit of '0123456789') {
      const changed = number.slice(0, at) + digit + number.slice(at + 1)
      // The sum is taken modulo 9, so these two weigh the same: the register's own limit.
      const alike = digit === number[at] || (at > 0 && [digit, number[at]].toSorted().join('') === '09')
      expect(checkIdentifier('0188', changed).ok, changed).toBe(alike)
    }
  }
})

test('the check digit of a corporate number is 1 to 9, never 0', () => {
  expect(corporateNumberCheckDigit('000012090001')).toBe(4)
  expect(corporateNumberCheckDigit('000000000000')).toBe(9)
})

test('a municipality code whose remainder is 0 or 1 ends in 1 or 0', () => {
  expect(localGovernmentCheckDigit('13101')).toBe(6)
  expect(localGovernmentCheckDigit('01100')).toBe(2)
  expect(checkIdentifier('JP-LG', '482021').ok).toBe(false) // There is no prefecture 48.
})

test('a lenient reading takes what people write and gives back the canonical form', () => {
  const written = [
    ['0188', '４００００１２０９０００１', '4000012090001'],
    ['0188', ' 4-0000-1209-0001 ', '4000012090001'],
    ['0183', 'CHE-116.281.710', 'CHE116281710'],
    ['CH-VAT', 'CHE-116.281.710 MWST', 'CHE116281710MWST'],
    ['0192', '974 760 673', '974760673'],
    ['0204', '991-03730-19', '991-03730-19'],
    ['DE-HR', 'hrb 000395ki', 'HRB 395 KI'],
    ['EU-VAT', 'gr 094 259 216', 'EL094259216'],
    ['EU-VAT', 'BE 403.170.701', 'BE0403170701'],
    ['EU-VAT', 'NL4495445B01', 'NL004495445B01'],
    ['IBAN', 'IBAN de89 3704 0044 0532 0130 00', 'DE89370400440532013000'],
    ['JP-POST', '〒100-8901', '1008901'],
  ] as const
  for (const [scheme, text, normalised] of written) {
    expect(checkIdentifier(scheme, text, 'lenient'), text).toEqual({ ok: true, normalised })
    expect(checkIdentifier(scheme, normalised, 'strict'), text).toEqual({ ok: true, normalised })
  }
  expect(written.filter(([scheme, text, normalised]) => text !== normalised && checkIdentifier(scheme, text).ok)).toEqual([])
})

test('a letter O is no zero, however leniently read', () => {
  expect(checkIdentifier('0188', '4OOO012090001', 'lenient')).toEqual({ ok: false, reason: 'form' })
})

test('an unknown scheme and a text beyond any identifier are refused', () => {
  for (const scheme of ['9999', 'toString', '__proto__', '']) expect(checkIdentifier(scheme, '1')).toEqual({ ok: false, reason: 'unknown-scheme' })
  expect(checkIdentifier('EUID', `DEX.${'1'.repeat(125)}`)).toEqual({ ok: false, reason: 'too-long' })
})

test('every scheme has a sample', () => {
  expect(Object.keys(samples).toSorted()).toEqual(Object.keys(schemes).toSorted())
})
