/**
 * V8's compiled code of a program's parts in one file. A checksum says of which source it is, and another that it is as it was written, since V8
 * itself looks at lengths and versions only. A part's code is read when it is asked for: a command uses a few of those in the file.
 */
import { mkdirSync, openSync, readSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'

/** Of one part. */
export interface Code {
  readonly name: string
  /** Checksum of the source. */
  readonly source: number
  readonly bytes: Buffer
}

/** Where it is in the file, from the end of the list. */
interface Place {
  readonly name: string
  readonly source: number
  readonly at: number
  readonly length: number
  /** Checksum of the code. */
  readonly sum: number
}

/** Length and checksum of the list. */
const headBytes = 8
/** A program has some two hundred parts, and a line of the list some hundred characters. */
const listBytesMax = 1 << 18

export class CodeFile {
  readonly #file: number
  readonly #list: readonly Place[]
  readonly #codesAt: number

  private constructor(file: number, list: readonly Place[], codesAt: number) {
    this.#file = file
    this.#list = list
    this.#codesAt = codesAt
  }

  /** It stays open until the process ends. Undefined where there is none, or one that is not as it was written. */
  static open(path: string): CodeFile | undefined {
    try {
      const file = openSync(path, 'r')
      const head = bytesAt(file, 0, headBytes)
      const list = bytesAt(file, headBytes, Math.min(head.readUInt32LE(), listBytesMax))
      if (crc32(list) !== head.readUInt32LE(4)) return undefined
      return new CodeFile(file, JSON.parse(list.toString()) as readonly Place[], headBytes + list.length) // Written by `write`, as the checksum says.
    } catch {
      return undefined
    }
  }

  /** @param source checksum of the part's source: code of another is none of its */
  code(name: string, source: number): Buffer | undefined {
    const place = this.#list.find((one) => one.name === name && one.source === source)
    return place && this.#bytes(place)
  }

  /** Of all parts of the program. @param first the program: when its source is another, so are its parts */
  all(first: Code): readonly Code[] {
    if (!this.#list.some(({ name, source }) => name === first.name && source === first.source)) return []
    return this.#list.flatMap((place) => {
      const bytes = this.#bytes(place)
      return bytes ? [{ name: place.name, source: place.source, bytes }] : []
    })
  }

  /** None where it is not as it was written, or the disk no longer gives it: the part is compiled then. */
  #bytes({ at, length, sum }: Place): Buffer | undefined {
    try {
      const bytes = bytesAt(this.#file, this.#codesAt + at, length)
      return crc32(bytes) === sum ? bytes : undefined
    } catch {
      return undefined
    }
  }
}

/** Whole or not at all. Where it cannot be written, the next start compiles as this one did. */
export function writeCode(path: string, codes: readonly Code[]): void {
  const beside = `${path}.${process.pid}.part`
  let at = 0
  const places = codes.map(({ name, source, bytes }): Place => {
    at += bytes.length
    return { name, source, at: at - bytes.length, length: bytes.length, sum: crc32(bytes) }
  })
  const list = Buffer.from(JSON.stringify(places))
  const head = Buffer.alloc(headBytes)
  head.writeUInt32LE(list.length)
  head.writeUInt32LE(crc32(list), 4)
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    try {
      writeFileSync(beside, Buffer.concat([head, list, ...codes.map(({ bytes }) => bytes)]), { mode: 0o600 })
      renameSync(beside, path)
    } catch {
      rmSync(beside, { force: true })
    }
  } catch {}
}

/** Fewer where the file ends. */
function bytesAt(file: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length)
  return bytes.subarray(0, readSync(file, bytes, 0, length, at))
}
