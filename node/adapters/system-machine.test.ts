import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { systemMachine } from './system-machine.ts'

test('the machine says what this process takes, and how long it was held up since it was asked last', async () => {
  using machine = systemMachine(tmpdir())
  machine.now()
  await new Promise((resolve) => setTimeout(resolve, 30))
  for (const until = performance.now() + 120; performance.now() < until; );
  await new Promise((resolve) => setTimeout(resolve, 30))
  const { cpuS, residentBytes, heapBytes, lagS, startedMs, disk } = machine.now()
  expect(lagS).toBeGreaterThan(0.08)
  expect(cpuS).toBeGreaterThan(0.05)
  expect(residentBytes).toBeGreaterThan(heapBytes / 2)
  expect(startedMs).toBeLessThan(Date.now())
  expect(disk?.sizeBytes).toBeGreaterThanOrEqual(disk?.freeBytes ?? Number.POSITIVE_INFINITY)
})

test('of a folder that is gone nothing is said', () => {
  using machine = systemMachine('/nowhere/at/all')
  expect(machine.now().disk).toBeNull()
})
