import { expect, it } from 'vitest'
import { fieldCharactersMax, fieldsMax, jsonLog, type LogStream, waitingBytesMax } from './json-log.ts'

const clock = { nowMs: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6) }

function logged(level: 'debug' | 'info' | 'warn' | 'error' = 'debug', stream: { writableLength?: number } = {}) {
  const lines: string[] = []
  const sink: LogStream = Object.assign(stream, { write: (line: string) => void lines.push(line) })
  return { lines, log: jsonLog(sink, { level, clock }) }
}

it('a line is one JSON object with its time, level and event', () => {
  const { lines, log } = logged()
  log('info', 'exchange.released', { exchange: 'e1', bytes: 12, retried: false, code: null, absent: undefined })
  expect(lines.length).toBe(1)
  expect(JSON.parse(lines[0]!)).toEqual({
    at: '2026-01-02T03:04:05.006Z',
    level: 'info',
    event: 'exchange.released',
    exchange: 'e1',
    bytes: 12,
    retried: false,
    code: null,
  })
})

it('lines below the level are not written', () => {
  const { lines, log } = logged('warn')
  for (const level of ['debug', 'info', 'warn', 'error'] as const) log(level, level)
  expect(lines.map((line) => JSON.parse(line).level)).toEqual(['warn', 'error'])
})

it('no text can break the line, command a terminal or turn its direction', () => {
  const { lines, log } = logged()
  const hostile = Array.from({ length: 0x10000 }, (_, unit) => unit).filter((unit) => /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(String.fromCharCode(unit)))
  for (const unit of hostile) log('info', 'event', { field: `a${String.fromCharCode(unit)}b`, [`n${String.fromCharCode(unit)}`]: 1 })
  expect(hostile.length).toBeGreaterThan(2000)
  log('info', 'event', { field: 'a\u{e0041}b' })
  expect(lines.pop()).toContain('a\\udb40\\udc41b')
  for (const [at, line] of lines.entries()) {
    expect(line.slice(0, -1), `U+${hostile[at]?.toString(16)}`).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u)
    expect(line.endsWith('}\n')).toBe(true)
    expect(JSON.parse(line).field).toBe(`a${String.fromCharCode(hostile[at]!)}b`)
  }
})

it('a field cannot pass for the line’s own members', () => {
  const { lines, log } = logged()
  log('error', 'real', { level: 'debug', event: 'forged', at: 'never' })
  expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'error', event: 'real', at: '2026-01-02T03:04:05.006Z' })
})

it('a megabyte in a field, a name or the event becomes a short line, and so do a thousand fields', () => {
  const { lines, log } = logged()
  const long = 'x'.repeat(1 << 20)
  log('info', long, { a: long, [long]: 1, ...Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`f${at}`, at])) })
  expect(lines[0]!.length).toBeLessThan(4 * fieldCharactersMax)
  expect(Object.keys(JSON.parse(lines[0]!)).length).toBeLessThanOrEqual(fieldsMax + 3)
  expect(JSON.parse(lines[0]!).a).toContain(`(${1 << 20} characters)`)
})

it('when nobody reads, lines are dropped, and the next one says how many', () => {
  const stream = { writableLength: 0 }
  const { lines, log } = logged('debug', stream)
  stream.writableLength = waitingBytesMax + 1
  log('info', 'lost')
  log('error', 'lost')
  stream.writableLength = 0
  log('info', 'kept')
  log('info', 'next')
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ event: 'kept', dropped: 2 }, { event: 'next' }])
  expect(lines[1]).not.toContain('dropped')
})
