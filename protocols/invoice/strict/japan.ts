/**
 * L3 for Japan: consumption tax and the registration numbers of the qualified invoice system (適格請求書等保存方式, since 1 October 2023).
 *
 * They are asked of invoices by a specification of JP PINT, and of sellers in Japan by any of PINT. By other specifications a seller in Japan
 * may be registered for another country's tax: there only what looks like a registration number is looked at.
 */
import { checkIdentifier } from '../../identifiers/check-identifier.ts'
import { calendarDate } from '../condition.ts'
import { decimal, roundedEitherWay, shifted, textOf, times } from '../decimal.ts'
import { tidy } from '../element.ts'
import type { Finding } from '../finding.ts'
import { type BusinessGroup, groupOf, groupsOf, type Invoice, textAt, type Value, valueAt } from '../model.ts'
import { currencyAt, currencyOf, numberAt, specificationOf, untaxed } from './figures.ts'
import { shown, told } from './strict-finding.ts'

function japanese(invoice: Invoice): boolean {
  const specification = specificationOf(invoice)
  return /^urn:fdc:peppol:jp:|@jp-/.test(specification) || (specification.startsWith('urn:peppol:pint:') && sellerCountry(invoice) === 'JP')
}

export function sellerCountry(invoice: Invoice): string {
  return tidy(textAt(groupOf(groupOf(invoice, 'BG-4'), 'BG-5'), 'BT-40') ?? '')
}

/** Since then a registration number stands on an invoice; earlier documents may have other numbers. */
const qualifiedSince = '2023-10-01'

export function* japan(invoice: Invoice): Iterable<Finding> {
  yield* registrations(invoice)
  if (!japanese(invoice)) return
  yield* rates(invoice)
  yield* amounts(invoice)
  yield* yenTotal(invoice)
}

interface Party {
  readonly group: BusinessGroup | undefined
  readonly number: string
  readonly names: readonly string[]
  readonly identifiers: readonly string[]
  readonly who: string
  readonly country: string
}

function parties(invoice: Invoice): readonly Party[] {
  const [seller, buyer, representative] = ['BG-4', 'BG-7', 'BG-11'].map((id) => groupOf(invoice, id))
  const country = (group: BusinessGroup | undefined, address: string, term: string) => tidy(textAt(groupOf(group, address), term) ?? '')
  return [
    {
      group: seller,
      number: 'BT-31',
      names: ['BT-27', 'BT-28'],
      identifiers: ['BT-29', 'BT-30', 'BT-34'],
      who: 'seller',
      country: country(seller, 'BG-5', 'BT-40'),
    },
    {
      group: buyer,
      number: 'BT-48',
      names: ['BT-44', 'BT-45'],
      identifiers: ['BT-46', 'BT-47', 'BT-49'],
      who: 'buyer',
      country: country(buyer, 'BG-8', 'BT-55'),
    },
    {
      group: representative,
      number: 'BT-63',
      names: ['BT-62'],
      identifiers: [],
      who: 'tax representative',
      country: country(representative, 'BG-12', 'BT-69'),
    },
  ]
}

function* registrations(invoice: Invoice): Iterable<Finding> {
  const demanded = japanese(invoice) && (calendarDate(textAt(invoice, 'BT-2') ?? '', 'either') ?? qualifiedSince) >= qualifiedSince
  for (const party of parties(invoice)) {
    if (party.country !== 'JP' && (party.country !== '' || !demanded)) continue
    for (const value of party.group?.values.get(party.number) ?? [])
      if (demanded || /^(?:JP)?T[0-9]/.test(tidy(value.text))) yield* registration(value, party, !demanded)
  }
}

/** @param prefixed EN 16931 wants the country before a tax number */
function* registration(value: Value, party: Party, prefixed: boolean): Iterable<Finding> {
  const number = prefixed ? tidy(value.text).replace(/^JP/, '') : tidy(value.text)
  const place = { at: value.at, where: `the registration number of the ${party.who} (${party.number}) ${shown(number)}` }
  if (!checkIdentifier('0221', number).ok) {
    yield told('JP-TNUMBER-FORM', {
      at: place.at,
      message: `${place.where} is not T and 13 digits`,
      advice: 'Write T in front of the 13 digits, in ASCII and with nothing around them, as the register of qualified invoice issuers has it.',
    })
    return
  }
  const own = corporateNumbers(party)
  const other = own.find((found) => found !== number.slice(1))
  if (other !== undefined) {
    yield told('JP-TNUMBER-COMPANY', {
      at: place.at,
      message: `${place.where} belongs to another company than its corporate number ${shown(other)}`,
      advice: "A corporation's registration number is T and its corporate number. Look both up; one of them is somebody else's.",
    })
  }
  if (!checkIdentifier('JP-T-CORPORATE', number).ok) yield wrongDigit(place, own.length > 0 || party.names.some((name) => corporateName(party.group, name)))
}

/** A sole proprietor's digits follow no published rule; those of a corporation do. */
function wrongDigit({ at, where }: { readonly at: Value['at']; readonly where: string }, corporation: boolean): Finding {
  return told('JP-TNUMBER-CHECK', {
    at,
    message: corporation ? `${where} is no corporation's: its check digit does not fit` : `${where} can only be that of a sole proprietor`,
    advice: 'Look the number up in the register of qualified invoice issuers of the National Tax Agency.',
    mild: !corporation,
  })
}

