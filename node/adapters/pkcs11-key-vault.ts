/**
 * KeyVault in a hardware security module, through PKCS#11 (Cryptoki 2.40, with the Edwards curves of 3.0).
 *
 * Keys are made in the token, sensitive and not extractable, and stay there: the process holds handles. Each object carries the key's
 * name as CKA_ID, so that a restart finds it. The package is an optional dependency that has to be built; where it or the library of
 * the token's maker does not load, there is no such vault, and the caller is told why.
 */
import { hash, randomBytes } from 'node:crypto'
import { toBase64url } from '#protocols/base64url.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import { PublicJwk } from '#protocols/keys.ts'
import type { KeyRef, KeyVault } from '../ports.ts'

export interface Pkcs11Settings {
  /** Absolute path of the token maker's library. */
  readonly module: string
  /** CKA_LABEL of the token; exactly one that is present must have it. */
  readonly tokenLabel: string
}

type Kind = Parameters<KeyVault['create']>[0]
type Handle = Buffer
type Template = readonly { readonly type: number; readonly value?: number | boolean | Buffer | string }[]
interface Mechanism {
  readonly mechanism: number
  readonly parameter?: object
}

/** What is used of the package, which brings no types where it is not installed. */
interface Cryptoki {
  load(path: string): void
  close(): void
  C_Initialize(options: { readonly flags: number }): void
  C_Finalize(): void
  C_GetSlotList(tokenPresent: boolean): Handle[]
  C_GetTokenInfo(slot: Handle): { readonly label: string }
  C_OpenSession(slot: Handle, flags: number): Handle
  C_CloseSession(session: Handle): void
  C_GetSessionInfo(session: Handle): { readonly state: number }
  C_Login(session: Handle, user: number, pin: string): void
  C_FindObjectsInit(session: Handle, template: Template): void
  C_FindObjects(session: Handle, countMax: number): Handle[]
  C_FindObjectsFinal(session: Handle): void
  C_GetAttributeValue(session: Handle, object: Handle, template: Template): { readonly value: Buffer }[]
  C_DestroyObject(session: Handle, object: Handle): void
  C_GenerateKeyAsync(session: Handle, mechanism: Mechanism, template: Template): Promise<Handle>
  C_GenerateKeyPairAsync(session: Handle, mechanism: Mechanism, ofPublic: Template, ofPrivate: Template): Promise<object>
  C_SignInit(session: Handle, mechanism: Mechanism, key: Handle): void
  C_SignAsync(session: Handle, bytes: Buffer, out: Buffer): Promise<Buffer>
  C_EncryptInit(session: Handle, mechanism: Mechanism, key: Handle): void
  C_EncryptAsync(session: Handle, bytes: Buffer, out: Buffer): Promise<Buffer>
  C_DecryptInit(session: Handle, mechanism: Mechanism, key: Handle): void
  C_DecryptAsync(session: Handle, bytes: Buffer, out: Buffer): Promise<Buffer>
}

interface Package {
  readonly PKCS11: new () => Cryptoki
  /** Names the shape of GCM parameters to the package; no number of the standard. */
  readonly CK_PARAMS_AES_GCM: number
}

/** PKCS#11 2.40 and 3.0; the package knows no names for the Edwards curves. */
const ck = {
  class: 0x000,
  token: 0x001,
  private: 0x002,
  label: 0x003,
  keyType: 0x100,
  id: 0x102,
  sensitive: 0x103,
  encrypt: 0x104,
  decrypt: 0x105,
  sign: 0x108,
  verify: 0x10a,
  valueLength: 0x161,
  extractable: 0x162,
  ecParams: 0x180,
  ecPoint: 0x181,
  publicKey: 2,
  privateKey: 3,
  secretKey: 4,
  osLocking: 2,
  readWriteSession: 2 | 4,
  user: 1,
} as const

/** Of each kind: CKA_KEY_TYPE, the mechanisms, and the curve as DER (RFC 8410, 3; SEC 2, 2.7.2 by way of RFC 5480). */
const kinds = {
  EdDSA: { class: ck.privateKey, keyType: 0x40, generate: 0x1055, use: 0x1057, curve: Buffer.from('06032b6570', 'hex') },
  ES256: { class: ck.privateKey, keyType: 0x03, generate: 0x1040, use: 0x1041, curve: Buffer.from('06082a8648ce3d030107', 'hex') },
  A256GCM: { class: ck.secretKey, keyType: 0x1f, generate: 0x1080, use: 0x1087, curve: undefined },
} as const

