/** The tests that must notice a change in the evaluator. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { include: ['policies/decide*.test.ts', 'policies/places*.test.ts'], exclude: ['**/node_modules/**'], testTimeout: 60_000 },
})
