import { expect, test } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import { type Admission, NetworkGate } from './gate.ts'

const [partner, stranger] = ['did:web:partner.example' as Did, 'did:web:stranger.example' as Did]
const admission: Admission = { admits: (did) => (did === partner ? 'known' : 'stranger') }

const code = (act: () => unknown) => {
  try {
    act()
    return 'admitted'
  } catch (thrown) {
    return codeOf(thrown)
  }
}

test('without anybody to ask everybody is known, and nobody is vouched for', () => {
  const gate = new NetworkGate()
  expect([gate.admits(stranger), gate.mayRelay(stranger), gate.vouches(stranger)]).toEqual(['known', true, false])
  expect(code(() => gate.check(stranger, 'exchange'))).toBe('admitted')
})

test('a stranger may enrol, and nothing else; a partner may all', () => {
  const gate = new NetworkGate()
  gate.join(admission)
  const services = ['exchange', 'records', 'enrol'] as const
  expect(services.map((service) => code(() => gate.check(stranger, service)))).toEqual(['DFFT_NOT_ADMITTED', 'DFFT_NOT_ADMITTED', 'admitted'])
  expect(services.map((service) => code(() => gate.check(partner, service)))).toEqual(['admitted', 'admitted', 'admitted'])
  expect([gate.vouches(partner), gate.vouches(stranger)]).toEqual([true, false])
})

test('whoever is known may relay, unless that is decided apart', () => {
  const gate = new NetworkGate()
  gate.join(admission)
  expect([gate.mayRelay(partner), gate.mayRelay(stranger)]).toEqual([true, false])
  gate.join({ ...admission, mayRelay: () => false })
  expect(gate.mayRelay(partner)).toBe(false)
})

test('the network hears of a change', () => {
  const gate = new NetworkGate()
  let heard = 0
  gate.onChanged(() => heard++)
  gate.join(admission)
  gate.changed()
  expect(heard).toBe(2)
})
