/** Amounts of a currency: which of them can be paid, and between which two an exact amount may be rounded. */
import { compared, type Decimal, decimal, negative, zero } from '../invoice/decimal.ts'

/** ISO 4217, minor units, where they are not two. */
const places: Readonly<Record<number, string>> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
}
const placesOf = new Map(
  Object.entries(places).flatMap(([count, currencies]) => currencies.split(' ').map((currency): [string, number] => [currency, Number(count)])),
)

/** @returns digits after the point */
export function minorUnit(currency: string): number {
  return placesOf.get(currency) ?? 2
}

/** What the schema let through is a number. */
export function amount(text: string | undefined): Decimal {
  return (text === undefined ? undefined : decimal(text)) ?? zero
}

/** Whether an amount is the exact one, or that rounded in any way to what the currency has. */
export function roundedFrom(exact: Decimal, given: Decimal, scale: number): boolean {
  return compared(given, floor(exact, scale)) >= 0 && compared(given, negative(floor(negative(exact), scale))) <= 0
}

/** Whether it can be paid: no digit but zeros beyond what the currency has. */
export function payable({ units, scale }: Decimal, currency: string): boolean {
  const beyond = scale - minorUnit(currency)
  return beyond <= 0 || units % 10n ** BigInt(beyond) === 0n
}

function floor(value: Decimal, scale: number): Decimal {
  if (value.scale <= scale) return value
  const step = 10n ** BigInt(value.scale - scale)
  const quotient = value.units / step
  return { units: value.units % step < 0n ? quotient - 1n : quotient, scale }
}
