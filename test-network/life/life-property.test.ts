import { test } from 'vitest'
import { checkLives } from './life-property.ts'

test('whatever crosses, is lost, dies, is cancelled or disputed: one receipt on each side, or an end that is seen', async () => {
  await checkLives({ runs: 6, seed: 7 })
}, 60_000)
