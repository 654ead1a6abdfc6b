/** The same file in several codings, and which of them somebody is sent (RFC 9110, 12.5.3). */

export interface Coded {
  readonly body: Uint8Array
  readonly brotli?: Uint8Array
  readonly gzip?: Uint8Array
}

/** @returns the fewest bytes that are taken, with what tells of it: a cache between must not give them to somebody who takes less */
export function smallest(
  { body, brotli, gzip }: Coded,
  accepted: string | readonly string[] = '',
): { readonly body: Uint8Array; readonly headers: Readonly<Record<string, string>> } {
  if (!brotli && !gzip) return { body, headers: {} }
  const vary = 'accept-encoding'
  if (brotli && takes('br', accepted)) return { body: brotli, headers: { vary, 'content-encoding': 'br' } }
  if (gzip && takes('gzip', accepted)) return { body: gzip, headers: { vary, 'content-encoding': 'gzip' } }
  return { body, headers: { vary } }
}

/** A weight of 0 is a refusal; other weights are not compared: fewer bytes are better for everybody. */
function takes(coding: string, accepted: string | readonly string[]): boolean {
  return String(accepted)
    .split(',', 64)
    .map((one) =>
      one
        .trim()
        .toLowerCase()
        .split(/\s*;\s*/),
    )
    .some(([name, weight = 'q=1']) => name === coding && !/^q=0(?:\.0*)?$/.test(weight))
}