function corporateNumbers({ group, identifiers }: Party): readonly string[] {
  const values = identifiers.flatMap((term) => group?.values.get(term) ?? [])
  return [...new Set(values.filter(({ scheme }) => scheme === '0188').map(({ text }) => tidy(text)))].filter((text) => /^[0-9]{13}$/.test(text))
}

const corporateForms =
  /株式会社|有限会社|合同会社|合資会社|合名会社|一般社団法人|一般財団法人|㈱|\b(?:K\.K\.|G\.K\.|Co\., ?Ltd|Kabushiki Kaisha|Inc\b|Corporation\b)/i

function corporateName(group: BusinessGroup | undefined, term: string): boolean {
  return corporateForms.test(textAt(group, term) ?? '')
}

/** Rates that consumption tax has had: 3 % (1989), 5 % (1997), 8 % (2014, and the reduced rate since 2019), 10 % (2019). */
const knownRates = new Set(['3', '5', '8', '10'])
const taxedCategories = new Set(['S', 'AA'])

function* rates(invoice: Invoice): Iterable<Finding> {
  const places = [
    ...groupsOf(invoice, 'BG-23').map((group) => ({ group, category: 'BT-118', rate: 'BT-119' })),
    ...groupsOf(invoice, 'BG-20').map((group) => ({ group, category: 'BT-95', rate: 'BT-96' })),
    ...groupsOf(invoice, 'BG-21').map((group) => ({ group, category: 'BT-102', rate: 'BT-103' })),
    ...groupsOf(invoice, 'BG-25').flatMap((line) => groupsOf(line, 'BG-30').map((group) => ({ group, category: 'BT-151', rate: 'BT-152' }))),
  ]
  for (const { group, category, rate } of places) {
    if (!taxedCategories.has(tidy(textAt(group, category) ?? ''))) continue
    const value = valueAt(group, rate)
    const number = value && decimal(value.text)
    if (number && knownRates.has(textOf(number))) continue
    yield told('JP-RATE', {
      at: value?.at ?? valueAt(group, category)?.at ?? group.at,
      message: value ? `${rate}: consumption tax has no rate of ${shown(value.text)} %` : `${rate}: the category is taxed, and no rate is given`,
      advice: 'Standard rate is 10 %, the reduced rate 8 %.',
    })
  }
}

/** Tax in yen is whole, worked out once for each rate of the invoice, and rounded down or up (Consumption Tax Act, order of enforcement, art. 70-10). */
function* amounts(invoice: Invoice): Iterable<Finding> {
  for (const breakdown of groupsOf(invoice, 'BG-23')) {
    const tax = valueAt(breakdown, 'BT-117')
    if (!tax || (currencyAt(tax) ?? currencyOf(invoice)) !== 'JPY') continue
    if (tax.text.includes('.')) yield decimals(tax, 'BT-117')
    const [taxable, amount, rate] = ['BT-116', 'BT-117', 'BT-119'].map((term) => numberAt(breakdown, term))
    const inYen = (currencyAt(valueAt(breakdown, 'BT-116')) ?? 'JPY') === 'JPY'
    if (!taxable || !amount || !rate || !inYen || untaxed(invoice) || roundedEitherWay(amount, shifted(times(taxable, rate), 2))) continue
    yield told('JP-TAX-ROUNDING', {
      at: tax.at,
      message: `the tax (BT-117) ${shown(tax.text)} is not ${textOf(rate)} % of the taxable amount ${textOf(taxable)}, rounded down or up to a whole yen`,
      advice: 'Work tax out once for each rate of the invoice, from the sum of what it is charged on.',
    })
  }
  for (const term of ['BT-110', 'BT-111']) {
    const total = valueAt(groupOf(invoice, 'BG-22'), term)
    if (total && currencyAt(total) === 'JPY' && total.text.includes('.')) yield decimals(total, term)
  }
}

function decimals({ at, text }: Value, term: string): Finding {
  return told('JP-TAX-DECIMALS', {
    at,
    message: `${term}: an amount of tax in yen is written ${shown(text)}`,
    advice: 'Yen have no decimals: write the whole amount without a point.',
  })
}

/** Where the invoice is in another currency, its tax is told in yen as well. */
function* yenTotal(invoice: Invoice): Iterable<Finding> {
  if (untaxed(invoice) || currencyOf(invoice) === 'JPY' || currencyOf(invoice) === '') return
  const taxed = groupsOf(invoice, 'BG-23').some((group) => taxedCategories.has(tidy(textAt(group, 'BT-118') ?? '')))
  const total = valueAt(groupOf(invoice, 'BG-22'), 'BT-111')
  if (!taxed || (tidy(textAt(invoice, 'BT-6') ?? '') === 'JPY' && total)) return
  yield told('JP-TAX-YEN', {
    at: valueAt(invoice, 'BT-5')?.at ?? invoice.at,
    message: `the invoice is in ${shown(currencyOf(invoice))}, and consumption tax is not told in yen`,
    advice: 'Give the tax accounting currency JPY (BT-6) and the tax total in it (BT-111).',
  })
}
