/** Who is who in a chain: by numbers of registers, each checked strictly, and never by name. */
import { checkIdentifier, isScheme } from '../identifiers/check-identifier.ts'
import type { Chain, ChainParty } from './chain.ts'
import { type ChainFinding, finding } from './chain-finding.ts'
import { invoiceOf, isRefund } from './links.ts'

interface Numbered {
  readonly scheme: string
  readonly value: string
  /** Where it stands in the party. */
  readonly at: string
}

/** Every party has numbers that pass their checks, and is the one that the order says. */
export function* parties(chain: Chain): Iterable<ChainFinding> {
  const { order, despatch, invoices, settlements } = chain
  yield* identified(order.buyer, '/order/buyer')
  yield* identified(order.seller, '/order/seller')
  for (const [at, { buyer, seller }] of despatch.entries()) {
    yield* same(buyer, order.buyer, `/despatch/${at}/buyer`, 'the buyer of the order')
    yield* same(seller, order.seller, `/despatch/${at}/seller`, 'the seller of the order')
  }
  for (const [at, { buyer, seller, payee }] of invoices.entries()) {
    yield* same(buyer, order.buyer, `/invoices/${at}/buyer`, 'the buyer of the order')
    yield* same(seller, order.seller, `/invoices/${at}/seller`, 'the seller of the order')
    if (payee) yield* identified(payee, `/invoices/${at}/payee`)
  }
  for (const [at, settlement] of settlements.entries()) {
    const back = isRefund(chain, settlement)
    const paid = invoiceOf(chain, settlement)?.payee ?? order.seller
    const [from, to] = back ? [order.seller, order.buyer] : [order.buyer, paid]
    yield* same(settlement.debtor, from, `/settlements/${at}/debtor`, back ? 'the seller, who pays back' : 'the buyer of the order')
    yield* same(
      settlement.creditor,
      to,
      `/settlements/${at}/creditor`,
      back ? 'the buyer, who is paid back' : 'the seller, or the payee that the invoice names',
    )
  }
}

function* same(party: ChainParty, other: ChainParty, path: string, who: string): Iterable<ChainFinding> {
  yield* identified(party, path)
  const theirs = numbersOf(other)
  const shared = numbersOf(party).flatMap((mine) => theirs.filter(({ scheme }) => scheme === mine.scheme).map(({ value }) => ({ ...mine, other: value })))
  if (shared.length === 0) yield finding('DFFT-CHAIN-PARTY', path, `there is no number by which this could be told to be ${who}`)
  const wrong = shared.find(({ value, other }) => value !== other)
  if (wrong) yield finding('DFFT-CHAIN-PARTY', `${path}${wrong.at}`, `\`${wrong.value}\` is not ${who}, \`${wrong.other}\``)
}

function* identified(party: ChainParty, path: string): Iterable<ChainFinding> {
  const numbers = writtenIn(party)
  if (numbers.length === 0) yield finding('DFFT-CHAIN-PARTY', path, 'the party has no number of a register')
  for (const { scheme, value, at } of numbers)
    if (isScheme(scheme) ? !checkIdentifier(scheme, value).ok : !/^\d{4}$/.test(scheme))
      yield finding('DFFT-CHAIN-IDENTIFIER', `${path}${at}`, `\`${value}\` cannot be a number of scheme ${scheme}`)
  // National Tax Agency: the registration number of a corporation is T and its corporate number.
  const { jpCorporateNumber, jpInvoiceRegistrationNumber } = party
  if (jpCorporateNumber !== undefined && jpInvoiceRegistrationNumber !== undefined && jpInvoiceRegistrationNumber !== `T${jpCorporateNumber}`)
    yield finding(
      'DFFT-CHAIN-IDENTIFIER',
      `${path}/jpInvoiceRegistrationNumber`,
      `\`${jpInvoiceRegistrationNumber}\` is not the registration number of \`${jpCorporateNumber}\``,
    )
}

/** With the corporate number that the registration number of a corporation contains, so that either tells who it is. */
function numbersOf(party: ChainParty): readonly Numbered[] {
  const numbers = writtenIn(party)
  const issuer = numbers.find(({ scheme }) => scheme === '0221')
  if (!issuer || numbers.some(({ scheme }) => scheme === '0188')) return numbers
  return [...numbers, { scheme: '0188', value: issuer.value.slice(1), at: issuer.at }]
}

function writtenIn({ jpCorporateNumber, jpInvoiceRegistrationNumber, lei, gln, vatId, identifiers = [] }: ChainParty): readonly Numbered[] {
  const named = [
    { scheme: '0188', value: jpCorporateNumber, at: '/jpCorporateNumber' },
    { scheme: '0221', value: jpInvoiceRegistrationNumber, at: '/jpInvoiceRegistrationNumber' },
    { scheme: '0199', value: lei, at: '/lei' },
    { scheme: '0088', value: gln, at: '/gln' },
    { scheme: 'EU-VAT', value: vatId, at: '/vatId' },
  ]
  return [
    ...named.flatMap(({ scheme, value, at }) => (value === undefined ? [] : [{ scheme, value, at }])),
    ...identifiers.map(({ scheme, value }, at) => ({ scheme, value, at: `/identifiers/${at}/value` })),
  ]
}
