/**
 * A backup as a file: a line in the clear that says what it is, then sealed chunks.
 *
 *     {"check":…,"checksum":…,"did":…,"format":"dfft-backup/1","id":…,"kdf":{…},"madeAt":…}⏎
 *     length (4, the highest bit says: the last one) ‖ ciphertext ‖ tag (16)
 *
 * The passphrase becomes two keys (argon2id, RFC 9106) with the salt of this file: one seals its chunks, the other authenticates its line.
 * Each chunk is bound to that line, its place, its length and whether it is the last, so that a cut, a swap and a repetition fail as a
 * changed byte does. The nonce is the place, which is never used twice with a key that is this file's alone.
 *
 * A plain checksum tells a damaged line from a wrong passphrase.
 */
import { argon2, createCipheriv, createDecipheriv, createHash, createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { access, constants, type FileHandle, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { fromBase64url, toBase64url } from '#protocols/base64url.ts'
import { canonical, canonicalBytes } from '#protocols/canonical.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { Did, Instant } from '#protocols/ids.ts'
import { parseJson } from '#protocols/json.ts'

/** What is sealed at a time, and so what is held in memory: one tag and one call of the disk for each. */
const chunkBytes = 1 << 20
const lengthBytes = 4
const tagBytes = 16
const lastBit = 0x80000000
/** More than the line ever has. */
const lineBytesMax = 8 << 10

const base64url = z
  .string()
  .max(128)
  .refine((text) => Buffer.from(text, 'base64url').toString('base64url') === text)

const Said = z.strictObject({
  format: z.literal('dfft-backup/1'),
  id: z.string().regex(/^[0-9a-f]{32}$/),
  madeAt: Instant,
  /** Whose it is. */
  did: Did,
  kdf: z.strictObject({
    name: z.literal('argon2id'),
    salt: base64url,
    // Upper limits, so that a forged line cannot take the machine down. A forged lower cost only makes a wrong key.
    memoryKiB: z
      .int()
      .min(32)
      .max(1 << 20),
    passes: z.int().min(1).max(16),
    lanes: z.int().min(1).max(16),
  }),
})
const Line = Said.extend({ check: base64url, checksum: base64url })
type Said = z.infer<typeof Said>
type Line = z.infer<typeof Line>

/** What anybody can read of a backup, and nobody has proved before the passphrase is given. */
export interface BackupHead {
  readonly id: string
  readonly madeAt: string
  readonly did: string
}

export interface Argon2 {
  readonly memoryKiB: number
  readonly passes: number
  readonly lanes: number
}

/** As the keystore's: RFC 9106, 4 for machines with little memory. */
const argon2Defaults: Argon2 = { memoryKiB: 65_536, passes: 3, lanes: 4 }

interface Keys {
  readonly sealing: Uint8Array
  readonly authenticating: Uint8Array
}

export interface Making {
  readonly path: string
  readonly passphrase: string
  readonly did: string
  readonly madeAt: string
  /** Cheaper parameters, for tests. */
  readonly cost?: Partial<Argon2>
}

/**
 * Writes under `<path>.part`. What has the name `path` is whole, was read again, and is on the disk: `publish` gives it.
 *
 * @throws {TrustError} DFFT_CONFLICT where there is such a file, DFFT_NOT_WRITABLE, DFFT_DISK_FULL
 */
export class ArchiveWriter implements AsyncDisposable {
  readonly head: BackupHead
  readonly #path: string
  readonly #file: FileHandle
  readonly #keys: Keys
  readonly #bound: Uint8Array
  readonly #digest = createHash('sha256')
  #pieces: Uint8Array[] = []
  #held = 0
  #chunks = 0
  /** Where the chunks begin. */
  readonly #lineEnd: number
  #bytes: number
  #done = false

  private constructor(path: string, file: FileHandle, keys: Keys, line: Line, lineBytes: Uint8Array) {
    this.#path = path
    this.#file = file
    this.#keys = keys
    this.head = { id: line.id, madeAt: line.madeAt, did: line.did }
    this.#bound = createHash('sha256').update(lineBytes).digest()
    this.#lineEnd = lineBytes.length
    this.#bytes = lineBytes.length
  }

  static async create({ path, passphrase, did, madeAt, cost = {} }: Making): Promise<ArchiveWriter> {
    const said: Said = Said.parse({
      format: 'dfft-backup/1',
      id: randomBytes(16).toString('hex'),
      madeAt,
      did,
      kdf: { name: 'argon2id', salt: toBase64url(randomBytes(16)), ...argon2Defaults, ...cost },
    })
    const keys = await derive(said, passphrase)
    const line = lineOf(said, keys)
    const bytes = Buffer.from(`${canonical(line)}\n`)
    await refuseTaken(path)
    const file = await writing(path, async () => {
      await rm(partOf(path), { force: true }) // Of a backup that was stopped.
      const made = await open(partOf(path), 'wx+', 0o600)
      await made.writeFile(bytes)
      return made
    })
    return new ArchiveWriter(path, file, keys, line, bytes)
  }

  /** The bytes are kept until they are written: they must not change. */
  async write(bytes: Uint8Array): Promise<void> {
    this.#digest.update(bytes)
    this.#pieces.push(bytes)
    this.#held += bytes.length
    if (this.#held > chunkBytes) await this.#flush(false)
  }

  /** Nothing more comes. What was written is on the disk. @returns the digest of all that was put in, and the length of the file */
  async finish(): Promise<{ readonly digest: string; readonly bytes: number }> {
    await this.#flush(true)
    await writing(this.#path, () => this.#file.sync())
    return { digest: this.#digest.digest('base64url'), bytes: this.#bytes }
  }

  /** Reads it back from the file. @throws {TrustError} DFFT_BACKUP */
  readBack(): AsyncIterable<Uint8Array> {
    return chunksOf(this.#file, { keys: this.#keys, bound: this.#bound, at: this.#lineEnd })
  }

  async publish(): Promise<void> {
    await writing(this.#path, async () => {
      await refuseTaken(this.#path)
      await rename(partOf(this.#path), this.#path)
      this.#done = true
      await using folder = await open(dirname(this.#path), 'r')
      await folder.sync()
    })
  }

  /** Nothing is left behind of a backup that was not published. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close()
    if (!this.#done) await rm(partOf(this.#path), { force: true })
    wipe(this.#keys)
  }

  async #flush(last: boolean): Promise<void> {
    const all = this.#pieces.length === 1 && this.#pieces[0] ? this.#pieces[0] : Buffer.concat(this.#pieces)
    let at = 0
    for (; all.length - at > chunkBytes; at += chunkBytes) await this.#append(all.subarray(at, at + chunkBytes), false)
    const rest = all.subarray(at)
    if (last) await this.#append(rest, true)
    this.#pieces = last || rest.length === 0 ? [] : [rest]
    this.#held = last ? 0 : rest.length
  }

  async #append(plain: Uint8Array, last: boolean): Promise<void> {
    const place = this.#chunks++
    const cipher = createCipheriv('aes-256-gcm', this.#keys.sealing, nonceOf(place)).setAAD(contextOf(this.#bound, place, plain.length, last))
    const chunk = Buffer.concat([lengthOf(plain.length, last), cipher.update(plain), cipher.final(), cipher.getAuthTag()])
    await writing(this.#path, () => writeWhole(this.#file, chunk, this.#bytes))
    this.#bytes += chunk.length
  }
}

/** What it says in the clear. @throws {TrustError} DFFT_BACKUP, DFFT_NOT_FOUND */
export async function readHead(path: string): Promise<BackupHead> {
  await using file = await opened(path)
  const { line } = await readLine(file)
  return { id: line.id, madeAt: line.madeAt, did: line.did }
}

/**
 * All that was put in, in order and as often as it is asked for, each piece proved to be what was sealed; that nothing is missing is proved with the end.
 *
 * @throws {TrustError} DFFT_BACKUP when damaged, altered, cut or of another version; DFFT_PASSPHRASE, DFFT_NOT_FOUND
 */
export async function openArchive(
  path: string,
  passphrase: string,
): Promise<{ readonly head: BackupHead; readonly chunks: () => AsyncIterable<Uint8Array> } & AsyncDisposable> {
  const file = await opened(path)
  try {
    const { line, bytes } = await readLine(file)
    const { check, checksum: _, ...said } = line
    const keys = await derive(said, passphrase)
    if (!timingSafeEqual(checkOf(said, keys), fixed(fromBase64url(check))))
      throw new TrustError('DFFT_PASSPHRASE', 'the passphrase does not open the backup', { id: said.id })
    const bound = createHash('sha256').update(bytes).digest()
    return {
      head: { id: line.id, madeAt: line.madeAt, did: line.did },
      chunks: () => chunksOf(file, { keys, bound, at: bytes.length }),
      [Symbol.asyncDispose]: async () => {
        wipe(keys)
        await file.close()
      },
    }
  } catch (thrown) {
    await file.close()
    throw thrown
  }
}

async function* chunksOf(
  file: FileHandle,
  { keys, bound, at }: { readonly keys: Keys; readonly bound: Uint8Array; readonly at: number },
): AsyncIterable<Uint8Array> {
  const { size } = await reading(() => file.stat())
  let offset = at
  for (let place = 0; ; place++) {
    const head = await readExactly(file, offset, lengthBytes)
    const length = head.readUInt32BE() & ~lastBit
    const last = head.readUInt32BE() >= lastBit
    if (length > chunkBytes) throw damaged('a chunk has a length that none has', { place })
    const sealed = await readExactly(file, offset + lengthBytes, length + tagBytes)
    offset += lengthBytes + sealed.length
    const decipher = createDecipheriv('aes-256-gcm', keys.sealing, nonceOf(place), { authTagLength: tagBytes })
    decipher.setAAD(contextOf(bound, place, length, last)).setAuthTag(sealed.subarray(length))
    const plain = decipher.update(sealed.subarray(0, length))
    try {
      decipher.final()
    } catch (cause) {
      throw damaged('a chunk was changed, or stands in another place', { place }, cause)
    }
    if (last && offset !== size) throw damaged('something stands behind its end', { place })
    if (plain.length > 0) yield plain
    if (last) return
  }
}

function lineOf(said: Said, keys: Keys): Line {
  const line = { ...said, check: toBase64url(checkOf(said, keys)) }
  return { ...line, checksum: checksumOf(line) }
}

function checkOf(said: Said, { authenticating }: Keys): Uint8Array {
  return createHmac('sha256', authenticating).update(canonicalBytes(said)).digest()
}

function checksumOf(line: Omit<Line, 'checksum'>): string {
  return hash('sha256', canonicalBytes(line), 'base64url')
}

async function readLine(file: FileHandle): Promise<{ readonly line: Line; readonly bytes: Uint8Array }> {
  const start = Buffer.alloc(lineBytesMax)
  const { bytesRead } = await reading(() => file.read(start, 0, lineBytesMax, 0))
  const end = start.subarray(0, bytesRead).indexOf(10) + 1
  const bytes = start.subarray(0, end)
  let line: Line
  try {
    line = Line.parse(parseJson(bytes))
  } catch (cause) {
    throw damaged('it does not begin as a backup of this version does', {}, cause)
  }
  const { checksum, ...rest } = line
  // One spelling only: a changed byte is found even where JSON would not mind it.
  if (checksumOf(rest) !== checksum || !Buffer.from(`${canonical(line)}\n`).equals(bytes)) throw damaged('the checksum of its first line is wrong')
  return { line, bytes }
}

async function derive({ kdf }: Said, passphrase: string): Promise<Keys> {
  const message = Buffer.from(passphrase)
  if (message.length === 0 || message.length > 1024) throw new TrustError('DFFT_PASSPHRASE', 'a passphrase has 1 to 1,024 bytes')
  const parameters = { message, nonce: fromBase64url(kdf.salt), parallelism: kdf.lanes, memory: kdf.memoryKiB, passes: kdf.passes, tagLength: 64 }
  try {
    const secret = await promisify(argon2)('argon2id', parameters)
    return { sealing: secret.subarray(0, 32), authenticating: secret.subarray(32) }
  } catch (cause) {
    throw damaged('its key derivation parameters cannot be used', {}, cause)
  } finally {
    message.fill(0)
  }
}

function wipe({ sealing, authenticating }: Keys): void {
  sealing.fill(0)
  authenticating.fill(0)
}

function nonceOf(place: number): Uint8Array {
  const nonce = Buffer.alloc(12)
  nonce.writeBigUInt64BE(BigInt(place), 4)
  return nonce
}

function contextOf(bound: Uint8Array, place: number, length: number, last: boolean): Uint8Array {
  const context = Buffer.alloc(bound.length + 13)
  context.set(bound)
  context.writeBigUInt64BE(BigInt(place), bound.length)
  context.writeUInt32BE(length, bound.length + 8)
  context[bound.length + 12] = last ? 1 : 0
  return context
}

function lengthOf(length: number, last: boolean): Uint8Array {
  const bytes = Buffer.alloc(lengthBytes)
  bytes.writeUInt32BE(last ? length + lastBit : length)
  return bytes
}

/** timingSafeEqual throws for lengths that differ. */
function fixed(check: Uint8Array): Uint8Array {
  return check.length === 32 ? check : new Uint8Array(32)
}

async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length)
  for (let done = 0; done < length; ) {
    const { bytesRead } = await reading(() => file.read(bytes, done, length - done, position + done))
    if (bytesRead === 0) throw damaged('it ends before its end')
    done += bytesRead
  }
  return bytes
}

/** A write may take less than it was given. */
async function writeWhole(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    if (bytesWritten === 0) throw new TrustError('DFFT_DISK_FULL', 'the disk of the backup takes no more', { done, bytes: bytes.length })
    done += bytesWritten
  }
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    throw new TrustError(missing ? 'DFFT_NOT_FOUND' : 'DFFT_BACKUP', `the backup \`${path}\` cannot be read`, {}, { cause })
  }
}

/** @throws {TrustError} DFFT_CONFLICT where something is; DFFT_NOT_WRITABLE where no file can be made */
export async function mayWrite(path: string): Promise<void> {
  await refuseTaken(path)
  await writing(path, () => access(`${dirname(path)}/.`, constants.W_OK))
}

async function refuseTaken(path: string): Promise<void> {
  const there = await open(path, 'r').catch(() => undefined)
  await there?.close()
  if (there) throw new TrustError('DFFT_CONFLICT', `\`${path}\` exists; a backup replaces nothing`, { file: path })
}

function partOf(path: string): string {
  return `${path}.part`
}

async function reading<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (cause) {
    throw damaged('the disk does not give it', {}, cause)
  }
}

async function writing<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (cause) {
    if (codeOf(cause) !== 'DFFT_INTERNAL') throw cause
    const full = cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT')
    throw new TrustError(full ? 'DFFT_DISK_FULL' : 'DFFT_NOT_WRITABLE', `the backup \`${path}\` cannot be written`, { file: path }, { cause })
  }
}

export function damaged(how: string, facts: Readonly<Record<string, number | string>> = {}, cause?: unknown): TrustError {
  return new TrustError('DFFT_BACKUP', `the backup is refused: ${how}`, facts, { cause })
}
