/** What tells a file from any other. */

/** Of the file without white space around it, in hexadecimal. */
export async function fingerprintOf(file: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(file.trim()))
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
