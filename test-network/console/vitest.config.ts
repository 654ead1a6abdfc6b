/** `npm run console`: what takes too long for every run of the tests. Its pictures go where DFFT_PICTURES says, such as `docs/console`. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test-network/console/every-screen.ts', 'test-network/console/hostile-credentials.ts', 'test-network/console/business.test.ts'],
    env: { DFFT_PICTURES: process.env.DFFT_PICTURES ?? join(tmpdir(), 'dfft-console-pictures') },
    testTimeout: 180_000,
    hookTimeout: 60_000,
  },
})
