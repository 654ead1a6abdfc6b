/**
 * docs/protocol.md, read a second time: what it says of hashes, signatures, logs and evidence files, with node:crypto and JSON alone. Nothing of
 * protocols/ is imported, so that where the two come to the same, the document has said it.
 */
import { createHash, createPublicKey, verify } from 'node:crypto'

interface Signature {
  readonly keyId: string
  readonly value: string
}

interface Agreement extends Signature {
  readonly hash: string
  readonly inputs: string
}

interface Message {
  readonly type: string
  readonly exchange: string
  readonly from: string
  readonly to: string
  readonly agreement: Agreement
  readonly release: string
  readonly log?: { readonly checkpoint: string }
  readonly cosignature?: { readonly checkpoint: string; readonly line: string } | null
  readonly signature: Signature
}

interface Half {
  readonly policies: readonly { readonly digest: string }[]
}

interface Decision {
  readonly at: string
  readonly export: Half
  readonly import: Half
  readonly packs: unknown
  readonly joint: unknown
}

interface Proof {
  readonly verificationMethod: string
  readonly proofValue: string
}

/** A line of the file. What its kind should have is looked for, and where it is absent something below does not hold. */
interface Member {
  readonly kind: string
  readonly message: Message
  readonly log: string
  readonly id: string
  readonly chosen: boolean
  readonly question: { readonly request: string }
  readonly decision: Decision
  readonly request: string
  readonly agreement: Agreement
  readonly release: string
  readonly credentials?: unknown
  readonly of: string
  readonly note: string
  readonly cosignatures: readonly { readonly by: string; readonly line: string }[]
  readonly entry: string
  readonly size: number
  readonly from: number
  readonly to: number
  readonly proof: readonly string[]
  readonly document: { readonly type?: string; readonly proof: Proof | readonly Proof[] }
}

interface Manifest {
  readonly exporter: string
  readonly members: readonly string[]
  readonly signature: Signature
}

/** What was looked at, for a test that nothing was passed over. */
export interface Reading {
  readonly signatures: number
  readonly agreements: number
  readonly entries: number
  readonly consistencies: number
  readonly cosignatures: number
  readonly proofs: number
  readonly releases: number
}

/** RFC 8785. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = value as Readonly<Record<string, unknown>> // No array, by the lines above.
  const names = Object.keys(members).sort()
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(members[name])}`).join(',')}}`
}

const sha256 = (...parts: readonly (Uint8Array | string)[]) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
const digest = (text: string) => `sha256:${sha256(text).toString('hex')}`
const digestOf = (document: unknown) => digest(canonical(document))
const without = (document: object, ...names: readonly string[]) => Object.fromEntries(Object.entries(document).filter(([name]) => !names.includes(name)))

const digests = ({ policies }: Half) => policies.map(({ digest }) => digest)

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(`by the specification this does not hold: ${what}`)
}

/** Ed25519 public key of a Multikey: base58btc of `ed 01` and 32 bytes. */
function keyOf(multibase: string): Uint8Array {
  const bytes = base58(multibase.slice(1))
  must(multibase.startsWith('z') && bytes.length === 34 && bytes[0] === 0xed && bytes[1] === 0x01, 'a Multikey of Ed25519')
  return bytes.subarray(2)
}

function base58(text: string): Uint8Array {
  const alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
  const number = [...text].reduce((sum, letter) => sum * 58n + BigInt(alphabet.indexOf(letter)), 0n)
  const hex = number.toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
}

function signed(key: Uint8Array, bytes: Uint8Array | string, signature: Uint8Array): boolean {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(key).toString('base64url') }
  return verify(null, Buffer.from(bytes), createPublicKey({ key: jwk, format: 'jwk' }), signature)
}

/** RFC 9162, 2.1.1: the two hashes of the tree. */
const leafHash = (entry: string) => sha256(Uint8Array.of(0), entry)
const nodeHash = (left: Uint8Array, right: Uint8Array) => sha256(Uint8Array.of(1), left, right)

/** RFC 9162, 2.1.3.2. */
export function includes(entry: string, index: number, { size, root }: Head, proof: readonly string[]): boolean {
  let [at, last, hash] = [index, size - 1, leafHash(entry)]
  for (const text of proof) {
    if (last === 0) return false
    const other = Buffer.from(text, 'base64')
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(other, hash)
      while (at % 2 === 0 && at !== 0) [at, last] = [at >> 1, last >> 1]
    } else hash = nodeHash(hash, other)
    ;[at, last] = [at >> 1, last >> 1]
  }
  return last === 0 && hash.toString('base64') === root
}

