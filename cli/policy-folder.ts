/** Policies and cases among the files an operator names. */
import { open, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TrustError } from '#protocols/errors.ts'
import type { Session } from './command.ts'
import { unreadable } from './files.ts'

export interface FileBytes {
  readonly file: string
  readonly bytes: Uint8Array
}

/** One byte more than a policy may have, so that whoever reads it can say that it is too long. */
const readMax = (1 << 20) + 1

/** 250 jurisdictions with a few serials and suspensions each. */
const filesMax = 2000

/** The policies this version of the software ships. */
export const shippedPolicies = fileURLToPath(new URL('../policies/packs/reference', import.meta.url))

/**
 * Every `.yaml`, `.yml` and `.json` of the folders, but cases; and the files named one by one.
 *
 * @param names as the operator wrote them, which is how errors name files
 * @throws {TrustError} DFFT_NOT_FOUND, DFFT_LIMIT over 2,000 files
 */
export async function policyFiles(session: Session, names: readonly string[]): Promise<readonly FileBytes[]> {
  const found = await Promise.all(names.map((name) => filesOf(session, name, (file) => /\.(?:ya?ml|json)$/.test(file) && !isCases(file))))
  return readAll(session, found.flat())
}

/** @throws {TrustError} DFFT_NOT_FOUND also for a folder without any */
export async function caseFiles(session: Session, names: readonly string[]): Promise<readonly FileBytes[]> {
  const found = await Promise.all(names.map((name) => filesOf(session, name, isCases)))
  const empty = names.find((_, index) => found[index]?.length === 0)
  if (empty !== undefined) throw new TrustError('DFFT_NOT_FOUND', `there are no cases (\`*.cases.json\`) in \`${empty}\``)
  return readAll(session, found.flat())
}

export function folderOf(file: string): string {
  return dirname(file)
}

export async function fileBytes({ path }: Session, file: string): Promise<FileBytes> {
  try {
    await using handle = await open(path(file))
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.min(readMax, (await handle.stat()).size + 1)), 0, null, 0)
    return { file, bytes: buffer.subarray(0, bytesRead) }
  } catch (cause) {
    throw unreadable(file, cause)
  }
}

function isCases(file: string): boolean {
  return file.endsWith('.cases.json')
}

async function filesOf({ path }: Session, name: string, wanted: (file: string) => boolean): Promise<readonly string[]> {
  try {
    if (!(await stat(path(name))).isDirectory()) return [name]
    const names = await readdir(path(name))
    return names
      .filter((file) => wanted(basename(file)))
      .sort()
      .map((file) => join(name, file))
  } catch (cause) {
    throw unreadable(name, cause)
  }
}

async function readAll(session: Session, names: readonly string[]): Promise<readonly FileBytes[]> {
  const files = [...new Set(names)]
  if (files.length > filesMax) throw new TrustError('DFFT_LIMIT', `more than ${filesMax} files of policies`, { filesMax })
  const read: FileBytes[] = []
  for (const file of files) read.push(await fileBytes(session, file))
  return read
}
