import { expect, test } from 'vitest'
import { reveal } from './disclosure.ts'

test('the digest of a disclosure is the one RFC 9901 prints in 4.2.3', () => {
  const text = 'WyI2cU1RdlJMNWhhaiIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0'
  const digest = 'uutlBuYeMDyjLLTpf6Jxi7yNkEF35jdyWMn9U7b_RYY'
  const { claims, disclosures } = reveal({ _sd: [digest], _sd_alg: 'sha-256' }, [text])
  expect(claims).toEqual({ family_name: 'Möbius' })
  expect(disclosures).toEqual([{ pointer: '/family_name', text, digest }])
})

test('without `_sd_alg` the hash is SHA-256', () => {
  expect(reveal({ a: [{ '...': 'decoy' }, 1], _sd: ['decoy-2'] }, []).claims).toEqual({ a: [1] })
})
