/**
 * Reads the journal that LevelDB is about to read when it opens, and says whether a record of it is damaged. The engine says nothing: it leaves
 * such a record out, and what stands behind it in the same block.
 *
 * A record that a crash cut short at the end of the file was acknowledged to nobody, and is no damage. Anything else is what a disk lost,
 * or somebody changed: then acts may be missing that were acknowledged.
 *
 * @see LevelDB, doc/log_format.md: blocks of 32 KiB; of each record a masked CRC-32C (4 bytes), a length (2) and a type (1)
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface JournalDamage {
  readonly file: string
  /** Where the damaged record begins. */
  readonly at: number
  /** From there to the end of the file. */
  readonly bytes: number
}

const blockBytes = 32 << 10
const headerBytes = 7
const typeMax = 4

/** @returns the first damage; undefined where there is none, or no store yet */
export async function journalDamage(dir: string): Promise<JournalDamage | undefined> {
  const names = await readdir(dir).catch((): string[] => []) // What cannot be read is the store's to say.
  for (const name of names.filter((one) => /^\d+\.log$/.test(one)).sort()) {
    const bytes = await readFile(join(dir, name))
    const at = damageIn(bytes)
    if (at !== undefined) return { file: name, at, bytes: bytes.length - at }
  }
  return undefined
}

function damageIn(journal: Buffer): number | undefined {
  for (let at = 0; at < journal.length; ) {
    const left = blockBytes - (at % blockBytes)
    if (left < headerBytes) {
      at += left // Filled up with zeros.
      continue
    }
    if (journal.length - at < headerBytes) return undefined // A crash came in the header.
    const length = journal.readUInt16LE(at + 4)
    const type = journal[at + 6] ?? 0
    const end = at + headerBytes + length
    // Space that was taken and not written to: nothing but zeros follows.
    if (type === 0 && length === 0) return journal.subarray(at).every((byte) => byte === 0) ? undefined : at
    if (type > typeMax || headerBytes + length > left) return at
    if (end > journal.length) return undefined // A crash came in the record.
    if (masked(crc32c(journal, at + 6, end)) !== journal.readUInt32LE(at)) return at
    at = end
  }
  return undefined
}

/** Castagnoli's polynomial, reversed. */
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  return crc
})

function crc32c(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0xffffffff
  for (let at = from; at < to; at++) crc = (table[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8)
  return ~crc >>> 0
}

/** As LevelDB stores them: a checksum of bytes that have checksums in them would be a weak one. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}
