/**
 * A file from abroad, on this disk under a name that is safe here. What its sender calls it is for people: of that name only what no system
 * reads as anything else is used, in the folder that the operator named and nowhere else, and never in the place of what is there.
 */
import { link, open, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { TrustError } from '#protocols/errors.ts'

/** What file systems hold, with room for a number. */
const nameBytesMax = 200
/** How many of one name may lie beside one another. */
const sameNameMax = 1000
/** Names that Windows gives to devices, whatever their ending. */
const devices = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?$/i

/** @param digest of the content, for a name when nothing is left of its own */
export function safeName(name: string, digest: string): string {
  const plain = name
    .normalize('NFC')
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}<>:"/\\|?*]/gu, '_')
    .replace(/^[.\s-]+/, '')
    .replace(/[.\s]+$/, '')
  const short = shortened(plain)
  if (short.replaceAll('_', '') === '') return `attachment-${digest.slice('sha256:'.length, 'sha256:'.length + 12)}`
  return devices.test(short) ? `_${short}` : short
}

/** Cut in the middle of the name, so that its ending stays. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= nameBytesMax) return name
  const ending = /\.[0-9A-Za-z]{1,10}$/.exec(name)?.[0] ?? ''
  let kept = ''
  for (const character of name.slice(0, name.length - ending.length)) {
    if (Buffer.byteLength(kept + character + ending) > nameBytesMax) break
    kept += character
  }
  return kept + ending
}

/**
 * Writes the content to a file of this folder that was not there before.
 *
 * @returns its path. @throws {TrustError} DFFT_STORE when the folder cannot be written, DFFT_CONFLICT when a thousand of that name are there
 */
export async function saveAs(
  folder: string,
  { name, digest }: { readonly name: string; readonly digest: string },
  content: AsyncIterable<Uint8Array>,
): Promise<string> {
  const safe = safeName(name, digest)
  const part = join(folder, `.dfft-${digest.slice('sha256:'.length, 'sha256:'.length + 32)}.part`)
  try {
    await unlink(part).catch(() => undefined) // Of a save that was interrupted.
    {
      await using file = await open(part, 'wx', 0o600)
      for await (const chunk of content) await file.writeFile(chunk)
      await file.sync()
    }
    return await named(part, folder, safe)
  } catch (cause) {
    if (cause instanceof TrustError) throw cause
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : null
    throw new TrustError('DFFT_STORE', `the folder \`${folder}\` cannot be written`, { reason }, { cause })
  } finally {
    await unlink(part).catch(() => undefined)
  }
}

/** A link fails where a file or a link is already: nothing is replaced, and nothing is followed. */
async function named(part: string, folder: string, safe: string): Promise<string> {
  const [, stem = safe, ending = ''] = /^(.+?)(\.[0-9A-Za-z]{1,10})?$/u.exec(safe) ?? []
  for (let count = 1; count <= sameNameMax; count++) {
    const path = join(folder, count === 1 ? safe : `${stem} (${count})${ending}`)
    try {
      await link(part, path)
      return path
    } catch (cause) {
      if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause
    }
  }
  throw new TrustError('DFFT_CONFLICT', `too many files are called \`${safe}\``, { count: sameNameMax })
}
