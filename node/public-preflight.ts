/**
 * What a browser asks before a page of another origin may read here (Fetch Standard, CORS-preflight fetch): granted for what anybody may
 * read and ask anyway, for any origin, without credentials. Any other OPTIONS is a method that is not answered.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

/** Allows any page to read an answer; none of them depends on who asks. */
export const anyOrigin = { 'access-control-allow-origin': '*' } as const

/** Headers that a page may set beyond those that need no asking: a cached copy's tag, and what a question is sent with. */
const headersAllowed = { read: 'if-none-match', question: 'content-type, x-request-id' } as const

/** Ten minutes: a page that asks about each line of a list asks for leave once. */
const maxAgeSeconds = 600

/** Whether it is one, for a method that this path is asked with. */
export function isPreflight({ method, headers }: IncomingMessage, allowed: readonly string[]): boolean {
  const wanted = headers['access-control-request-method']
  return method === 'OPTIONS' && headers.origin !== undefined && wanted !== undefined && allowed.includes(wanted)
}

export function grant(response: ServerResponse, what: keyof typeof headersAllowed, methods: readonly string[]): undefined {
  const headers = {
    ...anyOrigin,
    'access-control-allow-methods': methods.join(', '),
    'access-control-allow-headers': headersAllowed[what],
    'access-control-max-age': String(maxAgeSeconds),
    'cache-control': 'no-store',
  }
  response.writeHead(204, headers).end()
}
