/** Signed checkpoints and cosignatures (C2SP signed-note, tlog-checkpoint, tlog-cosignature), verified in this browser with Ed25519. */
import { fromBase58, fromBase64, fromBase64url, hex, joined, utf8 } from './bytes.ts'

export interface Note {
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
  /** What was signed. */
  readonly body: string
  readonly signatures: readonly { readonly name: string; readonly keyId: string; readonly signature: Uint8Array<ArrayBuffer> }[]
}

/** Null for what is no note. */
export function readNote(text: string): Note | null {
  const end = text.lastIndexOf('\n\n')
  if (end < 0 || !text.endsWith('\n')) return null
  const body = text.slice(0, end + 1)
  const [origin = '', size = '', root = '', ...rest] = body.split('\n')
  if (origin === '' || !/^(?:0|[1-9]\d{0,15})$/.test(size) || rest.length !== 1) return null
  try {
    const hash = fromBase64(root)
    const lines = text.slice(end + 2, -1).split('\n')
    return hash.length === 32 ? { origin, size: Number(size), root: hash, body, signatures: lines.map(readLine) } : null
  } catch {
    return null
  }
}

function readLine(line: string): Note['signatures'][number] {
  const [, name = '', text = ''] = /^\u2014 ([^\s+]+) ([A-Za-z0-9+/=]+)$/u.exec(line) ?? []
  const bytes = fromBase64(text)
  if (bytes.length < 5) throw new Error('no signature')
  return { name, keyId: hex(bytes.subarray(0, 4)), signature: bytes.slice(4) }
}

const types = { log: 0x01, cosignature: 0x04 } as const

/** Four bytes that say which key signed; they prove nothing. */
async function keyIdOf(name: string, key: Uint8Array, type: keyof typeof types): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', joined(utf8(`${name}\n`), Uint8Array.of(types[type]), key))
  return hex(new Uint8Array(digest).subarray(0, 4))
}

async function signs(key: Uint8Array<ArrayBuffer>, text: string, signature: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const imported = await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify'])
  return crypto.subtle.verify('Ed25519', imported, signature, utf8(text))
}

/** The key that signed it as its log; undefined where none of these did. */
export async function signerOf(note: Note, keys: readonly Uint8Array<ArrayBuffer>[]): Promise<Uint8Array | undefined> {
  for (const key of keys) {
    const keyId = await keyIdOf(note.origin, key, 'log')
    for (const one of note.signatures) if (one.name === note.origin && one.keyId === keyId && (await signs(key, note.body, one.signature))) return key
  }
  return undefined
}

/** When a witness signed it, in milliseconds; undefined where none of these keys did. */
export async function cosignedAt(note: Note, line: string, keys: readonly Uint8Array<ArrayBuffer>[]): Promise<number | undefined> {
  const { name, keyId, signature } = readLine(line.trimEnd())
  if (signature.length !== 72) return undefined
  const seconds = Number(new DataView(signature.buffer, signature.byteOffset).getBigUint64(0))
  const text = `cosignature/v1\ntime ${seconds}\n${note.body}`
  for (const key of keys) if ((await keyIdOf(name, key, 'cosignature')) === keyId && (await signs(key, text, signature.slice(8)))) return seconds * 1000
  return undefined
}

/** The Ed25519 keys that a DID document names, each once: as multikey or as JWK. */
export function keysIn(document: Readonly<Record<string, unknown>>): Uint8Array<ArrayBuffer>[] {
  const methods = Array.isArray(document.verificationMethod) ? (document.verificationMethod as unknown[]) : []
  const keys = methods.flatMap((method) => {
    const { publicKeyMultibase, publicKeyJwk } = (method ?? {}) as { publicKeyMultibase?: unknown; publicKeyJwk?: { crv?: unknown; x?: unknown } }
    if (typeof publicKeyMultibase === 'string' && publicKeyMultibase.startsWith('z')) {
      const bytes = fromBase58(publicKeyMultibase.slice(1))
      // 0xed 0x01: an Ed25519 public key, of 32 bytes.
      return bytes.length === 34 && bytes[0] === 0xed && bytes[1] === 0x01 ? [bytes.slice(2)] : []
    }
    return publicKeyJwk?.crv === 'Ed25519' && typeof publicKeyJwk.x === 'string' ? [fromBase64url(publicKeyJwk.x)] : []
  })
  return [...new Map(keys.map((key) => [hex(key), key])).values()]
}
