/** A timestamp authority over HTTP (RFC 3161, 3.4), as an operator names it: one question, one answer, nothing followed. */
import { TrustError } from '#protocols/errors.ts'

const limits = {
  /** A token with its certificates has some 8 KiB. */
  answerBytes: 65_536,
  /** Public authorities answer within a second. */
  answerMs: 30_000,
} as const

/** @throws {TrustError} DFFT_USAGE, DFFT_UNREACHABLE, DFFT_TIMESTAMP, DFFT_LIMIT */
export async function askAuthority(url: string, query: Uint8Array): Promise<Uint8Array> {
  if (!/^https?:\/\//.test(url)) throw new TrustError('DFFT_USAGE', '`--tsa` is an address that begins with https:// or http://')
  const headers = { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' }
  const response = await reached(url, { method: 'POST', headers, body: Buffer.from(query), redirect: 'error' })
  if (!response.ok || !response.headers.get('content-type')?.startsWith('application/timestamp-reply'))
    throw new TrustError('DFFT_TIMESTAMP', 'what answers there is no timestamp authority', { status: response.status })
  return bytesIn(response)
}

async function reached(url: string, wish: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...wish, signal: AbortSignal.timeout(limits.answerMs) })
  } catch (cause) {
    throw new TrustError('DFFT_UNREACHABLE', `\`${url.slice(0, 256)}\` does not answer`, {}, { cause })
  }
}

async function bytesIn({ body }: Response): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of body ?? []) {
    bytes += piece.length
    if (bytes > limits.answerBytes) throw new TrustError('DFFT_LIMIT', 'the authority answers with more than a timestamp', { bytesMax: limits.answerBytes })
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}
