/** The files beside the store, looked at without their keys: what can be told of damage before anybody gives a passphrase. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { z } from 'zod'
import { canonical, canonicalBytes, digestOf } from '#protocols/canonical.ts'
import { digest } from '#protocols/ids.ts'
import { parseJson } from '#protocols/json.ts'

export interface FileFinding {
  readonly where: 'file'
  readonly key: string
  readonly prefix: null
  readonly module: string
  readonly problem: string
  readonly advice: string
}

const recordBytes = 72
const restore = 'Restore it with the store of its day (`dfft backup restore`).'

/** keystore.json and data-keys. */
export async function checkKeyFiles(dir: string): Promise<readonly FileFinding[]> {
  return [...(await checkKeystore(join(dir, 'keystore.json'))), ...(await checkDataKeys(join(dir, 'data-keys')))]
}

/** Length of each whole content, by its name. */
export async function contentsIn(dir: string): Promise<ReadonlyMap<string, number>> {
  const names = await readdir(join(dir, 'attachments')).catch((): string[] => [])
  const whole = names.filter((name) => /^[0-9a-f]{64}$/.test(name))
  const sizes = await Promise.all(whole.map(async (name) => [name, (await stat(join(dir, 'attachments', name))).size] as const))
  return new Map(sizes)
}

const Keystore = z.object({ content: z.record(z.string(), z.unknown()), checksum: z.string(), seal: z.string() })

/** Its plain checksum, as file-key-vault.ts writes it: one spelling only. A node whose keys are in a token has none. */
async function checkKeystore(path: string): Promise<readonly FileFinding[]> {
  const bytes = await readFile(path).catch(() => undefined)
  if (!bytes) return []
  try {
    const file = Keystore.parse(parseJson(bytes))
    const sum = Buffer.from(digest(canonicalBytes(file.content)).slice('sha256:'.length), 'hex').toString('base64url')
    if (sum === file.checksum && `${canonical(file)}\n` === bytes.toString()) return []
  } catch {
    // Told below.
  }
  return [{ where: 'file', key: 'keystore.json', prefix: null, module: 'file-key-vault.ts', problem: 'unreadable', advice: restore }]
}

async function checkDataKeys(path: string): Promise<readonly FileFinding[]> {
  const bytes = await readFile(path).catch(() => undefined)
  if (!bytes) return []
  const found = (problem: string): FileFinding => ({ where: 'file', key: 'data-keys', prefix: null, module: 'file-data-keys.ts', problem, advice: restore })
  const head = bytes.subarray(0, 1024).indexOf(10) + 1
  if (!isHead(bytes.subarray(0, head))) return [found('unreadable')]
  let damaged = 0
  for (let at = head; at + recordBytes <= bytes.length; at += recordBytes) {
    const record = bytes.subarray(at, at + recordBytes)
    if (record.readUInt32BE(recordBytes - 4) !== crc32(record.subarray(0, -4))) damaged++
  }
  return damaged > 0 ? [found(`damaged-keys-${damaged}`)] : []
}

function isHead(line: Buffer): boolean {
  try {
    const head = parseJson(line) as { format?: unknown } // Compared to the byte below.
    return head.format === 'dfft-data-keys/1' && digestOf(head) === digest(line.subarray(0, -1))
  } catch {
    return false
  }
}
