import { defineConfig } from 'vitest/config'

const tidy = 'test-network/tidy.test.ts'
/** They weigh memory or time their work, which others would leave marks on. */
const alone = ['test-network/attacks/weights.test.ts', 'policies/rule-index.test.ts']
/** `npm run test:programs`: they build the package, drive a browser, or start many processes, and take minutes. */
const programs = [
  'test-network/bench/bench.test.ts',
  'test-network/console/*.test.ts',
  'test-network/kill/kill.test.ts',
  'test-network/live/floods.test.ts',
  'test-network/live/startup.test.ts',
  'test-network/package/same-answers.test.ts',
  'test-network/testnet.test.ts',
]
/** A mutation run that was broken off leaves copies of all there is. */
const skip = ['**/node_modules/**', '.vitest/**']

export default defineConfig({
  test: {
    // All cores: what is left to the main process is little.
    maxWorkers: '100%',
    projects: [
      // Modules keep nothing that a test could find changed, so that the files of a worker share them: to load them for each takes longer than most tests.
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...skip, tidy, ...alone, ...programs],
          testTimeout: 30_000,
          hookTimeout: 30_000,
          isolate: false,
        },
      },
      { test: { name: 'alone', include: alone, testTimeout: 60_000 } },
      { test: { name: 'programs', include: programs, exclude: skip, testTimeout: 60_000, hookTimeout: 60_000 } },
      { test: { name: 'tidy', include: [tidy], testTimeout: 60_000 } },
    ],
  },
})
