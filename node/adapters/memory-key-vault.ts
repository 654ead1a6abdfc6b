/**
 * KeyVault in memory: the twin of file-key-vault.ts for tests and the simulator.
 *
 * Everything follows from the injected Random: keys, nonces, and ES256 signatures too, whose nonce is derived (RFC 6979) since
 * OpenSSL's would differ from run to run. Its arithmetic takes a time that depends on the key: never use it in a node.
 */
import { createECDH, createHmac, createPrivateKey, createPublicKey, hash, type KeyObject, sign } from 'node:crypto'
import { toBase64url } from '#protocols/base64url.ts'
import { TrustError } from '#protocols/errors.ts'
import { type Algorithm, PublicJwk } from '#protocols/keys.ts'
import { seal, unseal } from '#protocols/sealed.ts'
import type { KeyRef, KeyVault, Random } from '../ports.ts'

type Kind = Algorithm | 'A256GCM'
type Held = readonly [ref: KeyRef, kind: Kind, secret: Uint8Array]

export class MemoryKeyVault implements KeyVault {
  readonly #random: Random
  readonly #keys = new Map<
    string,
    { readonly kind: Kind; readonly secret: Uint8Array; readonly key: KeyObject | undefined; readonly jwk: PublicJwk | undefined }
  >()
  #closed = false

  /** @param held what `snapshot` of the vault before a crash gave */
  constructor(random: Random, held: Iterable<Held> = []) {
    this.#random = random
    for (const [ref, kind, secret] of held) this.#hold(ref, kind, secret)
  }

  /** What is durable: all of it. */
  snapshot(): readonly Held[] {
    return [...this.#keys].map(([ref, { kind, secret }]) => [ref as KeyRef, kind, new Uint8Array(secret)]) // Only `create` makes names.
  }

  async create(kind: Kind): Promise<KeyRef> {
    if (this.#closed) throw new TrustError('DFFT_KEYSTORE', 'the keystore is closed')
    const ref = `key-${Buffer.from(this.#random.bytes(16)).toString('hex')}` as KeyRef // The one place that makes them.
    this.#hold(ref, kind, this.#secret(kind))
    return ref
  }

  async publicKey(ref: KeyRef): Promise<PublicJwk> {
    const { jwk } = this.#key(ref)
    if (!jwk) throw unknown(ref)
    return jwk
  }

  async sign(ref: KeyRef, bytes: Uint8Array): Promise<Uint8Array> {
    const { kind, key, secret } = this.#key(ref)
    if (kind === 'ES256') return signEs256(secret, bytes)
    if (!key) throw unknown(ref)
    return sign(null, bytes, key)
  }

  async seal(ref: KeyRef, plain: Uint8Array, context: Uint8Array): Promise<Uint8Array> {
    return seal(this.#secretKey(ref), this.#random.bytes(12), plain, context)
  }

  async open(ref: KeyRef, sealed: Uint8Array, context: Uint8Array): Promise<Uint8Array> {
    return unseal(this.#secretKey(ref), sealed, context)
  }

  async destroy(ref: KeyRef): Promise<void> {
    if (this.#closed) throw new TrustError('DFFT_KEYSTORE', 'the keystore is closed')
    this.#key(ref).secret.fill(0)
    this.#keys.delete(ref)
  }

  async whereabouts(ref: KeyRef): Promise<'memory'> {
    this.#key(ref)
    return 'memory'
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.#keys.clear()
  }

  #key(ref: KeyRef) {
    const key = this.#keys.get(ref)
    if (!key) throw unknown(ref)
    return key
  }

  #secretKey(ref: KeyRef): Uint8Array {
    const { kind, secret } = this.#key(ref)
    if (kind !== 'A256GCM') throw unknown(ref)
    return secret
  }

  #secret(kind: Kind): Uint8Array {
    for (;;) {
      const secret = this.#random.bytes(32)
      // A P-256 key is a number from 1 to n - 1; 32 random bytes are not with a chance of 2^-32.
      if (kind !== 'ES256' || inOrder(bigintOf(secret))) return secret
    }
  }

  #hold(ref: KeyRef, kind: Kind, secret: Uint8Array): void {
    const key = kind === 'EdDSA' ? createPrivateKey({ key: Buffer.concat([ed25519Prefix, secret]), format: 'der', type: 'pkcs8' }) : undefined
    const jwk = key ? PublicJwk.parse(createPublicKey(key).export({ format: 'jwk' })) : kind === 'ES256' ? p256Jwk(secret) : undefined
    this.#keys.set(ref, { kind, secret: new Uint8Array(secret), key, jwk })
  }
}

function unknown(ref: KeyRef): TrustError {
  return new TrustError('DFFT_KEY_UNKNOWN', 'the keystore holds no such key for this use', { ref: ref.slice(0, 64) })
}

/** PKCS #8 up to the 32 bytes of an Ed25519 seed (RFC 8410, 7). */
const ed25519Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Order of P-256 (FIPS 186-5 by way of SP 800-186, 3.2.1.3). */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

function p256Jwk(secret: Uint8Array): PublicJwk {
  const point = timesGenerator(secret)
  return { kty: 'EC', crv: 'P-256', x: toBase64url(point.subarray(1, 33)), y: toBase64url(point.subarray(33)) }
}

/** RFC 6979, 3.2 with SHA-256: r‖s. OpenSSL multiplies the point; the rest is arithmetic modulo the order. */
function signEs256(secret: Uint8Array, bytes: Uint8Array): Uint8Array {
  const digest = hash('sha256', bytes, 'buffer')
  const z = bigintOf(digest)
  for (const nonce of nonces(secret, bytesOf(z % order))) {
    const r = bigintOf(timesGenerator(bytesOf(nonce)).subarray(1, 33)) % order
    const s = (inverse(nonce) * (z + r * bigintOf(secret))) % order
    if (r !== 0n && s !== 0n) return Buffer.concat([bytesOf(r), bytesOf(s)])
  }
  throw new Error('the nonces have no end')
}

function* nonces(secret: Uint8Array, digest: Uint8Array): Generator<bigint> {
  let v = Buffer.alloc(32, 1)
  let k = Buffer.alloc(32, 0)
  for (const step of [0, 1]) {
    k = hmac(k, v, Uint8Array.of(step), secret, digest)
    v = hmac(k, v)
  }
  for (;;) {
    v = hmac(k, v)
    const nonce = bigintOf(v)
    if (inOrder(nonce)) yield nonce
    k = hmac(k, v, Uint8Array.of(0))
    v = hmac(k, v)
  }
}

function hmac(key: Uint8Array, ...parts: readonly Uint8Array[]): Buffer<ArrayBuffer> {
  return Buffer.from(createHmac('sha256', key).update(Buffer.concat(parts)).digest())
}

function timesGenerator(scalar: Uint8Array): Uint8Array {
  const ecdh = createECDH('prime256v1')
  ecdh.setPrivateKey(scalar)
  return ecdh.getPublicKey()
}

/** Modulo the order, by the extended Euclidean algorithm. */
function inverse(value: bigint): bigint {
  let [low, high] = [value % order, order]
  let [x, y] = [1n, 0n]
  while (low > 1n) {
    const quotient = high / low
    ;[low, high] = [high % low, low]
    ;[x, y] = [y - quotient * x, x]
  }
  return ((x % order) + order) % order
}

function inOrder(value: bigint): boolean {
  return value > 0n && value < order
}

function bigintOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}

function bytesOf(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex')
}
