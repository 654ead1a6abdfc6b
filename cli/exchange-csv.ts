/** Operational records as CSV (RFC 4180): a line an exchange, a column a figure, and of each kind of step when it first was. */
import type { OperationalRecord } from '#node/api/exchanges.ts'

/** Columns that every file has, in this order; programs read them by name. */
const columns: readonly (readonly [string, (record: OperationalRecord) => string | number | null])[] = [
  ['id', ({ id }) => id],
  ['role', ({ role }) => role],
  ['partner', ({ partner }) => partner],
  ['state', ({ state }) => state],
  ['code', ({ code }) => code],
  ['purpose', ({ purpose }) => purpose],
  ['credential_types', ({ credentialTypes }) => credentialTypes.join(' ')],
  ['from', ({ from }) => from],
  ['to', ({ to }) => to],
  ['verdict', ({ verdict }) => verdict],
  ['agreement', ({ agreement }) => agreement],
  ['claims', ({ claims }) => claims],
  ['withheld', ({ withheld }) => withheld],
  ['duties', ({ duties }) => duties.join(' ')],
  ['started_at', ({ startedAt }) => startedAt],
  ['updated_at', ({ updatedAt }) => updatedAt],
  ['duration_ms', ({ durationMs }) => durationMs],
  ['bytes_sent', ({ bytesSent }) => bytesSent],
  ['bytes_received', ({ bytesReceived }) => bytesReceived],
  ['steps', ({ steps }) => steps.map(({ step, sinceStartMs }) => `${step}+${sinceStartMs}`).join(' ')],
]

export const csvHead = `${columns.map(([name]) => name).join(',')}\r\n`

export function csvLine(record: OperationalRecord): string {
  return `${columns.map(([, value]) => cell(value(record))).join(',')}\r\n`
}

/** A cell that a spreadsheet would take for a formula begins with an apostrophe: a partner chooses its DID. */
function cell(value: string | number | null): string {
  if (value === null) return ''
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
