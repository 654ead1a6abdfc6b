/**
 * One trace of both sides of an exchange, as W3C Trace Context and OpenTelemetry name them, without a word on the wire: both reckon the
 * same ids from the exchange id they share.
 *
 *     trace id = the first 16 bytes of SHA-256("dfft-trace/1 " + exchange id)
 *     span id  = the first  8 bytes of SHA-256("dfft-span/1 " + exchange id + " " + role + " " + step)
 *
 * A digest, so that whoever sees traces, a monitoring service perhaps, does not learn under which ids exchanges can be asked for.
 */
import { hash } from 'node:crypto'
import type { ExchangeId } from '../ids.ts'

/** 32 hex digits; never all zero but by a chance of 2^-128, which W3C Trace Context 1 forbids. */
export function traceIdOf(exchange: ExchangeId): string {
  return hash('sha256', `dfft-trace/1 ${exchange}`).slice(0, 32)
}

/** 16 hex digits. @param step empty for all that one side does */
export function spanIdOf(exchange: ExchangeId, role: 'requester' | 'holder', step = ''): string {
  return hash('sha256', `dfft-span/1 ${exchange} ${role} ${step}`).slice(0, 16)
}

/** W3C Trace Context 1, 3.2: the header that a program would pass on. */
export function traceparentOf(exchange: ExchangeId, role: 'requester' | 'holder'): string {
  return `00-${traceIdOf(exchange)}-${spanIdOf(exchange, role)}-01`
}
