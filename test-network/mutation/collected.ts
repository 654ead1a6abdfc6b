/** Stands in for the test runner in `in-process-runner.ts`: what test files describe is kept, to be run once for every mutant. */
import { expect } from 'vitest'

type Body = (...row: readonly unknown[]) => void | Promise<void>

export interface Suite {
  readonly name: string
  /** Anew each time, since much is compiled where a suite is described. @throws the first failure */
  run(): Promise<void>
}

/** In the order of the files, and in each of the text. */
export const suites: Suite[] = []
/** Which tests are left out. */
export const slow = /in bad faith leave nothing behind|on random policies/

interface Test {
  readonly name: string
  readonly body: () => void | Promise<void>
}

let inside: Test[] | undefined

function describe(name: string, body: () => void): void {
  if (inside) body()
  else suites.push({ name, run: () => runAll(name, body) })
}

async function runAll(suite: string, body: () => void): Promise<void> {
  const tests: Test[] = []
  inside = tests
  try {
    body()
  } finally {
    inside = undefined
  }
  for (const test of tests) if (!slow.test(`${suite} ${test.name}`)) await test.body()
}

function test(name: string, ...[first, second]: readonly (Body | object | undefined)[]): void {
  const body = (typeof first === 'function' ? first : second) as Body // A test has one.
  if (inside) inside.push({ name, body })
  else describe(name, () => test(name, body))
}

test.each =
  (rows: readonly unknown[]) =>
  (name: string, body: Body): void => {
    describe(name, () => {
      for (const row of rows) test(name, () => (Array.isArray(row) ? body(...row) : body(row)))
    })
  }

export { describe, expect, test, test as it }
