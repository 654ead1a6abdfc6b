/** Records of this node as JSON in its Store. They were checked when they came in; reading them back believes them. */
import { canonicalBytes } from '#protocols/canonical.ts'
import type { Store, Write } from './ports.ts'

export function putJson(key: string, value: object): Write {
  return { put: key, value: canonicalBytes(value) }
}

export async function getJson<T>(store: Store, key: string): Promise<T | undefined> {
  const bytes = await store.get(key)
  return bytes && (JSON.parse(Buffer.from(bytes).toString('utf8')) as T) // Written by putJson from a T.
}

/** All records below a prefix that ends in `/`, in key order. */
export async function* scanJson<T>(store: Store, prefix: string, options: { reverse?: boolean; limit?: number } = {}): AsyncGenerator<readonly [string, T]> {
  for await (const [key, bytes] of store.scan({ from: prefix, to: after(prefix), ...options }))
    yield [key, JSON.parse(Buffer.from(bytes).toString('utf8')) as T]
}

/** The first key behind all keys with this prefix: `0` follows `/`. */
export function after(prefix: string): string {
  return `${prefix.slice(0, -1)}0`
}
