/** Identification numbers of natural persons, where a state takes them as tax numbers: each with the date of birth in it. */
import { isDay } from '../credential/timestamp.ts'
import { lastDigit, remainder, weighted } from './check-digits.ts'

/** Two digits as a number. */
function pair(number: string, at: number): number {
  return Number(number.slice(at, at + 2))
}

/**
 * Bulgaria: a citizen's ЕГН, a resident foreigner's ЛНЧ, or another number; only the check digit tells which.
 *
 * @see Bulgaria, Civil Registration Act, art. 11 (ЕГН)
 */
export function bulgarianPersonFits(number: string): boolean {
  const check = lastDigit(number)
  const citizen = (weighted(number, [2, 4, 8, 5, 10, 9, 7, 3, 6]) % 11) % 10
  const foreigner = weighted(number, [21, 19, 17, 13, 11, 9, 7, 3, 1]) % 10
  const other = (11 - (weighted(number, [4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11
  return (citizen === check && bornInBulgaria(number)) || foreigner === check || other === check
}

/** The month tells the century: 20 more for the 19th, 40 more for the 21st. */
function bornInBulgaria(number: string): boolean {
  const month = pair(number, 2)
  if (month > 40) return isDay(2000 + pair(number, 0), month - 40, pair(number, 4))
  if (month > 20) return isDay(1800 + pair(number, 0), month - 20, pair(number, 4))
  return isDay(1900 + pair(number, 0), month, pair(number, 4))
}

/**
 * Birth number of the Czech Republic and of Slovakia: year, month (women 50 more, and 20 more where a day ran out of numbers), day,
 * serial. Ten digits since 1954, with a check digit; nine before, without.
 *
 * @see Czech Act 133/2000 Coll., § 13; Slovak Act 301/1995 Coll., § 2
 */
export function birthNumberFits(number: string): boolean {
  const year = 1900 + pair(number, 0)
  const month = (pair(number, 2) % 50) % 20
  if (number.length === 9) {
    const born = year >= 1980 ? year - 100 : year
    return born < 1954 && isDay(born, month, pair(number, 4))
  }
  return isDay(year < 1954 ? year + 100 : year, month, pair(number, 4)) && remainder(number.slice(0, 9), 11) % 10 === lastDigit(number)
}

/**
 * Latvia's personal code: day, month, year and century; since July 2017 the digits 32 and no date.
 *
 * @see Latvia, Law on the Register of Natural Persons (the check digit's rule is not in it, but has been stated by users of the code)
 */
export function latvianPersonFits(number: string): boolean {
  const century = 1800 + 100 * Number(number[6])
  const dated = number.startsWith('32') || isDay(century + pair(number, 4), pair(number, 2), pair(number, 0))
  return dated && ((1 + weighted(number, [10, 5, 8, 4, 2, 1, 6, 3, 7, 9])) % 11) % 10 === lastDigit(number)
}

const romanianCenturies: Readonly<Record<string, number>> = { 3: 1800, 4: 1800, 5: 2000, 6: 2000 }

/**
 * Romania's CNP: sex and century, date of birth, county, serial, check digit.
 *
 * @see Romania, Law 105/1996 and OUG 97/2005 on the register of persons
 */
export function romanianPersonFits(number: string): boolean {
  const year = (romanianCenturies[number.charAt(0)] ?? 1900) + pair(number, 1)
  const rest = weighted(number, [2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11
  return isDay(year, pair(number, 3), pair(number, 5)) && romanianCounty.test(number.slice(7, 9)) && (rest === 10 ? 1 : rest) === lastDigit(number)
}

/** 01 to 46 the counties and sectors of the capital, 47 and 48 sectors that are no more, 51 and 52 the youngest counties, 70 any, 80 to 83 unknown. */
const romanianCounty = /^(?:0[1-9]|[1-3]\d|4[0-8]|5[12]|70|8[0-3])$/

/**
 * Indonesia's NIK: province and regency of registration, date of birth (women: day and 40), serial. No check digit. Regencies are
 * founded and renumbered too often to be checked.
 *
 * @see Indonesia, Law 23/2006 on Population Administration; the provinces are those of the Ministry of Home Affairs
 */
export function indonesianPersonFits(number: string): boolean {
  const [day, month, year] = [pair(number, 6) % 40, pair(number, 8), pair(number, 10)]
  return indonesianProvince.test(number) && (isDay(1900 + year, month, day) || isDay(2000 + year, month, day))
}

const indonesianProvince = /^(?:1[1-9]|21|3[1-6]|5[1-3]|6[1-4]|7[1-6]|8[12]|9[14])/