/** One operation a session. Four keep a network module busy while it answers; modules grant hundreds. */
const sessionsMax = 4
const nonceBytes = 12
const tagBytes = 16

interface Turn {
  readonly changes: boolean
  readonly begin: (session: Handle) => void
}

interface Held {
  readonly kind: Kind
  readonly handle: Handle
  readonly jwk: PublicJwk | undefined
}

/**
 * The vault in the token, or in words why there is none here.
 *
 * @param pin of the token's user; given to the library and not kept
 * @param load the package, or a rejection where there is none
 * @throws {TrustError} DFFT_HSM when the library is there and has no such token, or two, or refuses; DFFT_PASSPHRASE for a wrong PIN
 */
export async function openPkcs11KeyVault(
  { module, tokenLabel }: Pkcs11Settings,
  pin: string,
  load: () => Promise<Package> = loadPackage,
): Promise<{ readonly vault: KeyVault } | { readonly absent: string }> {
  const found = await load().catch(() => undefined) // Not installed, or not built for this machine: both are ordinary.
  if (typeof found?.PKCS11 !== 'function') return { absent: 'the package `pkcs11js` is not installed, or was not built' }
  const library = new found.PKCS11()
  try {
    library.load(module)
  } catch {
    return { absent: `the library \`${module}\` is not there, or is no PKCS#11 library of this machine` }
  }
  try {
    library.C_Initialize({ flags: ck.osLocking })
  } catch (cause) {
    library.close()
    throw tokenError(cause, 'the library cannot be initialised')
  }
  try {
    const slot = slotOf(library, tokenLabel)
    const session = library.C_OpenSession(slot, ck.readWriteSession)
    library.C_Login(session, ck.user, pin)
    return { vault: new Pkcs11KeyVault(library, slot, session, found.CK_PARAMS_AES_GCM) }
  } catch (cause) {
    leave(library)
    throw tokenError(cause, `the token \`${tokenLabel}\` cannot be opened`)
  }
}

async function loadPackage(): Promise<Package> {
  const { default: found } = (await import('pkcs11js' as string)) as { default: Package } // As text its absence is no error of compilation.
  return found
}

/** Labels are padded with blanks to 32 bytes. */
function slotOf(library: Cryptoki, tokenLabel: string): Handle {
  const slots = library.C_GetSlotList(true).filter((slot) => library.C_GetTokenInfo(slot).label.trimEnd() === tokenLabel)
  const [slot] = slots
  if (!slot || slots.length > 1)
    throw new TrustError('DFFT_HSM', `${slots.length} tokens are labelled \`${tokenLabel}\`; one must be`, { tokenLabel, count: slots.length })
  return slot
}

function leave(library: Cryptoki): void {
  library.C_Finalize()
  library.close()
}

class Pkcs11KeyVault implements KeyVault {
  readonly #library: Cryptoki
  readonly #slot: Handle
  readonly #gcmParameters: number
  readonly #held = new Map<string, Held>()
  readonly #idle: Handle[]
  readonly #waiting: Turn[] = []
  readonly #busy = new Set<Promise<unknown>>()
  #sessions = 1
  #atWork = 0
  #changing = false
  #closed = false

  /** @param session logged in: as long as one such is open, all are */
  constructor(library: Cryptoki, slot: Handle, session: Handle, gcmParameters: number) {
    this.#library = library
    this.#slot = slot
    this.#gcmParameters = gcmParameters
    this.#idle = [session]
  }

