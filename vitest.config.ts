import { defineConfig } from 'vitest/config'

const tidy = 'test-network/tidy.test.ts'
const skip = ['**/node_modules/**']

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['**/*.test.ts'], exclude: [...skip, tidy], testTimeout: 30_000 } },
      { test: { name: 'tidy', include: [tidy], testTimeout: 60_000 } },
    ],
  },
})
