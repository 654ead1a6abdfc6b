/**
 * KeyVault in one file, opened with a passphrase.
 *
 * The passphrase becomes two keys (argon2id, RFC 9106): one seals each entry, with the header and the entry's name as context,
 * the other authenticates the whole file, so that no entry can be removed or brought back unseen. A plain checksum tells damage from a wrong
 * passphrase. The file is only ever replaced by a whole new one, and never when it is not the one this vault wrote or read.
 */
import {
  argon2,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  randomBytes,
  sign,
  timingSafeEqual,
} from 'node:crypto'
import { link, open, readFile, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import { fromBase64url, toBase64url } from '#protocols/base64url.ts'
import { canonical, canonicalBytes } from '#protocols/canonical.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { parseJson } from '#protocols/json.ts'
import { type Algorithm, PublicJwk } from '#protocols/keys.ts'
import { seal, unseal } from '#protocols/sealed.ts'
import type { KeyRef, KeyVault } from '../ports.ts'

type Kind = Algorithm | 'A256GCM'

export interface Argon2Cost {
  readonly memoryKiB: number
  readonly passes: number
  readonly lanes: number
}

/** RFC 9106, 4 recommends t=3, p=4, 64 MiB where memory is scarce: a quarter of a second on a small server. */
export const argon2Defaults: Argon2Cost = { memoryKiB: 65_536, passes: 3, lanes: 4 }

/** A node has some ten keys and one for each received document under retention; 16 MiB hold 60,000. */
const fileBytesMax = 16 << 20
const entriesMax = 60_000

const text = z
  .string()
  .max(1024)
  .refine((base64url) => Buffer.from(base64url, 'base64url').toString('base64url') === base64url)
const Header = z.strictObject({
  format: z.literal('dfft-keystore/1'),
  kdf: z.strictObject({
    name: z.literal('argon2id'),
    salt: text,
    // Upper limits, so that a forged header cannot take the machine down. A forged lower cost only makes a wrong key.
    memoryKiB: z
      .number()
      .int()
      .min(32)
      .max(1 << 20),
    passes: z.number().int().min(1).max(16),
    lanes: z.number().int().min(1).max(16),
  }),
})
const Entry = z.strictObject({ kind: z.enum(['EdDSA', 'ES256', 'A256GCM']), sealed: text })
const Content = z.strictObject({
  header: Header,
  /** Nothing, sealed under the entry key: tells a wrong passphrase. */
  check: text,
  entries: z.record(z.string().regex(/^key-[0-9a-f]{32}$/), Entry),
})
const File = z.strictObject({ content: Content, checksum: text, seal: text })

type Header = z.infer<typeof Header>
type Entry = z.infer<typeof Entry>

interface Secrets {
  readonly sealing: Uint8Array
  readonly authenticating: Uint8Array
}

interface Key {
  readonly kind: Kind
  readonly key: KeyObject
  readonly jwk: PublicJwk | undefined
  /** Made at the first signature, where something faster than node:crypto signs. */
  faster?: ReturnType<SignerOfSeed>
}

/** Signs with the Ed25519 key of a seed of 32 bytes. */
export type SignerOfSeed = (seed: Uint8Array) => { sign(bytes: Uint8Array): Uint8Array; destroy(): void }

/**
 * A new, empty vault.
 *
 * @param passphrase copied nowhere; the caller may overwrite it afterwards
 * @param options cheaper argon2id parameters, for tests
 * @throws {TrustError} DFFT_ALREADY_INITIALISED when the file exists, DFFT_NOT_WRITABLE
 */
export async function createFileKeyVault(path: string, passphrase: Uint8Array, options: Partial<Argon2Cost> = {}): Promise<KeyVault> {
  const kdf = { name: 'argon2id' as const, salt: toBase64url(randomBytes(16)), ...argon2Defaults, ...options }
  const header: Header = Header.parse({ format: 'dfft-keystore/1', kdf })
  const secrets = await derive(header, passphrase)
  const content = { header, check: sealText(secrets, contextOf(header, 'check'), new Uint8Array()), entries: {} }
  const bytes = fileOf(secrets, content)
  await replaceFile(path, bytes, 'create')
  return new FileKeyVault(path, secrets, content, bytes)
}

/**
 * @param signerOfSeed signs in place of node:crypto
 * @throws {TrustError} DFFT_NOT_FOUND, DFFT_PASSPHRASE, DFFT_KEYSTORE when damaged, altered or of another version
 */
export async function openFileKeyVault(path: string, passphrase: Uint8Array, signerOfSeed?: SignerOfSeed): Promise<KeyVault> {
  const bytes = await readVault(path)
  const file = parseVault(bytes)
  const secrets = await derive(file.content.header, passphrase)
  try {
    unseal(secrets.sealing, fromBase64url(file.content.check), contextOf(file.content.header, 'check'))
  } catch (cause) {
    throw new TrustError('DFFT_PASSPHRASE', 'the passphrase does not open the keystore', {}, { cause })
  }
  if (!timingSafeEqual(sealOf(secrets, canonicalBytes(file.content)), fixed(fromBase64url(file.seal)))) throw damaged('its content was altered')
  await removeStale(path)
  return new FileKeyVault(path, secrets, file.content, bytes, signerOfSeed)
}

class FileKeyVault implements KeyVault {
  readonly #path: string
  readonly #secrets: Secrets
  readonly #header: Header
  readonly #check: string
  readonly #keys = new Map<string, Key>()
  #entries: Readonly<Record<string, Entry>>
  /** What the file holds, as we last read or wrote it. */
  #onDisk: Uint8Array
  #last: Promise<unknown> = Promise.resolve()
  #refusal: TrustError | undefined

  readonly #signerOfSeed: SignerOfSeed | undefined

  constructor(path: string, secrets: Secrets, content: z.infer<typeof Content>, onDisk: Uint8Array, signerOfSeed?: SignerOfSeed) {
    this.#path = path
    this.#signerOfSeed = signerOfSeed
    this.#secrets = secrets
    this.#header = content.header
    this.#check = content.check
    this.#entries = content.entries
    this.#onDisk = onDisk
    for (const [name, entry] of Object.entries(content.entries)) this.#keys.set(name, this.#unsealKey(name, entry))
  }

  create(kind: Kind): Promise<KeyRef> {
    return this.#serially(async () => {
      if (this.#keys.size >= entriesMax) throw new TrustError('DFFT_LIMIT', 'the keystore is full', { entriesMax })
      const name = `key-${randomBytes(16).toString('hex')}`
      const secret = newSecret(kind)
      const entry = { kind, sealed: sealText(this.#secrets, contextOf(this.#header, name, kind), secret) }
      await this.#replace({ ...this.#entries, [name]: entry }, 'replace')
      this.#keys.set(name, keyOf(kind, secret))
      secret.fill(0)
      return name as KeyRef // The one place that makes them.
    })
  }

  async publicKey(ref: KeyRef): Promise<PublicJwk> {
    const { jwk } = this.#key(ref)
    if (!jwk) throw unknown(ref)
    return jwk
  }

  async sign(ref: KeyRef, bytes: Uint8Array): Promise<Uint8Array> {
    const entry = this.#key(ref)
    const { kind, key } = entry
    if (kind === 'A256GCM') throw unknown(ref)
    if (kind === 'EdDSA' && this.#signerOfSeed) {
      entry.faster ??= fasterOf(key, this.#signerOfSeed)
      return entry.faster.sign(bytes)
    }
    // DER and our own conversion cost half of what `dsaEncoding: 'ieee-p1363'` does.
    return kind === 'EdDSA' ? sign(null, bytes, key) : rawOfDer(sign('sha256', bytes, key))
  }

  async seal(ref: KeyRef, plain: Uint8Array, context: Uint8Array): Promise<Uint8Array> {
    return seal(this.#secretKey(ref), randomBytes(12), plain, context)
  }

  async open(ref: KeyRef, sealed: Uint8Array, context: Uint8Array): Promise<Uint8Array> {
    return unseal(this.#secretKey(ref), sealed, context)
  }

  destroy(ref: KeyRef): Promise<void> {
    return this.#serially(async () => {
      this.#key(ref).faster?.destroy()
      const { [ref]: _, ...rest } = this.#entries
      this.#keys.delete(ref) // Before the disk: a destruction that fails half-way has not left the key in use.
      await this.#replace(rest, 'erase')
    })
  }

  async whereabouts(ref: KeyRef): Promise<'file'> {
    this.#key(ref)
    return 'file'
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#refusal ??= new TrustError('DFFT_KEYSTORE', 'the keystore is closed')
    await this.#last
    for (const { faster } of this.#keys.values()) faster?.destroy()
    this.#keys.clear()
    this.#secrets.sealing.fill(0)
    this.#secrets.authenticating.fill(0)
  }

  #key(ref: KeyRef): Key {
    const key = this.#keys.get(ref)
    if (!key) throw unknown(ref)
    return key
  }

  #secretKey(ref: KeyRef): KeyObject {
    const { kind, key } = this.#key(ref)
    if (kind !== 'A256GCM') throw unknown(ref)
    return key
  }

  #unsealKey(name: string, { kind, sealed }: Entry): Key {
    const secret = unseal(this.#secrets.sealing, fromBase64url(sealed), contextOf(this.#header, name, kind))
    try {
      return keyOf(kind, secret)
    } catch (cause) {
      throw damaged('an entry is no key of its kind', cause)
    } finally {
      secret.fill(0)
    }
  }

  #serially<T>(act: () => Promise<T>): Promise<T> {
    if (this.#refusal) return Promise.reject(this.#refusal)
    const done = this.#last.then(() => act())
    this.#last = done.catch(() => {}) // Its caller has the rejection; the next act only waits.
    return done
  }

  async #replace(entries: Readonly<Record<string, Entry>>, how: 'replace' | 'erase'): Promise<void> {
    const bytes = fileOf(this.#secrets, { header: this.#header, check: this.#check, entries })
    if (bytes.length > fileBytesMax) throw new TrustError('DFFT_LIMIT', 'the keystore is full', { fileBytesMax })
    try {
      const found = await readFile(this.#path)
      if (!found.equals(this.#onDisk)) throw damaged('the file was changed by somebody else')
      await replaceFile(this.#path, bytes, how)
    } catch (cause) {
      // Which of the two contents the disk holds is known only after it is read again.
      this.#refusal = codeOf(cause) === 'DFFT_KEYSTORE' ? (cause as TrustError) : new TrustError('DFFT_STORE', 'the keystore cannot be written', {}, { cause })
      throw this.#refusal
    }
    this.#entries = entries
    this.#onDisk = bytes
  }
}

async function derive({ kdf }: Header, passphrase: Uint8Array): Promise<Secrets> {
  if (passphrase.length === 0 || passphrase.length > 1024) throw new TrustError('DFFT_PASSPHRASE', 'a passphrase has 1 to 1,024 bytes')
  const parameters = { message: passphrase, nonce: fromBase64url(kdf.salt), parallelism: kdf.lanes, memory: kdf.memoryKiB, passes: kdf.passes, tagLength: 64 }
  let secret: Buffer
  try {
    secret = await promisify(argon2)('argon2id', parameters)
  } catch (cause) {
    throw damaged('its key derivation parameters cannot be used', cause)
  }
  return { sealing: secret.subarray(0, 32), authenticating: secret.subarray(32) }
}

function fileOf(secrets: Secrets, content: z.infer<typeof Content>): Uint8Array {
  const bytes = canonicalBytes(content)
  return Buffer.from(`${canonical({ content, checksum: checksumOf(bytes), seal: toBase64url(sealOf(secrets, bytes)) })}\n`)
}

function checksumOf(content: Uint8Array): string {
  return hash('sha256', content, 'base64url')
}

function sealOf(secrets: Secrets, content: Uint8Array): Uint8Array {
  return createHmac('sha256', secrets.authenticating).update(content).digest()
}

/** timingSafeEqual throws for lengths that differ. */
function fixed(seal: Uint8Array): Uint8Array {
  return seal.length === 32 ? seal : new Uint8Array(32)
}

function contextOf(header: Header, name: string, kind = ''): Uint8Array {
  return canonicalBytes({ header, kind, name })
}

function sealText(secrets: Secrets, context: Uint8Array, plain: Uint8Array): string {
  return toBase64url(seal(secrets.sealing, randomBytes(12), plain, context))
}

async function readVault(path: string): Promise<Uint8Array> {
  try {
    await using file = await open(path, 'r')
    const { size } = await file.stat()
    if (size > fileBytesMax) throw damaged('it is too large')
    return await file.readFile()
  } catch (cause) {
    if (cause instanceof TrustError) throw cause
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    throw new TrustError(missing ? 'DFFT_NOT_FOUND' : 'DFFT_KEYSTORE', `the keystore \`${path}\` cannot be read`, {}, { cause })
  }
}

function parseVault(bytes: Uint8Array): z.infer<typeof File> {
  let file: z.infer<typeof File>
  try {
    file = File.parse(parseJson(bytes))
  } catch (cause) {
    throw damaged('it is not a keystore of this version', cause)
  }
  // One spelling only: a changed byte is found even where JSON would not mind it.
  if (checksumOf(canonicalBytes(file.content)) !== file.checksum || `${canonical(file)}\n` !== Buffer.from(bytes).toString())
    throw damaged('its checksum is wrong')
  return file
}

function damaged(how: string, cause?: unknown): TrustError {
  return new TrustError('DFFT_KEYSTORE', `the keystore is refused: ${how}`, {}, { cause })
}

function unknown(ref: KeyRef): TrustError {
  return new TrustError('DFFT_KEY_UNKNOWN', 'the keystore holds no such key for this use', { ref: ref.slice(0, 64) })
}

/**
 * Writes a whole new file, mode 0600, and makes it durable under its name.
 *
 * @param how `create` refuses a file that exists; `erase` overwrites the bytes of the file that is replaced, unless a
 *   backup shares them by a hard link (on a journal or a copying file system this is a best effort, as on a disk that moves blocks)
 */
async function replaceFile(path: string, bytes: Uint8Array, how: 'create' | 'replace' | 'erase'): Promise<void> {
  const temporary = `${path}.new`
  try {
    await removeStale(path)
    const file = await open(temporary, 'wx', 0o600)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
    if (how === 'create') await publish(temporary, path)
    else await swap(temporary, path, how)
    await syncFolder(path)
  } catch (cause) {
    if (cause instanceof TrustError) throw cause
    throw new TrustError('DFFT_NOT_WRITABLE', `the keystore \`${path}\` cannot be written`, {}, { cause })
  }
}

/** A link, unlike a rename, refuses a name that is taken. */
async function publish(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') {
      throw new TrustError('DFFT_ALREADY_INITIALISED', `the keystore \`${path}\` exists already`, {}, { cause })
    }
    throw cause
  } finally {
    await unlink(temporary)
  }
}

async function swap(temporary: string, path: string, how: 'replace' | 'erase'): Promise<void> {
  await using old = await open(path, 'r+')
  await rename(temporary, path)
  const { nlink, size } = await old.stat()
  if (how === 'replace' || nlink > 0) return
  await old.write(new Uint8Array(size), 0, size, 0)
  await old.sync()
}

/** A crash between writing and renaming leaves a whole copy behind, which could outlive the destruction of a key. */
async function removeStale(path: string): Promise<void> {
  try {
    await unlink(`${path}.new`)
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause
  }
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(dirname(path), 'r')
  await folder.sync()
}

/** Ed25519 and P-256 keys as PKCS #8, AES keys as they are. */
function newSecret(kind: Kind): Buffer {
  if (kind === 'A256GCM') return randomBytes(32)
  const { privateKey } = kind === 'EdDSA' ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ format: 'der', type: 'pkcs8' })
}

function keyOf(kind: Kind, secret: Uint8Array): Key {
  if (kind === 'A256GCM') return { kind, key: createSecretKey(secret), jwk: undefined }
  const key = createPrivateKey({ key: Buffer.from(secret), format: 'der', type: 'pkcs8' })
  const jwk = PublicJwk.parse(createPublicKey(key).export({ format: 'jwk' }))
  if ((jwk.kty === 'OKP') !== (kind === 'EdDSA')) throw damaged('an entry is no key of its kind')
  return { kind, key, jwk }
}

/** RFC 8410, 7: the seed is the last member of the key. */
function fasterOf(key: KeyObject, signerOfSeed: SignerOfSeed): ReturnType<SignerOfSeed> {
  const secret = key.export({ format: 'der', type: 'pkcs8' })
  try {
    return signerOfSeed(secret.subarray(-32))
  } finally {
    secret.fill(0)
  }
}

/** r‖s of an ECDSA-Sig-Value (RFC 3279, 2.2.3) that OpenSSL wrote. */
function rawOfDer(der: Uint8Array): Uint8Array {
  const raw = new Uint8Array(64)
  const rEnd = 4 + (der[3] ?? 0)
  const r = der.subarray(4, rEnd)
  const s = der.subarray(rEnd + 2)
  raw.set(r.subarray(Math.max(0, r.length - 32)), Math.max(0, 32 - r.length))
  raw.set(s.subarray(Math.max(0, s.length - 32)), 32 + Math.max(0, 32 - s.length))
  return raw
}
