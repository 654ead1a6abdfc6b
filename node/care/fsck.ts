/**
 * Looks at every record of a node: whether it reads as its module wrote it, whether what names it is there, and whether the audit log is
 * one chain. It changes nothing. Where a record is damaged it goes on, so that all of them are named.
 */
import type { OutputOf } from '#node/api.ts'
import { Cosigned, Fork, Head, logKeys, readAs, readEntryOf, Seen } from '#node/audit/audit-disk.ts'
import type { Store } from '#node/ports.ts'
import { chunkCount } from '#protocols/attachment.ts'
import { canonicalBytes } from '#protocols/canonical.ts'
import { type Did, digest } from '#protocols/ids.ts'
import { originOf, parseCheckpoint } from '#protocols/log/checkpoint.ts'
import { base64, firstPrevious } from '#protocols/log/entry.ts'
import { leafHash, MerkleTree } from '#protocols/log/merkle.ts'
import { type Prefix, prefixOf } from './prefixes.ts'

export type Finding = OutputOf<'storeCheck'>['findings'][number]

/** What lies beside the store, as an adapter found it. */
export interface Beside {
  /** Of the files: journal, anchor, keystore, data keys. */
  readonly findings: readonly Finding[]
  /** The newest signed head that the anchor holds. */
  readonly anchor: string | undefined
  /** Opens what is sealed, where the keys are at hand: of a running node. Without, only its form is looked at. */
  readonly opening?: Pick<Store, 'get'>
  /** Length of each whole content, by its name. */
  readonly contents: ReadonlyMap<string, number>
}

/** More is a store that was not written by a node. */
const findingsMax = 1_000
/** What sealing adds to a chunk of content. */
const sealBytes = 28
const sealedMagic = Buffer.from('dfft-sealed/1 ')

export const advice = {
  log: 'Copy the whole folder before anything else, and do not start on it. Restore the newest backup (`dfft backup restore`), and look who could write there.',
  restore: 'Nobody else has it: restore the newest backup (`dfft backup restore`) with `--former` and this folder.',
  again: 'Others have it: after a restore of the newest backup it is brought up to date by itself.',
  unknown: 'No module of this version owns it: was the folder used by a newer version?',
} as const

/** @throws {TrustError} DFFT_STORE when the engine gives no rows at all */
export async function checkStore(store: Store, beside: Beside): Promise<OutputOf<'storeCheck'>> {
  const findings: Finding[] = [...beside.findings]
  const found = (one: Finding) => void (findings.length < findingsMax && findings.push(one))
  const walk = new Walk(beside, found)
  let rows = 0
  for await (const [key, value] of store.scan({ from: '\u0000', to: '\u{10ffff}' })) {
    rows++
    if (await opens(key, value, beside)) walk.row(key, value)
    else found(finding(key, prefixOf(key), 'does-not-open', advice.restore))
  }
  const size = walk.finish()
  return { ok: findings.length === 0, rows, log: size, contents: beside.contents.size, findings }
}

/** What was sealed under a key that is destroyed is no damage. */
async function opens(key: string, value: Uint8Array, { opening }: Beside): Promise<boolean> {
  if (!opening || !isSealed(value)) return true
  return opening.get(key).then(
    () => true,
    () => false,
  )
}

function isSealed(value: Uint8Array): boolean {
  return sealedMagic.equals(value.subarray(0, sealedMagic.length))
}

class Walk {
  readonly #found: (one: Finding) => void
  readonly #beside: Beside
  readonly #log: LogWalk
  readonly #contents: Set<string>
  readonly #names = { exchanges: new Set<string>(), credentials: new Set<string>() }
  /** Index rows whose record comes later, or never. */
  readonly #wanted: { readonly key: string; readonly of: 'exchanges' | 'credentials'; readonly name: string }[] = []
  #identifiers = 0

  constructor(beside: Beside, found: (one: Finding) => void) {
    this.#found = found
    this.#beside = beside
    this.#contents = new Set(beside.contents.keys())
    this.#log = new LogWalk(found)
  }

  row(key: string, value: Uint8Array): void {
    const owner = prefixOf(key)
    const problem = owner ? problemOf(key, value, owner) : 'unknown'
    if (!owner || problem !== null) {
      const what = owner ? (owner.kind === 'log' ? advice.log : advice[owner.lost]) : advice.unknown
      this.#found(finding(key, owner, problem ?? '', what))
      return
    }
    if (owner.kind === 'log') this.#log.row(key, value)
    if (key.startsWith('log/of/')) this.#log.indexed(key)
    this.#related(key, value)
  }

