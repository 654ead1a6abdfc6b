/** What a suite of published vectors is, and the tally it keeps. */
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Code, TrustError } from '#protocols/errors.ts'

export interface Finding {
  readonly case: string
  readonly reason: string
}

export interface SuiteResult {
  readonly passed: number
  readonly failed: readonly Finding[]
  /** Cases that ask for what this node does not do, each with why. */
  readonly skipped: readonly Finding[]
}

export interface Suite {
  /** Of its folder, too. */
  readonly name: string
  run(dir: string): Promise<SuiteResult>
}

/** Counts cases. A case passes when its check returns; a refusal (TrustError) or an assertion fails it with the message. */
export class Tally implements SuiteResult {
  passed = 0
  readonly failed: Finding[] = []
  readonly skipped: Finding[] = []

  async check(name: string, act: () => unknown): Promise<void> {
    try {
      await act()
      this.passed++
    } catch (thrown) {
      this.fail(name, reasonOf(thrown))
    }
  }

  /**
   * A case that has to be refused with a code of ours; any other error is a fault.
   *
   * @param codes what the case is about: a refusal for another reason proves nothing, and fails it. All codes where none is given.
   */
  async refused(name: string, act: () => unknown, ...codes: readonly Code[]): Promise<void> {
    try {
      await act()
      this.fail(name, 'accepted, and should be refused')
    } catch (thrown) {
      if (thrown instanceof TrustError && (codes.length === 0 || codes.includes(thrown.code))) this.passed++
      else this.fail(name, reasonOf(thrown))
    }
  }

  /** Judges one file of many: what cannot be read as its suite's fails by itself, and those after it are judged all the same. */
  async file(name: string, judge: () => Promise<unknown>): Promise<void> {
    try {
      await judge()
    } catch (thrown) {
      this.fail(name, reasonOf(thrown))
    }
  }

  fail(name: string, reason: string): void {
    this.failed.push({ case: name, reason })
  }

  skip(name: string, reason: string): void {
    this.skipped.push({ case: name, reason })
  }
}

export function reasonOf(thrown: unknown): string {
  if (thrown instanceof TrustError) return `${thrown.code}: ${thrown.message}`
  return String(thrown).split('\n').slice(0, 3).join(' ')
}

/** Files under a folder, as sorted paths relative to it; none where there is no such folder. */
export async function filesUnder(dir: string, ending: string): Promise<readonly string[]> {
  if (!existsSync(dir)) return []
  const entries = await readdir(dir, { recursive: true })
  return entries.filter((entry) => entry.endsWith(ending)).sort()
}

/** A vector file, of a shape its suite knows. Vectors are trusted input: a wrong shape fails the case that reads it. */
export async function readVector<Shape>(...path: readonly string[]): Promise<Shape> {
  return JSON.parse(await readFile(join(...path), 'utf8')) as Shape // See above.
}
