import { expect, test } from 'vitest'
import { compared, type Decimal, decimal, divided, minus, plus, rounded, roundedEitherWay, shifted, sum, textOf, times } from './decimal.ts'

function of(text: string): Decimal {
  const value = decimal(text)
  if (!value) throw new Error(`no decimal: ${text}`)
  return value
}

test('numbers are those of XML Schema: no comma, exponent, blank between, or word', () => {
  for (const text of ['1,5', '1e400', '1E2', '', ' ', '.', '-', '+-1', '1 000', 'NaN', 'INF', '0x10', '１２', '1.2.3'])
    expect(decimal(text), text).toBeUndefined()
  for (const [text, value] of [
    ['1.50', '1.5'],
    [' -0.0 ', '0'],
    ['+007', '7'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['-1000', '-1000'],
    ['0.05', '0.05'],
  ] as const)
    expect(textOf(of(text)), text).toBe(value)
})

test('more digits than all money has are no number', () => {
  expect(decimal('9'.repeat(64))).toBeDefined()
  expect(decimal('9'.repeat(65))).toBeUndefined()
})

test('sums and products are exact', () => {
  expect(textOf(plus(of('0.1'), of('0.2')))).toBe('0.3')
  expect(textOf(minus(of('1'), of('0.999')))).toBe('0.001')
  expect(textOf(times(of('1.15'), of('-19')))).toBe('-21.85')
  expect(textOf(sum(['1.1', '2.22', '3'].map(of)))).toBe('6.32')
  expect(textOf(shifted(of('12.5'), 2))).toBe('0.125')
  expect(textOf(shifted(of('12.5'), -2))).toBe('1250')
  expect(compared(of('1.10'), of('1.1'))).toBe(0)
})

test('half is rounded towards plus infinity, on either side of zero', () => {
  const cases = { '2.5': '3', '-2.5': '-2', '2.4999': '2', '-2.5001': '-3', '-2.6': '-3', '0.5': '1', '-0.5': '0' }
  for (const [text, value] of Object.entries(cases)) expect(textOf(rounded(of(text), 0)), text).toBe(value)
  expect(textOf(rounded(of('1.005'), 2))).toBe('1.01')
  expect(textOf(rounded(of('1.0'), 2))).toBe('1')
})

test('rounded either way is the number, the whole numbers around it, and what is between', () => {
  const cases = { '1.5': ['1', '1.2', '1.5', '2'], '-1.5': ['-2', '-1.5', '-1'], '7.00': ['7', '7.0'] }
  for (const [exact, values] of Object.entries(cases)) for (const value of values) expect(roundedEitherWay(of(value), of(exact)), value).toBe(true)
  const wrong = { '1.5': ['0.99', '2.01'], '-1.5': ['-2.01', '-0.99'], '7.00': ['6', '6.99', '8'] }
  for (const [exact, values] of Object.entries(wrong)) for (const value of values) expect(roundedEitherWay(of(value), of(exact)), value).toBe(false)
})

test('a quotient has the digits it is asked for, and there is none by zero', () => {
  const quotient = (one: string, other: string, scale: number) => {
    const value = divided(of(one), of(other), scale)
    return value && textOf(value)
  }
  expect(quotient('1', '3', 4)).toBe('0.3333')
  expect(quotient('2', '-3', 2)).toBe('-0.67')
  expect(quotient('-1', '2', 0)).toBe('0')
  expect(quotient('10', '0.04', 0)).toBe('250')
  expect(quotient('1', '0.0', 2)).toBeUndefined()
})
