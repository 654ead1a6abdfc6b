/** `npm run console`: what takes too long for every run of the tests. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test-network/console/every-screen.ts', 'test-network/console/hostile-credentials.ts', 'test-network/console/business.test.ts'],
    env: { DFFT_PICTURES: 'docs/console' },
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
})
