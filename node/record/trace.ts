/**
 * The steps of this side of an exchange as spans of OpenTelemetry, in the JSON of OTLP, which any collector takes. The other side's spans
 * have the same trace id, and hang below the requester's first one, so that a collector that gets both shows one tree.
 */
import type { OperationalRecord } from '#node/api/exchanges.ts'
import type { OutputOf } from '#node/api.ts'
import type { Log } from '#node/ports.ts'
import { spanIdOf, traceIdOf, traceparentOf } from '#protocols/exchange/trace.ts'
import { ExchangeId, msOf } from '#protocols/ids.ts'

type Trace = OutputOf<'exchangeTrace'>
type Span = Trace['otlp']['resourceSpans'][number]['scopeSpans'][number]['spans'][number]

/** OTLP: SPAN_KIND_CLIENT asks, SPAN_KIND_SERVER answers; STATUS_CODE_OK and _ERROR. */
const kinds = { requester: 3, holder: 2, internal: 1 } as const
const statusOf = (code: string | null) => (code === null ? { code: 1 } : { code: 2, message: code })

export function traceOf(record: OperationalRecord, node: { readonly did: string; readonly version: string }): Trace {
  const { id, role, partner, state, code, startedAt, updatedAt, durationMs } = record
  const trace = traceIdOf(id)
  const beganMs = msOf(startedAt)
  const span = (name: string, fromMs: number, toMs: number, more: Pick<Span, 'spanId' | 'kind' | 'status'> & Partial<Span>): Span => ({
    traceId: trace,
    name,
    startTimeUnixNano: `${Math.max(0, fromMs)}000000`,
    endTimeUnixNano: `${Math.max(0, fromMs, toMs)}000000`,
    attributes: [],
    ...more,
  })
  const whole = span(`exchange ${role}`, beganMs, durationMs === null ? msOf(updatedAt) : beganMs + durationMs, {
    spanId: spanIdOf(id, role),
    ...(role === 'holder' ? { parentSpanId: spanIdOf(id, 'requester') } : {}),
    kind: kinds[role],
    status: statusOf(code),
    attributes: [text('dfft.role', role), text('dfft.state', state), text('dfft.partner', partner), ...(code === null ? [] : [text('dfft.code', code)])],
  })
  // A step ends with its entry, and began with the one before it. Entries are to the second.
  const steps = record.steps.map(({ step, sinceStartMs, entry }, at) =>
    span(step, beganMs + (record.steps[at - 1]?.sinceStartMs ?? 0), beganMs + sinceStartMs, {
      spanId: spanIdOf(id, role, `${entry}`),
      parentSpanId: whole.spanId,
      kind: kinds.internal,
      status: { code: 0 },
      attributes: [{ key: 'dfft.log.entry', value: { intValue: `${entry}` } }],
    }),
  )
  const resource = { attributes: [text('service.name', 'dfft'), text('service.version', node.version), text('service.instance.id', node.did)] }
  return {
    exchange: id,
    trace,
    traceparent: traceparentOf(id, role),
    otlp: { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: 'dfft', version: node.version }, spans: [whole, ...steps] }] }] },
  }
}

function text(key: string, stringValue: string) {
  return { key, value: { stringValue } }
}

/** A log whose every line about an exchange says its trace too. */
export function traced(log: Log): Log {
  return (level, event, fields) => {
    const { success, data } = ExchangeId.safeParse(fields?.exchange)
    log(level, event, success ? { ...fields, trace: traceIdOf(data) } : fields)
  }
}