  create(kind: Kind): Promise<KeyRef> {
    return this.#changingToken(async (session) => {
      const id = randomBytes(16)
      const ref = refOf(id)
      const { curve, ...how } = kinds[kind]
      const mechanism = { mechanism: how.generate }
      const common = [
        { type: ck.token, value: true },
        { type: ck.id, value: id },
        { type: ck.label, value: `dfft ${ref}` },
        { type: ck.keyType, value: how.keyType },
      ]
      const kept = [...common, { type: ck.class, value: how.class }, ...hidden]
      if (curve === undefined) {
        await this.#library.C_GenerateKeyAsync(session, mechanism, [...kept, ...sealing])
      } else {
        const shown = [...common, { type: ck.class, value: ck.publicKey }, { type: ck.ecParams, value: curve }, { type: ck.verify, value: true }]
        await this.#library.C_GenerateKeyPairAsync(session, mechanism, shown, [...kept, { type: ck.sign, value: true }])
      }
      return ref
    })
  }

  async publicKey(ref: KeyRef): Promise<PublicJwk> {
    const { jwk } = this.#held.get(ref) ?? (await this.#using(unknown(ref), async (session) => this.#find(session, ref)))
    if (!jwk) throw unknown(ref)()
    return jwk
  }

  sign(ref: KeyRef, bytes: Uint8Array): Promise<Uint8Array> {
    return this.#using(unknown(ref), async (session) => {
      const { kind, handle } = this.#find(session, ref)
      if (kind === 'A256GCM') throw unknown(ref)()
      // ECDSA signs what it is given; Ed25519 hashes by itself.
      const input = kind === 'ES256' ? hash('sha256', bytes, 'buffer') : Buffer.from(bytes)
      this.#library.C_SignInit(session, { mechanism: kinds[kind].use }, handle)
      const signature = await this.#library.C_SignAsync(session, input, Buffer.alloc(64))
      if (signature.length !== 64) throw new TrustError('DFFT_HSM', 'the token gave a signature of another length', { bytes: signature.length })
      return new Uint8Array(signature)
    })
  }

  /** Nonce ‖ ciphertext ‖ tag, as the other vaults; the plaintext has a zero byte in front, since libraries refuse an empty one. */
  seal(ref: KeyRef, plain: Uint8Array, context: Uint8Array): Promise<Uint8Array> {
    return this.#using(unknown(ref), async (session) => {
      const handle = this.#secretHandle(session, ref)
      const nonce = randomBytes(nonceBytes)
      this.#library.C_EncryptInit(session, this.#gcm(nonce, context), handle)
      const padded = Buffer.concat([Uint8Array.of(0), plain])
      return Buffer.concat([nonce, await this.#library.C_EncryptAsync(session, padded, Buffer.alloc(padded.length + tagBytes))])
    })
  }

  open(ref: KeyRef, sealed: Uint8Array, context: Uint8Array): Promise<Uint8Array> {
    return this.#using(unknown(ref), async (session) => {
      const handle = this.#secretHandle(session, ref)
      if (sealed.length <= nonceBytes + tagBytes) throw new TrustError('DFFT_KEYSTORE', 'a sealed value is cut short', { bytes: sealed.length })
      this.#library.C_DecryptInit(session, this.#gcm(Buffer.from(sealed.subarray(0, nonceBytes)), context), handle)
      const body = Buffer.from(sealed.subarray(nonceBytes))
      const padded = await this.#library.C_DecryptAsync(session, body, Buffer.alloc(body.length)).catch((cause: unknown) => {
        throw new TrustError('DFFT_KEYSTORE', 'a sealed value was changed, or belongs elsewhere', { bytes: sealed.length }, { cause })
      })
      return new Uint8Array(padded.subarray(1))
    })
  }

  /** What the token’s own backup holds is the operator’s to destroy. */
  destroy(ref: KeyRef): Promise<void> {
    return this.#changingToken(async (session) => {
      this.#held.delete(ref)
      this.#library.C_DestroyObject(session, this.#find(session, ref).handle)
      this.#held.delete(ref)
      for (const object of this.#objects(session, [{ type: ck.id, value: idOf(ref) }])) this.#library.C_DestroyObject(session, object)
    })
  }

  async whereabouts(ref: KeyRef): Promise<'pkcs11'> {
    if (!this.#held.has(ref)) await this.#using(unknown(ref), async (session) => this.#find(session, ref))
    return 'pkcs11'
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await Promise.all(this.#busy)
    this.#held.clear()
    leave(this.#library) // Closes the sessions, and so logs out.
  }

  #changingToken<T>(act: (session: Handle) => Promise<T>): Promise<T> {
    return this.#using(closed, act, true)
  }

  /**
   * @param refusal what an act says once the vault is closed
   * @param changes whether the act makes or destroys objects of the token
   */
  async #using<T>(refusal: () => TrustError, act: (session: Handle) => Promise<T>, changes = false): Promise<T> {
    if (this.#closed) throw refusal()
    const acting = this.#inSession(changes, act)
    const settled = acting.catch(() => undefined) // The caller has the error.
    this.#busy.add(settled)
    try {
      return await acting
    } finally {
      this.#busy.delete(settled)
    }
  }

  async #inSession<T>(changes: boolean, act: (session: Handle) => Promise<T>): Promise<T> {
    let session = await this.#take(changes)
    try {
      return await act(session)
    } catch (cause) {
      const error = this.#told(tokenError(cause, 'the token refused'), session)
      session = this.#another(session)
      throw error
    } finally {
      this.#give(session)
    }
  }

  /** Who is not logged in, as after a reset of the token, is shown no private key: the key is not gone, and nobody shall forget it. */
  #told(error: unknown, session: Handle): unknown {
    if (codeOf(error) !== 'DFFT_KEY_UNKNOWN' || this.#loggedIn(session)) return error
    return new TrustError('DFFT_HSM', 'the token has ended the login, and shows no keys; start the node again', {}, { cause: error })
  }

  #loggedIn(session: Handle): boolean {
    try {
      return userStates.includes(this.#library.C_GetSessionInfo(session).state)
    } catch {
      return false
    }
  }

  /** A library may hold an operation that it refused for one that is still going on. */
  #another(session: Handle): Handle {
    try {
      const opened = this.#library.C_OpenSession(this.#slot, ck.readWriteSession)
      this.#library.C_CloseSession(session)
      return opened
    } catch {
      return session // The token is gone or full: the next act finds out by itself, and has its own error.
    }
  }

  #take(changes: boolean): Promise<Handle> {
    return new Promise((begin) => {
      this.#waiting.push({ changes, begin })
      this.#begin()
    })
  }

  /**
   * In the order they came. What changes the objects of the token goes alone: SoftHSM looks its files through while another thread
   * writes one, and then refuses the new key with CKR_GENERAL_ERROR.
   */
  #begin(): void {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      if (this.#changing || (next.changes && this.#atWork > 0)) return
      const session = this.#idle.pop() ?? this.#more()
      if (!session) return
      this.#waiting.shift()
      this.#atWork++
      this.#changing = next.changes
      next.begin(session)
    }
  }

  #give(session: Handle): void {
    this.#idle.push(session)
    this.#atWork--
    this.#changing = false
    this.#begin()
  }

  /** Where the token grants no more, or is gone, those at work come back to whoever waits: there is one at least. */
  #more(): Handle | undefined {
    if (this.#sessions >= sessionsMax) return undefined
    try {
      const opened = this.#library.C_OpenSession(this.#slot, ck.readWriteSession)
      this.#sessions++
      return opened
    } catch {
      return undefined
    }
  }

  #secretHandle(session: Handle, ref: KeyRef): Handle {
    const { kind, handle } = this.#find(session, ref)
    if (kind !== 'A256GCM') throw unknown(ref)()
    return handle
  }

  #find(session: Handle, ref: KeyRef): Held {
    const before = this.#held.get(ref)
    if (before) return before
    for (const kind of ['EdDSA', 'ES256', 'A256GCM'] as const) {
      const [handle, second] = this.#objects(session, templateOf(ref, kinds[kind].class, kind))
      if (second) throw new TrustError('DFFT_HSM', 'the token holds two keys of one name', { ref })
      if (!handle) continue
      const held = { kind, handle, jwk: kind === 'A256GCM' ? undefined : this.#publicJwk(session, ref, kind) }
      this.#held.set(ref, held)
      return held
    }
    throw unknown(ref)()
  }

  #publicJwk(session: Handle, ref: KeyRef, kind: 'EdDSA' | 'ES256'): PublicJwk {
    const [handle] = this.#objects(session, templateOf(ref, ck.publicKey, kind))
    const [point] = handle ? this.#library.C_GetAttributeValue(session, handle, [{ type: ck.ecPoint }]) : []
    if (!point) throw new TrustError('DFFT_HSM', 'the token holds a private key without its public one', { ref })
    return jwkOf(kind, point.value)
  }

  #objects(session: Handle, template: Template): Handle[] {
    this.#library.C_FindObjectsInit(session, template)
    try {
      return this.#library.C_FindObjects(session, 2)
    } finally {
      this.#library.C_FindObjectsFinal(session)
    }
  }

  #gcm(nonce: Buffer, context: Uint8Array): Mechanism {
    const parameter = { type: this.#gcmParameters, iv: nonce, aad: Buffer.from(context), ivBits: nonceBytes * 8, tagBits: tagBytes * 8 }
    return { mechanism: kinds.A256GCM.use, parameter }
  }
}