  /** @returns entries of the log */
  finish(): number {
    if (this.#identifiers === 0) this.#found(finding('identifier/', prefixOf('identifier/'), 'missing', advice.restore))
    for (const { key, of, name } of this.#wanted) if (!this.#names[of].has(name)) this.#found(finding(key, prefixOf(key), 'names-nothing', advice.restore))
    for (const id of this.#contents) this.#found({ ...finding(`attachments/${id}`, null, 'unnamed', 'The node deletes it at its next start.'), where: 'file' })
    return this.#log.finish(this.#beside.anchor)
  }

  #related(key: string, value: Uint8Array): void {
    const [first = '', second = '', ...rest] = key.split('/')
    if (first === 'identifier') this.#identifiers++
    if (first === 'exchange' && second === 'head') this.#names.exchanges.add(rest.join('/'))
    if (first === 'exchange' && second === 'time') this.#wanted.push({ key, of: 'exchanges', name: rest.at(-1) ?? '' })
    if (first === 'credential') this.#names.credentials.add(rest.join('/'))
    if (first === 'credential-of') this.#wanted.push({ key, of: 'credentials', name: rest.slice(2).join('/') })
    if (key.startsWith('attachment/of/')) this.#content(key, value)
  }

  #content(key: string, value: Uint8Array): void {
    const { blob, state, attachment } = JSON.parse(Buffer.from(value).toString()) as { blob: string; state: string; attachment: { bytes: number } } // As attachment-record.ts wrote it, which was read before.
    if (!this.#contents.delete(blob) && state === 'kept')
      this.#found({ ...finding(`attachments/${blob}`, prefixOf(key), 'missing', advice.restore), where: 'file' })
    const bytes = this.#beside.contents.get(blob)
    const expected = attachment.bytes + chunkCount(attachment.bytes) * sealBytes
    if (state === 'kept' && bytes !== undefined && bytes !== expected)
      this.#found({ ...finding(`attachments/${blob}`, prefixOf(key), 'length', advice.restore), where: 'file' })
  }
}

/** The chain, entry by entry: each that does not fit the one before it is named, and the walk goes on from what is there. */
class LogWalk {
  readonly #found: (one: Finding) => void
  readonly #tree = new MerkleTree()
  readonly #indexes = new Map<number, string>()
  #did: string | undefined
  #last: string | undefined
  #next = 0
  #head: { readonly size: number; readonly root: string; readonly last: string } | undefined

  constructor(found: (one: Finding) => void) {
    this.#found = found
  }

  row(key: string, value: Uint8Array): void {
    if (key.startsWith('log/entry/')) this.#entry(key, value)
    else if (key === logKeys.head) this.#head = readAs(key, value, Head)
  }

  indexed(key: string): void {
    const [, exchange = '', digits = ''] = /^log\/of\/([0-9a-f]{32})\/(\d{16})$/.exec(key) ?? []
    if (this.#indexes.get(Number(digits)) !== exchange) this.#found(finding(key, prefixOf(key), 'names-nothing', advice.log))
    this.#indexes.delete(Number(digits))
  }

  finish(anchor: string | undefined): number {
    for (const [index, exchange] of this.#indexes)
      this.#found(finding(`log/of/${exchange}/${String(index).padStart(16, '0')}`, prefixOf('log/of/'), 'missing', advice.log))
    const root = this.#tree.root(this.#tree.size)
    const head = this.#head
    const whole = head !== undefined && head.size === this.#tree.size && head.root === base64(root) && head.last === this.#last
    if (!whole) this.#found(finding(logKeys.head, prefixOf(logKeys.head), head ? 'other-tree' : 'missing', advice.log))
    if (anchor !== undefined) this.#compare(anchor)
    return this.#tree.size
  }

  #entry(key: string, value: Uint8Array): void {
    const entry = readEntryOf(key, value)
    if (entry.index === 0 && typeof entry.facts.did === 'string') this.#did = entry.facts.did
    const before = entry.index === 0 ? firstPrevious(originOf((this.#did ?? '') as Did)) : this.#last // Of the first entry; another text is another log.
    const at = Number(key.slice(-16))
    if (at !== this.#next) this.#found(finding(logKeys.entry(this.#next), prefixOf(key), 'missing', advice.log))
    else if (entry.index !== at || entry.previous !== before) this.#found(finding(at === 0 ? key : logKeys.entry(at - 1), prefixOf(key), 'chain', advice.log))
    this.#next = at + 1
    const leaf = leafHash(value)
    this.#last = base64(leaf)
    this.#tree.append(leaf)
    if (entry.exchange) this.#indexes.set(entry.index, entry.exchange)
  }

  #compare(anchor: string): void {
    const { size, root, origin } = parseCheckpoint(anchor)
    const fits = origin === originOf((this.#did ?? '') as Did) && size <= this.#tree.size && Buffer.compare(this.#tree.root(size), root) === 0 // As above.
    if (!fits) this.#found({ ...finding('log-anchor', null, size > this.#tree.size ? 'log-is-shorter' : 'other-tree', advice.log), where: 'file' })
  }
}

function problemOf(key: string, value: Uint8Array, { kind, byDigest }: Prefix): string | null {
  try {
    if (kind === 'empty') return value.length === 0 ? null : 'not-empty'
    if (kind === 'log') return logProblem(key, value)
    if (isSealed(value)) return sealedProblem(value)
    const text = new TextDecoder('utf-8', { fatal: true }).decode(value)
    const record: unknown = JSON.parse(text)
    if (kind === 'canonical' && !Buffer.from(value).equals(canonicalBytes(record))) return 'not-as-written'
    return byDigest && key.slice(-71) !== digest(value) ? 'other-digest' : null
  } catch {
    return 'unreadable'
  }
}

function logProblem(key: string, value: Uint8Array): string | null {
  if (key.startsWith('log/entry/')) readEntryOf(key, value)
  else if (key === logKeys.head) readAs(key, value, Head)
  else if (key.startsWith('log/seen/')) readAs(key, value, Seen)
  else if (key.startsWith('log/cosigned/')) readAs(key, value, Cosigned)
  else if (key.startsWith('log/fork/')) readAs(key, value, Fork)
  else return 'unknown'
  return null
}

/** What is in it only its key tells; that it has the form, and so can be opened at all, is seen. */
function sealedProblem(value: Uint8Array): string | null {
  const end = value.indexOf(10)
  const name = Buffer.from(value.subarray(sealedMagic.length, end)).toString('latin1')
  return /^[\x21-\x7e]{1,64}$/.test(name) && value.length - end > sealBytes ? null : 'unreadable'
}

function finding(key: string, owner: Prefix | null | undefined, problem: string, what: string): Finding {
  return { where: 'record', key: key.slice(0, 1_100), prefix: owner?.prefix ?? null, module: owner?.module ?? null, problem, advice: what }
}
