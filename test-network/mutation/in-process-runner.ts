/**
 * A test runner for the mutation tool that stays in one process: the modules are loaded once, a mutant is switched on, and the tests run
 * until one fails. That takes some ten milliseconds; to start the whole runner for each of some thousand mutants takes a hundred times that.
 */
import { registerHooks } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The quickest first: most mutants end there. Then the second evaluator on draws that are always the same, and the reference policies. */
const files = [
  'policies/decide.test.ts',
  'policies/onward.test.ts',
  'policies/facts.test.ts',
  'policies/moments.test.ts',
  'policies/packs/numbers.test.ts',
  'policies/rule-index.test.ts',
  'policies/flow.test.ts',
  'policies/asked-facts.test.ts',
  'policies/obligations.test.ts',
  'policies/rulings.test.ts',
  'test-network/mutation/evaluator.test.ts',
  'policies/cases.test.ts',
]
const collected = new URL('./collected.ts', import.meta.url).href

/** What the tool's changes of the code look at. */
interface Switches {
  activeMutant?: string | undefined
  currentTestId?: string | undefined
  mutantCoverage?: unknown
  hitCount?: number
  hitLimit?: number | undefined
}

interface MutantRun {
  readonly activeMutant: { readonly id: string }
  readonly testFilter?: readonly string[]
  readonly hitLimit?: number
}

const world = globalThis as { __stryker__?: Switches } // The name the tool gives it.
const switches: Switches = world.__stryker__ ?? {}
world.__stryker__ = switches

class InProcess {
  #suites: readonly (readonly [id: string, run: () => Promise<void>])[] | undefined

  capabilities() {
    return { reloadEnvironment: false }
  }

  async dryRun() {
    const tests = []
    for (const [id, run] of await this.#loaded()) {
      const beganMs = performance.now()
      switches.currentTestId = id
      const failureMessage = await failureOf(run)
      switches.currentTestId = undefined
      const timeSpentMs = performance.now() - beganMs
      tests.push(failureMessage === undefined ? { id, name: id, timeSpentMs, status: 0 } : { id, name: id, timeSpentMs, status: 1, failureMessage })
    }
    return { status: 'complete', tests, mutantCoverage: switches.mutantCoverage }
  }

  async mutantRun({ activeMutant, testFilter, hitLimit }: MutantRun) {
    switches.activeMutant = activeMutant.id
    switches.hitCount = 0
    switches.hitLimit = hitLimit
    let nrOfTests = 0
    try {
      for (const [id, run] of await this.#loaded()) {
        if (testFilter && !testFilter.includes(id)) continue
        nrOfTests++
        const failureMessage = await failureOf(run)
        if ((switches.hitCount ?? 0) > (hitLimit ?? Number.POSITIVE_INFINITY)) return { status: 'timeout', reason: 'it goes round and round' }
        if (failureMessage !== undefined) return { status: 'killed', killedBy: [id], failureMessage, nrOfTests }
      }
    } catch (thrown) {
      return { status: 'killed', killedBy: ['load'], failureMessage: String(thrown), nrOfTests: 1 }
    }
    return { status: 'survived', nrOfTests }
  }

  async #loaded() {
    if (this.#suites) return this.#suites
    registerHooks({
      resolve: (specifier, context, next) =>
        specifier === 'vitest' && context.parentURL !== collected ? { url: collected, shortCircuit: true } : next(specifier, context),
    })
    const { suites } = await import('./collected.ts')
    const all: (readonly [string, () => Promise<void>])[] = []
    for (const file of files) {
      const before = suites.length
      await import(pathToFileURL(resolve(file)).href)
      for (const { name, run } of suites.slice(before)) all.push([`${file}: ${name}`, run])
    }
    this.#suites = all
    return all
  }
}

async function failureOf(run: () => Promise<void>): Promise<string | undefined> {
  try {
    await run()
    return undefined
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message.slice(0, 500) : String(thrown)
  }
}

export const strykerPlugins = [{ kind: 'TestRunner', name: 'in-process', injectableClass: InProcess }]