/** RFC 9162, 2.1.4.2. */
export function extends_(from: Head, to: Head, proof: readonly string[]): boolean {
  if (from.size === to.size) return proof.length === 0 && from.root === to.root
  const power = (from.size & (from.size - 1)) === 0
  const path = power ? [from.root, ...proof] : [...proof]
  let [at, last] = [from.size - 1, to.size - 1]
  while (at % 2 === 1) [at, last] = [at >> 1, last >> 1]
  const first = Buffer.from(path[0] ?? '', 'base64')
  let [old, now] = [first, first]
  for (const text of path.slice(1)) {
    if (last === 0) return false
    const other = Buffer.from(text, 'base64')
    if (at % 2 === 1 || at === last) {
      ;[old, now] = [nodeHash(other, old), nodeHash(other, now)]
      while (at % 2 === 0 && at !== 0) [at, last] = [at >> 1, last >> 1]
    } else now = nodeHash(now, other)
    ;[at, last] = [at >> 1, last >> 1]
  }
  return last === 0 && old.toString('base64') === from.root && now.toString('base64') === to.root
}

export interface Head {
  readonly size: number
  /** Base64. */
  readonly root: string
}

/** A C2SP checkpoint: three lines, a blank one, signature lines. */
function noteOf(note: string): Head & { readonly body: string; readonly origin: string; readonly lines: readonly string[] } {
  const end = note.lastIndexOf('\n\n')
  const body = note.slice(0, end + 1)
  const [origin = '', size = '', root = ''] = body.split('\n')
  return { body, origin, size: Number(size), root, lines: note.slice(end + 2, -1).split('\n') }
}

const signatureLine = (line: string) => {
  const [, name = '', text = ''] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? []
  const bytes = Buffer.from(text, 'base64')
  return { name, keyId: bytes.subarray(0, 4), rest: bytes.subarray(4) }
}
const keyIdOf = (name: string, type: number, key: Uint8Array) => sha256(`${name}\n`, Uint8Array.of(type), key).subarray(0, 4)

function only(messages: readonly Message[], type: string): Message {
  const found = messages.find((message) => message.type === type)
  if (!found) throw new Error(`by the specification this does not hold: there is a ${type}`)
  return found
}

/** One evidence file, line by line. */
export class SecondReading {
  readonly #lines: readonly string[]
  readonly #members: readonly Member[]
  readonly #manifest: Manifest
  /** Keys by their DID URL, of every version of every DID log in the file. */
  readonly #keys = new Map<string, Uint8Array>()
  #signatures = 0

