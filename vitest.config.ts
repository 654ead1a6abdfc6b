import { defineConfig } from 'vitest/config'

const tidy = 'test-network/tidy.test.ts'
const skip = ['**/node_modules/**']

export default defineConfig({
  test: {
    // All cores: what is left to the main process is little.
    maxWorkers: '100%',
    projects: [
      // Modules keep nothing that a test could find changed, so that the files of a worker share them: to load them for each takes longer than most tests.
      { test: { name: 'unit', include: ['**/*.test.ts'], exclude: [...skip, tidy], testTimeout: 30_000, isolate: false } },
      { test: { name: 'tidy', include: [tidy], testTimeout: 60_000 } },
    ],
  },
})
