import { expect, test } from 'vitest'
import { digestOfSecret, sameSecret } from './secret.ts'

test('a secret is the one that is kept, and no other, not even where none is kept', () => {
  const digest = digestOfSecret('correct horse')
  expect(sameSecret('correct horse', digest)).toBe(true)
  for (const shown of ['', 'correct hors', 'correct horse ', 'Correct horse', digest]) expect(sameSecret(shown, digest)).toBe(false)
  expect(sameSecret('correct horse', undefined)).toBe(false)
})
