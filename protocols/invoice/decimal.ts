/**
 * Exact decimals, the only numbers of an invoice: text in, text out, no floats between.
 *
 * Sums and products are exact. Rounding is said where it happens: half towards plus infinity, as XPath's `round()` and so the official
 * rules have it (-2.5 becomes -2).
 */

export interface Decimal {
  /** The value is units / 10^scale. */
  readonly units: bigint
  readonly scale: number
}

/** XML Schema, 3.2.3: no exponent, no comma, no infinity. */
const lexical = /^([+-]?)(?:([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))$/

/** Amounts of all money in the world have 20 digits; a longer number is a mistake or an attack on arithmetic. */
const digitsMax = 64

export const zero: Decimal = { units: 0n, scale: 0 }
export const one: Decimal = { units: 1n, scale: 0 }

/** @returns undefined for what is no xs:decimal, or has more than `digitsMax` digits */
export function decimal(text: string): Decimal | undefined {
  if (text.length > digitsMax + 16) return undefined
  const found = lexical.exec(trimmed(text))
  if (!found) return undefined
  const whole = found[2] ?? ''
  const fraction = found[3] ?? found[4] ?? ''
  if (whole.length + fraction.length > digitsMax) return undefined
  const units = BigInt(whole + fraction)
  return { units: found[1] === '-' ? -units : units, scale: fraction.length }
}

function trimmed(text: string): string {
  return /^[ \t\r\n]|[ \t\r\n]$/.test(text) ? text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '') : text
}

/** Without leading or trailing zeros, without a plus, never `-0`: one text for one value. */
export function textOf({ units, scale }: Decimal): string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '')
  const whole = digits.slice(0, digits.length - scale)
  return `${units < 0n ? '-' : ''}${whole}${scale > 0 && fraction !== '' ? `.${fraction}` : ''}`
}

export function plus(one: Decimal, other: Decimal): Decimal {
  if (one.scale === other.scale) return { units: one.units + other.units, scale: one.scale }
  const scale = Math.max(one.scale, other.scale)
  return { units: unitsAt(one, scale) + unitsAt(other, scale), scale }
}

export function minus(one: Decimal, other: Decimal): Decimal {
  return plus(one, negative(other))
}

export function times(one: Decimal, other: Decimal): Decimal {
  return { units: one.units * other.units, scale: one.scale + other.scale }
}

export function negative({ units, scale }: Decimal): Decimal {
  return { units: -units, scale }
}

export function absolute(value: Decimal): Decimal {
  return value.units < 0n ? negative(value) : value
}

export function sum(values: Iterable<Decimal>): Decimal {
  let total = zero
  for (const value of values) total = plus(total, value)
  return total
}

/** @param places after the point; negative for tens, hundreds … of which the value is divided: exact */
export function shifted({ units, scale }: Decimal, places: number): Decimal {
  return scale + places >= 0 ? { units, scale: scale + places } : { units: units * 10n ** BigInt(-(scale + places)), scale: 0 }
}

/** @param scale digits after the point that stay; half goes towards plus infinity */
export function rounded(value: Decimal, scale: number): Decimal {
  if (value.scale <= scale) return value
  const step = 10n ** BigInt(value.scale - scale)
  return { units: floorDivided(2n * value.units + step, 2n * step), scale }
}

/**
 * Half goes towards plus infinity, as everywhere.
 *
 * @param scale digits after the point of the result
 * @returns undefined where the divisor is zero
 */
export function divided(dividend: Decimal, divisor: Decimal, scale: number): Decimal | undefined {
  if (divisor.units === 0n) return undefined
  // dividend / divisor · 10^scale as one fraction of whole numbers.
  const shift = scale - dividend.scale + divisor.scale
  const over = shift >= 0 ? dividend.units * 10n ** BigInt(shift) : dividend.units
  const under = shift >= 0 ? divisor.units : divisor.units * 10n ** BigInt(-shift)
  const sign = under < 0n ? -1n : 1n
  return { units: floorDivided(2n * over * sign + under * sign, 2n * under * sign), scale }
}

/** @param under is positive */
function floorDivided(over: bigint, under: bigint): bigint {
  const quotient = over / under
  return over < 0n && quotient * under !== over ? quotient - 1n : quotient
}

/** The value is `exact`, or that rounded down or up to a whole number, or between the two. */
export function roundedEitherWay(value: Decimal, exact: Decimal): boolean {
  return compared(value, floored(exact)) >= 0 && compared(value, negative(floored(negative(exact)))) <= 0
}

function floored({ units, scale }: Decimal): Decimal {
  return { units: floorDivided(units, 10n ** BigInt(scale)), scale: 0 }
}

/** @returns negative, zero or positive, as `one` is less than, equal to or more than `other` */
export function compared(one: Decimal, other: Decimal): number {
  const scale = Math.max(one.scale, other.scale)
  const difference = unitsAt(one, scale) - unitsAt(other, scale)
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

export function equal(one: Decimal, other: Decimal): boolean {
  return compared(one, other) === 0
}

function unitsAt({ units, scale }: Decimal, wanted: number): bigint {
  return scale === wanted ? units : units * 10n ** BigInt(wanted - scale)
}
