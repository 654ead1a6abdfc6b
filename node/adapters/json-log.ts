/**
 * Log as JSON lines.
 *
 * A peer can choose some of the text that is logged, so a line stays a line: what a terminal or a log reader could take for a
 * command, a line break or a change of direction is escaped, and nothing grows beyond its limit.
 */
import type { Clock, Log, LogFields } from '../ports.ts'

export type LogLevel = Parameters<Log>[0]

/** A writable stream, or a test's list of lines. */
export interface LogStream {
  write(line: string): unknown
  /** Bytes waiting to be written. */
  readonly writableLength?: number
}

/** A did:jwk of any key we accept has fewer characters. */
export const fieldCharactersMax = 1024
export const fieldsMax = 32
/** What may wait for a reader that does not read, before lines are dropped (and counted). */
export const waitingBytesMax = 1 << 20

const rank = { debug: 0, info: 1, warn: 2, error: 3 } as const

/** @param options.level lines below it are not written */
export function jsonLog(stream: LogStream, options: { readonly level: LogLevel; readonly clock: Pick<Clock, 'nowMs'> }): Log {
  let dropped = 0
  return (level, event, fields = {}) => {
    if (rank[level] < rank[options.level]) return
    if ((stream.writableLength ?? 0) > waitingBytesMax) {
      dropped++
      return
    }
    const at = new Date(options.clock.nowMs()).toISOString()
    // Its own members come last, so that a field cannot pass for them.
    const line = { ...capped(fields), ...(dropped > 0 ? { dropped } : {}), at, level, event: cap(event) }
    dropped = 0
    stream.write(`${escaped(JSON.stringify(line))}\n`)
  }
}

function capped(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields)
      .slice(0, fieldsMax)
      .map(([name, value]) => [cap(name), typeof value === 'string' ? cap(value) : value]),
  )
}

function cap(text: string): string {
  return text.length <= fieldCharactersMax ? text : `${text.slice(0, fieldCharactersMax)}… (${text.length} characters)`
}

/** Controls, formats (direction, zero width, tags) and separators; of these JSON.stringify escapes U+0000 to U+001F and lone surrogates. */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

function escaped(json: string): string {
  return json.replace(unsafe, (character) =>
    Array.from({ length: character.length }, (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  )
}
