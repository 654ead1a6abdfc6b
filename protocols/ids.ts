/** Branded identifiers: text that has been through its schema, once, at the door. */
import { hash } from 'node:crypto'
import { z } from 'zod'

/** W3C DID Core 1.0, 3.1 DID Syntax. 1,024 characters hold a did:jwk of any key we accept. */
export const Did = z
  .string({ checks: [z.maxLength(1024), z.regex(/^did:[a-z0-9]+:(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2}|:(?!:))*(?:[A-Za-z0-9._-]|%[0-9A-Fa-f]{2})$/)] })
  .brand<'Did'>()
export type Did = z.infer<typeof Did>

/** A DID and a fragment: the name of a verification method. */
export const DidUrl = z.string({ checks: [z.maxLength(2100), z.regex(/^did:[a-z0-9]+:[A-Za-z0-9._:%-]+#[A-Za-z0-9._:%-]{1,1024}$/)] }).brand<'DidUrl'>()
export type DidUrl = z.infer<typeof DidUrl>

/** `sha256:` and 64 hex digits. */
export const Digest = z.string({ checks: [z.regex(/^sha256:[0-9a-f]{64}$/)] }).brand<'Digest'>()
export type Digest = z.infer<typeof Digest>

/** 128 random bits in hex: names one exchange on both sides. */
export const ExchangeId = z.string({ checks: [z.regex(/^[0-9a-f]{32}$/)] }).brand<'ExchangeId'>()
export type ExchangeId = z.infer<typeof ExchangeId>

/** A code as a peer tells it: one of our table, or of a version that has more. */
export const ToldCode = z.string({ checks: [z.regex(/^DFFT_[A-Z0-9_]{3,40}$/)] })

/** ISO 3166-1 alpha-2, or the code of a union such as `EU`. */
export const Jurisdiction = z.string({ checks: [z.regex(/^[A-Z]{2,3}$/)] }).brand<'Jurisdiction'>()
export type Jurisdiction = z.infer<typeof Jurisdiction>

/** RFC 3339 in UTC, to the second: the only form of time in what is signed. */
export const Instant = z
  .string({ checks: [z.regex(/^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/)] })
  .refine(ofTheCalendar, { message: 'its month has no such day' })
  .brand<'Instant'>()
export type Instant = z.infer<typeof Instant>

/** A libp2p peer id in base58btc (`12D3Koo…`) or base32. */
export const PeerId = z.string({ checks: [z.regex(/^[A-Za-z0-9]{20,128}$/)] }).brand<'PeerId'>()
export type PeerId = z.infer<typeof PeerId>

/** RFC 6901, absolute, without the empty pointer. */
export const JsonPointer = z.string({ checks: [z.maxLength(256), z.regex(/^(?:\/(?:[^~/]|~[01])+)+$/)] })
export type JsonPointer = z.infer<typeof JsonPointer>

/** @param ms milliseconds since the epoch, of the years 0 to 9999; a fraction of a second is dropped */
export function instant(ms: number): Instant {
  const at = new Date(ms)
  if (Number.isNaN(at.getTime())) throw new RangeError('a time is out of range')
  const day = `${two(Math.floor(at.getUTCFullYear() / 100))}${two(at.getUTCFullYear() % 100)}-${two(at.getUTCMonth() + 1)}-${two(at.getUTCDate())}`
  return `${day}T${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}Z` as Instant // Exactly the schema's form.
}

/**
 * `Date.parse` takes 31 February for 3 March: one time would have two texts. Counted, since reading and writing each time costs ten times
 * as much as its pattern; what does not fit that is refused in any case.
 */
function ofTheCalendar(text: string): boolean {
  const day = text.slice(8, 10)
  if (day <= '28') return true
  const month = text.slice(5, 7)
  if (month === '02') return day === '29' && leap(Number(text.slice(0, 4)))
  return day <= '30' || !shortMonths.has(month)
}

const shortMonths: ReadonlySet<string> = new Set(['04', '06', '09', '11'])

function leap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

const pairs: readonly string[] = Array.from({ length: 100 }, (_, number) => String(number).padStart(2, '0'))

function two(number: number): string {
  return pairs[number] ?? String(number)
}

/** Milliseconds since the epoch. */
export function msOf(at: Instant): number {
  return Date.parse(at)
}

export function digest(bytes: Uint8Array | string): Digest {
  return `sha256:${hash('sha256', bytes)}` as Digest // By construction.
}

/** The DID a verification method belongs to. */
export function didOf(url: string): Did {
  const hash = url.indexOf('#')
  return (hash < 0 ? url : url.slice(0, hash)) as Did // A prefix of a checked DidUrl is a Did.
}