const hidden: Template = [
  { type: ck.private, value: true },
  { type: ck.sensitive, value: true },
  { type: ck.extractable, value: false },
]
const sealing: Template = [
  { type: ck.valueLength, value: 32 },
  { type: ck.encrypt, value: true },
  { type: ck.decrypt, value: true },
]

function templateOf(ref: KeyRef, objectClass: number, kind: Kind): Template {
  return [
    { type: ck.class, value: objectClass },
    { type: ck.keyType, value: kinds[kind].keyType },
    { type: ck.id, value: idOf(ref) },
  ]
}

function refOf(id: Buffer): KeyRef {
  return `key-${id.toString('hex')}` as KeyRef // The one place that makes them.
}

/** @throws {TrustError} DFFT_KEY_UNKNOWN: an empty CKA_ID would find every object */
function idOf(ref: KeyRef): Buffer {
  if (!/^key-[0-9a-f]{32}$/.test(ref)) throw unknown(ref)()
  return Buffer.from(ref.slice('key-'.length), 'hex')
}

/** CKA_EC_POINT is a DER octet string with the point (PKCS#11 3.0, 2.3.5); some tokens give the point bare. */
function jwkOf(kind: 'EdDSA' | 'ES256', encoded: Buffer): PublicJwk {
  const length = kind === 'EdDSA' ? 32 : 65
  const point = encoded.length === length + 2 && encoded[0] === 4 && encoded[1] === length ? encoded.subarray(2) : encoded
  if (point.length !== length || (kind === 'ES256' && point[0] !== 4)) throw new TrustError('DFFT_HSM', 'the token gave a public key in an unknown form')
  if (kind === 'EdDSA') return PublicJwk.parse({ kty: 'OKP', crv: 'Ed25519', x: toBase64url(point) })
  return PublicJwk.parse({ kty: 'EC', crv: 'P-256', x: toBase64url(point.subarray(1, 33)), y: toBase64url(point.subarray(33)) })
}

