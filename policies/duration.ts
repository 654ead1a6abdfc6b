/** Calendar durations in UTC: `P1Y` from a day in a leap year is longer than `P365D`, so only an end can be compared. */
import { z } from 'zod'
import { type Instant, instant, msOf } from '#protocols/ids.ts'

/** ISO 8601 years, months, weeks, days; at least one, at most 999 of each. */
export const Duration = z
  .string()
  .max(32)
  .regex(/^P(?=\d)(?:\d{1,3}Y)?(?:\d{1,3}M)?(?:\d{1,3}W)?(?:\d{1,3}D)?$/)
export type Duration = z.infer<typeof Duration>

const parts = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?$/
const dayMs = 86_400_000

/**
 * The end of a duration that begins at `at`. Years and months first, the day clamped to the month's last
 * (31 January and one month end on 28 or 29 February), then weeks and days.
 */
export function endOf(at: Instant, duration: Duration): Instant {
  const [years, months, weeks, days] = (parts.exec(duration) ?? []).slice(1).map((part) => Number(part ?? 0))
  const start = new Date(msOf(at))
  const month = start.getUTCMonth() + (months ?? 0)
  const year = start.getUTCFullYear() + (years ?? 0)
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate()
  const day = Math.min(start.getUTCDate(), lastDay)
  const midnight = Date.UTC(year, month, day) + ((weeks ?? 0) * 7 + (days ?? 0)) * dayMs
  // The four-digit form ends with the year 9999: whatever lasts longer ends there.
  return instant(Math.min(midnight + (start.getTime() - Date.UTC(start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate())), Date.UTC(9999, 11, 31)))
}
