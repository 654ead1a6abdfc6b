/**
 * Opening the log: every record is read and every entry is hashed, and none is parsed.
 *
 * The head names size, root and last leaf, and the root is over the bytes of all entries. So when the bytes that are there give this root,
 * they are the bytes that were written with this head, and what they say was checked then. To parse them again, and to follow the chain of
 * `previous`, would find nothing more: whoever could change an entry together with the root in the head could change the rest as well,
 * and only what partners and the anchor hold tells then. Where anything does not fit, audit-disk.ts reads all of it and names the record.
 *
 * A signed snapshot of the tree instead of the entries would open faster, and would not notice what an engine loses without a word: the
 * snapshot would still be whole. An entry that is gone is found when the log opens, and not years later when a court asks for it.
 */

import type { Store } from '#node/ports.ts'
import { originOf } from '#protocols/log/checkpoint.ts'
import { base64, firstPrevious } from '#protocols/log/entry.ts'
import { leafHash, MerkleTree, type Overflow } from '#protocols/log/merkle.ts'
import { Head, type LogOnDisk, logKeys, type OwnLog, PartnerRecords, padded, readAs, readLog } from './audit-disk.ts'

/** @param overflow for the tree, which is then all that writes there. @throws {TrustError} as `readLog` */
export async function openLog(store: Store, log: OwnLog, overflow?: Overflow): Promise<LogOnDisk> {
  const reader = new QuickReader(log, overflow)
  for await (const [key, value] of store.scan(logKeys.all)) if (!reader.record(key, value)) return readLog(store, log, overflow)
  return reader.finish() ?? readLog(store, log, overflow)
}

/** Takes the records in the order of their keys: cosigned, entry, fork, head, of, seen. Says no where anything is not as it was written. */
class QuickReader {
  readonly #partners: PartnerRecords
  readonly #tree: MerkleTree
  readonly #exchanges = new ExchangeColumn()
  readonly #empty: string
  #lastLeaf: Uint8Array | undefined
  #headRead = false

  constructor(log: OwnLog, overflow: Overflow | undefined) {
    this.#tree = new MerkleTree(overflow)
    this.#partners = new PartnerRecords(log)
    this.#empty = firstPrevious(originOf(log.did))
  }

  record(key: string, value: Uint8Array): boolean {
    if (key.startsWith('log/entry/')) return this.#entry(key, value)
    if (key.startsWith('log/of/')) return value.length === 0 && this.#exchanges.indexed(key, this.#tree.size)
    if (key === logKeys.head) return this.#head(readAs(key, value, Head))
    this.#partners.record(key, value)
    return true
  }

  finish(): LogOnDisk | undefined {
    if ((!this.#headRead && (this.#tree.size > 0 || this.#partners.cosigned > 0)) || this.#exchanges.left > 0) return undefined
    return { tree: this.#tree, last: this.#last(), sizes: this.#partners.finish(this.#tree) }
  }

  #entry(key: string, value: Uint8Array): boolean {
    const index = this.#tree.size
    if (key !== logKeys.entry(index) || (index === 0 && !this.#begins(value))) return false
    this.#lastLeaf = leafHash(value)
    this.#tree.append(this.#lastLeaf)
    return this.#exchanges.add(index, value)
  }

  /** The log of another DID is whole in itself. */
  #begins(first: Uint8Array): boolean {
    return Buffer.from(first).toString('latin1').endsWith(`"previous":"${this.#empty}"}`)
  }

  #head({ size, root, last }: { size: number; root: string; last: string }): boolean {
    this.#headRead = true
    return size === this.#tree.size && root === base64(this.#tree.root()) && last === this.#last()
  }

  #last(): string {
    return this.#lastLeaf ? base64(this.#lastLeaf) : this.#empty
  }
}

const idCharacters = 32
const quote = 0x22
/** Canonical form: `{"at":"…","exchange":null` or an id, and so on. */
const beforeAt = '{"at":"'.length
const betweenAtAndExchange = Buffer.from('","exchange":')
const keyStart = 'log/of/'.length
const digitsStart = keyStart + idCharacters + 1

/** Of each entry the id of its exchange, until the index names it: 32 bytes an entry, where a map of strings would take 150. */
class ExchangeColumn {
  #ids = new Uint8Array(1024 * idCharacters)
  /** Entries with an exchange that the index has not named yet. */
  left = 0

  /** @returns whether it begins as an entry does */
  add(index: number, entry: Uint8Array): boolean {
    const at = entry.indexOf(quote, beforeAt)
    const start = at + betweenAtAndExchange.length
    if (at < 0 || !betweenAtAndExchange.every((byte, offset) => entry[at + offset] === byte)) return false
    if (entry[start] !== quote) return true
    while ((index + 1) * idCharacters > this.#ids.length) this.#grow()
    this.#ids.set(entry.subarray(start + 1, start + 1 + idCharacters), index * idCharacters)
    this.left++
    return true
  }

  /** Each entry once. */
  indexed(key: string, size: number): boolean {
    const index = Number(key.slice(digitsStart))
    if (!Number.isSafeInteger(index) || index >= size || (index + 1) * idCharacters > this.#ids.length || key.slice(digitsStart - 1) !== `/${padded(index)}`)
      return false
    const from = index * idCharacters
    for (let at = 0; at < idCharacters; at++) if (this.#ids[from + at] !== key.charCodeAt(keyStart + at)) return false
    this.#ids.fill(0, from, from + idCharacters)
    this.left--
    return true
  }

  #grow(): void {
    const grown = new Uint8Array(this.#ids.length * 2)
    grown.set(this.#ids)
    this.#ids = grown
  }
}
