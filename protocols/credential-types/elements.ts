/** What the subjects of several credential types are made of. */
import { z } from 'zod'
import { isDay } from '../credential/timestamp.ts'

/** One line of text: no control characters and nothing that turns the direction of writing, so that it reads as it is. */
// Here and in what a verification loads the checks are given at once: each method of a string would make its schema anew.
export const line = (charactersMax: number) => z.string({ checks: [notEmpty, z.maxLength(charactersMax), unturned] })
const notEmpty = z.minLength(1)
// The published schemas, by whose digests types are known, name categories of Unicode, none of which has changed or will. To ask for them by name
// the engine goes through all of Unicode at each start, so that the same is asked in ranges.
const inRanges = /^[ -~\u00a0-\u2027\u202f-\u2065\u206a-\ud7ff\ue000-\u{10ffff}]+$/u
export const oneLine = Object.assign(/^[^\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069]+$/u, { test: (text: string) => inRanges.test(text) })
const unturned = z.regex(oneLine)

/** RFC 5646, language and at most script and region: `ja`, `ja-Kana`, `und-Latn`, `pt-BR`. */
const Language = z.string({ checks: [z.regex(/^[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?$/)] })

/** Text in one language and script. */
export const Name = z.strictObject({ value: line(512), lang: Language })

/** ISO 3166-1 alpha-2. */
export const Country = z.string({ checks: [z.regex(/^[A-Z]{2}$/)] })

/** Whose law and register: ISO 3166-1, with ISO 3166-2 where a part of the country has its own. */
export const Place = z.string({ checks: [z.regex(/^[A-Z]{2}(?:-[0-9A-Z]{1,3})?$/)] })

/** A day of the Gregorian calendar, as the register has it (ISO 8601, extended). */
export const Day = z.string({ checks: [z.regex(/^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/)] }).refine(inCalendar, { error: 'there is no such day' })

/** What a schema, or a credential that another names, goes by. */
export const Uri = z.string({ checks: [z.maxLength(256), z.regex(/^(?:urn:[a-z0-9][a-z0-9-]{0,31}:|https:\/\/)[!-~]+$/)] })

/** The one open place: flat values under a name of their own, which `schema` says the meaning of. */
export const Extension = z.strictObject({
  schema: Uri,
  values: z
    .record(z.string({ checks: [z.maxLength(64), z.regex(/^[a-z][0-9A-Za-z]*$/)] }), z.union([line(512), z.boolean(), z.int()]))
    .refine((values) => Object.keys(values).length <= 32, { error: 'more than 32 values' }),
})

function inCalendar(day: string): boolean {
  return isDay(Number(day.slice(0, 4)), Number(day.slice(5, 7)), Number(day.slice(8)))
}
