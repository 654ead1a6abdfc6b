/** Dates inside identifiers. */

const daysOf = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Whether the Gregorian calendar has this day. */
export function dayExists(year: number, month: number, day: number): boolean {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  const days = daysOf[month - 1] ?? 0
  return day >= 1 && day <= (month === 2 && !leap ? 28 : days)
}