function closed(): TrustError {
  return new TrustError('DFFT_KEYSTORE', 'the keystore is closed')
}

function unknown(ref: KeyRef): () => TrustError {
  return () => new TrustError('DFFT_KEY_UNKNOWN', 'the token holds no such key for this use', { ref: ref.slice(0, 64) })
}

/** CKR_KEY_HANDLE_INVALID and CKR_OBJECT_HANDLE_INVALID: somebody else destroyed it. CKR_PIN_INCORRECT, _INVALID, _LEN_RANGE. */
const goneCodes: readonly unknown[] = [0x60, 0x82]
const pinCodes: readonly unknown[] = [0xa0, 0xa1, 0xa2]
/** CKS_RO_USER_FUNCTIONS, CKS_RW_USER_FUNCTIONS. */
const userStates: readonly number[] = [1, 3]

/** The package’s errors as ours; their text names a function of the standard and its result, never an argument. */
function tokenError(cause: unknown, what: string): unknown {
  if (cause instanceof TrustError || !(cause instanceof Error) || !('code' in cause)) return cause
  if (pinCodes.includes(cause.code)) return new TrustError('DFFT_PASSPHRASE', 'the PIN does not open the token', {}, { cause })
  if (goneCodes.includes(cause.code)) return new TrustError('DFFT_KEY_UNKNOWN', 'the token no longer holds the key', {}, { cause })
  return new TrustError('DFFT_HSM', `${what}: ${cause.message}`, { result: Number(cause.code) }, { cause })
}