  constructor(text: string) {
    must(text.endsWith('\n'), 'the last line ends')
    this.#lines = text.slice(0, -1).split('\n')
    const [manifest, ...members] = this.#lines.map((line) => JSON.parse(line))
    this.#manifest = manifest
    this.#members = members
    for (const { log } of this.#of('did'))
      for (const entry of log.trimEnd().split('\n'))
        for (const { id, publicKeyMultibase } of JSON.parse(entry).state.verificationMethod ?? []) this.#keys.set(id, keyOf(publicKeyMultibase))
  }

  read(): Reading {
    this.#checkLines()
    return this.readParts()
  }

  /** What each part says for itself, whatever the manifest says of it. */
  readParts(): Reading {
    const messages = this.#of('message').map(({ message }) => message)
    for (const message of messages) this.#checkSigned('dfft-exchange/1', message, message.from)
    const entries = this.#checkLog()
    const counted = { agreements: this.#checkAgreements(messages), releases: this.#checkReleases(messages), proofs: this.#checkTrust() }
    return { signatures: this.#signatures, ...counted, ...entries }
  }

  #of(kind: string): readonly Member[] {
    return this.#members.filter((member) => member.kind === kind)
  }

  #checkLines(): void {
    for (const [at, line] of this.#lines.entries()) {
      must(canonical(JSON.parse(line)) === line, `line ${at + 1} is canonical`)
      if (at > 0 && this.#members[at - 1]?.kind !== 'timestamp')
        must(this.#manifest.members[at - 1] === digest(line), `line ${at + 1} is the one of the manifest`)
    }
    this.#checkSigned('dfft-evidence/1', this.#manifest, this.#manifest.exporter)
  }

  #checkSigned(label: string, document: { readonly signature: Signature }, by: string): void {
    must(document.signature.keyId.startsWith(`${by}#`), `the key of ${label} is its signer’s`)
    this.#checkValue(`${label}\n${canonical(without(document, 'signature'))}`, document.signature, label)
  }

  #checkValue(text: string, { keyId, value }: Signature, what: string): void {
    const key = this.#keyOf(keyId)
    must(key !== undefined && signed(key, text, Buffer.from(value, 'base64url')), `the signature of ${what}`)
    this.#signatures++
  }

  /** Of a did:key the name is the key. */
  #keyOf(id: string): Uint8Array | undefined {
    const [, multibase] = /^did:key:([^#]+)#/.exec(id) ?? []
    return multibase === undefined ? this.#keys.get(id) : keyOf(multibase)
  }

  /** Each decision that was released gives the hash, and its inputs, that both sides signed. */
  #checkAgreements(messages: readonly Message[]): number {
    const request = only(messages, 'request')
    const chosen = this.#of('decision').filter((one) => one.chosen)
    const agreed = chosen.map(({ id, question, decision }) => {
      const policies = {
        export: digests(decision.export),
        import: digests(decision.import),
      }
      const { packs, joint, at } = decision
      must(question.request === digestOf(without(request, 'agreement', 'signature')), 'the question names the Request')
      const body = { version: 'dfft-agreement/1', exchange: request.exchange, request: question.request, at, policies, packs, question, joint }
      return { id, agreement: digestOf(body), inputs: digestOf({ question, policies, packs }) }
    })
    const hash = digestOf({ version: 'dfft-agreements/1', credentials: agreed.map(({ id, agreement }) => ({ id, agreement })) })
    const inputs = digestOf({ version: 'dfft-inputs/1', credentials: agreed.map(({ id, inputs }) => ({ id, inputs })) })
    const asked = messages.find(({ type }) => type === 'acceptance') ?? request
    const both = [asked.agreement, ...this.#of('release').map(({ agreement }) => agreement)]
    for (const agreement of both) {
      must(agreement.hash === hash && agreement.inputs === inputs, 'both sides signed the agreement of the decisions')
      this.#checkValue(`dfft-agreement/1\n${hash}\n${inputs}`, agreement, 'an agreement')
    }
    return both.length
  }

  /** What was released is what the Receipt names. */
  #checkReleases(messages: readonly Message[]): number {
    const receipt = only(messages, 'receipt')
    const shown = this.#of('release').filter(({ credentials }) => credentials !== undefined)
    for (const { request, agreement, release, credentials } of shown) {
      const made = digestOf({ exchange: receipt.exchange, request, agreement: agreement.hash, credentials })
      must(made === release && made === receipt.release, 'the release is the one of the Receipt')
    }
    return shown.length
  }

  #checkLog(): Pick<Reading, 'entries' | 'consistencies' | 'cosignatures'> {
    const heads = new Map<string, Head>()
    let cosignatures = 0
    const notes = this.#of('checkpoint').map(({ of, note, cosignatures: by }) => ({ of, note, by }))
    const shown = this.#of('message').flatMap(({ message: { from, to, log, cosignature } }) => [
      ...(log ? [{ of: from, note: log.checkpoint, by: [] }] : []),
      ...(cosignature ? [{ of: to, note: cosignature.checkpoint, by: [{ by: from, line: cosignature.line }] }] : []),
    ])
    for (const { of, note, by } of [...notes, ...shown]) {
      const head = noteOf(note)
      must(head.origin === `dfft.log/${of}` && head.lines.some((line) => this.#signsNote(head.origin, 1, line, head.body)), 'the log signed the checkpoint')
      for (const { by: witness, line } of by) {
        must(this.#signsNote(`dfft.log/${witness}`, 4, line.trimEnd(), head.body), 'the witness signed the checkpoint')
        cosignatures++
      }
      heads.set(`${of} ${head.size}`, head)
    }
    const headOf = (of: string, size: number) => heads.get(`${of} ${size}`) ?? { size, root: '' }
    for (const { of, entry, size, proof } of this.#of('entry'))
      must(includes(entry, JSON.parse(entry).index, headOf(of, size), proof), 'the entry is in the tree')
    for (const { of, from, to, proof } of this.#of('consistency'))
      must(extends_(headOf(of, from), headOf(of, to), proof), 'the larger tree grew out of the smaller')
    return { entries: this.#of('entry').length, consistencies: this.#of('consistency').length, cosignatures }
  }

  #signsNote(name: string, type: number, line: string, body: string): boolean {
    const said = signatureLine(line)
    if (said.name !== name) return false
    const seconds = type === 4 ? said.rest.readBigUInt64BE() : 0n
    const [text, signature] = type === 4 ? [`cosignature/v1\ntime ${seconds}\n${body}`, said.rest.subarray(8)] : [body, said.rest]
    const did = name.slice('dfft.log/'.length)
    const ids = did.startsWith('did:key:') ? [`${did}#`] : [...this.#keys.keys()].filter((id) => id.split('#')[0] === did)
    return ids.map((id) => this.#keyOf(id)).some((key) => key !== undefined && said.keyId.equals(keyIdOf(name, type, key)) && signed(key, text, signature))
  }

  /** eddsa-jcs-2022 of trust documents and policies. */
  #checkTrust(): number {
    const documents = [...this.#of('trust'), ...this.#of('policy')].map(({ document }) => document)
    const proofs = documents.flatMap((document) => [document.proof].flat().map((proof) => ({ document, proof })))
    for (const { document, proof } of proofs) {
      const bytes = Buffer.concat([sha256(canonical(without(proof, 'proofValue'))), sha256(canonical(without(document, 'proof')))])
      const key = this.#keyOf(proof.verificationMethod)
      must(key !== undefined && signed(key, bytes, base58(proof.proofValue.slice(1))), `the proof of a ${document.type ?? 'Trust Policy'}`)
    }
    return proofs.length
  }
}
