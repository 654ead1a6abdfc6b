import { expect, test } from 'vitest'
import { TrustError } from '#protocols/errors.ts'
import { type Did, digest } from '#protocols/ids.ts'
import { startMs } from '#test-network/fixture.ts'
import { ManualClock } from '#test-network/manual-clock.ts'
import { EvidenceKeeper } from './evidence-keeper.ts'
import type { IssuanceEvidence } from './issuance-evidence.ts'

const issuer = 'did:web:agency.example' as Did

function keeper(keep: IssuanceEvidence['keep']) {
  const clock = new ManualClock(startMs)
  const log: string[] = []
  const end = new AbortController()
  const made = new EvidenceKeeper({
    evidence: { keep },
    clock,
    log: (level, event, fields) => void log.push(`${level} ${event} ${fields?.code} ${fields?.because}`),
  })
  return { clock, log, end, want: (name: string) => made.want(issuer, digest(name), end.signal), settled: () => made.settled() }
}

const unproven = () => new TrustError('DFFT_ISSUANCE_UNPROVEN', 'nobody', { because: 'DFFT_UNREACHABLE' })

test('an issuer that is away is asked three times within about an hour, and then no more', async () => {
  const asked: number[] = []
  const { clock, log, want, settled } = keeper(async () => {
    asked.push(clock.nowMs() - startMs)
    throw unproven()
  })
  want('a')
  await clock.advance(4_000_000)
  await settled()
  expect(asked).toEqual([0, 60_000, 3_660_000])
  expect(log).toEqual(Array(3).fill('info evidence not kept DFFT_ISSUANCE_UNPROVEN DFFT_UNREACHABLE'))
})

test('what is asked for already is not asked for twice at once, and again when it was had', async () => {
  let asked = 0
  const { want, settled } = keeper(async () => void asked++)
  for (const name of ['a', 'a', 'b']) want(name)
  await settled()
  expect(asked).toBe(2)
  want('a')
  await settled()
  expect(asked).toBe(3)
})

test('no more than a thousand are asked for at one time', async () => {
  let asked = 0
  const { want } = keeper(() => new Promise(() => void asked++))
  for (let count = 0; count < 1100; count++) want(`${count}`)
  await Promise.resolve()
  expect(asked).toBe(1000)
})

test('an issuer that takes half a minute is left, and asked again later', async () => {
  let asked = 0
  const { clock, log, want } = keeper((_issuer, _signed, signal) => {
    asked++
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new TrustError('DFFT_TIMEOUT', 'no answer'))))
  })
  want('a')
  await clock.advance(29_999)
  expect(log).toEqual([])
  await clock.advance(1)
  expect(log).toEqual(['info evidence not kept DFFT_TIMEOUT undefined'])
  await clock.advance(60_000)
  expect(asked).toBe(2)
})

test('a fault of our own is told as one', async () => {
  const { clock, log, want } = keeper(() => Promise.reject(new Error('EIO')))
  want('a')
  await clock.advance(1)
  expect(log).toEqual(['error evidence not kept DFFT_INTERNAL undefined'])
})

test('a node that stops does not wait for evidence, and asks for no more', async () => {
  let asked = 0
  const { clock, end, want, settled } = keeper(async () => {
    asked++
    throw unproven()
  })
  want('a')
  await clock.advance(1)
  end.abort(new TrustError('DFFT_CHANNEL_CLOSED', 'the node is stopping'))
  await settled()
  want('b')
  await settled()
  expect(asked).toBe(1)
})
