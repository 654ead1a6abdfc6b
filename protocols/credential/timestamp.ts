/** XML Schema 1.1 dateTimeStamp: the form of time in W3C credentials and proofs. A zone is mandatory. */
const form = /^(\d{4})-(\d\d)-(\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/

/** Milliseconds since the epoch, or null for what is no dateTimeStamp or no day of the calendar. Years 0001 to 9999. */
export function timestampMs(text: string): number | null {
  const plain = text.length === 20 ? plainMs(text) : null
  if (plain !== null) return plain
  const [, year, month, day] = form.exec(text) ?? []
  // Date.parse takes 30 February for 2 March.
  if (year === undefined || year === '0000' || !isDay(Number(year), Number(month), Number(day))) return null
  return Date.parse(text)
}

/** `2026-11-22T08:30:00Z`, the form of all our own, without a regular expression; null for any other, or a time that is none. */
function plainMs(text: string): number | null {
  const hyphens = text[4] === '-' && text[7] === '-' && text[10] === 'T'
  if (!hyphens || text[13] !== ':' || text[16] !== ':' || text[19] !== 'Z') return null
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2)
  const month = twoDigits(text, 5)
  const day = twoDigits(text, 8)
  const hours = twoDigits(text, 11)
  const minutes = twoDigits(text, 14)
  const seconds = twoDigits(text, 17)
  // Date.UTC takes years below 100 for those of the last century. What is no number fails every comparison.
  if (!(year >= 100 && hours < 24 && minutes < 60 && seconds < 60 && isDay(year, month, day))) return null
  return Date.UTC(year, month - 1, day, hours, minutes, seconds)
}

/** NaN where there is no digit. */
function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - 48
  const ones = text.charCodeAt(at + 1) - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN
}

const daysInMonth = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Whether the Gregorian calendar has this day, also before it was introduced. @param month from 1 */
export function isDay(year: number, month: number, day: number): boolean {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return day >= 1 && day <= (daysInMonth[month - 1] ?? 0) && (leap || month !== 2 || day < 29)
}
