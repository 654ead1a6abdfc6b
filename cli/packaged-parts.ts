/**
 * The parts of the published program, loaded with V8's compiled code of what a command called the last time.
 *
 * Node's own cache holds what is compiled when a part is loaded, which is next to none of its functions: each would be compiled again when it is
 * first called, at every start. Here the code is taken when the program ends, with all that was called until then.
 */
import { readFileSync } from 'node:fs'
import { Script } from 'node:vm'
import { crc32 } from 'node:zlib'
import { CodeFile, writeCode } from './code-file.ts'

/** As esbuild leaves a part: what it needs is called `require`. */
type Body = (exports: object, require: (name: string) => unknown, module: { exports: object }, file: string, folder: string) => void

interface Part {
  readonly module: { exports: object }
  readonly script: Script
  /** Checksum of its source. */
  readonly source: number
}

export class PackagedParts {
  readonly #folder: string
  readonly #kept: CodeFile | undefined
  readonly #parts = new Map<string, Part>()
  /** Whether there was no code of a part. */
  #compiled = false

  /** @param folder of the program */
  constructor(folder: string, kept?: CodeFile) {
    this.#folder = folder
    this.#kept = kept
  }

  /** @param name as parts name each other: `./cli.js` */
  load(name: string): object {
    const known = this.#parts.get(name)
    if (known) return known.module.exports
    const file = `${this.#folder}${name.slice(1)}`
    const text = readFileSync(file, 'utf8')
    const source = crc32(text)
    const cachedData = this.#kept?.code(name, source)
    const script = new Script(`(function(exports,require,module,__filename,__dirname){${text}\n})`, { filename: file, ...(cachedData && { cachedData }) })
    if (script.cachedDataRejected !== false) this.#compiled = true
    const module = { exports: {} }
    this.#parts.set(name, { module, script, source })
    const body = script.runInThisContext() as Body // The function written above.
    body(module.exports, (needed) => (needed.startsWith('./') ? this.load(needed) : this.#outside(needed)), module, file, this.#folder)
    return module.exports
  }

  /** Of Node, by either of its names, or a package beside the program, for which alone its loader is asked. */
  #outside(name: string): unknown {
    return process.getBuiltinModule(name) ?? process.getBuiltinModule('node:module').createRequire(`${this.#folder}/`)(name)
  }

  /** Takes the code of what was called in this process, if there was none of a part, beside that of parts which other commands use. */
  keep(path: string): void {
    if (!this.#compiled) return
    const taken = [...this.#parts].map(([name, { source, script }]) => ({ name, source, bytes: script.createCachedData() }))
    const [program] = taken
    const names = new Set(this.#parts.keys())
    const others = program ? (this.#kept?.all(program) ?? []).filter(({ name }) => !names.has(name)) : []
    writeCode(path, [...taken, ...others])
  }
}
