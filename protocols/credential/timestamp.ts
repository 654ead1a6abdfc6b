/** XML Schema 1.1 dateTimeStamp: the form of time in W3C credentials and proofs. A zone is mandatory. */
const form = /^(\d{4})-(\d\d)-(\d\d)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/

/** Milliseconds since the epoch, or null for what is no dateTimeStamp or no day of the calendar. Years 0001 to 9999. */
export function timestampMs(text: string): number | null {
  const [, year, month, day] = form.exec(text) ?? []
  if (year === undefined || year === '0000') return null
  // Date.parse takes 30 February for 2 March, so the day has to come back as it went in.
  const noon = new Date(`${year}-${month}-${day}T12:00:00Z`)
  if (Number.isNaN(noon.getTime()) || noon.getUTCDate() !== Number(day)) return null
  return Date.parse(text)
}
